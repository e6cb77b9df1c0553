// SPDX-License-Identifier: Apache-2.0
//
// Receipts as people read them: tests/compose/golden/ holds every kind in three languages.
// UPDATE_GOLDEN=1 writes them anew; read the difference before you commit it.
#include "compose/receipt.h"

#include <algorithm>
#include <cstdlib>
#include <set>

#include "base/files.h"
#include "base/text.h"
#include "catch.h"
#include "compose/names.h"
#include "model/rules.h"

using namespace focalpost;

namespace {

const fs::path kTemplates = fs::path(SOURCE_DIR) / "templates";
const fs::path kGolden = fs::path(SOURCE_DIR) / "tests/compose/golden";

Texts names(std::string en, std::string ru, std::string uk) {
  return {{"en", std::move(en)}, {"ru", std::move(ru)}, {"uk", std::move(uk)}};
}

/// ASYLUM with three dimensions, enough for what a receipt says about a series.
StructureLookup small_network() {
  Structures s;
  auto codelist = [&](std::string id, std::vector<Code> codes) {
    Codelist list;
    list.ref = {"FP", std::move(id), "1.0"};
    list.codes = std::move(codes);
    s.codelists.push_back(std::move(list));
  };
  auto code = [](std::string id, Texts texts) {
    Code made;
    made.id = std::move(id);
    made.names = std::move(texts);
    return made;
  };
  codelist("CL_FREQ", {code("M", names("Monthly", "Ежемесячно", "Щомісяця"))});
  codelist("CL_AREA", {code("KG", names("Kyrgyzstan", "Кыргызстан", "Киргизстан")),
                       code("UA", names("Ukraine", "Украина", "Україна"))});
  codelist("CL_CTZ", {code("_T", names("Total", "Всего", "Усього")),
                      code("AF", names("Afghanistan", "Афганистан", "Афганістан")),
                      code("SY", names("Syrian Arab Republic", "Сирийская Арабская Республика",
                                       "Сирійська Арабська Республіка"))});
  codelist("CL_SEX", {code("_T", names("Total", "Всего", "Усього")),
                      code("F", names("Female", "Женщины", "Жінки"))});
  codelist("CL_UNIT", {code("PER", names("Persons", "Лица", "Особи")),
                       code("CASE", names("Cases", "Ходатайства", "Заяви"))});

  ConceptScheme concepts;
  concepts.ref = {"FP", "CONCEPTS", "1.0"};
  DataStructure dsd;
  dsd.ref = {"FP", "ASYLUM", "1.0"};
  auto component = [&](std::string id, ComponentKind kind, std::string list, Texts texts) {
    Concept item;
    item.id = id;
    item.names = std::move(texts);
    concepts.concepts.push_back(item);
    Component made;
    made.id = id;
    made.kind = kind;
    made.concept_identity = {concepts.ref, id};
    if (!list.empty()) made.local = Representation{Ref{"FP", std::move(list), "1.0"}, {}};
    if (id == "UNIT_MEASURE") made.annotations.push_back({"FP_DEFAULT", "", "PER", {}});
    dsd.components.push_back(std::move(made));
  };
  component("FREQ", ComponentKind::kDimension, "CL_FREQ", names("Frequency", "Частота", "Частота"));
  component("REF_AREA", ComponentKind::kDimension, "CL_AREA",
            names("Reference area", "Территория", "Територія"));
  component("CITIZENSHIP", ComponentKind::kDimension, "CL_CTZ",
            names("Citizenship", "Гражданство", "Громадянство"));
  component("SEX", ComponentKind::kDimension, "CL_SEX", names("Sex", "Пол", "Стать"));
  component("UNIT_MEASURE", ComponentKind::kDimension, "CL_UNIT",
            names("Unit counted", "Единица учёта", "Одиниця обліку"));
  component("TIME_PERIOD", ComponentKind::kTimeDimension, "", names("Period", "Период", "Період"));
  component("OBS_VALUE", ComponentKind::kMeasure, "", names("Value", "Значение", "Значення"));
  s.concept_schemes.push_back(std::move(concepts));

  Dataflow flow;
  flow.ref = {"FP", "ASYLUM", "1.0"};
  flow.names = names("Asylum applicants", "Лица, ищущие убежища", "Шукачі притулку");
  flow.structure = dsd.ref;
  s.data_structures.push_back(std::move(dsd));
  s.dataflows.push_back(std::move(flow));

  OrganisationScheme providers;
  providers.ref = {"FP", "DATA_PROVIDERS", "1.0"};
  Organisation office;
  office.id = "KG_NSC";
  Contact contact;
  contact.id = "FOCAL";
  contact.emails = {"focal.point@stat.kg.example"};
  office.contacts.push_back(contact);
  office.annotations.push_back({"FP_LANG:FOCAL", "", "ru", {{"en", "Asia/Bishkek"}}});
  providers.organisations.push_back(office);
  s.organisation_schemes.push_back(providers);
  return StructureLookup(std::move(s));
}

Docket letter(std::string lang, std::string subject = "Asylum data March") {
  Docket docket;
  docket.number = {2026, 147};
  docket.subject = std::move(subject);
  docket.sender.address = "focal.point@stat.kg.example";
  docket.sender.registered = true;
  docket.sender.lang = std::move(lang);
  docket.received = *parse_time("2026-04-03T08:30:00Z");
  docket.outcome = Outcome::kFiled;
  return docket;
}

DatasetOutcome dataset() {
  DatasetOutcome made;
  made.structure = "FP:ASYLUM(1.0)";
  made.name_lang_id = "ASYLUM";
  made.series = 24;
  made.observations = 1440;
  made.first_period = "2026-01";
  made.last_period = "2026-03";
  made.areas = {"KG"};
  return made;
}

Item file(Outcome outcome, std::string path = "asylum-2026-03.xml") {
  Item item;
  item.number = 1;
  item.path = std::move(path);
  item.kind = "sdmx-ml 2.1 StructureSpecificData";
  item.sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
  item.outcome = outcome;
  return item;
}

Finding finding(const Rule& rule, std::uint32_t line, std::uint32_t column = 0) {
  Finding made;
  made.rule = &rule;
  made.at = {line, column};
  return made;
}

CellChange revised(std::string series, std::string period, std::string before, std::string after,
                   double relative) {
  return {CellChange::Kind::kRevised, std::move(series), std::move(period), "OBS_VALUE",
          std::move(before),          std::move(after),  relative};
}

Item filed() {
  Item item = file(Outcome::kFiled);
  item.datasets = {dataset()};
  item.datasets[0].change.created = 1440;
  return item;
}

Item revision() {
  Item item = file(Outcome::kFiled);
  item.datasets = {dataset()};
  ChangeSummary& change = item.datasets[0].change;
  change.created = 12;
  change.revised = 22;
  change.withdrawn = 1;
  change.unchanged = 1405;
  change.left = 1250;
  change.largest_relative = 0.253;
  change.cells = {
      revised("M.KG.AF.F.PER", "2026-01", "150", "188", 0.253),
      revised("M.KG._T._T.PER", "2026-01", "1204", "1242", 0.0316),
      {CellChange::Kind::kWithdrawn, "M.KG.SY._T.CASE", "2026-02", "OBS_VALUE", "3", "", 0}};
  Finding sum = finding(rules::provider_differs, 14);
  sum.value = "KG_NSC";
  sum.expected = "KG_SMS";
  Finding empty = finding(rules::not_provided, 61, 9);
  empty.series = "M.KG.SY.F.PER";
  empty.period = "2026-03";
  empty.count = 2;
  item.findings = {sum, empty};
  item.warnings = 1;
  item.infos = 2;
  return item;
}

Item rejected() {
  Item item = file(Outcome::kRejected);
  item.datasets = {dataset()};
  Finding code = finding(rules::unknown_code, 14, 22);
  code.component = "SEX";
  code.value = "Femal";
  code.suggestions = {"F"};
  code.series = "M.KG.AF.Femal.PER";
  Finding sign = finding(rules::sign_for_missing, 17, 35);
  sign.component = "OBS_VALUE";
  sign.value = "-";
  sign.suggestions = {"0"};
  sign.series = "M.KG.SY._T.PER";
  sign.period = "2026-02";
  Finding number = finding(rules::number_with_separator, 18, 35);
  number.component = "OBS_VALUE";
  number.value = "1 234";
  number.suggestions = {"1234"};
  number.series = "M.KG._T._T.PER";
  number.period = "2026-02";
  number.count = 3;
  Finding frequency = finding(rules::period_frequency, 20);
  frequency.value = "2026-Q1";
  frequency.expected = "2026-03";
  frequency.series = "M.KG._T._T.PER";
  Finding cumulative = finding(rules::looks_cumulative, 0);
  cumulative.period = "2026";
  cumulative.value = "2026-01: 12, 2026-03: 40";
  item.findings = {cumulative, code, sign, number, frequency};
  item.errors = 65;
  item.warnings = 1;
  return item;
}

Item held() {
  Item item = file(Outcome::kHeld);
  item.hold = HoldReason::kLargeChange;
  item.datasets = {dataset()};
  ChangeSummary& change = item.datasets[0].change;
  change.revised = 6;
  change.unchanged = 1434;
  change.largest_relative = 9.0;
  change.cells = {revised("M.KG._T._T.PER", "2026-01", "1204", "12040", 9.0),
                  revised("M.KG.AF._T.PER", "2026-01", "150", "1500", 9.0),
                  revised("M.KG.SY._T.PER", "2026-01", "20", "21", 0.05)};
  return item;
}

Docket with(Docket docket, std::vector<Item> items) {
  docket.outcome = items.empty() ? Outcome::kIgnored : items[0].outcome;
  docket.items = std::move(items);
  return docket;
}

Docket mixed(const std::string& lang) {
  Item table = file(Outcome::kRejected, "march.xlsx");
  table.kind = "an Office document (docx, xlsx, pptx)";
  table.findings = {finding(rules::spreadsheet, 0)};
  table.errors = 1;
  Item waiting = file(Outcome::kHeld, "april.zip!asylum 04.csv");
  waiting.kind = "sdmx-csv 1.0";
  waiting.hold = HoldReason::kAssurance;
  waiting.datasets = {dataset()};
  Item test = file(Outcome::kTested, "test.xml");
  test.test = true;
  test.findings = {finding(rules::test_message, 3)};
  test.infos = 1;
  Item logo = file(Outcome::kIgnored, "logo.png");
  return with(letter(lang, "Re: RE[2]: Data [2026-000012]"), {filed(), table, waiting, test, logo});
}

struct Speaker {
  TemplateStore templates{kTemplates};
  PhraseStore phrases{kTemplates};
  StructureLookup structures = small_network();
  Voice voice{templates, phrases};
  Letterhead letterhead{"Migration data gateway", "data@gateway.example", true};

  Receipt receipt(const Docket& docket) {
    auto made = compose_receipt(docket, structures, voice, letterhead);
    if (!made) FAIL(made.error().what);
    CHECK(templates.take_warnings().empty());
    CHECK(phrases.take_warnings().empty());
    return std::move(made).value();
  }
  const Phrases& in(std::string_view lang) { return **phrases.in(lang); }
};

void check_golden(const std::string& name, std::string_view text) {
  fs::path path = kGolden / name;
  if (std::getenv("UPDATE_GOLDEN")) {
    REQUIRE(make_directories(kGolden, 0755));
    REQUIRE(write_file_durably(path, text, 0644));
    return;
  }
  INFO(path.string());
  auto wanted = read_file(path);
  REQUIRE(wanted);
  CHECK(text == *wanted);
}

std::size_t longest_line(std::string_view text) {
  std::size_t longest = 0;
  for (std::string_view line : split(text, '\n'))
    longest = std::max(longest, std::size_t(std::count_if(line.begin(), line.end(), [](char c) {
                         return (c & 0xC0) != 0x80;
                       })));
  return longest;
}

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace

TEST_CASE("the receipts are as people have read and approved them") {
  Speaker speaker;
  for (std::string lang : {"en", "ru", "uk"}) {
    auto golden = [&](const std::string& name, const Result<Receipt>& made) {
      REQUIRE(made);
      CHECK(made->lang == lang);
      CHECK(longest_line(made->plain) <= kPlainWidth);
      check_golden(name + "." + lang + ".txt", "Subject: " + made->subject + "\n\n" + made->plain);
      check_golden(name + "." + lang + ".html", made->html);
    };
    auto receipt = [&](const Docket& docket) {
      return compose_receipt(docket, speaker.structures, speaker.voice, speaker.letterhead);
    };
    golden("filed", receipt(with(letter(lang), {filed()})));
    golden("revision", receipt(with(letter(lang), {revision()})));
    golden("rejected", receipt(with(letter(lang), {rejected()})));
    golden("held-large-change", receipt(with(letter(lang), {held()})));
    golden("mixed", receipt(mixed(lang)));
    golden("no-data", receipt(with(letter(lang, ""), {file(Outcome::kIgnored, "logo.png")})));
    Docket failed = letter(lang);
    failed.outcome = Outcome::kFailed;
    golden("failed", receipt(failed));
    golden("help", compose_help(letter(lang, "Question"), lang, speaker.voice, speaker.letterhead));
    CHECK(speaker.templates.take_warnings().empty());
    CHECK(speaker.phrases.take_warnings().empty());
  }
}

TEST_CASE("a held large change is said in the network's agreed sentences") {
  Speaker speaker;
  auto sentence = [&](std::string lang) {
    std::string plain = speaker.receipt(with(letter(std::move(lang)), {held()})).plain;
    std::replace(plain.begin(), plain.end(), '\n', ' ');
    return plain;
  };
  CHECK(has(sentence("en"),
            "No. 2026-000147: nothing filed yet. Your file changes 2 existing values strongly; "
            "largest: total, January 2026, 1204 → 12040. If right, reply YES; if not, send a "
            "corrected file."));
  CHECK(has(sentence("ru"),
            "№ 2026-000147: данные пока не внесены. Файл значительно меняет имеющиеся значения: 2; "
            "наибольшее изменение: всего, январь 2026 г., 1204 → 12040. Если всё верно, "
            "ответьте ДА; если нет, пришлите исправленный файл."));
  CHECK(has(sentence("uk"),
            "№ 2026-000147: дані ще не внесено. Файл значно змінює наявні значення: 2; найбільша "
            "зміна: усього, січень 2026 р., 1204 → 12040. Якщо все правильно, дайте відповідь "
            "ТАК; якщо ні, надішліть виправлений файл."));
}

TEST_CASE("each kind of waiting says its own reason and next step") {
  Speaker speaker;
  Item item = file(Outcome::kHeld);
  auto plain = [&] {
    std::string text = speaker.receipt(with(letter("en"), {item})).plain;
    std::replace(text.begin(), text.end(), '\n', ' ');
    return text;
  };
  item.hold = HoldReason::kAppend;
  CHECK(has(plain(), "the file says \"Append\""));
  CHECK(has(plain(), "reply YES"));
  item.hold = HoldReason::kOlder;
  item.prepared = "2026-03-01T09:00:00";
  CHECK(has(plain(), "older (prepared 1 March 2026)"));
  item.prepared = "yesterday";
  CHECK(has(plain(), "the file is older than the data"));
  item.hold = HoldReason::kAssurance;
  CHECK(has(plain(), "it must first be confirmed"));
  item.hold = HoldReason::kNone;
  CHECK(has(plain(), "waits for the coordinator"));
  item.hold = HoldReason::kLargeChange;  // nothing is known of the change: no empty sentence
  CHECK(has(plain(), "waits for the coordinator"));
}

TEST_CASE("a test message is judged and says that nothing was filed") {
  Speaker speaker;
  Item item = file(Outcome::kTested);
  CHECK(has(speaker.receipt(with(letter("en"), {item})).plain, "no errors, nothing filed"));
  item.errors = 1;
  item.findings = {finding(rules::missing_time, 4)};
  std::string plain = speaker.receipt(with(letter("en"), {item})).plain;
  CHECK(has(plain, "The file has 1 error."));
  CHECK(has(plain, "1. Line 4: the time period (TIME_PERIOD) is missing."));
}

TEST_CASE("errors come before warnings, and what is not listed is counted") {
  Speaker speaker;
  std::string plain = speaker.receipt(with(letter("en"), {rejected()})).plain;
  CHECK(plain.find("Errors: 65") < plain.find("Warnings: 1"));
  CHECK(has(plain, "59 more errors are not listed here."));
  CHECK(has(plain, "This occurs 3 times."));

  Item many = rejected();
  many.findings.assign(200, finding(rules::missing_time, 7));
  many.errors = 1000;
  plain = speaker.receipt(with(letter("en"), {many})).plain;
  CHECK(has(plain, "\n50. Line 7"));
  CHECK_FALSE(has(plain, "\n51. "));
  CHECK(has(plain, "950 more errors are not listed here."));
}

TEST_CASE("a revision names its cells in words, without what is total anyway") {
  Speaker speaker;
  std::string plain = speaker.receipt(with(letter("en"), {revision()})).plain;
  CHECK(has(plain, "- Citizenship: Afghanistan; Sex: Female, January 2026: 150 → 188"));
  CHECK(has(plain, "- total, January 2026: 1204 → 1242"));
  CHECK(has(plain, "Unit counted: Cases"));
  CHECK(has(plain, "February 2026: 3 →\n    (no value)"));
  CHECK(has(plain, "Revised values (largest change 25%): 22"));
  CHECK(has(plain, "In the store but not in your file, left unchanged: 1,250"));
  CHECK(has(plain, "20 more changed values are not listed here."));

  Structures none;
  CHECK(series_in_words("A.B", nullptr, none, speaker.in("en"), false) == "A.B");
}

TEST_CASE("times are said in the sender's zone") {
  Speaker speaker;
  CHECK(has(speaker.receipt(with(letter("en"), {filed()})).plain,
            "received 3 April 2026, 14:30 (UTC+06:00)"));
}

TEST_CASE("only an example network says that its data are invented") {
  Speaker speaker;
  CHECK(has(speaker.receipt(with(letter("ru"), {filed()})).plain, "УЧЕБНАЯ СЕТЬ"));
  CHECK(has(speaker.receipt(with(letter("ru"), {filed()})).html, "УЧЕБНАЯ СЕТЬ"));
  speaker.letterhead.example_network = false;
  CHECK_FALSE(has(speaker.receipt(with(letter("ru"), {filed()})).plain, "УЧЕБНАЯ"));
}

TEST_CASE("what a stranger wrote stays what it is") {
  Speaker speaker;
  const std::string evil = "{{docket}} {{{x}}} {{#items}} <script>alert(\"1\")</script>&amp;'";
  Item item = rejected();
  item.path = evil;
  item.kind = evil;
  for (Finding& each : item.findings) each.value = each.series = each.detail = evil;
  item.datasets[0].areas = {evil};
  item.datasets[0].change.revised = 1;
  item.datasets[0].change.cells = {revised(evil, evil, evil, evil, 0.1)};
  Receipt receipt =
      speaker.receipt(with(letter("en", evil + "\nBcc: all@x.example\u202E"), {item}));
  CHECK(has(receipt.plain, "File: {{docket}} {{{x}}} {{#items}} <script>alert("));
  CHECK_FALSE(has(receipt.html, "<script"));
  CHECK(has(receipt.html, "{{docket}} {{{x}}} {{#items}} &lt;script&gt;alert(&quot;1&quot;)"));
  CHECK(has(receipt.html, "&amp;amp;&#39;"));
  CHECK_FALSE(has(receipt.subject, "\n"));
  CHECK(has(receipt.subject, "<U+000A>Bcc: all@x.example<U+202E>"));
}

TEST_CASE("the HTML asks nothing of anybody and says its language") {
  Speaker speaker;
  for (std::string lang : {"en", "ru", "uk"}) {
    std::string html =
        speaker.receipt(mixed(lang)).html + speaker.receipt(with(letter(lang), {revision()})).html;
    CHECK(has(html, "<html lang=\"" + lang + "\">"));
    for (std::string_view outside : {"http", "src=", "url(", "<img", "<link", "@import", "<script"})
      CHECK_FALSE(has(html, outside));
    CHECK(has(html, "<caption"));
    CHECK(has(html, "scope=\"row\""));
    CHECK(has(html, "scope=\"col\""));
  }
}

TEST_CASE("the subject keeps the thread's name and the number once") {
  Speaker speaker;
  auto subject = [&](std::string_view text) {
    return reply_subject(text, {2026, 147}, speaker.in("en"));
  };
  CHECK(subject("Asylum data March") == "Re: Asylum data March [2026-000147]");
  CHECK(subject("RE: Re[2]: Fwd: Отв: Data [2025-000003]") == "Re: Data [2026-000147]");
  CHECK(subject("Data [draft] [2026-000147]") == "Re: Data [draft] [2026-000147]");
  CHECK(subject("") == "Re: Your message [2026-000147]");
  CHECK(subject("Re: ") == "Re: Your message [2026-000147]");
  CHECK(subject("Regional data") == "Re: Regional data [2026-000147]");
  CHECK(reply_subject("", {2026, 147}, speaker.in("ru")) == "Re: Ваше письмо [2026-000147]");
}

TEST_CASE("a finding's sentence stands alone") {
  Speaker speaker;
  Finding code = finding(rules::unknown_code, 14);
  code.component = "AGE";
  code.value = "Y18-34";
  code.suggestions = {"Y18T34"};
  CHECK(finding_sentence(code, speaker.in("en")) ==
        "Line 14: code \"Y18-34\" is not in the list of AGE. Did you mean Y18T34?");
  CHECK(finding_sentence(code, speaker.in("ru")) ==
        "Строка 14: кода «Y18-34» нет в списке AGE. Возможно, имелось в виду: Y18T34?");
  CHECK(finding_sentence(code, speaker.in("uk")) ==
        "Рядок 14: коду «Y18-34» немає в списку AGE. Можливо, малося на увазі: Y18T34?");
  code.at = {};
  code.suggestions = {"Y18T34", "Y35T64", "Y_GE65"};
  CHECK(finding_sentence(code, speaker.in("en")) ==
        "Code \"Y18-34\" is not in the list of AGE. Did you mean Y18T34, Y35T64 or Y_GE65?");
  code.suggestions.clear();
  code.series = "M.KG.Y18-34";
  code.period = "2026-03";
  CHECK(finding_sentence(code, speaker.in("ru")) ==
        "Кода «Y18-34» нет в списке AGE. (Ряд M.KG.Y18-34, период 2026-03.)");
  // What stood in the file keeps its small letter.
  Finding column = finding(rules::unknown_component, 0);
  column.component = "note";
  CHECK(finding_sentence(column, speaker.in("en")) == "note is not part of this data structure.");
}

TEST_CASE("a frequency without an agreement is named, and limits are written as numbers") {
  Speaker speaker;
  Finding frequency = finding(rules::frequency_not_agreed, 0);
  frequency.value = "M";
  frequency.expected = "Q, A";
  CHECK(finding_sentence(frequency, speaker.in("en")) ==
        "The figures are monthly, but your institution's agreement is for quarterly, annual data. "
        "Please send quarterly, annual figures, or ask the coordinator to extend the agreement.");
  CHECK(has(finding_sentence(frequency, speaker.in("ru")), "о данных за квартал, за год."));
  CHECK(has(finding_sentence(frequency, speaker.in("uk")), "файлі дані за місяць"));
  frequency.value = "H";
  CHECK(has(finding_sentence(frequency, speaker.in("en")), "figures are H,"));
  Finding large = finding(rules::not_compared, 0);
  large.detail = "200000";
  CHECK(finding_sentence(large, speaker.in("en")) ==
        "The file has more than 200,000 values. So totals were not added up, and the values were "
        "not compared with those of earlier periods.");
}

TEST_CASE("every rule has a sentence in every language, whatever the finding knows") {
  Speaker speaker;
  const std::set<std::string> allowed = {"component", "value",  "expected",   "series",
                                         "period",    "detail", "suggestions"};
  for (std::string lang : {"en", "ru", "uk"}) {
    const Phrases& phrases = speaker.in(lang);
    for (const Rule* rule : kRules) {
      INFO(lang << " " << rule->id);
      for (const std::string& name : phrases.names("rule." + std::string(rule->id)))
        CHECK(allowed.count(name) == 1);
      Finding bare = finding(*rule, 0);
      CHECK_FALSE(has(finding_sentence(bare, phrases), std::string(rule->id) + ":"));
      Finding full = finding(*rule, 3, 5);
      full.component = "COMPONENT";
      full.value = "value";
      full.expected = "expected";
      full.series = "M.KG";
      full.period = "2026-03";
      full.detail = "detail";
      full.suggestions = {"suggestion"};
      std::string sentence = finding_sentence(full, phrases);
      CHECK_FALSE(has(sentence, "{{"));
      CHECK_FALSE(has(sentence, "  "));
      CHECK_FALSE(has(sentence, " . "));
      CHECK_FALSE(has(sentence, " ,"));
      CHECK(has(sentence, "suggestion"));
      CHECK(has(sentence, "M.KG"));
    }
  }
  CHECK(speaker.phrases.take_warnings().empty());
}

TEST_CASE("a home's broken templates never keep a receipt back") {
  fs::path home = fs::path(BINARY_DIR) / "compose_test_overrides";
  REQUIRE(make_directories(home / "ru"));
  REQUIRE(write_file_durably(home / "ru/receipt.txt.mustache", "{{#items}}{{no_such_key}}"));
  REQUIRE(write_file_durably(home / "ru/phrases.txt", "verdict.filed: {{who}} наш\n"));
  TemplateStore templates(kTemplates, home);
  PhraseStore phrases(kTemplates, home);
  auto made = compose_receipt(with(letter("ru"), {filed()}), small_network(), {templates, phrases},
                              {"Gateway", "data@gateway.example", false});
  REQUIRE(made);
  CHECK(has(made->plain, "Принято: данные внесены."));
  CHECK(templates.take_warnings().size() == 1);
  CHECK(phrases.take_warnings().size() == 1);
  fs::remove_all(home);
}
