// SPDX-License-Identifier: Apache-2.0
#include "enquiry/lexicon.h"

#include <algorithm>

namespace focalpost::enquiry {
namespace {

/// Signs that may stand inside a name: "Guinea-Bissau", "Bolivia (Plurinational State of)",
/// "Foreign workers: work permits".
bool inside_names(char32_t sign) {
  return sign == '-' || sign == 0x2010 || sign == 0x2011 || sign == 0x2013 || sign == 0x2014 ||
         sign == '(' || sign == ')' || sign == '.' || sign == '&' || sign == ':' || sign == ';';
}

/// A letter of another script is four bytes of a folded word.
std::size_t letter_begin(std::string_view word, std::size_t end) {
  return end >= 4 && word[end - 4] == '\x01' ? end - 4 : end - 1;
}

}  // namespace

std::uint64_t letters_in(std::string_view folded) {
  std::uint64_t letters = 0;
  for (char c : folded) letters |= 1ull << (static_cast<unsigned char>(c) & 63);
  return letters;
}

std::uint32_t Lexicon::lemma_of(std::string_view folded, Inflection inflection) {
  std::string key(1, static_cast<char>('0' + static_cast<int>(inflection)));
  key += folded;
  auto [place, added] = lemmas_.try_emplace(std::move(key), lemma_words_.size());
  if (!added) return place->second;
  const std::uint32_t id = place->second;
  lemma_words_.emplace_back(folded);
  std::vector<Stem> stems;
  stems_of(folded, inflection, stems);
  for (Stem& one : stems) forms_[look_of(one.stem)].push_back({id, one.set, std::move(one.stem)});
  return id;
}

void Lexicon::add(std::string_view phrase, Inflection inflection, const Meaning& meaning,
                  std::string_view suggest) {
  std::string key(1, static_cast<char>('0' + static_cast<int>(inflection)));
  key += phrase;
  auto [place, added] = ends_.try_emplace(std::move(key), 0);
  std::string folded;
  std::uint8_t folded_count = 0;
  if (added) {
    std::uint32_t node = 0;
    std::size_t count = 0;
    for (const Token& token : tokens_of(phrase, kLongestPhrase)) {
      if (token.sign && token.sign != ',') continue;
      ++count;
      const std::string word = token.sign ? "," : token.fold;
      if (!token.sign) {
        if (folded_count++) folded += ' ';
        folded += word;
      }
      const bool other = !token.sign && inflection >= Inflection::kRussian && !is_cyrillic(word[0]);
      const std::uint32_t lemma =
          lemma_of(word, token.sign || other ? Inflection::kNone : inflection);
      const std::uint64_t edge = std::uint64_t(node) << 32 | lemma;
      auto [next, fresh] = edges_.try_emplace(edge, static_cast<std::uint32_t>(nodes_.size()));
      if (fresh) nodes_.emplace_back();
      node = next->second;
    }
    if (count == 0) return;
    place->second = node;
  }
  if (place->second == 0) return;
  auto& meanings = nodes_[place->second];
  auto known = std::find_if(meanings.begin(), meanings.end(),
                            [&](const Meaning& one) { return one.same(meaning); });
  const bool fresh = known == meanings.end();
  if (fresh) {
    meanings.push_back(meaning);
  } else {
    known->langs |= meaning.langs;
    known->own = known->own || meaning.own;
    known->capital = known->capital && meaning.capital;
  }
  if (suggest.empty() || !(fresh || meaning.kind == Kind::kCommand)) return;
  Candidate candidate;
  if (!added) {
    folded_count = 0;
    for (const std::string& word : folded_words(phrase)) {
      if (folded_count++) folded += ' ';
      folded += word;
    }
  }
  candidate.words = folded_count;
  candidate.folded = std::move(folded);
  candidate.shown = suggest;
  candidate.meaning = meaning;
  candidates.push_back(std::move(candidate));
}

void Lexicon::reserve(std::size_t phrases) {
  lemmas_.reserve(phrases);
  forms_.reserve(phrases);
  edges_.reserve(2 * phrases);
  ends_.reserve(phrases);
  nodes_.reserve(2 * phrases);
  candidates.reserve(phrases);
}

void Lexicon::finish() {
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const auto& a, const auto& b) { return a.meaning.kind < b.meaning.kind; });
  for (std::uint32_t i = 0; i < candidates.size(); ++i) {
    const Candidate& one = candidates[i];
    keys.push_back(
        {letters_in(one.folded), static_cast<std::uint16_t>(one.folded.size()), one.meaning.list});
    auto& [from, to] = of_kind[static_cast<std::size_t>(one.meaning.kind)];
    if (to == 0) from = i;
    to = i + 1;
  }
}

Word Lexicon::word(const Token& token) const {
  Word word;
  const std::string_view look = token.look;
  const auto take = [&](std::uint32_t id, std::uint8_t rank) {
    if (word.count < word.lemmas.size()) word.lemmas[word.count++] = {id, rank};
  };
  if (token.sign) {
    if (token.sign != ',') return word;
    if (auto comma = lemmas_.find("0,"); comma != lemmas_.end()) take(comma->second, 0);
    return word;
  }
  bool latin = false, cyrillic = false, exact = false;
  for (char c : token.fold) {
    latin = latin || (c >= 'a' && c <= 'z');
    cyrillic = cyrillic || is_cyrillic(c);
  }
  std::string stem;
  std::size_t end = look.size();
  for (std::size_t cut = 0; cut <= kLongestEnding && end > 0; ++cut) {
    stem.assign(look.substr(0, end));
    if (auto forms = forms_.find(stem); forms != forms_.end()) {
      for (const LemmaForm& form : forms->second) {
        if (!takes_ending(form.set, look.substr(end))) continue;
        const bool own = token.fold.compare(0, end, form.stem) == 0;
        // Two letters look like too many things: КР is no code with Latin letters.
        if (!own && look.size() < 3 && !(latin && cyrillic)) continue;
        const std::uint8_t rank = !own ? 2 : lemma_words_[form.lemma] == token.fold ? 0 : 1;
        exact = exact || own;
        take(form.lemma, rank);
      }
    }
    end = letter_begin(look, end);
  }
  auto* last = word.lemmas.begin() + word.count;
  if (exact)
    last = std::remove_if(word.lemmas.begin(), last, [](const auto& one) { return one.rank == 2; });
  word.count = static_cast<std::uint8_t>(last - word.lemmas.begin());
  std::stable_sort(word.lemmas.begin(), last,
                   [](const auto& a, const auto& b) { return a.rank < b.rank; });
  return word;
}

Found Lexicon::find(const std::vector<Token>& tokens, const std::vector<Word>& words,
                    std::size_t at) const {
  constexpr std::size_t kMostPaths = 8;
  Found found;
  std::array<std::uint32_t, kMostPaths> now{}, next{}, best{};
  std::size_t now_count = 1, best_count = 0;
  for (std::size_t i = at, taken = 0; i < tokens.size() && taken < kLongestPhrase; ++i) {
    if (tokens[i].sign && tokens[i].sign != ',') {
      if (taken == 0 || !inside_names(tokens[i].sign)) break;
      continue;
    }
    std::size_t next_count = 0;
    for (std::size_t p = 0; p < now_count; ++p)
      for (std::size_t l = 0; l < words[i].count && next_count < kMostPaths; ++l) {
        auto edge = edges_.find(std::uint64_t(now[p]) << 32 | words[i].lemmas[l].id);
        if (edge != edges_.end()) next[next_count++] = edge->second;
      }
    if (next_count == 0) break;
    ++taken;
    now = next;
    now_count = next_count;
    std::size_t ends = 0;
    for (std::size_t p = 0; p < now_count; ++p)
      if (!nodes_[now[p]].empty()) {
        if (ends == 0) best_count = 0;
        best[best_count++] = now[p];
        ++ends;
      }
    if (ends) found.end = i + 1;
  }
  for (std::size_t p = 0; p < best_count; ++p)
    for (const Meaning& meaning : nodes_[best[p]]) {
      if (meaning.capital && found.end == at + 1 && !tokens[at].upper) continue;
      auto known = std::find_if(found.meanings.begin(), found.meanings.end(),
                                [&](const Meaning& one) { return one.same(meaning); });
      if (known == found.meanings.end())
        found.meanings.push_back(meaning);
      else
        known->langs |= meaning.langs;
    }
  if (found.meanings.empty()) found.end = 0;
  return found;
}

const Lexicon::Flow* Lexicon::flow(std::string_view id) const {
  for (const Flow& one : flows)
    if (one.id == id) return &one;
  return nullptr;
}

std::int32_t Lexicon::dimension(std::string_view id) const {
  auto place = std::find(dimensions.begin(), dimensions.end(), id);
  return place == dimensions.end() ? -1 : static_cast<std::int32_t>(place - dimensions.begin());
}

}  // namespace focalpost::enquiry
