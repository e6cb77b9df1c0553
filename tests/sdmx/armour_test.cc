// SPDX-License-Identifier: Apache-2.0
//
// Hostile and damaged XML, and character sets. No test here may take long or need memory.
#include <functional>

#include "sdmx_fixture.h"

namespace focalpost {

using Lines = std::vector<std::string>;
using namespace std::string_view_literals;

namespace {

/// Bytes made as they are asked for, so that a test of many megabytes holds none of them.
class MadeSource final : public ByteSource {
 public:
  MadeSource(std::string head, std::string piece, std::uint64_t pieces)
      : head_(std::move(head)), pieces_(pieces) {
    while (block_.size() + piece.size() <= kMaxSpan) block_ += piece, ++in_block_;
  }
  Result<std::span<const char>> next() override {
    if (!started_) {
      started_ = true;
      return std::span<const char>(head_);
    }
    if (pieces_ == 0) return std::span<const char>();
    pieces_ -= std::min(pieces_, in_block_);
    given_ += block_.size();
    return std::span<const char>(block_);
  }
  std::uint64_t given() const { return given_; }

 private:
  std::string head_, block_;
  std::uint64_t pieces_, in_block_ = 0, given_ = 0;
  bool started_ = false;
};

Reading read_made(MadeSource& source, const std::string& head) {
  Reading r;
  auto network = small_network();
  read_data(source, head, network, r);
  return r;
}

}  // namespace

TEST_CASE("a document type is refused, whatever is in it") {
  auto network = small_network();
  std::string good = ss_message("");
  good.erase(0, good.find("?>") + 2);
  const std::string laughs =
      "<!DOCTYPE r [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;\">]>";
  for (const std::string& dtd :
       {laughs, std::string("<!DOCTYPE r SYSTEM \"file:///etc/passwd\">"),
        std::string("<!DOCTYPE r [<!ATTLIST r a CDATA \"x\">]>"), std::string("<!DOCTYPE r>")}) {
    Reading r = read_text(dtd + good, network);
    CHECK(rules_of(r.findings) == Lines{"dtd-refused"});
    CHECK(r.message.datasets.empty());
  }
  CHECK(rules_of(read_text(ss_message("<Series FREQ=\"&evil;\"/>"), network).findings) ==
        Lines{"not-well-formed"});
}

TEST_CASE("twenty million levels end at the sixty-fourth") {
  std::string head = ss_message("");
  head.resize(head.find("</mes:DataSet>"));
  MadeSource source(head, "<a>", 20'000'000);
  Reading r = read_made(source, head);
  CHECK(rules_of(r.findings) == Lines{"unknown-element", "xml-too-deep"});
  CHECK(source.given() <= 2 * ByteSource::kMaxSpan);
}

TEST_CASE("too many attributes, and too long a tag") {
  std::string head = ss_message("");
  head.resize(head.find("</mes:DataSet>"));
  SECTION("400,000 attributes of one element") {
    std::string tag = head + "<Series";
    MadeSource source(tag, " a=\"\"", 400'000);
    CHECK(rules_of(read_made(source, tag).findings) == Lines{"xml-tag-too-long"});
    CHECK(source.given() <= 3 * ByteSource::kMaxSpan);
  }
  SECTION("600 attributes in a short tag") {
    std::string tag = "<Series";
    for (int i = 0; i < 600; ++i) tag += fmt::format(" a{}=\"\"", i);
    auto network = small_network();
    CHECK(rules_of(read_text(ss_message(tag + "/>"), network).findings) ==
          Lines{"xml-tag-too-long"});
  }
  SECTION("an endless value") {
    std::string tag = head + "<Series FREQ=\"";
    MadeSource source(tag, "x", 1'000'000'000);
    CHECK(rules_of(read_made(source, tag).findings) == Lines{"xml-tag-too-long"});
  }
  SECTION("endless text") {
    MadeSource source(head, " ", 1'000'000'000);
    CHECK(rules_of(read_made(source, head).findings) == Lines{"xml-tag-too-long"});
  }
  SECTION("a comment and a CDATA section that never end, full of tags") {
    for (const char* open : {"<!--", "<![CDATA["}) {
      std::string tag = head + open;
      MadeSource source(tag, "<a> ", 1'000'000'000);
      auto rules = rules_of(read_made(source, tag).findings);
      REQUIRE_FALSE(rules.empty());
      CHECK((rules.back() == "xml-tag-too-long"));
      CHECK(source.given() <= 4 * ByteSource::kMaxSpan);
    }
  }
}

TEST_CASE("a hundred unknown elements are enough") {
  std::string head = ss_message("");
  head.resize(head.find("</mes:DataSet>"));
  MadeSource source(head, "<a/>", 1'000'000'000);
  Reading r = read_made(source, head);
  CHECK(r.findings.total() == 101);
  CHECK(rules_of(r.findings).back() == "unsupported-message");
}

TEST_CASE("too many datasets") {
  std::string head = header();
  MadeSource source(head, R"(<mes:DataSet ss:structureRef="S"/>)", 1'000'000'000);
  Reading r = read_made(source, head);
  CHECK(r.message.datasets.size() == 1000);
  CHECK(rules_of(r.findings).back() == "too-many-datasets");
}

TEST_CASE("not well-formed: where and why") {
  auto network = small_network();
  Reading r = read_text(
      ss_message("\n<Series FREQ=\"M\">\n  <Obs TIME_PERIOD='1' TIME_PERIOD='2'/></Series>"),
      network);
  REQUIRE(rules_of(r.findings) == Lines{"not-well-formed"});
  CHECK(r.findings.listed()[0].at.line == 5);
  CHECK(r.findings.listed()[0].detail == "Attribute TIME_PERIOD redefined");
  CHECK(rules_of(read_text(ss_message("<Series></Serie>"), network).findings) ==
        Lines{"not-well-formed"});
  CHECK(rules_of(read_text(ss_message("") + "<again/>", network).findings).back() ==
        "not-well-formed");
}

TEST_CASE("QUIRK: an undeclared xsi prefix is let pass, another is not") {
  auto network = small_network();
  std::string text = ss_message(R"(<Series FREQ="M" AREA="KG" SEX="F"/>)");
  auto at = text.find(" xmlns:xsi");
  text.erase(at, text.find('>', at) - at);
  CHECK(rules_of(read_text(text, network).findings) == Lines{"header-quirk"});
  CHECK(rules_of(read_text(ss_message(R"(<Series zzz:a="1"/>)"), network).findings) ==
        Lines{"not-well-formed"});
}

TEST_CASE("character sets") {
  auto network = small_network();
  auto message = [](std::string_view declaration, std::string_view note) {
    std::string text =
        ss_message(fmt::format("\n<Series FREQ=\"M\" AREA=\"KG\" SEX=\"F\"><Obs "
                               "TIME_PERIOD=\"2026\" NOTE=\"{}\"/></Series>",
                               note));
    return std::string(declaration) + text.substr(text.find("?>") + 2);
  };
  const std::string expected = "  '2026' NOTE='Бишкек' @4";
  SECTION("UTF-8 with a byte order mark") {
    Reading r =
        read_text("\xEF\xBB\xBF" + message("<?xml version=\"1.0\" encoding=\"utf-8\"?>", "Бишкек"),
                  network, 2);
    CHECK(lines_of(r.findings) == Lines{});
    CHECK(r.rows.back() == expected);
  }
  SECTION("UTF-16, both byte orders, with and without a mark, as declared") {
    for (bool big : {false, true})
      for (bool mark : {false, true}) {
        std::string utf8 = message("<?xml version=\"1.0\" encoding=\"UTF-16\"?>", "Бишкек");
        std::string wide = mark ? (big ? "\xFE\xFF" : "\xFF\xFE") : "";
        for (std::size_t i = 0; i < utf8.size(); ++i) {
          auto c = static_cast<unsigned char>(utf8[i]);
          unsigned unit = c;
          if (c >= 0xC0)
            unit = ((c & 0x1Fu) << 6) | (static_cast<unsigned char>(utf8[++i]) & 0x3Fu);
          char high = static_cast<char>(unit >> 8), low = static_cast<char>(unit & 0xFF);
          wide += big ? high : low;
          wide += big ? low : high;
        }
        Reading r = read_text(wide, network, 3);
        CHECK(lines_of(r.findings) == Lines{});
        REQUIRE_FALSE(r.rows.empty());
        CHECK(r.rows.back() == expected);
      }
  }
  SECTION("Windows-1251 and ISO-8859-1, declared") {
    Reading r = read_text(
        message("<?xml version=\"1.0\" encoding=\"windows-1251\"?>", "\xC1\xE8\xF8\xEA\xE5\xEA"),
        network);
    CHECK(lines_of(r.findings) == Lines{});
    CHECK(r.rows.back() == expected);
    Reading latin =
        read_text(message("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>", "\xE9"), network);
    CHECK(latin.rows.back() == "  '2026' NOTE='é' @4");
  }
  SECTION("undeclared and not UTF-8: never guessed") {
    Reading r = read_text(message("<?xml version=\"1.0\"?>", "\xC1\xE8\xF8\xEA\xE5\xEA"), network);
    REQUIRE(rules_of(r.findings) == Lines{"bad-encoding"});
    CHECK(r.findings.listed()[0].at.line == 4);
    CHECK(r.findings.listed()[0].suggestions == Lines{"windows-1251"});
    Reading latin = read_text(message("<?xml version=\"1.0\"?>", "caf\xE9"), network);
    REQUIRE(rules_of(latin.findings) == Lines{"bad-encoding"});
    CHECK(latin.findings.listed()[0].suggestions == Lines{});
  }
  SECTION("unknown, or impossible as read") {
    for (const char* name : {"EBCDIC-CP-US", "UTF-7", "UTF-16"}) {
      Reading r = read_text(
          message(fmt::format("<?xml version=\"1.0\" encoding=\"{}\"?>", name), "x"), network);
      REQUIRE(rules_of(r.findings) == Lines{"bad-encoding"});
      CHECK(r.findings.listed()[0].value == name);
    }
  }
  SECTION("overlong forms, surrogates and noncharacters of XML") {
    for (const char* bad :
         {"\xC0\x80", "\xC1\x81", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE0\x80\x80"})
      CHECK(rules_of(read_text(message("<?xml version=\"1.0\"?>", bad), network).findings) ==
            Lines{"bad-encoding"});
    CHECK(rules_of(read_text(message("<?xml version=\"1.0\"?>", "\x01"), network).findings) ==
          Lines{"not-well-formed"});
  }
}

}  // namespace focalpost
