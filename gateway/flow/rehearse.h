// SPDX-License-Identifier: Apache-2.0
//
// rehearse: a copy of a home to try something on, for `once --at`.
//
// The copy has the settings, templates and store of the home and what is in its INBOX and Retry
// (hard links where the file system allows). It has no outgoing route: what it would send ends in
// its own Sent folder. Removed at the end of its life; the home is not touched.
#pragma once

#include "base/files.h"
#include "flow/home.h"

namespace focalpost {

class Rehearsal {
 public:
  /// `home` is the folder of the home to copy; a gateway may be running in it.
  static Result<Rehearsal> of(const fs::path& home);
  Rehearsal(Rehearsal&& other) noexcept : root_(std::exchange(other.root_, {})) {}
  Rehearsal& operator=(Rehearsal&&) = delete;
  ~Rehearsal();
  const fs::path& root() const { return root_; }

 private:
  explicit Rehearsal(fs::path root) : root_(std::move(root)) {}
  fs::path root_;
};

}  // namespace focalpost
