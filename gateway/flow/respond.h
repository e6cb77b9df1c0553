// SPDX-License-Identifier: Apache-2.0
//
// respond: which reply a judged message gets, if any, and puts it into the outbox.
//
// A registered person gets an answer to every message, a stranger one short help text a day, a
// robot none (RFC 3834); nobody more than the budget (gate.h). Replies go to From's address, never
// to Reply-To, in the sender's thread and language, with the null return path and an id made of
// docket and attempt, so that the same verdict is never answered twice. What waits for its sender's
// word is answered by the letter that asks for it (held.h), a word by what becomes of what it was
// about.
//
// Deciding touches the store and is the caller's; writing the letter does not, and is a worker's,
// while the next message is judged.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/worker.h"
#include "compose/receipt.h"
#include "flow/case.h"
#include "flow/desk.h"
#include "flow/gate.h"
#include "flow/home.h"
#include "model/docket.h"

namespace focalpost {

/// Who gets a reply, and in which thread.
struct ReplyOrder {
  Pass pass;
  bool quote = true;        ///< Letterhead::quote
  std::string in_reply_to;  ///< without angle brackets; empty if the message had no id
  std::vector<std::string> references;
  Time now{};
  std::string crash_key;  ///< what a crash while writing is noted as
};

/// Whether compose() takes this for an id in In-Reply-To.
bool fits_thread(std::string_view id);
/// The thread that a reply to a message goes into, oldest first (RFC 5322 section 3.6.4); without
/// ids that cannot be written.
std::vector<std::string> thread_of(const mime::Headers& headers, const std::string& message_id);

class Responder {
 public:
  Responder(Home& home, Worker& worker);
  Responder(Responder&&) noexcept;
  ~Responder();

  /// Inside the transaction that finishes the docket: whether there is a reply; it then counts
  /// against the budget. `headers`: of the message, for its thread; `sender`: what it was taken
  /// for. Where a budget keeps it back the docket says so.
  Result<std::optional<ReplyOrder>> decide(Docket& docket, const mime::Headers& headers,
                                           mime::Sender sender, Time now);
  /// Starts writing it. `answer`: if the message was an enquiry.
  Status write(ReplyOrder order, Docket docket, std::optional<DeskReply> answer = {});
  /// Before the commit: what is being written is waited for and put into the outbox, in the order
  /// of write(). The Error of the first that could not be written.
  Status settle();
  /// After a rollback.
  void forget();

 private:
  struct Letter;
  Status enqueue(Letter& letter);

  Home& home_;
  Worker& worker_;
  std::deque<std::unique_ptr<Letter>> letters_;
  std::size_t findings_ = 0;  ///< in the dockets of letters_
};

}  // namespace focalpost
