// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <iostream>

#include "base/json.h"
#include "cli/verbs.h"
#include "flow/home.h"
#include "spool/spool.h"

namespace focalpost::cli {
namespace {

std::string when(const std::optional<Time>& time) {
  return time ? format_rfc3339(*time) : "never";
}

}  // namespace

Result<int> status(const Options& options) {
  SystemClock clock;
  FP_ASSIGN(Home home, Home::open(options.home, Home::Access::kLook));
  FP_ASSIGN(Figures figures, home.store().figures(clock.now()));
  Maildir mailbox(home.paths().mailbox(), clock);
  FP_TRY(mailbox.open());
  FP_ASSIGN(FolderCounts folders, mailbox.counts());
  FP_ASSIGN(auto held, home.store().dockets().held());
  FP_ASSIGN(auto latest, home.store().dockets().latest(10));
  FP_ASSIGN(DiskSpace disk, disk_space(home.paths().root));
  if (options.json) {
    Json mailbox_json = Json::object(), dockets = Json::object(), events = Json::array(),
         waiting = Json::array(), newest = Json::array();
    for (Folder folder : kFolders)
      mailbox_json[std::string(folder_name(folder))] = folders[static_cast<std::size_t>(folder)];
    for (auto [outcome, count] : figures.dockets)
      dockets[std::string(outcome_name(outcome))] = count;
    for (const Event& event : figures.events)
      events.push_back({{"at", format_rfc3339(event.at)},
                        {"level", event_level_name(event.level)},
                        {"text", event.text}});
    for (const HeldItem& item : held)
      waiting.push_back({{"docket", item.number.text()},
                         {"item", item.item},
                         {"file", item.path},
                         {"reason", hold_reason_name(item.reason)},
                         {"from", item.address},
                         {"since", format_rfc3339(item.finished)}});
    for (const DocketRecord& record : latest)
      newest.push_back({{"docket", record.docket.number.text()},
                        {"from", record.docket.sender.address},
                        {"outcome", outcome_name(record.docket.outcome)}});
    std::cout << json_text(Json{{"mailbox", mailbox_json},
                                {"dockets", dockets},
                                {"held", waiting},
                                {"newest", newest},
                                {"outbox",
                                 {{"waiting", figures.outbox.waiting},
                                  {"sending", figures.outbox.sending},
                                  {"sent", figures.outbox.sent},
                                  {"failed", figures.outbox.failed}}},
                                {"in_hand", figures.in_hand},
                                {"last_received", when(figures.last_received)},
                                {"last_filed", when(figures.last_filed)},
                                {"last_sent", when(figures.last_sent)},
                                {"store_bytes", figures.store_bytes},
                                {"disk_free_bytes", disk.free_bytes},
                                {"events", events}})
              << "\n";
    return 0;
  }
  std::vector<std::vector<std::string>> rows = {{"folder", "messages"}};
  for (Folder folder : kFolders)
    rows.push_back({std::string(folder_name(folder)),
                    std::to_string(folders[static_cast<std::size_t>(folder)])});
  std::cout << table(rows) << "\n";
  std::cout << "dockets: ";
  for (auto [outcome, count] : figures.dockets)
    std::cout << fmt::format("{} {}  ", count, outcome_name(outcome));
  std::cout << fmt::format("\noutbox:  {} waiting, {} sent, {} failed\n",
                           figures.outbox.waiting + figures.outbox.sending, figures.outbox.sent,
                           figures.outbox.failed);
  std::cout << fmt::format("last:    received {}, filed {}, sent {}\n", when(figures.last_received),
                           when(figures.last_filed), when(figures.last_sent));
  std::cout << fmt::format(
      "store:   {:.1f} MB; disk: {} MB free{}\n", double(figures.store_bytes) / 1e6,
      disk.free_bytes >> 20,
      disk.free_bytes < home.settings().low_disk_bytes ? " - TOO LITTLE: nothing is taken in" : "");
  if (figures.in_hand > 0)
    std::cout << fmt::format("{} messages are in hand (or were when the program ended)\n",
                             figures.in_hand);
  if (!held.empty()) {
    std::vector<std::vector<std::string>> waiting = {{"held", "file", "why", "from", "since"}};
    for (const HeldItem& item : held)
      waiting.push_back({item.number.text(), item.path, std::string(hold_reason_name(item.reason)),
                         item.address, format_rfc3339(item.finished)});
    std::cout << "\n" << table(waiting) << "Release one with `focalpost release DOCKET`.\n";
  }
  if (!latest.empty()) {
    std::vector<std::vector<std::string>> newest = {{"newest", "from", "outcome", "subject"}};
    for (const DocketRecord& record : latest)
      newest.push_back({record.docket.number.text(), record.docket.sender.address,
                        std::string(outcome_name(record.docket.outcome)), record.docket.subject});
    std::cout << "\n" << table(newest);
  }
  for (const Event& event : figures.events)
    std::cout << fmt::format("{} {}: {}\n", format_rfc3339(event.at), event_level_name(event.level),
                             event.text);
  return 0;
}

}  // namespace focalpost::cli
