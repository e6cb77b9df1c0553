// SPDX-License-Identifier: Apache-2.0
//
// body_source: the content of a part, decoded as it is read (RFC 2045 section 6, uuencode).
//
// Holds at most one block of 64 KB. Ours and not mimetic's codecs: those go byte by byte (a fifth
// of the speed), and the base64 one reads out of its table's bounds at a '|'.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/byte_source.h"
#include "mime/message.h"

namespace focalpost::mime {

/// A decoder that goes on after what is wrong, and says so. `damage` is complete once next() gave
/// an empty span.
class BodySource : public ByteSource {
 public:
  struct Damage {
    std::uint64_t bad_bytes = 0;     ///< bytes that have no meaning in the encoding
    std::uint64_t first_bad_at = 0;  ///< offset of the first in the encoded body
    bool trailing = false;           ///< something stands after the end; not taken
    bool cut_off = false;            ///< the end is missing
  };
  const Damage& damage() const { return damage_; }
  /// Content may be missing or wrong. Something after the end alone is no damage: list servers add
  /// their footers there.
  bool damaged() const { return damage_.bad_bytes > 0 || damage_.cut_off; }
  /// A sentence for the sender; empty if there is no damage.
  std::string damage_sentence() const;

 protected:
  void bad_byte(std::size_t at) {
    if (damage_.bad_bytes++ == 0) damage_.first_bad_at = at;
  }
  Damage damage_;
};

/// The decoded content of a leaf; views of the raw message must live as long.
std::unique_ptr<BodySource> body_source(const Part& part);
std::unique_ptr<BodySource> body_source(std::string_view body, Encoding encoding);

}  // namespace focalpost::mime
