// SPDX-License-Identifier: Apache-2.0
//
// spreadsheet: texts that a spreadsheet program would take for a formula.
//
// A cell of a CSV file that begins with = + - @, a tab or a line end is run by programs that people
// open it with (CWE-1236: =HYPERLINK("http://...") sends what stands beside it away). In files for
// people such a text gets an apostrophe in front, as people type it themselves; numbers never, so
// "-5" stays a number. Whoever reads CSV takes one apostrophe off again, so that a form that was
// filled in and sent back says what it said.
//
// Not for files that programs read: there a text stays as it was filed.
#pragma once

#include <string_view>

namespace focalpost {

/// Whether a spreadsheet program would run it. A number is none: "-5", "+1.5e3".
bool looks_like_formula(std::string_view text);

/// Whether it gets an apostrophe in a file for people: a formula, and what looks as if it had got
/// one already, so that taking one off is always right.
bool needs_apostrophe(std::string_view text);

/// What was written of the text of a cell: without the apostrophe that needs_apostrophe() asked
/// for.
inline std::string_view without_apostrophe(std::string_view cell) {
  if (cell.size() < 2 || cell.front() != '\'') return cell;
  const std::size_t at = cell.find_first_not_of('\'');
  return at != cell.npos && std::string_view("=+-@\t\r\n").find(cell[at]) != std::string_view::npos
             ? cell.substr(1)
             : cell;
}

}  // namespace focalpost
