// SPDX-License-Identifier: Apache-2.0
//
// contact: since when each mail server answers or does not, as `run` and `once` met it; what
// `status` shows and alerts rest on.
//
// A server is known by a name: Mailbox::name() of a mailbox, kOutgoingServer for the outgoing one.
// Each call is one statement: alone it commits by itself.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "store/statements.h"

namespace focalpost {

inline constexpr std::string_view kOutgoingServer = "outgoing";

struct ServerContact {
  std::string name;
  Time known{};                       ///< first tried
  std::optional<Time> reached;        ///< last time it answered, to a minute
  std::optional<Time> mail;           ///< mailboxes: last time there was something new
  std::optional<Time> failing_since;  ///< nothing: it answered when it was tried last
  std::optional<Time> failed;         ///< last failure; stays when it works again
  std::string error;                  ///< of that failure

  /// Since when nothing new came.
  Time mute_since() const { return mail.value_or(known); }
};

class ServerContacts {
 public:
  explicit ServerContacts(Statements& statements) : statements_(statements) {}

  /// It answered. Writes at most once a minute unless it failed before.
  Status reached(std::string_view name, Time now);
  /// `why` is made one line of at most 500 characters.
  Status failed(std::string_view name, std::string_view why, Time now);
  /// Something new lay in a mailbox: it was reached, too.
  Status mail_came(std::string_view name, Time now);

  Result<std::optional<ServerContact>> of(std::string_view name);
  Result<std::vector<ServerContact>> all();
  /// Forgets those that the settings no longer name.
  Status keep_only(std::span<const std::string> names);

 private:
  Statements& statements_;
};

}  // namespace focalpost
