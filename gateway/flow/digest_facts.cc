// SPDX-License-Identifier: Apache-2.0
#include "flow/digest_facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <tuple>
#include <unordered_map>

#include "base/log.h"
#include "base/text.h"
#include "compose/names.h"
#include "flow/bounces.h"
#include "flow/desk_data.h"
#include "flow/duties.h"
#include "flow/export.h"
#include "store/merge.h"

namespace focalpost {
namespace {

using Codes = std::map<std::string, std::vector<std::string>>;

std::string country_at_top(const FlowStructure& flow, std::string_view area) {
  const FlowComponent& dimension = flow.components[flow.ref_area];
  std::int32_t code = dimension.coded() ? dimension.codes->find(area) : kNoCode;
  for (std::size_t up = 0; code >= 0 && up < 10; ++up) {
    const std::int32_t parent = dimension.codes->parent(code);
    if (parent < 0) return std::string(dimension.codes->id(code));
    code = parent;
  }
  return std::string(area);
}

std::optional<double> finite_number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return {};
  return value;
}

/// The most frequent first.
int frequency_rank(std::string_view freq) {
  constexpr std::string_view kOrder = "DWMQTSA";
  const auto place = freq.size() == 1 ? kOrder.find(freq.front()) : kOrder.npos;
  return place == kOrder.npos ? int(kOrder.size()) : int(place);
}

/// How many years of a frequency a small picture shows.
int years_drawn(std::string_view freq) {
  return freq == "M" || freq == "W" || freq == "D" ? 2 : freq == "Q" || freq == "S" ? 4 : 10;
}

/// One indicator's changes for one viewer.
class FlowNews {
 public:
  FlowNews(Home& home, const Viewer& viewer, Time since, std::shared_ptr<const FlowStructure> flow)
      : home_(home), viewer_(viewer), since_(since), flow_(std::move(flow)) {}

  Status read(News& news) {
    FP_TRY(read_changed());
    if (cells_.empty() && others_.empty()) return {};
    FP_TRY(read_before());
    judge_all();
    for (auto& [key, change] : changes_) {
      if (!change.any()) continue;
      auto& codes = news.areas[change.flow][change.provider][change.area];
      const auto& met = areas_[key];
      codes.insert(met.begin(), met.end());
      told_.insert(change.area);
      news.changes.push_back(std::move(change));
    }
    return read_charts(news);
  }

 private:
  using Whose = std::pair<std::string, std::string>;  ///< country and provider
  struct Cell {
    std::uint32_t series;
    Period period;
    CellState state;
    std::string value, status;
    std::string provider;
  };
  struct Series {
    std::shared_ptr<const FlowStructure> structure;
    std::string key, measure, area, country, freq;
  };
  struct Before {
    bool shown = false;  ///< else it was there, and what it was is not said any more
    std::string value;
  };

  static std::string cell_key(std::string_view key, std::string_view measure, Period period) {
    return fmt::format("{}|{}|{}", key, measure, period.text());
  }

  Status read_changed() {
    Selection selection;
    selection.dataflow = flow_->dataflow;
    selection.since = since_;
    ObservationReader reader(home_.store().database(), home_.snapshot());
    return reader.read(selection, viewer_, [&](const DataBatch& batch) -> Status {
      for (const DataBatch::Series& from : batch.series) take(batch, from);
      return {};
    });
  }

  void take(const DataBatch& batch, const DataBatch::Series& from) {
    const FlowStructure& structure = *from.structure;
    Series series;
    series.structure = structure.data_structure == flow_->data_structure ? flow_ : from.structure;
    series.key = from.key;
    series.measure = from.measure;
    if (structure.ref_area < structure.dimension_count) {
      series.area = std::string(from.parts[structure.ref_area]);
      series.country = country_at_top(structure, series.area);
    }
    if (structure.freq < structure.dimension_count)
      series.freq = std::string(from.parts[structure.freq]);
    for (std::uint16_t d = 0; d < structure.dimension_count; ++d)
      codes_[structure.components[d].id].emplace(from.parts[d]);
    const auto number = static_cast<std::uint32_t>(series_.size());
    for (std::uint32_t c = from.first; c < from.first + from.count; ++c) {
      const DataBatch::Cell& cell = batch.cells[c];
      if (cell.state == CellState::kWithheld) continue;
      if (!first_ || cell.period.first_day() < first_->first_day()) first_ = cell.period;
      if (!last_ || cell.period.end_day() > last_->end_day()) last_ = cell.period;
      if (cells_.size() >= kCellsCompared) {
        if (cell.state != CellState::kShown) continue;
        ++others_[{series.country, std::string(cell.provider)}];
        areas_[{series.country, std::string(cell.provider)}].insert(series.area);
        continue;
      }
      cells_.push_back({number, cell.period, cell.state,
                        cell.has_value ? std::string(cell.value) : std::string(),
                        std::string(cell.status), std::string(cell.provider)});
    }
    series_.push_back(std::move(series));
  }

  /// What the same viewer could see of these cells at the beginning.
  Status read_before() {
    Selection selection;
    selection.dataflow = flow_->dataflow;
    selection.as_of = since_;
    selection.from = first_;
    selection.to = last_;
    for (const auto& [dimension, codes] : codes_)
      if (codes.size() <= kCodesCompared)
        selection.codes[dimension].assign(codes.begin(), codes.end());
    std::unordered_map<std::string, bool> wanted;
    for (const Cell& cell : cells_) wanted[series_[cell.series].key] = true;
    ObservationReader reader(home_.store().database(), home_.snapshot());
    return reader.read(selection, viewer_, [&](const DataBatch& batch) -> Status {
      for (const DataBatch::Series& from : batch.series) {
        if (!wanted.contains(from.key)) continue;
        for (std::uint32_t c = from.first; c < from.first + from.count; ++c) {
          const DataBatch::Cell& cell = batch.cells[c];
          if (cell.state != CellState::kWithheld)
            before_.try_emplace(cell_key(from.key, from.measure, cell.period),
                                Before{cell.state == CellState::kShown,
                                       cell.has_value ? std::string(cell.value) : std::string()});
        }
      }
      return {};
    });
  }

  DigestChange& change_of(const std::string& country, const std::string& provider) {
    auto [place, fresh] = changes_.try_emplace(Whose{country, provider});
    if (fresh) {
      place->second.flow = flow_->dataflow.id;
      place->second.area = country;
      place->second.provider = provider;
      place->second.structure = flow_;
    }
    return place->second;
  }

  void judge_all() {
    for (const Cell& cell : cells_) judge(cell);
    for (const auto& [whose, count] : others_) change_of(whose.first, whose.second).others += count;
  }

  void judge(const Cell& cell) {
    const Series& series = series_[cell.series];
    const auto known = before_.find(cell_key(series.key, series.measure, cell.period));
    const bool withdrawn = cell.state == CellState::kWithdrawn;
    // What is withheld is no news; what was withdrawn is some if it had been there.
    if (cell.state == CellState::kWithheld || (withdrawn && known == before_.end())) return;
    DigestChange& change = change_of(series.country, cell.provider);
    areas_[{series.country, cell.provider}].insert(series.area);
    if (withdrawn) {
      ++change.withdrawn;
      return;
    }
    const bool was = known != before_.end() && known->second.shown;
    ++(was ? change.revised : change.added);
    if (!change.first || cell.period.first_day() < change.first->first_day())
      change.first = cell.period;
    if (!change.last || cell.period.end_day() > change.last->end_day()) change.last = cell.period;
    auto& freqs = freqs_[series.country];
    if (freqs.empty() || frequency_rank(series.freq) < frequency_rank(freqs)) freqs = series.freq;
    if (!was || cell.value == known->second.value) return;
    const auto from = finite_number(known->second.value), to = finite_number(cell.value);
    if (!from || !to) return;
    const double relative = std::fabs(*to - *from) / std::max(std::fabs(*from), 1.0);
    if (change.largest && change.largest->relative >= relative) return;
    change.structure = series.structure;
    change.largest =
        DigestRevision{series.key, cell.period, known->second.value, cell.value, relative};
  }

  /// The totals of countries of which something is told, each at the most frequent frequency of
  /// what came.
  Status read_charts(News& news) {
    if (flow_->ref_area >= flow_->dimension_count || flow_->freq >= flow_->dimension_count)
      return {};
    std::map<std::string, std::vector<std::string>> by_freq;
    for (const auto& [country, freq] : freqs_)
      if (told_.count(country)) by_freq[freq].push_back(country);
    const std::int64_t newest = last_ ? last_->end_day() - 1 : 0;
    for (const auto& [freq, countries] : by_freq) {
      Selection selection;
      selection.dataflow = flow_->dataflow;
      for (std::uint16_t d = 0; d < flow_->dimension_count; ++d)
        if (const std::string_view usual = usual_code(flow_->components[d]); !usual.empty())
          selection.codes[flow_->components[d].id] = {std::string(usual)};
      selection.codes[flow_->components[flow_->freq].id] = {freq};
      selection.codes[flow_->components[flow_->ref_area].id] = countries;
      selection.from = Period::containing(
          PeriodKind::kYear, newest - static_cast<std::int64_t>(years_drawn(freq)) * 366);
      FP_ASSIGN(AnswerData data, read_data(home_, flow_, selection, viewer_));
      for (const AnswerTable& table : data.tables)
        for (const std::string& country : countries) add_chart(table, country, news);
    }
    return {};
  }

  static void add_chart(const AnswerTable& table, const std::string& country, News& news) {
    auto one = std::make_shared<AnswerTable>();
    one->flow = table.flow;
    one->freq = table.freq;
    one->collect = table.collect;
    one->multiplier = table.multiplier;
    std::size_t first = table.periods.size();
    for (const AnswerSeries& series : table.series) {
      if (series.codes[table.flow->ref_area] != country) continue;
      one->series.push_back(series);
      for (std::size_t p = 0; p < first; ++p)
        if (series.cells[p].mark != CellMark::kNothing) first = p;
    }
    if (one->series.empty()) return;
    one->periods.assign(table.periods.begin() + static_cast<std::ptrdiff_t>(first),
                        table.periods.end());
    for (AnswerSeries& series : one->series)
      series.cells.erase(series.cells.begin(),
                         series.cells.begin() + static_cast<std::ptrdiff_t>(first));
    news.charts.push_back(std::move(one));
  }

  Home& home_;
  const Viewer& viewer_;
  Time since_;
  std::shared_ptr<const FlowStructure> flow_;
  std::vector<Series> series_;
  std::vector<Cell> cells_;
  std::map<Whose, std::uint64_t> others_;
  std::map<std::string, std::set<std::string>> codes_;
  std::optional<Period> first_, last_;
  std::unordered_map<std::string, Before> before_;
  std::map<Whose, DigestChange> changes_;
  std::map<Whose, std::set<std::string>> areas_;
  std::map<std::string, std::string> freqs_;  ///< by country
  std::set<std::string> told_;                ///< countries
};

Status read_definitions_filed(Home& home, News& news) {
  FP_ASSIGN(auto filed, home.store().metadata().read({}, home.lookup(), news.viewer));
  for (const FiledMetadata& one : filed) {
    if (one.filed_at <= news.since || one.filed_at > news.viewer.now) continue;
    DigestDefinition& definition = news.definitions.emplace_back();
    definition.flow = one.dataflow.id;
    definition.provider = one.provider;
    definition.areas = home.lookup().areas_covered(
        one.provider, one.dataflow.empty() ? nullptr : &one.dataflow, news.viewer.now);
    for (const auto& flow : home.lookup().flows())
      if (flow->ref_area < flow->dimension_count) {
        definition.areas = flow->countries_among(std::move(definition.areas));
        break;
      }
  }
  return {};
}

/// The names of a structure; nothing: this program shows none of its kind.
const Texts* names_of_structure(const Structures& all, const ChangedStructure& changed) {
  const Texts* names = nullptr;
  auto look = [&](const auto& list) {
    for (const auto& one : list)
      if (one.ref.agency == changed.agency && one.ref.id == changed.id &&
          one.ref.version == changed.version)
        names = &one.names;
  };
  if (changed.artefact_class == "Codelist") look(all.codelists);
  if (changed.artefact_class == "DataStructure") look(all.data_structures);
  if (changed.artefact_class == "Dataflow") look(all.dataflows);
  if (changed.artefact_class == "DataProviderScheme") look(all.organisation_schemes);
  if (changed.artefact_class == "MetadataStructure") look(all.metadata_structures);
  return names;
}

Status read_structures_changed(Home& home, News& news) {
  constexpr std::size_t kMost = 500;
  FP_ASSIGN(auto changed, home.store().changed_structures(news.since, news.viewer.now, kMost));
  for (const ChangedStructure& one : changed) {
    const Texts* names = names_of_structure(home.lookup().structures(), one);
    if (!names) continue;
    news.structures.push_back({one.artefact_class, one.id, one.version, *names});
  }
  return {};
}

bool is_of(const std::vector<std::string>& wanted, const std::string& one) {
  return wanted.empty() || among(wanted, one);
}
bool is_of_any(const std::vector<std::string>& wanted, const std::vector<std::string>& some) {
  return wanted.empty() || std::any_of(some.begin(), some.end(),
                                       [&](const std::string& one) { return among(wanted, one); });
}

bool knows_of(const Viewer& viewer, const AgreementTerms& terms) {
  if (terms.audience == "public") return true;
  if (viewer.institution.empty()) return false;
  if (terms.agreement->provider.id == viewer.institution || terms.audience == "network")
    return true;
  if (terms.audience == "institution") return false;
  for (std::string_view country : split(terms.audience, ' '))
    if (among(viewer.areas, std::string(country))) return true;
  return false;
}

std::uint64_t days_waited(Time since, Time now) {
  return now <= since ? 0
                      : static_cast<std::uint64_t>(
                            std::chrono::floor<std::chrono::days>(now - since).count());
}

}  // namespace

Result<News> read_news(Home& home, const Viewer& viewer, Time since) {
  News news;
  news.viewer = viewer;
  news.since = since;
  for (const auto& flow : home.lookup().flows()) {
    if (flow->dataflow.empty()) continue;
    FlowNews one(home, viewer, since, flow);
    FP_TRY(one.read(news));
  }
  FP_TRY(read_definitions_filed(home, news));
  FP_TRY(read_structures_changed(home, news));
  return news;
}

void cut_out(const News& news, const std::vector<std::string>& flows,
             const std::vector<std::string>& areas, DigestFacts& facts) {
  for (const DigestChange& change : news.changes)
    if (is_of(flows, change.flow) && is_of(areas, change.area)) facts.changes.push_back(change);
  for (const auto& chart : news.charts)
    if (is_of(flows, chart->flow->name().id) &&
        is_of(areas, chart->series.front().codes[chart->flow->ref_area]))
      facts.charts.push_back(chart);
  for (const DigestDefinition& one : news.definitions)
    if ((one.flow.empty() ? flows.empty() : is_of(flows, one.flow)) && is_of_any(areas, one.areas))
      facts.definitions.push_back(one);
  // Of a selection what it is made of; lists of codes and the roster are the whole network's.
  for (const DigestStructure& one : news.structures)
    if (flows.empty() || (one.artefact_class == "Dataflow" && is_of(flows, one.id)))
      facts.structures.push_back(one);
}

namespace {

/// The changes of an indicator and an institution, a file for each country, in one reading.
Status write_changes(Home& home, const News& news, const std::string& flow_id,
                     const std::string& provider, ChangeFiles& written) {
  std::shared_ptr<const FlowStructure> flow;
  for (const auto& one : home.lookup().flows())
    if (one->dataflow.id == flow_id) flow = one;
  const auto& countries = news.areas.at(flow_id).at(provider);
  Selection selection;
  selection.dataflow = flow->dataflow;
  selection.since = news.since;
  std::vector<std::string> all;
  for (const auto& [country, codes] : countries) all.insert(all.end(), codes.begin(), codes.end());
  if (flow->ref_area < flow->dimension_count)
    selection.codes[flow->components[flow->ref_area].id] = std::move(all);
  std::size_t bytes = 0;
  const auto targets = [&](const ExportSeen&) -> Result<std::vector<ExportTarget>> {
    std::vector<ExportTarget> made;
    for (const auto& [country, codes] : countries) {
      mime::OutgoingAttachment& file = written[{&news, flow_id, provider, country}];
      file.name = countries.size() == 1 ? fmt::format("{}.{}.csv", flow_id, provider)
                                        : fmt::format("{}.{}.{}.csv", flow_id, provider, country);
      file.media_type = "text/csv; charset=utf-8";
      ExportTarget& target = made.emplace_back();
      target.format = {DataFormat::kCsv20, false};
      target.format.for_people = true;  // who gets it opens it; a gateway takes it off again
      target.areas.insert(codes.begin(), codes.end());
      target.sink = [&file, &bytes](std::string_view piece) -> Status {
        bytes += piece.size();
        if (file.bytes.size() + piece.size() > kDigestFileBytes || bytes > 8 * kDigestFileBytes) {
          file.name.clear();  // too large; the others go on
          file.bytes.clear();
        }
        if (!file.name.empty()) file.bytes += piece;
        return {};
      };
    }
    return made;
  };
  auto count =
      export_selection(home, flow, selection, news.viewer, news.viewer.now, targets, provider);
  if (count.ok()) return {};
  if (count.error().retry_helps()) return count.take_error();
  // What one indicator cannot say as a file is in the text all the same.
  log::warning(count.error().what);
  for (const auto& [country, codes] : countries) written[{&news, flow_id, provider, country}] = {};
  return {};
}

}  // namespace

Status attach_changes(Home& home, const News& news, ChangeFiles& written, DigestFacts& facts) {
  std::size_t bytes = 0;
  for (const DigestChange& change : facts.changes) {
    const ChangeFiles::key_type key{&news, change.flow, change.provider, change.area};
    if (!written.contains(key))
      FP_TRY(write_changes(home, news, change.flow, change.provider, written));
    const mime::OutgoingAttachment& file = written[key];
    if (file.name.empty() || facts.files.size() == kDigestFiles ||
        bytes + file.bytes.size() > kDigestFileBytes) {
      facts.files_left_out = true;
      continue;
    }
    bytes += file.bytes.size();
    facts.files.push_back(file);
  }
  std::sort(facts.files.begin(), facts.files.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  return {};
}

void add_due(Home& home, const Viewer& viewer, std::chrono::days ahead, DigestFacts& facts) {
  DutyBook book(home, facts.until);
  for (const Duty& duty : duties(book.lookup(), facts.until, facts.until + ahead)) {
    const AgreementTerms& terms = *duty.terms;
    if (!knows_of(viewer, terms) || !is_of(facts.flows, terms.flow->dataflow.id)) continue;
    auto areas = terms.flow->countries_among(terms.areas());
    if (!is_of_any(facts.areas, areas)) continue;
    facts.due.push_back({terms.flow->dataflow.id, terms.agreement->provider.id, std::move(areas),
                         duty.period, Time{std::chrono::days(book.due_day(duty))}});
  }
}

Result<bool> add_waiting(Home& home, const RosterEntry& reader, DigestFacts& facts) {
  const StructureLookup& lookup = home.lookup();
  const bool coordinates = reader.has_role("coordinator");
  const std::string& own = reader.provider.id;
  bool news = false;
  FP_ASSIGN(auto open, home.store().requests().open());
  for (const Request& request : open) {
    const RosterEntry* with = lookup.contact(request.with.address);
    const bool asked = request.provider == own;
    const bool ours = request.with.provider == own;
    if (!asked && !ours && !(coordinates && with && looks_after(lookup, reader, *with))) continue;
    news = news || (coordinates && request.opened > facts.since);
    facts.requests.push_back({request.name(), request.areas, request.flows, request.with.provider,
                              asked && !ours, days_waited(request.opened, facts.until)});
  }
  if (!coordinates) return news;
  FP_ASSIGN(auto held, home.store().dockets().held());
  for (const HeldItem& item : held) {
    const RosterEntry* sender = lookup.contact(item.address);
    if (!sender || !looks_after(lookup, reader, *sender)) continue;
    news = news || item.finished > facts.since;
    facts.held.push_back(
        {item.number.text(), item.provider, item.path, days_waited(item.finished, facts.until)});
  }
  constexpr std::size_t kMostDead = 100;
  FP_ASSIGN(auto dead, home.store().correspondents().dead(kMostDead));
  for (const AddressTrouble& trouble : dead) {
    const RosterEntry* contact = lookup.contact(trouble.address);
    if (!contact || !looks_after(lookup, reader, *contact)) continue;
    const Time since = trouble.dead_since.value_or(trouble.first);
    news = news || since > facts.since;
    facts.dead.push_back({trouble.address, contact->provider.id, since});
  }
  return news;
}

void add_kept(const StructureLookup& lookup, const RosterEntry& reader,
              const std::vector<Timeliness>& all, DigestFacts& facts) {
  for (const Timeliness& one : all) {
    const auto& roster = lookup.roster();
    const auto contact = std::find_if(roster.begin(), roster.end(), [&](const RosterEntry& entry) {
      return entry.provider.id == one.provider;
    });
    if (one.promised == 0 || contact == roster.end() || !looks_after(lookup, reader, *contact))
      continue;
    facts.kept.push_back(
        {one.provider, one.promised, one.in_time, one.late, one.missed, one.extended});
  }
}

}  // namespace focalpost
