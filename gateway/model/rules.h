// SPDX-License-Identifier: Apache-2.0
//
// rules: the catalogue of everything that can be wrong with what arrives.
//
// A rule has an id (a contract: it stands in `validate --json` and in templates/<lang>/findings), a
// severity and the area it belongs to. Its sentence in every language has the rule's id as key. The
// text of rule `x` may use {{component}} {{value}} {{expected}} {{series}} {{period}} {{detail}}
// {{suggestions}}; where, line and column are said around it.
// Sources: the list of SDMX.md; Eurostat STRUVAL's errors; NETWORK.md section 3.
#pragma once

#include <cstdint>
#include <string_view>

namespace focalpost {

enum class Severity : std::uint8_t { kInfo, kWarning, kError };
std::string_view severity_name(Severity severity);  ///< "info", "warning", "error"

struct Rule {
  std::string_view id;
  Severity severity;
};

namespace rules {

// clang-format off
#define FOCALPOST_RULES(X)                                                                     \
  /* the message and its parts */                                                              \
  X(no_attachment,          "no-attachment",          kError)   /* nothing that holds data */  \
  X(empty_file,             "empty-file",             kError)                                  \
  X(message_too_large,      "message-too-large",      kError)   /* detail: limit */            \
  X(header_too_large,       "header-too-large",       kError)                                  \
  X(too_many_parts,         "too-many-parts",         kError)                                  \
  X(too_many_attachments,   "too-many-attachments",   kError)                                  \
  X(damaged_encoding,       "damaged-encoding",       kError)   /* base64, quoted-printable */ \
  X(not_data,               "not-data",               kError)   /* detail: what it seems to be */ \
  X(spreadsheet,            "spreadsheet",            kError)   /* Excel, OpenDocument */      \
  X(pdf_or_text_document,   "pdf-or-text-document",   kError)                                  \
  X(text_document,          "text-document",          kError)   /* Word, presentations */      \
  X(picture,                "picture",                kError)   /* of a table */               \
  X(personal_data,          "personal-data",          kError)   /* persons, not aggregates; nothing is quoted */ \
  X(cloud_link,             "cloud-link",             kError)   /* value: the host */          \
  X(message_encrypted,      "message-encrypted",      kError)   /* S/MIME, OpenPGP */          \
  X(wrapper_damaged,        "wrapper-damaged",        kError)   /* winmail.dat, S/MIME, PGP */ \
  X(old_schema,             "old-schema",             kError)   /* value: the version */       \
  X(password_sent,          "password-sent",          kWarning) /* never quoted */             \
  X(several_recipients,     "several-recipients",     kInfo)    /* value: how many others */   \
  X(charset_assumed,        "charset-assumed",        kInfo)    /* value: what; expected: the set */ \
  X(pasted_data,            "pasted-data",            kInfo)    /* found in the message's text */ \
  /* what waits for a word, and the word */                                                    \
  X(held_too_many,          "held-too-many",          kError)   /* detail: limit */            \
  X(held_refused,           "held-refused",           kError)   /* its sender said no */       \
  X(held_rejected,          "held-rejected",          kError)   /* a coordinator said no */    \
  X(held_expired,           "held-expired",           kError)   /* detail: days */             \
  X(held_touched,           "held-touched",           kWarning) /* filed meanwhile: asked again */ \
  X(answer_yes,             "answer-yes",             kInfo)    /* value: dockets */           \
  X(answer_no,              "answer-no",              kInfo)    /* value: dockets */           \
  X(answer_unclear,         "answer-unclear",         kInfo)    /* a token, but no word */     \
  X(answer_used,            "answer-used",            kInfo)    /* the token, once more */     \
  X(answer_expired,         "answer-expired",         kInfo)                                   \
  X(answer_foreign,         "answer-foreign",         kInfo)    /* asked of somebody else */   \
  X(answer_unknown,         "answer-unknown",         kInfo)    /* no token of ours */         \
  X(answer_gone,            "answer-gone",            kInfo)    /* nothing waits any more */   \
  X(command_done,           "command-done",           kInfo)    /* value: docket; detail: which */ \
  X(command_refused,        "command-refused",        kInfo)    /* value: docket; detail: why */ \
  /* questions for a person */                                                                 \
  X(request_opened,         "request-opened",         kInfo)    /* value: institution; expected: role */ \
  X(request_unconfirmed,    "request-unconfirmed",    kInfo)    /* a stranger was asked */     \
  X(request_done,           "request-done",           kInfo)    /* value: request; detail: what */ \
  X(request_refused,        "request-refused",        kInfo)    /* value: request or file; detail: why */ \
  X(said_thanks,            "said-thanks",            kInfo)    /* nothing to answer */        \
  /* answers to reminders of what is due */                                                    \
  X(duty_empty,             "duty-empty",             kInfo)    /* value: what has no data */  \
  X(duty_extended,          "duty-extended",          kInfo)    /* value: what, each with its day */ \
  X(duty_not_mine,          "duty-not-mine",          kInfo)    /* value: what */              \
  X(duty_refused,           "duty-refused",           kInfo)    /* value: what, or none; detail: why */ \
  X(duty_unclear,           "duty-unclear",           kInfo)    /* neither data nor one of the words */ \
  X(attachment_forgotten,   "attachment-forgotten",   kInfo)    /* the text speaks of one */   \
  /* archives */                                                                               \
  X(archive_damaged,        "archive-damaged",        kError)                                  \
  X(archive_encrypted,      "archive-encrypted",      kError)                                  \
  X(archive_ratio,          "archive-ratio",          kError)                                  \
  X(archive_too_large,      "archive-too-large",      kError)                                  \
  X(archive_members,        "archive-members",        kError)                                  \
  X(archive_nested,         "archive-nested",         kError)                                  \
  X(archive_kind,           "archive-kind",           kError)   /* rar, 7z */                  \
  /* the text of the file */                                                                   \
  X(not_well_formed,        "not-well-formed",        kError)   /* detail: the parser's words */ \
  X(truncated,              "truncated",              kError)                                  \
  X(dtd_refused,            "dtd-refused",            kError)                                  \
  X(bad_encoding,           "bad-encoding",           kError)   /* value: declared encoding */ \
  X(xml_too_deep,           "xml-too-deep",           kError)                                  \
  X(xml_tag_too_long,       "xml-tag-too-long",       kError)                                  \
  X(text_too_long,          "text-too-long",          kError)                                  \
  X(csv_line_too_long,      "csv-line-too-long",      kError)                                  \
  X(csv_quotes,             "csv-quotes",             kError)   /* RFC 4180 quoting */         \
  X(csv_fields,             "csv-fields",             kError)   /* expected: how many */       \
  X(csv_header,             "csv-header",             kError)   /* column missing or twice */  \
  X(csv_values,             "csv-values",             kError)   /* ATTR[], ATTR[en;fr] */      \
  X(custom_column,          "custom-column",          kWarning) /* not filed */                \
  X(flag_quirk,             "flag-quirk",             kWarning) /* Eurostat's; expected: code */ \
  X(json_not_well_formed,   "json-not-well-formed",   kError)   /* detail: the parser's words */ \
  X(json_too_deep,          "json-too-deep",          kError)                                  \
  X(json_form,              "json-form",              kError)   /* component: the member */    \
  X(json_index,             "json-index",             kError)   /* value: index; expected: range */ \
  X(json_order,             "json-order",             kError)   /* too much before structures */ \
  /* the SDMX message */                                                                       \
  X(not_sdmx,               "not-sdmx",               kError)   /* value: root element */      \
  X(unsupported_message,    "unsupported-message",    kError)   /* value: message or version */ \
  X(unknown_element,        "unknown-element",        kError)                                  \
  X(unexpected_text,        "unexpected-text",        kError)                                  \
  X(header_incomplete,      "header-incomplete",      kError)   /* component: the element */   \
  X(header_value,           "header-value",           kError)   /* component, value */         \
  X(header_quirk,           "header-quirk",           kWarning) /* accepted, but not legal */  \
  X(unknown_structure,      "unknown-structure",      kError)   /* value: reference */         \
  X(structure_incomplete,   "structure-incomplete",   kError)   /* detail: missing URNs */     \
  X(structure_ref,          "structure-ref",          kError)   /* structureRef matches none */ \
  X(unknown_action,         "unknown-action",         kError)                                  \
  X(no_dataset,             "no-dataset",             kError)                                  \
  X(no_observation,         "no-observation",         kWarning)                                \
  X(too_many_datasets,      "too-many-datasets",      kError)                                  \
  X(test_message,           "test-message",           kInfo)                                   \
  X(metadata_left_out,      "metadata-left-out",      kWarning) /* reference metadata in data */ \
  /* components */                                                                             \
  X(unknown_component,      "unknown-component",      kError)                                  \
  X(wrong_level,            "wrong-level",            kError)   /* expected: level */          \
  X(component_twice,        "component-twice",        kError)                                  \
  X(missing_dimension,      "missing-dimension",      kError)                                  \
  X(missing_time,           "missing-time",           kError)                                  \
  X(missing_attribute,      "missing-attribute",      kError)   /* expected: level */          \
  X(missing_measure,        "missing-measure",        kError)                                  \
  X(value_with_missing,     "value-with-missing",     kError)   /* a value under status Q ... */ \
  X(not_provided,           "not-provided",           kInfo)    /* empty value, no status */   \
  X(unknown_group,          "unknown-group",          kError)                                  \
  X(group_key,              "group-key",              kError)                                  \
  X(attribute_conflict,     "attribute-conflict",     kError)   /* two values, one place */    \
  X(delete_part,            "delete-part",            kError)   /* single values of observations */ \
  /* values */                                                                                 \
  X(unknown_code,           "unknown-code",           kError)                                  \
  X(code_not_valid,         "code-not-valid",         kError)   /* FP_VALID, FP_REPLACED_BY */ \
  X(type_mismatch,          "type-mismatch",          kError)   /* expected: type */           \
  X(number_with_separator,  "number-with-separator",  kError)   /* "1 234", "1,234" */         \
  X(sign_for_missing,       "sign-for-missing",       kError)   /* "-", "…", "х" */            \
  X(too_long,               "too-long",               kError)                                  \
  X(too_short,              "too-short",              kError)                                  \
  X(too_small,              "too-small",              kError)                                  \
  X(too_large,              "too-large",              kError)                                  \
  X(too_many_decimals,      "too-many-decimals",      kError)                                  \
  X(pattern_mismatch,       "pattern-mismatch",       kError)                                  \
  X(too_many_values,        "too-many-values",        kError)   /* expected: how many */       \
  X(bad_period,             "bad-period",             kError)                                  \
  X(period_frequency,       "period-frequency",       kError)   /* expected: form */           \
  X(period_range,           "period-range",           kError)   /* outside startTime..endTime */ \
  X(duplicate_conflict,     "duplicate-conflict",     kError)                                  \
  X(duplicate_equal,        "duplicate-equal",        kWarning)                                \
  X(duplicate_series,       "duplicate-series",       kWarning) /* the series comes twice */   \
  X(constraint_key,         "constraint-key",         kError)   /* detail: constraint */       \
  X(constraint_value,       "constraint-value",       kError)                                  \
  X(embargo_missing,        "embargo-missing",        kError)   /* CONF_STATUS E, no time */   \
  X(embargo_without_status, "embargo-without-status", kWarning)                                \
  X(embargo_over,           "embargo-over",           kWarning) /* E, but the time has passed */ \
  X(reporting_year,         "reporting-year",         kError)   /* not from 1 January on */    \
  /* who may */                                                                                \
  X(not_owner,              "not-owner",              kError)   /* value: area or flow */      \
  X(frequency_not_agreed,   "frequency-not-agreed",   kError)   /* value, expected: codes */   \
  X(no_agreement,           "no-agreement",           kError)   /* value: dataflow */          \
  X(agreement_expired,      "agreement-expired",      kError)                                  \
  X(agreement_period,       "agreement-period",       kError)                                  \
  X(provider_differs,       "provider-differs",       kWarning) /* DataProvider is another */  \
  /* plausibility, never rejecting */                                                     \
  X(future_period,          "future-period",          kError)                                  \
  X(looks_cumulative,       "looks-cumulative",       kWarning) /* value: a year's numbers */  \
  X(total_differs,          "total-differs",          kWarning) /* expected: sum; detail: parts */ \
  X(gap_in_time,            "gap-in-time",            kWarning) /* value: what is missing */   \
  X(jump,                   "jump",                   kWarning) /* expected: value of period detail */ \
  X(jump_from_filed,        "jump-from-filed",        kWarning) /* the same, filed earlier */  \
  X(not_compared,           "not-compared",           kInfo)    /* too large; detail: limit */ \
  /* structures */                                                                             \
  X(structure_final,        "structure-final",        kError)   /* a final one changed */      \
  X(structure_left_out,     "structure-left-out",     kWarning) /* a part that is not read */   \
  X(structure_kept,         "structure-kept",         kInfo)    /* kept as it came */          \
  X(extension_unknown,      "extension-unknown",      kError)   /* expected: missing codelist */ \
  X(extension_cycle,        "extension-cycle",        kError)   /* detail: the way round */    \
  X(extension_too_large,    "extension-too-large",    kError)   /* detail: limit */            \
  X(structure_new,          "structure-new",          kInfo)    /* value: what */              \
  X(structure_changed,      "structure-changed",      kInfo)    /* value: what; detail: how */ \
  X(structure_orphans,      "structure-orphans",      kWarning) /* filed series lose a code */ \
  X(agreement_broken,       "agreement-broken",       kWarning) /* value: the agreement */     \
  /* reference metadata */                                                                     \
  X(unknown_metadata,       "unknown-metadata",       kError)   /* value: MSD or flow */       \
  X(metadata_target,        "metadata-target",        kError)   /* value: what it is about */  \
  X(missing_concept,        "missing-concept",        kError)                                  \
  X(unknown_concept,        "unknown-concept",        kError)                                  \
  X(concept_place,          "concept-place",          kError)   /* expected: inside what */    \
  X(concept_twice,          "concept-twice",          kError)   /* expected: how often */      \
  X(concept_without_value,  "concept-without-value",  kError)   /* a code or text is missing */ \
  X(concept_without_text,   "concept-without-text",   kError)   /* a code where text belongs */ \
  X(language_twice,         "language-twice",         kError)   /* value: language */          \
  X(concept_automatic,      "concept-automatic",      kInfo)    /* the gateway sets it */      \
  X(form_unknown,           "form-unknown",           kError)   /* value: what the form is for */ \
  X(form_other,             "form-other",             kError)   /* value: whose form it is */ \
  X(form_heading,           "form-heading",           kError)   /* value: text, belongs nowhere */
// clang-format on

#define X(name, id, severity) inline constexpr Rule name{id, Severity::severity};
FOCALPOST_RULES(X)
#undef X

}  // namespace rules

#define X(name, id, severity) &rules::name,
inline constexpr const Rule* kRules[] = {FOCALPOST_RULES(X)};
#undef X

/// Null if there is no such rule.
const Rule* find_rule(std::string_view id);

}  // namespace focalpost
