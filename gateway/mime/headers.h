// SPDX-License-Identifier: Apache-2.0
//
// headers: the fields of one header block (RFC 5322 section 3.6), decoded when asked for.
//
// Holds views into the raw message, which must outlive it. Ours and not mimetic's, because
// mimetic's parsers of this side are unsound on what strangers send: the address list throws on
// "undisclosed-recipients:", the date indexes a table at -1, typed accessors insert fields, and no
// accessor decodes RFC 2047. mimetic writes what we send (compose.h).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "mime/words.h"

namespace focalpost::mime {

struct Field {
  std::string_view name;   ///< as written
  std::string_view value;  ///< still folded, without the line end and the space after the colon
  std::size_t offset = 0;  ///< of the name, in the raw message
};

/// One mailbox (RFC 5322 3.4).
struct Address {
  std::string display;  ///< UTF-8, decoded; from strangers: for people's eyes through one_line()
  std::string local;   ///< without quotes; may be empty only if the address is (then it is dropped)
  std::string domain;  ///< lower case; empty for a bare word such as "MAILER-DAEMON"
  std::string spec;    ///< local@domain, the local part quoted where it must be; "local" if bare
};

/// The mailboxes of an (unfolded) value, in order; groups are opened, comments dropped. Never
/// fails: what is no address gives none. An address with control characters or spaces is dropped.
std::vector<Address> parse_addresses(std::string_view unfolded);

/// RFC 5322 3.3 date-time, with the obsolete years and zones of 4.3; without a zone: UTC.
std::optional<Time> parse_date(std::string_view unfolded);

/// The message ids ("<left@right>", with their brackets) in a value, in order.
std::vector<std::string> parse_message_ids(std::string_view unfolded);

class Headers {
 public:
  const std::vector<Field>& fields() const { return fields_; }
  bool has(std::string_view name) const { return find(name) != nullptr; }

  /// The first field of that name (case does not matter), as written.
  std::optional<std::string_view> raw(std::string_view name) const;
  /// Every field of that name, as written.
  std::vector<std::string_view> all(std::string_view name) const;
  /// The first, unfolded and decoded to UTF-8, and what had to be assumed for that.
  std::optional<Text> text(std::string_view name) const;
  std::optional<std::string> decoded(std::string_view name) const;

  /// Of all fields of that name: two From fields give the addresses of both, so that nobody is told
  /// another sender than somebody else.
  std::vector<Address> addresses(std::string_view name) const;
  /// With its brackets; a missing pair is added. Empty optional if there is none.
  std::optional<std::string> message_id() const;
  /// References in order.
  std::vector<std::string> references() const;
  std::vector<std::string> in_reply_to() const;
  std::optional<Time> date() const;

  void add(Field field) { fields_.push_back(field); }
  /// The last field, to be made longer by a folded line; null if there is none.
  Field* last() { return fields_.empty() ? nullptr : &fields_.back(); }

 private:
  const Field* find(std::string_view name) const;
  std::vector<Field> fields_;
};

}  // namespace focalpost::mime
