// SPDX-License-Identifier: Apache-2.0
#include "cli/verbs.h"
#include "flow/export.h"
#include "flow/home.h"
#include "flow/metadata_form.h"
#include "flow/outlet.h"
#include "store/metadata.h"

namespace focalpost::cli {

Result<int> form(const Options& options, const FormArguments& arguments) {
  FP_ASSIGN(Home home, Home::open(options.home, Home::Access::kLook));
  FP_ASSIGN(const Phrases* phrases, home.phrases().in(arguments.lang));
  const StructureLookup& lookup = home.lookup();
  const FormRequest request{arguments.metadataflow, arguments.dataflow, arguments.provider};
  MetadataSelection selection;
  selection.provider = arguments.provider;
  selection.dataflow = Ref{};
  if (!arguments.dataflow.empty()) {
    FP_ASSIGN(auto flow, find_dataflow(lookup, arguments.dataflow));
    selection.dataflow = flow->dataflow;
  }
  for (const Metadataflow& flow : lookup.structures().metadataflows)
    if (flow.ref.id == arguments.metadataflow) selection.structure = flow.structure;
  std::vector<ReportedAttribute> known;
  if (!arguments.empty) {
    Viewer viewer;
    viewer.coordinator = true;
    viewer.now = SystemClock().now();
    FP_ASSIGN(auto filed, home.store().metadata().read(selection, lookup, viewer));
    if (!filed.empty()) known = std::move(filed.front().attributes);
  }
  FP_ASSIGN(std::string text, write_form(lookup, request, known, *phrases));
  FP_ASSIGN(Outlet outlet, Outlet::open(arguments.output, 0600));
  FP_TRY(outlet.sink()(text));
  FP_TRY(outlet.commit());
  return 0;
}

}  // namespace focalpost::cli
