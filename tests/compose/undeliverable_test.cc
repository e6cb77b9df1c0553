// SPDX-License-Identifier: Apache-2.0
#include "compose/undeliverable.h"

#include "base/files.h"
#include "base/text.h"
#include "catch.h"

using namespace focalpost;

namespace {

StructureLookup network() {
  Contact contact;
  contact.id = "asylum";
  contact.names = {{"en", "Asylum statistics unit"}, {"ru", "Отдел статистики убежища"}};
  contact.emails = {"asylum@stat.kg.example"};
  Organisation office;
  office.id = "KG_SMS";
  office.names = {{"en", "State Migration Service"}, {"uk", "Державна міграційна служба"}};
  office.contacts.push_back(contact);
  OrganisationScheme providers;
  providers.ref = {"FP", "DATA_PROVIDERS", "1.0"};
  providers.organisations.push_back(office);
  Structures all;
  all.organisation_schemes.push_back(providers);
  return StructureLookup(std::move(all));
}

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace

TEST_CASE("the letter about a dead address says who, where, since when, and what to do") {
  const fs::path folder = fs::path(SOURCE_DIR) / "templates";
  TemplateStore templates(folder);
  PhraseStore phrases(folder);
  StructureLookup lookup = network();
  Letterhead letterhead{"Migration data exchange", "gateway@network.example", true};
  Undeliverable facts{*lookup.contact("asylum@stat.kg.example"), "asylum@stat.kg.example",
                      *parse_time("2026-05-20T22:00:00Z"), 3,
                      "550 <b>no such user</b>\r\nBcc: x@y.example"};
  auto compose = [&](std::string_view lang) {
    auto letter =
        compose_undeliverable(facts, lang, "Asia/Bishkek", {templates, phrases}, letterhead);
    INFO((letter.ok() ? "" : letter.error().what));
    REQUIRE(letter.ok());
    return *letter;
  };
  Receipt en = compose("en");
  INFO(en.plain);
  CHECK(en.lang == "en");
  CHECK(en.subject ==
        "Contact cannot be reached – State Migration Service, Asylum statistics unit");
  CHECK(en.plain.starts_with("EXAMPLE NETWORK"));
  CHECK(has(en.plain, "Institution: State Migration Service"));
  CHECK(has(en.plain, "Address: asylum@stat.kg.example"));
  CHECK(has(en.plain, "Not delivered since: 21 May 2026"));  // in the reader's zone
  CHECK(has(en.plain, "Messages that came back: 3"));
  CHECK(has(en.plain, "What to do next: Please find out the right address"));
  CHECK(has(en.plain, "gateway@network.example"));
  // What the server said stays one line, and text.
  CHECK(has(en.plain, "550 <b>no such user</b>"));
  CHECK_FALSE(has(en.plain, "\nBcc:"));
  CHECK(has(en.html, "550 &lt;b&gt;no such user"));
  CHECK_FALSE(has(en.html, "<b>"));

  Receipt ru = compose("ru-KG");
  INFO(ru.plain);
  CHECK(ru.lang == "ru");
  CHECK(has(ru.plain, "Контактное лицо: Отдел статистики убежища"));
  CHECK(has(ru.plain, "Не доставляется с: 21 мая 2026"));
  CHECK(has(ru.plain, "Что делать дальше: Узнайте"));
  Receipt uk = compose("uk");
  INFO(uk.plain);
  CHECK(has(uk.plain, "Установа: Державна міграційна служба"));
  CHECK(has(uk.plain, "Що робити далі: Дізнайтеся"));

  facts.said = {};
  CHECK_FALSE(has(compose("en").plain, "Answer of the mail server"));
  CHECK(templates.take_warnings().empty());
  CHECK(phrases.take_warnings().empty());
}
