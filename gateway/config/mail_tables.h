// SPDX-License-Identifier: Apache-2.0
//
// mail_tables: reads [mailbox], [mailbox.NAME] and [outgoing]. Private to the room.
#pragma once

#include "config/settings.h"
#include "config/table.h"

namespace focalpost::config {

Status read_mailbox_table(std::string_view file, const toml::table& table, Settings& settings);
Status read_outgoing_table(std::string_view file, const toml::table& table, Settings& settings);

}  // namespace focalpost::config
