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
#include "compose/site_state.h"

namespace focalpost {
namespace {

constexpr ChartSize kSmall{340, 220, 2};
constexpr std::size_t kSmallLines = 4;  ///< of the start page's pictures
constexpr std::size_t kGroupsShown = 24;

}  // namespace

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
      s.draw(shown_table, named, blocks, pictures, words);
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
    if (among(one.areas, area)) here.push_back(one);
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
    if (!among(one->areas, area)) continue;
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
    for (SaidConcept& said : said_concepts(one, s.names))
      lines.push_back({std::move(said.name), std::move(said.text)});
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
      for (SaidConcept& said : said_concepts(*definition, s.names)) {
        if (different.contains(said.id)) said.name += " (" + words("site.differs") + ")";
        lines.push_back({std::move(said.name), std::move(said.text)});
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

Result<std::string> SiteWriter::library() const {
  const State& s = *state_;
  Words words(s.phrases);
  const auto at = State::place("library.html", "library");
  std::vector<Block> blocks;
  blocks.push_back(Block::paragraph(words("site.library.lead"), "lead"));
  Block::Table table;
  table.id = "modules";
  table.caption = words("site.library.modules");
  table.corner = words("site.col.module");
  table.kind = "words";
  std::vector<std::string> written;
  for (const std::string& lang : s.facts.languages)
    if (std::any_of(s.facts.modules.begin(), s.facts.modules.end(),
                    [&](const SiteModule& one) { return one.texts.contains(lang); }))
      written.push_back(lang);
  for (const std::string& lang : written) table.columns.push_back(s.language(lang));
  for (const SiteModule& one : s.facts.modules) {
    Block::Table::Row& row = table.rows.emplace_back();
    auto title = one.titles.find(s.phrases.lang());
    row.head.text = fmt::format("{}. {}", one.number,
                                title == one.titles.end() ? std::string() : title->second);
    for (const std::string& lang : written) {
      if (one.texts.contains(lang))
        row.cells.push_back(
            {s.language(lang), "../" + lang + "/" + State::module_path(one.number), ""});
      else
        row.cells.push_back({std::string(kNoMark), "", ""});
    }
  }
  blocks.push_back(Block::table(table));
  return s.page(s.frame(at, words("site.library"), words), std::move(blocks), words);
}

Result<std::string> SiteWriter::module(const SiteModule& one) const {
  const State& s = *state_;
  Words words(s.phrases);
  const auto at = State::place(State::module_path(one.number), "library");
  std::vector<Block> blocks;
  const auto title = one.titles.find(s.phrases.lang());
  const auto text = one.texts.find(s.phrases.lang());
  if (text == one.texts.end()) {
    blocks.push_back(Block::paragraph(words("site.module.elsewhere"), "lead"));
    State::Links links;
    for (const auto& [lang, module] : one.texts)
      links.push_back({s.language(lang), at.root + lang + "/" + at.path, ""});
    blocks.push_back(Block::list(links));
  } else {
    using Kind = ModuleText::Kind;
    const TrainingModule& module = text->second;
    std::size_t headings = 0;
    State::Links items;
    auto end_list = [&] {
      if (!items.empty()) blocks.push_back(Block::list(items));
      items.clear();
    };
    for (const ModuleText& part : module.text) {
      if (part.kind == Kind::kItem) {
        items.push_back({part.text, "", ""});
        continue;
      }
      end_list();
      if (part.kind == Kind::kHeading)
        blocks.push_back(Block::heading(fmt::format("part-{}", ++headings), part.text));
      else if (part.kind == Kind::kLines)
        blocks.push_back(Block::lines(part.text));
      else
        blocks.push_back(Block::paragraph(part.text));
    }
    end_list();
    blocks.push_back(Block::heading("check", module.check));
    std::vector<Block::Terms::Said> answers;
    for (std::size_t n = 0; n < kModuleQuestions; ++n) {
      const ModuleQuestion& question = module.questions[n];
      blocks.push_back(Block::paragraph(fmt::format("{}. {}", n + 1, question.text)));
      State::Links choices;
      for (const std::string& choice : question.choices) choices.push_back({choice, "", ""});
      blocks.push_back(Block::list(choices));
      const auto right = static_cast<std::size_t>(question.right - 'a');
      answers.push_back({std::to_string(n + 1), question.choices[right] + ". " + question.why});
    }
    blocks.push_back(Block::heading("answers", words("site.module.answers")));
    blocks.push_back(Block::pairs(answers));
  }
  const std::string heading =
      fmt::format("{}. {}", one.number, title == one.titles.end() ? std::string() : title->second);
  return s.page(s.frame(at, heading, words), std::move(blocks), words);
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
