// SPDX-License-Identifier: Apache-2.0
//
// What strangers and broken programs send: each as a mail from a registered contact. Whatever it
// is, the pass ends, the docket says what was wrong, the sender gets one reply in words, the
// message lies in its folder, and the next message in the mailbox is processed.
#include <memory>

#include "catch.h"
#include "lab.h"

using namespace lab;

namespace {

Letter from_kg() {
  Letter letter;
  letter.from = "asylum.statistics@migration.kg.example";
  return letter;
}

/// Delivers it with a sound letter behind it, makes one pass, and checks what holds for every
/// hostile message: one docket, one reply of several words, the folder of its outcome, the next one
/// filed.
struct Judged {
  Lab lab;
  DocketRecord record;
  std::unique_ptr<Reply> reply;

  explicit Judged(const std::string& bytes, std::string_view more_settings = {}) {
    if (!more_settings.empty()) lab.configure(more_settings);
    std::string uid = lab.put(bytes);
    lab.clock.advance(std::chrono::seconds(1));
    std::string next = lab.put(Letter().attach("next.csv", crossings("2026-02", "551351")).bytes());
    PassResult pass = lab.once();
    CHECK(pass.intake.dockets.size() == 2);
    CHECK(lab.count(Folder::kInbox) == 0);
    auto found = lab.docket_of(uid);
    REQUIRE(found);
    record = *found;
    CHECK(record.docket.outcome != Outcome::kFailed);
    CHECK(lab.folder_of(uid) == record.folder);
    CHECK(record.folder == folder_name(focalpost::folder_of(record.docket.outcome)));
    auto after = lab.docket_of(next);
    REQUIRE(after);
    // Unchanged if the hostile one itself brought the same figure.
    CHECK(after->folder == "Filed");
    auto mails = lab.replies_to(record);
    REQUIRE(mails.size() == 1);
    reply = std::move(mails[0]);
    std::string text = reply->text();
    CHECK(text.find(record.docket.number.text()) != std::string::npos);
    CHECK(std::count(text.begin(), text.end(), ' ') > 20);
    if (bytes.find("{{") == std::string::npos) CHECK(text.find("{{") == std::string::npos);
    CHECK(is_utf8(text));
    CHECK(is_utf8(reply->text("text/html")));
  }
  Outcome outcome() const { return record.docket.outcome; }
  /// The rules of all listed findings, each once, in order of appearance.
  std::string rules() const {
    std::vector<std::string_view> seen;
    for (const Item& item : record.docket.items)
      for (const Finding& finding : item.findings)
        if (std::find(seen.begin(), seen.end(), finding.rule->id) == seen.end())
          seen.push_back(finding.rule->id);
    return fmt::format("{}", fmt::join(seen, " "));
  }
  bool says(std::string_view rule) const {
    for (const Item& item : record.docket.items)
      for (const Finding& finding : item.findings)
        if (finding.rule->id == rule) return true;
    return false;
  }
  const Item& item(std::size_t n = 0) const { return record.docket.items.at(n); }
};

/// A rejected attachment of that name and content, from Kyrgyzstan's asylum statistics.
void check_rejected(std::string name, std::string bytes, std::string_view rule) {
  Judged verdict(from_kg().attach(std::move(name), std::move(bytes)).bytes());
  INFO(verdict.rules());
  CHECK(verdict.outcome() == Outcome::kRejected);
  CHECK(verdict.says(rule));
  CHECK(verdict.lab.number("SELECT count(*) FROM data WHERE provider = 'KG_SMS'") == 0);
}
void check_filed(std::string name, std::string bytes, std::string_view warning = {}) {
  Judged verdict(from_kg().attach(std::move(name), std::move(bytes)).bytes());
  INFO(verdict.rules());
  CHECK(verdict.outcome() == Outcome::kFiled);
  if (!warning.empty()) CHECK(verdict.says(warning));
  CHECK(verdict.lab.number("SELECT count(*) FROM data WHERE provider = 'KG_SMS'") == 54);
}

// Archives by hand, so that they can lie. CRC-32 of IEEE 802.3, bit by bit: the files are small.
std::uint32_t crc32(std::string_view bytes, std::uint32_t crc = 0) {
  crc = ~crc;
  for (char c : bytes) {
    crc ^= static_cast<unsigned char>(c);
    for (int i = 0; i < 8; ++i) crc = crc >> 1 ^ (0xEDB88320u & (0u - (crc & 1)));
  }
  return ~crc;
}
void put16(std::string& out, std::uint32_t n) {
  out += char(n & 255);
  out += char(n >> 8 & 255);
}
void put32(std::string& out, std::uint32_t n) {
  put16(out, n & 0xFFFF);
  put16(out, n >> 16);
}
/// A zip of stored members.
std::string zip(const std::vector<std::pair<std::string, std::string>>& members) {
  std::string out, directory;
  for (const auto& [name, bytes] : members) {
    std::string head;
    put16(head, 20), put16(head, 0x800), put16(head, 0), put16(head, 0), put16(head, 0x5C21);
    put32(head, crc32(bytes)), put32(head, std::uint32_t(bytes.size()));
    put32(head, std::uint32_t(bytes.size())), put16(head, std::uint32_t(name.size())),
        put16(head, 0);
    directory += "PK\1\2";
    put16(directory, 20);
    directory += head;
    put16(directory, 0), put16(directory, 0), put16(directory, 0), put32(directory, 0);
    put32(directory, std::uint32_t(out.size()));
    directory += name;
    out += "PK\3\4" + head + name + bytes;
  }
  std::uint32_t at = std::uint32_t(out.size());
  out += directory + "PK\5\6";
  put32(out, 0);
  put16(out, std::uint32_t(members.size() & 0xFFFF)),
      put16(out, std::uint32_t(members.size() & 0xFFFF));
  put32(out, std::uint32_t(directory.size())), put32(out, at), put16(out, 0);
  return out;
}

/// A gzip file: `head` stored as it is, then `gigabytes` GiB of `filler` at deflate's utmost, 1,032
/// to 1: with a Huffman code of its own (RFC 1951 3.2.7) "258 bytes as before" is two bits, both
/// zero. It never ends properly: nobody should come that far.
std::string gzip_bomb(std::uint64_t gigabytes, std::string_view head, char filler) {
  std::string out("\x1f\x8b\x08\0\0\0\0\0\0\x03", 10);
  out += '\0';  // not the last block, stored
  put16(out, std::uint32_t(head.size()));
  put16(out, ~std::uint32_t(head.size()) & 0xFFFF);
  out += head;
  std::uint64_t bits = 0;
  int held = 0;
  auto put = [&](std::uint32_t value, int count) {  // least significant bit first
    bits |= std::uint64_t(value) << held;
    for (held += count; held >= 8; held -= 8, bits >>= 8) out += char(bits & 255);
  };
  auto code = [&](std::uint32_t value, int count) {  // Huffman codes: most significant bit first
    while (count-- > 0) put(value >> count & 1, 1);
  };
  put(1, 1), put(2, 2);               // the last block, codes of its own
  put(29, 5), put(0, 5), put(14, 4);  // 286 lengths of literals, 1 distance, 18 of the lengths
  for (int place = 0; place < 18; ++place)  // 17, 18, 2 and 1 get two bits each
    put(place == 1 || place == 2 || place == 15 || place == 17 ? 2 : 0, 3);
  auto one_bit = [&] { code(0, 2); };
  auto two_bits = [&] { code(1, 2); };
  auto absent = [&](std::uint32_t count) {
    while (count > 0) {
      std::uint32_t now = std::min(count, 138u);
      if (now >= 11)
        code(3, 2), put(now - 11, 7);
      else
        code(2, 2), put(now - 3, 3);
      count -= now;
    }
  };
  auto literal = std::uint32_t(static_cast<unsigned char>(filler));
  absent(literal), two_bits();        // the filler: 10
  absent(255 - literal), two_bits();  // the end of the block: 11
  absent(28), one_bit();              // 258 bytes: 0
  one_bit();                          // from one byte before: 0
  code(2, 2);                         // the filler, once
  put(0, 7);
  out.append((gigabytes << 30) / 1032, '\0');
  return out;
}

std::string utf16(std::string_view utf8, bool big_endian) {
  std::string out;
  auto unit = [&](std::uint32_t u) {
    out += char(big_endian ? u >> 8 : u & 255);
    out += char(big_endian ? u & 255 : u >> 8);
  };
  unit(0xFEFF);
  for (std::size_t i = 0; i < utf8.size();) {
    auto lead = static_cast<unsigned char>(utf8[i]);
    auto tail = [&](std::size_t k) { return static_cast<unsigned char>(utf8[i + k]) & 0x3Fu; };
    if (lead < 0x80)
      unit(lead), i += 1;
    else if (lead < 0xE0)
      unit((lead & 0x1Fu) << 6 | tail(1)), i += 2;
    else
      unit((lead & 0x0Fu) << 12 | tail(1) << 6 | tail(2)), i += 3;
  }
  return out;
}
/// Russian text and ASCII only.
std::string windows1251(std::string_view utf8) {
  std::string out;
  for (std::size_t i = 0; i < utf8.size();) {
    auto lead = static_cast<unsigned char>(utf8[i]);
    if (lead < 0x80) {
      out += utf8[i++];
      continue;
    }
    std::uint32_t c = (lead & 0x1Fu) << 6 | (static_cast<unsigned char>(utf8[i + 1]) & 0x3Fu);
    out += char(c - 0x410 + 0xC0);
    i += 2;
  }
  return out;
}

}  // namespace

TEST_CASE("the undamaged file is filed, so that each change below is what matters") {
  check_filed("asylum.xml", asylum_xml());
}

TEST_CASE("XML that is not whole or not ours") {
  SECTION("it breaks off") {
    check_rejected("a.xml", asylum_xml().substr(0, asylum_xml().size() / 2), "truncated");
  }
  SECTION("it breaks off in its header") {
    check_rejected("a.xml", asylum_xml().substr(0, 900), "truncated");
  }
  SECTION("no XML at all") {
    check_rejected("a.xml", "Dear colleagues,\nthe table:\n1 2 3\n", "not-data");
  }
  SECTION("bytes without meaning") {
    std::string noise;
    for (unsigned i = 0, x = 1; i < 5000; ++i) noise += char((x = x * 1664525 + 1013904223) >> 24);
    check_rejected("a.xml", noise, "not-data");
  }
  SECTION("another root") {
    check_rejected("a.xml", "<?xml version=\"1.0\"?>\n<invoice><total>5</total></invoice>\n",
                   "not-sdmx");
  }
  SECTION("a structure that nobody knows") {
    check_rejected("a.xml", replaced(asylum_xml(), "id=\"ASYLUM\"", "id=\"NOBODY\""),
                   "unknown-structure");
  }
  SECTION("a tag that is not closed by its own name") {
    check_rejected("a.xml", replaced(asylum_xml(), "</mes:DataSet>", "</mes:DataSett>"),
                   "not-well-formed");
  }
  SECTION("one level after the other") {
    std::string deep = asylum_xml().substr(0, asylum_xml().find("<Series"));
    for (int i = 0; i < 300000; ++i) deep += "<Series>";
    Judged verdict(from_kg().attach("a.xml", deep).bytes());
    CHECK(verdict.outcome() == Outcome::kRejected);
  }
}

TEST_CASE("five hundred wrong codes: all are counted, two hundred listed") {
  std::string xml = asylum_xml().substr(0, asylum_xml().find("<Series"));
  for (int i = 0; i < 500; ++i)
    xml += fmt::format(
        "<Series FREQ=\"M\" REF_AREA=\"KG\" CITIZENSHIP=\"X{}\" APPLICANT=\"_T\" SEX=\"_T\" "
        "AGE=\"_T\" "
        "UNIT_MEASURE=\"PER\" TIME_PER_COLLECT=\"S\"><Obs TIME_PERIOD=\"2026-01\" "
        "OBS_VALUE=\"1\"/></Series>\n",
        i);
  xml += "</mes:DataSet></mes:StructureSpecificData>";
  Judged verdict(from_kg().attach("a.xml", xml).bytes());
  INFO(verdict.rules());
  CHECK(verdict.outcome() == Outcome::kRejected);
  CHECK(verdict.item().errors == 500);
  CHECK(verdict.item().findings.size() == 200);
  CHECK(verdict.says("unknown-code"));
  CHECK(verdict.reply->text().find("500") != std::string::npos);
}

TEST_CASE("XML that attacks its parser") {
  std::string body = asylum_xml().substr(asylum_xml().find("<mes:StructureSpecificData"));
  SECTION("a DTD") {
    check_rejected("a.xml",
                   "<?xml version=\"1.0\"?>\n<!DOCTYPE d SYSTEM \"file:///etc/passwd\">\n" + body,
                   "dtd-refused");
  }
  SECTION("billion laughs") {
    std::string laughs = "<?xml version=\"1.0\"?>\n<!DOCTYPE d [<!ENTITY a0 \"ha\">\n";
    for (int i = 1; i < 30; ++i) {
      std::string ten;
      for (int k = 0; k < 10; ++k) ten += fmt::format("&a{};", i - 1);
      laughs += fmt::format("<!ENTITY a{} \"{}\">\n", i, ten);
    }
    laughs += "]>\n" + replaced(body, "KG_SMS_ASYLUM_2026Q1", "&a29;");
    check_rejected("a.xml", laughs, "dtd-refused");
  }
  SECTION("four hundred thousand attributes on one element") {
    std::string many = asylum_xml().substr(0, asylum_xml().find("<Series"));
    many += "<Series";
    for (int i = 0; i < 400000; ++i) many += fmt::format(" A{}=\"1\"", i);
    check_rejected("a.xml", many + "/></mes:DataSet></mes:StructureSpecificData>",
                   "xml-tag-too-long");
  }
  SECTION("a comment without end") {
    std::string comment = asylum_xml().substr(0, asylum_xml().find("<Series")) + "<!--";
    Judged verdict(from_kg().attach("a.xml", comment + std::string(20 << 20, '-')).bytes());
    CHECK(verdict.outcome() == Outcome::kRejected);
  }
}

TEST_CASE("archives that are larger inside than out") {
  SECTION("ten gigabytes in ten megabytes, of data as it seems") {
    std::string bomb = gzip_bomb(10, crossings("2026-01", "7"), '\n');
    CHECK(bomb.size() < 11 << 20);
    check_rejected("a.csv.gz", bomb, "archive-ratio");
  }
  SECTION("the same as one endless text in XML") {
    std::string head = asylum_xml().substr(0, asylum_xml().find("<Series"));
    check_rejected("a.xml.gz", gzip_bomb(10, head + "<!--", 'x'), "xml-tag-too-long");
  }
  SECTION("the same without a beginning") {
    check_rejected("a.gz", gzip_bomb(10, "", 'x'), "not-data");
  }
  SECTION("the same in an archive that says a smaller size") {
    std::string bomb = gzip_bomb(10, crossings("2026-01", "7"), '\n');
    put32(bomb, 0), put32(bomb, 100);
    check_rejected("a.csv.gz", bomb, "archive-ratio");
  }
  SECTION("ten thousand members") {
    std::vector<std::pair<std::string, std::string>> members;
    for (int i = 0; i < 10000; ++i)
      members.emplace_back(fmt::format("{}.csv", i), crossings("2026-01", "1"));
    Judged verdict(Letter().attach("a.zip", zip(members)).bytes());
    INFO(verdict.rules());
    CHECK(verdict.outcome() == Outcome::kRejected);
    CHECK(verdict.says("archive-members"));
    CHECK(verdict.record.docket.items.size() < 20);
  }
  SECTION("a zip in a zip in a zip") {
    std::string inner = zip({{"a.csv", crossings("2026-01", "1")}});
    Judged verdict(Letter().attach("a.zip", zip({{"b.zip", zip({{"c.zip", inner}})}})).bytes());
    INFO(verdict.rules());
    CHECK(verdict.outcome() == Outcome::kRejected);
    CHECK(verdict.says("archive-nested"));
  }
  SECTION("names that climb out of the folder are names only") {
    Judged verdict(
        Letter()
            .attach("a.zip", zip({{"../../../../etc/cron.d/x.csv", crossings("2026-01", "1")}}))
            .bytes());
    CHECK(verdict.outcome() == Outcome::kFiled);
  }
  SECTION("damaged") {
    std::string bytes = zip({{"a.csv", crossings("2026-01", "1")}});
    check_rejected("a.zip", bytes.substr(0, bytes.size() / 2), "archive-damaged");
  }
}

TEST_CASE("messages that are too much") {
  SECTION("a hundred thousand nested parts") {
    std::string bytes =
        "From: asylum.statistics@migration.kg.example\r\nTo: gateway@network.example\r\n"
        "Subject: nested\r\nMessage-ID: <nested@kg.example>\r\nMIME-Version: 1.0\r\n";
    for (int i = 0; i < 100000; ++i)
      bytes += fmt::format("Content-Type: multipart/mixed; boundary=b{}\r\n\r\n--b{}\r\n", i, i);
    Judged verdict(bytes);
    CHECK(verdict.outcome() != Outcome::kFiled);
  }
  SECTION("a hundred thousand parts side by side") {
    std::string bytes =
        "From: asylum.statistics@migration.kg.example\r\nTo: gateway@network.example\r\n"
        "Subject: many\r\nMessage-ID: <many@kg.example>\r\nMIME-Version: 1.0\r\n"
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n";
    for (int i = 0; i < 100000; ++i)
      bytes +=
          fmt::format("--b\r\nContent-Type: text/csv; name=\"{}.csv\"\r\n\r\nA,B\r\n1,2\r\n", i);
    Judged verdict(bytes);
    INFO(verdict.rules());
    CHECK(verdict.outcome() == Outcome::kRejected);
    CHECK(verdict.says("too-many-parts"));
    CHECK(verdict.record.docket.items.size() == 1);
  }
  SECTION("more attachments than are judged") {
    Letter letter;
    for (int i = 0; i < 60; ++i) letter.attach("c.csv", crossings("2026-01", "7"));
    Judged verdict(letter.bytes());
    CHECK(verdict.outcome() == Outcome::kRejected);
    CHECK(verdict.says("too-many-attachments"));
    CHECK(verdict.record.docket.items.size() == 51);
    CHECK(verdict.item(0).outcome == Outcome::kFiled);
  }
  SECTION("a header of four megabytes, in one field") {
    Letter letter = from_kg();
    letter.headers = "X-Long: " + std::string(4 << 20, 'x') + "\r\n";
    Judged verdict(letter.attach("a.xml", asylum_xml()).bytes());
    CHECK(verdict.outcome() != Outcome::kFailed);
  }
  SECTION("a header of four megabytes, in many fields") {
    Letter letter = from_kg();
    for (int i = 0; i < 80000; ++i)
      letter.headers += fmt::format("X-{}: {}\r\n", i, std::string(40, 'x'));
    Judged verdict(letter.attach("a.xml", asylum_xml()).bytes());
    CHECK(verdict.outcome() != Outcome::kFailed);
  }
}

TEST_CASE("nothing to judge") {
  SECTION("no attachment, though the text speaks of one") {
    Judged verdict(from_kg().bytes());
    CHECK(verdict.outcome() == Outcome::kAnswered);
    CHECK(verdict.says("attachment-forgotten"));
  }
  SECTION("an empty attachment") {
    check_rejected("a.xml", "", "empty-file");
  }
  SECTION("a file of spaces") {
    check_rejected("a.csv", "   \r\n\r\n", "empty-file");
  }
  SECTION("a CSV of a header line alone") {
    Judged verdict(Letter().attach("a.csv", std::string(kCrossingsHead)).bytes());
    INFO(verdict.rules());
    CHECK(verdict.outcome() != Outcome::kFiled);
  }
}

TEST_CASE("encodings") {
  auto declared = [](std::string_view name) {
    return replaced(asylum_xml(), "encoding=\"UTF-8\"", fmt::format("encoding=\"{}\"", name));
  };
  SECTION("a byte order mark") {
    check_filed("a.xml", "\xEF\xBB\xBF" + asylum_xml());
  }
  SECTION("UTF-16, little-endian") {
    check_filed("a.xml", utf16(declared("UTF-16"), false));
  }
  SECTION("UTF-16, big-endian") {
    check_filed("a.xml", utf16(declared("UTF-16"), true));
  }
  SECTION("windows-1251, declared") {
    check_filed("a.xml", windows1251(declared("windows-1251")));
  }
  SECTION("ISO-8859-1, declared, of ASCII letters") {
    check_filed("a.xml",
                replaced(declared("ISO-8859-1"), "Вся территория страны", "whole country"));
  }
  SECTION("windows-1251, not declared") {
    check_rejected("a.xml", windows1251(asylum_xml()), "bad-encoding");
  }
  SECTION("an encoding that nobody knows") {
    check_rejected("a.xml", declared("x-user-defined"), "bad-encoding");
  }
  SECTION("a CSV in windows-1251") {
    std::string csv = replaced(crossings("2026-01", "7"), "TIME_PER_COLLECT\r\n",
                               "TIME_PER_COLLECT,COMMENT_OBS\r\n");
    csv = windows1251(replaced(csv, ",7,S\r\n", ",7,S,Предварительные данные\r\n"));
    Judged verdict(Letter().attach("a.csv", csv).bytes());
    INFO(verdict.rules());
    CHECK(verdict.outcome() != Outcome::kFailed);
  }
}

TEST_CASE("data that contradict each other or belong to others") {
  SECTION("a series twice, with the same values") {
    std::string csv =
        crossings("2026-01", "7") + "FP:CROSSINGS(1.0),M,MD,ENTRY,_T,_T,_T,_T,EVT,2026-01,7,S\r\n";
    Judged verdict(Letter().attach("a.csv", csv).bytes());
    INFO(verdict.rules());
    CHECK(verdict.outcome() == Outcome::kFiled);
    CHECK(verdict.says("duplicate-equal"));
  }
  SECTION("a series twice, with different values") {
    std::string csv =
        crossings("2026-01", "7") + "FP:CROSSINGS(1.0),M,MD,ENTRY,_T,_T,_T,_T,EVT,2026-01,8,S\r\n";
    Judged verdict(Letter().attach("a.csv", csv).bytes());
    INFO(verdict.rules());
    CHECK(verdict.outcome() == Outcome::kRejected);
    CHECK(verdict.says("duplicate-conflict"));
  }
  SECTION("a series element twice") {
    std::string xml = asylum_xml();
    auto first = xml.find("<Series"), end = xml.find("</Series>") + 9;
    xml.insert(end, xml.substr(first, end - first));
    check_filed("a.xml", xml, "duplicate-series");
  }
  SECTION("another country") {
    Judged verdict(Letter().attach("a.csv", crossings("2026-01", "7", "KZ")).bytes());
    INFO(verdict.rules());
    CHECK(verdict.outcome() == Outcome::kRejected);
    CHECK(verdict.says("not-owner"));
  }
  SECTION("two attachments, one bad") {
    Judged verdict(Letter()
                       .attach("bad.csv", crossings("2026-99", "7"))
                       .attach("good.csv", crossings("2026-01", "7"))
                       .bytes());
    CHECK(verdict.outcome() == Outcome::kRejected);
    CHECK(verdict.item(0).outcome == Outcome::kRejected);
    CHECK(verdict.item(1).outcome == Outcome::kFiled);
  }
}

TEST_CASE("envelopes out of order") {
  SECTION("To: undisclosed-recipients:") {
    Letter letter = from_kg();
    letter.to = "undisclosed-recipients:;";
    Judged verdict(letter.attach("a.xml", asylum_xml()).bytes());
    CHECK(verdict.outcome() == Outcome::kFiled);
  }
  SECTION("no Message-ID, no Date") {
    std::string bytes = from_kg().attach("a.xml", asylum_xml()).bytes();
    bytes = replaced(bytes, "Message-ID:", "X-Was-Message-ID:");
    Judged verdict(replaced(bytes, "Date:", "X-Was-Date:"));
    CHECK(verdict.outcome() == Outcome::kFiled);
    CHECK(verdict.reply->header("In-Reply-To").empty());
  }
  SECTION("base64 with a piece missing and foreign letters") {
    std::string bytes = from_kg().attach("a.xml", asylum_xml()).bytes();
    auto middle = bytes.find("\r\n\r\n", bytes.find("filename=")) + 2000;
    bytes.replace(middle, 20, "!!|*ж\x80\xFF^^~{}[]()<>;?!");
    Judged verdict(bytes);
    INFO(verdict.rules());
    CHECK(verdict.outcome() == Outcome::kRejected);
    CHECK(verdict.says("damaged-encoding"));
    CHECK(verdict.lab.number("SELECT count(*) FROM data WHERE provider = 'KG_SMS'") == 0);
  }
  SECTION("base64 that is damaged only after the data's end") {
    std::string csv = crossings("2026-01", "7");
    std::string bytes =
        Letter().attach("a.csv", csv + std::string((3 - csv.size() % 3) % 3, '\n')).bytes();
    auto end = bytes.rfind("\r\n--=_part--");
    bytes.insert(end, "\x01\x02");
    Judged verdict(bytes);
    CHECK(verdict.outcome() != Outcome::kFailed);
  }
}

TEST_CASE("what strangers choose cannot write header fields, HTML or templates into our replies") {
  auto check_clean = [](const Judged& verdict) {
    const mime::Headers& top = verdict.reply->message.top();
    CHECK_FALSE(top.has("Bcc"));
    CHECK_FALSE(top.has("X-Evil"));
    CHECK(top.addresses("To").size() == 1);
    CHECK(verdict.reply->message.parts.size() == 3);  // alternative of plain and HTML
    std::string html = verdict.reply->text("text/html");
    CHECK(html.find("<script") == std::string::npos);
    CHECK(html.find("<img") == std::string::npos);
    CHECK(verdict.reply->raw.find('\0') == std::string::npos);
  };
  SECTION("line ends in the subject, encoded") {
    Letter letter = from_kg();
    // "x\r\nBcc: a@b.example\r\n\r\n<script>" as an encoded word
    letter.subject = "=?utf-8?q?x=0D=0ABcc:_a@b.example=0D=0A=0D=0A<script>=00{{subject}}?=";
    Judged verdict(letter.attach("a.xml", asylum_xml()).bytes());
    CHECK(verdict.outcome() == Outcome::kFiled);
    check_clean(verdict);
    CHECK(verdict.record.docket.subject.find('\n') == std::string::npos);
  }
  SECTION("line ends and NUL in a file name, by RFC 2231") {
    std::string bytes = from_kg().attach("a.xml", asylum_xml().substr(0, 2000)).bytes();
    bytes =
        replaced(bytes, "filename=\"a.xml\"",
                 "filename*=utf-8''a%0D%0ABcc%3A%20a%40b.example%0D%0A%0D%0A%00%3Cscript%3E.xml");
    Judged verdict(bytes);
    CHECK(verdict.outcome() == Outcome::kRejected);
    check_clean(verdict);
  }
  SECTION("HTML and mustache in a file name") {
    Judged verdict(from_kg()
                       .attach("{{subject}}{{{docket}}}<img src=x onerror=alert(1)>&amp;.xml",
                               asylum_xml().substr(0, 2000))
                       .bytes());
    CHECK(verdict.outcome() == Outcome::kRejected);
    std::string html = verdict.reply->text("text/html");
    CHECK(html.find("<img") == std::string::npos);
    // The name itself, neither filled in nor taken for HTML.
    CHECK(verdict.reply->text().find("{{subject}}{{{docket}}}<img src=x onerror=alert(1)>") !=
          std::string::npos);
    CHECK(html.find("&lt;img src=x") != std::string::npos);
  }
  SECTION("HTML and mustache in a code") {
    Judged verdict(from_kg()
                       .attach("a.xml", replaced(asylum_xml(), "SEX=\"F\"",
                                                 "SEX=\"&lt;script&gt;[[x]]&lt;/script&gt;\""))
                       .bytes());
    CHECK(verdict.outcome() == Outcome::kRejected);
    check_clean(verdict);
    CHECK(verdict.reply->text().find("<script>") !=
          std::string::npos);  // as text, where it is harmless
  }
  SECTION("line ends in a code") {
    Judged verdict(
        from_kg()
            .attach("a.xml", replaced(asylum_xml(), "SEX=\"F\"",
                                      "SEX=\"F&#13;&#10;Bcc: a@b.example&#10;&#10;-- &#10;\""))
            .bytes());
    CHECK(verdict.outcome() == Outcome::kRejected);
    check_clean(verdict);
  }
  SECTION("a Message-ID that is no id") {
    Letter letter = from_kg();
    letter.id = "<a b\x01 c@d>\r\n X-Evil: 1";
    Judged verdict(letter.attach("a.xml", asylum_xml()).bytes());
    check_clean(verdict);
  }
  SECTION("a From that tries") {
    Letter letter;
    letter.from = "\"=?utf-8?q?x=0D=0AX-Evil:_1?=\" <asylum.statistics@migration.kg.example>";
    Judged verdict(letter.attach("a.xml", asylum_xml()).bytes());
    check_clean(verdict);
  }
}

/// What went wrong in a pass: with a mailbox, or altogether.
static Error trouble_of(const Result<PassResult>& pass) {
  if (!pass.ok()) return pass.error();
  REQUIRE(pass->trouble);
  return *pass->trouble;
}

TEST_CASE("a full disk is nobody's fault: the letters stay in INBOX and nobody is charged") {
  Lab lab;
  lab.close();
  std::string settings = must(read_file(lab.root() / "focalpost.toml"));
  must(write_file_durably(lab.root() / "focalpost.toml",
                          replaced(settings, "# low_disk_mb = 200 ", "low_disk_mb = 100000000 ")));
  lab.open();
  std::string uid = lab.put(Letter().attach("c.csv", crossings("2026-01", "100")).bytes());
  for (int i = 0; i < 12; ++i) {
    auto pass = run_once(lab.home(), lab.clock);
    CHECK(trouble_of(pass).retry_helps());
  }
  CHECK(lab.folder_of(uid) == "INBOX");
  CHECK(lab.number("SELECT count(*) FROM in_hand") == 0);
  CHECK(lab.number("SELECT count(*) FROM docket") == 0);
  must(write_file_durably(lab.root() / "focalpost.toml", settings));
  lab.close();
  lab.open();
  lab.once();
  CHECK(lab.folder_of(uid) == "Filed");
}

TEST_CASE("a failure that passes leaves the letters in INBOX and charges nobody") {
  // SQLite says FULL where the file may not grow: the page limit stands for the full disk.
  Lab lab;
  std::string uid = lab.put(letter("02-asylum-decisions-generic"));
  std::int64_t pages = lab.number("PRAGMA page_count");
  for (int i = 0; i < 12; ++i) {
    lab.number(fmt::format("PRAGMA max_page_count = {}", pages));
    auto pass = run_once(lab.home(), lab.clock);
    INFO(trouble_of(pass).what);
    CHECK(trouble_of(pass).retry_helps());
    CHECK(lab.folder_of(uid) == "INBOX");
  }
  lab.number("PRAGMA max_page_count = 1000000");
  CHECK(lab.number("SELECT coalesce(sum(charge), 0) FROM in_hand") == 0);
  lab.once();
  CHECK(lab.folder_of(uid) == "Filed");
  CHECK(lab.number("SELECT count(*) FROM docket") == 1);
}
