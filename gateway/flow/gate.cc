// SPDX-License-Identifier: Apache-2.0
#include "flow/gate.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/domain.h"
#include "base/text.h"
#include "mime/compose.h"

namespace focalpost {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kStrangers = "strangers@";

bool is_ours(const Settings& settings, std::string_view address) {
  const std::string bare = without_tag(address);
  return bare == without_tag(settings.address) || bare == without_tag(settings.sender()) ||
         (!settings.outgoing.bounce.empty() && bare == without_tag(settings.outgoing.bounce));
}

/// Addresses that RFC 3834 2 and RFC 2142 give to programs, and those that say of themselves that
/// nobody reads them.
bool is_robot(std::string_view address) {
  const std::string local = ascii_lower(address.substr(0, address.rfind('@')));
  for (std::string_view name :
       {"mailer-daemon", "postmaster", "noreply", "no-reply", "no_reply", "donotreply",
        "do-not-reply", "nobody", "listserv", "majordomo", "bounce", "bounces", "daemon"})
    if (local == name || local.starts_with(std::string(name) + "+")) return true;
  if (local.starts_with("owner-") || local.starts_with("bounce-") || local.starts_with("bounces-"))
    return true;
  for (std::string_view end : {"-request", "-owner", "-bounces", "-bounce"})
    if (local.ends_with(end)) return true;
  return false;
}

/// An event once an hour, however often it happens.
Status tell(Home& home, const std::string& what, std::string_view text, Time now) {
  Correspondents counted = home.store().correspondents();
  const std::string key = "told:" + what;
  FP_ASSIGN(std::uint64_t told, counted.replies_since(key, now - 1h));
  if (told > 0) return {};
  FP_TRY(counted.note_reply(key, now));
  return home.store().events().add(EventLevel::kWarning, text, now);
}

/// Whether a stranger's message may be answered at all.
bool may_answer_stranger(const Leaving& letter) {
  return !is_robot(letter.to) && !(letter.answers && mime::wants_no_answer(*letter.answers));
}

}  // namespace

std::string unsure_key(std::string_view kind, std::string_view to) {
  return (kind == "confirmation" ? "asked:" : "unsure:") + std::string(to);
}

Result<std::optional<Pass>> may_leave(Home& home, const Leaving& letter, Time now) {
  std::optional<Pass> no;
  const Settings& settings = home.settings();
  if (!mime::is_sendable_address(letter.to) || is_ours(settings, letter.to)) return no;
  if (letter.answered != mime::Sender::kPersonal && ascii_iequal(letter.to, letter.answered_from))
    return no;

  Time leaves = now;
  auto refuse = [&](const std::string& key, const std::string& why) {
    if (letter.why_not) *letter.why_not = why;
    return tell(home, key, fmt::format("{}: {}", letter.about, why), now);
  };
  Correspondents counted = home.store().correspondents();
  if (letter.stranger) {
    if (!may_answer_stranger(letter)) return no;
    FP_ASSIGN(std::uint64_t today, counted.replies_since(letter.to, now - 24h));
    if (today >= (letter.kind == kAnswerLetter ? kAnswersToStranger : 1)) return no;
    FP_ASSIGN(std::uint64_t hour, counted.replies_since(kStrangers, now - 1h));
    FP_ASSIGN(std::uint64_t day, counted.replies_since(kStrangers, now - 24h));
    if (hour >= kStrangersPerHour || day >= settings.limits.strangers_per_day) {
      FP_TRY(tell(home, std::string(kStrangers),
                  fmt::format("no more help texts to strangers for now: {} in a day, {} of them in "
                              "the last hour",
                              day, hour),
                  now));
      return no;
    }
    FP_TRY(counted.note_reply(kStrangers, now));
  } else {
    // What is booked for later hours counts from now on.
    FP_ASSIGN(std::uint64_t booked, counted.replies_since(letter.to, now - 1h));
    const std::uint64_t most = settings.limits.replies_per_hour;
    if (booked >= most) {
      const auto hours = std::chrono::hours(most == 0 ? kLongestWait.count() + 1 : booked / most);
      if (!letter.may_wait || hours > kLongestWait) {
        FP_TRY(refuse(letter.to, fmt::format("no reply to {}, which had or waits for {} replies",
                                             letter.to, booked)));
        return no;
      }
      leaves = now + hours;
      FP_TRY(tell(home, letter.to,
                  fmt::format("{}: replies to {} wait for a later hour: more than {} in this one",
                              letter.about, letter.to, most),
                  now));
    }
    // Letters that ask have their own: who fills the one does not keep the other from leaving.
    const std::string unsure = unsure_key(letter.kind, letter.to);
    if (letter.unsure) {
      FP_ASSIGN(std::uint64_t day, counted.replies_since(unsure, now - 24h));
      if (day >= settings.limits.unsure_per_day) {
        FP_TRY(refuse(unsure, fmt::format("no letter to {}, in whose name {} unsure messages were "
                                          "answered within a day; perhaps they are forged",
                                          letter.to, day)));
        return no;
      }
      FP_TRY(counted.note_reply(unsure, now));
    }
  }
  FP_TRY(counted.note_reply(letter.to, leaves));
  return std::optional(Pass(letter.to, leaves));
}

Result<Enqueued> post(Home& home, const Pass& pass, OutboxEntry entry, std::string_view bytes) {
  entry.recipient = pass.to();
  entry.not_before = std::max(entry.not_before, pass.not_before());
  return home.store().outbox().enqueue(entry, {&bytes, 1});
}

Result<Enqueued> post(Home& home, const Pass& pass, OutboxEntry entry, std::string_view header,
                      std::span<const std::int64_t> kept) {
  entry.recipient = pass.to();
  entry.not_before = std::max(entry.not_before, pass.not_before());
  return home.store().outbox().enqueue(entry, header, kept);
}

}  // namespace focalpost
