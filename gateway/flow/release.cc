// SPDX-License-Identifier: Apache-2.0
#include "flow/release.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/log.h"
#include "flow/dispatch.h"
#include "flow/intake.h"

namespace focalpost {
namespace {

bool waits(const Docket& docket) {
  return std::ranges::any_of(docket.items,
                             [](const Item& item) { return item.outcome == Outcome::kHeld; });
}

/// The mailboxes of the settings in whose Held it lies, as far as is known.
std::vector<std::string_view> places_in_held(const Accounts& accounts,
                                             const std::vector<MessageKey>& keys) {
  std::vector<std::string_view> names;
  for (const MailboxPlace& place : accounts.mailboxes())
    if (std::ranges::any_of(keys, [&](const MessageKey& key) {
          return key.mailbox == place.name && key.folder == folder_name(Folder::kHeld);
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
  if (waits(found->docket)) return home.store().orders().release(found->docket.id, now);
  FP_ASSIGN(auto ordered, home.store().orders().releases());
  for (const ReleaseOrder& order : ordered)
    if (order.docket == found->docket.id) return {};
  return not_right(fmt::format("docket {} holds nothing that waits ({})", number.text(),
                               outcome_name(found->docket.outcome)));
}

Result<Released> carry_out_releases(Home& home, const Accounts& accounts, KeptStore& kept,
                                    std::span<Mailbox* const> open, const Clock& clock) {
  Released result;
  FP_ASSIGN(auto orders, home.store().orders().releases());
  if (orders.empty()) return result;
  // Judging and filing touch no mailbox, so any will do, and none has to be open for it.
  std::unique_ptr<Mailbox> closed = make_mailbox(accounts.first(), home.paths(), clock);
  FP_ASSIGN(MessageIntake filing, MessageIntake::make(home, *closed, kept, clock));
  for (const ReleaseOrder& order : orders) {
    FP_ASSIGN(auto found, home.store().dockets().find(order.number));
    if (found && waits(found->docket)) {
      FP_ASSIGN(Docket now, filing.release(order.number));
      log::info(fmt::format("{} released: {}", order.number.text(), outcome_name(now.outcome)));
      ++result.dockets;
    }
    FP_ASSIGN(auto keys, home.store().dockets().messages(order.docket));
    bool left = true;
    for (std::string_view name : places_in_held(accounts, keys)) {
      auto mailbox = std::ranges::find(open, name, [](Mailbox* m) { return m->name(); });
      if (mailbox == open.end()) {
        left = false;
        continue;
      }
      FP_ASSIGN(MessageIntake moving, MessageIntake::make(home, **mailbox, kept, clock));
      Status moved = moving.move_from_held(order.number);
      if (moved.ok()) continue;
      if (!moved.error().retry_helps()) return moved.take_error();
      left = false;
      if (!result.trouble) result.trouble = moved.error();
    }
    if (left) FP_TRY(home.store().orders().done(order.docket));
  }
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
  FP_ASSIGN(Released released, carry_out_releases(home, accounts, kept, open, clock));
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
