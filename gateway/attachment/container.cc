// SPDX-License-Identifier: Apache-2.0
#include "attachment/container.h"

#include <archive.h>
#include <fmt/format.h>

#include <algorithm>

#include "base/charset.h"
#include "base/charset_guess.h"
#include "base/text.h"

namespace focalpost {

void ArchiveFree::operator()(archive* a) const {
  archive_read_free(a);
}

std::string shown_name(std::string_view utf8) {
  return one_line(shorten(utf8, 255));
}

std::string name_to_utf8(std::string_view raw, std::string_view otherwise, bool& guessed) {
  guessed = !is_utf8(raw);
  if (!guessed) return std::string(raw);
  const std::string_view reads_as = guess_cyrillic(raw);
  auto converted = to_utf8(raw, reads_as.empty() ? otherwise : reads_as);
  return converted ? std::move(converted->text) : to_valid_utf8(raw);
}

std::string megabytes(std::uint64_t bytes) {
  if (bytes < (1 << 20)) return fmt::format("{} bytes", bytes);
  return fmt::format("{} MB", bytes >> 20);
}

Result<std::span<const char>> InflatingSource::fail(Error error, AttachmentProblem why) {
  failed_ = error;
  failed_why_ = why;
  context_.problem = why;
  return error;
}

Result<std::span<const char>> InflatingSource::next() {
  if (failed_) {
    context_.problem = failed_why_;
    return *failed_;
  }
  while (block_.empty() && !ended_) {
    const void* data = nullptr;
    std::size_t size = 0;
    la_int64_t offset = 0;
    int status = no_data_ ? ARCHIVE_EOF : archive_read_data_block(handle_, &data, &size, &offset);
    if (auto beneath = error_beneath()) return fail(*beneath, context_.problem);
    if (status == ARCHIVE_EOF && complete()) {
      ended_ = true;
      break;
    }
    // A warning is a wrong size or checksum: as bad as a failure.
    if (status != ARCHIVE_OK)
      return fail(
          not_right(fmt::format("\"{}\" is damaged: it was cut short or changed on the way", path_),
                    "Make the archive again and send it again."),
          AttachmentProblem::kDamaged);
    block_ = {static_cast<const char*>(data), size};
    produced_ += size;
    const Limits& limits = context_.limits;
    if (produced_ > limits.inflated_bytes)
      return fail(not_right(fmt::format("\"{}\" is larger than {} when it is unpacked", path_,
                                        megabytes(limits.inflated_bytes)),
                            "Send the data in several smaller files."),
                  AttachmentProblem::kTooLarge);
    // Division: the product could overflow with a large setting.
    if (produced_ > limits.inflation_ratio_from &&
        produced_ / std::max<std::uint64_t>(consumed(), 1) >= limits.inflation_ratio)
      return fail(
          not_right(fmt::format("\"{}\" unpacks to more than {} times its size, as no data does",
                                path_, limits.inflation_ratio),
                    "Send the file as it is, not packed."),
          AttachmentProblem::kRatio);
    saw(block_);
  }
  // libarchive's blocks of a zip are up to 256 KB.
  std::string_view part = block_.substr(0, kMaxSpan);
  block_.remove_prefix(part.size());
  return std::span<const char>(part.data(), part.size());
}

}  // namespace focalpost
