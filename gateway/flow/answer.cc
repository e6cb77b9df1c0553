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

Item item_of(const Rule& rule, std::string value = {}, std::string detail = {},
             Outcome outcome = Outcome::kAnswered) {
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
  if (!asked_of(asked, said)) return item_of(rules::answer_foreign);
  if (asked.answered) return item_of(rules::answer_used);
  if (said.now > asked.expires) return item_of(rules::answer_expired);
  FP_ASSIGN(auto waiting, still_waiting(home, asked));
  if (waiting.empty()) return item_of(rules::answer_gone);
  FP_ASSIGN(bool first,
            home.store().confirmations().answered(asked.id, yes ? "yes" : "no", said.now));
  if (!first) return item_of(rules::answer_used);
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
  return item_of(yes ? rules::answer_yes : rules::answer_no, std::move(numbers));
}

struct Command {
  Decision decision;
  DocketNumber number;
  std::string text() const {
    return std::string(decision == Decision::kRelease ? "RELEASE " : "REJECT ") + number.text();
  }
};

std::optional<Command> command_in(std::string_view own) {
  for (std::string_view line : split(own, '\n')) {
    line = trim(line);
    if (line.empty()) continue;
    const std::size_t space = line.find(' ');
    if (space == line.npos) return {};
    const std::string_view word = line.substr(0, space);
    const bool release = ascii_iequal(word, "RELEASE");
    if (!release && !ascii_iequal(word, "REJECT")) return {};
    auto number = DocketNumber::parse(trim(line.substr(space)));
    if (!number) return {};
    return Command{release ? Decision::kRelease : Decision::kReject, *number};
  }
  return {};
}

}  // namespace

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
    return std::optional(item_of(rules::answer_unclear, {}, {}, Outcome::kOpen));
  }
  if (!asked) return std::optional(item_of(rules::answer_unknown));
  FP_ASSIGN(Item item, take(home, said, *asked, word == mime::SaidWord::kYes));
  return std::optional(std::move(item));
}

Result<std::optional<Item>> read_command(Home& home, const Said& said) {
  const auto command = command_in(mime::above_quote(said.text));
  if (!command) return std::optional<Item>();
  auto refused = [&](std::string why) {
    return std::optional(item_of(rules::command_refused, command->number.text(), std::move(why)));
  };
  if (!said.contact.has_role("coordinator")) return refused("no-coordinator");
  if (said.docket.sender.assurance < home.settings().policy[Act::kCommand]) {
    Item item;
    item.kind = kCommandKind;
    item.path = command->text();
    item.outcome = Outcome::kHeld;
    item.hold = HoldReason::kAssurance;
    return std::optional(std::move(item));
  }
  FP_ASSIGN(auto target, home.store().dockets().find(command->number));
  if (!target) return refused("no-such-docket");
  const RosterEntry* about = home.lookup().contact(target->docket.sender.address);
  if (!about || !looks_after(home.lookup(), said.contact, *about)) return refused("not-yours");
  const bool waits = std::any_of(
      target->docket.items.begin(), target->docket.items.end(),
      [](const Item& item) { return item.outcome == Outcome::kHeld && item.kind != kCommandKind; });
  if (!waits) return refused("nothing-waits");
  HeldOrder order;
  order.docket = target->docket.id;
  order.decision = command->decision;
  order.attempt = target->docket.attempt;
  order.said_in = said.docket.id;
  FP_TRY(home.store().orders().add(order, said.now));
  Item done =
      item_of(rules::command_done, command->number.text(),
              command->decision == Decision::kRelease ? "command-release" : "command-reject");
  done.path = command->text();
  return std::optional(std::move(done));
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
