// SPDX-License-Identifier: Apache-2.0
//
// phrases: single sentences, labels and verdicts in a person's language, with its plurals, numbers
// and dates; with base/charset.h the door to ICU.
//
// A language is a folder with a file phrases.txt, so that an operator adds one without a release:
//
//     # a comment
//     verdict.filed: The data are filed.
//     item.errors[one]: {{count}} error
//     item.errors[other]: {{count}} errors
//     rule.unknown-code: code "{{value}}" is not in the list of {{component}}.
//       {{#suggestions}}Did you mean {{suggestions}}?{{/suggestions}}
//
// One phrase a line; an indented line goes on. {{name}} is replaced by the argument, as it is;
// {{#name}}...{{/name}} stays only when the argument is there and not empty, {{^name}}...{{/name}}
// only when it is not. Sections do not nest. Plural forms are those of CLDR for the language (zero,
// one, two, few, many, other); "other" is what is used where a form is missing.
//
// A phrase is looked for in the operator's file, then in the shipped one, then in those of less of
// the language tag, then of English. One that cannot be used (a name that has no argument) is
// passed over, and the operator told.
//
// Danger: not for several threads at once.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/files.h"
#include "base/result.h"
#include "model/period.h"

namespace focalpost {

/// Views: alive until the call returns.
struct PhraseArg {
  std::string_view name;
  std::string_view value;
};
using PhraseArgs = std::vector<PhraseArg>;

/// Speaks one language.
class Phrases {
 public:
  Phrases(Phrases&&) noexcept;
  ~Phrases();

  /// The language asked for, "ru-KG"; and the folder that most of it comes from, "ru".
  const std::string& lang() const;
  const std::string& found_lang() const;

  /// Error: no such phrase in any of the languages, or none whose names all have arguments.
  Result<std::string> text(std::string_view key, const PhraseArgs& args = {}) const;
  /// The form that goes with `count`; {{count}} is the number as the language writes it. A language
  /// whose sentence needs no forms has the plain phrase alone.
  Result<std::string> plural(std::string_view key, double count, const PhraseArgs& args = {}) const;
  /// text() if there is such a phrase, else `other`: for words that the program cannot list.
  std::string text_or(std::string_view key, std::string_view other) const;

  /// Whether the phrase that text() would look at first uses a name.
  bool uses(std::string_view key, std::string_view name) const;

  /// "1,234", «1 234» with a no-break space.
  std::string number(double value) const;
  /// With exactly so many digits after the decimal sign: "0.250" of 0.25 and 3.
  std::string number(double value, int decimals) const;
  /// Of a ratio: 0.253 is "25%", «25 %»; up to a tenth of a percent below 10 %.
  std::string percent(double ratio) const;
  /// "1 March 2026", «1 марта 2026 г.»; `zone` is an IANA name, an unknown one counts as UTC.
  std::string date(Time t, std::string_view zone = "UTC") const;
  /// "1 March 2026, 14:30 (UTC+06:00)"
  std::string date_time(Time t, std::string_view zone = "UTC") const;
  /// "March 2026", "Q1 2026", "2026"; dates and ranges that have no name as SDMX writes them.
  std::string period(Period period) const;
  /// The same of what stands in a file; what is no period comes back as it is.
  std::string period(std::string_view written) const;
  /// As short as an axis needs it, where the year stands elsewhere: "Mar", "Q1", "H1"; "2026".
  std::string period_short(Period period) const;

  /// Whether `a` stands before `b` in an alphabetical list of the language; what it takes for equal
  /// (nothing but bytes differ) stands in the order of the bytes.
  bool less(std::string_view a, std::string_view b) const;

  // for tests and for who writes phrases: of exactly the language found_lang()
  /// Keys without plural forms, sorted.
  std::vector<std::string> keys() const;
  /// Names that a phrase uses, in all its forms.
  std::set<std::string> names(std::string_view key) const;
  /// Forms given for a key: {"one", "other"}; empty for a phrase without plural.
  std::set<std::string> forms(std::string_view key) const;
  /// Forms that the language has.
  std::set<std::string> plural_forms() const;

 private:
  friend class PhraseStore;
  struct State;
  explicit Phrases(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// With a capital first letter, if it is a letter.
std::string capitalise(std::string text);

/// All languages of a home.
class PhraseStore {
 public:
  /// `overrides` may be empty or a folder that does not exist.
  explicit PhraseStore(fs::path shipped, fs::path overrides = {});
  ~PhraseStore();
  PhraseStore(PhraseStore&&) noexcept;

  /// Error: not even English can be read. The reference lives until reload().
  Result<const Phrases*> in(std::string_view lang) const;
  /// Folders with phrases, sorted: en, ru, uk.
  std::vector<std::string> languages() const;

  /// What the operator should know: each thing once until reload().
  std::vector<std::string> take_warnings() const;
  void reload();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace focalpost
