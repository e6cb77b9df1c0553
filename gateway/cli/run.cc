// SPDX-License-Identifier: Apache-2.0
#include "flow/run.h"

#include <fmt/format.h>

#include <iostream>

#include "cli/verbs.h"
#include "flow/accounts.h"
#include "flow/crash_note.h"

namespace focalpost::cli {

Result<int> run(const Options& options) {
  SystemClock clock;
  FP_ASSIGN(Home home, Home::open(options.home, Home::Access::kWork));
  note_crashes_in(home.paths().temporary());
  RunOptions how;
  how.up = [&](const std::function<void()>&) {
    if (options.quiet) return;
    Accounts accounts = Accounts::of(home.settings(), home.paths(), clock);
    for (const MailboxPlace& place : accounts.mailboxes())
      std::cerr << fmt::format("focalpost serves {}\n", place.text());
    if (!accounts.outgoing()) std::cerr << "replies end in its Sent folder\n";
    std::cerr << "stop it with Ctrl-C or SIGTERM; SIGHUP reads the settings again\n";
  };
  FP_TRY(focalpost::run(home, clock, how));
  return 0;
}

}  // namespace focalpost::cli
