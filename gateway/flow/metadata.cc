// SPDX-License-Identifier: Apache-2.0
#include "flow/metadata.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "flow/export.h"
#include "flow/metadata_form.h"
#include "sdmx/metadata_reader.h"
#include "store/metadata.h"
#include "validation/metadata_judge.h"

namespace focalpost {
namespace {

/// What the gateway itself says of a description: when it was filed.
void add_automatic(const StructureLookup& lookup, const FiledMetadata& filed,
                   std::vector<ReportedAttribute>& attributes) {
  const MetadataStructure* structure = lookup.metadata_structure(filed.structure);
  auto shape = structure ? report_shape(lookup, *structure, {}) : std::nullopt;
  if (!shape) return;
  for (const ConceptShape& one : shape->concepts)
    if (one.automatic && one.attribute->parent < 0) {
      ReportedAttribute added;
      added.id = one.attribute->id;
      added.value = format_rfc3339(filed.filed_at).substr(0, 10);
      attributes.push_back(std::move(added));
    }
}

/// The flow of a metadata structure: the latest that names it.
Ref flow_of(const StructureLookup& lookup, const Ref& structure) {
  const Metadataflow* best = nullptr;
  for (const Metadataflow& flow : lookup.structures().metadataflows)
    if (flow.structure.agency == structure.agency && flow.structure.id == structure.id &&
        (!best || version_less(best->ref.version, flow.ref.version)))
      best = &flow;
  return best ? best->ref : structure;
}

std::string target_urn(const StructureLookup& lookup, const FiledMetadata& filed) {
  if (filed.dataflow.empty()) {
    for (const OrganisationScheme& scheme : lookup.structures().organisation_schemes)
      if (scheme.scheme_class == ArtefactClass::kDataProviderScheme)
        for (const Organisation& one : scheme.organisations)
          if (one.id == filed.provider)
            return fmt::format("urn:sdmx:org.sdmx.infomodel.base.DataProvider={}.{}",
                               scheme.ref.text(), one.id);
    return {};
  }
  const ProvisionAgreement* best = nullptr;
  for (const AgreementTerms& terms : lookup.agreements()) {
    const ProvisionAgreement& agreement = *terms.agreement;
    if (agreement.provider.id == filed.provider &&
        agreement.dataflow.agency == filed.dataflow.agency &&
        agreement.dataflow.id == filed.dataflow.id &&
        (!best || version_less(best->ref.version, agreement.ref.version)))
      best = &agreement;
  }
  return best ? urn(ArtefactClass::kProvisionAgreement, best->ref) : std::string();
}

}  // namespace

Status examine_metadata(ExaminedFile& file, ByteSource& bytes, const Detection& detection,
                        const ExamineContext& context) {
  FP_ASSIGN(auto sets,
            read_metadata(bytes, detection, file.findings, *context.limits, file.message));
  file.metadata.emplace();
  for (std::size_t i = 0; i < sets.size(); ++i)
    for (MetadataDescription& description :
         judge_metadata(sets[i], static_cast<std::uint32_t>(i), *context.lookup, context.provider,
                        file.findings))
      file.metadata->descriptions.push_back(std::move(description));
  if (sets.empty() && file.findings.errors() == 0) {
    Finding finding;
    finding.rule = &rules::no_dataset;
    file.findings.add(std::move(finding));
  }
  file.metadata->sets = std::move(sets);
  return {};
}

Status examine_form(ExaminedFile& file, ByteSource& bytes, const ExamineContext& context) {
  file.message.format = "form";
  file.kind = "form";
  file.metadata.emplace();
  FP_ASSIGN(auto set,
            read_form(bytes, *context.lookup, context.provider, *context.limits, file.findings));
  if (!set) return {};
  file.metadata->descriptions =
      judge_metadata(*set, 0, *context.lookup, context.provider, file.findings);
  file.metadata->sets.push_back(std::move(*set));
  return {};
}

Status file_metadata(Home& home, const ExaminedFile& file, std::int64_t docket, Time now,
                     const MetadataRights& rights, Item& item) {
  MetadataOrigin origin;
  origin.docket = docket;
  origin.item = item.number;
  origin.filed_at = now;
  origin.prepared = parse_time(file.message.prepared);
  FP_ASSIGN(Savepoint savepoint, Savepoint::begin(home.store().database()));
  bool changed = false, revised = false, older = false;
  for (const MetadataDescription& description : file.metadata->descriptions) {
    DatasetOutcome outcome;
    outcome.structure = description.structure.text();
    outcome.name_lang_id = description.dataflow.empty() ? "" : description.dataflow.text();
    outcome.action = description.action;
    outcome.observations = description.attributes.size();
    if (description.action != Action::kInformation) {
      FP_ASSIGN(MetadataFiled filed,
                home.store().metadata().file(description, origin, rights.accepted));
      outcome.change = std::move(filed.change);
      older = older || filed.older;
    }
    changed = changed || outcome.change.changed();
    revised = revised || outcome.change.revised + outcome.change.withdrawn > 0;
    item.datasets.push_back(std::move(outcome));
  }
  if (item.test) {
    item.outcome = Outcome::kTested;
    return savepoint.rollback();
  }
  if (!rights.released && (!rights.file || (revised && !rights.revise)))
    item.hold = HoldReason::kAssurance;
  else if (older)
    item.hold = HoldReason::kOlder;
  if (item.hold != HoldReason::kNone) {
    item.outcome = Outcome::kHeld;
    return savepoint.rollback();
  }
  item.outcome = changed ? Outcome::kFiled : Outcome::kUnchanged;
  return savepoint.release();
}

std::optional<MetadataFormat> metadata_format(std::string_view name) {
  if (name == "metadata-2.1") return MetadataFormat::k21;
  if (name == "metadata-3.0") return MetadataFormat::k30;
  return {};
}

Result<std::size_t> export_metadata(Home& home, const MetadataRequest& request, Time now,
                                    const ByteSink& sink) {
  const StructureLookup& lookup = home.lookup();
  MetadataSelection selection;
  selection.provider = request.provider;
  const Metadataflow* named = nullptr;
  for (const Metadataflow& flow : lookup.structures().metadataflows)
    if (flow.ref.id == request.name || flow.ref.text() == request.name) named = &flow;
  if (named) {
    selection.structure = named->structure;
  } else {
    FP_ASSIGN(auto flow, find_dataflow(lookup, request.name));
    selection.dataflow = flow->dataflow;
  }
  if (!request.as_of.empty()) {
    auto moment = parse_time(request.as_of);
    if (!moment)
      return usage_error(fmt::format("--as-of {} is not a date", one_line(request.as_of)),
                         "Write 2026-03-01, or 2026-03-01T09:30:00Z.");
    if (request.as_of.find('T') == request.as_of.npos)
      *moment += std::chrono::days(1) - std::chrono::milliseconds(1);
    selection.as_of = moment;
  }
  FP_ASSIGN(Viewer viewer, viewer_named(lookup, request.viewer, now));
  FP_ASSIGN(auto found, home.store().metadata().read(selection, lookup, viewer));
  std::vector<OutgoingMetadata> sets;
  for (FiledMetadata& filed : found) {
    OutgoingMetadata& out = sets.emplace_back();
    const MetadataStructure* structure = lookup.metadata_structure(filed.structure);
    const std::string urn = target_urn(lookup, filed);
    if (!structure || structure->reports.empty() || urn.empty()) {
      sets.pop_back();
      continue;
    }
    const ReportStructure& report_structure = structure->reports.front();
    out.metadataflow = flow_of(lookup, filed.structure);
    out.set.structure = structure->ref;
    out.set.ref = {filed.structure.agency,
                   legal_id(fmt::format("{}_{}_{}", out.metadataflow.id, filed.provider,
                                        filed.dataflow.id.empty() ? "ALL" : filed.dataflow.id)),
                   fmt::format("{}.0", filed.version)};
    out.set.names = structure->names;
    MetadataReport& report = out.set.reports.emplace_back();
    report.id = report_structure.id;
    report.target_id = report_structure.targets.empty() ? "" : report_structure.targets.front();
    std::string object;
    for (const MetadataTarget& target : structure->targets)
      if (target.id == report.target_id && !target.objects.empty())
        object = target.objects.front().id;
    report.targets.push_back({object, urn, {}});
    report.attributes = std::move(filed.attributes);
    add_automatic(lookup, filed, report.attributes);
  }
  if (sets.empty())
    return not_right(fmt::format("nothing is described for {}{}", one_line(request.name),
                                 request.provider.empty() ? "" : " by " + request.provider),
                     "Providers describe their data by mail; `focalpost form` writes the form.");
  OutgoingHeader header;
  header.id = legal_id(fmt::format("METADATA_{}", format_rfc3339(now)));
  header.prepared = format_rfc3339(now);
  header.sender = "FOCALPOST";
  FP_TRY(write_metadata(sets, header, sink, request.format));
  return sets.size();
}

}  // namespace focalpost
