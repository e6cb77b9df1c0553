// SPDX-License-Identifier: Apache-2.0
#include "base/spreadsheet.h"

namespace focalpost {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Digits behind a sign, with a point and an exponent at most.
bool is_signed_number(std::string_view text) {
  std::size_t at = text.front() == '+' || text.front() == '-' ? 1 : 0, digits = 0;
  auto run = [&] {
    for (; at < text.size() && is_digit(text[at]); ++at) ++digits;
  };
  run();
  if (at < text.size() && text[at] == '.') ++at, run();
  if (digits == 0) return false;
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    digits = 0;
    run();
    if (digits == 0) return false;
  }
  return at == text.size();
}

}  // namespace

bool looks_like_formula(std::string_view text) {
  if (text.empty() || std::string_view("=+-@\t\r\n").find(text.front()) == std::string_view::npos)
    return false;
  return !is_signed_number(text);
}

bool needs_apostrophe(std::string_view text) {
  return looks_like_formula(text) || without_apostrophe(text).size() < text.size();
}

}  // namespace focalpost
