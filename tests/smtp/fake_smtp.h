// SPDX-License-Identifier: Apache-2.0
//
// fake_smtp: a mail server that takes everything, but for what a test has it say otherwise, and
// that remembers what it was told.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/text.h"
#include "servers/fake.h"

namespace focalpost::smtp {

inline constexpr const char* kEverything =
    "250-fake.example\r\n250-PIPELINING\r\n250-SIZE 100000\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n"
    "250-DSN\r\n250 ENHANCEDSTATUSCODES\r\n";
inline constexpr const char* kDrop = "drop";    ///< an answer: close the connection instead
inline constexpr const char* kReset = "reset";  ///< the same, with a reset

struct Script {
  std::string ehlo = kEverything;
  /// The answer to a command, or to "<text>" at the end of a message; empty: the usual one.
  std::function<std::string(const std::string& command)> answer;
  bool one_by_one = false;  ///< nothing may come before the answer to the last command
};

class FakeSmtp {
 public:
  /// With a certificate: TLS from the first byte.
  explicit FakeSmtp(Script script = {}, std::optional<servers::Certificate> implicit = {})
      : script_(std::move(script)),
        fake_([this](servers::Peer& peer) { play(peer); }, std::move(implicit)) {}

  std::uint16_t port() const { return fake_.port(); }
  int connections() const { return fake_.connections(); }
  /// Commands from the first MAIL (or RSET) on.
  std::vector<std::string> commands() {
    const std::lock_guard lock(mutex_);
    return commands_;
  }
  std::string dialogue() {
    std::string out;
    for (const std::string& command : commands()) out += command + "\n";
    return out;
  }
  /// What stood between DATA and the final dot, as it was on the line.
  std::vector<std::string> texts() {
    const std::lock_guard lock(mutex_);
    return texts_;
  }
  std::vector<std::string> failures() { return fake_.failures(); }

 private:
  void play(servers::Peer& peer) {
    peer.send("220 fake.example ESMTP\r\n");
    int accepted = -1;  // no MAIL yet
    for (;;) {
      const std::string command = peer.line();
      const std::string word = ascii_lower(command.substr(0, 4));
      note(command);
      if (script_.one_by_one && peer.has_input(0))
        throw servers::Failure("something came before the answer to " + command);
      std::string said = usual(word, accepted);
      const std::string other = script_.answer ? script_.answer(command) : std::string();
      if (!other.empty()) said = other;
      if (!say(peer, said)) return;
      if (word == "quit") return;
      if (word == "mail") accepted = said.starts_with("2") ? 0 : -1;
      if (word == "rset") accepted = -1;
      if (word == "rcpt" && said.starts_with("2")) ++accepted;
      if (word != "data" || !said.starts_with("354")) continue;
      std::string text;
      for (std::string line = peer.line(); line != "."; line = peer.line()) text += line + "\n";
      note_text(text);
      std::string end = script_.answer ? script_.answer("<text>") : std::string();
      if (end.empty()) end = accepted > 0 ? "250 2.0.0 queued as 17\r\n" : "554 5.5.1 nobody\r\n";
      accepted = -1;
      if (!say(peer, end)) return;
    }
  }

  std::string usual(const std::string& word, int accepted) const {
    if (word == "ehlo" || word == "helo") return script_.ehlo;
    if (word == "mail") return accepted < 0 ? "250 2.1.0 ok\r\n" : "503 5.5.1 nested MAIL\r\n";
    if (word == "rcpt") return accepted >= 0 ? "250 2.1.5 ok\r\n" : "503 5.5.1 MAIL first\r\n";
    if (word == "data") return accepted > 0 ? "354 go on\r\n" : "554 5.5.1 no recipients\r\n";
    if (word == "rset") return "250 2.0.0 ok\r\n";
    if (word == "quit") return "221 2.0.0 bye\r\n";
    return "502 5.5.1 what?\r\n";
  }

  static bool say(servers::Peer& peer, const std::string& said) {
    if (said == kReset) peer.reset();
    if (said == kDrop) return false;
    peer.send(said);
    return !said.starts_with("421");
  }

  void note(const std::string& command) {
    const std::lock_guard lock(mutex_);
    if (!commands_.empty() || command.starts_with("MAIL") || command.starts_with("RSET"))
      commands_.push_back(command);
  }
  void note_text(const std::string& text) {
    const std::lock_guard lock(mutex_);
    texts_.push_back(text);
  }

  Script script_;
  std::mutex mutex_;
  std::vector<std::string> commands_, texts_;
  servers::Fake fake_;  ///< last: its threads use the others
};

}  // namespace focalpost::smtp
