// SPDX-License-Identifier: Apache-2.0
#include "model/multi_value.h"

#include <vector>

#include "catch.h"

using namespace focalpost;

namespace {

std::vector<std::string> texts_of(std::string_view text) {
  std::vector<std::string> texts;
  each_text(text, [&](const ValueText& one) {
    texts.push_back(std::to_string(one.value) + " " + std::string(one.lang) + " " +
                    std::string(one.text));
  });
  return texts;
}

}  // namespace

TEST_CASE("an ordinary value is its own text") {
  MultiText list(1000);
  CHECK(list.text().data() == nullptr);
  list.value("4F0");
  CHECK(list.text() == "4F0");
  CHECK_FALSE(is_multi(list.text()));
  CHECK(value_count("4F0") == 1);
  CHECK(texts_of("4F0") == std::vector<std::string>{"0  4F0"});
  CHECK_FALSE(is_multi({}));
  CHECK(multi_value_shown("a; b") == "a; b");
}

TEST_CASE("values and languages come back in their order") {
  MultiText list(1000);
  list.next_value();
  list.value_in("fr", "un");
  list.value_in("", "one");
  list.value("");
  list.value("three");
  const std::string text(list.text());
  CHECK(is_multi(text));
  CHECK(has_languages(text));
  CHECK(value_count(text) == 3);
  CHECK(texts_of(text) == std::vector<std::string>{"0 fr un", "0 en one", "1  ", "2  three"});
  CHECK(multi_value_shown(text) == "fr: un; en: one; ; three");
  CHECK_FALSE(list.refused());
  list.clear();
  list.value_in("en", "alone");
  CHECK(texts_of(list.text()) == std::vector<std::string>{"0 en alone"});
}

TEST_CASE("a list has bounds, and no value can look like its marks") {
  for (const char* hostile : {"a\x1E"
                              "b",
                              "\x1F", "\x1E"}) {
    MultiText list(1000);
    list.value("first");
    list.value(hostile);
    CHECK(list.refused());
    CHECK_FALSE(multi_value_safe(hostile));
  }
  MultiText many(1 << 20);
  for (std::size_t i = 0; i < 2 * kMostValues; ++i) many.value("v");
  CHECK(many.refused());
  CHECK(many.values() <= kMostValues);
  MultiText large(100);
  large.value(std::string(60, 'x'));
  large.value(std::string(60, 'x'));
  CHECK(large.refused());
  CHECK(large.text().size() <= 100);
}

TEST_CASE("broken forms give texts and no fault") {
  for (std::string_view text : {"\x1E", "\x1E\x1E", "\x1E\x1F", "\x1E\x1F\x1F",
                                "\x1E\x1F"
                                "en",
                                "\x1E\x1F"
                                "en\x1F"
                                "a\x1F"
                                "b",
                                "\x1E"
                                "a\x1F"
                                "b"}) {
    std::size_t texts = 0;
    each_text(text, [&](const ValueText& one) {
      ++texts;
      CHECK(one.text.size() < text.size());
    });
    CHECK(texts > 0);
    CHECK(value_count(text) > 0);
  }
}
