// SPDX-License-Identifier: Apache-2.0
//
// The shipped structures and words, and what was understood as a text that can be read.
#pragma once

#include <fmt/format.h>

#include <string>

#include "base/byte_source.h"
#include "base/files.h"
#include "catch.h"
#include "enquiry/read.h"
#include "model/lookup.h"
#include "sdmx/structure_reader.h"

namespace focalpost::enquiry {

inline const StructureLookup& shipped() {
  static const StructureLookup lookup = [] {
    Structures all;
    const Limits limits;
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(fs::path(SOURCE_DIR) / "schemas"))
      if (entry.path().extension() == ".xml") files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    for (const fs::path& path : files) {
      auto text = read_file(path);
      REQUIRE(text.ok());
      MemorySource source(*text);
      FindingList findings(20);
      auto read = read_structures(source, findings, limits);
      REQUIRE(read.ok());
      all.merge(std::move(*read));
    }
    return StructureLookup(std::move(all));
  }();
  return lookup;
}

inline const std::vector<LanguageWords>& shipped_words() {
  static const std::vector<LanguageWords> words = [] {
    std::vector<LanguageWords> all;
    for (const char* lang : {"en", "ru", "uk"}) {
      auto text = read_file(fs::path(SOURCE_DIR) / "templates" / lang / "words.txt");
      REQUIRE(text.ok());
      all.push_back({lang, std::move(*text)});
    }
    return all;
  }();
  return words;
}

inline const Vocabulary& vocabulary() {
  static const Vocabulary made = Vocabulary::make(shipped(), shipped_words());
  return made;
}

inline const Time kNow = *parse_time("2026-11-20T09:00:00Z");

inline Enquiry read_mail(std::string_view subject, std::string_view body) {
  static const Limits limits;
  return read(subject, body, vocabulary(), limits, kNow);
}

inline std::string_view verb_word(Verb verb) {
  constexpr std::string_view names[] = {
      "HELP",        "INDICATORS", "COUNTRIES", "CALENDAR",    "STATUS",   "GET",
      "HOW",         "INVENTORY",  "WHO",       "FORM",        "ASK",      "SUBSCRIBE",
      "UNSUBSCRIBE", "LANGUAGE",   "STOP",      "PUBLISH",     "AUDIENCE", "DECLINE",
      "FORWARD",     "CLOSE",      "MODULE",    "ADD_CONTACT", "PAUSE",    "RESUME"};
  return names[static_cast<std::size_t>(verb)];
}

inline std::string joined(const std::vector<std::string>& list) {
  return fmt::format("{}", fmt::join(list, ","));
}

inline std::string in_one_line(std::string text) {
  for (std::size_t at = 0; (at = text.find('\n', at)) != text.npos;) text.replace(at, 1, "\\n");
  return text;
}

inline std::string told(const Unknown& one) {
  std::string text = "\"" + one.word + "\"";
  if (!one.suggestions.empty())
    text += " -> " + fmt::format("{}", fmt::join(one.suggestions, " | "));
  return text;
}

inline std::string told(const Command& c) {
  std::string out(verb_word(c.verb));
  if (!c.lang.empty()) out += " (" + c.lang + ")";
  if (c.implied) out += " implied";
  if (!c.capitals && !c.implied && !c.rest) out += " small";
  if (c.rest) out += " rest";
  if (!c.flows.empty()) out += " flows=" + joined(c.flows);
  if (!c.areas.empty()) out += " areas=" + joined(c.areas);
  if (c.from) out += " from=" + c.from->text();
  if (c.to) out += " to=" + c.to->text();
  if (c.latest) out += " latest";
  if (!c.by.empty()) out += " by=" + joined(c.by);
  for (const auto& [dimension, codes] : c.codes) out += " " + dimension + "=" + joined(codes);
  if (!c.open.empty()) out += " open=" + joined(c.open);
  for (Format format : c.formats) {
    constexpr std::string_view names[] = {"table", "csv", "sdmx", "chart"};
    out += fmt::format(" as={}", names[static_cast<std::size_t>(format)]);
  }
  if (c.as_of) out += " as_of=" + format_rfc3339(*c.as_of);
  if (!c.docket.empty()) out += " docket=" + c.docket;
  if (!c.language.empty()) out += " language=" + c.language;
  if (!c.rhythm.empty()) out += " rhythm=" + c.rhythm;
  if (c.number != 0) out += fmt::format(" number={}", c.number);
  if (!c.text.empty()) out += " text=\"" + in_one_line(c.text) + "\"";
  for (const Unknown& one : c.unknown) out += "\n    ? " + told(one);
  return out;
}

inline std::string told(const Enquiry& e) {
  std::string out;
  for (std::size_t i = 0; i < e.commands.size(); ++i)
    out += told(e.commands[i]) + (i < e.from_subject ? "  [subject]" : "") + "\n";
  for (const Unknown& one : e.lines) out += "nearly: " + told(one) + "\n";
  if (e.not_read) out += fmt::format("not read: {}\n", e.not_read);
  if (e.reply) out += "a reply\n";
  if (e.cut) out += "cut\n";
  if (!e.free_words.empty()) out += "free: \"" + in_one_line(e.free_words) + "\"\n";
  if (out.empty()) out = "nothing\n";
  return out;
}

}  // namespace focalpost::enquiry
