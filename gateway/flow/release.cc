// SPDX-License-Identifier: Apache-2.0
#include "flow/release.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/log.h"
#include "flow/digests.h"
#include "flow/dispatch.h"
#include "flow/held.h"
#include "flow/intake.h"
#include "flow/reminders.h"
#include "flow/requests.h"
#include "flow/subscriptions.h"

namespace focalpost {
namespace {

/// The mailboxes of the settings in whose folder it lies, as far as is known.
std::vector<std::string_view> places_in(Folder folder, const Accounts& accounts,
                                        const std::vector<MessageKey>& keys) {
  std::vector<std::string_view> names;
  for (const MailboxPlace& place : accounts.mailboxes())
    if (std::ranges::any_of(keys, [&](const MessageKey& key) {
          return key.mailbox == place.name && key.folder == folder_name(folder);
        }))
      names.push_back(place.name);
  return names;
}

}  // namespace

Status order_release(Home& home, DocketNumber number, Time now) {
  FP_ASSIGN(auto found, home.store().dockets().find(number));
  if (!found)
    return not_right(fmt::format("there is no docket {}", number.text()),
                     "`focalpost status` lists the newest.");
  if (!held_items(found->docket).empty()) {
    HeldOrder order;
    order.docket = found->docket.id;
    order.attempt = found->docket.attempt;
    return home.store().orders().add(order, now);
  }
  FP_ASSIGN(auto ordered, home.store().orders().all());
  for (const HeldOrder& order : ordered)
    if (order.docket == found->docket.id) return {};
  return not_right(fmt::format("docket {} holds nothing that waits ({})", number.text(),
                               outcome_name(found->docket.outcome)));
}

namespace {

/// What cannot be judged again (its bytes are gone) does not wait for ever.
Status give_up(Home& home, DocketRecord record, const Error& why, Time now) {
  FP_ASSIGN(Transaction transaction, home.store().begin());
  reject_held(record.docket, rules::held_rejected, {});
  record.folder = folder_name(folder_of(record.docket.outcome));
  ++record.docket.attempt;
  FP_TRY(home.store().dockets().finish(record));
  FP_TRY(home.store().events().add(
      EventLevel::kError,
      fmt::format("{}: what it held was rejected, since it cannot be judged again: {}",
                  record.docket.number.text(), why.what),
      now));
  return transaction.commit();
}

/// Whether it lies there no more: its mailboxes could be used.
Result<bool> move_out(Folder folder, Home& home, const Accounts& accounts, KeptStore& kept,
                      std::span<Mailbox* const> open, const Clock& clock, std::int64_t docket,
                      DocketNumber number, Released& result) {
  FP_ASSIGN(auto keys, home.store().dockets().messages(docket));
  bool left = true;
  for (std::string_view name : places_in(folder, accounts, keys)) {
    auto mailbox = std::ranges::find(open, name, [](Mailbox* m) { return m->name(); });
    if (mailbox == open.end()) {
      left = false;
      continue;
    }
    FP_ASSIGN(MessageIntake moving, MessageIntake::make(home, **mailbox, kept, clock));
    Status moved = moving.move_from(folder, number);
    if (moved.ok()) continue;
    if (!moved.error().retry_helps()) return moved.take_error();
    left = false;
    if (!result.trouble) result.trouble = moved.error();
  }
  return left;
}

/// Questions that were answered, or are open since they were confirmed, lie in another folder now.
Status move_questions(Home& home, const Accounts& accounts, KeptStore& kept,
                      std::span<Mailbox* const> open, const Clock& clock, Released& result) {
  FP_ASSIGN(auto dockets, home.store().requests().to_move());
  for (std::int64_t docket : dockets) {
    FP_ASSIGN(auto found, home.store().dockets().find(docket));
    bool left = true;
    for (Folder folder : {Folder::kEnquiries, Folder::kEnquiriesOpen}) {
      if (!found || folder_name(folder) == found->folder) continue;
      FP_ASSIGN(bool moved, move_out(folder, home, accounts, kept, open, clock, docket,
                                     found->docket.number, result));
      left = left && moved;
    }
    if (left) FP_TRY(home.store().requests().moved(docket));
  }
  return {};
}

Result<Released> carry_out(Home& home, const Accounts& accounts, KeptStore& kept,
                           std::span<Mailbox* const> open, const Clock& clock) {
  Released result;
  FP_ASSIGN(auto orders, home.store().orders().all());
  if (orders.empty()) return result;
  // Judging and filing touch no mailbox, so any will do, and none has to be open for it.
  std::unique_ptr<Mailbox> closed = make_mailbox(accounts.first(), home.paths(), clock);
  FP_ASSIGN(MessageIntake filing, MessageIntake::make(home, *closed, kept, clock));
  for (std::size_t i = 0; i < orders.size(); ++i) {
    const HeldOrder order = orders[i];
    FP_ASSIGN(auto found, home.store().dockets().find(order.docket));
    // An attempt that was not meant was judged since, perhaps by this very order.
    const bool meant = found && (!order.attempt || *order.attempt == found->docket.attempt);
    if (meant && !held_items(found->docket).empty()) {
      auto settled = filing.settle(order);
      if (!settled.ok() && settled.error().retry_helps()) return settled.take_error();
      if (!settled.ok()) FP_TRY(give_up(home, *found, settled.error(), clock.now()));
      log::info(fmt::format(
          "{} {}: {}", order.number.text(), decision_name(order.decision),
          settled.ok() ? outcome_name(settled->outcome) : std::string_view(settled.error().what)));
      ++result.dockets;
    }
    FP_ASSIGN(bool left, move_out(Folder::kHeld, home, accounts, kept, open, clock, order.docket,
                                  order.number, result));
    if (left) FP_TRY(home.store().orders().done(order.docket));
    if (i + 1 < orders.size()) continue;
    // A command that was held and is confirmed now orders something itself.
    FP_ASSIGN(auto more, home.store().orders().all());
    for (HeldOrder& one : more)
      if (std::ranges::none_of(orders, [&](const HeldOrder& o) { return o.docket == one.docket; }))
        orders.push_back(std::move(one));
  }
  return result;
}

}  // namespace

Result<Released> tend_held(Home& home, const Accounts& accounts, KeptStore& kept,
                           std::span<Mailbox* const> open, const Clock& clock) {
  FP_TRY(expire_held(home, clock.now()));
  FP_ASSIGN(Released result, carry_out(home, accounts, kept, open, clock));
  FP_TRY(ask_about_held(home, clock.now()));
  FP_TRY(tend_requests(home, clock.now()));
  FP_TRY(tend_duties(home, clock.now()));
  FP_TRY(tend_subscriptions(home, clock.now()));
  FP_TRY(tend_digests(home, clock.now()));
  FP_TRY(move_questions(home, accounts, kept, open, clock, result));
  return result;
}

Result<ReleaseResult> release_docket(Home& home, DocketNumber number, const Clock& clock) {
  FP_TRY(order_release(home, number, clock.now()));
  FP_ASSIGN(KeptStore kept, home.open_kept(KeptStore::Access::kWrite));
  Accounts accounts = Accounts::of(home.settings(), home.paths(), clock);
  ReleaseResult result;
  std::vector<std::unique_ptr<Mailbox>> mailboxes;
  std::vector<Mailbox*> open;
  for (const MailboxPlace& place : accounts.mailboxes()) {
    Mailbox& mailbox = *mailboxes.emplace_back(make_mailbox(place, home.paths(), clock));
    Status opened = mailbox.open();
    if (opened.ok())
      open.push_back(&mailbox);
    else if (!result.trouble)
      result.trouble = opened.error();
  }
  FP_ASSIGN(Released released, tend_held(home, accounts, kept, open, clock));
  if (!result.trouble) result.trouble = released.trouble;

  FP_ASSIGN(auto dispatcher, Dispatcher::make(home, accounts.outgoing()));
  FP_TRY(dispatcher->recover(clock.now()));
  bool copies = !open.empty() && open.front() == mailboxes.front().get();
  FP_ASSIGN(DispatchResult sent, dispatcher->run(clock, copies ? open.front() : nullptr));
  FP_TRY(dispatcher->note_contact(sent, clock.now()));
  result.sent = sent.sent;
  if (!result.trouble) result.trouble = sent.trouble;
  if (!result.trouble) result.trouble = sent.copy_trouble;
  FP_TRY(home.note_warnings(clock.now()));
  FP_ASSIGN(auto found, home.store().dockets().find(number));
  if (found) result.docket = std::move(found->docket);
  return result;
}

}  // namespace focalpost
