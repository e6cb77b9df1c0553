// SPDX-License-Identifier: Apache-2.0
//
// metadata: the way of reference metadata: read, judged, filed, taken out again.
//
// Owns: what a file of metadata becomes (sets, judged descriptions), when a description is filed
// and when it waits, what `focalpost export --to metadata-2.1` writes. How sets look is sdmx's,
// whether they are right validation's, what holds the store's (store/metadata.h).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "flow/examine.h"
#include "flow/home.h"
#include "sdmx/metadata_writer.h"

namespace focalpost {

/// Reads and judges a metadata message into `file`.
Status examine_metadata(ExaminedFile& file, ByteSource& bytes, const Detection& detection,
                        const ExamineContext& context);
/// A form filled in as plain text (metadata_form.h).
Status examine_form(ExaminedFile& file, ByteSource& bytes, const ExamineContext& context);

/// With what right a description is filed.
struct MetadataRights {
  bool file = false;    ///< may file
  bool revise = false;  ///< may change what is there
  bool released = false;
  bool accepted = false;  ///< released, or confirmed by its sender: older or not
};

/// Files what a judged file holds, all of it or nothing, and says in `item` what became of it.
/// Inside the caller's transaction.
Status file_metadata(Home& home, const ExaminedFile& file, std::int64_t docket, Time now,
                     const MetadataRights& rights, Item& item);

/// Names of formats: "metadata-2.1", "metadata-3.0".
std::optional<MetadataFormat> metadata_format(std::string_view name);

struct MetadataRequest {
  std::string name;      ///< a dataflow's, as in find_dataflow(), or a metadataflow's ("INVENTORY")
  std::string provider;  ///< id; empty: all
  std::string as_of;     ///< date (its end) or date-time
  std::string viewer;    ///< as in viewer_named()
  MetadataFormat format = MetadataFormat::k21;
};

/// How many descriptions were written; none is an Error.
Result<std::size_t> export_metadata(Home& home, const MetadataRequest& request, Time now,
                                    const ByteSink& sink);

}  // namespace focalpost
