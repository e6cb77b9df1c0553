// SPDX-License-Identifier: Apache-2.0
#include "mime/contents.h"

#include "base/charset.h"
#include "base/charset_guess.h"
#include "catch.h"
#include "cms_maker.h"
#include "mime/cms.h"
#include "mime/pasted.h"
#include "mime/words.h"

using namespace focalpost;
using namespace focalpost::mime;
using namespace std::string_literals;

namespace {

std::string words_of(const Contents& contents) {
  std::string all;
  for (const Content& content : contents.list()) {
    if (!all.empty()) all += ' ';
    all += content.name_or_part();
    if (content.obstacle) all += "(!)";
  }
  return all;
}

/// UTF-8 in a set of one byte a character.
std::string in_set(std::string_view utf8, std::string_view set) {
  std::string out;
  for (std::size_t i = 0; i < utf8.size();) {
    std::size_t n = static_cast<unsigned char>(utf8[i]) < 0x80 ? 1 : 2;
    std::string_view wanted = utf8.substr(i, n);
    i += n;
    for (unsigned byte = 0; byte < 256; ++byte) {
      char c = static_cast<char>(byte);
      auto one = to_utf8({&c, 1}, set);
      if (!one.ok() || !one->clean || one->text != wanted) continue;
      out += c;
      break;
    }
  }
  return out;
}

}  // namespace

TEST_CASE("the set of Cyrillic bytes is guessed by how they read") {
  const std::pair<std::string_view, std::string_view> kTexts[] = {
      {"Убежище_март_2026.xml", "windows-1251"},
      {"Убежище_март_2026.xml", "koi8-r"},
      {"Убежище_март_2026.xml", "cp866"},
      {"Убежище_март_2026.xml", "iso-8859-5"},
      {"данные.csv", "windows-1251"},
      {"данные.csv", "koi8-r"},
      {"данные.csv", "cp866"},
      {"данные.csv", "iso-8859-5"},
      {"ОТЧЕТ 2 кв.xml", "windows-1251"},
      {"ОТЧЕТ 2 кв.xml", "koi8-r"},
      {"ОТЧЕТ 2 кв.xml", "cp866"},
      {"ОТЧЕТ 2 кв.xml", "iso-8859-5"},
      {"Звіт про біженців", "koi8-u"},
      {"Звіт про біженців", "windows-1251"},
      {"Звіт про біженців", "iso-8859-5"},
      {"Перелёты и пересечения границы", "koi8-r"},
  };
  for (auto [text, set] : kTexts) {
    INFO(text << " in " << set);
    std::string bytes = in_set(text, set);
    auto read = to_utf8(bytes, guess_cyrillic(bytes));
    REQUIRE(read.ok());
    CHECK(read->text == text);
    Text unlabelled = decode_bytes(bytes, "");
    CHECK(unlabelled.text == text);
    CHECK_FALSE(unlabelled.assumed_charset.empty());
    // Said to be what it is: nothing is assumed.
    Text labelled = decode_bytes(bytes, set);
    CHECK(labelled.text == text);
    CHECK(labelled.assumed_charset.empty());
  }
  CHECK(guess_cyrillic("\xDC"
                       "bergr\xF6\xDF"
                       "entr\xE4ger")
            .empty());
  CHECK(guess_cyrillic("plain").empty());
  CHECK(guess_cyrillic("caf\xE9").empty());
}

TEST_CASE("a label is believed unless it makes nonsense of words") {
  std::string bytes = in_set("Ходатайства о предоставлении убежища", "windows-1251");
  for (std::string_view wrong :
       {"koi8-r", "cp866", "iso-8859-5", "iso-8859-1", "us-ascii", "utf-8"}) {
    INFO(wrong);
    Text text = decode_bytes(bytes, wrong);
    CHECK(text.text == "Ходатайства о предоставлении убежища");
    CHECK(text.assumed_charset == "windows-1251");
  }
  // Western words stay what they say they are.
  CHECK(decode_bytes("Stra\xDF"
                     "e \xFC"
                     "ber M\xFCnchen",
                     "iso-8859-1")
            .text == "Straße über München");
  // UTF-8 under another label.
  Text utf8 = decode_bytes("Убежище", "windows-1251");
  CHECK(utf8.text == "Убежище");
  CHECK(utf8.assumed_charset == "UTF-8");
  // Too short to prove anything.
  CHECK(decode_bytes("\xDF", "koi8-r").assumed_charset.empty());
}

TEST_CASE("CMS: the content comes out, and nothing else is claimed") {
  std::string content(5000, 'x');
  for (bool pieces : {false, true}) {
    Cms cms = read_cms(cms_maker::signed_data(content, false, pieces));
    CHECK(cms.kind == CmsKind::kSigned);
    CHECK(cms.content == content);
  }
  CHECK(read_cms(cms_maker::signed_data("", true)).kind == CmsKind::kDetached);
  CHECK(read_cms(cms_maker::enveloped_data()).kind == CmsKind::kEncrypted);
  CHECK(read_cms("<?xml version=\"1.0\"?>").kind == CmsKind::kNone);
  CHECK(read_cms("").kind == CmsKind::kNone);
  // Cut anywhere: never more than was there, never a crash.
  std::string whole = cms_maker::signed_data(content, false, true);
  for (std::size_t n = 0; n < whole.size(); n += 13) {
    Cms cms = read_cms(std::string_view(whole).substr(0, n));
    CHECK(cms.content.size() <= n);
  }
  // Lengths that lie.
  std::string lies = whole;
  lies[1] = '\x88';
  CHECK(read_cms(lies).kind != CmsKind::kSigned);
  // In PEM; and PEM around nothing, which fuzzing found.
  CHECK(read_cms("-----BEGIN PKCS7-----\nMAA=\n-----END PKCS7-----\n").kind == CmsKind::kDamaged);
  CHECK(read_cms("begin 644 a-----BEGIN PKCS7-----").kind == CmsKind::kNone);
}

TEST_CASE("what was pasted into a text is found from its first line to its last") {
  std::string text =
      "Good day\n\nDATAFLOW,FREQ,REF_AREA,TIME_PERIOD,OBS_VALUE\nFP:X(1.0),M,KG,2026-01,7\n\n"
      "FP:X(1.0),M,KG,2026-02,8\n-- \nMe, the unit, here, there\n";
  auto found = find_pasted(text, 10);
  REQUIRE(found.size() == 1);
  CHECK(found[0].kind == Pasted::Kind::kCsv);
  std::string piece = text.substr(found[0].begin, found[0].end - found[0].begin);
  CHECK(piece.starts_with("DATAFLOW"));
  CHECK(piece.ends_with(",8\n"));

  text =
      "x <mes:Structure xmlns:mes=\"http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message\">"
      "</mes:Structures></mes:Structure > y <GenericData no/>";
  found = find_pasted(text, 10);
  REQUIRE(found.size() == 1);
  CHECK(text.substr(found[0].end) == " y <GenericData no/>");

  CHECK(find_pasted("begin with 644 words\nbegin 644\nbegin 644 a\n not a uuencoded line at all, "
                    "which is far too long\n",
                    10)
            .empty());
  CHECK(find_pasted("> DATAFLOW,A,B,C,D\n", 10).empty());
  CHECK(find_pasted("DATAFLOW is a word", 10).empty());
  // Linear in what a stranger sends.
  CHECK(find_pasted(std::string(1 << 20, '<'), 10).empty());
  std::string many;
  for (int i = 0; i < 20000; ++i) many += "<Structure ";
  CHECK(find_pasted(many, 10).empty());
}

TEST_CASE("flowed and clear-signed texts") {
  CHECK(unflow("a \nb\n -- x\n-- \nc", false) == "a b\n-- x\n-- \nc\n");
  CHECK(unflow("a \nb\n", true) == "ab\n");
  CHECK(undash("- -- x\n-y\n- z") == "-- x\n-y\nz");
}

TEST_CASE("contents: obstacles are told, bounds hold") {
  Limits limits;
  std::string raw =
      "Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=S\n\n"
      "--S\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n--S\n"
      "Content-Type: application/octet-stream; name=encrypted.asc\n\n-----BEGIN PGP MESSAGE-----\n"
      "--S--\n";
  Message message = parse(raw, limits);
  CHECK(words_of(Contents::of(message, limits)) == "encrypted.asc(!)");

  std::string inner =
      "From: a@b.example\nContent-Type: text/xml; name=a.xml\n\n" + std::string(3000, 'x');
  std::string large =
      "Content-Type: application/octet-stream; name=fw.eml\n"
      "Content-Transfer-Encoding: quoted-printable\n\n" +
      inner;
  message = parse(large, limits);
  CHECK(words_of(Contents::of(message, limits)) == "fw.eml!a.xml");
  limits.wrapped_bytes = 1000;
  CHECK(words_of(Contents::of(message, limits)) == "fw.eml(!)");
  limits = Limits();
  limits.wrap_depth = 0;
  CHECK(words_of(Contents::of(message, limits)) == "fw.eml(!)");

  // A signature beside a file is none of the contents' business; a report is not looked into.
  std::string report =
      "Content-Type: multipart/report; boundary=S\n\n--S\n\n"
      "DATAFLOW,A,B,C,D\n1,2,3,4,5\n--S--\n";
  limits = Limits();
  message = parse(report, limits);
  CHECK(words_of(Contents::of(message, limits)).empty());
}
