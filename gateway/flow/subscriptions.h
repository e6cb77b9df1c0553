// SPDX-License-Identifier: Apache-2.0
//
// subscriptions: SUBSCRIBE, UNSUBSCRIBE and STOP, by mail.
//
//   asked      a contact's command needs the policy's level for subscribing, and waits for the
//              sender's word below it (desk_acts.h does the same); somebody outside gets one letter
//              and must confirm first, with a token, from that address
//   confirmed  read_subscriber_word()
//   ended      UNSUBSCRIBE and STOP, at the level for enquiries: what a forger gains is that
//              somebody learns of it by a note; or the token of List-Unsubscribe, from any address
//   in time    tend_subscriptions(): what was never confirmed ends without a word
//
// A subscription belongs to an address. What its digests may show is decided when they are made
// (digests.h): what the institution of a registered contact may see, else what is public. Of who is
// not in the roster the address is forgotten when the subscription ends.
//
// Everything is written in the caller's transaction, but tend_subscriptions() commits by itself. A
// message that is judged again subscribes nobody a second time.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "compose/transcript.h"
#include "enquiry/enquiry.h"
#include "flow/home.h"
#include "flow/requests.h"
#include "model/docket.h"
#include "store/subscriptions.h"

namespace focalpost {

bool is_subscription(enquiry::Verb verb);

struct SubscriptionDone {
  std::vector<AnswerSentence> sentences;
  std::vector<AnswerFact> facts;
  /// Not done: it needs more assurance than there is. What was understood, for the letter that
  /// asks.
  bool waits = false;
  std::string understood;
};

Result<SubscriptionDone> carry_out_subscription(Home& home, const Heard& heard,
                                                const enquiry::Command& command);

/// The item for YES or NO to the letter that asks somebody outside to confirm.
Result<std::optional<Item>> read_subscriber_word(Home& home, const Heard& heard);

Status tend_subscriptions(Home& home, Time now);

/// Zone and language of an address: the contact's, else the network's and `lang`.
struct SubscriberVoice {
  std::string lang, zone;
};
SubscriberVoice voice_of(Home& home, std::string_view address, std::string_view lang);

}  // namespace focalpost
