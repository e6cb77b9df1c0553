// SPDX-License-Identifier: Apache-2.0
#include "signature/openpgp.h"

#include "catch.h"
#include "identities.h"

using namespace focalpost;
using signature::Keys;
using signature::Outcome;
using signature::Signer;
using signature::Verdict;

namespace {

constexpr std::string_view kContent = "Content-Type: text/plain\r\n\r\nfigures \r\n";
const Signer kFocal{"KG_NSC.FP1", "focal@stat.example"};
const Signer kOther{"KG_NSC.FP2", "other@stat.example"};

struct Desk : identities::Workshop {
  Desk() { fs::create_directory(path() / "keys"); }
  void pin(const std::string& address, const Signer& signer = kFocal) {
    put("keys/" + signer.name + ".asc", pgp_public(address));
  }
  Keys keys() const { return Keys({path() / "keys", path() / "ring", {}}); }
};

std::string_view name(const Outcome& outcome) {
  UNSCOPED_INFO(outcome.detail);
  return verdict_name(outcome.verdict);
}

}  // namespace

TEST_CASE("OpenPGP: a contact's key signs for the contact") {
  if (!Desk::gpg_possible()) {
    WARN("skipped: gpg-agent is needed to make keys");
    return;
  }
  Desk desk;
  const Time now = SystemClock().now();
  desk.pgp_key("focal@stat.example");
  desk.pgp_key("other@stat.example");
  desk.pin("focal@stat.example");
  desk.pin("other@stat.example", kOther);
  const Keys keys = desk.keys();
  const std::string signature = desk.pgp(kContent, "focal@stat.example");
  auto verdict = [&](const std::string& by, const Signer& signer = kFocal,
                     Time at = SystemClock().now()) {
    return std::string(name(keys.openpgp_detached(kContent, by, signer, at)));
  };
  CHECK(verdict(signature) == "good");
  CHECK(verdict(signature::signature_packet(signature)) == "good");
  CHECK(keys.openpgp_detached(kContent, signature, kFocal, now).detail.size() == 40);

  SECTION("attack: a changed body does not fit the signature") {
    CHECK(name(keys.openpgp_detached("Content-Type: text/plain\r\n\r\nFigures \r\n", signature,
                                     kFocal, now)) == "bad");
  }
  SECTION("attack: another contact's key is not this contact's") {
    CHECK(verdict(signature, kOther) == "unknown-key");
    CHECK(verdict(desk.pgp(kContent, "other@stat.example")) == "unknown-key");
  }
  SECTION("attack: a key that is in nobody's file is not known, whatever it calls itself") {
    desk.pgp_key("mallory@stat.example");
    CHECK(verdict(desk.pgp(kContent, "mallory@stat.example")) == "unknown-key");
    // Nor does a key stay known once its file is gone.
    CHECK(verdict(signature) == "good");
    fs::remove(desk.path() / "keys" / "KG_NSC.FP1.asc");
    CHECK(verdict(signature) == "unknown-key");
  }
  SECTION("attack: a revoked key does not count once its file says so") {
    desk.pgp_revoke("focal@stat.example");
    desk.pin("focal@stat.example");
    CHECK(verdict(signature) == "not-valid");
  }
  SECTION("attack: an expired key does not count") {
    const long year_ago = std::chrono::duration_cast<std::chrono::seconds>(
                              (now - std::chrono::hours(24 * 365)).time_since_epoch())
                              .count();
    desk.pgp_key("old@stat.example", "ed25519", "30d", year_ago);
    desk.pin("old@stat.example");
    const std::string old = desk.pgp(kContent, "old@stat.example", "", year_ago + 3600);
    CHECK(verdict(old) == "not-valid");
    CHECK(keys.list(now).at(0).fault.find("expired") == 0);
  }
  SECTION("attack: a key that ends by the time of arrival does not count, whatever gpg's clock") {
    desk.pgp_key("ending@stat.example", "ed25519", "30d");
    desk.pin("ending@stat.example");
    const std::string ending = desk.pgp(kContent, "ending@stat.example");
    CHECK(verdict(ending) == "good");
    CHECK(verdict(ending, kFocal, now + std::chrono::hours(24 * 31)) == "not-valid");
  }
  SECTION("attack: SHA-1 is refused") {
    desk.pgp_key("rsa@stat.example", "rsa2048");
    desk.pin("rsa@stat.example");
    CHECK(verdict(desk.pgp(kContent, "rsa@stat.example", "--digest-algo SHA256")) == "good");
    CHECK(verdict(desk.pgp(kContent, "rsa@stat.example", "--digest-algo SHA1")) == "weak");
  }
  SECTION("attack: a short key is refused") {
    desk.pgp_key("short@stat.example", "rsa1024");
    desk.pin("short@stat.example");
    CHECK(verdict(desk.pgp(kContent, "short@stat.example", "--digest-algo SHA256")) == "weak");
  }
  SECTION("attack: gpg is handed nothing but one signature packet") {
    const std::string packet = signature::signature_packet(signature);
    REQUIRE_FALSE(packet.empty());
    CHECK(verdict(packet + packet) == "damaged");
    CHECK(verdict("") == "damaged");
    CHECK(verdict("-----BEGIN PGP SIGNATURE-----\n") == "damaged");
    CHECK(verdict(desk.pgp_public("focal@stat.example")) == "damaged");
    desk.gpg("--armor -u focal@stat.example -o whole --sign content");
    CHECK(verdict(desk.get("whole")) == "damaged");  // compressed, with a content of its own
    for (std::size_t length = 0; length < packet.size(); ++length)
      CHECK(signature::signature_packet(packet.substr(0, length)).empty());
    for (int first = 0; first < 256; ++first) {
      std::string other = packet;
      other[0] = static_cast<char>(first);
      if (other[0] != packet[0] && !signature::signature_packet(other).empty())
        CHECK(((first & 0xFC) == 0x88 || first == 0xC2));
    }
  }
  SECTION("a file that holds no key says so, and others still count") {
    desk.put("keys/KG_NSC.FP3.asc", "nothing\n");
    auto all = keys.list(now);
    REQUIRE(all.size() == 3);
    CHECK(all[0].fault.empty());
    CHECK(all[0].name == "KG_NSC.FP1");
    CHECK_FALSE(all[0].until);
    CHECK_FALSE(all[2].fault.empty());
    CHECK(verdict(signature) == "good");
    CHECK(keys.openpgp_trouble().empty());
  }
}
