// SPDX-License-Identifier: Apache-2.0
#include "store/reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "model/decimal.h"
#include "store/disclosure.h"

namespace focalpost {
namespace {

constexpr const char* kFlows = "SELECT id,data_structure FROM flow WHERE dataflow=? ORDER BY id";
constexpr const char* kFiling = "SELECT provider,agreement,filed_at FROM filing WHERE id=?";
constexpr const char* kSeriesOfKey =
    "SELECT id,key,measure,attributes,attributes_filing FROM series WHERE flow=? AND key=?";
constexpr const char* kSeriesOfKeys =
    "SELECT id,key,measure,attributes,attributes_filing FROM series "
    "WHERE flow=? AND key>=? AND key<?";
constexpr const char* kCountOfKeys =
    "SELECT count(*) FROM (SELECT 1 FROM series WHERE flow=? AND key>=? AND key<? LIMIT ?)";
constexpr const char* kSeriesOfArea =
    "SELECT id,key,measure,attributes,attributes_filing FROM series WHERE flow=? AND area=?";
constexpr const char* kSeriesOfFlow =
    "SELECT id,key,measure,attributes,attributes_filing FROM series WHERE flow=?";
constexpr const char* kSeriesHistory =
    "SELECT filing,attributes FROM series_history WHERE series=?";
constexpr const char* kCells =
    "SELECT period,value,status,conf,attributes,visible_at,withdrawn,filing FROM observation "
    "WHERE series=? AND period BETWEEN ? AND ? ORDER BY period";
constexpr const char* kCellsBackwards =
    "SELECT period,value,status,conf,attributes,visible_at,withdrawn,filing FROM observation "
    "WHERE series=? AND period BETWEEN ? AND ? ORDER BY period DESC";
constexpr const char* kVersions =
    "SELECT period,value,status,conf,attributes,visible_at,withdrawn,filing FROM history "
    "WHERE series=? AND period=?";
// What is or was not free; few rows, by an index of their own.
constexpr const char* kMarkedCells =
    "SELECT period,conf,visible_at FROM observation INDEXED BY observation_not_free "
    "WHERE series=? AND conf<>'F'";
constexpr const char* kMarkedVersions =
    "SELECT DISTINCT period FROM history WHERE series=? AND conf<>'F'";
// Of at most so many series with marked cells: are any of this flow?
constexpr int kMarkedSeries = 100;
constexpr const char* kAnyMarked =
    "SELECT count(*), total(s.flow=?) FROM (SELECT DISTINCT series FROM observation "
    "INDEXED BY observation_not_free WHERE conf<>'F' LIMIT ?) m CROSS JOIN series s ON "
    "s.id=m.series";
constexpr const char* kFilers = "SELECT DISTINCT provider,agreement FROM filing WHERE flow=?";
constexpr const char* kChangedByFiling =
    "SELECT s.id,s.area FROM filing_series c CROSS JOIN series s ON s.id=c.series "
    "WHERE c.filing>? AND s.flow=?";
constexpr const char* kChangedByTime =
    "SELECT s.id,s.area FROM filing f CROSS JOIN filing_series c ON c.filing=f.id "
    "CROSS JOIN series s ON s.id=c.series WHERE f.filed_at>? AND f.flow=?";
constexpr const char* kChangedByEmbargo =
    "SELECT s.id,s.area FROM observation o CROSS JOIN series s ON s.id=o.series "
    "WHERE o.visible_at>? AND o.visible_at<=? AND s.flow=?";
constexpr const char* kOddPeriod = "SELECT 1 FROM period WHERE kind='' LIMIT 1";
constexpr const char* kAttributes =
    "SELECT a.target,a.component,a.value,a.filing,a.flow FROM flow f JOIN attribute a "
    "ON a.flow=f.id WHERE f.dataflow=?";
constexpr const char* kAttributeHistory =
    "SELECT value,filing FROM attribute_history WHERE flow=? AND target=? AND component=?";

/// Beginnings of keys that are looked up one by one.
constexpr std::size_t kBeginnings = 4000;
/// So many of them are not worth asking first how many series there are.
constexpr std::size_t kFewLookups = 50;

/// Behind every key that begins so; `beginning` ends in a dot.
std::string end_of(std::string beginning) {
  beginning.back() = '.' + 1;
  return beginning;
}

/// A row of `observation` or `history`; the texts live until the statement's next step.
struct Version {
  std::int64_t period = 0;
  bool has_value = false;
  std::string_view value, status, conf, attributes;
  std::optional<Time> visible_at;
  bool withdrawn = false;
  std::int64_t filing = 0;
};

Version version_of(const Statement& row) {
  Version v;
  v.period = row.integer(0);
  v.has_value = !row.is_null(1);
  v.value = row.text(1);
  v.status = row.text(2);
  v.conf = row.text(3);
  v.attributes = row.text(4);
  if (!row.is_null(5)) v.visible_at = from_millis(row.integer(5));
  v.withdrawn = row.integer(6) != 0;
  v.filing = row.integer(7);
  return v;
}

/// Why a version is withheld from others at a moment.
WithheldReason withheld(const Version& v, Time at) {
  if (v.conf.empty() || v.conf == "F") return WithheldReason::kNone;
  if (v.conf != "E" || !v.visible_at) return WithheldReason::kConfidential;
  return at < *v.visible_at ? WithheldReason::kEmbargo : WithheldReason::kNone;
}

std::optional<double> number_in(const Version& v) {
  Decimal number;
  if (!v.has_value || read_number(v.value, &number) == NumberForm::kNone ||
      number.exponent == kTooLarge)
    return {};
  return number.to_double();
}

std::string unversioned(Ref ref) {
  ref.version.clear();
  return ref.text();
}

}  // namespace

/// One read() or attributes(): what it asks, and what it has learned about filings on the way.
class ObservationReader::Pass {
 public:
  Pass(ObservationReader& reader, const Viewer& viewer)
      : statements_(reader.statements_), structures_(*reader.structures_), viewer_(viewer) {}

  Status read(const Selection& selection, const Sink& sink);
  Result<std::vector<AttachedAttribute>> attributes(const Ref& dataflow, std::optional<Time> as_of);

 private:
  struct Filing {
    std::string provider;
    Time filed_at{};
    bool own = false;
    bool allowed = false;  ///< the viewer is in its audience
  };
  struct Series {
    std::int64_t id = 0;
    std::string key, measure, attributes;
    std::int64_t attributes_filing = 0;
    bool asked = false;
    std::vector<std::int32_t> codes;  ///< one per dimension and one for the measure
  };
  /// What the viewer gets for a cell; nothing if `given` is false.
  struct Shown {
    bool given = false;
    CellState state = CellState::kShown;
    WithheldReason reason = WithheldReason::kNone;
    Version version;
  };
  /// By period, which series of the group are hidden for others' sake.
  using Residual = std::unordered_map<std::int64_t, std::vector<bool>>;

  Result<const Filing*> filing(std::int64_t id);
  bool in_audience(std::string_view agreement) const;
  bool privileged(const Filing& f) const { return viewer_.coordinator || f.own; }
  Status set_range();
  bool in_range(std::int64_t period) const;
  Status read_flow(std::int64_t flow, std::shared_ptr<const FlowStructure> structure);
  Status find_changed(std::int64_t flow);
  Result<bool> nothing_hidden(std::int64_t flow);
  /// Whether fewer series than so many have one of these beginnings.
  Result<bool> fewer_series(std::int64_t flow, const std::vector<std::string>& beginnings,
                            std::size_t than);
  template <typename Bind>
  Status list(const char* sql, Bind bind, std::vector<Series>& found);
  Status read_group(std::vector<Series>& group);
  Result<Residual> residual(const std::vector<Series>& group);
  Result<Version> version_at(const Series& series, const Version& newest, Time at, bool everything,
                             bool& existed, bool& found);
  Result<bool> wanted(const Version& newest);
  Result<Shown> judge(const Series& series, const Version& newest);
  Result<std::string> series_attributes(const Series& series);
  template <typename Each>
  Status each_cell(const char* sql, const Series& series, Each each);
  Status flush();

  Statements& statements_;
  const StructureLookup& structures_;
  const Viewer& viewer_;
  const Selection* selection_ = nullptr;
  const Sink* sink_ = nullptr;
  std::optional<Time> as_of_;
  bool bounded_ = false;
  std::int64_t low_ = INT64_MIN, high_ = INT64_MAX;  ///< period numbers
  std::int64_t first_day_ = INT64_MIN, end_day_ = INT64_MAX;
  std::shared_ptr<const FlowStructure> structure_;
  bool all_own_ = false;      ///< every filing of the flow is the viewer's
  bool all_allowed_ = false;  ///< the viewer is in the audience of every one
  std::vector<const CodeTable*> tables_;
  std::unordered_map<std::int64_t, Filing> filings_;
  std::int64_t last_filing_id_ = 0;  ///< neighbours mostly come from one filing
  const Filing* last_filing_ = nullptr;
  std::unordered_set<std::int64_t> changed_;
  std::unordered_set<std::string> changed_areas_;
  bool changed_without_area_ = false;
  std::string old_value_, old_status_, old_conf_, old_attributes_;
  DataBatch batch_;
};

bool ObservationReader::Pass::in_audience(std::string_view agreement) const {
  auto ref = parse_ref(agreement);
  if (!ref) return false;
  const AgreementTerms* terms = nullptr;
  for (const AgreementTerms& t : structures_.agreements()) {
    const Ref& r = t.agreement->ref;
    if (r.agency != ref->agency || r.id != ref->id) continue;
    if (!terms || version_less(terms->agreement->ref.version, r.version)) terms = &t;
  }
  if (!terms) return false;
  std::string_view audience = terms->audience;
  if (audience == "public") return true;
  if (audience == "network") return !viewer_.institution.empty();
  if (audience == "institution" || viewer_.institution.empty()) return false;
  while (!audience.empty()) {
    std::string_view country = audience.substr(0, audience.find(' '));
    audience.remove_prefix(std::min(audience.size(), country.size() + 1));
    if (!country.empty() &&
        std::find(viewer_.areas.begin(), viewer_.areas.end(), country) != viewer_.areas.end())
      return true;
  }
  return false;
}

Result<const ObservationReader::Pass::Filing*> ObservationReader::Pass::filing(std::int64_t id) {
  if (last_filing_ && id == last_filing_id_) return last_filing_;
  if (auto known = filings_.find(id); known != filings_.end()) {
    last_filing_id_ = id;
    return last_filing_ = &known->second;
  }
  FP_ASSIGN(auto row, statements_.get(kFiling));
  row->bind(1, id);
  FP_ASSIGN(bool found, row->step());
  if (!found) return bug(fmt::format("filing {} of a stored cell is not there", id));
  Filing f;
  f.provider = row->string(0);
  f.filed_at = from_millis(row->integer(2));
  f.own = !viewer_.institution.empty() && f.provider == viewer_.institution;
  f.allowed = viewer_.coordinator || f.own || in_audience(row->text(1));
  return &filings_.emplace(id, std::move(f)).first->second;
}

Status ObservationReader::Pass::set_range() {
  if (!selection_->from && !selection_->to) return {};
  bounded_ = true;
  if (selection_->from) first_day_ = selection_->from->first_day();
  if (selection_->to) end_day_ = selection_->to->end_day();
  // Numbers of dateTimes and ranges count seconds: with such periods about, all cells are looked
  // at.
  FP_ASSIGN(auto odd, statements_.get(kOddPeriod));
  FP_ASSIGN(bool any, odd->step());
  if (any) return {};
  if (selection_->from) low_ = first_day_ * 16;
  if (selection_->to) high_ = (end_day_ - 1) * 16 + 15;
  return {};
}

bool ObservationReader::Pass::in_range(std::int64_t number) const {
  if (!bounded_ || number == 0) return true;
  Period period = Period::from_number(number);
  return period.first_day() >= first_day_ && period.end_day() <= end_day_;
}

template <typename Each>
Status ObservationReader::Pass::each_cell(const char* sql, const Series& series, Each each) {
  FP_ASSIGN(auto rows, statements_.get(sql));
  // Data without time have the period 0, which no range leaves out.
  bool timeless = structure_->time == kNoComponent;
  rows->bind_all(series.id, timeless ? INT64_MIN : low_, timeless ? INT64_MAX : high_);
  for (;;) {
    FP_ASSIGN(bool row, rows->step());
    if (!row) return {};
    Version v = version_of(*rows);
    if (!in_range(v.period)) continue;
    FP_ASSIGN(bool more, each(v));
    if (!more) return {};
  }
}

Status ObservationReader::Pass::read(const Selection& selection, const Sink& sink) {
  selection_ = &selection;
  sink_ = &sink;
  if (selection.as_of) {
    if (selection.since || selection.since_filing)
      return bug("a selection asks for a vintage and for changes at once");
    as_of_ = std::min(*selection.as_of, viewer_.now);
  }
  FP_TRY(set_range());
  std::vector<std::pair<std::int64_t, std::shared_ptr<const FlowStructure>>> flows;
  std::string dataflow = unversioned(selection.dataflow);
  {
    FP_ASSIGN(auto rows, statements_.get(kFlows));
    rows->bind(1, std::string_view(dataflow));
    for (;;) {
      FP_ASSIGN(bool row, rows->step());
      if (!row) break;
      auto ref = parse_ref(rows->text(1));
      auto structure = ref ? structures_.data_structure(*ref) : nullptr;
      if (!structure || structure->data_structure != *ref)
        return usage_error(
            fmt::format("there are data under {}, which is not known", rows->text(1)),
            "Load the structure message with it again.");
      flows.emplace_back(rows->integer(0), std::move(structure));
    }
  }
  for (auto& [id, structure] : flows) FP_TRY(read_flow(id, std::move(structure)));
  return flush();
}

/// Whether nothing of a flow is withheld from this viewer for others' sake, so that what hangs
/// together with what is asked for need not be looked at.
Result<bool> ObservationReader::Pass::nothing_hidden(std::int64_t flow) {
  if (viewer_.coordinator || all_own_) return true;
  if (!all_allowed_ || as_of_) return false;
  FP_ASSIGN(auto row, statements_.get(kAnyMarked));
  row->bind_all(flow, std::int64_t(kMarkedSeries));
  FP_ASSIGN(bool any, row->step());
  return any && row->integer(0) < kMarkedSeries && row->integer(1) == 0;
}

Result<bool> ObservationReader::Pass::fewer_series(std::int64_t flow,
                                                   const std::vector<std::string>& beginnings,
                                                   std::size_t than) {
  std::size_t count = 0;
  for (const std::string& beginning : beginnings) {
    const std::string end = end_of(beginning);
    FP_ASSIGN(auto row, statements_.get(kCountOfKeys));
    row->bind_all(flow, std::string_view(beginning), std::string_view(end),
                  static_cast<std::int64_t>(than - count));
    FP_TRY(row->step());
    count += static_cast<std::size_t>(row->integer(0));
    if (count >= than) return false;
  }
  return true;
}

Status ObservationReader::Pass::find_changed(std::int64_t flow) {
  changed_.clear();
  changed_areas_.clear();
  changed_without_area_ = false;
  auto take = [&](Statement& rows) -> Status {
    for (;;) {
      FP_ASSIGN(bool row, rows.step());
      if (!row) return {};
      if (!changed_.insert(rows.integer(0)).second) continue;
      if (rows.is_null(1))
        changed_without_area_ = true;
      else
        changed_areas_.insert(rows.string(1));
    }
  };
  if (selection_->since_filing) {
    FP_ASSIGN(auto rows, statements_.get(kChangedByFiling));
    rows->bind_all(*selection_->since_filing, flow);
    FP_TRY(take(*rows));
  }
  if (selection_->since) {
    FP_ASSIGN(auto rows, statements_.get(kChangedByTime));
    rows->bind_all(to_millis(*selection_->since), flow);
    FP_TRY(take(*rows));
    FP_ASSIGN(auto ended, statements_.get(kChangedByEmbargo));
    ended->bind_all(to_millis(*selection_->since), to_millis(viewer_.now), flow);
    FP_TRY(take(*ended));
  }
  return {};
}

template <typename Bind>
Status ObservationReader::Pass::list(const char* sql, Bind bind, std::vector<Series>& found) {
  FP_ASSIGN(auto rows, statements_.get(sql));
  bind(*rows);
  for (;;) {
    FP_ASSIGN(bool row, rows->step());
    if (!row) return {};
    Series& s = found.emplace_back();
    s.id = rows->integer(0);
    s.key = rows->string(1);
    s.measure = rows->string(2);
    s.attributes = rows->string(3);
    s.attributes_filing = rows->integer(4);
  }
}

Status ObservationReader::Pass::read_flow(std::int64_t flow,
                                          std::shared_ptr<const FlowStructure> structure) {
  structure_ = std::move(structure);
  const std::size_t width = structure_->dimension_count;
  all_own_ = all_allowed_ = true;
  {
    FP_ASSIGN(auto rows, statements_.get(kFilers));
    rows->bind(1, flow);
    for (;;) {
      FP_ASSIGN(bool row, rows->step());
      if (!row) break;
      bool own = !viewer_.institution.empty() && rows->text(0) == viewer_.institution;
      all_own_ = all_own_ && own;
      all_allowed_ = all_allowed_ && (own || viewer_.coordinator || in_audience(rows->text(1)));
    }
  }
  tables_.clear();
  std::vector<std::vector<std::int32_t>> parents(width);
  for (std::size_t d = 0; d < width; ++d) {
    tables_.push_back(structure_->components[d].codes.get());
    if (tables_[d]) parents[d] = parents_without_circles(*tables_[d]);
  }
  auto root = [&](std::size_t d, std::int32_t code) {
    while (code >= 0 && parents[d][std::size_t(code)] >= 0) code = parents[d][std::size_t(code)];
    return code;
  };

  /// With every code of the trees in which they stand; what no codelist has stays as it is.
  auto whole_trees = [&](std::size_t d, std::vector<std::string> codes) {
    const CodeTable* table = tables_[d];
    if (!table) return codes;
    std::unordered_set<std::int32_t> roots;
    for (const std::string& code : codes)
      if (std::int32_t number = table->find(code); number >= 0) roots.insert(root(d, number));
    std::erase_if(codes, [&](const std::string& code) { return table->find(code) >= 0; });
    for (std::size_t c = 0; c < table->size(); ++c)
      if (roots.contains(root(d, static_cast<std::int32_t>(c))))
        codes.emplace_back(table->id(static_cast<std::int32_t>(c)));
    return codes;
  };

  std::vector<std::vector<std::string_view>> asked(width);
  for (const auto& [id, codes] : selection_->codes) {
    if (codes.empty()) continue;
    std::uint16_t d = structure_->find(id);
    if (d >= width) return {};  // this version of the DSD has no such dimension: nothing of it fits
    asked[d].assign(codes.begin(), codes.end());
    std::sort(asked[d].begin(), asked[d].end());
  }

  const bool changes = selection_->since || selection_->since_filing;
  if (changes) {
    FP_TRY(find_changed(flow));
    if (changed_.empty()) return {};
  }

  FP_ASSIGN(const bool all_shown, nothing_hidden(flow));
  // Which areas are looked at: those asked for or changed, and unless nothing is hidden from the
  // viewer, the whole trees in which they stand.
  std::vector<std::string> areas;
  const std::uint16_t area = structure_->ref_area;
  if (area < width) {
    areas.assign(asked[area].begin(), asked[area].end());
    if (changes && areas.empty() && !changed_without_area_)
      areas.assign(changed_areas_.begin(), changed_areas_.end());
    if (!all_shown) areas = whole_trees(area, std::move(areas));
    std::sort(areas.begin(), areas.end());
    areas.erase(std::unique(areas.begin(), areas.end()), areas.end());
  }

  // Where the first dimensions of the key are asked for, the series lie beside each other in an
  // index: these beginnings of keys, and no others, hang together with what is asked for.
  std::vector<std::string> beginnings = {""};
  std::size_t depth = 0;
  for (; depth < width && !changes; ++depth) {
    // The whole key only where it is not the beginning of others.
    if (depth + 1 == width && !all_shown) break;
    const CodeTable* table = tables_[depth];
    std::vector<std::string> codes(asked[depth].begin(), asked[depth].end());
    if (codes.empty() && depth == structure_->freq && table) {
      codes.assign(table->ids().begin(), table->ids().end());
    } else if (codes.empty()) {
      break;
    } else if (!all_shown) {
      codes = whole_trees(depth, std::move(codes));
    }
    if (beginnings.size() * codes.size() > kBeginnings) break;
    // Where few series have the shorter beginnings, these are looked through sooner.
    if (depth > area && beginnings.size() * codes.size() > kFewLookups) {
      FP_ASSIGN(const bool fewer, fewer_series(flow, beginnings, beginnings.size() * codes.size()));
      if (fewer) break;
    }
    std::vector<std::string> longer;
    for (const std::string& beginning : beginnings)
      for (const std::string& code : codes)
        longer.push_back(beginning + code + (depth + 1 < width ? "." : ""));
    beginnings = std::move(longer);
  }

  std::vector<Series> found;
  if (depth > area && depth > 0 && area < width) {
    for (const std::string& beginning : beginnings) {
      if (depth == width) {
        FP_TRY(list(
            kSeriesOfKey, [&](Statement& s) { s.bind_all(flow, std::string_view(beginning)); },
            found));
        continue;
      }
      const std::string end = end_of(beginning);
      FP_TRY(list(
          kSeriesOfKeys,
          [&](Statement& s) {
            s.bind_all(flow, std::string_view(beginning), std::string_view(end));
          },
          found));
    }
  } else if (!areas.empty()) {
    for (const std::string& a : areas)
      FP_TRY(list(
          kSeriesOfArea, [&](Statement& s) { s.bind_all(flow, std::string_view(a)); }, found));
  } else {
    FP_TRY(list(
        kSeriesOfFlow, [&](Statement& s) { s.bind_all(flow); }, found));
  }
  // Residual disclosure depends on the order.
  std::sort(found.begin(), found.end(),
            [](const Series& a, const Series& b) { return a.id < b.id; });

  // Which are asked for, and which hang together.
  std::unordered_map<std::string, std::int32_t> texts;  ///< what no codelist has, numbered from -2
  auto text_number = [&](std::string_view text) {
    return texts.emplace(text, -2 - static_cast<std::int32_t>(texts.size())).first->second;
  };
  std::unordered_map<std::string, std::size_t> places;
  std::vector<std::vector<Series>> groups;
  for (Series& s : found) {
    std::string_view rest = s.key;
    s.asked = !changes || changed_.contains(s.id);
    std::string together;
    for (std::size_t d = 0; d < width; ++d) {
      auto dot = rest.find('.');
      std::string_view part = rest.substr(0, dot);
      rest.remove_prefix(dot == rest.npos ? rest.size() : dot + 1);
      if (!asked[d].empty() && !std::binary_search(asked[d].begin(), asked[d].end(), part))
        s.asked = false;
      std::int32_t code = tables_[d] ? tables_[d]->find(part) : kNoCode;
      if (code < 0) code = text_number(part);
      s.codes.push_back(code);
      if (!all_shown) together += fmt::format("{}.", root(d, code));
    }
    s.codes.push_back(text_number(s.measure));
    if (all_shown && !s.asked) continue;
    if (!all_shown) together += s.measure;
    auto [place, fresh] = places.emplace(std::move(together), groups.size());
    if (fresh) groups.emplace_back();
    groups[place->second].push_back(std::move(s));
  }
  for (std::vector<Series>& group : groups) FP_TRY(read_group(group));
  return {};
}

Result<Version> ObservationReader::Pass::version_at(const Series& series, const Version& newest,
                                                    Time at, bool everything, bool& existed,
                                                    bool& found) {
  existed = found = false;
  Version best;
  Time best_filed{};
  // 1: better than what there was.
  auto weigh = [&](const Version& v) -> Result<bool> {
    FP_ASSIGN(const Filing* f, filing(v.filing));
    if (f->filed_at > at) return false;
    existed = true;
    Time seen = everything || !v.visible_at ? f->filed_at : std::max(f->filed_at, *v.visible_at);
    if (seen > at) return false;
    if (found && std::pair(best_filed, best.filing) > std::pair(f->filed_at, v.filing))
      return false;
    found = true;
    best_filed = f->filed_at;
    return true;
  };
  FP_ASSIGN(bool good, weigh(newest));
  if (good) return newest;
  FP_ASSIGN(auto rows, statements_.get(kVersions));
  rows->bind_all(series.id, newest.period);
  for (;;) {
    FP_ASSIGN(bool row, rows->step());
    if (!row) return best;
    Version v = version_of(*rows);
    FP_ASSIGN(bool better, weigh(v));
    if (!better) continue;
    best = v;
    best.value = old_value_ = v.value;
    best.status = old_status_ = v.status;
    best.conf = old_conf_ = v.conf;
    best.attributes = old_attributes_ = v.attributes;
  }
}

Result<bool> ObservationReader::Pass::wanted(const Version& newest) {
  if (selection_->since_filing && newest.filing <= *selection_->since_filing) return false;
  if (!selection_->since) return true;
  FP_ASSIGN(const Filing* f, filing(newest.filing));
  Time changed = f->filed_at;
  if (!privileged(*f) && newest.visible_at) changed = std::max(changed, *newest.visible_at);
  return changed > *selection_->since && changed <= viewer_.now;
}

Result<ObservationReader::Pass::Shown> ObservationReader::Pass::judge(const Series& series,
                                                                      const Version& newest) {
  Shown shown;
  FP_ASSIGN(const Filing* f, filing(newest.filing));
  if (!f->allowed) return shown;
  const bool all = privileged(*f);
  shown.version = newest;
  bool existed = true, found = true;
  if (as_of_) {
    FP_ASSIGN(shown.version, version_at(series, newest, *as_of_, all, existed, found));
    if (!existed) return shown;
  }
  shown.given = true;
  if (all) {
    if (!shown.version.withdrawn) return shown;
    shown.state = CellState::kWithdrawn;
    // What it was when it was taken back: the version that this one ended.
    FP_ASSIGN(const Filing* end, filing(shown.version.filing));
    const std::int64_t ended_by = shown.version.filing;
    FP_ASSIGN(auto rows, statements_.get(kVersions));
    rows->bind_all(series.id, newest.period);
    std::pair<Time, std::int64_t> best{Time::min(), 0};
    for (;;) {
      FP_ASSIGN(bool row, rows->step());
      if (!row) break;
      Version v = version_of(*rows);
      if (v.withdrawn || v.filing == ended_by) continue;
      FP_ASSIGN(const Filing* from, filing(v.filing));
      std::pair<Time, std::int64_t> order{from->filed_at, v.filing};
      if (order < best || order > std::pair{end->filed_at, ended_by}) continue;
      best = order;
      shown.version.has_value = v.has_value;
      shown.version.value = old_value_ = v.value;
      shown.version.status = old_status_ = v.status;
      shown.version.conf = old_conf_ = v.conf;
      shown.version.attributes = old_attributes_ = v.attributes;
    }
    return shown;
  }
  auto hide = [&](CellState state, WithheldReason reason, const Version& because) {
    shown.state = state;
    shown.reason = reason;
    shown.version = {};
    shown.version.period = newest.period;
    shown.version.filing = newest.filing;
    if (reason == WithheldReason::kNone) return;
    old_conf_ = because.conf;
    shown.version.conf = old_conf_;
    if (reason == WithheldReason::kEmbargo) shown.version.visible_at = because.visible_at;
  };
  if (newest.withdrawn) {
    hide(CellState::kWithdrawn, WithheldReason::kNone, newest);
  } else if (auto reason = withheld(newest, viewer_.now); reason != WithheldReason::kNone) {
    hide(CellState::kWithheld, reason, newest);
  } else if (as_of_ && !found) {
    hide(CellState::kWithheld, WithheldReason::kEmbargo, newest);
  } else if (shown.version.withdrawn) {
    hide(CellState::kWithdrawn, WithheldReason::kNone, newest);
  } else if (auto then = withheld(shown.version, as_of_.value_or(viewer_.now));
             then != WithheldReason::kNone) {
    const Version old = shown.version;
    hide(CellState::kWithheld, then, old);
  }
  return shown;
}

Result<ObservationReader::Pass::Residual> ObservationReader::Pass::residual(
    const std::vector<Series>& group) {
  Residual result;
  if (viewer_.coordinator) return result;
  if (all_own_) return result;
  // The periods of which something is hidden, and of these where something is asked for.
  std::unordered_set<std::int64_t> asked, hiding;
  for (const Series& s : group) {
    if (!all_allowed_) {
      FP_TRY(each_cell(kCells, s, [&](const Version& v) -> Result<bool> {
        FP_ASSIGN(const Filing* f, filing(v.filing));
        if (as_of_ || !f->allowed || withheld(v, viewer_.now) != WithheldReason::kNone)
          hiding.insert(v.period);
        return true;
      }));
      continue;
    }
    FP_ASSIGN(auto marked, statements_.get(kMarkedCells));
    marked->bind(1, s.id);
    for (;;) {
      FP_ASSIGN(bool row, marked->step());
      if (!row) break;
      Version v;
      v.conf = marked->text(1);
      if (!marked->is_null(2)) v.visible_at = from_millis(marked->integer(2));
      if (as_of_ || withheld(v, viewer_.now) != WithheldReason::kNone)
        hiding.insert(marked->integer(0));
    }
    if (!as_of_) continue;
    FP_ASSIGN(auto old, statements_.get(kMarkedVersions));
    old->bind(1, s.id);
    for (;;) {
      FP_ASSIGN(bool row, old->step());
      if (!row) break;
      hiding.insert(old->integer(0));
    }
  }
  if (hiding.empty()) return result;
  for (const Series& s : group) {
    if (!s.asked) continue;
    std::optional<std::int64_t> last;
    FP_TRY(each_cell(kCells, s, [&](const Version& v) -> Result<bool> {
      FP_ASSIGN(const Filing* f, filing(v.filing));
      if (!f->allowed) return true;
      if (selection_->latest && !as_of_ && !selection_->since && !selection_->since_filing) {
        if (!v.withdrawn) last = v.period;
        return true;
      }
      FP_ASSIGN(bool yes, wanted(v));
      if (yes) asked.insert(v.period);
      return true;
    }));
    if (last) asked.insert(*last);
  }
  std::erase_if(asked, [&](std::int64_t p) { return !hiding.contains(p); });
  if (asked.empty()) return result;

  struct Seen {
    AdditiveSeries::Cell common;  ///< as for everybody
    bool own = false, allowed = true;
  };
  struct Vintage {
    AdditiveSeries::Cell cell;
    bool own = false;
  };
  std::unordered_map<std::int64_t, std::vector<Seen>> now;
  std::unordered_map<std::int64_t, std::vector<Vintage>> then;
  std::vector<const CodeTable*> tables = tables_;
  tables.push_back(nullptr);  // the measure
  AdditiveSeries relations(std::move(tables));
  for (const Series& s : group) {
    std::uint32_t number = relations.add(s.codes);
    FP_TRY(each_cell(kCells, s, [&](const Version& v) -> Result<bool> {
      if (!asked.contains(v.period)) return true;
      FP_ASSIGN(const Filing* f, filing(v.filing));
      auto value = number_in(v);
      if (value && !v.withdrawn)
        now[v.period].push_back(
            {{number, *value, withheld(v, viewer_.now) != WithheldReason::kNone, false},
             f->own,
             f->allowed});
      if (!as_of_) return true;
      // What it was, whoever may see it, and whether the viewer sees it.
      bool existed = false, found = false;
      FP_ASSIGN(Version old, version_at(s, v, *as_of_, true, existed, found));
      if (!found || old.withdrawn) return true;
      auto old_value = number_in(old);
      if (!old_value) return true;
      FP_ASSIGN(Shown shown, judge(s, v));
      bool hidden = !shown.given || shown.state != CellState::kShown;
      then[v.period].push_back({{number, *old_value, hidden, f->own}, f->own});
      return true;
    }));
  }
  relations.link();
  for (std::int64_t period : asked) {
    std::vector<bool>& hidden = result[period];
    hidden.assign(group.size(), false);
    std::vector<AdditiveSeries::Cell> cells;
    for (const Seen& seen : now[period]) cells.push_back(seen.common);
    relations.protect(cells);
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const Seen& seen = now[period][i];
      cells[i].hidden = !seen.own && (cells[i].hidden || !seen.allowed);
      cells[i].open = seen.own;
    }
    relations.protect(cells);
    for (const auto& cell : cells) hidden[cell.series] = cell.hidden;
    if (!as_of_) continue;
    cells.clear();
    for (const Vintage& vintage : then[period]) {
      cells.push_back(vintage.cell);
      cells.back().hidden = !vintage.own && (vintage.cell.hidden || hidden[vintage.cell.series]);
    }
    relations.protect(cells);
    for (const auto& cell : cells)
      if (cell.hidden) hidden[cell.series] = true;
  }
  return result;
}

Status ObservationReader::Pass::read_group(std::vector<Series>& group) {
  if (std::none_of(group.begin(), group.end(), [](const Series& s) { return s.asked; })) return {};
  FP_ASSIGN(Residual hidden, residual(group));
  for (std::size_t i = 0; i < group.size(); ++i) {
    const Series& s = group[i];
    if (!s.asked) continue;
    const std::size_t first = batch_.cells.size();
    FP_TRY(each_cell(
        selection_->latest ? kCellsBackwards : kCells, s, [&](const Version& v) -> Result<bool> {
          FP_ASSIGN(bool yes, wanted(v));
          if (!yes) return true;
          FP_ASSIGN(Shown shown, judge(s, v));
          if (!shown.given || (selection_->latest && shown.state == CellState::kWithdrawn))
            return true;
          FP_ASSIGN(const Filing* newest, filing(v.filing));
          if (shown.state == CellState::kShown && !privileged(*newest))
            if (auto at = hidden.find(v.period); at != hidden.end() && at->second[i]) {
              shown.state = CellState::kWithheld;
              shown.reason = WithheldReason::kResidual;
              shown.version = {};
              shown.version.period = v.period;
              shown.version.filing = v.filing;
            }
          FP_ASSIGN(const Filing* from, filing(shown.version.filing));
          DataBatch::Cell& cell = batch_.cells.emplace_back();
          cell.period = Period::from_number(v.period);
          cell.state = shown.state;
          cell.reason = shown.reason;
          cell.has_value = shown.version.has_value;
          cell.value = batch_.arena.copy(shown.version.value);
          cell.status = batch_.arena.copy(shown.version.status);
          cell.conf = batch_.arena.copy(shown.version.conf);
          cell.attributes = batch_.arena.copy(shown.version.attributes);
          cell.provider = from->provider;
          cell.filing = shown.version.filing;
          cell.filed_at = from->filed_at;
          cell.visible_at = shown.version.visible_at;
          return !selection_->latest;
        }));
    if (batch_.cells.size() == first) continue;
    FP_ASSIGN(std::string attributes, series_attributes(s));
    DataBatch::Series& given = batch_.series.emplace_back();
    given.id = s.id;
    given.structure = structure_;
    given.key = s.key;
    given.measure = s.measure;
    given.attributes = std::move(attributes);
    given.first = static_cast<std::uint32_t>(first);
    given.count = static_cast<std::uint32_t>(batch_.cells.size() - first);
    if (batch_.cells.size() >= kBatchObservations) FP_TRY(flush());
  }
  return {};
}

Result<std::string> ObservationReader::Pass::series_attributes(const Series& series) {
  if (series.attributes.empty()) return std::string();
  FP_ASSIGN(const Filing* newest, filing(series.attributes_filing));
  if (!newest->allowed) return std::string();
  if (!as_of_ || newest->filed_at <= *as_of_) return series.attributes;
  FP_ASSIGN(auto rows, statements_.get(kSeriesHistory));
  rows->bind(1, series.id);
  std::string best;
  std::pair<Time, std::int64_t> best_order{Time::min(), 0};
  for (;;) {
    FP_ASSIGN(bool row, rows->step());
    if (!row) return best;
    FP_ASSIGN(const Filing* f, filing(rows->integer(0)));
    std::pair<Time, std::int64_t> order{f->filed_at, rows->integer(0)};
    if (!f->allowed || f->filed_at > *as_of_ || order < best_order) continue;
    best_order = order;
    best = rows->string(1);
  }
}

Status ObservationReader::Pass::flush() {
  if (batch_.series.empty()) return {};
  // Views of the keys only now: the series do not move any more.
  for (DataBatch::Series& s : batch_.series) {
    std::string_view rest = s.key;
    for (std::size_t d = 0; d < s.structure->dimension_count; ++d) {
      auto dot = rest.find('.');
      s.parts.push_back(rest.substr(0, dot));
      rest.remove_prefix(dot == rest.npos ? rest.size() : dot + 1);
    }
  }
  FP_TRY((*sink_)(batch_));
  batch_.series.clear();
  batch_.cells.clear();
  batch_.arena.clear();
  return {};
}

Result<std::vector<AttachedAttribute>> ObservationReader::Pass::attributes(
    const Ref& dataflow, std::optional<Time> as_of) {
  std::vector<AttachedAttribute> result;
  std::string name = unversioned(dataflow);
  FP_ASSIGN(auto rows, statements_.get(kAttributes));
  rows->bind(1, std::string_view(name));
  for (;;) {
    FP_ASSIGN(bool row, rows->step());
    if (!row) return result;
    FP_ASSIGN(const Filing* f, filing(rows->integer(3)));
    if (!f->allowed) continue;
    AttachedAttribute attribute{rows->string(0), rows->string(1), rows->string(2), f->provider,
                                f->filed_at};
    if (as_of && f->filed_at > *as_of) {
      FP_ASSIGN(auto old, statements_.get(kAttributeHistory));
      old->bind_all(rows->integer(4), std::string_view(attribute.target),
                    std::string_view(attribute.component));
      std::pair<Time, std::int64_t> best{Time::min(), 0};
      for (;;) {
        FP_ASSIGN(bool more, old->step());
        if (!more) break;
        FP_ASSIGN(const Filing* from, filing(old->integer(1)));
        std::pair<Time, std::int64_t> order{from->filed_at, old->integer(1)};
        if (!from->allowed || from->filed_at > *as_of || order < best) continue;
        best = order;
        attribute.value = old->string(0);
        attribute.provider = from->provider;
        attribute.filed_at = from->filed_at;
      }
      if (best.second == 0) continue;  // there was none yet
    }
    result.push_back(std::move(attribute));
  }
}

ObservationReader::ObservationReader(Database& database,
                                     std::shared_ptr<const StructureLookup> structures)
    : structures_(std::move(structures)), statements_(database) {}

Status ObservationReader::read(const Selection& selection, const Viewer& viewer, const Sink& sink) {
  // One state of the store for all statements: what is hidden is decided before it is read again.
  FP_ASSIGN(Savepoint snapshot, Savepoint::begin(statements_.database()));
  Pass pass(*this, viewer);
  FP_TRY(pass.read(selection, sink));
  return snapshot.release();
}

Result<bool> ObservationReader::read_some(const Selection& selection, const Viewer& viewer,
                                          const Take& take) {
  bool enough = false;
  Status given = read(selection, viewer, [&](const DataBatch& batch) -> Status {
    FP_ASSIGN(const bool more, take(batch));
    enough = !more;
    return more ? Status() : usage_error("enough has been read");
  });
  if (!given.ok() && !enough) return given.take_error();
  return !enough;
}

Result<std::vector<AttachedAttribute>> ObservationReader::attributes(const Ref& dataflow,
                                                                     const Viewer& viewer,
                                                                     std::optional<Time> as_of) {
  Pass pass(*this, viewer);
  return pass.attributes(dataflow, as_of);
}

}  // namespace focalpost
