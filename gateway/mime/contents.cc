// SPDX-License-Identifier: Apache-2.0
#include "mime/contents.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "mime/cms.h"
#include "mime/pasted.h"
#include "mime/words.h"

namespace focalpost::mime {
namespace {

/// Enough of a body to tell what is in it.
constexpr std::size_t kHead = 512;

std::string head_of(const Part& part) {
  auto source = body_source(part.body.substr(0, kHead * 4), part.encoding);
  auto span = source->next();
  return span.ok() ? std::string(span->data(), std::min(span->size(), kHead)) : std::string();
}

bool ends_with_any(std::string_view name, std::initializer_list<std::string_view> endings) {
  std::string lower = ascii_lower(name);
  return std::any_of(endings.begin(), endings.end(),
                     [&](std::string_view e) { return lower.ends_with(e); });
}

bool may_be_cms(const Part& part) {
  return part.media_type == "application/pkcs7-mime" ||
         part.media_type == "application/x-pkcs7-mime" ||
         ends_with_any(part.file_name, {".p7m", ".p7s", ".sig", ".p7"});
}

bool may_be_mail(const Part& part) {
  return part.kind == Kind::kMessage || part.media_type == "message/rfc822" ||
         ends_with_any(part.file_name, {".eml"});
}

/// Does it begin with header fields? What is signed as S/MIME does; a signed file does not.
bool begins_with_header(std::string_view bytes) {
  auto colon = bytes.substr(0, 80).find(':');
  if (colon == bytes.npos || colon == 0) return false;
  return std::all_of(bytes.begin(), bytes.begin() + std::ptrdiff_t(colon), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  });
}

bool starts_with_pgp(std::string_view head, std::string_view what) {
  return trim(head).starts_with("-----BEGIN PGP " + std::string(what) + "-----");
}

}  // namespace

std::string Content::name_or_part() const {
  if (how == How::kWritten) return {};
  std::string own = name.empty() ? fmt::format("part-{}", part) : name;
  return wrapper.empty() ? own : wrapper + '!' + own;
}

class Contents::Finder {
 public:
  Finder(Contents& to, const Limits& limits)
      : to_(to), limits_(limits), room_(limits.wrapped_bytes) {}

  void run(const Message& message) {
    open_.push_back({&message, "", 0});
    // What is inside is put behind: a queue, so that the stack does not grow with a stranger's
    // wrappers.
    for (std::size_t i = 0; i < open_.size(); ++i) {
      const Open now = open_[i];
      look_into(now);
    }
  }

 private:
  struct Open {
    const Message* message;
    std::string wrapper;
    std::uint64_t depth;
  };

  void look_into(const Open& now) {
    const Message& message = *now.message;
    std::vector<bool> taken(message.parts.size());
    for (const Candidate& candidate : find_attachments(message)) {
      taken[candidate.part] = true;
      attachment(now, candidate);
    }
    for (std::uint32_t i = 0; i < message.parts.size(); ++i)
      if (!taken[i] && is_text(message, i)) text(now, i);
  }

  Content content(const Open& now, std::uint32_t part) const {
    const Part& p = now.message->parts[part];
    Content made;
    made.name = p.file_name;
    made.assumed_charset = p.assumed_charset;
    made.wrapper = now.wrapper;
    made.part = part;
    made.body = p.body;
    made.encoding = p.encoding;
    return made;
  }

  void obstacle(Content made, Obstacle what) {
    made.obstacle = what;
    made.looks_like = LooksLike::kData;
    to_.list_.push_back(std::move(made));
  }

  /// The decoded content, in a buffer that stays; null where there is no room.
  const std::string* keep(std::string_view body, Encoding encoding) {
    auto source = body_source(body, encoding);
    auto bytes = read_all(*source, room_);
    if (!bytes.ok()) return nullptr;
    return keep(std::move(*bytes));
  }
  const std::string* keep(std::string bytes) {
    if (bytes.size() > room_) return nullptr;
    room_ -= bytes.size();
    return &to_.buffers_.emplace_back(std::move(bytes));
  }

  void attachment(const Open& now, const Candidate& candidate) {
    const Part& part = now.message->parts[candidate.part];
    Content made = content(now, candidate.part);
    made.looks_like = candidate.looks_like;
    // PGP/MIME (RFC 3156 section 4): a part that says "Version: 1", then what is encrypted.
    auto encrypted = [](const Part& p) { return p.media_type == "multipart/encrypted"; };
    if (now.message->within(candidate.part, encrypted)) {
      if (part.media_type != "application/pgp-encrypted")
        obstacle(std::move(made), Obstacle::kEncrypted);
      return;
    }
    if (may_be_cms(part) && cms(now, made)) return;
    if (may_be_mail(part)) return mail(now, std::move(made));
    if (made.looks_like == LooksLike::kSignature) {
      // "report.xml.asc" may hold the report itself.
      std::string head = head_of(part);
      if (starts_with_pgp(head, "MESSAGE")) return obstacle(std::move(made), Obstacle::kEncrypted);
      if (starts_with_pgp(head, "SIGNED MESSAGE")) made.looks_like = LooksLike::kData;
    } else if (ends_with_any(made.name, {".gpg", ".pgp"})) {
      return obstacle(std::move(made), Obstacle::kEncrypted);
    }
    to_.list_.push_back(std::move(made));
  }

  /// False if it is no CMS after all.
  bool cms(const Open& now, Content& made) {
    const Part& part = now.message->parts[made.part];
    if (made.name.empty()) made.name = "smime.p7m";
    bool declared = part.media_type.ends_with("pkcs7-mime") || made.name.ends_with(".p7m");
    if (!declared && !looks_like_cms(head_of(part))) return false;
    // Its size in the message is near enough: what is too large is not decoded to find that out.
    if (part.body.size() / 4 * 3 > room_)
      return obstacle(std::move(made), Obstacle::kTooLarge), true;
    auto source = body_source(part);
    auto bytes = read_all(*source, room_);
    if (!bytes.ok()) return obstacle(std::move(made), Obstacle::kTooLarge), true;
    if (source->damaged()) return obstacle(std::move(made), Obstacle::kDamaged), true;
    Cms inner = read_cms(*bytes);
    switch (inner.kind) {
      case CmsKind::kEncrypted:
        obstacle(std::move(made), Obstacle::kEncrypted);
        return true;
      case CmsKind::kDetached:
        made.looks_like = LooksLike::kSignature;
        return false;
      case CmsKind::kSigned:
        break;
      case CmsKind::kNone:
      case CmsKind::kOther:
      case CmsKind::kDamaged:
        obstacle(std::move(made), Obstacle::kDamaged);
        return true;
    }
    const std::string* kept = keep(std::move(inner.content));
    if (!kept) return obstacle(std::move(made), Obstacle::kTooLarge), true;
    if (begins_with_header(*kept)) {
      nested(now, std::move(made), *kept);
      return true;
    }
    // A file signed as such: "report.xml.p7m" holds report.xml.
    made.body = *kept;
    made.encoding = Encoding::kIdentity;
    made.looks_like = LooksLike::kData;
    if (made.name.rfind('.') != std::string::npos && made.name.rfind('.') > 0)
      made.name.resize(made.name.rfind('.'));
    to_.list_.push_back(std::move(made));
    return true;
  }

  /// A mail that lies in a file, or that is encoded although it must not be.
  void mail(const Open& now, Content made) {
    std::string_view bytes = made.body;
    if (made.encoding != Encoding::kIdentity && made.encoding != Encoding::kUnknown) {
      const std::string* kept = keep(made.body, made.encoding);
      if (!kept) return obstacle(std::move(made), Obstacle::kTooLarge);
      bytes = *kept;
    }
    if (made.name.empty()) made.name = "message.eml";
    nested(now, std::move(made), bytes);
  }

  void nested(const Open& now, Content made, std::string_view bytes) {
    if (now.depth >= limits_.wrap_depth) return obstacle(std::move(made), Obstacle::kTooDeep);
    to_.messages_.push_back(parse(bytes, limits_));
    const Message& inside = to_.messages_.back();
    bool unseen = inside.has(Oddity::kTooDeep) || inside.has(Oddity::kTooManyParts) ||
                  inside.has(Oddity::kHeaderBlockTooLong);
    if (unseen) return obstacle(std::move(made), Obstacle::kTooDeep);
    open_.push_back({&inside, made.name_or_part(), now.depth + 1});
  }

  // ---- texts ------------------------------------------------------------------------------------

  /// A text for people: not attached, not of a report, and the plain one of alternatives.
  static bool is_text(const Message& message, std::uint32_t index) {
    const Part& part = message.parts[index];
    if (!part.is_leaf || part.kind != Kind::kText || part.disposition == "attachment") return false;
    if (message.within(index, [](const Part& p) { return p.media_type == "multipart/report"; }))
      return false;
    if (part.media_type == "text/plain" || part.parent == Part::kNoParent) return true;
    // An HTML text counts where there is no plain one beside it.
    for (std::uint32_t i = 0; i < message.parts.size(); ++i)
      if (message.parts[i].parent == part.parent && message.parts[i].media_type == "text/plain" &&
          message.parts[i].is_leaf)
        return message.parts[part.parent].media_type != "multipart/alternative";
    return true;
  }

  void text(const Open& now, std::uint32_t index) {
    const Part& part = now.message->parts[index];
    std::string_view bytes = part.body;
    bool plain = part.media_type == "text/plain";
    // Most letters are small and hold nothing: they are looked at in passing, and forgotten.
    std::string decoded;
    if (part.encoding != Encoding::kIdentity || !plain) {
      auto source = body_source(part);
      auto all = read_all(*source, std::min<std::uint64_t>(room_, kMostText));
      // A text of that size is no letter.
      if (!all.ok()) return obstacle(content(now, index), Obstacle::kTooLarge);
      decoded = std::move(*all);
      if (!plain) decoded = strip_html(decode_bytes(decoded, part.charset).text);
      bytes = decoded;
    }
    bool flowed = plain && ascii_iequal(part.parameter("format"), "flowed");
    if (flowed && bytes.size() <= kMostText) {
      decoded = unflow(bytes, ascii_iequal(part.parameter("delsp"), "yes"));
      bytes = decoded;
    }
    auto pieces = find_pasted(bytes, limits_.attachments);
    if (pieces.empty()) {
      if (holds_pgp_message(bytes)) {
        Content made = content(now, index);
        made.name = "text.asc";
        obstacle(std::move(made), Obstacle::kEncrypted);
      }
      return;
    }
    const bool clear_signed = holds_pgp_signed(bytes);
    for (const Pasted& piece : pieces) {
      Content made = content(now, index);
      made.encoding = Encoding::kIdentity;
      std::string_view slice = bytes.substr(piece.begin, piece.end - piece.begin);
      if (piece.kind == Pasted::Kind::kUuencoded) {
        Text name = decode_words(piece.name);
        made.how = How::kUuencoded;
        made.name = safe_file_name(name.text);
        made.assumed_charset = std::move(name.assumed_charset);
        made.encoding = Encoding::kUuencode;
        if (decoded.empty()) {
          made.body = slice;
          to_.list_.push_back(std::move(made));
          continue;
        }
      } else {
        made.how = How::kPasted;
        made.name = piece.kind == Pasted::Kind::kXml ? "text.xml" : "text.csv";
      }
      const std::string* kept = nullptr;
      if (piece.kind == Pasted::Kind::kUuencoded) {
        kept = keep(std::string(slice));
      } else if (slice.size() <= room_) {
        std::string own = clear_signed ? undash(slice) : std::string(slice);
        Text utf8 = plain ? decode_bytes(own, part.charset) : Text{std::move(own), {}};
        made.assumed_charset = std::move(utf8.assumed_charset);
        kept = keep(without_no_break_spaces(std::move(utf8.text)));
      }
      if (!kept) {
        obstacle(std::move(made), Obstacle::kTooLarge);
        continue;
      }
      made.body = *kept;
      to_.list_.push_back(std::move(made));
    }
  }

  /// QUIRK: XML 1.0 2.3: U+00A0 is no white space; mail programs put it where two spaces stood,
  /// e.g. <Obs TIME_PERIOD="2026-01"  OBS_VALUE="7"/>.
  static std::string without_no_break_spaces(std::string text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
      bool no_break = text[i] == '\xC2' && i + 1 < text.size() && text[i + 1] == '\xA0';
      out += no_break ? ' ' : text[i];
      i += no_break ? 1 : 0;
    }
    return out;
  }

  /// Texts for people that must be decoded to be searched; more than that is no letter.
  static constexpr std::uint64_t kMostText = 16 << 20;

  Contents& to_;
  const Limits& limits_;
  std::uint64_t room_;
  std::vector<Open> open_;
};

Contents Contents::of(const Message& message, const Limits& limits) {
  Contents made;
  Finder(made, limits).run(message);
  return made;
}

}  // namespace focalpost::mime
