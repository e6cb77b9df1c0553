// SPDX-License-Identifier: Apache-2.0
#include "flow/examine.h"

#include <fmt/format.h>

#include "base/hash.h"
#include "base/text.h"
#include "flow/effects.h"
#include "flow/metadata.h"
#include "flow/metadata_form.h"
#include "flow/not_data.h"
#include "sdmx/metadata_reader.h"
#include "sdmx/read_ahead.h"
#include "sdmx/structure_reader.h"

namespace focalpost {
namespace {

/// Passes bytes on and hashes them if that is wanted.
class HashingSource final : public ByteSource {
 public:
  HashingSource(ByteSource& in, bool wanted) : in_(in), wanted_(wanted) {}
  Result<std::span<const char>> next() override {
    auto result = in_.next();
    if (wanted_ && result.ok()) hash_.update({result->data(), result->size()});
    return result;
  }
  /// Reads what nobody wanted to read, so that the hash is of everything.
  Result<std::string> finish() {
    for (;;) {
      FP_ASSIGN(auto rest, next());
      if (rest.empty()) return wanted_ ? to_hex(hash_.finish()) : std::string();
    }
  }

 private:
  ByteSource& in_;
  bool wanted_;
  Sha256Aside hash_;
};

/// Remembers an Error of the source, which readers may only pass on as "the end".
class WatchedSource final : public ByteSource {
 public:
  explicit WatchedSource(ByteSource& in) : in_(in) {}
  Result<std::span<const char>> next() override {
    auto result = in_.next();
    if (!result.ok()) error_ = result.error();
    return result;
  }
  const std::optional<Error>& error() const { return error_; }

 private:
  ByteSource& in_;
  std::optional<Error> error_;
};

void add(ExaminedFile& file, const Rule& rule, std::string value, std::string detail) {
  Finding finding;
  finding.rule = &rule;
  finding.component = file.path;
  finding.value = std::move(value);
  finding.detail = std::move(detail);
  file.findings.add(std::move(finding));
}

Status read_data(ExaminedFile& file, ByteSource& bytes, const Detection& detection,
                 const ExamineContext& context, BatchTaker* taker) {
  auto reader = open_data_ahead(bytes, detection, *context.lookup, file.findings, *context.limits);
  JudgeOptions options;
  options.now = context.now;
  options.limits = context.limits;
  options.lookup = context.lookup;
  options.provider = context.provider;
  Judge judge(file.findings, options);
  // The taker hears of datasets and batches until the first error.
  std::optional<std::uint32_t> open_dataset;
  auto taking = [&]() -> Result<bool> {
    if (!taker) return false;
    if (file.findings.errors() == 0) return true;
    FP_TRY(taker->give_up());
    taker = nullptr;
    return false;
  };
  for (;;) {
    FP_ASSIGN(ObservationBatch * batch, reader->next());
    if (!batch) break;
    judge.judge(*batch, reader->message());
    FP_ASSIGN(bool take, taking());
    if (!take) continue;
    if (open_dataset != batch->dataset) {
      if (open_dataset) FP_TRY(taker->end_dataset(*open_dataset));
      open_dataset = batch->dataset;
      FP_TRY(taker->begin_dataset(reader->message(), batch->dataset));
    }
    FP_TRY(taker->take(*batch));
  }
  judge.finish(reader->message());
  FP_ASSIGN(bool take, taking());
  if (take && open_dataset) FP_TRY(taker->end_dataset(*open_dataset));
  file.message = reader->message();
  file.datasets = judge.statistics();
  file.plausibility = judge.take_plausibility();
  return {};
}

Status examine_member(AttachmentMember& member, const Attachment& attachment,
                      const ExamineContext& context, FileVisitor& visitor) {
  ExaminedFile file(context.limits->findings_listed);
  file.path = member.path;
  for (Finding note : context.notes) {
    note.component = file.path;
    file.findings.add(std::move(note));
  }
  if (member.name_guessed) file.findings.add(charset_assumed(file.path, member.name, ""));
  if (member.fault) {
    // No more than the look of a mail: nothing was attached by a person.
    if (member.kind == AttachmentKind::kTnef && member.fault->problem == AttachmentProblem::kEmpty)
      return {};
    file.kind = std::string(describe(member.kind));
    const Rule& rule = rule_of(member.fault->problem, member.kind, member.name);
    // Its sentence says what the file is instead of data, in words that the templates know.
    add(file, rule, file.kind, &rule == &rules::not_data ? file.kind : member.fault->error.what);
    return visitor.file_done(std::move(file));
  }
  WatchedSource watched(member.bytes);
  auto head = read_head(watched, kDetectBytes);
  if (!head.ok() && attachment.problem() == AttachmentProblem::kNone) return head.take_error();
  Status read;
  if (head.ok()) {
    Detection detection = detect(*head);
    const bool form = (detection.kind == FileKind::kText || detection.kind == FileKind::kBinary) &&
                      looks_like_form(*head);
    const bool persons = !form && lists_persons(*head, detection.kind);
    PrefixedSource bytes(std::move(*head), watched);
    file.kind = describe(detection);
    // Not read at all: no finding shall quote what is in it.
    if (persons) add(file, rules::personal_data, "", "");
    const bool old = detection.version == "1.0" && file.kind.starts_with("sdmx-ml ");
    if (old) add(file, rules::old_schema, "SDMX-ML 1.0", "");
    switch (persons || old ? FileKind::kEmpty : detection.kind) {
      case FileKind::kEmpty:
        if (!persons && !old) add(file, rules::empty_file, "", "");
        break;
      case FileKind::kSdmxMlData:
      case FileKind::kSdmxJsonData:
      case FileKind::kSdmxCsv: {
        file.is_data = true;
        FP_ASSIGN(BatchTaker * taker, visitor.data_begins(file.path));
        read = read_data(file, bytes, detection, context, taker);
        // What came before an archive turned out damaged counts for nothing.
        if (!read.ok() && watched.error() && taker) FP_TRY(taker->give_up());
        break;
      }
      case FileKind::kSdmxMlStructure: {
        file.message.version = detection.version;
        auto structures = read_structures(bytes, file.findings, *context.limits);
        if (structures.ok()) {
          check_extensions(*structures, *context.lookup, file.findings);
          file.structures = std::move(*structures);
        } else {
          read = structures.take_error();
        }
        break;
      }
      case FileKind::kSdmxMlOther:
        if (is_metadata(detection))
          read = examine_metadata(file, bytes, detection, context);
        else
          add(file, rules::unsupported_message, detection.root, detection.version);
        break;
      case FileKind::kOtherXml:
        add(file, rules::not_sdmx, detection.root, "");
        break;
      case FileKind::kText:
        if (form)
          read = examine_form(file, bytes, context);
        else
          add(file, rules::not_data, "", "text");
        break;
      case FileKind::kBinary:
        if (form)
          read = examine_form(file, bytes, context);
        else
          add(file, rules::not_data, "", "binary");
        break;
    }
  }
  if (!read.ok() && !watched.error()) return read;
  if (watched.error()) {
    AttachmentProblem problem = attachment.problem();
    if (problem == AttachmentProblem::kNone) return *watched.error();
    add(file, rule_of(problem, member.kind, member.name), "", watched.error()->what);
  }
  file.findings.sort_listed();
  return visitor.file_done(std::move(file));
}

}  // namespace

std::string_view verdict_name(Verdict verdict) {
  switch (verdict) {
    case Verdict::kAccepted:
      return "accepted";
    case Verdict::kRejected:
      return "rejected";
    case Verdict::kUnreadable:
      return "unreadable";
  }
  return "";
}

Verdict ExaminedFile::verdict() const {
  if (findings.errors() == 0) return Verdict::kAccepted;
  return is_data || structures || metadata ? Verdict::kRejected : Verdict::kUnreadable;
}

Result<std::string> examine_attachment(ByteSource& bytes, std::string_view name,
                                       const ExamineContext& context, FileVisitor& visitor) {
  HashingSource hashed(bytes, context.hash);
  Attachment attachment(hashed, name, *context.limits, context.temporary);
  for (;;) {
    FP_ASSIGN(auto member, attachment.next());
    if (!member) break;
    FP_TRY(examine_member(*member, attachment, context, visitor));
  }
  return hashed.finish();
}

Status compare(ExaminedFile& file, HistoryLookup* history) {
  for (auto& dataset : file.plausibility) FP_TRY(dataset->conclude(history, file.findings));
  file.plausibility.clear();
  file.findings.sort_listed();
  return {};
}

ExaminedFile refused_file(std::string path, const Rule& rule, std::string value, std::string detail,
                          const Limits& limits) {
  ExaminedFile file(limits.findings_listed);
  file.path = std::move(path);
  file.kind = "?";
  add(file, rule, std::move(value), std::move(detail));
  return file;
}

}  // namespace focalpost
