// SPDX-License-Identifier: Apache-2.0
#include "catch.h"
#include "config/settings.h"

using namespace focalpost;

namespace {

/// As an operator would append them to the file that init wrote.
constexpr const char* kMailbox = R"([mailbox]
url = "imaps://mail.example:993"   # imap:// means STARTTLS unless tls = "none"
user = "gateway"
password_file = "imap.password"
tls = "implicit"
ca_file = ""
)";
constexpr const char* kOutgoing = R"([outgoing]
url = "smtps://mail.example:465"
from = "gateway@network.example"
user = "gateway"
password_env = "SMTP_PASSWORD"
)";

Error error_of(const std::string& text) {
  auto settings = parse_settings(text, "f");
  INFO(text);
  REQUIRE_FALSE(settings.ok());
  CHECK(settings.error().kind == ErrorKind::kUsage);
  return settings.error();
}

MailAccount mailbox(const std::string& keys) {
  auto settings = parse_settings("[mailbox]\n" + keys, "f");
  INFO(keys << "\n" << (settings.ok() ? "" : settings.error().what));
  REQUIRE(settings.ok());
  REQUIRE(settings->mailboxes.size() == 1);
  return settings->mailboxes[0].account;
}

const std::string kLogin = "user = 'u'\npassword_file = 'p'\n";

}  // namespace

TEST_CASE("without tables for mail everything stays in the home") {
  auto settings = parse_settings(default_settings_text(false), "f");
  REQUIRE(settings.ok());
  CHECK(settings->mailboxes.empty());
  CHECK_FALSE(settings->outgoing.account.named());
  CHECK(settings->outgoing.save_sent);
  CHECK(settings->sender() == "gateway@network.example");
  CHECK(settings->quiet == std::chrono::hours(336));
}

TEST_CASE("either table can be appended to the file that init writes, or both") {
  for (bool demo : {false, true})
    for (int which : {1, 2, 3}) {
      std::string text = default_settings_text(demo);
      if (which & 1) text += kMailbox;
      if (which & 2) text += kOutgoing;
      auto settings = parse_settings(text, "f");
      INFO((settings.ok() ? "" : settings.error().what));
      REQUIRE(settings.ok());
      CHECK(settings->mailboxes.size() == (which & 1 ? 1 : 0));
      CHECK(settings->outgoing.account.named() == ((which & 2) != 0));
    }
}

TEST_CASE("a mailbox") {
  auto settings = parse_settings(kMailbox, "f");
  REQUIRE(settings.ok());
  REQUIRE(settings->mailboxes.size() == 1);
  const MailboxSettings& mailbox = settings->mailboxes[0];
  CHECK(mailbox.name.empty());
  CHECK(mailbox.account.table == "mailbox");
  CHECK(mailbox.account.host == "mail.example");
  CHECK(mailbox.account.port == 993);
  CHECK(mailbox.account.tls == MailTls::kImplicit);
  CHECK(mailbox.account.user == "gateway");
  CHECK(mailbox.account.password == SecretSource{SecretSource::Kind::kFile, "imap.password"});
  CHECK(mailbox.account.ca_file.empty());
  CHECK_FALSE(mailbox.account.oauth);
  CHECK_FALSE(mailbox.folder_prefix);
  CHECK(mailbox.quiet == std::chrono::hours(336));
}

TEST_CASE("what leaves") {
  auto settings = parse_settings(std::string(kOutgoing) +
                                     "bounce = 'gateway+{tag}@network.example'\n"
                                     "save_sent = false\ndsn = false\n",
                                 "f");
  REQUIRE(settings.ok());
  const OutgoingSettings& outgoing = settings->outgoing;
  CHECK(outgoing.account.host == "mail.example");
  CHECK(outgoing.account.port == 465);
  CHECK(outgoing.account.password ==
        SecretSource{SecretSource::Kind::kEnvironment, "SMTP_PASSWORD"});
  CHECK(outgoing.from == "gateway@network.example");
  CHECK(outgoing.bounce_address("abc") == "gateway+abc@network.example");
  CHECK_FALSE(outgoing.save_sent);
  CHECK_FALSE(outgoing.dsn);
  // A relay on this machine wants no login; the sender may differ from the gateway's address.
  settings =
      parse_settings("[outgoing]\nurl='smtp://localhost:25'\ntls='none'\nfrom='n@x.example'", "f");
  REQUIRE(settings.ok());
  CHECK(settings->outgoing.account.user.empty());
  CHECK(settings->outgoing.account.port == 25);
  CHECK(settings->sender() == "n@x.example");
  CHECK(settings->outgoing.bounce_address("abc").empty());
  // Only the copy in Sent: still no server.
  settings = parse_settings("[outgoing]\nsave_sent = false\n", "f");
  REQUIRE(settings.ok());
  CHECK_FALSE(settings->outgoing.account.named());
  CHECK_FALSE(settings->outgoing.save_sent);
}

TEST_CASE("scheme, port and TLS") {
  struct {
    const char* url;
    const char* host;
    int port;
    MailTls tls;
  } cases[] = {
      {"imaps://mail.example", "mail.example", 993, MailTls::kImplicit},
      {"IMAPS://Mail.Example/", "mail.example", 993, MailTls::kImplicit},
      {"imap://mail.example", "mail.example", 143, MailTls::kStartTls},
      {"imap://mail.example:10143", "mail.example", 10143, MailTls::kStartTls},
      {"imaps://[2001:db8::1]:1993", "2001:db8::1", 1993, MailTls::kImplicit},
      {"imaps://192.0.2.7", "192.0.2.7", 993, MailTls::kImplicit},
  };
  for (const auto& c : cases) {
    MailAccount account = mailbox("url = '" + std::string(c.url) + "'\n" + kLogin);
    INFO(c.url);
    CHECK(account.host == c.host);
    CHECK(account.port == c.port);
    CHECK(account.tls == c.tls);
  }
  auto smtp = parse_settings("[outgoing]\nurl = 'smtp://mail.example'\n", "f");
  REQUIRE(smtp.ok());
  CHECK(smtp->outgoing.account.port == 587);
  CHECK(smtp->outgoing.account.tls == MailTls::kStartTls);
  smtp = parse_settings("[outgoing]\nurl = 'smtps://mail.example'\n", "f");
  REQUIRE(smtp.ok());
  CHECK(smtp->outgoing.account.port == 465);
}

TEST_CASE("what is no server is an error") {
  for (const char* url :
       {"mail.example", "imaps:/mail.example", "smtps://mail.example", "https://mail.example",
        "imaps://", "imaps://:993", "imaps://mail.example:", "imaps://mail.example:0",
        "imaps://mail.example:65536", "imaps://mail.example:99x", "imaps://mail.example/INBOX",
        "imaps://[::1", "imaps://[zz]", "imaps://[::1]x", "imaps://ma il.example",
        "imaps://mail.example?x", "imaps://mail.example:1:2", "imaps://2001:db8::1", ""}) {
    Error error = error_of("[mailbox]\n\nurl = '" + std::string(url) + "'\n" + kLogin);
    INFO(url);
    CHECK(error.what ==
          "f, line 3: [mailbox] url must be a server such as \"imaps://mail.example:993\" or "
          "\"imap://mail.example\"");
  }
  CHECK(error_of("[mailbox]\nurl = 'imaps://почта.example'\n" + kLogin).what.find("xn--") !=
        std::string::npos);
  CHECK(error_of("[outgoing]\nurl = 'imaps://mail.example'\n").what.find("smtps://") !=
        std::string::npos);
  CHECK(error_of("[mailbox]\nurl = 993\n").what.find("line 2") != std::string::npos);
}

TEST_CASE("plaintext goes to this machine only, or where it is wanted") {
  for (const char* host : {"localhost", "127.0.0.1", "127.8.0.9", "[::1]"})
    CHECK(mailbox("url = 'imap://" + std::string(host) + "'\ntls = 'none'\n" + kLogin).tls ==
          MailTls::kNone);
  CHECK(mailbox("url='imap://mail.example'\ntls='none'\nallow_plaintext=true\n" + kLogin).tls ==
        MailTls::kNone);
  for (const char* host : {"mail.example", "127.0.0.1.example", "10.0.0.1", "localhost.example",
                           "127.0.0", "127.0.0.0x1"}) {
    Error error =
        error_of("[mailbox]\nurl = 'imap://" + std::string(host) + "'\ntls = 'none'\n" + kLogin);
    CHECK(error.what ==
          "f, line 3: [mailbox] tls = \"none\" would send password and mail in the "
          "clear to " +
              std::string(host));
    CHECK(error.to_do.find("allow_plaintext") != std::string::npos);
  }
}

TEST_CASE("a scheme and a tls that contradict each other are an error") {
  for (auto [url, tls] : {std::pair("imaps://localhost", "starttls"),
                          {"imaps://localhost", "none"},
                          {"imap://localhost", "implicit"}}) {
    Error error =
        error_of("[mailbox]\nurl = '" + std::string(url) + "'\ntls = '" + tls + "'\n" + kLogin);
    CHECK(error.what.find("line 3") != std::string::npos);
    CHECK(error.what.find("contradicts imap") != std::string::npos);
    CHECK(error.to_do == "Write imaps:// for TLS from the start, imap:// for STARTTLS or none.");
  }
  CHECK(error_of("[mailbox]\nurl='imap://localhost'\ntls='ssl'\n").what ==
        "f, line 3: [mailbox] tls must be \"implicit\", \"starttls\" or \"none\"");
}

TEST_CASE("a secret in the file is an error that does not repeat it") {
  const std::string server = "url = 'imaps://mail.example'\nuser = 'u'\n";
  Error error = error_of("[mailbox]\n" + server + "password = 'hunter2'\n");
  CHECK(error.what == "f, line 4: [mailbox] password: a secret does not belong into this file");
  CHECK(error.to_do.find("password_file = ") != std::string::npos);
  CHECK((error.what + error.to_do).find("hunter2") == std::string::npos);
  error = error_of("[mailbox]\nurl = 'imaps://u:hunter2@mail.example'\n");
  CHECK(error.what.find("the user and where the password lies have keys of their own") !=
        std::string::npos);
  CHECK((error.what + error.to_do).find("hunter2") == std::string::npos);
  error = error_of(
      "[outgoing]\nurl = 'smtps://mail.example'\nuser = 'u'\n"
      "oauth = { refresh_token = 'hunter2' }\n");
  CHECK(error.what ==
        "f, line 4: [outgoing.oauth] refresh_token: a secret does not belong into this file");
  CHECK(error.to_do.find("refresh_token_file = ") != std::string::npos);
  CHECK(error_of("[outgoing.oauth]\nclient_secret = 'x'\n").to_do.find("client_secret_file = ") !=
        std::string::npos);
}

TEST_CASE("how to log in is said once and whole") {
  const std::string url = "[mailbox]\nurl = 'imaps://mail.example'\n";
  CHECK(mailbox("url='imaps://m.example'\nuser='u'\npassword_credential='imap'").password ==
        SecretSource{SecretSource::Kind::kCredential, "imap"});
  CHECK(error_of(url + "password_file = 'p'\n").what == "f, line 1: [mailbox] has no user");
  CHECK(error_of(url + "user = 'u'\n").what == "f, line 1: [mailbox] has a user but no password");
  CHECK(error_of(url + "user='u'\npassword_env='A'\npassword_file='b'\n").what ==
        "f, line 5: [mailbox] password_file must be the only one of its kind: say once where the "
        "secret lies");
  CHECK(error_of(url + "user='u'\npassword_env='1A'\n").what.find("variable") != std::string::npos);
  CHECK(error_of(url + "user='u'\npassword_credential='../x'\n").what.find("credential") !=
        std::string::npos);
  CHECK(error_of(url + "user=''\npassword_env='A'\n").what.find("line 3") != std::string::npos);
  CHECK(error_of(url + "user=\"u\\r\\nA1 LOGOUT\"\n").what.find("line 3") != std::string::npos);
  CHECK(error_of("[mailbox]\nuser = 'u'\n").what == "f, line 2: [mailbox] has user but no url");
  CHECK(error_of("[outgoing]\nurl='smtps://m.example'\npassword_env='A'\n").what ==
        "f, line 1: [outgoing] says how to log in, but has no user");
}

TEST_CASE("OAuth") {
  MailAccount account = mailbox(
      "url = 'imaps://mail.example'\nuser = 'u'\n"
      "oauth = { token_url = 'https://login.example/token', client_id = 'id', "
      "client_secret_file = 'oauth.secret', scope = 'mail', refresh_token_env = 'REFRESH' }\n");
  REQUIRE(account.oauth);
  CHECK(account.oauth->token_url == "https://login.example/token");
  CHECK(account.oauth->client_id == "id");
  CHECK(account.oauth->client_secret == SecretSource{SecretSource::Kind::kFile, "oauth.secret"});
  CHECK(account.oauth->refresh_token == SecretSource{SecretSource::Kind::kEnvironment, "REFRESH"});
  CHECK(account.oauth->scope == "mail");
  CHECK(account.oauth->mechanism.empty());
  // As a table of its own, too.
  account = mailbox(
      "url = 'imaps://mail.example'\nuser = 'u'\n[mailbox.oauth]\n"
      "token_url = 'http://127.0.0.1:8080/t'\nclient_id = 'id'\nrefresh_token_file = 'r'\n"
      "mechanism = 'OAUTHBEARER'\n");
  REQUIRE(account.oauth);
  CHECK(account.oauth->mechanism == "oauthbearer");

  const std::string start = "[mailbox]\nurl = 'imaps://mail.example'\nuser = 'u'\n";
  auto what = [&](const std::string& oauth) { return error_of(start + "oauth = " + oauth).what; };
  CHECK(what("'x'") == "f, line 4: [mailbox] oauth must be a table");
  CHECK(what("{ client_id = 'i', refresh_token_file = 'r' }") ==
        "f, line 4: [mailbox.oauth] has no token_url");
  CHECK(what("{ token_url = 'https://l.example', refresh_token_file = 'r' }") ==
        "f, line 4: [mailbox.oauth] has no client_id");
  CHECK(what("{ token_url = 'https://l.example', client_id = 'i' }") ==
        "f, line 4: [mailbox.oauth] has neither a client secret nor a refresh token");
  for (const char* url : {"http://login.example/t", "http://127.0.0.1.example", "login.example",
                          "https://u:p@login.example", "https://", "ftp://login.example"})
    CHECK(what("{ token_url = '" + std::string(url) + "' }").find("token_url must be") !=
          std::string::npos);
  CHECK(what("{ mechanism = 'plain' }").find("\"xoauth2\" or") != std::string::npos);
  CHECK(error_of(start + "password_file = 'p'\noauth = { token_url = 'https://l.example', "
                         "client_id = 'i', refresh_token_file = 'r' }")
            .what == "f, line 5: [mailbox] has both a password and oauth");
}

TEST_CASE("several mailboxes") {
  auto settings = parse_settings(
      "[mailbox.second]\nurl = 'imaps://other.example'\nuser = 'b'\npassword_file = 'p2'\n"
      "folder_prefix = 'INBOX.'\nquiet_hours = 5\n"
      "[mailbox]\nurl = 'imaps://mail.example'\nuser = 'a'\npassword_file = 'p'\n"
      "quiet_hours = 100\n"
      "[mailbox.first]\nurl = 'imap://third.example'\nuser = 'c'\n"
      "[mailbox.first.oauth]\ntoken_url = 'https://l.example/'\nclient_id = 'i'\n"
      "client_secret_env = 'S'\n",
      "f");
  INFO((settings.ok() ? "" : settings.error().what));
  REQUIRE(settings.ok());
  REQUIRE(settings->mailboxes.size() == 3);
  CHECK(settings->mailboxes[0].name.empty());
  CHECK(settings->mailboxes[0].quiet == std::chrono::hours(100));
  CHECK(settings->mailboxes[1].name == "first");
  CHECK(settings->mailboxes[1].account.table == "mailbox.first");
  CHECK(settings->mailboxes[1].quiet == std::chrono::hours(100));
  CHECK(settings->mailboxes[1].account.oauth->client_secret.where == "S");
  CHECK(settings->mailboxes[2].name == "second");
  CHECK(settings->mailboxes[2].folder_prefix == "INBOX.");
  CHECK(settings->mailboxes[2].quiet == std::chrono::hours(5));

  // Named ones alone: then there is no embedded one beside them, and [mailbox] itself is none.
  settings = parse_settings("[mailbox.a]\nurl='imaps://x.example'\n" + kLogin, "f");
  REQUIRE(settings.ok());
  CHECK(settings->mailboxes.size() == 1);
  // The embedded Maildir may be quiet for another time, too.
  settings = parse_settings("[mailbox]\nquiet_hours = 0\n", "f");
  REQUIRE(settings.ok());
  CHECK(settings->mailboxes.empty());
  CHECK(settings->quiet == std::chrono::hours(0));

  CHECK(error_of("[mailbox.a]\nuser = 'u'\n").what == "f, line 2: [mailbox.a] has user but no url");
  CHECK(error_of("[mailbox.a]\n").what == "f, line 1: [mailbox.a] has no url");
  CHECK(error_of("[mailbox.\"a b\"]\n").to_do == "Use up to 32 letters, digits, - and _.");
  const std::string a = "[mailbox.a]\nurl = 'imaps://x.example'\n" + kLogin;
  CHECK(error_of(a + "[mailbox.b]\nurl = 'imaps://X.example:993'\n" + kLogin).what ==
        "f, line 5: [mailbox.b] is the same mailbox as [mailbox.a]");
}

TEST_CASE("unknown keys, wrong types and bad addresses are errors with a line") {
  CHECK(error_of("[mailbox]\nurll = 'x'\n").to_do == "Did you mean \"url\"?");
  CHECK(error_of("[mailbox]\npassword_fil = 'x'\n").to_do == "Did you mean \"password_file\"?");
  CHECK(error_of("[mailbox.x]\nuseer = 'x'\n").what ==
        "f, line 2: there is no setting \"useer\" in [mailbox.x]");
  CHECK(error_of("[outgoing]\nbounces = 'x'\n").to_do == "Did you mean \"bounce\"?");
  CHECK(error_of("[outgoin]\n").to_do == "Did you mean \"outgoing\"?");
  CHECK(error_of("[mailboxes]\n").to_do == "Did you mean \"mailbox\"?");
  for (const char* text :
       {"mailbox = 3",
        "[mailbox]\nquiet_hours = -1",
        "[mailbox]\nquiet_hours = 'x'",
        "[mailbox]\nfolder_prefix = 1",
        "[mailbox]\nfolder_prefix = \"a\\r\\nb\"",
        "[mailbox]\nallow_plaintext = 'yes'",
        "[mailbox]\nca_file = 1",
        "[mailbox]\nuser = 1",
        "[[mailbox]]\nurl = 'x'",
        "[outgoing]\nfrom = 'gateway'",
        "[outgoing]\nfrom = \"a@b.example\\r\\nX: y\"",
        "[outgoing]\ndsn = 1",
        "[outgoing]\nbounce = 'gateway@network.example'",
        "[outgoing]\nbounce = 'g{tag}{tag}@network.example'",
        "[outgoing]\nbounce = 'gateway@{tag}.example'",
        "[outgoing]\nbounce = '{tag}@'",
        "[outgoing]\nbounce = 'a-local-part-that-is-too-long-for-this+{tag}@x.example'",
        "[outgoing.second]\nurl = 'smtps://x.example'",
        "[operator]\nmail = 'nobody'",
        "[operator]\nalert_command = ''",
        "[operator]\nalert_command = 1"}) {
    INFO(text);
    CHECK(error_of(text).what.find("line ") != std::string::npos);
  }
}

TEST_CASE("the operator's other route") {
  auto settings = parse_settings(
      "[operator]\nmail = 'op@other.example'\nalert_command = 'logger -t focalpost'\n", "f");
  REQUIRE(settings.ok());
  CHECK(settings->operator_mail == "op@other.example");
  CHECK(settings->alert_command == "logger -t focalpost");
}

TEST_CASE("every commented example of the file that init writes is legal") {
  std::string text = default_settings_text(false), opened;
  // "# [table]" and "# key = value" lose their mark, remarks keep it.
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = text.find('\n', at);
    std::string line = text.substr(at, end - at);
    at = end + 1;
    bool setting = line.starts_with("# ") && (line[2] == '[' || line.find(" = ") < 30);
    // Ways to say the same, of which one counts.
    for (const char* other : {"# password_env", "# password_credential", "# oauth"})
      if (line.starts_with(other)) setting = false;
    opened += (setting ? line.substr(2) : line) + "\n";
    if (line == "# url = \"imaps://other.example\"") opened += kLogin;
  }
  auto settings = parse_settings(opened, "f");
  INFO(opened << (settings.ok() ? "" : settings.error().what));
  REQUIRE(settings.ok());
  CHECK(settings->mailboxes.size() == 2);
  CHECK(settings->outgoing.account.named());
  CHECK_FALSE(settings->outgoing.bounce.empty());
}
