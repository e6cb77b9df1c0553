// SPDX-License-Identifier: Apache-2.0
//
// Every name that the shipped structures have is understood as what it names, in any of its cases,
// and as nothing else.
#include <map>
#include <set>

#include "base/text.h"
#include "enquiry/shipped.h"

using namespace focalpost;
using namespace focalpost::enquiry;

namespace {

/// The areas that "GET ASYLUM <text> 2024" asks for.
std::string areas_in(std::string_view text) {
  const Enquiry e = read_mail("", "GET ASYLUM " + std::string(text) + " 2024");
  if (e.commands.size() != 1) return "no command";
  const Command& c = e.commands[0];
  std::string out = joined(c.areas);
  if (c.flows != std::vector<std::string>{"ASYLUM"}) out += " flows " + joined(c.flows);
  for (const auto& [dimension, codes] : c.codes) out += " " + dimension + "=" + joined(codes);
  for (const Unknown& one : c.unknown) out += " ? " + told(one);
  return out;
}

const Codelist& areas() {
  for (const Codelist& list : shipped().structures().codelists)
    if (list.ref.id == "CL_AREA") return list;
  throw std::runtime_error("no CL_AREA");
}

}  // namespace

TEST_CASE("every country by code and by name in every language") {
  std::size_t names = 0;
  for (const Code& code : areas().codes) {
    INFO(code.id);
    CHECK(areas_in(code.id + ",") == code.id);
    for (const LocalText& name : code.names) {
      INFO(name.text);
      CHECK(areas_in(name.text) == code.id);
      CHECK(areas_in("KZ, " + name.text + ", UA") == (code.id == "KZ"   ? "KZ,UA"
                                                      : code.id == "UA" ? "KZ,UA"
                                                                        : "KZ," + code.id + ",UA"));
      ++names;
    }
  }
  CHECK(names > 800);
}

TEST_CASE("every indicator by id and by name in every language") {
  for (const auto& flow : shipped().flows()) {
    std::vector<std::string> names = {flow->dataflow.id};
    for (const LocalText& name : flow->names_of->names) names.push_back(name.text);
    for (const std::string& name : names) {
      INFO(name);
      const Enquiry e = read_mail("", "GET " + name + " KG 2024");
      REQUIRE(e.commands.size() == 1);
      CHECK(joined(e.commands[0].flows) == flow->dataflow.id);
      CHECK(joined(e.commands[0].areas) == "KG");
      CHECK(e.commands[0].unknown.empty());
    }
  }
}

TEST_CASE("every code of every dimension behind the dimension's name") {
  for (const auto& flow : shipped().flows())
    for (std::uint16_t c = 0; c < flow->dimension_count; ++c) {
      const FlowComponent& dimension = flow->components[c];
      if (!dimension.coded() || dimension.codes->size() > 60) continue;
      for (std::string_view code : dimension.codes->ids()) {
        INFO(flow->dataflow.id << " " << dimension.id << " " << code);
        const Enquiry e = read_mail(
            "", "GET " + flow->dataflow.id + " KG " + dimension.id + "=" + std::string(code));
        REQUIRE(e.commands.size() == 1);
        CHECK(e.commands[0].codes.at(dimension.id) == std::vector<std::string>{std::string(code)});
        CHECK(e.commands[0].unknown.empty());
        CHECK(e.commands[0].by.empty());
      }
    }
}

TEST_CASE("names of codes, alone, mean the code of the indicator's dimension") {
  for (const auto& flow : shipped().flows())
    for (std::uint16_t c = 0; c < flow->dimension_count; ++c) {
      const FlowComponent& dimension = flow->components[c];
      if (!dimension.coded() || dimension.codes->size() > 60) continue;
      for (std::size_t n = 0; n < dimension.codes->size(); ++n) {
        const Code& code = dimension.codes->code(static_cast<std::int32_t>(n));
        if (code.id[0] == '_') continue;
        for (const LocalText& name : code.names) {
          INFO(flow->dataflow.id << " " << dimension.id << "=" << code.id << " " << name.text);
          const Enquiry e = read_mail(
              "", "GET " + flow->dataflow.id + " KG " + dimension.id + "=" + name.text + " 2024");
          REQUIRE(e.commands.size() == 1);
          const auto found = e.commands[0].codes.find(dimension.id);
          REQUIRE(found != e.commands[0].codes.end());
          CHECK(found->second == std::vector<std::string>{code.id});
          CHECK(e.commands[0].unknown.empty());
        }
      }
    }
}

TEST_CASE("Russian cases of countries") {
  const std::vector<std::pair<std::string, std::vector<std::string>>> cases = {
      {"KG",
       {"Кыргызстан", "Кыргызстана", "Кыргызстану", "Кыргызстан", "Кыргызстаном", "Кыргызстане"}},
      {"UA", {"Украина", "Украины", "Украине", "Украину", "Украиной", "об Украине"}},
      {"MD",
       {"Республика Молдова", "Республики Молдова", "Республике Молдова", "Республику Молдова",
        "Республикой Молдова", "в Республике Молдова"}},
      {"MD", {"Молдова", "Молдовы", "Молдове", "Молдову", "Молдовой", "о Молдове"}},
      {"BY", {"Беларусь", "Беларуси", "Беларуси", "Беларусь", "Беларусью", "в Беларуси"}},
      {"CN", {"Китай", "Китая", "Китаю", "Китай", "Китаем", "о Китае"}},
      {"NG", {"Нигерия", "Нигерии", "Нигерии", "Нигерию", "Нигерией", "в Нигерии"}},
      {"NE", {"Нигер", "Нигера", "Нигеру", "Нигер", "Нигером", "в Нигере"}},
      {"EG", {"Египет", "Египта", "Египту", "Египет", "Египтом", "в Египте"}},
      {"RU",
       {"Российская Федерация", "Российской Федерации", "Российской Федерации",
        "Российскую Федерацию", "Российской Федерацией", "в Российской Федерации"}},
      {"NL",
       {"Нидерланды", "Нидерландов", "Нидерландам", "Нидерланды", "Нидерландами", "в Нидерландах"}},
      {"NZ",
       {"Новая Зеландия", "Новой Зеландии", "Новой Зеландии", "Новую Зеландию", "Новой Зеландией",
        "в Новой Зеландии"}},
      {"SS",
       {"Южный Судан", "Южного Судана", "Южному Судану", "Южный Судан", "Южным Суданом",
        "в Южном Судане"}},
      {"SD", {"Судан", "Судана", "Судану", "Судан", "Суданом", "в Судане"}},
      {"KZ-75", {"Алматы", "город Алматы"}},
      {"KG-O",
       {"Ошская область", "Ошской области", "Ошскую область", "Ошской областью",
        "в Ошской области"}},
      {"SC",
       {"Сейшельские Острова", "Сейшельских Островов", "Сейшельским Островам",
        "Сейшельскими Островами", "на Сейшельских Островах"}},
      {"TW", {"Тайвань", "Тайваня", "Тайваню", "Тайванем", "на Тайване"}},
      {"TR", {"Турция", "Турции", "Турцию", "Турцией", "в Турции"}},
      {"US",
       {"Соединённые Штаты Америки", "Соединенных Штатов Америки", "Соединённым Штатам Америки",
        "Соединёнными Штатами Америки", "в Соединённых Штатах Америки", "в США"}},
  };
  for (const auto& [code, forms] : cases)
    for (const std::string& form : forms) {
      INFO(form);
      CHECK(areas_in(form) == code);
    }
}

TEST_CASE("Ukrainian cases of countries") {
  const std::vector<std::pair<std::string, std::vector<std::string>>> cases = {
      {"KG",
       {"Киргизстан", "Киргизстану", "Киргизстанові", "Киргизстаном", "у Киргизстані",
        "до Киргизстану", "Киргизстане"}},
      {"UA", {"Україна", "України", "Україні", "Україну", "Україною", "в Україні", "Україно"}},
      {"MD",
       {"Республіка Молдова", "Республіки Молдова", "Республіці Молдова", "Республіку Молдова",
        "Республікою Молдова", "у Республіці Молдова", "Республіко Молдова"}},
      {"MD", {"Молдова", "Молдови", "Молдові", "Молдову", "Молдовою", "у Молдові", "Молдово"}},
      {"BY", {"Білорусь", "Білорусі", "Білоруссю", "у Білорусі", "Білорусе"}},
      {"CN", {"Китай", "Китаю", "Китаєві", "Китаєм", "у Китаї", "Китаю"}},
      {"NG", {"Нігерія", "Нігерії", "Нігерію", "Нігерією", "у Нігерії", "Нігеріє"}},
      {"NE", {"Нігер", "Нігеру", "Нігерові", "Нігером", "у Нігері", "Нігере"}},
      {"PL", {"Польща", "Польщі", "Польщу", "Польщею", "у Польщі", "Польще"}},
      {"DE",
       {"Німеччина", "Німеччини", "Німеччині", "Німеччину", "Німеччиною", "у Німеччині",
        "Німеччино"}},
      {"EG", {"Єгипет", "Єгипту", "Єгиптові", "Єгиптом", "у Єгипті"}},
      {"MX", {"Мексика", "Мексики", "Мексиці", "Мексику", "Мексикою", "у Мексиці", "Мексико"}},
      {"ZA",
       {"Південна Африка", "Південної Африки", "Південній Африці", "Південну Африку",
        "Південною Африкою", "у Південній Африці", "Південна Африко"}},
      {"IL", {"Ізраїль", "Ізраїлю", "Ізраїлеві", "Ізраїлем", "в Ізраїлі"}},
      {"NL", {"Нідерланди", "Нідерландів", "Нідерландам", "Нідерландами", "у Нідерландах"}},
      {"VN", {"В’єтнам", "В'єтнаму", "Вʼєтнамом", "у В`єтнамі"}},
      {"GB",
       {"Велика Британія", "Великої Британії", "Великій Британії", "Велику Британію",
        "Великою Британією", "у Великій Британії"}},
  };
  for (const auto& [code, forms] : cases)
    for (const std::string& form : forms) {
      INFO(form);
      CHECK(areas_in(form) == code);
    }
}

TEST_CASE("no country's name is a command, a word between or another thing") {
  for (const Code& code : areas().codes)
    for (const LocalText& name : code.names) {
      INFO(name.text);
      const Enquiry e = read_mail("", "WHO " + name.text);
      REQUIRE(e.commands.size() == 1);
      CHECK(e.commands[0].verb == Verb::kWho);
      CHECK(joined(e.commands[0].areas) == code.id);
      CHECK(e.commands[0].unknown.empty());
    }
}
