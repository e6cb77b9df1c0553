// SPDX-License-Identifier: Apache-2.0
//
// What holds for every mail: limits, valid text, time that grows with the length. What single mails
// come to stands in golden/.
#include <random>

#include "base/text.h"
#include "enquiry/named.h"
#include "enquiry/shipped.h"

using namespace focalpost;
using namespace focalpost::enquiry;

namespace {

std::size_t points(std::string_view text) {
  std::size_t count = 0;
  for (char c : text) count += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  return count;
}

void fit_to_show(std::string_view text, std::size_t most, bool lines = false) {
  CHECK(is_utf8(text));
  CHECK(points(text) <= most);
  for (char c : text) CHECK((static_cast<unsigned char>(c) >= 0x20 || (lines && c == '\n')));
}

/// The promises of enquiry.h and limits.h.
void holds(const Enquiry& e, const Limits& limits) {
  CHECK(e.commands.size() <= limits.enquiry_commands);
  CHECK(e.from_subject <= e.commands.size());
  CHECK((e.commands.empty() || e.free_words.empty()));
  fit_to_show(e.free_words, limits.question_chars, true);
  for (const Unknown& one : e.lines) {
    fit_to_show(one.word, 400);
    CHECK(one.suggestions.size() <= 3);
    for (const std::string& text : one.suggestions) fit_to_show(text, 400);
  }
  for (const Command& c : e.commands) {
    fit_to_show(c.line, 400);
    fit_to_show(c.text, limits.question_chars, true);
    CHECK(c.unknown.size() <= 25);
    for (const Unknown& one : c.unknown) {
      fit_to_show(one.word, 60 * 8);
      CHECK(one.suggestions.size() <= 3);
      for (const std::string& text : one.suggestions) fit_to_show(text, 200);
    }
    for (const auto* list : {&c.flows, &c.areas, &c.by}) {
      CHECK(list->size() <= limits.command_words);
      for (std::size_t i = 0; i < list->size(); ++i)
        CHECK(std::find(list->begin(), list->begin() + static_cast<std::ptrdiff_t>(i),
                        (*list)[i]) == list->begin() + static_cast<std::ptrdiff_t>(i));
    }
    if (c.from && c.to && c.from->kind() == c.to->kind())
      CHECK((*c.from <= *c.to || c.rest || c.from->first_day() >= c.to->first_day()));
  }
}

std::string repeated(std::string_view piece, std::size_t times) {
  std::string out;
  out.reserve(piece.size() * times);
  for (std::size_t i = 0; i < times; ++i) out += piece;
  return out;
}

}  // namespace

TEST_CASE("the shipped words are all understood") {
  CHECK(joined(vocabulary().warnings()) == "");
}

TEST_CASE("lines of words.txt that are none are told to the operator and passed over") {
  const std::vector<LanguageWords> words = {
      {"en",
       "command GET: GET\ncommand FLY: FLY\nno colon\nmonth 13: Smarch\nskip x: y\n"
       "area ZZ: Nowhere\nindicator NONE: nothing\nword BY: by\n\xFF: x\n"},
      {"ky", "# Kyrgyz\ncommand GET: БЕР\narea KG: Кыргыз Республика*\n"}};
  const Vocabulary made = Vocabulary::make(shipped(), words);
  CHECK(made.warnings().size() == 5);
  CHECK(made.warnings().at(0) == "en, line 2: not understood: command FLY: FLY");
  const Enquiry e = read("", "БЕР ASYLUM Кыргыз Республикасынын 2024", made, {}, kNow);
  REQUIRE(e.commands.size() == 1);
  CHECK(told(e.commands[0]) == "GET (ky) flows=ASYLUM areas=KG from=2024 to=2024");
}

TEST_CASE("a vocabulary outlives the snapshot that it was made of") {
  auto lookup = std::make_unique<StructureLookup>(shipped().structures());
  const Vocabulary made = Vocabulary::make(*lookup, shipped_words());
  lookup.reset();
  const Enquiry e = read("", "data/ASYLUM/M.KG\nДАННЫЕ убежище Украина 2024", made, {}, kNow);
  CHECK(e.commands.size() == 2);
}

TEST_CASE("an empty network understands commands") {
  const Vocabulary made = Vocabulary::make(StructureLookup(Structures{}), shipped_words());
  const Enquiry e = read("", "HELP\nGET ASYLUM KG 2024\ndata/ASYLUM/M.KG", made, {}, kNow);
  REQUIRE(e.commands.size() == 3);
  CHECK(e.commands[0].verb == Verb::kHelp);
  CHECK(told(e.commands[2]) == "GET rest\n    ? \"ASYLUM\"");
}

TEST_CASE("ten thousand commands: the first are read, the others counted") {
  const Limits limits;
  const Enquiry e = read_mail("STATUS 2026-000001", repeated("GET ASYLUM KG 2024\n", 10'000));
  CHECK(e.commands.size() == limits.enquiry_commands);
  CHECK(e.not_read > 3'000);
  CHECK(e.cut);
  holds(e, limits);
}

TEST_CASE("a body of a megabyte is read as far as the limit, and that is said") {
  const Limits limits;
  const Enquiry e =
      read_mail("", repeated("Some words that say nothing at all, \xD0\xB9.\n", 30'000));
  CHECK(e.commands.empty());
  CHECK(e.cut);
  CHECK(points(e.free_words) == limits.question_chars);
  holds(e, limits);
  const Enquiry one_line = read_mail("", "GET ASYLUM " + repeated("KG, ", 300'000));
  REQUIRE(one_line.commands.size() == 1);
  CHECK(joined(one_line.commands[0].areas) == "KG");
  holds(one_line, limits);
}

TEST_CASE("words of a command beyond the limit are said not to be read") {
  Limits limits;
  limits.command_words = 20;
  const Enquiry e = read("", "GET ASYLUM KG, KZ, TJ, UZ, TM, UA, MD, BY, AM, AZ, GE, PL, DE 2024",
                         vocabulary(), limits, kNow);
  REQUIRE(e.commands.size() == 1);
  CHECK(joined(e.commands[0].areas) == "KG,KZ,TJ,UZ,TM,UA,MD,BY,AM");
  REQUIRE(e.commands[0].unknown.size() == 1);
  CHECK(e.commands[0].unknown[0].word == "…");
}

TEST_CASE("a question is kept as far as the limit") {
  Limits limits;
  limits.question_chars = 30;
  const Enquiry e = read("", "ASK KG " + repeated("слово ", 50), vocabulary(), limits, kNow);
  REQUIRE(e.commands.size() == 1);
  CHECK(points(e.commands[0].text) == 30);
  CHECK(e.commands[0].text.ends_with("…"));
}

TEST_CASE("limits hold for every limit") {
  Limits limits;
  limits.enquiry_commands = 2;
  limits.enquiry_bytes = 100;
  limits.enquiry_line_bytes = 20;
  const Enquiry e = read("HELP", repeated("GET ASYLUM KG KZ TJ UZ 2024\nWHO KG\n", 20),
                         vocabulary(), limits, kNow);
  CHECK(e.commands.size() == 2);
  holds(e, limits);
}

TEST_CASE("any bytes come to valid text within the limits") {
  const Limits limits;
  std::mt19937 random(20261120);
  const std::vector<std::string> pieces = {
      "GET ",    "ASYLUM ",   "KG",           ",",           "2024", "-",          " BY ",
      "sex",     "\n",        "\n\n",         "HELP",        "ASK ", "data/",      ".",
      "+",       "?",         "ДАННЫЕ",       "убежище",     "с ",   "по ",        "2019",
      "=",       "\xD0",      "\xFF",         "\x00\x01",    "{{",   "</b>",       "на ",
      "кв.",     "I ",        "июнь ",        "last ",       "5 ",   "years",      "AS OF ",
      "STATUS ", "-- ",       "> ",           "Re: ",        "[",    "]",          "DECLINE",
      ":",       "e\xCC\x88", "\xE2\x80\xAE", "99999999999", "Q1",   "2026-000147"};
  for (int round = 0; round < 3000; ++round) {
    std::string subject, body;
    const auto piece = [&](std::string& out) {
      if (random() % 12 == 0)
        out += static_cast<char>(random() & 0xFF);
      else
        out += pieces[random() % pieces.size()];
    };
    for (std::uint32_t i = random() % 6; i > 0; --i) piece(subject);
    for (std::uint32_t i = random() % 60; i > 0; --i) piece(body);
    INFO(subject << "\n" << body);
    holds(read(subject, body, vocabulary(), limits, kNow), limits);
  }
}

TEST_CASE("what is understood does not depend on case, accents or look-alike letters") {
  const std::string said = told(read_mail("", "GET ASYLUM KG,UA 2019-2024 BY sex,age AS csv"));
  for (const char* other : {"get asylum kg,ua 2019-2024 by sex,age as csv",
                            "Get Asylum Kg,Ua 2019-2024 By Sex,Age As Csv",
                            "GET  ASYLUM\tKG , UA   2019 – 2024 BY SEX & AGE AS CSV",
                            "gét asÿlum KG,UA 2019-2024 by séx,agé as csv",
                            "GЕТ АSУLUМ КG,UА 2019—2024 ВY sех,аgе АS сsv"}) {
    INFO(other);
    std::string other_said = told(read_mail("", other));
    // that it was not in capital letters
    if (const auto small = other_said.find(" small"); small != other_said.npos)
      other_said.erase(small, 6);
    CHECK(other_said == said);
  }
}

TEST_CASE("commands of the subject stand first, and no more than the limit come out") {
  Limits limits;
  limits.enquiry_commands = 3;
  const Enquiry e =
      read("WHO KG", "HELP\nINDICATORS\nCOUNTRIES\nCALENDAR", vocabulary(), limits, kNow);
  REQUIRE(e.commands.size() == 3);
  CHECK(e.commands[0].verb == Verb::kWho);
  CHECK(e.commands[2].verb == Verb::kIndicators);
  CHECK(e.from_subject == 1);
  CHECK(e.not_read == 2);
}

TEST_CASE("coordinators' commands keep their words for who knows the roster") {
  struct Said {
    std::string_view line;
    Verb verb;
    std::string_view text;
  };
  for (const Said& said :
       {Said{"ADD CONTACT KG_NSC name@institution.example focal_point ru", Verb::kAddContact,
             "KG_NSC name@institution.example focal_point ru"},
        Said{"add contact: kg_nsc name@institution.example focal point en", Verb::kAddContact,
             "kg_nsc name@institution.example focal point en"},
        Said{"ДОБАВИТЬ КОНТАКТ KG_NSC name@institution.example контактное лицо ru",
             Verb::kAddContact, "KG_NSC name@institution.example контактное лицо ru"},
        Said{"Додати контакт KG_NSC name@institution.example заступник uk", Verb::kAddContact,
             "KG_NSC name@institution.example заступник uk"},
        Said{"PAUSE KG_NSC ASYLUM until 2026-12-31", Verb::kPause,
             "KG_NSC ASYLUM until 2026-12-31"},
        Said{"пауза KG_NSC до 31.12.2026", Verb::kPause, "KG_NSC до 31.12.2026"},
        Said{"ВІДНОВИТИ KG_NSC", Verb::kResume, "KG_NSC"}}) {
    INFO(said.line);
    const Enquiry e = read("", said.line, vocabulary(), Limits{}, kNow);
    REQUIRE(e.commands.size() == 1);
    CHECK(e.commands[0].verb == said.verb);
    CHECK(e.commands[0].text == said.text);
    CHECK(e.commands[0].unknown.empty());
  }
  for (std::string_view text :
       {"Resume work on the tables is planned.", "Pause in our work until Monday.",
        "Add contact details of our new colleague, please.", "Приостановить работу мы не можем."}) {
    INFO(text);
    const Enquiry e = read("", text, vocabulary(), Limits{}, kNow);
    CHECK(e.commands.empty());
    CHECK(e.lines.empty());
  }
}

TEST_CASE("the word that lets everybody read an answer stands alone") {
  for (const char* line :
       {"PUBLIC", "public", " Public. ", "«ПУБЛІЧНО»", "публично!", "ПУБЛИЧНО", "*PUBLIC*"})
    CHECK(says_public(line, vocabulary()));
  for (const char* line : {"", "> PUBLIC", "not public", "public data", "PUBLIC PUBLIC",
                           "everybody", "всем", "PUBLISH", "republic", "...", "public\nmore"})
    CHECK_FALSE(says_public(line, vocabulary()));
}
