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

bool StructureReaderCore::kept_start(std::string_view local, const xmlChar* uri,
                                     const Attributes& attributes, const xmlChar** namespaces,
                                     int namespace_count) {
  keeper_.declare(namespaces, namespace_count, depth());
  if (!keeper_.keeping()) return false;
  const std::size_t before = keeper_.size();
  keeper_.start(local, uri, attributes, namespaces, namespace_count);
  spend(keeper_.size() - before);
  return true;
}

bool StructureReaderCore::kept_end(std::string_view local, const xmlChar* uri) {
  const bool keeping = keeper_.keeping(), done = keeping && keeper_.end(local, uri);
  keeper_.undeclare(depth());
  if (!done) return keeping;
  kept_.xml = keeper_.take();
  Finding finding;
  finding.rule = &rules::structure_kept;
  finding.at = kept_at_;
  finding.component = shorten(kept_.element, 80);
  finding.value = shorten(one_line(kept_.ref.text()), 80);
  sink_.add(std::move(finding));
  result_.others.push_back(std::move(kept_));
  return true;
}

bool StructureReaderCore::kept_characters(std::string_view text) {
  if (!keeper_.keeping()) return false;
  keeper_.characters(text);
  spend(text.size());
  return true;
}

void StructureReaderCore::keep(std::string_view local, const xmlChar* uri,
                               const Attributes& attributes, Ref ref) {
  item();
  kept_ = {};
  kept_.element = local;
  kept_.ref = std::move(ref);
  kept_at_ = here();
  keeper_.begin(local, uri, attributes);
  spend(keeper_.size());
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
