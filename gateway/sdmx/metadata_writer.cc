// SPDX-License-Identifier: Apache-2.0
#include "sdmx/metadata_writer.h"

#include <fmt/format.h>

#include <map>

#include "sdmx/structure_out.h"
#include "sdmx/xml_out.h"

namespace focalpost {
namespace sdmx {
namespace {

class MetadataWriter {
 public:
  MetadataWriter(const OutgoingHeader& header, const ByteSink& sink, bool v30)
      : header_(header), out_(sink), v30_(v30) {}

  Status write(const std::vector<OutgoingMetadata>& sets) {
    FP_TRY(check_header(header_));
    for (const OutgoingMetadata& one : sets) FP_TRY(check(one));
    const std::string base =
        fmt::format("http://www.sdmx.org/resources/sdmxml/schemas/{}/", v30_ ? "v3_0" : "v2_1");
    out_.raw("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    out_.open("mes:GenericMetadata");
    out_.attribute("xmlns:mes", base + "message");
    out_.attribute("xmlns:gen", base + "metadata/generic");
    out_.attribute("xmlns:com", base + "common");
    write_header_head(out_, header_);
    for (const LocalText& name : header_.names) text("com:Name", name);
    structures(sets);
    out_.close();
    for (const OutgoingMetadata& one : sets) {
      write_set(one);
      FP_TRY(out_.pass_on());
    }
    out_.close();
    out_.raw("\n");
    return out_.flush();
  }

 private:
  Status check(const OutgoingMetadata& one) const {
    const char* missing = nullptr;
    if (one.set.reports.empty() || (v30_ && one.set.reports.size() != 1)) missing = "one report";
    for (const MetadataReport& report : one.set.reports) {
      if (report.targets.empty()) missing = "a target";
      if (report.attributes.empty()) missing = "a concept";
      for (const ReportTarget& target : report.targets)
        if (!parse_urn(target.urn)) missing = "a target with a URN";
    }
    if (!missing) return {};
    return bug(fmt::format("a metadata set {} is written without {}", one.set.ref.id, missing));
  }

  /// Each structure once; sets refer to it by a number.
  void structures(const std::vector<OutgoingMetadata>& sets) {
    for (const OutgoingMetadata& one : sets) {
      auto [place, fresh] = structures_.emplace(one.set.structure, structures_.size() + 1);
      if (!fresh) continue;
      out_.open("mes:Structure");
      out_.attribute("structureID", fmt::format("MSD{}", place->second));
      if (v30_) {
        out_.element("com:Structure", urn(ArtefactClass::kMetadataStructure, one.set.structure));
      } else {
        out_.open("com:Structure");
        out_.open("Ref");
        out_.attribute("agencyID", one.set.structure.agency);
        out_.attribute("id", one.set.structure.id);
        out_.attribute("version", one.set.structure.version);
        out_.close();
        out_.close();
      }
      out_.close();
    }
  }

  void write_set(const OutgoingMetadata& one) {
    out_.open("mes:MetadataSet");
    if (v30_) {
      out_.attribute("agencyID", one.set.ref.agency);
      out_.attribute("id", legal_id(one.set.ref.id));
      out_.attribute("version", one.set.ref.version.empty() ? "1.0" : one.set.ref.version);
    } else {
      out_.attribute("structureRef", fmt::format("MSD{}", structures_.at(one.set.structure)));
      out_.attribute("setID", legal_id(one.set.ref.id));
    }
    // Merge is of 3.1; before, that is what Append meant.
    out_.attribute(
        "action", action_name(one.set.action == Action::kMerge ? Action::kAppend : one.set.action));
    if (one.set.names.empty() && v30_) text("com:Name", {"und", one.set.ref.id});
    for (const LocalText& name : one.set.names) text("com:Name", name);
    if (v30_) {
      out_.element("gen:Metadataflow", urn(ArtefactClass::kMetadataflow, one.metadataflow));
      const MetadataReport& report = one.set.reports.front();
      for (const ReportTarget& target : report.targets) out_.element("gen:Target", target.urn);
      attributes(report.attributes);
    } else {
      for (const MetadataReport& report : one.set.reports) write_report(report);
    }
    out_.close();
  }

  void write_report(const MetadataReport& report) {
    out_.open("gen:Report");
    out_.attribute("id", report.id.empty() ? "REPORT" : report.id);
    out_.open("gen:Target");
    out_.attribute("id", report.target_id.empty() ? "TARGET" : report.target_id);
    for (const ReportTarget& target : report.targets) {
      out_.open("gen:ReferenceValue");
      out_.attribute("id", target.id.empty() ? "OBJECT" : target.id);
      out_.open("gen:ObjectReference");
      out_.element("URN", target.urn);
      out_.close();
      out_.close();
    }
    out_.close();
    out_.open("gen:AttributeSet");
    attributes(report.attributes);
    out_.close();
    out_.close();
  }

  void attributes(const std::vector<ReportedAttribute>& list) {
    // In 2.1 what lies in an attribute lies in an AttributeSet of it.
    struct Open {
      std::int32_t place;
      bool set;
    };
    std::vector<Open> open;
    auto close = [&] {
      if (open.back().set) out_.close();
      out_.close();
      open.pop_back();
    };
    for (std::size_t i = 0; i < list.size(); ++i) {
      while (!open.empty() && open.back().place != list[i].parent) close();
      if (!open.empty() && !v30_ && !open.back().set) {
        out_.open("gen:AttributeSet");
        open.back().set = true;
      }
      one_attribute(list[i]);
      open.push_back({static_cast<std::int32_t>(i), false});
    }
    while (!open.empty()) close();
  }

  void one_attribute(const ReportedAttribute& attribute) {
    out_.open(v30_ ? "gen:Attribute" : "gen:ReportedAttribute");
    out_.attribute("id", attribute.id);
    if (!attribute.value.empty()) {
      // Of a value and texts 3.0 takes one; what is coded has its text in an attribute inside it.
      if (!v30_)
        out_.attribute("value", attribute.value);
      else
        return out_.element("gen:Value", attribute.value);
    }
    for (const LocalText& one : attribute.texts) {
      if (!attribute.structured) {
        text("com:Text", one);
        continue;
      }
      out_.open("com:StructuredText");
      out_.attribute("xml:lang", xml_language(one.lang));
      out_.whole(one.text);
      out_.close();
    }
  }

  void text(std::string_view element, const LocalText& text) {
    out_.open(element);
    out_.attribute("xml:lang", xml_language(text.lang));
    out_.text(text.text);
    out_.close();
  }

  const OutgoingHeader& header_;
  XmlOut out_;
  const bool v30_;
  std::map<Ref, std::size_t> structures_;
};

}  // namespace
}  // namespace sdmx

Status write_metadata(const std::vector<OutgoingMetadata>& sets, const OutgoingHeader& header,
                      const ByteSink& sink, MetadataFormat format) {
  return sdmx::MetadataWriter(header, sink, format == MetadataFormat::k30).write(sets);
}

}  // namespace focalpost
