// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <cstdio>

#include "base/text.h"

namespace focalpost::log {
namespace {

spdlog::logger& logger() {
  static const auto instance = [] {
    auto made = std::make_shared<spdlog::logger>("focalpost",
                                                 std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern("focalpost: %l: %v");
    made->set_level(spdlog::level::warn);
    return made;
  }();
  return *instance;
}

void write(spdlog::level::level_enum level, std::string_view line) {
  if (logger().should_log(level)) logger().log(level, one_line(line));
}

}  // namespace

void notice(std::string_view line) {
  if (logger().level() == spdlog::level::off) return;
  // Its name as a level would be a warning's.
  std::fprintf(stderr, "focalpost: %s\n", one_line(line).c_str());
}
void set_level(Level level) {
  switch (level) {
    case Level::kDebug:
      logger().set_level(spdlog::level::debug);
      break;
    case Level::kInfo:
      logger().set_level(spdlog::level::info);
      break;
    case Level::kWarning:
      logger().set_level(spdlog::level::warn);
      break;
    case Level::kError:
      logger().set_level(spdlog::level::err);
      break;
    case Level::kOff:
      logger().set_level(spdlog::level::off);
      break;
  }
}

void debug(std::string_view line) {
  write(spdlog::level::debug, line);
}
void info(std::string_view line) {
  write(spdlog::level::info, line);
}
void warning(std::string_view line) {
  write(spdlog::level::warn, line);
}
void error(std::string_view line) {
  write(spdlog::level::err, line);
}

}  // namespace focalpost::log
