// SPDX-License-Identifier: Apache-2.0
#include "mime/compose.h"

#include "catch.h"
#include "mime/attachments.h"
#include "mime/body_source.h"
#include "mime/message.h"

using namespace focalpost;
using namespace focalpost::mime;

namespace {

Outgoing letter() {
  Outgoing o;
  o.from = {"Статистика миграции", "gateway@post.example"};
  o.to = {"Doe, \"J\"", "j.doe@stat.example"};
  o.subject = "Квитанция 2026-000147: ваш отчёт за первый квартал 2026 года принят полностью";
  o.message_id = "<2026-000147.1.ab12cd@post.example>";
  o.in_reply_to = "<1@stat.example>";
  o.references = {"<0@stat.example>", "<1@stat.example>"};
  o.date = *parse_time("2026-03-01T09:30:00Z");
  o.auto_submitted = "auto-replied";
  o.language = "ru";
  o.headers = {{"X-Focalpost-Gateway", "pest"}};
  o.plain = "Здравствуйте!\n.\nFrom here = there\ntrailing \n";
  o.html = "<p>Здравствуйте!</p>\n";
  return o;
}

std::string content(const Part& part) {
  auto source = body_source(part);
  auto all = read_all(*source, 1 << 22);
  REQUIRE(all.ok());
  CHECK_FALSE(source->damaged());
  return *all;
}

std::string composed(const Outgoing& o) {
  auto bytes = compose(o);
  REQUIRE(bytes.ok());
  return *bytes;
}

/// RFC 5322 2.3 and RFC 2045: CRLF only, 7 bits, lines of at most 78.
void check_form(const std::string& raw) {
  std::size_t line = 0;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    REQUIRE((raw[i] & 0x80) == 0);
    if (raw[i] == '\r') {
      REQUIRE(i + 1 < raw.size());
      REQUIRE(raw[i + 1] == '\n');
    }
    if (raw[i] == '\n') {
      REQUIRE(raw[i - 1] == '\r');
      line = 0;
    } else if (raw[i] != '\r') {
      REQUIRE(++line <= 78);
    }
  }
  REQUIRE(raw.ends_with("\r\n"));
}

}  // namespace

TEST_CASE("what is composed comes back") {
  Outgoing o = letter();
  std::string raw = composed(o);
  check_form(raw);
  Message m = parse(raw, Limits());
  CHECK(m.oddities.empty());
  REQUIRE(m.parts.size() == 3);
  CHECK(m.root().media_type == "multipart/alternative");
  CHECK(m.top().decoded("Subject") == o.subject);
  auto from = m.top().addresses("From");
  REQUIRE(from.size() == 1);
  CHECK(from[0].display == o.from.name);
  CHECK(from[0].spec == o.from.address);
  auto to = m.top().addresses("To");
  REQUIRE(to.size() == 1);
  CHECK(to[0].display == o.to.name);
  CHECK(to[0].spec == o.to.address);
  CHECK(m.top().message_id() == o.message_id);
  CHECK(m.top().in_reply_to() == std::vector<std::string>{o.in_reply_to});
  CHECK(m.top().references() == o.references);
  CHECK(m.top().date() == o.date);
  CHECK(m.top().decoded("Auto-Submitted") == "auto-replied");
  CHECK(m.top().decoded("X-Auto-Response-Suppress") == "All");
  CHECK(m.top().decoded("Content-Language") == "ru");
  CHECK(m.top().decoded("X-Focalpost-Gateway") == "pest");
  CHECK(m.top().decoded("MIME-Version") == "1.0");
  CHECK_FALSE(m.top().has("Return-Path"));
  CHECK(content(m.parts[1]) == "Здравствуйте!\r\n.\r\nFrom here = there\r\ntrailing \r\n");
  CHECK(content(m.parts[2]) == "<p>Здравствуйте!</p>\r\n");
  CHECK(m.parts[2].media_type == "text/html");
  CHECK(find_attachments(m).empty());
  CHECK(body_text(m, 1000).text == "Здравствуйте!\n.\nFrom here = there\ntrailing \n");
}

TEST_CASE("the same input gives the same bytes") {
  CHECK(composed(letter()) == composed(letter()));
  Outgoing other = letter();
  other.seed = "2";
  CHECK(composed(letter()) != composed(other));
}

TEST_CASE("only as many levels as are needed") {
  Outgoing o = letter();
  o.html.clear();
  std::string raw = composed(o);
  check_form(raw);
  Message m = parse(raw, Limits());
  CHECK(m.parts.size() == 1);
  CHECK(m.root().media_type == "text/plain");
  CHECK(m.top().all("Content-Language").size() == 1);
}

TEST_CASE("attachments keep their names and bytes") {
  Outgoing o = letter();
  std::string bytes;
  for (int i = 0; i < 100'000; ++i) bytes += static_cast<char>(i * 7);
  std::string long_name;
  for (int i = 0; i < 8; ++i) long_name += "Отчёт о миграции ";
  o.attachments = {{"data.xml", "application/xml", "<x/>", ""},
                   {"Отчёт.csv", "text/csv; charset=utf-8", bytes, ""},
                   {long_name + ".zip", "application/zip", "", ""},
                   {"chart.png", "image/png", "PNG", "chart@post.example"},
                   {"../a\"\r\nX: y.xml", "application/xml", "1", ""}};
  std::string raw = composed(o);
  check_form(raw);
  Message m = parse(raw, Limits());
  CHECK(m.oddities.empty());
  CHECK(m.root().media_type == "multipart/mixed");
  auto found = find_attachments(m);
  REQUIRE(found.size() == 4);
  CHECK(found[0].name == "data.xml");
  CHECK(content(m.parts[found[0].part]) == "<x/>");
  CHECK(found[1].name == "Отчёт.csv");
  CHECK(m.parts[found[1].part].charset == "utf-8");
  CHECK(content(m.parts[found[1].part]) == bytes);
  CHECK(found[2].name.starts_with("Отчёт о миграции Отчёт"));
  CHECK(found[2].name.ends_with(".zip"));
  CHECK(content(m.parts[found[2].part]).empty());
  CHECK(found[3].name == "a\"X y.xml");
  CHECK(raw.find("filename=\"_____.csv\"") != std::string::npos);
  bool inline_image = false;
  for (const Part& p : m.parts)
    if (p.content_id == "chart@post.example")
      inline_image = m.parts[p.parent].media_type == "multipart/related" && content(p) == "PNG";
  CHECK(inline_image);
}

TEST_CASE("nobody writes fields of his own") {
  auto fails = [](Outgoing o) { return !compose(o).ok(); };
  Outgoing o = letter();
  o.subject = "a\r\nBcc: x@y.example\r\n\r\nbody";
  o.from.name = "x\nBcc: x@y.example";
  o.to.name = std::string("x\0y", 3);
  o.headers.push_back({"X-Note", "1\r\nBcc: x@y.example"});
  std::string raw = composed(o);
  Message m = parse(raw, Limits());
  CHECK_FALSE(m.top().has("Bcc"));
  CHECK(m.top().decoded("Subject") == "a Bcc: x@y.example body");

  for (std::string address :
       {"", "a", "a@", "@b", "a@b.example\r\nBcc: c@d.example", "a b@c.example", "<a@b.example>",
        "a@b.example,c@d.example", "a@b\x01.example"}) {
    o = letter();
    o.to.address = address;
    CHECK(fails(o));
    o = letter();
    o.from.address = address;
    CHECK(fails(o));
  }
  for (std::string id : {"1@b.example", "<1@b.example>\n", "<a>", "<a@b> <c@d>"}) {
    o = letter();
    o.message_id = id;
    CHECK(fails(o));
    o = letter();
    o.in_reply_to = id;
    CHECK(fails(o));
    o = letter();
    o.references = {id};
    CHECK(fails(o));
  }
  o = letter();
  o.headers = {{"Bad Name", "x"}};
  CHECK(fails(o));
  o.headers = {{"Return-Path", "<>"}};
  CHECK(fails(o));
  o = letter();
  o.auto_submitted = "no\r\nX: y";
  CHECK(fails(o));
}

TEST_CASE("references are bounded, the first is kept") {
  Outgoing o = letter();
  o.references.clear();
  for (int i = 0; i < 100; ++i) o.references.push_back("<" + std::to_string(i) + "@stat.example>");
  std::string raw = composed(o);
  auto references = parse(raw, Limits()).top().references();
  REQUIRE(references.size() == kMostReferences);
  CHECK(references.front() == "<0@stat.example>");
  CHECK(references[1] == "<81@stat.example>");
  CHECK(references.back() == "<99@stat.example>");
}

TEST_CASE("the id of a reply") {
  std::string id = reply_message_id("2026-000147", 1, "post.example");
  CHECK(id.starts_with("<2026-000147.1."));
  CHECK(id.ends_with("@post.example>"));
  CHECK(id == reply_message_id("2026-000147", 1, "post.example"));
  CHECK(id != reply_message_id("2026-000147", 2, "post.example"));
}

TEST_CASE("letters that say the same share a body; each is whole with its own header") {
  Outgoing mail = letter();
  mail.language = "uk";
  mail.html = "<p>Текст</p>";
  mail.attachments.push_back({"chart.png", "image/png", "PNG bytes", "chart@focalpost"});
  mail.attachments.push_back({"data.csv", "text/csv; charset=utf-8", "a,b\r\n1,2\r\n", ""});
  auto body = compose_body(mail);
  REQUIRE(body.ok());
  Outgoing other = mail;
  other.plain = "Something else.\n";
  auto second = compose_body(other);
  REQUIRE(second.ok());
  // The attachments are the same pieces in both.
  REQUIRE(body->pieces.size() == 5);
  REQUIRE(second->pieces.size() == 5);
  CHECK(body->pieces[0] != second->pieces[0]);
  for (std::size_t i = 1; i < 5; ++i) CHECK(body->pieces[i] == second->pieces[i]);

  mail.headers = {{"List-Id", "<digest.gateway.example>"},
                  {"List-Unsubscribe", "<mailto:gateway@network.example?subject=UNSUBSCRIBE>"}};
  auto header = compose_header(mail, *body);
  REQUIRE(header.ok());
  std::string bytes = *header;
  for (const std::string& piece : body->pieces) bytes += piece;
  const Message message = parse(bytes, Limits{});
  CHECK(message.top().decoded("Subject") == mail.subject);
  CHECK(message.top().decoded("List-Id") == "<digest.gateway.example>");
  CHECK(message.top().decoded("Content-Language") == "uk");
  std::vector<std::string> leaves;
  for (const Part& part : message.parts)
    if (part.is_leaf) leaves.push_back(part.media_type);
  CHECK(leaves == std::vector<std::string>{"text/plain", "text/html", "image/png", "text/csv"});
  CHECK(content(message.parts.back()) == "a,b\r\n1,2\r\n");
  // A plain letter is one piece.
  Outgoing plain = letter();
  plain.html.clear();
  plain.attachments.clear();
  CHECK(compose_body(plain)->pieces.size() == 1);
}
