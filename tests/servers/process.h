// SPDX-License-Identifier: Apache-2.0
//
// process: programs that a test starts and that are gone afterwards, whatever happens.
//
// Every program leads a process group of its own, which is killed at the end. If the test program
// itself is killed, a small shell that waits for the end of a pipe kills the group and removes the
// folder, and the program gets SIGKILL from the system. Failures throw: a test cannot go on.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace servers {

namespace fs = std::filesystem;

struct Failure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A folder under /tmp, readable for all, removed at the end.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

/// Who a program runs as: an unprivileged user where we are root, else ourselves.
struct RunAs {
  uid_t uid = 0;
  gid_t gid = 0;
  std::string user, group;
  bool drop = false;  ///< the ids are to be changed before the program starts
};
RunAs unprivileged();
RunAs ourselves();
/// Gives a file or folder (with all inside) to that user; nothing if we are not root.
void give_to(const RunAs& who, const fs::path& path);

class Program {
 public:
  /// Starts `words`; its standard output and error go to `log`. `folder` is removed with it if this
  /// process dies.
  Program(const std::vector<std::string>& words, const RunAs& who, const fs::path& log,
          const fs::path& folder);
  /// Kills the group and waits until none of it is left.
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  bool running();
  pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = -1, janitor_ = -1;
  int pipe_ = -1;
  bool reaped_ = false;
};

/// Runs to the end; the exit status. Output goes to `log`.
int run_program(const std::vector<std::string>& words, const fs::path& log);

/// A port of loopback that nobody has now, below those the system hands out by itself.
std::uint16_t free_port();

/// Starts a server that picks its ports itself in `start`. Between finding a port free and
/// listening on it somebody else can take it, so up to five times.
template <typename Start>
void on_free_ports(std::unique_ptr<Program>& program, Start start) {
  for (int attempt = 1;; ++attempt) {
    try {
      return start();
    } catch (const Failure&) {
      program.reset();
      if (attempt == 5) throw;
    }
  }
}

void write_text(const fs::path& path, const std::string& text);
std::string read_text(const fs::path& path);

}  // namespace servers
