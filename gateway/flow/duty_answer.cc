// SPDX-License-Identifier: Apache-2.0
#include "flow/duty_answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "compose/reminder.h"
#include "enquiry/duty_words.h"
#include "flow/answer.h"
#include "flow/bounces.h"
#include "flow/letter.h"
#include "flow/reminders.h"
#include "flow/token.h"
#include "mime/attachments.h"
#include "mime/own_words.h"

namespace focalpost {
namespace {

using enquiry::DutyWord;

/// The text up to our own letter, which a program may have put below without a mark.
std::string words_of_reply(const Heard& heard) {
  const std::string text = mime::body_text(heard.content, kAnswerLookedAt).text;
  const std::string above = mime::above_quote(text);
  std::string own;
  for (std::string_view line : split(above, '\n')) {
    if (!find_reminder_tokens(line).empty()) break;
    own.append(line).append("\n");
  }
  return mime::without_signature(own);
}

bool may_answer(const StructureLookup& lookup, const Reminder& asked, const RosterEntry& sender) {
  if (sender.provider.id == asked.provider) return true;
  std::set<std::string_view> whose = {asked.provider};
  for (const Reminder::Listed& one : asked.listed) whose.insert(one.duty.provider);
  if (whose.count(sender.provider.id) > 0) return true;
  return std::any_of(lookup.roster().begin(), lookup.roster().end(), [&](const RosterEntry& entry) {
    return whose.count(entry.provider.id) > 0 && looks_after(lookup, sender, entry);
  });
}

bool names(const DutyWord& word, const DutyStanding& one) {
  const Period period = one.key.period;
  if (word.from && period.first_day() < word.from->first_day()) return false;
  if (word.to && period.end_day() > word.to->end_day()) return false;
  auto among = [](const std::vector<std::string>& list, const std::string& what) {
    return std::find(list.begin(), list.end(), what) != list.end();
  };
  if (!word.flows.empty() && !among(word.flows, one.duty.terms->agreement->dataflow.id))
    return false;
  return word.areas.empty() || std::any_of(one.areas.begin(), one.areas.end(),
                                           [&](const auto& a) { return among(word.areas, a); });
}

std::string_view canonical(DutyWord::What what) {
  switch (what) {
    case DutyWord::What::kNoData:
      return "NO DATA";
    case DutyWord::What::kExtend:
      return "EXTEND";
    case DutyWord::What::kNotMine:
      break;
  }
  return "NOT MINE";
}

class DutyAnswer {
 public:
  DutyAnswer(Home& home, const Heard& heard, const Phrases& phrases)
      : home_(home), heard_(heard), phrases_(phrases), book_(home, heard.now) {}

  Result<Item> take(const Reminder& asked, const DutyWord& word) {
    FP_ASSIGN(const auto meant, meant_by(asked, word));
    if (meant.empty()) return refused("duty-which");
    std::vector<const DutyStanding*> open;
    for (const DutyStanding& one : meant)
      if (!one.fulfilled()) open.push_back(&one);
    if (open.empty()) return refused("duty-settled", &meant.front());
    switch (word.what) {
      case DutyWord::What::kExtend:
        return extend(open, word.days.value_or(0));
      case DutyWord::What::kNoData:
        return say(open, DutySaid::What::kEmpty, rules::duty_empty);
      case DutyWord::What::kNotMine:
        break;
    }
    return say(open, DutySaid::What::kNotMine, rules::duty_not_mine);
  }

  /// What was understood, for who is asked whether it is right.
  Result<std::string> understood(const Reminder& asked, const std::vector<DutyWord>& words) {
    std::string made;
    for (const DutyWord& word : words) {
      made += made.empty() ? "" : "; ";
      made += canonical(word.what);
      if (word.days) made += fmt::format(" {}", *word.days);
      FP_ASSIGN(const auto meant, meant_by(asked, word));
      for (std::size_t i = 0; i < meant.size(); ++i)
        made += fmt::format("{} {} {}", i ? "," : "", meant[i].duty.terms->agreement->dataflow.id,
                            meant[i].key.period.text());
    }
    return made;
  }

 private:
  Item said(const Rule& rule, std::string value) const {
    return command_item(rule, std::move(value));
  }
  Item refused(std::string why, const DutyStanding* about = nullptr) const {
    return command_item(rules::duty_refused, about ? name_of(*about) : std::string(),
                        std::move(why));
  }
  std::string name_of(const DutyStanding& one) const {
    return due_name(one.duty.terms->agreement->dataflow.id, one.key.period, book_.lookup(),
                    phrases_);
  }

  Result<std::vector<DutyStanding>> meant_by(const Reminder& asked, const DutyWord& word) {
    std::vector<DutyStanding> all;
    std::set<DutyKey> known;
    for (const Reminder::Listed& one : asked.listed) {
      const auto duty = book_.find(one.duty);
      if (!duty || !known.insert(one.duty).second) continue;
      FP_ASSIGN(DutyStanding standing, book_.standing(*duty));
      if (names(word, standing)) all.push_back(std::move(standing));
    }
    return all;
  }

  Status note(const DutyStanding& one, DutySaid::What what, std::uint32_t number) {
    DutySaid row;
    row.duty = one.key;
    row.what = what;
    row.days = number;
    row.contact = heard_.contact->contact->id;
    row.at = heard_.now;
    row.said_in = heard_.docket.id;
    return home_.store().duties().say(row);
  }

  Result<Item> say(const std::vector<const DutyStanding*>& open, DutySaid::What what,
                   const Rule& rule) {
    std::string list;
    for (const DutyStanding* one : open) {
      FP_TRY(note(*one, what, 0));
      list += (list.empty() ? "" : "; ") + name_of(*one);
    }
    return said(rule, std::move(list));
  }

  Result<Item> extend(std::vector<const DutyStanding*> open, std::uint32_t number) {
    if (number == 0 || number > kMostExtension) return refused("duty-days");
    // All or nothing, so that one sentence says what happened. What this very message did before
    // does not count against it.
    FP_ASSIGN(const auto before, home_.store().duties().said_in(heard_.docket.id));
    // What would be over already is not moved; where that is all, it is said.
    const auto today = std::chrono::floor<std::chrono::days>(heard_.now).time_since_epoch().count();
    const DutyStanding* first = open.front();
    if (before.empty())
      std::erase_if(open, [&](const DutyStanding* one) { return one->due + number <= today; });
    if (open.empty()) return refused("duty-past", first);
    if (before.empty())
      for (const DutyStanding* one : open) {
        if (one->extensions >= kMostExtensions) return refused("duty-often", one);
        if (one->extended_days + number > kMostExtension) return refused("duty-too-long", one);
      }
    std::string list;
    for (const DutyStanding* one : open) {
      FP_TRY(note(*one, DutySaid::What::kExtended, number));
      FP_ASSIGN(const DutyStanding now, book_.standing(one->duty));
      const std::string name = name_of(*one),
                        date = phrases_.date(Time{std::chrono::days(now.due)});
      auto until = phrases_.text("duty.until", {{"name", name}, {"date", date}});
      list += (list.empty() ? "" : "; ") + (until ? *until : name);
    }
    return said(rules::duty_extended, std::move(list));
  }

  Home& home_;
  const Heard& heard_;
  const Phrases& phrases_;
  DutyBook book_;
};

}  // namespace

bool is_held_duty_answer(const Item& item) {
  return item.kind == kCommandKind && item.outcome == Outcome::kHeld &&
         item.path.starts_with(kDutyPath);
}

Result<std::vector<Item>> read_duty_answer(Home& home, const Heard& heard, bool authorised) {
  std::vector<Item> items;
  if (!heard.contact) return items;
  FP_ASSIGN(auto asked, reminder_replied_to(home, heard.message));
  if (!asked) return items;
  FP_ASSIGN(auto vocabulary, home.vocabulary());
  const auto words = enquiry::read_duty_words(words_of_reply(heard), *vocabulary,
                                              home.settings().limits, heard.now);
  if (words.empty()) return items;
  if (!may_answer(home.lookup(), *asked, *heard.contact)) {
    items.push_back(command_item(rules::duty_refused, {}, "duty-foreign"));
    return items;
  }
  // The home's own phrases may be in another thread's hands now.
  FP_ASSIGN(LetterWriter writer, LetterWriter::make(home, heard.now));
  FP_ASSIGN(const Phrases* phrases, writer.voice().phrases.in(heard.contact->lang));
  DutyAnswer answer(home, heard, *phrases);
  if (!authorised && heard.docket.sender.assurance < home.settings().policy[Act::kExtend]) {
    Item& held = items.emplace_back();
    held.kind = kCommandKind;
    held.outcome = Outcome::kHeld;
    held.hold = HoldReason::kAssurance;
    FP_ASSIGN(std::string understood, answer.understood(*asked, words));
    held.path = std::string(kDutyPath) + understood;
    return items;
  }
  for (const DutyWord& word : words) {
    FP_ASSIGN(Item item, answer.take(*asked, word));
    items.push_back(std::move(item));
  }
  return items;
}

Result<std::optional<Item>> unclear_duty_answer(Home& home, const Heard& heard) {
  std::optional<Item> none;
  if (!heard.contact) return none;
  FP_ASSIGN(auto asked, reminder_replied_to(home, heard.message));
  if (!asked || !may_answer(home.lookup(), *asked, *heard.contact)) return none;
  const std::string own = words_of_reply(heard);
  if (own.find('?') != own.npos || mime::only_thanks(own)) return none;
  return std::optional(command_item(rules::duty_unclear));
}

}  // namespace focalpost
