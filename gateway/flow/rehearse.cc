// SPDX-License-Identifier: Apache-2.0
#include "flow/rehearse.h"

#include <stdlib.h>

#include <cerrno>
#include <system_error>

namespace focalpost {

Rehearsal::~Rehearsal() {
  std::error_code none;
  if (!root_.empty()) fs::remove_all(root_, none);
}

Result<Rehearsal> Rehearsal::of(const fs::path& home) {
  FP_ASSIGN(Home original, Home::open(home, Home::Access::kLook));
  std::error_code error;
  std::string name = (fs::temp_directory_path(error) / "focalpost-XXXXXX").string();
  if (!::mkdtemp(name.data())) return system_error("make the folder", name, errno);
  Rehearsal copy{fs::path(name)};
  HomePaths from = original.paths(), to{copy.root_};
  FP_TRY(original.store().backup(to.store()));
  for (auto [source, target] :
       {std::pair(from.settings(), to.settings()), std::pair(from.key(), to.key())}) {
    if (fs::exists(source, error)) fs::copy_file(source, target, error);
    if (error) return system_error("copy", source, error.value());
  }
  if (fs::exists(from.templates(), error))
    fs::copy(from.templates(), to.templates(), fs::copy_options::recursive, error);
  if (error) return system_error("copy", from.templates(), error.value());
  for (const char* folder : {"cur", "new", ".Retry/cur", ".Retry/new"}) {
    auto names = list_directory(from.mailbox() / folder);
    if (!names.ok()) continue;  // no Retry folder yet
    FP_TRY(make_directories(to.mailbox() / folder));
    for (const std::string& file : *names) {
      fs::path source = from.mailbox() / folder / file, target = to.mailbox() / folder / file;
      fs::create_hard_link(source, target, error);
      if (error) fs::copy_file(source, target, error);
      // Gone in between: a running gateway has taken it.
      if (error && error != std::errc::no_such_file_or_directory)
        return system_error("copy", source, error.value());
      error.clear();
    }
  }
  return copy;
}

}  // namespace focalpost
