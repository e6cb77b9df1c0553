// SPDX-License-Identifier: Apache-2.0
#include "sdmx/ml_placement.h"

#include <algorithm>

namespace focalpost::sdmx {
namespace {

using Kind = AttributeRelationship::Kind;

bool group_holds(const FlowGroup* group, const FlowComponent& component) {
  if (!group) return false;
  if (component.level == Kind::kGroup) return component.group == group->id;
  if (component.level != Kind::kDimensions) return false;
  // Attributes of dimensions may be reported at a group that is named as their AttachmentGroup or
  // has just these dimensions.
  return component.group == group->id || component.dimensions == group->dimensions;
}

}  // namespace

/// An attribute of some dimensions stands where the last of them does: at the Obs if the dimension
/// at the observation is one of them, and always in flat data.
bool Placement::hangs_on_observation(const FlowComponent& component, bool flat) const {
  if (flat) return true;
  return layout == Layout::kCross &&
         std::find(component.dimensions.begin(), component.dimensions.end(), at_observation) !=
             component.dimensions.end();
}

Use Placement::use_of(const FlowStructure& flow, std::uint16_t c, Level level,
                      const FlowGroup* group) const {
  const FlowComponent& component = flow.components[c];
  const bool attribute = component.kind == ComponentKind::kAttribute;
  const bool flat = layout == Layout::kFlat || level == Level::kFlatObs;
  const bool cross = layout == Layout::kCross && !flat;
  switch (level) {
    case Level::kDataset:
      return attribute && component.level == Kind::kDataset ? Use::kDatasetAttribute
                                                            : Use::kWrongLevel;
    case Level::kGroup:
      if (c < flow.dimension_count) return Use::kKey;
      return attribute && group_holds(group, component) ? Use::kGroupAttribute : Use::kWrongLevel;
    case Level::kSeries:
      if (attribute)
        return component.level == Kind::kDimensions && !hangs_on_observation(component, flat)
                   ? Use::kRunAttribute
                   : Use::kWrongLevel;
      if (c < flow.dimension_count)
        return cross && c == at_observation ? Use::kWrongLevel : Use::kKey;
      return c == flow.time && cross ? Use::kTime : Use::kWrongLevel;
    case Level::kObs:
    case Level::kFlatObs:
      if (attribute) {
        if (component.level == Kind::kObservation) return Use::kColumn;
        return component.level == Kind::kDimensions && hangs_on_observation(component, flat)
                   ? Use::kRunAttribute
                   : Use::kWrongLevel;
      }
      if (c < flow.dimension_count)
        return flat || (cross && c == at_observation) ? Use::kKey : Use::kWrongLevel;
      if (c == flow.time) return cross ? Use::kWrongLevel : Use::kTime;
      return Use::kColumn;
  }
  return Use::kWrongLevel;
}

std::string_view level_name(const FlowStructure& flow, const FlowComponent& component) {
  if (component.kind == ComponentKind::kMeasure) return "observation";
  if (component.kind != ComponentKind::kAttribute)
    return &component == flow.components.data() + flow.time ? "observation" : "series";
  switch (component.level) {
    case Kind::kDataset:
      return "dataset";
    case Kind::kDimensions:
      return "series";
    case Kind::kGroup:
      return component.group;
    case Kind::kObservation:
      return "observation";
  }
  return "";
}

}  // namespace focalpost::sdmx
