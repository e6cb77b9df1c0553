// SPDX-License-Identifier: Apache-2.0
#include "flow/check_servers.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

#include "base/text.h"
#include "mailbox/imap.h"
#include "mailbox/imap_session.h"
#include "smtp/address.h"
#include "smtp/submission.h"

namespace focalpost {
namespace {

constexpr std::string_view kProbeTag = "check";
constexpr int kMostLeftover = 20;  ///< lines of the login that may come before the first answer
/// With fewer left to a certificate its renewal is late: most are renewed a month before.
constexpr std::chrono::days kCertificateDays{21};

/// Says things about one account.
class Voice {
 public:
  Voice(std::string topic, const CheckTeller& tell) : topic_(std::move(topic)), tell_(tell) {}
  void ok(std::string what) const { tell_({CheckMark::kOk, topic_, std::move(what), {}}); }
  void note(std::string what, std::string to_do = {}) const {
    tell_({CheckMark::kNote, topic_, std::move(what), std::move(to_do)});
  }
  void wrong(std::string what, std::string to_do) const {
    tell_({CheckMark::kWrong, topic_, std::move(what), std::move(to_do)});
  }
  void wrong(const Error& error) const { wrong(error.what, error.to_do); }

 private:
  std::string topic_;
  const CheckTeller& tell_;
};

void check_secrets(const Account& account, const Voice& voice) {
  for (const net::SecretPlace& place : account.secrets())
    if (net::others_can_read(place))
      voice.wrong(fmt::format("{}: other users of this machine can read {}", place.setting,
                              (place.home / place.file).string()),
                  fmt::format("chmod 600 {}", (place.home / place.file).string()));
}

/// Where the line itself is doubtful.
void check_line(const Account& account, const Voice& voice) {
  const net::Endpoint& endpoint = account.endpoint();
  if (endpoint.tls == net::Tls::kNone && !is_loopback(endpoint.host))
    voice.note(fmt::format("the line to {} is not encrypted: whoever is on the way reads {}letters",
                           endpoint.text(), account.user().empty() ? "" : "the password and "),
               "Use TLS unless the line is safe by other means.");
}

net::Options line_options(const CheckOptions& options) {
  net::Options line;
  line.connect_timeout = options.connect_timeout;
  line.timeout = options.answer_timeout;
  line.note_certificate = true;
  return line;
}

std::string day_of(Time time) {
  return format_rfc3339(time).substr(0, 10);
}

/// That the server lets us in, and for how long its certificate does.
void tell_connected(const Account& account, const net::Connection& connection, Time now,
                    const Voice& voice) {
  const net::Endpoint& endpoint = account.endpoint();
  const std::optional<Time> until = connection.certificate_until();
  std::string text = fmt::format("{} answers", endpoint.text());
  if (endpoint.tls != net::Tls::kNone)
    text += fmt::format(", {}certificate valid{}",
                        endpoint.tls == net::Tls::kStartTls ? "by STARTTLS, " : "",
                        until ? " until " + day_of(*until) : "");
  text += account.user().empty() ? ", no login is asked for"
                                 : fmt::format(", login as {}", one_line(account.user()));
  voice.ok(std::move(text));
  if (!until || *until - now >= kCertificateDays) return;
  const auto days = std::chrono::floor<std::chrono::days>(*until - now).count();
  std::string left = "less than a day is left";
  if (days > 0) left = days == 1 ? "one day is left" : fmt::format("{} days are left", days);
  voice.note(fmt::format("the certificate of {} is valid until {}: {}", endpoint.text(),
                         day_of(*until), left),
             "Have its owner renew it before; once it has expired, mail stays where it is.");
}

std::string listed(const std::vector<std::string_view>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i)
    text += fmt::format("{}{}", i == 0 ? "" : i + 1 == words.size() ? " and " : ", ", words[i]);
  return text;
}

// IMAP

void check_capabilities(const ImapSession& session, const Voice& voice) {
  std::vector<std::string_view> has;
  for (std::string_view name : {"IDLE", "MOVE", "UIDPLUS", "SPECIAL-USE", "LITERAL+", "NAMESPACE"})
    if (session.can(name)) has.push_back(name);
  voice.ok(has.empty() ? std::string("the server knows plain IMAP4rev1 only")
                       : fmt::format("the server offers {}", listed(has)));
  if (!session.can("IDLE"))
    voice.note("no IDLE: new mail is noticed within half a minute, not at once");
  if (session.can("MOVE")) return;
  if (session.can("UIDPLUS"))
    voice.note("no MOVE: letters are copied, and deleted where they were; it works, slower");
  else
    voice.note(
        "neither MOVE nor UIDPLUS: letters are copied, and what was judged stays in INBOX, marked "
        "as read and with a keyword",
        "Delete the read ones from INBOX now and then, or use a server with one of the two.");
}

void check_folders(const MailboxPlace& place, const HomePaths& paths, const CheckOptions& options,
                   const Clock& clock, const Voice& voice) {
  std::unique_ptr<Mailbox> mailbox;
  std::string example;
  if (place.account) {
    ImapOptions imap = imap_options(place);
    imap.connect_timeout = options.connect_timeout;
    imap.answer_timeout = options.answer_timeout;
    auto made = std::make_unique<ImapMailbox>(std::move(imap));
    if (auto opened = made->open(); !opened.ok()) {
      // The login worked a moment ago: it is about the folders.
      std::string to_do = opened.error().to_do;
      if (!opened.error().retry_helps())
        to_do =
            "Let the account make folders, or make them for it; if the server wants something in "
            "front of their names, set folder_prefix.";
      return voice.wrong(opened.error().what, std::move(to_do));
    }
    example = one_line(made->server_name(Folder::kEnquiriesOpen));
    mailbox = std::move(made);
  } else {
    mailbox = make_mailbox(place, paths, clock);
    if (auto opened = mailbox->open(); !opened.ok()) return voice.wrong(opened.error());
  }
  auto counts = mailbox->counts();
  if (!counts.ok()) return voice.wrong(counts.error());
  auto count = [&](Folder folder) { return (*counts)[static_cast<std::size_t>(folder)]; };
  std::string text = fmt::format("all {} folders are there", kFolders.size());
  if (!example.empty() && example != folder_name(Folder::kEnquiriesOpen))
    text += fmt::format(" ({} for one)", example);
  text += fmt::format("; {} waiting in INBOX", count(Folder::kInbox));
  if (count(Folder::kRetry) > 0) text += fmt::format(", {} in Retry", count(Folder::kRetry));
  voice.ok(std::move(text));
  if (count(Folder::kFailed) > 0)
    voice.note(fmt::format("{} in Failed", count(Folder::kFailed)),
               "`focalpost status` and `show` say why; drag them to Retry once that is put right.");
}

// SMTP

/// Says commands and reads answers; nothing is ever sent to anybody.
class SmtpProbe {
 public:
  struct Reply {
    int code = 0;
    std::vector<std::string> lines;
    bool ok() const { return code / 100 == 2; }
    bool for_ever() const { return code / 100 == 5; }
    std::string text() const {
      std::string all = fmt::format("{}", code);
      for (const std::string& line : lines) all += " " + line;
      return shorten(one_line(all), 300);
    }
  };

  static Result<SmtpProbe> open(const Account& account, const net::Options& options) {
    FP_ASSIGN(auto connection,
              net::Connection::open(account.endpoint(), *account.credentials(), options));
    return SmtpProbe(std::move(connection));
  }

  Result<Reply> say(std::string_view command) {
    FP_TRY(connection_->send(fmt::format("{}\r\n", command)));
    Reply reply;
    for (int leftover = 0;;) {
      FP_ASSIGN(std::string_view line, connection_->read_line(smtp::kLongestReplyLine));
      const bool is_reply =
          line.size() >= 3 &&
          std::all_of(line.begin(), line.begin() + 3, [](char c) { return c >= '0' && c <= '9'; });
      if (!is_reply) {
        if (first_ && reply.lines.empty() && leftover++ < kMostLeftover) continue;
        return temporary(fmt::format("{} does not speak SMTP: {}", connection_->endpoint().text(),
                                     shorten(one_line(line), 80)),
                         "Check host and port.");
      }
      if (reply.lines.size() >= smtp::kMostReplyLines)
        return temporary(fmt::format("{}: an answer without end", connection_->endpoint().text()));
      std::from_chars(line.data(), line.data() + 3, reply.code);
      reply.lines.emplace_back(trim(line.substr(std::min<std::size_t>(4, line.size()))));
      if (line.size() == 3 || line[3] != '-') break;
    }
    first_ = false;
    return reply;
  }

  const net::Connection& connection() const { return *connection_; }

  void quit() {
    connection_->set_timeout(net::Millis(1000));
    (void)say("QUIT");
  }

 private:
  explicit SmtpProbe(std::unique_ptr<net::Connection> connection)
      : connection_(std::move(connection)) {}
  std::unique_ptr<net::Connection> connection_;
  bool first_ = true;
};

std::string own_name() {
  char name[256] = {};
  if (::gethostname(name, sizeof name - 1) != 0 || name[0] == 0) return "localhost";
  const std::string_view text = name;
  return text.find_first_not_of(
             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.") == text.npos
             ? std::string(text)
             : "localhost";
}

struct Envelope {
  std::string from;  ///< empty: <>
  std::string to;
};

/// What the server says to an envelope that is taken back at once. `refused_to`: whether it was the
/// recipient.
Result<SmtpProbe::Reply> try_envelope(SmtpProbe& probe, const Envelope& envelope,
                                      bool& refused_to) {
  refused_to = false;
  FP_ASSIGN(auto reply, probe.say(fmt::format("MAIL FROM:<{}>", envelope.from)));
  if (reply.ok() && !envelope.to.empty()) {
    FP_ASSIGN(reply, probe.say(fmt::format("RCPT TO:<{}>", envelope.to)));
    refused_to = !reply.ok();
  }
  FP_TRY(probe.say("RSET"));
  return reply;
}

/// An address that may stand in a command here.
bool usable(const std::string& address) {
  return smtp::address_kind(address) == smtp::AddressKind::kAscii;
}

Status check_offers(SmtpProbe& probe, const Account& account, const Settings& settings,
                    const Voice& voice) {
  FP_ASSIGN(auto reply, probe.say("EHLO " + own_name()));
  if (!reply.ok())
    return usage_error(
        fmt::format("{} refused the greeting: {}", account.endpoint().text(), reply.text()),
        "Ask the server's people; perhaps this machine's name is the reason.");
  std::vector<std::string_view> has;
  std::uint64_t size = 0;
  bool dsn = false;
  for (std::size_t i = 1; i < reply.lines.size(); ++i) {
    const std::string line = ascii_lower(reply.lines[i]);
    const std::string word = line.substr(0, line.find(' '));
    for (std::string_view name : {"PIPELINING", "8BITMIME", "SMTPUTF8", "DSN"})
      if (ascii_iequal(word, name)) has.push_back(name);
    if (word == "dsn") dsn = true;
    if (word == "size" && line.size() > 5)
      std::from_chars(line.data() + 5, line.data() + line.size(), size);
  }
  std::string text = has.empty() ? std::string("the server offers no extensions")
                                 : fmt::format("the server offers {}", listed(has));
  if (size > 0) text += fmt::format("; it takes letters of up to {} KB", size >> 10);
  voice.ok(std::move(text));
  if (size > 0 && size < (1u << 20))
    voice.note("letters of more than that are given up", "Ask the server's people for 10 MB.");
  if (settings.outgoing.dsn && !dsn)
    voice.note("no delivery reports can be asked for (DSN); bounces tell all the same");
  return {};
}

Status check_senders(SmtpProbe& probe, const Settings& settings, const Voice& voice) {
  const std::string& own = usable(settings.address) ? settings.address : std::string();
  const std::string& from = settings.sender();
  const bool has_bounce = !settings.outgoing.bounce.empty();
  bool refused_to = false;
  bool own_refused = false;

  // Some servers judge the sender only when they hear a recipient.
  FP_ASSIGN(auto said, try_envelope(probe, {{}, own}, refused_to));
  if (said.ok()) {
    voice.ok("automatic replies may leave with the null return path, MAIL FROM:<>");
  } else if (!said.for_ever()) {
    voice.note(fmt::format("the server refuses MAIL FROM:<> for now: {}", said.text()),
               "Try again later.");
  } else {
    voice.note(
        fmt::format("the server refuses MAIL FROM:<>, the null return path: {}", said.text()),
        has_bounce ? "Automatic replies leave with the bounce address instead; nothing needs "
                     "to be done."
                   : "Automatic replies leave with the From address instead, and robots may "
                     "answer them: have the server accept it (RFC 5321, 4.5.5), or set "
                     "bounce in [outgoing].");
  }

  if (usable(from)) {
    FP_ASSIGN(said, try_envelope(probe, {from, own}, refused_to));
    own_refused = !said.ok() && refused_to;
    if (said.ok()) {
      voice.ok(fmt::format("{} may send", from));
    } else if (!said.for_ever()) {
      voice.note(fmt::format("the server refuses a letter of {} for now: {}", from, said.text()),
                 "Try again later.");
    } else {
      voice.wrong(fmt::format("the server refuses a letter from {} to {}: {}", from,
                              own.empty() ? "anybody" : own, said.text()),
                  "Set from in [outgoing] to an address that this account may send as, and address "
                  "in [gateway] to one that exists.");
    }
  } else {
    voice.note(fmt::format("{} is not ASCII and was not tried as a sender", one_line(from)));
  }

  if (has_bounce) {
    const std::string bounce = settings.outgoing.bounce_address(kProbeTag);
    if (usable(bounce)) {
      FP_ASSIGN(said, try_envelope(probe, {bounce, bounce}, refused_to));
      if (said.ok())
        voice.ok(fmt::format("bounces come back to {}", settings.outgoing.bounce));
      else if (!said.for_ever())
        voice.note(fmt::format("the server refuses {} for now: {}", bounce, said.text()),
                   "Try again later.");
      else
        voice.wrong(
            fmt::format("the server refuses {} as a {}: {}", bounce,
                        refused_to ? "recipient, so that bounces do not come back" : "sender",
                        said.text()),
            refused_to ? "Have plus addresses delivered to the mailbox, or leave bounce out."
                       : "Let the account send as it, or leave bounce out.");
    }
  }

  const std::string& op = settings.operator_mail;
  if (!op.empty() && usable(op) && !own_refused) {
    FP_ASSIGN(said, try_envelope(probe, {from, op}, refused_to));
    if (said.ok())
      voice.ok(fmt::format("letters to the operator are taken ({})", op));
    else if (refused_to && said.for_ever())
      voice.wrong(
          fmt::format("the server refuses letters to the operator, {}: {}", op, said.text()),
          "Correct mail in [operator], or let this account send to it.");
  }
  return {};
}

}  // namespace

void check_mailbox(const MailboxPlace& place, const HomePaths& paths, const CheckOptions& options,
                   const Clock& clock, const CheckTeller& tell) {
  if (!place.account) {
    const Voice voice("mailbox", tell);
    voice.ok(fmt::format("no [mailbox] is set: letters are files in {}", paths.mailbox().string()));
    return check_folders(place, paths, options, clock, voice);
  }
  const Account& account = *place.account;
  const Voice voice(fmt::format("[{}]", account.table()), tell);
  check_secrets(account, voice);
  check_line(account, voice);
  {
    auto session =
        ImapSession::open(account.endpoint(), *account.credentials(), line_options(options));
    if (!session.ok()) return voice.wrong(session.error());
    tell_connected(account, (*session)->connection(), clock.now(), voice);
    check_capabilities(**session, voice);
    (*session)->log_out();
  }
  check_folders(place, paths, options, clock, voice);
}

void check_outgoing(const Account& account, const Settings& settings, const CheckOptions& options,
                    const Clock& clock, const CheckTeller& tell) {
  const Voice voice(fmt::format("[{}]", account.table()), tell);
  check_secrets(account, voice);
  check_line(account, voice);
  auto probe = SmtpProbe::open(account, line_options(options));
  if (!probe.ok()) return voice.wrong(probe.error());
  tell_connected(account, probe->connection(), clock.now(), voice);
  auto checked = check_offers(*probe, account, settings, voice);
  if (checked.ok()) checked = check_senders(*probe, settings, voice);
  if (!checked.ok()) return voice.wrong(checked.error());
  probe->quit();
}

}  // namespace focalpost
