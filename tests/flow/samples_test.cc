// SPDX-License-Identifier: Apache-2.0
//
// The official SDMX 2.1 sample data messages, judged as `focalpost validate` judges them. They are
// valid by the official XSD; where the verdict differs, the reason stands in the table. The samples
// are not part of the project: without them the test says so and passes.
#include <filesystem>
#include <map>

#include "catch.h"
#include "flow/check_file.h"
#include "flow/load.h"

using namespace focalpost;

namespace {

struct Sample {
  std::string file;
  std::string rules;  ///< of errors, "" when accepted
  const char* reason;
};

const Sample kSamples[] = {
    {"exr/ecb_exr_ng/generic/ecb_exr_ng_flat.xml", "", ""},
    {"exr/ecb_exr_ng/generic/ecb_exr_ng_ts.xml", "", ""},
    {"exr/ecb_exr_ng/generic/ecb_exr_ng_ts_gf.xml", "", ""},
    {"exr/ecb_exr_ng/generic/ecb_exr_ng_xs.xml", "", ""},
    {"exr/ecb_exr_ng/structured/ecb_exr_ng_flat.xml", "", ""},
    {"exr/ecb_exr_ng/structured/ecb_exr_ng_ts.xml", "", ""},
    {"exr/ecb_exr_ng/structured/ecb_exr_ng_ts_gf.xml", "", ""},
    {"exr/ecb_exr_ng/structured/ecb_exr_ng_xs.xml", "", ""},
    {"exr/ecb_exr_sg/generic/ecb_exr_sg_flat.xml", "", ""},
    {"exr/ecb_exr_sg/generic/ecb_exr_sg_ts.xml", "", ""},
    {"exr/ecb_exr_sg/generic/ecb_exr_sg_ts_gf.xml", "", ""},
    {"exr/ecb_exr_sg/generic/ecb_exr_sg_xs.xml", "duplicate-conflict",
     "its last four observations repeat 2010-08 with other values; XSD cannot see duplicates"},
    {"exr/ecb_exr_sg/structured/ecb_exr_sg_ts.xml", "", ""},
    {"exr/ecb_exr_sg/structured/ecb_exr_sg_ts_gf.xml", "", ""},
    {"exr/ecb_exr_sg/structured/ecb_exr_sg_ts_gf_flat.xml", "", ""},
    {"exr/ecb_exr_sg/structured/ecb_exr_sg_xs.xml", "", ""},
    {"exr/ecb_exr_rg/generic/ecb_exr_rg_flat.xml", "unknown-structure",
     "the sample structure is named ECB_EXR_CG, the data refer to ECB_EXR_RG"},
    {"exr/ecb_exr_rg/structured/ecb_exr_rg_ts.xml", "unknown-structure",
     "the sample structure is named ECB_EXR_CG, the data refer to ECB_EXR_RG"},
};

}  // namespace

TEST_CASE("official samples are judged as their XSD and DSD say") {
  const fs::path root =
      fs::path(SOURCE_DIR) / "../shared/reference/sdmx/samples/sdmx-twg__sdmx-ml-v2_1/samples";
  if (!fs::exists(root)) {
    WARN("skipped: the official samples are not here");
    return;
  }
  Limits limits;
  std::map<std::string, std::shared_ptr<const StructureLookup>> lookups;
  for (const Sample& sample : kSamples) {
    INFO(sample.file << ": " << sample.reason);
    std::string family = sample.file.substr(4, 10);  // "ecb_exr_ng"
    if (!lookups[family]) {
      auto structures =
          load_structures({root / "common/common.xml", root / "exr/common/exr_common.xml",
                           root / "exr" / family / (family + "_full.xml")},
                          limits);
      REQUIRE(structures.ok());
      lookups[family] = std::make_shared<const StructureLookup>(std::move(*structures));
    }
    CheckContext context;
    context.lookup = lookups[family].get();
    context.limits = &limits;
    context.now = *parse_time("2026-06-01");
    context.temporary = fs::temp_directory_path();
    std::string rules;
    std::size_t files = 0;
    Status done = check_file(root / sample.file, context, [&](CheckedFile checked) {
      ++files;
      for (auto [rule, count] : checked.file.findings.by_rule())
        if (rule->severity == Severity::kError)
          rules += (rules.empty() ? "" : " ") + std::string(rule->id);
    });
    REQUIRE(done.ok());
    CHECK(files == 1);
    CHECK(rules == sample.rules);
  }
}
