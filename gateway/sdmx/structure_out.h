// SPDX-License-Identifier: Apache-2.0
//
// structure_out: what all artefacts of a structure message that is written have in common: names,
// annotations, references, representations.
//
// Inside the room only. References are a Ref element in 2.1 and a URN in 3.0; references inside an
// artefact are a Ref with an id, or the id.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <vector>

#include "sdmx/structure_writer.h"
#include "sdmx/xml_out.h"

namespace focalpost::sdmx {

/// xs:language; "ru_KG" is meant to be one, "und" is written for what is none.
std::string xml_language(std::string_view lang);

class StructureOut {
 public:
  StructureOut(const ByteSink& sink, bool v30) : out_(sink), v30_(v30) {}

  /// Something that this version cannot say.
  void left_out(std::string_view what, const Ref& ref, std::string reason, bool whole = true) {
    left_out_.push_back({fmt::format("{} {}", what, ref.text()), std::move(reason), whole});
  }

  // ---- what all have

  /// `name`'s opening tag with what every maintainable has; its children are to follow.
  void open_artefact(std::string_view name, const Maintainable& artefact, bool versioned = true,
                     bool partial = false) {
    out_.open("str:" + std::string(name));
    out_.attribute("id", artefact.ref.id);
    out_.attribute("agencyID", artefact.ref.agency);
    if (versioned && !artefact.ref.version.empty()) out_.attribute("version", artefact.ref.version);
    if (!artefact.valid_from.empty()) out_.attribute("validFrom", artefact.valid_from);
    if (!artefact.valid_to.empty()) out_.attribute("validTo", artefact.valid_to);
    if (versioned && artefact.is_final && !v30_) out_.attribute("isFinal", "true");
    // An attribute of this element, which has no children yet.
    if (partial) out_.attribute("isPartial", "true");
  }

  void named(const Annotations& notes, const Texts& names, const Texts& descriptions,
             const std::string& id) {
    annotations(notes);
    if (names.empty())
      texts("com:Name", {{"und", id}});
    else
      texts("com:Name", names);
    texts("com:Description", descriptions);
  }
  template <typename Named>
  void named(const Named& item) {
    named(item.annotations, item.names, item.descriptions, item.id);
  }
  void named_artefact(const Maintainable& artefact) {
    named(artefact.annotations, artefact.names, artefact.descriptions, artefact.ref.id);
  }

  void texts(std::string_view element, const Texts& list) {
    for (const LocalText& text : list) {
      out_.open(element);
      out_.attribute("xml:lang", xml_language(text.lang));
      out_.text(text.text);
      out_.close();
    }
  }

  void annotations(const Annotations& list) {
    if (list.empty()) return;
    out_.open("com:Annotations");
    for (const Annotation& annotation : list) {
      out_.open("com:Annotation");
      if (!annotation.id.empty()) out_.attribute("id", annotation.id);
      if (!annotation.title.empty()) out_.element("com:AnnotationTitle", annotation.title);
      if (!annotation.type.empty()) out_.element("com:AnnotationType", annotation.type);
      texts("com:AnnotationText", annotation.texts);
      out_.close();
    }
    out_.close();
  }

  // ---- references

  void ref_attributes(const Ref& ref, std::string_view id, std::string_view version) {
    out_.attribute("agencyID", ref.agency);
    out_.attribute(id, ref.id);
    if (!ref.version.empty()) out_.attribute(version, ref.version);
  }

  void reference(std::string_view element, ArtefactClass c, const Ref& ref,
                 std::string_view package = {}) {
    if (v30_) return out_.element(element, urn(c, ref));
    out_.open(element);
    out_.open("Ref");
    ref_attributes(ref, "id", "version");
    if (!package.empty()) {
      out_.attribute("class", class_name(c));
      out_.attribute("package", package);
    }
    out_.close();
    out_.close();
  }

  /// Of an item inside a scheme: `item_class` "conceptscheme.Concept", "base.DataProvider".
  void item_reference(std::string_view element, std::string_view item_class, const Ref& scheme,
                      const std::string& id) {
    if (v30_)
      return out_.element(element, fmt::format("urn:sdmx:org.sdmx.infomodel.{}={}.{}", item_class,
                                               scheme.text(), id));
    out_.open(element);
    out_.open("Ref");
    ref_attributes(scheme, "maintainableParentID", "maintainableParentVersion");
    out_.attribute("id", id);
    out_.close();
    out_.close();
  }

  void local_reference(std::string_view element, const std::string& id) {
    if (v30_) return out_.element(element, id);
    out_.open(element);
    out_.open("Ref");
    out_.attribute("id", id);
    out_.close();
    out_.close();
  }

  void representation(std::string_view element, const Representation& representation,
                      ArtefactClass enumerated, bool multilingual) {
    // Value lists are of 3.0 alone.
    const bool coded = representation.enumeration && (v30_ || !representation.value_list);
    if (!coded && !representation.format) return;
    out_.open(element);
    if (coded)
      reference("str:Enumeration",
                representation.value_list ? ArtefactClass::kValueList : enumerated,
                *representation.enumeration);
    if (representation.format)
      text_format(coded ? "str:EnumerationFormat" : "str:TextFormat", *representation.format,
                  multilingual);
    out_.close();
  }

  void text_format(std::string_view element, const TextFormat& format, bool multilingual) {
    out_.open(element);
    auto text = [&](std::string_view name, const std::string& value) {
      if (!value.empty()) out_.attribute(name, value);
    };
    // xs:positiveInteger in the schema, so that 0 cannot be said.
    auto number = [&](std::string_view name, const std::optional<std::uint32_t>& value) {
      if (value.value_or(0) > 0) out_.attribute(name, std::to_string(*value));
    };
    if (format.type != DataType::kOther) out_.attribute("textType", data_type_name(format.type));
    if (format.is_sequence) out_.attribute("isSequence", "true");
    text("interval", format.interval);
    text("startValue", format.start_value);
    text("endValue", format.end_value);
    text("startTime", format.start_time);
    text("endTime", format.end_time);
    number("minLength", format.min_length);
    number("maxLength", format.max_length);
    text("minValue", format.min_value);
    text("maxValue", format.max_value);
    number("decimals", format.decimals);
    text("pattern", format.pattern);
    if (multilingual && format.is_multilingual) out_.attribute("isMultiLingual", "true");
    out_.close();
  }

  XmlOut out_;
  const bool v30_;
  std::vector<LeftOut> left_out_;
};

}  // namespace focalpost::sdmx
