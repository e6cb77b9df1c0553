// SPDX-License-Identifier: Apache-2.0
//
// Several values of one component, and values in languages: each is judged by itself.
#include "catch.h"
#include "model/multi_value.h"
#include "small_world.h"

using namespace small_world;

namespace {

std::string list(std::initializer_list<const char*> values) {
  MultiText text(1000);
  for (const char* value : values) text.value(value);
  return std::string(text.text());
}
std::string in_languages(std::initializer_list<std::pair<const char*, const char*>> texts) {
  MultiText text(1000);
  text.next_value();
  for (auto [lang, words] : texts) text.value_in(lang, words);
  return std::string(text.text());
}

}  // namespace

TEST_CASE("lists: each value is judged by code and facet") {
  World world;
  for (const char* id : {"OBS_STATUS", "COMMENT_OBS", "COLLECT", "DECIMALS", "COMMENT"}) {
    Component& part = world.part(id);
    if (!part.local) part.local.emplace();
    part.local->max_occurs = 0;
  }
  auto rules = [&](const char* component, const std::string& value) {
    Hand hand(world);
    hand.series({"M", "KG", "_T"}, {{"COLLECT", "S"}});
    hand.obs("2026-01", {{"OBS_VALUE", "1"}, {component, value.c_str()}}).done();
    return hand.rules();
  };
  CHECK(rules("OBS_STATUS", list({"A", "P"})) == "");
  CHECK(rules("OBS_STATUS", list({"A", "P", "X"})) == "unknown-code");
  CHECK(rules("OBS_STATUS", list({"P", "Q"})) == "value-with-missing");
  CHECK(rules("COMMENT_OBS", list({"short", "shorter"})) == "");
  CHECK(rules("COMMENT_OBS", list({"short", "much too long"})) == "too-long");
  CHECK(rules("COMMENT_OBS", in_languages({{"en", "short"}, {"ru", "коротко"}})) == "");
  CHECK(rules("COMMENT_OBS", in_languages({{"en", "short"}, {"ru", "слишком длинно"}})) ==
        "too-long");
  CHECK(rules("OBS_STATUS", in_languages({{"en", "A"}})) == "type-mismatch");

  Hand hand(world);
  hand.dataset({{"COMMENT", list({"one", "two"}).c_str()}});
  hand.series({"M", "KG", "_T"},
              {{"COLLECT", list({"S", "E"}).c_str()}, {"DECIMALS", list({"1", "16"}).c_str()}});
  hand.obs("2026-01", "1").done();
  REQUIRE(hand.rules() == "too-large");
  CHECK(hand.finding().component == "DECIMALS");
  CHECK(hand.finding().value == "16");
}

TEST_CASE("lists: the statuses that explain an absent value") {
  World world;
  world.part("OBS_STATUS").local->max_occurs = 0;
  Hand hand(world);
  hand.series({"M", "KG", "_T"}, {{"COLLECT", "S"}});
  hand.obs("2026-01", {{"OBS_STATUS", list({"P", "M"}).c_str()}});
  hand.obs("2026-02", {{"OBS_STATUS", list({"P", "E"}).c_str()}}).done();
  REQUIRE(hand.rules() == "missing-measure");
  CHECK(hand.finding().period == "2026-02");
}

TEST_CASE("lists: no more values than the structure allows") {
  World world;
  Hand one(world);
  one.series({"M", "KG", "_T"}, {{"COLLECT", list({"S", "E"}).c_str()}}).obs("2026-01", "1").done();
  REQUIRE(one.rules() == "too-many-values");
  CHECK(one.finding().component == "COLLECT");
  CHECK(one.finding().value == "S; E");
  CHECK(one.finding().expected == "1");

  world.part("COLLECT").local->max_occurs = 2;
  Hand two(world);
  two.series({"M", "KG", "_T"}, {{"COLLECT", list({"S", "E"}).c_str()}}).obs("2026-01", "1").done();
  CHECK(two.rules() == "");
}
