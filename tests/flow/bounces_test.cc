// SPDX-License-Identifier: Apache-2.0
//
// Reports about mail that did not arrive: which are believed, and what they change.
#include "flow/bounces.h"

#include <chrono>
#include <thread>

#include "catch.h"
#include "outgoing.h"
#include "servers/dovecot.h"
#include "servers/postfix.h"
#include "smtp/fake_smtp.h"

using namespace lab;
using focalpost::smtp::FakeSmtp;

namespace {

using mime::BounceKind;
using std::chrono::hours;

constexpr const char* kFocal = "asylum.statistics@migration.kg.example";
constexpr const char* kPlain = "dsn = true\n";  // no bounce address

/// A report as Postfix writes it, with the parts that matter.
struct Report {
  std::string to = "gateway@network.example";
  std::string envelope_id;
  std::string recipient = kFocal;
  std::string action = "failed";
  std::string status = "5.1.1";
  std::string said = "550 5.1.1 no such user";
  std::string returned_id;

  std::string bytes() const {
    std::string text = fmt::format(
        "Return-Path: <>\r\nFrom: MAILER-DAEMON@relay.example (Mail Delivery System)\r\nTo: {}\r\n"
        "Subject: Undelivered Mail Returned to Sender\r\nDate: Wed, 20 May 2026 09:00:00 +0000\r\n"
        "Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\r\n\r\n"
        "--b\r\nContent-Type: text/plain\r\n\r\nYour message could not be delivered.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; relay.example\r\n",
        to);
    if (!envelope_id.empty()) text += "Original-Envelope-Id: " + envelope_id + "\r\n";
    text += fmt::format(
        "\r\nFinal-Recipient: rfc822; {}\r\nAction: {}\r\nStatus: {}\r\n"
        "Diagnostic-Code: smtp; {}\r\n",
        recipient, action, status, said);
    if (!returned_id.empty())
      text += fmt::format(
          "\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: gateway@network.example\r\n"
          "Subject: Reminder\r\nMessage-ID: {}\r\n\r\nText.\r\n",
          returned_id);
    return text + "\r\n--b--\r\n";
  }
};

std::optional<NotedBounce> note(Post& post, const std::string& raw) {
  mime::Message message = mime::parse(raw, Limits{});
  mime::OwnMarks marks{kGatewayId, "id.network.example"};
  Transaction transaction = must(post.store().begin());
  auto noted = must(
      note_bounce(post.lab.home(), message, mime::classify(message, marks), post.lab.clock.now()));
  must(transaction.commit());
  return noted;
}
NotedBounce note(Post& post, const Report& report) {
  auto noted = note(post, report.bytes());
  REQUIRE(noted.has_value());
  return *noted;
}

/// Everything that a report could change.
std::vector<std::string> all_state(Post& post) {
  auto all = post.rows("SELECT * FROM outbox");
  for (const char* table : {"address_trouble", "event", "reply_log"})
    for (std::string& row : post.rows(fmt::format("SELECT * FROM {}", table)))
      all.push_back(std::move(row));
  return all;
}

/// Sends a message and has it come back.
std::int64_t come_back(Post& post, const std::string& name, const char* to = kFocal) {
  std::int64_t id = post.put("digest", to, name);
  post.run();
  Report report;
  report.to = post.return_path(id);
  report.recipient = to;
  CHECK(note(post, report).row == id);
  return id;
}

/// Recipients of letters to coordinators.
std::vector<std::string> told(Post& post) {
  return post.rows("SELECT recipient FROM outbox WHERE kind = 'undeliverable' ORDER BY id");
}

}  // namespace

TEST_CASE("a report with the tag is tied to its row, and charges the address") {
  FakeSmtp server;
  Post post(server.port());
  std::int64_t id = post.put("digest", kFocal, "digest");
  post.run();
  Report report;
  report.to = post.return_path(id);
  NotedBounce noted = note(post, report);
  CHECK(noted.kind == BounceKind::kHard);
  CHECK(noted.row == id);
  CHECK(noted.recipient == kFocal);
  CHECK(noted.sentence() == fmt::format("{} is not reached: 550 5.1.1 no such user", kFocal));
  OutboxEntry row = post.row(id);
  CHECK(row.state == OutboxState::kBounced);
  CHECK(row.last_error == "550 5.1.1 no such user");
  CHECK(row.settled == post.lab.clock.now());
  auto trouble = must(post.store().correspondents().trouble(kFocal));
  REQUIRE(trouble.has_value());
  CHECK(trouble->bounces == 1);
  CHECK(trouble->text == "550 5.1.1 no such user");
  CHECK(post.event_says(kFocal));

  // The same once more, as a Retry would bring it: nothing counts twice.
  CHECK(note(post, report).row == id);
  CHECK(must(post.store().correspondents().trouble(kFocal))->bounces == 1);
}

TEST_CASE("a tag counts wherever the server shows it, and whatever the address was passed on to") {
  FakeSmtp server;
  Post post(server.port());
  std::int64_t a = post.put("digest", kFocal, "a"), b = post.put("digest", kFocal, "b");
  post.run();
  Report report;
  report.envelope_id = post.tag(a);
  CHECK(note(post, report).row == a);
  report = {};
  report.to = ascii_lower(post.return_path(b));
  report.recipient = "somebody.else@elsewhere.example";
  NotedBounce noted = note(post, report);
  CHECK(noted.row == b);
  // Charged is whom we wrote to.
  CHECK(post.rows("SELECT address, bounces FROM address_trouble") ==
        std::vector<std::string>{std::string(kFocal) + "|2"});
}

TEST_CASE("without a bounce address a report is tied by Message-ID and recipient") {
  FakeSmtp server;
  Post post(server.port(), kPlain);
  std::int64_t id = post.put("digest", kFocal, "digest");
  post.run();
  CHECK(post.row(id).envelope_from == "gateway@network.example");
  Report report;
  report.returned_id = "<digest@id.network.example>";
  CHECK(note(post, report).row == id);
  CHECK(post.state(id) == OutboxState::kBounced);
}

TEST_CASE("a report that is forged, or not about mail of ours, changes nothing") {
  FakeSmtp server;
  Post plain(server.port(), kPlain);
  std::int64_t digest = plain.put("digest", kFocal, "digest");
  plain.put("receipt", kFocal, "receipt");
  plain.run();
  std::int64_t waiting = plain.put("digest", kFocal, "waiting");
  auto before = all_state(plain);
  auto ignored = [&](Post& post, const Report& report) {
    NotedBounce noted = note(post, report);
    CHECK_FALSE(noted.row.has_value());
    CHECK(noted.sentence().find("cannot be tied") != std::string::npos);
  };
  Report report;
  ignored(plain, report);  // names nothing of ours
  report.returned_id = "<digest@id.network.example>";
  report.recipient = "border.statistics@border.md.example";
  ignored(plain, report);  // somebody else
  report.recipient = kFocal;
  report.returned_id = "<receipt@id.network.example>";
  ignored(plain, report);  // left with the null path: cannot come back
  report.returned_id = "<waiting@id.network.example>";
  ignored(plain, report);  // never sent
  report.returned_id = "<stranger@elsewhere.example>";
  ignored(plain, report);
  report = {};
  report.envelope_id = plain.tag(waiting);
  ignored(plain, report);  // a good tag of what was never sent
  report.envelope_id = mime::make_bounce_tag("another key", digest);
  ignored(plain, report);
  CHECK(all_state(plain) == before);

  // Where return paths have tags the Message-ID is no longer enough.
  Post tagged(server.port());
  std::int64_t id = tagged.put("digest", kFocal, "digest");
  tagged.run();
  before = all_state(tagged);
  report = {};
  report.returned_id = "<digest@id.network.example>";
  ignored(tagged, report);
  report.to = fmt::format("gateway+{}@network.example", mime::make_bounce_tag("another key", id));
  ignored(tagged, report);
  report.to = fmt::format("gateway+{}@network.example", tagged.tag(id + 1000));
  ignored(tagged, report);  // ours, but the row is gone
  CHECK(all_state(tagged) == before);

  // An out-of-office is no report.
  std::string away =
      "From: asylum.statistics@migration.kg.example\r\nTo: gateway@network.example\r\n"
      "Subject: Out of office\r\nAuto-Submitted: auto-replied\r\n\r\nI am away.\r\n";
  CHECK_FALSE(note(tagged, away).has_value());
  CHECK(all_state(tagged) == before);
}

TEST_CASE("a full mailbox is not a dead one, a delay not a loss") {
  FakeSmtp server;
  Post post(server.port());
  std::int64_t full = post.put("digest", kFocal, "full"), late = post.put("digest", kFocal, "late");
  post.run();
  Report report;
  report.to = post.return_path(late);
  report.action = "delayed";
  report.status = "4.4.1";
  report.said = "connection timed out";
  CHECK(note(post, report).kind == BounceKind::kDelayed);
  CHECK(post.state(late) == OutboxState::kSent);
  CHECK(post.row(late).last_error == "delayed: connection timed out");

  report.to = post.return_path(full);
  report.action = "failed";
  report.status = "5.2.2";
  report.said = "552 mailbox full";
  CHECK(note(post, report).kind == BounceKind::kSoft);
  // That message is lost all the same.
  CHECK(post.state(full) == OutboxState::kBounced);
  CHECK_FALSE(must(post.store().correspondents().trouble(kFocal)).has_value());
}

TEST_CASE("a report of delivery is a sign of life") {
  FakeSmtp server;
  Post post(server.port());
  come_back(post, "lost");
  std::int64_t id = post.put("digest", kFocal, "arrives");
  post.run();
  Report report;
  report.to = post.return_path(id);
  report.action = "delivered";
  report.status = "2.0.0";
  report.said = "250 ok";
  CHECK(note(post, report).kind == BounceKind::kDelivered);
  CHECK(post.state(id) == OutboxState::kDelivered);
  CHECK_FALSE(must(post.store().correspondents().trouble(kFocal)).has_value());
}

TEST_CASE("the coordinators are told once of an address that stays dead, and again after a month") {
  FakeSmtp server;
  Post post(server.port());
  const std::vector<std::string> both = {"coordinator@network.example",
                                         "coordinator@migration.kg.example"};
  for (int day = 0; day < 3; ++day) {
    CHECK(told(post).empty());
    come_back(post, fmt::format("day-{}", day));
    post.lab.clock.advance(hours(24));
  }
  CHECK(told(post) == both);
  auto dead = must(post.store().correspondents().dead(10));
  REQUIRE(dead.size() == 1);
  CHECK(dead[0].address == kFocal);
  CHECK(dead[0].told.has_value());

  auto letters = post.rows(
      "SELECT id FROM outbox WHERE kind = 'undeliverable' AND recipient LIKE '%.kg.example'");
  REQUIRE(letters.size() == 1);
  std::int64_t id = std::stoll(letters[0]);
  Reply letter;
  letter.raw = must(post.outbox().bytes(id));
  letter.message = mime::parse(letter.raw, Limits{});
  std::string text = letter.text();
  INFO(letter.subject() << "\n" << text);
  CHECK(letter.to() == "coordinator@migration.kg.example");
  CHECK(letter.header("Auto-Submitted") == "auto-generated");
  CHECK(letter.header("Content-Language") == "ru");
  CHECK(letter.subject() ==
        "Контактное лицо недоступно – Кыргызстан: Государственная миграционная служба (пример), "
        "Отдел статистики убежища");
  CHECK(text.find(kFocal) != std::string::npos);
  CHECK(text.find("20 мая 2026") != std::string::npos);
  CHECK(text.find("550 5.1.1 no such user") != std::string::npos);
  CHECK(text.find("Что делать дальше") != std::string::npos);
  CHECK(letter.text("text/html").find(kFocal) != std::string::npos);
  // It leaves like any letter, with a return path of its own.
  post.run();
  CHECK(post.state(id) == OutboxState::kSent);
  CHECK(post.row(id).envelope_from == post.return_path(id));

  // More of the same is no news ...
  come_back(post, "day-4");
  CHECK(told(post).size() == 2);
  // ... but a month later it is.
  post.lab.clock.advance(kTellAgainAfter);
  come_back(post, "month");
  CHECK(told(post).size() == 4);
}

TEST_CASE("what is told begins anew after a sign of life") {
  FakeSmtp server;
  Post post(server.port());
  for (int day = 0; day < 3; ++day) {
    come_back(post, fmt::format("day-{}", day));
    post.lab.clock.advance(hours(24));
  }
  CHECK(told(post).size() == 2);
  must(post.store().correspondents().note_alive(kFocal, post.lab.clock.now()));
  CHECK(must(post.store().correspondents().dead(10)).empty());
  come_back(post, "one");
  CHECK(told(post).size() == 2);
  for (int day = 4; day < 6; ++day) {
    post.lab.clock.advance(hours(24));
    come_back(post, fmt::format("day-{}", day));
  }
  CHECK(told(post).size() == 4);
}

TEST_CASE("refusals at the door count like reports") {
  smtp::Script script;
  script.answer = [](const std::string& command) -> std::string {
    return command.find(kFocal) != std::string::npos ? "550 5.1.1 no such user\r\n" : "";
  };
  FakeSmtp server(script);
  Post post(server.port());
  for (int day = 0; day < 3; ++day) {
    post.put("digest", kFocal, fmt::format("day-{}", day));
    post.run();
    post.lab.clock.advance(hours(24));
  }
  CHECK(told(post).size() == 2);
  CHECK(post.rows("SELECT DISTINCT state FROM outbox WHERE kind = 'undeliverable'") ==
        std::vector<std::string>{"sent"});
}

TEST_CASE("a coordinator who cannot be reached is the other coordinators' matter") {
  FakeSmtp server;
  Post post(server.port());
  const char* coordinator = "coordinator@migration.kg.example";
  for (int day = 0; day < 3; ++day) {
    come_back(post, fmt::format("day-{}", day), coordinator);
    post.lab.clock.advance(hours(24));
  }
  CHECK(told(post) == std::vector<std::string>{"coordinator@network.example"});
  // And is not written to about others.
  for (int day = 3; day < 6; ++day) {
    come_back(post, fmt::format("day-{}", day));
    post.lab.clock.advance(hours(24));
  }
  CHECK(told(post) ==
        std::vector<std::string>{"coordinator@network.example", "coordinator@network.example"});
}

TEST_CASE("nobody is told of a stranger, and the operator if there is nobody else") {
  FakeSmtp server;
  Post post(server.port());
  for (int day = 0; day < 3; ++day) {
    come_back(post, fmt::format("day-{}", day), "stranger@elsewhere.example");
    post.lab.clock.advance(hours(24));
  }
  CHECK(told(post).empty());
  CHECK(must(post.store().correspondents().dead(10)).size() == 1);
  CHECK(post.event_says("stranger@elsewhere.example cannot be reached since"));
}

TEST_CASE("ids of letters cannot be told beforehand") {
  std::string id = letter_message_id("key", "digest.2026-05", "id.network.example");
  CHECK(id == letter_message_id("key", "digest.2026-05", "id.network.example"));
  CHECK(id.starts_with("<digest.2026-05."));
  CHECK(id.ends_with("@id.network.example>"));
  CHECK(id != letter_message_id("another key", "digest.2026-05", "id.network.example"));
}

TEST_CASE("a real server: the bounce comes back, is read and tied") {
  if (!servers::Postfix::possible()) {
    WARN("no root, no Postfix");
    return;
  }
  servers::Dovecot dovecot;
  servers::PostfixOptions setup;
  setup.recipients = {{"refused@ministry.example", "550 5.1.1 nobody of that name"},
                      {"full@ministry.example", "452 4.2.2 mailbox full"}};
  setup.more =
      "transport_maps = inline:{{gone@ministry.example=error:5.1.1 User unknown}}\n"
      "smtpd_reject_unlisted_recipient = no\n";
  servers::Postfix postfix(dovecot, setup);
  for (std::string_view more : {kTagged, std::string_view(kPlain)}) {
    Post post(postfix.smtp_port(), more);
    const std::string run = more == kTagged ? "tagged" : "plain";
    std::int64_t gone = post.put("digest", "gone@ministry.example", run + "-gone");
    std::int64_t fine = post.put("receipt", "stat@ministry.example", run + "-fine");
    std::int64_t refused = post.put("digest", "refused@ministry.example", run + "-refused");
    std::int64_t full = post.put("digest", "full@ministry.example", run + "-full");
    DispatchResult done = post.run();
    CHECK(done.sent == 2);
    CHECK(done.failed == 1);
    CHECK(done.postponed == 1);
    CHECK(post.state(gone) == OutboxState::kSent);
    CHECK(post.state(fine) == OutboxState::kSent);
    CHECK(post.row(refused).last_error ==
          "550 5.1.1 <refused@ministry.example>: Recipient address "
          "rejected: nobody of that name");
    CHECK(post.state(full) == OutboxState::kWaiting);
    CHECK(post.lab.count(Folder::kSent) == 2);

    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    std::string bounce;
    while (bounce.empty() && std::chrono::steady_clock::now() < until) {
      for (const std::string& message : dovecot.messages("gateway"))
        if (message.find(run + "-gone@id.network.example") != std::string::npos) bounce = message;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    INFO(bounce);
    REQUIRE_FALSE(bounce.empty());
    auto noted = note(post, bounce);
    REQUIRE(noted.has_value());
    CHECK(noted->kind == BounceKind::kHard);
    CHECK(noted->row == gone);
    CHECK(post.state(gone) == OutboxState::kBounced);
    CHECK(post.row(gone).last_error.find("User unknown") != std::string::npos);
    CHECK(post.rows("SELECT address FROM address_trouble ORDER BY 1") ==
          std::vector<std::string>{"gone@ministry.example", "refused@ministry.example"});
  }
}
