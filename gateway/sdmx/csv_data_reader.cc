// SPDX-License-Identifier: Apache-2.0
//
// The columns. SDMX-CSV 1.0: DATAFLOW, then components. 2.x: STRUCTURE, STRUCTURE_ID, optionally
// STRUCTURE_NAME (then a column of names follows each component), ACTION, SERIES_KEY, OBS_KEY, then
// components in any order, and columns of the sender's own. Neighbouring rows of one structure and
// one action are a dataset. What a row is, is FlatRows' matter.
//
// ATTR[] holds several values, ATTR[en;fr] one in several languages or, each in quotes of its own,
// several such; the separator within is that of STRUCTURE[;]. They become one text
// (model/multi_value.h). Source: SDMX-CSV field guide 1.0, 2.0, 2.1.
#include "sdmx/csv_data_reader.h"

#include <algorithm>
#include <cstring>
#include <deque>

#include "base/text.h"
#include "model/multi_value.h"
#include "sdmx/csv_records.h"
#include "sdmx/flat_reader.h"

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

/// How many values a cell holds.
enum class Cell : std::uint8_t { kOne, kSeveral, kLanguages };

struct CsvColumn {
  std::string id;
  Meaning meaning = Meaning::kComponent;
  Cell cell = Cell::kOne;
  std::vector<std::string> languages;  ///< kLanguages: as declared
  bool known = false;                  ///< a component of one dataset's structure at least
  bool reported = false;               ///< as unknown
};

/// What a column is in the structure of the present dataset.
struct ColumnUse {
  std::size_t field = 0;
  std::uint16_t component = kNoComponent;  ///< kNoComponent: not of this structure
  FlatRows::Place place = FlatRows::Place::kColumn;
  bool coded = false, numeric = false, key = false;
  bool plain = true;  ///< the cell is the value: no label, comma, list or flag in it
  bool flag = false;  ///< Eurostat's OBS_FLAG for OBS_STATUS
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

/// Digits, one comma, digits, with sign and exponent. "9,842" is none: it may be nine thousand, and
/// nobody may guess; "0,842" and "1234,567" are.
bool is_decimal_comma(std::string_view text) {
  std::size_t i = !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0;
  auto digits = [&] {
    std::size_t from = i;
    while (i < text.size() && text[i] >= '0' && text[i] <= '9') ++i;
    return i > from;
  };
  const std::size_t whole = i;
  if (!digits() || i >= text.size() || text[i] != ',') return false;
  const bool may_group = i - whole <= 3 && text[whole] != '0';
  const std::size_t fraction = ++i;
  if (!digits()) return false;
  if (may_group && i - fraction == 3 && i == text.size()) return false;
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    if (i < text.size() && (text[i] == '-' || text[i] == '+')) ++i;
    if (!digits()) return false;
  }
  return i == text.size();
}

/// Before ": Name" where labels=both.
std::string_view without_label(std::string_view text) {
  return text.substr(0, text.find(": "));
}

class CsvDataReader final : public FlatReader {
 public:
  CsvDataReader(ByteSource& bytes, const Detection& detection, const StructureLookup& lookup,
                FindingSink& sink, const Limits& limits)
      : FlatReader("sdmx-csv", bytes, detection, lookup, sink, limits),
        separator_(detection.separator),
        sub_separator_(detection.sub_separator),
        records_(detection.separator, limits.csv_line_bytes),
        list_(limits.text_bytes) {}

  Result<ObservationBatch*> next() override {
    while (!builder_.ready() && !done_) {
      FP_ASSIGN(auto text, input_.next());
      if (text.empty()) {
        records_.finish();
      } else {
        marks_ = marks_ || std::memchr(text.data(), kNextValue, text.size()) ||
                 std::memchr(text.data(), kNextText, text.size());
        records_.feed(text);
      }
      read_records();
    }
    return builder_.take();
  }

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
    end_dataset(in_column(0));
    const bool whole = !input_.fault() && !input_.cut() && !stop_;
    if (!input_.fault() && input_.cut()) report(rules::truncated, 0, {}, {});
    if (whole)
      for (std::size_t i = 0; i < columns_.size(); ++i)
        if (columns_[i].meaning == Meaning::kComponent && !columns_[i].known &&
            !columns_[i].reported && last_flow_)
          unknown_column(i, Position{header_line_, static_cast<std::uint32_t>(i + 1)});
    end_message(whole && header_read_, in_column(0));
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
    names_ = v2() && fields.size() > 2 && fields[2] == "STRUCTURE_NAME";
    // Where names have columns of their own, a name may hold anything.
    if (!names_)
      for (std::string_view field : fields) labels_ = labels_ || field.find(": ") != field.npos;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      CsvColumn& column = columns_.emplace_back();
      std::string_view id = fields[i];
      if (labels_) id = without_label(id);
      column.id = shorten(id, 200);
      column.meaning = meaning_of(column.id, i);
      if (column.meaning == Meaning::kComponent && column.id.ends_with(']'))
        read_brackets(column, i);
      for (std::size_t k = 0; k < i; ++k)
        if (columns_[k].id == column.id && !may_be_name(i)) {
          report(rules::csv_header, i + 1, column.id, {}, {}, "twice");
          stop_ = true;
          break;
        }
    }
    if (v2() && !has(Meaning::kStructureId)) {
      report(rules::csv_header, 0, "STRUCTURE_ID", {}, {}, "missing");
      stop_ = true;
    }
  }

  bool v2() const { return message_.version != "1.0"; }
  /// labels=name: a column of names stands behind a component and may be called as it likes.
  bool may_be_name(std::size_t i) const {
    return names_ && i > 3 && columns_[i].meaning == Meaning::kComponent &&
           columns_[i - 1].meaning == Meaning::kComponent;
  }

  Meaning meaning_of(const std::string& id, std::size_t place) {
    if (!v2()) {
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

  /// ATTR[] and ATTR[en;fr]. Of CONTACT[].NAME[] only the last counts; the rest is the id.
  void read_brackets(CsvColumn& column, std::size_t place) {
    const std::size_t open = column.id.rfind('[');
    auto legal = [](char c) {
      return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
             std::string_view("_-@$.[]").find(c) != std::string_view::npos;
    };
    // "Rate [EUR]" is a name or a column of the sender's own.
    if (!v2() || open == std::string::npos || open == 0 ||
        !std::all_of(column.id.begin(), column.id.begin() + static_cast<std::ptrdiff_t>(open),
                     legal))
      return;
    if (!sub_separator_) {
      // QUIRK: an example of the field guide leaves out the sub-field separator: STRUCTURE for
      // STRUCTURE[;].
      if (separator_ == ';') {
        report(rules::csv_header, 1, "STRUCTURE[]", {}, {}, "missing");
        stop_ = true;
        return;
      }
      sub_separator_ = ';';
      report(rules::header_quirk, 1, "STRUCTURE", {});
    }
    const std::string inside = column.id.substr(open + 1, column.id.size() - open - 2);
    column.cell = inside.empty() ? Cell::kSeveral : Cell::kLanguages;
    if (!inside.empty())
      for (std::string_view language : split(inside, sub_separator_)) {
        if (language.empty() || language.find(':') != language.npos) {
          report(rules::csv_header, place + 1, column.id, {});
          stop_ = true;
          return;
        }
        column.languages.emplace_back(language);
      }
    column.id.resize(open);
  }

  bool has(Meaning meaning) const {
    return std::any_of(columns_.begin(), columns_.end(),
                       [&](const CsvColumn& column) { return column.meaning == meaning; });
  }

  // ---- rows

  void read_row() {
    const std::vector<std::string_view>& fields = records_.fields();
    const bool goes_on = row_added_ && records_.same() >= keys_end_;
    row_added_ = false;
    // QUIRK: spreadsheets write rows that were cleared as separators alone: ";;;;".
    if (records_.bytes() <= fields.size() + 1 &&
        std::all_of(fields.begin(), fields.end(), [](auto field) { return field.empty(); }))
      return;
    if (fields.size() != columns_.size()) {
      report(rules::csv_fields, 0, {}, std::to_string(fields.size()),
             std::to_string(columns_.size()));
      return;
    }
    if (records_.bytes() > limits_.text_bytes && !short_enough(fields)) return;
    if (marks_ && !free_of_marks(fields)) return;
    if (!in_dataset_ || (!goes_on && head_changed(fields))) {
      end_dataset(in_column(0));
      begin_dataset(fields);
    }
    if (flow_ && usable_) add_row(fields, goes_on);
  }

  bool short_enough(const std::vector<std::string_view>& fields) {
    for (std::size_t i = 0; i < fields.size(); ++i)
      if (fields[i].size() > limits_.text_bytes) {
        report(rules::text_too_long, i + 1, columns_[i].id, {}, std::to_string(limits_.text_bytes));
        return false;
      }
    return true;
  }

  /// The characters that keep lists together are not for senders.
  bool free_of_marks(const std::vector<std::string_view>& fields) {
    for (std::size_t i = 0; i < fields.size(); ++i)
      if (!multi_value_safe(fields[i])) {
        report(rules::csv_values, i + 1, columns_[i].id, one_line(fields[i]));
        return false;
      }
    return true;
  }

  bool head_changed(const std::vector<std::string_view>& fields) const {
    for (const auto& [field, text] : head_cells_)
      if (fields[field] != text) return true;
    return false;
  }

  void begin_dataset(const std::vector<std::string_view>& fields) {
    DatasetHead* opened = open_dataset(in_column(1));
    if (!opened) return;
    DatasetHead& head = *opened;
    head_cells_.clear();
    for (std::size_t i = 0; i < columns_.size(); ++i)
      if (columns_[i].meaning != Meaning::kComponent && columns_[i].meaning != Meaning::kIgnored)
        head_cells_.emplace_back(i, std::string(fields[i]));
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
        if (labels_) id = without_label(id);
        if (auto ref = parse_ref(id))
          head.structure = *ref;
        else
          report(rules::header_value, field + 1, columns_[field].id, text, "AGENCY:ID(VERSION)");
      }
    }
    if (head.structure.empty()) return;
    use_structure();
    if (!flow_) return;
    last_flow_ = flow_;
    use_columns();
  }

  void read_structure_class(std::size_t field, std::string_view text, DatasetHead& head) {
    if (labels_) text = without_label(text);
    struct Word {
      std::string_view word;
      ArtefactClass meant;
    };
    static constexpr Word kWords[] = {{"dataflow", ArtefactClass::kDataflow},
                                      {"datastructure", ArtefactClass::kDataStructure},
                                      {"dataprovision", ArtefactClass::kProvisionAgreement}};
    for (const Word& word : kWords) {
      if (!ascii_iequal(text, word.word)) continue;
      head.structure_class = word.meant;
      // QUIRK: the words are in small letters; DATAFLOW and DataStructure are met.
      if (text != word.word && !capitals_reported_) {
        capitals_reported_ = true;
        report(rules::header_quirk, field + 1, "STRUCTURE", text);
      }
      return;
    }
    report(rules::header_value, field + 1, "STRUCTURE", text,
           "dataflow, datastructure, dataprovision");
  }

  /// Without ACTION it is a Replace here: what is mailed is meant to be filed.
  void read_action(std::size_t field, std::string_view text, DatasetHead& head) {
    if (text.empty()) return;
    head.action_given = true;
    if (text == "R") {
      head.action = Action::kReplace;
    } else if (text == "A") {
      head.action = Action::kAppend;
    } else if (text == "D") {
      head.action = Action::kDelete;
    } else if (text == "I") {
      head.action = Action::kInformation;
    } else if (text == "M") {
      head.action = Action::kMerge;
      message_.version = "2.1";  // the letter came with it
    } else {
      head.action = Action::kInformation;
      report(rules::unknown_action, field + 1, "ACTION", text, "I, A, M, R, D");
    }
  }

  /// Which column is what in this structure, and whether every dimension has one.
  void use_columns() {
    uses_.clear();
    seen_.assign(flow_->components.size(), false);
    any_measure_ = false;
    bool after_component = false;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (columns_[i].meaning != Meaning::kComponent) continue;
      ColumnUse use;
      use.field = i;
      use.component = component_of(i);
      if (names_ && after_component &&
          (use.component == kNoComponent || columns_[i].id == columns_[i - 1].id)) {
        // labels=name: the names of what stands in the column before.
        columns_[i].known = true;
        after_component = false;
        continue;
      }
      after_component = use.component != kNoComponent;
      if (use.component != kNoComponent && seen_[use.component]) {
        // Twice in different letters (geo, GEO), or a flag beside a status.
        use.component = kNoComponent;
      } else if (use.component != kNoComponent) {
        columns_[i].known = true;
        seen_[use.component] = true;
        const FlowComponent& component = flow_->components[use.component];
        const bool measure = component.kind == ComponentKind::kMeasure;
        any_measure_ = any_measure_ || measure;
        use.coded = component.coded();
        use.numeric = !use.coded && (measure || is_numeric(component.format.type));
        use.place = rows_.place(use.component);
        use.key = use.place == FlatRows::Place::kKey || use.place == FlatRows::Place::kTime;
        use.flag = columns_[i].id == kFlag && component.id != kFlag;
        use.plain = !labels_ && !use.flag && columns_[i].cell == Cell::kOne &&
                    !(separator_ == ';' && use.numeric);
      }
      uses_.push_back(use);
    }
    find_keys();
    usable_ = true;
    keys_whole_ = true;
    for (std::size_t c = 0; c < flow_->components.size(); ++c)
      if ((c < flow_->dimension_count || c == flow_->time) && !seen_[c]) keys_whole_ = false;
    // 2.x: only those dimensions are needed that tell what the row is about.
    if (!v2() && !keys_whole_) {
      usable_ = false;
      missing_columns();
    }
  }

  /// The dimensions to the front, and how many columns from the first on must be the same for the
  /// next row to go on with its series.
  void find_keys() {
    auto is_key = [](const ColumnUse& use) {
      return use.component != kNoComponent && use.place == FlatRows::Place::kKey;
    };
    auto rest = std::stable_partition(uses_.begin(), uses_.end(), is_key);
    key_uses_ = static_cast<std::size_t>(rest - uses_.begin());
    keys_end_ = 1;
    for (std::size_t k = 0; k < key_uses_; ++k) keys_end_ = std::max(keys_end_, uses_[k].field + 1);
    for (const auto& [field, text] : head_cells_) keys_end_ = std::max(keys_end_, field + 1);
    // A label is cut off a cell, which no longer lies where the field does.
    if (labels_) keys_end_ = SIZE_MAX;
  }

  void missing_columns() {
    for (std::size_t c = 0; c < flow_->components.size(); ++c) {
      bool dimension = c < flow_->dimension_count || c == flow_->time;
      if (!dimension || seen_[c]) continue;
      Finding finding = make(rules::csv_header, 0, flow_->components[c].id, {});
      finding.at = Position{header_line_, 0};
      finding.detail = "missing";
      sink_.add(std::move(finding));
    }
  }

  std::uint16_t component_of(std::size_t field) {
    const std::string& id = columns_[field].id;
    std::uint16_t found = flow_->find(id);
    if (found != kNoComponent) return found;
    auto quirk = [&](std::uint16_t component) {
      if (quirks_.size() <= field) quirks_.resize(columns_.size(), false);
      if (!quirks_[field]) {
        Finding finding = make(rules::header_quirk, field + 1, id, {});
        finding.at.line = header_line_;
        finding.value = flow_->components[component].id;
        sink_.add(std::move(finding));
      }
      quirks_[field] = true;
      return component;
    };
    // QUIRK: ids are what they are, letter by letter; Eurostat's files have freq and geo for a
    // DSD's FREQ and GEO.
    for (std::uint16_t c = 0; c < flow_->components.size(); ++c) {
      if (!ascii_iequal(flow_->components[c].id, id)) continue;
      if (found != kNoComponent) return kNoComponent;
      found = c;
    }
    if (found != kNoComponent)
      return has_column(flow_->components[found].id) ? kNoComponent : quirk(found);
    // QUIRK: OBS_FLAG is Eurostat's name for the status; its letters are translated (see flag()).
    if (id == kFlag && flow_->obs_status != kNoComponent && !has_column("OBS_STATUS") &&
        !has_column("obs_status"))
      return quirk(flow_->obs_status);
    return kNoComponent;
  }

  bool has_column(std::string_view id) const {
    return std::any_of(columns_.begin(), columns_.end(),
                       [&](const CsvColumn& column) { return column.id == id; });
  }

  // ---- cells

  std::string& scratch() {
    if (scratch_used_ == scratch_.size()) scratch_.emplace_back();
    std::string& text = scratch_[scratch_used_++];
    text.clear();
    return text;
  }

  /// The value of a cell that is more than its text; null: there is none.
  std::string_view value_of(const ColumnUse& use, std::string_view text) {
    const CsvColumn& column = columns_[use.field];
    if (use.key) {
      if (labels_) text = use.coded ? without_label(text) : without_echo(text);
      // 2.1: "~" is a dimension switched off; a Delete may say "*" for any.
      if (v2() && (text == "~" || (text == "*" && deleting()))) return {};
      return text;
    }
    if (deleting()) return text;
    if (use.flag) return flag(text, use.field);
    if (column.cell != Cell::kOne) return list_value(use, column, text);
    return one_value(use, text);
  }

  /// QUIRK: without a code there is no name, but the field guide's own example has
  /// "2014-01: 2014-01".
  static std::string_view without_echo(std::string_view text) {
    std::string_view head = without_label(text);
    return text.size() == 2 * head.size() + 2 && text.ends_with(head) ? head : text;
  }

  std::string_view one_value(const ColumnUse& use, std::string_view text) {
    if (labels_) text = use.coded ? without_label(text) : without_echo(text);
    // Where ';' separates, the decimal sign is a comma (RFC 4180 as SDMX-CSV uses it).
    if (separator_ == ';' && use.numeric && text.find(',') != text.npos && is_decimal_comma(text)) {
      std::string& point = scratch();
      point = text;
      point[point.find(',')] = '.';
      text = point;
    }
    return text;
  }

  /// Cuts off the next of several values; `quoted` if it stood in quotes of its own.
  std::string_view next_part(std::string_view& rest, bool& quoted, bool& good) {
    quoted = rest.starts_with('"');
    if (!quoted) {
      std::string_view part = rest.substr(0, rest.find(sub_separator_));
      rest.remove_prefix(std::min(part.size() + 1, rest.size()));
      return part;
    }
    std::string& part = scratch();
    std::size_t i = 1;
    for (;; ++i) {
      if (i >= rest.size()) {
        good = false;
        break;
      }
      if (rest[i] == '"') {
        if (i + 1 >= rest.size() || rest[i + 1] != '"') break;
        ++i;
      }
      part += rest[i];
    }
    rest.remove_prefix(std::min(i + 1, rest.size()));
    if (!rest.empty() && rest.front() != sub_separator_) good = false;
    if (!rest.empty()) rest.remove_prefix(1);
    return part;
  }

  std::string_view list_value(const ColumnUse& use, const CsvColumn& column,
                              std::string_view text) {
    list_.clear();
    bool good = true;
    std::string_view rest = text;
    while (!rest.empty() && good) {
      bool quoted = false;
      std::string_view part = next_part(rest, quoted, good);
      if (column.cell == Cell::kSeveral) {
        if (!part.empty()) list_.value(one_value(use, part));
      } else if (quoted) {
        list_.next_value();
        good = good && add_languages(column, part);
      } else {
        // All that stands without quotes is one value.
        std::string_view all(part.data(),
                             static_cast<std::size_t>(text.data() + text.size() - part.data()));
        list_.next_value();
        good = good && add_languages(column, all);
        rest = {};
      }
    }
    if (!good || list_.refused()) {
      report(rules::csv_values, use.field + 1, column.id, text);
      return {};
    }
    if (list_.text().empty()) return {};
    std::string& kept = scratch();
    kept = list_.text();
    return kept;
  }

  /// "en:Value;fr:Valeur". QUIRK: nothing is said of a separator within a text; what does not begin
  /// with one of the declared languages goes on with the text before.
  bool add_languages(const CsvColumn& column, std::string_view text) {
    auto language_at = [&](std::size_t place) -> const std::string* {
      for (const std::string& language : column.languages)
        if (text.substr(place).starts_with(language) &&
            text.substr(place + language.size()).starts_with(':'))
          return &language;
      return nullptr;
    };
    std::size_t at = 0;
    while (at < text.size()) {
      const std::string* language = language_at(at);
      if (!language) return false;
      const std::size_t from = at + language->size() + 1;
      std::size_t to = text.find(sub_separator_, from);
      while (to != text.npos && !language_at(to + 1)) to = text.find(sub_separator_, to + 1);
      list_.value_in(*language, text.substr(from, to == text.npos ? to : to - from));
      if (to == text.npos) break;
      at = to + 1;
    }
    return true;
  }

  // ---- Eurostat's flags

  static constexpr std::string_view kFlag = "OBS_FLAG";

  /// QUIRK: Eurostat's flags are small letters, several in one cell ("bp": break, provisional). A
  /// flag that is no code of OBS_STATUS becomes the code of its first letter that is one; the
  /// letter c is a CONF_STATUS.
  std::string_view flag(std::string_view text, std::size_t field) {
    const FlowComponent& status = flow_->components[flow_->obs_status];
    auto is_status = [&](std::string_view code) {
      return !status.coded() || status.codes->find(code) != kNoCode;
    };
    if (text.size() > 8 || (status.coded() && is_status(text))) return text;
    std::string_view code;
    for (char letter : text) {
      std::string_view meant = status_of(letter);
      if (code.empty() && !meant.empty() && is_status(meant)) code = meant;
      if (letter == 'c' && flow_->conf_status != kNoComponent) flag_confidential_ = true;
    }
    if (code.empty() && !(text == "c" && flag_confidential_)) return text;
    const std::string seen(text);
    if (std::find(flags_seen_.begin(), flags_seen_.end(), seen) == flags_seen_.end() &&
        flags_seen_.size() < 100) {
      flags_seen_.push_back(seen);
      Finding finding = make(rules::flag_quirk, field + 1, kFlag, text);
      finding.expected = code.empty() ? "CONF_STATUS=C" : code;
      sink_.add(std::move(finding));
    }
    return code.empty() ? std::string_view() : code;
  }

  /// The code of CL_OBS_STATUS for a letter of Eurostat's CL_OBS_FLAG.
  static std::string_view status_of(char letter) {
    switch (letter) {
      case 'b':
        return "B";
      case 'd':
        return "D";
      case 'e':
      case 's':  // Eurostat's estimate
        return "E";
      case 'f':
        return "F";
      case 'i':
        return "I";
      case 'n':
        return "N";
      case 'p':
        return "P";
      case 'u':
        return "U";
      case 'z':  // not applicable
        return "M";
      default:
        return {};  // c: confidential, r: revised
    }
  }

  // ---- the row

  /// `goes_on`: dataset and key are those of the row before, which was an observation.
  void add_row(const std::vector<std::string_view>& fields, bool goes_on) {
    Position at{records_.line(), 1};
    if (goes_on) {
      rows_.clear_values();
      for (std::size_t k = 0; k < key_uses_; ++k)
        rows_.add_again(uses_[k].component, fields[uses_[k].field]);
    } else {
      rows_.clear_row();
    }
    scratch_used_ = 0;
    flag_confidential_ = false;
    std::string_view conf;
    const std::uint16_t conf_status = flow_->conf_status;
    for (std::size_t u = goes_on ? key_uses_ : 0; u < uses_.size(); ++u) {
      const ColumnUse& use = uses_[u];
      std::string_view text = fields[use.field];
      if (text.empty()) continue;
      const auto column = static_cast<std::uint32_t>(use.field + 1);
      if (use.component == kNoComponent) {
        if (!columns_[use.field].reported) unknown_column(use.field, {at.line, column});
        continue;
      }
      if (!use.plain || (use.key && text.size() == 1 && (text[0] == '~' || text[0] == '*'))) {
        text = value_of(use, text);
        if (!text.data()) continue;
      }
      if (use.component == conf_status) conf = text;
      rows_.add(use.place, {use.component, text, {at.line, column}});
    }
    if (flag_confidential_ && conf.empty())
      rows_.add(rows_.place(flow_->conf_status), {flow_->conf_status, "C", at});
    else if (flag_confidential_ && conf == "F")
      report(rules::attribute_conflict, 0, "CONF_STATUS", conf, {}, "c");
    if (!keys_whole_ && rows_.is_observation()) {
      usable_ = false;
      return missing_columns();
    }
    row_added_ = rows_.finish_row(at, goes_on);
  }

  // ---- findings

  /// `column` from 1; 0: the record.
  Position in_column(std::size_t column) const {
    return {records_.line(), static_cast<std::uint32_t>(column)};
  }
  Finding make(const Rule& rule, std::size_t column, std::string_view component,
               std::string_view value) const {
    return FlatReader::make(rule, in_column(column), component, value);
  }
  void report(const Rule& rule, std::size_t column, std::string_view component,
              std::string_view value, std::string_view expected = {},
              std::string_view detail = {}) {
    FlatReader::report(rule, in_column(column), component, value, expected, detail);
  }

  /// A column of the sender's own is legal, and what stands in it is not filed. One that looks like
  /// a misspelt component is an error, and so is any where there is no column of values.
  void unknown_column(std::size_t field, Position at) {
    columns_[field].reported = true;
    Finding finding = make(rules::unknown_component, field + 1, columns_[field].id, {});
    finding.at = at;
    if (last_flow_) {
      std::vector<std::string_view> known, without_column;
      for (std::size_t c = 0; c < last_flow_->components.size(); ++c) {
        known.push_back(last_flow_->components[c].id);
        if (!seen_[c]) without_column.push_back(last_flow_->components[c].id);
      }
      finding.suggestions = nearest(columns_[field].id, known);
      if (any_measure_ && nearest(columns_[field].id, without_column).empty()) {
        finding.rule = is_metadata_path(columns_[field].id) ? &rules::metadata_left_out
                                                            : &rules::custom_column;
        finding.suggestions.clear();
      }
    }
    sink_.add(std::move(finding));
  }

  char separator_, sub_separator_;
  CsvRecords records_;
  bool done_ = false, header_read_ = false;
  bool labels_ = false;  ///< labels=both: "ID: Name"
  bool names_ = false;   ///< labels=name: columns of names
  bool marks_ = false;   ///< the text has had characters of model/multi_value.h
  bool capitals_reported_ = false;
  std::uint32_t header_line_ = 1;
  std::vector<CsvColumn> columns_;
  std::vector<bool> quirks_;             ///< by column: reported
  std::vector<std::string> flags_seen_;  ///< reported

  // the dataset
  bool keys_whole_ = false;  ///< every dimension has its column
  bool any_measure_ = false;
  std::shared_ptr<const FlowStructure> last_flow_;
  std::vector<std::pair<std::size_t, std::string>> head_cells_;  ///< what tells datasets apart
  std::vector<ColumnUse> uses_;                                  ///< dimensions first
  std::size_t key_uses_ = 0, keys_end_ = SIZE_MAX;
  bool row_added_ = false;  ///< the row before, as an observation
  std::vector<bool> seen_;  ///< by component: has a column

  // the row
  std::deque<std::string> scratch_;  ///< values that are not as they stand in the file
  std::size_t scratch_used_ = 0;
  bool flag_confidential_ = false;
  MultiText list_;
};

}  // namespace

std::unique_ptr<DataReader> open_csv_data(ByteSource& bytes, const Detection& detection,
                                          const StructureLookup& structures, FindingSink& sink,
                                          const Limits& limits) {
  return std::make_unique<CsvDataReader>(bytes, detection, structures, sink, limits);
}

}  // namespace focalpost::sdmx
