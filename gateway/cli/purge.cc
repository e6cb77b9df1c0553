// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <iostream>

#include "base/json.h"
#include "cli/verbs.h"
#include "flow/persons.h"

namespace focalpost::cli {

Result<int> purge(const Options& options, const PurgeArguments& arguments) {
  auto number = DocketNumber::parse(arguments.docket);
  if (!number)
    return usage_error(fmt::format("\"{}\" is no docket number", arguments.docket),
                       "They look like 2026-000147; `focalpost status` lists them.");
  FP_ASSIGN(Home home, Home::open(options.home, Home::Access::kWork));
  FP_ASSIGN(PurgeResult done, purge_docket(home, *number, SystemClock(), arguments.force));
  if (options.json) {
    std::cout << json_text(Json{{"docket", number->text()},
                                {"kept", done.kept},
                                {"mailbox", done.mailbox},
                                {"sent", done.sent},
                                {"by_hand", done.by_hand}})
              << "\n";
    return 0;
  }
  std::cout << fmt::format(
      "{}: purged. Removed: {} kept copies, {} messages in the mailbox, {} copies in Sent.\n",
      number->text(), done.kept, done.mailbox, done.sent);
  for (const std::string& place : done.by_hand)
    std::cout << fmt::format("Please delete the message with a mail program in {}.\n", place);
  return 0;
}

}  // namespace focalpost::cli
