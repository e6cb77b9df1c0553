// SPDX-License-Identifier: Apache-2.0
#include "catch.h"
#include "identities.h"
#include "signature/signature.h"

using namespace focalpost;
using signature::Keys;
using signature::Outcome;
using signature::Signer;
using signature::Verdict;

namespace {

constexpr std::string_view kContent = "Content-Type: text/plain\r\n\r\nfigures\r\n";
const Signer kFocal{"KG_NSC.FP1", "focal@stat.example"};
const Signer kOther{"KG_NSC.FP2", "other@stat.example"};

struct Desk : identities::Workshop {
  Desk() { fs::create_directory(path() / "keys"); }
  void pin(const std::string& identity, const Signer& signer = kFocal) const {
    put("keys/" + signer.name + ".pem", get(identity + ".pem"));
  }
  Keys keys(const std::string& ca = "") const {
    return Keys({path() / "keys", path() / "ring", ca.empty() ? fs::path() : path() / ca});
  }
  Outcome detached(const std::string& signature, const Signer& signer = kFocal,
                   std::string_view content = kContent, const std::string& ca = "",
                   Time at = SystemClock().now()) const {
    return Keys({path() / "keys", path() / "ring", ca.empty() ? fs::path() : path() / ca})
        .smime_detached(content, signature, signer, at);
  }
};

std::string_view name(const Outcome& outcome) {
  UNSCOPED_INFO(outcome.detail);
  return verdict_name(outcome.verdict);
}

}  // namespace

TEST_CASE("S/MIME: a pinned certificate signs for its contact") {
  Desk desk;
  desk.self_signed("focal", "focal@stat.example");
  desk.self_signed("other", "other@stat.example");
  desk.pin("focal");
  desk.pin("other", kOther);
  const std::string signature = desk.smime(kContent, "focal");
  Outcome good = desk.detached(signature);
  CHECK(name(good) == "good");
  CHECK(good.detail.size() == 64);
  // Without its certificate it is found among the pinned.
  CHECK(name(desk.detached(desk.smime(kContent, "focal", "-nocerts"))) == "good");
  CHECK(name(desk.detached(desk.smime(kContent, "focal", "-md sha512"))) == "good");

  SECTION("attack: a changed body does not fit the signature") {
    CHECK(name(desk.detached(signature, kFocal, "Content-Type: text/plain\r\n\r\nFigures\r\n")) ==
          "bad");
    CHECK(name(desk.detached(signature, kFocal, "")) == "bad");
  }
  SECTION("attack: another contact's key is not this contact's") {
    CHECK(name(desk.detached(signature, kOther)) == "unknown-key");
    CHECK(name(desk.detached(desk.smime(kContent, "other"))) == "unknown-key");
  }
  SECTION("attack: a stranger's certificate with the contact's address is not the pinned one") {
    desk.self_signed("mallory", "focal@stat.example");
    CHECK(name(desk.detached(desk.smime(kContent, "mallory"))) == "unknown-key");
  }
  SECTION("attack: an expired certificate does not count at the time of arrival") {
    const Time now = SystemClock().now();
    CHECK(name(desk.detached(signature, kFocal, kContent, "", now + std::chrono::hours(24 * 31))) ==
          "not-valid");
    CHECK(name(desk.detached(signature, kFocal, kContent, "", now - std::chrono::hours(24))) ==
          "not-valid");
  }
  SECTION("attack: SHA-1 and MD5 are refused") {
    CHECK(name(desk.detached(desk.smime(kContent, "focal", "-md sha1"))) == "weak");
    desk.self_signed("rsa", "focal@stat.example", Desk::kMail, "-newkey rsa:2048");
    desk.pin("rsa");
    CHECK(name(desk.detached(desk.smime(kContent, "rsa"))) == "good");
    CHECK(name(desk.detached(desk.smime(kContent, "rsa", "-md md5"))) == "weak");
    CHECK(name(desk.detached(desk.smime(kContent, "rsa", "-md sha1"))) == "weak");
    CHECK(name(desk.detached(desk.smime(kContent, "rsa", "-keyopt rsa_padding_mode:pss"))) ==
          "good");
  }
  SECTION("attack: a short key is refused") {
    desk.self_signed("short", "focal@stat.example", Desk::kMail, "-newkey rsa:1024");
    desk.pin("short");
    CHECK(name(desk.detached(desk.smime(kContent, "short"))) == "weak");
  }
  SECTION("attack: a certificate that is not for mail is refused") {
    desk.self_signed("server", "focal@stat.example", "extendedKeyUsage=serverAuth");
    desk.pin("server");
    CHECK(name(desk.detached(desk.smime(kContent, "server"))) == "wrong-use");
    desk.self_signed("agree", "focal@stat.example", "keyUsage=keyAgreement");
    desk.pin("agree");
    CHECK(name(desk.detached(desk.smime(kContent, "agree"))) == "wrong-use");
  }
  SECTION("attack: a detached signature that carries a content of its own is refused") {
    CHECK(name(desk.detached(desk.smime(kContent, "focal", "-nodetach"))) == "damaged");
  }
  SECTION("attack: a signature without signed attributes is refused") {
    CHECK(name(desk.detached(desk.smime(kContent, "focal", "-noattr"))) == "damaged");
  }
  SECTION("attack: a second signer beside the contact is refused") {
    const std::string both = desk.smime(kContent, "focal", "-signer other.pem -inkey other.key");
    CHECK(name(desk.detached(both)) == "damaged");
  }
  SECTION("what is no signature") {
    for (std::size_t length :
         {std::size_t(0), std::size_t(1), std::size_t(20), signature.size() - 1})
      CHECK(name(desk.detached(signature.substr(0, length))) == "damaged");
    CHECK(name(desk.detached(std::string(signature::kMostSignature + 1, '0'))) == "damaged");
    // The signature's value stands at the end.
    for (std::size_t i = signature.size() - 60; i < signature.size(); ++i) {
      std::string broken = signature;
      broken[i] = static_cast<char>(broken[i] ^ 0x55);
      CHECK(desk.detached(broken).verdict != Verdict::kGood);
    }
  }
  SECTION("a contact's name that leads elsewhere names no file") {
    CHECK(name(desk.detached(signature, {"../keys/KG_NSC.FP1", "focal@stat.example"})) ==
          "unknown-key");
    CHECK(name(desk.detached(signature, {"", "focal@stat.example"})) == "unknown-key");
  }
}

TEST_CASE("S/MIME: an enclosed content comes out as it was signed") {
  Desk desk;
  desk.self_signed("focal", "focal@stat.example");
  desk.pin("focal");
  const Time now = SystemClock().now();
  const std::string enclosed = desk.smime(kContent, "focal", "-nodetach");
  Outcome good = desk.keys().smime_enclosed(enclosed, kFocal, now);
  CHECK(name(good) == "good");
  CHECK(good.content == kContent);
  // A changed letter of the content.
  std::string changed = enclosed;
  auto at = changed.find("figures");
  REQUIRE(at != changed.npos);
  changed[at] = 'F';
  Outcome bad = desk.keys().smime_enclosed(changed, kFocal, now);
  CHECK(name(bad) == "bad");
  CHECK(bad.content.empty());
  CHECK(desk.keys().smime_enclosed(enclosed, kOther, now).content.empty());
  CHECK(name(desk.keys().smime_enclosed(desk.smime(kContent, "focal"), kFocal, now)) == "damaged");
}

TEST_CASE("S/MIME: a configured authority vouches for the address in the certificate") {
  Desk desk;
  desk.authority("ca");
  desk.authority("stranger");
  desk.issued("focal", "Focal@Stat.Example", "ca");
  auto verdict = [&](const std::string& identity, const Signer& signer = kFocal,
                     Time at = SystemClock().now()) {
    return std::string(
        name(desk.detached(desk.smime(kContent, identity), signer, kContent, "ca.pem", at)));
  };
  CHECK(verdict("focal") == "good");
  CHECK(verdict("focal", kFocal, SystemClock().now() + std::chrono::hours(24 * 31)) == "not-valid");
  // Without the setting nobody vouches.
  CHECK(name(desk.detached(desk.smime(kContent, "focal"))) == "unknown-key");

  SECTION("attack: a certificate of the authority for another address is not the contact's") {
    CHECK(verdict("focal", kOther) == "unknown-key");
    desk.issued("nobody", "", "ca");
    CHECK(verdict("nobody") == "unknown-key");
    // The address in the subject is not looked at.
    desk.issued("subject", "", "ca", Desk::kMail, "/emailAddress=focal@stat.example");
    CHECK(verdict("subject") == "unknown-key");
  }
  SECTION("attack: another authority's certificate is not believed") {
    desk.issued("forged", "focal@stat.example", "stranger");
    CHECK(verdict("forged") == "unknown-key");
    desk.self_signed("self", "focal@stat.example");
    CHECK(verdict("self") == "unknown-key");
  }
  SECTION("attack: a contact's certificate issues nothing") {
    desk.issued("below", "focal@stat.example", "focal");
    CHECK(verdict("below") != "good");
    CHECK(name(desk.detached(desk.smime(kContent, "below", "-certfile focal.pem"), kFocal, kContent,
                             "ca.pem")) != "good");
  }
  SECTION("attack: a certificate for servers is refused") {
    desk.issued("server", "focal@stat.example", "ca", "extendedKeyUsage=serverAuth");
    CHECK(verdict("server") == "wrong-use");
  }
}

TEST_CASE("keys are listed with their fingerprint and their end") {
  Desk desk;
  const Time now = SystemClock().now();
  CHECK(desk.keys().list(now).empty());
  desk.self_signed("focal", "focal@stat.example");
  desk.pin("focal");
  desk.put("keys/KG_NSC.FP3.pem", "nothing\n");
  desk.put("keys/notes.txt", "no key");
  auto all = desk.keys("focal.pem").list(now);
  REQUIRE(all.size() == 3);
  CHECK(all[0].name == "KG_NSC.FP1");
  CHECK(all[0].file == "KG_NSC.FP1.pem");
  CHECK(all[0].fingerprint.size() == 64);
  REQUIRE(all[0].until);
  CHECK(*all[0].until > now + std::chrono::hours(24 * 29));
  CHECK(all[0].fault.empty());
  CHECK(all[1].file == "KG_NSC.FP3.pem");
  CHECK_FALSE(all[1].fault.empty());
  CHECK(all[2].name.empty());
  CHECK(desk.keys().list(now + std::chrono::hours(24 * 31)).at(0).fault.find("expired") == 0);
}
