// SPDX-License-Identifier: Apache-2.0
//
// contents: everything in a message that may be data, with what mail programs and people wrap
// around it taken off.
//
//   attachment                          as it is (attachments.h)
//   mail as a file, or encoded          split as a message of its own
//   S/MIME with the content inside      taken out (cms.h), then a message or a file
//   text: uuencode                      begin 644 a.xml ... end
//   text: SDMX-ML or SDMX-CSV pasted    from its first line to its last
//   S/MIME or PGP encrypted             said to be so
//
// Never: verifies a signature, decrypts, looks into archives and winmail.dat (`attachment`'s),
// changes whose message it is: identity is the outer message's, whatever was inside.
//
// Bounds: what has to be copied to be looked at counts against limits.wrapped_bytes, all of a
// message together; wrappers in wrappers against limits.wrap_depth; no recursion. Where a bound is
// hit, that stands in the list as an obstacle: it is not taken for absent.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mime/attachments.h"
#include "mime/body_source.h"
#include "mime/message.h"

namespace focalpost::mime {

/// Why what is there cannot be read.
enum class Obstacle {
  kEncrypted,  ///< S/MIME or PGP
  kDamaged,    ///< an S/MIME wrapper that is cut or is no CMS
  kTooLarge,   ///< wrapped_bytes
  kTooDeep,    ///< wrap_depth
};

enum class How {
  kAttached,
  kUuencoded,
  kPasted,  ///< data in the message's text
  kWritten  ///< the message's text is meant to be it: a form
};

struct Content {
  std::string name;  ///< fit for a folder of ours; may be empty
  LooksLike looks_like = LooksLike::kData;
  How how = How::kAttached;
  std::optional<Obstacle> obstacle;  ///< then `body` is what could not be opened
  std::string assumed_charset;       ///< of the name, or of a pasted text
  std::string wrapper;  ///< in what it lay, "smime.p7m", "letter.eml"; empty: in the message itself
  std::uint32_t part = 0;  ///< index in the parts of its message
  std::string_view body;   ///< as sent, of the message or of Contents
  Encoding encoding = Encoding::kIdentity;

  std::unique_ptr<BodySource> open() const { return body_source(body, encoding); }
  /// "part-3" where it has no name; empty if it is the text of the message itself.
  std::string name_or_part() const;
};

class Contents {
 public:
  Contents() = default;
  /// `message` must outlive what this gives.
  static Contents of(const Message& message, const Limits& limits);

  /// In document order, what lies in wrappers after all else.
  const std::vector<Content>& list() const { return list_; }
  std::vector<Content>& list() { return list_; }

 private:
  class Finder;
  std::vector<Content> list_;
  // Where views lead to: their addresses stay when this is moved.
  std::deque<std::string> buffers_;
  std::deque<Message> messages_;
};

}  // namespace focalpost::mime
