// SPDX-License-Identifier: Apache-2.0
//
// check_servers: the mail servers' part of check_setup.h; for check_setup.cc.
#pragma once

#include "flow/accounts.h"
#include "flow/check_setup.h"

namespace focalpost {

void check_mailbox(const MailboxPlace& place, const HomePaths& paths, const CheckOptions& options,
                   const Clock& clock, const CheckTeller& tell);
void check_outgoing(const Account& account, const Settings& settings, const CheckOptions& options,
                    const Clock& clock, const CheckTeller& tell);

}  // namespace focalpost
