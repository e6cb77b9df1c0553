// SPDX-License-Identifier: Apache-2.0
#include "flow/public_answers.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "mime/own_words.h"
#include "store/requests.h"

namespace focalpost {
namespace {

constexpr std::size_t kShortestWord = 4, kFewestInCommon = 3;
constexpr double kAlike = 2.0 / 3.0;
constexpr std::size_t kWordsCompared = 400;

struct QuestionWords {
  std::set<std::string> stems, years;
};

/// So many characters of UTF-8 text; nothing if it is shorter than a word that counts.
std::string stem_of(std::string_view word) {
  std::size_t characters = 0, end = word.size();
  for (std::size_t i = 0; i < word.size(); ++i) {
    if ((static_cast<unsigned char>(word[i]) & 0xC0) == 0x80) continue;
    if (characters++ == kLetterOfStem) {
      end = i;
      break;
    }
  }
  return characters < kShortestWord ? std::string() : std::string(word.substr(0, end));
}

bool is_year(std::string_view text) {
  return text.size() == 4 && (text.starts_with("19") || text.starts_with("20")) &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

QuestionWords words_in(std::string_view question) {
  QuestionWords made;
  std::size_t looked = 0;
  for (const std::string& word : mime::words_of(question)) {
    if (++looked > kWordsCompared) break;
    if (std::string stem = stem_of(word); !stem.empty()) made.stems.insert(std::move(stem));
  }
  std::string digits;
  for (std::size_t i = 0; i <= question.size(); ++i) {
    const char c = i < question.size() ? question[i] : ' ';
    if (c >= '0' && c <= '9') {
      if (digits.size() < 8) digits += c;
    } else {
      if (is_year(digits) && made.years.size() < 20) made.years.insert(digits);
      digits.clear();
    }
  }
  return made;
}

std::size_t in_common(const std::set<std::string>& a, const std::set<std::string>& b) {
  return static_cast<std::size_t>(
      std::count_if(a.begin(), a.end(), [&](const std::string& one) { return b.count(one) > 0; }));
}

double likeness_of(const QuestionWords& a, const QuestionWords& b) {
  if (!a.years.empty() && !b.years.empty() && in_common(a.years, b.years) == 0) return 0;
  const std::size_t all = a.stems.size() + b.stems.size();
  return all == 0 ? 0 : 2.0 * double(in_common(a.stems, b.stems)) / double(all);
}

bool is_like_of(const QuestionWords& a, const QuestionWords& b) {
  return in_common(a.stems, b.stems) >= kFewestInCommon && likeness_of(a, b) >= kAlike;
}

}  // namespace

double likeness(std::string_view a, std::string_view b) {
  return likeness_of(words_in(a), words_in(b));
}

bool is_like(std::string_view a, std::string_view b) {
  return is_like_of(words_in(a), words_in(b));
}

Result<std::optional<Offer>> answer_to_offer(Home& home, const std::vector<std::string>& areas,
                                             const std::vector<std::string>& flows,
                                             std::string_view question, std::int64_t docket) {
  std::optional<Offer> none;
  if (areas.empty() && flows.empty()) return none;
  Requests requests = home.store().requests();
  FP_ASSIGN(auto known, requests.public_answers_about(areas, flows, kAnswersCompared));
  const QuestionWords asked = words_in(question);
  const Request* best = nullptr;
  double most = 0;
  for (const Request& one : known) {
    if (one.docket == docket || (one.said.empty() && !one.settled)) continue;
    const QuestionWords before = words_in(one.question);
    const double alike = likeness_of(asked, before);
    if (!is_like_of(asked, before) || alike <= most) continue;
    most = alike;
    best = &one;
  }
  if (!best) return none;
  Offer offer;
  offer.answer.provider = best->with.provider;
  offer.answer.at = best->settled.value_or(best->opened);
  offer.answer.text = best->said;
  FP_ASSIGN(auto files, requests.files(best->id, "answer"));
  std::size_t bytes = 0;
  for (RequestFile& file : files) {
    bytes += file.bytes.size();
    offer.answer.files.push_back(file.name);
    offer.files.push_back(
        {std::move(file.name), std::move(file.media_type), std::move(file.bytes), {}});
  }
  if (bytes > kOfferedFileBytes) return none;
  return std::optional(std::move(offer));
}

Result<std::optional<Offer>> offer_beside(Home& home, std::int64_t docket, std::uint32_t part,
                                          const std::optional<Item>& item) {
  std::optional<Offer> none;
  if (!item || item->findings.empty() || item->findings.front().rule != &rules::request_opened)
    return none;
  FP_ASSIGN(auto requests, home.store().requests().of_docket(docket));
  for (const Request& one : requests)
    if (one.part == part) return answer_to_offer(home, one.areas, one.flows, one.question, docket);
  return none;
}

}  // namespace focalpost
