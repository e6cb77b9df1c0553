// SPDX-License-Identifier: Apache-2.0
//
// requests: questions that a person answers: who asked what, with whom each is, what became of it.
//
// A request belongs to the docket of the message that asked; several questions of one message are
// its parts. What decides about requests is flow's (flow/requests.h).
//
// The asker's address stands in one column alone, so that forget_asker() forgets it: the question,
// the history and a public answer stay without it. (The docket and the outbox have their own.)
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "model/docket.h"
#include "store/statements.h"

namespace focalpost {

enum class RequestState : std::uint8_t {
  kUnconfirmed,  ///< somebody outside asked, and has not confirmed yet
  kOpen,
  kAnswered,
  kDeclined,
  kClosed,  ///< without an answer by mail
  kLapsed,  ///< nobody answered, or nobody confirmed
};
std::string_view request_state_name(RequestState state);

/// Whom a request is with.
struct RequestHolder {
  std::string address;  ///< lower case; empty: nobody
  std::string role;     ///< "focal point", "substitute", "coordinator"
  std::string provider, contact;
};

struct Request {
  std::int64_t id = 0;  ///< the store's own
  std::int64_t docket = 0;
  std::uint32_t part = 1;
  DocketNumber number;            ///< the docket's; as read
  std::string asker;              ///< lower case; empty once forgotten
  std::string provider, contact;  ///< of a registered asker
  std::string lang = "en";
  bool sure = false;                ///< the question may be repeated to the asker
  std::vector<std::string> thread;  ///< Message-IDs with brackets, oldest first
  std::string subject;
  std::vector<std::string> areas, flows;
  std::string question;  ///< UTF-8, lines end in LF
  RequestState state = RequestState::kOpen;
  RequestHolder with;
  Time opened{};
  std::optional<Time> passed_on, reminded, settled;
  std::uint32_t reminders = 0;
  std::string said;  ///< the newest answer, or the reason
  bool is_public = false;
  bool move_due = false;

  bool registered() const { return !provider.empty(); }
  /// "2026-000147", of further parts "2026-000147-2".
  std::string name() const;
};

/// A letter whose answer is about a request.
struct RequestLetter {
  enum class Kind : std::uint8_t {
    kAsk,      ///< to who is to answer
    kConfirm,  ///< to the asker: is it you?
    kAnswer,   ///< to the asker
  };
  std::int64_t id = 0;
  std::int64_t request = 0;
  Kind kind = Kind::kAsk;
  std::string address;  ///< lower case; empty: the asker's
  std::string provider, contact;
  Time at{};
};

struct RequestEvent {
  Time at{};
  std::string what;  ///< see request_schema.h
  std::string who;
  std::optional<std::int64_t> said_in;  ///< docket
};

struct RequestFile {
  std::string name, media_type, bytes;
};

class Requests {
 public:
  explicit Requests(Statements& statements) : statements_(statements) {}

  // Everything that writes: inside a transaction.

  /// Gives the row its id.
  Status add(Request& request);
  /// All but id, docket, part and number.
  Status update(const Request& request);
  Status note(std::int64_t request, const RequestEvent& event);
  /// Gives the letter its id.
  Status add_letter(RequestLetter& letter);
  Status add_files(std::int64_t request, std::string_view kind, std::span<const RequestFile> files);

  Result<std::optional<Request>> find(std::int64_t id);
  /// In the order of their parts.
  Result<std::vector<Request>> of_docket(std::int64_t docket);
  Result<std::optional<RequestLetter>> letter(std::int64_t id);
  Result<std::vector<RequestEvent>> events(std::int64_t request);
  Result<std::vector<RequestFile>> files(std::int64_t request, std::string_view kind);
  /// Of these states, the oldest first.
  Result<std::vector<Request>> open();
  Result<std::vector<Request>> unconfirmed();
  /// How many of this asker's are open or unconfirmed.
  Result<std::uint64_t> open_of(std::string_view asker);
  /// What a message did to a request, if it did something: that is not done again.
  Result<std::optional<RequestEvent>> done_by(std::int64_t docket);

  /// Dockets whose message is to be moved.
  Result<std::vector<std::int64_t>> to_move();
  Status moved(std::int64_t docket);

  /// The newest first; of one area and flow, where these are given. Only what may be shown to
  /// everybody is to be taken from it: said, areas, flows, number, with, settled.
  Result<std::vector<Request>> public_answers(std::string_view area, std::string_view flow,
                                              std::size_t most);
  /// The same of exactly these areas and flows.
  Result<std::vector<Request>> public_answers_about(const std::vector<std::string>& areas,
                                                    const std::vector<std::string>& flows,
                                                    std::size_t most);

  /// The address goes; what was asked and answered stays.
  Status forget_asker(std::int64_t request);
  /// Texts and files of all requests of a docket go; the rows stay. For purging personal data.
  Status forget_texts(std::int64_t docket);

 private:
  Result<std::vector<Request>> read(Statements::Use rows);
  Statements& statements_;
};

}  // namespace focalpost
