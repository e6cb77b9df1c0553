// SPDX-License-Identifier: Apache-2.0
//
// strayed: where a message is that somebody moved by hand.
//
// Folders are listed, and what has the size of the message is fetched and compared with its kept
// bytes: the name it has in a folder (a UID) is new with every move by hand. Moves nothing itself.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "base/result.h"
#include "mailbox/mailbox.h"

namespace focalpost {

/// The first message in these folders that has exactly these bytes. The mailbox must be open.
Result<std::optional<MessageRef>> find_strayed(Mailbox& mailbox, std::span<const Folder> folders,
                                               std::string_view bytes);

}  // namespace focalpost
