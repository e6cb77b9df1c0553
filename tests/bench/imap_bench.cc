// SPDX-License-Identifier: Apache-2.0
//
// What it costs to bring mail from an IMAP server to the spool, beside mbsync bringing the same
// mail to a Maildir on the same file system: straight over loopback, and through a proxy that adds
// 20 ms each way. Server, proxy and both clients run on this machine.
//
//   focalpost_imap_bench [--messages N] [--bytes N] [--rounds N] [--work FOLDER] [--delay MS]
//                        [--batch N] [--in-flight N] [--sweep]
//
// A round takes each in turn, so that a slow moment of the machine meets all of them; the best time
// of each counts. --sweep prints batch sizes and depths instead.
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <deque>
#include <list>
#include <thread>

#include "base/files.h"
#include "mailbox/imap.h"
#include "servers/dovecot.h"
#include "spool/incoming.h"

using namespace focalpost;

namespace {

using Steady = std::chrono::steady_clock;
using Nanos = std::chrono::nanoseconds;

struct Wanted {
  int messages = 5000, bytes = 6000, rounds = 5, delay_ms = 20;
  std::size_t batch = 0, in_flight = 0;
  bool sweep = false;
  fs::path work = "/tmp";
};

[[noreturn]] void give_up(const std::string& why) {
  fmt::print(stderr, "imap_bench: {}\n", why);
  std::exit(1);
}

template <typename T>
T must(Result<T> result) {
  if (!result.ok()) give_up(result.error().what);
  return std::move(result).value();
}
void must(Status status) {
  if (!status.ok()) give_up(status.error().what);
}

/// Passes bytes on, each some time after it came, both ways; and takes the time of a handshake
/// before it connects. One thread a connection.
class DelayProxy {
 public:
  DelayProxy(std::uint16_t target, std::chrono::milliseconds one_way)
      : target_(target), delay_(one_way) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    auto* general = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener_, general, size) != 0 || ::listen(listener_, 16) != 0 ||
        ::getsockname(listener_, general, &size) != 0)
      give_up("the proxy cannot listen");
    port_ = ntohs(address.sin_port);
    accepting_ = std::thread([this] {
      for (;;) {
        const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (client < 0) return;
        threads_.emplace_back([this, client] { serve(client); });
      }
    });
  }
  ~DelayProxy() {
    ::shutdown(listener_, SHUT_RDWR);
    accepting_.join();
    for (std::thread& thread : threads_) thread.join();
    ::close(listener_);
  }
  std::uint16_t port() const { return port_; }

 private:
  struct Piece {
    Steady::time_point due;
    std::string bytes;  ///< empty: the end
  };
  struct Way {
    int from = -1, to = -1;
    std::deque<Piece> pieces;
    std::size_t sent = 0;  ///< of the first piece
    bool read_all = false, done = false;
  };

  static sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
  }

  void serve(int client) {
    std::this_thread::sleep_for(2 * delay_);
    const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = loopback(target_);
    if (::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
      const int on = 1;
      for (int fd : {client, server}) ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      pass(client, server);
    }
    ::close(server);
    ::close(client);
  }

  void pass(int client, int server) {
    Way ways[2];
    ways[0].from = ways[1].to = client;
    ways[0].to = ways[1].from = server;
    std::string buffer(256 << 10, '\0');
    while (!(ways[0].done && ways[1].done)) {
      const auto now = Steady::now();
      auto next = now + std::chrono::hours(1);
      pollfd polls[2] = {{client, 0, 0}, {server, 0, 0}};
      for (int i = 0; i < 2; ++i) {
        if (!ways[i].read_all) polls[i].events |= POLLIN;
        if (ways[i].pieces.empty()) continue;
        if (ways[i].pieces.front().due <= now) {
          polls[1 - i].events |= POLLOUT;
        } else {
          next = std::min(next, ways[i].pieces.front().due);
        }
      }
      const Nanos left = next - now;
      const timespec time{left.count() / 1'000'000'000, left.count() % 1'000'000'000};
      if (::ppoll(polls, 2, &time, nullptr) < 0 && errno != EINTR) return;
      for (int i = 0; i < 2; ++i) {
        if (polls[i].revents & (POLLIN | POLLHUP | POLLERR) && !ways[i].read_all) {
          const ssize_t got = ::recv(ways[i].from, buffer.data(), buffer.size(), MSG_DONTWAIT);
          if (got > 0) {
            ways[i].pieces.push_back({Steady::now() + delay_, buffer.substr(0, std::size_t(got))});
          } else if (got == 0 || errno != EAGAIN) {
            ways[i].read_all = true;
            ways[i].pieces.push_back({Steady::now() + delay_, {}});
          }
        }
        while (!ways[i].pieces.empty() && ways[i].pieces.front().due <= Steady::now()) {
          const Piece& piece = ways[i].pieces.front();
          if (piece.bytes.empty()) {
            ::shutdown(ways[i].to, SHUT_WR);
            ways[i].done = true;
          } else {
            const ssize_t sent =
                ::send(ways[i].to, piece.bytes.data() + ways[i].sent,
                       piece.bytes.size() - ways[i].sent, MSG_DONTWAIT | MSG_NOSIGNAL);
            if (sent < 0 && errno == EAGAIN) break;
            if (sent < 0) return;
            ways[i].sent += std::size_t(sent);
            if (ways[i].sent < piece.bytes.size()) continue;
            ways[i].sent = 0;
          }
          ways[i].pieces.pop_front();
        }
      }
    }
  }

  std::uint16_t target_, port_ = 0;
  std::chrono::milliseconds delay_;
  int listener_ = -1;
  std::list<std::thread> threads_;
  std::thread accepting_;
};

std::string letter(int number, int bytes) {
  std::string text = fmt::format(
      "From: <statistics{}@office.example>\r\nTo: <gateway@network.example>\r\nSubject: figures "
      "{}\r\nMessage-ID: <{}@office.example>\r\nDate: Sun, 01 Mar 2026 09:30:00 +0000\r\n\r\n",
      number % 50, number, number);
  for (int line = 0; int(text.size()) < bytes; ++line)
    text += fmt::format("KG:{:04}:{},{}\r\n", line, number, number * 31 + line);
  return text;
}

/// Streams into batches of the spool, as intake does: sealed (synced) every so many messages.
struct Spooling final : MessageSink {
  Incoming incoming;
  std::optional<IncomingWriter> writer;
  const Mailbox& mailbox;
  std::size_t messages = 0;

  Spooling(Incoming where, const Mailbox& from) : incoming(std::move(where)), mailbox(from) {}
  Status mapped(const MessageRef&, MappedFile) override { return bug("IMAP has no files"); }
  Status streamed(const MessageRef& ref, ByteSource& bytes) override {
    if (!writer) {
      FP_ASSIGN(IncomingWriter fresh, incoming.begin());
      writer.emplace(std::move(fresh));
    }
    FP_TRY(writer->add(mailbox.identity(ref), bytes, 1u << 30));
    ++messages;
    if (writer->messages() == 1000 || writer->bytes() > (32u << 20)) FP_TRY(seal());
    return {};
  }
  Status gone(const MessageRef& ref) override { return bug("message gone: " + ref.uid); }
  Status unreadable(const MessageRef&, const Error& why) override { return why; }
  Status seal() {
    if (!writer) return {};
    FP_ASSIGN(IncomingBatch batch, std::move(*writer).seal());
    writer.reset();
    return {};
  }
};

double fetch_ours(const Wanted& wanted, std::uint16_t port, const fs::path& folder,
                  std::size_t batch, std::size_t in_flight) {
  fs::remove_all(folder);
  fs::create_directories(folder);
  const auto start = Steady::now();
  {
    ImapOptions options;
    options.endpoint.host = "127.0.0.1";
    options.endpoint.port = port;
    options.endpoint.tls = net::Tls::kNone;
    options.credentials = std::make_shared<net::FixedCredentials>("gateway", "secret");
    options.name = "gateway@mail.example";
    if (batch) options.fetch_batch = batch;
    if (in_flight) options.in_flight = in_flight;
    ImapMailbox mailbox(options);
    must(mailbox.open());
    const auto refs = must(mailbox.list(Folder::kInbox, 0));
    Spooling sink(must(Incoming::open(folder)), mailbox);
    must(mailbox.fetch(refs, sink));
    must(sink.seal());
    if (sink.messages != std::size_t(wanted.messages))
      give_up(fmt::format("{} messages came", sink.messages));
  }
  return std::chrono::duration<double>(Steady::now() - start).count();
}

double fetch_mbsync(const Wanted& wanted, std::uint16_t port, const fs::path& folder) {
  fs::remove_all(folder);
  fs::create_directories(folder);
  const fs::path settings = folder / "mbsyncrc";
  servers::write_text(settings, fmt::format(R"(FSync no

IMAPAccount bench
Host 127.0.0.1
Port {}
User gateway
Pass secret
SSLType None
AuthMechs LOGIN

IMAPStore far
Account bench

MaildirStore near
Path {}/mail/
Inbox {}/mail/INBOX

Channel bench
Far :far:
Near :near:
Patterns INBOX
Sync PullNew
Create Near
SyncState *
)",
                                            port, folder.string(), folder.string()));
  fs::create_directories(folder / "mail");
  const auto start = Steady::now();
  const int status =
      servers::run_program({"mbsync", "-q", "-c", settings.string(), "bench"}, folder / "output");
  const double time = std::chrono::duration<double>(Steady::now() - start).count();
  if (status != 0) give_up("mbsync: " + servers::read_text(folder / "output"));
  int files = 0;
  for (const char* part : {"new", "cur"})
    for (const auto& entry : fs::directory_iterator(folder / "mail" / "INBOX" / part))
      files += entry.is_regular_file();
  if (files != wanted.messages) give_up(fmt::format("mbsync brought {} messages", files));
  return time;
}

Wanted read_arguments(int argc, char** argv) {
  Wanted wanted;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--sweep") {
      wanted.sweep = true;
      continue;
    }
    if (i + 1 == argc) give_up(fmt::format("{} needs a value", word));
    const std::string value = argv[++i];
    if (word == "--work") {
      wanted.work = value;
      continue;
    }
    const int number = std::atoi(value.c_str());
    if (number <= 0) give_up(fmt::format("{} {} is not understood", word, value));
    if (word == "--messages") {
      wanted.messages = number;
    } else if (word == "--bytes") {
      wanted.bytes = number;
    } else if (word == "--rounds") {
      wanted.rounds = number;
    } else if (word == "--delay") {
      wanted.delay_ms = number;
    } else if (word == "--batch") {
      wanted.batch = std::size_t(number);
    } else if (word == "--in-flight") {
      wanted.in_flight = std::size_t(number);
    } else {
      give_up(fmt::format("{} is not understood", word));
    }
  }
  return wanted;
}

int run(const Wanted& wanted) {
  servers::Dovecot dovecot;
  for (int i = 1; i <= wanted.messages; ++i) dovecot.deliver("gateway", letter(i, wanted.bytes));
  DelayProxy proxy(dovecot.imap_port(), std::chrono::milliseconds(wanted.delay_ms));
  const fs::path spool = wanted.work / fmt::format("imap-bench-{}", ::getpid());
  struct Cleanup {
    fs::path path;
    ~Cleanup() {
      std::error_code ignored;
      fs::remove_all(path, ignored);
    }
  } cleanup{spool};
  // Once beforehand: the folders are made, the server has its index.
  fetch_ours(wanted, dovecot.imap_port(), spool / "ours", wanted.batch, wanted.in_flight);

  if (wanted.sweep) {
    fmt::print("messages/s by UIDs a FETCH and commands in flight; plain, and {} ms each way\n",
               wanted.delay_ms);
    for (std::size_t batch : {50, 100, 200, 400, 1000}) {
      for (std::size_t depth : {1, 2, 4, 6, 10}) {
        double plain = 1e9, far = 1e9;
        for (int i = 0; i < wanted.rounds; ++i) {
          plain = std::min(plain,
                           fetch_ours(wanted, dovecot.imap_port(), spool / "ours", batch, depth));
          far = std::min(far, fetch_ours(wanted, proxy.port(), spool / "ours", batch, depth));
        }
        fmt::print("{:5} {:3}  {:8.0f} {:8.0f}\n", batch, depth, wanted.messages / plain,
                   wanted.messages / far);
      }
    }
    return 0;
  }

  double best[4] = {1e9, 1e9, 1e9, 1e9};
  for (int round = 0; round < wanted.rounds; ++round) {
    for (int far = 0; far < 2; ++far) {
      const std::uint16_t port = far ? proxy.port() : dovecot.imap_port();
      best[2 * far] = std::min(
          best[2 * far], fetch_ours(wanted, port, spool / "ours", wanted.batch, wanted.in_flight));
      best[2 * far + 1] = std::min(best[2 * far + 1], fetch_mbsync(wanted, port, spool / "mbsync"));
    }
  }
  fmt::print("{} messages of {} bytes, best of {} rounds, from connecting to logged out\n",
             wanted.messages, wanted.bytes, wanted.rounds);
  fmt::print("{:<28} {:>10} {:>12} {:>8}\n", "", "seconds", "messages/s", "ratio");
  for (int far = 0; far < 2; ++far) {
    const std::string where = far ? fmt::format("{} ms each way", wanted.delay_ms) : "loopback";
    const double ours = best[2 * far], theirs = best[2 * far + 1];
    fmt::print("{:<28} {:>10.3f} {:>12.0f} {:>8.2f}\n", where + ", to the spool", ours,
               wanted.messages / ours, ours / theirs);
    fmt::print("{:<28} {:>10.3f} {:>12.0f}\n", where + ", mbsync", theirs,
               wanted.messages / theirs);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(read_arguments(argc, argv));
  } catch (const std::exception& failure) {
    fmt::print(stderr, "imap_bench: {}\n", failure.what());
    return 1;
  }
}
