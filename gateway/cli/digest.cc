// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cstdio>
#include <iostream>

#include "base/domain.h"
#include "base/json.h"
#include "base/text.h"
#include "cli/verbs.h"
#include "flow/accounts.h"
#include "flow/digests.h"
#include "flow/dispatch.h"

namespace focalpost::cli {
namespace {

/// What somebody from outside would get of the last week.
Subscription anybody(Time now) {
  Subscription one;
  one.told_until = now - std::chrono::days(7);
  return one;
}

Result<int> preview(const Options& options, const DigestArguments& arguments) {
  FP_ASSIGN(Home home, Home::open(options.home, Home::Access::kLook));
  const Time now = SystemClock().now();
  std::vector<Subscription> all;
  if (arguments.as.empty()) {
    all.push_back(anybody(now));
  } else {
    const std::string address = canonical_address(arguments.as);
    FP_ASSIGN(all, home.store().subscriptions().of(address));
    std::erase_if(all,
                  [](const Subscription& one) { return one.state != SubscriptionState::kActive; });
    if (all.empty()) {
      const RosterEntry* contact = home.lookup().contact(address);
      if (!contact)
        return usage_error(fmt::format("{} is neither a contact's address nor a subscriber's",
                                       one_line(arguments.as)),
                           "Leave --as out for what somebody from outside would get.");
      std::fprintf(stderr, "%s has no subscription: this is what a weekly one would bring.\n",
                   one_line(arguments.as).c_str());
      all.push_back(anybody(now));
      all.back().address = address;
    }
  }
  bool any = false;
  for (const Subscription& one : all) {
    FP_ASSIGN(auto receipt, preview_digest(home, one, arguments.lang, now));
    if (!receipt) continue;
    std::fprintf(stdout, "%sSubject: %s\n\n%s", any ? "\n" : "", receipt->subject.c_str(),
                 (arguments.html ? receipt->html : receipt->plain).c_str());
    any = true;
    for (const mime::OutgoingAttachment& file : receipt->attachments) {
      if (arguments.output.empty()) {
        std::fprintf(stderr, "attached: %s (%zu bytes); --output DIR writes it\n",
                     file.name.c_str(), file.bytes.size());
        continue;
      }
      FP_TRY(make_directories(arguments.output));
      const fs::path target = arguments.output / fs::path(file.name).filename();
      FP_TRY(write_file_durably(target, file.bytes));
      std::fprintf(stderr, "written: %s\n", target.c_str());
    }
  }
  if (!any) std::fprintf(stderr, "There is no news, so no digest would leave.\n");
  return 0;
}

}  // namespace

Result<int> digest(const Options& options, const DigestArguments& arguments) {
  if (arguments.preview) return preview(options, arguments);
  if (!arguments.as.empty() || !arguments.lang.empty() || arguments.html)
    return usage_error("--as, --lang and --html go with --preview",
                       "Without --preview the digests that are due leave, each in its reader's "
                       "language.");
  FP_ASSIGN(Home home, Home::open(options.home, Home::Access::kWork));
  const SystemClock clock;
  FP_ASSIGN(DigestsMade made, make_digests(home, clock.now()));
  Accounts accounts = Accounts::of(home.settings(), home.paths(), clock);
  std::unique_ptr<Mailbox> mailbox = make_mailbox(accounts.first(), home.paths(), clock);
  const bool copies = mailbox->open().ok();
  FP_ASSIGN(auto dispatcher, Dispatcher::make(home, accounts.outgoing()));
  FP_TRY(dispatcher->recover(clock.now()));
  FP_ASSIGN(DispatchResult sent, dispatcher->run(clock, copies ? mailbox.get() : nullptr));
  FP_TRY(dispatcher->note_contact(sent, clock.now()));
  FP_TRY(home.note_warnings(clock.now()));
  if (options.json)
    std::cout << json_text(Json{{"digests", made.sent},
                                {"without_news", made.nothing},
                                {"refused", made.refused},
                                {"sent", sent.sent},
                                {"trouble", sent.trouble ? sent.trouble->what : ""}})
              << "\n";
  else if (!options.quiet)
    std::cout << fmt::format(
        "{} digests are due, {} subscriptions have no news; {} letters sent.\n", made.sent,
        made.nothing, sent.sent);
  if (!sent.trouble) return 0;
  std::cerr << fmt::format("focalpost: {}\n", sent.trouble->what);
  return 3;
}

}  // namespace focalpost::cli
