// SPDX-License-Identifier: Apache-2.0
#include "flow/accounts.h"

#include <fmt/format.h>

#include <cstdlib>

#include "base/text.h"
#include "catch.h"
#include "config/settings.h"
#include "servers/fake.h"
#include "servers/process.h"

using namespace focalpost;

namespace {

Settings settings_of(const std::string& toml) {
  auto settings = parse_settings(toml, "focalpost.toml");
  if (!settings.ok()) FAIL(settings.error().what);
  return *std::move(settings);
}

net::Login login_of(const Account& account) {
  auto login = account.credentials()->login();
  if (!login.ok()) FAIL(login.error().what);
  return *std::move(login);
}

const FixedClock kClock{*parse_time("2026-05-20T09:00:00Z")};

}  // namespace

TEST_CASE("without a table for mail there is the embedded mailbox, and no server") {
  servers::Folder folder;
  const HomePaths paths{folder.path()};
  const Accounts accounts = Accounts::of(Settings{}, paths, kClock);
  REQUIRE(accounts.mailboxes().size() == 1);
  const MailboxPlace& place = accounts.first();
  CHECK(place.name == "spool");
  CHECK_FALSE(place.account);
  CHECK(place.quiet == kDefaultQuiet);
  CHECK_FALSE(accounts.outgoing());
  auto mailbox = open_mailbox(place, paths, kClock);
  REQUIRE(mailbox.ok());
  CHECK((*mailbox)->name() == "spool");
  CHECK(fs::exists(paths.mailbox() / ".Filed" / "cur"));
}

TEST_CASE("a server that is named already is not named again") {
  const std::string place = "[mailbox] imaps://mail.example:993";
  CHECK(without_server("imaps://mail.example:993: the folder Held: no", place) ==
        "the folder Held: no");
  CHECK(without_server("imaps://mail.example:993 refused the login", place) == "refused the login");
  CHECK(without_server("imaps://other.example:993: no", place) == "imaps://other.example:993: no");
  CHECK(without_server("no connection", place) == "no connection");
  CHECK(without_server("", place).empty());
}

TEST_CASE("each mailbox has a name of its own, and paths are below the home") {
  const HomePaths paths{"/var/lib/gateway"};
  const Settings settings = settings_of(R"(
[mailbox]
url = "imaps://mail.example"
user = "gateway"
password_file = "imap.password"
ca_file = "our-ca.pem"
folder_prefix = "INBOX."
[mailbox.second]
url = "imap://mail.example:1143"
user = "gateway"
password_env = "FP_TEST_PASSWORD"
ca_file = "/etc/ca.pem"
folder_prefix = "lists/focalpost/"
quiet_hours = 5
[outgoing]
url = "smtp://localhost:2525"
tls = "none"
)");
  const Accounts accounts = Accounts::of(settings, paths, kClock);
  REQUIRE(accounts.mailboxes().size() == 2);
  const MailboxPlace& first = accounts.first();
  CHECK(first.name == "gateway@mail.example");
  CHECK(first.text() == "[mailbox] imaps://mail.example:993");
  CHECK(first.root == "INBOX");
  CHECK(first.account->endpoint().tls == net::Tls::kImplicit);
  CHECK(first.account->endpoint().ca_file == "/var/lib/gateway/our-ca.pem");
  CHECK(first.account->endpoint().protocol == net::Protocol::kImap);

  const MailboxPlace& second = accounts.mailboxes()[1];
  CHECK(second.name == "gateway@mail.example:1143");
  CHECK(second.text() == "[mailbox.second] imap://mail.example:1143");
  CHECK(second.root == "lists/focalpost");
  CHECK(second.quiet == std::chrono::hours(5));
  CHECK(second.account->endpoint().tls == net::Tls::kStartTls);
  CHECK(second.account->endpoint().ca_file == "/etc/ca.pem");
  const ImapOptions options = imap_options(second);
  CHECK(options.name == second.name);
  CHECK(options.root == second.root);
  CHECK(options.credentials == second.account->credentials());

  REQUIRE(accounts.outgoing());
  CHECK(accounts.outgoing()->endpoint().protocol == net::Protocol::kSmtp);
  CHECK(accounts.outgoing()->endpoint().tls == net::Tls::kNone);
  CHECK(login_of(*accounts.outgoing()).user.empty());
  CHECK(accounts.outgoing()->secrets().empty());
}

TEST_CASE("a password is read at each connection, from a file, a variable or a credential") {
  servers::Folder folder;
  auto account_with = [&](const std::string& line) {
    const Settings settings = settings_of(
        fmt::format("[mailbox]\nurl = \"imaps://mail.example\"\nuser = \"gateway\"\n{}\n", line));
    return Accounts::of(settings, HomePaths{folder.path()}, kClock);
  };
  servers::write_text(folder.path() / "imap.password", "first\n");
  const Accounts file = account_with("password_file = \"imap.password\"");
  CHECK(login_of(*file.first().account).password == "first");
  servers::write_text(folder.path() / "imap.password", "second\n");
  CHECK(login_of(*file.first().account).password == "second");
  fs::remove(folder.path() / "imap.password");
  auto gone = file.first().account->credentials()->login();
  REQUIRE_FALSE(gone.ok());
  CHECK(gone.error().what.find("[mailbox] password") != std::string::npos);

  ::setenv("FP_TEST_PASSWORD", "from the environment", 1);
  CHECK(login_of(*account_with("password_env = \"FP_TEST_PASSWORD\"").first().account).password ==
        "from the environment");
  ::unsetenv("FP_TEST_PASSWORD");

  servers::write_text(folder.path() / "imap", "a credential");
  ::setenv("CREDENTIALS_DIRECTORY", folder.path().c_str(), 1);
  CHECK(login_of(*account_with("password_credential = \"imap\"").first().account).password ==
        "a credential");
  ::unsetenv("CREDENTIALS_DIRECTORY");
}

TEST_CASE("tokens are kept and renewed, and a new refresh token takes the place of the old one") {
  servers::Folder folder;
  std::vector<std::string> posted;
  servers::Fake provider([&](servers::Peer& peer) {
    peer.expect("POST /token");
    std::size_t length = 0;
    for (std::string line = peer.line(); !line.empty(); line = peer.line())
      if (ascii_istarts_with(line, "Content-Length: ")) length = std::stoul(line.substr(16));
    posted.push_back(peer.bytes(length));
    const std::string body =
        fmt::format(R"({{"access_token":"token{}","expires_in":3600,"refresh_token":"refresh{}"}})",
                    posted.size(), posted.size());
    peer.send(fmt::format("HTTP/1.1 200 x\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{}",
                          body.size(), body));
  });
  servers::write_text(folder.path() / "oauth.refresh", "refresh0\n");
  const Settings settings = settings_of(fmt::format(
      R"([mailbox]
url = "imaps://mail.example"
user = "gateway@network.example"
oauth = {{ token_url = "http://127.0.0.1:{}/token", client_id = "id", refresh_token_file = "oauth.refresh", mechanism = "xoauth2" }}
)",
      provider.port()));
  FixedClock clock = kClock;
  const Accounts accounts = Accounts::of(settings, HomePaths{folder.path()}, clock);
  const Account& account = *accounts.first().account;
  CHECK(login_of(account).bearer == "token1");
  CHECK(login_of(account).bearer == "token1");
  CHECK(login_of(account).mechanism == net::BearerMechanism::kXoauth2);
  CHECK(trim(servers::read_text(folder.path() / "oauth.refresh")) == "refresh1");
  clock.advance(std::chrono::hours(2));
  CHECK(login_of(account).bearer == "token2");
  CHECK(trim(servers::read_text(folder.path() / "oauth.refresh")) == "refresh2");
  // Another object is a new start of the program.
  const Accounts later = Accounts::of(settings, HomePaths{folder.path()}, clock);
  CHECK(login_of(*later.first().account).bearer == "token3");
  REQUIRE(posted.size() == 3);
  CHECK(posted[0].find("refresh_token=refresh0") != std::string::npos);
  CHECK(posted[1].find("refresh_token=refresh1") != std::string::npos);
  CHECK(posted[2].find("refresh_token=refresh2") != std::string::npos);
  CHECK(provider.failures().empty());
}
