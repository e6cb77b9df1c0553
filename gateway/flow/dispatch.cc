// SPDX-License-Identifier: Apache-2.0
#include "flow/dispatch.h"

namespace focalpost {

Result<std::uint64_t> dispatch_to_sent(Store& store, Mailbox& mailbox, const Clock& clock,
                                       const StepHook& step) {
  constexpr std::size_t batch = 200;
  std::uint64_t sent = 0;
  Outbox outbox = store.outbox();
  FP_TRY(outbox.recover());
  for (;;) {
    Time now = clock.now();
    FP_ASSIGN(auto due, outbox.due(now, batch));
    if (due.empty()) return sent;
    std::vector<std::string> bytes;
    std::vector<Append> appends;
    bytes.reserve(due.size());
    for (const OutboxEntry& entry : due) {
      FP_ASSIGN(std::string message, outbox.bytes(entry.id));
      bytes.push_back(std::move(message));
      appends.push_back({Folder::kSent, bytes.back(), {.seen = true}, now});
    }
    FP_TRY(mailbox.append(appends));
    if (step) step("appended");
    FP_ASSIGN(Transaction transaction, store.begin());
    for (const OutboxEntry& entry : due) FP_TRY(outbox.mark_sent(entry.id, now));
    FP_TRY(transaction.commit());
    if (step) step("sent");
    sent += due.size();
  }
}

}  // namespace focalpost
