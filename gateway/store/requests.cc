// SPDX-License-Identifier: Apache-2.0
#include "store/requests.h"

#include <fmt/format.h>

#include <array>

#include "base/text.h"

namespace focalpost {
namespace {

constexpr std::array<std::string_view, 6> kRequestStates = {"unconfirmed", "open",   "answered",
                                                            "declined",    "closed", "lapsed"};
constexpr std::array<std::string_view, 3> kLetters = {"ask", "confirm", "answer"};

std::string join(const std::vector<std::string>& parts, char separator) {
  std::string made;
  for (const std::string& part : parts) {
    if (!made.empty()) made += separator;
    made += part;
  }
  return made;
}

std::vector<std::string> parts_of(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (std::string_view part : split(text, separator))
    if (!part.empty()) parts.emplace_back(part);
  return parts;
}

void bind_time(Statement& statement, int place, const std::optional<Time>& time) {
  time ? statement.bind(place, to_millis(*time)) : statement.bind_null(place);
}

std::optional<Time> time_at(Statement& rows, int column) {
  if (rows.is_null(column)) return {};
  return from_millis(rows.integer(column));
}

#define FP_REQUEST_COLUMNS                                                                   \
  "r.id, r.docket, r.part, d.year, d.serial, r.asker, r.provider, r.contact, r.lang, "       \
  "r.sure, r.thread, r.subject, r.areas, r.flows, r.question, r.state, r.with_address, "     \
  "r.with_role, r.with_provider, r.with_contact, r.opened_at, r.passed_at, r.reminded_at, "  \
  "r.reminders, r.settled_at, r.said, r.is_public, r.move_due FROM request r JOIN docket d " \
  "ON d.id = r.docket "

}  // namespace

std::string_view request_state_name(RequestState state) {
  return kRequestStates[static_cast<std::size_t>(state)];
}

std::string Request::name() const {
  return part == 1 ? number.text() : fmt::format("{}-{}", number.text(), part);
}

Status Requests::add(Request& request) {
  FP_TRY(statements_.need_transaction("a request is opened"));
  FP_TRY(statements_.run(
      "INSERT INTO request (docket, part, asker, provider, contact, lang, sure, thread, subject, "
      "areas, flows, question, state, with_address, with_role, with_provider, with_contact, "
      "opened_at, reminders, said, is_public, move_due) "
      "VALUES (?, ?, '', '', '', '', 0, '', '', '', '', '', '', '', '', '', '', 0, 0, '', 0, 0)",
      request.docket, std::int64_t{request.part}));
  request.id = statements_.database().last_row();
  return update(request);
}

Status Requests::update(const Request& request) {
  FP_TRY(statements_.need_transaction("a request changes"));
  FP_ASSIGN(
      auto update,
      statements_.get("UPDATE request SET asker = ?, provider = ?, contact = ?, lang = ?, "
                      "sure = ?, thread = ?, subject = ?, areas = ?, flows = ?, question = ?, "
                      "state = ?, with_address = ?, with_role = ?, with_provider = ?, "
                      "with_contact = ?, opened_at = ?, reminders = ?, said = ?, is_public = ?, "
                      "move_due = ?, passed_at = ?, reminded_at = ?, settled_at = ? WHERE id = ?"));
  // What is bound must live until the statement has run.
  const std::string asker = ascii_lower(request.asker), with = ascii_lower(request.with.address),
                    thread = join(request.thread, ' '), areas = join(request.areas, ','),
                    flows = join(request.flows, ',');
  update->bind_all(asker, request.provider, request.contact, request.lang,
                   std::int64_t{request.sure}, thread, request.subject, areas, flows,
                   request.question, request_state_name(request.state), with, request.with.role,
                   request.with.provider, request.with.contact, to_millis(request.opened),
                   std::int64_t{request.reminders}, request.said, std::int64_t{request.is_public},
                   std::int64_t{request.move_due});
  bind_time(*update, 21, request.passed_on);
  bind_time(*update, 22, request.reminded);
  bind_time(*update, 23, request.settled);
  update->bind(24, request.id);
  return update->run();
}

Status Requests::note(std::int64_t request, const RequestEvent& event) {
  FP_TRY(statements_.need_transaction("what became of a request is noted"));
  FP_ASSIGN(auto insert,
            statements_.get("INSERT INTO request_event (request, seq, at, what, who, said_in) "
                            "SELECT ?1, count(*), ?2, ?3, ?4, ?5 FROM request_event "
                            "WHERE request = ?1"));
  insert->bind_all(request, to_millis(event.at), event.what, event.who);
  event.said_in ? insert->bind(5, *event.said_in) : insert->bind_null(5);
  return insert->run();
}

Status Requests::add_letter(RequestLetter& letter) {
  FP_TRY(statements_.need_transaction("a letter about a request is noted"));
  letter.address = ascii_lower(letter.address);
  FP_TRY(
      statements_.run("INSERT INTO request_letter (request, kind, address, provider, contact, at) "
                      "VALUES (?, ?, ?, ?, ?, ?)",
                      letter.request, kLetters[static_cast<std::size_t>(letter.kind)],
                      letter.address, letter.provider, letter.contact, to_millis(letter.at)));
  letter.id = statements_.database().last_row();
  return {};
}

Status Requests::add_files(std::int64_t request, std::string_view kind,
                           std::span<const RequestFile> files) {
  FP_TRY(statements_.need_transaction("files of a request are kept"));
  FP_TRY(statements_.run("DELETE FROM request_file WHERE request = ? AND kind = ?", request, kind));
  for (std::size_t i = 0; i < files.size(); ++i) {
    FP_ASSIGN(auto insert,
              statements_.get("INSERT INTO request_file (request, kind, position, name, "
                              "media_type, bytes) VALUES (?, ?, ?, ?, ?, ?)"));
    insert->bind_all(request, kind, static_cast<std::int64_t>(i), files[i].name,
                     files[i].media_type);
    insert->bind_blob(6, files[i].bytes);
    FP_TRY(insert->run());
  }
  return {};
}

Result<std::vector<Request>> Requests::read(Statements::Use rows) {
  std::vector<Request> all;
  for (;;) {
    FP_ASSIGN(bool row, rows->step());
    if (!row) return all;
    Request& one = all.emplace_back();
    one.id = rows->integer(0);
    one.docket = rows->integer(1);
    one.part = static_cast<std::uint32_t>(rows->integer(2));
    one.number = {static_cast<int>(rows->integer(3)), static_cast<std::uint32_t>(rows->integer(4))};
    one.asker = rows->string(5);
    one.provider = rows->string(6);
    one.contact = rows->string(7);
    one.lang = rows->string(8);
    one.sure = rows->integer(9) != 0;
    one.thread = parts_of(rows->text(10), ' ');
    one.subject = rows->string(11);
    one.areas = parts_of(rows->text(12), ',');
    one.flows = parts_of(rows->text(13), ',');
    one.question = rows->string(14);
    for (std::size_t s = 0; s < kRequestStates.size(); ++s)
      if (kRequestStates[s] == rows->text(15)) one.state = static_cast<RequestState>(s);
    one.with = {rows->string(16), rows->string(17), rows->string(18), rows->string(19)};
    one.opened = from_millis(rows->integer(20));
    one.passed_on = time_at(*rows, 21);
    one.reminded = time_at(*rows, 22);
    one.reminders = static_cast<std::uint32_t>(rows->integer(23));
    one.settled = time_at(*rows, 24);
    one.said = rows->string(25);
    one.is_public = rows->integer(26) != 0;
    one.move_due = rows->integer(27) != 0;
  }
}

Result<std::optional<Request>> Requests::find(std::int64_t id) {
  FP_ASSIGN(auto rows, statements_.get("SELECT " FP_REQUEST_COLUMNS "WHERE r.id = ?"));
  rows->bind_all(id);
  FP_ASSIGN(auto found, read(std::move(rows)));
  return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

Result<std::vector<Request>> Requests::of_docket(std::int64_t docket) {
  FP_ASSIGN(auto rows,
            statements_.get("SELECT " FP_REQUEST_COLUMNS "WHERE r.docket = ? ORDER BY r.part"));
  rows->bind_all(docket);
  return read(std::move(rows));
}

Result<std::optional<RequestLetter>> Requests::letter(std::int64_t id) {
  FP_ASSIGN(auto rows, statements_.get("SELECT id, request, kind, address, provider, contact, at "
                                       "FROM request_letter WHERE id = ?"));
  rows->bind_all(id);
  FP_ASSIGN(bool row, rows->step());
  if (!row) return std::optional<RequestLetter>();
  RequestLetter letter;
  letter.id = rows->integer(0);
  letter.request = rows->integer(1);
  for (std::size_t k = 0; k < kLetters.size(); ++k)
    if (kLetters[k] == rows->text(2)) letter.kind = static_cast<RequestLetter::Kind>(k);
  letter.address = rows->string(3);
  letter.provider = rows->string(4);
  letter.contact = rows->string(5);
  letter.at = from_millis(rows->integer(6));
  return std::optional(std::move(letter));
}

Result<std::vector<RequestEvent>> Requests::events(std::int64_t request) {
  FP_ASSIGN(auto rows, statements_.get("SELECT at, what, who, said_in FROM request_event "
                                       "WHERE request = ? ORDER BY seq"));
  rows->bind_all(request);
  std::vector<RequestEvent> all;
  for (;;) {
    FP_ASSIGN(bool row, rows->step());
    if (!row) return all;
    RequestEvent& one = all.emplace_back();
    one.at = from_millis(rows->integer(0));
    one.what = rows->string(1);
    one.who = rows->string(2);
    if (!rows->is_null(3)) one.said_in = rows->integer(3);
  }
}

Result<std::vector<RequestFile>> Requests::files(std::int64_t request, std::string_view kind) {
  FP_ASSIGN(auto rows, statements_.get("SELECT name, media_type, bytes FROM request_file "
                                       "WHERE request = ? AND kind = ? ORDER BY position"));
  rows->bind_all(request, kind);
  std::vector<RequestFile> all;
  for (;;) {
    FP_ASSIGN(bool row, rows->step());
    if (!row) return all;
    all.push_back({rows->string(0), rows->string(1), rows->string(2)});
  }
}

Result<std::vector<Request>> Requests::open() {
  FP_ASSIGN(auto rows, statements_.get("SELECT " FP_REQUEST_COLUMNS
                                       "WHERE r.state = 'open' ORDER BY r.opened_at, r.id"));
  return read(std::move(rows));
}

Result<std::vector<Request>> Requests::unconfirmed() {
  FP_ASSIGN(auto rows, statements_.get("SELECT " FP_REQUEST_COLUMNS
                                       "WHERE r.state = 'unconfirmed' ORDER BY r.opened_at, r.id"));
  return read(std::move(rows));
}

Result<std::uint64_t> Requests::open_of(std::string_view asker) {
  const std::string lower = ascii_lower(asker);
  FP_ASSIGN(auto rows, statements_.get("SELECT count(*) FROM request WHERE asker = ? "
                                       "AND state IN ('open', 'unconfirmed')"));
  rows->bind_all(lower);
  FP_TRY(rows->step());
  return static_cast<std::uint64_t>(rows->integer(0));
}

Result<std::optional<RequestEvent>> Requests::done_by(std::int64_t docket) {
  FP_ASSIGN(auto rows, statements_.get("SELECT at, what, who FROM request_event "
                                       "WHERE said_in = ? ORDER BY at LIMIT 1"));
  rows->bind_all(docket);
  FP_ASSIGN(bool row, rows->step());
  if (!row) return std::optional<RequestEvent>();
  return std::optional(
      RequestEvent{from_millis(rows->integer(0)), rows->string(1), rows->string(2), docket});
}

Result<std::vector<std::int64_t>> Requests::to_move() {
  FP_ASSIGN(auto rows, statements_.get("SELECT DISTINCT docket FROM request WHERE move_due = 1 "
                                       "ORDER BY docket"));
  std::vector<std::int64_t> all;
  for (;;) {
    FP_ASSIGN(bool row, rows->step());
    if (!row) return all;
    all.push_back(rows->integer(0));
  }
}

Status Requests::moved(std::int64_t docket) {
  return statements_.run("UPDATE request SET move_due = 0 WHERE docket = ?", docket);
}

Result<std::vector<Request>> Requests::public_answers(std::string_view area, std::string_view flow,
                                                      std::size_t most) {
  FP_ASSIGN(
      auto rows,
      statements_.get("SELECT " FP_REQUEST_COLUMNS "WHERE r.is_public = 1 AND r.state = 'answered' "
                      "AND (?1 = '' OR instr(',' || r.areas || ',', ',' || ?1 || ',') > 0) "
                      "AND (?2 = '' OR instr(',' || r.flows || ',', ',' || ?2 || ',') > 0) "
                      "ORDER BY r.settled_at DESC, r.id DESC LIMIT ?3"));
  rows->bind_all(area, flow, static_cast<std::int64_t>(most));
  return read(std::move(rows));
}

Result<std::vector<Request>> Requests::public_answers_about(const std::vector<std::string>& areas,
                                                            const std::vector<std::string>& flows,
                                                            std::size_t most) {
  const std::string of_areas = join(areas, ','), of_flows = join(flows, ',');
  FP_ASSIGN(auto rows,
            statements_.get("SELECT " FP_REQUEST_COLUMNS
                            "WHERE r.is_public = 1 AND r.areas = ?1 AND r.flows = ?2 "
                            "AND r.state = 'answered' ORDER BY r.settled_at DESC LIMIT ?3"));
  rows->bind_all(of_areas, of_flows, static_cast<std::int64_t>(most));
  return read(std::move(rows));
}

Status Requests::forget_asker(std::int64_t request) {
  return statements_.run("UPDATE request SET asker = '', thread = '' WHERE id = ?", request);
}

Status Requests::forget_texts(std::int64_t docket) {
  FP_TRY(statements_.need_transaction("texts are forgotten"));
  FP_TRY(statements_.run(
      "DELETE FROM request_file WHERE request IN (SELECT id FROM request WHERE docket = ?)",
      docket));
  return statements_.run(
      "UPDATE request SET subject = '', question = '', said = '', is_public = 0 WHERE docket = ?",
      docket);
}

}  // namespace focalpost
