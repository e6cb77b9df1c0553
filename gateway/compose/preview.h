// SPDX-License-Identifier: Apache-2.0
//
// preview: what a template becomes, and what is wrong with those that an operator wrote.
//
// Owns: which templates there are, letters with invented facts (example.h), the faults of a home's
// own templates and phrases. Never: sends, reads the store, changes a file.
//
// A letter goes out even when the home's own template is broken, with the shipped one instead
// (render/templates.h). Here that is a fault, told with file and line; and so are names that no
// letter gives, phrases that the program never asks for, forms of a plural that are missing.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "compose/receipt.h"

namespace focalpost {

struct TemplateFolders {
  fs::path shipped;
  fs::path own;  ///< of the home; need not exist
};

struct TemplateEntry {
  std::string name;                  ///< "receipt"
  std::vector<std::string> cases;    ///< "filed", "rejected": the letters it can be shown as
  std::vector<std::string> shipped;  ///< languages, sorted
  std::vector<std::string> own;      ///< languages in which the home has its own
};
/// Sorted by name. A template without a letter of its own (a head, a foot) has one case, "names".
std::vector<TemplateEntry> list_templates(const TemplateFolders& folders);

struct TemplateFault {
  std::string what;   ///< with the file, and the line where there is one
  std::string to_do;  ///< may be empty
};
/// Of the home's own files: all, or those that concern a template in a language.
std::vector<TemplateFault> find_template_faults(const TemplateFolders& folders);
std::vector<TemplateFault> find_template_faults(const TemplateFolders& folders,
                                                std::string_view name, std::string_view lang);

struct Previewed {
  std::string name, example;  ///< "receipt", "rejected"
  Receipt letter;             ///< of "names" without a subject
  std::vector<TemplateFault> faults;
};
/// `name`: "receipt", also "receipt.txt". `example`: one of the cases, empty: all of them. In the
/// case "names" every section is shown once, and in place of a value stands its name.
/// Error (kUsage): no such template or case. What is wrong with the home's own is no Error: the
/// letter is then the one that would go out.
Result<std::vector<Previewed>> preview_template(const TemplateFolders& folders,
                                                std::string_view name, std::string_view example,
                                                std::string_view lang, Time now,
                                                const StructureLookup& structures,
                                                const Letterhead& letterhead);

}  // namespace focalpost
