// SPDX-License-Identifier: Apache-2.0
#include "model/decimal.h"

namespace focalpost {

NumberForm read_number(std::string_view text, Decimal* value) {
  if (text.empty()) return NumberForm::kNone;
  Decimal ignored;
  Decimal& out = value ? *value : ignored;
  out = {};
  if (text == "NaN") return NumberForm::kNaN;
  const char* p = text.data();
  const char* end = p + text.size();
  bool negative = *p == '-';
  if (*p == '-' || *p == '+') ++p;
  if (std::string_view(p, std::size_t(end - p)) == "INF") {
    out.exponent = kTooLarge;
    return text.front() == '+' ? NumberForm::kNone : NumberForm::kDouble;
  }
  std::int64_t mantissa = 0;
  int digits = 0, significant = 0;
  std::int32_t exponent = 0;
  bool fits = true;
  auto digit = [&](char c, bool fraction) {
    ++digits;
    if (significant > 0 || c != '0') {
      if (++significant > 18) {
        // A zero past the 18th place changes only the exponent; any other digit does not fit.
        if (c != '0') fits = false;
        if (!fraction) ++exponent;
        return;
      }
    }
    mantissa = mantissa * 10 + (c - '0');
    if (fraction) --exponent;
  };
  while (p < end && *p >= '0' && *p <= '9') digit(*p++, false);
  NumberForm form = NumberForm::kInteger;
  if (p < end && *p == '.') {
    form = NumberForm::kDecimal;
    ++p;
    while (p < end && *p >= '0' && *p <= '9') digit(*p++, true);
  }
  if (digits == 0) return NumberForm::kNone;
  if (p < end && (*p == 'e' || *p == 'E')) {
    form = NumberForm::kDouble;
    ++p;
    bool down = p < end && *p == '-';
    if (p < end && (*p == '-' || *p == '+')) ++p;
    if (p == end) return NumberForm::kNone;
    std::int32_t e = 0;
    for (; p < end && *p >= '0' && *p <= '9'; ++p) {
      e = e * 10 + (*p - '0');
      if (e > 400) e = 400, fits = false;
    }
    exponent += down ? -e : e;
  }
  if (p != end) return NumberForm::kNone;
  out.mantissa = negative ? -mantissa : mantissa;
  out.exponent = fits ? exponent : kTooLarge;
  return form;
}

std::strong_ordering compare(const Decimal& a, const Decimal& b) {
  __extension__ using Wide = __int128;
  if (a.mantissa == 0 || b.mantissa == 0 || (a.mantissa < 0) != (b.mantissa < 0) ||
      a.exponent == b.exponent)
    return a.mantissa <=> b.mantissa;
  const bool swap = a.exponent < b.exponent;
  const Decimal& high = swap ? b : a;
  const Decimal& low = swap ? a : b;
  Wide scaled = high.mantissa;
  const Wide other = low.mantissa;
  for (std::int64_t d = std::int64_t(high.exponent) - low.exponent; d > 0; --d) {
    scaled *= 10;
    // beyond the other's magnitude no further zero changes the answer
    if (scaled > 0 ? scaled > Wide(2) * INT64_MAX : scaled < Wide(2) * INT64_MIN) break;
  }
  auto order = scaled < other   ? std::strong_ordering::less
               : scaled > other ? std::strong_ordering::greater
                                : std::strong_ordering::equal;
  return swap ? 0 <=> order : order;
}

}  // namespace focalpost
