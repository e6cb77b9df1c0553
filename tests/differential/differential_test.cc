// SPDX-License-Identifier: Apache-2.0
//
// Two judges of the same messages: focalpost (DataReader and Judge) and libxml2's XML Schema
// validator with the official schemas and the schema of the data structure (sdmx/xsd_check.h). The
// official samples, messages of our own writers, and thousands of mutations of both (mutator.h) go
// to both; they must agree whether the form is right, except where kDifferences says why not. A
// class of differences that is never met is not needed and fails, too.
//
// Without the official schemas beside the project there is nothing to compare with: skipped.
//
//   FOCALPOST_MUTATIONS=20000  how many (4,000 if not set; docs/proof.md has the figures of more)
//   FOCALPOST_SEED=2           other ones than those of seed 1
//   FOCALPOST_MUTATION=1234    only this one of the seed, as a failure names it
#include <cstdlib>
#include <iostream>
#include <map>
#include <set>

#include "base/text.h"
#include "differential/mutator.h"
#include "model/decimal.h"
#include "sdmx/write_fixture.h"
#include "sdmx/xsd_check.h"
#include "validation/judge.h"

namespace focalpost {
namespace {

/// Findings about what the data mean: no schema of SDMX says anything about them, so beside them a
/// message is of the right form.
const std::set<std::string_view> kMeaning = {
    "missing-attribute",  // schemas have every attribute optional: a message may be an update
    "missing-measure",    // likewise
    "value-with-missing", "attribute-conflict",   "code-not-valid",
    "period-frequency",   "period-range",         "duplicate-conflict",
    "constraint-key",     "constraint-value",     "embargo-missing",
    "not-owner",          "no-agreement",         "agreement-expired",
    "agreement-period",   "frequency-not-agreed",
};

// ---- messages

struct Base {
  std::string name, text;
  const StructureLookup* lookup = nullptr;
  std::shared_ptr<const FlowStructure> flow;
  bool generic = false, flat = false;
};

/// A structure with one attribute of every data type at the observation, and others with facets.
struct Typed {
  const char* type;
  const char* value;
};
constexpr Typed kTyped[] = {{"String", "a text"},
                            {"Alpha", "abc"},
                            {"AlphaNumeric", "a1"},
                            {"Numeric", "007"},
                            {"BigInteger", "12345678901234567890"},
                            {"Integer", "-5"},
                            {"Long", "5000000000"},
                            {"Short", "5"},
                            {"Decimal", "1.50"},
                            {"Float", "1e5"},
                            {"Double", "-0.5"},
                            {"Boolean", "true"},
                            {"Count", "3"},
                            {"InclusiveValueRange", "1"},
                            {"ExclusiveValueRange", "1"},
                            {"Incremental", "1"},
                            {"URI", "http://a.example/x?y=1"},
                            {"ObservationalTimePeriod", "2010-Q1"},
                            {"StandardTimePeriod", "2010-W52"},
                            {"BasicTimePeriod", "2010-01"},
                            {"GregorianTimePeriod", "2010-01"},
                            {"GregorianYear", "2010"},
                            {"GregorianYearMonth", "2010-01"},
                            {"GregorianDay", "2010-01-31"},
                            {"ReportingTimePeriod", "2010-Q1"},
                            {"ReportingYear", "2010-A1"},
                            {"ReportingSemester", "2010-S1"},
                            {"ReportingTrimester", "2010-T3"},
                            {"ReportingQuarter", "2010-Q1"},
                            {"ReportingMonth", "2010-M01"},
                            {"ReportingWeek", "2010-W01"},
                            {"ReportingDay", "2010-D001"},
                            {"DateTime", "2010-12-31T00:00:00"},
                            {"TimeRange", "2010-01-01/P1M"},
                            {"Month", "--01"},
                            {"MonthDay", "--02-29"},
                            {"Day", "---31"},
                            {"Time", "10:00:00"},
                            {"Duration", "P1M"},
                            {"XHTML", "text"}};

StructureLookup typed_network() {
  Structures all = small_network().structures();
  DataStructure& dsd = all.data_structures[0];
  auto add = [&](std::string id, const TextFormat& format) {
    Component component;
    component.kind = ComponentKind::kAttribute;
    component.id = std::move(id);
    component.local = Representation{{}, format};
    dsd.components.push_back(component);
  };
  for (const Typed& typed : kTyped) {
    TextFormat format;
    format.type = data_type_from_name(typed.type).value();
    add(std::string("T_") + typed.type, format);
  }
  TextFormat text, number, open, whole;
  text.min_length = 2;
  text.max_length = 40;
  text.pattern = "[A-Za-z ]+";
  add("F_TEXT", text);
  number.type = DataType::kDecimal;
  number.min_value = "0";
  number.max_value = "10.5";
  number.decimals = 1;
  add("F_NUMBER", number);
  open.type = DataType::kExclusiveValueRange;
  open.min_value = "0";
  open.max_value = "5";
  add("F_OPEN", open);
  whole.type = DataType::kInteger;
  whole.min_value = "-1";
  whole.max_value = "7";
  add("F_INT", whole);
  TextFormat decimal;
  decimal.type = DataType::kDecimal;
  for (Component& component : dsd.components)
    if (component.kind == ComponentKind::kMeasure) component.local = Representation{{}, decimal};
  return StructureLookup(std::move(all));
}

/// What 3.0 has more: several values, and texts in several languages.
StructureLookup complex_network() {
  Structures all = network30().structures();
  Component note;
  note.id = "REMARK";
  note.kind = ComponentKind::kAttribute;
  note.local = Representation{{}, {}, 0};
  note.local->format.emplace();
  note.local->format->is_multilingual = true;
  all.data_structures[0].components.push_back(note);
  return StructureLookup(std::move(all));
}

/// The formats of our own writers.
struct Format {
  DataFormat format;
  bool flat;
};
constexpr Format kFormats[] = {
    {DataFormat::kStructureSpecific21, false},
    {DataFormat::kStructureSpecific21, true},
    {DataFormat::kStructureSpecificTimeSeries21, false},
    {DataFormat::kGeneric21, false},
    {DataFormat::kGeneric21, true},
    {DataFormat::kGenericTimeSeries21, false},
    {DataFormat::kStructureSpecific30, false},
    {DataFormat::kStructureSpecific30, true},
};

/// Two series with everything that the structure has: every attribute with its first code, or with
/// the value that kTyped has for its type.
std::string own_message(const std::shared_ptr<const FlowStructure>& flow, const Format& format) {
  std::string text;
  auto writer = make_data_writer(format.format, sink_to(text), {format.flat, ','});
  OutgoingMessage message;
  message.header = {"M_1", false, "2026-01-15T09:00:00Z", "XX", "FP", {}};
  message.structures = {flow};
  auto value_of = [&](const FlowComponent& component) -> std::string_view {
    if (component.coded()) return component.codes->id(0);
    if (component.format.is_multilingual)
      return "\x1E\x1F"
             "en\x1Fone\x1Fru\x1F\xD0\xB4\xD0\xB2\xD0\xB0\x1E\x1F"
             "en\x1Ftwo";
    if (component.max_values != 1) return "\x1Eone\x1Etwo";
    for (const Typed& typed : kTyped)
      if (component.id == std::string("T_") + typed.type) return typed.value;
    if (component.format.type == DataType::kDateTime) return "2026-02-01T00:00:00";
    return component.format.type == DataType::kString ? "text" : "1";
  };
  auto attributes = [&](auto wanted) {
    std::vector<OutgoingValue> values;
    for (std::uint16_t c = 0; c < flow->components.size(); ++c)
      if (flow->components[c].kind == ComponentKind::kAttribute && wanted(flow->components[c]))
        values.push_back({c, value_of(flow->components[c])});
    return values;
  };
  using Kind = AttributeRelationship::Kind;
  auto at_level = [&](Kind kind) {
    return attributes([kind](const FlowComponent& c) { return c.level == kind; });
  };
  REQUIRE(writer->begin(message).ok());
  OutgoingDataset dataset;
  dataset.structure = flow;
  dataset.attributes = at_level(Kind::kDataset);
  dataset.reporting_begin = "2026-01-01";
  REQUIRE(writer->begin_dataset(dataset).ok());
  RowFeed feed(*writer, flow);
  std::vector<std::string_view> key;
  for (std::uint16_t d = 0; d < flow->dimension_count; ++d)
    key.push_back(flow->components[d].coded() ? flow->components[d].codes->id(0) : "x");
  if (flow->freq < key.size() && flow->components[flow->freq].coded()) key[flow->freq] = "M";
  for (std::uint16_t g = 0; g < flow->groups.size(); ++g) {
    std::vector<std::string_view> part(flow->dimension_count);
    for (std::uint16_t d : flow->groups[g].dimensions) part[d] = key[d];
    auto values = attributes([&](const FlowComponent& c) {
      return c.level == Kind::kGroup && c.group == flow->groups[g].id;
    });
    REQUIRE(feed.group(g, part, values).ok());
  }
  for (int series = 0; series < 2; ++series) {
    if (series == 1) {
      const FlowComponent& last = flow->components[flow->dimension_count - 1u];
      key.back() = last.coded() ? last.codes->id(std::int32_t(last.codes->size()) - 1) : "z";
    }
    REQUIRE(feed.series(key, at_level(Kind::kDimensions)).ok());
    for (const char* month : {"2025-11", "2025-12"}) {
      std::vector<OutgoingValue> values = at_level(Kind::kObservation);
      values.push_back({flow->measure, "12"});
      REQUIRE(feed.observation(month, values).ok());
    }
  }
  REQUIRE(feed.finish().ok());
  REQUIRE(writer->end_dataset().ok());
  REQUIRE(writer->end().ok());
  return text;
}

struct Samples {
  std::vector<std::unique_ptr<StructureLookup>> lookups;
  std::vector<Base> all;
};

const char* const kOfficial[] = {
    "ng/generic/ecb_exr_ng_flat.xml",          "ng/generic/ecb_exr_ng_ts.xml",
    "ng/generic/ecb_exr_ng_ts_gf.xml",         "ng/generic/ecb_exr_ng_xs.xml",
    "ng/structured/ecb_exr_ng_flat.xml",       "ng/structured/ecb_exr_ng_ts.xml",
    "ng/structured/ecb_exr_ng_ts_gf.xml",      "ng/structured/ecb_exr_ng_xs.xml",
    "sg/generic/ecb_exr_sg_flat.xml",          "sg/generic/ecb_exr_sg_ts.xml",
    "sg/generic/ecb_exr_sg_ts_gf.xml",         "sg/generic/ecb_exr_sg_xs.xml",
    "sg/structured/ecb_exr_sg_ts.xml",         "sg/structured/ecb_exr_sg_ts_gf.xml",
    "sg/structured/ecb_exr_sg_ts_gf_flat.xml", "sg/structured/ecb_exr_sg_xs.xml",
    "rg/generic/ecb_exr_rg_flat.xml",          "rg/generic/ecb_exr_rg_ts.xml",
    "rg/generic/ecb_exr_rg_ts_gf.xml",         "rg/generic/ecb_exr_rg_xs.xml",
    "rg/structured/ecb_exr_rg_flat.xml",       "rg/structured/ecb_exr_rg_ts.xml",
    "rg/structured/ecb_exr_rg_ts_gf.xml",      "rg/structured/ecb_exr_rg_xs.xml",
};

void add_message(Samples& samples, std::string name, std::string text,
                 const StructureLookup& lookup, const Ref& flow, bool by_dsd) {
  Base base;
  base.name = std::move(name);
  base.text = std::move(text);
  base.lookup = &lookup;
  base.flow = by_dsd ? lookup.data_structure(flow) : lookup.flow(flow);
  REQUIRE(base.flow);
  base.generic = detect(base.text).root.starts_with("Generic");
  base.flat = base.text.find("\"AllDimensions\"") != base.text.npos;
  samples.all.push_back(std::move(base));
}

void official_samples(Samples& samples) {
  const auto root = reference_folder() / "samples/sdmx-twg__sdmx-ml-v2_1/samples";
  for (const std::string family : {"ng", "sg", "rg"}) {
    const std::string name = "ecb_exr_" + family;
    Structures all;
    for (const auto& file : {root / "common/common.xml", root / "exr/common/exr_common.xml",
                             root / "exr" / name / (name + "_full.xml")}) {
      FindingList findings(10);
      all.merge(read_structure_text(file_text(file), findings));
    }
    // The samples' own slip: the structure is called ECB_EXR_CG, and its data say ECB_EXR_RG.
    for (DataStructure& dsd : all.data_structures)
      if (dsd.ref.id == "ECB_EXR_CG") dsd.ref.id = "ECB_EXR_RG";
    samples.lookups.push_back(std::make_unique<StructureLookup>(std::move(all)));
    std::string id = "ECB_EXR_" + family;
    for (char& c : id) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    for (const std::string file : kOfficial)
      if (file.starts_with(family))
        add_message(samples, file.substr(3), file_text(root / "exr" / ("ecb_exr_" + file)),
                    *samples.lookups.back(), {"ECB", id, "1.0"}, true);
  }
}

/// Those of 3.0: exchange rates, one with several values and languages.
void official_samples30(Samples& samples) {
  const auto root = reference_folder() / "samples/sdmx-twg__sdmx-ml/samples";
  if (!std::filesystem::exists(root)) return;
  Structures all;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    if (entry.path().extension() != ".xml") continue;
    const std::string text = file_text(entry.path());
    if (detect(text).kind != FileKind::kSdmxMlStructure) continue;
    FindingList findings(10);
    all.merge(read_structure_text(text, findings));
  }
  struct Sample {
    const char *file, *dsd;
  };
  for (const Sample& sample :
       {Sample{"Data_-_Simple_Data_Attributes/ECB_EXR.xml", "ECB_EXR"},
        Sample{"Data_-_Complex_Data_Attributes/ECB_EXR_CA.xml", "ECB_EXR_COMPLEX_ATTRIBUTES"}}) {
    Structures own = all;
    // The data are of the dataflow ECB:EXR; which structure it has is another file's matter.
    std::erase_if(own.dataflows, [](const Dataflow& flow) { return flow.ref.id == "EXR"; });
    Dataflow flow;
    flow.ref = {"ECB", "EXR", "1.0"};
    for (DataStructure& dsd : own.data_structures) {
      if (dsd.ref.id != sample.dsd) continue;
      flow.structure = dsd.ref;
      // Codelists that no sample has: any text will do.
      const StructureLookup known{Structures(own)};
      for (Component& component : dsd.components) {
        // The sample's own slip: two values of what may have one.
        if (component.id == "SOURCE_PUB") {
          if (!component.local) component.local.emplace();
          component.local->max_occurs = 2;
        }
        if (component.local && component.local->enumeration &&
            !known.codelist(*component.local->enumeration))
          component.local->enumeration.reset();
      }
    }
    REQUIRE_FALSE(flow.structure.empty());
    own.dataflows.push_back(flow);
    samples.lookups.push_back(std::make_unique<StructureLookup>(std::move(own)));
    add_message(samples, sample.file, file_text(root / sample.file), *samples.lookups.back(),
                flow.ref, false);
  }
}

void own_messages(Samples& samples) {
  samples.lookups.push_back(std::make_unique<StructureLookup>(shipped_structures()));
  const StructureLookup& shipped = *samples.lookups.back();
  samples.lookups.push_back(std::make_unique<StructureLookup>(typed_network()));
  const StructureLookup& typed = *samples.lookups.back();
  samples.lookups.push_back(std::make_unique<StructureLookup>(complex_network()));
  const StructureLookup& complex = *samples.lookups.back();
  for (const Format& format : kFormats) {
    const std::string name =
        std::string(data_format_name(format.format)) + (format.flat ? " flat" : "");
    for (const Ref& ref : {Ref{"FP", "ASYLUM", ""}, Ref{"FP", "PERMITS", ""}})
      add_message(samples, ref.id + " " + name, own_message(shipped.flow(ref), format), shipped,
                  ref, false);
    const Ref ref{"T", "FLOW", "1.0"};
    add_message(samples, "every type " + name, own_message(typed.flow(ref), format), typed, ref,
                false);
    if (format.format == DataFormat::kStructureSpecific30)
      add_message(samples, "several values " + name, own_message(complex.flow(ref), format),
                  complex, ref, false);
  }
}

// ---- the two judges

struct Ours {
  std::vector<Finding> form;      ///< errors that a schema could see
  std::vector<Finding> meaning;   ///< errors that none can
  std::vector<Finding> warnings;  ///< what was accepted though it is not legal, and remarks
};

Ours judge_ours(std::string_view text, const StructureLookup& lookup) {
  FindingList findings(500);
  Limits limits;
  MemorySource source(text);
  auto reader = open_data(source, detect(text), lookup, findings, limits);
  JudgeOptions options;
  options.now = *parse_time("2026-06-01");
  Judge judge(findings, options);
  for (;;) {
    auto batch = reader->next();
    REQUIRE(batch.ok());
    if (!*batch) break;
    judge.judge(**batch, reader->message());
  }
  judge.finish(reader->message());
  Ours ours;
  for (const Finding& finding : findings.listed()) {
    if (finding.rule->severity != Severity::kError)
      ours.warnings.push_back(finding);
    else
      (kMeaning.count(finding.rule->id) ? ours.meaning : ours.form).push_back(finding);
  }
  return ours;
}

XsdResult judge_xsd(std::string_view text, const StructureLookup& lookup, XsdSchemas& kept) {
  static const OfficialSchemas official = [](std::string_view version, std::string_view name) {
    static std::map<std::string, std::optional<std::string>> read;
    const std::string path = "xsd-" + std::string(version) + "/" + std::string(name);
    auto [at, fresh] = read.try_emplace(path);
    if (fresh && std::filesystem::exists(reference_folder() / path))
      at->second = file_text(reference_folder() / path);
    return at->second;
  };
  Limits limits;
  limits.findings_listed = 1000;
  MemorySource source(text);
  auto result = check_by_xsd(source, lookup, {official, {}, &kept}, limits);
  INFO((result.ok() ? "" : result.error().what));
  REQUIRE(result.ok());
  return std::move(*result);
}

struct Case {
  const Base* base = nullptr;
  std::string text;
  Ours ours;
  XsdResult xsd;
};

// ---- where they may differ

struct Difference {
  const char* name;
  const char* reason;
  /// Why the schema complains, and focalpost does not.
  bool (*only_xsd)(const Case&, const XsdMessage&);
  /// Why focalpost complains, and the schema does not.
  bool (*only_ours)(const Case&, const Finding&);
};

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != text.npos;
}

/// libxml2 begins with "Element 'X':" or "Element 'X', attribute 'Y':".
bool element_is(const XsdMessage& m, std::initializer_list<std::string_view> names) {
  const std::string_view mark = "Element '";
  if (!m.text.starts_with(mark)) return false;
  std::string_view name = std::string_view(m.text).substr(mark.size());
  name = name.substr(0, name.find('\''));
  name = name.substr(name.rfind('}') + 1);  // a namespace that is none of SDMX stands before it
  return std::find(names.begin(), names.end(), name) != names.end();
}
std::string attribute_in(const XsdMessage& m) {
  const std::string_view mark = ", attribute '";
  const auto at = m.text.find(mark);
  if (at == m.text.npos || at > m.text.find(':')) return {};
  const auto from = at + mark.size();
  return m.text.substr(from, m.text.find('\'', from) - from);
}
bool in_header(const Case& c, const XsdMessage& m) {
  const auto end = c.text.find("Header>", c.text.find("Header") + 7);
  if (end == c.text.npos) return false;
  return m.at.line <= 1 + std::count(c.text.begin(), c.text.begin() + std::ptrdiff_t(end), '\n');
}
bool quirk(const Case& c, std::string_view component, std::string_view detail = {}) {
  return std::any_of(c.ours.warnings.begin(), c.ours.warnings.end(), [&](const Finding& f) {
    return f.rule == &rules::header_quirk && (component.empty() || f.component == component) &&
           (detail.empty() || f.detail == detail);
  });
}
/// The value that libxml2 quotes in its complaint.
std::string value_in(const XsdMessage& m) {
  const auto colon = m.text.find(": ");
  if (colon == m.text.npos) return {};
  const std::string_view mark = "The value '";
  const auto after = m.text.find(mark);
  const auto from = after == m.text.npos ? m.text.find('\'', colon) : after + mark.size() - 1;
  if (from == m.text.npos) return {};
  return m.text.substr(from + 1, m.text.find('\'', from + 1) - from - 1);
}
bool padded(std::string_view text) {
  return text != trim(text) || text.starts_with("<U+0009>");  // as xsd_check writes a tab
}
bool one_of(const Finding& f, std::initializer_list<std::string_view> ids) {
  return std::find(ids.begin(), ids.end(), f.rule->id) != ids.end();
}

const Difference kDifferences[] = {
    // what a schema does not see
    {"generic data",
     "the schema of generic data knows no data structure: components, codes, types "
     "and groups are any text to it",
     nullptr,
     [](const Case& c, const Finding& f) {
       return c.base->generic &&
              (one_of(f, {"unknown-component", "wrong-level", "missing-dimension", "missing-time",
                          "unknown-group", "group-key", "component-twice", "unknown-code",
                          "type-mismatch", "number-with-separator", "sign-for-missing", "too-long",
                          "too-short", "too-small", "too-large", "too-many-decimals",
                          "pattern-mismatch", "bad-period", "unknown-structure"}) ||
               (f.rule == &rules::unknown_element && has(f.expected, "Obs")) ||
               (f.rule == &rules::header_value && f.component == "dimensionAtObservation"));
     }},
    {"structureRef", "libxml2 does not look whether an IDREF leads to an ID", nullptr,
     [](const Case&, const Finding& f) { return f.rule == &rules::structure_ref; }},
    {"no dataset", "a message without a dataset is legal, and of no use to anybody", nullptr,
     [](const Case&, const Finding& f) { return f.rule == &rules::no_dataset; }},
    {"undeclared prefix",
     "an undeclared prefix is an error of XML namespaces; libxml2 goes on as if it were "
     "a letter of the name",
     nullptr,
     [](const Case&, const Finding& f) {
       return f.rule == &rules::not_well_formed && f.component.starts_with("xmlns:");
     }},
    {"white space",
     "XML Schema drops white space around numbers and periods; focalpost keeps "
     "values as they were sent and wants them without",
     nullptr,
     [](const Case&, const Finding& f) {
       return padded(f.value) && one_of(f, {"bad-period", "type-mismatch", "unknown-action",
                                            "number-with-separator", "header-value"});
     }},
    {"years", "a year of XML Schema may have more than four digits or a sign, one of SDMX not",
     nullptr,
     [](const Case&, const Finding& f) {
       const std::string_view v = trim(f.value);
       const auto digits = v.find_first_not_of("0123456789", v.starts_with('-'));
       return one_of(f, {"bad-period", "type-mismatch", "header-value"}) &&
              (v.starts_with('-') || (digits == v.npos ? v.size() : digits) > 4);
     }},
    {"empty Test", "by the schema an empty Test is false; here it must be said", nullptr,
     [](const Case&, const Finding& f) {
       return f.rule == &rules::header_value && f.component == "Test" && trim(f.value).empty();
     }},
    {"empty key", "an empty value is none, and a key needs one of every dimension", nullptr,
     [](const Case&, const Finding& f) {
       return one_of(f, {"missing-dimension", "missing-time"}) ||
              (f.rule == &rules::group_key && f.expected == "present");
     }},
    {"calendar", "XML Schema does not know which year has a 53rd week or a 366th day", nullptr,
     [](const Case&, const Finding& f) {
       return one_of(f, {"bad-period", "type-mismatch"}) &&
              (has(f.value, "-W53") || has(f.value, "-D366"));
     }},
    {"durations", "where a range of months and days or of no time at all ends, nobody can say",
     nullptr,
     [](const Case&, const Finding& f) {
       return one_of(f, {"bad-period", "type-mismatch"}) && has(f.value, "/P");
     }},
    {"parts of 3.0",
     "what Atts and Comp hold must fit the part of the key that they stand at, and once; no schema "
     "says so, nor that text beside Text is none",
     nullptr,
     [](const Case& c, const Finding& f) {
       return has(c.text, "schemas/v3_0") &&
              one_of(f, {"wrong-level", "component-twice", "unexpected-text"});
     }},
    {"exponents", "libxml2 takes a float whose exponent has no digits", nullptr,
     [](const Case&, const Finding& f) {
       return f.rule == &rules::type_mismatch && (f.value.ends_with('e') || f.value.ends_with('E'));
     }},
    {"decimals",
     "focalpost counts decimals as they are written, XML Schema without their last "
     "zeros",
     nullptr,
     [](const Case&, const Finding& f) {
       return f.rule == &rules::too_many_decimals && f.value.ends_with('0');
     }},
    {"blanks in URIs", "XML Schema would have a blank in a URI escaped; people forget to", nullptr,
     [](const Case& c, const Finding& f) {
       const std::uint16_t component = c.base->flow->find(f.component);
       return f.rule == &rules::type_mismatch && component != kNoComponent &&
              c.base->flow->components[component].format.type == DataType::kUri &&
              has(f.value, " ");
     }},
    // what focalpost lets pass
    {"NaN", "SDMX says that NaN is a number that is missing, of whatever type",
     [](const Case&, const XsdMessage& m) { return value_in(m) == "NaN"; }, nullptr},
    {"reporting day", "the pattern of the published ReportingDayType has no days ending in 0",
     [](const Case&, const XsdMessage& m) {
       const std::string value = value_in(m);
       const auto at = value.find("-D");
       return at != value.npos && value.size() >= at + 5 && value[at + 2] == '0' &&
              value[at + 4] == '0';
     },
     nullptr},
    {"24 digits", "libxml2 computes with 24 digits, and refuses numbers that have more",
     [](const Case&, const XsdMessage& m) {
       const std::string value = value_in(m);
       return value.size() > 24 && value.find_first_not_of("0123456789.-+ ") == std::string::npos;
     },
     nullptr},
    {"white space around integers",
     "legal in XML Schema (whiteSpace=collapse); libxml2 forgets it for int, long and short",
     [](const Case&, const XsdMessage& m) {
       return padded(value_in(m)) && !has(m.text, "[facet") &&
              read_number(trim(value_in(m))) == NumberForm::kInteger;
     },
     nullptr},
    {"order of the header", "accepted with the warning header-quirk: nothing hangs on it",
     [](const Case& c, const XsdMessage& m) {
       return in_header(c, m) && has(m.text, "This element is not expected") &&
              quirk(c, "", "order");
     },
     nullptr},
    {"quirk", "accepted with the warning header-quirk, since real files have it",
     [](const Case& c, const XsdMessage& m) {
       if (element_is(m, {"DataSet"}))
         return quirk(c, "DataSet") || quirk(c, attribute_in(m)) ||
                has(m.text, "'structureRef' is required") ||
                (attribute_in(m) == "dataScope" && has(m.text, "is not allowed"));
       if (!in_header(c, m)) return false;
       if (element_is(m, {"ID", "Sender", "Receiver"}))
         return quirk(c, "ID") || quirk(c, "Sender") || quirk(c, "Receiver");
       return element_is(m, {"Structure", "StructureUsage", "Ref"}) &&
              (quirk(c, "Structure") || quirk(c, "StructureUsage") || quirk(c, "Ref"));
     },
     nullptr},
    {"xsi attributes",
     "structureRef says which structure the data are of; xsi:type only names a type of its schema, "
     "and xsi:nil says nothing here",
     [](const Case& c, const XsdMessage& m) {
       if (element_is(m, {"Comp"}) && has(m.text, "fixed value constraint")) return true;
       return attribute_in(m) == "nil" || has(m.text, "not 'nillable'") ||
              has(m.text, "The type definition is abstract") ||
              (attribute_in(m) == "type" &&
               (has(m.text, "QName") || has(m.text, "xsi:type") || has(m.text, "schemaLocation") ||
                has(m.text, "http") || quirk(c, "xmlns:xsi")));
     },
     nullptr},
    {"conflict", "the second of two values for one place is a conflict, whatever it is",
     [](const Case& c, const XsdMessage& m) {
       return std::any_of(c.ours.meaning.begin(), c.ours.meaning.end(), [&](const Finding& f) {
         return f.rule == &rules::attribute_conflict && f.component == attribute_in(m);
       });
     },
     nullptr},
    {"id of ObsDimension",
     "the header says which dimension it is; the standard's own samples "
     "have \"CURRENY\" there, and ObsValue is the measure",
     [](const Case&, const XsdMessage& m) {
       return element_is(m, {"ObsDimension", "ObsValue"}) && attribute_in(m) == "id";
     },
     nullptr},
    {"white space in nothing", "white space in an element without content says nothing",
     [](const Case& c, const XsdMessage& m) {
       return !in_header(c, m) && has(m.text, "because the content type is empty");
     },
     nullptr},
    {"several structures",
     "a time series message has one Structure by its schema; several are read as in the others",
     [](const Case& c, const XsdMessage& m) {
       return has(c.text, "TimeSeriesData") && element_is(m, {"Structure"}) &&
              has(m.text, "Expected is one of ( DataProvider");
     },
     nullptr},
    {"languages", "a text may be in languages where the structure does not say so",
     [](const Case&, const XsdMessage& m) {
       return element_is(m, {"Value"}) && has(m.text, "content type is a simple type");
     },
     nullptr},
    {"Atts of nothing", "Atts without an attribute say nothing, whatever their key is",
     [](const Case& c, const XsdMessage& m) {
       return element_is(m, {"Atts"}) &&
              c.base->flow->find(attribute_in(m)) < c.base->flow->dimension_count;
     },
     nullptr},
    {"URNs",
     "white space around a URN says nothing, nor does the name of its package, which is that of "
     "its class",
     [](const Case&, const XsdMessage& m) {
       return element_is(m, {"Structure", "StructureUsage"}) && has(m.text, "[facet 'pattern']");
     },
     nullptr},
    {"attributes of a dataset",
     "dataScope, setID, the validity dates and the namespace of the schema are of no use here, so "
     "whether they are there, and right, is not judged",
     [](const Case&, const XsdMessage& m) {
       static const std::set<std::string> kUnused = {"dataScope",        "setID",
                                                     "validFromDate",    "validToDate",
                                                     "reportingEndDate", "reportingBeginDate"};
       return (element_is(m, {"DataSet"}) &&
               (kUnused.count(attribute_in(m)) > 0 || has(m.text, "'dataScope' is required"))) ||
              (element_is(m, {"Structure"}) &&
               (has(m.text, "'namespace' is required") || attribute_in(m) == "namespace"));
     },
     nullptr},
    {"no value",
     "an absent or empty value is one that is not given, whatever its type; validation says what "
     "that means",
     [](const Case& c, const XsdMessage& m) {
       if (in_header(c, m) || attribute_in(m) == "action") return false;
       return (element_is(m, {"Value", "ObsValue", "ObsDimension"}) &&
               has(m.text, "'value' is required")) ||
              has(m.text, ": ''") || has(m.text, "The value ''") ||
              (element_is(m, {"Attributes", "Group"}) && has(m.text, "Missing child"));
     },
     nullptr},
    {"white space around ids", "an id is the same with white space around it",
     [](const Case&, const XsdMessage& m) {
       return padded(value_in(m)) &&
              (element_is(m, {"ID", "Sender", "Receiver"}) || attribute_in(m) == "type" ||
               attribute_in(m) == "id" || attribute_in(m) == "dimensionAtObservation" ||
               attribute_in(m) == "structureID");
     },
     nullptr},
    {"parts of the header",
     "names, contacts, attributes and other parts of the header of which nothing is made, such as "
     "structures to which no dataset refers, are not looked at, and any text can be a structureID",
     [](const Case& c, const XsdMessage& m) {
       return in_header(c, m) &&
              (has(m.text, "is not allowed") || has(m.text, "not allowed because") ||
               element_is(m, {"Ref", "Extracted", "ReportingBegin", "ReportingEnd"}) ||
               attribute_in(m) == "structureID");
     },
     nullptr},
};
constexpr std::size_t kClasses = std::size(kDifferences);

struct Tally {
  std::size_t compared = 0, both_right = 0, both_wrong = 0, explained = 0, unexplained = 0,
              no_schema = 0;
  std::size_t met[kClasses] = {};
};

std::string line_of(const Finding& f) {
  return fmt::format("{} {}:{} {}={} {} {}", f.rule->id, f.at.line, f.at.column, f.component,
                     f.value, f.expected, f.detail);
}

std::string verdicts(const Case& c) {
  std::string text = "focalpost:";
  for (const Finding& f : c.ours.form) text += "\n  " + line_of(f);
  if (c.ours.form.empty()) text += " the form is right";
  for (const Finding& f : c.ours.meaning) text += "\n  meaning: " + line_of(f);
  for (const Finding& f : c.ours.warnings) text += "\n  (" + line_of(f) + ")";
  text += "\nXML Schema:";
  for (const XsdMessage& m : c.xsd.messages)
    text += fmt::format("\n  {}:{} {}", m.at.line, m.at.column, m.text);
  if (c.xsd.messages.empty()) text += " valid";
  return text;
}

/// "" if both agree or every complaint has its reason; else the first complaint without one.
std::string compare(const Case& c, Tally& tally) {
  ++tally.compared;
  const bool ours = c.ours.form.empty(), xsd = c.xsd.messages.empty();
  if (ours == xsd) {
    ++(ours ? tally.both_right : tally.both_wrong);
    return {};
  }
  std::set<std::size_t> classes;
  std::string without;
  auto explain = [&](auto fits, const std::string& words) {
    for (std::size_t d = 0; d < kClasses; ++d)
      if (fits(kDifferences[d])) {
        classes.insert(d);
        return;
      }
    if (without.empty()) without = words;
  };
  for (const Finding& f : c.ours.form)
    explain([&](const Difference& d) { return d.only_ours && d.only_ours(c, f); },
            "only focalpost: " + std::string(f.rule->id) + " " + f.component + " " + f.detail);
  for (const XsdMessage& m : c.xsd.messages)
    explain([&](const Difference& d) { return d.only_xsd && d.only_xsd(c, m); },
            "only XML Schema: " + m.text);
  ++(without.empty() ? tally.explained : tally.unexplained);
  if (without.empty())
    for (std::size_t d : classes) ++tally.met[d];
  return without;
}

/// The lines around a place, shortened.
std::string snippet(const std::string& text, std::size_t at) {
  std::size_t from = at > 300 ? at - 300 : 0;
  if (auto line = text.find('\n', from); from > 0 && line < at) from = line + 1;
  std::size_t to = std::min(text.size(), at + 500);
  if (auto line = text.rfind('\n', to); line != text.npos && line > at) to = line;
  return text.substr(from, to - from);
}

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text && *text ? std::strtoull(text, nullptr, 10) : otherwise;
}

bool schemas_here() {
  const bool here = !reference_folder().empty() &&
                    std::filesystem::exists(reference_folder() / "xsd-2.1") &&
                    std::filesystem::exists(reference_folder() / "xsd-3.0");
  if (!here) WARN("skipped: the official schemas are not here");
  return here;
}

/// What both judges said, and where they differ without a reason.
class Comparison {
 public:
  void take(const Base& base, std::string text, const std::string& what, std::size_t at) {
    Case c{&base, std::move(text), {}, {}};
    c.ours = judge_ours(c.text, *base.lookup);
    c.xsd = judge_xsd(c.text, *base.lookup, kept_);
    if (!c.xsd.not_checked.empty()) {
      ++tally_.no_schema;
      return;
    }
    const std::string without = compare(c, tally_);
    if (without.empty()) return;
    auto& [times, first] = unexplained_[without];
    if (++times == 1)
      first = fmt::format("{}, of {}\n{}\n--- there:\n{}\n---", what, base.name, verdicts(c),
                          snippet(c.text, at));
  }

  /// `all`: every class of differences must have been met.
  void finish(bool all) const {
    for (const auto& [what, example] : unexplained_)
      FAIL_CHECK(fmt::format("{} times, {}\n{}", example.first, what, example.second));
    std::string figures = fmt::format(
        "differential: {} compared, {} right and {} wrong to both, {} differ with a reason, {} "
        "without; {} without a schema\n",
        tally_.compared, tally_.both_right, tally_.both_wrong, tally_.explained, tally_.unexplained,
        tally_.no_schema);
    for (std::size_t d = 0; d < kClasses; ++d) {
      figures += fmt::format("{:7} {}\n", tally_.met[d], kDifferences[d].name);
      INFO(kDifferences[d].name << ": never met, so not needed");
      if (all) CHECK(tally_.met[d] > 0);
    }
    std::cout << figures;
  }

 private:
  XsdSchemas kept_;
  Tally tally_;
  std::map<std::string, std::pair<std::size_t, std::string>> unexplained_;
};

/// Every value that the mutator knows, as a value of every component at an observation.
void every_value(const Base& typed, Comparison& comparison) {
  Base base = typed;
  // One observation is enough.
  const auto first = base.text.find("<Obs "), second = base.text.find("<Obs ", first + 1);
  base.text.erase(second, base.text.find("</mes:DataSet>") - second);
  std::size_t components = 0;
  for (const FlowComponent& component : base.flow->components) {
    const std::string name = " " + component.id + "=\"";
    const auto place = base.text.find(name, first);
    if (place == base.text.npos) continue;
    ++components;
    const auto from = place + name.size(), size = base.text.find('"', from) - from;
    for (std::string_view value : Mutator::kValues) {
      std::string text = base.text;
      text.replace(from, size, value);
      comparison.take(base, text, fmt::format("{}=\"{}\"", component.id, value), from);
    }
  }
  CHECK(components > 50);
}

/// What chance brings too seldom: the last `what` of a message replaced.
struct ByHand {
  const char *base, *what, *by;
};
const ByHand kByHand[] = {
    {"ASYLUM generic-2.1", "<mes:Test>false", "<mes:Test>"},
    {"ASYLUM generic-2.1", "<gen:ObsDimension ", "<gen:ObsDimension id=\"1\" "},
    {"ASYLUM generic-timeseries-2.1", "</mes:Header>",
     "<mes:Structure structureID=\"S2\" dimensionAtObservation=\"TIME_PERIOD\"><com:StructureUsage>"
     "<Ref agencyID=\"FP\" id=\"ASYLUM\" version=\"1.0\"/></com:StructureUsage></mes:Structure>"
     "</mes:Header>"},
    {"ASYLUM structurespecific-3.0", "<Atts COMMENT_DSET=", "<Atts AGE="},
    {"ASYLUM structurespecific-3.0", "datastructure.Dataflow=", "datastru1cture.Dataflow="},
    {"several values structurespecific-3.0", "<Value>one</Value><Value>two</Value>",
     "<Value><com:Text>one</com:Text></Value>"},
    {"every type structurespecific-2.1", "T_Float=\"1e5\"", "T_Float=\"15e\""},
    {"structured/ecb_exr_ng_flat.xml", "UNIT_MEASURE=\"USD\"", "UNIT_MEASURE=\"DSU\""},
};

}  // namespace

TEST_CASE("focalpost and XML Schema agree about samples and mutations") {
  if (!schemas_here()) return;
  for (std::string_view id : kMeaning) CHECK(find_rule(id));
  Samples samples;
  official_samples(samples);
  official_samples30(samples);
  own_messages(samples);
  Comparison comparison;
  std::vector<const Base*> bases;
  std::vector<Mutator> mutators;
  std::size_t by_hand = 0;
  for (const Base& base : samples.all) {
    INFO(base.name);
    comparison.take(base, base.text, "as it is", 0);
    const Ours as_it_is = judge_ours(base.text, *base.lookup);
    INFO((as_it_is.form.empty() ? "" : line_of(as_it_is.form.front())));
    CHECK(as_it_is.form.empty());
    // Structure-specific data by another dimension than time have no schema here.
    if (base.text.find("=\"CURRENCY\"") != base.text.npos && !base.generic) continue;
    for (const ByHand& edit : kByHand) {
      if (base.name != edit.base) continue;
      std::string text = base.text;
      const auto at = text.rfind(edit.what);
      REQUIRE(at != text.npos);
      text.replace(at, std::string_view(edit.what).size(), edit.by);
      comparison.take(base, text, edit.by, at);
      ++by_hand;
    }
    if (base.name == "every type structurespecific-2.1 flat") every_value(base, comparison);
    bases.push_back(&base);
    std::vector<std::string> names, values;
    for (const FlowComponent& component : base.flow->components) {
      names.push_back(component.id);
      if (component.coded())
        for (std::size_t k = 0; k < std::min<std::size_t>(component.codes->size(), 10); ++k)
          values.emplace_back(component.codes->ids()[k]);
    }
    for (const FlowGroup& group : base.flow->groups) names.push_back(group.id);
    mutators.emplace_back(base.text, names, values);
  }
  CHECK(by_hand == std::size(kByHand));
  REQUIRE(bases.size() >= 30);

  constexpr std::uint64_t kSeed = 1, kPart = 4000;
  const std::uint64_t count = number_from("FOCALPOST_MUTATIONS", kPart);
  const std::uint64_t seed = number_from("FOCALPOST_SEED", kSeed);
  const std::uint64_t only = number_from("FOCALPOST_MUTATION", UINT64_MAX);
  for (std::uint64_t n = 0; n < count; ++n) {
    if (only != UINT64_MAX && n != only) continue;
    const std::size_t b = n % bases.size();
    Mutation mutation = mutators[b].mutate(Chance(seed * 1'000'000'007 + n).next());
    comparison.take(*bases[b], std::move(mutation.text),
                    fmt::format("mutation {} of seed {}: {}", n, seed, mutation.what), mutation.at);
  }
  comparison.finish(seed == kSeed && only == UINT64_MAX && count >= kPart);
}

}  // namespace focalpost
