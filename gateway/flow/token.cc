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
constexpr std::string_view kRequestMark = "RQ-";
constexpr std::string_view kReminderMark = "DU-";
constexpr std::string_view kSubscriptionMark = "SU-";
constexpr std::size_t kCheckDigits = 16;  ///< 80 bits
constexpr std::size_t kMostDigits = 12;   ///< of the row

bool is_digit(char c) {
  return kBase32.find(c) != kBase32.npos;
}

std::string check_digits(std::string_view key, const std::string& facts) {
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

std::string make(std::string_view mark, std::int64_t row, std::string_view key,
                 const std::string& facts) {
  std::string digits;
  for (auto rest = static_cast<std::uint64_t>(row); rest > 0 || digits.empty(); rest >>= 5)
    digits.insert(digits.begin(), kBase32[rest & 31]);
  return std::string(mark) + digits + check_digits(key, facts);
}

/// Calls `found` with where each is, until it says no.
template <typename Found>
void each_token(std::string_view upper, std::string_view mark, Found found) {
  for (std::size_t at = upper.find(mark); at != upper.npos; at = upper.find(mark, at + 1)) {
    std::size_t end = at + mark.size();
    while (end < upper.size() && is_digit(upper[end])) ++end;
    const std::size_t digits = end - at - mark.size();
    if (digits <= kCheckDigits || digits > kCheckDigits + kMostDigits) continue;
    if (!found(at, end - at)) return;
  }
}

std::vector<std::string> find(std::string_view text, std::string_view mark) {
  const std::string upper = ascii_upper(text);
  std::vector<std::string> all;
  each_token(upper, mark, [&](std::size_t at, std::size_t length) {
    std::string token = upper.substr(at, length);
    if (std::find(all.begin(), all.end(), token) == all.end()) all.push_back(std::move(token));
    return all.size() < kMostTokens;
  });
  return all;
}

std::optional<std::int64_t> row_of_token(std::string_view token, std::string_view mark) {
  if (!token.starts_with(mark) || token.size() <= mark.size() + kCheckDigits ||
      token.size() > mark.size() + kMostDigits + kCheckDigits)
    return {};
  std::uint64_t row = 0;
  for (char c : token.substr(mark.size(), token.size() - mark.size() - kCheckDigits)) {
    if (!is_digit(c)) return {};
    row = row << 5 | kBase32.find(c);
  }
  return static_cast<std::int64_t>(row);
}

/// Takes as long for a wrong one as for the right.
bool same(std::string_view token, const std::string& expected) {
  if (expected.size() != token.size()) return false;
  unsigned difference = 0;
  for (std::size_t i = 0; i < expected.size(); ++i)
    difference |= static_cast<unsigned char>(expected[i] ^ token[i]);
  return difference == 0;
}

}  // namespace

std::string make_token(std::string_view key, const Confirmation& asked) {
  std::string facts =
      fmt::format("confirmation {}\n{}\n{}\n{}\n{}\n{}\n", asked.id, asked.address, asked.provider,
                  asked.contact, to_millis(asked.asked), to_millis(asked.expires));
  for (const AskedItem& one : asked.items)
    facts += fmt::format("{} {} {} {} {}\n", one.docket, one.attempt, one.item, one.act,
                         one.content_hash);
  return make(kMark, asked.id, key, facts);
}

std::string confirmation_message_id(std::string_view token, std::string_view domain) {
  return fmt::format("<{}@{}>", ascii_lower(token), domain);
}

std::vector<std::string> find_tokens(std::string_view text) {
  return find(text, kMark);
}

std::optional<std::int64_t> token_row(std::string_view token) {
  return row_of_token(token, kMark);
}

bool token_fits(std::string_view token, std::string_view key, const Confirmation& asked) {
  return same(token, make_token(key, asked));
}

std::string make_token(std::string_view key, const RequestLetter& letter) {
  return make(kRequestMark, letter.id, key,
              fmt::format("request {} {} {}\n{}\n{}\n", letter.id, letter.request,
                          static_cast<int>(letter.kind), letter.address, to_millis(letter.at)));
}

std::vector<std::string> find_request_tokens(std::string_view text) {
  return find(text, kRequestMark);
}

std::optional<std::int64_t> request_token_row(std::string_view token) {
  return row_of_token(token, kRequestMark);
}

bool token_fits(std::string_view token, std::string_view key, const RequestLetter& letter) {
  return same(token, make_token(key, letter));
}

std::string make_token(std::string_view key, const Reminder& reminder) {
  return make(kReminderMark, reminder.id, key,
              fmt::format("reminder {} {}\n{}\n{}\n{}\n", reminder.id, reminder.address,
                          reminder.provider, reminder.contact, to_millis(reminder.at)));
}

std::vector<std::string> find_reminder_tokens(std::string_view text) {
  return find(text, kReminderMark);
}

std::optional<std::int64_t> reminder_token_row(std::string_view token) {
  return row_of_token(token, kReminderMark);
}

bool token_fits(std::string_view token, std::string_view key, const Reminder& reminder) {
  return same(token, make_token(key, reminder));
}

std::string make_token(std::string_view key, const Subscription& subscription,
                       SubscriptionWord word) {
  std::string facts = fmt::format("subscription {} {}\n{}\n", subscription.id,
                                  static_cast<int>(word), subscription.address);
  // Who ends it may have an old digest at hand; who confirms answers the newest letter.
  if (word == SubscriptionWord::kConfirm)
    facts += fmt::format("{}\n", to_millis(subscription.opened));
  return make(kSubscriptionMark, subscription.id, key, facts);
}

std::vector<std::string> find_subscription_tokens(std::string_view text) {
  return find(text, kSubscriptionMark);
}

std::optional<std::int64_t> subscription_token_row(std::string_view token) {
  return row_of_token(token, kSubscriptionMark);
}

bool token_fits(std::string_view token, std::string_view key, const Subscription& subscription,
                SubscriptionWord word) {
  return same(token, make_token(key, subscription, word));
}

std::string without_tokens(std::string_view text) {
  std::string out(text);
  for (std::string_view mark : {kMark, kRequestMark, kReminderMark, kSubscriptionMark}) {
    const std::string upper = ascii_upper(out);
    std::string kept;
    std::size_t from = 0;
    each_token(upper, mark, [&](std::size_t at, std::size_t length) {
      kept.append(out, from, at - from).append("…");
      from = at + length;
      return true;
    });
    kept.append(out, from);
    out = std::move(kept);
  }
  return out;
}

}  // namespace focalpost
