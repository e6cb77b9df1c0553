// SPDX-License-Identifier: Apache-2.0
//
// outgoing: a lab whose mail goes to a server of the test's.
#pragma once

#include <fmt/format.h>

#include "flow/accounts.h"
#include "flow/bounces.h"
#include "flow/dispatch.h"
#include "lab.h"

namespace lab {

inline constexpr std::string_view kTagged = "bounce = \"gateway+{tag}@network.example\"\n";

class Post {
 public:
  /// `more`: further lines of [outgoing].
  explicit Post(std::uint16_t port, std::string_view more = kTagged) {
    lab.configure(
        fmt::format("[outgoing]\nurl = \"smtp://127.0.0.1:{}\"\ntls = \"none\"\n{}", port, more));
    restart();
  }

  Lab lab;
  Store& store() { return lab.home().store(); }
  Outbox outbox() { return lab.home().store().outbox(); }
  Dispatcher& dispatcher() { return *dispatcher_; }
  /// As a new process would do it. `stop_fd`: as for Dispatcher.
  void restart(int stop_fd = -1) {
    dispatcher_.reset();
    lab.open();
    Accounts accounts = Accounts::of(lab.home().settings(), lab.home().paths(), lab.clock);
    dispatcher_ = must(Dispatcher::make(lab.home(), accounts.outgoing(), stop_fd));
    must(dispatcher_->recover(lab.clock.now()));
  }
  void close() {
    dispatcher_.reset();
    lab.close();
  }
  Mailbox& mailbox() {
    if (!mailbox_) {
      mailbox_.emplace(lab.root() / "spool" / "mailbox", lab.clock);
      must(mailbox_->open());
    }
    return *mailbox_;
  }
  DispatchResult run(const StepHook& step = {}) {
    return must(dispatcher_->run(lab.clock, &mailbox(), step));
  }

  /// A message of that kind, due now. `name` becomes part of its Message-ID.
  std::int64_t put(std::string_view kind, std::string_view to, std::string_view name) {
    std::string id = fmt::format("<{}@id.network.example>", name);
    std::string bytes = fmt::format(
        "From: gateway@network.example\r\nTo: {}\r\nDate: Wed, 20 May 2026 09:00:00 +0000\r\n"
        "Subject: {}\r\nMessage-ID: {}\r\n\r\nText of {}.\r\n",
        to, name, id, name);
    OutboxEntry entry;
    entry.kind = kind;
    entry.message_id = id;
    entry.recipient = to;
    entry.subject = name;
    entry.lang = "en";
    entry.created = entry.not_before = lab.clock.now();
    Transaction transaction = must(store().begin());
    std::string_view piece = bytes;
    std::int64_t row = must(outbox().enqueue(entry, {&piece, 1})).id;
    must(transaction.commit());
    return row;
  }
  OutboxEntry row(std::int64_t id) { return *must(outbox().find(id)); }
  OutboxState state(std::int64_t id) { return row(id).state; }
  std::string tag(std::int64_t id) {
    return mime::make_bounce_tag(must(read_key(lab.home().paths())), id);
  }
  std::string return_path(std::int64_t id) {
    return fmt::format("gateway+{}@network.example", tag(id));
  }
  /// All of a query's rows, columns joined by "|".
  std::vector<std::string> rows(std::string_view sql) {
    std::vector<std::string> all;
    Statement statement = must(store().database().prepare(sql));
    while (must(statement.step())) {
      std::string& row = all.emplace_back();
      for (int i = 0; i < sqlite3_column_count(statement.handle()); ++i)
        row += (i > 0 ? "|" : "") + statement.string(i);
    }
    return all;
  }
  bool event_says(std::string_view text) {
    auto events = must(store().events().last(100));
    return std::any_of(events.begin(), events.end(), [&](const Event& event) {
      return event.text.find(text) != std::string::npos;
    });
  }

 private:
  std::unique_ptr<Dispatcher> dispatcher_;
  std::optional<Maildir> mailbox_;
};

}  // namespace lab
