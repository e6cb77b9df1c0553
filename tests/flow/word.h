// SPDX-License-Identifier: Apache-2.0
//
// word: a lab in which nobody is believed by From alone, and the letters that go back and forth
// about what waits.
#pragma once

#include "catch.h"
#include "flow/token.h"
#include "lab.h"

namespace lab {

inline constexpr std::string_view kBorder = "border.statistics@border.md.example";
inline constexpr std::string_view kCoordinator = "coordinator@migration.md.example";

/// `more`: further lines of focalpost.toml.
inline void believe_nobody(Lab& lab, std::string_view more = {}) {
  lab.close();
  const fs::path file = lab.root() / "focalpost.toml";
  std::string text = must(read_file(file));
  text = replaced(replaced(text, "file = 1 ", "file = 2 "), "revise = 1", "revise = 2");
  must(write_file_durably(file, text + "\n" + std::string(more)));
  lab.open();
}

/// The newest letter of a kind, to this address if one is given.
inline std::unique_ptr<Reply> newest(Lab& lab, std::string_view kind, std::string_view to = {}) {
  const auto id = must(lab.home().store().database().query_integer(
      fmt::format("SELECT max(id) FROM outbox WHERE kind = '{}' AND recipient LIKE '{}'", kind,
                  to.empty() ? "%" : to)
          .c_str()));
  if (!id || *id == 0) return nullptr;
  auto reply = std::make_unique<Reply>();
  reply->raw = must(lab.home().store().outbox().bytes(*id));
  reply->message = mime::parse(reply->raw, Limits{});
  return reply;
}

inline std::int64_t letters(Lab& lab, std::string_view kind, std::string_view to = "%") {
  return lab.number(
      fmt::format("SELECT count(*) FROM outbox WHERE kind = '{}' AND recipient LIKE "
                  "'{}'",
                  kind, to));
}

/// What pressing "Reply" and writing `text` makes of a letter.
inline Letter answer_to(const Reply& letter, std::string text) {
  Letter answer;
  answer.from = letter.to();
  answer.subject = "Re: " + letter.subject();
  answer.headers = "In-Reply-To: " + letter.id() + "\r\nReferences: " + letter.id() + "\r\n";
  answer.text = std::move(text);
  return answer;
}

inline std::string token_in(const Reply& letter) {
  auto tokens = find_tokens(letter.subject());
  REQUIRE(tokens.size() == 1);
  return tokens[0];
}

/// The rule of a docket's only item.
inline std::string_view said_about(Lab& lab, const std::string& uid) {
  auto record = lab.docket_of(uid);
  REQUIRE(record);
  if (record->docket.items.size() != 1 || record->docket.items[0].findings.empty()) return "";
  return record->docket.items[0].findings[0].rule->id;
}

}  // namespace lab
