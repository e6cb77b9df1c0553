// SPDX-License-Identifier: Apache-2.0
//
// Warnings of plausibility on their way into a receipt: beside what is stored, and in large files.
#include "catch.h"
#include "lab.h"

using namespace lab;

namespace {

std::string rules_of(const DocketRecord& record) {
  std::string text;
  for (const Item& item : record.docket.items)
    for (const Finding& finding : item.findings)
      text += (text.empty() ? "" : " ") + std::string(finding.rule->id);
  return text;
}

Letter crossings_letter(std::string_view month, std::string_view value) {
  Letter letter;
  letter.attach("crossings.csv", crossings(month, value));
  return letter;
}

}  // namespace

TEST_CASE("what was filed before is compared, be it in the same pass") {
  Lab lab;
  lab.put(crossings_letter("2026-01", "1000").bytes());
  auto second = lab.put(crossings_letter("2026-02", "9000").bytes());
  lab.once();
  auto record = lab.docket_of(second);
  REQUIRE(record);
  CHECK(record->docket.outcome == Outcome::kFiled);
  REQUIRE(rules_of(*record) == "jump-from-filed");
  const Finding& finding = record->docket.items[0].findings[0];
  CHECK(finding.value == "9000");
  CHECK(finding.expected == "1000");
  CHECK(finding.detail == "2026-01");
  auto replies = lab.replies_to(*record);
  REQUIRE(replies.size() == 1);
  CHECK(replies[0]->text().find("please check 9000 for 2026-02") != std::string::npos);

  // The same again: nothing new, but the warning is as right as it was.
  auto again = lab.put(crossings_letter("2026-02", "9000").bytes());
  // A gap to what is stored is told once it is there.
  auto gap = lab.put(crossings_letter("2026-05", "8900").bytes());
  lab.once();
  CHECK(rules_of(*lab.docket_of(again)) == "jump-from-filed");
  CHECK(rules_of(*lab.docket_of(gap)) == "gap-in-time");
}

TEST_CASE("a test letter is told the same, and nothing of it stays") {
  Lab lab;
  lab.put(crossings_letter("2026-01", "1000").bytes());
  Letter letter = crossings_letter("2026-02", "9000");
  letter.subject = "TEST crossings";
  auto tested = lab.put(letter.bytes());
  auto real = lab.put(crossings_letter("2026-02", "1100").bytes());
  lab.once();
  CHECK(rules_of(*lab.docket_of(tested)) == "jump-from-filed");
  CHECK(rules_of(*lab.docket_of(real)) == "");
}

TEST_CASE("a file over compared_cells is filed, with a note") {
  Lab lab;
  lab.configure("[limits]\ncompared_cells = 2\n");
  lab.put(crossings_letter("2026-01", "20").bytes());
  std::string bytes = crossings("2026-02", "1000");
  for (const char* month : {"2026-03", "2026-04", "2026-05"})
    bytes += crossings(month, "1000").substr(kCrossingsHead.size());
  Letter letter;
  auto uid = lab.put(letter.attach("crossings.csv", bytes).bytes());
  lab.once();
  auto record = lab.docket_of(uid);
  REQUIRE(record);
  CHECK(record->docket.outcome == Outcome::kFiled);
  CHECK(rules_of(*record) == "not-compared");
  CHECK(record->docket.items[0].infos == 1);
}
