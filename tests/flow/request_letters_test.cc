// SPDX-License-Identifier: Apache-2.0
//
// The letters about questions, in three languages, word for word, in golden/request/.
#include "golden.h"
#include "request.h"

using namespace lab;
using namespace std::chrono_literals;

namespace {

void golden(std::string_view name, std::string_view lang, const std::unique_ptr<Reply>& letter) {
  check_golden("request", fmt::format("{}.{}.txt", name, lang), letter.get());
}

/// Somebody who asks in a language, and a country whose people answer in it.
struct Speaks {
  std::string_view lang, asker, question, answer;
};

}  // namespace

TEST_CASE("the letters about questions, word for word") {
  const auto [lang, asker, text, said] = GENERATE(
      Speaks{"en", "population@stat.am.example", "How many people applied for asylum in Moldova?",
             "In 2025 there were 1 204."},
      Speaks{"ru", "labour.statistics@migration.kz.example",
             "Сколько человек обратилось за убежищем в Кыргызстане?", "В 2025 году: 1 204."},
      Speaks{"uk", "border.statistics@border.ua.example",
             "Скільки людей просили притулку в Україні?", "У 2025 році: 1 204."});
  // The key is drawn at random, and the tokens with it: here it stands still.
  Lab lab;
  lab.close();
  must(write_file_durably(lab.root() / "key", std::string(32, 'k')));
  lab.open();
  Letter first;
  first.from = std::string(asker);
  first.subject = lang == "en" ? "Asylum" : lang == "ru" ? "Убежище" : "Притулок";
  first.text = std::string(text) + "\r\n";

  SECTION("asked and answered") {
    lab.put(first.bytes());
    lab.once();
    auto ask = newest(lab, "request");
    golden("ask", lang, ask);
    golden("received", lang, newest(lab, "receipt", asker));
    lab.clock.advance(1h);
    lab.put(
        answer_to(*ask, std::string(said) + "\r\n").attach("table.csv", "a,b\r\n1,2\r\n").bytes());
    lab.once();
    golden("answer", lang, newest(lab, "reply"));
    golden("thanks", lang, newest(lab, "receipt", ask->to()));
  }
  SECTION("declined") {
    lab.put(first.bytes());
    lab.once();
    auto ask = newest(lab, "request");
    lab.clock.advance(1h);
    lab.put(answer_to(*ask, "DECLINE " + std::string(said) + "\r\n").bytes());
    lab.once();
    golden("declined", lang, newest(lab, "reply"));
    golden("declined-thanks", lang, newest(lab, "receipt", ask->to()));
  }
  SECTION("closed") {
    lab.put(first.bytes());
    lab.once();
    lab.clock.advance(1h);
    lab.put(answer_to(*newest(lab, "request"), "CLOSE\r\n").bytes());
    lab.once();
    golden("closed", lang, newest(lab, "reply"));
  }
  SECTION("forwarded") {
    lab.put(first.bytes());
    lab.once();
    auto ask = newest(lab, "request");
    lab.clock.advance(1h);
    const std::string to = lang == "en" ? "MD_NBS" : lang == "ru" ? "KZ_BNS" : "UA_SSS";
    const std::string uid = lab.put(answer_to(*ask, "FORWARD " + to + "\r\n").bytes());
    lab.once();
    golden("forwarded", lang, newest(lab, "request"));
    golden("forwarded-thanks", lang, newest(lab, "receipt", ask->to()));
    golden("moved", lang, newest(lab, "reply"));
  }
  SECTION("nobody answers") {
    lab.put(first.bytes());
    lab.once();
    lab.clock.advance(4 * 24h);
    lab.once();
    golden("reminder", lang, newest(lab, "request"));
    lab.clock.advance(4 * 24h);
    lab.once();
    golden("escalated", lang, newest(lab, "request"));
    lab.clock.advance(23 * 24h);
    lab.once();
    golden("lapsed", lang, newest(lab, "reply"));
  }
  SECTION("who is away") {
    must(lab.home().store().correspondents().note_away(
        lang == "en"   ? "border.statistics@border.md.example"
        : lang == "ru" ? "asylum.statistics@migration.kg.example"
                       : "asylum.statistics@migration.ua.example",
        lab.clock.now()));
    if (lang == "en") first.text = "How many people crossed the border of Moldova (CROSSINGS)?\r\n";
    lab.put(first.bytes());
    lab.once();
    golden("substitute", lang, newest(lab, "request"));
  }
  SECTION("somebody outside") {
    first.from = std::string(kSomebody);
    lab.put(first.bytes());
    lab.once();
    auto confirm = newest(lab, "confirmation");
    golden("confirm", lang, confirm);
    lab.clock.advance(1h);
    lab.put(answer_to(*confirm, lang == "en"   ? "Yes\r\n"
                                : lang == "ru" ? "Да\r\n"
                                               : "Так\r\n")
                .bytes());
    lab.once();
    golden("outside-ask", lang, newest(lab, "request"));
    golden("outside-received", lang, newest(lab, "reply"));
    lab.clock.advance(1h);
    lab.put(answer_to(*newest(lab, "request"), std::string(said) + "\r\n").bytes());
    lab.once();
    golden("outside-answer", lang, newest(lab, "reply"));
  }
}
