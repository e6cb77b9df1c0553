// SPDX-License-Identifier: Apache-2.0
//
// check_xsd: the files of `validate --xsd` held against XML Schema (sdmx/xsd_check.h), beside our
// own judgement.
//
// Reads the official schemas from the folders that are given, by plain name: never anything else.
#pragma once

#include <string>
#include <vector>

#include "flow/check_file.h"
#include "sdmx/xsd_check.h"

namespace focalpost {

class XsdFiles {
 public:
  /// `folders`: each with the official schemas of one version of SDMX-ML. `own`: a schema to use
  /// for the data (empty: one is made of the data structure); official schemas beside it are found
  /// too.
  static Result<XsdFiles> open(std::vector<fs::path> folders, const fs::path& own);

  /// One result for each thing in the file, in the order of check_file.
  Result<std::vector<XsdResult>> check(const fs::path& path, const CheckContext& context) const;

 private:
  struct Folder {
    fs::path path;
    std::string version;
  };
  std::vector<Folder> folders_;
  std::string own_;
};

}  // namespace focalpost
