// SPDX-License-Identifier: Apache-2.0
#include "render/phrases.h"

#include <fmt/format.h>
#include <unicode/coll.h>
#include <unicode/dtptngen.h>
#include <unicode/locid.h>
#include <unicode/numfmt.h>
#include <unicode/plurrule.h>
#include <unicode/smpdtfmt.h>
#include <unicode/strenum.h>
#include <unicode/timezone.h>
#include <unicode/uchar.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/text.h"
#include "render/templates.h"

namespace focalpost {
namespace {

constexpr std::uint64_t kPhraseBytes = 1 << 20;
constexpr std::string_view kForms[] = {"zero", "one", "two", "few", "many", "other"};

/// A piece of a phrase: literal text, a name to be replaced, or the start of a section whose end is
/// `skip` pieces further on.
struct Piece {
  enum class Sort { kText, kName, kIfGiven, kIfNot } sort = Sort::kText;
  std::string text;
  std::size_t skip = 0;
};

struct Phrase {
  std::vector<Piece> pieces;
};

struct Entry {
  std::optional<Phrase> plain;
  std::map<std::string, Phrase, std::less<>> forms;
};

/// One file.
struct Layer {
  std::string lang;
  std::string path;
  std::map<std::string, Entry, std::less<>> entries;
  std::shared_ptr<const icu::PluralRules> rules;
};

/// What people everywhere read as English: the day before the month.
icu::Locale locale_of(std::string_view lang) {
  return icu::Locale::createCanonical(lang == "en" ? "en_GB" : std::string(lang).c_str());
}

std::string utf8(const icu::UnicodeString& text) {
  std::string made;
  text.toUTF8String(made);
  return made;
}

/// Versions of ICU differ in which space they put where; letters shall not.
std::string with_space(std::string text, std::string_view space) {
  for (std::string_view odd : {"\u00A0", "\u202F"})
    for (std::size_t at = 0; odd != space && (at = text.find(odd, at)) != text.npos;)
      text.replace(at, odd.size(), space);
  return text;
}
constexpr std::string_view kNoBreak = "\u00A0";

Result<Phrase> parse_phrase(std::string_view text) {
  Phrase phrase;
  constexpr std::size_t kNone = std::string_view::npos;
  std::size_t open = kNone;
  auto literal = [&](std::string_view piece) {
    if (!piece.empty()) phrase.pieces.push_back({Piece::Sort::kText, std::string(piece), 0});
  };
  for (;;) {
    std::size_t begin = text.find("{{");
    literal(text.substr(0, begin));
    if (begin == text.npos) break;
    std::size_t end = text.find("}}", begin);
    if (end == text.npos) return not_right("{{ without }}");
    std::string_view inner = trim(text.substr(begin + 2, end - begin - 2));
    text.remove_prefix(end + 2);
    char sort = inner.empty() ? ' ' : inner.front();
    if (sort == '#' || sort == '^' || sort == '/') inner = trim(inner.substr(1));
    bool fine = !inner.empty() && std::all_of(inner.begin(), inner.end(), [](char c) {
      return (c >= 'a' && c <= 'z') || c == '_' || (c >= '0' && c <= '9');
    });
    if (!fine) return not_right(fmt::format("\"{}\" cannot stand in {{{{ }}}}", one_line(inner)));
    if (sort == '/') {
      if (open == kNone || phrase.pieces[open].text != inner)
        return not_right(fmt::format("{{{{/{}}}}} closes nothing", inner));
      phrase.pieces[open].skip = phrase.pieces.size() - open - 1;
      open = kNone;
    } else if (sort == '#' || sort == '^') {
      if (open != kNone) return not_right("a section within a section");
      open = phrase.pieces.size();
      phrase.pieces.push_back(
          {sort == '#' ? Piece::Sort::kIfGiven : Piece::Sort::kIfNot, std::string(inner), 0});
    } else {
      phrase.pieces.push_back({Piece::Sort::kName, std::string(inner), 0});
    }
  }
  if (open != kNone)
    return not_right(fmt::format("{{{{#{}}}}} is not closed", phrase.pieces[open].text));
  return phrase;
}

Status add_phrase(Layer& layer, std::string_view key, std::string_view text) {
  FP_ASSIGN(Phrase phrase, parse_phrase(text));
  std::string_view form;
  if (key.ends_with(']')) {
    auto bracket = key.rfind('[');
    if (bracket == key.npos) return not_right("] without [");
    form = key.substr(bracket + 1, key.size() - bracket - 2);
    key = key.substr(0, bracket);
    if (std::find(std::begin(kForms), std::end(kForms), form) == std::end(kForms))
      return not_right(fmt::format("\"{}\" is no plural form", one_line(form)));
  }
  if (key.empty()) return not_right("a phrase without a key");
  Entry& entry = layer.entries[std::string(key)];
  bool twice = form.empty() ? entry.plain.has_value() : entry.forms.count(form) > 0;
  if (twice) return not_right(fmt::format("\"{}\" stands there twice", one_line(key)));
  if (form.empty())
    entry.plain = std::move(phrase);
  else
    entry.forms.emplace(form, std::move(phrase));
  return {};
}

Result<Layer> read_layer(const fs::path& path, std::string_view lang) {
  FP_ASSIGN(std::string text, read_file(path, kPhraseBytes));
  if (!is_utf8(text)) return not_right(path.string() + " is not UTF-8", "Save it as UTF-8.");
  Layer layer;
  layer.lang = lang;
  layer.path = path.string();
  UErrorCode status = U_ZERO_ERROR;
  layer.rules.reset(icu::PluralRules::forLocale(locale_of(lang), status));
  if (U_FAILURE(status)) return bug(fmt::format("no plural rules for {}", lang));

  std::string key, value;
  std::size_t line_number = 0, key_line = 0;
  auto finish = [&]() -> Status {
    if (key.empty()) return {};
    auto added = add_phrase(layer, key, value);
    key.clear();
    if (added) return {};
    return not_right(fmt::format("{}, line {}: {}", layer.path, key_line, added.error().what),
                     "Correct the phrase.");
  };
  for (std::string_view line : split(text, '\n')) {
    ++line_number;
    std::string_view content = trim(line);
    if (content.empty() || line.front() == '#') continue;
    if (line.front() == ' ' || line.front() == '\t') {
      if (key.empty())
        return not_right(fmt::format("{}, line {}: goes on from nothing", layer.path, line_number),
                         "Start a phrase at the beginning of the line: \"key: text\".");
      value.append(value.empty() ? "" : " ").append(content);
      continue;
    }
    FP_TRY(finish());
    auto colon = line.find(": ");
    if (colon == line.npos && content.ends_with(':')) colon = line.find_last_of(':');
    if (colon == line.npos)
      return not_right(fmt::format("{}, line {}: no \"key: text\"", layer.path, line_number),
                       "Write the key, a colon, a space and the text.");
    key = trim(line.substr(0, colon));
    value = trim(line.substr(colon + 1));
    key_line = line_number;
  }
  FP_TRY(finish());
  return layer;
}

struct Warnings {
  std::vector<std::string> fresh;
  std::set<std::string> known;
  void add(std::string line) {
    if (known.insert(line).second) fresh.push_back(std::move(line));
  }
};

const PhraseArg* find_arg(const PhraseArgs& args, std::string_view name) {
  for (const PhraseArg& arg : args)
    if (arg.name == name) return &arg;
  return nullptr;
}

/// False if a name has no argument; `missing` is then the name.
bool fill(const Phrase& phrase, const PhraseArgs& args, std::string& out, std::string& missing) {
  for (std::size_t i = 0; i < phrase.pieces.size(); ++i) {
    const Piece& piece = phrase.pieces[i];
    if (piece.sort == Piece::Sort::kText) {
      out += piece.text;
      continue;
    }
    const PhraseArg* arg = find_arg(args, piece.text);
    if (!arg) {
      missing = piece.text;
      return false;
    }
    if (piece.sort == Piece::Sort::kName)
      out += arg->value;
    else if (arg->value.empty() == (piece.sort == Piece::Sort::kIfGiven))
      i += piece.skip;
  }
  return true;
}

}  // namespace

struct Phrases::State {
  std::string lang, found;
  std::vector<std::shared_ptr<const Layer>> layers;
  std::shared_ptr<Warnings> warnings;
  std::unique_ptr<icu::NumberFormat> numbers, percents;
  std::unique_ptr<icu::DateFormat> day, day_time, month, quarter, month_short, quarter_short;
  std::unique_ptr<icu::Collator> order;  ///< made when it is first asked for

  template <typename Choose>
  Result<std::string> say(std::string_view key, const PhraseArgs& args, Choose choose) const {
    for (const auto& layer : layers) {
      auto entry = layer->entries.find(key);
      if (entry == layer->entries.end()) continue;
      std::string out, missing;
      const Phrase* phrase = choose(*layer, entry->second);
      if (phrase && fill(*phrase, args, out, missing)) return out;
      warnings->add(phrase ? fmt::format("{}: \"{}\" uses {{{{{}}}}}, which there is not",
                                         layer->path, key, missing)
                           : fmt::format("{}: \"{}\" lacks a form", layer->path, key));
    }
    return not_right(fmt::format("no usable phrase \"{}\" for \"{}\"", one_line(key), lang),
                     "Restore the shipped templates.");
  }

  std::string format(icu::DateFormat& format, Time t) const {
    icu::UnicodeString text;
    format.format(static_cast<UDate>(to_millis(t)), text);
    return with_space(utf8(text), " ");
  }
};

Phrases::Phrases(std::unique_ptr<State> state) : state_(std::move(state)) {}
Phrases::Phrases(Phrases&&) noexcept = default;
Phrases::~Phrases() = default;

const std::string& Phrases::lang() const {
  return state_->lang;
}
const std::string& Phrases::found_lang() const {
  return state_->found;
}

Result<std::string> Phrases::text(std::string_view key, const PhraseArgs& args) const {
  return state_->say(key, args, [](const Layer&, const Entry& entry) {
    return entry.plain ? &*entry.plain : nullptr;
  });
}

Result<std::string> Phrases::plural(std::string_view key, double count,
                                    const PhraseArgs& args) const {
  std::string shown = number(count);
  PhraseArgs all = args;
  all.push_back({"count", shown});
  return state_->say(key, all, [&](const Layer& layer, const Entry& entry) -> const Phrase* {
    auto form = entry.forms.find(utf8(layer.rules->select(count)));
    if (form == entry.forms.end()) form = entry.forms.find("other");
    if (form != entry.forms.end()) return &form->second;
    return entry.plain ? &*entry.plain : nullptr;
  });
}

std::string Phrases::text_or(std::string_view key, std::string_view other) const {
  for (const auto& layer : state_->layers)
    if (auto entry = layer->entries.find(key);
        entry != layer->entries.end() && entry->second.plain) {
      std::string out, missing;
      if (fill(*entry->second.plain, {}, out, missing)) return out;
    }
  return std::string(other);
}

bool Phrases::uses(std::string_view key, std::string_view name) const {
  for (const auto& layer : state_->layers)
    if (auto entry = layer->entries.find(key); entry != layer->entries.end()) {
      if (!entry->second.plain) return false;
      const auto& pieces = entry->second.plain->pieces;
      return std::any_of(pieces.begin(), pieces.end(), [&](const Piece& piece) {
        return piece.sort != Piece::Sort::kText && piece.text == name;
      });
    }
  return false;
}

std::string capitalise(std::string text) {
  icu::UnicodeString first = icu::UnicodeString::fromUTF8(text);
  if (first.isEmpty()) return text;
  UChar32 letter = first.char32At(0);
  first.truncate(first.moveIndex32(0, 1));
  std::size_t length = utf8(first).size();
  return utf8(icu::UnicodeString(u_toupper(letter))) + text.substr(length);
}

std::string Phrases::number(double value) const {
  icu::UnicodeString text;
  return with_space(utf8(state_->numbers->format(value, text)), kNoBreak);
}

std::string Phrases::number(double value, int decimals) const {
  std::unique_ptr<icu::NumberFormat> exact(state_->numbers->clone());
  exact->setMinimumFractionDigits(decimals);
  exact->setMaximumFractionDigits(decimals);
  icu::UnicodeString text;
  return with_space(utf8(exact->format(value, text)), kNoBreak);
}
std::string Phrases::percent(double ratio) const {
  icu::UnicodeString text;
  state_->percents->setMaximumFractionDigits(std::abs(ratio) < 0.0995 ? 1 : 0);
  return with_space(utf8(state_->percents->format(ratio, text)), kNoBreak);
}

bool Phrases::less(std::string_view a, std::string_view b) const {
  UErrorCode status = U_ZERO_ERROR;
  if (!state_->order)
    state_->order.reset(icu::Collator::createInstance(locale_of(state_->found), status));
  const auto piece = [](std::string_view text) {
    return icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size()));
  };
  const UCollationResult order = state_->order && U_SUCCESS(status)
                                     ? state_->order->compareUTF8(piece(a), piece(b), status)
                                     : UCOL_EQUAL;
  return order == UCOL_EQUAL || U_FAILURE(status) ? a < b : order == UCOL_LESS;
}

std::string Phrases::date(Time t, std::string_view zone) const {
  state_->day->adoptTimeZone(icu::TimeZone::createTimeZone(
      icu::UnicodeString::fromUTF8(icu::StringPiece(zone.data(), int(zone.size())))));
  return state_->format(*state_->day, t);
}

std::string Phrases::date_time(Time t, std::string_view zone) const {
  // An unknown zone is ICU's "Etc/Unknown", which behaves as UTC.
  state_->day_time->adoptTimeZone(icu::TimeZone::createTimeZone(
      icu::UnicodeString::fromUTF8(icu::StringPiece(zone.data(), int(zone.size())))));
  return date(t, zone) + ", " + state_->format(*state_->day_time, t);
}

std::string Phrases::period(Period period) const {
  Time first = Time(std::chrono::days(period.first_day()));
  std::string year = fmt::format("{:04}", period.kind() == PeriodKind::kNone ? 0 : period.year());
  auto named = [&](std::string_view key, std::string_view sdmx) {
    auto at = sdmx.find_last_of("STW");
    auto said = text(key, {{"number", sdmx.substr(at == sdmx.npos ? 0 : at + 1)}, {"year", year}});
    return said ? *said : std::string(sdmx);
  };
  switch (period.kind()) {
    case PeriodKind::kYear:
      return year;
    case PeriodKind::kSemester:
      return named("period.semester", period.text());
    case PeriodKind::kTrimester:
      return named("period.trimester", period.text());
    case PeriodKind::kWeek:
      return named("period.week", period.text());
    case PeriodKind::kQuarter:
      return state_->format(*state_->quarter, first);
    case PeriodKind::kMonth:
      return state_->format(*state_->month, first);
    case PeriodKind::kDay:
      return date(first);
    default:
      return period.text();
  }
}

std::string Phrases::period_short(Period period) const {
  Time first = Time(std::chrono::days(period.first_day()));
  switch (period.kind()) {
    case PeriodKind::kMonth:
      return state_->format(*state_->month_short, first);
    case PeriodKind::kQuarter:
      return state_->format(*state_->quarter_short, first);
    case PeriodKind::kSemester:
    case PeriodKind::kTrimester: {
      const bool half = period.kind() == PeriodKind::kSemester;
      std::string sdmx = period.text();
      auto said = text(half ? "period.semester-short" : "period.trimester-short",
                       {{"number", std::string_view(sdmx).substr(6)}});
      return said ? *said : sdmx.substr(5);
    }
    default:
      return this->period(period);
  }
}
std::string Phrases::period(std::string_view written) const {
  auto read = Period::parse(written);
  return read ? period(*read) : std::string(written);
}

std::vector<std::string> Phrases::keys() const {
  std::set<std::string> all;
  for (const auto& layer : state_->layers)
    if (layer->lang == state_->found)
      for (const auto& [key, entry] : layer->entries) all.insert(key);
  return {all.begin(), all.end()};
}

std::set<std::string> Phrases::names(std::string_view key) const {
  std::set<std::string> all;
  auto collect = [&](const Phrase& phrase) {
    for (const Piece& piece : phrase.pieces)
      if (piece.sort != Piece::Sort::kText) all.insert(piece.text);
  };
  for (const auto& layer : state_->layers) {
    auto entry = layer->entries.find(key);
    if (layer->lang != state_->found || entry == layer->entries.end()) continue;
    if (entry->second.plain) collect(*entry->second.plain);
    for (const auto& [form, phrase] : entry->second.forms) collect(phrase);
  }
  return all;
}

std::set<std::string> Phrases::forms(std::string_view key) const {
  std::set<std::string> all;
  for (const auto& layer : state_->layers) {
    auto entry = layer->entries.find(key);
    if (layer->lang == state_->found && entry != layer->entries.end())
      for (const auto& [form, phrase] : entry->second.forms) all.insert(form);
  }
  return all;
}

std::set<std::string> Phrases::plural_forms() const {
  std::set<std::string> all;
  UErrorCode status = U_ZERO_ERROR;
  std::unique_ptr<icu::StringEnumeration> list(state_->layers.front()->rules->getKeywords(status));
  while (U_SUCCESS(status)) {
    const icu::UnicodeString* form = list->snext(status);
    if (!form) break;
    all.insert(utf8(*form));
  }
  return all;
}

struct PhraseStore::State {
  fs::path shipped, overrides;
  std::map<fs::path, std::shared_ptr<const Layer>> files;  ///< null: not there, or not usable
  std::map<std::string, Phrases, std::less<>> languages;
  std::shared_ptr<Warnings> warnings = std::make_shared<Warnings>();

  std::shared_ptr<const Layer> file(const fs::path& root, const std::string& tag) {
    fs::path path = root / tag / "phrases.txt";
    auto [place, fresh] = files.try_emplace(path);
    std::error_code ignored;
    if (!fresh || !fs::exists(path, ignored)) return place->second;
    auto layer = read_layer(path, tag);
    if (layer)
      place->second = std::make_shared<const Layer>(std::move(*layer));
    else
      warnings->add(layer.error().what);
    return place->second;
  }
};

PhraseStore::PhraseStore(fs::path shipped, fs::path overrides) : state_(std::make_unique<State>()) {
  state_->shipped = std::move(shipped);
  state_->overrides = std::move(overrides);
}
PhraseStore::~PhraseStore() = default;
PhraseStore::PhraseStore(PhraseStore&&) noexcept = default;

Result<const Phrases*> PhraseStore::in(std::string_view lang) const {
  auto known = state_->languages.find(lang);
  if (known != state_->languages.end()) return &known->second;
  std::vector<std::string> chain = language_chain(lang);
  if (chain.front() != lang) return in("en");

  auto made = std::make_unique<Phrases::State>();
  made->lang = chain.front();
  made->warnings = state_->warnings;
  for (const std::string& tag : chain)
    for (const fs::path& root : {state_->overrides, state_->shipped})
      if (auto layer = root.empty() ? nullptr : state_->file(root, tag))
        made->layers.push_back(layer);
  if (made->layers.empty())
    return not_right(
        fmt::format("there are no phrases for \"{}\" in {}", made->lang, state_->shipped.string()),
        "Restore the shipped templates.");
  made->found = made->layers.front()->lang;

  // Numbers and dates go with the words around them.
  icu::Locale locale = locale_of(made->found);
  UErrorCode status = U_ZERO_ERROR;
  made->numbers.reset(icu::NumberFormat::createInstance(locale, status));
  made->percents.reset(icu::NumberFormat::createPercentInstance(locale, status));
  std::unique_ptr<icu::DateTimePatternGenerator> patterns(
      icu::DateTimePatternGenerator::createInstance(locale, status));
  auto dated = [&](const icu::UnicodeString& pattern) {
    auto format = std::make_unique<icu::SimpleDateFormat>(pattern, locale, status);
    if (U_SUCCESS(status)) format->setTimeZone(*icu::TimeZone::getGMT());
    return format;
  };
  if (U_FAILURE(status)) return bug(fmt::format("no number and date formats for {}", made->found));
  made->day = dated(patterns->getBestPattern(u"yMMMMd", status));
  made->day_time = dated(u"HH:mm '(UTC'xxx')'");
  made->month = dated(patterns->getBestPattern(u"yMMMM", status));
  made->quarter = dated(patterns->getBestPattern(u"yQQQ", status));
  made->month_short = dated(u"LLL");
  made->quarter_short = dated(u"qqq");
  if (U_FAILURE(status)) return bug(fmt::format("no number and date formats for {}", made->found));
  auto place = state_->languages.emplace(std::string(lang), Phrases(std::move(made))).first;
  return &place->second;
}

std::vector<std::string> PhraseStore::languages() const {
  std::set<std::string> all;
  std::error_code ignored;
  for (const fs::path& root : {state_->overrides, state_->shipped}) {
    if (root.empty() || !fs::is_directory(root, ignored)) continue;
    if (auto names = list_directory(root))
      for (const std::string& name : *names)
        if (language_chain(name).front() == name &&
            fs::exists(root / name / "phrases.txt", ignored))
          all.insert(name);
  }
  return {all.begin(), all.end()};
}

std::vector<std::string> PhraseStore::take_warnings() const {
  return std::exchange(state_->warnings->fresh, {});
}

void PhraseStore::reload() {
  state_->languages.clear();
  state_->files.clear();
  state_->warnings->known.clear();
}

}  // namespace focalpost
