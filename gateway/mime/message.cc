// SPDX-License-Identifier: Apache-2.0
#include "mime/message.h"

#include <algorithm>
#include <cstring>

#include "base/text.h"
#include "mime/words.h"

namespace focalpost::mime {
namespace {

/// A multipart whose boundary lines are looked for.
struct Open {
  std::uint32_t part;
  std::size_t level;     ///< its place in Splitter::path_
  std::string boundary;  ///< empty: to be guessed
  bool closed = false;   ///< its "--boundary--" was seen
};

std::string_view trim_right(std::string_view line) {
  std::size_t end = line.find_last_not_of(" \t\r");
  return line.substr(0, end == line.npos ? 0 : end + 1);
}

/// Length of the field name at the front of a line, 0 if the line is no field.
std::size_t field_name_length(std::string_view line) {
  std::size_t i = 0;
  while (i < line.size() && line[i] > 32 && line[i] < 127 && line[i] != ':') ++i;
  std::size_t name = i;
  // QUIRK: RFC 5322 2.2: the colon follows the name; e.g. Subject : report (RFC 822 had it so)
  while (i < line.size() && (line[i] == ' ' || line[i] == '\t')) ++i;
  return name > 0 && i < line.size() && line[i] == ':' ? name : 0;
}

bool is_message_type(std::string_view type) {
  return type == "message/rfc822" || type == "message/global" || type == "message/news";
}

Encoding encoding_of(std::string_view raw) {
  std::string name = parse_parameterised(raw).value;
  name.erase(std::remove_if(name.begin(), name.end(),
                            [](char c) { return c == '-' || c == '"' || c == '\''; }),
             name.end());
  // QUIRK: RFC 2045 6.1 lists the names; e.g. base-64, "8 bit", uuencode
  if (name == "base64" || name == "b64") return Encoding::kBase64;
  if (name == "quotedprintable" || name == "qp") return Encoding::kQuotedPrintable;
  if (name == "xuuencode" || name == "uuencode" || name == "xuue") return Encoding::kUuencode;
  if (name.empty() || name == "7bit" || name == "8bit" || name == "binary" || name == "7" ||
      name == "8")
    return Encoding::kIdentity;
  return Encoding::kUnknown;
}

class Splitter {
 public:
  Splitter(std::string_view raw, const Limits& limits) : raw_(raw), limits_(limits) {
    message_.raw = raw;
  }

  Message run() {
    begin_part(Part::kNoParent, 0);
    while (pos_ < raw_.size()) {
      if (!in_header_ && !seek_dashes()) break;
      std::size_t newline = raw_.find('\n', pos_);
      next_ = newline == raw_.npos ? raw_.size() : newline + 1;
      std::string_view line = raw_.substr(pos_, (newline == raw_.npos ? next_ : newline) - pos_);
      if (line.ends_with('\r')) line.remove_suffix(1);
      if (line.starts_with("--") && !open_.empty() && boundary_line(line)) {
        if (stopped_) break;
      } else if (in_header_) {
        header_line(line);
      }
      pos_ = next_;
    }
    finish();
    return std::move(message_);
  }

 private:
  Part& current() { return message_.parts[path_.back()]; }

  void odd(Oddity what, std::size_t offset) {
    if (message_.oddities.size() < kMostOddities) message_.oddities.push_back({what, offset});
  }

  /// In a body: to the next line (this one included) that starts with "--"; false if there is none
  /// that could matter.
  bool seek_dashes() {
    if (open_.empty()) return false;
    while (pos_ < raw_.size()) {
      if (raw_[pos_] == '-' && pos_ + 1 < raw_.size() && raw_[pos_ + 1] == '-') return true;
      const void* at = std::memchr(raw_.data() + pos_, '\n', raw_.size() - pos_);
      if (!at) return false;
      pos_ = static_cast<std::size_t>(static_cast<const char*>(at) - raw_.data()) + 1;
    }
    return false;
  }

  void begin_part(std::uint32_t parent, std::size_t at) {
    Part part;
    part.parent = parent;
    if (parent != Part::kNoParent) {
      part.depth = message_.parts[parent].depth + 1;
      message_.parts[parent].is_leaf = false;
    }
    part.header_block = raw_.substr(at, 0);
    path_.push_back(static_cast<std::uint32_t>(message_.parts.size()));
    message_.parts.push_back(std::move(part));
    in_header_ = true;
    block_full_ = false;
    garbage_lines_ = 0;
    kept_ = 0;
    header_start_ = at;
  }

  // ---- header -----------------------------------------------------------------------------------

  void header_line(std::string_view line) {
    Headers& headers = current().headers;
    if (line.empty()) {
      if (garbage_lines_ == 0 || (garbage_lines_ == 1 && !headers.fields().empty())) {
        if (garbage_lines_ == 1) odd(Oddity::kGarbageHeaderLine, garbage_start_);
        end_header(pos_, next_);
      } else {
        end_header_at_garbage();
      }
      return;
    }
    bool fold = line[0] == ' ' || line[0] == '\t';
    if (fold && garbage_lines_ == 0 && (headers.last() || block_full_)) {
      extend_field(line);
      return;
    }
    std::size_t name = fold ? 0 : field_name_length(line);
    if (name == 0) {
      bool first = headers.fields().empty() && garbage_lines_ == 0 && !block_full_;
      if (first && (line.starts_with("From ") || line.starts_with(">From "))) {
        // QUIRK: RFC 4155: the separator of mbox files is not part of a message, but comes along.
        odd(Oddity::kMboxFromLine, pos_);
        return;
      }
      if (block_full_) return;
      // QUIRK: RFC 5322 2.2: every line of a header is a field or a folded one. A few that are not,
      // with fields after them, are skipped; otherwise the blank line was forgotten.
      if (garbage_lines_++ == 0) garbage_start_ = pos_;
      if (garbage_lines_ > kMostGarbageLines) end_header_at_garbage();
      return;
    }
    if (garbage_lines_ > 0) odd(Oddity::kGarbageHeaderLine, garbage_start_);
    garbage_lines_ = 0;
    if (block_full_) return;
    // What counts is what is kept: after one huge field, which is cut, the next are worth reading.
    if (kept_ > limits_.header_block_bytes || headers.fields().size() >= kMostFields) {
      odd(Oddity::kHeaderBlockTooLong, pos_);
      block_full_ = true;
      return;
    }
    Field field;
    field.offset = pos_;
    field.name = line.substr(0, name);
    std::size_t value = line.find(':', name) + 1;
    while (value < line.size() && (line[value] == ' ' || line[value] == '\t')) ++value;
    field.value = line.substr(value);
    headers.add(field);
    kept_ += std::min<std::size_t>(line.size(), limits_.header_line_bytes);
    cut_field(*headers.last());
  }

  void extend_field(std::string_view line) {
    if (block_full_) return;
    Field& field = *current().headers.last();
    auto length = static_cast<std::size_t>(line.data() + line.size() - field.value.data());
    if (field.value.size() >= limits_.header_line_bytes) return;  // cut already
    field.value = std::string_view(field.value.data(), length);
    kept_ += std::min<std::size_t>(line.size(), limits_.header_line_bytes);
    cut_field(field);
  }

  void cut_field(Field& field) {
    if (field.value.size() <= limits_.header_line_bytes) return;
    odd(Oddity::kHeaderLineTooLong, field.offset);
    field.value = field.value.substr(0, limits_.header_line_bytes);
  }

  void end_header_at_garbage() {
    odd(Oddity::kMissingBlankLine, garbage_start_);
    next_ = garbage_start_;
    end_header(garbage_start_, garbage_start_);
  }

  /// The body starts at `body`. Decides what the part is.
  void end_header(std::size_t header_end, std::size_t body) {
    in_header_ = false;
    garbage_lines_ = 0;
    std::uint32_t index = path_.back();
    Part& part = message_.parts[index];
    part.header_block = raw_.substr(header_start_, header_end - header_start_);
    part.body = raw_.substr(body);
    read_content_fields(part);

    bool multipart = part.media_type.starts_with("multipart/");
    bool message = is_message_type(part.media_type);
    if (!multipart && !message) {
      bool text = part.media_type == "text/plain" || part.media_type == "text/html";
      part.kind = text ? Kind::kText : Kind::kData;
      return;
    }
    part.kind = multipart ? Kind::kMultipart : Kind::kMessage;
    if (part.depth >= limits_.part_depth) {
      odd(Oddity::kTooDeep, body);
      return;
    }
    bool encoded = part.encoding != Encoding::kIdentity && part.encoding != Encoding::kUnknown;
    if (encoded) odd(Oddity::kEncodedContainer, header_start_);
    if (multipart) {
      // QUIRK: RFC 2045 6.4: a multipart is never encoded; what says so is not, e.g.
      // Content-Type: multipart/mixed with Content-Transfer-Encoding: quoted-printable
      part.encoding = Encoding::kIdentity;
      open_.push_back(
          {index, path_.size() - 1, std::string(trim_right(part.parameter("boundary"))), false});
    } else if (!encoded) {
      if (message_.parts.size() >= limits_.parts) {
        odd(Oddity::kTooManyParts, body);
        return;
      }
      begin_part(index, body);
    }
    // A message that is really encoded (RFC 2046 5.2.1 forbids it) stays a leaf: in place it cannot
    // be split.
  }

  void read_content_fields(Part& part) {
    Parameterised type, disposition;
    if (auto raw = part.headers.raw("Content-Type")) type = parse_parameterised(*raw);
    if (auto raw = part.headers.raw("Content-Disposition")) disposition = parse_parameterised(*raw);
    if (auto raw = part.headers.raw("Content-Transfer-Encoding")) {
      part.encoding = encoding_of(*raw);
      if (part.encoding == Encoding::kUnknown) odd(Oddity::kUnknownEncoding, header_start_);
    }
    if (auto raw = part.headers.raw("Content-ID")) {
      std::string id = unfold(*raw);
      auto ids = parse_message_ids(id);
      part.content_id = ids.empty() ? std::string(trim(id)) : ids[0].substr(1, ids[0].size() - 2);
    }
    part.media_type = std::move(type.value);
    // RFC 2045 5.2: the default; RFC 2046 5.1.5: in a digest it is a message.
    bool in_digest = part.parent != Part::kNoParent &&
                     message_.parts[part.parent].media_type == "multipart/digest";
    if (part.media_type.empty()) part.media_type = in_digest ? "message/rfc822" : "text/plain";
    // QUIRK: RFC 2045 5.1 wants a subtype; e.g. Content-Type: text
    if (part.media_type == "text") part.media_type = "text/plain";
    part.parameters = std::move(type.parameters);
    part.charset = ascii_lower(trim(part.parameter("charset")));
    part.disposition = std::move(disposition.value);

    const Parameter* name = nullptr;
    for (const Parameter* candidate :
         {disposition.find("filename"),
          [&]() -> const Parameter* {
            for (const Parameter& p : part.parameters)
              if (p.name == "name") return &p;
            return nullptr;
          }(),
          // QUIRK: RFC 2183 2.3 and RFC 2046 4.5.1 name the names; some mailers swap them.
          disposition.find("name")})
      if (!name && candidate && !trim(candidate->value).empty()) name = candidate;
    if (name) {
      part.file_name = safe_file_name(name->value);
      part.original_name = one_line(name->value);
      part.assumed_charset = name->assumed_charset;
    }
  }

  // ---- boundaries -------------------------------------------------------------------------------

  /// Handles a line that starts with "--" if it is a boundary. RFC 2046 5.1.1: at the start of a
  /// line only, white space may follow. The outer ones count too: an inner end may be missing.
  bool boundary_line(std::string_view line) {
    std::string_view rest = trim_right(line).substr(2);
    for (bool closed : {false, true}) {
      for (std::size_t i = open_.size(); i-- > 0;) {
        Open& open = open_[i];
        if (open.closed != closed) continue;
        bool guess = open.boundary.empty();
        if (guess) {
          bool preamble = path_.back() == open.part && !in_header_;
          if (!preamble || rest.empty() || rest.find(' ') != rest.npos) continue;
          // QUIRK: RFC 2046 5.1: the parameter is required; without it the first "--" line tells.
          odd(Oddity::kBoundaryGuessed, pos_);
          open.boundary = std::string(rest);
        } else if (!rest.starts_with(open.boundary)) {
          continue;
        }
        std::string_view tail = rest.substr(open.boundary.size());
        if (tail.empty()) {
          if (closed) odd(Oddity::kPartAfterEnd, pos_);
          return start_part(i), true;
        }
        if (tail == "--" && !closed) return close(i), true;
      }
    }
    return false;
  }

  void start_part(std::size_t i) {
    // QUIRK: RFC 2046 5.1.1: nothing but an epilogue follows the end; e.g. a list server that adds
    // its part after "--boundary--".
    open_[i].closed = false;
    end_inner(i);
    std::uint32_t parent = open_[i].part;
    if (message_.parts.size() >= limits_.parts) {
      odd(Oddity::kTooManyParts, pos_);
      stopped_ = true;
      return;
    }
    begin_part(parent, next_);
  }

  void close(std::size_t i) {
    end_inner(i);
    open_[i].closed = true;
  }

  /// Ends everything that is inside of an open multipart.
  void end_inner(std::size_t i) {
    std::size_t level = open_[i].level;
    end_parts(level + 1, pos_, true);
    for (std::size_t k = i + 1; k < open_.size(); ++k)
      if (!open_[k].closed) odd(Oddity::kMissingEndBoundary, pos_);
    open_.resize(i + 1);
  }

  /// Ends the parts of the path from `level` on, before the line that starts at `at`.
  void end_parts(std::size_t level, std::size_t at, bool at_boundary) {
    // A header without a body; where it says message/rfc822, its end begins one more.
    for (std::size_t body = at; in_header_ && path_.size() > level; body = header_start_) {
      if (garbage_lines_ > 0) {
        odd(Oddity::kMissingBlankLine, garbage_start_);
        body = garbage_start_;
      }
      end_header(body, body);
    }
    // The line end before a boundary belongs to the boundary (RFC 2046 5.1.1).
    std::size_t end = at;
    if (at_boundary && end > 0 && raw_[end - 1] == '\n') --end;
    if (at_boundary && end > 0 && end < at && raw_[end - 1] == '\r') --end;
    for (std::size_t k = level; k < path_.size(); ++k) {
      Part& part = message_.parts[path_[k]];
      auto start = part.body.data() ? static_cast<std::size_t>(part.body.data() - raw_.data()) : at;
      part.body = raw_.substr(std::min(start, at), end > start ? end - start : 0);
    }
    path_.resize(std::min(path_.size(), level));
    in_header_ = false;
  }

  void finish() {
    std::size_t end = raw_.size();
    // What was not read because there are too many parts belongs to nobody's body.
    end_parts(0, stopped_ ? pos_ : end, false);
    for (const Open& open : open_)
      if (!open.closed) odd(Oddity::kMissingEndBoundary, end);
    for (Part& part : message_.parts) {
      if (part.kind != Kind::kMultipart || !part.is_leaf || part.depth >= limits_.part_depth)
        continue;
      odd(Oddity::kBoundaryNeverFound, static_cast<std::size_t>(part.body.data() - raw_.data()));
    }
  }

  std::string_view raw_;
  const Limits& limits_;
  Message message_;
  std::vector<std::uint32_t> path_;  ///< the parts that are open, from the message inwards
  std::vector<Open> open_;           ///< the multiparts among them
  std::size_t pos_ = 0, next_ = 0;   ///< this line, the next
  bool in_header_ = false;
  bool block_full_ = false;
  bool stopped_ = false;
  std::size_t header_start_ = 0;
  std::size_t kept_ = 0;  ///< bytes of this header block that are looked at
  std::size_t garbage_start_ = 0, garbage_lines_ = 0;
};

/// Length of an unsafe character at the front of valid UTF-8, 0 if it is a good one.
std::size_t unsafe_length(std::string_view text) {
  auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
  };
  if (byte(0) < 0x20 || byte(0) == 0x7F) return 1;
  if (byte(0) == 0xC2 && byte(1) < 0xA0) return 2;
  if (byte(0) == 0xD8 && byte(1) == 0x9C) return 2;
  if (byte(0) == 0xE2 && byte(1) == 0x80)
    return byte(2) == 0x8E || byte(2) == 0x8F || (byte(2) >= 0xA8 && byte(2) <= 0xAE) ? 3 : 0;
  if (byte(0) == 0xE2 && byte(1) == 0x81) return byte(2) >= 0xA6 && byte(2) <= 0xA9 ? 3 : 0;
  return 0;
}

}  // namespace

std::string_view describe(Oddity what) {
  switch (what) {
    case Oddity::kHeaderLineTooLong:
      return "a header field is too long and was cut";
    case Oddity::kHeaderBlockTooLong:
      return "a header is too long, its later fields were not read";
    case Oddity::kTooManyParts:
      return "there are too many parts, the later ones were not read";
    case Oddity::kTooDeep:
      return "parts are nested too deeply and were not opened";
    case Oddity::kMboxFromLine:
      return "a \"From \" line of a mailbox file stands in front";
    case Oddity::kGarbageHeaderLine:
      return "a line in the header is no header field";
    case Oddity::kMissingBlankLine:
      return "the blank line after a header is missing";
    case Oddity::kMissingEndBoundary:
      return "a boundary line is missing at the end of a multipart";
    case Oddity::kBoundaryGuessed:
      return "a multipart does not declare its boundary";
    case Oddity::kBoundaryNeverFound:
      return "the boundary of a multipart does not occur in it";
    case Oddity::kPartAfterEnd:
      return "a part follows after the end of its multipart";
    case Oddity::kEncodedContainer:
      return "a container of parts is declared as encoded";
    case Oddity::kUnknownEncoding:
      return "a transfer encoding is unknown";
  }
  return {};
}

std::string_view Part::parameter(std::string_view name) const {
  for (const Parameter& p : parameters)
    if (p.name == name) return p.value;
  return {};
}

bool Message::has(Oddity what) const {
  return std::any_of(oddities.begin(), oddities.end(),
                     [&](const OddityAt& o) { return o.what == what; });
}

Message parse(std::string_view raw, const Limits& limits) {
  return Splitter(raw, limits).run();
}

std::string safe_file_name(std::string_view utf8) {
  constexpr std::size_t kMostBytes = 200;
  std::string valid = to_valid_utf8(utf8);
  std::string_view rest = valid;
  std::string name;
  while (!rest.empty()) {
    if (std::size_t bad = unsafe_length(rest); bad > 0) {
      rest.remove_prefix(std::min(bad, rest.size()));
      continue;
    }
    char c = rest[0];
    rest.remove_prefix(1);
    if (c == '/' || c == '\\' || (c == ':' && name.size() == 1))
      name.clear();
    else if (c != ':')
      name += c;
  }
  name = std::string(trim(name));
  if (name.find_first_not_of(". ") == std::string::npos) return {};
  if (name.size() > kMostBytes) {
    std::size_t dot = name.rfind('.');
    std::string extension =
        dot != std::string::npos && name.size() - dot <= 16 ? name.substr(dot) : std::string();
    std::size_t keep = kMostBytes - extension.size();
    while (keep > 0 && (name[keep] & 0xC0) == 0x80) --keep;
    name = name.substr(0, keep) + extension;
  }
  return name;
}

}  // namespace focalpost::mime
