// SPDX-License-Identifier: Apache-2.0
#include "compose/preview.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "compose/example.h"

namespace focalpost {
namespace {

constexpr std::string_view kNamesCase = "names", kExtension = ".mustache",
                           kPhrasesFile = "phrases.txt";
constexpr const char* kFlavours[] = {".txt", ".html"};

/// Folders of languages in a folder of templates, sorted.
std::vector<std::string> languages_in(const fs::path& folder) {
  std::vector<std::string> found;
  auto names = list_directory(folder);
  if (!names) return found;
  std::error_code ignored;
  for (const std::string& name : *names)
    if (language_chain(name).front() == name && fs::is_directory(folder / name, ignored))
      found.push_back(name);
  std::sort(found.begin(), found.end());
  return found;
}

/// "receipt.txt" of "receipt.txt.mustache", sorted.
std::vector<std::string> templates_in(const fs::path& folder) {
  std::vector<std::string> found;
  if (auto names = list_directory(folder))
    for (std::string_view name : *names)
      if (name.ends_with(kExtension))
        found.emplace_back(name.substr(0, name.size() - kExtension.size()));
  std::sort(found.begin(), found.end());
  return found;
}

/// "receipt" of "receipt.txt"
std::string stem(std::string_view name) {
  for (std::string_view flavour : kFlavours)
    if (name.ends_with(flavour)) name.remove_suffix(flavour.size());
  return std::string(name);
}

/// "name" of "name", "#name", "^name".
std::set<std::string> bare(const std::vector<std::string>& keys) {
  std::set<std::string> names;
  for (std::string_view key : keys) {
    if (key.starts_with('#') || key.starts_with('^')) key.remove_prefix(1);
    names.emplace(key);
  }
  return names;
}

std::string listed(const std::set<std::string>& names) {
  std::string made;
  for (const std::string& name : names) made += (made.empty() ? "" : ", ") + name;
  return made;
}

void check_template(const TemplateFolders& folders, const TemplateStore& shipped,
                    const TemplateStore& own, const std::string& lang, const std::string& name,
                    std::vector<TemplateFault>& faults) {
  const std::string path = (folders.own / lang / (name + std::string(kExtension))).string();
  auto known = shipped.keys("en", name);
  if (!known) {
    faults.push_back({fmt::format("{}: there is no template of this name: it is never used", path),
                      "`focalpost preview` lists the templates."});
    return;
  }
  auto keys = own.keys(lang, name);
  if (!keys) {
    faults.push_back({keys.error().what, keys.error().to_do});
    return;
  }
  std::set<std::string> there = bare(*known), wrong;
  for (const std::string& key : bare(*keys))
    if (!there.contains(key) && key != ".") wrong.insert(key);
  if (wrong.empty()) return;
  const std::vector<std::string_view> candidates(there.begin(), there.end());
  const std::vector<std::string> near = nearest(*wrong.begin(), candidates, 1);
  faults.push_back(
      {fmt::format("{} names what no letter of this kind gives: {}", path, listed(wrong)),
       near.empty() ? fmt::format("It may use: {}.", listed(there))
                    : fmt::format("Did you mean {}? It may use: {}.", near[0], listed(there))});
}

void check_phrases(const TemplateFolders& folders, const std::string& lang,
                   std::vector<TemplateFault>& faults) {
  const fs::path path = folders.own / lang / kPhrasesFile;
  std::error_code ignored;
  if (!fs::exists(path, ignored)) return;
  const PhraseStore shipped(folders.shipped), own(folders.own);
  auto english = shipped.in("en");
  auto found = own.in(lang);
  const std::vector<std::string> warnings = own.take_warnings();
  for (const std::string& warning : warnings)
    faults.push_back({warning, "Correct it: the whole file is not used."});
  if (!warnings.empty() || !english || !found || (*found)->found_lang() != lang) return;

  const std::vector<std::string> all = (*english)->keys();
  const std::vector<std::string_view> candidates(all.begin(), all.end());
  for (const std::string& key : (*found)->keys()) {
    const std::string where = fmt::format("{}: \"{}\"", path.string(), key);
    if (!std::binary_search(all.begin(), all.end(), key)) {
      if (key.starts_with("word.")) continue;  // what is translated there is not known beforehand
      const std::vector<std::string> near = nearest(key, candidates, 1);
      faults.push_back({where + " is a phrase that the program never asks for",
                        near.empty() ? "" : fmt::format("Did you mean \"{}\"?", near[0])});
      continue;
    }
    std::set<std::string> wrong;
    const std::set<std::string> given = (*english)->names(key);
    for (const std::string& name : (*found)->names(key))
      if (!given.contains(name)) wrong.insert(name);
    if (!wrong.empty())
      faults.push_back({fmt::format("{} names what there is not: {}", where, listed(wrong)),
                        given.empty() ? "" : fmt::format("It may use: {}.", listed(given))});
    const std::set<std::string> forms = (*found)->forms(key);
    if (forms.empty()) continue;
    std::set<std::string> missing;
    for (const std::string& form : (*found)->plural_forms())
      if (!forms.contains(form)) missing.insert(form);
    if (!missing.empty())
      faults.push_back({fmt::format("{} lacks the plural forms: {}", where, listed(missing)),
                        "Until they are there \"other\" is said instead."});
  }
}

std::vector<TemplateFault> faults_of(const TemplateFolders& folders,
                                     const std::vector<std::string>& languages,
                                     std::string_view only) {
  std::vector<TemplateFault> faults;
  const TemplateStore shipped(folders.shipped), own(folders.own);
  for (const std::string& lang : languages) {
    check_phrases(folders, lang, faults);
    for (const std::string& name : templates_in(folders.own / lang))
      if (only.empty() || stem(name) == only)
        check_template(folders, shipped, own, lang, name, faults);
  }
  return faults;
}

/// Every section once, every value its own name.
Result<Receipt> compose_names(const TemplateFolders& folders, const std::string& name,
                              const ExampleFacts& facts) {
  const TemplateStore shipped(folders.shipped);
  Receipt made;
  FP_ASSIGN(const Phrases* phrases, facts.voice.phrases.in(facts.lang));
  made.lang = phrases->found_lang();
  for (const char* flavour : kFlavours) {
    const std::string file = name + flavour;
    auto keys = shipped.keys("en", file);
    if (!keys) continue;  // there is none of this flavour
    Value values;
    const std::set<std::string> given(keys->begin(), keys->end());
    for (const std::string& key : bare(*keys)) {
      if (given.contains(key))
        values.set(key, fmt::format("[{}]", key));
      else
        values.set(key, Value::List{Value(fmt::format("[{}]", key))});
    }
    values.set("lang", made.lang)
        .set("gateway_name", facts.letterhead.name)
        .set("gateway_address", facts.letterhead.address);
    FP_ASSIGN(std::string text, facts.voice.templates.render(facts.lang, file, values));
    if (file.ends_with(".txt"))
      made.plain = wrap_text(text, kPlainWidth);
    else
      made.html = std::move(text);
  }
  return made;
}

}  // namespace

std::vector<TemplateEntry> list_templates(const TemplateFolders& folders) {
  std::map<std::string, TemplateEntry> found;
  auto collect = [&](const fs::path& folder, std::vector<std::string> TemplateEntry::*languages) {
    for (const std::string& lang : languages_in(folder))
      for (const std::string& name : templates_in(folder / lang)) {
        auto entry = found.find(stem(name));
        if (entry == found.end()) {
          if (languages == &TemplateEntry::own) continue;  // a fault, not a template
          entry = found.emplace(stem(name), TemplateEntry{stem(name), {}, {}, {}}).first;
        }
        auto& known = entry->second.*languages;
        if (known.empty() || known.back() != lang) known.push_back(lang);
      }
  };
  collect(folders.shipped, &TemplateEntry::shipped);
  collect(folders.own, &TemplateEntry::own);
  std::vector<TemplateEntry> made;
  for (auto& [name, entry] : found) {
    for (const ExampleLetter& letter : example_letters())
      if (letter.template_name == name) entry.cases.emplace_back(letter.name);
    if (entry.cases.empty()) entry.cases.emplace_back(kNamesCase);
    made.push_back(std::move(entry));
  }
  return made;
}

std::vector<TemplateFault> find_template_faults(const TemplateFolders& folders) {
  return faults_of(folders, languages_in(folders.own), {});
}

std::vector<TemplateFault> find_template_faults(const TemplateFolders& folders,
                                                std::string_view name, std::string_view lang) {
  return faults_of(folders, language_chain(lang), stem(name));
}

Result<std::vector<Previewed>> preview_template(const TemplateFolders& folders,
                                                std::string_view name, std::string_view example,
                                                std::string_view lang, Time now,
                                                const StructureLookup& structures,
                                                const Letterhead& letterhead) {
  const std::string wanted = stem(name);
  const std::vector<TemplateEntry> entries = list_templates(folders);
  auto entry = std::find_if(entries.begin(), entries.end(),
                            [&](const TemplateEntry& one) { return one.name == wanted; });
  if (entry == entries.end())
    return usage_error(fmt::format("there is no template \"{}\"", one_line(name)),
                       "`focalpost preview` lists the templates.");
  std::vector<std::string> cases = entry->cases;
  if (example == kNamesCase) {
    cases = {std::string(kNamesCase)};
  } else if (!example.empty()) {
    if (std::find(cases.begin(), cases.end(), example) == cases.end()) {
      std::string all = listed({cases.begin(), cases.end()});
      return usage_error(
          fmt::format("template \"{}\" has no case \"{}\"", wanted, one_line(example)),
          fmt::format("It has: {}, names.", all));
    }
    cases = {std::string(example)};
  }

  const std::vector<TemplateFault> faults = find_template_faults(folders, wanted, lang);
  std::vector<Previewed> made;
  for (const std::string& one : cases) {
    // Anew for each, so that each tells all that was passed over for it.
    const TemplateStore templates(folders.shipped, folders.own);
    const PhraseStore phrases(folders.shipped, folders.own);
    const Voice voice{templates, phrases};
    const ExampleFacts facts{lang, now, structures, voice, letterhead};
    Previewed shown{wanted, one, {}, faults};
    if (one == kNamesCase) {
      FP_ASSIGN(shown.letter, compose_names(folders, wanted, facts));
    } else {
      for (const ExampleLetter& letter : example_letters())
        if (letter.template_name == wanted && letter.name == one) {
          FP_ASSIGN(shown.letter, letter.compose(facts));
        }
    }
    // Mostly said already, with the line; what only this letter meets is not.
    if (faults.empty())
      for (const auto& warnings : {templates.take_warnings(), phrases.take_warnings()})
        for (const std::string& warning : warnings)
          shown.faults.push_back({warning, "The shipped one was used instead."});
    made.push_back(std::move(shown));
  }
  return made;
}

}  // namespace focalpost
