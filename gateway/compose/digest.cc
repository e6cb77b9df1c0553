// SPDX-License-Identifier: Apache-2.0
#include "compose/digest.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <tuple>

#include "base/hash.h"
#include "base/log.h"
#include "base/text.h"
#include "compose/blocks.h"
#include "compose/data_table.h"
#include "compose/described.h"
#include "compose/names.h"
#include "compose/shown.h"
#include "compose/subscription.h"

namespace focalpost {
namespace {

constexpr std::size_t kStructuresNamed = 8;  ///< of a kind

}  // namespace

class DigestComposer {
 public:
  DigestComposer(const DigestFacts& facts, DigestPictures& pictures,
                 const StructureLookup& structures, const Phrases& phrases, bool example)
      : facts_(facts),
        pictures_(pictures),
        words_(phrases),
        phrases_(phrases),
        names_(structures, phrases.lang()),
        example_(example) {}

  Result<Receipt> compose(const Voice& voice, const Letterhead& letterhead) {
    const std::string dates = period_in_words();
    std::string subject = words_("digest.subject", {{"dates", dates}});
    Value values = letter_head(Docket(), letterhead, facts_.zone, subject, phrases_);
    values.set("title", words_("digest.title", {{"dates", dates}}))
        .set("selection",
             words_("digest.for",
                    {{"selection", selection_words(facts_.flows, facts_.areas, names_, words_)}}));
    Value::List indicators = changes();
    Value::List sections;
    section(sections, "definitions", definitions());
    section(sections, "structures", structures());
    section(sections, "due", due());
    section(sections, "requests", requests());
    section(sections, "held", held());
    section(sections, "dead", dead());
    section(sections, "kept", kept());
    values.set("changed", indicators.empty() ? std::string() : words_("digest.heading.changes"))
        .set("indicators", std::move(indicators))
        .set("sections", std::move(sections))
        .set("files", files())
        .set("why", words_("digest.why", {{"rhythm", words_("rhythm." + facts_.rhythm)}}))
        .set("end", words_("digest.end"))
        .set("disclaimer", words_("site.disclaimer"));
    FP_ASSIGN(Receipt receipt, finish_letter("digest", values, std::move(subject), words_, voice));
    receipt.attachments = std::move(attached_);
    receipt.attachments.insert(receipt.attachments.end(), facts_.files.begin(), facts_.files.end());
    return receipt;
  }

 private:
  std::string period_in_words() {
    const std::string first = phrases_.date(facts_.since, facts_.zone),
                      last = phrases_.date(
                          std::max(facts_.since, facts_.until - std::chrono::milliseconds(1)),
                          facts_.zone);
    return first == last ? first : words_("digest.dates", {{"first", first}, {"last", last}});
  }

  /// "Kyrgyzstan (State Migration Service)"
  std::string whose(const std::string& area, const std::string& provider) {
    const std::string country = names_.area(area), institution = names_.provider(provider);
    if (area.empty() || institution.starts_with(country)) return institution;
    return words_("definition.whose", {{"area", country}, {"institution", institution}});
  }

  std::string change_in_words(const DigestChange& change) {
    std::string said;
    auto add = [&](std::string more) { said += (said.empty() ? "" : "; ") + std::move(more); };
    std::string periods;
    if (change.first) {
      const std::string first = phrases_.period(*change.first),
                        last = phrases_.period(change.last.value_or(*change.first));
      periods = first == last ? first : words_("digest.dates", {{"first", first}, {"last", last}});
    }
    if (change.added > 0) add(words_.count("digest.added", change.added));
    if (change.revised > 0) {
      std::string revised = words_.count("digest.revised", change.revised);
      if (change.largest) revised += ", " + largest_in_words(*change.largest, change);
      add(std::move(revised));
    }
    if (change.others > 0) add(words_.count("digest.others", change.others));
    if (change.withdrawn > 0) add(words_.count("digest.withdrawn", change.withdrawn));
    return words_("digest.change", {{"whose", whose(change.area, change.provider)},
                                    {"what", said},
                                    {"periods", shown(periods)}});
  }

  std::string largest_in_words(const DigestRevision& largest, const DigestChange& change) {
    std::string what = series_in_words(largest.key, change.structure.get(),
                                       names_.structures().structures(), phrases_, false);
    const double before = std::strtod(largest.before.c_str(), nullptr),
                 after = std::strtod(largest.after.c_str(), nullptr);
    std::string ratio;
    if (before != 0) {
      ratio = phrases_.percent(std::fabs(after - before) / std::fabs(before));
      ratio.insert(0, after < before ? "−" : "+");
    }
    return words_("digest.largest", {{"what", what},
                                     {"period", shown(phrases_.period(largest.period))},
                                     {"before", grouped_number(largest.before, phrases_)},
                                     {"after", grouped_number(largest.after, phrases_)},
                                     {"ratio", ratio}});
  }

  /// By indicator, countries in the alphabet of the language.
  Value::List changes() {
    std::vector<const DigestChange*> sorted;
    for (const DigestChange& change : facts_.changes) sorted.push_back(&change);
    std::stable_sort(sorted.begin(), sorted.end(), [&](const auto* a, const auto* b) {
      if (a->flow != b->flow) return phrases_.less(names_.flow(a->flow), names_.flow(b->flow));
      return phrases_.less(whose(a->area, a->provider), whose(b->area, b->provider));
    });
    Value::List made;
    for (std::size_t i = 0; i < sorted.size();) {
      const std::string& flow = sorted[i]->flow;
      std::vector<std::string> lines;
      std::vector<std::string> areas;
      for (; i < sorted.size() && sorted[i]->flow == flow; ++i) {
        lines.push_back(change_in_words(*sorted[i]));
        if (!among(areas, sorted[i]->area)) areas.push_back(sorted[i]->area);
      }
      Value::List pictures;
      for (const std::string& area : areas) draw(flow, area, pictures);
      made.push_back(Value()
                         .set("name", names_.flow(flow))
                         .set("lines", listed(std::move(lines)))
                         .set("pictures", std::move(pictures)));
    }
    return made;
  }

  Value::List listed(std::vector<std::string> lines) {
    Value::List made;
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (i == kDigestLines && lines.size() > kDigestLines + 1) {
        made.push_back(Value().set("text", words_.count("digest.more", lines.size() - i)));
        break;
      }
      // «2026 г.» brings its own full stop.
      std::string& line = lines[i];
      for (auto at = line.find(".."); at != line.npos; at = line.find("..", at)) line.erase(at, 1);
      made.push_back(Value().set("text", std::move(line)));
    }
    return made;
  }

  void section(Value::List& sections, std::string_view key, std::vector<std::string> lines) {
    if (lines.empty()) return;
    sections.push_back(Value()
                           .set("heading", words_("digest.heading." + std::string(key)))
                           .set("lines", listed(std::move(lines))));
  }

  void draw(const std::string& flow, const std::string& area, Value::List& pictures) {
    for (const auto& table : facts_.charts) {
      if (attached_.size() == kDigestCharts) return;
      if (table->flow->name().id != flow || table->series.empty() ||
          table->series.front().codes[table->flow->ref_area] != area)
        continue;
      const TableWords named = table_words(*table, names_.structures(), words_);
      const DigestPictures::Picture* picture = picture_of(*table, named, flow, area);
      if (!picture) continue;
      mime::OutgoingAttachment& file = attached_.emplace_back();
      file.name = picture->name;
      file.media_type = "image/png";
      file.bytes = picture->png;
      file.content_id = picture->content_id;
      pictures.push_back(Value()
                             .set("picture", picture->content_id)
                             .set("width", std::to_string(kDigestChartWidth))
                             .set("alt", words_("digest.alt", {{"title", named.title},
                                                               {"subtitle", named.subtitle}})));
    }
  }

  /// Null: there is nothing to be drawn.
  const DigestPictures::Picture* picture_of(const AnswerTable& table, const TableWords& named,
                                            const std::string& flow, const std::string& area) {
    auto chart = data_chart(table, named, example_, words_);
    if (!chart) return nullptr;
    std::string content =
        fmt::format("{}\n{}\n{}\n{}\n", phrases_.lang(), named.title, named.subtitle, example_);
    for (const ChartSeries& series : chart->series) {
      content += series.label + "\n";
      for (const ChartPoint& point : series.points)
        content += fmt::format("{} {} {}{}{}{}\n", point.period.text(), point.value,
                               int(point.provisional), int(point.estimated), int(point.breaks),
                               int(point.withheld));
    }
    const std::string hash = to_hex(sha256(content)).substr(0, 16);
    auto [place, fresh] = pictures_.pictures_.try_emplace(hash);
    DigestPictures::Picture& picture = place->second;
    if (!fresh) return picture.png.empty() ? nullptr : &picture;
    auto png = draw_png(*chart, {kDigestChartWidth, kDigestChartHeight, 2});
    // The numbers are in the text: a picture that cannot be drawn is not worth the digest.
    if (!png.ok()) {
      log::warning(png.error().what);
      return nullptr;
    }
    picture.name = ascii_lower(fmt::format("{}-{}.png", flow, area));
    picture.content_id = fmt::format("{}@focalpost", hash);
    picture.png = std::move(*png);
    return &picture;
  }

  std::vector<std::string> definitions() {
    std::vector<std::string> lines;
    for (const DigestDefinition& one : facts_.definitions) {
      const std::string area = one.areas.size() == 1 ? one.areas.front() : std::string();
      lines.push_back(words_(one.flow.empty() ? "digest.inventory" : "digest.definition",
                             {{"flow", one.flow.empty() ? "" : names_.flow(one.flow)},
                              {"id", one.flow},
                              {"area", area},
                              {"whose", whose(area, one.provider)}}));
    }
    return lines;
  }

  std::vector<std::string> structures() {
    std::vector<std::string> lines;
    // They come by kind.
    for (std::size_t i = 0; i < facts_.structures.size();) {
      const std::string& kind = facts_.structures[i].artefact_class;
      std::string listed_names;
      std::size_t count = 0;
      for (; i < facts_.structures.size() && facts_.structures[i].artefact_class == kind; ++i)
        if (const DigestStructure& one = facts_.structures[i]; ++count <= kStructuresNamed)
          listed_names +=
              (listed_names.empty() ? "" : ", ") + name_or(one.names, names_.lang(), one.id);
      if (count > kStructuresNamed)
        listed_names += " " + words_.count("digest.more", count - kStructuresNamed);
      lines.push_back(words_(
          "digest.structure",
          {{"kind", phrases_.text_or("digest.structure." + kind, words_("digest.structure.other"))},
           {"names", listed_names}}));
    }
    return lines;
  }

  /// By day, each indicator's countries on one line.
  std::vector<std::string> due() {
    std::vector<std::pair<const DigestDue*, std::vector<std::string>>> groups;
    for (const DigestDue& one : facts_.due) {
      auto same = std::find_if(groups.begin(), groups.end(), [&](const auto& group) {
        return group.first->due == one.due && group.first->flow == one.flow &&
               group.first->period == one.period;
      });
      if (same == groups.end()) same = groups.insert(groups.end(), {&one, {}});
      for (const std::string& area : one.areas)
        if (std::string name = names_.area(area); !among(same->second, name))
          same->second.push_back(std::move(name));
      if (one.areas.empty()) same->second.push_back(names_.provider(one.provider));
    }
    std::vector<std::string> lines;
    for (auto& [first, who] : groups) {
      std::sort(who.begin(), who.end(),
                [&](const std::string& a, const std::string& b) { return phrases_.less(a, b); });
      lines.push_back(words_("digest.due", {{"date", phrases_.date(first->due)},
                                            {"flow", names_.flow(first->flow)},
                                            {"period", shown(phrases_.period(first->period))},
                                            {"who", fmt::format("{}", fmt::join(who, ", "))}}));
    }
    return lines;
  }

  std::vector<std::string> requests() {
    std::vector<std::string> lines;
    for (const DigestRequest& one : facts_.requests)
      lines.push_back(
          words_("digest.request",
                 {{"asked", one.asked ? "yes" : ""},
                  {"name", one.name},
                  {"flows", names_.flows(one.flows)},
                  {"areas", names_.areas(one.areas)},
                  {"days", words_.count("digest.days", one.days)},
                  {"institution", one.with.empty() ? std::string() : names_.provider(one.with)}}));
    return lines;
  }

  std::vector<std::string> held() {
    std::vector<std::string> lines;
    for (const DigestHeld& one : facts_.held)
      lines.push_back(words_("digest.held", {{"docket", one.docket},
                                             {"institution", names_.provider(one.provider)},
                                             {"file", shown(one.file, 80)},
                                             {"days", words_.count("digest.days", one.days)}}));
    return lines;
  }

  std::vector<std::string> dead() {
    std::vector<std::string> lines;
    for (const DigestDead& one : facts_.dead)
      lines.push_back(words_("digest.dead", {{"address", shown(one.address)},
                                             {"institution", names_.provider(one.provider)},
                                             {"date", phrases_.date(one.since, facts_.zone)}}));
    return lines;
  }

  std::vector<std::string> kept() {
    std::vector<std::string> lines;
    auto some = [&](std::uint64_t n) { return n == 0 ? std::string() : words_.number(n); };
    for (const DigestKept& one : facts_.kept)
      lines.push_back(words_("digest.kept", {{"institution", names_.provider(one.provider)},
                                             {"promised", words_.number(one.promised)},
                                             {"in_time", words_.number(one.in_time)},
                                             {"late", some(one.late)},
                                             {"missed", some(one.missed)},
                                             {"extended", some(one.extended)}}));
    return lines;
  }

  std::string files() {
    std::string listed_names;
    for (const mime::OutgoingAttachment& file : facts_.files)
      listed_names += (listed_names.empty() ? "" : ", ") + file.name;
    std::string said =
        listed_names.empty() ? "" : words_("digest.files", {{"names", listed_names}});
    if (facts_.files_left_out) said += (said.empty() ? "" : " ") + words_("digest.files_left_out");
    return said;
  }

  const DigestFacts& facts_;
  DigestPictures& pictures_;
  Words words_;
  const Phrases& phrases_;
  Names names_;
  bool example_;
  std::vector<mime::OutgoingAttachment> attached_;
};

Result<Receipt> compose_digest(const DigestFacts& facts, DigestPictures& pictures,
                               const StructureLookup& structures, const Voice& voice,
                               const Letterhead& letterhead) {
  FP_ASSIGN(const Phrases* phrases, voice.phrases.in(facts.lang));
  DigestComposer composer(facts, pictures, structures, *phrases, letterhead.example_network);
  return composer.compose(voice, letterhead);
}

}  // namespace focalpost
