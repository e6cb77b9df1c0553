// SPDX-License-Identifier: Apache-2.0
#include "child.h"

#include <fmt/format.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <sqlite3.h>

#include <cstdlib>
#include <iostream>
#include <map>
#include <memory>
#include <set>

#include "base/files.h"
#include "base/text.h"
#include "enquiry/read.h"
#include "flow/check_file.h"
#include "flow/desk.h"
#include "flow/digests.h"
#include "flow/home.h"
#include "flow/once.h"
#include "measure.h"
#include "sample.h"
#include "store/merge.h"

namespace focalpost::bench {
namespace {

template <typename T>
T must(Result<T> result) {
  if (!result.ok()) {
    std::cerr << result.error().what << "\n";
    std::exit(1);
  }
  return std::move(*result);
}

void must(const Status& status) {
  if (status.ok()) return;
  std::cerr << status.error().what << "\n";
  std::exit(1);
}

int floor_pass(const std::string& file) {
  MappedFile mapped = must(MappedFile::open(file));
  std::string_view bytes = mapped.bytes();
  std::size_t touched = 0;
  for (std::size_t i = 0; i < bytes.size(); i += 4096) touched += bytes[i] == '<';
  xmlSAXHandler handlers{};
  handlers.initialized = XML_SAX2_MAGIC;
  handlers.startElementNs = [](void*, const xmlChar*, const xmlChar*, const xmlChar*, int,
                               const xmlChar**, int, int, const xmlChar**) {};
  handlers.endElementNs = [](void*, const xmlChar*, const xmlChar*, const xmlChar*) {};
  handlers.characters = [](void*, const xmlChar*, int) {};
  double start = now_seconds();
  xmlParserCtxtPtr parser = xmlCreatePushParserCtxt(&handlers, nullptr, nullptr, 0, nullptr);
  xmlCtxtUseOptions(parser, XML_PARSE_NONET);
  int failed = 0;
  for (std::size_t i = 0; i < bytes.size() && !failed; i += 65'536) {
    std::string_view piece = bytes.substr(i, 65'536);
    failed = xmlParseChunk(parser, piece.data(), int(piece.size()), 0);
  }
  if (!failed) failed = xmlParseChunk(parser, "", 0, 1);
  double seconds = now_seconds() - start;
  xmlFreeParserCtxt(parser);
  std::cout << fmt::format("seconds {:.6f}\ntouched {}\n", seconds, touched);
  return failed;
}

int once(const std::string& directory) {
  SystemClock clock;
  Home home = must(Home::open(directory, Home::Access::kWork));
  std::map<std::string, double, std::less<>> at;
  double start = now_seconds();
  PassResult pass =
      must(run_once(home, clock, [&](std::string_view step) { at.emplace(step, now_seconds()); }));
  std::cout << fmt::format("keep {:.6f}\nfile {:.6f}\nall {:.6f}\nsent {}\n",
                           at["kept"] - at["fetched"], at["committed"] - at["kept"],
                           now_seconds() - start, pass.sent);
  for (DocketNumber number : pass.intake.dockets) {
    auto record = must(home.store().dockets().find(number));
    for (const Item& item : record->docket.items)
      for (const DatasetOutcome& dataset : item.datasets)
        std::cout << fmt::format("new {}\nunchanged {}\nerrors {}\n", dataset.change.created,
                                 dataset.change.unchanged, item.errors);
  }
  return 0;
}

/// Validation alone, without the start of a process.
int judge(const std::string& directory, const std::string& file) {
  Home home = must(Home::open(directory, Home::Access::kLook));
  Settings settings;
  CheckContext context;
  context.lookup = home.snapshot().get();
  context.limits = &settings.limits;
  context.now = SystemClock().now();
  context.temporary = directory;
  double start = now_seconds();
  bool accepted = false;
  must(check_file(file, context, [&](const CheckedFile& checked) {
    accepted = checked.file.verdict() == Verdict::kAccepted;
  }));
  std::cout << fmt::format("seconds {:.6f}\n", now_seconds() - start);
  return accepted ? 0 : 1;
}

/// A judged batch, as validation hands it over.
void add_series(ObservationBatch& batch, const Sample& sample, std::uint64_t series,
                std::uint32_t months, bool by_year = false) {
  const FlowStructure& flow = *batch.structure;
  ObservationBatch::Run run;
  run.first = std::uint32_t(batch.size());
  run.count = months;
  batch.runs.push_back(run);
  auto key = sample.key(series);
  if (by_year) key[flow.freq] = "A";
  for (std::size_t d = 0; d < key.size(); ++d) {
    batch.keys.push_back(key[d]);
    batch.key_codes.push_back(flow.components[d].codes->find(key[d]));
  }
  for (std::uint32_t m = 0; m < months; ++m) {
    batch.at.push_back({});
    std::string text = by_year ? fmt::format("{}", kFirstYear + m)
                               : fmt::format("{}-{:02}", kFirstYear + m / 12, m % 12 + 1);
    batch.period.push_back(*Period::parse(text));
    batch.time.push_back(batch.arena.copy(text));
    batch.columns[0].text.push_back(
        batch.arena.copy(std::to_string((series * 31 + m * 17) % 5000)));
    batch.columns[1].text.push_back((series + m) % 3 ? "A" : "P");
    batch.columns[2].text.push_back(by_year || (series + m) % 24 ? "F" : "C");
  }
}

class Feeder {
 public:
  Feeder(Home& home, const Sample& sample)
      : home_(home), sample_(sample), writer_(must(DataWriter::make(home.store().database()))) {
    auto last = must(home.store().database().query_integer("SELECT max(id) FROM docket"));
    serial_ = last.value_or(0);
  }

  /// One docket with one filing, from its first statement to its commit.
  double file(std::uint64_t first, std::uint64_t series, std::uint32_t months) {
    ObservationBatch batch;
    StagedRows rows;
    rows.begin(sample_.flow(), Action::kReplace);
    fresh(batch);
    for (std::uint64_t s = 0; s < series; ++s) {
      add_series(batch, sample_, first + s, months);
      if (batch.size() < 4000 && s + 1 < series) continue;
      rows.take(batch);
      fresh(batch);
    }
    return merge(rows);
  }

  /// The same series by year.
  double file_years(std::uint64_t series, int years) {
    ObservationBatch batch;
    fresh(batch);
    StagedRows rows;
    rows.begin(sample_.flow(), Action::kReplace);
    add_series(batch, sample_, series, std::uint32_t(years), true);
    rows.take(batch);
    return merge(rows);
  }

  /// When what is filed from now on comes; `serial`: dockets before.
  void set_time(Time at, std::int64_t serial) {
    at_ = at;
    serial_ = serial;
  }

 private:
  void fresh(ObservationBatch& batch) const {
    batch.clear();
    batch.structure = sample_.flow();
    batch.columns.resize(3);
    batch.columns[0].component = batch.structure->measure;
    batch.columns[1].component = batch.structure->obs_status;
    batch.columns[2].component = batch.structure->conf_status;
  }

  double merge(StagedRows& rows) {
    double start = now_seconds();
    Transaction transaction = must(home_.store().begin());
    DocketRecord record;
    ++serial_;
    record.docket.received = at_;
    must(home_.store().dockets().open(record, {"bench", "INBOX", 1, std::to_string(serial_)}));
    FilingFacts facts;
    facts.docket = record.docket.id;
    facts.item = 1;
    facts.structure = sample_.flow();
    facts.provider = "KG_SMS";
    facts.agreement = "FP:PA_KG_SMS_ASYLUM(1.0)";
    facts.filed_at = record.docket.received;
    facts.origin_order = serial_;
    must(writer_.begin(std::move(facts)));
    must(writer_.merge(rows));
    must(writer_.finish());
    must(transaction.commit());
    return now_seconds() - start;
  }

  Home& home_;
  const Sample& sample_;
  DataWriter writer_;
  std::int64_t serial_ = 0;
  Time at_ = *parse_time("2026-04-14T10:12:31Z");
};

/// The statements that a connection runs, each once.
void note_statements(sqlite3* database, std::set<std::string>& statements) {
  sqlite3_trace_v2(
      database, SQLITE_TRACE_STMT,
      [](unsigned, void* context, void* statement, void* text) {
        // Of triggers and checks the text is a comment.
        if (std::string_view(static_cast<const char*>(text)).starts_with("--")) return 0;
        static_cast<std::set<std::string>*>(context)->insert(
            sqlite3_sql(static_cast<sqlite3_stmt*>(statement)));
        return 0;
      },
      &statements);
}

/// Lines of the plans that read a table or an index from end to end.
std::vector<std::string> scans_of(sqlite3* database, const std::set<std::string>& statements) {
  std::vector<std::string> found;
  for (const std::string& sql : statements) {
    sqlite3_stmt* plan = nullptr;
    if (sqlite3_prepare_v2(database, ("EXPLAIN QUERY PLAN " + sql).c_str(), -1, &plan, nullptr) !=
        SQLITE_OK)
      continue;
    while (sqlite3_step(plan) == SQLITE_ROW) {
      std::string_view line = reinterpret_cast<const char*>(sqlite3_column_text(plan, 3));
      // Rows that stand in the statement itself are no table.
      if (line.starts_with("SCAN") && line.find("CONSTANT ROW") == line.npos &&
          line.find("VALUES CLAUSE") == line.npos)
        found.push_back(fmt::format("{}: {:.100}", line, sql));
    }
    sqlite3_finalize(plan);
  }
  return found;
}

int fill(const std::string& directory, std::uint64_t series, std::uint32_t months) {
  Home home = must(Home::open(directory, Home::Access::kWork));
  Sample sample(asylum(home.lookup()));
  Feeder feeder(home, sample);
  constexpr std::uint64_t piece = 2000;
  double start = now_seconds();
  for (std::uint64_t s = 0; s < series; s += piece)
    feeder.file(s, std::min(piece, series - s), months);
  std::cout << fmt::format("seconds {:.3f}\n", now_seconds() - start);
  return 0;
}

/// The same around the totals of several areas.
int fill_areas(const std::string& directory, std::uint64_t areas, std::uint64_t series,
               std::uint32_t months) {
  Home home = must(Home::open(directory, Home::Access::kWork));
  Sample sample(asylum(home.lookup()));
  Feeder feeder(home, sample);
  constexpr std::uint64_t piece = 2000;
  const std::uint64_t within = sample.totals(), before = std::min(within, series - 1);
  for (std::uint64_t a = 0; a < areas; ++a) feeder.file_years(a * sample.keys() + within, 10);
  for (std::uint64_t a = 0; a < areas; ++a)
    for (std::uint64_t s = 0; s < series; s += piece)
      feeder.file(a * sample.keys() + within - before + s, std::min(piece, series - s), months);
  return 0;
}

int few(const std::string& directory, std::uint64_t first, std::uint64_t series,
        std::uint32_t months, int rounds) {
  Home home = must(Home::open(directory, Home::Access::kWork));
  Sample sample(asylum(home.lookup()));
  Feeder feeder(home, sample);
  std::vector<double> times;
  std::set<std::string> statements;
  for (int r = 0; r < rounds; ++r)
    times.push_back(feeder.file(first + std::uint64_t(r) * series, series, months));
  note_statements(home.store().database().handle(), statements);
  feeder.file(first + std::uint64_t(rounds) * series, series, months);
  sqlite3_trace_v2(home.store().database().handle(), 0, nullptr, nullptr);
  auto scans = scans_of(home.store().database().handle(), statements);
  for (const std::string& scan : scans) std::cerr << scan << "\n";
  std::cout << fmt::format("filing {:.6f}\nstatements {}\nscans {}\n", median(times),
                           statements.size(), scans.size());
  return 0;
}

/// Answers to the same few enquiries: read, looked up, composed.
int enquire(const std::string& directory, int rounds) {
  Home home = must(Home::open(directory, Home::Access::kLook));
  Sample sample(asylum(home.lookup()));
  const Time now = SystemClock().now();
  Asker asker;
  asker.viewer = Viewer::public_at(now);
  Docket docket;
  docket.number = {2026, 1};
  docket.subject = "Question";
  const Letterhead letterhead{"Gateway", "gateway@network.example", true, true};
  const Voice voice{home.templates(), home.phrases()};
  const std::string areas = sample.areas(5);
  std::map<std::string, std::vector<double>> times;
  for (int r = 0; r < rounds; ++r)
    for (const auto& [name, tail] :
         {std::pair<std::string, std::string>{"chart", ""}, {"table", " AS table"}}) {
      const std::string text =
          fmt::format("GET ASYLUM {} {}-{}{}\n", areas, kFirstYear, kFirstYear + 9, tail);
      const double start = now_seconds();
      auto vocabulary = must(home.vocabulary());
      const auto enquiry = enquiry::read("", text, *vocabulary, home.settings().limits, now);
      const double understood = now_seconds();
      DeskAnswer answer = must(answer_enquiry(home, enquiry, asker, now));
      const double found = now_seconds();
      Receipt receipt = must(compose_transcript(docket, answer.transcript, reader_of(asker, "en"),
                                                home.lookup(), voice, letterhead));
      const double end = now_seconds();
      std::size_t rows = 0;
      for (const Answered& one : answer.transcript.answers)
        for (const AnswerData& data : one.data)
          for (const AnswerTable& table : data.tables)
            rows += table.series.size() * table.periods.size();
      if (rows != 5 * 10 || receipt.attachments.empty() != (name == "table")) {
        std::cerr << fmt::format("{} cells, {} pictures\n{}", rows, receipt.attachments.size(),
                                 receipt.plain);
        return 1;
      }
      if (r == 0) continue;  // fonts, templates and the vocabulary are read once
      times[name].push_back(end - start);
      times[name + "_read"].push_back(understood - start);
      times[name + "_find"].push_back(found - understood);
    }
  for (const auto& [name, list] : times)
    std::cout << fmt::format("{} {:.6f}\n", name, median(list));
  return 0;
}

/// Digests for many subscribers of 40 selections in three languages, of a week in which the totals
/// of five areas came and were revised.
int digests(const std::string& directory, std::uint64_t subscribers, int round) {
  Home home = must(Home::open(directory, Home::Access::kWork));
  Sample sample(asylum(home.lookup()));
  Feeder feeder(home, sample);
  Database& database = home.store().database();
  must(
      database.execute("DELETE FROM digest; DELETE FROM outbox_piece; DELETE FROM outbox; "
                       "DELETE FROM blob; DELETE FROM subscription"));
  // A week a round: what was new the week before is old.
  const Time begin = *parse_time("2026-04-20T00:00:00Z") + std::chrono::days(7 * round);
  feeder.set_time(begin + std::chrono::hours(60), 1'000'000 + 100 * round);
  constexpr std::uint64_t kAreas = 5;
  for (std::uint64_t a = 0; a < kAreas; ++a)
    feeder.file_years(a * sample.keys() + sample.totals(), 11 + round);

  std::vector<std::string> areas;
  const std::string listed = sample.areas(kAreas);
  for (std::string_view area : split(listed, ',')) areas.emplace_back(area);
  std::sort(areas.begin(), areas.end());
  constexpr const char* kLanguages[] = {"en", "ru", "uk"};
  {
    Transaction transaction = must(home.store().begin());
    for (std::uint64_t i = 0; i < subscribers; ++i) {
      Subscription one;
      one.address = fmt::format("reader{}@university.example", i);
      one.lang = kLanguages[i % 3];
      const std::uint64_t selection = i % 40;
      if (selection % 2 == 1) one.flows = {"ASYLUM"};
      for (std::uint64_t a = 0; a < kAreas; ++a)
        if ((selection / 2) >> a & 1) one.areas.push_back(areas[a]);
      one.opened = one.told_until = begin;
      one.told_day = std::chrono::floor<std::chrono::days>(begin).time_since_epoch().count();
      must(home.store().subscriptions().add(one));
    }
    must(transaction.commit());
  }
  const double start = now_seconds();
  const DigestsMade made =
      must(make_digests(home, begin + std::chrono::days(7) + std::chrono::hours(8)));
  const double seconds = now_seconds() - start;
  if (made.sent != subscribers) {
    std::cerr << fmt::format("{} digests, {} without news\n", made.sent, made.nothing);
    return 1;
  }
  std::cout << fmt::format(
      "seconds {:.6f}\ncomposed {}\ndrawn {}\nbytes {}\n", seconds, made.composed, made.drawn,
      must(database.query_integer("SELECT sum(length(bytes)) FROM blob")).value_or(0));
  return 0;
}

}  // namespace

int child_main(const std::vector<std::string>& words) {
  auto number = [&](std::size_t n) { return std::strtoull(words.at(n).c_str(), nullptr, 10); };
  const std::string& what = words.at(0);
  if (what == "floor") return floor_pass(words.at(1));
  if (what == "judge") return judge(words.at(1), words.at(2));
  if (what == "once") return once(words.at(1));
  if (what == "enquire") return enquire(words.at(1), int(number(2)));
  if (what == "fill") return fill(words.at(1), number(2), std::uint32_t(number(3)));
  if (what == "fill_areas")
    return fill_areas(words.at(1), number(2), number(3), std::uint32_t(number(4)));
  if (what == "digests") return digests(words.at(1), number(2), int(number(3)));
  if (what == "few")
    return few(words.at(1), number(2), number(3), std::uint32_t(number(4)), int(number(5)));
  return 2;
}

}  // namespace focalpost::bench
