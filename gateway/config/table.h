// SPDX-License-Identifier: Apache-2.0
//
// table: taking over the keys of one TOML table. Private to the room; the door to toml++.
#pragma once

#include <fmt/format.h>

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace focalpost::config {

/// One setting: how it is called and how it is taken over. The setter says what it wants when the
/// value is not right, or nothing.
template <typename Target>
struct Row {
  std::string key;
  std::function<std::string_view(Target&, const toml::node&)> set;
};

/// A table being read, for sentences: "focalpost.toml, line 3: ...".
struct Place {
  std::string_view file;
  std::string table;

  Error error(const toml::node& at, std::string_view what, std::string to_do = {}) const {
    return usage_error(fmt::format("{}, line {}: {}", file, at.source().begin.line, what),
                       std::move(to_do));
  }
};

/// "Did you mean ...?", or where to look.
std::string hint(std::string_view wanted, const std::vector<std::string_view>& known);
/// There is no such key. Says more of a secret that was written down.
Error unknown_key(const Place& place, std::string_view key, const toml::node& node,
                  const std::vector<std::string_view>& known);

/// `other` sees the keys that have no row; true: it knows this one, and looks at it by itself.
template <typename Target, typename Other>
Status read_table(const Place& place, const toml::table& table,
                  const std::vector<Row<Target>>& rows, Target& target, Other other) {
  for (auto&& [key, node] : table) {
    const Row<Target>* found = nullptr;
    for (const Row<Target>& row : rows)
      if (row.key == key.str()) found = &row;
    if (!found) {
      if (other(key.str(), node)) continue;
      std::vector<std::string_view> known;
      for (const Row<Target>& row : rows) known.push_back(row.key);
      return unknown_key(place, key.str(), node, known);
    }
    if (std::string_view wanted = found->set(target, node); !wanted.empty())
      return place.error(node, fmt::format("[{}] {} must be {}", place.table, key.str(), wanted));
  }
  return {};
}

template <typename Target>
Status read_table(const Place& place, const toml::table& table,
                  const std::vector<Row<Target>>& rows, Target& target) {
  return read_table(place, table, rows, target,
                    [](std::string_view, const toml::node&) { return false; });
}

/// A text of at least one character, without control characters; empty pointer if it is not.
const std::string* line_of(const toml::node& node);
/// local@domain without spaces, controls or brackets; the local part at most 64 bytes.
bool is_address(std::string_view text);

// Setters.

template <typename Get>
auto text_of(Get get) {
  return [get](auto& target, const toml::node& node) -> std::string_view {
    auto value = node.value_exact<std::string>();
    if (!value) return "a text in quotes";
    get(target) = *value;
    return {};
  };
}

template <typename Get>
auto truth_of(Get get) {
  return [get](auto& target, const toml::node& node) -> std::string_view {
    auto value = node.value_exact<bool>();
    if (!value) return "true or false";
    get(target) = *value;
    return {};
  };
}

template <typename Get>
auto share_of(Get get) {
  return [get](auto& target, const toml::node& node) -> std::string_view {
    auto value = node.value<double>();
    if (!value || !(*value >= 0)) return "a number, 0 or more (0.25 is a quarter)";
    get(target) = *value;
    return {};
  };
}

template <typename Get>
auto address_of(Get get) {
  return [get](auto& target, const toml::node& node) -> std::string_view {
    auto value = node.value_exact<std::string>();
    if (!value || !is_address(*value)) return "a mail address such as \"gateway@network.example\"";
    get(target) = *value;
    return {};
  };
}

}  // namespace focalpost::config
