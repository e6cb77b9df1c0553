// SPDX-License-Identifier: Apache-2.0
//
// trust: what a home believes of reports and signatures, as a message is assessed (assurance.h).
#pragma once

#include <cstdint>
#include <memory>

#include "signature/signature.h"

namespace focalpost {

/// Whether the reports of the pinned server count.
enum class Pin : std::uint8_t {
  kNone,      ///< [trust] names no server
  kUnproven,  ///< nobody has seen that it removes forged ones
  kHolds,
  kRefused,  ///< when `check` tried it last, a forged one survived
};

struct Trust {
  Pin pin = Pin::kNone;
  std::shared_ptr<const signature::Keys> keys;
};

}  // namespace focalpost
