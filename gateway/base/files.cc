// SPDX-License-Identifier: Apache-2.0
#include "base/files.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <memory>

namespace focalpost {

void Fd::reset() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

Error system_error(std::string_view doing, const fs::path& path, int error_number) {
  std::string what =
      fmt::format("cannot {} {}: {}", doing, path.string(), std::strerror(error_number));
  switch (error_number) {
    case ENOSPC:
    case EDQUOT:
      return temporary(std::move(what),
                       "Make room on the disk; nothing is lost, work goes on then.");
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case EAGAIN:
    case EINTR:
    case EIO:
    case EROFS:
      return temporary(std::move(what));
    case EACCES:
    case EPERM:
      return usage_error(std::move(what), "Give the user that runs focalpost access to it.");
    case ENOENT:
      return usage_error(std::move(what), "Look at the path.");
    default:
      return usage_error(std::move(what));
  }
}

Result<std::string> read_file(const fs::path& path, std::uint64_t limit) {
  Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return system_error("open", path, errno);
  std::string bytes;
  struct stat info {};
  if (::fstat(fd.get(), &info) == 0 && info.st_size > 0)
    bytes.reserve(std::min<std::uint64_t>(std::uint64_t(info.st_size), limit));
  char buffer[64 * 1024];
  for (;;) {
    ssize_t n = ::read(fd.get(), buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return system_error("read", path, errno);
    if (n == 0) return bytes;
    if (bytes.size() + std::size_t(n) > limit)
      return not_right(fmt::format("{} is larger than {} bytes", path.string(), limit));
    bytes.append(buffer, std::size_t(n));
  }
}

Status write_fully(int fd, std::string_view bytes, const fs::path& name) {
  while (!bytes.empty()) {
    ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return system_error("write", name, errno);
    bytes.remove_prefix(std::size_t(n));
  }
  return {};
}

Status write_file_durably(const fs::path& path, std::string_view bytes, unsigned mode) {
  static std::atomic<unsigned> counter{0};
  fs::path beside = path;
  beside += fmt::format(".{}.{}.tmp", ::getpid(), counter++);
  Fd fd(::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
  if (!fd) return system_error("create", beside, errno);
  Status written = write_fully(fd.get(), bytes, beside);
  if (written.ok() && ::fsync(fd.get()) != 0) written = system_error("sync", beside, errno);
  if (written.ok() && ::rename(beside.c_str(), path.c_str()) != 0)
    written = system_error("rename to", path, errno);
  if (!written.ok()) {
    ::unlink(beside.c_str());
    return written;
  }
  return sync_directory(path.parent_path());
}

Status make_directories(const fs::path& path, unsigned mode) {
  if (path.empty() || path == path.root_path()) return {};
  struct stat info {};
  if (::stat(path.c_str(), &info) == 0) {
    if (S_ISDIR(info.st_mode)) return {};
    return system_error("make the folder", path, ENOTDIR);
  }
  FP_TRY(make_directories(path.parent_path(), mode));
  if (::mkdir(path.c_str(), mode) != 0 && errno != EEXIST)
    return system_error("make the folder", path, errno);
  return {};
}

Status sync_directory(const fs::path& path) {
  const fs::path& folder = path.empty() ? fs::path(".") : path;
  Fd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return system_error("open the folder", folder, errno);
  if (::fsync(fd.get()) != 0 && errno != EINVAL) return system_error("sync", folder, errno);
  return {};
}

Result<std::vector<std::string>> list_directory(const fs::path& path) {
  std::unique_ptr<DIR, int (*)(DIR*)> dir(::opendir(path.c_str()), ::closedir);
  if (!dir) return system_error("list the folder", path, errno);
  std::vector<std::string> names;
  for (;;) {
    errno = 0;
    dirent* entry = ::readdir(dir.get());
    if (!entry) break;
    std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  if (errno != 0) return system_error("list the folder", path, errno);
  return names;
}

Result<MappedFile> MappedFile::open(const fs::path& path) {
  Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return system_error("open", path, errno);
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) return system_error("look at", path, errno);
  if (!S_ISREG(info.st_mode)) return usage_error(fmt::format("{} is not a file", path.string()));
  MappedFile file;
  file.size_ = std::size_t(info.st_size);
  if (file.size_ == 0) return file;
  void* data = ::mmap(nullptr, file.size_, PROT_READ, MAP_PRIVATE, fd.get(), 0);
  if (data == MAP_FAILED) {
    file.size_ = 0;
    return system_error("map", path, errno);
  }
  ::madvise(data, file.size_, MADV_SEQUENTIAL);
  file.data_ = static_cast<char*>(data);
  return file;
}

MappedFile::~MappedFile() {
  if (data_) ::munmap(data_, size_);
}

Result<FileLock> FileLock::take(const fs::path& path, std::string_view who) {
  Fd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!fd) return system_error("open", path, errno);
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return system_error("lock", path, errno);
    std::string holder = read_file(path, 4096).ok() ? *read_file(path, 4096) : "";
    return temporary(fmt::format("this home is in use by another focalpost ({})",
                                 holder.empty() ? "unknown" : holder),
                     "Wait until it ends, or stop it.");
  }
  if (::ftruncate(fd.get(), 0) == 0) FP_TRY(write_fully(fd.get(), who, path));
  return FileLock(std::move(fd));
}

}  // namespace focalpost
