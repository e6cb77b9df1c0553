// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <unistd.h>

#include <iostream>

#include "base/json.h"
#include "base/text.h"
#include "cli/verbs.h"
#include "flow/check_setup.h"

namespace focalpost::cli {
namespace {

/// In front of a line: signs on a terminal, words for whatever else reads it.
std::string_view sign(CheckMark mark, bool terminal) {
  switch (mark) {
    case CheckMark::kOk:
      return terminal ? "\u2713" : "ok   ";
    case CheckMark::kNote:
      return terminal ? "!" : "note ";
    case CheckMark::kWrong:
      return terminal ? "\u2717" : "wrong";
  }
  return {};
}

}  // namespace

Result<int> check(const Options& options, const CheckArguments& arguments) {
  SystemClock clock;
  CheckOptions how;
  how.alert = arguments.alert;
  const bool terminal = ::isatty(STDOUT_FILENO) == 1;
  Json lines = Json::array();
  std::size_t wrong = 0, notes = 0;
  auto tell = [&](const CheckLine& line) {
    if (line.mark == CheckMark::kWrong) ++wrong;
    if (line.mark == CheckMark::kNote) ++notes;
    if (options.json) {
      lines.push_back({{"result", check_mark_name(line.mark)},
                       {"topic", line.topic},
                       {"what", line.what},
                       {"to_do", line.to_do}});
      return;
    }
    if (options.quiet && line.mark != CheckMark::kWrong) return;
    std::cout << fmt::format("{} {}: {}\n", sign(line.mark, terminal), line.topic,
                             one_line(line.what));
    if (!line.to_do.empty())
      std::cout << fmt::format("{}   {}\n", terminal ? " " : "     ", one_line(line.to_do));
    std::cout.flush();
  };
  FP_ASSIGN(const bool right, check_setup(options.home, how, clock, tell));
  if (options.json) {
    std::cout << json_text(Json{{"right", right}, {"checks", std::move(lines)}}) << "\n";
  } else if (!options.quiet) {
    std::cout << fmt::format("{}{}\n",
                             right ? "Nothing is wrong" : fmt::format("{} to be put right", wrong),
                             notes > 0 ? fmt::format("; {} to know.", notes) : ".");
  }
  return right ? 0 : 1;
}

}  // namespace focalpost::cli
