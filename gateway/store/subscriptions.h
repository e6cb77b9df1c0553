// SPDX-License-Identifier: Apache-2.0
//
// subscriptions: who gets a digest of what, which digests were made, who wants none of our letters
// but answers.
//
// A subscription is of an address and a selection; the same address may have several. It knows up
// to which moment it has been told, so that periods that were slept through are told later, and
// none twice. Which period is over, what is in a digest and who may subscribe is flow's
// (flow/subscriptions.h, flow/digests.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "store/statements.h"

namespace focalpost {

enum class SubscriptionState : std::uint8_t {
  kUnconfirmed,  ///< somebody outside asked, and has not confirmed yet
  kActive,
  kEnded,
};
std::string_view subscription_state_name(SubscriptionState state);

struct Subscription {
  std::int64_t id = 0;  ///< the store's own
  std::string address;  ///< lower case; empty once forgotten
  std::string lang = "en";
  std::string rhythm = "weekly";          ///< daily, weekly, monthly, quarterly
  std::vector<std::string> flows, areas;  ///< sorted; empty: all
  SubscriptionState state = SubscriptionState::kActive;
  Time opened{};
  std::optional<Time> ended;
  Time told_until{};
  std::int64_t told_day = 0;            ///< see subscription_schema.h
  std::optional<std::int64_t> said_in;  ///< docket
};

/// A digest, or that there was none to make.
struct DigestMade {
  std::int64_t subscription = 0;
  std::int64_t day = 0;
  Time since{}, until{};
  std::string what = "sent";  ///< sent, nothing, refused
  std::optional<std::int64_t> outbox;
  Time made{};
};

class Subscriptions {
 public:
  explicit Subscriptions(Statements& statements) : statements_(statements) {}

  // Everything that writes: inside a transaction.

  /// Gives the row its id. An Error if the address has that selection already.
  Status add(Subscription& subscription);
  /// All but the id. An empty address: it is forgotten.
  Status update(const Subscription& subscription);
  Result<std::optional<Subscription>> find(std::int64_t id);
  /// Those of an address that have not ended, by id.
  Result<std::vector<Subscription>> of(std::string_view address);
  /// By id.
  Result<std::vector<Subscription>> active();
  /// The oldest first.
  Result<std::vector<Subscription>> unconfirmed();
  /// Those that a message asked for last, also ended ones.
  Result<std::vector<Subscription>> said_in(std::int64_t docket);
  /// Active ones; and addresses that have any.
  struct Counts {
    std::uint64_t subscriptions = 0, addresses = 0, unconfirmed = 0;
    std::optional<Time> last_digest;  ///< when the last was put into the outbox
  };
  Result<Counts> counts();

  /// Moves the subscription on to the end of the period, too. False, and nothing is written, if
  /// that period has its row already.
  Result<bool> note(const DigestMade& made);
  /// The newest first.
  Result<std::vector<DigestMade>> digests(std::int64_t subscription, std::size_t most = 100);

  /// The address wants nothing but answers.
  Status stop(std::string_view address, Time now);
  /// It wants letters again.
  Status lift_stop(std::string_view address);
  Result<bool> stopped(std::string_view address);

 private:
  Result<std::vector<Subscription>> read(Statements::Use rows);
  Statements& statements_;
};

/// A structure that came or changed.
struct ChangedStructure {
  std::string artefact_class;  ///< as in its URN: "Codelist"
  std::string agency, id, version;
  Time at{};
};
/// In (since, until], by class and id; not what a command of a mail changed (the language of a
/// contact, an audience).
Result<std::vector<ChangedStructure>> changed_structures(Statements& statements, Time since,
                                                         Time until, std::size_t most);

}  // namespace focalpost
