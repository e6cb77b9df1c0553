// SPDX-License-Identifier: Apache-2.0
//
// As after a long outage: 20,000 letters wait at the server, and go the whole way in one pass.
#include <fstream>

#include "catch.h"
#include "lab.h"
#include "servers/dovecot.h"

using namespace lab;

namespace {

constexpr const char* kUser = "gateway";
constexpr int kLetters = 20'000;
constexpr int kMonths = 5;

#if defined(__SANITIZE_ADDRESS__)
constexpr bool kMemoryTells = false;  // what was freed is kept for a while
#else
constexpr bool kMemoryTells = true;
#endif

/// Memory of this process's own, in bytes.
std::uint64_t own_memory() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("RssAnon:")) return std::stoull(line.substr(8)) << 10;
  return 0;
}

int files_in(const fs::path& maildir) {
  int count = 0;
  for (const char* part : {"new", "cur"})
    for (const auto& entry : fs::directory_iterator(maildir / part))
      count += entry.is_regular_file();
  return count;
}

}  // namespace

TEST_CASE("twenty thousand letters that wait are filed, answered and moved, in bounded memory",
          "[servers]") {
  servers::Dovecot dovecot;
  Lab lab;
  must(write_file_durably(lab.root() / "mail.password", "secret\n"));
  lab.configure(
      fmt::format("[mailbox]\nurl = \"imaps://localhost:{}\"\nuser = \"{}\"\npassword_file = "
                  "\"mail.password\"\nca_file = \"{}\"\n[limits]\nreplies_per_hour = 1000000\n",
                  dovecot.imaps_port(), kUser, dovecot.ca_file().string()));
  for (int i = 0; i < kLetters; ++i) {
    Letter letter;
    letter.id = fmt::format("<waiting.{}@border.md.example>", i);
    // Every one changes something, and a little.
    letter.attach("c.csv", crossings(fmt::format("2026-{:02}", i % kMonths + 1),
                                     std::to_string(10'000 + i / kMonths)));
    dovecot.deliver(kUser, letter.bytes());
  }

  int batches = 0;
  std::uint64_t early = 0, most = 0;
  const PassResult pass = lab.once([&](std::string_view step) {
    if (step != "committed") return;
    ++batches;
    const std::uint64_t now = own_memory();
    if (batches == 20) early = now;
    most = std::max(most, now);
  });
  CHECK_FALSE(pass.trouble);
  CHECK(pass.intake.dockets.size() == kLetters);
  CHECK(pass.sent == kLetters);
  CHECK(batches > 20);
  REQUIRE(early > 0);
  if (kMemoryTells) {
    INFO("early " << early << ", most " << most);
    CHECK(most < early + (32 << 20));
  }
  CHECK(files_in(dovecot.directory(kUser)) == 0);
  CHECK(files_in(dovecot.directory(kUser, "Filed")) == kLetters);
  CHECK(files_in(dovecot.directory(kUser, "Sent")) == kLetters);
  CHECK(lab.number("SELECT count(*) FROM docket WHERE outcome = 'filed'") == kLetters);
  CHECK(lab.number("SELECT count(DISTINCT docket) FROM outbox WHERE state = 'sent'") == kLetters);
  CHECK(lab.number("SELECT count(*) FROM observation") == kMonths);
  CHECK(lab.number("SELECT count(*) FROM history") == kLetters - kMonths);
  CHECK(lab.number("SELECT count(*) FROM in_hand") == 0);
  // Each is known by where it lies now, and nothing happens twice.
  CHECK(lab.once().intake.dockets.empty());
}
