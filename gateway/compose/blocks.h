// SPDX-License-Identifier: Apache-2.0
//
// blocks: pieces that letters are made of. Private to the room.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "compose/receipt.h"
#include "render/value.h"

namespace focalpost {

/// Speaks, and remembers the first phrase that was not to be had, so that the code that makes a
/// letter reads as the letter does.
class Words {
 public:
  explicit Words(const Phrases& phrases) : phrases_(phrases) {}
  const Phrases& phrases() const { return phrases_; }

  std::string operator()(std::string_view key, const PhraseArgs& args = {}) {
    return keep(phrases_.text(key, args));
  }
  std::string count(std::string_view key, std::uint64_t n, const PhraseArgs& args = {}) {
    return keep(phrases_.plural(key, static_cast<double>(n), args));
  }
  std::string number(std::uint64_t n) const { return phrases_.number(static_cast<double>(n)); }
  const std::optional<Error>& error() const { return error_; }

 private:
  std::string keep(Result<std::string> said) {
    if (said) return std::move(said).value();
    if (!error_) error_ = said.error();
    return {};
  }
  const Phrases& phrases_;
  std::optional<Error> error_;
};

/// Everything that items need and that is the same for the whole docket.
struct Desk {
  const Docket& docket;
  const StructureLookup& structures;
  const Letterhead& letterhead;
  std::string zone;
};

/// One item with its verdict, datasets and findings, as receipt.* names them.
Value item_block(const Item& item, std::size_t n, const Desk& desk, Words& words);
/// "Filed: 1. Not filed, with errors: 2."
std::string summary_of(const std::vector<const Item*>& items, Words& words);
/// Zone of the contact with this address.
std::string zone_of(const Docket& docket, const StructureLookup& structures);
/// What head.* and foot.* need.
Value letter_head(const Docket& docket, const Letterhead& letterhead, std::string_view zone,
                  std::string_view subject, const Phrases& phrases);
/// Renders `kind`.txt and `kind`.html.
Result<Receipt> finish_letter(std::string_view kind, const Value& values, std::string subject,
                              const Words& words, const Voice& voice);

}  // namespace focalpost
