// SPDX-License-Identifier: Apache-2.0
#include "flow/held.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "compose/waiting.h"
#include "flow/answer.h"
#include "flow/bounces.h"
#include "flow/duty_answer.h"
#include "flow/gate.h"
#include "flow/letter.h"
#include "flow/request_answer.h"
#include "flow/respond.h"
#include "flow/token.h"
#include "mime/compose.h"

namespace focalpost {
namespace {

using namespace std::chrono_literals;

std::chrono::hours days(std::uint64_t count) {
  return std::chrono::hours(24 * count);
}

bool is_held(const Item& item) {
  return item.outcome == Outcome::kHeld;
}

void reject(Item& item, const Rule& rule, std::string detail) {
  Finding finding;
  finding.rule = &rule;
  finding.detail = std::move(detail);
  item.findings.insert(item.findings.begin(), std::move(finding));
  item.outcome = Outcome::kRejected;
  item.hold = HoldReason::kNone;
  ++item.errors;
}

/// What assurance would file it, as far as the item shows what it is.
Assurance needed(const Item& item, const Policy& policy) {
  if (is_held_answer(item)) return policy[Act::kAnswer];
  if (is_held_duty_answer(item)) return policy[Act::kExtend];
  if (item.kind == kCommandKind) return policy[Act::kCommand];
  if (item.datasets.empty()) return policy[Act::kStructures];
  return std::max(policy[Act::kFile], policy[Act::kRevise]);
}

/// Who is asked about a docket; empty: nobody.
std::string asked_of(const Home& home, const Docket& docket) {
  const StructureLookup& lookup = home.lookup();
  std::string address = docket.sender.address;
  if (!docket.reason.empty()) address = human_beside(lookup, address);
  const RosterEntry* entry = lookup.contact(address);
  return entry && mime::is_sendable_address(address) ? address : std::string();
}

Status post_waiting(LetterWriter& writer, const Pass& pass, const Letter& letter,
                    const Waiting& waiting) {
  FP_ASSIGN(Receipt text,
            compose_waiting(waiting, writer.home().lookup(), writer.voice(), writer.letterhead()));
  return writer.post(pass, letter, std::move(text));
}

/// To everybody who looks after the sender of these dockets; how many were told. `what` makes the
/// Message-IDs.
Result<std::size_t> tell_coordinators(LetterWriter& writer, WaitingLetter about,
                                      const std::vector<StillWaiting>& all, Time until,
                                      const std::string& what) {
  Home& home = writer.home();
  const Docket& first = all.front().record.docket;
  const RosterEntry* contact = home.lookup().contact(first.sender.address);
  if (!contact) return std::size_t(0);
  FP_ASSIGN(auto told, coordinators(home, *contact));
  std::size_t count = 0;
  for (const Told& one : told) {
    FP_ASSIGN(auto pass, may_leave(home, {"held", one.address, first.number.text()}, writer.now()));
    if (!pass) continue;
    Waiting waiting;
    waiting.letter = about;
    for (const StillWaiting& waits : all)
      waiting.cases.push_back({&waits.record.docket, waits.items});
    waiting.until = until;
    waiting.days = home.settings().held.expire_days;
    waiting.contact = contact;
    waiting.lang = one.who->lang;
    waiting.zone = one.who->zone;
    Letter letter;
    letter.kind = "held";
    letter.message_id = writer.message_id(fmt::format("{}.{}", what, ++count));
    letter.about = &first;
    FP_TRY(post_waiting(writer, *pass, letter, waiting));
  }
  return count;
}

bool unsure(const Home& home, const Docket& docket) {
  return docket.sender.assurance < home.settings().policy[Act::kFile];
}

bool doubts(const std::vector<StillWaiting>& all) {
  for (const StillWaiting& one : all)
    for (const Item& item : one.record.docket.items)
      if (one.items.count(item.number) && item.hold == HoldReason::kAssurance) return true;
  return false;
}

/// Asks, or reminds with the same token.
Result<bool> write_to_sender(LetterWriter& writer, WaitingLetter letter, const Confirmation& asked,
                             const Pass& pass, const std::vector<StillWaiting>& all) {
  Home& home = writer.home();
  const RosterEntry* reader = home.lookup().contact(asked.address);
  if (!reader) return false;
  const std::string token = make_token(writer.key(), asked);
  Waiting waiting;
  waiting.letter = letter;
  for (const StillWaiting& one : all) waiting.cases.push_back({&one.record.docket, one.items});
  waiting.token = token;
  waiting.until = asked.expires;
  waiting.lang = reader->lang;
  waiting.zone = reader->zone.empty() ? "UTC" : reader->zone;
  const Docket& first = all.front().record.docket;
  const bool ask = letter == WaitingLetter::kConfirm;
  Letter mail;
  mail.kind = ask ? "confirmation" : "reminder";
  mail.message_id =
      confirmation_message_id(token + (ask ? "" : ".again"), home.message_id_domain());
  if (ask && all.size() == 1 && !doubts(all) && fits_thread(first.message_id))
    mail.in_reply_to = first.message_id;
  if (ask) mail.auto_submitted = "auto-replied";
  mail.about = &first;
  FP_TRY(post_waiting(writer, pass, mail, waiting));
  return true;
}

Confirmation confirmation_of(const std::vector<StillWaiting>& all, const std::string& address,
                             const Home& home, Time now) {
  Confirmation asked;
  asked.address = address;
  if (const RosterEntry* entry = home.lookup().contact(address)) {
    asked.provider = entry->provider.id;
    asked.contact = entry->contact->id;
  }
  asked.asked = now;
  asked.expires = now + days(home.settings().held.expire_days);
  for (const StillWaiting& one : all)
    for (const Item& item : one.record.docket.items)
      if (one.items.count(item.number))
        asked.items.push_back({one.record.docket.id, one.record.docket.attempt, item.number,
                               std::string(hold_reason_name(item.hold)), one.record.content_hash});
  return asked;
}

/// One letter to one person. Nothing happens while it may not leave; it is tried again.
Status ask(LetterWriter& writer, const std::string& address, const std::vector<StillWaiting>& all) {
  Home& home = writer.home();
  Leaving letter;
  letter.kind = "confirmation";
  letter.to = address;
  letter.about = all.front().record.docket.number.text();
  letter.unsure = std::any_of(all.begin(), all.end(), [&](const StillWaiting& one) {
    return unsure(home, one.record.docket);
  });
  Correspondents counted = home.store().correspondents();
  FP_ASSIGN(Transaction transaction, home.store().begin());
  if (letter.unsure) {
    // What comes thick is asked about together, later.
    FP_ASSIGN(std::uint64_t lately,
              counted.replies_since(unsure_key(letter.kind, address), writer.now() - 1h));
    if (lately >= kUnsureLettersAnHour) return {};
  }
  FP_ASSIGN(auto pass, may_leave(home, letter, writer.now()));
  if (!pass) return transaction.commit();
  Confirmation asked = confirmation_of(all, address, home, writer.now());
  FP_TRY(home.store().confirmations().add(asked));
  FP_ASSIGN(bool written, write_to_sender(writer, WaitingLetter::kConfirm, asked, *pass, all));
  if (!written) return {};
  return transaction.commit();
}

/// What its sender cannot decide.
Status put_before_coordinators(LetterWriter& writer, const StillWaiting& one) {
  Home& home = writer.home();
  FP_ASSIGN(Transaction transaction, home.store().begin());
  Confirmation noted = confirmation_of({one}, "", home, writer.now());
  FP_TRY(home.store().confirmations().add(noted));
  FP_ASSIGN(std::size_t told, tell_coordinators(writer, WaitingLetter::kReview, {one},
                                                noted.expires, fmt::format("review.{}", noted.id)));
  if (told == 0)
    FP_TRY(home.store().events().add(
        EventLevel::kWarning,
        fmt::format("{} waits for a decision, and there is no coordinator to be told; `focalpost "
                    "release {}` accepts it",
                    one.record.docket.number.text(), one.record.docket.number.text()),
        writer.now()));
  return transaction.commit();
}

Status ask_new(LetterWriter& writer, const std::vector<std::int64_t>& fresh) {
  Home& home = writer.home();
  const Policy& policy = home.settings().policy;
  std::vector<std::pair<std::string, std::vector<StillWaiting>>> letters;
  for (std::int64_t id : fresh) {
    FP_ASSIGN(auto record, home.store().dockets().find(id));
    if (!record) continue;
    StillWaiting one{std::move(*record), {}};
    std::string address;
    if (asks_sender(one.record.docket, policy)) address = asked_of(home, one.record.docket);
    for (const Item& item : one.record.docket.items)
      if (address.empty() ? is_held(item) : waits_for_sender(item, policy))
        one.items.insert(item.number);
    if (address.empty()) {
      FP_TRY(put_before_coordinators(writer, one));
      continue;
    }
    auto letter = std::find_if(letters.begin(), letters.end(), [&](const auto& l) {
      return ascii_iequal(l.first, address) && l.second.size() < kMostCases;
    });
    if (letter == letters.end()) letter = letters.insert(letter, {address, {}});
    letter->second.push_back(std::move(one));
  }
  for (const auto& [address, all] : letters) FP_TRY(ask(writer, address, all));
  return {};
}

Status remind(LetterWriter& writer, const std::vector<std::int64_t>& due) {
  Home& home = writer.home();
  Confirmations confirmations = home.store().confirmations();
  for (std::int64_t id : due) {
    FP_ASSIGN(auto asked, confirmations.find(id));
    if (!asked) continue;
    FP_ASSIGN(auto all, still_waiting(home, *asked));
    if (all.empty()) continue;
    FP_ASSIGN(Transaction transaction, home.store().begin());
    FP_TRY(confirmations.reminded(id, writer.now()));
    if (!asked->address.empty()) {
      Leaving letter;
      letter.kind = "reminder";
      letter.to = asked->address;
      letter.about = all.front().record.docket.number.text();
      letter.unsure = unsure(home, all.front().record.docket);
      FP_ASSIGN(auto pass, may_leave(home, letter, writer.now()));
      if (pass) {
        auto written = write_to_sender(writer, WaitingLetter::kRemind, *asked, *pass, all);
        if (!written.ok()) return written.take_error();
      }
    }
    auto told = tell_coordinators(
        writer, asked->address.empty() ? WaitingLetter::kReview : WaitingLetter::kStillWaits, all,
        asked->expires, fmt::format("waits.{}", id));
    if (!told.ok()) return told.take_error();
    FP_TRY(transaction.commit());
  }
  return {};
}

}  // namespace

bool waits_for_sender(const Item& item, const Policy& policy) {
  if (!is_held(item) || item.hold == HoldReason::kEffects || item.hold == HoldReason::kNone)
    return false;
  return item.hold != HoldReason::kAssurance || needed(item, policy) <= Assurance::kConfirmed;
}

bool asks_sender(const Docket& docket, const Policy& policy) {
  return std::any_of(docket.items.begin(), docket.items.end(),
                     [&](const Item& item) { return waits_for_sender(item, policy); });
}

Result<std::vector<StillWaiting>> still_waiting(Home& home, const Confirmation& asked) {
  std::vector<StillWaiting> all;
  FP_ASSIGN(auto ordered, home.store().orders().all());
  for (const AskedItem& one : asked.items) {
    if (all.empty() || all.back().record.docket.id != one.docket) {
      FP_ASSIGN(auto record, home.store().dockets().find(one.docket));
      if (!record) continue;
      all.push_back({std::move(*record), {}});
    }
    StillWaiting& waits = all.back();
    const bool decided = std::any_of(ordered.begin(), ordered.end(), [&](const HeldOrder& order) {
      return order.docket == one.docket;
    });
    if (decided || waits.record.docket.attempt != one.attempt ||
        waits.record.content_hash != one.content_hash)
      continue;
    for (const Item& item : waits.record.docket.items)
      if (item.number == one.item && is_held(item) && hold_reason_name(item.hold) == one.act)
        waits.items.insert(item.number);
  }
  std::erase_if(all, [](const StillWaiting& one) { return one.items.empty(); });
  return all;
}

std::set<std::uint32_t> held_items(const Docket& docket) {
  std::set<std::uint32_t> all;
  for (const Item& item : docket.items)
    if (is_held(item)) all.insert(item.number);
  return all;
}

void reject_held(Docket& docket, const Rule& rule, std::string detail) {
  for (Item& item : docket.items)
    if (is_held(item)) reject(item, rule, detail);
  docket.outcome = outcome_of(docket.items);
}

Status bound_held(Home& home, Docket& docket) {
  if (docket.outcome != Outcome::kHeld) return {};
  const std::uint64_t most = home.settings().held.most_per_contact;
  FP_ASSIGN(std::uint64_t held, home.store().dockets().held_of(docket.sender.provider,
                                                               docket.sender.contact, docket.id));
  for (Item& item : docket.items)
    if (is_held(item) && held++ >= most) reject(item, rules::held_too_many, std::to_string(most));
  docket.outcome = outcome_of(docket.items);
  return {};
}

Status expire_held(Home& home, Time now) {
  FP_ASSIGN(auto due,
            home.store().confirmations().held_before(now - days(home.settings().held.expire_days)));
  if (due.empty()) return {};
  FP_ASSIGN(LetterWriter writer, LetterWriter::make(home, now));
  // One letter for what is one person's.
  std::map<std::string, std::vector<StillWaiting>> by_sender;
  for (std::int64_t id : due) {
    FP_ASSIGN(auto record, home.store().dockets().find(id));
    if (!record) continue;
    const std::string key = ascii_lower(record->docket.sender.address);
    StillWaiting one{std::move(*record), {}};
    one.items = held_items(one.record.docket);
    by_sender[key].push_back(std::move(one));
  }
  for (auto& [address, all] : by_sender) {
    FP_ASSIGN(Transaction transaction, home.store().begin());
    for (const StillWaiting& one : all) {
      HeldOrder order;
      order.docket = one.record.docket.id;
      order.decision = Decision::kExpire;
      order.attempt = one.record.docket.attempt;
      FP_TRY(home.store().orders().add(order, now));
    }
    const Docket& first = all.front().record.docket;
    const std::string what = fmt::format("expired.{}.{}", first.number.text(), first.attempt);
    if (all.size() > kMostCases) all.resize(kMostCases);
    auto told = tell_coordinators(writer, WaitingLetter::kExpired, all, now, what);
    if (!told.ok()) return told.take_error();
    FP_TRY(transaction.commit());
  }
  return {};
}

Status ask_about_held(Home& home, Time now) {
  // What no budget looks at any more.
  constexpr std::chrono::hours kCounted{48};
  FP_TRY(home.store().correspondents().forget_before(now - kCounted));
  Confirmations confirmations = home.store().confirmations();
  FP_ASSIGN(auto fresh, confirmations.not_asked());
  FP_ASSIGN(auto due, confirmations.to_remind(now - days(home.settings().held.remind_days)));
  if (fresh.empty() && due.empty()) return {};
  FP_ASSIGN(LetterWriter writer, LetterWriter::make(home, now));
  FP_TRY(ask_new(writer, fresh));
  return remind(writer, due);
}

std::string human_beside(const StructureLookup& lookup, std::string_view robot) {
  const RosterEntry* entry = lookup.contact(robot);
  if (!entry) return {};
  const Contact* found = nullptr;
  for (const Contact& contact : entry->organisation->contacts) {
    bool itself = std::any_of(contact.emails.begin(), contact.emails.end(),
                              [&](const std::string& mail) { return ascii_iequal(mail, robot); });
    if (contact.emails.empty() || itself) continue;
    bool focal = std::any_of(contact.roles.begin(), contact.roles.end(),
                             [](const LocalText& role) { return role.text == "focal point"; });
    if (focal) return contact.emails.front();
    if (!found) found = &contact;
  }
  return found ? found->emails.front() : std::string();
}

}  // namespace focalpost
