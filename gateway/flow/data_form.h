// SPDX-License-Identifier: Apache-2.0
//
// data_form: a file for one period of an indicator that a provider only needs to fill in.
//
// It has the series that the provider filed for the last period before, with their attributes and
// without values, as SDMX-CSV that a spreadsheet opens and saves unharmed (byte order mark,
// semicolons, months as 2026-M01, which no spreadsheet takes for a date) and as SDMX-ML. What comes
// back half filled files half: a row without value says nothing (NETWORK.md section 3).
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "flow/home.h"
#include "model/period.h"

namespace focalpost {

inline constexpr std::size_t kFormSeries = 5000;

struct DataForm {
  std::string csv, xml;
  std::size_t rows = 0;  ///< 0: the provider has no series to begin with
};

/// `period`: a month or quarter of monthly series is its months, and so on.
Result<DataForm> write_data_form(Home& home, const std::shared_ptr<const FlowStructure>& flow,
                                 std::string_view provider, Period period, Time now);

}  // namespace focalpost
