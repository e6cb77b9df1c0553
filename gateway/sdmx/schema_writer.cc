// SPDX-License-Identifier: Apache-2.0
//
// Restrictions repeat the base type's content with what they leave out left out: Group only where
// there are groups, Series or Obs but not both, no TIME_PERIOD at a series of time series. The
// wildcard for attributes of the base types is not repeated, so only those named here may come.
#include "sdmx/schema_writer.h"

#include <fmt/format.h>
#include <libxml/xmlerror.h>
#include <libxml/xmlregexp.h>

#include <algorithm>
#include <memory>
#include <set>

#include "base/text.h"
#include "model/decimal.h"
#include "sdmx/batch_walk.h"
#include "sdmx/xml_out.h"

namespace focalpost {
namespace sdmx {
namespace {

constexpr std::string_view kBase = "http://www.sdmx.org/resources/sdmxml/schemas/";
constexpr std::string_view kStartDay = "REPORTING_YEAR_START_DAY";
using Kind = AttributeRelationship::Kind;

enum class Facets { kNone, kText, kInteger, kDecimal, kFloat };
struct Base {
  std::string_view name;
  Facets facets = Facets::kNone;
};

/// SDMX 2.1 section 6, "Data types": their counterparts in XML Schema.
Base base_of(DataType type) {
  switch (type) {
    case DataType::kString:
    case DataType::kXhtml:
    case DataType::kOther:
      return {"xs:string", Facets::kText};
    case DataType::kAlpha:
      return {"common:AlphaType", Facets::kText};
    case DataType::kAlphaNumeric:
      return {"common:AlphaNumericType", Facets::kText};
    case DataType::kNumeric:
      return {"common:NumericType", Facets::kText};
    case DataType::kBigInteger:
    case DataType::kCount:
      return {"xs:integer", Facets::kInteger};
    case DataType::kInteger:
      return {"xs:int", Facets::kInteger};
    case DataType::kLong:
      return {"xs:long", Facets::kInteger};
    case DataType::kShort:
      return {"xs:short", Facets::kInteger};
    case DataType::kDecimal:
    case DataType::kInclusiveValueRange:
    case DataType::kExclusiveValueRange:
    case DataType::kIncremental:
      return {"xs:decimal", Facets::kDecimal};
    case DataType::kFloat:
      return {"xs:float", Facets::kFloat};
    case DataType::kDouble:
      return {"xs:double", Facets::kFloat};
    case DataType::kBoolean:
      return {"xs:boolean"};
    case DataType::kUri:
      return {"xs:anyURI", Facets::kText};
    case DataType::kObservationalTimePeriod:
      return {"common:ObservationalTimePeriodType"};
    case DataType::kStandardTimePeriod:
      return {"common:StandardTimePeriodType"};
    case DataType::kBasicTimePeriod:
      return {"common:BasicTimePeriodType"};
    case DataType::kGregorianTimePeriod:
      return {"common:GregorianTimePeriodType"};
    case DataType::kGregorianYear:
      return {"xs:gYear"};
    case DataType::kGregorianYearMonth:
      return {"xs:gYearMonth"};
    case DataType::kGregorianDay:
      return {"xs:date"};
    case DataType::kReportingTimePeriod:
      return {"common:ReportingTimePeriodType"};
    case DataType::kReportingYear:
      return {"common:ReportingYearType"};
    case DataType::kReportingSemester:
      return {"common:ReportingSemesterType"};
    case DataType::kReportingTrimester:
      return {"common:ReportingTrimesterType"};
    case DataType::kReportingQuarter:
      return {"common:ReportingQuarterType"};
    case DataType::kReportingMonth:
      return {"common:ReportingMonthType"};
    case DataType::kReportingWeek:
      return {"common:ReportingWeekType"};
    case DataType::kReportingDay:
      return {"common:ReportingDayType"};
    case DataType::kDateTime:
      return {"xs:dateTime"};
    case DataType::kTimeRange:
      return {"common:TimeRangeType"};
    case DataType::kMonth:
      return {"xs:gMonth"};
    case DataType::kMonthDay:
      return {"xs:gMonthDay"};
    case DataType::kDay:
      return {"xs:gDay"};
    case DataType::kTime:
      return {"xs:time"};
    case DataType::kDuration:
      return {"xs:duration"};
  }
  return {"xs:string", Facets::kText};
}

/// libxml2 says what is wrong with a pattern on stderr unless somebody listens.
class QuietLibxml {
 public:
  QuietLibxml() : handler_(xmlStructuredError), context_(xmlStructuredErrorContext) {
    xmlSetStructuredErrorFunc(nullptr, [](void*, xmlErrorPtr) {});
  }
  ~QuietLibxml() { xmlSetStructuredErrorFunc(context_, handler_); }
  QuietLibxml(const QuietLibxml&) = delete;
  QuietLibxml& operator=(const QuietLibxml&) = delete;

 private:
  xmlStructuredErrorFunc handler_;
  void* context_;
};

bool is_pattern(const std::string& text) {
  if (text.size() > 1000 || text.find('\0') != std::string::npos) return false;
  QuietLibxml quiet;
  std::unique_ptr<xmlRegexp, void (*)(xmlRegexpPtr)> compiled(
      xmlRegexpCompile(reinterpret_cast<const xmlChar*>(text.c_str())), xmlRegFreeRegexp);
  return compiled != nullptr;
}

class SchemaWriter {
 public:
  SchemaWriter(const FlowStructure& flow, const ByteSink& sink, const SchemaOptions& options)
      : flow_(flow),
        options_(options),
        out_(sink),
        flat_(options.flat || flow.time == kNoComponent) {
    for (const FlowGroup& group : flow.groups)
      if (!group.implied) groups_.push_back(group);
  }

  Status write() {
    FP_TRY(check_names(flow_));
    if (!options_.v30 && flow_.measure_count > 1)
      return not_right(fmt::format("{} has {} measures and SDMX-ML 2.1 has one",
                                   flow_.name().text(), flow_.measure_count),
                       "Write the schema of SDMX-ML 3.0 instead.");
    const std::string space =
        options_.space.empty() ? data_schema_namespace(flow_, options_.flat) : options_.space;
    const std::string sdmx = fmt::format("{}{}/", kBase, options_.v30 ? "v3_0" : "v2_1");
    out_.raw("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    out_.open("xs:schema");
    out_.attribute("xmlns:xs", "http://www.w3.org/2001/XMLSchema");
    out_.attribute("xmlns", space);
    out_.attribute("xmlns:dsd", sdmx + "data/structurespecific");
    out_.attribute("xmlns:common", sdmx + "common");
    out_.attribute("targetNamespace", space);
    out_.attribute("elementFormDefault", "qualified");
    out_.attribute("attributeFormDefault", "unqualified");
    import(sdmx + "data/structurespecific", "SDMXDataStructureSpecific.xsd");
    import(sdmx + "common", "SDMXCommon.xsd");
    for (const FlowComponent& component : flow_.components) FP_TRY(value_type(component));
    if (options_.v30) complex_types();
    FP_TRY(groups());
    dataset();
    if (!flat_) series();
    observation();
    out_.close();
    out_.raw("\n");
    return out_.flush();
  }

 private:
  void import(const std::string& space, std::string_view file) {
    out_.open("xs:import");
    out_.attribute("namespace", space);
    out_.attribute("schemaLocation", options_.official + std::string(file));
    out_.close();
  }

  // ---- types of values

  Status value_type(const FlowComponent& component) {
    const Component* source = component.source;
    // A measure dimension enumerates concepts, which are no codelist.
    const bool wants_codes = source && source->local && source->local->enumeration &&
                             component.kind != ComponentKind::kMeasureDimension;
    if (component.coded()) {
      codelist(*component.codes);
      types_.push_back(codelist_name(component.codes->list().ref));
    } else if (wants_codes) {
      return not_right(fmt::format("the codelist {} of {} is not known",
                                   source->local->enumeration->text(), component.id),
                       "Load the codelist first.");
    } else {
      FP_ASSIGN(std::string type, text_type(component));
      types_.push_back(std::move(type));
    }
    return out_.pass_on();
  }

  static std::string codelist_name(const Ref& ref) {
    std::string name = fmt::format("{}.{}.{}", ref.agency, ref.id, ref.version);
    for (char& c : name)
      if (!is_ncname(std::string("_") + c)) c = '_';
    return is_ncname(name) ? name : "_" + name;
  }

  void codelist(const CodeTable& table) {
    const std::string name = codelist_name(table.list().ref);
    if (!codelists_.insert(name).second) return;
    out_.open("xs:simpleType");
    out_.attribute("name", name);
    out_.open("xs:restriction");
    out_.attribute("base", "xs:string");
    for (std::string_view code : table.ids()) {
      out_.open("xs:enumeration");
      out_.attribute("value", code);
      out_.close();
    }
    out_.close();
    out_.close();
  }

  Result<std::string> text_type(const FlowComponent& component) {
    if (component.id == kStartDay) return std::string("xs:gMonthDay");
    const TextFormat& format = component.format;
    const Base base = base_of(format.type);
    std::vector<std::pair<std::string_view, std::string>> facets;
    // A bound that is no value of the base type would make the whole schema unusable.
    auto bound = [&](std::string_view facet, const std::string& text) {
      NumberForm form = read_number(trim(text));
      bool fits = form == NumberForm::kInteger ||
                  (form == NumberForm::kDecimal && base.facets != Facets::kInteger);
      if (fits) facets.emplace_back(facet, trim(text));
    };
    if (base.facets == Facets::kText) {
      if (format.min_length) facets.emplace_back("minLength", std::to_string(*format.min_length));
      if (format.max_length && format.max_length >= format.min_length.value_or(0))
        facets.emplace_back("maxLength", std::to_string(*format.max_length));
    } else if (base.facets != Facets::kNone) {
      const bool open = format.type == DataType::kExclusiveValueRange;
      bound(open ? "minExclusive" : "minInclusive", format.min_value);
      bound(open ? "maxExclusive" : "maxInclusive", format.max_value);
      if (base.facets == Facets::kDecimal && format.decimals)
        facets.emplace_back("fractionDigits", std::to_string(*format.decimals));
    }
    if (!format.pattern.empty()) {
      if (!is_pattern(format.pattern))
        return not_right(fmt::format("the pattern \"{}\" of {} is no regular expression of XML "
                                     "Schema",
                                     one_line(shorten(format.pattern, 80)), component.id),
                         "Correct the pattern in the data structure.");
      facets.emplace_back("pattern", format.pattern);
    }
    if (facets.empty()) return std::string(base.name);
    const std::string name = component.id + ".format";
    out_.open("xs:simpleType");
    out_.attribute("name", name);
    out_.open("xs:restriction");
    out_.attribute("base", base.name);
    for (const auto& [facet, value] : facets) {
      out_.open("xs:" + std::string(facet));
      out_.attribute("value", value);
      out_.close();
    }
    out_.close();
    out_.close();
    return name;
  }

  // ---- components that are elements (3.0)

  static bool is_complex(const FlowComponent& component) {
    return component.max_values != 1 || component.format.is_multilingual;
  }

  /// A Comp chooses its type by xsi:type. Which Comp may stand at which level no schema can say.
  void complex_types() {
    for (std::uint16_t c = 0; c < flow_.components.size(); ++c) {
      const FlowComponent& part = flow_.components[c];
      if (!is_complex(part)) continue;
      any_complex_ = true;
      const std::string value = part.id + ".value";
      out_.open("xs:complexType");
      out_.attribute("name", value);
      if (part.format.is_multilingual) {
        // Text without a language may stand by itself.
        out_.attribute("mixed", "true");
        out_.open("xs:complexContent");
        out_.open("xs:restriction");
        out_.attribute("base", "common:ValueType");
        out_.open("xs:choice");
        out_.attribute("minOccurs", "0");
        out_.open("xs:element");
        out_.attribute("ref", "common:Text");
        out_.attribute("minOccurs", "0");
        out_.attribute("maxOccurs", "unbounded");
        out_.close();
        out_.close();
      } else {
        out_.open("xs:simpleContent");
        out_.open("xs:restriction");
        out_.attribute("base", "common:ValueType");
        out_.open("xs:simpleType");
        out_.open("xs:restriction");
        out_.attribute("base", types_[c]);
        out_.close();
        out_.close();
      }
      out_.close();
      out_.close();
      out_.close();
      restriction(complex_type_name(part), "dsd:CompType", false, [&] {
        out_.open("xs:sequence");
        annotations();
        out_.open("xs:element");
        out_.attribute("name", "Value");
        out_.attribute("type", value);
        out_.attribute("form", "unqualified");
        out_.attribute("minOccurs", "0");
        out_.attribute("maxOccurs",
                       part.max_values == 0 ? "unbounded" : std::to_string(part.max_values));
        out_.close();
        out_.close();
        out_.open("xs:attribute");
        out_.attribute("name", "id");
        out_.attribute("type", "common:NCNameIDType");
        out_.attribute("use", "required");
        out_.attribute("fixed", part.id);
        out_.close();
      });
    }
  }

  void comps() {
    if (any_complex_) element("Comp", "dsd:CompType");
  }

  // ---- the levels

  template <typename Inside>
  void restriction(std::string_view name, std::string_view base, bool abstract, Inside inside) {
    out_.open("xs:complexType");
    out_.attribute("name", name);
    if (abstract) out_.attribute("abstract", "true");
    out_.open("xs:complexContent");
    out_.open("xs:restriction");
    out_.attribute("base", base);
    inside();
    out_.close();
    out_.close();
    out_.close();
  }

  void annotations() {
    out_.open("xs:element");
    out_.attribute("ref", "common:Annotations");
    out_.attribute("minOccurs", "0");
    out_.close();
  }

  void only_annotations() {
    out_.open("xs:sequence");
    annotations();
    comps();
    out_.close();
  }

  void element(std::string_view name, std::string_view type, bool many = true) {
    out_.open("xs:element");
    out_.attribute("name", name);
    out_.attribute("type", type);
    out_.attribute("form", "unqualified");
    out_.attribute("minOccurs", "0");
    if (many) out_.attribute("maxOccurs", "unbounded");
    out_.close();
  }

  void attribute(std::string_view name, std::string_view type, std::string_view use) {
    out_.open("xs:attribute");
    out_.attribute("name", name);
    out_.attribute("type", type);
    out_.attribute("use", use);
    out_.close();
  }

  void component(std::uint16_t c, bool required) {
    attribute(flow_.components[c].id, types_[c],
              required && !options_.v30 ? "required" : "optional");
  }

  /// Attributes of the structure for which `here` says so; the reporting year's first day, which
  /// the base types have at every level, is forbidden where it is not one of them.
  template <typename Here>
  void attributes(Here here) {
    bool start_day = false;
    for (std::uint16_t c = 0; c < flow_.components.size(); ++c) {
      const FlowComponent& part = flow_.components[c];
      if (part.kind != ComponentKind::kAttribute || !here(part)) continue;
      start_day = start_day || part.id == kStartDay;
      component(c, false);
    }
    if (!start_day && !options_.v30) attribute(kStartDay, "xs:gMonthDay", "prohibited");
  }

  Status groups() {
    static constexpr std::string_view reserved[] = {"GroupType", "DataSetType", "SeriesType",
                                                    "ObsType",   "AttsType",    "Group.ID"};
    if (groups_.empty()) return {};
    for (const FlowGroup& group : groups_)
      if (std::find(std::begin(reserved), std::end(reserved), group.id) != std::end(reserved) ||
          codelists_.count(group.id) > 0 ||
          std::any_of(
              flow_.components.begin(), flow_.components.end(), [&](const FlowComponent& part) {
                return options_.v30 && is_complex(part) && complex_type_name(part) == group.id;
              }))
        return not_right(fmt::format("a group of {} is called {}, as another type of its schema",
                                     flow_.name().text(), group.id));
    out_.open("xs:simpleType");
    out_.attribute("name", "Group.ID");
    out_.open("xs:restriction");
    out_.attribute("base", "common:IDType");
    for (const FlowGroup& group : groups_) {
      out_.open("xs:enumeration");
      out_.attribute("value", group.id);
      out_.close();
    }
    out_.close();
    out_.close();
    restriction("GroupType", "dsd:GroupType", true, [&] {
      only_annotations();
      attribute("type", "Group.ID", "optional");
      out_.open("xs:anyAttribute");
      out_.attribute("namespace", "##local");
      out_.close();
    });
    for (const FlowGroup& group : groups_)
      restriction(group.id, "GroupType", false, [&] {
        only_annotations();
        out_.open("xs:attribute");
        out_.attribute("name", "type");
        out_.attribute("type", "Group.ID");
        out_.attribute("use", "optional");
        out_.attribute("fixed", group.id);
        out_.close();
        for (std::uint16_t d : group.dimensions) component(d, true);
        attributes([&](const FlowComponent& part) {
          if (part.level == Kind::kGroup) return part.group == group.id;
          return part.level == Kind::kDimensions &&
                 (part.group == group.id || part.dimensions == group.dimensions);
        });
      });
    return out_.pass_on();
  }

  void dataset() {
    const auto of_dataset = [](const FlowComponent& part) { return part.level == Kind::kDataset; };
    const bool time_series = !flat_ && !options_.v30;
    restriction("DataSetType", time_series ? "dsd:TimeSeriesDataSetType" : "dsd:DataSetType", false,
                [&] {
                  out_.open("xs:sequence");
                  annotations();
                  element("DataProvider", "common:DataProviderReferenceType", false);
                  if (!groups_.empty() && !options_.v30) element("Group", "GroupType");
                  out_.open("xs:choice");
                  out_.attribute("minOccurs", "0");
                  if (options_.v30) {
                    out_.attribute("maxOccurs", "unbounded");
                    element("Atts", "AttsType");
                    if (!groups_.empty()) element("Group", "GroupType");
                  }
                  element(flat_ ? "Obs" : "Series", flat_ ? "ObsType" : "SeriesType");
                  out_.close();
                  out_.close();
                  attributes(of_dataset);
                });
    if (!options_.v30) return;
    restriction("AttsType", "dsd:AttsType", false, [&] {
      only_annotations();
      for (std::uint16_t d = 0; d < flow_.dimension_count; ++d) component(d, false);
      if (flow_.time != kNoComponent)
        component(flow_.time, false);
      else
        attribute("TIME_PERIOD", "common:ObservationalTimePeriodType", "prohibited");
      attributes([](const FlowComponent&) { return true; });
    });
  }

  void series() {
    restriction("SeriesType", options_.v30 ? "dsd:SeriesType" : "dsd:TimeSeriesType", false, [&] {
      out_.open("xs:sequence");
      annotations();
      comps();
      element("Obs", "ObsType");
      out_.close();
      attribute("TIME_PERIOD", "common:ObservationalTimePeriodType", "prohibited");
      for (std::uint16_t d = 0; d < flow_.dimension_count; ++d) component(d, true);
      attributes([](const FlowComponent& part) { return part.level == Kind::kDimensions; });
    });
  }

  void observation() {
    const bool time_series = !flat_ && !options_.v30;
    restriction("ObsType", time_series ? "dsd:TimeSeriesObsType" : "dsd:ObsType", false, [&] {
      only_annotations();
      attribute("type", "common:IDType", "prohibited");
      if (flat_)
        for (std::uint16_t d = 0; d < flow_.dimension_count; ++d) component(d, true);
      if (flow_.time != kNoComponent)
        component(flow_.time, true);
      else
        attribute("TIME_PERIOD", "common:ObservationalTimePeriodType", "prohibited");
      bool obs_value = false;
      for (std::uint16_t c = 0; c < flow_.components.size(); ++c)
        if (flow_.components[c].kind == ComponentKind::kMeasure) {
          component(c, false);
          obs_value = obs_value || flow_.components[c].id == "OBS_VALUE";
        }
      if (!obs_value && !options_.v30) attribute("OBS_VALUE", "xs:string", "prohibited");
      attributes([&](const FlowComponent& part) {
        return part.level == Kind::kObservation || (flat_ && part.level == Kind::kDimensions);
      });
    });
  }

  const FlowStructure& flow_;
  const SchemaOptions& options_;
  XmlOut out_;
  bool flat_;
  std::vector<FlowGroup> groups_;   ///< those of the DSD
  std::vector<std::string> types_;  ///< by component
  std::set<std::string> codelists_;
  bool any_complex_ = false;
};

}  // namespace
}  // namespace sdmx

std::string complex_type_name(const FlowComponent& component) {
  return component.id + (component.kind == ComponentKind::kMeasure ? "_MEASURE" : "_ATTRIBUTE");
}

std::string data_schema_namespace(const FlowStructure& structure, bool flat) {
  const bool dataflow = !structure.dataflow.empty();
  return fmt::format(
      "{}:ObsLevelDim:{}",
      urn(dataflow ? ArtefactClass::kDataflow : ArtefactClass::kDataStructure, structure.name()),
      flat || structure.time == kNoComponent ? std::string_view("AllDimensions")
                                             : structure.components[structure.time].id);
}

Status write_data_schema(const FlowStructure& structure, const ByteSink& sink,
                         const SchemaOptions& options) {
  return sdmx::SchemaWriter(structure, sink, options).write();
}

Status write_message_schema(std::span<const SchemaPlace> beside, const ByteSink& sink,
                            const SchemaOptions& options) {
  sdmx::XmlOut out(sink);
  out.raw("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
  out.open("xs:schema");
  out.attribute("xmlns:xs", "http://www.w3.org/2001/XMLSchema");
  auto import = [&](std::string_view space, const std::string& location) {
    out.open("xs:import");
    out.attribute("namespace", space);
    out.attribute("schemaLocation", location);
    out.close();
  };
  import(fmt::format("{}{}/message", sdmx::kBase, options.v30 ? "v3_0" : "v2_1"),
         options.official + "SDMXMessage.xsd");
  for (const SchemaPlace& schema : beside) import(schema.space, schema.location);
  out.close();
  out.raw("\n");
  return out.flush();
}

}  // namespace focalpost
