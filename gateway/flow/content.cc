// SPDX-License-Identifier: Apache-2.0
#include "flow/content.h"

#include "base/hash.h"
#include "flow/not_data.h"

namespace focalpost {
namespace {

const Rule& rule_of(mime::Obstacle obstacle) {
  switch (obstacle) {
    case mime::Obstacle::kEncrypted:
      return rules::message_encrypted;
    case mime::Obstacle::kDamaged:
      return rules::wrapper_damaged;
    case mime::Obstacle::kTooLarge:
      return rules::archive_too_large;
    case mime::Obstacle::kTooDeep:
      return rules::archive_nested;
  }
  return rules::wrapper_damaged;
}

std::vector<Finding> notes_on(const mime::Content& content) {
  std::vector<Finding> notes;
  if (!content.assumed_charset.empty())
    notes.push_back(charset_assumed("", content.name, content.assumed_charset));
  if (content.how == mime::How::kPasted) {
    Finding pasted;
    pasted.rule = &rules::pasted_data;
    notes.push_back(std::move(pasted));
  }
  return notes;
}

}  // namespace

Result<std::string> examine_content(const mime::Content& content, ByteSource& source,
                                    ExamineContext context, FileVisitor& visitor) {
  if (!content.obstacle) {
    context.notes = notes_on(content);
    return examine_attachment(source, content.name_or_part(), context, visitor);
  }
  Sha256Stream hash;
  for (;;) {
    FP_ASSIGN(auto bytes, source.next());
    if (bytes.empty()) break;
    if (context.hash) hash.update({bytes.data(), bytes.size()});
  }
  FP_TRY(visitor.file_done(
      refused_file(content.name_or_part(), rule_of(*content.obstacle), "", "", *context.limits)));
  return context.hash ? to_hex(hash.finish()) : std::string();
}

}  // namespace focalpost
