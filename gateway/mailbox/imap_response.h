// SPDX-License-Identifier: Apache-2.0
//
// imap_response: reading what an IMAP server says (RFC 3501 section 9), token by token, off the
// line. For imap.cc and imap_session.cc.
//
// A response is one or more lines with literals between them; a literal can stand wherever a string
// can. Lines are bounded, literals are streamed and never held; nothing here recurses.
//
// Views (text(), rest()) are good until the next call that reads.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_source.h"
#include "base/clock.h"
#include "base/result.h"
#include "net/connection.h"

namespace focalpost {

class ImapReader {
 public:
  static constexpr std::size_t kLongestLine = 256 << 10;
  static constexpr std::size_t kMostLiterals = 1000;  ///< of one response

  enum class Token : std::uint8_t {
    kAtom,     ///< text(): atoms, numbers, flags, NIL, "BODY[HEADER.FIELDS (X)]" as one
    kQuoted,   ///< text(): without quotes and escapes
    kLiteral,  ///< literal(), literal_size()
    kOpen,
    kClose,
    kEnd,  ///< of the response
  };

  explicit ImapReader(net::Connection& connection) : connection_(connection) {}

  /// The next response: its first line.
  Status begin();
  Result<Token> next();
  std::string_view text() const { return text_; }
  std::uint64_t literal_size() const { return literal_size_; }
  /// Its bytes; what is not taken is thrown away by the next call.
  ByteSource& literal() { return *literal_; }

  /// What is left of the line, as it is; for responses that end in human text.
  std::string_view rest();
  /// One value: a token, or a list with all that is in it.
  Status skip_value();
  /// All that is left of the response, whatever it is.
  Status skip_rest();
  /// A string or atom, NIL as nothing; more than `limit` bytes are an Error.
  Result<std::optional<std::string>> string(std::size_t limit);
  Result<std::uint64_t> number();

  /// The server does not keep to the protocol.
  Error nonsense(std::string_view what) const;

 private:
  Status read_line();
  bool at_literal(std::size_t from, std::size_t* length_of_marker);

  net::Connection& connection_;
  std::string_view line_, text_;
  std::size_t at_ = 0, literals_ = 0;
  std::uint64_t literal_size_ = 0;
  ByteSource* literal_ = nullptr;  ///< the connection's
  bool more_ = false;              ///< a literal came: the response goes on behind it
  std::string unescaped_;
};

/// OK, NO, BAD, BYE or PREAUTH with "[CODE arguments] text" (RFC 3501 section 7.1, RFC 5530).
struct ImapStatus {
  std::string word;       ///< upper case
  std::string code;       ///< upper case; empty if there is none
  std::string arguments;  ///< of the code
  std::string text;       ///< for people, with the code

  bool ok() const { return word == "OK"; }
  /// A refusal that may pass.
  bool passes() const;
};
ImapStatus read_status(std::string_view word, std::string_view rest);

/// "1:3,7" from ascending numbers, in pieces of at most `most` numbers and some 4,000 characters;
/// gives how many numbers went into it.
std::size_t write_uid_set(const std::vector<std::uint32_t>& uids, std::size_t from,
                          std::size_t most, std::string& out);
/// "3:1,7" in its own order (1, 2, 3, 7); nothing if it is not sound or has more than `most`.
std::optional<std::vector<std::uint32_t>> read_uid_set(std::string_view text, std::size_t most);

std::optional<std::uint64_t> read_imap_number(std::string_view text);

/// " 1-Mar-2026 09:30:00 +0000" (date-time of RFC 3501).
std::optional<Time> read_internal_date(std::string_view text);
std::string write_internal_date(Time time);

/// A quoted string; nothing if the text has CR, LF or NUL: those never reach a command.
std::optional<std::string> imap_quoted(std::string_view text);

}  // namespace focalpost
