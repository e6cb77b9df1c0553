// SPDX-License-Identifier: Apache-2.0
#include "mailbox/imap_response.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"

namespace focalpost {
namespace {

constexpr std::array<std::string_view, 12> kMonths = {"jan", "feb", "mar", "apr", "may", "jun",
                                                      "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::size_t kSetCharacters = 4000;

}  // namespace

Error ImapReader::nonsense(std::string_view what) const {
  return temporary(
      fmt::format("{} does not speak IMAP as it should: {}", connection_.endpoint().text(), what),
      "The connection is opened again; if this goes on, ask the server's people.");
}

Status ImapReader::read_line() {
  FP_ASSIGN(line_, connection_.read_line(kLongestLine));
  at_ = 0;
  more_ = false;
  return {};
}

Status ImapReader::begin() {
  literals_ = 0;
  return read_line();
}

bool ImapReader::at_literal(std::size_t from, std::size_t* length_of_marker) {
  // "{123}" or "{123+}", after "~" for literal8, at the end of the line.
  std::string_view marker = line_.substr(from);
  if (marker.starts_with('~')) marker.remove_prefix(1);
  if (marker.size() < 3 || marker.front() != '{' || marker.back() != '}') return false;
  marker = marker.substr(1, marker.size() - 2);
  if (marker.ends_with('+')) marker.remove_suffix(1);
  const auto size = read_imap_number(marker);
  if (!size) return false;
  literal_size_ = *size;
  *length_of_marker = line_.size() - from;
  return true;
}

Result<ImapReader::Token> ImapReader::next() {
  if (more_) FP_TRY(read_line());
  while (at_ < line_.size() && line_[at_] == ' ') ++at_;
  if (at_ == line_.size()) return Token::kEnd;
  const char first = line_[at_];
  if (first == '(' || first == ')') {
    ++at_;
    return first == '(' ? Token::kOpen : Token::kClose;
  }
  if (first == '"') {
    std::size_t end = at_ + 1;
    bool escapes = false;
    while (end < line_.size() && line_[end] != '"') {
      if (line_[end] == '\\') {
        escapes = true;
        ++end;
      }
      ++end;
    }
    if (end >= line_.size()) return nonsense("a quoted string without an end");
    text_ = line_.substr(at_ + 1, end - at_ - 1);
    at_ = end + 1;
    if (escapes) {
      unescaped_.clear();
      for (std::size_t i = 0; i < text_.size(); ++i) {
        if (text_[i] == '\\') ++i;
        unescaped_ += text_[i];
      }
      text_ = unescaped_;
    }
    return Token::kQuoted;
  }
  if (first == '{' || first == '~') {
    std::size_t marker = 0;
    if (at_literal(at_, &marker)) {
      if (++literals_ > kMostLiterals) return nonsense("a response without an end");
      at_ = line_.size();
      more_ = true;
      literal_ = &connection_.bytes(literal_size_);
      return Token::kLiteral;
    }
  }
  const std::size_t begin = at_;
  while (at_ < line_.size()) {
    const char c = line_[at_];
    if (c == ' ' || c == '(' || c == ')' || c == '"') break;
    if (c == '[') {
      const std::size_t end = line_.find(']', at_);
      if (end == line_.npos) return nonsense("\"[\" without \"]\"");
      at_ = end;
    }
    ++at_;
  }
  text_ = line_.substr(begin, at_ - begin);
  return Token::kAtom;
}

std::string_view ImapReader::rest() {
  if (more_) return {};
  std::string_view rest = line_.substr(at_);
  if (rest.starts_with(' ')) rest.remove_prefix(1);
  at_ = line_.size();
  return rest;
}

Status ImapReader::skip_value() {
  std::uint64_t depth = 0;
  for (;;) {
    FP_ASSIGN(Token token, next());
    if (token == Token::kOpen) ++depth;
    if (token == Token::kEnd || (token == Token::kClose && depth == 0))
      return nonsense("a value is missing");
    if (token == Token::kClose) --depth;
    if (depth == 0) return {};
  }
}

Status ImapReader::skip_rest() {
  for (;;) {
    if (!more_) {
      const std::size_t brace = line_.rfind('{');
      std::size_t marker = 0;
      if (brace == line_.npos || brace < at_ || !at_literal(brace, &marker)) return {};
      if (++literals_ > kMostLiterals) return nonsense("a response without an end");
      literal_ = &connection_.bytes(literal_size_);
    }
    FP_TRY(read_line());
  }
}

Result<std::optional<std::string>> ImapReader::string(std::size_t limit) {
  FP_ASSIGN(Token token, next());
  if (token == Token::kLiteral) {
    if (literal_size_ > limit) return nonsense("a string is too long");
    FP_ASSIGN(std::string all, read_all(literal(), limit));
    return std::optional<std::string>(std::move(all));
  }
  if (token == Token::kAtom && ascii_iequal(text_, "NIL")) return std::optional<std::string>();
  if (token != Token::kAtom && token != Token::kQuoted) return nonsense("a string is missing");
  if (text_.size() > limit) return nonsense("a string is too long");
  return std::optional<std::string>(text_);
}

Result<std::uint64_t> ImapReader::number() {
  FP_ASSIGN(Token token, next());
  std::optional<std::uint64_t> value;
  if (token == Token::kAtom) value = read_imap_number(text_);
  if (!value) return nonsense("a number is missing");
  return *value;
}

bool ImapStatus::passes() const {
  return word == "BYE" || code == "UNAVAILABLE" || code == "INUSE" || code == "LIMIT" ||
         code == "OVERQUOTA" || code == "SERVERBUG" || code == "EXPUNGEISSUED";
}

ImapStatus read_status(std::string_view word, std::string_view rest) {
  ImapStatus status;
  status.word = ascii_upper(word);
  status.text = shorten(one_line(rest), 300);
  if (!rest.starts_with('[')) return status;
  const std::size_t end = rest.find(']');
  if (end == rest.npos) return status;
  const std::string_view inside = rest.substr(1, end - 1);
  const std::size_t space = inside.find(' ');
  status.code = ascii_upper(inside.substr(0, space));
  if (space != inside.npos) status.arguments = inside.substr(space + 1);
  return status;
}

std::size_t write_uid_set(const std::vector<std::uint32_t>& uids, std::size_t from,
                          std::size_t most, std::string& out) {
  std::size_t i = from;
  while (i < uids.size() && i - from < most && out.size() < kSetCharacters) {
    std::size_t last = i;
    while (last + 1 < uids.size() && last + 1 - from < most && uids[last + 1] == uids[last] + 1)
      ++last;
    if (!out.empty()) out += ',';
    out += fmt::format("{}", uids[i]);
    if (last > i) out += fmt::format(":{}", uids[last]);
    i = last + 1;
  }
  return i - from;
}

std::optional<std::vector<std::uint32_t>> read_uid_set(std::string_view text, std::size_t most) {
  std::vector<std::uint32_t> uids;
  for (std::string_view piece : split(text, ',')) {
    const std::size_t colon = piece.find(':');
    const auto a = read_imap_number(piece.substr(0, colon));
    const auto b = colon == piece.npos ? a : read_imap_number(piece.substr(colon + 1));
    if (!a || !b || *a == 0 || *b == 0 || *a > UINT32_MAX || *b > UINT32_MAX) return {};
    const std::uint64_t low = std::min(*a, *b), high = std::max(*a, *b);
    if (high - low >= most || uids.size() + (high - low) >= most) return {};
    for (std::uint64_t uid = low; uid <= high; ++uid)
      uids.push_back(static_cast<std::uint32_t>(uid));
  }
  return uids;
}

std::optional<std::uint64_t> read_imap_number(std::string_view text) {
  if (text.empty() || text.size() > 18) return {};
  std::uint64_t value = 0;
  for (char c : text) {
    if (c < '0' || c > '9') return {};
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return value;
}

std::optional<Time> read_internal_date(std::string_view text) {
  // "d-Mon-yyyy hh:mm:ss +zzzz"
  const auto parts = split(trim(text), ' ');
  if (parts.size() != 3) return {};
  const auto date = split(parts[0], '-'), time = split(parts[1], ':');
  if (date.size() != 3 || time.size() != 3 || parts[2].size() != 5) return {};
  const auto day = read_imap_number(date[0]), year = read_imap_number(date[2]);
  const auto hour = read_imap_number(time[0]), minute = read_imap_number(time[1]),
             second = read_imap_number(time[2]), zone = read_imap_number(parts[2].substr(1));
  const auto month =
      std::find(kMonths.begin(), kMonths.end(), ascii_lower(date[1])) - kMonths.begin();
  if (!day || !year || !hour || !minute || !second || !zone || month == 12) return {};
  using namespace std::chrono;
  const year_month_day ymd{std::chrono::year(int(std::min<std::uint64_t>(*year, 9999))),
                           std::chrono::month(unsigned(month + 1)),
                           std::chrono::day(unsigned(std::min<std::uint64_t>(*day, 99)))};
  if (!ymd.ok() || *hour > 23 || *minute > 59 || *second > 60) return {};
  const auto offset = hours(*zone / 100) + minutes(*zone % 100);
  return Time(sys_days(ymd) + hours(*hour) + minutes(*minute) + seconds(*second) -
              (parts[2][0] == '-' ? -offset : offset));
}

std::string write_internal_date(Time time) {
  using namespace std::chrono;
  const auto day = floor<days>(time);
  const year_month_day ymd{day};
  const hh_mm_ss clock{floor<seconds>(time - day)};
  std::string month(kMonths[unsigned(ymd.month()) - 1]);
  month[0] = static_cast<char>(month[0] - 'a' + 'A');
  return fmt::format("{:2}-{}-{:04} {:02}:{:02}:{:02} +0000", unsigned(ymd.day()), month,
                     int(ymd.year()), clock.hours().count(), clock.minutes().count(),
                     clock.seconds().count());
}

std::optional<std::string> imap_quoted(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '\r' || c == '\n' || c == '\0') return {};
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

}  // namespace focalpost
