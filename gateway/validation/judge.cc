// SPDX-License-Identifier: Apache-2.0
#include "validation/judge.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <set>
#include <unordered_map>
#include <utility>

#include "base/hash.h"
#include "base/text.h"
#include "model/multi_value.h"
#include "validation/heads.h"
#include "validation/ledger.h"
#include "validation/periods.h"
#include "validation/plausibility.h"
#include "validation/rights.h"
#include "validation/values.h"

namespace focalpost {
namespace {

using Level = AttributeRelationship::Kind;

constexpr std::uint16_t kObservationLevel = 0xFFFF;
constexpr std::size_t kAreasListed = 1000;
constexpr std::size_t kSuggestions = 3;
constexpr std::size_t kAllowedShown = 5;
/// Codes that may be compared in search of suggestions for one message.
constexpr std::size_t kComparisons = 2'000'000;

std::string shown(std::string_view text) {
  if (is_multi(text)) return shown(multi_value_shown(text));
  return one_line(shorten(text, 80));
}

constexpr std::string_view kMayBeAbsent = "HJKLMOQS";

/// OBS_STATUS as one letter: 0 none, '?' longer. Of several the one that explains most: Q, one
/// that says why there is no value, the rest.
char status_letter(std::string_view text) {
  if (text.size() <= 1) return text.empty() ? '\0' : text[0];
  char letter = '?';
  if (is_multi(text))
    each_text(text, [&](const ValueText& one) {
      if (one.text.size() != 1 || letter == 'Q') return;
      if (one.text[0] == 'Q' || kMayBeAbsent.find(one.text[0]) != kMayBeAbsent.npos)
        letter = one.text[0];
    });
  return letter;
}

std::uint64_t mixed(std::uint64_t component, std::uint64_t value) {
  std::uint64_t h = (value + 1) * 0x9E3779B97F4A7C15ull ^ (component + 1) * 0xD6E8FEB86659FD93ull;
  h ^= h >> 32;
  h *= 0xD6E8FEB86659FD93ull;
  return h ^ (h >> 29);
}

/// Equal numbers give equal marks however they are spelled: 5, 5.0 and 05 are one value.
std::uint64_t number_mark(std::uint16_t component, Decimal d) {
  if (d.mantissa == 0) d.exponent = 0;
  while (d.mantissa != 0 && d.mantissa % 10 == 0) d.mantissa /= 10, ++d.exponent;
  std::uint64_t value = static_cast<std::uint64_t>(d.mantissa);
  if (d.exponent != 0) value = mixed(static_cast<std::uint64_t>(d.exponent) + 7, value);
  return mixed(component, value);
}

std::uint32_t nonzero32(std::uint64_t h) {
  auto f = static_cast<std::uint32_t>(h >> 32);
  return f + (f == 0);
}

std::uint64_t text_hash(std::string_view text) {
  static const std::uint64_t seed = hash_seed();
  return fast_hash(text, seed);
}

void append_part(std::string& buffer, std::string_view text) {
  auto length = static_cast<std::uint32_t>(text.size());
  char bytes[4];
  std::memcpy(bytes, &length, 4);
  buffer.append(bytes, 4);
  buffer += text;
}

std::string range_text(const DayRange& range) {
  return (range.first == INT64_MIN ? std::string() : date_text(range.first)) + ".." +
         (range.last == INT64_MAX ? std::string() : date_text(range.last));
}

/// What is known of one component while a dataset is judged.
struct ComponentState {
  ComponentState(const FlowComponent& c, std::uint16_t n)
      : component(&c), number(n), check(c.format) {
    if (c.coded()) codes.assign(c.codes->size(), 0);
  }
  enum : std::uint8_t { kSeen = 1, kDated = 2, kForbidden = 4 };

  const FlowComponent* component;
  std::uint16_t number;
  ValueCheck check;
  std::vector<std::uint8_t> codes;  ///< per code, 0 until it is first met; kSeen alone: all is well
  std::unordered_map<std::int32_t, CodeValidity> validity;
  std::int32_t neutral = -2;  ///< the code that says the same as no code (A, F)
  bool text_rules = false;    ///< uncoded, and a constraint lists its values
};

/// The attributes that hang on the same dimensions, and what they are for each key of these.
/// Level 0 is the series.
struct AttributeLevel {
  std::vector<std::uint16_t> dimensions;
  std::vector<std::uint16_t> attributes;  ///< component numbers
  std::vector<std::uint16_t> mandatory;   ///< places in `attributes`
  std::string_view name;

  struct Entry {
    Position at;
    bool wanted = false;  ///< there is a series with this key
  };
  KeyIndex index;
  std::vector<Entry> entries;
  std::vector<std::uint32_t> cells;  ///< entries x attributes: fingerprint of the value, 0 none
  std::unordered_map<std::uint32_t, std::string> texts;  ///< keys of the first that lack something
  std::set<std::pair<std::uint32_t, std::uint16_t>> conflicts;  ///< told already

  std::uint32_t* cell(std::uint32_t entry, std::size_t place) {
    return &cells[entry * attributes.size() + place];
  }
  bool lacks(std::uint32_t entry) {
    return std::any_of(mandatory.begin(), mandatory.end(),
                       [&](std::uint16_t place) { return *cell(entry, place) == 0; });
  }
  void forget() {
    index.clear();
    entries.clear();
    cells.clear();
    texts.clear();
    conflicts.clear();
  }
};

struct AttributePlace {
  std::uint16_t level = kObservationLevel;
  std::uint16_t place = 0;
};

struct SeriesState {
  std::uint32_t line = 0;    ///< where it first began
  std::uint32_t window = 0;  ///< in windows_
  bool judged = false;
  bool bad = false;
};

/// Something said once for a dataset, with a count.
struct Summary {
  std::uint64_t count = 0;
  Position at;
  std::string series, period, component, value;
};

}  // namespace

bool is_missing(const FlowComponent& measure, std::string_view text) {
  return text.empty() || text == (is_numeric(measure.format.type) ? "NaN" : "#N/A");
}

class Judge::Impl {
 public:
  Impl(FindingSink& findings, JudgeOptions options)
      : sink_(findings),
        options_(std::move(options)),
        limit_((options_.limits ? *options_.limits : Limits{}).findings_listed),
        cells_left_((options_.limits ? *options_.limits : Limits{}).compared_cells),
        today_(std::chrono::floor<std::chrono::days>(options_.now).time_since_epoch().count()) {}

  void judge(ObservationBatch& batch, const DataMessage& message);
  void finish(const DataMessage& message);
  const std::vector<DatasetStatistics>& statistics() const { return statistics_; }
  std::vector<std::unique_ptr<Plausibility>> take_plausibility() {
    return std::exchange(plausible_, {});
  }
  std::size_t bytes() const;

 private:
  // a dataset
  void compile(std::shared_ptr<const FlowStructure> structure);
  void place_attributes();
  void begin_dataset(const DatasetHead& head);
  void find_rights(const DatasetHead& head);
  void finish_dataset();

  // keys and what hangs on them
  void judge_keys();
  void judge_key(std::size_t run, std::uint32_t series);
  void judge_constraints(std::size_t run, std::span<const std::int32_t> codes, bool& bad);
  void judge_rights(std::size_t run, std::span<const std::int32_t> codes, Window& window,
                    bool& bad);
  void judge_run_attributes(std::size_t run, std::uint32_t series, bool fresh);
  void judge_groups();
  void judge_group_key(const ObservationBatch::GroupValue& group, const std::string& text);
  void judge_dataset_attributes();
  template <typename Key>
  void merge(ObservationBatch::AttributeValue& value, AttributeLevel& level, std::uint32_t entry,
             std::uint16_t place, Key key);
  /// `key`: gives the text of the series or group, and is asked only if something is wrong.
  template <typename Key>
  void judge_attribute(ObservationBatch::AttributeValue& value, Key key);
  std::int64_t entry_of(AttributeLevel& level, std::span<const std::string_view> key);
  std::string key_text(const AttributeLevel& level, std::span<const std::string_view> key) const;

  // observations
  void read_periods();
  void judge_column(ObservationBatch::Column& column);
  void judge_codes(ObservationBatch::Column& column, ComponentState& state);
  void judge_numbers(ObservationBatch::Column& column, ComponentState& state);
  void judge_texts(ObservationBatch::Column& column, ComponentState& state);
  void judge_list(ComponentState& state, std::size_t i, std::string_view list);
  void judge_presence();
  void judge_run(std::size_t run);
  std::uint32_t kinds_under(std::string_view freq);
  void tell_periods(std::size_t run, std::uint32_t allowed);
  void judge_window(std::size_t run, const Window& window);
  void judge_mandatory_observation_attributes(std::size_t run);
  void judge_embargo(std::size_t run);
  void judge_reporting_year(std::size_t run);
  void carry_attributes();
  void judge_duplicates(std::size_t run, std::uint32_t series);

  // values
  std::uint8_t code_state(ComponentState& state, std::int32_t code);
  const Rule* code_fault(ComponentState& state, std::int32_t code, Period period);
  const Rule* text_fault(ComponentState& state, std::string_view text, Decimal* number);
  /// What is wrong with a list of values (model/multi_value.h): how many there are, or the first
  /// that is not right.
  struct ListFault {
    const Rule* rule = nullptr;
    std::string_view text;
    std::int32_t code = kNoCode;
  };
  ListFault list_fault(ComponentState& state, std::string_view list, Period period);
  void describe(Finding& finding, ComponentState& state, const Rule& rule, std::string_view text,
                std::int32_t code);
  std::vector<std::string> suggest(ComponentState& state, std::string_view text);
  bool allowed(std::uint16_t component, std::int32_t code) const;
  bool allowed_by_agreement(std::uint16_t component, std::int32_t code) const;
  std::vector<std::string> allowed_codes(const RegionRule& rule, std::uint16_t component,
                                         std::string_view wanted);

  // findings
  template <typename Fill>
  void report(const Rule& rule, std::uint64_t count, Fill fill);
  template <typename Fill>
  void report_observation(const Rule& rule, std::size_t i, std::uint64_t count, Fill fill);
  void sum_up(Summary& summary, std::size_t i, std::uint16_t component, std::string_view value);
  void report_summary(const Rule& rule, Summary& summary);
  std::size_t run_of(std::size_t i) const;
  std::string series_text(std::size_t run) const {
    return one_line(shorten(structure_->series_key(batch_->key(run)), 200));
  }
  std::string_view time_of(std::size_t i) const {
    return i < batch_->time.size() ? batch_->time[i] : std::string_view{};
  }
  std::string_view run_value(const ObservationBatch::Run& run, std::uint16_t component) const;
  bool deleting() const { return action_ == Action::kDelete; }
  bool whole() const { return action_ == Action::kReplace || action_ == Action::kInformation; }
  bool dimension(std::uint16_t c) const { return c < structure_->dimension_count; }

  FindingSink& sink_;
  JudgeOptions options_;
  std::uint64_t limit_;
  std::uint64_t cells_left_;  ///< that may still be kept for this message
  std::int64_t today_;
  std::vector<DatasetStatistics> statistics_;

  // by structure
  std::shared_ptr<const FlowStructure> structure_;
  std::vector<ComponentState> components_;
  std::vector<AttributeLevel> levels_;
  std::vector<AttributePlace> places_;  ///< by component
  std::vector<std::uint16_t> mandatory_at_observation_;
  std::uint16_t year_start_ = kNoComponent;  ///< REPORTING_YEAR_START_DAY
  bool timed_constraints_ = false;
  std::size_t comparisons_left_ = kComparisons;

  // by dataset
  bool open_ = false;
  std::uint32_t dataset_ = 0;
  Action action_ = Action::kReplace;
  std::vector<SeriesState> series_;
  CellLedger ledger_;
  std::unique_ptr<Plausibility> plausibility_;            ///< null: these are no numbers in time
  std::vector<std::unique_ptr<Plausibility>> plausible_;  ///< of the datasets before
  std::string dataset_year_start_;
  /// Attributes of the last run: one that goes on in the next batch does not repeat them.
  std::vector<std::pair<std::uint16_t, std::string>> carried_;
  PeriodMemo memo_;
  std::map<Window, std::uint32_t> window_numbers_;
  std::vector<const Window*> windows_;  ///< [0] is open
  bool judge_rights_ = false;
  std::vector<Right> rights_;
  std::set<std::pair<std::uint16_t, std::int32_t>> not_owned_;
  std::set<std::string, std::less<>> areas_seen_;
  Summary not_provided_, future_;
  std::string last_key_;  ///< of the run before, in bytes
  std::uint32_t last_series_ = 0;
  std::vector<std::int32_t> last_codes_;
  bool any_run_ = false;
  std::string kinds_freq_;  ///< kinds_ are what agree with it
  std::uint32_t kinds_ = ~1u;

  // by batch
  ObservationBatch* batch_ = nullptr;
  std::string key_, group_key_;
  std::vector<std::uint32_t> run_series_;
  std::vector<std::uint16_t> bits_;
  std::vector<std::int64_t> ordinals_;
  std::vector<std::int32_t> first_days_;
  std::vector<std::uint64_t> marks_;
  std::vector<std::uint32_t> fingerprints_;
  std::vector<char> status_;           ///< one letter; 0 none, '?' longer
  std::vector<std::uint8_t> valued_;   ///< some measure has a value
  std::vector<std::uint8_t> skipped_;  ///< not provided
  Heads heads_;
  std::vector<double> values_;  ///< of the first measure, for plausibility_
  std::vector<std::uint8_t> decimals_;
};

// ---------------------------------------------------------------------------------------- findings

template <typename Fill>
void Judge::Impl::report(const Rule& rule, std::uint64_t count, Fill fill) {
  if (rule.severity == Severity::kError) statistics_[dataset_].has_errors = true;
  const bool listing = sink_.listing(dataset_);
  if (!listing && count == 1) return sink_.count(rule, dataset_);
  Finding finding;
  finding.rule = &rule;
  finding.dataset = dataset_;
  finding.count = count;
  if (listing) fill(finding);
  sink_.add(std::move(finding));
}

template <typename Fill>
void Judge::Impl::report_observation(const Rule& rule, std::size_t i, std::uint64_t count,
                                     Fill fill) {
  report(rule, count, [&](Finding& f) {
    f.at = batch_->at[i];
    f.series = series_text(run_of(i));
    f.period = shown(time_of(i));
    fill(f);
  });
}

std::size_t Judge::Impl::run_of(std::size_t i) const {
  auto after = std::upper_bound(
      batch_->runs.begin(), batch_->runs.end(), i,
      [](std::size_t place, const ObservationBatch::Run& run) { return place < run.first; });
  auto run = static_cast<std::size_t>(after - batch_->runs.begin());
  if (run > 0) --run;
  // Runs without observations begin where the next one does.
  while (run > 0 && i >= batch_->runs[run].first + batch_->runs[run].count) --run;
  return run;
}

void Judge::Impl::sum_up(Summary& summary, std::size_t i, std::uint16_t component,
                         std::string_view value) {
  if (summary.count++ > 0) return;
  summary.at = batch_->at[i];
  summary.series = series_text(run_of(i));
  summary.period = shown(time_of(i));
  if (component != kNoComponent) summary.component = structure_->components[component].id;
  summary.value = shown(value);
}

void Judge::Impl::report_summary(const Rule& rule, Summary& summary) {
  if (summary.count == 0) return;
  report(rule, summary.count, [&](Finding& f) {
    f.at = summary.at;
    f.series = summary.series;
    f.period = summary.period;
    f.component = summary.component;
    f.value = summary.value;
  });
}

// --------------------------------------------------------------------------------------- a dataset

void Judge::Impl::compile(std::shared_ptr<const FlowStructure> structure) {
  structure_ = std::move(structure);
  const FlowStructure& flow = *structure_;
  components_.clear();
  for (std::uint16_t c = 0; c < flow.components.size(); ++c)
    components_.emplace_back(flow.components[c], c);
  auto neutral = [&](std::uint16_t c, std::string_view code) {
    if (c != kNoComponent && flow.components[c].coded()) {
      std::int32_t found = flow.components[c].codes->find(code);
      components_[c].neutral = found < 0 ? -2 : found;
    }
  };
  neutral(flow.obs_status, "A");
  neutral(flow.conf_status, "F");
  year_start_ = flow.find("REPORTING_YEAR_START_DAY");
  timed_constraints_ = false;
  for (const RegionRule& rule : flow.constraints) {
    timed_constraints_ = timed_constraints_ || has_times(rule);
    for (const Region& region : rule.regions)
      for (const auto& [component, texts] : region.texts) components_[component].text_rules = true;
  }
  place_attributes();
}

void Judge::Impl::place_attributes() {
  const FlowStructure& flow = *structure_;
  levels_.clear();
  places_.assign(flow.components.size(), {});
  mandatory_at_observation_.clear();
  AttributeLevel& series = levels_.emplace_back();
  series.name = "series";
  for (std::uint16_t d = 0; d < flow.dimension_count; ++d) series.dimensions.push_back(d);
  for (std::uint16_t c = 0; c < flow.components.size(); ++c) {
    const FlowComponent& component = flow.components[c];
    if (component.kind != ComponentKind::kAttribute) continue;
    if (component.level == Level::kObservation) {
      if (component.mandatory) mandatory_at_observation_.push_back(c);
      continue;
    }
    std::vector<std::uint16_t> dimensions;
    if (component.level != Level::kDataset) dimensions = component.dimensions;
    std::sort(dimensions.begin(), dimensions.end());
    auto found = std::find_if(levels_.begin(), levels_.end(), [&](const AttributeLevel& level) {
      return level.dimensions == dimensions;
    });
    auto place = static_cast<std::size_t>(found - levels_.begin());
    if (found == levels_.end()) {
      AttributeLevel& level = levels_.emplace_back();
      level.name = dimensions.empty() ? "dataset" : "group";
      level.dimensions = std::move(dimensions);
    }
    AttributeLevel& level = levels_[place];
    auto at = static_cast<std::uint16_t>(level.attributes.size());
    level.attributes.push_back(c);
    if (component.mandatory) level.mandatory.push_back(at);
    places_[c] = {static_cast<std::uint16_t>(place), at};
  }
}

void Judge::Impl::begin_dataset(const DatasetHead& head) {
  open_ = true;
  action_ = head.action;
  for (AttributeLevel& level : levels_) level.forget();
  series_.clear();
  ledger_.clear();
  memo_.begin(
      structure_->time == kNoComponent ? nullptr : &structure_->components[structure_->time].format,
      today_);
  window_numbers_.clear();
  window_numbers_.emplace(Window{}, 0);
  windows_.assign(1, &window_numbers_.begin()->first);
  not_owned_.clear();
  areas_seen_.clear();
  not_provided_ = {};
  future_ = {};
  last_key_.clear();
  any_run_ = false;
  dataset_year_start_.clear();
  carried_.clear();
  plausibility_.reset();
  if (!deleting() && structure_->time != kNoComponent && structure_->measure != kNoComponent &&
      components_[structure_->measure].check.numeric() &&
      !components_[structure_->measure].component->coded())
    plausibility_ = std::make_unique<Plausibility>(structure_, dataset_, cells_left_, limit_);
  heads_.begin(plausibility_ ? structure_.get() : nullptr);
  find_rights(head);
}

void Judge::Impl::find_rights(const DatasetHead& head) {
  rights_.clear();
  judge_rights_ = false;
  if (!options_.provider || !options_.lookup) return;
  const ProviderRef& provider = *options_.provider;
  if (!head.provider.empty() && head.provider != provider.id)
    report(rules::provider_differs, 1, [&](Finding& f) {
      f.at = head.at;
      f.component = "DataProvider";
      f.value = shown(head.provider);
      f.expected = provider.id;
    });
  std::vector<const AgreementTerms*> agreements;
  if (!structure_->dataflow.empty()) {
    agreements = options_.lookup->agreements(provider, structure_->dataflow);
  } else {
    // Data by the DSD alone: an agreement for any dataflow that uses it will do.
    for (const AgreementTerms& terms : options_.lookup->agreements())
      if (terms.agreement->provider.id == provider.id &&
          terms.agreement->provider.scheme.agency == provider.scheme.agency && terms.flow &&
          terms.flow->data_structure == structure_->data_structure)
        agreements.push_back(&terms);
  }
  for (const AgreementTerms* terms : agreements)
    if (terms->valid_at(options_.now)) rights_.emplace_back(*terms, *structure_);
  judge_rights_ = !rights_.empty();
  if (judge_rights_) return;
  report(agreements.empty() ? rules::no_agreement : rules::agreement_expired, 1, [&](Finding& f) {
    f.at = head.at;
    f.value = structure_->name().text();
    if (agreements.empty()) return;
    const ProvisionAgreement& last = *agreements.back()->agreement;
    f.detail = last.ref.text();
    f.expected = last.valid_from + ".." + last.valid_to;
  });
}

void Judge::Impl::finish_dataset() {
  if (!open_) return;
  open_ = false;
  if (whole()) {
    for (std::size_t k = levels_.size(); k-- > 0;) {  // the dataset and groups before the series
      AttributeLevel& level = levels_[k];
      for (std::uint32_t entry = 0; !level.mandatory.empty() && entry < level.entries.size();
           ++entry) {
        if (!level.entries[entry].wanted) continue;
        for (std::uint16_t place : level.mandatory) {
          if (*level.cell(entry, place) != 0) continue;
          report(rules::missing_attribute, 1, [&](Finding& f) {
            f.at = level.entries[entry].at;
            if (auto text = level.texts.find(entry); text != level.texts.end())
              f.series = text->second;
            f.component = structure_->components[level.attributes[place]].id;
            f.expected = level.name;
          });
        }
      }
    }
  }
  report_summary(rules::not_provided, not_provided_);
  report_summary(rules::future_period, future_);
  if (plausibility_) {
    cells_left_ -= std::min<std::uint64_t>(cells_left_, plausibility_->cells());
    plausible_.push_back(std::move(plausibility_));
  }
  DatasetStatistics& statistics = statistics_[dataset_];
  statistics.not_provided = not_provided_.count;
  statistics.first = memo_.first();
  statistics.last = memo_.last();
  statistics.head = heads_.finish();
}

void Judge::Impl::judge(ObservationBatch& batch, const DataMessage& message) {
  if (!batch.structure) return;
  batch_ = &batch;
  if (!open_ || batch.dataset != dataset_) {
    finish_dataset();
    dataset_ = batch.dataset;
    if (statistics_.size() <= dataset_) statistics_.resize(dataset_ + 1);
    if (structure_ != batch.structure) compile(batch.structure);
    static const DatasetHead kNoHead;
    begin_dataset(dataset_ < message.datasets.size() ? message.datasets[dataset_] : kNoHead);
  }
  const std::size_t n = batch.size();
  marks_.assign(n, 0);
  status_.assign(n, 0);
  valued_.assign(n, 0);
  skipped_.assign(n, 0);
  if (plausibility_) {
    values_.assign(n, kNoNumber);
    decimals_.assign(n, 0);
  }
  judge_dataset_attributes();
  judge_groups();
  judge_keys();
  read_periods();
  for (ObservationBatch::Column& column : batch.columns) judge_column(column);
  judge_presence();
  fingerprints_.resize(n);
  for (std::size_t i = 0; i < n; ++i)
    fingerprints_[i] = skipped_[i] ? 0 : CellLedger::fingerprint(marks_[i]);
  for (std::size_t run = 0; run < batch.runs.size(); ++run) judge_run(run);
  if (plausibility_)
    for (std::size_t run = 0; run < batch.runs.size(); ++run)
      if (!batch.runs[run].judged_bad)
        heads_.take(batch, run, run_series_[run], values_, skipped_,
                    [&] { return series_text(run); });
  carry_attributes();
  statistics_[dataset_].observations += n;
  if (batch.last_of_dataset) finish_dataset();
  batch_ = nullptr;
}

void Judge::Impl::finish(const DataMessage& message) {
  finish_dataset();
  if (statistics_.size() < message.datasets.size()) statistics_.resize(message.datasets.size());
}

std::size_t Judge::Impl::bytes() const {
  std::size_t total = ledger_.bytes() + (plausibility_ ? plausibility_->bytes() : 0) +
                      series_.capacity() * sizeof(SeriesState);
  for (const AttributeLevel& level : levels_)
    total += level.entries.capacity() * sizeof(AttributeLevel::Entry) + level.cells.capacity() * 4 +
             level.index.size() * (sizeof(KeyHash) + 12);
  return total;
}

// ------------------------------------------------------------------------------------------ values

std::uint8_t Judge::Impl::code_state(ComponentState& state, std::int32_t code) {
  std::uint8_t& known = state.codes[static_cast<std::size_t>(code)];
  if (known != 0) return known;
  known = ComponentState::kSeen;
  CodeValidity validity = validity_of(state.component->codes->code(code));
  if (validity.limited) {
    known |= ComponentState::kDated;
    state.validity.emplace(code, validity);
  }
  // A dimension's codes are judged with the whole key.
  if (!dimension(state.number) &&
      (!allowed(state.number, code) || !allowed_by_agreement(state.number, code)))
    known |= ComponentState::kForbidden;
  return known;
}

bool Judge::Impl::allowed(std::uint16_t component, std::int32_t code) const {
  return std::all_of(structure_->constraints.begin(), structure_->constraints.end(),
                     [&](const RegionRule& rule) { return rule.allows_value(component, code); });
}

/// One of the sender's agreements is enough.
bool Judge::Impl::allowed_by_agreement(std::uint16_t component, std::int32_t code) const {
  return !judge_rights_ || std::any_of(rights_.begin(), rights_.end(), [&](const Right& right) {
    return right.refused_by(component, code) == nullptr;
  });
}

const Rule* Judge::Impl::code_fault(ComponentState& state, std::int32_t code, Period period) {
  if (code < 0) return &rules::unknown_code;
  std::uint8_t known = code_state(state, code);
  if (known == ComponentState::kSeen) return nullptr;
  if (known & ComponentState::kForbidden) return &rules::constraint_value;
  std::int64_t first = period.empty() ? today_ : period.first_day();
  std::int64_t last = period.empty() ? today_ : period.end_day() - 1;
  return touches(state.validity.at(code).days, first, last) ? nullptr : &rules::code_not_valid;
}

const Rule* Judge::Impl::text_fault(ComponentState& state, std::string_view text, Decimal* number) {
  if (const Rule* rule = state.check.fault(text, number)) return rule;
  if (state.text_rules)
    for (const RegionRule& rule : structure_->constraints)
      if (!allows_text(rule, state.number, text)) return &rules::constraint_value;
  return nullptr;
}

Judge::Impl::ListFault Judge::Impl::list_fault(ComponentState& state, std::string_view list,
                                               Period period) {
  const FlowComponent& component = *state.component;
  if (component.max_values != 0 && value_count(list) > component.max_values)
    return {&rules::too_many_values, list, kNoCode};
  ListFault fault;
  Decimal ignored;
  each_text(list, [&](const ValueText& one) {
    if (fault.rule) return;
    const std::int32_t code = component.coded() ? component.codes->find(one.text) : kNoCode;
    const Rule* rule =
        component.coded() ? code_fault(state, code, period) : text_fault(state, one.text, &ignored);
    // Codes and numbers are in no language.
    if (!rule && !one.lang.empty() && (component.coded() || state.check.numeric()))
      rule = &rules::type_mismatch;
    if (rule) fault = {rule, one.text, code};
  });
  return fault;
}

std::vector<std::string> Judge::Impl::suggest(ComponentState& state, std::string_view text) {
  const CodeTable& codes = *state.component->codes;
  std::vector<std::string> found;
  if (text.size() > 256 || codes.size() > comparisons_left_) return found;
  comparisons_left_ -= codes.size();
  for (std::int32_t code : codes.by_alias(text)) found.emplace_back(codes.id(code));
  for (std::string& id : nearest(text, codes.ids(), 2 * kSuggestions))
    if (std::find(found.begin(), found.end(), id) == found.end()) found.push_back(std::move(id));
  std::stable_partition(found.begin(), found.end(), [&](const std::string& id) {
    return allowed(state.number, codes.find(id));
  });
  if (found.size() > kSuggestions) found.resize(kSuggestions);
  return found;
}

std::vector<std::string> Judge::Impl::allowed_codes(const RegionRule& rule, std::uint16_t component,
                                                    std::string_view wanted) {
  const CodeTable& codes = *structure_->components[component].codes;
  std::vector<std::string_view> ids;
  if (codes.size() > comparisons_left_) return {};
  comparisons_left_ -= codes.size();
  for (std::size_t c = 0; c < codes.size(); ++c)
    if (rule.allows_value(component, static_cast<std::int32_t>(c))) ids.push_back(codes.ids()[c]);
  std::vector<std::string> found = nearest(wanted, ids, kSuggestions);
  for (std::string_view id : ids) {
    if (ids.size() > kAllowedShown) break;  // too many to name: only what is near
    if (std::find(found.begin(), found.end(), id) == found.end()) found.emplace_back(id);
  }
  return found;
}

void Judge::Impl::describe(Finding& f, ComponentState& state, const Rule& rule,
                           std::string_view text, std::int32_t code) {
  f.component = state.component->id;
  f.value = shown(text);
  if (&rule == &rules::unknown_code) {
    f.suggestions = suggest(state, text);
  } else if (&rule == &rules::code_not_valid) {
    const CodeValidity& validity = state.validity.at(code);
    if (validity.days.first <= validity.days.last) f.expected = range_text(validity.days);
    if (!validity.successor.empty()) f.suggestions.emplace_back(shown(validity.successor));
  } else if (&rule == &rules::constraint_value) {
    for (const RegionRule& constraint : structure_->constraints) {
      bool fits = state.component->coded() ? constraint.allows_value(state.number, code)
                                           : allows_text(constraint, state.number, text);
      if (fits) continue;
      f.detail = constraint.constraint.text();
      if (state.component->coded()) f.suggestions = allowed_codes(constraint, state.number, text);
      break;
    }
    if (f.detail.empty() && state.component->coded() && judge_rights_)
      if (const RegionRule* rule_of = rights_.front().refused_by(state.number, code))
        f.detail = rule_of->constraint.text();
  } else if (&rule == &rules::number_with_separator) {
    f.suggestions = separated_number(text);
    f.expected = state.check.expected(rule);
  } else if (&rule == &rules::sign_for_missing) {
    f.suggestions = instead_of_sign(text);
  } else if (&rule == &rules::too_many_values) {
    f.expected = std::to_string(state.component->max_values);
  } else {
    f.expected = state.check.expected(rule);
  }
}

// -------------------------------------------------------------------------------------------- keys

std::string Judge::Impl::key_text(const AttributeLevel& level,
                                  std::span<const std::string_view> key) const {
  std::vector<std::string_view> parts(structure_->dimension_count);
  for (std::uint16_t d : level.dimensions)
    if (d < parts.size()) parts[d] = key[d];
  return one_line(shorten(structure_->series_key(parts), 200));
}

/// The entry of a key in a level above the series; -1 when a dimension of it is absent.
std::int64_t Judge::Impl::entry_of(AttributeLevel& level, std::span<const std::string_view> key) {
  group_key_.clear();
  for (std::uint16_t d : level.dimensions) {
    if (d >= key.size() || key[d].empty()) return -1;
    append_part(group_key_, key[d]);
  }
  auto [number, fresh] = level.index.find_or_add(hash_key(group_key_));
  if (fresh) {
    level.entries.emplace_back();
    level.cells.resize(level.cells.size() + level.attributes.size(), 0);
  }
  return number;
}

void Judge::Impl::judge_keys() {
  ObservationBatch& batch = *batch_;
  const std::size_t dimensions = structure_->dimension_count;
  batch.key_codes.assign(batch.runs.size() * dimensions, kNoCode);
  run_series_.resize(batch.runs.size());
  AttributeLevel& level = levels_[0];
  for (std::size_t run = 0; run < batch.runs.size(); ++run) {
    auto texts = batch.key(run);
    std::int32_t* codes = batch.key_codes.data() + run * dimensions;
    key_.clear();
    for (std::string_view text : texts) append_part(key_, text);
    if (!any_run_ || key_ != last_key_) {
      auto [number, fresh] = level.index.find_or_add(hash_key(key_));
      if (fresh) {
        level.entries.emplace_back();
        level.cells.resize(level.cells.size() + level.attributes.size(), 0);
        series_.emplace_back();
        ledger_.add_series();
      }
      last_series_ = number;
      last_codes_.assign(dimensions, kNoCode);
      for (std::size_t d = 0; d < dimensions; ++d)
        if (!texts[d].empty() && structure_->components[d].coded())
          last_codes_[d] = structure_->components[d].codes->find(texts[d]);
      std::swap(last_key_, key_);
      any_run_ = true;
    }
    std::copy(last_codes_.begin(), last_codes_.end(), codes);
    const std::uint32_t series = last_series_;
    run_series_[run] = series;
    const bool fresh = !series_[series].judged;
    if (fresh) judge_key(run, series);
    batch.runs[run].judged_bad = series_[series].bad;
    if (fresh || batch.runs[run].attribute_count > 0) judge_run_attributes(run, series, fresh);
  }
}

void Judge::Impl::judge_key(std::size_t run, std::uint32_t number) {
  ObservationBatch& batch = *batch_;
  const Position at = batch.runs[run].at;
  SeriesState& series = series_[number];
  series.judged = true;
  series.line = at.line;
  ++statistics_[dataset_].series;
  auto texts = batch.key(run);
  auto codes = batch.codes(run);
  bool bad = false;
  Window window;
  auto fault = [&](const Rule& rule, std::size_t d) {
    bad = true;
    report(rule, 1, [&](Finding& f) {
      f.at = at;
      f.series = series_text(run);
      describe(f, components_[d], rule, texts[d], codes[d]);
    });
  };
  for (std::size_t d = 0; d < texts.size(); ++d) {
    ComponentState& state = components_[d];
    if (texts[d].empty()) {
      if (deleting()) continue;
      bad = true;
      report(rules::missing_dimension, 1, [&](Finding& f) {
        f.at = at;
        f.series = series_text(run);
        f.component = state.component->id;
      });
    } else if (!state.component->coded()) {
      Decimal ignored;
      if (const Rule* rule = text_fault(state, texts[d], &ignored)) fault(*rule, d);
    } else if (codes[d] < 0) {
      fault(rules::unknown_code, d);
    } else if (code_state(state, codes[d]) & ComponentState::kDated && !deleting()) {
      const CodeValidity& validity = state.validity.at(codes[d]);
      const bool never = validity.days.first > validity.days.last;
      if (never || structure_->time == kNoComponent) {
        if (!touches(validity.days, today_, today_)) fault(rules::code_not_valid, d);
      } else {
        window.codes.first = std::max(window.codes.first, validity.days.first);
        window.codes.last = std::min(window.codes.last, validity.days.last);
      }
    }
  }
  if (!bad && !deleting()) {
    judge_constraints(run, codes, bad);
    for (std::uint32_t c = 0; timed_constraints_ && c < structure_->constraints.size(); ++c)
      add_times(structure_->constraints[c], c, codes, window);
  }
  if (!bad && judge_rights_) judge_rights(run, codes, window, bad);
  series.bad = bad;
  if (!bad && !window.open()) {
    auto [known, fresh] =
        window_numbers_.emplace(window, static_cast<std::uint32_t>(windows_.size()));
    if (fresh) windows_.push_back(&known->first);
    series.window = known->second;
  }
  if (dimension(structure_->ref_area) && areas_seen_.size() < kAreasListed &&
      !texts[structure_->ref_area].empty()) {
    std::string_view area = texts[structure_->ref_area];
    if (areas_seen_.find(area) == areas_seen_.end()) {
      areas_seen_.emplace(area);
      statistics_[dataset_].areas.push_back(shown(area));
    }
  }
}

void Judge::Impl::judge_constraints(std::size_t run, std::span<const std::int32_t> codes,
                                    bool& bad) {
  for (const RegionRule& rule : structure_->constraints) {
    if (rule.allows_key(codes)) continue;
    bad = true;
    report(rules::constraint_key, 1, [&](Finding& f) {
      f.at = batch_->runs[run].at;
      f.series = series_text(run);
      f.detail = rule.constraint.text();
      for (std::uint16_t d = 0; d < codes.size(); ++d) {
        if (codes[d] < 0 || rule.allows_value(d, codes[d])) continue;
        f.component = structure_->components[d].id;
        f.value = shown(batch_->key(run)[d]);
        f.suggestions = allowed_codes(rule, d, batch_->key(run)[d]);
        break;
      }
    });
  }
}

void Judge::Impl::judge_rights(std::size_t run, std::span<const std::int32_t> codes, Window& window,
                               bool& bad) {
  bool covered = false, open = false;
  for (const Right& right : rights_) {
    if (!right.covers(codes)) continue;
    covered = true;
    for (const DayRange& range : right.periods(codes)) {
      open = open || range == DayRange{};
      window.agreements.push_back(range);
    }
  }
  if (open) window.agreements.clear();
  if (covered) return;
  bad = true;
  // The component that is enough to say no, REF_AREA before all others.
  auto decides = [&](std::uint16_t d) {
    return std::none_of(rights_.begin(), rights_.end(),
                        [&](const Right& right) { return right.covers_value(d, codes[d]); });
  };
  std::uint16_t component = structure_->ref_area;
  if (!dimension(component)) component = kNoComponent;
  if (component == kNoComponent || !decides(component))
    for (std::uint16_t d = 0; d < codes.size(); ++d)
      if (decides(d)) {
        component = d;
        break;
      }
  std::int32_t code = component == kNoComponent ? kNoCode : codes[component];
  if (!not_owned_.emplace(component, code).second) return;
  // Its own data, monthly where the agreement is for quarterly ones: nobody else's.
  const bool frequency = component != kNoComponent && component == structure_->freq;
  report(frequency ? rules::frequency_not_agreed : rules::not_owner, 1, [&](Finding& f) {
    f.at = batch_->runs[run].at;
    f.series = series_text(run);
    if (component == kNoComponent) {
      f.value = structure_->name().text();
      return;
    }
    f.component = structure_->components[component].id;
    f.value = shown(batch_->key(run)[component]);
    // What the sender's agreements do cover: a country, not each of its regions.
    std::vector<std::string_view> areas;
    for (const Right& right : rights_)
      for (std::string_view id : right.named(component))
        if (std::find(areas.begin(), areas.end(), id) == areas.end()) areas.push_back(id);
    const CodeTable& table = *structure_->components[component].codes;
    std::size_t shown_codes = 0;
    for (std::string_view id : areas) {
      std::int32_t parent = table.parent(table.find(id));
      if (parent != kNoCode &&
          std::find(areas.begin(), areas.end(), table.id(parent)) != areas.end())
        continue;
      if (shown_codes++ == kAllowedShown) break;
      f.expected += (f.expected.empty() ? "" : ", ") + std::string(id);
    }
  });
}

// -------------------------------------------------------------------------------------- attributes

template <typename Key>
void Judge::Impl::judge_attribute(ObservationBatch::AttributeValue& value, Key key) {
  ComponentState& state = components_[value.component];
  ListFault fault{nullptr, value.value, value.code};
  Decimal ignored;
  if (is_multi(value.value))
    fault = list_fault(state, value.value, Period());
  else if (state.component->coded())
    fault.rule = code_fault(state, value.code, Period());
  else
    fault.rule = text_fault(state, value.value, &ignored);
  if (!fault.rule) return;
  report(*fault.rule, 1, [&](Finding& f) {
    f.at = value.at;
    f.series = key();
    describe(f, state, *fault.rule, fault.text, fault.code);
  });
}

template <typename Key>
void Judge::Impl::merge(ObservationBatch::AttributeValue& value, AttributeLevel& level,
                        std::uint32_t entry, std::uint16_t place, Key key) {
  const std::uint32_t fingerprint = nonzero32(text_hash(value.value));
  std::uint32_t* cell = level.cell(entry, place);
  if (*cell == fingerprint) return;
  if (*cell == 0) {
    *cell = fingerprint;
    return judge_attribute(value, key);
  }
  if (!level.conflicts.emplace(entry, place).second) return;
  report(rules::attribute_conflict, 1, [&](Finding& f) {
    f.at = value.at;
    f.series = key();
    f.component = components_[value.component].component->id;
    f.value = shown(value.value);
    f.expected = level.name;
  });
}

void Judge::Impl::judge_run_attributes(std::size_t run, std::uint32_t series, bool fresh) {
  ObservationBatch& batch = *batch_;
  const ObservationBatch::Run& r = batch.runs[run];
  auto key = batch.key(run);
  for (std::size_t k = 0; k < r.attribute_count; ++k) {
    ObservationBatch::AttributeValue& value = batch.attributes[r.attribute_first + k];
    if (value.value.empty() || value.component >= components_.size()) continue;
    const FlowComponent& component = structure_->components[value.component];
    if (component.coded()) value.code = component.codes->find(value.value);
    if (deleting()) continue;
    auto [at, place] = places_[value.component];
    std::int64_t entry = at == kObservationLevel ? -1
                         : at == 0               ? std::int64_t(series)
                                                 : entry_of(levels_[at], key);
    if (entry < 0) {
      judge_attribute(value, [&] { return series_text(run); });
      continue;
    }
    if (*levels_[at].cell(std::uint32_t(entry), place) == nonzero32(text_hash(value.value)))
      continue;
    merge(value, levels_[at], std::uint32_t(entry), place,
          [&, at = at] { return at == 0 ? series_text(run) : key_text(levels_[at], key); });
  }
  if (!fresh || !whole()) return;
  for (std::size_t k = 0; k < levels_.size(); ++k) {
    AttributeLevel& level = levels_[k];
    if (level.mandatory.empty()) continue;
    std::int64_t found = k == 0 ? std::int64_t(series) : entry_of(level, key);
    if (found < 0) continue;
    auto entry = static_cast<std::uint32_t>(found);
    if (level.entries[entry].wanted) continue;
    level.entries[entry] = {r.at, true};
    if (level.texts.size() < limit_ && level.lacks(entry))
      level.texts.emplace(entry, k == 0 ? series_text(run) : key_text(level, key));
  }
}

void Judge::Impl::judge_dataset_attributes() {
  for (ObservationBatch::AttributeValue& value : batch_->dataset_attributes) {
    if (value.value.empty() || value.component >= components_.size()) continue;
    const FlowComponent& component = structure_->components[value.component];
    if (component.coded()) value.code = component.codes->find(value.value);
    if (deleting()) continue;
    if (value.component == year_start_) dataset_year_start_ = value.value;
    auto [at, place] = places_[value.component];
    if (at == kObservationLevel || !levels_[at].dimensions.empty()) {
      judge_attribute(value, [] {
        return std::string();
      });  // the reader has said that it stands in the wrong place
      continue;
    }
    merge(value, levels_[at], static_cast<std::uint32_t>(entry_of(levels_[at], {})), place,
          [] { return std::string(); });
  }
}

void Judge::Impl::judge_group_key(const ObservationBatch::GroupValue& group,
                                  const std::string& text) {
  std::span<const std::string_view> key(batch_->group_keys.data() + group.key_first,
                                        structure_->dimension_count);
  const FlowGroup* definition =
      group.group < structure_->groups.size() ? &structure_->groups[group.group] : nullptr;
  auto fault = [&](const Rule& rule, std::size_t d, std::string_view expected) {
    report(rule, 1, [&](Finding& f) {
      f.at = group.at;
      f.series = text;
      if (&rule == &rules::unknown_code) describe(f, components_[d], rule, key[d], kNoCode);
      f.component = components_[d].component->id;
      f.value = shown(key[d]);
      f.expected = expected;
      if (definition) f.detail = definition->id;
    });
  };
  for (std::uint16_t d = 0; d < key.size(); ++d) {
    if (definition) {
      bool member = std::find(definition->dimensions.begin(), definition->dimensions.end(), d) !=
                    definition->dimensions.end();
      if (member && key[d].empty() && !deleting()) fault(rules::group_key, d, "present");
      if (!member && !key[d].empty()) fault(rules::group_key, d, "absent");
    }
    const FlowComponent& component = structure_->components[d];
    if (!key[d].empty() && component.coded() && component.codes->find(key[d]) < 0)
      fault(rules::unknown_code, d, {});
  }
}

void Judge::Impl::judge_groups() {
  ObservationBatch& batch = *batch_;
  for (const ObservationBatch::GroupValue& group : batch.groups) {
    std::span<const std::string_view> key(batch.group_keys.data() + group.key_first,
                                          structure_->dimension_count);
    const std::string text = one_line(shorten(structure_->series_key(key), 200));
    judge_group_key(group, text);
    for (std::size_t k = 0; k < group.attribute_count; ++k) {
      ObservationBatch::AttributeValue& value = batch.attributes[group.attribute_first + k];
      if (value.value.empty() || value.component >= components_.size()) continue;
      const FlowComponent& component = structure_->components[value.component];
      if (component.coded()) value.code = component.codes->find(value.value);
      if (deleting()) continue;
      if (value.component == year_start_) dataset_year_start_ = value.value;
      auto [at, place] = places_[value.component];
      std::int64_t entry = at == kObservationLevel || at == 0 ? -1 : entry_of(levels_[at], key);
      if (entry < 0)
        judge_attribute(value, [&] { return text; });
      else
        merge(value, levels_[at], static_cast<std::uint32_t>(entry), place, [&] { return text; });
    }
  }
}

// ------------------------------------------------------------------------------------ observations

void Judge::Impl::read_periods() {
  ObservationBatch& batch = *batch_;
  const std::size_t n = batch.size();
  batch.period.assign(n, Period());
  ordinals_.assign(n, 0);
  if (structure_->time == kNoComponent) {
    // One observation a key: any one period tells a second from the first.
    return;
  }
  bits_.resize(n);
  first_days_.resize(n);
  batch.time.resize(n);
  for (std::size_t i = 0; i < n; ++i) {
    const PeriodFacts& facts = memo_.look(batch.time[i]);
    batch.period[i] = facts.period;
    bits_[i] = facts.bit;
    ordinals_[i] = facts.ordinal;
    first_days_[i] = facts.first_day;
  }
}

void Judge::Impl::judge_column(ObservationBatch::Column& column) {
  if (column.component >= components_.size()) return;
  column.text.resize(batch_->size());
  ComponentState& state = components_[column.component];
  if (state.component->coded()) column.code.assign(batch_->size(), kNoCode);
  if (deleting()) {
    for (std::size_t i = 0; i < column.code.size(); ++i)
      if (!column.text[i].empty()) column.code[i] = state.component->codes->find(column.text[i]);
    return;
  }
  if (column.component == structure_->obs_status)
    for (std::size_t i = 0; i < column.text.size(); ++i) status_[i] = status_letter(column.text[i]);
  if (state.component->coded())
    judge_codes(column, state);
  else if (state.check.numeric())
    judge_numbers(column, state);
  else
    judge_texts(column, state);
}

void Judge::Impl::judge_list(ComponentState& state, std::size_t i, std::string_view list) {
  const ListFault fault = list_fault(state, list, batch_->period[i]);
  if (!fault.rule) return;
  report_observation(*fault.rule, i, 1,
                     [&](Finding& f) { describe(f, state, *fault.rule, fault.text, fault.code); });
}

void Judge::Impl::judge_codes(ObservationBatch::Column& column, ComponentState& state) {
  const CodeTable& table = *state.component->codes;
  const bool measure = state.component->kind == ComponentKind::kMeasure;
  for (std::size_t i = 0; i < column.text.size(); ++i) {
    std::string_view text = column.text[i];
    if (text.empty() || (measure && is_missing(*state.component, text))) continue;
    std::int32_t code = table.find(text);
    column.code[i] = code;
    valued_[i] |= static_cast<std::uint8_t>(measure);
    if (code != state.neutral)
      marks_[i] +=
          mixed(state.number, code >= 0 ? static_cast<std::uint64_t>(code) : text_hash(text));
    if (code < 0 && is_multi(text)) {
      judge_list(state, i, text);
      continue;
    }
    if (code >= 0 && state.codes[static_cast<std::size_t>(code)] == ComponentState::kSeen) continue;
    if (const Rule* rule = code_fault(state, code, batch_->period[i]))
      report_observation(*rule, i, 1, [&](Finding& f) { describe(f, state, *rule, text, code); });
  }
}

void Judge::Impl::judge_numbers(ObservationBatch::Column& column, ComponentState& state) {
  const bool measure = state.component->kind == ComponentKind::kMeasure;
  const std::int64_t least = state.check.least_integer(), most = state.check.most_integer();
  const bool plain = !state.text_rules;
  const bool kept = plausibility_ && column.component == structure_->measure;
  for (std::size_t i = 0; i < column.text.size(); ++i) {
    std::string_view& text = column.text[i];
    if (text.empty()) continue;
    if (plain && text.size() <= 9) {
      // Nearly all are short whole numbers.
      std::int64_t value = 0;
      bool digits = true;
      for (char c : text) {
        unsigned digit = static_cast<unsigned>(c) - '0';
        digits &= digit <= 9;
        value = value * 10 + digit;
      }
      if (digits && value >= least && value <= most) {
        valued_[i] |= static_cast<std::uint8_t>(measure);
        if (kept) values_[i] = static_cast<double>(value);
        // Ends in 0: the spelling 1e1 has to get the same mark, which number_mark() sees to.
        marks_[i] += value % 10 == 0 ? number_mark(state.number, {value, 0})
                                     : mixed(state.number, static_cast<std::uint64_t>(value));
        continue;
      }
    }
    if (is_missing(*state.component, text)) continue;
    if (is_multi(text)) {
      valued_[i] |= static_cast<std::uint8_t>(measure);
      marks_[i] += mixed(state.number, text_hash(text));
      judge_list(state, i, text);
      continue;
    }
    Decimal number;
    const Rule* rule = text_fault(state, text, &number);
    if (rule) {
      // QUIRK: white space around a number is legal in XML Schema (whiteSpace=collapse), " 12 ".
      if (std::string_view trimmed = trim(text); trimmed.size() < text.size() && !trimmed.empty()) {
        if (const Rule* still = text_fault(state, trimmed, &number); !still) {
          rule = nullptr;
          text = trimmed;
          if (is_missing(*state.component, text)) continue;
        }
      }
    }
    valued_[i] |= static_cast<std::uint8_t>(measure);
    marks_[i] += number.exponent == kTooLarge ? mixed(state.number, text_hash(text))
                                              : number_mark(state.number, number);
    if (kept && !rule && number.exponent != kTooLarge) {
      // Divided, not multiplied by 0.1: 3 tenths are then the double nearest to 0.3.
      values_[i] = number.exponent < 0
                       ? static_cast<double>(number.mantissa) / std::pow(10.0, -number.exponent)
                       : number.to_double();
      decimals_[i] = static_cast<std::uint8_t>(std::min(number.decimals(), 18));
    }
    if (rule)
      report_observation(*rule, i, 1,
                         [&](Finding& f) { describe(f, state, *rule, text, kNoCode); });
  }
}

void Judge::Impl::judge_texts(ObservationBatch::Column& column, ComponentState& state) {
  const bool measure = state.component->kind == ComponentKind::kMeasure;
  Decimal ignored;
  for (std::size_t i = 0; i < column.text.size(); ++i) {
    std::string_view text = column.text[i];
    if (text.empty() || (measure && is_missing(*state.component, text))) continue;
    valued_[i] |= static_cast<std::uint8_t>(measure);
    marks_[i] += mixed(state.number, text_hash(text));
    if (is_multi(text))
      judge_list(state, i, text);
    else if (const Rule* rule = text_fault(state, text, &ignored))
      report_observation(*rule, i, 1,
                         [&](Finding& f) { describe(f, state, *rule, text, kNoCode); });
  }
}

void Judge::Impl::judge_presence() {
  if (deleting() || structure_->measure == kNoComponent) return;
  ObservationBatch& batch = *batch_;
  const FlowComponent& measure = structure_->components[structure_->measure];
  const ObservationBatch::Column* column = batch.column(structure_->measure);
  const ObservationBatch::Column* statuses =
      structure_->obs_status == kNoComponent ? nullptr : batch.column(structure_->obs_status);
  if (!statuses && structure_->obs_status != kNoComponent)
    for (const ObservationBatch::Run& run : batch.runs)  // a DSD with the status at the series
      if (std::string_view text = run_value(run, structure_->obs_status); !text.empty())
        std::fill_n(status_.begin() + run.first, run.count, status_letter(text));
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (valued_[i] && status_[i] != 'Q') continue;
    std::string_view text = column ? column->text[i] : std::string_view{};
    if (valued_[i]) {
      report_observation(rules::value_with_missing, i, 1, [&](Finding& f) {
        f.component = measure.id;
        f.value = shown(text);
        f.detail = "OBS_STATUS=Q";
      });
      continue;
    }
    // Append and Merge may bring attributes alone; then the measure is not there at all.
    const bool attributes_only = !whole() && text.data() == nullptr && marks_[i] != 0;
    if (status_[i] == 0) {
      if (attributes_only) continue;
      sum_up(not_provided_, i, structure_->measure, text);
      skipped_[i] = 1;
    } else if (kMayBeAbsent.find(status_[i]) == kMayBeAbsent.npos && !attributes_only) {
      report_observation(rules::missing_measure, i, 1, [&](Finding& f) {
        f.component = measure.id;
        f.value = shown(text);
        f.expected = "H J K L M O Q S";
        f.detail =
            "OBS_STATUS=" + (statuses ? shown(statuses->text[i]) : std::string(1, status_[i]));
      });
    }
  }
  if (structure_->measure_count < 2 || !whole()) return;
  for (std::uint16_t m = structure_->measure; m < structure_->measure + structure_->measure_count;
       ++m) {
    const FlowComponent& one = structure_->components[m];
    if (!one.mandatory) continue;
    const ObservationBatch::Column* texts = batch.column(m);
    for (std::size_t i = 0; i < batch.size(); ++i)
      if (valued_[i] && (!texts || is_missing(one, texts->text[i])))
        report_observation(rules::missing_measure, i, 1, [&](Finding& f) { f.component = one.id; });
  }
}

/// Bits of the kinds of periods that may stand under a frequency; never bit 0. Remembers the last.
std::uint32_t Judge::Impl::kinds_under(std::string_view freq) {
  if (freq == kinds_freq_) return kinds_;
  kinds_ = ~1u;
  for (unsigned kind = 1; kind <= static_cast<unsigned>(PeriodKind::kRange); ++kind)
    if (!agrees(static_cast<PeriodKind>(kind), freq)) kinds_ &= ~(1u << kind);
  kinds_freq_ = freq;
  return kinds_;
}

void Judge::Impl::judge_run(std::size_t run) {
  const ObservationBatch::Run& r = batch_->runs[run];
  if (r.count == 0) return;
  const std::uint32_t series = run_series_[run];
  if (structure_->time != kNoComponent) {
    std::string_view freq;
    if (dimension(structure_->freq)) freq = batch_->key(run)[structure_->freq];
    const std::uint32_t allowed = kinds_under(freq);
    std::uint32_t met = 0;
    for (std::size_t i = r.first; i < r.first + r.count; ++i) met |= bits_[i];
    if (met & ~allowed) tell_periods(run, allowed);
  }
  if (deleting()) return;
  if (year_start_ != kNoComponent) judge_reporting_year(run);
  judge_mandatory_observation_attributes(run);
  judge_embargo(run);
  if (r.judged_bad) return;
  if (series_[series].window != 0 && structure_->time != kNoComponent)
    judge_window(run, *windows_[series_[series].window]);
  judge_duplicates(run, series);
  if (plausibility_)
    plausibility_->take(*batch_, run, series, {values_, ordinals_, decimals_, skipped_});
}

/// Says what is wrong with the periods of a run, of which at least one is wrong or in the future.
void Judge::Impl::tell_periods(std::size_t run, std::uint32_t allowed) {
  const ObservationBatch::Run& r = batch_->runs[run];
  const FlowComponent& time = structure_->components[structure_->time];
  const std::string_view freq =
      dimension(structure_->freq) ? batch_->key(run)[structure_->freq] : std::string_view{};
  std::uint64_t disagreeing = 0;
  std::size_t first_disagreeing = 0;
  for (std::size_t i = r.first; i < r.first + r.count; ++i) {
    if (bits_[i] & allowed) continue;
    const std::string_view text = batch_->time[i];
    const PeriodFacts facts = memo_.look(text);
    auto fault = [&](const Rule& rule) {
      report_observation(rule, i, 1, [&](Finding& f) {
        f.component = time.id;
        f.value = shown(text);
        if (facts.fault == PeriodFault::kUnreadable) {
          f.suggestions = period_suggestions(text);
          f.expected = period_form(freq);
        } else if (facts.fault == PeriodFault::kType) {
          f.expected = data_type_name(time.format.type);
        } else {
          f.expected = time.format.start_time + ".." + time.format.end_time;
        }
      });
    };
    switch (facts.fault) {
      case PeriodFault::kAbsent:
        if (!deleting())
          report_observation(rules::missing_time, i, 1, [&](Finding& f) { f.component = time.id; });
        continue;
      case PeriodFault::kUnreadable:
      case PeriodFault::kType:
        fault(rules::bad_period);
        continue;
      case PeriodFault::kRange:
        fault(rules::period_range);
        break;
      case PeriodFault::kNone:
        break;
    }
    if (!((1u << static_cast<unsigned>(facts.period.kind())) & allowed)) {
      if (disagreeing++ == 0) first_disagreeing = i;
    } else if (facts.future && !deleting() && !skipped_[i] && status_[i] != 'F') {
      // An empty cell of a form for the whole year says nothing about the future; a forecast does.
      sum_up(future_, i, structure_->time, text);
    }
  }
  if (disagreeing > 0)
    report_observation(rules::period_frequency, first_disagreeing, disagreeing, [&](Finding& f) {
      f.component = time.id;
      f.value = shown(batch_->time[first_disagreeing]);
      f.expected = period_form(freq);
      f.detail = shown(freq);
    });
}

void Judge::Impl::judge_window(std::size_t run, const Window& window) {
  const ObservationBatch::Run& r = batch_->runs[run];
  struct Outside {
    std::uint64_t count = 0;
    std::size_t first = 0;
    void add(std::size_t i) {
      if (count++ == 0) first = i;
    }
  } codes, agreements, constraint;
  for (std::size_t i = r.first; i < r.first + r.count; ++i) {
    const Period period = batch_->period[i];
    if (period.empty() || skipped_[i]) continue;
    const std::int64_t first = first_days_[i];
    auto within = [&](const DayRange& range) {
      return first >= range.first && first <= range.last;
    };
    if (!within(window.codes) && !touches(window.codes, first, period.end_day() - 1)) codes.add(i);
    if (!window.agreements.empty() &&
        std::none_of(window.agreements.begin(), window.agreements.end(), within))
      agreements.add(i);
    if ((!window.allowed.empty() &&
         std::none_of(window.allowed.begin(), window.allowed.end(), within)) ||
        std::any_of(window.excluded.begin(), window.excluded.end(), within))
      constraint.add(i);
  }
  const FlowComponent& time = structure_->components[structure_->time];
  if (codes.count > 0) {
    // Which code it is: the first of the key that does not reach that period.
    const Period period = batch_->period[codes.first];
    for (std::size_t d = 0; d < structure_->dimension_count; ++d) {
      std::int32_t code = batch_->codes(run)[d];
      if (code < 0 || code_fault(components_[d], code, period) != &rules::code_not_valid) continue;
      report_observation(rules::code_not_valid, codes.first, codes.count, [&](Finding& f) {
        describe(f, components_[d], rules::code_not_valid, batch_->key(run)[d], code);
      });
      break;
    }
  }
  if (agreements.count > 0)
    report_observation(rules::agreement_period, agreements.first, agreements.count,
                       [&](Finding& f) {
                         f.component = time.id;
                         f.value = shown(batch_->time[agreements.first]);
                         f.expected = range_text(window.agreements.front());
                       });
  if (constraint.count > 0)
    report_observation(rules::constraint_key, constraint.first, constraint.count, [&](Finding& f) {
      f.component = time.id;
      f.value = shown(batch_->time[constraint.first]);
      f.detail = structure_->constraints[window.rule].constraint.text();
      if (!window.allowed.empty()) f.expected = range_text(window.allowed.front());
    });
}

std::string_view Judge::Impl::run_value(const ObservationBatch::Run& run,
                                        std::uint16_t component) const {
  for (std::size_t k = 0; k < run.attribute_count; ++k)
    if (batch_->attributes[run.attribute_first + k].component == component)
      return batch_->attributes[run.attribute_first + k].value;
  if (run.continued)
    for (const auto& [id, value] : carried_)
      if (id == component) return value;
  return {};
}

void Judge::Impl::carry_attributes() {
  if (batch_->runs.empty()) return;
  const ObservationBatch::Run& last = batch_->runs.back();
  if (last.continued && last.attribute_count == 0 && batch_->runs.size() == 1) return;
  carried_.clear();
  for (std::size_t k = 0; k < last.attribute_count; ++k) {
    const ObservationBatch::AttributeValue& value = batch_->attributes[last.attribute_first + k];
    carried_.emplace_back(value.component, value.value);
  }
}

void Judge::Impl::judge_mandatory_observation_attributes(std::size_t run) {
  if (mandatory_at_observation_.empty() || !whole()) return;
  const ObservationBatch::Run& r = batch_->runs[run];
  for (std::uint16_t component : mandatory_at_observation_) {
    if (!run_value(r, component).empty()) continue;
    const ObservationBatch::Column* column = batch_->column(component);
    std::uint64_t count = 0;
    std::size_t first = 0;
    for (std::size_t i = r.first; i < r.first + r.count; ++i)
      if (!skipped_[i] && (!column || column->text[i].empty()) && count++ == 0) first = i;
    if (count > 0)
      report_observation(rules::missing_attribute, first, count, [&](Finding& f) {
        f.component = structure_->components[component].id;
        f.expected = "observation";
      });
  }
}

void Judge::Impl::judge_embargo(std::size_t run) {
  const std::uint16_t conf = structure_->conf_status, time = structure_->embargo_time;
  if (conf == kNoComponent || time == kNoComponent || action_ == Action::kMerge) return;
  const ObservationBatch::Column* confs = batch_->column(conf);
  const ObservationBatch::Column* times = batch_->column(time);
  const ObservationBatch::Run& r = batch_->runs[run];
  const std::string_view run_conf = run_value(r, conf), run_time = run_value(r, time);
  if (!confs && !times && run_conf.empty() && run_time.empty()) return;
  std::uint64_t missing = 0, alone = 0, over = 0;
  std::size_t first_missing = 0, first_alone = 0, first_over = 0;
  auto time_text = [&](std::size_t i) {
    return times && !times->text[i].empty() ? times->text[i] : run_time;
  };
  for (std::size_t i = r.first; i < r.first + r.count; ++i) {
    if (skipped_[i]) continue;
    bool own = confs && !confs->text[i].empty();
    bool embargo = (own ? confs->text[i] : run_conf) == "E";
    bool dated = !time_text(i).empty();
    if (embargo && !dated && missing++ == 0) first_missing = i;
    if (!embargo && dated && alone++ == 0) first_alone = i;
    if (embargo && dated)
      if (auto end = parse_time(time_text(i)); end && *end <= options_.now && over++ == 0)
        first_over = i;
  }
  if (over > 0)
    report_observation(rules::embargo_over, first_over, over, [&](Finding& f) {
      f.component = structure_->components[time].id;
      f.value = shown(time_text(first_over));
    });
  if (missing > 0)
    report_observation(rules::embargo_missing, first_missing, missing,
                       [&](Finding& f) { f.component = structure_->components[time].id; });
  if (alone > 0)
    report_observation(rules::embargo_without_status, first_alone, alone, [&](Finding& f) {
      f.component = structure_->components[time].id;
      f.value = shown(time_text(first_alone));
      f.expected = "CONF_STATUS=E";
    });
}

/// Reporting periods (2026-Q1, but not 2026-03) count from the start of the reporting year. Only
/// those of the calendar year can be filed: model/period.h.
void Judge::Impl::judge_reporting_year(std::size_t run) {
  const ObservationBatch::Run& r = batch_->runs[run];
  const ObservationBatch::Column* column = batch_->column(year_start_);
  std::string_view start = run_value(r, year_start_);
  if (start.empty()) start = dataset_year_start_;
  if (start.empty() && !column) return;
  std::uint64_t count = 0;
  std::size_t first = 0;
  auto start_at = [&](std::size_t i) {
    return column && !column->text[i].empty() ? column->text[i] : start;
  };
  for (std::size_t i = r.first; i < r.first + r.count; ++i) {
    if (skipped_[i] || start_at(i).empty() || start_at(i).starts_with("--01-01")) continue;
    const PeriodFacts& facts = memo_.look(time_of(i));
    if (facts.fault == PeriodFault::kNone && facts.reporting && count++ == 0) first = i;
  }
  if (count > 0)
    report_observation(rules::reporting_year, first, count, [&](Finding& f) {
      f.component = structure_->components[year_start_].id;
      f.value = shown(start_at(first));
      f.expected = "--01-01";
    });
}

void Judge::Impl::judge_duplicates(std::size_t run, std::uint32_t series) {
  const ObservationBatch::Run& r = batch_->runs[run];
  const bool timed = structure_->time != kNoComponent;
  if (timed && ledger_.put_run(series, {batch_->period.data() + r.first, r.count},
                               {ordinals_.data() + r.first, r.count},
                               {fingerprints_.data() + r.first, r.count}))
    return;
  std::uint64_t equal = 0, judged = 0;
  std::size_t first_equal = 0;
  for (std::size_t i = r.first; i < r.first + r.count; ++i) {
    Period period = timed ? batch_->period[i] : Period::at(PeriodKind::kDay, 0);
    if (fingerprints_[i] == 0 || period.empty()) continue;
    ++judged;
    std::uint32_t before = ledger_.put(series, period, ordinals_[i], fingerprints_[i]);
    if (before == 0) continue;
    if (before == fingerprints_[i]) {
      if (equal++ == 0) first_equal = i;
      continue;
    }
    report_observation(rules::duplicate_conflict, i, 1, [&](Finding& f) {
      if (const auto* column = batch_->column(structure_->measure)) {
        f.component = structure_->components[structure_->measure].id;
        f.value = shown(column->text[i]);
      }
      if (series_[series].line > 0) f.detail = std::to_string(series_[series].line);
    });
  }
  if (equal == 0) return;
  // The whole series once more is one thing to say, not one for each of its cells.
  const Rule& rule =
      equal > 1 && equal == judged ? rules::duplicate_series : rules::duplicate_equal;
  report_observation(rule, first_equal, &rule == &rules::duplicate_series ? 1 : equal,
                     [&](Finding& f) {
                       if (&rule == &rules::duplicate_series) {
                         f.at = r.at;
                         f.period.clear();
                       }
                       if (series_[series].line > 0)
                         f.detail = std::to_string(series_[series].line);
                     });
}

// ------------------------------------------------------------------------------------------- Judge

Judge::Judge(FindingSink& findings, JudgeOptions options)
    : impl_(std::make_unique<Impl>(findings, std::move(options))) {}
Judge::~Judge() = default;
void Judge::judge(ObservationBatch& batch, const DataMessage& message) {
  impl_->judge(batch, message);
}
void Judge::finish(const DataMessage& message) {
  impl_->finish(message);
}
const std::vector<DatasetStatistics>& Judge::statistics() const {
  return impl_->statistics();
}
std::vector<std::unique_ptr<Plausibility>> Judge::take_plausibility() {
  return impl_->take_plausibility();
}
std::size_t Judge::bytes() const {
  return impl_->bytes();
}

}  // namespace focalpost
