// SPDX-License-Identifier: Apache-2.0
//
// lab: a home in a temporary folder, with the example network, a clock that stands still and a
// known gateway id; letters go in, dockets, folders and replies come out.
#pragma once

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/byte_source.h"
#include "base/files.h"
#include "base/text.h"
#include "flow/assurance.h"
#include "flow/dispatch.h"
#include "flow/home.h"
#include "flow/intake.h"
#include "flow/load.h"
#include "flow/once.h"
#include "flow/release.h"
#include "mailbox/maildir.h"
#include "mime/attachments.h"
#include "mime/body_source.h"
#include "mime/message.h"

namespace lab {

using namespace focalpost;

inline constexpr std::string_view kGatewayId = "0123456789abcdef";

/// Ends the test program with the Error's own words: a set-up that fails is no finding of a test.
template <typename T>
T must(Result<T> result) {
  if (!result.ok()) {
    std::fprintf(stderr, "lab: %s\n", result.error().what.c_str());
    std::abort();
  }
  return std::move(result).value();
}
inline void must(Status status) {
  if (status.ok()) return;
  std::fprintf(stderr, "lab: %s\n", status.error().what.c_str());
  std::abort();
}

/// Where the tests put what they need for a while.
class Folder_ {
 public:
  Folder_() {
    std::string pattern = (fs::temp_directory_path() / "flow-test-XXXXXX").string();
    if (!::mkdtemp(pattern.data())) std::abort();
    path_ = pattern;
  }
  ~Folder_() {
    std::error_code none;
    fs::remove_all(path_, none);
  }
  Folder_(const Folder_&) = delete;
  Folder_& operator=(const Folder_&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

inline Time at(std::string_view text) {
  auto time = parse_time(text);
  if (!time) std::abort();
  return *time;
}

/// A home without letters, made once for the process and copied for every test.
inline const fs::path& pattern_home() {
  static Folder_ folder;
  static const fs::path home = [] {
    ::setenv("FOCALPOST_SHARE", SOURCE_DIR, 1);
    fs::path root = folder.path() / "home";
    Time now = at("2026-05-20T09:00:00Z");
    Home made = must(Home::create(root, true, now));
    Structures network = must(load_structures(default_network(SOURCE_DIR, true), Limits{}));
    Transaction transaction = must(made.store().begin());
    must(made.store().structures().save(network, now));
    must(made.store().set_setting("gateway_id", kGatewayId));
    must(transaction.commit());
    // Who is reminded of what is due is its tests' matter (due.h).
    const std::string settings = must(read_file(root / "focalpost.toml"));
    must(write_file_durably(root / "focalpost.toml", "[calendar]\nremind = false\n" + settings));
    return root;
  }();
  return home;
}

/// A reply as it lies in Sent.
struct Reply {
  std::string raw;
  mime::Message message;
  std::string subject() const { return message.top().decoded("Subject").value_or(""); }
  std::string header(std::string_view name) const {
    return message.top().decoded(name).value_or("");
  }
  std::string to() const {
    auto all = message.top().addresses("To");
    return all.size() == 1 ? all[0].spec : "";
  }
  std::string id() const { return message.top().message_id().value_or(""); }
  std::string text(std::string_view media_type = "text/plain") const {
    for (const mime::Part& part : message.parts)
      if (part.is_leaf && part.media_type == media_type) {
        auto source = mime::body_source(part);
        std::string all = must(read_all(*source, 64 << 20));
        std::erase(all, '\r');
        return all;
      }
    return "";
  }
};

class Lab {
 public:
  Lab() {
    fs::copy(pattern_home(), root(), fs::copy_options::recursive);
    open();
  }

  fs::path root() const { return folder_.path() / "home"; }
  FixedClock clock{at("2026-05-20T09:00:00Z")};
  Home& home() { return *home_; }
  /// The home as a new process would see it.
  void open() {
    home_.reset();
    home_.emplace(must(Home::open(root(), Home::Access::kWork)));
  }
  void close() { home_.reset(); }
  /// More lines for focalpost.toml; the home is opened again.
  void configure(std::string_view more) {
    close();
    std::string text = must(read_file(root() / "focalpost.toml"));
    must(write_file_durably(root() / "focalpost.toml", text + "\n" + std::string(more)));
    open();
  }

  /// Delivers a letter; gives the name by which the Maildir knows it.
  std::string put(std::string_view bytes, Folder folder = Folder::kInbox) {
    Maildir mailbox(root() / "spool" / "mailbox", clock);
    must(mailbox.open());
    auto ref = must(mailbox.append_one({folder, bytes, {}, clock.now()}));
    return ref->uid;
  }
  PassResult once(const StepHook& step = {}) { return must(run_once(home(), clock, step)); }

  std::vector<fs::path> files(Folder folder) const {
    FixedClock any{Time{}};
    Maildir mailbox(root() / "spool" / "mailbox", any);
    std::vector<fs::path> all;
    for (const char* inside : {"cur", "new"}) {
      fs::path directory = mailbox.directory(folder) / inside;
      std::error_code none;
      for (const auto& entry : fs::directory_iterator(directory, none)) all.push_back(entry.path());
    }
    std::sort(all.begin(), all.end());
    return all;
  }
  std::size_t count(Folder folder) const { return files(folder).size(); }
  /// The file of a message in a folder, if it is there.
  std::optional<fs::path> find(std::string_view uid, Folder folder) const {
    for (const fs::path& file : files(folder))
      if (file.filename().string().starts_with(uid)) return file;
    return {};
  }
  std::string folder_of(std::string_view uid) const {
    std::string found;
    for (Folder folder : kFolders)
      if (find(uid, folder))
        found += (found.empty() ? "" : " and ") + std::string(folder_name(folder));
    return found;
  }
  /// What a person does with a mail client.
  void drag(std::string_view uid, Folder from, Folder to) {
    auto file = find(uid, from);
    if (!file) std::abort();
    FixedClock any{Time{}};
    Maildir mailbox(root() / "spool" / "mailbox", any);
    fs::rename(*file, mailbox.directory(to) / "cur" / file->filename());
  }

  /// The docket of a message, wherever it is.
  std::optional<DocketRecord> docket_of(std::string_view uid) {
    for (Folder folder : kFolders) {
      MessageKey key{"spool", std::string(folder_name(folder)), 1, std::string(uid)};
      if (auto found = must(home().store().dockets().find(key))) return found;
    }
    return {};
  }
  std::vector<OutboxEntry> mails_of(const DocketRecord& record) {
    return must(home().store().outbox().of_docket(record.docket.id));
  }
  /// The replies of a docket, oldest first, as they were sent.
  std::vector<std::unique_ptr<Reply>> replies_to(const DocketRecord& record) {
    std::vector<std::unique_ptr<Reply>> all;
    for (const OutboxEntry& entry : mails_of(record)) {
      auto reply = std::make_unique<Reply>();
      reply->raw = must(home().store().outbox().bytes(entry.id));
      reply->message = mime::parse(reply->raw, Limits{});
      all.push_back(std::move(reply));
    }
    return all;
  }
  std::int64_t number(std::string_view sql) {
    return must(home().store().database().query_integer(sql)).value_or(-1);
  }
  Docket release(DocketNumber docket) {
    ReleaseResult result = must(release_docket(home(), docket, clock));
    REQUIRE(!result.trouble);
    return std::move(result.docket);
  }

 private:
  Folder_ folder_;
  std::optional<Home> home_;
};

/// The names of the example letters, "01-asylum-xml".
inline std::vector<std::string> letter_names() {
  std::vector<std::string> names;
  for (std::string& name : must(list_directory(fs::path(SOURCE_DIR) / "spool")))
    if (name.ends_with(".eml")) names.push_back(name.substr(0, name.size() - 4));
  std::sort(names.begin(), names.end());
  return names;
}
inline std::string letter(std::string_view name) {
  return must(read_file(fs::path(SOURCE_DIR) / "spool" / (std::string(name) + ".eml")));
}

/// ASYLUM of Kyrgyzstan as SDMX-ML, as letter 01 brings it.
inline const std::string& asylum_xml() {
  static const std::string xml = [] {
    std::string raw = letter("01-asylum-xml");
    mime::Message message = mime::parse(raw, Limits{});
    for (const mime::Candidate& candidate : mime::find_attachments(message))
      return must(read_all(*mime::body_source(message.parts[candidate.part]), 1 << 20));
    std::abort();
  }();
  return xml;
}
inline std::string replaced(std::string text, std::string_view what, std::string_view by) {
  for (std::size_t p = text.find(what); p != text.npos; p = text.find(what, p + by.size()))
    text.replace(p, what.size(), by);
  return text;
}

inline std::string base64(std::string_view bytes) {
  static constexpr char table[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  std::size_t in_line = 0;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    auto byte = [&](std::size_t k) {
      return k < bytes.size() ? unsigned(static_cast<unsigned char>(bytes[k])) : 0u;
    };
    unsigned n = byte(i) << 16 | byte(i + 1) << 8 | byte(i + 2);
    out += table[n >> 18];
    out += table[n >> 12 & 63];
    out += i + 1 < bytes.size() ? table[n >> 6 & 63] : '=';
    out += i + 2 < bytes.size() ? table[n & 63] : '=';
    if ((in_line += 4) == 76) out += "\r\n", in_line = 0;
  }
  return out;
}

/// A letter built by hand, as crooked as a test wants it.
struct Letter {
  std::string from = "Border statistics unit <border.statistics@border.md.example>";
  std::string to = "gateway@network.example";
  std::string subject = "Border crossings";
  std::string id;       ///< "<...>"; empty: a fresh one
  std::string headers;  ///< more fields, each with its line end
  std::string text = "Hello, the data are attached.\r\n";
  struct Attachment {
    std::string name, bytes;
    std::string type = "application/octet-stream";
  };
  std::vector<Attachment> attachments;

  Letter& attach(std::string name, std::string bytes) {
    attachments.push_back({std::move(name), std::move(bytes)});
    return *this;
  }
  std::string bytes() const {
    static int serial = 0;
    std::string out = "From: " + from + "\r\nTo: " + to + "\r\nSubject: " + subject +
                      "\r\nDate: Wed, 20 May 2026 08:00:00 +0000\r\nMessage-ID: " +
                      (id.empty() ? fmt::format("<letter.{}@border.md.example>", ++serial) : id) +
                      "\r\nMIME-Version: 1.0\r\n" + headers;
    if (attachments.empty()) return out + "Content-Type: text/plain; charset=utf-8\r\n\r\n" + text;
    out += "Content-Type: multipart/mixed; boundary=\"=_part\"\r\n\r\n";
    out += "--=_part\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + text;
    for (const Attachment& a : attachments)
      out += "\r\n--=_part\r\nContent-Type: " + a.type +
             "\r\nContent-Disposition: attachment; filename=\"" + a.name +
             "\"\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64(a.bytes);
    return out + "\r\n--=_part--\r\n";
  }
};

inline constexpr std::string_view kCrossingsHead =
    "DATAFLOW,FREQ,REF_AREA,DIRECTION,CITIZENSHIP,COUNTERPART_AREA,BORDER,PURPOSE,UNIT_MEASURE,"
    "TIME_PERIOD,OBS_VALUE,TIME_PER_COLLECT\r\n";
/// One month of entries into Moldova, as SDMX-CSV.
inline std::string crossings(std::string_view month, std::string_view value,
                             std::string_view area = "MD") {
  return std::string(kCrossingsHead) +
         fmt::format("FP:CROSSINGS(1.0),M,{},ENTRY,_T,_T,_T,_T,EVT,{},{},S\r\n", area, month,
                     value);
}

}  // namespace lab
