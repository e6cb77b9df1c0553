// SPDX-License-Identifier: Apache-2.0
//
// subscription: letters about a subscription to the digest, and how one is named in words.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "compose/receipt.h"

namespace focalpost {

class Names;
class Words;

enum class SubscriptionText : std::uint8_t {
  kConfirm,  ///< somebody outside: is it you?
  kBegun,
  kEnded,  ///< by a word that came from another address
};

struct SubscriptionFacts {
  SubscriptionText text = SubscriptionText::kBegun;
  const Docket* about = nullptr;  ///< the message that caused it
  std::string token;              ///< kConfirm: in the subject
  std::string lang, zone;         ///< of the reader
  std::string rhythm;
  std::vector<std::string> flows, areas;  ///< empty: all
  Time next{};                            ///< when the next digest comes
};

/// Error: as compose_receipt().
Result<Receipt> compose_subscription(const SubscriptionFacts& facts,
                                     const StructureLookup& structures, const Voice& voice,
                                     const Letterhead& letterhead);

/// "Asylum applicants; Kyrgyzstan, Kazakhstan", or that it is all of the network.
std::string selection_words(const std::vector<std::string>& flows,
                            const std::vector<std::string>& areas, const Names& names,
                            Words& words);

}  // namespace focalpost
