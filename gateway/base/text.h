// SPDX-License-Identifier: Apache-2.0
//
// text: small, pure functions over text that several rooms need.
//
// Everything is UTF-8 unless its name says otherwise. Nothing here knows a language: names, plurals
// and dates for people are `render`'s.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace focalpost {

/// Without white space (space, tab, CR, LF) at both ends.
std::string_view trim(std::string_view text);
/// Pieces between separators; an empty text gives one empty piece.
std::vector<std::string_view> split(std::string_view text, char separator);
/// ASCII letters only; other bytes stay as they are.
std::string ascii_lower(std::string_view text);
std::string ascii_upper(std::string_view text);
bool ascii_iequal(std::string_view a, std::string_view b);
bool ascii_istarts_with(std::string_view text, std::string_view prefix);

bool is_utf8(std::string_view text);
/// Invalid bytes become U+FFFD, so that the result is UTF-8 in any case.
std::string to_valid_utf8(std::string_view text);
/// At most `limit` code points, with "…" in the last place when something was cut.
std::string shorten(std::string_view text, std::size_t limit);

/// Fit for one line of a log, a table or a header: control characters (C0, C1, DEL), line and
/// paragraph separators and bidirectional controls (U+202A..E, U+2066..9, U+200E..F, U+061C) are
/// shown as <U+XXXX>, invalid bytes as U+FFFD.
std::string one_line(std::string_view text);

/// Text fit for HTML content and double-quoted attributes.
std::string escape_html(std::string_view text);

/// Up to `most` of `candidates` nearest to `wanted`, nearest first: equal but for case, then by
/// edit distance (at most a third of the length, at least 1 and at most 3), then in the given
/// order.
std::vector<std::string> nearest(std::string_view wanted,
                                 const std::vector<std::string_view>& candidates,
                                 std::size_t most = 3);

/// Whether one of them is this text.
bool among(const std::vector<std::string>& list, std::string_view one);

/// Every line ended by CRLF, as mail goes over a line (RFC 5322 section 2.3); nothing if it is so
/// already.
std::optional<std::string> with_crlf(std::string_view bytes);

}  // namespace focalpost
