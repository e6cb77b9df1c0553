// SPDX-License-Identifier: Apache-2.0
//
// metadata_structure_writer: what reference metadata are made of (structures, flows, agreements) in
// a structure message.
//
// Inside the room only; a part of structure_writer. A structure of 2.1 is written in 3.0 without
// its targets (there the flow has them) if it has one report; one of 3.0 is not written in 2.1,
// where a report must say what it is about, and that is known to no one.
#pragma once

#include <vector>

#include "sdmx/structure_out.h"

namespace focalpost::sdmx {

class MetadataStructureWriter {
 public:
  explicit MetadataStructureWriter(StructureOut& to) : to_(to), out_(to.out_), v30_(to.v30_) {}

  /// Those that the version can express; the others are said to be left out.
  std::vector<const MetadataStructure*> writable(const std::vector<MetadataStructure>& all);
  void metadata_structure(const MetadataStructure& structure);
  void metadataflow(const Metadataflow& flow);
  void agreement(const MetadataAgreement& agreement);

 private:
  void target(const MetadataTarget& target);
  void attributes(const std::vector<MetadataAttribute>& list);
  void open_attribute(const MetadataAttribute& attribute);

  StructureOut& to_;
  XmlOut& out_;
  const bool v30_;
};

}  // namespace focalpost::sdmx
