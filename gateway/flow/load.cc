// SPDX-License-Identifier: Apache-2.0
#include "flow/load.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/byte_source.h"
#include "flow/home.h"
#include "sdmx/detect.h"
#include "sdmx/structure_reader.h"

namespace focalpost {

Result<std::vector<LoadedFile>> load_structure_files(const std::vector<fs::path>& paths,
                                                     const Limits& limits) {
  std::vector<fs::path> files;
  for (const fs::path& path : paths) {
    std::error_code none;
    if (!fs::is_directory(path, none)) {
      files.push_back(path);
      continue;
    }
    FP_ASSIGN(auto names, list_directory(path));
    std::sort(names.begin(), names.end());
    for (const std::string& name : names)
      if (name.ends_with(".xml")) files.push_back(path / name);
  }
  std::vector<LoadedFile> loaded;
  for (const fs::path& path : files) {
    FP_ASSIGN(MappedFile mapped, MappedFile::open(path));
    Detection detection = detect(mapped.bytes().substr(0, kDetectBytes));
    if (detection.kind != FileKind::kSdmxMlStructure)
      return not_right(fmt::format("{} is not an SDMX-ML structure message ({})", path.string(),
                                   describe(detection)),
                       "Give structure messages; data go to the mailbox or to `validate`.");
    LoadedFile& file = loaded.emplace_back(limits.findings_listed);
    file.path = path.string();
    MemorySource source(mapped.bytes());
    FP_ASSIGN(file.structures, read_structures(source, file.findings, limits));
  }
  return loaded;
}

Result<Structures> load_structures(const std::vector<fs::path>& paths, const Limits& limits) {
  FP_ASSIGN(auto files, load_structure_files(paths, limits));
  Structures all;
  for (LoadedFile& file : files) {
    if (file.findings.errors() > 0)
      return not_right(fmt::format("{} has {} errors", file.path, file.findings.errors()),
                       fmt::format("`focalpost validate {}` lists them.", file.path));
    all.merge(std::move(file.structures));
  }
  return all;
}

std::vector<fs::path> default_network(const fs::path& share, bool with_example) {
  std::vector<fs::path> files;
  auto names = list_directory(share / "schemas");
  if (!names.ok()) return files;
  std::sort(names->begin(), names->end());
  for (const std::string& name : *names)
    if (name.ends_with(".xml") && (with_example || name != "example-network.xml"))
      files.push_back(share / "schemas" / name);
  return files;
}

Result<std::shared_ptr<const StructureLookup>> known_structures(const fs::path& root,
                                                                const std::vector<fs::path>& more,
                                                                const Limits& limits) {
  std::error_code none;
  Structures known;
  if (fs::exists(HomePaths{root}.store(), none)) {
    FP_ASSIGN(Home home, Home::open(root, Home::Access::kLook));
    if (more.empty()) return home.snapshot();
    known = home.lookup().structures();
  } else if (more.empty()) {
    FP_ASSIGN(known, load_structures(default_network(share_directory(), false), limits));
  }
  FP_ASSIGN(Structures given, load_structures(more, limits));
  known.merge(std::move(given));
  return std::make_shared<const StructureLookup>(std::move(known));
}

}  // namespace focalpost
