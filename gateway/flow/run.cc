// SPDX-License-Identifier: Apache-2.0
#include "flow/run.h"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "base/log.h"
#include "flow/accounts.h"
#include "flow/alerts.h"
#include "flow/backoff.h"
#include "flow/crash_note.h"
#include "flow/dispatch.h"
#include "flow/intake.h"
#include "flow/release.h"
#include "flow/service_manager.h"
#include "flow/site_keeper.h"

namespace focalpost {
namespace {

using std::chrono::milliseconds;

/// An event that one thread tells another; readable in poll() once told.
class Bell {
 public:
  static Result<Bell> make() {
    Bell bell;
    bell.fd_ = Fd(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
    if (!bell.fd_) return temporary("no eventfd is to be had");
    return bell;
  }
  int fd() const { return fd_.get(); }
  void ring() const {
    std::uint64_t one = 1;
    (void)!::write(fd_.get(), &one, sizeof one);
  }
  void silence() const {
    std::uint64_t rung = 0;
    (void)!::read(fd_.get(), &rung, sizeof rung);
  }
  bool rung() const {
    pollfd look{fd_.get(), POLLIN, 0};
    return ::poll(&look, 1, 0) > 0;
  }

 private:
  Bell() = default;
  Fd fd_;
};

/// Until one of them is readable, or the time is over.
void wait_for(std::initializer_list<int> fds, milliseconds at_most) {
  std::array<pollfd, 4> polled{};
  std::size_t count = 0;
  for (int fd : fds) polled[count++] = {fd, POLLIN, 0};
  int timeout = int(std::clamp<std::int64_t>(at_most.count(), 0, 1 << 30));
  (void)::poll(polled.data(), count, timeout);
}

/// Stands in IDLE for a mailbox that the main thread does not wait in.
class Watcher {
 public:
  Watcher(const MailboxPlace& place, const HomePaths& paths, const Clock& clock,
          const RunOptions& options, const Bell& stop, const Bell& wake)
      : stop_(stop),
        wake_(wake),
        backoff_(options.first_pause, options.longest_pause),
        look_(options.look),
        mailbox_(make_mailbox(place, paths, clock, stop.fd())),
        thread_([this] { work(); }) {}
  ~Watcher() { thread_.join(); }
  bool take_news() { return news_.exchange(false); }

 private:
  void work() {
    while (!stop_.rung()) {
      if (watch_once().ok()) continue;
      // Whoever takes the mail in meets the same trouble and writes it down.
      wait_for({stop_.fd()}, backoff_.next());
    }
  }
  Status watch_once() {
    FP_TRY(mailbox_->open());
    backoff_.reset();
    tell();  // what came while nobody looked
    while (!stop_.rung()) {
      FP_ASSIGN(Wake woken, mailbox_->wait(look_, stop_.fd()));
      if (woken != Wake::kMail) continue;
      tell();
      // Having seen it is what ends this news.
      FP_TRY(mailbox_->list(Folder::kInbox, 1));
      FP_TRY(mailbox_->list(Folder::kRetry, 1));
    }
    return {};
  }
  void tell() {
    news_ = true;
    wake_.ring();
  }

  const Bell& stop_;
  const Bell& wake_;
  Backoff backoff_;
  milliseconds look_;
  std::unique_ptr<Mailbox> mailbox_;
  std::atomic<bool> news_ = false;
  std::thread thread_;
};

/// Empties the outbox on a thread of its own.
class Sender {
 public:
  Sender(const Home& home, const Clock& clock, const RunOptions& options, const Bell& stop,
         const Bell& mail)
      : paths_(home.paths()),
        settings_(home.settings()),
        clock_(clock),
        stop_(stop),
        mail_(mail),
        backoff_(options.first_pause, options.longest_pause),
        thread_([this] { work(); }) {}
  ~Sender() { thread_.join(); }

 private:
  void work() {
    while (!stop_.rung()) {
      Status served = serve();
      if (served.ok()) return;
      log::error(fmt::format("the outbox: {}", served.error().what));
      wait_for({stop_.fd()}, backoff_.next());
    }
  }

  Status serve() {
    FP_ASSIGN(Home home, Home::open(paths_.root, Home::Access::kWrite, settings_));
    Accounts accounts = Accounts::of(home.settings(), home.paths(), clock_);
    FP_ASSIGN(auto dispatcher, Dispatcher::make(home, accounts.outgoing(), stop_.fd()));
    FP_TRY(dispatcher->recover(clock_.now()));
    std::unique_ptr<Mailbox> sent = make_mailbox(accounts.first(), paths_, clock_, stop_.fd());
    bool open = false, owed = true;  // copies, perhaps from the last time
    while (!stop_.rung()) {
      mail_.silence();
      FP_ASSIGN(bool wanted, sent_is_wanted(home, accounts));
      if ((wanted || owed) && !open) {
        Status opened = sent->open();
        open = opened.ok();
        if (!open) log::warning(fmt::format("no copies to Sent: {}", opened.error().what));
      }
      FP_ASSIGN(DispatchResult result, dispatcher->run(clock_, open ? sent.get() : nullptr));
      FP_TRY(dispatcher->note_contact(result, clock_.now()));
      // What is owed is what the outbox says: a letter may have been sent while Sent was away.
      FP_ASSIGN(bool left, copies_left(home, accounts));
      owed = result.copy_trouble.has_value() || left || (wanted && !open);
      if (result.copy_trouble) open = false;
      if (!owed) backoff_.reset();
      milliseconds pause = std::chrono::hours(1);
      if (result.next)
        pause = std::max<milliseconds>(milliseconds(10), std::chrono::duration_cast<milliseconds>(
                                                             *result.next - clock_.now()));
      // Trouble with copies has its own pause, which is in `next`.
      if (owed && !result.copy_trouble) pause = std::min(pause, backoff_.next());
      if (!result.stopped) wait_for({stop_.fd(), mail_.fd()}, pause);
    }
    return {};
  }

  /// Copies go there, or everything does; without either no connection is held for it.
  Result<bool> sent_is_wanted(Home& home, const Accounts& accounts) {
    if (!accounts.outgoing()) return true;
    if (!home.settings().outgoing.save_sent) return false;
    FP_ASSIGN(auto due, home.store().outbox().next_due());
    return due && *due <= clock_.now();
  }

  Result<bool> copies_left(Home& home, const Accounts& accounts) {
    if (!accounts.outgoing() || !home.settings().outgoing.save_sent) return false;
    FP_ASSIGN(auto left, home.store().outbox().copies_due(1));
    return !left.empty();
  }

  HomePaths paths_;
  Settings settings_;
  const Clock& clock_;
  const Bell& stop_;
  const Bell& mail_;
  Backoff backoff_;
  std::thread thread_;
};

/// Takes signals, which are blocked everywhere else.
class Listener {
 public:
  static sigset_t signals() {
    sigset_t set;
    sigemptyset(&set);
    for (int s : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, s);
    return set;
  }
  Listener(const Bell& stop, const Bell& reload, const Bell& wake, const Bell& end)
      : stop_(stop), reload_(reload), wake_(wake), end_(end) {
    sigset_t set = signals();
    fd_ = Fd(::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
    thread_ = std::thread([this] { work(); });
  }
  ~Listener() {
    end_.ring();
    thread_.join();
  }

 private:
  void work() {
    while (!end_.rung()) {
      wait_for({fd_.get(), end_.fd()}, std::chrono::hours(1));
      signalfd_siginfo info{};
      while (::read(fd_.get(), &info, sizeof info) == ssize_t(sizeof info))
        (info.ssi_signo == SIGHUP ? reload_ : stop_).ring();
      wake_.ring();
    }
  }
  const Bell &stop_, &reload_, &wake_, &end_;
  Fd fd_;
  std::thread thread_;
};

class Server {
 public:
  Server(Home& home, const Clock& clock, const RunOptions& options, KeptStore& kept,
         ServiceManager& manager, const Bell& stop, const Bell& reload, const Bell& wake)
      : home_(home),
        clock_(clock),
        options_(options),
        kept_(kept),
        manager_(manager),
        stop_(stop),
        reload_(reload),
        wake_(wake) {}

  /// Until stop or reload is rung.
  Status serve(const std::function<void()>& up) {
    accounts_ = Accounts::of(home_.settings(), home_.paths(), clock_);
    Alerts alerts(home_);
    FP_ASSIGN(Bell end, Bell::make());
    FP_ASSIGN(Bell mail, Bell::make());
    std::vector<std::string> names = {std::string(kOutgoingServer)};
    for (const MailboxPlace& place : accounts_->mailboxes()) names.push_back(place.name);
    FP_TRY(home_.store().contacts().keep_only(names));
    // Whatever way this ends, the threads below are told before they are waited for.
    struct Ending {
      const Bell& bell;
      ~Ending() { bell.ring(); }
    };
    Sender sender(home_, clock_, options_, end, mail);
    SiteKeeper site(home_, clock_, options_.look);
    std::vector<std::unique_ptr<Watcher>> watchers;
    Ending ending{end};
    for (const MailboxPlace& place : accounts_->mailboxes()) {
      inboxes_.emplace_back(place, options_);
      if (inboxes_.size() > 1)
        watchers.push_back(
            std::make_unique<Watcher>(place, home_.paths(), clock_, options_, end, wake_));
    }
    auto look_again = clock_.now();
    bool first = true;
    while (!ended()) {
      manager_.alive();
      for (std::size_t i = 0; i < inboxes_.size() && !ended(); ++i) {
        Inbox& inbox = inboxes_[i];
        if (i > 0 && watchers[i - 1]->take_news()) inbox.news = true;
        if (inbox.news && clock_.now() >= inbox.retry_at) {
          FP_ASSIGN(bool came, take_in(inbox, mail));
          if (!came) continue;
          // A word about what is held may have come, or something that waits for one.
          FP_TRY(carry_out_orders());
          mail.ring();
          site.news();
        }
      }
      if (first) up();
      first = false;
      if (clock_.now() >= look_again) {
        look_again = clock_.now() + options_.look;
        // A store that cannot be written to for now (a full disk) ends nothing.
        if (Status watched = watch(home_, *accounts_, alerts, clock_.now()); !watched.ok()) {
          if (!watched.error().retry_helps()) return watched;
          log::warning(watched.error().what);
        }
        FP_TRY(carry_out_orders());
        mail.ring();  // an alert or a reply may have been put into the outbox
        site.news();  // what was released may have been filed
        for (Inbox& inbox : inboxes_) inbox.news = true;
        continue;
      }
      FP_TRY(wait());
    }
    return {};
  }

 private:
  struct Inbox {
    Inbox(MailboxPlace p, const RunOptions& options)
        : place(std::move(p)), backoff(options.first_pause, options.longest_pause) {}
    MailboxPlace place;
    Backoff backoff;
    std::unique_ptr<Mailbox> mailbox;
    std::optional<MessageIntake> intake;
    bool open = false;
    bool news = true;  ///< there may be something in it
    Time retry_at{};
  };

  bool ended() const { return stop_.rung() || reload_.rung(); }

  Status trouble(Inbox& inbox, const Error& why) {
    inbox.open = false;
    inbox.news = true;
    inbox.retry_at = clock_.now() + inbox.backoff.next();
    const std::string place = inbox.place.text();
    log::warning(fmt::format("{}: {}", place, without_server(why.what, place)));
    return home_.store().contacts().failed(inbox.place.name, why.what, clock_.now());
  }

  /// Whether there was anything. `mail` is rung as soon as a batch has put its replies into the
  /// outbox. The Error is the store's.
  Result<bool> take_in(Inbox& inbox, const Bell& mail) {
    if (!inbox.mailbox) {
      inbox.mailbox = make_mailbox(inbox.place, home_.paths(), clock_, stop_.fd());
      FP_ASSIGN(MessageIntake intake, MessageIntake::make(home_, *inbox.mailbox, kept_, clock_));
      inbox.intake.emplace(std::move(intake));
      inbox.intake->stop_when([this] {
        manager_.alive();
        return ended();
      });
    }
    if (!inbox.open) {
      if (Status opened = inbox.mailbox->open(); !opened.ok()) {
        FP_TRY(trouble(inbox, opened.error()));
        return false;
      }
      inbox.open = true;
    }
    inbox.news = false;
    auto done = inbox.intake->run([&](std::string_view step) {
      if (step == "committed") mail.ring();
    });
    FP_TRY(kept_.sync());
    FP_TRY(home_.note_warnings(clock_.now()));
    if (!done.ok()) {
      if (!done.error().retry_helps()) return done.take_error();
      FP_TRY(trouble(inbox, done.error()));
      return true;  // some of it may have been done
    }
    inbox.backoff.reset();
    bool came = !done->dockets.empty() || done->redelivered > 0;
    ServerContacts contacts = home_.store().contacts();
    FP_TRY(came ? contacts.mail_came(inbox.place.name, clock_.now())
                : contacts.reached(inbox.place.name, clock_.now()));
    if (came)
      manager_.status(fmt::format("{} messages, the last at {}", judged_ += done->dockets.size(),
                                  format_rfc3339(clock_.now())));
    return came;
  }

  /// What verbs beside us, senders and coordinators have asked for.
  Status carry_out_orders() {
    std::vector<Mailbox*> open;
    for (const Inbox& inbox : inboxes_)
      if (inbox.open) open.push_back(inbox.mailbox.get());
    auto done = tend_held(home_, *accounts_, kept_, open, clock_);
    if (!done.ok() && !done.error().retry_helps()) return done.take_error();
    if (!done.ok() || done->trouble)
      log::warning(fmt::format("what is held is not seen to yet: {}",
                               done.ok() ? done->trouble->what : done.error().what));
    return {};
  }

  /// Until there is something to do.
  Status wait() {
    milliseconds at_most = options_.look;
    if (auto interval = manager_.interval()) at_most = std::min(at_most, *interval);
    for (const Inbox& inbox : inboxes_)
      if (inbox.news)
        at_most = std::min(at_most, std::max<milliseconds>(milliseconds(10),
                                                           std::chrono::duration_cast<milliseconds>(
                                                               inbox.retry_at - clock_.now())));
    Inbox& first = inboxes_.front();
    if (!first.open) {
      wait_for({wake_.fd()}, at_most);
      wake_.silence();
      return {};
    }
    auto woken = first.mailbox->wait(at_most, wake_.fd());
    wake_.silence();
    if (!woken.ok()) return trouble(first, woken.error());
    if (*woken == Wake::kMail) first.news = true;
    return {};
  }

  Home& home_;
  const Clock& clock_;
  const RunOptions& options_;
  KeptStore& kept_;
  ServiceManager& manager_;
  const Bell &stop_, &reload_, &wake_;
  std::optional<Accounts> accounts_;
  std::deque<Inbox> inboxes_;
  std::uint64_t judged_ = 0;
};

}  // namespace

Status run(Home& home, const Clock& clock, const RunOptions& options) {
  sigset_t signals = Listener::signals();
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  FP_ASSIGN(Bell stop, Bell::make());
  FP_ASSIGN(Bell reload, Bell::make());
  FP_ASSIGN(Bell wake, Bell::make());
  FP_ASSIGN(Bell end, Bell::make());
  ServiceManager manager;
  FP_ASSIGN(KeptStore kept, home.open_kept(KeptStore::Access::kWrite));
  Listener listener(stop, reload, wake, end);
  bool first = true;
  while (!stop.rung()) {
    Server server(home, clock, options, kept, manager, stop, reload, wake);
    FP_TRY(server.serve([&] {
      manager.ready();
      if (first && options.up)
        options.up([&] {
          stop.ring();
          wake.ring();
        });
      first = false;
    }));
    if (stop.rung()) break;
    reload.silence();
    manager.reloading();
    if (Status read = home.reload(); !read.ok()) {
      log::error(fmt::format("the settings stay as they were: {}", read.error().what));
      FP_TRY(home.store().events().add(EventLevel::kError, read.error().what, clock.now()));
    } else {
      log::notice("settings and templates were read again");
    }
  }
  manager.stopping();
  return {};
}

}  // namespace focalpost
