// SPDX-License-Identifier: Apache-2.0
//
// dockets: every message's case, with its items, datasets and findings.
//
// A docket is opened (it gets its number, so that filings and replies can name it) and finished
// (its verdict is written) in one transaction. A retry finishes the same docket again: items and
// findings are then those of the newest attempt.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "model/docket.h"
#include "store/message_key.h"
#include "store/statements.h"

namespace focalpost {

/// A docket with what only the store and the flow need to know of it.
struct DocketRecord {
  struct Kept {
    std::uint32_t segment = 0;
    std::uint64_t offset = 0;
    friend bool operator==(const Kept&, const Kept&) = default;
  };
  Docket docket;
  Time finished{};
  std::string folder;        ///< where the message belongs: "Filed", "Enquiries/Open"
  std::string content_hash;  ///< of the decoded content, hex; empty if nothing was decoded
  std::optional<Kept> kept;  ///< where the raw bytes are
};

/// An item that waits for somebody.
struct HeldItem {
  std::int64_t docket = 0;
  DocketNumber number;
  std::uint32_t item = 0;
  std::string path;
  HoldReason reason = HoldReason::kNone;
  std::string address, provider, contact;
  Time received{}, finished{};
};

class Dockets {
 public:
  explicit Dockets(Statements& statements) : statements_(statements) {}

  /// Gives the docket its id and the next number of the year in which it was received, and writes
  /// it without items. Inside a transaction, as everything here that writes.
  Status open(DocketRecord& record, const MessageKey& key);
  /// Writes all of the docket but its id and number; replaces its items, datasets and findings.
  Status finish(const DocketRecord& record);
  /// The message at `key` belongs to this docket too: a redelivery, or where it was moved to.
  Status join(std::int64_t docket, const MessageKey& key);
  /// No message lies at `key` any more. Its docket stays. A key that is not known is no error.
  Status leave(const MessageKey& key);

  // Complete with items and findings; nothing if there is no such docket. A finding whose rule this
  // program no longer has is left out (the counts of the item stay).
  Result<std::optional<DocketRecord>> find(std::int64_t id);
  Result<std::optional<DocketRecord>> find(DocketNumber number);
  Result<std::optional<DocketRecord>> find(const MessageKey& key);
  /// The first docket of the same sender, Message-ID and content. Never one without Message-ID or
  /// content: then nothing tells a redelivery from the same letter sent twice.
  Result<std::optional<DocketRecord>> find_redelivery(std::string_view address,
                                                      std::string_view message_id,
                                                      std::string_view content_hash);
  /// Whether there is any docket of this sender and Message-ID: then the content is worth hashing.
  Result<bool> seen(std::string_view address, std::string_view message_id);

  /// The newest by time of arrival, without items.
  Result<std::vector<DocketRecord>> latest(std::size_t count);
  /// The same of one sender's address.
  Result<std::vector<DocketRecord>> latest_of(std::string_view address, std::size_t count);
  /// The oldest first.
  Result<std::vector<HeldItem>> held();
  /// How many items of this contact wait, without those of one docket.
  Result<std::uint64_t> held_of(std::string_view provider, std::string_view contact,
                                std::int64_t but = 0);
  /// The messages of a docket, in no order.
  Result<std::vector<MessageKey>> messages(std::int64_t docket);

 private:
  Status write_item(std::int64_t docket, const Item& item);
  Status read_items(DocketRecord& record);
  Result<std::optional<DocketRecord>> complete(std::optional<std::int64_t> id);
  Statements& statements_;
};

}  // namespace focalpost
