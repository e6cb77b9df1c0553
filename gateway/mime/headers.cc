// SPDX-License-Identifier: Apache-2.0
#include "mime/headers.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "base/text.h"

namespace focalpost::mime {
namespace {

bool is_space(char c) {
  return c == ' ' || c == '\t';
}

bool is_unfit(char c) {
  auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7F;
}

/// What the parts of one address look like while they are read.
struct Draft {
  std::string words;    ///< atoms and quoted strings outside brackets, quotes kept off
  std::string bare;     ///< the same without spaces and with quotes: an address if it has an '@'
  std::string comment;  ///< the last comment: "a@b.example (Name)"
  std::string angle;
  bool has_angle = false;
  bool several_words = false;
};

/// Splits at the last '@' outside quotes.
bool split_spec(std::string_view text, Address& out) {
  std::size_t at = text.npos;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quoted && text[i] == '\\')
      ++i;
    else if (text[i] == '"')
      quoted = !quoted;
    else if (text[i] == '@' && !quoted)
      at = i;
  }
  std::string_view local = text.substr(0, at);
  std::string_view domain = at == text.npos ? std::string_view() : text.substr(at + 1);
  while (domain.ends_with('.')) domain.remove_suffix(1);
  for (std::size_t i = 0; i < local.size(); ++i) {
    if (local[i] == '\\' && i + 1 < local.size())
      ++i;
    else if (local[i] == '"')
      continue;
    out.local += local[i];
  }
  out.domain = ascii_lower(domain);
  if (out.local.empty() || (at != text.npos && out.domain.empty())) return false;
  if (std::any_of(out.local.begin(), out.local.end(), is_unfit)) return false;
  if (out.domain.find_first_of(" \t\"<>(),;:@\\") != std::string::npos && out.domain[0] != '[')
    return false;
  if (out.domain.find_first_of(" \t<>") != std::string::npos) return false;
  if (std::any_of(out.domain.begin(), out.domain.end(), is_unfit)) return false;
  if (!is_utf8(out.local) || !is_utf8(out.domain)) return false;
  bool must_quote = out.local.find_first_of(" \t\"(),:;<>@[]\\") != std::string::npos;
  if (must_quote) {
    out.spec += '"';
    for (char c : out.local) {
      if (c == '"' || c == '\\') out.spec += '\\';
      out.spec += c;
    }
    out.spec += '"';
  } else {
    out.spec = out.local;
  }
  if (at != text.npos) {
    out.spec += '@';
    out.spec += out.domain;
  }
  return true;
}

/// Without spaces outside quotes, and without a source route ("@a,@b:c@d" is c@d).
std::string squeeze(std::string_view angle) {
  std::string out;
  bool quoted = false;
  for (std::size_t i = 0; i < angle.size(); ++i) {
    char c = angle[i];
    if (c == '"') quoted = !quoted;
    if (!quoted && is_space(c)) continue;
    if (!quoted && c == ':' && out.starts_with('@')) {
      out.clear();
      continue;
    }
    out += c;
    if (c == '\\' && i + 1 < angle.size()) out += angle[++i];
  }
  return out;
}

void finish(Draft& draft, std::vector<Address>& out) {
  Address address;
  if (draft.has_angle) {
    std::string spec = squeeze(draft.angle);
    if (spec.starts_with("mailto:")) spec.erase(0, 7);
    if (split_spec(spec, address)) {
      address.display = decode_words(trim(draft.words.empty() ? draft.comment : draft.words)).text;
      out.push_back(std::move(address));
    }
  } else if (!draft.bare.empty() &&
             (draft.bare.find('@') != std::string::npos || !draft.several_words)) {
    // "a @ b.example" is an address in spite of its spaces, "Somebody Else" is none at all.
    if (split_spec(draft.bare, address)) {
      address.display = decode_words(trim(draft.comment)).text;
      out.push_back(std::move(address));
    }
  }
  draft = Draft();
}

/// Reads past a comment, which may nest; gives what is inside. Unclosed: the rest.
std::string take_comment(std::string_view in, std::size_t& i) {
  std::string inside;
  std::size_t depth = 0;
  for (; i < in.size(); ++i) {
    char c = in[i];
    if (c == '\\' && i + 1 < in.size()) {
      inside += in[++i];
      continue;
    }
    if (c == '(' && depth++ == 0) continue;
    if (c == ')' && --depth == 0) {
      ++i;
      return inside;
    }
    inside += c;
  }
  return inside;
}

constexpr std::array<std::string_view, 12> kMonths = {"jan", "feb", "mar", "apr", "may", "jun",
                                                      "jul", "aug", "sep", "oct", "nov", "dec"};

std::optional<int> number(std::string_view text) {
  if (text.empty() || text.size() > 6) return std::nullopt;
  int n = 0;
  for (char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    n = n * 10 + (c - '0');
  }
  return n;
}

/// Minutes east of Greenwich. RFC 5322 4.3: unknown letters mean "no idea", that is UTC.
int zone_minutes(std::string_view zone) {
  if (zone.size() == 5 && (zone[0] == '+' || zone[0] == '-')) {
    auto hours = number(zone.substr(1, 2)), minutes = number(zone.substr(3, 2));
    if (!hours || !minutes || *hours > 23 || *minutes > 59) return 0;
    return (zone[0] == '-' ? -1 : 1) * (*hours * 60 + *minutes);
  }
  constexpr std::pair<std::string_view, int> kZones[] = {
      {"EST", -300}, {"EDT", -240}, {"CST", -360}, {"CDT", -300},
      {"MST", -420}, {"MDT", -360}, {"PST", -480}, {"PDT", -420}};
  for (auto [name, minutes] : kZones)
    if (ascii_iequal(zone, name)) return minutes;
  return 0;
}

}  // namespace

std::vector<Address> parse_addresses(std::string_view in) {
  std::vector<Address> out;
  Draft draft;
  bool gap = false;
  auto word = [&](std::string_view text, std::string_view bare) {
    if (draft.has_angle) return;  // words after the brackets say nothing
    if (gap && !draft.words.empty()) {
      draft.words += ' ';
      draft.several_words = true;
    }
    gap = false;
    draft.words += text;
    draft.bare += bare;
  };
  for (std::size_t i = 0; i < in.size();) {
    char c = in[i];
    if (is_space(c)) {
      gap = true;
      ++i;
    } else if (c == '(') {
      draft.comment = take_comment(in, i);
      gap = true;
    } else if (c == '"') {
      std::size_t start = i++;
      std::string text;
      for (; i < in.size() && in[i] != '"'; ++i) {
        if (in[i] == '\\' && i + 1 < in.size()) ++i;
        text += in[i];
      }
      if (i < in.size()) ++i;
      word(text, in.substr(start, i - start));
    } else if (c == '<') {
      // Two pairs of brackets without a comma are two addresses, not one of our choice.
      if (draft.has_angle) finish(draft, out);
      bool quoted = false;
      std::size_t start = ++i;
      for (; i < in.size() && (quoted || in[i] != '>'); ++i) {
        if (in[i] == '\\' && quoted)
          ++i;
        else if (in[i] == '"')
          quoted = !quoted;
      }
      i = std::min(i, in.size());
      draft.angle = std::string(in.substr(start, i - start));
      draft.has_angle = true;
      if (i < in.size()) ++i;
    } else if (c == ',' || c == ';') {
      // QUIRK: RFC 5322 3.4: commas set addresses apart, semicolons end groups; but
      // To: a@x.example; b@y.example
      finish(draft, out);
      gap = false;
      ++i;
    } else if (c == ':' && !draft.has_angle && draft.bare.find('@') == std::string::npos) {
      draft = Draft();  // that was the name of a group
      gap = false;
      ++i;
    } else {
      std::size_t end = in.find_first_of(" \t(\"<,;:", i + 1);
      // Domain literals hold colons: [IPv6:2001:db8::1]
      if (auto bracket = in.substr(i, end == in.npos ? end : end - i).find('[');
          bracket != in.npos && end != in.npos && in[end] == ':')
        end = in.find_first_of(" \t(\"<,;", in.find_first_of("] \t<,;", i + bracket));
      std::string_view text = in.substr(i, end == in.npos ? end : end - i);
      word(text, text);
      i += text.size();
    }
  }
  finish(draft, out);
  return out;
}

std::optional<Time> parse_date(std::string_view unfolded) {
  std::string text;
  for (std::size_t i = 0; i < unfolded.size() && text.size() < 100;) {
    if (unfolded[i] == '(') {
      take_comment(unfolded, i);
      text += ' ';
    } else {
      char c = unfolded[i++];
      // QUIRK: RFC 5322 3.3: day month year are set apart by spaces; e.g. 1-Mar-2026
      bool dash = c == '-' && !text.empty() && text.back() != ' ';
      text += c == ',' || c == '\t' || dash ? ' ' : c;
    }
  }
  std::vector<std::string_view> words;
  for (auto piece : split(text, ' '))
    if (!piece.empty()) words.push_back(piece);
  if (!words.empty() && !number(words[0])) words.erase(words.begin());
  if (words.size() < 4) return std::nullopt;

  auto day = number(words[0]), year = number(words[2]);
  std::string month_name = ascii_lower(words[1].substr(0, 3));
  auto month = std::find(kMonths.begin(), kMonths.end(), month_name);
  if (!day || !year || month == kMonths.end()) return std::nullopt;
  // RFC 5322 4.3: obsolete years.
  if (words[2].size() == 2) *year += *year < 50 ? 2000 : 1900;
  if (words[2].size() == 3) *year += 1900;
  auto clock = split(words[3], ':');
  if (clock.size() < 2 || clock.size() > 3) return std::nullopt;
  auto hour = number(clock[0]), minute = number(clock[1]);
  auto second = clock.size() == 3 ? number(clock[2]) : std::optional<int>(0);
  if (!hour || !minute || !second || *hour > 23 || *minute > 59 || *second > 60)
    return std::nullopt;

  std::chrono::year_month_day date{std::chrono::year(*year),
                                   std::chrono::month(unsigned(month - kMonths.begin()) + 1),
                                   std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok() || *year < 1900 || *year > 9999) return std::nullopt;
  int zone = words.size() > 4 ? zone_minutes(words[4]) : 0;
  return Time(std::chrono::sys_days(date)) + std::chrono::hours(*hour) +
         std::chrono::minutes(*minute - zone) + std::chrono::seconds(*second);
}

std::vector<std::string> parse_message_ids(std::string_view in) {
  std::vector<std::string> ids;
  for (std::size_t i = 0; (i = in.find('<', i)) != in.npos;) {
    std::size_t end = in.find_first_of("<>", i + 1);
    if (end == in.npos) break;
    if (in[end] == '<') {
      i = end;
      continue;
    }
    std::string id;
    for (char c : in.substr(i, end + 1 - i))
      if (!is_space(c) && !is_unfit(c)) id += c;
    if (id.size() > 2) ids.push_back(std::move(id));
    i = end + 1;
  }
  return ids;
}

const Field* Headers::find(std::string_view name) const {
  for (const Field& field : fields_)
    if (ascii_iequal(field.name, name)) return &field;
  return nullptr;
}

std::optional<std::string_view> Headers::raw(std::string_view name) const {
  const Field* field = find(name);
  return field ? std::optional(field->value) : std::nullopt;
}

std::vector<std::string_view> Headers::all(std::string_view name) const {
  std::vector<std::string_view> values;
  for (const Field& field : fields_)
    if (ascii_iequal(field.name, name)) values.push_back(field.value);
  return values;
}

std::optional<Text> Headers::text(std::string_view name) const {
  const Field* field = find(name);
  if (!field) return std::nullopt;
  Text text = decode_words(unfold(field->value));
  text.text = std::string(trim(text.text));
  return text;
}

std::optional<std::string> Headers::decoded(std::string_view name) const {
  auto value = text(name);
  return value ? std::optional(std::move(value->text)) : std::nullopt;
}

std::vector<Address> Headers::addresses(std::string_view name) const {
  std::vector<Address> out;
  for (std::string_view value : all(name))
    for (Address& address : parse_addresses(unfold(value))) out.push_back(std::move(address));
  return out;
}

std::optional<std::string> Headers::message_id() const {
  auto value = raw("Message-ID");
  if (!value) return std::nullopt;
  std::string unfolded = unfold(*value);
  if (auto ids = parse_message_ids(unfolded); !ids.empty()) return std::move(ids[0]);
  // QUIRK: RFC 5322 3.6.4 wants angle brackets; e.g. Message-ID: 17@host.example
  std::string id = "<";
  for (char c : trim(unfolded))
    if (!is_space(c) && !is_unfit(c) && c != '<' && c != '>') id += c;
  if (id.size() == 1) return std::nullopt;
  id += '>';
  return id;
}

std::vector<std::string> Headers::references() const {
  auto value = raw("References");
  return value ? parse_message_ids(unfold(*value)) : std::vector<std::string>();
}

std::vector<std::string> Headers::in_reply_to() const {
  auto value = raw("In-Reply-To");
  return value ? parse_message_ids(unfold(*value)) : std::vector<std::string>();
}

std::optional<Time> Headers::date() const {
  auto value = raw("Date");
  return value ? parse_date(unfold(*value)) : std::nullopt;
}

}  // namespace focalpost::mime
