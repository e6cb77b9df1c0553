// SPDX-License-Identifier: Apache-2.0
#include "flow/accounts.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "base/text.h"
#include "mailbox/maildir.h"
#include "net/oauth.h"

namespace focalpost {
namespace {

net::Tls tls_of(MailTls tls) {
  switch (tls) {
    case MailTls::kImplicit:
      return net::Tls::kImplicit;
    case MailTls::kStartTls:
      return net::Tls::kStartTls;
    case MailTls::kNone:
      return net::Tls::kNone;
  }
  return net::Tls::kImplicit;
}

net::SecretPlace place_of(const SecretSource& source, const std::string& setting,
                          const fs::path& home) {
  net::SecretPlace place;
  place.setting = setting;
  place.home = home;
  switch (source.kind) {
    case SecretSource::Kind::kNone:
      break;
    case SecretSource::Kind::kFile:
      place.file = source.where;
      break;
    case SecretSource::Kind::kEnvironment:
      place.variable = source.where;
      break;
    case SecretSource::Kind::kCredential:
      place.credential = source.where;
      break;
  }
  return place;
}

net::BearerMechanism mechanism_of(const std::string& name) {
  if (name == "xoauth2") return net::BearerMechanism::kXoauth2;
  if (name == "oauthbearer") return net::BearerMechanism::kOauthBearer;
  return net::BearerMechanism::kAny;
}

/// As one path, "/" between its levels, of what an operator writes in front of folders: "INBOX.",
/// "focalpost/". The character at the end is what separates levels at that server.
std::string root_of(std::string prefix) {
  if (prefix.empty()) return prefix;
  const char last = prefix.back();
  if (last != '.' && last != '/') return prefix;
  prefix.pop_back();
  std::replace(prefix.begin(), prefix.end(), last, '/');
  return prefix;
}

/// The port only where it is not the usual one: most names stay short.
std::string name_of(const MailAccount& account) {
  std::string name = fmt::format("{}@{}", account.user, account.host);
  if (account.port != 993 && account.port != 143) name += fmt::format(":{}", account.port);
  return name;
}

}  // namespace

Account::Account(const MailAccount& settings, net::Protocol protocol, const fs::path& home,
                 const Clock& clock)
    : table_(settings.table), user_(settings.user) {
  endpoint_.protocol = protocol;
  endpoint_.host = settings.host;
  endpoint_.port = settings.port;
  endpoint_.tls = tls_of(settings.tls);
  endpoint_.allow_plaintext = settings.allow_plaintext;
  if (!settings.ca_file.empty()) endpoint_.ca_file = (home / settings.ca_file).string();

  auto secret = [&](const SecretSource& source, std::string_view what) {
    secrets_.push_back(place_of(source, fmt::format("[{}] {}", table_, what), home));
    return secrets_.back();
  };
  if (settings.oauth) {
    const OAuthSettings& from = *settings.oauth;
    net::OAuthSettings oauth;
    oauth.user = user_;
    oauth.token_url = from.token_url;
    oauth.client_id = from.client_id;
    oauth.scope = from.scope;
    oauth.mechanism = mechanism_of(from.mechanism);
    if (from.client_secret) oauth.client_secret = secret(from.client_secret, "oauth client_secret");
    if (from.refresh_token) oauth.refresh_token = secret(from.refresh_token, "oauth refresh_token");
    if (from.refresh_token.kind == SecretSource::Kind::kFile)
      oauth.on_refresh_token = [file = home / from.refresh_token.where](const std::string& token) {
        if (auto kept = write_file_durably(file, token + "\n"); !kept.ok())
          log::warning(
              fmt::format("the provider gave a new refresh token, which cannot be kept: {}",
                          kept.error().what));
      };
    credentials_ = std::make_shared<net::OAuthCredentials>(std::move(oauth), clock);
  } else if (settings.password) {
    credentials_ =
        std::make_shared<net::PasswordCredentials>(user_, secret(settings.password, "password"));
  } else {
    net::Login nobody;
    nobody.user = user_;
    credentials_ = std::make_shared<net::FixedCredentials>(std::move(nobody));
  }
}

std::string MailboxPlace::text() const {
  if (!account) return "the embedded mailbox";
  return fmt::format("[{}] {}", table, account->endpoint().text());
}

std::string_view without_server(std::string_view error, std::string_view context) {
  const std::size_t end = error.find(' ');
  std::string_view server = error.substr(0, end);
  if (server.ends_with(':')) server.remove_suffix(1);
  if (end == error.npos || server.find("://") == server.npos) return error;
  return context.find(server) == context.npos ? error : trim(error.substr(end));
}

Accounts Accounts::of(const Settings& settings, const HomePaths& paths, const Clock& clock) {
  Accounts all;
  for (const MailboxSettings& mailbox : settings.mailboxes) {
    MailboxPlace& place = all.mailboxes_.emplace_back();
    place.name = name_of(mailbox.account);
    place.table = mailbox.account.table;
    place.quiet = mailbox.quiet;
    place.root = root_of(mailbox.folder_prefix.value_or(""));
    place.account.emplace(mailbox.account, net::Protocol::kImap, paths.root, clock);
  }
  if (all.mailboxes_.empty()) {
    MailboxPlace& place = all.mailboxes_.emplace_back();
    place.name = place.table = "spool";
    place.quiet = settings.quiet;
  }
  if (settings.outgoing.account.named())
    all.outgoing_.emplace(settings.outgoing.account, net::Protocol::kSmtp, paths.root, clock);
  return all;
}

ImapOptions imap_options(const MailboxPlace& place) {
  ImapOptions options;
  options.endpoint = place.account->endpoint();
  options.credentials = place.account->credentials();
  options.name = place.name;
  options.root = place.root;
  return options;
}

std::unique_ptr<Mailbox> make_mailbox(const MailboxPlace& place, const HomePaths& paths,
                                      const Clock& clock, int stop_fd) {
  if (!place.account) return std::make_unique<Maildir>(paths.mailbox(), clock, place.name);
  ImapOptions options = imap_options(place);
  options.stop_fd = stop_fd;
  return std::make_unique<ImapMailbox>(std::move(options));
}

Result<std::unique_ptr<Mailbox>> open_mailbox(const MailboxPlace& place, const HomePaths& paths,
                                              const Clock& clock, int stop_fd) {
  auto mailbox = make_mailbox(place, paths, clock, stop_fd);
  FP_TRY(mailbox->open());
  return mailbox;
}

}  // namespace focalpost
