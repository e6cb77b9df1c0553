// SPDX-License-Identifier: Apache-2.0
//
// What a message says in a place where it is not read must not be lost unseen: it could have been a
// value or an action. (differential_test found these against XML Schema; here they need none.)
#include "sdmx_fixture.h"

namespace focalpost {
namespace {

using Ids = std::vector<std::string>;

Ids found(const std::string& text) {
  StructureLookup lookup = small_network();
  return rules_of(read_text(text, lookup).findings);
}

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  const auto at = text.find(what);
  REQUIRE(at != text.npos);
  return text.replace(at, what.size(), by);
}

const std::string kSpecific = ss_message(
    R"(<Group xsi:type="n:ByArea" AREA="KG" PLACE="all"/>)"
    R"(<Series FREQ="M" AREA="KG" SEX="F"><Obs TIME_PERIOD="2026-01" OBS_VALUE="1"/></Series>)");
const std::string kGeneric = generic_message(
    R"(<g:Attributes><g:Value id="SOURCE" value="s"/></g:Attributes>)"
    R"(<g:Group type="ByArea"><g:GroupKey><g:Value id="AREA" value="KG"/></g:GroupKey>)"
    R"(<g:Attributes><g:Value id="PLACE" value="all"/></g:Attributes></g:Group>)"
    R"(<g:Series><g:SeriesKey><g:Value id="FREQ" value="M"/><g:Value id="AREA" value="KG"/>)"
    R"(<g:Value id="SEX" value="F"/></g:SeriesKey>)"
    R"(<g:Obs><g:ObsDimension value="2026-01"/><g:ObsValue value="1"/>)"
    R"(<g:Attributes><g:Value id="NOTE" value="n"/></g:Attributes></g:Obs></g:Series>)");

}  // namespace

TEST_CASE("unread: generic data say nothing in attributes that they do not have, nor in texts") {
  CHECK(found(kGeneric) == Ids{});
  for (const char* element : {"g:Group", "g:GroupKey", "g:Series", "g:SeriesKey", "g:Obs",
                              "g:ObsDimension", "g:ObsValue", "g:Attributes", "g:Value"}) {
    INFO(element);
    std::string name = "<" + std::string(element);
    for (const char* end : {">", " "})
      if (kGeneric.find(name + end) != kGeneric.npos)
        CHECK(found(replaced(kGeneric, name + end, name + " OBS_STATUS=\"A\"" + end)) ==
              Ids{"unknown-component"});
  }
  CHECK(found(replaced(kGeneric, R"(<g:Value id="NOTE" value="n"/>)",
                       R"(<g:Value id="NOTE">n</g:Value>)")) == Ids{"unexpected-text"});
  CHECK(found(replaced(kGeneric, R"(id="NOTE" value="n")", R"(id="NOTE" valeu="n")")) ==
        Ids{"unknown-component"});
  CHECK(found(replaced(kGeneric, "structureRef=\"S\"", "structureRef=\"S\" acton=\"Delete\"")) ==
        Ids{"unknown-component"});
  const std::string attributes = R"(<g:Attributes><g:Value id="SOURCE" value="s"/></g:Attributes>)";
  CHECK(found(replaced(kGeneric, attributes, attributes + attributes)) == Ids{"unknown-element"});
}

TEST_CASE("unread: an action in the wrong namespace or without a value is no Replace") {
  CHECK(found(kSpecific) == Ids{});
  auto with = [&](const char* attribute) {
    return found(replaced(kSpecific, "ss:dataScope", std::string(attribute) + " ss:dataScope"));
  };
  CHECK(with("ss:action=\"Delete\"") == Ids{});
  CHECK(with("g:action=\"Delete\"") == Ids{"unknown-component"});
  CHECK(with("xsi:action=\"Delete\"") == Ids{"unknown-component"});
  CHECK(with("ss:acton=\"Delete\"") == Ids{"unknown-component"});
  CHECK(with("ss:action=\"\"") == Ids{"unknown-action"});
  CHECK(with("ss:action=\"Append\" action=\"Delete\"") == Ids{"component-twice"});
  CHECK(found(replaced(kSpecific, "<Obs ", "<Obs ss:action=\"Delete\" ")) ==
        Ids{"unknown-component"});
  CHECK(found(replaced(kSpecific, "PLACE=\"all\"", "PLACE=\"all\" type=\"ByArea\"")) == Ids{});
  CHECK(found(replaced(kSpecific, "PLACE=\"all\"", "PLACE=\"all\" type=\"Other\"")) ==
        Ids{"unknown-group"});
}

TEST_CASE("unread: a header says each thing once") {
  auto with = [&](const char* what, const char* by) {
    return found(replaced(kSpecific, what, by));
  };
  CHECK(with("<mes:Test>", "<mes:Test>false</mes:Test><mes:Test>") == Ids{"component-twice"});
  CHECK(with("<mes:Sender id=\"XX\"/>", "<mes:Sender id=\"XX\"/><mes:Sender id=\"YY\"/>") ==
        Ids{"component-twice"});
  CHECK(with("<mes:Sender id=\"XX\"/>",
             "<mes:Sender id=\"XX\"/><mes:Receiver id=\"A\"/><mes:Receiver id=\"B\"/>") == Ids{});
  CHECK(with("</mes:Structure>",
             "<com:Structure><Ref agencyID=\"T\" id=\"X\"/></com:Structure></mes:Structure>")
            .front() == "component-twice");
  CHECK(with("<Ref agencyID=\"T\" id=\"DSD\" version=\"1.0\"/>",
             "<Ref agencyID=\"T\" id=\"DSD\" version=\"1.0\"/><Other/>") == Ids{"unknown-element"});
  // Not as the standard says, and no harm.
  CHECK(with("<mes:Test>false</mes:Test><mes:Prepared>2026-01-01T00:00:00Z</mes:Prepared>",
             "<mes:Prepared>2026-01-01T00:00:00Z</mes:Prepared><mes:Test>false</mes:Test>") ==
        Ids{"header-quirk"});
  CHECK(with("<Ref ", "<com:Ref ") == Ids{"header-quirk"});
}

}  // namespace focalpost
