// SPDX-License-Identifier: Apache-2.0
#include "mime/parameters.h"

#include <algorithm>

#include "base/text.h"
#include "mime/words.h"

namespace focalpost::mime {
namespace {

/// One parameter as written; several make a continued one.
struct Piece {
  std::string name;
  int index = -1;  ///< the number of a continuation, -1 if it is none
  bool extended =
      false;  ///< percent-encoded, with character set and language in front of the first
  std::string value;
};

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  bool at_end() const { return at_ >= text_.size(); }
  char peek() const { return at_end() ? '\0' : text_[at_]; }
  void skip() { ++at_; }

  /// White space and comments, which nest (counted, not recursed on).
  void skip_comments() {
    for (;;) {
      while (peek() == ' ' || peek() == '\t') ++at_;
      if (peek() != '(' || unclosed_) return;
      std::size_t depth = 0, i = at_;
      for (; i < text_.size(); ++i) {
        if (text_[i] == '\\') {
          ++i;
        } else if (text_[i] == '(') {
          ++depth;
        } else if (text_[i] == ')' && --depth == 0) {
          break;
        }
      }
      if (i >= text_.size()) {
        // QUIRK: RFC 5322 3.2.2: comments are closed; from one that is not, parentheses are text,
        // e.g. Content-Type: multipart/mixed ( boundary=x. (Looked for once: linear time.)
        unclosed_ = true;
        ++at_;
        return;
      }
      at_ = i + 1;
    }
  }

  std::string_view until(std::string_view stops) {
    std::size_t end = std::min(text_.find_first_of(stops, at_), text_.size());
    auto token = text_.substr(at_, end - at_);
    at_ = end;
    return token;
  }

  /// After the opening quote. In the name of a file only \" and \\ are escapes.
  std::string quoted(bool file_name) {
    std::string value;
    for (; !at_end() && text_[at_] != '"'; ++at_) {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) {
        char escaped = text_[at_ + 1];
        // QUIRK: RFC 5322 3.2.4: a backslash escapes anything; but filename="C:\data\a.xml".
        if (!file_name || escaped == '"' || escaped == '\\') ++at_;
      }
      value += text_[at_];
    }
    if (!at_end()) ++at_;
    return value;
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
  bool unclosed_ = false;
};

std::string percent_decode(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 &&
        hex_value(text[i + 2]) >= 0) {
      bytes += static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
      i += 2;
    } else {
      bytes += text[i];
    }
  }
  return bytes;
}

/// "filename*1*" -> filename, 1, extended.
Piece piece_of(std::string_view written, std::string value) {
  Piece piece;
  piece.value = std::move(value);
  piece.name = ascii_lower(written);
  std::string_view name = piece.name;
  if (name.ends_with('*')) {
    piece.extended = true;
    name.remove_suffix(1);
  }
  if (auto star = name.rfind('*'); star != name.npos && star + 1 < name.size()) {
    std::string_view digits = name.substr(star + 1);
    if (digits.size() <= 4 && digits.find_first_not_of("0123456789") == digits.npos) {
      piece.index = 0;
      for (char c : digits) piece.index = piece.index * 10 + (c - '0');
      name = name.substr(0, star);
    }
  }
  piece.name = std::string(name);
  return piece;
}

bool is_file_name(std::string_view name) {
  return ascii_istarts_with(name, "name") || ascii_istarts_with(name, "filename");
}

/// Pieces of one name, in the order of their index, to a value.
Parameter join(const Piece* first, const Piece* last) {
  Parameter result;
  result.name = first->name;
  const Piece *plain = nullptr, *extended = nullptr;
  for (const Piece* p = first; p != last && p->index < 0; ++p) {
    if (p->extended && !extended) extended = p;
    if (!p->extended && !plain) plain = p;
  }
  std::string bytes, charset;
  bool have = false, any_extended = false;
  auto add = [&](const Piece& piece, bool leads) {
    std::string_view value = piece.value;
    if (piece.extended && leads) {
      auto quote = value.find('\'');
      auto second = quote == value.npos ? quote : value.find('\'', quote + 1);
      // QUIRK: RFC 2231 4 wants charset'language' in front; without it the set is as good as
      // unnamed.
      if (second != value.npos) {
        charset = std::string(value.substr(0, quote));
        value.remove_prefix(second + 1);
      }
    }
    bytes += piece.extended ? percent_decode(value) : std::string(value);
    any_extended |= piece.extended;
    have = true;
  };
  if (extended) {
    add(*extended, true);
  } else {
    int next = 0;
    for (const Piece* p = first; p != last; ++p) {
      if (p->index < 0 || p->index < next) continue;  // plain, or a number given twice
      if (p->index > next) break;                     // a piece is missing: what follows is lost
      add(*p, next == 0);
      ++next;
    }
  }
  if (!have && plain) bytes = plain->value;
  // QUIRK: RFC 2047 5 forbids encoded words in parameters; half of all mailers write them, e.g.
  // filename="=?utf-8?B?0LAueG1s?="
  Text text = any_extended ? decode_bytes(bytes, charset) : decode_words(bytes);
  result.value = std::move(text.text);
  result.assumed_charset = std::move(text.assumed_charset);
  return result;
}

}  // namespace

const Parameter* Parameterised::find(std::string_view name) const {
  for (const Parameter& p : parameters)
    if (p.name == name) return &p;
  return nullptr;
}

std::string_view Parameterised::get(std::string_view name) const {
  const Parameter* p = find(name);
  return p ? std::string_view(p->value) : std::string_view();
}

Parameterised parse_parameterised(std::string_view raw) {
  Parameterised result;
  std::string text = unfold(raw);
  Scanner in(text);
  in.skip_comments();
  std::string value;
  if (in.peek() == '"') {
    // QUIRK: RFC 2045 5.1: the type is a token; e.g. Content-Type: "text/xml"
    in.skip();
    value = in.quoted(false);
  } else {
    value = std::string(in.until(" \t;("));
    in.skip_comments();
    // QUIRK: RFC 2045 5.1 has no space in a type; e.g. text / xml
    if (in.peek() == '/' || value.ends_with('/')) {
      if (in.peek() == '/') {
        in.skip();
        value += '/';
      }
      in.skip_comments();
      value += in.until(" \t;(");
    }
  }
  while (value.ends_with(',')) value.pop_back();
  result.value = ascii_lower(trim(value));

  std::vector<Piece> pieces;
  while (pieces.size() < kMostParameters) {
    in.skip_comments();
    while (in.peek() == ';') {
      in.skip();
      in.skip_comments();
    }
    if (in.at_end()) break;
    // QUIRK: RFC 2045 5.1: parameters are set apart by semicolons; spaces do, e.g.
    // text/xml charset=utf-8 name=a.xml
    std::string_view name = in.until("=; \t(");
    in.skip_comments();
    if (in.peek() != '=') {
      if (name.empty()) in.skip();
      continue;
    }
    in.skip();
    bool file_name = is_file_name(name);
    std::string parameter;
    while (in.peek() == ' ' || in.peek() == '\t') in.skip();
    if (!file_name) in.skip_comments();
    if (in.peek() == '"') {
      in.skip();
      parameter = in.quoted(file_name);
    } else if (file_name) {
      // QUIRK: RFC 2045 5.1: such values are quoted; e.g. name=Report (final) 2026.xml
      parameter = std::string(trim(in.until(";")));
    } else if (ascii_iequal(name, "boundary")) {
      // QUIRK: the same; e.g. boundary=Part(1)=_x
      parameter = std::string(in.until("; \t"));
    } else {
      parameter = std::string(in.until("; \t("));
    }
    if (!name.empty()) pieces.push_back(piece_of(name, std::move(parameter)));
  }

  std::stable_sort(pieces.begin(), pieces.end(), [](const Piece& a, const Piece& b) {
    return a.name != b.name ? a.name < b.name : a.index < b.index;
  });
  for (std::size_t i = 0; i < pieces.size();) {
    std::size_t end = i;
    while (end < pieces.size() && pieces[end].name == pieces[i].name) ++end;
    result.parameters.push_back(join(pieces.data() + i, pieces.data() + end));
    i = end;
  }
  return result;
}

}  // namespace focalpost::mime
