// SPDX-License-Identifier: Apache-2.0
#include "store/metadata.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "store/structure_json.h"

namespace focalpost {
namespace {

constexpr std::size_t kCellsListed = 20;
constexpr std::size_t kCellCharacters = 120;

std::string unversioned(const Ref& ref) {
  return ref.empty() ? std::string() : Ref{ref.agency, ref.id, {}}.text();
}

/// The old list with each top-level concept of `given` in the place of those of its name.
std::vector<ReportedAttribute> put_over(const std::vector<ReportedAttribute>& old,
                                        const std::vector<ReportedAttribute>& given) {
  std::set<std::string_view> replaced;
  for (const ReportedAttribute& one : given)
    if (one.parent < 0) replaced.insert(one.id);
  std::vector<ReportedAttribute> result;
  std::vector<std::int32_t> places(old.size(), -1);
  for (std::size_t i = 0; i < old.size(); ++i) {
    const bool goes = old[i].parent < 0 ? replaced.contains(old[i].id)
                                        : places[static_cast<std::size_t>(old[i].parent)] < 0;
    if (goes) continue;
    places[i] = static_cast<std::int32_t>(result.size());
    ReportedAttribute kept = old[i];
    if (kept.parent >= 0) kept.parent = places[static_cast<std::size_t>(kept.parent)];
    result.push_back(std::move(kept));
  }
  const auto shift = static_cast<std::int32_t>(result.size());
  for (ReportedAttribute one : given) {
    if (one.parent >= 0) one.parent += shift;
    result.push_back(std::move(one));
  }
  return result;
}

ChangeSummary compare(const std::vector<ReportedAttribute>& before,
                      const std::vector<ReportedAttribute>& after) {
  auto by_path = [](const std::vector<ReportedAttribute>& list) {
    std::map<std::string, std::string> result;
    const std::vector<std::string> paths = attribute_paths(list);
    // What only holds others says nothing itself.
    for (std::size_t i = 0; i < list.size(); ++i)
      if (std::string text = attribute_text(list[i], {}); !text.empty())
        result.emplace(paths[i], std::move(text));
    return result;
  };
  const auto old = by_path(before), now = by_path(after);
  ChangeSummary change;
  auto list = [&](CellChange::Kind kind, const std::string& path, const std::string& was,
                  const std::string& is) {
    if (change.cells.size() < kCellsListed)
      change.cells.push_back({kind,
                              {},
                              {},
                              path,
                              shorten(one_line(was), kCellCharacters),
                              shorten(one_line(is), kCellCharacters),
                              0});
  };
  for (const auto& [path, text] : now) {
    auto known = old.find(path);
    if (known == old.end())
      ++change.created;
    else if (known->second == text)
      ++change.unchanged;
    else
      ++change.revised, list(CellChange::Kind::kRevised, path, known->second, text);
  }
  for (const auto& [path, text] : old)
    if (!now.contains(path)) ++change.withdrawn, list(CellChange::Kind::kWithdrawn, path, text, "");
  return change;
}

bool in_audience(const FiledMetadata& set, const StructureLookup& structures,
                 const Viewer& viewer) {
  if (viewer.coordinator || (!viewer.institution.empty() && viewer.institution == set.provider))
    return true;
  std::string audience = "network";
  if (!set.dataflow.empty()) {
    audience = "institution";
    for (const AgreementTerms& terms : structures.agreements())
      if (terms.agreement->provider.id == set.provider &&
          terms.agreement->dataflow.agency == set.dataflow.agency &&
          terms.agreement->dataflow.id == set.dataflow.id)
        audience = terms.audience;
  }
  if (audience == "public") return true;
  if (viewer.institution.empty() || audience == "institution") return false;
  if (audience == "network") return true;
  for (std::string_view country : split(audience, ' '))
    if (std::find(viewer.areas.begin(), viewer.areas.end(), country) != viewer.areas.end())
      return true;
  return false;
}

}  // namespace

Result<std::vector<ReportedAttribute>> MetadataTables::attributes(std::int64_t set) {
  std::vector<ReportedAttribute> result;
  {
    FP_ASSIGN(auto rows,
              statements_.get("SELECT parent, attribute, value, structured FROM "
                              "metadata_value WHERE metadata_set = ? ORDER BY position"));
    rows->bind_all(set);
    for (;;) {
      FP_ASSIGN(bool row, rows->step());
      if (!row) break;
      ReportedAttribute& one = result.emplace_back();
      one.parent = static_cast<std::int32_t>(rows->integer(0));
      one.id = rows->string(1);
      one.value = rows->string(2);
      one.structured = rows->integer(3) != 0;
      if (one.parent >= static_cast<std::int32_t>(result.size()) - 1)
        return usage_error("the store's metadata do not fit together",
                           "Somebody changed the store by hand: put back a backup.");
    }
  }
  FP_ASSIGN(auto rows, statements_.get("SELECT position, lang, text FROM metadata_text "
                                       "WHERE metadata_set = ? ORDER BY position, seq"));
  rows->bind_all(set);
  for (;;) {
    FP_ASSIGN(bool row, rows->step());
    if (!row) break;
    const auto position = static_cast<std::size_t>(rows->integer(0));
    if (position < result.size())
      result[position].texts.push_back({rows->string(1), rows->string(2)});
  }
  return result;
}

Result<MetadataTables::Known> MetadataTables::newest(const MetadataDescription& description) {
  Known known;
  {
    const std::string structure = unversioned(description.structure),
                      dataflow = unversioned(description.dataflow);
    FP_ASSIGN(auto rows, statements_.get("SELECT id, version, prepared FROM metadata_set WHERE "
                                         "structure = ? AND dataflow = ? AND provider = ? "
                                         "ORDER BY version DESC LIMIT 1"));
    rows->bind_all(structure, dataflow, description.provider);
    FP_ASSIGN(bool row, rows->step());
    if (!row) return known;
    known.id = rows->integer(0);
    known.version = rows->integer(1);
    if (!rows->is_null(2)) known.prepared = from_millis(rows->integer(2));
  }
  FP_ASSIGN(known.attributes, attributes(known.id));
  return known;
}

Status MetadataTables::write(const MetadataDescription& description, const MetadataOrigin& origin,
                             std::int64_t version,
                             const std::vector<ReportedAttribute>& attributes) {
  {
    const std::string structure = unversioned(description.structure),
                      dataflow = unversioned(description.dataflow);
    FP_ASSIGN(auto insert,
              statements_.get("INSERT INTO metadata_set (structure, structure_version, dataflow, "
                              "provider, version, item, action, filed_at, docket, prepared) "
                              "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
    insert->bind_all(structure, description.structure.version, dataflow, description.provider,
                     version, origin.item, action_name(description.action),
                     to_millis(origin.filed_at));
    origin.docket != 0 ? insert->bind(9, origin.docket) : insert->bind_null(9);
    origin.prepared ? insert->bind(10, to_millis(*origin.prepared)) : insert->bind_null(10);
    FP_TRY(insert->run());
  }
  const std::int64_t set = statements_.database().last_row();
  for (std::size_t i = 0; i < attributes.size(); ++i) {
    const ReportedAttribute& one = attributes[i];
    const auto position = static_cast<std::int64_t>(i);
    FP_TRY(statements_.run(
        "INSERT INTO metadata_value (metadata_set, position, parent, attribute, "
        "value, structured) VALUES (?, ?, ?, ?, ?, ?)",
        set, position, std::int64_t{one.parent}, one.id, one.value, one.structured));
    std::int64_t seq = 0;
    for (const LocalText& text : one.texts)
      FP_TRY(
          statements_.run("INSERT INTO metadata_text (metadata_set, position, seq, lang, text) "
                          "VALUES (?, ?, ?, ?, ?)",
                          set, position, seq++, text.lang, text.text));
  }
  return {};
}

Result<MetadataFiled> MetadataTables::file(const MetadataDescription& description,
                                           const MetadataOrigin& origin, bool even_if_older) {
  FP_TRY(statements_.need_transaction("metadata are filed"));
  FP_ASSIGN(Known known, newest(description));
  MetadataFiled filed;
  filed.first = known.version == 0;
  std::vector<ReportedAttribute> after;
  switch (description.action) {
    case Action::kDelete:
      break;
    case Action::kAppend:
    case Action::kMerge:
      after = put_over(known.attributes, description.attributes);
      break;
    default:
      after = description.attributes;
  }
  filed.change = compare(known.attributes, after);
  if (!filed.change.changed()) return filed;
  if (!even_if_older && origin.prepared && known.prepared && *origin.prepared < *known.prepared) {
    filed.older = true;
    return filed;
  }
  FP_TRY(write(description, origin, known.version + 1, after));
  return filed;
}

Result<std::vector<FiledMetadata>> MetadataTables::read(const MetadataSelection& selection,
                                                        const StructureLookup& structures,
                                                        const Viewer& viewer) {
  std::vector<std::pair<std::int64_t, FiledMetadata>> found;
  {
    const std::string structure = unversioned(selection.structure),
                      dataflow = selection.dataflow ? unversioned(*selection.dataflow) : "*";
    FP_ASSIGN(auto rows,
              statements_.get(
                  "SELECT id, structure, structure_version, dataflow, provider, version, filed_at "
                  "FROM metadata_set s WHERE (?1 = '' OR structure = ?1) "
                  "AND (?2 = '*' OR dataflow = ?2) AND (?3 = '' OR provider = ?3) "
                  "AND version = (SELECT max(version) FROM metadata_set n WHERE n.structure = "
                  "s.structure AND n.dataflow = s.dataflow AND n.provider = s.provider "
                  "AND n.filed_at <= ?4) ORDER BY structure, dataflow, provider"));
    rows->bind_all(structure, dataflow, selection.provider,
                   to_millis(selection.as_of.value_or(viewer.now)));
    for (;;) {
      FP_ASSIGN(bool row, rows->step());
      if (!row) break;
      FiledMetadata set;
      set.structure = stored_ref(rows->text(1));
      set.structure.version = rows->string(2);
      if (!rows->text(3).empty()) set.dataflow = stored_ref(rows->text(3));
      set.provider = rows->string(4);
      set.version = rows->integer(5);
      set.filed_at = from_millis(rows->integer(6));
      if (in_audience(set, structures, viewer))
        found.emplace_back(rows->integer(0), std::move(set));
    }
  }
  std::vector<FiledMetadata> result;
  for (auto& [id, set] : found) {
    FP_ASSIGN(set.attributes, attributes(id));
    if (!set.attributes.empty()) result.push_back(std::move(set));
  }
  return result;
}

}  // namespace focalpost
