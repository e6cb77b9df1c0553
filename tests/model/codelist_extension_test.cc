// SPDX-License-Identifier: Apache-2.0
#include "model/codelist_extension.h"

#include "catch.h"
#include "model/lookup.h"

using namespace focalpost;
using Selection = CodelistExtension::Selection;

namespace {

Codelist list(const char* id, std::vector<std::pair<const char*, const char*>> codes) {
  Codelist made;
  made.ref = {"T", id, "1.0"};
  for (auto [code, parent] : codes) made.codes.push_back({code, parent, {{"en", id}}, {}, {}});
  return made;
}

CodelistExtension of(const char* id, Selection selection = Selection::kAll,
                     std::vector<CodelistExtension::Member> members = {}, const char* prefix = "") {
  return {{"T", id, "1.0"}, prefix, selection, std::move(members)};
}

std::string codes_of(const Codelist& list) {
  std::string text;
  for (const Code& code : list.codes)
    text += code.id + (code.parent.empty() ? "" : "<" + code.parent) + " ";
  return text;
}

std::string resolved(const std::vector<Codelist>& all, const char* id) {
  std::vector<ExtensionFault> faults;
  auto lists = extended_codelists(all, faults);
  REQUIRE(faults.empty());
  REQUIRE(lists.contains({"T", id, "1.0"}));
  return codes_of(lists.at({"T", id, "1.0"}));
}

}  // namespace

TEST_CASE("wildcards: % stands for any characters, also none") {
  CHECK(matches_wildcard("KG%", "KG"));
  CHECK(matches_wildcard("KG%", "KG-B"));
  CHECK(matches_wildcard("%_T", "AGE_T"));
  CHECK(matches_wildcard("A%C%E", "ABCDE"));
  CHECK(matches_wildcard("%", ""));
  CHECK_FALSE(matches_wildcard("KG%", "UKG"));
  CHECK_FALSE(matches_wildcard("A%C%E", "ABCD"));
  CHECK_FALSE(matches_wildcard("", "A"));
}

TEST_CASE("extensions: selections, cascades, prefixes, own codes last and first in right") {
  const Codelist base =
      list("BASE", {{"_T", ""}, {"Y", "_T"}, {"Y1", "Y"}, {"Y2", "Y"}, {"OLD", "_T"}});
  Codelist all = list("ALL", {{"OWN", "Y"}, {"Y2", ""}});
  all.extensions = {of("BASE")};
  CHECK(resolved({base, all}, "ALL") == "_T Y<_T Y1<Y Y2 OLD<_T OWN<Y ");

  Codelist only = list("ONLY", {});
  only.extensions = {of("BASE", Selection::kOnly, {{"Y", true, false}})};
  CHECK(resolved({base, only}, "ONLY") == "Y Y1<Y Y2<Y ");
  only.extensions = {of("BASE", Selection::kOnly, {{"Y", true, true}})};
  CHECK(resolved({base, only}, "ONLY") == "Y1 Y2 ");
  only.extensions = {of("BASE", Selection::kOnly, {{"Y%", false, false}})};
  CHECK(resolved({base, only}, "ONLY") == "Y Y1<Y Y2<Y ");

  Codelist but = list("BUT", {});
  but.extensions = {of("BASE", Selection::kAllBut, {{"Y_", false, false}, {"O%", false, false}}),
                    of("BASE", Selection::kOnly, {{"Y1", false, false}}, "B_")};
  CHECK(resolved({base, but}, "BUT") == "_T Y<_T Y1<Y Y2<Y B_Y1 ");
}

TEST_CASE("extensions: through several lists, in any order of the message") {
  Codelist a = list("A", {{"A1", ""}}), b = list("B", {{"B1", ""}}), c = list("C", {{"C1", ""}});
  a.extensions = {of("B")};
  b.extensions = {of("C", Selection::kAll, {}, "X_")};
  CHECK(resolved({a, b, c}, "A") == "X_C1 B1 A1 ");
  // A version that is left out means the latest.
  Codelist newer = c;
  newer.ref.version = "1.10";
  newer.codes.front().id = "NEW";
  b.extensions.front().codelist.version.clear();
  CHECK(resolved({a, newer, c, b}, "A") == "X_NEW B1 A1 ");
}

TEST_CASE("extensions: a circle, an unknown list, too many codes leave the own codes") {
  Codelist a = list("A", {{"A1", ""}}), b = list("B", {{"B1", ""}});
  a.extensions = {of("B")};
  b.extensions = {of("A")};
  std::vector<ExtensionFault> faults;
  auto lists = extended_codelists({a, b}, faults);
  REQUIRE(faults.size() == 1);
  CHECK(faults[0].kind == ExtensionFault::Kind::kCycle);
  CHECK(faults[0].detail == "T:A(1.0) > T:B(1.0) > T:A(1.0)");
  CHECK(codes_of(lists.at(b.ref)) == "B1 ");

  faults.clear();
  a.extensions = {of("NOWHERE")};
  lists = extended_codelists({a}, faults);
  REQUIRE(faults.size() == 1);
  CHECK(faults[0].kind == ExtensionFault::Kind::kUnknownList);
  CHECK(faults[0].other.id == "NOWHERE");
  CHECK(codes_of(lists.at(a.ref)) == "A1 ");

  // Each list takes the one before twice: 2^40 codes if nobody counted.
  std::vector<Codelist> doubling{list("L0", {{"X", ""}})};
  for (int i = 1; i <= 40; ++i) {
    doubling.push_back(list(("L" + std::to_string(i)).c_str(), {}));
    const std::string before = "L" + std::to_string(i - 1);
    doubling.back().extensions = {of(before.c_str(), Selection::kAll, {}, "A"),
                                  of(before.c_str(), Selection::kAll, {}, "B")};
  }
  faults.clear();
  extended_codelists(doubling, faults);
  REQUIRE_FALSE(faults.empty());
  CHECK(faults[0].kind == ExtensionFault::Kind::kTooManyCodes);
}

TEST_CASE("lookup: judging sees the codes taken over, value lists, and wildcards of constraints") {
  Structures all;
  Codelist extended = list("EXT", {{"OWN", ""}});
  extended.extensions = {of("BASE", Selection::kAllBut, {{"KZ", false, false}})};
  all.codelists = {list("BASE", {{"KG", ""}, {"KG-B", "KG"}, {"KZ", ""}}), extended};
  all.value_lists = {list("VL", {{"€ / $", ""}})};
  DataStructure dsd;
  dsd.ref = {"T", "DSD", "1.0"};
  dsd.components.resize(2);
  dsd.components[0].id = "AREA";
  dsd.components[0].local.emplace();
  dsd.components[0].local->enumeration = extended.ref;
  dsd.components[1].id = "SIGN";
  dsd.components[1].kind = ComponentKind::kAttribute;
  dsd.components[1].local.emplace();
  dsd.components[1].local->enumeration = Ref{"T", "VL", "1.0"};
  dsd.components[1].local->value_list = true;
  all.data_structures = {dsd};
  ContentConstraint constraint;
  constraint.ref = {"T", "CC", "1.0"};
  constraint.allowed = true;
  constraint.attached_to = {{ArtefactClass::kDataStructure, dsd.ref, {}}};
  KeyValues key;
  key.component = "AREA";
  key.values = {{"KG%"}};
  constraint.regions = {{true, {key}, {}}};
  all.constraints = {constraint};

  StructureLookup lookup(std::move(all));
  CHECK(lookup.extension_faults().empty());
  auto codes = lookup.codelist({"T", "EXT", "1.0"});
  REQUIRE(codes);
  CHECK(codes->size() == 3);
  CHECK(codes->find("KZ") == kNoCode);
  CHECK(codes->parent(codes->find("KG-B")) == codes->find("KG"));
  auto flow = lookup.data_structure({"T", "DSD", "1.0"});
  REQUIRE(flow);
  CHECK(flow->missing.empty());
  CHECK(flow->components[flow->find("SIGN")].codes->find("€ / $") == 0);
  REQUIRE(flow->constraints.size() == 1);
  const RegionRule& rule = flow->constraints[0];
  CHECK(rule.allows_value(0, codes->find("KG")));
  CHECK(rule.allows_value(0, codes->find("KG-B")));
  CHECK_FALSE(rule.allows_value(0, codes->find("OWN")));
}
