// SPDX-License-Identifier: Apache-2.0
#include "flow/export.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <unordered_map>

#include "base/text.h"
#include "store/merge.h"
#include "store/reader.h"

namespace focalpost {
namespace {

std::string listed(const std::vector<std::string>& words) {
  std::string all;
  for (const std::string& word : words) all += (all.empty() ? "" : ", ") + word;
  return all;
}

std::string shown(std::string_view text) {
  return one_line(shorten(text, 80));
}

/// A moment; a date alone is its first one, or the last one before the next day.
Result<std::optional<Time>> moment(const char* option, std::string_view text, bool end_of_day) {
  if (text.empty()) return std::optional<Time>();
  auto time = parse_time(text);
  if (!time)
    return usage_error(fmt::format("{} {} is not a date", option, shown(text)),
                       "Write 2026-03-01, or 2026-03-01T09:30:00Z.");
  if (end_of_day && text.find('T') == text.npos)
    *time += std::chrono::days(1) - std::chrono::milliseconds(1);
  return std::optional<Time>(*time);
}

Result<std::optional<Period>> period(const char* option, std::string_view text) {
  if (text.empty()) return std::optional<Period>();
  auto period = Period::parse(text);
  if (!period)
    return usage_error(fmt::format("{} {} is not a time period", option, shown(text)),
                       "Write 2026, 2026-Q1, 2026-03 or 2026-03-31.");
  return period;
}

/// A period as the structure wants it spelled.
std::string time_text(const FlowComponent& time, Period period) {
  switch (time.format.type) {
    case DataType::kReportingTimePeriod:
    case DataType::kReportingYear:
    case DataType::kReportingMonth:
    case DataType::kReportingDay:
      break;
    default:
      return period.text();
  }
  switch (period.kind()) {
    case PeriodKind::kYear:
      return period.text() + "-A1";
    case PeriodKind::kMonth: {
      std::string text = period.text();
      return text.insert(text.size() - 2, "M");
    }
    case PeriodKind::kDay: {
      const auto year = Period::at(PeriodKind::kYear, period.year());
      return fmt::format("{}-D{:03}", year.text(), period.first_day() - year.first_day() + 1);
    }
    default:
      return period.text();
  }
}

/// The structure under the dataflow that refers to it, so that the message names the dataflow.
std::shared_ptr<const FlowStructure> under_dataflow(
    const StructureLookup& lookup, const Ref& dataflow,
    const std::shared_ptr<const FlowStructure>& structure) {
  std::shared_ptr<const FlowStructure> best;
  for (const Dataflow& known : lookup.structures().dataflows) {
    if (known.ref.agency != dataflow.agency || known.ref.id != dataflow.id) continue;
    auto flow = lookup.flow(known.ref);
    if (!flow || flow->data_structure != structure->data_structure) continue;
    if (!best || version_less(best->dataflow.version, flow->dataflow.version)) best = flow;
  }
  return best ? best : structure;
}

/// Where a data provider stands in the structures.
std::optional<ProviderRef> provider_ref(const StructureLookup& lookup, std::string_view id) {
  for (const OrganisationScheme& scheme : lookup.structures().organisation_schemes)
    if (scheme.scheme_class == ArtefactClass::kDataProviderScheme)
      for (const Organisation& provider : scheme.organisations)
        if (provider.id == id) return ProviderRef{scheme.ref, provider.id};
  return {};
}

using Areas = std::set<std::string, std::less<>>;

struct GroupValues {
  std::uint16_t group = 0;
  std::vector<std::string> key;  ///< by dimension; "" where the group has none
  std::vector<std::pair<std::uint16_t, std::string>> values;
  std::set<std::string> datasets;  ///< in which it is met
};

/// Everything that is exported of one DSD version.
struct Part {
  std::shared_ptr<const FlowStructure> structure;  ///< under its dataflow
  Ref data_structure;
  bool has_q = false;  ///< OBS_STATUS may be Q
  std::vector<GroupValues> groups;
  std::vector<std::unordered_map<std::string, std::size_t>> group_places;  ///< by group and key
  Areas providers;                        ///< of what is not deleted
  std::map<std::string, Areas> datasets;  ///< with the areas met; see dataset_of()
  bool deletes = false;
  Areas deleted_areas;
};

std::string group_key(const FlowGroup& group, const std::vector<std::string_view>& parts) {
  std::string key;
  for (std::uint16_t d : group.dimensions) {
    if (!key.empty()) key += '.';
    if (d < parts.size()) key += parts[d];
  }
  return key;
}

/// A value that is not for everybody, at this moment.
bool is_confidential(const DataBatch::Cell& cell, Time now) {
  if (cell.conf.empty() || cell.conf == "F") return false;
  return cell.conf != "E" || !cell.visible_at || now < *cell.visible_at;
}

/// Feeds several messages that differ in format and in which series they take.
class Fan {
 public:
  Fan(Home& home, std::vector<ExportTarget> targets) {
    for (ExportTarget& target : targets) {
      Blade& blade = blades_.emplace_back();
      blade.area = std::move(target.area);
      blade.freq = std::move(target.freq);
      blade.areas = std::move(target.areas);
      DataWriteOptions options;
      options.flat = target.format.flat;
      options.for_people = target.format.for_people;
      blade.writer = make_data_writer(target.format.format, std::move(target.sink), options,
                                      home.settings().limits);
    }
  }

  Status begin(const OutgoingMessage& message) {
    for (Blade& blade : blades_) FP_TRY(blade.writer->begin(message));
    return {};
  }
  Status begin_dataset(const OutgoingDataset& dataset) {
    flow_ = dataset.structure;
    for (Blade& blade : blades_) {
      FP_TRY(blade.writer->begin_dataset(dataset));
      blade.feed = std::make_unique<RowFeed>(*blade.writer, flow_);
    }
    return {};
  }
  Status group(std::uint16_t group, const std::vector<std::string_view>& key,
               const std::vector<OutgoingValue>& values) {
    for (Blade& blade : blades_)
      if (blade.takes(*flow_, key)) FP_TRY(blade.feed->group(group, key, values));
    return {};
  }
  Status series(const std::vector<std::string_view>& key,
                const std::vector<OutgoingValue>& values) {
    for (Blade& blade : blades_) {
      blade.open = blade.takes(*flow_, key);
      if (blade.open) FP_TRY(blade.feed->series(key, values));
    }
    return {};
  }
  Status observation(std::string_view time, const std::vector<OutgoingValue>& values) {
    for (Blade& blade : blades_)
      if (blade.open) FP_TRY(blade.feed->observation(time, values));
    return {};
  }
  Status end_dataset() {
    for (Blade& blade : blades_) {
      FP_TRY(blade.feed->finish());
      blade.feed.reset();
      FP_TRY(blade.writer->end_dataset());
    }
    return {};
  }
  Status end() {
    for (Blade& blade : blades_) FP_TRY(blade.writer->end());
    return {};
  }

 private:
  struct Blade {
    std::string area, freq;
    Areas areas;
    std::unique_ptr<MessageWriter> writer;
    std::unique_ptr<RowFeed> feed;
    bool open = false;  ///< takes the present series

    /// What a group's key leaves open fits.
    bool takes(const FlowStructure& flow, const std::vector<std::string_view>& key) const {
      auto fits = [&](std::uint16_t place, const std::string& wanted) {
        return wanted.empty() ||
               (place < key.size() && (key[place].empty() || key[place] == wanted));
      };
      const bool one_of = areas.empty() || flow.ref_area >= key.size() ||
                          key[flow.ref_area].empty() || areas.contains(key[flow.ref_area]);
      return one_of && fits(flow.ref_area, area) && fits(flow.freq, freq);
    }
  };
  std::vector<Blade> blades_;
  std::shared_ptr<const FlowStructure> flow_;
};

class Export {
 public:
  Export(Home& home, Viewer viewer, Selection selection, std::string_view provider)
      : only_(provider),
        lookup_(home.snapshot()),
        database_(home.store().database()),
        reader_(database_, lookup_),
        viewer_(std::move(viewer)),
        selection_(std::move(selection)),
        changes_(selection_.since.has_value()) {}

  /// `message` names the structure that an empty message is of.
  Result<ExportCount> write(Home& home, const ExportTargets& targets, OutgoingMessage message);

 private:
  using Attributes = std::map<std::string, std::string>;

  Status survey();
  void note(const Part& part, const DataBatch::Series& series);
  Part& part_of(const std::shared_ptr<const FlowStructure>& structure);
  void add_groups(Part& part) const;
  bool agree(const Part& part) const;
  /// Which of the datasets of a part a provider's cells go to.
  std::string dataset_of(std::string_view provider) const {
    return dataset_attributes_.contains(provider) ? std::string(provider) : std::string();
  }
  /// `of`: the one dataset meant, if there are several.
  Status write_dataset(Fan& fan, const Part& part, const std::string* of, const Areas& areas,
                       bool deletes);
  Status write_series(Fan& fan, const Part& part, const std::string* of, bool deletes,
                      const DataBatch& batch, const DataBatch::Series& series);

  bool wanted(const DataBatch::Cell& cell) const { return only_.empty() || cell.provider == only_; }

  std::string only_;  ///< provider; empty: any
  std::shared_ptr<const StructureLookup> lookup_;
  Database& database_;
  ObservationReader reader_;
  Viewer viewer_;
  Selection selection_;
  bool changes_;
  std::vector<AttachedAttribute> attributes_;
  std::map<std::string, Attributes, std::less<>> dataset_attributes_;  ///< by provider
  std::vector<std::unique_ptr<Part>> parts_;
  std::vector<OutgoingValue> values_;
  ExportSeen seen_;
  ExportCount count_;
};

Part& Export::part_of(const std::shared_ptr<const FlowStructure>& structure) {
  for (auto& part : parts_)
    if (part->data_structure == structure->data_structure) return *part;
  Part& part = *parts_.emplace_back(std::make_unique<Part>());
  part.structure = under_dataflow(*lookup_, selection_.dataflow, structure);
  part.data_structure = structure->data_structure;
  if (std::uint16_t status = part.structure->obs_status; status != kNoComponent) {
    const auto& codes = part.structure->components[status].codes;
    part.has_q = !codes || codes->find("Q") >= 0;
  }
  add_groups(part);
  return part;
}

/// The attributes whose target is "g:GROUP:CODES", the codes in the order of the group's
/// dimensions.
void Export::add_groups(Part& part) const {
  const FlowStructure& flow = *part.structure;
  part.group_places.resize(flow.groups.size());
  for (const AttachedAttribute& attribute : attributes_) {
    const std::string_view target = attribute.target;
    const auto colon = target.find(':', 2);
    const std::uint16_t component = flow.find(attribute.component);
    if (!target.starts_with("g:") || colon == target.npos || component == kNoComponent) continue;
    const FlowGroup* group = flow.find_group(target.substr(2, colon - 2));
    const std::string_view key = target.substr(colon + 1);
    const auto codes = split(key, '.');
    if (!group || codes.size() != group->dimensions.size()) continue;
    const auto g = static_cast<std::uint16_t>(group - flow.groups.data());
    auto [place, fresh] = part.group_places[g].try_emplace(std::string(key), part.groups.size());
    if (fresh) {
      GroupValues& made = part.groups.emplace_back();
      made.group = g;
      made.key.resize(flow.dimension_count);
      for (std::size_t i = 0; i < codes.size(); ++i)
        if (group->dimensions[i] < flow.dimension_count) made.key[group->dimensions[i]] = codes[i];
    }
    auto& values = part.groups[place->second].values;
    if (std::none_of(values.begin(), values.end(),
                     [&](const auto& v) { return v.first == component; }))
      values.emplace_back(component, attribute.value);
  }
}

/// What of a series the targets are chosen by.
void Export::note(const Part& part, const DataBatch::Series& series) {
  const FlowStructure& flow = *part.structure;
  if (seen_.data_structure.empty() ||
      version_less(seen_.data_structure.version, part.data_structure.version))
    seen_.data_structure = part.data_structure;
  for (std::uint16_t d = 0; d < flow.dimension_count && d < series.parts.size(); ++d) {
    auto& codes = seen_.codes[flow.components[d].id];
    if (auto code = std::string(series.parts[d]); !codes.contains(code))
      codes.insert(std::move(code));
  }
  if (flow.ref_area >= series.parts.size()) return;
  auto& freqs = seen_.areas[std::string(series.parts[flow.ref_area])];
  if (flow.freq < series.parts.size()) freqs.emplace(series.parts[flow.freq]);
}

/// Reads once: which structures, datasets and groups there are.
Status Export::survey() {
  FP_ASSIGN(attributes_, reader_.attributes(selection_.dataflow, viewer_, selection_.as_of));
  // Of the same thing said under two DSD versions the newer counts.
  std::stable_sort(attributes_.begin(), attributes_.end(),
                   [](const auto& a, const auto& b) { return a.filed_at > b.filed_at; });
  for (const AttachedAttribute& attribute : attributes_)
    if (attribute.target.starts_with("d:"))
      dataset_attributes_[attribute.target.substr(2)].try_emplace(attribute.component,
                                                                  attribute.value);
  auto look = [&](const DataBatch& batch) -> Status {
    for (const DataBatch::Series& series : batch.series) {
      Part& part = part_of(series.structure);
      const std::uint16_t place = part.structure->ref_area;
      const std::string_view area = place < series.parts.size() ? series.parts[place] : "";
      std::set<std::string> datasets;
      std::string_view last;
      for (std::uint32_t c = series.first; c < series.first + series.count; ++c) {
        const DataBatch::Cell& cell = batch.cells[c];
        if (!wanted(cell)) continue;
        if (cell.state == CellState::kWithdrawn) {
          if (!changes_) continue;
          part.deletes = true;
          if (!part.deleted_areas.contains(area)) part.deleted_areas.emplace(area);
          continue;
        }
        if (!seen_.first || cell.period.first_day() < seen_.first->first_day())
          seen_.first = cell.period;
        if (!seen_.last || cell.period.end_day() > seen_.last->end_day()) seen_.last = cell.period;
        if (last != cell.provider || !last.data()) {
          last = cell.provider;
          if (!part.providers.contains(last)) part.providers.emplace(last);
          const std::string dataset = dataset_of(last);
          if (datasets.insert(dataset).second) part.datasets[dataset].emplace(area);
        }
      }
      if (datasets.empty()) continue;
      note(part, series);
      for (std::size_t g = 0; g < part.group_places.size(); ++g) {
        if (part.group_places[g].empty()) continue;
        const auto known =
            part.group_places[g].find(group_key(part.structure->groups[g], series.parts));
        if (known != part.group_places[g].end())
          part.groups[known->second].datasets.insert(datasets.begin(), datasets.end());
      }
    }
    return {};
  };
  FP_TRY(reader_.read(selection_, viewer_, look));
  std::erase_if(parts_, [](const auto& part) { return !part->deletes && part->providers.empty(); });
  return {};
}

/// Whether all providers met say the same of their datasets.
bool Export::agree(const Part& part) const {
  static const Attributes none;
  const Attributes* first = nullptr;
  for (const std::string& provider : part.providers) {
    auto found = dataset_attributes_.find(provider);
    const Attributes* own = found == dataset_attributes_.end() ? &none : &found->second;
    if (first && *first != *own) return false;
    first = own;
  }
  return true;
}

Status Export::write_dataset(Fan& fan, const Part& part, const std::string* of, const Areas& areas,
                             bool deletes) {
  const auto& flow = part.structure;
  if (deletes && flow->measure_count > 1)
    return not_right(fmt::format("{} has several measures, and one alone cannot be taken back",
                                 flow->name().text()),
                     "Export without --changes-since.");
  OutgoingDataset dataset;
  dataset.structure = flow;
  dataset.action = deletes                   ? Action::kDelete
                   : flow->measure_count > 1 ? Action::kAppend
                                             : Action::kReplace;
  if (!deletes) {
    const std::string& provider = of ? *of : *part.providers.begin();
    if (auto own = dataset_attributes_.find(provider); own != dataset_attributes_.end())
      for (const auto& [id, value] : own->second)
        if (std::uint16_t component = flow->find(id); component != kNoComponent)
          dataset.attributes.push_back({component, value});
    if (of && !of->empty()) dataset.provider = provider_ref(*lookup_, *of);
  }
  FP_TRY(fan.begin_dataset(dataset));
  ++count_.datasets;
  if (!deletes) {
    std::vector<OutgoingValue> values;
    for (const GroupValues& group : part.groups) {
      if (of ? !group.datasets.contains(*of) : group.datasets.empty()) continue;
      std::vector<std::string_view> key(group.key.begin(), group.key.end());
      for (std::string_view& code : key)
        if (code.empty()) code = {};
      values.clear();
      for (const auto& [component, value] : group.values) values.push_back({component, value});
      FP_TRY(fan.group(group.group, key, values));
    }
  }
  // Where there are several datasets, each reads only the areas that it has.
  Selection selection = selection_;
  if (flow->ref_area < flow->dimension_count && !areas.empty() && areas.size() <= 1000)
    selection.codes[flow->components[flow->ref_area].id].assign(areas.begin(), areas.end());
  auto write = [&](const DataBatch& batch) -> Status {
    for (const DataBatch::Series& series : batch.series)
      if (series.structure->data_structure == part.data_structure)
        FP_TRY(write_series(fan, part, of, deletes, batch, series));
    return {};
  };
  FP_TRY(reader_.read(selection, viewer_, write));
  return fan.end_dataset();
}

Status Export::write_series(Fan& fan, const Part& part, const std::string* of, bool deletes,
                            const DataBatch& batch, const DataBatch::Series& series) {
  const FlowStructure& flow = *part.structure;
  const std::uint16_t measure = flow.find(series.measure);
  bool begun = false;
  std::vector<OutgoingValue>& values = values_;
  for (std::uint32_t c = series.first; c < series.first + series.count; ++c) {
    const DataBatch::Cell& cell = batch.cells[c];
    if ((cell.state == CellState::kWithdrawn) != deletes || !wanted(cell)) continue;
    if (!deletes && of && dataset_of(cell.provider) != *of) continue;
    if (!begun) {
      const auto attributes = read_attributes_json(series.attributes);
      values.clear();
      if (!deletes)
        for (const auto& [id, value] : attributes)
          if (std::uint16_t component = flow.find(id); component != kNoComponent)
            values.push_back({component, value});
      FP_TRY(fan.series(series.parts, values));
      begun = true;
      ++count_.series;
    }
    values.clear();
    std::string embargo;
    std::vector<std::pair<std::string, std::string>> others;
    if (deletes) {
      ++count_.withdrawn;
    } else if (cell.state == CellState::kWithheld) {
      if (part.has_q) values.push_back({flow.obs_status, "Q"});
      if (!cell.conf.empty() && flow.conf_status != kNoComponent)
        values.push_back({flow.conf_status, cell.conf});
      if (cell.reason == WithheldReason::kEmbargo && cell.visible_at &&
          flow.embargo_time != kNoComponent) {
        embargo = format_rfc3339(*cell.visible_at);
        values.push_back({flow.embargo_time, embargo});
      }
      ++count_.withheld;
    } else {
      if (cell.has_value && measure != kNoComponent) values.push_back({measure, cell.value});
      if (!cell.status.empty() && flow.obs_status != kNoComponent)
        values.push_back({flow.obs_status, cell.status});
      if (!cell.conf.empty() && flow.conf_status != kNoComponent)
        values.push_back({flow.conf_status, cell.conf});
      if (!cell.attributes.empty()) {
        others = read_attributes_json(cell.attributes);
        for (const auto& [id, value] : others)
          if (std::uint16_t component = flow.find(id); component != kNoComponent)
            values.push_back({component, value});
      }
      if (cell.has_value && is_confidential(cell, viewer_.now)) ++count_.confidential;
    }
    if (!deletes) ++count_.observations;
    if (flow.time == kNoComponent) {
      FP_TRY(fan.observation({}, values));
    } else {
      const std::string time = time_text(flow.components[flow.time], cell.period);
      FP_TRY(fan.observation(time, values));
    }
  }
  return {};
}

Result<ExportCount> Export::write(Home& home, const ExportTargets& targets,
                                  OutgoingMessage message) {
  // One state of the store for all that is read.
  FP_ASSIGN(Savepoint state, Savepoint::begin(database_));
  FP_TRY(survey());
  FP_ASSIGN(auto wanted, targets(seen_));
  Fan writer(home, std::move(wanted));
  count_.dataflow = selection_.dataflow;
  if (!parts_.empty()) message.structures.clear();
  for (const auto& part : parts_) message.structures.push_back(part->structure);
  FP_TRY(writer.begin(message));
  if (parts_.empty()) {
    OutgoingDataset nothing;
    nothing.structure = message.structures.front();
    FP_TRY(writer.begin_dataset(nothing));
    FP_TRY(writer.end_dataset());
  }
  for (const auto& part : parts_)
    if (part->deletes) FP_TRY(write_dataset(writer, *part, nullptr, part->deleted_areas, true));
  for (const auto& part : parts_) {
    if (part->providers.empty()) continue;
    if (agree(*part)) {
      FP_TRY(write_dataset(writer, *part, nullptr, {}, false));
      continue;
    }
    for (const auto& [provider, areas] : part->datasets)
      FP_TRY(write_dataset(writer, *part, &provider, areas, false));
  }
  FP_TRY(writer.end());
  FP_TRY(state.release());
  return count_;
}

}  // namespace

Result<std::shared_ptr<const FlowStructure>> find_dataflow(const StructureLookup& lookup,
                                                           std::string_view name) {
  const auto flows = lookup.flows();
  auto wanted = parse_ref(name);
  std::vector<std::string> known, same;
  std::shared_ptr<const FlowStructure> found;
  if (wanted)
    for (const auto& flow : flows) {
      const Ref& ref = flow->dataflow;
      if (ref.id != wanted->id || (!wanted->agency.empty() && ref.agency != wanted->agency))
        continue;
      same.push_back(Ref{ref.agency, ref.id, ""}.text());
      found = flow;
    }
  if (same.size() > 1)
    return usage_error(fmt::format("several dataflows are called {}", shown(name)),
                       fmt::format("Say which: {}.", listed(same)));
  if (found && !wanted->version.empty()) {
    Ref exact = found->dataflow;
    exact.version = wanted->version;
    auto flow = lookup.flow(exact);
    if (flow && flow->dataflow.version == exact.version) return flow;
    return usage_error(fmt::format("the dataflow {} is not known", exact.text()),
                       fmt::format("The newest version is {}.", found->dataflow.text()));
  }
  if (found) return found;
  for (const auto& flow : flows) known.push_back(flow->dataflow.id);
  std::vector<std::string_view> ids(known.begin(), known.end());
  auto near = nearest(wanted ? std::string_view(wanted->id) : name, ids);
  std::string to_do = known.empty()  ? "No dataflow is known here: load structures first."
                      : near.empty() ? fmt::format("Known are: {}.", listed(known))
                                     : fmt::format("Did you mean {}?", listed(near));
  return usage_error(fmt::format("the dataflow \"{}\" is not known", shown(name)),
                     std::move(to_do));
}

Result<std::map<std::string, std::vector<std::string>>> parse_key(const FlowStructure& flow,
                                                                  std::string_view key) {
  std::map<std::string, std::vector<std::string>> codes;
  key = trim(key);
  if (key.empty() || key == "all") return codes;
  std::string form;
  for (std::uint16_t d = 0; d < flow.dimension_count; ++d)
    form += (d > 0 ? "." : "") + flow.components[d].id;
  auto parts = split(key, '.');
  while (parts.size() > flow.dimension_count && parts.back().empty()) parts.pop_back();
  if (parts.size() > flow.dimension_count)
    return usage_error(fmt::format("the key {} has {} parts and {} has {} dimensions", shown(key),
                                   parts.size(), flow.name().text(), flow.dimension_count),
                       fmt::format("Its keys are {}.", form));
  for (std::uint16_t d = 0; d < parts.size(); ++d) {
    if (parts[d].empty() || parts[d] == "*") continue;
    const FlowComponent& dimension = flow.components[d];
    for (std::string_view code : split(parts[d], '+')) {
      if (code.empty() || (dimension.codes && dimension.codes->find(code) < 0)) {
        auto near =
            dimension.codes ? nearest(code, dimension.codes->ids()) : std::vector<std::string>();
        return usage_error(
            fmt::format("\"{}\" is not a code of {}", shown(code), dimension.id),
            (near.empty() ? std::string() : fmt::format("Did you mean {}? ", listed(near))) +
                fmt::format("Keys are {}.", form));
      }
      codes[dimension.id].emplace_back(code);
    }
  }
  return codes;
}

Result<Viewer> viewer_named(const StructureLookup& lookup, std::string_view name, Time now) {
  if (name.empty()) return Viewer{{}, {}, true, now};
  if (name == "public") return Viewer::public_at(now);
  if (!provider_ref(lookup, name)) {
    std::vector<std::string_view> known = {"public"};
    for (const OrganisationScheme& scheme : lookup.structures().organisation_schemes)
      if (scheme.scheme_class == ArtefactClass::kDataProviderScheme)
        for (const Organisation& provider : scheme.organisations) known.push_back(provider.id);
    auto near = nearest(name, known);
    return usage_error(
        fmt::format("the institution \"{}\" is not known", shown(name)),
        near.empty() ? "Say public, or the id of a data provider, such as one in an agreement."
                     : fmt::format("Did you mean {}?", listed(near)));
  }
  Viewer viewer{std::string(name), {}, false, now};
  viewer.areas = lookup.areas_covered(name, nullptr, now);
  return viewer;
}

Result<ExportCount> export_observations(Home& home, const ExportRequest& request, Time now,
                                        const ByteSink& sink) {
  FP_ASSIGN(auto flow, find_dataflow(home.lookup(), request.dataflow));
  Selection selection;
  selection.dataflow = flow->dataflow;
  FP_ASSIGN(selection.codes, parse_key(*flow, request.key));
  FP_ASSIGN(selection.from, period("--from", request.from));
  FP_ASSIGN(selection.to, period("--until", request.until));
  FP_ASSIGN(selection.as_of, moment("--as-of", request.as_of, true));
  FP_ASSIGN(selection.since, moment("--changes-since", request.changes_since, false));
  if (selection.as_of && selection.since)
    return usage_error("--as-of and --changes-since cannot go together",
                       "Ask for the state at a moment, or for what changed after one.");
  FP_ASSIGN(Viewer viewer, viewer_named(home.lookup(), request.viewer, now));
  return export_selection(home, flow, selection, viewer, request.format, now, sink);
}

Result<ExportCount> export_selection(Home& home, const std::shared_ptr<const FlowStructure>& flow,
                                     const Selection& selection, const Viewer& viewer,
                                     const OutputFormat& format, Time now, const ByteSink& sink) {
  return export_selection(home, flow, selection, viewer, now, [&](const ExportSeen&) {
    return Result<std::vector<ExportTarget>>({ExportTarget{format, {}, {}, sink}});
  });
}

Result<ExportCount> export_selection(Home& home, const std::shared_ptr<const FlowStructure>& flow,
                                     const Selection& selection, const Viewer& viewer,
                                     Time prepared, const ExportTargets& targets,
                                     std::string_view provider) {
  OutgoingMessage message;
  std::string time = format_rfc3339(prepared), id = flow->dataflow.id + "-";
  for (char c : time)
    if (c != '-' && c != ':') id += c;
  message.header.id = legal_id(id);
  message.header.prepared = std::move(time);
  message.header.sender = legal_id(home.settings().domain());
  if (!viewer.institution.empty()) message.header.receiver = legal_id(viewer.institution);
  if (flow->names_of) message.header.names = flow->names_of->names;
  message.structures = {flow};
  return Export(home, viewer, selection, provider).write(home, targets, std::move(message));
}

Structures structures_of(const StructureLookup& lookup, const FlowStructure& flow) {
  const Structures& all = lookup.structures();
  Structures some;
  std::set<Ref> lists, schemes;
  for (const FlowComponent& component : flow.components) {
    if (component.codes) lists.insert(component.codes->list().ref);
    if (component.source) schemes.insert(component.source->concept_identity.scheme);
  }
  auto resolved = [](const Ref& wanted, const Ref& known) {
    return wanted.agency == known.agency && wanted.id == known.id &&
           (wanted.version.empty() || wanted.version == known.version);
  };
  auto among = [&](const std::set<Ref>& refs, const Ref& known) {
    return std::any_of(refs.begin(), refs.end(),
                       [&](const Ref& wanted) { return resolved(wanted, known); });
  };
  for (const ConceptScheme& scheme : all.concept_schemes)
    if (among(schemes, scheme.ref)) {
      some.concept_schemes.push_back(scheme);
      for (const Concept& one : scheme.concepts)
        if (one.core && one.core->enumeration) lists.insert(*one.core->enumeration);
    }
  for (const Codelist& list : all.codelists)
    if (among(lists, list.ref)) some.codelists.push_back(list);
  for (const DataStructure& structure : all.data_structures)
    if (structure.ref == flow.data_structure) some.data_structures.push_back(structure);
  for (const Dataflow& dataflow : all.dataflows)
    if (dataflow.ref == flow.dataflow) some.dataflows.push_back(dataflow);
  return some;
}

}  // namespace focalpost
