// SPDX-License-Identifier: Apache-2.0
//
// Questions in free words: to whom they go, what an answer is and what is none, and what comes of
// time.
#include "flow/persons.h"
#include "flow/request_answer.h"
#include "request.h"

using namespace lab;
using namespace std::chrono_literals;

TEST_CASE("a question in free words is put before who is responsible, and the asker told whom") {
  Asked asked;
  CHECK(asked.state() == "open");
  CHECK(asked.docket().docket.outcome == Outcome::kOpen);
  CHECK(asked.lab.folder_of(asked.uid) == "Enquiries/Open");
  auto letter = asked.put_before();
  CHECK(letter->to() == kAsylum);
  CHECK(letters(asked.lab, "request") == 1);
  CHECK(has(letter->text(), "> How many people applied for asylum in Kyrgyzstan?"));
  CHECK(has(letter->text(), "Молдова"));     // who asks: the institution
  CHECK(has(letter->text(), "Кыргызстан"));  // about which country
  // No address and no name of the asker, in any header either.
  for (const char* word : {"border.statistics@border.md", "Border statistics unit"})
    CHECK_FALSE(has(letter->raw, word));
  CHECK_FALSE(has(all_of(*letter), "@border.md"));
  CHECK(letter->header("In-Reply-To").empty());
  CHECK(letter->header("Auto-Submitted") == "auto-generated");
  const auto tokens = find_request_tokens(letter->subject());
  REQUIRE(tokens.size() == 1);
  CHECK(find_request_tokens(letter->id()) == tokens);

  auto mails = asked.lab.replies_to(asked.docket());
  REQUIRE(mails.size() == 2);
  const Reply& told = *mails[1];
  CHECK(told.to() == kBorder);
  CHECK(has(told.text(), "State Migration Service"));
  CHECK(has(told.text(), "focal point"));
  CHECK_FALSE(has(told.raw, "migration.kg.example"));
  CHECK(told.header("In-Reply-To") == asked.docket().docket.message_id);
  // Nothing happens twice.
  asked.lab.once();
  CHECK(letters(asked.lab, "request") == 1);
  CHECK(asked.history() == "opened passed-on");
}

TEST_CASE("to whom a question goes") {
  Lab lab;
  const StructureLookup& lookup = lab.home().lookup();
  auto first = [&](Subject subject) {
    auto all = must(responsible_for(lab.home(), subject, lab.clock.now()));
    REQUIRE_FALSE(all.empty());
    return all.front().role + " " + all.front().address;
  };
  SECTION("by indicator and country") {
    CHECK(first({{"KG"}, {"PERMITS"}, "", nullptr}) ==
          "focal point permits.statistics@migration.kg.example");
    CHECK(first({{"KG"}, {"ASYLUM_DEC"}, "", nullptr}) == "focal point " + std::string(kAsylum));
    CHECK(first({{"KG"}, {"CROSSINGS"}, "", nullptr}) ==
          "focal point border.statistics@border.kg.example");
    CHECK(first({{"KG"}, {"STOCK"}, "", nullptr}) == "focal point population@stat.kg.example");
  }
  SECTION("by country") {
    CHECK(first({{"KG"}, {"NO_SUCH"}, "", nullptr}) == "focal point " + std::string(kAsylum));
  }
  SECTION("neither: the own coordinator, of an institution without one that of its country") {
    CHECK(first({{}, {}, std::string(kAsylum), lookup.contact(kAsylum)}) ==
          "coordinator " + std::string(kKgCoordinator));
    CHECK(first({{}, {}, std::string(kBorder), lookup.contact(kBorder)}) ==
          "coordinator " + std::string(kCoordinator));
  }
  SECTION("somebody outside: the network's secretariat") {
    CHECK(first({{}, {}, std::string(kSomebody), nullptr}) ==
          "coordinator " + std::string(kSecretariat));
    CHECK(first({{"XX"}, {"YY"}, std::string(kSomebody), nullptr}) ==
          "coordinator " + std::string(kSecretariat));
  }
  SECTION("never to who asks") {
    CHECK(first({{"KG"}, {"ASYLUM"}, std::string(kAsylum), lookup.contact(kAsylum)}) ==
          "substitute " + std::string(kDeputy));
    for (const Responsible& one : must(responsible_for(
             lab.home(), {{"KG"}, {"ASYLUM"}, std::string(kAsylum), lookup.contact(kAsylum)},
             lab.clock.now())))
      CHECK(one.address != kAsylum);
  }
  SECTION("who is away comes after everybody else, whose address is dead not at all") {
    must(lab.home().store().correspondents().note_away(kAsylum, lab.clock.now()));
    CHECK(first({{"KG"}, {"ASYLUM"}, "", nullptr}) == "substitute " + std::string(kDeputy));
    lab.clock.advance(kAwayFor + 1h);
    CHECK(first({{"KG"}, {"ASYLUM"}, "", nullptr}) == "focal point " + std::string(kAsylum));
    for (int day = 0; day < 3; ++day) {
      Transaction transaction = must(lab.home().store().begin());
      must(lab.home().store().correspondents().note_bounce(kAsylum, "550", lab.clock.now()));
      must(transaction.commit());
      lab.clock.advance(24h);
    }
    for (const Responsible& one :
         must(responsible_for(lab.home(), {{"KG"}, {"ASYLUM"}, "", nullptr}, lab.clock.now())))
      CHECK(one.address != kAsylum);
  }
}

TEST_CASE("countries and indicators that a text names") {
  Lab lab;
  const StructureLookup& lookup = lab.home().lookup();
  using Areas = std::vector<std::string>;
  CHECK(areas_in(lookup, "How many in Kyrgyzstan?") == Areas{"KG"});
  CHECK(areas_in(lookup, "Сколько в Кыргызстане и Казахстане?") == Areas{"KG", "KZ"});
  CHECK(areas_in(lookup, "Скільки в Україні?") == Areas{"UA"});
  CHECK(areas_in(lookup, "данные по Молдове") == Areas{"MD"});
  CHECK(areas_in(lookup, "data for KG, please") == Areas{"KG"});
  CHECK(areas_in(lookup, "kg of apples; a republic; the federation").empty());
  CHECK(areas_in(lookup, "").empty());
  CHECK(areas_in(lookup, std::string(100000, 'K')).empty());
  CHECK(areas_in(lookup, "KG KZ MD UA AM AZ GE TJ").size() == kMostAreas);
  CHECK(flows_in(lookup, "ASYLUM and LABOUR, not permits") ==
        std::vector<std::string>{"ASYLUM", "LABOUR"});
}

TEST_CASE("a plain reply goes to the asker as a new letter, in the asker's thread, and closes it") {
  Letter first = question();
  first.headers = "References: <earlier@border.md.example>\r\n";
  Asked asked(first);
  auto letter = asked.put_before();
  Letter reply = answer_to(*letter, "");
  reply.from = "Name Of Person <" + std::string(kAsylum) + ">";
  reply.headers += "X-Secret: header\r\nCc: chief@migration.kg.example\r\n";
  reply.text =
      "Добрый день!\r\n\r\nВ 2025 году: 1 204.\r\nВ 2024 году: 998.\r\n\r\nС уважением,\r\n"
      "Имя Фамилия\r\nтел. 123\r\n" +
      quote_of(*letter);
  const std::string said = asked.say(reply);

  auto answer = asked.answer();
  REQUIRE(answer);
  CHECK(answer->to() == kBorder);
  CHECK(answer->header("In-Reply-To") == asked.docket().docket.message_id);
  CHECK(answer->message.top().references() ==
        std::vector<std::string>{"<earlier@border.md.example>", asked.docket().docket.message_id});
  CHECK(answer->header("Auto-Submitted").empty());  // a person wrote it
  CHECK(has(answer->text(), "В 2025 году: 1 204.\nВ 2024 году: 998.\n"));
  CHECK(has(answer->text(), "State Migration Service"));
  CHECK(has(answer->text(), "> How many people applied"));
  for (const char* word : {"Фамилия", "Name Of", "тел. 123", "migration.kg.example", "X-Secret",
                           "уважением", "chief", "ОТКЛОНИТЬ", "RQ-"})
    CHECK_FALSE(has(all_of(*answer), word));
  CHECK_FALSE(has(answer->raw, "migration.kg.example"));

  CHECK(asked.state() == "answered");
  CHECK(asked.history() == "opened passed-on answered");
  CHECK(asked.docket().docket.outcome == Outcome::kAnswered);
  CHECK(asked.lab.folder_of(asked.uid) == "Enquiries");
  CHECK(asked.lab.number("SELECT count(*) FROM request WHERE move_due = 1") == 0);
  // The answerer is told that it went out, shortly; and the message is done with.
  CHECK(asked.told(said) == "request-answered");
  CHECK(asked.lab.folder_of(said) == "Enquiries");
  auto thanks = asked.lab.replies_to(*asked.lab.docket_of(said));
  REQUIRE(thanks.size() == 1);
  CHECK(thanks[0]->to() == kAsylum);
  CHECK_FALSE(has(all_of(*thanks[0]), "border.md"));
}

TEST_CASE("what an answer says, taken apart") {
  Lab lab;
  const auto vocabulary = must(lab.home().vocabulary());
  auto words_of_answer = [&](std::string_view text) { return answer_words(text, *vocabulary); };
  CHECK(words_of_answer("Seven.\n\n> quoted\n").text == "Seven.");
  CHECK(words_of_answer("Seven.\n-- \nName\n").text == "Seven.");
  CHECK(words_of_answer("Hello,\n\nseven.\n\nKind regards,\nName\nOffice\n").text ==
        "Hello,\n\nseven.");
  CHECK(words_of_answer("З повагою, Ім'я\n").text.empty());
  CHECK(words_of_answer("Семь.\n\nОтправлено с iPhone\n").text == "Семь.");
  auto open = words_of_answer("Seven.\nPUBLIC\n");
  CHECK(open.is_public);
  CHECK(open.text == "Seven.");
  for (const char* word : {"публично", "«ПУБЛІЧНО»", "Public."})
    CHECK(words_of_answer(std::string("7\n") + word + "\n").is_public);
  CHECK_FALSE(words_of_answer("This is public.\n").is_public);
  CHECK_FALSE(words_of_answer("Seven.\n> PUBLIC\n").is_public);
  // A quote that no mail program has marked.
  CHECK(words_of_answer("Seven.\nQuestion [RQ-BP2CGW3MSI5X2SVHB]\nSomebody asks\n").text ==
        "Seven.");

  using Kind = AnswerWords::Kind;
  auto decline = words_of_answer("\nDECLINE we do not count them\nand never did\n");
  CHECK(decline.kind == Kind::kDecline);
  CHECK(decline.argument == "we do not count them");
  CHECK(decline.text == "and never did");
  CHECK(words_of_answer("Отклонить: не считаем\n").kind == Kind::kDecline);
  CHECK(words_of_answer("ВІДХИЛИТИ не рахуємо\n").kind == Kind::kDecline);
  CHECK(words_of_answer("forward: KZ\n").kind == Kind::kForward);
  CHECK(words_of_answer("ПЕРЕДАТЬ KG_NSC\n").argument == "KG_NSC");
  CHECK(words_of_answer("Close.\n").kind == Kind::kClose);
  CHECK(words_of_answer("закрити\n").kind == Kind::kClose);
  // Words of an answer.
  for (const char* text :
       {"Decline of applications was 5 %.\n", "Close to 500.\n", "Forward planning is not ours.\n",
        "CLOSE TO 500\n", "We decline.\n", "> DECLINE no\n", "Передать не можем\n"})
    CHECK(words_of_answer(text).kind == Kind::kAnswer);
}

TEST_CASE("with the answerer's consent it is kept for everybody, without the asker") {
  Asked asked;
  asked.say(answer_to(*asked.put_before(), "Seven.\r\n\r\nПУБЛИЧНО\r\n\r\n")
                .attach("table.csv", "a,b\r\n1,2\r\n"));
  auto answer = asked.answer();
  REQUIRE(answer);
  CHECK(has(answer->text(), "Seven."));
  CHECK_FALSE(has(answer->text(), "ПУБЛИЧНО"));
  auto kept = must(asked.lab.home().store().requests().public_answers("KG", "", 5));
  REQUIRE(kept.size() == 1);
  CHECK(kept[0].said == "Seven.");
  auto files = must(asked.lab.home().store().requests().files(kept[0].id, "answer"));
  REQUIRE(files.size() == 1);
  CHECK(files[0].name == "table.csv");

  Asked other;
  other.say(answer_to(*other.put_before(), "Seven.\r\n"));
  CHECK(must(other.lab.home().store().requests().public_answers("", "", 5)).empty());
}

TEST_CASE("files of allowed kinds go along; data among them are not filed") {
  Asked asked;
  const std::string said =
      asked.say(answer_to(*asked.put_before(), "See the files.\r\n")
                    .attach("a.csv", crossings("2026-01", "100", "KG"))
                    .attach("b.pdf", "%PDF-1.4 text")
                    .attach("c.png", "\x89PNG\r\n\x1a\n" + std::string(20000, 'p'))
                    .attach("logo.png", "\x89PNG\r\n\x1a\n")
                    .attach("smime.p7s", "signature")
                    .attach("d.docx", "PK\x03\x04 [Content_Types].xml word/document.xml"));
  CHECK(asked.told(said) == "request-answered");
  auto answer = asked.answer();
  REQUIRE(answer);
  CHECK(files_of(*answer) == "a.csv b.pdf c.png d.docx");
  CHECK(has(answer->text(), "a.csv, b.pdf, c.png, d.docx"));
  CHECK(asked.lab.number("SELECT count(*) FROM data") == 0);
}

TEST_CASE("a file that may not go on keeps the whole answer back, and its sender is told") {
  Asked asked;
  Letter reply = answer_to(*asked.put_before(), "See the file.\r\n");
  std::string why = "request-file";
  SECTION("a program") {
    reply.attach("a.exe", "MZ\x90");
  }
  SECTION("a program that is called a PDF") {
    reply.attach("a.pdf", "MZ\x90");
  }
  SECTION("a page") {
    reply.attach("a.txt", "<html><script>x</script></html>");
  }
  SECTION("an archive") {
    reply.attach("a.zip", "PK\x03\x04 a.txt");
  }
  SECTION("a document with a program in it") {
    reply.attach("a.docx", "PK\x03\x04 [Content_Types].xml word/vbaProject.bin");
  }
  SECTION("a text that is none") {
    reply.attach("a.csv", std::string("a\0b", 3));
  }
  SECTION("a message") {
    reply.attachments.push_back(
        {"a.eml", "From: a@b.example\r\nSubject: x\r\n\r\nSecret.\r\n", "message/rfc822"});
  }
  SECTION("too large") {
    reply.attach("a.txt", std::string(kAnswerFileBytes + 1, 'x'));
    why = "request-file-large";
  }
  SECTION("too many") {
    for (std::size_t i = 0; i <= kAnswerFiles; ++i) reply.attach(fmt::format("{}.txt", i), "text");
  }
  const std::string said = asked.say(reply);
  CHECK(asked.told(said) == why);
  CHECK_FALSE(asked.answer());
  CHECK(asked.state() == "open");
  CHECK(asked.lab.folder_of(asked.uid) == "Enquiries/Open");
  CHECK(asked.lab.replies_to(*asked.lab.docket_of(said)).size() == 1);
}

TEST_CASE("a list of persons in an answer is refused, and the coordinator told") {
  Asked asked;
  Letter reply = answer_to(*asked.put_before(), "See the file.\r\n");
  SECTION("in a file") {
    reply.attach("a.csv", "ФИО;Дата рождения;Гражданство\r\nX;Y;Z\r\n");
  }
  SECTION("in the text") {
    reply.text = "ФИО;Дата рождения;Гражданство\r\nX;Y;Z\r\n";
  }
  const std::string said = asked.say(reply);
  CHECK_FALSE(asked.answer());
  CHECK(asked.state() == "open");
  CHECK(asked.lab.docket_of(said)->docket.outcome == Outcome::kRejected);
  CHECK(letters(asked.lab, "persons") >= 1);
}

TEST_CASE("replies without an answer are asked back, and change nothing") {
  Asked asked;
  Letter reply = answer_to(*asked.put_before(), "");
  std::string why;
  SECTION("nothing above the quote") {
    reply.text = quote_of(*asked.put_before());
    why = "request-empty";
  }
  SECTION("a signature alone") {
    reply.text = "С уважением,\r\nИмя\r\n";
    why = "request-empty";
  }
  SECTION("DECLINE without a reason") {
    reply.text = "DECLINE\r\n";
    why = "request-reason";
  }
  SECTION("FORWARD to nobody") {
    reply.text = "FORWARD nobody-we-know\r\n";
    why = "request-nobody";
  }
  SECTION("FORWARD to whom there are several of") {
    reply.text = "FORWARD State Migration Service\r\n";
    why = "request-nobody";
  }
  SECTION("FORWARD to oneself") {
    reply.text = "FORWARD " + std::string(kAsylum) + "\r\n";
    why = "request-nobody";
  }
  SECTION("FORWARD to the asker") {
    reply.text = "FORWARD " + std::string(kBorder) + "\r\n";
    why = "request-nobody";
  }
  SECTION("far too long") {
    for (int i = 0; i < 3000; ++i) reply.text += "a line of it\r\n";
    why = "request-too-long";
  }
  SECTION("an attachment that was forgotten") {
    reply.text = "Ответ во вложении.\r\n";
  }
  const std::string said = asked.say(reply);
  CHECK(asked.told(said) == why);
  CHECK_FALSE(asked.answer());
  CHECK(asked.state() == "open");
  CHECK(letters(asked.lab, "request") == 1);
  CHECK(asked.lab.replies_to(*asked.lab.docket_of(said)).size() == 1);
}

TEST_CASE("DECLINE gives the asker the reason, CLOSE says so") {
  Asked asked;
  Letter reply = answer_to(*asked.put_before(), "");
  SECTION("DECLINE") {
    reply.text = "ОТКЛОНИТЬ таких данных нет\r\nС уважением,\r\nИмя\r\n";
    CHECK(asked.told(asked.say(reply)) == "request-declined");
    CHECK(asked.state() == "declined");
    CHECK(has(asked.answer()->text(), "таких данных нет"));
    CHECK_FALSE(has(asked.answer()->text(), "Имя"));
  }
  SECTION("CLOSE") {
    reply.text = "ЗАКРЫТЬ\r\n";
    CHECK(asked.told(asked.say(reply)) == "request-closed");
    CHECK(asked.state() == "closed");
    CHECK(has(asked.answer()->text(), "closed"));
  }
  CHECK(asked.lab.folder_of(asked.uid) == "Enquiries");
  // Settled once; another command changes nothing.
  CHECK(asked.told(asked.say(answer_to(*asked.put_before(), "CLOSE\r\n"))) == "request-settled");
  CHECK(letters(asked.lab, "reply") == 1);
}

TEST_CASE("FORWARD puts it before somebody else, by address, code or name") {
  Asked asked;
  std::string to = "population@stat.kg.example", text;
  SECTION("an address") {
    text = "FORWARD population@stat.kg.example";
  }
  SECTION("with a name") {
    text = "FORWARD: Unit <population@stat.kg.example>";
  }
  SECTION("an institution's code") {
    text = "ПЕРЕДАТЬ KG_NSC";
  }
  SECTION("words of its name") {
    text = "FORWARD Kyrgyzstan National Statistical Committee";
  }
  SECTION("a country") {
    text = "FORWARD KZ";
    to.clear();
  }
  const std::string said = asked.say(answer_to(*asked.put_before(), text + "\r\n"));
  CHECK(asked.told(said) == "request-forwarded");
  auto letter = asked.put_before();
  if (to.empty())
    CHECK(letter->to().ends_with(".kz.example"));
  else
    CHECK(letter->to() == to);
  CHECK(has(letter->text(), "> How many people applied"));
  CHECK(has(replaced(letter->text(), "\n", " "), "Государственная миграционная служба"));
  CHECK(asked.state() == "open");
  CHECK(asked.history() == "opened passed-on forwarded");
  CHECK(asked.lab.folder_of(asked.uid) == "Enquiries/Open");
  // The asker hears of the other institution; the new one answers.
  CHECK(asked.answer()->to() == kBorder);
  CHECK_FALSE(has(asked.answer()->raw, "stat.kg.example"));
  asked.say(answer_to(*letter, "Seven.\r\n"));
  CHECK(asked.state() == "answered");
  CHECK(has(asked.answer()->text(), "Seven."));
}

TEST_CASE("who may answer: the institution that was asked, and who looks after it") {
  Asked asked;
  auto letter = asked.put_before();
  Letter reply = answer_to(*letter, "Seven.\r\n");
  bool may = true;
  SECTION("a colleague") {
    reply.from = "permits.statistics@migration.kg.example";
  }
  SECTION("its coordinator") {
    reply.from = std::string(kKgCoordinator);
  }
  SECTION("the network's secretariat") {
    reply.from = std::string(kSecretariat);
  }
  SECTION("another institution's focal point") {
    reply.from = "population@stat.md.example";
    may = false;
  }
  SECTION("a coordinator of another country") {
    reply.from = std::string(kCoordinator);
    may = false;
  }
  SECTION("a stranger") {
    reply.from = std::string(kSomebody);
    may = false;
  }
  SECTION("a stranger with the contact's name and Reply-To") {
    reply.from = "\"" + std::string(kAsylum) + "\" <" + std::string(kSomebody) + ">";
    reply.headers += "Reply-To: " + std::string(kAsylum) + "\r\n";
    may = false;
  }
  SECTION("a token that is not ours") {
    std::string token = find_request_tokens(letter->subject()).at(0);
    token.back() = token.back() == 'A' ? 'B' : 'A';
    reply.headers.clear();
    reply.subject = "[" + token + "]";
    may = false;
  }
  SECTION("the token in the text alone: it may be a quote") {
    reply.headers.clear();
    reply.subject = "Answer";
    reply.text += "[" + find_request_tokens(letter->subject()).at(0) + "]\r\n";
    may = false;
  }
  SECTION("the token in the subject alone") {
    reply.headers.clear();
  }
  SECTION("the token in the thread alone") {
    reply.subject = "Answer";
  }
  const std::string said = asked.say(reply);
  CHECK((asked.state() == "answered") == may);
  CHECK((asked.answer() != nullptr) == may);
  if (may) return;
  // What is no answer is what it would be by itself.
  auto own = asked.lab.docket_of(said);
  REQUIRE(own);
  CHECK((own->docket.outcome == Outcome::kOpen || own->docket.outcome == Outcome::kAnswered));
  CHECK(asked.lab.number("SELECT count(*) FROM request") == 2);
}

TEST_CASE("less sure than the policy wants, an answer waits for a word") {
  Asked asked;
  asked.lab.close();
  const fs::path file = asked.lab.root() / "focalpost.toml";
  must(write_file_durably(file, replaced(must(read_file(file)), "answer = 1 ", "answer = 2 ")));
  asked.lab.open();
  const std::string said =
      asked.say(answer_to(*asked.put_before(), "Seven.\r\n").attach("t.csv", "a,b\r\n1,2\r\n"));
  CHECK(asked.lab.folder_of(said) == "Held");
  CHECK(asked.state() == "open");
  CHECK_FALSE(asked.answer());
  auto confirm = newest(asked.lab, "confirmation", kAsylum);
  REQUIRE(confirm);
  CHECK(has(confirm->text(), asked.docket().docket.number.text()));
  CHECK_FALSE(has(all_of(*confirm), "Seven"));
  SECTION("yes") {
    asked.say(answer_to(*confirm, "Да\r\n"));
    CHECK(asked.state() == "answered");
    CHECK(has(asked.answer()->text(), "Seven."));
    CHECK(files_of(*asked.answer()) == "t.csv");
    CHECK(asked.lab.folder_of(said) == "Enquiries");
    CHECK(asked.lab.folder_of(asked.uid) == "Enquiries");
    CHECK(asked.told(said) == "request-answered");
  }
  SECTION("no") {
    asked.say(answer_to(*confirm, "Нет\r\n"));
    CHECK(asked.state() == "open");
    CHECK_FALSE(asked.answer());
    CHECK(asked.lab.folder_of(said) == "Rejected");
  }
  SECTION("the operator releases it") {
    asked.lab.release(asked.lab.docket_of(said)->docket.number);
    CHECK(asked.state() == "answered");
  }
}

TEST_CASE("an automatic reply never answers; one that says away sends it to the substitute") {
  Asked asked;
  Letter reply = answer_to(*asked.put_before(), "Меня нет на рабочем месте до 1 июня.\r\n");
  SECTION("by RFC 3834") {
    reply.headers += "Auto-Submitted: auto-replied\r\n";
  }
  SECTION("by its subject") {
    reply.subject = "Автоответ: " + reply.subject;
  }
  asked.say(reply);
  CHECK(asked.state() == "open");
  CHECK_FALSE(asked.answer());
  CHECK(asked.history() == "opened passed-on substituted");
  auto letter = asked.put_before();
  CHECK(letter->to() == kDeputy);
  CHECK(has(letter->text(), "> How many people"));
  // The same institution: the asker was told right.
  CHECK(letters(asked.lab, "reply") == 0);
  // Nor does the substitute's absence lead in a circle.
  Letter second = answer_to(*letter, "I am on vacation.\r\n");
  second.headers += "Auto-Submitted: auto-replied\r\n";
  asked.say(second);
  asked.lab.once();
  CHECK(letters(asked.lab, "request") == 3);
  CHECK(asked.put_before()->to() != kAsylum);
  // Back at work, the one who was asked first can answer all the same.
  asked.say(answer_to(*asked.put_before(kAsylum), "Seven.\r\n"));
  CHECK(asked.state() == "answered");
  CHECK_FALSE(must(asked.lab.home().store().correspondents().away_since(kAsylum)));
}

TEST_CASE("a ticket system's receipt is no absence") {
  Asked asked;
  Letter reply = answer_to(*asked.put_before(), "Ваше обращение зарегистрировано.\r\n");
  reply.headers += "Auto-Submitted: auto-replied\r\n";
  asked.say(reply);
  CHECK(asked.history() == "opened passed-on");
}

TEST_CASE("nobody answers: a reminder, the coordinator, and an end of which the asker hears") {
  Asked asked;
  asked.lab.clock.advance(2 * 24h);
  asked.lab.once();
  CHECK(letters(asked.lab, "request") == 1);
  asked.lab.clock.advance(25h);
  asked.lab.once();
  CHECK(asked.history() == "opened passed-on reminded");
  CHECK(asked.put_before()->to() == kAsylum);
  asked.lab.once();
  CHECK(letters(asked.lab, "request") == 2);
  asked.lab.clock.advance(4 * 24h);
  asked.lab.once();
  CHECK(asked.history() == "opened passed-on reminded escalated");
  CHECK(asked.put_before()->to() == kKgCoordinator);
  CHECK(asked.request()->with.role == "coordinator");
  CHECK(asked.state() == "open");

  SECTION("the coordinator answers") {
    asked.say(answer_to(*asked.put_before(), "Seven.\r\n"));
    CHECK(asked.state() == "answered");
  }
  SECTION("the focal point answers at last, to the reminder") {
    asked.say(answer_to(*asked.put_before(kAsylum), "Seven.\r\n"));
    CHECK(asked.state() == "answered");
  }
  SECTION("nobody") {
    asked.lab.clock.advance(24 * 24h);
    asked.lab.once();
    CHECK(asked.state() == "lapsed");
    CHECK(asked.lab.folder_of(asked.uid) == "Enquiries");
    auto end = asked.answer();
    REQUIRE(end);
    CHECK(end->to() == kBorder);
    CHECK(end->header("In-Reply-To") == asked.docket().docket.message_id);
    asked.lab.once();
    CHECK(letters(asked.lab, "reply") == 1);
    // Late is better than never.
    CHECK(asked.told(asked.say(answer_to(*asked.put_before(), "Seven.\r\n"))) ==
          "request-answered");
    CHECK(asked.state() == "answered");
  }
}

TEST_CASE("further answers go on as well, so many; a message judged again sends nothing again") {
  Asked asked;
  auto letter = asked.put_before();
  const std::string first = asked.say(answer_to(*letter, "Seven.\r\n"));
  CHECK(asked.told(asked.say(answer_to(*letter, "Eight, sorry.\r\n"))) == "request-added");
  CHECK(letters(asked.lab, "reply") == 2);
  CHECK(asked.request()->said == "Eight, sorry.");
  asked.lab.drag(first, Folder::kEnquiries, Folder::kRetry);
  asked.lab.once();
  CHECK(letters(asked.lab, "reply") == 2);
  CHECK(asked.told(first) == "request-answered");
  for (int i = 0; i < 5; ++i) asked.say(answer_to(*letter, fmt::format("No, {}.\r\n", i)));
  CHECK(letters(asked.lab, "reply") == std::int64_t(kMostAnswers));
  CHECK(asked.told(asked.say(answer_to(*letter, "No, 17.\r\n"))) == "request-enough");
  // The question judged again asks nobody again either.
  asked.lab.drag(asked.uid, Folder::kEnquiries, Folder::kRetry);
  asked.lab.once();
  CHECK(letters(asked.lab, "request") == 1);
  CHECK(asked.lab.folder_of(asked.uid) == "Enquiries");
}

TEST_CASE("thanks, and a file that was forgotten, are no questions") {
  Asked asked;
  asked.say(answer_to(*asked.put_before(), "Seven.\r\n"));
  auto answer = asked.answer();
  const std::string thanks =
      asked.say(answer_to(*answer, "Спасибо большое!\r\nС уважением,\r\nИмя\r\n"));
  CHECK(said_about(asked.lab, thanks) == "said-thanks");
  CHECK(asked.lab.folder_of(thanks) == "Enquiries");
  CHECK(asked.lab.mails_of(*asked.lab.docket_of(thanks)).empty());
  const std::string forgotten = asked.lab.put(Letter().bytes());
  asked.lab.once();
  CHECK(said_about(asked.lab, forgotten) == "attachment-forgotten");
  CHECK(asked.lab.number("SELECT count(*) FROM request") == 1);
  // Another question in the thread goes where the first went, though it names no country.
  asked.say(answer_to(*answer, "And of these, how many women?\r\n"));
  CHECK(asked.lab.number("SELECT count(*) FROM request") == 2);
  CHECK(asked.put_before()->to() == kAsylum);
}

TEST_CASE("one asker's questions that wait are bounded") {
  Lab lab;
  lab.configure("[requests]\nmost_per_asker = 2\n");
  std::string last;
  for (int i = 0; i < 3; ++i) last = lab.put(question().bytes());
  lab.once();
  CHECK(lab.number("SELECT count(*) FROM request") == 2);
  auto record = lab.docket_of(last);
  CHECK(record->docket.outcome == Outcome::kAnswered);
  CHECK(record->docket.items.at(0).findings.at(0).detail == "request-too-many");
  CHECK(lab.replies_to(*record).size() == 1);
}

TEST_CASE("somebody outside reaches a person only after confirming") {
  Letter letter = outside(
      "How many in Kyrgyzstan? See https://evil.example/x and www.evil.example\r\nWrite to "
      "some.body@university.example\r\n\r\nThanks in advance,\r\nDr Some Body\r\n");
  Asked asked(letter);
  CHECK(asked.state() == "unconfirmed");
  CHECK(asked.docket().docket.outcome == Outcome::kAnswered);
  CHECK(asked.lab.folder_of(asked.uid) == "Enquiries");
  CHECK(letters(asked.lab, "confirmation") == 1);
  auto confirm = newest(asked.lab, "confirmation");
  REQUIRE(confirm);
  CHECK(confirm->to() == kSomebody);
  for (const char* word : {"How many", "evil", "Asylum", "Some Body"})
    CHECK_FALSE(has(all_of(*confirm), word));

  Letter yes = answer_to(*confirm, "YES\r\n");
  SECTION("yes") {
    const std::string said = asked.say(yes);
    CHECK(asked.state() == "open");
    CHECK(asked.lab.folder_of(asked.uid) == "Enquiries/Open");
    auto before = asked.put_before();
    CHECK(before->to() == kAsylum);
    CHECK(has(before->text(), "hxxps://evil.example/x"));
    CHECK(has(before->text(), "www[.]evil.example"));
    CHECK(has(before->text(), "…@university.example"));
    CHECK_FALSE(has(all_of(*before), "ome.body"));
    CHECK_FALSE(has(all_of(*before), "Dr Some"));
    CHECK_FALSE(has(all_of(*before), "https://evil"));
    auto told = asked.answer();
    REQUIRE(told);
    CHECK(told->to() == kSomebody);
    CHECK(has(told->text(), "State Migration Service"));
    CHECK(asked.lab.folder_of(said) == "Enquiries");
    // Once is enough.
    asked.say(yes);
    CHECK(letters(asked.lab, "request") == 1);
    asked.say(answer_to(*before, "Seven.\r\n"));
    CHECK(asked.state() == "answered");
    CHECK(asked.answer()->to() == kSomebody);
    CHECK(asked.answer()->header("In-Reply-To") == asked.docket().docket.message_id);
    CHECK(has(asked.answer()->text(), "Seven."));
    CHECK(asked.lab.folder_of(asked.uid) == "Enquiries");
  }
  SECTION("no") {
    yes.text = "NO\r\n";
    asked.say(yes);
    CHECK(asked.state() == "lapsed");
    CHECK(asked.request()->asker.empty());
    yes.text = "YES\r\n";
    asked.say(yes);
    CHECK(letters(asked.lab, "request") == 0);
  }
  SECTION("a yes from another address") {
    yes.from = "another@university.example";
    asked.say(yes);
    CHECK(asked.state() == "unconfirmed");
  }
  SECTION("an automatic yes") {
    yes.headers += "Auto-Submitted: auto-replied\r\n";
    asked.say(yes);
    CHECK(asked.state() == "unconfirmed");
  }
  SECTION("a yes without the token") {
    yes.headers.clear();
    yes.subject = "Re: your letter";
    asked.say(yes);
    CHECK(asked.state() == "unconfirmed");
  }
  SECTION("a yes below a quote") {
    yes.text = "> YES\r\n";
    asked.say(yes);
    CHECK(asked.state() == "unconfirmed");
  }
  SECTION("nothing: it ends without a word") {
    asked.lab.clock.advance(8 * 24h);
    asked.lab.once();
    CHECK(asked.state() == "lapsed");
    CHECK(asked.request()->asker.empty());
    CHECK(asked.lab.number("SELECT count(*) FROM outbox") == 1);
    asked.say(yes);
    CHECK(asked.state() == "lapsed");
    CHECK(letters(asked.lab, "request", kAsylum) == 0);
  }
  SECTION("late") {
    asked.lab.clock.advance(8 * 24h);
    asked.say(yes);
    CHECK(asked.state() == "lapsed");
    CHECK(letters(asked.lab, "request", kAsylum) == 0);
  }
}

TEST_CASE("strangers: one letter a day, no files passed on, no row without a letter") {
  Lab lab;
  for (int i = 0; i < 3; ++i) lab.put(outside().bytes());
  lab.once();
  CHECK(lab.number("SELECT count(*) FROM outbox") == 1);
  CHECK(lab.number("SELECT count(*) FROM request") == 1);
  // With files that may be data they are told how to be registered, as before.
  Letter data = outside();
  data.from = "other@university.example";
  const std::string uid = lab.put(data.attach("a.csv", crossings("2026-01", "1")).bytes());
  lab.once();
  CHECK(letters(lab, "help", "other@university.example") == 1);
  CHECK(lab.number("SELECT count(*) FROM request") == 1);
  // A machine is asked nothing.
  Letter list = outside();
  list.from = "list@university.example";
  list.headers = "List-Id: <news.university.example>\r\n";
  lab.put(list.bytes());
  lab.once();
  CHECK(lab.number("SELECT count(*) FROM request") == 1);
}

TEST_CASE("what a question says stays what it is, to whoever reads it") {
  Asked first;
  const std::string known = find_request_tokens(first.put_before()->subject()).at(0);
  const std::string evil =
      "Subject: forged\r\nBcc: victim@a.example\r\n\r\nDECLINE no\r\nPUBLIC\r\n{{token}} {{> x}} "
      "<b onclick=\"x\">bold</b> </blockquote>\r\n[" +
      known + "] FP-AEBAGBAFAYDQQCIKBMGA2\r\nHow many in Kyrgyzstan? \xE2\x80\xAE\r\n";
  first.ask(question(evil));
  auto letter = first.put_before();
  CHECK(letter->to() == kAsylum);
  CHECK_FALSE(letter->message.top().has("Bcc"));
  CHECK(find_request_tokens(letter->subject() + letter->text()).size() == 1);
  CHECK_FALSE(has(letter->raw, known));
  CHECK(find_tokens(all_of(*letter)).empty());
  CHECK(has(letter->text(), "> {{token}} {{> x}}"));
  CHECK_FALSE(has(letter->text("text/html"), "<b onclick"));
  CHECK(has(letter->text("text/html"), "&lt;b onclick"));
  CHECK_FALSE(has(letter->text(), "\xE2\x80\xAE"));
  // Everything of it is quoted: in the reply it is below the answerer's words.
  const std::string said = letter->text();
  for (std::string_view line : split(said, '\n'))
    if (has(line, "DECLINE no") || has(line, "PUBLIC\n")) CHECK(line.starts_with("> "));
  first.say(answer_to(*letter, "Seven.\r\n" + quote_of(*letter)));
  CHECK(first.state() == "answered");
  CHECK_FALSE(first.request()->is_public);
  // An answer is as harmless.
  Asked second;
  second.say(answer_to(*second.put_before(),
                       "{{what}} <script>x</script>\r\nBcc: a@b.example\r\n[" + known + "]\r\n"));
  auto answer = second.answer();
  REQUIRE(answer);
  CHECK(has(answer->text(), "{{what}} <script>"));
  CHECK_FALSE(has(answer->text("text/html"), "<script>"));
  CHECK_FALSE(has(answer->raw, known));
  CHECK_FALSE(answer->message.top().has("Bcc"));
}

TEST_CASE("who may not have asked gets nothing of the question back, and the answerer is warned") {
  Lab lab;
  believe_nobody(lab);
  const std::string uid = lab.put(question().bytes());
  lab.once();
  auto letter = newest(lab, "request");
  REQUIRE(letter);
  CHECK(has(replaced(letter->text(), "\n", " "), "от имени"));
  lab.clock.advance(1h);
  lab.put(answer_to(*letter, "Seven.\r\n").bytes());
  lab.once();
  auto answer = newest(lab, "reply");
  REQUIRE(answer);
  CHECK_FALSE(has(all_of(*answer), "applied for asylum"));
  CHECK_FALSE(has(answer->subject(), "Asylum"));
  CHECK(has(answer->text(), "Seven."));
}

TEST_CASE("a purged question is gone from its request as well") {
  Asked asked;
  asked.say(answer_to(*asked.put_before(), "Seven.\r\nPUBLIC\r\n"));
  must(purge_docket(asked.lab.home(), asked.docket().docket.number, asked.lab.clock, true));
  CHECK(asked.request()->question.empty());
  CHECK(asked.request()->said.empty());
  CHECK(must(asked.lab.home().store().requests().public_answers("", "", 5)).empty());
}

TEST_CASE("killed between the steps, nobody is asked or answered twice") {
  for (const char* where : {"judged", "committed"}) {
    INFO(where);
    Asked asked;
    auto letter = asked.put_before();
    asked.lab.put(answer_to(*letter, "Seven.\r\n").bytes());
    struct Stop {};
    try {
      (void)run_once(asked.lab.home(), asked.lab.clock, [&](std::string_view step) {
        if (step == where) throw Stop();
      });
    } catch (const Stop&) {
    }
    asked.lab.open();
    asked.lab.once();
    CHECK(asked.state() == "answered");
    CHECK(letters(asked.lab, "reply") == 1);
    CHECK(letters(asked.lab, "request") == 1);
    CHECK(asked.lab.folder_of(asked.uid) == "Enquiries");
  }
}
