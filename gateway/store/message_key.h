// SPDX-License-Identifier: Apache-2.0
//
// message_key: where a mailbox had a message; how intake knows one before it is read.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace focalpost {

struct MessageKey {
  std::string mailbox;            ///< which account: "imap://host/user", or the Maildir's name
  std::string folder;             ///< "INBOX"
  std::int64_t uid_validity = 0;  ///< RFC 3501 section 2.3.1.1; 1 for a Maildir
  std::string uid;                ///< IMAP: the UID in decimal. Maildir: unique part of the name
  friend auto operator<=>(const MessageKey&, const MessageKey&) = default;
};

}  // namespace focalpost
