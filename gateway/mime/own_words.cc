// SPDX-License-Identifier: Apache-2.0
#include "mime/own_words.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "base/text.h"

namespace focalpost::mime {
namespace {

/// The next code point, or the byte where there is none.
std::uint32_t next_point(std::string_view text, std::size_t& at) {
  auto byte = [&](std::size_t i) -> std::uint32_t {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0;
  };
  const std::uint32_t lead = byte(at);
  std::size_t more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC0 ? 1 : 0;
  std::uint32_t point = more == 0 ? lead : lead & (0x3Fu >> more);
  for (std::size_t i = 1; i <= more; ++i) {
    if ((byte(at + i) & 0xC0) != 0x80) {
      more = 0;
      point = lead;
      break;
    }
    point = point << 6 | (byte(at + i) & 0x3F);
  }
  at += more + 1;
  return point;
}

/// Lower case of a Latin or Cyrillic letter; 0: it is no letter.
std::uint32_t letter(std::uint32_t point) {
  if (point >= 'A' && point <= 'Z') return point + 0x20;
  if (point >= 'a' && point <= 'z') return point;
  if (point >= 0x400 && point <= 0x40F) return point + 0x50;
  if (point >= 0x410 && point <= 0x42F) return point + 0x20;
  if (point >= 0x430 && point <= 0x45F) return point;
  if (point == 0x490 || point == 0x491) return 0x491;
  return 0;
}

void append(std::string& out, std::uint32_t point) {
  if (point < 0x80) {
    out += static_cast<char>(point);
  } else {
    out += static_cast<char>(0xC0 | point >> 6);
    out += static_cast<char>(0x80 | (point & 0x3F));
  }
}

}  // namespace

std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> words;
  bool inside = false;
  for (std::size_t at = 0; at < line.size();) {
    const std::uint32_t point = letter(next_point(line, at));
    if (point && !inside) words.emplace_back();
    inside = point != 0;
    if (inside) append(words.back(), point);
  }
  return words;
}

namespace {

template <std::size_t N>
bool one_of(const std::array<std::string_view, N>& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

constexpr std::array<std::string_view, 9> kYes = {"yes", "confirm",     "confirmed",
                                                  "да",  "подтверждаю", "подтверждаем",
                                                  "так", "підтверджую", "підтверджуємо"};
constexpr std::array<std::string_view, 3> kNo = {"no", "нет", "ні"};
/// "Yes, but ...", "No, it is right": not understood.
constexpr auto kAgainstYes = std::to_array<std::string_view>(
    {"but", "no", "except", "wrong", "mistake", "error", "но", "кроме", "ошибка", "ошибки", "але",
     "крім", "помилка", "помилки"});
/// What takes back a yes wherever it stands in one's own text.
constexpr auto kNegations = std::to_array<std::string_view>(
    {"not", "never", "cannot", "не", "никто", "нет", "ні", "ніхто"});
/// The same with "n't": two words here.
constexpr auto kWithNot = std::to_array<std::string_view>(
    {"didn", "don", "doesn", "isn", "wasn", "aren", "haven", "hasn", "can", "won"});
/// With these a question begins, though its mark may be missing.
constexpr auto kAsks = std::to_array<std::string_view>(
    {"who",    "what", "why",   "how",    "which", "where", "when", "whose",
     "кто",    "что",  "зачем", "почему", "как",   "какие", "где",  "чей",
     "откуда", "хто",  "що",    "навіщо", "чому",  "як",    "які",  "звідки"});
/// What a question may begin with before that: "Да, а кто ...".
constexpr auto kBefore =
    std::to_array<std::string_view>({"and", "so", "well", "а", "и", "і", "ну"});
/// What people say beside a yes that is one. A yes that runs into another word without a comma is
/// more often filler: "Так кто это отправил", "Да что вы".
constexpr auto kConfirming = std::to_array<std::string_view>(
    {"yes",         "please",       "file",       "it",          "them",
     "this",        "that",         "these",      "those",       "the",
     "data",        "is",           "are",        "all",         "everything",
     "right",       "correct",      "fine",       "ok",          "okay",
     "good",        "confirm",      "confirmed",  "confirming",  "we",
     "i",           "you",          "sure",       "go",          "ahead",
     "accept",      "sent",         "changes",    "figures",     "да",
     "все",         "всё",          "это",        "эти",         "верно",
     "верны",       "правильно",    "правильные", "данные",      "изменения",
     "подтверждаю", "подтверждаем", "согласен",   "согласна",    "согласны",
     "прошу",       "просим",       "примите",    "принять",     "пожалуйста",
     "отправили",   "мы",           "я",          "наши",        "правильность",
     "так",         "усе",          "ці",         "це",          "вірно",
     "правильні",   "дані",         "зміни",      "підтверджую", "підтверджуємо",
     "згоден",      "згодна",       "згодні",     "прийміть",    "прийняти",
     "будь",        "ласка",        "надіслали",  "ми",          "конечно"});
constexpr auto kCourteous =
    std::to_array<std::string_view>({"thanks", "thank", "спасибо", "благодарю", "благодарим",
                                     "дякую", "дякуємо", "regards", "best"});
/// How the part of a letter begins that nobody wrote for this letter. Folded as words_of() does.
constexpr auto kFooters = std::to_array<std::string_view>(
    {"best regards",    "kind regards", "with best",   "with kind",    "regards",
     "sincerely",       "yours",        "с уважением", "с наилучшими", "з повагою",
     "з найкращими",    "sent from",    "get outlook", "отправлено с", "отправлено из",
     "надіслано з",     "this message", "this e mail", "this email",   "это сообщение",
     "це повідомлення", "confidential"});
constexpr std::size_t kMostFree = 8;  ///< words of the one sentence that may stand beside a yes
constexpr std::size_t kSentence = 4;  ///< fewer in a line below: a name, a post
constexpr std::size_t kLongestNo = 4;
constexpr std::array<std::string_view, 16> kAgainstNo = {
    "yes",   "right",    "correct", "problem",   "problems",   "questions", "objections", "да",
    "верно", "вопросов", "проблем", "правильно", "возражений", "вірно",     "питань",     "так"};
constexpr std::array<std::string_view, 12> kGreetings = {
    "hello",  "hi",     "dear",    "good",  "здравствуйте", "добрый",
    "доброе", "добрий", "доброго", "вітаю", "уважаемые",    "шановні"};

constexpr std::array<std::string_view, 9> kThanks = {
    "thanks", "thank", "спасибо", "благодарю", "благодарим", "дякую", "дякуємо", "спс", "thx"};
constexpr std::array<std::string_view, 34> kBesideThanks = {
    "you",  "very",    "much",    "many",   "so",     "for",      "your",    "the",  "answer",
    "help", "reply",   "quick",   "prompt", "all",    "got",      "it",      "ok",   "received",
    "вам",  "большое", "за",      "ответ",  "помощь", "получили", "получил", "дуже", "відповідь",
    "щиро", "вас",     "отримав", "день",   "day",    "morning",  "быстрый"};

/// The line with which a signature begins.
bool closes_letter(std::string_view line) {
  const std::vector<std::string> words = words_of(line);
  if (words.empty()) return false;
  auto begins = [&](std::initializer_list<std::string_view> phrase) {
    if (words.size() < phrase.size()) return false;
    return std::equal(phrase.begin(), phrase.end(), words.begin());
  };
  // Short: a sentence may begin with the same words.
  constexpr std::size_t kMostWords = 5;
  if (words.size() <= kMostWords &&
      (begins({"best", "regards"}) || begins({"kind", "regards"}) || begins({"with", "kind"}) ||
       begins({"with", "best"}) || begins({"warm", "regards"}) || begins({"regards"}) ||
       begins({"best", "wishes"}) || begins({"sincerely"}) || begins({"yours", "sincerely"}) ||
       begins({"yours", "faithfully"}) || begins({"yours", "truly"}) || begins({"respectfully"}) ||
       begins({"thanks", "in", "advance"}) || begins({"thank", "you", "in"}) ||
       begins({"заранее", "благодарю"}) || begins({"заранее", "благодарим"}) ||
       begins({"заранее", "спасибо"}) || begins({"наперед", "дякую"}) ||
       begins({"заздалегідь", "дякую"}) || begins({"заздалегідь", "дякуємо"}) ||
       begins({"с", "уважением"}) || begins({"с", "наилучшими"}) || begins({"всего", "доброго"}) ||
       begins({"з", "повагою"}) || begins({"із", "повагою"}) || begins({"з", "найкращими"})))
    return true;
  return begins({"sent", "from", "my"}) || begins({"get", "outlook", "for"}) ||
         begins({"отправлено", "с"}) || begins({"отправлено", "из"}) ||
         begins({"надіслано", "з"}) || begins({"відправлено", "з"}) || begins({"sent", "via"});
}

bool holds(std::string_view line, std::string_view piece) {
  return line.find(piece) != line.npos;
}

/// What mail programs write above a quote; often broken into two or three lines.
bool is_attribution(std::string_view line) {
  if (!line.ends_with(':')) return false;
  for (std::string_view verb :
       {"wrote", "writes", "пишет", "написал", "писал", "пише", "написав", "schrieb", "a écrit"})
    if (holds(line, verb)) return true;
  // Gmail and Yandex in Russian: a date, a name and an address, and no verb.
  const bool digit =
      std::any_of(line.begin(), line.end(), [](char c) { return c >= '0' && c <= '9'; });
  return digit && holds(line, "@");
}

/// "-----Original Message-----", "-------- Пересылаемое сообщение --------"
bool is_ruler(std::string_view line) {
  return line.size() >= 8 && line.starts_with("---") && line.ends_with("---");
}

bool is_underscores(std::string_view line) {
  return line.size() >= 8 && line.find_first_not_of('_') == line.npos;
}

bool begins_header(std::string_view line) {
  for (std::string_view name : {"From:", "От:", "Від:", "*From:*", "*От:*", "*Від:*"})
    if (line.starts_with(name)) return true;
  return false;
}

bool goes_on_as_header(std::string_view line) {
  for (std::string_view name :
       {"Sent:", "Date:", "To:", "Subject:", "Отправлено:", "Дата:", "Кому:", "Тема:", "Надіслано:",
        "*Sent:*", "*Date:*", "*To:*", "*Отправлено:*", "*Дата:*", "*Кому:*", "*Надіслано:*"})
    if (line.starts_with(name)) return true;
  return false;
}

}  // namespace

std::string above_quote(std::string_view text) {
  const std::vector<std::string_view> lines = split(text, '\n');
  auto line = [&](std::size_t i) { return i < lines.size() ? trim(lines[i]) : std::string_view(); };
  std::string own;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string_view one = line(i);
    if (one.starts_with('>') || is_ruler(one) || is_underscores(one) || is_attribution(one)) break;
    // Only what begins as an attribution does ("On ...", a date) may go on in the next lines: "Yes"
    // above one is none of it.
    const bool may_break =
        one.starts_with("On ") || (!one.empty() && std::any_of(one.begin(), one.end(), [](char c) {
          return c >= '0' && c <= '9';
        }));
    if (may_break && !line(i + 1).empty()) {
      const std::string two = std::string(one) + " " + std::string(line(i + 1));
      if (is_attribution(two) || is_attribution(two + " " + std::string(line(i + 2)))) break;
    }
    if (begins_header(one)) {
      std::size_t next = i + 1;
      while (next < lines.size() && line(next).empty()) ++next;
      if (goes_on_as_header(line(next))) break;
    }
    own.append(lines[i]).append("\n");
  }
  return own;
}

std::string without_signature(std::string_view own) {
  // A closing phrase further up is part of what is said.
  constexpr std::size_t kLongestSignature = 12, kLongestClosing = 60;
  std::vector<std::string_view> lines = split(own, '\n');
  while (!lines.empty() && trim(lines.back()).empty()) lines.pop_back();
  std::size_t end = lines.size(), filled = 0;
  for (std::size_t i = lines.size(); i-- > 0 && filled < kLongestSignature;) {
    const std::string_view line = trim(lines[i]);
    if (line.empty()) continue;
    ++filled;
    if (line.size() <= 2 * kLongestClosing && closes_letter(line)) end = i;
  }
  // RFC 3676 4.3: "-- " on a line of its own, however much follows.
  for (std::size_t i = 0; i < end; ++i) {
    std::string_view line = lines[i];
    while (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (line == "-- " || line == "--" || line == "—") end = i;
  }
  while (end > 0 && trim(lines[end - 1]).empty()) --end;
  std::size_t begin = 0;
  while (begin < end && trim(lines[begin]).empty()) ++begin;
  std::string said;
  for (std::size_t i = begin; i < end; ++i) {
    std::string_view line = lines[i];
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
    said.append(line).append("\n");
  }
  return said;
}

bool only_thanks(std::string_view own) {
  constexpr std::size_t kMostWords = 12;
  const std::string said = without_signature(own);
  if (said.find('?') != said.npos) return false;
  std::vector<std::string> words;
  for (std::string_view line : split(said, '\n'))
    for (std::string& word : words_of(line)) words.push_back(std::move(word));
  if (words.empty() || words.size() > kMostWords) return false;
  bool thanks = false;
  for (const std::string& word : words) {
    if (one_of(kThanks, word))
      thanks = true;
    else if (!one_of(kBesideThanks, word) && !one_of(kGreetings, word))
      return false;
  }
  return thanks;
}

namespace {

/// A piece of text between ends of sentences, and what it ended with.
struct Sentence {
  std::vector<std::string> words;
  char end = 0;
};

std::vector<Sentence> sentences_of(std::string_view line) {
  std::vector<Sentence> all;
  std::size_t from = 0;
  for (std::size_t at = 0; at <= line.size(); ++at) {
    if (at < line.size() && line[at] != '.' && line[at] != '!' && line[at] != ';') continue;
    Sentence one{words_of(line.substr(from, at - from)), at < line.size() ? line[at] : char(0)};
    if (!one.words.empty()) all.push_back(std::move(one));
    from = at + 1;
  }
  return all;
}

bool begins_footer(std::string_view line, const std::vector<std::string>& words) {
  if (line == "--" || line == "\u2014") return true;
  std::string folded;
  for (std::size_t i = 0; i < std::min<std::size_t>(words.size(), 4); ++i) folded += words[i] + " ";
  return std::any_of(kFooters.begin(), kFooters.end(), [&](std::string_view begin) {
    return folded.starts_with(std::string(begin) + " ");
  });
}

/// The line from where something is said: behind a greeting that shares a line with it.
std::string_view behind_greeting(std::string_view line) {
  for (std::size_t at = line.find_first_of(",.!"); at != line.npos;
       at = line.find_first_of(",.!", at + 1)) {
    const std::vector<std::string> words = words_of(line.substr(at));
    if (!words.empty() && (one_of(kYes, words[0]) || one_of(kNo, words[0])))
      return line.substr(at + 1);
  }
  return {};
}

/// Whether there is a question in it, by its mark or by how a clause begins.
bool asks(std::string_view line) {
  if (holds(line, "?")) return true;
  std::size_t from = 0;
  for (std::size_t at = 0; at <= line.size(); ++at) {
    if (at < line.size() && std::string_view(",.!;:").find(line[at]) == std::string_view::npos)
      continue;
    const std::vector<std::string> words = words_of(line.substr(from, at - from));
    std::size_t first = 0;
    while (first < words.size() && one_of(kBefore, words[first])) ++first;
    // "We confirm, that ..." is written with a comma in Russian.
    const bool that = first == 0 && from > 0 && line[from - 1] == ',' && first < words.size() &&
                      (words[first] == "что" || words[first] == "що" || words[first] == "как" ||
                       words[first] == "як");
    if (first < words.size() && one_of(kAsks, words[first]) && !that) return true;
    from = at + 1;
  }
  return false;
}

/// Whether a yes runs into a word that is no part of one.
bool runs_on(std::string_view line, const std::vector<std::string>& words) {
  if (words.size() < 2 || one_of(kConfirming, words[1])) return false;
  const std::size_t pause = std::min(line.find_first_of(",.!;:)-"), line.find("\u2014"));
  return pause == line.npos || words_of(line.substr(0, pause)).size() > 1;
}

/// Whether the yes with which `rest[0]` begins stands against everything else that is said.
bool stands(const std::vector<std::string_view>& rest) {
  std::size_t free = 0;
  bool first_paragraph = true;
  for (std::size_t i = 0; i < rest.size(); ++i) {
    const std::string_view line = trim(rest[i]);
    std::vector<std::string> words = words_of(line);
    if (i > 0 && begins_footer(line, words)) break;
    if (line.empty()) first_paragraph = false;
    if (words.empty()) {
      if (holds(line, "?")) return false;
      continue;
    }
    if (asks(line)) return false;
    for (std::size_t w = i == 0 ? 1 : 0; w < words.size(); ++w) {
      if (one_of(kNegations, words[w]) || (first_paragraph && one_of(kAgainstYes, words[w])))
        return false;
      if (w + 1 < words.size() && words[w + 1] == "t" && one_of(kWithNot, words[w])) return false;
    }
    if (i == 0 && runs_on(line, words)) return false;
    for (Sentence& sentence : sentences_of(line)) {
      if (one_of(kCourteous, sentence.words[0]) || one_of(kGreetings, sentence.words[0])) continue;
      if (std::all_of(sentence.words.begin(), sentence.words.end(),
                      [](const std::string& word) { return one_of(kConfirming, word); }))
        continue;
      const std::size_t length = sentence.words.size();
      // Below, what is short or ends without a stop is a name, a post, an address.
      if (i > 0 && (length < kSentence || (!first_paragraph && sentence.end == 0))) continue;
      if (length > kMostFree || ++free > 1) return false;
    }
  }
  return true;
}

}  // namespace

bool is_greeting(std::string_view line) {
  const std::vector<std::string> words = words_of(line);
  return !words.empty() && one_of(kGreetings, words[0]);
}

SaidWord said_word(std::string_view own) {
  constexpr int kMostGreetings = 2;
  int greetings = 0;
  std::vector<std::string_view> lines = split(own, '\n');
  for (std::size_t i = 0; i < lines.size(); ++i) {
    std::vector<std::string> words = words_of(lines[i]);
    if (words.empty()) continue;
    if (one_of(kGreetings, words[0]) && greetings++ < kMostGreetings) {
      const std::string_view behind = behind_greeting(lines[i]);
      if (behind.empty()) continue;
      lines[i] = behind;
      words = words_of(behind);
    }
    if (one_of(kYes, words[0]))
      return stands({lines.begin() + i, lines.end()}) ? SaidWord::kYes : SaidWord::kNone;
    const bool against_no = words.size() > kLongestNo || holds(lines[i], "?") ||
                            std::any_of(words.begin() + 1, words.end(),
                                        [](const auto& w) { return one_of(kAgainstNo, w); });
    if (one_of(kNo, words[0])) return against_no ? SaidWord::kNone : SaidWord::kNo;
    if (words[0] == "не" && words.size() > 1 &&
        (words[1].starts_with("подтвержда") || words[1].starts_with("підтверджу")))
      return SaidWord::kNo;
    return SaidWord::kNone;
  }
  return SaidWord::kNone;
}

}  // namespace focalpost::mime
