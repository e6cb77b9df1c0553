// SPDX-License-Identifier: Apache-2.0
//
// structure_reader_core: what the readers of structure messages of all versions have in common.
//
// Inside the room only. Owns: what was read so far, the header, the text in the making, the bounds
// on items and texts, what is kept as it came, findings about elements. Knows no element below the
// header: those are in structure_reader.cc (2.1, 3.0, 3.1) and structure_reader20.cc.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sdmx/header_reader.h"
#include "sdmx/kept_xml.h"
#include "sdmx/structure_parts.h"
#include "sdmx/xml_push.h"

namespace focalpost::sdmx {

class StructureReaderCore : public XmlPush {
 protected:
  StructureReaderCore(const xmlSAXHandler& handlers, FindingSink& sink, const Limits& limits,
                      DataMessage& message);

  bool v20() const { return message_.version == "2.0"; }
  bool v30() const { return message_.version.starts_with("3."); }  ///< 3.0 or 3.1

  /// Passes the element over whose start handler is running, with all that is in it.
  void skip() { skip_ = 1; }
  /// In what is passed over: counts the element.
  bool skip_start() { return skip_ > 0 && ++skip_ > 0; }
  bool skip_end();

  /// Tags and text below Header.
  void header_start(std::string_view local, const xmlChar* uri, const Attributes& attributes);
  /// Whether the end tag was of something inside the header.
  bool header_end();

  // ---- artefacts kept as they came: they go to result_.others

  /// The first of all at a start tag: whether it is inside what is kept, and done with.
  bool kept_start(std::string_view local, const xmlChar* uri, const Attributes& attributes,
                  const xmlChar** namespaces, int namespace_count);
  bool kept_end(std::string_view local, const xmlChar* uri);
  bool kept_characters(std::string_view text);
  /// Keeps the element whose start handler is running, whole.
  void keep(std::string_view local, const xmlChar* uri, const Attributes& attributes, Ref ref);

  // ---- bounds; after a breach reading has stopped

  /// One more code, text, reference, ...
  void item();
  /// So many bytes more of text.
  void spend(std::size_t bytes);

  // ---- texts

  /// A text begins, in the language that its element says or inherits from the schema.
  void text_begins(const Attributes& attributes);
  void add_text(std::string_view text);
  TextFormat text_format(const Attributes& attributes);

  // ---- findings

  void report(const Rule& rule, std::string_view component, std::string_view value,
              std::string_view expected = {});
  /// An element that nobody knows: said and passed over.
  void unknown(std::string_view local);
  /// One that is known and of which nothing can be made: said and passed over.
  void left_out(std::string_view local);

  FindingSink& sink_;
  DataMessage& message_;
  HeaderReader header_;
  Structures result_;
  std::size_t skip_ = 0;  ///< depth below an element that is passed over, that one included
  std::string text_, lang_;

 private:
  KeptXml keeper_;
  OtherArtefact kept_;
  Position kept_at_;
  std::size_t header_depth_ = 0, unknown_elements_ = 0;
  std::uint64_t items_ = 0, stored_ = 0;
};

/// The elements around, by what they mean: State is an enum with a kDocument. A frame says where
/// names, descriptions and annotations go that stand in its element; null: nowhere.
template <typename State>
class StructureReaderStack : public StructureReaderCore {
 protected:
  struct Frame {
    State state;
    Texts* names;
    Texts* descriptions;
    Annotations* annotations;
  };

  template <typename... Arguments>
  explicit StructureReaderStack(Arguments&&... arguments)
      : StructureReaderCore(std::forward<Arguments>(arguments)...) {
    push(State::kDocument);
  }

  void push(State state, Texts* names = nullptr, Texts* descriptions = nullptr,
            Annotations* annotations = nullptr) {
    stack_.push_back({state, names, descriptions, annotations});
  }
  template <typename Named>
  void push_named(State state, Named& item) {
    push(state, &item.names, &item.descriptions, &item.annotations);
  }
  /// The state of the element around the one whose frame is on top.
  State around() const { return stack_[stack_.size() - 2].state; }

  std::vector<Frame> stack_;
};

}  // namespace focalpost::sdmx
