// SPDX-License-Identifier: Apache-2.0
//
// token: what a letter that asks for a word carries, so that the answer proves that the letter was
// received: "FP-B3K7QZ2MNX5TW6RLA4".
//
// Made of the number of the confirmation (store/confirmations.h) and 80 bits of HMAC-SHA-256, with
// the home's key, over everything that a yes would confirm: who was asked, until when, and each
// docket with its attempt, item, act and content. Nothing of it is secret but the key. It is
// written into the subject ("[FP-...]") and into the Message-ID, so that a plain "Reply" brings it
// back.
//
// A token says which confirmation is meant and that its letter was read. Whether it is late, used
// up or somebody else's is the row's matter (answer.h).
//
// Letters about requests (store/requests.h) have a kind of their own, "RQ-...": it says which
// request a reply is about, and authorises nothing but an asker's own confirmation. So have letters
// about what is due, "DU-...": it says which list a reply is about.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/confirmations.h"
#include "store/duties.h"
#include "store/requests.h"
#include "store/subscriptions.h"

namespace focalpost {

std::string make_token(std::string_view key, const Confirmation& asked);

/// Of the letter that asks: "<fp-b3k7qz2mnx5tw6rla4@domain>".
std::string confirmation_message_id(std::string_view token, std::string_view domain);

/// What looks like a token, in upper case, in the order of the text, each once, at most
/// kMostTokens.
std::vector<std::string> find_tokens(std::string_view text);
inline constexpr std::size_t kMostTokens = 10;

/// The number of the confirmation that it names; nothing proved yet.
std::optional<std::int64_t> token_row(std::string_view token);
/// Whether it is the token of this confirmation. Takes as long for a wrong one as for the right.
bool token_fits(std::string_view token, std::string_view key, const Confirmation& asked);

// The same of letters about requests.

std::string make_token(std::string_view key, const RequestLetter& letter);
std::vector<std::string> find_request_tokens(std::string_view text);
std::optional<std::int64_t> request_token_row(std::string_view token);
bool token_fits(std::string_view token, std::string_view key, const RequestLetter& letter);

// The same of letters about what is due.

std::string make_token(std::string_view key, const Reminder& reminder);
std::vector<std::string> find_reminder_tokens(std::string_view text);
std::optional<std::int64_t> reminder_token_row(std::string_view token);
bool token_fits(std::string_view token, std::string_view key, const Reminder& reminder);

// The same of letters about subscriptions, "SU-...": a word confirms that an address wants one, or
// ends it.

enum class SubscriptionWord : std::uint8_t { kConfirm, kEnd };
std::string make_token(std::string_view key, const Subscription& subscription,
                       SubscriptionWord word);
std::vector<std::string> find_subscription_tokens(std::string_view text);
std::optional<std::int64_t> subscription_token_row(std::string_view token);
bool token_fits(std::string_view token, std::string_view key, const Subscription& subscription,
                SubscriptionWord word);

/// The text without anything that looks like a token of any kind: what somebody wrote is going to
/// be quoted in a letter to somebody else.
std::string without_tokens(std::string_view text);

}  // namespace focalpost
