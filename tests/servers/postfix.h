// SPDX-License-Identifier: Apache-2.0
//
// postfix: a real SMTP server on loopback that gives everything to a Dovecot by LMTP, whatever the
// domain: mail to anything@any.example lies in the user "anything". Needs root (its master does).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "servers/dovecot.h"
#include "servers/process.h"

namespace servers {

struct PostfixOptions {
  /// Recipient -> what RCPT answers: "550 5.1.1 nobody of that name", "452 4.2.2 full", "REJECT".
  std::map<std::string, std::string> recipients;
  std::uint64_t size_limit = 100u << 20;
  std::string more;  ///< lines at the end of main.cf
};

class Postfix {
 public:
  static bool possible();

  /// `dovecot` outlives this.
  explicit Postfix(Dovecot& dovecot, PostfixOptions options = {});
  ~Postfix();

  std::uint16_t smtp_port() const { return smtp_; }  ///< no login; STARTTLS offered
  /// Login (any user, "secret") with STARTTLS; without TLS it offers none.
  std::uint16_t submission_port() const { return submission_; }
  std::uint16_t submissions_port() const { return submissions_; }  ///< TLS from the first byte
  std::string log() const { return read_text(folder_.path() / "log" / "mail.log"); }

 private:
  void write_settings();
  void start();

  Dovecot& dovecot_;
  PostfixOptions options_;
  Folder folder_;
  std::uint16_t smtp_ = 0, submission_ = 0, submissions_ = 0;
  std::string banner_;
  std::unique_ptr<Program> program_;
};

}  // namespace servers
