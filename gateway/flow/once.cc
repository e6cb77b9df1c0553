// SPDX-License-Identifier: Apache-2.0
#include "flow/once.h"

#include "base/log.h"
#include "flow/dispatch.h"

namespace focalpost {

Result<PassResult> run_once(Home& home, const Clock& clock, const StepHook& step) {
  Maildir mailbox(home.paths().mailbox(), clock);
  FP_TRY(mailbox.open());
  FP_ASSIGN(KeptStore kept, home.open_kept(KeptStore::Access::kWrite));
  FP_ASSIGN(MessageIntake intake, MessageIntake::make(home, mailbox, kept, clock));
  PassResult result;
  FP_ASSIGN(result.intake, intake.run(step));
  FP_TRY(kept.sync());
  FP_ASSIGN(result.sent, dispatch_to_sent(home.store(), mailbox, clock, step));
  for (auto warnings : {home.templates().take_warnings(), home.phrases().take_warnings()})
    for (const std::string& warning : warnings) {
      log::warning(warning);
      FP_TRY(home.store().events().add(EventLevel::kWarning, warning, clock.now()));
    }
  return result;
}

}  // namespace focalpost
