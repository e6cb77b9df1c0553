// SPDX-License-Identifier: Apache-2.0
#include "enquiry/line.h"

#include <algorithm>

namespace focalpost::enquiry {

Line::Line(std::string_view text, const Lexicon& lexicon, std::size_t most)
    : text_(text), lexicon_(lexicon) {
  std::vector<Token> read = tokens_of(text, most + 1);
  cut_ = read.size() > most;
  if (cut_) read.resize(most);
  tokens_.reserve(read.size());
  for (Token& token : read) {
    // "2024г", "2кв": two words.
    const std::size_t digits =
        std::min(token.fold.find_first_not_of("0123456789"), token.fold.size());
    if (token.sign || token.number || digits == 0 || !is_cyrillic(token.fold[digits])) {
      tokens_.push_back(std::move(token));
      continue;
    }
    Token rest = token;
    rest.fold = token.fold.substr(digits);
    rest.look = token.look.substr(digits);
    rest.begin = token.begin + static_cast<std::uint32_t>(digits);
    rest.glued = true;
    token.fold.resize(digits);
    token.look.resize(digits);
    token.end = rest.begin;
    token.number = true;
    token.upper = false;
    tokens_.push_back(std::move(token));
    tokens_.push_back(std::move(rest));
  }
  words_.resize(tokens_.size());
  found_.resize(tokens_.size());
}

const Found& Line::at(std::size_t i) const {
  static const Found nothing;
  if (i >= tokens_.size() || tokens_[i].sign) return nothing;
  if (!found_[i]) {
    // Words are looked up as far as a phrase may reach.
    const std::size_t reach = std::min(tokens_.size(), i + 2 * kLongestPhrase);
    for (; words_known_ < reach; ++words_known_)
      words_[words_known_] = lexicon_.word(tokens_[words_known_]);
    found_[i] = lexicon_.find(tokens_, words_, i);
  }
  return *found_[i];
}

bool Line::connects(std::size_t i, Connect how) const {
  for (const Meaning& one : at(i).meanings)
    if (one.kind == Kind::kConnect && one.value == static_cast<std::uint32_t>(how)) return true;
  return false;
}

std::string_view Line::written(std::size_t from, std::size_t to) const {
  if (from >= to || from >= tokens_.size()) return {};
  const std::size_t begin = tokens_[from].begin;
  return text_.substr(begin, tokens_[std::min(to, tokens_.size()) - 1].end - begin);
}

}  // namespace focalpost::enquiry
