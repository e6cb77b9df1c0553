// SPDX-License-Identifier: Apache-2.0
#include "smtp/submission.h"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <deque>
#include <utility>

#include "base/text.h"
#include "smtp/address.h"
#include "smtp/wire.h"

namespace focalpost::smtp {
namespace {

using net::Millis;

constexpr int kServiceCloses = 421;
/// Lines of the login that may come before the first answer.
constexpr int kMostLeftover = 20;
constexpr Millis kFarewell{1'000};
/// For answers that are on their way already when sending failed.
constexpr Millis kAfterBrokenSend{5'000};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// "250-text", "250 text", "250".
bool is_reply_line(std::string_view line) {
  return line.size() >= 3 && line[0] >= '1' && line[0] <= '5' && is_digit(line[1]) &&
         is_digit(line[2]) && (line.size() == 3 || line[3] == ' ' || line[3] == '-');
}

/// The enhanced code at the start of a text (RFC 2034 4), taken off it; empty if there is none.
std::string_view take_enhanced(std::string_view& text, char reply_class) {
  if (text.size() < 5 || text[0] != reply_class || text[1] != '.') return {};
  std::size_t at = 2, digits = 0, dots = 1;
  for (; at < text.size(); ++at) {
    if (is_digit(text[at]) && digits < 3) {
      ++digits;
    } else if (text[at] == '.' && digits > 0 && dots == 1) {
      ++dots;
      digits = 0;
    } else {
      break;
    }
  }
  if (dots != 2 || digits == 0 || (at < text.size() && text[at] != ' ')) return {};
  const std::string_view code = text.substr(0, at);
  text.remove_prefix(std::min(at + 1, text.size()));
  return code;
}

std::string ehlo_name(const std::string& wanted) {
  if (!wanted.empty()) return wanted;
  char name[256] = {};
  if (::gethostname(name, sizeof name - 1) != 0 || name[0] == 0) return "localhost";
  const bool fit = std::all_of(name, name + std::string_view(name).size(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '-' || c == '.';
  });
  return fit ? name : "localhost";
}

/// RFC 4954 6: the server wants a login, TLS or another login. That is a matter of the settings: no
/// letter is given up for it.
bool wants_login(int code) {
  return code == 530 || code == 534 || code == 535 || code == 538;
}

Verdict verdict_of(int code) {
  if (wants_login(code)) return Verdict::kTemporary;
  return code < 300 ? Verdict::kAccepted : code < 500 ? Verdict::kTemporary : Verdict::kPermanent;
}

RecipientResult ours(Verdict verdict, int code, std::string enhanced, std::string text) {
  return {verdict, Stage::kHere, code, std::move(enhanced), std::move(text)};
}

/// QUIRK: RFC 5321 4.5.5: a server must take the null path. Some do not, some say so only at RCPT
/// or at the end: "5.1.8 <>: Sender address rejected", "5.2.252 SendAsDenied".
bool blames_sender(const RecipientResult& result) {
  if (result.verdict != Verdict::kPermanent) return false;
  if (result.stage == Stage::kMail) return result.code != 552 && result.code != 503;
  if (result.stage == Stage::kHere) return false;
  if (result.enhanced == "5.1.7" || result.enhanced == "5.1.8" || result.enhanced == "5.2.252")
    return true;
  const std::string text = ascii_lower(result.text);
  return text.find("sender address rejected") != text.npos ||
         text.find("sendasdenied") != text.npos || text.find("null sender") != text.npos ||
         text.find("empty sender") != text.npos;
}

}  // namespace

std::string RecipientResult::sentence() const {
  std::string out = code == 0 ? std::string() : fmt::format("{}", code);
  for (const std::string& more : {enhanced, text})
    if (!more.empty()) out += (out.empty() ? "" : " ") + more;
  return out;
}

// ---- one call of send() -------------------------------------------------------------------------

/// Commands leave in order, answers come in the same order. What may leave while answers are due is
/// decided in may_write().
class Submission::Batch {
 public:
  Batch(Submission& session, std::span<const Letter> letters)
      : session_(session), letters_(letters), results_(letters.size()) {
    for (std::size_t i = 0; i < letters.size(); ++i)
      results_[i].recipients.resize(letters[i].recipients.size());
  }

  std::vector<SendResult> run() {
    begin_next();
    while (!session_.failure_) {
      while (may_write()) write();
      if (due_.empty()) break;
      const Due due = due_.front();
      auto reply = session_.read_reply(broken_send_             ? kAfterBrokenSend
                                       : due.step == Step::kEnd ? session_.options_.end_timeout
                                                                : session_.options_.reply_timeout);
      if (!reply.ok()) {
        session_.failure_ = broken_send_ ? std::move(broken_send_) : reply.take_error();
        break;
      }
      due_.pop_front();
      take(due, *reply);
    }
    if (broken_send_ && !session_.failure_) session_.failure_ = std::move(broken_send_);
    settle();
    return std::move(results_);
  }

 private:
  enum class Step : std::uint8_t { kReset, kMail, kRcpt, kData, kEnd };

  /// A letter under way. At most two at a time: one whose end is due, one whose envelope is.
  struct Job {
    std::size_t letter = 0;
    std::vector<std::size_t> recipients;  ///< those that are asked for
    std::vector<AddressKind> kinds;       ///< of these
    std::size_t written = 0;              ///< RCPTs
    std::size_t answered = 0, accepted = 0;
    bool begun = false, mail_refused = false, body_written = false, done = false;
    bool utf8 = false, reports = false;
    Wire wire;
  };
  struct Due {
    Step step;
    std::size_t job = 0;        ///< counted from the first of the batch
    std::size_t recipient = 0;  ///< in Job::recipients
  };

  const Offers& offers() const { return session_.offers_; }
  Job& job(std::size_t number) { return jobs_[number - first_job_]; }
  Job& current() { return jobs_.back(); }

  /// Finds the next letter that can be sent at all and makes its job; false if there is none.
  bool begin_next() {
    step_ = Step::kReset;
    writing_ = false;
    // What was decided on is no longer needed, its text least of all.
    Wire spare;
    while (!jobs_.empty() && jobs_.front().done &&
           (due_.empty() || due_.front().job != first_job_)) {
      spare = std::move(jobs_.front().wire);
      jobs_.pop_front();
      ++first_job_;
    }
    for (; next_ < letters_.size(); ++next_) {
      if (session_.stop_wanted()) return false;
      Job& fresh = jobs_.emplace_back();
      fresh.letter = next_;
      fresh.wire = std::move(spare);
      if (prepare(fresh)) {
        ++next_;
        writing_ = true;
        return true;
      }
      results_[next_].tried = true;
      spare = std::move(fresh.wire);
      jobs_.pop_back();
    }
    return false;
  }

  /// What can be said without asking; false if nothing is left to ask.
  bool prepare(Job& fresh) {
    const Letter& letter = letters_[fresh.letter];
    SendResult& result = results_[fresh.letter];
    auto refuse = [&](int code, std::string enhanced, std::string text) {
      for (RecipientResult& one : result.recipients)
        one = ours(Verdict::kPermanent, code, enhanced, text);
      return false;
    };
    const AddressKind from =
        letter.return_path.empty() ? AddressKind::kAscii : address_kind(letter.return_path);
    if (from == AddressKind::kIllegal) return refuse(553, "5.1.7", "the return path is no address");
    put_on_wire(letter.bytes, fresh.wire);
    if (fresh.wire.size == 0) return refuse(554, "5.6.0", "the message is empty");
    if (fresh.wire.has_nul) return refuse(554, "5.6.0", "the message contains a NUL byte");
    if (offers().size > 0 && fresh.wire.size > offers().size)
      return refuse(552, "5.3.4",
                    fmt::format("the message has {} bytes, the server takes {} at most",
                                fresh.wire.size, offers().size));
    if (fresh.wire.eight_bit && !offers().eight_bit)
      return refuse(554, "5.6.3", "the message is 8-bit text, the server takes 7-bit only");
    fresh.utf8 = from == AddressKind::kInternational || fresh.wire.eight_bit_header;
    if (fresh.utf8 && !offers().utf8)
      return refuse(553, "5.6.7",
                    "an address or a header is not ASCII, and the server does not "
                    "know international mail (SMTPUTF8)");
    fresh.reports = offers().dsn && session_.options_.dsn && !letter.return_path.empty();
    for (std::size_t i = 0; i < letter.recipients.size(); ++i) {
      const AddressKind kind = address_kind(letter.recipients[i]);
      if (kind == AddressKind::kIllegal) {
        result.recipients[i] = ours(Verdict::kPermanent, 553, "5.1.3", "this is no mail address");
      } else if (kind == AddressKind::kInternational && !offers().utf8) {
        result.recipients[i] = ours(Verdict::kPermanent, 553, "5.6.7",
                                    "the address is not ASCII, and the server does not know "
                                    "international mail (SMTPUTF8)");
      } else {
        fresh.recipients.push_back(i);
        fresh.kinds.push_back(kind);
        fresh.utf8 |= kind == AddressKind::kInternational;
      }
    }
    return !fresh.recipients.empty();
  }

  // ---- writing ----------------------------------------------------------------------------------

  bool may_write() const {
    if (!writing_ || broken_send_ || session_.failure_) return false;
    if (!offers().pipelining) return due_.empty();
    // After DATA comes the text, or not; that is for the answer to say (RFC 2920 3.1).
    return step_ != Step::kEnd ? due_.size() < kMostOutstanding : data_answered_;
  }

  void write() {
    Job& now = current();
    const Letter& letter = letters_[now.letter];
    line_.clear();
    auto out = std::back_inserter(line_);
    Due due{step_, first_job_ + jobs_.size() - 1, 0};
    switch (step_) {
      case Step::kReset:
        step_ = Step::kMail;
        if (!session_.needs_reset_) return;
        line_ = "RSET\r\n";
        session_.needs_reset_ = false;
        break;
      case Step::kMail:
        fmt::format_to(out, "MAIL FROM:<{}>", letter.return_path);
        if (offers().size_known) fmt::format_to(out, " SIZE={}", now.wire.size);
        if (now.wire.eight_bit) line_ += " BODY=8BITMIME";
        if (now.utf8) line_ += " SMTPUTF8";
        if (now.reports) {
          line_ += " RET=HDRS";
          const std::string id = xtext(letter.envelope_id);
          if (!id.empty() && id.size() <= 100) line_ += " ENVID=" + id;
        }
        line_ += "\r\n";
        session_.needs_reset_ = true;
        now.begun = true;
        step_ = Step::kRcpt;
        break;
      case Step::kRcpt: {
        if (now.mail_refused) return finish(now);
        due.recipient = now.written++;
        const std::string_view address = letter.recipients[now.recipients[due.recipient]];
        fmt::format_to(out, "RCPT TO:<{}>", address);
        if (now.reports)
          fmt::format_to(out, " NOTIFY=FAILURE,DELAY ORCPT={}",
                         original_recipient(address, now.kinds[due.recipient]));
        line_ += "\r\n";
        if (now.written == now.recipients.size()) step_ = Step::kData;
        break;
      }
      case Step::kData:
        // Only where it is known already: pipelined, the server says it itself.
        if (now.mail_refused || (now.answered == now.recipients.size() && now.accepted == 0))
          return finish(now);
        line_ = "DATA\r\n";
        data_answered_ = false;
        step_ = Step::kEnd;
        break;
      case Step::kEnd:
        // RFC 2920 3.1: it said 354 although nobody is to get it. An empty text it must refuse.
        if (now.accepted == 0) now.wire.text = ".\r\n";
        send(now.wire.text);
        now.body_written = true;
        session_.needs_reset_ = false;
        due_.push_back(due);
        begin_next();
        return;
    }
    send(line_);
    due_.push_back(due);
  }

  void send(std::string_view bytes) {
    auto sent = session_.connection_->queue(bytes);
    if (!sent.ok()) broken_send_ = sent.take_error();
  }

  /// Everything that can be known about this letter is, without its text having been sent.
  void finish(Job& now) {
    now.done = true;
    begin_next();
  }

  // ---- reading ----------------------------------------------------------------------------------

  void take(const Due& due, Reply& reply) {
    Job& about = job(due.job);
    SendResult& result = results_[about.letter];
    if (due.step != Step::kReset) result.tried = true;
    const bool closes = reply.code == kServiceCloses;
    ended_by_answer_ = closes || wants_login(reply.code);
    // The server says what it wants: end here, with this answer counted for what it answers.
    if (closes)
      session_.failure_ =
          temporary(fmt::format("{} ended the session: {}", session_.endpoint().text(), reply.text),
                    "It is opened again; if this goes on, ask the server's people.");
    if (wants_login(reply.code))
      session_.failure_ = usage_error(fmt::format("{} wants a login before it takes mail: {}",
                                                  session_.endpoint().text(), reply.text),
                                      "Set user and password_file in [outgoing], and use TLS.");
    const bool fitting = due.step == Step::kData ? reply.code == 354 || reply.code >= 400
                                                 : reply.code / 100 == 2 || reply.code >= 400;
    if (!fitting) {
      session_.failure_ = session_.protocol_error(
          fmt::format("an answer of {} that does not fit: {}", reply.code, reply.text));
      return;
    }
    switch (due.step) {
      case Step::kReset:
        if (reply.code >= 400 && !closes)
          session_.failure_ = session_.protocol_error("RSET refused: " + reply.text);
        break;
      case Step::kMail:
        if (reply.code < 400) break;
        about.mail_refused = true;
        for (std::size_t i : about.recipients) set(result.recipients[i], Stage::kMail, reply);
        break;
      case Step::kRcpt: {
        ++about.answered;
        if (about.mail_refused) break;
        RecipientResult& one = result.recipients[about.recipients[due.recipient]];
        set(one, Stage::kRcpt, reply);
        // RFC 5321 4.5.3.1.10: "too many recipients" was 552 once.
        if (one.code == 552 && one.enhanced.empty() && about.accepted > 0)
          one.verdict = Verdict::kTemporary;
        if (one.verdict == Verdict::kAccepted) ++about.accepted;
        break;
      }
      case Step::kData:
        data_answered_ = true;
        if (reply.code == 354) break;
        spread(about, result, Stage::kData, reply);
        finish(about);
        break;
      case Step::kEnd:
        if (about.accepted > 0) spread(about, result, Stage::kEnd, reply);
        about.done = true;
        break;
    }
  }

  static void set(RecipientResult& one, Stage stage, const Reply& reply) {
    one = {verdict_of(reply.code), stage, reply.code, reply.enhanced, reply.text};
  }

  /// An answer for all recipients that were accepted.
  static void spread(Job& about, SendResult& result, Stage stage, const Reply& reply) {
    for (std::size_t i : about.recipients)
      if (result.recipients[i].verdict == Verdict::kAccepted)
        set(result.recipients[i], stage, reply);
  }

  /// After the last answer: what stayed open, and what the verdicts mean.
  void settle() {
    bool first = true;
    for (Job& open : jobs_) {
      if (open.done) continue;
      SendResult& result = results_[open.letter];
      // The one that the server ended at has had its turn, even if not a word came: it may be what
      // the server dies of. Those behind it have not.
      if (first && open.begun && !ended_by_answer_) result.tried = true;
      first = false;
      result.uncertain = open.body_written && open.accepted > 0;
      const std::string why = session_.failure_ ? session_.failure_->what : "the program stops";
      std::size_t answered = open.mail_refused ? open.recipients.size() : open.answered;
      for (std::size_t i = 0; i < open.recipients.size(); ++i) {
        RecipientResult& one = result.recipients[open.recipients[i]];
        if (i >= answered || one.verdict == Verdict::kAccepted)
          one = ours(Verdict::kTemporary, 0, {}, shorten(one_line(why), kMostReplyText));
      }
    }
    for (std::size_t i = 0; i < results_.size(); ++i) {
      SendResult& result = results_[i];
      if (!result.tried)
        for (RecipientResult& one : result.recipients)
          if (one.stage == Stage::kHere && one.text.empty())
            one.text = session_.failure_
                           ? shorten(one_line(session_.failure_->what), kMostReplyText)
                           : "not sent: the program stops";
      result.null_sender_refused =
          letters_[i].return_path.empty() &&
          std::any_of(result.recipients.begin(), result.recipients.end(), blames_sender);
    }
  }

  Submission& session_;
  std::span<const Letter> letters_;
  std::vector<SendResult> results_;
  std::deque<Job> jobs_;
  std::size_t first_job_ = 0;  ///< number of jobs_.front()
  std::size_t next_ = 0;       ///< the next letter without a job
  Step step_ = Step::kReset;   ///< what is to be written next
  bool writing_ = false;       ///< jobs_.back() is not wholly written
  bool data_answered_ = false;
  bool ended_by_answer_ = false;  ///< an answer to one letter ended the session for all
  std::deque<Due> due_;
  std::optional<Error> broken_send_;
  std::string line_;
};

// ---- the session --------------------------------------------------------------------------------

Submission::Submission(std::unique_ptr<net::Connection> connection, const Options& options)
    : connection_(std::move(connection)), options_(options) {}

Result<std::unique_ptr<Submission>> Submission::open(const net::Endpoint& endpoint,
                                                     net::Credentials& credentials,
                                                     const Options& options) {
  Options chosen = options;
  chosen.line.ehlo_name = ehlo_name(options.line.ehlo_name);
  FP_ASSIGN(auto connection, net::Connection::open(endpoint, credentials, chosen.line));
  std::unique_ptr<Submission> session(new Submission(std::move(connection), chosen));
  FP_TRY(session->greet());
  return session;
}

Submission::~Submission() {
  if (failure_) return;
  connection_->set_timeout(kFarewell);
  if (connection_->send("QUIT\r\n").ok()) (void)connection_->read_line(kLongestReplyLine);
}

Error Submission::protocol_error(std::string_view what) const {
  return temporary(fmt::format("{} answered what is no SMTP: {}", endpoint().text(), what),
                   "Check that host and port are those of a mail server.");
}

bool Submission::stop_wanted() {
  if (!stopping_ && options_.line.stop_fd >= 0) {
    pollfd poll{options_.line.stop_fd, POLLIN, 0};
    stopping_ = ::poll(&poll, 1, 0) > 0;
  }
  return stopping_;
}

Result<Submission::Reply> Submission::read_reply(Millis timeout, bool first) {
  Reply reply;
  bool any = false;
  int leftover = 0;
  auto deadline = std::chrono::steady_clock::now() + timeout;
  for (std::size_t lines = 0;;) {
    if (options_.line.stop_fd >= 0 && !stopping_ && connection_->buffered() == 0) {
      FP_ASSIGN(net::Ready ready, connection_->wait(timeout, options_.line.stop_fd));
      stopping_ = ready == net::Ready::kWoken;
      if (ready == net::Ready::kTimeout)
        return temporary(
            fmt::format("{}: no answer within {} seconds", endpoint().text(),
                        std::chrono::ceil<std::chrono::seconds>(timeout).count()),
            "The connection is opened again; if this goes on, ask the server's people.");
    }
    if (stopping_)
      deadline = std::min(deadline, std::chrono::steady_clock::now() + options_.stop_grace);
    connection_->set_timeout(std::max(
        Millis(1), std::chrono::ceil<Millis>(deadline - std::chrono::steady_clock::now())));
    FP_ASSIGN(std::string_view line, connection_->read_line(kLongestReplyLine));
    if (!is_reply_line(line)) {
      if (first && !any && leftover++ < kMostLeftover) continue;
      return protocol_error(shorten(one_line(line), 80));
    }
    if (++lines > kMostReplyLines) return protocol_error("an answer without end");
    const int code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
    const bool last = line.size() == 3 || line[3] == ' ';
    if (any && code != reply.code) return protocol_error("the codes of one answer differ");
    reply.code = code;
    any = true;
    std::string_view text = line.size() > 4 ? line.substr(4) : std::string_view();
    if (first) reply.lines.emplace_back(text);
    const std::string_view enhanced = take_enhanced(text, line[0]);
    if (reply.enhanced.empty()) reply.enhanced = enhanced;
    if (reply.text.size() < 2 * kMostReplyText && !trim(text).empty()) {
      if (!reply.text.empty()) reply.text += ' ';
      reply.text += trim(text).substr(0, 2 * kMostReplyText);
    }
    if (last) break;
  }
  reply.text = shorten(one_line(reply.text), kMostReplyText);
  return reply;
}

Status Submission::greet() {
  // What the login saw may in part be from before TLS, so it is asked again.
  bool first = true;
  for (std::string_view verb : {"EHLO", "HELO"}) {
    FP_TRY(connection_->send(fmt::format("{} {}\r\n", verb, options_.line.ehlo_name)));
    FP_ASSIGN(Reply reply, read_reply(options_.reply_timeout, first));
    if (reply.code / 100 == 2) {
      offers_.extended = first;
      if (!first) return {};
      for (std::size_t i = 1; i < reply.lines.size(); ++i) {
        const std::string line = ascii_lower(trim(reply.lines[i]));
        const std::string word = line.substr(0, line.find(' '));
        if (word == "pipelining") offers_.pipelining = true;
        if (word == "8bitmime") offers_.eight_bit = true;
        if (word == "smtputf8") offers_.utf8 = true;
        if (word == "dsn") offers_.dsn = true;
        if (word != "size") continue;
        offers_.size_known = true;
        const std::string_view number = trim(std::string_view(line).substr(4));
        std::from_chars(number.data(), number.data() + number.size(), offers_.size);
      }
      // RFC 6531 3.1: who offers SMTPUTF8 offers 8BITMIME.
      offers_.utf8 = offers_.utf8 && offers_.eight_bit;
      return {};
    }
    if (reply.code < 500)
      return temporary(
          fmt::format("{} does not serve us now: {} {}", endpoint().text(), reply.code, reply.text),
          "It is tried again; if this goes on, ask the server's people.");
    if (!first)
      return usage_error(
          fmt::format("{} refused the greeting: {} {}", endpoint().text(), reply.code, reply.text),
          "Ask the server's people; perhaps this machine's name is the reason.");
    first = false;
  }
  return {};
}

bool Submission::still_there() {
  if (failure_) return false;
  auto ready = connection_->wait(Millis(0), -1);
  if (ready.ok() && *ready == net::Ready::kTimeout) return true;
  // Nothing was asked: it can only be a farewell.
  failure_ = ready.ok() ? temporary(fmt::format("{} ended the idle session", endpoint().text()))
                        : ready.take_error();
  return false;
}

std::vector<SendResult> Submission::send(std::span<const Letter> letters) {
  return Batch(*this, letters).run();
}

}  // namespace focalpost::smtp
