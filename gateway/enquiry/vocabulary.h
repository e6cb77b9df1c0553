// SPDX-License-Identifier: Apache-2.0
//
// vocabulary: what words an enquiry may have: those of templates/<lang>/words.txt, and the ids and
// names of everything in a snapshot: dataflows, areas, dimensions, codes.
//
// Made once for a snapshot and read by all threads; it keeps nothing of the snapshot, which may go.
//
// The lines of words.txt are told in templates/en/words.txt. A thing that the snapshot does not
// have is passed over in silence (a network need not have all ten indicators); a line that is none
// is a warning.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "model/lookup.h"

namespace focalpost::enquiry {

/// The words of a language, as its file has them.
struct LanguageWords {
  std::string lang;  ///< "en", "ru", "uk", ...
  std::string text;
};

class Lexicon;

class Vocabulary {
 public:
  static Vocabulary make(const StructureLookup& structures,
                         std::span<const LanguageWords> languages);

  /// For the operator: "uk, line 12: ...", at most 20.
  const std::vector<std::string>& warnings() const;
  /// For this room.
  const Lexicon& lexicon() const { return *lexicon_; }

 private:
  explicit Vocabulary(std::shared_ptr<const Lexicon> lexicon) : lexicon_(std::move(lexicon)) {}
  std::shared_ptr<const Lexicon> lexicon_;
};

}  // namespace focalpost::enquiry
