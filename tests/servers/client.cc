// SPDX-License-Identifier: Apache-2.0
#include "servers/client.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "servers/process.h"

namespace servers {

LineClient::LineClient(std::uint16_t port) {
  fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval limit{10, 0};
  const int on = 1;
  ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ::close(fd_);
    fd_ = -1;
  }
}

LineClient::~LineClient() {
  if (fd_ >= 0) ::close(fd_);
}

void LineClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) throw Failure("client: cannot send");
    bytes.remove_prefix(std::size_t(sent));
  }
}

std::string LineClient::line() {
  for (;;) {
    const std::size_t end = in_.find("\r\n");
    if (end != in_.npos) {
      std::string line = in_.substr(0, end);
      in_.erase(0, end + 2);
      return line;
    }
    char bytes[4096];
    const ssize_t got = ::recv(fd_, bytes, sizeof bytes, 0);
    if (got <= 0) throw Failure("client: no line came, only: " + in_);
    in_.append(bytes, std::size_t(got));
  }
}

ImapClient::ImapClient(std::uint16_t port, const std::string& user) : client_(port) {
  if (!client_.connected()) throw Failure("client: not connected");
  client_.line();
  run("LOGIN " + user + " secret");
}

std::string ImapClient::run(const std::string& command) {
  const std::string tag = "o" + std::to_string(++tag_);
  client_.send(tag + " " + command + "\r\n");
  std::string all;
  for (;;) {
    const std::string line = client_.line();
    all += line + "\n";
    if (!line.starts_with(tag + " ")) continue;
    if (!line.starts_with(tag + " OK")) throw Failure(command + ": " + all);
    return all;
  }
}

}  // namespace servers
