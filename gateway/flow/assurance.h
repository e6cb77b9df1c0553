// SPDX-License-Identifier: Apache-2.0
//
// assurance: who sent a message, and how sure that is (DESIGN.md section 5), from the message
// alone.
//
// Owns the levels 0, 1, 2 and 4; level 3, a confirmation, is given later. What counts:
//
//   0  From is not exactly one field with exactly one address, or that address is no contact's
//   1  it is a contact's
//   2  the pinned server reports dmarc=pass for From's domain, or dkim=pass of a domain that is
//      From's or stands above it (reports: mime/authentication.h)
//   4  the whole message is signed by a key of that contact (signature/signature.h)
//
// What never counts: Sender, Reply-To, Return-Path, display names, the thread, a folder, SPF alone,
// anything that merely looks like a contact's address.
//
// Why "From's domain or one above it" and not the organizational domain of DMARC: that needs the
// public suffix list, which ages. Whoever holds a zone can answer for all names below it, so a
// signature of stat.example for a.stat.example proves as much as the DNS does; even a registry's
// (gov.kg) proves no more than the registry could claim anyway. The other way round, d=a.gov.kg for
// From @gov.kg, would let every customer of a suffix speak for it.
//
// Why only the topmost field counts (or the topmost [trust] authserv_fields of them): a server
// prepends. What is further down may be the sender's own. A server that reports nothing leaves a
// forged field topmost: against that stands the trial of flow/check_trust.h, without which a pin
// counts for nothing.
//
// Never: reads the store, so that a worker may do it. That a signed content was accepted before is
// seen later (Case::judge).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.h"
#include "flow/trust.h"
#include "mime/message.h"
#include "model/docket.h"
#include "model/lookup.h"

namespace focalpost {

// Sender::why. What they mean is in why_sentence().
namespace why {
inline constexpr std::string_view kNoFrom = "no-from", kSeveralFrom = "several-from",
                                  kNotRegistered = "not-registered", kNoPin = "no-pin",
                                  kPinUnproven = "pin-unproven", kPinRefused = "pin-refused",
                                  kNoReport = "no-report", kBadReport = "bad-report",
                                  kNotPassed = "not-passed", kDmarcFailed = "dmarc-failed",
                                  kNotAligned = "not-aligned", kDmarc = "dmarc", kDkim = "dkim",
                                  kSmime = "smime", kOpenPgp = "openpgp", kReplayed = "replayed";
}  // namespace why

/// Of Sender::why and why_detail, for operators, in English: "DMARC passed (stat.example)".
std::string why_sentence(std::string_view code, std::string_view detail);

/// What is signed by the contact, if the message is.
struct SignedContent {
  std::string hash;                        ///< as TrustTables::accept_signed() wants it
  std::string owned;                       ///< of an enclosed signature: the content
  std::string_view in_message;             ///< of a detached one: the same, in the message's bytes
  Assurance otherwise = Assurance::kNone;  ///< if the signature does not count after all ...
  std::string why, why_detail;             ///< ... and why

  std::string_view bytes() const { return owned.empty() ? in_message : std::string_view(owned); }
};

struct Assessment {
  const RosterEntry* contact = nullptr;           ///< of `lookup`; null: not registered
  std::unique_ptr<SignedContent> signed_content;  ///< level 4
};

/// Fills in `sender` (all but the language of a stranger). `now`: when the message arrived.
Assessment assess(const mime::Message& message, const StructureLookup& lookup,
                  const Settings& settings, const Trust& trust, Time now, Sender& sender);

/// Takes the signature back: the content was accepted before, in docket `first`.
void take_back_signature(const SignedContent& content, std::string_view first, Sender& sender);

/// The name of a contact's key files, "KG_NSC.FP1".
std::string key_name(const RosterEntry& contact);

/// The reports that count: the topmost of the pinned server, as written.
std::vector<std::string_view> pinned_reports(const mime::Message& message,
                                             const TrustSettings& settings);

}  // namespace focalpost
