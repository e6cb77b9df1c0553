// SPDX-License-Identifier: Apache-2.0
//
// kept_xml: an element written down as it came, from parser events.
//
// Inside the room only. Owns: the prefixes in scope, so that what is kept stands by itself; the
// text of the element in the making. Never judges what is in it. Whoever feeds it bounds it: size()
// grows by what each call added.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sdmx/xml_push.h"

namespace focalpost::sdmx {

class KeptXml {
 public:
  /// At every start tag of the document, kept or not, before anything else; `depth` counts it.
  void declare(const xmlChar** namespaces, int count, std::size_t depth);
  /// At every end tag, after anything else.
  void undeclare(std::size_t depth);

  bool keeping() const { return depth_ > 0; }
  /// The element begins that is to be kept. `foreign`: of another language than SDMX-ML, whose
  /// namespaces it does not need.
  void begin(std::string_view local, const xmlChar* uri, const Attributes& attributes,
             bool foreign = false);
  /// One inside it.
  void start(std::string_view local, const xmlChar* uri, const Attributes& attributes,
             const xmlChar** namespaces, int namespace_count);
  void characters(std::string_view text);
  /// An end tag; true when it was that of the element to be kept: take() it then.
  bool end(std::string_view local, const xmlChar* uri);
  std::string take();
  std::size_t size() const { return xml_.size(); }

 private:
  struct Declared {
    std::string prefix, uri;
    std::size_t depth;
  };

  /// A prefix in scope for the namespace of an element.
  std::string_view prefix_of(const xmlChar* uri) const;
  void declaration(std::string_view name, std::string_view uri);
  void open_tag(std::string_view local, const xmlChar* uri);
  void attributes(const Attributes& attributes);
  void close_tag();

  std::vector<Declared> declared_;
  std::size_t depth_ = 0;
  bool tag_open_ = false;
  std::string xml_;
};

}  // namespace focalpost::sdmx
