// SPDX-License-Identifier: Apache-2.0
//
// duties: what people answered about what they promised, who was reminded of what, and when the
// cells of a promise came.
//
// A duty is one period of one dataflow of one institution; it has no row of its own: agreements
// promise it (flow/calendar.h), filings fulfil it. Here is what neither knows. What follows from it
// is flow's (flow/duties.h, flow/reminders.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "model/period.h"
#include "store/statements.h"

namespace focalpost {

struct DutyKey {
  std::string provider;  ///< "KG_SMS"
  std::string dataflow;  ///< "FP:ASYLUM": agency and id, as the store's flows are called
  Period period;
  friend auto operator<=>(const DutyKey&, const DutyKey&) = default;
};

struct DutySaid {
  enum class What : std::uint8_t { kExtended, kEmpty, kNotMine };
  DutyKey duty;
  What what = What::kExtended;
  std::uint32_t days = 0;  ///< kExtended: by so many more
  std::string contact;     ///< id of who said it
  Time at{};
  std::int64_t said_in = 0;  ///< docket; as read 0 if that is gone
};

/// Why somebody was written to about a duty.
enum class ReminderStage : std::uint8_t {
  kBefore,       ///< it is due soon
  kAfter,        ///< it was due
  kSubstitute,   ///< the substitute of who was asked
  kCoordinator,  ///< who looks after the institution
  kNotMine,      ///< the same, since who was asked is not the one
};
std::string_view reminder_stage_name(ReminderStage stage);

struct Reminder {
  struct Listed {
    DutyKey duty;
    ReminderStage stage = ReminderStage::kBefore;
  };
  std::int64_t id = 0;
  std::string address;  ///< lower case; empty: nobody was there
  std::string provider, contact;
  Time at{};
  std::vector<Listed> listed;
};

/// That somebody was written to about a duty.
struct Reminded {
  ReminderStage stage = ReminderStage::kBefore;
  Time at{};
  std::string address;
};

class Duties {
 public:
  explicit Duties(Statements& statements) : statements_(statements) {}

  /// Inside a transaction. The same thing of the same message once.
  Status say(const DutySaid& said);
  /// About a duty, the oldest first.
  Result<std::vector<DutySaid>> said(const DutyKey& duty);
  /// By a message.
  Result<std::vector<DutySaid>> said_in(std::int64_t docket);
  /// Days by which a duty was moved since then at most; 0: none was.
  Result<std::uint32_t> longest_extension(Time since);

  /// Inside a transaction. Gives the row its id.
  Status add(Reminder& reminder);
  Result<std::optional<Reminder>> reminder(std::int64_t id);
  /// When this address was written to last; nothing: never.
  Result<std::optional<Time>> last_to(std::string_view address);
  /// About a duty, the oldest first.
  Result<std::vector<Reminded>> reminded(const DutyKey& duty);

  /// When the first version of a cell was filed, in whatever version of the dataflow and for
  /// whatever measure; nothing: there is none, or it was taken back.
  Result<std::optional<Time>> first_filed(std::string_view dataflow, std::string_view key,
                                          Period period);
  /// The same of the first cell of any series of an area that a provider filed; an empty area: of
  /// any.
  Result<std::optional<Time>> first_filed_by(std::string_view dataflow, std::string_view provider,
                                             std::string_view area, Period period);
  /// Filings of a provider since then that changed earlier values.
  Result<std::uint64_t> revisions(std::string_view provider, Time since);

  /// When the oldest of the agreements as they are now became known; nothing: there are none.
  Result<std::optional<Time>> agreements_since();

 private:
  Result<std::vector<DutySaid>> read_said(Statements::Use rows);
  Statements& statements_;
};

}  // namespace focalpost
