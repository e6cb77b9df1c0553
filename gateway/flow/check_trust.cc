// SPDX-License-Identifier: Apache-2.0
#include "flow/check_trust.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>

#include "base/hash.h"
#include "base/text.h"
#include "flow/assurance.h"
#include "mime/authentication.h"
#include "mime/automatic.h"
#include "mime/compose.h"
#include "smtp/submission.h"

namespace focalpost {
namespace {

constexpr std::string_view kProbeHeader = "X-Focalpost-Probe";
/// Of a folder, the newest so many are looked through for the trial's letter.
constexpr std::size_t kLookedThrough = 30;
constexpr std::size_t kHeadBytes = 256 << 10;
constexpr std::chrono::milliseconds kPatience{1000};

/// The part of a message that this needs.
class Heads final : public MessageSink {
 public:
  struct Head {
    MessageRef ref;
    std::string bytes;
  };
  std::vector<Head> all;

  Status mapped(const MessageRef& ref, MappedFile file) override {
    all.push_back({ref, std::string(file.bytes().substr(0, kHeadBytes))});
    return {};
  }
  Status streamed(const MessageRef& ref, ByteSource& bytes) override {
    FP_ASSIGN(std::string head, read_head(bytes, kHeadBytes));
    // To its end, as a mailbox wants it.
    for (;;) {
      FP_ASSIGN(auto span, bytes.next());
      if (span.empty()) break;
    }
    all.push_back({ref, std::move(head)});
    return {};
  }
  Status gone(const MessageRef&) override { return {}; }
  Status unreadable(const MessageRef&, const Error&) override { return {}; }
};

struct Arrival {
  bool survived = false;  ///< a forged field is in it
  bool reported = false;  ///< the server put an own one in
};

std::optional<Arrival> look_at(const std::string& head, const Settings& settings,
                               std::string_view id) {
  mime::Message message = mime::parse(head, settings.limits);
  auto mark = message.top().decoded(kProbeHeader);
  if (!mark || *mark != id) return {};
  Arrival arrival;
  for (std::string_view value : message.top().all("Authentication-Results")) {
    auto server = mime::authserv_id(value);
    if (!server || !mime::is_authserv(*server, settings.trust.authserv_id)) continue;
    (value.find(id) != value.npos ? arrival.survived : arrival.reported) = true;
  }
  return arrival;
}

/// The trial's letter, if it is there by now; it is in Ignored then.
Result<std::optional<Arrival>> find_letter(Mailbox& mailbox, const Settings& settings,
                                           std::string_view id) {
  for (Folder folder : {Folder::kInbox, Folder::kIgnored}) {
    FP_ASSIGN(auto refs, mailbox.list(folder, 0));
    std::span<const MessageRef> newest(refs);
    if (newest.size() > kLookedThrough) newest = newest.last(kLookedThrough);
    if (newest.empty()) continue;
    Heads heads;
    FP_TRY(mailbox.fetch(newest, heads));
    for (const Heads::Head& head : heads.all) {
      auto arrival = look_at(head.bytes, settings, id);
      if (!arrival) continue;
      if (folder == Folder::kInbox) {
        Move move{head.ref, Folder::kIgnored};
        FP_TRY(mailbox.move({&move, 1}));
      }
      return arrival;
    }
  }
  return std::optional<Arrival>();
}

class TrustCheck {
 public:
  TrustCheck(const Settings& settings, const HomePaths& paths, const Accounts& accounts,
             const CheckOptions& options, const Clock& clock, const CheckTeller& tell)
      : settings_(settings),
        paths_(paths),
        accounts_(accounts),
        options_(options),
        clock_(clock),
        tell_(tell) {}

  void run() {
    check_pin();
    check_keys();
  }

 private:
  void say(CheckMark mark, std::string what, std::string to_do = {}) {
    tell_({mark, "trust", std::move(what), std::move(to_do)});
  }

  void check_pin();
  /// What came of it; nothing: it did not arrive.
  Result<std::optional<Arrival>> try_server();
  void check_keys();

  const Settings& settings_;
  const HomePaths& paths_;
  const Accounts& accounts_;
  const CheckOptions& options_;
  const Clock& clock_;
  const CheckTeller& tell_;
};

Result<std::optional<Arrival>> TrustCheck::try_server() {
  const Account& account = *accounts_.outgoing();
  std::string gateway, domain;
  {
    FP_ASSIGN(Store store, Store::open(paths_.store(), Database::Mode::kReadOnly));
    FP_ASSIGN(gateway, store.gateway_id());
    domain = fmt::format("{}.{}", gateway, settings_.domain());
  }
  const std::string id = to_hex(sha256(random_bytes(32))).substr(0, 32);
  const std::string bytes = probe_letter(settings_, gateway, domain, id, clock_.now());
  {
    smtp::Options how;
    how.line.connect_timeout = options_.connect_timeout;
    how.line.timeout = options_.answer_timeout;
    how.reply_timeout = how.end_timeout = options_.answer_timeout;
    FP_ASSIGN(auto session,
              smtp::Submission::open(account.endpoint(), *account.credentials(), how));
    smtp::Letter letter;
    letter.return_path = settings_.sender();
    letter.recipients = {settings_.address};
    letter.bytes = bytes;
    auto results = session->send({&letter, 1});
    const smtp::RecipientResult& result = results.at(0).recipients.at(0);
    if (result.verdict != smtp::Verdict::kAccepted)
      return temporary(fmt::format("the trial's letter was not taken: {}", result.sentence()),
                       "Put right what is said of [outgoing], then run `check` again.");
  }
  FP_ASSIGN(auto mailbox, open_mailbox(accounts_.first(), paths_, clock_));
  const auto end = std::chrono::steady_clock::now() + options_.probe_wait;
  for (;;) {
    FP_ASSIGN(auto arrival, find_letter(*mailbox, settings_, id));
    if (arrival || std::chrono::steady_clock::now() >= end) return arrival;
    FP_TRY(mailbox->wait(kPatience, -1));
  }
}

void TrustCheck::check_pin() {
  const TrustSettings& trust = settings_.trust;
  const std::string& pin = trust.authserv_id;
  if (pin.empty()) return;
  if (!accounts_.outgoing()) {
    if (trust.authserv_tested)
      return say(CheckMark::kOk, fmt::format("{} is believed on your word that it removes forged "
                                             "reports (authserv_tested)",
                                             pin));
    return say(CheckMark::kWrong,
               fmt::format("whether {} removes forged reports cannot be tried without [outgoing]: "
                           "it is not believed, and nobody has assurance 2",
                           pin),
               fmt::format("Mail the gateway, from elsewhere, a letter with a field "
                           "\"Authentication-Results: {}; dmarc=pass header.from=forged.example\"; "
                           "if that is gone on arrival write authserv_tested = true in [trust].",
                           pin));
  }
  auto tried = try_server();
  if (!tried.ok()) return say(CheckMark::kWrong, tried.error().what, tried.error().to_do);
  if (!*tried)
    return say(CheckMark::kNote,
               fmt::format("the letter that tries {} did not arrive in time; what was known of the "
                           "server stands",
                           pin),
               "Run `check` again; if it never arrives, see whether letters to the gateway's "
               "address come into this mailbox.");
  const Arrival& arrival = **tried;
  auto noted = [&]() -> Status {
    FP_ASSIGN(Store store, Store::open(paths_.store()));
    return store.trust().note_probe(pin, !arrival.survived, clock_.now());
  }();
  if (!noted.ok()) return say(CheckMark::kWrong, noted.error().what, noted.error().to_do);
  if (arrival.survived)
    return say(CheckMark::kWrong,
               fmt::format("{} leaves forged reports in: a letter that claimed its own DMARC pass "
                           "arrived with the claim. It is not believed, and nobody has assurance 2",
                           pin),
               "Have the server remove every Authentication-Results field with its own name from "
               "what comes in (RFC 8601, section 5), or take authserv_id out of [trust]; then run "
               "`check` again.");
  say(CheckMark::kOk, fmt::format("{} removes forged reports: it is believed", pin));
  if (!arrival.reported)
    say(CheckMark::kNote,
        fmt::format("it reported nothing about the trial's letter, which was sent by way of the "
                    "own server"),
        fmt::format("Look into a letter from elsewhere: without a field \"Authentication-Results: "
                    "{}\" nobody has assurance 2.",
                    pin));
}

void TrustCheck::check_keys() {
  struct stat info {};
  if (::stat(paths_.keys().c_str(), &info) == 0 && (info.st_mode & 022) != 0)
    say(CheckMark::kWrong,
        fmt::format("{}: other users of this machine can write into it, and so say who is believed",
                    paths_.keys().string()),
        fmt::format("chmod 700 {}", paths_.keys().string()));
  signature::Keys::Places places{paths_.keys(), paths_.gnupg(), {}};
  if (!settings_.trust.ca_file.empty()) places.ca_file = paths_.root / settings_.trust.ca_file;
  const signature::Keys keys(places);
  const auto all = keys.list(clock_.now());
  if (all.empty()) return;

  std::vector<std::string> contacts;
  if (auto store = Store::open(paths_.store(), Database::Mode::kReadOnly); store.ok())
    if (auto structures = store->structures().load(); structures.ok()) {
      const StructureLookup lookup(std::move(*structures));
      for (const RosterEntry& entry : lookup.roster()) contacts.push_back(key_name(entry));
    }
  for (const signature::Key& key : all) {
    const std::string file = one_line(key.file);
    const std::string print =
        key.fingerprint.empty() ? std::string() : fmt::format(" ({})", key.fingerprint);
    const bool authority = key.name.empty();
    if (!authority && std::find(contacts.begin(), contacts.end(), key.name) == contacts.end())
      say(CheckMark::kNote, fmt::format("{}: there is no contact {}", file, one_line(key.name)),
          "Files in keys/ are named PROVIDER.CONTACT.pem or .asc, as `show` names who wrote.");
    else if (!key.fault.empty())
      say(CheckMark::kNote, fmt::format("{}{}: {}", file, print, one_line(key.fault)),
          "Put a key that is valid in its place; signatures by this one do not count.");
    else
      say(CheckMark::kOk,
          fmt::format(
              "{}{}: {}, valid {}", file, print,
              authority ? "an authority for contacts' certificates" : "signs for its contact",
              key.until ? "until " + format_rfc3339(*key.until).substr(0, 10)
                        : std::string("without end")));
  }
}

}  // namespace

std::string probe_letter(const Settings& settings, std::string_view gateway_id,
                         std::string_view message_id_domain, std::string_view id, Time now) {
  std::string pin = settings.trust.authserv_id;
  if (pin.starts_with("*.")) pin.replace(0, 1, "probe");
  const std::string claim =
      fmt::format("dmarc=pass header.from={} policy.probe={}", settings.domain(), id);
  std::string out;
  // Every shape that would be counted.
  for (const std::string& name : {pin, ascii_upper(pin), pin + " (probe)", pin + " 1"})
    out += fmt::format("Authentication-Results: {};\r\n\t{}\r\n", name, claim);
  out += fmt::format("authentication-results:\r\n {}\r\n\t;{}\r\n", pin, claim);
  const auto day = std::chrono::floor<std::chrono::days>(now);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(std::chrono::floor<std::chrono::seconds>(now - day));
  constexpr std::string_view months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  out += fmt::format(
      "From: <{}>\r\nTo: <{}>\r\nSubject: focalpost check: a forged report\r\n"
      "Date: {} {} {} {:02}:{:02}:{:02} +0000\r\nMessage-ID: <probe.{}@{}>\r\n"
      "Auto-Submitted: auto-generated\r\n{}: {}\r\n{}: {}\r\nMIME-Version: 1.0\r\n"
      "Content-Type: text/plain; charset=us-ascii\r\n\r\n"
      "`focalpost check` sent this to itself, to see whether the mail server takes forged\r\n"
      "Authentication-Results out of what comes in. Nothing needs to be done.\r\n",
      settings.sender(), settings.address, unsigned(date.day()), months[unsigned(date.month()) - 1],
      int(date.year()), time.hours().count(), time.minutes().count(), time.seconds().count(), id,
      message_id_domain, mime::kGatewayHeader, gateway_id, kProbeHeader, id);
  return out;
}

void check_trust(const Settings& settings, const HomePaths& paths, const Accounts& accounts,
                 const CheckOptions& options, const Clock& clock, const CheckTeller& tell) {
  TrustCheck(settings, paths, accounts, options, clock, tell).run();
}

}  // namespace focalpost
