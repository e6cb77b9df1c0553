// SPDX-License-Identifier: Apache-2.0
//
// xml_push: libxml2's SAX2 push parser in armour; the only door to libxml2.
//
// Inside the room only. Owns: the parser context of one message, the limits on depth, on the length
// of a tag and on the number of its attributes, the refusal of document types, the translation of
// libxml2's errors into findings. Never loads anything, never builds a tree, never writes to
// standard error. It is fed checked UTF-8 only (utf8_input.h), so what the declaration says is
// ignored.
//
// Dangers, all of libxml2 2.9.14 (docs/limits.md):
// - XML_PARSE_NOENT must be set: without it `&amp;` in an attribute reaches the handler as `&#38;`.
//   It expands nothing else, since a document type stops the parser before any entity is declared.
// - XML_PARSE_HUGE must not be set: it turns the parser's own guards off.
// - `wellFormed` stays 1 after xmlStopParser: fault() is what counts.
// - Views given to handlers (names excepted) live only as long as the call.
#pragma once

#include <libxml/parser.h>

#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "model/finding.h"
#include "sdmx/utf8_input.h"

namespace focalpost::sdmx {

inline std::string_view view(const xmlChar* text) {
  return text ? std::string_view(reinterpret_cast<const char*>(text)) : std::string_view();
}

/// The attributes of a start tag as libxml2 hands them over. Names and namespaces are unique
/// pointers of the parser's dictionary and may be compared as such.
class Attributes {
 public:
  Attributes(const xmlChar** raw, int count) : raw_(raw), count_(static_cast<std::size_t>(count)) {}
  std::size_t size() const { return count_; }
  const xmlChar* local(std::size_t i) const { return raw_[i * 5]; }
  const xmlChar* uri(std::size_t i) const { return raw_[i * 5 + 2]; }
  std::string_view prefix(std::size_t i) const { return view(raw_[i * 5 + 1]); }
  /// Written with a prefix, whether that was declared or not.
  bool qualified(std::size_t i) const { return raw_[i * 5 + 1] != nullptr; }
  std::string_view value(std::size_t i) const {
    const xmlChar* from = raw_[i * 5 + 3];
    return {reinterpret_cast<const char*>(from), static_cast<std::size_t>(raw_[i * 5 + 4] - from)};
  }
  /// The text from the first value to the end of the last, if all values lie in it in their order
  /// and it is short; else data() is null. Only XmlPush::in_buffer tells whether it is all one
  /// text.
  std::string_view stretch() const {
    if (count_ == 0) return {};
    constexpr std::uintptr_t most = 512;
    auto address = [](const xmlChar* p) { return reinterpret_cast<std::uintptr_t>(p); };
    std::uintptr_t at = address(raw_[3]);
    const std::uintptr_t first = at;
    for (std::size_t i = 0; i < count_; ++i) {
      if (address(raw_[i * 5 + 3]) < at) return {};
      at = address(raw_[i * 5 + 4]);
      if (at - first > most) return {};
    }
    return {reinterpret_cast<const char*>(raw_[3]), at - first};
  }
  /// The unqualified attribute of this name; data() is null if there is none.
  std::string_view get(std::string_view name) const {
    for (std::size_t i = 0; i < count_; ++i)
      if (!qualified(i) && view(local(i)) == name) return value(i);
    return {};
  }
  /// The attribute of this name in this namespace.
  std::string_view get(std::string_view name, std::string_view namespace_uri) const {
    for (std::size_t i = 0; i < count_; ++i)
      if (uri(i) && view(local(i)) == name && view(uri(i)) == namespace_uri) return value(i);
    return {};
  }

 private:
  const xmlChar** raw_;
  std::size_t count_;
};

/// Why reading stopped before the end.
struct XmlFault {
  const Rule* rule = nullptr;
  Position at;
  std::string value;
  std::string detail;
};

class XmlPush {
 public:
  XmlPush(const XmlPush&) = delete;
  XmlPush& operator=(const XmlPush&) = delete;

  /// Parses what there is; handlers are called. Nothing happens once it has stopped.
  void feed(std::span<const char> text);
  /// There is no more. `fault`: why the text ended early, if it did.
  void finish(const std::optional<Utf8Input::Fault>& fault);

  bool stopped() const { return stopped_; }
  const std::optional<XmlFault>& fault() const { return fault_; }
  /// Prefixes used but not declared: a namespace error, after which libxml2 goes on.
  const std::vector<XmlFault>& undeclared_prefixes() const { return undeclared_; }

  /// For handlers: gives up here. The rest of the chunk passes unseen and nothing is fed any more;
  /// xmlStopParser would free the text that the handler's views still look at.
  void stop(const Rule& rule, std::string value = {}, std::string detail = {});

 protected:
  XmlPush(const xmlSAXHandler& handlers, const Limits& limits);
  ~XmlPush();

  /// The name as the parser's unique pointer.
  const xmlChar* intern(std::string_view name);
  /// Where the tag starts whose start handler is running (column in characters); where the parser
  /// is, in other handlers.
  Position here() const;
  /// The text lies in the parser's own buffer as a whole.
  bool in_buffer(std::string_view text) const;
  /// Number of elements around, the one whose start handler is running included.
  std::size_t depth() const { return depth_; }

  static xmlSAXHandler no_handlers();
  static void on_internal_subset(void* self, const xmlChar*, const xmlChar*, const xmlChar*);
  static void on_error(void* self, xmlErrorPtr error);

  bool enter(int namespaces, int attributes) {
    if (stopped_) return false;
    root_seen_ = true;
    if (++depth_ <= limits_.xml_depth &&
        static_cast<std::uint64_t>(namespaces + attributes) <= limits_.components)
      return true;
    refuse_tag(attributes + namespaces);
    return false;
  }
  bool leave() {
    --depth_;
    return !stopped_;
  }

  const Limits& limits_;

 private:
  void refuse_tag(int attributes);
  /// How much of `text` may be parsed before two '<' are too far from each other.
  std::size_t within_tag_limit(std::span<const char> text);

  xmlParserCtxtPtr context_;
  std::size_t depth_ = 0;
  std::size_t since_tag_ = 0;  ///< bytes since the last '<'
  bool root_seen_ = false, stopped_ = false, finishing_ = false;
  std::optional<XmlFault> fault_;
  std::vector<XmlFault> undeclared_;
};

/// Gives the events to Handler's members
///   void start(const xmlChar* local, const xmlChar* uri, Attributes, const xmlChar** namespaces,
///   int) void end(const xmlChar* local, const xmlChar* uri) void characters(std::string_view)
/// by direct calls. `Base` is XmlPush or derived from it; its constructor's first argument is the
/// handlers.
template <typename Handler, typename Base = XmlPush>
class XmlPushOf : public Base {
 protected:
  template <typename... Arguments>
  explicit XmlPushOf(Arguments&&... arguments)
      : Base(handlers(), std::forward<Arguments>(arguments)...) {}

 private:
  static Handler& self(void* user) { return *static_cast<Handler*>(static_cast<XmlPush*>(user)); }
  static xmlSAXHandler handlers() {
    xmlSAXHandler sax = XmlPush::no_handlers();
    sax.startElementNs = [](void* user, const xmlChar* local, const xmlChar*, const xmlChar* uri,
                            int namespace_count, const xmlChar** namespaces, int attribute_count,
                            int, const xmlChar** attributes) {
      Handler& handler = self(user);
      if (handler.enter(namespace_count, attribute_count))
        handler.start(local, uri, Attributes(attributes, attribute_count), namespaces,
                      namespace_count);
    };
    sax.endElementNs = [](void* user, const xmlChar* local, const xmlChar*, const xmlChar* uri) {
      Handler& handler = self(user);
      if (!handler.stopped()) handler.end(local, uri);
      handler.leave();
    };
    sax.characters = [](void* user, const xmlChar* text, int size) {
      Handler& handler = self(user);
      if (!handler.stopped())
        handler.characters({reinterpret_cast<const char*>(text), static_cast<std::size_t>(size)});
    };
    // The same function in both places: libxml2 then does not look for ignorable white space.
    sax.ignorableWhitespace = sax.characters;
    sax.cdataBlock = sax.characters;
    return sax;
  }
};

inline bool is_blank(std::string_view text) {
  for (char c : text)
    if (c != ' ' && c != '\n' && c != '\t' && c != '\r') return false;
  return true;
}

}  // namespace focalpost::sdmx
