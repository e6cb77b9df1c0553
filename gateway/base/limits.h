// SPDX-License-Identifier: Apache-2.0
//
// limits: every bound on what a stranger can make the gateway do, in one table.
//
// A limit has a name, a default and a setting of the same name under [limits] in focalpost.toml.
// Hitting one is a finding with a sentence for the sender, never a crash. The figures are argued in
// docs/limits.md.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace focalpost {

struct Limits {
  // mail
  std::uint64_t message_bytes = 2ull << 30;      ///< a whole raw message
  std::uint64_t header_line_bytes = 64 << 10;    ///< one unfolded header field
  std::uint64_t header_block_bytes = 256 << 10;  ///< all header fields of one part
  std::uint64_t parts = 1000;                    ///< MIME parts of a message
  std::uint64_t part_depth = 20;                 ///< nesting of multipart and message/rfc822
  std::uint64_t attachments = 50;                ///< attachments judged in one message
  std::uint64_t wrapped_bytes = 64 << 20;        ///< taken out of signatures, mails as files, texts
  std::uint64_t wrap_depth = 4;                  ///< such wrappers, one inside the other
  // archives
  std::uint64_t archive_members = 16;
  std::uint64_t archive_depth = 1;                ///< an archive inside an archive
  std::uint64_t archive_bytes = 256ull << 20;     ///< a zip as sent, spooled for its directory
  std::uint64_t inflated_bytes = 4ull << 30;      ///< one member, inflated
  std::uint64_t inflation_ratio = 300;            ///< inflated : compressed ...
  std::uint64_t inflation_ratio_from = 16 << 20;  ///< ... judged once this much came out
  // data
  std::uint64_t xml_depth = 64;
  std::uint64_t xml_tag_bytes = 64 << 10;  ///< between two successive '<'
  std::uint64_t text_bytes = 64 << 10;     ///< one attribute, text or CSV field
  std::uint64_t csv_line_bytes = 256 << 10;
  std::uint64_t datasets = 1000;               ///< of one SDMX message
  std::uint64_t components = 500;              ///< columns of one dataset
  std::uint64_t structure_items = 500'000;     ///< codes, concepts, ... of one structure message
  std::uint64_t metadata_attributes = 10'000;  ///< of one message of reference metadata
  std::uint64_t form_bytes = 256 << 10;        ///< a form filled in as plain text
  std::uint64_t findings_listed = 200;         ///< for a dataset; all are counted
  std::uint64_t stage_memory = 16 << 20;       ///< a dataset held before it goes to the store
  std::uint64_t compared_cells = 200'000;      ///< of one message, kept until totals are added up
  // enquiries
  std::uint64_t enquiry_commands = 20;      ///< commands read of one mail
  std::uint64_t command_words = 200;        ///< words of one command
  std::uint64_t enquiry_line_bytes = 4000;  ///< one line of a mail that is read for commands
  std::uint64_t enquiry_bytes = 64 << 10;   ///< of a mail's text that is read for commands
  std::uint64_t question_chars = 4000;      ///< free words kept: a question, a reason
  // what leaves
  std::uint64_t replies_per_hour = 60;    ///< to one correspondent
  std::uint64_t unsure_per_day = 20;      ///< to a contact in whose name somebody unsure writes
  std::uint64_t strangers_per_day = 100;  ///< help texts to strangers, all together
  /// To one correspondent, about messages that answer our letters and bring nothing.
  std::uint64_t empty_answers_per_day = 3;
};

/// Names for settings and for docs; one row per member of Limits.
struct LimitRow {
  std::string_view name;
  std::uint64_t Limits::*member;
};

inline constexpr std::array kLimitTable = {
    LimitRow{"message_bytes", &Limits::message_bytes},
    LimitRow{"header_line_bytes", &Limits::header_line_bytes},
    LimitRow{"header_block_bytes", &Limits::header_block_bytes},
    LimitRow{"parts", &Limits::parts},
    LimitRow{"part_depth", &Limits::part_depth},
    LimitRow{"attachments", &Limits::attachments},
    LimitRow{"wrapped_bytes", &Limits::wrapped_bytes},
    LimitRow{"wrap_depth", &Limits::wrap_depth},
    LimitRow{"archive_members", &Limits::archive_members},
    LimitRow{"archive_depth", &Limits::archive_depth},
    LimitRow{"archive_bytes", &Limits::archive_bytes},
    LimitRow{"inflated_bytes", &Limits::inflated_bytes},
    LimitRow{"inflation_ratio", &Limits::inflation_ratio},
    LimitRow{"inflation_ratio_from", &Limits::inflation_ratio_from},
    LimitRow{"xml_depth", &Limits::xml_depth},
    LimitRow{"xml_tag_bytes", &Limits::xml_tag_bytes},
    LimitRow{"text_bytes", &Limits::text_bytes},
    LimitRow{"csv_line_bytes", &Limits::csv_line_bytes},
    LimitRow{"datasets", &Limits::datasets},
    LimitRow{"components", &Limits::components},
    LimitRow{"structure_items", &Limits::structure_items},
    LimitRow{"metadata_attributes", &Limits::metadata_attributes},
    LimitRow{"form_bytes", &Limits::form_bytes},
    LimitRow{"findings_listed", &Limits::findings_listed},
    LimitRow{"stage_memory", &Limits::stage_memory},
    LimitRow{"compared_cells", &Limits::compared_cells},
    LimitRow{"enquiry_commands", &Limits::enquiry_commands},
    LimitRow{"command_words", &Limits::command_words},
    LimitRow{"enquiry_line_bytes", &Limits::enquiry_line_bytes},
    LimitRow{"enquiry_bytes", &Limits::enquiry_bytes},
    LimitRow{"question_chars", &Limits::question_chars},
    LimitRow{"replies_per_hour", &Limits::replies_per_hour},
    LimitRow{"unsure_per_day", &Limits::unsure_per_day},
    LimitRow{"strangers_per_day", &Limits::strangers_per_day},
    LimitRow{"empty_answers_per_day", &Limits::empty_answers_per_day},
};

}  // namespace focalpost
