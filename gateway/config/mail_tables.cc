// SPDX-License-Identifier: Apache-2.0
#include "config/mail_tables.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace focalpost {

std::string_view mail_tls_name(MailTls tls) {
  switch (tls) {
    case MailTls::kImplicit:
      return "implicit";
    case MailTls::kStartTls:
      return "starttls";
    case MailTls::kNone:
      return "none";
  }
  return {};
}

bool is_loopback(std::string_view host) {
  if (ascii_iequal(host, "localhost") || host == "::1") return true;
  if (!host.starts_with("127.")) return false;
  // Four numbers: 127.0.0.1.example is a name like any other.
  auto parts = split(host, '.');
  return parts.size() == 4 && std::all_of(parts.begin(), parts.end(), [](std::string_view part) {
           return !part.empty() && part.size() <= 3 &&
                  part.find_first_not_of("0123456789") == part.npos;
         });
}

namespace {

constexpr std::string_view kTag = "{tag}";

}  // namespace

std::string OutgoingSettings::bounce_address(std::string_view tag) const {
  std::string address = bounce;
  if (auto at = address.find(kTag); at != address.npos) address.replace(at, kTag.size(), tag);
  return address;
}

namespace config {
namespace {

/// How the servers of one kind of account are written.
struct Scheme {
  std::string_view implicit, starttls;
  std::uint16_t implicit_port, starttls_port;
  std::string_view example;
};
constexpr Scheme kImap{"imaps", "imap", 993, 143,
                       "a server such as \"imaps://mail.example:993\" or \"imap://mail.example\""};
constexpr Scheme kSmtp{"smtps", "smtp", 465, 587,
                       "a server such as \"smtps://mail.example:465\" or \"smtp://mail.example\""};

/// An account before its keys were held against each other.
struct Draft {
  MailAccount account;
  bool implicit_scheme = true;
  std::optional<MailTls> tls;
};
struct MailboxDraft : Draft {
  std::optional<std::string> folder_prefix;
  std::optional<std::chrono::hours> quiet;
};
struct OutgoingDraft : Draft {
  OutgoingSettings settings;
};

bool is_host(std::string_view host) {
  return !host.empty() && host.size() <= 253 && std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_';
  });
}

bool is_ipv6(std::string_view host) {
  return host.size() >= 2 && host.size() <= 45 && host.find(':') != host.npos &&
         host.find_first_not_of("0123456789abcdefABCDEF:.") == host.npos;
}

std::string_view take_url(const Scheme& scheme, std::string_view url, Draft& draft) {
  auto colon = url.find("://");
  std::string name = ascii_lower(url.substr(0, colon));
  if (colon == url.npos || (name != scheme.implicit && name != scheme.starttls))
    return scheme.example;
  draft.implicit_scheme = name == scheme.implicit;
  url.remove_prefix(colon + 3);
  if (url.find('@') != url.npos)
    return "a server only; the user and where the password lies have keys of their own";
  if (url.ends_with('/')) url.remove_suffix(1);
  std::string_view host = url.substr(0, url.rfind(':')), port;
  bool bracketed = url.starts_with('[');
  if (bracketed) {
    auto end = url.find(']');
    if (end == url.npos || !is_ipv6(url.substr(1, end - 1))) return scheme.example;
    host = url.substr(1, end - 1);
    port = url.substr(end + 1);
  } else {
    if (!is_utf8(host) || std::any_of(host.begin(), host.end(), [](char c) { return c < 0; }))
      return "a server whose name is written in ASCII (the \"xn--\" form)";
    if (!is_host(host)) return scheme.example;
    port = url.substr(host.size());
  }
  draft.account.port = draft.implicit_scheme ? scheme.implicit_port : scheme.starttls_port;
  if (!port.empty()) {
    std::uint16_t number = 0;
    auto [end, error] = std::from_chars(port.data() + 1, port.data() + port.size(), number);
    if (port[0] != ':' || error != std::errc() || end != port.data() + port.size() || number == 0)
      return scheme.example;
    draft.account.port = number;
  }
  draft.account.host = ascii_lower(host);
  return {};
}

bool is_variable(std::string_view name) {
  return !(name[0] >= '0' && name[0] <= '9') && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

/// The three places where a secret called `name` may lie.
template <typename Target, typename Get>
void add_secret_rows(std::vector<Row<Target>>& rows, const std::string& name, Get get) {
  auto take = [get](Target& target, const toml::node& node, SecretSource::Kind kind,
                    std::string_view wanted, auto legal) -> std::string_view {
    const std::string* value = line_of(node);
    if (!value || !legal(*value)) return wanted;
    SecretSource& source = get(target);
    if (source) return "the only one of its kind: say once where the secret lies";
    source = {kind, *value};
    return {};
  };
  rows.push_back({name + "_file", [take](Target& target, const toml::node& node) {
                    return take(target, node, SecretSource::Kind::kFile,
                                "the path of a file, as \"imap.password\"",
                                [](const std::string&) { return true; });
                  }});
  rows.push_back({name + "_env", [take](Target& target, const toml::node& node) {
                    return take(target, node, SecretSource::Kind::kEnvironment,
                                "the name of an environment variable", is_variable);
                  }});
  rows.push_back({name + "_credential", [take](Target& target, const toml::node& node) {
                    return take(target, node, SecretSource::Kind::kCredential,
                                "the name of a systemd credential", [](const std::string& id) {
                                  return id.find('/') == id.npos && id != "." && id != "..";
                                });
                  }});
}

std::vector<Row<OAuthSettings>> oauth_rows() {
  std::vector<Row<OAuthSettings>> rows = {
      {"token_url",
       [](OAuthSettings& o, const toml::node& node) -> std::string_view {
         const std::string* value = line_of(node);
         std::string_view url = value ? std::string_view(*value) : std::string_view();
         std::string_view host = url;
         if (auto scheme = url.find("://"); scheme != url.npos) host.remove_prefix(scheme + 3);
         host = host.substr(0, host.find('/'));
         if (host.find('@') != host.npos || url.find(' ') != url.npos || host.empty())
           return "an address such as \"https://login.example/token\"";
         std::string_view bare = host.substr(0, host.rfind(':'));
         if (!ascii_istarts_with(url, "https://") &&
             !(ascii_istarts_with(url, "http://") &&
               (is_loopback(bare) || bare == "[::1]" || host == "[::1]")))
           return "an address that begins with https://";
         o.token_url = *value;
         return {};
       }},
      {"client_id",
       [](OAuthSettings& o, const toml::node& node) -> std::string_view {
         const std::string* value = line_of(node);
         if (!value) return "a text in quotes, as the provider gave it";
         o.client_id = *value;
         return {};
       }},
      {"scope", text_of([](OAuthSettings & o) -> auto& { return o.scope; })},
      {"mechanism",
       [](OAuthSettings& o, const toml::node& node) -> std::string_view {
         auto value = node.value_exact<std::string>();
         std::string name = value ? ascii_lower(*value) : std::string();
         if (name != "xoauth2" && name != "oauthbearer") return "\"xoauth2\" or \"oauthbearer\"";
         o.mechanism = name;
         return {};
       }},
  };
  add_secret_rows(
      rows, "client_secret", [](OAuthSettings & o) -> auto& { return o.client_secret; });
  add_secret_rows(
      rows, "refresh_token", [](OAuthSettings & o) -> auto& { return o.refresh_token; });
  return rows;
}

template <typename Target>
std::vector<Row<Target>> account_rows(const Scheme& scheme) {
  std::vector<Row<Target>> rows = {
      {"url",
       [&scheme](Target& draft, const toml::node& node) -> std::string_view {
         const std::string* value = line_of(node);
         return value ? take_url(scheme, *value, draft) : scheme.example;
       }},
      {"user",
       [](Target& draft, const toml::node& node) -> std::string_view {
         const std::string* value = line_of(node);
         if (!value) return "the name of the account, in quotes";
         draft.account.user = *value;
         return {};
       }},
      {"tls",
       [](Target& draft, const toml::node& node) -> std::string_view {
         auto value = node.value_exact<std::string>();
         for (MailTls tls : {MailTls::kImplicit, MailTls::kStartTls, MailTls::kNone})
           if (value && *value == mail_tls_name(tls)) draft.tls = tls;
         return draft.tls ? "" : "\"implicit\", \"starttls\" or \"none\"";
       }},
      {"ca_file", text_of([](Target & draft) -> auto& { return draft.account.ca_file; })},
      {"allow_plaintext",
       truth_of([](Target & draft) -> auto& { return draft.account.allow_plaintext; })},
  };
  add_secret_rows(
      rows, "password", [](Target & draft) -> auto& { return draft.account.password; });
  return rows;
}

const toml::node& node_of(const toml::table& table, std::string_view key) {
  const toml::node* node = table.get(key);
  return node ? *node : table;
}

Status take_oauth(const Place& outer, const toml::table& table, MailAccount& account) {
  static const std::vector<Row<OAuthSettings>> rows = oauth_rows();
  Place place{outer.file, outer.table + ".oauth"};
  OAuthSettings& oauth = account.oauth.emplace();
  FP_TRY(read_table(place, table, rows, oauth));
  if (oauth.token_url.empty() || oauth.client_id.empty())
    return place.error(table,
                       fmt::format("[{}] has no {}", place.table,
                                   oauth.token_url.empty() ? "token_url" : "client_id"),
                       "Take both from the page where the provider registered this application.");
  if (!oauth.client_secret && !oauth.refresh_token)
    return place.error(
        table, fmt::format("[{}] has neither a client secret nor a refresh token", place.table),
        "Name client_secret_file (an application with rights of its own) or refresh_token_file (a "
        "person agreed once).");
  return {};
}

/// Holds the keys against each other, once all are read.
Status finish_account(const Place& place, const toml::table& table, const Scheme& scheme,
                      Draft& draft, bool user_required) {
  MailAccount& account = draft.account;
  account.table = place.table;
  if (const toml::node* oauth = table.get("oauth")) {
    if (!oauth->is_table())
      return place.error(*oauth, fmt::format("[{}] oauth must be a table", place.table),
                         "Write oauth = { token_url = \"...\", client_id = \"...\", ... }.");
    FP_TRY(take_oauth(place, *oauth->as_table(), account));
  }
  if (!account.named()) {
    for (std::string_view key : {"user", "tls", "ca_file", "allow_plaintext", "password_file",
                                 "password_env", "password_credential", "oauth"})
      if (const toml::node* node = table.get(key))
        return place.error(*node, fmt::format("[{}] has {} but no url", place.table, key),
                           fmt::format("Name the server: {}.", scheme.example.substr(2)));
    return {};
  }

  account.tls = draft.tls.value_or(draft.implicit_scheme ? MailTls::kImplicit : MailTls::kStartTls);
  if (draft.implicit_scheme != (account.tls == MailTls::kImplicit) &&
      !(account.tls == MailTls::kNone && !draft.implicit_scheme))
    return place.error(
        node_of(table, "tls"),
        fmt::format("[{}] tls = \"{}\" contradicts {}://", place.table, mail_tls_name(account.tls),
                    draft.implicit_scheme ? scheme.implicit : scheme.starttls),
        fmt::format("Write {}:// for TLS from the start, {}:// for STARTTLS or none.",
                    scheme.implicit, scheme.starttls));
  if (account.tls == MailTls::kNone && !is_loopback(account.host) && !account.allow_plaintext)
    return place.error(
        node_of(table, "tls"),
        fmt::format("[{}] tls = \"none\" would send password and mail in the clear to {}",
                    place.table, account.host),
        "Leave tls out, or say allow_plaintext = true if the line is safe in another way.");

  if (account.user.empty()) {
    if (user_required)
      return place.error(table, fmt::format("[{}] has no user", place.table),
                         "Name the account at the server with user = \"...\".");
    if (account.password || account.oauth)
      return place.error(table,
                         fmt::format("[{}] says how to log in, but has no user", place.table),
                         "Name the account at the server with user = \"...\", or leave both out.");
    return {};
  }
  if (account.password && account.oauth)
    return place.error(node_of(table, "oauth"),
                       fmt::format("[{}] has both a password and oauth", place.table),
                       "Keep the one that the server asks for.");
  if (!account.password && !account.oauth)
    return place.error(table, fmt::format("[{}] has a user but no password", place.table),
                       "Put the password into a file of mode 0600 in the home and name it with "
                       "password_file (or use password_env, password_credential or oauth).");
  return {};
}

bool is_oauth(std::string_view key) {
  return key == "oauth";
}

std::vector<Row<MailboxDraft>> mailbox_rows() {
  auto rows = account_rows<MailboxDraft>(kImap);
  rows.push_back({"folder_prefix", [](MailboxDraft& draft, const toml::node& node) {
                    auto value = node.value_exact<std::string>();
                    if (!value || !is_utf8(*value) || one_line(*value) != *value)
                      return std::string_view("a text in quotes, as \"INBOX.\"");
                    draft.folder_prefix = *value;
                    return std::string_view();
                  }});
  rows.push_back({"quiet_hours", [](MailboxDraft& draft, const toml::node& node) {
                    auto value = node.value_exact<std::int64_t>();
                    if (!value || *value < 0 || *value > 100'000)
                      return std::string_view("a whole number of hours (0: never mind)");
                    draft.quiet = std::chrono::hours(*value);
                    return std::string_view();
                  }});
  return rows;
}

Result<MailboxDraft> read_mailbox(const Place& place, const toml::table& table, bool outer) {
  static const std::vector<Row<MailboxDraft>> rows = mailbox_rows();
  MailboxDraft draft;
  FP_TRY(read_table(place, table, rows, draft, [&](std::string_view key, const toml::node& node) {
    return is_oauth(key) || (outer && node.is_table());
  }));
  FP_TRY(finish_account(place, table, kImap, draft, true));
  return draft;
}

std::vector<Row<OutgoingDraft>> outgoing_rows() {
  auto rows = account_rows<OutgoingDraft>(kSmtp);
  rows.push_back({"from", address_of([](OutgoingDraft & d) -> auto& { return d.settings.from; })});
  rows.push_back(
      {"save_sent", truth_of([](OutgoingDraft & d) -> auto& { return d.settings.save_sent; })});
  rows.push_back({"dsn", truth_of([](OutgoingDraft & d) -> auto& { return d.settings.dsn; })});
  rows.push_back({"bounce", [](OutgoingDraft& draft, const toml::node& node) -> std::string_view {
                    const std::string* value = line_of(node);
                    auto at = value ? value->find('@') : std::string::npos;
                    auto tag = value ? value->find(kTag) : std::string::npos;
                    if (tag == std::string::npos || at == std::string::npos || tag > at ||
                        value->find(kTag, tag + 1) != std::string::npos)
                      return "an address with one {tag} before the @, as "
                             "\"gateway+{tag}@network.example\"";
                    std::string filled = *value;
                    filled.replace(tag, kTag.size(), std::string(kRoomForTag, 'x'));
                    if (!is_address(filled))
                      return "a mail address that leaves 32 of the 64 characters before the @ to "
                             "{tag}";
                    draft.settings.bounce = *value;
                    return {};
                  }});
  return rows;
}

bool is_mailbox_name(std::string_view name) {
  return !name.empty() && name.size() <= 32 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  });
}

}  // namespace

Status read_mailbox_table(std::string_view file, const toml::table& table, Settings& settings) {
  Place place{file, "mailbox"};
  FP_ASSIGN(MailboxDraft main, read_mailbox(place, table, true));
  settings.quiet = main.quiet.value_or(kDefaultQuiet);
  auto add = [&](std::string name, MailboxDraft draft) {
    settings.mailboxes.push_back({std::move(name), std::move(draft.account),
                                  std::move(draft.folder_prefix),
                                  draft.quiet.value_or(settings.quiet)});
  };
  if (main.account.named()) add({}, std::move(main));
  for (auto&& [key, node] : table) {
    if (is_oauth(key.str()) || !node.is_table()) continue;
    if (!is_mailbox_name(key.str()))
      return place.error(
          node, fmt::format("[mailbox.\"{}\"] is not a name for a mailbox", one_line(key.str())),
          "Use up to 32 letters, digits, - and _.");
    Place inner{file, fmt::format("mailbox.{}", key.str())};
    FP_ASSIGN(MailboxDraft draft, read_mailbox(inner, *node.as_table(), false));
    if (!draft.account.named())
      return inner.error(node, fmt::format("[{}] has no url", inner.table),
                         fmt::format("Name the server: {}.", kImap.example.substr(2)));
    for (const MailboxSettings& other : settings.mailboxes)
      if (other.account.host == draft.account.host && other.account.port == draft.account.port &&
          other.account.user == draft.account.user)
        return inner.error(
            node, fmt::format("[{}] is the same mailbox as [{}]", inner.table, other.account.table),
            "Remove one of them: each message is to be taken in once.");
    add(std::string(key.str()), std::move(draft));
  }
  return {};
}

Status read_outgoing_table(std::string_view file, const toml::table& table, Settings& settings) {
  static const std::vector<Row<OutgoingDraft>> rows = outgoing_rows();
  Place place{file, "outgoing"};
  OutgoingDraft draft;
  FP_TRY(read_table(place, table, rows, draft,
                    [](std::string_view key, const toml::node&) { return is_oauth(key); }));
  FP_TRY(finish_account(place, table, kSmtp, draft, false));
  settings.outgoing = std::move(draft.settings);
  settings.outgoing.account = std::move(draft.account);
  return {};
}

}  // namespace config
}  // namespace focalpost
