// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <iostream>

#include "base/json.h"
#include "base/text.h"
#include "cli/verbs.h"
#include "flow/accounts.h"
#include "flow/home.h"
#include "flow/timeliness.h"
#include "spool/spool.h"

namespace focalpost::cli {
namespace {

std::string when(const std::optional<Time>& time) {
  return time ? format_rfc3339(*time) : "never";
}

std::int64_t days_since(Time then, Time now) {
  return std::chrono::floor<std::chrono::days>(now - then).count();
}

/// A mail server, as it was met last.
struct Server {
  std::string name, text;
  std::optional<ServerContact> contact;
  bool is_mailbox = true;
  bool mute = false;  ///< longer than is usual

  std::string sentence() const {
    if (!contact) return "not tried yet";
    std::string line;
    if (contact->failing_since)
      line = fmt::format("NOT REACHED since {}: {}; last reached {}",
                         format_rfc3339(*contact->failing_since), contact->error,
                         when(contact->reached));
    else
      line = fmt::format("reached {}", when(contact->reached));
    if (!is_mailbox) return line;
    line += mute ? fmt::format("; MUTE since {}", format_rfc3339(contact->mute_since()))
                 : fmt::format("; last mail {}", when(contact->mail));
    return line;
  }
  Json json() const {
    Json object = {{"name", name}, {"server", text}};
    if (!contact) {
      object["state"] = "untried";
      return object;
    }
    object["state"] = contact->failing_since ? "unreachable" : "reached";
    object["reached"] = when(contact->reached);
    if (contact->failing_since)
      object["unreachable_since"] = format_rfc3339(*contact->failing_since);
    if (contact->failed) object["last_failure"] = format_rfc3339(*contact->failed);
    if (!contact->error.empty()) object["last_error"] = contact->error;
    if (!is_mailbox) return object;
    object["last_mail"] = when(contact->mail);
    if (mute) object["mute_since"] = format_rfc3339(contact->mute_since());
    return object;
  }
};

Result<std::vector<Server>> servers_of(Home& home, const Accounts& accounts, Time now) {
  std::vector<Server> servers;
  ServerContacts contacts = home.store().contacts();
  for (const MailboxPlace& place : accounts.mailboxes()) {
    Server& server = servers.emplace_back();
    server.name = place.name;
    server.text = place.text();
    FP_ASSIGN(server.contact, contacts.of(place.name));
    server.mute = server.contact && place.quiet.count() > 0 &&
                  now - server.contact->mute_since() > place.quiet;
  }
  if (accounts.outgoing()) {
    Server& server = servers.emplace_back();
    server.name = kOutgoingServer;
    server.text = fmt::format("[outgoing] {}", accounts.outgoing()->endpoint().text());
    server.is_mailbox = false;
    FP_ASSIGN(server.contact, contacts.of(kOutgoingServer));
  }
  return servers;
}

}  // namespace

namespace {

Result<int> network_status(Home& home, const Options& options, Time now) {
  FP_ASSIGN(auto all, timeliness(home, now));
  if (options.json) {
    Json institutions = Json::array();
    for (const Timeliness& one : all) {
      Json object = {
          {"institution", one.provider}, {"areas", one.areas},   {"promised", one.promised},
          {"in_time", one.in_time},      {"late", one.late},     {"partly", one.partly},
          {"missed", one.missed},        {"no_data", one.empty}, {"extended", one.extended},
          {"revisions", one.revisions}};
      object["share_in_time"] = one.share() ? Json(*one.share()) : Json();
      object["median_delay_days"] = one.median_delay ? Json(*one.median_delay) : Json();
      institutions.push_back(std::move(object));
    }
    std::cout << json_text(Json{{"since", format_rfc3339(now - kTimelinessBack)},
                                {"until", format_rfc3339(now)},
                                {"institutions", institutions}})
              << "\n";
    return 0;
  }
  if (all.empty()) {
    std::cout << "Nothing that was promised has been due yet.\n";
    return 0;
  }
  std::vector<std::vector<std::string>> rows = {{"institution", "promised", "in time", "", "late",
                                                 "partly", "not received", "no data", "median days",
                                                 "revisions"}};
  for (const Timeliness& one : all)
    rows.push_back({one.provider, std::to_string(one.promised), std::to_string(one.in_time),
                    one.share() ? fmt::format("{:.0f} %", 100 * *one.share()) : "-",
                    std::to_string(one.late), std::to_string(one.partly),
                    std::to_string(one.missed), std::to_string(one.empty),
                    one.median_delay ? fmt::format("{:+.1f}", *one.median_delay) : "-",
                    std::to_string(one.revisions)});
  std::cout
      << table(rows)
      << "Of the last twelve months, each by its own timetable; days from the due day, before "
         "it with a minus.\nFor coordinators: not to be published or passed on.\n";
  return 0;
}

}  // namespace

Result<int> status(const Options& options, const StatusArguments& arguments) {
  SystemClock clock;
  const Time now = clock.now();
  FP_ASSIGN(Home home, Home::open(options.home, Home::Access::kLook));
  if (arguments.network) return network_status(home, options, now);
  FP_ASSIGN(Figures figures, home.store().figures(now));
  const Accounts accounts = Accounts::of(home.settings(), home.paths(), clock);
  FP_ASSIGN(auto servers, servers_of(home, accounts, now));
  // The folders of a server are not asked for: this is to work, and fast, when nothing else does.
  std::optional<FolderCounts> folders;
  if (!accounts.first().account) {
    FP_ASSIGN(auto mailbox, open_mailbox(accounts.first(), home.paths(), clock));
    FP_ASSIGN(folders, mailbox->counts());
  }
  constexpr std::size_t most_addresses = 20;
  FP_ASSIGN(auto held, home.store().dockets().held());
  FP_ASSIGN(auto requests, home.store().requests().open());
  FP_ASSIGN(auto subscribers, home.store().subscriptions().counts());
  FP_ASSIGN(auto latest, home.store().dockets().latest(10));
  FP_ASSIGN(auto alerts, home.store().alerts().open());
  FP_ASSIGN(OutboxBacklog backlog, home.store().outbox_backlog());
  FP_ASSIGN(auto dead, home.store().correspondents().dead(most_addresses));
  FP_ASSIGN(DiskSpace disk, disk_space(home.paths().root));
  std::optional<Time> oldest_held;
  for (const HeldItem& item : held)
    oldest_held = std::min(oldest_held.value_or(item.finished), item.finished);
  if (options.json) {
    Json mailbox_json, dockets = Json::object(), events = Json::array(), waiting = Json::array(),
                       newest = Json::array(), questions = Json::array(),
                       servers_json = Json::array(), alerts_json = Json::array(),
                       dead_json = Json::array();
    if (folders)
      for (Folder folder : kFolders)
        mailbox_json[std::string(folder_name(folder))] =
            (*folders)[static_cast<std::size_t>(folder)];
    for (const Server& server : servers) servers_json.push_back(server.json());
    for (const AlertRecord& alert : alerts)
      alerts_json.push_back({{"key", alert.key},
                             {"kind", alert.kind},
                             {"since", format_rfc3339(alert.since)},
                             {"told", when(alert.told)},
                             {"what", alert.text},
                             {"to_do", alert.to_do}});
    for (const AddressTrouble& trouble : dead)
      dead_json.push_back({{"address", trouble.address},
                           {"since", format_rfc3339(trouble.first)},
                           {"bounces", trouble.bounces},
                           {"last", trouble.text}});
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
    for (const Request& one : requests)
      questions.push_back({{"request", one.name()},
                           {"asker", one.registered() ? one.provider : "outside"},
                           {"with", one.with.address},
                           {"institution", one.with.provider},
                           {"role", one.with.role},
                           {"since", format_rfc3339(one.opened)},
                           {"days", days_since(one.opened, now)}});
    for (const DocketRecord& record : latest)
      newest.push_back({{"docket", record.docket.number.text()},
                        {"from", record.docket.sender.address},
                        {"outcome", outcome_name(record.docket.outcome)}});
    Json outbox = {{"waiting", figures.outbox.waiting},     {"sending", figures.outbox.sending},
                   {"sent", figures.outbox.sent},           {"failed", figures.outbox.failed},
                   {"delivered", figures.outbox.delivered}, {"bounced", figures.outbox.bounced}};
    if (backlog.oldest) {
      outbox["oldest"] = format_rfc3339(*backlog.oldest);
      outbox["oldest_error"] = backlog.error;
    }
    std::cout << json_text(Json{{"alerts", alerts_json},
                                {"servers", servers_json},
                                {"mailbox", mailbox_json},
                                {"dockets", dockets},
                                {"held", waiting},
                                {"held_count", held.size()},
                                {"held_oldest", when(oldest_held)},
                                {"requests", questions},
                                {"requests_open", requests.size()},
                                {"subscriptions", subscribers.subscriptions},
                                {"subscribers", subscribers.addresses},
                                {"subscriptions_unconfirmed", subscribers.unconfirmed},
                                {"last_digest", when(subscribers.last_digest)},
                                {"newest", newest},
                                {"outbox", outbox},
                                {"dead_addresses", dead_json},
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
  for (const AlertRecord& alert : alerts)
    std::cout << fmt::format("ALERT since {}: {}\n  {}\n", format_rfc3339(alert.since),
                             one_line(alert.text), one_line(alert.to_do));
  if (folders) {
    std::vector<std::vector<std::string>> rows = {{"folder", "messages"}};
    for (Folder folder : kFolders)
      rows.push_back({std::string(folder_name(folder)),
                      std::to_string((*folders)[static_cast<std::size_t>(folder)])});
    std::cout << table(rows) << "\n";
  }
  for (const Server& server : servers)
    // The embedded mailbox is always there; only its silence is worth a line.
    if (server.name != "spool" || server.mute)
      std::cout << fmt::format("{}: {}\n", server.text, one_line(server.sentence()));
  std::cout << "dockets: ";
  for (auto [outcome, count] : figures.dockets)
    std::cout << fmt::format("{} {}  ", count, outcome_name(outcome));
  std::cout << fmt::format("\noutbox:  {} waiting, {} sent, {} failed, {} came back\n",
                           figures.outbox.waiting + figures.outbox.sending,
                           figures.outbox.sent + figures.outbox.delivered, figures.outbox.failed,
                           figures.outbox.bounced);
  if (backlog.oldest)
    std::cout << fmt::format("         the oldest since {}{}\n", format_rfc3339(*backlog.oldest),
                             backlog.error.empty() ? "" : ": " + one_line(backlog.error));
  std::cout << fmt::format("last:    received {}, filed {}, sent {}\n", when(figures.last_received),
                           when(figures.last_filed), when(figures.last_sent));
  if (subscribers.subscriptions + subscribers.unconfirmed > 0)
    std::cout << fmt::format(
        "digests: {} subscribers with {} subscriptions, {} not confirmed; last digest {}\n",
        subscribers.addresses, subscribers.subscriptions, subscribers.unconfirmed,
        when(subscribers.last_digest));
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
    std::cout << fmt::format(
        "\n{} for a word, the oldest since {}; what has none after {} days is rejected.\n{}"
        "Release one with `focalpost release DOCKET`.\n",
        held.size() == 1 ? "1 file waits" : fmt::format("{} files wait", held.size()),
        when(oldest_held), home.settings().held.expire_days, table(waiting));
  }
  if (!requests.empty()) {
    std::vector<std::vector<std::string>> questions = {
        {"question", "from", "is with", "institution", "days"}};
    for (const Request& one : requests)
      questions.push_back({one.name(), one.registered() ? one.provider : "outside",
                           one.with.address.empty() ? "NOBODY" : one.with.address,
                           one.with.provider, std::to_string(days_since(one.opened, now))});
    std::cout << fmt::format("\n{} for an answer; after {} days without one it ends.\n{}",
                             requests.size() == 1
                                 ? "1 question waits"
                                 : fmt::format("{} questions wait", requests.size()),
                             home.settings().requests.lapse_days, table(questions));
  }
  if (!latest.empty()) {
    std::vector<std::vector<std::string>> newest = {{"newest", "from", "outcome", "subject"}};
    for (const DocketRecord& record : latest)
      newest.push_back({record.docket.number.text(), record.docket.sender.address,
                        std::string(outcome_name(record.docket.outcome)), record.docket.subject});
    std::cout << "\n" << table(newest);
  }
  if (!dead.empty()) {
    std::vector<std::vector<std::string>> rows = {{"address that does not work", "since", "why"}};
    for (const AddressTrouble& trouble : dead)
      rows.push_back({trouble.address, format_rfc3339(trouble.first), trouble.text});
    std::cout << "\n" << table(rows);
  }
  for (const Event& event : figures.events)
    std::cout << fmt::format("{} {}: {}\n", format_rfc3339(event.at), event_level_name(event.level),
                             event.text);
  return 0;
}

}  // namespace focalpost::cli
