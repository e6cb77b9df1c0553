// SPDX-License-Identifier: Apache-2.0
//
// SUBSCRIBE, UNSUBSCRIBE and STOP by mail: who may, what is answered, how it ends.
#include "flow/subscriptions.h"

#include "flow/bounces.h"
#include "golden.h"
#include "request.h"

using namespace lab;
using namespace std::chrono_literals;

namespace subscriptions_test {

using lab::has;

constexpr std::string_view kReader = "reader@university.example";

std::string write(Lab& lab, std::string_view from, std::string text,
                  std::string subject = "Digest") {
  Letter letter;
  letter.from = std::string(from);
  letter.subject = std::move(subject);
  letter.text = std::move(text);
  std::string uid = lab.put(letter.bytes());
  lab.once();
  return uid;
}

/// From alone is enough.
void believe_subscribers(Lab& lab) {
  lab.close();
  const fs::path file = lab.root() / "focalpost.toml";
  must(write_file_durably(
      file, replaced(must(read_file(file)), "revise = 1\n", "revise = 1\nsubscribe = 1\n")));
  lab.open();
}

std::vector<Subscription> of(Lab& lab, std::string_view address) {
  return must(lab.home().store().subscriptions().of(address));
}

std::string told(Lab& lab, std::string_view to) {
  auto reply = newest(lab, "answer", to);
  REQUIRE(reply);
  std::string text;
  const std::string all = reply->text();
  for (std::string_view line : split(all, '\n'))
    text += (text.empty() ? "" : " ") + std::string(trim(line));
  return text;
}

/// "weekly ASYLUM KG active"
std::string state(Lab& lab, std::string_view address) {
  std::string all;
  for (const Subscription& one : of(lab, address))
    all += fmt::format("{}{} [{}] [{}] {}", all.empty() ? "" : "; ", one.rhythm,
                       fmt::join(one.flows, ","), fmt::join(one.areas, ","),
                       subscription_state_name(one.state));
  return all;
}

TEST_CASE("a contact subscribes, changes the rhythm and ends it") {
  Lab lab;
  believe_subscribers(lab);
  write(lab, kAsylum, "SUBSCRIBE\r\n");
  CHECK(state(lab, kAsylum) == "weekly [] [] active");
  std::string said = told(lab, kAsylum);
  CHECK(has(said, "каждую неделю: вся сеть"));
  // Bishkek: the week of Monday 18 May is told of on Monday 25 May.
  CHECK(has(said, "25 мая 2026"));
  CHECK(has(said, "ОТПИСКА"));
  CHECK(of(lab, kAsylum)[0].told_until == at("2026-05-17T18:00:00Z"));

  write(lab, kAsylum, "ПОДПИСКА ежемесячно\r\n");
  CHECK(state(lab, kAsylum) == "monthly [] [] active");
  CHECK(of(lab, kAsylum)[0].told_until == at("2026-05-17T18:00:00Z"));
  write(lab, kAsylum, "SUBSCRIBE daily ASYLUM,LABOUR KZ,KG\r\n");
  CHECK(state(lab, kAsylum) == "monthly [] [] active; daily [ASYLUM,LABOUR] [KG,KZ] active");
  write(lab, kAsylum, "UNSUBSCRIBE LABOUR\r\n");
  CHECK(state(lab, kAsylum) == "monthly [] [] active; daily [ASYLUM] [KG,KZ] active");
  write(lab, kAsylum, "UNSUBSCRIBE PERMITS\r\n");
  CHECK(has(told(lab, kAsylum), "ничего не изменено"));
  CHECK(of(lab, kAsylum).size() == 2);
  write(lab, kAsylum, "ОТПИСКА\r\n");
  CHECK(of(lab, kAsylum).empty());
  // Of a contact the address stays: it is in the roster.
  CHECK(lab.number("SELECT count(*) FROM subscription WHERE address = ''") == 0);
  write(lab, kAsylum, "UNSUBSCRIBE\r\n");
  CHECK(has(told(lab, kAsylum), "прекращать нечего"));
}

TEST_CASE("below the policy's level a contact's command waits for its word") {
  Lab lab;
  believe_nobody(lab, "");
  const std::string uid = write(lab, kAsylum, "SUBSCRIBE quarterly ASYLUM KG\r\n");
  CHECK(of(lab, kAsylum).empty());
  CHECK(lab.folder_of(uid) == "Held");
  auto asks = newest(lab, "confirmation", kAsylum);
  REQUIRE(asks);
  CHECK(has(asks->text(), "SUBSCRIBE quarterly ASYLUM KG"));
  Letter yes = answer_to(*asks, "ДА\r\n");
  yes.from = std::string(kAsylum);
  lab.put(yes.bytes());
  lab.once();
  CHECK(state(lab, kAsylum) == "quarterly [ASYLUM] [KG] active");
  CHECK(lab.folder_of(uid) == "Enquiries");
  // The first of a quarter.
  CHECK(has(told(lab, kAsylum), "1 июля 2026"));
}

TEST_CASE("attack: a letter with many subscriptions brings its sender one letter that asks") {
  Lab lab;
  write(lab, kReader,
        "SUBSCRIBE weekly ASYLUM KG\r\nSUBSCRIBE weekly ASYLUM KZ\r\nSUBSCRIBE daily LABOUR\r\n");
  CHECK(letters(lab, "confirmation", kReader) == 1);
  CHECK(has(told(lab, kReader), "another subscription"));
  write(lab, kReader, "SUBSCRIBE monthly STOCK\r\n");
  CHECK(letters(lab, "confirmation", kReader) == 1);
  CHECK(of(lab, kReader).size() == 1);
}

TEST_CASE("what was not understood subscribes nobody") {
  Lab lab;
  believe_subscribers(lab);
  write(lab, kAsylum, "SUBSCRIBE fortnightly ASILUM KG\r\n");
  CHECK(of(lab, kAsylum).empty());
}

TEST_CASE("somebody outside confirms first, with the token, from that address") {
  Lab lab;
  const std::string uid = write(lab, kReader, "SUBSCRIBE monthly ASYLUM\r\n");
  CHECK(lab.folder_of(uid) == "Enquiries");
  CHECK(state(lab, kReader) == "monthly [ASYLUM] [] unconfirmed");
  auto asks = newest(lab, "confirmation", kReader);
  REQUIRE(asks);
  CHECK(find_subscription_tokens(asks->subject()).size() == 1);
  CHECK(has(told(lab, kReader), "YES"));
  // Asked again within a day: one letter is enough.
  write(lab, kReader, "SUBSCRIBE monthly ASYLUM\r\n");
  CHECK(letters(lab, "confirmation", kReader) == 1);

  SECTION("yes") {
    lab.put(answer_to(*asks, "Yes\r\n").bytes());
    lab.once();
    CHECK(state(lab, kReader) == "monthly [ASYLUM] [] active");
    auto begun = newest(lab, "subscription", kReader);
    REQUIRE(begun);
    CHECK(has(begun->text(), "1 June 2026"));
    CHECK(letters(lab, "request") == 0);
    // The token is used up.
    write(lab, kReader, "UNSUBSCRIBE\r\n");
    lab.put(answer_to(*asks, "Yes\r\n").bytes());
    lab.once();
    CHECK(of(lab, kReader).empty());
    CHECK(lab.number("SELECT count(*) FROM subscription WHERE address <> ''") == 0);
  }
  SECTION("yes from elsewhere, or with another token, begins nothing") {
    Letter yes = answer_to(*asks, "Yes\r\n");
    yes.from = "other@university.example";
    lab.put(yes.bytes());
    Letter wrong = answer_to(*asks, "Yes\r\n");
    wrong.subject = "Re: [SU-BAAAAAAAAAAAAAAAA]";
    wrong.headers.clear();
    lab.put(wrong.bytes());
    lab.once();
    CHECK(state(lab, kReader) == "monthly [ASYLUM] [] unconfirmed");
  }
  SECTION("no") {
    lab.put(answer_to(*asks, "No\r\n").bytes());
    lab.once();
    CHECK(of(lab, kReader).empty());
  }
  SECTION("too late") {
    lab.clock.advance(8 * 24h);
    lab.once();
    CHECK(of(lab, kReader).empty());
    CHECK(lab.number("SELECT count(*) FROM subscription WHERE address <> ''") == 0);
    lab.put(answer_to(*asks, "Yes\r\n").bytes());
    lab.once();
    CHECK(of(lab, kReader).empty());
  }
}

TEST_CASE("an address has so many subscriptions and no more") {
  Lab lab;
  believe_subscribers(lab);
  lab.configure("[digests]\nmost_per_address = 2\n");
  write(lab, kAsylum, "SUBSCRIBE ASYLUM\r\nSUBSCRIBE LABOUR\r\nSUBSCRIBE PERMITS\r\n");
  CHECK(of(lab, kAsylum).size() == 2);
  CHECK(has(told(lab, kAsylum), "не добавлена"));
}

TEST_CASE("STOP ends everything that is no answer, and SUBSCRIBE begins again") {
  Lab lab;
  believe_subscribers(lab);
  write(lab, kAsylum, "SUBSCRIBE ASYLUM\r\nSUBSCRIBE LABOUR\r\n");
  write(lab, kAsylum, "СТОП\r\n");
  CHECK(of(lab, kAsylum).empty());
  CHECK(must(lab.home().store().subscriptions().stopped(kAsylum)));
  CHECK(has(told(lab, kAsylum), "только ответы"));
  write(lab, kAsylum, "SUBSCRIBE LABOUR\r\n");
  CHECK_FALSE(must(lab.home().store().subscriptions().stopped(kAsylum)));
  CHECK(of(lab, kAsylum).size() == 1);
  // Of somebody who has nothing from us nothing is kept.
  write(lab, kReader, "STOP\r\n");
  CHECK_FALSE(must(lab.home().store().subscriptions().stopped(kReader)));
  CHECK(has(told(lab, kReader), "nothing comes to this address but answers"));
}

TEST_CASE("the token of List-Unsubscribe ends one subscription, from whatever address") {
  Lab lab;
  believe_subscribers(lab);
  write(lab, kAsylum, "SUBSCRIBE ASYLUM\r\nSUBSCRIBE LABOUR\r\n");
  const auto both = of(lab, kAsylum);
  REQUIRE(both.size() == 2);
  const std::string key = must(read_key(lab.home().paths()));
  const std::string token = make_token(key, both[0], SubscriptionWord::kEnd);
  SECTION("from the address itself") {
    write(lab, kAsylum, "", "UNSUBSCRIBE [" + token + "]");
    CHECK(state(lab, kAsylum) == "weekly [LABOUR] [] active");
    CHECK(letters(lab, "subscription") == 0);
  }
  SECTION("from another: the address is told") {
    write(lab, kReader, "", "UNSUBSCRIBE [" + token + "]");
    CHECK(state(lab, kAsylum) == "weekly [LABOUR] [] active");
    REQUIRE(newest(lab, "subscription", kAsylum));
  }
  SECTION("a token for confirming ends nothing, nor does one of another home") {
    write(lab, kReader, "",
          "UNSUBSCRIBE [" + make_token(key, both[0], SubscriptionWord::kConfirm) + "]");
    write(lab, kReader, "",
          "UNSUBSCRIBE [" + make_token("other", both[0], SubscriptionWord::kEnd) + "]");
    CHECK(of(lab, kAsylum).size() == 2);
  }
}

TEST_CASE("a message that is judged again subscribes nobody who has left since") {
  Lab lab;
  believe_subscribers(lab);
  const std::string uid = write(lab, kAsylum, "SUBSCRIBE ASYLUM\r\n");
  write(lab, kAsylum, "UNSUBSCRIBE\r\n");
  lab.drag(uid, Folder::kEnquiries, Folder::kRetry);
  lab.once();
  CHECK(of(lab, kAsylum).empty());
  CHECK(has(told(lab, kAsylum), "прекращена"));
}

TEST_CASE("the letters about subscriptions, word for word") {
  struct Speaks {
    std::string_view lang, contact, ask, leave, yes, ask_outside;
  };
  const auto [lang, contact, ask, leave, yes, ask_outside] =
      GENERATE(Speaks{"en", kSecretariat, "SUBSCRIBE monthly ASYLUM KG,KZ", "UNSUBSCRIBE", "Yes",
                      "SUBSCRIBE ASYLUM"},
               Speaks{"ru", kAsylum, "ПОДПИСКА ежемесячно убежище Кыргызстан, Казахстан", "ОТПИСКА",
                      "Да", "ПОДПИСКА убежище"},
               Speaks{"uk", "asylum.statistics@migration.ua.example",
                      "ПІДПИСКА щомісяця притулок Киргизстан, Казахстан", "ВІДПИСКА", "Так",
                      "ПІДПИСКА щодня Україна"});
  Lab lab;
  believe_subscribers(lab);
  // The key is drawn at random, and the tokens with it: here it stands still.
  lab.close();
  must(write_file_durably(lab.root() / "key", std::string(32, 'k')));
  lab.open();
  auto golden = [&](std::string_view name, std::string_view kind, std::string_view to) {
    check_golden("subscription", fmt::format("{}.{}.txt", name, lang), newest(lab, kind, to).get());
  };
  write(lab, contact, std::string(ask) + "\r\n");
  golden("subscribed", "answer", contact);
  write(lab, contact, std::string(leave) + "\r\n");
  golden("unsubscribed", "answer", contact);

  write(lab, kReader, std::string(ask_outside) + "\r\n");
  golden("outside", "answer", kReader);
  golden("confirm", "confirmation", kReader);
  lab.put(answer_to(*newest(lab, "confirmation", kReader), std::string(yes) + "\r\n").bytes());
  lab.once();
  golden("begun", "subscription", kReader);
  const std::string token = make_token(must(read_key(lab.home().paths())), of(lab, kReader).at(0),
                                       SubscriptionWord::kEnd);
  lab.clock.advance(1h);
  write(lab, "other@university.example", "", "UNSUBSCRIBE " + token);
  golden("ended", "subscription", kReader);
}

}  // namespace subscriptions_test
