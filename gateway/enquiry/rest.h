// SPDX-License-Identifier: Apache-2.0
//
// rest: a query of the SDMX REST interface inside a line.
//
//     data/ASYLUM/M.KG+KZ..?startPeriod=2019&endPeriod=2020
//     data/FP,ASYLUM,1.0/M.KG._T/all?format=csv
//     https://host.example/sdmx/data/dataflow/FP/ASYLUM/1.0/M.KG
//
// SDMX 2.1 section 7 (data/flowRef/key/providerRef?...) and what 2.0.0 of the interface (SDMX 3.0)
// has in its place (data/dataflow/agency/id/version/key). Keys: '.' between dimensions in the
// DSD's order, '+' between codes, empty or '*' for any, "all" or nothing for everything.
// dimensionAtObservation, detail and the like change how data are written, not which, and say
// nothing here.
#pragma once

#include <optional>
#include <string_view>

#include "enquiry/enquiry.h"
#include "enquiry/lexicon.h"

namespace focalpost::enquiry {

/// `line`: where it begins and ends is found here. Nothing: there is none in it. Of the command
/// everything but `line` and `lang` is filled in.
struct RestFound {
  Command command;
  std::size_t begin = 0, end = 0;  ///< bytes of the line
};
std::optional<RestFound> rest_in(std::string_view line, const Lexicon& lexicon);

}  // namespace focalpost::enquiry
