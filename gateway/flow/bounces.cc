// SPDX-License-Identifier: Apache-2.0
#include "flow/bounces.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/hash.h"
#include "base/text.h"
#include "compose/undeliverable.h"
#include "flow/gate.h"
#include "flow/letter.h"
#include "mime/compose.h"

namespace focalpost {
namespace {

constexpr std::size_t kMostText = 400;
constexpr std::uint64_t kKeyFileBytes = 4096;

/// What the report says of this recipient; of a message that was passed on to another address, what
/// it says of that.
mime::BouncedRecipient about(const mime::Bounce& bounce, std::string_view recipient) {
  for (const mime::BouncedRecipient& one : bounce.recipients)
    if (same_recipient(one, recipient)) return one;
  for (const mime::BouncedRecipient& one : bounce.recipients)
    if (one.kind == bounce.kind) return one;
  mime::BouncedRecipient whole;
  whole.kind = bounce.kind;
  return whole;
}

std::string said(const mime::BouncedRecipient& one) {
  std::string text = one.text;
  if (text.empty() && !one.status.empty()) text = "status " + one.status;
  return shorten(one_line(text), kMostText);
}

/// The row that the report is about, if it is to be believed.
Result<std::optional<OutboxEntry>> row_of(Home& home, const mime::Message& message,
                                          const mime::Bounce& bounce, std::string_view key) {
  Outbox outbox = home.store().outbox();
  if (auto id =
          mime::bounced_row(message, bounce.envelope_id, home.settings().outgoing.bounce, key))
    return outbox.find(*id);
  std::optional<OutboxEntry> nobody;
  if (bounce.message_id.empty()) return nobody;
  FP_ASSIGN(auto row, outbox.find(bounce.message_id));
  if (!row || row->envelope_from.empty()) return nobody;
  // Where the return path had a tag, an honest report went there and shows it.
  if (row->envelope_from.find(mime::make_bounce_tag(key, row->id)) != std::string::npos)
    return nobody;
  bool names_recipient = std::any_of(
      bounce.recipients.begin(), bounce.recipients.end(),
      [&](const mime::BouncedRecipient& one) { return same_recipient(one, row->recipient); });
  return names_recipient ? std::move(row) : nobody;
}

// ---- who is told --------------------------------------------------------------------------------

/// The areas that an institution reports for, as its agreements say.
std::set<std::string> areas_of(const StructureLookup& lookup, const ProviderRef& provider) {
  std::set<std::string> areas;
  for (const AgreementTerms& terms : lookup.agreements())
    if (terms.agreement->provider == provider)
      for (std::string& area : terms.areas()) areas.insert(std::move(area));
  return areas;
}

bool has_agreement(const StructureLookup& lookup, const ProviderRef& provider) {
  return std::any_of(
      lookup.agreements().begin(), lookup.agreements().end(),
      [&](const AgreementTerms& terms) { return terms.agreement->provider == provider; });
}

}  // namespace

bool looks_after(const StructureLookup& lookup, const RosterEntry& coordinator,
                 const RosterEntry& contact) {
  if (!coordinator.has_role("coordinator")) return false;
  if (coordinator.provider == contact.provider || !has_agreement(lookup, coordinator.provider))
    return true;
  const std::set<std::string> areas = areas_of(lookup, contact.provider);
  const std::set<std::string> theirs = areas_of(lookup, coordinator.provider);
  return std::any_of(theirs.begin(), theirs.end(),
                     [&](const std::string& area) { return areas.count(area) > 0; });
}

Result<std::vector<Told>> coordinators(Home& home, const RosterEntry& contact) {
  const StructureLookup& lookup = home.lookup();
  std::vector<Told> all;
  std::set<std::string> known;
  for (const RosterEntry& entry : lookup.roster()) {
    if (entry.contact == contact.contact || !looks_after(lookup, entry, contact)) continue;
    for (const std::string& address : entry.contact->emails) {
      if (!mime::is_sendable_address(address)) continue;
      FP_ASSIGN(auto trouble, home.store().correspondents().trouble(address));
      if (trouble && trouble->dead_since) continue;
      if (known.insert(ascii_lower(address)).second) all.push_back({&entry, address});
      break;
    }
  }
  return all;
}

Result<std::string> read_key(const HomePaths& paths) {
  FP_ASSIGN(std::string key, read_file(paths.key(), kKeyFileBytes));
  if (key.empty())
    return usage_error(fmt::format("{} is empty", paths.key().string()), "Put back a backup.");
  return key;
}

std::string letter_message_id(std::string_view key, std::string_view what,
                              std::string_view domain) {
  std::string digest = to_hex(hmac_sha256(key, fmt::format("letter {}@{}", what, domain)));
  return fmt::format("<{}.{}@{}>", what, digest.substr(0, 16), domain);
}

std::string NotedBounce::sentence() const {
  if (!row)
    return "a report about a delivery that cannot be tied to a message of ours" +
           (recipient.empty() ? std::string() : fmt::format(" (it names {})", recipient));
  std::string_view what = "is what a report is about that is not understood";
  switch (kind) {
    case mime::BounceKind::kHard:
      what = "is not reached";
      break;
    case mime::BounceKind::kSoft:
      what = "was not reached";
      break;
    case mime::BounceKind::kDelayed:
      what = "is not reached yet";
      break;
    case mime::BounceKind::kDelivered:
      what = "was reached";
      break;
    case mime::BounceKind::kUnknown:
      break;
  }
  return fmt::format("{} {}{}{}", recipient, what, text.empty() ? "" : ": ", text);
}

Result<std::optional<NotedBounce>> note_bounce(Home& home, const mime::Message& message,
                                               const mime::Classified& classified, Time now) {
  auto bounce = mime::read_bounce(message, classified.sender, home.settings().limits);
  if (!bounce) return std::optional<NotedBounce>();
  FP_ASSIGN(std::string key, read_key(home.paths()));
  FP_ASSIGN(auto row, row_of(home, message, *bounce, key));
  NotedBounce noted;
  if (!row) {
    noted.kind = bounce->kind;
    if (!bounce->recipients.empty())
      noted.recipient = shorten(one_line(bounce->recipients.front().address), 100);
    return std::optional(std::move(noted));
  }
  mime::BouncedRecipient one = about(*bounce, row->recipient);
  noted.kind = one.kind;
  noted.recipient = row->recipient;
  noted.text = said(one);

  Outbox outbox = home.store().outbox();
  bool changed = false;
  switch (one.kind) {
    case mime::BounceKind::kHard:
    case mime::BounceKind::kSoft: {
      // Soft or not, this message has been given up.
      FP_ASSIGN(changed, outbox.mark_bounced(row->id, noted.text, now));
      if (!changed) break;
      FP_TRY(home.store().events().add(
          EventLevel::kWarning,
          fmt::format("mail to {} ({}) came back: {}", row->recipient, row->kind,
                      noted.text.empty() ? "no reason given" : noted.text),
          now));
      if (one.kind == mime::BounceKind::kHard) {
        FP_ASSIGN(noted.letters, charge_address(home, *row, noted.text, now));
      }
      break;
    }
    case mime::BounceKind::kDelivered: {
      FP_ASSIGN(changed, outbox.mark_delivered(row->id, now));
      if (changed) FP_TRY(home.store().correspondents().note_alive(row->recipient, now));
      break;
    }
    case mime::BounceKind::kDelayed:
    case mime::BounceKind::kUnknown: {
      std::string_view what =
          one.kind == mime::BounceKind::kDelayed ? "delayed" : "a report that is not understood";
      FP_ASSIGN(changed, outbox.note_report(
                             row->id, fmt::format("{}{}{}", what, noted.text.empty() ? "" : ": ",
                                                  noted.text)));
      break;
    }
  }
  // Of a message that was never handed over, or is settled already, it says nothing.
  if (changed || row->attempts > 0) noted.row = row->id;
  return std::optional(std::move(noted));
}

bool refuses_address(const smtp::RecipientResult& result) {
  if (result.verdict != smtp::Verdict::kPermanent) return false;
  if (result.stage == smtp::Stage::kHere) return result.enhanced == "5.1.3";
  if (result.stage != smtp::Stage::kRcpt) return false;
  // RFC 3463 3.2 and 3.3: about the recipient's mailbox or domain; 5.1.7 and 5.1.8 are about the
  // sender, 5.7.x about permission.
  constexpr std::array kAddress = {"5.1.0", "5.1.1", "5.1.2",  "5.1.3",
                                   "5.1.4", "5.1.6", "5.1.10", "5.2.1"};
  if (!result.enhanced.empty())
    return std::find(kAddress.begin(), kAddress.end(), result.enhanced) != kAddress.end();
  // QUIRK: RFC 5321 4.2.3: 550 is "mailbox unavailable", for policy reasons too. Exim says "550
  // Unrouteable address" and "550 relay not permitted".
  if (result.code != 550 && result.code != 551) return false;
  std::string text = ascii_lower(result.text);
  constexpr std::array kOther = {"relay", "denied", "policy", "spam", "block", "sender", "authent"};
  return std::none_of(kOther.begin(), kOther.end(),
                      [&](const char* word) { return text.find(word) != std::string::npos; });
}

Result<std::uint64_t> charge_address(Home& home, const OutboxEntry& row, std::string_view text,
                                     Time now) {
  Correspondents correspondents = home.store().correspondents();
  FP_ASSIGN(AddressTrouble trouble, correspondents.note_bounce(row.recipient, text, now));
  if (!trouble.dead_since || (trouble.told && now - *trouble.told < kTellAgainAfter))
    return std::uint64_t(0);
  FP_TRY(correspondents.note_told(row.recipient, now));

  const RosterEntry* contact = home.lookup().contact(row.recipient);
  std::vector<Told> all;
  if (contact) {
    FP_ASSIGN(all, coordinators(home, *contact));
  }
  FP_TRY(home.store().events().add(
      all.empty() ? EventLevel::kError : EventLevel::kWarning,
      fmt::format("{} cannot be reached since {}, {} messages came back: {}{}", row.recipient,
                  format_rfc3339(trouble.first), trouble.bounces, trouble.text,
                  all.empty() ? " (no coordinator could be told)" : ""),
      now));
  if (all.empty()) return std::uint64_t(0);

  FP_ASSIGN(LetterWriter writer, LetterWriter::make(home, now));
  std::uint64_t letters = 0;
  for (const Told& one : all) {
    FP_ASSIGN(auto pass, may_leave(home, {"undeliverable", one.address, row.recipient}, now));
    if (!pass) continue;
    Undeliverable facts{*contact, row.recipient, trouble.first, std::uint64_t(trouble.bounces),
                        trouble.text};
    FP_ASSIGN(Receipt receipt, compose_undeliverable(facts, one.who->lang, one.who->zone,
                                                     writer.voice(), writer.letterhead()));
    Letter letter;
    letter.kind = "undeliverable";
    letter.message_id = writer.message_id(fmt::format("unreachable.{}.{}", row.id, ++letters));
    FP_TRY(writer.post(*pass, letter, std::move(receipt)));
  }
  return letters;
}

}  // namespace focalpost
