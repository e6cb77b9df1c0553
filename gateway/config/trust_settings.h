// SPDX-License-Identifier: Apache-2.0
//
// trust_settings: [trust], what is believed about who sent a message (DESIGN.md section 5).
#pragma once

#include <cstdint>
#include <string>

namespace focalpost {

struct TrustSettings {
  /// The own mail server's name in Authentication-Results (RFC 8601), "mx.host.example" or
  /// "*.host.example"; empty: no report is believed.
  std::string authserv_id;
  /// How many such fields it puts into every message, where each of its filters writes one; the
  /// topmost so many count.
  std::uint64_t authserv_fields = 1;
  /// The operator has seen by another way than `check` that the server removes forged ones.
  bool authserv_tested = false;
  /// Authorities whose S/MIME certificates are believed, PEM; empty: only certificates in keys/.
  std::string ca_file;
};

inline constexpr std::uint64_t kMostAuthservFields = 5;

}  // namespace focalpost
