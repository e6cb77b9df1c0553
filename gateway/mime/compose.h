// SPDX-License-Identifier: Apache-2.0
//
// compose: one message to the bytes that leave (RFC 5322, MIME), CRLF throughout.
//
// mimetic holds the header of every entity and makes the plain structured values (Content-Type,
// Content-Transfer-Encoding, MIME-Version). The rest is ours: mimetic has no encoded words and no
// RFC 2231, its writer folds again what is folded and loses a boundary that stands on a folded
// line, its encoders write bare line feeds at 30 ns a byte, and a tree of its entities took 250
// microseconds. Deterministic: the same input gives the same bytes; boundaries come from the
// Message-ID.
//
// Dangers: a line end in a field's value would let whoever chose the text write fields of his own.
// In texts control characters become spaces; in addresses, ids and names of fields they are an
// Error. The empty return path of an automatic reply (RFC 3834 section 3.3) is the envelope's
// matter.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace focalpost::mime {

struct Mailbox {
  std::string name;     ///< UTF-8; may be empty
  std::string address;  ///< local@domain, without brackets
};

struct OutgoingAttachment {
  std::string name;  ///< UTF-8; reduced to a safe file name
  std::string media_type =
      "application/octet-stream";  ///< may bring parameters: "text/csv; header=present"
  std::string bytes;
  std::string content_id;  ///< not empty: inline, for "cid:" in the HTML; without brackets
};

struct Outgoing {
  Mailbox from;
  Mailbox to;
  std::string subject;
  std::string message_id;   ///< with brackets; required
  std::string in_reply_to;  ///< with brackets, or empty
  std::vector<std::string>
      references;  ///< with brackets; of more than 20 the first and the last 19
  Time date;
  std::string auto_submitted;  ///< RFC 3834 section 5: "auto-replied", "auto-generated", or empty
  std::string language;        ///< Content-Language, "ru"; or empty
  std::vector<std::pair<std::string, std::string>> headers;  ///< more fields; values are texts
  std::string plain;                                         ///< UTF-8, lines ended by LF or CRLF
  std::string html;                                          ///< UTF-8; empty: plain only
  std::vector<OutgoingAttachment> attachments;
  std::string seed;  ///< mixed into the boundaries beside the Message-ID; may be empty
};

inline constexpr std::size_t kMostReferences = 20;

/// multipart/alternative of plain and HTML, in a multipart/related with inline attachments, in a
/// multipart/mixed with the others; only what is needed of that.
Result<std::string> compose(const Outgoing& message);

/// What many letters share: everything below their headers.
struct Body {
  std::string fields;               ///< of the header: Content-Type and others, with line ends
  std::vector<std::string> pieces;  ///< one after the other the bytes; attachments are pieces
};
/// Looks at language, texts and attachments alone: the same give the same body, and the same
/// attachment the same piece in any body.
Result<Body> compose_body(const Outgoing& message);
/// The header of a letter with that body, with the empty line; looks at the other members of
/// `message`.
Result<std::string> compose_header(const Outgoing& message, const Body& body);

/// "<2026-000147.1.ab12cd@gateway.example>": the same docket and attempt give the same id, so that
/// a copy sent twice is known as one (RFC 5322 3.6.4).
std::string reply_message_id(std::string_view docket, unsigned attempt,
                             std::string_view gateway_domain);

/// Is this fit for an envelope and a header: local@domain, no spaces, controls or brackets?
bool is_sendable_address(std::string_view address);

}  // namespace focalpost::mime
