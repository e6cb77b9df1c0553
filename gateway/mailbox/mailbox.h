// SPDX-License-Identifier: Apache-2.0
//
// mailbox: where letters come from and where they are put, seen as folders of messages.
//
// Owns: the folders of DESIGN "the way of a message", listing, fetching, moving, appending,
// waiting. `Mailbox` is the interface; Maildir (maildir.h) is the embedded one, IMAP speaks the
// same.
//
// Never does: read into a message (that is `mime`), decide where one belongs (`flow`), send mail
// (`smtp`), delete one. A folder never carries authority: a stranger can deliver into folders.
//
// Dangers:
// - An operator works in the same folders with a mail client at the same time. Between any two
// calls
//   a message may have been moved, deleted or flagged; that is an outcome here, never an Error.
// - All operations take batches because a round trip or a sync costs more than a message. An Error
//   of a batch means that a part of it may have happened; all but append() may simply be repeated.
// - append() is not idempotent: a crash after it and before the caller's note of it leaves two
//   copies. Keep it for what may be there twice (Sent), or look at Message-ID.
// - One object serves one thread.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_source.h"
#include "base/clock.h"
#include "base/files.h"
#include "base/result.h"

namespace focalpost {

/// In the order in which `status` shows them.
enum class Folder : std::uint8_t {
  kInbox,
  kRetry,
  kFiled,
  kRejected,
  kHeld,
  kEnquiries,
  kEnquiriesOpen,
  kNotices,
  kIgnored,
  kFailed,
  kSent,
};

inline constexpr std::array kFolders = {
    Folder::kInbox,   Folder::kRetry,     Folder::kFiled,         Folder::kRejected,
    Folder::kHeld,    Folder::kEnquiries, Folder::kEnquiriesOpen, Folder::kNotices,
    Folder::kIgnored, Folder::kFailed,    Folder::kSent,
};

/// "INBOX", "Filed", "Enquiries/Open": what people and the store see. An implementation maps "/" to
/// its own separator (Maildir++ ".", IMAP what LIST answers).
std::string_view folder_name(Folder folder);
/// The reverse; INBOX in any case (RFC 3501 section 5.1), the others exactly.
std::optional<Folder> folder_from_name(std::string_view name);

/// One message as it was listed. Stays usable after flags changed; see Mailbox::fetch and move for
/// what happens when the message went elsewhere.
struct MessageRef {
  Folder folder = Folder::kInbox;
  /// IMAP: UIDVALIDITY of the folder when it was listed; a ref with another one than the folder has
  /// now counts as gone. Maildir: always 1.
  std::uint64_t uid_validity = 0;
  /// IMAP: the UID in decimal; changes with a move. Maildir: the unique part of the file's name; it
  /// survives a move. Any bytes but NUL and '/'.
  std::string uid;
  std::uint64_t size = 0;  ///< bytes; IMAP: RFC822.SIZE, which some servers only estimate
  Time received{};         ///< IMAP: INTERNALDATE. Maildir: the file's time of modification.

  friend bool operator==(const MessageRef& a, const MessageRef& b) {
    return a.folder == b.folder && a.uid_validity == b.uid_validity && a.uid == b.uid;
  }
};

/// Receives what fetch() brings, one call a message, in the order of the batch where the server
/// keeps it. A Status that is an Error ends the fetch with that Error.
class MessageSink {
 public:
  virtual ~MessageSink() = default;

  /// The message lies in a file of this machine and is safe there already (Maildir): no copy is
  /// needed. The mapping stays good after the file is renamed or deleted. A sink that keeps the
  /// mappings of a batch bounds the batch (Linux: 65,530 mappings a process).
  virtual Status mapped(const MessageRef& ref, MappedFile file) = 0;

  /// The message is on its way over a line (IMAP): the sink reads `bytes` to their end and puts
  /// them on disk (spool/incoming.h) before anything else. An Error out of `bytes` is to be
  /// returned.
  virtual Status streamed(const MessageRef& ref, ByteSource& bytes) = 0;

  /// No longer in the folder it was listed in: somebody moved or deleted it. Nothing to do.
  virtual Status gone(const MessageRef& ref) = 0;

  /// There, but this one message cannot be read (access, a server's NO). The others still come, so
  /// that one bad message never stops the rest; `why.retry_helps()` tells whether to charge it.
  virtual Status unreadable(const MessageRef& ref, const Error& why) = 0;
};

struct Move {
  MessageRef message;
  Folder target = Folder::kFailed;
};

struct Moved {
  enum class Outcome : std::uint8_t {
    kMoved,
    /// No longer in the source folder: moved by an earlier attempt, or by the operator. IMAP cannot
    /// tell the two apart (a UID MOVE of nothing is OK), so nobody does.
    kNotThere,
  };
  Outcome outcome = Outcome::kMoved;
  /// Where it is now, if that is known (IMAP: COPYUID of UIDPLUS, RFC 4315; otherwise nothing).
  std::optional<MessageRef> now;
};

/// The system flags that the gateway sets. Maildir info letters S, R, F.
struct Flags {
  bool seen = false;
  bool answered = false;
  bool flagged = false;
};

/// A message to be put into a folder. `bytes` is a view: it outlives the call.
struct Append {
  Folder folder = Folder::kSent;
  std::string_view bytes;
  Flags flags;
  Time received{};  ///< becomes MessageRef::received
};

enum class Wake : std::uint8_t {
  kMail,     ///< something changed in INBOX or Retry: list them; there may be nothing new
  kWoken,    ///< the wake-up descriptor is readable; it was not read
  kTimeout,  ///< nothing noticed; list all the same, for notifications do get lost
};

using FolderCounts = std::array<std::uint64_t, kFolders.size()>;

class Mailbox {
 public:
  virtual ~Mailbox() = default;

  /// Which mailbox this is, for identity() and for people: an account as "user@host", or "spool".
  virtual std::string_view name() const = 0;

  /// Whether MessageRef::uid stays the same when a message is moved.
  virtual bool uid_survives_move() const { return false; }

  /// Makes the folders that are missing and gets ready. To be called first; again after a lost
  /// connection.
  /// IMAP: connect, LOGIN, CAPABILITY, LIST for separator and prefix, CREATE and SUBSCRIBE.
  virtual Status open() = 0;

  /// The oldest `limit` messages in order of arrival (0: all). Costs a look at the whole folder, so
  /// take thousands at a time rather than ten.
  /// IMAP: SELECT, note UIDVALIDITY, UID FETCH 1:* (UID RFC822.SIZE INTERNALDATE); order by UID.
  virtual Result<std::vector<MessageRef>> list(Folder folder, std::size_t limit) = 0;

  /// Brings the bytes of each, without marking them as seen.
  /// IMAP: UID FETCH set (BODY.PEEK[]), some hundred UIDs a command and several commands in flight;
  /// a UID that does not come back is gone.
  virtual Status fetch(std::span<const MessageRef> messages, MessageSink& sink) = 0;

  /// Moves each to its target; one answer each, in the same order. Idempotent. Flags stay.
  /// IMAP: grouped by source and target; UID MOVE (RFC 6851), else UID COPY, UID STORE
  /// +FLAGS.SILENT
  /// (\Deleted), UID EXPUNGE; without UIDPLUS \Seen and a keyword, never a bare EXPUNGE, which
  /// would delete what the operator only marked.
  virtual Result<std::vector<Moved>> move(std::span<const Move> moves) = 0;

  /// Puts each into its folder, durably once it returns. The refs where they are known.
  /// IMAP: APPEND folder (flags) "date" {n}, or MULTIAPPEND; refs by APPENDUID.
  virtual Result<std::vector<std::optional<MessageRef>>> append(std::span<const Append> all) = 0;

  /// Waits for new mail in INBOX or Retry, at most so long, or until `wakeup_fd` (an eventfd or
  /// pipe; -1 for none) is readable. What came since the last list() is not missed. IMAP: IDLE on
  /// INBOX, renewed within 9 minutes, DONE with a deadline of its own; Retry by STATUS at each
  /// renewal; NOOP where IDLE is missing.
  virtual Result<Wake> wait(std::chrono::milliseconds at_most, int wakeup_fd) = 0;

  /// Messages in each folder, indexed by Folder. IMAP: STATUS folder (MESSAGES).
  virtual Result<FolderCounts> counts() = 0;

  /// "mailbox/folder/uidvalidity/uid": says which message this is, once and for all, in text fit
  /// for a key, a log and one line. Bytes of name and uid other than letters, digits and "@.,=+-_"
  /// are percent-encoded, so that no two messages share one. Maildir: a message that comes back to
  /// a folder comes back under the same identity.
  std::string identity(const MessageRef& ref) const;

  /// One message.
  Result<std::optional<MessageRef>> append_one(const Append& message);
};

}  // namespace focalpost
