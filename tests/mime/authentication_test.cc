// SPDX-License-Identifier: Apache-2.0
#include "mime/authentication.h"

#include "catch.h"

using namespace focalpost::mime;

namespace {

AuthenticationResults parsed(std::string_view value) {
  auto results = parse_authentication_results(value);
  INFO(value);
  REQUIRE(results);
  return *results;
}
/// "dkim=pass header.d=a.example; spf=..."
std::string said(const AuthenticationResults& results) {
  std::string all = results.authserv_id;
  for (const AuthVerdict& verdict : results.verdicts) {
    all += "; " + verdict.method + "=" + verdict.result;
    if (!verdict.reason.empty()) all += " reason=" + verdict.reason;
    for (const AuthProperty& p : verdict.properties)
      all += " " + p.type + "." + p.name + "=" + p.value;
  }
  return all;
}

}  // namespace

TEST_CASE("reports as large providers and filters write them") {
  CHECK(
      said(parsed("mx.google.example;\r\n       dkim=pass header.i=@stat.example header.s=20230601 "
                  "header.b=Ab/+cD;\r\n       spf=pass (google.example: domain of a@stat.example "
                  "designates 192.0.2.1 as permitted sender) smtp.mailfrom=a@stat.example;\r\n"
                  "       dmarc=pass (p=NONE sp=QUARANTINE dis=NONE) header.from=stat.example")) ==
      "mx.google.example; dkim=pass header.i=@stat.example header.s=20230601 header.b=Ab/+cD; "
      "spf=pass smtp.mailfrom=a@stat.example; dmarc=pass header.from=stat.example");
  CHECK(said(parsed(
            "mxs.mail.example; spf=none () smtp.mailfrom=a@stat.example smtp.helo=out.example;\r\n"
            "\t dkim=pass header.d=stat.example;\r\n\t dkim=pass header.d=other.example; "
            "dmarc=pass header.from=a@stat.example")) ==
        "mxs.mail.example; spf=none smtp.mailfrom=a@stat.example smtp.helo=out.example; dkim=pass "
        "header.d=stat.example; dkim=pass header.d=other.example; dmarc=pass "
        "header.from=a@stat.example");
  CHECK(said(parsed(
            "mxfront2g.mail.yandex.example; spf=pass (mxfront2g.mail.yandex.example: domain of "
            "stat.example designates 192.0.2.1 as permitted sender, rule=[ip4:192.0.2.0/22]) "
            "smtp.mail=a@stat.example; dkim=pass header.i=@stat.example")) ==
        "mxfront2g.mail.yandex.example; spf=pass smtp.mail=a@stat.example; dkim=pass "
        "header.i=@stat.example");
  // Exchange Online names no server.
  CHECK(said(parsed("spf=pass (sender IP is 192.0.2.1)\r\n smtp.mailfrom=stat.example; dkim=pass "
                    "(signature was verified)\r\n header.d=stat.example;dmarc=pass action=none\r\n "
                    "header.from=stat.example;compauth=pass reason=100")) ==
        "; spf=pass smtp.mailfrom=stat.example; dkim=pass header.d=stat.example; dmarc=pass "
        "header.from=stat.example; compauth=pass reason=100");
  CHECK(
      said(parsed("mx.example (amavisd-new); dkim=pass\r\n\treason=\"pass (just generated, assumed "
                  "good)\"\r\n\theader.d=stat.example")) ==
      "mx.example; dkim=pass reason=pass (just generated, assumed good) header.d=stat.example");
  CHECK(said(parsed(
            "mx.example;\r\n\tdkim=pass (2048-bit key; unprotected) header.d=stat.example "
            "header.i=@stat.example header.a=rsa-sha256 header.s=s1 header.b=\"a/b+c=\";\r\n\t"
            "dkim-atps=neutral")) ==
        "mx.example; dkim=pass header.d=stat.example header.i=@stat.example header.a=rsa-sha256 "
        "header.s=s1 header.b=a/b+c=; dkim-atps=neutral");
  CHECK(said(parsed("mx.example 1; none")) == "mx.example");
  CHECK(said(parsed("mx.example;")) == "mx.example");
  CHECK(said(parsed("mx.example")) == "mx.example");
  CHECK(said(parsed("mx.example; DKIM/1 = PASS header.d=\"stat.example\";")) ==
        "mx.example; dkim=pass header.d=stat.example");
  CHECK(said(parsed("mx.example; auth=pass smtp.auth=\"a b\"@stat.example smtp.mailfrom=<>")) ==
        "mx.example; auth=pass smtp.auth=a b@stat.example smtp.mailfrom=<>");
  // Another version of a method is another method.
  CHECK(said(parsed("mx.example; dkim/2=pass header.d=stat.example")) ==
        "mx.example; dkim/2=pass header.d=stat.example");
}

TEST_CASE("attack: values that try to end early make the whole report worthless") {
  for (const char* value :
       {// What a signer or envelope sender chose, put down by a careless server.
        "mx.example; dkim=pass header.d=stat.example(.evil.example",
        "mx.example; dkim=pass header.d=stat.example(.evil.example)",
        "mx.example; dkim=pass header.d=stat.example\".evil.example",
        "mx.example; dkim=pass header.d=stat.example\\.evil.example",
        "mx.example; dkim=pass header.d=\"stat.example\".evil.example",
        "mx.example; spf=pass (domain of \"a) ; dkim=pass header.d=stat.example (b\"@evil.example) "
        "smtp.mailfrom=x",
        "mx.example; spf=fail smtp.mailfrom=\"a; dkim=pass header.d=stat.example",
        // Not of the grammar.
        "mx.example; dkim", "mx.example; dkim=", "mx.example; =pass", "mx.example dkim=pass",
        "mx.example 2; dkim=pass header.d=stat.example", "mx.example; dkim=pass header.d",
        "mx.example; dkim=pass (", "mx.example (; dkim=pass",
        "mx.example; dkim=pass header.d=stat.example; ;;", ""}) {
    INFO(value);
    auto results = parse_authentication_results(value);
    CHECK((!results || results->verdicts.empty()));
  }
  // An empty value says nothing, and takes nothing that follows.
  auto empty = parsed("mx.example; dkim=pass header.d= header.s=stat.example");
  CHECK(empty.verdicts.at(0).get("header", "d").empty());
  // A property given twice says nothing.
  auto twice = parsed("mx.example; dkim=pass header.d=evil.example header.d=stat.example");
  CHECK(twice.verdicts.at(0).get("header", "d").empty());
}

TEST_CASE("attack: the server's name in quotes or behind a comment is not its name") {
  CHECK(authserv_id(" \r\n mx.example ; none") == "mx.example");
  CHECK(authserv_id("mx.example(filter); none") == "mx.example");
  CHECK_FALSE(authserv_id("\"mx.example\"; none"));
  CHECK_FALSE(authserv_id("(c) mx.example; none"));
  CHECK_FALSE(authserv_id("mx.example\"x\"; none"));
  CHECK_FALSE(authserv_id(""));
  CHECK(authserv_id("mx.example.evil.example; none") == "mx.example.evil.example");

  CHECK(is_authserv("MX.Example", "mx.example"));
  CHECK_FALSE(is_authserv("mx.example.evil.example", "mx.example"));
  CHECK_FALSE(is_authserv("xmx.example", "mx.example"));
  CHECK_FALSE(is_authserv("mx.example", ""));
  CHECK(is_authserv("front7.Mail.example", "*.mail.example"));
  CHECK_FALSE(is_authserv("mail.example", "*.mail.example"));
  CHECK_FALSE(is_authserv("evilmail.example", "*.mail.example"));
}

TEST_CASE("reports without end are bounded and read in linear time") {
  std::string nested = "mx.example; dkim=pass " + std::string(60'000, '(');
  CHECK_FALSE(parse_authentication_results(nested));
  std::string deep = "mx.example; dkim=pass ((((((((((((x)))))))))))) header.d=a.example";
  CHECK_FALSE(parse_authentication_results(deep));
  std::string many = "mx.example";
  for (int i = 0; i < 5000; ++i) many += "; dkim=pass";
  CHECK_FALSE(parse_authentication_results(many));
  std::string properties = "mx.example; dkim=pass";
  for (int i = 0; i < 5000; ++i) properties += " header.d=a";
  CHECK_FALSE(parse_authentication_results(properties));
  CHECK_FALSE(parse_authentication_results(std::string("mx.example; dkim=pass header.d=a\0b", 35)));
}
