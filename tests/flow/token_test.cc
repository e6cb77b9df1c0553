// SPDX-License-Identifier: Apache-2.0
#include "flow/token.h"

#include "base/clock.h"
#include "catch.h"

using namespace focalpost;

namespace {

Confirmation some() {
  Confirmation asked;
  asked.id = 147;
  asked.address = "a@b.example";
  asked.provider = "KG_NSC";
  asked.contact = "focal";
  asked.asked = from_millis(1'000);
  asked.expires = from_millis(2'000);
  asked.items = {{12, 1, 1, "assurance", "abc"}, {13, 2, 1, "older", "def"}};
  return asked;
}

}  // namespace

TEST_CASE("a token fits its confirmation and no other") {
  const Confirmation asked = some();
  const std::string token = make_token("key", asked);
  CHECK(token.starts_with("FP-"));
  CHECK(token.size() < 24);
  CHECK(token_row(token) == 147);
  CHECK(token_fits(token, "key", asked));
  CHECK_FALSE(token_fits(token, "other key", asked));
  // Whatever it is bound to.
  Confirmation other = some();
  SECTION("row") {
    other.id = 148;
  }
  SECTION("who") {
    other.address = "c@b.example";
  }
  SECTION("institution") {
    other.provider = "KG_SMS";
  }
  SECTION("contact") {
    other.contact = "substitute";
  }
  SECTION("until when") {
    other.expires = from_millis(3'000);
  }
  SECTION("docket") {
    other.items[0].docket = 14;
  }
  SECTION("attempt") {
    other.items[0].attempt = 2;
  }
  SECTION("item") {
    other.items[0].item = 2;
  }
  SECTION("act") {
    other.items[0].act = "large-change";
  }
  SECTION("contents") {
    other.items[1].content_hash = "abd";
  }
  SECTION("more") {
    other.items.push_back({15, 1, 1, "assurance", ""});
  }
  CHECK_FALSE(token_fits(token, "key", other));
  for (std::size_t i = 3; i < token.size(); ++i) {
    std::string wrong = token;
    wrong[i] = wrong[i] == 'A' ? 'B' : 'A';
    CHECK_FALSE(token_fits(wrong, "key", asked));
  }
}

TEST_CASE("tokens are found wherever they stand, and what is none is not") {
  const std::string token = make_token("key", some());
  CHECK(find_tokens("Re: Please confirm [" + token + "]") == std::vector{token});
  std::string lower = token;
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? char(c + 32) : c;
  CHECK(find_tokens("<" + lower + ".again@id.network.example>") == std::vector{token});
  CHECK(find_tokens(token + " " + lower).size() == 1);
  CHECK(find_tokens("FP-SHORT FP: FP- " + token.substr(0, 18)).empty());
  CHECK(find_tokens("FP-" + std::string(500, 'A')).empty());
  CHECK(token_row("FP-" + std::string(16, 'A')) == std::nullopt);
  CHECK(token_row("XX-" + std::string(17, 'A')) == std::nullopt);
  std::string many;
  for (int i = 0; i < 100; ++i)
    many += "FP-" + std::string(17, char('A' + i % 26)) + char('A' + i / 26) + " ";
  CHECK(find_tokens(many).size() == kMostTokens);
}

TEST_CASE("tokens of letters about requests are a kind of their own") {
  RequestLetter letter;
  letter.id = 5;
  letter.request = 7;
  letter.address = "a@b.example";
  letter.at = from_millis(1'000);
  const std::string token = make_token("key", letter);
  CHECK(token.starts_with("RQ-"));
  CHECK(request_token_row(token) == 5);
  CHECK(token_fits(token, "key", letter));
  CHECK_FALSE(token_fits(token, "other key", letter));
  CHECK_FALSE(token_row(token));
  CHECK(find_request_tokens("Re: [" + token + "] x") == std::vector{token});
  CHECK(find_tokens(token).empty());
  CHECK(find_request_tokens(make_token("key", some())).empty());
  RequestLetter other = letter;
  SECTION("request") {
    other.request = 8;
  }
  SECTION("kind: an asker's is not that of who answers") {
    other.kind = RequestLetter::Kind::kConfirm;
  }
  SECTION("who") {
    other.address = "c@b.example";
  }
  SECTION("when") {
    other.at = from_millis(2'000);
  }
  CHECK_FALSE(token_fits(token, "key", other));
}

TEST_CASE("what is quoted has no tokens any more, and all else of it") {
  const std::string fp = make_token("key", some());
  RequestLetter letter;
  letter.id = 1;
  const std::string rq = make_token("key", letter);
  CHECK(without_tokens("a [" + fp + "] b\n" + rq + " " + rq + " c") == "a […] b\n… … c");
  CHECK(without_tokens("FP-, RQ-AB and fp-short stay") == "FP-, RQ-AB and fp-short stay");
  CHECK(without_tokens("").empty());
}
