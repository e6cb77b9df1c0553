// SPDX-License-Identifier: Apache-2.0
#include "fuzz/enquiry/inputs.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/text.h"
#include "enquiry/read.h"
#include "fuzz/promise.h"

namespace focalpost::fuzz {
namespace {

Code code(std::string id, const std::vector<std::string>& names, std::string alias = {}) {
  Code made;
  made.id = std::move(id);
  constexpr const char* kLanguages[] = {"en", "ru", "uk"};
  for (std::size_t i = 0; i < names.size(); ++i) made.names.push_back({kLanguages[i], names[i]});
  if (!alias.empty()) made.annotations.push_back({"FP_ALIAS", "", std::move(alias), {}});
  return made;
}

Ref of(std::string id) {
  return {"T", std::move(id), "1.0"};
}

/// Two indicators with what the reading of words has to tell apart: countries with codes that are
/// words, names that begin alike, codes of several lists.
StructureLookup network() {
  Structures all;
  const auto list = [&](std::string id, std::vector<Code> codes) {
    all.codelists.emplace_back().ref = of(std::move(id));
    all.codelists.back().codes = std::move(codes);
  };
  std::vector<Code> areas = {
      code("KG", {"Kyrgyzstan", "Кыргызстан", "Киргизстан"}, "KGZ"),
      code("KZ", {"Kazakhstan", "Казахстан", "Казахстан"}, "KAZ"),
      code("UA", {"Ukraine", "Украина", "Україна"}, "UKR"),
      code("MD", {"Republic of Moldova", "Республика Молдова", "Республіка Молдова"}),
      code("BY", {"Belarus", "Беларусь", "Білорусь"}),
      code("AS", {"American Samoa", "Американское Самоа", "Американське Самоа"}),
      code("IN", {"India", "Индия", "Індія"}),
      code("TO", {"Tonga", "Тонга", "Тонга"}),
      code("NE", {"Niger", "Нигер", "Нігер"}),
      code("NG", {"Nigeria", "Нигерия", "Нігерія"}),
      code("PE", {"Peru", "Перу", "Перу"}, "PER"),
      code("HK", {"China, Hong Kong Special Administrative Region"}),
      code("IR", {"Iran (Islamic Republic of)", "Иран (Исламская Республика)"})};
  list("CL_AREA", areas);
  areas.push_back(code("_T", {"Total", "Всего", "Усього"}, "TOTAL"));
  list("CL_CTZ", areas);
  list("CL_FREQ", {code("A", {"Annual", "Ежегодно", "Щороку"}), code("M", {"Monthly"})});
  list("CL_SEX",
       {code("_T", {"Total", "Всего", "Усього"}), code("F", {"Female", "Женщины", "Жінки"}),
        code("M", {"Male", "Мужчины", "Чоловіки"})});
  list("CL_AGE", {code("_T", {"Total"}), code("Y18T34", {"18 to 34 years", "18–34 года"}),
                  code("Y_GE65", {"65 years or over", "65 лет и старше"})});
  list("CL_DIRECTION",
       {code("ENTRY", {"Entry", "Въезд", "В’їзд"}), code("EXIT", {"Exit", "Выезд"})});
  list("CL_UNIT", {code("PER", {"Persons", "Лица", "Особи"}), code("EVT", {"Events"})});
  const auto flow = [&](std::string id, const std::vector<std::string>& names,
                        const std::vector<std::pair<std::string, std::string>>& dimensions) {
    DataStructure& dsd = all.data_structures.emplace_back();
    dsd.ref = of("DSD_" + id);
    for (const auto& [name, codes] : dimensions) {
      Component& one = dsd.components.emplace_back();
      one.id = name;
      one.local.emplace().enumeration = of(codes);
    }
    Component& time = dsd.components.emplace_back();
    time.id = "TIME_PERIOD";
    time.kind = ComponentKind::kTimeDimension;
    Dataflow& made = all.dataflows.emplace_back();
    made.ref = of(id);
    made.names = code("", names).names;
    made.structure = dsd.ref;
  };
  flow("ASYLUM", {"Asylum applicants", "Лица, ищущие убежища", "Шукачі притулку"},
       {{"FREQ", "CL_FREQ"},
        {"REF_AREA", "CL_AREA"},
        {"CITIZENSHIP", "CL_CTZ"},
        {"SEX", "CL_SEX"},
        {"AGE", "CL_AGE"},
        {"UNIT_MEASURE", "CL_UNIT"}});
  flow("CROSSINGS", {"Border crossings", "Пересечения границы", "Перетинання кордону"},
       {{"FREQ", "CL_FREQ"},
        {"REF_AREA", "CL_AREA"},
        {"DIRECTION", "CL_DIRECTION"},
        {"CITIZENSHIP", "CL_CTZ"},
        {"UNIT_MEASURE", "CL_UNIT"}});
  return StructureLookup(std::move(all));
}

const enquiry::Vocabulary& vocabulary() {
  static const enquiry::Vocabulary made = [] {
    std::vector<enquiry::LanguageWords> words;
    for (const char* lang : {"en", "ru", "uk"}) {
      auto text = read_file(fs::path(SOURCE_DIR "/templates") / lang / "words.txt");
      promise(text.ok(), "the shipped words are there");
      words.push_back({lang, std::move(*text)});
    }
    return enquiry::Vocabulary::make(network(), words);
  }();
  return made;
}

/// Small, so that every one of them is met.
Limits small_limits() {
  Limits limits;
  limits.enquiry_commands = 4;
  limits.command_words = 40;
  limits.enquiry_line_bytes = 400;
  limits.enquiry_bytes = 2000;
  limits.question_chars = 100;
  return limits;
}

void fit_to_show(std::string_view text, std::size_t most, bool lines = false) {
  promise(is_utf8(text), "what comes out is UTF-8");
  std::size_t points = 0;
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    points += (byte & 0xC0) != 0x80;
    promise(byte >= 0x20 || (lines && c == '\n'), "without control characters");
  }
  promise(points <= most, "and short");
}

void look_at(const std::vector<enquiry::Unknown>& list) {
  for (const enquiry::Unknown& one : list) {
    fit_to_show(one.word, 400);
    promise(one.suggestions.size() <= 3, "three suggestions");
    for (const std::string& text : one.suggestions) fit_to_show(text, 400);
  }
}

std::string look_at(const enquiry::Enquiry& read, const Limits& limits) {
  promise(read.commands.size() <= limits.enquiry_commands, "no more commands than the limit");
  promise(read.commands.empty() || read.free_words.empty(), "commands or free words");
  promise(read.from_subject <= read.commands.size(), "commands of the subject are commands");
  fit_to_show(read.free_words, limits.question_chars, true);
  look_at(read.lines);
  std::string all = read.free_words;
  for (const enquiry::Command& one : read.commands) {
    fit_to_show(one.line, 400);
    fit_to_show(one.text, limits.question_chars, true);
    look_at(one.unknown);
    for (const auto* list : {&one.flows, &one.areas, &one.by, &one.open}) {
      promise(list->size() <= limits.enquiry_line_bytes, "no longer lists than words");
      for (const std::string& id : *list) {
        fit_to_show(id, 100);
        promise(std::count(list->begin(), list->end(), id) == 1, "no id twice");
        all += id;
      }
    }
    for (const auto& [dimension, codes] : one.codes) {
      fit_to_show(dimension, 100);
      for (const std::string& code : codes) fit_to_show(code, 400);
    }
    if (one.from) all += one.from->text();
    if (one.to) all += one.to->text();
    all += one.text + one.line;
  }
  return all;
}

}  // namespace

int enquiry(std::span<const std::byte> input) {
  static const Limits usual, small = small_limits();
  const Time now = *parse_time("2026-06-01");
  const std::string_view text(reinterpret_cast<const char*>(input.data()), input.size());
  const auto end = text.find('\n');
  const std::string_view subject = text.substr(0, end);
  const std::string_view body = end == text.npos ? std::string_view() : text.substr(end + 1);
  const enquiry::Enquiry read = enquiry::read(subject, body, vocabulary(), usual, now);
  const std::string once = look_at(read, usual);
  promise(once == look_at(enquiry::read(subject, body, vocabulary(), usual, now), usual),
          "the same mail comes to the same");
  look_at(enquiry::read(subject, body, vocabulary(), small, now), small);
  // What is suggested instead of a line is a command.
  for (const enquiry::Unknown& line : read.lines)
    for (const std::string& instead : line.suggestions)
      if (!instead.ends_with("…") && instead.find("<U+") == instead.npos)
        promise(!enquiry::read("", instead, vocabulary(), usual, now).commands.empty(),
                "a suggested line is a command");
  return 0;
}

}  // namespace focalpost::fuzz
