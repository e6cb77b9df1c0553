// SPDX-License-Identifier: Apache-2.0
//
// certificate: the time until which a certificate is valid, out of the words of the TLS library.
//
// libcurl hands on what its TLS library prints (CURLOPT_CERTINFO): OpenSSL "Mar  1 09:30:00 2027
// GMT", others "2027-03-01 09:30:00 GMT". The text comes out of a certificate that was accepted;
// whatever else stands there is no time, and never an Error.
#pragma once

#include <optional>
#include <string_view>

#include "base/clock.h"

namespace focalpost::net {

std::optional<Time> read_certificate_time(std::string_view text);

}  // namespace focalpost::net
