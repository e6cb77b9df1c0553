// SPDX-License-Identifier: Apache-2.0
#include "flow/outlet.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/text.h"

namespace focalpost {
namespace {

struct NamedFormat {
  std::string_view name;
  OutputFormat format;
};
constexpr NamedFormat kFormats[] = {
    {"ss-2.1", {DataFormat::kStructureSpecific21, false}},
    {"ss-2.1-flat", {DataFormat::kStructureSpecific21, true}},
    {"generic-2.1", {DataFormat::kGeneric21, false}},
    {"generic-2.1-flat", {DataFormat::kGeneric21, true}},
    {"ss-3.0", {DataFormat::kStructureSpecific30, false}},
    {"ss-3.0-flat", {DataFormat::kStructureSpecific30, true}},
    {"csv-1.0", {DataFormat::kCsv10, false}},
    {"csv-2.0", {DataFormat::kCsv20, false}},
};

/// The folder of a path that may have none.
fs::path folder_of(const fs::path& path) {
  return path.parent_path().empty() ? fs::path(".") : path.parent_path();
}

}  // namespace

std::vector<std::string_view> output_format_names() {
  std::vector<std::string_view> names;
  for (const NamedFormat& named : kFormats) names.push_back(named.name);
  return names;
}

Result<OutputFormat> output_format(std::string_view name) {
  for (const NamedFormat& named : kFormats)
    if (named.name == name) return named.format;
  if (auto format = data_format_from_name(name)) return OutputFormat{*format, false};
  std::string all;
  for (const NamedFormat& named : kFormats) all += fmt::format(" {}", named.name);
  return usage_error(fmt::format("\"{}\" is not a format of data", one_line(shorten(name, 40))),
                     fmt::format("Say one of:{}.", all));
}

Result<Outlet> Outlet::open(const fs::path& path, unsigned mode) {
  Outlet outlet;
  if (path.empty() || path == "-") return outlet;
  struct stat info {};
  const bool exists = ::stat(path.c_str(), &info) == 0;
  if (exists && S_ISDIR(info.st_mode))
    return usage_error(fmt::format("{} is a folder", path.string()), "Name a file in it.");
  if (exists && !S_ISREG(info.st_mode)) {
    outlet.fd_ = Fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (!outlet.fd_) return system_error("write to", path, errno);
    return outlet;
  }
  std::error_code none;
  // Through a link to what it names, so that the link stays one.
  outlet.target_ = exists ? fs::canonical(path, none) : path;
  if (outlet.target_.empty()) outlet.target_ = path;
  const fs::path folder = folder_of(outlet.target_);
  outlet.fd_ = Fd(::open(folder.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, mode));
  if (outlet.fd_) return outlet;
  if (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL)
    return system_error("write into the folder", folder, errno);
  outlet.beside_ = outlet.target_;
  outlet.beside_ += fmt::format(".{}.tmp", ::getpid());
  outlet.fd_ = Fd(::open(outlet.beside_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
  if (outlet.fd_) return outlet;
  const int why = errno;
  const fs::path name = std::exchange(outlet.beside_, {});
  return system_error("create", name, why);
}

Outlet::Outlet(Outlet&& other) noexcept
    : fd_(std::move(other.fd_)),
      target_(std::exchange(other.target_, {})),
      beside_(std::exchange(other.beside_, {})) {}

Outlet::~Outlet() {
  if (!beside_.empty()) ::unlink(beside_.c_str());
}

ByteSink Outlet::sink() {
  return [this](std::string_view bytes) -> Status {
    if (!fd_) return write_fully(STDOUT_FILENO, bytes, "standard output");
    return write_fully(fd_.get(), bytes, target_.empty() ? fs::path("the output") : target_);
  };
}

Status Outlet::commit() {
  if (target_.empty()) return {};
  if (::fsync(fd_.get()) != 0) return system_error("sync", target_, errno);
  if (beside_.empty()) {
    // A name of its own first: a link never takes another file's place, a rename does.
    fs::path beside = target_;
    beside += fmt::format(".{}.tmp", ::getpid());
    const std::string self = fmt::format("/proc/self/fd/{}", fd_.get());
    if (::linkat(AT_FDCWD, self.c_str(), AT_FDCWD, beside.c_str(), AT_SYMLINK_FOLLOW) != 0)
      return system_error("create", beside, errno);
    beside_ = std::move(beside);
  }
  if (::rename(beside_.c_str(), target_.c_str()) != 0)
    return system_error("rename to", target_, errno);
  beside_.clear();
  return sync_directory(target_.parent_path());
}

}  // namespace focalpost
