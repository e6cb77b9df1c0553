// SPDX-License-Identifier: Apache-2.0
#include "config/settings.h"

#include <algorithm>
#include <functional>

#include "base/clock.h"
#include "base/files.h"
#include "base/text.h"
#include "config/mail_tables.h"
#include "config/table.h"

namespace focalpost {
namespace config {

std::string hint(std::string_view wanted, const std::vector<std::string_view>& known) {
  auto near = nearest(wanted, known, 1);
  return near.empty() ? "Look at the commented examples that `focalpost init` writes."
                      : fmt::format("Did you mean \"{}\"?", near.front());
}

Error unknown_key(const Place& place, std::string_view key, const toml::node& node,
                  const std::vector<std::string_view>& known) {
  for (std::string_view secret :
       {"password", "passwd", "pass", "secret", "client_secret", "refresh_token", "access_token"}) {
    if (key != secret) continue;
    // Which of the keys of this table it should have been.
    std::string_view file;
    for (std::string_view k : known)
      if (k.ends_with("_file") && k != "ca_file" && (file.empty() || k.starts_with(secret)))
        file = k;
    if (file.empty()) break;
    return place.error(
        node, fmt::format("[{}] {}: a secret does not belong into this file", place.table, key),
        fmt::format("Put it into a file of mode 0600 in the home and name that with {} = \"...\"; "
                    "change the secret if others could read this file.",
                    file));
  }
  return place.error(node, fmt::format("there is no setting \"{}\" in [{}]", key, place.table),
                     hint(key, known));
}

const std::string* line_of(const toml::node& node) {
  const toml::value<std::string>* value = node.as_string();
  if (!value || value->get().empty() || one_line(value->get()) != value->get()) return nullptr;
  return &value->get();
}

bool is_address(std::string_view text) {
  auto at = text.find('@');
  return at != text.npos && at > 0 && at <= 64 && at + 1 < text.size() && text.size() <= 254 &&
         text.find('@', at + 1) == text.npos && one_line(text) == text &&
         text.find_first_of(" <>()[],;:\\\"") == text.npos;
}

namespace {

/// A host's name, or "*." and at least two labels.
bool is_authserv_pin(std::string_view text) {
  const bool any = text.starts_with("*.");
  if (any) text.remove_prefix(2);
  auto labels = split(text, '.');
  return text.size() <= 253 && (!any || labels.size() >= 2) &&
         std::all_of(labels.begin(), labels.end(), [](std::string_view label) {
           return !label.empty() && std::all_of(label.begin(), label.end(), [](char c) {
             return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    c == '-' || c == '_';
           });
         });
}

/// A top-level table whose keys go straight into the Settings.
struct Table {
  std::string name;
  std::vector<Row<Settings>> rows;
};

template <typename Get>
auto days_of(Get get) {
  return [get](Settings& s, const toml::node& node) -> std::string_view {
    auto value = node.value_exact<std::int64_t>();
    if (!value || *value < 1 || *value > 3650) return "a whole number of days, 1 or more";
    get(s) = std::uint64_t(*value);
    return {};
  };
}

std::vector<Table> plain_tables() {
  std::vector<Table> tables = {
      {"gateway",
       {{"name", text_of([](Settings & s) -> auto& { return s.name; })},
        {"address", address_of([](Settings & s) -> auto& { return s.address; })},
        {"low_disk_mb",
         [](Settings& s, const toml::node& node) -> std::string_view {
           auto value = node.value_exact<std::int64_t>();
           if (!value || *value < 0 || *value > 1'000'000'000) return "a whole number of megabytes";
           s.low_disk_bytes = std::uint64_t(*value) << 20;
           return {};
         }}}},
      {"operator",
       {{"mail", address_of([](Settings & s) -> auto& { return s.operator_mail; })},
        {"alert_command",
         [](Settings& s, const toml::node& node) -> std::string_view {
           const std::string* value = line_of(node);
           if (!value) return "a command line in quotes";
           s.alert_command = *value;
           return {};
         }}}},
      {"large_change",
       {{"total_share", share_of([](Settings & s) -> auto& { return s.large_change.total_share; })},
        {"total_least", share_of([](Settings & s) -> auto& { return s.large_change.total_least; })},
        {"cell_share", share_of([](Settings & s) -> auto& { return s.large_change.cell_share; })},
        {"cells_share", share_of([](Settings & s) -> auto& { return s.large_change.cells_share; })},
        {"deleted_share",
         share_of([](Settings & s) -> auto& { return s.large_change.deleted_share; })}}},
      {"held",
       {{"remind_days", days_of([](Settings & s) -> auto& { return s.held.remind_days; })},
        {"expire_days", days_of([](Settings & s) -> auto& { return s.held.expire_days; })},
        {"most_per_contact",
         [](Settings& s, const toml::node& node) -> std::string_view {
           auto value = node.value_exact<std::int64_t>();
           if (!value || *value < 1 || *value > 100'000)
             return "a whole number of files, 1 or more";
           s.held.most_per_contact = std::uint64_t(*value);
           return {};
         }}}},
      {"policy", {}},
      {"limits", {}},
      {"trust",
       {{"authserv_id",
         [](Settings& s, const toml::node& node) -> std::string_view {
           const std::string* value = line_of(node);
           if (!value || !is_authserv_pin(*value))
             return "the name of the own mail server in Authentication-Results, as "
                    "\"mx.host.example\"";
           s.trust.authserv_id = *value;
           return {};
         }},
        {"authserv_fields",
         [](Settings& s, const toml::node& node) -> std::string_view {
           auto value = node.value_exact<std::int64_t>();
           if (!value || *value < 1 || std::uint64_t(*value) > kMostAuthservFields)
             return "a whole number from 1 to 5";
           s.trust.authserv_fields = std::uint64_t(*value);
           return {};
         }},
        {"authserv_tested",
         truth_of([](Settings & s) -> auto& { return s.trust.authserv_tested; })},
        {"ca_file", text_of([](Settings & s) -> auto& { return s.trust.ca_file; })}}},
      {"requests",
       {{"remind_days", days_of([](Settings & s) -> auto& { return s.requests.remind_days; })},
        {"escalate_days", days_of([](Settings & s) -> auto& { return s.requests.escalate_days; })},
        {"lapse_days", days_of([](Settings & s) -> auto& { return s.requests.lapse_days; })},
        {"most_per_asker",
         [](Settings& s, const toml::node& node) -> std::string_view {
           auto value = node.value_exact<std::int64_t>();
           if (!value || *value < 1 || *value > 10'000)
             return "a whole number of questions, 1 or more";
           s.requests.most_per_asker = std::uint64_t(*value);
           return {};
         }}}},
      {"calendar",
       {{"remind", truth_of([](Settings & s) -> auto& { return s.calendar.remind; })},
        {"holidays",
         [](Settings& s, const toml::node& node)
             -> std::
                 string_view {
                   constexpr std::string_view kWanted =
                       "a list of countries with a day, as [\"KG 2026-01-07\"], at most 5000";
                   constexpr std::size_t kMost = 5000;
                   const toml::array* list = node.as_array();
                   if (!list || list->size() > kMost) return kWanted;
                   for (const toml::node& one : *list) {
                     const std::string* text = line_of(one);
                     const auto space = text ? text->find(' ') : std::string::npos;
                     if (space == std::string::npos || space == 0) return kWanted;
                     const auto day = parse_time(trim(std::string_view(*text).substr(space)));
                     if (!day) return kWanted;
                     s.calendar.holidays.emplace(
                         text->substr(0, space),
                         std::chrono::floor<std::chrono::days>(*day).time_since_epoch().count());
                   }
                   return {};
                 }}}},
      {"digests",
       {{"zone", text_of([](Settings & s) -> auto& { return s.digests.zone; })},
        {"most_per_address",
         [](Settings& s,
            const toml::node& node) -> std::
                                        string_view {
                                          auto value = node.value_exact<std::int64_t>();
                                          if (!value || *value < 1 || *value > 1000)
                                            return "a whole number of subscriptions, 1 or more";
                                          s.digests.most_per_address = std::uint64_t(*value);
                                          return {};
                                        }}}},
  };
  for (std::size_t a = 0; a < Policy{}.needs.size(); ++a)
    tables[4].rows.push_back({std::string(act_name(static_cast<Act>(a))),
                              [a](Settings& s, const toml::node& node) -> std::string_view {
                                auto value = node.value_exact<std::int64_t>();
                                if (!value || *value < 0 || *value > 4)
                                  return "an assurance from 0 to 4 (see README, \"Who sent it\")";
                                s.policy.needs[a] = static_cast<Assurance>(*value);
                                return {};
                              }});
  for (const LimitRow& limit : kLimitTable)
    tables[5].rows.push_back(
        {std::string(limit.name),
         [member = limit.member](Settings& s, const toml::node& node) -> std::string_view {
           auto value = node.value_exact<std::int64_t>();
           if (!value || *value < 1) return "a whole number, 1 or more";
           s.limits.*member = std::uint64_t(*value);
           return {};
         }});
  return tables;
}

}  // namespace
}  // namespace config

std::string Settings::domain() const {
  return address.substr(address.find('@') + 1);
}

Result<Settings> parse_settings(std::string_view text, std::string_view file_name) {
  toml::parse_result parsed = toml::parse(text, file_name);
  if (!parsed) {
    const toml::parse_error& error = parsed.error();
    return usage_error(fmt::format("{}, line {}: {}", file_name, error.source().begin.line,
                                   std::string_view(error.description())));
  }
  static const std::vector<config::Table> plain = config::plain_tables();
  Settings settings;
  for (auto&& [key, node] : parsed.table()) {
    std::string_view name = key.str();
    config::Place place{file_name, std::string(name)};
    auto known = std::find_if(plain.begin(), plain.end(),
                              [&](const config::Table& table) { return table.name == name; });
    const toml::table* table = node.as_table();
    if (!table || (known == plain.end() && name != "mailbox" && name != "outgoing")) {
      std::vector<std::string_view> names = {"mailbox", "outgoing"};
      for (const config::Table& other : plain) names.push_back(other.name);
      return place.error(node, fmt::format("there is no table [{}]", name),
                         config::hint(name, names));
    }
    if (name == "mailbox")
      FP_TRY(config::read_mailbox_table(file_name, *table, settings));
    else if (name == "outgoing")
      FP_TRY(config::read_outgoing_table(file_name, *table, settings));
    else
      FP_TRY(config::read_table(place, *table, known->rows, settings));
  }
  return settings;
}

Result<Settings> read_settings(const std::filesystem::path& file) {
  std::error_code none;
  if (!std::filesystem::exists(file, none)) return Settings{};
  FP_ASSIGN(std::string text, read_file(file, 1 << 20));
  return parse_settings(text, file.string());
}

std::string default_settings_text(bool demo) {
  std::string text = R"(# Settings of this home. What is not written here has its default; every
# line below that begins with # shows one. README.md and docs/ explain them.

[gateway]
# name = "Migration data exchange"        # how receipts are signed
# address = "gateway@network.example"     # the address that people write to
# low_disk_mb = 200                       # below this, nothing new is taken in

# [operator]
# mail = "operator@other.example"         # told when something needs a person
# alert_command = "/usr/local/bin/alert"  # the same, when mail does not work: text on its stdin

# What an act needs: 0 nothing, 1 a registered From address, 2 a DKIM or DMARC pass reported by
# the own mail server, 3 a confirmation, 4 a signature. Without a mail server that reports,
# nobody has 2: then data wait in Held until the sender answers a letter with YES (docs/trust.md).
[policy]
)";
  text += demo
              ? "file = 1                                  # the demonstration has no mail server\n"
                "revise = 1\n"
                "answer = 1                                # of a request, by mail\n"
                "extend = 1                                # more time, or no data\n"
              : "# file = 2\n# revise = 2\n# answer = 2\n# extend = 2\n";
  text += R"(
# [trust]                                 # who is believed about who sent a message
# authserv_id = "mx.host.example"         # the own server in Authentication-Results; `check` tries it
# authserv_fields = 1                     # how many such fields it writes into each message
# authserv_tested = false                 # true: you saw it remove forged ones, where `check` cannot
# ca_file = "authorities.pem"             # S/MIME; without it only certificates that lie in keys/
#
# [large_change]                          # what waits for a second look
# total_share = 0.25
# total_least = 50
# cell_share = 0.30
# cells_share = 0.10
# deleted_share = 0.10

# [held]                                  # what waits for the sender's or a coordinator's word
# remind_days = 7
# expire_days = 30                        # then it is rejected, and both are told
# most_per_contact = 20                   # files of one sender; beyond, they are rejected

# [requests]                              # questions that a person answers
# remind_days = 3                         # who was asked is reminded
# escalate_days = 7                       # then the coordinator is asked
# lapse_days = 30                         # then the asker is told that nobody answered
# most_per_asker = 10                     # that wait at the same time

# [calendar]                              # what agreements promise (docs/timetable.md)
# remind = true                           # false: nobody is reminded of what is due
# holidays = ["KG 2026-01-07"]            # days on which a country does not work, beside weekends
# [digests]                               # what subscribers get
# zone = "UTC"                            # where days begin for who is not in the roster: "Asia/Bishkek"
# most_per_address = 10                   # subscriptions

# [limits]                                # bounds on what strangers send; all in docs/limits.md
# findings_listed = 200

# The mail server. Without the first table letters are files in spool/mailbox (Maildir), without
# the second what is sent ends in its folder .Sent. Either can be appended to this file.
#
# [mailbox]
# url = "imaps://mail.example:993"        # imap:// means STARTTLS unless tls = "none"
# user = "gateway"
# password_file = "imap.password"         # mode 0600; relative to this folder
# password_env = "IMAP_PASSWORD"          # or an environment variable
# password_credential = "imap"            # or a credential of systemd
# tls = "implicit"                        # implicit, starttls or none (to this machine only)
# allow_plaintext = false                 # none to other machines: passwords can be overheard
# ca_file = ""                            # the system's authorities when empty
# folder_prefix = "INBOX."                # where the server does not say it
# quiet_hours = 336                       # no mail for longer than this: the operator is told
# oauth = { token_url = "https://login.example/token", client_id = "...", scope = "...", client_secret_file = "oauth.secret", refresh_token_file = "oauth.refresh" }
#
# [mailbox.second]                        # another one, with the same keys
# url = "imaps://other.example"
#
# [outgoing]
# url = "smtps://mail.example:465"        # smtp:// means STARTTLS unless tls = "none"
# from = "gateway@network.example"        # else the address of [gateway]
# user = "gateway"                        # password, tls, ca_file, oauth as above
# password_file = "smtp.password"
# bounce = "gateway+{tag}@network.example"  # where bounces come back to, if plus addresses work
# save_sent = true                        # keep a copy of what is sent in the folder Sent
# dsn = true                              # ask the server for delivery reports
)";
  return text;
}

}  // namespace focalpost
