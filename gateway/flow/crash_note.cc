// SPDX-License-Identifier: Apache-2.0
#include "flow/crash_note.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstring>

namespace focalpost {
namespace {

// What a signal handler may touch: memory that is there already, and write(). The handler of a
// crash runs on the thread that crashed.
thread_local char t_key[512];
thread_local volatile std::sig_atomic_t t_size = 0;
int g_file = -1;

void on_crash(int signal_number) {
  if (g_file >= 0 && t_size > 0) {
    ssize_t ignored = ::write(g_file, t_key, std::size_t(t_size));
    (void)ignored;
    ::fsync(g_file);
  }
  std::signal(signal_number, SIG_DFL);
  std::raise(signal_number);
}

}  // namespace

WorkingOn::WorkingOn(std::string_view key) {
  std::size_t size = std::min(key.size(), sizeof t_key);
  std::memcpy(t_key, key.data(), size);
  t_size = static_cast<std::sig_atomic_t>(size);
}

WorkingOn::~WorkingOn() {
  t_size = 0;
}

void note_crashes_in(const fs::path& directory) {
  g_file = ::open((directory / "crashed").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_APPEND, 0600);
  for (int s : {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL}) std::signal(s, on_crash);
}

std::optional<std::string> take_crash_note(const fs::path& directory) {
  fs::path file = directory / "crashed";
  auto note = read_file(file, 64 * 1024);
  if (!note.ok() || note->empty()) return {};
  (void)::truncate(file.c_str(), 0);
  return std::move(*note);
}

}  // namespace focalpost
