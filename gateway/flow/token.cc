// SPDX-License-Identifier: Apache-2.0
#include "flow/token.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/hash.h"
#include "base/text.h"

namespace focalpost {
namespace {

constexpr std::string_view kBase32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::string_view kMark = "FP-";
constexpr std::size_t kCheckDigits = 16;  ///< 80 bits
constexpr std::size_t kMostDigits = 12;   ///< of the row

bool is_digit(char c) {
  return kBase32.find(c) != kBase32.npos;
}

std::string check_digits(std::string_view key, const Confirmation& asked) {
  std::string facts =
      fmt::format("confirmation {}\n{}\n{}\n{}\n{}\n{}\n", asked.id, asked.address, asked.provider,
                  asked.contact, to_millis(asked.asked), to_millis(asked.expires));
  for (const AskedItem& one : asked.items)
    facts += fmt::format("{} {} {} {} {}\n", one.docket, one.attempt, one.item, one.act,
                         one.content_hash);
  const Sha256 digest = hmac_sha256(key, facts);
  std::string digits;
  std::uint32_t bits = 0, count = 0;
  for (std::size_t i = 0; digits.size() < kCheckDigits; ++i) {
    bits = bits << 8 | digest[i];
    for (count += 8; count >= 5 && digits.size() < kCheckDigits; count -= 5)
      digits += kBase32[bits >> (count - 5) & 31];
  }
  return digits;
}

}  // namespace

std::string make_token(std::string_view key, const Confirmation& asked) {
  std::string digits;
  for (auto rest = static_cast<std::uint64_t>(asked.id); rest > 0 || digits.empty(); rest >>= 5)
    digits.insert(digits.begin(), kBase32[rest & 31]);
  return std::string(kMark) + digits + check_digits(key, asked);
}

std::string confirmation_message_id(std::string_view token, std::string_view domain) {
  return fmt::format("<{}@{}>", ascii_lower(token), domain);
}

std::vector<std::string> find_tokens(std::string_view text) {
  const std::string upper = ascii_upper(text);
  std::vector<std::string> found;
  for (std::size_t at = upper.find(kMark); at != upper.npos && found.size() < kMostTokens;
       at = upper.find(kMark, at + 1)) {
    std::size_t end = at + kMark.size();
    while (end < upper.size() && is_digit(upper[end])) ++end;
    const std::size_t digits = end - at - kMark.size();
    if (digits <= kCheckDigits || digits > kCheckDigits + kMostDigits) continue;
    std::string token = upper.substr(at, end - at);
    if (std::find(found.begin(), found.end(), token) == found.end())
      found.push_back(std::move(token));
  }
  return found;
}

std::optional<std::int64_t> token_row(std::string_view token) {
  if (!token.starts_with(kMark) || token.size() <= kMark.size() + kCheckDigits ||
      token.size() > kMark.size() + kMostDigits + kCheckDigits)
    return {};
  std::uint64_t row = 0;
  for (char c : token.substr(kMark.size(), token.size() - kMark.size() - kCheckDigits)) {
    if (!is_digit(c)) return {};
    row = row << 5 | kBase32.find(c);
  }
  return static_cast<std::int64_t>(row);
}

bool token_fits(std::string_view token, std::string_view key, const Confirmation& asked) {
  const std::string expected = make_token(key, asked);
  if (expected.size() != token.size()) return false;
  unsigned difference = 0;
  for (std::size_t i = 0; i < expected.size(); ++i)
    difference |= static_cast<unsigned char>(expected[i] ^ token[i]);
  return difference == 0;
}

}  // namespace focalpost
