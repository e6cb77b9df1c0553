// SPDX-License-Identifier: Apache-2.0
#include "sdmx/xml_push.h"

#include <fmt/format.h>
#include <libxml/parserInternals.h>
#include <libxml/xmlerror.h>

#include <algorithm>
#include <mutex>
#include <new>

#include "base/text.h"

namespace focalpost::sdmx {
namespace {

std::size_t continuation_bytes(const xmlChar* from, const xmlChar* to) {
  std::size_t count = 0;
  std::uint64_t word;
  for (; to - from >= 8; from += 8) {
    std::memcpy(&word, from, 8);
    word &= 0x8080808080808080u & ~(word << 1);
    if (word) count += static_cast<std::size_t>(__builtin_popcountll(word));
  }
  for (; from < to; ++from) count += (*from & 0xC0) == 0x80;
  return count;
}

}  // namespace

XmlPush::XmlPush(const xmlSAXHandler& handlers, const Limits& limits) : limits_(limits) {
  static std::once_flag once;
  std::call_once(once, [] { xmlInitParser(); });
  xmlSAXHandler copy = handlers;
  context_ = xmlCreatePushParserCtxt(&copy, this, nullptr, 0, nullptr);
  if (!context_) throw std::bad_alloc();
  xmlCtxtUseOptions(context_, XML_PARSE_NONET | XML_PARSE_NOENT | XML_PARSE_IGNORE_ENC);
  // Otherwise the first four bytes decide, and some that are valid UTF-8 mean UCS-4 to libxml2.
  xmlSwitchEncoding(context_, XML_CHAR_ENCODING_UTF8);
}

XmlPush::~XmlPush() {
  if (context_->myDoc) xmlFreeDoc(context_->myDoc);
  xmlFreeParserCtxt(context_);
}

xmlSAXHandler XmlPush::no_handlers() {
  xmlSAXHandler sax{};
  sax.initialized = XML_SAX2_MAGIC;
  sax.internalSubset = on_internal_subset;
  sax.serror = on_error;
  return sax;
}

void XmlPush::on_internal_subset(void* self, const xmlChar*, const xmlChar*, const xmlChar*) {
  auto* parser = static_cast<XmlPush*>(self);
  parser->stop(rules::dtd_refused);
  // At once: what follows in this chunk would declare and expand entities.
  xmlStopParser(parser->context_);
}

void XmlPush::on_error(void* user, xmlErrorPtr error) {
  auto& self = *static_cast<XmlPush*>(user);
  Position at{static_cast<std::uint32_t>(std::max(error->line, 0)),
              static_cast<std::uint32_t>(std::max(error->int2, 0))};
  std::string words(error->message ? trim(error->message) : "");
  words = shorten(one_line(words), 200);
  if (error->level != XML_ERR_FATAL) {
    if (error->code == XML_NS_ERR_UNDEFINED_NAMESPACE && self.undeclared_.size() < 8) {
      std::string prefix = error->str1 ? shorten(one_line(error->str1), 80) : "";
      for (const XmlFault& known : self.undeclared_)
        if (known.value == prefix) return;
      self.undeclared_.push_back({&rules::not_well_formed, at, prefix, words});
    }
    return;
  }
  if (self.stopped_) return;
  self.stopped_ = true;
  // Whatever breaks at the very end while elements are open: the rest is missing.
  const bool cut = self.finishing_ && (self.depth_ > 0 || !self.root_seen_);
  self.fault_ = XmlFault{cut ? &rules::truncated : &rules::not_well_formed, at, {}, words};
}

void XmlPush::stop(const Rule& rule, std::string value, std::string detail) {
  if (stopped_) return;
  stopped_ = true;
  fault_ = XmlFault{&rule, here(), std::move(value), std::move(detail)};
}

void XmlPush::refuse_tag(int attributes) {
  if (depth_ > limits_.xml_depth)
    stop(rules::xml_too_deep, {}, std::to_string(limits_.xml_depth));
  else
    stop(rules::xml_tag_too_long, std::to_string(attributes), std::to_string(limits_.components));
}

const xmlChar* XmlPush::intern(std::string_view name) {
  return xmlDictLookup(context_->dict, reinterpret_cast<const xmlChar*>(name.data()),
                       static_cast<int>(name.size()));
}

Position XmlPush::here() const {
  const xmlParserInput* input = context_->input;
  if (!input || !input->cur || input->line < 1) return {};
  auto line = static_cast<std::uint32_t>(input->line);
  auto column = static_cast<std::uint32_t>(std::max(input->col, 1));
  // libxml2 stands behind the attributes. A value holds no '<', so the last one opened the tag.
  const auto* tag = static_cast<const xmlChar*>(
      memrchr(input->base, '<', static_cast<std::size_t>(input->cur - input->base)));
  if (!tag) return {line, column};
  auto size = static_cast<std::size_t>(input->cur - tag);
  std::uint32_t newlines = 0;
  for (const xmlChar* at = tag; (at = static_cast<const xmlChar*>(std::memchr(
                                     at, '\n', static_cast<std::size_t>(input->cur - at))));
       ++at)
    ++newlines;
  if (newlines > 0) return {line - std::min(newlines, line - 1), 0};
  size -= continuation_bytes(tag, input->cur);
  return {line, column > size ? column - static_cast<std::uint32_t>(size) : 1};
}

bool XmlPush::in_buffer(std::string_view text) const {
  auto address = [](const void* p) { return reinterpret_cast<std::uintptr_t>(p); };
  const xmlParserInput* input = context_->input;
  return address(text.data()) >= address(input->base) &&
         address(text.data()) + text.size() <= address(input->end);
}

std::size_t XmlPush::within_tag_limit(std::span<const char> text) {
  const std::size_t limit = limits_.xml_tag_bytes;
  std::size_t at = 0;
  for (;;) {
    // Looks for the last '<' that is near enough; where there are many, this is one short look a
    // window, not one a tag.
    std::size_t room = limit > since_tag_ ? limit - since_tag_ : 0;
    std::size_t window = std::min(room, text.size() - at);
    const void* found = window ? memrchr(text.data() + at, '<', window) : nullptr;
    if (found) {
      std::size_t tag = static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
      since_tag_ = at + window - tag;
    } else {
      since_tag_ += window;
    }
    at += window;
    if (at == text.size()) return at;
    if (!found) return at;
  }
}

void XmlPush::feed(std::span<const char> text) {
  if (stopped_ || text.empty()) return;
  std::size_t fit = within_tag_limit(text);
  xmlParseChunk(context_, text.data(), static_cast<int>(fit), 0);
  if (stopped_) return;
  // A comment or CDATA section that never ends is held back by the parser, '<' in it or not.
  auto held = static_cast<std::uint64_t>(context_->input->end - context_->input->cur);
  if (fit < text.size() || held > limits_.xml_tag_bytes + ByteSource::kMaxSpan)
    stop(rules::xml_tag_too_long, {}, std::to_string(limits_.xml_tag_bytes));
}

void XmlPush::finish(const std::optional<Utf8Input::Fault>& fault) {
  if (stopped_) return;
  if (fault) {
    const xmlParserInput* input = context_->input;
    auto line = static_cast<std::uint32_t>(std::max(input->line, 1));
    if (input->cur) line += static_cast<std::uint32_t>(std::count(input->cur, input->end, '\n'));
    stop(rules::bad_encoding, fault->encoding);
    fault_->at = {line, 0};
    return;
  }
  finishing_ = true;
  xmlParseChunk(context_, "", 0, 1);
  // libxml2 says nothing about a file that ends between two tags in some of its states.
  if (!stopped_ && depth_ > 0) {
    stopped_ = true;
    fault_ = XmlFault{&rules::truncated, here(), {}, {}};
  }
}

}  // namespace focalpost::sdmx
