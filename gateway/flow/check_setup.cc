// SPDX-License-Identifier: Apache-2.0
#include "flow/check_setup.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <set>
#include <vector>

#include "base/text.h"
#include "flow/accounts.h"
#include "flow/alerts.h"
#include "flow/check_servers.h"
#include "flow/check_trust.h"
#include "flow/home.h"
#include "mime/compose.h"
#include "spool/spool.h"
#include "store/schema.h"

namespace focalpost {
namespace {

constexpr std::string_view kMarks[] = {"ok", "note", "wrong"};
constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kMostNamed = 5;  ///< of many things of a kind

/// One check of a home: the parts share what was read.
class Check {
 public:
  Check(const fs::path& root, const CheckOptions& options, const Clock& clock,
        const CheckTeller& tell)
      : paths_{root}, options_(options), clock_(clock) {
    tell_ = [this, &tell](const CheckLine& line) {
      if (line.mark == CheckMark::kWrong) right_ = false;
      tell(line);
    };
  }

  bool run() {
    check_folder();
    check_private(paths_.key(), "key", kKeyBytes);
    check_private(paths_.store(), "store", {});
    check_settings();
    check_disk();
    check_store();
    check_templates();
    if (!settings_) return right_;
    const Accounts accounts = Accounts::of(*settings_, paths_, clock_);
    for (const MailboxPlace& place : accounts.mailboxes())
      check_mailbox(place, paths_, options_, clock_, tell_);
    if (accounts.outgoing())
      check_outgoing(*accounts.outgoing(), *settings_, options_, clock_, tell_);
    else
      ok("outgoing", "no [outgoing] is set: what leaves ends as files in the mailbox's Sent");
    check_operator(accounts);
    check_trust(*settings_, paths_, accounts, options_, clock_, tell_);
    check_policy(accounts);
    return right_;
  }

 private:
  void ok(std::string topic, std::string what) {
    tell_({CheckMark::kOk, std::move(topic), std::move(what), {}});
  }
  void note(std::string topic, std::string what, std::string to_do = {}) {
    tell_({CheckMark::kNote, std::move(topic), std::move(what), std::move(to_do)});
  }
  void wrong(std::string topic, std::string what, std::string to_do) {
    tell_({CheckMark::kWrong, std::move(topic), std::move(what), std::move(to_do)});
  }
  void wrong(std::string topic, const Error& error) {
    wrong(std::move(topic), error.what, error.to_do);
  }

  void check_folder();
  void check_private(const fs::path& file, const std::string& topic,
                     std::optional<std::size_t> size);
  void check_settings();
  void check_disk();
  void check_store();
  void check_structures(Store& store);
  void check_templates();
  void check_language(const std::string& lang, const std::vector<std::string>& names);
  void check_operator(const Accounts& accounts);
  void check_command(const std::string& line);
  void check_policy(const Accounts& accounts);

  HomePaths paths_;
  const CheckOptions& options_;
  const Clock& clock_;
  CheckTeller tell_;
  bool right_ = true;
  std::optional<Settings> settings_;  ///< nothing: they cannot be read
  bool example_ = false;
};

std::string full_name(const fs::path& path) {
  std::error_code failed;
  const fs::path full = fs::absolute(path, failed);
  return (failed ? path : full).lexically_normal().string();
}

std::string some(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size() && i < kMostNamed; ++i)
    text += (i == 0 ? "" : ", ") + names[i];
  if (names.size() > kMostNamed) text += fmt::format(" and {} more", names.size() - kMostNamed);
  return text;
}

// the folder

void Check::check_folder() {
  struct stat info {};
  const std::string name = full_name(paths_.root);
  if (::stat(paths_.root.c_str(), &info) != 0)
    return wrong("home", system_error("cannot look at", paths_.root, errno));
  bool good = true;
  if ((info.st_mode & 077) != 0) {
    good = false;
    wrong("home", fmt::format("{}: other users of this machine can look into it", name),
          fmt::format("chmod 700 {}", name));
  }
  if (info.st_uid != ::geteuid()) {
    good = false;
    note("home",
         fmt::format("{} belongs to the user with number {}, this program runs as {}", name,
                     info.st_uid, ::geteuid()),
         "Run `check` as the user that the gateway runs as: what it finds holds for that user.");
  }
  for (const fs::path& folder : {paths_.root, paths_.temporary()})
    if (::access(folder.c_str(), R_OK | W_OK | X_OK) != 0) {
      const int error = errno;
      good = false;
      wrong("home",
            fmt::format("{} cannot be written to: {}", full_name(folder), std::strerror(error)),
            "Give the folder and all inside to the user that the gateway runs as.");
    }
  if (good) ok("home", fmt::format("{} is there, and private", name));
}

void Check::check_private(const fs::path& file, const std::string& topic,
                          std::optional<std::size_t> size) {
  struct stat info {};
  if (::stat(file.c_str(), &info) != 0)
    return wrong(topic, system_error("cannot look at", file, errno).what,
                 "Put it back from a backup.");
  if ((info.st_mode & 077) != 0)
    wrong(topic, fmt::format("{}: other users of this machine can read it", full_name(file)),
          fmt::format("chmod 600 {}{}", full_name(file),
                      size ? "; if they may have read it, confirmations can be forged: make a new "
                             "one"
                           : ""));
  else if (size && static_cast<std::size_t>(info.st_size) != *size)
    wrong(topic, fmt::format("{} has {} bytes instead of {}", full_name(file), info.st_size, *size),
          "Put it back from a backup.");
  else if (::access(file.c_str(), R_OK | W_OK) != 0)
    wrong(topic, system_error("cannot read and write", file, errno).what,
          "Give it to the user that the gateway runs as.");
  else if (size)
    ok(topic, "the token key is there, and private");
}

void Check::check_settings() {
  auto settings = read_settings(paths_.settings());
  if (!settings.ok()) return wrong("settings", settings.error());
  settings_ = std::move(*settings);
  std::error_code none;
  if (fs::exists(paths_.settings(), none))
    ok("settings", fmt::format("{} is understood", paths_.settings().filename().string()));
  else
    note("settings",
         fmt::format("there is no {}: everything has its default",
                     paths_.settings().filename().string()),
         "If there was one, put it back from a backup.");
}

void Check::check_disk() {
  auto space = disk_space(paths_.root);
  if (!space.ok()) return wrong("disk", space.error());
  const std::uint64_t least = settings_ ? settings_->low_disk_bytes : Settings{}.low_disk_bytes;
  if (space->free_bytes < least)
    wrong("disk",
          fmt::format("{} MB are free, less than low_disk_mb = {}: nothing is taken in",
                      space->free_bytes >> 20, least >> 20),
          "Make room, or move the home to another disk; letters wait in INBOX meanwhile.");
  else
    ok("disk", fmt::format("{} MB are free", space->free_bytes >> 20));
}

// the store

void Check::check_store() {
  auto store = Store::open(paths_.store(), Database::Mode::kReadOnly);
  if (!store.ok()) return wrong("store", store.error());
  auto id = store->gateway_id();
  if (!id.ok()) return wrong("store", id.error());
  auto damages = store->damages();
  if (!damages.ok() || *damages > 0)
    return wrong("store",
                 fmt::format("the file is damaged{}{}", damages.ok() ? "" : ": ",
                             damages.ok() ? "" : damages.error().what),
                 "Stop the gateway, put store.sqlite aside and a backup in its place; look at the "
                 "disk.");
  auto alerts = store->alerts().open();
  if (!alerts.ok()) return wrong("store", alerts.error());
  ok("store", fmt::format("it opens; tables of version {}, gateway {}", kSchemaVersion, *id));
  for (const AlertRecord& alert : *alerts)
    note("alert", fmt::format("since {}: {}", format_rfc3339(alert.since), alert.text),
         alert.to_do);
  check_structures(*store);
}

void Check::check_structures(Store& store) {
  auto loaded = store.structures().load();
  if (!loaded.ok()) return wrong("structures", loaded.error());
  std::size_t contacts = 0, addresses = 0;
  for (const OrganisationScheme& scheme : loaded->organisation_schemes) {
    if (const Annotation* mark = find_annotation(scheme.annotations, "FP_EXAMPLE"))
      example_ = example_ || mark->title == "true";
    for (const Organisation& organisation : scheme.organisations)
      for (const Contact& contact : organisation.contacts) {
        ++contacts;
        addresses += contact.emails.size();
      }
  }
  if (loaded->data_structures.empty() || loaded->dataflows.empty())
    return wrong("structures",
                 fmt::format("{} data structures and {} dataflows are registered: no file can be "
                             "judged",
                             loaded->data_structures.size(), loaded->dataflows.size()),
                 "Register them with `focalpost load FILE...`.");
  ok("structures", fmt::format("{} dataflows, {} agreements, {} contacts", loaded->dataflows.size(),
                               loaded->agreements.size(), contacts));
  if (loaded->agreements.empty() || addresses == 0)
    wrong("structures", "no institution may file anything: agreements or contacts are missing",
          "Register data providers with their contacts, and provision agreements, with `focalpost "
          "load FILE...`.");
  if (example_)
    note("structures", "this is the example network: its institutions do not exist",
         "For a real one make a new home without --demo and load your own institutions.");
}

// templates

void Check::check_language(const std::string& lang, const std::vector<std::string>& names) {
  const fs::path share = share_directory() / "templates";
  TemplateStore templates(share, paths_.templates());
  const TemplateStore shipped(share);
  std::vector<std::string> missing;
  for (const std::string& name : names) {
    auto keys = templates.keys(lang, name);
    std::error_code none;
    const std::string file = fmt::format("{}/{}.mustache", lang, name);
    if (!keys.ok()) {
      if (fs::exists(share / file, none) || fs::exists(paths_.templates() / file, none))
        wrong("templates", keys.error());
      else
        missing.push_back(file);
      continue;
    }
    auto known = shipped.keys("en", name);
    if (!known.ok()) continue;
    // "name", "#section" and "^section" stand for the same value.
    auto plain = [](std::string_view key) {
      return std::string(key.substr(key.find_first_not_of("#^")));
    };
    std::set<std::string> values;
    for (const std::string& key : *known) values.insert(plain(key));
    std::vector<std::string> strange;
    for (const std::string& key : *keys)
      if (!values.contains(plain(key))) strange.push_back(plain(key));
    if (!strange.empty())
      note("templates",
           fmt::format("{} names what the shipped one does not: {}", file, some(strange)),
           "If there is no such value the shipped template is used instead.");
  }
  if (!missing.empty())
    wrong("templates", fmt::format("missing: {}", some(missing)),
          "Install focalpost again, or put a translation into templates/ of the home; until then "
          "English is used.");
}

void Check::check_templates() {
  const fs::path share = share_directory() / "templates";
  auto files = list_directory(share / "en");
  if (!files.ok())
    return wrong("templates", files.error().what,
                 "Install focalpost again, or set FOCALPOST_SHARE to where its files are.");
  constexpr std::string_view ending = ".mustache";
  std::vector<std::string> names;
  for (const std::string& file : *files)
    if (file.ends_with(ending)) names.push_back(file.substr(0, file.size() - ending.size()));
  std::sort(names.begin(), names.end());

  PhraseStore phrases(share, paths_.templates());
  const std::vector<std::string> languages = phrases.languages();
  auto english = phrases.in("en");
  if (!english.ok()) return wrong("templates", english.error());
  const std::vector<std::string> keys = (*english)->keys();
  const bool was_right = right_;
  for (const std::string& lang : languages) {
    check_language(lang, names);
    auto spoken = phrases.in(lang);
    if (!spoken.ok()) {
      wrong("templates", spoken.error());
      continue;
    }
    const std::vector<std::string> has = (*spoken)->keys();
    std::vector<std::string> missing;
    for (const std::string& key : keys)
      if (!std::binary_search(has.begin(), has.end(), key)) missing.push_back(key);
    if (!missing.empty())
      wrong("templates", fmt::format("phrases of {} are missing: {}", lang, some(missing)),
            fmt::format("Add them to {}; until then English is used.",
                        full_name(paths_.templates() / lang / "phrases.txt")));
  }
  for (const std::string& warning : phrases.take_warnings())
    wrong("templates", warning, "Correct the file; until then the shipped one is used.");
  if (right_ == was_right && !names.empty())
    ok("templates", fmt::format("{} in each of: {}", names.size(), some(languages)));
}

// the operator

void Check::check_command(const std::string& line) {
  auto words = command_words(line);
  if (!words.ok()) return wrong("operator", words.error());
  const std::string& program = words->front();
  std::vector<fs::path> places;
  if (program.find('/') != std::string::npos) {
    places.push_back(paths_.root / program);
  } else {
    const char* path = std::getenv("PATH");
    for (std::string_view folder : split(path ? path : "/usr/bin:/bin", ':'))
      places.push_back(fs::path(folder.empty() ? "." : folder) / program);
  }
  const bool there = std::any_of(places.begin(), places.end(), [](const fs::path& place) {
    std::error_code none;
    return fs::is_regular_file(place, none) && ::access(place.c_str(), X_OK) == 0;
  });
  if (!there)
    return wrong("operator",
                 fmt::format("alert_command: {} is no program that can be run", one_line(program)),
                 "Write its full path and make it executable; it is no line for a shell: for that "
                 "write sh -c '...'.");
  if (!options_.alert)
    return ok("operator", fmt::format("alert_command {} is there; `check --alert` tries it",
                                      one_line(program)));
  const CommandEnd end = run_command(
      *words, paths_.root,
      fmt::format("[focalpost] a test\n\nThis is a test of the alert command by `focalpost check "
                  "--alert`. Nothing is wrong.\nHome: {}\n",
                  full_name(paths_.root)),
      options_.command_limit);
  if (end.worked())
    ok("operator", fmt::format("alert_command was run with a test: {}", end.sentence()));
  else
    wrong("operator", fmt::format("alert_command {}", end.sentence()),
          "It must take a text on its standard input and end with 0 within 30 seconds.");
}

void Check::check_operator(const Accounts& accounts) {
  const Settings& settings = *settings_;
  const std::string& mail = settings.operator_mail;
  const bool embedded = !accounts.first().account && !accounts.outgoing();
  if (mail.empty() && settings.alert_command.empty()) {
    return note("operator", "nobody is told when something fails, but for `status`",
                embedded ? "" : "Set mail or alert_command in [operator], better both.");
  }
  if (!mail.empty()) {
    if (ascii_iequal(mail, settings.address) || ascii_iequal(mail, settings.sender()))
      wrong(
          "operator",
          fmt::format("{} is the gateway's own address: it would write to itself", one_line(mail)),
          "Set mail in [operator] to an address that a person reads.");
    else if (!mime::is_sendable_address(mail))
      wrong("operator", fmt::format("{} is no address that can be written to", one_line(mail)),
            "Correct mail in [operator].");
    else if (!accounts.outgoing())
      note("operator",
           fmt::format("mail to {} ends in the mailbox's Sent, since there is no [outgoing]",
                       one_line(mail)),
           "Set [outgoing], or alert_command.");
    else
      ok("operator", fmt::format("{} is told when something fails", one_line(mail)));
  }
  if (!settings.alert_command.empty())
    check_command(settings.alert_command);
  else if (!embedded)
    note("operator", "when mail cannot be sent, nobody is told before it can be again",
         "Set alert_command to something that does not need this mail server.");
}

// who may do what

void Check::check_policy(const Accounts& accounts) {
  const Settings& settings = *settings_;
  std::vector<std::string> waiting, open;
  for (Act act : {Act::kFile, Act::kRevise}) {
    const Assurance needed = settings.policy[act];
    if (needed >= Assurance::kAligned)
      waiting.emplace_back(act_name(act));
    else
      open.emplace_back(act_name(act));
  }
  if (!waiting.empty() && settings.trust.authserv_id.empty())
    note(
        "policy",
        fmt::format("{} needs assurance 2, a DKIM or DMARC pass that the own mail server reports; "
                    "no server is pinned as the one to believe (authserv-id), so nobody has 2",
                    some(waiting)),
        fmt::format("Every file waits in Held until its sender answers a letter with YES; name the "
                    "server with authserv_id in [trust], or, to believe the From address, write "
                    "{} = 1 in [policy].",
                    waiting.front()));
  if (!open.empty()) {
    const std::string what =
        fmt::format("{} needs a registered From address only, which anybody can forge", some(open));
    if (accounts.first().account)
      note("policy", what, "Fit where the mail server refuses forged senders of those domains.");
    else
      ok("policy", what);
  }
  const auto& domain = settings.domain();
  const bool elsewhere = accounts.outgoing() && !is_loopback(accounts.outgoing()->endpoint().host);
  if (elsewhere && (domain == "example" || domain.ends_with(".example")))
    wrong("settings",
          fmt::format("the gateway's address is {}, of a domain that does not exist",
                      one_line(settings.address)),
          "Set address in [gateway] to the address that people write to.");
}

}  // namespace

std::string_view check_mark_name(CheckMark mark) {
  return kMarks[static_cast<std::size_t>(mark)];
}

Result<bool> check_setup(const fs::path& root, const CheckOptions& options, const Clock& clock,
                         const CheckTeller& tell) {
  const HomePaths paths{root};
  std::error_code none;
  if (!fs::exists(paths.store(), none) && !fs::exists(paths.settings(), none))
    return usage_error(fmt::format("{} is not a focalpost home", full_name(root)),
                       "Make one with `focalpost init DIR`, or name one with --home DIR.");
  return Check(root, options, clock, tell).run();
}

}  // namespace focalpost
