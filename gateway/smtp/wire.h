// SPDX-License-Identifier: Apache-2.0
//
// wire: a message as it goes over the line after DATA (RFC 5321 4.5.2). Private to the room.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace focalpost::smtp {

struct Wire {
  std::string text;        ///< CRLF only, dots stuffed, with the final dot
  std::uint64_t size = 0;  ///< as SIZE counts: with CRLF, without stuffing and final dot
  bool eight_bit_header = false, eight_bit = false;  ///< bytes beyond ASCII; the first implies both
  bool has_nul = false;
};

/// A lone CR and a lone LF become CRLF: between servers that differ about them another message
/// could begin there (SMTP smuggling).
void put_on_wire(std::string_view message, Wire& wire);

}  // namespace focalpost::smtp
