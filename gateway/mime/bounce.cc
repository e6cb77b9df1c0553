// SPDX-License-Identifier: Apache-2.0
#include "mime/bounce.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/hash.h"
#include "base/text.h"
#include "mime/attachments.h"
#include "mime/body_source.h"
#include "mime/bounce_text.h"
#include "mime/words.h"

namespace focalpost::mime {
namespace {

constexpr std::size_t kMostFieldBytes = 2000;

/// The start of the decoded content of a part.
std::string content_of(const Part& part) {
  std::string out;
  // Four bytes are the most that one takes, line ends aside.
  auto source = body_source(part.body.substr(0, kMostReportBytes * 4), part.encoding);
  while (out.size() < kMostReportBytes) {
    auto span = source->next();
    if (!span.ok() || span->empty()) break;
    out.append(span->data(), std::min(span->size(), kMostReportBytes - out.size()));
  }
  return out;
}

bool is_message(const Part& part) {
  return part.kind == Kind::kMessage;
}

/// Not in the message that came back: `index` itself may be that message.
bool is_reports_own(const Message& message, std::uint32_t index) {
  std::uint32_t parent = message.parts[index].parent;
  return parent == Part::kNoParent || !message.within(parent, is_message);
}

// ---- RFC 3464 -----------------------------------------------------------------------------------

struct ReportField {
  std::string name, value;  ///< the name in lower case, the value unfolded
};

/// Gives one group of fields after the other; groups are set apart by blank lines (RFC 3464 2.1).
class Groups {
 public:
  explicit Groups(std::string_view text) : rest_(text) {}

  /// Empty at the end.
  std::vector<ReportField> next() {
    std::vector<ReportField> fields;
    while (!rest_.empty()) {
      std::size_t end = rest_.find('\n');
      std::string_view line = rest_.substr(0, end);
      rest_.remove_prefix(end == rest_.npos ? rest_.size() : end + 1);
      if (line.ends_with('\r')) line.remove_suffix(1);
      if (trim(line).empty()) {
        if (!fields.empty()) break;
        continue;
      }
      if ((line[0] == ' ' || line[0] == '\t') && !fields.empty()) {
        append(fields.back().value, line);
        continue;
      }
      std::size_t colon = line.find(':');
      if (colon == line.npos || colon > 60 || fields.size() >= 100) continue;
      ReportField& field = fields.emplace_back();
      field.name = ascii_lower(trim(line.substr(0, colon)));
      append(field.value, line.substr(colon + 1));
    }
    return fields;
  }

 private:
  static void append(std::string& value, std::string_view more) {
    more = trim(more);
    if (value.size() >= kMostFieldBytes) return;
    if (!value.empty()) value += ' ';
    value += more.substr(0, kMostFieldBytes - value.size());
  }
  std::string_view rest_;
};

/// "rfc822; a@b.example", also with brackets or without the type.
std::string address_of(std::string_view value) {
  if (auto type = value.find(';'); type != value.npos) value.remove_prefix(type + 1);
  value = trim(value);
  if (value.starts_with('<') && value.ends_with('>')) value = value.substr(1, value.size() - 2);
  return shorten(one_line(trim(value)), 320);
}

BounceKind kind_of_action(std::string_view action, const BouncedRecipient& recipient) {
  if (action.starts_with("delayed")) return BounceKind::kDelayed;
  if (action.starts_with("delivered") || action.starts_with("relayed") ||
      action.starts_with("expanded"))
    return BounceKind::kDelivered;
  BounceKind said = kind_of_text(recipient.text, recipient.status);
  if (action.starts_with("failed"))
    // It was given up, whatever the words about the last attempt.
    return said == BounceKind::kSoft || said == BounceKind::kDelayed ? BounceKind::kSoft
                                                                     : BounceKind::kHard;
  // QUIRK: RFC 3464 2.3.3: Action is required; without it the status has to do.
  return action.empty() ? said : BounceKind::kUnknown;
}

void read_status_part(std::string_view text, Bounce& bounce) {
  Groups groups(text);
  for (auto fields = groups.next(); !fields.empty(); fields = groups.next()) {
    BouncedRecipient one;
    std::string action;
    bool about_recipient = false;
    for (ReportField& field : fields) {
      if (field.name == "original-envelope-id" && bounce.envelope_id.empty()) {
        bounce.envelope_id = shorten(one_line(field.value), 100);
      } else if (field.name == "final-recipient") {
        one.address = address_of(field.value);
      } else if (field.name == "original-recipient") {
        one.original = address_of(field.value);
      } else if (field.name == "action") {
        action = ascii_lower(field.value);
      } else if (field.name == "status") {
        one.status = find_status(field.value);
      } else if (field.name == "diagnostic-code") {
        std::string_view value = field.value;
        if (ascii_istarts_with(value, "smtp;")) value.remove_prefix(5);
        one.text = shorten(one_line(trim(value)), kMostBounceText);
      } else {
        continue;
      }
      about_recipient |= field.name != "original-envelope-id";
    }
    if (!about_recipient) continue;
    if (bounce.recipients.size() == kMostBouncedRecipients) {
      bounce.more_recipients = true;
      return;
    }
    // QUIRK: RFC 3463 3.1: x.0.0 says nothing; the server's reply often says more.
    if (one.status.empty() || one.status.ends_with(".0.0"))
      if (std::string better = find_status(one.text);
          !better.empty() && (one.status.empty() || better[0] == one.status[0]))
        one.status = std::move(better);
    one.kind = kind_of_action(action, one);
    bounce.recipients.push_back(std::move(one));
  }
}

/// The Message-ID of what came back, where it came back as a part.
std::string returned_message_id(const Message& message, const Limits& limits) {
  for (std::uint32_t i = 1; i < message.parts.size(); ++i) {
    const Part& part = message.parts[i];
    if (!is_reports_own(message, i)) {
      // The root of the message inside.
      if (!is_message(message.parts[part.parent]) || !is_reports_own(message, part.parent))
        continue;
      if (auto id = part.headers.message_id()) return *id;
    } else if (part.is_leaf && (part.media_type == "text/rfc822-headers" ||
                                part.media_type == "message/rfc822-headers" ||
                                part.media_type == "message/global-headers" ||
                                part.media_type == "message/rfc822")) {
      std::string header = content_of(part) + "\n\n";
      Message inside = parse(header, limits);
      if (auto id = inside.top().message_id()) return *id;
    }
  }
  return {};
}

std::vector<std::string> specs(const Headers& headers, std::string_view name) {
  std::vector<std::string> out;
  for (Address& address : headers.addresses(name)) {
    if (out.size() > kMostBouncedRecipients) break;  // one more shows that there were more
    if (!address.domain.empty()) out.push_back(std::move(address.spec));
  }
  return out;
}

// ---- tags ---------------------------------------------------------------------------------------

constexpr std::string_view kBase32 = "abcdefghijklmnopqrstuvwxyz234567";
constexpr std::size_t kCheckDigits = 16;  // 80 bits

std::string check_digits(std::string_view key, std::int64_t row) {
  Sha256 digest = hmac_sha256(key, fmt::format("bounce {}", row));
  std::string out;
  unsigned bits = 0, count = 0;
  for (std::size_t i = 0; out.size() < kCheckDigits; ++i)
    for (bits = (bits << 8 | digest[i]) & 0xFFFF, count += 8; count >= 5; count -= 5)
      out += kBase32[bits >> (count - 5) & 31];
  out.resize(kCheckDigits);
  return out;
}

}  // namespace

std::string_view bounce_kind_name(BounceKind kind) {
  constexpr std::string_view names[] = {"hard", "soft", "delayed", "delivered", "unknown"};
  return names[static_cast<std::size_t>(kind)];
}

std::optional<Bounce> read_bounce(const Message& message, Sender sender, const Limits& limits) {
  if (sender != Sender::kBounce && sender != Sender::kAutoReply) return std::nullopt;
  const Headers& top = message.top();
  const Part& root = message.root();
  std::string type = ascii_lower(root.parameter("report-type"));
  // Read receipts (RFC 8098) and complaints (RFC 5965) are reports, too.
  if (root.media_type == "multipart/report" && !type.empty() && type != "delivery-status")
    return std::nullopt;

  Bounce bounce;
  bool standard = false;
  for (std::uint32_t i = 0; i < message.parts.size(); ++i) {
    const Part& part = message.parts[i];
    if (!part.is_leaf || !is_reports_own(message, i)) continue;
    if (part.media_type != "message/delivery-status" &&
        part.media_type != "message/global-delivery-status")
      continue;
    read_status_part(content_of(part), bounce);
    standard = true;
  }
  bounce.message_id = returned_message_id(message, limits);
  if (standard) bounce.shape = "RFC 3464";

  if (bounce.recipients.empty()) {
    std::vector<std::string> failed = specs(top, "X-Failed-Recipients"), others = specs(top, "To");
    for (std::string& from : specs(top, "From")) others.push_back(std::move(from));
    BodyText body = body_text(message, kMostReportBytes);
    TextReport report = read_text_report(body.text, failed, others);
    if (sender != Sender::kBounce && !standard &&
        (report.shape.empty() || report.overall == BounceKind::kUnknown))
      return std::nullopt;
    bounce.recipients = std::move(report.recipients);
    bounce.more_recipients = report.more_recipients;
    bounce.kind = report.overall;
    if (bounce.message_id.empty()) bounce.message_id = std::move(report.message_id);
    if (!standard) bounce.shape = report.shape.empty() ? "text" : report.shape;
  }
  for (std::size_t i = 0; i < bounce.recipients.size(); ++i)
    bounce.kind =
        i == 0 ? bounce.recipients[i].kind : std::min(bounce.kind, bounce.recipients[i].kind);
  if (bounce.message_id.empty()) {
    auto ids = top.in_reply_to();
    if (ids.empty()) ids = top.references();
    if (!ids.empty()) bounce.message_id = std::move(ids.back());
  }
  return bounce;
}

bool same_recipient(const BouncedRecipient& recipient, std::string_view address) {
  if (address.empty()) return false;
  if (ascii_iequal(recipient.address, address) || ascii_iequal(recipient.original, address))
    return true;
  std::string decoded;
  std::string_view in = recipient.original;
  for (std::size_t i = 0; i < in.size(); ++i) {
    int high = in[i] == '+' && i + 2 < in.size() ? hex_value(in[i + 1]) : -1;
    int low = high >= 0 ? hex_value(in[i + 2]) : -1;
    if (low < 0) {
      decoded += in[i];
      continue;
    }
    decoded += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return ascii_iequal(decoded, address);
}

std::string make_bounce_tag(std::string_view key, std::int64_t row) {
  std::string digits;
  auto rest = static_cast<std::uint64_t>(row);
  do {
    digits.insert(digits.begin(), kBase32[rest & 31]);
    rest >>= 5;
  } while (rest > 0);
  return digits + check_digits(key, row);
}

std::optional<std::int64_t> verify_bounce_tag(std::string_view key, std::string_view tag) {
  if (tag.size() <= kCheckDigits || tag.size() > kCheckDigits + 13) return std::nullopt;
  std::string lower = ascii_lower(tag);
  std::uint64_t row = 0;
  for (char c : lower.substr(0, lower.size() - kCheckDigits)) {
    std::size_t digit = kBase32.find(c);
    if (digit == kBase32.npos || row >> 58 != 0) return std::nullopt;
    row = row << 5 | digit;
  }
  auto signed_row = static_cast<std::int64_t>(row);
  // Compared whole, so that the time taken says nothing about where it differs.
  std::string expected = make_bounce_tag(key, signed_row);
  if (expected.size() != lower.size()) return std::nullopt;
  unsigned difference = 0;
  for (std::size_t i = 0; i < lower.size(); ++i)
    difference |= static_cast<unsigned char>(lower[i] ^ expected[i]);
  return difference == 0 ? std::optional(signed_row) : std::nullopt;
}

std::optional<std::int64_t> bounced_row(const Message& message, std::string_view envelope_id,
                                        std::string_view pattern, std::string_view key) {
  constexpr std::string_view kTag = "{tag}";
  if (std::size_t at = pattern.find(kTag); at != pattern.npos) {
    std::string_view before = pattern.substr(0, at), after = pattern.substr(at + kTag.size());
    for (std::string_view name :
         {"To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To"})
      for (const std::string& spec : specs(message.top(), name)) {
        std::string_view address = spec;
        if (address.size() <= before.size() + after.size() ||
            !ascii_istarts_with(address, before) ||
            !ascii_iequal(address.substr(address.size() - after.size()), after))
          continue;
        address.remove_suffix(after.size());
        if (auto row = verify_bounce_tag(key, address.substr(before.size()))) return row;
      }
  }
  return verify_bounce_tag(key, envelope_id);
}

}  // namespace focalpost::mime
