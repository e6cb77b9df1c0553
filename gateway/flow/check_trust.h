// SPDX-License-Identifier: Apache-2.0
//
// check_trust: what the settings believe about senders, tried out; for check_setup.cc.
//
// The trial: forged reports (Authentication-Results under the pinned server's name, in the shapes
// that flow/assurance.h would count) are mailed to the gateway itself by way of [outgoing]. If one
// of them is in what arrives, anybody could have assurance 2, and the pin is refused until a trial
// ends well. The result stays in the store: a running gateway heeds it with its next pass.
//
// The trial's letter carries the gateway's own mark, so intake takes it for what it is, a message
// of its own, and puts it into Ignored; nobody is answered. This puts it there too.
//
// Danger: the letter takes the way of a sender who logs in at the own server. A server that treats
// strangers' mail otherwise is tried only by half; docs/SECURITY.md says so.
#pragma once

#include "flow/accounts.h"
#include "flow/check_setup.h"

namespace focalpost {

void check_trust(const Settings& settings, const HomePaths& paths, const Accounts& accounts,
                 const CheckOptions& options, const Clock& clock, const CheckTeller& tell);

/// The trial's letter; `id` marks each forged field.
std::string probe_letter(const Settings& settings, std::string_view gateway_id,
                         std::string_view message_id_domain, std::string_view id, Time now);

}  // namespace focalpost
