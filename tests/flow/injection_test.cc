// SPDX-License-Identifier: Apache-2.0
//
// Injection: what a stranger writes into a letter never becomes a header field, a command, a line
// of a log, an element of HTML, a file or a piece of a template. A list of nasty strings goes into
// every field that a stranger controls; then all that came out is taken apart.
#include <set>

#include "catch.h"
#include "outgoing.h"
#include "smtp/fake_smtp.h"

using namespace lab;
using namespace std::string_literals;

namespace {

const std::vector<std::string>& nasty_strings() {
  static const std::vector<std::string> all = {
      // line ends, in every way
      "a\r\nBcc: evil@evil.example", "a\nBcc: evil@evil.example", "a\rBcc: evil@evil.example",
      "a\r\n\r\n<script>alert(1)</script>", "a\n\nbody", "\r\n", "\n", "\r\n\r\n", "a\r\n b",
      "a\r\n\tb", "a\u2028Bcc: evil@evil.example", "a\u2029b", "a\u0085b",
      "a\x0B\x0C"
      "b",
      "x\r\n.\r\nMAIL FROM:<evil@evil.example>\r\nRCPT TO:<evil@evil.example>\r\nDATA\r\n",
      "x\r\na1 DELETE INBOX\r\n", "x {3}\r\nabc", "x {3+}\r\nabc", "\"x\" \\\"y\\\"", "*", "%",
      "~{5}",
      // controls
      "a\0b"s, "\0"s, "\x01\x02\x03", "\x1B[2J\x1B[31mred", "\x7F", "\x08\x08\x08", "\a",
      "\u0080\u009F",
      "\u009B"
      "31m",
      "\xEF\xBB\xBF"
      "bom",
      // directions and what is not seen
      "\u202Exml.exe", "\u202Da\u202C", "\u2066a\u2067b\u2068c\u2069", "\u200Ea\u200F", "\u061C",
      "a\u200Bb\u200Cc\u200Dd\uFEFF",
      // HTML
      "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "\" onmouseover=\"alert(1)",
      "' onmouseover='alert(1)", "</td></tr></table><h1>Filed</h1>", "<!--", "-->", "<![CDATA[x]]>",
      "&lt;script&gt;", "&#60;script&#62;", "&amp;", "javascript:alert(1)",
      "<a href=\"http://evil.example\">x</a>", "<style>*{display:none}</style>",
      "<base href=//evil.example>",
      // templates and formats
      "{{docket}}", "{{{docket}}}", "{{>head.txt}}", "{{#items}}x{{/items}}",
      "{{^items}}x{{/items}}", "{{!x}}", "{{=<% %>=}}", "{{&docket}}", "{0}", "%s%n%n%n",
      "${docket}", "{{\"docket\"}}", "}}", "{{",
      // paths
      "../../../etc/passwd", "/etc/passwd", "..\\..\\x", "C:\\x", "a/b", ".", "..", "-rf", "nul",
      "a:b", "~/x", "$(reboot)", "`reboot`", "|reboot", ";reboot",
      // spreadsheets
      "=1+1", "+1", "-1", "@SUM(A1)", "\t=1+1", "=HYPERLINK(\"http://evil.example\")",
      // SQL and others
      "'; DROP TABLE docket; --", "\" OR 1=1", "\xFF\xFE", "\xC0\xAF", "\xED\xA0\x80",
      "\xF5\x80\x80\x80", std::string(3000, 'A'), std::string(300, '\n'),
      "\u0430\u0301\u0301\u0301\u0301\u0301"};
  return all;
}

std::string percent(std::string_view bytes) {
  std::string out;
  for (char c : bytes) out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  return out;
}
std::string encoded_word(std::string_view bytes) {
  // Short ones: longer than 75 characters are no encoded words.
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += 30)
    out += (at ? "\r\n " : "") +
           fmt::format("=?utf-8?b?{}?=", replaced(base64(bytes.substr(at, 30)), "\r\n", ""));
  return out;
}
std::string csv_cell(std::string_view text) {
  return '"' + replaced(std::string(text), "\"", "\"\"") + '"';
}
std::string xml_value(std::string_view text) {
  std::string out;
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    if (c == '<')
      out += "&lt;";
    else if (c == '&')
      out += "&amp;";
    else if (c == '"')
      out += "&quot;";
    else if (byte < 32 && (c == '\n' || c == '\r' || c == '\t'))
      out += fmt::format("&#{};", int(byte));
    else if (byte >= 32)
      out += c;
  }
  return to_valid_utf8(out);
}

/// A letter with the string wherever a stranger may put one.
std::string letter_with(const std::string& nasty, int number) {
  const std::string plain = one_line(nasty);
  std::string csv = crossings("2026-01", "100");
  csv += "FP:CROSSINGS(1.0),M,MD," + csv_cell(nasty) + ",_T,_T,_T,_T,EVT,2026-01,1,S\r\n";
  csv += "FP:CROSSINGS(1.0),M,MD,ENTRY,_T,_T,_T,_T,EVT," + csv_cell(nasty) + "," + csv_cell(nasty) +
         ",S\r\n";
  std::string other = "DATAFLOW," + csv_cell(nasty) + ",TIME_PERIOD,OBS_VALUE\r\n" +
                      csv_cell(nasty) + ",x,2026-01,1\r\n";
  // Values, then header fields.
  std::string xml = [] {
    std::string raw = letter("01-asylum-xml");
    mime::Message message = mime::parse(raw, Limits{});
    return must(read_all(
        *mime::body_source(message.parts[mime::find_attachments(message).at(0).part]), 1 << 20));
  }();
  xml = replaced(xml, "SEX=\"F\"", "SEX=\"" + xml_value(nasty) + "\"");
  std::string head = xml;
  auto id = head.find("ID>");
  if (id != head.npos) head.insert(id + 3, xml_value(nasty));
  auto part = [](const std::string& disposition, const std::string& type,
                 const std::string& bytes) {
    return "\r\n--=_part\r\nContent-Type: " + type + "\r\nContent-Disposition: attachment; " +
           disposition + "\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64(bytes);
  };
  const std::string name = "filename*=utf-8''" + percent(nasty);
  return "From: " + encoded_word(nasty) + " <border.statistics@border.md.example>\r\n" +
         "To: " + encoded_word(nasty) + " <gateway@network.example>\r\n" +
         "Subject: " + encoded_word(nasty) + "\r\nMessage-ID: <i" + std::to_string(number) + "@" +
         // What a header line can hold as it is.
         replaced(replaced(nasty, "\r", ""), "\n", "") + ">\r\n" + "References: <" +
         encoded_word(nasty) + "@x.example> <ok@x.example>\r\n" +
         "Content-Language: " + encoded_word(nasty) + "\r\nMIME-Version: 1.0\r\n" +
         "Content-Type: multipart/mixed; boundary=\"=_part\"\r\n\r\n" +
         "--=_part\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + nasty + "\r\n" +
         part(name, "text/csv", csv) +
         part(name + percent(".csv"), "text/csv; x*=utf-8''" + percent(nasty), other) +
         part(name + percent(".xml"), "application/xml", xml) +
         part("filename=\"" + encoded_word(nasty + ".xml") + "\"", "application/xml", head) +
         part(name + percent(".txt"), "text/plain; charset*=utf-8''" + percent(nasty), nasty) +
         part(name + percent(".xlsx"), "application/x", "PK\x03\x04" + nasty) +
         "\r\n--=_part--\r\n";
}

/// Every header block of a message as lines, checked line by line as they stand there.
void check_header_block(std::string_view block) {
  // What our own letters have, and no other field, none of them twice.
  static const std::set<std::string> known = {"from",
                                              "to",
                                              "subject",
                                              "date",
                                              "message-id",
                                              "in-reply-to",
                                              "references",
                                              "auto-submitted",
                                              "content-language",
                                              "x-focalpost-gateway",
                                              "mime-version",
                                              "content-type",
                                              "content-transfer-encoding",
                                              "x-auto-response-suppress",
                                              "precedence",
                                              "content-disposition"};
  std::set<std::string> seen;
  for (std::string_view line : split(block, '\n')) {
    if (line.empty()) continue;
    REQUIRE(line.back() == '\r');
    line.remove_suffix(1);
    INFO(line);
    CHECK(std::all_of(line.begin(), line.end(), [](char c) {
      return static_cast<unsigned char>(c) >= 32 && static_cast<unsigned char>(c) < 127;
    }));
    CHECK(line.size() <= 998);
    if (line[0] == ' ') continue;
    const std::string name = ascii_lower(line.substr(0, line.find(':')));
    CHECK(known.count(name) == 1);
    CHECK(seen.insert(name).second);
  }
}

void check_letter(const Reply& reply) {
  const std::string& raw = reply.raw;
  // Lines end in CRLF and nothing else; no controls.
  for (std::size_t i = 0; i < raw.size(); ++i) {
    auto byte = static_cast<unsigned char>(raw[i]);
    if (raw[i] == '\n') {
      REQUIRE(i > 0);
      REQUIRE(raw[i - 1] == '\r');
    } else if (raw[i] == '\r') {
      REQUIRE((i + 1 < raw.size() && raw[i + 1] == '\n'));
    } else {
      REQUIRE((byte >= 32 && byte != 127));
    }
  }
  REQUIRE(reply.message.parts.size() == 3);
  for (const mime::Part& part : reply.message.parts) check_header_block(part.header_block);
  CHECK(reply.message.oddities.empty());
  CHECK(reply.message.top().addresses("To").size() == 1);
  CHECK(one_line(reply.subject()) == reply.subject());

  const std::string plain = reply.text(), html = reply.text("text/html");
  for (const std::string* text : {&plain, &html}) {
    CHECK(is_utf8(*text));
    // Controls and directions are shown as such, never sent.
    for (std::string_view line : split(*text, '\n')) CHECK(one_line(line) == line);
  }
  // Only elements of our templates, without what could run or fetch.
  static const std::set<std::string> elements = {
      "!doctype", "html", "head", "meta",   "title", "body", "p",  "h1",    "h2",    "h3",
      "ul",       "ol",   "li",   "table",  "tr",    "td",   "th", "tbody", "thead", "div",
      "span",     "br",   "hr",   "strong", "em",    "b",    "i",  "small", "code"};
  for (std::size_t at = html.find('<'); at != html.npos; at = html.find('<', at + 1)) {
    std::string_view tag = std::string_view(html).substr(at + 1, html.find('>', at) - at - 1);
    INFO(tag);
    if (tag.starts_with('/')) tag.remove_prefix(1);
    CHECK(elements.count(ascii_lower(tag.substr(0, tag.find_first_of(" >/")))) == 1);
    const std::string lower = ascii_lower(tag);
    for (std::string_view word : {"onerror", "onmouse", "href", "src=", "javascript"})
      CHECK(lower.find(word) == lower.npos);
  }
}

void check_lines(const std::vector<std::string>& all) {
  for (const std::string& text : all) {
    INFO(text);
    CHECK(one_line(text) == text);
  }
}

/// What `show` and `status` print, and what alerts and logs are made of.
void check_docket(const Docket& docket) {
  const Sender& sender = docket.sender;
  check_lines({docket.subject, docket.message_id, docket.reason, sender.address, sender.display,
               sender.provider, sender.contact, sender.lang, sender.why, sender.why_detail,
               sender.remark});
  for (const Item& item : docket.items) {
    check_lines({item.path, item.kind, item.prepared, item.sha256});
    for (const DatasetOutcome& dataset : item.datasets)
      check_lines(
          {dataset.structure, dataset.name_lang_id, dataset.first_period, dataset.last_period});
  }
}

/// All names below a folder are of our making.
void check_files(const fs::path& root) {
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    const std::string name = entry.path().filename().string();
    INFO(name);
    CHECK(name.size() <= 150);
    CHECK(std::all_of(name.begin(), name.end(), [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
             std::string_view("._,=:-").find(c) != std::string_view::npos;
    }));
  }
}

}  // namespace

TEST_CASE("whatever a contact's letter holds, what comes of it has no line that is not ours") {
  Lab lab;
  std::vector<std::string> uids;
  for (const std::string& nasty : nasty_strings())
    uids.push_back(lab.put(letter_with(nasty, static_cast<int>(uids.size()))));
  lab.configure("[limits]\nreplies_per_hour = 100000\n");
  const std::vector<std::string> before = [&] {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(lab.root().parent_path()))
      names.push_back(entry.path().string());
    return names;
  }();
  lab.once();
  for (std::size_t i = 0; i < uids.size(); ++i) {
    INFO(one_line(nasty_strings()[i]).substr(0, 100));
    auto record = lab.docket_of(uids[i]);
    REQUIRE(record);
    CHECK(record->docket.outcome != Outcome::kFailed);
    CHECK(record->docket.sender.registered);
    check_docket(record->docket);
    auto phrases = must(lab.home().phrases().in("ru"));
    for (const Item& item : record->docket.items)
      for (const Finding& finding : item.findings)
        check_lines({finding_sentence(finding, *phrases)});
    auto replies = lab.replies_to(*record);
    REQUIRE(replies.size() == 1);
    CHECK(replies[0]->to() == "border.statistics@border.md.example");
    check_letter(*replies[0]);
  }
  for (const Event& event : must(lab.home().store().events().last(1000))) check_lines({event.text});
  check_files(lab.root());
  std::vector<std::string> after;
  for (const auto& entry : fs::directory_iterator(lab.root().parent_path()))
    after.push_back(entry.path().string());
  CHECK(after == before);
}

TEST_CASE("template syntax in data stands in the reply as it was written") {
  for (const char* nasty : {"{{docket}}", "{{{docket}}}", "{{>head.txt}}", "{{&docket}}"}) {
    Lab lab;
    std::string uid = lab.put(letter_with(nasty, 1));
    lab.once();
    auto reply = std::move(lab.replies_to(*lab.docket_of(uid)).at(0));
    INFO(nasty);
    CHECK(reply->text().find(nasty) != std::string::npos);
    CHECK(reply->text("text/html").find(escape_html(nasty)) != std::string::npos);
  }
}

TEST_CASE("direction marks in a name are shown as such") {
  Lab lab;
  std::string bytes = replaced(Letter().attach("x", "not data").bytes(), "filename=\"x\"",
                               "filename*=utf-8''report%E2%80%AEfdp.xml");
  bytes = replaced(bytes, "Subject: Border crossings", "Subject: =?utf-8?q?a=E2=80=AEb?=");
  std::string marked = lab.put(bytes);
  lab.once();
  auto record = lab.docket_of(marked);
  REQUIRE(record);
  CHECK(record->docket.subject == "a<U+202E>b");
  auto reply = std::move(lab.replies_to(*record).at(0));
  CHECK(reply->subject().find("a<U+202E>b") != std::string::npos);
  CHECK(reply->text().find("\u202E") == std::string::npos);
}

TEST_CASE(
    "whatever a stranger's address holds, the mail server hears only whole commands of ours") {
  smtp::FakeSmtp server;
  Post post(server.port());
  std::vector<std::string> addresses;
  for (const std::string& nasty : nasty_strings()) {
    const std::string flat = replaced(replaced(nasty, "\r", ""), "\n", "");
    addresses.push_back("\"" + replaced(replaced(nasty, "\\", "\\\\"), "\"", "\\\"") +
                        "\"@evil.example");
    addresses.push_back(flat + "@evil.example");
    addresses.push_back("<" + flat + "@evil.example>");
    addresses.push_back("x@" + flat + ".example");
    addresses.push_back(encoded_word(nasty + "@evil.example"));
    addresses.push_back("x <x@evil.example\r\n " + nasty + ">");
  }
  // Each a person's letter that gets a help text, as far as it can be answered at all.
  std::size_t answered = 0;
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    post.lab.put("From: " + addresses[i] +
                 "\r\nTo: gateway@network.example\r\nSubject: x\r\nMessage-ID: <n" +
                 std::to_string(i) + "@x.example>\r\n\r\nHello\r\n");
    if (i % 25 != 24 && i + 1 != addresses.size()) continue;
    // Strangers are answered only so many times an hour.
    post.lab.clock.advance(std::chrono::hours(2));
    answered += post.lab.once().sent;
  }
  CHECK(answered > 10);
  std::set<std::string> words;
  for (const std::string& command : server.commands()) {
    INFO(command);
    CHECK(one_line(command) == command);
    const std::string word = command.substr(0, command.find_first_of(" :"));
    words.insert(word);
    if (command.starts_with("MAIL FROM:") || command.starts_with("RCPT TO:")) {
      CHECK(std::count(command.begin(), command.end(), '<') == 1);
      CHECK(std::count(command.begin(), command.end(), '>') == 1);
    }
  }
  CHECK(words == std::set<std::string>{"DATA", "EHLO", "MAIL", "QUIT", "RCPT"});
  CHECK(server.failures().empty());
  // Nobody but who wrote: no second recipient came out of an address.
  std::set<std::string> senders;
  for (const DocketRecord& record : must(post.store().dockets().latest(10'000))) {
    check_docket(record.docket);
    senders.insert(record.docket.sender.address);
  }
  for (const std::string& command : server.commands()) {
    if (!command.starts_with("RCPT TO:<")) continue;
    INFO(command);
    CHECK(senders.count(command.substr(9, command.find('>') - 9)) == 1);
  }
}
