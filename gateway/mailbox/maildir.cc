// SPDX-License-Identifier: Apache-2.0
#include "mailbox/maildir.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <limits>
#include <memory>
#include <tuple>
#include <unordered_set>

namespace focalpost {

namespace {

constexpr std::uint64_t kUidValidity = 1;
constexpr std::string_view kInfo = ":2,";
constexpr auto kTmpAge = std::chrono::hours(36);
constexpr auto kWaitBlind = std::chrono::seconds(15);
constexpr int kLooksAgain = 2;
constexpr int kNameAttempts = 10'000;
constexpr std::size_t kAppendsOpen = 64;
constexpr std::size_t kInfoKept = 64;

std::size_t index(Folder folder) {
  return static_cast<std::size_t>(folder);
}

std::string_view uid_of(std::string_view name) {
  return name.substr(0, name.find(kInfo));
}

/// What follows the uid, ":2,FRS"; ":2," where there is nothing (the file was in new/).
std::string_view info_of(std::string_view name) {
  const auto at = name.find(kInfo);
  return at == std::string_view::npos ? kInfo : name.substr(at);
}

/// Microseconds since 1970 in a name ("1700000000.M42P7Q1.host"), or -1 for names of other makes.
std::int64_t time_in(std::string_view name) {
  auto digits = [&](std::size_t most) -> std::int64_t {
    std::int64_t value = 0;
    std::size_t n = 0;
    while (n < name.size() && name[n] >= '0' && name[n] <= '9') {
      if (n == most) return -1;
      value = value * 10 + (name[n++] - '0');
    }
    name.remove_prefix(n);
    return n == 0 ? -1 : value;
  };
  const std::int64_t seconds = digits(11);
  if (seconds < 0 || name.empty() || name.front() != '.') return -1;
  name.remove_prefix(1);
  std::int64_t micros = 0;
  if (!name.empty() && name.front() == 'M') {
    name.remove_prefix(1);
    micros = digits(6);
  }
  return seconds * 1'000'000 + std::max<std::int64_t>(micros, 0);
}

bool look(const std::string& path, struct stat& info) {
  return ::fstatat(AT_FDCWD, path.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0;
}

bool exists(const std::string& path) {
  struct stat info {};
  return look(path, info);
}

std::int64_t micros_of(const timespec& t) {
  return std::int64_t(t.tv_sec) * 1'000'000 + t.tv_nsec / 1000;
}

/// Calls visit(name) for each regular file that does not start with a dot (both rules are the
/// Maildir specification's). A symbolic link, a FIFO or a folder is nobody's message.
template <typename Visit>
Status scan(const std::string& path, Visit visit) {
  std::unique_ptr<DIR, int (*)(DIR*)> dir(::opendir(path.c_str()), ::closedir);
  if (!dir) return system_error("list the folder", path, errno);
  for (;;) {
    errno = 0;
    const dirent* entry = ::readdir(dir.get());
    if (!entry) break;
    if (entry->d_name[0] == '.') continue;
    if (entry->d_type == DT_UNKNOWN) {
      struct stat info {};
      if (::fstatat(::dirfd(dir.get()), entry->d_name, &info, AT_SYMLINK_NOFOLLOW) != 0 ||
          !S_ISREG(info.st_mode))
        continue;
    } else if (entry->d_type != DT_REG) {
      continue;
    }
    visit(std::string_view(entry->d_name));
  }
  if (errno != 0) return system_error("list the folder", path, errno);
  return {};
}

/// rename() that does not overwrite; 0 or an errno.
int rename_exclusively(const std::string& from, const std::string& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return 0;
  if (errno != EINVAL && errno != ENOSYS) return errno;
  // A file system without RENAME_NOREPLACE (NFS): look first; names are unique, the gap is
  // harmless.
  if (exists(to)) return EEXIST;
  return ::rename(from.c_str(), to.c_str()) == 0 ? 0 : errno;
}

std::string safe_host(std::string host) {
  if (host.empty()) {
    char buffer[256] = {};
    if (::gethostname(buffer, sizeof buffer - 1) == 0) host = buffer;
  }
  std::string safe;
  for (char c : host.substr(0, 64)) {
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
        c == '.')
      safe += c;
    else
      safe += fmt::format("\\{:03o}", static_cast<unsigned char>(c));
  }
  return safe.empty() ? "localhost" : safe;
}

std::string info_letters(const Flags& flags) {
  std::string info(kInfo);
  if (flags.flagged) info += 'F';
  if (flags.answered) info += 'R';
  if (flags.seen) info += 'S';
  return info;
}

/// The folders a batch changed, so that each is synced once.
class Touched {
 public:
  void add(std::string directory) {
    if (std::find(all_.begin(), all_.end(), directory) == all_.end())
      all_.push_back(std::move(directory));
  }
  Status sync() const {
    for (const std::string& directory : all_) FP_TRY(sync_directory(directory));
    return {};
  }

 private:
  std::vector<std::string> all_;
};

}  // namespace

Maildir::Maildir(fs::path root, const Clock& clock, std::string name, std::string host)
    : root_(std::move(root)),
      clock_(clock),
      name_(std::move(name)),
      host_(safe_host(std::move(host))) {}

Maildir::~Maildir() = default;

fs::path Maildir::directory(Folder folder) const {
  if (folder == Folder::kInbox) return root_;
  std::string sub = "." + std::string(folder_name(folder));
  std::replace(sub.begin(), sub.end(), '/', '.');
  return root_ / sub;
}

std::string Maildir::path_of(Folder folder, std::string_view inside) const {
  std::string path = directory(folder).string();
  path += '/';
  path += inside;
  return path;
}

Status Maildir::open() {
  if (!inotify_) inotify_ = Fd(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  FP_TRY(make_directories(root_));
  for (Folder folder : kFolders) {
    FP_TRY(make_folder(folder));
    FP_TRY(clean_tmp(folder));
  }
  return sync_directory(root_);
}

Status Maildir::make_folder(Folder folder) {
  const fs::path directory_path = directory(folder);
  bool made = false;
  for (const char* sub : {"tmp", "new", "cur"}) {
    if (exists(path_of(folder, sub))) continue;
    FP_TRY(make_directories(directory_path / sub));
    made = true;
  }
  const std::string mark = path_of(folder, "maildirfolder");
  if (folder != Folder::kInbox && !exists(mark)) {
    Fd fd(::open(mark.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    if (!fd) return system_error("create", mark, errno);
    made = true;
  }
  if (made) FP_TRY(sync_directory(directory_path));
  watch(folder);
  return {};
}

void Maildir::watch(Folder folder) {
  if (!inotify_ || (folder != Folder::kInbox && folder != Folder::kRetry)) return;
  for (const char* sub : {"new", "cur"}) {
    if (::inotify_add_watch(inotify_.get(), path_of(folder, sub).c_str(),
                            IN_MOVED_TO | IN_CREATE | IN_ONLYDIR) < 0) {
      inotify_.reset();  // out of watches: wait() then goes by time
      return;
    }
  }
}

Status Maildir::clean_tmp(Folder folder) {
  const std::string tmp = path_of(folder, "tmp");
  const std::int64_t before =
      std::chrono::microseconds(clock_.now().time_since_epoch() - kTmpAge).count();
  std::vector<std::string> old;
  FP_TRY(scan(tmp, [&](std::string_view name) {
    std::string path = tmp + '/' + std::string(name);
    struct stat info {};
    if (look(path, info) && std::max(micros_of(info.st_mtim), micros_of(info.st_atim)) < before)
      old.push_back(std::move(path));
  }));
  for (const std::string& path : old)
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) return system_error("remove", path, errno);
  return {};
}

std::string Maildir::fresh_name() const {
  // One counter for the whole process: two Maildirs may share a directory.
  static std::atomic<std::uint64_t> counter{0};
  const std::int64_t now = to_millis(clock_.now());
  return fmt::format("{}.M{:06}P{}Q{:06}.{}", now / 1000, now % 1000 * 1000, ::getpid(), counter++,
                     host_);
}

Result<std::string> Maildir::rename_duplicate(Folder folder, const std::string& other) {
  const std::string from = path_of(folder, other);
  for (int attempt = 0; attempt < kNameAttempts; ++attempt) {
    std::string inside = "cur/" + fresh_name();
    const std::string_view info = info_of(other);
    inside += info.size() <= kInfoKept ? info : kInfo;
    const int error = rename_exclusively(from, path_of(folder, inside));
    if (error == 0) return inside;
    if (error == ENOENT) return std::string();
    if (error != EEXIST) return system_error("rename", from, error);
  }
  return system_error("find a free name for", from, EEXIST);
}

Result<std::vector<MessageRef>> Maildir::list(Folder folder, std::size_t limit) {
  struct Entry {
    std::int64_t micros;
    std::string inside;  // "new/..." or "cur/..."
    std::string_view name() const { return std::string_view(inside).substr(4); }
    bool operator<(const Entry& b) const {
      return std::make_tuple(micros, name(), std::string_view(inside)) <
             std::make_tuple(b.micros, b.name(), std::string_view(b.inside));
    }
  };
  // The entries are a heap with the newest on top, so that a huge folder costs only `limit` of
  // them.
  std::vector<Entry> entries;
  // new/ before cur/: what a client moves across meanwhile is seen twice rather than never.
  for (const char* sub : {"new", "cur"}) {
    const std::string path = path_of(folder, sub);
    if (!exists(path)) {
      // A client deleted the folder; it is part of the mailbox's promise, so it comes back.
      FP_TRY(make_folder(folder));
    }
    FP_TRY(scan(path, [&](std::string_view name) {
      Entry entry{time_in(name), fmt::format("{}/{}", sub, name)};
      if (entry.micros < 0) {
        struct stat info {};
        if (!look(path_of(folder, entry.inside), info)) return;
        entry.micros = micros_of(info.st_mtim);
      }
      if (limit != 0 && entries.size() == limit) {
        if (!(entry < entries.front())) return;
        std::pop_heap(entries.begin(), entries.end());
        entries.back() = std::move(entry);
      } else {
        entries.push_back(std::move(entry));
      }
      if (limit != 0) std::push_heap(entries.begin(), entries.end());
    }));
  }
  std::sort(entries.begin(), entries.end());

  Names& names = names_[index(folder)];
  names.clear();
  names.reserve(entries.size());
  std::vector<MessageRef> refs;
  refs.reserve(entries.size());
  for (Entry& entry : entries) {
    std::string uid(uid_of(entry.name()));
    if (auto [at, first] = names.try_emplace(uid, entry.inside); !first) {
      if (!exists(path_of(folder, entry.inside))) continue;  // the old name of a renamed file
      if (!exists(path_of(folder, at->second))) {
        at->second = entry.inside;
        continue;
      }
      FP_ASSIGN(const std::string inside, rename_duplicate(folder, entry.inside));
      if (inside.empty()) continue;
      uid = uid_of(std::string_view(inside).substr(4));
      names.emplace(uid, inside);
    }
    refs.push_back({folder, kUidValidity, std::move(uid), 0, {}});
  }
  FP_ASSIGN(const auto missing,
            with_names(
                refs.size(), [&](std::size_t i) -> const MessageRef& { return refs[i]; },
                [&](std::size_t i, std::string_view inside) -> Result<bool> {
                  struct stat info {};
                  if (!look(path_of(folder, inside), info)) return false;
                  refs[i].size = static_cast<std::uint64_t>(info.st_size);
                  refs[i].received = from_millis(micros_of(info.st_mtim) / 1000);
                  return true;
                }));
  for (std::size_t i : missing) refs[i].uid_validity = 0;
  std::erase_if(refs, [](const MessageRef& ref) { return ref.uid_validity == 0; });
  return refs;
}

std::string_view Maildir::known_name(const MessageRef& ref) const {
  if (ref.uid_validity != kUidValidity) return {};
  const Names& names = names_[index(ref.folder)];
  const auto at = names.find(ref.uid);
  return at == names.end() ? std::string_view() : std::string_view(at->second);
}

Status Maildir::look_up(Folder folder, const std::vector<std::string_view>& uids) {
  Names& names = names_[index(folder)];
  const std::unordered_set<std::string_view> wanted(uids.begin(), uids.end());
  for (std::string_view uid : wanted) names.erase(std::string(uid));
  for (const char* sub : {"new", "cur"}) {
    const std::string path = path_of(folder, sub);
    if (!exists(path)) continue;
    FP_TRY(scan(path, [&](std::string_view name) {
      if (wanted.contains(uid_of(name)))
        names.insert_or_assign(std::string(uid_of(name)), fmt::format("{}/{}", sub, name));
    }));
  }
  return {};
}

Result<std::vector<std::size_t>> Maildir::with_names(
    std::size_t count, const std::function<const MessageRef&(std::size_t)>& ref_of,
    const std::function<Result<bool>(std::size_t, std::string_view)>& attempt) {
  std::vector<std::size_t> pending(count);
  for (std::size_t i = 0; i < count; ++i) pending[i] = i;
  for (int looked = 0;; ++looked) {
    std::vector<std::size_t> missing;
    for (std::size_t i : pending) {
      const std::string_view name = known_name(ref_of(i));
      bool settled = false;
      if (!name.empty()) {
        FP_ASSIGN(settled, attempt(i, name));
      }
      if (!settled) missing.push_back(i);
    }
    // Twice, because a folder read while a client renames in it may show a file under neither name.
    if (missing.empty() || looked == kLooksAgain) return missing;
    std::array<std::vector<std::string_view>, kFolders.size()> uids;
    for (std::size_t i : missing) uids[index(ref_of(i).folder)].push_back(ref_of(i).uid);
    for (Folder folder : kFolders)
      if (!uids[index(folder)].empty()) FP_TRY(look_up(folder, uids[index(folder)]));
    pending = std::move(missing);
  }
}

Status Maildir::fetch(std::span<const MessageRef> messages, MessageSink& sink) {
  FP_ASSIGN(const auto missing,
            with_names(
                messages.size(), [&](std::size_t i) -> const MessageRef& { return messages[i]; },
                [&](std::size_t i, std::string_view inside) -> Result<bool> {
                  const std::string path = path_of(messages[i].folder, inside);
                  auto file = MappedFile::open(path);
                  if (!file.ok() && !exists(path)) return false;
                  FP_TRY(file.ok() ? sink.mapped(messages[i], std::move(file).value())
                                   : sink.unreadable(messages[i], file.error()));
                  return true;
                }));
  for (std::size_t i : missing) FP_TRY(sink.gone(messages[i]));
  return {};
}

Result<std::string> Maildir::rename_into(Folder source, std::string_view name, Folder target) {
  const std::string from = path_of(source, name);
  name.remove_prefix(4);
  const std::string_view info = info_of(name);
  std::string to_name = fmt::format("{}{}", uid_of(name), info);
  bool folder_made = false;
  for (int attempt = 0; attempt < kNameAttempts; ++attempt) {
    const int error = rename_exclusively(from, path_of(target, "cur/" + to_name));
    if (error == 0) return to_name;
    if (error == EEXIST || error == ENAMETOOLONG) {
      to_name = fresh_name();
      to_name += info.size() <= kInfoKept ? info : kInfo;
    } else if (error == ENOENT) {
      if (!exists(from)) return std::string();
      if (folder_made) return system_error("move", from, error);
      FP_TRY(make_folder(target));  // a client deleted the folder
      folder_made = true;
    } else {
      return system_error(fmt::format("move to {}", folder_name(target)), from, error);
    }
  }
  return system_error("find a free name for", from, EEXIST);
}

Result<std::vector<Moved>> Maildir::move(std::span<const Move> moves) {
  std::vector<Moved> results(moves.size());
  Touched touched;
  FP_ASSIGN(const auto missing,
            with_names(
                moves.size(), [&](std::size_t i) -> const MessageRef& { return moves[i].message; },
                [&](std::size_t i, std::string_view inside) -> Result<bool> {
                  const auto& [ref, target] = moves[i];
                  if (ref.folder == target) {
                    if (!exists(path_of(target, inside))) return false;
                    results[i].now = ref;
                    return true;
                  }
                  FP_ASSIGN(const std::string name, rename_into(ref.folder, inside, target));
                  if (name.empty()) return false;
                  touched.add(path_of(target, "cur"));
                  touched.add(path_of(ref.folder, inside.substr(0, 3)));
                  results[i].now = ref;
                  results[i].now->folder = target;
                  results[i].now->uid = uid_of(name);
                  names_[index(ref.folder)].erase(ref.uid);
                  return true;
                }));
  for (std::size_t i : missing) results[i].outcome = Moved::Outcome::kNotThere;
  FP_TRY(touched.sync());
  return results;
}

Result<std::vector<std::optional<MessageRef>>> Maildir::append(std::span<const Append> all) {
  std::vector<std::optional<MessageRef>> refs;
  refs.reserve(all.size());
  Touched touched;

  // Written files of one group, unlinked again unless they were renamed into their folder.
  struct Written {
    std::string tmp;
    std::string name;
    Fd fd;
    Written() = default;
    Written(Written&& other) noexcept
        : tmp(std::exchange(other.tmp, {})), name(std::move(other.name)), fd(std::move(other.fd)) {}
    Written& operator=(Written&&) = delete;
    ~Written() {
      if (!tmp.empty()) ::unlink(tmp.c_str());
    }
  };

  while (!all.empty()) {
    const auto group = all.first(std::min(all.size(), kAppendsOpen));
    all = all.subspan(group.size());
    std::vector<Written> files;
    files.reserve(group.size());
    for (const Append& message : group) {
      Written file;
      for (int attempt = 0; !file.fd; ++attempt) {
        file.name = fresh_name();
        const std::string tmp = path_of(message.folder, "tmp/" + file.name);
        file.fd = Fd(::open(tmp.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
        if (file.fd) {
          file.tmp = tmp;
        } else if (errno == ENOENT && attempt == 0) {
          FP_TRY(make_folder(message.folder));
        } else if (errno != EEXIST || attempt == kNameAttempts) {
          return system_error("create", tmp, errno);
        }
      }
      FP_TRY(write_fully(file.fd.get(), message.bytes, file.tmp));
      const auto seconds = std::chrono::floor<std::chrono::seconds>(message.received);
      const timespec at{seconds.time_since_epoch().count(),
                        std::chrono::nanoseconds(message.received - seconds).count()};
      const timespec both[2] = {at, at};
      if (::futimens(file.fd.get(), both) != 0) return system_error("date", file.tmp, errno);
      files.push_back(std::move(file));
    }
    for (Written& file : files) {
      if (::fsync(file.fd.get()) != 0) return system_error("sync", file.tmp, errno);
      file.fd.reset();
    }
    for (std::size_t i = 0; i < group.size(); ++i) {
      const Append& message = group[i];
      const std::string info = info_letters(message.flags);
      const bool has_flags = info.size() > kInfo.size();
      const char* sub = has_flags ? "cur" : "new";
      std::string name = files[i].name;
      for (int attempt = 0;; ++attempt) {
        const int error = rename_exclusively(
            files[i].tmp,
            path_of(message.folder, fmt::format("{}/{}{}", sub, name, has_flags ? info : "")));
        if (error == 0) break;
        if (error != EEXIST || attempt == kNameAttempts)
          return system_error(fmt::format("deliver to {}", folder_name(message.folder)),
                              files[i].tmp, error);
        name = fresh_name();
      }
      files[i].tmp.clear();
      touched.add(path_of(message.folder, sub));
      refs.push_back(MessageRef{message.folder, kUidValidity, std::move(name), message.bytes.size(),
                                message.received});
    }
  }
  FP_TRY(touched.sync());
  return refs;
}

Result<Wake> Maildir::wait(std::chrono::milliseconds at_most, int wakeup_fd) {
  if (!inotify_) at_most = std::min<std::chrono::milliseconds>(at_most, kWaitBlind);
  const auto milliseconds =
      std::clamp<std::int64_t>(at_most.count(), 0, std::numeric_limits<int>::max());
  // poll() passes over negative descriptors.
  pollfd ready[2] = {{inotify_.get(), POLLIN, 0}, {wakeup_fd, POLLIN, 0}};
  const int n = ::poll(ready, 2, static_cast<int>(milliseconds));
  if (n < 0 && errno == EINTR) return Wake::kWoken;  // a signal: the caller looks why
  if (n < 0) return system_error("wait for mail in", root_, errno);
  if (ready[1].revents != 0) return Wake::kWoken;
  if (ready[0].revents == 0) return Wake::kTimeout;
  alignas(inotify_event) char events[16 * 1024];
  while (::read(inotify_.get(), events, sizeof events) > 0) {
    // What happened does not matter: list() looks at everything.
  }
  return Wake::kMail;
}

Result<FolderCounts> Maildir::counts() {
  FolderCounts counts{};
  for (Folder folder : kFolders) {
    for (const char* sub : {"new", "cur"}) {
      const std::string path = path_of(folder, sub);
      if (!exists(path)) continue;
      FP_TRY(scan(path, [&](std::string_view) { ++counts[index(folder)]; }));
    }
  }
  return counts;
}

}  // namespace focalpost
