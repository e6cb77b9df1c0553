// SPDX-License-Identifier: Apache-2.0
#include "sdmx/key_family.h"

#include <vector>

#include "base/text.h"

namespace focalpost::sdmx {
namespace {

/// The agency, where there is none and only one artefact has this id.
template <typename Artefact>
void complete(Ref& ref, const std::vector<Artefact>& known) {
  if (!ref.agency.empty()) return;
  for (const Artefact& artefact : known) {
    if (artefact.ref.id != ref.id) continue;
    if (!ref.agency.empty() && ref.agency != artefact.ref.agency) {
      ref.agency.clear();
      return;
    }
    ref.agency = artefact.ref.agency;
  }
}

}  // namespace

Ref key_family_in(std::string_view urn) {
  urn = trim(urn);
  // QUIRK: ":compact", ":cross" and the like at the end say which schema it is; the version stands
  // in parentheses, behind a colon, or nowhere.
  for (std::string_view mark : {"KeyFamily=", "DataStructure=", "DataStructureDefinition="}) {
    auto at = urn.find(mark);
    if (at == urn.npos) continue;
    std::string_view rest = urn.substr(at + mark.size());
    if (auto close = rest.find(')'); close != rest.npos) {
      auto ref = parse_ref(rest.substr(0, close + 1));
      return ref ? *ref : Ref{};
    }
    Ref ref;
    auto next = [&] {
      std::string_view piece = rest.substr(0, rest.find(':'));
      rest.remove_prefix(std::min(rest.size(), piece.size() + 1));
      return piece;
    };
    ref.agency = next();
    ref.id = next();
    if (!rest.empty() && rest.front() >= '0' && rest.front() <= '9') ref.version = next();
    auto checked = parse_ref(ref.text());
    return checked ? *checked : Ref{};
  }
  return {};
}

KeyFamilyChoice choose_key_family(const StructureLookup& lookup, const KeyFamilyNames& names,
                                  const Ref& header, std::string_view space) {
  const Structures& all = lookup.structures();
  std::vector<KeyFamilyChoice> named;
  auto add = [&](ArtefactClass structure_class, Ref ref) {
    if (ref.id.empty()) return;
    if (structure_class == ArtefactClass::kDataflow)
      complete(ref, all.dataflows);
    else
      complete(ref, all.data_structures);
    named.push_back({structure_class, std::move(ref)});
  };
  add(ArtefactClass::kDataflow, {names.flow_agency, names.flow, {}});
  if (Ref ref = key_family_in(names.uri); !names.id.empty()) {
    // The URI may say the agency and the version of the same key family.
    if (ref.id == names.id) add(ArtefactClass::kDataStructure, ref);
    add(ArtefactClass::kDataStructure,
        {header.id.empty() || header.id == names.id ? header.agency : "", names.id, {}});
    add(ArtefactClass::kDataStructure, {{}, names.id, {}});
  }
  add(ArtefactClass::kDataStructure, key_family_in(names.uri));
  add(ArtefactClass::kDataStructure, key_family_in(space));
  add(ArtefactClass::kDataStructure, header);
  for (const KeyFamilyChoice& one : named) {
    const bool known = one.structure_class == ArtefactClass::kDataflow
                           ? lookup.flow(one.ref) != nullptr
                           : lookup.data_structure(one.ref) != nullptr;
    if (known) return one;
  }
  return named.empty() ? KeyFamilyChoice{} : named.front();
}

}  // namespace focalpost::sdmx
