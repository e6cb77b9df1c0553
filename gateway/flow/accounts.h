// SPDX-License-Identifier: Apache-2.0
//
// accounts: from what the settings say of mail servers to what `mailbox` and `smtp` need.
//
// Owns: which mailboxes a home has, what each is called, where its secrets lie. The credentials are
// asked at each connection: a changed password file needs no restart, and OAuth2 tokens are kept in
// the object and renewed when they run out. So keep one Accounts as long as connections are made,
// and make a new one after the settings were read again.
//
// Never: connects, or reads a secret before it is asked for.
//
// Dangers:
// - A mailbox's name() is part of what tells messages apart: with another host, port or user in the
//   settings the messages waiting there count as new (a redelivered letter is still recognised by
//   what it holds).
// - A provider may replace the refresh token with each answer. Where the token came from a file it
//   is written there, so that the next start knows it; from elsewhere it lives as long as this.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "config/settings.h"
#include "flow/home.h"
#include "mailbox/imap.h"
#include "mailbox/mailbox.h"
#include "net/connection.h"
#include "net/login.h"
#include "net/secret.h"

namespace focalpost {

/// One account at one server.
class Account {
 public:
  /// Relative paths of `settings` are below `home`; `clock` outlives this.
  Account(const MailAccount& settings, net::Protocol protocol, const fs::path& home,
          const Clock& clock);

  const std::string& table() const { return table_; }  ///< "mailbox", "mailbox.NAME", "outgoing"
  const std::string& user() const { return user_; }    ///< may be empty (outgoing)
  const net::Endpoint& endpoint() const { return endpoint_; }
  /// Shared by all connections of this account.
  const std::shared_ptr<net::Credentials>& credentials() const { return credentials_; }
  /// Where passwords, client secrets and refresh tokens are read from.
  const std::vector<net::SecretPlace>& secrets() const { return secrets_; }

 private:
  std::string table_, user_;
  net::Endpoint endpoint_;
  std::shared_ptr<net::Credentials> credentials_;
  std::vector<net::SecretPlace> secrets_;
};

/// One mailbox of a home.
struct MailboxPlace {
  std::string name;                ///< Mailbox::name(): "gateway@mail.example", "spool"
  std::string table;               ///< for people: "mailbox", "mailbox.NAME"; "spool"
  std::chrono::hours quiet{};      ///< longest silence that is nothing unusual; 0: any
  std::optional<Account> account;  ///< nothing: the embedded Maildir
  std::string root;                ///< ImapOptions::root
  /// "[mailbox] imaps://mail.example:993", "the embedded mailbox".
  std::string text() const;
};

/// What an error says behind the server's name with which it begins, where `context` names it too:
/// "[mailbox] imaps://a: imaps://a: ..." tells it twice.
std::string_view without_server(std::string_view error, std::string_view context);

class Accounts {
 public:
  /// `clock` outlives this.
  static Accounts of(const Settings& settings, const HomePaths& paths, const Clock& clock);

  /// Never empty. The first is the one that Sent copies go to.
  const std::vector<MailboxPlace>& mailboxes() const { return mailboxes_; }
  const MailboxPlace& first() const { return mailboxes_.front(); }
  /// Nothing: what leaves ends in the first mailbox's Sent.
  const std::optional<Account>& outgoing() const { return outgoing_; }

 private:
  std::vector<MailboxPlace> mailboxes_;
  std::optional<Account> outgoing_;
};

/// Of a place with an account.
ImapOptions imap_options(const MailboxPlace& place);
/// Not opened yet. `stop_fd`: ImapOptions::stop_fd. `clock` outlives it.
std::unique_ptr<Mailbox> make_mailbox(const MailboxPlace& place, const HomePaths& paths,
                                      const Clock& clock, int stop_fd = -1);
/// make_mailbox() and Mailbox::open().
Result<std::unique_ptr<Mailbox>> open_mailbox(const MailboxPlace& place, const HomePaths& paths,
                                              const Clock& clock, int stop_fd = -1);

}  // namespace focalpost
