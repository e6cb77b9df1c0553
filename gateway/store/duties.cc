// SPDX-License-Identifier: Apache-2.0
#include "store/duties.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace focalpost {
namespace {

constexpr std::array<std::string_view, 3> kSaid = {"extended", "empty", "not-mine"};
constexpr std::array<std::string_view, 5> kStages = {"before", "after", "substitute", "coordinator",
                                                     "not-mine"};

template <typename Enum, std::size_t n>
Enum of_name(const std::array<std::string_view, n>& names, std::string_view name) {
  const auto found = std::find(names.begin(), names.end(), name);
  return static_cast<Enum>(found == names.end() ? 0 : found - names.begin());
}

/// The only row's only column; NULL and no row are nothing.
Result<std::optional<Time>> one_time(Statement& rows) {
  std::optional<Time> time;
  for (;;) {
    FP_ASSIGN(bool more, rows.step());
    if (!more) return time;
    if (rows.is_null(0)) continue;
    const Time one = from_millis(rows.integer(0));
    time = std::min(time.value_or(one), one);
  }
}

}  // namespace

std::string_view reminder_stage_name(ReminderStage stage) {
  return kStages[static_cast<std::size_t>(stage)];
}

Status Duties::say(const DutySaid& said) {
  FP_TRY(statements_.need_transaction("what was said about a duty is noted"));
  return statements_.run(
      "INSERT OR IGNORE INTO duty_said (provider, dataflow, period, what, days, contact, at, "
      "said_in) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      said.duty.provider, said.duty.dataflow, said.duty.period.number(),
      kSaid[static_cast<std::size_t>(said.what)], std::int64_t{said.days}, said.contact,
      to_millis(said.at), said.said_in);
}

Result<std::vector<DutySaid>> Duties::read_said(Statements::Use rows) {
  std::vector<DutySaid> all;
  for (;;) {
    FP_ASSIGN(bool more, rows->step());
    if (!more) return all;
    DutySaid& one = all.emplace_back();
    one.duty = {std::string(rows->text(0)), std::string(rows->text(1)),
                Period::from_number(rows->integer(2))};
    one.what = of_name<DutySaid::What>(kSaid, rows->text(3));
    one.days = static_cast<std::uint32_t>(rows->integer(4));
    one.contact = rows->text(5);
    one.at = from_millis(rows->integer(6));
    one.said_in = rows->is_null(7) ? 0 : rows->integer(7);
  }
}

#define FP_SAID_COLUMNS \
  "SELECT provider, dataflow, period, what, days, contact, at, said_in FROM duty_said "

Result<std::vector<DutySaid>> Duties::said(const DutyKey& duty) {
  FP_ASSIGN(auto rows,
            statements_.get(FP_SAID_COLUMNS "WHERE provider = ? AND dataflow = ? AND period = ? "
                                            "ORDER BY id"));
  rows->bind_all(duty.provider, duty.dataflow, duty.period.number());
  return read_said(std::move(rows));
}

Result<std::vector<DutySaid>> Duties::said_in(std::int64_t docket) {
  FP_ASSIGN(auto rows, statements_.get(FP_SAID_COLUMNS "WHERE said_in = ? ORDER BY id"));
  rows->bind_all(docket);
  return read_said(std::move(rows));
}

Result<std::uint32_t> Duties::longest_extension(Time since) {
  FP_ASSIGN(auto rows,
            statements_.get("SELECT max(days) FROM (SELECT sum(days) AS days FROM duty_said "
                            "WHERE what = 'extended' AND at >= ? "
                            "GROUP BY provider, dataflow, period)"));
  rows->bind_all(to_millis(since));
  FP_ASSIGN(bool there, rows->step());
  return there && !rows->is_null(0) ? static_cast<std::uint32_t>(rows->integer(0)) : 0;
}

Status Duties::add(Reminder& reminder) {
  FP_TRY(statements_.need_transaction("a reminder is noted"));
  reminder.address = ascii_lower(reminder.address);
  FP_TRY(statements_.run(
      "INSERT INTO reminder (address, provider, contact, at) VALUES (?, ?, ?, ?)", reminder.address,
      reminder.provider, reminder.contact, to_millis(reminder.at)));
  reminder.id = statements_.database().last_row();
  for (const Reminder::Listed& one : reminder.listed)
    FP_TRY(statements_.run(
        "INSERT OR IGNORE INTO reminder_duty (reminder, provider, dataflow, period, stage) "
        "VALUES (?, ?, ?, ?, ?)",
        reminder.id, one.duty.provider, one.duty.dataflow, one.duty.period.number(),
        reminder_stage_name(one.stage)));
  return {};
}

Result<std::optional<Reminder>> Duties::reminder(std::int64_t id) {
  std::optional<Reminder> found;
  {
    FP_ASSIGN(auto rows,
              statements_.get("SELECT address, provider, contact, at FROM reminder WHERE id = ?"));
    rows->bind_all(id);
    FP_ASSIGN(bool there, rows->step());
    if (!there) return found;
    found.emplace();
    found->id = id;
    found->address = rows->text(0);
    found->provider = rows->text(1);
    found->contact = rows->text(2);
    found->at = from_millis(rows->integer(3));
  }
  FP_ASSIGN(auto rows,
            statements_.get("SELECT provider, dataflow, period, stage FROM reminder_duty "
                            "WHERE reminder = ? ORDER BY provider, dataflow, period"));
  rows->bind_all(id);
  for (;;) {
    FP_ASSIGN(bool more, rows->step());
    if (!more) return found;
    Reminder::Listed& one = found->listed.emplace_back();
    one.duty = {std::string(rows->text(0)), std::string(rows->text(1)),
                Period::from_number(rows->integer(2))};
    one.stage = of_name<ReminderStage>(kStages, rows->text(3));
  }
}

Result<std::optional<Time>> Duties::last_to(std::string_view address) {
  FP_ASSIGN(auto rows, statements_.get("SELECT max(at) FROM reminder WHERE address = ?"));
  const std::string lower = ascii_lower(address);
  rows->bind_all(lower);
  return one_time(*rows);
}

Result<std::vector<Reminded>> Duties::reminded(const DutyKey& duty) {
  std::vector<Reminded> all;
  FP_ASSIGN(auto rows,
            statements_.get("SELECT d.stage, r.at, r.address FROM reminder_duty d JOIN reminder r "
                            "ON r.id = d.reminder WHERE d.provider = ? AND d.dataflow = ? AND "
                            "d.period = ? ORDER BY r.id"));
  rows->bind_all(duty.provider, duty.dataflow, duty.period.number());
  for (;;) {
    FP_ASSIGN(bool more, rows->step());
    if (!more) return all;
    all.push_back({of_name<ReminderStage>(kStages, rows->text(0)), from_millis(rows->integer(1)),
                   std::string(rows->text(2))});
  }
}

Result<std::optional<Time>> Duties::first_filed(std::string_view dataflow, std::string_view key,
                                                Period period) {
  FP_ASSIGN(
      auto rows,
      statements_.get(
          "SELECT min(n.filed_at, ifnull((SELECT min(i.filed_at) FROM history h JOIN filing i "
          "ON i.id = h.filing WHERE h.series = o.series AND h.period = o.period), "
          "n.filed_at)) "
          "FROM flow f JOIN series s ON s.flow = f.id AND s.key = ?2 "
          "JOIN observation o ON o.series = s.id AND o.period = ?3 "
          "JOIN filing n ON n.id = o.filing "
          "WHERE f.dataflow = ?1 AND o.withdrawn IS NULL"));
  rows->bind_all(dataflow, key, period.number());
  return one_time(*rows);
}

Result<std::optional<Time>> Duties::first_filed_by(std::string_view dataflow,
                                                   std::string_view provider, std::string_view area,
                                                   Period period) {
  FP_ASSIGN(
      auto rows,
      statements_.get(
          "SELECT min(n.filed_at, ifnull((SELECT min(i.filed_at) FROM history h JOIN filing i "
          "ON i.id = h.filing WHERE h.series = o.series AND h.period = o.period), "
          "n.filed_at)) "
          "FROM flow f JOIN series s ON s.flow = f.id AND (?2 = '' OR s.area = ?2) "
          "JOIN observation o ON o.series = s.id AND o.period = ?3 "
          "JOIN filing n ON n.id = o.filing "
          "WHERE f.dataflow = ?1 AND n.provider = ?4 AND o.withdrawn IS NULL"));
  rows->bind_all(dataflow, area, period.number(), provider);
  return one_time(*rows);
}

Result<std::uint64_t> Duties::revisions(std::string_view provider, Time since) {
  FP_ASSIGN(auto rows,
            statements_.get("SELECT count(*) FROM filing WHERE filed_at >= ? AND provider = ? AND "
                            "revised > 0"));
  rows->bind_all(to_millis(since), provider);
  FP_ASSIGN(bool there, rows->step());
  return there ? static_cast<std::uint64_t>(rows->integer(0)) : 0;
}

Result<std::optional<Time>> Duties::agreements_since() {
  FP_ASSIGN(auto rows,
            statements_.get("SELECT min(changed_at) FROM artefact WHERE kind = 'agreement'"));
  return one_time(*rows);
}

}  // namespace focalpost
