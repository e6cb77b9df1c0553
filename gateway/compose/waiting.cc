// SPDX-License-Identifier: Apache-2.0
#include "compose/waiting.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "compose/blocks.h"
#include "compose/shown.h"
#include "model/reference.h"
#include "model/rules.h"

namespace focalpost {
namespace {

bool to_sender(WaitingLetter letter) {
  return letter == WaitingLetter::kConfirm || letter == WaitingLetter::kRemind;
}

std::string_view name_of(WaitingLetter letter) {
  switch (letter) {
    case WaitingLetter::kConfirm:
      return "confirm";
    case WaitingLetter::kRemind:
      return "remind";
    case WaitingLetter::kReview:
      return "review";
    case WaitingLetter::kStillWaits:
      return "still_waits";
    case WaitingLetter::kExpired:
      break;
  }
  return "expired";
}

bool unsure(const WaitingCase& one) {
  return std::any_of(one.docket->items.begin(), one.docket->items.end(), [&](const Item& item) {
    return one.items.count(item.number) > 0 && item.hold == HoldReason::kAssurance;
  });
}

/// Nothing in it would be filed: it only asks us to do something.
bool commands_alone(const WaitingCase& one) {
  return std::all_of(one.docket->items.begin(), one.docket->items.end(), [&](const Item& item) {
    return one.items.count(item.number) == 0 || item.kind == "command";
  });
}

/// Why it waits, where that is not said above for all of them.
std::string reason_of(const Item& item, const Value& block, Words& words) {
  // What was understood, not what was written.
  constexpr std::string_view kAnswer = "ANSWER ";
  if (item.kind == "command" && item.path.starts_with(kAnswer))
    return words("waiting.answer", {{"request", shown(item.path.substr(kAnswer.size()))}});
  constexpr std::string_view kDuty = "DUTY ";
  if (item.kind == "command" && item.path.starts_with(kDuty))
    return words("waiting.command", {{"command", shown(item.path.substr(kDuty.size()))}});
  if (item.kind == "command") return words("waiting.command", {{"command", shown(item.path)}});
  if (item.hold == HoldReason::kAssurance)
    return item.datasets.empty() ? words("waiting.structures") : std::string();
  for (const auto& [key, value] : *block.object())
    if (key == "verdict") return *value.text();
  return {};
}

/// The warnings that hold nothing but numbers, periods and codes of our lists: in a file that
/// somebody else may have sent all other words are his.
Item with_safe_warnings(Item item, const StructureLookup& structures) {
  const bool coded =
      std::all_of(item.datasets.begin(), item.datasets.end(), [&](const DatasetOutcome& dataset) {
        const auto ref = parse_ref(dataset.structure);
        auto flow = ref ? structures.flow(*ref) : nullptr;
        if (!flow && ref) flow = structures.data_structure(*ref);
        return flow && std::all_of(flow->components.begin(),
                                   flow->components.begin() + flow->dimension_count,
                                   [](const FlowComponent& one) { return one.coded(); });
      });
  std::erase_if(item.findings, [&](const Finding& finding) {
    for (const Rule* rule : {&rules::jump, &rules::jump_from_filed, &rules::total_differs,
                             &rules::gap_in_time, &rules::looks_cumulative})
      if (coded && finding.rule == rule) return false;
    return true;
  });
  item.warnings = item.infos = 0;
  for (const Finding& finding : item.findings) item.warnings += finding.count;
  return item;
}

Value case_block(const WaitingCase& one, const Waiting& waiting, const StructureLookup& structures,
                 const Letterhead& letterhead, Words& words) {
  const Docket& docket = *one.docket;
  const bool doubtful = unsure(one);
  Desk desk{docket, structures, letterhead, waiting.zone};
  Value::List items;
  std::vector<const Item*> others;
  for (const Item& item : docket.items) {
    const bool asked = one.items.count(item.number) > 0;
    // Who may not have written it gets no details of what else was in it.
    if (!asked && (doubtful || !to_sender(waiting.letter))) {
      others.push_back(&item);
      continue;
    }
    const bool safe = asked && doubtful && to_sender(waiting.letter);
    Value block = item_block(safe ? with_safe_warnings(item, structures) : item, items.size() + 1,
                             desk, words);
    // Notes name files and subjects.
    block.set("has_notes", false).set("notes", Value::List());
    if (asked) block.set("verdict", reason_of(item, block, words)).set("next", "");
    if (asked && !to_sender(waiting.letter) && (doubtful || item.hold != HoldReason::kEffects))
      block.set("has_warnings", false).set("warnings", Value::List()).set("more_warnings", "");
    if (!to_sender(waiting.letter)) {
      // Others' values are theirs until they are filed.
      Value::List bare;
      for (const auto& [key, value] : *block.object())
        if (key == "datasets")
          for (Value dataset : *value.list()) {
            dataset.set("has_cells", false).set("cells", Value::List()).set("more_cells", "");
            dataset.set("has_values", false).set("values", Value::List());
            bare.push_back(std::move(dataset));
          }
      block.set("datasets", std::move(bare));
    }
    items.push_back(std::move(block));
  }
  const bool several = items.size() > 1;
  for (Value& item : items) item.set("several", several);
  Value made;
  made.set("docket", docket.number.text())
      .set("received", words.phrases().date_time(docket.received, waiting.zone))
      .set("items", std::move(items))
      .set("others", others.empty()
                         ? std::string()
                         : words("waiting.others", {{"summary", summary_of(others, words)}}));
  return made;
}

}  // namespace

Result<Receipt> compose_waiting(const Waiting& waiting, const StructureLookup& structures,
                                const Voice& voice, const Letterhead& usual) {
  Letterhead letterhead = usual;
  letterhead.quote = false;
  FP_ASSIGN(const Phrases* phrases, voice.phrases.in(waiting.lang));
  Words words(*phrases);
  const std::string name(name_of(waiting.letter));
  std::string number = waiting.cases.front().docket->number.text();
  const std::uint64_t more = waiting.cases.size() - 1;
  std::string numbers =
      more == 0 ? number : words.count("waiting.and_more", more, {{"docket", number}});
  std::string until = phrases->date(waiting.until, waiting.zone);
  std::string contact, institution;
  if (waiting.contact) {
    contact =
        name_or(waiting.contact->contact->names, phrases->lang(), waiting.contact->contact->id);
    institution = name_or(waiting.contact->organisation->names, phrases->lang(),
                          waiting.contact->organisation->id);
  }
  const std::string days = words.number(waiting.days);
  const PhraseArgs args = {{"docket", numbers},
                           {"first", number},
                           {"until", until},
                           {"contact", contact},
                           {"institution", institution},
                           {"token", waiting.token},
                           {"days", days}};
  const bool doubtful = std::any_of(waiting.cases.begin(), waiting.cases.end(), unsure);
  const bool commands = to_sender(waiting.letter) &&
                        std::all_of(waiting.cases.begin(), waiting.cases.end(), commands_alone);
  std::string what = words(commands                                ? name + ".what_command"
                           : to_sender(waiting.letter) && doubtful ? name + ".what_unsure"
                                                                   : name + ".what",
                           args);
  std::string next = words(commands ? name + ".next_command" : name + ".next", args);
  if (more > 0 && waiting.letter != WaitingLetter::kExpired)
    next += " " + words(to_sender(waiting.letter) ? "confirm.all" : "waiting.each");
  Value::List cases;
  for (const WaitingCase& one : waiting.cases)
    cases.push_back(case_block(one, waiting, structures, letterhead, words));
  std::string subject = words(name + ".subject", args);
  Value values =
      letter_head(*waiting.cases.front().docket, letterhead, waiting.zone, subject, *phrases);
  values.set("what", std::move(what))
      .set("next", std::move(next))
      .set("cases", std::move(cases))
      .set("token", waiting.token);
  return finish_letter("waiting", values, std::move(subject), words, voice);
}

}  // namespace focalpost
