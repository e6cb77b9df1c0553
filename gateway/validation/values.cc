// SPDX-License-Identifier: Apache-2.0

// GCC 12 with sanitizers sees uninitialised std::functions inside its own <regex> (GCC bug 105562).
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#include "validation/values.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <regex>
#include <utility>

#include "base/text.h"
#include "validation/periods.h"

namespace focalpost {

bool is_numeric(DataType type) {
  switch (type) {
    case DataType::kBigInteger:
    case DataType::kInteger:
    case DataType::kLong:
    case DataType::kShort:
    case DataType::kDecimal:
    case DataType::kFloat:
    case DataType::kDouble:
    case DataType::kCount:
    case DataType::kInclusiveValueRange:
    case DataType::kExclusiveValueRange:
    case DataType::kIncremental:
      return true;
    default:
      return false;
  }
}

namespace {

std::size_t code_points(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// UTF-8 to one wchar_t a code point. The text is valid UTF-8: the reader saw to that.
std::wstring widen(std::string_view text) {
  std::wstring wide;
  for (std::size_t i = 0; i < text.size();) {
    auto byte = [&](std::size_t at) -> std::uint32_t {
      return at < text.size() ? static_cast<unsigned char>(text[at]) : 0u;
    };
    std::uint32_t first = byte(i);
    std::size_t length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    std::uint32_t point = length == 1 ? first : first & (0xFFu >> (length + 1));
    for (std::size_t k = 1; k < length; ++k) point = point << 6 | (byte(i + k) & 0x3F);
    wide += static_cast<wchar_t>(point);
    i += length;
  }
  return wide;
}

/// An XML Schema pattern in ECMAScript's spelling; nothing where they part: \i \c \p, subtraction.
std::optional<std::string> as_ecmascript(std::string_view pattern) {
  std::string result;
  bool in_class = false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    char c = pattern[i];
    char next = i + 1 < pattern.size() ? pattern[i + 1] : '\0';
    if (c == '\\') {
      if (next == '\0' ||
          (is_letter(next) && std::string_view("dDsSwWntr").find(next) == std::string_view::npos) ||
          is_digit(next))
        return {};
      result += c;
      result += next;
      ++i;
      continue;
    }
    if (in_class) {
      if (c == '[') return {};
      if (c == ']') in_class = false;
    } else if (c == '[') {
      in_class = true;
    } else if (c == '(' && next == '?') {
      return {};
    } else if (c == '^' || c == '$') {
      result += '\\';  // ordinary characters there
    }
    result += c;
  }
  return result;
}

bool takes_digits(std::string_view& text, std::size_t count, int least, int most) {
  if (text.size() < count) return false;
  int n = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (!is_digit(text[i])) return false;
    n = n * 10 + (text[i] - '0');
  }
  text.remove_prefix(count);
  return n >= least && n <= most;
}

bool takes(std::string_view& text, std::string_view what) {
  if (text.substr(0, what.size()) != what) return false;
  text.remove_prefix(what.size());
  return true;
}

/// Nothing, "Z" or "+05:00".
bool is_zone(std::string_view text) {
  if (text.empty() || text == "Z") return true;
  if (text[0] != '+' && text[0] != '-') return false;
  text.remove_prefix(1);
  return takes_digits(text, 2, 0, 14) && takes(text, ":") && takes_digits(text, 2, 0, 59) &&
         text.empty();
}

bool is_time_of_day(std::string_view text) {
  if (!takes_digits(text, 2, 0, 24) || !takes(text, ":") || !takes_digits(text, 2, 0, 59) ||
      !takes(text, ":") || !takes_digits(text, 2, 0, 59))
    return false;
  if (takes(text, ".")) {
    std::size_t n = 0;
    while (n < text.size() && is_digit(text[n])) ++n;
    if (n == 0) return false;
    text.remove_prefix(n);
  }
  return is_zone(text);
}

/// A number that read_number() takes, as a double; beyond the greatest and below the least one
/// infinity and 0.
double approximate(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::result_out_of_range) {
    const auto e = text.find_first_of("eE");
    const bool tiny = e != text.npos && text.substr(e + 1).starts_with('-');
    value = tiny ? 0 : std::numeric_limits<double>::infinity();
  }
  return negative ? -value : value;
}

/// An xs:anyURI: blanks are not let pass, though XML Schema would have them escaped.
bool is_uri(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (static_cast<unsigned char>(c) <= ' ' || c == '<' || c == '>') return false;
    auto hex = [&](std::size_t at) {
      return at < text.size() &&
             (is_digit(text[at]) || ((text[at] | 32) >= 'a' && (text[at] | 32) <= 'f'));
    };
    if (c == '%' && !(hex(i + 1) && hex(i + 2))) return false;
  }
  // What stands before a colon in the first segment is a scheme.
  const auto colon = text.find(':');
  if (colon == text.npos || colon > text.find_first_of("/?#")) return true;
  return colon > 0 && is_letter(text[0]) &&
         std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(colon), [](char c) {
           return is_letter(c) || is_digit(c) || c == '+' || c == '-' || c == '.';
         });
}

/// xs:duration: PnYnMnDTnHnMnS, with seconds in decimals.
bool is_duration(std::string_view text) {
  takes(text, "-");
  if (!takes(text, "P") || text.empty()) return false;
  std::string_view units = "YMD";
  bool in_time = false;
  while (!text.empty()) {
    if (text.front() == 'T') {
      if (in_time || text.size() == 1) return false;
      in_time = true;
      units = "HMS";
      text.remove_prefix(1);
      continue;
    }
    std::size_t n = text.find_first_not_of("0123456789.");
    if (n == 0 || n == text.npos) return false;
    std::string_view number = text.substr(0, n);
    NumberForm form = read_number(number);
    bool seconds = in_time && text[n] == 'S';
    if (form != NumberForm::kInteger && !(seconds && form == NumberForm::kDecimal)) return false;
    auto place = units.find(text[n]);
    if (place == units.npos) return false;
    units.remove_prefix(place + 1);
    text.remove_prefix(n + 1);
  }
  return true;
}

}  // namespace

/// Compiled once; `usable` is false when the pattern is not one that we can judge by.
class Pattern {
 public:
  explicit Pattern(std::string_view source) {
    auto translated = source.size() <= 1024 ? as_ecmascript(source) : std::nullopt;
    if (!translated) return;
    try {
      auto flags = std::regex_constants::ECMAScript | std::regex_constants::nosubs;
#ifdef __GLIBCXX__
      // No backtracking: neither exponential time nor recursion on the text's length.
      flags |= std::regex_constants::__polynomial;
#endif
      regex_.assign(widen(*translated), flags);
      usable_ = true;
    } catch (const std::regex_error&) {
    }
  }
  bool matches(std::string_view text) const {
    if (!usable_ || text.size() > 4 * ValueCheck::kPatternText) return true;
    std::wstring wide = widen(text);
    if (wide.size() > ValueCheck::kPatternText) return true;
    try {
      return std::regex_match(wide, regex_);
    } catch (const std::regex_error&) {
      return true;  // too complex for the library: not judged
    }
  }

 private:
  std::wregex regex_;
  bool usable_ = false;
};

ValueCheck::~ValueCheck() = default;
ValueCheck::ValueCheck(ValueCheck&&) noexcept = default;

ValueCheck::ValueCheck(const TextFormat& format)
    : format_(&format),
      numeric_(is_numeric(format.type)),
      lengths_(format.min_length || format.max_length || !format.pattern.empty()) {
  auto number = [](const std::string& text) -> std::optional<Decimal> {
    Decimal d;
    NumberForm form = read_number(trim(text), &d);
    if (form == NumberForm::kNone || form == NumberForm::kNaN || d.exponent == kTooLarge) return {};
    return d;
  };
  min_ = number(format.min_value);
  max_ = number(format.max_value);
  if (!numeric_ || lengths_ || format.type == DataType::kExclusiveValueRange) return;
  // Nine digits always fit; the judge reads no more than these by itself.
  least_ = 0;
  most_ = format.type == DataType::kShort ? 32767 : 999'999'999;
  auto bound = [](std::int64_t v) { return Decimal{v, 0}; };
  while (min_ && least_ <= most_ && compare(bound(least_), *min_) < 0) {
    // Raise to the next whole number at once: a minimum of 1,000 is as common as one of 0.
    double m = std::ceil(min_->to_double());
    std::int64_t next = m >= 1e9 ? most_ + 1 : static_cast<std::int64_t>(m);
    least_ = std::max(least_ + 1, next);
  }
  if (max_ && compare(bound(most_), *max_) > 0) {
    double m = std::floor(max_->to_double());
    most_ = m < 0 ? -1 : static_cast<std::int64_t>(m);
    while (most_ >= 0 && compare(bound(most_), *max_) > 0) --most_;
  }
}

const Rule* ValueCheck::number_fault(std::string_view text, Decimal& number) const {
  NumberForm form = read_number(text, &number);
  if (form == NumberForm::kNaN) {
    number.exponent = kTooLarge;
    return nullptr;
  }
  bool whole_type = false;
  Decimal least{INT64_MIN, 0}, most{INT64_MAX, 0};
  bool fits_type = true;
  switch (format_->type) {
    case DataType::kBigInteger:
    case DataType::kCount:
      whole_type = true;
      break;
    case DataType::kInteger:
      least = {INT32_MIN, 0}, most = {INT32_MAX, 0};
      [[fallthrough]];
    case DataType::kLong:
    case DataType::kShort:
      whole_type = true;
      if (format_->type == DataType::kShort) least = {INT16_MIN, 0}, most = {INT16_MAX, 0};
      if (number.exponent == kTooLarge) {
        // Nineteen digits may still be a Long; compared as text, which has no leading zeros to
        // spare.
        constexpr std::string_view top = "9223372036854775807";
        std::string_view digits = text;
        if (!digits.empty() && (digits[0] == '+' || digits[0] == '-')) digits.remove_prefix(1);
        while (digits.size() > 1 && digits[0] == '0') digits.remove_prefix(1);
        fits_type = format_->type == DataType::kLong && digits.size() == top.size() &&
                    (digits <= top || (text[0] == '-' && digits == "9223372036854775808"));
      } else {
        fits_type = compare(number, least) >= 0 && compare(number, most) <= 0;
      }
      break;
    default:
      break;
  }
  if (form == NumberForm::kNone) {
    if (!separated_number(text).empty()) return &rules::number_with_separator;
    if (!instead_of_sign(text).empty()) return &rules::sign_for_missing;
    return &rules::type_mismatch;
  }
  if (whole_type && (form != NumberForm::kInteger || !fits_type)) return &rules::type_mismatch;
  bool floating = format_->type == DataType::kDouble || format_->type == DataType::kFloat;
  if (form == NumberForm::kDouble && !floating) return &rules::type_mismatch;
  if (format_->decimals) {
    auto dot = text.find('.');
    std::size_t written =
        dot == text.npos ? 0 : text.substr(dot + 1).find_first_not_of("0123456789");
    if (dot != text.npos && written == text.npos) written = text.size() - dot - 1;
    if (written > *format_->decimals) return &rules::too_many_decimals;
  }
  const bool open = format_->type == DataType::kExclusiveValueRange;
  if (number.exponent == kTooLarge) {
    // More digits than are computed with: near enough as a double.
    const double value = approximate(text);
    if (min_ && (value < min_->to_double() || (open && value == min_->to_double())))
      return &rules::too_small;
    if (max_ && (value > max_->to_double() || (open && value == max_->to_double())))
      return &rules::too_large;
    return nullptr;
  }
  if (min_ && (compare(number, *min_) < 0 || (open && compare(number, *min_) == 0)))
    return &rules::too_small;
  if (max_ && (compare(number, *max_) > 0 || (open && compare(number, *max_) == 0)))
    return &rules::too_large;
  return nullptr;
}

bool ValueCheck::has_type(std::string_view text) const {
  auto all = [&](auto wanted) { return std::all_of(text.begin(), text.end(), wanted); };
  switch (format_->type) {
    case DataType::kString:
    case DataType::kXhtml:
    case DataType::kOther:
      return true;
    case DataType::kAlpha:
      return all(is_letter);
    case DataType::kAlphaNumeric:
      return all([](char c) { return is_letter(c) || is_digit(c); });
    case DataType::kNumeric:
      return all(is_digit);
    case DataType::kBoolean:
      return text == "true" || text == "false" || text == "1" || text == "0";
    case DataType::kUri:
      return is_uri(text);
    case DataType::kMonth:
      return takes(text, "--") && takes_digits(text, 2, 1, 12) && is_zone(text);
    case DataType::kMonthDay:
      // A leap year, so that --02-29 is one.
      return takes(text, "--") && text.size() >= 5 &&
             Period::parse("2000-" + std::string(text.substr(0, 5))) && is_zone(text.substr(5));
    case DataType::kDay:
      return takes(text, "---") && takes_digits(text, 2, 1, 31) && is_zone(text);
    case DataType::kTime:
      return is_time_of_day(text);
    case DataType::kDuration:
      return is_duration(text);
    default:
      break;
  }
  auto period = Period::parse(text);
  return period && spelled_as(format_->type, text, *period);
}

const Rule* ValueCheck::fault(std::string_view text) const {
  Decimal ignored;
  return fault(text, &ignored);
}

const Rule* ValueCheck::fault(std::string_view text, Decimal* number) const {
  number->exponent = kTooLarge;
  if (numeric_) {
    if (const Rule* rule = number_fault(text, *number)) return rule;
  } else {
    if (format_->type != DataType::kString && !has_type(text)) return &rules::type_mismatch;
    if (!format_->start_time.empty() || !format_->end_time.empty()) {
      if (auto period = Period::parse(text)) {
        DayRange range = days_between(format_->start_time, format_->end_time);
        if (period->first_day() < range.first || period->end_day() - 1 > range.last)
          return &rules::period_range;
      }
    }
  }
  if (!lengths_) return nullptr;
  if (format_->max_length && text.size() > *format_->max_length &&
      code_points(text) > *format_->max_length)
    return &rules::too_long;
  if (format_->min_length && code_points(text) < *format_->min_length) return &rules::too_short;
  if (!format_->pattern.empty()) {
    if (!pattern_) pattern_ = std::make_unique<Pattern>(format_->pattern);
    if (!pattern_->matches(text)) return &rules::pattern_mismatch;
  }
  return nullptr;
}

std::string ValueCheck::expected(const Rule& rule) const {
  if (&rule == &rules::too_long) return fmt::format("{}", format_->max_length.value_or(0));
  if (&rule == &rules::too_short) return fmt::format("{}", format_->min_length.value_or(0));
  if (&rule == &rules::too_small) return format_->min_value;
  if (&rule == &rules::too_large) return format_->max_value;
  if (&rule == &rules::too_many_decimals) return fmt::format("{}", format_->decimals.value_or(0));
  if (&rule == &rules::pattern_mismatch) return one_line(shorten(format_->pattern, 80));
  if (&rule == &rules::period_range) return format_->start_time + ".." + format_->end_time;
  return std::string(data_type_name(format_->type));
}

std::vector<std::string> separated_number(std::string_view text) {
  // Spaces and apostrophes only ever group digits; commas and points may do either.
  static constexpr std::string_view kGrouping[] = {" ",      "\u00A0", "\u202F",
                                                   "\u2009", "'",      "\u2019"};
  if (text.size() > 64) return {};
  text = trim(text);
  std::string plain, sign;
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) {
    if (text.front() == '-') sign = "-";
    text.remove_prefix(1);
  }
  bool grouped = false;
  if (text.empty() || !is_digit(text.front()) || !is_digit(text.back())) return {};
  while (!text.empty()) {
    if (is_digit(text.front()) || text.front() == ',' || text.front() == '.') {
      plain += text.front();
      text.remove_prefix(1);
      continue;
    }
    auto found = std::find_if(std::begin(kGrouping), std::end(kGrouping),
                              [&](std::string_view g) { return text.substr(0, g.size()) == g; });
    if (found == std::end(kGrouping)) return {};
    text.remove_prefix(found->size());
    grouped = true;
  }
  auto without = [&](char c) {
    std::string s = plain;
    s.erase(std::remove(s.begin(), s.end(), c), s.end());
    return s;
  };
  auto commas = std::count(plain.begin(), plain.end(), ',');
  auto points = std::count(plain.begin(), plain.end(), '.');
  std::vector<std::string> meanings;
  if (commas == 0 && points <= 1) {
    if (grouped) meanings = {plain};
  } else if (commas > 0 && points > 0) {
    bool comma_last = plain.rfind(',') > plain.rfind('.');
    if (comma_last && commas == 1) {
      std::string s = without('.');
      s[s.find(',')] = '.';
      meanings = {s};
    } else if (!comma_last && points == 1) {
      meanings = {without(',')};
    }
  } else if (commas == 1 && points == 0) {
    std::string decimal = plain;
    decimal[plain.find(',')] = '.';
    if (!grouped && plain.size() - plain.find(',') == 4) meanings = {without(',')};
    meanings.push_back(decimal);
  } else if (commas > 1) {
    meanings = {without(',')};
  } else {
    meanings = {without('.')};
  }
  for (std::string& meaning : meanings) meaning.insert(0, sign);
  std::erase_if(meanings, [](const std::string& s) { return read_number(s) == NumberForm::kNone; });
  return meanings;
}

std::vector<std::string> instead_of_sign(std::string_view text) {
  struct Row {
    std::string_view sign, instead;
  };
  // NETWORK.md section 3: a dash is nothing, dots are "not available", a cross "cannot exist".
  static constexpr Row kSigns[] = {
      {"-", "0"},
      {"–", "0"},
      {"—", "0"},
      {"−", "0"},
      {"--", "0"},
      {"нет", "0"},
      {"…", "OBS_STATUS=O"},
      {"..", "OBS_STATUS=O"},
      {"...", "OBS_STATUS=O"},
      {".", "OBS_STATUS=O"},
      {":", "OBS_STATUS=O"},
      {"?", "OBS_STATUS=O"},
      {"n/a", "OBS_STATUS=O"},
      {"na", "OBS_STATUS=O"},
      {"n.a.", "OBS_STATUS=O"},
      {"#n/a", "OBS_STATUS=O"},
      {"null", "OBS_STATUS=O"},
      {"н/д", "OBS_STATUS=O"},
      {"н.д.", "OBS_STATUS=O"},
      {"x", "OBS_STATUS=M"},
      {"х", "OBS_STATUS=M"},
      {"Х", "OBS_STATUS=M"},
      {"×", "OBS_STATUS=M"},
  };
  text = trim(text);
  for (const Row& row : kSigns)
    if (ascii_iequal(row.sign, text)) return {std::string(row.instead)};
  return {};
}

}  // namespace focalpost
