// SPDX-License-Identifier: Apache-2.0
#include "compose/receipt.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <optional>
#include <utility>

#include "base/text.h"
#include "compose/blocks.h"
#include "compose/names.h"
#include "compose/shown.h"
#include "model/reference.h"
#include "model/rules.h"

namespace focalpost {
namespace {

constexpr std::size_t kSubjectCharacters = 150;
constexpr std::size_t kValueCharacters = 80;
constexpr std::size_t kValuesShown = 5;

/// `expected`, `detail` and `kind` carry codes or short English words (where, what it seems to be);
/// those that have a translation are translated.
std::string word(std::string_view text, const Phrases& phrases) {
  if (text.empty()) return {};
  std::string safe = shown(text, 400);
  return phrases.text_or("word." + safe, safe);
}

/// "Q, A": "quarterly, annual".
std::string frequencies(std::string_view codes, const Phrases& phrases) {
  std::string made;
  for (std::string_view code : split(codes, ',')) {
    const std::string safe = shown(trim(code));
    if (!made.empty()) made += ", ";
    made += phrases.text_or("frequency." + safe, safe);
  }
  return made;
}

std::string joined(const std::vector<std::string>& parts, std::string_view last) {
  std::string made;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) made += i + 1 == parts.size() ? fmt::format(" {} ", last) : ", ";
    made += shown(parts[i]);
  }
  return made;
}

std::shared_ptr<const FlowStructure> flow_of(const DatasetOutcome& dataset,
                                             const StructureLookup& structures) {
  auto ref = parse_ref(dataset.structure);
  if (!ref) return nullptr;
  if (auto flow = structures.flow(*ref)) return flow;
  return structures.data_structure(*ref);
}

std::string periods_of(const DatasetOutcome& dataset, Words& words) {
  std::string first = words.phrases().period(dataset.first_period);
  std::string last = words.phrases().period(dataset.last_period);
  if (first == last || last.empty()) return shown(first);
  return words("range", {{"first", shown(first)}, {"last", shown(last)}});
}

std::string areas_of(const DatasetOutcome& dataset, const FlowStructure* flow,
                     const Phrases& phrases) {
  std::string made;
  for (std::size_t i = 0; i < dataset.areas.size(); ++i) {
    if (i > 0) made += ", ";
    if (i == kAreasShown) return made + "…";
    made += flow && flow->ref_area != kNoComponent
                ? code_name(flow->components[flow->ref_area], dataset.areas[i], phrases.lang())
                : shown(dataset.areas[i]);
  }
  return made;
}

std::string cell_in_words(const CellChange& cell, const DatasetOutcome& dataset,
                          const FlowStructure* flow, const Structures& structures,
                          const Phrases& phrases) {
  std::string where =
      series_in_words(cell.series, flow, structures, phrases, dataset.areas.size() > 1);
  if (!cell.period.empty()) where += ", " + shown(phrases.period(cell.period));
  bool plain_value = cell.component.empty() || cell.component == "OBS_VALUE";
  if (!plain_value) {
    std::uint16_t place = flow ? flow->find(cell.component) : kNoComponent;
    where += ", ";
    where += place == kNoComponent
                 ? shown(cell.component)
                 : component_name(flow->components[place], structures, phrases.lang());
  }
  return where;
}

std::string cell_value(std::string_view value, Words& words) {
  return value.empty() ? words("change.none") : shown(value, kValueCharacters);
}

/// What a description is made after; null for data.
const MetadataStructure* described_by(const DatasetOutcome& dataset,
                                      const StructureLookup& structures) {
  auto ref = parse_ref(dataset.structure);
  return ref ? structures.metadata_structure(*ref) : nullptr;
}

/// A form that came back as it was sent out: keys, and no values.
bool is_blank(const Item& item) {
  return !item.datasets.empty() &&
         std::all_of(item.datasets.begin(), item.datasets.end(),
                     [](const DatasetOutcome& one) { return one.change.unchanged == 0; }) &&
         std::any_of(item.findings.begin(), item.findings.end(),
                     [](const Finding& one) { return one.rule == &rules::not_provided; });
}

bool is_description(const Item& item, const StructureLookup& structures) {
  return !item.datasets.empty() && described_by(item.datasets.front(), structures);
}

/// "Methodology of the indicators: Asylum applicants"
std::string described_name(const DatasetOutcome& dataset, const MetadataStructure& structure,
                           const StructureLookup& structures, const Phrases& phrases) {
  std::string name = name_or(structure.names, phrases.lang(), structure.ref.id);
  auto ref = parse_ref(dataset.name_lang_id);
  auto flow = ref ? structures.flow(*ref) : nullptr;
  if (flow && flow->names_of)
    name += ": " + name_or(flow->names_of->names, phrases.lang(), flow->name().id);
  return name;
}

bool is_waiting(const Item& item) {
  return item.outcome == Outcome::kHeld;
}
bool is_filed(const Item& item) {
  return item.outcome == Outcome::kFiled || item.outcome == Outcome::kUnchanged;
}

Value dataset_block(const Item& item, const DatasetOutcome& dataset, const Desk& desk,
                    Words& words) {
  const Phrases& phrases = words.phrases();
  auto flow = flow_of(dataset, desk.structures);
  const ChangeSummary& change = dataset.change;

  Value::List counts;
  auto row = [&](std::string label, std::uint64_t n) {
    if (n > 0)
      counts.push_back(Value().set("label", std::move(label)).set("value", words.number(n)));
  };
  const MetadataStructure* description = described_by(dataset, desk.structures);
  row(words(description ? "described.created" : "change.created"), change.created);
  row(change.largest_relative > 0
          ? words("change.revised_largest", {{"percent", phrases.percent(change.largest_relative)}})
          : words(description ? "described.revised" : "change.revised"),
      change.revised);
  row(words(description ? "described.withdrawn" : "change.withdrawn"), change.withdrawn);
  row(words(description ? "described.unchanged" : "change.unchanged"), change.unchanged);
  row(words("change.left"), change.left);

  // New cells are counted, not listed: there is no before to compare with.
  Value::List cells;
  for (const CellChange& cell : change.cells) {
    if (cell.kind == CellChange::Kind::kNew || cells.size() == kCellsShown) continue;
    cells.push_back(Value()
                        .set("where", description
                                          ? concept_in_words(cell.component, *description,
                                                             desk.structures, phrases.lang())
                                          : cell_in_words(cell, dataset, flow.get(),
                                                          desk.structures.structures(), phrases))
                        .set("before", cell_value(cell.before, words))
                        .set("after", cell_value(cell.after, words)));
  }
  // Of what waits, where nothing is revised, some values by which it can be recognised.
  Value::List values;
  if (is_waiting(item) && cells.empty() && !description)
    for (const CellChange& cell : change.cells) {
      if (values.size() == kValuesShown) break;
      values.push_back(Value()
                           .set("where", cell_in_words(cell, dataset, flow.get(),
                                                       desk.structures.structures(), phrases))
                           .set("value", cell_value(cell.after, words)));
    }
  std::uint64_t more = change.revised + change.withdrawn;
  more = more > cells.size() && !cells.empty() ? more - cells.size() : 0;

  std::string name = flow && flow->names_of
                         ? name_or(flow->names_of->names, phrases.lang(), flow->name().id)
                         : shown(dataset.name_lang_id);
  if (description) name = described_name(dataset, *description, desk.structures, phrases);
  Value block;
  block.set("name", name.empty() ? shown(dataset.structure) : name)
      .set("structure", shown(dataset.structure))
      .set("areas", areas_of(dataset, flow.get(), phrases))
      .set("periods", periods_of(dataset, words))
      .set("observations",
           dataset.observations > 0 && !description ? words.number(dataset.observations) : "")
      .set("counts_heading", words(is_filed(item) ? "change.heading" : "change.heading_file"))
      .set("has_counts", !counts.empty())
      .set("counts", std::move(counts))
      .set("has_values", !values.empty())
      .set("values", std::move(values))
      .set("has_cells", !cells.empty())
      .set("cells", std::move(cells))
      .set("more_cells", more > 0 ? words.count("change.more", more) : std::string());
  return block;
}

/// What NETWORK.md calls {k}, {cell}, {old} and {new}. The store lists the cells with the largest
/// change first, so what is beyond the list is smaller than what is in it.
struct LargeChange {
  std::uint64_t strongly = 0;
  std::string cell, before, after;
};

LargeChange large_change(const Item& item, const Desk& desk, Words& words) {
  constexpr double kStrong = 0.25;
  LargeChange found;
  double largest = -1;
  for (const DatasetOutcome& dataset : item.datasets) {
    std::uint64_t strong = 0, listed = 0;
    for (const CellChange& cell : dataset.change.cells) {
      if (cell.kind == CellChange::Kind::kNew) continue;
      ++listed;
      bool gone = cell.kind == CellChange::Kind::kWithdrawn;
      strong += gone || cell.relative > kStrong;
      if (double size = gone ? 0 : cell.relative; size > largest) {
        largest = size;
        auto flow = flow_of(dataset, desk.structures);
        found.cell =
            cell_in_words(cell, dataset, flow.get(), desk.structures.structures(), words.phrases());
        found.before = cell_value(cell.before, words);
        found.after = cell_value(cell.after, words);
      }
    }
    std::uint64_t all = dataset.change.revised + dataset.change.withdrawn;
    found.strongly += strong == listed ? std::max(strong, all) : strong;
  }
  found.strongly = std::max<std::uint64_t>(found.strongly, 1);
  return found;
}

struct Verdict {
  std::string verdict, next;
};

Verdict held_verdict(const Item& item, const Desk& desk, Words& words) {
  switch (item.hold) {
    case HoldReason::kLargeChange: {
      LargeChange change = large_change(item, desk, words);
      if (change.cell.empty()) break;
      // The sentence itself says what to do.
      return {words.count("verdict.held_large", change.strongly,
                          {{"docket", desk.docket.number.text()},
                           {"cell", change.cell},
                           {"before", change.before},
                           {"after", change.after}}),
              ""};
    }
    case HoldReason::kAssurance:
      return {words("verdict.held_assurance"), words("next.held_assurance")};
    case HoldReason::kAppend:
      return {words("verdict.held_append"), words("next.held_append")};
    case HoldReason::kOlder: {
      auto prepared = parse_time(item.prepared);
      std::string when = prepared ? words.phrases().date(*prepared, desk.zone) : "";
      return {words("verdict.held_older", {{"prepared", when}}), words("next.held_older")};
    }
    case HoldReason::kTouched:
      return {words("verdict.held_touched"), words("next.held_touched")};
    case HoldReason::kEffects:
      return {words("verdict.held_effects"), words("next.held_effects")};
    case HoldReason::kNone:
      break;
  }
  return {words("verdict.held"), words("next.held")};
}

std::string explain_key(const Finding& finding, std::string_view part) {
  return fmt::format("explain.{}.{}", finding.rule->id, part);
}

const PhraseArgs kNoDetails = {{"value", ""}, {"detail", ""}};

/// What is no data has a text of its own, which says all there is to say: the finding that it is
/// about; null where the usual words fit better.
const Finding* explained(const Item& item, const Words& words) {
  bool open = item.outcome == Outcome::kOpen || item.outcome == Outcome::kAnswered;
  if (item.outcome == Outcome::kRejected)
    for (const Finding& finding : item.findings)
      for (const Rule* ended : {&rules::held_refused, &rules::held_rejected, &rules::held_expired,
                                &rules::held_too_many})
        if (finding.rule == ended) return &finding;
  if (!item.datasets.empty() || (!open && item.errors != 1)) return nullptr;
  if (!open && item.outcome != Outcome::kRejected && item.outcome != Outcome::kTested)
    return nullptr;
  Severity wanted = open ? Severity::kInfo : Severity::kError;
  for (const Finding& finding : item.findings)
    if (finding.rule->severity == wanted)
      return words.phrases().text(explain_key(finding, "what"), kNoDetails).ok() ? &finding
                                                                                 : nullptr;
  return nullptr;
}

/// An answer or a command: its finding says it all.
bool is_word(const Item& item) {
  return item.kind == "command" && !item.findings.empty();
}

/// Nothing is wrong with the file itself.
bool lacks_agreement(const Item& item) {
  return item.errors > 0 &&
         std::none_of(item.findings.begin(), item.findings.end(), [](const Finding& finding) {
           return finding.rule->severity == Severity::kError &&
                  finding.rule != &rules::no_agreement && finding.rule != &rules::agreement_expired;
         });
}

Verdict verdict_of(const Item& item, const Desk& desk, Words& words) {
  if (is_word(item) && !is_waiting(item))
    return {finding_sentence(item.findings.front(), words.phrases()), ""};
  if (const Finding* why = explained(item, words)) {
    std::string value = shown(why->value), detail = word(why->detail, words.phrases());
    const PhraseArgs args = {{"value", value}, {"detail", detail}};
    return {words(explain_key(*why, "what"), args), words(explain_key(*why, "next"), args)};
  }
  switch (item.outcome) {
    case Outcome::kFiled:
      return {words(item.datasets.empty()                   ? "verdict.filed_structure"
                    : is_description(item, desk.structures) ? "verdict.filed_metadata"
                                                            : "verdict.filed"),
              words(item.warnings > 0 ? "next.filed_warnings" : "next.filed")};
    case Outcome::kUnchanged:
      if (is_blank(item)) return {words("verdict.blank"), words("next.blank")};
      // Judged once more because somebody here wanted it: its sender did nothing.
      return {words("verdict.unchanged"),
              words(desk.docket.attempt > 1 ? "next.filed" : "next.unchanged")};
    case Outcome::kRejected:
      return {words.count("verdict.rejected", item.errors),
              words(lacks_agreement(item)   ? "next.rejected_agreement"
                    : item.datasets.empty() ? "next.rejected_file"
                                            : "next.rejected")};
    case Outcome::kTested:
      if (item.errors > 0)
        return {words.count("verdict.tested_errors", item.errors), words("next.tested_errors")};
      return {words("verdict.tested"), words("next.tested")};
    case Outcome::kHeld:
      return held_verdict(item, desk, words);
    case Outcome::kFailed:
      return {words("verdict.failed"), words("next.failed")};
    case Outcome::kOpen:
      return {words("verdict.open"), words("next.open")};
    case Outcome::kAnswered:
      return {words("verdict.answered"), ""};
    case Outcome::kNotice:
      return {words("verdict.notice"), ""};
    case Outcome::kIgnored:
      break;
  }
  return {words("verdict.ignored"), ""};
}

/// "sdmx-ml 2.1 StructureSpecificData" as people write it.
std::string kind_in_words(std::string_view kind, Words& words) {
  if (kind.empty() || kind == "?") return words("kind.unknown");
  for (auto [id, name] : {std::pair<std::string_view, std::string_view>{"sdmx-ml", "SDMX-ML"},
                          {"sdmx-csv", "SDMX-CSV"}})
    if (kind.starts_with(id)) return std::string(name) + shown(kind.substr(id.size()));
  return word(kind, words.phrases());
}

/// The findings of one severity, at most `most`. `said`: how many faults these stand for, beside
/// which there are more.
Value::List sentences(const Item& item, Severity severity, std::size_t most, Words& words,
                      std::uint64_t& said) {
  Value::List list;
  for (const Finding& finding : item.findings) {
    if (finding.rule->severity != severity || list.size() == most) continue;
    said += finding.count;
    // The verdict has said so.
    if (finding.rule == &rules::test_message || finding.rule == &rules::held_touched) continue;
    list.push_back(Value()
                       .set("n", std::to_string(list.size() + 1))
                       .set("text", finding_sentence(finding, words.phrases())));
  }
  return list;
}

}  // namespace

Value item_block(const Item& item, std::size_t n, const Desk& desk, Words& words) {
  Value::List datasets;
  for (const DatasetOutcome& dataset : item.datasets)
    datasets.push_back(dataset_block(item, dataset, desk, words));
  std::uint64_t errors_said = 0, warnings_said = 0, notes_said = 0;
  Value::List errors = sentences(item, Severity::kError, kErrorsShown, words, errors_said);
  Value::List warnings = sentences(item, Severity::kWarning, kWarningsShown, words, warnings_said);
  Value::List notes = sentences(item, Severity::kInfo, kWarningsShown, words, notes_said);
  auto more = [&](std::uint64_t counted, std::uint64_t listed, std::string_view key) {
    return counted > listed ? words.count(key, counted - listed) : std::string();
  };
  Verdict said = verdict_of(item, desk, words);
  if (is_word(item)) {
    errors.clear();
    notes.clear();
  } else if (const Finding* why = explained(item, words)) {
    // The verdict has said it.
    (why->rule->severity == Severity::kError ? errors : notes).clear();
    if (why->rule->severity == Severity::kError) errors_said = item.errors;
  }
  bool bad = item.outcome == Outcome::kRejected || item.outcome == Outcome::kFailed ||
             (item.outcome == Outcome::kTested && item.errors > 0);
  bool waiting = is_waiting(item) || item.outcome == Outcome::kOpen;

  Value block;
  block.set("n", std::to_string(n))
      .set("path", item.path.empty()       ? words("item.message")
                   : desk.letterhead.quote ? shown(item.path)
                                           : words("item.file", {{"n", words.number(n)}}))
      .set("verdict", said.verdict)
      .set("next", said.next)
      .set("good", !bad && !waiting)
      .set("bad", bad)
      .set("waiting", waiting)
      .set("datasets", std::move(datasets))
      .set("error_count", words.number(item.errors))
      .set("more_errors", more(item.errors, errors_said, "finding.more_errors"))
      .set("has_errors", !errors.empty())
      .set("errors", std::move(errors))
      .set("warning_count", words.number(item.warnings))
      .set("more_warnings", more(item.warnings, warnings_said, "finding.more_warnings"))
      .set("has_warnings", !warnings.empty())
      .set("warnings", std::move(warnings))
      .set("has_notes", !notes.empty())
      .set("notes", std::move(notes))
      .set("kind", kind_in_words(item.kind, words))
      .set("sha256", shown(item.sha256));
  return block;
}

std::string summary_of(const std::vector<const Item*>& items, Words& words) {
  constexpr std::pair<Outcome, std::string_view> kRows[] = {
      {Outcome::kFiled, "summary.filed"},   {Outcome::kUnchanged, "summary.unchanged"},
      {Outcome::kHeld, "summary.held"},     {Outcome::kRejected, "summary.rejected"},
      {Outcome::kTested, "summary.tested"}, {Outcome::kFailed, "summary.failed"},
  };
  std::string made;
  std::size_t told = 0;
  auto row = [&](std::string_view key, std::size_t n) {
    if (n == 0) return;
    if (!made.empty()) made += ' ';
    made += words(key, {{"count", words.number(n)}}) + ".";
    told += n;
  };
  for (auto [outcome, key] : kRows)
    row(key, std::size_t(std::count_if(items.begin(), items.end(),
                                       [o = outcome](const Item* i) { return i->outcome == o; })));
  row("summary.other", items.size() - told);
  return made;
}

std::string zone_of(const Docket& docket, const StructureLookup& structures) {
  const RosterEntry* entry = structures.contact(docket.sender.address);
  return entry && !entry->zone.empty() ? entry->zone : "UTC";
}

Value letter_head(const Docket& docket, const Letterhead& letterhead, std::string_view zone,
                  std::string_view subject, const Phrases& phrases) {
  Value made;
  made.set("lang", phrases.found_lang())
      .set("subject", subject)
      .set("example", letterhead.example_network)
      .set("docket", docket.number.text())
      .set("received", phrases.date_time(docket.received, zone))
      .set("gateway_name", shown(letterhead.name))
      .set("gateway_address", shown(letterhead.address));
  return made;
}

Result<Receipt> finish_letter(std::string_view kind, const Value& values, std::string subject,
                              const Words& words, const Voice& voice) {
  if (words.error()) return *words.error();
  const std::string& lang = words.phrases().lang();
  Receipt receipt;
  const std::string names[] = {fmt::format("{}.txt", kind), fmt::format("{}.html", kind)};
  FP_ASSIGN(auto texts, voice.templates.render(lang, names, values));
  receipt.plain = wrap_text(texts[0], kPlainWidth);
  receipt.html = std::move(texts[1]);
  receipt.subject = std::move(subject);
  receipt.lang = words.phrases().found_lang();
  return receipt;
}

namespace {

std::string subject_of(const Docket& docket, const Letterhead& letterhead, const Phrases& phrases) {
  return reply_subject(letterhead.quote ? std::string_view(docket.subject) : std::string_view(),
                       docket.number, phrases);
}

Result<Receipt> compose_notice(const Docket& docket, std::string_view lang, std::string_view zone,
                               std::string_view what, std::string_view seen, const Voice& voice,
                               const Letterhead& letterhead) {
  FP_ASSIGN(const Phrases* phrases, voice.phrases.in(lang));
  Words words(*phrases);
  std::string subject = subject_of(docket, letterhead, *phrases);
  Value values = letter_head(docket, letterhead, zone, subject, *phrases);
  values.set("what", words(fmt::format("notice.{}.what", what)))
      .set("next", words(fmt::format("notice.{}.next", what)))
      .set("seen", seen.empty() ? std::string() : words("notice.no_data.seen", {{"names", seen}}));
  return finish_letter("notice", values, std::move(subject), words, voice);
}

std::string names_of(const std::vector<const Item*>& items) {
  constexpr std::size_t kNames = 10;
  std::string names;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) names += ", ";
    if (i == kNames) return names + "…";
    names += shown(items[i]->path, 80);
  }
  return names;
}

}  // namespace

Result<Receipt> compose_receipt(const Docket& docket, const StructureLookup& structures,
                                const Voice& voice, const Letterhead& letterhead) {
  std::vector<const Item*> judged, ignored;
  for (const Item& item : docket.items) {
    bool nothing = item.outcome == Outcome::kIgnored ||
                   (item.findings.size() == 1 && item.findings[0].rule == &rules::no_attachment);
    if (!nothing)
      judged.push_back(&item);
    else if (!item.path.empty())
      ignored.push_back(&item);
  }
  if (judged.empty())
    return docket.outcome == Outcome::kFailed
               ? compose_failed(docket, structures, voice, letterhead)
               : compose_no_data(docket, structures, voice, letterhead);

  FP_ASSIGN(const Phrases* phrases, voice.phrases.in(docket.sender.lang));
  Words words(*phrases);
  Desk desk{docket, structures, letterhead, zone_of(docket, structures)};
  std::string subject = subject_of(docket, letterhead, *phrases);

  Value::List items;
  for (const Item* item : judged) items.push_back(item_block(*item, items.size() + 1, desk, words));
  Value values = letter_head(docket, letterhead, desk.zone, subject, *phrases);
  values.set("several", judged.size() > 1)
      .set("summary", judged.size() > 1 ? summary_of(judged, words) : std::string())
      .set("items", std::move(items))
      .set("ignored", letterhead.quote ? names_of(ignored) : std::string());
  return finish_letter("receipt", values, std::move(subject), words, voice);
}

Result<Receipt> compose_failed(const Docket& docket, const StructureLookup& structures,
                               const Voice& voice, const Letterhead& letterhead) {
  return compose_notice(docket, docket.sender.lang, zone_of(docket, structures), "failed", "",
                        voice, letterhead);
}

Result<Receipt> compose_no_data(const Docket& docket, const StructureLookup& structures,
                                const Voice& voice, const Letterhead& letterhead) {
  std::vector<const Item*> seen;
  for (const Item& item : docket.items)
    if (!item.path.empty()) seen.push_back(&item);
  return compose_notice(docket, docket.sender.lang, zone_of(docket, structures), "no_data",
                        letterhead.quote ? names_of(seen) : std::string(), voice, letterhead);
}

Result<Receipt> compose_answer(const Docket& docket, const StructureLookup& structures,
                               const Voice& voice, const Letterhead& letterhead) {
  FP_ASSIGN(const Phrases* phrases, voice.phrases.in(docket.sender.lang));
  Words words(*phrases);
  std::string subject = subject_of(docket, letterhead, *phrases);
  Value values = letter_head(docket, letterhead, zone_of(docket, structures), subject, *phrases);
  Value::List sentences;
  for (const Item& item : docket.items)
    if (is_word(item))
      sentences.push_back(Value().set("text", finding_sentence(item.findings.front(), *phrases)));
  values.set("sentences", std::move(sentences));
  return finish_letter("answer", values, std::move(subject), words, voice);
}

Result<Receipt> compose_help(const Docket& docket, std::string_view lang, const Voice& voice,
                             const Letterhead& letterhead) {
  return compose_notice(docket, lang, "UTC", "help", "", voice, letterhead);
}

std::string finding_sentence(const Finding& finding, const Phrases& phrases) {
  std::string key = "rule." + std::string(finding.rule->id);
  std::string component = shown(finding.component), value = shown(finding.value),
              expected = word(finding.expected, phrases), series = shown(finding.series, 400),
              period = shown(finding.period), detail = word(finding.detail, phrases),
              suggestions = joined(finding.suggestions, phrases.text_or("finding.or", "/"));
  if (finding.rule == &rules::frequency_not_agreed) {
    value = frequencies(finding.value, phrases);
    expected = frequencies(finding.expected, phrases);
  }
  if (finding.rule == &rules::not_compared) {
    std::uint64_t limit = 0;
    const char* end = finding.detail.data() + finding.detail.size();
    if (std::from_chars(finding.detail.data(), end, limit).ptr == end)
      detail = phrases.number(static_cast<double>(limit));
  }
  const PhraseArgs args = {{"component", component},    {"value", value},   {"expected", expected},
                           {"series", series},          {"period", period}, {"detail", detail},
                           {"suggestions", suggestions}};
  auto said = phrases.text(key, args);
  std::string sentence =
      said ? std::move(said).value() : fmt::format("{}: {} {}", finding.rule->id, component, value);
  // Only the phrase's own first letter: a sentence may begin with what stood in the file.
  bool begins_with_data = (!component.empty() && sentence.starts_with(component)) ||
                          (!value.empty() && sentence.starts_with(value));

  auto wrap = [&](Result<std::string> made) {
    if (made) sentence = std::move(made).value();
  };
  std::string line = std::to_string(finding.at.line), column = std::to_string(finding.at.column);
  if (finding.at.line > 0 && finding.at.column > 0)
    wrap(phrases.text("finding.at_line_column",
                      {{"line", line}, {"column", column}, {"sentence", sentence}}));
  else if (finding.at.line > 0)
    wrap(phrases.text("finding.at_line", {{"line", line}, {"sentence", sentence}}));
  else if (!begins_with_data)
    sentence = capitalise(std::move(sentence));

  auto append = [&](Result<std::string> made) {
    if (made) sentence.append(" ").append(*made);
  };
  if (!suggestions.empty() && !phrases.uses(key, "suggestions"))
    append(phrases.text("finding.suggest", {{"suggestions", suggestions}}));
  if (finding.count > 1)
    append(phrases.plural("finding.times", static_cast<double>(finding.count)));
  std::string_view when = phrases.uses(key, "period") ? std::string_view() : period;
  if (!series.empty() && !phrases.uses(key, "series"))
    append(phrases.text("finding.series", {{"series", series}, {"period", when}}));
  else if (!when.empty())
    append(phrases.text("finding.period", {{"period", when}}));
  return sentence;
}

std::string reply_subject(std::string_view subject, const DocketNumber& number,
                          const Phrases& phrases) {
  std::string rest = shown(subject, 2 * kSubjectCharacters);
  // Numbers of earlier dockets: the thread has them, and only the last one routes.
  for (std::size_t open = rest.find('['); open != rest.npos; open = rest.find('[', open)) {
    std::size_t close = rest.find(']', open);
    if (close == rest.npos) break;
    if (DocketNumber::parse(std::string_view(rest).substr(open + 1, close - open - 1)))
      rest.erase(open, close - open + 1);
    else
      ++open;
  }
  std::string_view text = trim(rest);
  // QUIRK: RFC 5322 section 3.6.5 knows "Re: " alone; mail programs translate it ("Отв: "), count
  // it
  // ("Re[2]: ") and pile it up. All of these are the same reply.
  constexpr std::string_view kMarks[] = {"re:",  "fwd:",  "fw:",       "aw:",    "RE[",
                                         "Отв:", "отв:",  "ОТВ:",      "Ответ:", "На:",
                                         "НА:",  "Відп:", "Відповідь:"};
  for (bool again = true; again;) {
    again = false;
    for (std::string_view mark : kMarks) {
      if (!ascii_istarts_with(text, mark)) continue;
      std::size_t length = mark.size();
      if (mark.back() == '[') {
        length = text.find("]:");
        if (length == text.npos || length > 6) continue;
        length += 2;
      }
      text = trim(text.substr(length));
      again = true;
    }
  }
  std::string shortened = shorten(text, kSubjectCharacters);
  if (shortened.empty()) shortened = phrases.text_or("subject.none", "");
  return fmt::format("Re: {} [{}]", shortened, number.text());
}

}  // namespace focalpost
