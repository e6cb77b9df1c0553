// SPDX-License-Identifier: Apache-2.0
#include "base/map_source.h"

#include <stdlib.h>
#include <unistd.h>

#include <cerrno>

namespace focalpost {
namespace {

Status write_all(ByteSource& source, int fd, const fs::path& name) {
  for (;;) {
    FP_ASSIGN(auto bytes, source.next());
    if (bytes.empty()) return {};
    FP_TRY(write_fully(fd, {bytes.data(), bytes.size()}, name));
  }
}

}  // namespace

Result<MappedFile> map_source(ByteSource& source, const fs::path& directory) {
  std::string name = (directory / "mapped-XXXXXX").string();
  Fd fd(::mkostemp(name.data(), 0));
  if (!fd) return system_error("make a file in", directory, errno);
  Status written = write_all(source, fd.get(), name);
  Result<MappedFile> mapped = written.ok() ? MappedFile::open(name) : written.take_error();
  ::unlink(name.c_str());
  return mapped;
}

}  // namespace focalpost
