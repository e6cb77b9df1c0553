// SPDX-License-Identifier: Apache-2.0
//
// smime: CMS signatures. Private to the room.
#pragma once

#include "signature/signature.h"

namespace focalpost::signature::smime {

/// `content` null: enclosed.
Outcome verify(std::string_view cms, const std::string_view* content, const std::string& pinned_pem,
               const std::string& ca_pem, const Signer& signer, Time at);

/// The certificates of a PEM file.
std::vector<Key> list(const std::string& pem, Time now);

}  // namespace focalpost::signature::smime
