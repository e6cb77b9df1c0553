// SPDX-License-Identifier: Apache-2.0
#include "spool/kept.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include <algorithm>
#include <cstring>
#include <optional>

#include "spool/bytes.h"

namespace focalpost {

namespace {

constexpr std::string_view kPrefix = "kept-";
constexpr std::string_view kSuffix = ".seg";
constexpr std::string_view kSegmentMagic = "FPKEPT02";
constexpr std::size_t kSegmentHead = 32;
constexpr std::size_t kSalt = 16;

constexpr std::string_view kMagic = "FPRC";
constexpr char kVersion = 2;
constexpr char kLive = 1;
constexpr char kForgotten = 2;
constexpr std::size_t kHead = 48;
constexpr std::size_t kStateAt = 6;
constexpr std::size_t kCheckAt = 40;
constexpr std::size_t kKeyBytes = 64 * 1024;

constexpr std::size_t kBuffer = 256 * 1024;
constexpr std::size_t kChunk = 64 * 1024;
constexpr int kLevel = 1;

struct Segment {
  std::uint32_t number = 0;
  fs::path path;
  Fd fd;
  std::string salt;

  Result<std::uint64_t> size() const {
    struct stat info {};
    if (::fstat(fd.get(), &info) != 0) return system_error("look at", path, errno);
    return static_cast<std::uint64_t>(info.st_size);
  }
  /// Bytes at a place; fewer at the end of the file.
  Result<std::string> bytes(std::uint64_t offset, std::size_t count) const {
    std::string got(count, '\0');
    std::size_t have = 0;
    while (have < count) {
      const ssize_t n =
          ::pread(fd.get(), got.data() + have, count - have, static_cast<off_t>(offset + have));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return system_error("read", path, errno);
      if (n == 0) break;
      have += static_cast<std::size_t>(n);
    }
    got.resize(have);
    return got;
  }
};

struct Found {
  KeptRecord record;
  std::uint64_t payload = 0;  ///< where it begins
  std::uint64_t stored = 0;
  std::uint64_t synced_to = 0;
  std::uint64_t end() const { return payload + stored; }
};

std::uint64_t first_8(const Sha256& digest) {
  return get_number<std::uint64_t>(reinterpret_cast<const char*>(digest.data()));
}

std::uint64_t check_of(std::string_view salt, std::string_view head, std::string_view key) {
  Sha256Stream digest;
  digest.update(salt);
  digest.update(head.substr(0, kStateAt));
  digest.update(head.substr(kStateAt + 1, kCheckAt - kStateAt - 1));
  digest.update(key);
  return first_8(digest.finish());
}

/// The record that begins at `offset` and ends within `size`, if one does.
Result<std::optional<Found>> record_at(const Segment& segment, std::uint64_t offset,
                                       std::uint64_t size) {
  const std::optional<Found> none;
  if (offset < kSegmentHead || offset > size || size - offset < kHead) return none;
  FP_ASSIGN(const std::string bytes, segment.bytes(offset, kHead + 256));
  if (bytes.size() < kHead || !bytes.starts_with(kMagic) || bytes[4] != kVersion) return none;
  const std::string_view head = std::string_view(bytes).substr(0, kHead);
  const auto kind = static_cast<KeptKind>(head[5]);
  const char state = head[kStateAt];
  const auto key_length = get_number<std::uint32_t>(&head[8]);
  if ((kind != KeptKind::kMessage && kind != KeptKind::kNote) ||
      (state != kLive && state != kForgotten) || key_length > kKeyBytes)
    return none;
  std::string key = bytes.substr(kHead, key_length);
  if (key.size() < key_length) {
    FP_ASSIGN(key, segment.bytes(offset + kHead, key_length));
  }
  if (check_of(segment.salt, head, key) != get_number<std::uint64_t>(&head[kCheckAt])) return none;

  Found found;
  found.record.at = {segment.number, offset};
  found.record.kind = kind;
  found.record.raw_length = get_number<std::uint64_t>(&head[16]);
  found.record.forgotten = state == kForgotten;
  found.stored = get_number<std::uint64_t>(&head[24]);
  found.synced_to = get_number<std::uint64_t>(&head[32]);
  found.payload = offset + kHead + key_length;
  found.record.key = std::move(key);
  if (found.payload > size || found.stored > size - found.payload) return none;
  return std::optional<Found>(std::move(found));
}

/// The first record at or after `offset`: at it, unless there is a hole.
Result<std::optional<Found>> record_from(const Segment& segment, std::uint64_t offset,
                                         std::uint64_t size) {
  FP_ASSIGN(auto found, record_at(segment, offset, size));
  while (!found && offset < size && size - offset > kHead) {
    ++offset;
    FP_ASSIGN(const std::string bytes, segment.bytes(offset, kChunk));
    std::size_t at = bytes.find(kMagic);
    for (; !found && at != std::string::npos; at = bytes.find(kMagic, at + 1)) {
      FP_ASSIGN(found, record_at(segment, offset + at, size));
    }
    if (bytes.size() < kChunk) break;
    offset += kChunk - kMagic.size();  // the magic may lie across two chunks
  }
  return found;
}

/// Inflates one record after the other.
class RecordSource final : public ByteSource {
 public:
  RecordSource() : context_(ZSTD_createDCtx(), ZSTD_freeDCtx), in_(kChunk), out_(kMaxSpan) {
    if (!context_) throw std::bad_alloc();
  }

  void start(std::shared_ptr<const Segment> segment, const Found& found) {
    segment_ = std::move(segment);
    at_ = found.payload;
    left_ = found.record.forgotten ? 0 : found.stored;
    record_ = found.record;
    raw_ = 0;
    input_ = {in_.data(), 0, 0};
    frame_done_ = finished_ = found.record.forgotten;
    error_.reset();
    ZSTD_DCtx_reset(context_.get(), ZSTD_reset_session_only);
  }

  Result<std::span<const char>> next() override {
    if (error_) return *error_;
    auto span = inflate();
    if (!span.ok()) error_ = span.error();
    return span;
  }

 private:
  Result<std::span<const char>> inflate() {
    while (!frame_done_) {
      if (input_.pos == input_.size && left_ > 0) {
        FP_ASSIGN(const std::string bytes,
                  segment_->bytes(at_, std::min<std::uint64_t>(left_, kChunk)));
        if (bytes.empty()) return damaged();
        std::memcpy(in_.data(), bytes.data(), bytes.size());
        input_ = {in_.data(), bytes.size(), 0};
        at_ += bytes.size();
        left_ -= bytes.size();
      }
      ZSTD_outBuffer output{out_.data(), out_.size(), 0};
      const std::size_t more = ZSTD_decompressStream(context_.get(), &output, &input_);
      if (ZSTD_isError(more)) return damaged();
      frame_done_ = more == 0;
      if (output.pos > 0) {
        raw_ += output.pos;
        if (raw_ > record_.raw_length) return damaged();
        return std::span<const char>(out_.data(), output.pos);
      }
      if (!frame_done_ && input_.pos == input_.size && left_ == 0) return damaged();
    }
    if (!finished_) {
      finished_ = true;
      if (raw_ != record_.raw_length || left_ != 0 || input_.pos != input_.size) return damaged();
    }
    return std::span<const char>();
  }

  Error damaged() const {
    return not_right(fmt::format("the kept record at byte {} of {} is damaged", record_.at.offset,
                                 segment_->path.string()),
                     "Restore the file from a backup.");
  }

  std::unique_ptr<ZSTD_DCtx, std::size_t (*)(ZSTD_DCtx*)> context_;
  std::shared_ptr<const Segment> segment_;
  KeptRecord record_;
  std::uint64_t at_ = 0, left_ = 0, raw_ = 0;
  std::vector<char> in_, out_;
  ZSTD_inBuffer input_{};
  bool frame_done_ = true, finished_ = true;
  std::optional<Error> error_;
};

fs::path segment_path(const fs::path& directory, std::uint32_t number) {
  return directory / fmt::format("{}{:06}{}", kPrefix, number, kSuffix);
}

Result<std::vector<std::uint32_t>> segment_numbers(const fs::path& directory) {
  FP_ASSIGN(const auto names, list_directory(directory));
  std::vector<std::uint32_t> numbers;
  for (const std::string& name : names)
    if (const auto number = number_in_name(name, kPrefix, kSuffix); number != 0)
      numbers.push_back(static_cast<std::uint32_t>(number));
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

Result<std::shared_ptr<Segment>> open_segment(const fs::path& directory, std::uint32_t number,
                                              KeptStore::Access access) {
  auto segment = std::make_shared<Segment>();
  segment->number = number;
  segment->path = segment_path(directory, number);
  const int mode = access == KeptStore::Access::kWrite ? O_RDWR : O_RDONLY;
  segment->fd = Fd(::open(segment->path.c_str(), mode | O_CLOEXEC));
  if (!segment->fd) return system_error("open", segment->path, errno);
  FP_ASSIGN(const std::string head, segment->bytes(0, kSegmentHead));
  if (head.size() < kSegmentHead || !head.starts_with(kSegmentMagic) ||
      get_number<std::uint64_t>(&head[kSegmentHead - 8]) !=
          first_8(sha256(std::string_view(head).substr(0, kSegmentHead - 8))))
    return not_right(fmt::format("{} is not a segment of kept messages", segment->path.string()),
                     "Restore the file from a backup, or move it away.");
  segment->salt = head.substr(kSegmentMagic.size(), kSalt);
  return segment;
}

Result<std::shared_ptr<Segment>> create_segment(const fs::path& directory, std::uint32_t number) {
  const fs::path path = segment_path(directory, number);
  std::string head = std::string(kSegmentMagic) + random_bytes(kSalt) + std::string(8, '\0');
  put_number(&head[kSegmentHead - 8],
             first_8(sha256(std::string_view(head).substr(0, kSegmentHead - 8))));
  // Whole or absent, so that no record ever stands behind a head that was lost.
  FP_TRY(write_file_durably(path, head));
  return open_segment(directory, number, KeptStore::Access::kWrite);
}

}  // namespace

struct KeptStore::State {
  fs::path directory;
  Access access = Access::kReadOnly;
  std::uint64_t segment_bytes = kSegmentBytes;

  std::shared_ptr<Segment> current;  ///< written to; none with kReadOnly
  std::string buffer;                ///< what follows `flushed`, not yet in the file
  std::uint64_t flushed = 0;
  std::uint64_t size = 0;    ///< the end of the last whole record
  std::uint64_t synced = 0;  ///< known to be on disk
  std::optional<Error> broken;
  std::unique_ptr<ZSTD_CCtx, std::size_t (*)(ZSTD_CCtx*)> context{nullptr, ZSTD_freeCCtx};
  std::vector<char> compressed;

  std::shared_ptr<Segment> last_read;
  std::uint64_t torn = 0, damaged = 0;

  Status start(std::shared_ptr<Segment> segment, std::uint64_t end) {
    current = std::move(segment);
    buffer.clear();
    flushed = size = synced = end;
    return {};
  }

  /// Finds the end of what is whole in the last segment and cuts off what a crash tore.
  Status recover(std::shared_ptr<Segment> segment) {
    FP_ASSIGN(const std::uint64_t file_size, segment->size());
    std::uint64_t end = kSegmentHead;
    std::vector<Found> unsure;  // records after the last place known to be synced
    for (;;) {
      FP_ASSIGN(auto found, record_from(*segment, end, file_size));
      if (!found) break;
      damaged += found->record.at.offset - end;
      end = found->end();
      const std::uint64_t sure = found->synced_to;
      std::erase_if(unsure, [&](const Found& f) { return f.end() <= sure; });
      unsure.push_back(*std::move(found));
    }
    RecordSource source;
    for (; !unsure.empty(); unsure.pop_back()) {
      source.start(segment, unsure.back());
      Status read;
      for (bool more = true; more && read.ok();) {
        auto span = source.next();
        if (span.ok())
          more = !span->empty();
        else
          read = span.error();
      }
      if (read.ok()) break;
      if (read.error().retry_helps()) return read;
      end = unsure.back().record.at.offset;
    }
    if (end < file_size) {
      torn = file_size - end;
      if (::ftruncate(segment->fd.get(), static_cast<off_t>(end)) != 0)
        return system_error("cut", segment->path, errno);
    }
    // What was read back may still be in the system's memory only: it is promised from now on.
    if (::fdatasync(segment->fd.get()) != 0) return system_error("sync", segment->path, errno);
    return start(std::move(segment), end);
  }

  Status flush() {
    if (!current || buffer.empty()) return {};
    FP_TRY(write_at(current->fd.get(), buffer, flushed, current->path));
    flushed += buffer.size();
    buffer.clear();
    return {};
  }

  Status put(std::string_view bytes) {
    if (buffer.size() + bytes.size() > kBuffer) FP_TRY(flush());
    buffer += bytes;
    return {};
  }

  Status sync() {
    if (broken) return *broken;
    FP_TRY(flush());
    if (!current || synced == size) return {};
    if (::fdatasync(current->fd.get()) != 0) {
      broken = system_error("sync", current->path, errno);
      return *broken;
    }
    synced = size;
    return {};
  }

  /// Back to the last whole record.
  void abandon() {
    if (size >= flushed) {
      buffer.resize(size - flushed);
      return;
    }
    buffer.clear();
    flushed = size;
    if (::ftruncate(current->fd.get(), static_cast<off_t>(size)) != 0)
      broken = system_error("cut", current->path, errno);
  }

  Status compress(std::string_view bytes, ZSTD_EndDirective directive) {
    ZSTD_inBuffer input{bytes.data(), bytes.size(), 0};
    for (;;) {
      ZSTD_outBuffer output{compressed.data(), compressed.size(), 0};
      const std::size_t left = ZSTD_compressStream2(context.get(), &output, &input, directive);
      if (ZSTD_isError(left))
        return bug(fmt::format("cannot compress a message: {}", ZSTD_getErrorName(left)));
      FP_TRY(put({compressed.data(), output.pos}));
      if (directive == ZSTD_e_end ? left == 0 : input.pos == input.size) return {};
    }
  }

  Result<KeptRecord> append_at_end(KeptKind kind, std::string_view key, ByteSource& raw) {
    KeptRecord record;
    record.at = {current->number, size};
    record.kind = kind;
    record.key = key;
    std::string head(kHead, '\0');
    FP_TRY(put(head));
    FP_TRY(put(key));

    ZSTD_CCtx_reset(context.get(), ZSTD_reset_session_only);
    // A message that is all there at the first call is compressed with tables of its own size.
    FP_ASSIGN(const std::string first, read_head(raw, kChunk));
    record.raw_length = first.size();
    FP_TRY(compress(first, first.size() < kChunk ? ZSTD_e_end : ZSTD_e_continue));
    while (first.size() >= kChunk) {
      FP_ASSIGN(const auto span, raw.next());
      const std::string_view bytes(span.data(), span.size());
      record.raw_length += bytes.size();
      FP_TRY(compress(bytes, bytes.empty() ? ZSTD_e_end : ZSTD_e_continue));
      if (bytes.empty()) break;
    }

    const std::uint64_t stored = flushed + buffer.size() - size - kHead - key.size();
    std::memcpy(head.data(), kMagic.data(), kMagic.size());
    head[4] = kVersion;
    head[5] = static_cast<char>(kind);
    head[kStateAt] = kLive;
    put_number(&head[8], static_cast<std::uint32_t>(key.size()));
    put_number(&head[16], record.raw_length);
    put_number(&head[24], stored);
    put_number(&head[32], synced);
    put_number(&head[kCheckAt], check_of(current->salt, head, key));
    if (size >= flushed) {
      std::memcpy(&buffer[size - flushed], head.data(), kHead);
    } else {
      FP_TRY(flush());
      FP_TRY(write_at(current->fd.get(), head, size, current->path));
    }
    size = flushed + buffer.size();
    return record;
  }

  Result<KeptRecord> append(KeptKind kind, std::string_view key, ByteSource& raw) {
    if (access != Access::kWrite) return bug("appending to kept messages opened for reading");
    if (key.size() > kKeyBytes) return bug("the key of a kept message is too long");
    if (broken) return *broken;
    if (size >= segment_bytes) {
      FP_TRY(sync());
      FP_ASSIGN(auto next, create_segment(directory, current->number + 1));
      FP_TRY(start(std::move(next), kSegmentHead));
    }
    auto record = append_at_end(kind, key, raw);
    if (!record.ok()) abandon();
    return record;
  }

  Result<std::shared_ptr<Segment>> segment(std::uint32_t number) {
    if (current && current->number == number) return current;
    if (!last_read || last_read->number != number) {
      FP_ASSIGN(last_read, open_segment(directory, number, access));
    }
    return last_read;
  }

  Result<Found> find(const Segment& in, Location at) {
    FP_ASSIGN(const std::uint64_t file_size, in.size());
    FP_ASSIGN(auto found, record_at(in, at.offset, file_size));
    if (!found)
      return not_right(fmt::format("no kept record at byte {} of {}", at.offset, in.path.string()),
                       "Restore the file from a backup.");
    return *std::move(found);
  }
};

KeptStore::KeptStore(std::unique_ptr<State> state) : state_(std::move(state)) {}
KeptStore::KeptStore(KeptStore&&) noexcept = default;
KeptStore& KeptStore::operator=(KeptStore&&) noexcept = default;
KeptStore::~KeptStore() = default;

Result<KeptStore> KeptStore::open(const fs::path& directory, Access access,
                                  std::uint64_t segment_bytes) {
  auto state = std::make_unique<State>();
  state->directory = directory;
  state->access = access;
  state->segment_bytes = segment_bytes;
  if (access == Access::kWrite) {
    FP_TRY(make_directories(directory));
    FP_ASSIGN(const auto numbers, segment_numbers(directory));
    if (numbers.empty()) {
      FP_ASSIGN(auto segment, create_segment(directory, 1));
      FP_TRY(state->start(std::move(segment), kSegmentHead));
    } else {
      FP_ASSIGN(auto segment, open_segment(directory, numbers.back(), access));
      FP_TRY(state->recover(std::move(segment)));
    }
    state->context.reset(ZSTD_createCCtx());
    if (!state->context) throw std::bad_alloc();
    ZSTD_CCtx_setParameter(state->context.get(), ZSTD_c_compressionLevel, kLevel);
    ZSTD_CCtx_setParameter(state->context.get(), ZSTD_c_checksumFlag, 1);
    state->compressed.resize(kChunk);
  }
  return KeptStore(std::move(state));
}

Result<KeptRecord> KeptStore::append_message(std::string_view key, ByteSource& raw) {
  return state_->append(KeptKind::kMessage, key, raw);
}

Result<KeptRecord> KeptStore::append_message(std::string_view key, std::string_view raw) {
  MemorySource source(raw);
  return state_->append(KeptKind::kMessage, key, source);
}

Result<KeptRecord> KeptStore::append_note(std::string_view key, std::string_view bytes) {
  MemorySource source(bytes);
  return state_->append(KeptKind::kNote, key, source);
}

Status KeptStore::sync() {
  return state_->sync();
}

Result<std::unique_ptr<ByteSource>> KeptStore::read(Location at) {
  FP_TRY(state_->flush());
  FP_ASSIGN(const auto segment, state_->segment(at.segment));
  FP_ASSIGN(const Found found, state_->find(*segment, at));
  auto source = std::make_unique<RecordSource>();
  source->start(segment, found);
  return std::unique_ptr<ByteSource>(std::move(source));
}

Status KeptStore::for_each(const std::function<Status(const KeptRecord&, ByteSource&)>& visit) {
  FP_TRY(state_->flush());
  FP_ASSIGN(const auto numbers, segment_numbers(state_->directory));
  RecordSource source;
  for (std::uint32_t number : numbers) {
    FP_ASSIGN(const auto segment, state_->segment(number));
    FP_ASSIGN(const std::uint64_t file_size, segment->size());
    for (std::uint64_t offset = kSegmentHead;;) {
      FP_ASSIGN(const auto found, record_from(*segment, offset, file_size));
      if (!found) break;
      offset = found->end();
      source.start(segment, *found);
      FP_TRY(visit(found->record, source));
    }
  }
  return {};
}

Status KeptStore::forget(std::span<const Location> records) {
  if (state_->access != Access::kWrite) return bug("forgetting in kept messages open for reading");
  FP_TRY(state_->sync());
  struct Doomed {
    std::shared_ptr<Segment> segment;
    Found found;
  };
  std::vector<Location> sorted(records.begin(), records.end());
  std::sort(sorted.begin(), sorted.end());
  std::vector<Doomed> doomed;
  std::vector<std::shared_ptr<Segment>> segments;
  for (const Location& at : sorted) {
    FP_ASSIGN(auto segment, state_->segment(at.segment));
    FP_ASSIGN(Found found, state_->find(*segment, at));
    if (segments.empty() || segments.back() != segment) segments.push_back(segment);
    doomed.push_back({std::move(segment), std::move(found)});
  }
  auto sync_all = [&]() -> Status {
    for (const auto& segment : segments)
      if (::fdatasync(segment->fd.get()) != 0) return system_error("sync", segment->path, errno);
    return {};
  };
  // First the one byte that says so, on disk before the payload goes: after a crash in between the
  // record reads as forgotten, never as damaged.
  for (const auto& [segment, found] : doomed)
    FP_TRY(write_at(segment->fd.get(), {&kForgotten, 1}, found.record.at.offset + kStateAt,
                    segment->path));
  FP_TRY(sync_all());
  const std::string zeros(kChunk, '\0');
  for (const auto& [segment, found] : doomed) {
    for (std::uint64_t at = found.payload; at < found.end();) {
      const std::size_t count = std::min<std::uint64_t>(kChunk, found.end() - at);
      FP_TRY(
          write_at(segment->fd.get(), std::string_view(zeros).substr(0, count), at, segment->path));
      at += count;
    }
  }
  return sync_all();
}

std::uint64_t KeptStore::torn_bytes() const {
  return state_->torn;
}
std::uint64_t KeptStore::damaged_bytes() const {
  return state_->damaged;
}

}  // namespace focalpost
