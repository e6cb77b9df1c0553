// SPDX-License-Identifier: Apache-2.0
#include "enquiry/vocabulary.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "enquiry/duty_words.h"
#include "enquiry/lexicon.h"

namespace focalpost::enquiry {
namespace {

constexpr std::size_t kMostWarnings = 20;
/// Names longer than this are descriptions: nobody types them.
constexpr std::size_t kLongestName = 160;
/// Codes of a list beyond these are known behind the dimension's name alone, by their ids.
constexpr std::size_t kMostNamed = 3000;

Inflection inflection_of(std::string_view lang) {
  if (lang.starts_with("en")) return Inflection::kEnglish;
  if (lang.starts_with("ru")) return Inflection::kRussian;
  if (lang.starts_with("uk")) return Inflection::kUkrainian;
  return Inflection::kNone;
}

constexpr std::pair<std::string_view, Verb> kVerbs[] = {
    {"HELP", Verb::kHelp},
    {"INDICATORS", Verb::kIndicators},
    {"COUNTRIES", Verb::kCountries},
    {"CALENDAR", Verb::kCalendar},
    {"STATUS", Verb::kStatus},
    {"GET", Verb::kGet},
    {"HOW", Verb::kHow},
    {"INVENTORY", Verb::kInventory},
    {"WHO", Verb::kWho},
    {"FORM", Verb::kForm},
    {"ASK", Verb::kAsk},
    {"SUBSCRIBE", Verb::kSubscribe},
    {"UNSUBSCRIBE", Verb::kUnsubscribe},
    {"LANGUAGE", Verb::kLanguage},
    {"STOP", Verb::kStop},
    {"PUBLISH", Verb::kPublish},
    {"AUDIENCE", Verb::kAudience},
    {"DECLINE", Verb::kDecline},
    {"FORWARD", Verb::kForward},
    {"CLOSE", Verb::kClose},
    {"MODULE", Verb::kModule},
    {"ADD_CONTACT", Verb::kAddContact},
    {"PAUSE", Verb::kPause},
    {"RESUME", Verb::kResume},
};
constexpr std::pair<std::string_view, Connect> kConnects[] = {
    {"BY", Connect::kBy},     {"AS", Connect::kAs},   {"AS_OF", Connect::kAsOf},
    {"FROM", Connect::kFrom}, {"TO", Connect::kTo},   {"LATEST", Connect::kLatest},
    {"ON", Connect::kOn},     {"AND", Connect::kAnd}, {"THIS", Connect::kThis},
};
constexpr std::pair<std::string_view, Format> kFormats[] = {{"table", Format::kTable},
                                                            {"csv", Format::kCsv},
                                                            {"sdmx", Format::kSdmx},
                                                            {"chart", Format::kChart}};
constexpr std::pair<std::string_view, Unit> kUnits[] = {{"year", Unit::kYear},
                                                        {"half", Unit::kHalf},
                                                        {"quarter", Unit::kQuarter},
                                                        {"month", Unit::kMonth}};
constexpr std::pair<std::string_view, Mark> kMarks[] = {{"reply", Mark::kReply},
                                                        {"greeting", Mark::kGreeting},
                                                        {"signature", Mark::kSignature},
                                                        {"speech", Mark::kSpeech},
                                                        {"public", Mark::kPublic}};

constexpr std::pair<std::string_view, DutyWord::What> kDutyWords[] = {
    {"NO_DATA", DutyWord::What::kNoData},
    {"EXTEND", DutyWord::What::kExtend},
    {"NOT_MINE", DutyWord::What::kNotMine}};
/// With their days.
constexpr std::pair<std::string_view, int> kDutyUnits[] = {{"DAYS", 1}, {"WEEKS", 7}};

template <typename Table>
std::optional<std::uint32_t> value_in(const Table& table, std::string_view key) {
  for (const auto& [name, value] : table)
    if (name == key) return static_cast<std::uint32_t>(value);
  return {};
}

std::uint32_t place_of(std::vector<std::string>& names, std::string_view name) {
  auto place = std::find(names.begin(), names.end(), name);
  if (place == names.end()) place = names.emplace(names.end(), name);
  return static_cast<std::uint32_t>(place - names.begin());
}

class Maker {
 public:
  explicit Maker(const StructureLookup& structures)
      : structures_(structures), lexicon_(std::make_shared<Lexicon>()) {}

  std::shared_ptr<const Lexicon> make(std::span<const LanguageWords> languages) {
    for (const LanguageWords& one : languages) place_of(lexicon_->languages, one.lang);
    lexicon_->reserve(5000);
    flows();
    names_of_lists();
    for (const LanguageWords& one : languages) words(one);
    short_names();
    lexicon_->finish();
    return lexicon_;
  }

 private:
  std::uint32_t bit(std::string_view lang) {
    auto place = std::find(lexicon_->languages.begin(), lexicon_->languages.end(), lang);
    const auto number = place - lexicon_->languages.begin();
    return place == lexicon_->languages.end() || number > 31 ? 0 : 1u << number;
  }

  void name(std::string_view text, std::string_view lang, Meaning meaning, bool suggest = true) {
    if (text.empty() || text.size() > kLongestName) return;
    meaning.langs = bit(lang);
    lexicon_->add(text, inflection_of(lang), meaning, suggest ? text : std::string_view());
  }
  void names(const Texts& texts, const Meaning& meaning) {
    for (const LocalText& one : texts) name(one.text, one.lang, meaning);
  }
  void id(std::string_view text, const Meaning& meaning) {
    lexicon_->add(text, Inflection::kNone, meaning, text);
  }

  std::int32_t list_of(const CodeTable& table) {
    const Ref& ref = table.list().ref;
    auto [place, added] =
        lists_.try_emplace(ref, static_cast<std::int32_t>(lexicon_->lists.size()));
    if (added) {
      Lexicon::List& list = lexicon_->lists.emplace_back();
      for (std::string_view code : table.ids()) {
        list.by_id.emplace(code, static_cast<std::uint32_t>(list.ids.size()));
        list.ids.emplace_back(code);
      }
      tables_.push_back(&table);
    }
    return place->second;
  }

  void flows() {
    keep_ = structures_.flows();
    for (const auto& flow : keep_) {
      if (lexicon_->flow(flow->name().id)) continue;
      const auto number = static_cast<std::uint32_t>(lexicon_->flows.size());
      Lexicon::Flow& known = lexicon_->flows.emplace_back();
      known.id = flow->name().id;
      known.agency = flow->name().agency;
      const Meaning meaning{.kind = Kind::kFlow, .value = number};
      id(known.id, meaning);
      if (flow->names_of) names(flow->names_of->names, meaning);
      for (std::uint16_t c = 0; c < flow->dimension_count; ++c) {
        const FlowComponent& component = flow->components[c];
        Lexicon::Dimension dimension{place_of(lexicon_->dimensions, component.id), -1};
        if (component.coded()) {
          dimension.list = list_of(*component.codes);
          if (c == flow->ref_area) area_lists_.insert(dimension.list);
        }
        lexicon_->flows[number].dims.push_back(dimension);
        const Meaning of_dimension{.kind = Kind::kDimension, .value = dimension.id};
        id(component.id, of_dimension);
        if (!component.source) continue;
        if (const Concept* its = structures_.concept_of(component.source->concept_identity))
          names(its->names, of_dimension);
      }
    }
  }

  void names_of_lists() {
    // Areas first: a citizenship is suggested as what it is called there.
    for (bool area : {true, false})
      for (std::size_t l = 0; l < tables_.size(); ++l)
        if (area == (area_lists_.count(static_cast<std::int32_t>(l)) > 0)) names_of_list(l, area);
  }

  void names_of_list(std::size_t l, bool area) {
    const CodeTable& table = *tables_[l];
    for (std::size_t c = 0; c < table.size(); ++c) {
      const Code& code = table.code(static_cast<std::int32_t>(c));
      const Meaning meaning = area ? Meaning{.kind = Kind::kArea, .value = place_of_area(code.id)}
                                   : Meaning{.kind = Kind::kCode,
                                             .list = static_cast<std::uint16_t>(l),
                                             .value = static_cast<std::uint32_t>(c)};
      Meaning capital = meaning;
      capital.capital = true;
      if (c == kMostNamed) return;
      if (area)
        id(code.id, meaning);
      else if (code.id.size() >= 3 && code.id[0] != '_')
        id(code.id, code.id.find('_') == code.id.npos ? capital : meaning);
      const bool country = !area && areas_.count(code.id) > 0;
      for (const LocalText& one : code.names) {
        name(one.text, one.lang, meaning, !country);
        const auto bracket = one.text.find('(');
        if (area && bracket != one.text.npos && bracket > 0)
          short_[std::string(trim(std::string_view(one.text).substr(0, bracket)))].insert(
              {one.lang, meaning.value});
      }
      for (const Annotation& one : code.annotations)
        if (one.id == "FP_ALIAS" && one.title.size() >= 2)
          lexicon_->add(one.title, Inflection::kNone, capital);
    }
  }

  std::uint32_t place_of_area(const std::string& code) {
    auto [place, added] =
        areas_.try_emplace(code, static_cast<std::uint32_t>(lexicon_->areas.size()));
    if (added) lexicon_->areas.push_back(code);
    return place->second;
  }

  /// "Иран" of "Иран (Исламская Республика)", where nobody else is called so.
  void short_names() {
    for (const auto& [text, whose] : short_) {
      std::set<std::uint32_t> areas;
      for (const auto& [lang, area] : whose) areas.insert(area);
      if (areas.size() != 1) continue;
      for (const auto& [lang, area] : whose) {
        const std::vector<Token> tokens = tokens_of(text, kLongestPhrase);
        std::vector<Word> each;
        for (const Token& token : tokens) each.push_back(lexicon_->word(token));
        const Found found = lexicon_->find(tokens, each, 0);
        if (found.end == tokens.size() && found.of(Kind::kArea)) continue;
        name(text, lang, {.kind = Kind::kArea, .value = area});
      }
    }
  }

  // ---- words.txt

  void words(const LanguageWords& language) {
    std::size_t number = 0;
    for (std::string_view line : split(language.text, '\n')) {
      ++number;
      line = trim(line);
      if (line.empty() || line.front() == '#') continue;
      if (!is_utf8(line) || !one_line_of(line, language.lang))
        if (lexicon_->warnings.size() < kMostWarnings)
          lexicon_->warnings.push_back(fmt::format("{}, line {}: not understood: {}", language.lang,
                                                   number, shorten(focalpost::one_line(line), 60)));
    }
  }

  /// False: no line that there may be.
  bool one_line_of(std::string_view line, std::string_view lang) {
    const auto colon = line.find(':');
    if (colon == line.npos) return false;
    std::vector<std::string_view> head;
    for (std::string_view part : split(trim(line.substr(0, colon)), ' '))
      if (!part.empty()) head.push_back(part);
    if (head.empty() || head.size() > 3) return false;
    const std::string_view kind = head[0];
    const std::string_view key = head.size() > 1 ? head[1] : std::string_view();
    if (kind == "skip" ? head.size() != 1 : kind == "code" ? head.size() != 3 : head.size() != 2)
      return false;
    std::vector<Meaning> meanings;
    Inflection inflection = inflection_of(lang);
    bool suggest = true;
    const auto simple = [&](Kind what, std::optional<std::uint32_t> value) {
      if (value) meanings.push_back({.kind = what, .value = *value});
      return value.has_value();
    };
    const auto small = [&](std::uint32_t most) -> std::optional<std::uint32_t> {
      if (key.empty() || key.size() > 2 || key.find_first_not_of("0123456789") != key.npos)
        return {};
      const std::uint32_t n = static_cast<std::uint32_t>(std::stoul(std::string(key)));
      if (n < 1 || n > most) return {};
      return n;
    };
    if (kind == "duty") return duty_words(key, line.substr(colon + 1));
    bool known = true;
    if (kind == "command") {
      known = simple(Kind::kCommand, value_in(kVerbs, key));
      inflection = Inflection::kNone;
    } else if (kind == "word") {
      known = simple(Kind::kConnect, value_in(kConnects, key));
      inflection = Inflection::kNone;
      suggest = false;
    } else if (kind == "skip") {
      meanings.push_back({.kind = Kind::kSkip});
      inflection = Inflection::kNone;
      suggest = false;
    } else if (kind == "mark") {
      known = simple(Kind::kMark, value_in(kMarks, key));
      inflection = Inflection::kNone;
      suggest = false;
    } else if (kind == "format") {
      known = simple(Kind::kFormat, value_in(kFormats, key));
    } else if (kind == "month") {
      known = simple(Kind::kMonth, small(12));
    } else if (kind == "unit") {
      known = simple(Kind::kUnit, value_in(kUnits, key));
      suggest = false;
    } else if (kind == "ordinal") {
      known = simple(Kind::kOrdinal, small(4));
      suggest = false;
    } else if (kind == "language") {
      simple(Kind::kLanguage, place_of(lexicon_->languages, key));
    } else if (kind == "rhythm") {
      simple(Kind::kRhythm, place_of(lexicon_->rhythms, key));
    } else if (kind == "audience") {
      simple(Kind::kAudience, place_of(lexicon_->audiences, key));
    } else if (kind == "indicator") {
      if (const Lexicon::Flow* flow = lexicon_->flow(key))
        simple(Kind::kFlow, static_cast<std::uint32_t>(flow - lexicon_->flows.data()));
    } else if (kind == "area") {
      if (auto area = areas_.find(std::string(key)); area != areas_.end())
        simple(Kind::kArea, area->second);
    } else if (kind == "dimension") {
      if (std::int32_t place = lexicon_->dimension(key); place >= 0)
        simple(Kind::kDimension, static_cast<std::uint32_t>(place));
    } else if (kind == "code") {
      codes(key, head[2], meanings);
    } else {
      known = false;
    }
    if (!known) return false;
    bool own = true;
    for (std::string_view word : split(line.substr(colon + 1), ',')) {
      word = trim(word);
      if (word.empty()) continue;
      Inflection its = inflection;
      if (word.ends_with('*')) {
        its = Inflection::kAny;
        word.remove_suffix(1);
      }
      for (Meaning& meaning : meanings) {
        meaning.langs = bit(lang);
        meaning.own = own;
        lexicon_->add(word, its, meaning, suggest ? word : std::string_view());
      }
      own = false;
    }
    return true;
  }

  bool duty_words(std::string_view key, std::string_view phrases) {
    const auto what = value_in(kDutyWords, key), unit = value_in(kDutyUnits, key);
    if (!what && !unit) return false;
    for (std::string_view phrase : split(phrases, ','))
      if (auto words = folded_words(phrase); !words.empty())
        lexicon_->duty_phrases.push_back(
            {std::move(words), unit.has_value(), what ? *what : *unit});
    return true;
  }

  void codes(std::string_view dimension, std::string_view code, std::vector<Meaning>& meanings) {
    const std::int32_t place = lexicon_->dimension(dimension);
    for (const Lexicon::Flow& flow : lexicon_->flows)
      for (const Lexicon::Dimension& one : flow.dims) {
        if (static_cast<std::int32_t>(one.id) != place || one.list < 0) continue;
        const auto& by_id = lexicon_->lists[static_cast<std::size_t>(one.list)].by_id;
        auto found = by_id.find(std::string(code));
        if (found == by_id.end()) continue;
        const Meaning meaning{.kind = Kind::kCode,
                              .list = static_cast<std::uint16_t>(one.list),
                              .value = found->second};
        if (std::none_of(meanings.begin(), meanings.end(),
                         [&](const Meaning& other) { return other.same(meaning); }))
          meanings.push_back(meaning);
      }
  }

  const StructureLookup& structures_;
  std::shared_ptr<Lexicon> lexicon_;
  std::vector<std::shared_ptr<const FlowStructure>> keep_;
  std::map<Ref, std::int32_t> lists_;
  std::vector<const CodeTable*> tables_;
  std::set<std::int32_t> area_lists_;
  std::unordered_map<std::string, std::uint32_t> areas_;
  std::map<std::string, std::set<std::pair<std::string, std::uint32_t>>> short_;
};

}  // namespace

Vocabulary Vocabulary::make(const StructureLookup& structures,
                            std::span<const LanguageWords> languages) {
  return Vocabulary(Maker(structures).make(languages));
}

const std::vector<std::string>& Vocabulary::warnings() const {
  return lexicon_->warnings;
}

}  // namespace focalpost::enquiry
