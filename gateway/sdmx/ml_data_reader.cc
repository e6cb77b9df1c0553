// SPDX-License-Identifier: Apache-2.0
//
// The elements, from the XSDs of SDMX-ML (structure-specific 2.1 | generic 2.1):
//
//   message:Header
//   message:DataSet
//     common:Annotations?
//     DataProvider?  (local | generic)
//                    | generic:Attributes?
//     Group*         dimensions and attributes as XML attributes | GroupKey, Attributes
//     Series*        likewise | SeriesKey, Attributes?, Obs*
//       Obs*         likewise | ObsDimension, ObsValue?, Attributes?
//     or Obs*        likewise | ObsKey, ObsValue?, Attributes?
//   footer:Footer?
//
// 3.0 and 3.1 are structure-specific, and have more: Atts (attributes of the dataset or of a
// partial key) anywhere among Group, Series and Obs; an Obs may say its whole key beside Series;
// what does not fit into an XML attribute (several values, languages) is an element
//   Comp[@id]  Value*  text, or common:Text[@xml:lang]*, or common:StructuredText
// at the end of Atts, Group, Series or Obs; and Metadata, which are not read.
//
// 2.0 has no Structure in its header; a dataset tells its key family itself, see key_family.h.
//   CompactData: as structure-specific, all elements in the key family's own namespace, a group's
//     element is named after the group.
//   GenericData: KeyFamilyRef before all else; Values are of a concept, not an id; Time is an
//     element with text; a Group may hold its Series.
#include "sdmx/ml_data_reader.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "sdmx/ml_cross_reader.h"
#include "sdmx/ml_data_parser.h"

namespace focalpost::sdmx {

// ----------------------------------------------------------------------------------- parser events

void MlDataReader::start(const xmlChar* local, const xmlChar* uri, const Attributes& attributes,
                         const xmlChar**, int) {
  if (skip_ > 0) {
    ++skip_;
    return;
  }
  // The hot path: an observation of a series.
  if (local == obs_ && uri == payload_uri_ &&
      (place_ == Place::kSeries || place_ == Place::kDataSet)) {
    start_obs(attributes);
    return;
  }
  switch (place_) {
    case Place::kOutside:
      start_outside(local, uri, attributes);
      break;
    case Place::kDataSet:
      start_in_dataset(local, uri, attributes);
      break;
    case Place::kProvider:
      if (view(local) == "URN") {
        begin_text(Place::kProviderText);
        break;
      }
      if (view(local) == "Ref" && !uri) head().provider = shorten(attributes.get("id"), 200);
      skip_ = 1;
      break;
    case Place::kGroup:
      start_in_group(local, uri, attributes);
      break;
    case Place::kSeries:
      start_in_series(local, uri, attributes);
      break;
    case Place::kObs:
      start_in_obs(local, uri, attributes);
      break;
    case Place::kAtts:
      if (local == comp_name_ && !uri)
        start_comp(attributes, Level::kDataset);
      else
        pass_over(local, uri, "Comp");
      break;
    case Place::kComp:
      start_in_comp(local, uri, attributes);
      break;
    case Place::kCompValue:
      start_in_comp_value(local, uri, attributes);
      break;
    case Place::kGroupKey:
    case Place::kSeriesKey:
    case Place::kObsKey:
    case Place::kDatasetAttributes:
    case Place::kGroupAttributes:
    case Place::kSeriesAttributes:
    case Place::kObsAttributes:
      if (local == value_ && uri == payload_uri_) {
        component_value(attributes);
        leaf(place_);
        break;
      }
      unknown(local, "Value");
      skip_ = 1;
      break;
    case Place::kCompText:
      if (!in_structured_) unknown(local, {});
      skip_ = 1;
      break;
    case Place::kLeaf:
    case Place::kProviderText:
    case Place::kKeyFamilyRef:
    case Place::kTime:
      unknown(local, {});
      skip_ = 1;
      break;
  }
}

void MlDataReader::end(const xmlChar*, const xmlChar*) {
  if (skip_ > 0) {
    --skip_;
    return;
  }
  switch (place_) {
    case Place::kOutside:
      end_outside();
      break;
    case Place::kDataSet:
      if (structure_pending_) use_named_family({});
      close_dataset();
      place_ = Place::kOutside;
      break;
    case Place::kProviderText:
      take_provider();
      place_ = Place::kProvider;
      break;
    case Place::kProvider:
      take_provider();
      place_ = Place::kDataSet;
      break;
    case Place::kKeyFamilyRef:
      use_named_family(trim(text_));
      place_ = Place::kDataSet;
      break;
    case Place::kGroup:
      end_group();
      place_ = Place::kDataSet;
      break;
    case Place::kSeries:
      end_series();
      place_ = series_in_;
      break;
    case Place::kObs:
      end_obs();
      place_ = in_series_ ? Place::kSeries : Place::kDataSet;
      break;
    case Place::kAtts:
      end_atts();
      place_ = Place::kDataSet;
      break;
    case Place::kComp:
      end_comp();
      place_ = comp_in_;
      break;
    case Place::kCompValue:
      end_comp_value();
      place_ = Place::kComp;
      break;
    case Place::kCompText:
      multi_.value_in(lang_, text_);
      text_.clear();
      in_structured_ = false;
      place_ = Place::kCompValue;
      break;
    case Place::kTime:
      end_time();
      place_ = Place::kObs;
      break;
    case Place::kGroupKey:
    case Place::kGroupAttributes:
      place_ = Place::kGroup;
      break;
    case Place::kSeriesKey:
      if (group_pending_) emit_group();
      place_ = Place::kSeries;
      break;
    case Place::kSeriesAttributes:
      place_ = Place::kSeries;
      break;
    case Place::kObsKey:
    case Place::kObsAttributes:
      place_ = Place::kObs;
      break;
    case Place::kDatasetAttributes:
      place_ = Place::kDataSet;
      break;
    case Place::kLeaf:
      place_ = leaf_in_;
      break;
  }
}

void MlDataReader::characters(std::string_view text) {
  switch (place_) {
    case Place::kOutside:
      return text_outside(text);
    case Place::kProvider:
    case Place::kProviderText:
    case Place::kKeyFamilyRef:
    case Place::kTime:
      if (skip_ == 0) collect(text);
      return;
    case Place::kCompValue:
    case Place::kCompText:
      // Inside StructuredText too: its words are kept, its mark-up is not.
      if (skip_ == 0 || in_structured_) collect(text);
      return;
    default:
      if (skip_ == 0) stray_text(text);
  }
}

void MlDataReader::begin_text(Place place) {
  text_.clear();
  text_too_long_ = false;
  place_ = place;
}

void MlDataReader::collect(std::string_view text) {
  if (text_too_long_) return;
  if (text_.size() + text.size() <= limits_.text_bytes) {
    text_ += text;
    return;
  }
  text_too_long_ = true;
  too_long(comp_id_);
}

void MlDataReader::pass_over(const xmlChar* local, const xmlChar* uri, std::string_view expected) {
  if (local == annotations_ && uri == common_uri_) {
    // may stand anywhere
  } else if (v20() && local == annotations_ && uri == payload_uri_) {
    // in the part's own namespace, at its end
  } else if (v30() && local == metadata_ && !uri) {
    metadata_left_out();
  } else {
    unknown(local, expected);
  }
  skip_ = 1;
}

// ------------------------------------------------------------------------------------- the message

bool MlDataReader::dataset_space(const xmlChar* uri) {
  if (compact_) {
    // Any namespace that is not one of SDMX's own is the key family's.
    if (sdmx_namespace(view(uri)).version.empty() && uri) return true;
    if (uri != message_uri_ && uri != specific_uri_ && uri) return false;
    // QUIRK: Compact data without a schema for the key family: the elements stand in
    // the message's namespace, in compact's, or in none.
    report(rules::header_quirk, "DataSet", view(uri), "urn:sdmx:...:compact");
    return true;
  }
  if (uri == message_uri_) return true;
  // QUIRK: DataSet belongs to the message namespace; Eurostat's dissemination puts it into
  // the one of the DSD (<ns1:DataSet>), some tools into the payload's.
  bool known_space = uri == specific_uri_ || (payload_uri_ && uri == payload_uri_) || !uri;
  for (const HeaderStructure& structure : header_.structures())
    known_space = known_space || (uri && view(uri) == structure.space);
  if (known_space) report(rules::header_quirk, "DataSet", view(uri), "message:DataSet");
  return known_space;
}

void MlDataReader::start_dataset(const xmlChar* uri, const Attributes& attributes) {
  DatasetHead* opened = open_dataset();
  if (!opened) return;
  DatasetHead& dataset = *opened;
  place_ = Place::kDataSet;
  phase_ = Phase::kAnnotations;
  mixed_reported_ = in_series_ = group_pending_ = structure_pending_ = false;
  const HeaderStructure* structure = v20() ? nullptr : header_structure(attributes);
  judge_set_attributes(attributes);
  dataset.action = action_of(set_attribute(attributes, "action"), dataset.action_given);
  take_dates([&](std::string_view name) { return set_attribute(attributes, name, false); });
  if (v20()) {
    space_ = view(uri);
    named_ = take_names20(attributes);
    if (generic_) {
      structure_pending_ = true;  // a KeyFamilyRef follows
    } else {
      payload_uri_ = uri;
      use_named_family({});
      if (flow_) dataset_components(attributes);
    }
    return;
  }
  if (!structure || structure->ref.empty()) return;
  use_structure(structure->structure_class, structure->ref);
  if (!flow_) return;
  choose_layout(*structure);
  begin_components();
  dataset_components(attributes);
}

void MlDataReader::begin_components() {
  obs_names_.clear();
  flat_names_.clear();
  series_names_.clear();
  key_.assign(flow_->dimension_count, {});
  obs_key_.assign(flow_->dimension_count, {});
  parts_deleted_ = v30() && head().action == Action::kDelete;
}

void MlDataReader::use_named_family(std::string_view ref) {
  structure_pending_ = false;
  named_.id = ref;
  use_key_family(named_, space_);
  if (!flow_) return;
  placement_ = {Layout::kTimeSeries, flow_->time};
  begin_components();
}

std::string_view MlDataReader::set_attribute(const Attributes& attributes, std::string_view name,
                                             bool quirk) {
  std::string_view plain = attributes.get(name);
  if (generic_ || v20()) return plain;
  std::string_view qualified = attributes.get(name, view(specific_uri_));
  if (qualified.data() || !plain.data()) return qualified;
  // QUIRK: these attributes are qualified (ss:action); files have action="Replace" and
  // structureRef="S1" without a prefix.
  if (quirk) report(rules::header_quirk, name, plain, "ss:" + std::string(name));
  return plain;
}

const HeaderStructure* MlDataReader::header_structure(const Attributes& attributes) {
  const std::vector<HeaderStructure>& all = header_.structures();
  std::string_view wanted = set_attribute(attributes, "structureRef");
  for (const HeaderStructure& structure : all)
    if (wanted.data() && structure.id == trim(wanted)) return &structure;
  if (!wanted.data() && all.size() == 1) {
    // QUIRK: structureRef is required even where the header has one Structure only.
    report(rules::header_quirk, "structureRef", {}, all.front().id);
    return &all.front();
  }
  std::string expected;
  for (std::size_t i = 0; i < all.size() && i < 5; ++i) expected += (i ? ", " : "") + all[i].id;
  report(rules::structure_ref, "structureRef", wanted, expected);
  return nullptr;
}

void MlDataReader::choose_layout(const HeaderStructure& structure) {
  const std::string& at = structure.dimension_at_observation;
  placement_ = {flow_->time == kNoComponent ? Layout::kFlat : Layout::kTimeSeries, flow_->time};
  measure_dimension_ = kNoComponent;
  if (!at.empty()) {  // the header's finding said so
    std::uint16_t component = flow_->find(at);
    if (at == "AllDimensions") {
      placement_.layout = Layout::kFlat;
    } else if (component < flow_->dimension_count) {
      placement_ = {Layout::kCross, component};
    } else if (component != flow_->time || component == kNoComponent) {
      report(rules::header_value, "dimensionAtObservation", at);
    }
  }
  if (time_series_only_ && placement_.layout != Layout::kTimeSeries)
    report(rules::header_value, "dimensionAtObservation", at, "TIME_PERIOD");
  if (!structure.explicit_measures) return;
  for (std::uint16_t d = 0; d < flow_->dimension_count; ++d)
    if (flow_->components[d].kind == ComponentKind::kMeasureDimension) measure_dimension_ = d;
  const bool possible =
      measure_dimension_ != kNoComponent &&
      (placement_.layout == Layout::kFlat || placement_.at_observation == measure_dimension_);
  if (!possible) {
    report(rules::header_value, "explicitMeasures", "true");
    measure_dimension_ = kNoComponent;
  }
}

void MlDataReader::take_provider() {
  // QUIRK: 3.0 has the URN itself in DataProvider; some have the id alone.
  std::string_view text = trim(text_);
  if (auto urn = parse_urn(text))
    head().provider = shorten(urn->item, 200);
  else if (!text.empty())
    report(rules::header_value, "DataProvider", text, "urn:sdmx:...");
  text_.clear();
}

// ------------------------------------------------------------------------------------- the dataset

void MlDataReader::in_order(Phase phase, const xmlChar* local) {
  const bool again = phase == phase_ && (phase == Phase::kProvider || phase == Phase::kAttributes);
  if (phase < phase_ || (again && !v20() && !v30())) misordered(local);
  phase_ = std::max(phase_, phase);
}

void MlDataReader::start_in_dataset(const xmlChar* local, const xmlChar* uri,
                                    const Attributes& attributes) {
  if (v20() && start_in_dataset20(local, uri, attributes)) return;
  if (local == annotations_ && uri == common_uri_) {
    if (!v20()) in_order(Phase::kAnnotations, local);
    skip_ = 1;
  } else if (local == provider_ && uri == payload_uri_ && !v20()) {
    in_order(Phase::kProvider, local);
    begin_text(Place::kProvider);
  } else if (generic_ && local == attributes_ && uri == payload_uri_) {
    in_order(Phase::kAttributes, local);
    only(attributes);
    place_ = Place::kDatasetAttributes;
  } else if (local == group_ && uri == payload_uri_) {
    in_order(v30() ? Phase::kData : Phase::kGroups, local);
    start_group(attributes, {});
  } else if (local == series_ && uri == payload_uri_) {
    in_order(Phase::kData, local);
    start_series(attributes);
  } else if (v30() && local == atts_ && !uri) {
    in_order(Phase::kData, local);
    start_atts(attributes);
  } else {
    pass_over(local, uri, v30() ? "Atts, Group, Series, Obs" : "Group, Series, Obs");
  }
}

bool MlDataReader::start_in_dataset20(const xmlChar* local, const xmlChar* uri,
                                      const Attributes& attributes) {
  if (generic_) {
    if (view(local) == "KeyFamilyRef" && uri == payload_uri_) {
      begin_text(Place::kKeyFamilyRef);
      return true;
    }
    if (structure_pending_) use_named_family({});
    return false;
  }
  if (uri == common_uri_ || local == series_ || local == group_ || local == annotations_) {
    // QUIRK: DataSet in one namespace and what is in it in another (compact's, or none).
    if (uri != common_uri_ && uri != payload_uri_ && phase_ == Phase::kAnnotations)
      payload_uri_ = uri;
    return false;
  }
  // A group by the name of its own.
  in_order(Phase::kGroups, local);
  if (flow_ && !flow_->find_group(view(local))) {
    unknown_group(view(local));
    skip_ = 1;
    return true;
  }
  start_group(attributes, view(local));
  return true;
}

void MlDataReader::dataset_components(const Attributes& attributes) {
  if (generic_) return;
  for (std::size_t i = 0; i < attributes.size(); ++i) {
    std::string_view name = view(attributes.local(i));
    if (attributes.qualified(i)) continue;
    static constexpr std::array<std::string_view, 17> set_names = {
        "structureRef", "setID", "action", "reportingBeginDate", "reportingEndDate",
        "validFromDate", "validToDate", "publicationYear", "publicationPeriod", "dataScope",
        // 2.0
        "keyFamilyURI", "datasetID", "dataProviderSchemeAgencyId", "dataProviderSchemeId",
        "dataProviderID", "dataflowAgencyID", "dataflowID"};
    if (std::find(set_names.begin(), set_names.end(), name) != set_names.end() &&
        flow_->find(name) == kNoComponent)
      continue;
    NameCache::Entry entry = entry_of(attributes.local(i), Level::kDataset);
    if (entry.use == Use::kDatasetAttribute)
      builder_.dataset_attribute(entry.component, attributes.value(i), here());
    else
      misplaced(entry, name);
  }
}

void MlDataReader::judge_set_attributes(const Attributes& attributes) {
  if (v20()) return;
  static constexpr std::array<std::string_view, 10> names = {
      "structureRef",  "setID",       "action",          "reportingBeginDate", "reportingEndDate",
      "validFromDate", "validToDate", "publicationYear", "publicationPeriod",  "dataScope"};
  for (std::size_t i = 0; i < attributes.size(); ++i) {
    std::string_view name = view(attributes.local(i));
    const bool known = std::find(names.begin(), names.end(), name) != names.end();
    if (attributes.qualified(i)) {
      if (generic_ || !known || attributes.uri(i) != specific_uri_)
        foreign_attribute(attributes, i);
    } else if (generic_ && !known) {
      report(rules::unknown_component, name, attributes.value(i));
    } else if (!generic_ && known && attributes.get(name, view(specific_uri_)).data()) {
      report(rules::component_twice, name, attributes.value(i));
    }
  }
}

NameCache::Entry MlDataReader::entry_of(const xmlChar* name, Level level) const {
  const std::uint16_t component = find_component(view(name));
  return {name, component, use_at(component, level)};
}

Use MlDataReader::use_at(std::uint16_t component, Level level) const {
  if (component == kNoComponent) return Use::kUnknown;
  return placement_.use_of(*flow_, component, level, current_group_);
}

// ---------------------------------------------------------------------------------------- findings

void MlDataReader::misplaced(const NameCache::Entry& entry, std::string_view name) {
  MlReaderCore::misplaced(
      entry.component, name,
      in_series_ ? std::span<const std::string_view>(key_) : std::span<const std::string_view>());
}

void MlDataReader::foreign_attribute(const Attributes& attributes, std::size_t i) {
  static constexpr std::array<std::string_view, 4> of_instance = {"type", "nil", "schemaLocation",
                                                                  "noNamespaceSchemaLocation"};
  const bool instance =
      attributes.uri(i) == xsi_uri_ && std::find(of_instance.begin(), of_instance.end(),
                                                 view(attributes.local(i))) != of_instance.end();
  const bool own = attributes.uri(i) == specific_uri_ && v20();
  if (instance || own || !attributes.uri(i)) return;
  report(rules::unknown_component,
         std::string(attributes.prefix(i)) + ":" + std::string(view(attributes.local(i))), {});
}

// ------------------------------------------------------------------------------------------- doors

bool reads_ml_data(const Detection& detection) {
  auto is = [&](auto... roots) { return ((detection.root == roots) || ...); };
  if (detection.version == "2.0") return is("CompactData", "GenericData", "CrossSectionalData");
  if (detection.version == "2.1")
    return is("GenericData", "GenericTimeSeriesData", "StructureSpecificData",
              "StructureSpecificTimeSeriesData");
  return (detection.version == "3.0" || detection.version == "3.1") && is("StructureSpecificData");
}

std::unique_ptr<DataReader> open_ml_data(ByteSource& bytes, const Detection& detection,
                                         const StructureLookup& structures, FindingSink& sink,
                                         const Limits& limits) {
  if (detection.root == "CrossSectionalData")
    return open_ml_cross_data(bytes, detection, structures, sink, limits);
  return std::make_unique<MlDataReader>(bytes, detection, structures, sink, limits);
}

}  // namespace focalpost::sdmx
