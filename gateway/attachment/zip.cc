// SPDX-License-Identifier: Apache-2.0
#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <locale.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <string>
#include <vector>

#include "attachment/container.h"
#include "base/text.h"

namespace focalpost {
namespace {

/// libarchive converts names that a zip declares as UTF-8 to the thread's locale, and would lose
/// them in "C". Only this thread, only while it lives.
class Utf8Locale {
 public:
  Utf8Locale() {
    static const locale_t utf8 = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", locale_t{});
    if (utf8) before_ = ::uselocale(utf8);
  }
  ~Utf8Locale() {
    if (before_) ::uselocale(before_);
  }
  Utf8Locale(const Utf8Locale&) = delete;
  Utf8Locale& operator=(const Utf8Locale&) = delete;

 private:
  locale_t before_{};
};

/// A file without a name: gone with its descriptor, whatever happens to the process.
Result<Fd> nameless_file(const fs::path& folder) {
  Fd fd(::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (fd) return fd;
  if (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL)
    return system_error("make a temporary file in", folder, errno);
  // Some network and overlay file systems do not know O_TMPFILE.
  std::string name = (folder / "attachment-XXXXXX").string();
  Fd named(::mkostemp(name.data(), O_CLOEXEC));
  if (!named) return system_error("make a temporary file in", folder, errno);
  ::unlink(name.c_str());
  return named;
}

/// Reads the spooled zip for libarchive and counts what it reads.
class Input {
 public:
  Input(int fd, std::int64_t size) : fd_(fd), size_(size) {}

  ArchiveHandle open() {
    at_ = 0;
    ArchiveHandle handle(archive_read_new());
    archive* a = handle.get();
    if (!a || archive_read_support_format_zip_seekable(a) != ARCHIVE_OK) return nullptr;
    archive_read_set_callback_data(a, this);
    archive_read_set_read_callback(a, &Input::read);
    archive_read_set_seek_callback(a, &Input::seek);
    archive_read_set_skip_callback(a, &Input::skip);
    begin_directory();
    if (archive_read_open1(a) != ARCHIVE_OK) return nullptr;
    return handle;
  }

  void end_directory() { in_directory_ = false; }
  bool directory_too_large() const { return directory_too_large_; }

  /// What libarchive already holds counts for the next entry too, which may well lie in it.
  void begin_entry() { entry_from_ = total_ - last_; }
  std::uint64_t of_entry() const { return total_ - entry_from_; }

  const std::optional<Error>& error() const { return error_; }

 private:
  void begin_directory() {
    directory_from_ = total_;
    in_directory_ = true;
  }

  static la_ssize_t read(archive* a, void* self, const void** buffer) {
    Input& in = *static_cast<Input*>(self);
    if (in.in_directory_ && in.total_ - in.directory_from_ > kDirectoryBytes) {
      in.directory_too_large_ = true;
      archive_set_error(a, E2BIG, "directory too large");
      return -1;
    }
    ssize_t n = 0;
    do n = ::pread(in.fd_, in.buffer_.data(), in.buffer_.size(), in.at_);
    while (n < 0 && errno == EINTR);
    if (n < 0) {
      in.error_ = system_error("read", "a spooled archive", errno);
      return -1;
    }
    in.at_ += n;
    in.last_ = static_cast<std::uint64_t>(n);
    in.total_ += in.last_;
    *buffer = in.buffer_.data();
    return n;
  }
  static la_int64_t seek(archive*, void* self, la_int64_t offset, int whence) {
    Input& in = *static_cast<Input*>(self);
    la_int64_t base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? in.at_ : in.size_;
    // Offsets come from the archive: they may overflow, or point before the start.
    la_int64_t to = 0;
    if (__builtin_add_overflow(base, offset, &to) || to < 0) return ARCHIVE_FATAL;
    return in.at_ = std::min<la_int64_t>(to, in.size_);
  }
  static la_int64_t skip(archive*, void* self, la_int64_t count) {
    Input& in = *static_cast<Input*>(self);
    la_int64_t step = std::clamp<la_int64_t>(count, 0, in.size_ - in.at_);
    in.at_ += step;
    return step;
  }

  int fd_;
  la_int64_t size_, at_ = 0;
  std::uint64_t total_ = 0, last_ = 0, entry_from_ = 0, directory_from_ = 0;
  bool in_directory_ = false, directory_too_large_ = false;
  std::optional<Error> error_;
  std::vector<char> buffer_ = std::vector<char>(ByteSource::kMaxSpan);
};

class ZipSource final : public InflatingSource {
 public:
  ZipSource(archive* handle, const Input& in, std::string path, AttachmentContext& context)
      : InflatingSource(handle, std::move(path), context), in_(in) {}

 private:
  std::uint64_t consumed() const override { return in_.of_entry(); }
  std::optional<Error> error_beneath() const override { return in_.error(); }

  const Input& in_;
};

AttachmentFault fault(AttachmentProblem problem, std::string what, std::string to_do) {
  return {problem, not_right(std::move(what), std::move(to_do))};
}

/// QUIRK: files that packers add on their own are not data and not worth a finding:
/// __MACOSX/._a.xml (resource forks, macOS), .DS_Store, Thumbs.db, desktop.ini. They are passed
/// over, and listed in Attachment::skipped().
bool made_by_packer(std::string_view path) {
  std::string_view name = path.substr(path.find_last_of('/') + 1);
  return ascii_istarts_with(path, "__MACOSX/") || path.find("/__MACOSX/") != path.npos ||
         name == ".DS_Store" || ascii_iequal(name, "Thumbs.db") ||
         ascii_iequal(name, "desktop.ini");
}

class ZipContainer final : public Container {
 public:
  ZipContainer(Fd file, std::int64_t size, std::string path, AttachmentContext& context)
      : file_(std::move(file)), in_(file_.get(), size), path_(std::move(path)), context_(context) {}

  /// Office documents are zips; the entry that makes one may stand anywhere (OPC, ECMA-376 part 2
  /// section 10.1.2), so the directory is walked once before.
  bool is_office_document() {
    Utf8Locale utf8;
    ArchiveHandle handle = in_.open();
    archive_entry* header = nullptr;
    for (std::uint64_t i = 0; handle && i < kEntriesWalked; ++i) {
      if (archive_read_next_header(handle.get(), &header) != ARCHIVE_OK) break;
      in_.end_directory();
      const char* name = archive_entry_pathname(header);
      if (name && std::string_view(name) == "[Content_Types].xml") return true;
    }
    return false;
  }

  Result<std::optional<Entry>> next() override {
    if (ended_) return std::optional<Entry>();
    if (!handle_) handle_ = in_.open();
    for (;;) {
      archive_entry* header = nullptr;
      int status = ARCHIVE_FATAL;
      Utf8Locale utf8;
      if (handle_) status = archive_read_next_header(handle_.get(), &header);
      if (in_.error()) return context_.machine(*in_.error());
      if (status == ARCHIVE_EOF) {
        ended_ = true;
        if (given_ > 0) return std::optional<Entry>();
        return whole(fault(AttachmentProblem::kEmpty,
                           fmt::format("there is no file in \"{}\"", path_),
                           "Put the data into the archive and send it again."));
      }
      if (in_.directory_too_large()) return too_many();
      // A warning is about a name or a time stamp; the entry itself is sound.
      if (status < ARCHIVE_WARN) {
        ended_ = true;
        return whole(fault(AttachmentProblem::kDamaged,
                           fmt::format("\"{}\" is not a whole zip archive: it was cut short or "
                                       "changed on the way",
                                       path_),
                           "Make the archive again and send it again."));
      }
      in_.end_directory();
      if (++context_.walked > kEntriesWalked) return too_many();

      Entry entry;
      const char* raw = archive_entry_pathname(header);
      // QUIRK: APPNOTE appendix D wants code page 437 or UTF-8; Windows in Russian writes its own
      // code page 866 and says nothing. Example: "\xA4\xA0\xAD\xAD\xEB\xA5.xml" is "данные.xml".
      entry.path = shown_name(name_to_utf8(raw ? raw : "", "cp866", entry.name_guessed));
      if (archive_entry_filetype(header) == AE_IFDIR) continue;
      if (archive_entry_filetype(header) != AE_IFREG || made_by_packer(entry.path)) {
        context_.skipped.push_back(path_ + '!' + entry.path);
        continue;
      }
      if (++context_.members > context_.limits.archive_members) return too_many();
      ++given_;
      std::string path = path_ + '!' + entry.path;
      const char* format = archive_format_name(handle_.get());
      std::string_view method = format ? format : "";
      if (archive_entry_is_encrypted(header)) {
        entry.fault = fault(AttachmentProblem::kEncrypted,
                            fmt::format("\"{}\" is protected with a password", path),
                            "Send it without a password.");
      } else if (method.find("(uncompressed)") == method.npos &&
                 method.find("(deflation)") == method.npos) {
        entry.fault = fault(AttachmentProblem::kNotOpened,
                            fmt::format("\"{}\" is packed in a way that is not read", path),
                            "Make the zip archive with the usual method (deflate), or send the "
                            "file as it is.");
      } else {
        in_.begin_entry();
        source_ = std::make_unique<ZipSource>(handle_.get(), in_, std::move(path), context_);
        entry.bytes = source_.get();
      }
      return std::optional<Entry>(std::move(entry));
    }
  }

 private:
  /// An entry without a path stands for the archive as a whole.
  static Result<std::optional<Entry>> whole(AttachmentFault why) {
    Entry entry;
    entry.fault = std::move(why);
    return std::optional<Entry>(std::move(entry));
  }
  Result<std::optional<Entry>> too_many() {
    ended_ = true;
    return whole(fault(AttachmentProblem::kTooManyMembers,
                       fmt::format("there are more than {} files in \"{}\"",
                                   context_.limits.archive_members, path_),
                       "Send the rest in another message."));
  }

  Fd file_;
  Input in_;
  std::string path_;
  AttachmentContext& context_;
  ArchiveHandle handle_;
  std::unique_ptr<ZipSource> source_;
  std::uint64_t given_ = 0;
  bool ended_ = false;
};

}  // namespace

Result<Spooled> spool_container(ByteSource& bytes, std::string_view path,
                                AttachmentContext& context) {
  auto file = nameless_file(context.temporary);
  if (!file) return context.machine(file.take_error());
  std::uint64_t size = 0;
  for (;;) {
    FP_ASSIGN(auto span, bytes.next());
    if (span.empty()) break;
    size += span.size();
    if (size > context.limits.archive_bytes) {
      context.problem = AttachmentProblem::kTooLarge;
      return not_right(fmt::format("the archive \"{}\" is larger than {}", path,
                                   megabytes(context.limits.archive_bytes)),
                       "Send the data in several smaller archives, or as .gz.");
    }
    if (auto written = write_fully(file->get(), {span.data(), span.size()}, context.temporary);
        !written)
      return context.machine(written.take_error());
  }
  return Spooled{std::move(*file), size};
}

Result<OpenedZip> open_zip(ByteSource& bytes, std::string path, AttachmentContext& context) {
  FP_ASSIGN(Spooled spooled, spool_container(bytes, path, context));
  auto container = std::make_unique<ZipContainer>(
      std::move(spooled.file), static_cast<std::int64_t>(spooled.size), std::move(path), context);
  OpenedZip opened;
  opened.office_document = container->is_office_document();
  if (!opened.office_document) opened.container = std::move(container);
  return opened;
}

}  // namespace focalpost
