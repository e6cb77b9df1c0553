// SPDX-License-Identifier: Apache-2.0
#include "flow/subscriptions.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/domain.h"
#include "base/text.h"
#include "compose/subscription.h"
#include "flow/answer.h"
#include "flow/bounces.h"
#include "flow/digest_calendar.h"
#include "flow/gate.h"
#include "flow/letter.h"
#include "flow/respond.h"
#include "flow/token.h"
#include "mime/attachments.h"
#include "mime/own_words.h"

namespace focalpost {
namespace {

using enquiry::Command;
using enquiry::Verb;
using Ids = std::vector<std::string>;

constexpr std::chrono::hours kAskAgainAfter{24};

Ids sorted(Ids ids) {
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

bool same_selection(const Subscription& one, const Ids& flows, const Ids& areas) {
  return one.flows == flows && one.areas == areas;
}

PeriodEnd next_of(const Subscription& one, std::string_view zone, Time now) {
  return next_due(one.rhythm, LocalTime(zone), now, one.told_day);
}

AnswerFact fact_of(const Subscription& one, std::string_view zone, Time now) {
  AnswerFact fact;
  fact.kind = AnswerFact::Kind::kSubscription;
  fact.text = one.rhythm;
  fact.flows = one.flows;
  fact.areas = one.areas;
  fact.at = next_of(one, zone, now).due;
  return fact;
}

std::string as_command(std::string_view rhythm, const Ids& flows, const Ids& areas) {
  std::string text = fmt::format("SUBSCRIBE {}", rhythm);
  for (const Ids* ids : {&flows, &areas})
    if (!ids->empty()) text += fmt::format(" {}", fmt::join(*ids, ","));
  return text;
}

/// From now on, of the whole period in which it begins.
void begin_now(Subscription& one, std::string_view zone, Time now) {
  const LocalTime local(zone);
  one.state = SubscriptionState::kActive;
  one.ended.reset();
  one.told_day = period_begin(one.rhythm, local.day(now));
  one.told_until = local.at(one.told_day, 0);
}

Status end_subscription(Home& home, Subscription& one, Time now) {
  one.state = SubscriptionState::kEnded;
  one.ended = now;
  if (!home.lookup().contact(one.address)) one.address.clear();
  return home.store().subscriptions().update(one);
}

/// A letter about a subscription, to its address; false: it may not leave now.
Result<bool> write_about(Home& home, const Heard& heard, const Subscription& one,
                         SubscriptionText text) {
  const bool ask = text == SubscriptionText::kConfirm;
  Leaving leaving;
  leaving.kind = ask ? kAnswerLetter : "subscription";
  leaving.to = one.address;
  leaving.about = heard.docket.number.text();
  leaving.stranger = ask;
  if (ask) {
    leaving.answers = &heard.message.top();
    leaving.answered_from = heard.docket.sender.address;
  }
  FP_ASSIGN(auto pass, may_leave(home, leaving, heard.now));
  if (!pass) return false;
  FP_ASSIGN(LetterWriter writer, LetterWriter::make(home, heard.now));
  const SubscriberVoice voice = voice_of(home, one.address, one.lang);
  SubscriptionFacts facts;
  facts.text = text;
  facts.about = &heard.docket;
  facts.lang = voice.lang;
  facts.zone = voice.zone;
  facts.rhythm = one.rhythm;
  facts.flows = one.flows;
  facts.areas = one.areas;
  facts.next = next_of(one, voice.zone, heard.now).due;
  Letter mail;
  mail.about = &heard.docket;
  mail.kind = ask ? "confirmation" : "subscription";
  if (ask) {
    facts.token = make_token(writer.key(), one, SubscriptionWord::kConfirm);
    mail.message_id = confirmation_message_id(facts.token, home.message_id_domain());
    mail.auto_submitted = "auto-replied";
    if (fits_thread(heard.docket.message_id)) mail.in_reply_to = heard.docket.message_id;
  } else {
    mail.message_id =
        writer.message_id(fmt::format("subscription.{}.{}", one.id, to_millis(heard.now)));
  }
  FP_ASSIGN(Receipt said,
            compose_subscription(facts, home.lookup(), writer.voice(), writer.letterhead()));
  FP_TRY(writer.post(*pass, mail, std::move(said)));
  return true;
}

/// What a letter of ours brought back in thread and subject: tokens, in the order in which they
/// count.
Ids tokens_brought(const mime::Headers& top) {
  Ids tokens;
  auto add = [&](std::string_view where) {
    for (std::string& token : find_subscription_tokens(where))
      if (tokens.size() < kMostTokens) tokens.push_back(std::move(token));
  };
  add(top.decoded("Subject").value_or(""));
  for (const std::string& id : top.in_reply_to()) add(id);
  auto references = top.references();
  for (auto id = references.rbegin(); id != references.rend(); ++id) add(*id);
  return tokens;
}

/// The subscription that a token of this kind is of.
Result<std::optional<Subscription>> subscription_of(Home& home, const mime::Headers& top,
                                                    SubscriptionWord word) {
  std::optional<Subscription> none;
  const Ids tokens = tokens_brought(top);
  if (tokens.empty()) return none;
  FP_ASSIGN(const std::string key, read_key(home.paths()));
  for (const std::string& token : tokens) {
    const auto row = subscription_token_row(token);
    if (!row) continue;
    FP_ASSIGN(auto found, home.store().subscriptions().find(*row));
    if (found && !found->address.empty() && token_fits(token, key, *found, word)) return found;
  }
  return none;
}

class Taker {
 public:
  Taker(Home& home, const Heard& heard)
      : home_(home),
        heard_(heard),
        table_(home.store().subscriptions()),
        address_(canonical_address(heard.docket.sender.address)),
        voice_(voice_of(home, address_, heard.docket.sender.lang)) {}

  Result<SubscriptionDone> subscribe(const Command& command) {
    if (!command.unknown.empty()) {
      say("subscribe_unclear");
      return std::move(done_);
    }
    const Ids flows = sorted(command.flows), areas = sorted(command.areas);
    const std::string rhythm = command.rhythm.empty() ? "weekly" : command.rhythm;
    const bool sure = heard_.docket.sender.assurance >= home_.settings().policy[Act::kSubscribe];
    if (heard_.contact && !sure) {
      say("act_waits");
      done_.waits = true;
      done_.understood = as_command(rhythm, flows, areas);
      return std::move(done_);
    }
    FP_ASSIGN(auto before, table_.said_in(heard_.docket.id));
    for (const Subscription& one : before)
      if (same_selection(one, flows, areas) && one.rhythm == rhythm) return again(one);
    FP_ASSIGN(auto all, table_.of(address_));
    auto known = std::find_if(all.begin(), all.end(), [&](const Subscription& one) {
      return same_selection(one, flows, areas);
    });
    const bool active = known != all.end() && known->state == SubscriptionState::kActive;
    if (active) {
      if (heard_.contact || sure) {
        known->rhythm = rhythm;
        known->lang = voice_.lang;
        known->said_in = heard_.docket.id;
        FP_TRY(table_.update(*known));
        FP_TRY(table_.lift_stop(address_));
      } else if (known->rhythm != rhythm) {
        say("subscribe_same");
        add(*known);
        return std::move(done_);
      }
      say("subscribed");
      add(*known);
      return std::move(done_);
    }
    if (known == all.end() && all.size() >= home_.settings().digests.most_per_address) {
      say("subscribe_too_many", {{"count", std::to_string(all.size())}});
      for (const Subscription& one : all) add(one);
      return std::move(done_);
    }
    Subscription fresh = known == all.end() ? Subscription() : *known;
    const bool asked_lately =
        known != all.end() && fresh.rhythm == rhythm && heard_.now - fresh.opened < kAskAgainAfter;
    fresh.address = address_;
    fresh.lang = voice_.lang;
    fresh.rhythm = rhythm;
    fresh.flows = flows;
    fresh.areas = areas;
    fresh.said_in = heard_.docket.id;
    if (!heard_.contact) return ask_to_confirm(std::move(fresh), asked_lately);
    fresh.opened = heard_.now;
    begin_now(fresh, voice_.zone, heard_.now);
    FP_TRY(fresh.id == 0 ? table_.add(fresh) : Status());
    FP_TRY(table_.update(fresh));
    FP_TRY(table_.lift_stop(address_));
    say("subscribed");
    add(fresh);
    return std::move(done_);
  }

  Result<SubscriptionDone> unsubscribe(const Command& command) {
    FP_ASSIGN(auto meant, subscription_of(home_, heard_.message.top(), SubscriptionWord::kEnd));
    if (meant) return end_by_token(std::move(*meant));
    const Ids flows = sorted(command.flows), areas = sorted(command.areas);
    FP_ASSIGN(auto all, table_.of(address_));
    bool any = false;
    Ids none;
    std::vector<Subscription> left;
    for (Subscription& one : all) {
      if (!take_from(one, flows, areas)) {
        left.push_back(one);
        continue;
      }
      if (!any) say("unsubscribed");
      any = true;
    }
    for (Subscription& one : ended_) {
      if (one.state == SubscriptionState::kActive) {
        add(one);
        done_.facts.back().at = {};  // no more
      }
      FP_TRY(end_subscription(home_, one, heard_.now));
    }
    for (const Subscription& one : narrowed_) {
      FP_TRY(table_.update(one));
      left.push_back(one);
    }
    if (!any) say(all.empty() ? "unsubscribe_nothing" : "unsubscribe_none");
    if (any && !left.empty()) say("unsubscribe_left", {{"count", std::to_string(left.size())}});
    if (!any)
      for (const Subscription& one : left) add(one);
    return std::move(done_);
  }

  Result<SubscriptionDone> stop() {
    FP_ASSIGN(auto all, table_.of(address_));
    // Of an address that gets nothing from us there is nothing to be kept.
    if (!all.empty() || heard_.contact) FP_TRY(table_.stop(address_, heard_.now));
    for (Subscription& one : all) FP_TRY(end_subscription(home_, one, heard_.now));
    say("stopped");
    return std::move(done_);
  }

 private:
  void say(std::string key, std::vector<std::pair<std::string, std::string>> args = {}) {
    done_.sentences.push_back({std::move(key), std::move(args)});
  }
  void add(const Subscription& one) {
    done_.facts.push_back(fact_of(one, voice_.zone, heard_.now));
  }

  /// The message is judged once more: what it asked for then is as it is.
  Result<SubscriptionDone> again(const Subscription& one) {
    if (one.state == SubscriptionState::kEnded) {
      say("subscribe_ended");
    } else {
      say(one.state == SubscriptionState::kActive ? "subscribed" : "subscribe_confirm");
      add(one);
    }
    return std::move(done_);
  }

  Result<SubscriptionDone> ask_to_confirm(Subscription one, bool asked_lately) {
    one.state = SubscriptionState::kUnconfirmed;
    if (!asked_lately) {
      // A letter a day: whose address it is did not ask for any.
      FP_ASSIGN(auto all, table_.of(address_));
      for (const Subscription& other : all)
        if (other.id != one.id && other.state == SubscriptionState::kUnconfirmed &&
            heard_.now - other.opened < kAskAgainAfter) {
          say("subscribe_one");
          return std::move(done_);
        }
      one.opened = heard_.now;
      const bool fresh = one.id == 0;
      // The token is made of the row's id.
      FP_TRY(fresh ? table_.add(one) : table_.update(one));
      FP_ASSIGN(bool wrote, write_about(home_, heard_, one, SubscriptionText::kConfirm));
      if (!wrote) {
        FP_TRY(end_subscription(home_, one, heard_.now));
        say("subscribe_later");
        return std::move(done_);
      }
    }
    say("subscribe_confirm");
    return std::move(done_);
  }

  Result<SubscriptionDone> end_by_token(Subscription one) {
    if (one.state == SubscriptionState::kActive) {
      const Subscription before = one;
      FP_TRY(end_subscription(home_, one, heard_.now));
      // Whoever had the token: the address is told.
      if (before.address != address_)
        FP_TRY(write_about(home_, heard_, before, SubscriptionText::kEnded));
    }
    say("unsubscribed");
    return std::move(done_);
  }

  /// Whether the subscription is meant; what of it stays goes to narrowed_, else it to ended_.
  bool take_from(const Subscription& one, const Ids& flows, const Ids& areas) {
    auto holds = [](const Ids& more, const Ids& fewer) {
      return std::includes(more.begin(), more.end(), fewer.begin(), fewer.end());
    };
    if ((flows.empty() || (one.flows == flows)) && (areas.empty() || one.areas == areas)) {
      ended_.push_back(one);
      return true;
    }
    // One of several indicators, or countries, of a subscription.
    for (const auto part : {&Subscription::flows, &Subscription::areas}) {
      const Ids& named = part == &Subscription::flows ? flows : areas;
      const Ids& other = part == &Subscription::flows ? areas : flows;
      if (named.empty() || !other.empty() || !holds(one.*part, named)) continue;
      Subscription rest = one;
      std::erase_if(rest.*part, [&](const std::string& id) { return among(named, id); });
      narrowed_.push_back(std::move(rest));
      return true;
    }
    return false;
  }

  Home& home_;
  const Heard& heard_;
  Subscriptions table_;
  std::string address_;
  SubscriberVoice voice_;
  SubscriptionDone done_;
  std::vector<Subscription> ended_, narrowed_;
};

}  // namespace

bool is_subscription(Verb verb) {
  return verb == Verb::kSubscribe || verb == Verb::kUnsubscribe || verb == Verb::kStop;
}

SubscriberVoice voice_of(Home& home, std::string_view address, std::string_view lang) {
  const RosterEntry* contact = home.lookup().contact(address);
  if (!contact) return {std::string(lang), home.settings().digests.zone};
  return {contact->lang, contact->zone.empty() ? "UTC" : contact->zone};
}

Result<SubscriptionDone> carry_out_subscription(Home& home, const Heard& heard,
                                                const Command& command) {
  Taker taker(home, heard);
  switch (command.verb) {
    case Verb::kSubscribe:
      return taker.subscribe(command);
    case Verb::kUnsubscribe:
      return taker.unsubscribe(command);
    default:
      return taker.stop();
  }
}

Result<std::optional<Item>> read_subscriber_word(Home& home, const Heard& heard) {
  std::optional<Item> nothing;
  FP_ASSIGN(auto asked, subscription_of(home, heard.message.top(), SubscriptionWord::kConfirm));
  if (!asked || asked->address != canonical_address(heard.docket.sender.address)) return nothing;
  const std::string text = mime::body_text(heard.content, kAnswerLookedAt).text;
  const mime::SaidWord word = mime::said_word(mime::above_quote(text));
  if (word == mime::SaidWord::kNone) return nothing;
  const std::string number = heard.docket.number.text();
  if (asked->state != SubscriptionState::kUnconfirmed)
    return std::optional(command_item(rules::answer_used, number));
  if (word == mime::SaidWord::kNo || heard.now - asked->opened > kConfirmWithin) {
    FP_TRY(end_subscription(home, *asked, heard.now));
    return std::optional(command_item(
        word == mime::SaidWord::kNo ? rules::answer_no : rules::answer_expired, number));
  }
  begin_now(*asked, voice_of(home, asked->address, asked->lang).zone, heard.now);
  FP_TRY(home.store().subscriptions().update(*asked));
  FP_TRY(home.store().subscriptions().lift_stop(asked->address));
  FP_TRY(write_about(home, heard, *asked, SubscriptionText::kBegun));
  return std::optional(command_item(rules::answer_yes, number));
}

Status tend_subscriptions(Home& home, Time now) {
  FP_ASSIGN(auto waiting, home.store().subscriptions().unconfirmed());
  for (Subscription& one : waiting) {
    if (now - one.opened <= kConfirmWithin) break;
    FP_ASSIGN(Transaction transaction, home.store().begin());
    FP_TRY(end_subscription(home, one, now));
    FP_TRY(transaction.commit());
  }
  return {};
}

}  // namespace focalpost
