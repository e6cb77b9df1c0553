// SPDX-License-Identifier: Apache-2.0
//
// byte_source: the one way in which bytes move between rooms.
//
// A ByteSource is pulled: next() gives the next span, of at most kMaxSpan bytes, until it gives an
// empty one at the end. Decoders (base64, gzip, character sets) are ByteSources over ByteSources,
// so that a message is read once and no stage holds a whole attachment.
//
// Ownership: a span stays valid until the next call of next() or the end of the source, whichever
// comes first. Errors are sticky: after an Error every further call gives the same one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace focalpost {

class ByteSource {
 public:
  static constexpr std::size_t kMaxSpan = 64 * 1024;

  virtual ~ByteSource() = default;

  /// The next bytes; an empty span means the end.
  virtual Result<std::span<const char>> next() = 0;
};

/// Bytes that lie in memory (a mapped file, a test's string). Does not own them.
class MemorySource final : public ByteSource {
 public:
  explicit MemorySource(std::string_view bytes, std::size_t span = kMaxSpan)
      : rest_(bytes), span_(span) {}

  Result<std::span<const char>> next() override {
    auto part = rest_.substr(0, span_);
    rest_.remove_prefix(part.size());
    return std::span<const char>(part.data(), part.size());
  }

 private:
  std::string_view rest_;
  std::size_t span_;
};

/// A whole source as one string, for small things only: more than `limit` bytes is an Error.
Result<std::string> read_all(ByteSource& source, std::uint64_t limit);

/// A source whose first bytes have been looked at: gives `head` again, then the rest of `tail`.
class PrefixedSource final : public ByteSource {
 public:
  PrefixedSource(std::string head, ByteSource& tail) : head_(std::move(head)), tail_(tail) {}
  Result<std::span<const char>> next() override;

 private:
  std::string head_;
  std::size_t given_ = 0;  ///< bytes of the head
  ByteSource& tail_;
};

/// Reads spans until at least `want` bytes are there or the source ends; what was read is returned
/// and can be put in front again with PrefixedSource.
Result<std::string> read_head(ByteSource& source, std::size_t want);

}  // namespace focalpost
