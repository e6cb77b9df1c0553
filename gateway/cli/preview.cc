// SPDX-License-Identifier: Apache-2.0
#include "compose/preview.h"

#include <fmt/format.h>

#include <iostream>

#include "base/json.h"
#include "base/text.h"
#include "cli/verbs.h"
#include "flow/home.h"

namespace focalpost::cli {
namespace {

Json faults_json(const std::vector<TemplateFault>& faults) {
  Json all = Json::array();
  for (const TemplateFault& fault : faults)
    all.push_back({{"what", one_line(fault.what)}, {"to_do", one_line(fault.to_do)}});
  return all;
}

void say_faults(const std::vector<TemplateFault>& faults) {
  for (const TemplateFault& fault : faults) {
    std::cerr << "focalpost: " << one_line(fault.what) << "\n";
    if (!fault.to_do.empty()) std::cerr << "  " << one_line(fault.to_do) << "\n";
  }
}

std::string words(const std::vector<std::string>& all) {
  std::string made;
  for (const std::string& one : all) made += (made.empty() ? "" : " ") + one;
  return made;
}

int list(const Options& options, const TemplateFolders& folders) {
  const std::vector<TemplateEntry> entries = list_templates(folders);
  const std::vector<TemplateFault> faults = find_template_faults(folders);
  if (options.json) {
    Json all = Json::array();
    for (const TemplateEntry& entry : entries)
      all.push_back({{"template", entry.name},
                     {"cases", entry.cases},
                     {"languages", entry.shipped},
                     {"own", entry.own}});
    std::cout << Json({{"templates", all}, {"faults", faults_json(faults)}}).dump() << "\n";
    return faults.empty() ? 0 : 1;
  }
  std::vector<std::vector<std::string>> rows = {{"TEMPLATE", "SHIPPED", "OWN", "CASES"}};
  for (const TemplateEntry& entry : entries)
    rows.push_back({entry.name, words(entry.shipped), words(entry.own), words(entry.cases)});
  std::cout << table(rows, 80);
  say_faults(faults);
  return faults.empty() ? 0 : 1;
}

}  // namespace

Result<int> preview(const Options& options, const PreviewArguments& arguments) {
  FP_ASSIGN(Home home, Home::open(options.home, Home::Access::kLook));
  const TemplateFolders folders{share_directory() / "templates", home.paths().templates()};
  if (arguments.name.empty()) return list(options, folders);
  const Letterhead letterhead{home.settings().name, home.settings().address, home.is_example()};
  FP_ASSIGN(std::vector<Previewed> shown,
            preview_template(folders, arguments.name, arguments.example, arguments.lang,
                             SystemClock().now(), home.lookup(), letterhead));
  // One page can be looked at in a browser, several in one file cannot.
  if (arguments.html && !options.json) shown.resize(1);
  std::vector<TemplateFault> faults;
  for (const Previewed& one : shown) {
    if (faults.empty()) faults = one.faults;
    if (options.json) {
      std::cout << Json({{"template", one.name},
                         {"case", one.example},
                         {"lang", one.letter.lang},
                         {"subject", one.letter.subject},
                         {"plain", one.letter.plain},
                         {"html", one.letter.html},
                         {"faults", faults_json(one.faults)}})
                       .dump()
                << "\n";
    } else if (arguments.html) {
      std::cout << one.letter.html;
    } else {
      if (shown.size() > 1) std::cout << fmt::format("===== {} {}\n", one.name, one.example);
      if (!one.letter.subject.empty()) std::cout << "Subject: " << one.letter.subject << "\n\n";
      std::cout << one.letter.plain << "\n";
    }
  }
  if (!options.json) say_faults(faults);
  return faults.empty() ? 0 : 1;
}

}  // namespace focalpost::cli
