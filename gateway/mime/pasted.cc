// SPDX-License-Identifier: Apache-2.0
#include "mime/pasted.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace focalpost::mime {
namespace {

constexpr std::array<std::string_view, 9> kRoots = {"StructureSpecificData",
                                                    "StructureSpecificTimeSeriesData",
                                                    "GenericData",
                                                    "GenericTimeSeriesData",
                                                    "CompactData",
                                                    "UtilityData",
                                                    "CrossSectionalData",
                                                    "MessageGroup",
                                                    "Structure"};
/// Within so many bytes of its '<' a root element names its namespace.
constexpr std::size_t kRootTagBytes = 4096;

/// The line that starts at `at`, without its end; `next` is where the next one starts.
std::string_view line_at(std::string_view text, std::size_t at, std::size_t& next) {
  std::size_t newline = text.find('\n', at);
  next = newline == text.npos ? text.size() : newline + 1;
  std::string_view line = text.substr(at, (newline == text.npos ? next : newline) - at);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

/// The qualified name of an SDMX root whose '<' is at `at`; empty if it is none.
std::string_view root_name(std::string_view text, std::size_t at) {
  std::string_view tag = text.substr(at + 1, kRootTagBytes);
  // The next '<' ends the attempt, which keeps the time linear.
  tag = tag.substr(0, tag.find('<'));
  std::size_t n = std::min(tag.find_first_of(" \t\r\n>/"), tag.size());
  std::string_view name = tag.substr(0, n);
  auto colon = name.find(':');
  std::string_view local = colon == name.npos ? name : name.substr(colon + 1);
  if (std::find(kRoots.begin(), kRoots.end(), local) == kRoots.end()) return {};
  std::string_view attributes = tag.substr(n, tag.find('>', n) - n);
  return attributes.find("sdmx.org/resources/sdmxml") == attributes.npos ? std::string_view()
                                                                         : name;
}

/// Behind the end tag of `name`; the end of the text if there is none.
std::size_t end_of_element(std::string_view text, std::size_t from, std::string_view name) {
  const std::string end_tag = "</" + std::string(name);
  for (std::size_t at = text.find(end_tag, from); at != text.npos;
       at = text.find(end_tag, at + 1)) {
    std::size_t after = at + end_tag.size();
    while (after < text.size() && std::string_view(" \t\r\n").find(text[after]) != text.npos)
      ++after;
    if (after < text.size() && text[after] == '>') return after + 1;
  }
  return text.size();
}

/// The separator of a line that begins an SDMX-CSV table; 0 if it begins none.
char csv_separator(std::string_view line) {
  bool quoted = line.starts_with('"');
  if (quoted) line.remove_prefix(1);
  std::size_t n = line.starts_with("DATAFLOW") ? 8 : line.starts_with("STRUCTURE") ? 9 : 0;
  if (n == 0) return 0;
  line.remove_prefix(n);
  if (line.size() > 3 && line[0] == '[' && line[2] == ']') line.remove_prefix(3);
  if (quoted && line.starts_with('"')) line.remove_prefix(1);
  if (line.empty() || std::string_view(",;\t|").find(line[0]) == line.npos) return 0;
  char separator = line[0];
  return std::count(line.begin(), line.end(), separator) >= 3 ? separator : char(0);
}

/// Where the table that starts at `at` ends: before the first line that has no cells. Blank lines
/// between rows, which some programs put there, do not end it.
std::size_t end_of_table(std::string_view text, std::size_t at, char separator) {
  std::size_t end = at;
  for (std::size_t next = at; at < text.size(); at = next) {
    std::string_view line = line_at(text, at, next);
    if (trim(line).empty()) continue;
    if (std::count(line.begin(), line.end(), separator) < 3 || line.starts_with('>')) break;
    end = next;
  }
  return end;
}

/// "begin 644 report.xml": the name; empty if it is no such line.
std::string_view uuencode_name(std::string_view line) {
  if (!line.starts_with("begin ")) return {};
  line.remove_prefix(6);
  std::size_t digits = std::min(line.find_first_not_of("01234567"), line.size());
  if (digits < 3 || digits > 4 || digits >= line.size() || line[digits] != ' ') return {};
  return trim(line.substr(digits));
}

/// Does the length in front of the line fit the line?
bool is_uuencoded_line(std::string_view line) {
  if (line.empty() || line[0] < ' ' || line[0] > '`') return false;
  std::size_t bytes = static_cast<std::size_t>(line[0] - ' ') & 63;
  std::size_t digits = (bytes + 2) / 3 * 4;
  // Spaces at the end may have been cut off, a checksum may follow.
  return line.size() <= digits + 3 && (bytes > 0 || trim(line.substr(1)).size() <= 1);
}

std::size_t end_of_uuencode(std::string_view text, std::size_t at) {
  for (std::size_t next = at; at < text.size(); at = next)
    if (line_at(text, at, next) == "end") return next;
  return text.size();
}

bool has_line(std::string_view text, std::string_view wanted) {
  for (std::size_t at = text.find(wanted); at != text.npos; at = text.find(wanted, at + 1))
    if (at == 0 || text[at - 1] == '\n') return true;
  return false;
}

}  // namespace

std::vector<Pasted> find_pasted(std::string_view text, std::size_t most) {
  std::vector<Pasted> found;
  for (std::size_t at = 0, next = 0; at < text.size() && found.size() < most; at = next) {
    std::string_view line = line_at(text, at, next);
    if (line.starts_with('>')) continue;
    if (char separator = csv_separator(line); separator != 0) {
      Pasted piece{Pasted::Kind::kCsv, at, end_of_table(text, at, separator), {}};
      next = std::max(next, piece.end);
      found.push_back(piece);
      continue;
    }
    if (auto name = uuencode_name(line); !name.empty()) {
      std::size_t after = 0;
      if (is_uuencoded_line(line_at(text, next, after))) {
        Pasted piece{Pasted::Kind::kUuencoded, at, end_of_uuencode(text, next), name};
        next = piece.end;
        found.push_back(piece);
        continue;
      }
    }
    for (std::size_t open = line.find('<'); open != line.npos; open = line.find('<', open + 1)) {
      std::string_view name = root_name(text, at + open);
      if (name.empty()) continue;
      Pasted piece{Pasted::Kind::kXml, at + open, end_of_element(text, at + open, name), {}};
      next = std::max(next, piece.end);
      found.push_back(piece);
      break;
    }
  }
  return found;
}

std::string unflow(std::string_view text, bool delete_spaces) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0, next = 0; at < text.size(); at = next) {
    std::string_view line = line_at(text, at, next);
    if (line.starts_with(' ')) line.remove_prefix(1);
    bool soft = line.ends_with(' ') && line != "-- ";
    if (soft && delete_spaces) line.remove_suffix(1);
    out += line;
    if (!soft) out += '\n';
  }
  return out;
}

std::string undash(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0, next = 0; at < text.size(); at = next) {
    line_at(text, at, next);
    std::string_view whole = text.substr(at, next - at);
    if (whole.starts_with("- ")) whole.remove_prefix(2);
    out += whole;
  }
  return out;
}

bool holds_pgp_message(std::string_view text) {
  return has_line(text, "-----BEGIN PGP MESSAGE-----");
}
bool holds_pgp_signed(std::string_view text) {
  return has_line(text, "-----BEGIN PGP SIGNED MESSAGE-----");
}

}  // namespace focalpost::mime
