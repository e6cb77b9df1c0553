// SPDX-License-Identifier: Apache-2.0
#include "enquiry/judge.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "base/text.h"
#include "enquiry/rest.h"
#include "enquiry/sentence.h"
#include "enquiry/suggest.h"

namespace focalpost::enquiry {
namespace {

constexpr std::size_t kShownLine = 200;
/// Strange words of a line, beyond which it is free words without a further look.
constexpr std::size_t kMostStrange = 6;
/// Words before a command that say nothing: "please", "dear colleagues,".
constexpr std::size_t kMostBefore = 6;

bool mark_is(const Line& line, std::size_t i, Mark mark) {
  for (const Meaning& one : line.at(i).meanings)
    if (one.kind == Kind::kMark && one.value == static_cast<std::uint32_t>(mark)) return true;
  return false;
}

std::size_t words_from(const Line& line, std::size_t i) {
  std::size_t count = 0;
  for (; i < line.size(); ++i) count += line.word(i);
  return count;
}

std::string shown(std::string_view text) {
  return shorten(focalpost::one_line(text), kShownLine);
}

/// Past "1.", "2)", "-", "*", "•" and quotation marks.
std::size_t past_bullet(const Line& line, std::size_t i) {
  if (line.word(i) && line[i].number && line[i].fold.size() <= 2 &&
      (line.sign(i + 1) == '.' || line.sign(i + 1) == ')') && !line.word(i + 2) == false &&
      !line[i + 2].glued)
    i += 2;
  while (i < line.size() && line.sign(i) && line.sign(i) != '<' && line.sign(i) != '{') ++i;
  return i;
}

std::size_t past_politeness(const Line& line, std::size_t i) {
  for (std::size_t count = 0; count < kMostBefore && line.word(i); ++count) {
    const Found& found = line.at(i);
    if (!found.of(Kind::kSkip) || found.of(Kind::kCommand) || found.of(Kind::kArea)) break;
    i = found.end;
    while (line.sign(i) == ',' || line.sign(i) == '!' || line.sign(i) == ':') ++i;
  }
  return i;
}

std::string lang_of(const Lexicon& lexicon, std::uint32_t langs) {
  if (std::popcount(langs) != 1) return {};
  return lexicon.languages[static_cast<std::size_t>(std::countr_zero(langs))];
}

/// Of the Cyrillic letters of a line: "uk" if there is one that Russian does not have.
std::string script_lang(std::string_view text) {
  bool cyrillic = false;
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = next_point(text, at);
    cyrillic = cyrillic || (c >= 0x400 && c < 0x530);
    if (c == 0x456 || c == 0x457 || c == 0x454 || c == 0x406 || c == 0x407 || c == 0x404)
      return "uk";
  }
  return cyrillic ? "ru" : "en";
}

/// The command's own word in a language, else in the first that has one.
std::string own_word(const Lexicon& lexicon, Verb verb, std::string_view lang) {
  std::string first;
  for (const Candidate& one : lexicon.candidates) {
    if (one.meaning.kind != Kind::kCommand || !one.meaning.own ||
        one.meaning.value != static_cast<std::uint32_t>(verb))
      continue;
    if (lang_of(lexicon, one.meaning.langs) == lang) return one.shown;
    if (first.empty()) first = one.shown;
  }
  return first;
}

bool takes_nothing(Verb verb) {
  return verb == Verb::kHelp || verb == Verb::kIndicators || verb == Verb::kCountries ||
         verb == Verb::kCalendar || verb == Verb::kStop || verb == Verb::kClose ||
         verb == Verb::kUnsubscribe;
}
/// Their words are looked at by who knows the roster.
bool is_coordinators(Verb verb) {
  return verb == Verb::kAddContact || verb == Verb::kPause || verb == Verb::kResume;
}
bool takes_free_words(Verb verb) {
  return verb == Verb::kAsk || verb == Verb::kDecline || verb == Verb::kForward ||
         is_coordinators(verb);
}

class Judge {
 public:
  Judge(std::string_view text, const Lexicon& lexicon, const Limits& limits, Time now,
        std::size_t& looks)
      : text_(text),
        lexicon_(lexicon),
        now_(now),
        line_(text, lexicon, limits.command_words),
        limits_(limits),
        looks_(looks) {}

  Judged judged() {
    if (auto rest = rest_in(text_, lexicon_)) {
      if (rest_alone(*rest)) {
        out_.kind = LineKind::kCommand;
        out_.command = std::move(rest->command);
        finish(0);
        if (rest->begin == 0) out_.command.lang.clear();
        return std::move(out_);
      }
      return std::move(out_);
    }
    std::size_t i = past_bullet(line_, 0);
    if (!line_.word(i)) return std::move(out_);
    if (mark_is(line_, i, Mark::kSignature) && is_signature(i)) {
      out_.kind = LineKind::kSignature;
      return std::move(out_);
    }
    if (mark_is(line_, i, Mark::kGreeting)) {
      const std::size_t behind = past_greeting(i);
      if (behind == 0 || !(from(behind) && out_.kind == LineKind::kCommand)) {
        out_ = {};
        out_.kind = LineKind::kGreeting;
      }
      return std::move(out_);
    }
    from(i);
    return std::move(out_);
  }

 private:
  /// Whether around a REST query there is nothing but GET, politeness, a format and a date.
  bool rest_alone(RestFound& rest) const {
    const std::string around =
        std::string(text_.substr(0, rest.begin)) + " " + std::string(text_.substr(rest.end));
    const Line other(around, lexicon_, limits_.command_words);
    const Reading reading = read_sentence(other, 0, Verb::kGet, now_, 0);
    if (reading.strange_words > 0) return false;
    const Command& around_it = reading.command;
    if (rest.command.formats.empty()) rest.command.formats = around_it.formats;
    if (!rest.command.as_of) rest.command.as_of = around_it.as_of;
    return true;
  }

  /// Alone, or with what goes with it: "Best regards, Anna".
  bool is_signature(std::size_t i) const {
    const Found& found = line_.at(i);
    if (found.of(Kind::kSkip) || found.of(Kind::kCommand)) return found.end >= line_.size();
    return words_from(line_, found.end) <= 8;
  }

  /// Token behind "Dear colleagues,"; 0: the line has nothing else.
  std::size_t past_greeting(std::size_t i) const {
    for (; i < line_.size(); ++i)
      if (line_.sign(i) == ',' || line_.sign(i) == '!' || line_.sign(i) == '.' ||
          line_.sign(i) == ':') {
        ++i;
        return line_.word(i) ? i : 0;
      }
    return 0;
  }

  /// True: a command or nearly one begins at `i`.
  bool from(std::size_t i) {
    const std::size_t polite = past_politeness(line_, i);
    for (std::size_t at : {i, polite}) {
      const Found& found = line_.at(at);
      if (const Meaning* verb = found.of(Kind::kCommand)) {
        if (with_verb(at, found, *verb)) return true;
        if (at == polite || found.of(Kind::kSkip) == nullptr) break;
      }
      if (i == polite) break;
    }
    if (without_verb(polite)) return true;
    return nearly(polite);
  }

  bool command(Reading&& reading, std::size_t verb_at) {
    out_.kind = LineKind::kCommand;
    Command& read = reading.command;
    out_.command = std::move(read);
    if (line_.cut()) out_.command.unknown.push_back({"…", {}});
    out_.command.capitals = !out_.command.implied && capitals(verb_at);
    finish(verb_at);
    return true;
  }

  bool capitals(std::size_t at) const {
    for (std::size_t i = at; i < line_.at(at).end; ++i)
      if (line_.word(i) && !line_[i].upper) return false;
    return true;
  }

  void finish(std::size_t first) {
    out_.command.line = shown(text_);
    std::uint32_t langs = 0;
    for (const Meaning& one : line_.at(first).meanings)
      if (out_.command.implied || one.kind == Kind::kCommand) langs |= one.langs;
    out_.command.lang = lang_of(lexicon_, langs);
  }

  /// Capital letters say something only where not all of the line is in them.
  bool whole_line_upper(std::size_t behind) const {
    for (std::size_t i = behind; i < line_.size(); ++i)
      if (line_.word(i) && !line_[i].number && !line_[i].upper && line_[i].fold.size() > 2)
        return false;
    return true;
  }

  bool with_verb(std::size_t at, const Found& found, const Meaning& meaning) {
    const Verb verb = static_cast<Verb>(meaning.value);
    std::size_t behind = found.end;
    const bool upper = capitals(at);
    const bool colon = line_.sign(behind) == ':';
    const bool alone = words_from(line_, behind) == 0;
    if (takes_free_words(verb)) return free_words(at, behind, verb, upper, colon, alone);
    Reading reading = read_sentence(line_, behind, verb, now_, upper ? 20 : kMostStrange);
    if (reading.speech && !upper) return false;
    const std::size_t words = words_from(line_, behind);
    const bool shouts = upper && line_[at].fold.size() >= 3 && !whole_line_upper(behind);
    if (verb == Verb::kUnsubscribe && words <= 10)
      reading.strange.clear(), reading.strange_words = 0;
    if (reading.strange_words == 0) {
      const bool own = meaning.own || upper;
      bool take =
          reading.understood > 0 || (own && reading.skipped <= 3) || (alone && verb != Verb::kGet);
      if (takes_nothing(verb)) take = reading.understood <= 3 && words <= 8;
      // What is to be ended may be named.
      if (verb == Verb::kUnsubscribe) take = words <= 20;
      if (verb == Verb::kGet && !upper && !meaning.own)
        // «Данные за 2024 год»: of what?
        take = !reading.command.flows.empty();
      if (!take) return false;
      out_.bare = reading.understood == 0;
      return command(std::move(reading), at);
    }
    const bool few = reading.strange_words <= (upper ? 12 : meaning.own ? 4 : 2);
    if (!few) return false;
    const std::size_t unclear = explain_strange(line_, reading, looks_);
    const std::size_t guessed = reading.strange_words - std::min(unclear, reading.strange_words);
    if (takes_nothing(verb)) {
      if (shouts && meaning.own && words <= 3) return command(std::move(reading), at);
      return false;
    }
    if (unclear == 0 && (reading.understood > 0 || (guessed == 1 && (meaning.own || upper))) &&
        (verb != Verb::kGet || upper || names_indicator(reading)))
      return command(std::move(reading), at);
    if (upper && meaning.own &&
        (words <= 6 || reading.understood >= unclear || (shouts && reading.understood > 0)))
      return command(std::move(reading), at);
    if (upper && reading.understood > unclear && !reading.command.flows.empty())
      return command(std::move(reading), at);
    if (verb == Verb::kLanguage && words <= 2) return command(std::move(reading), at);
    return false;
  }

  /// An indicator, or a word that is nearly one: «Данные за июнь» is no request.
  bool names_indicator(const Reading& reading) const {
    if (!reading.command.flows.empty()) return true;
    for (const Reading::Strange& one : reading.strange)
      if (looks_ > 0 && --looks_ > 0 &&
          !suggest(lexicon_, line_[one.from].fold, Wanted::kFlow).empty())
        return true;
    return false;
  }

  bool free_words(std::size_t at, std::size_t behind, Verb verb, bool upper, bool colon,
                  bool alone) {
    Reading reading;
    Command& command_read = reading.command;
    std::size_t text_from = behind;
    while (text_from < line_.size() && line_.sign(text_from) &&
           (line_.sign(text_from) == ':' || line_.sign(text_from) == ',' ||
            line_.sign(text_from) == '-' || line_.sign(text_from) == '.'))
      ++text_from;
    if (const std::size_t end = docket_at(line_, text_from, command_read.docket)) text_from = end;
    const bool names = names_something(text_from);
    const std::size_t words = words_from(line_, behind);
    bool take = upper || colon || alone;
    if (verb == Verb::kAsk) take = take || names;
    if (verb == Verb::kForward) take = take || words <= 3;
    // "pause KG_NSC asylum": the code of an institution is in capitals.
    if (is_coordinators(verb)) take = take || (line_.word(behind) && line_[behind].upper);
    if (verb == Verb::kAddContact) take = take || text_.find('@') != text_.npos;
    if (!take) {
      if (verb == Verb::kAsk || is_coordinators(verb) || words > 5) return false;
      // In the middle of what somebody tells a refusal could be read by chance.
      near(own_word(lexicon_, verb, lang_of(lexicon_, line_.meaning(at, Kind::kCommand)->langs)),
           behind);
      return true;
    }
    command_read.verb = verb;
    if (verb == Verb::kAsk) {
      // Countries and indicators route a question; the first ones are no part of it.
      Reading what = read_sentence(line_, text_from, verb, now_, line_.size());
      command_read.flows = std::move(what.command.flows);
      command_read.areas = std::move(what.command.areas);
      while (text_from < line_.size()) {
        if (line_.word(text_from) && line_.meaning(text_from, Kind::kArea) &&
            !line_.meaning(text_from, Kind::kSkip) && is_code(text_from))
          text_from = line_.at(text_from).end;
        else if (line_.sign(text_from) && line_.sign(text_from) != '<')
          ++text_from;
        else
          break;
      }
    }
    std::string_view text = line_.written(text_from, line_.size());
    if (text_from < line_.size()) text = text_.substr(line_[text_from].begin);
    command_read.text = trim(text);
    out_.bare = command_read.text.empty() && command_read.areas.empty();
    out_.kind = LineKind::kCommand;
    out_.command = std::move(command_read);
    out_.command.capitals = upper;
    finish(at);
    return true;
  }

  bool is_code(std::size_t i) const {
    const Found& found = line_.at(i);
    const Meaning* area = found.of(Kind::kArea);
    return area && ascii_iequal(line_.written(i, found.end), lexicon_.areas[area->value]);
  }

  /// Whether a country or an indicator is among the first words.
  bool names_something(std::size_t i) const {
    for (std::size_t count = 0; i < line_.size() && count < 8;) {
      const Found& found = line_.at(i);
      if (line_.word(i)) {
        ++count;
        if (found.of(Kind::kFlow)) return true;
        if (found.of(Kind::kArea) && !found.of(Kind::kSkip) && !found.of(Kind::kConnect) &&
            (line_[i].upper || line_[i].fold.size() > 3))
          return true;
      }
      i = std::max(found.end, i + 1);
    }
    return false;
  }

  bool without_verb(std::size_t i) {
    // Most lines of free words end here: their first words are strange.
    Reading reading = read_sentence(line_, i, Verb::kGet, now_, 1);
    if (reading.command.flows.empty() || reading.strange_words > 1 || reading.speech) return false;
    if (reading.command.areas.empty() && !reading.command.from && !reading.command.to &&
        !reading.command.latest)
      return false;
    if (reading.strange_words == 1 &&
        (reading.understood < 2 || reading.strange.front().from == i ||
         explain_strange(line_, reading, looks_) > 0))
      return false;
    reading.command.implied = true;
    return command(std::move(reading), i);
  }

  bool near(const std::string& word, std::size_t behind) {
    out_.kind = LineKind::kNear;
    out_.near.word = shown(text_);
    while (line_.sign(behind) == ',' || line_.sign(behind) == '.' || line_.sign(behind) == '-')
      ++behind;
    std::string_view rest;
    if (words_from(line_, behind) > 0) rest = trim(text_.substr(line_[behind].begin));
    std::string instead = rest.empty() ? word : word + " " + std::string(rest);
    // Nobody can type what stands for bytes that were no text.
    for (std::size_t broken = 0; (broken = instead.find("\xEF\xBF\xBD", broken)) != instead.npos;)
      instead.erase(broken, 3);
    out_.near.suggestions = {shown(instead)};
    return true;
  }

  /// GTE ASYLUM KG; DOWNLOAD ASYLUM KG; ПУЕ ASYLUM.
  bool nearly(std::size_t i) {
    if (!line_.word(i) || line_[i].number || line_.at(i).end != 0) return false;
    if (words_from(line_, i) > 40) return false;
    const bool rest_empty = words_from(line_, i + 1) == 0;
    Reading reading = read_sentence(line_, i + 1, Verb::kGet, now_, 0);
    if (reading.strange_words > 0) return false;
    const std::string& first = line_[i].fold;
    if (reading.understood == 0 && !rest_empty) return false;
    const Candidate* command =
        looks_ > 0 && --looks_ > 0 ? nearest_command(lexicon_, first) : nullptr;
    if (command && command->words == 1) {
      const Verb verb = static_cast<Verb>(command->meaning.value);
      const bool fits = rest_empty ? command->meaning.own && first.size() >= 4
                                   : !takes_free_words(verb) && verb != Verb::kLanguage;
      if (fits) return near(command->shown, i + 1);
    }
    if (!reading.command.flows.empty() && line_[i].upper)
      return near(own_word(lexicon_, Verb::kGet, script_lang(line_.written(i, i + 1))), i + 1);
    return false;
  }

  std::string_view text_;
  const Lexicon& lexicon_;
  Time now_;
  Line line_;
  const Limits& limits_;
  std::size_t& looks_;
  Judged out_;
};

}  // namespace

Judged judge(std::string_view text, const Lexicon& lexicon, const Limits& limits, Time now,
             std::size_t& looks) {
  return Judge(text, lexicon, limits, now, looks).judged();
}

std::size_t past_reply_mark(std::string_view subject, const Lexicon& lexicon) {
  constexpr std::size_t kLooked = 8;
  const Line line(subject, lexicon, kLooked);
  if (!line.word(0) || !mark_is(line, 0, Mark::kReply)) return 0;
  std::size_t i = line.at(0).end;
  // "Re[2]:", "Re^3:", "RE (2):"
  if ((line.sign(i) == '[' || line.sign(i) == '(' || line.sign(i) == '^') && line.word(i + 1) &&
      line[i + 1].number)
    i += line.sign(i) == '^' ? 2 : 3;
  return line.sign(i) == ':' ? line[i].end : 0;
}

bool ends_reading(std::string_view line) {
  const std::string_view text = trim(line);
  if (text == "--" || text == "—" || text == "---") return true;
  if (text.starts_with('>')) return true;
  if (text.size() >= 8 && text.starts_with("---") && text.ends_with("---")) return true;
  return text.size() >= 8 && text.find_first_not_of('_') == text.npos;
}

}  // namespace focalpost::enquiry
