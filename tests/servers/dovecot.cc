// SPDX-License-Identifier: Apache-2.0
#include "servers/dovecot.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <thread>

#include "servers/client.h"

namespace servers {
namespace {

constexpr const char* kSettings = R"(base_dir = {dir}/run
state_dir = {dir}/state
log_path = {dir}/dovecot.log
listen = 127.0.0.1
protocols = imap lmtp
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 0
first_valid_gid = 0
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_failure_delay = 0
login_greeting = {greeting}
ssl = yes
ssl_cert = <{certificate}
ssl_key = <{key}
mail_location = maildir:{dir}/mail/%n
mail_fsync = never
mail_max_userip_connections = 200
default_process_limit = 100
verbose_proctitle = no
lmtp_save_to_detail_mailbox = no
passdb {{
  driver = static
  args = password=secret
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={dir}/mail/%n allow_all_users=yes
}}
namespace inbox {{
  inbox = yes
  separator = {separator}
  prefix = {prefix}
}}
protocol lmtp {{
  auth_username_format = %n
}}
service imap-login {{
  chroot =
  service_count = 0
  process_min_avail = 1
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service auth {{
  inet_listener sasl {{
    address = 127.0.0.1
    port = {sasl}
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
service lmtp {{
  user = {user}
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
}}
)";

}  // namespace

Dovecot::Dovecot(DovecotOptions options) : options_(std::move(options)), who_(unprivileged()) {
  authority_ = std::make_unique<Authority>(folder_.path());
  certificate_ = authority_->issue();
  on_free_ports(program_, [this] {
    imap_ = free_port();
    imaps_ = free_port();
    lmtp_ = free_port();
    sasl_ = free_port();
    greeting_ = fmt::format("ready {} {}", ::getpid(), folder_.path().filename().string());
    write_settings();
    start();
  });
}

Dovecot::~Dovecot() = default;

void Dovecot::write_settings() {
  const fs::path& dir = folder_.path();
  for (const char* name : {"run", "state", "mail"}) fs::create_directories(dir / name);
  std::string text = fmt::format(
      kSettings, fmt::arg("dir", dir.string()), fmt::arg("user", who_.user),
      fmt::arg("group", who_.group), fmt::arg("greeting", greeting_),
      fmt::arg("certificate", certificate_.certificate_file.string()),
      fmt::arg("key", certificate_.key_file.string()), fmt::arg("separator", options_.separator),
      fmt::arg("prefix", options_.prefix), fmt::arg("imap", imap_), fmt::arg("imaps", imaps_),
      fmt::arg("sasl", sasl_), fmt::arg("lmtp", lmtp_));
  if (!options_.capability.empty()) text += "imap_capability = " + options_.capability + "\n";
  text += options_.more;
  write_text(dir / "dovecot.conf", text);
  write_text(dir / "dovecot.log", "");
  give_to(who_, dir);
}

bool Dovecot::ready() {
  // The port is tried before a client asks something of it, since a client waits for a greeting.
  LineClient probe(imap_);
  if (!probe.connected()) return false;
  if (probe.line().find(greeting_) == std::string::npos)
    throw Failure("somebody else's server answers on our port");
  probe.send("a LOGIN probe secret\r\n");
  while (!probe.line().starts_with("a OK")) {
  }
  probe.send("b SELECT INBOX\r\n");
  std::string line;
  do line = probe.line();
  while (!line.starts_with("b "));
  return line.starts_with("b OK") && LineClient(lmtp_).connected();
}

void Dovecot::start() {
  program_ = std::make_unique<Program>(
      std::vector<std::string>{"dovecot", "-F", "-c", (folder_.path() / "dovecot.conf").string()},
      who_, folder_.path() / "output", folder_.path());
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (program_->running() && std::chrono::steady_clock::now() < until) {
    if (ready()) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  throw Failure("dovecot does not start: " + read_text(folder_.path() / "output") + log());
}

void Dovecot::stop() {
  program_.reset();
}

fs::path Dovecot::directory(const std::string& user, const std::string& folder) const {
  fs::path root = folder_.path() / "mail" / user;
  if (folder == "INBOX") return root;
  std::string name = "." + folder;
  std::replace(name.begin(), name.end(), '/', '.');
  return root / name;
}

void Dovecot::deliver(const std::string& user, std::string_view bytes, const std::string& folder) {
  const fs::path dir = directory(user, folder);
  if (!fs::exists(dir / "new")) {
    for (const char* part : {"tmp", "new", "cur"}) fs::create_directories(dir / part);
    give_to(who_, directory(user));
  }
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(
      std::chrono::system_clock::now().time_since_epoch());
  const std::string name =
      fmt::format("{}.M{:08}P{}.test", seconds.count(), ++delivered_, ::getpid());
  write_text(dir / "tmp" / name, std::string(bytes));
  give_to(who_, dir / "tmp" / name);
  fs::rename(dir / "tmp" / name, dir / "new" / name);
}

std::vector<std::string> Dovecot::messages(const std::string& user, const std::string& folder) {
  std::vector<fs::path> files;
  for (const char* part : {"new", "cur"}) {
    const fs::path dir = directory(user, folder) / part;
    if (!fs::exists(dir)) continue;
    for (const auto& entry : fs::directory_iterator(dir)) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end(), [](const fs::path& a, const fs::path& b) {
    return a.filename().string() < b.filename().string();
  });
  std::vector<std::string> all;
  for (const fs::path& file : files) all.push_back(read_text(file));
  return all;
}

void Dovecot::forget_uids(const std::string& user, const std::string& folder) {
  const fs::path list = directory(user, folder) / "dovecot-uidlist";
  // "3 V1700000000 N4 G...": a server that starts anew takes the time in seconds as UIDVALIDITY,
  // which may be the same one.
  unsigned long validity = 0;
  if (std::sscanf(read_text(list).c_str(), "3 V%lu", &validity) != 1)
    throw Failure("no UIDVALIDITY in " + list.string());
  for (const auto& entry : fs::directory_iterator(directory(user, folder)))
    if (entry.path().filename().string().starts_with("dovecot.index")) fs::remove(entry.path());
  write_text(list, fmt::format("3 V{} N1\n", validity + 1));
  give_to(who_, list);
}

void Dovecot::kick(const std::string& user) {
  const fs::path log = folder_.path() / "kick";
  if (run_program({"doveadm", "-c", (folder_.path() / "dovecot.conf").string(), "kick", user},
                  log) != 0)
    throw Failure("doveadm kick: " + read_text(log));
}

}  // namespace servers
