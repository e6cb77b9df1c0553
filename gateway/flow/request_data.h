// SPDX-License-Identifier: Apache-2.0
//
// request_data: what the store holds about a question, for who is to answer it.
//
// Of each indicator that the question names the usual series of the countries that it names (of all
// that report, if it names none), as a CSV file for a spreadsheet; read with the eyes of the
// institution of who answers, anew for each who gets the question. Of a table that would be larger
// than kHeldBytes the latest periods alone; of one that still is, nothing.
#pragma once

#include <cstddef>
#include <vector>

#include "base/result.h"
#include "compose/request.h"
#include "flow/home.h"
#include "mime/compose.h"
#include "store/requests.h"

namespace focalpost {

inline constexpr std::size_t kHeldTables = 3, kHeldBytes = 256 << 10;

struct HeldData {
  std::vector<HeldTable> about;
  std::vector<mime::OutgoingAttachment> files;  ///< one for each
};

/// `most`: bytes of a table.
Result<HeldData> held_data(Home& home, const Request& request, const RosterEntry& reader, Time now,
                           std::size_t most = kHeldBytes);

}  // namespace focalpost
