// SPDX-License-Identifier: Apache-2.0
#include "flow/load.h"

#include <fmt/format.h>

#include <iostream>

#include "base/json.h"
#include "cli/verbs.h"
#include "compose/receipt.h"
#include "flow/effects.h"
#include "flow/home.h"

namespace focalpost::cli {
namespace {

Result<int> rehearse(const Options& options, const LoadArguments& arguments) {
  FP_ASSIGN(Home home, Home::open(options.home, Home::Access::kLook));
  FP_ASSIGN(Structures structures, load_structures(arguments.files, home.settings().limits));
  FP_ASSIGN(StructureEffects effects, effects_of(structures, home));
  FP_ASSIGN(const Phrases* phrases, home.phrases().in("en"));
  if (options.json) {
    Json list = Json::array();
    for (const Finding& finding : effects.findings)
      list.push_back({{"rule", finding.rule->id},
                      {"value", finding.value},
                      {"component", finding.component},
                      {"detail", finding.detail},
                      {"series", finding.series},
                      {"count", finding.count}});
    std::cout << json_text(Json{{"effects", list}, {"invalidates", effects.invalidates}}) << "\n";
    return effects.invalidates ? 1 : 0;
  }
  for (const Finding& finding : effects.findings)
    std::cout << finding_sentence(finding, *phrases) << "\n";
  if (effects.findings.empty()) std::cout << "Nothing would change.\n";
  if (effects.invalidates) std::cerr << "Filed data or agreements would become invalid.\n";
  return effects.invalidates ? 1 : 0;
}

}  // namespace

Result<int> load(const Options& options, const LoadArguments& arguments) {
  if (arguments.dry_run) return rehearse(options, arguments);
  FP_ASSIGN(Home home, Home::open(options.home, Home::Access::kWrite));
  FP_ASSIGN(Structures structures, load_structures(arguments.files, home.settings().limits));
  FindingList faults(home.settings().limits.findings_listed);
  check_extensions(structures, home.lookup(), faults);
  if (faults.errors() > 0) {
    FP_ASSIGN(const Phrases* phrases, home.phrases().in("en"));
    for (const Finding& finding : faults.listed())
      std::cerr << finding_sentence(finding, *phrases) << "\n";
    std::cerr << "Nothing was loaded.\n";
    return 1;
  }
  if (!arguments.force) {
    FP_ASSIGN(StructureEffects effects, effects_of(structures, home));
    if (effects.invalidates) {
      FP_ASSIGN(const Phrases* phrases, home.phrases().in("en"));
      for (const Finding& finding : effects.findings)
        std::cerr << finding_sentence(finding, *phrases) << "\n";
      std::cerr << "Filed data or agreements would become invalid, so nothing was loaded. With "
                   "--force it is.\n";
      return 1;
    }
  }
  SystemClock clock;
  FP_ASSIGN(Transaction transaction, home.store().begin());
  FP_ASSIGN(StructuresSaved saved, home.store().structures().save(structures, clock.now()));
  FP_TRY(transaction.commit());
  if (options.json) {
    Json immutable = Json::array();
    for (const Ref& ref : saved.immutable)
      immutable.push_back(urn(ArtefactClass::kDataStructure, ref));
    std::cout << json_text(Json{{"added", saved.added},
                                {"changed", saved.changed},
                                {"unchanged", saved.unchanged},
                                {"refused", immutable}})
              << "\n";
    return saved.immutable.empty() ? 0 : 1;
  }
  if (!saved.immutable.empty()) {
    for (const Ref& ref : saved.immutable)
      std::cerr << fmt::format(
          "{} has data and cannot change any more: give the change a new version.\n", ref.text());
    std::cerr << "Nothing was loaded.\n";
    return 1;
  }
  for (const std::string& urn : saved.added) std::cout << "new        " << urn << "\n";
  for (const std::string& urn : saved.changed) std::cout << "changed    " << urn << "\n";
  std::cout << fmt::format("{} new, {} changed, {} as they were.\n", saved.added.size(),
                           saved.changed.size(), saved.unchanged.size());
  return 0;
}

}  // namespace focalpost::cli
