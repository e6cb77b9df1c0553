// SPDX-License-Identifier: Apache-2.0
#include "flow/once.h"

#include <fmt/format.h>

#include "flow/accounts.h"
#include "flow/digests.h"
#include "flow/dispatch.h"
#include "flow/held.h"
#include "flow/release.h"
#include "flow/reminders.h"
#include "flow/requests.h"
#include "flow/subscriptions.h"
#include "mailbox/maildir.h"

namespace focalpost {
namespace {

/// Lets everything be read and pretends the rest.
class OnlyRead final : public Mailbox {
 public:
  explicit OnlyRead(std::unique_ptr<Mailbox> real) : real_(std::move(real)) {}
  std::string_view name() const override { return real_->name(); }
  bool uid_survives_move() const override { return real_->uid_survives_move(); }
  Status open() override { return real_->open(); }
  Result<std::vector<MessageRef>> list(Folder folder, std::size_t limit) override {
    return real_->list(folder, limit);
  }
  Status fetch(std::span<const MessageRef> messages, MessageSink& sink) override {
    return real_->fetch(messages, sink);
  }
  Result<std::vector<Moved>> move(std::span<const Move> moves) override {
    return std::vector<Moved>(moves.size());
  }
  Result<std::vector<std::optional<MessageRef>>> append(std::span<const Append> all) override {
    return std::vector<std::optional<MessageRef>>(all.size());
  }
  Result<Wake> wait(std::chrono::milliseconds, int) override { return Wake::kTimeout; }
  Result<FolderCounts> counts() override { return real_->counts(); }

 private:
  std::unique_ptr<Mailbox> real_;
};

void add(IntakeResult& sum, IntakeResult more) {
  sum.dockets.insert(sum.dockets.end(), more.dockets.begin(), more.dockets.end());
  sum.redelivered += more.redelivered;
}

/// Takes in one mailbox; the Error of a server goes into the result.
Result<std::unique_ptr<Mailbox>> take_in(Home& home, std::unique_ptr<Mailbox> mailbox,
                                         KeptStore& kept, const Clock& clock, const StepHook& step,
                                         PassResult& result) {
  std::unique_ptr<Mailbox> none;
  ServerContacts contacts = home.store().contacts();
  std::string name(mailbox->name());
  auto trouble = [&](const Error& why) -> Result<std::unique_ptr<Mailbox>> {
    if (!result.trouble) result.trouble = why;
    FP_TRY(contacts.failed(name, why.what, clock.now()));
    return std::move(none);
  };
  if (Status opened = mailbox->open(); !opened.ok()) return trouble(opened.error());
  FP_ASSIGN(MessageIntake intake, MessageIntake::make(home, *mailbox, kept, clock));
  auto done = intake.run(step);
  FP_TRY(kept.sync());
  if (!done.ok()) {
    if (!done.error().retry_helps()) return done.take_error();
    return trouble(done.error());
  }
  FP_TRY(done->dockets.empty() ? contacts.reached(name, clock.now())
                               : contacts.mail_came(name, clock.now()));
  add(result.intake, std::move(*done));
  return mailbox;
}

}  // namespace

Result<PassResult> run_once(Home& home, const Clock& clock, const StepHook& step) {
  FP_ASSIGN(KeptStore kept, home.open_kept(KeptStore::Access::kWrite));
  Accounts accounts = Accounts::of(home.settings(), home.paths(), clock);
  PassResult result;
  std::vector<std::unique_ptr<Mailbox>> mailboxes;
  std::vector<Mailbox*> open;
  for (const MailboxPlace& place : accounts.mailboxes()) {
    FP_ASSIGN(auto mailbox,
              take_in(home, make_mailbox(place, home.paths(), clock), kept, clock, step, result));
    if (mailbox) open.push_back(mailbox.get());
    mailboxes.push_back(std::move(mailbox));
  }
  FP_ASSIGN(Released released, tend_held(home, accounts, kept, open, clock));
  if (!result.trouble) result.trouble = released.trouble;
  FP_ASSIGN(auto dispatcher, Dispatcher::make(home, accounts.outgoing()));
  FP_TRY(dispatcher->recover(clock.now()));
  FP_ASSIGN(DispatchResult sent, dispatcher->run(clock, mailboxes.front().get(), step));
  result.sent = sent.sent;
  FP_TRY(dispatcher->note_contact(sent, clock.now()));
  if (!result.trouble) result.trouble = sent.trouble;
  if (!result.trouble) result.trouble = sent.copy_trouble;
  FP_TRY(home.note_warnings(clock.now()));
  return result;
}

Result<PassResult> rehearse_once(Home& copy, const Clock& clock) {
  FP_ASSIGN(KeptStore kept, copy.open_kept(KeptStore::Access::kWrite));
  Accounts accounts = Accounts::of(copy.settings(), copy.paths(), clock);
  PassResult result;
  for (const MailboxPlace& place : accounts.mailboxes()) {
    auto mailbox = make_mailbox(place, copy.paths(), clock);
    if (place.account) mailbox = std::make_unique<OnlyRead>(std::move(mailbox));
    FP_TRY(take_in(copy, std::move(mailbox), kept, clock, {}, result));
  }
  Maildir own(copy.paths().mailbox(), clock);
  FP_TRY(own.open());
  FP_TRY(ask_about_held(copy, clock.now()));
  FP_TRY(tend_requests(copy, clock.now()));
  FP_TRY(tend_duties(copy, clock.now()));
  FP_TRY(tend_subscriptions(copy, clock.now()));
  FP_TRY(tend_digests(copy, clock.now()));
  FP_ASSIGN(result.sent, dispatch_to_sent(copy.store(), own, clock));
  FP_TRY(copy.note_warnings(clock.now()));
  return result;
}

}  // namespace focalpost
