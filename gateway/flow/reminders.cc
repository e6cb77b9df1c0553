// SPDX-License-Identifier: Apache-2.0
#include "flow/reminders.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "compose/reminder.h"
#include "flow/bounces.h"
#include "flow/data_form.h"
#include "flow/desk_coordinator.h"
#include "flow/gate.h"
#include "flow/letter.h"
#include "flow/request_route.h"
#include "flow/token.h"
#include "render/local_time.h"

namespace focalpost {
namespace {

using Stage = ReminderStage;

constexpr std::string_view kSince = "duties_since", kLooked = "duties_looked";
constexpr std::size_t kMostDuties = 100'000;
constexpr int kLongestMove = 14;  ///< days by which weekends and holidays may move a due day
constexpr std::chrono::hours kSettingUp{24};

std::int64_t day_of(Time t) {
  return std::chrono::floor<std::chrono::days>(t).time_since_epoch().count();
}

/// Whether letters leave to somebody now.
bool letters_leave(const LocalMoment& local) {
  const unsigned weekday =
      std::chrono::weekday(std::chrono::sys_days(std::chrono::days(local.day))).iso_encoding();
  return weekday >= 2 && weekday <= 4 && local.minute >= kLetterMinute;
}

/// A duty in the list of a person.
struct Entry {
  DutyStanding standing;
  Stage stage = Stage::kBefore;
  bool fresh = false;  ///< this person, or this role, has not heard of it yet
};

struct Reader {
  const RosterEntry* who = nullptr;
  std::string address;
  std::vector<Entry> entries;
  bool anything_fresh() const {
    return std::any_of(entries.begin(), entries.end(), [](const Entry& e) { return e.fresh; });
  }
};

class Round {
 public:
  Round(Home& home, Time now) : home_(home), now_(now), book_(home, now) {}

  Status run(Time since) {
    Duties stored = home_.store().duties();
    FP_ASSIGN(const std::uint32_t longest, stored.longest_extension(now_ - std::chrono::days(400)));
    const Time from = now_ - std::chrono::days(kRemindUntil + int(longest) + kLongestMove);
    const Time to = now_ + std::chrono::days(kRemindBefore + kLongestMove);
    for (const Duty& duty : duties(book_.lookup(), std::max(from, since), to, kMostDuties))
      FP_TRY(take(duty));
    std::optional<LetterWriter> writer;
    for (auto& [address, reader] : readers_) {
      if (!reader.anything_fresh()) continue;
      FP_ASSIGN(bool wait, waits(reader));
      if (wait) continue;
      if (!writer) {
        FP_ASSIGN(LetterWriter made, LetterWriter::make(home_, now_));
        writer.emplace(std::move(made));
      }
      FP_TRY(write(*writer, reader));
    }
    return {};
  }

 private:
  struct People {
    std::optional<Responsible> focal, substitute, coordinator;
  };

  Result<const People*> people_for(const Duty& duty) {
    const ProviderRef& provider = duty.terms->agreement->provider;
    auto [place, added] = people_.try_emplace({provider.id, duty.terms->agreement->dataflow.id});
    People& made = place->second;
    if (!added) return &made;
    FP_ASSIGN(auto all, responsible_in(home_, provider, duty.terms->agreement->dataflow.id, now_));
    FP_TRY(leave_out_stopped(all));
    auto first = [&](std::string_view role, bool away) -> std::optional<Responsible> {
      for (const Responsible& one : all)
        if (one.role == role && (away || !one.away)) return one;
      return {};
    };
    made.substitute = first(kSubstitute, false);
    // Of the focal points the one for this, if not away; then who stands in.
    for (const Responsible& one : all)
      if (one.role == kFocalPoint) {
        if (!one.away) made.focal = one;
        break;
      }
    if (!made.focal) made.focal = made.substitute ? made.substitute : first(kFocalPoint, false);
    if (!made.focal) made.focal = first(kFocalPoint, true);
    if (made.substitute && made.focal && made.substitute->address == made.focal->address)
      made.substitute.reset();
    made.coordinator = first(kCoordinatorRole, true);
    if (!made.coordinator) {
      const Organisation* organisation = book_.lookup().organisation(provider);
      for (const RosterEntry& entry : book_.lookup().roster()) {
        if (!organisation || entry.provider != provider) continue;
        FP_ASSIGN(auto told, coordinators(home_, entry));
        // Of the same country before the network's.
        const Told* found = nullptr;
        for (const Told& one : told) {
          const bool near =
              !book_.lookup().areas_covered(one.who->provider.id, nullptr, now_).empty();
          if (!found || near) found = &one;
          if (near) break;
        }
        if (found)
          made.coordinator =
              Responsible{found->who, found->address, std::string(kCoordinatorRole), false};
        break;
      }
    }
    return &made;
  }

  /// Who wrote STOP gets answers alone: then others are asked.
  Status leave_out_stopped(std::vector<Responsible>& all) {
    for (auto one = all.begin(); one != all.end();) {
      FP_ASSIGN(bool stopped, home_.store().subscriptions().stopped(one->address));
      one = stopped ? all.erase(one) : one + 1;
    }
    return {};
  }

  static std::string_view zone_of(const Responsible& one) {
    return one.who->zone.empty() ? std::string_view("UTC") : std::string_view(one.who->zone);
  }

  void list(const Responsible& to, const DutyStanding& standing, Stage stage, bool fresh) {
    Reader& reader = readers_[ascii_lower(to.address)];
    reader.who = to.who;
    reader.address = to.address;
    reader.entries.push_back({standing, stage, fresh});
  }

  Status take(const Duty& duty) {
    // Most are nobody's matter yet, which the days alone say.
    if (day_of(duty.due) - kRemindBefore - 1 > day_of(now_)) return {};
    if (is_paused(*duty.terms->agreement, now_)) return {};
    FP_ASSIGN(const DutyStanding standing, book_.standing(duty));
    if (standing.settled() || day_of(now_) > standing.due + kRemindUntil) return {};
    FP_ASSIGN(const auto heard, heard_of(standing));
    FP_ASSIGN(const People* people, people_for(duty));
    const WorkingDays working = book_.working_days(duty);
    const std::int64_t before = standing.due - kRemindBefore,
                       after = working.later(standing.due, kRemindAfterWorking);
    auto today = [&](const Responsible& one) { return local_time(now_, zone_of(one)).day; };
    const bool somebody = people->focal.has_value();
    if (somebody && !standing.disowned) {
      const std::int64_t day = today(*people->focal);
      const Stage stage = day >= after ? Stage::kAfter : Stage::kBefore;
      // Who asked for more time knows the day.
      const bool knows = standing.extended_at.has_value();
      const bool known = heard.count(stage) > 0 || heard.count(Stage::kAfter) > 0 ||
                         (stage == Stage::kBefore && knows);
      if (day >= before) list(*people->focal, standing, stage, !known);
      if (people->substitute) {
        const std::int64_t its = today(*people->substitute);
        if (its >= standing.due + kAskSubstitute)
          list(*people->substitute, standing, Stage::kSubstitute,
               heard.count(Stage::kSubstitute) == 0);
      }
    }
    const std::int64_t asks = somebody ? standing.due + kAskCoordinator : after;
    if (people->coordinator) {
      const Stage stage = standing.disowned ? Stage::kNotMine : Stage::kCoordinator;
      if (standing.disowned || today(*people->coordinator) >= asks)
        list(*people->coordinator, standing, stage,
             heard.count(Stage::kCoordinator) == 0 && heard.count(Stage::kNotMine) == 0);
    } else if (day_of(now_) >= asks && heard.count(Stage::kCoordinator) == 0) {
      FP_TRY(tell_operator(standing));
    }
    return {};
  }

  /// Stages of which letters were written since the due day was moved last.
  Result<std::set<Stage>> heard_of(const DutyStanding& standing) {
    std::set<Stage> stages;
    FP_ASSIGN(auto all, home_.store().duties().reminded(standing.key));
    for (const Reminded& one : all)
      if (!standing.extended_at || one.at > *standing.extended_at) stages.insert(one.stage);
    return stages;
  }

  /// There is nobody to be written to: once.
  Status tell_operator(const DutyStanding& standing) {
    FP_ASSIGN(Transaction transaction, home_.store().begin());
    Reminder row;
    row.provider = standing.key.provider;
    row.at = now_;
    row.listed.push_back({standing.key, Stage::kCoordinator});
    FP_TRY(home_.store().duties().add(row));
    FP_TRY(home_.store().events().add(
        EventLevel::kWarning,
        fmt::format("{}: {} for {} has not come, and there is no coordinator to be told",
                    standing.key.provider, standing.key.dataflow, standing.key.period.text()),
        now_));
    return transaction.commit();
  }

  Result<bool> waits(const Reader& reader) {
    const std::string_view zone = reader.who->zone;
    const LocalMoment local = local_time(now_, zone);
    if (!letters_leave(local)) return true;
    const std::vector<std::string> areas =
        book_.lookup().areas_covered(reader.who->provider.id, nullptr, now_);
    if (!WorkingDays(home_.settings().calendar, areas).works(local.day)) return true;
    FP_ASSIGN(auto last, home_.store().duties().last_to(reader.address));
    return last && local.day - local_time(*last, zone).day < kDaysBetweenLetters;
  }

  DueLine line_of(const Entry& entry) const {
    const DutyStanding& standing = entry.standing;
    DueLine line;
    line.dataflow = standing.duty.terms->agreement->dataflow.id;
    line.period = standing.key.period;
    line.due = standing.due;
    line.past = day_of(now_) > standing.due;
    if (standing.state == DutyState::kPartly && standing.missing.size() < standing.areas.size())
      line.missing = standing.missing;
    line.partly = standing.state == DutyState::kPartly;
    line.disowned = entry.stage == Stage::kNotMine;
    if (entry.stage == Stage::kCoordinator || entry.stage == Stage::kNotMine)
      line.provider = standing.key.provider;
    return line;
  }

  Status write(LetterWriter& writer, Reader& reader) {
    std::stable_sort(
        reader.entries.begin(), reader.entries.end(),
        [](const Entry& a, const Entry& b) { return a.standing.due < b.standing.due; });
    FP_ASSIGN(Transaction transaction, home_.store().begin());
    Duties stored = home_.store().duties();
    FP_ASSIGN(auto last, stored.last_to(reader.address));
    FP_ASSIGN(auto pass, may_leave(home_, {kDueLetter, reader.address, "what is due"}, now_));
    if (!pass) return transaction.commit();  // the next hour tries again

    Reminder row;
    row.address = reader.address;
    row.provider = reader.who->provider.id;
    row.contact = reader.who->contact->id;
    row.at = now_;
    ReminderFacts facts;
    facts.lang = reader.who->lang;
    facts.zone = reader.who->zone;
    std::vector<const Entry*> asked;
    for (const Entry& entry : reader.entries) {
      row.listed.push_back({entry.standing.key, entry.stage});
      const bool own = entry.stage == Stage::kBefore || entry.stage == Stage::kAfter;
      (own                                 ? facts.own
       : entry.stage == Stage::kSubstitute ? facts.substitute
                                           : facts.coordinator)
          .push_back(line_of(entry));
      if (own || entry.stage == Stage::kSubstitute) asked.push_back(&entry);
    }
    FP_TRY(stored.add(row));

    Letter mail;
    mail.kind = std::string(kDueLetter);
    FP_TRY(attach_forms(asked, mail, facts));
    if (!last && !asked.empty()) {
      FP_ASSIGN(const Phrases* phrases, writer.voice().phrases.in(facts.lang));
      std::vector<Duty> own;
      for (const Duty& duty :
           duties(book_.lookup(), now_, now_ + std::chrono::days(366), kMostDuties))
        if (duty.terms->agreement->provider == reader.who->provider) own.push_back(duty);
      facts.calendar = !own.empty();
      if (facts.calendar) mail.attachments.push_back(calendar_of(home_, book_, own, *phrases));
    }
    facts.token = make_token(writer.key(), row);
    mail.message_id = confirmation_message_id(facts.token, home_.message_id_domain());
    FP_ASSIGN(Receipt said,
              compose_reminder(facts, book_.lookup(), writer.voice(), writer.letterhead()));
    FP_TRY(writer.post(*pass, mail, std::move(said)));
    return transaction.commit();
  }

  /// One for each dataflow; further periods stand under the first where the columns are the same.
  Status attach_forms(const std::vector<const Entry*>& asked, Letter& mail, ReminderFacts& facts) {
    std::map<std::string, std::size_t> places;
    std::size_t bytes = 0;
    for (const Entry* entry : asked) {
      const AgreementTerms& terms = *entry->standing.duty.terms;
      const std::string& id = terms.agreement->dataflow.id;
      const std::string whose = entry->standing.key.provider + " " + id;
      FP_ASSIGN(DataForm form, write_data_form(home_, terms.flow, entry->standing.key.provider,
                                               entry->standing.key.period, now_));
      if (form.rows == 0 || bytes + form.csv.size() > kMostFormBytes) continue;
      bytes += form.csv.size();
      auto known = places.find(whose);
      if (known != places.end()) {
        std::string& before = mail.attachments[known->second].bytes;
        const auto head = form.csv.find('\n') + 1;
        if (before.compare(0, head, form.csv, 0, head) == 0) before.append(form.csv, head);
        continue;
      }
      if (places.size() == kMostForms) continue;
      places.emplace(whose, mail.attachments.size());
      const std::string name = fmt::format("{}-{}.csv", id, entry->standing.key.period.text());
      mail.attachments.push_back({name, "text/csv; charset=utf-8", std::move(form.csv), ""});
      facts.forms.push_back(name);
    }
    return {};
  }

  Home& home_;
  Time now_;
  DutyBook book_;
  std::map<std::pair<std::string, std::string>, People> people_;
  std::map<std::string, Reader> readers_;
};

/// Whether there is anybody to whom letters leave now.
bool anybody_reads(const StructureLookup& lookup, Time now) {
  std::set<std::string_view> zones;
  for (const RosterEntry& entry : lookup.roster()) zones.insert(entry.zone);
  return std::any_of(zones.begin(), zones.end(),
                     [&](std::string_view zone) { return letters_leave(local_time(now, zone)); });
}

}  // namespace

Result<std::optional<Time>> duties_since(Home& home) {
  FP_ASSIGN(auto kept, home.store().setting(kSince));
  if (kept)
    if (auto time = parse_time(*kept)) return std::optional(*time);
  return home.store().duties().agreements_since();
}

Status tend_duties(Home& home, Time now) {
  if (!home.settings().calendar.remind || !anybody_reads(home.lookup(), now)) return {};
  FP_ASSIGN(auto since, duties_since(home));
  if (!since || now - *since < kSettingUp) return {};
  const std::string hour = format_rfc3339(std::chrono::floor<std::chrono::hours>(now));
  FP_ASSIGN(auto looked, home.store().setting(kLooked));
  if (looked && *looked == hour) return {};
  FP_TRY(Round(home, now).run(*since));
  FP_ASSIGN(Transaction transaction, home.store().begin());
  FP_TRY(home.store().set_setting(kSince, format_rfc3339(*since)));
  FP_TRY(home.store().set_setting(kLooked, hour));
  return transaction.commit();
}

Result<std::optional<Reminder>> reminder_replied_to(Home& home, const mime::Message& message) {
  const mime::Headers& top = message.top();
  std::vector<std::string> tokens;
  auto add = [&](std::string_view where) {
    for (std::string& token : find_reminder_tokens(where))
      if (tokens.size() < kMostTokens) tokens.push_back(std::move(token));
  };
  for (const std::string& id : top.in_reply_to()) add(id);
  add(top.decoded("Subject").value_or(""));
  auto references = top.references();
  for (auto id = references.rbegin(); id != references.rend(); ++id) add(*id);
  std::optional<Reminder> none;
  if (tokens.empty()) return none;
  FP_ASSIGN(const std::string key, read_key(home.paths()));
  for (const std::string& token : tokens) {
    const auto row = reminder_token_row(token);
    if (!row) continue;
    FP_ASSIGN(auto reminder, home.store().duties().reminder(*row));
    if (reminder && token_fits(token, key, *reminder)) return reminder;
  }
  return none;
}

mime::OutgoingAttachment calendar_of(Home& home, DutyBook& book, const std::vector<Duty>& duties,
                                     const Phrases& phrases) {
  std::vector<CalendarEvent> events;
  for (const Duty& duty : duties) {
    if (events.size() == kMostEvents) break;
    const ProvisionAgreement& agreement = *duty.terms->agreement;
    CalendarEvent& event = events.emplace_back();
    event.uid =
        fmt::format("{}.{}.{}", agreement.provider.id, agreement.dataflow.id, duty.period.text());
    event.day = book.due_day(duty);
    event.summary = due_name(agreement.dataflow.id, duty.period, book.lookup(), phrases);
    if (const Organisation* whose = book.lookup().organisation(agreement.provider))
      event.description = std::string(text_in(whose->names, phrases.lang()));
  }
  return {"calendar.ics", "text/calendar; charset=utf-8",
          calendar_file(events, phrases.text_or("calendar.name", "Data due"),
                        home.message_id_domain(), book.now()),
          ""};
}

}  // namespace focalpost
