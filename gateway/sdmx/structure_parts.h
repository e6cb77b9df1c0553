// SPDX-License-Identifier: Apache-2.0
//
// structure_parts: what the readers of structure messages of all versions have in common.
//
// Inside the room only.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/limits.h"
#include "base/result.h"
#include "base/text.h"
#include "model/finding.h"
#include "model/observation.h"
#include "model/structure.h"
#include "sdmx/utf8_input.h"
#include "sdmx/xml_push.h"

namespace focalpost::sdmx {

/// All texts of one structure message together, beside the number of its items.
inline constexpr std::uint64_t kStructureTextBytes = 256ull << 20;
/// So many unknown names are listed and passed over; a file with more is another kind of file.
inline constexpr std::size_t kUnknownElements = 100;
inline constexpr std::string_view kXmlNamespace = "http://www.w3.org/XML/1998/namespace";

/// The facets of a TextFormat or EnumerationFormat element. `wrong`: told of an attribute and its
/// value that cannot be meant. `v20`: the names of data types of 2.0 as well.
TextFormat read_text_format(
    const Attributes& attributes,
    const std::function<void(std::string_view name, std::string_view value)>& wrong,
    bool v20 = false);

inline Finding file_finding(const Rule& rule, std::string_view value,
                            std::string_view detail = {}) {
  Finding finding;
  finding.rule = &rule;
  finding.value = shorten(one_line(value), 80);
  finding.detail = detail;
  return finding;
}

/// Reads all of `input` with a Reader and tells what broke it.
template <typename Reader, typename Out = Structures>
Result<Out> read_with(Utf8Input& input, FindingSink& sink, const Limits& limits,
                      DataMessage& message) {
  Reader reader(sink, limits, message);
  while (!reader.stopped()) {
    FP_ASSIGN(auto text, input.next());
    if (text.empty()) break;
    reader.feed(text);
  }
  reader.finish(input.fault());
  for (const XmlFault& prefix : reader.undeclared_prefixes()) {
    // QUIRK: see ml_data_reader: a forgotten declaration of "xsi" is let pass.
    Finding finding =
        file_finding(prefix.value == "xsi" ? rules::header_quirk : *prefix.rule, {}, prefix.detail);
    finding.at = prefix.at;
    finding.component = "xmlns:" + prefix.value;
    sink.add(std::move(finding));
  }
  if (const auto& fault = reader.fault()) {
    Finding finding = file_finding(*fault->rule, fault->value, fault->detail);
    finding.at = fault->at;
    if (input.fault()) finding.suggestions = input.fault()->suggestions;
    sink.add(std::move(finding));
    return Out{};
  }
  return reader.take();
}

}  // namespace focalpost::sdmx
