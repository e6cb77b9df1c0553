// SPDX-License-Identifier: Apache-2.0
//
// mutator: one XML message, broken in one place by chance.
//
// The message is cut into pieces (tags and texts), one or two changes are made, and the pieces are
// put together again, so that what comes out is mostly well-formed XML. The same message, material
// and seed always give the same mutation, on every machine: nothing here is of the standard
// library's distributions. For messages without document type and CDATA, as the tests have them.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace focalpost {

/// Numbers by chance (splitmix64), the same everywhere.
class Chance {
 public:
  explicit Chance(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15ull);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return z ^ (z >> 31);
  }
  /// 0 to n-1; 0 if n is 0.
  std::size_t below(std::size_t n) { return n ? static_cast<std::size_t>(next() % n) : 0; }
  bool one_in(std::size_t n) { return below(n) == 0; }
  template <typename List>
  const auto& of(const List& list) {
    return list[below(list.size())];
  }

 private:
  std::uint64_t state_;
};

struct XmlPiece {
  enum Kind { kStart, kEnd, kEmpty, kText, kOther };
  Kind kind = kText;
  std::string name;                                             ///< with its prefix
  std::vector<std::pair<std::string, std::string>> attributes;  ///< values as they are written
  std::string text;                                             ///< of kText and kOther, as written

  bool tag() const { return kind == kStart || kind == kEmpty; }
  std::string local() const { return name.substr(name.find(':') + 1); }
  std::string* attribute(std::string_view wanted) {
    for (auto& [n, value] : attributes)
      if (n == wanted) return &value;
    return nullptr;
  }
  std::string written() const {
    if (kind == kText || kind == kOther) return text;
    if (kind == kEnd) return "</" + name + ">";
    std::string result = "<" + name;
    for (const auto& [n, value] : attributes) result += " " + n + "=\"" + value + "\"";
    return result + (kind == kEmpty ? "/>" : ">");
  }
};
using XmlPieces = std::vector<XmlPiece>;

inline XmlPieces pieces_of(std::string_view text) {
  XmlPieces pieces;
  auto until = [&](std::string_view mark, std::size_t from) {
    const auto at = text.find(mark, from);
    return at == text.npos ? text.size() : at + mark.size();
  };
  for (std::size_t at = 0; at < text.size();) {
    XmlPiece& piece = pieces.emplace_back();
    if (text[at] != '<') {
      const std::size_t end = std::min(text.find('<', at), text.size());
      piece.text = text.substr(at, end - at);
      at = end;
      continue;
    }
    const bool comment = text.compare(at, 4, "<!--") == 0;
    const std::size_t end = comment               ? until("-->", at)
                            : text[at + 1] == '?' ? until("?>", at)
                                                  : until(">", at);
    std::string_view inside = text.substr(at, end - at);
    at = end;
    if (comment || inside[1] == '?') {
      piece.kind = XmlPiece::kOther;
      piece.text = inside;
      continue;
    }
    piece.kind = inside[1] == '/'                   ? XmlPiece::kEnd
                 : inside[inside.size() - 2] == '/' ? XmlPiece::kEmpty
                                                    : XmlPiece::kStart;
    inside.remove_prefix(piece.kind == XmlPiece::kEnd ? 2 : 1);
    inside.remove_suffix(piece.kind == XmlPiece::kEmpty ? 2 : 1);
    const std::size_t name = std::min(inside.find_first_of(" \t\r\n"), inside.size());
    piece.name = inside.substr(0, name);
    for (std::size_t i = name;;) {
      i = inside.find_first_not_of(" \t\r\n", i);
      if (i == inside.npos) break;
      const auto quote = inside.find_first_of("\"'", i);
      const auto close = inside.find(inside[quote], quote + 1);
      std::string_view n = inside.substr(i, inside.find_first_of(" =", i) - i);
      piece.attributes.emplace_back(n, inside.substr(quote + 1, close - quote - 1));
      i = close + 1;
    }
  }
  return pieces;
}

struct Mutation {
  std::string text;    ///< the whole message
  std::string what;    ///< "attribute SEX of Series dropped"
  std::size_t at = 0;  ///< where in `text` the last change was made
};

class Mutator {
 public:
  /// Of each lexical form of SDMX's data types some right and some wrong, and what people write.
  /// As they stand in an attribute.
  static constexpr std::array<std::string_view, 109> kValues = {"",
                                                                " ",
                                                                "x",
                                                                "A",
                                                                "abc",
                                                                "a b",
                                                                "a1",
                                                                "0",
                                                                "1",
                                                                "-1",
                                                                "+5",
                                                                "007",
                                                                "1.5",
                                                                "-0.5",
                                                                ".5",
                                                                "5.",
                                                                "1e5",
                                                                "1E-3",
                                                                "1,5",
                                                                "1 000",
                                                                "NaN",
                                                                "INF",
                                                                "-INF",
                                                                "+INF",
                                                                "#N/A",
                                                                "-",
                                                                "..",
                                                                "x1",
                                                                "true",
                                                                "false",
                                                                "TRUE",
                                                                "1.50000",
                                                                "32768",
                                                                "2147483648",
                                                                "9223372036854775807",
                                                                "9223372036854775808",
                                                                "123456789012345678901234567890",
                                                                "0.1234567890123456789",
                                                                "2010",
                                                                "2010-01",
                                                                "2010-13",
                                                                "2010-1",
                                                                "2010-01-31",
                                                                "2010-02-30",
                                                                "2010-12-31T00:00:00",
                                                                "2010-12-31T24:00:00",
                                                                "2010-12-31T25:00:00",
                                                                "2010-12-31T10:00",
                                                                "2010-12-31T10:00:00.5Z",
                                                                "2010-12-31T10:00:00+05:00",
                                                                "2010-12-31T10:00:00+15:00",
                                                                "2010Z",
                                                                "2010+05:00",
                                                                "2010-01Z",
                                                                "2010-01-31+14:00",
                                                                "12010",
                                                                "-2010",
                                                                "0000",
                                                                "10000-01",
                                                                "2010-A1",
                                                                "2010-A2",
                                                                "2010-S1",
                                                                "2010-S3",
                                                                "2010-T3",
                                                                "2010-T4",
                                                                "2010-Q1",
                                                                "2010-Q5",
                                                                "2010-M01",
                                                                "2010-M13",
                                                                "2010-W01",
                                                                "2010-W53",
                                                                "2010-W54",
                                                                "2010-D001",
                                                                "2010-D010",
                                                                "2010-D366",
                                                                "2010-D367",
                                                                "2010-Q1Z",
                                                                "2010-Q1+05:00",
                                                                "2010-01-01/P1M",
                                                                "2010-01-01T00:00:00/PT1H",
                                                                "2010-01/P1M",
                                                                "2010-01-01/1M",
                                                                "2010-01-01/P1Y2M3DT4H5M6S",
                                                                "2010-01-01/P0D",
                                                                "--01",
                                                                "--13",
                                                                "--02-29",
                                                                "--02-30",
                                                                "---31",
                                                                "---32",
                                                                "10:00:00",
                                                                "24:00:00",
                                                                "25:00:00",
                                                                "10:00:00Z",
                                                                "P1M",
                                                                "P1W",
                                                                "PT1.5S",
                                                                "-P1D",
                                                                "P",
                                                                "http://a.example/x?y=1",
                                                                "http://a b",
                                                                "%",
                                                                "A&amp;B",
                                                                "\t1",
                                                                "1 ",
                                                                " 1",
                                                                "\u0416",
                                                                "ID.1",
                                                                "1_A"};

  /// `names`: of components and groups, `values`: codes and the like, both beside what the message
  /// has.
  Mutator(std::string_view message, std::vector<std::string> names, std::vector<std::string> values)
      : original_(pieces_of(message)), names_(std::move(names)), values_(std::move(values)) {
    for (const XmlPiece& piece : original_) {
      if (!piece.tag()) continue;
      add(elements_, piece.name);
      if (piece.name.find(':') != piece.name.npos)
        add(prefixes_, piece.name.substr(0, piece.name.find(':')));
      for (const auto& [name, value] : piece.attributes) {
        if (name.starts_with("xmlns")) continue;
        add(names_, name);
        add(values_, value);
      }
    }
  }

  Mutation mutate(std::uint64_t seed) const {
    Work work{original_, Chance(seed), {}, 0};
    const std::size_t changes = work.chance.one_in(8) ? 2 : 1;
    for (std::size_t i = 0; i < changes; ++i) {
      std::string what;
      for (int tries = 0; what.empty() && tries < 50; ++tries) what = change(work);
      work.what += (work.what.empty() ? "" : "; and ") + what;
    }
    Mutation mutation;
    mutation.what = work.what;
    for (std::size_t i = 0; i < work.pieces.size(); ++i) {
      if (i == work.at) mutation.at = mutation.text.size();
      mutation.text += work.pieces[i].written();
    }
    return mutation;
  }

 private:
  struct Work {
    XmlPieces pieces;
    Chance chance;
    std::string what;
    std::size_t at;  ///< the piece that was changed
  };
  using Names = std::vector<std::string>;

  static void add(Names& list, const std::string& text) {
    if (std::find(list.begin(), list.end(), text) == list.end()) list.push_back(text);
  }

  // ---- finding a place

  /// A tag by chance: two times of three one of all, which mostly is of the data, else each element
  /// name as likely as any other, so that the few of the header have their share.
  static std::size_t some_tag(Work& w, bool with_attributes = false) {
    Names names;
    auto fits = [&](const XmlPiece& p) {
      return p.tag() && !(with_attributes && p.attributes.empty());
    };
    if (!w.chance.one_in(3)) {
      std::vector<std::size_t> places;
      for (std::size_t i = 0; i < w.pieces.size(); ++i)
        if (fits(w.pieces[i])) places.push_back(i);
      return places.empty() ? w.pieces.size() : w.chance.of(places);
    }
    for (const XmlPiece& piece : w.pieces)
      if (fits(piece)) add(names, piece.name);
    if (names.empty()) return w.pieces.size();
    const std::string name = w.chance.of(names);
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < w.pieces.size(); ++i)
      if (fits(w.pieces[i]) && w.pieces[i].name == name) places.push_back(i);
    return w.chance.of(places);
  }
  /// One behind the last piece of the element that begins at `start`.
  static std::size_t end_of(const XmlPieces& pieces, std::size_t start) {
    std::size_t depth = 0;
    for (std::size_t i = start; i < pieces.size(); ++i) {
      if (pieces[i].kind == XmlPiece::kStart) ++depth;
      if (pieces[i].kind == XmlPiece::kEnd) --depth;
      if (depth == 0) return i + 1;
    }
    return pieces.size();
  }
  static bool is_root(const Work& w, std::size_t i) {
    for (std::size_t k = 0; k < i; ++k)
      if (w.pieces[k].tag()) return false;
    return true;
  }
  static std::size_t not_namespace(Work& w, const XmlPiece& piece) {
    std::vector<std::size_t> places;
    for (std::size_t a = 0; a < piece.attributes.size(); ++a)
      if (!piece.attributes[a].first.starts_with("xmlns")) places.push_back(a);
    return places.empty() ? piece.attributes.size() : w.chance.of(places);
  }

  // ---- material

  std::string some_value(Work& w) const {
    if (w.chance.one_in(25)) return std::string(w.chance.one_in(2) ? 60 : 3000, 'L');
    if (w.chance.one_in(3) && !values_.empty()) return w.chance.of(values_);
    return std::string(w.chance.of(kValues));
  }
  static std::string edited(Work& w, std::string value) {
    const std::size_t at = w.chance.below(value.size() + 1);
    switch (w.chance.below(7)) {
      case 0:
        return " " + value;
      case 1:
        return value + " ";
      case 2:
        if (at < value.size()) value.erase(at, 1);
        return value;
      case 3:
        return value.insert(at, "1");
      case 4:
        return value.insert(at, "X");
      case 5:
        for (char& c : value)
          if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 32);
        return value;
      default:
        if (value.size() < 2 || value.find('&') != value.npos) return value + value;
        std::swap(value[at % value.size()], value[(at + 1) % value.size()]);
        return value;
    }
  }
  std::string some_name(Work& w) const {
    static const std::array<std::string_view, 16> kNames = {
        "NONSENSE",     "xsi:type",     "xsi:nil",
        "xml:lang",     "type",         "setID",
        "TIME_PERIOD",  "OBS_VALUE",    "REPORTING_YEAR_START_DAY",
        "id",           "value",        "action",
        "dataScope",    "structureRef", "undeclared:x",
        "validFromDate"};
    if (w.chance.one_in(3) || names_.empty()) return std::string(w.chance.of(kNames));
    return w.chance.of(names_);
  }
  std::string some_element(Work& w) const {
    static const std::array<std::string_view, 8> kNames = {"Nonsense", "Obs",   "Series",  "Group",
                                                           "Atts",     "Value", "DataSet", "Comp"};
    return w.chance.one_in(3) ? std::string(w.chance.of(kNames)) : w.chance.of(elements_);
  }

  static void rename(Work& w, std::size_t start, const std::string& name) {
    const std::size_t end = end_of(w.pieces, start);
    if (w.pieces[start].kind == XmlPiece::kStart && end > start + 1) w.pieces[end - 1].name = name;
    w.pieces[start].name = name;
  }

  // ---- the changes; "" where it could not be done there

  std::string change(Work& w) const {
    switch (w.chance.below(22)) {
      case 0:
        return attribute_dropped(w);
      case 1:
        return attribute_added(w);
      case 2:
        return attribute_renamed(w);
      case 3:
      case 4:
        return value_of_same_name(w);
      case 5:
      case 6:
        return value_replaced(w);
      case 7:
        return value_edited(w);
      case 8:
        return attribute_moved(w);
      case 9:
        return element_dropped(w);
      case 10:
        return element_doubled(w);
      case 11:
        return element_moved(w);
      case 12:
        return elements_swapped(w);
      case 13:
        return element_renamed(w);
      case 14:
        return element_unwrapped(w);
      case 15:
        return prefix_changed(w);
      case 16:
        return namespace_changed(w);
      case 17:
        return text_replaced(w);
      case 18:
        return text_put_in(w);
      case 19:
        return header_element_dropped(w);
      case 20:
        return reference_changed(w);
      default:
        return harmless(w);
    }
  }

  std::string attribute_dropped(Work& w) const {
    w.at = some_tag(w, true);
    XmlPiece& piece = w.pieces[w.at];
    const std::size_t a = w.chance.below(piece.attributes.size());
    std::string what =
        fmt::format("attribute {} of {} dropped", piece.attributes[a].first, piece.name);
    piece.attributes.erase(piece.attributes.begin() + static_cast<std::ptrdiff_t>(a));
    return what;
  }
  std::string attribute_added(Work& w) const {
    w.at = some_tag(w);
    XmlPiece& piece = w.pieces[w.at];
    const std::string name = some_name(w), value = some_value(w);
    if (piece.attribute(name)) return {};
    piece.attributes.emplace_back(name, value);
    return fmt::format("attribute {}=\"{}\" added to {}", name, value.substr(0, 40), piece.name);
  }
  std::string attribute_renamed(Work& w) const {
    w.at = some_tag(w, true);
    XmlPiece& piece = w.pieces[w.at];
    const std::size_t a = not_namespace(w, piece);
    if (a == piece.attributes.size()) return {};
    const std::string old = piece.attributes[a].first;
    std::string name = w.chance.one_in(2) ? some_name(w) : edited(w, old);
    name.erase(std::remove(name.begin(), name.end(), ' '), name.end());
    const bool legal = !name.empty() && !(name[0] >= '0' && name[0] <= '9') && name.back() != ':' &&
                       name[0] != ':' && std::count(name.begin(), name.end(), ':') < 2;
    if (!legal || name == old || piece.attribute(name)) return {};
    piece.attributes[a].first = name;
    return fmt::format("attribute {} of {} renamed to {}", old, piece.name, name);
  }
  std::string value_of_same_name(Work& w) const {
    w.at = some_tag(w, true);
    XmlPiece& piece = w.pieces[w.at];
    const std::size_t a = not_namespace(w, piece);
    if (a == piece.attributes.size()) return {};
    auto& [name, value] = piece.attributes[a];
    Names others;
    for (XmlPiece& other : w.pieces)
      if (const std::string* there = other.attribute(name); there && *there != value)
        add(others, *there);
    // Codes that the message does not have, too.
    if (others.empty() || w.chance.one_in(3)) others = values_;
    if (others.empty()) return {};
    return replace(piece, a, w.chance.of(others));
  }
  std::string value_replaced(Work& w) const {
    w.at = some_tag(w, true);
    XmlPiece& piece = w.pieces[w.at];
    const std::size_t a = not_namespace(w, piece);
    if (a == piece.attributes.size()) return {};
    return replace(piece, a, some_value(w));
  }
  std::string value_edited(Work& w) const {
    w.at = some_tag(w, true);
    XmlPiece& piece = w.pieces[w.at];
    const std::size_t a = not_namespace(w, piece);
    if (a == piece.attributes.size()) return {};
    return replace(piece, a, edited(w, piece.attributes[a].second));
  }
  static std::string replace(XmlPiece& piece, std::size_t a, const std::string& by) {
    auto& [name, value] = piece.attributes[a];
    if (value == by) return {};
    std::string what = fmt::format("value of {} in {}: \"{}\" to \"{}\"", name, piece.name,
                                   value.substr(0, 40), by.substr(0, 40));
    value = by;
    return what;
  }
  std::string attribute_moved(Work& w) const {
    const std::size_t from = some_tag(w, true), to = some_tag(w);
    XmlPiece& piece = w.pieces[from];
    const std::size_t a = not_namespace(w, piece);
    if (from == to || a == piece.attributes.size()) return {};
    auto attribute = piece.attributes[a];
    if (w.pieces[to].attribute(attribute.first)) return {};
    piece.attributes.erase(piece.attributes.begin() + static_cast<std::ptrdiff_t>(a));
    w.pieces[to].attributes.push_back(attribute);
    w.at = to;
    return fmt::format("attribute {} moved from {} to {}", attribute.first, piece.name,
                       w.pieces[to].name);
  }

  std::string element_dropped(Work& w) const {
    const std::size_t start = some_tag(w);
    if (is_root(w, start)) return {};
    return dropped(w, start);
  }
  static std::string dropped(Work& w, std::size_t start) {
    std::string what = fmt::format("element {} dropped", w.pieces[start].name);
    w.pieces.erase(w.pieces.begin() + static_cast<std::ptrdiff_t>(start),
                   w.pieces.begin() + static_cast<std::ptrdiff_t>(end_of(w.pieces, start)));
    w.at = start;
    return what;
  }
  std::string element_doubled(Work& w) const {
    const std::size_t start = some_tag(w);
    if (is_root(w, start)) return {};
    const std::size_t end = end_of(w.pieces, start);
    XmlPieces copy(w.pieces.begin() + static_cast<std::ptrdiff_t>(start),
                   w.pieces.begin() + static_cast<std::ptrdiff_t>(end));
    w.pieces.insert(w.pieces.begin() + static_cast<std::ptrdiff_t>(end), copy.begin(), copy.end());
    w.at = end;
    return fmt::format("element {} doubled", w.pieces[start].name);
  }
  std::string element_moved(Work& w) const {
    const std::size_t start = some_tag(w);
    if (is_root(w, start)) return {};
    const std::size_t end = end_of(w.pieces, start);
    XmlPieces cut(w.pieces.begin() + static_cast<std::ptrdiff_t>(start),
                  w.pieces.begin() + static_cast<std::ptrdiff_t>(end));
    w.pieces.erase(w.pieces.begin() + static_cast<std::ptrdiff_t>(start),
                   w.pieces.begin() + static_cast<std::ptrdiff_t>(end));
    const std::size_t beside = some_tag(w);
    const bool after = w.chance.one_in(2);
    std::size_t to = beside;
    if (is_root(w, beside))
      to = beside + 1;
    else if (after)
      to = end_of(w.pieces, beside);
    w.at = to;
    w.pieces.insert(w.pieces.begin() + static_cast<std::ptrdiff_t>(to), cut.begin(), cut.end());
    return fmt::format("element {} moved beside {}", cut.front().name,
                       w.pieces[beside + (to <= beside ? cut.size() : 0)].name);
  }
  std::string elements_swapped(Work& w) const {
    const std::size_t first = some_tag(w);
    if (is_root(w, first)) return {};
    const std::size_t first_end = end_of(w.pieces, first);
    std::size_t second = first_end;
    while (second < w.pieces.size() && !w.pieces[second].tag() &&
           w.pieces[second].kind != XmlPiece::kEnd)
      ++second;
    if (second == w.pieces.size() || !w.pieces[second].tag()) return {};
    const std::size_t second_end = end_of(w.pieces, second);
    std::string what =
        fmt::format("elements {} and {} swapped", w.pieces[first].name, w.pieces[second].name);
    auto at = [&](std::size_t i) { return w.pieces.begin() + static_cast<std::ptrdiff_t>(i); };
    XmlPieces swapped(at(second), at(second_end));
    swapped.insert(swapped.end(), at(first_end), at(second));
    swapped.insert(swapped.end(), at(first), at(first_end));
    std::copy(swapped.begin(), swapped.end(), at(first));
    w.at = first;
    return what;
  }
  std::string element_renamed(Work& w) const {
    w.at = some_tag(w);
    const std::string old = w.pieces[w.at].name, name = some_element(w);
    if (is_root(w, w.at) || name == old) return {};
    rename(w, w.at, name);
    return fmt::format("element {} renamed to {}", old, name);
  }
  std::string element_unwrapped(Work& w) const {
    const std::size_t start = some_tag(w);
    if (is_root(w, start) || w.pieces[start].kind != XmlPiece::kStart) return {};
    std::string what = fmt::format("tags of {} dropped, its content left", w.pieces[start].name);
    w.pieces.erase(w.pieces.begin() + static_cast<std::ptrdiff_t>(end_of(w.pieces, start) - 1));
    w.pieces.erase(w.pieces.begin() + static_cast<std::ptrdiff_t>(start));
    w.at = start;
    return what;
  }
  std::string prefix_changed(Work& w) const {
    w.at = some_tag(w);
    const std::string old = w.pieces[w.at].name;
    if (is_root(w, w.at)) return {};
    std::string prefix =
        w.chance.one_in(3) || prefixes_.empty() ? "" : w.chance.of(prefixes_) + ":";
    if (w.chance.one_in(8)) prefix = "undeclared:";
    const std::string name = prefix + w.pieces[w.at].local();
    if (name == old) return {};
    rename(w, w.at, name);
    return fmt::format("element {} written {}", old, name);
  }
  std::string namespace_changed(Work& w) const {
    std::vector<std::pair<std::size_t, std::size_t>> places;
    for (std::size_t i = 0; i < w.pieces.size(); ++i)
      for (std::size_t a = 0; a < w.pieces[i].attributes.size(); ++a)
        if (w.pieces[i].attributes[a].first.starts_with("xmlns") ||
            w.pieces[i].attributes[a].first == "namespace")
          places.emplace_back(i, a);
    if (places.empty()) return {};
    const auto [i, a] = w.chance.of(places);
    w.at = i;
    auto& [name, value] = w.pieces[i].attributes[a];
    std::string by = value;
    switch (w.chance.below(5)) {
      case 0:
        if (auto at = by.find("v2_1"); at != by.npos) by.replace(at, 4, "v3_0");
        break;
      case 1:
        if (auto at = by.rfind("TIME_PERIOD"); at != by.npos) by.replace(at, 11, "AllDimensions");
        break;
      case 2:
        by += "x";
        break;
      case 3:
        by = edited(w, by);
        break;
      default: {
        const auto [other, b] = w.chance.of(places);
        by = w.pieces[other].attributes[b].second;
      }
    }
    // The root's own namespace makes it another kind of file, of which nothing is judged.
    const std::string root = w.pieces[i].name;
    const auto colon = root.find(':');
    const std::string own = colon == root.npos ? "xmlns" : "xmlns:" + root.substr(0, colon);
    if (by == value || name == own) return {};
    std::string what = fmt::format("{}=\"{}\" changed to \"{}\"", name, value, by);
    value = by;
    return what;
  }
  std::string text_replaced(Work& w) const {
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < w.pieces.size(); ++i)
      if (w.pieces[i].kind == XmlPiece::kText &&
          w.pieces[i].text.find_first_not_of(" \t\r\n") != std::string::npos)
        places.push_back(i);
    if (places.empty()) return {};
    w.at = w.chance.of(places);
    std::string& text = w.pieces[w.at].text;
    const std::string by = w.chance.one_in(3) ? edited(w, text) : some_value(w);
    if (by == text) return {};
    std::string what = fmt::format("text \"{}\" to \"{}\"", text.substr(0, 40), by.substr(0, 40));
    text = by;
    return what;
  }
  std::string text_put_in(Work& w) const {
    const std::size_t start = some_tag(w);
    const std::string text = w.chance.one_in(4) ? "  " : some_value(w);
    if (text.empty()) return {};
    std::string what = fmt::format("text \"{}\" in {}", text.substr(0, 40), w.pieces[start].name);
    XmlPiece piece;
    piece.text = text;
    if (w.pieces[start].kind == XmlPiece::kEmpty) {
      XmlPiece end;
      end.kind = XmlPiece::kEnd;
      end.name = w.pieces[start].name;
      w.pieces[start].kind = XmlPiece::kStart;
      w.pieces.insert(w.pieces.begin() + static_cast<std::ptrdiff_t>(start + 1), end);
    }
    w.pieces.insert(w.pieces.begin() + static_cast<std::ptrdiff_t>(start + 1), piece);
    w.at = start;
    return what;
  }
  std::string header_element_dropped(Work& w) const {
    std::size_t header = 0;
    while (header < w.pieces.size() && w.pieces[header].local() != "Header") ++header;
    if (header == w.pieces.size()) return {};
    std::vector<std::size_t> places;
    const std::size_t end = end_of(w.pieces, header);
    for (std::size_t i = header + 1; i < end; ++i)
      if (w.pieces[i].tag()) places.push_back(i);
    if (places.empty()) return {};
    return dropped(w, w.chance.of(places));
  }
  /// What binds the parts of a message: xsi:type, structureRef, dimensionAtObservation and the
  /// header's references.
  std::string reference_changed(Work& w) const {
    static const std::array<std::string_view, 9> kWords = {
        "type",   "structureRef", "structureID", "dimensionAtObservation", "agencyID", "id",
        "action", "version",      "dataScope"};
    std::vector<std::pair<std::size_t, std::size_t>> places;
    for (std::size_t i = 0; i < w.pieces.size(); ++i)
      for (std::size_t a = 0; a < w.pieces[i].attributes.size(); ++a) {
        const std::string& name = w.pieces[i].attributes[a].first;
        const std::string local = name.substr(name.find(':') + 1);
        if (w.pieces[i].local() != "Value" &&
            std::find(kWords.begin(), kWords.end(), local) != kWords.end())
          places.emplace_back(i, a);
      }
    if (places.empty()) return {};
    const auto [i, a] = w.chance.of(places);
    w.at = i;
    XmlPiece& piece = w.pieces[i];
    const std::string value = piece.attributes[a].second;
    const std::string prefix = value.substr(0, value.find(':') + 1);
    Names by = {prefix + "DataSetType",
                prefix + "SeriesType",
                prefix + "ObsType",
                prefix + "GroupType",
                "DataSetType",
                "undeclared:DataSetType",
                "TIME_PERIOD",
                "AllDimensions",
                "Append",
                "Delete",
                "Replace",
                "Information",
                "Nonsense",
                "DataStructure",
                "ConstrainedDataStructure",
                value + "_2",
                "",
                "2.0"};
    for (const std::string& name : names_) by.push_back(prefix + name);
    return replace(piece, a, w.chance.of(by));
  }
  /// What changes nothing: comments, order of attributes, white space.
  std::string harmless(Work& w) const {
    w.at = some_tag(w, true);
    XmlPiece& piece = w.pieces[w.at];
    switch (w.chance.below(3)) {
      case 0: {
        XmlPiece comment;
        comment.kind = XmlPiece::kOther;
        comment.text = w.chance.one_in(2) ? "<!-- a comment -->" : "<?note well?>";
        if (is_root(w, w.at)) return {};
        w.pieces.insert(w.pieces.begin() + static_cast<std::ptrdiff_t>(w.at), comment);
        return "a comment before " + w.pieces[w.at + 1].name;
      }
      case 1:
        std::reverse(piece.attributes.begin(), piece.attributes.end());
        return "attributes of " + piece.name + " turned round";
      default: {
        XmlPiece space;
        space.text = "\n   \n";
        w.pieces.insert(w.pieces.begin() + static_cast<std::ptrdiff_t>(w.at), space);
        return "white space before " + w.pieces[w.at + 1].name;
      }
    }
  }

  XmlPieces original_;
  Names names_, values_, elements_, prefixes_;
};

}  // namespace focalpost
