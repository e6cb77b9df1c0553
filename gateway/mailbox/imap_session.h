// SPDX-License-Identifier: Apache-2.0
//
// imap_session: commands and their answers on one connection. For imap.cc.
//
// Owns: tags, what is in flight, capabilities, and what the server says unasked: EXISTS, EXPUNGE,
// BYE, a new UIDVALIDITY. Commands may be pipelined; answers are taken in whatever order they come.
//
// Never: builds a command out of anything that did not go through imap_quoted() or is a number.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "mailbox/imap_response.h"
#include "net/connection.h"

namespace focalpost {

/// An untagged response, up to its first word, which is upper case: "FETCH" with its number.
struct ImapData {
  std::string_view word;
  std::uint64_t number = 0;
  ImapReader& reader;  ///< behind the word
};

class ImapSession {
 public:
  /// True: the response was for this command. False (and nothing read of it): somebody else's.
  using Handler = std::function<Result<bool>(const ImapData&)>;
  /// Response codes of untagged OK and NO: COPYUID, UIDNEXT ...
  using CodeHandler = std::function<void(const ImapStatus&)>;

  struct Unasked {
    bool exists = false;    ///< EXISTS came
    bool expunged = false;  ///< EXPUNGE or VANISHED came
    std::optional<std::uint64_t> uid_validity;
  };

  static Result<std::unique_ptr<ImapSession>> open(const net::Endpoint& endpoint,
                                                   net::Credentials& credentials,
                                                   const net::Options& options);

  bool can(std::string_view capability) const { return capabilities_.contains(capability); }
  /// It said so and does not do it.
  void cannot(std::string_view capability);

  /// Queues a command (without tag and CRLF); its number, for finish().
  Result<unsigned> start(std::string_view command);
  /// Sends what is queued and reads until the tagged answer of that command.
  Result<ImapStatus> finish(unsigned number, const Handler& handler = {},
                            const CodeHandler& codes = {});
  /// start() and finish().
  Result<ImapStatus> run(std::string_view command, const Handler& handler = {},
                         const CodeHandler& codes = {});
  /// Until the server asks for more ("+"): true; or gives its tagged answer at once: false, and
  /// finish() gives it.
  Result<bool> continued(unsigned number);
  /// Whether the tagged answer is there: finish() gives it without waiting.
  bool answered(unsigned number);
  /// One response that came unasked (in IDLE, between commands).
  Status take_one();
  /// A farewell, without waiting for the answer.
  void log_out();

  /// What came unasked since the last call.
  Unasked take_unasked() { return std::exchange(unasked_, {}); }
  std::uint64_t exists() const { return exists_; }
  net::Connection& connection() { return *connection_; }
  void set_timeout(net::Millis timeout) { timeout_ = timeout; }

  /// A tagged NO or BAD as an Error: "<doing>: <what the server said>".
  Error refusal(std::string_view doing, const ImapStatus& status) const;

 private:
  explicit ImapSession(std::unique_ptr<net::Connection> connection);
  enum class Kind : std::uint8_t { kUntagged, kWanted, kContinuation, kTagged };
  struct Pending {
    unsigned number = 0;
    std::optional<ImapStatus> status;
  };
  Status ask_capabilities();
  Result<Kind> read_one(const Handler& handler, const CodeHandler& codes);
  Result<Kind> read_untagged(const Handler& handler, const CodeHandler& codes);
  Pending* find(unsigned number);

  std::unique_ptr<net::Connection> connection_;
  ImapReader reader_;
  std::set<std::string, std::less<>> capabilities_;
  std::deque<Pending> pending_;
  unsigned last_number_ = 0;
  std::uint64_t exists_ = 0;
  Unasked unasked_;
  net::Millis timeout_{60'000};
};

}  // namespace focalpost
