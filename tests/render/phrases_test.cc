// SPDX-License-Identifier: Apache-2.0
#include "render/phrases.h"

#include <map>

#include "base/files.h"
#include "base/text.h"
#include "catch.h"

using namespace focalpost;

namespace {

const fs::path kTemplates = fs::path(SOURCE_DIR) / "templates";

/// A folder that is gone at the end.
struct Folder {
  fs::path path = fs::path(BINARY_DIR) / "phrases_test";
  Folder() { fs::remove_all(path); }
  ~Folder() { fs::remove_all(path); }
  void file(const std::string& lang, std::string_view text) {
    REQUIRE(make_directories(path / lang));
    REQUIRE(write_file_durably(path / lang / "phrases.txt", text));
  }
};

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace

TEST_CASE("phrases are filled with arguments as they are") {
  Folder home;
  home.file("en",
            "# a comment\n\nhello: Good day,\n  {{name}}.\n"
            "maybe: A{{#name}} for {{name}}{{/name}}{{^name}} for nobody{{/name}}.\n");
  PhraseStore store(home.path);
  const Phrases& en = **store.in("en");
  CHECK(*en.text("hello", {{"name", "Ann"}}) == "Good day, Ann.");
  CHECK(*en.text("maybe", {{"name", "Ann"}}) == "A for Ann.");
  CHECK(*en.text("maybe", {{"name", ""}}) == "A for nobody.");
  CHECK(*en.text("hello", {{"name", "{{name}} {{#x}}"}}) == "Good day, {{name}} {{#x}}.");
  CHECK_FALSE(en.text("hello").ok());
  CHECK_FALSE(en.text("nothing").ok());
  CHECK(en.text_or("nothing", "else") == "else");
  CHECK(en.uses("hello", "name"));
  CHECK_FALSE(en.uses("hello", "names"));
}

TEST_CASE("a file that is not right is not used, and the operator is told where") {
  for (std::string_view broken :
       {"no colon here\n", "a: {{b\n", "a: {{b}}\na: {{c}}\n", "a[many few]: x\n", "  goes on\n",
        "a: {{#b}}x\n", "a: {{/b}}x\n", "a: {{{b}}}\n", "a: {{>b}}\n", "a: \xFF\n"}) {
    INFO(broken);
    Folder home;
    home.file("en", broken);
    PhraseStore store(kTemplates, home.path);
    CHECK((*store.in("en"))->text("verdict.filed").ok());
    CHECK(store.take_warnings().size() == 1);
    CHECK(PhraseStore(home.path).in("en").ok() == false);
  }
}

TEST_CASE("plural forms are the language's own") {
  PhraseStore store(kTemplates);
  auto errors = [&](std::string_view lang, double n) {
    return *(*store.in(lang))->plural("verdict.rejected", n);
  };
  CHECK(has(errors("en", 1), "1 error."));
  for (double n : {2.0, 5.0, 11.0, 21.0}) CHECK(has(errors("en", n), " errors."));
  CHECK(has(errors("en", 1.5), "1.5 errors."));

  CHECK(has(errors("ru", 1), "1 ошибка."));
  CHECK(has(errors("ru", 2), "2 ошибки."));
  CHECK(has(errors("ru", 5), "5 ошибок."));
  CHECK(has(errors("ru", 11), "11 ошибок."));
  CHECK(has(errors("ru", 21), "21 ошибка."));
  CHECK(has(errors("ru", 1.5), "1,5 ошибки."));

  CHECK(has(errors("uk", 1), "1 помилка."));
  CHECK(has(errors("uk", 2), "2 помилки."));
  CHECK(has(errors("uk", 5), "5 помилок."));
  CHECK(has(errors("uk", 11), "11 помилок."));
  CHECK(has(errors("uk", 21), "21 помилка."));
  CHECK(has(errors("uk", 1.5), "1,5 помилки."));
}

TEST_CASE("a folder is all that a new language needs") {
  Folder home;
  home.file("pl",
            "verdict.rejected[one]: {{count}} błąd\nverdict.rejected[few]: {{count}} błędy\n"
            "verdict.rejected[many]: {{count}} błędów\nverdict.rejected[other]: {{count}} błędu\n");
  home.file("ky", "verdict.filed: Маалымат кабыл алынды.\n");
  PhraseStore store(kTemplates, home.path);
  CHECK(store.languages() == std::vector<std::string>{"en", "ky", "pl", "ru", "uk"});

  const Phrases& pl = **store.in("pl-PL");
  CHECK(pl.found_lang() == "pl");
  CHECK(*pl.plural("verdict.rejected", 1) == "1 błąd");
  CHECK(*pl.plural("verdict.rejected", 22) == "22 błędy");
  CHECK(*pl.plural("verdict.rejected", 12) == "12 błędów");
  CHECK(*pl.plural("verdict.rejected", 1.5) == "1,5 błędu");
  CHECK(pl.date(*parse_time("2026-03-01")) == "1 marca 2026");
  // What is not translated yet comes in English, with English plurals.
  CHECK(*pl.plural("change.more", 22) == "22 more changed values are not listed here.");

  const Phrases& ky = **store.in("ky");
  CHECK(*ky.text("verdict.filed") == "Маалымат кабыл алынды.");
  CHECK(*ky.text("verdict.unchanged") == *(*store.in("en"))->text("verdict.unchanged"));
  CHECK(store.take_warnings().empty());
}

TEST_CASE("language tags fall back to less of the tag, then to English") {
  PhraseStore store(kTemplates);
  CHECK((*store.in("ru-KG"))->found_lang() == "ru");
  CHECK((*store.in("fr"))->found_lang() == "en");
  CHECK((*store.in("../../etc"))->lang() == "en");
  CHECK((*store.in(""))->lang() == "en");
}

TEST_CASE("numbers, dates and periods are written as the language does") {
  PhraseStore store(kTemplates);
  const Phrases &en = **store.in("en"), &ru = **store.in("ru"), &uk = **store.in("uk");
  CHECK(en.number(1234567) == "1,234,567");
  CHECK(ru.number(1234567) == "1\u00A0234\u00A0567");
  CHECK(uk.number(1234567) == "1\u00A0234\u00A0567");
  CHECK(en.percent(0.253) == "25%");
  CHECK(ru.percent(0.253) == "25\u00A0%");
  CHECK(en.percent(0.0316) == "3.2%");
  CHECK(en.percent(9) == "900%");

  Time day = *parse_time("2026-03-01T20:30:00Z");
  CHECK(en.date(day) == "1 March 2026");
  CHECK(ru.date(day) == "1 марта 2026 г.");
  CHECK(uk.date(day) == "1 березня 2026 р.");
  CHECK(en.date(day, "Asia/Bishkek") == "2 March 2026");
  CHECK(en.date_time(day, "Asia/Bishkek") == "2 March 2026, 02:30 (UTC+06:00)");
  CHECK(en.date_time(day, "No/Where") == "1 March 2026, 20:30 (UTC+00:00)");

  CHECK(en.period("2026-03") == "March 2026");
  CHECK(en.period("2026-M03") == "March 2026");
  CHECK(ru.period("2026-03") == "март 2026 г.");
  CHECK(en.period("2026-Q1") == "Q1 2026");
  CHECK(en.period("2026") == "2026");
  CHECK(en.period("2026-S2") == "half-year 2 of 2026");
  CHECK(ru.period("2026-W07") == "неделя 07, 2026 г.");
  CHECK(en.period("2026-03-15") == "15 March 2026");
  CHECK(en.period("soon") == "soon");

  // as an axis needs them
  auto brief = [](const Phrases& words, std::string_view period) {
    return words.period_short(*Period::parse(period));
  };
  CHECK(brief(en, "2026-03") == "Mar");
  CHECK(brief(ru, "2026-03") == "март");
  CHECK(brief(uk, "2026-03").starts_with("бер"));
  CHECK(brief(en, "2026-Q2") == "Q2");
  CHECK(brief(ru, "2026-Q2") == "2-й кв.");
  CHECK(brief(en, "2026-S1") == "H1");
  CHECK(brief(ru, "2026-S1") == "полуг. 1");
  CHECK(brief(uk, "2026-T3") == "третина 3");
  CHECK(brief(en, "2026") == "2026");
  CHECK(en.number(0.25, 3) == "0.250");
  CHECK(en.number(1234.5, 0) == "1,234");
  CHECK(ru.number(-1234.5, 1) == "-1\u00A0234,5");
  CHECK(en.number(0.00025, 5) == "0.00025");
}

TEST_CASE("a sentence begins with a capital letter of any alphabet") {
  CHECK(capitalise("code") == "Code");
  CHECK(capitalise("ёлка") == "Ёлка");
  CHECK(capitalise("їжак") == "Їжак");
  CHECK(capitalise("\"x\"") == "\"x\"");
  CHECK(capitalise("") == "");
}

TEST_CASE("the shipped languages say the same things, in all their plural forms") {
  PhraseStore store(kTemplates);
  const Phrases& en = **store.in("en");
  REQUIRE(store.languages() == std::vector<std::string>{"en", "ru", "uk"});
  for (const std::string& lang : store.languages()) {
    const Phrases& phrases = **store.in(lang);
    CHECK(phrases.found_lang() == lang);
    CHECK(phrases.keys() == en.keys());
    for (const std::string& key : phrases.keys()) {
      INFO(lang << " " << key);
      if (!phrases.forms(key).empty()) CHECK(phrases.forms(key) == phrases.plural_forms());
      auto wanted = en.names(key), there = phrases.names(key);
      CHECK(there == wanted);
    }
  }
  CHECK(store.take_warnings().empty());
}

TEST_CASE("each form of a plural says as much as the others") {
  for (const std::string lang : {"en", "ru", "uk"}) {
    auto text = read_file(kTemplates / lang / "phrases.txt");
    REQUIRE(text);
    std::map<std::string, std::set<std::string>> names;  // of the first form of a key
    std::string key, phrase;
    std::size_t forms = 0;
    auto done = [&] {
      auto bracket = key.find('[');
      if (bracket == key.npos) return;
      std::set<std::string> used;
      for (std::size_t at = phrase.find("{{"); at != phrase.npos; at = phrase.find("{{", at + 2))
        used.insert(phrase.substr(at + 2, phrase.find("}}", at) - at - 2));
      used.erase("count");  // "one" may be said in a word
      auto [known, first] = names.emplace(key.substr(0, bracket), used);
      INFO(lang << " " << key);
      CHECK(known->second == used);
      ++forms;
    };
    for (std::string_view line : split(*text, '\n')) {
      if (line.starts_with('#') || line.empty()) continue;
      if (line.front() != ' ') {
        done();
        key = line.substr(0, line.find(':'));
        phrase.clear();
      }
      phrase += line;
    }
    done();
    CHECK(forms > 10);
  }
}

TEST_CASE("nothing that ships uses a word that the network does not use") {
  for (const fs::path& folder : {kTemplates, fs::path(SOURCE_DIR) / "schemas"})
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      if (!entry.is_regular_file()) continue;
      auto text = read_file(entry.path());
      REQUIRE(text);
      INFO(entry.path().string());
      for (std::string_view word :
           {"нелегал",       "Нелегал",      "незаконн",     "Незаконн",   "просроч", "Просроч",
            "простроч",      "Простроч",     " дело ",       " справа ",   "Дело №",  "Справа №",
            "illegal",       "Illegal",      "рейтинг",      "Рейтинг",    "ranking", "Ranking",
            "less reliable", "менее надёжн", "менее надежн", "менш надійн"})
        CHECK_FALSE(has(*text, word));
      if (folder != kTemplates || entry.path().parent_path().filename() == "en") continue;
      // A country's name follows a colon: never a preposition before a value.
      for (std::string_view preposition :
           {" на {{", " в {{", " у {{", " до {{area", " во {{", "На {{area", "В {{area", "У {{area",
            "На {{country", "В {{country", "У {{country"})
        CHECK_FALSE(has(*text, preposition));
    }
}
