// SPDX-License-Identifier: Apache-2.0
//
// focalpost_flow_bench: the whole way of letters at a real Dovecot; one table.
//
//   focalpost_flow_bench [--work FOLDER] [--rounds N] [--messages N] [--deliveries N]
//                        [--idle SECONDS] [--tls none|implicit] [--only many|one|idle]
//
//   many   letters of 60 observations that wait in INBOX are fetched, filed, answered and moved by
//          `once`; sending them and the copies in Sent have rows of their own. Floors of the same
//          round: the bare fetch of the same letters, and the same letters in the embedded mailbox
//   one    a letter is delivered by LMTP while `run` waits in IDLE: the time until its receipt was
//          accepted by an SMTP server, less the time after which the server told a bare IDLE client
//          of the same letter
//   idle   what `run` costs while nothing happens
//
// `once` and `run` are processes of their own; letters leave to a scripted SMTP server in this one.
// Homes and the server's mail lie in FOLDER: a RAM disk, if there is one with room.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "base/files.h"
#include "flow/home.h"
#include "flow/load.h"
#include "flow/once.h"
#include "flow/run.h"
#include "mailbox/imap.h"
#include "measure.h"
#include "sample.h"
#include "servers/client.h"
#include "servers/dovecot.h"
#include "smtp/fake_smtp.h"
#include "spool/spool.h"

using namespace focalpost;
using namespace focalpost::bench;

namespace {

using Seconds = std::vector<double>;

struct Wanted {
  std::string self;
  fs::path work;
  int rounds = 3, messages = 5000, deliveries = 30, idle = 10;
  bool tls = true;
  std::string only;
  bool wants(std::string_view part) const { return only.empty() || only == part; }
};

[[noreturn]] void give_up(const std::string& why) {
  throw std::runtime_error(why);
}

template <typename T>
T must(Result<T> result) {
  if (!result.ok()) give_up(result.error().what);
  return std::move(result).value();
}
void must(Status status) {
  if (!status.ok()) give_up(status.error().what);
}

// The processes that are measured.

/// What follows `name ` in the output of a child.
void say(std::string_view name, double value) {
  std::cout << fmt::format("{} {:.6f}\n", name, value) << std::flush;
}

int child_once(const fs::path& root) {
  SystemClock clock;
  double start = now_seconds(), moved = start, before = start, sending = 0, copying = 0;
  Home home = must(Home::open(root, Home::Access::kWork));
  PassResult pass = must(run_once(home, clock, [&](std::string_view step) {
    const double now = now_seconds();
    if (step == "moved") moved = now;
    if (step == "recorded") sending += now - before;
    if (step == "copied") copying += now - before;
    if (step == "marked" || step == "recorded") before = now;
  }));
  if (pass.trouble) give_up(pass.trouble->what);
  say("taken", moved - start);
  say("sending", sending);
  say("copying", copying);
  say("sent", double(pass.sent));
  auto count = [&](std::string_view sql) {
    return double(must(home.store().database().query_integer(sql)).value_or(-1));
  };
  say("filed", count("SELECT count(*) FROM filing"));
  say("answered", count("SELECT count(*) FROM outbox"));
  return 0;
}

int child_run(const fs::path& root) {
  SystemClock clock;
  Home home = must(Home::open(root, Home::Access::kWork));
  RunOptions options;
  options.up = [](const std::function<void()>&) { std::cout << "up\n" << std::flush; };
  must(run(home, clock, options));
  return 0;
}

// Homes.

/// The example network, in which KG_SMS owes asylum figures from 2016 on; replies without a budget;
/// an empty mailbox.
void make_pattern(const fs::path& root, const fs::path& network) {
  const SystemClock clock;
  const Time now = clock.now();
  Home home = must(Home::create(root, true, now));
  auto files = default_network(share_directory(), true);
  for (fs::path& file : files) {
    if (file.filename() != "example-network.xml") continue;
    std::string text = must(read_file(file));
    const auto at = text.find("startTime=\"", text.find("id=\"CC_KG_SMS_ASYLUM\""));
    if (at == text.npos) give_up("the example network has no reference period for KG_SMS");
    must(write_file_durably(network, text.replace(at + 11, 4, "2016")));
    file = network;
  }
  Structures structures = must(load_structures(files, Limits{}));
  Transaction transaction = must(home.store().begin());
  must(home.store().structures().save(structures, now));
  must(transaction.commit());
  must(Maildir(home.paths().mailbox(), clock).open());
  std::ofstream(root / "focalpost.toml", std::ios::app)
      << "\n[limits]\nreplies_per_hour = 1000000\n";
}

class Lab {
 public:
  explicit Lab(const Wanted& wanted)
      : wanted_(wanted),
        folder_(fs::absolute(wanted.work) / fmt::format("focalpost-flow-bench-{}", ::getpid())) {
    // Letters, the server's and ours, and the store lie on the same disk.
    const fs::path mail = dovecot.path() / "mail";
    fs::create_directories(folder_);
    fs::copy(mail, folder_ / "mail", fs::copy_options::recursive);
    fs::remove_all(mail);
    fs::create_directory_symlink(folder_ / "mail", mail);
    servers::give_to(servers::unprivileged(), folder_ / "mail");
    make_pattern(folder_ / "pattern", folder_ / "network.xml");
    sample_.emplace(asylum(*shipped_network()));
  }
  ~Lab() {
    std::error_code none;
    fs::remove_all(folder_, none);
  }
  Lab(const Lab&) = delete;
  Lab& operator=(const Lab&) = delete;

  std::string letter(int number) const {
    return mail_text(sample_->xml_text({std::uint64_t(number) * 5, 5, 12}),
                     fmt::format("flow.{}", number));
  }
  /// A fresh home; with a user of Dovecot or, without one, with its own mailbox.
  fs::path home(const std::string& user, std::uint16_t smtp) const {
    const fs::path root = folder_ / "home";
    fs::remove_all(root);
    fs::copy(folder_ / "pattern", root, fs::copy_options::recursive);
    std::ofstream settings(root / "focalpost.toml", std::ios::app);
    settings << fmt::format("[outgoing]\nurl = \"smtp://127.0.0.1:{}\"\ntls = \"none\"\n", smtp);
    if (!user.empty()) {
      settings << "[mailbox]\n"
               << (wanted_.tls ? fmt::format("url = \"imaps://localhost:{}\"\nca_file = \"{}\"\n",
                                             dovecot.imaps_port(), dovecot.ca_file().string())
                               : fmt::format("url = \"imap://localhost:{}\"\ntls = \"none\"\n",
                                             dovecot.imap_port()))
               << fmt::format("user = \"{}\"\npassword_file = \"password\"\n", user);
      must(write_file_durably(root / "password", "secret\n", 0600));
    }
    return root;
  }
  ImapOptions imap(const std::string& user) const {
    ImapOptions options;
    options.endpoint.host = "localhost";
    options.endpoint.port = wanted_.tls ? dovecot.imaps_port() : dovecot.imap_port();
    options.endpoint.tls = wanted_.tls ? net::Tls::kImplicit : net::Tls::kNone;
    options.endpoint.ca_file = dovecot.ca_file().string();
    options.credentials = std::make_shared<net::FixedCredentials>(user, "secret");
    options.name = user;
    return options;
  }

  servers::Dovecot dovecot;

 private:
  const Wanted& wanted_;
  fs::path folder_;
  std::optional<Sample> sample_;
};

// The table.

void row(const std::string& what, const std::string& median, const std::string& floor,
         const std::string& ratio, const std::string& target, const std::string& ok) {
  std::cout << fmt::format("| {} | {} | {} | {} | {} | {} |\n", what, median, floor, ratio, target,
                           ok)
            << std::flush;
}

std::string yes_or_no(bool ok) {
  return ok ? "yes" : "**no**";
}

double median_ratio(const Seconds& above, const Seconds& below) {
  Seconds ratios;
  for (std::size_t i = 0; i < above.size(); ++i) ratios.push_back(above[i] / below[i]);
  return median(ratios);
}

// Many letters.

/// Reads what comes and forgets it.
struct Counting final : MessageSink {
  std::uint64_t messages = 0, bytes = 0;
  Status mapped(const MessageRef&, MappedFile) override { return bug("IMAP has no files"); }
  Status streamed(const MessageRef&, ByteSource& source) override {
    ++messages;
    for (;;) {
      FP_ASSIGN(auto span, source.next());
      if (span.empty()) return {};
      bytes += span.size();
    }
  }
  Status gone(const MessageRef& ref) override { return bug("message gone: " + ref.uid); }
  Status unreadable(const MessageRef&, const Error& why) override { return why; }
};

double bare_fetch(const ImapOptions& options, int messages) {
  const double start = now_seconds();
  {
    ImapMailbox mailbox(options);
    must(mailbox.open());
    Counting sink;
    must(mailbox.fetch(must(mailbox.list(Folder::kInbox, 0)), sink));
    if (sink.messages != std::uint64_t(messages))
      give_up(fmt::format("{} messages came", sink.messages));
  }
  return now_seconds() - start;
}

struct Passes {
  Seconds taken, sending, copying;
  std::uint64_t memory = 0;
};

void pass(const Wanted& wanted, const fs::path& home, Passes& passes) {
  Ran ran = run({wanted.self, "child", "once", home.string()});
  if (ran.status != 0) give_up("`once` failed");
  for (const char* what : {"sent", "filed", "answered"})
    if (number_in(ran.output, what) != wanted.messages)
      give_up(fmt::format("not all of {} letters were {}:\n{}", wanted.messages, what, ran.output));
  passes.taken.push_back(number_in(ran.output, "taken"));
  passes.sending.push_back(number_in(ran.output, "sending"));
  passes.copying.push_back(number_in(ran.output, "copying"));
  passes.memory = std::max(passes.memory, ran.peak_anonymous);
}

void many(const Wanted& wanted, Lab& lab) {
  std::uint64_t bytes = 0;
  Seconds fetched;
  Passes server, embedded;
  for (int round = 0; round < wanted.rounds; ++round) {
    const std::string user = fmt::format("gateway{}", round);
    for (int i = 0; i < wanted.messages; ++i) {
      const std::string letter = lab.letter(i);
      lab.dovecot.deliver(user, letter);
      bytes += letter.size();
    }
    // Once beforehand: as after a delivery agent, the server has its index.
    bare_fetch(lab.imap(user), wanted.messages);
    fetched.push_back(bare_fetch(lab.imap(user), wanted.messages));
    {
      smtp::FakeSmtp sink;
      pass(wanted, lab.home(user, sink.port()), server);
    }
    if (lab.dovecot.messages(user, "Filed").size() != std::size_t(wanted.messages) ||
        !lab.dovecot.messages(user).empty() ||
        lab.dovecot.messages(user, "Sent").size() != std::size_t(wanted.messages))
      give_up("not all letters are in their folders");
    fs::remove_all(lab.dovecot.directory(user));
    smtp::FakeSmtp sink;
    const fs::path home = lab.home("", sink.port());
    for (int i = 0; i < wanted.messages; ++i)
      std::ofstream(
          home / "spool" / "mailbox" / "new" / fmt::format("1776000000.M{:06}P1Q1.bench", i),
          std::ios::binary)
          << lab.letter(i);
    pass(wanted, home, embedded);
  }
  const double count = wanted.messages;
  auto rate = [&](const Seconds& times) { return fmt::format("{:.0f} /s", count / median(times)); };
  row(fmt::format("floor: {} letters of {:.1f} KB fetched and forgotten", wanted.messages,
                  double(bytes) / count / wanted.rounds / 1000),
      rate(fetched), "", "1", "", "");
  row("floor: fetched, filed, answered, moved in the embedded mailbox", rate(embedded.taken), "",
      "1", "", "");
  row("fetched, filed, answered, moved at Dovecot; floor: the embedded mailbox", rate(server.taken),
      rate(embedded.taken), fmt::format("{:.2f}", median_ratio(server.taken, embedded.taken)),
      ">= 1000 /s", yes_or_no(count / median(server.taken) >= 1000));
  Seconds both;
  for (std::size_t i = 0; i < fetched.size(); ++i) both.push_back(fetched[i] + embedded.taken[i]);
  row("the same; floor: both of the above, one after the other", rate(server.taken), rate(both),
      fmt::format("{:.2f}", median_ratio(server.taken, both)), "", "");
  row("receipts sent by SMTP, marks and verdicts committed", rate(server.sending), "", "", "", "");
  row("copies in Dovecot's Sent; floor: in the embedded mailbox", rate(server.copying),
      rate(embedded.copying), fmt::format("{:.2f}", median_ratio(server.copying, embedded.copying)),
      "", "");
  row("memory of its own meanwhile", fmt::format("{:.0f} MB", double(server.memory) / 1048576), "",
      "", "<= 96 MB", yes_or_no(server.memory <= (96u << 20)));
}

// One letter, and none.

/// Somebody else's mail client, waiting.
class IdleClient {
 public:
  IdleClient(std::uint16_t port, const std::string& user) : client_(port) {
    client_.line();
    client_.send(fmt::format("a LOGIN {} secret\r\nb SELECT INBOX\r\n", user));
    until("b OK");
    client_.send("c IDLE\r\n");
    until("+ ");
  }
  /// When it was told of the next message.
  double told() {
    until(" EXISTS");
    return now_seconds();
  }

 private:
  void until(std::string_view part) {
    while (client_.line().find(part) == std::string::npos) {
    }
  }
  servers::LineClient client_;
};

class Lmtp {
 public:
  explicit Lmtp(std::uint16_t port) : client_(port) {
    client_.line();
    say("LHLO bench.example");
  }
  /// When the server had it.
  double deliver(const std::string& user, const std::string& letter) {
    say(fmt::format("MAIL FROM:<{}>", kSender));
    say(fmt::format("RCPT TO:<{}@network.example>", user));
    say("DATA");
    say(letter + "\r\n.");  // base64 and header lines: no dot at a line's beginning
    return now_seconds();
  }

 private:
  void say(const std::string& words) {
    client_.send(words + "\r\n");
    std::string answer;
    do answer = client_.line();
    while (answer.size() > 3 && answer[3] == '-');
    if (answer[0] != '2' && answer[0] != '3') give_up("LMTP: " + answer);
  }
  servers::LineClient client_;
};

/// When letters were accepted.
class Acceptances {
 public:
  smtp::Script script() {
    smtp::Script script;
    script.answer = [this](const std::string& command) -> std::string {
      if (command != "<text>") return {};
      const std::lock_guard lock(mutex_);
      times_.push_back(now_seconds());
      changed_.notify_all();
      return {};
    };
    return script;
  }
  /// Of the letter of that number, from 0.
  double of(std::size_t number) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, std::chrono::seconds(30), [&] { return times_.size() > number; }))
      give_up("a receipt did not come");
    return times_[number];
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  Seconds times_;
};

struct Cost {
  double cpu = 0;  ///< seconds
  std::uint64_t wakes = 0;
};

/// Of all threads of a process: time on a processor, and how often one of them slept.
Cost cost_of(pid_t pid) {
  Cost cost;
  for (const auto& thread : fs::directory_iterator(fmt::format("/proc/{}/task", pid))) {
    double nanos = 0;
    std::ifstream(thread.path() / "schedstat") >> nanos;
    cost.cpu += nanos / 1e9;
    std::ifstream status(thread.path() / "status");
    for (std::string line; std::getline(status, line);)
      if (line.starts_with("voluntary_ctxt_switches:"))
        cost.wakes += std::strtoull(line.c_str() + 24, nullptr, 10);
  }
  return cost;
}

void one_and_none(const Wanted& wanted, Lab& lab) {
  Acceptances accepted;
  smtp::FakeSmtp sink(accepted.script());
  const std::string user = "gateway", beside = "beside";
  for (const std::string& name : {user, beside}) must(ImapMailbox(lab.imap(name)).open());
  const fs::path home = lab.home(user, sink.port());
  servers::Folder folder;
  const fs::path log = folder.path() / "log";
  servers::write_text(log, "");
  servers::Program program({wanted.self, "child", "run", home.string()}, servers::ourselves(), log,
                           folder.path());
  for (double end = now_seconds() + 30;
       servers::read_text(log).find("up\n") == std::string::npos;) {
    if (!program.running() || now_seconds() > end) give_up("run: " + servers::read_text(log));
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  // Longer than the server holds notifications back, so that one does not go with another.
  const auto settle = [] { std::this_thread::sleep_for(std::chrono::milliseconds(1200)); };

  std::size_t number = 0;
  if (wanted.wants("one")) {
    Lmtp lmtp(lab.dovecot.lmtp_port());
    IdleClient client(lab.dovecot.imap_port(), beside);
    Seconds theirs, ours, beyond;
    constexpr int kUncounted = 2;  // connections are opened, files and tables are read
    for (int i = 0; i < wanted.deliveries + kUncounted; ++i) {
      settle();
      const std::string letter = lab.letter(wanted.messages + i);
      const double there = lmtp.deliver(beside, letter), here = lmtp.deliver(user, letter);
      const double told = client.told() - there, done = accepted.of(number++) - here;
      if (i < kUncounted) continue;
      theirs.push_back(told);
      ours.push_back(done);
      beyond.push_back(done - told);
    }
    auto millis = [](double seconds) { return fmt::format("{:.1f} ms", seconds * 1e3); };
    std::sort(beyond.begin(), beyond.end());
    row("floor: from LMTP's yes until a bare IDLE client is told", millis(median(theirs)), "", "",
        "", "");
    row("from LMTP's yes until the receipt is accepted by SMTP", millis(median(ours)),
        millis(median(theirs)), fmt::format("{:.2f}", median_ratio(ours, theirs)), "", "");
    row("the difference, letter by letter", millis(median(beyond)), "", "", "<= 50 ms",
        yes_or_no(median(beyond) <= 0.050));
    row("the difference, the slowest tenth from", millis(beyond[beyond.size() * 9 / 10]), "", "",
        "", "");
  }
  if (wanted.wants("idle")) {
    settle();
    const Cost before = cost_of(program.pid());
    std::this_thread::sleep_for(std::chrono::seconds(wanted.idle));
    const Cost after = cost_of(program.pid());
    const double cpu = after.cpu - before.cpu;
    row(fmt::format("processor time of an idle `run` in {} s; it woke up {} times", wanted.idle,
                    after.wakes - before.wakes),
        fmt::format("{:.2f} ms", cpu * 1e3), "", fmt::format("{:.4f} %", cpu / wanted.idle * 100),
        "<= 0.01 %", yes_or_no(cpu / wanted.idle <= 1e-4));
  }
}

Wanted read_arguments(int argc, char** argv) {
  Wanted wanted;
  wanted.self = fs::read_symlink("/proc/self/exe").string();
  const auto ram = disk_space("/dev/shm");
  wanted.work = ram.ok() && ram->free_bytes > (1ull << 30) ? "/dev/shm" : fs::temp_directory_path();
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (i + 1 == argc) give_up(fmt::format("{} needs a value", word));
    const std::string value = argv[++i];
    const int number = std::atoi(value.c_str());
    if (word == "--work") {
      wanted.work = value;
    } else if (word == "--only") {
      wanted.only = value;
    } else if (word == "--tls" && (value == "none" || value == "implicit")) {
      wanted.tls = value == "implicit";
    } else if (number <= 0) {
      give_up(fmt::format("{} {} is not understood", word, value));
    } else if (word == "--messages") {
      wanted.messages = number;
    } else if (word == "--rounds") {
      wanted.rounds = number;
    } else if (word == "--deliveries") {
      wanted.deliveries = number;
    } else if (word == "--idle") {
      wanted.idle = number;
    } else {
      give_up(fmt::format("{} is not understood", word));
    }
  }
  return wanted;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc == 4 && std::string_view(argv[1]) == "child")
      return argv[2] == std::string_view("run") ? child_run(argv[3]) : child_once(argv[3]);
    const Wanted wanted = read_arguments(argc, argv);
    Lab lab(wanted);
    std::cout << "| what | median | floor | ratio | target | ok |\n|---|--:|--:|--:|--:|---|\n"
              << std::flush;
    if (wanted.wants("many")) many(wanted, lab);
    if (wanted.wants("one") || wanted.wants("idle")) one_and_none(wanted, lab);
    std::cout << fmt::format(
        "\nMedians of {} rounds and {} deliveries, in {}; the line to Dovecot {}.\n", wanted.rounds,
        wanted.deliveries, wanted.work.string(), wanted.tls ? "with TLS" : "without TLS");
    return 0;
  } catch (const std::exception& failure) {
    std::cerr << "focalpost_flow_bench: " << failure.what() << "\n";
    return 1;
  }
}
