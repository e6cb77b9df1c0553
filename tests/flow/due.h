// SPDX-License-Identifier: Apache-2.0
//
// due: a lab in which people are reminded of what is due, and what they answer.
#pragma once

#include "flow/duties.h"
#include "flow/reminders.h"
#include "request.h"

namespace lab {

inline constexpr std::string_view kUaAsylum = "asylum.statistics@migration.ua.example";

/// More lines for [calendar]; the home is opened again.
inline void remind(Lab& lab, std::string_view more = {}) {
  lab.close();
  const fs::path file = lab.root() / "focalpost.toml";
  const std::string text = must(read_file(file));
  must(write_file_durably(file, replaced(text, "remind = false", std::string(more))));
  lab.open();
}

struct Due {
  Lab lab;
  explicit Due(std::string_view more = {}) { remind(lab, more); }

  void go(std::string_view when) { lab.clock.set(at(when)); }
  /// An institution has nothing to report for a dataflow, so that its other duties stand alone.
  void silence(std::string_view provider, std::string_view flow) {
    DutyBook book(lab.home(), lab.clock.now());
    Transaction transaction = must(lab.home().store().begin());
    for (const Duty& duty :
         duties(book.lookup(), at("2026-01-01T00:00:00Z"), at("2027-01-01T00:00:00Z"), 100'000)) {
      DutySaid said;
      said.duty = key_of(duty);
      said.what = DutySaid::What::kEmpty;
      said.at = lab.clock.now();
      said.said_in = silent_;
      if (said.duty.provider != provider || said.duty.dataflow != "FP:" + std::string(flow))
        continue;
      if (silent_ == 0) {
        DocketRecord record;
        must(lab.home().store().dockets().open(record, {"spool", "INBOX", 99, "silence"}));
        said.said_in = silent_ = record.docket.id;
      }
      must(lab.home().store().duties().say(said));
    }
    must(transaction.commit());
  }
  /// At that moment, without the letters being sent.
  void tend(std::string_view when) {
    go(when);
    must(tend_duties(lab.home(), lab.clock.now()));
  }
  std::int64_t count(std::string_view to = "%") { return letters(lab, kDueLetter, to); }
  std::unique_ptr<Reply> letter(std::string_view to) {
    auto found = newest(lab, kDueLetter, to);
    REQUIRE(found);
    return found;
  }
  /// What comes in, taken in an hour later.
  std::string say(const Letter& message) {
    lab.clock.advance(std::chrono::hours(1));
    std::string uid = lab.put(message.bytes());
    lab.once();
    return uid;
  }
  DutyStanding standing(std::string_view provider, std::string_view flow, std::string_view period) {
    DutyBook book(lab.home(), lab.clock.now());
    auto duty =
        book.find({std::string(provider), "FP:" + std::string(flow), *Period::parse(period)});
    REQUIRE(duty);
    return must(book.standing(*duty));
  }
  std::string state(std::string_view provider, std::string_view flow, std::string_view period) {
    return std::string(duty_state_name(standing(provider, flow, period).state));
  }
  /// The sentence that the sender of a message was told.
  std::string told(const std::string& uid) {
    auto record = lab.docket_of(uid);
    REQUIRE(record);
    auto mails = lab.replies_to(*record);
    REQUIRE_FALSE(mails.empty());
    return mails.back()->text();
  }

 private:
  std::int64_t silent_ = 0;
};

/// Entries into and exits from Moldova in a month, from the border unit.
inline Letter crossings_letter(std::string_view month, std::string_view entries,
                               std::string_view exits = {}) {
  Letter letter;
  std::string csv = crossings(month, entries);
  if (!exits.empty())
    csv += fmt::format("FP:CROSSINGS(1.0),M,MD,EXIT,_T,_T,_T,_T,EVT,{},{},S\r\n", month, exits);
  letter.attach("crossings.csv", csv);
  return letter;
}

inline std::string date_of(std::int64_t day) {
  return date_text(day);
}

}  // namespace lab
