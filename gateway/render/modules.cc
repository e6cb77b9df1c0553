// SPDX-License-Identifier: Apache-2.0
#include "render/modules.h"

#include <cmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <memory>

#include "base/text.h"
#include "render/templates.h"

namespace focalpost {
namespace {

using Kind = ModuleText::Kind;

struct FreeNode {
  void operator()(cmark_node* node) const { cmark_node_free(node); }
};
struct FreeIterator {
  void operator()(cmark_iter* iterator) const { cmark_iter_free(iterator); }
};

std::string literal(cmark_node* node) {
  const char* text = cmark_node_get_literal(node);
  return text ? text : "";
}

/// The words in a node, one space where a line ends.
std::string words_in(cmark_node* node) {
  std::string made;
  std::unique_ptr<cmark_iter, FreeIterator> each(cmark_iter_new(node));
  for (cmark_event_type event; (event = cmark_iter_next(each.get())) != CMARK_EVENT_DONE;) {
    if (event != CMARK_EVENT_ENTER) continue;
    cmark_node* inner = cmark_iter_get_node(each.get());
    switch (cmark_node_get_type(inner)) {
      case CMARK_NODE_TEXT:
      case CMARK_NODE_CODE:
        made += literal(inner);
        break;
      case CMARK_NODE_SOFTBREAK:
      case CMARK_NODE_LINEBREAK:
        made += ' ';
        break;
      default:
        break;
    }
  }
  return made;
}

/// Of "01-why-data.md": 1; nothing for another name.
std::optional<int> number_of(std::string_view name) {
  int number = 0;
  auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error != std::errc() || number < 1 || number > kMostModules) return {};
  if (end == name.data() + name.size() || *end != '-') return {};
  return number;
}

/// `<!-- KEY: VALUE -->`, where that is all.
std::optional<std::string_view> comment(std::string_view html, std::string_view key) {
  html = trim(html);
  if (!html.starts_with("<!--") || !html.ends_with("-->")) return {};
  html = trim(html.substr(4, html.size() - 7));
  if (!html.starts_with(key)) return {};
  html.remove_prefix(key.size());
  if (!html.starts_with(':')) return {};
  return trim(html.substr(1));
}

/// "1. Question?" and " a) choice": what stands behind the sign, and which it was from 0.
std::optional<std::pair<std::size_t, std::string>> behind_sign(std::string_view line, char close) {
  line = trim(line);
  const auto at = line.find(close);
  if (at == line.npos || at == 0 || at > 2) return {};
  const std::string_view sign = line.substr(0, at);
  constexpr std::string_view kSigns[][kModuleChoices] = {
      {"1", "2", "3"}, {"a", "b", "c"}, {"а", "б", "в"}};
  for (const auto& signs : kSigns)
    for (std::size_t n = 0; n < kModuleChoices; ++n)
      if (sign == signs[n]) return std::pair{n, std::string(trim(line.substr(at + 1)))};
  return {};
}

/// Takes the questions from the lines behind the last heading: a list whose items' lines are the
/// choices is no list of CommonMark, so they are read line by line.
Status read_questions(std::string_view lines, TrainingModule& module) {
  std::size_t question = kModuleQuestions, seen = 0;
  std::array<std::size_t, kModuleQuestions> choices{};
  while (!lines.empty()) {
    const auto end = std::min(lines.find('\n'), lines.size());
    const std::string_view line = lines.substr(0, end);
    lines.remove_prefix(std::min(end + 1, lines.size()));
    if (auto one = behind_sign(line, '.'); one && one->first == seen) {
      question = seen++;
      module.questions[question].text = std::move(one->second);
    } else if (auto choice = behind_sign(line, ')');
               choice && question < kModuleQuestions && choice->first == choices[question]) {
      module.questions[question].choices[choices[question]++] = std::move(choice->second);
    } else if (!trim(line).empty() && !trim(line).starts_with("<!--")) {
      return not_right(fmt::format("a line of the check is no question and no choice: {}", line));
    }
  }
  for (std::size_t n = 0; n < kModuleQuestions; ++n)
    if (choices[n] != kModuleChoices)
      return not_right(fmt::format("question {} of the check has not three choices", n + 1));
  return {};
}

Status read_answers(const std::vector<std::string>& comments, TrainingModule& module) {
  std::array<bool, kModuleQuestions> told{}, explained{};
  for (const std::string& html : comments) {
    if (auto answers = comment(html, "answers")) {
      for (std::string_view rest = *answers; rest.size() >= 2;) {
        const std::size_t n = static_cast<std::size_t>(rest[0] - '1');
        if (n >= kModuleQuestions || rest[1] < 'a' || rest[1] > 'c')
          return not_right(fmt::format("the answers are not like 1b 2a 3c: {}", *answers));
        module.questions[n].right = rest[1];
        told[n] = true;
        rest = trim(rest.substr(2));
      }
    } else if (auto why = comment(html, "why"); why && why->size() > 2) {
      const std::size_t n = static_cast<std::size_t>((*why)[0] - '1');
      if (n >= kModuleQuestions) return not_right(fmt::format("why of which question? {}", *why));
      module.questions[n].why = std::string(trim(why->substr(1)));
      explained[n] = true;
    }
  }
  for (std::size_t n = 0; n < kModuleQuestions; ++n)
    if (!told[n] || !explained[n])
      return not_right(fmt::format("no answer, or no reason, to question {}", n + 1));
  return {};
}

}  // namespace

Result<TrainingModule> parse_module(std::string_view markdown, int number, std::string_view lang) {
  TrainingModule module;
  module.number = number;
  module.lang = lang;
  // The check is its own form: it begins with the last heading of the second level.
  const auto heading = markdown.rfind("\n## ");
  if (heading == markdown.npos) return not_right("there is no heading of a check");
  const auto line_end = std::min(markdown.find('\n', heading + 1), markdown.size());
  module.check = std::string(trim(markdown.substr(heading + 4, line_end - heading - 4)));
  FP_TRY(read_questions(markdown.substr(line_end), module));

  auto parse = [](std::string_view text) {
    return std::unique_ptr<cmark_node, FreeNode>(
        cmark_parse_document(text.data(), text.size(), CMARK_OPT_VALIDATE_UTF8));
  };
  std::vector<std::string> comments;
  auto tail = parse(markdown.substr(line_end));
  for (cmark_node* n = cmark_node_first_child(tail.get()); n; n = cmark_node_next(n))
    if (cmark_node_get_type(n) == CMARK_NODE_HTML_BLOCK) {
      const std::string html = literal(n);
      for (std::size_t at = 0; (at = html.find("<!--", at)) != html.npos;) {
        const auto end = html.find("-->", at);
        if (end == html.npos) break;
        comments.push_back(html.substr(at, end + 3 - at));
        at = end + 3;
      }
    }
  FP_TRY(read_answers(comments, module));

  auto body = parse(markdown.substr(0, heading + 1));
  auto add = [&](Kind kind, std::string text) {
    if (!text.empty()) module.text.push_back({kind, std::move(text)});
  };
  for (cmark_node* n = cmark_node_first_child(body.get()); n; n = cmark_node_next(n)) {
    switch (cmark_node_get_type(n)) {
      case CMARK_NODE_HEADING:
        if (cmark_node_get_heading_level(n) == 1)
          module.title = words_in(n);
        else
          add(Kind::kHeading, words_in(n));
        break;
      case CMARK_NODE_LIST:
        for (cmark_node* item = cmark_node_first_child(n); item; item = cmark_node_next(item))
          add(Kind::kItem, words_in(item));
        break;
      case CMARK_NODE_CODE_BLOCK: {
        std::string lines = literal(n);
        while (lines.ends_with('\n')) lines.pop_back();
        add(Kind::kLines, std::move(lines));
        break;
      }
      case CMARK_NODE_PARAGRAPH:
      case CMARK_NODE_BLOCK_QUOTE:
        add(Kind::kParagraph, words_in(n));
        break;
      default:
        break;
    }
  }
  if (module.title.empty()) return not_right("there is no title");
  if (module.text.empty()) return not_right("there is no text");
  return module;
}

ModuleShelf::ModuleShelf(fs::path shipped, fs::path overrides) {
  folders_.push_back(std::move(shipped));
  if (!overrides.empty()) folders_.push_back(std::move(overrides));
}

Result<std::map<int, fs::path>> ModuleShelf::files(std::string_view lang) const {
  std::map<int, fs::path> found;
  for (const fs::path& folder : folders_) {
    const fs::path modules = folder / lang / "modules";
    std::error_code none;
    if (!fs::is_directory(modules, none)) continue;
    FP_ASSIGN(auto names, list_directory(modules));
    for (const std::string& name : names)
      if (auto number = number_of(name); number && name.ends_with(".md"))
        found[*number] = modules / name;
  }
  return found;
}

Result<std::map<int, std::string>> ModuleShelf::listed_titles(std::string_view lang) const {
  std::map<int, std::string> found;
  for (const fs::path& folder : folders_) {
    const fs::path file = folder / lang / "modules" / "titles.txt";
    std::error_code none;
    if (!fs::exists(file, none) || fs::file_size(file, none) > kMostModuleBytes) continue;
    FP_ASSIGN(std::string text, read_file(file));
    for (std::string_view rest = text; !rest.empty();) {
      const auto end = std::min(rest.find('\n'), rest.size());
      const std::string_view line = rest.substr(0, end);
      rest.remove_prefix(std::min(end + 1, rest.size()));
      const auto sign = line.find('=');
      if (auto number = number_of(line); number && sign != line.npos)
        found[*number] = std::string(trim(line.substr(sign + 1)));
    }
  }
  return found;
}

Result<std::vector<ModuleTitle>> ModuleShelf::titles(std::string_view lang) const {
  std::map<int, ModuleTitle> all;
  for (const fs::path& folder : folders_) {
    std::error_code none;
    if (!fs::is_directory(folder, none)) continue;
    FP_ASSIGN(auto langs, list_directory(folder));
    for (const std::string& one : langs) {
      FP_ASSIGN(auto found, files(one));
      for (const auto& entry : found) {
        ModuleTitle& title = all[entry.first];
        title.number = entry.first;
        if (std::find(title.langs.begin(), title.langs.end(), one) == title.langs.end())
          title.langs.push_back(one);
      }
    }
  }
  FP_ASSIGN(auto listed, listed_titles(lang));
  std::vector<ModuleTitle> made;
  for (auto& [number, title] : all) {
    std::sort(title.langs.begin(), title.langs.end());
    if (auto one = listed.find(number); one != listed.end()) {
      title.title = one->second;
    } else {
      FP_ASSIGN(auto module, find(number, lang));
      if (!module) continue;
      title.title = std::move(module->title);
    }
    made.push_back(std::move(title));
  }
  return made;
}

Result<std::optional<TrainingModule>> ModuleShelf::find(int number, std::string_view lang) const {
  for (const std::string& one : language_chain(lang)) {
    FP_ASSIGN(auto found, files(one));
    auto file = found.find(number);
    if (file == found.end()) continue;
    std::error_code none;
    if (fs::file_size(file->second, none) > kMostModuleBytes)
      return not_right(fmt::format("{} is larger than a module", file->second.string()));
    FP_ASSIGN(std::string text, read_file(file->second));
    auto module = parse_module(text, number, one);
    if (!module.ok())
      return not_right(fmt::format("{}: {}", file->second.string(), module.error().what));
    return std::optional(std::move(*module));
  }
  return std::optional<TrainingModule>();
}

}  // namespace focalpost
