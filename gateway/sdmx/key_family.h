// SPDX-License-Identifier: Apache-2.0
//
// key_family: which structure a dataset of SDMX-ML 2.0 is of.
//
// Inside the room only. A header of 2.0 names no structure for its datasets as 2.1's does. What
// names one, in the order in which it is believed: the dataset's dataflowID; KeyFamilyRef (generic
// data); keyFamilyURI; the namespace of the key family's schema
// (urn:sdmx:org.sdmx.infomodel.keyfamily.KeyFamily=BIS:EXT_DEBT:compact); the header's
// KeyFamilyRef. Versions are seldom said; the latest known one is meant.
#pragma once

#include <string>
#include <string_view>

#include "model/lookup.h"

namespace focalpost::sdmx {

/// Annotations of a dimension that was read from 2.0 have this type: the id is the name of
/// a CrossSectionalMeasure, the title its code in that dimension (STOCKS, P).
inline constexpr std::string_view kMeasureAnnotation = "CrossSectionalMeasure";

/// What a DataSet says.
struct KeyFamilyNames {
  std::string id;                 ///< KeyFamilyRef
  std::string uri;                ///< keyFamilyURI
  std::string flow, flow_agency;  ///< dataflowID, dataflowAgencyID
};

struct KeyFamilyChoice {
  ArtefactClass structure_class = ArtefactClass::kDataStructure;
  Ref ref;  ///< empty: nothing names one
};

/// The first that is known here; if none is, the first that is named, for a finding. A reference
/// without an agency is that of the only key family (or dataflow) with this id.
/// `header`: the header's KeyFamilyRef and KeyFamilyAgency. `space`: the DataSet's namespace.
KeyFamilyChoice choose_key_family(const StructureLookup& lookup, const KeyFamilyNames& names,
                                  const Ref& header, std::string_view space);

/// The key family that a URN names, of any spelling of 2.0's; an empty id if it names none.
Ref key_family_in(std::string_view urn);

}  // namespace focalpost::sdmx
