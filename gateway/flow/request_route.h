// SPDX-License-Identifier: Apache-2.0
//
// request_route: who answers a question: by country and subject, from the roster and the
// agreements.
//
// In this order, each once:
//   focal points of institutions whose agreement covers one of the indicators and countries; the
//     one whose id is the indicator's before the others of the institution, substitutes after it
//   focal points of institutions that report for one of the countries, likewise
//   coordinators of these institutions
//   coordinators of the asker's own institution, then of others that report for its areas
//   coordinators of institutions that report nothing themselves (the network's secretariat)
//   any coordinator
//
// Never: who asked; whose address is dead (store/correspondents.h); the gateway itself. Who is away
// comes after everybody who is not.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "flow/home.h"
#include "model/lookup.h"

namespace focalpost {

/// What an automatic message says holds so long, unless its owner writes meanwhile.
inline constexpr std::chrono::hours kAwayFor{14 * 24};

inline constexpr std::string_view kFocalPoint = "focal point", kSubstitute = "substitute",
                                  kCoordinatorRole = "coordinator";

struct Responsible {
  const RosterEntry* who;
  std::string address;
  std::string role;
  bool away = false;
};

/// What a question is about, and who asks.
struct Subject {
  std::vector<std::string> areas, flows;
  std::string asker;                     ///< address
  const RosterEntry* contact = nullptr;  ///< of a registered asker
};

Result<std::vector<Responsible>> responsible_for(Home& home, const Subject& subject, Time now);

/// Of one institution for one dataflow (id): its focal point for that first, then substitutes,
/// other focal points, coordinators; who is away keeps the place.
Result<std::vector<Responsible>> responsible_in(Home& home, const ProviderRef& provider,
                                                std::string_view flow, Time now);

/// Countries that agreements cover and a text names, by their code in capitals or by a name in any
/// language, whatever its ending; at most kMostAreas, in the order of their codes.
std::vector<std::string> areas_in(const StructureLookup& lookup, std::string_view text);
/// Indicators that a text names by their id in capitals.
std::vector<std::string> flows_in(const StructureLookup& lookup, std::string_view text);
inline constexpr std::size_t kMostAreas = 5;

/// Indicators that a text names: by their ids in capitals, else by words (enquiry/named.h), at most
/// kMostFlows. Words that stand in the name of an institution too ("Migration Service") name one
/// only where nothing else does.
Result<std::vector<std::string>> flows_meant(Home& home, std::string_view text);
inline constexpr std::size_t kMostFlows = 3;

/// Whom somebody means who writes "FORWARD KG_NSC": by address, by the code of an institution or of
/// a country, by words of the name of a contact or an institution. Nothing: nobody, or several
/// institutions.
Result<std::optional<Responsible>> named(Home& home, std::string_view text, const Subject& subject,
                                         Time now);

}  // namespace focalpost
