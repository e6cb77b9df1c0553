// SPDX-License-Identifier: Apache-2.0
#include "compose/transcript.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "compose/alphabet.h"
#include "compose/blocks.h"
#include "compose/data_table.h"
#include "compose/described.h"
#include "compose/names.h"
#include "compose/request.h"
#include "compose/shown.h"
#include "compose/subscription.h"

namespace focalpost {
namespace {

constexpr std::size_t kLineCharacters = 200;
constexpr std::size_t kPicturesDrawn = 6;  ///< of one letter
constexpr std::string_view kLatinChoices[] = {"a", "b", "c"}, kCyrillicChoices[] = {"а", "б", "в"};

// ---- what was understood

/// "Data: Asylum applicants. Countries: Kyrgyzstan, Kazakhstan. From 2019 to 2024."
std::string understood(const enquiry::Command& command, const Names& names, Words& words) {
  std::string made = words(fmt::format("verb.{}", enquiry::verb_name(command.verb)));
  auto add = [&](const std::string& more) { made += " " + more; };
  if (!command.flows.empty())
    add(words("understood.flows", {{"names", names.flows(command.flows)}}));
  if (!command.areas.empty())
    add(words("understood.areas", {{"names", names.areas(command.areas)}}));
  const Phrases& phrases = words.phrases();
  if (!command.rhythm.empty())
    add(words("understood.rhythm", {{"rhythm", words("rhythm." + command.rhythm)}}));
  if (command.from && command.to) {
    const std::string first = phrases.period(*command.from), last = phrases.period(*command.to);
    add(first == last ? words("understood.period", {{"period", first}})
                      : words("understood.periods", {{"first", first}, {"last", last}}));
  } else if (command.from) {
    add(words("understood.since", {{"period", phrases.period(*command.from)}}));
  } else if (command.to) {
    add(words("understood.until", {{"period", phrases.period(*command.to)}}));
  }
  if (command.latest) add(words("understood.latest"));
  const FlowStructure* flow =
      command.flows.empty() ? nullptr : names.structure(command.flows.front());
  if (flow) {
    for (const auto& [id, codes] : command.codes) {
      const std::uint16_t place = flow->find(id);
      if (place >= flow->dimension_count || place == flow->ref_area) continue;
      const FlowComponent& dimension = flow->components[place];
      add(words(
          "understood.codes",
          {{"dimension", component_name(dimension, names.structures().structures(), names.lang())},
           {"names", names.list(codes, [&](const std::string& code) {
              return code_name(dimension, code, names.lang());
            })}}));
    }
    if (!command.by.empty())
      add(words("understood.by", {{"names", names.list(command.by, [&](const std::string& id) {
                                     const std::uint16_t place = flow->find(id);
                                     return place >= flow->dimension_count
                                                ? shown(id)
                                                : component_name(flow->components[place],
                                                                 names.structures().structures(),
                                                                 names.lang());
                                   })}}));
  }
  if (command.as_of) add(words("understood.as_of", {{"date", phrases.date(*command.as_of)}}));
  // «2026 г.» brings its own full stop.
  for (auto at = made.find(".."); at != made.npos; at = made.find("..", at)) made.erase(at, 1);
  return made;
}

/// "Not understood: KZZ. Did you mean KZ?"
std::string not_understood(const enquiry::Unknown& unknown, bool quote, Words& words) {
  std::string suggestions;
  for (const std::string& one : unknown.suggestions)
    suggestions += (suggestions.empty() ? "" : ", ") + shown(one, 80);
  if (!quote)
    return suggestions.empty() ? words("answer.unknown_word")
                               : words("answer.unknown_near", {{"suggestions", suggestions}});
  return words("answer.unknown", {{"word", shown(unknown.word, 80)}, {"suggestions", suggestions}});
}

// ---- what is known

/// Names of institutions often begin with the country's, which need not be said twice.
std::string areas_beside(const AnswerFact& fact, const Names& names) {
  if (fact.areas.size() == 1 &&
      names.provider(fact.providers.front()).starts_with(names.area(fact.areas.front())))
    return {};
  return names.areas(fact.areas);
}

std::string fact_in_words(const AnswerFact& fact, const Names& names, const std::string& zone,
                          Words& words) {
  const Phrases& phrases = words.phrases();
  using Kind = AnswerFact::Kind;
  switch (fact.kind) {
    case Kind::kIndicator:
      return words("fact.indicator", {{"id", fact.flows.front()},
                                      {"name", names.flow(fact.flows.front())},
                                      {"areas", names.areas(fact.areas)}});
    case Kind::kCountry:
      return words("fact.country", {{"id", fact.areas.front()},
                                    {"name", names.area(fact.areas.front())},
                                    {"flows", names.flows(fact.flows)}});
    case Kind::kInstitution:
      return words("fact.institution", {{"name", names.provider(fact.providers.front())},
                                        {"areas", areas_beside(fact, names)},
                                        {"flows", names.flows(fact.flows)}});
    case Kind::kPerson: {
      const std::string role = phrases.text_or("role." + fact.role, shown(fact.role));
      return words("fact.person",
                   {{"name", shown(fact.person)}, {"role", role}, {"address", fact.address}});
    }
    case Kind::kDue:
      return words("fact.due", {{"date", phrases.date(fact.at)},
                                {"flow", names.flow(fact.flows.front())},
                                {"period", phrases.period(fact.period)},
                                {"areas", areas_beside(fact, names)},
                                {"institution", names.provider(fact.providers.front())},
                                {"state", fact.state.empty() ? std::string()
                                                             : words("duty.state." + fact.state)}});
    case Kind::kDocket:
      return words("fact.docket",
                   {{"number", fact.docket ? fact.docket->text() : std::string()},
                    {"date", phrases.date_time(fact.at, zone)},
                    {"subject", shown(fact.text, 80)},
                    {"outcome", words(fmt::format("outcome.{}", outcome_name(fact.outcome)))}});
    case Kind::kModule:
      return words("fact.module",
                   {{"number", std::to_string(fact.number)}, {"title", shown(fact.text)}});
    case Kind::kSubscription:
      return words("fact.subscription",
                   {{"rhythm", words("rhythm." + fact.text)},
                    {"selection", selection_words(fact.flows, fact.areas, names, words)},
                    {"date", fact.at == Time{} ? std::string() : phrases.date(fact.at, zone)}});
    case Kind::kExample:
      break;
  }
  auto first = [](const std::vector<std::string>& ids) {
    return ids.empty() ? std::string() : shown(ids.front());
  };
  return words("example." + fact.text, {{"flow", first(fact.flows)},
                                        {"area", first(fact.areas)},
                                        {"institution", first(fact.providers)},
                                        {"period", fact.period.text()},
                                        {"number", fact.docket ? fact.docket->text() : ""}});
}

Value::List notes_of(const AnswerTable& table, const TableMarks& marks, const Grid& grid,
                     const Names& names, Words& words) {
  Value::List notes;
  if (grid.rows_left_out > 0)
    notes.push_back(Value().set("text", words.count("table.left_out", grid.rows_left_out)));
  for (std::string& note : table_notes(table, marks, names, words))
    notes.push_back(Value().set("text", std::move(note)));
  return notes;
}

/// Pictures of a letter, in their order.
struct Pictures {
  bool wanted = false;
  bool example = false;
  std::vector<mime::OutgoingAttachment> drawn;
};

/// "cid" of the picture of a table; empty: there is none.
std::string draw(const AnswerTable& table, const TableWords& named, Pictures& pictures,
                 Words& words) {
  if (!pictures.wanted || pictures.drawn.size() == kPicturesDrawn) return {};
  auto chart = data_chart(table, named, pictures.example, words);
  if (!chart) return {};
  auto png = draw_png(*chart);
  // The numbers are in the table: a picture that cannot be drawn is not worth the answer.
  if (!png.ok()) {
    log::warning(png.error().what);
    return {};
  }
  mime::OutgoingAttachment& picture = pictures.drawn.emplace_back();
  picture.name = fmt::format("chart-{}.png", pictures.drawn.size());
  picture.media_type = "image/png";
  picture.bytes = std::move(*png);
  picture.content_id = fmt::format("chart-{}@focalpost", pictures.drawn.size());
  return picture.content_id;
}

Value data_block(const AnswerData& data, const TranscriptReader& reader, const Names& names,
                 Pictures& pictures, Words& words) {
  Value::List tables, definitions, whole;
  for (const AnswerTable& table : data.tables) {
    if (table.series.empty() || !data.with_table) continue;
    const TableWords named = table_words(table, names.structures(), words);
    TableMarks marks;
    const Grid grid = data_grid(table, named, words.phrases(), marks);
    Value block = grid_value(grid);
    block.set("title", named.title)
        .set("subtitle", named.subtitle)
        .set("plain", grid_text(grid, kPlainWidth))
        .set("notes", notes_of(table, marks, grid, names, words));
    const std::string picture =
        data.with_chart ? draw(table, named, pictures, words) : std::string();
    block.set("picture", picture)
        .set("alt", picture.empty() ? std::string()
                                    : words("chart.alt", {{"title", named.title},
                                                          {"subtitle", named.subtitle}}));
    tables.push_back(std::move(block));
  }
  Value::List differ;
  if (data.whole) {
    for (const AnswerDefinition& one : data.definitions)
      whole.push_back(whole_definition(one, names, words));
  } else {
    std::vector<std::string> missing;
    for (const AnswerDefinition& one : data.definitions) {
      if (data.definitions.size() == 1 && among(reader.own_areas, one.area)) continue;
      std::string text = short_definition(one, names, words);
      if (text.empty())
        missing.push_back(one.area);
      else
        definitions.push_back(Value().set("text", std::move(text)));
    }
    if (!missing.empty())
      definitions.push_back(
          Value().set("text", words("definition.none", {{"areas", names.areas(missing)}})));
  }
  differ = differences(data.definitions, names, words);
  Value block;
  block.set("name", data.flow && data.flow->names_of
                        ? name_or(data.flow->names_of->names, names.lang(), data.flow->name().id)
                        : std::string());
  return block.set("tables", std::move(tables))
      .set("finer", data.rarest ? words("table.rarest") : std::string())
      .set("missing",
           data.areas_missing.empty()
               ? std::string()
               : words("table.areas_missing", {{"areas", names.areas(data.areas_missing)}}))
      .set("defined", !definitions.empty())
      .set("definitions", std::move(definitions))
      .set("whole", std::move(whole))
      .set("differ", !differ.empty())
      .set("differences", std::move(differ));
}

std::string set_off(const std::string& lines) {
  std::string made = "    ";
  for (char c : lines) made += c == '\n' ? std::string("\n    ") : std::string(1, c);
  return made;
}

/// The text of a module and its questions, as pieces of which each is one thing only.
Value::List module_blocks(const TrainingModule& module) {
  Value::List blocks;
  auto add = [&](std::string_view kind, const std::string& text) {
    Value block;
    for (std::string_view key : {"heading", "paragraph", "item", "choice", "lines"})
      block.set(std::string(key), key == kind ? text : std::string());
    blocks.push_back(std::move(block));
  };
  for (const ModuleText& one : module.text) switch (one.kind) {
      case ModuleText::Kind::kHeading:
        add("heading", one.text);
        break;
      case ModuleText::Kind::kParagraph:
        add("paragraph", one.text);
        break;
      case ModuleText::Kind::kItem:
        add("item", one.text);
        break;
      case ModuleText::Kind::kLines:
        // Set off in the plain letter as in the file.
        add("lines", set_off(one.text));
        break;
    }
  add("heading", module.check);
  const bool cyrillic = module.lang.starts_with("ru") || module.lang.starts_with("uk");
  for (std::size_t n = 0; n < kModuleQuestions; ++n) {
    add("paragraph", fmt::format("{}. {}", n + 1, module.questions[n].text));
    for (std::size_t c = 0; c < kModuleChoices; ++c)
      add("choice", fmt::format("{}) {}", (cyrillic ? kCyrillicChoices : kLatinChoices)[c],
                                module.questions[n].choices[c]));
  }
  return blocks;
}

Value answer_block(const Answered& one, const TranscriptReader& reader, const Names& names,
                   bool quote, Pictures& pictures, Words& words) {
  Value::List sentences, facts, data;
  auto say = [&](std::string text) { sentences.push_back(Value().set("text", std::move(text))); };
  if (one.command)
    for (const enquiry::Unknown& unknown : one.command->unknown)
      say(not_understood(unknown, quote, words));
  for (const AnswerSentence& sentence : one.sentences) {
    if (sentence.finding) {
      say(finding_sentence(*sentence.finding, words.phrases()));
      continue;
    }
    PhraseArgs args;
    for (const auto& [name, value] : sentence.args) args.push_back({name, value});
    say(words("answer." + sentence.key, args));
  }
  if (one.offer) {
    say(offer_heading(*one.offer, names.structures(), reader.zone, words) + ":");
    for (std::string& line : offer_lines(*one.offer)) say(std::move(line));
  }
  for (const AnswerFact& fact : one.facts)
    facts.push_back(Value().set("text", fact_in_words(fact, names, reader.zone, words)));
  for (const AnswerData& some : one.data)
    data.push_back(data_block(some, reader, names, pictures, words));
  Value block;
  return block
      .set("line", one.command && quote ? shown(one.command->line, kLineCharacters) : std::string())
      .set("understood", one.command ? understood(*one.command, names, words) : std::string())
      .set("sentences", std::move(sentences))
      .set("facts", std::move(facts))
      .set("title", one.module ? fmt::format("{}. {}", one.module->number, one.module->title)
                               : std::string())
      .set("text", one.module ? module_blocks(*one.module) : Value::List())
      .set("data", std::move(data));
}

void set_transcript(Value& values, Transcript& transcript, const TranscriptReader& reader,
                    const StructureLookup& structures, bool quote, Pictures& pictures,
                    Words& words) {
  const Names names(structures, words.phrases().lang());
  order_transcript(transcript, names, words.phrases());
  Value::List answers, unknown, examples;
  for (const Answered& one : transcript.answers)
    answers.push_back(answer_block(one, reader, names, quote, pictures, words));
  for (const enquiry::Unknown& line : transcript.lines)
    unknown.push_back(Value().set("text", not_understood(line, quote, words)));
  for (const AnswerFact& example : transcript.examples)
    examples.push_back(Value().set("text", fact_in_words(example, names, reader.zone, words)));
  values.set("answers", std::move(answers))
      .set("unknown", std::move(unknown))
      .set("not_read", transcript.not_read > 0 ? words.count("answer.not_read", transcript.not_read)
                                               : std::string())
      .set("try", !examples.empty())
      .set("examples", std::move(examples));
}

}  // namespace

Result<Receipt> compose_transcript(const Docket& docket, Transcript transcript,
                                   const TranscriptReader& reader,
                                   const StructureLookup& structures, const Voice& voice,
                                   const Letterhead& letterhead) {
  FP_ASSIGN(const Phrases* phrases, voice.phrases.in(reader.lang));
  Words words(*phrases);
  std::string subject =
      reply_subject(letterhead.quote ? std::string_view(docket.subject) : std::string_view(),
                    docket.number, *phrases);
  Value values = letter_head(docket, letterhead, reader.zone, subject, *phrases);
  Pictures pictures{true, letterhead.example_network, {}};
  set_transcript(values, transcript, reader, structures, letterhead.quote, pictures, words);
  FP_ASSIGN(Receipt receipt, finish_letter("transcript", values, std::move(subject), words, voice));
  receipt.attachments = std::move(pictures.drawn);
  for (Answered& one : transcript.answers)
    std::move(one.attachments.begin(), one.attachments.end(),
              std::back_inserter(receipt.attachments));
  return receipt;
}

Result<std::string> transcript_text(Transcript transcript, const TranscriptReader& reader,
                                    const StructureLookup& structures, const Voice& voice) {
  FP_ASSIGN(const Phrases* phrases, voice.phrases.in(reader.lang));
  Words words(*phrases);
  Pictures none;
  Value values;
  set_transcript(values, transcript, reader, structures, true, none, words);
  if (words.error()) return *words.error();
  FP_ASSIGN(std::string text, voice.templates.render(phrases->lang(), "answers.txt", values));
  return wrap_text(text, kPlainWidth);
}

}  // namespace focalpost
