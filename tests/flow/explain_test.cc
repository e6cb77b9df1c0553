// SPDX-License-Identifier: Apache-2.0
//
// What people send instead of data, and the answer that they get: word for word in
// golden/explain/NAME.LANG.txt. UPDATE_GOLDEN=1 writes them anew: read the difference as the one
// who gets the mail.
#include <cstdlib>

#include "catch.h"
#include "cms_maker.h"
#include "flow/not_data.h"
#include "flow/persons.h"
#include "lab.h"
#include "spool/kept.h"

using namespace lab;
using namespace std::string_literals;
using namespace std::string_view_literals;

namespace {

constexpr std::pair<std::string_view, std::string_view> kSenders[] = {
    {"en", "border.statistics@border.md.example"},
    {"ru", "asylum.statistics@migration.kg.example"},
    {"uk", "border.statistics@border.ua.example"},
};
std::string_view sender_in(std::string_view lang) {
  for (auto [id, address] : kSenders)
    if (id == lang) return address;
  std::abort();
}

/// A zip of one stored member, as a packer writes it. `flags` 1: encrypted.
std::string zip_of(std::string_view name, std::string_view data, int flags = 0) {
  auto number = [](std::uint64_t value, int bytes) {
    std::string out;
    for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> 8 * i);
    return out;
  };
  std::string facts = number(20, 2) + number(std::uint64_t(flags), 2) + number(0, 2) +
                      number(0, 4) + number(0, 4) + number(data.size(), 4) +
                      number(data.size(), 4) + number(name.size(), 2) + number(0, 2);
  std::string local = "PK\x03\x04" + facts + std::string(name) + std::string(data);
  std::string central = "PK\x01\x02" + number(20, 2) + facts + number(0, 2) + number(0, 2) +
                        number(0, 2) + number(0, 4) + number(0, 4) + std::string(name);
  return local + central + "PK\x05\x06" + number(0, 4) + number(1, 2) + number(1, 2) +
         number(central.size(), 4) + number(local.size(), 4) + number(0, 2);
}

const std::string kOffice = zip_of("[Content_Types].xml", "<Types/>");
const std::string kPersons =
    "\xEF\xBB\xBF№;ФИО;Дата рождения;Паспорт;Гражданство\r\n"
    "1;Тестов Тест Тестович;01.01.1990;ZZ0000000;AFG\r\n";

struct Sent {
  std::string_view name;
  Letter letter;
  const Rule* rule;
  std::vector<std::string_view> langs = {"en"};
};

std::vector<Sent> all_sent() {
  std::vector<Sent> all;
  auto attached = [&](std::string_view name, std::string file, std::string bytes, const Rule& rule,
                      std::vector<std::string_view> langs = {"en"}) -> Letter& {
    all.push_back({name, {}, &rule, std::move(langs)});
    return all.back().letter.attach(std::move(file), std::move(bytes));
  };
  attached("excel", "March.xlsx", kOffice, rules::spreadsheet, {"en", "ru", "uk"});
  attached("word", "March.docx", kOffice, rules::text_document);
  attached("pdf", "March.pdf", "%PDF-1.7\n%\xE2\xE3\xCF\xD3\n", rules::pdf_or_text_document);
  attached("picture", "IMG_2026.jpg", "\xFF\xD8\xFF\xE0" + std::string(40000, 'x'), rules::picture,
           {"en", "uk"});
  attached("persons", "list.csv", kPersons, rules::personal_data, {"en", "ru", "uk"});
  attached("encrypted-archive", "a.zip", zip_of("a.csv", "ciphered", 1), rules::archive_encrypted);
  attached("encrypted-archive-with-password", "a.zip", zip_of("a.csv", "ciphered", 1),
           rules::archive_encrypted, {"en", "ru"})
      .text = "The file is attached.\r\nThe password is: Secret-4711\r\n";
  attached("damaged-archive", "a.zip", zip_of("a.csv", crossings("2026-01", "7")).substr(0, 60),
           rules::archive_damaged);
  attached("rar", "a.rar", "Rar!\x1A\x07\x01" + std::string(60, 'x'), rules::archive_kind);
  attached("empty", "a.csv", "", rules::empty_file, {"en", "ru"});
  attached("old-schema", "a.xml",
           "<?xml version=\"1.0\"?><GenericData "
           "xmlns=\"http://www.SDMX.org/resources/SDMXML/schemas/v1_0/message\"/>",
           rules::old_schema);
  attached("smime-encrypted", "smime.p7m", cms_maker::enveloped_data(), rules::message_encrypted);
  attached("winmail-damaged", "winmail.dat", "\x78\x9F\x3E\x22\x01\x00\x02\x06\x90"s,
           rules::wrapper_damaged);
  all.push_back({"pgp-encrypted", {}, &rules::message_encrypted});
  all.back().letter.text =
      "-----BEGIN PGP MESSAGE-----\r\n\r\nhQEMA1==\r\n-----END PGP MESSAGE-----\r\n";
  all.push_back({"cloud-link", {}, &rules::cloud_link, {"en", "ru", "uk"}});
  all.back().letter.text =
      "Good day, the data: https://disk.yandex.ru/d/AbCdEf?token=1 Regards\r\n";
  all.push_back({"persons-in-text", {}, &rules::personal_data});
  all.back().letter.text = "The list:\r\nSurname\tFirst name\tPassport\r\nTestov\tTest\tZZ000\r\n";
  all.push_back({"several-recipients", {}, &rules::several_recipients, {"en", "ru"}});
  all.back().letter.headers = "Cc: a@stat.md.example, b@stat.md.example\r\n";
  all.back().letter.text = "Dear colleagues, see you on Monday.\r\n";
  all.push_back({"attachment-forgotten", {}, &rules::attachment_forgotten, {"en", "ru", "uk"}});
  all.back().letter.text = "Hello, the data are attached.\r\n";
  return all;
}

}  // namespace

TEST_CASE("what is not data gets an answer of its own, word for word") {
  fs::path golden = fs::path(SOURCE_DIR) / "tests" / "flow" / "golden" / "explain";
  bool update = std::getenv("UPDATE_GOLDEN") != nullptr;
  if (update) must(make_directories(golden, 0755));
  int serial = 0;
  for (Sent& sent : all_sent())
    for (std::string_view lang : sent.langs) {
      INFO(sent.name << " " << lang);
      Lab lab;
      sent.letter.from = sender_in(lang);
      sent.letter.id = fmt::format("<explain.{}@test.example>", ++serial);
      std::string uid = lab.put(sent.letter.bytes());
      lab.once();
      DocketRecord record = lab.docket_of(uid).value();
      REQUIRE(record.docket.items.size() == 1);
      const Item& item = record.docket.items[0];
      bool answered = sent.rule->severity != Severity::kError;
      CHECK(outcome_name(record.docket.outcome) == (answered ? "answered" : "rejected"));
      CHECK(std::any_of(item.findings.begin(), item.findings.end(),
                        [&](const Finding& f) { return f.rule == sent.rule; }));
      CHECK(lab.number("SELECT count(*) FROM data") == 0);
      auto replies = lab.replies_to(record);
      REQUIRE(replies.size() == 1);
      std::string text = "To: " + replies[0]->to() + "\nSubject: " + replies[0]->subject() +
                         "\n\n" + replies[0]->text();
      std::string file = fmt::format("{}.{}.txt", sent.name, lang);
      if (update) must(write_file_durably(golden / file, text, 0644));
      auto wanted = read_file(golden / file);
      REQUIRE(wanted.ok());
      CHECK(text == *wanted);
      CHECK(text.find("{{") == std::string::npos);
      for (std::string_view never : {"Тестов"sv, "ZZ000"sv, "Testov"sv, "4711"sv, "AbCdEf"sv}) {
        CHECK(text.find(never) == std::string::npos);
        CHECK(replies[0]->text("text/html").find(never) == std::string::npos);
      }
    }
}

TEST_CASE("each of these has its sentences in every language") {
  PhraseStore phrases(fs::path(SOURCE_DIR) / "templates");
  auto in_english = must(phrases.in("en"))->keys();
  for (std::string lang : {"en", "ru", "uk"}) {
    auto keys = must(phrases.in(lang))->keys();
    for (const std::string& key : in_english) {
      if (!key.starts_with("explain.")) continue;
      INFO(lang << " " << key);
      CHECK(std::count(keys.begin(), keys.end(), key) == 1);
      std::string rule = key.substr(8, key.rfind('.') - 8);
      CHECK(find_rule(rule) != nullptr);
      CHECK(std::count(keys.begin(), keys.end(), "explain." + rule + ".next") == 1);
    }
  }
}

TEST_CASE("too large: told with the limit") {
  Lab lab;
  lab.configure("[limits]\nmessage_bytes = 20000\n");
  std::string uid =
      lab.put(Letter().attach("a.csv", crossings("2026-01", std::string(30000, '1'))).bytes());
  lab.once();
  DocketRecord record = lab.docket_of(uid).value();
  std::string text = lab.replies_to(record).at(0)->text();
  CHECK(text.find("the message is too large") != std::string::npos);
  CHECK(text.find(".gz") != std::string::npos);
}

TEST_CASE("a list of persons: nobody is quoted, the coordinators are told, purge removes it") {
  Lab lab;
  std::string uid = lab.put(Letter().attach("list.csv", kPersons).bytes());
  lab.once();
  DocketRecord record = lab.docket_of(uid).value();
  std::int64_t letters = lab.number("SELECT count(*) FROM outbox WHERE kind = 'persons'");
  REQUIRE(letters > 0);
  for (std::int64_t i = 0; i < letters; ++i) {
    std::int64_t id = lab.number(fmt::format(
        "SELECT id FROM outbox WHERE kind = 'persons' ORDER BY id LIMIT 1 OFFSET {}", i));
    auto entry = must(lab.home().store().outbox().find(id));
    REQUIRE(entry);
    CHECK(entry->recipient.starts_with("coordinator"));
    Reply letter;
    letter.raw = must(lab.home().store().outbox().bytes(id));
    letter.message = mime::parse(letter.raw, Limits{});
    CHECK(letter.text().find(record.docket.number.text()) != std::string::npos);
    for (std::string_view never : {"Тестов"sv, "ZZ0000000"sv, "list.csv"sv, "Border crossings"sv})
      CHECK(letter.text().find(never) == std::string::npos);
  }
  CHECK(lab.number("SELECT count(*) FROM event WHERE text LIKE '%focalpost purge%'") == 1);

  std::string next = lab.put(Letter().attach("a.csv", crossings("2026-01", "7")).bytes());
  lab.once();
  REQUIRE(lab.count(Folder::kRejected) == 1);
  std::size_t sent = lab.count(Folder::kSent);
  PurgeResult done = must(purge_docket(lab.home(), record.docket.number, lab.clock));
  CHECK(done.kept == 1);
  CHECK(done.mailbox == 1);
  CHECK(done.sent == 1);
  CHECK(done.by_hand.empty());
  CHECK(lab.count(Folder::kRejected) == 0);
  CHECK(lab.count(Folder::kSent) == sent - 1);
  // The tombstone: that there was something, and why it was refused.
  DocketRecord after = must(lab.home().store().dockets().find(record.docket.number)).value();
  CHECK(after.docket.subject.empty());
  CHECK(after.docket.reason.starts_with("purged"));
  REQUIRE(after.docket.items.size() == 1);
  CHECK(after.docket.items[0].path == "file 1");
  CHECK(after.docket.items[0].findings.at(0).rule == &rules::personal_data);
  CHECK_FALSE(lab.home().store().outbox().bytes(lab.mails_of(after).at(0).id).ok());
  // Nothing of it is left in any file of the home; the other message is.
  {
    KeptStore kept = must(lab.home().open_kept(KeptStore::Access::kReadOnly));
    std::size_t forgotten = 0, whole = 0;
    must(kept.for_each([&](const KeptRecord& one, ByteSource& bytes) -> Status {
      if (one.kind != KeptKind::kMessage) return {};
      if (one.forgotten) {
        ++forgotten;
        return {};
      }
      ++whole;
      return must(read_all(bytes, 1 << 20)).find("list.csv") == std::string::npos
                 ? Status()
                 : Status(bug("still there"));
    }));
    CHECK(forgotten == 1);
    CHECK(whole == 1);
  }
  // Again, as after a crash.
  PurgeResult again = must(purge_docket(lab.home(), record.docket.number, lab.clock));
  CHECK(again.kept + again.mailbox + again.sent == 0);
  // What filed data is not purged.
  DocketRecord other = lab.docket_of(next).value();
  CHECK_FALSE(purge_docket(lab.home(), other.docket.number, lab.clock).ok());
}

TEST_CASE("lists of persons and tables of totals are told apart") {
  for (std::string_view list : {
           "ФИО;Дата рождения;Гражданство\n",
           "№\tПІБ\tпаспорт\n",
           "Список\n\n№,Фамилия,Имя,Отчество\n",
           "Surname,First name,Citizenship\n",
           "name,date of birth,country\n",
           "Прізвище|Ім’я|Адреса проживання\n",
           "DATAFLOW,FREQ,REF_AREA,FULL_NAME,TIME_PERIOD,OBS_VALUE\n",
           "case;Birth date;passport no\n",
       }) {
    INFO(list);
    CHECK(lists_persons(list));
  }
  for (std::string_view table : {
           "DATAFLOW,FREQ,REF_AREA,SEX,AGE,TIME_PERIOD,OBS_VALUE\n",
           "Страна;Выдано паспортов;Всего\n",
           "Country;Name of the indicator;Value\n",
           "name;value;year\n",
           "Уважаемые коллеги, направляем данные, просим подтвердить\n",
           "Гражданство;Год рождения;Количество\n",
           "> ФИО;Дата рождения;Гражданство\n",
       }) {
    INFO(table);
    CHECK_FALSE(lists_persons(table));
  }
  CHECK(lists_persons("<persons><person><Surname>x</Surname></person></persons>",
                      FileKind::kOtherXml));
  CHECK_FALSE(lists_persons("<table><row><count>1</count></row></table>", FileKind::kOtherXml));
}

TEST_CASE("links to places where files are left, and passwords") {
  CHECK(cloud_link("see https://Disk.Yandex.ru/d/x") == "disk.yandex.ru");
  CHECK(cloud_link("https://stat.sharepoint.com:443/x") == "stat.sharepoint.com");
  CHECK(cloud_link("<https://drive.google.com/file/d/1>") == "drive.google.com");
  CHECK_FALSE(cloud_link("https://stat.kg.example/disk.yandex.ru"));
  CHECK_FALSE(cloud_link("https://evil-drive.google.com.example/"));
  CHECK_FALSE(cloud_link("> https://yadi.sk/d/x"));
  CHECK(gives_password("Пароль к архиву: 123"));
  CHECK(gives_password("the password is 123"));
  CHECK(gives_password("ПАРОЛЬ — 123"));
  CHECK_FALSE(gives_password("без пароля"));
  CHECK_FALSE(gives_password("I forgot my password, please help"));
}

TEST_CASE(
    "without one sender nobody is answered: a file is put before a person, the rest ignored") {
  Lab lab;
  const std::string letter =
      "To: gateway@network.example\r\nSubject: x\r\nDate: Wed, 20 May 2026 08:30:00 +0000\r\n"
      "MIME-Version: 1.0\r\n";
  const std::string file =
      "Content-Type: text/csv; name=a.csv\r\n"
      "Content-Disposition: attachment; filename=a.csv\r\n\r\nA,B\r\n1,2\r\n";
  const std::string two = "From: a@b.example, c@d.example\r\n";
  std::vector<std::string> uids = {lab.put(letter + file), lab.put(two + letter + file),
                                   lab.put(letter + "\r\nHello\r\n")};
  lab.once();
  CHECK(lab.folder_of(uids[0]) == "Enquiries/Open");
  CHECK(lab.folder_of(uids[1]) == "Enquiries/Open");
  CHECK(lab.folder_of(uids[2]) == "Ignored");
  CHECK(lab.count(Folder::kSent) == 0);
}
