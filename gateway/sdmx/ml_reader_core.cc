// SPDX-License-Identifier: Apache-2.0
#include "sdmx/ml_reader_core.h"

#include <algorithm>

#include "sdmx/resolve.h"

namespace focalpost::sdmx {
namespace {

/// So many unknown names are listed and passed over; a file with more is another kind of file.
constexpr std::size_t kUnknownElements = 100;

MlVersion version_of(std::string_view version) {
  if (version == "2.0") return MlVersion::k20;
  if (version == "3.0") return MlVersion::k30;
  return version == "3.1" ? MlVersion::k31 : MlVersion::k21;
}

}  // namespace

MlReaderCore::MlReaderCore(const xmlSAXHandler& handlers, ByteSource& bytes,
                           const Detection& detection, const StructureLookup& lookup,
                           FindingSink& sink, const Limits& limits)
    : XmlPush(handlers, limits),
      lookup_(lookup),
      sink_(sink),
      version_(version_of(detection.version)),
      header_(message_, sink, limits, true, version_of(detection.version) == MlVersion::k20),
      input_(bytes, detection) {
  message_.format = "sdmx-ml";
  message_.version = detection.version;
  message_.root = detection.root;
  // The namespaces of a message share their beginning; 2.0 is seen with capitals and without.
  base_uri_ = detection.root_namespace.substr(0, detection.root_namespace.rfind('/') + 1);
  message_uri_ = sdmx_uri("message");
  footer_uri_ = sdmx_uri("message/footer");
  common_uri_ = sdmx_uri("common");
  xsi_uri_ = intern(kXsi);
}

const xmlChar* MlReaderCore::sdmx_uri(std::string_view part) {
  return intern(base_uri_ + std::string(part));
}

Result<ObservationBatch*> MlReaderCore::next() {
  while (!builder_.ready() && !done_) {
    FP_ASSIGN(auto text, input_.next());
    // In slices: many tiny datasets in one piece would each want a batch at the same time.
    for (std::size_t at = 0; at < text.size() && !stopped(); at += kSlice)
      feed(text.subspan(at, std::min(kSlice, text.size() - at)));
    if (text.empty() || stopped()) finish_reading();
  }
  return builder_.take();
}

// ---------------------------------------------------------------- the message around the datasets

void MlReaderCore::start_outside(const xmlChar* local, const xmlChar* uri,
                                 const Attributes& attributes) {
  const std::string_view name = view(local);
  if (outside_ == Outside::kHeader) return header_.start(name, view(uri), attributes, here());
  if (outside_ == Outside::kFooter) return footer(local, attributes);
  if (depth() == 1) return;  // the root; detect() has judged it
  if (name == "Header" && uri == message_uri_) {
    if (header_seen_ || !message_.datasets.empty()) unknown(local, {});
    header_seen_ = true;
    outside_ = Outside::kHeader;
  } else if (name == "DataSet") {
    if (dataset_space(uri)) return start_dataset(uri, attributes);
    unknown(local, "message:DataSet");
    skip_ = 1;
  } else if (name == "Footer" && uri == footer_uri_) {
    outside_ = Outside::kFooter;
  } else {
    unknown(local, "Header, DataSet");
    skip_ = 1;
  }
}

void MlReaderCore::end_outside() {
  if (outside_ == Outside::kHeader && depth() > 2) return header_.end();
  if (outside_ == Outside::kHeader) header_.finish(here());
  if (depth() == 2) outside_ = Outside::kMessage;
}

void MlReaderCore::text_outside(std::string_view text) {
  if (skip_ > 0 || outside_ == Outside::kFooter) return;
  if (outside_ == Outside::kHeader)
    header_.characters(text, here());
  else
    stray_text(text);
}

/// What the sender's own service said about this message (SDMXMessageFooter.xsd).
void MlReaderCore::footer(const xmlChar* local, const Attributes& attributes) {
  if (view(local) != "Message" || attributes.get("severity") != "Error") return;
  report(rules::header_value, "Footer", attributes.get("code"), {}, "severity=\"Error\"");
}

// ---------------------------------------------------------------------------------------- datasets

DatasetHead* MlReaderCore::open_dataset() {
  if (message_.datasets.size() >= limits_.datasets) {
    stop(rules::too_many_datasets, {}, std::to_string(limits_.datasets));
    return nullptr;
  }
  dataset_index_ = static_cast<std::uint32_t>(message_.datasets.size());
  DatasetHead& dataset = message_.datasets.emplace_back();
  dataset.at = here();
  dataset.provider = header_.provider();
  flow_.reset();
  in_dataset_ = true;
  order_reported_ = metadata_reported_ = false;
  return &dataset;
}

void MlReaderCore::use_structure(ArtefactClass structure_class, const Ref& ref) {
  DatasetHead& dataset = head();
  dataset.structure = ref;
  dataset.structure_class = structure_class;
  flow_ = resolve_structure(lookup_, structure_class, ref, dataset_index_, dataset.at, sink_);
  if (!flow_) return;
  dataset.flow = flow_;
  builder_.begin_dataset(dataset_index_, flow_);
}

KeyFamilyNames MlReaderCore::take_names20(const Attributes& attributes) {
  if (std::string_view id = attributes.get("dataProviderID"); id.data())
    head().provider = shorten(id, 200);
  KeyFamilyNames named;
  named.uri = attributes.get("keyFamilyURI");
  named.flow = attributes.get("dataflowID");
  named.flow_agency = attributes.get("dataflowAgencyID");
  return named;
}

void MlReaderCore::use_key_family(const KeyFamilyNames& named, std::string_view space) {
  const KeyFamilyChoice choice = choose_key_family(lookup_, named, header_.key_family(), space);
  if (choice.ref.empty())
    report(rules::structure_ref, "KeyFamilyRef", {});
  else
    use_structure(choice.structure_class, choice.ref);
}

void MlReaderCore::close_dataset() {
  if (flow_) {
    if (builder_.empty_dataset()) report(rules::no_observation, {}, {});
    builder_.end_dataset();
    flow_.reset();
  }
  in_dataset_ = false;
}

Action MlReaderCore::action_of(std::string_view text, bool& given) {
  if (text.data() && text.empty()) {
    // Not the same as none: somebody meant to say something.
    report(rules::unknown_action, "action", text, "Replace, Append, Delete, Information");
    return Action::kInformation;
  }
  if (!text.data()) text = header_.action();
  text = trim(text);
  given = !text.empty();
  if (text.empty()) return Action::kReplace;
  for (Action action : {Action::kReplace, Action::kAppend, Action::kDelete, Action::kInformation})
    if (text == action_name(action)) return action;
  if (v30() && text == action_name(Action::kMerge)) {
    // QUIRK: Merge came with 3.1; messages of 3.0 have it too, where Append means the same.
    if (version_ == MlVersion::k30) report(rules::header_quirk, "action", text, "Append");
    return Action::kMerge;
  }
  // QUIRK: the first version of 2.0 had Update for what is Append today.
  if (v20() && text == "Update") {
    report(rules::header_quirk, "DataSetAction", text, "Append");
    return Action::kAppend;
  }
  report(rules::unknown_action, "action", text,
         version_ == MlVersion::k31 ? "Merge, Replace, Append, Delete, Information"
                                    : "Replace, Append, Delete, Information");
  return Action::kInformation;
}

std::uint16_t MlReaderCore::find_component(std::string_view name) const {
  std::uint16_t component = flow_->find(name);
  if (component != kNoComponent || !v20()) return component;
  for (std::uint16_t c = 0; c < flow_->components.size(); ++c)
    if (flow_->components[c].source && flow_->components[c].source->concept_identity.id == name)
      return c;
  // QUIRK: the time concept of a key family may have any name, and Compact data write TIME_PERIOD
  // all the same (the standard's own sample); OBS_VALUE likewise.
  if (name == "TIME_PERIOD" || name == "TIME") return flow_->time;
  return name == "OBS_VALUE" ? flow_->measure : kNoComponent;
}

void MlReaderCore::unknown_group(std::string_view type) {
  std::vector<std::string_view> known;
  for (const FlowGroup& group : flow_->groups)
    if (!group.implied) known.push_back(group.id);
  Finding finding = make(rules::unknown_group, "Group", type);
  finding.suggestions = nearest(type, known);
  sink_.add(std::move(finding));
}

// ---------------------------------------------------------------------------------------- findings

Finding MlReaderCore::make(const Rule& rule, std::string_view component,
                           std::string_view value) const {
  Finding finding;
  finding.rule = &rule;
  finding.at = here();
  finding.dataset = dataset_here();
  finding.component = shorten(component, 80);
  finding.value = shorten(value, 80);
  return finding;
}

void MlReaderCore::report(const Rule& rule, std::string_view component, std::string_view value,
                          std::string_view expected, std::string_view detail) {
  if (!sink_.listing(dataset_here())) return sink_.count(rule, dataset_here());
  Finding finding = make(rule, component, value);
  finding.expected = expected;
  finding.detail = detail;
  sink_.add(std::move(finding));
}

void MlReaderCore::unknown(const xmlChar* local, std::string_view expected) {
  report(rules::unknown_element, view(local), {}, expected);
  if (++unknown_elements_ >= kUnknownElements)
    stop(rules::unsupported_message, shorten(view(local), 80), "unknown-element");
}

void MlReaderCore::misordered(const xmlChar* local) {
  if (order_reported_ || !flow_) return;
  order_reported_ = true;
  report(rules::unknown_element, view(local), {}, {}, "order");
}

void MlReaderCore::misplaced(std::uint16_t component, std::string_view name,
                             std::span<const std::string_view> series) {
  const Rule& rule = component == kNoComponent ? rules::unknown_component : rules::wrong_level;
  if (!sink_.listing(dataset_index_)) return sink_.count(rule, dataset_index_);
  Finding finding = make(rule, name, {});
  if (component == kNoComponent) {
    std::vector<std::string_view> known;
    for (const FlowComponent& one : flow_->components) known.push_back(one.id);
    finding.suggestions = nearest(name, known);
  } else {
    finding.expected = level_name(*flow_, flow_->components[component]);
  }
  if (!series.empty()) finding.series = flow_->series_key(series);
  sink_.add(std::move(finding));
}

void MlReaderCore::stray_text(std::string_view text) {
  if (is_blank(text)) return;
  // libxml2 may give one text in pieces; what counts is that there is one.
  Position at = here();
  if (at.line == last_text_line_) return;
  last_text_line_ = at.line;
  report(rules::unexpected_text, {}, trim(text));
}

void MlReaderCore::metadata_left_out() {
  if (metadata_reported_) return;
  metadata_reported_ = true;
  report(rules::metadata_left_out, "Metadata", {});
}

void MlReaderCore::finish_reading() {
  done_ = true;
  finish(input_.fault());
  for (const XmlFault& prefix : undeclared_prefixes()) {
    // QUIRK: a prefix without a declaration is a namespace error; "xsi" is forgotten so often,
    // and means so little here, that it is let pass.
    Finding finding;
    finding.rule = prefix.value == "xsi" ? &rules::header_quirk : prefix.rule;
    finding.at = prefix.at;
    finding.component = "xmlns:" + prefix.value;
    finding.detail = prefix.detail;
    sink_.add(std::move(finding));
  }
  if (const auto& broken = fault()) {
    Finding finding;
    finding.rule = broken->rule;
    finding.at = broken->at;
    finding.value = broken->value;
    finding.detail = broken->detail;
    if (input_.fault()) finding.suggestions = input_.fault()->suggestions;
    sink_.add(std::move(finding));
    if (builder_.in_dataset()) builder_.end_dataset();
    return;
  }
  if (!header_seen_) {
    Finding finding;
    finding.rule = &rules::header_incomplete;
    finding.component = "Header";
    sink_.add(std::move(finding));
  }
  if (message_.datasets.empty()) {
    Finding finding;
    finding.rule = &rules::no_dataset;
    sink_.add(std::move(finding));
  }
}

}  // namespace focalpost::sdmx
