// SPDX-License-Identifier: Apache-2.0
//
// values: whether one uncoded text is what its component's text format asks for.
//
// Data types and facets of SDMX 2.1 (SDMXCommon.xsd, DataType and TextFormatType; XML Schema part 2
// for the lexical forms). Lengths count code points. A pattern is read as the XML Schema regular
// expression that it is, as far as it means the same in ECMAScript; one that does not, or a text
// over kPatternText code points, is not judged by its pattern. Matching takes polynomial time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/decimal.h"
#include "model/lookup.h"
#include "model/rules.h"

namespace focalpost {

/// Whether values of this type are numbers, for which NaN means missing.
bool is_numeric(DataType type);

class Pattern;  ///< a compiled pattern facet

class ValueCheck {
 public:
  static constexpr std::size_t kPatternText = 1024;

  explicit ValueCheck(const TextFormat& format);
  ~ValueCheck();
  ValueCheck(ValueCheck&&) noexcept;

  /// The rule that `text` (present and not empty) breaks; null when it is right.
  const Rule* fault(std::string_view text) const;
  /// Like fault(); `number` is filled in where the value is one (else its exponent is kTooLarge).
  const Rule* fault(std::string_view text, Decimal* number) const;
  /// What the broken rule asks for: "Decimal", "0", "350".
  std::string expected(const Rule& rule) const;

  bool numeric() const { return numeric_; }
  /// Whole numbers without sign are right within these bounds, whatever else the format says; an
  /// empty range (least > most) when more has to be looked at.
  std::int64_t least_integer() const { return least_; }
  std::int64_t most_integer() const { return most_; }

 private:
  const Rule* number_fault(std::string_view text, Decimal& number) const;
  bool has_type(std::string_view text) const;

  const TextFormat* format_;
  bool numeric_;
  bool lengths_;
  std::optional<Decimal> min_, max_;
  std::int64_t least_ = 0, most_ = -1;
  mutable std::unique_ptr<Pattern> pattern_;  ///< compiled when first needed
};

/// What numbers a text like "1 234", "1,234" or "1.234,5" may mean, most likely first; empty when
/// it is not a number with separators. NETWORK.md: never guessed, only suggested.
std::vector<std::string> separated_number(std::string_view text);

/// What to write instead of a sign that people use for "nothing", "not available", "not applicable"
/// ("-", "…", "х"): "0" or an OBS_STATUS; empty when `text` is no such sign.
std::vector<std::string> instead_of_sign(std::string_view text);

}  // namespace focalpost
