// SPDX-License-Identifier: Apache-2.0
#include "base/spreadsheet.h"

#include <string>

#include "catch.h"

using namespace focalpost;

TEST_CASE("what a spreadsheet would run gets an apostrophe, numbers never") {
  for (const char* text :
       {"=HYPERLINK(\"http://x.example\")", "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(1)", "\t=1",
        "\r=1", "=", "-", "+", "-text", "--5", "-1 000", "+7 495 000", "-e5", "-1e", "-."}) {
    INFO(text);
    CHECK(looks_like_formula(text));
    CHECK(needs_apostrophe(text));
  }
  for (const char* text : {"", "5", "-5", "+5", "-5.25", "-.5", "-1e5", "+1.5E-3", "text", "a=b",
                           "'quoted'", "2026-05", "…", " =1"}) {
    INFO(text);
    CHECK_FALSE(looks_like_formula(text));
    CHECK_FALSE(needs_apostrophe(text));
  }
}

TEST_CASE("taking one apostrophe off is always right") {
  for (const char* text :
       {"=1", "'=1", "''=1", "-5", "'-5", "it's", "'", "''", "'a'", "-x", "'\t"}) {
    INFO(text);
    const std::string written = (needs_apostrophe(text) ? "'" : "") + std::string(text);
    CHECK(without_apostrophe(written) == text);
  }
}
