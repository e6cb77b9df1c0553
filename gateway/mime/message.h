// SPDX-License-Identifier: Apache-2.0
//
// mime: from raw bytes to parts, and from what we say to raw bytes.
//
// Owns: how a message is taken apart (this file, headers.h, body_source.h), what in it may carry
// data (attachments.h), whether a machine sent it (automatic.h), and how a message is put together
// (compose.h). The door to mimetic, which is used for putting together only: it was measured to
// lose parts, recurse and go quadratic on what strangers send. Never: reads files or the clock,
// decides who a sender is, looks inside an attachment.
//
// message: the splitter. One pass, in place, without recursion, in time linear in the message; what
// it yields are views into `raw`, which must outlive the Message (a mapped file, up to 2 GB).
//
// Dangers: everything in a Message was chosen by a stranger. `file_name` is fit to be a name in a
// folder of ours; `original_name`, display names and texts go through one_line() or escape_html()
// before a person sees them. The identity of a message is that of its outermost headers, top(),
// never those of a forwarded message inside.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "mime/headers.h"
#include "mime/parameters.h"

namespace focalpost::mime {

/// RFC 2045 section 6.
enum class Encoding { kIdentity, kBase64, kQuotedPrintable, kUuencode, kUnknown };

/// What a part is, by its media type.
enum class Kind {
  kText,       ///< text/plain, text/html: for people, unless it has a file name
  kData,       ///< every other leaf
  kMultipart,  ///< RFC 2046 section 5.1
  kMessage,    ///< message/rfc822: its only child is the root of the message inside
};

/// Something that is not as it should be, and where. None of them stops the reading.
enum class Oddity {
  kHeaderLineTooLong,   ///< over header_line_bytes: the rest of the field is not looked at
  kHeaderBlockTooLong,  ///< over header_block_bytes or kMostFields: the fields after are not seen
  kTooManyParts,        ///< over `parts`: nothing after this place is seen
  kTooDeep,             ///< over part_depth: this part was not split
  kMboxFromLine,        ///< "From a@b.example Sun Mar ..." in front of the header
  kGarbageHeaderLine,   ///< a line in the header that is no field; skipped
  kMissingBlankLine,    ///< the body began without a blank line
  kMissingEndBoundary,  ///< a multipart ended without its "--boundary--"
  kBoundaryGuessed,     ///< a multipart without the parameter; the first "--" line was taken
  kBoundaryNeverFound,  ///< a multipart without any part; it is a leaf now
  kPartAfterEnd,        ///< a part after "--boundary--"
  kEncodedContainer,    ///< a multipart said to be base64 (taken as it is), or a message that is
  kUnknownEncoding,     ///< the Content-Transfer-Encoding has no meaning; taken as it is
};

struct OddityAt {
  Oddity what;
  std::uint64_t offset = 0;  ///< in the raw message
};

/// A sentence fragment for logs and reports, "a boundary line is missing at the end of a
/// multipart".
std::string_view describe(Oddity what);

struct Part {
  static constexpr std::uint32_t kNoParent = UINT32_MAX;

  std::uint32_t parent = kNoParent;  ///< index in Message::parts; always less than the own
  std::uint32_t depth = 0;           ///< 0 for the message itself
  Kind kind = Kind::kText;
  bool is_leaf = true;  ///< has no children: body is content

  Headers headers;
  std::string_view header_block;  ///< the header, up to the blank line
  std::string_view body;  ///< as sent, still encoded; without the line end before a boundary

  std::string media_type;  ///< "text/plain": lower case; the default is filled in
  std::vector<Parameter> parameters;
  std::string charset;  ///< as declared, lower case; empty if it was not
  Encoding encoding = Encoding::kIdentity;
  std::string disposition;    ///< "attachment", "inline", lower case; empty if it was not declared
  std::string file_name;      ///< without path, controls and slashes; empty if there is none
  std::string original_name;  ///< as declared, on one line
  std::string assumed_charset;  ///< not empty where the file name's bytes had to be assumed one
  std::string content_id;       ///< without brackets

  /// The value of a parameter of the Content-Type, empty if there is none.
  std::string_view parameter(std::string_view name) const;
};

struct Message {
  std::string_view raw;
  std::vector<Part> parts;         ///< document order; [0] is the message itself
  std::vector<OddityAt> oddities;  ///< the first kMostOddities

  /// The outermost header: who wrote, to whom, in which thread.
  const Headers& top() const { return parts.front().headers; }
  const Part& root() const { return parts.front(); }
  /// Is `index` inside (or itself) a part for which `test` holds?
  template <typename Test>
  bool within(std::uint32_t index, Test test) const {
    for (; index != Part::kNoParent; index = parts[index].parent)
      if (test(parts[index])) return true;
    return false;
  }
  bool has(Oddity what) const;
};

inline constexpr std::size_t kMostOddities = 100;
/// Fields of one header block that are looked at.
inline constexpr std::size_t kMostFields = 1000;
/// Lines that are no fields and stand together before the header is taken to have ended.
inline constexpr std::size_t kMostGarbageLines = 4;

/// Never fails: in the worst case the message is one part.
Message parse(std::string_view raw, const Limits& limits);
/// The bytes of a temporary would be gone before the Message is looked at.
template <typename Bytes>
requires std::same_as<Bytes, std::string> Message parse(Bytes&& raw, const Limits& limits)
= delete;

/// The last component of a file name, without control and bidirectional characters, slashes,
/// a drive's letter and colons; at most 200 bytes, the extension kept. Empty where nothing is left.
std::string safe_file_name(std::string_view utf8);

}  // namespace focalpost::mime
