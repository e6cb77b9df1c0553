// SPDX-License-Identifier: Apache-2.0
//
// load: structure messages from files, for `init`, `load` and `validate --structures`.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/limits.h"
#include "base/result.h"
#include "model/finding.h"
#include "model/lookup.h"
#include "model/structure.h"

namespace focalpost {

struct LoadedFile {
  explicit LoadedFile(std::uint64_t listed) : findings(listed) {}
  std::string path;
  Structures structures;
  FindingList findings;
};

/// Files, and the *.xml of folders in the order of their names. What is no structure message is an
/// Error; what is wrong in one is in its findings.
Result<std::vector<LoadedFile>> load_structure_files(const std::vector<fs::path>& paths,
                                                     const Limits& limits);

/// All of them in one bag, later ones over earlier ones; an Error if a file has errors.
Result<Structures> load_structures(const std::vector<fs::path>& paths, const Limits& limits);

/// The structures that ship: the default network without institutions, or with the example ones.
std::vector<fs::path> default_network(const fs::path& share, bool with_example);

/// What the home in `root` knows, and where there is none the default network; `more` over it. With
/// `more` and no home, `more` alone.
Result<std::shared_ptr<const StructureLookup>> known_structures(const fs::path& root,
                                                                const std::vector<fs::path>& more,
                                                                const Limits& limits);

}  // namespace focalpost
