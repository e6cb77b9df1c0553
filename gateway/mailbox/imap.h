// SPDX-License-Identifier: Apache-2.0
//
// imap: a mailbox on an IMAP server (RFC 3501), behind the interface of mailbox.h.
//
// Uses what the server offers, and copes without: IDLE (RFC 2177), UIDPLUS (4315), MOVE (6851),
// NAMESPACE (2342), LITERAL+ and LITERAL- (7888), MULTIAPPEND (3502), ENABLE and UTF8=ACCEPT (5161,
// 6855). Never changes what it has not been told to move; never a bare EXPUNGE.
//
//   without        instead
//   MOVE           COPY, STORE \Deleted, UID EXPUNGE
//   UIDPLUS        COPY, STORE \Seen and the keyword FocalpostLeft-<folder>; the message stays
//   where
//                  it was, is not listed there again, and waits for the operator to delete it
//   IDLE           NOOP every `poll`
//
// list() leaves out what is flagged \Deleted: somebody deleted it, or a move was interrupted
// between its steps and the message lies in its target already.
//
// Errors: whatever Error a call returns, the connection is dropped with it (answers to commands
// under way may still be coming), and every call but open() says so until open() succeeds. Lost
// connections, silence and nonsense from the server are kTemporary; so are refusals that pass
// (UNAVAILABLE, INUSE, LIMIT, OVERQUOTA, SERVERBUG), and after open() every refusal about a folder
// but NOPERM: mail clients delete and rename folders, and open() makes them anew. A refused login
// or certificate is kUsage, and a folder that open() cannot make.
//
// Dangers:
// - fetch() that ends in an Error: the last message streamed may be cut or followed by bytes of
//   another (a server that lies about a size is found out only behind it). Throw away what the same
//   call streamed; it is all still in its folder.
// - Without MOVE, a crash between COPY and STORE leaves a copy in the target and the message in its
//   source; moving it again makes a second copy.
// - Depth pays: hand fetch() thousands of messages rather than a hundred at a time, so that several
//   commands are on their way at once.
#pragma once

#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "mailbox/mailbox.h"
#include "net/connection.h"

namespace focalpost {

class ImapSession;
struct ImapStatus;

struct ImapOptions {
  net::Endpoint endpoint;
  std::shared_ptr<net::Credentials> credentials;
  /// For identity() and people: "gateway@mail.example". It is part of what says that a message was
  /// seen before: it does not change with host names that change.
  std::string name;
  /// A folder under which ours are made, in UTF-8, "/" between levels; empty for the top level.
  std::string root;

  std::chrono::milliseconds connect_timeout{20'000};
  std::chrono::milliseconds answer_timeout{60'000};  ///< silence while an answer is due
  /// Silence after DONE: how a connection that is dead without knowing it is found out.
  std::chrono::milliseconds done_timeout{20'000};
  /// IDLE is left and entered again so often; at that moment Retry is looked at too.
  std::chrono::milliseconds renew{120'000};
  std::chrono::milliseconds poll{30'000};  ///< between NOOPs where IDLE is missing
  std::size_t fetch_batch = 200;           ///< UIDs of one FETCH
  std::size_t in_flight = 10;              ///< FETCH commands on their way
  std::size_t move_batch = 500;            ///< UIDs of one MOVE
  int stop_fd = -1;                        ///< net::Options::stop_fd
};

class ImapMailbox final : public Mailbox {
 public:
  explicit ImapMailbox(ImapOptions options);
  /// Says LOGOUT if that can be done at once.
  ~ImapMailbox() override;
  ImapMailbox(const ImapMailbox&) = delete;
  ImapMailbox& operator=(const ImapMailbox&) = delete;

  std::string_view name() const override { return options_.name; }
  Status open() override;
  Result<std::vector<MessageRef>> list(Folder folder, std::size_t limit) override;
  Status fetch(std::span<const MessageRef> messages, MessageSink& sink) override;
  Result<std::vector<Moved>> move(std::span<const Move> moves) override;
  Result<std::vector<std::optional<MessageRef>>> append(std::span<const Append> all) override;
  Result<Wake> wait(std::chrono::milliseconds at_most, int wakeup_fd) override;
  Result<FolderCounts> counts() override;

  /// What the server calls a folder ("INBOX.Enquiries.Open"), as it is on the line; after open().
  std::string_view server_name(Folder folder) const;
  bool connected() const { return session_ != nullptr; }

 private:
  /// What is known of a folder since it was listed: mail that came later is news.
  struct Seen {
    std::uint64_t uid_validity = 0;
    std::uint64_t uid_next = 0;  ///< 0: never listed
    std::uint64_t messages = 0;
  };
  struct Selected {
    Folder folder = Folder::kInbox;
    std::uint64_t uid_validity = 0;
    std::uint64_t uid_next = 0;  ///< 0: the server does not say
    bool keywords = false;       ///< new keywords may be set
  };
  struct FolderStatus {
    std::uint64_t messages = 0, uid_next = 0, uid_validity = 0;
  };
  class Fetching;
  struct MoveGroup;

  /// Drops the connection if it is an Error.
  template <typename T>
  Result<T> settle(Result<T> result);
  Status check_open() const;
  void drop();

  // open()
  Status make_session();
  Status learn_names();
  Status make_folders();

  Status select(Folder folder);
  Result<FolderStatus> status(Folder folder);
  Status create(Folder folder);
  /// After open(), when somebody has deleted it: what fails may work later.
  Status make_anew(Folder folder);
  Error folder_refusal(std::string_view doing, const ImapStatus& status) const;
  /// Takes over what arrived unasked about the selected folder.
  void note_news();
  std::string quoted_name(Folder folder) const;
  std::string keyword(Folder folder) const;

  Result<std::vector<MessageRef>> list_now(Folder folder, std::size_t limit);
  Status list_range(std::string_view command, std::vector<MessageRef>& refs,
                    std::uint64_t& highest);
  Status fetch_now(std::span<const MessageRef> messages, MessageSink& sink);
  Status fetch_folder(std::span<const MessageRef> messages, MessageSink& sink);
  Result<std::vector<Moved>> move_now(std::span<const Move> moves);
  Status move_groups(std::span<MoveGroup> groups, std::span<const Move> moves,
                     std::vector<Moved>& moved);
  Status copy_group(const MoveGroup& group, std::span<const Move> moves, std::vector<Moved>& moved,
                    int attempts);
  Result<std::vector<std::optional<MessageRef>>> append_now(std::span<const Append> all);
  Status append_some(std::span<const Append> all, std::span<const std::size_t> which,
                     std::vector<std::optional<MessageRef>>& refs, bool may_create);
  Result<Wake> wait_now(std::chrono::milliseconds at_most, int wakeup_fd);
  Result<Wake> rest(std::chrono::milliseconds at_most, int wakeup_fd);
  Result<FolderCounts> counts_now();

  ImapOptions options_;
  std::unique_ptr<ImapSession> session_;
  std::array<std::string, kFolders.size()> names_;  ///< on the line, not quoted
  std::optional<Selected> selected_;
  std::array<Seen, kFolders.size()> seen_;
  bool news_ = false;  ///< in INBOX, since it was listed
  bool utf8_ = false;  ///< UTF8=ACCEPT is enabled
};

}  // namespace focalpost
