// SPDX-License-Identifier: Apache-2.0
#include "mime/bounce_text.h"

#include <algorithm>

#include "base/text.h"
#include "mime/compose.h"
#include "mime/headers.h"

namespace focalpost::mime {
namespace {

constexpr std::size_t kMostLines = 5000;
/// Of one recipient; what one_line() and shorten() make of it is shorter.
constexpr std::size_t kMostReason = 1200;

// Phrases are looked for in a text whose ASCII letters were made lower case; Cyrillic stands here
// as it does within a sentence.

struct Shape {
  std::string_view phrase, name;
};
constexpr Shape kShapes[] = {
    {"this is the qmail-send program", "qmail"},
    {"создано автоматически сервером mail.ru", "mail.ru"},
    {"создано автоматически сервером Яндекс", "Yandex"},
    {"created automatically by mail delivery software", "Exim"},
    {"message delivery software (exim)", "Exim"},
    {"this is the mail system at host", "Postfix"},
    {"this is the postfix program at host", "Postfix"},
    {"had permanent fatal errors", "Sendmail"},
    {"had transient non-fatal errors", "Sendmail"},
    {"recipient(s) could not be reached", "Exchange"},
    {"did not reach the following recipient", "Exchange"},
    {"recipient(s) cannot be reached", "Exchange"},
    {"delivery has failed to these recipients", "Exchange"},
    {"failure report", "Domino"},
    {"delivery failure report", "Domino"},
    {"not listed in domino directory", "Domino"},
    {"not listed in public name & address book", "Domino"},
    {"delivery to the following recipient", "Google"},
    {"message wasn't delivered to", "Google"},
};

constexpr std::string_view kFull[] = {"mailbox full",   "mailbox is full",     "over quota",
                                      "over the quota", "quota exceeded",      "exceeded storage",
                                      "exceeds quota",  "insufficient system", "overquota",
                                      "quota is full",  "переполнен",          "превышена квота",
                                      "превысил квоту", "переповнен",          "перевищено квоту"};
constexpr std::string_view kDelayed[] = {"has not yet been delivered",
                                         "not yet been delivered",
                                         "has been delayed",
                                         "is delayed",
                                         "warning message only",
                                         "will be retried",
                                         "will continue to be",
                                         "attempts will continue",
                                         "still trying",
                                         "had transient non-fatal",
                                         "доставка задерживается",
                                         "доставка отложена",
                                         "попытки будут продолжены",
                                         "доставку відкладено"};
constexpr std::string_view kHard[] = {"user unknown",
                                      "unknown user",
                                      "no such user",
                                      "no such recipient",
                                      "no such address",
                                      "unknown recipient",
                                      "unknown address",
                                      "does not exist",
                                      "doesn't exist",
                                      "user not found",
                                      "address not found",
                                      "recipient not found",
                                      "not listed in",
                                      "invalid mailbox",
                                      "invalid recipient",
                                      "mailbox unavailable",
                                      "mailbox not found",
                                      "no mailbox here",
                                      "account is disabled",
                                      "account disabled",
                                      "account has been disabled",
                                      "permanent error",
                                      "permanent fatal error",
                                      "failed permanently",
                                      "given up",
                                      "giving up",
                                      "could not be delivered",
                                      "couldn't be delivered",
                                      "wasn't delivered",
                                      "was not delivered",
                                      "unable to deliver",
                                      "undeliverable",
                                      "could not be reached",
                                      "cannot be reached",
                                      "delivery has failed",
                                      "following address(es) failed",
                                      "host not found",
                                      "domain not found",
                                      "unrouteable address",
                                      "unroutable address",
                                      "address rejected",
                                      "не найден",
                                      "не существует",
                                      "не может быть доставлен",
                                      "не удалось доставить",
                                      "не можем доставить",
                                      "не доставлено",
                                      "неизвестный пользователь",
                                      "заблокирован",
                                      "отключен",
                                      "не знайден",
                                      "не існує",
                                      "не може бути доставлен",
                                      "не вдалося доставити"};

template <std::size_t N>
bool has_any(std::string_view lower, const std::string_view (&phrases)[N]) {
  return std::any_of(std::begin(phrases), std::end(phrases),
                     [&](std::string_view phrase) { return lower.find(phrase) != lower.npos; });
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// The class of the first SMTP reply code in the text, '4' or '5'; 0 if there is none.
char find_code(std::string_view text) {
  for (std::size_t i = 0; i + 3 <= text.size(); ++i) {
    if ((text[i] != '4' && text[i] != '5') || text[i + 1] > '5' || !is_digit(text[i + 1]) ||
        !is_digit(text[i + 2]))
      continue;
    bool starts =
        i == 0 || std::string_view(" \t(:#;-<[\"'").find(text[i - 1]) != std::string_view::npos;
    bool ends = i + 3 == text.size() || text[i + 3] == ' ' || text[i + 3] == '-' ||
                text[i + 3] == '\t' || text[i + 3] == '\n';
    if (starts && ends) return text[i];
  }
  return 0;
}

/// Where the message that came back begins, with what is said about that.
bool begins_returned_message(std::string_view line) {
  std::string lower = ascii_lower(line.substr(0, 120));
  for (std::string_view field : {"return-path:", "received:", "dkim-signature:", "message-id:"})
    if (lower.starts_with(field)) return true;
  std::string_view rest = trim(lower);
  bool ruled = rest.starts_with("--") || rest.starts_with("==") || rest.starts_with("__");
  for (std::string_view words : {"original message", "исходное сообщение", "исходное письмо"})
    if (rest.starts_with(words)) return true;
  if (!ruled) return false;
  for (std::string_view words :
       {"original message", "copy of", "message header", "header of", "headers of",
        "unsent message", "undelivered message", "message follows", "returned message", "сходн",
        "оригинал", "копия"})
    if (rest.find(words) != rest.npos) return true;
  return false;
}

/// An address at the start of a line, after brackets, quotes and bullets; `rest` is what follows.
std::string address_at_start(std::string_view line, std::string_view& rest) {
  std::size_t start = line.find_first_not_of(" \t<'\"*>");
  if (start == line.npos) return {};
  std::string_view text = line.substr(start);
  if (text.starts_with("- ")) text.remove_prefix(2);
  for (std::string_view label : {"recipient:", "recipient address:", "mailto:", "smtp:"})
    if (ascii_istarts_with(text, label)) {
      text = trim(text.substr(label.size()));
      while (!text.empty() && (text[0] == '<' || text[0] == '\'' || text[0] == '"'))
        text.remove_prefix(1);
    }
  std::size_t end = std::min(text.find_first_of(" \t<>()[],;:\"'\\"), text.size());
  std::string_view address = text.substr(0, end);
  while (address.ends_with('.')) address.remove_suffix(1);
  if (!is_sendable_address(address)) return {};
  rest = text.substr(end);
  while (!rest.empty() && std::string_view(">'\":,; \t").find(rest[0]) != std::string_view::npos)
    rest.remove_prefix(1);
  return std::string(address);
}

bool is_among(const std::vector<std::string>& addresses, std::string_view address) {
  return std::any_of(addresses.begin(), addresses.end(),
                     [&](const std::string& one) { return ascii_iequal(one, address); });
}

bool is_servers_own(std::string_view address) {
  for (std::string_view local : {"postmaster@", "mailer-daemon@", "abuse@", "support@", "noreply@"})
    if (ascii_istarts_with(address, local)) return true;
  return false;
}

/// Message-ID of a header that stands in a text, perhaps quoted, perhaps folded.
std::string find_message_id(const std::vector<std::string_view>& lines, std::size_t from) {
  for (std::size_t i = from; i < lines.size(); ++i) {
    std::string_view line = lines[i];
    while (!line.empty() && (line[0] == '>' || line[0] == ' ' || line[0] == '\t'))
      line.remove_prefix(1);
    if (!ascii_istarts_with(line, "message-id:")) continue;
    std::string value(line.substr(11, 2000));
    if (trim(value).empty() && i + 1 < lines.size())
      value = std::string(lines[i + 1].substr(0, 2000));
    if (auto ids = parse_message_ids(value); !ids.empty()) return std::move(ids[0]);
  }
  return {};
}

void append_reason(std::string& reason, std::string_view more) {
  more = trim(more);
  if (more.empty() || reason.size() >= kMostReason) return;
  if (!reason.empty()) reason += ' ';
  reason += more.substr(0, kMostReason - reason.size());
}

}  // namespace

std::string find_status(std::string_view text) {
  for (std::size_t i = 0; i + 5 <= text.size(); ++i) {
    if ((text[i] != '2' && text[i] != '4' && text[i] != '5') || text[i + 1] != '.') continue;
    if (i > 0 && (is_digit(text[i - 1]) || text[i - 1] == '.')) continue;
    std::size_t at = i + 2, digits = 0, dots = 0;
    for (; at < text.size() && dots < 2; ++at) {
      if (is_digit(text[at]) && digits < 3) {
        ++digits;
      } else if (text[at] == '.' && digits > 0 && dots == 0) {
        ++dots;
        digits = 0;
      } else {
        break;
      }
    }
    // A fourth number makes it the address of a host, 5.1.1.7.
    bool ends = at == text.size() ||
                (!is_digit(text[at]) &&
                 (text[at] != '.' || at + 1 == text.size() || !is_digit(text[at + 1])));
    if (dots == 1 && digits > 0 && ends) return std::string(text.substr(i, at - i));
  }
  return {};
}

BounceKind kind_of_text(std::string_view text, std::string_view status) {
  std::string lower = ascii_lower(text);
  char level = status.empty() ? find_code(text) : status[0];
  bool full = status == "5.2.2" || status == "4.2.2" || has_any(lower, kFull);
  if (level == '2') return BounceKind::kDelivered;
  if (level == '5') return full ? BounceKind::kSoft : BounceKind::kHard;
  if (has_any(lower, kDelayed)) return BounceKind::kDelayed;
  if (level == '4' || full) return BounceKind::kSoft;
  if (has_any(lower, kHard)) return BounceKind::kHard;
  return BounceKind::kUnknown;
}

TextReport read_text_report(std::string_view text, const std::vector<std::string>& failed,
                            const std::vector<std::string>& others) {
  TextReport report;
  std::vector<std::string_view> lines;
  for (text = text.substr(0, kMostReportBytes); !text.empty() && lines.size() < kMostLines;) {
    std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.push_back(line);
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
  }
  std::size_t end = 0;
  while (end < lines.size() && !begins_returned_message(lines[end])) ++end;
  report.message_id = find_message_id(lines, end);

  std::string whole;
  std::vector<std::string> reasons;
  std::size_t current = SIZE_MAX;
  for (std::size_t i = 0; i < end; ++i) {
    if (whole.size() < (64 << 10)) whole.append(lines[i]) += '\n';
    std::string_view rest;
    std::string address = address_at_start(lines[i], rest);
    bool wanted =
        !address.empty() && (failed.empty() ? !is_among(others, address) && !is_servers_own(address)
                                            : is_among(failed, address));
    if (!wanted) {
      // What stands before the first recipient belongs to none.
      if (current != SIZE_MAX) append_reason(reasons[current], lines[i]);
      continue;
    }
    current = 0;
    while (current < report.recipients.size() &&
           !ascii_iequal(report.recipients[current].address, address))
      ++current;
    if (current == report.recipients.size()) {
      if (current == kMostBouncedRecipients) {
        report.more_recipients = true;
        break;
      }
      report.recipients.emplace_back().address = std::move(address);
      reasons.emplace_back();
    }
    append_reason(reasons[current], rest);
  }
  for (const std::string& address : failed) {
    bool known = std::any_of(
        report.recipients.begin(), report.recipients.end(),
        [&](const BouncedRecipient& one) { return ascii_iequal(one.address, address); });
    if (known) continue;
    if (report.recipients.size() == kMostBouncedRecipients) {
      report.more_recipients = true;
      break;
    }
    report.recipients.emplace_back().address = address;
    reasons.emplace_back();
  }

  std::string lower = ascii_lower(whole);
  for (const Shape& shape : kShapes)
    if (report.shape.empty() && lower.find(shape.phrase) != lower.npos) report.shape = shape.name;
  report.overall = kind_of_text(whole, find_status(whole));
  // In the whole a phrase about the delay goes before a code of one attempt.
  if (has_any(lower, kDelayed) && report.overall == BounceKind::kSoft)
    report.overall = BounceKind::kDelayed;

  // Several addresses above one reason share it.
  for (std::size_t i = reasons.size(); i-- > 1;)
    if (reasons[i - 1].empty()) reasons[i - 1] = reasons[i];
  for (std::size_t i = 0; i < reasons.size(); ++i) {
    BouncedRecipient& one = report.recipients[i];
    one.status = find_status(reasons[i]);
    one.kind = kind_of_text(reasons[i], one.status);
    bool may_pass = one.kind == BounceKind::kSoft || one.kind == BounceKind::kUnknown;
    if (one.kind == BounceKind::kUnknown ||
        (may_pass && has_any(lower, kDelayed) && report.overall == BounceKind::kDelayed))
      one.kind = report.overall;
    one.text = shorten(one_line(reasons[i]), kMostBounceText);
  }
  return report;
}

}  // namespace focalpost::mime
