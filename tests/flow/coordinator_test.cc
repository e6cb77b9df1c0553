// SPDX-License-Identifier: Apache-2.0
//
// Coordinators' commands by mail: who may give them, what they need, what they do and whom they
// tell. The letters are in golden/coordinator/.
#include "flow/desk_coordinator.h"
#include "golden.h"
#include "request.h"

using namespace lab;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view kNew = "new.person@migration.kg.example";

struct Office {
  Lab lab;
  Office() {
    lab.close();
    must(write_file_durably(lab.root() / "key", std::string(32, 'k')));
    lab.open();
  }
  std::string say(std::string_view from, std::string text) {
    Letter letter = question(std::move(text) + "\r\n");
    letter.from = std::string(from);
    letter.subject = "Network";
    const std::string uid = lab.put(letter.bytes());
    lab.once();
    lab.clock.advance(1h);
    return uid;
  }
  /// The same, and the sender says yes.
  std::string order(std::string_view from, std::string text, std::string_view yes = "YES") {
    const std::string uid = say(from, std::move(text));
    auto asked = newest(lab, "confirmation", from);
    REQUIRE(asked);
    lab.put(answer_to(*asked, std::string(yes) + "\r\n").bytes());
    lab.once();
    lab.clock.advance(1h);
    return uid;
  }
  std::string told(std::string_view who) {
    auto reply = newest(lab, "answer", who);
    return reply ? reply->text() : std::string();
  }
  const RosterEntry* contact(std::string_view address) {
    return lab.home().lookup().contact(address);
  }
  /// The institution's agreements about a flow that are paused now.
  int paused(std::string_view provider, std::string_view flow) {
    int count = 0;
    for (const ProvisionAgreement& one : lab.home().lookup().structures().agreements)
      if (one.provider.id == provider && one.dataflow.id == flow)
        count += is_paused(one, lab.clock.now());
    return count;
  }
};

}  // namespace

TEST_CASE("a coordinator registers a contact, once it is sure who says it") {
  Office office;
  Lab& lab = office.lab;
  const std::string command = "ADD CONTACT KG_SMS " + std::string(kNew) + " focal_point uk";
  const std::string uid = office.say(kSecretariat, command);
  CHECK(lab.folder_of(uid) == "Held");
  CHECK_FALSE(office.contact(kNew));
  CHECK(letters(lab, "roster") == 0);
  auto asked = newest(lab, "confirmation", kSecretariat);
  check_golden("coordinator", "add-asked.en.txt", asked.get());

  lab.put(answer_to(*asked, "YES\r\n").bytes());
  lab.once();
  CHECK(lab.folder_of(uid) == "Enquiries");
  check_golden("coordinator", "add.en.txt", newest(lab, "answer", kSecretariat).get());
  const RosterEntry* added = office.contact(kNew);
  REQUIRE(added);
  CHECK(added->provider.id == "KG_SMS");
  CHECK(added->has_role("focal point"));
  CHECK(added->lang == "uk");
  CHECK(added->zone == "Asia/Bishkek");
  CHECK(added->contact->id == "contact-new-person");
  CHECK(text_in(added->contact->names, "ru") == "контактное лицо");
  // Nobody was lost by it.
  for (std::string_view old : {kAsylum, kDeputy, kKgCoordinator, kBorder, kSecretariat})
    CHECK(office.contact(old));

  check_golden("coordinator", "new.uk.txt", newest(lab, "roster", kNew).get());
  check_golden("coordinator", "others.ru.txt", newest(lab, "roster", kAsylum).get());
  CHECK(letters(lab, "roster", kKgCoordinator) == 1);
  CHECK(letters(lab, "roster", kSecretariat) == 0);
  CHECK(letters(lab, "roster", kBorder) == 0);
  CHECK_FALSE(has(newest(lab, "roster", kNew)->raw, "coordinator@network.example"));

  // The new contact may speak for its institution now, and nothing is told twice.
  const auto told = letters(lab, "roster");
  lab.once();
  CHECK(letters(lab, "roster") == told);
  office.say(kNew, "СТАТУС");
  CHECK(has(office.told(kNew), "нема"));
}

TEST_CASE("in every language, with a name, and in the order that people use") {
  Office office;
  SECTION("ru") {
    office.order(
        kKgCoordinator,
        "ДОБАВИТЬ КОНТАКТ KG_SMS Отдел Анализа <" + std::string(kNew) + "> контактное лицо ru",
        "Да");
    REQUIRE(office.contact(kNew));
    CHECK(office.contact(kNew)->lang == "ru");
    CHECK(text_in(office.contact(kNew)->contact->names, "ru") == "Отдел Анализа");
    check_golden("coordinator", "add.ru.txt", newest(office.lab, "answer", kKgCoordinator).get());
    check_golden("coordinator", "new.ru.txt", newest(office.lab, "roster", kNew).get());
  }
  SECTION("uk") {
    office.order(kSecretariat, "ДОДАТИ КОНТАКТ " + std::string(kNew) + ", KG_SMS, заступник, uk",
                 "так");
    REQUIRE(office.contact(kNew));
    CHECK(office.contact(kNew)->has_role("substitute"));
  }
  SECTION("en") {
    office.order(kKgCoordinator, "add contact kg_sms: " + std::string(kNew) + " focal point en.");
    REQUIRE(office.contact(kNew));
    check_golden("coordinator", "new.en.txt", newest(office.lab, "roster", kNew).get());
  }
}

TEST_CASE("what is missing of a new contact is said, and nothing is done") {
  Office office;
  auto refused = [&](std::string_view from, std::string text, std::string_view because) {
    INFO(text);
    const std::string uid = office.say(from, std::move(text));
    INFO(office.told(from));
    CHECK(office.lab.folder_of(uid) == "Enquiries");
    CHECK(has(office.told(from), because));
    CHECK(letters(office.lab, "roster") == 0);
    CHECK(letters(office.lab, "confirmation") == 0);
  };
  refused(kSecretariat, "ADD CONTACT", "by its code");
  refused(kSecretariat, "ADD CONTACT KG_SMZ new@x.example focal_point ru", "KG_SMS");
  refused(kSecretariat, "ADD CONTACT KG_SMS focal_point ru", "mail address");
  refused(kSecretariat, "ADD CONTACT KG_SMS new@ focal_point ru", "mail address");
  refused(kSecretariat, "ADD CONTACT KG_SMS gateway@network.example focal_point ru",
          "mail address");
  refused(kSecretariat, "ADD CONTACT KG_SMS new@x.example ru", "focal_point");
  refused(kSecretariat, "ADD CONTACT KG_SMS new@x.example focal_point", "language");
  refused(kSecretariat, "ADD CONTACT KG_SMS new@x.example focal_point xx", "language");
  // An address of somebody else's is not taken over.
  refused(kSecretariat, "ADD CONTACT KG_SMS " + std::string(kBorder) + " focal_point ru",
          "registered already");
  refused(kSecretariat, "ADD CONTACT KG_SMS Border.Statistics@BORDER.md.example focal_point ru",
          "registered already");
}

TEST_CASE("attack: who is no coordinator, or not this institution's, registers nobody") {
  Office office;
  const std::string command = "ADD CONTACT KG_SMS " + std::string(kNew) + " coordinator en";
  office.say(kBorder, command);
  CHECK(has(office.told(kBorder), "for coordinators"));
  office.say(kCoordinator, command);  // of Moldova
  CHECK(has(office.told(kCoordinator), "not looked after by you"));
  // Of another institution of the same country: the network's secretariat must do it.
  office.say(kKgCoordinator, replaced(command, "KG_SMS", "KG_NSC"));
  CHECK(has(office.told(kKgCoordinator), "секретариат"));
  const std::string uid = office.say(kSomebody, command);
  CHECK(office.lab.folder_of(uid) != "Held");
  CHECK_FALSE(office.contact(kNew));
  CHECK(letters(office.lab, "confirmation", kBorder) == 0);
  CHECK(letters(office.lab, "roster") == 0);
}

TEST_CASE("attack: nothing but codes and an address of a held command is shown or kept") {
  Office office;
  office.say(kSecretariat, "ADD CONTACT KG_SMS {{x}} <b>Evil</b> " + std::string(kNew) +
                               " focal_point en\xE2\x80\xAE");
  auto asked = newest(office.lab, "confirmation", kSecretariat);
  REQUIRE(asked);
  CHECK(has(asked->text(), "ADD CONTACT KG_SMS " + std::string(kNew) + " focal_point en"));
  CHECK_FALSE(has(all_of(*asked), "Evil"));
  CHECK_FALSE(has(all_of(*asked), "{{x}}"));
  // No: nothing happens.
  office.lab.put(answer_to(*asked, "NO\r\n").bytes());
  office.lab.once();
  CHECK_FALSE(office.contact(kNew));
}

TEST_CASE("a coordinator pauses reminders of an agreement, and resumes them") {
  Office office;
  const std::string uid = office.say(kKgCoordinator, "PAUSE KG_SMS ASYLUM until 2026-12-31");
  CHECK(office.lab.folder_of(uid) == "Held");
  CHECK(office.paused("KG_SMS", "ASYLUM") == 0);
  check_golden("coordinator", "pause-asked.ru.txt",
               newest(office.lab, "confirmation", kKgCoordinator).get());
  office.lab.put(answer_to(*newest(office.lab, "confirmation", kKgCoordinator), "Да\r\n").bytes());
  office.lab.once();
  check_golden("coordinator", "pause.ru.txt", newest(office.lab, "answer", kKgCoordinator).get());
  CHECK(office.paused("KG_SMS", "ASYLUM") == 1);
  CHECK(office.paused("KG_SMS", "PERMITS") == 0);
  CHECK(office.paused("KZ_MSC", "ASYLUM") == 0);
  // To the end of the day that was named.
  const FixedClock before = office.lab.clock;
  office.lab.clock = FixedClock(at("2026-12-31T23:59:00Z"));
  CHECK(office.paused("KG_SMS", "ASYLUM") == 1);
  office.lab.clock = FixedClock(at("2027-01-01T00:00:00Z"));
  CHECK(office.paused("KG_SMS", "ASYLUM") == 0);
  office.lab.clock = before;

  office.order(kSecretariat, "RESUME KG_SMS");
  CHECK(office.paused("KG_SMS", "ASYLUM") == 0);
  check_golden("coordinator", "resume.en.txt", newest(office.lab, "answer", kSecretariat).get());
  office.order(kSecretariat, "ПАУЗА KG_SMS до 31.12.2026");
  CHECK(office.paused("KG_SMS", "ASYLUM") == 1);
  CHECK(office.paused("KG_SMS", "PERMITS") == 1);
}

TEST_CASE("what cannot be paused is said") {
  Office office;
  auto refused = [&](std::string_view from, std::string text, std::string_view because) {
    INFO(text);
    office.say(from, std::move(text));
    INFO(office.told(from));
    CHECK(has(office.told(from), because));
    CHECK(letters(office.lab, "confirmation") == 0);
  };
  refused(kSecretariat, "PAUSE KG_SMS ASYLUM", "Until when");
  refused(kSecretariat, "PAUSE KG_SMS ASYLUM until 2020-12-31", "from today until");
  refused(kSecretariat, "PAUSE KG_SMS ASYLUM until 2999-12-31", "from today until");
  refused(kSecretariat, "PAUSE KG_SMS STOCK until 2026-12-31", "no agreement for STOCK");
  refused(kSecretariat, "PAUSE SECRETARIAT until 2026-12-31", "no agreement");
  refused(kSecretariat, "PAUSE XX_YYY until 2026-12-31", "by its code");
  refused(kBorder, "PAUSE KG_SMS until 2026-12-31", "for coordinators");
  refused(kCoordinator, "PAUSE KG_SMS until 2026-12-31", "not looked after");
}

TEST_CASE("words of a letter that only begin like these commands are none") {
  Office office;
  for (const char* text : {"Resume work on the asylum tables is planned for June.",
                           "Pause in our work: we come back on Monday.",
                           "Add contact details of our new colleague, please."}) {
    INFO(text);
    const std::string uid = office.say(kKgCoordinator, text);
    CHECK(office.lab.folder_of(uid) == "Enquiries/Open");
  }
}
