// SPDX-License-Identifier: Apache-2.0
#include "mime/cms.h"

#include <optional>

#include "mime/body_source.h"

namespace focalpost::mime {
namespace {

using namespace std::string_view_literals;

constexpr unsigned char kSequence = 0x30, kOid = 0x06, kExplicit0 = 0xA0, kOctets = 0x04,
                        kOctetsInPieces = 0x24;
/// Elements open at once where a length is not given ("indefinite").
constexpr int kMostOpen = 32;

constexpr std::string_view kSignedData = "\x2A\x86\x48\x86\xF7\x0D\x01\x07\x02"sv;
constexpr std::string_view kPkcs7 = "\x2A\x86\x48\x86\xF7\x0D\x01\x07"sv;  // 1.2.840.113549.1.7
constexpr std::string_view kSmimeCt = "\x2A\x86\x48\x86\xF7\x0D\x01\x09\x10\x01"sv;  // ...1.9.16.1

/// One identifier and length (X.690 section 8.1).
struct Head {
  unsigned char tag = 0;
  bool indefinite = false;
  std::uint64_t length = 0;
};

class Ber {
 public:
  explicit Ber(std::string_view bytes) : rest_(bytes) {}
  bool at_end() const { return rest_.empty(); }
  std::string_view rest() const { return rest_; }

  std::optional<Head> head() {
    if (rest_.size() < 2) return {};
    Head head;
    head.tag = byte(0);
    if ((head.tag & 0x1F) == 0x1F) return {};  // no tag here has more than one byte
    std::size_t used = 2;
    unsigned first = byte(1);
    if (first == 0x80) {
      head.indefinite = true;
    } else if (first < 0x80) {
      head.length = first;
    } else {
      std::size_t count = first & 0x7F;
      if (count > 8 || rest_.size() < 2 + count) return {};
      for (std::size_t i = 0; i < count; ++i) head.length = head.length << 8 | byte(2 + i);
      used += count;
    }
    rest_.remove_prefix(used);
    return head;
  }
  /// The next element must be this one: its inside is next.
  bool enter(unsigned char tag) {
    auto next = head();
    return next && next->tag == tag;
  }
  /// Passes over the element that comes next, whatever is in it.
  bool skip() {
    int open = 0;
    do {
      auto next = head();
      if (!next) return false;
      if (next->indefinite) {
        if (++open > kMostOpen) return false;
      } else if (next->tag == 0 && next->length == 0 && open > 0) {
        --open;
      } else if (!take(next->length)) {
        return false;
      }
    } while (open > 0);
    return true;
  }
  std::optional<std::string_view> take(std::uint64_t length) {
    if (length > rest_.size()) return {};
    std::string_view taken = rest_.substr(0, std::size_t(length));
    rest_.remove_prefix(std::size_t(length));
    return taken;
  }

 private:
  unsigned byte(std::size_t i) const { return static_cast<unsigned char>(rest_[i]); }
  std::string_view rest_;
};

std::optional<std::string_view> oid(Ber& in) {
  auto head = in.head();
  if (!head || head->tag != kOid || head->indefinite) return {};
  return in.take(head->length);
}

/// The octets of encapContentInfo, in one piece or in many.
bool read_octets(Ber& in, std::string& out) {
  auto head = in.head();
  if (!head) return false;
  if (head->tag == kOctets && !head->indefinite) {
    auto bytes = in.take(head->length);
    if (bytes) out = *bytes;
    return bytes.has_value();
  }
  if (head->tag != kOctetsInPieces) return false;
  const std::size_t end_of_definite = head->indefinite || head->length > in.rest().size()
                                          ? 0
                                          : in.rest().size() - std::size_t(head->length);
  if (!head->indefinite && head->length > in.rest().size()) return false;
  // Pieces may be in pieces again: their heads are passed over, the octets follow each other.
  int open = head->indefinite ? 1 : 0;
  for (;;) {
    if (!head->indefinite && in.rest().size() <= end_of_definite) return true;
    auto piece = in.head();
    if (!piece) return false;
    if (piece->tag == kOctets && !piece->indefinite) {
      auto bytes = in.take(piece->length);
      if (!bytes) return false;
      out += *bytes;
    } else if (piece->tag == kOctetsInPieces) {
      open += piece->indefinite ? 1 : 0;
    } else if (piece->tag == 0 && piece->length == 0 && open > 0) {
      if (--open == 0 && head->indefinite) return true;
    } else {
      return false;
    }
  }
}

/// What stands between the lines of PEM, decoded; empty if it is none.
std::string from_pem(std::string_view bytes) {
  for (std::string_view label : {"PKCS7"sv, "CMS"sv, "PKCS #7 SIGNED DATA"sv}) {
    std::string begin = "-----BEGIN " + std::string(label) + "-----";
    auto at = bytes.substr(0, 4096).find(begin);
    if (at == bytes.npos) continue;
    auto from = at + begin.size();
    auto end = bytes.find("-----END", from);
    auto source =
        body_source(bytes.substr(from, end == bytes.npos ? end : end - from), Encoding::kBase64);
    auto all = read_all(*source, bytes.size());
    return all.ok() ? std::move(*all) : std::string();
  }
  return {};
}

}  // namespace

bool looks_like_cms(std::string_view head) {
  if (head.find("-----BEGIN PKCS7-----") != head.npos ||
      head.find("-----BEGIN CMS-----") != head.npos)
    return true;
  Ber in(head);
  if (!in.enter(kSequence)) return false;
  auto type = oid(in);
  return type && (type->starts_with(kPkcs7) || type->starts_with(kSmimeCt));
}

Cms read_cms(std::string_view bytes) {
  const bool pem = bytes.find("-----BEGIN ") < 4096;
  std::string decoded = pem ? from_pem(bytes) : std::string();
  if (!decoded.empty()) bytes = decoded;
  Ber in(bytes);
  std::optional<std::string_view> type;
  if (in.enter(kSequence)) type = oid(in);
  if (!type || !(type->starts_with(kPkcs7) || type->starts_with(kSmimeCt)))
    return {decoded.empty() ? CmsKind::kNone : CmsKind::kDamaged, {}};
  if (*type != kSignedData) {
    bool enveloped =
        type->starts_with(kSmimeCt)
            ? type->ends_with('\x17')
            : type->ends_with('\x03') || type->ends_with('\x04') || type->ends_with('\x06');
    return {enveloped ? CmsKind::kEncrypted : CmsKind::kOther, {}};
  }
  // SignedData: version, digestAlgorithms, encapContentInfo { eContentType, [0] eContent }
  Cms found{CmsKind::kDamaged, {}};
  if (!in.enter(kExplicit0) || !in.enter(kSequence) || !in.skip() || !in.skip()) return found;
  auto encapsulated = in.head();
  if (!encapsulated || encapsulated->tag != kSequence) return found;
  const std::uint64_t before = in.rest().size();
  if (!oid(in)) return found;
  bool ends = encapsulated->indefinite ? in.rest().starts_with("\0\0"sv)
                                       : before - in.rest().size() >= encapsulated->length;
  if (ends) {
    found.kind = CmsKind::kDetached;
    return found;
  }
  if (!in.enter(kExplicit0) || !read_octets(in, found.content)) {
    found.content.clear();
    return found;
  }
  found.kind = CmsKind::kSigned;
  return found;
}

}  // namespace focalpost::mime
