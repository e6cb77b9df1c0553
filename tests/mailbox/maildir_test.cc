// SPDX-License-Identifier: Apache-2.0
#include "mailbox/maildir.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <set>

#include "catch.h"

using namespace focalpost;
using namespace std::chrono_literals;

namespace {

const Time kNow = *parse_time("2026-03-01T09:30:00Z");

/// A mailbox in a folder of its own, removed at the end; on a RAM disk where there is one.
struct Box {
  fs::path root;
  FixedClock clock{kNow};
  std::optional<Maildir> maildir;

  Box() {
    const fs::path base = fs::is_directory("/dev/shm") ? "/dev/shm" : fs::temp_directory_path();
    std::string name = (base / "maildir-XXXXXX").string();
    root = fs::path(::mkdtemp(name.data())) / "mailbox";
    maildir.emplace(root, clock, "spool", "mail.example");
    REQUIRE(maildir->open().ok());
  }
  ~Box() { fs::remove_all(root.parent_path()); }

  Maildir* operator->() { return &*maildir; }

  /// As an MTA or a client would leave a file.
  void put(const std::string& inside, std::string_view bytes = "Subject: x\n\n") {
    std::ofstream(root / inside, std::ios::binary) << bytes;
  }
  void rename(const std::string& from, const std::string& to) {
    fs::rename(root / from, root / to);
  }
  std::vector<MessageRef> list(Folder folder, std::size_t limit = 0) {
    auto refs = maildir->list(folder, limit);
    REQUIRE(refs.ok());
    return *refs;
  }
  std::vector<std::string> uids(Folder folder, std::size_t limit = 0) {
    std::vector<std::string> all;
    for (const MessageRef& ref : list(folder, limit)) all.push_back(ref.uid);
    return all;
  }
  std::set<std::string> files(const std::string& inside) {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(root / inside))
      names.insert(entry.path().filename().string());
    return names;
  }
  Moved move_one(const MessageRef& ref, Folder target) {
    const Move move{ref, target};
    auto moved = maildir->move({&move, 1});
    REQUIRE(moved.ok());
    return moved->at(0);
  }
};

struct Collect final : MessageSink {
  std::map<std::string, std::string> bytes;
  std::vector<std::string> gone_uids, unreadable_uids;
  Status mapped(const MessageRef& ref, MappedFile file) override {
    bytes[ref.uid] = file.bytes();
    return {};
  }
  Status streamed(const MessageRef&, ByteSource&) override {
    return bug("a Maildir has files, it does not stream");
  }
  Status gone(const MessageRef& ref) override {
    gone_uids.push_back(ref.uid);
    return {};
  }
  Status unreadable(const MessageRef& ref, const Error&) override {
    unreadable_uids.push_back(ref.uid);
    return {};
  }
};

using Names = std::vector<std::string>;
using Set = std::set<std::string>;

}  // namespace

TEST_CASE("folder names are those of DESIGN, both ways") {
  CHECK(folder_name(Folder::kEnquiriesOpen) == "Enquiries/Open");
  CHECK(folder_from_name("inbox") == Folder::kInbox);
  CHECK_FALSE(folder_from_name("filed"));
  for (Folder folder : kFolders) CHECK(folder_from_name(folder_name(folder)) == folder);
}

TEST_CASE("open makes a Maildir++ that other programs know") {
  Box box;
  CHECK(box.files("") == Set{".Enquiries", ".Enquiries.Open", ".Failed", ".Filed", ".Held",
                             ".Ignored", ".Notices", ".Rejected", ".Retry", ".Sent", "cur", "new",
                             "tmp"});
  CHECK(box.files(".Enquiries.Open") == Set{"cur", "maildirfolder", "new", "tmp"});
  CHECK(box->open().ok());  // again

  SECTION("files abandoned in tmp/ go after 36 hours") {
    box.put("tmp/abandoned");
    box.put(".Sent/tmp/abandoned");
    box.clock.set(SystemClock().now() + 35h);
    REQUIRE(box->open().ok());
    CHECK(box.files("tmp").size() == 1);
    box.clock.set(SystemClock().now() + 37h);
    REQUIRE(box->open().ok());
    CHECK(box.files("tmp").empty());
    CHECK(box.files(".Sent/tmp").empty());
  }
}

TEST_CASE("list gives new/ and cur/ in order of arrival") {
  Box box;
  box.put("cur/1700000300.M5P1.host:2,S", "three");
  box.put("new/1700000100.77_1.host", "one");
  box.put("new/1700000200.M12P1Q1.host", "two b");  // 12 microseconds come after 5,
  box.put("new/1700000200.M5P1Q2.host", "two a");   // though not as text
  CHECK(box.uids(Folder::kInbox) == Names{"1700000100.77_1.host", "1700000200.M5P1Q2.host",
                                          "1700000200.M12P1Q1.host", "1700000300.M5P1.host"});
  CHECK(box.uids(Folder::kInbox, 2) == Names{"1700000100.77_1.host", "1700000200.M5P1Q2.host"});

  SECTION("size and date come from the file") {
    fs::last_write_time(box.root / "new/1700000100.77_1.host",
                        fs::file_time_type(std::chrono::file_clock::from_sys(kNow)));
    const MessageRef first = box.list(Folder::kInbox, 1).at(0);
    CHECK(first.size == 3);
    CHECK(first.received == kNow);
    CHECK(box->identity(first) == "spool/INBOX/1/1700000100.77_1.host");
  }
  SECTION("identity is one line, whatever the name") {
    MessageRef odd{Folder::kEnquiriesOpen, 1, "a b\n%\xff:\"", 0, {}};
    CHECK(box->identity(odd) == "spool/Enquiries/Open/1/a%20b%0A%25%FF%3A%22");
  }
}

TEST_CASE("hostile and odd names") {
  Box box;
  const std::string longest(255, 'n');
  const Names odd = {"letter.eml",  "a b\nc",      "\xff\xfe", "99999999999999999999.x",
                     "no:2",        "quote\"`$()", "-rf",      "99999999999999999999999999.M1",
                     "x.y:1,weird", longest,       "17.",      "1700000000"};
  for (const std::string& name : odd) box.put("new/" + name, name);
  box.put("cur/:2,S", "empty uid");
  box.put("cur/.hidden", "not a message");
  fs::create_directory(box.root / "cur/folder");
  fs::create_symlink("/etc/passwd", box.root / "cur/link");
  REQUIRE(::mkfifo((box.root / "cur/fifo").c_str(), 0600) == 0);

  const auto refs = box.list(Folder::kInbox);
  CHECK(refs.size() == odd.size() + 1);
  Collect collect;
  REQUIRE(box->fetch(refs, collect).ok());
  for (const std::string& name : odd) CHECK(collect.bytes[name] == name);
  CHECK(collect.bytes[""] == "empty uid");

  std::vector<Move> moves;
  for (const MessageRef& ref : refs) moves.push_back({ref, Folder::kFiled});
  auto moved = box->move(moves);
  REQUIRE(moved.ok());
  for (const Moved& one : *moved) {
    CHECK(one.outcome == Moved::Outcome::kMoved);
    REQUIRE(one.now);
    CHECK(one.now->folder == Folder::kFiled);
  }
  CHECK(box.list(Folder::kFiled).size() == odd.size() + 1);
  CHECK(box.files("new").empty());
  CHECK(box.files("cur") == Set{".hidden", "folder", "link", "fifo"});
  CHECK(box.files(".Filed/cur").count("letter.eml:2,") == 1);
  CHECK(box.files(".Filed/cur").count(longest + ":2,") == 0);  // too long: got a fresh name
}

TEST_CASE("fetch leaves a message unseen") {
  Box box;
  box.put("new/1.a", "bytes\r\n");
  box.put("new/2.empty", "");
  Collect collect;
  REQUIRE(box->fetch(box.list(Folder::kInbox), collect).ok());
  CHECK(collect.bytes["1.a"] == "bytes\r\n");
  CHECK(collect.bytes.count("2.empty") == 1);
  CHECK(box.files("new") == Set{"1.a", "2.empty"});
}

TEST_CASE("an operator's client works between list and fetch") {
  Box box;
  box.put("new/1.seen", "seen");
  box.put("cur/2.flagged:2,", "flagged");
  box.put("new/3.filed", "filed by hand");
  box.put("new/4.deleted", "deleted");
  box.put("new/5.stays", "stays");
  const auto refs = box.list(Folder::kInbox);
  box.rename("new/1.seen", "cur/1.seen:2,S");
  box.rename("cur/2.flagged:2,", "cur/2.flagged:2,FS");
  box.rename("new/3.filed", ".Filed/cur/3.filed:2,S");
  fs::remove(box.root / "new/4.deleted");

  SECTION("fetch finds what is still there and names what is not") {
    Collect collect;
    REQUIRE(box->fetch(refs, collect).ok());
    CHECK(collect.bytes == std::map<std::string, std::string>{
                               {"1.seen", "seen"}, {"2.flagged", "flagged"}, {"5.stays", "stays"}});
    CHECK(collect.gone_uids == Names{"3.filed", "4.deleted"});
  }
  SECTION("move keeps the new flags") {
    std::vector<Move> moves;
    for (const MessageRef& ref : refs) moves.push_back({ref, Folder::kRejected});
    auto moved = box->move(moves);
    REQUIRE(moved.ok());
    std::vector<bool> there;
    for (const Moved& one : *moved) there.push_back(one.outcome == Moved::Outcome::kMoved);
    CHECK(there == std::vector<bool>{true, true, false, false, true});
    CHECK(box.files(".Rejected/cur") == Set{"1.seen:2,S", "2.flagged:2,FS", "5.stays:2,"});
    CHECK(box.files(".Filed/cur") == Set{"3.filed:2,S"});
  }
  SECTION("a mapping outlives a move and a deletion") {
    struct Keep final : MessageSink {
      std::vector<MappedFile> files;
      Status mapped(const MessageRef&, MappedFile file) override {
        files.push_back(std::move(file));
        return {};
      }
      Status streamed(const MessageRef&, ByteSource&) override { return {}; }
      Status gone(const MessageRef&) override { return {}; }
      Status unreadable(const MessageRef&, const Error&) override { return {}; }
    } keep;
    REQUIRE(box->fetch({&refs[4], 1}, keep).ok());
    fs::remove(box.root / "new/5.stays");
    CHECK(keep.files.at(0).bytes() == "stays");
  }
  SECTION("a deleted folder comes back") {
    fs::remove_all(box.root / ".Held");
    CHECK(box.move_one(refs[4], Folder::kHeld).outcome == Moved::Outcome::kMoved);
    CHECK(box.files(".Held/cur") == Set{"5.stays:2,"});
    fs::remove_all(box.root / ".Retry");
    CHECK(box.list(Folder::kRetry).empty());
    CHECK(fs::is_directory(box.root / ".Retry/new"));
  }
  SECTION("a ref of another UIDVALIDITY is gone") {
    MessageRef stale = refs[4];
    stale.uid_validity = 2;
    CHECK(box.move_one(stale, Folder::kHeld).outcome == Moved::Outcome::kNotThere);
    CHECK(box.files("new") == Set{"5.stays"});
  }
}

TEST_CASE("one unreadable message does not stop the others") {
  if (::geteuid() == 0) {
    WARN("skipped: root reads everything");
    return;
  }
  Box box;
  box.put("new/1.locked");
  box.put("new/2.open", "open");
  REQUIRE(::chmod((box.root / "new/1.locked").c_str(), 0) == 0);
  Collect collect;
  REQUIRE(box->fetch(box.list(Folder::kInbox), collect).ok());
  CHECK(collect.unreadable_uids == Names{"1.locked"});
  CHECK(collect.bytes["2.open"] == "open");
}

TEST_CASE("the sink's Error ends the fetch") {
  struct Full final : MessageSink {
    int calls = 0;
    Status mapped(const MessageRef&, MappedFile) override { return ++calls, temporary("full"); }
    Status streamed(const MessageRef&, ByteSource&) override { return {}; }
    Status gone(const MessageRef&) override { return {}; }
    Status unreadable(const MessageRef&, const Error&) override { return {}; }
  } full;
  Box box;
  box.put("new/1.a");
  box.put("new/2.b");
  auto status = box->fetch(box.list(Folder::kInbox), full);
  REQUIRE_FALSE(status.ok());
  CHECK(status.error().what == "full");
  CHECK(full.calls == 1);
}

TEST_CASE("an interrupted batch of moves is repeated without harm") {
  Box box;
  for (int i = 0; i < 4; ++i) box.put(fmt::format("new/{}.m", i));
  const auto refs = box.list(Folder::kInbox);
  std::vector<Move> moves;
  for (const MessageRef& ref : refs) moves.push_back({ref, Folder::kFiled});
  // The first half was moved, then the process died: another one repeats the whole.
  REQUIRE(box->move(std::span(moves).first(2)).ok());
  FixedClock clock(kNow);
  Maildir again(box.root, clock);
  REQUIRE(again.open().ok());
  auto moved = again.move(moves);
  REQUIRE(moved.ok());
  CHECK(moved->at(0).outcome == Moved::Outcome::kNotThere);
  CHECK(moved->at(1).outcome == Moved::Outcome::kNotThere);
  CHECK(moved->at(2).outcome == Moved::Outcome::kMoved);
  CHECK(moved->at(3).outcome == Moved::Outcome::kMoved);
  CHECK(box.uids(Folder::kFiled) == Names{"0.m", "1.m", "2.m", "3.m"});
  CHECK(box.uids(Folder::kInbox).empty());
}

TEST_CASE("nothing is ever overwritten") {
  Box box;
  SECTION("a move onto a name that is taken") {
    box.put(".Filed/cur/1.same:2,", "old");
    box.put("new/1.same", "new");
    const Moved moved = box.move_one(box.list(Folder::kInbox).at(0), Folder::kFiled);
    CHECK(moved.outcome == Moved::Outcome::kMoved);
    CHECK(moved.now->uid != "1.same");
    Collect collect;
    REQUIRE(box->fetch(box.list(Folder::kFiled), collect).ok());
    CHECK(collect.bytes["1.same"] == "old");
    CHECK(collect.bytes[moved.now->uid] == "new");
  }
  SECTION("two files with one uid in a folder become two messages") {
    box.put("new/1.same", "a");
    box.put("cur/1.same:2,S", "b");
    const auto refs = box.list(Folder::kInbox);
    REQUIRE(refs.size() == 2);
    CHECK(refs[0].uid != refs[1].uid);
    Collect collect;
    REQUIRE(box->fetch(refs, collect).ok());
    CHECK(collect.bytes.size() == 2);
    const auto again = box.list(Folder::kInbox);
    REQUIRE(again.size() == 2);
    CHECK(Set{refs[0].uid, refs[1].uid} == Set{again[0].uid, again[1].uid});
  }
  SECTION("moved to where it is") {
    box.put("cur/1.same:2,S", "a");
    const MessageRef ref = box.list(Folder::kInbox).at(0);
    CHECK(box.move_one(ref, Folder::kInbox).now == ref);
    CHECK(box.files("cur") == Set{"1.same:2,S"});
  }
}

TEST_CASE("append delivers under a fresh name with flags and date") {
  Box box;
  const Time date = *parse_time("2025-12-31T23:59:59Z");
  const std::vector<Append> all = {
      {Folder::kSent, "seen", {.seen = true}, date},
      {Folder::kInbox, "new", {}, date},
      {Folder::kEnquiriesOpen, "all", {.seen = true, .answered = true, .flagged = true}, date},
  };
  auto refs = box->append(all);
  REQUIRE(refs.ok());
  REQUIRE(refs->size() == 3);
  CHECK(box.files(".Sent/cur") == Set{refs->at(0)->uid + ":2,S"});
  CHECK(box.files("new") == Set{refs->at(1)->uid});
  CHECK(box.files(".Enquiries.Open/cur") == Set{refs->at(2)->uid + ":2,FRS"});
  for (const char* tmp : {"tmp", ".Sent/tmp", ".Enquiries.Open/tmp"}) CHECK(box.files(tmp).empty());
  const MessageRef sent = box.list(Folder::kSent).at(0);
  CHECK(sent == *refs->at(0));
  CHECK(sent.received == date);
  CHECK(sent.size == 4);
  CHECK(sent.uid.rfind("1772357400.M000000P", 0) == 0);
  CHECK(sent.uid.find(".mail.example") != std::string::npos);

  SECTION("a host name cannot break a file name") {
    Maildir hostile(box.root, box.clock, "spool", "a/b:2,S c\n");
    auto ref = hostile.append_one({Folder::kSent, "x", {}, date});
    REQUIRE(ref.ok());
    CHECK((*ref)->uid.find(".a\\057b\\0722\\054S\\040c\\012") != std::string::npos);
    CHECK(box.list(Folder::kSent).size() == 2);
  }
  SECTION("into a folder that a client deleted") {
    fs::remove_all(box.root / ".Sent");
    REQUIRE(box->append_one({Folder::kSent, "x", {}, date}).ok());
    CHECK(box.list(Folder::kSent).size() == 1);
  }
}

TEST_CASE("wait") {
  Box box;
  CHECK(*box->wait(0ms, -1) == Wake::kTimeout);

  SECTION("notices a delivery, also one before the call") {
    box.put("tmp/1.a");
    box.rename("tmp/1.a", "new/1.a");
    CHECK(*box->wait(10s, -1) == Wake::kMail);
    CHECK(*box->wait(0ms, -1) == Wake::kTimeout);
  }
  SECTION("notices what the operator drags to Retry") {
    box.put(".Failed/cur/1.a:2,S");
    box.rename(".Failed/cur/1.a:2,S", ".Retry/cur/1.a:2,S");
    CHECK(*box->wait(10s, -1) == Wake::kMail);
  }
  SECTION("does not notice other folders") {
    box.put(".Filed/new/1.a");
    CHECK(*box->wait(0ms, -1) == Wake::kTimeout);
  }
  SECTION("is woken, and leaves the descriptor to its owner") {
    Fd wake(::eventfd(1, EFD_NONBLOCK));
    CHECK(*box->wait(10s, wake.get()) == Wake::kWoken);
    CHECK(*box->wait(10s, wake.get()) == Wake::kWoken);
  }
}

TEST_CASE("a batch of 2,000 messages") {
  constexpr int kCount = 2000;
  Box box;
  for (int i = 0; i < kCount; ++i)
    box.put(fmt::format("new/{}.M{}P7Q{}.host", 1700000000 + i / 100, i % 100, i),
            fmt::format("message {}\n", i));
  const auto refs = box.list(Folder::kInbox);
  REQUIRE(refs.size() == kCount);
  // Meanwhile a client has opened every second one.
  for (int i = 0; i < kCount; i += 2)
    box.rename("new/" + refs[std::size_t(i)].uid, "cur/" + refs[std::size_t(i)].uid + ":2,S");
  Collect collect;
  REQUIRE(box->fetch(refs, collect).ok());
  CHECK(collect.bytes.size() == kCount);
  CHECK(collect.gone_uids.empty());
  CHECK(collect.bytes[refs[1234].uid] == "message 1234\n");

  std::vector<Move> moves;
  std::vector<Append> replies;
  for (const MessageRef& ref : refs) {
    moves.push_back({ref, Folder::kFiled});
    replies.push_back({Folder::kSent, "Subject: receipt\r\n\r\n", {.seen = true}, kNow});
  }
  auto moved = box->move(moves);
  REQUIRE(moved.ok());
  CHECK(std::all_of(moved->begin(), moved->end(),
                    [](const Moved& m) { return m.outcome == Moved::Outcome::kMoved; }));
  REQUIRE(box->append(replies).ok());
  auto counts = box->counts();
  REQUIRE(counts.ok());
  CHECK(counts->at(std::size_t(Folder::kInbox)) == 0);
  CHECK(counts->at(std::size_t(Folder::kFiled)) == kCount);
  CHECK(counts->at(std::size_t(Folder::kSent)) == kCount);
  CHECK(box.uids(Folder::kFiled, 1) == Names{refs[0].uid});
}

TEST_CASE("another program reads the mailbox") {
  if (std::system("python3 -c 'import mailbox' 2>/dev/null") != 0) {
    WARN("skipped: no python3 with its mailbox module");
    return;
  }
  Box box;
  box.put("new/1.a", "Subject: one\n\nbody\n");
  REQUIRE(box.move_one(box.list(Folder::kInbox).at(0), Folder::kEnquiriesOpen).now);
  REQUIRE(box->append_one({Folder::kSent, "Subject: two\n\nbody\n", {.seen = true}, kNow}).ok());
  box.put("check.py", R"(
import mailbox, sys
box = mailbox.Maildir(sys.argv[1], create=False)
assert sorted(box.list_folders()) == sorted(['Enquiries', 'Enquiries.Open', 'Failed', 'Filed',
    'Held', 'Ignored', 'Notices', 'Rejected', 'Retry', 'Sent']), box.list_folders()
assert len(box) == 0
opened, = box.get_folder('Enquiries.Open')
assert opened['Subject'] == 'one' and opened.get_flags() == '', opened.get_flags()
sent, = box.get_folder('Sent')
assert sent['Subject'] == 'two' and sent.get_flags() == 'S', sent.get_flags()
box.add(mailbox.MaildirMessage('Subject: three\n\nbody\n'))
)");
  const std::string command = fmt::format("python3 '{0}/check.py' '{0}'", box.root.string());
  REQUIRE(std::system(command.c_str()) == 0);
  Collect collect;
  REQUIRE(box->fetch(box.list(Folder::kInbox), collect).ok());
  REQUIRE(collect.bytes.size() == 1);
  CHECK(collect.bytes.begin()->second.find("Subject: three") == 0);
}
