// SPDX-License-Identifier: Apache-2.0
#include "mime/attachments.h"

#include "catch.h"

using namespace focalpost;
using namespace focalpost::mime;

namespace {

/// A multipart of some type with these parts (header lines, blank line, body).
std::string multipart(std::string_view type, const std::vector<std::string>& parts) {
  std::string raw =
      "From: a@b.example\nContent-Type: multipart/" + std::string(type) + "; boundary=\"=_b\"\n\n";
  for (const auto& part : parts) raw += "--=_b\n" + part + "\n";
  return raw + "--=_b--\n";
}

/// "d.xml:data " for every candidate.
std::string found(const std::string& raw) {
  constexpr std::string_view kNames[] = {"data", "image", "signature", "calendar", "other"};
  Message m = parse(raw, Limits());
  std::string out;
  for (const auto& c : find_attachments(m))
    out += c.name + ":" + std::string(kNames[static_cast<int>(c.looks_like)]) + " ";
  return out;
}

}  // namespace

TEST_CASE("every part that may carry data is found") {
  CHECK(found(multipart("mixed", {"\nhello", "Content-Type: text/xml\n\n<x/>"})) == ":data ");
  CHECK(found("Content-Type: application/xml\n\n<x/>") == ":data ");
  CHECK(found(multipart("mixed", {"Content-Type: text/plain; name=d.xml\n\n<x/>"})) ==
        "d.xml:data ");
  CHECK(
      found(multipart("mixed", {"Content-Type: image/png; name=d.csv\nContent-ID: <1>\n\nA,B"})) ==
      "d.csv:data ");
  CHECK(found(multipart("mixed", {"Content-Disposition: attachment\n\nx"})) == ":data ");
  CHECK(found(multipart("mixed", {"Content-Type: application/octet-stream\n\nx"})) == ":data ");
  CHECK(found(multipart("mixed", {"Content-Type: application/pdf; name=a.pdf\n\nx"})) ==
        "a.pdf:other ");
  CHECK(found(multipart("mixed", {"Content-Type: application/ms-tnef; name=winmail.dat\n\nx"})) ==
        "winmail.dat:data ");
  CHECK(found(multipart("alternative", {"\ntext", "Content-Type: text/html\n\n<p>text",
                                        "Content-Type: text/calendar\n\nBEGIN:VCALENDAR"})) ==
        ":calendar ");
  CHECK(found(multipart("signed", {"\ntext",
                                   "Content-Type: application/pkcs7-signature; "
                                   "name=smime.p7s\n\nx"})) == "smime.p7s:signature ");
  CHECK(found(multipart("mixed", {"Content-Type: application/vnd.openxmlformats-officedocument."
                                  "spreadsheetml.sheet\n\nPK"})) == ":other ");
}

TEST_CASE("data in the clothes of a text") {
  CHECK(found("From: a@b.example\n\n<?xml version=\"1.0\"?><x/>") == ":data ");
  CHECK(found("Content-Transfer-Encoding: base64\n\nPD94bWwgdmVyc2lvbj0iMS4wIj8+") == ":data ");
  CHECK(found("Content-Type: text/plain\n\nPK\x03\x04...") == ":data ");
  CHECK(found("Content-Type: text/html\n\n<?xml version=\"1.0\"?><html>").empty());
  CHECK(found("From: a@b.example\n\nDear all, <?xml is not at the start").empty());
}

TEST_CASE("texts for people and their pictures are no attachments") {
  CHECK(found(multipart("alternative", {"\ntext", "Content-Type: text/html\n\n<p>text"})).empty());
  std::string image = "Content-Type: image/png; name=logo.png\nContent-ID: <1@x>\n\nx";
  CHECK(
      found(multipart("related", {"Content-Type: text/html\n\n<img src=cid:1@x>", image})).empty());
  CHECK(found(multipart("mixed", {"Content-Type: text/html\n\n<img src=\"cid:1@x\">", image}))
            .empty());
  CHECK(found(multipart("mixed", {"Content-Type: text/html\n\n<p>", image})) == "logo.png:image ");
}

TEST_CASE("nothing inside a report is an attachment") {
  CHECK(found(multipart(
                  "report; report-type=delivery-status",
                  {"\nnot delivered", "Content-Type: message/delivery-status\n\nA: b",
                   "Content-Type: message/rfc822\n\nContent-Type: text/xml; name=d.xml\n\n<x/>"}))
            .empty());
}

TEST_CASE("the text of a message") {
  auto text = [](const std::string& raw, std::size_t limit = 10'000) {
    return body_text(parse(raw, Limits()), limit);
  };
  CHECK(text("Content-Type: text/plain; charset=koi8-r\nContent-Transfer-Encoding: "
             "quoted-printable\n\n=C4=C1\r\n")
            .text == "да\n");
  CHECK(text(multipart("alternative", {"\nplain", "Content-Type: text/html\n\n<p>html"})).text ==
        "plain");
  CHECK(text(multipart("alternative", {"\n \n", "Content-Type: text/html\n\n<p>html"})).text ==
        "html\n");
  // what is attached or forwarded was not written by the sender
  CHECK(text(multipart("mixed", {"\nmine", "Content-Type: text/plain; name=a.txt\n\nnot",
                                 "Content-Type: message/rfc822\n\nA: b\n\nnot"}))
            .text == "mine");
  BodyText cut = text("A: b\n\nабв", 5);
  CHECK(cut.text == "аб");
  CHECK(cut.cut);
  CHECK(text("A: b\n\n\xC4\xE0").assumed_charset == "windows-1251");
  CHECK(text("A: b\n\n\xC4\xE0").text == "Да");
  CHECK(text("Content-Type: image/png\n\nx").text.empty());
}

TEST_CASE("HTML is stripped") {
  CHECK(strip_html("<html><head><title>t</title><style>p {}</style></head><body><p>One &amp;\n "
                   "two</p><div>three<br>four&#1078;&#x436;&laquo;</div></body>") ==
        "One & two\n\nthree\nfourжж«\n");
  CHECK(strip_html("yes<blockquote>no<br>no</blockquote>end") == "yes\n> no\n> no\nend\n");
  CHECK(strip_html("a<!-- <b> -->b <script>if (a<b) x</script>c") == "ab c\n");
  CHECK(strip_html("a<hr>b") == "a\n________________________________\nb\n");
  CHECK(strip_html("a &unknown; &#xFFFFFF; & b &#0;") ==
        "a &unknown; \xEF\xBF\xBD & b \xEF\xBF\xBD\n");
  CHECK(strip_html("<b>unclosed <i") == "unclosed\n");
  CHECK(strip_html("").empty());
}
