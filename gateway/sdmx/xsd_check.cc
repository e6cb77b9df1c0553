// SPDX-License-Identifier: Apache-2.0
//
// The validator is driven by hand: xmlSchemaSAXPlug() with no handlers below it gives its own, and
// the parser's events are passed to these. So nothing of the parser's armour is taken off.
#include "sdmx/xsd_check.h"

#include <fmt/format.h>
#include <libxml/parserInternals.h>
#include <libxml/uri.h>
#include <libxml/xmlIO.h>
#include <libxml/xmlerror.h>
#include <libxml/xmlschemas.h>

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <new>

#include "base/text.h"
#include "sdmx/detect.h"
#include "sdmx/header_reader.h"
#include "sdmx/resolve.h"
#include "sdmx/schema_writer.h"
#include "sdmx/xml_push.h"

namespace focalpost {
namespace sdmx {
namespace {

/// libxml2's words on one line, without the namespaces before names.
std::string plain_words(const char* message) {
  std::string_view rest = message ? trim(message) : std::string_view();
  std::string text;
  while (!rest.empty()) {
    if (rest.starts_with("{http") || rest.starts_with("{urn:")) {
      const auto end = rest.find('}');
      if (end != rest.npos) {
        rest.remove_prefix(end + 1);
        continue;
      }
    }
    text += rest.front();
    rest.remove_prefix(1);
  }
  return shorten(one_line(text), 240);
}

/// Reads the header to its end, for the namespaces and layouts that it declares.
class HeaderScan final : public XmlPushOf<HeaderScan> {
 public:
  HeaderScan(DataMessage& message, FindingSink& sink, const Limits& limits)
      : XmlPushOf(limits), header_(message, sink, limits, true, false) {}
  const std::vector<HeaderStructure>& structures() const { return header_.structures(); }

 private:
  friend class XmlPushOf<HeaderScan>;
  void start(const xmlChar* local, const xmlChar* uri, Attributes attributes, const xmlChar**,
             int) {
    if (depth() == 2 && view(local) != "Header") return stop(rules::header_incomplete);
    if (depth() > 2) header_.start(view(local), view(uri), attributes, here());
  }
  void end(const xmlChar*, const xmlChar*) {
    if (depth() > 2) return header_.end();
    if (depth() == 2) stop(rules::truncated);  // the rest is not wanted
  }
  void characters(std::string_view text) {
    if (depth() > 2) header_.characters(text, here());
  }

  HeaderReader header_;
};

/// The targetNamespace of a schema.
class SpaceScan final : public XmlPushOf<SpaceScan> {
 public:
  explicit SpaceScan(const Limits& limits) : XmlPushOf(limits) {}
  std::string space;

 private:
  friend class XmlPushOf<SpaceScan>;
  void start(const xmlChar*, const xmlChar*, Attributes attributes, const xmlChar**, int) {
    space = attributes.get("targetNamespace");
    stop(rules::truncated);
  }
  void end(const xmlChar*, const xmlChar*) {}
  void characters(std::string_view) {}
};

// ---- schemas

struct FreeSchema {
  void operator()(xmlSchema* schema) const { xmlSchemaFree(schema); }
};
using Schema = std::unique_ptr<xmlSchema, FreeSchema>;

/// What may be loaded while a schema is compiled.
struct Loading {
  std::map<std::string, std::string, std::less<>> ours;  ///< made here
  const OfficialSchemas* official = nullptr;
  std::string version;
  std::string missing;  ///< the first name that nobody had
  std::string wrong;    ///< the first thing that libxml2 did not like
};
thread_local Loading* t_loading = nullptr;

extern "C" xmlParserInputPtr load_schema(const char* url, const char*, xmlParserCtxtPtr context) {
  if (!t_loading || !url) return nullptr;
  // Schemas name each other by addresses of all kinds; only the file name counts.
  std::string_view name = url;
  if (auto slash = name.rfind('/'); slash != name.npos) name.remove_prefix(slash + 1);
  std::optional<std::string> text;
  if (auto own = t_loading->ours.find(name); own != t_loading->ours.end())
    text = own->second;
  else if (*t_loading->official)
    text = (*t_loading->official)(t_loading->version, name);
  if (!text || text->size() > (64u << 20)) {
    if (t_loading->missing.empty()) t_loading->missing = name;
    return nullptr;
  }
  xmlParserInputBufferPtr buffer = xmlParserInputBufferCreateMem(
      text->data(), static_cast<int>(text->size()), XML_CHAR_ENCODING_NONE);
  if (!buffer) return nullptr;
  xmlParserInputPtr input = xmlNewIOInputStream(context, buffer, XML_CHAR_ENCODING_NONE);
  if (!input) {
    xmlFreeParserInputBuffer(buffer);
    return nullptr;
  }
  const std::string plain(name);
  input->filename =
      reinterpret_cast<const char*>(xmlStrdup(reinterpret_cast<const xmlChar*>(plain.c_str())));
  return input;
}

extern "C" void note_schema_error(void* user, xmlErrorPtr error) {
  auto& loading = *static_cast<Loading*>(user);
  if (loading.wrong.empty() && error->level != XML_ERR_WARNING)
    loading.wrong = fmt::format("{}{}", error->file ? fmt::format("{}: ", error->file) : "",
                                plain_words(error->message));
}

/// Takes libxml2's loader and its error channel for as long as a schema is compiled.
class Compiling {
 public:
  explicit Compiling(Loading& loading)
      : lock_(mutex()),
        loader_(xmlGetExternalEntityLoader()),
        handler_(xmlStructuredError),
        context_(xmlStructuredErrorContext) {
    t_loading = &loading;
    xmlSetExternalEntityLoader(load_schema);
    xmlSetStructuredErrorFunc(&loading, note_schema_error);
  }
  ~Compiling() {
    xmlSetStructuredErrorFunc(context_, handler_);
    xmlSetExternalEntityLoader(loader_);
    t_loading = nullptr;
  }
  Compiling(const Compiling&) = delete;
  Compiling& operator=(const Compiling&) = delete;

 private:
  static std::mutex& mutex() {
    static std::mutex one;
    return one;
  }
  std::lock_guard<std::mutex> lock_;
  xmlExternalEntityLoader loader_;
  xmlStructuredErrorFunc handler_;
  void* context_;
};

Result<Schema> compile(const std::string& driver, Loading& loading) {
  Compiling compiling(loading);
  std::unique_ptr<xmlSchemaParserCtxt, void (*)(xmlSchemaParserCtxtPtr)> parser(
      xmlSchemaNewMemParserCtxt(driver.data(), static_cast<int>(driver.size())),
      xmlSchemaFreeParserCtxt);
  if (!parser) throw std::bad_alloc();
  xmlSchemaSetParserStructuredErrors(parser.get(), note_schema_error, &loading);
  Schema schema(xmlSchemaParse(parser.get()));
  if (!loading.missing.empty())
    return usage_error(fmt::format("the schema {} of SDMX-ML {} is not there",
                                   one_line(loading.missing), loading.version),
                       "Name a folder that has all official schemas of this version.");
  if (!schema || !loading.wrong.empty())
    return usage_error(
        fmt::format("the schemas cannot be used: {}",
                    loading.wrong.empty() ? "libxml2 does not say why" : loading.wrong),
        "Use the official schemas as they are published.");
  return schema;
}

// ---- the message

class XsdRun final : public XmlPush {
 public:
  XsdRun(xmlSchema* schema, XsdResult& result, const Limits& limits)
      : XmlPush(handlers(), limits),
        result_(result),
        validator_(xmlSchemaNewValidCtxt(schema), xmlSchemaFreeValidCtxt) {
    if (!validator_) throw std::bad_alloc();
    xmlSchemaSetValidStructuredErrors(validator_.get(), on_violation, this);
    plug_ = xmlSchemaSAXPlug(validator_.get(), &sax_, &user_);
    if (!plug_) throw std::bad_alloc();
  }
  ~XsdRun() {
    if (plug_) xmlSchemaSAXUnplug(plug_);
  }
  /// After the last byte: what is wrong at the end of the document.
  void end_of_text(const std::optional<Utf8Input::Fault>& fault) {
    finish(fault);
    xmlSchemaSAXUnplug(plug_);
    plug_ = nullptr;
  }

 private:
  static XsdRun& self(void* user) { return *static_cast<XsdRun*>(static_cast<XmlPush*>(user)); }

  static xmlSAXHandler handlers() {
    xmlSAXHandler sax = no_handlers();
    sax.startElementNs = [](void* user, const xmlChar* local, const xmlChar* prefix,
                            const xmlChar* uri, int namespace_count, const xmlChar** namespaces,
                            int attribute_count, int defaulted, const xmlChar** attributes) {
      XsdRun& run = self(user);
      if (run.enter(namespace_count, attribute_count))
        run.sax_->startElementNs(run.user_, local, prefix, uri, namespace_count, namespaces,
                                 attribute_count, defaulted, attributes);
    };
    sax.endElementNs = [](void* user, const xmlChar* local, const xmlChar* prefix,
                          const xmlChar* uri) {
      XsdRun& run = self(user);
      if (!run.stopped()) run.sax_->endElementNs(run.user_, local, prefix, uri);
      run.leave();
    };
    sax.characters = [](void* user, const xmlChar* text, int size) {
      XsdRun& run = self(user);
      if (!run.stopped()) run.sax_->characters(run.user_, text, size);
    };
    sax.ignorableWhitespace = sax.characters;
    sax.cdataBlock = [](void* user, const xmlChar* text, int size) {
      XsdRun& run = self(user);
      if (!run.stopped()) run.sax_->cdataBlock(run.user_, text, size);
    };
    return sax;
  }

  static void on_violation(void* user, xmlErrorPtr error) {
    XsdRun& run = *static_cast<XsdRun*>(user);
    if (run.stopped()) return;
    run.result_.messages.push_back({run.here(), plain_words(error->message)});
    if (run.result_.messages.size() < run.limits_.findings_listed) return;
    run.result_.stopped = true;
    run.stop(rules::truncated);
  }

  XsdResult& result_;
  std::unique_ptr<xmlSchemaValidCtxt, void (*)(xmlSchemaValidCtxtPtr)> validator_;
  xmlSAXHandlerPtr sax_ = nullptr;  ///< the validator's own, with `user_` for them
  void* user_ = nullptr;
  xmlSchemaSAXPlugPtr plug_ = nullptr;
};

Status feed_all(XmlPush& parser, Utf8Input& input) {
  while (!parser.stopped()) {
    FP_ASSIGN(auto text, input.next());
    if (text.empty()) break;
    parser.feed(text);
  }
  return {};
}

/// What is none cannot be a target namespace: libxml2 refuses the whole schema.
bool is_uri(const std::string& text) {
  if (text.empty() || text.find('\0') != text.npos) return false;
  std::unique_ptr<xmlURI, void (*)(xmlURIPtr)> uri(xmlParseURI(text.c_str()), xmlFreeURI);
  return uri != nullptr;
}

/// The schemas of the structures that the header of structure-specific data declares.
Result<std::vector<SchemaPlace>> own_schemas(std::string_view head, const Detection& detection,
                                             const StructureLookup& lookup, const Limits& limits,
                                             Loading& loading, XsdResult& result) {
  DataMessage message;
  FindingList findings(1);
  HeaderScan scan(message, findings, limits);
  MemorySource source(head);
  Utf8Input input(source, detection);
  FP_TRY(feed_all(scan, input));
  std::vector<SchemaPlace> places;
  for (const HeaderStructure& declared : scan.structures()) {
    // Namespaces made by the rules begin with the structure's URN.
    std::optional<Urn> named;
    if (declared.ref.empty()) named = parse_urn(declared.space);
    auto flow = resolve_structure(lookup, named ? named->artefact_class : declared.structure_class,
                                  named ? named->ref : declared.ref, 0, {}, findings);
    // The official schemas will say what is missing.
    if (!flow || !is_uri(declared.space)) continue;
    SchemaOptions options;
    options.v30 = detection.version != "2.1";
    options.flat = declared.dimension_at_observation == "AllDimensions";
    options.space = declared.space;
    const std::string time =
        flow->time == kNoComponent ? "AllDimensions" : flow->components[flow->time].id;
    if (!options.flat && declared.dimension_at_observation != time) {
      result.not_checked = fmt::format("there is no schema for data with {} at the observation",
                                       one_line(shorten(declared.dimension_at_observation, 40)));
      return places;
    }
    if (std::any_of(places.begin(), places.end(),
                    [&](const SchemaPlace& place) { return place.space == declared.space; }))
      continue;
    std::string text;
    FP_TRY(write_data_schema(*flow, sink_to(text), options));
    SchemaPlace place{declared.space, fmt::format("focalpost-{}.xsd", places.size() + 1)};
    loading.ours.emplace(place.location, std::move(text));
    places.push_back(std::move(place));
  }
  return places;
}

}  // namespace
}  // namespace sdmx

/// By everything that went into them but the official schemas.
struct XsdSchemas::Inside {
  std::map<std::string, sdmx::Schema> compiled;
};
XsdSchemas::XsdSchemas() : inside_(std::make_unique<Inside>()) {}
XsdSchemas::~XsdSchemas() = default;

Result<XsdResult> check_by_xsd(ByteSource& bytes, const StructureLookup& structures,
                               const XsdRequest& request, const Limits& limits) {
  using namespace sdmx;
  XsdResult result;
  FP_ASSIGN(std::string head, read_head(bytes, kDetectBytes));
  const Detection detection = detect(head);
  if (detection.version.empty() || detection.root.empty()) {
    result.not_checked = fmt::format("{} has no XML Schema", describe(detection));
    return result;
  }
  Loading loading;
  loading.official = &request.official;
  loading.version = detection.version;

  SchemaOptions message_options;
  message_options.v30 = detection.version == "3.0";
  if (detection.version != "2.1" && detection.version != "3.0") {
    result.not_checked = fmt::format("schemas of SDMX-ML {} are not used here", detection.version);
    return result;
  }
  std::vector<SchemaPlace> places;
  std::string driver;
  if (!request.own.empty()) {
    SpaceScan scan(limits);
    scan.feed({request.own.data(), std::min<std::size_t>(request.own.size(), kDetectBytes)});
    if (scan.space.empty()) {
      driver = request.own;
    } else {
      places.push_back({scan.space, "focalpost-1.xsd"});
      loading.ours.emplace("focalpost-1.xsd", request.own);
    }
  } else if (detection.root.starts_with("StructureSpecific") &&
             detection.root.find("Metadata") == std::string::npos) {
    FP_ASSIGN(places, own_schemas(head, detection, structures, limits, loading, result));
    if (!result.not_checked.empty()) return result;
  }
  if (driver.empty()) FP_TRY(write_message_schema(places, sink_to(driver), message_options));
  Schema fresh;
  xmlSchema* schema = nullptr;
  std::string name = loading.version + driver;
  for (const auto& [location, text] : loading.ours) name += location + '\0' + text;
  if (request.kept) {
    auto& known = request.kept->inside().compiled;
    if (auto found = known.find(name); found != known.end()) schema = found->second.get();
  }
  if (!schema) {
    FP_ASSIGN(fresh, compile(driver, loading));
    schema = fresh.get();
    if (request.kept) {
      auto& known = request.kept->inside().compiled;
      if (known.size() >= XsdSchemas::kMost) known.clear();
      known[std::move(name)] = std::move(fresh);
    }
  }

  PrefixedSource all(std::move(head), bytes);
  Utf8Input input(all, detection);
  XsdRun run(schema, result, limits);
  FP_TRY(feed_all(run, input));
  run.end_of_text(input.fault());
  if (const auto& fault = run.fault(); fault && !result.stopped)
    result.messages.push_back(
        {fault->at, fmt::format("not read to its end: {}",
                                fault->detail.empty() ? fault->rule->id : fault->detail)});
  return result;
}

}  // namespace focalpost
