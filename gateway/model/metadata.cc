// SPDX-License-Identifier: Apache-2.0
#include "model/metadata.h"

#include <fmt/format.h>

#include <map>

namespace focalpost {

std::vector<std::string> attribute_paths(const std::vector<ReportedAttribute>& attributes) {
  std::vector<std::string> paths;
  paths.reserve(attributes.size());
  std::map<std::string, int> seen;
  for (const ReportedAttribute& one : attributes) {
    std::string path =
        one.parent < 0 ? one.id : paths[static_cast<std::size_t>(one.parent)] + "." + one.id;
    if (int n = ++seen[path]; n > 1) path += fmt::format("#{}", n);
    paths.push_back(std::move(path));
  }
  return paths;
}

std::string attribute_text(const ReportedAttribute& attribute, std::string_view lang) {
  std::string text = attribute.value;
  auto add = [&](std::string_view more) {
    if (!text.empty() && !more.empty()) text += "; ";
    text += more;
  };
  if (!lang.empty())
    add(text_in(attribute.texts, lang));
  else
    for (const LocalText& one : attribute.texts) add(one.lang + ": " + one.text);
  return text;
}

}  // namespace focalpost
