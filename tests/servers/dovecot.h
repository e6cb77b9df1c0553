// SPDX-License-Identifier: Apache-2.0
//
// dovecot: a real IMAP and LMTP server on loopback, in a folder of its own, up in some 0.3 s.
//
// Any user name is let in, with the password "secret". Mail lies in Maildir folders, into which
// deliver() writes straight away (0.1 ms a message). Ready means that a LOGIN and a SELECT worked
// on a server that shows this one's own greeting.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "servers/authority.h"
#include "servers/process.h"

namespace servers {

struct DovecotOptions {
  /// What CAPABILITY says; empty for everything. "IMAP4rev1" hides IDLE, MOVE and UIDPLUS.
  std::string capability;
  std::string prefix;  ///< of the namespace with INBOX: "INBOX."
  char separator = '/';
  std::string more;  ///< lines at the end of dovecot.conf
};

class Dovecot {
 public:
  static constexpr const char* kPassword = "secret";

  explicit Dovecot(DovecotOptions options = {});
  ~Dovecot();
  Dovecot(const Dovecot&) = delete;
  Dovecot& operator=(const Dovecot&) = delete;

  std::uint16_t imap_port() const { return imap_; }    ///< plain, and STARTTLS
  std::uint16_t imaps_port() const { return imaps_; }  ///< TLS from the first byte
  std::uint16_t lmtp_port() const { return lmtp_; }
  std::uint16_t sasl_port() const { return sasl_; }  ///< for Postfix
  /// The certificate is for "localhost" and 127.0.0.1.
  const fs::path& ca_file() const { return authority_->file(); }
  Authority& authority() { return *authority_; }
  const Certificate& certificate() const { return certificate_; }

  /// Puts a message into a folder ("INBOX", "Filed", "Enquiries/Open") as the delivery agent would.
  /// User and folder are made if they are missing.
  void deliver(const std::string& user, std::string_view bytes,
               const std::string& folder = "INBOX");
  /// The raw messages of a folder, in the order of their file names.
  std::vector<std::string> messages(const std::string& user, const std::string& folder = "INBOX");
  /// The Maildir of a folder.
  fs::path directory(const std::string& user, const std::string& folder = "INBOX") const;
  /// Takes away what the server remembers of a folder: its UIDVALIDITY changes.
  void forget_uids(const std::string& user, const std::string& folder = "INBOX");
  /// Ends the user's connections with a BYE.
  void kick(const std::string& user);
  /// Stops the server (its ports stay reserved for it) and starts it again.
  void stop();
  void start();

  std::string log() const { return read_text(folder_.path() / "dovecot.log"); }
  const fs::path& path() const { return folder_.path(); }

 private:
  void write_settings();
  bool ready();

  DovecotOptions options_;
  Folder folder_;
  RunAs who_;
  std::unique_ptr<Authority> authority_;
  Certificate certificate_;
  std::uint16_t imap_ = 0, imaps_ = 0, lmtp_ = 0, sasl_ = 0;
  std::string greeting_;
  std::unique_ptr<Program> program_;
  unsigned delivered_ = 0;
};

}  // namespace servers
