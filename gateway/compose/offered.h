// SPDX-License-Identifier: Apache-2.0
//
// offered: a public answer to an earlier question, as it is offered to who asks a like one.
//
// Nothing in it tells who asked, or which person answered.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace focalpost {

struct OfferedAnswer {
  std::string provider;  ///< id of the institution that answered
  Time at{};
  std::string text;                ///< UTF-8, lines end in LF
  std::vector<std::string> files;  ///< names of what is attached
};

}  // namespace focalpost
