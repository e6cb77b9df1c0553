// SPDX-License-Identifier: Apache-2.0
#include "measure.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <thread>

extern char** environ;

namespace focalpost::bench {
namespace {

std::uint64_t anonymous_bytes(const std::string& status_file) {
  char text[4096];
  int fd = ::open(status_file.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  ssize_t size = ::read(fd, text, sizeof text - 1);
  ::close(fd);
  if (size <= 0) return 0;
  text[size] = 0;
  const char* line = std::strstr(text, "RssAnon:");
  return line ? std::strtoull(line + 8, nullptr, 10) * 1024 : 0;
}

}  // namespace

Ran run(const std::vector<std::string>& argv) {
  std::vector<char*> words;
  for (const std::string& word : argv) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return {};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  Ran ran;
  pid_t child = 0;
  double start = now_seconds();
  int failed = ::posix_spawnp(&child, words[0], &actions, nullptr, words.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  if (failed) {
    ::close(ends[0]);
    return ran;
  }
  std::thread reader([&] {
    char part[8192];
    for (ssize_t n; (n = ::read(ends[0], part, sizeof part)) > 0;)
      ran.output.append(part, std::size_t(n));
  });
  std::string status_file = fmt::format("/proc/{}/status", child);
  std::thread sampler([&] {
    // A zombie has no memory lines any more, and after waitpid() there is no file: both end it.
    for (std::uint64_t bytes; (bytes = anonymous_bytes(status_file)) > 0;) {
      ran.peak_anonymous = std::max(ran.peak_anonymous, bytes);
      std::this_thread::sleep_for(std::chrono::milliseconds(3));
    }
  });
  int status = 0;
  ::waitpid(child, &status, 0);
  ran.seconds = now_seconds() - start;
  reader.join();
  sampler.join();
  ::close(ends[0]);
  if (WIFEXITED(status)) ran.status = WEXITSTATUS(status);
  return ran;
}

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  std::size_t half = values.size() / 2;
  return values.size() % 2 ? values[half] : (values[half - 1] + values[half]) / 2;
}

double number_in(const std::string& output, const std::string& name) {
  for (std::size_t at = 0; at < output.size();) {
    std::size_t end = std::min(output.find('\n', at), output.size());
    if (output.compare(at, name.size() + 1, name + " ") == 0)
      return std::strtod(output.c_str() + at + name.size() + 1, nullptr);
    at = end + 1;
  }
  return 0;
}

}  // namespace focalpost::bench
