// SPDX-License-Identifier: Apache-2.0
//
// viewer: for whom something is read.
//
// Everything that leaves the gateway is read from the store through an interface that requires a
// Viewer; audience, confidentiality, embargo and residual disclosure are applied there (DESIGN.md
// section 6). There is no default viewer on purpose.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"

namespace focalpost {

struct Viewer {
  std::string institution;         ///< data provider id; empty: the public
  std::vector<std::string> areas;  ///< the countries of that institution, for listed audiences
  bool coordinator = false;
  Time now{};

  static Viewer public_at(Time now) { return {{}, {}, false, now}; }
  bool is_public() const { return institution.empty() && !coordinator; }
};

}  // namespace focalpost
