// SPDX-License-Identifier: Apache-2.0
#include "flow/request_answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "attachment/attachment.h"
#include "base/text.h"
#include "compose/shown.h"
#include "enquiry/named.h"
#include "flow/answer.h"
#include "flow/bounces.h"
#include "flow/letter.h"
#include "flow/not_data.h"
#include "flow/token.h"
#include "mime/attachments.h"
#include "mime/contents.h"
#include "mime/own_words.h"

namespace focalpost {
namespace {

using Kind = AnswerWords::Kind;

struct Word {
  std::string_view word;  ///< lower case
  Kind kind;
};
constexpr std::array<Word, 9> kWords = {{{"decline", Kind::kDecline},
                                         {"отклонить", Kind::kDecline},
                                         {"відхилити", Kind::kDecline},
                                         {"forward", Kind::kForward},
                                         {"передать", Kind::kForward},
                                         {"передати", Kind::kForward},
                                         {"close", Kind::kClose},
                                         {"закрыть", Kind::kClose},
                                         {"закрити", Kind::kClose}}};

/// Written in capitals alone: no letter of it is its own lower case.
bool in_capitals(std::string_view word) {
  for (std::size_t i = 0; i < word.size(); ++i) {
    const auto a = static_cast<unsigned char>(word[i]);
    if (a >= 'a' && a <= 'z') return false;
    const auto b = i + 1 < word.size() ? static_cast<unsigned char>(word[i + 1]) : 0u;
    if ((a == 0xD0 && b >= 0xB0) || (a == 0xD1 && b <= 0x9F)) return false;
    if (a >= 0xC0) ++i;
  }
  return true;
}

std::optional<Kind> command_in(std::string_view line, std::string& argument) {
  line = trim(line);
  const std::size_t end = std::min(line.find_first_of(" :\t"), line.size());
  std::string_view first = line.substr(0, end);
  while (!first.empty() && (first.back() == '.' || first.back() == '!')) first.remove_suffix(1);
  const auto words = mime::words_of(first);
  if (words.size() != 1) return {};
  std::string_view rest = trim(line.substr(end));
  const bool colon = rest.starts_with(':');
  if (colon) rest = trim(rest.substr(1));
  for (const Word& known : kWords) {
    if (words[0] != known.word) continue;
    if (known.kind == Kind::kClose && !rest.empty()) return {};
    if (!rest.empty() && !colon && !in_capitals(first)) return {};
    argument = rest;
    return known.kind;
  }
  return {};
}

// ---- files --------------------------------------------------------------------------------------

struct Files {
  std::vector<mime::OutgoingAttachment> all;
  const Rule* persons = nullptr;
  std::string_view refused;  ///< why, as a word of request_refused
};

/// The type under which it goes on; empty: it does not.
std::string_view type_of(std::string_view name, std::string_view bytes) {
  const std::string lower = ascii_lower(name);
  auto ends = [&](std::string_view end) { return lower.ends_with(end); };
  const AttachmentKind kind = detect_attachment(bytes.substr(0, kAttachmentHeadBytes));
  switch (kind) {
    case AttachmentKind::kPdf:
      return ends(".pdf") ? "application/pdf" : "";
    case AttachmentKind::kImage:
      if (ends(".png") && bytes.starts_with("\x89PNG")) return "image/png";
      if ((ends(".jpg") || ends(".jpeg")) && bytes.starts_with("\xFF\xD8\xFF")) return "image/jpeg";
      return "";
    case AttachmentKind::kZip:
    case AttachmentKind::kOoxml:
      // Named by its list of contents; with a program inside it is none of them, whatever its name.
      if (bytes.find("[Content_Types].xml") == bytes.npos ||
          bytes.find("vbaProject.bin") != bytes.npos)
        return "";
      if (ends(".xlsx")) return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
      if (ends(".docx"))
        return "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
      return "";
    case AttachmentKind::kPlain:
      if (bytes.find('\0') != bytes.npos) return "";
      if (ends(".csv")) return "text/csv";
      if (ends(".txt")) return "text/plain";
      if (ends(".xml")) return "application/xml";
      return "";
    default:
      return "";
  }
}

bool holds_persons(std::string_view type, std::string_view bytes) {
  if (type == "application/xml")
    return lists_persons(bytes.substr(0, kDetectBytes), FileKind::kOtherXml);
  if (type == "text/csv" || type == "text/plain")
    return lists_persons(bytes.substr(0, kDetectBytes), FileKind::kText);
  return false;
}

Result<Files> files_of(const mime::Message& message, const Limits& limits) {
  Files files;
  std::uint64_t sum = 0;
  // A message that is attached would bring headers and addresses of others.
  for (const mime::Part& part : message.parts)
    if (part.kind == mime::Kind::kMessage || part.media_type == "message/rfc822") {
      files.refused = "request-file";
      return files;
    }
  const mime::Contents contents = mime::Contents::of(message, limits);
  for (const mime::Content& content : contents.list()) {
    if (content.looks_like == mime::LooksLike::kSignature ||
        content.looks_like == mime::LooksLike::kCalendar)
      continue;
    // What is pasted is text already.
    if (content.how == mime::How::kPasted || content.how == mime::How::kWritten) continue;
    const bool image = content.looks_like == mime::LooksLike::kImage;
    if (image && (content.name.empty() || content.body.size() < kPictureBytes)) continue;  // a logo
    if (content.obstacle || !content.wrapper.empty() || files.all.size() == kAnswerFiles) {
      files.refused = "request-file";
      return files;
    }
    auto bytes = read_all(*content.open(), kAnswerFileBytes + 1);
    if (!bytes.ok() || bytes->size() > kAnswerFileBytes || (sum += bytes->size()) > kAnswerBytes) {
      files.refused = "request-file-large";
      return files;
    }
    if (bytes->empty()) continue;
    const std::string_view type = type_of(content.name, *bytes);
    if (type.empty()) {
      files.refused = "request-file";
      return files;
    }
    if (holds_persons(type, *bytes)) {
      files.persons = &rules::personal_data;
      return files;
    }
    files.all.push_back({without_tokens(content.name), std::string(type), std::move(*bytes), {}});
  }
  return files;
}

// ---- who may, and what it does ------------------------------------------------------------------

bool may_answer(const StructureLookup& lookup, const RequestLetter& letter, const Request& request,
                const RosterEntry& sender) {
  if (sender.provider.id == letter.provider || sender.provider.id == request.with.provider)
    return true;
  for (const std::string& address : {letter.address, request.with.address})
    if (const RosterEntry* asked = lookup.contact(address))
      if (looks_after(lookup, sender, *asked)) return true;
  return false;
}

/// What an earlier judging of the same message did.
std::optional<Item> done_before(const RequestEvent& event, const Request& request) {
  std::string_view what = event.what == "answered"    ? "request-answered"
                          : event.what == "declined"  ? "request-declined"
                          : event.what == "closed"    ? "request-closed"
                          : event.what == "forwarded" ? "request-forwarded"
                                                      : "";
  if (what.empty()) return {};
  std::string to = event.what == "forwarded" ? event.who : std::string();
  return request_item(rules::request_done, request.name(), std::string(what), std::move(to));
}

class Answer {
 public:
  Answer(Home& home, const Heard& heard, Request request)
      : home_(home),
        heard_(heard),
        request_(std::move(request)),
        role_(role_of(*heard.contact)),
        who_(holder_text(*heard.contact, role_)) {}

  Result<Item> take() {
    const std::string body = mime::body_text(heard_.content, kAnswerLookedAt).text;
    FP_ASSIGN(auto vocabulary, home_.vocabulary());
    AnswerWords words = answer_words(body, *vocabulary);
    const bool open = request_.state == RequestState::kOpen;
    if (words.kind != Kind::kAnswer && !open) return refused("request-settled");
    if (request_.asker.empty()) return refused("request-forgotten");
    if (lists_persons(std::string_view(words.text)) ||
        lists_persons(std::string_view(words.argument)))
      return persons();
    switch (words.kind) {
      case Kind::kDecline:
        return decline(words);
      case Kind::kForward:
        return forward(words);
      case Kind::kClose:
        return close();
      case Kind::kAnswer:
        break;
    }
    return answer(std::move(words), body);
  }

 private:
  Item refused(std::string_view why) const {
    return request_item(rules::request_refused, request_.name(), std::string(why));
  }
  Item done(std::string_view what, std::string to = {}) const {
    return request_item(rules::request_done, request_.name(), std::string(what), std::move(to));
  }
  static Item persons() {
    Item item = request_item(rules::personal_data, {}, {}, {}, Outcome::kRejected);
    item.infos = 0;
    item.errors = 1;
    return item;
  }
  AskerLetter letter(RequestText text, std::string said = {}) const {
    return {text, heard_.contact, role_, std::move(said), {}};
  }
  /// False: it could not leave now, nothing happened.
  Result<bool> send(AskerLetter letter) {
    FP_ASSIGN(LetterWriter writer, LetterWriter::make(home_, heard_.now));
    return tell_asker(writer, request_, std::move(letter));
  }
  Status settle(RequestState state) {
    return settle_request(home_, request_, state, who_, heard_.docket.id, heard_.now);
  }

  Result<Item> answer(AnswerWords words, std::string_view body) {
    FP_ASSIGN(Files files, files_of(heard_.content, home_.settings().limits));
    if (files.persons) return persons();
    if (!files.refused.empty()) return refused(files.refused);
    if (words.text.empty() && files.all.empty()) return refused("request-empty");
    if (files.all.empty() && speaks_of_attachment(words.text))
      return request_item(rules::attachment_forgotten, {});
    if (shorten(words.text, kMostAnswer) != words.text || body.size() >= kAnswerLookedAt)
      return refused("request-too-long");
    Requests requests = home_.store().requests();
    FP_ASSIGN(auto history, requests.events(request_.id));
    const auto before = std::count_if(history.begin(), history.end(), [](const RequestEvent& one) {
      return one.what == "answered";
    });
    if (std::size_t(before) >= kMostAnswers) return refused("request-enough");
    AskerLetter said = letter(RequestText::kAnswer, words.text);
    std::vector<RequestFile> kept;
    if (words.is_public)
      for (const mime::OutgoingAttachment& file : files.all)
        kept.push_back({file.name, file.media_type, file.bytes});
    said.files = std::move(files.all);
    FP_ASSIGN(bool sent, send(std::move(said)));
    if (!sent) return refused("request-later");
    request_.said = words.text;
    request_.is_public = words.is_public;
    FP_TRY(requests.add_files(request_.id, "answer", kept));
    FP_TRY(settle(RequestState::kAnswered));
    return done(before > 0        ? "request-added"
                : words.is_public ? "request-answered-public"
                                  : "request-answered");
  }

  Result<Item> decline(const AnswerWords& words) {
    std::string reason = words.argument;
    if (!words.text.empty()) reason += (reason.empty() ? "" : "\n") + words.text;
    if (reason.empty()) return refused("request-reason");
    reason = shorten(reason, kMostReason);
    FP_ASSIGN(bool sent, send(letter(RequestText::kDeclined, reason)));
    if (!sent) return refused("request-later");
    request_.said = reason;
    FP_TRY(settle(RequestState::kDeclined));
    return done("request-declined");
  }

  Result<Item> close() {
    FP_ASSIGN(bool sent, send(letter(RequestText::kClosed)));
    if (!sent) return refused("request-later");
    FP_TRY(settle(RequestState::kClosed));
    return done("request-closed");
  }

  Result<Item> forward(const AnswerWords& words) {
    Subject subject{request_.areas, request_.flows, request_.asker, nullptr};
    if (request_.registered()) subject.contact = home_.lookup().contact(request_.asker);
    FP_ASSIGN(auto to, named(home_, words.argument, subject, heard_.now));
    if (!to || to->who->contact == heard_.contact->contact) return refused("request-nobody");
    const std::string before = request_.with.provider;
    FP_ASSIGN(LetterWriter writer, LetterWriter::make(home_, heard_.now));
    FP_ASSIGN(bool passed, pass_on(writer, request_, *to, RequestText::kForwarded, heard_.contact,
                                   "forwarded", heard_.docket.id));
    if (!passed) return refused("request-later");
    if (before != to->who->provider.id)
      FP_TRY(tell_asker(writer, request_, {RequestText::kMoved, to->who, to->role, {}, {}}));
    return done("request-forwarded",
                name_or(to->who->organisation->names, heard_.contact->lang, to->who->provider.id));
  }

  Home& home_;
  const Heard& heard_;
  Request request_;
  std::string role_, who_;
};

}  // namespace

bool is_held_answer(const Item& item) {
  return item.kind == kCommandKind && item.outcome == Outcome::kHeld &&
         item.path.starts_with(kAnswerPath);
}

AnswerWords answer_words(std::string_view body, const enquiry::Vocabulary& vocabulary) {
  AnswerWords words;
  const std::string own = mime::above_quote(body);
  std::string rest;
  bool first = true;
  for (std::string_view line : split(own, '\n')) {
    // Only our own letter has one: a quote that its program did not mark as one begins here.
    if (!find_request_tokens(line).empty()) break;
    if (first && !trim(line).empty()) {
      first = false;
      if (auto command = command_in(line, words.argument)) {
        words.kind = *command;
        continue;
      }
    }
    if (enquiry::says_public(trim(line), vocabulary)) {
      words.is_public = true;
      continue;
    }
    rest.append(line).append("\n");
  }
  words.text = std::string(trim(without_tokens(to_valid_utf8(mime::without_signature(rest)))));
  words.argument = without_tokens(to_valid_utf8(words.argument));
  return words;
}

Result<std::optional<Item>> read_request_answer(Home& home, const Heard& heard, bool authorised) {
  std::optional<Item> nothing;
  if (!heard.contact) return nothing;
  FP_ASSIGN(auto letter, letter_replied_to(home, heard.message));
  if (!letter || letter->kind != RequestLetter::Kind::kAsk) return nothing;
  Requests requests = home.store().requests();
  FP_ASSIGN(auto request, requests.find(letter->request));
  if (!request || !may_answer(home.lookup(), *letter, *request, *heard.contact)) return nothing;
  // Judged once more, it does nothing twice.
  FP_ASSIGN(auto before, requests.done_by(heard.docket.id));
  if (before)
    if (auto item = done_before(*before, *request)) return item;
  if (!authorised && heard.docket.sender.assurance < home.settings().policy[Act::kAnswer]) {
    Item held;
    held.number = 1;
    held.kind = kCommandKind;
    held.path = std::string(kAnswerPath) + request->name();
    held.outcome = Outcome::kHeld;
    held.hold = HoldReason::kAssurance;
    return std::optional(std::move(held));
  }
  FP_ASSIGN(Item item, Answer(home, heard, std::move(*request)).take());
  return std::optional(std::move(item));
}

}  // namespace focalpost
