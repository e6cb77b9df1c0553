// SPDX-License-Identifier: Apache-2.0
#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "attachment/container.h"
#include "attachment/crc32.h"
#include "base/text.h"

namespace focalpost {
namespace {

/// FNAME of RFC 1952 section 2.3; empty if there is none within `head`.
std::string_view name_in_header(std::string_view head) {
  constexpr unsigned kExtra = 4, kName = 8;
  auto byte = [&](std::size_t at) { return unsigned{static_cast<unsigned char>(head[at])}; };
  if (head.size() < 12 || !(byte(3) & kName)) return {};
  std::size_t at = 10;
  if (byte(3) & kExtra) at += 2 + (byte(10) | byte(11) << 8);
  if (at >= head.size()) return {};
  auto end = head.find('\0', at);
  return end == head.npos ? std::string_view() : head.substr(at, end - at);
}

std::string_view without_gz(std::string_view file) {
  if (file.size() > 3 && ascii_iequal(file.substr(file.size() - 3), ".gz")) file.remove_suffix(3);
  return file;
}

/// Passes the spans of a source to libarchive uncopied.
struct Input {
  ByteSource& bytes;
  std::optional<Error> error;
  std::uint64_t taken = 0;
  std::string tail;  ///< the last 8 bytes: CRC32 and ISIZE of RFC 1952

  static la_ssize_t read(archive*, void* self, const void** buffer) {
    Input& in = *static_cast<Input*>(self);
    auto span = in.bytes.next();
    if (!span) {
      in.error = span.take_error();
      return -1;
    }
    in.taken += span->size();
    in.tail.append(span->data() + (span->size() - std::min<std::size_t>(span->size(), 8)),
                   std::min<std::size_t>(span->size(), 8));
    if (in.tail.size() > 8) in.tail.erase(0, in.tail.size() - 8);
    *buffer = span->data();
    return static_cast<la_ssize_t>(span->size());
  }
};

class GzipSource final : public InflatingSource {
 public:
  GzipSource(archive* handle, const Input& in, std::string path, AttachmentContext& context)
      : InflatingSource(handle, std::move(path), context), in_(in) {}

 private:
  std::uint64_t consumed() const override { return in_.taken; }
  std::optional<Error> error_beneath() const override { return in_.error; }
  void saw(std::string_view block) override { crc_.update(block); }
  /// libarchive skips CRC32 and ISIZE. Several gzip streams joined into one file (RFC 1952 section
  /// 2.2) do not pass: where one ends is not seen from here, and unchecked data is not taken.
  bool complete() override {
    auto number = [&](std::size_t at) {
      std::uint32_t n = 0;
      for (std::size_t i = 4; i-- > 0;) n = n << 8 | static_cast<unsigned char>(in_.tail[at + i]);
      return n;
    };
    constexpr std::uint64_t kLeast = 10 + 8;  // header and trailer
    return in_.taken >= kLeast && in_.tail.size() == 8 && number(0) == crc_.value() &&
           number(4) == static_cast<std::uint32_t>(produced());
  }

  const Input& in_;
  Crc32 crc_;
};

class GzipContainer final : public Container {
 public:
  GzipContainer(ByteSource& bytes, std::string_view head, std::string_view file, std::string path,
                AttachmentContext& context)
      : in_{bytes, {}, 0, {}}, path_(std::move(path)), context_(context) {
    // RFC 1952 says Latin-1; today's tools write UTF-8.
    std::string name = name_to_utf8(name_in_header(head), "ISO-8859-1", guessed_);
    name_ = name.empty() ? std::string(without_gz(file)) : shown_name(name);
  }

  Result<std::optional<Entry>> next() override {
    if (given_) return std::optional<Entry>();
    given_ = true;
    handle_.reset(archive_read_new());
    archive* a = handle_.get();
    if (!a) return context_.machine(bug("libarchive gives no reader"));
    // One filter, fixed: support_filter_gzip would unwrap a gzip in a gzip in a gzip by itself.
    if (archive_read_append_filter(a, ARCHIVE_FILTER_GZIP) < ARCHIVE_WARN ||
        archive_read_support_format_raw(a) != ARCHIVE_OK ||
        archive_read_support_format_empty(a) != ARCHIVE_OK)
      return context_.machine(bug("libarchive was built without gzip"));
    archive_entry* header = nullptr;
    int status = archive_read_open(a, &in_, nullptr, &Input::read, nullptr);
    if (status == ARCHIVE_OK) status = archive_read_next_header(a, &header);
    if (in_.error) return *in_.error;
    Entry entry;
    entry.path = name_;
    entry.name_guessed = guessed_;
    // A gzip of nothing is an end at once, and so is one cut in its header: the source tells them
    // apart by the trailer.
    if (status != ARCHIVE_OK && status != ARCHIVE_EOF) {
      entry.fault = AttachmentFault{
          AttachmentProblem::kDamaged,
          not_right(fmt::format("\"{}\" is not a whole gzip file: it was cut short or changed on "
                                "the way",
                                path_),
                    "Make the file again and send it again.")};
      return std::optional<Entry>(std::move(entry));
    }
    source_ = std::make_unique<GzipSource>(a, in_, path_, context_);
    if (status == ARCHIVE_EOF) source_->no_data();
    entry.bytes = source_.get();
    return std::optional<Entry>(std::move(entry));
  }

 private:
  Input in_;
  std::string path_, name_;
  bool guessed_ = false, given_ = false;
  AttachmentContext& context_;
  ArchiveHandle handle_;
  std::unique_ptr<GzipSource> source_;
};

}  // namespace

std::unique_ptr<Container> open_gzip(ByteSource& bytes, std::string_view head,
                                     std::string_view file, std::string path,
                                     AttachmentContext& context) {
  return std::make_unique<GzipContainer>(bytes, head, file, std::move(path), context);
}

}  // namespace focalpost
