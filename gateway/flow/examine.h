// SPDX-License-Identifier: Apache-2.0
//
// examine: what is in an attachment, and is it right?
//
// The common way of `validate` and of intake: bytes -> members of archives -> what each is -> read
// -> judged. Writes nothing. Whoever wants to file what is judged gives a BatchTaker; the batches
// pass through it once, and what it must know in the end (are there errors?) is in the file's
// findings.
//
//   decoded part ──> attachment ──> sdmx ──> validation ──> BatchTaker (filing) or nothing
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "attachment/attachment.h"
#include "base/byte_source.h"
#include "base/limits.h"
#include "model/docket.h"
#include "model/finding.h"
#include "model/lookup.h"
#include "model/metadata.h"
#include "model/observation.h"
#include "sdmx/detect.h"
#include "validation/judge.h"

namespace focalpost {

enum class Verdict { kAccepted, kRejected, kUnreadable };
std::string_view verdict_name(Verdict verdict);

/// Reference metadata, read and judged.
struct ExaminedMetadata {
  std::vector<MetadataSet> sets;
  std::vector<MetadataDescription> descriptions;  ///< to be filed, if the file has no errors
};

/// One file (an attachment or a member of one), read and judged.
struct ExaminedFile {
  explicit ExaminedFile(std::uint64_t findings_listed) : findings(findings_listed) {}

  std::string path;  ///< "a.zip!b.xml"
  std::string kind;  ///< "sdmx-ml 2.1 GenericData", "a PDF document", ...
  DataMessage message;
  std::vector<DatasetStatistics> datasets;  ///< beside message.datasets
  FindingList findings;
  std::optional<Structures> structures;      ///< of a structure message
  std::optional<ExaminedMetadata> metadata;  ///< of a metadata message or a form
  bool is_data = false;                      ///< a data message, good or bad
  /// What compare() has yet to say.
  std::vector<std::unique_ptr<Plausibility>> plausibility;

  Verdict verdict() const;
};

/// Takes the judged batches of one SDMX message.
class BatchTaker {
 public:
  virtual ~BatchTaker() = default;
  virtual Status begin_dataset(const DataMessage& message, std::uint32_t dataset) = 0;
  virtual Status take(const ObservationBatch& batch) = 0;
  virtual Status end_dataset(std::uint32_t dataset) = 0;
  /// An error was found: nothing more will come, and what came counts for nothing.
  virtual Status give_up() = 0;
};

class FileVisitor {
 public:
  virtual ~FileVisitor() = default;
  /// A data message begins: where its batches go; null to judge only.
  virtual Result<BatchTaker*> data_begins(const std::string& path) = 0;
  virtual Status file_done(ExaminedFile file) = 0;
};

struct ExamineContext {
  const StructureLookup* lookup = nullptr;
  const Limits* limits = nullptr;
  Time now{};
  std::optional<ProviderRef> provider;  ///< who sends it; not known: ownership is not judged
  fs::path temporary;          ///< a folder on this disk, for archives that must be seekable
  bool hash = true;            ///< whether the SHA-256 is wanted: it costs as much as parsing
  std::vector<Finding> notes;  ///< what each file of this attachment is told, too
};

/// Judges everything in one attachment; at least one file_done, unless it is no more than the look
/// of a mail (a winmail.dat without files). Gives the SHA-256 of its bytes, hex
/// (empty if it is not wanted).
/// An Error is about the machine, never about the attachment.
Result<std::string> examine_attachment(ByteSource& bytes, std::string_view name,
                                       const ExamineContext& context, FileVisitor& visitor);

/// Completes the findings of a file with what is plausible, beside what `history` knows (null:
/// nothing is known). Every visitor calls this when the file's turn has come; an Error is about the
/// store.
Status compare(ExaminedFile& file, HistoryLookup* history);

/// A file that could not even be opened as one: `rule` and the words for it.
ExaminedFile refused_file(std::string path, const Rule& rule, std::string value, std::string detail,
                          const Limits& limits);

}  // namespace focalpost
