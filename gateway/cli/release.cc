// SPDX-License-Identifier: Apache-2.0
#include "flow/release.h"

#include <fmt/format.h>

#include <iostream>

#include "base/json.h"
#include "cli/verbs.h"

namespace focalpost::cli {
namespace {

/// Beside a `run` or `once`: the order alone.
Result<int> order_beside(const Options& options, DocketNumber number) {
  FP_ASSIGN(Home home, Home::open(options.home, Home::Access::kWrite));
  FP_TRY(order_release(home, number, SystemClock().now()));
  if (options.json)
    std::cout << json_text(Json{{"docket", number.text()}, {"ordered", true}}) << "\n";
  else
    std::cout << fmt::format(
        "{} will be released: a focalpost is at work in this home and sees to it within a minute, "
        "or the next `focalpost once` does.\n",
        number.text());
  return 0;
}

}  // namespace

Result<int> release(const Options& options, const ReleaseArguments& arguments) {
  const std::string& text = arguments.docket;
  auto number = DocketNumber::parse(text);
  if (!number)
    return usage_error(fmt::format("\"{}\" is no docket number", text),
                       "They look like 2026-000147; `focalpost status` lists them.");
  auto home = Home::open(options.home, Home::Access::kWork);
  if (!home.ok() && home.error().retry_helps()) return order_beside(options, *number);
  if (!home.ok()) return home.take_error();
  FP_ASSIGN(ReleaseResult done, release_docket(*home, *number, SystemClock()));
  std::string_view outcome = outcome_name(done.docket.outcome);
  if (options.json)
    std::cout << json_text(Json{{"docket", text},
                                {"outcome", outcome},
                                {"sent", done.sent},
                                {"trouble", done.trouble ? done.trouble->what : ""}})
              << "\n";
  else
    std::cout << fmt::format("{}: {}. {} replies sent.\n", text, outcome, done.sent);
  if (done.trouble) {
    if (!options.json)
      std::cerr << fmt::format(
          "focalpost: {}\n{}{}The decision stands; the rest is done by the next `focalpost once`, "
          "or by `run`.\n",
          done.trouble->what, done.trouble->to_do, done.trouble->to_do.empty() ? "" : "\n");
    return 3;
  }
  return done.docket.outcome == Outcome::kFiled || done.docket.outcome == Outcome::kUnchanged ? 0
                                                                                              : 1;
}

}  // namespace focalpost::cli
