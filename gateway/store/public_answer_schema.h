// SPDX-License-Identifier: Apache-2.0
//
// public_answer_schema: what version 5 adds: ways to find what was sent by somebody, and answers
// that everybody may read.
//
// An answer that its writer lets everybody read is its request's row (request_schema.h): `said`
// with is_public = 1, and the files of kind 'answer'. Who asked is in another column, which
// Requests::public_answers() does not read.
#pragma once

namespace focalpost {

inline constexpr const char* kPublicAnswerSchema = R"sql(
-- What became of a sender's own messages (STATUS by mail).
CREATE INDEX docket_by_sender ON docket (address, received_at);
-- Public answers about a subject, the newest first.
DROP INDEX request_public;
CREATE INDEX request_public ON request (areas, flows, settled_at) WHERE is_public = 1;
)sql";

}  // namespace focalpost
