// SPDX-License-Identifier: Apache-2.0
//
// The fixture itself: what it starts works together, and is gone whatever happens to the test.
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <thread>

#include "base/files.h"
#include "catch.h"
#include "net/connection.h"
#include "servers/client.h"
#include "servers/dovecot.h"
#include "servers/postfix.h"

using namespace focalpost;
using namespace focalpost::net;

namespace {

std::string say(Connection& connection, const std::string& line) {
  const auto sent = connection.send(line + "\r\n");
  if (!sent.ok()) return sent.error().what;
  for (;;) {
    const auto reply = connection.read_line(1000);
    if (!reply.ok()) return reply.error().what;
    if (reply->size() < 4 || (*reply)[3] != '-') return std::string(*reply);
  }
}

}  // namespace

TEST_CASE("what is submitted to Postfix lies in Dovecot") {
  if (!servers::Postfix::possible()) {
    WARN("skipped: Postfix needs root");
    return;
  }
  servers::Dovecot dovecot;
  servers::PostfixOptions options;
  options.recipients = {{"nobody@office.example", "550 5.1.1 nobody of that name"},
                        {"full@office.example", "452 4.2.2 full"}};
  servers::Postfix postfix(dovecot, options);
  for (const Tls tls : {Tls::kStartTls, Tls::kImplicit}) {
    Endpoint endpoint;
    endpoint.protocol = Protocol::kSmtp;
    endpoint.host = "localhost";
    endpoint.tls = tls;
    endpoint.port = tls == Tls::kImplicit ? postfix.submissions_port() : postfix.submission_port();
    endpoint.ca_file = dovecot.ca_file().string();
    auto refused = Connection::open(endpoint, Login{"gateway", "wrong", {}, {}});
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().kind == ErrorKind::kUsage);
    auto opened = Connection::open(endpoint, Login{"gateway", "secret", {}, {}});
    if (!opened.ok()) FAIL(opened.error().what);
    Connection& connection = **opened;
    CHECK(say(connection, "EHLO gateway.example").starts_with("250 "));
    CHECK(say(connection, "MAIL FROM:<gateway@network.example>").starts_with("250 "));
    CHECK(say(connection, "RCPT TO:<nobody@office.example>").starts_with("550 "));
    CHECK(say(connection, "RCPT TO:<full@office.example>").starts_with("452 "));
    CHECK(say(connection, "RCPT TO:<friend@office.example>").starts_with("250 "));
    CHECK(say(connection, "DATA").starts_with("354 "));
    CHECK(say(connection, "Subject: hello\r\n\r\nthere\r\n.").starts_with("250 "));
    CHECK(say(connection, "QUIT").starts_with("221 "));
  }
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (dovecot.messages("friend").size() < 2 && std::chrono::steady_clock::now() < until)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  const auto got = dovecot.messages("friend");
  REQUIRE(got.size() == 2);
  CHECK(got[0].find("Subject: hello") != std::string::npos);
}

TEST_CASE("servers of a test that was killed end by themselves") {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    servers::Dovecot dovecot;
    const std::string line = fmt::format("{} {}\n", dovecot.imap_port(), dovecot.path().string());
    if (::write(ends[1], line.data(), line.size()) < 0) ::_exit(1);
    for (;;) ::pause();
  }
  ::close(ends[1]);
  std::string line;
  for (char c = 0; ::read(ends[0], &c, 1) == 1 && c != '\n';) line += c;
  ::close(ends[0]);
  const std::size_t space = line.find(' ');
  REQUIRE(space != line.npos);
  const auto port = static_cast<std::uint16_t>(std::stoi(line));
  const fs::path folder = line.substr(space + 1);
  CHECK(servers::LineClient(port).connected());
  REQUIRE(fs::exists(folder));
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while ((fs::exists(folder) || servers::LineClient(port).connected()) &&
         std::chrono::steady_clock::now() < until)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  CHECK_FALSE(fs::exists(folder));
  CHECK_FALSE(servers::LineClient(port).connected());
}
