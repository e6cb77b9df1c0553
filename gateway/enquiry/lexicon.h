// SPDX-License-Identifier: Apache-2.0
//
// lexicon: phrases and what they mean, found in a line of tokens.
//
// A tree of words: a phrase is a path, a word of it any of its forms (inflect.h). The longest
// phrase counts. Words are found by their look-alike letters, and who wrote a word in its own
// letters is preferred: "с" is the Russian preposition, "GЕT" with a Cyrillic Е is GET.
//
// Time: a token is looked up once for each ending it may have (6), a phrase goes over at most
// kLongestPhrase tokens.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "enquiry/enquiry.h"
#include "enquiry/fold.h"
#include "enquiry/inflect.h"

namespace focalpost::enquiry {

enum class Kind : std::uint8_t {
  kCommand,    ///< value: Verb
  kConnect,    ///< value: Connect
  kFormat,     ///< value: Format
  kFlow,       ///< value: place in Lexicon::flows
  kArea,       ///< value: place in Lexicon::areas
  kDimension,  ///< value: place in Lexicon::dimensions
  kCode,       ///< list, value: place in Lexicon::lists
  kMonth,      ///< value: 1 to 12
  kUnit,       ///< value: Unit
  kOrdinal,    ///< value: 1 to 4
  kLanguage,   ///< value: place in Lexicon::languages
  kRhythm,     ///< value: place in Lexicon::rhythms
  kAudience,   ///< value: place in Lexicon::audiences
  kMark,       ///< value: Mark
  kSkip,       ///< says nothing
};

enum class Connect : std::uint8_t { kBy, kAs, kAsOf, kFrom, kTo, kOn, kLatest, kAnd, kThis };
enum class Unit : std::uint8_t { kYear, kHalf, kQuarter, kMonth };
/// kPublic: a line of an answer that lets everybody read it.
enum class Mark : std::uint8_t { kReply, kGreeting, kSignature, kSpeech, kPublic };

struct Meaning {
  Kind kind = Kind::kSkip;
  bool own = false;      ///< kCommand: its own word, no synonym
  bool capital = false;  ///< counts in capital letters only: ISO alpha-3, short ids
  std::uint16_t list = 0;
  std::uint32_t value = 0;
  std::uint32_t langs = 0;  ///< bit set of places in Lexicon::languages
  bool same(const Meaning& other) const {
    return kind == other.kind && value == other.value && list == other.list;
  }
};

/// A word or name as it may be suggested.
struct Candidate {
  std::string folded;  ///< words with a space between
  std::string shown;
  Meaning meaning;
  std::uint8_t words = 1;
};
/// What is looked at first of a candidate: most are none.
struct CandidateKey {
  std::uint64_t letters = 0;  ///< which occur
  std::uint16_t size = 0;
  std::uint16_t list = 0;
};
std::uint64_t letters_in(std::string_view folded);

inline constexpr std::size_t kLongestPhrase = 24;

/// The words of a line with what each may be.
struct Word {
  struct Lemma {
    std::uint32_t id;
    std::uint8_t rank;  ///< 0 as it is, 1 another form, 2 look-alike letters
  };
  std::array<Lemma, 6> lemmas;
  std::uint8_t count = 0;
};

struct Found {
  std::size_t end = 0;  ///< token after the phrase; 0: none
  std::vector<Meaning> meanings;
  const Meaning* of(Kind kind) const {
    for (const Meaning& one : meanings)
      if (one.kind == kind) return &one;
    return nullptr;
  }
};

class Lexicon {
 public:
  struct Dimension {
    std::uint32_t id;        ///< place in `dimensions`
    std::int32_t list = -1;  ///< place in `lists`; -1: not coded
  };
  struct Flow {
    std::string id;
    std::string agency;
    std::vector<Dimension> dims;  ///< in order
  };
  struct List {
    std::vector<std::string> ids;
    std::unordered_map<std::string, std::uint32_t> by_id;
  };
  std::vector<Flow> flows;
  std::vector<std::string> areas, dimensions, languages, rhythms, audiences;
  std::vector<List> lists;
  std::vector<Candidate> candidates;  ///< after finish() those of a kind stand together
  std::vector<CandidateKey> keys;     ///< one for each
  std::array<std::pair<std::uint32_t, std::uint32_t>, 16> of_kind{};  ///< from, to
  /// Words of answers to reminders (duty_words.h); none of them is looked for anywhere else.
  struct DutyPhrase {
    std::vector<std::string> words;  ///< folded
    bool unit = false;               ///< "days", "weeks"
    std::uint32_t value = 0;         ///< DutyWord::What; of a unit its days
  };
  std::vector<DutyPhrase> duty_phrases;
  std::vector<std::string> warnings;
  std::int32_t ref_area_list = -1;

  /// Adds a phrase; the same one may mean several things. `suggest`: as it is to be typed, or "".
  void add(std::string_view phrase, Inflection inflection, const Meaning& meaning,
           std::string_view suggest = {});

  /// For so many phrases.
  void reserve(std::size_t phrases);
  /// Once, when everything has been added.
  void finish();

  Word word(const Token& token) const;
  /// The longest phrase that begins at `at`, but not after the token `to`.
  Found find(const std::vector<Token>& tokens, const std::vector<Word>& words,
             std::size_t at) const;

  const Flow* flow(std::string_view id) const;
  std::int32_t dimension(std::string_view id) const;

 private:
  struct LemmaForm {
    std::uint32_t lemma;
    std::uint8_t set;
    std::string stem;  ///< in its own letters
  };
  std::uint32_t lemma_of(std::string_view folded, Inflection inflection);

  std::unordered_map<std::string, std::uint32_t> lemmas_;  ///< by inflection and word
  std::vector<std::string> lemma_words_;
  std::unordered_map<std::string, std::vector<LemmaForm>> forms_;  ///< by stem in look-alikes
  std::unordered_map<std::uint64_t, std::uint32_t> edges_;         ///< node, lemma: node
  std::vector<std::vector<Meaning>> nodes_ = std::vector<std::vector<Meaning>>(1);
  std::unordered_map<std::string, std::uint32_t> ends_;  ///< by inflection and phrase
};

}  // namespace focalpost::enquiry
