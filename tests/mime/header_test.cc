// SPDX-License-Identifier: Apache-2.0
#include "catch.h"
#include "mime/headers.h"
#include "mime/parameters.h"
#include "mime/words.h"

using namespace focalpost;
using namespace focalpost::mime;

TEST_CASE("encoded words are decoded (RFC 2047)") {
  auto decoded = [](std::string_view in) { return decode_words(in).text; };
  CHECK(decoded("plain text") == "plain text");
  CHECK(decoded("=?utf-8?B?0J/RgNC40LLQtdGC?= all") == "Привет all");
  CHECK(decoded("=?utf-8?b?0J/RgNC40LI?= x") == "Прив x");
  CHECK(decoded("=?windows-1251?Q?=CE=F2=F7=B8=F2_2026?=") == "Отчёт 2026");
  CHECK(decoded("=?koi8-r*ru?Q?=EF?=") == "О");
  // adjacent words are joined, as bytes: here a letter is split between them
  CHECK(decoded("=?utf-8?Q?a=D0?= =?UTF-8?Q?=B1?=") == "aб");
  CHECK(decoded("=?utf-8?Q?a?=  =?koi8-r?Q?=C2?=\t=?utf-8?Q?c?=") == "aбc");
  CHECK(decoded("x =?utf-8?Q?a?= y") == "x a y");
  // what only looks like one stays
  CHECK(decoded("=?utf-8?X?abc?=") == "=?utf-8?X?abc?=");
  CHECK(decoded("=?utf-8?Q?abc") == "=?utf-8?Q?abc");
  CHECK(decoded("1 =? 2") == "1 =? 2");
  CHECK(decoded("=?utf-8?Q?what?"
                "?=") == "what?");
  CHECK(decoded("=?utf-8?Q?a?b?= c").substr(0, 3) == "a?b");
  CHECK(decoded("=?utf-8?Q?"
                "?=")
            .empty());
}

TEST_CASE("an assumed character set is reported") {
  CHECK(decode_words("\xD0\x9E").assumed_charset.empty());
  auto text = decode_words("\xCE\xF2\xF7\xB8\xF2");
  CHECK(text.text == "Отчёт");
  CHECK(text.assumed_charset == "windows-1251");
  CHECK(decode_bytes("\xCE", "us-ascii").assumed_charset == "windows-1251");
  CHECK(decode_bytes("\xCF", "koi8-r").assumed_charset.empty());
}

TEST_CASE("text is encoded in words of 75 and lines of 78, and comes back") {
  std::string longest;
  for (int i = 0; i < 60; ++i) longest += "Отчёт о миграции — €𝒳 ";
  for (std::string text :
       {std::string("Report"), std::string("Квитанция 2026-000147"), longest,
        std::string("a report that is longer than one line can hold, as it goes on "
                    "and on with words and more words"),
        std::string(200, 'x'), std::string("looks like =?utf-8?Q?this?=")}) {
    std::string value = encode_text("Subject", text);
    std::string line = "Subject: ";
    for (char c : value + "\r\n") {
      CHECK((c & 0x80) == 0);
      if (c == '\r') continue;
      if (c == '\n') {
        CHECK(line.size() <= 78);
        CHECK(line.find_first_not_of(' ') != std::string::npos);
        line.clear();
        continue;
      }
      line += c;
    }
    std::size_t at = 0;
    while ((at = value.find("=?UTF-8", at)) != std::string::npos) {
      auto end = value.find("?=", at + 10);
      CHECK(end + 2 - at <= 75);
      Text one = decode_words(value.substr(at, end + 2 - at));
      CHECK(one.assumed_charset.empty());  // no word ends inside of a letter
      CHECK(one.text.find("\xEF\xBF\xBD") == std::string::npos);
      at = end;
    }
    std::string want = text;
    while (want.ends_with(' ')) want.pop_back();
    CHECK(decode_words(unfold(value)).text == want);
  }
}

TEST_CASE("control characters never get into a field") {
  CHECK(clean_text("a\r\nBcc: x@y.example") == "a Bcc: x@y.example");
  CHECK(clean_text(std::string_view("a\0b\x7F"
                                    "c",
                                    5)) == "a b c");
  CHECK(encode_text("Subject", "a\r\n\r\nbody").find('\n') == std::string::npos);
}

TEST_CASE("parameters") {
  auto p = parse_parameterised("TEXT/XML; charset=\"UTF-8\"; name=\"a;b.xml\"");
  CHECK(p.value == "text/xml");
  CHECK(p.get("charset") == "UTF-8");
  CHECK(p.get("name") == "a;b.xml");
  CHECK(p.find("boundary") == nullptr);

  SECTION("comments") {
    p = parse_parameterised("multipart/mixed (a (nested) \\) one); boundary=b (c); x = y");
    CHECK(p.value == "multipart/mixed");
    CHECK(p.get("boundary") == "b");
    CHECK(p.get("x") == "y");
    CHECK(parse_parameterised("text/plain (unclosed; charset=koi8-r").value == "text/plain");
    CHECK(parse_parameterised("text/plain; charset=us-ascii(Plain)").get("charset") == "us-ascii");
  }
  SECTION("RFC 2231") {
    p = parse_parameterised("attachment; filename*=UTF-8''%D0%9E%D1%82.xml; filename=Ot.xml");
    CHECK(p.get("filename") == "От.xml");
    p = parse_parameterised("x/y; name*1=\"b.\"; name*0*=koi8-r'ru'%CF%D4; name*2=xml");
    CHECK(p.get("name") == "отb.xml");
    p = parse_parameterised("x/y; name*0=a; name*2=c");
    CHECK(p.get("name") == "a");
    p = parse_parameterised("x/y; name*=no-quotes%20here");
    CHECK(p.get("name") == "no-quotes here");
    p = parse_parameterised("x/y; name*=UTF-8''%D0%9");
    CHECK_FALSE(p.get("name").empty());
  }
  SECTION("what mailers write instead") {
    CHECK(parse_parameterised("x/y; name=\"=?utf-8?B?0LAueG1s?=\"").get("name") == "а.xml");
    CHECK(parse_parameterised("x/y; name=Report (final) 2026.xml; a=b").get("name") ==
          "Report (final) 2026.xml");
    p = parse_parameterised("text/xml charset=utf-8 name=a.xml");
    CHECK(p.value == "text/xml");
    CHECK(p.get("charset") == "utf-8");
    CHECK(p.get("name") == "a.xml");
    CHECK(parse_parameterised("x/y; filename=\"C:\\data\\a.xml\"").get("filename") ==
          "C:\\data\\a.xml");
    CHECK(parse_parameterised("x/y; name=\"unclosed.xml").get("name") == "unclosed.xml");
    CHECK(parse_parameterised("\"text/xml\"; a=b").value == "text/xml");
    CHECK(parse_parameterised("text / xml").value == "text/xml");
    CHECK(parse_parameterised("m/x; boundary=Part(1)=_x").get("boundary") == "Part(1)=_x");
    auto raw = parse_parameterised("x/y; name=\"\xCE\xF2.xml\"");
    CHECK(raw.get("name") == "От.xml");
    CHECK(raw.find("name")->assumed_charset == "windows-1251");
    CHECK(parse_parameterised("").value.empty());
    CHECK(parse_parameterised(";;=;(").parameters.empty());
    CHECK(parse_parameterised("a/b; c=1; c=2").get("c") == "1");
  }
}

TEST_CASE("addresses") {
  auto specs = [](std::string_view in) {
    std::string all;
    for (const auto& a : parse_addresses(in)) all += "[" + a.spec + "]";
    return all;
  };
  auto one = [](std::string_view in) {
    auto all = parse_addresses(in);
    REQUIRE(all.size() == 1);
    return all[0];
  };
  CHECK(specs("a@B.Example, \"x, y\" <c@d.example>") == "[a@b.example][c@d.example]");
  CHECK(specs("To people: a@b.example, c@d.example;, e@f.example") ==
        "[a@b.example][c@d.example][e@f.example]");
  CHECK(specs("undisclosed-recipients:").empty());
  CHECK(specs("undisclosed-recipients:;").empty());
  CHECK(specs("").empty());
  CHECK(specs("a@b.example; c@d.example") == "[a@b.example][c@d.example]");
  CHECK(one("=?utf-8?B?0JDQvdC90LA=?= <anna@b.example>").display == "Анна");
  CHECK(one("anna@b.example (Anna (B))").display == "Anna (B)");
  CHECK(one("\"john doe\"@b.example").spec == "\"john doe\"@b.example");
  CHECK(one("\"john doe\"@b.example").local == "john doe");
  CHECK(one("\"John\"@b.example").spec == "John@b.example");
  CHECK(one("<@x.example,@y.example:a@b.example>").spec == "a@b.example");
  CHECK(one("A B <a(comment)@b.example").domain == "b.example");
  CHECK(one("x@[IPv6:2001:db8::1]").domain == "[ipv6:2001:db8::1]");
  CHECK(one("MAILER-DAEMON (Mail System)").local == "MAILER-DAEMON");
  CHECK(one("MAILER-DAEMON").domain.empty());
  CHECK(specs("Somebody Else").empty());
  CHECK(specs("<>").empty());
  CHECK(specs("a@").empty());
  // the name is not the address, and two pairs of brackets are two addresses
  CHECK(one("minister@gov.example <a@b.example>").spec == "a@b.example");
  CHECK(one("\"minister@gov.example\" <a@b.example>").spec == "a@b.example");
  CHECK(specs("<a@b.example> <c@d.example>") == "[a@b.example][c@d.example]");
  // the local part "a" with a hidden second address in quotes is one address
  CHECK(one("\"x@y.example\"@b.example").domain == "b.example");
  CHECK(specs("a\x01@b.example").empty());
  CHECK(specs("a@b\x7F.example").empty());
}

TEST_CASE("dates") {
  auto date = [](std::string_view in) {
    auto t = parse_date(in);
    return t ? format_rfc3339(*t) : std::string("none");
  };
  CHECK(date("Sun, 01 Mar 2026 12:30:00 +0300 (MSK)") == "2026-03-01T09:30:00Z");
  CHECK(date("1 Mar 2026 09:30 GMT") == "2026-03-01T09:30:00Z");
  CHECK(date("Mon, 1 Mar 99 00:00:00 EST") == "1999-03-01T05:00:00Z");
  CHECK(date("1-Mar-2026 09:30:00 -0000") == "2026-03-01T09:30:00Z");
  CHECK(date("Sun,01 March 2026 09:30:00") == "2026-03-01T09:30:00Z");
  for (auto wrong : {"", "yesterday", "31 Feb 2026 00:00:00 +0000", "1 Mar 2026 25:00:00 +0000",
                     "1 Foo 2026 00:00:00", "1 Mar 2026", "1 Mar 20260 00:00:00 +0000", "(((((("})
    CHECK(date(wrong) == "none");
}

TEST_CASE("message ids") {
  CHECK(parse_message_ids("<a@b> text <c@d><e@\tf>") ==
        std::vector<std::string>{"<a@b>", "<c@d>", "<e@f>"});
  CHECK(parse_message_ids("<<a@b> <c").size() == 1);
  CHECK(parse_message_ids("none").empty());
}
