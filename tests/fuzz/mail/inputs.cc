// SPDX-License-Identifier: Apache-2.0
#include "fuzz/mail/inputs.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "attachment/attachment.h"
#include "base/domain.h"
#include "base/text.h"
#include "fuzz/promise.h"
#include "mime/authentication.h"
#include "mime/automatic.h"
#include "mime/bounce.h"
#include "mime/cms.h"
#include "mime/contents.h"
#include "mime/pasted.h"

namespace focalpost::fuzz {
namespace {

std::string_view text_of(std::span<const std::byte> input) {
  return {reinterpret_cast<const char*>(input.data()), input.size()};
}

/// Small, so that every one of them is met.
Limits small_limits() {
  Limits limits;
  limits.header_line_bytes = 2000;
  limits.header_block_bytes = 8000;
  limits.parts = 50;
  limits.part_depth = 8;
  limits.attachments = 8;
  limits.wrapped_bytes = 64 << 10;
  limits.wrap_depth = 2;
  limits.archive_members = 6;
  limits.archive_bytes = 256 << 10;
  limits.inflated_bytes = 1 << 20;
  limits.inflation_ratio = 50;
  limits.inflation_ratio_from = 16 << 10;
  return limits;
}

/// To the end; how many bytes came.
std::uint64_t drain(ByteSource& source) {
  std::uint64_t count = 0;
  for (;;) {
    auto span = source.next();
    if (!span.ok()) {
      promise(!source.next().ok(), "errors are sticky");
      return count;
    }
    if (span->empty()) return count;
    promise(span->size() <= ByteSource::kMaxSpan, "a span is at most 64 KB");
    count += span->size();
  }
}

void read_attachment(ByteSource& bytes, std::string_view name, const Limits& limits) {
  Attachment attachment(bytes, name, limits, std::filesystem::temp_directory_path());
  std::size_t members = 0;
  for (;;) {
    auto member = attachment.next();
    if (!member.ok() || !*member) break;
    ++members;
    promise(is_utf8((*member)->path), "a path is UTF-8");
    promise((*member)->path.find('\n') == std::string::npos, "a path is on one line");
    promise(drain((*member)->bytes) <= limits.inflated_bytes + limits.archive_bytes,
            "a member is bounded");
  }
  promise(members <= limits.archive_members + 64, "members are bounded");
}

}  // namespace

int mail_message(std::span<const std::byte> input) {
  const Limits limits = small_limits();
  const std::string_view raw = text_of(input);
  mime::Message message = mime::parse(raw, limits);
  promise(!message.parts.empty(), "there is always a part");
  promise(message.parts.size() <= limits.parts, "parts are bounded");
  for (std::uint32_t i = 0; i < message.parts.size(); ++i) {
    const mime::Part& part = message.parts[i];
    promise(part.depth <= limits.part_depth, "depth is bounded");
    promise(part.parent == mime::Part::kNoParent ? i == 0 : part.parent < i, "parents come first");
    promise(part.body.empty() || (part.body.data() >= raw.data() &&
                                  part.body.data() + part.body.size() <= raw.data() + raw.size()),
            "a body lies in the message");
    promise(is_utf8(part.file_name) && part.file_name.find_first_of("/\\\r\n") == std::string::npos,
            "a file name is fit for a folder");
    for (const mime::Field& field : part.headers.fields()) {
      auto text = part.headers.text(field.name);
      promise(text && is_utf8(text->text), "a field's text is UTF-8");
    }
    part.headers.addresses("From");
    part.headers.date();
    part.headers.references();
  }
  promise(mime::body_text(message, 4000).text.size() <= 4000, "a text is cut at its limit");
  mime::classify(message, {"0123456789abcdef", "gateway.example"});
  mime::read_bounce(message, mime::Sender::kBounce, limits);
  mime::Contents contents = mime::Contents::of(message, limits);
  std::uint64_t seen = 0;
  for (const mime::Content& content : contents.list()) {
    promise(is_utf8(content.name_or_part()), "a name is UTF-8");
    if (content.obstacle) continue;
    auto source = content.open();
    if (++seen > limits.attachments) break;
    read_attachment(*source, content.name_or_part(), limits);
  }
  return 0;
}

int mail_attachment(std::span<const std::byte> input) {
  const Limits limits = small_limits();
  // In one piece and in small ones: what is found must be bounded in both.
  for (std::size_t span : {ByteSource::kMaxSpan, std::size_t(7)}) {
    MemorySource bytes(text_of(input), span);
    read_attachment(bytes, "winmail.dat", limits);
  }
  return 0;
}

int mail_header(std::span<const std::byte> input) {
  const std::string_view raw = text_of(input);
  promise(is_utf8(mime::decode_words(mime::unfold(raw)).text), "decoded words are UTF-8");
  mime::Parameterised all = mime::parse_parameterised(raw);
  for (const mime::Parameter& one : all.parameters)
    promise(is_utf8(one.value), "a parameter is UTF-8");
  promise(all.parameters.size() <= mime::kMostParameters, "parameters are bounded");
  for (const mime::Address& one : mime::parse_addresses(mime::unfold(raw)))
    promise(one.spec.find_first_of("\r\n\t") == std::string::npos, "an address has no controls");
  if (auto report = mime::parse_authentication_results(raw)) {
    promise(report->verdicts.size() <= mime::kMostAuthVerdicts, "verdicts are bounded");
    for (const mime::AuthVerdict& verdict : report->verdicts) {
      promise(!verdict.method.empty() && !verdict.result.empty(), "a verdict says something");
      promise(verdict.properties.size() <= mime::kMostAuthProperties, "properties are bounded");
    }
    auto id = mime::authserv_id(raw);
    promise(report->authserv_id.empty() || (id && *id == report->authserv_id),
            "a report is of the server that it names");
  }
  const std::string domain = ascii_domain(raw);
  promise(ascii_domain(domain) == domain, "a domain has one form");
  promise(canonical_address(canonical_address(raw)) == canonical_address(raw),
          "an address has one form");
  mime::parse_date(mime::unfold(raw));
  mime::parse_message_ids(mime::unfold(raw));
  // The first byte chooses what the rest is said to be in.
  constexpr std::string_view kSets[] = {"",       "utf-8",    "koi8-r",       "koi8-u",
                                        "cp866",  "us-ascii", "windows-1251", "iso-8859-5",
                                        "utf-16", "gb18030"};
  if (raw.empty()) return 0;
  std::string_view set = kSets[static_cast<unsigned char>(raw[0]) % std::size(kSets)];
  promise(is_utf8(mime::decode_bytes(raw.substr(1), set).text), "decoded bytes are UTF-8");
  std::string name = mime::safe_file_name(raw);
  promise(name.size() <= 200 && name.find_first_of("/\\:\r\n") == std::string::npos,
          "a file name is safe");
  return 0;
}

int mail_wrapper(std::span<const std::byte> input) {
  const std::string_view raw = text_of(input);
  mime::Cms cms = mime::read_cms(raw);
  promise(cms.content.size() <= raw.size(), "a content is no larger than what it lay in");
  promise(cms.kind == mime::CmsKind::kSigned || cms.content.empty(),
          "only what is signed is given");
  std::size_t before = 0;
  auto pieces = mime::find_pasted(raw, 8);
  promise(pieces.size() <= 8, "pieces are bounded");
  for (const mime::Pasted& piece : pieces) {
    promise(piece.begin >= before && piece.end > piece.begin && piece.end <= raw.size(),
            "pieces follow each other");
    before = piece.end;
    if (piece.kind == mime::Pasted::Kind::kUuencoded) {
      auto source = mime::body_source(raw.substr(piece.begin, piece.end - piece.begin),
                                      mime::Encoding::kUuencode);
      drain(*source);
    }
  }
  promise(mime::unflow(raw, true).size() <= raw.size() + 1, "unflow takes away");
  promise(mime::undash(raw).size() <= raw.size(), "undash takes away");
  return 0;
}

}  // namespace focalpost::fuzz
