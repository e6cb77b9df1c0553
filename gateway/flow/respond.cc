// SPDX-License-Identifier: Apache-2.0
#include "flow/respond.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "compose/request.h"
#include "flow/answer.h"
#include "flow/crash_note.h"
#include "flow/held.h"
#include "flow/letter.h"
#include "mime/compose.h"

namespace focalpost {
namespace {

bool data_was_filed(const Docket& docket) {
  return std::any_of(docket.items.begin(), docket.items.end(), [](const Item& item) {
    return item.outcome == Outcome::kFiled || item.outcome == Outcome::kRejected ||
           item.outcome == Outcome::kHeld || item.outcome == Outcome::kUnchanged;
  });
}

/// "answer" to an enquiry, "receipt", "help" to who is not registered.
bool is_enquiry(const Docket& docket) {
  return std::any_of(docket.items.begin(), docket.items.end(),
                     [](const Item& item) { return item.kind == kEnquiryKind; });
}
std::string_view reply_kind(const Docket& docket) {
  if (is_enquiry(docket)) return kAnswerLetter;
  return docket.sender.registered ? "receipt" : "help";
}

/// A stranger's own words come back to him only if he is who he says.
bool may_quote(const Docket& docket, const Policy& policy) {
  const Assurance needed = docket.sender.registered
                               ? policy[Act::kFile]
                               : std::max(policy[Act::kFile], Assurance::kAligned);
  return docket.sender.assurance >= needed;
}

}  // namespace

bool fits_thread(std::string_view id) {
  constexpr std::size_t kLongest = 400;
  return id.size() > 4 && id.size() <= kLongest && id.front() == '<' &&
         id.find_first_of("<>", 1) == id.size() - 1 &&
         std::all_of(id.begin(), id.end(), [](char c) { return c > 32 && c < 127; });
}

std::vector<std::string> thread_of(const mime::Headers& headers, const std::string& message_id) {
  std::vector<std::string> thread = headers.references();
  if (thread.empty()) thread = headers.in_reply_to();
  std::erase_if(thread, [](const std::string& id) { return !fits_thread(id); });
  if (fits_thread(message_id) && (thread.empty() || thread.back() != message_id))
    thread.push_back(message_id);
  return thread;
}

struct Responder::Letter {
  explicit Letter(ReplyOrder what) : order(std::move(what)) {}
  ReplyOrder order;
  Docket docket;
  std::optional<DeskReply> answer;
  std::shared_ptr<const StructureLookup> lookup;
  Letterhead letterhead;
  LetterFields fields;
  // filled in by the worker
  std::string subject, lang, bytes;
  Status written;
};

Responder::Responder(Home& home, Worker& worker) : home_(home), worker_(worker) {}
Responder::Responder(Responder&&) noexcept = default;
Responder::~Responder() {
  if (!letters_.empty()) worker_.wait();
}

Result<std::optional<ReplyOrder>> Responder::decide(Docket& docket, const mime::Headers& headers,
                                                    mime::Sender automatic, Time now) {
  std::optional<ReplyOrder> nobody;
  const Policy& policy = home_.settings().policy;
  const Sender& sender = docket.sender;
  if (docket.outcome == Outcome::kNotice || docket.outcome == Outcome::kIgnored) return nobody;
  if (asks_sender(docket, policy) || answered_by_deeds(docket)) return nobody;
  // Letters to strangers about their questions are written where these are read (requests.h).
  if (!docket.sender.registered && !docket.items.empty() && !is_enquiry(docket)) return nobody;
  Leaving letter;
  letter.kind = reply_kind(docket);
  letter.to = sender.address;
  letter.about = docket.number.text();
  letter.stranger = !sender.registered;
  letter.unsure = sender.registered && sender.assurance < policy[Act::kFile];
  letter.answers = &headers;
  letter.answered = automatic;
  letter.answered_from = sender.address;
  if (automatic != mime::Sender::kPersonal) {
    // A robot gets no reply; if it brought data, somebody of its institution should know.
    if (!data_was_filed(docket)) return nobody;
    letter.to = human_beside(home_.lookup(), sender.address);
  }
  std::string why_not;
  letter.may_wait = true;
  letter.why_not = &why_not;
  FP_ASSIGN(auto pass, may_leave(home_, letter, now));
  if (!pass) {
    // The reason of what is held says whose message it is (held.h).
    if (docket.outcome != Outcome::kHeld && docket.reason.empty()) docket.reason = why_not;
    return nobody;
  }

  ReplyOrder order{std::move(*pass), may_quote(docket, policy), {}, {}, now, {}};
  // A stranger's id that cannot be written costs the thread, never the reply.
  if (fits_thread(docket.message_id)) {
    order.in_reply_to = docket.message_id;
    order.references = thread_of(headers, docket.message_id);
  }
  return std::optional(std::move(order));
}

namespace {

bool is_only(const Docket& docket, const Rule& rule) {
  return std::all_of(docket.items.begin(), docket.items.end(), [&](const Item& item) {
    return item.kind == kCommandKind && !item.findings.empty() &&
           item.findings.front().rule == &rule;
  });
}

Result<Receipt> compose_for(const Docket& docket, const StructureLookup& lookup, const Voice& voice,
                            const Letterhead& letterhead) {
  if (docket.outcome == Outcome::kFailed) return compose_failed(docket, lookup, voice, letterhead);
  if (!docket.sender.registered) return compose_help(docket, docket.sender.lang, voice, letterhead);
  if (docket.items.empty()) return compose_no_data(docket, lookup, voice, letterhead);
  if (is_only(docket, rules::request_opened))
    return compose_request_received(docket, lookup, voice, letterhead);
  if (std::all_of(docket.items.begin(), docket.items.end(),
                  [](const Item& item) { return item.kind == kCommandKind; }))
    return compose_answer(docket, lookup, voice, letterhead);
  return compose_receipt(docket, lookup, voice, letterhead);
}

}  // namespace

Status Responder::write(ReplyOrder order, Docket docket, std::optional<DeskReply> answer) {
  // Findings take most of a docket's memory; beyond so many the letters are not left to pile up.
  constexpr std::size_t most_findings = 2000, most_letters = 100;
  for (const Item& item : docket.items) findings_ += item.findings.size();
  auto letter = std::make_unique<Letter>(std::move(order));
  letter->lookup = home_.snapshot();
  letter->letterhead = {home_.settings().name, home_.settings().address, home_.is_example(),
                        letter->order.quote};
  LetterFields& fields = letter->fields;
  fields.from_name = home_.settings().name;
  fields.from = home_.settings().sender();
  fields.to = letter->order.pass.to();
  fields.message_id =
      mime::reply_message_id(docket.number.text(), docket.attempt, home_.message_id_domain());
  fields.in_reply_to = letter->order.in_reply_to;
  fields.references = letter->order.references;
  fields.auto_submitted = "auto-replied";
  fields.gateway_id = home_.gateway_id();
  fields.date = letter->order.now;
  letter->docket = std::move(docket);
  letter->answer = std::move(answer);
  Voice voice{home_.templates(), home_.phrases()};
  worker_.start([one = letter.get(), voice] {
    WorkingOn mark(one->order.crash_key);
    one->written = [&]() -> Status {
      try {
        const bool offered = one->answer && one->answer->offer;
        FP_ASSIGN(Receipt receipt,
                  offered       ? compose_request_received(one->docket, *one->lookup, voice,
                                                           one->letterhead, &*one->answer->offer)
                  : one->answer ? compose_transcript(
                                      one->docket, std::move(one->answer->transcript),
                                      one->answer->reader, *one->lookup, voice, one->letterhead)
                                : compose_for(one->docket, *one->lookup, voice, one->letterhead));
        if (offered) receipt.attachments = std::move(one->answer->files);
        one->subject = receipt.subject;
        one->lang = receipt.lang;
        FP_ASSIGN(one->bytes, write_letter(one->fields, std::move(receipt)));
        return {};
      } catch (const std::exception& thrown) {
        return bug(
            fmt::format("the reply of docket {}: {}", one->docket.number.text(), thrown.what()));
      }
    }();
  });
  letters_.push_back(std::move(letter));
  return findings_ > most_findings || letters_.size() >= most_letters ? settle() : Status();
}

Status Responder::settle() {
  worker_.wait();
  for (auto& letter : letters_) {
    FP_TRY(std::move(letter->written));
    FP_TRY(enqueue(*letter));
  }
  forget();
  return {};
}

void Responder::forget() {
  worker_.wait();
  letters_.clear();
  findings_ = 0;
}

Status Responder::enqueue(Letter& letter) {
  OutboxEntry entry;
  entry.docket = letter.docket.id;
  entry.attempt = letter.docket.attempt;
  entry.kind = reply_kind(letter.docket);
  entry.message_id = letter.fields.message_id;
  entry.subject = letter.subject;
  entry.lang = letter.lang;
  entry.created = letter.order.now;
  entry.not_before = letter.order.now;
  FP_TRY(post(home_, letter.order.pass, std::move(entry), letter.bytes));
  return {};
}

}  // namespace focalpost
