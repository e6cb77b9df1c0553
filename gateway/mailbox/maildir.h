// SPDX-License-Identifier: Apache-2.0
//
// maildir: the embedded mailbox, folders as directories and messages as files (Maildir++).
//
// Sources: https://cr.yp.to/proto/maildir.html (names, tmp/new/cur, 36 hours), the Maildir++
// description of Courier (folders ".A.B" beside INBOX's own cur/new/tmp, the file `maildirfolder`).
// Any mail client, IMAP server or MTA may use the same directory at the same time.
//
//   root/{cur,new,tmp}                INBOX
//   root/.Filed/{cur,new,tmp}         Filed
//   root/.Enquiries.Open/...          Enquiries/Open
//
// Identity (uid): the file's name before ":2,". Clients change what comes after it, and rename from
// new/ to cur/, whenever they like; so a name is only a first guess here, and a file that is not
// found under it is sought by uid in one fresh look at the folder for the whole batch.
//
// Order: the seconds and microseconds in the name, then the name. A name without a time (restored
// by hand, made by another program) takes the file's time of modification.
//
// Never overwrites: a move onto an existing name gives the newcomer a fresh name, two files with
// one uid in a folder are told apart at the next list() by renaming one.
//
// Dangers: a file that another program shortens while it is mapped raises SIGBUS; Maildir forbids
// changing a delivered file, and no client does.
#pragma once

#include <array>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "mailbox/mailbox.h"

namespace focalpost {

class Maildir final : public Mailbox {
 public:
  /// `root` is INBOX's directory; made by open() if it is missing. `clock` gives the time in names;
  /// it outlives the Maildir. `host` (empty: this machine's) is made safe for names.
  Maildir(fs::path root, const Clock& clock, std::string name = "spool", std::string host = {});
  ~Maildir() override;
  Maildir(const Maildir&) = delete;
  Maildir& operator=(const Maildir&) = delete;

  std::string_view name() const override { return name_; }
  bool uid_survives_move() const override { return true; }
  /// Also removes files in tmp/ that nobody has touched for 36 hours.
  Status open() override;
  Result<std::vector<MessageRef>> list(Folder folder, std::size_t limit) override;
  Status fetch(std::span<const MessageRef> messages, MessageSink& sink) override;
  /// By rename, into cur/ of the target. Source and target folders are synced once a batch.
  Result<std::vector<Moved>> move(std::span<const Move> moves) override;
  /// Written in tmp/, synced, renamed into new/, or into cur/ if there are flags; folders are
  /// synced once a batch. After an Error messages of the batch may or may not be there.
  Result<std::vector<std::optional<MessageRef>>> append(std::span<const Append> all) override;
  /// By inotify. Where the system has none to give, kTimeout after at most 15 seconds.
  Result<Wake> wait(std::chrono::milliseconds at_most, int wakeup_fd) override;
  Result<FolderCounts> counts() override;

  /// The directory of a folder, which holds cur/, new/ and tmp/.
  fs::path directory(Folder folder) const;

 private:
  /// uid -> "cur/name" or "new/name", as last seen.
  using Names = std::unordered_map<std::string, std::string>;

  Status make_folder(Folder folder);
  Status clean_tmp(Folder folder);
  /// A name that was never used here before, without flags.
  std::string fresh_name() const;
  std::string path_of(Folder folder, std::string_view inside) const;
  /// Looks the uids up in one pass over the folder; forgets those that are not there.
  Status look_up(Folder folder, const std::vector<std::string_view>& uids);
  /// What the file is called now, as far as is known; empty if not.
  std::string_view known_name(const MessageRef& ref) const;
  /// Runs `attempt(i, name)` (true: settled, false: not found under that name) for each message;
  /// looks again at the folders of those not found, at most twice. The indices of those never
  /// found.
  Result<std::vector<std::size_t>> with_names(
      std::size_t count, const std::function<const MessageRef&(std::size_t)>& ref_of,
      const std::function<Result<bool>(std::size_t, std::string_view)>& attempt);
  /// Renames into the target's cur/; the new name in there, or empty if the source is not there.
  Result<std::string> rename_into(Folder source, std::string_view name, Folder target);
  /// Two files of one uid in a folder: gives `other` (inside) a fresh name if both are really
  /// there.
  Result<std::string> rename_duplicate(Folder folder, const std::string& other);
  void watch(Folder folder);

  fs::path root_;
  const Clock& clock_;
  std::string name_;
  std::string host_;
  std::array<Names, kFolders.size()> names_;
  Fd inotify_;
};

}  // namespace focalpost
