// SPDX-License-Identifier: Apache-2.0
#include "store/dockets.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "store/json.h"

namespace focalpost {
namespace {

#define FP_DOCKET_COLUMNS                                                                       \
  "id, year, serial, attempt, message_id, subject, address, display, registered, provider, "    \
  "contact, lang, assurance, received_at, finished_at, outcome, folder, reason, kept_segment, " \
  "kept_offset, content_hash"

/// NaN and the infinities have no place in a column or in JSON; they mean nothing here either.
double finite(double value) {
  return std::isfinite(value) ? value : 0;
}

constexpr std::string_view kCellKinds[] = {"new", "revised", "withdrawn"};

void append_json(std::string& out, std::string_view text) {
  bool plain = std::all_of(text.begin(), text.end(),
                           [](char c) { return c >= ' ' && c < 0x7F && c != '"' && c != '\\'; });
  if (plain) {
    out += '"';
    out += text;
    out += '"';
  } else {
    out += json_text(text);
  }
}

/// By hand, for it is most of what is written of a small filing; as json_text() would write it.
std::string cells_json(const std::vector<CellChange>& cells) {
  std::string out = "[";
  for (const CellChange& c : cells) {
    out += out.size() > 1 ? ",{\"kind\":\"" : "{\"kind\":\"";
    out += kCellKinds[static_cast<std::size_t>(c.kind)];
    out += '"';
    for (auto [name, value] : {std::pair<std::string_view, std::string_view>("series", c.series),
                               {"period", c.period},
                               {"component", c.component},
                               {"before", c.before},
                               {"after", c.after}}) {
      out += ",\"";
      out += name;
      out += "\":";
      append_json(out, value);
    }
    out += ",\"relative\":";
    out += c.relative == 0 ? std::string("0.0") : json_text(finite(c.relative));
    out += '}';
  }
  return out + "]";
}

std::vector<CellChange> cells_of(const Json& list) {
  std::vector<CellChange> cells;
  for (const Json& j : list) {
    CellChange& c = cells.emplace_back();
    std::string kind = j.at("kind");
    for (std::size_t i = 0; i < std::size(kCellKinds); ++i)
      if (kind == kCellKinds[i]) c.kind = static_cast<CellChange::Kind>(i);
    c.series = j.at("series");
    c.period = j.at("period");
    c.component = j.at("component");
    c.before = j.at("before");
    c.after = j.at("after");
    c.relative = j.at("relative");
  }
  return cells;
}

HoldReason hold_reason_of(std::string_view name) {
  for (HoldReason r : {HoldReason::kAssurance, HoldReason::kLargeChange, HoldReason::kAppend,
                       HoldReason::kOlder, HoldReason::kEffects, HoldReason::kTouched})
    if (hold_reason_name(r) == name) return r;
  return HoldReason::kNone;
}

Action action_of(std::string_view name) {
  for (Action a : {Action::kAppend, Action::kDelete, Action::kInformation, Action::kMerge})
    if (action_name(a) == name) return a;
  return Action::kReplace;
}

std::int64_t signed_of(std::uint64_t n) {
  return static_cast<std::int64_t>(n);
}
std::uint64_t count_of(Statement& rows, int column) {
  return static_cast<std::uint64_t>(rows.integer(column));
}
std::uint32_t small_of(Statement& rows, int column) {
  return static_cast<std::uint32_t>(rows.integer(column));
}

/// The columns of FP_DOCKET_COLUMNS after id, year and serial, from parameter 4 on.
void bind_facts(Statement& statement, const DocketRecord& r) {
  const Docket& d = r.docket;
  int i = 4;
  statement.bind(i++, std::int64_t{d.attempt});
  statement.bind(i++, d.message_id);
  statement.bind(i++, d.subject);
  statement.bind(i++, d.sender.address);
  statement.bind(i++, d.sender.display);
  statement.bind(i++, std::int64_t{d.sender.registered});
  statement.bind(i++, d.sender.provider);
  statement.bind(i++, d.sender.contact);
  statement.bind(i++, d.sender.lang);
  statement.bind(i++, static_cast<std::int64_t>(d.sender.assurance));
  statement.bind(i++, to_millis(d.received));
  statement.bind(i++, to_millis(r.finished));
  statement.bind(i++, outcome_name(d.outcome));
  statement.bind(i++, r.folder);
  statement.bind(i++, d.reason);
  if (r.kept)
    statement.bind(i, std::int64_t{r.kept->segment}).bind(i + 1, signed_of(r.kept->offset));
  else
    statement.bind_null(i).bind_null(i + 1);
  statement.bind(i + 2, r.content_hash);
}

DocketRecord read_facts(Statement& rows) {
  DocketRecord r;
  Docket& d = r.docket;
  d.id = rows.integer(0);
  d.number = {static_cast<int>(rows.integer(1)), small_of(rows, 2)};
  d.attempt = small_of(rows, 3);
  d.message_id = rows.string(4);
  d.subject = rows.string(5);
  d.sender.address = rows.string(6);
  d.sender.display = rows.string(7);
  d.sender.registered = rows.integer(8) != 0;
  d.sender.provider = rows.string(9);
  d.sender.contact = rows.string(10);
  d.sender.lang = rows.string(11);
  d.sender.assurance = static_cast<Assurance>(rows.integer(12));
  d.received = from_millis(rows.integer(13));
  r.finished = from_millis(rows.integer(14));
  d.outcome = outcome_from_name(rows.text(15)).value_or(Outcome::kFailed);
  r.folder = rows.string(16);
  d.reason = rows.string(17);
  if (!rows.is_null(18)) r.kept = DocketRecord::Kept{small_of(rows, 18), count_of(rows, 19)};
  r.content_hash = rows.string(20);
  return r;
}

}  // namespace

Status Dockets::open(DocketRecord& record, const MessageKey& key) {
  FP_TRY(statements_.need_transaction("a docket is opened"));
  Docket& docket = record.docket;
  int year = year_of(docket.received);
  {
    FP_ASSIGN(auto rows,
              statements_.get("SELECT coalesce(max(serial), 0) + 1 FROM docket WHERE year = ?"));
    rows->bind_all(year);
    FP_TRY(rows->step());
    docket.number = {year, small_of(*rows, 0)};
  }
  {
    FP_ASSIGN(auto insert,
              statements_.get("INSERT INTO docket (" FP_DOCKET_COLUMNS ") VALUES (?, ?, ?, ?, ?, "
                              "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
    insert->bind_null(1).bind(2, year).bind(3, std::int64_t{docket.number.serial});
    bind_facts(*insert, record);
    FP_TRY(insert->run());
  }
  docket.id = statements_.database().last_row();
  return join(docket.id, key);
}

Status Dockets::join(std::int64_t docket, const MessageKey& key) {
  return statements_.run(
      "INSERT INTO docket_message (mailbox, folder, uid_validity, uid, docket) "
      "VALUES (?, ?, ?, ?, ?) ON CONFLICT (mailbox, folder, uid_validity, uid) "
      "DO UPDATE SET docket = excluded.docket",
      key.mailbox, key.folder, key.uid_validity, key.uid, docket);
}

Status Dockets::leave(const MessageKey& key) {
  return statements_.run(
      "DELETE FROM docket_message WHERE mailbox = ? AND folder = ? AND uid_validity = ? AND uid = "
      "?",
      key.mailbox, key.folder, key.uid_validity, key.uid);
}

Status Dockets::finish(const DocketRecord& record) {
  FP_TRY(statements_.need_transaction("a docket is finished"));
  {
    FP_ASSIGN(auto update,
              statements_.get(
                  "UPDATE docket SET attempt = ?4, message_id = ?5, subject = ?6, address = ?7, "
                  "display = ?8, registered = ?9, provider = ?10, contact = ?11, lang = ?12, "
                  "assurance = ?13, received_at = ?14, finished_at = ?15, outcome = ?16, "
                  "folder = ?17, reason = ?18, kept_segment = ?19, kept_offset = ?20, "
                  "content_hash = ?21 WHERE id = ?1"));
    update->bind(1, record.docket.id);
    bind_facts(*update, record);
    FP_TRY(update->run());
  }
  if (statements_.database().changes() != 1)
    return bug(
        fmt::format("docket {} is finished without being opened", record.docket.number.text()));
  const Sender& sender = record.docket.sender;
  FP_TRY(
      statements_.run("INSERT INTO docket_trust (docket, why, detail, remark) VALUES (?, ?, ?, ?) "
                      "ON CONFLICT (docket) DO UPDATE SET why = excluded.why, "
                      "detail = excluded.detail, remark = excluded.remark",
                      record.docket.id, sender.why, sender.why_detail, sender.remark));
  FP_TRY(statements_.run("DELETE FROM item WHERE docket = ?", record.docket.id));
  for (const Item& item : record.docket.items) FP_TRY(write_item(record.docket.id, item));
  return {};
}

Status Dockets::write_item(std::int64_t docket, const Item& item) {
  FP_TRY(statements_.run(
      "INSERT INTO item (docket, number, path, kind, sha256, outcome, hold, "
      "test, prepared, errors, warnings, infos) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      docket, item.number, item.path, item.kind, item.sha256, outcome_name(item.outcome),
      hold_reason_name(item.hold), item.test, item.prepared, signed_of(item.errors),
      signed_of(item.warnings), signed_of(item.infos)));
  std::int64_t position = 0;
  for (const DatasetOutcome& set : item.datasets) {
    std::string areas = json_text(set.areas), cells = cells_json(set.change.cells);
    FP_ASSIGN(auto insert,
              statements_.get("INSERT INTO item_dataset (docket, item, position, structure, "
                              "dataflow, action, series, observations, first_period, last_period, "
                              "areas, created, revised, unchanged, withdrawn, left_alone, "
                              "series_touched, cells, largest_relative) "
                              "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
    insert->bind_all(docket, item.number, position++, set.structure, set.name_lang_id,
                     action_name(set.action), signed_of(set.series), signed_of(set.observations),
                     set.first_period, set.last_period, areas, signed_of(set.change.created),
                     signed_of(set.change.revised), signed_of(set.change.unchanged),
                     signed_of(set.change.withdrawn), signed_of(set.change.left),
                     signed_of(set.change.series), cells);
    insert->bind_real(19, finite(set.change.largest_relative));
    FP_TRY(insert->run());
  }
  std::int64_t seq = 0;
  for (const Finding& f : item.findings) {
    std::string suggestions = json_text(f.suggestions);
    FP_ASSIGN(auto insert,
              statements_.get("INSERT INTO finding (docket, item, seq, dataset, rule, line, col, "
                              "series, period, component, value, expected, suggestions, detail, "
                              "count) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
    insert->bind_all(docket, item.number, seq++, f.dataset, f.rule->id, f.at.line, f.at.column,
                     f.series, f.period, f.component, f.value, f.expected, suggestions, f.detail,
                     signed_of(f.count));
    if (f.dataset == Finding::kNoDataset) insert->bind_null(4);
    FP_TRY(insert->run());
  }
  return {};
}

Status Dockets::read_items(DocketRecord& record) {
  std::vector<Item>& items = record.docket.items;
  {
    FP_ASSIGN(auto rows,
              statements_.get("SELECT number, path, kind, sha256, outcome, hold, test, prepared, "
                              "errors, warnings, infos FROM item WHERE docket = ? "
                              "ORDER BY number"));
    rows->bind_all(record.docket.id);
    for (;;) {
      FP_ASSIGN(bool row, rows->step());
      if (!row) break;
      Item& item = items.emplace_back();
      item.number = small_of(*rows, 0);
      item.path = rows->string(1);
      item.kind = rows->string(2);
      item.sha256 = rows->string(3);
      item.outcome = outcome_from_name(rows->text(4)).value_or(Outcome::kFailed);
      item.hold = hold_reason_of(rows->text(5));
      item.test = rows->integer(6) != 0;
      item.prepared = rows->string(7);
      item.errors = count_of(*rows, 8);
      item.warnings = count_of(*rows, 9);
      item.infos = count_of(*rows, 10);
    }
  }
  for (Item& item : items) {
    FP_ASSIGN(auto sets,
              statements_.get("SELECT structure, dataflow, action, series, observations, "
                              "first_period, last_period, areas, created, revised, unchanged, "
                              "withdrawn, left_alone, series_touched, largest_relative, cells "
                              "FROM item_dataset WHERE docket = ? AND item = ? ORDER BY position"));
    sets->bind_all(record.docket.id, item.number);
    for (;;) {
      FP_ASSIGN(bool row, sets->step());
      if (!row) break;
      DatasetOutcome& set = item.datasets.emplace_back();
      set.structure = sets->string(0);
      set.name_lang_id = sets->string(1);
      set.action = action_of(sets->text(2));
      set.series = count_of(*sets, 3);
      set.observations = count_of(*sets, 4);
      set.first_period = sets->string(5);
      set.last_period = sets->string(6);
      FP_TRY(read_json(sets->text(7), [&](const Json& j) { set.areas = j; }));
      set.change.created = count_of(*sets, 8);
      set.change.revised = count_of(*sets, 9);
      set.change.unchanged = count_of(*sets, 10);
      set.change.withdrawn = count_of(*sets, 11);
      set.change.left = count_of(*sets, 12);
      set.change.series = count_of(*sets, 13);
      set.change.largest_relative = sets->real(14);
      FP_TRY(read_json(sets->text(15), [&](const Json& j) { set.change.cells = cells_of(j); }));
    }
    FP_ASSIGN(auto rows,
              statements_.get("SELECT rule, dataset, line, col, series, period, component, value, "
                              "expected, suggestions, detail, count FROM finding "
                              "WHERE docket = ? AND item = ? ORDER BY seq"));
    rows->bind_all(record.docket.id, item.number);
    for (;;) {
      FP_ASSIGN(bool row, rows->step());
      if (!row) break;
      const Rule* rule = find_rule(rows->text(0));
      if (!rule) continue;
      Finding& f = item.findings.emplace_back();
      f.rule = rule;
      if (!rows->is_null(1)) f.dataset = small_of(*rows, 1);
      f.at = {small_of(*rows, 2), small_of(*rows, 3)};
      f.series = rows->string(4);
      f.period = rows->string(5);
      f.component = rows->string(6);
      f.value = rows->string(7);
      f.expected = rows->string(8);
      FP_TRY(read_json(rows->text(9), [&](const Json& j) { f.suggestions = j; }));
      f.detail = rows->string(10);
      f.count = count_of(*rows, 11);
    }
  }
  return {};
}

Result<std::optional<DocketRecord>> Dockets::complete(std::optional<std::int64_t> id) {
  if (!id) return std::optional<DocketRecord>{};
  std::optional<DocketRecord> result;
  {
    FP_ASSIGN(auto rows, statements_.get("SELECT " FP_DOCKET_COLUMNS " FROM docket WHERE id = ?"));
    rows->bind_all(*id);
    FP_ASSIGN(bool row, rows->step());
    if (!row) return result;
    result = read_facts(*rows);
  }
  {
    FP_ASSIGN(auto rows,
              statements_.get("SELECT why, detail, remark FROM docket_trust WHERE docket = ?"));
    rows->bind_all(*id);
    FP_ASSIGN(bool row, rows->step());
    Sender& sender = result->docket.sender;
    // A docket of a store of version 2 has none.
    if (row) {
      sender.why = rows->string(0);
      sender.why_detail = rows->string(1);
      sender.remark = rows->string(2);
    }
  }
  FP_TRY(read_items(*result));
  return result;
}

namespace {
/// The first column of the first row.
Result<std::optional<std::int64_t>> first_id(Statement& rows) {
  FP_ASSIGN(bool row, rows.step());
  return row ? std::optional(rows.integer(0)) : std::nullopt;
}
}  // namespace

Result<std::optional<DocketRecord>> Dockets::find(std::int64_t id) {
  return complete(id);
}

Result<std::optional<DocketRecord>> Dockets::find(DocketNumber number) {
  FP_ASSIGN(auto rows, statements_.get("SELECT id FROM docket WHERE year = ? AND serial = ?"));
  rows->bind_all(number.year, number.serial);
  FP_ASSIGN(auto id, first_id(*rows));
  return complete(id);
}

Result<std::optional<DocketRecord>> Dockets::find(const MessageKey& key) {
  FP_ASSIGN(auto rows, statements_.get("SELECT docket FROM docket_message WHERE mailbox = ? AND "
                                       "folder = ? AND uid_validity = ? AND uid = ?"));
  rows->bind_all(key.mailbox, key.folder, key.uid_validity, key.uid);
  FP_ASSIGN(auto id, first_id(*rows));
  return complete(id);
}

Result<std::optional<DocketRecord>> Dockets::find_redelivery(std::string_view address,
                                                             std::string_view message_id,
                                                             std::string_view content_hash) {
  if (message_id.empty() || content_hash.empty()) return std::optional<DocketRecord>{};
  FP_ASSIGN(auto rows, statements_.get("SELECT id FROM docket WHERE message_id = ? AND "
                                       "address = ? AND content_hash = ? ORDER BY id LIMIT 1"));
  rows->bind_all(message_id, address, content_hash);
  FP_ASSIGN(auto id, first_id(*rows));
  return complete(id);
}

Result<bool> Dockets::seen(std::string_view address, std::string_view message_id) {
  if (message_id.empty()) return false;
  FP_ASSIGN(auto rows,
            statements_.get("SELECT 1 FROM docket WHERE message_id = ? AND address = ? LIMIT 1"));
  rows->bind_all(message_id, address);
  return rows->step();
}

namespace {

Result<std::vector<DocketRecord>> all_facts(Statement& rows) {
  std::vector<DocketRecord> result;
  for (;;) {
    FP_ASSIGN(bool row, rows.step());
    if (!row) return result;
    result.push_back(read_facts(rows));
  }
}

}  // namespace

Result<std::vector<DocketRecord>> Dockets::latest(std::size_t count) {
  FP_ASSIGN(auto rows, statements_.get("SELECT " FP_DOCKET_COLUMNS
                                       " FROM docket ORDER BY received_at DESC, id DESC LIMIT ?"));
  rows->bind_all(static_cast<std::int64_t>(count));
  return all_facts(*rows);
}

Result<std::vector<DocketRecord>> Dockets::latest_of(std::string_view address, std::size_t count) {
  FP_ASSIGN(auto rows,
            statements_.get("SELECT " FP_DOCKET_COLUMNS
                            " FROM docket WHERE address=? ORDER BY received_at DESC, id DESC "
                            "LIMIT ?"));
  rows->bind_all(address, static_cast<std::int64_t>(count));
  return all_facts(*rows);
}

Result<std::vector<HeldItem>> Dockets::held() {
  FP_ASSIGN(auto rows,
            statements_.get("SELECT d.id, d.year, d.serial, i.number, i.path, i.hold, d.address, "
                            "d.provider, d.contact, d.received_at, d.finished_at "
                            "FROM item i JOIN docket d ON d.id = i.docket "
                            "WHERE i.outcome = 'held' ORDER BY d.received_at, d.id, i.number"));
  std::vector<HeldItem> result;
  for (;;) {
    FP_ASSIGN(bool row, rows->step());
    if (!row) return result;
    HeldItem& held = result.emplace_back();
    held.docket = rows->integer(0);
    held.number = {static_cast<int>(rows->integer(1)), small_of(*rows, 2)};
    held.item = small_of(*rows, 3);
    held.path = rows->string(4);
    held.reason = hold_reason_of(rows->text(5));
    held.address = rows->string(6);
    held.provider = rows->string(7);
    held.contact = rows->string(8);
    held.received = from_millis(rows->integer(9));
    held.finished = from_millis(rows->integer(10));
  }
}

Result<std::uint64_t> Dockets::held_of(std::string_view provider, std::string_view contact,
                                       std::int64_t but) {
  FP_ASSIGN(auto rows, statements_.get("SELECT count(*) FROM item i JOIN docket d "
                                       "ON d.id = i.docket WHERE i.outcome = 'held' "
                                       "AND d.provider = ? AND d.contact = ? AND d.id <> ?"));
  rows->bind_all(provider, contact, but);
  FP_TRY(rows->step());
  return count_of(*rows, 0);
}

Result<std::vector<MessageKey>> Dockets::messages(std::int64_t docket) {
  FP_ASSIGN(auto rows, statements_.get("SELECT mailbox, folder, uid_validity, uid "
                                       "FROM docket_message WHERE docket = ?"));
  rows->bind_all(docket);
  std::vector<MessageKey> result;
  for (;;) {
    FP_ASSIGN(bool row, rows->step());
    if (!row) return result;
    result.push_back({rows->string(0), rows->string(1), rows->integer(2), rows->string(3)});
  }
}

}  // namespace focalpost
