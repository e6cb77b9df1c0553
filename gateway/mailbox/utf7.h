// SPDX-License-Identifier: Apache-2.0
//
// utf7: names of IMAP folders, modified UTF-7 (RFC 3501 section 5.1.3).
#pragma once

#include <string>
#include <string_view>

namespace focalpost {

/// "Отчёты" becomes "&BB4EQgRHBFEEQgRL-", "A&B" becomes "A&-B".
std::string to_utf7(std::string_view utf8);
/// The reverse, for people to read; what is not sound modified UTF-7 comes back as it is.
std::string from_utf7(std::string_view utf7);

}  // namespace focalpost
