// SPDX-License-Identifier: Apache-2.0
//
// confirmations: who was asked for a word about which held items.
//
// A row is what a token is made of (flow/token.h): it is never changed but for what became of it,
// so that the token can be made again for a reminder, and fits nothing else. A row is answered
// once.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "model/docket.h"
#include "store/statements.h"

namespace focalpost {

/// One held item of one attempt of one docket, and why it is held: what a yes would confirm.
struct AskedItem {
  std::int64_t docket = 0;
  std::uint32_t attempt = 0;
  std::uint32_t item = 0;
  std::string act;  ///< hold_reason_name()
  std::string content_hash;
};

struct Confirmation {
  std::int64_t id = 0;
  std::string address;  ///< lower case; empty: nobody can answer, coordinators were told
  std::string provider, contact;
  Time asked{}, expires{};
  std::optional<Time> reminded, answered;
  std::string answer;            ///< "yes", "no"; empty: none yet
  std::vector<AskedItem> items;  ///< by docket and number
};

class Confirmations {
 public:
  explicit Confirmations(Statements& statements) : statements_(statements) {}

  /// Inside a transaction; gives the row its id. Of `asked` what became of it is not looked at.
  Status add(Confirmation& asked);
  Result<std::optional<Confirmation>> find(std::int64_t id);
  /// Inside a transaction. False if there was an answer before: that one stands.
  Result<bool> answered(std::int64_t id, std::string_view answer, Time now);
  Status reminded(std::int64_t id, Time now);

  /// Dockets with held items about whose present attempt nobody was asked, the oldest first.
  Result<std::vector<std::int64_t>> not_asked();
  /// Asked before, neither answered nor reminded, and something of it still waits as it was asked.
  Result<std::vector<std::int64_t>> to_remind(Time asked_before);
  /// Dockets whose held items were judged before, and about which nothing is ordered.
  Result<std::vector<std::int64_t>> held_before(Time judged_before);

 private:
  Result<std::vector<std::int64_t>> ids(Statements::Use rows);
  Statements& statements_;
};

}  // namespace focalpost
