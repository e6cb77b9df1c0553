// SPDX-License-Identifier: Apache-2.0
//
// attachment: what is in an attachment; the only door to libarchive.
//
// Owns: telling by the first bytes what an attachment is (never by its name or declared type), and
// opening the containers that data comes in: gzip (RFC 1952), zip (PKWARE APPNOTE 6.3), Outlook's
// winmail.dat (MS-OXTNEF) and files that are clear-signed with OpenPGP (RFC 4880 section 7).
// Every other container is named to the sender, not opened.
//
// Never does: look into the data itself, convert character sets of content, write a stranger's name
// to the disk, or believe a size that an archive declares.
//
// Dangers: everything here is a stranger's.
// - Bombs: a member is bounded in bytes that came out and in the ratio to the bytes that went in,
//   both counted as they pass; files are bounded over all nested archives of one attachment.
// - A zip is judged by its central directory, and the names in a winmail.dat stand behind what they
//   name; so both are spooled first (bounded) to a file that has no name. Members are then read
//   straight from there; a gzip is never spooled.
// - winmail.dat is read by a small reader of our own: libytnef takes the whole package and all its
//   attachments into memory, and its history is one of out-of-bounds reads.
// - Only stored and deflated members are inflated: other methods of a zip may ask for hundreds of
//   megabytes of working memory before the first byte.
// - A failure can show late: a checksum is only known at a member's last byte. What was read of a
//   member whose source ends in an Error counts for nothing.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_source.h"
#include "base/files.h"
#include "base/limits.h"
#include "base/result.h"

namespace focalpost {

/// What an attachment or a member is, by its first bytes.
enum class AttachmentKind {
  kEmpty,
  kPlain,  ///< anything not known below: text, XML, CSV; the readers of data decide
  kGzip,
  kZip,
  kOtherArchive,  ///< 7z, rar, tar, bzip2, xz, zstd, cab
  kOoxml,         ///< docx, xlsx, pptx: a zip with a [Content_Types].xml
  kOpenDocument,  ///< odt, ods: a zip that begins with its media type
  kOle,           ///< doc, xls, ppt, msg: a compound file (MS-CFB)
  kEncrypted,     ///< an encrypted Office document or PGP message
  kPdf,
  kImage,
  kTnef,       ///< winmail.dat (MS-OXTNEF)
  kPgpSigned,  ///< a file clear-signed with OpenPGP
  kHtml,
  kProgram,  ///< Windows or Unix executable
};

/// How many first bytes detect() wants to see; with fewer of a longer thing it may say kPlain.
inline constexpr std::size_t kAttachmentHeadBytes = 1024;

/// Looks at the first bytes only. An Office document whose list of contents comes late in the zip
/// is kZip here and told apart when it is opened.
AttachmentKind detect_attachment(std::string_view head);

/// "a PDF document", for a sentence in English.
std::string_view describe(AttachmentKind kind);

/// Why a member (or all of an attachment) cannot be used. For the caller to make a rule id from.
enum class AttachmentProblem {
  kNone,
  kTooLarge,        ///< limits archive_bytes (a zip) or inflated_bytes (a member)
  kRatio,           ///< limits inflation_ratio
  kTooManyMembers,  ///< limits archive_members
  kTooDeep,         ///< limits archive_depth; wrap_depth of winmail.dat and clear-signed files
  kEncrypted,
  kDamaged,    ///< cut short, wrong checksum, not what it says it is
  kEmpty,      ///< no bytes, or an archive without files (a kTnef: no more than the look of a mail)
  kNotOpened,  ///< of a kind or packed in a way that is not read; see AttachmentMember::kind
};

struct AttachmentFault {
  AttachmentProblem problem = AttachmentProblem::kNone;
  Error error;  ///< for people; always ErrorKind::kNotRight
};

/// One thing to judge, or one thing that cannot be judged and why. Names are UTF-8 on one line, cut
/// at 255 characters.
struct AttachmentMember {
  std::string name;   ///< without folders: "b.xml"
  std::string path;   ///< from the attachment down: "b.xml", "a.zip!2024/b.xml", "b.xml.gz!b.xml"
  bool name_guessed;  ///< the name's character set was not declared and not UTF-8
  AttachmentKind kind;
  std::optional<AttachmentFault> fault;
  /// Valid until the next next(). With a fault: its Error; but of a thing that is no archive (kPdf,
  /// kHtml, kOle, ...) still the bytes as they are.
  ByteSource& bytes;
};

/// A cursor over the members of one attachment, nested archives included, in the order of the file.
/// A thing that is no archive is its own single member.
class Attachment {
 public:
  /// `bytes` must outlive the cursor. `name` is the attachment's own (decoded) file name, may be
  /// empty. `temporary` is a folder to spool a zip in; nothing with a name stays there.
  Attachment(ByteSource& bytes, std::string_view name, const Limits& limits, fs::path temporary);
  ~Attachment();
  Attachment(Attachment&&) noexcept;

  /// The next member; none at the end. A member need not be read to its end. There is at least one
  /// member. An Error is not about the archive: `bytes` failed or the disk did; it ends the cursor.
  Result<std::optional<AttachmentMember>> next();

  /// After a member's source gave an Error: why. kNone: the Error came from `bytes` itself.
  AttachmentProblem problem() const;

  /// Paths of what was passed over because it is never data (see QUIRK in zip.cc); folders are not
  /// listed.
  const std::vector<std::string>& skipped() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace focalpost
