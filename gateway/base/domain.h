// SPDX-License-Identifier: Apache-2.0
//
// domain: names of the DNS and mail addresses in the one form in which they are compared.
//
// Two addresses are the same when their canonical forms are the same bytes: the domain as A-labels
// in lower case (RFC 5890; UTS #46, nontransitional), the local part in ASCII lower case and
// otherwise as it came. Nothing is made equal because it looks alike: a Cyrillic "о" is no "o".
#pragma once

#include <string>
#include <string_view>

namespace focalpost {

/// "ПРИМЕР.Example." gives "xn--e1afmkfd.example". Empty for what is no domain name: with other
/// characters than letters, digits, '-', '_' and '.', empty labels, or longer than 253.
std::string ascii_domain(std::string_view utf8);

/// Of "Local@DOMAIN". What has no domain, or none that is a name, stays as it is but for ASCII
/// case.
std::string canonical_address(std::string_view address);

/// Is `domain` the same as `parent` or a name below it? Both as ascii_domain() gives them.
bool is_at_or_below(std::string_view domain, std::string_view parent);

/// What a text or an address looks like (UTS #39 section 4): two texts that people take for one
/// another have the same. For warnings only, never for equality.
std::string skeleton(std::string_view utf8);

/// In ASCII lower case, without the detail that many servers pass over (RFC 5233): of
/// "Gateway+tag@network.example" gateway@network.example.
std::string without_tag(std::string_view address);

}  // namespace focalpost
