// SPDX-License-Identifier: Apache-2.0
//
// openpgp: OpenPGP signatures by gpg, with a key ring of the gateway's own. Private to the room.
//
// gpg only ever sees: key files of the operator, and of a stranger's signature exactly one
// signature packet (RFC 4880 section 5.2), taken out of its armor here. So nothing that is
// compressed, encrypted or a key reaches it from outside.
#pragma once

#include <map>
#include <mutex>

#include "signature/signature.h"

namespace focalpost::signature {

class Keys::OpenPgp {
 public:
  OpenPgp(std::filesystem::path keys, std::filesystem::path gnupg);

  Outcome verify(std::string_view content, std::string_view signature, const Signer& signer,
                 Time at);
  std::vector<Key> list(const std::string& file, Time now);
  std::string trouble();

 private:
  class Session;
  struct File {
    std::filesystem::file_time_type written;
    std::uintmax_t size = 0;
    std::vector<std::string> fingerprints;  ///< of the primary keys in it
    std::string fault;
  };
  /// Empty, or why there is no gpg.
  std::string get_ready();
  /// The keys of that file, imported if it is new or changed; null: there is no such file.
  const File* file_of(const std::string& file);

  std::filesystem::path keys_, gnupg_;
  std::mutex mutex_;
  bool ready_ = false;
  std::map<std::string, File> files_;
};

/// The one signature packet of a signature as sent, armored or not; empty if it is anything else.
std::string signature_packet(std::string_view bytes);

}  // namespace focalpost::signature
