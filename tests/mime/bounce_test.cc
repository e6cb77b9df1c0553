// SPDX-License-Identifier: Apache-2.0
#include "mime/bounce.h"

#include <fmt/format.h>

#include "base/files.h"
#include "base/text.h"
#include "catch.h"
#include "mime/attachments.h"

using namespace focalpost;
using namespace focalpost::mime;

namespace {

const Limits kLimits;

std::string sample(const std::string& name) {
  auto bytes = read_file(fs::path(SOURCE_DIR) / "tests/mime/data/bounces" / (name + ".eml"));
  REQUIRE(bytes.ok());
  return *bytes;
}

std::optional<Bounce> read(std::string_view raw) {
  Message message = parse(raw, kLimits);
  return read_bounce(message, classify(message, OwnMarks()).sender, kLimits);
}

/// "RFC 3464: hard <id>; hard a@b.example 5.1.1 [text]".
std::string told(const std::optional<Bounce>& bounce) {
  if (!bounce) return "no bounce";
  std::string out =
      fmt::format("{}: {} {}", bounce->shape, bounce_kind_name(bounce->kind), bounce->message_id);
  for (const BouncedRecipient& one : bounce->recipients)
    out += fmt::format("\n{} {} {} [{}]", bounce_kind_name(one.kind), one.address, one.status,
                       one.text);
  return out;
}

}  // namespace

TEST_CASE("standard reports are read field by field") {
  std::string raw = sample("postfix");
  auto bounce = read(raw);
  CHECK(told(bounce) ==
        "RFC 3464: hard <2026-000017.1.ab12cd@id.network.example>\n"
        "hard stat@ministry.example 5.1.1 [550 5.1.1 <stat@ministry.example>: Recipient address "
        "rejected: User unknown]");
  REQUIRE(bounce);
  CHECK(bounce->envelope_id == "row17");
  REQUIRE(bounce->recipients.size() == 1);
  CHECK(bounce->recipients[0].original == "Stat+40Ministry.example");
  CHECK_FALSE(bounce->more_recipients);

  CHECK(told(read(sample("delayed"))) ==
        "RFC 3464: delayed <2026-000018.1.ab12cd@id.network.example>\n"
        "delayed stat@ministry.example 4.4.1 [X-Postfix; connect to "
        "mx.ministry.example[192.0.2.7]:25: Connection timed out]");
  CHECK(told(read(sample("three_recipients"))) ==
        "RFC 3464: soft <2026-000019.1.ab12cd@id.network.example>\n"
        "soft full@ministry.example 5.2.2 []\n"
        "soft expired@ministry.example 4.4.7 []\n"
        "delivered fine@ministry.example 2.0.0 []");
  CHECK(told(read(sample("international"))) ==
        "RFC 3464: hard <2026-000020.1.ab12cd@id.network.example>\n"
        "hard почта@ministry.example 5.1.1 [550 5.1.1 нет такого]");
}

TEST_CASE("reports written for people are read by what they have in common") {
  CHECK(told(read(sample("qmail"))) ==
        "qmail: hard <2026-000021.1.ab12cd@id.network.example>\n"
        "hard stat@ministry.example 5.1.1 [192.0.2.7 does not like recipient. Remote host said: "
        "550 sorry, no mailbox here by that name (#5.1.1) Giving up on 192.0.2.7.]\n"
        "soft second@ministry.example  [User is over the quota. You can try again later.]");
  CHECK(told(read(sample("exim"))) ==
        "Exim: hard <2026-000022.1.ab12cd@id.network.example>\n"
        "hard stat@ministry.example  [SMTP error from remote mail server after RCPT "
        "TO:<stat@ministry.example>: host mx.ministry.example [192.0.2.7]: 550 unknown user]");
  CHECK(told(read(sample("exim_warning")))
            .starts_with("Exim: delayed <2026-000023.1.ab12cd@id.network.example>\n"
                         "delayed stat@ministry.example  [Delay reason: host mx.ministry.example"));
  CHECK(told(read(sample("sendmail")))
            .starts_with("Sendmail: hard <2026-000024.1.ab12cd@id.network.example>\n"
                         "hard stat@ministry.example  [----- Transcript of session follows"));
  CHECK(told(read(sample("exchange"))) ==
        "Exchange: hard <2026-000025.1.ab12cd@id.network.example>\n"
        "hard stat@ministry.example  [on Mon, 2 Mar 2026 12:30:00 +0300 The recipient name is not "
        "recognized The MTS-ID of the original message is: c=xx;a= ;p=ministry;l=MAIL-260302 "
        "MSEXCH:IMS:Ministry:SITE:MAIL 0 (000C05A6) Unknown Recipient]");
  CHECK(told(read(sample("domino"))) ==
        "Domino: hard <2026-000026.1.ab12cd@id.network.example>\n"
        "hard stat@ministry.example  [because: User stat (stat@ministry.example) not listed in "
        "Domino Directory]\n"
        "hard second@ministry.example  [because: User stat (stat@ministry.example) not listed in "
        "Domino Directory]");
  CHECK(told(read(sample("mail_ru")))
            .starts_with("mail.ru: hard <2026-000027.1.ab12cd@id.network.example>\n"
                         "hard stat@ministry.example  [SMTP error from remote mail server"));
  CHECK(told(read(sample("yandex"))) ==
        "Yandex: soft <2026-000028.1.ab12cd@id.network.example>\n"
        "soft stat@ministry.example  [ящик получателя переполнен]");
  CHECK(told(read(sample("google")))
            .starts_with(
                "Google: hard <2026-000029.1.ab12cd@id.network.example>\n"
                "hard stat@ministry.example 5.1.1 [Technical details of permanent failure:"));
}

TEST_CASE("what is no report about a delivery is none") {
  CHECK_FALSE(read(sample("out_of_office")));
  CHECK_FALSE(
      read("From: a@b.example\nSubject: Fwd\n\nHi. This is the qmail-send program\n"
           "<x@y.example>:\n550 no\n"));
  CHECK_FALSE(
      read("Return-Path: <>\nFrom: a@b.example\nContent-Type: multipart/report; "
           "report-type=disposition-notification; boundary=b\n\n--b\n"
           "Content-Type: message/delivery-status\n\nFinal-Recipient: rfc822; "
           "x@y.example\nAction: failed\nStatus: 5.1.1\n\n--b--\n"));
  // A server's letter that says nothing is a report of unknown kind.
  CHECK(told(read("From: MAILER-DAEMON@b.example\n\nHello.\n")) == "text: unknown ");
  // The null path alone makes no report, but a known shape with it does.
  CHECK(told(read("Return-Path: <>\nFrom: no-reply@b.example\n\n"
                  "This is the mail system at host b.example.\n\n<x@y.example>: 550 5.1.1 no\n")) ==
        "Postfix: hard \nhard x@y.example 5.1.1 [550 5.1.1 no]");
}

TEST_CASE("only the report's own parts count, and nothing in it is data") {
  std::string raw = sample("report_in_report");
  Message message = parse(raw, kLimits);
  CHECK(told(read(raw)) ==
        "RFC 3464: hard <outer@id.network.example>\nhard stat@ministry.example 5.1.1 []");
  CHECK(find_attachments(message).empty());
  // Neither does a report count that somebody forwards in a letter of a server's name.
  std::string forwarded =
      "From: mailer-daemon@b.example\nContent-Type: multipart/mixed; boundary=f\n\n--f\n"
      "Content-Type: message/rfc822\n\n" +
      sample("postfix") + "\n--f--\n";
  auto bounce = read(forwarded);
  REQUIRE(bounce);
  CHECK(bounce->recipients.empty());
  CHECK(bounce->kind == BounceKind::kUnknown);
}

TEST_CASE("a report wrapped by a list or a scanner is still found") {
  auto bounce = read(
      "From: mailer-daemon@b.example\nContent-Type: multipart/mixed; boundary=o\n\n--o\n"
      "Content-Type: multipart/report; boundary=b; report-type=delivery-status\n\n--b\n"
      "Content-Type: message/delivery-status\n\nReporting-MTA: dns; b\n\n"
      "Final-Recipient: rfc822; x@y.example\nAction: failed\n\n--b--\n\n--o\n\nScanned.\n--o--\n");
  CHECK(told(bounce) == "RFC 3464: hard \nhard x@y.example  []");
}

TEST_CASE("sloppy fields") {
  auto fields = [](const std::string& text) {
    return told(
        read("From: mailer-daemon@b.example\nContent-Type: multipart/report; boundary=b\n\n--b\n"
             "Content-Type: message/delivery-status\n\n" +
             text + "\n--b--\n"));
  };
  // One group for all, CR before LF missing or doubled blank lines, no action, no type.
  CHECK(fields("Reporting-MTA: dns; b\nFinal-Recipient: x@y.example\nStatus: 5.7.1 (refused)\n") ==
        "RFC 3464: hard \nhard x@y.example 5.7.1 []");
  CHECK(fields("\n\n\nACTION: Failed (expired)\n\n\n") == "RFC 3464: hard \nhard   []");
  CHECK(fields("Action: delivered\nFinal-Recipient: rfc822;x@y.example\n") ==
        "RFC 3464: delivered \ndelivered x@y.example  []");
  CHECK(fields("Action: nonsense\nFinal-Recipient: rfc822;x@y.example\nStatus: 5.1.1\n") ==
        "RFC 3464: unknown \nunknown x@y.example 5.1.1 []");
  CHECK(fields("Final-Recipient: rfc822;x@y.example\nAction: failed\nStatus: 4.0.0\n"
               "Diagnostic-Code: smtp;452 4.2.2 mailbox full\n") ==
        "RFC 3464: soft \nsoft x@y.example 4.2.2 [452 4.2.2 mailbox full]");
  // An address of a host is no status.
  CHECK(fields("Final-Recipient: rfc822;x@y.example\nAction: failed\n"
               "Diagnostic-Code: x;connect to 5.1.1.7: refused\n") ==
        "RFC 3464: hard \nhard x@y.example  [x;connect to 5.1.1.7: refused]");
  // Control characters and direction marks do not come out.
  CHECK(fields("Final-Recipient: rfc822;x@y.example\nAction: failed\n"
               "Diagnostic-Code: smtp;550 \x1b[31mred\xE2\x80\xAE\n") ==
        "RFC 3464: hard \nhard x@y.example  [550 <U+001B>[31mred<U+202E>]");
}

TEST_CASE("hostile reports are bounded") {
  std::string head =
      "From: mailer-daemon@b.example\nContent-Type: multipart/report; boundary=b\n\n--b\n"
      "Content-Type: message/delivery-status\n\n";
  std::string many = head + "Reporting-MTA: dns; b\n\n";
  for (int i = 0; i < 20'000; ++i)
    many += fmt::format("Final-Recipient: rfc822; u{}@y.example\nAction: failed\n\n", i);
  auto bounce = read(many + "--b--\n");
  REQUIRE(bounce);
  CHECK(bounce->recipients.size() == kMostBouncedRecipients);
  CHECK(bounce->more_recipients);

  std::string huge = head + "Action: failed\nFinal-Recipient: rfc822; " +
                     std::string(200'000, 'x') + "@y.example\nDiagnostic-Code: smtp; ";
  for (int i = 0; i < 50'000; ++i) huge += "550 5.1.1 no such user\n ";
  bounce = read(huge + "\n\n--b--\n");
  REQUIRE(bounce);
  REQUIRE(bounce->recipients.size() == 1);
  CHECK(bounce->recipients[0].address.size() <= 325);
  CHECK(bounce->recipients[0].text.size() <= kMostBounceText + 5);

  std::string text = "From: mailer-daemon@b.example\nX-Failed-Recipients: ";
  for (int i = 0; i < 3000; ++i) text += fmt::format("f{}@y.example,\n ", i);
  text += "\n\n";
  for (int i = 0; i < 20'000; ++i) text += fmt::format("<f{}@y.example>:\n550 no\n", i);
  bounce = read(text);
  REQUIRE(bounce);
  CHECK(bounce->recipients.size() <= kMostBouncedRecipients);
  CHECK(bounce->more_recipients);

  // Reports in reports in reports, and status parts without number.
  std::string nested;
  for (int i = 0; i < 500; ++i)
    nested += fmt::format(
        "From: mailer-daemon@b.example\nContent-Type: multipart/report; boundary=b{0}\n\n--b{0}\n"
        "Content-Type: message/rfc822\n\n",
        i);
  CHECK(told(read(nested)) == "text: unknown ");
  std::string parts =
      "From: mailer-daemon@b.example\nContent-Type: multipart/report; boundary=b\n\n";
  for (int i = 0; i < 5000; ++i)
    parts += "--b\nContent-Type: message/delivery-status\n\nAction: failed\nStatus: 5.1.1\n";
  bounce = read(parts);
  REQUIRE(bounce);
  CHECK(bounce->recipients.size() == kMostBouncedRecipients);

  // Every prefix of a sample is read without harm.
  for (const char* name : {"postfix", "qmail", "international"}) {
    std::string whole = sample(name);
    for (std::size_t end = 0; end < whole.size(); end += 7) {
      auto part = read(std::string_view(whole).substr(0, end));
      CHECK((!part || part->recipients.size() <= 2));
    }
  }
}

TEST_CASE("the recipient of a report is compared as servers write it") {
  BouncedRecipient one;
  one.address = "Moved@Other.example";
  one.original = "stat+2Bdata@ministry.example";
  CHECK(same_recipient(one, "moved@other.example"));
  CHECK(same_recipient(one, "stat+data@ministry.example"));
  CHECK(same_recipient(one, "STAT+2bdata@ministry.example"));
  CHECK_FALSE(same_recipient(one, "stat@ministry.example"));
  CHECK_FALSE(same_recipient(one, ""));
  CHECK_FALSE(same_recipient(BouncedRecipient(), ""));
  one.original = "a+2";
  CHECK(same_recipient(one, "a+2"));
}

TEST_CASE("a tag names its row to who has the key, and to nobody else") {
  const std::string key = "key of a home";
  for (std::int64_t row : {std::int64_t{0}, std::int64_t{1}, std::int64_t{31}, std::int64_t{32},
                           std::int64_t{1234567}, INT64_MAX}) {
    std::string tag = make_bounce_tag(key, row);
    INFO(tag);
    CHECK(tag.size() >= 17);
    CHECK(tag.size() <= 29);
    CHECK(tag.find_first_not_of("abcdefghijklmnopqrstuvwxyz234567") == std::string::npos);
    CHECK(verify_bounce_tag(key, tag) == row);
    std::string upper = tag;
    for (char& c : upper)
      if (c >= 'a') c = static_cast<char>(c - 32);
    CHECK(verify_bounce_tag(key, upper) == row);
    CHECK_FALSE(verify_bounce_tag("another key", tag));
    for (std::size_t i = 0; i < tag.size(); ++i) {
      std::string other = tag;
      other[i] = other[i] == 'b' ? 'c' : 'b';
      CHECK_FALSE(verify_bounce_tag(key, other));
    }
    CHECK_FALSE(verify_bounce_tag(key, "a" + tag));  // a leading zero is another tag
    CHECK_FALSE(verify_bounce_tag(key, tag.substr(1)));
  }
  CHECK(make_bounce_tag(key, 1) != make_bounce_tag(key, 2));
  for (std::string_view bad : {"", "b", "0123456789abcdefgh",
                               "\xff\xff\xff\xff\xff\xff\xff\xff\xff"
                               "\xff\xff\xff\xff\xff\xff\xff\xff\xff",
                               "7777777777777777777777777777777777777777777777"})
    CHECK_FALSE(verify_bounce_tag(key, bad));
}

TEST_CASE("the row of a bounce is found where the tag came back") {
  const std::string key = "k", pattern = "gateway+{tag}@network.example";
  const std::string tag = make_bounce_tag(key, 42);
  auto row = [&](const std::string& header, std::string_view envelope = {}) {
    std::string raw = header + "\n\n";
    Message message = parse(raw, kLimits);
    return bounced_row(message, envelope, pattern, key);
  };
  CHECK(row("To: gateway+" + tag + "@network.example") == 42);
  CHECK(row("To: <GATEWAY+" + tag + "@Network.Example>") == 42);
  CHECK(row("To: undisclosed-recipients:;\nDelivered-To: gateway+" + tag + "@network.example") ==
        42);
  CHECK(row("To: a@b.example, gateway+" + tag + "@network.example") == 42);
  CHECK(row("To: a@b.example", tag) == 42);
  CHECK_FALSE(row("To: gateway@network.example"));
  CHECK_FALSE(row("To: gateway+" + tag + "@other.example"));
  CHECK_FALSE(row("To: other+" + tag + "@network.example"));
  CHECK_FALSE(row("To: gateway+b" + tag.substr(1) + "b@network.example"));
  CHECK_FALSE(row("Subject: gateway+" + tag + "@network.example"));
  std::string raw = "To: gateway+" + tag + "@network.example\n\n";
  Message message = parse(raw, kLimits);
  CHECK_FALSE(bounced_row(message, {}, "", key));
  CHECK_FALSE(bounced_row(message, {}, pattern, "other"));
}
