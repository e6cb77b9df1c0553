// SPDX-License-Identifier: Apache-2.0
#include "servers/fake.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <chrono>

namespace servers {

struct Peer::Tls {
  SSL_CTX* context = nullptr;
  SSL* ssl = nullptr;
  ~Tls() {
    if (ssl) {
      SSL_shutdown(ssl);
      SSL_free(ssl);
    }
    SSL_CTX_free(context);
  }
};

Peer::Peer(int fd, int number, int stop_fd) : fd_(fd), number_(number), stop_fd_(stop_fd) {
  ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

Peer::~Peer() {
  tls_.reset();
  if (fd_ >= 0) ::close(fd_);
}

void Peer::wait(short events) {
  pollfd polls[2] = {{fd_, events, 0}, {stop_fd_, POLLIN, 0}};
  const int count = ::poll(polls, 2, 20'000);
  if (count == 0) throw Failure("nothing came for twenty seconds");
  if (polls[1].revents) throw Gone{};
}

void Peer::send(std::string_view bytes) {
  while (!bytes.empty()) {
    if (tls_) {
      const int sent = SSL_write(tls_->ssl, bytes.data(), int(bytes.size()));
      if (sent > 0) {
        bytes.remove_prefix(std::size_t(sent));
        continue;
      }
      const int why = SSL_get_error(tls_->ssl, sent);
      if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE) throw Gone{};
      wait(why == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT);
      continue;
    }
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EAGAIN) {
      wait(POLLOUT);
      continue;
    }
    if (sent <= 0) throw Gone{};
    bytes.remove_prefix(std::size_t(sent));
  }
}

bool Peer::fill() {
  char bytes[16384];
  for (;;) {
    ssize_t got = 0;
    if (tls_) {
      got = SSL_read(tls_->ssl, bytes, sizeof bytes);
      if (got <= 0) {
        const int why = SSL_get_error(tls_->ssl, int(got));
        if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE) return false;
        wait(why == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT);
        continue;
      }
    } else {
      got = ::recv(fd_, bytes, sizeof bytes, 0);
      if (got < 0 && errno == EAGAIN) {
        wait(POLLIN);
        continue;
      }
      if (got <= 0) return false;
    }
    in_.append(bytes, std::size_t(got));
    return true;
  }
}

std::string Peer::line() {
  for (;;) {
    const std::size_t end = in_.find('\n');
    if (end != in_.npos) {
      std::string line = in_.substr(0, end);
      in_.erase(0, end + 1);
      if (line.ends_with('\r')) line.pop_back();
      return line;
    }
    if (!fill()) throw Gone{};
  }
}

std::string Peer::expect(std::string_view prefix) {
  std::string got = line();
  if (got.size() < prefix.size() || ::strncasecmp(got.data(), prefix.data(), prefix.size()) != 0)
    throw Failure(fmt::format("expected \"{}\", got \"{}\"", prefix, got));
  return got;
}

std::string Peer::bytes(std::size_t count) {
  while (in_.size() < count)
    if (!fill()) throw Gone{};
  std::string taken = in_.substr(0, count);
  in_.erase(0, count);
  return taken;
}

bool Peer::has_input(int millis) {
  if (!in_.empty() || (tls_ && SSL_pending(tls_->ssl) > 0)) return true;
  pollfd polls[2] = {{fd_, POLLIN, 0}, {stop_fd_, POLLIN, 0}};
  return ::poll(polls, 2, millis) > 0 && polls[0].revents;
}

bool Peer::start_tls(const Certificate& certificate) {
  auto tls = std::make_unique<Tls>();
  tls->context = SSL_CTX_new(TLS_server_method());
  if (SSL_CTX_use_certificate_chain_file(tls->context, certificate.certificate_file.c_str()) != 1 ||
      SSL_CTX_use_PrivateKey_file(tls->context, certificate.key_file.c_str(), SSL_FILETYPE_PEM) !=
          1)
    throw Failure("the fake cannot use its certificate");
  tls->ssl = SSL_new(tls->context);
  SSL_set_fd(tls->ssl, fd_);
  for (;;) {
    const int done = SSL_accept(tls->ssl);
    if (done == 1) break;
    const int why = SSL_get_error(tls->ssl, done);
    ERR_clear_error();
    if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE) {
      SSL_free(tls->ssl);
      tls->ssl = nullptr;
      return false;
    }
    wait(why == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT);
  }
  tls_ = std::move(tls);
  return true;
}

void Peer::be_mute() {
  pollfd polls[2] = {{fd_, POLLRDHUP, 0}, {stop_fd_, POLLIN, 0}};
  ::poll(polls, 2, 60'000);
  throw Gone{};
}

void Peer::reset() {
  const linger hard{1, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  if (tls_) SSL_set_quiet_shutdown(tls_->ssl, 1);
  throw Gone{};
}

Fake::Fake(Script script, std::optional<Certificate> implicit)
    : script_(std::move(script)), implicit_(std::move(implicit)) {
  if (::pipe2(stop_, O_CLOEXEC) != 0) throw Failure("pipe");
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* general = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener_, general, size) != 0 || ::listen(listener_, 16) != 0 ||
      ::getsockname(listener_, general, &size) != 0)
    throw Failure("the fake cannot listen");
  port_ = ntohs(address.sin_port);
  accepting_ = std::thread([this] { accept_all(); });
}

Fake::~Fake() {
  ::close(stop_[1]);
  accepting_.join();
  for (std::thread& thread : threads_) thread.join();
  ::close(listener_);
  ::close(stop_[0]);
}

void Fake::accept_all() {
  for (;;) {
    pollfd polls[2] = {{listener_, POLLIN, 0}, {stop_[0], POLLIN, 0}};
    ::poll(polls, 2, -1);
    if (polls[1].revents) return;
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) continue;
    const int number = connections_++;
    threads_.emplace_back([this, fd, number] { play(fd, number); });
  }
}

void Fake::play(int fd, int number) {
  try {
    Peer peer(fd, number, stop_[0]);
    if (implicit_ && !peer.start_tls(*implicit_)) return;
    script_(peer);
  } catch (const Gone&) {
  } catch (const std::exception& failure) {
    const std::lock_guard lock(mutex_);
    failures_.emplace_back(fmt::format("connection {}: {}", number, failure.what()));
  }
}

std::vector<std::string> Fake::failures() {
  const std::lock_guard lock(mutex_);
  return failures_;
}

void FakeImap::operator()(Peer& peer) const {
  peer.send("* OK ready\r\n");
  for (;;) {
    const std::string line = peer.line();
    const std::size_t space = line.find(' ');
    if (space == line.npos) throw Failure("not a command: " + line);
    const std::string tag = line.substr(0, space), command = line.substr(space + 1);
    std::string word = command.substr(0, command.find(' '));
    std::transform(word.begin(), word.end(), word.begin(),
                   [](unsigned char c) { return char(std::toupper(c)); });
    if (handle && handle(peer, tag, command)) continue;
    if (word == "CAPABILITY") {
      peer.send("* CAPABILITY " + capability + "\r\n");
    } else if (word == "NAMESPACE") {
      peer.send("* NAMESPACE ((\"\" \"/\")) NIL NIL\r\n");
    } else if (word == "LIST") {
      const std::size_t quote = command.rfind(' ');
      peer.send("* LIST () \"/\" " + command.substr(quote + 1) + "\r\n");
    } else if (word == "STATUS") {
      const std::size_t from = command.find(' ') + 1, to = command.rfind(" (");
      peer.send("* STATUS " + command.substr(from, to - from) + " (MESSAGES 0 UIDNEXT 1)\r\n");
    } else if (word == "SELECT") {
      peer.send(
          fmt::format("* {} EXISTS\r\n* OK [UIDVALIDITY 7] .\r\n* OK [UIDNEXT {}] .\r\n"
                      "* OK [PERMANENTFLAGS (\\Deleted \\Seen \\*)] .\r\n",
                      exists, exists + 1));
    } else if (word == "LOGOUT") {
      peer.send("* BYE\r\n" + tag + " OK bye\r\n");
      return;
    }
    peer.send(tag + " OK done\r\n");
  }
}

}  // namespace servers
