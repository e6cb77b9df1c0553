// SPDX-License-Identifier: Apache-2.0
//
// Reference metadata on their way: as a message, as a form, by mail, out again; and structures by
// mail with their effects.
#include "flow/metadata.h"

#include "catch.h"
#include "flow/effects.h"
#include "flow/metadata_form.h"
#include "lab.h"
#include "model/metadata.h"
#include "sdmx/structure_writer.h"
#include "store/metadata.h"

using namespace lab;

namespace {

constexpr const char* kFocalPoint = "asylum.statistics@migration.kg.example";
constexpr const char* kNetworkOffice = "coordinator@network.example";

std::string mail(std::string_view from, std::string_view name, std::string_view type,
                 std::string_view bytes, std::string_view id) {
  static constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string base64;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k)
      group = group << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0u);
    for (std::size_t k = 0; k < 4; ++k)
      base64 += i + k > bytes.size() ? '=' : alphabet[group >> (18 - 6 * k) & 63];
    if (i % 57 == 54) base64 += "\r\n";
  }
  return fmt::format(
      "From: <{}>\r\nTo: gateway@network.example\r\nSubject: Methodology\r\n"
      "Date: Wed, 20 May 2026 08:00:00 +0000\r\nMessage-ID: <{}@x.example>\r\n"
      "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"b\"\r\n\r\n"
      "--b\r\nContent-Type: text/plain\r\n\r\nPlease see the attachment.\r\n"
      "--b\r\nContent-Type: {}; name=\"{}\"\r\nContent-Disposition: attachment; filename=\"{}\"\r\n"
      "Content-Transfer-Encoding: base64\r\n\r\n{}\r\n--b--\r\n",
      from, id, type, name, name, base64);
}

const Phrases& phrases(Lab& lab, std::string_view lang) {
  return *must(lab.home().phrases().in(lang));
}

/// The form of KG_SMS for ASYLUM, empty, in a language.
std::string empty_form(Lab& lab, std::string_view lang) {
  return must(
      write_form(lab.home().lookup(), {"METHOD", "ASYLUM", "KG_SMS"}, {}, phrases(lab, lang)));
}

/// Puts an answer below a heading, behind its explanations.
void answer(std::string& form, const std::string& id, std::string_view text) {
  auto at = form.find("[" + id + "]");
  REQUIRE(at != form.npos);
  at = form.find('\n', at) + 1;
  while (form[at] == '#') at = form.find('\n', at) + 1;
  form.insert(at, std::string(text) + "\n");
}

constexpr std::pair<const char*, const char*> kAnswers[] = {
    {"CONTACT_ORGANISATION", "Служба (пример)"},
    {"DATA_DESCR", "Заявители.\nВторая строка того же абзаца.\n\nВторой абзац."},
    {"STAT_CONC_DEF", "Лицо, подавшее ходатайство."},
    {"STAT_UNIT", "PER"},
    {"STAT_UNIT.NOTE", "Лицо, не ходатайство."},
    {"STAT_POP", "STLS, несовершеннолетние"},
    {"REF_AREA", "Вся территория.\nen: The whole territory."},
    {"REF_PERIOD", "REGIST (дата регистрации)"},
    {"SOURCE_TYPE", "CASEFILE"},
    {"ACCURACY_OVERALL", "Не известны."},
    {"COMPAR_TIME", "Нет."},
    {"REV_POLICY", "До конца года."},
    {"CONF_POLICY", "Закон."},
};

std::string filled_form(Lab& lab) {
  std::string form = empty_form(lab, "ru");
  for (auto [id, text] : kAnswers) answer(form, id, text);
  return form;
}

struct FormRead {
  std::optional<MetadataSet> set;
  std::vector<std::string> rules;
};

FormRead read_back(Lab& lab, std::string_view text, const Limits& limits = {}) {
  FormRead result;
  FindingList findings(20);
  MemorySource source(text, 1000);
  const RosterEntry* sender = lab.home().lookup().contact(kFocalPoint);
  REQUIRE(sender);
  result.set = must(read_form(source, lab.home().lookup(), sender->provider, limits, findings));
  for (const Finding& one : findings.listed()) result.rules.emplace_back(one.rule->id);
  return result;
}

std::vector<std::string> lines_of(const MetadataSet& set) {
  std::vector<std::string> lines;
  const auto& attributes = set.reports.at(0).attributes;
  const auto paths = attribute_paths(attributes);
  for (std::size_t i = 0; i < attributes.size(); ++i)
    lines.push_back(paths[i] + "=" + attribute_text(attributes[i], {}));
  return lines;
}

const std::vector<std::string> kRead = {
    "CONTACT_ORGANISATION=ru: Служба (пример)",
    "DATA_DESCR=ru: Заявители. Вторая строка того же абзаца.\nВторой абзац.",
    "STAT_CONC_DEF=ru: Лицо, подавшее ходатайство.",
    "STAT_UNIT=PER",
    "STAT_UNIT.NOTE=ru: Лицо, не ходатайство.",
    "STAT_POP=STLS",
    "STAT_POP#2=MINOR",
    "REF_AREA=ru: Вся территория.; en: The whole territory.",
    "REF_PERIOD=REGIST",
    "SOURCE_TYPE=CASEFILE",
    "ACCURACY_OVERALL=ru: Не известны.",
    "COMPAR_TIME=ru: Нет.",
    "REV_POLICY=ru: До конца года.",
    "CONF_POLICY=ru: Закон."};

std::string replaced_all(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != text.npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

std::string exported(Lab& lab, MetadataFormat format, std::string_view name = "ASYLUM",
                     std::string_view viewer = "") {
  std::string text;
  MetadataRequest request{std::string(name), "KG_SMS", "", std::string(viewer), format};
  REQUIRE(must(export_metadata(lab.home(), request, lab.clock.now(), sink_to(text))) == 1);
  return text;
}

std::string structure_message(const Structures& structures) {
  OutgoingHeader header;
  header.id = "S1";
  header.prepared = "2026-05-19T09:00:00Z";
  header.sender = "FP";
  std::string text;
  must(write_structures(structures, header, sink_to(text)));
  return text;
}

}  // namespace

TEST_CASE("a form asks for everything in every language, in lines that no mail program wraps") {
  Lab lab;
  for (const char* lang : {"en", "ru", "uk"}) {
    INFO(lang);
    const std::string form = empty_form(lab, lang);
    CHECK(form.starts_with(fmt::format("FORM: METHOD ASYLUM KG_SMS\nLANGUAGE: {}\n", lang)));
    CHECK(form.find("[STAT_UNIT.NOTE]") != form.npos);
    CHECK(form.find("META_LAST_UPDATE") == form.npos);
    CHECK(form.ends_with("[END]\n"));
    for (std::string_view line : split(form, '\n')) {
      std::size_t width = 0;
      for (char c : line) width += (c & 0xC0) != 0x80;
      CHECK(width <= 76);
    }
    // Nothing answered: nothing read.
    FormRead read = read_back(lab, form);
    REQUIRE(read.set);
    CHECK(lines_of(*read.set).empty());
  }
  // Required where the indicator needs it.
  auto flows =
      must(write_form(lab.home().lookup(), {"METHOD", "FLOWS", "KG_NSC"}, {}, phrases(lab, "en")));
  CHECK(flows.find("[TIME_CRIT] Time criterion *") != flows.npos);
  CHECK(empty_form(lab, "en").find("[TIME_CRIT] Time criterion\n") != flows.npos);
  CHECK_FALSE(
      write_form(lab.home().lookup(), {"METHODD", "ASYLUM", "KG_SMS"}, {}, phrases(lab, "en"))
          .ok());
}

TEST_CASE("a filled form is read whatever a mail program or an editor did to it") {
  Lab lab;
  const std::string form = filled_form(lab);
  auto same = [&](std::string_view text) {
    FormRead read = read_back(lab, text);
    CHECK(read.rules == std::vector<std::string>{});
    REQUIRE(read.set);
    CHECK(lines_of(*read.set) == kRead);
    CHECK(read.set->structure.id == "METHOD");
    CHECK(read.set->reports[0].targets.at(0).urn ==
          "urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow=FP:ASYLUM(1.0)");
  };
  same(form);
  same(replaced_all(form, "\n", "\r\n"));
  same(replaced_all(form, "\n", "\r"));
  same("\xEF\xBB\xBF" + form);
  same("> " + replaced_all(form, "\n", "\n> "));
  same(">> " + replaced_all(form, "\n", "\n>> "));
  same("Good morning,\nhere is our form.\n\n" + form + "Best regards\n[DATA_DESCR]\nnot this\n");
  same(replaced_all(form, "[END]", "-- "));
  same(replaced_all(form, "FORM:", "ФОРМА:"));
  same(replaced_all(form, "LANGUAGE:", "ЯЗЫК:"));
  // Headings typed anew, as the concept is called in any language.
  same(replaced_all(form, "[DATA_DESCR] Описание *", "Description:"));
  same(replaced_all(form, "[REV_POLICY] Пересмотры *", "Перегляди"));
  CHECK(looks_like_form(form));
  CHECK_FALSE(looks_like_form("Formula: a + b\nPlease send the form again."));
}

TEST_CASE("a form in windows-1251 or UTF-16 is read") {
  Lab lab;
  const std::string form = filled_form(lab);
  // Letters of both sets by hand: the test does not use the converter that it tests.
  std::string ansi, wide = "\xFF\xFE";
  for (std::size_t i = 0; i < form.size();) {
    auto c = static_cast<unsigned char>(form[i]);
    std::uint32_t code = c;
    std::size_t length = c < 0x80 ? 1 : c < 0xE0 ? 2 : 3;
    if (length == 2) code = (c & 0x1Fu) << 6 | (static_cast<unsigned char>(form[i + 1]) & 0x3Fu);
    if (length == 3)
      code = (c & 0x0Fu) << 12 | (static_cast<unsigned char>(form[i + 1]) & 0x3Fu) << 6 |
             (static_cast<unsigned char>(form[i + 2]) & 0x3Fu);
    i += length;
    wide += static_cast<char>(code & 0xFF);
    wide += static_cast<char>(code >> 8);
    if (code < 0x80)
      ansi += static_cast<char>(code);
    else if (code >= 0x410 && code <= 0x44F)
      ansi += static_cast<char>(code - 0x410 + 0xC0);
    else if (code == 0x451)
      ansi += '\xB8';
    else
      ansi += '?';
  }
  for (const std::string& text : {ansi, wide}) {
    CHECK(looks_like_form(text));
    FormRead read = read_back(lab, text);
    REQUIRE(read.set);
    CHECK(lines_of(*read.set) == kRead);
  }
}

TEST_CASE("a form: what cannot be meant is said, and limits hold") {
  Lab lab;
  using Rules = std::vector<std::string>;
  CHECK(read_back(lab, "FORM: METHODS ASYLUM\n").rules == Rules{"form-unknown"});
  CHECK(read_back(lab, "FORM: METHOD ASILUM\n").rules == Rules{"form-unknown"});
  CHECK(read_back(lab, "no form at all\n").rules == Rules{"form-unknown"});
  CHECK(read_back(lab, "FORM: METHOD ASYLUM\nour answers\n[END]\n").rules == Rules{"form-heading"});
  FormRead strange = read_back(lab, "FORM: METHOD ASYLUM\n[NO_SUCH]\nx\n");
  REQUIRE(strange.set);
  CHECK(lines_of(*strange.set) == Rules{"NO_SUCH="});
  Limits limits;
  limits.form_bytes = 2000;
  CHECK(read_back(lab, filled_form(lab), limits).rules == Rules{"message-too-large"});
  limits = {};
  limits.metadata_attributes = 3;
  CHECK(read_back(lab, filled_form(lab), limits).rules == Rules{"message-too-large"});
}

TEST_CASE("a form by mail is filed, comes again without change, and goes out in 2.1 and 3.0") {
  Lab lab;
  const std::string form = filled_form(lab);
  std::string uid = lab.put(mail(kFocalPoint, "method.txt", "text/plain", form, "1"));
  lab.once();
  auto record = lab.docket_of(uid);
  REQUIRE(record);
  REQUIRE(record->docket.items.size() == 1);
  for (const Finding& one : record->docket.items[0].findings) WARN(one.rule->id << one.component);
  CHECK(record->docket.outcome == Outcome::kFiled);
  CHECK(lab.folder_of(uid) == "Filed");
  auto replies = lab.replies_to(*record);
  REQUIRE(replies.size() == 1);
  std::string said = replies[0]->text();
  CHECK(said.find("Принято: описание внесено.") != said.npos);
  CHECK(said.find("Методика показателей: ") != said.npos);
  CHECK(said.find("Ответов дано впервые: 14") != said.npos);

  // The same in quotes, as the body of a reply: nothing new.
  uid =
      lab.put(fmt::format("From: <{}>\r\nTo: gateway@network.example\r\nSubject: Re: form\r\n"
                          "Date: Wed, 20 May 2026 08:30:00 +0000\r\nMessage-ID: <2@x.example>\r\n"
                          "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
                          "Content-Transfer-Encoding: 8bit\r\n\r\nЗдравствуйте!\r\n> {}",
                          kFocalPoint, replaced_all(form, "\n", "\r\n> ")));
  lab.once();
  record = lab.docket_of(uid);
  REQUIRE(record);
  CHECK(outcome_name(record->docket.outcome) == "unchanged");
  // The text is where a form belongs: no name of a part is shown, and no advice to attach it.
  said = lab.replies_to(*record).at(0)->text();
  CHECK(said.find("само письмо") != said.npos);
  CHECK(said.find("part-") == said.npos);
  CHECK(said.find("приложите") == said.npos);

  // A changed answer is listed with before and after.
  uid = lab.put(mail(kFocalPoint, "method.txt", "text/plain",
                     replaced_all(form, "До конца года.", "До конца квартала."), "3"));
  lab.once();
  record = lab.docket_of(uid);
  REQUIRE(record);
  CHECK(record->docket.outcome == Outcome::kFiled);
  CHECK(lab.replies_to(*record).at(0)->text().find(
            "Пересмотры: ru: До конца года. → ru: До конца квартала.") != std::string::npos);
  CHECK(lab.number("SELECT count(*) FROM metadata_set") == 2);

  // Out in both versions, and in again from both: what is filed says the same.
  for (MetadataFormat format : {MetadataFormat::k21, MetadataFormat::k30}) {
    const std::string text = exported(lab, format);
    CHECK(text.find("META_LAST_UPDATE") != text.npos);
    uid = lab.put(mail(kFocalPoint, "method.xml", "application/xml", text,
                       format == MetadataFormat::k21 ? "4" : "5"));
    lab.once();
    record = lab.docket_of(uid);
    REQUIRE(record);
    CHECK(outcome_name(record->docket.outcome) == "unchanged");
  }
  // The form comes prefilled and says the same too.
  MetadataSelection selection;
  Viewer viewer;
  viewer.coordinator = true;
  viewer.now = lab.clock.now();
  auto filed = must(lab.home().store().metadata().read(selection, lab.home().lookup(), viewer));
  REQUIRE(filed.size() == 1);
  const std::string prefilled = must(write_form(lab.home().lookup(), {"METHOD", "ASYLUM", "KG_SMS"},
                                                filed[0].attributes, phrases(lab, "uk")));
  FormRead read = read_back(lab, prefilled);
  REQUIRE(read.set);
  CHECK(read.rules == std::vector<std::string>{});
  CHECK(read.set->reports[0].attributes == filed[0].attributes);
}

TEST_CASE("a description with errors is rejected with sentences, one of others is not taken") {
  Lab lab;
  std::string form = replaced_all(filled_form(lab), "CASEFILE", "ARCHIVE");
  form = replaced_all(form, "До конца года.", "");
  std::string uid = lab.put(mail(kFocalPoint, "method.txt", "text/plain", form, "1"));
  lab.once();
  auto record = lab.docket_of(uid);
  REQUIRE(record);
  CHECK(record->docket.outcome == Outcome::kRejected);
  const std::string said = lab.replies_to(*record).at(0)->text();
  CHECK(said.find("REV_POLICY") != said.npos);
  CHECK(said.find("ARCHIVE") != said.npos);
  CHECK(lab.number("SELECT count(*) FROM metadata_set") == 0);

  uid = lab.put(mail("asylum.statistics@migration.kg.example", "method.txt", "text/plain",
                     replaced_all(filled_form(lab), "KG_SMS", "KG_NSC"), "2"));
  lab.once();
  record = lab.docket_of(uid);
  REQUIRE(record);
  // Another institution's answers are not the sender's, whatever the sender meant by it.
  CHECK(record->docket.outcome == Outcome::kRejected);
  CHECK(record->docket.items.at(0).findings.at(0).rule == &rules::form_other);
  CHECK(lab.number("SELECT count(*) FROM metadata_set") == 0);
}

TEST_CASE("structures by mail: what changes nothing that is filed is applied, the rest waits") {
  Lab lab;
  // One table of the settings stands in the home already.
  lab.close();
  const fs::path settings = lab.root() / "focalpost.toml";
  must(write_file_durably(settings, replaced_all(must(read_file(settings)), "[policy]\n",
                                                 "[policy]\nstructures = 1\n")));
  lab.open();
  const std::string data = lab.put(letter("01-asylum-xml"));
  lab.once();
  REQUIRE(lab.docket_of(data)->docket.outcome == Outcome::kFiled);
  Structures change;
  for (const Codelist& list : lab.home().lookup().structures().codelists)
    if (list.ref.id == "CL_SEX") change.codelists.push_back(list);
  REQUIRE(change.codelists.size() == 1);
  change.codelists[0].is_final = false;

  // A focal point changes nothing but its own institution.
  std::string uid =
      lab.put(mail(kFocalPoint, "sex.xml", "application/xml", structure_message(change), "1"));
  lab.once();
  CHECK(lab.docket_of(uid)->docket.outcome == Outcome::kRejected);

  // A new code: applied at once, and said.
  change.codelists[0].codes.push_back({"X", "", {{"en", "Not stated"}}, {}, {}});
  uid = lab.put(mail(kNetworkOffice, "sex.xml", "application/xml", structure_message(change), "2"));
  lab.once();
  auto record = lab.docket_of(uid);
  CHECK(record->docket.outcome == Outcome::kFiled);
  std::string said = lab.replies_to(*record).at(0)->text();
  CHECK(said.find("Changed: Codelist FP:CL_SEX(1.0) (codes: +1 -0).") != said.npos);
  CHECK(lab.home().lookup().codelist(change.codelists[0].ref)->find("X") >= 0);

  // A code less that filed data have: waits, and the receipt says why.
  std::erase_if(change.codelists[0].codes, [](const Code& code) { return code.id == "F"; });
  StructureEffects effects = must(effects_of(change, lab.home()));
  CHECK(effects.invalidates);
  uid = lab.put(mail(kNetworkOffice, "sex.xml", "application/xml", structure_message(change), "3"));
  lab.once();
  record = lab.docket_of(uid);
  CHECK(record->docket.outcome == Outcome::kHeld);
  CHECK(record->docket.items.at(0).hold == HoldReason::kEffects);
  CHECK(lab.home().lookup().codelist(change.codelists[0].ref)->find("F") >= 0);
  said = lab.replies_to(*record).at(0)->text();
  CHECK(said.find("code \"F\" of SEX") != said.npos);

  Docket released = lab.release(record->docket.number);
  CHECK(released.outcome == Outcome::kFiled);
  CHECK(lab.home().lookup().codelist(change.codelists[0].ref)->find("F") < 0);
}

TEST_CASE("effects: agreements that lose a code, and circles of codelists") {
  Lab lab;
  Structures change;
  for (const Codelist& list : lab.home().lookup().structures().codelists)
    if (list.ref.id == "CL_AREA") change.codelists.push_back(list);
  REQUIRE(change.codelists.size() == 1);
  std::erase_if(change.codelists[0].codes,
                [](const Code& code) { return code.id == "KG" || code.parent == "KG"; });
  StructureEffects effects = must(effects_of(change, lab.home()));
  CHECK(effects.invalidates);
  CHECK(std::any_of(effects.findings.begin(), effects.findings.end(), [](const Finding& one) {
    return one.rule == &rules::agreement_broken && one.value == "FP:PA_KG_SMS_ASYLUM(1.0)" &&
           one.component == "REF_AREA KG";
  }));
  CHECK(must(effects_of(Structures{}, lab.home())).findings.empty());

  Structures circle;
  circle.codelists.resize(2);
  circle.codelists[0].ref = {"FP", "CL_A", "1.0"};
  circle.codelists[1].ref = {"FP", "CL_B", "1.0"};
  circle.codelists[0].extensions.resize(1);
  circle.codelists[1].extensions.resize(1);
  circle.codelists[0].extensions[0].codelist = circle.codelists[1].ref;
  circle.codelists[1].extensions[0].codelist = circle.codelists[0].ref;
  FindingList findings(10);
  check_extensions(circle, lab.home().lookup(), findings);
  REQUIRE(findings.listed().size() == 1);
  CHECK(findings.listed()[0].rule == &rules::extension_cycle);
}
