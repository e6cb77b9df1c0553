// SPDX-License-Identifier: Apache-2.0
//
// convert: a data message on disk in another format, as a stream.
//
// The file is judged as `validate` judges it (check_file: a mail, an archive or the message itself)
// and read a second time to write. It must hold exactly one data message and nothing that is not
// right: nothing is written otherwise. What the target format cannot say is an Error with its name,
// never left out (sdmx/data_writer.h). A header keeps its id, dates and sender; what SDMX-CSV has
// none of is `now` and the name of the file's dataflow.
//
// Memory: attributes of groups and datasets up to Limits::stage_memory, some batches.
#pragma once

#include <functional>

#include "base/clock.h"
#include "flow/check_file.h"
#include "flow/outlet.h"

namespace focalpost {

struct Conversion {
  bool right = true;  ///< false: something in the file has errors, nothing was written
  std::string name;   ///< of the message: "a.zip!b.xml"
  std::uint64_t datasets = 0, series = 0, observations = 0;
};

/// `report` gets everything that was judged, before anything is written.
Result<Conversion> convert_file(const fs::path& path, const OutputFormat& format,
                                const CheckContext& context,
                                const std::function<void(CheckedFile)>& report,
                                const ByteSink& sink);

}  // namespace focalpost
