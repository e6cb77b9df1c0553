// SPDX-License-Identifier: Apache-2.0
//
// Signed letters, from the mailbox to the folder. Every attack is a test of its own; the name says
// what stands against it. Here filing needs level 4, so what is in Filed was believed as signed.
#include "catch.h"
#include "lab.h"
#include "signature/identities.h"

using namespace lab;

namespace {

constexpr const char* kContact = "border.statistics@border.md.example";
constexpr const char* kOther = "asylum.statistics@migration.kg.example";

std::string with_lf(std::string text) {
  std::erase(text, '\r');
  return text;
}

/// The part of a letter that is signed: everything from its Content-Type on.
std::string inside_of(const Letter& letter) {
  std::string bytes = letter.bytes();
  return bytes.substr(bytes.find("Content-Type: "));
}
Letter crossing_letter(std::string_view value) {
  return Letter().attach("c.csv", crossings("2026-01", value));
}

class SignedLab : public Lab {
 public:
  identities::Workshop shop;

  SignedLab() {
    clock.set(SystemClock().now());
    close();
    std::string settings = must(read_file(root() / "focalpost.toml"));
    settings = replaced(replaced(settings, "file = 1", "file = 4"), "revise = 1", "revise = 4");
    must(write_file_durably(root() / "focalpost.toml", settings));
    open();
    must(make_directories(root() / "keys"));
  }
  /// The name of somebody's key files.
  std::string key_name_of(const char* address) {
    const RosterEntry* entry = home().lookup().contact(address);
    REQUIRE(entry);
    return key_name(*entry);
  }
  void pin(const char* address, const std::string& ending, const std::string& bytes) {
    must(write_file_durably(root() / "keys" / (key_name_of(address) + ending), bytes));
  }
  /// A certificate for somebody, pinned.
  void certify(const std::string& name, const char* address) {
    shop.self_signed(name, address);
    pin(address, ".pem", shop.get(name + ".pem"));
  }

  std::string head(const std::string& from = kContact, const std::string& subject = "Crossings") {
    return fmt::format(
        "From: {}\r\nTo: gateway@network.example\r\nSubject: {}\r\nMessage-ID: <s{}@x.example>\r\n"
        "MIME-Version: 1.0\r\n",
        from, subject, ++serial_);
  }
  /// `more`: parts behind the signature, each with its delimiter line.
  static std::string detached(const std::string& content, const std::string& signature,
                              const std::string& type = "application/pkcs7-signature",
                              const std::string& more = "") {
    return fmt::format(
        "Content-Type: multipart/signed; protocol=\"{}\"; micalg=sha-256; "
        "boundary=\"=_sig\"\r\n\r\n"
        "--=_sig\r\n{}\r\n--=_sig\r\nContent-Type: {}\r\nContent-Transfer-Encoding: "
        "base64\r\n\r\n{}"
        "\r\n{}--=_sig--\r\n",
        type, content, type, base64(signature), more);
  }
  static std::string enclosed(const std::string& cms) {
    return "Content-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\r\n"
           "Content-Transfer-Encoding: base64\r\n\r\n" +
           base64(cms) + "\r\n";
  }
  DocketRecord send(const std::string& bytes) {
    std::string uid = put(bytes);
    clock.advance(std::chrono::seconds(1));
    once();
    auto record = docket_of(uid);
    REQUIRE(record);
    CHECK(folder_of(uid) == record->folder);
    return *record;
  }
  /// "4 smime Filed"
  static std::string verdict(const DocketRecord& record) {
    const Sender& sender = record.docket.sender;
    UNSCOPED_INFO(sender.why_detail << " / " << sender.remark);
    return fmt::format("{} {} {}", int(sender.assurance), sender.why, record.folder);
  }
  std::int64_t cells() { return number("SELECT count(*) FROM data WHERE provider LIKE 'MD_%'"); }

 private:
  int serial_ = 0;
};

std::string part(const std::string& name, const std::string& bytes) {
  return fmt::format(
      "Content-Type: text/csv; name=\"{}\"\r\nContent-Disposition: attachment; "
      "filename=\"{}\"\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n",
      name, name, base64(bytes));
}

}  // namespace

TEST_CASE("an S/MIME letter of a contact is believed as signed") {
  SignedLab lab;
  lab.certify("focal", kContact);
  const std::string content = inside_of(crossing_letter("100"));
  std::string mail;
  SECTION("detached") {
    mail = lab.head() + SignedLab::detached(content, lab.shop.smime(content, "focal"));
  }
  SECTION("detached, the older type") {
    mail = lab.head() + SignedLab::detached(content, lab.shop.smime(content, "focal"),
                                            "application/x-pkcs7-signature");
  }
  SECTION("detached, in a Maildir with LF alone") {
    mail = with_lf(lab.head() + SignedLab::detached(content, lab.shop.smime(content, "focal")));
  }
  SECTION("enclosed") {
    mail = lab.head() + SignedLab::enclosed(lab.shop.smime(content, "focal", "-nodetach"));
  }
  SECTION("enclosed, BER without lengths") {
    mail = lab.head() + SignedLab::enclosed(lab.shop.smime(content, "focal", "-nodetach -stream"));
  }
  DocketRecord record = lab.send(mail);
  CHECK(SignedLab::verdict(record) == "4 smime Filed");
  CHECK(record.docket.sender.why_detail.size() == 64);
  CHECK(record.docket.sender.remark.empty());
  CHECK(record.docket.items.size() == 1);
  CHECK(lab.cells() == 1);
  // A retry is the same message, not a second one.
  std::string uid = must(lab.home().store().dockets().messages(record.docket.id)).at(0).uid;
  lab.drag(uid, Folder::kFiled, Folder::kRetry);
  lab.once();
  auto again = lab.docket_of(uid);
  REQUIRE(again);
  CHECK(again->docket.attempt == 2);
  CHECK(SignedLab::verdict(*again) == "4 smime Filed");
}

TEST_CASE("a certificate of a configured authority for the contact's address is believed") {
  SignedLab lab;
  lab.shop.authority("ca");
  lab.shop.issued("focal", kContact, "ca");
  must(write_file_durably(lab.root() / "ca.pem", lab.shop.get("ca.pem")));
  lab.configure("[trust]\nca_file = \"ca.pem\"\n");
  const std::string content = inside_of(crossing_letter("100"));
  CHECK(SignedLab::verdict(lab.send(
            lab.head() + SignedLab::detached(content, lab.shop.smime(content, "focal")))) ==
        "4 smime Filed");
}

TEST_CASE("attack: a signature by another contact's key does not sign for this one") {
  SignedLab lab;
  lab.certify("focal", kContact);
  lab.certify("other", kOther);
  const std::string content = inside_of(crossing_letter("100"));
  // The other contact signs, and writes this one's address into From.
  DocketRecord record =
      lab.send(lab.head() + SignedLab::detached(content, lab.shop.smime(content, "other")));
  CHECK(SignedLab::verdict(record) == "1 no-pin Held");
  CHECK(record.docket.sender.remark.find("unknown-key") != std::string::npos);
  // This one's letter, captured, under the other's From.
  record =
      lab.send(lab.head(kOther) + SignedLab::detached(content, lab.shop.smime(content, "focal")));
  CHECK(record.docket.sender.assurance == Assurance::kFrom);
  CHECK(lab.cells() == 0);
}

TEST_CASE("attack: a signature of a stranger makes nobody a contact") {
  SignedLab lab;
  lab.certify("focal", kContact);
  const std::string content = inside_of(crossing_letter("100"));
  DocketRecord record = lab.send(lab.head("evil@evil.example") +
                                 SignedLab::detached(content, lab.shop.smime(content, "focal")));
  CHECK(SignedLab::verdict(record) == "0 not-registered Enquiries");
  CHECK(lab.cells() == 0);
}

TEST_CASE("attack: a changed body does not fit the signature") {
  SignedLab lab;
  lab.certify("focal", kContact);
  const std::string content = inside_of(crossing_letter("100")),
                    changed = inside_of(crossing_letter("999"));
  DocketRecord record =
      lab.send(lab.head() + SignedLab::detached(changed, lab.shop.smime(content, "focal")));
  CHECK(SignedLab::verdict(record) == "1 no-pin Held");
  CHECK(record.docket.sender.remark.find("does not count: bad") != std::string::npos);
  CHECK(lab.cells() == 0);
}

TEST_CASE("attack: a certificate that has expired on arrival does not count") {
  SignedLab lab;
  lab.certify("focal", kContact);
  const std::string content = inside_of(crossing_letter("100"));
  lab.clock.advance(std::chrono::hours(24 * 31));
  DocketRecord record =
      lab.send(lab.head() + SignedLab::detached(content, lab.shop.smime(content, "focal")));
  CHECK(SignedLab::verdict(record) == "1 no-pin Held");
  CHECK(record.docket.sender.remark.find("expired") != std::string::npos);
}

TEST_CASE(
    "attack: a captured signature wrapped beside other data covers nothing, for it must be "
    "outermost") {
  SignedLab lab;
  lab.certify("focal", kContact);
  const std::string content = inside_of(crossing_letter("100"));
  const std::string captured = SignedLab::detached(content, lab.shop.smime(content, "focal"));
  const std::string evil = part("evil.csv", crossings("2026-02", "666"));
  std::string mail;
  SECTION("the captured part first") {
    mail = "Content-Type: multipart/mixed; boundary=\"=_evil\"\r\n\r\n--=_evil\r\n" + captured +
           "\r\n--=_evil\r\n" + evil + "--=_evil--\r\n";
  }
  SECTION("the captured part last") {
    mail = "Content-Type: multipart/mixed; boundary=\"=_evil\"\r\n\r\n--=_evil\r\n" + evil +
           "--=_evil\r\n" + captured + "\r\n--=_evil--\r\n";
  }
  SECTION("a list server's footer") {
    mail = "Content-Type: multipart/mixed; boundary=\"=_evil\"\r\n\r\n--=_evil\r\n" + captured +
           "\r\n--=_evil\r\nContent-Type: text/plain\r\n\r\nfooter\r\n--=_evil--\r\n";
  }
  SECTION("a forwarded message") {
    mail = "Content-Type: message/rfc822\r\n\r\n" + lab.head() + captured;
  }
  SECTION("an enclosed one beside other data") {
    mail = "Content-Type: multipart/mixed; boundary=\"=_evil\"\r\n\r\n--=_evil\r\n" +
           SignedLab::enclosed(lab.shop.smime(content, "focal", "-nodetach")) + "\r\n--=_evil\r\n" +
           evil + "--=_evil--\r\n";
  }
  DocketRecord record = lab.send(lab.head() + mail);
  CHECK(SignedLab::verdict(record) == "1 no-pin Held");
  CHECK(record.docket.sender.remark.find("does not cover the whole message") != std::string::npos);
  CHECK(lab.cells() == 0);
}

TEST_CASE("attack: parts slipped into the signed multipart take the signature away") {
  SignedLab lab;
  lab.certify("focal", kContact);
  const std::string content = inside_of(crossing_letter("100"));
  const std::string signature = lab.shop.smime(content, "focal");
  const std::string evil = part("evil.csv", crossings("2026-02", "666"));
  std::string mail;
  SECTION("behind the signature") {
    mail = SignedLab::detached(content, signature, "application/pkcs7-signature",
                               "--=_sig\r\n" + evil);
  }
  SECTION("after the end") {
    mail = SignedLab::detached(content, signature) + "--=_sig\r\n" + evil;
  }
  SECTION("in front") {
    mail = replaced(SignedLab::detached(content, signature), "--=_sig\r\nContent-Type: multipart",
                    "--=_sig\r\n" + evil + "--=_sig\r\nContent-Type: multipart");
  }
  DocketRecord record = lab.send(lab.head() + mail);
  CHECK(SignedLab::verdict(record) == "1 no-pin Held");
  CHECK(record.docket.sender.remark.find("there is more beside") != std::string::npos);
  CHECK(lab.cells() == 0);
}

TEST_CASE("attack: data hidden where nobody signed are not looked at in a signed letter") {
  SignedLab lab;
  lab.certify("focal", kContact);
  const std::string content = inside_of(crossing_letter("100"));
  const std::string signature = lab.shop.smime(content, "focal");
  std::string mail = SignedLab::detached(content, signature);
  SECTION("before the first boundary") {
    mail = replaced(
        mail, "\r\n\r\n--=_sig\r\nContent-Type: multipart",
        "\r\n\r\n" + crossings("2026-02", "666") + "\r\n--=_sig\r\nContent-Type: multipart");
  }
  SECTION("after the last") {
    mail += crossings("2026-02", "666");
  }
  SECTION("the signature under a data file's name") {
    mail = replaced(mail, "Content-Type: application/pkcs7-signature\r\n",
                    "Content-Type: application/pkcs7-signature; name=\"evil.csv\"\r\n");
  }
  DocketRecord record = lab.send(lab.head() + mail);
  CHECK(SignedLab::verdict(record) == "4 smime Filed");
  CHECK(record.docket.items.size() == 1);
  CHECK(lab.number(
            "SELECT count(*) FROM data WHERE provider LIKE 'MD_%' AND time_period = '2026-02'") ==
        0);
}

TEST_CASE("attack: a detached signature that brings data of its own is none") {
  // The signature file holds a content beside the one that it signs, and programs that open
  // signed files would show that.
  SignedLab lab;
  lab.certify("focal", kContact);
  const std::string content = inside_of(crossing_letter("100"));
  DocketRecord record = lab.send(
      lab.head() + SignedLab::detached(content, lab.shop.smime(content, "focal", "-nodetach")));
  CHECK(record.docket.sender.assurance == Assurance::kFrom);
  CHECK(record.folder == "Held");
  CHECK(lab.cells() == 0);
}

TEST_CASE("attack: a captured signed letter is believed once, whatever its header says then") {
  SignedLab lab;
  lab.certify("focal", kContact);
  const std::string content = inside_of(crossing_letter("100"));
  const std::string signature = lab.shop.smime(content, "focal");
  DocketRecord first = lab.send(lab.head() + SignedLab::detached(content, signature));
  REQUIRE(SignedLab::verdict(first) == "4 smime Filed");
  // The contact corrects the figure; then the first letter comes again.
  const std::string correction = inside_of(crossing_letter("101"));
  REQUIRE(SignedLab::verdict(lab.send(
              lab.head() + SignedLab::detached(correction, lab.shop.smime(correction, "focal")))) ==
          "4 smime Filed");
  std::string again = SignedLab::detached(content, signature);
  SECTION("the same bytes") {}
  SECTION("with other line ends") {
    again = with_lf(again);
  }
  SECTION("signed once more over the same") {
    again = SignedLab::detached(content, lab.shop.smime(content, "focal"));
  }
  SECTION("enclosed instead") {
    again = SignedLab::enclosed(lab.shop.smime(content, "focal", "-nodetach"));
  }
  DocketRecord record = lab.send(lab.head(kContact, "A new subject") + again);
  CHECK(SignedLab::verdict(record) == "1 replayed Held");
  CHECK(record.docket.sender.why_detail == first.docket.number.text());
  CHECK(
      lab.number(
          "SELECT count(*) FROM data WHERE provider LIKE 'MD_%' AND CAST(value AS TEXT) = '101'") ==
      1);
}

TEST_CASE(
    "attack: a signed letter that was rejected, or only a test, cannot be used for more later") {
  SignedLab lab;
  lab.certify("focal", kContact);
  const std::string content = inside_of(crossing_letter("100"));
  const std::string mail = SignedLab::detached(content, lab.shop.smime(content, "focal"));
  CHECK(SignedLab::verdict(lab.send(lab.head(kContact, "TEST") + mail)) == "4 smime Enquiries");
  CHECK(SignedLab::verdict(lab.send(lab.head() + mail)) == "1 replayed Held");
  CHECK(lab.cells() == 0);
}

TEST_CASE("an OpenPGP letter of a contact is believed as signed, once") {
  if (!identities::Workshop::gpg_possible()) {
    WARN("skipped: gpg-agent is needed to make keys");
    return;
  }
  SignedLab lab;
  lab.shop.pgp_key(kContact);
  lab.shop.pgp_key(kOther);
  lab.pin(kContact, ".asc", lab.shop.pgp_public(kContact));
  const std::string content = inside_of(crossing_letter("100"));
  auto mail = [&](const std::string& signature, const std::string& of) {
    return SignedLab::detached(of, signature, "application/pgp-signature");
  };
  // Another contact's key, and a changed body, first: nothing is filed.
  DocketRecord record = lab.send(lab.head() + mail(lab.shop.pgp(content, kOther), content));
  CHECK(SignedLab::verdict(record) == "1 no-pin Held");
  record = lab.send(lab.head() +
                    mail(lab.shop.pgp(content, kContact), inside_of(crossing_letter("999"))));
  CHECK(SignedLab::verdict(record) == "1 no-pin Held");
  CHECK(lab.cells() == 0);

  const std::string textmode = GENERATE("", "--textmode");
  INFO(textmode);
  const std::string good = mail(lab.shop.pgp(content, kContact, textmode), content);
  CHECK(SignedLab::verdict(lab.send(lab.head() + with_lf(good))) == "4 openpgp Filed");
  CHECK(lab.cells() == 1);
  // Not signed any more; but it changes nothing, so there is nothing to ask about.
  CHECK(SignedLab::verdict(lab.send(lab.head() + good)) == "1 replayed Filed");
  // A signature as text does not look at what stands at the ends of lines.
  std::string blank =
      replaced(good, "Hello, the data are attached.\r\n", "Hello, the data are attached.  \r\n");
  CHECK(lab.send(lab.head() + blank).docket.sender.assurance == Assurance::kFrom);
  blank =
      replaced(good, "Hello, the data are attached.\r\n", "Hello, the data are attached.\r\r\n");
  CHECK(lab.send(lab.head() + blank).docket.sender.assurance == Assurance::kFrom);
}

TEST_CASE(
    "without keys a signed letter is worth what its From is, and the docket says what to pin") {
  SignedLab lab;
  lab.shop.self_signed("focal", kContact);
  const std::string content = inside_of(crossing_letter("100"));
  DocketRecord record =
      lab.send(lab.head() + SignedLab::detached(content, lab.shop.smime(content, "focal")));
  CHECK(SignedLab::verdict(record) == "1 no-pin Held");
  CHECK(record.docket.sender.remark.find("unknown-key: ") != std::string::npos);
}
