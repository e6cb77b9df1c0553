// SPDX-License-Identifier: Apache-2.0
#include "base/domain.h"

#include "catch.h"

using namespace focalpost;

TEST_CASE("domains are compared as A-labels in lower case") {
  CHECK(ascii_domain("Stat.KG.Example") == "stat.kg.example");
  CHECK(ascii_domain("stat.kg.example.") == "stat.kg.example");
  CHECK(ascii_domain("Статистика.example") == "xn--80aaxak2bcfbc.example");
  CHECK(ascii_domain("статистика.example") == ascii_domain("xn--80aaxak2bcfbc.EXAMPLE"));
  // Bytes that fold into nothing, or into a dot, cannot make another name of it.
  CHECK(ascii_domain("stat\u3002kg") == "stat.kg");
  for (const char* bad : {"", ".", "a..b", ".a", "a b", "a\tb", "[192.0.2.1]", "a@b", "a,b",
                          "\xFF.example", "a\u202Eb.example", "<a>"})
    CHECK(ascii_domain(bad).empty());
  CHECK(ascii_domain(std::string(64, 'a') + ".example").empty());
  CHECK(ascii_domain(std::string(300, 'a')).empty());
  CHECK(ascii_domain(std::string(100'000, '\xD0')).empty());
}

TEST_CASE("an address has one canonical form, and looking alike is not being the same") {
  CHECK(canonical_address(" Focal.Point@Stat.Example ") == "focal.point@stat.example");
  CHECK(canonical_address("a@Статистика.example") == "a@xn--80aaxak2bcfbc.example");
  CHECK(canonical_address("mailer-DAEMON") == "mailer-daemon");
  // Cyrillic о in the domain, then in the local part.
  const std::string latin = "focal@border.example";
  for (const char* alike :
       {"focal@b\u043Erder.example", "f\u043Ecal@border.example", "foca1@border.example"}) {
    INFO(alike);
    CHECK(canonical_address(alike) != canonical_address(latin));
    CHECK(skeleton(alike) == skeleton(latin));
  }
  CHECK(skeleton("focal@" + ascii_domain("b\u043Erder.example")) == skeleton(latin));
  CHECK(skeleton("other@border.example") != skeleton(latin));
}

TEST_CASE("a name is at or below another one at whole labels only") {
  CHECK(is_at_or_below("stat.example", "stat.example"));
  CHECK(is_at_or_below("mail.stat.example", "stat.example"));
  CHECK_FALSE(is_at_or_below("mystat.example", "stat.example"));
  CHECK_FALSE(is_at_or_below("stat.example", "mail.stat.example"));
  CHECK_FALSE(is_at_or_below("stat.example", ""));
  CHECK_FALSE(is_at_or_below("", ""));
}
