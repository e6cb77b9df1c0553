// SPDX-License-Identifier: Apache-2.0
//
// modules: the training modules, read from their files; the only door to the Markdown reader
// (cmark, CommonMark).
//
// Owns: finding `<folder>/<language>/modules/NN-name.md` in the operator's folder and in the
// shipped one, and the form of such a file:
//
//     # Title
//     text, ## headings, - lists, blocks that are indented by four spaces
//     ## Check          the last heading: three questions, three choices each
//     <!-- answers: 1b 2a 3c -->
//     <!-- why: 1 One sentence. -->
//
// and `<folder>/<language>/modules/titles.txt` (`01-name = Title`) for a language that has titles
// but no text yet. Text comes out without marks of any kind: what shows it escapes it.
//
// Never does: run or pass on HTML that stands in a file (the comments above are read, the rest is
// left out), draw pictures, follow links.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/files.h"
#include "base/result.h"

namespace focalpost {

inline constexpr std::size_t kModuleQuestions = 3, kModuleChoices = 3;
inline constexpr std::uint64_t kMostModuleBytes = 64 << 10;
inline constexpr int kMostModules = 99;

/// A block of text.
struct ModuleText {
  enum class Kind : std::uint8_t { kHeading, kParagraph, kItem, kLines };
  Kind kind = Kind::kParagraph;
  std::string text;  ///< UTF-8; kLines: lines as written, without an end of the last
};

struct ModuleQuestion {
  std::string text;
  std::array<std::string, kModuleChoices> choices;
  char right = 'a';  ///< 'a', 'b' or 'c'
  std::string why;
};

struct TrainingModule {
  int number = 0;    ///< from the file's name
  std::string lang;  ///< of the text
  std::string title;
  std::vector<ModuleText> text;  ///< all before the check
  std::string check;             ///< the heading of the questions
  std::array<ModuleQuestion, kModuleQuestions> questions;
};

struct ModuleTitle {
  int number = 0;
  std::string title;
  std::vector<std::string> langs;  ///< in which there is a text, sorted
};

/// Error: not in the form above; says what is missing.
Result<TrainingModule> parse_module(std::string_view markdown, int number, std::string_view lang);

class ModuleShelf {
 public:
  /// `overrides` may be empty or a folder that does not exist; a file there replaces the shipped
  /// one of the same number.
  explicit ModuleShelf(fs::path shipped, fs::path overrides = {});

  /// By number, each with its title in `lang` where there is one, else in English.
  Result<std::vector<ModuleTitle>> titles(std::string_view lang) const;
  /// In `lang`, or less of its tag, or English; nothing: there is no such module.
  Result<std::optional<TrainingModule>> find(int number, std::string_view lang) const;

 private:
  /// Number and file of all of a language.
  Result<std::map<int, fs::path>> files(std::string_view lang) const;
  Result<std::map<int, std::string>> listed_titles(std::string_view lang) const;

  std::vector<fs::path> folders_;  ///< later ones go before
};

}  // namespace focalpost
