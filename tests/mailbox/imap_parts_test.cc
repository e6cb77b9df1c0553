// SPDX-License-Identifier: Apache-2.0
#include "catch.h"
#include "mailbox/imap_response.h"
#include "mailbox/utf7.h"

using namespace focalpost;

TEST_CASE("names of folders in modified UTF-7") {
  for (auto [utf8, utf7] : std::vector<std::pair<std::string, std::string>>{
           {"", ""},
           {"Filed", "Filed"},
           {"A&B", "A&-B"},
           {"~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"},
           {"Отчёты 2026", "&BB4EQgRHBFEEQgRL- 2026"},
           {"&Ж&", "&-&BBY-&-"},
           {"😀", "&2D3eAA-"},
           {"a😀б", "a&2D3eAAQx-"},
           {"tab\there", "tab&AAk-here"}}) {
    INFO(utf8);
    CHECK(to_utf7(utf8) == utf7);
    CHECK(from_utf7(utf7) == utf8);
  }
  // What is not sound is shown as it is.
  for (const std::string bad :
       {"&", "&BB4", "&!!!!-", "&2D0-", "&3gA-", "&BB-", "\xd0\x96", "a\tb"})
    CHECK(from_utf7(bad) == bad);
}

TEST_CASE("sets of UIDs") {
  auto write = [](const std::vector<std::uint32_t>& uids, std::size_t from, std::size_t most) {
    std::string out;
    const std::size_t count = write_uid_set(uids, from, most, out);
    return out + " " + std::to_string(count);
  };
  CHECK(write({1}, 0, 200) == "1 1");
  CHECK(write({1, 2, 3, 7, 9, 10}, 0, 200) == "1:3,7,9:10 6");
  CHECK(write({1, 2, 3, 7, 9, 10}, 1, 3) == "2:3,7 3");
  CHECK(write({4294967294u, 4294967295u}, 0, 9) == "4294967294:4294967295 2");
  std::vector<std::uint32_t> odd;
  for (std::uint32_t i = 0; i < 5000; ++i) odd.push_back(1'000'000'000 + 2 * i);
  std::string out;
  const std::size_t count = write_uid_set(odd, 0, 5000, out);
  CHECK(count == out.size() / 11 + 1);
  CHECK(out.size() < 4100);

  using Uids = std::vector<std::uint32_t>;
  CHECK(read_uid_set("5", 10) == Uids{5});
  CHECK(read_uid_set("3:1,7", 10) == Uids{1, 2, 3, 7});
  CHECK(read_uid_set("1:10", 10)->size() == 10);
  for (const char* bad : {"", "1:11", "1:10,11", "*", "1:*", "0", "1,,2", "4294967296", "1-2",
                          "1:4294967295", "99999999999999999999"})
    CHECK_FALSE(read_uid_set(bad, 10));
}

TEST_CASE("dates of messages") {
  CHECK(read_internal_date(" 1-Mar-2026 09:30:00 +0000") == parse_time("2026-03-01T09:30:00Z"));
  CHECK(read_internal_date("01-mar-2026 09:30:00 +0530") == parse_time("2026-03-01T04:00:00Z"));
  CHECK(read_internal_date("28-Feb-2026 23:30:00 -0100") == parse_time("2026-03-01T00:30:00Z"));
  for (const char* bad :
       {"", "1-Mar-2026", "31-Feb-2026 09:30:00 +0000", "1-Foo-2026 09:30:00 +0000",
        "1-Mar-2026 25:30:00 +0000", "1-Mar-2026 09:30 +0000", "x y z",
        "99999999999999999-Mar-2026 09:30:00 +0000"})
    CHECK_FALSE(read_internal_date(bad));
  CHECK(write_internal_date(*parse_time("2026-03-01T09:30:07Z")) == " 1-Mar-2026 09:30:07 +0000");
  CHECK(write_internal_date(*parse_time("2026-12-31T23:59:59Z")) == "31-Dec-2026 23:59:59 +0000");
}

TEST_CASE("answers and what may be part of a command") {
  const ImapStatus status = read_status("no", "[CopyUid 1 2:3 4:5] some\x1b text");
  CHECK(status.word == "NO");
  CHECK(status.code == "COPYUID");
  CHECK(status.arguments == "1 2:3 4:5");
  CHECK(status.text == "[CopyUid 1 2:3 4:5] some<U+001B> text");
  CHECK_FALSE(status.ok());
  CHECK(read_status("OK", "[unclosed").code.empty());
  CHECK(read_status("NO", "[UNAVAILABLE] later").passes());
  CHECK_FALSE(read_status("NO", "[NOPERM] no").passes());

  CHECK(imap_quoted("a \"b\" \\ c") == "\"a \\\"b\\\" \\\\ c\"");
  CHECK_FALSE(imap_quoted("a\r"));
  CHECK_FALSE(imap_quoted("a\nb"));
  CHECK_FALSE(imap_quoted(std::string_view("a\0b", 3)));
  CHECK(read_imap_number("18446744073709551615") == std::nullopt);
  CHECK(read_imap_number("-1") == std::nullopt);
}
