// SPDX-License-Identifier: Apache-2.0
//
// ml_reader_core: what the readers of SDMX-ML data of all versions have in common.
//
// Inside the room only. Owns: the way of the bytes (input, parser, batches), what is around the
// datasets (header, footer), the datasets of the message with their structures, dates and actions,
// findings about elements and components. Knows no element below DataSet: those are in
// ml_data_reader.cc (2.1, 3.0, 3.1, and 2.0's Compact and Generic) and ml_cross_reader.cc (2.0's
// CrossSectional), which are asked by virtual calls once a dataset.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "sdmx/batch_builder.h"
#include "sdmx/data_reader.h"
#include "sdmx/header_reader.h"
#include "sdmx/key_family.h"
#include "sdmx/ml_placement.h"
#include "sdmx/utf8_input.h"
#include "sdmx/xml_push.h"

namespace focalpost::sdmx {

inline constexpr std::string_view kXsi = "http://www.w3.org/2001/XMLSchema-instance";

/// The version of the message in which the elements are read.
enum class MlVersion : std::uint8_t { k20, k21, k30, k31 };

class MlReaderCore : public DataReader, public XmlPush {
 public:
  Result<ObservationBatch*> next() final;
  const DataMessage& message() const final { return message_; }

 protected:
  MlReaderCore(const xmlSAXHandler& handlers, ByteSource& bytes, const Detection& detection,
               const StructureLookup& lookup, FindingSink& sink, const Limits& limits);

  bool v20() const { return version_ == MlVersion::k20; }
  bool v30() const { return version_ >= MlVersion::k30; }  ///< 3.0 or 3.1
  /// "http://www.sdmx.org/resources/sdmxml/schemas/v2_1/" + part, as the message writes it.
  const xmlChar* sdmx_uri(std::string_view part);

  // ---- the message around the datasets

  /// Events outside of datasets; DataSet comes back as start_dataset().
  void start_outside(const xmlChar* local, const xmlChar* uri, const Attributes& attributes);
  void end_outside();
  void text_outside(std::string_view text);
  /// Whether a DataSet may be in this namespace; what is only let pass is reported.
  virtual bool dataset_space(const xmlChar* uri) = 0;
  virtual void start_dataset(const xmlChar* uri, const Attributes& attributes) = 0;

  // ---- datasets

  /// A new dataset at this place; null when there are too many and reading has stopped.
  DatasetHead* open_dataset();
  DatasetHead& head() { return message_.datasets.back(); }
  /// The dates of the open dataset: `get(name)` gives its own, else the header's count.
  template <typename Get>
  void take_dates(Get get) {
    auto either = [&](std::string_view name, const std::string& otherwise) {
      const std::string_view text = get(name);
      return text.data() ? shorten(text, 80) : otherwise;
    };
    DatasetHead& dataset = head();
    dataset.reporting_begin = either("reportingBeginDate", header_.reporting_begin());
    dataset.reporting_end = either("reportingEndDate", header_.reporting_end());
    dataset.valid_from = either("validFromDate", {});
    dataset.valid_to = either("validToDate", {});
  }
  /// 2.0: the provider and what a DataSet's attributes say of its key family.
  KeyFamilyNames take_names20(const Attributes& attributes);
  /// 2.0: the structure by everything that names it; a finding if nothing does. `space`: the
  /// namespace of the DataSet element.
  void use_key_family(const KeyFamilyNames& named, std::string_view space);
  /// The structure of the open dataset, if it is known here; batches begin.
  void use_structure(ArtefactClass structure_class, const Ref& ref);
  void close_dataset();
  /// `text`: of the dataset; null takes the header's.
  Action action_of(std::string_view text, bool& given);
  /// The component that a name means. 2.0 writes the ids of concepts, and names of its own for time
  /// and the primary measure.
  std::uint16_t find_component(std::string_view name) const;

  /// A group's finding is made here, so that both kinds of readers suggest the same.
  void unknown_group(std::string_view type);

  // ---- findings

  std::uint32_t dataset_here() const { return in_dataset_ ? dataset_index_ : Finding::kNoDataset; }
  Finding make(const Rule& rule, std::string_view component, std::string_view value) const;
  void report(const Rule& rule, std::string_view component, std::string_view value,
              std::string_view expected = {}, std::string_view detail = {});
  void unknown(const xmlChar* local, std::string_view expected);
  void misordered(const xmlChar* local);
  void twice(std::string_view name) { report(rules::component_twice, name, {}); }
  /// `series`: its key, where we are in one.
  void misplaced(std::uint16_t component, std::string_view name,
                 std::span<const std::string_view> series = {});
  /// Text where none may be; once a line.
  void stray_text(std::string_view text);
  /// <Metadata> in a dataset: said once a dataset.
  void metadata_left_out();
  void too_long(std::string_view name) {
    report(rules::text_too_long, name, {}, {}, std::to_string(limits_.text_bytes));
  }

  const StructureLookup& lookup_;
  FindingSink& sink_;
  DataMessage message_;
  MlVersion version_ = MlVersion::k21;
  HeaderReader header_;
  BatchBuilder builder_;

  const xmlChar *message_uri_, *common_uri_, *xsi_uri_;

  std::size_t skip_ = 0;  ///< depth below an element that is passed over, that one included
  bool in_dataset_ = false;
  std::uint32_t dataset_index_ = 0;
  std::shared_ptr<const FlowStructure> flow_;  ///< null: the dataset is passed over

 private:
  static constexpr std::size_t kSlice = 32 * 1024;
  void finish_reading();
  void footer(const xmlChar* local, const Attributes& attributes);

  enum class Outside : std::uint8_t { kMessage, kHeader, kFooter };

  Utf8Input input_;
  std::string base_uri_;
  const xmlChar* footer_uri_;
  Outside outside_ = Outside::kMessage;
  bool done_ = false, header_seen_ = false;
  bool order_reported_ = false, metadata_reported_ = false;
  std::size_t unknown_elements_ = 0;
  std::uint32_t last_text_line_ = 0;
};

}  // namespace focalpost::sdmx
