// SPDX-License-Identifier: Apache-2.0
//
// attachments: which parts of a message may carry data, and what its people wrote.
//
// A wrong Content-Type never hides an attachment: a part is a candidate unless it is known to be
// something else. Never looks further inside than the first bytes of an unnamed text.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "mime/message.h"

namespace focalpost::mime {

enum class LooksLike {
  kData,  ///< xml, csv, json, zip, gzip, TNEF, or bytes of no declared kind
  kImage,
  kSignature,  ///< detached, S/MIME or OpenPGP (RFC 1847)
  kCalendar,
  kOther,  ///< a spreadsheet, a PDF, ...: worth a sentence to the sender, no data for us
};

struct Candidate {
  std::uint32_t part = 0;  ///< index in Message::parts
  std::string name;        ///< Part::file_name; may be empty
  LooksLike looks_like = LooksLike::kData;
};

/// Every leaf that may carry data, in document order, also inside forwarded messages. Not: the
/// texts for people, images of an HTML text, and anything inside a multipart/report.
std::vector<Candidate> find_attachments(const Message& message);

struct BodyText {
  std::string
      text;  ///< UTF-8, lines ended by LF, at most `limit` bytes; quoted lines start with "> "
  std::string assumed_charset;
  bool cut = false;  ///< there was more
};

/// What the sender wrote: the plain texts, else the HTML without its tags. Nothing of forwarded
/// messages and of attached texts.
BodyText body_text(const Message& message, std::size_t limit);

/// The text of an HTML document, roughly: scripts and styles dropped, blocks on lines of their own,
/// common entities resolved, what is in a <blockquote> quoted with "> ".
std::string strip_html(std::string_view utf8);

}  // namespace focalpost::mime
