// SPDX-License-Identifier: Apache-2.0
#include "enquiry/rest.h"

#include <algorithm>

#include "base/text.h"
#include "enquiry/suggest.h"

namespace focalpost::enquiry {
namespace {

constexpr std::size_t kMostCodes = 200;  ///< of one dimension, looked at
constexpr std::size_t kShown = 60;

bool ends_query(char c) {
  return static_cast<unsigned char>(c) <= ' ' || c == '<' || c == '>' || c == '"' || c == '\'' ||
         c == '`' || c == '|' || c == '{' || c == '}' || c == '\\' || c == '^';
}

int hex(char c) {
  return c >= '0' && c <= '9'   ? c - '0'
         : c >= 'a' && c <= 'f' ? c - 'a' + 10
         : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                : -1;
}

std::string decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex(text[i + 1]) >= 0 && hex(text[i + 2]) >= 0) {
      out += static_cast<char>(hex(text[i + 1]) * 16 + hex(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return clean_text(out);
}

void not_understood(Command& command, std::string_view what, std::vector<std::string> instead) {
  if (command.unknown.size() < 20)
    command.unknown.push_back({shorten(focalpost::one_line(what), kShown), std::move(instead)});
}

std::string one_text(std::string_view text) {
  std::string out;
  for (const std::string& word : folded_words(text)) out += (out.empty() ? "" : " ") + word;
  return out;
}

void read_key(Command& command, std::string_view key, const Lexicon& lexicon,
              const Lexicon::Flow& flow) {
  if (key == "all" || key == "ALL") key = {};
  std::vector<std::string_view> parts;
  if (!key.empty())
    for (std::string_view part : split(key, '.')) {
      if (parts.size() > flow.dims.size()) break;
      parts.push_back(part);
    }
  if (parts.size() > flow.dims.size()) not_understood(command, key, {});
  for (std::size_t d = 0; d < flow.dims.size(); ++d) {
    const std::string& id = lexicon.dimensions[flow.dims[d].id];
    std::vector<std::string> codes;
    bool any = d >= parts.size() || parts[d].empty() || parts[d] == "*";
    std::size_t looked = 0;
    if (!any) {
      for (std::string_view one : split(parts[d], '+')) {
        if (one.empty() || ++looked > kMostCodes) continue;
        std::string code(one);
        if (flow.dims[d].list >= 0) {
          const auto& list = lexicon.lists[static_cast<std::size_t>(flow.dims[d].list)];
          if (!list.by_id.count(code)) code = ascii_upper(one);
          if (!list.by_id.count(code)) {
            not_understood(
                command, one,
                suggest(lexicon, one_text(one), id == "REF_AREA" ? Wanted::kArea : Wanted::kCode,
                        &flow, flow.dims[d].list));
            continue;
          }
        }
        if (std::find(codes.begin(), codes.end(), code) == codes.end())
          codes.push_back(std::move(code));
      }
    }
    if (any) {
      command.open.push_back(id);
      continue;
    }
    if (id == "REF_AREA") command.areas = codes;
    if (!codes.empty()) command.codes[id] = std::move(codes);
  }
}

void read_parameter(Command& command, std::string_view parameter) {
  const auto equals = parameter.find('=');
  if (equals == parameter.npos) return;
  const std::string name = ascii_lower(parameter.substr(0, equals));
  std::string value = decoded(parameter.substr(equals + 1));
  const auto period = [&](std::string_view text) {
    auto read = Period::parse(text);
    if (!read) not_understood(command, text, {});
    return read;
  };
  if (name == "startperiod") {
    command.from = period(value);
  } else if (name == "endperiod") {
    command.to = period(value);
  } else if (name == "c[time_period]" || name == "c%5btime_period%5d") {
    // 3.0: ge:2019+le:2020
    for (std::string_view one : split(value, '+')) {
      const auto colon = one.find(':');
      const std::string_view how = colon == one.npos ? "eq" : one.substr(0, colon);
      const std::string_view what = colon == one.npos ? one : one.substr(colon + 1);
      if (how == "ge" || how == "eq" || how == "gt") command.from = period(what);
      if (how == "le" || how == "eq" || how == "lt") command.to = period(what);
    }
  } else if (name == "lastnobservations") {
    command.latest = value == "1";
    if (value != "1") not_understood(command, parameter, {});
  } else if (name == "asof") {
    if (auto time = parse_time(value))
      command.as_of = time;
    else
      not_understood(command, value, {});
  } else if (name == "format") {
    const std::string lower = ascii_lower(value);
    if (lower.find("csv") != lower.npos)
      command.formats = {Format::kCsv};
    else if (lower.find("xml") != lower.npos || lower.find("sdmx") != lower.npos ||
             lower.find("generic") != lower.npos || lower.find("structure") != lower.npos)
      command.formats = {Format::kSdmx};
    else
      not_understood(command, value, {});
  }
}

}  // namespace

std::optional<RestFound> rest_in(std::string_view line, const Lexicon& lexicon) {
  RestFound found;
  std::size_t at = 0;
  for (;; ++at) {
    at = line.find("data/", at);
    if (at == line.npos) return {};
    const char before = at == 0 ? ' ' : line[at - 1];
    if (ends_query(before) || before == '/' || before == '(' || before == '=') break;
  }
  std::size_t end = at;
  while (end < line.size() && !ends_query(line[end])) ++end;
  found.begin = at;
  while (found.begin > 0 && !ends_query(line[found.begin - 1])) --found.begin;
  while (end > at && (line[end - 1] == ',' || line[end - 1] == ';' || line[end - 1] == ')')) --end;
  found.end = end;
  std::string_view query = line.substr(at + 5, end - at - 5);
  std::string_view parameters;
  if (const auto mark = query.find('?'); mark != query.npos) {
    parameters = query.substr(mark + 1);
    query = query.substr(0, mark);
  }
  std::vector<std::string> path;
  for (std::string_view part : split(query, '/')) {
    if (path.size() == 8) break;
    path.push_back(decoded(part));
  }
  Command& command = found.command;
  command.verb = Verb::kGet;
  command.rest = true;
  // Where the flow's id and the key stand.
  std::string id = path[0];
  std::string key = path.size() > 1 ? path[1] : std::string();
  if (ascii_iequal(path[0], "dataflow")) {
    if (path.size() < 3) return {};
    id = path[2];
    key = path.size() > 4 ? path[4] : std::string();
  } else if (const auto parts = split(path[0], ','); parts.size() > 1) {
    id = std::string(parts[1]);
  }
  id = std::string(trim(id));
  if (id.empty()) return {};
  // "data/2024" is none.
  if (path.size() == 1 && parameters.empty() && !lexicon.flow(ascii_upper(id))) return {};
  const Lexicon::Flow* flow = lexicon.flow(id);
  if (!flow) flow = lexicon.flow(ascii_upper(id));
  if (!flow) {
    not_understood(command, id, suggest(lexicon, one_text(id), Wanted::kFlow));
  } else {
    command.flows.push_back(flow->id);
    read_key(command, key, lexicon, *flow);
  }
  std::size_t count = 0;
  for (std::string_view one : split(parameters, '&'))
    if (!one.empty() && ++count <= 20) read_parameter(command, one);
  return found;
}

}  // namespace focalpost::enquiry
