// SPDX-License-Identifier: Apache-2.0
#include "flow/respond.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "mime/compose.h"

namespace focalpost {
namespace {

using namespace std::chrono_literals;

/// Strangers' help texts in an hour, all together: forged senders must not make us a source of
/// mail.
constexpr std::string_view kStrangers = "strangers@";
constexpr std::uint64_t kStrangersPerHour = 30;

bool data_was_filed(const Docket& docket) {
  return std::any_of(docket.items.begin(), docket.items.end(), [](const Item& item) {
    return item.outcome == Outcome::kFiled || item.outcome == Outcome::kRejected ||
           item.outcome == Outcome::kHeld || item.outcome == Outcome::kUnchanged;
  });
}

/// Somebody of the institution who is not the robot itself: a focal point before others.
const Contact* human_beside(const RosterEntry& robot, std::string_view address) {
  const Contact* found = nullptr;
  for (const Contact& contact : robot.organisation->contacts) {
    bool itself = std::any_of(contact.emails.begin(), contact.emails.end(),
                              [&](const std::string& mail) { return ascii_iequal(mail, address); });
    if (contact.emails.empty() || itself) continue;
    bool focal = std::any_of(contact.roles.begin(), contact.roles.end(),
                             [](const LocalText& role) { return role.text == "focal point"; });
    if (focal) return &contact;
    if (!found) found = &contact;
  }
  return found;
}

}  // namespace

Status Responder::respond(const Docket& docket, const mime::Headers& headers, bool automatic,
                          Time now) {
  const Settings& settings = home_.settings();
  const Sender& sender = docket.sender;
  std::string to = sender.address;
  if (docket.outcome == Outcome::kNotice || docket.outcome == Outcome::kIgnored) return {};
  if (automatic) {
    // A robot gets no reply; if it brought data, somebody of its institution should know.
    if (!data_was_filed(docket)) return {};
    const RosterEntry* robot = home_.lookup().contact(sender.address);
    const Contact* human = robot ? human_beside(*robot, sender.address) : nullptr;
    if (!human) return {};
    to = human->emails.front();
  }
  if (!mime::is_sendable_address(to)) return {};

  Correspondents correspondents = home_.store().correspondents();
  if (!sender.registered) {
    FP_ASSIGN(std::uint64_t today, correspondents.replies_since(to, now - 24h));
    FP_ASSIGN(std::uint64_t hour, correspondents.replies_since(kStrangers, now - 1h));
    if (today > 0 || hour >= kStrangersPerHour) return {};
    FP_TRY(correspondents.note_reply(kStrangers, now));
  } else {
    FP_ASSIGN(std::uint64_t hour, correspondents.replies_since(to, now - 1h));
    if (hour >= settings.limits.replies_per_hour)
      return home_.store().events().add(
          EventLevel::kWarning,
          fmt::format("{}: no reply to {}, which had {} replies within the hour",
                      docket.number.text(), to, hour),
          now);
  }
  FP_TRY(correspondents.note_reply(to, now));

  Voice voice{home_.templates(), home_.phrases()};
  Letterhead letterhead{settings.name, settings.address, home_.is_example()};
  FP_ASSIGN(Receipt receipt,
            docket.outcome == Outcome::kFailed
                ? compose_failed(docket, home_.lookup(), voice, letterhead)
            : !sender.registered   ? compose_help(docket, sender.lang, voice, letterhead)
            : docket.items.empty() ? compose_no_data(docket, home_.lookup(), voice, letterhead)
                                   : compose_receipt(docket, home_.lookup(), voice, letterhead));

  mime::Outgoing mail;
  mail.from = {settings.name, settings.address};
  mail.to = {"", to};
  mail.subject = receipt.subject;
  mail.message_id =
      mime::reply_message_id(docket.number.text(), docket.attempt, home_.message_id_domain());
  if (!docket.message_id.empty()) {
    mail.in_reply_to = docket.message_id;
    mail.references = headers.references();
    if (mail.references.empty()) mail.references = headers.in_reply_to();
    if (mail.references.empty() || mail.references.back() != docket.message_id)
      mail.references.push_back(docket.message_id);
  }
  mail.date = now;
  mail.auto_submitted = "auto-replied";
  mail.language = receipt.lang;
  mail.headers = {{std::string(mime::kGatewayHeader), home_.gateway_id()}};
  mail.plain = receipt.plain;
  mail.html = receipt.html;
  FP_ASSIGN(std::string bytes, mime::compose(mail));

  OutboxEntry entry;
  entry.docket = docket.id;
  entry.attempt = docket.attempt;
  entry.kind = sender.registered ? "receipt" : "help";
  entry.message_id = mail.message_id;
  entry.recipient = to;
  entry.subject = receipt.subject;
  entry.lang = receipt.lang;
  entry.created = now;
  entry.not_before = now;
  std::string_view piece = bytes;
  FP_TRY(home_.store().outbox().enqueue(entry, {&piece, 1}));
  return {};
}

}  // namespace focalpost
