// SPDX-License-Identifier: Apache-2.0
//
// decimal: numbers exactly as they were written.
//
// A value is kept digit for digit as text; Decimal is what can be computed with it: mantissa x
// 10^exponent for up to 18 significant digits. Larger or special numbers (INF) have no Decimal and
// are compared as text.
#pragma once

#include <cmath>
#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>

namespace focalpost {

struct Decimal {
  std::int64_t mantissa = 0;
  std::int32_t exponent = 0;

  double to_double() const { return static_cast<double>(mantissa) * std::pow(10.0, exponent); }
  /// Digits after the decimal point.
  int decimals() const { return exponent < 0 ? -exponent : 0; }
};

enum class NumberForm : std::uint8_t {
  kNone,     ///< not a number
  kInteger,  ///< xs:integer
  kDecimal,  ///< xs:decimal
  kDouble,   ///< xs:double: with an exponent, or INF
  kNaN,      ///< "NaN": the SDMX way to say that a number is missing
};

/// What an xs:double (and narrower) literal is, without white space around it. If `value` is given
/// and the number fits, it is filled in, else its exponent becomes kTooLarge.
NumberForm read_number(std::string_view text, Decimal* value = nullptr);
inline constexpr std::int32_t kTooLarge = INT32_MAX;

/// Equal, less or greater as numbers: 1.50 equals 1.5.
std::strong_ordering compare(const Decimal& a, const Decimal& b);

}  // namespace focalpost
