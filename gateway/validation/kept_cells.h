// SPDX-License-Identifier: Apache-2.0
//
// kept_cells: numbers of a dataset, kept for what can only be said when several stand side by side.
//
// 24 bytes an observation and 8 and some more for each series and dimension; whoever fills it
// bounds it. Only the first measure, and only series whose key is right. Periods are those that can
// be counted (year to day); a series keeps the kind of its first one.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "model/lookup.h"
#include "model/observation.h"
#include "model/period.h"

namespace focalpost {

inline constexpr double kNoNumber = std::numeric_limits<double>::quiet_NaN();

/// What the judge knows of a batch beside the batch itself, one each for an observation.
struct JudgedNumbers {
  std::span<const double> value;           ///< kNoNumber: none
  std::span<const std::int64_t> ordinal;   ///< of the period
  std::span<const std::uint8_t> decimals;  ///< as written
  std::span<const std::uint8_t> skipped;   ///< not provided: as if it were not there
};

class KeptCells {
 public:
  struct Row {
    double value;
    std::int32_t ordinal;
    std::uint32_t series;
    Position at;
  };
  struct Series {
    PeriodKind kind = PeriodKind::kNone;  ///< kNone: nothing kept of it
    std::int8_t power = 0;                ///< UNIT_MULT: values are in units of 10^power
    std::uint8_t decimals = 0;            ///< the most that was written
    bool all_total = false;               ///< every dimension that has a _T takes it
    bool adds_up = true;                  ///< TIME_PER_COLLECT is S, or nothing is said
    bool regular = true;  ///< by its frequency no period is left out (days often are)

    double factor() const { return power == 0 ? 1.0 : std::pow(10.0, power); }
  };

  explicit KeptCells(std::shared_ptr<const FlowStructure> structure);

  /// Adds a run to the series `series`, which may be new. Numbers of series may leave out some.
  void add(const ObservationBatch& batch, std::size_t run, std::uint32_t series,
           const JudgedNumbers& numbers);
  /// By series and time, each cell once: the first that came.
  void sort();
  /// Forgets everything but, where `last_too` is false, the last series, which becomes number 0.
  /// Gives how many series it forgot.
  std::uint32_t forget(bool last_too);

  const FlowStructure& structure() const { return *structure_; }
  const std::vector<Row>& rows() const { return rows_; }
  const std::vector<Series>& series() const { return series_; }
  /// One for each dimension: a code's number, or for a dimension without codes a text's.
  std::span<const std::int32_t> codes(std::uint32_t series) const {
    return {codes_.data() + std::size_t(series) * dimensions_, dimensions_};
  }
  std::string key(std::uint32_t series) const;  ///< "M.KG._T"
  /// The same, shortened and on one line, for people.
  std::string shown_key(std::uint32_t series) const;
  std::size_t bytes() const;

 private:
  /// False if its key takes too much memory; then nothing is kept of it.
  bool open(const ObservationBatch& batch, std::size_t run, std::uint32_t series);

  std::shared_ptr<const FlowStructure> structure_;
  std::size_t dimensions_;
  std::uint16_t unit_mult_, collected_;
  std::vector<std::int32_t> totals_;  ///< per dimension the number of _T, or kNoCode
  std::vector<Row> rows_;
  std::vector<Series> series_;
  std::vector<std::int32_t> codes_;
  std::vector<std::string> texts_;
  std::size_t text_bytes_ = 0;
  std::unordered_map<std::string, std::int32_t> text_numbers_;
};

/// A number as a person would write it, with at most so many decimals; -1: all there are.
std::string number_text(double value, int decimals = -1);

}  // namespace focalpost
