// SPDX-License-Identifier: Apache-2.0
#include "mime/message.h"

#include <algorithm>

#include "catch.h"
#include "mime/attachments.h"

using namespace focalpost;
using namespace focalpost::mime;

namespace {

const Limits kLimits;

std::string crlf(std::string text) {
  std::string out;
  for (char c : text) {
    if (c == '\n') out += '\r';
    out += c;
  }
  return out;
}

/// "0 multipart/mixed; 1 text/plain [hello]; ..." with the depth in front.
std::string outline(const Message& m) {
  std::string out;
  for (const Part& p : m.parts) {
    out += std::to_string(p.depth) + " " + p.media_type;
    if (p.is_leaf) out += " [" + std::string(p.body) + "]";
    out += "; ";
  }
  return out;
}

const std::string kTwoParts =
    "From: a@b.example\n"
    "Content-Type: multipart/mixed; boundary=\"b\"\n"
    "\n"
    "preamble\n"
    "--b\n"
    "\n"
    "hello\n"
    "--b  \n"
    "Content-Type: text/xml; name=\"d.xml\"\n"
    "\n"
    "<x/>\n"
    "\n"
    "--b--\n"
    "epilogue\n";

}  // namespace

TEST_CASE("a message is split at its boundaries, with CRLF and with LF") {
  Message m = parse(kTwoParts, kLimits);
  CHECK(outline(m) == "0 multipart/mixed; 1 text/plain [hello]; 1 text/xml [<x/>\n]; ");
  CHECK(m.oddities.empty());
  CHECK(m.parts[2].parent == 0);
  CHECK(m.parts[2].file_name == "d.xml");
  CHECK(m.parts[1].header_block.empty());

  std::string raw = crlf(kTwoParts);
  m = parse(raw, kLimits);
  CHECK(outline(m) == "0 multipart/mixed; 1 text/plain [hello]; 1 text/xml [<x/>\r\n]; ");
  CHECK(m.oddities.empty());
}

TEST_CASE("a message without MIME is one text") {
  Message m = parse("Subject: a\n b\n\ttail\n\nbody --b\n--b\n", kLimits);
  CHECK(outline(m) == "0 text/plain [body --b\n--b\n]; ");
  CHECK(m.top().decoded("subject") == "a b\ttail");
  for (std::string_view raw :
       {"", "\n", "\r\n\r\n", "A:", "A: b", "no header at all", "--", ":\n"}) {
    Message small = parse(raw, kLimits);
    CHECK(small.parts.size() == 1);
    CHECK(small.root().is_leaf);
  }
}

TEST_CASE("boundaries count at the start of a line only, and as a whole") {
  Message m = parse(
      "Content-Type: multipart/mixed (c) ; boundary=b (comment)\n\n--b\n\nin the --b\n--bb\n--b-\n"
      " --b\n--b--x\nend\n--b--\n",
      kLimits);
  CHECK(outline(m) ==
        "0 multipart/mixed; 1 text/plain [in the --b\n--bb\n--b-\n --b\n--b--x\nend]; ");
}

TEST_CASE("missing boundaries lose nothing") {
  SECTION("the end of the outer one") {
    Message m =
        parse("Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b\n\ntwo\n", kLimits);
    CHECK(outline(m) == "0 multipart/mixed; 1 text/plain [one]; 1 text/plain [two\n]; ");
    CHECK(m.has(Oddity::kMissingEndBoundary));
  }
  SECTION("the end of an inner one") {
    Message m = parse(
        "Content-Type: multipart/mixed; boundary=o\n\n--o\n"
        "Content-Type: multipart/alternative; boundary=i\n\n--i\n\none\n--o\n"
        "Content-Type: text/xml\n\n<x/>\n--o--\n",
        kLimits);
    CHECK(outline(m) ==
          "0 multipart/mixed; 1 multipart/alternative; 2 text/plain [one]; 1 text/xml [<x/>]; ");
    CHECK(m.has(Oddity::kMissingEndBoundary));
  }
  SECTION("the parameter") {
    Message m = parse("Content-Type: multipart/mixed\n\n--x\n\none\n--x\n\ntwo\n--x--\n", kLimits);
    CHECK(outline(m) == "0 multipart/mixed; 1 text/plain [one]; 1 text/plain [two]; ");
    CHECK(m.has(Oddity::kBoundaryGuessed));
  }
  SECTION("all of them") {
    Message m = parse("Content-Type: multipart/mixed; boundary=b\n\n<x/>\n", kLimits);
    CHECK(outline(m) == "0 multipart/mixed [<x/>\n]; ");
    CHECK(m.has(Oddity::kBoundaryNeverFound));
    CHECK(find_attachments(m).size() == 1);
  }
  SECTION("a part after the end") {
    Message m =
        parse("Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b--\n--b\n\ntwo\n--b--\n",
              kLimits);
    CHECK(outline(m) == "0 multipart/mixed; 1 text/plain [one]; 1 text/plain [two]; ");
    CHECK(m.has(Oddity::kPartAfterEnd));
  }
  SECTION("the same boundary inside and outside") {
    Message m = parse(
        "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/mixed; "
        "boundary=b\n\n--b\n\none\n--b--\n--b\n\ntwo\n--b--\n",
        kLimits);
    CHECK(outline(m) ==
          "0 multipart/mixed; 1 multipart/mixed; 2 text/plain [one]; 1 text/plain [two]; ");
  }
}

TEST_CASE("odd headers") {
  SECTION("a garbage line in the middle is skipped") {
    Message m = parse("A: 1\ngarbage here\nContent-Type: text/xml\n\n<x/>\n", kLimits);
    CHECK(outline(m) == "0 text/xml [<x/>\n]; ");
    CHECK(m.top().raw("A") == "1");
    CHECK(m.has(Oddity::kGarbageHeaderLine));
    CHECK(m.oddities[0].offset == 5);
  }
  SECTION("a missing blank line") {
    Message m = parse("A: 1\nfirst line\nsecond line\n\nmore\n", kLimits);
    CHECK(outline(m) == "0 text/plain [first line\nsecond line\n\nmore\n]; ");
    CHECK(m.has(Oddity::kMissingBlankLine));
    m = parse("Content-Type: multipart/mixed; boundary=b\n\n--b\nhello\n--b--\n", kLimits);
    CHECK(outline(m) == "0 multipart/mixed; 1 text/plain [hello]; ");
  }
  SECTION("the From line of an mbox file") {
    Message m = parse("From a@b.example Sun Mar  1 09:30:00 2026\nSubject: x\n\nbody", kLimits);
    CHECK(m.top().decoded("Subject") == "x");
    CHECK(m.has(Oddity::kMboxFromLine));
  }
  SECTION("two From fields give both addresses") {
    Message m = parse("From: a@b.example\nX: y\nfrom : c@d.example\n\n", kLimits);
    REQUIRE(m.top().addresses("From").size() == 2);
    CHECK(m.top().all("FROM").size() == 2);
  }
  SECTION("ids") {
    Message m = parse(
        "Message-ID: <1@b.example>\nReferences: <0@b.example>\n <x@c.example>\nIn-Reply-To: "
        "<x@c.example>\nDate: Sun, 01 Mar 2026 09:30:00 +0000\n\n",
        kLimits);
    CHECK(m.top().message_id() == "<1@b.example>");
    CHECK(m.top().references() == std::vector<std::string>{"<0@b.example>", "<x@c.example>"});
    CHECK(m.top().in_reply_to().size() == 1);
    CHECK(format_rfc3339(*m.top().date()) == "2026-03-01T09:30:00Z");
    CHECK(parse("Message-ID: 7@b.example\n\n", kLimits).top().message_id() == "<7@b.example>");
    CHECK_FALSE(parse("A: b\n\n", kLimits).top().message_id().has_value());
  }
}

TEST_CASE("a forwarded message is opened, its headers stay inside") {
  Message m = parse(
      "From: outer@b.example\nContent-Type: multipart/mixed; boundary=b\n\n--b\n"
      "Content-Type: message/rfc822\n\n"
      "From: inner@b.example\nContent-Type: multipart/mixed; boundary=i\n\n--i\n"
      "Content-Type: application/octet-stream; name=data.xml\n\n<x/>\n--i--\n\n--b--\n",
      kLimits);
  CHECK(outline(m) ==
        "0 multipart/mixed; 1 message/rfc822; 2 multipart/mixed; 3 application/octet-stream "
        "[<x/>]; ");
  CHECK(m.top().addresses("From").at(0).spec == "outer@b.example");
  CHECK(m.top().addresses("From").size() == 1);
  REQUIRE(find_attachments(m).size() == 1);
  CHECK(find_attachments(m)[0].name == "data.xml");
}

TEST_CASE("names of files are made safe") {
  CHECK(safe_file_name("C:\\data\\a.xml") == "a.xml");
  CHECK(safe_file_name("../../etc/passwd") == "passwd");
  CHECK(safe_file_name("a/..") == "");
  CHECK(safe_file_name("C:a.xml") == "a.xml");
  CHECK(safe_file_name("12:30 report.xml") == "1230 report.xml");
  CHECK(safe_file_name(std::string_view("a\0\n\x7F.xml", 8)) == "a.xml");
  CHECK(safe_file_name("a\u202Elmx.exe\u0085") == "almx.exe");
  CHECK(safe_file_name("Отчёт.xml") == "Отчёт.xml");
  CHECK(safe_file_name("\xFF.xml") == "\xEF\xBF\xBD.xml");
  std::string longest =
      safe_file_name(std::string(150, 'a') + "я" + std::string(150, 'b') + ".csv");
  CHECK(longest.size() == 200);
  CHECK(longest.ends_with(".csv"));

  Message m = parse("Content-Disposition: attachment; filename=\"/tmp/a\x01.xml\"\n\n", kLimits);
  CHECK(m.root().file_name == "a.xml");
  CHECK(m.root().original_name == "/tmp/a<U+0001>.xml");
  m = parse("Content-Type: x/y; name=b.xml\nContent-Disposition: attachment; filename=a.xml\n\n",
            kLimits);
  CHECK(m.root().file_name == "a.xml");
}

TEST_CASE("limits are oddities with a place") {
  Limits limits;
  SECTION("parts") {
    limits.parts = 3;
    std::string raw = "Content-Type: multipart/mixed; boundary=b\n\n";
    for (int i = 0; i < 10; ++i) raw += "--b\n\nx\n";
    Message m = parse(raw, limits);
    CHECK(m.parts.size() == 3);
    CHECK(m.has(Oddity::kTooManyParts));
    CHECK(m.parts[2].body == "x");
  }
  SECTION("depth") {
    limits.part_depth = 2;
    std::string raw;
    for (int i = 0; i < 5; ++i) {
      std::string b = "b" + std::to_string(i);
      raw += "Content-Type: multipart/mixed; boundary=" + b + "\n\n--" + b + "\n";
    }
    Message m = parse(raw, limits);
    CHECK(m.parts.size() == 3);
    CHECK(m.parts[2].is_leaf);
    CHECK(m.has(Oddity::kTooDeep));
  }
  SECTION("a header field") {
    limits.header_line_bytes = 100;
    std::string raw = "A: " + std::string(1000, 'x') + "\n folded\nB: 1\n\nbody";
    Message m = parse(raw, limits);
    CHECK(m.top().raw("A")->size() == 100);
    CHECK(m.top().raw("B") == "1");
    CHECK(m.has(Oddity::kHeaderLineTooLong));
    CHECK(m.root().body == "body");
  }
  SECTION("a header block") {
    limits.header_block_bytes = 1000;
    std::string raw;
    for (int i = 0; i < 200; ++i) raw += "Field: value value\n";
    raw += "Last: 1\n\nbody";
    Message m = parse(raw, limits);
    CHECK_FALSE(m.top().has("Last"));
    CHECK(m.has(Oddity::kHeaderBlockTooLong));
    CHECK(m.root().body == "body");
  }
}

// Each of these once took a mailer seconds or its stack; here each is linear.
TEST_CASE("torture") {
  std::string raw;
  SECTION("100,000 nested multiparts") {
    for (int i = 0; i < 100'000; ++i) {
      std::string b = std::to_string(i);
      raw += "Content-Type: multipart/mixed; boundary=" + b + "\n\n--" + b + "\n";
    }
    Message m = parse(raw, kLimits);
    CHECK(m.parts.size() == kLimits.part_depth + 1);
    CHECK(m.has(Oddity::kTooDeep));
    find_attachments(m);
  }
  SECTION("100,000 nested messages") {
    for (int i = 0; i < 100'000; ++i) raw += "Content-Type: message/rfc822\n\n";
    CHECK(parse(raw, kLimits).parts.size() == kLimits.part_depth + 1);
  }
  SECTION("a header of 4 MB in one line, in many, in folds") {
    raw = "A: " + std::string(4 << 20, 'x') + "\nContent-Type: text/xml\n\n<x/>";
    Message m = parse(raw, kLimits);
    CHECK(m.root().media_type == "text/xml");
    CHECK(m.root().body == "<x/>");
    raw.clear();
    while (raw.size() < (4 << 20)) raw += "A: x\n";
    raw += "\nbody";
    m = parse(raw, kLimits);
    CHECK(m.top().fields().size() == kMostFields);
    raw = "A: b\n";
    while (raw.size() < (4 << 20)) raw += " fold\n";
    raw += "\nbody";
    m = parse(raw, kLimits);
    CHECK(m.has(Oddity::kHeaderLineTooLong));
    CHECK(m.top().raw("A")->size() <= kLimits.header_line_bytes);
  }
  SECTION("200,000 parameters") {
    raw = "Content-Type: text/xml";
    for (int i = 0; i < 200'000; ++i) raw += "; p" + std::to_string(i) + "=v";
    raw += "\n\nx";
    Message m = parse(raw, kLimits);
    CHECK(m.root().media_type == "text/xml");
    CHECK(m.root().parameters.size() <= kMostParameters);
  }
  SECTION("openings without an end in one field") {
    for (std::string_view piece : {"=?utf-8?Q?", "=?u?B?=", "(", "\"", "<", "\\(", "=?", "(a",
                                   "\"<", "a@b,", "a:", ";", "[", "'%", "=", "x*0*=;", "<<>"}) {
      std::string value;
      while (value.size() < (64 << 10)) value += piece;
      raw = "From: " + value + "\nSubject: " + value + "\nDate: " + value +
            "\nReferences: " + value + "\nMessage-ID: " + value + "\nContent-ID: " + value +
            "\nContent-Disposition: attachment; filename=" + value + "\nContent-Type: " + value +
            "\n\n";
      Message m = parse(raw, kLimits);
      m.top().decoded("Subject");
      m.top().addresses("From");
      m.top().date();
      m.top().references();
      m.top().message_id();
      CHECK(m.parts.size() == 1);
    }
  }
  SECTION("boundary lines without end") {
    raw = "Content-Type: multipart/mixed; boundary=b\n\n";
    while (raw.size() < (4 << 20)) raw += "--b\n";
    CHECK(parse(raw, kLimits).parts.size() == kLimits.parts);
    raw = "Content-Type: multipart/mixed\n\n";
    while (raw.size() < (4 << 20)) raw += "--\n-- \n--b c\n";
    CHECK(parse(raw, kLimits).parts.size() == 1);
  }
}
