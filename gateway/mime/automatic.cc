// SPDX-License-Identifier: Apache-2.0
#include "mime/automatic.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "mime/attachments.h"
#include "mime/words.h"

namespace focalpost::mime {
namespace {

/// Lower case for ASCII and Cyrillic.
std::string fold_case(std::string_view text) {
  std::string out = ascii_lower(text);
  for (std::size_t i = 0; i + 1 < out.size(); ++i) {
    auto lead = static_cast<unsigned char>(out[i]), next = static_cast<unsigned char>(out[i + 1]);
    if (lead != 0xD0) continue;
    if (next >= 0x90 && next <= 0x9F) {  // А..П
      out[i + 1] = static_cast<char>(next + 0x20);
    } else if (next >= 0xA0 && next <= 0xAF) {  // Р..Я
      out[i] = '\xD1';
      out[i + 1] = static_cast<char>(next - 0x20);
    } else if (next >= 0x80 && next <= 0x8F) {  // Ѐ..Џ, with Ё Є І Ї
      out[i] = '\xD1';
      out[i + 1] = static_cast<char>(next + 0x10);
    }
    ++i;
  }
  return out;
}

/// The first word of a field in lower case: "auto-replied (vacation)" is "auto-replied".
std::string keyword(const Headers& headers, std::string_view name) {
  auto raw = headers.raw(name);
  return raw ? parse_parameterised(*raw).value : std::string();
}

/// How vacation programs begin their subjects.
constexpr std::string_view kSurePrefixes[] = {"автоответ:",
                                              "автоматический ответ:",
                                              "автовідповідь:",
                                              "автоматична відповідь:",
                                              "automatic reply:",
                                              "auto-reply:",
                                              "autoreply:",
                                              "auto reply:",
                                              "auto response:",
                                              "autoresponse:",
                                              "out of office autoreply:",
                                              "automatische antwort:",
                                              "réponse automatique :",
                                              "réponse automatique:"};
/// People write these too: they count only together with another hint.
constexpr std::string_view kPossiblePrefixes[] = {
    "out of office", "out of the office", "нет на рабочем месте", "нет на месте",
    "вне офиса",     "поза офісом",       "я в отпуске"};

/// These are a notice only in answer to a letter of ours that is a program's.
constexpr std::string_view kAbsencePrefixes[] = {"automatic reply",
                                                 "auto-reply",
                                                 "autoreply",
                                                 "auto reply",
                                                 "auto response",
                                                 "automatic response",
                                                 "away from",
                                                 "absence",
                                                 "on leave",
                                                 "on vacation",
                                                 "i am out",
                                                 "i'm out",
                                                 "i am away",
                                                 "not in the office",
                                                 "vacation",
                                                 "автоответ",
                                                 "автоматический ответ",
                                                 "автовідповідь",
                                                 "автоматична відповідь",
                                                 "не в офисе",
                                                 "не в офісі",
                                                 "в отпуске",
                                                 "в командировке",
                                                 "отпуск:",
                                                 "отсутствую",
                                                 "отсутствие",
                                                 "меня нет",
                                                 "у відпустці",
                                                 "у відрядженні",
                                                 "відпустка:",
                                                 "відсутн",
                                                 "мене немає",
                                                 "abwesenheit",
                                                 "automatische antwort"};

bool in_domain(std::string_view id, std::string_view domain) {
  id.remove_suffix(id.empty() ? 0 : 1);
  id.remove_prefix(id.empty() ? 0 : std::min(id.rfind('@'), id.size() - 1) + 1);
  return !domain.empty() && ascii_iequal(id, domain);
}

std::string said(const Headers& headers, std::string_view name) {
  return fmt::format("{}: {}", name,
                     one_line(shorten(headers.decoded(name).value_or(std::string()), 60)));
}

}  // namespace

Classified classify(const Message& message, const OwnMarks& own) {
  const Headers& top = message.top();
  auto is = [](Sender sender, std::string reason) { return Classified{sender, std::move(reason)}; };

  // Loops first: what we sent may also look automatic.
  if (auto gateway = top.decoded(kGatewayHeader)) {
    if (!own.gateway_id.empty() && ascii_iequal(*gateway, own.gateway_id))
      return is(Sender::kOwn, said(top, kGatewayHeader));
    return is(Sender::kAutoReply, said(top, kGatewayHeader));
  }
  if (auto id = top.message_id(); id && in_domain(*id, own.message_id_domain))
    return is(Sender::kOwn, fmt::format("Message-ID in {}", own.message_id_domain));

  // RFC 3461 and 6522; RFC 8098 for read receipts.
  const Part& root = message.root();
  if (root.media_type == "multipart/report") {
    std::string type = ascii_lower(root.parameter("report-type"));
    bool bounce = type == "delivery-status" || type.empty();
    return is(bounce ? Sender::kBounce : Sender::kAutoReply,
              fmt::format("multipart/report; report-type={}", one_line(shorten(type, 40))));
  }
  bool null_path = false;
  if (auto path = top.raw("Return-Path"))
    null_path = parse_message_ids(*path).empty() && path->find("<>") != path->npos;
  for (const Address& from : top.addresses("From")) {
    if (ascii_iequal(from.local, "mailer-daemon"))
      return is(Sender::kBounce, fmt::format("From: {}", one_line(shorten(from.spec, 60))));
    if (null_path && ascii_iequal(from.local, "postmaster"))
      return is(Sender::kBounce, "Return-Path: <> and From: postmaster");
  }
  if (top.has("X-Failed-Recipients")) return is(Sender::kBounce, "X-Failed-Recipients");

  // RFC 3834 5: anything but "no" is automatic.
  if (std::string submitted = keyword(top, "Auto-Submitted");
      !submitted.empty() && submitted != "no")
    return is(Sender::kAutoReply, said(top, "Auto-Submitted"));

  // RFC 2369, 2919: lists; before Precedence, which they also set.
  for (std::string_view name : {"List-Id", "List-Post", "List-Unsubscribe", "X-Mailman-Version"})
    if (top.has(name)) return is(Sender::kMailingList, said(top, name));
  std::string precedence = keyword(top, "Precedence");
  if (precedence == "list") return is(Sender::kMailingList, "Precedence: list");

  // Shapes of vendors from before RFC 3834, and of those who never read it. That a message asks for
  // no automatic replies (X-Auto-Response-Suppress) does not make it one: Outlook's invitations do.
  for (std::string_view value : {"auto_reply", "auto-reply", "autoreply", "bulk", "junk"})
    if (precedence == value) return is(Sender::kAutoReply, said(top, "Precedence"));
  for (std::string_view name :
       {"X-Autoreply", "X-Auto-Reply", "X-Autorespond", "X-Autoresponder", "X-Autoreply-From",
        "X-Autogenerated", "X-Mail-Autoreply", "X-FC-MachineGenerated"}) {
    auto value = top.decoded(name);
    if (value && !ascii_iequal(*value, "no") && !ascii_iequal(*value, "false"))
      return is(Sender::kAutoReply, said(top, name));
  }
  if (auto to = top.decoded("Delivered-To"); to && ascii_iequal(*to, "autoresponder"))
    return is(Sender::kAutoReply, "Delivered-To: Autoresponder");
  if (null_path) return is(Sender::kAutoReply, "Return-Path: <>");

  std::string subject = fold_case(top.decoded("Subject").value_or(std::string()));
  for (std::string_view prefix : kSurePrefixes)
    if (subject.starts_with(prefix)) return is(Sender::kAutoReply, said(top, "Subject"));
  if (top.has("X-Auto-Response-Suppress"))
    for (std::string_view prefix : kPossiblePrefixes)
      if (subject.starts_with(prefix))
        return is(Sender::kAutoReply, said(top, "Subject") + ", X-Auto-Response-Suppress");
  return {};
}

bool says_away(const Message& message) {
  constexpr std::size_t kLookedAt = 4096;
  const std::string said = fold_case(message.top().decoded("Subject").value_or(std::string()) +
                                     "\n" + body_text(message, kLookedAt).text);
  for (std::string_view word : {"out of office",   "out of the office",
                                "on leave",        "on vacation",
                                "on holiday",      "annual leave",
                                "maternity leave", "sick leave",
                                "away from",       "business trip",
                                "отпуск",          "командировк",
                                "вне офиса",       "нет на рабочем месте",
                                "нет на месте",    "отсутств",
                                "больничн",        "відпустк",
                                "відряджен",       "поза офісом",
                                "відсутн",         "немає на робочому місці"})
    if (said.find(word) != said.npos) return true;
  return false;
}

bool answers_own(const Headers& headers, std::string_view message_id_domain) {
  const auto ours = [&](const std::string& id) { return in_domain(id, message_id_domain); };
  const auto answered = headers.in_reply_to(), references = headers.references();
  return std::any_of(answered.begin(), answered.end(), ours) ||
         std::any_of(references.begin(), references.end(), ours);
}

bool begins_as_absence(std::string_view subject) {
  std::string folded = fold_case(subject);
  std::string_view rest = trim(folded);
  for (std::string_view mark : {"re:", "aw:", "отв:", "на:", "від:", "["})
    while (rest.starts_with(mark)) {
      const std::size_t end = mark == "[" ? rest.find(']') : mark.size() - 1;
      rest = end == rest.npos ? std::string_view() : trim(rest.substr(end + 1));
    }
  const auto begins = [&](std::string_view prefix) { return rest.starts_with(prefix); };
  return std::any_of(std::begin(kSurePrefixes), std::end(kSurePrefixes), begins) ||
         std::any_of(std::begin(kPossiblePrefixes), std::end(kPossiblePrefixes), begins) ||
         std::any_of(std::begin(kAbsencePrefixes), std::end(kAbsencePrefixes), begins);
}

bool wants_no_answer(const Headers& headers) {
  for (std::string_view value : headers.all("X-Auto-Response-Suppress"))
    for (std::string_view word : split(value, ',')) {
      word = trim(word);
      if (ascii_iequal(word, "All") || ascii_iequal(word, "AutoReply")) return true;
    }
  const std::string precedence = keyword(headers, "Precedence");
  for (std::string_view value : {"bulk", "list", "junk", "auto_reply"})
    if (precedence == value) return true;
  for (const Field& field : headers.fields())
    if (ascii_istarts_with(field.name, "List-")) return true;
  return false;
}

}  // namespace focalpost::mime
