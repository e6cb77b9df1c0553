// SPDX-License-Identifier: Apache-2.0
//
// utf8_input: a file's text as checked UTF-8, whatever character set it came in.
//
// Inside the room only. Both readers take their text from here, so that what reaches the parsers
// and the batches is valid UTF-8 in any case, and so that an encoding is named and never guessed.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/byte_source.h"
#include "sdmx/detect.h"

namespace focalpost::sdmx {

/// Checks UTF-8 in pieces of any size; the state of a character cut in two is kept.
class Utf8Gate {
 public:
  /// How many of the bytes are good; less than all of them at the first that is not.
  std::size_t good(std::span<const char> bytes);
  bool inside_character() const { return need_ > 0; }
  /// How many of the good bytes so far belong to a character that is not yet whole.
  std::size_t begun() const { return begun_; }

 private:
  unsigned need_ = 0;
  std::size_t begun_ = 0;
  unsigned char low_ = 0x80, high_ = 0xBF;  ///< range of the next continuation byte
};

class Utf8Input {
 public:
  Utf8Input(ByteSource& bytes, const Detection& detection);

  /// The next text, without the byte order mark and of whole characters; empty at the end, and from
  /// the first character on that is none in the encoding. Errors are those of the source alone.
  Result<std::span<const char>> next();

  /// Why the text ended early.
  struct Fault {
    std::string encoding;                  ///< the one that was declared, or UTF-8
    std::vector<std::string> suggestions;  ///< what it may be instead
  };
  const std::optional<Fault>& fault() const { return fault_; }
  /// The input ended in the middle of a character.
  bool cut() const { return !fault_ && gate_.inside_character(); }

 private:
  /// Remembers whether an error came from below or from the conversion.
  class Tap final : public ByteSource {
   public:
    explicit Tap(ByteSource& in) : in_(in) {}
    Result<std::span<const char>> next() override {
      auto result = in_.next();
      failed_ = !result.ok();
      return result;
    }
    bool failed() const { return failed_; }

   private:
    ByteSource& in_;
    bool failed_ = false;
  };

  void broken(std::span<const char> from);

  Tap tap_;
  std::unique_ptr<ByteSource> converted_;  ///< null: the bytes are UTF-8 already
  Utf8Gate gate_;
  std::array<char, 4> held_{};  ///< a character that began in the piece before
  std::size_t held_size_ = 0;
  std::span<const char> rest_;  ///< of the piece, behind that character
  std::string encoding_;
  std::size_t bom_left_ = 0;
  std::optional<Fault> fault_;
};

}  // namespace focalpost::sdmx
