// SPDX-License-Identifier: Apache-2.0
//
// data_reader: SDMX data messages as a stream of observation batches.
//
// Owns: what SDMX-ML 2.0 (CompactData, GenericData, CrossSectionalData), 2.1
// (StructureSpecificData, StructureSpecificTimeSeriesData, GenericData, GenericTimeSeriesData), 3.0
// and 3.1 (StructureSpecificData), and SDMX-CSV and SDMX-JSON 1.0 to 2.1 look like. Judges the
// form: well-formedness, header, elements and their order, components and their level. Never judges
// what the values mean (codes, periods, duplicates, what is mandatory: `validation`), never holds
// more than a few batches, never loads anything, never guesses an encoding.
//
// Everything wrong with the content is a Finding and reading goes on where it sensibly can; a
// Result is an Error only if the ByteSource gave one.
//
// Dangers: a batch and everything it views is valid until next() is called for the second time.
// Positions are those of the decoded text. XML columns are counted in characters and are 0 for a
// start tag over several lines, JSON columns likewise and 0 for data that came before their
// structure.
//
// Promises to who judges and stores the batches:
// - a batch is of one dataset; the last of a dataset says so, also when reading broke off in it;
// - a dataset whose structure is not known (a finding said so) is counted in DataMessage::datasets
//   and gives no batch; any other gives at least one;
// - what is absent has data() == nullptr, also in keys; what is there and empty is not null (XML;
//   an empty CSV field and an empty text of JSON are absent); columns are as long as the batch has
//   observations;
// - a run that goes on from the batch before is `continued` and does not repeat its attributes;
// - a run may have no observation (a series with attributes only; the whole series of a Delete),
// and
//   a key may lack parts (wildcards of a Delete; otherwise validation's `missing_dimension`);
// - several values, or one in several languages, are one text (model/multi_value.h);
// - the attributes of a partial key that is no group of the DSD (3.0) come as a group that is
//   implied (FlowGroup);
// - values are not trimmed. An XML parser turns tab and newline in attributes into spaces.
#pragma once

#include <memory>

#include "base/byte_source.h"
#include "base/limits.h"
#include "base/result.h"
#include "model/finding.h"
#include "model/lookup.h"
#include "model/observation.h"
#include "sdmx/detect.h"

namespace focalpost {

class DataReader {
 public:
  virtual ~DataReader() = default;
  /// The next batch, null at the end. Owned by the reader, which uses it again in the next call but
  /// one: a batch may still be looked at while the next is read.
  virtual Result<ObservationBatch*> next() = 0;
  /// Complete at the end; a dataset is in it before its first batch comes.
  virtual const DataMessage& message() const = 0;
};

/// `bytes` from the first byte of the file on, of which `detection` tells. What is no data message,
/// or of a version that is not read, gets its finding here and a reader without batches. The
/// references must outlive the reader.
std::unique_ptr<DataReader> open_data(ByteSource& bytes, const Detection& detection,
                                      const StructureLookup& structures, FindingSink& sink,
                                      const Limits& limits);

}  // namespace focalpost
