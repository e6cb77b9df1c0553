// SPDX-License-Identifier: Apache-2.0
//
// example: letters made of invented facts, so that an operator can see what a template becomes
// before anybody gets it. Private to the room; preview.h shows them.
//
// The facts name no person and no address that exists; values, dates and numbers are made up. Names
// of indicators, countries and citizenships are those of the network at hand, where it has them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "compose/receipt.h"

namespace focalpost {

struct ExampleFacts {
  std::string_view lang;
  Time now{};
  const StructureLookup& structures;
  const Voice& voice;
  const Letterhead& letterhead;
};

/// A letter that uses a template.
struct ExampleLetter {
  std::string_view template_name;  ///< "receipt"
  std::string_view name;           ///< "rejected": which case of it
  Result<Receipt> (*compose)(const ExampleFacts& facts);
};
/// All of them, those of a template together. A new letter of the room is added here.
const std::vector<ExampleLetter>& example_letters();

}  // namespace focalpost
