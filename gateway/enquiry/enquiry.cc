// SPDX-License-Identifier: Apache-2.0
#include "enquiry/enquiry.h"

#include <array>

namespace focalpost::enquiry {

std::string_view verb_name(Verb verb) {
  constexpr std::array<std::string_view, 24> kNames = {
      "help",        "indicators", "countries", "calendar",    "status",   "get",
      "how",         "inventory",  "who",       "form",        "ask",      "subscribe",
      "unsubscribe", "language",   "stop",      "publish",     "audience", "decline",
      "forward",     "close",      "module",    "add_contact", "pause",    "resume"};
  return kNames[static_cast<std::size_t>(verb)];
}

}  // namespace focalpost::enquiry
