// SPDX-License-Identifier: Apache-2.0
#include "flow/service_manager.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <cstring>

#include "base/files.h"

namespace focalpost {
namespace {

std::optional<std::int64_t> number_of(const char* text) {
  if (!text) return {};
  std::int64_t number = 0;
  const char* end = text + std::strlen(text);
  auto [at, error] = std::from_chars(text, end, number);
  if (error != std::errc() || at != end || number <= 0) return {};
  return number;
}

}  // namespace

ServiceManager::ServiceManager() {
  if (const char* socket = std::getenv("NOTIFY_SOCKET")) socket_ = socket;
  auto pid = number_of(std::getenv("WATCHDOG_PID"));
  if (pid && *pid != ::getpid()) return;  // meant for another process
  if (auto usec = number_of(std::getenv("WATCHDOG_USEC")))
    watchdog_ = std::chrono::microseconds(*usec);
}

ServiceManager::ServiceManager(std::string socket,
                               std::optional<std::chrono::microseconds> watchdog)
    : socket_(std::move(socket)), watchdog_(watchdog) {}

void ServiceManager::reloading() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  say(fmt::format("RELOADING=1\nMONOTONIC_USEC={}",
                  std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000));
}

void ServiceManager::alive() {
  if (!watchdog_) return;
  auto now = std::chrono::steady_clock::now();
  if (said_ != std::chrono::steady_clock::time_point{} && now - said_ < *watchdog_ / 3) return;
  said_ = now;
  say("WATCHDOG=1");
}

std::optional<std::chrono::milliseconds> ServiceManager::interval() const {
  if (!watchdog_) return {};
  return std::chrono::duration_cast<std::chrono::milliseconds>(*watchdog_ / 2);
}

void ServiceManager::say(const std::string& state) {
  sockaddr_un address{};
  if (socket_.empty() || socket_.size() >= sizeof address.sun_path) return;
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, socket_.data(), socket_.size());
  // "@name" is a socket without a file (unix(7), abstract).
  if (socket_[0] == '@') address.sun_path[0] = '\0';
  Fd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!fd) return;
  auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size());
  // Whoever does not listen is not waited for.
  (void)::sendto(fd.get(), state.data(), state.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
                 reinterpret_cast<const sockaddr*>(&address), size);
}

}  // namespace focalpost
