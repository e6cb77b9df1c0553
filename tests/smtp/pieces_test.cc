// SPDX-License-Identifier: Apache-2.0
#include <set>

#include "catch.h"
#include "smtp/address.h"
#include "smtp/schedule.h"
#include "smtp/wire.h"

using namespace focalpost;
using namespace focalpost::smtp;
using namespace std::chrono_literals;

TEST_CASE("what may stand in an envelope") {
  for (const char* address : {"a@b.example", "first.last+tag@sub.b.example", "a@localhost",
                              "a@[192.0.2.7]", "a@[IPv6:2001:db8::1]", "\"two words\"@b.example",
                              "\"a\\\"b\"@b.example", "\"a@b\"@c.example", "o'brien@b.example",
                              "a@xn--80a.example", "!#$%&*=?^_`{|}~/@b.example"}) {
    INFO(address);
    CHECK(address_kind(address) == AddressKind::kAscii);
  }
  for (const char* address : {"почта@b.example", "a@пример.example", "ü@b.example"})
    CHECK(address_kind(address) == AddressKind::kInternational);
  const std::string nul("a\0@b.example", 12);
  for (const std::string& address : {std::string(),
                                     std::string("a"),
                                     std::string("@b.example"),
                                     std::string("a@"),
                                     std::string("a b@c.example"),
                                     std::string("<a@b.example>"),
                                     std::string("a@b.example>"),
                                     std::string("a@b.example\r\nRCPT TO:<c@d.example>"),
                                     std::string("a@b.example\n"),
                                     nul,
                                     std::string("a\rb@c.example"),
                                     std::string("a@b.example NOTIFY=NEVER"),
                                     std::string("a,b@c.example"),
                                     std::string(".a@b.example"),
                                     std::string("a.@b.example"),
                                     std::string("a..b@c.example"),
                                     std::string("a@b..example"),
                                     std::string("a@.example"),
                                     std::string("a@-b.example"),
                                     std::string("a@b-.example"),
                                     std::string("a@b_c.example"),
                                     std::string("a@[192.0.2.7"),
                                     std::string("a@[]"),
                                     std::string("a@[x y]"),
                                     std::string("\"a@b.example"),
                                     std::string("\"a\"b\"@c.example"),
                                     std::string("\"\\\"@c.example"),
                                     std::string("\"a\r\n\"@c.example"),
                                     std::string("\"\"@c.example"),
                                     std::string("a@b@c.example"),
                                     std::string("a\xff@b.example"),
                                     std::string("a\xE2\x80\xAE@b.example"),
                                     std::string("a\xC2\x85@b.example"),
                                     std::string(65, 'x') + "@b.example",
                                     "a@" + std::string(64, 'x') + ".example",
                                     "a@" + std::string(250, 'x'),
                                     std::string("a:b@c.example"),
                                     std::string("a@b.example.")}) {
    INFO(address);
    CHECK(address_kind(address) == AddressKind::kIllegal);
  }
}

TEST_CASE("addresses in parameters") {
  CHECK(xtext("a+b=c@d.example") == "a+2Bb+3Dc@d.example");
  CHECK(xtext("a b\x01") == "a+20b+01");
  CHECK(original_recipient("a+b@c.example", AddressKind::kAscii) == "rfc822;a+2Bb@c.example");
  CHECK(original_recipient("\"a b\"@c.example", AddressKind::kAscii) ==
        "rfc822;\"a+20b\"@c.example");
  CHECK(original_recipient("почта+x=@c.example", AddressKind::kInternational) ==
        "utf-8;почта\\x{2B}x\\x{3D}@c.example");
}

TEST_CASE("a message as it goes over the line") {
  Wire wire;
  auto text = [&](std::string_view message) {
    put_on_wire(message, wire);
    return wire.text;
  };
  CHECK(text("A: b\r\n\r\nhello\r\n") == "A: b\r\n\r\nhello\r\n.\r\n");
  CHECK(wire.size == 15);
  CHECK_FALSE(wire.eight_bit);
  CHECK(text("A: b\n\nhello") == "A: b\r\n\r\nhello\r\n.\r\n");
  CHECK(wire.size == 15);
  CHECK(text("\n.\n..\n.x\nx.\n") == "\r\n..\r\n...\r\n..x\r\nx.\r\n.\r\n");
  CHECK(wire.size == 17);  // as SIZE counts: without the dots that were put in
  // Every kind of line end that could smuggle a second message.
  CHECK(text("\n\r.\r\nMAIL FROM:<a@b.example>\r.\rx\n.\rx") ==
        "\r\n\r\n..\r\nMAIL FROM:<a@b.example>\r\n..\r\nx\r\n..\r\nx\r\n.\r\n");
  CHECK(text("a\r\r\nb") == "a\r\n\r\nb\r\n.\r\n");
  CHECK(text("") == ".\r\n");
  CHECK(wire.size == 0);
  CHECK_FALSE(wire.has_nul);
  CHECK(text(std::string_view("a\0b", 3)).size() == 8);
  CHECK(wire.has_nul);
  text("A: b\r\n\r\nпривет\r\n");
  CHECK(wire.eight_bit);
  CHECK_FALSE(wire.eight_bit_header);
  text("A: привет\r\n\r\nb\r\n");
  CHECK(wire.eight_bit);
  CHECK(wire.eight_bit_header);
}

TEST_CASE("what was refused for now is tried for five days, with growing delays") {
  const Time first = from_millis(1'772'443'800'000);
  Time now = first;
  std::vector<std::chrono::minutes> delays;
  for (std::uint32_t attempt = 1;; ++attempt) {
    auto next = next_attempt(17, attempt, first, now);
    if (!next) break;
    CHECK(*next > now);
    delays.push_back(std::chrono::round<std::chrono::minutes>(*next - now));
    now = *next;
    REQUIRE(attempt < 100);
  }
  CHECK(now == first + kGiveUpAfter);  // the last attempt is at the very end
  REQUIRE(delays.size() > 20);
  CHECK(delays.size() < 40);
  CHECK(delays[0] <= 3min);
  for (std::size_t i = 1; i < 8; ++i) CHECK(delays[i] > delays[i - 1]);
  for (std::size_t i = 7; i + 1 < delays.size(); ++i) {
    CHECK(delays[i] >= 4h);
    CHECK(delays[i] <= 6h);
  }
  CHECK_FALSE(next_attempt(17, 1, first, first + kGiveUpAfter));
  CHECK_FALSE(next_attempt(17, 1, first, first + 10 * kGiveUpAfter));

  // The same row always at the same time, different rows at different ones.
  std::set<Time> times;
  for (std::int64_t row = 0; row < 1000; ++row) {
    auto next = next_attempt(row, 3, first, first);
    REQUIRE(next);
    CHECK(next == next_attempt(row, 3, first, first));
    CHECK(*next >= first + 8min);
    CHECK(*next <= first + 12min);
    times.insert(*next);
  }
  CHECK(times.size() > 900);
  CHECK(next_attempt(1, 0, first, first));
  CHECK(next_attempt(1, UINT32_MAX, first, first));
  // A clock that was set back does no harm.
  CHECK(next_attempt(1, 1, first, first - 1h));
}
