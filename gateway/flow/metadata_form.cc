// SPDX-License-Identifier: Apache-2.0
#include "flow/metadata_form.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/charset.h"
#include "base/text.h"
#include "validation/metadata_judge.h"

namespace focalpost {
namespace {

/// Short enough that no mail program wraps an explanation, whose second line would be an answer.
constexpr std::size_t kWidth = 68;

constexpr std::string_view kFormWords[] = {"FORM", "ФОРМА"};
constexpr std::string_view kLanguageWords[] = {"LANGUAGE", "ЯЗЫК", "МОВА"};

// ---- text

/// The bytes as UTF-8. What is not UTF-8 is taken for windows-1251: the headings tell whether that
/// was right.
Result<std::string> decoded(std::string_view bytes) {
  if (bytes.starts_with("\xEF\xBB\xBF")) return std::string(bytes.substr(3));
  std::string_view charset;
  if (bytes.starts_with("\xFF\xFE"))
    charset = "UTF-16LE";
  else if (bytes.starts_with("\xFE\xFF"))
    charset = "UTF-16BE";
  if (!charset.empty()) {
    FP_ASSIGN(Converted converted, to_utf8(bytes.substr(2), charset));
    return std::move(converted.text);
  }
  if (is_utf8(bytes)) return std::string(bytes);
  // QUIRK: Windows' Notepad saves "ANSI", which is windows-1251 where forms are in Cyrillic.
  FP_ASSIGN(Converted converted, to_utf8(bytes, "windows-1251"));
  return std::move(converted.text);
}

struct Line {
  std::uint32_t number;
  std::string_view text;
};

std::vector<Line> lines_of(std::string_view text) {
  std::vector<Line> lines;
  std::uint32_t number = 0;
  while (!text.empty()) {
    const auto end = text.find_first_of("\r\n");
    std::string_view line = text.substr(0, end);
    std::size_t next = end == text.npos ? text.size() : end + 1;
    if (end != text.npos && text[end] == '\r' && next < text.size() && text[next] == '\n') ++next;
    text.remove_prefix(next);
    // QUIRK: a form that was answered by "reply" comes back quoted, perhaps several times.
    while (!line.empty() && (line.front() == '>' || line.starts_with(" >"))) {
      line.remove_prefix(line.front() == '>' ? 1 : 2);
      if (line.starts_with(" ")) line.remove_prefix(1);
    }
    lines.push_back({++number, line});
  }
  return lines;
}

/// "WORD: rest" for one of these words.
template <std::size_t N>
std::optional<std::string_view> after_word(std::string_view line,
                                           const std::string_view (&words)[N]) {
  line = trim(line);
  for (std::string_view word : words) {
    const bool is = line.starts_with(word) || ascii_istarts_with(line, word);
    if (!is) continue;
    std::string_view rest = trim(line.substr(word.size()));
    if (rest.starts_with(":")) return trim(rest.substr(1));
  }
  return {};
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  for (std::string_view word : split(text, ' '))
    if (!trim(word).empty()) words.push_back(trim(word));
  return words;
}

// ---- reading

class FormReader {
 public:
  FormReader(const StructureLookup& lookup, const std::optional<ProviderRef>& sender,
             const Limits& limits, FindingSink& sink)
      : lookup_(lookup), sender_(sender), limits_(limits), sink_(sink) {}

  std::optional<MetadataSet> read(std::string_view text) {
    const std::vector<Line> lines = lines_of(text);
    std::size_t at = 0;
    std::optional<std::string_view> form;
    while (at < lines.size() && !(form = after_word(lines[at].text, kFormWords))) ++at;
    if (!form) {
      report(rules::form_unknown, 0, {}, {});
      return {};
    }
    if (!begin(*form, lines[at].number)) return {};
    for (++at; at < lines.size(); ++at) {
      // A signature, RFC 3676 section 4.3; some programs drop the space.
      if (lines[at].text == "-- " || lines[at].text == "--") break;
      if (trim(lines[at].text) == "[END]") break;
      line(lines[at]);
      if (attributes().size() > limits_.metadata_attributes) {
        report(rules::message_too_large, lines[at].number, {}, {});
        return {};
      }
    }
    finish_answer();
    return std::move(set_);
  }

 private:
  void report(const Rule& rule, std::uint32_t line, std::string_view component,
              std::string_view value, std::vector<std::string> suggestions = {}) {
    Finding finding;
    finding.rule = &rule;
    finding.at = {line, 0};
    finding.component = shorten(component, 80);
    finding.value = shorten(one_line(value), 80);
    finding.suggestions = std::move(suggestions);
    if (&rule == &rules::message_too_large)
      finding.detail = "metadata_attributes " + std::to_string(limits_.metadata_attributes);
    sink_.add(std::move(finding));
  }

  std::vector<ReportedAttribute>& attributes() { return set_.reports.front().attributes; }

  /// The words after FORM: which, about what, of whom.
  bool begin(std::string_view form, std::uint32_t line) {
    const std::vector<std::string_view> words = words_of(form);
    std::vector<std::string_view> known;
    const Metadataflow* flow = nullptr;
    for (const Metadataflow& one : lookup_.structures().metadataflows) {
      known.push_back(one.ref.id);
      if (!words.empty() && ascii_iequal(one.ref.id, words[0]) &&
          (!flow || version_less(flow->ref.version, one.ref.version)))
        flow = &one;
    }
    const MetadataStructure* structure =
        flow ? lookup_.metadata_structure(flow->structure) : nullptr;
    auto shape = structure ? report_shape(lookup_, *structure, {}) : std::nullopt;
    if (!shape) {
      report(rules::form_unknown, line, {}, form,
             words.empty() ? std::vector<std::string>() : nearest(words[0], known));
      return false;
    }
    shape_ = std::move(*shape);
    for (const ConceptShape& one : shape_.concepts)
      if (one.item)
        for (const LocalText& name : one.item->names) languages_.insert(name.lang);
    set_.structure_class = ArtefactClass::kMetadataflow;
    set_.structure = flow->ref;
    set_.at = {line, 0};
    MetadataReport& report = set_.reports.emplace_back();
    report.at = {line, 0};
    std::string target;
    for (std::size_t i = 1; i < words.size(); ++i)
      if (!use_word(words[i], target)) {
        this->report(rules::form_unknown, line, {}, words[i], near_words(words[i]));
        return false;
      }
    // A form holds no areas that could be looked at: its line alone says whose answers these are.
    if (sender_ && !set_.provider.empty() && set_.provider != sender_->id) {
      this->report(rules::form_other, line, {}, set_.provider);
      return false;
    }
    if (target.empty()) {
      ProviderRef provider;
      if (sender_)
        provider = *sender_;
      else
        provider = {scheme_of(set_.provider), set_.provider};
      target = fmt::format("urn:sdmx:org.sdmx.infomodel.base.DataProvider={}.{}",
                           provider.scheme.text(), provider.id);
    }
    set_.reports.front().targets.push_back({{}, std::move(target), {line, 0}});
    return true;
  }

  bool use_word(std::string_view word, std::string& target) {
    for (const Dataflow& flow : lookup_.structures().dataflows)
      if (ascii_iequal(flow.ref.id, word) || ascii_iequal(flow.ref.text(), word)) {
        target = urn(ArtefactClass::kDataflow, flow.ref);
        return true;
      }
    if (scheme_of(word).empty()) return false;
    set_.provider = word;
    return true;
  }

  std::vector<std::string> near_words(std::string_view word) const {
    std::vector<std::string_view> known;
    for (const Dataflow& flow : lookup_.structures().dataflows) known.push_back(flow.ref.id);
    for (const RosterEntry& entry : lookup_.roster()) known.push_back(entry.provider.id);
    return nearest(word, known);
  }

  Ref scheme_of(std::string_view provider) const {
    for (const OrganisationScheme& scheme : lookup_.structures().organisation_schemes)
      if (scheme.scheme_class == ArtefactClass::kDataProviderScheme)
        for (const Organisation& one : scheme.organisations)
          if (one.id == provider) return scheme.ref;
    return {};
  }

  // ---- headings and answers

  void line(const Line& line) {
    std::string_view text = trim(line.text);
    if (text.starts_with("#")) return;
    if (auto lang = after_word(line.text, kLanguageWords); lang && heading_ == kNone) {
      language_ = ascii_lower(*lang);
      return;
    }
    if (text.starts_with("[")) {
      const auto close = text.find(']');
      if (close != text.npos) return heading(trim(text.substr(1, close - 1)), line.number);
    }
    if (auto named = named_heading(text)) {
      finish_answer();
      heading_ = *named;
      heading_line_ = line.number;
      return;
    }
    if (text.empty()) {
      paragraph_ = true;
      return;
    }
    if (heading_ == kNone) {
      if (!said_stray_) report(rules::form_heading, line.number, {}, text);
      said_stray_ = true;
      return;
    }
    answer(text);
  }

  void heading(std::string_view path, std::uint32_t line) {
    finish_answer();
    heading_line_ = line;
    const auto& defined = shape_.report->attributes;
    heading_ = kNone;
    // The way from the top, else an id in the block that is open, else wherever it is.
    std::int32_t found = -1;
    for (std::size_t i = 0; i < defined.size(); ++i)
      if (ascii_iequal(path_of(static_cast<std::int32_t>(i)), path))
        found = static_cast<std::int32_t>(i);
    for (int pass = 0; found < 0 && pass < 2; ++pass)
      for (std::size_t i = 0; i < defined.size(); ++i)
        if (ascii_iequal(defined[i].id, path) &&
            (pass == 1 || (block_ >= 0 && defined[i].parent == block_defined_))) {
          found = static_cast<std::int32_t>(i);
          break;
        }
    if (found >= 0) {
      open(found);
      return;
    }
    // The judge says that it is not known, and what is near.
    ReportedAttribute strange;
    strange.id = shorten(path, 80);
    strange.at = {line, 0};
    attributes().push_back(std::move(strange));
    heading_ = kStrange;
  }

  /// A line that is a concept's name in some language: a person typed the heading anew.
  std::optional<std::int32_t> named_heading(std::string_view text) {
    while (text.ends_with(":") || text.ends_with("*") || text.ends_with(" ")) text.remove_suffix(1);
    if (text.empty() || text.size() > 120) return {};
    for (std::size_t i = 0; i < shape_.concepts.size(); ++i) {
      const ConceptShape& one = shape_.concepts[i];
      // "In your words" would be too easily an answer.
      if (!one.item || one.attribute->parent != (block_ >= 0 ? block_defined_ : -1)) continue;
      for (const LocalText& name : one.item->names)
        if (name.text == text) return static_cast<std::int32_t>(i);
    }
    return {};
  }

  void open(std::int32_t defined) {
    const MetadataAttribute& attribute =
        shape_.report->attributes[static_cast<std::size_t>(defined)];
    if (attribute.presentational) {
      // A new block, as often as its heading comes.
      ReportedAttribute added;
      added.id = attribute.id;
      added.at = {heading_line_, 0};
      attributes().push_back(std::move(added));
      block_ = static_cast<std::int32_t>(attributes().size() - 1);
      block_defined_ = defined;
      heading_ = kStrange;
      return;
    }
    heading_ = defined;
  }

  std::string path_of(std::int32_t defined) const {
    const auto& all = shape_.report->attributes;
    std::string path = all[static_cast<std::size_t>(defined)].id;
    for (std::int32_t p = all[static_cast<std::size_t>(defined)].parent; p >= 0;
         p = all[static_cast<std::size_t>(p)].parent)
      path = all[static_cast<std::size_t>(p)].id + "." + path;
    return path;
  }

  void answer(std::string_view text) {
    if (heading_ == kStrange) return;
    // "en: ..." begins the same answer in another language.
    if (const auto colon = text.find(':'); colon != text.npos && colon <= 8) {
      std::string lang = ascii_lower(text.substr(0, colon));
      if (languages_.contains(lang) || lang == language_) {
        texts_.push_back({std::move(lang), {}});
        paragraph_ = false;
        text = trim(text.substr(colon + 1));
        if (text.empty()) return;
      }
    }
    if (texts_.empty()) texts_.push_back({language_, {}});
    std::string& so_far = texts_.back().text;
    if (!so_far.empty()) so_far += paragraph_ ? "\n" : " ";
    so_far += text;
    paragraph_ = false;
    lines_.emplace_back(text);
  }

  void finish_answer() {
    paragraph_ = false;
    const std::int32_t defined = heading_;
    heading_ = kNone;
    Texts texts = std::move(texts_);
    std::vector<std::string> lines = std::move(lines_);
    texts_.clear();
    lines_.clear();
    std::erase_if(texts, [](const LocalText& one) { return one.text.empty(); });
    if (defined < 0 || texts.empty()) return;
    const ConceptShape& shape = shape_.concepts[static_cast<std::size_t>(defined)];
    ReportedAttribute added;
    added.id = shape.attribute->id;
    added.at = {heading_line_, 0};
    if (!place(shape.attribute->parent, added.parent)) return;
    if (shape.codes) {
      for (std::string& code : codes_in(*shape.codes, lines)) {
        added.value = std::move(code);
        attributes().push_back(added);
      }
    } else if (shape.multilingual()) {
      added.texts = std::move(texts);
      attributes().push_back(std::move(added));
    } else {
      added.value = texts.front().text;
      attributes().push_back(std::move(added));
    }
  }

  /// Where what is inside `defined` belongs: in its block, or with the first answer of the concept.
  bool place(std::int32_t defined, std::int32_t& parent) {
    parent = -1;
    if (defined < 0) return true;
    if (defined == block_defined_ && block_ >= 0) {
      parent = block_;
      return true;
    }
    const MetadataAttribute& around = shape_.report->attributes[static_cast<std::size_t>(defined)];
    const auto& given = attributes();
    for (std::size_t i = block_ < 0 ? 0 : static_cast<std::size_t>(block_); i < given.size(); ++i)
      if (given[i].id == around.id && (block_ < 0 || given[i].parent == block_)) {
        parent = static_cast<std::int32_t>(i);
        return true;
      }
    // A remark to a code that is missing: the judge says that the code is.
    ReportedAttribute missing;
    missing.id = around.id;
    missing.at = {heading_line_, 0};
    missing.parent = block_ >= 0 && around.parent == block_defined_ ? block_ : -1;
    attributes().push_back(std::move(missing));
    parent = static_cast<std::int32_t>(attributes().size() - 1);
    return true;
  }

  static std::vector<std::string> codes_in(const CodeTable& codes,
                                           const std::vector<std::string>& lines) {
    std::vector<std::string> found;
    auto take = [&](std::string_view piece) {
      piece = trim(piece);
      if (piece.empty()) return;
      auto exact = [&](std::string_view word) -> bool {
        for (std::string_view id : codes.ids())
          if (ascii_iequal(id, word)) {
            found.emplace_back(id);
            return true;
          }
        return false;
      };
      if (exact(piece)) return;
      for (std::size_t i = 0; i < codes.size(); ++i)
        for (const LocalText& name : codes.code(static_cast<std::int32_t>(i)).names)
          if (name.text == piece) {
            found.emplace_back(codes.id(static_cast<std::int32_t>(i)));
            return;
          }
      // "PER persons", "PER: persons", "PER (persons)"; "NAT STLS" means both.
      const auto end = piece.find_first_of(" :(-");
      if (end != piece.npos && exact(piece.substr(0, end))) {
        std::string_view rest = trim(piece.substr(end));
        while (!rest.empty()) {
          const auto next = rest.find(' ');
          if (!exact(rest.substr(0, next))) break;
          rest = next == rest.npos ? std::string_view() : trim(rest.substr(next));
        }
        return;
      }
      found.emplace_back(shorten(piece, 200));
    };
    for (const std::string& line : lines) {
      std::string_view rest = line;
      while (!rest.empty()) {
        const auto end = rest.find_first_of(",;");
        take(rest.substr(0, end));
        rest = end == rest.npos ? std::string_view() : rest.substr(end + 1);
      }
    }
    return found;
  }

  static constexpr std::int32_t kNone = -1;     ///< under no heading
  static constexpr std::int32_t kStrange = -2;  ///< under one that takes no answer

  const StructureLookup& lookup_;
  const std::optional<ProviderRef>& sender_;
  const Limits& limits_;
  FindingSink& sink_;
  ReportShape shape_;
  MetadataSet set_;
  std::set<std::string> languages_;
  std::string language_ = "und";
  std::int32_t heading_ = kNone;
  std::uint32_t heading_line_ = 0;
  std::int32_t block_ = -1, block_defined_ = -1;  ///< the open block, given and defined
  Texts texts_;                                   ///< the answer in the making
  std::vector<std::string> lines_;
  bool paragraph_ = false, said_stray_ = false;
};

// ---- writing

class FormWriter {
 public:
  FormWriter(const ReportShape& shape, const std::vector<ReportedAttribute>& known,
             const Phrases& phrases)
      : shape_(shape), known_(known), phrases_(phrases) {}

  void explain(std::string_view text) {
    std::string line = "#";
    for (std::string_view word : split(text, ' ')) {
      if (word.empty()) continue;
      if (line.size() > 1 && width(line) + 1 + width(word) > kWidth) {
        out_ += line + "\n";
        line = "#";
      }
      line += " ";
      line += word;
    }
    out_ += line + "\n";
  }
  void raw(std::string_view text) { out_ += text; }

  void concepts(std::string_view dataflow) {
    const auto& defined = shape_.report->attributes;
    for (std::size_t i = 0; i < defined.size(); ++i) {
      if (defined[i].parent >= 0 || shape_.concepts[i].automatic) continue;
      const auto place = static_cast<std::int32_t>(i);
      if (!defined[i].presentational) {
        one(place, -1, dataflow);
        continue;
      }
      // A block for each that is known, one at least.
      std::vector<std::int32_t> blocks = given(defined[i].id, -1);
      if (blocks.empty()) blocks.push_back(-2);
      for (std::int32_t block : blocks) {
        heading(place, dataflow);
        out_ += "\n";
        for (std::size_t k = 0; k < defined.size(); ++k)
          if (defined[k].parent == place) one(static_cast<std::int32_t>(k), block, dataflow);
      }
    }
  }

  std::string take() { return std::move(out_); }

 private:
  /// Characters, not bytes.
  static std::size_t width(std::string_view text) {
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
  }

  std::vector<std::int32_t> given(std::string_view id, std::int32_t parent) const {
    std::vector<std::int32_t> found;
    for (std::size_t i = 0; i < known_.size(); ++i)
      if (known_[i].id == id && known_[i].parent == parent)
        found.push_back(static_cast<std::int32_t>(i));
    return found;
  }

  std::string path_of(std::int32_t defined) const {
    const auto& all = shape_.report->attributes;
    std::string path = all[static_cast<std::size_t>(defined)].id;
    for (std::int32_t p = all[static_cast<std::size_t>(defined)].parent; p >= 0;
         p = all[static_cast<std::size_t>(p)].parent)
      path = all[static_cast<std::size_t>(p)].id + "." + path;
    return path;
  }

  void heading(std::int32_t defined, std::string_view dataflow) {
    const ConceptShape& shape = shape_.concepts[static_cast<std::size_t>(defined)];
    out_ += fmt::format("[{}]", path_of(defined));
    if (shape.item) out_ += " " + one_line(text_in(shape.item->names, phrases_.lang()));
    out_ += shape.required(dataflow) ? " *\n" : "\n";
    if (shape.item)
      if (auto what = text_in(shape.item->descriptions, phrases_.lang()); !what.empty())
        explain(one_line(what));
    if (shape.codes) codes(shape);
  }

  void codes(const ConceptShape& shape) {
    constexpr std::size_t most = 40;
    std::string list;
    for (std::size_t i = 0; i < shape.codes->size() && i < most; ++i) {
      const Code& code = shape.codes->code(static_cast<std::int32_t>(i));
      if (!list.empty()) list += "; ";
      list += fmt::format("{} ({})", code.id, text_in(code.names, phrases_.lang()));
    }
    explain(
        phrases_.text_or(shape.attribute->max_occurs == 1 ? "form.one_of" : "form.some_of", "") +
        " " + list);
  }

  /// A concept and what lies in it; `parent`: place in what is known of what is around it.
  void one(std::int32_t defined, std::int32_t parent, std::string_view dataflow) {
    const auto& all = shape_.report->attributes;
    const MetadataAttribute& attribute = all[static_cast<std::size_t>(defined)];
    heading(defined, dataflow);
    const std::vector<std::int32_t> places =
        parent == -2 ? std::vector<std::int32_t>() : given(attribute.id, parent);
    std::string values;
    for (std::int32_t place : places) {
      const ReportedAttribute& answer = known_[static_cast<std::size_t>(place)];
      if (!answer.value.empty()) values += (values.empty() ? "" : ", ") + answer.value;
      texts(answer);
    }
    if (!values.empty()) out_ += values + "\n";
    for (std::size_t k = 0; k < all.size(); ++k) {
      if (all[k].parent != defined) continue;
      // One deeper, no more: what lies in a code are a kind and a remark.
      heading(static_cast<std::int32_t>(k), dataflow);
      std::string inner;
      for (std::int32_t place : places)
        for (std::int32_t child : given(all[k].id, place)) {
          const ReportedAttribute& answer = known_[static_cast<std::size_t>(child)];
          if (!answer.value.empty()) inner += (inner.empty() ? "" : ", ") + answer.value;
          texts(answer);
        }
      if (!inner.empty()) out_ += inner + "\n";
    }
    out_ += "\n";
  }

  void texts(const ReportedAttribute& answer) {
    for (const LocalText& text : answer.texts) {
      bool first = true;
      for (std::string_view paragraph : split(text.text, '\n')) {
        if (trim(paragraph).empty()) continue;
        if (!first) out_ += "\n";
        out_ += first ? text.lang + ": " : "";
        out_ += one_line(trim(paragraph)) + "\n";
        first = false;
      }
    }
  }

  const ReportShape& shape_;
  const std::vector<ReportedAttribute>& known_;
  const Phrases& phrases_;
  std::string out_;
};

}  // namespace

bool looks_like_form(std::string_view head) {
  auto text = decoded(head.substr(0, 16 * 1024));
  if (!text.ok()) return false;
  // A heading too: "Form: see below" may begin any letter.
  bool form = false;
  for (const Line& line : lines_of(*text)) {
    if (form && trim(line.text).starts_with("[")) return true;
    form = form || after_word(line.text, kFormWords);
  }
  return false;
}

Result<std::optional<MetadataSet>> read_form(ByteSource& bytes, const StructureLookup& lookup,
                                             const std::optional<ProviderRef>& sender,
                                             const Limits& limits, FindingSink& sink) {
  std::string all;
  for (;;) {
    FP_ASSIGN(auto piece, bytes.next());
    if (piece.empty()) break;
    if (all.size() + piece.size() > limits.form_bytes) {
      Finding finding;
      finding.rule = &rules::message_too_large;
      finding.detail = "form_bytes " + std::to_string(limits.form_bytes);
      sink.add(std::move(finding));
      return std::optional<MetadataSet>();
    }
    all.append(piece.data(), piece.size());
  }
  FP_ASSIGN(std::string text, decoded(all));
  return FormReader(lookup, sender, limits, sink).read(text);
}

Result<std::string> write_form(const StructureLookup& lookup, const FormRequest& request,
                               const std::vector<ReportedAttribute>& known,
                               const Phrases& phrases) {
  const Metadataflow* flow = nullptr;
  std::vector<std::string_view> ids;
  for (const Metadataflow& one : lookup.structures().metadataflows) {
    ids.push_back(one.ref.id);
    if (ascii_iequal(one.ref.id, request.metadataflow)) flow = &one;
  }
  const MetadataStructure* structure = flow ? lookup.metadata_structure(flow->structure) : nullptr;
  auto shape = structure ? report_shape(lookup, *structure, {}) : std::nullopt;
  if (!shape) {
    std::string all;
    for (std::string_view id : ids) all += (all.empty() ? "" : ", ") + std::string(id);
    return usage_error(fmt::format("there is no form \"{}\"", one_line(request.metadataflow)),
                       fmt::format("Forms: {}.", all));
  }
  const Dataflow* described = nullptr;
  for (const Dataflow& one : lookup.structures().dataflows)
    if (ascii_iequal(one.ref.id, request.dataflow)) described = &one;
  if (!request.dataflow.empty() && !described)
    return usage_error(fmt::format("the dataflow \"{}\" is not known", one_line(request.dataflow)));
  const Organisation* provider = nullptr;
  for (const OrganisationScheme& scheme : lookup.structures().organisation_schemes)
    for (const Organisation& one : scheme.organisations)
      if (scheme.scheme_class == ArtefactClass::kDataProviderScheme && one.id == request.provider)
        provider = &one;
  if (!provider)
    return usage_error(
        fmt::format("the data provider \"{}\" is not known", one_line(request.provider)));
  FormWriter writer(*shape, known, phrases);
  writer.raw(fmt::format("FORM: {} {}{}\nLANGUAGE: {}\n", flow->ref.id,
                         described ? described->ref.id + " " : "", provider->id,
                         phrases.found_lang()));
  const std::string& lang = phrases.lang();
  std::string title(text_in(structure->names, lang));
  if (described) title += ": " + std::string(text_in(described->names, lang));
  writer.explain(title);
  writer.explain(text_in(provider->names, lang));
  writer.raw("#\n");
  FP_ASSIGN(std::string how, phrases.text("form.how"));
  writer.explain(how);
  FP_ASSIGN(std::string required, phrases.text("form.required"));
  writer.explain(required);
  FP_ASSIGN(std::string languages, phrases.text("form.languages"));
  writer.explain(languages);
  writer.raw("\n");
  writer.concepts(described ? std::string_view(described->ref.id) : std::string_view());
  writer.raw("[END]\n");
  return writer.take();
}

}  // namespace focalpost
