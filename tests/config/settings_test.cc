// SPDX-License-Identifier: Apache-2.0
#include "config/settings.h"

#include "catch.h"

using namespace focalpost;

TEST_CASE("an empty file is all defaults") {
  auto settings = parse_settings("", "focalpost.toml");
  REQUIRE(settings.ok());
  CHECK(settings->policy[Act::kFile] == Assurance::kAligned);
  CHECK(settings->limits.findings_listed == 200);
  CHECK(settings->domain() == "network.example");
}

TEST_CASE("the file that init writes is legal and, but for the demo's policy, changes nothing") {
  auto plain = parse_settings(default_settings_text(false), "focalpost.toml");
  REQUIRE(plain.ok());
  CHECK(plain->policy[Act::kFile] == Assurance::kAligned);
  auto demo = parse_settings(default_settings_text(true), "focalpost.toml");
  REQUIRE(demo.ok());
  CHECK(demo->policy[Act::kFile] == Assurance::kFrom);
}

TEST_CASE("values are taken over") {
  auto settings = parse_settings(
      "[gateway]\nname = 'Обмен'\naddress = 'data@x.example'\n[limits]\nparts = 7\n"
      "[policy]\nfile = 1\n[large_change]\ntotal_share = 0.5\n"
      "[held]\nremind_days = 3\nexpire_days = 9\nmost_per_contact = 2\n"
      "[requests]\nremind_days = 2\nescalate_days = 5\nlapse_days = 20\nmost_per_asker = 4\n"
      "[calendar]\nremind = false\nholidays = [\"KG 2026-01-07\", \"UA 2026-08-24\"]\n",
      "f");
  REQUIRE(settings.ok());
  CHECK(settings->name == "Обмен");
  CHECK(settings->domain() == "x.example");
  CHECK(settings->limits.parts == 7);
  CHECK(settings->policy[Act::kFile] == Assurance::kFrom);
  CHECK(settings->large_change.total_share == Approx(0.5));
  CHECK(settings->held.remind_days == 3);
  CHECK(settings->held.expire_days == 9);
  CHECK(settings->held.most_per_contact == 2);
  CHECK(settings->requests.remind_days == 2);
  CHECK(settings->requests.escalate_days == 5);
  CHECK(settings->requests.lapse_days == 20);
  CHECK(settings->requests.most_per_asker == 4);
  CHECK_FALSE(settings->calendar.remind);
  CHECK(settings->calendar.is_holiday("KG", 20460));
  CHECK_FALSE(settings->calendar.is_holiday("UA", 20460));
  CHECK_FALSE(settings->calendar.is_holiday("KG", 20461));
}

TEST_CASE("whom to believe about senders") {
  CHECK(parse_settings("", "f")->trust.authserv_id.empty());
  auto settings = parse_settings(
      "[trust]\nauthserv_id = \"mx.host.example\"\nauthserv_fields = 3\nauthserv_tested = true\n"
      "ca_file = \"ca.pem\"\n",
      "f");
  REQUIRE(settings.ok());
  CHECK(settings->trust.authserv_id == "mx.host.example");
  CHECK(settings->trust.authserv_fields == 3);
  CHECK(settings->trust.authserv_tested);
  CHECK(settings->trust.ca_file == "ca.pem");
  CHECK(parse_settings("[trust]\nauthserv_id = \"*.mail.example\"\n", "f").ok());
  for (const char* bad : {"", "*", "*.example", "*.", "mx host", "mx;x", "\\\"mx\\\"",
                          "mx..example", "m*.example", "mx\\r\\nX: y"}) {
    INFO(bad);
    CHECK_FALSE(parse_settings("[trust]\nauthserv_id = \"" + std::string(bad) + "\"\n", "f").ok());
  }
  CHECK_FALSE(parse_settings("[trust]\nauthserv_fields = 0\n", "f").ok());
  CHECK_FALSE(parse_settings("[trust]\nauthserv_fields = 6\n", "f").ok());
}

TEST_CASE("a typo is an error that names line and nearest key") {
  auto settings = parse_settings("[limits]\n\nfindings_liste = 3\n", "focalpost.toml");
  REQUIRE_FALSE(settings.ok());
  CHECK(settings.error().kind == ErrorKind::kUsage);
  CHECK(settings.error().what ==
        "focalpost.toml, line 3: there is no setting \"findings_liste\" in [limits]");
  CHECK(settings.error().to_do == "Did you mean \"findings_listed\"?");
  CHECK(parse_settings("[limit]\n", "f").error().to_do == "Did you mean \"limits\"?");
}

TEST_CASE("wrong types, ranges and broken TOML are errors with a line") {
  for (const char* text :
       {"[policy]\nfile = 5\n", "[held]\nremind_days = 0\n", "[requests]\nlapse_days = 0\n",
        "[requests]\nmost_per_asker = 0\n", "[calendar]\nremind = 1\n",
        "[calendar]\nholidays = \"KG 2026-01-07\"\n", "[calendar]\nholidays = [\"KG\"]\n",
        "[calendar]\nholidays = [\"KG 2026-13-07\"]\n", "[calendar]\nholidays = [7]\n",
        "[policy]\nfile = '1'\n", "[limits]\nparts = 0\n", "[gateway]\naddress = 'nobody'\n",
        "[gateway]\naddress = \"a@b\\r\\nBcc: c@d.example\"\n", "[outgoing]\nsave_sent = 1\n",
        "gateway = 3\n", "[gateway\n"}) {
    INFO(text);
    auto settings = parse_settings(text, "f");
    REQUIRE_FALSE(settings.ok());
    CHECK(settings.error().what.find("line ") != std::string::npos);
  }
}
