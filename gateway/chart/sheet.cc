// SPDX-License-Identifier: Apache-2.0
#include "chart/sheet.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "model/decimal.h"

namespace focalpost::chart {
namespace {

constexpr std::size_t kWordCharacters = 60;
constexpr double kWidestNumber = 180;  ///< wider than kLargestDrawn with decimals
constexpr std::size_t kFootCharacters = 600;
constexpr std::size_t kFootLines = 6;   ///< of the footnote that came in
constexpr std::size_t kNameLines = 2;   ///< of what is not drawn
constexpr std::size_t kNamesRead = 50;  ///< and those that are read for it

Result<Value> read_value(const ChartPoint& point, const std::string& label) {
  Value made;
  made.period = point.period;
  made.provisional = point.provisional;
  made.estimated = point.estimated;
  made.breaks = point.breaks;
  if (point.value.empty()) {
    made.withheld = point.withheld;
    return made;
  }
  Decimal number;
  NumberForm form = read_number(point.value, &number);
  if (form == NumberForm::kNaN) return made;
  if (form == NumberForm::kNone)
    return not_right(fmt::format("chart: \"{}\" of {} is not a number",
                                 clean(point.value, kWordCharacters), label));
  // What has more digits than Decimal holds is as large, or as near, as a picture can show.
  made.value =
      number.exponent == kTooLarge ? std::strtod(point.value.c_str(), nullptr) : number.to_double();
  if (!(std::abs(made.value) <= kLargestDrawn))
    return not_right(fmt::format("chart: {} of {} is too large to be drawn",
                                 clean(point.value, kWordCharacters), label));
  made.decimals = number.exponent == kTooLarge ? 0 : std::min(number.decimals(), 18);
  made.there = true;
  return made;
}

bool id_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_';
}

}  // namespace

std::string clean(std::string_view text, std::size_t limit) {
  // Four bytes a character at most: what is far beyond the limit is not even read.
  std::string line = one_line(text.substr(0, 4 * limit + 8));
  std::string made;
  bool space = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    // U+FFFE and U+FFFF are no characters of XML
    if (line.compare(i, 3, "\xEF\xBF\xBE") == 0 || line.compare(i, 3, "\xEF\xBF\xBF") == 0) {
      made += "\xEF\xBF\xBD";
      i += 2;
    } else if (line[i] == ' ') {
      space = !made.empty();
      continue;
    } else {
      if (space) made += ' ';
      made += line[i];
    }
    space = false;
  }
  return shorten(made, limit);
}

bool Row::any_value() const {
  return std::any_of(values.begin(), values.end(), [](const Value& v) { return v.there; });
}
bool Row::any_withheld() const {
  return std::any_of(values.begin(), values.end(), [](const Value& v) { return v.withheld; });
}

Result<Facts> read_facts(const Chart& chart) {
  Facts made;
  for (const ChartSeries& series : chart.series) {
    Row row;
    row.label = clean(series.label);
    row.values.reserve(series.points.size());
    for (const ChartPoint& point : series.points) {
      if (point.period.empty()) continue;
      FP_ASSIGN(Value value, read_value(point, row.label));
      row.values.push_back(value);
    }
    auto& values = row.values;
    std::stable_sort(values.begin(), values.end(), [](const Value& a, const Value& b) {
      return std::pair(a.period.first_day(), a.period) < std::pair(b.period.first_day(), b.period);
    });
    std::size_t kept = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (kept > 0 && values[kept - 1].period == values[i].period) --kept;
      values[kept++] = values[i];
    }
    values.resize(kept);
    for (const Value& value : values) made.periods.push_back(value.period);
    made.rows.push_back(std::move(row));
  }
  std::sort(made.periods.begin(), made.periods.end(), [](Period a, Period b) {
    return std::pair(a.first_day(), a) < std::pair(b.first_day(), b);
  });
  made.periods.erase(std::unique(made.periods.begin(), made.periods.end()), made.periods.end());
  if (std::none_of(made.rows.begin(), made.rows.end(),
                   [](const Row& row) { return row.any_value(); }))
    return not_right("chart: there is no value to be drawn");
  return made;
}

Sheet::Sheet(const Chart& of, Type& with, int width) : chart(of), type(with) {
  picture.width = width;
  add(Box{});  // the ground
  for (char c : chart.id.substr(0, 64))
    if (id_character(c)) picture.id += c;
  if (picture.id.empty()) picture.id = "chart";
  if (chart.lang.size() <= 35 && std::all_of(chart.lang.begin(), chart.lang.end(), id_character))
    picture.lang = chart.lang;
  picture.title = clean(chart.title);
  picture.description = clean(chart.description, 4 * kLabelCharacters);
  if (picture.description.empty()) {
    picture.description = clean(chart.subtitle);
    for (std::size_t i = 0; i < std::min(chart.series.size(), kLinesDrawn); ++i)
      picture.description += (picture.description.empty() ? ""
                              : i == 0                    ? ": "
                                                          : ", ") +
                             clean(chart.series[i].label, kWordCharacters);
  }
}

void Sheet::set_height(double height) {
  picture.height = int(std::ceil(height));
  auto& ground = std::get<Box>(picture.pieces.front());
  ground.width = picture.width;
  ground.height = picture.height;
}

Text& Sheet::text(Spot at, std::string said, double size, Role role, Anchor anchor, Colour colour,
                  bool bold) {
  Text made;
  made.at = at;
  made.width = type.width(said, size, bold);
  made.text = std::move(said);
  made.size = size;
  made.bold = bold;
  made.anchor = anchor;
  made.colour = colour;
  made.role = role;
  add(std::move(made));
  return std::get<Text>(picture.pieces.back());
}

std::string Sheet::number(double value, int decimals) const {
  std::string said = chart.words.number ? chart.words.number(value, decimals)
                                        : fmt::format("{:.{}f}", value, decimals);
  return type.fit(clean(said, kWordCharacters), kTickSize, false, kWidestNumber);
}
std::string Sheet::period(Period period) const {
  return clean(chart.words.period ? chart.words.period(period) : period.text(), kWordCharacters);
}
std::string Sheet::tick(Period period) const {
  if (chart.words.tick) return clean(chart.words.tick(period), kWordCharacters);
  std::string text = period.text();
  return period.kind() == PeriodKind::kYear || text.size() < 6 ? text : text.substr(5);
}

std::string Sheet::said(const Row& row, const Value& value) const {
  std::string made = fmt::format("{}{}{}: {}", row.label, row.label.empty() ? "" : ", ",
                                 period(value.period), number(value.value, value.decimals));
  std::string marks;
  auto mark = [&](bool is, const std::string& word) {
    if (is) marks += (marks.empty() ? "" : ", ") + clean(word, kWordCharacters);
  };
  mark(value.provisional, chart.words.provisional);
  mark(value.estimated, chart.words.estimated);
  mark(value.breaks, chart.words.series_break);
  return marks.empty() ? made : fmt::format("{} ({})", made, marks);
}

double Sheet::head(std::string_view unit) {
  double y = kMargin;
  const double most = right() - left();
  if (!chart.example.empty()) {
    std::string said = type.fit(clean(chart.example), kFootSize, true, most - 12);
    Box box;
    box.x = left(), box.y = y, box.height = 17;
    box.width = type.width(said, kFootSize, true) + 12;
    box.fill = 0xFFF1DC;
    box.edge = 0x8A4B00;
    box.edge_width = 0.75;
    box.role = Role::kHead;
    add(box);
    text({left() + 6, y + 12.2}, std::move(said), kFootSize, Role::kHead, Anchor::kStart, 0x6B3A00,
         true);
    y += 25;
  }
  auto lines = [&](std::string_view said, double size, double line, bool bold, Colour colour) {
    for (std::string& part : type.broken(clean(said), size, bold, most, 2)) {
      y += line;
      text({left(), y - line * 0.25}, std::move(part), size, Role::kHead, Anchor::kStart, colour,
           bold);
    }
  };
  lines(chart.title, 15, 19, true, 0x111111);
  lines(chart.subtitle, 12, 16, false, 0x333333);
  std::string shown_unit = clean(unit);
  if (!shown_unit.empty()) {
    y += 20;
    text({left(), y - 4}, type.fit(shown_unit, kTickSize, false, most), kTickSize, Role::kHead,
         Anchor::kStart, kSoft);
  }
  return y + 6;
}

void Foot::explain(Key key) {
  for (const Key& known : keys_)
    if (known.kind == key.kind) return;
  keys_.push_back(key);
  std::stable_sort(keys_.begin(), keys_.end(),
                   [](const Key& a, const Key& b) { return a.kind < b.kind; });
}

void Foot::line(std::string_view said, std::size_t lines) {
  for (std::string& part :
       sheet_.type.broken(said, kFootSize, false, sheet_.right() - sheet_.left(), lines))
    lines_.push_back(std::move(part));
}

void Foot::names(std::string_view before, const std::vector<std::string>& names,
                 std::string_view after) {
  if (names.empty()) return;
  std::string said(before);
  for (std::size_t i = 0; i < std::min(names.size(), kNamesRead); ++i) {
    if (!said.empty()) said += i == 0 ? " " : ", ";
    said += names[i];
  }
  if (names.size() > kNamesRead) said += ", …";
  if (!after.empty()) said += fmt::format(": {}", after);
  line(said, kNameLines);
}

void Foot::notes() {
  const Chart& chart = sheet_.chart;
  const std::size_t had = lines_.size();
  for (std::string_view note : split(std::string_view(chart.footnote).substr(0, 16384), '\n')) {
    const std::size_t used = lines_.size() - had;
    if (used >= kFootLines) break;
    line(clean(note, kFootCharacters), kFootLines - used);
  }
  line(clean(chart.source, kFootCharacters), 2);
}

double Foot::item(const Key& key, double x, double y, bool draw) const {
  const bool small = key.kind == Key::Kind::kBreak || key.kind == Key::Kind::kWithheld;
  const double sample = small ? 8 : 26;
  const ChartWords& words = sheet_.chart.words;
  const std::string* word = nullptr;
  switch (key.kind) {
    case Key::Kind::kProvisional:
      word = &words.provisional;
      break;
    case Key::Kind::kEstimated:
      word = &words.estimated;
      break;
    case Key::Kind::kBreak:
      word = &words.series_break;
      break;
    case Key::Kind::kWithheld:
      word = &words.withheld;
      break;
  }
  std::string said = sheet_.type.fit(clean(*word, kWordCharacters), kFootSize, false,
                                     sheet_.right() - sheet_.left() - sample - 5);
  double end = x + sample + 5 + sheet_.type.width(said, kFootSize);
  if (!draw) return end;
  const bool estimated = key.kind == Key::Kind::kEstimated;
  const double middle = y - 3.5;
  if (key.kind == Key::Kind::kBreak) {
    sheet_.add(Line{{{x + sample / 2, middle - 6}, {x + sample / 2, middle + 6}},
                    kSoft,
                    1.5,
                    Dash::kDashed,
                    Role::kKey});
  } else if (key.kind == Key::Kind::kWithheld) {
    sheet_.add(
        Mark{{x + sample / 2, middle}, 3, Shape::kCross, Fill::kFull, kSoft, Role::kKey, -1, {}});
  } else if (key.bar) {
    Box box;
    box.x = x, box.y = middle - 5, box.width = sample, box.height = 10;
    box.edge = kSoft, box.edge_width = 1.4;
    box.dash = estimated ? Dash::kDotted : Dash::kSolid;
    box.role = Role::kKey;
    sheet_.add(box);
  } else {
    sheet_.add(Line{{{x, middle}, {x + sample, middle}},
                    kSoft,
                    1.75,
                    estimated ? Dash::kDotted : Dash::kDashed,
                    Role::kKey});
    sheet_.add(Mark{{x + sample / 2, middle},
                    3.5,
                    Shape::kCircle,
                    estimated ? Fill::kDot : Fill::kHollow,
                    kSoft,
                    Role::kKey,
                    -1,
                    {}});
  }
  sheet_.text({x + sample + 5, y}, std::move(said), kFootSize, Role::kKey, Anchor::kStart, kSoft);
  return end;
}

double Foot::keys_height() const {
  if (keys_.empty()) return 0;
  double x = sheet_.left(), height = 18;
  for (const Key& key : keys_) {
    double end = item(key, x, 0, false);
    if (end > sheet_.right() && x > sheet_.left()) height += 16, end += sheet_.left() - x;
    x = end + 18;
  }
  return height;
}

double Foot::height() const {
  return keys_height() + double(lines_.size()) * kFootLine;
}

void Foot::draw(double top) const {
  double x = sheet_.left(), y = top + 10;
  for (const Key& key : keys_) {
    if (x > sheet_.left() && item(key, x, y, false) > sheet_.right()) x = sheet_.left(), y += 16;
    x = item(key, x, y, true) + 18;
  }
  y = top + keys_height();
  for (const std::string& said : lines_) {
    y += kFootLine;
    sheet_.text({sheet_.left(), y - 3}, said, kFootSize, Role::kFoot, Anchor::kStart, kSoft);
  }
}

}  // namespace focalpost::chart
