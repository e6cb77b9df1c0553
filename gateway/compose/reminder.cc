// SPDX-License-Identifier: Apache-2.0
#include "compose/reminder.h"

#include <fmt/format.h>

#include "base/text.h"
#include "compose/blocks.h"
#include "compose/described.h"
#include "compose/shown.h"

namespace focalpost {
namespace {

class Writer {
 public:
  Writer(const StructureLookup& structures, const Phrases& phrases, Words& words)
      : names_(structures, phrases.lang()), phrases_(phrases), words_(words) {}

  std::string day(std::int64_t number) const {
    return phrases_.date(Time{std::chrono::days(number)});
  }

  /// The sentence for a letter about one thing alone, or its line in a list.
  std::string said(const DueLine& line, std::string_view key, bool listed) {
    const std::string name = names_.flow(line.dataflow);
    const std::string period = phrases_.period(line.period), date = day(line.due);
    const std::string code = fmt::format("{} {}", line.dataflow, line.period.text());
    const std::string areas = names_.areas(line.missing);
    const std::string institution =
        line.provider.empty() ? std::string() : names_.provider(line.provider);
    const PhraseArgs args = {{"name", name}, {"period", period}, {"date", date},
                             {"code", code}, {"areas", areas},   {"institution", institution}};
    std::string made =
        words_(fmt::format("reminder.{}.{}", key, line.past ? "after" : "before"), args);
    // Dates of some languages end in a full stop of their own.
    if ((!areas.empty() || line.partly || line.disowned) && !made.ends_with('.')) made += ".";
    if (line.partly) made += " " + words_("reminder.partly");
    if (!areas.empty()) made += " " + words_("reminder.missing", args);
    if (line.disowned) made += " " + words_("reminder.disowned", args);
    if (listed && institution.empty()) made += " (" + code + ")";
    return made;
  }

  Value section(std::string heading, const std::vector<DueLine>& lines, std::string_view key) {
    Value::List items;
    for (std::size_t i = 0; i < lines.size() && i < kDueShown; ++i)
      items.push_back(Value().set("text", said(lines[i], key, true)));
    if (lines.size() > kDueShown)
      items.push_back(Value().set("text", words_.count("reminder.more", lines.size() - kDueShown)));
    return Value()
        .set("what", std::move(heading))
        .set("has_items", true)
        .set("items", std::move(items));
  }

 private:
  Names names_;
  const Phrases& phrases_;
  Words& words_;
};

}  // namespace

std::string due_name(std::string_view dataflow, Period period, const StructureLookup& structures,
                     const Phrases& phrases) {
  return Names(structures, phrases.lang()).flow(dataflow) + ", " + phrases.period(period);
}

Result<Receipt> compose_reminder(const ReminderFacts& facts, const StructureLookup& structures,
                                 const Voice& voice, const Letterhead& letterhead) {
  FP_ASSIGN(const Phrases* phrases, voice.phrases.in(facts.lang));
  Words words(*phrases);
  Writer writer(structures, *phrases, words);
  const bool asked = !facts.own.empty() || !facts.substitute.empty();
  const std::size_t count = facts.own.size() + facts.substitute.size();
  const DueLine* only = nullptr;
  if (count == 1) only = facts.own.empty() ? &facts.substitute.front() : &facts.own.front();

  std::string subject;
  if (only) {
    const std::string name = due_name(only->dataflow, only->period, structures, *phrases);
    subject = words(only->past ? "reminder.subject.after" : "reminder.subject.before",
                    {{"name", name}, {"date", writer.day(only->due)}, {"token", facts.token}});
  } else {
    subject = asked ? words.count("reminder.subject.many", count, {{"token", facts.token}})
                    : words.count("reminder.subject.coordinator", facts.coordinator.size(),
                                  {{"token", facts.token}});
  }
  Value values = letter_head(Docket(), letterhead, facts.zone, subject, *phrases);
  Value::List sections;
  if (facts.own.size() == 1)
    sections.push_back(Value()
                           .set("what", writer.said(facts.own.front(), "one", false))
                           .set("has_items", false)
                           .set("items", Value::List()));
  else if (!facts.own.empty())
    sections.push_back(writer.section(words("reminder.own"), facts.own, "item"));
  if (!facts.substitute.empty())
    sections.push_back(writer.section(words("reminder.substitute"), facts.substitute, "item"));
  if (!facts.coordinator.empty())
    sections.push_back(writer.section(words("reminder.coordinator"), facts.coordinator, "other"));

  Value::List steps;
  auto step = [&](std::string_view key, const PhraseArgs& args = {}) {
    steps.push_back(Value().set("text", words("reminder.step." + std::string(key), args)));
  };
  if (asked) {
    std::string names;
    for (const std::string& form : facts.forms) names += (names.empty() ? "" : ", ") + shown(form);
    if (names.empty())
      step("send");
    else
      step("form", {{"names", names}});
    step("no_data");
    step("extend");
    step("not_mine");
    if (count > 1) {
      const DueLine& first = facts.own.empty() ? facts.substitute.front() : facts.own.front();
      step("one", {{"code", fmt::format("{} {}", first.dataflow, first.period.text())}});
    }
  }
  if (!facts.coordinator.empty()) step("coordinator");
  values.set("sections", std::move(sections))
      .set("steps_label", words(asked ? "reminder.answer" : "request.next"))
      .set("steps", std::move(steps))
      .set("calendar", facts.calendar ? words("reminder.calendar") : std::string())
      .set("close", asked ? words("reminder.crossed") : std::string())
      .set("foot", words("reminder.foot", {{"token", facts.token}}));
  return finish_letter("reminder", values, std::move(subject), words, voice);
}

}  // namespace focalpost
