// SPDX-License-Identifier: Apache-2.0
//
// The plain text of the reply to every letter of spool/, word for word, in golden/NN-name.txt.
// UPDATE_GOLDEN=1 writes them anew: read the difference as the one who gets the mail.
#include <cstdlib>

#include "catch.h"
#include "lab.h"

using namespace lab;

TEST_CASE("the replies to the example letters, word for word") {
  Lab lab;
  // The key is drawn at random, and the token of what waits with it: here it stands still.
  lab.close();
  must(write_file_durably(lab.root() / "key", std::string(32, 'k')));
  lab.open();
  std::map<std::string, std::string> uids;
  for (const std::string& name : letter_names()) uids[name] = lab.put(letter(name));
  lab.once();
  // The one that was held is released too: its second reply, after the letter that asks, is
  // 15-large-revision.2.txt.
  auto held = lab.docket_of(uids["15-large-revision"]);
  REQUIRE(held);
  lab.release(held->docket.number);

  fs::path golden = fs::path(SOURCE_DIR) / "tests" / "flow" / "golden";
  bool update = std::getenv("UPDATE_GOLDEN") != nullptr;
  if (update) must(make_directories(golden, 0755));
  for (const auto& [name, uid] : uids) {
    auto replies = lab.replies_to(*lab.docket_of(uid));
    for (std::size_t i = 0; i < replies.size(); ++i) {
      std::string file = name + (i == 0 ? "" : fmt::format(".{}", i + 1)) + ".txt";
      INFO(file);
      std::string text = "To: " + replies[i]->to() + "\nSubject: " + replies[i]->subject() +
                         "\n\n" + replies[i]->text();
      if (update) must(write_file_durably(golden / file, text, 0644));
      auto wanted = read_file(golden / file);
      REQUIRE(wanted.ok());
      CHECK(text == *wanted);
      CHECK(text.find("{{") == std::string::npos);
    }
  }
}
