// SPDX-License-Identifier: Apache-2.0
#include "compose/site.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "base/text.h"
#include "compose/blocks.h"
#include "compose/data_table.h"
#include "compose/described.h"
#include "compose/names.h"
#include "compose/shown.h"
#include "compose/site_page.h"

namespace focalpost {
namespace {

constexpr std::string_view kNoMark = "–";
constexpr ChartSize kWide{860, 420, 2}, kNarrow{360, 400, 2}, kSmall{340, 220, 2};
constexpr std::size_t kSmallLines = 4;  ///< of the start page's pictures
constexpr std::size_t kGroupsShown = 24;

bool is_country(const FlowStructure& flow, const std::string& area) {
  if (flow.ref_area >= flow.dimension_count) return true;
  const auto& codes = flow.components[flow.ref_area].codes;
  const std::int32_t code = codes ? codes->find(area) : kNoCode;
  return code < 0 || codes->parent(code) < 0;
}

/// Without what is empty before the first and behind the last period of which something is known.
void trim_periods(AnswerTable& table) {
  std::size_t first = table.periods.size(), end = 0;
  for (const AnswerSeries& series : table.series)
    for (std::size_t p = 0; p < series.cells.size(); ++p)
      if (series.cells[p].mark != CellMark::kNothing) {
        first = std::min(first, p);
        end = std::max(end, p + 1);
      }
  if (first >= end) return;
  auto cut = [&](auto& list) {
    list.erase(list.begin() + std::ptrdiff_t(end), list.end());
    list.erase(list.begin(), list.begin() + std::ptrdiff_t(first));
  };
  cut(table.periods);
  for (AnswerSeries& series : table.series) cut(series.cells);
}

std::string entry_kind(SiteEntry::Kind kind) {
  switch (kind) {
    case SiteEntry::Kind::kNew:
      return "site.entry.new";
    case SiteEntry::Kind::kRevised:
      return "site.entry.revised";
    case SiteEntry::Kind::kWithdrawn:
      return "site.entry.withdrawn";
    case SiteEntry::Kind::kReleased:
      return "site.entry.released";
    case SiteEntry::Kind::kDescribed:
      break;
  }
  return "site.entry.described";
}

}  // namespace

std::string site_name(std::string_view id) {
  std::string made;
  for (char c : id.substr(0, 80)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '_' || c == '-';
    if (plain)
      made += c;
    else
      made += fmt::format("={:02X}", static_cast<unsigned char>(c));
  }
  return made.empty() ? "=" : made;
}

std::vector<AnswerTable> by_country(const AnswerTable& table) {
  std::vector<AnswerTable> made;
  std::vector<std::vector<std::string>> keys;
  const std::uint16_t area = table.flow->ref_area;
  for (const AnswerSeries& series : table.series) {
    std::vector<std::string> key = series.codes;
    if (area < key.size()) {
      if (!is_country(*table.flow, key[area])) continue;
      key[area].clear();
    }
    auto place = std::size_t(std::find(keys.begin(), keys.end(), key) - keys.begin());
    if (place == keys.size()) {
      keys.push_back(std::move(key));
      AnswerTable& group = made.emplace_back();
      group.flow = table.flow;
      group.freq = table.freq;
      group.collect = table.collect;
      group.multiplier = table.multiplier;
      group.periods = table.periods;
    }
    made[place].series.push_back(series);
  }
  for (AnswerTable& group : made) trim_periods(group);
  return made;
}

std::vector<SiteFigure> newest_figures(const AnswerData& data) {
  std::vector<SiteFigure> made;
  for (const AnswerTable& table : data.tables)
    for (const AnswerTable& group : by_country(table))
      for (const AnswerSeries& series : group.series)
        for (std::size_t p = series.cells.size(); p-- > 0;) {
          if (series.cells[p].mark == CellMark::kNothing) continue;
          SiteFigure& figure = made.emplace_back();
          if (table.flow->ref_area < series.codes.size())
            figure.area = series.codes[table.flow->ref_area];
          figure.codes = series.codes;
          figure.collect = table.collect;
          figure.multiplier = table.multiplier;
          figure.period = group.periods[p];
          figure.cell = series.cells[p];
          break;
        }
  return made;
}

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

  Value frame(const Place& at, std::string heading, Words& words) const {
    Value::List languages;
    for (const std::string& lang : facts.languages) {
      auto spoken = voice.phrases.in(lang);
      languages.push_back(
          Value()
              .set("id", lang)
              .set("href", at.path.empty() ? lang + "/index.html" : at.root + lang + "/" + at.path)
              .set("label", spoken ? (*spoken)->text_or("site.language", lang) : lang)
              .set("current", !at.path.empty() && lang == phrases.lang()));
    }
    Value values;
    values.set("lang", phrases.found_lang())
        .set("title", heading == facts.name
                          ? shown(facts.name)
                          : words("site.title", {{"page", heading}, {"name", shown(facts.name)}}))
        .set("heading", std::move(heading))
        .set("root", at.path.empty() ? std::string() : at.root)
        .set("start", at.path.empty() ? std::string("index.html") : at.lang_top + "index.html")
        .set("name", shown(facts.name))
        .set("skip", words("site.skip"))
        .set("languages_label", words("site.languages"))
        .set("languages", std::move(languages))
        .set("sections_label", words("site.sections"))
        .set("sections", false)
        .set("feed", std::string())
        .set("feed_title", words("site.feed"))
        .set("example", facts.example ? words("site.example") : std::string())
        .set("disclaimer", words("site.disclaimer"))
        .set("checked", std::string());
    if (at.path.empty()) return values;
    values.set("feed", at.lang_top + "feed.xml");
    Value::List items;
    auto item = [&](std::string_view key, std::string_view href) {
      // Where the page is in the section, but not its first one, it is "true".
      const std::string current = key != at.section ? "" : href == at.path ? "page" : "true";
      items.push_back(Value()
                          .set("href", at.lang_top + std::string(href))
                          .set("label", words(fmt::format("site.{}", key)))
                          .set("current", current));
    };
    item("start", "index.html");
    item("indicators", "index.html#indicators");
    item("countries", "index.html#countries");
    item("methodology", "methodology.html");
    item("calendar", "calendar.html");
    item("log", "log.html");
    item("data", "data.html");
    values.set("sections", Value().set("items", std::move(items)));
    return values;
  }

  Result<std::string> page(Value values, std::vector<Block> blocks, const Words& words,
                           const std::vector<std::string>& pictures = {}) const {
    if (words.error()) return *words.error();
    Value::List list;
    for (Block& block : blocks) list.push_back(block.take());
    values.set("blocks", std::move(list));
    FP_ASSIGN(std::string made, voice.templates.render(phrases.lang(), "site_page.html", values));
    return with_pictures(made, pictures);
  }

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
  std::string area_list(const std::vector<std::string>& codes) const {
    std::string made;
    for (const auto& [name, code] : countries(codes)) made += (made.empty() ? "" : ", ") + name;
    return made;
  }
  bool has_page(std::string_view flow) const {
    return std::any_of(facts.indicators.begin(), facts.indicators.end(),
                       [&](const SiteIndicator& one) { return one.id() == flow; });
  }
  static std::string indicator_path(std::string_view id) {
    return "indicator/" + site_name(id) + ".html";
  }
  static std::string notes_path(std::string_view id) {
    return "methodology/" + site_name(id) + ".html";
  }
  static std::string country_path(std::string_view code) {
    return "country/" + site_name(code) + ".html";
  }

  std::string periods(const std::optional<Period>& first, const std::optional<Period>& last) const {
    if (!first && !last) return {};
    const std::string a = shown(phrases.period(first.value_or(*(last ? last : first))));
    const std::string b = shown(phrases.period(last.value_or(*(first ? first : last))));
    return a == b ? a : a + " – " + b;
  }

  std::string size_of(std::uint64_t bytes, Words& words) const {
    if (bytes < 100'000)
      return words("site.kilobytes", {{"size", phrases.number(double(bytes) / 1000, 1)}});
    return words("site.megabytes", {{"size", phrases.number(double(bytes) / 1'000'000, 1)}});
  }

  // ---- pieces

  Block entry_table(std::size_t most, const std::string& up, Words& words) const {
    Block::Table table;
    table.id = "entries";
    table.caption = words("site.log.caption");
    table.corner = words("site.col.date");
    table.columns = {words("site.col.institution"), words("site.col.indicator"),
                     words("site.col.period"), words("site.col.what")};
    table.kind = "words";
    for (const SiteEntry& entry : facts.entries) {
      if (table.rows.size() == most) break;
      Block::Table::Row& row = table.rows.emplace_back();
      row.head.text = phrases.date(entry.at);
      row.cells.push_back({names.provider(entry.provider), "", ""});
      row.cells.push_back({names.flow(entry.flow),
                           has_page(entry.flow) ? up + indicator_path(entry.flow) : "", ""});
      const std::string covered = periods(entry.first, entry.last);
      row.cells.push_back({covered.empty() ? std::string(kNoMark) : covered, "", ""});
      row.cells.push_back({words(entry_kind(entry.kind)), "", ""});
    }
    return Block::table(table);
  }

  /// Series in the order of their countries' names, with their names.
  AnswerTable ordered(AnswerTable table) const {
    const std::uint16_t area = table.flow->ref_area;
    if (area >= table.flow->dimension_count) return table;
    const auto order = sorted(
        table.series, [&](const AnswerSeries& series) { return names.area(series.codes[area]); });
    std::vector<AnswerSeries> series;
    for (const auto& [name, one] : order) series.push_back(*one);
    table.series = std::move(series);
    return table;
  }

  /// Names of what stands side by side: the countries'.
  TableWords words_for(const AnswerTable& table, Words& words) const {
    TableWords named = table_words(table, structures, words);
    const std::uint16_t area = table.flow->ref_area;
    if (area >= table.flow->dimension_count) return named;
    for (std::size_t i = 0; i < table.series.size(); ++i)
      named.labels[i] = names.area(table.series[i].codes[area]);
    // A country that stands alone is named beside its numbers already.
    const FlowComponent& place = table.flow->components[area];
    const std::string alone = component_name(place, structures.structures(), phrases.lang()) +
                              ": " +
                              code_name(place, table.series.front().codes[area], phrases.lang());
    if (named.subtitle.starts_with(alone)) {
      named.subtitle.erase(0, alone.size());
      if (named.subtitle.starts_with("; ")) named.subtitle.erase(0, 2);
    }
    return named;
  }

  std::string frequency(const AnswerTable& table) const {
    const FlowStructure& flow = *table.flow;
    return flow.freq < flow.dimension_count
               ? code_name(flow.components[flow.freq], table.freq, phrases.lang())
               : std::string();
  }

  Block numbers_table(const AnswerTable& table, const TableWords& named, std::string id,
                      TableMarks& marks) const {
    Block::Table grid;
    grid.id = std::move(id);
    grid.caption = named.title;
    const std::string often = frequency(table);
    grid.note = often.empty() || named.subtitle.empty() ? often + named.subtitle
                                                        : often + "; " + named.subtitle;
    grid.corner = phrases.text_or("site.col.period", "");
    grid.columns = named.labels;
    grid.kind = "numbers";
    for (std::size_t p = table.periods.size(); p-- > 0;) {
      if (grid.rows.size() == kSitePeriods) break;
      Block::Table::Row& row = grid.rows.emplace_back();
      row.head.text = period_words(table, table.periods[p], phrases);
      for (const AnswerSeries& series : table.series)
        row.cells.push_back({cell_text(series.cells[p], phrases, marks), "", "number"});
    }
    return Block::table(grid);
  }

  /// The chart of up to kLinesDrawn series, wide and for a telephone; empty: nothing to draw.
  Status draw(const AnswerTable& table, const TableWords& named, std::vector<Block>& blocks,
              std::vector<std::string>& pictures, Words& words) const {
    const std::size_t parts = (table.series.size() + kLinesDrawn - 1) / kLinesDrawn;
    for (std::size_t part = 0; part < parts; ++part) {
      const std::size_t first = table.series.size() * part / parts;
      const std::size_t end = table.series.size() * (part + 1) / parts;
      AnswerTable some = table;
      some.series.assign(table.series.begin() + std::ptrdiff_t(first),
                         table.series.begin() + std::ptrdiff_t(end));
      TableWords names_of_some = named;
      names_of_some.labels.assign(named.labels.begin() + std::ptrdiff_t(first),
                                  named.labels.begin() + std::ptrdiff_t(end));
      auto chart = data_chart(some, names_of_some, facts.example, words, 1);
      if (!chart) continue;
      chart->words.tick = [this](Period period) { return phrases.period_short(period); };
      const std::size_t n = pictures.size();
      chart->id = fmt::format("chart-{}", n);
      auto wide = draw_svg(*chart, kWide);
      chart->id = fmt::format("chart-{}", n + 1);
      auto narrow = draw_svg(*chart, kNarrow);
      // The numbers are in the table: what cannot be drawn is not worth the page.
      if (!wide.ok() || !narrow.ok()) continue;
      pictures.push_back(std::move(*wide));
      pictures.push_back(std::move(*narrow));
      blocks.push_back(Block::figure(picture_mark(n), picture_mark(n + 1)));
    }
    return {};
  }

  std::string label_of(const SiteIndicator& one, const SiteFigure& figure) const {
    std::string made = names.flow(one.id());
    const FlowStructure& flow = *one.flow;
    for (std::uint16_t d = 0; d < flow.dimension_count && d < figure.codes.size(); ++d) {
      if (d == flow.freq || d == flow.ref_area || means_total(flow.components[d], figure.codes[d]))
        continue;
      made += ", " + code_name(flow.components[d], figure.codes[d], phrases.lang());
    }
    return made;
  }

  // ---- descriptions

  /// What must be said of a country's data and is not; null: nothing was said at all.
  enum class Described { kNot, kPartly, kFully };
  static Described described(const AnswerDefinition& one) {
    if (!one.structure || one.attributes.empty()) return Described::kNot;
    for (const ReportStructure& report : one.structure->reports)
      for (const MetadataAttribute& attribute : report.attributes) {
        if (attribute.parent >= 0 || attribute.min_occurs == 0) continue;
        if (std::none_of(one.attributes.begin(), one.attributes.end(),
                         [&](const ReportedAttribute& said) { return said.id == attribute.id; }))
          return Described::kPartly;
      }
    return Described::kFully;
  }
  static std::vector<const AnswerDefinition*> of_area(const SiteIndicator& one,
                                                      const std::string& area) {
    std::vector<const AnswerDefinition*> made;
    for (const AnswerDefinition& definition : one.definitions)
      if (definition.area == area) made.push_back(&definition);
    return made;
  }
  /// The state of a country's notes on an indicator, linked to them.
  SiteCell state_cell(const SiteIndicator& one, const std::string& area, const std::string& up,
                      Words& words) const {
    if (std::find(one.areas.begin(), one.areas.end(), area) == one.areas.end())
      return {std::string(kNoMark), "", "empty"};
    Described best = Described::kNot;
    Time at{};
    for (const AnswerDefinition* definition : of_area(one, area)) {
      const Described here = described(*definition);
      if (here > best) best = here;
      if (here != Described::kNot) at = std::max(at, definition->filed_at);
    }
    if (best == Described::kNot) return {words("site.state.none"), "", "none"};
    return {words(best == Described::kFully ? "site.state.full" : "site.state.part",
                  {{"date", phrases.date(at)}}),
            up + notes_path(one.id()) + "#" + site_name(area),
            best == Described::kFully ? "full" : "part"};
  }

  std::vector<Block::Terms> differing(const SiteIndicator& one, Words& words) const {
    std::vector<Block::Terms> made;
    for (const Difference& difference : differences_between(one.definitions, names)) {
      Block::Terms& term = made.emplace_back();
      term.term = difference.name;
      term.mark = words("site.differs");
      for (const auto& [name, said] : sorted(difference.said, [&](const Difference::Said& each) {
             return whose(*each.by, names, words);
           }))
        term.said.push_back({name, said->value});
    }
    return made;
  }
};

SiteWriter::SiteWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}
SiteWriter::SiteWriter(SiteWriter&&) noexcept = default;
SiteWriter::~SiteWriter() = default;

Result<SiteWriter> SiteWriter::in(std::string_view lang, const SiteFacts& facts,
                                  const StructureLookup& structures, const Voice& voice) {
  FP_ASSIGN(const Phrases* phrases, voice.phrases.in(lang));
  return SiteWriter(std::unique_ptr<State>(
      new State{facts, structures, voice, *phrases, Names(structures, phrases->lang())}));
}

Result<std::string> SiteWriter::start() const {
  const State& s = *state_;
  Words words(s.phrases);
  const auto at = State::place("index.html", "start");
  std::vector<Block> blocks;
  blocks.push_back(Block::paragraph(words("site.start.lead"), "lead"));
  blocks.push_back(Block::heading("latest", words("site.start.latest")));
  if (s.facts.entries.empty()) {
    blocks.push_back(Block::paragraph(words("site.log.none")));
  } else {
    blocks.push_back(s.entry_table(kSiteLatest, "", words));
    blocks.push_back(Block::paragraph("", "", {words("site.start.all"), "log.html", ""}));
  }
  blocks.push_back(Block::heading("indicators", words("site.indicators")));
  std::vector<Block::Card> cards;
  for (const auto& [name, one] : s.indicators()) {
    Block::Card& card = cards.emplace_back();
    card.href = State::indicator_path(one->id());
    card.title = name;
    if (one->picture) {
      card.picture = "picture/" + site_name(one->id()) + ".svg";
      card.alt = words("site.picture.alt", {{"name", name}});
    }
    card.text = one->changed
                    ? words("site.card", {{"countries", words.number(one->areas.size())},
                                          {"date", s.phrases.date(*one->changed)}})
                    : words("site.card.empty", {{"countries", words.number(one->areas.size())}});
  }
  if (cards.empty())
    blocks.push_back(Block::paragraph(words("site.indicators.none")));
  else
    blocks.push_back(Block::cards(cards));
  blocks.push_back(Block::heading("countries", words("site.countries")));
  State::Links links;
  for (const auto& [name, code] : s.countries(s.facts.countries))
    links.push_back({name, State::country_path(*code), ""});
  if (!links.empty()) blocks.push_back(Block::list(links, "columns"));
  Value values = s.frame(at, shown(s.facts.name), words);
  values.set("checked", words("site.checked", {{"date", s.phrases.date(s.facts.checked)}}));
  return s.page(std::move(values), std::move(blocks), words);
}

Result<std::string> SiteWriter::indicator(const SiteIndicator& one, const AnswerData* data) const {
  const State& s = *state_;
  Words words(s.phrases);
  const auto at = State::place(State::indicator_path(one.id()), "indicators");
  std::vector<Block> blocks;
  std::vector<std::string> pictures;
  if (one.flow->names_of) {
    const std::string_view about = text_in(one.flow->names_of->descriptions, s.phrases.lang());
    if (!about.empty()) blocks.push_back(Block::paragraph(shown(about, 2000), "lead"));
  }
  State::Links links;
  for (const auto& [name, code] : s.countries(one.areas))
    links.push_back({name, "../" + State::country_path(*code), ""});
  blocks.push_back(Block::heading("numbers", words("site.indicator.numbers")));
  std::set<std::string> there;
  std::size_t n = 0;
  for (const AnswerTable& table : data ? data->tables : std::vector<AnswerTable>())
    for (const AnswerTable& group : by_country(table)) {
      for (const AnswerSeries& series : group.series)
        if (group.flow->ref_area < series.codes.size())
          there.insert(series.codes[group.flow->ref_area]);
      if (n == kGroupsShown) continue;
      const AnswerTable shown_table = s.ordered(group);
      const TableWords named = s.words_for(shown_table, words);
      FP_TRY(s.draw(shown_table, named, blocks, pictures, words));
      TableMarks marks;
      blocks.push_back(s.numbers_table(shown_table, named, fmt::format("table-{}", ++n), marks));
      if (group.periods.size() > kSitePeriods)
        blocks.push_back(Block::paragraph(words("site.indicator.older"), "note"));
      for (std::string& note : table_notes(shown_table, marks, s.names, words))
        blocks.push_back(Block::paragraph(std::move(note), "note"));
    }
  if (n == 0) blocks.push_back(Block::paragraph(words("site.indicator.none")));
  if (data && data->cut) blocks.push_back(Block::paragraph(words("site.indicator.cut"), "note"));
  std::vector<std::string> missing;
  for (const std::string& area : one.areas)
    if (!there.contains(area)) missing.push_back(area);
  if (n > 0 && !missing.empty())
    blocks.push_back(
        Block::paragraph(words("table.areas_missing", {{"areas", s.area_list(missing)}}), "note"));

  blocks.push_back(Block::heading("definitions", words("site.indicator.definitions")));
  const auto differing = s.differing(one, words);
  if (!differing.empty()) {
    blocks.push_back(Block::paragraph(words("site.indicator.differ")));
    blocks.push_back(Block::terms(differing));
  }
  Block::Terms defined;
  defined.term = words("site.indicator.defined");
  std::vector<std::string> silent;
  for (const auto& [name, code] : s.countries(one.areas)) {
    std::string text, by;
    for (const AnswerDefinition* definition : State::of_area(one, *code)) {
      if (!text.empty()) break;
      text = defining_text(*definition, s.names);
      by = whose(*definition, s.names, words);
    }
    if (text.empty())
      silent.push_back(*code);
    else
      defined.said.push_back({by, text});
  }
  if (!defined.said.empty()) blocks.push_back(Block::terms({defined}));
  if (!silent.empty())
    blocks.push_back(
        Block::paragraph(words("definition.none", {{"areas", s.area_list(silent)}}), "note"));
  blocks.push_back(Block::paragraph(
      "", "", {words("site.indicator.notes"), "../" + State::notes_path(one.id()), ""}));

  blocks.push_back(Block::heading("countries", words("site.indicator.countries")));
  if (!links.empty()) blocks.push_back(Block::list(links, "columns"));

  blocks.push_back(Block::heading("downloads", words("site.indicator.downloads")));
  if (one.csv.path.empty()) {
    blocks.push_back(Block::paragraph(words("site.indicator.none")));
  } else {
    blocks.push_back(Block::list(
        {{words("site.file.csv"), "../../" + one.csv.path, s.size_of(one.csv.bytes, words)},
         {words("site.file.xml"), "../../" + one.xml.path, s.size_of(one.xml.bytes, words)}}));
    blocks.push_back(Block::paragraph(words("site.file.rest"), "note",
                                      {words("site.data"), "../data.html", ""}));
  }
  return s.page(s.frame(at, s.names.flow(one.id()), words), std::move(blocks), words, pictures);
}

Result<std::string> SiteWriter::country(const std::string& area) const {
  const State& s = *state_;
  Words words(s.phrases);
  const auto at = State::place(State::country_path(area), "countries");
  std::vector<Block> blocks;
  blocks.push_back(Block::heading("institutions", words("site.country.institutions")));
  std::vector<SiteInstitution> here;
  for (const SiteInstitution& one : s.facts.institutions)
    if (std::find(one.areas.begin(), one.areas.end(), area) != one.areas.end()) here.push_back(one);
  std::vector<Block::Terms::Said> institutions;
  for (const auto& [name, one] :
       s.sorted(here, [&](const SiteInstitution& each) { return s.names.provider(each.id); })) {
    std::string roles;
    for (const std::string& role : one->roles)
      roles += (roles.empty() ? "" : ", ") + s.phrases.text_or("role." + role, shown(role));
    std::vector<std::string> flows;
    for (const std::string& flow : one->flows)
      if (s.has_page(flow)) flows.push_back(flow);
    std::string what = words("site.country.files", {{"names", s.names.flows(flows)}});
    if (!roles.empty()) what += " " + words("site.country.roles", {{"roles", roles}});
    institutions.push_back({name, what});
  }
  if (institutions.empty())
    blocks.push_back(Block::paragraph(words("site.country.none")));
  else
    blocks.push_back(Block::pairs(institutions));

  blocks.push_back(Block::heading("indicators", words("site.indicators")));
  Block::Table newest, states;
  newest.id = "newest";
  newest.caption = words("site.country.newest");
  newest.corner = words("site.col.indicator");
  newest.columns = {words("site.col.period"), words("site.col.value")};
  newest.kind = "words";
  states.id = "states";
  states.caption = words("site.country.states");
  states.corner = words("site.col.indicator");
  states.columns = {words("site.col.state")};
  states.kind = "matrix";
  TableMarks marks;
  for (const auto& [name, one] : s.indicators()) {
    if (std::find(one->areas.begin(), one->areas.end(), area) == one->areas.end()) continue;
    const std::string href = "../" + State::indicator_path(one->id());
    bool any = false;
    for (const SiteFigure& figure : one->figures) {
      if (figure.area != area) continue;
      any = true;
      AnswerTable stock;  // words of periods depend on how a stock is counted
      stock.collect = figure.collect;
      Block::Table::Row& row = newest.rows.emplace_back();
      row.head = {s.label_of(*one, figure), href, ""};
      row.cells.push_back({period_words(stock, figure.period, s.phrases), "", ""});
      std::string value = cell_text(figure.cell, s.phrases, marks);
      if (!figure.multiplier.empty() && figure.multiplier != "0")
        value += " (" +
                 words(figure.multiplier == "3" ? "table.thousands" : "table.multiplier",
                       {{"power", figure.multiplier}}) +
                 ")";
      row.cells.push_back({std::move(value), "", ""});
    }
    if (!any)
      newest.rows.push_back(
          {{name, href, ""},
           {{std::string(kNoMark), "", ""}, {words("site.country.no_figure"), "", ""}}});
    states.rows.push_back({{name, href, ""}, {s.state_cell(*one, area, "../", words)}});
  }
  if (newest.rows.empty()) {
    blocks.push_back(Block::paragraph(words("site.indicators.none")));
  } else {
    blocks.push_back(Block::table(newest));
    AnswerTable none;
    none.flow = s.facts.indicators.front().flow;
    for (std::string& note : table_notes(none, marks, s.names, words))
      blocks.push_back(Block::paragraph(std::move(note), "note"));
    blocks.push_back(Block::heading("methodology", words("site.methodology")));
    blocks.push_back(Block::table(states));
  }
  blocks.push_back(Block::heading("inventory", words("site.country.inventory")));
  bool inventory = false;
  for (const AnswerDefinition& one : s.facts.inventory) {
    if (one.area != area || !one.structure) continue;
    inventory = true;
    blocks.push_back(
        Block::subheading("inventory-" + site_name(one.provider), whose(one, s.names, words)));
    std::vector<Block::Terms::Said> lines;
    const auto paths = attribute_paths(one.attributes);
    for (std::size_t i = 0; i < one.attributes.size(); ++i) {
      std::string text = attribute_in_words(*one.structure, one.attributes[i], s.names);
      if (text.empty()) continue;
      lines.push_back(
          {concept_in_words(paths[i], *one.structure, s.structures, s.phrases.lang()), text});
    }
    blocks.push_back(Block::pairs(lines));
    blocks.push_back(Block::paragraph(
        words("definition.updated", {{"date", s.phrases.date(one.filed_at)}}), "note"));
  }
  if (!inventory) blocks.push_back(Block::paragraph(words("site.country.no_inventory")));
  return s.page(s.frame(at, s.names.area(area), words), std::move(blocks), words);
}

Result<std::string> SiteWriter::methodology() const {
  const State& s = *state_;
  Words words(s.phrases);
  const auto at = State::place("methodology.html", "methodology");
  std::vector<Block> blocks;
  blocks.push_back(Block::paragraph(words("site.matrix.lead"), "lead"));
  Block::Table table;
  table.id = "matrix";
  table.caption = words("site.matrix.caption");
  table.note = words("site.matrix.legend");
  table.corner = words("site.col.indicator");
  table.kind = "matrix";
  const auto countries = s.countries(s.facts.countries);
  for (const auto& [name, code] : countries) table.columns.push_back(name);
  std::vector<Block> differing;
  for (const auto& [name, one] : s.indicators()) {
    Block::Table::Row& row = table.rows.emplace_back();
    row.head = {name, State::notes_path(one->id()), ""};
    for (const auto& [country, code] : countries)
      row.cells.push_back(s.state_cell(*one, *code, "", words));
    auto terms = s.differing(*one, words);
    if (terms.empty()) continue;
    differing.push_back(Block::subheading("differ-" + site_name(one->id()), name));
    // Under a heading of its own each concept would be one level too high.
    std::vector<Block::Terms::Said> lines;
    for (const Block::Terms& term : terms) {
      std::string all;
      for (const auto& said : term.said)
        all += (all.empty() ? "" : "; ") +
               words("difference.one", {{"area", said.who}, {"value", said.what}});
      lines.push_back({term.term, all});
    }
    differing.push_back(Block::pairs(lines));
  }
  if (table.rows.empty())
    blocks.push_back(Block::paragraph(words("site.indicators.none")));
  else
    blocks.push_back(Block::table(table));
  blocks.push_back(Block::heading("differences", words("site.matrix.differences")));
  if (differing.empty()) blocks.push_back(Block::paragraph(words("site.matrix.same")));
  for (Block& block : differing) blocks.push_back(std::move(block));
  return s.page(s.frame(at, words("site.methodology"), words), std::move(blocks), words);
}

Result<std::string> SiteWriter::notes(const SiteIndicator& one) const {
  const State& s = *state_;
  Words words(s.phrases);
  const auto at = State::place(State::notes_path(one.id()), "methodology");
  std::vector<Block> blocks;
  blocks.push_back(
      Block::paragraph(words("site.notes.lead"), "lead",
                       {s.names.flow(one.id()), "../" + State::indicator_path(one.id()), ""}));
  std::set<std::string> different;
  for (const Difference& difference : differences_between(one.definitions, s.names))
    different.insert(difference.concept_id);
  if (auto terms = s.differing(one, words); !terms.empty()) {
    blocks.push_back(Block::heading("differences", words("site.matrix.differences")));
    blocks.push_back(Block::terms(terms));
  }
  for (const auto& [name, code] : s.countries(one.areas)) {
    blocks.push_back(Block::heading(site_name(*code), name));
    bool any = false;
    for (const AnswerDefinition* definition : State::of_area(one, *code)) {
      if (!definition->structure) continue;
      std::vector<Block::Terms::Said> lines;
      const auto paths = attribute_paths(definition->attributes);
      for (std::size_t i = 0; i < definition->attributes.size(); ++i) {
        const ReportedAttribute& attribute = definition->attributes[i];
        std::string text = attribute_in_words(*definition->structure, attribute, s.names);
        if (text.empty()) continue;
        std::string term =
            concept_in_words(paths[i], *definition->structure, s.structures, s.phrases.lang());
        if (different.contains(attribute.id)) term += " (" + words("site.differs") + ")";
        lines.push_back({std::move(term), std::move(text)});
      }
      if (lines.empty()) continue;
      any = true;
      blocks.push_back(Block::paragraph(
          s.names.provider(definition->provider) + ". " +
              words("definition.updated", {{"date", s.phrases.date(definition->filed_at)}}),
          "note"));
      blocks.push_back(Block::pairs(lines));
    }
    if (!any) blocks.push_back(Block::paragraph(words("site.state.none")));
  }
  return s.page(s.frame(at, words("site.notes.title", {{"name", s.names.flow(one.id())}}), words),
                std::move(blocks), words);
}

Result<std::string> SiteWriter::calendar() const {
  const State& s = *state_;
  Words words(s.phrases);
  const auto at = State::place("calendar.html", "calendar");
  std::vector<Block> blocks;
  blocks.push_back(Block::paragraph(words("site.calendar.lead"), "lead"));
  Block::Table table;
  table.id = "due";
  table.caption = words("site.calendar.caption");
  table.corner = words("site.col.due");
  table.columns = {words("site.col.indicator"), words("site.col.period"),
                   words("site.col.institution"), words("site.col.country")};
  table.kind = "words";
  for (const SiteDuty& duty : s.facts.duties) {
    Block::Table::Row& row = table.rows.emplace_back();
    row.head.text = s.phrases.date(duty.due);
    row.cells.push_back({s.names.flow(duty.flow),
                         s.has_page(duty.flow) ? State::indicator_path(duty.flow) : "", ""});
    row.cells.push_back({shown(s.phrases.period(duty.period)), "", ""});
    row.cells.push_back({s.names.provider(duty.provider), "", ""});
    row.cells.push_back({s.area_list(duty.areas), "", ""});
  }
  if (table.rows.empty())
    blocks.push_back(Block::paragraph(words("site.calendar.none")));
  else
    blocks.push_back(Block::table(table));
  return s.page(s.frame(at, words("site.calendar"), words), std::move(blocks), words);
}

Result<std::string> SiteWriter::log() const {
  const State& s = *state_;
  Words words(s.phrases);
  const auto at = State::place("log.html", "log");
  std::vector<Block> blocks;
  blocks.push_back(Block::paragraph(words("site.log.lead"), "lead"));
  if (s.facts.entries.empty())
    blocks.push_back(Block::paragraph(words("site.log.none")));
  else
    blocks.push_back(s.entry_table(kSiteEntries, "", words));
  return s.page(s.frame(at, words("site.log"), words), std::move(blocks), words);
}

Result<std::string> SiteWriter::data() const {
  const State& s = *state_;
  Words words(s.phrases);
  const auto at = State::place("data.html", "data");
  std::vector<Block> blocks;
  blocks.push_back(Block::paragraph(words("site.data.lead"), "lead"));
  Block::Table files;
  files.id = "files";
  files.caption = words("site.data.files");
  files.corner = words("site.col.indicator");
  files.columns = {"CSV", "SDMX-ML", words("site.data.structure")};
  std::vector<Block> queries;
  for (const auto& [name, one] : s.indicators()) {
    if (one->csv.path.empty()) continue;
    Block::Table::Row& row = files.rows.emplace_back();
    row.head = {name, State::indicator_path(one->id()), ""};
    row.cells = {{s.size_of(one->csv.bytes, words), "../" + one->csv.path, ""},
                 {s.size_of(one->xml.bytes, words), "../" + one->xml.path, ""},
                 {one->structure.empty() ? std::string(kNoMark) : "XML",
                  one->structure.empty() ? "" : "../" + one->structure, ""}};
    if (one->rest.empty()) continue;
    queries.push_back(Block::subheading("sdmx-" + site_name(one->id()), name));
    State::Links links;
    for (const std::string& path : one->rest) links.push_back({path, "../" + path, ""});
    queries.push_back(Block::list(links, "paths"));
  }
  if (files.rows.empty()) {
    blocks.push_back(Block::paragraph(words("site.log.none")));
  } else {
    blocks.push_back(Block::table(files));
    blocks.push_back(Block::paragraph(words("site.data.withheld"), "note"));
    blocks.push_back(Block::heading("sdmx", words("site.data.rest")));
    blocks.push_back(Block::paragraph(words("site.data.rest_lead")));
    for (Block& block : queries) blocks.push_back(std::move(block));
  }
  return s.page(s.frame(at, words("site.data"), words), std::move(blocks), words);
}

Result<std::string> SiteWriter::choice() const {
  const State& s = *state_;
  Words words(s.phrases);
  std::vector<Block> blocks;
  blocks.push_back(Block::paragraph(words("site.start.lead"), "lead"));
  blocks.push_back(
      Block::paragraph("", "lead", {words("site.choice"), s.phrases.lang() + "/index.html", ""}));
  return s.page(s.frame(State::Place{}, shown(s.facts.name), words), std::move(blocks), words);
}

Result<std::optional<std::string>> SiteWriter::picture(const SiteIndicator& one,
                                                       const AnswerData& data) const {
  const State& s = *state_;
  Words words(s.phrases);
  // A line rather than bars, then the table with most countries; of equals the one that comes
  // first, whose periods are longest.
  auto drawn_of = [](const AnswerTable& table) {
    return std::pair(table.periods.size() >= kPeriodsCharted, table.series.size());
  };
  std::optional<AnswerTable> best;
  for (const AnswerTable& table : data.tables)
    for (AnswerTable& group : by_country(table))
      if (!best || drawn_of(group) > drawn_of(*best)) best = std::move(group);
  if (!best) return std::optional<std::string>();
  AnswerTable table = s.ordered(std::move(*best));
  if (table.series.size() > kSmallLines) table.series.resize(kSmallLines);
  constexpr std::size_t kPeriods = 24;
  if (table.periods.size() > kPeriods) {
    const auto skip = std::ptrdiff_t(table.periods.size() - kPeriods);
    table.periods.erase(table.periods.begin(), table.periods.begin() + skip);
    for (AnswerSeries& series : table.series)
      series.cells.erase(series.cells.begin(), series.cells.begin() + skip);
  }
  TableWords named = s.words_for(table, words);
  named.title.clear();
  named.subtitle = s.frequency(table);
  auto chart = data_chart(table, named, false, words, 1);
  if (words.error()) return *words.error();
  if (!chart) return std::optional<std::string>();
  chart->id = "picture-" + site_name(one.id());
  chart->words.tick = [&s](Period period) { return s.phrases.period_short(period); };
  auto drawn = draw_svg(*chart, kSmall);
  if (!drawn.ok()) return std::optional<std::string>();
  return std::optional<std::string>("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + *drawn);
}

// RFC 4287. Ids are tag URIs (RFC 4151), since the site does not know its own address.
Result<std::string> SiteWriter::feed() const {
  const State& s = *state_;
  Words words(s.phrases);
  const std::string id = fmt::format("tag:{},2026:site", escape_html(shown(s.facts.domain)));
  const Time newest = s.facts.entries.empty() ? Time{} : s.facts.entries.front().at;
  std::string made = fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"{}\">\n<id>{}:feed:{}</id>\n"
      "<title>{}</title>\n<updated>{}</updated>\n<author><name>{}</name></author>\n"
      "<link rel=\"self\" type=\"application/atom+xml\" href=\"feed.xml\"/>\n"
      "<link rel=\"alternate\" type=\"text/html\" href=\"index.html\"/>\n<rights>{}</rights>\n",
      escape_html(s.phrases.found_lang()), id, escape_html(s.phrases.lang()),
      escape_html(shown(s.facts.name)), format_rfc3339(newest), escape_html(shown(s.facts.name)),
      escape_html(words("site.disclaimer")));
  if (s.facts.example)
    made += fmt::format("<subtitle>{}</subtitle>\n", escape_html(words("site.example")));
  std::size_t count = 0;
  for (const SiteEntry& entry : s.facts.entries) {
    if (count++ == kFeedEntries) break;
    const std::string covered = s.periods(entry.first, entry.last);
    const std::string title =
        words("site.feed.entry", {{"institution", s.names.provider(entry.provider)},
                                  {"indicator", s.names.flow(entry.flow)},
                                  {"what", words(entry_kind(entry.kind))},
                                  {"period", covered}});
    made += fmt::format("<entry>\n<id>{}:{}</id>\n<title>{}</title>\n<updated>{}</updated>\n", id,
                        escape_html(entry.id), escape_html(title), format_rfc3339(entry.at));
    made += fmt::format("<link rel=\"alternate\" type=\"text/html\" href=\"{}\"/>\n",
                        s.has_page(entry.flow) ? escape_html(State::indicator_path(entry.flow))
                                               : std::string("log.html"));
    made += fmt::format("<summary>{}</summary>\n</entry>\n", escape_html(title));
  }
  if (words.error()) return *words.error();
  return made + "</feed>\n";
}

}  // namespace focalpost
