// SPDX-License-Identifier: Apache-2.0
#include "spool/incoming.h"

#include <fstream>

#include "catch.h"
#include "scratch.h"
#include "spool/spool.h"

using namespace focalpost;

namespace {

constexpr std::uint64_t kLimit = 1 << 30;

Incoming open(const Scratch& scratch) {
  auto incoming = Incoming::open(scratch.path / "incoming");
  REQUIRE(incoming.ok());
  return *std::move(incoming);
}

IncomingWriter begin(Incoming& incoming) {
  auto writer = incoming.begin();
  REQUIRE(writer.ok());
  return *std::move(writer);
}

void add(IncomingWriter& writer, std::string_view identity, std::string_view raw) {
  MemorySource source(raw, 7);
  REQUIRE(writer.add(identity, source, kLimit).ok());
}

std::size_t files(const Scratch& scratch) {
  return list_directory(scratch.path / "incoming")->size();
}

}  // namespace

TEST_CASE("a batch is written, sealed, read, discarded") {
  Scratch scratch;
  Incoming incoming = open(scratch);
  IncomingWriter writer = begin(incoming);
  add(writer, "m/INBOX/1/1", "first\r\n");
  add(writer, "m/INBOX/1/2", "");
  add(writer, "m/INBOX/1/3", std::string(1 << 20, 'x'));  // larger than the buffer
  add(writer, "m/INBOX/1/4", "last");
  CHECK(writer.messages() == 4);
  CHECK(incoming.pending()->empty());

  auto batch = std::move(writer).seal();
  REQUIRE(batch.ok());
  REQUIRE(batch->messages().size() == 4);
  CHECK(batch->messages()[0].identity == "m/INBOX/1/1");
  CHECK(batch->messages()[0].raw == "first\r\n");
  CHECK(batch->messages()[1].raw.empty());
  CHECK(batch->messages()[2].raw == std::string(1 << 20, 'x'));
  CHECK(batch->messages()[3].raw == "last");
  CHECK(incoming.pending()->size() == 1);

  REQUIRE(batch->discard().ok());
  CHECK(files(scratch) == 0);
  CHECK(batch->messages()[3].raw == "last");  // still mapped
  CHECK(batch->discard().ok());
}

TEST_CASE("a message that breaks off leaves the batch as it was") {
  Scratch scratch;
  Incoming incoming = open(scratch);
  IncomingWriter writer = begin(incoming);
  add(writer, "a", "before");
  const std::uint64_t bytes = writer.bytes();

  SECTION("small: still in the buffer") {
    BrokenSource broken("half");
    auto status = writer.add("b", broken, kLimit);
    REQUIRE_FALSE(status.ok());
    CHECK(status.error().retry_helps());
  }
  SECTION("large: partly in the file") {
    const std::string half(3 << 20, 'h');
    BrokenSource broken(half);
    REQUIRE_FALSE(writer.add("b", broken, kLimit).ok());
  }
  SECTION("larger than the limit") {
    LongSource endless(1ull << 40);
    auto status = writer.add("b", endless, 4 << 20);
    REQUIRE_FALSE(status.ok());
    CHECK_FALSE(status.error().retry_helps());
  }
  CHECK(writer.bytes() == bytes);
  CHECK(writer.messages() == 1);

  SECTION("and others follow") {
    add(writer, "c", "after");
  }
  const bool followed = writer.messages() == 2;
  auto batch = std::move(writer).seal();
  REQUIRE(batch.ok());
  REQUIRE(batch->messages().size() == (followed ? 2u : 1u));
  CHECK(batch->messages()[0].raw == "before");
  if (followed) CHECK(batch->messages()[1].raw == "after");
  CHECK(Incoming::read(batch->path(), true).ok());
}

TEST_CASE("after a crash a batch is complete or absent") {
  Scratch scratch;
  fs::path sealed;
  {
    Incoming incoming = open(scratch);
    IncomingWriter writer = begin(incoming);
    add(writer, "a", "kept");
    auto batch = std::move(writer).seal();
    REQUIRE(batch.ok());
    sealed = batch->path();
    IncomingWriter given_up = begin(incoming);
    add(given_up, "b", "never sealed");
  }
  CHECK(files(scratch) == 1);
  // What a process that died would have left:
  std::ofstream(scratch.path / "incoming/batch-000002.tmp") << "FPBATCH2 torn";
  Incoming again = open(scratch);
  CHECK(files(scratch) == 1);
  CHECK(*again.pending() == std::vector<fs::path>{sealed});
  auto batch = Incoming::read(sealed, true);
  REQUIRE(batch.ok());
  CHECK(batch->messages().at(0).identity == "a");

  SECTION("a new batch gets a new name and comes after") {
    IncomingWriter writer = begin(again);
    add(writer, "c", "new");
    auto next = std::move(writer).seal();
    REQUIRE(next.ok());
    CHECK(*again.pending() == std::vector<fs::path>{sealed, next->path()});
  }
  SECTION("damage is an Error, wherever it is") {
    const std::string whole = *read_file(sealed);
    for (std::size_t i = 0; i < whole.size(); ++i) {
      // A changed identity is not noticed: it is only a name here, 1 byte at 8 + 20.
      if (i == 8 + 20) continue;
      std::string changed = whole;
      changed[i] = static_cast<char>(changed[i] ^ 0x40);
      std::ofstream(sealed, std::ios::binary | std::ios::trunc) << changed;
      CHECK_FALSE(Incoming::read(sealed, true).ok());
    }
    for (std::size_t length = 9; length < whole.size(); ++length) {
      std::ofstream(sealed, std::ios::binary | std::ios::trunc) << whole.substr(0, length);
      CHECK_FALSE(Incoming::read(sealed, false).ok());
    }
  }
}

TEST_CASE("disk space") {
  Scratch scratch;
  auto space = disk_space(scratch.path);
  REQUIRE(space.ok());
  CHECK(space->total_bytes > 0);
  CHECK(space->free_bytes <= space->total_bytes);
  CHECK_FALSE(disk_space(scratch.path / "absent").ok());
}
