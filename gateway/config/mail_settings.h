// SPDX-License-Identifier: Apache-2.0
//
// mail settings: the mail servers that an operator names, checked as far as that goes without a
// network and without looking at another file.
//
// Never holds a secret: only where one lies. Paths are as they were written; whoever opens one
// resolves it against the home (`home / path`, which leaves an absolute path as it is).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace focalpost {

enum class MailTls : std::uint8_t {
  kImplicit,  ///< TLS from the first byte: imaps://, smtps://
  kStartTls,  ///< required: without it the connection is given up
  kNone,      ///< to this machine only, or with allow_plaintext
};
std::string_view mail_tls_name(MailTls tls);

/// Where a secret is to be read, each time that it is needed.
struct SecretSource {
  enum class Kind : std::uint8_t {
    kNone,
    kFile,         ///< a path; its first line
    kEnvironment,  ///< name of a variable
    kCredential,   ///< name of a file in $CREDENTIALS_DIRECTORY (systemd's LoadCredential=)
  };
  Kind kind = Kind::kNone;
  std::string where;

  explicit operator bool() const { return kind != Kind::kNone; }
  friend bool operator==(const SecretSource&, const SecretSource&) = default;
};

/// OAuth 2.0 bearer tokens. With a refresh token: RFC 6749 section 6, client_secret optional;
/// without: the client credentials grant of section 4.4, client_secret required.
struct OAuthSettings {
  std::string token_url;  ///< https://, or http:// to this machine
  std::string client_id;
  SecretSource client_secret;
  SecretSource refresh_token;
  std::string scope;      ///< may be empty
  std::string mechanism;  ///< "xoauth2" or "oauthbearer" (RFC 7628); empty: what the server offers
};

/// One account at one server.
struct MailAccount {
  std::string table;  ///< where it is written: "mailbox", "mailbox.NAME", "outgoing"
  std::string host;   ///< a name or an address, IPv6 without brackets; empty: no server is named
  std::uint16_t port = 0;
  MailTls tls = MailTls::kImplicit;
  std::string user;       ///< empty only in [outgoing]: no authentication
  SecretSource password;  ///< or oauth; never both
  std::optional<OAuthSettings> oauth;
  std::string ca_file;           ///< a path; empty: the system's authorities
  bool allow_plaintext = false;  ///< tls = "none" to another machine is wanted

  bool named() const { return !host.empty(); }
};

/// A [mailbox] or [mailbox.NAME] with a url.
struct MailboxSettings {
  std::string name;  ///< empty for [mailbox] itself
  MailAccount account;
  /// In front of the gateway's folders, "INBOX." or "focalpost/"; nothing: what the server says.
  std::optional<std::string> folder_prefix;
  std::chrono::hours quiet{};  ///< longest silence that is nothing unusual; 0: any
};

/// Two weeks: some network's letters come once a month, but not all on the same day.
inline constexpr std::chrono::hours kDefaultQuiet{14 * 24};

struct OutgoingSettings {
  MailAccount account;  ///< not named(): what leaves ends as files in the Maildir's Sent
  std::string from;     ///< of what we send; empty: [gateway] address
  std::string bounce;   ///< "gateway+{tag}@network.example", or empty
  bool save_sent = true;
  bool dsn = true;  ///< ask for reports (RFC 3461) where the server offers them

  /// The bounce address with a tag in its place; empty without `bounce`.
  std::string bounce_address(std::string_view tag) const;
};

/// What is kept free for a tag in the local part of `bounce` (64 bytes, RFC 5321 4.5.3.1.1).
inline constexpr std::size_t kRoomForTag = 32;

/// Is this host this very machine: localhost, 127.0.0.0/8, ::1?
bool is_loopback(std::string_view host);

}  // namespace focalpost
