// SPDX-License-Identifier: Apache-2.0
#include "mailbox/imap_session.h"

#include <fmt/format.h>

#include "base/text.h"

namespace focalpost {
namespace {

constexpr std::string_view kTag = "fp";
constexpr int kMostLeftovers = 100;  ///< lines of the login that come behind it

}  // namespace

ImapSession::ImapSession(std::unique_ptr<net::Connection> connection)
    : connection_(std::move(connection)), reader_(*connection_) {}

Result<std::unique_ptr<ImapSession>> ImapSession::open(const net::Endpoint& endpoint,
                                                       net::Credentials& credentials,
                                                       const net::Options& options) {
  FP_ASSIGN(auto connection, net::Connection::open(endpoint, credentials, options));
  std::unique_ptr<ImapSession> session(new ImapSession(std::move(connection)));
  session->timeout_ = options.timeout;
  FP_TRY(session->ask_capabilities());
  return session;
}

Status ImapSession::ask_capabilities() {
  FP_ASSIGN(unsigned number, start("CAPABILITY"));
  FP_TRY(connection_->flush());
  // Here alone other lines are no nonsense: the rest of the answer to the login may still come, in
  // pieces.
  const std::string tag = fmt::format("{}{} ", kTag, number);
  for (int line_number = 0;; ++line_number) {
    if (line_number == kMostLeftovers) return reader_.nonsense("no answer to CAPABILITY");
    FP_ASSIGN(std::string_view line, connection_->read_line(ImapReader::kLongestLine));
    if (ascii_istarts_with(line, "* CAPABILITY ")) {
      capabilities_.clear();
      for (std::string_view word : split(line.substr(13), ' '))
        if (!word.empty() && capabilities_.size() < 1000) capabilities_.insert(ascii_upper(word));
    } else if (ascii_istarts_with(line, "* BYE")) {
      return temporary(fmt::format("{} closes the connection: {}", connection_->endpoint().text(),
                                   shorten(one_line(line), 200)));
    } else if (line.starts_with(tag)) {
      break;
    }
  }
  pending_.clear();
  return {};
}

void ImapSession::cannot(std::string_view capability) {
  const auto found = capabilities_.find(capability);
  if (found != capabilities_.end()) capabilities_.erase(found);
}

ImapSession::Pending* ImapSession::find(unsigned number) {
  for (Pending& pending : pending_)
    if (pending.number == number) return &pending;
  return nullptr;
}

Result<unsigned> ImapSession::start(std::string_view command) {
  const unsigned number = ++last_number_;
  FP_TRY(connection_->queue(fmt::format("{}{} {}\r\n", kTag, number, command)));
  pending_.push_back({number, {}});
  return number;
}

Result<ImapStatus> ImapSession::finish(unsigned number, const Handler& handler,
                                       const CodeHandler& codes) {
  using Steady = std::chrono::steady_clock;
  // A server that only ever says other things is as mute as one that says nothing.
  auto until = Steady::now() + 2 * timeout_;
  for (;;) {
    Pending* pending = find(number);
    if (!pending) return bug(fmt::format("no IMAP command {} is under way", number));
    if (pending->status) {
      ImapStatus status = *std::move(pending->status);
      std::erase_if(pending_, [&](const Pending& one) { return one.number == number; });
      return status;
    }
    FP_ASSIGN(Kind kind, read_one(handler, codes));
    if (kind == Kind::kContinuation) return reader_.nonsense("\"+\" where nothing was to follow");
    const auto now = Steady::now();
    if (kind == Kind::kWanted || kind == Kind::kTagged) until = now + 2 * timeout_;
    if (now > until) return reader_.nonsense("it talks on and gives no answer");
  }
}

Result<ImapStatus> ImapSession::run(std::string_view command, const Handler& handler,
                                    const CodeHandler& codes) {
  FP_ASSIGN(unsigned number, start(command));
  return finish(number, handler, codes);
}

Result<bool> ImapSession::continued(unsigned number) {
  const auto until = std::chrono::steady_clock::now() + 2 * timeout_;
  for (;;) {
    FP_ASSIGN(Kind kind, read_one({}, {}));
    if (kind == Kind::kContinuation) return true;
    const Pending* pending = find(number);
    if (!pending || pending->status) return false;
    if (std::chrono::steady_clock::now() > until)
      return reader_.nonsense("it talks on and gives no answer");
  }
}

bool ImapSession::answered(unsigned number) {
  const Pending* pending = find(number);
  return pending && pending->status;
}

Status ImapSession::take_one() {
  FP_ASSIGN(Kind kind, read_one({}, {}));
  if (kind == Kind::kContinuation) return reader_.nonsense("\"+\" where nothing was to follow");
  return {};
}

void ImapSession::log_out() {
  connection_->set_timeout(net::Millis(200));
  (void)connection_->send(fmt::format("{}{} LOGOUT\r\n", kTag, ++last_number_));
}

Result<ImapSession::Kind> ImapSession::read_one(const Handler& handler, const CodeHandler& codes) {
  FP_TRY(reader_.begin());
  FP_ASSIGN(auto token, reader_.next());
  if (token != ImapReader::Token::kAtom) return reader_.nonsense("a line begins with no word");
  const std::string_view first = reader_.text();
  if (first == "*") return read_untagged(handler, codes);
  if (first.starts_with('+')) return Kind::kContinuation;
  std::optional<std::uint64_t> number;
  if (first.starts_with(kTag)) number = read_imap_number(first.substr(kTag.size()));
  Pending* pending = number ? find(static_cast<unsigned>(*number)) : nullptr;
  if (!pending || pending->status)
    return reader_.nonsense(
        fmt::format("a line that answers nothing: {}", shorten(one_line(first), 60)));
  FP_ASSIGN(token, reader_.next());
  if (token != ImapReader::Token::kAtom) return reader_.nonsense("an answer without OK or NO");
  const std::string word(reader_.text());
  ImapStatus status = read_status(word, reader_.rest());
  if (status.word != "OK" && status.word != "NO" && status.word != "BAD")
    return reader_.nonsense("an answer without OK or NO");
  pending->status = std::move(status);
  return Kind::kTagged;
}

Result<ImapSession::Kind> ImapSession::read_untagged(const Handler& handler,
                                                     const CodeHandler& codes) {
  FP_ASSIGN(auto token, reader_.next());
  if (token != ImapReader::Token::kAtom) return reader_.nonsense("\"*\" without a word");
  std::uint64_t number = 0;
  if (const auto value = read_imap_number(reader_.text())) {
    number = *value;
    FP_ASSIGN(token, reader_.next());
    if (token != ImapReader::Token::kAtom) return reader_.nonsense("a number without a word");
  }
  const std::string word = ascii_upper(reader_.text());
  if (word == "OK" || word == "NO" || word == "BAD" || word == "BYE" || word == "PREAUTH") {
    const ImapStatus status = read_status(word, reader_.rest());
    if (word == "BYE")
      return temporary(
          fmt::format("{} closes the connection: {}", connection_->endpoint().text(), status.text),
          "The connection is opened again.");
    if (status.code == "UIDVALIDITY") unasked_.uid_validity = read_imap_number(status.arguments);
    if (codes) codes(status);
    return Kind::kUntagged;
  }
  if (word == "EXISTS") {
    exists_ = number;
    unasked_.exists = true;
    return Kind::kUntagged;
  }
  if (word == "EXPUNGE" || word == "VANISHED") {
    if (word == "EXPUNGE" && exists_ > 0) --exists_;
    unasked_.expunged = true;
    FP_TRY(reader_.skip_rest());
    return Kind::kUntagged;
  }
  bool wanted = false;
  if (handler) {
    FP_ASSIGN(wanted, handler({word, number, reader_}));
  }
  FP_TRY(reader_.skip_rest());
  return wanted ? Kind::kWanted : Kind::kUntagged;
}

Error ImapSession::refusal(std::string_view doing, const ImapStatus& status) const {
  std::string what = fmt::format("{}: {}: {}", connection_->endpoint().text(), doing, status.text);
  if (status.word == "NO" && status.passes())
    return temporary(std::move(what), "The server says that this passes: it is tried again.");
  if (status.word == "NO")
    return usage_error(std::move(what), "See to it on the server, with these words.");
  return temporary(std::move(what), "The connection is opened again; if this goes on, tell us.");
}

}  // namespace focalpost
