// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <iostream>

#include "base/json.h"
#include "cli/verbs.h"
#include "flow/dispatch.h"
#include "flow/once.h"

namespace focalpost::cli {
Result<int> release(const Options& options, const ReleaseArguments& arguments) {
  const std::string& text = arguments.docket;
  auto number = DocketNumber::parse(text);
  if (!number)
    return usage_error(fmt::format("\"{}\" is no docket number", text),
                       "They look like 2026-000147; `focalpost status` lists them.");
  SystemClock clock;
  FP_ASSIGN(Home home, Home::open(options.home, Home::Access::kWork));
  Maildir mailbox(home.paths().mailbox(), clock);
  FP_TRY(mailbox.open());
  FP_ASSIGN(KeptStore kept, home.open_kept(KeptStore::Access::kWrite));
  FP_ASSIGN(MessageIntake intake, MessageIntake::make(home, mailbox, kept, clock));
  FP_ASSIGN(Docket docket, intake.release(*number));
  FP_ASSIGN(std::uint64_t sent, dispatch_to_sent(home.store(), mailbox, clock));
  if (options.json)
    std::cout << json_text(Json{
                     {"docket", text}, {"outcome", outcome_name(docket.outcome)}, {"sent", sent}})
              << "\n";
  else
    std::cout << fmt::format("{}: {}. {} replies sent.\n", text, outcome_name(docket.outcome),
                             sent);
  return docket.outcome == Outcome::kFiled || docket.outcome == Outcome::kUnchanged ? 0 : 1;
}

}  // namespace focalpost::cli
