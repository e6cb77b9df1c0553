// SPDX-License-Identifier: Apache-2.0
//
// tnef: the attachments of a winmail.dat (MS-OXTNEF), which Outlook sends instead of MIME to
// recipients that it takes for Outlook users.
//
// The stream is a row of attributes (level, id, length, data, checksum). It is spooled, walked once
// for what is an attachment and where it lies, and each is then read from there in spans of 64 KB.
// Every length is checked against what is left of the file; walked attributes and properties are
// bounded. A package within a package (a forwarded mail) comes out as a package again.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "attachment/container.h"
#include "base/charset.h"
#include "base/charset_guess.h"
#include "base/text.h"

namespace focalpost {
namespace {

constexpr std::uint32_t kSignature = 0x223E9F78;
// MS-OXTNEF 2.1.3.3: level, then type and name.
constexpr std::uint32_t kRenderingData = 0x00069002, kTitle = 0x00018010, kData = 0x0006800F,
                        kProperties = 0x00069005, kCodePage = 0x00069007;
constexpr std::size_t kHeadBytes = 9, kChecksumBytes = 2;
constexpr std::uint64_t kMostAttributes = 20'000;
constexpr std::uint32_t kMostProperties = 2'000;
constexpr std::size_t kMostNameBytes = 2048;
// MS-OXPROPS
constexpr std::uint16_t kObjectType = 0x000D, kString8 = 0x001E, kUnicode = 0x001F,
                        kBinary = 0x0102, kSeveral = 0x1000;
constexpr std::uint16_t kAttachData = 0x3701, kFileName = 0x3704, kLongFileName = 0x3707,
                        kContentId = 0x3712;

struct Range {
  std::uint64_t at = 0, size = 0;
};

struct Found {
  std::string title, short_name, long_name;  ///< UTF-8
  Range data;
  bool has_data = false;
  std::optional<std::uint16_t> checksum;  ///< of attAttachData
  bool referenced = false;                ///< a picture of the text
  bool name_guessed = false;

  const std::string& name() const {
    return !long_name.empty() ? long_name : !title.empty() ? title : short_name;
  }
};

/// Little-endian numbers out of a file, with a window so that small reads cost no system call.
class Reader {
 public:
  Reader(int fd, std::uint64_t size) : fd_(fd), size_(size) {}

  std::uint64_t size() const { return size_; }
  bool failed() const { return failed_; }

  /// At most 4 bytes; 0 beyond the end.
  std::uint32_t number(std::uint64_t at, int bytes) {
    std::uint32_t value = 0;
    std::string_view part = view(at, std::size_t(bytes));
    for (std::size_t i = part.size(); i-- > 0;)
      value = value << 8 | static_cast<unsigned char>(part[i]);
    return value;
  }
  /// Valid until the next call; shorter at the end of the file.
  std::string_view view(std::uint64_t at, std::size_t bytes) {
    if (at >= size_) return {};
    bytes = std::size_t(std::min<std::uint64_t>(bytes, size_ - at));
    if (at < from_ || at + bytes > from_ + window_.size()) {
      window_.resize(std::size_t(std::min<std::uint64_t>(std::max(bytes, kWindow), size_ - at)));
      from_ = at;
      std::size_t got = 0;
      while (got < window_.size()) {
        ssize_t n = ::pread(fd_, window_.data() + got, window_.size() - got, off_t(at + got));
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) {
          failed_ = true;
          window_.resize(got);
          break;
        }
        got += std::size_t(n);
      }
    }
    return std::string_view(window_).substr(std::size_t(at - from_), bytes);
  }

 private:
  static constexpr std::size_t kWindow = 4096;
  int fd_;
  std::uint64_t size_, from_ = 0;
  std::string window_;
  bool failed_ = false;
};

std::string code_page_name(std::uint32_t page) {
  switch (page) {
    case 866:
      return "cp866";
    case 20866:
      return "koi8-r";
    case 21866:
      return "koi8-u";
    case 28595:
      return "iso-8859-5";
    case 65001:
      return "UTF-8";
  }
  return page >= 1250 && page <= 1258 ? fmt::format("windows-{}", page) : "windows-1251";
}

std::string_view until_nul(std::string_view text) {
  return text.substr(0, text.find('\0'));
}

class Walker {
 public:
  Walker(Reader& in) : in_(in) {}

  /// False: the stream is damaged.
  bool walk(std::vector<Found>& found) {
    if (in_.number(0, 4) != kSignature) return false;
    std::uint64_t at = 6, count = 0;
    Found* current = nullptr;
    while (at < in_.size()) {
      if (in_.size() - at < kHeadBytes || ++count > kMostAttributes) return false;
      std::uint32_t id = in_.number(at + 1, 4);
      std::uint64_t length = in_.number(at + 5, 4);
      at += kHeadBytes;
      // QUIRK: MS-OXTNEF 2.1.3.2: every attribute ends with a checksum; some writers leave out the
      // last one.
      if (length > in_.size() - at) return false;
      Range data{at, length};
      std::uint16_t checksum = std::uint16_t(in_.number(at + length, 2));
      at += length + kChecksumBytes;
      switch (id) {
        case kCodePage:
          code_page_ = code_page_name(in_.number(data.at, 4));
          break;
        case kRenderingData:
          current = &found.emplace_back();
          break;
        case kTitle:
          if (!current) current = &found.emplace_back();
          current->title = text(until_nul(in_.view(data.at, name_bytes(data))), *current);
          break;
        case kData:
          if (!current) current = &found.emplace_back();
          if (!current->has_data || current->data.size == 0) {
            current->data = data;
            current->has_data = true;
            current->checksum = checksum;
          }
          break;
        case kProperties:
          if (!current) current = &found.emplace_back();
          if (!properties(data, *current)) return false;
          break;
        default:
          break;
      }
    }
    return !in_.failed();
  }

 private:
  static std::size_t name_bytes(const Range& data) {
    return std::size_t(std::min<std::uint64_t>(data.size, kMostNameBytes));
  }
  std::string text(std::string_view bytes, Found& attachment) const {
    const bool ascii = std::all_of(bytes.begin(), bytes.end(), [](char c) { return !(c & 0x80); });
    const bool wrong = !ascii && !code_page_.empty() &&
                       ((is_utf8(bytes) && code_page_ != "UTF-8") ||
                        !mislabelled_cyrillic(bytes, code_page_).empty());
    if (!code_page_.empty() && !wrong) {
      auto converted = to_utf8(bytes, code_page_);
      if (converted && converted->clean) return std::move(converted->text);
    }
    bool guessed = false;
    std::string name = name_to_utf8(bytes, "windows-1251", guessed);
    attachment.name_guessed = guessed || wrong;
    return name;
  }
  std::string unicode(std::string_view bytes) const {
    auto converted = to_utf8(bytes.substr(0, bytes.size() & ~std::size_t{1}), "UTF-16LE");
    return converted ? std::string(until_nul(converted->text)) : std::string();
  }

  /// The properties of an attachment (MS-OXTNEF 2.1.3.4).
  bool properties(Range all, Found& attachment) {
    std::uint64_t at = all.at;
    const std::uint64_t end = all.at + all.size;
    auto room = [&](std::uint64_t bytes) { return bytes <= end - at; };
    if (!room(4)) return false;
    std::uint32_t count = in_.number(at, 4);
    at += 4;
    if (count > kMostProperties) return false;
    for (std::uint32_t i = 0; i < count; ++i) {
      if (!room(4)) return false;
      auto type = std::uint16_t(in_.number(at, 2)), id = std::uint16_t(in_.number(at + 2, 2));
      at += 4;
      if (id >= 0x8000) {  // a named property: a GUID, a kind, then a number or a name
        if (!room(24)) return false;
        std::uint32_t kind = in_.number(at + 16, 4), length = in_.number(at + 20, 4);
        at += 24;
        if (kind != 0) {
          std::uint64_t padded = (std::uint64_t{length} + 3) & ~std::uint64_t{3};
          if (!room(padded)) return false;
          at += padded;
        }
      }
      bool several = type & kSeveral;
      type = std::uint16_t(type & ~kSeveral);
      bool variable =
          type == kString8 || type == kUnicode || type == kBinary || type == kObjectType;
      std::uint32_t values = 1;
      if (several || variable) {
        if (!room(4)) return false;
        values = in_.number(at, 4);
        at += 4;
        if (values > kMostProperties) return false;
      }
      for (std::uint32_t v = 0; v < values; ++v) {
        std::uint64_t size = fixed_size(type);
        if (variable) {
          if (!room(4)) return false;
          size = in_.number(at, 4);
          at += 4;
        } else if (size == 0) {
          return false;
        }
        std::uint64_t padded = (size + 3) & ~std::uint64_t{3};
        if (!room(size)) return false;
        value(type, id, {at, size}, attachment);
        at = std::min(end, at + padded);
      }
    }
    return true;
  }
  static std::uint64_t fixed_size(std::uint16_t type) {
    switch (type) {
      case 0x0001:  // null
      case 0x0002:  // 16 bits
      case 0x0003:  // 32 bits
      case 0x0004:  // float
      case 0x000A:  // error
      case 0x000B:  // boolean
        return 4;
      case 0x0005:  // double
      case 0x0006:  // currency
      case 0x0007:  // application time
      case 0x0014:  // 64 bits
      case 0x0040:  // time
        return 8;
      case 0x0048:  // GUID
        return 16;
    }
    return 0;
  }
  void value(std::uint16_t type, std::uint16_t id, Range at, Found& attachment) {
    if (id == kAttachData && (type == kObjectType || type == kBinary)) {
      // An object begins with its interface's id: of a message, it is a package of its own.
      constexpr std::uint64_t kInterfaceId = 16;
      if (type == kObjectType && at.size > kInterfaceId)
        at = {at.at + kInterfaceId, at.size - kInterfaceId};
      if (attachment.has_data && attachment.data.size > 0) return;
      attachment.data = at;
      attachment.has_data = true;
      attachment.checksum.reset();
      return;
    }
    if (id == kContentId) attachment.referenced = at.size > 1;
    if (id != kFileName && id != kLongFileName) return;
    std::string_view bytes = in_.view(at.at, name_bytes(at));
    Found named;
    std::string name = type == kUnicode   ? unicode(bytes)
                       : type == kString8 ? text(until_nul(bytes), named)
                                          : std::string();
    if (id == kFileName) {
      attachment.short_name = std::move(name);
    } else {
      attachment.long_name = std::move(name);
      attachment.name_guessed = named.name_guessed;
    }
  }

  Reader& in_;
  std::string code_page_;  ///< empty: not declared
};

/// One attachment, out of the spooled file.
class RangeSource final : public ByteSource {
 public:
  RangeSource(int fd, Range range, std::optional<std::uint16_t> checksum, std::string path,
              AttachmentContext& context)
      : fd_(fd),
        rest_(range),
        checksum_(checksum),
        path_(std::move(path)),
        context_(context),
        buffer_(std::size_t(std::min<std::uint64_t>(range.size, kMaxSpan))) {}

  Result<std::span<const char>> next() override {
    if (failed_) return *failed_;
    if (rest_.size == 0) {
      if (checksum_ && *checksum_ != sum_) {
        context_.problem = AttachmentProblem::kDamaged;
        failed_ = not_right(fmt::format("\"{}\" was changed on the way", path_),
                            "Send the file again, best in a .zip file.");
        return *failed_;
      }
      return std::span<const char>();
    }
    std::size_t want = std::size_t(std::min<std::uint64_t>(rest_.size, buffer_.size()));
    ssize_t n = 0;
    do n = ::pread(fd_, buffer_.data(), want, off_t(rest_.at));
    while (n < 0 && errno == EINTR);
    if (n <= 0) {
      failed_ = context_.machine(system_error("read", "a spooled attachment", errno));
      return *failed_;
    }
    rest_.at += std::uint64_t(n);
    rest_.size -= std::uint64_t(n);
    for (std::size_t i = 0; i < std::size_t(n); ++i)
      sum_ = std::uint16_t(sum_ + static_cast<unsigned char>(buffer_[i]));
    return std::span<const char>(buffer_.data(), std::size_t(n));
  }

 private:
  int fd_;
  Range rest_;
  std::optional<std::uint16_t> checksum_;
  std::string path_;
  AttachmentContext& context_;
  std::vector<char> buffer_;
  std::uint16_t sum_ = 0;
  std::optional<Error> failed_;
};

bool is_picture(std::string_view name) {
  std::string lower = ascii_lower(name);
  for (std::string_view ending : {".png", ".jpg", ".jpeg", ".gif", ".bmp", ".emf", ".wmf"})
    if (lower.ends_with(ending)) return true;
  return false;
}

class TnefContainer final : public Container {
 public:
  TnefContainer(Spooled spooled, std::vector<Found> found, bool damaged, std::string path,
                AttachmentContext& context)
      : spooled_(std::move(spooled)),
        found_(std::move(found)),
        damaged_(damaged),
        path_(std::move(path)),
        context_(context) {}

  Result<std::optional<Entry>> next() override {
    for (; next_ < found_.size();) {
      Found& one = found_[next_++];
      Entry entry;
      std::string_view name = one.name();
      name = name.substr(name.find_last_of("/\\") + 1);
      entry.path = shown_name(to_valid_utf8(name));
      if (entry.path.empty()) entry.path = fmt::format("{}", next_);
      if (++context_.members > context_.limits.archive_members) {
        next_ = found_.size();
        damaged_ = false;
        return whole(AttachmentProblem::kTooManyMembers,
                     fmt::format("there are more than {} files in \"{}\"",
                                 context_.limits.archive_members, path_),
                     "Send the rest in another message.");
      }
      source_ = std::make_unique<RangeSource>(spooled_.file.get(), one.data, one.checksum,
                                              path_ + '!' + entry.path, context_);
      entry.name_guessed = one.name_guessed;
      entry.bytes = source_.get();
      return std::optional<Entry>(std::move(entry));
    }
    if (damaged_) {
      damaged_ = false;
      return whole(
          AttachmentProblem::kDamaged,
          fmt::format("\"{}\" is not whole: it was cut short or changed on the way", path_),
          "Send the file again, best in a .zip file.");
    }
    return std::optional<Entry>();
  }

 private:
  static Result<std::optional<Entry>> whole(AttachmentProblem problem, std::string what,
                                            std::string to_do) {
    Entry entry;
    entry.fault = AttachmentFault{problem, not_right(std::move(what), std::move(to_do))};
    return std::optional<Entry>(std::move(entry));
  }

  Spooled spooled_;
  std::vector<Found> found_;
  bool damaged_;
  std::string path_;
  AttachmentContext& context_;
  std::size_t next_ = 0;
  std::unique_ptr<RangeSource> source_;
};

}  // namespace

Result<std::unique_ptr<Container>> open_tnef(ByteSource& bytes, std::string path,
                                             AttachmentContext& context) {
  FP_ASSIGN(Spooled spooled, spool_container(bytes, path, context));
  Reader in(spooled.file.get(), spooled.size);
  std::vector<Found> found;
  bool whole = Walker(in).walk(found);
  if (in.failed())
    return context.machine(system_error("read", "a spooled attachment", errno ? errno : EIO));
  std::erase_if(found, [](const Found& f) { return !f.has_data; });
  // Pictures of the letter's text and of its signature are not what was sent; a picture that is
  // all there is stays, so that it is answered.
  bool others =
      std::any_of(found.begin(), found.end(), [](const Found& f) { return !is_picture(f.name()); });
  std::erase_if(found, [&](const Found& f) {
    bool drop = is_picture(f.name()) && (others || f.referenced);
    if (drop) context.skipped.push_back(path + '!' + shown_name(to_valid_utf8(f.name())));
    return drop;
  });
  if (found.empty() && whole) return std::unique_ptr<Container>();
  return std::unique_ptr<Container>(std::make_unique<TnefContainer>(
      std::move(spooled), std::move(found), !whole, std::move(path), context));
}

}  // namespace focalpost
