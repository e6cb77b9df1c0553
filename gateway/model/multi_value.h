// SPDX-License-Identifier: Apache-2.0
//
// multi_value: several values, or one in several languages, as one text.
//
// Everything between the readers and the writers (batches, judge, store, figures) holds one text
// for a component. A component of SDMX 3.0 may have several values (SOURCE_AGENCY: 4F0, 4D0) and a
// value may be in several languages. Such a value travels as one text in the form below, which only
// this header makes and takes apart. An ordinary value is its own text, byte for byte; it costs
// nobody more than a look at its first character.
//
// The form. A text that starts with U+001E (kNextValue) is a list: each value begins with U+001E.
// A value in languages is U+001F (kNextText) and a language tag, U+001F and the text, and so on for
// each language:
//     <1E>4F0<1E>4D0<1E>CZ2
//     <1E><1F>en<1F>Exchange rate<1F>fr<1F>Taux de change<1E><1F>en<1F>Second title
// A list of one value without a language is that value, unmarked. Values and languages keep the
// order in which they came; equal lists are equal texts.
//
// Neither character can be written in XML 1.0, so nothing has to be escaped and no value of SDMX-ML
// can look like a list. CSV and JSON can carry them: MultiText refuses texts that hold them, and a
// reader of these formats must refuse them in plain values too (multi_value_safe).
//
// Bounds: kMostValues texts, and as many bytes as the caller allows (Limits::text_bytes).
// Never: nested lists, structured text. What this header does not know: whether a component may
// have several values (FlowComponent::max_values) or languages (TextFormat::is_multilingual).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace focalpost {

inline constexpr char kNextValue = '\x1E', kNextText = '\x1F';
/// Values and languages of one component together.
inline constexpr std::size_t kMostValues = 1000;

/// Whether `text` is a list in the form above; false for null and empty views.
inline bool is_multi(std::string_view text) {
  return !text.empty() && text.front() == kNextValue;
}
/// Whether `text` may stand in a list, and by itself.
inline bool multi_value_safe(std::string_view text) {
  return text.find_first_of("\x1E\x1F") == text.npos;
}

/// One text of a list: the `value`-th value (from 0), in `lang` ("" if it has no language).
struct ValueText {
  std::size_t value = 0;
  std::string_view lang;
  std::string_view text;
};

/// Calls visit(ValueText) for each text of a value, in order; an ordinary value has one. Views are
/// into `text`. Any text can be handed in: a broken form gives some texts, never a fault.
template <typename Visit>
void each_text(std::string_view text, Visit visit) {
  if (!is_multi(text)) return visit(ValueText{0, {}, text});
  std::size_t number = 0;
  while (!text.empty()) {
    text.remove_prefix(1);  // the mark
    std::string_view value = text.substr(0, text.find(kNextValue));
    text.remove_prefix(value.size());
    if (value.empty() || value.front() != kNextText) {
      visit(ValueText{number, {}, value});
    } else {
      while (!value.empty()) {
        value.remove_prefix(1);
        std::string_view lang = value.substr(0, value.find(kNextText));
        value.remove_prefix(lang.size());
        if (!value.empty()) value.remove_prefix(1);
        std::string_view words = value.substr(0, value.find(kNextText));
        value.remove_prefix(words.size());
        visit(ValueText{number, lang, words});
      }
    }
    ++number;
  }
}

/// How many values `text` has: 1 for an ordinary one.
inline std::size_t value_count(std::string_view text) {
  std::size_t count = 0;
  if (!is_multi(text)) return 1;
  for (char c : text) count += c == kNextValue;
  return count;
}
/// Whether some value of `text` is in a language.
inline bool has_languages(std::string_view text) {
  return is_multi(text) && text.find(kNextText) != text.npos;
}

/// Puts a list together. Add values with value(), or value_in() for each language of the open value
/// after next_value(); then text(). Used again after clear().
class MultiText {
 public:
  explicit MultiText(std::size_t most_bytes) : most_bytes_(most_bytes) {}

  void clear() {
    list_.clear();
    values_ = texts_ = 0;
    languages_ = refused_ = false;
  }
  /// Begins a value in languages.
  void next_value() { begin(); }
  /// The next value, without a language.
  void value(std::string_view text) {
    begin();
    append({}, text, false);
  }
  /// The open value in one more language; an empty `lang` is "en", as xml:lang is by default.
  void value_in(std::string_view lang, std::string_view text) {
    if (values_ == 0) begin();
    languages_ = true;
    append(lang.empty() ? std::string_view("en") : lang, text, true);
  }

  std::size_t values() const { return values_; }
  /// Something was left out: too many, too long, or with characters of the form itself.
  bool refused() const { return refused_; }
  /// The list; one value without a language as it is; null if there is none. Valid until the next
  /// change.
  std::string_view text() const {
    if (values_ == 0) return {};
    std::string_view all = list_;
    return values_ == 1 && !languages_ ? all.substr(1) : all;
  }

 private:
  void begin() {
    if (texts_ >= kMostValues || list_.size() >= most_bytes_) {
      refused_ = true;
      return;
    }
    list_ += kNextValue;
    ++values_;
  }
  void append(std::string_view lang, std::string_view text, bool in_language) {
    if (refused_ || ++texts_ > kMostValues || !multi_value_safe(lang) || !multi_value_safe(text) ||
        lang.size() + text.size() + list_.size() + 2 > most_bytes_) {
      refused_ = true;
      return;
    }
    if (in_language) {
      list_ += kNextText;
      list_ += lang;
      list_ += kNextText;
    }
    list_ += text;
  }

  std::string list_;
  std::size_t most_bytes_, values_ = 0, texts_ = 0;
  bool languages_ = false, refused_ = false;
};

/// For people, in one text: "4F0; 4D0; CZ2", "en: Exchange rate; fr: Taux de change". The value
/// itself if it is an ordinary one.
inline std::string multi_value_shown(std::string_view text) {
  if (!is_multi(text)) return std::string(text);
  std::string shown;
  each_text(text, [&](const ValueText& one) {
    if (!shown.empty()) shown += "; ";
    if (!one.lang.empty()) shown += std::string(one.lang) + ": ";
    shown += one.text;
  });
  return shown;
}

}  // namespace focalpost
