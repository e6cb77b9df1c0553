// SPDX-License-Identifier: Apache-2.0
#include "flow/requests.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/domain.h"
#include "base/text.h"
#include "flow/answer.h"
#include "flow/bounces.h"
#include "flow/case.h"
#include "flow/gate.h"
#include "flow/letter.h"
#include "flow/public_answers.h"
#include "flow/request_data.h"
#include "flow/respond.h"
#include "flow/token.h"
#include "mime/attachments.h"
#include "mime/own_words.h"

namespace focalpost {
namespace {

constexpr std::size_t kSubject = 200;

bool is_question(const Item& item) {
  return item.kind == kCommandKind && !item.findings.empty() &&
         (item.findings.front().rule == &rules::request_opened ||
          item.findings.front().rule == &rules::request_unconfirmed);
}

/// What a letter about a request needs of its docket.
Docket docket_of(const Request& request) {
  Docket docket;
  docket.id = request.docket;
  docket.number = request.number;
  return docket;
}

RequestFacts facts_of(Home& home, const Request& request, RequestText text) {
  RequestFacts facts;
  facts.text = text;
  facts.docket = request.number;
  facts.name = request.name();
  facts.areas = request.areas;
  facts.flows = request.flows;
  facts.opened = request.opened;
  facts.sure = request.sure;
  if (request.registered()) facts.asker = home.lookup().contact(request.asker);
  return facts;
}

/// Its thread as it is kept: the first and the newest of a long one.
std::vector<std::string> kept_thread(const Heard& heard) {
  std::vector<std::string> thread = thread_of(heard.message.top(), heard.docket.message_id);
  if (thread.size() > mime::kMostReferences)
    thread.erase(thread.begin() + 1, thread.end() - std::ptrdiff_t(mime::kMostReferences - 1));
  return thread;
}

/// A question as it is kept: bounded, nothing in it that we would read again.
std::string kept_text(std::string_view text, std::size_t most) {
  std::string safe = to_valid_utf8(text);
  std::erase(safe, '\r');
  return shorten(trim(without_tokens(safe)), most);
}

Item opened_item(Home& home, const Request& request, std::string_view lang) {
  if (request.state == RequestState::kUnconfirmed)
    return request_item(rules::request_unconfirmed, request.name());
  const RosterEntry* with = home.lookup().contact(request.with.address);
  if (!with)
    return request_item(rules::request_refused, request.name(), "request-nobody-there", {},
                        request.state == RequestState::kOpen ? Outcome::kOpen : Outcome::kAnswered);
  return request_item(rules::request_opened, std::string(text_in(with->organisation->names, lang)),
                      {}, role_word(request.with.role),
                      request.state == RequestState::kOpen ? Outcome::kOpen : Outcome::kAnswered);
}

Subject subject_of(Home& home, const Request& request) {
  Subject subject{request.areas, request.flows, request.asker, nullptr};
  if (request.registered()) subject.contact = home.lookup().contact(request.asker);
  return subject;
}

/// Whoever is first in the order and may be written to; false: nobody.
Result<bool> pass_to_first(LetterWriter& writer, Request& request) {
  FP_ASSIGN(auto all,
            responsible_for(writer.home(), subject_of(writer.home(), request), writer.now()));
  for (const Responsible& one : all) {
    const bool stands_in = one.role == kSubstitute;
    FP_ASSIGN(bool passed, pass_on(writer, request, one,
                                   stands_in ? RequestText::kSubstitute : RequestText::kAsk,
                                   nullptr, "passed-on", {}));
    if (passed) return true;
  }
  return false;
}

Status tell_operator(Home& home, const Request& request, Time now) {
  return home.store().events().add(
      EventLevel::kWarning,
      fmt::format("{}: there is nobody to whom this question could be passed on; `focalpost show "
                  "{}` shows it",
                  request.name(), request.number.text()),
      now);
}

/// A stranger is asked to confirm; nothing: no letter may leave now, nothing was written.
Result<std::optional<Item>> ask_stranger(Home& home, const Heard& heard, Request& request) {
  std::optional<Item> nothing;
  Leaving leaving;
  leaving.kind = "confirmation";
  leaving.to = heard.docket.sender.address;
  leaving.about = heard.docket.number.text();
  leaving.stranger = true;
  leaving.answers = &heard.message.top();
  leaving.answered_from = heard.docket.sender.address;
  FP_ASSIGN(auto pass, may_leave(home, leaving, heard.now));
  if (!pass) return nothing;
  request.state = RequestState::kUnconfirmed;
  FP_TRY(home.store().requests().add(request));
  FP_TRY(home.store().requests().note(request.id, {heard.now, "opened", "", heard.docket.id}));
  RequestLetter letter;
  letter.request = request.id;
  letter.kind = RequestLetter::Kind::kConfirm;
  letter.at = heard.now;
  FP_TRY(home.store().requests().add_letter(letter));
  FP_ASSIGN(LetterWriter writer, LetterWriter::make(home, heard.now));
  RequestFacts facts = facts_of(home, request, RequestText::kConfirm);
  facts.token = make_token(writer.key(), letter);
  facts.lang = request.lang;
  facts.zone = "UTC";
  FP_ASSIGN(Receipt text,
            compose_request(facts, home.lookup(), writer.voice(), writer.letterhead()));
  Letter mail;
  mail.kind = "confirmation";
  mail.message_id = confirmation_message_id(facts.token, home.message_id_domain());
  if (!request.thread.empty()) mail.in_reply_to = request.thread.back();
  mail.auto_submitted = "auto-replied";
  mail.about = &heard.docket;
  FP_TRY(writer.post(*pass, mail, std::move(text)));
  return std::optional(opened_item(home, request, request.lang));
}

}  // namespace

Item request_item(const Rule& rule, std::string value, std::string detail, std::string expected,
                  Outcome outcome) {
  Item item = command_item(rule, std::move(value), std::move(detail), outcome);
  item.number = 1;
  item.findings.front().expected = std::move(expected);
  return item;
}

std::string role_of(const RosterEntry& entry) {
  for (std::string_view role : {kFocalPoint, kSubstitute, kCoordinatorRole})
    if (entry.has_role(role)) return std::string(role);
  return std::string(kFocalPoint);
}

std::string holder_text(const RosterEntry& entry, std::string_view role) {
  return fmt::format("{}, {}", entry.provider.id, role);
}

std::string question_in(const Heard& heard) {
  const std::string text = mime::body_text(heard.content, kAnswerLookedAt).text;
  std::string own = mime::without_signature(mime::above_quote(text));
  if (trim(own).empty()) {
    // Sent on without a word: what was sent on is the question.
    std::string unquoted;
    for (std::string_view line : split(text, '\n'))
      unquoted.append(trim(line).starts_with('>') ? trim(line).substr(1) : line).append("\n");
    own = mime::without_signature(unquoted);
  }
  std::string_view subject = trim(heard.docket.subject);
  // What a reply is called says nothing about what is asked in it.
  const bool reply = !heard.message.top().in_reply_to().empty();
  std::string question;
  if (!subject.empty() && !reply && own.find(subject) == own.npos)
    question.append(shorten(subject, kSubject)).append("\n\n");
  question += own;
  return std::string(trim(question));
}

Result<std::optional<RequestLetter>> letter_replied_to(Home& home, const mime::Message& message) {
  const mime::Headers& top = message.top();
  std::vector<std::string> tokens;
  auto add = [&](std::string_view where) {
    for (std::string& token : find_request_tokens(where))
      if (tokens.size() < kMostTokens) tokens.push_back(std::move(token));
  };
  for (const std::string& id : top.in_reply_to()) add(id);
  add(top.decoded("Subject").value_or(""));
  auto references = top.references();
  for (auto id = references.rbegin(); id != references.rend(); ++id) add(*id);
  std::optional<RequestLetter> none;
  if (tokens.empty()) return none;
  FP_ASSIGN(const std::string key, read_key(home.paths()));
  for (const std::string& token : tokens) {
    const auto row = request_token_row(token);
    if (!row) continue;
    FP_ASSIGN(auto letter, home.store().requests().letter(*row));
    if (letter && token_fits(token, key, *letter)) return letter;
  }
  return none;
}

Result<Question> in_thread_of(Home& home, const Heard& heard) {
  Question question;
  FP_ASSIGN(auto letter, letter_replied_to(home, heard.message));
  if (!letter || letter->kind != RequestLetter::Kind::kAnswer) return question;
  FP_ASSIGN(auto request, home.store().requests().find(letter->request));
  if (!request || !ascii_iequal(request->asker, heard.docket.sender.address)) return question;
  question.areas = request->areas;
  question.flows = request->flows;
  return question;
}

Result<bool> pass_on(LetterWriter& writer, Request& request, const Responsible& to,
                     RequestText text, const RosterEntry* from, std::string_view what,
                     std::optional<std::int64_t> said_in) {
  Home& home = writer.home();
  Requests requests = home.store().requests();
  FP_ASSIGN(auto pass, may_leave(home, {"request", to.address, request.name()}, writer.now()));
  if (!pass) return false;
  RequestLetter letter;
  letter.request = request.id;
  letter.kind = RequestLetter::Kind::kAsk;
  letter.address = to.address;
  letter.provider = to.who->provider.id;
  letter.contact = to.who->contact->id;
  letter.at = writer.now();
  FP_TRY(requests.add_letter(letter));

  RequestFacts facts = facts_of(home, request, text);
  facts.token = make_token(writer.key(), letter);
  facts.question = request.question;
  facts.with = to.who;
  facts.role = to.role;
  facts.from = from;
  facts.lang = to.who->lang;
  facts.zone = to.who->zone;
  FP_ASSIGN(auto files, requests.files(request.id, "question"));
  Letter mail;
  FP_ASSIGN(HeldData held, held_data(home, request, *to.who, writer.now()));
  facts.held = std::move(held.about);
  mail.attachments = std::move(held.files);
  for (RequestFile& file : files) {
    facts.files.push_back(file.name);
    mail.attachments.push_back(
        {std::move(file.name), std::move(file.media_type), std::move(file.bytes), {}});
  }
  FP_ASSIGN(Receipt said,
            compose_request(facts, home.lookup(), writer.voice(), writer.letterhead()));
  const Docket about = docket_of(request);
  mail.kind = "request";
  mail.message_id = confirmation_message_id(facts.token, home.message_id_domain());
  mail.about = &about;
  FP_TRY(writer.post(*pass, mail, std::move(said)));

  if (text == RequestText::kRemind) {
    request.reminded = writer.now();
    ++request.reminders;
  } else {
    request.with = {to.address, to.role, to.who->provider.id, to.who->contact->id};
    request.passed_on = writer.now();
    request.reminded.reset();
  }
  FP_TRY(requests.update(request));
  FP_TRY(requests.note(request.id,
                       {writer.now(), std::string(what), holder_text(*to.who, to.role), said_in}));
  return true;
}

Result<bool> tell_asker(LetterWriter& writer, const Request& request, AskerLetter reply) {
  Home& home = writer.home();
  if (request.asker.empty()) return false;
  FP_ASSIGN(auto pass, may_leave(home, {"reply", request.asker, request.name()}, writer.now()));
  if (!pass) return false;
  RequestFacts facts = facts_of(home, request, reply.text);
  facts.with = reply.with;
  facts.role = reply.role;
  facts.answer = std::move(reply.answer);
  facts.offer = std::move(reply.offer);
  facts.lang = request.lang;
  const RosterEntry* asker = home.lookup().contact(request.asker);
  facts.zone = asker ? asker->zone : "UTC";
  const bool ends = reply.text != RequestText::kReceived && reply.text != RequestText::kMoved;
  // To whom it is not sure who wrote, nothing of it comes back.
  if (request.sure) {
    facts.subject = request.subject;
    if (ends) facts.question = request.question;
  }
  facts.days = reply.text == RequestText::kLapsed ? home.settings().requests.lapse_days
                                                  : home.settings().requests.escalate_days;
  for (const mime::OutgoingAttachment& file : reply.files) facts.files.push_back(file.name);

  RequestLetter letter;
  letter.request = request.id;
  letter.kind = RequestLetter::Kind::kAnswer;
  letter.at = writer.now();
  FP_TRY(home.store().requests().add_letter(letter));
  const std::string token = make_token(writer.key(), letter);
  FP_ASSIGN(Receipt said,
            compose_request(facts, home.lookup(), writer.voice(), writer.letterhead()));
  const Docket about = docket_of(request);
  Letter mail;
  mail.kind = "reply";
  mail.message_id = confirmation_message_id(token, home.message_id_domain());
  if (!request.thread.empty()) {
    mail.in_reply_to = request.thread.back();
    mail.references = request.thread;
  }
  mail.auto_submitted = reply.text == RequestText::kAnswer ? "" : "auto-generated";
  mail.about = &about;
  mail.attachments = std::move(reply.files);
  FP_TRY(writer.post(*pass, mail, std::move(said)));
  return true;
}

Status settle_request(Home& home, Request& request, RequestState state, std::string_view who,
                      std::optional<std::int64_t> said_in, Time now) {
  Requests requests = home.store().requests();
  const bool was_open = request.state == RequestState::kOpen;
  request.state = state;
  request.settled = now;
  request.move_due = request.move_due || was_open;
  FP_TRY(requests.update(request));
  FP_TRY(requests.note(request.id,
                       {now, std::string(request_state_name(state)), std::string(who), said_in}));
  FP_ASSIGN(auto all, requests.of_docket(request.docket));
  if (!was_open || std::any_of(all.begin(), all.end(),
                               [](const Request& one) { return one.state == RequestState::kOpen; }))
    return {};
  FP_ASSIGN(auto record, home.store().dockets().find(request.docket));
  if (!record || record->docket.outcome != Outcome::kOpen) return {};
  for (Item& item : record->docket.items)
    if (item.kind == kCommandKind && item.outcome == Outcome::kOpen)
      item.outcome = Outcome::kAnswered;
  record->docket.outcome =
      record->docket.items.empty() ? Outcome::kAnswered : outcome_of(record->docket.items);
  record->folder = folder_name(folder_of(record->docket.outcome));
  return home.store().dockets().finish(*record);
}

Result<std::optional<Item>> open_request(Home& home, const Heard& heard, Question question) {
  Requests requests = home.store().requests();
  const std::string lang = heard.contact ? heard.contact->lang : heard.docket.sender.lang;
  FP_ASSIGN(auto known, requests.of_docket(heard.docket.id));
  for (const Request& one : known)
    if (one.part == question.part) return std::optional(opened_item(home, one, lang));

  const std::string& asker = heard.docket.sender.address;
  FP_ASSIGN(std::uint64_t waiting, requests.open_of(asker));
  if (waiting >= home.settings().requests.most_per_asker) {
    if (!heard.contact) return std::optional<Item>();
    return std::optional(
        request_item(rules::request_refused, heard.docket.number.text(), "request-too-many"));
  }
  Request request;
  request.docket = heard.docket.id;
  request.part = question.part;
  request.number = heard.docket.number;
  request.asker = asker;
  request.lang = lang;
  request.thread = kept_thread(heard);
  request.subject = shorten(without_tokens(one_line(heard.docket.subject)), kSubject);
  if (question.areas.empty() && question.flows.empty()) {
    question.areas = areas_in(home.lookup(), question.text);
    FP_ASSIGN(question.flows, flows_meant(home, question.text));
  }
  request.areas = std::move(question.areas);
  request.flows = std::move(question.flows);
  // Two questions about the same name it alike (public_answers.h).
  std::sort(request.areas.begin(), request.areas.end());
  std::sort(request.flows.begin(), request.flows.end());
  request.question = kept_text(question.text, kMostQuestion);
  request.opened = heard.now;
  if (!heard.contact) return ask_stranger(home, heard, request);

  request.provider = heard.contact->provider.id;
  request.contact = heard.contact->contact->id;
  request.sure = heard.docket.sender.assurance >= home.settings().policy[Act::kFile];
  FP_TRY(requests.add(request));
  FP_TRY(requests.note(request.id, {heard.now, "opened", "", heard.docket.id}));
  std::vector<RequestFile> files;
  for (mime::OutgoingAttachment& file : question.attached)
    files.push_back({std::move(file.name), std::move(file.media_type), std::move(file.bytes)});
  FP_TRY(requests.add_files(request.id, "question", files));
  FP_ASSIGN(LetterWriter writer, LetterWriter::make(home, heard.now));
  FP_ASSIGN(bool passed, pass_to_first(writer, request));
  if (!passed) FP_TRY(tell_operator(home, request, heard.now));
  return std::optional(opened_item(home, request, lang));
}

Result<std::optional<Item>> read_asker_word(Home& home, const Heard& heard) {
  std::optional<Item> nothing;
  FP_ASSIGN(auto letter, letter_replied_to(home, heard.message));
  if (!letter || letter->kind != RequestLetter::Kind::kConfirm) return nothing;
  Requests requests = home.store().requests();
  FP_ASSIGN(auto request, requests.find(letter->request));
  if (!request || request->asker.empty() ||
      canonical_address(request->asker) != canonical_address(heard.docket.sender.address))
    return nothing;
  const std::string text = mime::body_text(heard.content, kAnswerLookedAt).text;
  const mime::SaidWord word = mime::said_word(mime::above_quote(text));
  if (word == mime::SaidWord::kNone) return nothing;
  if (request->state != RequestState::kUnconfirmed)
    return std::optional(request_item(rules::request_refused, request->name(), "request-settled"));
  if (word == mime::SaidWord::kNo || heard.now - letter->at > kConfirmWithin) {
    FP_TRY(settle_request(home, *request, RequestState::kLapsed, "", heard.docket.id, heard.now));
    FP_TRY(requests.forget_asker(request->id));
    return std::optional(request_item(rules::request_refused, request->name(), "request-settled"));
  }
  request->state = RequestState::kOpen;
  request->sure = true;
  request->opened = heard.now;
  request->move_due = true;
  FP_TRY(requests.update(*request));
  FP_TRY(requests.note(request->id, {heard.now, "confirmed", "", heard.docket.id}));
  FP_ASSIGN(LetterWriter writer, LetterWriter::make(home, heard.now));
  FP_ASSIGN(bool passed, pass_to_first(writer, *request));
  if (!passed) FP_TRY(tell_operator(home, *request, heard.now));
  const RosterEntry* with = home.lookup().contact(request->with.address);
  if (passed && with) {
    AskerLetter received{RequestText::kReceived, with, request->with.role, {}, {}};
    FP_ASSIGN(auto offer, answer_to_offer(home, request->areas, request->flows, request->question,
                                          request->docket));
    if (offer) {
      received.offer = std::move(offer->answer);
      received.files = std::move(offer->files);
    }
    FP_TRY(tell_asker(writer, *request, std::move(received)));
  }

  // The question's own docket is open now.
  FP_ASSIGN(auto record, home.store().dockets().find(request->docket));
  if (record) {
    for (Item& item : record->docket.items)
      if (is_question(item)) {
        const std::uint32_t number = item.number;
        item = opened_item(home, *request, request->lang);
        item.number = number;
      }
    record->docket.outcome = outcome_of(record->docket.items);
    record->folder = folder_name(folder_of(record->docket.outcome));
    FP_TRY(home.store().dockets().finish(*record));
  }
  Item done = opened_item(home, *request, request->lang);
  done.outcome = Outcome::kAnswered;
  return std::optional(std::move(done));
}

namespace {

std::chrono::hours days_of(std::uint64_t count) {
  return std::chrono::hours(24 * count);
}

/// Whoever it is with cannot answer: who comes instead.
Result<std::optional<Responsible>> instead_of(Home& home, const Request& request, Time now) {
  std::optional<Responsible> nobody;
  Correspondents correspondents = home.store().correspondents();
  const RosterEntry* with = home.lookup().contact(request.with.address);
  FP_ASSIGN(auto trouble, correspondents.trouble(request.with.address));
  FP_ASSIGN(auto away, correspondents.away_since(request.with.address));
  const bool dead = trouble && trouble->dead_since;
  // Who was asked although away is not taken from again.
  const bool left =
      away && now - *away < kAwayFor && request.passed_on && *away >= *request.passed_on;
  if (with && !dead && !left) return nobody;
  FP_ASSIGN(auto all, responsible_for(home, subject_of(home, request), now));
  for (const Responsible& one : all)
    if (!one.away && !ascii_iequal(one.address, request.with.address)) return std::optional(one);
  return nobody;
}

/// The first coordinator in the order who does not have it already.
Result<std::optional<Responsible>> coordinator_for(Home& home, const Request& request, Time now) {
  FP_ASSIGN(auto all, responsible_for(home, subject_of(home, request), now));
  // Of who has it before of anybody else.
  for (const bool own : {true, false})
    for (const Responsible& one : all)
      if (one.who->has_role(kCoordinatorRole) && !ascii_iequal(one.address, request.with.address) &&
          (!own || one.who->provider.id == request.with.provider)) {
        Responsible found = one;
        found.role = kCoordinatorRole;
        return std::optional(std::move(found));
      }
  return std::optional<Responsible>();
}

/// What the asker was told, he is told anew where the institution is another.
Status tell_of_move(LetterWriter& writer, const Request& request, std::string_view before) {
  const RosterEntry* with = writer.home().lookup().contact(request.with.address);
  if (!with || before == request.with.provider) return {};
  FP_TRY(tell_asker(writer, request, {RequestText::kMoved, with, request.with.role, {}, {}}));
  return {};
}

Status tend_one(LetterWriter& writer, Request& request) {
  Home& home = writer.home();
  const RequestSettings& times = home.settings().requests;
  const Time now = writer.now();
  if (now - request.opened >= days_of(times.lapse_days)) {
    FP_TRY(settle_request(home, request, RequestState::kLapsed, "", {}, now));
    FP_TRY(tell_asker(writer, request, {RequestText::kLapsed, nullptr, {}, {}, {}}));
    return {};
  }
  const std::string before = request.with.provider;
  if (!request.passed_on) {
    FP_ASSIGN(bool passed, pass_to_first(writer, request));
    return passed ? tell_of_move(writer, request, before) : Status();
  }
  const RosterEntry* with = home.lookup().contact(request.with.address);
  FP_ASSIGN(auto other, instead_of(home, request, now));
  if (other) {
    FP_ASSIGN(bool passed,
              pass_on(writer, request, *other,
                      other->role == kSubstitute ? RequestText::kSubstitute : RequestText::kAsk,
                      with, "substituted", {}));
    return passed ? tell_of_move(writer, request, before) : Status();
  }
  if (now - *request.passed_on >= days_of(times.escalate_days) &&
      request.with.role != kCoordinatorRole) {
    FP_ASSIGN(auto coordinator, coordinator_for(home, request, now));
    if (coordinator) {
      FP_ASSIGN(bool passed, pass_on(writer, request, *coordinator, RequestText::kEscalated, with,
                                     "escalated", {}));
      return passed ? tell_of_move(writer, request, before) : Status();
    }
  }
  if (now - *request.passed_on >= days_of(times.remind_days) && !request.reminded && with) {
    Responsible same{with, request.with.address, request.with.role, false};
    FP_TRY(pass_on(writer, request, same, RequestText::kRemind, nullptr, "reminded", {}));
  }
  return {};
}

/// Whether tend_one() could have anything to do.
Result<bool> may_be_due(Home& home, const Request& request, Time now) {
  const RequestSettings& times = home.settings().requests;
  if (!request.passed_on || now - request.opened >= days_of(times.lapse_days)) return true;
  const auto waited = now - *request.passed_on;
  if (!request.reminded && waited >= days_of(times.remind_days)) return true;
  if (request.with.role != kCoordinatorRole && waited >= days_of(times.escalate_days)) return true;
  FP_ASSIGN(auto other, instead_of(home, request, now));
  return other.has_value();
}

}  // namespace

Status tend_requests(Home& home, Time now) {
  Requests requests = home.store().requests();
  FP_ASSIGN(auto unconfirmed, requests.unconfirmed());
  for (Request& request : unconfirmed) {
    if (now - request.opened <= kConfirmWithin) break;
    FP_ASSIGN(Transaction transaction, home.store().begin());
    FP_TRY(settle_request(home, request, RequestState::kLapsed, "", {}, now));
    FP_TRY(requests.forget_asker(request.id));
    FP_TRY(transaction.commit());
  }
  FP_ASSIGN(auto open, requests.open());
  std::optional<LetterWriter> writer;
  for (Request& request : open) {
    FP_ASSIGN(bool due, may_be_due(home, request, now));
    if (!due) continue;
    if (!writer) {
      FP_ASSIGN(LetterWriter made, LetterWriter::make(home, now));
      writer.emplace(std::move(made));
    }
    FP_ASSIGN(Transaction transaction, home.store().begin());
    FP_TRY(tend_one(*writer, request));
    FP_TRY(transaction.commit());
  }
  return {};
}

}  // namespace focalpost
