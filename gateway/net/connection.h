// SPDX-License-Identifier: Apache-2.0
//
// net: one line to a mail server, opened and logged in; the only door to libcurl.
//
// Owns: name lookup, TCP, TLS and STARTTLS, certificate checking, greeting and authentication (all
// of it libcurl's), then sending and receiving of lines and counted bytes under deadlines. IMAP
// (RFC 3501) is spoken on it by `mailbox`, SMTP (RFC 5321) by `smtp`.
//
// Never does: understand a line after the login, reconnect, retry, keep a connection for later. The
// farewell (LOGOUT, QUIT) is the caller's.
//
// Dangers:
// - What the server said while the login was under way (transcript()) may in part come from before
//   TLS and must decide nothing but a sentence for people: ask CAPABILITY or EHLO again.
// - After the login a rest of the server's last line can still come: ignore lines until the answer
//   to a first command of one's own.
// - Errors are sticky, for sending and for receiving apart: whole lines that came before the end of
//   the connection can still be read after sending failed (a 250 just before the line dropped says
//   that the letter is taken). A connection that failed is destroyed, never used again. Everything
//   that a later attempt may cure is kTemporary; a refused login, a wrong certificate or setting is
//   kUsage.
// - The two sides can block each other if both only send. Here they cannot: every call that waits,
//   send() and flush() too, takes in what arrives, up to kMostUnread bytes. What waits for more
//   answers than that before it reads (100,000 of them) is to read in between.
// - Opening the first connection makes the process ignore SIGPIPE, for TLS writes by itself.
// - One object serves one thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/byte_source.h"
#include "base/clock.h"
#include "base/result.h"
#include "net/login.h"

namespace focalpost::net {

using Millis = std::chrono::milliseconds;

enum class Protocol : std::uint8_t { kImap, kSmtp };

enum class Tls : std::uint8_t {
  kImplicit,  ///< from the first byte (RFC 8314): ports 993 and 465
  kStartTls,  ///< required, never only tried: ports 143 and 587
  kNone,      ///< to loopback, or with allow_plaintext
};

struct Endpoint {
  Protocol protocol = Protocol::kImap;
  std::string host;        ///< a name or an address (IPv6 without brackets)
  std::uint16_t port = 0;  ///< 0: the usual one
  Tls tls = Tls::kImplicit;
  /// Lets kNone leave this machine: password and letters can be read on the way.
  bool allow_plaintext = false;
  std::string ca_file;  ///< PEM; the system's certificate authorities when empty

  std::uint16_t port_or_usual() const;
  /// "imaps://mail.example:993", as people write it.
  std::string text() const;
};

struct Options {
  Millis connect_timeout{20'000};  ///< name lookup to login, all in all
  Millis timeout{60'000};          ///< see Connection::set_timeout
  /// SMTP: how this machine calls itself in the EHLO of the login; the system's name when empty.
  std::string ehlo_name;
  /// Gives up opening, within about a second, once this descriptor is readable; -1 for none.
  int stop_fd = -1;
  /// See Connection::certificate_until().
  bool note_certificate = false;
};

enum class Ready : std::uint8_t { kReadable, kWoken, kTimeout };

class Connection {
 public:
  /// Received bytes that are kept for a caller who is busy sending.
  static constexpr std::size_t kMostUnread = 8 << 20;
  /// Bytes that queue() holds back before it waits for the peer.
  static constexpr std::size_t kMostUnsent = 1 << 20;

  /// Connects and logs in. Errors as sentences for the operator: temporary (cannot be reached,
  /// [UNAVAILABLE], 454) or kUsage (certificate, no STARTTLS, password refused).
  static Result<std::unique_ptr<Connection>> open(const Endpoint& endpoint, const Login& login,
                                                  const Options& options = {});
  /// Asks for the login; if the server refuses one that can be renewed (OAuth2), renews it and
  /// tries once more.
  static Result<std::unique_ptr<Connection>> open(const Endpoint& endpoint,
                                                  Credentials& credentials,
                                                  const Options& options = {});
  /// Closes at once, without a farewell.
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// For the calls that follow: how long the peer may be silent. A line must be there whole within
  /// this time; sending, and bytes(), may take a millisecond longer for each byte.
  void set_timeout(Millis timeout);

  // sending

  /// Puts `bytes` (copied) at the end of what is to be sent, and sends what the peer takes at once,
  /// a full segment at a time. The rest leaves during any call that waits. Waits itself only while
  /// more than kMostUnsent bytes are held back.
  Status queue(std::string_view bytes);
  /// Until everything queued is in the system's hands.
  Status flush();
  /// queue() and flush().
  Status send(std::string_view bytes);
  /// Bytes queued and not yet sent.
  std::size_t unsent() const;

  // receiving

  /// The next line, without its CRLF (a bare LF ends it too); more than `longest` bytes are an
  /// Error. The view is good until the next call.
  Result<std::string_view> read_line(std::size_t longest);
  /// The next `count` bytes: a literal. Good until the next call of read_line() or bytes(); what
  /// nobody has taken until then is read and thrown away. Spans point into the connection's own
  /// buffer.
  ByteSource& bytes(std::uint64_t count);
  /// Bytes that can be read without waiting, as far as is known.
  std::size_t buffered() const;

  /// Until something can be read, `wakeup_fd` (-1 for none; it is not read) is readable, or the
  /// time is over. Sends what is queued meanwhile. The end of the connection counts as an Error.
  Result<Ready> wait(Millis at_most, int wakeup_fd);

  // about it

  const Endpoint& endpoint() const;
  /// What the server said from its greeting to the end of the login, at most 64 KB; see the
  /// dangers.
  std::string_view transcript() const;
  /// Until when the server's own certificate is valid. Nothing: without Options::note_certificate,
  /// without TLS, or if the TLS library does not say.
  std::optional<Time> certificate_until() const;

 private:
  struct State;
  class Counted;
  explicit Connection(std::unique_ptr<State> state);
  static Result<std::unique_ptr<Connection>> open_once(const Endpoint& endpoint, const Login& login,
                                                       const Options& options, bool& refused);
  std::unique_ptr<State> state_;
  std::unique_ptr<Counted> literal_;
};

}  // namespace focalpost::net
