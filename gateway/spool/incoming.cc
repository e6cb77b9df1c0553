// SPDX-License-Identifier: Apache-2.0
#include "spool/incoming.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "spool/bytes.h"

namespace focalpost {

namespace {

constexpr std::string_view kBatchMagic = "FPBATCH2";
constexpr std::string_view kBatchPrefix = "batch-";
constexpr std::string_view kBatchSuffix = ".batch";
constexpr std::string_view kTmp = ".tmp";
constexpr std::size_t kBatchHead = 20;
constexpr std::size_t kBatchBuffer = 256 * 1024;
constexpr std::size_t kIdentityBytes = 64 * 1024;

}  // namespace

Status IncomingBatch::discard() {
  // Not synced: a batch that reappears after a crash is recognised by its identities.
  if (::unlink(path_.c_str()) != 0 && errno != ENOENT) return system_error("remove", path_, errno);
  return {};
}

IncomingWriter::IncomingWriter(Fd fd, fs::path tmp, fs::path path)
    : fd_(std::move(fd)),
      tmp_(std::move(tmp)),
      path_(std::move(path)),
      buffer_(kBatchMagic),
      size_(kBatchMagic.size()) {}

IncomingWriter::IncomingWriter(IncomingWriter&& other) noexcept
    : fd_(std::move(other.fd_)),
      tmp_(std::exchange(other.tmp_, {})),
      path_(std::move(other.path_)),
      buffer_(std::move(other.buffer_)),
      flushed_(other.flushed_),
      size_(other.size_),
      messages_(other.messages_) {}

IncomingWriter::~IncomingWriter() {
  if (!tmp_.empty()) ::unlink(tmp_.c_str());
}

Status IncomingWriter::flush() {
  FP_TRY(write_at(fd_.get(), buffer_, flushed_, tmp_));
  flushed_ += buffer_.size();
  buffer_.clear();
  return {};
}

Status IncomingWriter::put(std::string_view bytes) {
  if (buffer_.size() + bytes.size() > kBatchBuffer) FP_TRY(flush());
  buffer_ += bytes;
  return {};
}

Status IncomingWriter::add(std::string_view identity, ByteSource& raw, std::uint64_t limit) {
  Status added = add_at_end(identity, raw, limit);
  if (added.ok()) {
    size_ = flushed_ + buffer_.size();
    ++messages_;
  } else if (size_ >= flushed_) {
    buffer_.resize(size_ - flushed_);
  } else {
    // Whole records go on from here; what lies behind is overwritten, or cut off by seal().
    buffer_.clear();
    flushed_ = size_;
  }
  return added;
}

Status IncomingWriter::add_at_end(std::string_view identity, ByteSource& raw, std::uint64_t limit) {
  if (identity.size() > kIdentityBytes) return bug("the identity of a message is too long");
  char head[kBatchHead] = {};
  put_number(head, static_cast<std::uint32_t>(identity.size()));
  FP_TRY(put({head, kBatchHead}));
  FP_TRY(put(identity));
  std::uint64_t length = 0;
  Checksum sum;
  for (;;) {
    FP_ASSIGN(const auto span, raw.next());
    if (span.empty()) break;
    const std::string_view bytes(span.data(), span.size());
    length += bytes.size();
    if (length > limit)
      return not_right(fmt::format("the message is larger than {} bytes", limit),
                       "Raise limits.message_bytes, or send it in parts.");
    sum.update(bytes);
    FP_TRY(put(bytes));
  }
  put_number(head + 4, length);
  put_number(head + 12, sum.finish());
  if (size_ >= flushed_) {
    std::memcpy(buffer_.data() + (size_ - flushed_), head, kBatchHead);
    return {};
  }
  FP_TRY(flush());
  return write_at(fd_.get(), {head, kBatchHead}, size_, tmp_);
}

Result<IncomingBatch> IncomingWriter::seal() && {
  FP_TRY(flush());
  if (::ftruncate(fd_.get(), static_cast<off_t>(size_)) != 0)
    return system_error("cut", tmp_, errno);
  if (::fsync(fd_.get()) != 0) return system_error("sync", tmp_, errno);
  if (::rename(tmp_.c_str(), path_.c_str()) != 0) return system_error("rename to", path_, errno);
  tmp_.clear();
  FP_TRY(sync_directory(path_.parent_path()));
  return Incoming::read(path_, false);
}

Result<Incoming> Incoming::open(const fs::path& directory) {
  FP_TRY(make_directories(directory));
  Incoming incoming(directory);
  FP_ASSIGN(const auto names, list_directory(directory));
  for (const std::string& name : names) {
    if (number_in_name(name, kBatchPrefix, kTmp) != 0) {
      const fs::path path = directory / name;
      if (::unlink(path.c_str()) != 0) return system_error("remove", path, errno);
    }
    incoming.next_ = std::max(incoming.next_, number_in_name(name, kBatchPrefix, kBatchSuffix) + 1);
  }
  return incoming;
}

Result<IncomingWriter> Incoming::begin() {
  const std::string name = fmt::format("{}{:06}", kBatchPrefix, next_++);
  fs::path tmp = directory_ / fmt::format("{}{}", name, kTmp);
  Fd fd(::open(tmp.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!fd) return system_error("create", tmp, errno);
  return IncomingWriter(std::move(fd), std::move(tmp),
                        directory_ / fmt::format("{}{}", name, kBatchSuffix));
}

Result<std::vector<fs::path>> Incoming::pending() const {
  FP_ASSIGN(const auto names, list_directory(directory_));
  std::vector<std::pair<std::uint64_t, fs::path>> numbered;
  for (const std::string& name : names)
    if (const auto number = number_in_name(name, kBatchPrefix, kBatchSuffix); number != 0)
      numbered.emplace_back(number, directory_ / name);
  std::sort(numbered.begin(), numbered.end());
  std::vector<fs::path> paths;
  for (auto& [number, path] : numbered) paths.push_back(std::move(path));
  return paths;
}

Result<IncomingBatch> Incoming::read(const fs::path& path, bool verify) {
  IncomingBatch batch;
  batch.path_ = path;
  FP_ASSIGN(batch.file_, MappedFile::open(path));
  std::string_view rest = batch.file_.bytes();
  auto damaged = [&] {
    return not_right(fmt::format("{} is damaged", path.string()),
                     "Move it away: the mailbox still has its messages, and they come again.");
  };
  if (!rest.starts_with(kBatchMagic)) return damaged();
  rest.remove_prefix(kBatchMagic.size());
  while (!rest.empty()) {
    if (rest.size() < kBatchHead) return damaged();
    const auto identity = get_number<std::uint32_t>(rest.data());
    const auto raw = get_number<std::uint64_t>(rest.data() + 4);
    IncomingMessage message;
    const auto sum = get_number<std::uint64_t>(rest.data() + 12);
    rest.remove_prefix(kBatchHead);
    if (identity > rest.size() || raw > rest.size() - identity) return damaged();
    message.identity = rest.substr(0, identity);
    message.raw = rest.substr(identity, raw);
    rest.remove_prefix(identity + raw);
    if (verify && checksum(message.raw) != sum) return damaged();
    batch.messages_.push_back(message);
  }
  return batch;
}

}  // namespace focalpost
