// SPDX-License-Identifier: Apache-2.0
#include "sdmx/data_reader.h"

#include "base/text.h"
#include "sdmx/csv_data_reader.h"
#include "sdmx/json_data_reader.h"
#include "sdmx/ml_data_reader.h"

namespace focalpost {
namespace {

/// A message of which nothing can be read.
class NothingReader final : public DataReader {
 public:
  Result<ObservationBatch*> next() override { return nullptr; }
  const DataMessage& message() const override { return message_; }

 private:
  DataMessage message_;
};

}  // namespace

std::unique_ptr<DataReader> open_data(ByteSource& bytes, const Detection& detection,
                                      const StructureLookup& structures, FindingSink& sink,
                                      const Limits& limits) {
  Finding finding;
  finding.value = one_line(shorten(detection.root, 80));
  switch (detection.kind) {
    case FileKind::kSdmxMlData:
      if (sdmx::reads_ml_data(detection))
        return sdmx::open_ml_data(bytes, detection, structures, sink, limits);
      finding.rule = &rules::unsupported_message;
      finding.value = describe(detection);
      finding.expected = "SDMX-ML 2.0, 2.1, 3.0, 3.1";
      break;
    case FileKind::kSdmxCsv:
      return sdmx::open_csv_data(bytes, detection, structures, sink, limits);
    case FileKind::kSdmxJsonData:
      return sdmx::open_json_data(bytes, detection, structures, sink, limits);
    case FileKind::kSdmxMlStructure:
    case FileKind::kSdmxMlOther:
      finding.rule = &rules::unsupported_message;
      finding.value = describe(detection);
      break;
    case FileKind::kOtherXml:
      finding.rule = &rules::not_sdmx;
      break;
    case FileKind::kEmpty:
      finding.rule = &rules::empty_file;
      break;
    case FileKind::kText:
    case FileKind::kBinary:
      finding.rule = &rules::not_data;
      finding.detail = describe(detection);
      break;
  }
  sink.add(std::move(finding));
  return std::make_unique<NothingReader>();
}

}  // namespace focalpost
