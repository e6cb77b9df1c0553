// SPDX-License-Identifier: Apache-2.0
//
// With a real Postfix that delivers to a real Dovecot.
#include "servers/postfix.h"

#include <fmt/format.h>

#include <chrono>
#include <thread>

#include "catch.h"
#include "smtp/submission.h"

using namespace focalpost;
using namespace focalpost::smtp;

namespace {

std::unique_ptr<Submission> open(std::uint16_t port, net::Tls tls, const std::string& ca,
                                 net::Credentials& credentials) {
  net::Endpoint endpoint;
  endpoint.protocol = net::Protocol::kSmtp;
  endpoint.host = "localhost";
  endpoint.port = port;
  endpoint.tls = tls;
  endpoint.ca_file = ca;
  Options options;
  options.line.ehlo_name = "gateway.example";
  auto session = Submission::open(endpoint, credentials, options);
  INFO((session.ok() ? "" : session.error().what));
  REQUIRE(session.ok());
  return std::move(*session);
}

/// What lies in the user's INBOX once there are so many.
std::vector<std::string> wait_for(servers::Dovecot& dovecot, const std::string& user,
                                  std::size_t count) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  std::vector<std::string> found;
  while (std::chrono::steady_clock::now() < until) {
    found = dovecot.messages(user);
    if (found.size() >= count) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  REQUIRE(found.size() == count);
  return found;
}

}  // namespace

TEST_CASE("a real server: verdicts, delivery, and the bounce that names its envelope") {
  if (!servers::Postfix::possible()) {
    WARN("no root, no Postfix");
    return;
  }
  servers::Dovecot dovecot;
  servers::PostfixOptions setup;
  setup.recipients = {{"nobody@ministry.example", "550 5.1.1 nobody of that name"},
                      {"full@ministry.example", "452 4.2.2 mailbox full"}};
  setup.size_limit = 50'000;
  setup.more =
      "transport_maps = inline:{{gone@ministry.example=error:5.1.6 moved away}}\n"
      "smtpd_reject_unlisted_recipient = no\n";
  servers::Postfix postfix(dovecot, setup);
  net::FixedCredentials nobody;

  const std::string text =
      "From: gateway@network.example\r\nTo: stat@ministry.example\r\n"
      "Date: Mon, 02 Mar 2026 09:30:00 +0000\r\nMessage-ID: <17@id.network.example>\r\nSubject: "
      "Report\r\n\r\n.\r\n..dots\nlast line";
  const std::string large = text + "\r\n" + std::string(60'000, 'x');
  {
    auto session = open(postfix.smtp_port(), net::Tls::kStartTls, dovecot.ca_file(), nobody);
    CHECK(session->offers().pipelining);
    CHECK(session->offers().dsn);
    CHECK(session->offers().utf8);
    CHECK(session->offers().size == 50'000);
    std::vector<Letter> letters = {
        {"gateway+t1@network.example",
         {"stat@ministry.example", "nobody@ministry.example", "full@ministry.example"},
         text,
         "row-1"},
        {"", {"stat@ministry.example"}, text, {}},
        {"gateway+t2@network.example", {"nobody@ministry.example"}, text, "row-2"},
        {"gateway+t3@network.example", {"stat@ministry.example"}, large, "row-3"},
        {"gateway@network.example", {"gone@ministry.example"}, text, "row-4"},
        {"", {"почта@ministry.example"}, text, {}},
    };
    for (int i = 0; i < 200; ++i) letters.push_back({"", {"many@ministry.example"}, text, {}});
    auto results = session->send(letters);
    REQUIRE(session->usable());
    CHECK(results[0].recipients[0].verdict == Verdict::kAccepted);
    CHECK(results[0].recipients[0].sentence().starts_with("250 2.0.0 Ok: queued as"));
    CHECK(results[0].recipients[1].verdict == Verdict::kPermanent);
    CHECK(results[0].recipients[1].code == 550);
    CHECK(results[0].recipients[1].enhanced == "5.1.1");
    CHECK(results[0].recipients[2].verdict == Verdict::kTemporary);
    CHECK(results[0].recipients[2].enhanced == "4.2.2");
    CHECK(results[1].recipients[0].verdict == Verdict::kAccepted);
    CHECK(results[2].recipients[0].enhanced == "5.1.1");
    CHECK(results[3].recipients[0].stage == Stage::kHere);
    CHECK(results[4].recipients[0].verdict == Verdict::kAccepted);
    CHECK(results[5].recipients[0].verdict == Verdict::kAccepted);
    for (std::size_t i = 6; i < results.size(); ++i)
      CHECK(results[i].recipients[0].verdict == Verdict::kAccepted);
  }

  auto delivered = wait_for(dovecot, "stat", 2);
  for (std::string& message : delivered) {
    std::erase(message, '\r');
    INFO(message);
    CHECK(message.ends_with("Subject: Report\n\n.\n..dots\nlast line\n"));
  }
  CHECK(wait_for(dovecot, "many", 200).size() == 200);
  // The bounce goes to the return path, and says which envelope it was.
  auto bounces = wait_for(dovecot, "gateway", 1);
  CHECK(bounces[0].find("Original-Envelope-Id: row-4") != std::string::npos);
  CHECK(bounces[0].find("Original-Recipient: rfc822;gone@ministry.example") != std::string::npos);
  CHECK(bounces[0].find("<17@id.network.example>") != std::string::npos);

  // The ports that want a login.
  net::FixedCredentials login("gateway", servers::Dovecot::kPassword);
  for (auto [port, tls] : {std::pair(postfix.submission_port(), net::Tls::kStartTls),
                           {postfix.submissions_port(), net::Tls::kImplicit}}) {
    auto session = open(port, tls, dovecot.ca_file(), login);
    auto results =
        session->send(std::vector<Letter>{{"", {"submitted@ministry.example"}, text, {}}});
    CHECK(results[0].recipients[0].verdict == Verdict::kAccepted);
  }
  CHECK(wait_for(dovecot, "submitted", 2).size() == 2);
}
