// SPDX-License-Identifier: Apache-2.0
//
// outgoing: what every SDMX message that leaves has in common: where its bytes go and what its
// header says.
//
// A ByteSink takes bytes in pieces of some 64 KB, in order; its Error (a full disk) ends the
// writing and comes back from the writer. Dangers: after an Error the sink has the beginning of a
// message, which is to be thrown away.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/observation.h"
#include "model/structure.h"

namespace focalpost {

using ByteSink = std::function<Status(std::string_view bytes)>;

/// Appends to a string, for small things and tests. `to` must outlive the sink.
inline ByteSink sink_to(std::string& to) {
  return [&to](std::string_view bytes) {
    to += bytes;
    return Status();
  };
}

/// The header of a message. Ids are of A-Z a-z 0-9 _ - @ $ (common:IDType).
struct OutgoingHeader {
  std::string id;
  bool test = false;
  std::string prepared;  ///< xs:dateTime or xs:date
  std::string sender;    ///< id
  std::string receiver;  ///< id; empty: none is named
  Texts names;           ///< of the message
};

/// What a message that was read says about itself, with ids made legal.
OutgoingHeader header_of(const DataMessage& message);

/// `id` with '_' for every character that an IDType may not have; `otherwise` if it is empty.
std::string legal_id(std::string_view id, std::string_view otherwise = "UNKNOWN");

/// Nothing, or what is wrong with the header.
Status check_header(const OutgoingHeader& header);

}  // namespace focalpost
