// SPDX-License-Identifier: Apache-2.0
#include "config/settings.h"

#include <fmt/format.h>

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include <functional>

#include "base/files.h"
#include "base/text.h"

namespace focalpost {
namespace {

/// One setting: where it is written and how it is taken over. The setter says what it wants when
/// the value is not right, or nothing.
struct Row {
  std::string table, key;
  std::function<std::string_view(Settings&, const toml::node&)> set;
};

template <typename Get>
auto text_of(Get get) {
  return [get](Settings& s, const toml::node& node) -> std::string_view {
    auto value = node.value_exact<std::string>();
    if (!value) return "a text in quotes";
    get(s) = *value;
    return {};
  };
}

template <typename Get>
auto share_of(Get get) {
  return [get](Settings& s, const toml::node& node) -> std::string_view {
    auto value = node.value<double>();
    if (!value || !(*value >= 0)) return "a number, 0 or more (0.25 is a quarter)";
    get(s) = *value;
    return {};
  };
}

std::vector<Row> rows() {
  std::vector<Row> table = {
      {"gateway", "name", text_of([](Settings & s) -> auto& { return s.name; })},
      {"gateway", "address",
       [](Settings& s, const toml::node& node) -> std::string_view {
         auto value = node.value_exact<std::string>();
         auto at = value ? value->find('@') : std::string::npos;
         if (at == std::string::npos || at == 0 || at + 1 == value->size() ||
             value->find_first_of(" \t\r\n<>,;\"") != std::string::npos)
           return "a mail address such as \"gateway@network.example\"";
         s.address = *value;
         return {};
       }},
      {"gateway", "low_disk_mb",
       [](Settings& s, const toml::node& node) -> std::string_view {
         auto value = node.value_exact<std::int64_t>();
         if (!value || *value < 0 || *value > 1'000'000'000) return "a whole number of megabytes";
         s.low_disk_bytes = std::uint64_t(*value) << 20;
         return {};
       }},
      {"operator", "mail", text_of([](Settings & s) -> auto& { return s.operator_mail; })},
      {"outgoing", "save_sent",
       [](Settings& s, const toml::node& node) -> std::string_view {
         auto value = node.value_exact<bool>();
         if (!value) return "true or false";
         s.save_sent = *value;
         return {};
       }},
      {"large_change", "total_share",
       share_of([](Settings & s) -> auto& { return s.large_change.total_share; })},
      {"large_change", "total_least",
       share_of([](Settings & s) -> auto& { return s.large_change.total_least; })},
      {"large_change", "cell_share",
       share_of([](Settings & s) -> auto& { return s.large_change.cell_share; })},
      {"large_change", "cells_share",
       share_of([](Settings & s) -> auto& { return s.large_change.cells_share; })},
      {"large_change", "deleted_share",
       share_of([](Settings & s) -> auto& { return s.large_change.deleted_share; })},
  };
  for (std::size_t a = 0; a < Policy{}.needs.size(); ++a)
    table.push_back({"policy", std::string(act_name(static_cast<Act>(a))),
                     [a](Settings& s, const toml::node& node) -> std::string_view {
                       auto value = node.value_exact<std::int64_t>();
                       if (!value || *value < 0 || *value > 4)
                         return "an assurance from 0 to 4 (see README, \"Who sent it\")";
                       s.policy.needs[a] = static_cast<Assurance>(*value);
                       return {};
                     }});
  for (const LimitRow& limit : kLimitTable)
    table.push_back(
        {"limits", std::string(limit.name),
         [member = limit.member](Settings& s, const toml::node& node) -> std::string_view {
           auto value = node.value_exact<std::int64_t>();
           if (!value || *value < 1) return "a whole number, 1 or more";
           s.limits.*member = std::uint64_t(*value);
           return {};
         }});
  return table;
}

std::string hint(std::string_view wanted, const std::vector<std::string_view>& known) {
  auto near = nearest(wanted, known, 1);
  return near.empty() ? "Look at the commented examples that `focalpost init` writes."
                      : fmt::format("Did you mean \"{}\"?", near.front());
}

}  // namespace

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
  static const std::vector<Row> known = rows();
  Settings settings;
  for (auto&& [table_name, table_node] : parsed.table()) {
    const toml::table* table = table_node.as_table();
    std::vector<std::string_view> keys, tables;
    for (const Row& row : known) {
      tables.push_back(row.table);
      if (row.table == table_name.str()) keys.push_back(row.key);
    }
    if (!table || keys.empty())
      return usage_error(fmt::format("{}, line {}: there is no table [{}]", file_name,
                                     table_node.source().begin.line, table_name.str()),
                         hint(table_name.str(), tables));
    for (auto&& [key, node] : *table) {
      const Row* found = nullptr;
      for (const Row& row : known)
        if (row.table == table_name.str() && row.key == key.str()) found = &row;
      if (!found)
        return usage_error(fmt::format("{}, line {}: there is no setting \"{}\" in [{}]", file_name,
                                       node.source().begin.line, key.str(), table_name.str()),
                           hint(key.str(), keys));
      if (std::string_view wanted = found->set(settings, node); !wanted.empty())
        return usage_error(fmt::format("{}, line {}: [{}] {} must be {}", file_name,
                                       node.source().begin.line, table_name.str(), key.str(),
                                       wanted));
    }
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
# mail = "operator@network.example"       # told when something needs a person

# [outgoing]
# save_sent = true                        # keep a copy of what is sent in the folder Sent

# What an act needs: 0 nothing, 1 a registered From address, 2 a DKIM or DMARC pass reported by
# the own mail server, 3 a confirmation, 4 a signature. Without a mail server that reports,
# nobody has 2: then data wait in Held until `focalpost release`.
[policy]
)";
  text += demo
              ? "file = 1                                  # the demonstration has no mail server\n"
                "revise = 1\n"
              : "# file = 2\n# revise = 2\n";
  text += R"(
# [large_change]                          # what waits for a second look
# total_share = 0.25
# total_least = 50
# cell_share = 0.30
# cells_share = 0.10
# deleted_share = 0.10

# [limits]                                # bounds on what strangers send; all in docs/limits.md
# findings_listed = 200
)";
  return text;
}

}  // namespace focalpost
