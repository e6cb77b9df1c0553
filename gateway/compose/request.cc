// SPDX-License-Identifier: Apache-2.0
#include "compose/request.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "compose/blocks.h"
#include "compose/shown.h"

namespace focalpost {
namespace {

constexpr std::size_t kQuoteWidth = kPlainWidth - 4, kOfferedText = 4000;

bool to_asker(RequestText text) {
  return text < RequestText::kAsk;
}

std::string_view name_of(RequestText text) {
  switch (text) {
    case RequestText::kConfirm:
      return "confirm";
    case RequestText::kReceived:
      return "received";
    case RequestText::kMoved:
      return "moved";
    case RequestText::kAnswer:
      return "answer";
    case RequestText::kDeclined:
      return "declined";
    case RequestText::kClosed:
      return "closed";
    case RequestText::kLapsed:
      return "lapsed";
    case RequestText::kAsk:
      return "ask";
    case RequestText::kSubstitute:
      return "substitute";
    case RequestText::kForwarded:
      return "forwarded";
    case RequestText::kRemind:
      return "remind";
    case RequestText::kEscalated:
      break;
  }
  return "escalated";
}

/// Several lines of somebody's text, each fit to be shown.
Value::List lines_of(std::string_view text, std::size_t width) {
  Value::List lines;
  std::string kept;
  for (std::string_view line : split(trim(text), '\n')) kept += one_line(trim(line)) + "\n";
  const std::string wrapped = wrap_text(trim(kept), width);
  for (std::string_view line : split(wrapped, '\n')) lines.push_back(Value().set("text", line));
  return lines;
}

std::string offered_text(const OfferedAnswer& offer) {
  return shorten(offer.text, kOfferedText);
}

std::string shown_lines(std::string_view text) {
  std::string kept;
  for (std::string_view line : split(trim(text), '\n'))
    kept += (kept.empty() ? "" : "\n") + one_line(trim(line));
  return kept;
}

std::string names_of_areas(const std::vector<std::string>& areas, const StructureLookup& structures,
                           std::string_view lang) {
  std::string made;
  for (const std::string& area : areas) {
    std::string name = shown(area);
    for (const auto& flow : structures.flows()) {
      if (flow->ref_area == kNoComponent || !flow->components[flow->ref_area].coded()) continue;
      const CodeTable& codes = *flow->components[flow->ref_area].codes;
      const std::int32_t code = codes.find(area);
      if (code == kNoCode) continue;
      name = name_or(codes.code(code).names, lang, area);
      break;
    }
    made += (made.empty() ? "" : ", ") + name;
  }
  return made;
}

std::string names_of_flows(const std::vector<std::string>& flows, const StructureLookup& structures,
                           std::string_view lang) {
  std::string made;
  for (const std::string& id : flows) {
    std::string name = shown(id);
    for (const auto& flow : structures.flows())
      if (flow->dataflow.id == id && flow->names_of)
        name = name_or(flow->names_of->names, lang, id);
    made += (made.empty() ? "" : ", ") + name;
  }
  return made;
}

std::string institution_of(const RosterEntry* entry, std::string_view lang) {
  return entry ? name_or(entry->organisation->names, lang, entry->organisation->id) : std::string();
}

}  // namespace

std::string role_word(std::string_view role) {
  std::string word = "role-" + std::string(role);
  std::replace(word.begin(), word.end(), ' ', '-');
  return word;
}

std::string without_links(std::string_view utf8) {
  std::string out;
  for (std::size_t i = 0; i < utf8.size();) {
    const std::string_view rest = utf8.substr(i);
    if (ascii_istarts_with(rest, "http") &&
        (ascii_istarts_with(rest, "http:") || ascii_istarts_with(rest, "https:"))) {
      out += "hxxp";
      i += 4;
    } else if (ascii_istarts_with(rest, "ftp:") || ascii_istarts_with(rest, "mailto:")) {
      const std::size_t colon = rest.find(':');
      out.append(rest.substr(0, colon)).append("[:]");
      i += colon + 1;
    } else if (ascii_istarts_with(rest, "www.")) {
      out += "www[.]";
      i += 4;
    } else if (rest.front() == '@') {
      auto of_address = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               std::string_view("._-+").find(c) != std::string_view::npos;
      };
      const std::size_t before = out.size();
      while (!out.empty() && of_address(out.back())) out.pop_back();
      if (out.size() < before) out += "…";
      out += '@';
      ++i;
    } else {
      out += utf8[i++];
    }
  }
  return out;
}

Result<Receipt> compose_request(const RequestFacts& facts, const StructureLookup& structures,
                                const Voice& voice, const Letterhead& letterhead) {
  FP_ASSIGN(const Phrases* phrases, voice.phrases.in(facts.lang));
  Words words(*phrases);
  const std::string& lang = phrases->lang();
  const std::string name = "request." + std::string(name_of(facts.text));
  const bool asker_reads = to_asker(facts.text);
  const std::string institution = institution_of(facts.with, lang);
  const std::string from = institution_of(facts.from, lang);
  const std::string role = facts.role.empty() ? "" : words("word." + role_word(facts.role));
  const std::string date = phrases->date(facts.opened, facts.zone);
  const std::string days = words.number(facts.days);
  const PhraseArgs args = {{"docket", facts.name}, {"institution", institution},
                           {"role", role},         {"from", from},
                           {"date", date},         {"days", days},
                           {"token", facts.token}};

  // A reply to the asker stands in the asker's thread, and is called what that is called.
  std::string subject = asker_reads && facts.text != RequestText::kConfirm
                            ? reply_subject(facts.subject, facts.docket, *phrases)
                            : words(name + ".subject", args);
  Docket docket;
  docket.number = facts.docket;
  docket.received = facts.opened;
  Value values = letter_head(docket, letterhead, facts.zone, subject, *phrases);
  values.set("docket", facts.name)
      .set("received", asker_reads && facts.text != RequestText::kConfirm
                           ? phrases->date_time(facts.opened, facts.zone)
                           : std::string());

  Value::List about;
  auto fact = [&](std::string_view key, std::string text) {
    if (!text.empty())
      about.push_back(Value()
                          .set("label", words("request.fact." + std::string(key)))
                          .set("text", std::move(text)));
  };
  Value::List steps;
  if (!asker_reads) {
    const std::string who = institution_of(facts.asker, lang);
    fact("asker", who.empty()  ? words("request.outside")
                  : facts.sure ? who
                               : words("request.unsure", {{"institution", who}}));
    fact("areas", names_of_areas(facts.areas, structures, lang));
    fact("flows", names_of_flows(facts.flows, structures, lang));
    for (const HeldTable& table : facts.held)
      fact("held", words("request.held",
                         {{"file", shown(table.file, 100)},
                          {"name", names_of_flows({table.flow}, structures, lang)},
                          {"first", phrases->period(table.first)},
                          {"last", table.first == table.last ? std::string()
                                                             : phrases->period(table.last)}}));
    for (const char* step : {"reply", "public", "decline", "forward", "close"})
      steps.push_back(Value().set("text", words("request.step." + std::string(step))));
  }
  std::string files;
  for (const std::string& file : facts.files)
    files += (files.empty() ? "" : ", ") + shown(file, 100);
  const bool outside = !facts.asker && !asker_reads;
  const std::string question = outside ? without_links(facts.question) : facts.question;
  // Not every letter has a next step.
  auto said_or_nothing = [&](std::string_view key) {
    auto said = phrases->text(name + std::string(key), args);
    return said ? std::move(said).value() : std::string();
  };
  std::string answer = facts.answer;
  std::string answer_heading = answer.empty() ? std::string() : words(name + ".heading");
  if (facts.offer) {
    answer = offered_text(*facts.offer);
    answer_heading = offer_heading(*facts.offer, structures, facts.zone, words);
  }
  values.set("what", words(name + ".what", args))
      .set("next", said_or_nothing(".next"))
      .set("has_about", !about.empty())
      .set("about", std::move(about))
      .set("has_steps", !steps.empty())
      .set("steps", std::move(steps))
      .set("answer_heading", answer_heading)
      .set("answer", answer.empty() ? Value::List() : lines_of(answer, kPlainWidth))
      .set("answer_text", shown_lines(answer))
      .set("question_heading",
           question.empty() ? std::string()
                            : words(asker_reads ? "request.asked" : "request.question", args))
      .set("question", question.empty() ? Value::List() : lines_of(question, kQuoteWidth))
      .set("question_text", shown_lines(question))
      .set("files", files.empty() ? std::string() : words("request.files", {{"names", files}}))
      .set("next_label", words("request.next"))
      .set("foot", words(!facts.token.empty()                 ? "request.foot.token"
                         : facts.text == RequestText::kAnswer ? "request.foot.answer"
                                                              : "request.foot.asker",
                         args));
  return finish_letter("request", values, std::move(subject), words, voice);
}

std::string offer_heading(const OfferedAnswer& offer, const StructureLookup& structures,
                          std::string_view zone, Words& words) {
  std::string institution = shown(offer.provider);
  for (const OrganisationScheme& scheme : structures.structures().organisation_schemes)
    for (const Organisation& one : scheme.organisations)
      if (scheme.scheme_class == ArtefactClass::kDataProviderScheme && one.id == offer.provider)
        institution = name_or(one.names, words.phrases().lang(), one.id);
  return words("request.offer",
               {{"institution", institution}, {"date", words.phrases().date(offer.at, zone)}});
}

std::vector<std::string> offer_lines(const OfferedAnswer& offer) {
  std::vector<std::string> lines;
  const std::string text = shown_lines(offered_text(offer));  // outlives its lines
  for (std::string_view line : split(text, '\n'))
    if (!line.empty()) lines.emplace_back(line);
  return lines;
}

Value& without_request_parts(Value& values, Words& words) {
  return values.set("received", "")
      .set("next", "")
      .set("has_about", false)
      .set("about", Value::List())
      .set("has_steps", false)
      .set("steps", Value::List())
      .set("answer_heading", "")
      .set("answer", Value::List())
      .set("answer_text", "")
      .set("question_heading", "")
      .set("question", Value::List())
      .set("question_text", "")
      .set("files", "")
      .set("next_label", words("request.next"));
}

Result<Receipt> compose_request_received(const Docket& docket, const StructureLookup& structures,
                                         const Voice& voice, const Letterhead& letterhead,
                                         const OfferedAnswer* offer) {
  FP_ASSIGN(const Phrases* phrases, voice.phrases.in(docket.sender.lang));
  Words words(*phrases);
  std::string subject =
      reply_subject(letterhead.quote ? std::string_view(docket.subject) : std::string_view(),
                    docket.number, *phrases);
  const std::string zone = zone_of(docket, structures);
  Value values = letter_head(docket, letterhead, zone, subject, *phrases);
  std::string what;
  for (const Item& item : docket.items)
    for (const Finding& finding : item.findings)
      if (finding.rule == &rules::request_opened)
        what += (what.empty() ? "" : " ") + finding_sentence(finding, *phrases);
  if (offer) {
    std::string files;
    for (const std::string& file : offer->files)
      files += (files.empty() ? "" : ", ") + shown(file, 100);
    const std::string text = offered_text(*offer);
    without_request_parts(values, words)
        .set("received", phrases->date_time(docket.received, zone))
        .set("what", std::move(what))
        .set("next", words("request.received.next_contact"))
        .set("answer_heading", offer_heading(*offer, structures, zone, words))
        .set("answer", lines_of(text, kPlainWidth))
        .set("answer_text", shown_lines(text))
        .set("files", files.empty() ? std::string() : words("request.files", {{"names", files}}))
        .set("foot", words("request.foot.asker"));
    return finish_letter("request", values, std::move(subject), words, voice);
  }
  values.set("what", std::move(what))
      .set("next", words("request.received.next_contact"))
      .set("seen", "");
  return finish_letter("notice", values, std::move(subject), words, voice);
}

}  // namespace focalpost
