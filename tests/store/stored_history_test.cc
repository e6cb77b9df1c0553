// SPDX-License-Identifier: Apache-2.0
#include "store/stored_history.h"

#include <fmt/format.h>

#include <cmath>

#include "data_fixture.h"

using namespace focalpost;
using namespace focalpost::test;

namespace {

const std::string kTotal = "M.KG._T._T";

struct History : DataStore {
  /// "2026-01=12 2026-02=-": what is given for the months of `first` to `last` in the file.
  std::string past(const std::string& key, const char* from, const char* first, const char* last,
                   bool between = false, const std::string& provider = "KG_SMS") {
    Statements statements(database);
    StoredHistory history(statements, provider);
    std::vector<PastCell> cells;
    PastWanted wanted{*Period::parse(from), *Period::parse(first), *Period::parse(last), between};
    REQUIRE(history.cells(*flow, key, wanted, cells).ok());
    std::string text;
    for (const PastCell& cell : cells)
      text += (text.empty() ? "" : " ") + cell.period.text() + "=" +
              (std::isnan(cell.value) ? "-" : fmt::format("{}", cell.value));
    return text;
  }
};

}  // namespace

TEST_CASE("history: nothing is known of a flow or series without data") {
  History store;
  CHECK(store.past(kTotal, "2025-01", "2026-01", "2026-01") == "");
  store.file({{kTotal, "2026-01", "5"}});
  CHECK(store.past("M.KG.F._T", "2025-01", "2026-01", "2026-01") == "");
}

TEST_CASE("history: the year before, and the nearest on either side") {
  History store;
  store.file({{kTotal, "2024-03", "1"},
              {kTotal, "2024-05", "2"},
              {kTotal, "2025-01", "3"},
              {kTotal, "2025-12", "4.5"},
              {kTotal, "2026-02", "6"},
              {kTotal, "2026-03", "", {{"OBS_STATUS", "O"}}},
              {kTotal, "2026-07", "8"},
              {kTotal, "2026-08", "9"}});
  CHECK(store.past(kTotal, "2025-01", "2026-01", "2026-03") ==
        "2024-05=2 2025-01=3 2025-12=4.5 2026-07=8");
  CHECK(store.past(kTotal, "2025-01", "2026-01", "2026-03", true) ==
        "2024-05=2 2025-01=3 2025-12=4.5 2026-02=6 2026-03=- 2026-07=8");
  CHECK(store.past(kTotal, "2023-03", "2024-03", "2024-04") == "2024-05=2");
  CHECK(store.past(kTotal, "2026-01", "2027-01", "2027-01") ==
        "2025-12=4.5 2026-02=6 2026-03=- 2026-07=8 2026-08=9");
}

TEST_CASE("history: what was withdrawn is not there, what was revised is as it is now") {
  History store;
  store.file({{kTotal, "2025-11", "1"}, {kTotal, "2025-12", "2"}});
  store.file({{kTotal, "2025-12", "20"}});
  DataStore::As withdrawal;
  withdrawal.action = Action::kDelete;
  store.file({{kTotal, "2025-11", ""}}, withdrawal);
  CHECK(store.past(kTotal, "2025-01", "2026-01", "2026-01") == "2025-12=20");
}

TEST_CASE("history: what another institution filed stays with it") {
  History store;
  DataStore::As other;
  other.provider = "KG_NSC";
  store.file({{kTotal, "2025-11", "1"}, {kTotal, "2025-12", "2"}});
  store.file({{kTotal, "2025-12", "300"}}, other);
  CHECK(store.past(kTotal, "2025-01", "2026-01", "2026-01") == "2025-11=1");
  CHECK(store.past(kTotal, "2025-01", "2026-01", "2026-01", false, "KG_NSC") == "2025-12=300");
}
