// SPDX-License-Identifier: Apache-2.0
#include "sdmx/header_reader.h"

#include <algorithm>
#include <array>

#include "base/clock.h"
#include "base/text.h"
#include "sdmx/detect.h"

namespace focalpost::sdmx {
namespace {

constexpr std::array<std::string_view, 15> kElements = {
    "ID",        "Test",           "Prepared",     "Sender",        "Receiver",
    "Name",      "Structure",      "DataProvider", "DataSetAction", "DataSetID",
    "Extracted", "ReportingBegin", "ReportingEnd", "EmbargoDate",   "Source"};
/// What a header of 2.0 has beside these (but Structure, DataProvider and EmbargoDate).
constexpr std::array<std::string_view, 4> kElements20 = {"Truncated", "KeyFamilyRef",
                                                         "KeyFamilyAgency", "DataSetAgency"};

bool id_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '@' || c == '$';
}

}  // namespace

Ref ref_of(const Attributes& attributes) {
  Ref ref;
  ref.agency = attributes.get("agencyID");
  std::string_view parent = attributes.get("maintainableParentID");
  ref.id = parent.data() ? parent : attributes.get("id");
  ref.version = attributes.get(parent.data() ? "maintainableParentVersion" : "version");
  return ref;
}

std::optional<bool> read_boolean(std::string_view text) {
  text = trim(text);
  if (text == "true" || text == "1") return true;
  if (text == "false" || text == "0") return false;
  return {};
}

HeaderReader::HeaderReader(DataMessage& message, FindingSink& sink, const Limits& limits,
                           bool data_message, bool v20)
    : message_(message), sink_(sink), limits_(limits), data_message_(data_message), v20_(v20) {}

void HeaderReader::report(const Rule& rule, std::string_view component, std::string_view value,
                          std::string_view expected, std::string_view detail) {
  Finding finding;
  finding.rule = &rule;
  finding.at = at_;
  finding.component = component;
  finding.value = shorten(value, 80);
  finding.expected = expected;
  finding.detail = detail;
  sink_.add(std::move(finding));
}

std::string HeaderReader::checked_id(std::string_view component, std::string_view id) {
  id = trim(id);
  if (id.empty()) {
    report(rules::header_incomplete, component, {});
  } else if (!std::all_of(id.begin(), id.end(), id_character)) {
    // QUIRK: IDType allows letters, digits, _ - @ $ only; real headers have "IREF.2019:12" and
    // "2019-01-01T10:00:00Z". The id is for people and for the log, nothing hangs on it.
    bool near = std::all_of(id.begin(), id.end(), [](char c) {
      return id_character(c) || c == '.' || c == ':' || c == '/' || c == '+' || c == ' ';
    });
    report(near ? rules::header_quirk : rules::header_value, component, id, "A-Z a-z 0-9 _ - @ $");
  }
  return shorten(id, 200);
}

void HeaderReader::start(std::string_view local, std::string_view uri, const Attributes& attributes,
                         Position at) {
  ++depth_;
  at_ = at;
  text_.clear();
  collecting_ = false;
  if (depth_ == 1) {
    element_ = local;
    const bool named =
        std::find(kElements.begin(), kElements.end(), local) != kElements.end() ||
        (v20_ && std::find(kElements20.begin(), kElements20.end(), local) != kElements20.end());
    const bool known =
        named && sdmx_namespace(uri).part == (local == "Name" && !v20_ ? "common" : "message");
    if (!known) {
      report(rules::unknown_element, local, {});
      element_.clear();
      return;
    }
    note_place(local, uri);
    if (local == "Sender") {
      has_sender_ = true;
      message_.sender = checked_id("Sender", attributes.get("id"));
    } else if (local == "Receiver") {
      if (message_.receiver.empty())
        message_.receiver = checked_id("Receiver", attributes.get("id"));
    } else if (local == "Structure") {
      if (structures_.size() >= limits_.datasets) return;
      HeaderStructure& structure = structures_.emplace_back();
      structure.id = attributes.get("structureID");
      structure.space = attributes.get("namespace");
      structure.dimension_at_observation = trim(attributes.get("dimensionAtObservation"));
      structure.explicit_measures =
          read_boolean(attributes.get("explicitMeasures")).value_or(false);
      references_ = 0;
      structure.at = at;
      if (data_message_ && structure.id.empty())
        report(rules::header_incomplete, "Structure/@structureID", {});
      if (data_message_ && structure.dimension_at_observation.empty())
        report(rules::header_incomplete, "Structure/@dimensionAtObservation", {});
    } else {
      collecting_ = true;
    }
    return;
  }
  if (depth_ == 2) second_ = local;
  if (element_ == "Structure" && !structures_.empty()) {
    HeaderStructure& structure = structures_.back();
    // Two references could mean two structures.
    if (depth_ == 2 && ++references_ > 1) report(rules::component_twice, "Structure", {});
    if (depth_ == 3 && local == "Ref" && !structure.ref.empty())
      report(rules::component_twice, "Ref", {});
    // QUIRK: the reference is of the common namespace (<com:StructureUsage>), Ref of none; tools
    // that write XML by hand mix them up.
    const SdmxNamespace space = sdmx_namespace(uri);
    const bool common = space.part == "common" && space.version == message_.version;
    if ((depth_ == 2 && !common) || (depth_ == 3 && !uri.empty()))
      report(rules::header_quirk, local, uri);
    if (depth_ == 2) {
      if (local == "Structure")
        structure.structure_class = ArtefactClass::kDataStructure;
      else if (local == "StructureUsage")
        structure.structure_class = ArtefactClass::kDataflow;
      else if (local == "ProvisionAgrement" || local == "ProvisionAgreement")
        // The schema of 2.1 writes it without its second e.
        structure.structure_class = ArtefactClass::kProvisionAgreement;
      else
        report(rules::unknown_element, local, {}, "Structure, StructureUsage, ProvisionAgrement");
      // 3.0 and later: the URN stands here itself.
      collecting_ = true;
    } else if (depth_ == 3 && local == "Ref") {
      structure.ref = ref_of(attributes);
    } else if (depth_ == 3 && local == "URN") {
      collecting_ = true;
    } else if (depth_ == 3) {
      report(rules::unknown_element, local, {}, "Ref, URN");
    }
  } else if (element_ == "DataProvider") {
    if (local == "Ref") provider_ = shorten(attributes.get("id"), 200);
    if (local == "URN") collecting_ = true;
  }
}

void HeaderReader::note_place(std::string_view local, std::string_view uri) {
  constexpr std::string_view many[] = {"Receiver", "Name", "Structure", "DataSetID", "Source"};
  const auto place = static_cast<std::size_t>(std::find(kElements.begin(), kElements.end(), local) -
                                              kElements.begin());
  if (place == kElements.size() || sdmx_namespace(uri).version == "2.0") return;
  if (seen_ >> place & 1 && std::find(std::begin(many), std::end(many), local) == std::end(many))
    report(rules::component_twice, local, {});
  // QUIRK: the elements have an order; nothing hangs on it, and some tools sort them by name.
  if (seen_ >> place > 1 && !order_reported_) {
    order_reported_ = true;
    report(rules::header_quirk, local, {}, {}, "order");
  }
  seen_ |= 1u << place;
}

void HeaderReader::characters(std::string_view text, Position at) {
  if (is_blank(text) && text_.empty()) return;
  if (!collecting_) {
    // Names and contacts of parties are not read, texts in them are nobody's business.
    if (depth_ == 0 || (depth_ == 1 && element_ == "Structure")) {
      at_ = at;
      report(rules::unexpected_text, "Header", trim(text));
    }
    return;
  }
  if (text_.size() + text.size() <= std::min<std::uint64_t>(limits_.text_bytes, 4096))
    text_ += text;
}

void HeaderReader::end() {
  if (collecting_) value_read(depth_ == 1 ? element_ : second_, text_);
  collecting_ = false;
  text_.clear();
  if (depth_ == 1) element_.clear();
  if (depth_ > 0) --depth_;
}

void HeaderReader::value_read(std::string_view element, std::string_view raw) {
  // QUIRK: ids are not of a type that drops white space around them, "<ID> X </ID>" is taken as X.
  std::string_view text = trim(raw);
  if (depth_ > 1) {
    auto urn = parse_urn(text);
    if (element_ == "DataProvider") {
      if (urn) provider_ = urn->item;
    } else if (text.empty()) {
      return;  // a Ref stood here, or nothing: finish() says so
    } else if (!structures_.empty()) {
      HeaderStructure& structure = structures_.back();
      if (urn) {
        structure.ref = urn->ref;
        structure.structure_class = urn->artefact_class;
      } else {
        report(rules::header_value, "Structure", text, "URN");
      }
    }
    return;
  }
  if (element == "ID") {
    has_id_ = true;
    message_.id = checked_id("ID", text);
  } else if (element == "Test") {
    has_test_ = true;
    auto value = read_boolean(text);
    for (bool either : {true, false})
      if (!value && ascii_iequal(text, either ? "true" : "false")) {
        // QUIRK: xs:boolean is written in small letters; spreadsheets and Python write "False".
        report(rules::header_quirk, "Test", text, "true, false");
        value = either;
      }
    if (!value) report(rules::header_value, "Test", text, "true, false");
    // What cannot be read is taken for a test: nothing is filed by mistake.
    message_.test = value.value_or(true);
    if (value.value_or(false)) report(rules::test_message, "Test", text);
  } else if (element == "Prepared") {
    has_prepared_ = true;
    message_.prepared = shorten(text, 80);
    if (std::string with_t(text); with_t.size() > 10 && with_t[10] == ' ') {
      // QUIRK: a space where xs:dateTime has its T, "2021-03-08 17:05:06".
      with_t[10] = 'T';
      if (parse_time(with_t)) {
        report(rules::header_quirk, "Prepared", text, "xs:dateTime");
        message_.prepared = with_t;
        return;
      }
    }
    if (!parse_time(text)) report(rules::header_value, "Prepared", text, "xs:dateTime");
  } else if (element == "DataSetAction") {
    action_ = shorten(text, 80);
    for (Action known :
         {Action::kReplace, Action::kAppend, Action::kDelete, Action::kInformation, Action::kMerge})
      if (text != action_name(known) && ascii_iequal(text, action_name(known))) {
        // QUIRK: actions begin with a capital; "append" and "DELETE" are seen.
        report(rules::header_quirk, "DataSetAction", text, action_name(known));
        action_ = action_name(known);
      }
  } else if (element == "DataProvider") {
    if (auto urn = parse_urn(text)) provider_ = shorten(urn->item, 200);
  } else if (element == "KeyFamilyRef") {
    key_family_.id = shorten(text, 200);
  } else if (element == "KeyFamilyAgency") {
    key_family_.agency = shorten(text, 200);
  } else if (element == "ReportingBegin") {
    reporting_begin_ = shorten(text, 80);
  } else if (element == "ReportingEnd") {
    reporting_end_ = shorten(text, 80);
  } else if (element == "Extracted" || element == "EmbargoDate") {
    if (!parse_time(text)) report(rules::header_value, element, text, "xs:dateTime");
  }
}

void HeaderReader::finish(Position at) {
  at_ = at;
  if (!has_id_) report(rules::header_incomplete, "ID", {});
  if (!has_test_) report(rules::header_incomplete, "Test", {});
  if (!has_prepared_) report(rules::header_incomplete, "Prepared", {});
  if (!has_sender_) report(rules::header_incomplete, "Sender", {});
  if (data_message_ && !v20_ && structures_.empty())
    report(rules::header_incomplete, "Structure", {});
  for (const HeaderStructure& structure : structures_)
    if (data_message_ && structure.ref.empty()) {
      at_ = structure.at;
      report(rules::header_incomplete, "Structure/Ref", {});
    }
}

}  // namespace focalpost::sdmx
