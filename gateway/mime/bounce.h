// SPDX-License-Identifier: Apache-2.0
//
// bounce: reads what a mail server reports about a message of ours, and ties it to that message.
//
// Standard reports (RFC 3464, RFC 6533) are read from their fields, the others (qmail, Exim,
// Sendmail, Exchange, Domino, mail.ru, Yandex, Google before they knew the standard) from their
// text. Never: marks an address, looks into the store, follows anything inside the message that
// came back; a report inside a report is no report.
//
// Dangers: anybody can write a bounce. What is here are claims. A tag (read with the home's key) or
// a returned Message-ID of ours that goes with the recipient of that row (same_recipient) is what
// makes one believable; deciding that is `flow`'s. A tag proves that its writer saw the envelope of
// this one message, so it counts for this one message only. Texts are on one line and short, but a
// stranger's: they go to people through one_line() and escape_html() like any other.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mime/automatic.h"
#include "mime/message.h"

namespace focalpost::mime {

/// From what matters most to what matters least.
enum class BounceKind : std::uint8_t {
  kHard,       ///< not delivered, for a reason that will stay: no such mailbox, refused
  kSoft,       ///< not delivered, for a reason that may pass: mailbox full, server not reached
  kDelayed,    ///< still being tried; another report may follow
  kDelivered,  ///< delivered, or handed to a server that reports nothing
  kUnknown,    ///< a report, but of what could not be made out
};
std::string_view bounce_kind_name(BounceKind kind);

struct BouncedRecipient {
  BounceKind kind = BounceKind::kUnknown;
  std::string address;   ///< where it went in the end; empty if only `original` was given
  std::string original;  ///< as we addressed it (RFC 3461 ORCPT, perhaps still in xtext), or empty
  std::string status;    ///< "5.1.1" (RFC 3463), or empty
  std::string text;      ///< what the server said, on one line, at most kMostBounceText characters
};

struct Bounce {
  BounceKind kind = BounceKind::kUnknown;    ///< the one of its recipients that matters most
  std::vector<BouncedRecipient> recipients;  ///< the first kMostBouncedRecipients; may be empty
  bool more_recipients = false;
  std::string message_id;   ///< of the message that came back, with brackets; or empty
  std::string envelope_id;  ///< Original-Envelope-Id: our ENVID, or empty
  std::string shape;        ///< how it was read: "RFC 3464", "qmail", ..., "text"
};

inline constexpr std::size_t kMostBouncedRecipients = 100;
inline constexpr std::size_t kMostBounceText = 300;
/// Of a report (and of the text beside it) no more is looked at.
inline constexpr std::size_t kMostReportBytes = 256 * 1024;

/// Nothing if the message is no report about a delivery. `sender`: from classify(). What came with
/// the null return path but without a server's name counts only if it is plainly such a report, so
/// that an out-of-office that mentions addresses is none.
std::optional<Bounce> read_bounce(const Message& message, Sender sender, const Limits& limits);

/// Is this the address that we wrote to? Without case; `original` also as xtext (RFC 3461 4),
/// which some servers give back undecoded.
bool same_recipient(const BouncedRecipient& recipient, std::string_view address);

// Tags: "gateway+{tag}@network.example" as return path names the row of the outbox.

/// Row and 80 bits of HMAC-SHA-256 in lower-case base32 (RFC 4648 alphabet): 17 to 29 characters,
/// fit for a local part and an ENVID, and as good after a server changed its case.
std::string make_bounce_tag(std::string_view key, std::int64_t row);
/// The row, if the tag was made with this key.
std::optional<std::int64_t> verify_bounce_tag(std::string_view key, std::string_view tag);

/// The row that a bounce names with a valid tag: in the addresses that it was sent to (To, Cc,
/// Delivered-To, X-Original-To, Envelope-To) where they are like `pattern` (with one "{tag}", or
/// empty), or in `envelope_id`.
std::optional<std::int64_t> bounced_row(const Message& message, std::string_view envelope_id,
                                        std::string_view pattern, std::string_view key);

}  // namespace focalpost::mime
