// SPDX-License-Identifier: Apache-2.0
#include "net/connection.h"

#include <fmt/format.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <thread>

#include "base/files.h"
#include "catch.h"
#include "net/certificate.h"
#include "servers/dovecot.h"
#include "servers/fake.h"

using namespace focalpost;
using namespace focalpost::net;
using servers::Fake;
using servers::FakeImap;
using servers::Peer;

namespace {

Endpoint imap_at(std::uint16_t port, Tls tls = Tls::kNone, const std::string& ca = {}) {
  Endpoint endpoint;
  endpoint.host = "localhost";
  endpoint.port = port;
  endpoint.tls = tls;
  endpoint.ca_file = ca;
  return endpoint;
}

Endpoint smtp_at(std::uint16_t port, Tls tls = Tls::kNone, const std::string& ca = {}) {
  Endpoint endpoint = imap_at(port, tls, ca);
  endpoint.protocol = Protocol::kSmtp;
  return endpoint;
}

const Login kLogin{"gateway", "secret", {}, {}};

/// Whatever a fault is: an answer has to be there within this time.
Options patient(int millis = 20'000) {
  Options options;
  options.connect_timeout = options.timeout = Millis(millis);
  return options;
}

std::unique_ptr<Connection> must_open(const Endpoint& endpoint, const Login& login = kLogin,
                                      const Options& options = {}) {
  auto opened = Connection::open(endpoint, login, options);
  if (!opened.ok()) FAIL(opened.error().what);
  return std::move(opened).value();
}

Error must_fail(const Endpoint& endpoint, const Login& login = kLogin,
                const Options& options = patient()) {
  auto opened = Connection::open(endpoint, login, options);
  REQUIRE_FALSE(opened.ok());
  UNSCOPED_INFO(opened.error().what << " / " << opened.error().to_do);
  CHECK_FALSE(opened.error().to_do.empty());
  return opened.take_error();
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

/// Reads lines until one begins so.
std::string line_beginning(Connection& connection, std::string_view prefix) {
  for (;;) {
    auto line = connection.read_line(10'000);
    if (!line.ok()) FAIL(line.error().what);
    if (line->starts_with(prefix)) return std::string(*line);
  }
}

struct Certificates {
  servers::Folder folder;
  servers::Authority authority{folder.path()};
};

}  // namespace

TEST_CASE("a real IMAP server: plain, STARTTLS, TLS") {
  servers::Dovecot dovecot;
  const std::string ca = dovecot.ca_file().string();
  for (const auto& endpoint :
       {imap_at(dovecot.imap_port()), imap_at(dovecot.imap_port(), Tls::kStartTls, ca),
        imap_at(dovecot.imaps_port(), Tls::kImplicit, ca)}) {
    auto connection = must_open(endpoint);
    CHECK(has(std::string(connection->transcript()), "OK"));
    REQUIRE(connection->send("x1 CAPABILITY\r\n").ok());
    CHECK(line_beginning(*connection, "* CAPABILITY").find("IMAP4rev1") != std::string::npos);
    CHECK(line_beginning(*connection, "x1 ").starts_with("x1 OK"));
  }

  SECTION("the authority is not trusted without ca_file") {
    const Error error = must_fail(imap_at(dovecot.imaps_port(), Tls::kImplicit));
    CHECK(error.kind == ErrorKind::kUsage);
    CHECK(has(error.what, "an authority that is not trusted here"));
    CHECK(has(error.to_do, "ca_file"));
  }
  SECTION("a ca_file that is not there") {
    const Error error = must_fail(imap_at(dovecot.imaps_port(), Tls::kImplicit, "/nowhere.pem"));
    CHECK(error.kind == ErrorKind::kUsage);
    CHECK(has(error.to_do, "ca_file"));
  }
  SECTION("a wrong password is permanent, and not in the sentence") {
    const Error error =
        must_fail(imap_at(dovecot.imaps_port(), Tls::kImplicit, ca), {"gateway", "wr0ng", {}, {}});
    CHECK(error.kind == ErrorKind::kUsage);
    CHECK(has(error.what, "refused the login of gateway"));
    CHECK(has(error.what, "AUTHENTICATIONFAILED"));
    CHECK_FALSE(has(error.what + error.to_do, "wr0ng"));
  }
  SECTION("TLS from the first byte on a port without it") {
    const Error error = must_fail(imap_at(dovecot.imap_port(), Tls::kImplicit, ca));
    CHECK(has(error.to_do, "imap://"));
  }
  SECTION("what is sent and what is read do not block each other") {
    // More than any buffer between the two holds, both ways: Dovecot stops reading commands while
    // it cannot write answers.
    auto connection = must_open(imap_at(dovecot.imap_port()));
    const int commands = 40'000;
    const std::string more(80, 'x');
    for (int i = 0; i < commands; ++i) {
      const auto queued = connection->queue(fmt::format("n{} LIST \"\" {}\r\n", i, more));
      REQUIRE(queued.ok());
    }
    for (int i = 0; i < commands; ++i) {
      const std::string tag = fmt::format("n{} ", i);
      const std::string line = line_beginning(*connection, tag);
      if (!line.starts_with(tag + "OK")) FAIL(line);
    }
    CHECK(connection->unsent() == 0);
  }
}

TEST_CASE("a server's kick reads as what it is") {
  servers::Dovecot dovecot;
  auto connection = must_open(imap_at(dovecot.imap_port()));
  REQUIRE(connection->send("a NOOP\r\n").ok());
  line_beginning(*connection, "a ");
  dovecot.kick("gateway");
  CHECK(line_beginning(*connection, "* BYE").size() > 5);
  auto line = connection->read_line(1000);
  REQUIRE_FALSE(line.ok());
  CHECK(line.error().retry_helps());
  CHECK(has(line.error().what, "closed"));
}

TEST_CASE("nobody there, or somebody who says nothing") {
  SECTION("a port without a server") {
    const Error error = must_fail(imap_at(servers::free_port()));
    CHECK(error.retry_helps());
    CHECK(has(error.what, "cannot be reached"));
  }
  SECTION("a name that does not exist") {
    Endpoint endpoint = imap_at(993, Tls::kImplicit);
    endpoint.host = "no-such-host.invalid";
    const Error error = must_fail(endpoint);
    CHECK(error.retry_helps());
  }
  SECTION("no greeting") {
    Fake fake([](Peer& peer) { peer.be_mute(); });
    const Error error = must_fail(imap_at(fake.port()), kLogin, patient(300));
    CHECK(error.retry_helps());
    CHECK(has(error.what, "did not answer in time"));
  }
  SECTION("no answer to the login") {
    Fake fake([](Peer& peer) {
      peer.send("* OK ready\r\n");
      peer.line();
      peer.be_mute();
    });
    CHECK(must_fail(imap_at(fake.port()), kLogin, patient(300)).retry_helps());
  }
  SECTION("no TLS handshake") {
    Fake fake([](Peer& peer) { peer.be_mute(); });
    CHECK(must_fail(imap_at(fake.port(), Tls::kImplicit), kLogin, patient(300)).retry_helps());
  }
  SECTION("the program is asked to stop meanwhile") {
    Fake fake([](Peer& peer) { peer.be_mute(); });
    Fd stop(::eventfd(1, EFD_CLOEXEC));
    Options options = patient(60'000);
    options.stop_fd = stop.get();
    auto opened = Connection::open(imap_at(fake.port()), kLogin, options);
    REQUIRE_FALSE(opened.ok());
    CHECK(has(opened.error().what, "the program stops"));
  }
}

TEST_CASE("a line without TLS does not leave this machine unasked") {
  Endpoint endpoint = imap_at(14'143);
  endpoint.host = "192.0.2.1";
  const Error error = must_fail(endpoint);
  CHECK(error.kind == ErrorKind::kUsage);
  CHECK(has(error.what, "another machine"));
  CHECK(has(error.to_do, "allow_plaintext"));
}

TEST_CASE("settings that would reach a command are refused") {
  Fake fake([](Peer&) { throw servers::Failure("connected"); });
  for (const Login& login :
       {Login{"a\r\nb", "x", {}, {}}, Login{"a", std::string("x\0y", 3), {}, {}},
        Login{"a", "", "token\n", {}}, Login{"", "", {}, {}}}) {
    auto opened = Connection::open(imap_at(fake.port()), login, patient());
    REQUIRE_FALSE(opened.ok());
    CHECK(opened.error().kind == ErrorKind::kUsage);
  }
  Options options = patient();
  options.ehlo_name = "a b\r\nMAIL";
  CHECK_FALSE(Connection::open(smtp_at(fake.port()), Login{}, options).ok());
  CHECK(fake.failures().empty());
}

TEST_CASE("certificates that are not right, in words") {
  Certificates certificates;
  const std::string ca = certificates.authority.file().string();
  const auto script = [](Peer& peer) { peer.send("* OK ready\r\n"); };
  SECTION("expired") {
    servers::Wanted wanted;
    wanted.valid_from = std::chrono::hours(-48);
    wanted.valid_until = std::chrono::hours(-1);
    Fake fake(script, certificates.authority.issue(wanted));
    const Error error = must_fail(imap_at(fake.port(), Tls::kImplicit, ca));
    CHECK(error.kind == ErrorKind::kUsage);
    CHECK(has(error.what, "has expired"));
    CHECK(has(error.to_do, "clock"));
  }
  SECTION("not valid yet") {
    servers::Wanted wanted;
    wanted.valid_from = std::chrono::hours(2);
    Fake fake(script, certificates.authority.issue(wanted));
    CHECK(has(must_fail(imap_at(fake.port(), Tls::kImplicit, ca)).what, "not valid yet"));
  }
  SECTION("for another host") {
    servers::Wanted wanted;
    wanted.hosts = {"mail.example"};
    wanted.addresses = {};
    Fake fake(script, certificates.authority.issue(wanted));
    const Error error = must_fail(imap_at(fake.port(), Tls::kImplicit, ca));
    CHECK(error.kind == ErrorKind::kUsage);
    CHECK(has(error.what, "is for another host"));
  }
  SECTION("of another authority") {
    Certificates others;
    Fake fake(script, others.authority.issue());
    const Error error = must_fail(imap_at(fake.port(), Tls::kImplicit, ca));
    CHECK(error.kind == ErrorKind::kUsage);
    CHECK(has(error.what, "not trusted"));
  }
  SECTION("expired, after STARTTLS") {
    servers::Wanted wanted;
    wanted.valid_from = std::chrono::hours(-48);
    wanted.valid_until = std::chrono::hours(-1);
    const auto expired = certificates.authority.issue(wanted);
    Fake fake([&](Peer& peer) {
      FakeImap imap;
      imap.capability = "IMAP4rev1 STARTTLS AUTH=PLAIN";
      imap.handle = [&](Peer& at, const std::string& tag, const std::string& command) {
        if (command != "STARTTLS") return false;
        at.send(tag + " OK go\r\n");
        if (at.start_tls(expired)) throw servers::Failure("the certificate was taken");
        throw servers::Gone{};
      };
      imap(peer);
    });
    CHECK(has(must_fail(imap_at(fake.port(), Tls::kStartTls, ca)).what, "has expired"));
    CHECK(fake.failures().empty());
  }
}

TEST_CASE("until when the server's certificate is valid, if that is asked for") {
  Certificates certificates;
  const std::string ca = certificates.authority.file().string();
  const auto now = std::chrono::system_clock::now();
  servers::Wanted wanted;
  wanted.valid_until = std::chrono::hours(GENERATE(5, 24 * 20, 24 * 400));
  const auto certificate = certificates.authority.issue(wanted);
  const bool starttls = GENERATE(false, true);
  FakeImap imap;
  if (starttls) {
    imap.capability = "IMAP4rev1 STARTTLS AUTH=PLAIN SASL-IR";
    imap.handle = [&](Peer& peer, const std::string& tag, const std::string& command) {
      if (command != "STARTTLS") return false;
      peer.send(tag + " OK go\r\n");
      return peer.start_tls(certificate);
    };
  }
  Fake fake(imap, starttls ? std::optional<servers::Certificate>() : certificate);
  const Endpoint endpoint = imap_at(fake.port(), starttls ? Tls::kStartTls : Tls::kImplicit, ca);
  CHECK_FALSE(must_open(endpoint)->certificate_until());
  Options options = patient();
  options.note_certificate = true;
  const auto until = must_open(endpoint, kLogin, options)->certificate_until();
  REQUIRE(until);
  // Issued between the two moments that `now` and this one are; to the second.
  CHECK(*until > now + wanted.valid_until - std::chrono::seconds(2));
  CHECK(*until <= std::chrono::system_clock::now() + wanted.valid_until);
}

TEST_CASE("a line without TLS has no certificate") {
  Fake fake(FakeImap{});
  Options options = patient();
  options.note_certificate = true;
  CHECK_FALSE(must_open(imap_at(fake.port()), kLogin, options)->certificate_until());
}

TEST_CASE("times of certificates, as TLS libraries print them") {
  const auto wanted = parse_time("2027-03-01T09:30:05Z");
  for (std::string_view text : {"Mar  1 09:30:05 2027 GMT", " mar 01 09:30:05 2027 GMT ",
                                "Mar  1 09:30:05.25 2027 GMT", "2027-03-01 09:30:05 GMT"}) {
    INFO(text);
    CHECK(read_certificate_time(text) == wanted);
  }
  CHECK(read_certificate_time("Dec 31 23:59:59 9999 GMT") == parse_time("9999-12-31T23:59:59Z"));
  for (std::string_view text :
       {"", "GMT", "Mar  1 09:30:05 2027", "Mar  1 09:30:05 2027 CET", "Foo  1 09:30:05 2027 GMT",
        "Feb 30 09:30:05 2027 GMT", "Mar  1 25:30:05 2027 GMT", "Mar  1 09:30 2027 GMT",
        "Mar  1 09:30:05 20270 GMT", "Mar -1 09:30:05 2027 GMT", "2027-13-01 09:30:05 GMT",
        "2027-03 09:30:05 GMT", "Bad time value",
        "Mar                                      1 09:30:05 2027 GMT"}) {
    INFO(text);
    CHECK_FALSE(read_certificate_time(text));
  }
}

TEST_CASE("STARTTLS is required, and nothing from before it counts") {
  Certificates certificates;
  const std::string ca = certificates.authority.file().string();
  const auto certificate = certificates.authority.issue();
  std::atomic<bool> logged_in{false};
  FakeImap imap;
  imap.capability = "IMAP4rev1 STARTTLS AUTH=PLAIN SASL-IR";
  SECTION("taken out of the capabilities") {
    imap.capability = "IMAP4rev1 AUTH=PLAIN SASL-IR";
    imap.handle = [&](Peer&, const std::string&, const std::string& command) {
      if (command.starts_with("AUTH") || command.starts_with("LOGIN")) logged_in = true;
      return false;
    };
    Fake fake(imap);
    const Error error = must_fail(imap_at(fake.port(), Tls::kStartTls, ca));
    CHECK(error.kind == ErrorKind::kUsage);
    CHECK(has(error.what, "does not offer STARTTLS"));
  }
  SECTION("a greeting that says we are logged in already") {
    Fake fake([&](Peer& peer) {
      peer.send("* PREAUTH welcome\r\n");
      for (;;) {
        const std::string line = peer.line();
        peer.send("* CAPABILITY IMAP4rev1 STARTTLS\r\n" + line.substr(0, line.find(' ')) +
                  " OK\r\n");
      }
    });
    CHECK_FALSE(Connection::open(imap_at(fake.port(), Tls::kStartTls, ca), kLogin, patient()).ok());
  }
  SECTION("answers injected behind the answer to STARTTLS") {
    imap.handle = [&](Peer& peer, const std::string& tag, const std::string& command) {
      if (command.starts_with("AUTH") || command.starts_with("LOGIN")) logged_in = true;
      if (command != "STARTTLS") return false;
      peer.send(tag +
                " OK go\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN INJECTED\r\nA003 OK injected\r\n");
      if (!peer.start_tls(certificate)) throw servers::Gone{};
      return true;
    };
    Fake fake(imap);
    auto opened = Connection::open(imap_at(fake.port(), Tls::kStartTls, ca), kLogin, patient());
    if (opened.ok()) {
      // Where libcurl goes on, what was injected is gone: the answer is that from behind TLS.
      REQUIRE((*opened)->send("x1 CAPABILITY\r\n").ok());
      CHECK_FALSE(has(line_beginning(**opened, "* CAPABILITY"), "INJECTED"));
    } else {
      CHECK_FALSE(logged_in);
      CHECK(opened.error().retry_helps());
    }
  }
  SECTION("as it should be") {
    imap.handle = [&](Peer& peer, const std::string& tag, const std::string& command) {
      if (command != "STARTTLS") return false;
      peer.send(tag + " OK go\r\n");
      if (!peer.start_tls(certificate)) throw servers::Failure("no handshake");
      return true;
    };
    Fake fake(imap);
    must_open(imap_at(fake.port(), Tls::kStartTls, ca));
    CHECK(fake.failures().empty());
    logged_in = false;
  }
  CHECK_FALSE(logged_in);
}

TEST_CASE("a refused login: for good, or for now") {
  FakeImap imap;
  std::string answer;
  imap.handle = [&](Peer& peer, const std::string& tag, const std::string& command) {
    if (!command.starts_with("AUTHENTICATE")) return false;
    peer.send(tag + " " + answer + "\r\n");
    return true;
  };
  for (auto [line, temporary] : std::vector<std::pair<std::string, bool>>{
           {"NO [AUTHENTICATIONFAILED] Authentication failed.", false},
           {"NO [UNAVAILABLE] the directory is away", true},
           {"NO [ALERT] Too many simultaneous connections", true},
           {"NO [AUTHORIZATIONFAILED] no", false},
           {"NO [EXPIRED] change it", false}}) {
    answer = line;
    Fake fake(imap);
    const Error error = must_fail(imap_at(fake.port()));
    INFO(line);
    CHECK(error.retry_helps() == temporary);
    CHECK(has(error.what, line.substr(3)));
  }
  SECTION("at the greeting") {
    Fake fake([](Peer& peer) { peer.send("* BYE Too many connections\r\n"); });
    const Error error = must_fail(imap_at(fake.port()));
    CHECK(error.retry_helps());
    CHECK(has(error.what, "Too many connections"));
  }
  SECTION("no password is wanted at all") {
    imap.capability = "IMAP4rev1 LOGINDISABLED";
    imap.handle = nullptr;
    Fake fake(imap);
    const Error error = must_fail(imap_at(fake.port()));
    CHECK(error.kind == ErrorKind::kUsage);
    CHECK(has(error.what, "LOGINDISABLED"));
  }
  SECTION("a server that knows only the command LOGIN") {
    imap.capability = "IMAP4rev1";
    Certificates certificates;
    imap.handle = nullptr;
    Fake fake(imap, certificates.authority.issue());
    must_open(imap_at(fake.port(), Tls::kImplicit, certificates.authority.file().string()));
  }
  SECTION("Kerberos and NTLM are offered: the password is used all the same") {
    imap.capability = "IMAP4rev1 SASL-IR AUTH=GSSAPI AUTH=NTLM AUTH=PLAIN";
    std::string seen;
    imap.handle = [&](Peer&, const std::string&, const std::string& command) {
      if (command.starts_with("AUTHENTICATE")) seen = command;
      return false;
    };
    Certificates certificates;
    Fake fake(imap, certificates.authority.issue());
    must_open(imap_at(fake.port(), Tls::kImplicit, certificates.authority.file().string()),
              {"gateway@network.example", "secret", {}, {}});
    CHECK(seen.starts_with("AUTHENTICATE PLAIN"));
  }
}

TEST_CASE("SMTP logins") {
  std::string offered = "AUTH PLAIN LOGIN", answer = "235 2.7.0 welcome";
  std::string ehlo;
  const auto script = [&](Peer& peer) {
    peer.send("220 ready\r\n");
    ehlo = peer.expect("EHLO");
    peer.send("250-mx.example\r\n250-PIPELINING\r\n250 " + offered + "\r\n");
    peer.expect("AUTH PLAIN");
    peer.send("334 \r\n");
    peer.expect("AGdhdGV3YXkAc2VjcmV0");
    peer.send(answer + "\r\n");
    peer.expect("NOOP");
    peer.send("250 fine\r\n");
  };
  Options options = patient();
  options.ehlo_name = "gateway.network.example";
  SECTION("taken") {
    Fake fake(script);
    auto connection = must_open(smtp_at(fake.port()), kLogin, options);
    CHECK(ehlo == "EHLO gateway.network.example");
    REQUIRE(connection->send("NOOP\r\n").ok());
    CHECK(*connection->read_line(512) == "250 fine");
  }
  SECTION("refused for good") {
    answer = "535 5.7.8 wrong";
    Fake fake(script);
    const Error error = must_fail(smtp_at(fake.port()));
    CHECK(error.kind == ErrorKind::kUsage);
    CHECK(has(error.what, "535 5.7.8 wrong"));
  }
  SECTION("refused for now") {
    answer = "454 4.7.0 the directory is away";
    Fake fake(script);
    CHECK(must_fail(smtp_at(fake.port())).retry_helps());
  }
  SECTION("not offered, though a user is set") {
    offered = "SIZE 1000";
    Fake fake(script);
    const Error error = must_fail(smtp_at(fake.port()));
    CHECK(error.kind == ErrorKind::kUsage);
    CHECK(has(error.what, "offers no kind of login"));
  }
  SECTION("none wanted") {
    Fake fake([&](Peer& peer) {
      peer.send("220 ready\r\n");
      peer.expect("EHLO");
      peer.send("250 mx.example\r\n");
      peer.expect("QUIT");
    });
    auto connection = must_open(smtp_at(fake.port()), Login{}, options);
    REQUIRE(connection->send("QUIT\r\n").ok());
    CHECK_FALSE(connection->read_line(512).ok());
    CHECK(fake.failures().empty());
  }
  SECTION("no service today") {
    Fake fake([&](Peer& peer) { peer.send("421 4.3.2 later\r\n"); });
    const Error error = must_fail(smtp_at(fake.port()));
    CHECK(error.retry_helps());
    CHECK(has(error.what, "421 4.3.2 later"));
  }
}

TEST_CASE("lines and counted bytes") {
  // The login of SMTP without one leaves the script alone with the line.
  std::function<void(Peer&)> after_login;
  Fake fake([&](Peer& peer) {
    peer.send("220 ready\r\n");
    peer.expect("EHLO");
    peer.send("250 mx.example\r\n");
    peer.expect("GO");
    after_login(peer);
  });
  auto begin = [&](int silence = 20'000) {
    auto connection = must_open(smtp_at(fake.port()), Login{}, patient());
    REQUIRE(connection->send("GO\r\n").ok());
    connection->set_timeout(Millis(silence));
    return connection;
  };
  SECTION("CRLF and LF end a line, wherever the segments break") {
    after_login = [](Peer& peer) {
      for (char c : std::string("one\r\ntwo\n\r\nfour\r")) peer.send({&c, 1});
      peer.send("\nfive");
    };
    auto connection = begin();
    for (const char* line : {"one", "two", "", "four"}) CHECK(*connection->read_line(4) == line);
    CHECK_FALSE(connection->read_line(4).ok());
  }
  SECTION("a line that is too long, or never ends") {
    after_login = [](Peer& peer) {
      for (;;) peer.send(std::string(10'000, 'x'));
    };
    auto connection = begin();
    auto line = connection->read_line(50'000);
    REQUIRE_FALSE(line.ok());
    CHECK(line.error().retry_helps());
    CHECK(has(line.error().what, "more than 50000 bytes"));
    CHECK_FALSE(connection->read_line(50'000).ok());
  }
  SECTION("counted bytes: taken, half taken, not taken") {
    const std::string big(3'000'000, 'b');
    after_login = [&](Peer& peer) {
      for (int i = 0; i < 4; ++i) peer.send("{3000000}\r\n" + big + ")\r\n");
    };
    auto connection = begin();
    for (int i = 0; i < 4; ++i) {
      REQUIRE(*connection->read_line(100) == "{3000000}");
      ByteSource& source = connection->bytes(big.size());
      if (i == 0) CHECK(*read_all(source, 1 << 30) == big);
      if (i == 0) CHECK(source.next()->empty());
      if (i == 1) CHECK(source.next()->size() > 0);
      if (i == 2) (void)connection->bytes(0);
      CHECK(*connection->read_line(100) == ")");
    }
  }
  SECTION("the connection ends within counted bytes") {
    after_login = [](Peer& peer) { peer.send("{1000}\r\nabc"); };
    auto connection = begin();
    REQUIRE(connection->read_line(100).ok());
    auto all = read_all(connection->bytes(1000), 1 << 20);
    REQUIRE_FALSE(all.ok());
    CHECK(all.error().retry_helps());
    CHECK_FALSE(connection->read_line(100).ok());
  }
  SECTION("silence within a line, within counted bytes, before both") {
    std::string before = GENERATE("", "half a line", "{10}\r\nabc");
    after_login = [&](Peer& peer) {
      peer.send(before);
      peer.be_mute();
    };
    auto connection = begin(200);
    auto line = connection->read_line(100);
    if (line.ok()) {
      CHECK_FALSE(read_all(connection->bytes(10), 100).ok());
      line = connection->read_line(100);
    }
    REQUIRE_FALSE(line.ok());
    CHECK(has(line.error().what, "no answer within 0.2 seconds"));
    CHECK(line.error().retry_helps());
  }
  SECTION("a server that takes nothing") {
    after_login = [](Peer& peer) { peer.be_mute(); };
    auto connection = begin(200);
    auto sent = connection->send(std::string(64 << 20, 'x'));
    REQUIRE_FALSE(sent.ok());
    CHECK(sent.error().retry_helps());
    CHECK(has(sent.error().what, "took nothing"));
  }
  SECTION("answers that came before the line dropped are not lost") {
    after_login = [](Peer& peer) {
      peer.send("250 taken\r\n421 I go\r\n");
      peer.reset();
    };
    auto connection = begin();
    CHECK(*connection->wait(Millis(20'000), -1) == Ready::kReadable);
    while (connection->send(std::string(100'000, 'x')).ok()) {
    }
    CHECK(*connection->read_line(100) == "250 taken");
    CHECK(*connection->read_line(100) == "421 I go");
    CHECK_FALSE(connection->read_line(100).ok());
  }
  SECTION("waiting: for bytes, for the wake-up descriptor, for the time") {
    Fd wakeup(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    after_login = [](Peer& peer) {
      peer.expect("NOW");
      peer.send("here\r\n");
      peer.be_mute();
    };
    auto connection = begin();
    CHECK(*connection->wait(Millis(0), wakeup.get()) == Ready::kTimeout);
    CHECK(*connection->wait(Millis(20), wakeup.get()) == Ready::kTimeout);
    REQUIRE(::eventfd_write(wakeup.get(), 1) == 0);
    CHECK(*connection->wait(Millis(60'000), wakeup.get()) == Ready::kWoken);
    CHECK(*connection->wait(Millis(60'000), wakeup.get()) == Ready::kWoken);
    REQUIRE(connection->queue("NOW\r\n").ok());
    eventfd_t count = 0;
    REQUIRE(::eventfd_read(wakeup.get(), &count) == 0);
    CHECK(*connection->wait(Millis(60'000), wakeup.get()) == Ready::kReadable);
    CHECK(connection->buffered() > 0);
    CHECK(*connection->read_line(100) == "here");
  }
  SECTION("large amounts both ways over TLS") {
    Certificates certificates;
    Fake tls(
        [](Peer& peer) {
          peer.send("220 ready\r\n");
          peer.expect("EHLO");
          peer.send("250 mx.example\r\n");
          // Writes without reading until it is full, then reads it all.
          peer.send(std::string(4'000'000, 'a') + "\r\n");
          peer.bytes(4'000'000);
          peer.send("250 done\r\n");
        },
        certificates.authority.issue());
    auto connection =
        must_open(smtp_at(tls.port(), Tls::kImplicit, certificates.authority.file().string()),
                  Login{}, patient(20'000));
    for (int i = 0; i < 400; ++i) REQUIRE(connection->send(std::string(10'000, 'b')).ok());
    CHECK(connection->read_line(5'000'000)->size() == 4'000'000);
    CHECK(*connection->read_line(100) == "250 done");
    CHECK(tls.failures().empty());
  }
}

TEST_CASE("tokens are presented as the server wants them") {
  std::string offered, seen;
  FakeImap imap;
  imap.handle = [&](Peer& peer, const std::string& tag, const std::string& command) {
    if (!command.starts_with("AUTHENTICATE")) return false;
    seen = command.substr(13, command.find(' ', 13) - 13);
    if (seen != "XOAUTH2" || offered.find("REFUSE") == offered.npos) return false;
    peer.send("+ eyJzdGF0dXMiOiI0MDEifQ==\r\n");
    peer.line();
    peer.send(tag + " NO [AUTHENTICATIONFAILED] Invalid credentials\r\n");
    return true;
  };
  auto open_with = [&](const std::string& what, BearerMechanism mechanism) {
    offered = what;
    imap.capability = "IMAP4rev1 SASL-IR " + what;
    Fake fake(imap);
    Login login;
    login.user = "gateway@network.example";
    login.bearer = "to.ken";
    login.mechanism = mechanism;
    seen.clear();
    auto opened = Connection::open(imap_at(fake.port()), login, patient());
    return opened.ok() ? std::string() : opened.error().what;
  };
  CHECK(open_with("AUTH=PLAIN AUTH=XOAUTH2", BearerMechanism::kAny).empty());
  CHECK(seen == "XOAUTH2");
  CHECK(open_with("AUTH=PLAIN AUTH=OAUTHBEARER AUTH=XOAUTH2", BearerMechanism::kAny).empty());
  CHECK(seen == "OAUTHBEARER");
  CHECK(open_with("AUTH=PLAIN AUTH=OAUTHBEARER AUTH=XOAUTH2", BearerMechanism::kXoauth2).empty());
  CHECK(seen == "XOAUTH2");
  CHECK(has(open_with("AUTH=PLAIN", BearerMechanism::kAny), "offers no kind of login"));
  CHECK(seen.empty());
  CHECK(has(open_with("AUTH=XOAUTH2 REFUSE", BearerMechanism::kAny), "refused the token"));
}
