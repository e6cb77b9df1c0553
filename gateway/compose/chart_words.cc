// SPDX-License-Identifier: Apache-2.0
#include "compose/chart_words.h"

#include "compose/blocks.h"

namespace focalpost {

Result<ChartWords> chart_words(const Phrases& phrases) {
  Words words(phrases);
  ChartWords made;
  made.number = [&phrases](double value, int decimals) { return phrases.number(value, decimals); };
  made.period = [&phrases](Period period) { return phrases.period(period); };
  made.tick = [&phrases](Period period) { return phrases.period_short(period); };
  made.provisional = words("chart.provisional");
  made.estimated = words("chart.estimated");
  made.series_break = words("chart.break");
  made.withheld = words("chart.withheld");
  made.missing = words("chart.missing");
  made.not_drawn = words("chart.not_drawn");
  if (words.error()) return *words.error();
  return made;
}

}  // namespace focalpost
