// SPDX-License-Identifier: Apache-2.0
//
// line: one line of a mail, taken apart and looked up once.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "enquiry/lexicon.h"

namespace focalpost::enquiry {

class Line {
 public:
  /// `text` is valid UTF-8 and outlives the line; at most `most` tokens of it are read.
  Line(std::string_view text, const Lexicon& lexicon, std::size_t most);

  std::string_view text() const { return text_; }
  const Lexicon& lexicon() const { return lexicon_; }
  std::size_t size() const { return tokens_.size(); }
  const Token& operator[](std::size_t i) const { return tokens_[i]; }
  /// The sign at `i`; 0: a word, or the end.
  char32_t sign(std::size_t i) const { return i < size() ? tokens_[i].sign : 0; }
  bool word(std::size_t i) const { return i < size() && !tokens_[i].sign; }
  bool cut() const { return cut_; }

  /// The phrase that begins at `i`; nothing found at the end and at signs.
  const Found& at(std::size_t i) const;
  const Meaning* meaning(std::size_t i, Kind kind) const { return at(i).of(kind); }
  bool connects(std::size_t i, Connect how) const;

  /// As written, from a token to before another.
  std::string_view written(std::size_t from, std::size_t to) const;

 private:
  std::string_view text_;
  const Lexicon& lexicon_;
  std::vector<Token> tokens_;
  mutable std::vector<Word> words_;
  mutable std::vector<std::optional<Found>> found_;
  mutable std::size_t words_known_ = 0;
  bool cut_ = false;
};

}  // namespace focalpost::enquiry
