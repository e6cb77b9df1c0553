// SPDX-License-Identifier: Apache-2.0
//
// Answers for everybody: when one is offered, what it shows, and what it never shows. The letters
// are in golden/request/.
#include "flow/public_answers.h"

#include "golden.h"
#include "request.h"

using namespace lab;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view kFirstAsker = "population@stat.am.example";

struct Talk {
  std::string_view lang, reader, first, like, answer, word;
};

/// Somebody asks, and the answer is given with the word.
void answered(Lab& lab, std::string_view question, std::string_view answer, std::string_view word,
              bool with_file = false) {
  Letter letter = lab::question(std::string(question) + "\r\n");
  letter.from = "Curious Person <" + std::string(kFirstAsker) + ">";
  lab.put(letter.bytes());
  lab.once();
  lab.clock.advance(1h);
  auto ask = newest(lab, "request");
  REQUIRE(ask);
  Letter reply = answer_to(*ask, fmt::format("{}\r\n\r\n{}\r\n", answer, word));
  if (with_file) reply.attach("table.csv", "a,b\r\n1,2\r\n");
  lab.put(reply.bytes());
  lab.once();
  lab.clock.advance(24h);
}

/// Somebody else asks; what comes back at once.
std::unique_ptr<Reply> asks(Lab& lab, std::string_view from, std::string_view question) {
  Letter letter = lab::question(std::string(question) + "\r\n");
  letter.from = std::string(from);
  lab.put(letter.bytes());
  lab.once();
  auto reply = newest(lab, "receipt", from);
  REQUIRE(reply);
  return reply;
}

constexpr std::string_view kQuestion = "How many people applied for asylum in Kyrgyzstan in 2025?";
constexpr std::string_view kLike = "How many persons applied for asylum in Kyrgyzstan during 2025?";

}  // namespace

TEST_CASE("what is a like question can be seen by eye") {
  CHECK(is_like(kQuestion, kQuestion));
  CHECK(is_like(kQuestion, kLike));
  CHECK(is_like("Сколько человек обратилось за убежищем в Кыргызстане?",
                "Сколько людей обратились за убежищем в Кыргызстане?"));
  CHECK(is_like("Скільки людей просили притулку в Україні?",
                "Скільки людей попросили притулку в Україні?"));
  // Another year, another question.
  CHECK_FALSE(is_like(kQuestion, "How many people applied for asylum in Kyrgyzstan in 2019?"));
  CHECK_FALSE(is_like(kQuestion, "What is the definition of an asylum applicant in Kyrgyzstan?"));
  CHECK_FALSE(is_like("Asylum Kyrgyzstan", "Asylum Kyrgyzstan"));  // too little to tell
  CHECK_FALSE(is_like("", ""));
  CHECK(likeness(std::string(1 << 20, 'x'), std::string(1 << 20, 'x')) == 1.0);
  CHECK(likeness("2024", "2025") == 0);
}

TEST_CASE("a public answer is offered to who asks a like question, and a person gets it anyway") {
  const auto talk =
      GENERATE(Talk{"en", "border.statistics@border.md.example", kQuestion, kLike,
                    "In 2025 there were 1 204.\r\nOf these 300 were children.", "PUBLIC"},
               Talk{"ru", "labour.statistics@migration.kz.example",
                    "Сколько человек обратилось за убежищем в Кыргызстане?",
                    "Сколько людей обратились за убежищем в Кыргызстане?",
                    "В 2025 году: 1 204.\r\nИз них 300 детей.", "ПУБЛИЧНО"},
               Talk{"uk", "border.statistics@border.ua.example",
                    "Скільки людей просили притулку в Киргизстані?",
                    "Скільки людей попросили притулку в Киргизстані?",
                    "У 2025 році: 1 204.\r\nЗ них 300 дітей.", "ПУБЛІЧНО"});
  Lab lab;
  lab.close();
  must(write_file_durably(lab.root() / "key", std::string(32, 'k')));
  lab.open();
  answered(lab, talk.first, talk.answer, talk.word, true);
  const auto before = letters(lab, "request");
  auto reply = asks(lab, talk.reader, talk.like);
  check_golden("request", fmt::format("received-with-answer.{}.txt", talk.lang), reply.get());
  CHECK(has(reply->text(), "1 204"));
  CHECK(has(reply->text("text/html"), "1 204"));
  CHECK(files_of(*reply) == "table.csv");
  CHECK(letters(lab, "request") == before + 1);  // the person is asked all the same
  // Neither who asked first, nor in which words, nor who answered.
  for (const char* word : {"Curious", "stat.am", "Armenia", "Армения", "Вірменія",
                           "asylum.statistics@migration.kg", "RQ-", "PUBLIC", "ПУБЛИЧНО"})
    CHECK_FALSE(has(all_of(*reply), word));
  CHECK_FALSE(has(reply->raw, "stat.am.example"));
}

TEST_CASE("an answer is offered only where everybody may read it and it is about the same") {
  Lab lab;
  auto offered = [&](std::string_view question) {
    return has(asks(lab, kBorder, question)->text(), "Seven");
  };
  SECTION("without the word it is for who asked") {
    answered(lab, kQuestion, "Seven.", "");
    CHECK_FALSE(offered(kLike));
  }
  SECTION("another country, another indicator, another year, another question") {
    answered(lab, kQuestion, "Seven.", "PUBLIC");
    CHECK_FALSE(offered("How many people applied for asylum in Moldova in 2025?"));
    CHECK_FALSE(offered("How many refugees, people applied, in Kyrgyzstan in 2025?"));
    CHECK_FALSE(offered("How many people applied for asylum in Kyrgyzstan in 2019?"));
    CHECK_FALSE(offered("What is the definition of an asylum applicant in Kyrgyzstan?"));
    CHECK(offered(kLike));
  }
  SECTION("taken back by a further answer without the word") {
    answered(lab, kQuestion, "Seven.", "PUBLIC");
    CHECK(offered(kLike));
    auto ask = newest(lab, "request");
    // The first one's thread: its letter was the first.
    auto first = must(lab.home().store().database().query_integer(
        "SELECT min(id) FROM outbox WHERE kind = 'request'"));
    Reply letter;
    letter.raw = must(lab.home().store().outbox().bytes(*first));
    letter.message = mime::parse(letter.raw, Limits{});
    lab.put(answer_to(letter, "Eight, sorry.\r\n").bytes());
    lab.once();
    CHECK_FALSE(offered(kLike));
  }
  SECTION("purged") {
    answered(lab, kQuestion, "Seven.", "PUBLIC");
    const auto docket =
        must(lab.home().store().database().query_integer("SELECT docket FROM request"));
    Transaction transaction = must(lab.home().store().begin());
    must(lab.home().store().requests().forget_texts(*docket));
    must(transaction.commit());
    CHECK_FALSE(offered(kLike));
  }
}

TEST_CASE("a question beside commands, and a stranger who confirmed, are offered it too") {
  Lab lab;
  answered(lab, kQuestion, "Seven.", "PUBLIC");
  SECTION("beside commands") {
    Letter letter = lab::question(
        "COUNTRIES\r\nASK KG ASYLUM How many persons applied for asylum in Kyrgyzstan during "
        "2025?\r\n");
    letter.subject = "Questions";
    lab.put(letter.bytes());
    lab.once();
    auto reply = newest(lab, "answer", kBorder);
    REQUIRE(reply);
    CHECK(has(reply->text(), "Seven."));
    CHECK(has(reply->text(), "passed on"));
  }
  SECTION("a stranger") {
    lab.put(outside(std::string(kLike) + "\r\n").bytes());
    lab.once();
    auto confirm = newest(lab, "confirmation", kSomebody);
    REQUIRE(confirm);
    CHECK_FALSE(has(all_of(*confirm), "Seven"));
    lab.clock.advance(1h);
    lab.put(answer_to(*confirm, "YES\r\n").bytes());
    lab.once();
    auto reply = newest(lab, "reply", kSomebody);
    REQUIRE(reply);
    CHECK(has(reply->text(), "Seven."));
    CHECK(has(reply->text(), "passed on"));
  }
}

TEST_CASE("attack: a public answer is shown as text") {
  Lab lab;
  answered(lab, kQuestion, "Seven <script>x</script> {{token}} \xE2\x80\xAE.", "PUBLIC");
  auto reply = asks(lab, kBorder, kLike);
  CHECK(has(reply->text(), "{{token}}"));
  CHECK_FALSE(has(reply->text("text/html"), "<script"));
  CHECK_FALSE(has(all_of(*reply), "\xE2\x80\xAE"));
}
