// SPDX-License-Identifier: Apache-2.0
//
// bounce_text: reads reports that are written for people. Private to the room, see bounce.h.
//
// There is no standard to hold on to. What they have in common: a recipient stands at the start of
// a line, what the server said follows, with a reply code (RFC 5321 4.2) or status (RFC 3463) or
// one of a few phrases, and the message that came back begins at a line that says so. Linear in the
// length of the text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mime/bounce.h"

namespace focalpost::mime {

struct TextReport {
  std::vector<BouncedRecipient> recipients;
  bool more_recipients = false;
  std::string message_id;
  std::string_view shape;  ///< whose way of writing this is; empty: nobody's
  BounceKind overall = BounceKind::kUnknown;
};

/// `failed`: addresses that are known to be what it is about (X-Failed-Recipients); then no others
/// are taken. `others`: addresses that it cannot be about, as the report's own sender.
TextReport read_text_report(std::string_view text, const std::vector<std::string>& failed,
                            const std::vector<std::string>& others);

/// "5.1.1" if one stands in the text, by itself.
std::string find_status(std::string_view text);
/// What a text says, with `status` if that is known already.
BounceKind kind_of_text(std::string_view text, std::string_view status);

}  // namespace focalpost::mime
