// SPDX-License-Identifier: Apache-2.0
//
// A small network and a store in memory for the tests of data: what validation would hand over is
// written as rows, filed with the DataWriter.
//
// The flow FP:FLOW has FREQ, REF_AREA (KG with the regions KG-B and KG-O; KZ), SEX (_T: F, M, _U)
// and AGE (_T: Y_LT18 (Y0T13, Y14T17), Y_GE18; NAT stands outside). Dockets are of no interest
// here.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "catch.h"
#include "model/lookup.h"
#include "store/data_schema.h"
#include "store/merge.h"

namespace focalpost::test {

inline Codelist codelist(std::string id,
                         std::initializer_list<std::pair<const char*, const char*>> codes) {
  Codelist list;
  list.ref = {"FP", std::move(id), "1.0"};
  for (auto [code, parent] : codes) {
    Code c;
    c.id = code;
    c.parent = parent;
    list.codes.push_back(std::move(c));
  }
  return list;
}

inline Component component(std::string id, ComponentKind kind, std::string codes = {}) {
  Component c;
  c.id = std::move(id);
  c.kind = kind;
  if (!codes.empty()) c.local = Representation{Ref{"FP", std::move(codes), "1.0"}, {}};
  return c;
}

/// Of provider KG_SMS for FP:FLOW; `audience` as in FP_AUDIENCE.
inline ProvisionAgreement agreement(std::string id, std::string audience,
                                    std::string version = "1.0") {
  ProvisionAgreement a;
  a.ref = {"FP", std::move(id), std::move(version)};
  a.dataflow = {"FP", "FLOW", "1.0"};
  a.provider = {{"FP", "DATA_PROVIDERS", "1.0"}, "KG_SMS"};
  a.annotations.push_back({"FP_AUDIENCE", "", std::move(audience), {}});
  return a;
}

inline Structures network() {
  Structures s;
  s.codelists = {
      codelist("CL_FREQ", {{"A", ""}, {"Q", ""}, {"M", ""}}),
      codelist("CL_AREA", {{"KG", ""}, {"KG-B", "KG"}, {"KG-O", "KG"}, {"KZ", ""}}),
      codelist("CL_SEX", {{"_T", ""}, {"F", "_T"}, {"M", "_T"}, {"_U", "_T"}}),
      codelist("CL_AGE", {{"_T", ""},
                          {"Y_LT18", "_T"},
                          {"Y0T13", "Y_LT18"},
                          {"Y14T17", "Y_LT18"},
                          {"Y_GE18", "_T"},
                          {"NAT", ""}}),
  };
  DataStructure dsd;
  dsd.ref = {"FP", "DSD_FLOW", "1.0"};
  dsd.components = {
      component("FREQ", ComponentKind::kDimension, "CL_FREQ"),
      component("REF_AREA", ComponentKind::kDimension, "CL_AREA"),
      component("SEX", ComponentKind::kDimension, "CL_SEX"),
      component("AGE", ComponentKind::kDimension, "CL_AGE"),
      component("TIME_PERIOD", ComponentKind::kTimeDimension),
      component("OBS_VALUE", ComponentKind::kMeasure),
      component("OBS_STATUS", ComponentKind::kAttribute),
      component("CONF_STATUS", ComponentKind::kAttribute),
      component("EMBARGO_TIME", ComponentKind::kAttribute),
      component("COMMENT_OBS", ComponentKind::kAttribute),
      component("UNIT_MULT", ComponentKind::kAttribute),
      component("COMMENT_TS", ComponentKind::kAttribute),
      component("COVERAGE_GEO", ComponentKind::kAttribute),
      component("COMMENT_DSET", ComponentKind::kAttribute),
  };
  for (Component& c : dsd.components) {
    if (c.id == "UNIT_MULT" || c.id == "COMMENT_TS")
      c.relationship = {
          AttributeRelationship::Kind::kDimensions, {"FREQ", "REF_AREA", "SEX", "AGE"}, ""};
    if (c.id == "COVERAGE_GEO") c.relationship = {AttributeRelationship::Kind::kGroup, {}, "Area"};
    if (c.id == "COMMENT_DSET") c.relationship = {AttributeRelationship::Kind::kDataset, {}, ""};
  }
  dsd.groups = {{"Area", {"REF_AREA"}}};
  s.data_structures = {dsd};
  Dataflow flow;
  flow.ref = {"FP", "FLOW", "1.0"};
  flow.structure = dsd.ref;
  s.dataflows = {flow};
  s.agreements = {
      agreement("PA_PUBLIC", "public"),       agreement("PA_NETWORK", "network"),
      agreement("PA_LISTED", "KZ UA"),        agreement("PA_OWN", "institution"),
      agreement("PA_CLOSED_LATER", "public"), agreement("PA_CLOSED_LATER", "institution", "1.1")};
  return s;
}

using Pairs = std::vector<std::pair<std::string, std::string>>;

/// One observation, or (with an empty period) a series with attributes alone, or what a Delete
/// names.
struct Obs {
  std::string key, period, value;
  Pairs attributes = {};         ///< of the observation
  Pairs series_attributes = {};  ///< of its series
};

/// A batch as validation would hand it over: neighbours with one key are one run.
class Batch {
 public:
  explicit Batch(std::shared_ptr<const FlowStructure> structure) {
    batch_.structure = std::move(structure);
    column("OBS_VALUE");
  }
  Batch& add(const Obs& obs) {
    const FlowStructure& flow = *batch_.structure;
    if (obs.key != last_key_ || !obs.series_attributes.empty()) {
      last_key_ = obs.key;
      ObservationBatch::Run run;
      run.first = static_cast<std::uint32_t>(batch_.size());
      run.attribute_first = static_cast<std::uint32_t>(batch_.attributes.size());
      run.attribute_count = static_cast<std::uint32_t>(obs.series_attributes.size());
      for (const auto& [id, value] : obs.series_attributes)
        batch_.attributes.push_back({flow.find(id), keep(value), {}, kNoCode});
      batch_.runs.push_back(run);
      std::string_view rest = obs.key;
      for (std::size_t d = 0; d < flow.dimension_count; ++d) {
        auto dot = rest.find('.');
        std::string_view part = rest.substr(0, dot);
        rest.remove_prefix(dot == rest.npos ? rest.size() : dot + 1);
        batch_.keys.push_back(keep(part));
        const auto& codes = flow.components[d].codes;
        batch_.key_codes.push_back(codes ? codes->find(part) : kNoCode);
      }
    }
    if (obs.period.empty()) return *this;
    ++batch_.runs.back().count;
    batch_.at.push_back({});
    batch_.time.push_back(keep(obs.period));
    batch_.period.push_back(Period::parse(obs.period).value());
    for (const auto& [id, value] : obs.attributes) column(id);
    for (auto& c : batch_.columns) c.text.resize(batch_.size());
    if (!obs.value.empty()) column("OBS_VALUE").text.back() = keep(obs.value);
    for (const auto& [id, value] : obs.attributes) column(id).text.back() = keep(value);
    return *this;
  }
  Batch& group(std::string_view area, std::string_view id, std::string_view value) {
    ObservationBatch::GroupValue g;
    g.key_first = static_cast<std::uint32_t>(batch_.group_keys.size());
    g.attribute_first = static_cast<std::uint32_t>(batch_.attributes.size());
    g.attribute_count = 1;
    batch_.attributes.push_back({batch_.structure->find(id), keep(value), {}, kNoCode});
    for (std::size_t d = 0; d < batch_.structure->dimension_count; ++d)
      batch_.group_keys.push_back(d == batch_.structure->ref_area ? keep(area)
                                                                  : std::string_view());
    batch_.groups.push_back(g);
    return *this;
  }
  Batch& dataset(std::string_view id, std::string_view value) {
    batch_.dataset_attributes.push_back({batch_.structure->find(id), keep(value), {}, kNoCode});
    return *this;
  }
  ObservationBatch& get() { return batch_; }

 private:
  std::string_view keep(std::string_view text) { return batch_.arena.copy(text); }
  ObservationBatch::Column& column(std::string_view id) {
    std::uint16_t number = batch_.structure->find(id);
    for (auto& c : batch_.columns)
      if (c.component == number) return c;
    auto& c = batch_.columns.emplace_back();
    c.component = number;
    c.text.resize(batch_.size());
    return c;
  }
  ObservationBatch batch_;
  std::string last_key_ = "-";
};

inline Time time(std::string_view text) {
  return parse_time(text).value();
}

struct DataStore {
  DataStore()
      : database(Database::open("", Database::Mode::kMemory).value()),
        structures(std::make_shared<StructureLookup>(network())),
        flow(structures->flow({"FP", "FLOW", ""})),
        writer(make_writer(database)) {}

  /// What a filing is made with; the defaults suit most tests.
  struct As {
    std::string at = "2026-01-10T00:00:00Z";
    std::string agreement = "PA_PUBLIC";
    std::string provider = "KG_SMS";
    Action action = Action::kReplace;
    bool action_given = false;
    std::string prepared = {};
    std::function<bool(std::string_view)> owns = {};
  };

  FilingFacts facts(const As& as) {
    FilingFacts f;
    f.docket = 1;
    f.item = 1;
    f.structure = flow;
    f.provider = as.provider;
    f.agreement = "FP:" + as.agreement + "(1.0)";
    f.action = as.action;
    f.action_given = as.action_given;
    f.filed_at = time(as.at);
    f.prepared = parse_time(as.prepared);
    f.origin_gateway = "here";
    f.origin_docket = "2026-000001";
    f.origin_order = ++order;
    f.owns = as.owns;
    return f;
  }

  /// Files each piece with a merge() of its own, all in one filing.
  MergeOutcome file_pieces(const std::vector<std::vector<Obs>>& pieces, const As& as) {
    REQUIRE(writer.begin(facts(as)).ok());
    StagedRows rows;
    for (const auto& piece : pieces) {
      Batch batch(flow);
      for (const Obs& obs : piece) batch.add(obs);
      rows.begin(flow, as.action);
      rows.take(batch.get());
      REQUIRE(writer.merge(rows).ok());
    }
    auto outcome = writer.finish();
    REQUIRE(outcome.ok());
    return *outcome;
  }
  MergeOutcome file(const std::vector<Obs>& observations, const As& as) {
    return file_pieces({observations}, as);
  }
  MergeOutcome file(const std::vector<Obs>& observations) { return file(observations, As()); }
  MergeOutcome file(Batch& batch, const As& as) {
    REQUIRE(writer.begin(facts(as)).ok());
    StagedRows rows;
    rows.begin(flow, as.action);
    rows.take(batch.get());
    REQUIRE(writer.merge(rows).ok());
    auto outcome = writer.finish();
    REQUIRE(outcome.ok());
    return *outcome;
  }

  /// All rows of a query as "a|b|c" lines; NULL is "-".
  std::vector<std::string> rows(const std::string& sql) {
    auto statement = database.prepare(sql);
    REQUIRE(statement.ok());
    std::vector<std::string> result;
    while (statement->step().value()) {
      std::string line;
      for (int c = 0; c < sqlite3_column_count(statement->handle()); ++c) {
        if (c > 0) line += '|';
        line += statement->is_null(c) ? "-" : statement->string(c);
      }
      result.push_back(std::move(line));
    }
    return result;
  }
  std::string row(const std::string& sql) {
    auto all = rows(sql);
    REQUIRE(all.size() == 1);
    return all[0];
  }
  /// Everything that a filing may write, for comparing stores.
  std::vector<std::string> everything() {
    std::vector<std::string> all;
    for (const char* table :
         {"flow", "series", "series_history", "period", "filing", "filing_series", "observation",
          "history", "attribute", "attribute_history"}) {
      all.push_back(table);
      auto lines = rows(std::string("SELECT * FROM ") + table);
      std::sort(lines.begin(), lines.end());
      all.insert(all.end(), lines.begin(), lines.end());
    }
    return all;
  }

  static DataWriter make_writer(Database& database) {
    REQUIRE(database
                .execute(std::string("PRAGMA foreign_keys=OFF; CREATE TABLE docket(id INTEGER "
                                     "PRIMARY KEY);") +
                         kDataSchema)
                .ok());
    auto made = DataWriter::make(database);
    REQUIRE(made.ok());
    return *std::move(made);
  }

  Database database;
  std::shared_ptr<const StructureLookup> structures;
  std::shared_ptr<const FlowStructure> flow;
  DataWriter writer;
  std::int64_t order = 0;
};

}  // namespace focalpost::test
