// SPDX-License-Identifier: Apache-2.0
//
// fake: a server that plays a script, for what no real server does on demand: dropping the line in
// mid-literal, lying about sizes, falling silent, injecting bytes before TLS, bad certificates.
//
//   servers::Fake server([](servers::Peer& peer) {
//     peer.send("220 ready\r\n");
//     peer.expect("EHLO");
//     peer.send("421 closing\r\n");
//   });
//   ... connect to server.port() ...
//   CHECK(server.failures().empty());
//
// Each connection plays the script in a thread of its own; a script's end closes the connection. No
// wait in a script is longer than twenty seconds; the end of the Fake ends all of them.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "servers/authority.h"

namespace servers {

/// The client's end closed: ends a script without being a failure of it.
struct Gone {};

class Peer {
 public:
  Peer(int fd, int number, int stop_fd);
  ~Peer();
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  int number() const { return number_; }  ///< of the connection, from 0
  void send(std::string_view bytes);
  /// The next line, without CRLF. Throws Gone if the client closed.
  std::string line();
  /// The next line, which must begin so (in any case).
  std::string expect(std::string_view prefix);
  /// The next `count` bytes.
  std::string bytes(std::size_t count);
  /// Whether something came that was not read yet; waits so long for it.
  bool has_input(int millis);
  /// The server's side of a handshake; false if the client did not like it.
  bool start_tls(const Certificate& certificate);
  /// Says and does nothing more until the client closes, or the Fake ends.
  void be_mute();
  /// Closes with a reset instead of an orderly end.
  void reset();

 private:
  struct Tls;
  bool fill();
  void wait(short events);

  int fd_, number_, stop_fd_;
  std::string in_;
  std::unique_ptr<Tls> tls_;
};

class Fake {
 public:
  using Script = std::function<void(Peer&)>;
  /// With a certificate: TLS from the first byte.
  explicit Fake(Script script, std::optional<Certificate> implicit = {});
  ~Fake();
  Fake(const Fake&) = delete;
  Fake& operator=(const Fake&) = delete;

  std::uint16_t port() const { return port_; }
  int connections() const { return connections_; }
  /// What was expected and did not come. Complete once the connections are closed.
  std::vector<std::string> failures();

 private:
  void accept_all();
  void play(int fd, int number);

  Script script_;
  std::optional<Certificate> implicit_;
  int listener_ = -1, stop_[2] = {-1, -1};
  std::uint16_t port_ = 0;
  std::atomic<int> connections_{0};
  std::mutex mutex_;
  std::vector<std::string> failures_;
  std::list<std::thread> threads_;
  std::thread accepting_;
};

/// An IMAP server good enough for a client that behaves: a script that logs in anybody, answers
/// CAPABILITY, NAMESPACE, LIST, CREATE, SUBSCRIBE, STATUS, SELECT (UIDVALIDITY 7, no messages),
/// NOOP and LOGOUT, after `handle(peer, tag, command)` had its chance: true, it answered itself.
struct FakeImap {
  std::string capability = "IMAP4rev1 SASL-IR AUTH=PLAIN IDLE UIDPLUS MOVE LITERAL+ NAMESPACE";
  unsigned exists = 0;
  std::function<bool(Peer&, const std::string& tag, const std::string& command)> handle;

  void operator()(Peer& peer) const;
};

}  // namespace servers
