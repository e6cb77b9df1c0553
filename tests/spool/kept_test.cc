// SPDX-License-Identifier: Apache-2.0
#include "spool/kept.h"

#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <csignal>
#include <fstream>

#include "catch.h"
#include "scratch.h"

using namespace focalpost;

namespace {

struct Kept {
  Scratch scratch;
  fs::path directory = scratch.path / "kept";

  KeptStore open(KeptStore::Access access = KeptStore::Access::kWrite,
                 std::uint64_t segment_bytes = KeptStore::kSegmentBytes) {
    auto store = KeptStore::open(directory, access, segment_bytes);
    REQUIRE(store.ok());
    return *std::move(store);
  }
  fs::path segment(int number) {
    return directory / ("kept-00000" + std::to_string(number) + ".seg");
  }
};

KeptRecord append(KeptStore& store, std::string_view key, std::string_view raw) {
  auto record = store.append_message(key, raw);
  REQUIRE(record.ok());
  return *record;
}

Result<std::string> read(KeptStore& store, Location at) {
  FP_ASSIGN(auto source, store.read(at));
  return read_all(*source, 1 << 30);
}

/// "key=raw" of each record, notes in brackets, "key!" where the raw bytes are damaged.
std::vector<std::string> everything(KeptStore& store) {
  std::vector<std::string> all;
  auto status = store.for_each([&](const KeptRecord& record, ByteSource& source) -> Status {
    auto raw = read_all(source, 1 << 20);
    std::string text = record.key + (raw.ok() ? "=" + *raw : "!");
    if (record.forgotten) text = record.key + " forgotten";
    all.push_back(record.kind == KeptKind::kNote ? "[" + text + "]" : text);
    return {};
  });
  CHECK(status.ok());
  return all;
}

void overwrite(const fs::path& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("messages and notes are appended, synced, read") {
  Kept kept;
  KeptStore store = kept.open();
  const KeptRecord first = append(store, "spool/INBOX/1/a", "Subject: one\r\n\r\nbody");
  auto note = store.append_note("2026-000001", std::string_view("verdict\0bytes", 13));
  REQUIRE(note.ok());
  const KeptRecord empty = append(store, "", "");
  CHECK(first.at.segment == 1);
  CHECK(first.raw_length == 20);
  CHECK(note->kind == KeptKind::kNote);

  CHECK(*read(store, first.at) == "Subject: one\r\n\r\nbody");  // before any sync
  REQUIRE(store.sync().ok());
  REQUIRE(store.sync().ok());
  CHECK(*read(store, note->at) == std::string("verdict\0bytes", 13));
  CHECK(read(store, empty.at)->empty());

  SECTION("in order, also after opening again") {
    const Texts expected = {"spool/INBOX/1/a=Subject: one\r\n\r\nbody",
                            "[2026-000001=" + std::string("verdict\0bytes", 13) + "]", "="};
    CHECK(everything(store) == expected);
    KeptStore again = kept.open();
    CHECK(again.torn_bytes() == 0);
    CHECK(everything(again) == expected);
  }
  SECTION("a place that is no record") {
    CHECK_FALSE(store.read({1, first.at.offset + 1}).ok());
    CHECK_FALSE(store.read({1, ~0ull}).ok());
    CHECK_FALSE(store.read({1, 0}).ok());
    CHECK_FALSE(store.read({9, 32}).ok());
  }
  SECTION("the first Error of a visitor ends the round") {
    int visited = 0;
    auto status = store.for_each(
        [&](const KeptRecord&, ByteSource&) -> Status { return ++visited, not_right("enough"); });
    CHECK_FALSE(status.ok());
    CHECK(visited == 1);
  }
  SECTION("files are private") {
    struct stat info {};
    REQUIRE(::stat(kept.segment(1).c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0600);
  }
}

TEST_CASE("sizes around the chunk and the buffer come back byte for byte") {
  Kept kept;
  KeptStore store = kept.open();
  std::vector<std::pair<Location, std::string>> all;
  for (std::size_t size : {1u, 65535u, 65536u, 65537u, 131072u, 300'000u, 2'000'000u}) {
    LongSource source(size);
    std::string raw = *read_all(source, 1 << 30);
    LongSource same(size);
    auto record = store.append_message("k" + std::to_string(size), same);
    REQUIRE(record.ok());
    CHECK(record->raw_length == size);
    all.emplace_back(record->at, std::move(raw));
  }
  REQUIRE(store.sync().ok());
  KeptStore again = kept.open();
  CHECK(again.torn_bytes() == 0);
  for (const auto& [at, raw] : all) CHECK(*read(again, at) == raw);
}

TEST_CASE("120 MB stream through without being held") {
  Kept kept;
  KeptStore store = kept.open();
  rusage before{}, after{};
  ::getrusage(RUSAGE_SELF, &before);
  LongSource source(120'000'000);
  auto record = store.append_message("large", source);
  REQUIRE(record.ok());
  REQUIRE(store.sync().ok());
  auto stored = store.read(record->at);
  REQUIRE(stored.ok());
  std::uint64_t total = 0;
  for (;;) {
    auto span = (*stored)->next();
    REQUIRE(span.ok());
    if (span->empty()) break;
    total += span->size();
  }
  CHECK(total == 120'000'000);
  CHECK(fs::file_size(kept.segment(1)) < 80'000'000);
  ::getrusage(RUSAGE_SELF, &after);
#ifndef __SANITIZE_ADDRESS__                              // which holds back what was freed
  CHECK(after.ru_maxrss - before.ru_maxrss < 40 * 1024);  // KB
#endif
}

TEST_CASE("segments roll, a record is never split") {
  Kept kept;
  std::vector<KeptRecord> records;
  {
    KeptStore store = kept.open(KeptStore::Access::kWrite, 300);
    for (int i = 0; i < 10; ++i)
      records.push_back(append(store, std::to_string(i), "message " + std::to_string(i)));
    REQUIRE(store.sync().ok());
    CHECK(records.back().at.segment >= 3);
    CHECK(*read(store, records.front().at) == "message 0");
  }
  KeptStore store = kept.open(KeptStore::Access::kWrite, 300);
  CHECK(append(store, "10", "message 10").at > records.back().at);
  const Texts all = everything(store);
  REQUIRE(all.size() == 11);
  for (int i = 0; i < 11; ++i)
    CHECK(all[std::size_t(i)] == std::to_string(i) + "=message " + std::to_string(i));
}

TEST_CASE("cut off at any byte of the last record, the others stay") {
  Kept kept;
  std::uint64_t last = 0;
  {
    KeptStore store = kept.open();
    append(store, "a", "first");
    REQUIRE(store.append_note("a", "verdict").ok());
    REQUIRE(store.sync().ok());
    last = append(store, "b", "last, not synced").at.offset;
    // everything() writes what is still buffered
    CHECK(everything(store).size() == 3);
  }
  const std::string whole = *read_file(kept.segment(1));
  for (std::uint64_t length = last; length < whole.size(); ++length) {
    overwrite(kept.segment(1), whole.substr(0, length));
    KeptStore store = kept.open();
    CHECK(store.torn_bytes() == length - last);
    CHECK(fs::file_size(kept.segment(1)) == last);
    CHECK(append(store, "c", "next").at.offset == last);
    REQUIRE(store.sync().ok());
    KeptStore again = kept.open();
    CHECK(everything(again) == Texts{"a=first", "[a=verdict]", "c=next"});
  }
  SECTION("a whole head of which the disk lost the payload is cut off too") {
    std::string hole = whole;
    std::fill(hole.end() - 10, hole.end(), '\0');
    overwrite(kept.segment(1), hole);
    KeptStore store = kept.open();
    CHECK(store.torn_bytes() == whole.size() - last);
    CHECK(everything(store) == Texts{"a=first", "[a=verdict]"});
  }
  SECTION("a tail of zeros, as after a power loss") {
    overwrite(kept.segment(1), whole + std::string(100'000, '\0'));
    KeptStore store = kept.open();
    CHECK(store.torn_bytes() == 100'000);
    CHECK(everything(store).size() == 3);
  }
}

TEST_CASE("damage in the middle costs one record and is never cut off") {
  Kept kept;
  KeptRecord second;
  {
    KeptStore store = kept.open();
    append(store, "a", "first");
    REQUIRE(store.sync().ok());
    second = append(store, "b", "second");
    REQUIRE(store.sync().ok());
    append(store, "c", "third");
    REQUIRE(store.sync().ok());
    append(store, "d", "fourth");
    REQUIRE(store.sync().ok());
  }
  const std::string whole = *read_file(kept.segment(1));
  const std::size_t next = whole.find("FPRC", second.at.offset + 1);
  for (std::size_t i = second.at.offset; i < next; ++i) {
    std::string changed = whole;
    changed[i] = static_cast<char>(changed[i] ^ 0x20);
    overwrite(kept.segment(1), changed);
    KeptStore store = kept.open();
    CHECK(store.torn_bytes() == 0);
    CHECK(fs::file_size(kept.segment(1)) == whole.size());
    Texts all = everything(store);
    // Its head is whole and its payload damaged; or the bit means nothing to zstd. Never other
    // bytes.
    std::erase_if(all, [](const std::string& text) { return text == "b!" || text == "b=second"; });
    CHECK(all == Texts{"a=first", "c=third", "d=fourth"});
  }
}

TEST_CASE("a message cannot forge a record") {
  // A true record of another store stands inside a message (zstd stores what it cannot compress as
  // it is) whose own record is damaged: the search for records behind the hole must not take it.
  Kept other, kept;
  {
    KeptStore store = other.open();
    REQUIRE(store.append_note("2026-000001", "confirmed").ok());
    REQUIRE(store.sync().ok());
  }
  const std::string forged = read_file(other.segment(1))->substr(32);
  KeptRecord bait;
  {
    KeptStore store = kept.open();
    append(store, "a", "first");
    bait = append(store, "b", random_bytes(4096));
    REQUIRE(store.sync().ok());
  }
  std::string bytes = *read_file(kept.segment(1));
  bytes.replace(bait.at.offset + 1000, forged.size(), forged);
  bytes[bait.at.offset] = 'X';
  overwrite(kept.segment(1), bytes);
  KeptStore store = kept.open();
  CHECK(everything(store) == Texts{"a=first"});
  KeptStore true_one = other.open();
  CHECK(everything(true_one) == Texts{"[2026-000001=confirmed]"});
}

TEST_CASE("a source that fails leaves nothing behind") {
  Kept kept;
  KeptStore store = kept.open();
  append(store, "a", "first");
  SECTION("small") {
    BrokenSource broken("half");
    auto record = store.append_message("b", broken);
    REQUIRE_FALSE(record.ok());
    CHECK(record.error().what == "connection lost");
  }
  SECTION("larger than the buffer") {
    LongSource source(3'000'000);
    const std::string half = *read_all(source, 1 << 30);
    BrokenSource broken(half);
    REQUIRE_FALSE(store.append_message("b", broken).ok());
  }
  append(store, "c", "third");
  REQUIRE(store.sync().ok());
  CHECK(everything(store) == Texts{"a=first", "c=third"});
  KeptStore again = kept.open();
  CHECK(again.torn_bytes() == 0);
  CHECK(everything(again) == Texts{"a=first", "c=third"});
}

TEST_CASE("a full disk is temporary and nothing kept is lost") {
  Kept kept;
  KeptStore store = kept.open();
  append(store, "a", "first");
  REQUIRE(store.sync().ok());
  append(store, "b", "in the buffer");
  rlimit usual{};
  ::getrlimit(RLIMIT_FSIZE, &usual);
  const rlimit small{1'000'000, usual.rlim_max};
  ::signal(SIGXFSZ, SIG_IGN);
  ::setrlimit(RLIMIT_FSIZE, &small);
  LongSource source(10'000'000);
  const bool appended = store.append_message("c", source).ok();
  ::setrlimit(RLIMIT_FSIZE, &usual);
  CHECK_FALSE(appended);
  append(store, "d", "after");
  REQUIRE(store.sync().ok());
  const Texts expected = {"a=first", "b=in the buffer", "d=after"};
  CHECK(everything(store) == expected);
  KeptStore again = kept.open();
  CHECK(everything(again) == expected);
}

TEST_CASE("forgetting purges the bytes and leaves the rest readable") {
  Kept kept;
  KeptStore store = kept.open(KeptStore::Access::kWrite, 500);
  const std::string secret = "From: person@stat.example\r\n\r\nzq7#Kd0!vL2";
  const KeptRecord first = append(store, "a", secret);
  append(store, "b", "stays");
  const KeptRecord third = append(store, "c", secret);
  for (int i = 0; i < 5; ++i) append(store, "d" + std::to_string(i), "stays too");
  REQUIRE(store.append_note("e", secret).ok());
  REQUIRE(read_file(kept.segment(1))->find("zq7#Kd0!vL2") != std::string::npos);
  const auto size = fs::file_size(kept.segment(1));

  const std::vector<Location> both = {third.at, first.at};
  REQUIRE(store.forget(both).ok());
  REQUIRE(store.forget(both).ok());  // again, as after a crash
  CHECK(read_file(kept.segment(1))->find("zq7#Kd0!vL2") == std::string::npos);
  CHECK(fs::file_size(kept.segment(1)) == size);
  CHECK(read(store, first.at)->empty());

  KeptStore again = kept.open();
  const Texts all = everything(again);
  REQUIRE(all.size() == 9);
  CHECK(Texts(all.begin(), all.begin() + 3) == Texts{"a forgotten", "b=stays", "c forgotten"});
  CHECK(all.back() == "[e=" + secret + "]");
  const Location wrong{1, 33};
  CHECK_FALSE(again.forget({&wrong, 1}).ok());
}

TEST_CASE("the last record can be forgotten and stays after opening again") {
  Kept kept;
  {
    KeptStore store = kept.open();
    const KeptRecord only = append(store, "a", "secret");
    REQUIRE(store.forget({&only.at, 1}).ok());
  }
  KeptStore store = kept.open();
  CHECK(store.torn_bytes() == 0);
  CHECK(everything(store) == Texts{"a forgotten"});
}

TEST_CASE("a reader beside the writer changes nothing") {
  Kept kept;
  KeptStore writer = kept.open();
  const KeptRecord first = append(writer, "a", "first");
  REQUIRE(writer.sync().ok());
  std::ofstream(kept.segment(1), std::ios::app) << "a record being written";
  const auto size = fs::file_size(kept.segment(1));
  KeptStore reader = kept.open(KeptStore::Access::kReadOnly);
  CHECK(everything(reader) == Texts{"a=first"});
  CHECK(*read(reader, first.at) == "first");
  CHECK_FALSE(reader.append_note("a", "x").ok());
  CHECK_FALSE(reader.forget({&first.at, 1}).ok());
  CHECK(fs::file_size(kept.segment(1)) == size);
}

TEST_CASE("what is no segment is refused, never overwritten") {
  Kept kept;
  fs::create_directories(kept.directory);
  overwrite(kept.segment(1), "somebody's notes, longer than the head of a segment");
  CHECK_FALSE(KeptStore::open(kept.directory).ok());
  CHECK(read_file(kept.segment(1))->find("somebody's notes") == 0);
}
