// SPDX-License-Identifier: Apache-2.0
//
// result: how one room tells another that something did not work.
//
// Owns: `Error` and `Result<T>`. No exception crosses a room; libraries that throw are caught where
// they are called. An Error always says what failed, what a person can do about it, and whether
// doing the same again later may help.
//
// Dangers: reading `value()` of a failed Result ends the program with a message (a bug, exit 4).
#pragma once

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace focalpost {

/// What kind of failure, as far as the caller has to decide on it. Maps to the exit codes of the
/// command line (DESIGN.md section 3).
enum class ErrorKind {
  kNotRight,   ///< the thing looked at is not right (exit 1)
  kUsage,      ///< wrong usage or configuration (exit 2)
  kTemporary,  ///< try again: disk full, busy, connection lost (exit 3)
  kBug,        ///< a broken promise inside the program (exit 4)
};

struct Error {
  ErrorKind kind = ErrorKind::kNotRight;
  std::string what;   ///< one sentence: what failed, with the name of the thing
  std::string to_do;  ///< one sentence: what to do; empty where nothing can be said

  bool retry_helps() const { return kind == ErrorKind::kTemporary; }
};

inline Error not_right(std::string what, std::string to_do = {}) {
  return {ErrorKind::kNotRight, std::move(what), std::move(to_do)};
}
inline Error usage_error(std::string what, std::string to_do = {}) {
  return {ErrorKind::kUsage, std::move(what), std::move(to_do)};
}
inline Error temporary(std::string what, std::string to_do = {}) {
  return {ErrorKind::kTemporary, std::move(what), std::move(to_do)};
}
inline Error bug(std::string what) {
  return {ErrorKind::kBug, std::move(what), "This is a bug in focalpost: please report it."};
}

/// A value or an Error. `Result<void>` is success or an Error.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& value() & { return check(), std::get<0>(state_); }
  const T& value() const& { return check(), std::get<0>(state_); }
  T&& value() && { return check(), std::get<0>(std::move(state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  const Error& error() const { return std::get<1>(state_); }
  Error take_error() { return std::get<1>(std::move(state_)); }

 private:
  void check() const {
    if (ok()) return;
    std::fprintf(stderr, "focalpost: bug: value of a failed Result: %s\n", error().what.c_str());
    std::abort();
  }
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}

  bool ok() const { return !error_; }
  explicit operator bool() const { return ok(); }
  const Error& error() const { return *error_; }
  Error take_error() { return *std::move(error_); }

 private:
  std::optional<Error> error_;
};

using Status = Result<void>;

/// Return the Error of an expression that yields a Result, or go on.
#define FP_TRY(expression)                                      \
  do {                                                          \
    if (auto fp_try_result = (expression); !fp_try_result.ok()) \
      return std::move(fp_try_result).take_error();             \
  } while (false)

/// `FP_ASSIGN(auto x, f());` declares x from a Result, or returns its Error.
#define FP_ASSIGN(declaration, expression) \
  FP_ASSIGN_IMPL(FP_JOIN(fp_result_, __LINE__), declaration, expression)
#define FP_ASSIGN_IMPL(name, declaration, expression)  \
  auto name = (expression);                            \
  if (!name.ok()) return std::move(name).take_error(); \
  declaration = std::move(name).value()
#define FP_JOIN(a, b) FP_JOIN_IMPL(a, b)
#define FP_JOIN_IMPL(a, b) a##b

}  // namespace focalpost
