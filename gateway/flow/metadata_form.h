// SPDX-License-Identifier: Apache-2.0
//
// metadata_form: reference metadata as plain text that a person fills in with any editor.
//
//     FORM: METHOD ASYLUM KG_NSC
//     LANGUAGE: ru
//     # Lines with # are explanations.
//
//     [DATA_DESCR] Описание *
//     # Два предложения о том, что показывают данные.
//     Число ходатайств об убежище за месяц.
//
//     [STAT_UNIT] Единица учёта *
//     # PER: persons; CASE: cases; ...
//     PER
//     [STAT_UNIT.NOTE] Своими словами
//
//     [END]
//
// Owns: how the form is written and how it is read back. Whether the answers are right is judged
// like any metadata set (validation/metadata_judge.h).
//
// Reading forgives what mail programs and people do: any line ends, a byte order mark, UTF-16,
// windows-1251, quoting with "> ", wrapped lines (joined by a space; an empty line begins a new
// paragraph), headings written as the concept's name in any language, code names for codes, several
// codes with commas between, "en:" before a text in another language, what stands before FORM,
// after [END] or after a signature's "-- ". An empty answer is no answer. Bounded by
// Limits::form_bytes and metadata_attributes.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/byte_source.h"
#include "base/limits.h"
#include "base/result.h"
#include "model/finding.h"
#include "model/lookup.h"
#include "model/metadata.h"
#include "render/phrases.h"

namespace focalpost {

/// Does a text hold a form? `head`: its beginning, in any encoding.
bool looks_like_form(std::string_view head);

/// The set that the form says; nothing, after a finding, if it cannot be told what it is for.
/// Positions are lines of the form. `sender`: whose form it is where it does not say.
Result<std::optional<MetadataSet>> read_form(ByteSource& bytes, const StructureLookup& lookup,
                                             const std::optional<ProviderRef>& sender,
                                             const Limits& limits, FindingSink& sink);

struct FormRequest {
  std::string metadataflow;  ///< "METHOD"
  std::string dataflow;      ///< "ASYLUM"; empty: the provider itself
  std::string provider;      ///< "KG_NSC"
};

/// The form, filled in with `known` (what holds now). Text in the language of `phrases`. An Error
/// says what is not known.
Result<std::string> write_form(const StructureLookup& lookup, const FormRequest& request,
                               const std::vector<ReportedAttribute>& known, const Phrases& phrases);

}  // namespace focalpost
