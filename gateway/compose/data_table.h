// SPDX-License-Identifier: Apache-2.0
//
// data_table: numbers as a table that people read, in plain text and as values for HTML. Private to
// the room.
//
// Rows are periods where at most kAcross series stand side by side, else rows are series and
// columns periods. Plain text is cut into pieces that fit a mail's width, each with its headings.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "chart/chart.h"
#include "compose/blocks.h"
#include "compose/transcript.h"
#include "render/value.h"

namespace focalpost {

inline constexpr std::size_t kAcross = 5;

/// Texts in rows and columns; the first column is headings.
struct Grid {
  std::string corner;
  std::vector<std::string> columns;
  struct Row {
    std::string head;
    std::vector<std::string> cells;
  };
  std::vector<Row> rows;
  std::uint64_t rows_left_out = 0;
};

/// Lines of at most `width` characters, ended by LF, numbers to the right.
std::string grid_text(const Grid& grid, std::size_t width);
/// corner, columns [text], rows [head, cells [text]].
Value grid_value(const Grid& grid);

/// What is the same for all series of a table, in words: "Sex: total; Unit: persons"; and what
/// tells them apart.
struct TableWords {
  std::string title;                ///< the indicator's name
  std::string subtitle;             ///< country if there is one, codes that are no total, units
  std::vector<std::string> labels;  ///< one for each series
};
TableWords table_words(const AnswerTable& table, const StructureLookup& structures, Words& words);

/// "Q1 2026"; of stocks the day that they are counted on.
std::string period_words(const AnswerTable& table, Period period, const Phrases& phrases);

/// OBS_STATUS codes that occur, and what is withheld: what the notes below must explain.
struct TableMarks {
  std::set<std::string> statuses;
  bool nothing = false, withheld = false;
  std::set<Time> until;  ///< ends of embargoes
};
/// "1,234 (P)", "×", "…".
std::string cell_text(const AnswerCell& cell, const Phrases& phrases, TableMarks& marks);
Grid data_grid(const AnswerTable& table, const TableWords& names, const Phrases& phrases,
               TableMarks& marks);

/// The table as a picture; nothing where no series has `least` values.
std::optional<Chart> data_chart(const AnswerTable& table, const TableWords& names, bool example,
                                Words& words, std::size_t least = kPeriodsCharted);

/// "12 345.6" of "12345.6"; what is no number comes back as it is.
std::string grouped_number(std::string_view value, const Phrases& phrases);

}  // namespace focalpost
