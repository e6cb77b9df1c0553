// SPDX-License-Identifier: Apache-2.0
#include "sdmx/structure_reader_core.h"

namespace focalpost::sdmx {

StructureReaderCore::StructureReaderCore(const xmlSAXHandler& handlers, FindingSink& sink,
                                         const Limits& limits, DataMessage& message)
    : XmlPush(handlers, limits),
      sink_(sink),
      message_(message),
      header_(message, sink, limits, false, message.version == "2.0") {}

bool StructureReaderCore::skip_end() {
  if (skip_ == 0) return false;
  --skip_;
  return true;
}

void StructureReaderCore::header_start(std::string_view local, const xmlChar* uri,
                                       const Attributes& attributes) {
  header_.start(local, view(uri), attributes, here());
  ++header_depth_;
}

bool StructureReaderCore::header_end() {
  if (header_depth_ == 0) return false;
  --header_depth_;
  header_.end();
  return true;
}

void StructureReaderCore::item() {
  if (++items_ > limits_.structure_items)
    stop(rules::message_too_large, {},
         "structure_items " + std::to_string(limits_.structure_items));
}

void StructureReaderCore::spend(std::size_t bytes) {
  stored_ += bytes;
  if (stored_ > kStructureTextBytes)
    stop(rules::message_too_large, {}, std::to_string(kStructureTextBytes));
}

void StructureReaderCore::text_begins(const Attributes& attributes) {
  text_.clear();
  std::string_view lang = attributes.get("lang", kXmlNamespace);
  // xml:lang is "en" where it is not given (SDMXCommon.xsd, TextType).
  lang_ = lang.data() ? shorten(lang, 40) : "en";
}

void StructureReaderCore::add_text(std::string_view text) {
  if (text_.size() + text.size() > limits_.text_bytes)
    return stop(rules::text_too_long, {}, std::to_string(limits_.text_bytes));
  text_ += text;
}

TextFormat StructureReaderCore::text_format(const Attributes& attributes) {
  return read_text_format(
      attributes,
      [this](std::string_view name, std::string_view value) {
        report(rules::header_value, name, value);
      },
      v20());
}

void StructureReaderCore::report(const Rule& rule, std::string_view component,
                                 std::string_view value, std::string_view expected) {
  Finding finding;
  finding.rule = &rule;
  finding.at = here();
  finding.component = shorten(component, 80);
  finding.value = shorten(value, 80);
  finding.expected = expected;
  sink_.add(std::move(finding));
}

void StructureReaderCore::unknown(std::string_view local) {
  report(rules::unknown_element, local, {});
  skip();
  if (++unknown_elements_ >= kUnknownElements)
    stop(rules::unsupported_message, shorten(local, 80), "unknown-element");
}

void StructureReaderCore::left_out(std::string_view local) {
  report(rules::structure_left_out, local, {});
  skip();
}

}  // namespace focalpost::sdmx
