// SPDX-License-Identifier: Apache-2.0
//
// address: what may stand in an envelope, and how it is written into parameters (RFC 5321 4.1.2,
// RFC 6531 3.3, RFC 3461 4).
//
// Danger: what passes here is written into a command. Nothing with a control character, a space
// outside quotes or an angle bracket outside quotes passes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace focalpost::smtp {

enum class AddressKind : std::uint8_t {
  kIllegal,
  kAscii,
  kInternational,  ///< only with SMTPUTF8
};

/// Of "local@domain" without brackets: a dot-atom or quoted string of at most 64 bytes, a domain of
/// letters, digits and hyphens (or beyond ASCII) or an address literal; at most 254 bytes.
AddressKind address_kind(std::string_view address);

/// xtext: printable ASCII as it is, but "+" and "=" as "+2B" and "+3D". For ASCII only.
std::string xtext(std::string_view ascii);
/// The value of ORCPT: "rfc822;a+2Bb@x.example", "utf-8;почта@x.example" (RFC 6533 3).
std::string original_recipient(std::string_view address, AddressKind kind);

}  // namespace focalpost::smtp
