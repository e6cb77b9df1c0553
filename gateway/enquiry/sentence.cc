// SPDX-License-Identifier: Apache-2.0
#include "enquiry/sentence.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "base/text.h"
#include "enquiry/suggest.h"
#include "enquiry/when.h"

namespace focalpost::enquiry {
namespace {

constexpr std::size_t kMostUnknown = 20;
constexpr std::size_t kMostChoices = 9;  ///< answers read of one line
constexpr std::size_t kShownWord = 60;
constexpr std::size_t kMostSuggested = 8;  ///< words of a command for which one is looked for

template <typename T>
void once(std::vector<T>& list, const T& value) {
  if (std::find(list.begin(), list.end(), value) == list.end()) list.push_back(value);
}

class Sentence {
 public:
  Sentence(const Line& line, Verb verb, Time now, std::size_t most_strange)
      : line_(line), words_(line.lexicon()), now_(now), most_strange_(most_strange) {
    reading_.command.verb = verb;
  }

  Reading read(std::size_t from) {
    find_flows(from);
    std::size_t i = from;
    while (i < line_.size() && reading_.strange_words <= most_strange_) {
      const std::size_t next = step(i);
      i = std::max(next, i + 1);
    }
    month_with_year_elsewhere();
    return std::move(reading_);
  }

 private:
  Command& command() { return reading_.command; }

  // ---- which indicators

  static const Meaning* first_of(const Found& found, Kind kind) { return found.of(kind); }

  const Lexicon::Dimension* dimension_of(const Lexicon::Flow& flow, std::uint32_t id) const {
    for (const Lexicon::Dimension& one : flow.dims)
      if (one.id == id) return &one;
    return nullptr;
  }
  const Lexicon::Dimension* dimension_with_list(const Lexicon::Flow& flow,
                                                std::uint16_t list) const {
    for (const Lexicon::Dimension& one : flow.dims)
      if (one.list == static_cast<std::int32_t>(list)) return &one;
    return nullptr;
  }

  void find_flows(std::size_t from) {
    // First those that can be nothing else.
    for (bool sure : {true, false}) {
      for (std::size_t i = from; i < line_.size();) {
        const Found& found = line_.at(i);
        const Meaning* flow = first_of(found, Kind::kFlow);
        const bool other = found.of(Kind::kCode) || found.of(Kind::kDimension);
        if (flow && other != sure) {
          const Lexicon::Flow* one = &words_.flows[flow->value];
          if (!flow_) flow_ = one;
          flows_.push_back(one);
        }
        i = std::max(found.end, i + 1);
      }
      if (flow_) return;
    }
  }

  // ---- from left to right

  void strange(std::size_t from, std::size_t to) {
    reading_.strange_words += to - from;
    // Words side by side are one.
    auto* last = reading_.strange.empty() ? nullptr : &reading_.strange.back();
    if (last && last->to == from && to - last->from <= 3 && last->list < 0)
      last->to = to;
    else
      reading_.strange.push_back({from, to, -1, {}});
  }

  std::size_t understood(std::size_t end) {
    ++reading_.understood;
    return end;
  }
  std::size_t skipped(std::size_t end) {
    ++reading_.skipped;
    return end;
  }

  bool comma(std::size_t i) const {
    const char32_t sign = line_.sign(i);
    return sign == ',' || sign == '+' || sign == ';' || sign == '/' || sign == '|';
  }

  /// BY, IN, ME in a place where the country is meant.
  bool is_area_here(std::size_t i, const Found& found) const {
    const Token& token = line_[i];
    if (!found.of(Kind::kSkip) && !found.of(Kind::kConnect)) return true;
    if (found.end != i + 1 || token.fold.size() > 3) return true;  // a name
    if (!token.upper) return false;
    if (found.of(Kind::kConnect)) {
      const std::size_t next = past_colon(i + 1);
      // "AS exel": what is not known stands where a format would.
      if (line_.word(next) && line_.at(next).end == 0 && !line_[next].number) return false;
      if (line_.sign(next) && !comma(next) && line_.sign(next) != '.') return false;
      if (line_.connects(i, Connect::kBy) && (dimension_at(next) || unit_at(next))) return false;
      if (line_.connects(i, Connect::kAs) && line_.meaning(next, Kind::kFormat)) return false;
      if ((line_.connects(i, Connect::kTo) || line_.connects(i, Connect::kFrom) ||
           line_.connects(i, Connect::kOn)) &&
          when_at(line_, i + 1))
        return false;
    } else if ((token.fold == "in" || token.fold == "at") &&
               (line_.meaning(i + 1, Kind::kArea) || when_at(line_, i + 1))) {
      return false;
    }
    return after_thing_ || comma(i + 1) || (i > 0 && comma(i - 1));
  }

  std::size_t past_colon(std::size_t i) const {
    return line_.sign(i) == ':' || line_.sign(i) == '=' ? i + 1 : i;
  }
  bool unit_at(std::size_t i) const { return line_.meaning(i, Kind::kUnit) != nullptr; }
  const Meaning* dimension_at(std::size_t i) const { return line_.meaning(i, Kind::kDimension); }

  std::size_t step(std::size_t i) {
    if (line_.sign(i)) return i + 1;
    Command& c = command();
    if (c.verb == Verb::kModule)
      if (std::size_t end = module_at(i)) return thing(end);
    if (std::size_t end = docket_at(line_, i, c.docket)) return thing(end);
    if (std::size_t end = as_of_at(i)) return thing(end);
    if (std::size_t end = when_from(i)) return thing(end);
    const Found& found = line_.at(i);
    if (found.end == 0) return other_at(i);
    if (is_speech(found)) {
      reading_.speech = true;
      after_thing_ = false;
      strange(i, found.end);
      return found.end;
    }
    if (line_.connects(i, Connect::kBy))
      if (std::size_t end = by_at(past_colon(found.end))) return thing(end);
    if (line_.connects(i, Connect::kAs)) {
      const std::size_t next = past_colon(found.end);
      if (const Meaning* format = line_.meaning(next, Kind::kFormat)) {
        once(c.formats, static_cast<Format>(format->value));
        return thing(understood(line_.at(next).end));
      }
    }
    if (std::size_t end = meant_at(i, found)) return end;
    // A word of no weight: where one of weight was not fit, too.
    after_thing_ = false;
    if (found.of(Kind::kConnect) || found.of(Kind::kSkip) || found.of(Kind::kUnit) ||
        found.of(Kind::kMark))
      return skipped(found.end);
    if (const Meaning* verb = found.of(Kind::kCommand);
        verb && (verb->value == static_cast<std::uint32_t>(c.verb) || c.verb == Verb::kHelp))
      return skipped(found.end);
    strange(i, found.end);
    return found.end;
  }

  /// And nothing else.
  static bool is_speech(const Found& found) {
    return std::all_of(found.meanings.begin(), found.meanings.end(), [](const Meaning& one) {
      return one.kind == Kind::kMark && one.value == static_cast<std::uint32_t>(Mark::kSpeech);
    });
  }

  std::size_t thing(std::size_t end) {
    after_thing_ = true;
    return end;
  }

  /// What is in no list: a number, a code in another spelling, a word nobody knows.
  std::size_t other_at(std::size_t i) {
    after_thing_ = false;
    for (const std::string& lang : words_.languages)
      if (command().verb == Verb::kLanguage && line_[i].fold == lang) {
        command().language = lang;
        return thing(understood(i + 1));
      }
    strange(i, i + 1);
    return i + 1;
  }

  // ---- MODULE 3 ru; MODULE 3: 1b 2a 3c; МОДУЛЬ 3 б а в

  std::size_t module_at(std::size_t i) {
    Command& c = command();
    if (line_[i].number) {
      // The numbers of the questions say nothing that their order does not.
      if (line_[i].fold.size() > 2) return 0;
      if (c.number == 0) c.number = std::atoi(line_[i].fold.c_str());
      return understood(i + 1);
    }
    for (const std::string& lang : words_.languages)
      if (line_[i].fold == lang) {
        c.language = lang;
        return understood(i + 1);
      }
    const std::string choices = choices_in(line_.written(i, i + 1));
    if (choices.empty() || c.number == 0) return 0;
    c.text = (c.text + choices).substr(0, kMostChoices);
    return understood(i + 1);
  }

  /// "b", "1b", "bac", «бав»: the choices as a, b and c. The third is «в», which looks like another
  /// second one: so a word is of one alphabet, and that is the one that it was typed in.
  static std::string choices_in(std::string_view word) {
    std::string latin, cyrillic;
    for (std::size_t at = 0; at < word.size();) {
      const char32_t c = next_point(word, at);
      if (c >= '1' && c <= '3' && latin.empty() && cyrillic.empty()) continue;
      const char32_t small = c < 0x80 ? (c | 0x20) : c >= 0x410 && c < 0x430 ? c + 0x20 : c;
      if (small >= 'a' && small <= 'c')
        latin += static_cast<char>(small);
      else if (small >= 0x430 && small <= 0x432)
        cyrillic += static_cast<char>('a' + (small - 0x430));
      else
        return {};
    }
    if (latin.size() + cyrillic.size() > kMostChoices) return {};
    return latin.empty() ? cyrillic : cyrillic.empty() ? latin : std::string();
  }

  // ---- time

  std::size_t as_of_at(std::size_t i) {
    const bool says = line_.connects(i, Connect::kAsOf);
    if (!says && !line_.connects(i, Connect::kOn)) return 0;
    const std::size_t next = past_colon(line_.at(i).end);
    auto when = when_at(line_, next);
    if (!when || when->range || (!says && when->from.kind() != PeriodKind::kDay)) return 0;
    command().as_of = from_millis(when->from.end_day() * 86'400'000 - 1);
    return understood(when->end);
  }

  void set(std::optional<Period> from, std::optional<Period> to) {
    Command& c = command();
    if (from && (!c.from || from->first_day() < c.from->first_day())) c.from = from;
    if (to && (!c.to || to->end_day() > c.to->end_day())) c.to = to;
  }

  std::size_t when_from(std::size_t i) {
    if (std::size_t end = last_at(i)) return end;
    const bool from = line_.connects(i, Connect::kFrom), to = line_.connects(i, Connect::kTo);
    if (from || to) {
      const std::size_t next = line_.at(i).end;
      auto when = when_at(line_, next);
      if (!when) return 0;
      if (from && !when->range)
        set(when->from, {});
      else if (to && !when->range && !command().to)
        set({}, when->to);
      else
        set(when->from, when->to);
      return understood(when->end);
    }
    if (auto when = when_at(line_, i)) {
      set(when->from, when->to);
      return understood(when->end);
    }
    if (auto month = bare_month_at(line_, i)) {
      const Found& found = line_.at(i);
      // "May I", "mar": only where it is nothing else.
      if (found.of(Kind::kSkip) || found.of(Kind::kFlow)) return 0;
      bare_month_ = {month->first, i, month->second};
      return month->second;
    }
    return 0;
  }

  /// "last 5 years", "last year", "this year", "latest".
  std::size_t last_at(std::size_t i) {
    const bool latest = line_.connects(i, Connect::kLatest);
    const bool current = line_.connects(i, Connect::kThis);
    if (!latest && !current) return 0;
    std::size_t next = line_.at(i).end;
    int count = 0;
    if (latest && line_.word(next) && line_[next].number && line_[next].fold.size() <= 3) {
      count = std::atoi(line_[next].fold.c_str());
      ++next;
    }
    const Meaning* unit = line_.meaning(next, Kind::kUnit);
    if (!unit || (line_[next].number)) {
      if (count || !latest) return 0;
      command().latest = true;
      return understood(line_.at(i).end);
    }
    const std::size_t end = line_.at(next).end;
    static constexpr PeriodKind kKinds[] = {PeriodKind::kYear, PeriodKind::kSemester,
                                            PeriodKind::kQuarter, PeriodKind::kMonth};
    const PeriodKind kind = kKinds[unit->value];
    const std::int64_t today = period_now(kind).ordinal();
    if (current) {
      set(Period::at(kind, today), Period::at(kind, today));
    } else if (count == 0) {
      set(Period::at(kind, today - 1), Period::at(kind, today - 1));
    } else {
      // Whole ones, and what there is of this.
      const std::int64_t first = Period::parse("1900")->ordinal() * (today / year_of(now_));
      command().from = Period::at(kind, std::max(first, today - count));
    }
    return understood(end);
  }

  Period period_now(PeriodKind kind) const {
    const std::string date = format_rfc3339(now_).substr(0, 10);
    const int month = std::atoi(date.substr(5, 2).c_str());
    const std::string year = date.substr(0, 4);
    switch (kind) {
      case PeriodKind::kYear:
        return *Period::parse(year);
      case PeriodKind::kSemester:
        return *Period::parse(fmt::format("{}-S{}", year, (month + 5) / 6));
      case PeriodKind::kQuarter:
        return *Period::parse(fmt::format("{}-Q{}", year, (month + 2) / 3));
      default:
        return *Period::parse(fmt::format("{}-{:02}", year, month));
    }
  }

  /// "June" alone: of the one year that is named; else it is not understood.
  void month_with_year_elsewhere() {
    if (bare_month_.month == 0) return;
    Command& c = command();
    if (c.from && c.to && *c.from == *c.to && c.from->kind() == PeriodKind::kYear) {
      c.from = c.to = Period::parse(fmt::format("{:04}-{:02}", c.from->year(), bare_month_.month));
      ++reading_.understood;
      return;
    }
    std::vector<std::string> instead;
    for (int year : {year_of(now_), year_of(now_) - 1})
      instead.push_back(fmt::format("{} {}", line_.written(bare_month_.at, bare_month_.end), year));
    reading_.strange.push_back({bare_month_.at, bare_month_.end, -1, std::move(instead)});
    ++reading_.strange_words;
  }

  // ---- breakdowns and codes

  std::size_t by_at(std::size_t i) {
    std::size_t end = 0;
    for (;;) {
      while (line_.word(i) && !dimension_at(i) && !unit_at(i) && line_.meaning(i, Kind::kSkip))
        i = line_.at(i).end;
      const Meaning* dimension = dimension_at(i);
      const Meaning* unit = line_.meaning(i, Kind::kUnit);
      if (dimension && by(*dimension)) {
        ++reading_.understood;
      } else if (unit) {
        static constexpr std::string_view kFrequencies[] = {"A", "S", "Q", "M"};
        once(command().codes["FREQ"], std::string(kFrequencies[unit->value]));
        ++reading_.understood;
      } else if (dimension) {
        strange(i, line_.at(i).end);
      } else {
        return end;
      }
      end = line_.at(i).end;
      std::size_t next = end;
      if (comma(next)) ++next;
      if (line_.connects(next, Connect::kAnd)) next = line_.at(next).end;
      if (line_.connects(next, Connect::kBy) && next != end) next = line_.at(next).end;
      if (next == end && !dimension_at(next)) return end;
      i = next;
      if (!dimension_at(i) && !unit_at(i) && !line_.meaning(i, Kind::kSkip)) return end;
    }
  }

  bool by(const Meaning& dimension) {
    const std::string& id = words_.dimensions[dimension.value];
    if (flow_ && !dimension_of(*flow_, dimension.value)) return false;
    once(command().by, id);
    return true;
  }

  /// The codes that stand behind a dimension's name; 0: none does.
  std::size_t codes_at(std::size_t i, const Meaning& dimension) {
    const std::string& id = words_.dimensions[dimension.value];
    std::int32_t list = -1;
    bool known = false;
    if (flow_) {
      if (const auto* one = dimension_of(*flow_, dimension.value)) {
        list = one->list;
        known = true;
      }
    } else {
      for (const Lexicon::Flow& flow : words_.flows)
        if (const auto* one = dimension_of(flow, dimension.value); one && !known) {
          list = one->list;
          known = true;
        }
    }
    if (!known) return 0;
    std::size_t end = 0;
    bool demanded = false;
    if (line_.sign(i) == '=' || line_.sign(i) == ':') {
      demanded = true;
      ++i;
    }
    for (;;) {
      while (line_.word(i) && !code_at(i, list, id).first && line_.meaning(i, Kind::kSkip) &&
             !line_.meaning(i, Kind::kArea))
        i = line_.at(i).end;
      auto [next, code] = code_at(i, list, id);
      if (next == 0) {
        if (demanded && end == 0 && line_.word(i)) {
          reading_.strange.push_back({i, i + 1, list, {}});
          ++reading_.strange_words;
          return i + 1;
        }
        return end;
      }
      if (id == "REF_AREA")
        once(command().areas, code);
      else
        once(command().codes[id], code);
      ++reading_.understood;
      end = next;
      if (!comma(end) && !line_.connects(end, Connect::kAnd)) return end;
      i = comma(end) ? end + 1 : line_.at(end).end;
      if (line_.meaning(i, Kind::kFlow) || line_.meaning(i, Kind::kDimension)) return end;
    }
  }

  /// Token after a code of the list at `i`, and the code.
  std::pair<std::size_t, std::string> code_at(std::size_t i, std::int32_t list,
                                              const std::string& dimension) const {
    if (i >= line_.size()) return {};
    const Found& found = line_.at(i);
    if (list < 0) {
      if (!line_.word(i)) return {};
      return {i + 1, std::string(line_.written(i, i + 1))};
    }
    const Lexicon::List& codes = words_.lists[static_cast<std::size_t>(list)];
    for (const Meaning& one : found.meanings) {
      if (one.kind == Kind::kCode && one.list == list) return {found.end, codes.ids[one.value]};
      if (one.kind == Kind::kArea && codes.by_id.count(words_.areas[one.value]) &&
          (dimension == "REF_AREA" || found.end > i))
        return {found.end, words_.areas[one.value]};
    }
    if (line_.word(i)) {
      const std::string written(line_.written(i, i + 1));
      for (const std::string& text : {written, ascii_upper(written), ascii_upper(line_[i].look)})
        if (codes.by_id.count(text)) return {i + 1, text};
      return age_at(i, codes);
    }
    return {};
  }

  /// "18-34", "65+", "Y18-34" where the list has Y18T34, Y_GE65.
  std::pair<std::size_t, std::string> age_at(std::size_t i, const Lexicon::List& codes) const {
    std::string first = line_[i].fold;
    if (first.starts_with('y')) first.erase(0, 1);
    if (first.empty() || first.size() > 2 || first.find_first_not_of("0123456789") != first.npos)
      return {};
    const char32_t sign = line_.sign(i + 1);
    if (sign == '+') {
      std::string code = "Y_GE" + first;
      if (codes.by_id.count(code)) return {i + 2, code};
    }
    if ((sign == '-' || sign == 0x2013) && line_.word(i + 2) && line_[i + 2].number) {
      std::string code = "Y" + first + "T" + line_[i + 2].fold;
      if (codes.by_id.count(code)) return {i + 3, code};
    }
    return {};
  }

  // ---- everything else

  /// Token after what was understood; 0: nothing was.
  std::size_t meant_at(std::size_t i, const Found& found) {
    Command& c = command();
    if (c.verb == Verb::kLanguage || !found.of(Kind::kArea))
      if (const Meaning* language = found.of(Kind::kLanguage)) {
        c.language = words_.languages[language->value];
        return thing(understood(found.end));
      }
    if (c.verb == Verb::kLanguage)
      for (const std::string& lang : words_.languages)
        if (line_[i].fold == lang) {
          c.language = lang;
          return thing(understood(i + 1));
        }
    if (c.verb == Verb::kLanguage) return 0;
    if (c.verb == Verb::kSubscribe)
      if (const Meaning* rhythm = found.of(Kind::kRhythm)) {
        c.rhythm = words_.rhythms[rhythm->value];
        return thing(understood(found.end));
      }
    if (c.verb == Verb::kAudience)
      if (const Meaning* audience = found.of(Kind::kAudience)) {
        c.text = words_.audiences[audience->value];
        return thing(understood(found.end));
      }
    const Meaning* dimension = found.of(Kind::kDimension);
    const bool dimension_fits =
        dimension && (!flow_ || dimension_of(*flow_, dimension->value) != nullptr);
    if (dimension_fits)
      if (std::size_t end = codes_at(found.end, *dimension)) return thing(end);
    if (const Meaning* flow = found.of(Kind::kFlow)) {
      const Lexicon::Flow* one = &words_.flows[flow->value];
      const bool counts = std::find(flows_.begin(), flows_.end(), one) != flows_.end();
      if (counts && (flow_ == one || !(found.of(Kind::kCode) && code_in_flow(found)))) {
        once(c.flows, one->id);
        if (flow_ == one) code_of(found);
        return thing(understood(found.end));
      }
    }
    const Meaning* area = found.of(Kind::kArea);
    if (area && is_area_here(i, found)) {
      // PER is Peru, and persons.
      const bool code = area->capital && !c.areas.empty() &&
                        std::none_of(found.meanings.begin(), found.meanings.end(),
                                     [&](const Meaning& one) {
                                       return one.kind == Kind::kCode &&
                                              code_id(one) == words_.areas[area->value];
                                     }) &&
                        code_of(found);
      if (!code) once(c.areas, words_.areas[area->value]);
      return thing(understood(found.end));
    }
    if (code_of(found)) return thing(understood(found.end));
    if (dimension_fits && by(*dimension)) return thing(understood(found.end));
    if (const Meaning* flow = found.of(Kind::kFlow)) {
      once(c.flows, words_.flows[flow->value].id);
      return thing(understood(found.end));
    }
    if (const Meaning* format = found.of(Kind::kFormat)) {
      once(c.formats, static_cast<Format>(format->value));
      return thing(understood(found.end));
    }
    // «Всего»: what an unnamed dimension takes anyway.
    if (const Meaning* code = found.of(Kind::kCode); code && code_id(*code) == "_T")
      return skipped(found.end);
    if (const Meaning* rhythm = found.of(Kind::kRhythm); rhythm && found.of(Kind::kUnit))
      return skipped(found.end);
    return 0;
  }

  const std::string& code_id(const Meaning& code) const {
    return words_.lists[code.list].ids[code.value];
  }

  bool code_in_flow(const Found& found) const {
    for (const Meaning& one : found.meanings)
      if (one.kind == Kind::kCode && flow_ && dimension_with_list(*flow_, one.list)) return true;
    return false;
  }

  /// A code by its name alone, where there is no doubt of which dimension.
  bool code_of(const Found& found) {
    const Meaning* only = nullptr;
    std::uint32_t dimension = 0;
    std::size_t places = 0;
    for (const Meaning& one : found.meanings) {
      if (one.kind != Kind::kCode) continue;
      if (flow_) {
        const Lexicon::Dimension* its = dimension_with_list(*flow_, one.list);
        if (!its) continue;
        dimension = its->id;
        ++places;
        only = &one;
      } else {
        for (const Lexicon::Flow& flow : words_.flows)
          if (const auto* its = dimension_with_list(flow, one.list)) {
            if (only && (dimension != its->id || code_id(*only) != code_id(one))) {
              ++places;
            } else if (!only) {
              only = &one;
              dimension = its->id;
              ++places;
            }
            break;
          }
      }
    }
    if (places != 1) return false;
    if (code_id(*only) == "_T") return false;
    once(command().codes[words_.dimensions[dimension]], code_id(*only));
    return true;
  }

  struct BareMonth {
    int month = 0;
    std::size_t at = 0, end = 0;
  };

  const Line& line_;
  const Lexicon& words_;
  Time now_;
  std::size_t most_strange_;
  Reading reading_;
  const Lexicon::Flow* flow_ = nullptr;  ///< the first
  std::vector<const Lexicon::Flow*> flows_;
  BareMonth bare_month_;
  bool after_thing_ = false;
};

}  // namespace

std::size_t docket_at(const Line& line, std::size_t i, std::string& docket) {
  constexpr std::size_t kFewestDigits = 6, kMostDigits = 9;
  if (!line.word(i) || !line[i].number || line[i].fold.size() != 4) return 0;
  const char32_t sign = line.sign(i + 1);
  if ((sign != '-' && sign != 0x2011 && sign != 0x2013) || !line[i + 1].glued) return 0;
  if (!line.word(i + 2) || !line[i + 2].number || !line[i + 2].glued) return 0;
  const std::string& digits = line[i + 2].fold;
  if (digits.size() < kFewestDigits || digits.size() > kMostDigits) return 0;
  docket = line[i].fold + "-" + digits;
  return i + 3;
}

Reading read_sentence(const Line& line, std::size_t from, Verb verb, Time now,
                      std::size_t most_strange) {
  return Sentence(line, verb, now, most_strange).read(from);
}

std::size_t explain_strange(const Line& line, Reading& reading, std::size_t& looks) {
  const Lexicon& lexicon = line.lexicon();
  const Lexicon::Flow* flow =
      reading.command.flows.empty() ? nullptr : lexicon.flow(reading.command.flows.front());
  std::size_t without = 0, looked = 0;
  auto& unknown = reading.command.unknown;
  const auto tell = [&](std::size_t from, std::size_t to, std::vector<std::string> instead) {
    if (instead.empty()) without += to - from;
    if (unknown.size() < kMostUnknown)
      unknown.push_back(
          {shorten(focalpost::one_line(line.written(from, to)), kShownWord), std::move(instead)});
  };
  const auto look = [&](std::size_t from, std::size_t to,
                        std::int32_t list) -> std::vector<std::string> {
    if (++looked > kMostSuggested || looks == 0) return {};
    --looks;
    std::string folded;
    for (std::size_t i = from; i < to; ++i) {
      if (i > from) folded += ' ';
      folded += line[i].fold;
    }
    if (list < 0) return suggest(lexicon, folded, Wanted::kArgument, flow);
    auto near = suggest(lexicon, folded, Wanted::kCode, flow, list);
    // Of a short list those that there are.
    const auto& ids = lexicon.lists[static_cast<std::size_t>(list)].ids;
    if (near.empty() && ids.size() <= 6)
      for (const std::string& id : ids)
        if (near.size() < 3 && id != "_T") near.push_back(id);
    return near;
  };
  for (Reading::Strange& one : reading.strange) {
    std::vector<std::string> together =
        one.instead.empty() ? look(one.from, one.to, one.list) : std::move(one.instead);
    if (!together.empty() || one.to - one.from < 2) {
      tell(one.from, one.to, std::move(together));
      continue;
    }
    std::vector<std::vector<std::string>> each;
    bool some = false;
    for (std::size_t i = one.from; i < one.to; ++i) {
      each.push_back(look(i, i + 1, one.list));
      some = some || !each.back().empty();
    }
    if (some)
      for (std::size_t i = one.from; i < one.to; ++i) tell(i, i + 1, std::move(each[i - one.from]));
    else
      tell(one.from, one.to, {});
  }
  return without;
}

}  // namespace focalpost::enquiry
