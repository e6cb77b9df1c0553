// SPDX-License-Identifier: Apache-2.0
#include "store/structure_json.h"

#include <utility>

namespace focalpost {
namespace {

void put(Json& object, const char* name, const std::string& text) {
  if (!text.empty()) object[name] = text;
}
void put(Json& object, const char* name, const std::optional<std::uint32_t>& number) {
  if (number) object[name] = *number;
}
void put(Json& object, const char* name, bool flag) {
  if (flag) object[name] = true;
}
void take(const Json& object, const char* name, std::string& text) {
  if (auto found = object.find(name); found != object.end()) text = found->get<std::string>();
}
void take(const Json& object, const char* name, std::optional<std::uint32_t>& number) {
  if (auto found = object.find(name); found != object.end()) number = found->get<std::uint32_t>();
}
void take(const Json& object, const char* name, bool& flag) {
  if (auto found = object.find(name); found != object.end()) flag = found->get<bool>();
}

/// One list of the facets for both ways, so that none is forgotten in one of them.
template <typename Format, typename Do>
void each_facet(Format& f, Do&& what) {
  what("min_length", f.min_length);
  what("max_length", f.max_length);
  what("decimals", f.decimals);
  what("min_value", f.min_value);
  what("max_value", f.max_value);
  what("start_value", f.start_value);
  what("end_value", f.end_value);
  what("interval", f.interval);
  what("start_time", f.start_time);
  what("end_time", f.end_time);
  what("pattern", f.pattern);
  what("is_sequence", f.is_sequence);
  what("is_multilingual", f.is_multilingual);
}

Json to_json(const std::vector<KeyValues>& keys) {
  Json list = Json::array();
  for (const KeyValues& key : keys) {
    Json object{{"component", key.component}};
    Json values = Json::array();
    for (const auto& value : key.values) {
      Json v{{"code", value.code}};
      put(v, "cascade", value.cascade);
      put(v, "without_root", value.without_root);
      values.push_back(std::move(v));
    }
    if (!values.empty()) object["values"] = std::move(values);
    put(object, "time_from", key.time_from);
    put(object, "time_to", key.time_to);
    list.push_back(std::move(object));
  }
  return list;
}

std::vector<KeyValues> keys_of(const Json& json) {
  std::vector<KeyValues> keys;
  for (const Json& object : json) {
    KeyValues& key = keys.emplace_back();
    take(object, "component", key.component);
    if (auto values = object.find("values"); values != object.end())
      for (const Json& v : *values) {
        auto& value = key.values.emplace_back();
        take(v, "code", value.code);
        take(v, "cascade", value.cascade);
        take(v, "without_root", value.without_root);
      }
    take(object, "time_from", key.time_from);
    take(object, "time_to", key.time_to);
  }
  return keys;
}

}  // namespace

Ref stored_ref(std::string_view text) {
  Ref ref;
  if (auto open = text.rfind('('); open != text.npos && text.back() == ')') {
    ref.version = text.substr(open + 1, text.size() - open - 2);
    text = text.substr(0, open);
  }
  if (auto colon = text.find(':'); colon != text.npos) {
    ref.agency = text.substr(0, colon);
    text.remove_prefix(colon + 1);
  }
  ref.id = text;
  return ref;
}

Json to_json(const Texts& texts) {
  Json list = Json::array();
  for (const LocalText& text : texts) list.push_back({{"lang", text.lang}, {"text", text.text}});
  return list;
}

Texts texts_of(const Json& json) {
  Texts texts;
  for (const Json& object : json) {
    LocalText& text = texts.emplace_back();
    take(object, "lang", text.lang);
    take(object, "text", text.text);
  }
  return texts;
}

Json to_json(const Annotations& annotations) {
  Json list = Json::array();
  for (const Annotation& a : annotations) {
    Json object = Json::object();
    put(object, "id", a.id);
    put(object, "type", a.type);
    put(object, "title", a.title);
    if (!a.texts.empty()) object["texts"] = to_json(a.texts);
    list.push_back(std::move(object));
  }
  return list;
}

Annotations annotations_of(const Json& json) {
  Annotations annotations;
  for (const Json& object : json) {
    Annotation& a = annotations.emplace_back();
    take(object, "id", a.id);
    take(object, "type", a.type);
    take(object, "title", a.title);
    if (auto texts = object.find("texts"); texts != object.end()) a.texts = texts_of(*texts);
  }
  return annotations;
}

Json to_json(const Representation& representation) {
  Json object = Json::object();
  if (representation.enumeration) object["enumeration"] = representation.enumeration->text();
  if (representation.format) {
    Json format{{"type", data_type_name(representation.format->type)}};
    each_facet(*representation.format,
               [&](const char* name, const auto& facet) { put(format, name, facet); });
    object["format"] = std::move(format);
  }
  if (representation.max_occurs != 1) object["max_occurs"] = representation.max_occurs;
  put(object, "value_list", representation.value_list);
  return object;
}

Representation representation_of(const Json& json) {
  Representation representation;
  if (auto ref = json.find("enumeration"); ref != json.end())
    representation.enumeration = stored_ref(ref->get<std::string>());
  if (auto object = json.find("format"); object != json.end()) {
    TextFormat& format = representation.format.emplace();
    format.type =
        data_type_from_name(object->at("type").get<std::string>()).value_or(DataType::kOther);
    each_facet(format, [&](const char* name, auto& facet) { take(*object, name, facet); });
  }
  if (auto most = json.find("max_occurs"); most != json.end())
    representation.max_occurs = most->get<std::uint32_t>();
  take(json, "value_list", representation.value_list);
  return representation;
}

Json to_json(const std::vector<CubeRegion>& regions) {
  Json list = Json::array();
  for (const CubeRegion& region : regions)
    list.push_back({{"include", region.include},
                    {"keys", to_json(region.keys)},
                    {"attributes", to_json(region.attributes)}});
  return list;
}

std::vector<CubeRegion> regions_of(const Json& json) {
  std::vector<CubeRegion> regions;
  for (const Json& object : json)
    regions.push_back({object.at("include").get<bool>(), keys_of(object.at("keys")),
                       keys_of(object.at("attributes"))});
  return regions;
}

Json to_json(const std::vector<DataKeySet>& key_sets) {
  Json list = Json::array();
  for (const DataKeySet& set : key_sets) {
    Json keys = Json::array();
    for (const auto& key : set.keys) keys.push_back(to_json(key));
    list.push_back({{"included", set.included}, {"keys", std::move(keys)}});
  }
  return list;
}

std::vector<DataKeySet> key_sets_of(const Json& json) {
  std::vector<DataKeySet> key_sets;
  for (const Json& object : json) {
    DataKeySet& set = key_sets.emplace_back();
    set.included = object.at("included").get<bool>();
    for (const Json& key : object.at("keys")) set.keys.push_back(keys_of(key));
  }
  return key_sets;
}

}  // namespace focalpost
