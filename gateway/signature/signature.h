// SPDX-License-Identifier: Apache-2.0
//
// signature: whether a content was signed by a certain contact (S/MIME: RFC 8551 and 5652;
// OpenPGP/MIME: RFC 3156); the only door to CMS of OpenSSL and to gpgme.
//
// Owns: verifying, and the keys that lie in <home>/keys, one file a contact and kind:
//
//   KG_NSC.FP1.pem   S/MIME: the contact's certificates (PEM), each believed as it is
//   KG_NSC.FP1.asc   OpenPGP: the contact's public keys
//
// A certificate that is not there is believed if an authority of `ca_file` issued it to the
// contact's very address. Whoever may write into keys/ decides who is believed: nothing else does,
// no key is ever taken from a message or fetched.
//
// Never: says who sent a message (flow/assurance.h), decrypts, signs, goes to the network, asks for
// revocation. A certificate or key that is no longer to be believed is taken out of keys/, an
// OpenPGP key may also be replaced by its revoked self.
//
// Dangers:
// - What is verified are bytes. Whoever acts on a good verdict must take the data from exactly
//   those: from `content` of an enclosed signature, from what was handed in for a detached one.
// - Weak is refused, not warned of: MD5 and SHA-1, RSA below 2,048 bits. GOST is not known to
//   OpenSSL by itself: such a signature is kDamaged, the message is worth what its From is.
// - OpenPGP needs the program gpg; without it kUnavailable. Time is the caller's, but gpg looks at
//   the system's clock as well: a key must be good by both.
// - One object may be used by several threads.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace focalpost::signature {

enum class Verdict : std::uint8_t {
  kGood,
  kDamaged,      ///< not to be read, several signers, an algorithm that is not known
  kBad,          ///< the content is another one
  kWeak,         ///< MD5, SHA-1, a short key
  kUnknownKey,   ///< not the contact's: neither in keys/ nor issued to its address
  kNotValid,     ///< expired, not yet valid, revoked
  kWrongUse,     ///< a certificate that is not for signing mail
  kUnavailable,  ///< gpg is missing or failed
};
std::string_view verdict_name(Verdict verdict);  ///< "unknown-key"

struct Outcome {
  Verdict verdict = Verdict::kDamaged;
  std::string detail;   ///< the signer's fingerprint, or what was wrong; on one line
  std::string content;  ///< of a good enclosed one: what was signed
};

/// Whose signature it must be.
struct Signer {
  std::string name;     ///< of the key files: "KG_NSC.FP1"
  std::string address;  ///< canonical (base/domain.h)
};

/// A key or certificate that is believed.
struct Key {
  std::string name;         ///< the file's, without ending
  std::string file;         ///< "KG_NSC.FP1.asc"
  std::string fingerprint;  ///< hex; of a certificate SHA-256
  std::optional<Time> until;
  std::string fault;  ///< why it is of no use; else empty
};

class Keys {
 public:
  struct Places {
    std::filesystem::path keys;     ///< need not exist
    std::filesystem::path gnupg;    ///< made when it is needed
    std::filesystem::path ca_file;  ///< may be empty
  };
  explicit Keys(Places places);
  ~Keys();
  Keys(const Keys&) = delete;
  Keys& operator=(const Keys&) = delete;

  // `content`: with CRLF, as RFC 1847 section 2.1 has it; `signature`: decoded. `at`: when the
  // message arrived.
  Outcome smime_detached(std::string_view content, std::string_view signature, const Signer& signer,
                         Time at) const;
  Outcome smime_enclosed(std::string_view cms, const Signer& signer, Time at) const;
  Outcome openpgp_detached(std::string_view content, std::string_view signature,
                           const Signer& signer, Time at) const;

  /// Everything in keys/ and in ca_file, by file; what cannot be read stands there with its fault.
  std::vector<Key> list(Time now) const;
  /// Empty, or why OpenPGP cannot be verified here.
  std::string openpgp_trouble() const;

 private:
  class OpenPgp;
  Places places_;
  std::unique_ptr<OpenPgp> openpgp_;
};

/// More than this is no signature.
inline constexpr std::size_t kMostSignature = 1 << 20;
/// Of one contact.
inline constexpr std::size_t kMostKeyFile = 1 << 20;

}  // namespace focalpost::signature
