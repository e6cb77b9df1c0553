// SPDX-License-Identifier: Apache-2.0
#include "sdmx/kept_xml.h"

#include <utility>

#include "sdmx/detect.h"
#include "sdmx/xml_out.h"

namespace focalpost::sdmx {
namespace {

std::string qualified(std::string_view prefix, std::string_view local) {
  return prefix.empty() ? std::string(local) : std::string(prefix) + ":" + std::string(local);
}

}  // namespace

void KeptXml::declare(const xmlChar** namespaces, int count, std::size_t depth) {
  for (int i = 0; i < count; ++i)
    declared_.push_back(
        {std::string(view(namespaces[i * 2])), std::string(view(namespaces[i * 2 + 1])), depth});
}

void KeptXml::undeclare(std::size_t depth) {
  while (!declared_.empty() && declared_.back().depth >= depth) declared_.pop_back();
}

std::string_view KeptXml::prefix_of(const xmlChar* uri) const {
  for (auto it = declared_.rbegin(); it != declared_.rend(); ++it)
    if (it->uri == view(uri)) return it->prefix;
  return {};
}

void KeptXml::declaration(std::string_view name, std::string_view uri) {
  xml_ += name.empty() ? " xmlns=\"" : " xmlns:" + std::string(name) + "=\"";
  append_escaped(xml_, uri, true);
  xml_ += '"';
}

void KeptXml::open_tag(std::string_view local, const xmlChar* uri) {
  close_tag();
  ++depth_;
  xml_ += "<" + qualified(prefix_of(uri), local);
}

void KeptXml::attributes(const Attributes& attributes) {
  for (std::size_t i = 0; i < attributes.size(); ++i) {
    xml_ += " " + qualified(attributes.prefix(i), view(attributes.local(i))) + "=\"";
    append_escaped(xml_, attributes.value(i), true);
    xml_ += '"';
  }
  tag_open_ = true;
}

void KeptXml::begin(std::string_view local, const xmlChar* uri, const Attributes& given,
                    bool foreign) {
  xml_.clear();
  open_tag(local, uri);
  // All that are in scope: values may use prefixes too (xsi:type). The innermost of a name wins.
  for (std::size_t i = 0; i < declared_.size(); ++i) {
    bool hidden = foreign && !sdmx_namespace(declared_[i].uri).version.empty();
    for (std::size_t k = i + 1; k < declared_.size(); ++k)
      hidden = hidden || declared_[k].prefix == declared_[i].prefix;
    if (!hidden) declaration(declared_[i].prefix, declared_[i].uri);
  }
  attributes(given);
}

void KeptXml::start(std::string_view local, const xmlChar* uri, const Attributes& given,
                    const xmlChar** namespaces, int namespace_count) {
  open_tag(local, uri);
  for (int i = 0; i < namespace_count; ++i)
    declaration(view(namespaces[i * 2]), view(namespaces[i * 2 + 1]));
  attributes(given);
}

void KeptXml::characters(std::string_view text) {
  close_tag();
  append_escaped(xml_, text, false);
}

bool KeptXml::end(std::string_view local, const xmlChar* uri) {
  // The prefix may be declared by the element itself: it ends as it began.
  close_tag();
  xml_ += "</" + qualified(prefix_of(uri), local) + ">";
  return --depth_ == 0;
}

std::string KeptXml::take() {
  return std::exchange(xml_, {});
}

void KeptXml::close_tag() {
  if (tag_open_) xml_ += '>';
  tag_open_ = false;
}

}  // namespace focalpost::sdmx
