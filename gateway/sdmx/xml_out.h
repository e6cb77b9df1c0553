// SPDX-License-Identifier: Apache-2.0
//
// xml_out: XML as text into a sink.
//
// Inside the room only. Keeps some 64 KB, never a tree. Every value is escaped; a character that
// XML 1.0 does not have, and text that is not UTF-8, makes an Error and is never written: from then
// on nothing more goes to the sink. Names and markup are ours or were checked (is_ncname) before.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sdmx/outgoing.h"

namespace focalpost::sdmx {

/// What an attribute may be called without a prefix, in ASCII.
bool is_ncname(std::string_view name);

/// What is wrong with a text that XML 1.0 cannot hold (section 2.2, Char); nothing if it can.
Status check_characters(std::string_view text);

/// Bytes that need no thought in an attribute.
constexpr std::array<bool, 256> plain_bytes() {
  std::array<bool, 256> plain{};
  for (std::size_t c = 0x20; c < 0x7F; ++c) plain[c] = c != '&' && c != '<' && c != '>' && c != '"';
  return plain;
}

/// Appends `text` escaped, for a double-quoted attribute or for content. For text that XML can
/// hold: what a parser gave, or check_characters() let pass.
void append_escaped(std::string& to, std::string_view text, bool attribute);
/// The same for any text: what XML cannot hold is not written, and put into `error` if that is
/// free.
void append_checked(std::string& to, std::string_view text, bool attribute,
                    std::optional<Error>& error);

class XmlOut {
 public:
  explicit XmlOut(ByteSink sink) : sink_(std::move(sink)) { buffer_.reserve(kFull + 8 * 1024); }

  // for the hot path
  void raw(std::string_view markup) { buffer_ += markup; }
  /// Inside a double-quoted attribute. Tabs and line ends become references, which no parser turns
  /// into spaces.
  void value(std::string_view text) {
    for (char c : text)
      if (!kPlain[static_cast<unsigned char>(c)])
        return append_checked(buffer_, text, true, error_);
    buffer_ += text;
  }
  /// ` name="text"`
  void attribute(std::string_view name, std::string_view text) {
    buffer_ += ' ';
    buffer_ += name;
    buffer_ += "=\"";
    value(text);
    buffer_ += '"';
  }
  bool full() const { return buffer_.size() >= kFull; }
  /// Gives the sink what there is if it is enough; the first Error there was.
  Status pass_on() { return full() || error_ ? flush() : Status(); }
  Status flush();

  // Elements on lines of their own, indented. An element with text has no children.
  /// `<name`, to be followed by attribute()s.
  void open(std::string_view name);
  void text(std::string_view text);
  void close();
  /// `<name>text</name>`
  void element(std::string_view name, std::string_view text);
  /// Markup of a whole element, as it came.
  void whole(std::string_view markup);

 private:
  static constexpr std::size_t kFull = 64 * 1024;
  static constexpr std::array<bool, 256> kPlain = plain_bytes();

  void finish_tag();
  void new_line();

  ByteSink sink_;
  std::string buffer_;
  std::optional<Error> error_;
  std::vector<std::string> open_;
  bool tag_open_ = false, has_text_ = false, begun_ = false;
};

/// Opens mes:Header and writes what every message has there, down to Receiver.
void write_header_head(XmlOut& out, const OutgoingHeader& header);

}  // namespace focalpost::sdmx
