// SPDX-License-Identifier: Apache-2.0
#include "servers/postfix.h"

#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "servers/client.h"

namespace servers {
namespace {

constexpr const char* kMain = R"(compatibility_level = 3.6
queue_directory = {dir}/spool
data_directory = {dir}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
myhostname = mx.test.example
smtpd_banner = {banner}
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
relay_domains = static:ALL
relay_recipient_maps =
local_recipient_maps =
smtpd_recipient_restrictions = check_recipient_access texthash:{dir}/etc/recipients, permit_mynetworks, permit_sasl_authenticated, reject
default_transport = lmtp:inet:127.0.0.1:{lmtp}
relay_transport = lmtp:inet:127.0.0.1:{lmtp}
disable_dns_lookups = yes
smtp_dns_support_level = disabled
alias_maps =
alias_database =
biff = no
append_dot_mydomain = no
smtpd_tls_cert_file = {certificate}
smtpd_tls_key_file = {key}
smtpd_tls_security_level = may
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:{sasl}
smtputf8_enable = yes
maillog_file = {dir}/log/mail.log
maillog_file_prefixes = {dir}/log
message_size_limit = {size}
minimal_backoff_time = 5s
queue_run_delay = 5s
smtpd_client_connection_count_limit = 0
smtpd_error_sleep_time = 0
smtpd_soft_error_limit = 1000
smtpd_hard_error_limit = 2000
in_flow_delay = 0
)";

constexpr const char* kMaster = R"(127.0.0.1:{smtp} inet n - n - - smtpd
127.0.0.1:{submission} inet n - n - - smtpd
  -o smtpd_sasl_auth_enable=yes -o smtpd_tls_security_level=encrypt -o mynetworks=
127.0.0.1:{submissions} inet n - n - - smtpd
  -o smtpd_sasl_auth_enable=yes -o smtpd_tls_wrappermode=yes -o mynetworks=
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
)";

void make(const fs::path& path, unsigned mode, uid_t uid, gid_t gid) {
  fs::create_directories(path);
  fs::permissions(path, fs::perms(mode));
  if (::chown(path.c_str(), uid, gid) != 0) throw Failure("chown " + path.string());
}

}  // namespace

bool Postfix::possible() {
  return ::getuid() == 0;
}

Postfix::Postfix(Dovecot& dovecot, PostfixOptions options)
    : dovecot_(dovecot), options_(std::move(options)) {
  if (!possible()) throw Failure("Postfix needs root");
  on_free_ports(program_, [this] {
    smtp_ = free_port();
    submission_ = free_port();
    submissions_ = free_port();
    banner_ =
        fmt::format("ready.{}.example ESMTP {}", ::getpid(), folder_.path().filename().string());
    write_settings();
    start();
  });
}

Postfix::~Postfix() = default;

void Postfix::write_settings() {
  const passwd* user = ::getpwnam("postfix");
  const group* drop = ::getgrnam("postdrop");
  if (!user || !drop) throw Failure("postfix is not installed");
  const fs::path& dir = folder_.path();
  for (const char* name : {"etc", "log"}) make(dir / name, 0755, 0, 0);
  make(dir / "spool", 0755, 0, 0);
  make(dir / "data", 0700, user->pw_uid, user->pw_gid);
  for (const char* name : {"active", "bounce", "corrupt", "defer", "deferred", "flush", "hold",
                           "incoming", "private", "saved", "trace"})
    make(dir / "spool" / name, 0700, user->pw_uid, user->pw_gid);
  make(dir / "spool" / "maildrop", 0730, user->pw_uid, drop->gr_gid);
  make(dir / "spool" / "public", 0710, user->pw_uid, drop->gr_gid);
  make(dir / "spool" / "pid", 0755, 0, 0);

  std::string table;
  for (const auto& [recipient, answer] : options_.recipients)
    table += fmt::format("{} {}\n", recipient, answer);
  write_text(dir / "etc" / "recipients", table);
  write_text(
      dir / "etc" / "main.cf",
      fmt::format(kMain, fmt::arg("dir", dir.string()), fmt::arg("banner", banner_),
                  fmt::arg("lmtp", dovecot_.lmtp_port()), fmt::arg("sasl", dovecot_.sasl_port()),
                  fmt::arg("certificate", dovecot_.certificate().certificate_file.string()),
                  fmt::arg("key", dovecot_.certificate().key_file.string()),
                  fmt::arg("size", options_.size_limit)) +
          options_.more);
  write_text(dir / "etc" / "master.cf",
             fmt::format(kMaster, fmt::arg("smtp", smtp_), fmt::arg("submission", submission_),
                         fmt::arg("submissions", submissions_)));
  // Postfix waits two seconds before it trusts a file that has just changed.
  for (const char* name : {"main.cf", "master.cf", "recipients"})
    fs::last_write_time(dir / "etc" / name,
                        fs::file_time_type::clock::now() - std::chrono::hours(1));
}

void Postfix::start() {
  const fs::path& dir = folder_.path();
  program_ = std::make_unique<Program>(
      std::vector<std::string>{"/usr/lib/postfix/sbin/master", "-c", (dir / "etc").string(), "-d"},
      ourselves(), dir / "output", dir);
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (program_->running() && std::chrono::steady_clock::now() < until) {
    LineClient probe(smtp_);
    if (probe.connected()) {
      if (probe.line().find(banner_) == std::string::npos)
        throw Failure("somebody else's server answers on our port");
      probe.send("EHLO probe.example\r\n");
      std::string line;
      do line = probe.line();
      while (line.size() > 3 && line[3] == '-');
      probe.send("MAIL FROM:<probe@test.example>\r\n");
      if (line.starts_with("250 ") && probe.line().starts_with("250 ") &&
          LineClient(submission_).connected() && LineClient(submissions_).connected())
        return;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  throw Failure("postfix does not start: " + read_text(dir / "output") + log());
}

}  // namespace servers
