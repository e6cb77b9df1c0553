// SPDX-License-Identifier: Apache-2.0
//
// json_pull: JSON (RFC 8259) as a stream of events that the reader asks for.
//
// Inside the room only. Owns: the grammar, positions, the bounds. The library behind base/json.h is
// not used here: its stream parser calls back until the end of the text and cannot wait while a
// batch is taken away, and it keeps no positions. What is strict there is strict here (tests
// compare the two).
//
// Memory: one token, at most Limits::text_bytes, and one byte for each open object or array, at
// most Limits::xml_depth. Nothing is recursive. Numbers stay as they were written. A lone surrogate
// and U+0000 in a string are faults: no text of ours can hold them.
//
// Dangers: after kFault nothing more comes. text() is valid until the next call.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/limits.h"
#include "model/finding.h"
#include "sdmx/utf8_input.h"

namespace focalpost::sdmx {

class JsonPull {
 public:
  enum class Event : std::uint8_t {
    kObject,
    kObjectEnd,
    kArray,
    kArrayEnd,
    kKey,  ///< of a member; its value comes next
    kString,
    kNumber,
    kTrue,
    kFalse,
    kNull,
    kEnd,    ///< after the one value, and from then on
    kFault,  ///< see fault(), rule() and error()
  };

  JsonPull(Utf8Input& input, const Limits& limits) : input_(input), limits_(limits) {}

  Event next();
  /// Of a key or string, unescaped; of a number, as written.
  std::string_view text() const { return text_; }
  /// Where the event begins; columns in characters.
  Position at() const { return at_; }
  /// Open objects and arrays, the one just opened included.
  std::size_t depth() const { return open_.size(); }
  /// Passes over the value that `event` has begun; false at a fault.
  bool skip(Event event);

  /// What was wrong, if it was the text: the rule and the parser's words. The rule is null if the
  /// input ended because of its encoding (Utf8Input::fault) or its source (error()).
  const Rule* rule() const { return rule_; }
  std::string_view detail() const { return detail_; }
  const std::optional<Error>& error() const { return error_; }

  /// Lines are counted from this one on, and columns are not known: for text that was cut out.
  void start_at_line(std::uint32_t line) {
    line_ = line;
    columns_known_ = false;
  }

 private:
  enum class Expect : std::uint8_t {
    kValue,
    kFirstValue,  ///< or the end of the array
    kKey,
    kFirstKey,  ///< or the end of the object
    kColon,
    kComma,  ///< or the end
    kNothing,
  };

  /// The next byte, -1 at the end or when nothing more can be had.
  int peek() { return p_ < end_ || refill() ? static_cast<unsigned char>(*p_) : -1; }
  bool refill();
  Event fault(const Rule& rule, std::string_view detail);
  Event wrong(std::string_view detail);
  Event value(int c);
  Event close(char open, Event event);
  Event string(Event event);
  bool escape();
  bool four_digits(std::uint32_t& unit);
  Event number();
  Event word(std::string_view rest, Event event);
  void after_value() { expect_ = open_.empty() ? Expect::kNothing : Expect::kComma; }
  void mark();

  Utf8Input& input_;
  const Limits& limits_;
  const char* p_ = nullptr;
  const char* end_ = nullptr;
  const char* counted_ = nullptr;  ///< up to here ...
  std::uint64_t characters_ = 0;   ///< ... the line has so many characters
  bool columns_known_ = true, ended_ = false, faulty_ = false;
  std::uint32_t line_ = 1;
  Position at_;
  Expect expect_ = Expect::kValue;
  std::string open_;  ///< '{' and '['
  std::string text_;
  const Rule* rule_ = nullptr;
  std::string detail_;
  std::optional<Error> error_;
};

}  // namespace focalpost::sdmx
