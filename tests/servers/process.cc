// SPDX-License-Identifier: Apache-2.0
#include "servers/process.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <netinet/in.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <random>
#include <thread>

namespace servers {
namespace {

/// What a child does between fork and exec: nothing that takes a lock.
[[noreturn]] void become(char* const* words, const RunAs* who, int input, int output) {
  ::setsid();
  if (who && who->drop &&
      (::setgroups(0, nullptr) != 0 || ::setgid(who->gid) != 0 || ::setuid(who->uid) != 0))
    ::_exit(126);
  if (who) ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::dup2(input, 0);
  ::dup2(output, 1);
  ::dup2(output, 2);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  std::signal(SIGPIPE, SIG_DFL);
  ::execvp(words[0], words);
  ::_exit(127);
}

std::vector<char*> pointers(const std::vector<std::string>& words) {
  std::vector<char*> all;
  for (const std::string& word : words) all.push_back(const_cast<char*>(word.c_str()));
  all.push_back(nullptr);
  return all;
}

int open_or_throw(const char* path, int flags) {
  const int fd = ::open(path, flags | O_CLOEXEC, 0644);
  if (fd < 0) throw Failure(fmt::format("{}: {}", path, std::strerror(errno)));
  return fd;
}

/// Whether a process of the group lives; zombies that wait for init do not count.
bool group_lives(pid_t group) {
  DIR* proc = ::opendir("/proc");
  if (!proc) return false;
  bool lives = false;
  while (const dirent* entry = ::readdir(proc)) {
    if (entry->d_name[0] < '1' || entry->d_name[0] > '9') continue;
    std::ifstream file(fmt::format("/proc/{}/stat", entry->d_name));
    std::string stat;
    std::getline(file, stat);
    const std::size_t name_end = stat.rfind(')');
    if (name_end == stat.npos || name_end + 4 >= stat.size()) continue;
    int parent = 0, its_group = 0;
    char state = 0;
    if (std::sscanf(stat.c_str() + name_end + 1, " %c %d %d", &state, &parent, &its_group) == 3 &&
        its_group == group && state != 'Z' && state != 'X') {
      lives = true;
      break;
    }
  }
  ::closedir(proc);
  return lives;
}

}  // namespace

Folder::Folder() {
  std::string name = "/tmp/focalpost-servers-XXXXXX";
  if (!::mkdtemp(name.data())) throw Failure("no folder under /tmp");
  path_ = name;
  fs::permissions(path_, fs::perms(0755));
}

Folder::~Folder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

RunAs ourselves() {
  RunAs who;
  who.uid = ::getuid();
  who.gid = ::getgid();
  const passwd* user = ::getpwuid(who.uid);
  const group* its_group = ::getgrgid(who.gid);
  who.user = user ? user->pw_name : std::to_string(who.uid);
  who.group = its_group ? its_group->gr_name : std::to_string(who.gid);
  return who;
}

RunAs unprivileged() {
  if (::getuid() != 0) return ourselves();
  const passwd* user = ::getpwnam("nobody");
  if (!user) throw Failure("there is no user nobody");
  RunAs who;
  who.uid = user->pw_uid;
  who.gid = user->pw_gid;
  who.user = "nobody";
  const group* its_group = ::getgrgid(who.gid);
  who.group = its_group ? its_group->gr_name : "nogroup";
  who.drop = true;
  return who;
}

void give_to(const RunAs& who, const fs::path& path) {
  if (!who.drop) return;
  auto give = [&](const fs::path& one) {
    if (::lchown(one.c_str(), who.uid, who.gid) != 0)
      throw Failure(fmt::format("chown {}: {}", one.string(), std::strerror(errno)));
  };
  give(path);
  if (fs::is_directory(path))
    for (const auto& entry : fs::recursive_directory_iterator(path)) give(entry.path());
}

Program::Program(const std::vector<std::string>& words, const RunAs& who, const fs::path& log,
                 const fs::path& folder) {
  const int null = open_or_throw("/dev/null", O_RDWR);
  const int output = open_or_throw(log.c_str(), O_WRONLY | O_CREAT | O_APPEND);
  std::vector<char*> argv = pointers(words);
  pid_ = ::fork();
  if (pid_ == 0) become(argv.data(), &who, null, output);
  if (pid_ < 0) throw Failure("fork");
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw Failure("pipe");
  pipe_ = ends[1];
  const std::vector<std::string> sweep = {
      "/bin/sh",
      "-c",
      "cat > /dev/null; kill -KILL -- \"-$1\"; sleep 0.2; rm -rf \"$2\"",
      "sweep",
      std::to_string(pid_),
      folder.string()};
  argv = pointers(sweep);
  janitor_ = ::fork();
  if (janitor_ == 0) become(argv.data(), nullptr, ends[0], null);
  ::close(ends[0]);
  ::close(null);
  ::close(output);
}

bool Program::running() {
  if (reaped_) return false;
  int status = 0;
  if (::waitpid(pid_, &status, WNOHANG) == pid_) reaped_ = true;
  return !reaped_;
}

Program::~Program() {
  if (janitor_ > 0) {
    ::kill(-janitor_, SIGKILL);
    ::kill(janitor_, SIGKILL);
    ::waitpid(janitor_, nullptr, 0);
  }
  if (pipe_ >= 0) ::close(pipe_);
  ::kill(-pid_, SIGKILL);
  if (!reaped_) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  while (group_lives(pid_)) {
    ::kill(-pid_, SIGKILL);
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

int run_program(const std::vector<std::string>& words, const fs::path& log) {
  const int null = open_or_throw("/dev/null", O_RDWR);
  const int output = open_or_throw(log.c_str(), O_WRONLY | O_CREAT | O_APPEND);
  std::vector<char*> argv = pointers(words);
  const pid_t pid = ::fork();
  if (pid == 0) become(argv.data(), nullptr, null, output);
  ::close(null);
  ::close(output);
  int status = 0;
  if (pid < 0 || ::waitpid(pid, &status, 0) != pid) throw Failure("fork");
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

std::uint16_t free_port() {
  static std::mt19937 random(std::random_device{}());
  for (int attempt = 0; attempt < 1000; ++attempt) {
    const auto port = static_cast<std::uint16_t>(10'000 + random() % 22'000);
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const bool free = ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    ::close(fd);
    if (free) return port;
  }
  throw Failure("no free port");
}

void write_text(const fs::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  if (!file) throw Failure(fmt::format("cannot write {}", path.string()));
}

std::string read_text(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace servers
