// SPDX-License-Identifier: Apache-2.0
#include "net/connection.h"

#include <curl/curl.h>
#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <deque>
#include <optional>
#include <vector>

#include "base/text.h"
#include "net/curl_handle.h"

namespace focalpost::net {
namespace {

using SteadyClock = std::chrono::steady_clock;
using Deadline = SteadyClock::time_point;

constexpr std::size_t kFirstBuffer = 256 << 10;
constexpr std::size_t kLeastRoom = 16 << 10;  ///< one TLS record
constexpr std::size_t kSegment = 64 << 10;
constexpr std::size_t kTranscript = 64 << 10;

Deadline after(Millis time) {
  return SteadyClock::now() + std::min(time, Millis(std::chrono::hours(24 * 365)));
}

int poll_millis(Deadline deadline) {
  const auto left = std::chrono::ceil<Millis>(deadline - SteadyClock::now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, 1 << 30));
}

/// What the server said last that speaks of a refusal; fit for a sentence.
std::string quote(std::string_view line) {
  return shorten(one_line(trim(line)), 200);
}

/// The last line of the transcript that is an answer of failure.
std::string_view refusal(Protocol protocol, std::string_view transcript) {
  std::string_view found;
  for (std::string_view line : split(transcript, '\n')) {
    line = trim(line);
    if (protocol == Protocol::kSmtp) {
      if (line.size() >= 3 && (line[0] == '4' || line[0] == '5')) found = line;
      continue;
    }
    if (ascii_istarts_with(line, "* BYE")) found = line;
    const std::size_t space = line.find(' ');
    if (space == line.npos || line[0] == '*' || line[0] == '+') continue;
    const std::string_view rest = line.substr(space + 1);
    if (ascii_istarts_with(rest, "NO") || ascii_istarts_with(rest, "BAD")) found = rest;
  }
  return found;
}

/// RFC 5530 for IMAP, the first digit for SMTP.
bool refusal_is_temporary(Protocol protocol, std::string_view line) {
  if (protocol == Protocol::kSmtp) return line[0] == '4';
  const std::string text = ascii_lower(line);
  if (text.starts_with("* bye")) return true;
  for (std::string_view sign :
       {"[unavailable]", "[inuse]", "[serverbug]", "[limit]", "temporar", "try again", "too many"})
    if (text.find(sign) != text.npos) return true;
  return false;
}

/// Whether the greeting or EHLO offered a mechanism that takes a password as it is.
bool offers_plain_password(Protocol protocol, std::string_view transcript) {
  for (std::string_view line : split(transcript, '\n')) {
    const std::string text = ascii_lower(trim(line)) + " ";
    if (protocol == Protocol::kImap) {
      if (text.find("auth=plain ") != text.npos || text.find("auth=login ") != text.npos)
        return true;
    } else if (text.size() > 8 &&
               (text.compare(4, 5, "auth ") == 0 || text.compare(4, 5, "auth=") == 0)) {
      if (text.find("plain ") != text.npos || text.find("login ") != text.npos) return true;
    }
  }
  return false;
}

bool has_line(std::string_view transcript, std::string_view prefix) {
  for (std::string_view line : split(transcript, '\n'))
    if (line.starts_with(prefix)) return true;
  return false;
}

struct Opening {
  const Options* options = nullptr;
  std::string transcript;
};

std::size_t on_header(char* bytes, std::size_t size, std::size_t count, void* user) {
  auto& transcript = static_cast<Opening*>(user)->transcript;
  transcript.append(bytes, size * count);
  if (transcript.size() > kTranscript) transcript.erase(0, transcript.size() - kTranscript / 2);
  return size * count;
}

std::size_t on_body(char*, std::size_t size, std::size_t count, void*) {
  return size * count;
}

int on_progress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  const int fd = static_cast<Opening*>(user)->options->stop_fd;
  if (fd < 0) return 0;
  pollfd poll{fd, POLLIN, 0};
  return ::poll(&poll, 1, 0) > 0 ? 1 : 0;
}

bool fit_for_url(std::string_view host) {
  if (host.empty() || host.size() > 255) return false;
  return std::all_of(host.begin(), host.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte > ' ' && byte != 0x7f &&
           std::string_view("/\\@?#[]%<>\"'`{}|^").find(c) == std::string_view::npos;
  });
}

bool fit_for_login(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) == text.npos;
}

}  // namespace

std::uint16_t Endpoint::port_or_usual() const {
  if (port != 0) return port;
  if (protocol == Protocol::kImap) return tls == Tls::kImplicit ? 993 : 143;
  return tls == Tls::kImplicit ? 465 : 587;
}

std::string Endpoint::text() const {
  const bool v6 = host.find(':') != host.npos;
  return fmt::format("{}{}://{}{}{}:{}", protocol == Protocol::kImap ? "imap" : "smtp",
                     tls == Tls::kImplicit ? "s" : "", v6 ? "[" : "", one_line(host), v6 ? "]" : "",
                     port_or_usual());
}

struct Connection::State {
  Endpoint endpoint;
  std::string transcript;
  CurlHandle handle;
  curl_socket_t socket = CURL_SOCKET_BAD;
  Millis timeout{60'000};
  std::optional<Time> certificate_until;

  std::vector<char> in = std::vector<char>(kFirstBuffer);
  std::size_t begin = 0, end = 0;  ///< what was received and not yet taken
  std::optional<Error> in_error, out_error;

  /// TLS wants a write repeated from the same place: the front is never changed or moved.
  std::deque<std::string> out;
  std::size_t out_taken = 0;   ///< of the front
  bool front_started = false;  ///< an attempt to send the front was made
  std::size_t unsent = 0;

  std::uint64_t counted = 0;  ///< bytes of the literal that nobody took yet
  Deadline counted_until{};

  std::size_t unread() const { return end - begin; }
  std::string_view unread_bytes() const { return {in.data() + begin, unread()}; }

  Error lost(std::string_view how) const {
    return temporary(fmt::format("{}: {}", endpoint.text(), how),
                     "The connection is opened again; if this goes on, ask the server's people.");
  }

  Error too_slow(Millis waited) const {
    return lost(
        fmt::format("no answer within {:.3g} seconds", static_cast<double>(waited.count()) / 1000));
  }

  /// Room for at least one TLS record; false if so much lies here unread that it must wait.
  bool make_room(std::size_t most) {
    if (begin == end) begin = end = 0;
    if (in.size() - end >= kLeastRoom) return true;
    if (begin > 0) {
      std::memmove(in.data(), in.data() + begin, unread());
      end -= begin;
      begin = 0;
      if (in.size() - end >= kLeastRoom) return true;
    }
    if (in.size() >= most) return false;
    in.resize(std::min(in.size() * 2, most + kLeastRoom));
    return true;
  }

  /// One attempt: true if bytes came. Never poll before this said that there is nothing: bytes may
  /// lie in the TLS library, where poll() does not see them.
  Result<bool> receive(std::size_t most = kMostUnread) {
    if (in_error) return *in_error;
    if (!make_room(most)) return false;
    std::size_t got = 0;
    const CURLcode code = curl_easy_recv(handle.get(), in.data() + end, in.size() - end, &got);
    if (code == CURLE_AGAIN) return false;
    if (code != CURLE_OK || got == 0) {
      in_error = lost(code == CURLE_OK
                          ? "the server closed the connection"
                          : fmt::format("the connection was lost ({})", curl_easy_strerror(code)));
      return *in_error;
    }
    end += got;
    return true;
  }

  /// One attempt to send: true if the peer took something.
  Result<bool> push() {
    if (out_error) return *out_error;
    if (out.empty()) return false;
    const std::string& front = out.front();
    front_started = true;
    std::size_t sent = 0;
    const CURLcode code =
        curl_easy_send(handle.get(), front.data() + out_taken, front.size() - out_taken, &sent);
    if (code == CURLE_AGAIN) return false;
    if (code != CURLE_OK) {
      std::string how =
          fmt::format("the connection was lost while sending ({})", curl_easy_strerror(code));
      (void)receive();  // the reason, if the server gave one
      if (unread() > 0)
        how += fmt::format("; the server had said: {}",
                           quote(unread_bytes().substr(0, unread_bytes().find('\n'))));
      out_error = lost(how);
      return *out_error;
    }
    out_taken += sent;
    unsent -= sent;
    if (out_taken == front.size()) {
      out.pop_front();
      out_taken = 0;
      front_started = false;
    }
    return sent > 0;
  }

  /// Waits for the socket: to be read if there is room, to be written if something is queued.
  /// False: the time is over. `woken` is set if that descriptor is readable.
  Result<bool> wait_for_socket(Deadline deadline, int wakeup_fd, bool* woken) {
    pollfd polls[2] = {{socket, 0, 0}, {wakeup_fd, POLLIN, 0}};
    if (!in_error && unread() < kMostUnread) polls[0].events |= POLLIN;
    if (!out.empty() && !out_error) polls[0].events |= POLLOUT;
    for (;;) {
      const int count = ::poll(polls, wakeup_fd >= 0 ? 2 : 1, poll_millis(deadline));
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return system_failure(errno);
      if (woken) *woken = wakeup_fd >= 0 && polls[1].revents != 0;
      return count > 0;
    }
  }

  Error system_failure(int number) const {
    return temporary(fmt::format("{}: poll: {}", endpoint.text(), std::strerror(number)));
  }

  /// More bytes than there are now; sends what is queued meanwhile.
  Status more(Deadline deadline, Millis waited, std::size_t most = kMostUnread) {
    for (;;) {
      while (!out.empty() && !out_error) {
        auto pushed = push();
        if (!pushed.ok() || !*pushed) break;
      }
      FP_ASSIGN(bool got, receive(most));
      if (got) return {};
      FP_ASSIGN(bool in_time, wait_for_socket(deadline, -1, nullptr));
      if (!in_time) return give_up(too_slow(waited));
    }
  }

  /// From now on nothing can be read, not even what lies here.
  Error give_up(Error why) {
    begin = end = 0;
    in_error = std::move(why);
    return *in_error;
  }

  /// Until at most `most` bytes are unsent.
  Status drain(std::size_t most) {
    Deadline deadline = after(timeout);
    const Deadline latest = deadline + Millis(unsent);
    while (unsent > most) {
      FP_ASSIGN(bool pushed, push());
      if (pushed) {
        deadline = std::min(after(timeout), latest);
        continue;
      }
      if (!in_error) {
        auto got = receive();
        // The server may have said why and closed: then sending fails by itself.
        if (got.ok() && *got) continue;
      }
      FP_ASSIGN(bool in_time, wait_for_socket(deadline, -1, nullptr));
      if (!in_time) {
        out_error = lost(fmt::format("the server took nothing for {:.3g} seconds",
                                     static_cast<double>(timeout.count()) / 1000));
        return *out_error;
      }
    }
    return {};
  }

  Result<std::span<const char>> next_counted() {
    if (counted == 0) return std::span<const char>();
    if (begin == end) FP_TRY(more(std::min(after(timeout), counted_until), timeout));
    const std::size_t count = std::min(
        {std::size_t(std::min<std::uint64_t>(counted, SIZE_MAX)), unread(), ByteSource::kMaxSpan});
    const std::span<const char> span(in.data() + begin, count);
    begin += count;
    counted -= count;
    return span;
  }

  Status skip_counted() {
    while (counted > 0) FP_TRY(next_counted());
    return {};
  }
};

/// The literal that is being read. There is one at a time, so that the connection can keep it.
class Connection::Counted final : public ByteSource {
 public:
  explicit Counted(State& state) : state_(state) {}
  Result<std::span<const char>> next() override { return state_.next_counted(); }

 private:
  State& state_;
};

namespace {

constexpr const char* kCheckToken =
    "Check user, client and scope of the OAuth2 settings, and that the account allows them.";

/// Why a connection could not be opened, and whose turn it is.
Error opening_error(CURLcode code, const CurlHandle& handle, const Endpoint& endpoint,
                    const Login& login, std::string_view transcript) {
  const std::string where = endpoint.text();
  if (auto known = handle.common_error(code, where, endpoint.ca_file)) return *known;
  const std::string_view said = refusal(endpoint.protocol, transcript);
  switch (code) {
    case CURLE_USE_SSL_FAILED:
      return usage_error(
          fmt::format("{} does not offer STARTTLS, so that the line cannot be encrypted", where),
          "Use the port with TLS from the first byte (imaps:// on 993, smtps:// on 465); if the "
          "server did offer it before, somebody on the way takes it out.");
    case CURLE_LOGIN_DENIED: {
      // A refused token is answered with one more challenge, at which libcurl gives up.
      if (said.empty() && !login.bearer.empty() &&
          (has_line(transcript, "+ ") || has_line(transcript, "334 ")))
        return usage_error(fmt::format("{} refused the token of {}", where, one_line(login.user)),
                           kCheckToken);
      if (said.empty()) {
        const bool disabled = ascii_lower(transcript).find("logindisabled") != std::string::npos;
        return usage_error(fmt::format("{} offers no kind of login that fits{}", where,
                                       disabled ? " (LOGINDISABLED)" : ""),
                           login.bearer.empty()
                               ? "It may want TLS, or a token (OAuth2) instead of a password."
                               : "It takes no OAuth2 tokens: set a password.");
      }
      std::string what =
          fmt::format("{} refused the login of {}: {}", where, one_line(login.user), quote(said));
      if (refusal_is_temporary(endpoint.protocol, said))
        return temporary(std::move(what), "The server says that this passes: it is tried again.");
      return usage_error(
          std::move(what),
          login.bearer.empty()
              ? "Check user and password; many providers want a password made for programs."
              : kCheckToken);
    }
    default:
      break;
  }
  if (!said.empty())
    return temporary(fmt::format("{} does not serve us now: {}", where, quote(said)),
                     "It is tried again; if this goes on, ask the server's people.");
  return temporary(fmt::format("{}: {}", where, handle.reason(code)),
                   "It is tried again; if this goes on, check host, port and tls.");
}

}  // namespace

Result<std::unique_ptr<Connection>> Connection::open_once(const Endpoint& endpoint,
                                                          const Login& login,
                                                          const Options& options, bool& refused) {
  refused = false;
  if (!fit_for_url(endpoint.host))
    return usage_error(fmt::format("\"{}\" is not a host name", quote(endpoint.host)));
  if (!fit_for_login(login.user) || !fit_for_login(login.password) || !fit_for_login(login.bearer))
    return usage_error(
        fmt::format("user or password for {} contains a line break or NUL", endpoint.text()));
  if (login.user.empty() && endpoint.protocol == Protocol::kImap)
    return usage_error(fmt::format("no user is set for {}", endpoint.text()),
                       "Set user and password_file.");
  if (!options.ehlo_name.empty() && !fit_for_url(options.ehlo_name))
    return usage_error(fmt::format("\"{}\" is not a name for EHLO", quote(options.ehlo_name)));

  const Deadline deadline = after(options.connect_timeout);
  // A password as it is, where the server takes one: libcurl would prefer Kerberos and NTLM if they
  // are offered, without having what they need. If nothing of the kind is offered: anything.
  const bool choose = !login.user.empty() && login.bearer.empty() && endpoint.tls != Tls::kNone;
  for (const bool any : {!choose, true}) {
    auto state = std::make_unique<State>();
    Opening opening{&options, {}};
    FP_ASSIGN(state->handle, CurlHandle::make());
    CURL* const handle = state->handle.get();
    state->endpoint = endpoint;
    state->timeout = options.timeout;

    std::string url = endpoint.text() + "/";
    if (endpoint.protocol == Protocol::kSmtp) url += options.ehlo_name;
    curl_easy_setopt(handle, CURLOPT_URL, url.c_str());
    curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR,
                     endpoint.protocol == Protocol::kImap ? "imap,imaps" : "smtp,smtps");
    curl_easy_setopt(handle, CURLOPT_PROXY, "");
    curl_easy_setopt(handle, CURLOPT_CONNECT_ONLY, 1L);
    const auto left = std::max<long>(1, poll_millis(deadline));
    curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, left);
    curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, left);
    curl_easy_setopt(handle, CURLOPT_SERVER_RESPONSE_TIMEOUT, left / 1000 + 1);
    curl_easy_setopt(handle, CURLOPT_BUFFERSIZE, long(kFirstBuffer));
    curl_easy_setopt(handle, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(handle, CURLOPT_TCP_KEEPIDLE, 60L);
    curl_easy_setopt(handle, CURLOPT_TCP_KEEPINTVL, 20L);
    curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(handle, CURLOPT_HEADERDATA, &opening);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(handle, CURLOPT_XFERINFODATA, &opening);
    if (endpoint.tls == Tls::kStartTls)
      curl_easy_setopt(handle, CURLOPT_USE_SSL, long(CURLUSESSL_ALL));
    if (endpoint.tls == Tls::kNone && !endpoint.allow_plaintext) state->handle.only_loopback();
    state->handle.trust(endpoint.ca_file);
    const bool note_certificate = options.note_certificate && endpoint.tls != Tls::kNone;
    if (note_certificate) state->handle.note_certificate();

    if (!login.user.empty()) {
      curl_easy_setopt(handle, CURLOPT_USERNAME, login.user.c_str());
      if (!login.bearer.empty()) {
        curl_easy_setopt(handle, CURLOPT_XOAUTH2_BEARER, login.bearer.c_str());
        const char* how = "AUTH=OAUTHBEARER;AUTH=XOAUTH2";
        if (login.mechanism == BearerMechanism::kXoauth2) how = "AUTH=XOAUTH2";
        if (login.mechanism == BearerMechanism::kOauthBearer) how = "AUTH=OAUTHBEARER";
        curl_easy_setopt(handle, CURLOPT_LOGIN_OPTIONS, how);
      } else {
        curl_easy_setopt(handle, CURLOPT_PASSWORD, login.password.c_str());
        if (!any) curl_easy_setopt(handle, CURLOPT_LOGIN_OPTIONS, "AUTH=PLAIN;AUTH=LOGIN");
      }
    }

    const CURLcode code = curl_easy_perform(handle);
    if (code == CURLE_ABORTED_BY_CALLBACK)
      return temporary(fmt::format("opening {} was given up: the program stops", endpoint.text()));
    if (code != CURLE_OK) {
      if (code == CURLE_LOGIN_DENIED && !any &&
          !offers_plain_password(endpoint.protocol, opening.transcript))
        continue;
      refused = code == CURLE_LOGIN_DENIED;
      return opening_error(code, state->handle, endpoint, login, opening.transcript);
    }
    // libcurl goes on without a login where an SMTP server offers none.
    if (endpoint.protocol == Protocol::kSmtp && !login.user.empty() &&
        !has_line(opening.transcript, "235"))
      return usage_error(
          fmt::format("{} offers no kind of login that fits", endpoint.text()),
          "Use the port for submission (465, or 587 with STARTTLS), or leave user empty.");

    curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, 0L);
    curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 1L);
    curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, on_body);
    curl_easy_setopt(handle, CURLOPT_HEADERDATA, nullptr);
    if (curl_easy_getinfo(handle, CURLINFO_ACTIVESOCKET, &state->socket) != CURLE_OK ||
        state->socket == CURL_SOCKET_BAD)
      return temporary(fmt::format("{}: the connection was lost at the login", endpoint.text()));
    state->transcript = std::move(opening.transcript);
    if (note_certificate) state->certificate_until = state->handle.certificate_until();
    return std::unique_ptr<Connection>(new Connection(std::move(state)));
  }
  return bug("no way to log in was tried");
}

Result<std::unique_ptr<Connection>> Connection::open(const Endpoint& endpoint,
                                                     Credentials& credentials,
                                                     const Options& options) {
  FP_ASSIGN(Login login, credentials.login());
  bool refused = false;
  auto opened = open_once(endpoint, login, options, refused);
  if (opened.ok() || !refused || opened.error().retry_helps() || !credentials.refused())
    return opened;
  FP_ASSIGN(Login fresh, credentials.login());
  return open_once(endpoint, fresh, options, refused);
}

Result<std::unique_ptr<Connection>> Connection::open(const Endpoint& endpoint, const Login& login,
                                                     const Options& options) {
  bool refused = false;
  return open_once(endpoint, login, options, refused);
}

Connection::Connection(std::unique_ptr<State> state)
    : state_(std::move(state)), literal_(std::make_unique<Counted>(*state_)) {}

Connection::~Connection() = default;

void Connection::set_timeout(Millis timeout) {
  state_->timeout = timeout;
}

Status Connection::queue(std::string_view bytes) {
  State& state = *state_;
  if (state.out_error) return *state.out_error;
  while (!bytes.empty()) {
    if (state.out.empty() || state.out.back().size() >= kSegment ||
        (state.out.size() == 1 && state.front_started))
      state.out.emplace_back();
    std::string& last = state.out.back();
    const std::string_view part = bytes.substr(0, kSegment - last.size());
    last += part;
    state.unsent += part.size();
    bytes.remove_prefix(part.size());
    if (state.unsent >= kSegment) {
      for (;;) {
        FP_ASSIGN(bool pushed, state.push());
        if (!pushed || state.unsent < kSegment) break;
      }
    }
    if (state.unsent > kMostUnsent) FP_TRY(state.drain(kMostUnsent));
  }
  return {};
}

Status Connection::flush() {
  if (state_->out_error) return *state_->out_error;
  return state_->drain(0);
}

Status Connection::send(std::string_view bytes) {
  FP_TRY(queue(bytes));
  return flush();
}

std::size_t Connection::unsent() const {
  return state_->unsent;
}

Result<std::string_view> Connection::read_line(std::size_t longest) {
  State& state = *state_;
  FP_TRY(state.skip_counted());
  const Deadline deadline = after(state.timeout);
  std::size_t looked = 0;
  for (;;) {
    const std::string_view unread = state.unread_bytes();
    const std::size_t lf = unread.find('\n', looked);
    std::size_t length = lf == unread.npos ? unread.size() : lf;
    if (length > 0 && unread[length - 1] == '\r') --length;
    if (length > longest) {
      return state.give_up(
          state.lost(fmt::format("the server sent a line of more than {} bytes: {}", longest,
                                 shorten(one_line(unread.substr(0, 60)), 60))));
    }
    if (lf != unread.npos) {
      state.begin += lf + 1;
      return unread.substr(0, length);
    }
    looked = unread.size();
    FP_TRY(state.more(deadline, state.timeout, std::max(kMostUnread, longest + kLeastRoom)));
  }
}

ByteSource& Connection::bytes(std::uint64_t count) {
  // What is left of the one before comes first off the line; its Error is that of the next call.
  (void)state_->skip_counted();
  state_->counted = count;
  const auto most = std::uint64_t(Millis(std::chrono::hours(24 * 30)).count());
  state_->counted_until =
      after(state_->timeout + Millis(static_cast<std::int64_t>(std::min(count, most))));
  return *literal_;
}

std::size_t Connection::buffered() const {
  return state_->unread();
}

Result<Ready> Connection::wait(Millis at_most, int wakeup_fd) {
  State& state = *state_;
  const Deadline deadline = after(std::max(at_most, Millis(0)));
  for (;;) {
    if (state.unread() > 0) return Ready::kReadable;
    while (!state.out.empty()) {
      FP_ASSIGN(bool pushed, state.push());
      if (!pushed) break;
    }
    FP_ASSIGN(bool got, state.receive());
    if (got) return Ready::kReadable;
    bool woken = false;
    FP_ASSIGN(bool in_time, state.wait_for_socket(deadline, wakeup_fd, &woken));
    if (woken) return Ready::kWoken;
    if (!in_time) return Ready::kTimeout;
  }
}

const Endpoint& Connection::endpoint() const {
  return state_->endpoint;
}

std::string_view Connection::transcript() const {
  return state_->transcript;
}

std::optional<Time> Connection::certificate_until() const {
  return state_->certificate_until;
}

}  // namespace focalpost::net
