// SPDX-License-Identifier: Apache-2.0
//
// names: structures in a reader's words: names of components, codes, series, concepts of
// descriptions.
//
// Danger: names are what a structure message brought; they come out on one line and shortened, ids
// where there is no name.
#pragma once

#include <string>
#include <string_view>

#include "model/lookup.h"
#include "render/phrases.h"

namespace focalpost {

/// The code that a dimension takes where nobody names one: FP_DEFAULT of the dimension, else _T,
/// else FP_DEFAULT of the codelist; "": none.
std::string_view usual_code(const FlowComponent& dimension);
/// _T, or the usual code.
bool means_total(const FlowComponent& dimension, std::string_view code);

std::string component_name(const FlowComponent& component, const Structures& structures,
                           std::string_view lang);
std::string code_name(const FlowComponent& component, std::string_view id, std::string_view lang);

/// What a series is about, in the words of a language: "Citizenship: Afghanistan; Sex: female".
/// Left out: the frequency, codes that mean the total (_T, or the dimension's FP_DEFAULT) and,
/// unless `with_area`, the reference area. A key that does not fit the structure comes back as it
/// is.
std::string series_in_words(std::string_view series, const FlowStructure* flow,
                            const Structures& structures, const Phrases& phrases, bool with_area);

/// "COLLECTION#2.DATA_DESCR", a way to an attribute of a description (model/metadata.h), in words:
/// "Collection of data 2, Description".
std::string concept_in_words(std::string_view path, const MetadataStructure& structure,
                             const StructureLookup& structures, std::string_view lang);

}  // namespace focalpost
