// SPDX-License-Identifier: Apache-2.0
//
// smtp: messages to a mail server (RFC 5321, RFC 6409), over one session that is kept warm.
//
// Owns: the dialogue after the login (which is net's): EHLO, envelopes, DATA, verdicts. With
// PIPELINING (RFC 2920) the end of one message and the whole envelope of the next leave together,
// so that a message costs one round trip; without it every command is waited for. Knows SIZE (RFC
// 1870), 8BITMIME (RFC 6152), SMTPUTF8 (RFC 6531), DSN (RFC 3461) and enhanced codes (RFC 2034).
// Not CHUNKING: a server that offers BDAT but does not understand it would run a message's lines as
// commands.
//
// Never does: choose recipients, look into the outbox, retry, decide when to (schedule.h only
// computes), change what a message says. Line ends become CRLF, dots are stuffed, and that is all.
//
// Dangers:
// - An address is written into a command: what is not legal (address.h) is refused here, before a
//   byte of that envelope leaves.
// - A connection lost between the final dot and its answer leaves open whether the server has the
//   message: SendResult::uncertain. It counts as temporary; the second copy has the same
//   Message-ID.
// - A server may accept one recipient and refuse the next, or accept all and refuse the message: a
//   verdict belongs to a recipient, never to a letter.
// - What the server said is a stranger's text. It is bounded and without controls here, no more.
// - One object serves one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "net/connection.h"

namespace focalpost::smtp {

/// Views outlive the call of send().
struct Letter {
  std::string_view return_path;  ///< without brackets; empty: the null path <> (RFC 5321 4.5.5)
  std::vector<std::string_view> recipients;
  std::string_view bytes;        ///< the message; lines ended by CRLF or LF
  std::string_view envelope_id;  ///< comes back in reports (ENVID); ASCII, at most 100; or empty
};

enum class Verdict : std::uint8_t {
  kAccepted,   ///< the server has taken over the responsibility
  kTemporary,  ///< again later; also where nobody was asked, see SendResult::tried
  kPermanent,  ///< the same again would be refused again
};

/// Where the verdict was spoken.
enum class Stage : std::uint8_t {
  kHere,  ///< by us: illegal address, too large, needs what the server does not offer, no answer
  kMail,
  kRcpt,
  kData,
  kEnd,  ///< after the final dot
};

struct RecipientResult {
  Verdict verdict = Verdict::kTemporary;
  Stage stage = Stage::kHere;
  int code = 0;          ///< RFC 5321 4.2; 0 where the server said nothing
  std::string enhanced;  ///< "5.1.1", or empty
  std::string text;      ///< on one line, at most kMostReplyText characters

  /// "550 5.1.1 no such user": for the outbox and for people.
  std::string sentence() const;
};

struct SendResult {
  std::vector<RecipientResult> recipients;  ///< one each, in the letter's order
  /// The server was asked about this letter, or we could tell without asking. False: the session
  /// ended before its turn, and this is no attempt of the letter's.
  bool tried = false;
  bool uncertain = false;  ///< the connection was lost after the final dot
  /// The null return path itself seems to be refused for ever: the letter may do better with a
  /// bounce address. Worth remembering for this server once that has worked.
  bool null_sender_refused = false;
};

/// What EHLO said.
struct Offers {
  bool extended = false;  ///< EHLO was understood
  bool pipelining = false, eight_bit = false, utf8 = false, dsn = false;
  bool size_known = false;  ///< SIZE is understood
  std::uint64_t size = 0;   ///< largest message; 0: no limit is known
};

struct Options {
  net::Options line;
  /// RFC 5321 4.5.3.2. Who waits less sends twice.
  net::Millis reply_timeout{300'000};
  net::Millis end_timeout{600'000};  ///< after the final dot
  /// Once net::Options::stop_fd is readable no further letter is begun, and answers that are still
  /// due are waited for this long.
  net::Millis stop_grace{10'000};
  bool dsn = true;  ///< ask for reports where DSN is offered; never with the null return path
};

inline constexpr std::size_t kMostReplyText = 400;
inline constexpr std::size_t kLongestReplyLine = 4096;
inline constexpr std::size_t kMostReplyLines = 100;
/// Answers that may be due at a time.
inline constexpr std::size_t kMostOutstanding = 200;

class Submission {
 public:
  /// Connects, logs in, and says EHLO. Errors as of net::Connection::open().
  static Result<std::unique_ptr<Submission>> open(const net::Endpoint& endpoint,
                                                  net::Credentials& credentials,
                                                  const Options& options = {});
  /// Says QUIT if the session is in order, and waits a second at most for the answer.
  ~Submission();
  Submission(const Submission&) = delete;
  Submission& operator=(const Submission&) = delete;

  /// One result a letter, in order, whatever happens; verdicts spoken before the session broke
  /// stay. Afterwards look at usable().
  std::vector<SendResult> send(std::span<const Letter> letters);

  /// False once the session broke: destroy this, and open another for what was not tried.
  bool usable() const { return !failure_; }
  /// Why it broke.
  const std::optional<Error>& failure() const { return failure_; }
  /// Looks, without asking the server, whether the session ended while nothing was sent (they close
  /// idle ones after some minutes). To be called before send() after a pause.
  bool still_there();

  const Offers& offers() const { return offers_; }
  const net::Endpoint& endpoint() const { return connection_->endpoint(); }

 private:
  struct Reply {
    int code = 0;
    std::string enhanced, text;
    std::vector<std::string> lines;  ///< of the first answer only: what stands behind the code
  };
  class Batch;

  Submission(std::unique_ptr<net::Connection> connection, const Options& options);
  Status greet();
  /// One whole reply. `first`: what is left of the login is skipped before it.
  Result<Reply> read_reply(net::Millis timeout, bool first = false);
  bool stop_wanted();
  Error protocol_error(std::string_view what) const;

  std::unique_ptr<net::Connection> connection_;
  Options options_;
  Offers offers_;
  std::optional<Error> failure_;
  bool stopping_ = false;
  bool needs_reset_ = false;  ///< a transaction may be open
};

}  // namespace focalpost::smtp
