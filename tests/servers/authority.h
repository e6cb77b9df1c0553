// SPDX-License-Identifier: Apache-2.0
//
// authority: a certificate authority of a test's own, and what it issues.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "servers/process.h"

namespace servers {

struct Certificate {
  fs::path certificate_file, key_file;  ///< PEM
};

struct Wanted {
  std::vector<std::string> hosts = {"localhost"};
  std::vector<std::string> addresses = {"127.0.0.1"};
  std::chrono::hours valid_from{-1};  ///< from now
  std::chrono::hours valid_until{24};
};

class Authority {
 public:
  /// Makes a key and its own certificate in `folder`.
  explicit Authority(const fs::path& folder);
  ~Authority();
  Authority(const Authority&) = delete;
  Authority& operator=(const Authority&) = delete;

  const fs::path& file() const { return file_; }
  Certificate issue(const Wanted& wanted = {});

 private:
  struct Keys;
  fs::path folder_, file_;
  Keys* keys_;
  int serial_ = 1;
};

}  // namespace servers
