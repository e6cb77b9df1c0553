// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdlib>

#include "base/byte_source.h"
#include "base/files.h"

namespace focalpost {

/// A folder of its own, removed at the end; on a RAM disk where there is one.
struct Scratch {
  fs::path path;
  Scratch() {
    const fs::path base = fs::is_directory("/dev/shm") ? "/dev/shm" : fs::temp_directory_path();
    std::string name = (base / "spool-XXXXXX").string();
    path = ::mkdtemp(name.data());
  }
  ~Scratch() { fs::remove_all(path); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
};

/// Gives `bytes`, then an Error: a line that drops.
class BrokenSource final : public ByteSource {
 public:
  explicit BrokenSource(std::string_view bytes) : good_(bytes) {}
  Result<std::span<const char>> next() override {
    auto span = good_.next();
    if (span.ok() && span->empty()) return temporary("connection lost");
    return span;
  }

 private:
  MemorySource good_;
};

/// `count` bytes made as they are asked for: text that repeats a little, as SDMX does.
class LongSource final : public ByteSource {
 public:
  explicit LongSource(std::uint64_t count) : left_(count) {}
  Result<std::span<const char>> next() override {
    for (char& c : block_) {
      state_ = state_ * 6364136223846793005ull + 1442695040888963407ull;
      c = static_cast<char>('0' + (state_ >> 60));
    }
    const std::size_t n = std::min<std::uint64_t>(left_, sizeof block_);
    left_ -= n;
    return std::span<const char>(block_, n);
  }

 private:
  std::uint64_t left_, state_ = 1;
  char block_[kMaxSpan];
};

}  // namespace focalpost
