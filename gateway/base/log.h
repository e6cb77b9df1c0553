// SPDX-License-Identifier: Apache-2.0
//
// log: what the operator reads while the program runs; the only door to spdlog.
//
// Goes to standard error, one line an event. Whatever comes from outside goes through one_line()
// here, so that no sender writes a line of the log.
#pragma once

#include <string_view>

namespace focalpost::log {

enum class Level { kDebug, kInfo, kWarning, kError, kOff };

void set_level(Level level);
void debug(std::string_view line);
void info(std::string_view line);
/// What somebody asked for and waits to see done: shown unless everything is off.
void notice(std::string_view line);
void warning(std::string_view line);
void error(std::string_view line);

}  // namespace focalpost::log
