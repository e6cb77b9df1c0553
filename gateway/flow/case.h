// SPDX-License-Identifier: Apache-2.0
//
// case: one message judged, from raw bytes to outcomes; readable from top to bottom.
//
// Runs inside the caller's transaction and savepoint. What is right and allowed is filed there;
// what is not leaves no trace but its outcome and findings in the docket. Sends nothing: the reply
// is `respond`'s.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "flow/ahead.h"
#include "flow/assurance.h"
#include "flow/desk.h"
#include "flow/examine.h"
#include "flow/filer.h"
#include "flow/home.h"
#include "mime/attachments.h"
#include "mime/automatic.h"
#include "mime/body_source.h"
#include "mime/contents.h"
#include "mime/message.h"

namespace focalpost {

/// With what authority a message is judged. Nothing in it: the policy decides, about all of it.
/// Else it is judged again for the sake of these items alone; what the others became stands.
struct Authority {
  /// Items that a coordinator or operator has released: filed whatever they change, whoever sent
  /// them, as long as they are right today.
  std::set<std::uint32_t> released;
  /// Items that their sender has confirmed: the same, but the sender must have the right to do it,
  /// and what only a coordinator can accept still waits.
  std::set<std::uint32_t> confirmed;
  /// When that was said of what was judged then: where something else was filed since in the same
  /// cells, the items wait again.
  std::optional<Time> judged_before;

  bool again() const { return !released.empty() || !confirmed.empty(); }
  bool concerns(std::uint32_t item) const {
    return !again() || released.count(item) > 0 || confirmed.count(item) > 0;
  }
};

struct Heard;

class Case {
 public:
  Case(Home& home, DataWriter& writer, Time now);

  /// Who sent it and whether a person did; needs no store. Fills in the docket's head. `size`: of
  /// the whole message, if `raw` is only its beginning because it is larger than any limit.
  void open(std::string_view raw, DocketRecord& record, std::uint64_t size = 0);
  /// SHA-256 over the decoded data parts and the text: what tells a redelivery from another message
  /// under the same Message-ID. Reads everything, unless judge() has done so.
  Result<std::string> content_hash() const;
  /// After open(), for a message that is judged later: examines small attachments now. Needs no
  /// store either, so a worker may do it. `most_bytes`: of staged rows, less what this took.
  void examine_ahead(std::size_t& most_bytes);
  /// Whether what open() and examine_ahead() found rests on the structures that are current now.
  bool up_to_date() const { return lookup_ == home_.snapshot(); }
  /// Judges the attachments, files what may be filed, decides the docket's outcome.
  Status judge(DocketRecord& record, const Authority& authority);

  const mime::Message& message() const { return message_; }
  const mime::Classified& classified() const { return classified_; }
  const RosterEntry* contact() const { return contact_; }
  /// After judge(): what is answered, if the message was an enquiry. Moves it out.
  std::optional<DeskReply> take_reply() { return std::exchange(reply_, {}); }

 private:
  class ItemFiler;

  /// `ahead`: what was found before, if it was.
  Status judge_part(const mime::Content& content, Examination* ahead, DocketRecord& record,
                    const Authority& authority);
  Status replay(Examination& ahead, ItemFiler& filer);
  ExamineContext context() const;
  /// The letter's own text, as far as it is looked at; decoded when it is first asked for.
  const std::string& text() const;
  /// Whether it is a machine's message that is not looked into, or a stranger's.
  bool not_looked_into() const;
  Status settle_item(ExaminedFile file, ItemFiler& filer, Docket& docket,
                     const Authority& authority);
  Status save_structures(const Structures& structures, Item& item, std::int64_t docket,
                         bool allowed, bool released);
  /// A signed content counts as signed once.
  Status accept_signature(Docket& docket);
  /// The item for a message that is larger than a limit, if it is.
  std::optional<Item> message_limit() const;
  bool test_wanted(const Docket& docket) const;
  /// The items for an answer or commands in a person's message.
  Result<std::vector<Item>> what_is_said(const Docket& docket, const std::vector<Item>& before,
                                         const Authority& authority);
  /// Whether a message that brings nothing (no data, word or command) is a robot's that does not
  /// say so, or is taken for one: it answers our letters too often (limits.h:
  /// empty_answers_per_day). Then the docket is a notice.
  Result<bool> answers_like_a_robot(Docket& docket);
  /// Answers what a person asks in subject or text; false: there is no command in it.
  Result<bool> ask_desk(Docket& docket);
  Heard heard(const Docket& docket) const;
  /// The item for a stranger's question, or the word that confirms one.
  Result<std::optional<Item>> stranger_asks(const Docket& docket);
  /// The item for the answer to a question that was put before the sender.
  Result<std::optional<Item>> answers_request(const Docket& docket, const std::vector<Item>& before,
                                              const Authority& authority);
  /// The item for a question in free words; nothing: there are no words.
  Result<std::optional<Item>> asks_person(const Docket& docket);
  /// The item of a person's message in which there is nothing to judge, if its text says why.
  std::optional<Item> instead_of_data() const;
  /// What had to be assumed to read the message's own header.
  std::vector<Finding> header_notes(const Docket& docket) const;

  Home& home_;
  DataWriter& writer_;
  Time now_;
  mime::Message message_;
  std::unique_ptr<SignedContent> signed_content_;
  mime::Message signed_message_;  ///< what is in it
  std::uint64_t size_ = 0;        ///< bytes of the whole message
  mime::Classified classified_;
  const RosterEntry* contact_ = nullptr;
  std::shared_ptr<const StructureLookup> lookup_;
  mime::Contents contents_;         ///< data_parts() of the message, or of what is signed
  std::vector<Examination> ahead_;  ///< of the first contents_
  mutable std::optional<std::string> text_;
  std::vector<std::string> part_hashes_;  ///< of the judged parts, in order
  std::optional<DeskReply> reply_;
  bool commanded_ = false;  ///< there was a command in it
};

/// The contents of a message that are judged: data wherever they hide; pictures, signatures and
/// invitations only as far as a picture is all there is. Structures come first, since data may need
/// them.
mime::Contents data_parts(const mime::Message& message, const Limits& limits);

/// The finding for base64 or quoted-printable that does not decode.
Finding damaged_encoding(const std::string& path, const mime::BodySource& source);

/// The folder a docket's message belongs to.
Folder folder_of(Outcome outcome);

}  // namespace focalpost
