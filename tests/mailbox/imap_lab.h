// SPDX-License-Identifier: Apache-2.0
//
// imap_lab: an ImapMailbox on a server of a test's choice, and a sink that keeps what comes.
#pragma once

#include <fmt/format.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/byte_source.h"
#include "catch.h"
#include "mailbox/imap.h"
#include "servers/client.h"
#include "servers/dovecot.h"
#include "servers/fake.h"

namespace imap_lab {

using namespace focalpost;
using namespace std::chrono_literals;

inline ImapOptions options_for(std::uint16_t port, const std::string& user = "gateway") {
  ImapOptions options;
  options.endpoint.host = "127.0.0.1";
  options.endpoint.port = port;
  options.endpoint.tls = net::Tls::kNone;
  options.credentials = std::make_shared<net::FixedCredentials>(user, "secret");
  options.name = user + "@mail.example";
  options.connect_timeout = options.answer_timeout = options.done_timeout = 20s;
  return options;
}

inline std::string letter(int number, std::size_t size = 200) {
  std::string text =
      fmt::format("Subject: letter {}\r\nMessage-ID: <{}@test.example>\r\n\r\n", number, number);
  while (text.size() < size) text += fmt::format("line {} of {}\r\n", text.size(), number);
  return text;
}

struct Collect final : MessageSink {
  std::map<std::string, std::string> bytes;  ///< by uid
  std::vector<std::string> order, gone_uids;
  std::map<std::string, Error> unreadable_uids;
  /// Bytes of each message to take, the rest is left on the line.
  std::size_t most = SIZE_MAX;
  /// Answer to the message of that number.
  std::map<std::size_t, Error> errors;

  Status mapped(const MessageRef&, MappedFile) override { return bug("IMAP has no files"); }
  Status streamed(const MessageRef& ref, ByteSource& source) override {
    std::string all;
    while (all.size() < most) {
      FP_ASSIGN(auto span, source.next());
      if (span.empty()) break;
      all.append(span.data(), span.size());
    }
    bytes[ref.uid] = std::move(all);
    order.push_back(ref.uid);
    const auto found = errors.find(order.size());
    if (found != errors.end()) return found->second;
    return {};
  }
  Status gone(const MessageRef& ref) override {
    gone_uids.push_back(ref.uid);
    return {};
  }
  Status unreadable(const MessageRef& ref, const Error& why) override {
    unreadable_uids.emplace(ref.uid, why);
    return {};
  }
};

template <typename T>
T must(Result<T> result) {
  if (!result.ok()) FAIL(result.error().what);
  return std::move(result).value();
}
inline void must(Status status) {
  if (!status.ok()) FAIL(status.error().what);
}

inline std::vector<std::string> uids(const std::vector<MessageRef>& refs) {
  std::vector<std::string> all;
  for (const MessageRef& ref : refs) all.push_back(ref.uid);
  return all;
}

inline std::vector<Moved> move_all(ImapMailbox& mailbox, const std::vector<MessageRef>& refs,
                                   Folder target) {
  std::vector<Move> moves;
  for (const MessageRef& ref : refs) moves.push_back({ref, target});
  return must(mailbox.move(moves));
}

}  // namespace imap_lab
