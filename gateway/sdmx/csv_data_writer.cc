// SPDX-License-Identifier: Apache-2.0
//
// A row is a list of pieces: text that stays the same for a whole series, and between them the
// cells that change with the observation. The pieces are made when a series begins.
//
// Attributes of groups are repeated on every row of theirs, so groups are kept until the dataset
// ends. In 2.0 what no observation speaks of (a group, a series, the dataset alone) gets a row with
// the rest left empty.
#include "sdmx/csv_data_writer.h"

#include <algorithm>
#include <array>
#include <unordered_map>

#include "base/spreadsheet.h"
#include "sdmx/batch_walk.h"
#include "sdmx/xml_out.h"

namespace focalpost::sdmx {
namespace {

class CsvDataWriter final : public BatchWalk<CsvDataWriter> {
 public:
  CsvDataWriter(DataFormat format, ByteSink sink, const DataWriteOptions& options,
                std::uint64_t held_bytes)
      : v1_(format == DataFormat::kCsv10),
        sink_(std::move(sink)),
        separator_(options.separator),
        for_people_(options.for_people),
        held_limit_(held_bytes) {
    plain_ = plain_bytes();
    plain_[static_cast<unsigned char>(separator_)] = false;
    for (char c : {'&', '<', '>'}) plain_[static_cast<unsigned char>(c)] = c != separator_;
  }

 private:
  friend class BatchWalk<CsvDataWriter>;
  static constexpr std::size_t kFull = 64 * 1024;

  bool wildcards() const { return !v1_; }
  Status flush_if_full() { return buffer_.size() >= kFull || error_ ? flush() : Status(); }
  Status flush() {
    if (error_) return *error_;
    Status given = sink_(buffer_);
    buffer_.clear();
    if (!given.ok()) error_ = given.error();
    return given;
  }

  // ---- the message

  /// The header has the components of all structures, each once.
  Status start(const OutgoingMessage& message) {
    if (std::string_view(",;|\t").find(separator_) == std::string_view::npos)
      return usage_error(fmt::format("'{}' separates no fields of SDMX-CSV", separator_),
                         "Use a comma, a semicolon, a bar or a tab.");
    std::vector<std::string_view> names;
    for (const auto& structure : message.structures) {
      if (v1_ && structure->measure_count > 1)
        return not_right(fmt::format("{} has {} measures and SDMX-CSV 1.0 has one",
                                     structure->name().text(), structure->measure_count),
                         "Write SDMX-CSV 2.0 instead.");
      if (v1_ && structure->dataflow.empty())
        return not_right(fmt::format("SDMX-CSV 1.0 names a dataflow, and {} is a data structure",
                                     structure->name().text()),
                         "Write SDMX-CSV 2.0 instead.");
      std::vector<std::size_t>& columns = columns_.emplace_back();
      for (const FlowComponent& component : structure->components) {
        static constexpr std::array<std::string_view, 7> taken = {
            "DATAFLOW", "STRUCTURE",  "STRUCTURE_ID", "STRUCTURE_NAME",
            "ACTION",   "SERIES_KEY", "OBS_KEY"};
        if (std::find(taken.begin(), taken.end(), component.id) != taken.end())
          return not_right(fmt::format("a component of {} is called {}, which means something else "
                                       "in SDMX-CSV",
                                       structure->name().text(), component.id),
                           "Write SDMX-ML instead.");
        auto found = std::find(names.begin(), names.end(), component.id);
        columns.push_back(static_cast<std::size_t>(found - names.begin()));
        if (found == names.end()) names.push_back(component.id);
      }
    }
    width_ = names.size();
    buffer_ += v1_ ? "DATAFLOW" : "STRUCTURE";
    if (!v1_) {
      for (std::string_view name : {"STRUCTURE_ID", "ACTION"}) {
        buffer_ += separator_;
        buffer_ += name;
      }
    }
    for (std::string_view name : names) {
      buffer_ += separator_;
      buffer_ += name;
    }
    buffer_ += "\r\n";
    return flush_if_full();
  }

  Status finish() { return flush(); }

  // ---- the dataset

  Status start_dataset() {
    const Ref& ref = flow().name();
    if (v1_ && dataset().action == Action::kDelete)
      return not_right("SDMX-CSV 1.0 cannot delete", "Write SDMX-CSV 2.0 or SDMX-ML instead.");
    row_head_.clear();
    if (!v1_) {
      row_head_ += flow().dataflow.empty() ? "datastructure" : "dataflow";
      row_head_ += separator_;
    }
    cell(row_head_, ref.text());
    if (!v1_) {
      row_head_ += separator_;
      row_head_ += letter(dataset().action);
    }
    dataset_cells_.assign(width_, {});
    for (const OutgoingValue& value : dataset().attributes)
      cell(at(dataset_cells_, value.component), value.value);
    held_.clear();
    held_index_.assign(flow().groups.size(), {});
    held_bytes_ = 0;
    any_row_ = false;
    bind_columns_.assign(flow().components.size(), nullptr);
    return flush_if_full();
  }

  static char letter(Action action) {
    switch (action) {
      case Action::kReplace:
        return 'R';
      case Action::kAppend:
        return 'A';
      case Action::kMerge:
        return 'M';  // this makes it SDMX-CSV 2.1
      case Action::kDelete:
        return 'D';
      case Action::kInformation:
        return 'I';
    }
    return 'I';
  }

  Status finish_dataset() {
    for (const Held& group : held_) {
      if (group.used || group.values.empty()) continue;
      FP_TRY(lonely(fmt::format("a group {}", flow().groups[group.group].id)));
      cells_ = dataset_cells_;
      for (std::uint16_t d = 0; d < flow().dimension_count; ++d) at(cells_, d) = group.key[d];
      for (const auto& [component, text] : group.values) at(cells_, component) = text;
      whole_row();
    }
    if (!any_row_ && !dataset().attributes.empty()) {
      FP_TRY(lonely("the dataset"));
      cells_ = dataset_cells_;
      whole_row();
    }
    return flush_if_full();
  }

  Status lonely(const std::string& what) const {
    if (!v1_) return {};
    return not_right(
        fmt::format("{} has attributes and no observation, which SDMX-CSV 1.0 cannot say", what),
        "Write SDMX-CSV 2.0 or SDMX-ML instead.");
  }

  // ---- groups

  Status group(const ObservationBatch& batch, const ObservationBatch::GroupValue& group) {
    Held held;
    held.group = group.group;
    held.key.resize(flow().dimension_count);
    for (std::uint16_t d = 0; d < flow().dimension_count; ++d)
      if (std::string_view part = batch.group_keys[group.key_first + d]; part.data())
        cell(held.key[d], part);
    for (std::uint32_t a = 0; a < group.attribute_count; ++a) {
      const auto& attribute = batch.attributes[group.attribute_first + a];
      cell(held.values.emplace_back(attribute.component, std::string()).second, attribute.value);
    }
    const std::string name = group_name(flow().groups[group.group], held.key);
    held_bytes_ += 2 * name.size() + sizeof(Held);
    for (const auto& [component, text] : held.values) held_bytes_ += text.size() + sizeof(text);
    if (held_bytes_ > held_limit_)
      return not_right("the dataset has more groups than can be kept for their rows",
                       "Write SDMX-ML instead, or raise the limit stage_memory.");
    auto [known, fresh] = held_index_[group.group].try_emplace(name, held_.size());
    if (fresh) {
      held_.push_back(std::move(held));
    } else {
      // Said in several places; what is there already stays.
      Held& old = held_[known->second];
      for (auto& value : held.values)
        if (std::none_of(old.values.begin(), old.values.end(),
                         [&](const auto& v) { return v.first == value.first; })) {
          old.values.push_back(std::move(value));
          old.used = false;
        }
    }
    return flush_if_full();
  }

  std::string group_name(const FlowGroup& group, const std::vector<std::string>& key) const {
    std::string name;
    for (std::uint16_t d : group.dimensions)
      if (d < key.size()) name += key[d] + '\n';
    return name;
  }

  // ---- series

  Status begin_run(std::span<const std::string_view> key,
                   std::span<const ObservationBatch::AttributeValue> attributes) {
    key_.resize(key.size());
    cells_ = dataset_cells_;
    for (std::uint16_t d = 0; d < key.size(); ++d) {
      key_[d].clear();
      if (key[d].data()) cell(key_[d], key[d]);
      at(cells_, d) = key_[d];
    }
    has_attributes_ = !attributes.empty();
    for (const auto& attribute : attributes) {
      std::string& place = at(cells_, attribute.component);
      place.clear();
      cell(place, attribute.value);
    }
    run_groups_.clear();
    for (std::uint16_t g = 0; g < flow().groups.size(); ++g) {
      if (held_index_[g].empty()) continue;
      auto known = held_index_[g].find(group_name(flow().groups[g], key_));
      if (known == held_index_[g].end()) continue;
      run_groups_.push_back(known->second);
      for (const auto& [component, text] : held_[known->second].values)
        if (at(cells_, component).empty()) at(cells_, component) = text;
    }
    compile();
    return error_ ? Status(*error_) : Status();
  }

  /// The row as pieces of text with the observation's cells between them.
  void compile() {
    changing_.assign(width_, kNoComponent);
    for (std::uint16_t c = flow().dimension_count; c < flow().components.size(); ++c) {
      const FlowComponent& component = flow().components[c];
      using Kind = AttributeRelationship::Kind;
      if (component.kind != ComponentKind::kAttribute || component.level == Kind::kObservation)
        changing_[columns_[place()][c]] = c;
    }
    pieces_used_ = 0;
    std::string* text = &piece(kNoComponent);
    *text = row_head_;
    for (std::size_t column = 0; column < width_; ++column) {
      *text += separator_;
      *text += cells_[column];
      if (changing_[column] == kNoComponent) continue;
      pieces_[pieces_used_ - 1].component = changing_[column];
      text = &piece(kNoComponent);
    }
  }

  std::string& piece(std::uint16_t component) {
    if (pieces_.size() == pieces_used_) pieces_.emplace_back();
    Piece& next = pieces_[pieces_used_++];
    next.component = component;
    next.text.clear();
    return next.text;
  }

  Status end_run(std::uint64_t observations) {
    if (observations > 0) return {};
    if (!has_attributes_ && dataset().action != Action::kDelete) return {};
    FP_TRY(lonely("a series"));
    use_groups();
    whole_row();
    return flush_if_full();
  }

  // ---- observations

  void bind(const ObservationBatch& batch) {
    std::fill(bind_columns_.begin(), bind_columns_.end(), nullptr);
    for (const ObservationBatch::Column& column : batch.columns)
      bind_columns_[column.component] = &column;
  }

  Status observation(const ObservationBatch& batch, std::size_t i) {
    if (!run_groups_.empty()) use_groups();
    any_row_ = true;
    for (std::size_t p = 0; p < pieces_used_; ++p) {
      const Piece& part = pieces_[p];
      buffer_ += part.text;
      if (part.component == kNoComponent) continue;
      if (part.component == flow().time)
        cell(buffer_, batch.time[i]);
      else if (const ObservationBatch::Column* column = bind_columns_[part.component])
        cell(buffer_, column->text[i]);
    }
    buffer_ += "\r\n";
    return buffer_.size() >= kFull ? flush() : Status();
  }

  /// Rows with these groups' attributes are being written.
  void use_groups() {
    for (std::size_t g : run_groups_) held_[g].used = true;
    run_groups_.clear();
  }

  void whole_row() {
    any_row_ = true;
    buffer_ += row_head_;
    for (const std::string& text : cells_) {
      buffer_ += separator_;
      buffer_ += text;
    }
    buffer_ += "\r\n";
  }

  // ---- cells

  std::string& at(std::vector<std::string>& cells, std::uint16_t component) {
    return cells[columns_[place()][component]];
  }

  void cell(std::string& to, std::string_view text) {
    if (for_people_ && needs_apostrophe(text)) return careful_cell(to, "'" + std::string(text));
    for (char c : text)
      if (!plain_[static_cast<unsigned char>(c)]) return careful_cell(to, text);
    to += text;
  }

  void careful_cell(std::string& to, std::string_view text) {
    if (Status checked = check_characters(text); !checked.ok()) {
      if (!error_) error_ = checked.error();
      return;
    }
    const char quoting[] = {separator_, '"', '\r', '\n'};
    if (text.find_first_of(std::string_view(quoting, sizeof quoting)) == std::string_view::npos) {
      to += text;
      return;
    }
    to += '"';
    for (char c : text) {
      if (c == '"') to += '"';
      to += c;
    }
    to += '"';
  }

  struct Held {
    std::uint16_t group = 0;
    bool used = false;             ///< a row with its attributes was written
    std::vector<std::string> key;  ///< as cells, by dimension
    std::vector<std::pair<std::uint16_t, std::string>> values;  ///< as cells
  };
  struct Piece {
    std::string text;
    std::uint16_t component = kNoComponent;  ///< whose cell follows
  };

  bool v1_;
  ByteSink sink_;
  char separator_;
  bool for_people_;
  std::uint64_t held_limit_;
  std::array<bool, 256> plain_;
  std::string buffer_;
  std::optional<Error> error_;
  std::vector<std::vector<std::size_t>> columns_;  ///< by structure and component
  std::size_t width_ = 0;

  // the dataset
  std::string row_head_;
  std::vector<std::string> dataset_cells_;
  std::vector<Held> held_;
  std::vector<std::unordered_map<std::string, std::size_t>> held_index_;  ///< by group
  std::uint64_t held_bytes_ = 0;
  bool any_row_ = false;

  // the series
  std::vector<std::string> key_, cells_;
  std::vector<std::uint16_t> changing_;  ///< by column
  std::vector<Piece> pieces_;
  std::size_t pieces_used_ = 0;
  std::vector<std::size_t> run_groups_;
  bool has_attributes_ = false;

  // the batch
  std::vector<const ObservationBatch::Column*> bind_columns_;
};

}  // namespace

std::unique_ptr<MessageWriter> make_csv_writer(DataFormat format, ByteSink sink,
                                               const DataWriteOptions& options,
                                               const Limits& limits) {
  return std::make_unique<CsvDataWriter>(format, std::move(sink), options, limits.stage_memory);
}

}  // namespace focalpost::sdmx
