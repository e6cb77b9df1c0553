// SPDX-License-Identifier: Apache-2.0
//
// request: a lab in which somebody has asked a question, and what goes back and forth about it.
#pragma once

#include <optional>

#include "store/requests.h"
#include "word.h"

namespace lab {

inline constexpr std::string_view kAsylum = "asylum.statistics@migration.kg.example",
                                  kDeputy = "analysis@migration.kg.example",
                                  kKgCoordinator = "coordinator@migration.kg.example",
                                  kSecretariat = "coordinator@network.example",
                                  kSomebody = "somebody@university.example";

/// A question of the border unit of Moldova.
inline Letter question(std::string text = "How many people applied for asylum in Kyrgyzstan?\r\n") {
  Letter letter;
  letter.subject = "Asylum";
  letter.text = std::move(text);
  return letter;
}

inline Letter outside(std::string text = "How many people applied for asylum in Kyrgyzstan?\r\n") {
  Letter letter = question(std::move(text));
  letter.from = "Some Body <" + std::string(kSomebody) + ">";
  return letter;
}

/// What waits, or was asked.
struct Asked {
  Lab lab;
  std::string uid;
  Asked() : Asked(question()) {}
  explicit Asked(const Letter& letter) { ask(letter); }
  void ask(const Letter& letter) {
    uid = lab.put(letter.bytes());
    lab.once();
  }
  DocketRecord docket() { return *lab.docket_of(uid); }
  std::optional<Request> request() {
    auto all = must(lab.home().store().requests().of_docket(docket().docket.id));
    if (all.empty()) return {};
    return all.front();
  }
  std::string state() {
    auto one = request();
    return one ? std::string(request_state_name(one->state)) : "none";
  }
  /// What became of it, "opened passed-on answered".
  std::string history() {
    std::string all;
    for (const RequestEvent& event : must(lab.home().store().requests().events(request()->id)))
      all += (all.empty() ? "" : " ") + event.what;
    return all;
  }
  std::unique_ptr<Reply> put_before(std::string_view who = {}) {
    auto letter = newest(lab, "request", who);
    REQUIRE(letter);
    return letter;
  }
  std::unique_ptr<Reply> answer() { return newest(lab, "reply"); }
  std::string say(const std::string& bytes) {
    lab.clock.advance(std::chrono::hours(1));
    std::string said = lab.put(bytes);
    lab.once();
    return said;
  }
  std::string say(const Letter& letter) { return say(letter.bytes()); }
  /// What the sender of a message was told about a request: the word of the finding.
  std::string told(const std::string& said) {
    auto record = lab.docket_of(said);
    REQUIRE(record);
    REQUIRE(record->docket.items.size() == 1);
    REQUIRE_FALSE(record->docket.items[0].findings.empty());
    return record->docket.items[0].findings[0].detail;
  }
};

/// The whole letter as its reader may see it.
inline std::string all_of(const Reply& letter) {
  return letter.subject() + "\n" + letter.text() + "\n" + letter.text("text/html");
}
inline bool has(std::string_view text, std::string_view piece) {
  return text.find(piece) != text.npos;
}

/// Names of the attached files of a letter, with spaces between.
inline std::string files_of(const Reply& letter) {
  std::string names;
  for (const mime::Candidate& one : mime::find_attachments(letter.message))
    names += (names.empty() ? "" : " ") + one.name;
  return names;
}

/// The quote that a mail program puts below an answer.
inline std::string quote_of(const Reply& letter) {
  return "\r\nср, 20 мая 2026 г. в 12:00, Gateway <gateway@network.example>:\r\n> " +
         replaced(letter.text(), "\n", "\r\n> ") + "\r\n";
}

}  // namespace lab
