// SPDX-License-Identifier: Apache-2.0
//
// config: what an operator may choose, read from <home>/focalpost.toml; the only door to toml++.
//
// Only what differs from the defaults needs to be written. A key that is not known, or a value of
// the wrong type, is an Error with line and nearest key: a typo must not silently mean the default.
// Never: reads the environment, touches another file, changes a setting. Paths stay as they were
// written; relative ones are relative to the home, and whoever opens them says so
// (`home.paths().root / path`).
// Danger: a secret must not come in here, nor out of here in an Error; the file may only say where
// one lies.
#pragma once

#include <array>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "config/calendar_settings.h"
#include "config/digest_settings.h"
#include "config/mail_settings.h"
#include "config/request_settings.h"
#include "config/trust_settings.h"
#include "model/docket.h"

namespace focalpost {

/// Assurance that each act needs (DESIGN.md section 5); index by Act.
struct Policy {
  std::array<Assurance, 9> needs = {
      Assurance::kFrom,       // enquire
      Assurance::kAligned,    // file
      Assurance::kAligned,    // revise
      Assurance::kAligned,    // answer
      Assurance::kAligned,    // subscribe
      Assurance::kAligned,    // extend
      Assurance::kConfirmed,  // structures
      Assurance::kConfirmed,  // roster
      Assurance::kConfirmed,  // command
  };
  Assurance operator[](Act act) const { return needs[static_cast<std::size_t>(act)]; }
};

/// NETWORK.md section 3, "large changes wait"; shares as fractions.
struct LargeChange {
  double total_share = 0.25;
  double total_least = 50;
  double cell_share = 0.30;
  double cells_share = 0.10;
  double deleted_share = 0.10;
};

/// What waits for a word (flow/held.h).
struct HeldSettings {
  std::uint64_t remind_days = 7;
  std::uint64_t expire_days = 30;
  std::uint64_t most_per_contact = 20;  ///< files
};

struct Settings {
  // [gateway]
  std::string name = "Migration data exchange";     ///< as receipts sign
  std::string address = "gateway@network.example";  ///< the mailbox's own address
  std::string operator_mail;                        ///< [operator] mail; may be empty
  /// [operator] alert_command: words as flow/alerts.h says (no shell); may be empty.
  std::string alert_command;
  /// Those with a url, [mailbox] first; none: the embedded Maildir.
  std::vector<MailboxSettings> mailboxes;
  /// [mailbox] quiet_hours, for the embedded Maildir too; 0: never tell.
  std::chrono::hours quiet = kDefaultQuiet;
  OutgoingSettings outgoing;                    ///< [outgoing]
  Policy policy;                                ///< [policy]
  TrustSettings trust;                          ///< [trust]
  Limits limits;                                ///< [limits]
  LargeChange large_change;                     ///< [large_change]
  HeldSettings held;                            ///< [held]
  RequestSettings requests;                     ///< [requests]
  CalendarSettings calendar;                    ///< [calendar]
  DigestSettings digests;                       ///< [digests]
  std::uint64_t low_disk_bytes = 200ull << 20;  ///< [gateway] low_disk_mb

  /// The part of `address` behind the @.
  std::string domain() const;
  /// From of what leaves: [outgoing] from, else `address`.
  const std::string& sender() const { return outgoing.from.empty() ? address : outgoing.from; }
};

/// Reads and checks; `file` need not exist (then everything is default).
Result<Settings> read_settings(const std::filesystem::path& file);
Result<Settings> parse_settings(std::string_view toml, std::string_view file_name);

/// The commented file that `init` writes.
std::string default_settings_text(bool demo);

}  // namespace focalpost
