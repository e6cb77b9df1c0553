// SPDX-License-Identifier: Apache-2.0
//
// focalpost_bench: measures the program against the floors of the machine; one table.
//
//   focalpost_bench --program FOCALPOST [--work FOLDER] [--rounds N] [--quick] [--only
//   large|formats|small|store|enquiries|digests|huge]
//
// Everything is measured in processes of their own, in turns, so that what else the machine does
// falls on all alike; a ratio is the median of the rounds' ratios. $SDMX_XSD names the folder of
// the official schemas for the comparison with xmllint. --quick leaves out the store of 20 million;
// huge, the file of 1 GB, is measured only where it is asked for, once.
#include <fmt/format.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>
#include <thread>

#include "child.h"
#include "flow/home.h"
#include "measure.h"
#include "sample.h"

namespace fs = std::filesystem;
using namespace focalpost;
using namespace focalpost::bench;

namespace {

struct Plan {
  std::string self, program;
  fs::path work, ram, xsd;
  int rounds = 5;
  std::string only;  ///< one part; empty for all but huge
  bool wants(std::string_view part) const { return only.empty() ? part != "huge" : only == part; }
  bool quick = false;
  Size size;
  std::uint64_t mails = 2000;
};

[[noreturn]] void fail(const std::string& why) {
  std::cerr << "focalpost_bench: " << why << "\n";
  std::exit(1);
}

Ran checked(const std::vector<std::string>& argv) {
  Ran ran = run(argv);
  if (ran.status != 0) fail(fmt::format("{} {} gave {}", argv[0], argv[1], ran.status));
  return ran;
}

/// The example network, in which KG_SMS owes asylum figures from kFirstYear on instead of 2026:
/// room for twenty years of months.
void write_network(const fs::path& file) {
  std::ifstream in(share_directory() / "schemas" / "example-network.xml", std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  auto at = text.find("startTime=\"", text.find("id=\"CC_KG_SMS_ASYLUM\""));
  if (at == text.npos) fail("the example network has no reference period for KG_SMS");
  std::ofstream(file, std::ios::binary) << text.replace(at + 11, 4, std::to_string(kFirstYear));
}

/// A home in `folder`, with an empty mailbox.
void fresh_home(const fs::path& pattern, const fs::path& folder) {
  fs::remove_all(folder);
  fs::copy(pattern, folder, fs::copy_options::recursive);
}

fs::path in_inbox(const fs::path& home, std::uint64_t number) {
  return home / "spool" / "mailbox" / "new" /
         fmt::format("{}.M{:06}P1Q1.bench", 1'776'000'000, number);
}

std::uint64_t room_on(const fs::path& folder) {
  struct statvfs info {};
  return ::statvfs(folder.c_str(), &info) == 0 ? std::uint64_t(info.f_bavail) * info.f_frsize : 0;
}

std::string first_match(const char* file, std::string_view key) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);)
    if (line.starts_with(key)) return line.substr(line.find(':') + 2);
  return "?";
}

std::string seconds(double s) {
  return s < 0.1 ? fmt::format("{:.2f} ms", s * 1e3) : fmt::format("{:.3f} s", s);
}

/// Printed row by row, so that a run that is broken off has said what it knew.
class Table {
 public:
  Table() {
    std::cout << "| what | median | floor | ratio | target | ok |\n|---|--:|--:|--:|--:|---|\n"
              << std::flush;
  }
  void row(const std::string& what, const std::string& median, const std::string& floor,
           const std::string& ratio, const std::string& target, std::string ok) {
    std::cout << fmt::format("| {} | {} | {} | {} | {} | {} |\n", what, median, floor, ratio,
                             target, ok)
              << std::flush;
  }
  void ratio(const std::string& what, double value, double floor, double ratio, double most) {
    row(what, seconds(value), seconds(floor), fmt::format("{:.2f}", ratio),
        fmt::format("<= {:.2g}", most), ratio <= most ? "yes" : "**no**");
  }
  void memory(const std::string& what, double bytes, double most_mb) {
    row(what, fmt::format("{:.0f} MB", bytes / 1048576), "", "",
        fmt::format("<= {:.0f} MB", most_mb), bytes <= most_mb * 1048576 ? "yes" : "**no**");
  }
  void note(const std::string& what, double value, const std::string& floor = "") {
    row(what, seconds(value), floor, "", "", "");
  }
  void skipped(const std::string& what, const std::string& why) { row(what, "-", "", "", "", why); }
};

using Series = std::vector<double>;

double median_ratio(const Series& above, const Series& below) {
  Series ratios;
  for (std::size_t i = 0; i < above.size() && i < below.size(); ++i)
    ratios.push_back(above[i] / below[i]);
  return median(ratios);
}

/// One great message filed, and filed again, on one disk.
struct Filed {
  Series keep, fresh, again, memory;
};

void file_twice(const Plan& plan, const fs::path& pattern, const fs::path& home,
                const std::string& xml, Filed& filed) {
  fresh_home(pattern, home);
  double cells = double(plan.size.series) * plan.size.months;
  for (int turn = 0; turn < 2; ++turn) {
    write_mail(in_inbox(home, std::uint64_t(turn)), xml, fmt::format("great.{}", turn));
    ::sync();
    Ran ran = checked({plan.self, "child", "once", home.string()});
    double right = number_in(ran.output, turn ? "unchanged" : "new");
    if (right != cells)
      fail(fmt::format("{} cells of {} were taken:\n{}", right, cells, ran.output));
    (turn ? filed.again : filed.fresh).push_back(number_in(ran.output, "file"));
    if (turn == 0) {
      filed.keep.push_back(number_in(ran.output, "keep"));
      filed.memory.push_back(double(ran.peak_anonymous));
    }
  }
  fs::remove_all(home);
}

void great_messages(const Plan& plan, const fs::path& pattern, const Sample& sample, Table& table) {
  fs::path file = plan.work / "asylum.xml";
  std::string xml = sample.xml_text(plan.size);
  std::ofstream(file, std::ios::binary) << xml;
  bool schema = !plan.xsd.empty();
  if (schema) {
    std::ofstream(plan.work / "asylum.xsd") << sample.schema(plan.xsd);
    std::ofstream(plan.work / "driver.xsd") << sample.driver_schema(plan.xsd, "asylum.xsd");
  }
  Series floor, judged, linted;
  Series judged_memory, linted_memory;
  Filed disk, ram;
  fs::path home = plan.work / "validate";
  fresh_home(pattern, home);
  for (int r = 0; r < plan.rounds; ++r) {
    floor.push_back(
        number_in(checked({plan.self, "child", "floor", file.string()}).output, "seconds"));
    file_twice(plan, pattern, plan.work / "home", xml, disk);
    if (!plan.ram.empty()) file_twice(plan, pattern, plan.ram / "home", xml, ram);
    Ran validate = checked({plan.program, "--home", home.string(), "validate", file.string()});
    judged.push_back(validate.seconds);
    judged_memory.push_back(double(validate.peak_anonymous));
    if (!schema) continue;
    Ran lint = checked({"xmllint", "--noout", "--stream", "--schema",
                        (plan.work / "driver.xsd").string(), file.string()});
    linted.push_back(lint.seconds);
    linted_memory.push_back(double(lint.peak_anonymous));
  }
  double base = median(floor), megabytes = double(xml.size()) / 1e6;
  table.row(fmt::format("floor: bare SAX2 push pass over {:.1f} MB, {} observations", megabytes,
                        plan.size.series * plan.size.months),
            seconds(base), "", "1", "", "");
  table.note("the raw message kept (compressed, synced), before the clock of the next rows starts",
             median(disk.keep));
  table.ratio("filed: raw bytes to the commit, store on disk", median(disk.fresh), base,
              median_ratio(disk.fresh, floor), 3.5);
  if (!plan.ram.empty())
    table.ratio("the same, store on a RAM disk", median(ram.fresh), base,
                median_ratio(ram.fresh, floor), 3.5);
  table.memory("memory of its own while filing", median(disk.memory), 96);
  table.ratio("filed again, nothing changed, on disk", median(disk.again), base,
              median_ratio(disk.again, floor), 2.5);
  if (!plan.ram.empty())
    table.ratio("the same, on a RAM disk", median(ram.again), base, median_ratio(ram.again, floor),
                2.5);
  if (schema)
    table.ratio("`focalpost validate` as a process; floor: `xmllint --stream --schema`",
                median(judged), median(linted), median_ratio(judged, linted), 0.3);
  else
    table.row("`focalpost validate` as a process", seconds(median(judged)), "", "", "",
              "no xmllint or no official schemas (SDMX_XSD)");
  table.memory("memory of its own while validating", median(judged_memory), 64);
  fs::remove_all(home);
  fs::remove(file);
}

/// The same observations in the formats that are read: how long each takes to validate.
void formats(const Plan& plan, const fs::path& pattern, const Sample& sample, Table& table) {
  struct Form {
    std::string name;
    fs::path file;
    bool xml = true;
    Series judged, floor;
  };
  std::vector<Form> forms = {{"structurespecific-2.1", {}, true, {}, {}},
                             {"generic-2.1", {}, true, {}, {}},
                             {"structurespecific-3.0", {}, true, {}, {}},
                             {"csv-1.0", {}, false, {}, {}},
                             {"csv-2.0", {}, false, {}, {}}};
  fs::path home = plan.work / "formats";
  fresh_home(pattern, home);
  for (Form& form : forms) {
    form.file = plan.work / (form.name + (form.xml ? ".xml" : ".csv"));
    if (&form == &forms.front())
      std::ofstream(form.file, std::ios::binary) << sample.xml_text(plan.size);
    else
      checked({plan.program, "--home", home.string(), "-q", "convert", forms.front().file.string(),
               "--to", form.name, "-o", form.file.string()});
  }
  for (int r = 0; r < plan.rounds; ++r)
    for (Form& form : forms) {
      if (form.xml)
        form.floor.push_back(number_in(
            checked({plan.self, "child", "floor", form.file.string()}).output, "seconds"));
      form.judged.push_back(number_in(
          checked({plan.self, "child", "judge", home.string(), form.file.string()}).output,
          "seconds"));
    }
  for (Form& form : forms) {
    const std::string what = fmt::format(
        "validated, {} ({:.1f} MB); floor: {}", form.name, double(fs::file_size(form.file)) / 1e6,
        form.xml ? "SAX2 pass over it" : "the first of these rows");
    const Series& floor = form.xml ? form.floor : forms.front().judged;
    table.ratio(what, median(form.judged), median(floor), median_ratio(form.judged, floor),
                form.xml ? 1.5 : 0.6);
    fs::remove(form.file);
  }
  fs::remove_all(home);
}

/// A mail of 1 GB of XML, filed. Written in pieces: this process holds none of it.
void huge_message(const Plan& plan, const fs::path& pattern, const Sample& sample, Table& table) {
  const std::string what = "memory of its own while a file of 1 GB is validated and filed";
  if (room_on(plan.work) < (20ull << 30)) return table.skipped(what, "no room on the disk");
  fs::path home = plan.work / "huge";
  fresh_home(pattern, home);
  Size size;
  size.series = sample.keys();
  size.months = 216;
  std::uint64_t bytes = 0;
  {
    std::ofstream out(in_inbox(home, 0), std::ios::binary);
    out << mail_head("huge", "asylum_kg.xml");
    std::string rest;
    constexpr std::size_t piece = 57 * 1024;
    sample.xml(size, [&](std::string_view xml) {
      bytes += xml.size();
      rest += xml;
      const std::size_t whole = rest.size() / piece * piece;
      out << base64_lines(std::string_view(rest).substr(0, whole));
      rest.erase(0, whole);
    });
    out << base64_lines(rest) << mail_tail();
    if (!out.flush()) fail("no room for the mail of 1 GB");
  }
  Ran ran = checked({plan.self, "child", "once", home.string()});
  const double cells = double(size.series) * size.months, right = number_in(ran.output, "new");
  if (right != cells) fail(fmt::format("{} cells of {} were taken:\n{}", right, cells, ran.output));
  table.note(
      fmt::format("a file of {:.0f} MB, {:.0f} observations, from the kept mail to the commit",
                  double(bytes) / 1e6, cells),
      number_in(ran.output, "file"));
  table.memory(what, double(ran.peak_anonymous), 96);
  fs::remove_all(home);
}

void small_messages(const Plan& plan, const fs::path& pattern, const Sample& sample, Table& table) {
  std::string what =
      fmt::format("{} mails of 60 observations through `once`, RAM disk", plan.mails);
  if (plan.ram.empty()) return table.skipped(what, "no RAM disk with room");
  Series rates;
  fs::path home = plan.ram / "small";
  for (int r = 0; r < plan.rounds; ++r) {
    fresh_home(pattern, home);
    for (std::uint64_t m = 0; m < plan.mails; ++m)
      write_mail(in_inbox(home, m), sample.xml_text({m * 5, 5, 12}), fmt::format("small.{}", m));
    Ran ran = checked({plan.program, "--home", home.string(), "once"});
    rates.push_back(double(plan.mails) / ran.seconds);
    std::uint64_t sent = 0;
    for (const char* part : {"new", "cur"})
      for (auto& entry : fs::directory_iterator(home / "spool" / "mailbox" / ".Sent" / part))
        sent += entry.is_regular_file();
    if (sent != plan.mails) fail(fmt::format("{} receipts for {} mails", sent, plan.mails));
    fs::remove_all(home);
  }
  double rate = median(rates);
  table.row(what, fmt::format("{:.0f} /s", rate), "", "", ">= 1500 /s",
            rate >= 1500 ? "yes" : "**no**");
}

void great_store(const Plan& plan, const fs::path& pattern, Table& table) {
  std::string what = "a store of 20 million observations against an empty one";
  if (plan.quick) return table.skipped(what, "left out (--quick)");
  if (room_on(plan.work) < (3ull << 30)) return table.skipped(what, "no room on the disk");
  constexpr std::uint64_t stored = 166'667;
  fs::path great = plan.work / "great", empty = plan.work / "empty";
  fresh_home(pattern, great);
  double filling = number_in(
      checked({plan.self, "child", "fill", great.string(), std::to_string(stored), "120"}).output,
      "seconds");
  std::error_code none;
  double size = double(fs::file_size(great / "store.sqlite", none));
  table.note(fmt::format("a store of {} observations made, {:.0f} MB", stored * 120, size / 1e6),
             filling);
  Series ten[2], thousand[2];
  double scans = 0;
  for (int r = 0; r < plan.rounds; ++r) {
    fresh_home(pattern, empty);
    for (int e = 0; e < 2; ++e) {
      const fs::path& home = e ? empty : great;
      auto few = [&](std::uint64_t offset, int series, int months, int rounds) {
        Ran ran = checked({plan.self, "child", "few", home.string(),
                           std::to_string(stored + 50'000 * std::uint64_t(r) + offset),
                           std::to_string(series), std::to_string(months), std::to_string(rounds)});
        scans += number_in(ran.output, "scans");
        return number_in(ran.output, "filing");
      };
      ten[e].push_back(few(0, 10, 100, 21));
      thousand[e].push_back(few(10'000, 1000, 1, 5));
    }
  }
  table.ratio("10 series x 100 periods filed into it; floor: into an empty store", median(ten[0]),
              median(ten[1]), median_ratio(ten[0], ten[1]), 1.3);
  table.row("1,000 series x 1 period filed into it; floor: into an empty store",
            seconds(median(thousand[0])), seconds(median(thousand[1])),
            fmt::format("{:.2f}", median_ratio(thousand[0], thousand[1])), "", "");
  table.row("plans of their statements (EXPLAIN QUERY PLAN) that scan a table",
            fmt::format("{}", scans), "", "", "0", scans == 0 ? "yes" : "**no**");
  fs::remove_all(great);
  fs::remove_all(empty);
}

/// Answers over a store of 10 million observations, and enquiries through `once`.
void enquiries(const Plan& plan, const fs::path& pattern, Table& table) {
  const std::string what = "enquiries over 10 million observations";
  if (plan.quick) return table.skipped(what, "left out (--quick)");
  if (room_on(plan.work) < (2ull << 30)) return table.skipped(what, "no room on the disk");
  const fs::path home = plan.work / "enquiries";
  fresh_home(pattern, home);
  checked({plan.self, "child", "fill_areas", home.string(), "5", "16667", "120"});
  Series chart, text, parse;
  for (int r = 0; r < plan.rounds; ++r) {
    Ran ran = checked({plan.self, "child", "enquire", home.string(), "21"});
    chart.push_back(number_in(ran.output, "chart"));
    text.push_back(number_in(ran.output, "table"));
    parse.push_back(number_in(ran.output, "table_read"));
  }
  auto row = [&](std::string name, double value, double most) {
    table.row(std::move(name), seconds(value), "", "", "<= " + seconds(most),
              value <= most ? "yes" : "**no**");
  };
  row("an enquiry, 5 countries, 10 years, from text to letter, with its chart", median(chart),
      0.030);
  row("the same without a chart", median(text), 0.005);
  table.note("of that, reading what is asked", median(parse));

  constexpr int kMails = 400;
  const fs::path folder = home / "spool" / "mailbox" / "new";
  Series rates;
  for (int r = 0; r < plan.rounds; ++r) {
    for (int i = 0; i < kMails; ++i)
      std::ofstream(folder / fmt::format("1779264000.M{}P{}.bench", i, r))
          << "From: " << kSender << "\r\nTo: gateway@network.example\r\nSubject: Question\r\n"
          << "Message-ID: <enquiry." << r << '.' << i << "@migration.kg.example>\r\n\r\n"
          << "GET ASYLUM KG " << kFirstYear + i % 9 << '-' << kFirstYear + i % 9 + 1
          << " AS table\r\n";
    Ran ran = checked({plan.program, "--home", home.string(), "once"});
    rates.push_back(kMails / ran.seconds);
  }
  const double rate = median(rates);
  table.row(fmt::format("{} enquiries through `once`, without charts", kMails),
            fmt::format("{:.0f} /s", rate), "", "", ">= 200 /s", rate >= 200 ? "yes" : "**no**");
  fs::remove_all(home);
}

/// Digests for 2,000 subscribers over a store of 10 million observations.
void digests(const Plan& plan, const fs::path& pattern, Table& table) {
  const std::string what = "digests over 10 million observations";
  if (plan.quick) return table.skipped(what, "left out (--quick)");
  if (room_on(plan.work) < (2ull << 30)) return table.skipped(what, "no room on the disk");
  const fs::path home = plan.work / "digests";
  fresh_home(pattern, home);
  checked({plan.self, "child", "fill_areas", home.string(), "5", "16667", "120"});
  constexpr double kMost = 3;
  Series times;
  double composed = 0, drawn = 0, bytes = 0;
  for (int r = 0; r < plan.rounds; ++r) {
    Ran ran = checked({plan.self, "child", "digests", home.string(), "2000", std::to_string(r)});
    times.push_back(number_in(ran.output, "seconds"));
    composed = number_in(ran.output, "composed");
    drawn = number_in(ran.output, "drawn");
    bytes = number_in(ran.output, "bytes");
  }
  const double time = median(times);
  table.row("digests for 2,000 subscribers, 3 languages, 40 selections, composed and queued",
            seconds(time), "", "", "<= " + seconds(kMost), time <= kMost ? "yes" : "**no**");
  table.row(fmt::format("letters composed, pictures drawn: {:.0f}, {:.0f}; kept", composed, drawn),
            fmt::format("{:.1f} MB", bytes / 1e6), "", "", "", "");
  fs::remove_all(home);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 2 && std::string_view(argv[1]) == "child")
    return child_main(std::vector<std::string>(argv + 2, argv + argc));
  Plan plan;
  plan.self = fs::read_symlink("/proc/self/exe").string();
  plan.work = fs::temp_directory_path();
  for (int i = 1; i < argc; ++i) {
    std::string_view option = argv[i];
    if (option == "--quick") {
      plan.quick = true;
    } else if (i + 1 == argc) {
      fail(fmt::format("what is {}?", option));
    } else if (option == "--program") {
      plan.program = fs::absolute(argv[++i]).string();
    } else if (option == "--work") {
      plan.work = argv[++i];
    } else if (option == "--rounds") {
      plan.rounds = std::max(1, std::atoi(argv[++i]));
    } else if (option == "--only") {
      plan.only = argv[++i];
    } else {
      fail(fmt::format("what is {}?", option));
    }
  }
  if (plan.program.empty()) fail("--program FOCALPOST is needed");
  plan.work = fs::absolute(plan.work) / fmt::format("focalpost-bench-{}", ::getpid());
  fs::create_directories(plan.work);
  if (room_on("/dev/shm") > (1ull << 30)) {
    plan.ram = fs::path("/dev/shm") / plan.work.filename();
    fs::create_directories(plan.ram);
  }
  if (const char* given = std::getenv("SDMX_XSD");
      given && fs::exists(fs::path(given) / "SDMXMessage.xsd"))
    if (run({"sh", "-c", "command -v xmllint"}).status == 0) plan.xsd = fs::canonical(given);

  // The pattern of all homes: the example network, an empty mailbox, replies without a budget.
  fs::path pattern = plan.work / "pattern";
  checked({plan.program, "init", pattern.string(), "--demo"});
  write_network(plan.work / "network.xml");
  checked({plan.program, "--home", pattern.string(), "load", (plan.work / "network.xml").string()});
  for (auto& entry : fs::directory_iterator(pattern / "spool" / "mailbox" / "new"))
    fs::remove(entry.path());
  std::ofstream(pattern / "focalpost.toml", std::ios::app)
      << "\n[limits]\nreplies_per_hour = 1000000\n";

  auto network = shipped_network();
  Sample sample(asylum(*network));
  Table table;
  if (plan.wants("large")) great_messages(plan, pattern, sample, table);
  if (plan.wants("formats")) formats(plan, pattern, sample, table);
  if (plan.wants("small")) small_messages(plan, pattern, sample, table);
  if (plan.wants("store")) great_store(plan, pattern, table);
  if (plan.wants("enquiries")) enquiries(plan, pattern, table);
  if (plan.wants("digests")) digests(plan, pattern, table);
  if (plan.wants("huge")) huge_message(plan, pattern, sample, table);
  fs::remove_all(plan.work);
  if (!plan.ram.empty()) fs::remove_all(plan.ram);

  utsname system{};
  ::uname(&system);
  std::cout << fmt::format("\n{}, {} cores, {} {}, {}; medians of {} rounds.\n",
                           first_match("/proc/cpuinfo", "model name"),
                           std::thread::hardware_concurrency(), system.sysname, system.release,
                           BENCH_COMPILER, plan.rounds);
}
