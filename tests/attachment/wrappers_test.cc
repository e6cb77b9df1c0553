// SPDX-License-Identifier: Apache-2.0
//
// winmail.dat and clear-signed files: what mail programs wrap around a file.
#include <cstdlib>
#include <string>
#include <vector>

#include "attachment/attachment.h"
#include "catch.h"
#include "tnef_maker.h"

using namespace focalpost;
using namespace std::string_literals;
using tnef_maker::Package;
using Made = tnef_maker::Attachment;
using Problem = AttachmentProblem;

namespace {

struct Member {
  std::string path, bytes;
  bool guessed = false;
  Problem problem = Problem::kNone;
};

std::vector<Member> members_of(std::string_view bytes, std::string_view name,
                               const Limits& limits = {}, std::size_t span = 64 * 1024) {
  MemorySource source(bytes, span);
  Attachment attachment(source, name, limits, fs::temp_directory_path());
  std::vector<Member> all;
  for (;;) {
    auto member = attachment.next();
    REQUIRE(member.ok());
    if (!*member) return all;
    Member one{(*member)->path, "", (*member)->name_guessed, Problem::kNone};
    if ((*member)->fault) {
      one.problem = (*member)->fault->problem;
    } else if (auto read = read_all((*member)->bytes, 1 << 24); read.ok()) {
      one.bytes = *read;
    } else {
      one.problem = attachment.problem();
    }
    all.push_back(std::move(one));
  }
}

}  // namespace

TEST_CASE("winmail.dat: files with their long names") {
  std::string large(300'000, 'x');
  Package package;
  package.add({"ASYLUM~1.XML", u"Убежище.xml", "", "<a/>", false, ""});
  package.add({"\xC4\xE0\xED\xED\xFB\xE5.csv", u"", "", large, false, ""});  // windows-1251
  for (std::size_t span : {std::size_t(64 * 1024), std::size_t(1), std::size_t(1000)}) {
    auto all = members_of(package.bytes(), "winmail.dat", {}, span);
    REQUIRE(all.size() == 2);
    CHECK(all[0].path == "winmail.dat!Убежище.xml");
    CHECK(all[0].bytes == "<a/>");
    CHECK_FALSE(all[0].guessed);
    CHECK(all[1].path == "winmail.dat!Данные.csv");
    CHECK(all[1].bytes == large);
    CHECK_FALSE(all[1].guessed);
    if (span == 1) break;
  }
}

TEST_CASE("winmail.dat: a code page that is missing or wrong is made up for, and that is known") {
  std::string koi8 = "\xE4\xC1\xCE\xCE\xD9\xC5_\xCD\xC1\xD2\xD4.xml";  // Данные_март
  for (std::uint32_t page : {0u, 1251u}) {
    auto all = members_of(Package(page).add({koi8, u"", "", "<a/>", false, ""}).bytes(), "w");
    REQUIRE(all.size() == 1);
    CHECK(all[0].path == "w!Данные_март.xml");
    CHECK(all[0].guessed);
  }
  auto declared = members_of(Package(20866).add({koi8, u"", "", "<a/>", false, ""}).bytes(), "w");
  CHECK(declared.at(0).path == "w!Данные_март.xml");
  CHECK_FALSE(declared.at(0).guessed);
}

TEST_CASE("winmail.dat: pictures of the letter, packages in packages, nothing at all") {
  Package inner;
  inner.add({"a.xml", u"", "", "<a/>", false, ""});
  Package outer;
  outer.add({"image001.png", u"", "", "png", false, "image001@x"});
  outer.add({"FW: data", u"", "", inner.bytes(), true, ""});
  auto all = members_of(outer.bytes(), "winmail.dat");
  REQUIRE(all.size() == 1);
  CHECK(all[0].bytes == "<a/>");

  std::string deep = inner.bytes();
  for (int i = 0; i < 6; ++i) deep = Package().add({"FW", u"", "", deep, true, ""}).bytes();
  all = members_of(deep, "winmail.dat");
  REQUIRE(all.size() == 1);
  CHECK(all[0].problem == Problem::kTooDeep);

  all = members_of(Package().bytes(), "winmail.dat");
  REQUIRE(all.size() == 1);
  CHECK(all[0].problem == Problem::kEmpty);
}

TEST_CASE("winmail.dat: damage is found and bounds hold") {
  std::string whole =
      Package().add({"a.xml", u"Убежище.xml", "", std::string(5000, 'x'), false, ""}).bytes();
  SECTION("a byte of the file changed") {
    whole[whole.find("xxxx") + 100] = 'y';
    auto all = members_of(whole, "w");
    REQUIRE(all.size() == 1);
    CHECK(all[0].problem == Problem::kDamaged);
  }
  SECTION("cut anywhere") {
    for (std::size_t n = 4; n + 2 < whole.size(); n += 37) {
      INFO(n);
      auto all = members_of(std::string_view(whole).substr(0, n), "w");
      REQUIRE_FALSE(all.empty());
      CHECK(all.back().problem != Problem::kNone);
    }
  }
  SECTION("lengths that lie") {
    for (std::size_t n = 6; n + 4 < whole.size(); n += 5) {
      std::string lies = whole;
      for (int i = 0; i < 4; ++i) lies[n + std::size_t(i)] = '\xFF';
      CHECK_FALSE(members_of(lies, "w").empty());
    }
  }
  SECTION("too many files") {
    Package many;
    for (int i = 0; i < 20; ++i)
      many.add({"a" + std::to_string(i) + ".xml", u"", "", "<a/>", false, ""});
    auto all = members_of(many.bytes(), "w");
    CHECK(all.size() == Limits().archive_members + 1);
    CHECK(all.back().problem == Problem::kTooManyMembers);
  }
  SECTION("too large") {
    Limits limits;
    limits.archive_bytes = 1000;
    auto all = members_of(whole, "w", limits);
    REQUIRE(all.size() == 1);
    CHECK(all[0].problem == Problem::kTooLarge);
  }
}

TEST_CASE("a clear-signed file gives its text") {
  std::string text =
      "DATAFLOW,A\r\n- minus\r\n-----BEGIN X\r\n" + std::string(100'000, 'x') + "\r\n";
  std::string dashed =
      "DATAFLOW,A\r\n- - minus\r\n- -----BEGIN X\r\n" + std::string(100'000, 'x') + "\r\n";
  std::string file = "-----BEGIN PGP SIGNED MESSAGE-----\r\nHash: SHA512\r\n\r\n" + dashed;
  std::string end = "-----BEGIN PGP SIGNATURE-----\r\n\r\niQ==\r\n-----END PGP SIGNATURE-----\r\n";
  for (std::size_t span : {std::size_t(64 * 1024), std::size_t(3)}) {
    auto all = members_of(file + end, "a.csv.asc", {}, span);
    REQUIRE(all.size() == 1);
    CHECK(all[0].path == "a.csv.asc!a.csv");
    CHECK(all[0].bytes == text);
  }
  auto cut = members_of(file, "a.csv.asc");
  REQUIRE(cut.size() == 1);
  CHECK(cut[0].problem == Problem::kDamaged);
}
