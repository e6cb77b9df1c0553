// SPDX-License-Identifier: Apache-2.0
#include "store/publications.h"

#include <algorithm>
#include <tuple>

#include "base/text.h"

namespace focalpost {
namespace {

/// Of agreements, each in its newest version.
class Audiences {
 public:
  Audiences(const StructureLookup& structures, const Viewer& viewer)
      : structures_(structures), viewer_(viewer) {}

  bool includes(std::string_view provider, const std::string& agreement) {
    if (viewer_.coordinator || (!viewer_.institution.empty() && viewer_.institution == provider))
      return true;
    auto [place, fresh] = known_.try_emplace(agreement, false);
    if (fresh) place->second = open(agreement);
    return place->second;
  }

 private:
  bool open(const std::string& agreement) const {
    const auto ref = parse_ref(agreement);
    const AgreementTerms* newest = nullptr;
    for (const AgreementTerms& terms : structures_.agreements()) {
      const Ref& known = terms.agreement->ref;
      if (!ref || known.agency != ref->agency || known.id != ref->id) continue;
      if (!newest || version_less(newest->agreement->ref.version, known.version)) newest = &terms;
    }
    if (!newest || newest->audience == "institution") return false;
    if (newest->audience == "public") return true;
    if (viewer_.institution.empty()) return false;
    if (newest->audience == "network") return true;
    for (std::string_view country : split(newest->audience, ' '))
      if (std::find(viewer_.areas.begin(), viewer_.areas.end(), country) != viewer_.areas.end())
        return true;
    return false;
  }

  const StructureLookup& structures_;
  const Viewer& viewer_;
  std::map<std::string, bool> known_;
};

Ref dataflow_of(std::string_view text) {
  auto ref = parse_ref(text);
  return ref ? *ref : Ref{{}, std::string(text), {}};
}

}  // namespace

Result<std::vector<Publication>> publications(Database& database, const StructureLookup& structures,
                                              const Viewer& viewer, std::size_t most) {
  std::vector<Publication> made;
  Audiences audiences(structures, viewer);
  {
    FP_ASSIGN(Statement rows, database.prepare(R"sql(
      SELECT i.id, i.filed_at, f.dataflow, i.provider, i.agreement, i.created, i.revised,
             coalesce(d.first_period, ''), coalesce(d.last_period, '')
      FROM filing i JOIN flow f ON f.id = i.flow
      LEFT JOIN item_dataset d
        ON d.docket = i.docket AND d.item = i.item AND d.position = i.dataset
      WHERE i.filed_at <= ?1 AND i.created + i.revised + i.withdrawn > 0
      ORDER BY i.filed_at DESC, i.id DESC)sql"));
    rows.bind_all(to_millis(viewer.now));
    for (std::size_t count = 0; count < most;) {
      FP_ASSIGN(bool row, rows.step());
      if (!row) break;
      if (!audiences.includes(rows.text(3), rows.string(4))) continue;
      ++count;
      Publication& one = made.emplace_back();
      one.kind = rows.integer(5) > 0   ? Publication::Kind::kNew
                 : rows.integer(6) > 0 ? Publication::Kind::kRevised
                                       : Publication::Kind::kWithdrawn;
      one.filing = rows.integer(0);
      one.at = from_millis(rows.integer(1));
      one.dataflow = dataflow_of(rows.text(2));
      one.provider = rows.string(3);
      one.first = Period::parse(rows.text(7));
      one.last = Period::parse(rows.text(8));
    }
  }
  // An embargo that ends is news too: of each filing and moment once.
  FP_ASSIGN(Statement rows, database.prepare(R"sql(
    SELECT o.visible_at, i.id, f.dataflow, i.provider, i.agreement, p.text
    FROM observation o JOIN filing i ON i.id = o.filing JOIN flow f ON f.id = i.flow
    JOIN period p ON p.id = o.period
    WHERE o.visible_at IN (SELECT DISTINCT visible_at FROM observation
                           WHERE visible_at <= ?1 ORDER BY visible_at DESC LIMIT ?2)
      AND o.conf = 'E' AND o.withdrawn IS NULL AND o.visible_at > i.filed_at
    GROUP BY 1, 2, 6)sql"));
  rows.bind_all(to_millis(viewer.now), static_cast<std::int64_t>(most));
  std::map<std::pair<std::int64_t, std::int64_t>, Publication> released;
  for (;;) {
    FP_ASSIGN(bool row, rows.step());
    if (!row) break;
    if (!audiences.includes(rows.text(3), rows.string(4))) continue;
    Publication& one = released[{rows.integer(0), rows.integer(1)}];
    one.kind = Publication::Kind::kReleased;
    one.filing = rows.integer(1);
    one.at = from_millis(rows.integer(0));
    one.dataflow = dataflow_of(rows.text(2));
    one.provider = rows.string(3);
    const auto period = Period::parse(rows.text(5));
    if (!period) continue;
    if (!one.first || period->first_day() < one.first->first_day()) one.first = period;
    if (!one.last || period->end_day() > one.last->end_day()) one.last = period;
  }
  for (auto& [key, one] : released) made.push_back(std::move(one));
  std::sort(made.begin(), made.end(), [](const Publication& a, const Publication& b) {
    return std::tie(b.at, b.filing, b.kind) < std::tie(a.at, a.filing, a.kind);
  });
  if (made.size() > most) made.resize(most);
  return made;
}

Result<std::map<std::string, FlowMark>> flow_marks(Database& database, Time now) {
  std::map<std::string, FlowMark> made;
  FP_ASSIGN(Statement filed, database.prepare(R"sql(
    SELECT f.dataflow, max(i.id), i.filed_at FROM filing i JOIN flow f ON f.id = i.flow
    GROUP BY f.dataflow)sql"));
  for (;;) {
    FP_ASSIGN(bool row, filed.step());
    if (!row) break;
    FlowMark& mark = made[filed.string(0)];
    mark.filing = filed.integer(1);
    mark.filed_at = from_millis(filed.integer(2));
  }
  FP_ASSIGN(Statement ended, database.prepare(R"sql(
    SELECT f.dataflow, max(o.visible_at)
    FROM observation o JOIN series s ON s.id = o.series JOIN flow f ON f.id = s.flow
    WHERE o.visible_at <= ?1 GROUP BY f.dataflow)sql"));
  ended.bind_all(to_millis(now));
  for (;;) {
    FP_ASSIGN(bool row, ended.step());
    if (!row) break;
    made[ended.string(0)].released = from_millis(ended.integer(1));
  }
  return made;
}

Result<std::int64_t> description_mark(Database& database) {
  FP_ASSIGN(auto newest, database.query_integer("SELECT max(id) FROM metadata_set"));
  return newest.value_or(0);
}

}  // namespace focalpost
