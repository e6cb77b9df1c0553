// SPDX-License-Identifier: Apache-2.0
#include "render/templates.h"

#include <fmt/format.h>
#include <kainjow/mustache.hpp>

#include <algorithm>
#include <optional>

#include "base/text.h"

namespace focalpost {
namespace {

namespace engine = kainjow::mustache;

constexpr std::uint64_t kTemplateBytes = 1 << 20;
constexpr int kPartialDepth = 8;

bool is_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

/// Part of a path, so no slash and no leading dot.
bool is_file_name(std::string_view name) {
  return !name.empty() && name.front() != '.' && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
  });
}

/// The engine splits text at every space and line end, one piece each, and has its own idea of
/// which lines to leave out (it keeps the line of a section that is not shown). So it never sees
/// any: while a template is prepared they become bytes that no UTF-8 text has, and are put back at
/// the end.
constexpr char kSpace = '\xFE', kLineEnd = '\xFF';

/// Empty text is false: it is then "no" as a section and still nothing as a variable, where the
/// engine alone would take every text for "yes".
engine::data to_engine(const Value& value) {
  if (const std::string* text = value.text())
    return text->empty() ? engine::data(false) : engine::data(to_valid_utf8(*text));
  if (const bool* yes = value.yes_no()) return engine::data(*yes);
  if (const Value::List* list = value.list()) {
    engine::data made(engine::data::type::list);
    // push_back() would copy every element with all below it, once for each level of lists.
    auto& elements = const_cast<engine::list&>(made.list_value());
    elements.reserve(list->size());
    for (const Value& element : *list) elements.push_back(to_engine(element));
    return made;
  }
  engine::data made(engine::data::type::object);
  for (const auto& [name, element] : *value.object()) made[name] = to_engine(element);
  return made;
}

/// Finds keys from the innermost object outwards, and remembers the first that is nowhere.
class StrictContext final : public engine::basic_context<std::string> {
 public:
  explicit StrictContext(const engine::data* root) { stack_.push_back(root); }
  void push(const engine::data* data) override { stack_.push_back(data); }
  void pop() override { stack_.pop_back(); }

  const engine::data* get(const std::string& name) const override {
    if (name == ".") return stack_.back();
    for (auto at = stack_.rbegin(); at != stack_.rend(); ++at)
      if (const engine::data* found = (*at)->get(name)) return found;
    if (missing_.empty()) missing_ = name;
    return nullptr;
  }
  const engine::data* get_partial(const std::string&) const override { return nullptr; }
  const std::string& missing() const { return missing_; }

 private:
  std::vector<const engine::data*> stack_;
  mutable std::string missing_;
};

/// What the engine writes to, without the cost of a stream.
struct Output {
  std::string text;
  Output& operator<<(const std::string& piece) { return text += piece, *this; }
};

struct Tag {
  char sort;  ///< 'v'ariable, '#', '^', '/', '!', '>'
  std::string name;
  std::size_t begin, end;  ///< of the tag with its braces
};

std::size_t line_of(std::string_view text, std::size_t at) {
  return 1 + std::size_t(std::count(text.begin(), text.begin() + std::ptrdiff_t(at), '\n'));
}

Error at_line(const fs::path& path, std::string_view text, std::size_t at, std::string_view what) {
  return not_right(fmt::format("{}, line {}: {}", path.string(), line_of(text, at), what),
                   "Correct the template.");
}

/// The next tag from `from` on; none at the end.
Result<std::optional<Tag>> next_tag(const fs::path& path, std::string_view text, std::size_t from) {
  std::size_t begin = text.find("{{", from);
  if (begin == text.npos) return std::optional<Tag>();
  std::size_t close = text.find("}}", begin);
  if (close == text.npos) return at_line(path, text, begin, "a tag is not closed");
  std::string_view inner = trim(text.substr(begin + 2, close - begin - 2));
  Tag tag{'v', {}, begin, close + 2};
  if (!inner.empty() && inner.front() == '!') return std::optional(Tag{'!', {}, begin, close + 2});
  if (!inner.empty() && std::string_view("#^/>").find(inner.front()) != std::string_view::npos) {
    tag.sort = inner.front();
    inner = trim(inner.substr(1));
  }
  tag.name = inner;
  bool fine = tag.sort == '>' ? is_file_name(inner) : is_name(inner) || inner == ".";
  if (!fine)
    return at_line(path, text, begin,
                   fmt::format("\"{}\" is no tag that templates may use", one_line(inner)));
  return std::optional(std::move(tag));
}

}  // namespace

struct TemplateStore::Compiled {
  std::optional<engine::mustache> ready;  ///< none: no such file, or `error`
  std::optional<Error> error;
  std::set<std::string> keys;
};

TemplateStore::TemplateStore(fs::path shipped, fs::path overrides)
    : shipped_(std::move(shipped)), overrides_(std::move(overrides)) {}
TemplateStore::~TemplateStore() = default;
TemplateStore::TemplateStore(TemplateStore&&) noexcept = default;

namespace {

/// Whether only spaces stand beside [begin, end) on its line; then widens it to the whole line.
bool take_line(std::string_view text, std::size_t& begin, std::size_t& end) {
  std::size_t first = begin, last = end;
  while (first > 0 && text[first - 1] == ' ') --first;
  while (last < text.size() && text[last] == ' ') ++last;
  if (first > 0 && text[first - 1] != '\n') return false;
  if (last < text.size() && text[last] != '\n') return false;
  begin = first;
  end = std::min(last + 1, text.size());
  return true;
}

/// The file with its partials pasted in and without its comments. Partials are looked for beside it
/// only.
Result<std::string> read_with_partials(const fs::path& folder, std::string_view name, int depth) {
  fs::path path = folder / (std::string(name) + ".mustache");
  if (depth > kPartialDepth)
    return not_right(fmt::format("{}: partials within partials, too deep", path.string()),
                     "Templates that paste each other have no end: remove one of the tags.");
  FP_ASSIGN(std::string text, read_file(path, kTemplateBytes));
  if (!is_utf8(text)) return not_right(path.string() + " is not UTF-8", "Save it as UTF-8.");
  std::string whole;
  std::size_t done = 0;
  for (std::size_t from = 0;;) {
    FP_ASSIGN(std::optional<Tag> tag, next_tag(path, text, from));
    if (!tag) break;
    from = tag->end;
    // Comments go here too: the engine would leave their line behind, empty.
    if (tag->sort != '>' && tag->sort != '!') continue;
    std::string part;
    if (tag->sort == '>') {
      FP_ASSIGN(part, read_with_partials(folder, tag->name, depth + 1));
    }
    std::size_t begin = tag->begin, end = tag->end;
    take_line(text, begin, end);
    whole.append(text, done, begin - done).append(part);
    done = from = end;
    if (whole.size() > kTemplateBytes)
      return not_right(path.string() + " with its partials is too large", "Make it shorter.");
  }
  whole.append(text, done);
  return whole;
}

}  // namespace

namespace {

/// As the engine is to see it: tags checked, a section's tag alone on its line without that line.
Result<std::string> prepare(const fs::path& path, std::string_view text,
                            std::set<std::string>& keys) {
  std::string made;
  auto literal = [&](std::string_view piece) {
    for (char c : piece) made += c == ' ' ? kSpace : c == '\n' ? kLineEnd : c;
  };
  std::vector<Tag> open;
  std::size_t done = 0;
  for (;;) {
    FP_ASSIGN(std::optional<Tag> tag, next_tag(path, text, done));
    if (!tag) break;
    std::size_t begin = tag->begin, end = tag->end;
    if (tag->sort != 'v') take_line(text, begin, end);
    literal(text.substr(done, std::max(begin, done) - done));
    done = end;
    if (tag->sort == '/') {
      if (open.empty() || open.back().name != tag->name)
        return at_line(path, text, tag->begin,
                       fmt::format("{{{{/{}}}}} closes no section", tag->name));
      open.pop_back();
    } else {
      keys.insert(tag->sort == 'v' ? tag->name : tag->sort + tag->name);
    }
    made += "{{";
    if (tag->sort != 'v') made += tag->sort;
    made.append(tag->name).append("}}");
    if (tag->sort == '#' || tag->sort == '^') open.push_back(std::move(*tag));
  }
  if (!open.empty())
    return at_line(path, text, open.back().begin,
                   fmt::format("section \"{}\" is not closed", open.back().name));
  literal(text.substr(done));
  return made;
}

}  // namespace

const TemplateStore::Compiled* TemplateStore::compiled(const fs::path& folder,
                                                       std::string_view name) const {
  fs::path path = folder / (std::string(name) + ".mustache");
  auto [place, fresh] = cache_.try_emplace(path);
  if (!fresh) return place->second.get();
  place->second = std::make_unique<Compiled>();
  Compiled& made = *place->second;
  std::error_code ignored;
  if (!is_file_name(name) || !fs::exists(path, ignored)) return &made;
  auto text = read_with_partials(folder, name, 0);
  if (!text) return made.error = text.error(), &made;

  auto prepared = prepare(path, *text, made.keys);
  if (!prepared) return made.error = prepared.error(), &made;
  try {
    engine::mustache ready(*prepared);
    if (ready.is_valid()) {
      ready.set_custom_escape(name.ends_with(".html")
                                  ? [](const std::string& s) { return escape_html(s); }
                                  : [](const std::string& s) { return s; });
      made.ready = std::move(ready);
    } else {
      made.error = not_right(path.string() + ": " + ready.error_message(), "Correct the template.");
    }
  } catch (const std::exception& e) {
    made.error = not_right(path.string() + ": " + e.what(), "Correct the template.");
  }
  return &made;
}

/// Values as the engine takes them.
struct TemplateStore::Ready {
  engine::data data;
};

Result<std::string> TemplateStore::render(std::string_view lang, std::string_view name,
                                          const Value& values) const {
  return render(lang, name, Ready{to_engine(values)});
}

Result<std::vector<std::string>> TemplateStore::render(std::string_view lang,
                                                       std::span<const std::string> names,
                                                       const Value& values) const {
  Ready ready{to_engine(values)};
  std::vector<std::string> texts;
  for (const std::string& name : names) {
    FP_ASSIGN(std::string text, render(lang, name, ready));
    texts.push_back(std::move(text));
  }
  return texts;
}

Result<std::string> TemplateStore::render(std::string_view lang, std::string_view name,
                                          const Ready& ready) const {
  std::optional<Error> first_error;
  for (const std::string& tag : language_chain(lang)) {
    for (const fs::path& root : {overrides_, shipped_}) {
      if (root.empty()) continue;
      const Compiled* found = compiled(root / tag, name);
      std::optional<Error> error = found->error;
      if (found->ready) {
        StrictContext context(&ready.data);
        Output output;
        try {
          // The engine's render() is not const, though it changes nothing but its error message.
          const_cast<engine::mustache&>(*found->ready).render(context, output);
          if (context.missing().empty()) {
            for (char& c : output.text) c = c == kSpace ? ' ' : c == kLineEnd ? '\n' : c;
            return std::move(output.text);
          }
          error = not_right(fmt::format("template {}/{} in {} names \"{}\", which there is not",
                                        tag, name, root.string(), context.missing()),
                            "Use the names that the shipped template uses.");
        } catch (const std::exception& e) {
          error = not_right(fmt::format("template {}/{}: {}", tag, name, e.what()));
        }
      }
      if (!error) continue;
      warn(error->what);
      if (!first_error) first_error = error;
    }
  }
  if (first_error) return *first_error;
  return not_right(fmt::format("there is no template \"{}\" for \"{}\" in {}", one_line(name),
                               one_line(lang), shipped_.string()),
                   "Restore the shipped templates.");
}

Result<std::vector<std::string>> TemplateStore::keys(std::string_view lang,
                                                     std::string_view name) const {
  std::string tag(lang);
  if (language_chain(lang).front() != lang) return not_right("no language: " + one_line(lang));
  for (const fs::path& root : {overrides_, shipped_}) {
    if (root.empty()) continue;
    const Compiled* found = compiled(root / tag, name);
    if (found->error) return *found->error;
    if (found->ready) return std::vector<std::string>(found->keys.begin(), found->keys.end());
  }
  return not_right(fmt::format("there is no template {}/{}", tag, one_line(name)));
}

void TemplateStore::warn(std::string line) const {
  if (warned_.insert(line).second) warnings_.push_back(std::move(line));
}

std::vector<std::string> TemplateStore::take_warnings() const {
  return std::exchange(warnings_, {});
}

void TemplateStore::reload() {
  cache_.clear();
  warned_.clear();
}

std::vector<std::string> language_chain(std::string_view tag) {
  std::vector<std::string> chain;
  bool fine = !tag.empty() && tag.size() <= 35 && tag.front() != '-' && tag.back() != '-' &&
              std::all_of(tag.begin(), tag.end(), [](char c) {
                return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-';
              });
  if (fine) {
    chain.emplace_back(tag);
    for (auto cut = tag.rfind('-'); cut != tag.npos; cut = tag.rfind('-')) {
      tag = tag.substr(0, cut);
      chain.emplace_back(tag);
    }
  }
  if (chain.empty() || chain.back() != "en") chain.emplace_back("en");
  return chain;
}

namespace {

std::size_t characters(std::string_view text) {
  return std::size_t(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

void wrap_line(std::string_view line, std::size_t width, std::string& out) {
  if (characters(line) <= width) {
    out += line;
    return;
  }
  std::size_t indent = std::min(line.find_first_not_of(' '), line.size());
  out += line.substr(0, indent);
  line.remove_prefix(indent);
  std::size_t hang = indent;
  if (line.starts_with("- ")) {
    hang += 2;
  } else {
    std::size_t digits = std::min(line.find_first_not_of("0123456789"), line.size());
    if (digits > 0 && digits < 4 && line.substr(digits).starts_with(". ")) hang += digits + 2;
  }
  std::size_t used = indent;
  bool first = true;
  for (std::string_view word : split(line, ' ')) {
    if (word.empty()) continue;
    std::size_t length = characters(word);
    // After a break the line starts with the hang, so a word always makes progress.
    if (!first && used + 1 + length > width) {
      out += '\n';
      out.append(hang, ' ');
      used = hang;
    } else if (!first) {
      out += ' ';
      ++used;
    }
    out += word;
    used += length;
    first = false;
  }
}

}  // namespace

std::string wrap_text(std::string_view text, std::size_t width) {
  std::string out;
  out.reserve(text.size() + text.size() / 32);
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = std::min(text.find('\n', at), text.size());
    wrap_line(text.substr(at, end - at), width, out);
    if (end < text.size()) out += '\n';
    at = end + 1;
  }
  return out;
}

}  // namespace focalpost
