// SPDX-License-Identifier: Apache-2.0
#include "sdmx/json_pull.h"

#include <algorithm>
#include <cstring>

namespace focalpost::sdmx {
namespace {

bool digit(int c) {
  return c >= '0' && c <= '9';
}

/// Characters, not bytes.
std::uint64_t characters(const char* from, const char* to) {
  return static_cast<std::uint64_t>(std::count_if(
      from, to, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

void append_utf8(std::string& text, std::uint32_t c) {
  if (c < 0x80) {
    text += static_cast<char>(c);
  } else if (c < 0x800) {
    text += static_cast<char>(0xC0 | c >> 6);
    text += static_cast<char>(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    text += static_cast<char>(0xE0 | c >> 12);
    text += static_cast<char>(0x80 | (c >> 6 & 0x3F));
    text += static_cast<char>(0x80 | (c & 0x3F));
  } else {
    text += static_cast<char>(0xF0 | c >> 18);
    text += static_cast<char>(0x80 | (c >> 12 & 0x3F));
    text += static_cast<char>(0x80 | (c >> 6 & 0x3F));
    text += static_cast<char>(0x80 | (c & 0x3F));
  }
}

}  // namespace

bool JsonPull::refill() {
  if (ended_) return false;
  if (p_ && columns_known_) characters_ += characters(counted_, end_);
  auto text = input_.next();
  if (!text.ok()) {
    error_ = text.take_error();
    ended_ = true;
    return false;
  }
  p_ = text->data();
  end_ = p_ + text->size();
  counted_ = p_;
  ended_ = text->empty();
  return !ended_;
}

void JsonPull::mark() {
  at_ = {line_, 0};
  if (!columns_known_) return;
  characters_ += characters(counted_, p_);
  counted_ = p_;
  at_.column = static_cast<std::uint32_t>(characters_ + 1);
}

JsonPull::Event JsonPull::fault(const Rule& rule, std::string_view detail) {
  faulty_ = true;
  if (!error_ && !input_.fault()) {
    rule_ = &rule;
    detail_ = detail;
  }
  return Event::kFault;
}

/// At the end of the text anything that is missing is missing because of that.
JsonPull::Event JsonPull::wrong(std::string_view detail) {
  return fault(peek() < 0 ? rules::truncated : rules::json_not_well_formed, detail);
}

JsonPull::Event JsonPull::next() {
  if (faulty_) return Event::kFault;
  for (;;) {
    int c = peek();
    while (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
      ++p_;
      if (c == '\n') {
        ++line_;
        counted_ = p_;
        characters_ = 0;
      }
      c = peek();
    }
    if (c < 0) {
      if (expect_ == Expect::kNothing && !error_ && !input_.fault() && !input_.cut())
        return Event::kEnd;
      mark();
      return fault(rules::truncated, {});
    }
    switch (expect_) {
      case Expect::kComma:
        if (c == ',') {
          ++p_;
          expect_ = open_.back() == '{' ? Expect::kKey : Expect::kValue;
          continue;
        }
        mark();
        if (c == '}') return close('{', Event::kObjectEnd);
        if (c == ']') return close('[', Event::kArrayEnd);
        return wrong("a comma is missing");
      case Expect::kColon:
        if (c != ':') {
          mark();
          return wrong("a colon is missing");
        }
        ++p_;
        expect_ = Expect::kValue;
        continue;
      case Expect::kFirstKey:
      case Expect::kKey:
        mark();
        if (c == '}' && expect_ == Expect::kFirstKey) return close('{', Event::kObjectEnd);
        if (c != '"') return wrong("a name in quotation marks is missing");
        expect_ = Expect::kColon;
        return string(Event::kKey);
      case Expect::kFirstValue:
        mark();
        if (c == ']') return close('[', Event::kArrayEnd);
        return value(c);
      case Expect::kValue:
        mark();
        return value(c);
      case Expect::kNothing:
        mark();
        return wrong("text after the end");
    }
  }
}

JsonPull::Event JsonPull::value(int c) {
  switch (c) {
    case '{':
    case '[':
      if (open_.size() >= limits_.xml_depth) return fault(rules::json_too_deep, {});
      ++p_;
      open_ += static_cast<char>(c);
      expect_ = c == '{' ? Expect::kFirstKey : Expect::kFirstValue;
      return c == '{' ? Event::kObject : Event::kArray;
    case '"':
      after_value();
      return string(Event::kString);
    case 't':
      return word("true", Event::kTrue);
    case 'f':
      return word("false", Event::kFalse);
    case 'n':
      return word("null", Event::kNull);
    default:
      if (c == '-' || digit(c)) return number();
      return wrong("a value is missing");
  }
}

JsonPull::Event JsonPull::close(char open, Event event) {
  if (open_.empty() || open_.back() != open) return wrong("brackets do not match");
  ++p_;
  open_.pop_back();
  after_value();
  return event;
}

JsonPull::Event JsonPull::word(std::string_view rest, Event event) {
  for (char wanted : rest) {
    if (peek() != wanted) return wrong("a word that is not true, false or null");
    ++p_;
  }
  after_value();
  return event;
}

JsonPull::Event JsonPull::number() {
  text_.clear();
  auto take = [&] {
    text_ += *p_;
    ++p_;
  };
  auto digits = [&] {
    if (!digit(peek())) return false;
    while (digit(peek()) && text_.size() <= limits_.text_bytes) take();
    return true;
  };
  if (peek() == '-') take();
  if (peek() == '0')
    take();
  else if (!digits())
    return wrong("a number is not right");
  if (peek() == '.') {
    take();
    if (!digits()) return wrong("a number is not right");
  }
  if (peek() == 'e' || peek() == 'E') {
    take();
    if (peek() == '+' || peek() == '-') take();
    if (!digits()) return wrong("a number is not right");
  }
  if (text_.size() > limits_.text_bytes) return fault(rules::text_too_long, {});
  after_value();
  return Event::kNumber;
}

JsonPull::Event JsonPull::string(Event event) {
  ++p_;
  text_.clear();
  for (;;) {
    if (peek() < 0) return wrong("a string does not end");
    const char* from = p_;
    while (p_ < end_ && *p_ != '"' && *p_ != '\\' && static_cast<unsigned char>(*p_) >= 0x20) ++p_;
    text_.append(from, p_);
    if (text_.size() > limits_.text_bytes) return fault(rules::text_too_long, {});
    if (p_ == end_) continue;
    if (*p_ == '"') break;
    if (*p_ != '\\') return wrong("a control character in a string");
    ++p_;
    if (!escape()) return wrong("an escape in a string is not right");
  }
  ++p_;
  if (event == Event::kString) after_value();
  return event;
}

bool JsonPull::escape() {
  constexpr std::string_view kLetters = "\"\\/bfnrt";
  constexpr std::string_view kMeant = "\"\\/\b\f\n\r\t";
  const int c = peek();
  if (c < 0) return false;
  if (auto place = kLetters.find(static_cast<char>(c)); place != kLetters.npos) {
    ++p_;
    text_ += kMeant[place];
    return true;
  }
  if (c != 'u') return false;
  ++p_;
  std::uint32_t unit = 0, second = 0;
  if (!four_digits(unit) || unit == 0) return false;
  if (unit >= 0xDC00 && unit < 0xE000) return false;
  if (unit >= 0xD800 && unit < 0xDC00) {
    if (peek() != '\\') return false;
    ++p_;
    if (peek() != 'u') return false;
    ++p_;
    if (!four_digits(second) || second < 0xDC00 || second >= 0xE000) return false;
    unit = 0x10000 + ((unit - 0xD800) << 10) + (second - 0xDC00);
  }
  append_utf8(text_, unit);
  return true;
}

bool JsonPull::four_digits(std::uint32_t& unit) {
  unit = 0;
  for (int i = 0; i < 4; ++i) {
    const int c = peek();
    const int letter = c | 0x20;
    std::uint32_t nibble = 0;
    if (digit(c))
      nibble = static_cast<std::uint32_t>(c - '0');
    else if (letter >= 'a' && letter <= 'f' && c > 0)
      nibble = static_cast<std::uint32_t>(letter - 'a' + 10);
    else
      return false;
    ++p_;
    unit = unit << 4 | nibble;
  }
  return true;
}

bool JsonPull::skip(Event event) {
  if (event == Event::kFault) return false;
  if (event != Event::kObject && event != Event::kArray) return true;
  const std::size_t level = open_.size();
  while (open_.size() >= level)
    if (next() == Event::kFault) return false;
  return true;
}

}  // namespace focalpost::sdmx
