// SPDX-License-Identifier: Apache-2.0
#include "flow/desk.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "base/text.h"
#include "flow/answer.h"
#include "flow/calendar.h"
#include "flow/data_form.h"
#include "flow/desk_acts.h"
#include "flow/desk_data.h"
#include "flow/duties.h"
#include "flow/letter.h"
#include "flow/reminders.h"

namespace focalpost {
namespace {

using enquiry::Command;
using enquiry::Format;
using enquiry::Verb;
using Fact = AnswerFact;
using namespace std::chrono_literals;

constexpr std::size_t kOwnDockets = 10;

/// "g…@migration.kg.example": who knows the person knows the address.
std::string masked(std::string_view address) {
  const auto at = address.rfind('@');
  if (at == address.npos || at == 0) return {};
  return fmt::format("{}…{}", address.substr(0, 1), address.substr(at));
}

bool meet(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  return std::any_of(a.begin(), a.end(), [&](const std::string& one) { return among(b, one); });
}

class Desk {
 public:
  Desk(Home& home, const Asker& asker, Time now)
      : home_(home), lookup_(home.lookup()), asker_(asker), now_(now) {
    for (const auto& flow : lookup_.flows()) flows_[flow->name().id] = flow;
  }

  Result<Answered> answer(const Command& command) {
    Answered made;
    made.command = command;
    switch (command.verb) {
      case Verb::kHelp:
        say(made, "help");
        made.facts = examples(true);
        break;
      case Verb::kIndicators:
        indicators(command, made);
        break;
      case Verb::kCountries:
        countries(command, made);
        break;
      case Verb::kCalendar:
        FP_TRY(calendar(command, made));
        break;
      case Verb::kStatus:
        FP_TRY(status(command, made));
        break;
      case Verb::kGet:
        FP_TRY(get(command, made));
        break;
      case Verb::kHow:
        FP_TRY(how(command, made));
        break;
      case Verb::kInventory:
        FP_TRY(inventory(command, made));
        break;
      case Verb::kWho:
        who(command, made);
        break;
      case Verb::kForm:
        FP_TRY(form(command, made));
        break;
      case Verb::kModule:
        FP_TRY(module(command, made));
        break;
      case Verb::kAsk:
        break;  // the caller's: it has the message that goes on to a person
      case Verb::kSubscribe:
      case Verb::kUnsubscribe:
      case Verb::kStop:
        // By mail the caller's, who knows from whom it came.
        if (asker_.docket == 0) say(made, "by_mail");
        break;
      case Verb::kDecline:
      case Verb::kForward:
      case Verb::kClose:
        say(made, "not_yet");
        break;
      case Verb::kLanguage:
      case Verb::kPublish:
      case Verb::kAudience:
      case Verb::kAddContact:
      case Verb::kPause:
      case Verb::kResume:
        say(made, "registered_only");  // of others carry_out() takes care
        break;
    }
    return made;
  }

  /// Commands that would work for this very person: its own country and indicator.
  std::vector<Fact> examples(bool all) const {
    std::string flow, area, any_provider, own_provider;
    for (const AgreementTerms& terms : lookup_.agreements()) {
      if (!terms.flow || !terms.valid_at(now_)) continue;
      const bool own = terms.agreement->provider.id == asker_.viewer.institution;
      if (!flow.empty() && !own) continue;
      const auto areas = terms.flow->countries_among(terms.areas());
      if (areas.empty()) continue;
      flow = terms.flow->dataflow.id;
      area = areas.front();
      (own ? own_provider : any_provider) = terms.agreement->provider.id;
      if (own) break;
    }
    std::vector<Fact> made;
    auto add = [&](std::string which) {
      Fact& fact = made.emplace_back();
      fact.kind = Fact::Kind::kExample;
      fact.text = std::move(which);
      fact.flows = {flow};
      fact.areas = {area};
      fact.period = Period::containing(
          PeriodKind::kYear,
          std::chrono::floor<std::chrono::days>(now_).time_since_epoch().count());
    };
    if (!flow.empty()) {
      add("get");
      add("how");
    }
    if (all) {
      add("indicators");
      add("countries");
      add("calendar");
      if (!flow.empty()) {
        add("inventory");
        add("who");
      }
      add("module");
      if (asker_.contact && !flow.empty()) add("form");
      if (asker_.contact) add("status");
      if (!flow.empty()) add("ask");
      if (asker_.contact && asker_.contact->has_role("coordinator") && !flow.empty()) {
        // Of an institution that this coordinator may speak for.
        for (const char* which : {"add_contact", "pause"}) {
          add(which);
          made.back().providers = {own_provider.empty() ? any_provider : own_provider};
        }
      }
    } else {
      add("help");
    }
    return made;
  }

 private:
  static void say(Answered& made, std::string key,
                  std::vector<std::pair<std::string, std::string>> args = {}) {
    made.sentences.push_back({std::move(key), std::move(args)});
  }

  /// Whether this asker may know of an agreement: its data are not for their owner alone.
  bool may_know(const AgreementTerms& terms) const {
    if (terms.audience == "public") return true;
    const bool own = !asker_.viewer.institution.empty() &&
                     terms.agreement->provider.id == asker_.viewer.institution;
    return own || (asker_.contact && terms.audience != "institution");
  }
  template <typename Take>
  void each_agreement(Take take) const {
    for (const AgreementTerms& terms : lookup_.agreements())
      if (terms.flow && terms.valid_at(now_) && may_know(terms)) take(terms);
  }

  void indicators(const Command& command, Answered& made) const {
    std::map<std::string, std::set<std::string>> covered;
    each_agreement([&](const AgreementTerms& terms) {
      for (std::string& area : terms.flow->countries_among(terms.areas()))
        covered[terms.flow->dataflow.id].insert(std::move(area));
    });
    for (const auto& [id, flow] : flows_) {
      if (flow->dataflow.empty()) continue;
      const auto& areas = covered[id];
      if (!command.areas.empty() &&
          std::none_of(command.areas.begin(), command.areas.end(),
                       [&](const std::string& area) { return areas.count(area) > 0; }))
        continue;
      Fact fact;
      fact.kind = Fact::Kind::kIndicator;
      fact.flows = {id};
      fact.areas.assign(areas.begin(), areas.end());
      add(made, std::move(fact));
    }
    say(made, made.facts.empty() ? "indicators_none" : "indicators");
  }

  void countries(const Command& command, Answered& made) const {
    std::map<std::string, std::set<std::string>> flows;
    each_agreement([&](const AgreementTerms& terms) {
      if (!command.flows.empty() && !among(command.flows, terms.flow->dataflow.id)) return;
      for (const std::string& area : terms.flow->countries_among(terms.areas()))
        flows[area].insert(terms.flow->dataflow.id);
    });
    for (const auto& [area, ids] : flows) {
      if (!command.areas.empty() && !among(command.areas, area)) continue;
      Fact fact;
      fact.kind = Fact::Kind::kCountry;
      fact.areas = {area};
      fact.flows.assign(ids.begin(), ids.end());
      add(made, std::move(fact));
    }
    say(made, made.facts.empty() ? "who_none" : "countries");
  }

  Status calendar(const Command& command, Answered& made) {
    DutyBook book(home_, now_);
    FP_ASSIGN(const auto since, duties_since(home_));
    std::vector<Duty> coming;
    for (const Duty& duty :
         duties(book.lookup(), now_ - std::chrono::days(kRemindUntil), now_ + kCalendarAhead)) {
      const AgreementTerms& terms = *duty.terms;
      const auto areas = terms.areas();
      const bool own = asker_.contact && terms.agreement->provider == asker_.contact->provider;
      const bool past = duty.due < std::chrono::floor<std::chrono::days>(now_);
      // What others have filed or not is theirs to say.
      if (!may_know(terms) || (past && (!own || !since || duty.due < *since))) continue;
      if (!command.flows.empty() && !among(command.flows, terms.flow->dataflow.id)) continue;
      if (!command.areas.empty() && !meet(command.areas, areas)) continue;
      Fact fact;
      fact.kind = Fact::Kind::kDue;
      fact.flows = {terms.flow->dataflow.id};
      fact.areas = terms.flow->countries_among(areas);
      fact.providers = {terms.agreement->provider.id};
      fact.period = duty.period;
      fact.at = Time{std::chrono::days(book.due_day(duty))};
      if (own) {
        FP_ASSIGN(const DutyStanding standing, book.standing(duty));
        fact.at = Time{std::chrono::days(standing.due)};
        fact.state = duty_state_name(standing.state);
      }
      if (!add(made, std::move(fact))) break;
      if (!past) coming.push_back(duty);
    }
    say(made, made.facts.empty() ? "calendar_none" : "calendar");
    if (coming.empty()) return {};
    // The home's own phrases may be in another thread's hands now.
    FP_ASSIGN(LetterWriter writer, LetterWriter::make(home_, now_));
    const std::string& lang = asker_.contact ? asker_.contact->lang : command.lang;
    FP_ASSIGN(const Phrases* phrases, writer.voice().phrases.in(lang.empty() ? "en" : lang));
    made.attachments.push_back(calendar_of(home_, book, coming, *phrases));
    return {};
  }

  Status status(const Command& command, Answered& made) {
    if (!asker_.contact && asker_.docket != 0) {
      say(made, "registered_only");
      return {};
    }
    std::vector<DocketRecord> records;
    if (!command.docket.empty()) {
      auto number = DocketNumber::parse(command.docket);
      if (number) {
        FP_ASSIGN(auto found, home_.store().dockets().find(*number));
        // Numbers can be guessed: whose it is not learns nothing, not even that there is one.
        if (found && same_institution(found->docket)) records.push_back(std::move(*found));
      }
    } else {
      FP_ASSIGN(records, home_.store().dockets().latest_of(asker_.address, kOwnDockets + 1));
    }
    for (const DocketRecord& record : records) {
      if (record.docket.id == asker_.docket || made.facts.size() == kOwnDockets) continue;
      Fact fact;
      fact.kind = Fact::Kind::kDocket;
      fact.docket = record.docket.number;
      fact.at = record.docket.received;
      fact.outcome = record.docket.outcome;
      fact.text = record.docket.subject;
      add(made, std::move(fact));
    }
    if (made.facts.empty())
      say(made, "status_none", {{"number", command.docket}});
    else
      say(made, "status");
    return {};
  }

  bool same_institution(const Docket& docket) const {
    if (asker_.docket == 0) return true;  // the operator
    return asker_.contact && docket.sender.registered &&
           docket.sender.provider == asker_.contact->provider.id;
  }

  Status get(const Command& command, Answered& made) {
    if (command.flows.empty()) {
      say(made, "which_flow");
      Command any = command;
      any.areas.clear();
      Answered list;
      indicators(any, list);
      made.facts = std::move(list.facts);
      return {};
    }
    std::size_t answered = 0;
    for (const std::string& id : command.flows) {
      auto flow = flows_.find(id);
      if (flow == flows_.end()) continue;
      if (answered++ == kFlowsAnswered) {
        say(made, "several_flows", {{"count", std::to_string(kFlowsAnswered)}});
        break;
      }
      FP_TRY(get_one(command, flow->second, made));
    }
    return {};
  }

  Status get_one(const Command& command, const std::shared_ptr<const FlowStructure>& flow,
                 Answered& made) {
    const Selection selection = selection_for(command, *flow);
    FP_ASSIGN(AnswerData data, read_data(home_, flow, selection, asker_.viewer));
    if (data.tables.empty()) {
      FP_ASSIGN(std::string periods, periods_known(home_, selection, asker_.viewer));
      if (periods.empty() || (!selection.from && !selection.to))
        say(made, "no_data");
      else
        say(made, "no_data_periods", {{"periods", periods}});
      return {};
    }
    auto wanted = [&](Format format) {
      return std::find(command.formats.begin(), command.formats.end(), format) !=
             command.formats.end();
    };
    for (const std::string& area : command.areas)
      if (!occurs(data, area)) data.areas_missing.push_back(area);
    data.with_table = command.formats.empty() || wanted(Format::kTable) || wanted(Format::kChart);
    data.with_chart = command.formats.empty() || wanted(Format::kChart);
    bool large = data.cut;
    for (const AnswerTable& table : data.tables)
      large = large || table.series.size() > kRowsShown || table.periods.size() > kRowsShown;
    std::string names;
    for (Format format : {Format::kCsv, Format::kSdmx}) {
      if (!wanted(format) && !large) continue;
      FP_ASSIGN(std::string bytes, data_file(home_, flow, selection, asker_.viewer, format));
      if (bytes.empty()) continue;
      mime::OutgoingAttachment& file = made.attachments.emplace_back();
      const bool csv = format == Format::kCsv;
      file.name = flow->dataflow.id + (csv ? ".csv" : ".xml");
      file.media_type = csv ? "text/csv; charset=utf-8" : "application/xml";
      file.bytes = std::move(bytes);
      names += (names.empty() ? "" : ", ") + file.name;
    }
    if (!names.empty()) say(made, "attached", {{"names", names}});
    if (data.cut) say(made, "too_much");
    made.data.push_back(std::move(data));
    return {};
  }

  static bool occurs(const AnswerData& data, const std::string& area) {
    for (const AnswerTable& table : data.tables)
      for (const AnswerSeries& series : table.series)
        if (table.flow->ref_area < series.codes.size() &&
            series.codes[table.flow->ref_area] == area)
          return true;
    return false;
  }

  Status how(const Command& command, Answered& made) {
    std::vector<std::string> ids = command.flows;
    if (ids.empty())
      for (const auto& [id, flow] : flows_) ids.push_back(id);
    for (const std::string& id : ids) {
      auto flow = flows_.find(id);
      if (flow == flows_.end() || made.data.size() == kFlowsAnswered) continue;
      FP_ASSIGN(auto definitions, read_definitions(home_, "METHOD", flow->second.get(),
                                                   command.areas, asker_.viewer));
      // Who was asked about by name and has not described it, is said to have not.
      for (const std::string& area : command.areas)
        if (!command.flows.empty() &&
            std::none_of(definitions.begin(), definitions.end(),
                         [&](const AnswerDefinition& one) { return one.area == area; }))
          definitions.emplace_back().area = area;
      if (definitions.empty()) continue;
      AnswerData& data = made.data.emplace_back();
      data.flow = flow->second;
      data.whole = true;
      data.definitions = std::move(definitions);
    }
    if (made.data.empty()) say(made, "no_descriptions");
    return {};
  }

  Status inventory(const Command& command, Answered& made) {
    FP_ASSIGN(auto definitions,
              read_definitions(home_, "INVENTORY", nullptr, command.areas, asker_.viewer));
    if (definitions.empty()) {
      say(made, "no_descriptions");
      return {};
    }
    AnswerData& data = made.data.emplace_back();
    data.whole = true;
    data.definitions = std::move(definitions);
    return {};
  }

  void who(const Command& command, Answered& made) const {
    for (const OrganisationScheme& scheme : lookup_.structures().organisation_schemes) {
      if (scheme.scheme_class != ArtefactClass::kDataProviderScheme) continue;
      for (const Organisation& one : scheme.organisations) {
        std::set<std::string> areas, flows;
        bool covers = false;
        each_agreement([&](const AgreementTerms& terms) {
          if (terms.agreement->provider.id != one.id) return;
          const auto theirs = terms.areas();
          if (!command.areas.empty() && !meet(command.areas, theirs)) return;
          if (!command.flows.empty() && !among(command.flows, terms.flow->dataflow.id)) return;
          covers = true;
          for (std::string& area : terms.flow->countries_among(terms.areas()))
            areas.insert(std::move(area));
          flows.insert(terms.flow->dataflow.id);
        });
        const bool any = command.areas.empty() && command.flows.empty();
        if (!covers && !any) continue;
        Fact fact;
        fact.kind = Fact::Kind::kInstitution;
        fact.providers = {one.id};
        fact.areas.assign(areas.begin(), areas.end());
        fact.flows.assign(flows.begin(), flows.end());
        if (!add(made, std::move(fact))) break;
        // Persons are for the network.
        if (!asker_.contact && asker_.docket != 0) continue;
        for (const Contact& contact : one.contacts) {
          Fact person;
          person.kind = Fact::Kind::kPerson;
          person.providers = {one.id};
          person.person = std::string(text_in(contact.names, "en"));
          person.role = std::string(text_in(contact.roles, "en"));
          if (!contact.emails.empty()) person.address = masked(contact.emails.front());
          add(made, std::move(person));
        }
      }
    }
    say(made, made.facts.empty() ? "who_none" : "who");
  }

  Status form(const Command& command, Answered& made) {
    auto none = [&](std::string reason) {
      say(made, "form_none." + std::move(reason));
      return Status();
    };
    if (!asker_.contact) {
      say(made, "registered_only");
      return {};
    }
    if (command.flows.empty()) {
      say(made, "which_flow");
      return {};
    }
    if (!command.from) return none("period");
    auto flow = flows_.find(command.flows.front());
    if (flow == flows_.end()) return none("not_yours");
    const std::string& provider = asker_.contact->provider.id;
    if (lookup_.agreements(asker_.contact->provider, flow->second->dataflow).empty())
      return none("not_yours");
    FP_ASSIGN(DataForm written,
              write_data_form(home_, flow->second, provider, *command.from, now_));
    if (written.rows == 0) return none("no_series");
    const std::string name = flow->second->dataflow.id + "-" + command.from->text();
    made.attachments.push_back(
        {name + ".csv", "text/csv; charset=utf-8", std::move(written.csv), ""});
    made.attachments.push_back({name + ".xml", "application/xml", std::move(written.xml), ""});
    say(made, "form");
    return {};
  }

  Status module(const Command& command, Answered& made) {
    // As the letter around it: a contact's own language, of others that of the word.
    const std::string lang = !command.language.empty()                ? command.language
                             : asker_.contact || command.lang.empty() ? asker_.lang
                                                                      : command.lang;
    const ModuleShelf shelf = home_.modules();
    if (command.number > 0) {
      FP_ASSIGN(auto found, shelf.find(command.number, lang));
      if (found) {
        if (!command.text.empty()) return check_answers(*found, command, made);
        say(made, "module_check", {{"number", std::to_string(found->number)}});
        if (!lang.empty() && !lang.starts_with(found->lang)) say(made, "module_other_language");
        made.module = std::move(*found);
        return {};
      }
      say(made, "module_none", {{"number", std::to_string(command.number)}});
    }
    FP_ASSIGN(auto titles, shelf.titles(lang));
    for (const ModuleTitle& title : titles) {
      Fact fact;
      fact.kind = Fact::Kind::kModule;
      fact.text = title.title;
      fact.number = title.number;
      add(made, std::move(fact));
    }
    if (command.number == 0) say(made, "modules");
    return {};
  }

  static Status check_answers(const TrainingModule& module, const Command& command,
                              Answered& made) {
    if (command.text.size() != kModuleQuestions) {
      say(made, "module_answers", {{"number", std::to_string(module.number)}});
      return {};
    }
    for (std::size_t n = 0; n < kModuleQuestions; ++n) {
      const ModuleQuestion& question = module.questions[n];
      const bool right = command.text[n] == question.right;
      say(made, right ? "module_right" : "module_wrong",
          {{"number", std::to_string(n + 1)},
           {"choice", question.choices[static_cast<std::size_t>(question.right - 'a')]},
           {"why", question.why}});
    }
    return {};
  }

  static bool add(Answered& made, Fact fact) {
    if (made.facts.size() == kFactsListed) return false;
    made.facts.push_back(std::move(fact));
    return true;
  }

  Home& home_;
  const StructureLookup& lookup_;
  const Asker& asker_;
  Time now_;
  std::map<std::string, std::shared_ptr<const FlowStructure>> flows_;
};

Item item_of(const Command& command, std::size_t number) {
  Item item;
  item.number = static_cast<std::uint32_t>(number);
  item.kind = kEnquiryKind;
  item.path = command.line;
  item.outcome = Outcome::kAnswered;
  return item;
}

}  // namespace

Asker asker_of(const StructureLookup& lookup, const Docket& docket, Time now) {
  Asker asker;
  asker.address = docket.sender.address;
  asker.lang = docket.sender.lang;
  asker.assurance = docket.sender.assurance;
  asker.docket = docket.id;
  asker.viewer = Viewer::public_at(now);
  if (!docket.sender.registered) return asker;
  asker.contact = lookup.contact(docket.sender.address);
  if (!asker.contact) return asker;
  asker.viewer = viewer_of(lookup, *asker.contact, now);
  return asker;
}

Viewer viewer_of(const StructureLookup& lookup, const RosterEntry& contact, Time now) {
  Viewer viewer = Viewer::public_at(now);
  viewer.institution = contact.provider.id;
  viewer.areas = lookup.areas_covered(viewer.institution, nullptr, now);
  return viewer;
}

TranscriptReader reader_of(const Asker& asker, std::string_view lang) {
  TranscriptReader reader;
  reader.own_areas = asker.viewer.areas;
  reader.lang = std::string(lang);
  reader.zone = asker.contact && !asker.contact->zone.empty() ? asker.contact->zone : "UTC";
  return reader;
}

Result<DeskAnswer> answer_enquiry(Home& home, const enquiry::Enquiry& enquiry, const Asker& asker,
                                  Time now) {
  DeskAnswer made;
  Desk desk(home, asker, now);
  bool puzzled = !enquiry.lines.empty();
  std::vector<std::pair<std::size_t, Command>> acts;
  for (const Command& command : enquiry.commands) {
    Item item = item_of(command, made.items.size() + 1);
    Answered answered;
    if (is_act(command.verb) && asker.contact && asker.docket != 0) {
      // What it changes may be the structures that `asker` and the desk look at.
      acts.emplace_back(made.items.size(), command);
      answered.command = command;
    } else {
      FP_ASSIGN(answered, desk.answer(command));
    }
    puzzled = puzzled || !command.unknown.empty();
    made.items.push_back(std::move(item));
    made.transcript.answers.push_back(std::move(answered));
  }
  made.transcript.lines = enquiry.lines;
  made.transcript.not_read = enquiry.not_read;
  if (puzzled) made.transcript.examples = desk.examples(false);
  const auto keep = home.snapshot();
  for (const auto& [place, command] : acts) {
    const RosterEntry* contact = home.lookup().contact(asker.address);
    if (!contact) return bug("an act took its own sender off the roster");
    FP_ASSIGN(ActDone done, carry_out(home, command, *contact, asker.assurance, asker.docket, now));
    made.transcript.answers[place].sentences.push_back(std::move(done.sentence));
    if (!done.waits) continue;
    Item& item = made.items[place];
    item.kind = kCommandKind;
    item.path = std::move(done.understood);
    item.outcome = Outcome::kHeld;
    item.hold = HoldReason::kAssurance;
  }
  return made;
}

}  // namespace focalpost
