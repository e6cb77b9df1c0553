// SPDX-License-Identifier: Apache-2.0
//
// rights: what constraints and provision agreements let a series key and its periods be.
//
// Constraints of DSD and dataflow must all allow a key; of a provider's agreements for the flow,
// one is enough, and all of its own constraints must allow. NETWORK.md section 2.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/lookup.h"
#include "validation/periods.h"

namespace focalpost {

/// When a code may be used (FP_VALID "from/to"), and what took its place (FP_REPLACED_BY).
/// With a successor and no dates it may not be used at all.
struct CodeValidity {
  bool limited = false;
  DayRange days;
  std::string_view successor;
};
CodeValidity validity_of(const Code& code);

/// Whether a period (or a day: first = last) reaches into `days` at all.
inline bool touches(const DayRange& days, std::int64_t first, std::int64_t last) {
  return first <= days.last && last >= days.first;
}

/// What the key of a series says about the periods of its observations.
struct Window {
  DayRange codes;                    ///< in which all codes of the key are valid
  std::vector<DayRange> agreements;  ///< reference periods of the agreements; empty: open
  std::vector<DayRange> allowed;     ///< by a constraint's time ranges; empty: open
  std::vector<DayRange> excluded;
  std::uint32_t rule = 0;  ///< which constraint that is
  friend auto operator<=>(const Window&, const Window&) = default;

  bool open() const {
    return codes == DayRange{} && agreements.empty() && allowed.empty() && excluded.empty();
  }
};

/// Adds the time ranges that constraint `number` puts on a key.
void add_times(const RegionRule& rule, std::uint32_t number, std::span<const std::int32_t> codes,
               Window& window);
bool has_times(const RegionRule& rule);

/// Whether an uncoded component may be `text`; always true where no including region restricts it.
bool allows_text(const RegionRule& rule, std::uint16_t component, std::string_view text);

/// One agreement of the sender for the flow of a dataset, its codes in the dataset's own numbers.
class Right {
 public:
  /// `terms.flow` may be another version of the dataset's flow: codes are compared by their ids.
  Right(const AgreementTerms& terms, const FlowStructure& flow);

  /// Whether the key lies in what the agreement covers. A wildcard (kNoCode) does so only where
  /// every code would: nobody deletes what others file.
  bool covers(std::span<const std::int32_t> codes) const;
  /// Whether this code of a dimension occurs in it at all.
  bool covers_value(std::uint16_t dimension, std::int32_t code) const;
  /// The constraint of it under which `code` of an attribute or measure may not occur; null if it
  /// may.
  const RegionRule* refused_by(std::uint16_t component, std::int32_t code) const;
  /// Ids of the codes of a dimension that it names, in their order; empty when it names none.
  std::vector<std::string_view> named(std::uint16_t dimension) const;
  /// The periods it is for, of a key that it covers: its reference period, and within that the time
  /// ranges of its regions.
  std::vector<DayRange> periods(std::span<const std::int32_t> codes) const;

 private:
  std::vector<std::int32_t> translated(std::span<const std::int32_t> codes) const;
  const AgreementTerms* terms_;
  const FlowStructure* flow_;
  bool same_;
  std::vector<std::uint16_t> places_;  ///< per dimension of terms.flow, that of the dataset's flow
  DayRange reference_;
};

}  // namespace focalpost
