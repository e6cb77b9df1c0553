// SPDX-License-Identifier: Apache-2.0
#include "mailbox/imap.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <map>

#include "base/text.h"
#include "mailbox/imap_response.h"
#include "mailbox/imap_session.h"
#include "mailbox/utf7.h"

namespace focalpost {
namespace {

using Steady = std::chrono::steady_clock;
using std::chrono::milliseconds;
using Uids = std::vector<std::uint32_t>;
using Token = ImapReader::Token;

constexpr std::size_t kNameBytes = 4096;
constexpr std::size_t kMovesInFlight = 4;
constexpr std::size_t kAppendMessages = 100;       ///< of one MULTIAPPEND
constexpr std::uint64_t kAppendBytes = 8 << 20;    ///< of one MULTIAPPEND
constexpr std::size_t kLiteralMinus = 4096;        ///< RFC 7888 section 5
constexpr std::size_t kListAtOnce = 5000;          ///< messages asked about, if there is a limit
constexpr std::uint64_t kMoreThanExist = 100'000;  ///< data about more messages is nonsense

std::size_t index_of(Folder folder) {
  return static_cast<std::size_t>(folder);
}

std::optional<std::uint32_t> uid_of(const MessageRef& ref) {
  const auto uid = read_imap_number(ref.uid);
  if (!uid || *uid == 0 || *uid > UINT32_MAX) return {};
  return static_cast<std::uint32_t>(*uid);
}

/// What a FETCH response says of one message; what is not asked for is left out.
struct FetchItems {
  std::optional<std::uint64_t> uid, size;
  Time date{};
  std::vector<std::string> flags;  ///< lower case
  bool has_flags = false;

  bool has_flag(std::string_view lower) const {
    return std::find(flags.begin(), flags.end(), lower) != flags.end();
  }
};

/// `body` is called behind "BODY[]" and reads its value.
template <typename Body>
Status read_fetch(ImapReader& reader, FetchItems& items, Body&& body) {
  FP_ASSIGN(Token token, reader.next());
  if (token != Token::kOpen) return reader.nonsense("FETCH without a list");
  for (;;) {
    FP_ASSIGN(token, reader.next());
    if (token == Token::kClose) return {};
    if (token != Token::kAtom) return reader.nonsense("FETCH without the name of an item");
    if (ascii_iequal(reader.text(), "UID")) {
      FP_ASSIGN(items.uid, reader.number());
    } else if (ascii_iequal(reader.text(), "RFC822.SIZE")) {
      FP_ASSIGN(items.size, reader.number());
    } else if (ascii_iequal(reader.text(), "INTERNALDATE")) {
      FP_ASSIGN(auto date, reader.string(100));
      if (date) items.date = read_internal_date(*date).value_or(Time{});
    } else if (ascii_iequal(reader.text(), "FLAGS")) {
      FP_ASSIGN(token, reader.next());
      if (token != Token::kOpen) return reader.nonsense("FLAGS without a list");
      items.has_flags = true;
      for (;;) {
        FP_ASSIGN(token, reader.next());
        if (token == Token::kClose) break;
        if (token != Token::kAtom) return reader.nonsense("a flag is missing");
        items.flags.push_back(ascii_lower(reader.text()));
      }
    } else if (ascii_iequal(reader.text(), "BODY[]")) {
      FP_TRY(body(items));
    } else {
      FP_TRY(reader.skip_value());
    }
  }
}

auto no_body(ImapReader& reader) {
  return [&reader](const FetchItems&) { return reader.skip_value(); };
}

/// COPYUID and APPENDUID of RFC 4315: "validity from-set to-set", "validity set".
struct CopyUid {
  std::uint64_t validity = 0;
  Uids from, to;
};
std::optional<CopyUid> read_copyuid(const ImapStatus& status, std::size_t most) {
  if (status.code != "COPYUID") return {};
  const auto words = split(status.arguments, ' ');
  if (words.size() != 3) return {};
  const auto validity = read_imap_number(words[0]);
  auto from = read_uid_set(words[1], most), to = read_uid_set(words[2], most);
  if (!validity || !from || !to || from->size() != to->size()) return {};
  return CopyUid{*validity, *std::move(from), *std::move(to)};
}

bool header_has_utf8(std::string_view bytes) {
  const std::string_view header = bytes.substr(0, bytes.find("\r\n\r\n"));
  return std::any_of(header.begin(), header.end(), [](char c) { return (c & 0x80) != 0; });
}

}  // namespace

ImapMailbox::ImapMailbox(ImapOptions options) : options_(std::move(options)) {}

ImapMailbox::~ImapMailbox() {
  if (session_) session_->log_out();
}

void ImapMailbox::drop() {
  session_.reset();
  selected_.reset();
}

template <typename T>
Result<T> ImapMailbox::settle(Result<T> result) {
  if (!result.ok()) {
    drop();
  } else {
    note_news();
  }
  return result;
}

Status ImapMailbox::check_open() const {
  if (session_) return {};
  return temporary(fmt::format("{}: not connected", options_.name), "It is connected again.");
}

std::string_view ImapMailbox::server_name(Folder folder) const {
  return names_[index_of(folder)];
}

std::string ImapMailbox::quoted_name(Folder folder) const {
  return imap_quoted(names_[index_of(folder)]).value_or("\"\"");
}

std::string ImapMailbox::keyword(Folder folder) const {
  std::string name = "FocalpostLeft-" + std::string(folder_name(folder));
  std::replace(name.begin(), name.end(), '/', '-');
  return name;
}

void ImapMailbox::note_news() {
  if (!session_) return;
  const auto unasked = session_->take_unasked();
  if (!selected_) return;
  const bool inbox = selected_->folder == Folder::kInbox;
  if (unasked.exists && inbox) news_ = true;
  if (unasked.uid_validity && *unasked.uid_validity != selected_->uid_validity) {
    news_ = news_ || inbox;
    selected_.reset();
  }
}

// open

Status ImapMailbox::open() {
  if (session_) session_->log_out();
  drop();
  FP_TRY(settle(make_session()));
  FP_TRY(settle(learn_names()));
  return settle(make_folders());
}

Status ImapMailbox::make_session() {
  net::Options options;
  options.connect_timeout = options_.connect_timeout;
  options.timeout = options_.answer_timeout;
  options.stop_fd = options_.stop_fd;
  FP_ASSIGN(session_, ImapSession::open(options_.endpoint, *options_.credentials, options));
  utf8_ = false;
  if (!session_->can("ENABLE") || !(session_->can("UTF8=ACCEPT") || session_->can("UTF8=ONLY")))
    return {};
  FP_ASSIGN(
      auto enabled, session_->run("ENABLE UTF8=ACCEPT", [&](const ImapData& data) -> Result<bool> {
        if (data.word != "ENABLED") return false;
        utf8_ = utf8_ || ascii_lower(data.reader.rest()).find("utf8=accept") != std::string::npos;
        return true;
      }));
  return {};
}

Status ImapMailbox::learn_names() {
  std::string prefix, separator;
  bool known = false;
  if (session_->can("NAMESPACE")) {
    // ((prefix separator ...) ...) of one's own; then other users', then shared ones.
    auto read = [&](const ImapData& data) -> Result<bool> {
      if (data.word != "NAMESPACE") return false;
      FP_ASSIGN(Token token, data.reader.next());
      if (token != Token::kOpen) return true;
      FP_ASSIGN(token, data.reader.next());
      if (token != Token::kOpen) return true;
      FP_ASSIGN(auto name, data.reader.string(kNameBytes));
      FP_ASSIGN(auto between, data.reader.string(8));
      prefix = name.value_or("");
      separator = between.value_or("");
      known = true;
      return true;
    };
    FP_ASSIGN(auto done, session_->run("NAMESPACE", read));
    if (!done.ok()) known = false;
  }
  if (!known) {
    prefix.clear();
    auto read = [&](const ImapData& data) -> Result<bool> {
      if (data.word != "LIST") return false;
      FP_TRY(data.reader.skip_value());
      FP_ASSIGN(auto between, data.reader.string(8));
      separator = between.value_or("");
      return true;
    };
    FP_ASSIGN(auto done, session_->run("LIST \"\" \"\"", read));
    if (!done.ok()) return session_->refusal("the folders cannot be listed", done);
  }
  if (separator.size() > 1 || !imap_quoted(prefix) || !imap_quoted(separator))
    return temporary(
        fmt::format("{}: its folders have impossible names", options_.endpoint.text()));

  std::string root = options_.root;
  while (!root.empty() && root.back() == '/') root.pop_back();
  for (Folder folder : kFolders) {
    if (folder == Folder::kInbox) {
      names_[index_of(folder)] = "INBOX";
      continue;
    }
    std::string path = root.empty() ? "" : root + "/";
    path += folder_name(folder);
    std::string name;
    for (std::string_view level : split(path, '/')) {
      // Without a hierarchy a level is part of the name.
      if (!name.empty()) name += separator.empty() ? "-" : separator;
      name += utf8_ ? std::string(level) : to_utf7(level);
    }
    names_[index_of(folder)] = prefix + name;
    if (!imap_quoted(names_[index_of(folder)]))
      return usage_error("the name of the folder for our folders is not one line");
  }
  return {};
}

Status ImapMailbox::make_folders() {
  std::array<bool, kFolders.size()> there{};
  there[index_of(Folder::kInbox)] = true;
  auto read = [&](const ImapData& data) -> Result<bool> {
    if (data.word != "LIST") return false;
    bool usable = true;
    FP_ASSIGN(Token token, data.reader.next());
    if (token != Token::kOpen) return data.reader.nonsense("LIST without attributes");
    for (;;) {
      FP_ASSIGN(token, data.reader.next());
      if (token == Token::kClose) break;
      if (token != Token::kAtom) return data.reader.nonsense("LIST without attributes");
      if (ascii_iequal(data.reader.text(), "\\Noselect") ||
          ascii_iequal(data.reader.text(), "\\NonExistent"))
        usable = false;
    }
    FP_TRY(data.reader.skip_value());
    FP_ASSIGN(auto name, data.reader.string(kNameBytes));
    for (Folder folder : kFolders)
      if (usable && name && *name == names_[index_of(folder)]) there[index_of(folder)] = true;
    return true;
  };
  // One LIST a folder: an account may have thousands of others.
  std::vector<unsigned> asked;
  for (Folder folder : kFolders) {
    if (folder == Folder::kInbox) continue;
    FP_ASSIGN(unsigned number, session_->start(fmt::format("LIST \"\" {}", quoted_name(folder))));
    asked.push_back(number);
  }
  for (unsigned number : asked) {
    FP_ASSIGN(auto done, session_->finish(number, read));
    if (!done.ok()) return session_->refusal("the folders cannot be listed", done);
  }
  for (Folder folder : kFolders)
    if (!there[index_of(folder)]) FP_TRY(create(folder));
  return {};
}

Status ImapMailbox::create(Folder folder) {
  const std::string name = quoted_name(folder);
  FP_ASSIGN(unsigned made, session_->start("CREATE " + name));
  FP_ASSIGN(unsigned subscribed, session_->start("SUBSCRIBE " + name));
  FP_ASSIGN(auto status, session_->finish(made));
  FP_ASSIGN(auto ignored, session_->finish(subscribed));
  if (!status.ok() && status.code != "ALREADYEXISTS")
    return session_->refusal(
        fmt::format("the folder {} cannot be made", from_utf7(names_[index_of(folder)])), status);
  return {};
}

Status ImapMailbox::make_anew(Folder folder) {
  Status made = create(folder);
  if (made.ok() || made.error().retry_helps()) return made;
  Error error = std::move(made).take_error();
  error.kind = ErrorKind::kTemporary;
  return error;
}

Error ImapMailbox::folder_refusal(std::string_view doing, const ImapStatus& status) const {
  Error error = session_->refusal(doing, status);
  if (status.code != "NOPERM") error.kind = ErrorKind::kTemporary;
  return error;
}

// folders

Status ImapMailbox::select(Folder folder) {
  if (selected_ && selected_->folder == folder) return {};
  selected_.reset();
  Selected now;
  now.folder = folder;
  auto codes = [&](const ImapStatus& status) {
    const auto number = read_imap_number(status.arguments).value_or(0);
    if (status.code == "UIDVALIDITY") now.uid_validity = number;
    if (status.code == "UIDNEXT") now.uid_next = number;
    if (status.code == "PERMANENTFLAGS")
      now.keywords = status.arguments.find("\\*") != std::string::npos;
  };
  FP_ASSIGN(auto done, session_->run("SELECT " + quoted_name(folder), {}, codes));
  if (!done.ok())
    return folder_refusal(
        fmt::format("the folder {} cannot be opened", from_utf7(names_[index_of(folder)])), done);
  if (done.code == "READ-ONLY")
    return usage_error(fmt::format("{}: the folder {} may only be read, not changed",
                                   options_.endpoint.text(), folder_name(folder)),
                       "Give this user the right to change it.");
  if (now.uid_validity == 0)
    return usage_error(fmt::format("{}: the folder {} has no UIDVALIDITY", options_.endpoint.text(),
                                   folder_name(folder)),
                       "A server without lasting UIDs cannot be used.");
  selected_ = now;
  (void)session_->take_unasked();
  if (folder != Folder::kInbox) return {};

  const Seen& seen = seen_[index_of(folder)];
  if (now.uid_next == 0 && session_->exists() > 0) {
    FetchItems last;
    auto read = [&](const ImapData& data) -> Result<bool> {
      if (data.word != "FETCH") return false;
      FP_TRY(read_fetch(data.reader, last, no_body(data.reader)));
      return true;
    };
    FP_ASSIGN(done, session_->run("FETCH * (UID)", read));
    selected_->uid_next = last.uid.value_or(0) + 1;
  }
  if (seen.uid_validity != now.uid_validity) {
    news_ = session_->exists() > 0;
  } else if (selected_->uid_next > seen.uid_next) {
    news_ = true;
  }
  return {};
}

Result<ImapMailbox::FolderStatus> ImapMailbox::status(Folder folder) {
  FolderStatus found;
  auto read = [&](const ImapData& data) -> Result<bool> {
    if (data.word != "STATUS") return false;
    ImapReader& reader = data.reader;
    FP_TRY(reader.skip_value());
    FP_ASSIGN(Token token, reader.next());
    if (token != Token::kOpen) return reader.nonsense("STATUS without a list");
    for (;;) {
      FP_ASSIGN(token, reader.next());
      if (token == Token::kClose) return true;
      if (token != Token::kAtom) return reader.nonsense("STATUS without the name of an item");
      std::uint64_t* item = nullptr;
      if (ascii_iequal(reader.text(), "MESSAGES")) item = &found.messages;
      if (ascii_iequal(reader.text(), "UIDNEXT")) item = &found.uid_next;
      if (ascii_iequal(reader.text(), "UIDVALIDITY")) item = &found.uid_validity;
      if (!item) {
        FP_TRY(reader.skip_value());
        continue;
      }
      FP_ASSIGN(*item, reader.number());
    }
  };
  const std::string ask =
      fmt::format("STATUS {} (MESSAGES UIDNEXT UIDVALIDITY)", quoted_name(folder));
  FP_ASSIGN(auto done, session_->run(ask, read));
  if (done.word == "NO" && !done.passes() && done.code != "NOPERM" && folder != Folder::kInbox) {
    // Somebody deleted or renamed it; many servers say no more than NO.
    FP_TRY(make_anew(folder));
    FP_ASSIGN(done, session_->run(ask, read));
  }
  if (!done.ok())
    return folder_refusal(
        fmt::format("the folder {} cannot be looked at", from_utf7(names_[index_of(folder)])),
        done);
  return found;
}

// list

Result<std::vector<MessageRef>> ImapMailbox::list(Folder folder, std::size_t limit) {
  FP_TRY(check_open());
  return settle(list_now(folder, limit));
}

Status ImapMailbox::list_range(std::string_view command, std::vector<MessageRef>& refs,
                               std::uint64_t& highest) {
  const std::string left = ascii_lower(keyword(selected_->folder));
  const std::uint64_t most = session_->exists() + kMoreThanExist;
  std::uint64_t came = 0;
  auto read = [&](const ImapData& data) -> Result<bool> {
    if (data.word != "FETCH") return false;
    FetchItems items;
    FP_TRY(read_fetch(data.reader, items, no_body(data.reader)));
    // Flags that changed come unasked, without the rest.
    if (!items.uid || !items.size || *items.uid == 0 || *items.uid > UINT32_MAX) return true;
    if (++came > most) return data.reader.nonsense("more messages than there are");
    highest = std::max(highest, *items.uid);
    if (items.has_flag("\\deleted") || items.has_flag(left)) return true;
    MessageRef ref;
    ref.folder = selected_->folder;
    ref.uid_validity = selected_->uid_validity;
    ref.uid = fmt::format("{}", *items.uid);
    ref.size = *items.size;
    ref.received = items.date;
    refs.push_back(std::move(ref));
    return true;
  };
  FP_ASSIGN(auto done, session_->run(command, read));
  if (!done.ok())
    return folder_refusal(
        fmt::format("the messages of {} cannot be listed", folder_name(selected_->folder)), done);
  return {};
}

Result<std::vector<MessageRef>> ImapMailbox::list_now(Folder folder, std::size_t limit) {
  Seen& seen = seen_[index_of(folder)];
  if (selected_ && selected_->folder == folder) {
    FP_ASSIGN(auto ignored, session_->run("NOOP"));
    note_news();  // a new UIDVALIDITY: the folder is to be selected again
  } else if (folder != Folder::kInbox) {
    // Most of the time Retry is empty, and INBOX stays selected.
    FP_ASSIGN(FolderStatus found, status(folder));
    if (found.messages == 0) {
      seen = {found.uid_validity, found.uid_next, 0};
      return std::vector<MessageRef>();
    }
  }
  FP_TRY(select(folder));
  // From here on an EXISTS is of a message that this list may miss.
  (void)session_->take_unasked();
  if (folder == Folder::kInbox) news_ = false;

  constexpr const char* kItems = "(UID RFC822.SIZE INTERNALDATE FLAGS)";
  std::vector<MessageRef> refs;
  std::uint64_t highest = 0;
  if (limit == 0) {
    if (session_->exists() > 0)
      FP_TRY(list_range(fmt::format("UID FETCH 1:* {}", kItems), refs, highest));
  } else {
    // By number in the folder, which is the order of the UIDs; what is left out is made up for.
    std::uint64_t from = 1;
    while (refs.size() < limit && from <= session_->exists()) {
      const std::uint64_t until =
          std::min<std::uint64_t>(session_->exists(), from + std::max(limit, kListAtOnce) - 1);
      FP_TRY(list_range(fmt::format("FETCH {}:{} {}", from, until, kItems), refs, highest));
      from = until + 1;
    }
  }
  // What a server tells twice (flags that changed) is listed once.
  auto number = [](const MessageRef& ref) { return *uid_of(ref); };
  std::stable_sort(refs.begin(), refs.end(),
                   [&](const MessageRef& a, const MessageRef& b) { return number(a) < number(b); });
  refs.erase(std::unique(refs.begin(), refs.end()), refs.end());
  if (limit != 0 && refs.size() > limit) refs.resize(limit);
  if (seen.uid_validity != selected_->uid_validity) seen = {};
  seen.uid_validity = selected_->uid_validity;
  seen.uid_next = std::max({selected_->uid_next, highest + 1, seen.uid_next});
  seen.messages = session_->exists();
  return refs;
}

// fetch

/// The messages of one folder that are wanted, in ascending order of their UIDs, and what became of
/// each.
class ImapMailbox::Fetching {
 public:
  enum class State : std::uint8_t { kWanted, kDone, kNil };
  struct One {
    std::uint32_t uid = 0;
    const MessageRef* ref = nullptr;
    State state = State::kWanted;
  };

  Fetching(MessageSink& sink, std::vector<One> all) : sink_(sink), all_(std::move(all)) {}

  std::vector<One>& all() { return all_; }
  MessageSink& sink() { return sink_; }
  /// The server gave a body before it said whose it is: then one message is asked for at a time.
  bool body_before_uid() const { return body_before_uid_; }
  /// The one message that the command under way asks for; nullptr for several.
  void only(One* one) { only_ = one; }

  Result<bool> read(const ImapData& data) {
    if (data.word != "FETCH") return false;
    FetchItems items;
    bool used = false;
    std::uint64_t taken_for = 0;
    FP_TRY(read_fetch(data.reader, items, [&](const FetchItems& so_far) -> Status {
      One* one = only_;
      if (so_far.uid) {
        one = find(*so_far.uid);
      } else if (!one) {
        body_before_uid_ = true;
      }
      if (!one || one->state == State::kDone) return data.reader.skip_value();
      taken_for = one->uid;
      used = true;
      return take(data.reader, *one);
    }));
    if (taken_for != 0 && items.uid && *items.uid != taken_for)
      return data.reader.nonsense("the body of another message than asked for");
    return used;
  }

 private:
  One* find(std::uint64_t uid) {
    const auto found = std::lower_bound(
        all_.begin(), all_.end(), uid, [](const One& one, std::uint64_t u) { return one.uid < u; });
    return found != all_.end() && found->uid == uid ? &*found : nullptr;
  }

  Status take(ImapReader& reader, One& one) {
    FP_ASSIGN(Token token, reader.next());
    if (token == Token::kAtom && ascii_iequal(reader.text(), "NIL")) {
      one.state = State::kNil;
      return {};
    }
    one.state = State::kDone;
    if (token == Token::kLiteral) return sink_.streamed(*one.ref, reader.literal());
    if (token != Token::kQuoted && token != Token::kAtom)
      return reader.nonsense("a message that is neither literal nor string");
    const std::string text(reader.text());
    MemorySource source(text);
    return sink_.streamed(*one.ref, source);
  }

  MessageSink& sink_;
  std::vector<One> all_;
  One* only_ = nullptr;
  bool body_before_uid_ = false;
};

Status ImapMailbox::fetch(std::span<const MessageRef> messages, MessageSink& sink) {
  FP_TRY(check_open());
  return settle(fetch_now(messages, sink));
}

Status ImapMailbox::fetch_now(std::span<const MessageRef> messages, MessageSink& sink) {
  while (!messages.empty()) {
    std::size_t count = 1;
    while (count < messages.size() && messages[count].folder == messages[0].folder) ++count;
    FP_TRY(fetch_folder(messages.first(count), sink));
    messages = messages.subspan(count);
  }
  return {};
}

Status ImapMailbox::fetch_folder(std::span<const MessageRef> messages, MessageSink& sink) {
  FP_TRY(select(messages[0].folder));
  std::vector<Fetching::One> wanted;
  for (const MessageRef& ref : messages) {
    const auto uid = uid_of(ref);
    if (!uid || ref.uid_validity != selected_->uid_validity) {
      FP_TRY(sink.gone(ref));
    } else {
      wanted.push_back({*uid, &ref});
    }
  }
  std::stable_sort(wanted.begin(), wanted.end(),
                   [](const auto& a, const auto& b) { return a.uid < b.uid; });
  wanted.erase(std::unique(wanted.begin(), wanted.end(),
                           [](const auto& a, const auto& b) { return a.uid == b.uid; }),
               wanted.end());
  Fetching fetching(sink, std::move(wanted));
  auto& all = fetching.all();
  Uids uids;
  for (const auto& one : all) uids.push_back(one.uid);
  const ImapSession::Handler read = [&](const ImapData& data) { return fetching.read(data); };

  struct InFlight {
    unsigned number = 0;
    std::size_t from = 0, count = 0;
  };
  std::deque<InFlight> in_flight;
  std::vector<Fetching::One*> alone;  // to be asked for one by one
  std::size_t next = 0;
  while (next < all.size() || !in_flight.empty()) {
    while (next < all.size() && in_flight.size() < std::max<std::size_t>(options_.in_flight, 1)) {
      std::string set;
      InFlight command;
      command.from = next;
      command.count =
          write_uid_set(uids, next, std::max<std::size_t>(options_.fetch_batch, 1), set);
      FP_ASSIGN(command.number,
                session_->start(fmt::format("UID FETCH {} (UID BODY.PEEK[])", set)));
      next += command.count;
      in_flight.push_back(command);
    }
    const InFlight command = in_flight.front();
    in_flight.pop_front();
    FP_ASSIGN(auto done, session_->finish(command.number, read));
    if (done.word == "BAD") return session_->refusal("the messages cannot be fetched", done);
    for (std::size_t i = command.from; i < command.from + command.count; ++i) {
      if (all[i].state == Fetching::State::kDone) continue;
      // A refusal, or the server's own idea of the order: seen more closely.
      if (!done.ok() || fetching.body_before_uid() || all[i].state == Fetching::State::kNil) {
        alone.push_back(&all[i]);
      } else {
        all[i].state = Fetching::State::kDone;
        FP_TRY(sink.gone(*all[i].ref));
      }
    }
  }
  if (!alone.empty()) {
    // Where the reason was that messages had gone, the server can say so now.
    FP_ASSIGN(auto ignored, session_->run("NOOP", read));
  }
  for (Fetching::One* one : alone) {
    one->state = Fetching::State::kWanted;
    fetching.only(one);
    FP_ASSIGN(auto done,
              session_->run(fmt::format("UID FETCH {} (UID BODY.PEEK[])", one->uid), read));
    if (done.word == "BAD") return session_->refusal("a message cannot be fetched", done);
    if (one->state == Fetching::State::kDone) continue;
    const std::string what =
        fmt::format("message {} of {}", one->uid, folder_name(one->ref->folder));
    if (one->state == Fetching::State::kNil) {
      FP_TRY(sink.unreadable(*one->ref,
                             not_right(fmt::format("{}: the server gives no text for it", what),
                                       "Look at it with a mail client.")));
    } else if (done.ok() || done.code == "EXPUNGEISSUED") {
      FP_TRY(sink.gone(*one->ref));
    } else {
      Error why = session_->refusal(what, done);
      if (!why.retry_helps()) why.kind = ErrorKind::kNotRight;
      FP_TRY(sink.unreadable(*one->ref, why));
    }
  }
  return {};
}

// move

/// Messages of the selected folder that go to one target.
struct ImapMailbox::MoveGroup {
  Folder target = Folder::kFailed;
  Uids uids;                                                 ///< ascending, each once
  std::map<std::uint32_t, std::vector<std::size_t>> places;  ///< in the caller's order
  bool told = false;                                         ///< by COPYUID, where they went
  bool lacks_target = false;                                 ///< the target is to be made first
};

Result<std::vector<Moved>> ImapMailbox::move(std::span<const Move> moves) {
  FP_TRY(check_open());
  return settle(move_now(moves));
}

Result<std::vector<Moved>> ImapMailbox::move_now(std::span<const Move> moves) {
  std::vector<Moved> moved(moves.size(), Moved{Moved::Outcome::kNotThere, {}});
  for (Folder source : kFolders) {
    std::map<Folder, MoveGroup> by_target;
    bool any = false;
    for (const Move& move : moves) any = any || move.message.folder == source;
    if (!any) continue;
    FP_TRY(select(source));
    for (std::size_t i = 0; i < moves.size(); ++i) {
      const auto uid = uid_of(moves[i].message);
      if (moves[i].message.folder != source || !uid ||
          moves[i].message.uid_validity != selected_->uid_validity)
        continue;
      if (moves[i].target == source) {
        moved[i] = {Moved::Outcome::kMoved, moves[i].message};
        continue;
      }
      by_target[moves[i].target].places[*uid].push_back(i);
    }
    // In pieces that a server takes in one command.
    std::vector<MoveGroup> groups;
    for (auto& [target, whole] : by_target) {
      Uids uids;
      for (const auto& [uid, places] : whole.places) uids.push_back(uid);
      for (std::size_t from = 0; from < uids.size();) {
        MoveGroup group;
        group.target = target;
        std::string set;
        const std::size_t count =
            write_uid_set(uids, from, std::max<std::size_t>(options_.move_batch, 1), set);
        for (std::size_t i = from; i < from + count; ++i) {
          group.uids.push_back(uids[i]);
          group.places[uids[i]] = whole.places[uids[i]];
        }
        groups.push_back(std::move(group));
        from += count;
      }
    }
    if (session_->can("MOVE")) {
      FP_TRY(move_groups(groups, moves, moved));
    } else {
      for (const MoveGroup& group : groups) FP_TRY(copy_group(group, moves, moved, 3));
    }
    note_news();
  }
  return moved;
}

namespace {

std::string set_of(const Uids& uids) {
  std::string set;
  for (std::size_t from = 0; from < uids.size();) {
    std::string piece;
    from += write_uid_set(uids, from, uids.size(), piece);
    if (!set.empty()) set += ',';
    set += piece;
  }
  return set;
}

/// Takes over where the messages of a group are now.
void settle_moved(const std::map<std::uint32_t, std::vector<std::size_t>>& places, Folder target,
                  const CopyUid& where, std::span<const Move> moves, std::vector<Moved>& moved) {
  for (std::size_t i = 0; i < where.from.size(); ++i) {
    const auto found = places.find(where.from[i]);
    if (found == places.end()) continue;
    for (std::size_t place : found->second) {
      MessageRef now = moves[place].message;
      now.folder = target;
      now.uid_validity = where.validity;
      now.uid = fmt::format("{}", where.to[i]);
      moved[place] = {Moved::Outcome::kMoved, std::move(now)};
    }
  }
}

void settle_all(const std::map<std::uint32_t, std::vector<std::size_t>>& places, const Uids& uids,
                std::vector<Moved>& moved) {
  for (std::uint32_t uid : uids)
    for (std::size_t place : places.at(uid))
      if (!moved[place].now) moved[place] = {Moved::Outcome::kMoved, {}};
}

}  // namespace

Status ImapMailbox::move_groups(std::span<MoveGroup> groups, std::span<const Move> moves,
                                std::vector<Moved>& moved) {
  struct InFlight {
    unsigned number = 0;
    MoveGroup* group = nullptr;
  };
  std::deque<InFlight> in_flight;
  std::vector<MoveGroup*> again;
  std::size_t next = 0;
  auto start = [&](MoveGroup& group) -> Status {
    InFlight command{0, &group};
    FP_ASSIGN(command.number, session_->start(fmt::format("UID MOVE {} {}", set_of(group.uids),
                                                          quoted_name(group.target))));
    in_flight.push_back(command);
    return {};
  };
  auto finish = [&](bool first_time) -> Status {
    const InFlight command = in_flight.front();
    in_flight.pop_front();
    MoveGroup& group = *command.group;
    note_news();
    // A server that has several commands before it tells of the later ones before it has answered
    // the first (Dovecot does): a COPYUID belongs to whatever command names its messages.
    auto code = [&](const ImapStatus& status) {
      const auto where = read_copyuid(status, options_.move_batch + 1);
      if (!where || where->from.empty()) return;
      MoveGroup* its = group.places.contains(where->from[0]) ? &group : nullptr;
      for (const InFlight& later : in_flight)
        if (!its && later.group->places.contains(where->from[0])) its = later.group;
      if (!its) return;
      its->told = true;
      settle_moved(its->places, its->target, *where, moves, moved);
    };
    FP_ASSIGN(auto done, session_->finish(command.number, {}, code));
    code(done);
    if (!done.ok() && first_time && (done.code == "TRYCREATE" || done.code == "EXPUNGEISSUED")) {
      group.lacks_target = done.code == "TRYCREATE";
      again.push_back(&group);
      return {};
    }
    if (!done.ok())
      return folder_refusal(
          fmt::format("messages cannot be moved to {}", folder_name(group.target)), done);
    // Without UIDPLUS only the EXPUNGEs tell that there was something to move, and not what.
    const auto unasked = session_->take_unasked();
    if (unasked.exists && selected_->folder == Folder::kInbox) news_ = true;
    if (!group.told && unasked.expunged && in_flight.empty())
      settle_all(group.places, group.uids, moved);
    return {};
  };
  const std::size_t most = session_->can("UIDPLUS") ? kMovesInFlight : 1;
  while (next < groups.size() || !in_flight.empty()) {
    while (next < groups.size() && in_flight.size() < most) FP_TRY(start(groups[next++]));
    FP_TRY(finish(true));
  }
  for (MoveGroup* group : std::exchange(again, {})) {
    if (group->lacks_target) {
      FP_TRY(make_anew(group->target));
    } else {
      // Some had gone, and the server wants us to know before it goes on.
      FP_ASSIGN(auto ignored, session_->run("NOOP"));
      note_news();
      if (!selected_) return temporary("the folder changed while messages were moved out of it");
    }
    FP_TRY(start(*group));
    FP_TRY(finish(false));
  }
  return {};
}

Status ImapMailbox::copy_group(const MoveGroup& group, std::span<const Move> moves,
                               std::vector<Moved>& moved, int attempts) {
  // Which are still there, and not moved by an earlier attempt.
  const std::string left = keyword(selected_->folder);
  Uids there;
  auto look = [&](const ImapData& data) -> Result<bool> {
    if (data.word != "FETCH") return false;
    FetchItems items;
    FP_TRY(read_fetch(data.reader, items, no_body(data.reader)));
    if (!items.uid || !items.has_flags || *items.uid > UINT32_MAX) return true;
    const auto uid = static_cast<std::uint32_t>(*items.uid);
    if (group.places.contains(uid) && !items.has_flag("\\deleted") &&
        !items.has_flag(ascii_lower(left)))
      there.push_back(uid);
    return true;
  };
  FP_ASSIGN(auto done,
            session_->run(fmt::format("UID FETCH {} (UID FLAGS)", set_of(group.uids)), look));
  if (!done.ok()) return folder_refusal("the messages to be moved cannot be looked at", done);
  std::sort(there.begin(), there.end());
  there.erase(std::unique(there.begin(), there.end()), there.end());
  if (there.empty()) return {};

  std::optional<CopyUid> where;
  const auto code = [&](const ImapStatus& status) {
    if (auto read = read_copyuid(status, there.size())) where = std::move(read);
  };
  const std::string copy = fmt::format("UID COPY {} {}", set_of(there), quoted_name(group.target));
  FP_ASSIGN(done, session_->run(copy, {}, code));
  if (!done.ok() && done.code == "TRYCREATE") {
    FP_TRY(make_anew(group.target));
    FP_ASSIGN(done, session_->run(copy, {}, code));
  }
  if (!done.ok() && done.code == "EXPUNGEISSUED" && attempts > 1) {
    FP_ASSIGN(auto ignored, session_->run("NOOP"));
    return copy_group(group, moves, moved, attempts - 1);
  }
  if (!done.ok())
    return folder_refusal(fmt::format("messages cannot be copied to {}", folder_name(group.target)),
                          done);
  code(done);

  // Only what was copied leaves. UID EXPUNGE takes no other message with it.
  Uids copied = there;
  if (where) {
    copied = where->from;
    std::sort(copied.begin(), copied.end());
    std::erase_if(copied, [&](std::uint32_t uid) { return !group.places.contains(uid); });
    if (copied.empty()) return {};
  }
  const std::string set = set_of(copied);
  std::vector<unsigned> commands;
  const bool expunge = session_->can("UIDPLUS");
  std::string flags = "\\Deleted";
  if (!expunge) flags = selected_->keywords ? "\\Seen " + left : "\\Seen \\Deleted";
  FP_ASSIGN(unsigned number,
            session_->start(fmt::format("UID STORE {} +FLAGS.SILENT ({})", set, flags)));
  commands.push_back(number);
  if (expunge) {
    FP_ASSIGN(number, session_->start("UID EXPUNGE " + set));
    commands.push_back(number);
  }
  for (unsigned command : commands) {
    FP_ASSIGN(done, session_->finish(command));
    if (!done.ok())
      return session_->refusal("messages that were copied cannot be taken away", done);
  }
  if (where) {
    settle_moved(group.places, group.target, *where, moves, moved);
  } else {
    settle_all(group.places, copied, moved);
  }
  return {};
}

// append

Result<std::vector<std::optional<MessageRef>>> ImapMailbox::append(std::span<const Append> all) {
  FP_TRY(check_open());
  return settle(append_now(all));
}

Result<std::vector<std::optional<MessageRef>>> ImapMailbox::append_now(
    std::span<const Append> all) {
  std::vector<std::optional<MessageRef>> refs(all.size());
  for (const Append& one : all)
    if (one.bytes.find('\0') != std::string_view::npos)
      return not_right(fmt::format("a message for {} contains a NUL", folder_name(one.folder)));
  const bool together = session_->can("MULTIAPPEND") && session_->can("LITERAL+") && !utf8_;
  for (Folder folder : kFolders) {
    std::vector<std::size_t> some;
    std::uint64_t bytes = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (all[i].folder != folder) continue;
      if (!some.empty() && (!together || some.size() == kAppendMessages ||
                            bytes + all[i].bytes.size() > kAppendBytes)) {
        FP_TRY(append_some(all, some, refs, true));
        some.clear();
        bytes = 0;
      }
      some.push_back(i);
      bytes += all[i].bytes.size();
    }
    if (!some.empty()) FP_TRY(append_some(all, some, refs, true));
  }
  return refs;
}

Status ImapMailbox::append_some(std::span<const Append> all, std::span<const std::size_t> which,
                                std::vector<std::optional<MessageRef>>& refs, bool may_create) {
  const Folder folder = all[which[0]].folder;
  net::Connection& connection = session_->connection();
  std::optional<unsigned> number;
  bool refused = false;
  for (std::size_t i : which) {
    const Append& one = all[i];
    const auto fixed = with_crlf(one.bytes);
    const std::string_view bytes = fixed ? *fixed : one.bytes;
    std::string head = number ? " " : fmt::format("APPEND {} ", quoted_name(folder));
    std::string flags;
    if (one.flags.seen) flags += " \\Seen";
    if (one.flags.answered) flags += " \\Answered";
    if (one.flags.flagged) flags += " \\Flagged";
    if (!flags.empty()) head += fmt::format("({}) ", flags.substr(1));
    if (one.received != Time{}) head += fmt::format("\"{}\" ", write_internal_date(one.received));
    const bool wide = utf8_ && header_has_utf8(bytes);
    const bool at_once =
        session_->can("LITERAL+") || (session_->can("LITERAL-") && bytes.size() <= kLiteralMinus);
    if (wide) head += "UTF8 (~";
    head += fmt::format("{{{}{}}}", bytes.size(), at_once ? "+" : "");
    if (number) {
      FP_TRY(connection.queue(head + "\r\n"));
    } else {
      FP_ASSIGN(number, session_->start(head));
    }
    if (!at_once) {
      FP_ASSIGN(bool go_on, session_->continued(*number));
      refused = !go_on;
    }
    if (refused) break;
    FP_TRY(connection.queue(bytes));
    if (wide) FP_TRY(connection.queue(")"));
  }
  if (!refused) FP_TRY(connection.queue("\r\n"));
  FP_ASSIGN(auto done, session_->finish(*number));
  if (!done.ok() && done.code == "TRYCREATE" && may_create) {
    FP_TRY(make_anew(folder));
    return append_some(all, which, refs, false);
  }
  if (!done.ok())
    return folder_refusal(fmt::format("nothing can be put into {}", folder_name(folder)), done);
  if (done.code != "APPENDUID") return {};
  const auto words = split(done.arguments, ' ');
  const auto validity = read_imap_number(words[0]);
  const auto uids = words.size() == 2 ? read_uid_set(words[1], which.size()) : std::nullopt;
  if (!validity || !uids || uids->size() != which.size()) return {};
  for (std::size_t n = 0; n < which.size(); ++n) {
    const Append& one = all[which[n]];
    refs[which[n]] = MessageRef{folder, *validity, fmt::format("{}", (*uids)[n]), one.bytes.size(),
                                one.received};
  }
  return {};
}

// wait

Result<Wake> ImapMailbox::wait(milliseconds at_most, int wakeup_fd) {
  FP_TRY(check_open());
  return settle(wait_now(at_most, wakeup_fd));
}

Result<Wake> ImapMailbox::wait_now(milliseconds at_most, int wakeup_fd) {
  const auto deadline =
      Steady::now() + std::clamp(at_most, milliseconds(0), milliseconds(std::chrono::hours(9000)));
  for (;;) {
    // Everything is looked at before resting: what came while a FETCH ran is not announced again.
    const bool was_selected = selected_ && selected_->folder == Folder::kInbox;
    FP_TRY(select(Folder::kInbox));
    if (was_selected) {
      FP_ASSIGN(auto ignored, session_->run("NOOP"));
    }
    FP_ASSIGN(FolderStatus retry, status(Folder::kRetry));
    note_news();
    const Seen& seen = seen_[index_of(Folder::kRetry)];
    const bool other = retry.uid_validity != 0 && retry.uid_validity != seen.uid_validity;
    const bool newer = other || (retry.uid_next == 0 ? retry.messages > seen.messages
                                                     : retry.uid_next > seen.uid_next);
    if (news_ || (retry.messages > 0 && newer)) return Wake::kMail;
    if (!selected_) continue;  // its UIDVALIDITY changed

    const auto left = std::chrono::ceil<milliseconds>(deadline - Steady::now());
    const auto slice =
        std::clamp(left, milliseconds(0), session_->can("IDLE") ? options_.renew : options_.poll);
    FP_ASSIGN(Wake wake, rest(slice, wakeup_fd));
    note_news();
    if (news_) return Wake::kMail;
    if (wake == Wake::kWoken || Steady::now() >= deadline) return wake;
  }
}

Result<Wake> ImapMailbox::rest(milliseconds at_most, int wakeup_fd) {
  net::Connection& connection = session_->connection();
  const auto deadline = Steady::now() + at_most;
  unsigned idle = 0;  ///< the command under way; 0 for none
  if (session_->can("IDLE") && at_most > milliseconds(0)) {
    FP_ASSIGN(idle, session_->start("IDLE"));
    FP_ASSIGN(bool idles, session_->continued(idle));
    if (!idles) {
      FP_ASSIGN(auto refused, session_->finish(idle));
      session_->cannot("IDLE");
      idle = 0;
    }
  }
  Wake wake = Wake::kTimeout;
  for (;;) {
    note_news();
    if (news_ || !selected_) break;
    const auto left = std::chrono::ceil<milliseconds>(deadline - Steady::now());
    FP_ASSIGN(auto ready, connection.wait(std::max(left, milliseconds(0)), wakeup_fd));
    if (ready == net::Ready::kTimeout) break;
    if (ready == net::Ready::kWoken) {
      wake = Wake::kWoken;
      break;
    }
    FP_TRY(session_->take_one());
    if (idle != 0 && session_->answered(idle)) break;
  }
  if (idle != 0 && session_->answered(idle)) {
    FP_ASSIGN(auto ended, session_->finish(idle));
  } else if (idle != 0) {
    // A connection that died unnoticed is found out here.
    connection.set_timeout(options_.done_timeout);
    FP_TRY(connection.send("DONE\r\n"));
    FP_ASSIGN(auto done, session_->finish(idle));
    connection.set_timeout(options_.answer_timeout);
  }
  return wake;
}

// counts

Result<FolderCounts> ImapMailbox::counts() {
  FP_TRY(check_open());
  return settle(counts_now());
}

Result<FolderCounts> ImapMailbox::counts_now() {
  FolderCounts counts{};
  for (Folder folder : kFolders) {
    const bool arrives = folder == Folder::kInbox || folder == Folder::kRetry;
    if (arrives && !session_->can("MOVE") && !session_->can("UIDPLUS")) {
      // What was moved still lies there, marked. This is no list() to the caller: what it has not
      // seen stays news.
      const Seen seen = seen_[index_of(folder)];
      const bool news = news_;
      FP_ASSIGN(auto refs, list_now(folder, 0));
      counts[index_of(folder)] = refs.size();
      const Seen now = std::exchange(seen_[index_of(folder)], seen);
      news_ = news_ || news;
      if (folder == Folder::kInbox &&
          (now.uid_next > seen.uid_next || now.uid_validity != seen.uid_validity))
        news_ = true;
      continue;
    }
    FP_ASSIGN(FolderStatus found, status(folder));
    counts[index_of(folder)] = found.messages;
  }
  return counts;
}

}  // namespace focalpost
