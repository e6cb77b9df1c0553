// SPDX-License-Identifier: Apache-2.0
//
// Who sent a message, as its header and the mail server's reports say it. Every attack is a test of
// its own; the name says what stands against it.
#include "flow/assurance.h"

#include "catch.h"
#include "lab.h"

using namespace lab;

namespace {

constexpr std::string_view kContact = "border.statistics@border.md.example";
constexpr std::string_view kPin = "mx.host.example";

/// Assesses letters by the example network, without a store.
class Desk {
 public:
  Settings settings =
      must(parse_settings("[trust]\nauthserv_id = \"mx.host.example\"\n", "focalpost.toml"));
  Trust trust{Pin::kHolds, nullptr};

  /// `top`: fields above From.
  Sender sender(const std::string& top, std::string from = std::string(kContact)) {
    return of(top + "From: " + from + "\r\nSubject: x\r\n\r\ntext\r\n");
  }
  Sender of(const std::string& raw) {
    mime::Message message = mime::parse(raw, settings.limits);
    Sender sender;
    assess(message, lookup(), settings, trust, at("2026-05-20T09:00:00Z"), sender);
    return sender;
  }
  static const StructureLookup& lookup() {
    static Lab lab;
    return lab.home().lookup();
  }
};

std::string report(std::string_view results, std::string_view id = kPin) {
  return fmt::format("Authentication-Results: {}; {}\r\n", id, results);
}
std::string level(const Sender& sender) {
  return fmt::format("{} {}", int(sender.assurance), sender.why);
}

}  // namespace

TEST_CASE("level 2: what the pinned server says of From's domain") {
  Desk desk;
  CHECK(level(desk.sender(report("dmarc=pass header.from=border.md.example"))) == "2 dmarc");
  CHECK(level(desk.sender(report("dmarc=pass header.from=Border.MD.example"))) == "2 dmarc");
  // As mail.ru writes it.
  CHECK(level(desk.sender(report("dmarc=pass header.from=border.statistics@border.md.example"))) ==
        "2 dmarc");
  CHECK(level(desk.sender(report("dkim=pass header.d=border.md.example"))) == "2 dkim");
  CHECK(level(desk.sender(report("dkim=pass header.i=@border.md.example"))) == "2 dkim");
  CHECK(level(desk.sender(report("dkim=pass header.i=x@border.md.example"))) == "2 dkim");
  // A domain above From's speaks for it.
  CHECK(level(desk.sender(report("dkim=pass header.d=md.example"))) == "2 dkim");
  // Several signatures: one that fits is enough.
  CHECK(level(desk.sender(report("dkim=pass header.d=list.example; dkim=pass "
                                 "header.d=border.md.example"))) == "2 dkim");
  // DMARC could not be decided, DKIM could.
  CHECK(level(desk.sender(report("dmarc=none; dkim=pass header.d=border.md.example"))) == "2 dkim");
  CHECK(level(desk.sender(report("dkim=pass header.d=border.md.example", "MX.Host.EXAMPLE"))) ==
        "2 dkim");
  CHECK(level(desk.sender(report("dkim=pass header.d=border.md.example", "mx.host.example (x)"))) ==
        "2 dkim");
  CHECK(desk.sender(report("dkim=pass header.d=border.md.example")).why_detail ==
        "border.md.example");
}

TEST_CASE("level 1: reports that say nothing about From's domain") {
  Desk desk;
  auto of = [&](std::string_view results) { return level(desk.sender(report(results))); };
  CHECK(level(desk.sender("")) == "1 no-report");
  CHECK(of("none") == "1 not-passed");
  CHECK(of("spf=pass smtp.mailfrom=border.md.example") == "1 not-passed");
  CHECK(of("dkim=fail header.d=border.md.example") == "1 not-passed");
  CHECK(of("dkim=none") == "1 not-passed");
  CHECK(of("dkim=pass") == "1 not-passed");
  CHECK(of("dkim=pass header.d=other.example") == "1 not-aligned");
  CHECK(of("dkim=pass header.d=example") == "1 not-aligned");  // one label signs for nobody
  CHECK(of("dkim=pass header.d=order.md.example") == "1 not-aligned");
  CHECK(of("dkim=pass header.d=mail.border.md.example") == "1 not-aligned");
  CHECK(of("dmarc=pass") == "1 not-aligned");
  CHECK(of("dmarc=pass header.from=other.example") == "1 not-aligned");
  CHECK(of("dmarc=pass header.from=md.example") == "1 not-aligned");
  CHECK(of("dmarc=fail header.from=border.md.example; dkim=pass header.d=border.md.example") ==
        "1 dmarc-failed");
  CHECK(of("dmarc=pass header.from=border.md.example; dmarc=none") == "1 bad-report");
  CHECK(of("dkim=pass header.d=border.md.example(.evil.example)") == "1 bad-report");
}

TEST_CASE("attack: a report under another server's name counts for nothing without the pin") {
  Desk desk;
  const std::string good = "dmarc=pass header.from=border.md.example";
  CHECK(level(desk.sender(report(good, "mx.evil.example"))) == "1 no-report");
  CHECK(level(desk.sender(report(good, "mx.host.example.evil.example"))) == "1 no-report");
  CHECK(level(desk.sender("Authentication-Results: " + good + "\r\n")) == "1 no-report");
  CHECK(level(desk.sender(report(good, "\"mx.host.example\""))) == "1 no-report");
  CHECK(level(desk.sender(report(good, "(x) mx.host.example"))) == "1 no-report");
  CHECK(level(desk.sender("ARC-Authentication-Results: i=1; mx.host.example; " + good + "\r\n")) ==
        "1 no-report");
  desk.trust.pin = Pin::kNone;
  CHECK(level(desk.sender(report(good))) == "1 no-pin");
}

TEST_CASE("attack: a forged report topmost where the server adds none counts only after a trial") {
  // Nothing in the message tells it from a true one: the trial of the server does.
  Desk desk;
  const std::string forged = report("dmarc=pass header.from=border.md.example");
  desk.trust.pin = Pin::kUnproven;
  CHECK(level(desk.sender(forged)) == "1 pin-unproven");
  desk.trust.pin = Pin::kRefused;
  CHECK(level(desk.sender(forged)) == "1 pin-refused");
}

TEST_CASE("attack: a forged report below the server's own is not read, for only the topmost is") {
  Desk desk;
  const std::string forged = report("dmarc=pass header.from=border.md.example");
  CHECK(level(desk.sender(report("dmarc=fail header.from=border.md.example") + forged)) ==
        "1 dmarc-failed");
  CHECK(level(desk.sender(report("dkim=none") + forged)) == "1 not-passed");
  // In any case, and behind whatever else.
  CHECK(level(desk.sender(report("none", "MX.HOST.example") + forged)) == "1 not-passed");
  CHECK(level(desk.sender(report("none") + "Received: x\r\n" + forged)) == "1 not-passed");
  // An own one that cannot be read does not make room for it either.
  CHECK(level(desk.sender("Authentication-Results: mx.host.example; dkim=(\r\n" + forged)) ==
        "1 bad-report");
  // Others' reports above do not count.
  CHECK(level(desk.sender(report("none", "mx.other.example") + forged)) == "2 dmarc");
}

TEST_CASE("attack: a forged report where the server saw no field is not read as one") {
  // Neither removed by the server nor tried by `check`.
  Desk desk;
  const std::string claim = " mx.host.example; dmarc=pass header.from=border.md.example\r\n",
                    field = "Authentication-Results:" + claim,
                    from = "From: " + std::string(kContact) + "\r\n";
  CHECK(level(desk.of("Authentication-Results :" + claim + from + "\r\nx")) == "1 no-report");
  CHECK(level(desk.of("Authentication-Results\t:" + claim + from + "\r\nx")) == "1 no-report");
  CHECK(level(desk.of(from + "no field\r\n" + field + "\r\nx")) == "1 bad-report");
  CHECK(level(desk.of("From x Wed May 20 09:00:00 2026\r\n" + field + from + "\r\nx")) ==
        "1 bad-report");
  CHECK(level(desk.of(from + "X: a\rAuthentication-Results:" + claim + "\r\nx")) == "1 no-report");
  CHECK(level(desk.of(from + "X: a\r\n " + field + "\r\nx")) == "1 no-report");
  CHECK(level(desk.of(from + "\r\n" + field + "\r\nx")) == "1 no-report");
  CHECK(level(desk.of(field + from + "\r\nx")) == "2 dmarc");
}

TEST_CASE("several filters of one server report in several fields, as many as the settings say") {
  Desk desk;
  const std::string spf = report("spf=pass smtp.mailfrom=x"),
                    dkim = report("dkim=pass header.d=border.md.example"),
                    dmarc = report("dmarc=fail header.from=border.md.example");
  CHECK(level(desk.sender(spf + dkim)) == "1 not-passed");
  desk.settings.trust.authserv_fields = 2;
  CHECK(level(desk.sender(spf + dkim)) == "2 dkim");
  CHECK(level(desk.sender(dkim + dmarc)) == "1 dmarc-failed");
  CHECK(level(desk.sender(spf + report("none") + dkim)) == "1 not-passed");
}

TEST_CASE("a pin for all hosts of a provider") {
  Desk desk;
  desk.settings.trust.authserv_id = "*.host.example";
  CHECK(level(desk.sender(
            report("dkim=pass header.i=@border.md.example", "front7.host.example"))) == "2 dkim");
  CHECK(level(desk.sender(report("dkim=pass header.i=@border.md.example", "fronthost.example"))) ==
        "1 no-report");
}

TEST_CASE("attack: several From make nobody the sender, for there must be exactly one") {
  Desk desk;
  const std::string good = report("dmarc=pass header.from=border.md.example");
  const std::string contact(kContact);
  for (const std::string& raw :
       {good + "From: " + contact + "\r\nFrom: evil@evil.example\r\n\r\nx",
        good + "From: evil@evil.example\r\nFrom: " + contact + "\r\n\r\nx",
        good + "From: " + contact + "\r\nfrom: " + contact + "\r\n\r\nx",
        good + "From: " + contact + "\r\nFrom: \r\n\r\nx",
        good + "From: " + contact + "\r\nFrom : evil@evil.example\r\n\r\nx",
        good + "From: " + contact + ", evil@evil.example\r\n\r\nx",
        good + "From: <" + contact + "> <evil@evil.example>\r\n\r\nx",
        good + "From: evil@evil.example <" + contact + ">, x@evil.example\r\n\r\nx",
        good + "From: staff: " + contact + ", evil@evil.example;\r\n\r\nx"}) {
    INFO(raw);
    Sender sender = desk.of(raw);
    CHECK(level(sender) == "0 several-from");
    CHECK_FALSE(sender.registered);
    CHECK(sender.address.empty());
  }
  for (const std::string& raw : {good + "\r\nx", good + "From: \r\n\r\nx",
                                 good + "From: nobody\r\n\r\nx", good + "From: <>\r\n\r\nx"})
    CHECK(level(desk.of(raw)) == "0 no-from");
}

TEST_CASE("attack: Sender, Reply-To, Return-Path and Resent-From never make somebody a contact") {
  Desk desk;
  const std::string contact(kContact);
  const std::string others = report("dmarc=pass header.from=evil.example") + "Sender: " + contact +
                             "\r\nReply-To: " + contact + "\r\nReturn-Path: <" + contact +
                             ">\r\nResent-From: " + contact + "\r\nX-Original-From: " + contact +
                             "\r\n";
  Sender sender = desk.sender(others, "evil@evil.example");
  CHECK(level(sender) == "0 not-registered");
  CHECK(sender.address == "evil@evil.example");
  // Nor do they take anything from one.
  const std::string evil = report("dmarc=pass header.from=border.md.example") +
                           "Sender: evil@evil.example\r\nReply-To: evil@evil.example\r\n";
  CHECK(level(desk.sender(evil)) == "2 dmarc");
}

TEST_CASE("attack: a contact's address as display name is only remarked upon, never matched") {
  Desk desk;
  for (std::string from :
       {"\"border.statistics@border.md.example\" <evil@evil.example>",
        "border.statistics@border.md.example <evil@evil.example>",
        "=?utf-8?q?border.statistics=40border.md.example?= <evil@evil.example>",
        "evil@evil.example (border.statistics@border.md.example)",
        "\"Statistics <Border.Statistics@border.md.example>\" <evil@evil.example>"}) {
    INFO(from);
    Sender sender = desk.sender("", from);
    CHECK(level(sender) == "0 not-registered");
    CHECK(sender.address == "evil@evil.example");
    CHECK(sender.remark.find("the display name is the address of MD_") != std::string::npos);
  }
  // One's own address there is how some programs write it.
  CHECK(desk.sender("",
                    "\"border.statistics@border.md.example\" "
                    "<border.statistics@border.md.example>")
            .remark.empty());
}

TEST_CASE("attack: look-alike letters match no contact, for addresses are compared byte by byte") {
  Desk desk;
  for (const char* from :
       {"b\u043Erder.statistics@border.md.example", "border.statistics@b\u043Erder.md.example",
        "border.statistics@border.md.ex\u0430mple", "border.statistics@xn--brder-jye.md.example",
        "border.statistics@border.rnd.example"}) {
    INFO(from);
    Sender sender = desk.sender(report("dmarc=pass header.from=border.md.example"), from);
    CHECK(level(sender) == "0 not-registered");
    CHECK(sender.remark.find("looks like that of MD_") != std::string::npos);
  }
  CHECK(level(desk.sender("", "BORDER.Statistics@Border.MD.Example")) == "1 no-report");
  CHECK(desk.sender("", "somebody@else.example").remark.empty());
}

TEST_CASE("names with other letters are compared as A-labels") {
  // The same domain, reported in one form and written in the other.
  Structures structures = Desk::lookup().structures();
  for (auto& scheme : structures.organisation_schemes)
    for (auto& organisation : scheme.organisations)
      for (auto& contact : organisation.contacts)
        for (std::string& email : contact.emails)
          if (email == kContact)
            email = "border@\u0433\u0440\u0430\u043D\u0438\u0446\u0430.example";
  StructureLookup lookup(std::move(structures));
  Desk desk;
  const std::string a_label = "xn--80aahvyq9b.example";
  for (const std::string& from : std::vector<std::string>{
           "border@\u0433\u0440\u0430\u043D\u0438\u0446\u0430.example", "border@" + a_label,
           "Border@\u0413\u0420\u0410\u041D\u0418\u0426\u0410.Example"})
    for (const std::string& reported : std::vector<std::string>{
             std::string("\u0433\u0440\u0430\u043D\u0438\u0446\u0430.example"), a_label}) {
      INFO(from << " " << reported);
      const std::string raw =
          report("dkim=pass header.d=" + reported) + "From: " + from + "\r\n\r\nx";
      mime::Message message = mime::parse(raw, Limits{});
      Sender sender;
      assess(message, lookup, desk.settings, desk.trust, Time{}, sender);
      CHECK(level(sender) == "2 dkim");
    }
}

TEST_CASE("the level decides what is filed, and the docket says why") {
  Lab lab;
  lab.close();
  std::string settings = must(read_file(lab.root() / "focalpost.toml"));
  settings = replaced(replaced(settings, "file = 1", "file = 2"), "revise = 1", "revise = 2");
  must(write_file_durably(lab.root() / "focalpost.toml", settings));
  lab.open();
  lab.configure("[trust]\nauthserv_id = \"mx.host.example\"\n");
  auto send = [&](const std::string& top, std::string_view value) {
    std::string uid = lab.put(top + Letter().attach("c.csv", crossings("2026-01", value)).bytes());
    lab.clock.advance(std::chrono::seconds(1));
    lab.once();
    return *lab.docket_of(uid);
  };
  const std::string good = report("dmarc=pass header.from=border.md.example");

  DocketRecord record = send(good, "100");
  CHECK(level(record.docket.sender) == "1 pin-unproven");
  CHECK(record.folder == "Held");
  CHECK(record.docket.items.at(0).hold == HoldReason::kAssurance);

  must(lab.home().store().trust().note_probe("mx.host.example", true, lab.clock.now()));
  record = send(good, "101");
  CHECK(level(record.docket.sender) == "2 dmarc");
  CHECK(record.folder == "Filed");
  record = send(report("dmarc=fail header.from=border.md.example"), "102");
  CHECK(level(record.docket.sender) == "1 dmarc-failed");
  CHECK(record.folder == "Held");

  // A trial that failed later takes it back, though the operator vouches for the server.
  lab.configure("authserv_tested = true\n");
  must(lab.home().store().trust().note_probe("mx.host.example", false, lab.clock.now()));
  record = send(good, "103");
  CHECK(level(record.docket.sender) == "1 pin-refused");
  CHECK(record.folder == "Held");
  // What was tried of another server says nothing about this one.
  lab.number("DELETE FROM authserv_probe");
  must(lab.home().store().trust().note_probe("mx.other.example", false, lab.clock.now()));
  record = send(good, "104");
  CHECK(level(record.docket.sender) == "2 dmarc");
}
