// SPDX-License-Identifier: Apache-2.0
//
// Small networks made by hand, for tests and for the fuzzers (no Catch here).
#pragma once

#include <string>
#include <utility>

#include "model/lookup.h"
#include "sdmx/key_family.h"

namespace focalpost {

/// A flow T:FLOW of dimensions FREQ, AREA, SEX and time; OBS_STATUS (coded) and NOTE at the
/// observation, UNIT at the series, PLACE at the group of AREA, SOURCE at the dataset.
inline StructureLookup small_network(bool second_flow = false) {
  Structures all;
  Codelist status;
  status.ref = {"T", "CL_STATUS", "1.0"};
  status.codes = {{"A", "", {}, {}, {}}, {"P", "", {}, {}, {}}};
  all.codelists.push_back(status);
  DataStructure dsd;
  dsd.ref = {"T", "DSD", "1.0"};
  using Kind = AttributeRelationship::Kind;
  auto add = [&](std::string id, ComponentKind kind,
                 AttributeRelationship relation = {}) -> Component& {
    Component c;
    c.id = std::move(id);
    c.kind = kind;
    c.relationship = std::move(relation);
    dsd.components.push_back(c);
    return dsd.components.back();
  };
  for (const char* id : {"FREQ", "AREA", "SEX"}) add(id, ComponentKind::kDimension);
  add("TIME_PERIOD", ComponentKind::kTimeDimension);
  add("OBS_VALUE", ComponentKind::kMeasure);
  add("OBS_STATUS", ComponentKind::kAttribute, {Kind::kObservation, {}, {}}).local =
      Representation{Ref{"T", "CL_STATUS", "1.0"}, {}};
  add("NOTE", ComponentKind::kAttribute, {Kind::kObservation, {}, {}});
  add("UNIT", ComponentKind::kAttribute, {Kind::kDimensions, {"FREQ", "AREA", "SEX"}, {}});
  add("PLACE", ComponentKind::kAttribute, {Kind::kGroup, {}, "ByArea"});
  add("SOURCE", ComponentKind::kAttribute, {Kind::kDataset, {}, {}});
  dsd.groups = {{"ByArea", {"AREA"}}};
  all.data_structures.push_back(dsd);
  Dataflow flow;
  flow.ref = {"T", "FLOW", "1.0"};
  flow.structure = dsd.ref;
  all.dataflows.push_back(flow);
  if (second_flow) {
    flow.ref.id = "OTHER";
    all.dataflows.push_back(flow);
  }
  return StructureLookup(std::move(all));
}

/// small_network() with TITLE (any number of values) at the series, REGION at FREQ and AREA, a
/// second measure OBS_COUNT, and an agreement.
inline StructureLookup network30() {
  Structures all = small_network().structures();
  DataStructure& dsd = all.data_structures.front();
  using Kind = AttributeRelationship::Kind;
  auto add = [&](std::string id, ComponentKind kind, AttributeRelationship relation,
                 std::uint32_t max_occurs) {
    Component c;
    c.id = std::move(id);
    c.kind = kind;
    c.relationship = std::move(relation);
    c.local = Representation{{}, {}, max_occurs};
    dsd.components.push_back(c);
  };
  add("OBS_COUNT", ComponentKind::kMeasure, {}, 1);
  add("TITLE", ComponentKind::kAttribute, {Kind::kDimensions, {"FREQ", "AREA", "SEX"}, {}}, 0);
  add("REGION", ComponentKind::kAttribute, {Kind::kDimensions, {"FREQ", "AREA"}, {}}, 1);
  ProvisionAgreement agreement;
  agreement.ref = {"T", "PA", "1.0"};
  agreement.dataflow = all.dataflows.front().ref;
  all.agreements.push_back(agreement);
  return StructureLookup(std::move(all));
}

/// Flows and stocks: the measure dimension TYPE has the code P for STOCKS and Q for FLOWS.
inline StructureLookup cross_network() {
  Structures all = small_network().structures();
  Codelist types;
  types.ref = {"T", "CL_TYPE", "1.0"};
  types.codes = {{"P", "", {}, {}, {}}, {"Q", "", {}, {}, {}}};
  all.codelists.push_back(types);
  Component type;
  type.id = "TYPE";
  type.kind = ComponentKind::kMeasureDimension;
  type.local = Representation{types.ref, {}};
  type.annotations = {{"STOCKS", std::string(sdmx::kMeasureAnnotation), "P", {}},
                      {"FLOWS", std::string(sdmx::kMeasureAnnotation), "Q", {}}};
  DataStructure& dsd = all.data_structures.front();
  dsd.components.insert(dsd.components.begin() + 3, type);
  return StructureLookup(std::move(all));
}

}  // namespace focalpost
