// SPDX-License-Identifier: Apache-2.0
//
// The public site: what is on its pages, what is on none of them, what is written and what stays.
#include "flow/site.h"

#include <sys/stat.h>

#include <map>
#include <set>
#include <thread>

#include "catch.h"
#include "compose/site.h"
#include "flow/site_keeper.h"
#include "lab.h"

using namespace lab;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view kHead =
    "DATAFLOW,FREQ,REF_AREA,CITIZENSHIP,APPLICANT,SEX,AGE,UNIT_MEASURE,TIME_PERIOD,OBS_VALUE,"
    "OBS_STATUS,CONF_STATUS,EMBARGO_TIME,TIME_PER_COLLECT\r\n";

struct AsylumRow {
  std::string_view area, period, value, status = "", conf = "", until = "", sex = "_T";
};

std::string asylum_csv(const std::vector<AsylumRow>& rows) {
  std::string made(kHead);
  for (const AsylumRow& row : rows) {
    const std::string_view freq = row.period.find('Q') != row.period.npos ? "Q"
                                  : row.period.size() > 4                 ? "M"
                                                                          : "A";
    made += fmt::format("FP:ASYLUM(1.0),{},{},_T,_T,{},_T,PER,{},{},{},{},{},S\r\n", freq, row.area,
                        row.sex, row.period, row.value, row.status, row.conf, row.until);
  }
  return made;
}

void send(Lab& lab, std::string_view from, std::string csv) {
  Letter letter;
  letter.from = from;
  letter.attach("data.csv", std::move(csv));
  const std::string uid = lab.put(letter.bytes());
  lab.once();
  REQUIRE(lab.folder_of(uid) == "Filed");
}

constexpr std::string_view kFromKg = "asylum.statistics@migration.kg.example";
constexpr std::string_view kFromKz = "asylum.statistics@migration.kz.example";

/// Four months of one country, four quarters of another.
void file_two(Lab& lab) {
  send(lab, kFromKg,
       asylum_csv({{"KG", "2026-01", "1003"},
                   {"KG", "2026-02", "1024"},
                   {"KG", "2026-03", "1041"},
                   {"KG", "2026-04", "1058", "P"},
                   {"KG", "2026-03", "463", "", "", "", "F"}}));
  send(lab, kFromKz,
       asylum_csv({{"KZ", "2025-Q1", "2503"},
                   {"KZ", "2025-Q2", "", "Q", "N"},
                   {"KZ", "2025-Q3", "2417"},
                   {"KZ", "2025-Q4", "2380"}}));
}

void describe_asylum(Lab& lab, std::string_view provider, std::string_view time_crit,
                     std::string_view text) {
  MetadataDescription description;
  description.structure = {"FP", "MSD_METHOD", "1.0"};
  description.dataflow = {"FP", "ASYLUM", ""};
  description.provider = provider;
  auto add = [&](std::string id, std::string value, std::string said = {}) {
    ReportedAttribute& one = description.attributes.emplace_back();
    one.id = std::move(id);
    one.value = std::move(value);
    if (!said.empty()) one.texts = {{"en", std::move(said)}};
  };
  add("STAT_CONC_DEF", "", std::string(text));
  add("STAT_UNIT", "PER");
  add("TIME_CRIT", std::string(time_crit));
  auto transaction = must(lab.home().store().begin());
  must(lab.home().store().metadata().file(description, {0, 0, lab.clock.now(), {}}));
  must(transaction.commit());
}

SiteWritten write(Lab& lab) {
  return must(write_site(lab.home(), {}, lab.clock.now()));
}

/// Every file of the site but those of the program's own folder, by path.
std::map<std::string, std::string> site_of(Lab& lab) {
  std::map<std::string, std::string> all;
  const fs::path root = lab.home().paths().site();
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    const std::string path = fs::relative(entry.path(), root).string();
    if (!entry.is_regular_file() || path.starts_with(".focalpost")) continue;
    all[path] = must(read_file(entry.path()));
  }
  return all;
}

struct Stand {
  std::uint64_t inode;
  std::int64_t changed;
  friend bool operator==(const Stand&, const Stand&) = default;
};
std::map<std::string, Stand> stands_of(Lab& lab) {
  std::map<std::string, Stand> all;
  for (const auto& [path, bytes] : site_of(lab)) {
    struct stat info {};
    REQUIRE(::stat((lab.home().paths().site() / path).c_str(), &info) == 0);
    all[path] = {info.st_ino, info.st_mtim.tv_sec * 1'000'000'000 + info.st_mtim.tv_nsec};
  }
  return all;
}

bool holds(std::string_view text, std::string_view part) {
  return text.find(part) != text.npos;
}

std::size_t count_of(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++count;
  return count;
}

/// Values of an attribute wherever it stands.
std::vector<std::string> values_of(std::string_view page, std::string_view attribute) {
  std::vector<std::string> all;
  const std::string begin = fmt::format(" {}=\"", attribute);
  for (std::size_t at = page.find(begin); at != page.npos; at = page.find(begin, at + 1)) {
    const std::size_t from = at + begin.size();
    all.push_back(
        replaced(std::string(page.substr(from, page.find('"', from) - from)), "&amp;", "&"));
  }
  return all;
}

bool ends(std::string_view path, std::string_view with) {
  return path.ends_with(with);
}

}  // namespace

TEST_CASE("the site shows what was filed, in every language of the home") {
  Lab lab;
  file_two(lab);
  describe_asylum(lab, "KG_SMS", "M6", "Persons who applied for asylum, once a year.");
  describe_asylum(lab, "KZ_MSC", "M12", "Applications registered by the committee.");
  write(lab);
  auto site = site_of(lab);

  const std::string& page = site.at("en/indicator/ASYLUM.html");
  CHECK(holds(page, "1,041"));
  CHECK(holds(page, "1,058 (P)"));
  CHECK(holds(page, "class=\"number\">×</td>"));
  CHECK(holds(page, "Persons who applied for asylum, once a year."));
  CHECK(holds(page, "counted differently"));
  CHECK(holds(page, "6 months"));
  CHECK(holds(page, "12 months"));
  CHECK(holds(page, "<svg "));
  CHECK_FALSE(holds(page, "463"));  // a breakdown is in the files

  CHECK(holds(site.at("ru/indicator/ASYLUM.html"), "1\u00A0041"));
  CHECK(holds(site.at("ru/indicator/ASYLUM.html"), "Кыргызстан"));
  CHECK(holds(site.at("uk/indicator/ASYLUM.html"), "Киргизстан"));
  for (const char* lang : {"en", "ru", "uk"}) {
    INFO(lang);
    for (const char* name :
         {"index.html", "methodology.html", "calendar.html", "log.html", "data.html", "feed.xml",
          "country/KG.html", "methodology/ASYLUM.html", "picture/ASYLUM.svg"})
      CHECK(site.contains(fmt::format("{}/{}", lang, name)));
    CHECK(holds(site.at(fmt::format("{}/index.html", lang)),
                fmt::format("<html lang=\"{}\">", lang)));
  }
  CHECK(holds(site.at("en/country/KG.html"), "Asylum applicants"));
  CHECK(holds(site.at("en/country/KG.html"), "1,058 (P)"));
  CHECK(holds(site.at("en/methodology.html"), "Partly described, 20 May 2026"));
  CHECK(holds(site.at("en/methodology.html"), "methodology/ASYLUM.html#KG"));
  CHECK(holds(site.at("en/methodology/ASYLUM.html"), "<h2 id=\"KG\">"));
  CHECK(holds(site.at("en/log.html"), "new data"));
  CHECK(holds(site.at("en/calendar.html"), "15 June 2026"));
  CHECK(holds(site.at("en/index.html"), "Last checked: 20 May 2026."));
  CHECK(holds(site.at("en/feed.xml"), "<entry>"));
  for (const auto& [path, bytes] : site)
    if (ends(path, ".html")) {
      INFO(path);
      CHECK(holds(bytes, path.starts_with("ru/") ? "Названия и коды не выражают"
                         : path.starts_with("uk/") ? "Назви та коди не виражають"
                                                   : "Names and codes express no opinion"));
      CHECK(holds(bytes, path.starts_with("ru/")   ? "вымышлены"
                         : path.starts_with("uk/") ? "вигадані"
                                                   : "invented"));
    }
}

TEST_CASE("every link of every page leads to a file that is there, and to a place in it") {
  Lab lab;
  file_two(lab);
  describe_asylum(lab, "KG_SMS", "M6", "Persons.");
  write(lab);
  auto site = site_of(lab);
  std::size_t followed = 0;
  for (const auto& [path, bytes] : site) {
    if (!ends(path, ".html") && !ends(path, ".xml")) continue;
    if (path.starts_with("data/")) continue;
    std::vector<std::string> links = values_of(bytes, "href");
    for (std::string& link : values_of(bytes, "src")) links.push_back(std::move(link));
    for (const std::string& link : links) {
      INFO(path << " to " << link);
      const std::size_t hash = link.find('#');
      const std::string file = link.substr(0, hash);
      const std::string target =
          file.empty() ? path : (fs::path(path).parent_path() / file).lexically_normal().string();
      REQUIRE(site.contains(target));
      ++followed;
      if (hash == link.npos) continue;
      const auto ids = values_of(site.at(target), "id");
      CHECK(std::find(ids.begin(), ids.end(), link.substr(hash + 1)) != ids.end());
    }
    // An id is there once.
    const auto ids = values_of(bytes, "id");
    CHECK(std::set<std::string>(ids.begin(), ids.end()).size() == ids.size());
  }
  CHECK(followed > 500);
}

TEST_CASE("a page asks nothing of anybody else, and needs no script and no inline style") {
  Lab lab;
  file_two(lab);
  write(lab);
  for (const auto& [path, bytes] : site_of(lab)) {
    if (!ends(path, ".html") && !ends(path, ".svg")) continue;
    INFO(path);
    CHECK_FALSE(holds(bytes, "<script"));
    CHECK_FALSE(holds(bytes, "style=\""));
    CHECK_FALSE(holds(bytes, "<style"));
    CHECK_FALSE(holds(bytes, "@import"));
    CHECK_FALSE(holds(bytes, "mailto:"));
    std::string outside = replaced(bytes, "http://www.w3.org/2000/svg", "");
    CHECK_FALSE(holds(outside, "http:"));
    CHECK_FALSE(holds(outside, "https:"));
    if (ends(path, ".svg")) continue;
    CHECK(holds(bytes, "content=\"default-src 'none'; img-src 'self'; style-src 'self'\""));
    CHECK(count_of(bytes, "<h1>") == 1);
    CHECK(count_of(bytes, "<main ") == 1);
    CHECK(count_of(bytes, "<table ") == count_of(bytes, "<caption"));
    CHECK(count_of(bytes, "class=\"skip\"") == 1);
  }
}

TEST_CASE("what is not public is on no page, in no file and in no size") {
  Lab lab;
  file_two(lab);
  // For the network alone, and for its owner alone.
  send(lab, "asylum.statistics@migration.tj.example",
       "DATAFLOW,FREQ,REF_AREA,CITIZENSHIP,PROT_TYPE,SEX,AGE,UNIT_MEASURE,TIME_PERIOD,OBS_VALUE,"
       "TIME_PER_COLLECT\r\nFP:REFUGEES(1.0),A,TJ,_T,_T,_T,_T,PER,2025,87654321,E\r\n");
  send(lab, "border.statistics@border.kz.example",
       "DATAFLOW,FREQ,REF_AREA,CITIZENSHIP,BORDER,REASON,UNIT_MEASURE,TIME_PERIOD,OBS_VALUE,"
       "TIME_PER_COLLECT\r\nFP:REFUSALS(1.0),A,KZ,_T,_T,_T,PER,2025,76543218,S\r\n");
  write(lab);
  auto site = site_of(lab);
  for (const auto& [path, bytes] : site) {
    INFO(path);
    CHECK_FALSE(holds(bytes, "87654321"));
    CHECK_FALSE(holds(bytes, "76543218"));
    CHECK_FALSE(holds(bytes, "87,654,321"));
    CHECK_FALSE(holds(bytes, "76,543,218"));
    // Nobody is there by name or by address.
    CHECK_FALSE(holds(bytes, "migration.kg.example"));
    for (const RosterEntry& entry : lab.home().lookup().roster())
      if (!entry.contact->emails.empty()) CHECK_FALSE(holds(bytes, entry.contact->emails.front()));
  }
  CHECK_FALSE(site.contains("sdmx/data/FP,REFUGEES,1.0/.TJ....."));
  // Neither the filing itself.
  CHECK_FALSE(holds(site.at("en/log.html"), "Tajikistan"));
  CHECK(count_of(site.at("en/log.html"), "<tr role=") == 3);
}

TEST_CASE("withheld and embargoed values leave no trace, not even in sizes") {
  const auto with = [](std::string_view embargoed, std::string_view secret) {
    auto lab = std::make_unique<Lab>();
    send(*lab, kFromKg,
         asylum_csv({{"KG", "2026-01", "1003"},
                     {"KG", "2026-02", "1024"},
                     {"KG", "2026-03", "1041"},
                     {"KG", "2026-04", embargoed, "", "E", "2026-06-01T10:00:00Z"},
                     {"KG", "2026-02", secret, "", "N", "", "F"},
                     {"KG", "2026-02", "500", "", "", "", "M"}}));
    return lab;
  };
  auto one = with("7", "3");
  auto other = with("98765432", "523");
  write(*one);
  write(*other);
  CHECK(site_of(*one) == site_of(*other));
  const auto before = site_of(*other);
  CHECK(holds(before.at("en/indicator/ASYLUM.html"), "Withheld until 1 June 2026, 10:00"));
  CHECK(holds(before.at("data/ASYLUM.csv"), "2026-06-01T10:00:00Z"));
  for (const auto& [path, bytes] : before) CHECK_FALSE(holds(bytes, "98765432"));

  // The end of an embargo is a change: nothing was filed, and the site is written anew.
  other->clock.set(at("2026-06-01T10:00:00Z"));
  write(*other);
  const auto after = site_of(*other);
  CHECK(holds(after.at("en/indicator/ASYLUM.html"), "98,765,432"));
  CHECK(holds(after.at("data/ASYLUM.csv"), "98765432"));
  CHECK(holds(after.at("sdmx/data/FP,ASYLUM,1.0/.KG....."), "98765432"));
  CHECK(holds(after.at("en/log.html"), "data shown from now on"));
  for (const auto& [path, bytes] : after) CHECK_FALSE(holds(bytes, ">523<"));
}

TEST_CASE("only what changed is written") {
  Lab lab;
  file_two(lab);
  CHECK(write(lab).written > 50);
  const auto first = stands_of(lab);

  SECTION("nothing changed") {
    const SiteWritten again = write(lab);
    CHECK(again.written == 0);
    CHECK(again.removed == 0);
    CHECK(again.unchanged == first.size());
    CHECK(stands_of(lab) == first);
  }
  SECTION("a day later the start pages say so, no other page does") {
    lab.clock.advance(24h);
    write(lab);
    for (const auto& [path, stand] : stands_of(lab)) {
      INFO(path);
      const bool start =
          path == "en/index.html" || path == "ru/index.html" || path == "uk/index.html";
      CHECK((stand == first.at(path)) == !start);
    }
  }
  SECTION("a filing changes its own indicator and the lists") {
    lab.clock.advance(1h);
    send(lab, "border.statistics@border.md.example", crossings("2026-03", "12345"));
    write(lab);
    const auto now = stands_of(lab);
    CHECK(now.contains("data/CROSSINGS.csv"));
    for (const auto& [path, stand] : first) {
      INFO(path);
      if (holds(path, "ASYLUM") || holds(path, "country/KG") || path == "style.css")
        CHECK(now.at(path) == stand);
      if (holds(path, "en/indicator/CROSSINGS") || path == "en/log.html" ||
          path == "en/index.html" || path == "en/country/MD.html")
        CHECK_FALSE(now.at(path) == stand);
    }
    CHECK(holds(site_of(lab).at("en/country/MD.html"), "12,345"));
  }
  SECTION("what was written piece by piece is what is written at once") {
    lab.clock.advance(1h);
    send(lab, "border.statistics@border.md.example", crossings("2026-03", "12345"));
    describe_asylum(lab, "KG_SMS", "M6", "Persons.");
    write(lab);
    const auto pieces = site_of(lab);
    fs::remove_all(lab.home().paths().site());
    write(lab);
    CHECK(site_of(lab) == pieces);
  }
}

TEST_CASE("somebody else's files stay, and what is damaged is mended") {
  Lab lab;
  const fs::path root = lab.home().paths().site();
  must(make_directories(root / "en" / "country"));
  must(write_file_durably(root / "en" / "index.html", "mine"));
  must(write_file_durably(root / "en" / "country" / "notes.txt", "mine too"));
  file_two(lab);
  SiteWritten done = write(lab);
  CHECK(done.foreign == std::vector<std::string>{"en/index.html"});
  CHECK(site_of(lab).at("en/index.html") == "mine");

  fs::remove(root / "en" / "index.html");
  done = write(lab);
  CHECK(done.foreign.empty());
  CHECK(holds(site_of(lab).at("en/index.html"), "<!DOCTYPE html>"));

  // A file cut short by a power cut, and one that somebody removed.
  const auto whole = site_of(lab);
  must(write_file_durably(root / "ru" / "log.html", ""));
  fs::remove(root / "sdmx/data/FP,ASYLUM,1.0/all");
  write(lab);
  CHECK(site_of(lab) == whole);

  // A program that died before the last manifest: its file is not taken for somebody else's.
  auto manifest = must(read_file(root / ".focalpost" / "manifest.json"));
  must(write_file_durably(
      root / ".focalpost" / "manifest.json",
      replaced(manifest, R"("en/log.html":{"sum":")", R"("en/log.html":{"sum":"","was":")")));
  must(write_file_durably(root / "en" / "log.html", "half a pa"));
  done = write(lab);
  CHECK(done.foreign.empty());
  CHECK(site_of(lab) == whole);
  CHECK(site_of(lab).at("en/country/notes.txt") == "mine too");
}

TEST_CASE("what is no longer public goes from the site") {
  Lab lab;
  file_two(lab);
  write(lab);
  REQUIRE(site_of(lab).contains("data/ASYLUM.csv"));
  REQUIRE(fs::exists(lab.home().paths().site() / "sdmx/data/FP,ASYLUM,1.0"));
  Structures closed = lab.home().lookup().structures();
  for (ProvisionAgreement& agreement : closed.agreements)
    for (Annotation& annotation : agreement.annotations)
      if (annotation.id == "FP_AUDIENCE" && holds(agreement.ref.id, "ASYLUM"))
        annotation.title = "network";
  {
    auto transaction = must(lab.home().store().begin());
    must(lab.home().store().structures().save(closed, lab.clock.now()));
    must(transaction.commit());
  }
  must(lab.home().reload_structures());
  const SiteWritten done = write(lab);
  CHECK(done.removed > 10);
  for (const auto& [path, bytes] : site_of(lab)) {
    INFO(path);
    CHECK_FALSE(holds(path, "ASYLUM."));
    CHECK_FALSE(holds(bytes, "1,041"));
    CHECK_FALSE(holds(bytes, "\"1041\""));
  }
  CHECK_FALSE(fs::exists(lab.home().paths().site() / "sdmx/data/FP,ASYLUM,1.0"));
}

TEST_CASE("names that somebody made up are words, never tags or paths") {
  Lab lab;
  file_two(lab);
  Structures hostile = lab.home().lookup().structures();
  for (Dataflow& dataflow : hostile.dataflows)
    if (dataflow.ref.id == "ASYLUM")
      dataflow.names = {{"en", "<script>alert(1)</script>\"'{{name}}"}};
  for (OrganisationScheme& scheme : hostile.organisation_schemes)
    for (Organisation& one : scheme.organisations)
      if (one.id == "KG_SMS") one.names = {{"en", "</td><img src=x onerror=alert(1)>"}};
  {
    auto transaction = must(lab.home().store().begin());
    must(lab.home().store().structures().save(hostile, lab.clock.now()));
    must(transaction.commit());
  }
  must(lab.home().reload_structures());
  describe_asylum(lab, "KG_SMS", "M6",
                  "<b onclick='x'>bold</b> \x01"
                  "1\x01");
  write(lab);
  for (const auto& [path, bytes] : site_of(lab)) {
    if (!ends(path, ".html") && !ends(path, ".svg") && path.find("feed") == path.npos) continue;
    INFO(path);
    CHECK_FALSE(holds(bytes, "<script"));
    CHECK_FALSE(holds(bytes, "<img src=x"));
    CHECK_FALSE(holds(bytes, "<b onclick"));
    CHECK_FALSE(holds(bytes, "\x01"));
  }
  CHECK(holds(site_of(lab).at("en/index.html"), "&lt;script&gt;alert(1)&lt;/script&gt;"));
  CHECK(site_name("../../etc/passwd") == "=2E=2E=2F=2E=2E=2Fetc=2Fpasswd");
  CHECK(site_name("") == "=");
  CHECK(site_name("ASYLUM_DEC-2") == "ASYLUM_DEC-2");
}

TEST_CASE("the same data lie under SDMX REST addresses") {
  Lab lab;
  file_two(lab);
  write(lab);
  auto site = site_of(lab);
  const std::string& all = site.at("sdmx/data/FP,ASYLUM,1.0/all");
  CHECK(holds(all, "StructureSpecificData"));
  CHECK(holds(all, "\"1041\""));
  CHECK(holds(all, "\"463\""));
  CHECK(all == site.at("data/ASYLUM.xml"));
  CHECK(all == site.at("sdmx/data/ASYLUM/all"));
  const std::string& kg = site.at("sdmx/data/FP,ASYLUM,1.0/.KG.....");
  CHECK(holds(kg, "\"1041\""));
  CHECK_FALSE(holds(kg, "\"2417\""));
  CHECK(kg == site.at("sdmx/data/FP,ASYLUM,1.0/M.KG....."));
  CHECK(holds(site.at("sdmx/data/FP,ASYLUM,1.0/Q.KZ....."), "\"2417\""));
  // Withheld as `export` writes it: without a value, with a status.
  CHECK(holds(site.at("data/ASYLUM.csv"), "2025-Q2,,"));
  const std::string& about = site.at("sdmx/availableconstraint/FP,ASYLUM,1.0/all");
  CHECK(holds(about, "type=\"Actual\""));
  CHECK(holds(about, "KZ"));
  CHECK_FALSE(holds(about, "TJ"));
  for (const char* path : {"sdmx/structure/dataflow/FP/ASYLUM/1.0", "sdmx/dataflow/FP/ASYLUM/1.0",
                           "sdmx/dataflow/FP/ASYLUM/latest", "sdmx/dataflow/all/all/latest"}) {
    INFO(path);
    REQUIRE(site.contains(path));
    CHECK(holds(site.at(path), "id=\"ASYLUM\""));
  }
  // What is read there is what was filed.
  CHECK(count_of(site.at("data/ASYLUM.csv"), "\n") == 10);
}

TEST_CASE("beside a serving gateway the site follows what is filed") {
  Lab lab;
  // A home whose site was never written has none, and gets none.
  { SiteKeeper none(lab.home(), lab.clock, std::chrono::hours(1)); }
  CHECK_FALSE(fs::exists(lab.home().paths().site()));
  write(lab);
  REQUIRE_FALSE(site_of(lab).contains("data/ASYLUM.csv"));
  SiteKeeper keeper(lab.home(), lab.clock, std::chrono::hours(1));
  file_two(lab);
  keeper.news();
  const fs::path wanted = lab.home().paths().site() / "data" / "ASYLUM.csv";
  for (int turn = 0; turn < 6000 && !fs::exists(wanted); ++turn)
    std::this_thread::sleep_for(10ms);  // until another thread has done it
  CHECK(fs::exists(wanted));
}

TEST_CASE("a site that is stopped halfway stays as it was") {
  Lab lab;
  file_two(lab);
  write(lab);
  const auto before = stands_of(lab);
  send(lab, "border.statistics@border.md.example", crossings("2026-03", "12345"));
  int asked = 0;
  const auto stopped = write_site(lab.home(), {}, lab.clock.now(), [&] { return ++asked == 12; });
  REQUIRE_FALSE(stopped.ok());
  CHECK(stopped.error().retry_helps());
  CHECK(stands_of(lab) == before);
  CHECK(write(lab).written > 0);
  CHECK(site_of(lab).contains("data/CROSSINGS.csv"));
}

TEST_CASE("by_country makes a table for each combination of the other codes") {
  Lab lab;
  AnswerTable table;
  table.flow = lab.home().lookup().flow({"FP", "CROSSINGS", ""});
  REQUIRE(table.flow);
  for (int n = 0; n < 4; ++n) table.periods.push_back(Period::at(PeriodKind::kYear, 2020 + n));
  auto add = [&](const char* area, const char* direction, std::vector<const char*> values) {
    AnswerSeries& series = table.series.emplace_back();
    series.codes.assign(table.flow->dimension_count, "_T");
    series.codes[table.flow->ref_area] = area;
    series.codes[table.flow->find("DIRECTION")] = direction;
    for (const char* value : values) {
      AnswerCell& cell = series.cells.emplace_back();
      if (*value) cell = {CellMark::kValue, value, "", {}};
    }
  };
  add("KG", "ENTRY", {"", "1", "2", ""});
  add("KZ", "ENTRY", {"", "", "3", ""});
  add("KG", "EXIT", {"4", "", "", "5"});
  const auto groups = by_country(table);
  REQUIRE(groups.size() == 2);
  CHECK(groups[0].series.size() == 2);
  CHECK(groups[0].periods.size() == 2);
  CHECK(groups[1].periods.size() == 4);
  AnswerData data;
  data.tables.push_back(table);
  const auto newest = newest_figures(data);
  REQUIRE(newest.size() == 3);
  CHECK(newest[0].cell.value == "2");
  CHECK(newest[0].period == Period::at(PeriodKind::kYear, 2022));
}
