// SPDX-License-Identifier: Apache-2.0
#include "compose/site_state.h"

#include <fmt/format.h>

#include "base/text.h"
#include "compose/names.h"
#include "compose/shown.h"

namespace focalpost {
namespace {

constexpr ChartSize kWide{860, 420, 2}, kNarrow{360, 400, 2};

}  // namespace

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

std::string SiteWriter::State::language(const std::string& lang) const {
  auto spoken = voice.phrases.in(lang);
  return spoken ? (*spoken)->text_or("site.language", lang) : lang;
}

Value SiteWriter::State::frame(const Place& at, std::string heading, Words& words) const {
  Value::List languages;
  for (const std::string& lang : facts.languages) {
    languages.push_back(
        Value()
            .set("id", lang)
            .set("href", at.path.empty() ? lang + "/index.html" : at.root + lang + "/" + at.path)
            .set("label", language(lang))
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
  item("library", "library.html");
  values.set("sections", Value().set("items", std::move(items)));
  return values;
}

Result<std::string> SiteWriter::State::page(Value values, std::vector<Block> blocks,
                                            const Words& words,
                                            const std::vector<std::string>& pictures) const {
  if (words.error()) return *words.error();
  Value::List list;
  for (Block& block : blocks) list.push_back(block.take());
  values.set("blocks", std::move(list));
  FP_ASSIGN(std::string made, voice.templates.render(phrases.lang(), "site_page.html", values));
  return with_pictures(made, pictures);
}

std::string SiteWriter::State::area_list(const std::vector<std::string>& codes) const {
  std::string made;
  for (const auto& [name, code] : countries(codes)) made += (made.empty() ? "" : ", ") + name;
  return made;
}

bool SiteWriter::State::has_page(std::string_view flow) const {
  return std::any_of(facts.indicators.begin(), facts.indicators.end(),
                     [&](const SiteIndicator& one) { return one.id() == flow; });
}

std::string SiteWriter::State::periods(const std::optional<Period>& first,
                                       const std::optional<Period>& last) const {
  if (!first && !last) return {};
  const std::string a = shown(phrases.period(first.value_or(*(last ? last : first))));
  const std::string b = shown(phrases.period(last.value_or(*(first ? first : last))));
  return a == b ? a : a + " – " + b;
}

std::string SiteWriter::State::size_of(std::uint64_t bytes, Words& words) const {
  if (bytes < 100'000)
    return words("site.kilobytes", {{"size", phrases.number(double(bytes) / 1000, 1)}});
  return words("site.megabytes", {{"size", phrases.number(double(bytes) / 1'000'000, 1)}});
}

Block SiteWriter::State::entry_table(std::size_t most, const std::string& up, Words& words) const {
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
    row.cells.push_back(
        {names.flow(entry.flow), has_page(entry.flow) ? up + indicator_path(entry.flow) : "", ""});
    const std::string covered = periods(entry.first, entry.last);
    row.cells.push_back({covered.empty() ? std::string(kNoMark) : covered, "", ""});
    row.cells.push_back({words(entry_kind(entry.kind)), "", ""});
  }
  return Block::table(table);
}

AnswerTable SiteWriter::State::ordered(AnswerTable table) const {
  const std::uint16_t area = table.flow->ref_area;
  if (area >= table.flow->dimension_count) return table;
  const auto order = sorted(
      table.series, [&](const AnswerSeries& series) { return names.area(series.codes[area]); });
  std::vector<AnswerSeries> series;
  for (const auto& [name, one] : order) series.push_back(*one);
  table.series = std::move(series);
  return table;
}

TableWords SiteWriter::State::words_for(const AnswerTable& table, Words& words) const {
  TableWords named = table_words(table, structures, words);
  const std::uint16_t area = table.flow->ref_area;
  if (area >= table.flow->dimension_count) return named;
  for (std::size_t i = 0; i < table.series.size(); ++i)
    named.labels[i] = names.area(table.series[i].codes[area]);
  // A country that stands alone is named beside its numbers already.
  const FlowComponent& place = table.flow->components[area];
  const std::string alone = component_name(place, structures.structures(), phrases.lang()) + ": " +
                            code_name(place, table.series.front().codes[area], phrases.lang());
  if (named.subtitle.starts_with(alone)) {
    named.subtitle.erase(0, alone.size());
    if (named.subtitle.starts_with("; ")) named.subtitle.erase(0, 2);
  }
  return named;
}

std::string SiteWriter::State::frequency(const AnswerTable& table) const {
  const FlowStructure& flow = *table.flow;
  return flow.freq < flow.dimension_count
             ? code_name(flow.components[flow.freq], table.freq, phrases.lang())
             : std::string();
}

Block SiteWriter::State::numbers_table(const AnswerTable& table, const TableWords& named,
                                       std::string id, TableMarks& marks) const {
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

void SiteWriter::State::draw(const AnswerTable& table, const TableWords& named,
                             std::vector<Block>& blocks, std::vector<std::string>& pictures,
                             Words& words) const {
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
}

std::string SiteWriter::State::label_of(const SiteIndicator& one, const SiteFigure& figure) const {
  std::string made = names.flow(one.id());
  const FlowStructure& flow = *one.flow;
  for (std::uint16_t d = 0; d < flow.dimension_count && d < figure.codes.size(); ++d) {
    if (d == flow.freq || d == flow.ref_area || means_total(flow.components[d], figure.codes[d]))
      continue;
    made += ", " + code_name(flow.components[d], figure.codes[d], phrases.lang());
  }
  return made;
}

SiteWriter::State::Described SiteWriter::State::described(const AnswerDefinition& one) {
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

std::vector<const AnswerDefinition*> SiteWriter::State::of_area(const SiteIndicator& one,
                                                                const std::string& area) {
  std::vector<const AnswerDefinition*> made;
  for (const AnswerDefinition& definition : one.definitions)
    if (definition.area == area) made.push_back(&definition);
  return made;
}

SiteCell SiteWriter::State::state_cell(const SiteIndicator& one, const std::string& area,
                                       const std::string& up, Words& words) const {
  if (!among(one.areas, area)) return {std::string(kNoMark), "", "empty"};
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

std::vector<Block::Terms> SiteWriter::State::differing(const SiteIndicator& one,
                                                       Words& words) const {
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

}  // namespace focalpost
