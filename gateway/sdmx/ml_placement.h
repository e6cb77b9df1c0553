// SPDX-License-Identifier: Apache-2.0
//
// ml_placement: what a component of a structure is good for at the place where a message has it.
//
// Inside the room only; all versions of SDMX-ML data use it. It knows the levels of a dataset, the
// dimension at the observation and the levels of attributes, and no element or namespace.
#pragma once

#include <libxml/xmlstring.h>

#include <cstdint>
#include <string_view>
#include <vector>

#include "model/lookup.h"

namespace focalpost::sdmx {

enum class Level : std::uint8_t {
  kDataset,
  kGroup,
  kSeries,
  kObs,      ///< of the dataset's layout
  kFlatObs,  ///< an Obs that says its whole key in a dataset of another layout (3.0)
};

/// By the header's dimensionAtObservation: a time series keeps all dimensions but time at the
/// Series; a cross-section keeps all but one other dimension there, time among them; flat data
/// (AllDimensions) have no Series.
enum class Layout : std::uint8_t { kTimeSeries, kCross, kFlat };

enum class Use : std::uint8_t {
  kKey,
  kTime,
  kColumn,
  kRunAttribute,
  kDatasetAttribute,
  kGroupAttribute,
  kWrongLevel,
  kUnknown
};

struct Placement {
  Layout layout = Layout::kTimeSeries;
  std::uint16_t at_observation = kNoComponent;

  /// `group`: the group in which we are, for Level::kGroup.
  Use use_of(const FlowStructure& flow, std::uint16_t component, Level level,
             const FlowGroup* group) const;

 private:
  bool hangs_on_observation(const FlowComponent& component, bool flat) const;
};

/// The name of the level at which the component belongs, for findings.
std::string_view level_name(const FlowStructure& flow, const FlowComponent& component);

/// What the attribute names of one level mean, by the parser's unique name pointers. The n-th
/// attribute of a tag is mostly the one that was n-th the last time.
class NameCache {
 public:
  struct Entry {
    const xmlChar* name = nullptr;
    std::uint16_t component = kNoComponent;
    Use use = Use::kUnknown;
  };
  void clear() {
    entries_.clear();
    order_.clear();
  }
  template <typename Make>
  const Entry& find(const xmlChar* name, std::size_t place, Make make) {
    if (place < order_.size()) {
      const Entry& likely = entries_[order_[place]];
      if (likely.name == name) return likely;
    } else {
      order_.resize(place + 1, 0);
    }
    std::size_t i = 0;
    while (i < entries_.size() && entries_[i].name != name) ++i;
    if (i == entries_.size()) {
      // Names that no DSD has are not worth remembering without end.
      if (i >= 1024) return other_ = make(name);
      entries_.push_back(make(name));
    }
    order_[place] = static_cast<std::uint16_t>(i);
    return entries_[i];
  }

 private:
  std::vector<Entry> entries_;
  std::vector<std::uint16_t> order_;
  Entry other_;
};

}  // namespace focalpost::sdmx
