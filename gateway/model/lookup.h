// SPDX-License-Identifier: Apache-2.0
//
// lookup: structures with every reference resolved, made once, read by all, changed by none.
//
// `StructureLookup` is an immutable snapshot of what a home (or `validate --structures`) knows. It
// gives `FlowStructure`s: a DSD, alone or under a dataflow, in the form in which readers and judges
// use it: components by small numbers, codes by small numbers, constraints as code sets. Snapshots
// are shared by shared_ptr; a new structure message makes a new snapshot.
//
// Component numbers: dimensions without time first (their number is the place in a series key),
// then the time dimension if there is one, then measures, then attributes.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "model/codelist_extension.h"
#include "model/period.h"
#include "model/structure.h"

namespace focalpost {

inline constexpr std::int32_t kNoCode = -1;
inline constexpr std::uint16_t kNoComponent = 0xFFFF;

/// Text to small number, exact, built once. For the few names of components and the many of codes.
class NameTable {
 public:
  void build(const std::vector<std::string_view>& names);  ///< views must outlive the table
  /// The place of `name` in the list, -1 if it is not there.
  std::int32_t find(std::string_view name) const;
  std::size_t size() const { return names_.size(); }
  const std::vector<std::string_view>& names() const { return names_; }

 private:
  std::vector<std::string_view> names_;
  std::vector<std::int32_t> slots_;  ///< open addressing, power of two, -1 empty
  std::vector<std::int32_t> single_ = std::vector<std::int32_t>(256, -1);  ///< one-letter names
};

/// A codelist with its codes numbered in document order, and its hierarchy both ways.
class CodeTable {
 public:
  explicit CodeTable(const Codelist& list);
  const Codelist& list() const { return list_; }
  std::int32_t find(std::string_view id) const { return names_.find(id); }
  std::size_t size() const { return names_.size(); }
  std::string_view id(std::int32_t code) const { return names_.names()[std::size_t(code)]; }
  const Code& code(std::int32_t code) const { return list_.codes[std::size_t(code)]; }
  std::int32_t parent(std::int32_t code) const { return parents_[std::size_t(code)]; }
  std::span<const std::int32_t> children(std::int32_t code) const;
  /// Codes whose FP_ALIAS annotation is `text` (suggestions only, never a silent replacement).
  std::vector<std::int32_t> by_alias(std::string_view text) const;
  const std::vector<std::string_view>& ids() const { return names_.names(); }

 private:
  const Codelist& list_;
  NameTable names_;
  std::vector<std::int32_t> parents_, child_first_, child_list_;
};

/// A component of a FlowStructure.
struct FlowComponent {
  std::string id;
  ComponentKind kind = ComponentKind::kDimension;
  std::shared_ptr<const CodeTable> codes;  ///< null: not coded
  TextFormat format;                       ///< String when nothing is said
  bool format_given = false;
  std::uint32_t max_values = 1;       ///< 0: any number (multi_value.h)
  const Component* source = nullptr;  ///< lives as long as the FlowStructure
  // attributes only
  bool mandatory = false;
  AttributeRelationship::Kind level = AttributeRelationship::Kind::kObservation;
  std::vector<std::uint16_t> dimensions;  ///< kDimensions, kGroup: the dimensions it hangs on
  std::string group;                      ///< kGroup

  bool coded() const { return codes != nullptr; }
};

struct FlowGroup {
  std::string id;
  std::vector<std::uint16_t> dimensions;  ///< component numbers
  /// Not of the DSD: the dimensions on which some attribute hangs and which no declared group has
  /// (3.0's Atts, a partial key). Its id, "FREQ+AREA", is one that no group can have.
  bool implied = false;
};

/// A cube region by code numbers. `allowed[c]` is empty when component c is not restricted.
struct Region {
  bool include = true;
  std::vector<std::vector<bool>> allowed;  ///< [component][code]; coded components
  struct Time {
    std::uint16_t component;
    std::int64_t from_day, to_day;  ///< inclusive
  };
  std::vector<Time> times;
  std::vector<std::pair<std::uint16_t, std::vector<std::string>>> texts;  ///< uncoded components
};

/// One Allowed constraint: a key is right when it lies in an including region (if there are any)
/// and in no excluding one, and in the key sets likewise.
struct RegionRule {
  Ref constraint;
  ArtefactClass attached_to = ArtefactClass::kOther;
  std::vector<Region> regions;
  struct Keys {
    bool include = true;
    using Key = std::vector<std::vector<std::int32_t>>;  ///< per dimension its codes; none: any
    std::vector<Key> keys;
    /// Whether one of them is meant by `codes`, of which kNoCode agrees with any or with none.
    bool holds(std::span<const std::int32_t> codes, bool unknown_agrees) const;
  };
  std::vector<Keys> key_sets;

  /// `codes`: one per dimension (kNoCode: unknown or absent, which agrees with anything).
  bool allows_key(std::span<const std::int32_t> codes) const;
  /// Whether `code` of `component` may occur at all, whatever stands in the other components.
  bool allows_value(std::uint16_t component, std::int32_t code) const;
};

class FlowStructure {
 public:
  Ref dataflow;  ///< empty id: the DSD alone
  Ref data_structure;
  std::vector<FlowComponent> components;
  std::vector<FlowGroup> groups;
  std::uint16_t dimension_count = 0;  ///< without the time dimension
  std::uint16_t time = kNoComponent;
  std::uint16_t measure = kNoComponent;  ///< the first measure
  std::uint16_t measure_count = 0;
  // components that rules and the store know by id; kNoComponent where the DSD has none
  std::uint16_t freq = kNoComponent;          ///< FREQ
  std::uint16_t ref_area = kNoComponent;      ///< REF_AREA
  std::uint16_t obs_status = kNoComponent;    ///< OBS_STATUS
  std::uint16_t conf_status = kNoComponent;   ///< CONF_STATUS
  std::uint16_t embargo_time = kNoComponent;  ///< EMBARGO_TIME
  std::vector<RegionRule> constraints;        ///< of the DSD and the dataflow
  const Maintainable* names_of = nullptr;     ///< dataflow, else DSD: its names
  std::vector<std::string> missing;           ///< URNs that could not be resolved

  std::uint16_t find(std::string_view id) const {
    std::int32_t place = table_.find(id);
    return place < 0 ? kNoComponent : static_cast<std::uint16_t>(place);
  }
  const FlowGroup* find_group(std::string_view id) const;
  /// Whether an area stands at the top of REF_AREA's codelist: a country, or one that is not in it.
  bool is_country(std::string_view area) const;
  /// Those of them that do.
  std::vector<std::string> countries_among(std::vector<std::string> areas) const;
  /// "M.KG._T._T._T._T.PER" of one value per dimension; an absent one is empty (a wildcard).
  std::string series_key(std::span<const std::string_view> values) const;
  /// The dataflow if there is one, else the DSD; for messages.
  const Ref& name() const { return dataflow.empty() ? data_structure : dataflow; }
  void index();  ///< call once after filling `components`

 private:
  NameTable table_;
};

/// What a provision agreement promises and covers, resolved.
struct AgreementTerms {
  const ProvisionAgreement* agreement = nullptr;
  std::shared_ptr<const FlowStructure> flow;   ///< null when its dataflow is not known
  std::vector<RegionRule> rules;               ///< its own constraints: areas, codes, frequencies
  std::string reference_from, reference_to;    ///< first and last period, as written
  std::string periodicity, offset, tolerance;  ///< xs:duration
  std::string audience = "network";            ///< FP_AUDIENCE
  bool valid_at(Time t) const;
  /// Codes of REF_AREA that its constraints include, sorted.
  std::vector<std::string> areas() const;
};

/// Somebody in the roster, found by address.
struct RosterEntry {
  ProviderRef provider;
  const Organisation* organisation = nullptr;
  const Contact* contact = nullptr;
  std::string lang;  ///< FP_LANG:<contact id>, else "en"
  std::string zone;  ///< IANA name, else "UTC"
  bool has_role(std::string_view role) const;
};

class StructureLookup {
 public:
  explicit StructureLookup(Structures structures);

  const Structures& structures() const { return *structures_; }

  /// By dataflow. Without a version, or with one that is not there and `exact` false, the latest.
  std::shared_ptr<const FlowStructure> flow(const Ref& dataflow) const;
  /// By DSD alone.
  std::shared_ptr<const FlowStructure> data_structure(const Ref& dsd) const;
  /// By provision agreement: its dataflow's structure.
  const AgreementTerms* agreement(const Ref& ref) const;
  /// With the codes that it takes over from others.
  std::shared_ptr<const CodeTable> codelist(const Ref& ref) const;
  std::shared_ptr<const CodeTable> value_list(const Ref& ref) const;
  /// Codelists whose extensions cannot be worked out; they have their own codes alone.
  const std::vector<ExtensionFault>& extension_faults() const { return extension_faults_; }
  /// Null: not known. Versions as in flow().
  const MetadataStructure* metadata_structure(const Ref& ref) const;
  const Metadataflow* metadataflow(const Ref& ref) const;
  const Concept* concept_of(const ConceptRef& ref) const;
  /// All flows, latest versions, by id.
  std::vector<std::shared_ptr<const FlowStructure>> flows() const;

  /// Agreements of a provider for a dataflow (the dataflow's version does not matter).
  std::vector<const AgreementTerms*> agreements(const ProviderRef& provider,
                                                const Ref& dataflow) const;
  const std::vector<AgreementTerms>& agreements() const { return agreements_; }

  /// By e-mail address in its canonical form (base/domain.h). The first match in document order.
  const RosterEntry* contact(std::string_view address) const;
  const std::vector<RosterEntry>& roster() const { return roster_; }
  const Organisation* organisation(const ProviderRef& provider) const;
  /// Areas that a provider's agreements cover at a moment, sorted; for one dataflow (the version
  /// does not matter) or (null) for any.
  std::vector<std::string> areas_covered(std::string_view provider, const Ref* dataflow,
                                         Time at) const;

 private:
  std::shared_ptr<const Structures> structures_;
  std::map<Ref, std::shared_ptr<const CodeTable>> codelists_, value_lists_;
  std::vector<ExtensionFault> extension_faults_;
  std::map<Ref, std::shared_ptr<const FlowStructure>> flows_, data_structures_;
  std::vector<AgreementTerms> agreements_;
  std::vector<RosterEntry> roster_;
  std::map<std::string, std::size_t, std::less<>> by_address_;
};

}  // namespace focalpost
