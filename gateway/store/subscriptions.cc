// SPDX-License-Identifier: Apache-2.0
#include "store/subscriptions.h"

#include <fmt/format.h>

#include "base/text.h"

namespace focalpost {
namespace {

constexpr std::string_view kSubscriptionStates[] = {"unconfirmed", "active", "ended"};

std::vector<std::string> listed_ids(std::string_view text) {
  std::vector<std::string> ids;
  for (std::string_view id : split(text, ','))
    if (!id.empty()) ids.emplace_back(id);
  return ids;
}

#define FP_SUBSCRIPTION_COLUMNS                                                              \
  "SELECT id, address, lang, rhythm, flows, areas, state, opened_at, ended_at, told_until, " \
  "told_day, said_in FROM subscription "

}  // namespace

std::string_view subscription_state_name(SubscriptionState state) {
  return kSubscriptionStates[static_cast<std::size_t>(state)];
}

Status Subscriptions::add(Subscription& subscription) {
  FP_TRY(statements_.need_transaction("a subscription is added"));
  subscription.address = ascii_lower(subscription.address);
  const std::string flows = fmt::format("{}", fmt::join(subscription.flows, ",")),
                    areas = fmt::format("{}", fmt::join(subscription.areas, ","));
  FP_TRY(statements_.run(
      "INSERT INTO subscription (address, lang, rhythm, flows, areas, state, opened_at, "
      "told_until, told_day) VALUES (?, '', '', ?, ?, ?, 0, 0, 0)",
      subscription.address, flows, areas, subscription_state_name(subscription.state)));
  subscription.id = statements_.database().last_row();
  return update(subscription);
}

Status Subscriptions::update(const Subscription& subscription) {
  FP_TRY(statements_.need_transaction("a subscription changes"));
  FP_ASSIGN(auto update,
            statements_.get("UPDATE subscription SET lang = ?, rhythm = ?, flows = ?, areas = ?, "
                            "state = ?, opened_at = ?, told_until = ?, told_day = ?, "
                            "ended_at = ?, said_in = ?, address = ? WHERE id = ?"));
  // What is bound must live until the statement has run.
  const std::string flows = fmt::format("{}", fmt::join(subscription.flows, ",")),
                    areas = fmt::format("{}", fmt::join(subscription.areas, ","));
  update->bind_all(subscription.lang, subscription.rhythm, flows, areas,
                   subscription_state_name(subscription.state), to_millis(subscription.opened),
                   to_millis(subscription.told_until), subscription.told_day);
  subscription.ended ? update->bind(9, to_millis(*subscription.ended)) : update->bind_null(9);
  subscription.said_in ? update->bind(10, *subscription.said_in) : update->bind_null(10);
  const std::string address = ascii_lower(subscription.address);
  update->bind(11, std::string_view(address)).bind(12, subscription.id);
  return update->run();
}

Result<std::vector<Subscription>> Subscriptions::read(Statements::Use rows) {
  std::vector<Subscription> all;
  for (;;) {
    FP_ASSIGN(bool row, rows->step());
    if (!row) return all;
    Subscription& one = all.emplace_back();
    one.id = rows->integer(0);
    one.address = rows->string(1);
    one.lang = rows->string(2);
    one.rhythm = rows->string(3);
    one.flows = listed_ids(rows->text(4));
    one.areas = listed_ids(rows->text(5));
    for (std::size_t i = 0; i < std::size(kSubscriptionStates); ++i)
      if (rows->text(6) == kSubscriptionStates[i]) one.state = static_cast<SubscriptionState>(i);
    one.opened = from_millis(rows->integer(7));
    if (!rows->is_null(8)) one.ended = from_millis(rows->integer(8));
    one.told_until = from_millis(rows->integer(9));
    one.told_day = rows->integer(10);
    if (!rows->is_null(11)) one.said_in = rows->integer(11);
  }
}

Result<std::optional<Subscription>> Subscriptions::find(std::int64_t id) {
  FP_ASSIGN(auto rows, statements_.get(FP_SUBSCRIPTION_COLUMNS "WHERE id = ?"));
  rows->bind_all(id);
  FP_ASSIGN(auto all, read(std::move(rows)));
  return all.empty() ? std::nullopt : std::optional(std::move(all.front()));
}

Result<std::vector<Subscription>> Subscriptions::of(std::string_view address) {
  const std::string lower = ascii_lower(address);
  FP_ASSIGN(auto rows, statements_.get(FP_SUBSCRIPTION_COLUMNS
                                       "WHERE address = ? AND state <> 'ended' ORDER BY id"));
  rows->bind_all(std::string_view(lower));
  return read(std::move(rows));
}

Result<std::vector<Subscription>> Subscriptions::active() {
  FP_ASSIGN(auto rows,
            statements_.get(FP_SUBSCRIPTION_COLUMNS "WHERE state = 'active' ORDER BY id"));
  return read(std::move(rows));
}

Result<std::vector<Subscription>> Subscriptions::unconfirmed() {
  FP_ASSIGN(auto rows, statements_.get(FP_SUBSCRIPTION_COLUMNS
                                       "WHERE state = 'unconfirmed' ORDER BY opened_at, id"));
  return read(std::move(rows));
}

Result<std::vector<Subscription>> Subscriptions::said_in(std::int64_t docket) {
  FP_ASSIGN(auto rows, statements_.get(FP_SUBSCRIPTION_COLUMNS "WHERE said_in = ? ORDER BY id"));
  rows->bind_all(docket);
  return read(std::move(rows));
}

Result<Subscriptions::Counts> Subscriptions::counts() {
  Counts counts;
  FP_ASSIGN(auto rows, statements_.get("SELECT count(*), count(DISTINCT address) FROM subscription "
                                       "WHERE state = 'active'"));
  FP_TRY(rows->step());
  counts.subscriptions = static_cast<std::uint64_t>(rows->integer(0));
  counts.addresses = static_cast<std::uint64_t>(rows->integer(1));
  FP_ASSIGN(auto waiting,
            statements_.get("SELECT count(*) FROM subscription WHERE state = 'unconfirmed'"));
  FP_TRY(waiting->step());
  counts.unconfirmed = static_cast<std::uint64_t>(waiting->integer(0));
  FP_ASSIGN(auto last,
            statements_.get("SELECT max(created_at) FROM outbox WHERE id = "
                            "(SELECT max(outbox) FROM digest WHERE outbox IS NOT NULL)"));
  FP_TRY(last->step());
  if (!last->is_null(0)) counts.last_digest = from_millis(last->integer(0));
  return counts;
}

Result<bool> Subscriptions::note(const DigestMade& made) {
  FP_TRY(statements_.need_transaction("a digest is noted"));
  {
    FP_ASSIGN(auto insert,
              statements_.get("INSERT INTO digest (subscription, day, since, until, what, made_at, "
                              "outbox) VALUES (?, ?, ?, ?, ?, ?, ?) "
                              "ON CONFLICT (subscription, day) DO NOTHING"));
    insert->bind_all(made.subscription, made.day, to_millis(made.since), to_millis(made.until),
                     made.what, to_millis(made.made));
    made.outbox ? insert->bind(7, *made.outbox) : insert->bind_null(7);
    FP_TRY(insert->run());
  }
  if (statements_.database().changes() == 0) return false;
  FP_TRY(
      statements_.run("UPDATE subscription SET told_until = max(told_until, ?), "
                      "told_day = max(told_day, ?) WHERE id = ?",
                      to_millis(made.until), made.day, made.subscription));
  return true;
}

Result<std::vector<DigestMade>> Subscriptions::digests(std::int64_t subscription,
                                                       std::size_t most) {
  FP_ASSIGN(auto rows,
            statements_.get("SELECT subscription, day, since, until, what, made_at, outbox "
                            "FROM digest WHERE subscription = ? ORDER BY day DESC LIMIT ?"));
  rows->bind_all(subscription, static_cast<std::int64_t>(most));
  std::vector<DigestMade> all;
  for (;;) {
    FP_ASSIGN(bool row, rows->step());
    if (!row) return all;
    DigestMade& one = all.emplace_back();
    one.subscription = rows->integer(0);
    one.day = rows->integer(1);
    one.since = from_millis(rows->integer(2));
    one.until = from_millis(rows->integer(3));
    one.what = rows->string(4);
    one.made = from_millis(rows->integer(5));
    if (!rows->is_null(6)) one.outbox = rows->integer(6);
  }
}

Status Subscriptions::stop(std::string_view address, Time now) {
  FP_TRY(statements_.need_transaction("an address wants no letters"));
  const std::string lower = ascii_lower(address);
  return statements_.run(
      "INSERT INTO address_stop (address, at) VALUES (?, ?) "
      "ON CONFLICT (address) DO NOTHING",
      lower, to_millis(now));
}

Status Subscriptions::lift_stop(std::string_view address) {
  FP_TRY(statements_.need_transaction("an address wants letters again"));
  const std::string lower = ascii_lower(address);
  return statements_.run("DELETE FROM address_stop WHERE address = ?", lower);
}

Result<bool> Subscriptions::stopped(std::string_view address) {
  const std::string lower = ascii_lower(address);
  FP_ASSIGN(auto rows, statements_.get("SELECT 1 FROM address_stop WHERE address = ?"));
  rows->bind_all(std::string_view(lower));
  return rows->step();
}

Result<std::vector<ChangedStructure>> changed_structures(Statements& statements, Time since,
                                                         Time until, std::size_t most) {
  FP_ASSIGN(auto rows,
            statements.get("SELECT a.class, a.agency, a.artefact_id, a.version, a.changed_at "
                           "FROM artefact a WHERE a.changed_at > ? AND a.changed_at <= ? "
                           "AND NOT EXISTS (SELECT 1 FROM item i WHERE i.docket = a.docket "
                           "AND i.kind IN ('enquiry', 'command')) "
                           "ORDER BY a.class, a.artefact_id, a.version LIMIT ?"));
  rows->bind_all(to_millis(since), to_millis(until), static_cast<std::int64_t>(most));
  std::vector<ChangedStructure> all;
  for (;;) {
    FP_ASSIGN(bool row, rows->step());
    if (!row) return all;
    all.push_back({rows->string(0), rows->string(1), rows->string(2), rows->string(3),
                   from_millis(rows->integer(4))});
  }
}

}  // namespace focalpost
