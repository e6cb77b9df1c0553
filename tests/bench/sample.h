// SPDX-License-Identifier: Apache-2.0
//
// sample: data to measure with, always the same for the same numbers.
//
// One dataset of the default network's ASYLUM as the example provider KG_SMS may file it: monthly
// series from 2006-01 on, every key different, codes from the shipped codelists, OBS_STATUS and
// CONF_STATUS on each observation. One cell in twelve is not free (CONF_STATUS N or C), one in
// three has another status than A. All numbers are drawn, none was ever counted.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "model/lookup.h"

namespace focalpost::bench {

inline constexpr std::string_view kSender = "asylum.statistics@migration.kg.example";

inline constexpr int kFirstYear = 2006;

struct Size {
  std::uint64_t first_series = 0;
  std::uint64_t series = 8'334;
  std::uint32_t months = 120;
};

class Sample {
 public:
  explicit Sample(std::shared_ptr<const FlowStructure> flow);

  const std::shared_ptr<const FlowStructure>& flow() const { return flow_; }
  /// How many keys there are for KG; a series number beyond them takes another area.
  std::uint64_t keys() const { return keys_; }
  /// The first areas that series are of, "KG,AM".
  std::string areas(std::size_t count) const;
  /// The number of KG's series of totals; keys() further on is that of the next area.
  std::uint64_t totals() const;
  /// One code per dimension.
  std::vector<std::string_view> key(std::uint64_t series) const;

  /// A StructureSpecificData 2.1 message, handed out in pieces of some ten kilobytes.
  template <typename Sink>
  void xml(const Size& size, Sink&& sink) const {
    std::string piece = head(size);
    for (std::uint64_t s = 0; s < size.series; ++s) {
      append_series(piece, size.first_series + s, size.months);
      if (piece.size() > 60'000) {
        sink(piece);
        piece.clear();
      }
    }
    piece += tail();
    sink(piece);
  }
  std::string xml_text(const Size& size) const;

  /// The schema of such messages, as SDMX's rules for structure-specific schemas make it of the
  /// DSD, and the one that puts it beside the official SDMXMessage.xsd, which lies in `official`.
  std::string schema(const std::filesystem::path& official) const;
  std::string driver_schema(const std::filesystem::path& official, std::string_view schema) const;

 private:
  std::string head(const Size& size) const;
  static std::string tail();
  void append_series(std::string& out, std::uint64_t series, std::uint32_t months) const;
  std::string target_namespace() const;

  std::shared_ptr<const FlowStructure> flow_;
  std::vector<std::uint16_t> varied_;  ///< dimensions with all codes of their lists
  std::vector<std::string_view> areas_;
  std::uint64_t keys_ = 1;
};

/// A mail of the sender with `xml` as its base64 attachment, in pieces: header, then body.
std::string mail_head(std::string_view message_id, std::string_view file_name);
std::string mail_tail();
/// base64 in lines of 76; whole lines only if more follows (`last` false), so give multiples of 57.
std::string base64_lines(std::string_view bytes);
void write_mail(const std::filesystem::path& path, std::string_view xml,
                std::string_view message_id);
std::string mail_text(std::string_view xml, std::string_view message_id);

/// The shipped network with the example institutions. Ends the program if it cannot be read.
std::shared_ptr<const StructureLookup> shipped_network();
std::shared_ptr<const FlowStructure> asylum(const StructureLookup& network);

}  // namespace focalpost::bench
