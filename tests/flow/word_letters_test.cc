// SPDX-License-Identifier: Apache-2.0
//
// The letters about what waits for a word, in three languages, word for word, in golden/word/.
#include "golden.h"
#include "word.h"

using namespace lab;
using namespace std::chrono_literals;

namespace {

void golden(std::string_view name, std::string_view lang, const std::unique_ptr<Reply>& letter) {
  check_golden("word", fmt::format("{}.{}.txt", name, lang), letter.get());
}

struct Contact_ {
  std::string_view lang, letter;
};

}  // namespace

TEST_CASE("the letters about what waits, word for word") {
  const auto [lang, name] =
      GENERATE(Contact_{"en", "05-crossings-csv1"}, Contact_{"ru", "01-asylum-xml"},
               Contact_{"uk", "02-asylum-decisions-generic"});
  const std::string yes = lang == "en" ? "YES" : lang == "ru" ? "Да" : "Так";
  const std::string no = lang == "en" ? "No" : lang == "ru" ? "Нет" : "Ні";
  // The key is drawn at random, and the token with it: here it stands still.
  Lab lab;
  lab.close();
  must(write_file_durably(lab.root() / "key", std::string(32, 'k')));
  believe_nobody(lab);
  lab.put(letter(name));
  lab.once();
  auto asked = newest(lab, "confirmation");
  golden("confirm", lang, asked);
  const std::string sender = asked->to();

  SECTION("yes") {
    lab.clock.advance(1h);
    lab.put(answer_to(*asked, yes + "\r\n").bytes());
    lab.once();
    golden("yes", lang, newest(lab, "receipt", sender));
    lab.put(answer_to(*asked, yes + "!\r\n").bytes());
    lab.once();
    golden("again", lang, newest(lab, "receipt", sender));
  }
  SECTION("no") {
    lab.clock.advance(1h);
    lab.put(answer_to(*asked, "?\r\n").bytes());
    lab.once();
    golden("unclear", lang, newest(lab, "receipt", sender));
    lab.put(answer_to(*asked, no + "\r\n").bytes());
    lab.once();
    golden("no", lang, newest(lab, "receipt", sender));
  }
  SECTION("nothing") {
    lab.clock.advance(8 * 24h);
    lab.once();
    golden("reminder", lang, newest(lab, "reminder", sender));
    golden("still-waits", lang, newest(lab, "held"));
    lab.clock.advance(23 * 24h);
    lab.once();
    golden("expired", lang, newest(lab, "receipt", sender));
    golden("expired-coordinator", lang, newest(lab, "held"));
  }
}
