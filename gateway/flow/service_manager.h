// SPDX-License-Identifier: Apache-2.0
//
// service_manager: tells systemd how a service is doing (sd_notify(3), by its documented protocol:
// a datagram to the socket named in $NOTIFY_SOCKET). Without one nothing happens.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace focalpost {

class ServiceManager {
 public:
  ServiceManager();  ///< reads the environment
  ServiceManager(std::string socket, std::optional<std::chrono::microseconds> watchdog);

  void ready() { say("READY=1"); }
  void stopping() { say("STOPPING=1"); }
  void reloading();
  void status(std::string_view text) { say("STATUS=" + std::string(text)); }
  /// "I am still at it"; sent at most twice in a watchdog interval, so call it as often as you
  /// like.
  void alive();
  /// Half the interval within which alive() is expected; nothing: no watchdog.
  std::optional<std::chrono::milliseconds> interval() const;

 private:
  void say(const std::string& state);
  std::string socket_;
  std::optional<std::chrono::microseconds> watchdog_;
  std::chrono::steady_clock::time_point said_{};
};

}  // namespace focalpost
