// SPDX-License-Identifier: Apache-2.0
//
// golden: letters word for word, in files that a person reads. UPDATE_GOLDEN=1 writes them anew:
// read the difference as the one who gets the mail.
#pragma once

#include <cstdlib>

#include "catch.h"
#include "lab.h"

namespace lab {

/// golden/<folder>/<file>
inline void check_golden(std::string_view folder, const std::string& file, const Reply* letter) {
  INFO(file);
  REQUIRE(letter);
  const fs::path in = fs::path(SOURCE_DIR) / "tests" / "flow" / "golden" / folder;
  const std::string text =
      "To: " + letter->to() + "\nSubject: " + letter->subject() + "\n\n" + letter->text();
  if (std::getenv("UPDATE_GOLDEN")) {
    must(make_directories(in, 0755));
    must(write_file_durably(in / file, text, 0644));
  }
  auto wanted = read_file(in / file);
  REQUIRE(wanted.ok());
  CHECK(text == *wanted);
  CHECK(text.find("{{") == std::string::npos);
  CHECK(letter->text("text/html").find("{{") == std::string::npos);
}

}  // namespace lab
