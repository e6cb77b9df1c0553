// SPDX-License-Identifier: Apache-2.0
//
// templates: from a template's name, a language and values to a text; the only door to the Mustache
// engine (kainjow).
//
// Owns: finding `<folder>/<language>/<name>.mustache` in the operator's folder and in the shipped
// one, reading it once, keeping it ready. The name says the flavour: "receipt.html" is HTML and
// every value is escaped, anything else is plain text and nothing is.
//
// Never does: run anything that stands in data, know a receipt from a reminder, read the clock.
//
// What a template may say is a part of Mustache: {{name}}, {{#section}} {{^inverted}} {{/end}},
// {{.}}, {{! comment}} and {{> other.html}}. Not {{{raw}}}, {{&raw}}, {{=new delimiters=}} or
// {{dotted.names}}: they are errors. A partial is another template file, pasted in when the
// template is read, never at the time of rendering, so that no value can become a template. A
// partial alone on its line takes the line with it.
//
// A key that a template names and the values do not have is an Error: the engine would render it as
// nothing, and nobody would notice. An empty text and an empty list are "no" as a section.
//
// Where nothing or nothing usable is found in the operator's folder the shipped one is used, then
// less of the language tag ("ru-KG", "ru"), then English; what was wrong is kept for the operator
// (take_warnings). So a letter goes out even when the operator's templates are broken.
//
// Danger: not for several threads at once; every thread that renders has its own store.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/files.h"
#include "base/result.h"
#include "render/value.h"

namespace focalpost {

class TemplateStore {
 public:
  /// `overrides` may be empty or a folder that does not exist.
  explicit TemplateStore(fs::path shipped, fs::path overrides = {});
  ~TemplateStore();
  TemplateStore(TemplateStore&&) noexcept;

  /// `lang`: a language tag; what is no tag counts as "en". `name`: "receipt.txt", "receipt.html".
  /// Error: no usable template in any of the languages, or `values` lack a key.
  Result<std::string> render(std::string_view lang, std::string_view name,
                             const Value& values) const;
  /// Several templates with the same values, which are made ready once.
  Result<std::vector<std::string>> render(std::string_view lang, std::span<const std::string> names,
                                          const Value& values) const;

  /// The keys that the template of exactly this language names, partials included, as a sorted
  /// list: "name", "#section", "^inverted". For tests and for who writes templates.
  Result<std::vector<std::string>> keys(std::string_view lang, std::string_view name) const;

  /// What the operator should know: each thing once until reload().
  std::vector<std::string> take_warnings() const;
  /// Forgets what was read, so that changed files are seen.
  void reload();

 private:
  struct Compiled;
  const Compiled* compiled(const fs::path& folder, std::string_view name) const;
  struct Ready;
  Result<std::string> render(std::string_view lang, std::string_view name,
                             const Ready& ready) const;
  void warn(std::string line) const;

  fs::path shipped_, overrides_;
  mutable std::map<fs::path, std::unique_ptr<Compiled>> cache_;
  mutable std::vector<std::string> warnings_;
  mutable std::set<std::string> warned_;
};

/// "ru-KG" gives ru-KG, ru, en: the languages to look in, in this order. What is not of letters,
/// digits and hyphens gives en alone, so that a tag can be part of a path.
std::vector<std::string> language_chain(std::string_view tag);

/// Plain text with lines of at most `width` characters where there are spaces to break at. A broken
/// line goes on under its own text: below its indentation, and behind a leading "- " or "1. ".
/// A no-break space is none to break at; longer words stay whole.
std::string wrap_text(std::string_view text, std::size_t width);

}  // namespace focalpost
