// SPDX-License-Identifier: Apache-2.0
//
// How what was promised stands.
#include "due.h"
#include "flow/timeliness.h"

using namespace lab;
using namespace std::chrono_literals;

TEST_CASE("a duty is open, then partly received, then received, and revisions change nothing") {
  Due due;
  // Monthly, 45 days after the month, 10 days of grace; entries and exits are both asked for.
  CHECK(due.state("MD_GIB", "CROSSINGS", "2026-04") == "open");
  due.say(crossings_letter("2026-04", "1000"));
  CHECK(due.state("MD_GIB", "CROSSINGS", "2026-04") == "partly");
  due.say(crossings_letter("2026-04", "1000", "900"));
  CHECK(due.state("MD_GIB", "CROSSINGS", "2026-04") == "received");
  const auto first = *due.standing("MD_GIB", "CROSSINGS", "2026-04").received;
  due.go("2026-07-20T09:00:00Z");
  due.say(crossings_letter("2026-04", "1001", "901"));
  CHECK(*due.standing("MD_GIB", "CROSSINGS", "2026-04").received == first);
  CHECK(due.state("MD_GIB", "CROSSINGS", "2026-04") == "received");
}

TEST_CASE("lateness is measured against the own promise with its grace, nothing else") {
  Due due;
  auto standing = due.standing("MD_GIB", "CROSSINGS", "2026-04");
  CHECK(date_of(standing.due) == "2026-06-15");  // the 14th is a Sunday
  CHECK(date_of(standing.last_day) == "2026-06-24");
  SECTION("after the due day, within the grace") {
    due.go("2026-06-24T20:00:00Z");
    CHECK(due.state("MD_GIB", "CROSSINGS", "2026-04") == "open");
    due.say(crossings_letter("2026-04", "1000", "900"));
    CHECK(due.state("MD_GIB", "CROSSINGS", "2026-04") == "received");
  }
  SECTION("after it") {
    due.go("2026-06-25T00:30:00Z");
    CHECK(due.state("MD_GIB", "CROSSINGS", "2026-04") == "missed");
    due.say(crossings_letter("2026-04", "1000", "900"));
    CHECK(due.state("MD_GIB", "CROSSINGS", "2026-04") == "late");
  }
  SECTION("partly stays partly") {
    due.say(crossings_letter("2026-04", "1000"));
    due.go("2026-08-01T00:00:00Z");
    CHECK(due.state("MD_GIB", "CROSSINGS", "2026-04") == "partly");
  }
}

TEST_CASE("a missing value with a status fulfils, and so do provisional figures") {
  Due due;
  Letter letter = crossings_letter("2026-04", "", "900");
  std::string& csv = letter.attachments[0].bytes;
  csv = replaced(csv, "TIME_PER_COLLECT\r\n", "TIME_PER_COLLECT,OBS_STATUS\r\n");
  csv = replaced(csv, ",,S\r\n", ",,S,L\r\n");
  csv = replaced(csv, ",900,S\r\n", ",900,S,P\r\n");
  due.say(letter);
  CHECK(due.state("MD_GIB", "CROSSINGS", "2026-04") == "received");
}

TEST_CASE("what was taken back is asked for again") {
  Due due;
  due.say(crossings_letter("2026-04", "1000", "900"));
  must(due.lab.home().store().database().execute(
      "UPDATE observation SET withdrawn = 1 WHERE value = 900"));
  CHECK(due.state("MD_GIB", "CROSSINGS", "2026-04") == "partly");
}

TEST_CASE("the all-total series is what is asked for where an agreement does not say") {
  Due due;
  CHECK(due.state("KG_SMS", "ASYLUM", "2026-03") == "open");
  due.lab.put(letter("01-asylum-xml"));
  due.lab.once();
  CHECK(due.state("KG_SMS", "ASYLUM", "2026-03") == "received");
  CHECK(due.state("KG_SMS", "ASYLUM", "2026-04") == "open");
}

TEST_CASE("holidays of the country move the due day") {
  Due due("holidays = [\"MD 2026-06-15\", \"MD 2026-06-16\", \"KG 2026-06-17\"]");
  CHECK(date_of(due.standing("MD_GIB", "CROSSINGS", "2026-04").due) == "2026-06-17");
  CHECK(date_of(due.standing("KG_SMS", "ASYLUM", "2026-04").due) == "2026-06-15");
}

TEST_CASE("each country of an agreement is asked for by itself") {
  Due due;
  Structures changed;
  for (ContentConstraint one : due.lab.home().lookup().structures().constraints)
    if (one.ref.id == "CC_MD_GIB_CROSSINGS") {
      for (auto& region : one.regions)
        for (auto& values : region.keys)
          if (values.component == "REF_AREA") {
            values.values.push_back(values.values.front());
            values.values.back().code = "RO";
          }
      changed.constraints.push_back(one);
    }
  for (ProvisionAgreement one : due.lab.home().lookup().structures().agreements)
    if (one.ref.id == "PA_MD_GIB_CROSSINGS") {
      std::erase_if(one.annotations, [](const Annotation& a) { return a.id == "FP_REQUIRED"; });
      one.annotations.push_back({"FP_REQUIRED", "", "M..ENTRY+EXIT._T._T._T._T.EVT", {}});
      changed.agreements.push_back(one);
    }
  REQUIRE(changed.constraints.size() == 1);
  REQUIRE(changed.agreements.size() == 1);
  {
    Transaction transaction = must(due.lab.home().store().begin());
    must(due.lab.home().store().structures().save(changed, due.lab.clock.now()));
    must(transaction.commit());
    must(due.lab.home().reload_structures());
  }
  due.say(crossings_letter("2026-04", "1000", "900"));
  const auto standing = due.standing("MD_GIB", "CROSSINGS", "2026-04");
  CHECK(standing.state == DutyState::kPartly);
  CHECK(standing.missing == std::vector<std::string>{"RO"});
}

TEST_CASE("CALENDAR shows the state of the own duties, and of no others") {
  Due due;
  due.say(crossings_letter("2026-04", "1000"));
  due.go("2026-06-26T09:00:00Z");
  Letter ask;
  ask.subject = "CALENDAR CROSSINGS";
  ask.text = "";
  const std::string own = due.told(due.say(ask));
  CHECK(has(own, "State: partly received"));
  CHECK(has(own, "State: not received yet"));
  Letter other = ask;
  other.from = std::string(kAsylum);
  const std::string uid = due.say(other);
  const std::string seen = due.told(uid);
  CHECK(has(seen, "Молдова"));
  CHECK_FALSE(has(seen, "Состояние"));
  // With the file for a calendar program.
  auto mails = due.lab.replies_to(*due.lab.docket_of(uid));
  CHECK(files_of(*mails.back()) == "calendar.ics");
}

TEST_CASE("how institutions kept their promises") {
  Due due;
  due.go("2026-05-22T09:00:00Z");
  due.say(crossings_letter("2026-04", "1000", "900"));  // 24 days before
  due.go("2026-08-03T09:00:00Z");
  due.say(crossings_letter("2026-05", "1000", "900"));  // due 15 July, grace 25 July (27th): late
  due.say(crossings_letter("2026-05", "1001", "901"));
  due.go("2026-09-01T09:00:00Z");
  auto all = must(timeliness(due.lab.home(), due.lab.clock.now()));
  auto md = std::find_if(all.begin(), all.end(),
                         [](const Timeliness& one) { return one.provider == "MD_GIB"; });
  REQUIRE(md != all.end());
  CHECK(md->areas == std::vector<std::string>{"MD"});
  CHECK(md->in_time == 1);
  CHECK(md->late == 1);
  CHECK(md->promised == md->in_time + md->late + md->partly + md->missed);
  CHECK(md->missed >= 1);  // June, due 14 August
  CHECK(md->revisions == 1);
  REQUIRE(md->median_delay);
  CHECK(*md->median_delay == Approx((-24 + 19) / 2.0));
  CHECK(std::is_sorted(all.begin(), all.end(), [](const Timeliness& a, const Timeliness& b) {
    return a.provider < b.provider;
  }));
  for (const Timeliness& one : all)
    if (one.provider == "KG_SMS") CHECK(one.in_time == 0);
}
