// SPDX-License-Identifier: Apache-2.0
//
// A small world of structures for the tests of validation, and a hand that writes batches as a
// reader would. Every test starts from data in which nothing is wrong, and breaks one thing.
#pragma once

#include <initializer_list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/finding.h"
#include "model/lookup.h"
#include "validation/judge.h"

namespace small_world {

using namespace focalpost;
using Level = AttributeRelationship::Kind;

inline Codelist codelist(std::string id, std::initializer_list<const char*> codes) {
  Codelist list;
  list.ref = {"FP", std::move(id), "1.0"};
  for (const char* text : codes) {
    // "KG-B<KG" is KG-B with the parent KG.
    std::string_view code(text);
    auto sign = code.find('<');
    Code c;
    c.id = code.substr(0, sign);
    if (sign != code.npos) c.parent = code.substr(sign + 1);
    list.codes.push_back(c);
  }
  return list;
}

inline Component component(std::string id, ComponentKind kind, std::string list = {}) {
  Component c;
  c.id = std::move(id);
  c.kind = kind;
  if (!list.empty()) {
    c.local.emplace();
    c.local->enumeration = Ref{"FP", std::move(list), "1.0"};
  }
  return c;
}

inline Component attribute(std::string id, Level level, std::string list = {},
                           bool mandatory = false) {
  Component c = component(std::move(id), ComponentKind::kAttribute, std::move(list));
  c.mandatory = mandatory;
  c.relationship.kind = level;
  return c;
}

inline TextFormat& format(Component& c, DataType type) {
  c.local.emplace();
  c.local->format.emplace();
  c.local->format->type = type;
  return *c.local->format;
}

/// The structures; change them before the first `judge`.
struct World {
  Structures bag;

  World() {
    bag.codelists = {
        codelist("CL_FREQ", {"A", "Q", "M", "D"}),
        codelist("CL_AREA", {"KG", "KG-B<KG", "KZ", "UA", "EX_SU"}),
        codelist("CL_SEX", {"F", "M", "_T"}),
        codelist("CL_OBS_STATUS", {"A", "E", "M", "O", "P", "Q", "F"}),
        codelist("CL_CONF_STATUS", {"F", "C", "E"}),
        codelist("CL_COLLECT", {"S", "E"}),
    };
    for (Code& code : bag.codelists[1].codes) {
      if (code.id == "KG") code.annotations = {{"FP_ALIAS", "", "KGZ", {}}};
      if (code.id == "EX_SU")
        code.annotations = {{"FP_VALID", "", "/1991-12-31", {}}, {"FP_REPLACED_BY", "", "UA", {}}};
    }
    DataStructure dsd;
    dsd.ref = {"FP", "DSD", "1.0"};
    dsd.groups = {{"ByArea", {"REF_AREA"}}};
    dsd.components = {
        component("FREQ", ComponentKind::kDimension, "CL_FREQ"),
        component("REF_AREA", ComponentKind::kDimension, "CL_AREA"),
        component("SEX", ComponentKind::kDimension, "CL_SEX"),
        component("TIME_PERIOD", ComponentKind::kTimeDimension),
        component("OBS_VALUE", ComponentKind::kMeasure),
        attribute("OBS_STATUS", Level::kObservation, "CL_OBS_STATUS"),
        attribute("CONF_STATUS", Level::kObservation, "CL_CONF_STATUS"),
        attribute("EMBARGO_TIME", Level::kObservation),
        attribute("COMMENT_OBS", Level::kObservation),
        attribute("COLLECT", Level::kDimensions, "CL_COLLECT", true),
        attribute("DECIMALS", Level::kDimensions),
        attribute("COVERAGE", Level::kGroup),
        attribute("COMMENT", Level::kDataset),
    };
    bag.data_structures.push_back(std::move(dsd));
    part("COLLECT").relationship.dimensions = {"FREQ", "REF_AREA", "SEX"};
    part("DECIMALS").relationship.dimensions = {"FREQ", "REF_AREA", "SEX"};
    part("COVERAGE").relationship.group = "ByArea";
    format(part("OBS_VALUE"), DataType::kDecimal).min_value = "0";
    format(part("EMBARGO_TIME"), DataType::kDateTime);
    format(part("COMMENT_OBS"), DataType::kString).max_length = 10;
    format(part("DECIMALS"), DataType::kInteger).max_value = "15";
    Dataflow flow;
    flow.ref = {"FP", "FLOW", "1.0"};
    flow.structure = {"FP", "DSD", "1.0"};
    bag.dataflows.push_back(flow);
  }

  Component& part(std::string_view id) {
    for (Component& c : bag.data_structures[0].components)
      if (c.id == id) return c;
    std::abort();
  }

  /// An Allowed constraint on an artefact, with one including region.
  ContentConstraint& constrain(ArtefactClass c, Ref ref, std::vector<KeyValues> keys) {
    ContentConstraint constraint;
    constraint.ref = {"FP", "CC_" + ref.id, "1.0"};
    constraint.allowed = true;
    constraint.attached_to = {{c, ref, ""}};
    constraint.regions.push_back({true, std::move(keys), {}});
    bag.constraints.push_back(std::move(constraint));
    return bag.constraints.back();
  }

  /// KG_NSC may report KG with all below it, monthly.
  ProvisionAgreement& agree(std::string id = "PA_KG") {
    ProvisionAgreement agreement;
    agreement.ref = {"FP", id, "1.0"};
    agreement.dataflow = {"FP", "FLOW", "1.0"};
    agreement.provider = {{"FP", "DATA_PROVIDERS", "1.0"}, "KG_NSC"};
    bag.agreements.push_back(agreement);
    constrain(ArtefactClass::kProvisionAgreement, agreement.ref,
              {{"FREQ", {{"M", false}}, "", ""}, {"REF_AREA", {{"KG", true}}, "", ""}});
    return bag.agreements.back();
  }
};

using Values = std::map<std::string, std::string>;

/// Writes one message through a judge. Texts live as long as the hand.
class Hand {
 public:
  explicit Hand(const World& world, bool with_provider = false, std::uint64_t listed = 200,
                std::uint64_t compared_cells = Limits{}.compared_cells)
      : lookup_(world.bag), findings_(listed) {
    limits_.compared_cells = compared_cells;
    JudgeOptions options;
    options.limits = &limits_;
    options.now = *parse_time("2026-06-15");
    if (with_provider) options.provider = ProviderRef{{"FP", "DATA_PROVIDERS", "1.0"}, "KG_NSC"};
    options.lookup = &lookup_;
    judge_ = std::make_unique<Judge>(findings_, options);
    flow_ = lookup_.flow({"FP", "FLOW", "1.0"});
    message_.datasets.resize(1);
    batch_.structure = flow_;
  }

  DatasetHead& head() { return message_.datasets[0]; }
  ObservationBatch& batch() { return batch_; }
  const FlowStructure& flow() const { return *flow_; }

  /// A series by the texts of its dimensions; "-" is absent. With the attributes it needs.
  Hand& series(std::vector<std::string> key, Values attributes = {{"COLLECT", "S"}}) {
    ObservationBatch::Run run;
    run.first = static_cast<std::uint32_t>(batch_.size());
    run.at = {++line_, 1};
    run.attribute_first = static_cast<std::uint32_t>(batch_.attributes.size());
    run.attribute_count = static_cast<std::uint32_t>(attributes.size());
    for (const std::string& text : key)
      batch_.keys.push_back(text == "-" ? std::string_view{} : batch_.arena.copy(text));
    add(attributes, batch_.attributes);
    batch_.runs.push_back(run);
    return *this;
  }

  /// An observation of the last series.
  Hand& obs(std::string_view time, Values values) {
    ++batch_.runs.back().count;
    batch_.at.push_back({++line_, 1});
    batch_.time.push_back(time == "-" ? std::string_view{} : batch_.arena.copy(time));
    for (const auto& [id, value] : values) {
      std::uint16_t c = flow_->find(id);
      if (!batch_.column(c)) batch_.columns.push_back({c, {}, {}});
    }
    for (ObservationBatch::Column& column : batch_.columns) {
      column.text.resize(batch_.size());
      auto value = values.find(flow_->components[column.component].id);
      if (value != values.end()) column.text.back() = batch_.arena.copy(value->second);
    }
    return *this;
  }
  Hand& obs(std::string_view time, std::string_view value) {
    return obs(time, Values{{"OBS_VALUE", std::string(value)}});
  }

  Hand& group(std::vector<std::string> key, Values attributes) {
    ObservationBatch::GroupValue group;
    group.key_first = static_cast<std::uint32_t>(batch_.group_keys.size());
    group.attribute_first = static_cast<std::uint32_t>(batch_.attributes.size());
    group.attribute_count = static_cast<std::uint32_t>(attributes.size());
    group.at = {++line_, 1};
    for (const std::string& text : key)
      batch_.group_keys.push_back(text == "-" ? std::string_view{} : batch_.arena.copy(text));
    add(attributes, batch_.attributes);
    batch_.groups.push_back(group);
    return *this;
  }

  Hand& dataset(Values attributes) {
    add(attributes, batch_.dataset_attributes);
    return *this;
  }

  /// Hands the batch over and begins the next one of the same dataset.
  Hand& turn_page() {
    judge_->judge(batch_, message_);
    batch_.clear();
    batch_.structure = flow_;
    return *this;
  }

  /// Hands over the last batch, which keeps what the judge filled in.
  Hand& done() {
    batch_.last_of_dataset = true;
    judge_->judge(batch_, message_);
    judge_->finish(message_);
    return *this;
  }
  /// The same, and then what is plausible, beside what is stored.
  Hand& compared(HistoryLookup* history = nullptr) {
    done();
    for (auto& dataset : judge_->take_plausibility())
      if (!dataset->conclude(history, findings_).ok()) std::abort();
    return *this;
  }

  /// Rules broken, "unknown-code unknown-code", in the order they were listed.
  std::string rules() const {
    std::string text;
    for (const Finding& f : findings_.listed()) {
      if (!text.empty()) text += ' ';
      text += f.rule->id;
    }
    return text;
  }
  const Finding& finding(std::size_t i = 0) const { return findings_.listed().at(i); }
  const FindingList& findings() const { return findings_; }
  const DatasetStatistics& statistics() const { return judge_->statistics().at(0); }
  const Judge& judge() const { return *judge_; }

 private:
  void add(const Values& attributes, std::vector<ObservationBatch::AttributeValue>& to) {
    for (const auto& [id, value] : attributes) {
      ObservationBatch::AttributeValue a;
      a.component = flow_->find(id);
      a.value = batch_.arena.copy(value);
      a.at = {line_, 2};
      to.push_back(a);
    }
  }

  Limits limits_;
  StructureLookup lookup_;
  FindingList findings_;
  std::unique_ptr<Judge> judge_;
  std::shared_ptr<const FlowStructure> flow_;
  DataMessage message_;
  ObservationBatch batch_;
  std::uint32_t line_ = 0;
};

/// The rules that one value of OBS_VALUE breaks.
inline std::string rules_of_value(const World& world, std::string_view value) {
  Hand hand(world);
  hand.series({"M", "KG", "_T"}).obs("2026-01", value).done();
  return hand.rules();
}

}  // namespace small_world
