// SPDX-License-Identifier: Apache-2.0
//
// The store is busy for longer than anybody waits, just when the server has taken a letter.
#include <sqlite3.h>

#include <atomic>
#include <thread>

#include "catch.h"
#include "flow/outgoing.h"
#include "smtp/fake_smtp.h"

using namespace lab;

TEST_CASE("a letter that was taken is noted as sent, however long a filing holds the store") {
  smtp::FakeSmtp server;
  Post post(server.port());
  const std::int64_t id = post.put("digest", "focal.point@office.example", "digest");
  // Another connection files something great; here nobody waits longer than a millisecond at once.
  Home beside = must(Home::open(post.lab.root(), Home::Access::kWrite));
  sqlite3_busy_timeout(post.store().database().handle(), 1);
  std::optional<Transaction> filing;
  std::thread ends;
  const DispatchResult done = post.run([&](std::string_view step) {
    if (step != "spoken") return;
    filing.emplace(must(beside.store().begin()));
    ends = std::thread([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(300));
      filing.reset();
    });
  });
  REQUIRE(ends.joinable());
  ends.join();
  CHECK(done.sent == 1);
  CHECK(post.state(id) == OutboxState::kSent);
  CHECK(server.texts().size() == 1);
  CHECK(post.run().sent == 0);
}
