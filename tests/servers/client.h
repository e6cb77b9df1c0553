// SPDX-License-Identifier: Apache-2.0
//
// client: a bare line client over a plain socket, for readiness checks and for what an operator's
// mail client would do meanwhile. Every wait ends after ten seconds, with a Failure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace servers {

class LineClient {
 public:
  /// Connects to 127.0.0.1; false from connected() if nobody listens.
  explicit LineClient(std::uint16_t port);
  ~LineClient();
  LineClient(const LineClient&) = delete;
  LineClient& operator=(const LineClient&) = delete;
  bool connected() const { return fd_ >= 0; }

  void send(std::string_view bytes);
  /// Without CRLF.
  std::string line();

 private:
  int fd_ = -1;
  std::string in_;
};

/// Somebody else in the same IMAP account. The password is "secret".
class ImapClient {
 public:
  ImapClient(std::uint16_t port, const std::string& user);
  /// Sends a command; everything up to and with the tagged line, which must be OK.
  std::string run(const std::string& command);

 private:
  LineClient client_;
  int tag_ = 0;
};

}  // namespace servers
