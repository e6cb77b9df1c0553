// SPDX-License-Identifier: Apache-2.0
#include "flow/digests.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>
#include <vector>

#include "compose/digest.h"
#include "flow/bounces.h"
#include "flow/digest_calendar.h"
#include "flow/digest_facts.h"
#include "flow/gate.h"
#include "flow/letter.h"
#include "flow/subscriptions.h"
#include "flow/token.h"
#include "mime/compose.h"

namespace focalpost {
namespace {

/// Letters put into the outbox before they are committed.
constexpr std::size_t kLettersAtOnce = 500;

std::chrono::days ahead_of(std::string_view rhythm) {
  return std::chrono::days(rhythm == "daily"       ? 14
                           : rhythm == "weekly"    ? 31
                           : rhythm == "quarterly" ? 92
                                                   : 62);
}

/// Everything that decides what a letter says.
struct GroupKey {
  std::string institution, lang, zone, rhythm;
  bool coordinator = false;
  Time since{}, until{};
  std::int64_t day = 0;
  std::vector<std::string> flows, areas;
  auto operator<=>(const GroupKey&) const = default;
};

struct Group {
  const RosterEntry* reader = nullptr;  ///< one of them; null: not in the roster
  std::vector<Subscription> subscribers;
};

/// Zones, each looked up once.
class Zones {
 public:
  const LocalTime& of(const std::string& zone) {
    return known_.try_emplace(zone, zone).first->second;
  }
  /// The same rhythm in the same zone ends at the same time for all.
  const PeriodEnd& last(const std::string& rhythm, const std::string& zone, Time now) {
    auto [place, fresh] = ends_.try_emplace({rhythm, zone});
    if (fresh) place->second = last_due(rhythm, of(zone), now);
    return place->second;
  }

 private:
  std::map<std::string, LocalTime> known_;
  std::map<std::pair<std::string, std::string>, PeriodEnd> ends_;
};

class DigestMaker {
 public:
  static Result<DigestMaker> make(Home& home, Time now) {
    FP_ASSIGN(LetterWriter writer, LetterWriter::make(home, now));
    return DigestMaker(home, std::move(writer), now);
  }

  /// Nothing: there is no news.
  Result<std::optional<Receipt>> compose(const GroupKey& key, const RosterEntry* reader) {
    std::optional<Receipt> none;
    FP_ASSIGN(const News* news, news_of(key, reader));
    DigestFacts facts;
    facts.lang = key.lang;
    facts.zone = key.zone;
    facts.rhythm = key.rhythm;
    facts.flows = key.flows;
    facts.areas = key.areas;
    facts.since = key.since;
    facts.until = key.until;
    cut_out(*news, key.flows, key.areas, facts);
    bool happened =
        !facts.changes.empty() || !facts.definitions.empty() || !facts.structures.empty();
    if (reader) {
      FP_ASSIGN(bool waiting, add_waiting(home_, *reader, facts));
      happened = happened || waiting;
    }
    if (!happened) return none;
    if (reader && reader->has_role("coordinator")) {
      if (!timeliness_) {
        FP_ASSIGN(timeliness_, timeliness(home_, now_));
      }
      add_kept(home_.lookup(), *reader, *timeliness_, facts);
    }
    add_due(home_, news->viewer, ahead_of(key.rhythm), facts);
    FP_TRY(attach_changes(home_, *news, files_, facts));
    FP_ASSIGN(Receipt receipt, compose_digest(facts, pictures_, home_.lookup(), writer_.voice(),
                                              writer_.letterhead()));
    return std::optional(std::move(receipt));
  }

  Status send(const GroupKey& key, Group& group, DigestsMade& made) {
    FP_ASSIGN(auto receipt, compose(key, group.reader));
    std::optional<Ready> ready;
    if (receipt) {
      ++made.composed;
      FP_ASSIGN(ready, body_of(std::move(*receipt)));
    }
    for (const Subscription& one : group.subscribers) {
      if (!transaction_) {
        FP_ASSIGN(Transaction begun, home_.store().begin());
        transaction_.emplace(std::move(begun));
      }
      FP_TRY(send_one(key, one, ready, made));
      if (++pending_ == kLettersAtOnce) FP_TRY(commit());
    }
    return {};
  }

  Status commit() {
    pending_ = 0;
    kept_.clear();
    if (!transaction_) return {};
    FP_TRY(transaction_->commit());
    transaction_.reset();
    return {};
  }

  std::uint64_t drawn() const { return pictures_.drawn(); }

 private:
  struct Ready {
    Receipt text;  ///< without plain, HTML and attachments
    mime::Body body;
    std::int64_t number = 0;
  };

  DigestMaker(Home& home, LetterWriter writer, Time now)
      : home_(home), writer_(std::move(writer)), now_(now) {}

  Result<const News*> news_of(const GroupKey& key, const RosterEntry* reader) {
    auto [place, fresh] = news_.try_emplace({key.institution, key.since, key.until});
    if (fresh) {
      Viewer viewer = Viewer::public_at(key.until);
      if (reader) {
        viewer.institution = reader->provider.id;
        viewer.areas = home_.lookup().areas_covered(viewer.institution, nullptr, key.until);
      }
      FP_ASSIGN(place->second, read_news(home_, viewer, key.since));
    }
    return &place->second;
  }

  Result<std::optional<Ready>> body_of(Receipt receipt) {
    mime::Outgoing mail;
    mail.language = receipt.lang;
    mail.plain = std::move(receipt.plain);
    mail.html = std::move(receipt.html);
    mail.attachments = std::move(receipt.attachments);
    Ready ready;
    FP_ASSIGN(ready.body, mime::compose_body(mail));
    ready.text.subject = std::move(receipt.subject);
    ready.text.lang = std::move(receipt.lang);
    ready.number = ++bodies_;
    return std::optional(std::move(ready));
  }

  /// The numbers of its pieces in the outbox, within this transaction.
  Result<const std::vector<std::int64_t>*> kept(const Ready& ready) {
    auto [place, fresh] = kept_.try_emplace(ready.number);
    if (fresh)
      for (const std::string& piece : ready.body.pieces) {
        FP_ASSIGN(std::int64_t blob, home_.store().outbox().keep(piece));
        place->second.push_back(blob);
      }
    return &place->second;
  }

  Status send_one(const GroupKey& key, const Subscription& one, const std::optional<Ready>& ready,
                  DigestsMade& made) {
    DigestMade row;
    row.subscription = one.id;
    row.day = key.day;
    row.since = key.since;
    row.until = key.until;
    row.made = now_;
    if (ready) {
      Leaving leaving;
      leaving.kind = kDigestKind;
      leaving.to = one.address;
      leaving.about = fmt::format("digest for {}", one.address);
      leaving.may_wait = true;
      FP_ASSIGN(auto pass, may_leave(home_, leaving, now_));
      if (pass) {
        FP_ASSIGN(row.outbox, post_one(*pass, key, one, *ready));
      }
      row.what = pass ? "sent" : "refused";
    } else {
      row.what = "nothing";
    }
    FP_ASSIGN(bool noted, home_.store().subscriptions().note(row));
    if (!noted)
      return bug(fmt::format("a second digest of one period for subscription {}", one.id));
    ++(row.what == "sent" ? made.sent : row.what == "nothing" ? made.nothing : made.refused);
    return {};
  }

  Result<std::optional<std::int64_t>> post_one(const Pass& pass, const GroupKey& key,
                                               const Subscription& one, const Ready& ready) {
    const Settings& settings = home_.settings();
    mime::Outgoing mail;
    mail.from = {settings.name, settings.sender()};
    mail.to = {"", pass.to()};
    mail.subject = ready.text.subject;
    mail.message_id = writer_.message_id(fmt::format("digest.{}.{}", one.id, key.day));
    mail.date = now_;
    mail.auto_submitted = "auto-generated";
    const std::string token = make_token(writer_.key(), one, SubscriptionWord::kEnd);
    mail.headers = {{std::string(mime::kGatewayHeader), home_.gateway_id()},
                    {"List-Id", fmt::format("<digest.{}>", home_.message_id_domain())},
                    {"List-Unsubscribe",
                     fmt::format("<mailto:{}?subject=UNSUBSCRIBE%20{}>", settings.address, token)}};
    FP_ASSIGN(const std::string header, mime::compose_header(mail, ready.body));
    OutboxEntry entry;
    entry.kind = kDigestKind;
    entry.message_id = mail.message_id;
    entry.subject = mail.subject;
    entry.lang = ready.text.lang;
    entry.created = entry.not_before = now_;
    FP_ASSIGN(const auto* pieces, kept(ready));
    FP_ASSIGN(Enqueued enqueued, post(home_, pass, std::move(entry), header, *pieces));
    return std::optional(enqueued.id);
  }

  Home& home_;
  LetterWriter writer_;
  std::optional<std::vector<Timeliness>> timeliness_;  ///< once for all coordinators
  Time now_;
  std::optional<Transaction> transaction_;
  std::size_t pending_ = 0;
  std::int64_t bodies_ = 0;
  std::map<std::int64_t, std::vector<std::int64_t>> kept_;
  std::map<std::tuple<std::string, Time, Time>, News> news_;
  ChangeFiles files_;
  DigestPictures pictures_;
};

GroupKey key_of(Home& home, const Subscription& one, const RosterEntry* reader) {
  GroupKey key;
  const SubscriberVoice voice = voice_of(home, one.address, one.lang);
  key.lang = voice.lang;
  key.zone = voice.zone;
  key.rhythm = one.rhythm;
  if (reader) {
    key.institution = reader->provider.id;
    key.coordinator = reader->has_role("coordinator");
  }
  key.since = one.told_until;
  key.flows = one.flows;
  key.areas = one.areas;
  return key;
}

/// Somebody outside whose address does not work any more: there is nobody who would put it right.
Result<bool> end_if_dead(Home& home, Subscription& one, Time now) {
  FP_ASSIGN(auto trouble, home.store().correspondents().trouble(one.address));
  if (!trouble || !trouble->dead_since) return false;
  FP_ASSIGN(Transaction transaction, home.store().begin());
  FP_TRY(home.store().events().add(
      EventLevel::kInfo,
      fmt::format("the subscription {} has ended: its address does not work", one.id), now));
  one.state = SubscriptionState::kEnded;
  one.ended = now;
  one.address.clear();
  FP_TRY(home.store().subscriptions().update(one));
  FP_TRY(transaction.commit());
  return true;
}

}  // namespace

Result<DigestsMade> make_digests(Home& home, Time now) {
  DigestsMade made;
  FP_ASSIGN(auto active, home.store().subscriptions().active());
  std::map<GroupKey, Group> groups;
  Zones zones;
  for (Subscription& one : active) {
    const RosterEntry* reader = home.lookup().contact(one.address);
    GroupKey key = key_of(home, one, reader);
    const PeriodEnd& end = zones.last(key.rhythm, key.zone, now);
    if (end.day <= one.told_day) continue;
    if (!reader) {
      FP_ASSIGN(const bool gone, end_if_dead(home, one, now));
      if (gone) continue;
    }
    key.day = end.day;
    // Who moved to another zone may have been told of the end of the period already.
    key.until = std::max(end.at, key.since);
    Group& group = groups[std::move(key)];
    group.reader = reader;
    group.subscribers.push_back(std::move(one));
  }
  if (groups.empty()) return made;
  FP_ASSIGN(DigestMaker maker, DigestMaker::make(home, now));
  for (auto& [key, group] : groups) FP_TRY(maker.send(key, group, made));
  FP_TRY(maker.commit());
  made.drawn = maker.drawn();
  return made;
}

Status tend_digests(Home& home, Time now) {
  FP_ASSIGN(DigestsMade made, make_digests(home, now));
  if (made.sent + made.refused == 0) return {};
  return home.store().events().add(
      EventLevel::kInfo,
      fmt::format("digests: {} sent, {} subscriptions without news{}", made.sent, made.nothing,
                  made.refused == 0 ? "" : fmt::format(", {} may not be written to", made.refused)),
      now);
}

Result<std::optional<Receipt>> preview_digest(Home& home, const Subscription& subscriber,
                                              std::string_view lang, Time now) {
  const RosterEntry* reader = home.lookup().contact(subscriber.address);
  GroupKey key = key_of(home, subscriber, reader);
  if (!lang.empty()) key.lang = std::string(lang);
  key.until = std::max(now, key.since);
  FP_ASSIGN(DigestMaker maker, DigestMaker::make(home, now));
  return maker.compose(key, reader);
}

}  // namespace focalpost
