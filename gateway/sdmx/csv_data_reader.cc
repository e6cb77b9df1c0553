// SPDX-License-Identifier: Apache-2.0
//
// The columns. SDMX-CSV 1.0: DATAFLOW, then components. 2.0: STRUCTURE, STRUCTURE_ID, optionally
// STRUCTURE_NAME, ACTION, SERIES_KEY, OBS_KEY, then components in any order. Neighbouring rows of
// one structure and one action are a dataset; neighbouring rows of one series key are a run.
// Attributes of series, groups and the dataset are repeated on the rows and are taken from the
// first that has them.
#include "sdmx/csv_data_reader.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "sdmx/batch_builder.h"
#include "sdmx/csv_records.h"
#include "sdmx/resolve.h"
#include "sdmx/utf8_input.h"

namespace focalpost::sdmx {
namespace {

enum class Meaning : std::uint8_t {
  kDataflow,
  kStructure,
  kStructureId,
  kAction,
  kIgnored,
  kComponent
};

struct CsvColumn {
  std::string id;
  Meaning meaning = Meaning::kComponent;
  bool known = false;     ///< a component of one dataset's structure at least
  bool reported = false;  ///< as unknown
};

enum class Use : std::uint8_t {
  kKey,
  kTime,
  kColumn,
  kRunAttribute,
  kGroupAttribute,
  kDatasetAttribute
};

/// What a column is in the structure of the present dataset.
struct ColumnUse {
  std::size_t field = 0;
  std::uint16_t component = kNoComponent;  ///< kNoComponent: not of this structure
  Use use = Use::kColumn;
  bool coded = false, numeric = false;
};

bool is_numeric(DataType type) {
  switch (type) {
    case DataType::kNumeric:
    case DataType::kBigInteger:
    case DataType::kInteger:
    case DataType::kLong:
    case DataType::kShort:
    case DataType::kDecimal:
    case DataType::kFloat:
    case DataType::kDouble:
    case DataType::kCount:
    case DataType::kInclusiveValueRange:
    case DataType::kExclusiveValueRange:
    case DataType::kIncremental:
      return true;
    default:
      return false;
  }
}

/// Digits, one comma, digits, with sign and exponent.
bool is_decimal_comma(std::string_view text) {
  std::size_t i = !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0;
  auto digits = [&] {
    std::size_t from = i;
    while (i < text.size() && text[i] >= '0' && text[i] <= '9') ++i;
    return i > from;
  };
  if (!digits() || i >= text.size() || text[i] != ',') return false;
  ++i;
  if (!digits()) return false;
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    if (i < text.size() && (text[i] == '-' || text[i] == '+')) ++i;
    if (!digits()) return false;
  }
  return i == text.size();
}

class CsvDataReader final : public DataReader {
 public:
  CsvDataReader(ByteSource& bytes, const Detection& detection, const StructureLookup& lookup,
                FindingSink& sink, const Limits& limits)
      : input_(bytes, detection),
        lookup_(lookup),
        sink_(sink),
        limits_(limits),
        separator_(detection.separator),
        records_(detection.separator, limits.csv_line_bytes) {
    message_.format = "sdmx-csv";
    message_.version = detection.version;
  }

  Result<ObservationBatch*> next() override {
    while (!builder_.ready() && !done_) {
      FP_ASSIGN(auto text, input_.next());
      if (text.empty())
        records_.finish();
      else
        records_.feed(text);
      read_records();
    }
    return builder_.take();
  }
  const DataMessage& message() const override { return message_; }

 private:
  void read_records() {
    for (;;) {
      switch (records_.next()) {
        case CsvRecords::Step::kMore:
          return;
        case CsvRecords::Step::kRecord:
          if (!header_read_)
            read_header();
          else
            read_row();
          break;
        case CsvRecords::Step::kBadQuotes:
          report(rules::csv_quotes, 0, {}, {});
          if (!header_read_) stop_ = true;
          break;
        case CsvRecords::Step::kTooLong:
          report(rules::csv_line_too_long, 0, {}, {}, {}, std::to_string(limits_.csv_line_bytes));
          stop_ = true;
          break;
        case CsvRecords::Step::kEnd:
          finish();
          return;
      }
      if (stop_) {
        finish();
        return;
      }
    }
  }

  void finish() {
    done_ = true;
    end_dataset();
    if (input_.fault()) {
      Finding finding = make(rules::bad_encoding, 0, {}, input_.fault()->encoding);
      finding.dataset = Finding::kNoDataset;
      finding.suggestions = input_.fault()->suggestions;
      sink_.add(std::move(finding));
    } else if (input_.cut()) {
      report(rules::truncated, 0, {}, {});
    } else if (!stop_) {
      for (std::size_t i = 0; i < columns_.size(); ++i)
        if (columns_[i].meaning == Meaning::kComponent && !columns_[i].known &&
            !columns_[i].reported && structure_known_)
          unknown_column(i, Position{header_line_, static_cast<std::uint32_t>(i + 1)});
      if (message_.datasets.empty() && header_read_) {
        Finding finding;
        finding.rule = &rules::no_dataset;
        sink_.add(std::move(finding));
      }
    }
  }

  // ---- the header

  void read_header() {
    header_read_ = true;
    header_line_ = records_.line();
    const std::vector<std::string_view>& fields = records_.fields();
    if (fields.size() > limits_.components) {
      report(rules::csv_header, 0, {}, std::to_string(fields.size()),
             std::to_string(limits_.components));
      stop_ = true;
      return;
    }
    for (std::string_view field : fields) labels_ = labels_ || field.find(": ") != field.npos;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      CsvColumn& column = columns_.emplace_back();
      std::string_view id = fields[i];
      if (labels_) id = id.substr(0, id.find(": "));
      column.id = shorten(id, 200);
      column.meaning = meaning_of(column.id, i);
      // ATTR[] and ATTR[en;fr] hold several values a cell.
      if (column.meaning == Meaning::kComponent && column.id.ends_with(']')) {
        report(rules::unsupported_message, i + 1, column.id, {});
        stop_ = true;
      }
      for (std::size_t k = 0; k < i; ++k)
        if (columns_[k].id == column.id) {
          report(rules::csv_header, i + 1, column.id, {}, {}, "twice");
          stop_ = true;
          break;
        }
    }
    if (message_.version == "2.0" && !has(Meaning::kStructureId)) {
      report(rules::csv_header, 0, "STRUCTURE_ID", {}, {}, "missing");
      stop_ = true;
    }
  }

  Meaning meaning_of(const std::string& id, std::size_t place) {
    if (message_.version == "1.0") {
      if (place == 0) return Meaning::kDataflow;
      if (id == "LAST UPDATE") {
        // QUIRK: Eurostat's own SDMX-CSV has a second column LAST UPDATE, which is no component.
        report(rules::header_quirk, place + 1, id, {});
        return Meaning::kIgnored;
      }
      return Meaning::kComponent;
    }
    if (place == 0) return Meaning::kStructure;
    if (id == "STRUCTURE_ID") return Meaning::kStructureId;
    if (id == "ACTION") return Meaning::kAction;
    // Names and keys in one cell repeat what other columns say.
    if (id == "STRUCTURE_NAME" || id == "SERIES_KEY" || id == "OBS_KEY") return Meaning::kIgnored;
    return Meaning::kComponent;
  }

  bool has(Meaning meaning) const {
    return std::any_of(columns_.begin(), columns_.end(),
                       [&](const CsvColumn& column) { return column.meaning == meaning; });
  }

  // ---- rows

  void read_row() {
    const std::vector<std::string_view>& fields = records_.fields();
    if (fields.size() != columns_.size()) {
      report(rules::csv_fields, 0, {}, std::to_string(fields.size()),
             std::to_string(columns_.size()));
      return;
    }
    for (std::size_t i = 0; i < fields.size(); ++i)
      if (fields[i].size() > limits_.text_bytes) {
        report(rules::text_too_long, i + 1, columns_[i].id, {}, std::to_string(limits_.text_bytes));
        return;
      }
    if (!in_dataset_ || head_changed(fields)) {
      end_dataset();
      if (message_.datasets.size() >= limits_.datasets) {
        report(rules::too_many_datasets, 0, {}, {}, std::to_string(limits_.datasets));
        stop_ = true;
        return;
      }
      begin_dataset(fields);
    }
    if (flow_ && usable_) add_row(fields);
  }

  bool head_changed(const std::vector<std::string_view>& fields) const {
    for (const auto& [field, text] : head_cells_)
      if (fields[field] != text) return true;
    return false;
  }

  void begin_dataset(const std::vector<std::string_view>& fields) {
    in_dataset_ = true;
    head_cells_.clear();
    for (std::size_t i = 0; i < columns_.size(); ++i)
      if (columns_[i].meaning != Meaning::kComponent && columns_[i].meaning != Meaning::kIgnored)
        head_cells_.emplace_back(i, std::string(fields[i]));
    index_ = static_cast<std::uint32_t>(message_.datasets.size());
    DatasetHead& head = message_.datasets.emplace_back();
    head.at = Position{records_.line(), 1};
    flow_.reset();
    usable_ = false;
    for (const auto& [field, text] : head_cells_) {
      switch (columns_[field].meaning) {
        case Meaning::kDataflow:
          head.structure_class = ArtefactClass::kDataflow;
          break;
        case Meaning::kStructure:
          read_structure_class(field, text, head);
          break;
        case Meaning::kAction:
          read_action(field, text, head);
          break;
        default:
          break;
      }
      if (columns_[field].meaning == Meaning::kDataflow ||
          columns_[field].meaning == Meaning::kStructureId) {
        std::string_view id = text;
        if (labels_) id = id.substr(0, id.find(": "));
        if (auto ref = parse_ref(id))
          head.structure = *ref;
        else
          report(rules::header_value, field + 1, columns_[field].id, text, "AGENCY:ID(VERSION)");
      }
    }
    if (head.structure.empty()) return;
    flow_ =
        resolve_structure(lookup_, head.structure_class, head.structure, index_, head.at, sink_);
    head.flow = flow_;
    if (!flow_) return;
    structure_known_ = true;
    use_columns();
    builder_.begin_dataset(index_, flow_);
    key_.assign(flow_->dimension_count, {});
    dataset_texts_.assign(flow_->components.size(), {});
    groups_.assign(flow_->groups.size(), {});
  }

  void read_structure_class(std::size_t field, std::string_view text, DatasetHead& head) {
    if (labels_) text = text.substr(0, text.find(": "));
    if (text == "dataflow")
      head.structure_class = ArtefactClass::kDataflow;
    else if (text == "datastructure")
      head.structure_class = ArtefactClass::kDataStructure;
    else if (text == "dataprovision")
      head.structure_class = ArtefactClass::kProvisionAgreement;
    else
      report(rules::header_value, field + 1, "STRUCTURE", text,
             "dataflow, datastructure, dataprovision");
  }

  /// Without ACTION it is a Replace here: what is mailed is meant to be filed.
  void read_action(std::size_t field, std::string_view text, DatasetHead& head) {
    if (text.empty()) return;
    head.action_given = true;
    if (text == "R")
      head.action = Action::kReplace;
    else if (text == "A")
      head.action = Action::kAppend;
    else if (text == "D")
      head.action = Action::kDelete;
    else if (text == "I")
      head.action = Action::kInformation;
    else {
      head.action = Action::kInformation;
      report(rules::unknown_action, field + 1, "ACTION", text, "I, A, R, D");
    }
  }

  /// Which column is what in this structure, and whether every dimension has one.
  void use_columns() {
    using Kind = AttributeRelationship::Kind;
    uses_.clear();
    std::vector<bool> seen(flow_->components.size(), false);
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (columns_[i].meaning != Meaning::kComponent) continue;
      ColumnUse use;
      use.field = i;
      use.component = flow_->find(columns_[i].id);
      if (use.component != kNoComponent) {
        columns_[i].known = true;
        seen[use.component] = true;
        const FlowComponent& component = flow_->components[use.component];
        use.coded = component.coded();
        use.numeric = !use.coded && (component.kind == ComponentKind::kMeasure ||
                                     is_numeric(component.format.type));
        if (use.component < flow_->dimension_count)
          use.use = Use::kKey;
        else if (use.component == flow_->time)
          use.use = Use::kTime;
        else if (component.kind == ComponentKind::kMeasure)
          use.use = Use::kColumn;
        else if (component.level == Kind::kDataset)
          use.use = Use::kDatasetAttribute;
        else if (component.level == Kind::kDimensions)
          use.use = Use::kRunAttribute;
        else if (component.level == Kind::kGroup && flow_->find_group(component.group))
          use.use = Use::kGroupAttribute;
        else
          use.use = Use::kColumn;
      }
      uses_.push_back(use);
    }
    usable_ = true;
    for (std::size_t c = 0; c < flow_->components.size(); ++c) {
      bool dimension = c < flow_->dimension_count || c == flow_->time;
      if (!dimension || seen[c]) continue;
      usable_ = false;
      Finding finding = make(rules::csv_header, 0, flow_->components[c].id, {});
      finding.at = Position{header_line_, 0};
      finding.detail = "missing";
      sink_.add(std::move(finding));
    }
  }

  std::string_view cell(const ColumnUse& use, std::string_view text) {
    if (labels_ && use.coded) text = text.substr(0, text.find(": "));
    // Where ';' separates, the decimal sign is a comma (RFC 4180 as SDMX-CSV uses it).
    if (separator_ == ';' && use.numeric && text.find(',') != text.npos && is_decimal_comma(text)) {
      std::string& point = converted_[converted_used_++];
      point = text;
      point[point.find(',')] = '.';
      text = point;
    }
    return text;
  }

  void add_row(const std::vector<std::string_view>& fields) {
    Position at{records_.line(), 1};
    std::fill(key_.begin(), key_.end(), std::string_view());
    std::string_view time;
    values_.clear();
    run_values_.clear();
    group_values_.clear();
    converted_used_ = 0;
    if (converted_.size() < fields.size()) converted_.resize(fields.size());
    for (const ColumnUse& use : uses_) {
      std::string_view text = fields[use.field];
      if (text.empty()) continue;
      if (use.component == kNoComponent) {
        if (!columns_[use.field].reported)
          unknown_column(use.field, {at.line, static_cast<std::uint32_t>(use.field + 1)});
        continue;
      }
      text = cell(use, text);
      RowValue value{use.component, text, {at.line, static_cast<std::uint32_t>(use.field + 1)}};
      switch (use.use) {
        case Use::kKey:
          key_[use.component] = text;
          break;
        case Use::kTime:
          time = text;
          break;
        case Use::kColumn:
          values_.push_back(value);
          break;
        case Use::kRunAttribute:
          run_values_.push_back(value);
          break;
        case Use::kGroupAttribute:
          group_values_.push_back(value);
          break;
        case Use::kDatasetAttribute:
          dataset_attribute(value);
          break;
      }
    }
    builder_.add_row(key_, time, values_, run_values_, at, conflicts_);
    for (const RowValue& value : conflicts_) conflict(value);
    if (!group_values_.empty()) group_attributes(at);
  }

  void dataset_attribute(const RowValue& value) {
    KnownText& known = dataset_texts_[value.component];
    if (!known.known) {
      known = {true, std::string(value.value)};
      builder_.dataset_attribute(value.component, value.value, value.at);
    } else if (known.text != value.value) {
      conflict(value);
    }
  }

  /// A group is written once for neighbouring rows that agree on its key.
  void group_attributes(Position at) {
    for (std::size_t g = 0; g < flow_->groups.size(); ++g) {
      const FlowGroup& group = flow_->groups[g];
      GroupText& known = groups_[g];
      fresh_.clear();
      bool same = known.key.size() == group.dimensions.size();
      for (std::size_t d = 0; same && d < group.dimensions.size(); ++d)
        same = group.dimensions[d] < key_.size() && known.key[d] == key_[group.dimensions[d]];
      bool any = false;
      for (const RowValue& value : group_values_) {
        if (flow_->components[value.component].group != group.id) continue;
        if (!any && !same) {
          known.key.clear();
          known.texts.clear();
          for (std::uint16_t d : group.dimensions)
            known.key.emplace_back(d < key_.size() ? key_[d] : std::string_view());
        }
        any = true;
        auto text = std::find_if(known.texts.begin(), known.texts.end(),
                                 [&](const auto& t) { return t.first == value.component; });
        if (text == known.texts.end()) {
          known.texts.emplace_back(value.component, std::string(value.value));
          fresh_.push_back(value);
        } else if (text->second != value.value) {
          conflict(value);
        }
      }
      if (fresh_.empty()) continue;
      group_key_.assign(flow_->dimension_count, {});
      for (std::uint16_t d : group.dimensions)
        if (d < key_.size()) group_key_[d] = key_[d];
      builder_.group(static_cast<std::uint16_t>(g), group_key_, fresh_, at);
    }
  }

  void end_dataset() {
    if (in_dataset_ && flow_ && builder_.in_dataset()) {
      if (builder_.empty_dataset() && usable_) report(rules::no_observation, 0, {}, {});
      builder_.end_dataset();
    }
    in_dataset_ = false;
    flow_.reset();
  }

  // ---- findings

  Finding make(const Rule& rule, std::size_t column, std::string_view component,
               std::string_view value) const {
    Finding finding;
    finding.rule = &rule;
    if (in_dataset_) finding.dataset = index_;
    finding.at = Position{records_.line(), static_cast<std::uint32_t>(column)};
    finding.component = shorten(component, 80);
    finding.value = shorten(value, 80);
    return finding;
  }

  void report(const Rule& rule, std::size_t column, std::string_view component,
              std::string_view value, std::string_view expected = {},
              std::string_view detail = {}) {
    const std::uint32_t dataset = in_dataset_ ? index_ : Finding::kNoDataset;
    if (!sink_.listing(dataset)) return sink_.count(rule, dataset);
    Finding finding = make(rule, column, component, value);
    finding.expected = expected;
    finding.detail = detail;
    sink_.add(std::move(finding));
  }

  void conflict(const RowValue& value) {
    if (!sink_.listing(index_)) return sink_.count(rules::attribute_conflict, index_);
    Finding finding = make(rules::attribute_conflict, value.at.column,
                           flow_->components[value.component].id, value.value);
    finding.series = flow_->series_key(key_);
    sink_.add(std::move(finding));
  }

  void unknown_column(std::size_t field, Position at) {
    columns_[field].reported = true;
    Finding finding = make(rules::unknown_component, field + 1, columns_[field].id, {});
    finding.at = at;
    if (flow_) {
      std::vector<std::string_view> known;
      for (const FlowComponent& component : flow_->components) known.push_back(component.id);
      finding.suggestions = nearest(columns_[field].id, known);
    }
    sink_.add(std::move(finding));
  }

  struct KnownText {
    bool known = false;
    std::string text;
  };
  struct GroupText {
    std::vector<std::string> key;
    std::vector<std::pair<std::uint16_t, std::string>> texts;
  };

  Utf8Input input_;
  const StructureLookup& lookup_;
  FindingSink& sink_;
  const Limits& limits_;
  char separator_;
  CsvRecords records_;
  BatchBuilder builder_;
  DataMessage message_;
  bool done_ = false, stop_ = false, header_read_ = false, structure_known_ = false;
  bool labels_ = false;  ///< labels=both: "ID: Name"
  std::uint32_t header_line_ = 1;
  std::vector<CsvColumn> columns_;

  // the dataset
  bool in_dataset_ = false;
  bool usable_ = false;  ///< every dimension has its column
  std::uint32_t index_ = 0;
  std::shared_ptr<const FlowStructure> flow_;
  std::vector<std::pair<std::size_t, std::string>> head_cells_;  ///< what tells datasets apart
  std::vector<ColumnUse> uses_;
  std::vector<KnownText> dataset_texts_;
  std::vector<GroupText> groups_;

  // the row
  std::vector<std::string_view> key_, group_key_;
  std::vector<RowValue> values_, run_values_, group_values_, fresh_, conflicts_;
  std::vector<std::string> converted_;
  std::size_t converted_used_ = 0;
};

}  // namespace

std::unique_ptr<DataReader> open_csv_data(ByteSource& bytes, const Detection& detection,
                                          const StructureLookup& structures, FindingSink& sink,
                                          const Limits& limits) {
  return std::make_unique<CsvDataReader>(bytes, detection, structures, sink, limits);
}

}  // namespace focalpost::sdmx
