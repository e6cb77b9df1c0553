// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "attachment/container.h"
#include "base/text.h"

namespace focalpost {
namespace {

/// The text between the lines of an OpenPGP clear signature, as it is read. Only the first bytes of
/// a line decide what it is, so that lines may be of any length.
class ClearSignedSource final : public ByteSource {
 public:
  ClearSignedSource(ByteSource& bytes, std::string path, AttachmentContext& context)
      : bytes_(bytes), path_(std::move(path)), context_(context) {}

  Result<std::span<const char>> next() override {
    if (failed_) return *failed_;
    if (sent_ == out_.size()) {
      out_.clear();
      sent_ = 0;
    }
    while (out_.empty() && place_ != Place::kEnd) {
      auto span = bytes_.next();
      if (!span) {
        failed_ = span.take_error();
        return *failed_;
      }
      if (span->empty()) {
        context_.problem = AttachmentProblem::kDamaged;
        failed_ =
            not_right(fmt::format("\"{}\" is cut off: the end of its signature is missing", path_),
                      "Send the file again.");
        return *failed_;
      }
      take({span->data(), span->size()});
    }
    auto part = std::string_view(out_).substr(sent_, kMaxSpan);
    sent_ += part.size();
    return std::span<const char>(part.data(), part.size());
  }

 private:
  enum class Place { kHead, kText, kEnd };
  static constexpr std::string_view kSignature = "-----BEGIN PGP SIGNATURE-----";

  void take(std::string_view bytes) {
    while (!bytes.empty() && place_ != Place::kEnd) {
      std::size_t newline = bytes.find('\n');
      bool ends = newline != bytes.npos;
      std::string_view piece = bytes.substr(0, ends ? newline + 1 : bytes.size());
      bytes.remove_prefix(piece.size());
      if (decided_) {
        if (place_ == Place::kText) out_ += piece;
      } else {
        line_ += piece;
        if (!ends && line_.size() < kSignature.size() + 2) continue;
        decide();
      }
      decided_ = !ends;
    }
  }
  void decide() {
    std::string_view line = line_;
    if (place_ == Place::kHead) {
      // Hash: fields, then a blank line.
      if (trim(line).empty()) place_ = Place::kText;
    } else if (line.starts_with(kSignature)) {
      place_ = Place::kEnd;
    } else {
      if (line.starts_with("- ")) line.remove_prefix(2);
      out_ += line;
    }
    line_.clear();
  }

  ByteSource& bytes_;
  std::string path_;
  AttachmentContext& context_;
  Place place_ = Place::kHead;
  std::string line_, out_;
  std::size_t sent_ = 0;  ///< of out_
  bool decided_ = false;  ///< inside of a line of which it is known what it is
  std::optional<Error> failed_;
};

class ClearSignedContainer final : public Container {
 public:
  ClearSignedContainer(ByteSource& bytes, std::string_view file, std::string path,
                       AttachmentContext& context)
      : source_(bytes, std::move(path), context), name_(file) {
    if (name_.size() > 4 && ascii_iequal(std::string_view(name_).substr(name_.size() - 4), ".asc"))
      name_.resize(name_.size() - 4);
  }
  Result<std::optional<Entry>> next() override {
    if (given_) return std::optional<Entry>();
    given_ = true;
    Entry entry;
    entry.path = name_;
    entry.bytes = &source_;
    return std::optional<Entry>(std::move(entry));
  }

 private:
  ClearSignedSource source_;
  std::string name_;
  bool given_ = false;
};

}  // namespace

std::unique_ptr<Container> open_clear_signed(ByteSource& bytes, std::string_view file,
                                             std::string path, AttachmentContext& context) {
  return std::make_unique<ClearSignedContainer>(bytes, file, std::move(path), context);
}

}  // namespace focalpost
