// SPDX-License-Identifier: Apache-2.0
//
// outlet: where `export`, `convert` and `schema` put what they write, and in which format.
//
// A file is there whole or not at all: bytes go to a file without a name (or, where the file system
// has none, a temporary name beside the target) and take the target's name at commit(). Standard
// output and what is no ordinary file (a device, a pipe) get the bytes as they come.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/files.h"
#include "base/result.h"
#include "sdmx/data_writer.h"

namespace focalpost {

/// What `--to` says of data.
struct OutputFormat {
  DataFormat format = DataFormat::kStructureSpecific21;
  bool flat = false;  ///< observations without series around them
  /// CSV that people open in a spreadsheet (DataWriteOptions::for_people).
  bool for_people = false;
};
/// "ss-2.1", "ss-2.1-flat", "generic-2.1", ..., and the names of data_writer.h. The Error lists
/// them.
Result<OutputFormat> output_format(std::string_view name);
/// The short names, for help.
std::vector<std::string_view> output_format_names();

class Outlet {
 public:
  /// An empty path, or "-": standard output. `mode` is cut by the umask.
  static Result<Outlet> open(const fs::path& path, unsigned mode = 0666);
  Outlet(Outlet&& other) noexcept;
  Outlet& operator=(Outlet&&) = delete;
  ~Outlet();

  /// The outlet must outlive it and must not be moved meanwhile.
  ByteSink sink();
  /// Nothing more comes: the target has what was written. Without it nothing has happened to a
  /// file.
  Status commit();
  bool to_standard_output() const { return !fd_; }

 private:
  Outlet() = default;
  Fd fd_;            ///< none: standard output
  fs::path target_;  ///< empty: written to as it is
  fs::path beside_;  ///< temporary name, if it has one
};

}  // namespace focalpost
