// SPDX-License-Identifier: Apache-2.0
#include "flow/answer.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/text.h"
#include "flow/bounces.h"
#include "flow/held.h"
#include "flow/token.h"
#include "mime/own_words.h"

namespace focalpost {
namespace {

/// What looks like tokens, in the order in which they count: what is replied to before what stands
/// further back in the thread.
std::vector<std::string> tokens_of(const mime::Message& message, std::string_view text) {
  const mime::Headers& top = message.top();
  std::vector<std::string> all;
  auto add = [&](std::string_view where) {
    for (std::string& token : find_tokens(where))
      if (all.size() < kMostTokens && std::find(all.begin(), all.end(), token) == all.end())
        all.push_back(std::move(token));
  };
  for (const std::string& id : top.in_reply_to()) add(id);
  add(top.decoded("Subject").value_or(""));
  auto references = top.references();
  for (auto id = references.rbegin(); id != references.rend(); ++id) add(*id);
  add(text);
  return all;
}

/// The first that is ours.
Result<std::optional<Confirmation>> asked_by(Home& home, const std::vector<std::string>& tokens) {
  FP_ASSIGN(const std::string key, read_key(home.paths()));
  for (const std::string& token : tokens) {
    const auto row = token_row(token);
    if (!row) continue;
    FP_ASSIGN(auto asked, home.store().confirmations().find(*row));
    if (asked && !asked->address.empty() && token_fits(token, key, *asked)) return asked;
  }
  return std::optional<Confirmation>();
}

/// The address that was asked, or another registered one of the same contact.
bool asked_of(const Confirmation& asked, const Said& said) {
  if (asked.provider != said.contact.provider.id) return false;
  return ascii_iequal(asked.address, said.docket.sender.address) ||
         asked.contact == said.contact.contact->id;
}

Result<Item> take(Home& home, const Said& said, const Confirmation& asked, bool yes) {
  if (!asked_of(asked, said)) return command_item(rules::answer_foreign);
  if (asked.answered) return command_item(rules::answer_used);
  if (said.now > asked.expires) return command_item(rules::answer_expired);
  FP_ASSIGN(auto waiting, still_waiting(home, asked));
  if (waiting.empty()) return command_item(rules::answer_gone);
  FP_ASSIGN(bool first,
            home.store().confirmations().answered(asked.id, yes ? "yes" : "no", said.now));
  if (!first) return command_item(rules::answer_used);
  std::string numbers;
  for (const StillWaiting& one : waiting) {
    HeldOrder order;
    order.docket = one.record.docket.id;
    order.decision = yes ? Decision::kConfirm : Decision::kRefuse;
    order.attempt = one.record.docket.attempt;
    order.confirmation = asked.id;
    order.said_in = said.docket.id;
    FP_TRY(home.store().orders().add(order, said.now));
    numbers += (numbers.empty() ? "" : ", ") + one.record.docket.number.text();
  }
  return command_item(yes ? rules::answer_yes : rules::answer_no, std::move(numbers));
}

struct Command {
  Decision decision;
  DocketNumber number;
  std::string text() const {
    return std::string(decision == Decision::kRelease ? "RELEASE " : "REJECT ") + number.text();
  }
};

/// "2026-000147" in a word of a line, with what people put around it; the hyphen may be another
/// dash.
std::optional<DocketNumber> number_in(std::string_view word) {
  std::string plain;
  for (std::size_t at = 0; at < word.size();) {
    if (word.substr(at).starts_with("\u2116")) {
      at += 3;
    } else if (word.substr(at).starts_with("\u2011") || word.substr(at).starts_with("\u2013")) {
      plain += '-';
      at += 3;
    } else {
      plain += word[at++];
    }
  }
  if (plain.size() > 3 && (plain.starts_with("No.") || plain.starts_with("no."))) plain.erase(0, 3);
  constexpr std::string_view kAround = "#.:!()[]\"'";
  const std::size_t first = plain.find_first_not_of(kAround),
                    last = plain.find_last_not_of(kAround);
  if (first == plain.npos) return {};
  return DocketNumber::parse(std::string_view(plain).substr(first, last - first + 1));
}

/// The commands of a line that is nothing but RELEASE or REJECT and numbers; none of any other.
std::vector<Command> commands_of(std::string_view line) {
  std::vector<Command> found;
  std::string words(line);
  for (char& c : words)
    if (std::string_view(",;&\t\"*").find(c) != std::string_view::npos) c = ' ';
  for (std::string_view quote : {"\u00AB", "\u00BB", "\u201C", "\u201D", "\u201E", "\u00A0"})
    for (auto at = words.find(quote); at != words.npos; at = words.find(quote, at))
      words.replace(at, quote.size(), " ");
  std::optional<Decision> decision;
  for (std::string_view word : split(words, ' ')) {
    if (word.empty()) continue;
    if (ascii_iequal(word, "RELEASE") || ascii_iequal(word, "REJECT")) {
      decision = ascii_iequal(word, "RELEASE") ? Decision::kRelease : Decision::kReject;
      continue;
    }
    bool aside = word == "." || word == "\u2116" || word == "#";
    for (std::string_view filler : {"please", "no", "no.", "nr", "nr.", "number", "and", "docket",
                                    "dockets", "и", "та", "і", "пожалуйста"})
      aside = aside || ascii_iequal(word, filler);
    if (aside) continue;
    const auto number = number_in(word);
    if (!number || !decision) return {};
    found.push_back(Command{*decision, *number});
  }
  return found;
}

/// Those of the subject, unless it answers or forwards something, and of the lines with which the
/// text begins, greetings left aside.
std::vector<Command> commands_in(std::string_view subject, std::string_view own) {
  std::vector<Command> all;
  auto add = [&](const std::vector<Command>& some) {
    for (const Command& one : some)
      if (std::none_of(all.begin(), all.end(),
                       [&](const Command& other) { return one.text() == other.text(); }))
        all.push_back(one);
  };
  add(commands_of(subject));
  bool begun = false;
  for (std::string_view line : split(own, '\n')) {
    line = trim(line);
    if (line.empty() || (!begun && mime::is_greeting(line))) continue;
    const std::vector<Command> some = commands_of(line);
    if (some.empty()) break;
    begun = true;
    add(some);
  }
  return all;
}

bool contradicted(const Command& command, const std::vector<Command>& all) {
  return std::any_of(all.begin(), all.end(), [&](const Command& other) {
    return other.number.text() == command.number.text() && other.decision != command.decision;
  });
}

Result<Item> carry_out(Home& home, const Said& said, const Command& command) {
  auto refused = [&](std::string why) {
    return command_item(rules::command_refused, command.number.text(), std::move(why));
  };
  if (!said.contact.has_role("coordinator")) return refused("no-coordinator");
  if (said.docket.sender.assurance < home.settings().policy[Act::kCommand]) {
    Item item;
    item.kind = kCommandKind;
    item.path = command.text();
    item.outcome = Outcome::kHeld;
    item.hold = HoldReason::kAssurance;
    return item;
  }
  FP_ASSIGN(auto target, home.store().dockets().find(command.number));
  if (!target) return refused("no-such-docket");
  const RosterEntry* about = home.lookup().contact(target->docket.sender.address);
  if (!about || !looks_after(home.lookup(), said.contact, *about)) return refused("not-yours");
  const bool waits = std::any_of(
      target->docket.items.begin(), target->docket.items.end(),
      [](const Item& item) { return item.outcome == Outcome::kHeld && item.kind != kCommandKind; });
  if (!waits) return refused("nothing-waits");
  HeldOrder order;
  order.docket = target->docket.id;
  order.decision = command.decision;
  order.attempt = target->docket.attempt;
  order.said_in = said.docket.id;
  FP_TRY(home.store().orders().add(order, said.now));
  Item done =
      command_item(rules::command_done, command.number.text(),
                   command.decision == Decision::kRelease ? "command-release" : "command-reject");
  done.path = command.text();
  return done;
}

}  // namespace

Item command_item(const Rule& rule, std::string value, std::string detail, Outcome outcome) {
  Finding finding;
  finding.rule = &rule;
  finding.value = std::move(value);
  finding.detail = std::move(detail);
  Item item;
  item.kind = kCommandKind;
  item.outcome = outcome;
  item.infos = 1;
  item.findings.push_back(std::move(finding));
  return item;
}

Result<std::optional<Item>> read_answer(Home& home, const Said& said) {
  const std::vector<std::string> tokens = tokens_of(said.message, said.text);
  if (tokens.empty()) return std::optional<Item>();
  const mime::SaidWord word = mime::said_word(mime::above_quote(said.text));
  FP_ASSIGN(auto asked, asked_by(home, tokens));
  if (word == mime::SaidWord::kNone) {
    // Something else in a thread of ours: data, a question, thanks. Only who could have answered
    // and did not is told how.
    const bool could =
        asked && !asked->answered && said.now <= asked->expires && asked_of(*asked, said);
    if (!could || said.has_data) return std::optional<Item>();
    return std::optional(command_item(rules::answer_unclear, {}, {}, Outcome::kOpen));
  }
  if (!asked) return std::optional(command_item(rules::answer_unknown));
  FP_ASSIGN(Item item, take(home, said, *asked, word == mime::SaidWord::kYes));
  return std::optional(std::move(item));
}

Result<std::vector<Item>> read_commands(Home& home, const Said& said, std::string_view only) {
  const std::string subject = said.message.top().decoded("Subject").value_or("");
  const auto commands = commands_in(trim(subject), mime::above_quote(said.text));
  const std::uint64_t most = home.settings().limits.enquiry_commands;
  std::vector<Item> items;
  for (const Command& command : commands) {
    if (!only.empty() && command.text() != only) continue;
    const bool both = contradicted(command, commands);
    if (both || items.size() == most) {
      items.push_back(command_item(rules::command_refused, command.number.text(),
                                   both ? "command-both" : "too-many-commands"));
    } else {
      FP_ASSIGN(Item item, carry_out(home, said, command));
      items.push_back(std::move(item));
    }
    if (items.size() > most) break;
  }
  return items;
}

bool answered_by_deeds(const Docket& docket) {
  return !docket.items.empty() &&
         std::all_of(docket.items.begin(), docket.items.end(), [](const Item& item) {
           return item.kind == kCommandKind && !item.findings.empty() &&
                  (item.findings.front().rule == &rules::answer_yes ||
                   item.findings.front().rule == &rules::said_thanks);
         });
}

}  // namespace focalpost
