// SPDX-License-Identifier: Apache-2.0
//
// The training modules: every shipped file has the form of one, is short enough to be read, and
// asks the same in every language.
#include "render/modules.h"

#include <algorithm>

#include "base/files.h"
#include "catch.h"

using namespace focalpost;

namespace {

const fs::path kShippedModules = fs::path(SOURCE_DIR) / "templates";

std::size_t words_in(const TrainingModule& module) {
  std::size_t count = 0;
  for (const ModuleText& one : module.text) {
    bool inside = false;
    for (char c : one.text) {
      const bool space = c == ' ' || c == '\n';
      count += !space && !inside;
      inside = !space;
    }
  }
  return count;
}

constexpr std::string_view kGood =
    "<!-- SPDX-License-Identifier: Apache-2.0 -->\n"
    "# A *short* one\n\nFirst line\nand `code` <b>bold</b>.\n\n## Part\n\n- one\n- two\n\nMail:\n\n"
    "    GET ASYLUM KG\n    HELP\n\n"
    "## Check\n\n1. What?\n   a) this\n   b) that\n   c) neither\n2. Who?\n   a) x\n   b) y\n   c) "
    "z\n"
    "3. When?\n   a) now\n   b) then\n   c) never\n\n"
    "<!-- answers: 1b 2a 3c -->\n<!-- why: 1 Because. -->\n<!-- why: 2 So. -->\n<!-- why: 3 Yes. "
    "-->\n";

std::string lacking(std::string_view part) {
  std::string text(kGood);
  const auto at = text.find(part);
  REQUIRE(at != text.npos);
  return text.erase(at, part.size());
}

struct ModuleFolder {
  fs::path path = fs::path(BINARY_DIR) / "modules_test";
  ModuleFolder() { fs::remove_all(path); }
  ~ModuleFolder() { fs::remove_all(path); }
  void file(const std::string& name, std::string_view text) {
    REQUIRE(make_directories((path / name).parent_path()));
    REQUIRE(write_file_durably(path / name, text));
  }
};

}  // namespace

TEST_CASE("the shipped modules: fifteen, in two languages, with titles in three") {
  const ModuleShelf shelf(kShippedModules);
  auto titles = shelf.titles("uk");
  REQUIRE(titles);
  REQUIRE(titles->size() == 15);
  for (int number = 1; number <= 15; ++number) {
    INFO(number);
    const ModuleTitle& title = (*titles)[std::size_t(number - 1)];
    CHECK(title.number == number);
    CHECK(title.langs == std::vector<std::string>{"en", "ru"});
    auto en = shelf.find(number, "en"), ru = shelf.find(number, "ru-KG"),
         uk = shelf.find(number, "uk");
    if (!en) FAIL(en.error().what);
    if (!ru) FAIL(ru.error().what);
    REQUIRE(*en);
    REQUIRE(*ru);
    CHECK((*en)->lang == "en");
    CHECK((*ru)->lang == "ru");
    CHECK((*uk)->lang == "en");
    CHECK((*en)->title != (*ru)->title);
    CHECK(title.title != (*en)->title);
    for (const auto& module : {*en, *ru}) {
      CHECK(words_in(*module) >= 600);
      CHECK(words_in(*module) <= 1200);
    }
    for (std::size_t n = 0; n < kModuleQuestions; ++n)
      CHECK((*en)->questions[n].right == (*ru)->questions[n].right);
    const bool exercise = std::any_of((*en)->text.begin(), (*en)->text.end(), [](const auto& one) {
      return one.kind == ModuleText::Kind::kHeading && one.text == "Exercise";
    });
    CHECK(exercise);
  }
}

TEST_CASE("a module without its marks") {
  auto module = parse_module(kGood, 7, "en");
  REQUIRE(module);
  CHECK(module->title == "A short one");
  CHECK(module->check == "Check");
  REQUIRE(module->text.size() == 6);
  CHECK(module->text[0].text == "First line and code bold.");
  CHECK(module->text[1].kind == ModuleText::Kind::kHeading);
  CHECK(module->text[2].text == "one");
  CHECK(module->text[5].kind == ModuleText::Kind::kLines);
  CHECK(module->text[5].text == "GET ASYLUM KG\nHELP");
  CHECK(module->questions[1].text == "Who?");
  CHECK(module->questions[1].choices[2] == "z");
  CHECK(module->questions[2].right == 'c');
  CHECK(module->questions[2].why == "Yes.");
}

TEST_CASE("what a module lacks is said") {
  CHECK_FALSE(parse_module("# Title\n", 1, "en"));
  CHECK_FALSE(parse_module(lacking("# A *short* one"), 1, "en"));
  CHECK_FALSE(parse_module(lacking("   c) z\n"), 1, "en"));
  CHECK_FALSE(parse_module(lacking("3. When?\n"), 1, "en"));
  CHECK_FALSE(parse_module(lacking(" 3c"), 1, "en"));
  CHECK_FALSE(parse_module(lacking("<!-- why: 2 So. -->\n"), 1, "en"));
  CHECK(parse_module(lacking("- two\n"), 1, "en"));
}

TEST_CASE("an operator's module replaces a shipped one, and adds one") {
  ModuleFolder own;
  own.file("en/modules/03-ours.md", kGood);
  own.file("en/modules/16-more.md", kGood);
  own.file("en/modules/notes.txt", "nothing");
  const ModuleShelf shelf(kShippedModules, own.path);
  auto titles = shelf.titles("en");
  REQUIRE(titles);
  REQUIRE(titles->size() == 16);
  CHECK((*titles)[2].title == "A short one");
  CHECK((*titles)[15].number == 16);
  CHECK_FALSE(*shelf.find(17, "en"));
  own.file("en/modules/17-broken.md", "# only a title\n");
  auto broken = shelf.find(17, "en");
  REQUIRE_FALSE(broken);
  CHECK(broken.error().what.find("17-broken.md") != std::string::npos);
}
