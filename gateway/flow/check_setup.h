// SPDX-License-Identifier: Apache-2.0
//
// check_setup: tries everything that a home rests on, and says in words what is right, what is
// wrong and what to do.
//
// Owns: the order in which things are tried, and the sentences. One thing that is wrong never hides
// the next; what cannot be tried because of it is not mentioned.
//
// Works beside a running gateway: takes no lock. What it does do: makes folders that are missing in
// a mailbox (as `run` would), logs in at the servers, names senders and recipients to the outgoing
// one and takes them back (RSET), and, if asked to, runs the operator's alert command. Where a
// server is pinned in [trust] it mails the gateway one letter and notes in the store what came of
// it (check_trust.h); else it sends and writes nothing.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/files.h"
#include "base/result.h"

namespace focalpost {

enum class CheckMark : std::uint8_t {
  kOk,
  kNote,   ///< works, and has a consequence that one should know
  kWrong,  ///< to be put right
};
std::string_view check_mark_name(CheckMark mark);  ///< "ok", "note", "wrong"

struct CheckLine {
  CheckMark mark = CheckMark::kOk;
  std::string topic;  ///< "home", "store", "[mailbox]", "[outgoing]" ...
  std::string what;   ///< one sentence
  std::string to_do;  ///< one sentence, or empty
};
using CheckTeller = std::function<void(const CheckLine&)>;

struct CheckOptions {
  bool alert = false;  ///< run the alert command
  std::chrono::milliseconds connect_timeout{20'000};
  std::chrono::milliseconds answer_timeout{60'000};
  std::chrono::milliseconds command_limit{30'000};
  std::chrono::milliseconds probe_wait{60'000};  ///< for the letter of check_trust.h
};

/// Calls `tell` as soon as something is known: a server that does not answer takes its time. True
/// if nothing is wrong. Error: `root` is no home at all.
Result<bool> check_setup(const fs::path& root, const CheckOptions& options, const Clock& clock,
                         const CheckTeller& tell);

}  // namespace focalpost
