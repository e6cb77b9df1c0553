// SPDX-License-Identifier: Apache-2.0
//
// container: a gzip or zip opened for reading, entry by entry. Internal to the room.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "attachment/attachment.h"

struct archive;

namespace focalpost {

/// Files of all zips in one attachment that are looked at, judged or passed over (folders,
/// __MACOSX); only the judged ones count as members.
inline constexpr std::uint64_t kEntriesWalked = 1000;
/// Bytes of a zip's central directory that are read before it is refused: room for kEntriesWalked
/// names of 4 KB, and libarchive's tree of it stays under 20 MB.
inline constexpr std::uint64_t kDirectoryBytes = 4 << 20;

/// What all levels of one attachment share.
struct AttachmentContext {
  Limits limits;
  fs::path temporary;
  std::uint64_t members = 0;
  std::uint64_t walked = 0;
  std::vector<std::string> skipped;
  /// Why the last Error was given; set at the place where an Error begins, so that it stays right
  /// on its way up through nested archives.
  AttachmentProblem problem = AttachmentProblem::kNone;

  /// An Error of the machine, not of the archive.
  Error machine(Error error) {
    problem = AttachmentProblem::kNone;
    return error;
  }
};

struct Entry {
  std::string path;  ///< inside its container
  bool name_guessed = false;
  std::optional<AttachmentFault> fault;
  ByteSource* bytes = nullptr;  ///< null with a fault
};

/// libarchive's handle, freed at the end of its life.
struct ArchiveFree {
  void operator()(archive* a) const;
};
using ArchiveHandle = std::unique_ptr<archive, ArchiveFree>;

/// The data of the entry at which a libarchive handle stands, under the limits. After the end, any
/// check left to the container (`at_end`) is made once.
class InflatingSource : public ByteSource {
 public:
  InflatingSource(archive* handle, std::string path, AttachmentContext& context)
      : handle_(handle), path_(std::move(path)), context_(context) {}

  /// libarchive found no data at all and must not be asked for any.
  void no_data() { no_data_ = true; }

  Result<std::span<const char>> next() final;

 protected:
  /// Bytes that went in for this entry so far; may be up to two spans too many.
  virtual std::uint64_t consumed() const = 0;
  /// The Error of the source beneath, if that is why libarchive stopped.
  virtual std::optional<Error> error_beneath() const = 0;
  virtual void saw(std::string_view) {}
  /// Whether the container's own checks hold, asked after the last byte.
  virtual bool complete() { return true; }

  std::uint64_t produced() const { return produced_; }

 private:
  Result<std::span<const char>> fail(Error error, AttachmentProblem why);

  archive* handle_;
  std::string path_;
  AttachmentContext& context_;
  std::string_view block_;
  std::uint64_t produced_ = 0;
  bool no_data_ = false;
  bool ended_ = false;
  std::optional<Error> failed_;
  AttachmentProblem failed_why_ = AttachmentProblem::kNone;
};

class Container {
 public:
  virtual ~Container() = default;
  /// The next file; none at the end. Ends the entry before. An Error ends the attachment.
  virtual Result<std::optional<Entry>> next() = 0;
};

/// `head`: the first bytes of `bytes`, which gives them again. `file`: the gzip's own name; `path`:
/// with all above it.
std::unique_ptr<Container> open_gzip(ByteSource& bytes, std::string_view head,
                                     std::string_view file, std::string path,
                                     AttachmentContext& context);

struct OpenedZip {
  bool office_document = false;  ///< then there is no container
  std::unique_ptr<Container> container;
};
/// Spools `bytes`. context.problem tells an Error of the archive from one of the machine.
Result<OpenedZip> open_zip(ByteSource& bytes, std::string path, AttachmentContext& context);

/// An Outlook package (MS-OXTNEF), spooled; context.problem as with open_zip. No container: there
/// is no file in it, only the look of a mail.
Result<std::unique_ptr<Container>> open_tnef(ByteSource& bytes, std::string path,
                                             AttachmentContext& context);

/// A file that is clear-signed with OpenPGP (RFC 4880 section 7), streamed; the signature is not
/// looked at. `file`: its name, "report.xml.asc".
std::unique_ptr<Container> open_clear_signed(ByteSource& bytes, std::string_view file,
                                             std::string path, AttachmentContext& context);

/// Where bytes lie that must be seekable: a file without a name, gone with its descriptor.
struct Spooled {
  Fd file;
  std::uint64_t size = 0;
};
/// At most limits.archive_bytes. context.problem tells an Error of the archive from one of the
/// machine.
Result<Spooled> spool_container(ByteSource& bytes, std::string_view path,
                                AttachmentContext& context);

/// A name as it is shown.
std::string shown_name(std::string_view utf8);
/// UTF-8 of a name of unknown character set: UTF-8 if it is that, else the Cyrillic set that it
/// reads in, else by `otherwise`.
std::string name_to_utf8(std::string_view raw, std::string_view otherwise, bool& guessed);
/// "256 MB", for sentences.
std::string megabytes(std::uint64_t bytes);

}  // namespace focalpost
