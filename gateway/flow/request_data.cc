// SPDX-License-Identifier: Apache-2.0
#include "flow/request_data.h"

#include "flow/desk.h"
#include "flow/desk_data.h"

namespace focalpost {

Result<HeldData> held_data(Home& home, const Request& request, const RosterEntry& reader, Time now,
                           std::size_t most) {
  HeldData held;
  const Viewer viewer = viewer_of(home.lookup(), reader, now);
  enquiry::Command command;
  command.areas = request.areas;
  for (const auto& flow : home.lookup().flows()) {
    if (flow->dataflow.empty() || !among(request.flows, flow->dataflow.id)) continue;
    if (held.about.size() == kHeldTables) break;
    Selection selection = selection_for(command, *flow);
    std::string bytes;
    for (const bool latest : {false, true}) {
      selection.latest = latest;
      FP_ASSIGN(bytes, data_file(home, flow, selection, viewer, enquiry::Format::kCsv, most));
      if (!bytes.empty()) break;
    }
    if (bytes.empty()) continue;
    FP_ASSIGN(const auto range, period_range(home, selection, viewer));
    if (!range) continue;
    const std::string name = flow->dataflow.id + ".csv";
    held.about.push_back({name, flow->dataflow.id, range->first, range->second});
    held.files.push_back({name, "text/csv; charset=utf-8", std::move(bytes), ""});
  }
  return held;
}

}  // namespace focalpost
