// SPDX-License-Identifier: Apache-2.0
//
// value: what a template may be given: texts, yes and no, lists and objects of them.
//
// There is no number, date or function on purpose: numbers and dates arrive as ready texts (see
// phrases.h), and what a template could run does not exist here. Text is shown as it is, whatever
// stands in it: braces in data are braces on paper.
#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace focalpost {

class Value {
 public:
  using List = std::vector<Value>;
  /// Few names each: looked up from the front; set() replaces.
  using Object = std::vector<std::pair<std::string, Value>>;

  /// Empty text: shown as nothing, and "no" as a section.
  Value() = default;
  Value(std::string text) : held_(std::move(text)) {}
  Value(std::string_view text) : held_(std::string(text)) {}
  Value(const char* text) : held_(std::string(text)) {}
  /// Only a real bool, so that a pointer or a number never becomes "yes".
  template <std::same_as<bool> Bool>
  Value(Bool yes) : held_(yes) {}
  Value(List list) : held_(std::move(list)) {}
  Value(Object object) : held_(std::move(object)) {}

  /// Makes an object of what was empty; on anything else than an object it starts anew as one.
  Value& set(std::string_view name, Value value) {
    if (!std::holds_alternative<Object>(held_)) held_ = Object();
    auto& object = std::get<Object>(held_);
    for (auto& [key, old] : object)
      if (key == name) return old = std::move(value), *this;
    object.emplace_back(std::string(name), std::move(value));
    return *this;
  }

  const std::string* text() const { return std::get_if<std::string>(&held_); }
  const bool* yes_no() const { return std::get_if<bool>(&held_); }
  const List* list() const { return std::get_if<List>(&held_); }
  const Object* object() const { return std::get_if<Object>(&held_); }

 private:
  std::variant<std::string, bool, List, Object> held_;
};

}  // namespace focalpost
