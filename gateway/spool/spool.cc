// SPDX-License-Identifier: Apache-2.0
#include "spool/spool.h"

#include <sys/statvfs.h>

#include <cerrno>

namespace focalpost {

Result<DiskSpace> disk_space(const fs::path& path) {
  struct statvfs info {};
  if (::statvfs(path.c_str(), &info) != 0)
    return system_error("ask for disk space at", path, errno);
  return DiskSpace{std::uint64_t(info.f_bavail) * info.f_frsize,
                   std::uint64_t(info.f_blocks) * info.f_frsize};
}

}  // namespace focalpost
