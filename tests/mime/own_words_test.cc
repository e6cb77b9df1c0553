// SPDX-License-Identifier: Apache-2.0
#include "mime/own_words.h"

#include "catch.h"

using namespace focalpost::mime;

TEST_CASE("a quote begins where mail programs say so") {
  for (const char* quote :
       {"> Please answer", "On Wed, 20 May 2026 at 12:00, Gateway <g@n.example> wrote:\n> x",
        "On Wed, 20 May 2026 at 12:00, Migration data exchange\n<g@n.example> wrote:\nx",
        "-----Original Message-----\nFrom: g", "-----Исходное сообщение-----\nx",
        "-------- Пересылаемое сообщение --------\nx", "________________________________\nx",
        "From: Gateway\nSent: Wednesday\nTo: me", "От: Gateway\nОтправлено: среда\nКому: мне",
        "Від: Gateway\nНадіслано: середа\nКому: мені", "*От:* Gateway\n*Дата:* 20 мая",
        "20.05.2026, 12:00, \"Gateway\" <g@n.example>:\n> x",
        "ср, 20 мая 2026 г. в 12:00, Gateway <g@n.example>:\n> x",
        "Среда, 20 мая 2026, 15:00 +03:00 от Gateway <g@n.example>:\nx",
        "20 мая 2026 г., в 15:00, Gateway <g@n.example> написал(а):\nx",
        "Gateway <g@n.example> пишет:\nx", "ср, 20 трав. 2026 р. о 12:00 Gateway пише:\nx"}) {
    INFO(quote);
    CHECK(above_quote("YES\n\n" + std::string(quote) + "\nNO") == "YES\n\n");
    CHECK(above_quote(quote).empty());
    CHECK(said_word(above_quote(std::string(quote) + "\nYES")) == SaidWord::kNone);
  }
  // What only looks a little like one.
  for (const char* own : {"From: 5 to 7\nthings changed", "On the whole: yes", "a - b", "2026: 5"})
    CHECK(above_quote(own) == std::string(own) + "\n");
}

TEST_CASE("the first word says yes or no") {
  for (const char* yes :
       {"YES", "yes", "Yes!", "ДА", "да.", "Да, подтверждаю", "так", "ТАК!", "Confirm",
        "Confirmed.", "Подтверждаем", "підтверджую", "  \n\n Да\n", "«Да»", "Hello,\nyes",
        "Добрый день, коллеги!\n\nДа.\nС уважением", "Yes, this is right. Thank you"}) {
    INFO(yes);
    CHECK(said_word(yes) == SaidWord::kYes);
  }
  for (const char* no :
       {"NO", "no!", "Нет", "ні.", "Нет, спасибо", "Не подтверждаю", "Не підтверджую"}) {
    INFO(no);
    CHECK(said_word(no) == SaidWord::kNo);
  }
  for (const char* none :
       {"", "Thanks", "I say yes", "Yesterday", "Даже так", "Yes, but March is wrong",
        "Да нет, это ошибка", "Нет, всё верно", "No problem", "Нет вопросов", "Так не пойдёт",
        "No idea what this is about, please explain", "Не знаю", "Hello\nHi\nGood day\nYES",
        "Out of office until Monday", "Note", "Ніколи"}) {
    INFO(none);
    CHECK(said_word(none) == SaidWord::kNone);
  }
  CHECK(said_word(std::string("\xff\xd0 YES \xd0", 8)) == SaidWord::kYes);
}

TEST_CASE("a signature is what follows its mark, or a closing phrase near the end") {
  CHECK(without_signature("Seven.\n-- \nName\nOffice\n") == "Seven.\n");
  CHECK(without_signature("\n\nSeven.\n\nAnd eight.\n\n") == "Seven.\n\nAnd eight.\n");
  CHECK(without_signature("-- \nName\n").empty());
  CHECK(without_signature("").empty());
  for (const char* closing : {"Best regards,", "Kind regards", "Sincerely,", "С уважением,",
                              "с уважением Имя", "З повагою", "Заранее благодарим.",
                              "Отправлено с iPhone", "Sent from my iPhone", "Thanks in advance!"}) {
    INFO(closing);
    CHECK(without_signature(std::string("Seven.\n\n") + closing + "\n\nName\nOffice\nPhone\n") ==
          "Seven.\n");
  }
  // What is said, not how it ends.
  for (const char* text :
       {"Regards the numbers of last year, there were seven of them.\n",
        "С уважением относимся к вашему вопросу и отвечаем на него подробно.\nСемь.\n",
        "a - b\n---\nc\n"}) {
    INFO(text);
    CHECK(without_signature(text) == text);
  }
  // Too far from the end to be a signature.
  std::string far = "Kind regards\n";
  for (int i = 0; i < 12; ++i) far += "a line\n";
  CHECK(without_signature(far) == far);
}

TEST_CASE("thanks and nothing else") {
  for (const char* thanks :
       {"Thank you!", "Many thanks for your quick answer", "Спасибо большое!", "Дякую",
        "Добрый день!\nСпасибо за ответ.\n\nС уважением,\nИмя", "Дякуємо за відповідь"}) {
    INFO(thanks);
    CHECK(only_thanks(thanks));
  }
  for (const char* more : {"", "Спасибо. А сколько женщин?", "Thank you, and 2023",
                           "Спасибо, это не то", "Seven", "Hello"}) {
    INFO(more);
    CHECK_FALSE(only_thanks(more));
  }
}

TEST_CASE("a yes that is asked, taken back or talked away is none, in three languages") {
  for (const char* yes :
       {"YES", "ДА!!!", "*YES*", "Да, всё верно.", "Yes, that is right", "Так, все правильно",
        "Yes, please file", "Yes please", "Да подтверждаю", "Так, підтверджуємо.",
        "Да, подтверждаем, что данные верны.", "Yes. This is right. Please file it. Thank you!",
        "Dear colleagues,\n\nYES\n\nKind regards\nHead of department\nIs this not a signature?",
        "Добрый день!\n\nДа, данные правильные.\n\nС уважением,\nОтдел, который не отвечает",
        "Доброго дня! Так, усе вірно.\n--\nВідділ\nне для друку?",
        "Good morning, yes.\nHead of Migration Statistics\nTel. 555", "Да, письмо получили.",
        "YES\n\nThis message is confidential. If you are not its recipient, delete it.",
        "Yes, we sent these figures yesterday."}) {
    INFO(yes);
    CHECK(said_word(above_quote(yes)) == SaidWord::kYes);
  }
  for (const char* none :
       {"Да? А что это за письмо?",
        "Так а кто это отправил?",
        "Так кто это отправил",
        "Yes? What is this?",
        "Да, письмо получили.\nМы этих данных не отправляли.",
        "Да, письмо получили.\n\nМы этих данных не отправляли.",
        "Да что вы",
        "Да, а кто отправил",
        "Yes, we got it. We will look at the figures and write again.",
        "Yes, your letter came.\nMy colleague will answer it on Monday",
        "Yes!\n\nWe didn't send it",
        "Yes who is this",
        "Yes. Who are you",
        "Так, лист отримали.\nМи цього не надсилали.",
        "Так? Що це",
        "Так що це за лист",
        "Confirm receipt of this letter",
        "Подтверждаю получение письма",
        "Yes\n?",
        "Так, але дані інші",
        "No?",
        "Ні? Чому",
        "Yes, the letter was received here by all of us and is being looked at"}) {
    INFO(none);
    CHECK(said_word(above_quote(none)) == SaidWord::kNone);
  }
  for (const char* no : {"No.\nWe didn't send this. Who did?", "Нет.\nМы этого не отправляли."}) {
    INFO(no);
    CHECK(said_word(above_quote(no)) == SaidWord::kNo);
  }
}
