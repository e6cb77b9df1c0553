// SPDX-License-Identifier: Apache-2.0
//
// respond: which reply a judged message gets, if any, and puts it into the outbox.
//
// A registered person gets an answer to every message, a stranger one short help text a day, a
// robot none (RFC 3834); nobody more than the budget. Replies go to From's address, never to
// Reply-To, in the sender's thread and language, with the null return path and an id made of docket
// and attempt, so that the same verdict is never answered twice.
#pragma once

#include "compose/receipt.h"
#include "flow/case.h"
#include "flow/home.h"
#include "model/docket.h"

namespace focalpost {

class Responder {
 public:
  explicit Responder(Home& home) : home_(home) {}

  /// Inside the transaction that finishes the docket. `headers`: of the message, for its thread.
  Status respond(const Docket& docket, const mime::Headers& headers, bool automatic, Time now);

 private:
  Home& home_;
};

}  // namespace focalpost
