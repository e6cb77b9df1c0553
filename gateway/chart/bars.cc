// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "chart/sheet.h"

namespace focalpost::chart {
namespace {

constexpr Colour kNewer = 0x0072B2, kOlder = 0x9FD3F2;
constexpr double kBeside = 5;  ///< between a bar and its number
constexpr double kThinnest = 1;
constexpr double kLeastRoom = 12;  ///< for all bars, whatever is written beside them

struct Bar {
  const Value* value = nullptr;  ///< null: that period was not given
  std::string said;              ///< the number
  std::string word;              ///< what is said of it, or in its place
  double number() const { return value && value->there ? value->value : 0; }
};
struct Group {
  std::vector<std::string> name;  ///< lines
  std::vector<Bar> bars;
  std::size_t row = 0;
};

}  // namespace

void lay_out_bars(Sheet& sheet, const Facts& facts) {
  const std::size_t periods = facts.periods.size();
  const ChartWords& words = sheet.chart.words;
  const double width = sheet.right() - sheet.left();
  const double thickness = periods == 1 ? 15 : 12;
  auto word = [](const std::string& said) { return clean(said, 60); };

  // what stands in each row
  std::vector<Group> groups;
  std::vector<std::string> left_out;
  double names = 0;
  const double most_name = width * 0.36;
  for (std::size_t r = 0; r < facts.rows.size(); ++r) {
    const Row& row = facts.rows[r];
    if (groups.size() >= kRowsDrawn) {
      left_out.push_back(row.label);
      continue;
    }
    Group group;
    group.row = r;
    group.name = sheet.type.broken(row.label, kNameSize, false, most_name, 2);
    for (const std::string& line : group.name)
      names = std::max(names, sheet.type.width(line, kNameSize));
    for (Period period : facts.periods) {
      auto found = std::find_if(row.values.begin(), row.values.end(),
                                [&](const Value& v) { return v.period == period; });
      Bar bar;
      if (found != row.values.end()) bar.value = &*found;
      if (bar.value && bar.value->there) {
        bar.said = sheet.number(bar.value->value, bar.value->decimals);
        if (bar.value->breaks) bar.word = word(words.series_break);
      } else {
        bar.word = word(bar.value && bar.value->withheld ? words.withheld : words.missing);
      }
      group.bars.push_back(std::move(bar));
    }
    groups.push_back(std::move(group));
  }

  std::string unit = sheet.chart.unit;
  if (periods == 1) unit += (unit.empty() ? "" : ", ") + sheet.period(facts.periods[0]);
  double y = sheet.head(unit);
  if (periods == 2) {
    double x = sheet.left();
    for (std::size_t p = 0; p < 2; ++p) {
      Box box;
      box.x = x, box.y = y, box.width = 10, box.height = 10;
      box.fill = p == 0 ? kOlder : kNewer;
      box.edge = kNewer, box.edge_width = 0.75, box.role = Role::kKey;
      sheet.add(box);
      std::string said =
          sheet.type.fit(sheet.period(facts.periods[p]), kTickSize, false, width / 2 - 33);
      x += 15 + sheet.text({x + 15, y + 9}, said, kTickSize, Role::kKey).width + 18;
    }
    y += 18;
  }

  auto pitch = [&](const Group& group) {
    double bars = double(periods) * thickness + (periods == 2 ? 1 : 0);
    return std::max(bars, double(group.name.size()) * kNameLine) + (periods == 1 ? 7 : 9);
  };
  auto make_foot = [&] {
    Foot made(sheet);
    made.names(word(words.not_drawn), left_out, {});
    for (const Group& group : groups)
      for (const Bar& bar : group.bars)
        if (bar.value && bar.value->there) {
          if (bar.value->estimated)
            made.explain({Foot::Key::Kind::kEstimated, true});
          else if (bar.value->provisional)
            made.explain({Foot::Key::Kind::kProvisional, true});
        }
    made.notes();
    return made;
  };
  // How wide: every number has room to the right of its bar, or of zero where that goes to the
  // left.
  double least = 0, largest = 0;
  for (const Group& group : groups)
    for (const Bar& bar : group.bars) {
      least = std::min(least, bar.number());
      largest = std::max(largest, bar.number());
    }
  const double start = std::round(sheet.left() + names + 8), space = sheet.right() - start;
  const double span = largest - least > 0 ? largest - least : 1;
  double room = space;
  for (Group& group : groups)
    for (Bar& bar : group.bars) {
      if (!bar.word.empty()) {
        const std::string before = bar.said.empty() ? "" : bar.said + " (";
        const double rest =
            space - kLeastRoom - kBeside - sheet.type.width(before + ")", kTickSize);
        bar.said = before + sheet.type.fit(bar.word, kTickSize, false, rest) +
                   (bar.said.empty() ? "" : ")");
      }
      const double beside = sheet.type.width(bar.said, kTickSize) + kBeside + kThinnest;
      const double reach = (std::max(bar.number(), 0.0) - least) / span;
      if (reach > 0) room = std::min(room, (space - beside) / reach);
    }
  room = std::max(kLeastRoom, room);
  const double zero = std::round((start + room * (-least / span)) * 2) / 2;
  auto place = [&](double value) { return zero + room * value / span; };

  const double top = y;
  for (const Group& group : groups) {
    const double all = pitch(group);
    const double bars = double(periods) * thickness + (periods == 2 ? 1 : 0);
    const double middle = y + all / 2;
    double line = middle + 4 - double(group.name.size() - 1) * kNameLine / 2;
    for (const std::string& name : group.name) {
      sheet.text({sheet.left() + names, line}, name, kNameSize, Role::kName, Anchor::kEnd).series =
          int(group.row);
      line += kNameLine;
    }
    double at = middle - bars / 2;
    for (std::size_t p = 0; p < periods; ++p, at += thickness + 1) {
      const Bar& bar = group.bars[p];
      const bool there = bar.value && bar.value->there;
      double end = zero;
      if (there && bar.value->value != 0) {
        end = place(bar.value->value);
        if (std::abs(end - zero) < kThinnest) end = zero + (bar.value->value < 0 ? -1 : 1);
        const bool sure = bar.value->fill() == Fill::kFull;
        Box box;
        box.x = std::min(zero, end), box.y = at, box.width = std::abs(end - zero);
        box.height = thickness;
        box.fill = !sure ? 0xFFFFFF : p + 1 == periods ? kNewer : kOlder;
        box.edge = p + 1 == periods ? kNewer : 0x3A93C9;
        box.edge_width = sure ? 0.75 : 1.4;
        box.dash = bar.value->dash() == Dash::kDotted ? Dash::kDotted : Dash::kSolid;
        box.role = Role::kData;
        box.series = int(group.row);
        box.said = sheet.said(facts.rows[group.row], *bar.value);
        sheet.add(box);
      }
      sheet
          .text({std::max(zero, end) + kBeside, at + thickness / 2 + 4}, bar.said, kTickSize,
                Role::kValue, Anchor::kStart, there ? kInk : kSoft)
          .series = int(group.row);
    }
    y += all;
  }
  sheet.add(Line{{{zero, top}, {zero, y}}, 0x444444, 1, Dash::kSolid, Role::kFrame});
  const Foot foot = make_foot();
  foot.draw(y + 6);
  sheet.set_height(y + 6 + foot.height() + kMargin);
}

}  // namespace focalpost::chart
