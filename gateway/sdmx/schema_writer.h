// SPDX-License-Identifier: Apache-2.0
//
// schema_writer: the XML Schema of one structure's own data messages.
//
// Structure-specific data are validated by a schema that is made of the data structure by the rules
// of SDMX 2.1 section 3A (part "Structure-specific schemas") and stands beside the official ones:
// DataSetType, SeriesType, ObsType and one type for each group, restrictions of the official base
// types, with enumerations from the codelists and facets from the text formats. Dimensions are
// required, attributes optional whatever their assignment status, since a message may be a partial
// update. What a schema cannot say (duplicates, what is mandatory, period against frequency,
// constraints) is validation's.
//
// Reads no file: `official` is where the official schemas will lie, as it goes into schemaLocation.
#pragma once

#include <span>
#include <string>

#include "base/result.h"
#include "model/lookup.h"
#include "sdmx/outgoing.h"

namespace focalpost {

/// "urn:sdmx:...Dataflow=FP:ASYLUM(1.0):ObsLevelDim:TIME_PERIOD", or ...:AllDimensions for flat
/// data, which those without a time dimension always are.
std::string data_schema_namespace(const FlowStructure& structure, bool flat);

/// 3.0: the type that a Comp names in xsi:type; the standard's sample has TITLE_ATTRIBUTE for the
/// attribute TITLE.
std::string complex_type_name(const FlowComponent& component);

struct SchemaOptions {
  bool flat = false;     ///< for observations without series
  bool v30 = false;      ///< SDMX-ML 3.0; dimensions are optional there (a Delete leaves some out)
  std::string official;  ///< "", "http://.../" or a folder with its '/'
  std::string space;     ///< target namespace, where a file declares another than the rules say
};

/// An Error if the structure cannot have a schema: a codelist that is not known, a pattern that is
/// none.
Status write_data_schema(const FlowStructure& structure, const ByteSink& sink,
                         const SchemaOptions& options = {});

/// A schema by which whole messages are validated: the official message schema with others beside.
struct SchemaPlace {
  std::string space;     ///< target namespace
  std::string location;  ///< of the file
};
Status write_message_schema(std::span<const SchemaPlace> beside, const ByteSink& sink,
                            const SchemaOptions& options = {});

}  // namespace focalpost
