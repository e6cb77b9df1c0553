// SPDX-License-Identifier: Apache-2.0
//
// files: what the program does with the file system, with durability said in each name.
//
// Owns: descriptors, mapped files, the home's lock. Never guesses a place: every path comes in.
// Dangers: a rename is durable only once its folder is synced (see write_file_durably).
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace focalpost {

namespace fs = std::filesystem;

/// An open file descriptor; closed at the end of its life.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  ~Fd() { reset(); }
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    if (this != &other) reset(), fd_ = std::exchange(other.fd_, -1);
    return *this;
  }
  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  void reset();

 private:
  int fd_ = -1;
};

/// "cannot open /x/y: No such file or directory"; ENOSPC, EDQUOT, EMFILE, EAGAIN ... are temporary.
Error system_error(std::string_view doing, const fs::path& path, int error_number);

Result<std::string> read_file(const fs::path& path, std::uint64_t limit = 1ull << 30);
/// Writes a file beside `path`, syncs it, renames it over `path` and syncs the folder.
Status write_file_durably(const fs::path& path, std::string_view bytes, unsigned mode = 0600);
Status make_directories(const fs::path& path, unsigned mode = 0700);
Status sync_directory(const fs::path& path);
/// All of `bytes`, through short writes and signals.
Status write_fully(int fd, std::string_view bytes, const fs::path& name_for_errors);
/// Names (not paths) in a folder, without "." and "..", in no order.
Result<std::vector<std::string>> list_directory(const fs::path& path);

/// A file read through memory; unmapped at the end of its life. Its pages belong to the system's
/// cache: they come and go as needed and do not count as the program's own memory.
class MappedFile {
 public:
  static Result<MappedFile> open(const fs::path& path);
  MappedFile() = default;
  ~MappedFile();
  MappedFile(MappedFile&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  MappedFile& operator=(MappedFile&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  std::string_view bytes() const { return {data_, size_}; }

 private:
  char* data_ = nullptr;
  std::size_t size_ = 0;
};

/// An exclusive advisory lock on a file, held until the end of its life (or of the process).
class FileLock {
 public:
  /// Not to be had: an Error that names who holds it, as written in the file.
  static Result<FileLock> take(const fs::path& path, std::string_view who);

 private:
  explicit FileLock(Fd fd) : fd_(std::move(fd)) {}
  Fd fd_;
};

}  // namespace focalpost
