// SPDX-License-Identifier: Apache-2.0
#include "flow/assurance.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/domain.h"
#include "base/hash.h"
#include "base/text.h"
#include "mime/authentication.h"
#include "mime/body_source.h"
#include "mime/cms.h"

namespace focalpost {
namespace {

constexpr std::size_t kLongestDetail = 200;

/// What a level rests on.
struct Grounds {
  Assurance level = Assurance::kFrom;
  std::string_view why;
  std::string detail;
};

std::string detail_of(std::string_view text) {
  return shorten(one_line(text), kLongestDetail);
}

// ---- From ---------------------------------------------------------------------------------------

/// The one address of the one From field.
std::optional<mime::Address> only_from(const mime::Message& message, std::string_view& why) {
  auto fields = message.top().all("From");
  auto addresses = message.top().addresses("From");
  if (fields.size() > 1 || addresses.size() > 1) {
    why = why::kSeveralFrom;
    return {};
  }
  // Controls and direction marks have no place in an address, and many places where one is shown.
  if (addresses.size() != 1 || addresses[0].domain.empty() ||
      one_line(addresses[0].spec) != addresses[0].spec) {
    why = why::kNoFrom;
    return {};
  }
  return std::move(addresses[0]);
}

/// What the operator should see: somebody looks like a contact without being it.
std::string masquerade(const mime::Address& from, const StructureLookup& lookup,
                       const RosterEntry* contact) {
  // An address in the display name, as programs show it instead of the real one.
  const std::string shown = to_valid_utf8(from.display);
  for (std::size_t at = shown.find('@'); at != shown.npos; at = shown.find('@', at + 1)) {
    constexpr std::string_view ends = " \t<>()[],;:\"'";
    std::size_t start = shown.find_last_of(ends, at);
    start = start == shown.npos ? 0 : start + 1;
    std::string address = shown.substr(start, shown.find_first_of(ends, at) - start);
    const RosterEntry* other = lookup.contact(address);
    if (other && other != contact)
      return detail_of(fmt::format("the display name is the address of {}", key_name(*other)));
  }
  if (contact) return {};
  const std::string looks = skeleton(from.spec);
  for (const RosterEntry& entry : lookup.roster())
    for (const std::string& email : entry.contact->emails)
      if (skeleton(trim(email)) == looks)
        return detail_of(
            fmt::format("the address looks like that of {} and is another", key_name(entry)));
  return {};
}

// ---- reports ------------------------------------------------------------------------------------

/// Of "a@stat.example", "@stat.example" or "stat.example".
std::string domain_in(std::string_view value) {
  auto at = value.rfind('@');
  return ascii_domain(at == value.npos ? value : value.substr(at + 1));
}

/// Of a dkim verdict, who signed.
std::string signer_of(const mime::AuthVerdict& verdict) {
  std::string domain = domain_in(verdict.get("header", "d"));
  return domain.empty() ? domain_in(verdict.get("header", "i")) : domain;
}

bool is_aligned(std::string_view from, std::string_view signer) {
  return signer.find('.') != signer.npos && is_at_or_below(from, signer);
}

/// A server may have taken the header to end where we read on (a line that is no field): what
/// stands behind that it has neither written nor removed.
bool header_is_crooked(const mime::Message& message) {
  const std::size_t end = message.root().header_block.size();
  return std::any_of(message.oddities.begin(), message.oddities.end(),
                     [&](const mime::OddityAt& odd) {
                       switch (odd.what) {
                         case mime::Oddity::kMboxFromLine:
                         case mime::Oddity::kGarbageHeaderLine:
                         case mime::Oddity::kMissingBlankLine:
                         case mime::Oddity::kHeaderLineTooLong:
                         case mime::Oddity::kHeaderBlockTooLong:
                           return odd.offset <= end;
                         default:
                           return false;
                       }
                     });
}

Grounds grounds_of_reports(const mime::Message& message, const TrustSettings& settings, Pin pin,
                           std::string_view from_domain) {
  auto not_more = [](std::string_view why, std::string detail = {}) {
    return Grounds{Assurance::kFrom, why, std::move(detail)};
  };
  switch (pin) {
    case Pin::kNone:
      return not_more(why::kNoPin);
    case Pin::kUnproven:
      return not_more(why::kPinUnproven);
    case Pin::kRefused:
      return not_more(why::kPinRefused);
    case Pin::kHolds:
      break;
  }
  auto reports = pinned_reports(message, settings);
  if (!reports.empty() && header_is_crooked(message))
    return not_more(why::kBadReport, "the header is out of order");
  if (reports.empty()) return not_more(why::kNoReport);
  std::vector<mime::AuthVerdict> verdicts;
  for (std::string_view report : reports) {
    auto results = mime::parse_authentication_results(report);
    if (!results) return not_more(why::kBadReport);
    for (auto& verdict : results->verdicts) verdicts.push_back(std::move(verdict));
  }
  // Two verdicts on DMARC contradict each other, or one was smuggled in.
  const mime::AuthVerdict* dmarc = nullptr;
  for (const auto& verdict : verdicts) {
    if (verdict.method != "dmarc") continue;
    if (dmarc) return not_more(why::kBadReport, "dmarc twice");
    dmarc = &verdict;
  }
  if (dmarc && dmarc->result == "fail") return not_more(why::kDmarcFailed);
  if (dmarc && dmarc->result == "pass") {
    const std::string domain = domain_in(dmarc->get("header", "from"));
    if (!domain.empty() && domain == from_domain)
      return {Assurance::kAligned, why::kDmarc, detail_of(domain)};
    return not_more(why::kNotAligned, detail_of("dmarc " + domain));
  }
  std::string signer;
  for (const auto& verdict : verdicts) {
    if (verdict.method != "dkim" || verdict.result != "pass") continue;
    signer = signer_of(verdict);
    if (is_aligned(from_domain, signer))
      return {Assurance::kAligned, why::kDkim, detail_of(signer)};
  }
  if (!signer.empty()) return not_more(why::kNotAligned, detail_of("dkim " + signer));
  return not_more(why::kNotPassed);
}

// ---- signatures ---------------------------------------------------------------------------------

/// The hash of what a signature covers, the same for all variants that one signature fits: some
/// OpenPGP signatures do not look at line ends and the white space before them.
std::string hash_of(std::string_view content) {
  Sha256Stream hash;
  std::size_t empty = 0;
  for (std::string_view rest = content; !rest.empty();) {
    auto newline = rest.find('\n');
    std::string_view line = rest.substr(0, newline);
    rest.remove_prefix(newline == rest.npos ? rest.size() : newline + 1);
    auto end = line.find_last_not_of(" \t\r");
    line = line.substr(0, end == line.npos ? 0 : end + 1);
    if (line.empty()) {
      ++empty;
      continue;
    }
    for (; empty > 0; --empty) hash.update("\n");
    hash.update(line);
    hash.update("\n");
  }
  return to_hex(hash.finish());
}

bool is_smime_type(std::string_view type) {
  return type == "application/pkcs7-mime" || type == "application/x-pkcs7-mime";
}

/// A message's outermost signature.
struct Shape {
  enum class Kind { kNone, kDetached, kEnclosed } kind = Kind::kNone;
  bool openpgp = false;
  std::string_view content;  ///< what was signed, as it came
  const mime::Part* signature = nullptr;
  std::string_view fault;  ///< why it cannot count
};

Shape shape_of(const mime::Message& message) {
  Shape shape;
  const mime::Part& root = message.root();
  auto signs = [](const mime::Part& part) {
    return part.media_type == "multipart/signed" || is_smime_type(part.media_type);
  };
  if (is_smime_type(root.media_type) && root.is_leaf) {
    shape.kind = Shape::Kind::kEnclosed;
    shape.signature = &root;
    return shape;
  }
  if (root.media_type != "multipart/signed") {
    // A list server's footer, or a captured letter in somebody else's: nobody signed the whole.
    if (std::any_of(message.parts.begin(), message.parts.end(), signs))
      shape.fault = "it does not cover the whole message";
    return shape;
  }
  std::vector<const mime::Part*> children;
  for (const mime::Part& part : message.parts)
    if (part.parent == 0) children.push_back(&part);
  if (children.size() != 2) {
    shape.fault = "there is more beside the signed part and its signature";
    return shape;
  }
  const mime::Part &content = *children[0], &signature = *children[1];
  const std::string& type = signature.media_type;
  shape.openpgp = type == "application/pgp-signature";
  const bool smime =
      type == "application/pkcs7-signature" || type == "application/x-pkcs7-signature";
  if (!signature.is_leaf || !(shape.openpgp || smime)) {
    shape.fault = "its second part is no signature";
    return shape;
  }
  const char* begin = content.header_block.data();
  const char* end = content.body.data() + content.body.size();
  shape.content = std::string_view(begin, static_cast<std::size_t>(end - begin));
  shape.kind = Shape::Kind::kDetached;
  shape.signature = &signature;
  return shape;
}

Result<std::string> decoded_part(const mime::Part& part, std::uint64_t limit) {
  auto source = mime::body_source(part);
  return read_all(*source, limit);
}

/// Does a content begin as a MIME part? Otherwise there is nothing to be taken apart in it.
bool begins_with_header(std::string_view bytes) {
  std::string_view name = bytes.substr(0, bytes.substr(0, 80).find(':'));
  return !name.empty() && name.size() < bytes.size() &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-';
         });
}

/// The signed content if the contact signed the whole; else what is wrong, in `fault`, or nothing
/// where there is no signature.
std::unique_ptr<SignedContent> verify(const mime::Message& message, const Settings& settings,
                                      const signature::Keys& keys, const signature::Signer& signer,
                                      Time now, std::string& fault, bool& openpgp,
                                      std::string& fingerprint) {
  const Shape shape = shape_of(message);
  fault = shape.fault;
  openpgp = shape.openpgp;
  if (shape.kind == Shape::Kind::kNone || !fault.empty()) return {};
  // All of it is held in memory once more.
  const std::uint64_t limit = settings.limits.wrapped_bytes;
  const bool detached = shape.kind == Shape::Kind::kDetached;
  if (shape.content.size() > limit || shape.signature->body.size() / 4 * 3 > limit) {
    fault = "the message is too large to be verified";
    return {};
  }
  auto bytes = decoded_part(*shape.signature, detached ? signature::kMostSignature : limit);
  if (!bytes.ok()) {
    fault = "the signature is too large or damaged";
    return {};
  }
  auto content = std::make_unique<SignedContent>();
  signature::Outcome outcome;
  if (detached) {
    const std::string canonical = with_crlf(shape.content).value_or(std::string(shape.content));
    outcome = openpgp ? keys.openpgp_detached(canonical, *bytes, signer, now)
                      : keys.smime_detached(canonical, *bytes, signer, now);
    content->in_message = shape.content;
  } else {
    if (mime::read_cms(*bytes).kind != mime::CmsKind::kSigned) return {};  // encrypted, damaged
    outcome = keys.smime_enclosed(*bytes, signer, now);
    content->owned = std::move(outcome.content);
  }
  if (outcome.verdict != signature::Verdict::kGood) {
    fault = fmt::format("{}{}{}", signature::verdict_name(outcome.verdict),
                        outcome.detail.empty() ? "" : ": ", outcome.detail);
    return {};
  }
  if (!begins_with_header(content->bytes())) {
    fault = "what is signed is no MIME part";
    return {};
  }
  fingerprint = outcome.detail;
  content->hash = hash_of(content->bytes());
  return content;
}

void add_remark(Sender& sender, std::string text) {
  if (text.empty()) return;
  sender.remark += (sender.remark.empty() ? "" : "; ") + std::move(text);
}

struct Meaning {
  std::string_view code, text;
};
constexpr Meaning kMeanings[] = {
    {why::kNoFrom, "From holds no address"},
    {why::kSeveralFrom, "From names several senders"},
    {why::kNotRegistered, "From is no contact's address"},
    {why::kNoPin, "From alone: no mail server is pinned in [trust]"},
    {why::kPinUnproven,
     "From alone: nobody has tried whether the pinned mail server removes forged reports (`check` "
     "does)"},
    {why::kPinRefused, "From alone: the pinned mail server leaves forged reports in"},
    {why::kNoReport, "From alone: the pinned mail server reported nothing"},
    {why::kBadReport, "From alone: the mail server's report cannot be read with certainty"},
    {why::kNotPassed, "From alone: neither DKIM nor DMARC passed"},
    {why::kDmarcFailed, "From alone: DMARC failed"},
    {why::kNotAligned, "From alone: what passed is of another domain than From"},
    {why::kDmarc, "DMARC passed"},
    {why::kDkim, "a DKIM signature of From's domain passed"},
    {why::kSmime, "signed by the contact (S/MIME)"},
    {why::kOpenPgp, "signed by the contact (OpenPGP)"},
    {why::kReplayed, "the signed content was accepted before, so its signature does not count"},
};

}  // namespace

std::string why_sentence(std::string_view code, std::string_view detail) {
  std::string text(code);
  for (const Meaning& meaning : kMeanings)
    if (meaning.code == code) text = meaning.text;
  if (!detail.empty()) text += fmt::format(" ({})", detail);
  return text;
}

std::string key_name(const RosterEntry& contact) {
  return contact.provider.id + "." + contact.contact->id;
}

std::vector<std::string_view> pinned_reports(const mime::Message& message,
                                             const TrustSettings& settings) {
  std::vector<std::string_view> reports;
  for (const mime::Field& field : message.top().fields()) {
    if (!ascii_iequal(field.name, "Authentication-Results")) continue;
    // With a space in front of the colon it is no field for most servers, which leave it alone.
    if (message.raw[field.offset + field.name.size()] != ':') continue;
    auto id = mime::authserv_id(field.value);
    if (!id || !mime::is_authserv(*id, settings.authserv_id)) continue;
    reports.push_back(field.value);
    if (reports.size() == settings.authserv_fields) break;
  }
  return reports;
}

Assessment assess(const mime::Message& message, const StructureLookup& lookup,
                  const Settings& settings, const Trust& trust, Time now, Sender& sender) {
  Assessment found;
  sender = {};
  std::string_view reason = why::kNotRegistered;
  auto from = only_from(message, reason);
  if (from) {
    sender.address = from->spec;
    sender.display = shorten(one_line(from->display), 200);
    found.contact = lookup.contact(from->spec);
    sender.remark = masquerade(*from, lookup, found.contact);
  }
  sender.why = reason;
  if (!found.contact) return found;

  sender.registered = true;
  sender.provider = found.contact->provider.id;
  sender.contact = found.contact->contact->id;
  sender.lang = found.contact->lang;
  Grounds grounds =
      grounds_of_reports(message, settings.trust, trust.pin, ascii_domain(from->domain));
  sender.assurance = grounds.level;
  sender.why = grounds.why;
  sender.why_detail = std::move(grounds.detail);
  if (!trust.keys) return found;

  std::string fault, fingerprint;
  bool openpgp = false;
  const signature::Signer signer{key_name(*found.contact), canonical_address(from->spec)};
  auto content = verify(message, settings, *trust.keys, signer, now, fault, openpgp, fingerprint);
  if (!content) {
    if (!fault.empty()) add_remark(sender, detail_of("the signature does not count: " + fault));
    return found;
  }
  content->otherwise = sender.assurance;
  content->why = std::move(sender.why);
  content->why_detail = std::move(sender.why_detail);
  sender.assurance = Assurance::kSigned;
  sender.why = openpgp ? why::kOpenPgp : why::kSmime;
  sender.why_detail = detail_of(fingerprint);
  found.signed_content = std::move(content);
  return found;
}

void take_back_signature(const SignedContent& content, std::string_view first, Sender& sender) {
  sender.assurance = content.otherwise;
  sender.why = why::kReplayed;
  sender.why_detail = detail_of(first);
  add_remark(sender, "without the signature: " + why_sentence(content.why, content.why_detail));
}

}  // namespace focalpost
