// SPDX-License-Identifier: Apache-2.0
//
// What `focalpost preview` shows, and what an operator can do with a folder of templates alone.
#include "compose/preview.h"

#include <algorithm>
#include <set>

#include "base/files.h"
#include "base/text.h"
#include "catch.h"

using namespace focalpost;

namespace {

const fs::path kShipped = fs::path(SOURCE_DIR) / "templates";
const Time kNow = *parse_time("2026-04-03T08:30:00Z");

/// A home's templates/, gone at the end.
struct Own {
  fs::path path = fs::path(BINARY_DIR) / "preview_test";
  Own() { fs::remove_all(path); }
  ~Own() { fs::remove_all(path); }
  void file(const std::string& name, std::string_view text) {
    REQUIRE(make_directories((path / name).parent_path()));
    REQUIRE(write_file_durably(path / name, text));
  }
  TemplateFolders folders() const { return {kShipped, path}; }
  std::string fault() const {
    auto faults = find_template_faults(folders());
    REQUIRE(faults.size() == 1);
    std::string what = faults[0].what;
    if (auto at = what.find(path.string()); at != what.npos) what.erase(at, path.string().size());
    return what + " | " + faults[0].to_do;
  }
};

std::vector<Previewed> shown(const TemplateFolders& folders, std::string_view name,
                             std::string_view example = {}, std::string_view lang = "en") {
  const StructureLookup nothing{Structures()};
  const Letterhead letterhead{"Migration data gateway", "data@gateway.example", true};
  auto made = preview_template(folders, name, example, lang, kNow, nothing, letterhead);
  INFO((made ? "" : made.error().what));
  REQUIRE(made.ok());
  REQUIRE_FALSE(made->empty());
  return std::move(made).value();
}

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace

TEST_CASE("every shipped template can be looked at, in every language and in each of its cases") {
  const TemplateFolders folders{kShipped, {}};
  const std::vector<TemplateEntry> entries = list_templates(folders);
  std::set<std::string> files;
  for (const auto& file : fs::directory_iterator(kShipped / "en"))
    if (file.path().extension() == ".mustache") files.insert(file.path().stem().stem().string());
  std::set<std::string> names;
  for (const TemplateEntry& entry : entries) names.insert(entry.name);
  CHECK(names == files);

  for (const TemplateEntry& entry : entries) {
    CHECK(entry.shipped == std::vector<std::string>{"en", "ru", "uk"});
    CHECK(entry.own.empty());
    std::string english;
    for (const std::string& lang : entry.shipped) {
      INFO(entry.name << " " << lang);
      std::vector<Previewed> all = shown(folders, entry.name, {}, lang);
      CHECK(all.size() == entry.cases.size());
      for (const Previewed& one : all) {
        INFO(one.example);
        CHECK(one.faults.empty());
        CHECK(one.letter.lang == lang);
        // Pages are HTML only.
        CHECK(trim(one.letter.plain).empty() == entry.name.starts_with("site_"));
        // What `focalpost get` prints is a part of the letter, in plain text only.
        CHECK(trim(one.letter.html).empty() == (entry.name == "answers"));
        // in its language, and without a name in place of a value
        if (one.example != "names") {
          CHECK_FALSE(one.letter.subject.empty());
          CHECK(has(one.letter.plain, "gateway.example"));
          CHECK_FALSE(has(one.letter.plain, "{{"));
        }
      }
      // All words of a page are phrases.
      if (lang == "en")
        english = all[0].letter.plain;
      else if (!entry.name.starts_with("site_"))
        CHECK(all[0].letter.plain != english);
    }
  }
}

TEST_CASE("the cases of a letter are what it says on different occasions") {
  const TemplateFolders folders{kShipped, {}};
  CHECK(has(shown(folders, "receipt", "rejected")[0].letter.plain, "code \"Femal\""));
  CHECK(has(shown(folders, "receipt.txt", "held")[0].letter.plain, "reply YES"));
  CHECK(has(shown(folders, "waiting", "expired", "ru")[0].letter.plain, "Координатор (пример)"));
  CHECK(has(shown(folders, "notice", "persons")[0].letter.html, "<html"));
  // and the names of what it may use
  CHECK(has(shown(folders, "receipt", "names")[0].letter.plain, "Area: [areas]"));
  CHECK(has(shown(folders, "foot", {}, "uk")[0].letter.plain, "data@gateway.example"));

  const StructureLookup nothing{Structures()};
  const Letterhead letterhead{"", "", false};
  auto fails = [&](std::string_view name, std::string_view example) {
    auto made = preview_template(folders, name, example, "en", kNow, nothing, letterhead);
    REQUIRE_FALSE(made.ok());
    CHECK(made.error().kind == ErrorKind::kUsage);
    return made.error().what + " " + made.error().to_do;
  };
  CHECK(fails("recept", "") ==
        "there is no template \"recept\" `focalpost preview` lists the templates.");
  CHECK(fails("../receipt", "").starts_with("there is no template"));
  CHECK(fails("answer", "no") == "template \"answer\" has no case \"no\" It has: yes, names.");
}

TEST_CASE("a home's own template is shown, and what is wrong with it is told") {
  Own own;
  SECTION("a good one") {
    own.file("en/answer.txt.mustache", "Hello.\n{{#sentences}}{{text}}{{/sentences}}\n");
    CHECK(find_template_faults(own.folders()).empty());
    std::vector<Previewed> made = shown(own.folders(), "answer");
    CHECK(made[0].letter.plain.starts_with("Hello.\n"));
    CHECK(made[0].faults.empty());
    for (const TemplateEntry& entry : list_templates(own.folders()))
      CHECK(entry.own ==
            (entry.name == "answer" ? std::vector<std::string>{"en"} : std::vector<std::string>{}));
  }
  SECTION("broken syntax, with its line; the shipped one is what goes out") {
    own.file("en/answer.txt.mustache", "Hello.\n{{#sentences}}{{text}}\n");
    CHECK(own.fault() ==
          "/en/answer.txt.mustache, line 2: section \"sentences\" is not closed | "
          "Correct the template.");
    std::vector<Previewed> made = shown(own.folders(), "answer");
    CHECK(made[0].faults.size() == 1);
    CHECK_FALSE(has(made[0].letter.plain, "Hello."));
    CHECK(has(made[0].letter.plain, "data@gateway.example"));
    CHECK(shown(own.folders(), "receipt")[0].faults.empty());  // of others it is no fault
    CHECK(shown(own.folders(), "answer", {}, "ru")[0].faults.size() == 1);  // ru falls back on en
  }
  SECTION("a name that no such letter gives, also where it would not be shown now") {
    own.file("ru/answer.html.mustache",
             "{{#example}}{{/example}}{{^sentences}}{{sentnces}}{{/sentences}}");
    CHECK(own.fault().starts_with(
        "/ru/answer.html.mustache names what no letter of this kind gives: sentnces | "
        "Did you mean sentences? It may use: "));
    CHECK(shown(own.folders(), "answer", {}, "ru")[0].faults.size() == 1);
    CHECK(shown(own.folders(), "answer", {}, "en")[0].faults.empty());
  }
  SECTION("a partial that is not beside it") {
    own.file("en/answer.txt.mustache", "{{> head.txt}}\nHello.\n");
    CHECK(has(own.fault(), "head.txt.mustache: No such file"));
  }
  SECTION("a file that nothing uses") {
    own.file("en/recept.txt.mustache", "Hello.\n");
    CHECK(own.fault().starts_with("/en/recept.txt.mustache: there is no template of this name"));
    for (const TemplateEntry& entry : list_templates(own.folders())) CHECK(entry.own.empty());
  }
}

TEST_CASE("a home's own phrases: what is wrong with them is told") {
  Own own;
  SECTION("good ones") {
    own.file("ru/phrases.txt",
             "verdict.filed: Принято.\nverdict.rejected[one]: {{count}} ошибка\n"
             "verdict.rejected[few]: {{count}} ошибки\nverdict.rejected[many]: {{count}} ошибок\n"
             "verdict.rejected[other]: {{count}} ошибки\nword.something new: новое\n");
    CHECK(find_template_faults(own.folders()).empty());
    CHECK(has(shown(own.folders(), "receipt", "rejected", "ru")[0].letter.plain, "61 ошибка"));
  }
  SECTION("broken syntax, with its line") {
    own.file("ru/phrases.txt", "verdict.filed: Принято.\nno colon\n");
    CHECK(own.fault() ==
          "/ru/phrases.txt, line 2: no \"key: text\" | Correct it: the whole file is not used.");
    CHECK(shown(own.folders(), "answer", {}, "ru")[0].faults.size() == 1);
  }
  SECTION("a key that is never asked for") {
    own.file("uk/phrases.txt", "verdict.filled: Прийнято.\n");
    CHECK(own.fault() ==
          "/uk/phrases.txt: \"verdict.filled\" is a phrase that the program never asks for | "
          "Did you mean \"verdict.filed\"?");
  }
  SECTION("a name that it does not get") {
    own.file("en/phrases.txt", "persons.subject: {{docet}} of {{institution}}\n");
    CHECK(
        own.fault().starts_with("/en/phrases.txt: \"persons.subject\" names what there is not: "
                                "docet | It may use: "));
  }
  SECTION("forms of the plural that are not there") {
    own.file(
        "ru/phrases.txt",
        "verdict.rejected[one]: {{count}} ошибка\nverdict.rejected[other]: {{count}} ошибок\n");
    CHECK(own.fault() ==
          "/ru/phrases.txt: \"verdict.rejected\" lacks the plural forms: few, many | "
          "Until they are there \"other\" is said instead.");
  }
}

TEST_CASE("a language is added by a folder: Kyrgyz, as far as somebody translated it") {
  Own own;
  own.file("ky/phrases.txt",
           "# биринчи сөздөр\n"
           "verdict.rejected[one]: Маалымат кабыл алынган жок: {{count}} ката.\n"
           "verdict.rejected[other]: Маалымат кабыл алынган жок, каталар: {{count}}.\n"
           "notice.failed.what: Катыңызды иштетүү мүмкүн болгон жок.\n");
  own.file("ky/foot.txt.mustache", "-- \n{{gateway_name}}\nБул жооп автоматтык түрдө жазылды.\n");
  own.file("ky/answer.txt.mustache", "{{#sentences}}{{text}}{{/sentences}}\n\n{{> foot.txt}}\n");
  CHECK(find_template_faults(own.folders()).empty());

  TemplateStore templates(kShipped, own.path);
  PhraseStore phrases(kShipped, own.path);
  CHECK(phrases.languages() == std::vector<std::string>{"en", "ky", "ru", "uk"});
  const Phrases& ky = **phrases.in("ky-KG");
  CHECK(ky.found_lang() == "ky");
  CHECK(ky.plural_forms() == std::set<std::string>{"one", "other"});
  CHECK(*ky.plural("verdict.rejected", 1) == "Маалымат кабыл алынган жок: 1 ката.");
  CHECK(*ky.plural("verdict.rejected", 5) == "Маалымат кабыл алынган жок, каталар: 5.");
  CHECK(ky.number(1234567.5) == "1\u00A0234\u00A0567,5");
  CHECK(has(ky.date(kNow), "апрель"));

  // its own words, its own template, and English where there are none yet
  const std::string failed = shown(own.folders(), "notice", "failed", "ky")[0].letter.plain;
  CHECK(has(failed, "Катыңызды иштетүү мүмкүн болгон жок."));
  CHECK(has(failed, "What to do next: "));
  CHECK(has(failed, "апрель"));
  const Receipt rejected = shown(own.folders(), "receipt", "rejected", "ky")[0].letter;
  CHECK(rejected.lang == "ky");
  CHECK(has(rejected.html, "lang=\"ky\""));
  CHECK(has(rejected.plain, "каталар: 61."));
  const std::string answer = shown(own.folders(), "answer", {}, "ky")[0].letter.plain;
  CHECK(has(answer, "Бул жооп автоматтык түрдө жазылды."));
  CHECK(has(answer, "2026-000147"));
}
