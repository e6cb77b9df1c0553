// SPDX-License-Identifier: Apache-2.0
#include "attachment/attachment.h"

#include <stdlib.h>

#include <cstdint>
#include <string>
#include <vector>

#include "catch.h"

using namespace focalpost;
using namespace std::string_literals;
using namespace std::string_view_literals;
using Kind = AttachmentKind;
using Problem = AttachmentProblem;

namespace {

std::string fixture(const std::string& name) {
  return read_file(fs::path(SOURCE_DIR) / "tests/attachment/data" / name).value();
}

std::string le16(std::uint32_t n) {
  return {char(n & 0xFF), char(n >> 8 & 0xFF)};
}
std::string le32(std::uint32_t n) {
  return le16(n & 0xFFFF) + le16(n >> 16);
}

/// Bit by bit, so that it shares no mistake with the code under test.
std::uint32_t crc32_slowly(std::string_view bytes) {
  std::uint32_t crc = 0xFFFFFFFF;
  for (char c : bytes) {
    crc ^= static_cast<unsigned char>(c);
    for (int i = 0; i < 8; ++i) crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320u : 0);
  }
  return ~crc;
}

struct ZipFile {
  std::string name;
  std::string bytes;  ///< as stored
  std::uint16_t flags = 0;
  std::uint16_t method = 0;
  std::uint32_t size = 0;  ///< declared, when not stored
  std::uint32_t crc = 0;
};

std::string make_zip(std::vector<ZipFile> files) {
  std::string zip, directory;
  for (ZipFile& f : files) {
    if (f.method == 0) f.size = std::uint32_t(f.bytes.size()), f.crc = crc32_slowly(f.bytes);
    std::string common = le16(20) + le16(f.flags) + le16(f.method) + le32(0) + le32(f.crc) +
                         le32(std::uint32_t(f.bytes.size())) + le32(f.size) +
                         le16(std::uint32_t(f.name.size())) + le16(0);
    directory += "PK\x01\x02" + le16(20) + common + le16(0) + le16(0) + le16(0) + le32(0) +
                 le32(std::uint32_t(zip.size())) + f.name;
    zip += "PK\x03\x04" + common + f.name + f.bytes;
  }
  std::uint32_t at = std::uint32_t(zip.size());
  std::uint32_t count = std::uint32_t(files.size());
  return zip + directory + "PK\x05\x06" + le32(0) + le16(count) + le16(count) +
         le32(std::uint32_t(directory.size())) + le32(at) + le16(0);
}

/// RFC 1951 section 3.2.4: blocks that are not compressed.
std::string stored_deflate(std::string_view bytes) {
  std::string out;
  do {
    auto part = bytes.substr(0, 65535);
    bytes.remove_prefix(part.size());
    out += char(bytes.empty() ? 1 : 0);
    out += le16(std::uint32_t(part.size())) + le16(~std::uint32_t(part.size()));
    out += part;
  } while (!bytes.empty());
  return out;
}

std::string make_gzip(std::string_view bytes, std::string_view name = {}) {
  std::string out = "\x1F\x8B\x08"s;
  out += char(name.empty() ? 0 : 8);
  out += "\0\0\0\0\0\x03"sv;
  if (!name.empty()) (out += name) += '\0';
  return out + stored_deflate(bytes) + le32(crc32_slowly(bytes)) +
         le32(std::uint32_t(bytes.size()));
}

struct Seen {
  std::string name, path, text;
  Kind kind;
  Problem problem = Problem::kNone;
  std::string error;
  std::uint64_t bytes = 0;
};

std::string temporary_folder() {
  std::string made = BINARY_DIR "/attachment-test-XXXXXX";
  REQUIRE(::mkdtemp(made.data()) != nullptr);
  return made;
}

/// Reads every member to its end or Error.
std::vector<Seen> judge(ByteSource& source, std::string_view name, const Limits& limits = {},
                        std::vector<std::string>* skipped = nullptr) {
  std::string folder = temporary_folder();
  std::vector<Seen> seen;
  {
    Attachment attachment(source, name, limits, folder);
    for (;;) {
      auto next = attachment.next();
      REQUIRE(next.ok());
      if (!*next) break;
      const AttachmentMember& member = **next;
      Seen one{member.name, member.path, {}, member.kind, Problem::kNone, {}, 0};
      for (;;) {
        auto span = member.bytes.next();
        if (!span) {
          one.problem = attachment.problem();
          one.error = span.error().what;
          CHECK(member.bytes.next().error().what == one.error);
          break;
        }
        if (span->empty()) break;
        CHECK(span->size() <= ByteSource::kMaxSpan + kAttachmentHeadBytes);
        one.bytes += span->size();
        if (one.text.size() < 100'000) one.text.append(span->data(), span->size());
      }
      if (member.fault) one.problem = member.fault->problem, one.error = member.fault->error.what;
      seen.push_back(std::move(one));
      REQUIRE(seen.size() < 2000);
    }
    CHECK(!attachment.next().value());
    // Nothing with a name is left, not even while the archive is open.
    CHECK(fs::is_empty(folder));
    if (skipped) *skipped = attachment.skipped();
  }
  fs::remove(folder);
  return seen;
}

std::vector<Seen> judge(std::string_view bytes, std::string_view name, const Limits& limits = {},
                        std::size_t span = ByteSource::kMaxSpan) {
  MemorySource source(bytes, span);
  return judge(source, name, limits);
}

/// A gzip of `mebibytes` MiB of zeros that exists nowhere as a whole.
class GzipBomb final : public ByteSource {
 public:
  explicit GzipBomb(std::uint64_t mebibytes) : left_(mebibytes) {}
  Result<std::span<const char>> next() override {
    if (!begun_) {
      begun_ = true;
      return std::span<const char>(head_);
    }
    if (left_ == 0) return std::span<const char>();
    --left_, ++given;
    return std::span<const char>(block_);
  }
  std::uint64_t given = 0;

 private:
  std::string head_ = "\x1F\x8B\x08\0\0\0\0\0\0\x03"s;
  std::string block_ = fixture("zeros_1m.deflate");
  std::uint64_t left_;
  bool begun_ = false;
};

/// Gives some bytes, then the Error of a lost connection.
class BrokenSource final : public ByteSource {
 public:
  explicit BrokenSource(std::string bytes) : bytes_(std::move(bytes)) {}
  Result<std::span<const char>> next() override {
    if (given_) return temporary("the connection was lost");
    given_ = true;
    return std::span<const char>(bytes_);
  }

 private:
  std::string bytes_;
  bool given_ = false;
};

const std::string kXml = "<?xml version='1.0'?><data/>";

}  // namespace

TEST_CASE("the first bytes tell what an attachment is") {
  auto is = [](std::string_view head) { return detect_attachment(head); };
  CHECK(is("") == Kind::kEmpty);
  CHECK(is(kXml) == Kind::kPlain);
  CHECK(is("DATAFLOW,FREQ,TIME_PERIOD\n") == Kind::kPlain);
  CHECK(is("\xFF\xFE<\0?\0x\0"sv) == Kind::kPlain);
  CHECK(is("B") == Kind::kPlain);
  CHECK(is(make_gzip(kXml)) == Kind::kGzip);
  CHECK(is(make_zip({{"a.xml", kXml}})) == Kind::kZip);
  CHECK(is(make_zip({})) == Kind::kZip);
  CHECK(is(make_zip({{"[Content_Types].xml", kXml}})) == Kind::kOoxml);
  CHECK(is(make_zip({{"mimetype", "application/vnd.oasis.opendocument.spreadsheet"}})) ==
        Kind::kOpenDocument);
  CHECK(is("7z\xBC\xAF\x27\x1C\0\x04"sv) == Kind::kOtherArchive);
  CHECK(is("Rar!\x1A\x07\x01\0"sv) == Kind::kOtherArchive);
  CHECK(is(std::string(257, 'a') + "ustar\0"s) == Kind::kOtherArchive);
  CHECK(is("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1rest") == Kind::kOle);
  CHECK(
      is("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1..E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0"sv) ==
      Kind::kEncrypted);
  CHECK(is("%PDF-1.7\n") == Kind::kPdf);
  CHECK(is("\xFF\xD8\xFF\xE0") == Kind::kImage);
  CHECK(is("\x89PNG\r\n\x1A\n") == Kind::kImage);
  CHECK(is("\x78\x9F\x3E\x22\x01\0"sv) == Kind::kTnef);
  CHECK(is("\xEF\xBB\xBF\r\n<!DOCTYPE HTML PUBLIC") == Kind::kHtml);
  CHECK(is("  <html><table>") == Kind::kHtml);
  CHECK(is("MZ\x90\0"sv) == Kind::kProgram);
}

TEST_CASE("a plain file is its own member") {
  auto seen = judge(kXml, "a.xml");
  REQUIRE(seen.size() == 1);
  CHECK(seen[0].name == "a.xml");
  CHECK(seen[0].path == "a.xml");
  CHECK(seen[0].text == kXml);
  CHECK(seen[0].problem == Problem::kNone);

  SECTION("byte by byte it is the same") {
    CHECK(judge(kXml, "a.xml", {}, 1)[0].text == kXml);
  }
  SECTION("its name cannot break a line or turn the writing direction") {
    CHECK(judge(kXml, "a\r\nb\xE2\x80\xAE.xml")[0].name == "a<U+000D><U+000A>b<U+202E>.xml");
  }
  SECTION("a zip's name does not make it a zip") {
    CHECK(judge(kXml, "a.zip")[0].text == kXml);
  }
}

TEST_CASE("what is not opened is named") {
  auto pdf = judge("%PDF-1.7 ...", "report.pdf");
  REQUIRE(pdf.size() == 1);
  CHECK(pdf[0].problem == Problem::kNotOpened);
  CHECK(pdf[0].kind == Kind::kPdf);
  CHECK(pdf[0].error == "\"report.pdf\" is a PDF document, not data");
  CHECK(pdf[0].text == "%PDF-1.7 ...");

  auto empty = judge("", "a.xml");
  REQUIRE(empty.size() == 1);
  CHECK(empty[0].problem == Problem::kEmpty);

  auto pgp = judge("-----BEGIN PGP MESSAGE-----\n", "a.asc");
  CHECK(pgp[0].problem == Problem::kEncrypted);

  SECTION("an Office document whose list of contents comes last") {
    auto sheet =
        judge(make_zip({{"xl/workbook.xml", kXml}, {"[Content_Types].xml", kXml}}), "a.xlsx");
    REQUIRE(sheet.size() == 1);
    CHECK(sheet[0].kind == Kind::kOoxml);
    CHECK(sheet[0].problem == Problem::kNotOpened);
  }
}

TEST_CASE("gzip: one member, inflated as it is read") {
  SECTION("its name is in the header") {
    auto seen = judge(fixture("named.gz"), "other.gz");
    REQUIRE(seen.size() == 1);
    CHECK(seen[0].problem == Problem::kNone);
    CHECK(seen[0].name == "data.xml");
    CHECK(seen[0].path == "other.gz!data.xml");
    CHECK(seen[0].text.starts_with("<Obs TIME_PERIOD=\"2011\" OBS_VALUE=\"37\"/>\n"));
    CHECK(seen[0].text.ends_with("OBS_VALUE=\"7400\"/>\n"));
  }
  SECTION("or it is the gzip's own without .gz") {
    auto seen = judge(make_gzip(kXml), "a.xml.GZ");
    CHECK(seen[0].name == "a.xml");
    CHECK(seen[0].text == kXml);
  }
  SECTION("large, in odd spans") {
    std::string large;
    for (int i = 0; i < 30'000; ++i) large += std::to_string(i);
    auto seen = judge(make_gzip(large), "a.gz", {}, 7919);
    CHECK(seen[0].bytes == large.size());
    CHECK(seen[0].problem == Problem::kNone);
  }
  SECTION("a gzip of nothing is a member of nothing") {
    auto seen = judge(make_gzip(""), "a.gz");
    REQUIRE(seen.size() == 1);
    CHECK(seen[0].problem == Problem::kEmpty);
  }
  SECTION("one wrong bit anywhere in data or trailer is seen") {
    std::string good = make_gzip(kXml);
    // Byte 10 holds the padding bits of a stored block, which mean nothing.
    for (std::size_t at = 11; at < good.size(); ++at) {
      std::string bad = good;
      bad[at] = char(bad[at] ^ 0x10);
      CAPTURE(at);
      auto seen = judge(bad, "a.gz");
      REQUIRE(seen.size() == 1);
      CHECK(seen[0].problem != Problem::kNone);
    }
  }
  SECTION("cut anywhere it is damaged") {
    std::string good = fixture("named.gz");
    for (std::size_t cut = 3; cut < good.size(); ++cut) {
      CAPTURE(cut);
      auto seen = judge(good.substr(0, cut), "a.gz");
      REQUIRE(seen.size() == 1);
      CHECK(seen[0].problem == Problem::kDamaged);
    }
  }
  SECTION("two gzips joined are not taken unchecked") {
    CHECK(judge(make_gzip(kXml) + make_gzip(kXml), "a.gz")[0].problem == Problem::kDamaged);
  }
}

TEST_CASE("zip: every file, without folders and what packers add") {
  std::string zip = fixture("folders.zip");
  MemorySource source(zip, 1000);
  std::vector<std::string> skipped;
  auto seen = judge(source, "a.zip", {}, &skipped);
  REQUIRE(seen.size() == 2);
  CHECK(seen[0].name == "data.xml");
  CHECK(seen[0].path == "a.zip!2024/data.xml");
  CHECK(seen[0].text.ends_with("OBS_VALUE=\"7400\"/>\n"));
  CHECK(seen[1].path == "a.zip!table.csv");
  CHECK(seen[1].text == "A,B\n1,2\n");
  CHECK(skipped == std::vector<std::string>{"a.zip!__MACOSX/2024/._data.xml", "a.zip!.DS_Store"});
}

TEST_CASE("zip: names") {
  auto name_of = [](std::string name, std::uint16_t flags) {
    auto seen = judge(make_zip({{std::move(name), kXml, flags}}), "a.zip");
    REQUIRE(seen.size() == 1);
    CHECK(seen[0].problem == Problem::kNone);
    return seen[0].name;
  };
  constexpr std::uint16_t kUtf8 = 1 << 11;
  CHECK(name_of("данные.xml", kUtf8) == "данные.xml");
  CHECK(name_of("данные.xml", 0) == "данные.xml");
  CHECK(name_of("\xA4\xA0\xAD\xAD\xEB\xA5.xml", 0) == "данные.xml");  // code page 866
  CHECK(name_of("../../etc/a.xml", 0) == "a.xml");
  CHECK(name_of("a\nb.xml", 0) == "a<U+000A>b.xml");
  CHECK(name_of(std::string(3000, 'x'), 0).size() < 300);

  SECTION("two members of one name are two members") {
    auto seen = judge(make_zip({{"a.xml", "<a/>"}, {"a.xml", "<b/>"}}), "a.zip");
    REQUIRE(seen.size() == 2);
    CHECK(seen[0].text == "<a/>");
    CHECK(seen[1].text == "<b/>");
  }
}

TEST_CASE("zip: members that cannot be used do not spoil the others") {
  SECTION("a password") {
    auto seen = judge(fixture("encrypted.zip"), "a.zip");
    REQUIRE(seen.size() == 2);
    CHECK(seen[0].problem == Problem::kEncrypted);
    CHECK(seen[0].error == "\"a.zip!table.csv\" is protected with a password");
    CHECK(seen[1].problem == Problem::kNone);
    CHECK(seen[1].text.ends_with("OBS_VALUE=\"7400\"/>\n"));
  }
  SECTION("an unusual method") {
    auto seen = judge(fixture("bzip2.zip"), "a.zip");
    REQUIRE(seen.size() == 1);
    CHECK(seen[0].problem == Problem::kNotOpened);
  }
  SECTION("a PDF beside the data, a wrong checksum, an empty file") {
    std::string zip =
        make_zip({{"a.pdf", "%PDF-1.7"}, {"b.xml", kXml}, {"c.xml", "<c/>"}, {"d", ""}});
    zip[zip.find("data/")] = 'D';
    auto seen = judge(zip, "a.zip");
    REQUIRE(seen.size() == 4);
    CHECK(seen[0].problem == Problem::kNotOpened);
    CHECK(seen[1].problem == Problem::kDamaged);
    CHECK(seen[2].problem == Problem::kNone);
    CHECK(seen[3].problem == Problem::kEmpty);
  }
  SECTION("a member that was not read to its end") {
    std::string zip = fixture("folders.zip");
    MemorySource source(zip);
    std::string folder = temporary_folder();
    Attachment attachment(source, "a.zip", {}, folder);
    REQUIRE(attachment.next().value());
    auto second = attachment.next();
    REQUIRE(second.value());
    CHECK((*second)->name == "table.csv");
    CHECK(read_all((*second)->bytes, 100).value() == "A,B\n1,2\n");
    fs::remove(folder);
  }
}

TEST_CASE("zip: an archive without a file, or no archive at all") {
  CHECK(judge(make_zip({}), "a.zip")[0].problem == Problem::kEmpty);
  CHECK(judge(make_zip({}), "a.zip")[0].kind == Kind::kZip);
  CHECK(judge(make_zip({{"folder/", ""}}), "a.zip")[0].problem == Problem::kEmpty);
  CHECK(judge("PK\x03\x04 and then nothing", "a.zip")[0].problem == Problem::kDamaged);

  SECTION("cut anywhere it is damaged: its directory stands at the end") {
    std::string good = fixture("folders.zip");
    for (std::size_t cut = 4; cut < good.size() - 1; cut += 3) {
      CAPTURE(cut);
      auto seen = judge(good.substr(0, cut), "a.zip");
      REQUIRE(!seen.empty());
      CHECK(seen.back().problem == Problem::kDamaged);
    }
  }
  SECTION("a wrong byte anywhere ends in members or a sentence, never a crash") {
    std::string good = fixture("folders.zip");
    for (std::size_t at = 4; at < good.size(); ++at) {
      std::string bad = good;
      bad[at] = char(~bad[at]);
      CAPTURE(at);
      CHECK(!judge(bad, "a.zip").empty());
    }
  }
}

TEST_CASE("an archive inside an archive, once") {
  std::string inner_zip = make_zip({{"x.xml", kXml}, {"y.xml", "<y/>"}});
  SECTION("gzip in zip, zip in zip, in the order of the file") {
    auto seen =
        judge(make_zip({{"a.xml.gz", make_gzip(kXml)}, {"in.zip", inner_zip}, {"z.xml", "<z/>"}}),
              "o.zip");
    REQUIRE(seen.size() == 4);
    CHECK(seen[0].path == "o.zip!a.xml.gz!a.xml");
    CHECK(seen[0].text == kXml);
    CHECK(seen[1].path == "o.zip!in.zip!x.xml");
    CHECK(seen[2].path == "o.zip!in.zip!y.xml");
    CHECK(seen[2].text == "<y/>");
    CHECK(seen[3].path == "o.zip!z.xml");
    CHECK(seen[3].text == "<z/>");
  }
  SECTION("zip in gzip") {
    auto seen = judge(make_gzip(inner_zip, "in.zip"), "o.gz");
    REQUIRE(seen.size() == 2);
    CHECK(seen[0].path == "o.gz!in.zip!x.xml");
  }
  SECTION("twice is too deep, and the next member is judged all the same") {
    auto seen =
        judge(make_zip({{"b.zip", make_zip({{"c.zip", inner_zip}})}, {"z.xml", "<z/>"}}), "o");
    REQUIRE(seen.size() == 2);
    CHECK(seen[0].path == "o!b.zip!c.zip");
    CHECK(seen[0].problem == Problem::kTooDeep);
    CHECK(seen[1].text == "<z/>");
    // libarchive would unwrap gzips in gzips by itself.
    auto gzips = judge(make_gzip(make_gzip(make_gzip(kXml))), "a.gz");
    REQUIRE(gzips.size() == 1);
    CHECK(gzips[0].problem == Problem::kTooDeep);
  }
  SECTION("a damaged archive inside is that member's fault") {
    std::string cut = make_gzip(kXml);
    cut.resize(cut.size() - 3);
    auto seen =
        judge(make_zip({{"a.gz", cut}, {"b.zip", "PK\x03\x04?"}, {"z.xml", "<z/>"}}), "o.zip");
    REQUIRE(seen.size() == 3);
    CHECK(seen[0].problem == Problem::kDamaged);
    CHECK(seen[1].problem == Problem::kDamaged);
    CHECK(seen[1].path == "o.zip!b.zip");
    CHECK(seen[2].text == "<z/>");
  }
  SECTION("none, if the setting says so") {
    Limits limits;
    limits.archive_depth = 0;
    CHECK(judge(make_gzip(inner_zip), "o.gz", limits)[0].problem == Problem::kTooDeep);
  }
}

TEST_CASE("limits of archives") {
  SECTION("members, counted over nested archives") {
    std::vector<ZipFile> files;
    for (int i = 0; i < 10'000; ++i) files.push_back({std::to_string(i) + ".xml", kXml});
    auto seen = judge(make_zip(files), "a.zip");
    REQUIRE(seen.size() == 17);
    CHECK(seen[15].problem == Problem::kNone);
    CHECK(seen[16].problem == Problem::kTooManyMembers);
    CHECK(seen[16].path == "a.zip");

    files.resize(10);
    std::string ten = make_zip(files);
    auto nested = judge(make_zip({{"a.zip", ten}, {"b.zip", ten}}), "o.zip");
    REQUIRE(nested.size() == 15);  // 2 zips, 14 files, and the sentence
    CHECK(nested[14].problem == Problem::kTooManyMembers);
  }
  SECTION("files that are passed over and folders are bounded too") {
    std::vector<ZipFile> files;
    for (int i = 0; i < 5'000; ++i) files.push_back({std::to_string(i) + "/", ""});
    CHECK(judge(make_zip(files), "a.zip")[0].problem == Problem::kTooManyMembers);
  }
  SECTION("a directory too large to hold is not read") {
    std::vector<ZipFile> files;
    for (int i = 0; i < 1'000; ++i) files.push_back({std::string(10'000, 'a'), ""});
    auto seen = judge(make_zip(files), "a.zip");
    REQUIRE(seen.size() == 1);
    CHECK(seen[0].problem == Problem::kTooManyMembers);
  }
  SECTION("a zip too large to spool") {
    Limits limits;
    limits.archive_bytes = 100;
    CHECK(judge(fixture("folders.zip"), "a.zip", limits)[0].problem == Problem::kTooLarge);
  }
  SECTION("inflated bytes") {
    Limits limits;
    limits.inflated_bytes = 1000;
    auto zip = judge(fixture("folders.zip"), "a.zip", limits);
    CHECK(zip[0].problem == Problem::kTooLarge);
    CHECK(zip[1].problem == Problem::kNone);
    CHECK(judge(fixture("named.gz"), "a.gz", limits)[0].problem == Problem::kTooLarge);
  }
  SECTION("a bomb of 10 GiB stops by its ratio after some 16 MB") {
    GzipBomb bomb(10 << 10);
    auto seen = judge(bomb, "a.gz");
    REQUIRE(seen.size() == 1);
    CHECK(seen[0].problem == Problem::kRatio);
    CHECK(seen[0].bytes <= (20u << 20));
    CHECK(bomb.given < 40);
  }
  SECTION("so does one in a zip, whatever size it declares") {
    std::string zeros;
    for (int i = 0; i < 200; ++i) zeros += fixture("zeros_1m.deflate");
    auto seen = judge(make_zip({{"a.xml", zeros, 0, 8, 10, 0}, {"b.xml", kXml}}), "a.zip");
    REQUIRE(!seen.empty());
    CHECK(seen[0].problem != Problem::kNone);
    CHECK(seen[0].bytes <= (40u << 20));
    seen = judge(make_zip({{"a.xml", zeros, 0, 8, 200 << 20, 0}, {"b.xml", kXml}}), "a.zip");
    REQUIRE(seen.size() == 2);
    CHECK(seen[0].problem == Problem::kRatio);
    CHECK(seen[0].bytes <= (40u << 20));
    CHECK(seen[1].text == kXml);
  }
}

TEST_CASE("an Error of the source is passed on as it is") {
  std::string folder = temporary_folder();
  auto error_of = [&](std::string bytes) {
    BrokenSource source(std::move(bytes));
    Attachment attachment(source, "a", {}, folder);
    auto next = attachment.next();
    CHECK(attachment.problem() == Problem::kNone);
    if (!next) {
      CHECK(!attachment.next().value());
      return next.error();
    }
    REQUIRE(next.value());
    for (;;) {
      auto span = (*next)->bytes.next();
      CHECK(attachment.problem() == Problem::kNone);
      if (!span) return span.error();
      REQUIRE(!span->empty());
    }
  };
  std::string zip = fixture("folders.zip");
  CHECK(error_of(kXml).retry_helps());
  CHECK(error_of(std::string(5000, 'x')).retry_helps());
  CHECK(error_of(make_gzip(std::string(5000, 'x')).substr(0, 4000)).retry_helps());
  CHECK(error_of(zip).what == "the connection was lost");
  CHECK(error_of(make_zip({{"a.xml", std::string(5000, 'x')}})).retry_helps());

  SECTION("and so is a folder that is not there") {
    MemorySource source(zip);
    Attachment attachment(source, "a.zip", {}, folder + "/missing");
    auto next = attachment.next();
    REQUIRE(!next);
    CHECK(next.error().what.starts_with("cannot make a temporary file in"));
    CHECK(attachment.problem() == Problem::kNone);
  }
  fs::remove(folder);
}
