// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/text.h"
#include "cli/verbs.h"

namespace focalpost::cli {
namespace {

/// Columns on a terminal: code points, which is right for Latin and Cyrillic.
std::size_t width(std::string_view text) {
  return std::size_t(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

}  // namespace

std::string table(const std::vector<std::vector<std::string>>& rows, std::size_t widest) {
  std::vector<std::vector<std::string>> cells;
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    auto& line = cells.emplace_back();
    for (std::size_t c = 0; c < row.size(); ++c) {
      line.push_back(shorten(one_line(row[c]), widest));
      if (widths.size() <= c) widths.resize(c + 1);
      widths[c] = std::max(widths[c], width(line[c]));
    }
  }
  std::string text;
  for (std::size_t r = 0; r < cells.size(); ++r) {
    std::string line;
    for (std::size_t c = 0; c < cells[r].size(); ++c) {
      if (c > 0) line += "  ";
      line += cells[r][c];
      if (c + 1 < cells[r].size()) line.append(widths[c] - width(cells[r][c]), ' ');
    }
    text += line + "\n";
    if (r == 0) {
      std::size_t total = 0;
      for (std::size_t w : widths) total += w + 2;
      text += std::string(total - 2, '-') + "\n";
    }
  }
  return text;
}

}  // namespace focalpost::cli
