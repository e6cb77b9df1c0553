// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cstdlib>

#include "catch.h"
#include "net/connection.h"
#include "net/oauth.h"
#include "net/secret.h"
#include "servers/fake.h"

using namespace focalpost;
using namespace focalpost::net;
using namespace std::chrono_literals;
using servers::Fake;
using servers::Peer;

namespace {

struct Home {
  servers::Folder folder;
  fs::path path = folder.path();
  SecretPlace file(const std::string& name, const std::string& text) {
    servers::write_text(path / name, text);
    SecretPlace place;
    place.setting = "[mailbox] password";
    place.file = name;
    place.home = path;
    return place;
  }
};

/// An HTTP server that gives the answers in turn and keeps what was posted.
struct TokenServer {
  struct Answer {
    int status;
    std::string body;
  };
  std::vector<Answer> answers;
  std::vector<std::string> posted;
  Fake fake{[this](Peer& peer) {
    peer.expect("POST /token");
    std::size_t length = 0;
    for (std::string line = peer.line(); !line.empty(); line = peer.line())
      if (line.starts_with("Content-Length: ")) length = std::stoul(line.substr(16));
    posted.push_back(peer.bytes(length));
    const Answer answer = answers.at(posted.size() - 1);
    peer.send(
        fmt::format("HTTP/1.1 {} x\r\nContent-Type: application/json\r\n"
                    "Content-Length: {}\r\nConnection: close\r\n\r\n{}",
                    answer.status, answer.body.size(), answer.body));
  }};

  OAuthSettings settings() {
    OAuthSettings settings;
    settings.user = "gateway@network.example";
    settings.token_url = fmt::format("http://127.0.0.1:{}/token", fake.port());
    settings.client_id = "client&1";
    settings.scope = "https://mail.example/.default offline_access";
    settings.timeout = 20s;
    return settings;
  }
};

}  // namespace

TEST_CASE("a secret from a file, the environment, a systemd credential") {
  Home home;
  CHECK(*read_secret(home.file("p", "pass word\n")) == "pass word");
  CHECK(*read_secret(home.file("p", "crlf\r\n")) == "crlf");
  CHECK(*read_secret(home.file("p", "пароль")) == "пароль");
  SecretPlace absolute = home.file("p", "here");
  absolute.file = (home.path / "p").string();
  absolute.home = "/elsewhere";
  CHECK(*read_secret(absolute) == "here");

  for (const std::string& bad : {std::string(), std::string("\n"), std::string("two\nlines\n"),
                                 std::string("nul\0x", 5), std::string(70'000, 'x')}) {
    auto read = read_secret(home.file("p", bad));
    REQUIRE_FALSE(read.ok());
    CHECK(read.error().kind == ErrorKind::kUsage);
    CHECK(read.error().what.find("lines") == std::string::npos);
  }
  SecretPlace place;
  place.setting = "[mailbox] password";
  place.home = home.path;
  place.file = "missing";
  auto missing = read_secret(place);
  REQUIRE_FALSE(missing.ok());
  CHECK(missing.error().what.find("[mailbox] password") == 0);
  CHECK(missing.error().what.find("missing") != std::string::npos);

  place.file.clear();
  place.variable = "FOCALPOST_TEST_SECRET";
  ::unsetenv("FOCALPOST_TEST_SECRET");
  CHECK_FALSE(read_secret(place).ok());
  ::setenv("FOCALPOST_TEST_SECRET", "from outside", 1);
  CHECK(*read_secret(place) == "from outside");

  place.variable.clear();
  place.credential = "imap.password";
  ::unsetenv("CREDENTIALS_DIRECTORY");
  CHECK_FALSE(secret_is_set(place));
  CHECK_FALSE(read_secret(place).ok());
  ::setenv("CREDENTIALS_DIRECTORY", home.path.c_str(), 1);
  CHECK_FALSE(secret_is_set(place));
  servers::write_text(home.path / "imap.password", "from systemd");
  CHECK(secret_is_set(place));
  CHECK(*read_secret(place) == "from systemd");
  ::unsetenv("CREDENTIALS_DIRECTORY");
}

TEST_CASE("a password file is read for each connection, and who else may read it is told") {
  Home home;
  const SecretPlace place = home.file("p", "first\n");
  fs::permissions(home.path / "p", fs::perms(0600));
  CHECK_FALSE(others_can_read(place));
  fs::permissions(home.path / "p", fs::perms(0644));
  CHECK(others_can_read(place));
  PasswordCredentials credentials("gateway", place);
  CHECK(credentials.login()->password == "first");
  servers::write_text(home.path / "p", "second\n");
  CHECK(credentials.login()->password == "second");
  CHECK_FALSE(credentials.refused());
}

TEST_CASE("client credentials: a token is asked for once and kept until it runs out") {
  Home home;
  TokenServer server;
  server.answers = {{200, R"({"access_token":"t1","expires_in":3600,"token_type":"Bearer"})"},
                    {200, R"({"access_token":"t2","expires_in":"3600"})"},
                    {200, R"({"access_token":"t3"})"},
                    {200, R"({"access_token":"t4"})"}};
  OAuthSettings settings = server.settings();
  settings.client_secret = home.file("s", "a=b&c\n");
  FixedClock clock(*parse_time("2026-03-01T09:30:00Z"));
  OAuthCredentials credentials(settings, clock);
  const auto login = credentials.login();
  REQUIRE(login.ok());
  CHECK(login->user == "gateway@network.example");
  CHECK(login->bearer == "t1");
  CHECK(login->password.empty());
  CHECK(server.posted.at(0) ==
        "grant_type=client_credentials&client_id=client%261&client_secret=a%3Db%26c&scope=https%3A%"
        "2F%2Fmail.example%2F.default%20offline_access");
  clock.advance(58min);
  CHECK(credentials.login()->bearer == "t1");
  clock.advance(1min);
  CHECK(credentials.login()->bearer == "t2");
  // A token without a lifetime is used once.
  clock.advance(2h);
  CHECK(credentials.login()->bearer == "t3");
  CHECK(credentials.login()->bearer == "t4");
  CHECK(server.fake.failures().empty());
}

TEST_CASE("a refresh token, and the next one that the provider hands out") {
  Home home;
  TokenServer server;
  server.answers = {{200, R"({"access_token":"t1","expires_in":60,"refresh_token":"r2"})"},
                    {200, R"({"access_token":"t2","expires_in":3600})"}};
  OAuthSettings settings = server.settings();
  settings.refresh_token = home.file("r", "r1\n");
  std::string kept;
  settings.on_refresh_token = [&](const std::string& token) { kept = token; };
  FixedClock clock(*parse_time("2026-03-01T09:30:00Z"));
  OAuthCredentials credentials(settings, clock);
  CHECK(credentials.login()->bearer == "t1");
  CHECK(kept == "r2");
  CHECK(credentials.login()->bearer == "t2");
  CHECK(server.posted.at(0).find("grant_type=refresh_token&refresh_token=r1&") == 0);
  CHECK(server.posted.at(1).find("grant_type=refresh_token&refresh_token=r2&") == 0);
}

TEST_CASE("token endpoints in trouble, and refusals, in words") {
  TokenServer server;
  FixedClock clock(*parse_time("2026-03-01T09:30:00Z"));
  auto error_of = [&](int status, const std::string& body) {
    server.answers.push_back({status, body});
    auto login = OAuthCredentials(server.settings(), clock).login();
    REQUIRE_FALSE(login.ok());
    return login.take_error();
  };
  Error error =
      error_of(400, R"({"error":"invalid_client","error_description":"AADSTS7000222\r\nexpired"})");
  CHECK(error.kind == ErrorKind::kUsage);
  CHECK(error.what.find("invalid_client: AADSTS7000222") != std::string::npos);
  CHECK(error.what.find('\n') == std::string::npos);
  CHECK(error_of(503, "<html>").retry_helps());
  CHECK(error_of(429, "{}").retry_helps());
  CHECK(error_of(400, R"({"error":"temporarily_unavailable"})").retry_helps());
  CHECK(error_of(200, "not json").retry_helps());
  CHECK(error_of(200, R"({"access_token":5})").retry_helps());
  CHECK(error_of(200, R"({"access_token":"a\r\nb"})").retry_helps());
  CHECK(error_of(200, std::string(1 << 20, ' ')).retry_helps());

  OAuthSettings elsewhere = server.settings();
  elsewhere.token_url = "http://192.0.2.1/token";
  auto login = OAuthCredentials(elsewhere, clock).login();
  REQUIRE_FALSE(login.ok());
  CHECK(login.error().kind == ErrorKind::kUsage);
  elsewhere.token_url = "file:///etc/passwd";
  CHECK_FALSE(OAuthCredentials(elsewhere, clock).login().ok());
}

TEST_CASE("a token that the server refuses is renewed once") {
  TokenServer tokens;
  tokens.answers = {{200, R"({"access_token":"old","expires_in":3600})"},
                    {200, R"({"access_token":"new","expires_in":3600})"},
                    {200, R"({"access_token":"newer","expires_in":3600})"}};
  FixedClock clock(*parse_time("2026-03-01T09:30:00Z"));
  OAuthCredentials credentials(tokens.settings(), clock);
  REQUIRE(credentials.login().ok());

  bool refuse_all = false;
  servers::FakeImap imap;
  imap.capability = "IMAP4rev1 SASL-IR AUTH=XOAUTH2";
  imap.handle = [&](Peer& peer, const std::string& tag, const std::string& command) {
    if (!command.starts_with("AUTHENTICATE") || (peer.number() > 0 && !refuse_all)) return false;
    peer.send(tag + " NO [AUTHENTICATIONFAILED] Invalid credentials\r\n");
    return true;
  };
  Fake fake(imap);
  Endpoint endpoint;
  endpoint.host = "127.0.0.1";
  endpoint.port = fake.port();
  endpoint.tls = Tls::kNone;
  CHECK(Connection::open(endpoint, credentials).ok());
  CHECK(fake.connections() == 2);
  CHECK(tokens.posted.size() == 2);

  refuse_all = true;
  auto opened = Connection::open(endpoint, credentials);
  REQUIRE_FALSE(opened.ok());
  CHECK(opened.error().kind == ErrorKind::kUsage);
  CHECK(fake.connections() == 4);
  CHECK(tokens.posted.size() == 3);
}
