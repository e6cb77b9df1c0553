// SPDX-License-Identifier: Apache-2.0
//
// site_state: what the pages of one language are made with: the frame around them, names in the
// order of the reader's alphabet, paths, and the pieces that several pages have. Private to
// site.cc.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "compose/blocks.h"
#include "compose/data_table.h"
#include "compose/described.h"
#include "compose/site.h"
#include "compose/site_page.h"

namespace focalpost {

/// In a cell of which nothing can be said.
inline constexpr std::string_view kNoMark = "–";

/// The phrase for what happened.
std::string entry_kind(SiteEntry::Kind kind);

struct SiteWriter::State {
  const SiteFacts& facts;
  const StructureLookup& structures;
  const Voice& voice;
  const Phrases& phrases;
  Names names;

  using Links = std::vector<Link>;

  // ---- the frame

  struct Place {
    std::string path;            ///< under the language's folder; "": beside the folders
    std::string_view section;    ///< of the navigation
    std::string root, lang_top;  ///< "../../", "../"
  };
  static Place place(std::string path, std::string_view section) {
    Place made{std::move(path), section, "../", ""};
    if (made.path.find('/') != made.path.npos) {
      made.root = "../../";
      made.lang_top = "../";
    }
    return made;
  }

  /// A language in its own words.
  std::string language(const std::string& lang) const;

  Value frame(const Place& at, std::string heading, Words& words) const;

  Result<std::string> page(Value values, std::vector<Block> blocks, const Words& words,
                           const std::vector<std::string>& pictures = {}) const;

  // ---- names in order

  /// In the order of the reader's alphabet.
  template <typename Item, typename Name>
  std::vector<std::pair<std::string, const Item*>> sorted(const std::vector<Item>& all,
                                                          Name name) const {
    std::vector<std::pair<std::string, const Item*>> made;
    for (const Item& one : all) made.emplace_back(name(one), &one);
    std::stable_sort(made.begin(), made.end(),
                     [&](const auto& a, const auto& b) { return phrases.less(a.first, b.first); });
    return made;
  }
  auto countries(const std::vector<std::string>& codes) const {
    return sorted(codes, [&](const std::string& code) { return names.area(code); });
  }
  auto indicators() const {
    return sorted(facts.indicators, [&](const SiteIndicator& one) { return names.flow(one.id()); });
  }
  std::string area_list(const std::vector<std::string>& codes) const;
  bool has_page(std::string_view flow) const;
  static std::string indicator_path(std::string_view id) {
    return "indicator/" + site_name(id) + ".html";
  }
  static std::string notes_path(std::string_view id) {
    return "methodology/" + site_name(id) + ".html";
  }
  static std::string module_path(int number) { return fmt::format("module/{}.html", number); }
  static std::string country_path(std::string_view code) {
    return "country/" + site_name(code) + ".html";
  }

  std::string periods(const std::optional<Period>& first, const std::optional<Period>& last) const;

  std::string size_of(std::uint64_t bytes, Words& words) const;

  // ---- pieces

  Block entry_table(std::size_t most, const std::string& up, Words& words) const;

  /// Series in the order of their countries' names, with their names.
  AnswerTable ordered(AnswerTable table) const;

  /// Names of what stands side by side: the countries'.
  TableWords words_for(const AnswerTable& table, Words& words) const;

  std::string frequency(const AnswerTable& table) const;

  Block numbers_table(const AnswerTable& table, const TableWords& named, std::string id,
                      TableMarks& marks) const;

  /// The chart of up to kLinesDrawn series, wide and for a telephone; empty: nothing to draw.
  void draw(const AnswerTable& table, const TableWords& named, std::vector<Block>& blocks,
            std::vector<std::string>& pictures, Words& words) const;

  std::string label_of(const SiteIndicator& one, const SiteFigure& figure) const;

  // ---- descriptions

  /// What must be said of a country's data and is not; null: nothing was said at all.
  enum class Described { kNot, kPartly, kFully };
  static Described described(const AnswerDefinition& one);
  static std::vector<const AnswerDefinition*> of_area(const SiteIndicator& one,
                                                      const std::string& area);
  /// The state of a country's notes on an indicator, linked to them.
  SiteCell state_cell(const SiteIndicator& one, const std::string& area, const std::string& up,
                      Words& words) const;

  std::vector<Block::Terms> differing(const SiteIndicator& one, Words& words) const;
};

}  // namespace focalpost
