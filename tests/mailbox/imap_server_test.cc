// SPDX-License-Identifier: Apache-2.0
//
// The IMAP mailbox against a real Dovecot, in the shapes in which servers come.
#include <sys/eventfd.h>
#include <unistd.h>

#include <thread>

#include "imap_lab.h"
#include "mailbox/utf7.h"

using namespace imap_lab;
using servers::Dovecot;
using servers::DovecotOptions;
using servers::ImapClient;

namespace {

DovecotOptions shaped(const std::string& capability, const std::string& prefix = {},
                      char separator = '/') {
  DovecotOptions options;
  options.capability = capability;
  options.prefix = prefix;
  options.separator = separator;
  return options;
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != text.npos;
}

}  // namespace

TEST_CASE("folders are made and subscribed, whatever the server calls them") {
  struct Shape {
    std::string prefix;
    char separator;
    std::string root, filed, open;
  };
  const Shape shape = GENERATE(Shape{"", '/', "", "Filed", "Enquiries/Open"},
                               Shape{"", '.', "", "Filed", "Enquiries.Open"},
                               Shape{"INBOX.", '.', "", "INBOX.Filed", "INBOX.Enquiries.Open"},
                               Shape{"INBOX/", '/', "", "INBOX/Filed", "INBOX/Enquiries/Open"},
                               Shape{"", '/', "Шлюз & Co", "&BCgEOwROBDc- &- Co/Filed",
                                     "&BCgEOwROBDc- &- Co/Enquiries/Open"});
  Dovecot dovecot(shaped("", shape.prefix, shape.separator));
  ImapClient operator_client(dovecot.imap_port(), "gateway");
  // Others in the account, in other alphabets, with quotes and with brackets.
  for (const std::string name :
       {"&BB4EQgRHBFEEQgRL-", "A \\\"quoted\\\" one", "Odd {12}", "[Gmail]"})
    operator_client.run(fmt::format("CREATE \"{}{}\"", shape.prefix, name));
  ImapOptions options = options_for(dovecot.imap_port());
  options.root = shape.root;
  ImapMailbox mailbox(options);
  must(mailbox.open());
  CHECK(mailbox.server_name(Folder::kFiled) == shape.filed);
  CHECK(mailbox.server_name(Folder::kEnquiriesOpen) == shape.open);
  const std::string subscribed = operator_client.run("LSUB \"\" *");
  CHECK(has(subscribed, shape.filed));
  CHECK(has(subscribed, shape.open));
  must(mailbox.open());  // again: nothing to make
  for (std::uint64_t count : must(mailbox.counts())) CHECK(count == 0);

  // A message goes to each of them and is there.
  const std::string text = letter(1);
  for (Folder folder : kFolders) {
    dovecot.deliver("gateway", text);
    const auto refs = must(mailbox.list(Folder::kInbox, 0));
    REQUIRE(refs.size() == 1);
    CHECK(refs[0].size == text.size());
    const auto moved = move_all(mailbox, refs, folder);
    CHECK(moved[0].outcome == Moved::Outcome::kMoved);
    REQUIRE(moved[0].now);
    Collect sink;
    must(mailbox.fetch({&*moved[0].now, 1}, sink));
    CHECK(sink.bytes[moved[0].now->uid] == text);
    if (folder == Folder::kInbox) move_all(mailbox, refs, Folder::kIgnored);
  }
  for (std::uint64_t count : must(mailbox.counts())) CHECK(count <= 2);
  CHECK(must(mailbox.counts())[std::size_t(Folder::kIgnored)] == 2);
}

TEST_CASE("a day's work on servers with and without MOVE, UIDPLUS, IDLE") {
  const std::string capability =
      GENERATE("", "IMAP4rev1 LITERAL+ UIDPLUS MOVE NAMESPACE", "IMAP4rev1 UIDPLUS NAMESPACE IDLE",
               "IMAP4rev1 LITERAL- NAMESPACE", "IMAP4rev1");
  INFO(capability);
  const bool uidplus = capability.empty() || has(capability, "UIDPLUS");
  Dovecot dovecot(shaped(capability));
  for (int i = 1; i <= 30; ++i) dovecot.deliver("gateway", letter(i));
  ImapMailbox mailbox(options_for(dovecot.imap_port()));
  must(mailbox.open());
  auto refs = must(mailbox.list(Folder::kInbox, 0));
  REQUIRE(refs.size() == 30);
  CHECK(refs[0].received != Time{});
  CHECK(uids(must(mailbox.list(Folder::kInbox, 7))) == uids({refs.begin(), refs.begin() + 7}));

  Collect sink;
  must(mailbox.fetch(refs, sink));
  CHECK(sink.order == uids(refs));
  for (int i = 1; i <= 30; ++i) CHECK(sink.bytes[fmt::format("{}", i)] == letter(i));

  // Nothing was marked as seen by fetching.
  ImapClient other(dovecot.imap_port(), "gateway");
  other.run("SELECT INBOX");
  CHECK_FALSE(has(other.run("FETCH 1:* (FLAGS)"), "\\Seen"));
  other.run("STORE 3 +FLAGS (\\Flagged)");

  // To several targets in one batch, one of them twice.
  std::vector<Move> moves;
  for (std::size_t i = 0; i < refs.size(); ++i)
    moves.push_back({refs[i], i % 3 == 0   ? Folder::kFiled
                              : i % 3 == 1 ? Folder::kEnquiriesOpen
                                           : Folder::kHeld});
  moves.push_back(moves[0]);
  auto moved = must(mailbox.move(moves));
  REQUIRE(moved.size() == moves.size());
  for (std::size_t i = 0; i < moved.size(); ++i) {
    CHECK(moved[i].outcome == Moved::Outcome::kMoved);
    if (uidplus) REQUIRE(moved[i].now);
    if (moved[i].now) CHECK(moved[i].now->folder == moves[i].target);
  }
  CHECK(dovecot.messages("gateway", "Filed").size() == 10);
  CHECK(dovecot.messages("gateway", "Held").size() == 10);
  CHECK(dovecot.messages("gateway", "Enquiries/Open").size() == 10);
  CHECK(dovecot.messages("gateway").size() == (uidplus ? 0 : 30));
  CHECK(must(mailbox.list(Folder::kInbox, 0)).empty());
  CHECK(must(mailbox.list(Folder::kInbox, 5)).empty());
  CHECK(must(mailbox.counts())[0] == 0);

  // Again: nothing happens twice, nothing is an Error.
  moved = must(mailbox.move(moves));
  for (const Moved& one : moved) CHECK(one.outcome == Moved::Outcome::kNotThere);
  CHECK(dovecot.messages("gateway", "Filed").size() == 10);
  Collect again;
  must(mailbox.fetch(refs, again));
  CHECK(again.order.size() == (uidplus ? 0 : 30));
  CHECK(again.gone_uids.size() == (uidplus ? 30 : 0));

  // Flags stay, and the moved messages read as they did.
  other.run("SELECT Held");
  CHECK(has(other.run("FETCH 1:* (FLAGS)"), "\\Flagged"));
  const auto held = must(mailbox.list(Folder::kHeld, 0));
  REQUIRE(held.size() == 10);
  Collect from_held;
  must(mailbox.fetch(held, from_held));
  CHECK(from_held.bytes[held[0].uid] == letter(3));

  // The operator drags one to Retry, and it goes on from there.
  other.run("COPY 1 Retry");
  const auto retried = must(mailbox.list(Folder::kRetry, 0));
  REQUIRE(retried.size() == 1);
  CHECK(must(mailbox.counts())[std::size_t(Folder::kRetry)] == 1);
  move_all(mailbox, retried, Folder::kFailed);
  CHECK(must(mailbox.list(Folder::kRetry, 0)).empty());
  CHECK(dovecot.messages("gateway", "Failed").size() == 1);

  // New mail is listed next to what could not be taken away.
  dovecot.deliver("gateway", letter(31));
  REQUIRE(must(mailbox.wait(20s, -1)) == Wake::kMail);
  refs = must(mailbox.list(Folder::kInbox, 0));
  CHECK(uids(refs) == std::vector<std::string>{"31"});
  CHECK(uids(must(mailbox.list(Folder::kInbox, 1))) == std::vector<std::string>{"31"});
}

TEST_CASE("without UIDPLUS a message marked in INBOX can be judged again from Retry") {
  Dovecot dovecot(shaped("IMAP4rev1"));
  dovecot.deliver("gateway", letter(1));
  ImapMailbox mailbox(options_for(dovecot.imap_port()));
  must(mailbox.open());
  move_all(mailbox, must(mailbox.list(Folder::kInbox, 0)), Folder::kRejected);
  ImapClient other(dovecot.imap_port(), "gateway");
  const std::string flags = (other.run("SELECT INBOX"), other.run("FETCH 1 (FLAGS)"));
  CHECK(has(flags, "\\Seen"));
  CHECK(has(flags, "FocalpostLeft-INBOX"));
  CHECK_FALSE(has(flags, "\\Deleted"));
  other.run("COPY 1 Retry");  // the copy keeps the keyword
  CHECK(must(mailbox.list(Folder::kRetry, 0)).size() == 1);
}

TEST_CASE("what somebody deletes, moves or flags between list and fetch") {
  Dovecot dovecot;
  for (int i = 1; i <= 12; ++i) dovecot.deliver("gateway", letter(i));
  ImapMailbox mailbox(options_for(dovecot.imap_port()));
  must(mailbox.open());
  const auto refs = must(mailbox.list(Folder::kInbox, 0));
  ImapClient other(dovecot.imap_port(), "gateway");
  other.run("SELECT INBOX");
  other.run("UID MOVE 3,5 Ignored");
  other.run("UID STORE 7 +FLAGS (\\Deleted)");
  other.run("EXPUNGE");
  other.run("UID STORE 8 +FLAGS (\\Seen \\Flagged)");
  other.run("UID STORE 9 +FLAGS (\\Deleted)");

  Collect sink;
  must(mailbox.fetch(refs, sink));
  CHECK(sink.gone_uids == std::vector<std::string>{"3", "5", "7"});
  CHECK(sink.bytes.size() == 9);
  const auto moved = move_all(mailbox, refs, Folder::kFiled);
  for (std::size_t i = 0; i < moved.size(); ++i)
    CHECK((moved[i].outcome == Moved::Outcome::kMoved) == (i != 2 && i != 4 && i != 6));
  CHECK(dovecot.messages("gateway", "Filed").size() == 9);

  SECTION("what is marked as deleted is not listed") {
    dovecot.deliver("gateway", letter(13));
    dovecot.deliver("gateway", letter(14));
    other.run("NOOP");
    other.run("UID STORE 13 +FLAGS (\\Deleted)");
    CHECK(uids(must(mailbox.list(Folder::kInbox, 0))) == std::vector<std::string>{"14"});
    CHECK(uids(must(mailbox.list(Folder::kInbox, 1))) == std::vector<std::string>{"14"});
  }
  SECTION("a target folder that somebody deleted is made again") {
    dovecot.deliver("gateway", letter(13));
    other.run("DELETE Held");
    const auto more = must(mailbox.list(Folder::kInbox, 0));
    const auto held = move_all(mailbox, more, Folder::kHeld);
    CHECK(held[0].outcome == Moved::Outcome::kMoved);
    CHECK(dovecot.messages("gateway", "Held").size() == 1);
    other.run("DELETE Sent");
    must(mailbox.append_one({Folder::kSent, letter(1), {}, {}}));
    CHECK(dovecot.messages("gateway", "Sent").size() == 1);
  }
  SECTION("every folder that somebody deleted or renamed is made again, Retry too") {
    other.run("DELETE Retry");
    CHECK(must(mailbox.list(Folder::kRetry, 0)).empty());
    other.run("RENAME Retry Later");
    CHECK(must(mailbox.wait(0ms, -1)) == Wake::kTimeout);
    dovecot.deliver("gateway", letter(13), "Retry");
    CHECK(must(mailbox.wait(0ms, -1)) == Wake::kMail);
    CHECK(must(mailbox.list(Folder::kRetry, 0)).size() == 1);
    other.run("DELETE Enquiries/Open");
    other.run("RENAME Notices Old");
    CHECK(must(mailbox.counts())[static_cast<std::size_t>(Folder::kNotices)] == 0);
    // A folder above another one.
    other.run("DELETE Enquiries");
    CHECK(must(mailbox.counts())[static_cast<std::size_t>(Folder::kEnquiries)] == 0);
    other.run("DELETE Enquiries");
    ImapMailbox fresh(options_for(dovecot.imap_port()));
    must(fresh.open());
    CHECK(must(fresh.counts())[static_cast<std::size_t>(Folder::kEnquiries)] == 0);
  }
}

TEST_CASE("UIDVALIDITY changes: old refs count as gone, nothing is taken for another") {
  Dovecot dovecot;
  for (int i = 1; i <= 3; ++i) dovecot.deliver("gateway", letter(i));
  ImapMailbox mailbox(options_for(dovecot.imap_port()));
  must(mailbox.open());
  const auto before = must(mailbox.list(Folder::kInbox, 0));
  dovecot.stop();
  dovecot.forget_uids("gateway");
  dovecot.start();
  CHECK_FALSE(mailbox.list(Folder::kInbox, 0).ok());
  CHECK_FALSE(mailbox.connected());
  must(mailbox.open());
  CHECK(must(mailbox.wait(20s, -1)) == Wake::kMail);
  Collect sink;
  must(mailbox.fetch(before, sink));
  CHECK(sink.gone_uids.size() == 3);
  CHECK(sink.bytes.empty());
  for (const Moved& moved : move_all(mailbox, before, Folder::kFailed))
    CHECK(moved.outcome == Moved::Outcome::kNotThere);
  const auto after = must(mailbox.list(Folder::kInbox, 0));
  REQUIRE(after.size() == 3);
  CHECK(after[0].uid_validity != before[0].uid_validity);
  CHECK(mailbox.identity(after[0]) != mailbox.identity(before[0]));
  CHECK(move_all(mailbox, after, Folder::kFailed)[2].outcome == Moved::Outcome::kMoved);
  CHECK(dovecot.messages("gateway").empty());
}

TEST_CASE("twenty thousand messages waiting") {
  Dovecot dovecot;
  for (int i = 1; i <= 20'000; ++i) dovecot.deliver("gateway", letter(i, 0));
  ImapOptions options = options_for(dovecot.imap_port());
  options.answer_timeout = 60s;
  ImapMailbox mailbox(options);
  must(mailbox.open());
  const auto some = must(mailbox.list(Folder::kInbox, 6000));
  CHECK(some.size() == 6000);
  const auto refs = must(mailbox.list(Folder::kInbox, 0));
  REQUIRE(refs.size() == 20'000);
  CHECK(some == std::vector<MessageRef>(refs.begin(), refs.begin() + 6000));
  Collect sink;
  must(mailbox.fetch(refs, sink));
  REQUIRE(sink.bytes.size() == 20'000);
  CHECK(sink.order == uids(refs));
  bool all_right = true;
  for (int i = 1; i <= 20'000; ++i)
    all_right = all_right && sink.bytes[fmt::format("{}", i)] == letter(i, 0);
  CHECK(all_right);
  // Every second one: sets without ranges.
  std::vector<MessageRef> odd, even;
  for (std::size_t i = 0; i < refs.size(); ++i) (i % 2 ? even : odd).push_back(refs[i]);
  std::size_t not_moved = 0;
  for (const Moved& moved : move_all(mailbox, odd, Folder::kFiled))
    not_moved += moved.outcome != Moved::Outcome::kMoved || !moved.now;
  CHECK(not_moved == 0);
  CHECK(uids(must(mailbox.list(Folder::kInbox, 0))) == uids(even));
  const auto counts = must(mailbox.counts());
  CHECK(counts[0] == 10'000);
  CHECK(counts[std::size_t(Folder::kFiled)] == 10'000);
}

TEST_CASE("large messages are streamed, and a sink may stop where it likes") {
  Dovecot dovecot;
  const std::string big = letter(1, 40'000'000);
  dovecot.deliver("gateway", big);
  for (int i = 2; i <= 10; ++i) dovecot.deliver("gateway", letter(i, 1'000'000));
  dovecot.deliver("gateway", "");
  dovecot.deliver("gateway", "Subject: bare\n\nline ends\n");
  ImapMailbox mailbox(options_for(dovecot.imap_port()));
  must(mailbox.open());
  const auto refs = must(mailbox.list(Folder::kInbox, 0));
  REQUIRE(refs.size() == 12);
  CHECK(refs[0].size == big.size());
  SECTION("all of it") {
    Collect sink;
    must(mailbox.fetch(refs, sink));
    CHECK(sink.bytes["1"] == big);
    CHECK(sink.bytes["10"] == letter(10, 1'000'000));
    CHECK(sink.bytes["11"].empty());
    CHECK(sink.bytes["12"] == "Subject: bare\r\n\r\nline ends\r\n");
  }
  SECTION("a part of each, or nothing") {
    Collect sink;
    sink.most = GENERATE(std::size_t(0), std::size_t(100));
    must(mailbox.fetch(refs, sink));
    CHECK(sink.order == uids(refs));
    CHECK(must(mailbox.list(Folder::kInbox, 0)) == refs);
  }
  SECTION("an Error of the sink ends the fetch, and the next open() is as new") {
    Collect sink;
    sink.errors.emplace(3, temporary("the disk is full"));
    const auto status = mailbox.fetch(refs, sink);
    REQUIRE_FALSE(status.ok());
    CHECK(status.error().what == "the disk is full");
    CHECK(sink.order.size() == 3);
    const auto closed = mailbox.list(Folder::kInbox, 0);
    REQUIRE_FALSE(closed.ok());
    CHECK(closed.error().retry_helps());
    must(mailbox.open());
    Collect again;
    must(mailbox.fetch(refs, again));
    CHECK(again.order == uids(refs));
  }
  SECTION("in whatever order and however often they are asked for") {
    std::vector<MessageRef> mixed = {refs[4], refs[2], refs[4], refs[10]};
    mixed.push_back(refs[3]);
    mixed.back().uid = "0";
    mixed.push_back(refs[3]);
    mixed.back().uid = "1 BODY[])\r\nx LOGOUT";
    mixed.push_back(refs[3]);
    mixed.back().uid_validity = 99;
    Collect sink;
    must(mailbox.fetch(mixed, sink));
    CHECK(sink.order == std::vector<std::string>{"3", "5", "11"});
    CHECK(sink.gone_uids.size() == 3);
  }
}

TEST_CASE("messages are put into folders, with and without what makes it quick") {
  const std::string capability =
      GENERATE("", "IMAP4rev1 LITERAL+ UIDPLUS", "IMAP4rev1 LITERAL- UIDPLUS",
               "IMAP4rev1 UIDPLUS MULTIAPPEND", "IMAP4rev1");
  INFO(capability);
  const bool uidplus = capability.empty() || has(capability, "UIDPLUS");
  Dovecot dovecot(shaped(capability));
  ImapMailbox mailbox(options_for(dovecot.imap_port()));
  must(mailbox.open());
  const std::vector<std::string> texts = {letter(1), letter(2, 20'000), "Subject: bare\n\nx\ny\n",
                                          letter(4, 3'000'000)};
  const Time at = *parse_time("2026-03-01T09:30:07Z");
  std::vector<Append> all;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    Append append{i == 1 ? Folder::kHeld : Folder::kSent, texts[i], {}, at};
    append.flags.seen = i == 0;
    append.flags.answered = i == 2;
    all.push_back(append);
  }
  const auto refs = must(mailbox.append(all));
  REQUIRE(refs.size() == 4);
  const auto sent = must(mailbox.list(Folder::kSent, 0));
  REQUIRE(sent.size() == 3);
  CHECK(sent[0].received == at);
  Collect sink;
  must(mailbox.fetch(sent, sink));
  CHECK(sink.bytes["1"] == texts[0]);
  CHECK(sink.bytes["2"] == "Subject: bare\r\n\r\nx\r\ny\r\n");
  CHECK(sink.bytes["3"] == texts[3]);
  CHECK(dovecot.messages("gateway", "Held").size() == 1);
  for (std::size_t i = 0; i < refs.size(); ++i) {
    if (uidplus) REQUIRE(refs[i]);
    if (!refs[i]) continue;  // Dovecot tells it all the same
    CHECK(refs[i]->folder == all[i].folder);
    CHECK(refs[i]->uid == (i == 1 ? "1" : std::vector<std::string>{"1", "", "2", "3"}[i]));
  }
  ImapClient other(dovecot.imap_port(), "gateway");
  other.run("SELECT Sent");
  const std::string flags = other.run("FETCH 1:3 (FLAGS)");
  CHECK(has(flags, "* 1 FETCH (FLAGS (\\Seen"));
  CHECK(has(flags, "* 2 FETCH (FLAGS (\\Answered"));
  CHECK_FALSE(mailbox.append_one({Folder::kSent, std::string_view("a\0b", 3), {}, {}}).ok());
}

TEST_CASE("waiting: mail in INBOX, in Retry, a wake-up, nothing") {
  const std::string capability =
      GENERATE("", "IMAP4rev1 LITERAL+ UIDPLUS MOVE NAMESPACE");  // with and without IDLE
  INFO(capability);
  Dovecot dovecot(shaped(capability));
  ImapOptions options = options_for(dovecot.imap_port());
  options.poll = 20ms;
  options.renew = 50ms;
  ImapMailbox mailbox(options);
  must(mailbox.open());
  Fd wakeup(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  CHECK(must(mailbox.wait(0ms, wakeup.get())) == Wake::kTimeout);
  CHECK(must(mailbox.list(Folder::kInbox, 0)).empty());
  CHECK(must(mailbox.list(Folder::kRetry, 0)).empty());
  CHECK(must(mailbox.wait(150ms, wakeup.get())) == Wake::kTimeout);
  CHECK(must(mailbox.wait(150ms, -1)) == Wake::kTimeout);

  ImapClient other(dovecot.imap_port(), "gateway");
  SECTION("a wake-up, before and while waiting") {
    REQUIRE(::eventfd_write(wakeup.get(), 1) == 0);
    CHECK(must(mailbox.wait(60s, wakeup.get())) == Wake::kWoken);
    eventfd_t value = 0;
    REQUIRE(::eventfd_read(wakeup.get(), &value) == 0);
    std::thread waker([&] { (void)::eventfd_write(wakeup.get(), 1); });
    CHECK(must(mailbox.wait(60s, wakeup.get())) == Wake::kWoken);
    waker.join();
  }
  SECTION("mail that comes while waiting, and is not told twice") {
    std::thread delivery([&] { dovecot.deliver("gateway", letter(1)); });
    CHECK(must(mailbox.wait(60s, wakeup.get())) == Wake::kMail);
    delivery.join();
    CHECK(must(mailbox.wait(60s, wakeup.get())) == Wake::kMail);  // not listed yet
    CHECK(must(mailbox.list(Folder::kInbox, 0)).size() == 1);
    CHECK(must(mailbox.wait(100ms, wakeup.get())) == Wake::kTimeout);
  }
  SECTION("mail that comes between list and wait, with other folders opened between") {
    dovecot.deliver("gateway", letter(1));
    const auto refs = must(mailbox.list(Folder::kInbox, 0));
    REQUIRE(refs.size() == 1);
    move_all(mailbox, refs, Folder::kFiled);
    must(mailbox.list(Folder::kFiled, 0));
    dovecot.deliver("gateway", letter(2));
    must(mailbox.list(Folder::kFiled, 0));
    CHECK(must(mailbox.wait(60s, -1)) == Wake::kMail);
    CHECK(must(mailbox.list(Folder::kInbox, 0)).size() == 1);
  }
  SECTION("mail of which the server tells within the answer to a fetch") {
    for (int i = 1; i <= 400; ++i) dovecot.deliver("gateway", letter(i));
    const auto refs = must(mailbox.list(Folder::kInbox, 0));
    must(mailbox.wait(0ms, -1));
    Collect sink;
    for (int i = 1; i <= 5; ++i) dovecot.deliver("gateway", letter(400 + i));
    must(mailbox.fetch(refs, sink));
    CHECK(must(mailbox.wait(60s, -1)) == Wake::kMail);
    CHECK(must(mailbox.list(Folder::kInbox, 0)).size() == 405);
  }
  SECTION("the operator drags a message to Retry") {
    must(mailbox.append_one({Folder::kFailed, letter(1), {}, {}}));
    other.run("SELECT Failed");
    std::thread drag([&] { other.run("COPY 1 Retry"); });
    CHECK(must(mailbox.wait(60s, wakeup.get())) == Wake::kMail);
    drag.join();
    CHECK(must(mailbox.list(Folder::kRetry, 0)).size() == 1);
    CHECK(must(mailbox.wait(100ms, wakeup.get())) == Wake::kTimeout);
    CHECK(must(mailbox.list(Folder::kInbox, 0)).empty());
  }
  SECTION("the server throws us out") {
    // It has to be in the middle of waiting: a second connection sees to that.
    std::thread kick([&] { dovecot.kick("gateway"); });
    const auto wake = mailbox.wait(20s, wakeup.get());
    kick.join();
    REQUIRE_FALSE(wake.ok());
    CHECK(wake.error().retry_helps());
    must(mailbox.open());
    CHECK(must(mailbox.wait(0ms, -1)) == Wake::kTimeout);
  }
}

TEST_CASE("over TLS and STARTTLS") {
  Dovecot dovecot;
  for (int i = 1; i <= 300; ++i) dovecot.deliver("gateway", letter(i, 5000));
  ImapOptions options = options_for(dovecot.imaps_port());
  options.endpoint.ca_file = dovecot.ca_file().string();
  const bool implicit = GENERATE(true, false);
  options.endpoint.tls = implicit ? net::Tls::kImplicit : net::Tls::kStartTls;
  if (!implicit) options.endpoint.port = dovecot.imap_port();
  ImapMailbox mailbox(options);
  must(mailbox.open());
  const auto refs = must(mailbox.list(Folder::kInbox, 0));
  Collect sink;
  must(mailbox.fetch(refs, sink));
  REQUIRE(sink.bytes.size() == 300);
  for (int i = 1; i <= 300; ++i)
    if (sink.bytes[fmt::format("{}", i)] != letter(i, 5000)) FAIL(i);
  CHECK(must(mailbox.wait(20ms, -1)) == Wake::kTimeout);
}
