// SPDX-License-Identifier: Apache-2.0
//
// sheet: what lines and bars share while a picture is laid out: the facts made ready, the pen, what
// stands above and below. Private to the room.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "chart/picture.h"
#include "chart/type.h"

namespace focalpost::chart {

inline constexpr double kMargin = 14;
inline constexpr double kTickSize = 11;
inline constexpr double kNameSize = 11.5;
inline constexpr double kNameLine = 14;  ///< from baseline to baseline
inline constexpr double kFootSize = 10;
inline constexpr double kFootLine = 13.5;
inline constexpr Colour kInk = 0x222222, kSoft = 0x555555, kGridColour = 0xE0E0E0;

/// Okabe and Ito's without yellow, those with the most contrast first; orange and sky blue
/// darkened.
inline constexpr std::array<Colour, kLinesDrawn> kColours = {
    0x0072B2, 0xD55E00, 0x009E73, 0x000000, 0xCC79A7, 0xB87F00, 0x3A93C9, 0x7A7A7A};

struct Value {
  Period period;
  bool there = false;
  double value = 0;
  int decimals = 0;
  bool provisional = false, estimated = false, breaks = false, withheld = false;
  Fill fill() const { return estimated ? Fill::kDot : provisional ? Fill::kHollow : Fill::kFull; }
  Dash dash() const {
    return estimated ? Dash::kDotted : provisional ? Dash::kDashed : Dash::kSolid;
  }
};

/// In order of time, each period once.
struct Row {
  std::string label;
  std::vector<Value> values;
  bool any_value() const;
  bool any_withheld() const;
};

struct Facts {
  std::vector<Row> rows;
  std::vector<Period> periods;  ///< of all rows, sorted
};
Result<Facts> read_facts(const Chart& chart);

/// Text of a stranger made fit: one line, valid, short.
std::string clean(std::string_view text, std::size_t limit = kLabelCharacters);

/// A picture that is being made.
class Sheet {
 public:
  Sheet(const Chart& chart, Type& type, int width);

  const Chart& chart;
  Type& type;
  Picture picture;

  double left() const { return kMargin; }
  double right() const { return picture.width - kMargin; }

  template <typename One>
  void add(One piece) {
    picture.pieces.emplace_back(std::in_place_type<One>, std::move(piece));
  }
  /// Once its height is known; the ground comes first, see the constructor.
  void set_height(double height);
  Text& text(Spot at, std::string said, double size, Role role, Anchor anchor = Anchor::kStart,
             Colour colour = kInk, bool bold = false);
  std::string number(double value, int decimals) const;
  std::string period(Period period) const;
  std::string tick(Period period) const;
  /// "Kyrgyzstan, March 2026: 1,234 (provisional)"
  std::string said(const Row& row, const Value& value) const;

  /// Example, title, subtitle, unit; gives where the rest may begin.
  double head(std::string_view unit);
};

/// What stands below: first it is said, so that its height is known, then drawn.
class Foot {
 public:
  explicit Foot(Sheet& sheet) : sheet_(sheet) {}

  struct Key {
    enum class Kind { kProvisional, kEstimated, kBreak, kWithheld } kind;
    bool bar = false;
  };
  /// What a mark means; each kind once.
  void explain(Key key);
  /// "Not drawn: A, B", "A, B: no data"; nothing where there are no names.
  void names(std::string_view before, const std::vector<std::string>& names,
             std::string_view after);
  /// Footnote and source.
  void notes();

  double height() const;
  void draw(double top) const;

 private:
  void line(std::string_view said, std::size_t lines);
  /// Where it ends.
  double item(const Key& key, double x, double y, bool draw) const;
  double keys_height() const;

  Sheet& sheet_;
  std::vector<Key> keys_;
  std::vector<std::string> lines_;
};

/// Three periods or more.
void lay_out_lines(Sheet& sheet, const Facts& facts, int height);
/// One or two.
void lay_out_bars(Sheet& sheet, const Facts& facts);

}  // namespace focalpost::chart
