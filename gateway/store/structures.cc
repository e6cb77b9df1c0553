// SPDX-License-Identifier: Apache-2.0
#include "store/structures.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <unordered_map>

#include "store/metadata_json.h"
#include "store/structure_json.h"

namespace focalpost {
namespace {

constexpr std::string_view kCodelist = "codelist", kConceptScheme = "concept_scheme",
                           kDataStructure = "data_structure", kDataflow = "dataflow",
                           kOrganisationScheme = "organisation_scheme", kAgreement = "agreement",
                           kConstraint = "constraint", kValueList = "value_list",
                           kMetadataStructure = "metadata_structure",
                           kMetadataflow = "metadataflow",
                           kMetadataAgreement = "metadata_agreement", kOther = "other";

constexpr std::string_view kComponentKinds[] = {"dimension", "measure_dimension", "time_dimension",
                                                "measure", "attribute"};
constexpr std::string_view kRelationships[] = {"dataset", "dimensions", "group", "observation"};

template <typename Enum, std::size_t N>
Enum enum_of(const std::string_view (&names)[N], std::string_view name, Enum otherwise) {
  for (std::size_t i = 0; i < N; ++i)
    if (names[i] == name) return static_cast<Enum>(i);
  return otherwise;
}

/// What hangs on an artefact (item 0) or on one of its items.
struct Described {
  Texts* names = nullptr;
  Texts* descriptions = nullptr;
  Annotations* annotations = nullptr;
};

// ---- reading ----------------------------------------------------------------------------------

class Reader {
 public:
  explicit Reader(Statements& statements) : statements_(statements) {}

  Result<Structures> read() {
    FP_TRY(artefacts());
    FP_TRY(items());
    FP_TRY(contacts());
    FP_TRY(addresses());
    FP_TRY(texts());
    FP_TRY(annotations());
    FP_TRY(components());
    FP_TRY(groups());
    FP_TRY(dataflows());
    FP_TRY(agreements());
    FP_TRY(constraints());
    FP_TRY(attachments());
    FP_TRY(details());
    FP_TRY(others());
    return std::move(out_);
  }

 private:
  struct Place {
    std::string_view kind;
    std::size_t index = 0;
  };

  /// Calls `take(row)` for every row of a query.
  template <typename Take>
  Status rows(const char* sql, Take take) {
    FP_ASSIGN(auto statement, statements_.get(sql));
    for (;;) {
      FP_ASSIGN(bool row, statement->step());
      if (!row) return {};
      FP_TRY(take(*statement));
    }
  }

  Status damaged(Statement& row) {
    return usage_error(
        fmt::format("the store's structures do not fit together (artefact {})", row.integer(0)),
        "Somebody changed the store by hand: put back a backup.");
  }

  /// The artefact of a row whose first column is its id; null if it is not of this kind.
  template <typename T>
  T* find(std::vector<T>& all, std::string_view kind, Statement& row) {
    auto place = places_.find(row.integer(0));
    if (place == places_.end() || place->second.kind != kind) return nullptr;
    return &all[place->second.index];
  }

  template <typename T>
  void add(std::vector<T>& all, std::string_view kind, Statement& row) {
    places_[row.integer(0)] = {kind, all.size()};
    T& artefact = all.emplace_back();
    artefact.ref = {row.string(3), row.string(4), row.string(5)};
    if constexpr (std::is_base_of_v<Maintainable, T>) {
      artefact.is_final = row.integer(6) != 0;
      artefact.valid_from = row.string(8);
      artefact.valid_to = row.string(9);
    }
  }

  Status artefacts() {
    return rows(
        "SELECT id, kind, class, agency, artefact_id, version, is_final, is_partial, valid_from, "
        "valid_to FROM artefact ORDER BY id",
        [&](Statement& row) -> Status {
          std::string_view kind = row.text(1);
          if (kind == kCodelist) {
            add(out_.codelists, kCodelist, row);
            out_.codelists.back().is_partial = row.integer(7) != 0;
          } else if (kind == kConceptScheme) {
            add(out_.concept_schemes, kConceptScheme, row);
          } else if (kind == kDataStructure) {
            add(out_.data_structures, kDataStructure, row);
          } else if (kind == kDataflow) {
            add(out_.dataflows, kDataflow, row);
          } else if (kind == kOrganisationScheme) {
            add(out_.organisation_schemes, kOrganisationScheme, row);
            out_.organisation_schemes.back().scheme_class =
                class_from_name(row.text(2)).value_or(ArtefactClass::kOther);
          } else if (kind == kAgreement) {
            add(out_.agreements, kAgreement, row);
          } else if (kind == kConstraint) {
            add(out_.constraints, kConstraint, row);
          } else if (kind == kValueList) {
            add(out_.value_lists, kValueList, row);
          } else if (kind == kMetadataStructure) {
            add(out_.metadata_structures, kMetadataStructure, row);
          } else if (kind == kMetadataflow) {
            add(out_.metadataflows, kMetadataflow, row);
          } else if (kind == kMetadataAgreement) {
            add(out_.metadata_agreements, kMetadataAgreement, row);
          } else if (kind == kOther) {
            add(out_.others, kOther, row);
            out_.others.back().element = row.string(2);
          } else {
            return damaged(row);
          }
          return {};
        });
  }

  Status items() {
    return rows(
        "SELECT artefact, id, parent, representation FROM scheme_item ORDER BY artefact, position",
        [&](Statement& row) -> Status {
          Codelist* list = find(out_.codelists, kCodelist, row);
          if (!list) list = find(out_.value_lists, kValueList, row);
          if (list) {
            Code& code = list->codes.emplace_back();
            code.id = row.string(1);
            code.parent = row.string(2);
          } else if (auto* scheme = find(out_.concept_schemes, kConceptScheme, row)) {
            Concept& item = scheme->concepts.emplace_back();
            item.id = row.string(1);
            item.parent = row.string(2);
            if (!row.is_null(3))
              FP_TRY(
                  read_json(row.text(3), [&](const Json& j) { item.core = representation_of(j); }));
          } else if (auto* roster = find(out_.organisation_schemes, kOrganisationScheme, row)) {
            roster->organisations.emplace_back().id = row.string(1);
          } else {
            return damaged(row);
          }
          return {};
        });
  }

  /// Columns 0 to 2: artefact, item, contact.
  Contact* contact_of(Statement& row) {
    auto* scheme = find(out_.organisation_schemes, kOrganisationScheme, row);
    auto item = static_cast<std::size_t>(row.integer(1)) - 1;
    auto place = static_cast<std::size_t>(row.integer(2)) - 1;
    if (!scheme || item >= scheme->organisations.size() ||
        place >= scheme->organisations[item].contacts.size())
      return nullptr;
    return &scheme->organisations[item].contacts[place];
  }

  Status contacts() {
    return rows("SELECT artefact, item, id FROM contact ORDER BY artefact, item, position",
                [&](Statement& row) -> Status {
                  auto* scheme = find(out_.organisation_schemes, kOrganisationScheme, row);
                  auto item = static_cast<std::size_t>(row.integer(1)) - 1;
                  if (!scheme || item >= scheme->organisations.size()) return damaged(row);
                  scheme->organisations[item].contacts.emplace_back().id = row.string(2);
                  return {};
                });
  }

  Status addresses() {
    return rows(
        "SELECT artefact, item, contact, kind, address FROM contact_address "
        "ORDER BY artefact, item, contact, kind, seq",
        [&](Statement& row) -> Status {
          Contact* contact = contact_of(row);
          if (!contact) return damaged(row);
          std::string_view kind = row.text(3);
          auto& list = kind == "email"   ? contact->emails
                       : kind == "phone" ? contact->phones
                       : kind == "fax"   ? contact->faxes
                                         : contact->uris;
          list.push_back(row.string(4));
          return {};
        });
  }

  /// Columns 0 and 1: artefact, item.
  Described described(Statement& row) {
    auto of = [](auto& thing) -> Described {
      return {&thing.names, &thing.descriptions, &thing.annotations};
    };
    auto item = static_cast<std::size_t>(row.integer(1));
    auto within = [&](auto& artefact, auto& items) -> Described {
      if (item == 0) return of(artefact);
      return item <= items.size() ? of(items[item - 1]) : Described{};
    };
    if (auto* list = find(out_.codelists, kCodelist, row)) return within(*list, list->codes);
    if (auto* list = find(out_.value_lists, kValueList, row)) return within(*list, list->codes);
    if (auto* scheme = find(out_.concept_schemes, kConceptScheme, row))
      return within(*scheme, scheme->concepts);
    if (auto* roster = find(out_.organisation_schemes, kOrganisationScheme, row))
      return within(*roster, roster->organisations);
    if (item > 0) return {};
    if (auto* structure = find(out_.data_structures, kDataStructure, row)) return of(*structure);
    if (auto* flow = find(out_.dataflows, kDataflow, row)) return of(*flow);
    if (auto* agreement = find(out_.agreements, kAgreement, row)) return of(*agreement);
    if (auto* constraint = find(out_.constraints, kConstraint, row)) return of(*constraint);
    if (auto* one = find(out_.metadata_structures, kMetadataStructure, row)) return of(*one);
    if (auto* one = find(out_.metadataflows, kMetadataflow, row)) return of(*one);
    if (auto* one = find(out_.metadata_agreements, kMetadataAgreement, row)) return of(*one);
    return {};
  }

  Status texts() {
    return rows(
        "SELECT artefact, item, contact, kind, lang, text FROM structure_text "
        "ORDER BY artefact, item, contact, kind, seq",
        [&](Statement& row) -> Status {
          std::string_view kind = row.text(3);
          Texts* list = nullptr;
          if (row.integer(2) > 0) {
            if (Contact* contact = contact_of(row))
              list = kind == "department" ? &contact->departments
                     : kind == "role"     ? &contact->roles
                                          : &contact->names;
          } else {
            Described thing = described(row);
            list = kind == "description" ? thing.descriptions : thing.names;
          }
          if (!list) return damaged(row);
          list->push_back({row.string(4), row.string(5)});
          return {};
        });
  }

  Status annotations() {
    return rows(
        "SELECT artefact, item, id, type, title, texts FROM annotation "
        "ORDER BY artefact, item, seq",
        [&](Statement& row) -> Status {
          Described thing = described(row);
          if (!thing.annotations) return damaged(row);
          Annotation& a = thing.annotations->emplace_back();
          a.id = row.string(2);
          a.type = row.string(3);
          a.title = row.string(4);
          return read_json(row.text(5), [&](const Json& j) { a.texts = texts_of(j); });
        });
  }

  Status components() {
    return rows(
        "SELECT artefact, id, kind, concept_scheme, concept, representation, mandatory, "
        "relationship, dimensions, group_id, annotations FROM component "
        "ORDER BY artefact, position",
        [&](Statement& row) -> Status {
          auto* structure = find(out_.data_structures, kDataStructure, row);
          if (!structure) return damaged(row);
          Component& c = structure->components.emplace_back();
          c.id = row.string(1);
          c.kind = enum_of(kComponentKinds, row.text(2), ComponentKind::kDimension);
          c.concept_identity = {stored_ref(row.text(3)), row.string(4)};
          c.mandatory = row.integer(6) != 0;
          c.relationship.kind =
              enum_of(kRelationships, row.text(7), AttributeRelationship::Kind::kObservation);
          c.relationship.group = row.string(9);
          if (!row.is_null(5))
            FP_TRY(read_json(row.text(5), [&](const Json& j) { c.local = representation_of(j); }));
          FP_TRY(read_json(row.text(8), [&](const Json& j) { c.relationship.dimensions = j; }));
          return read_json(row.text(10), [&](const Json& j) { c.annotations = annotations_of(j); });
        });
  }

  Status groups() {
    return rows("SELECT artefact, id, dimensions FROM dimension_group ORDER BY artefact, position",
                [&](Statement& row) -> Status {
                  auto* structure = find(out_.data_structures, kDataStructure, row);
                  if (!structure) return damaged(row);
                  GroupDimensions& group = structure->groups.emplace_back();
                  group.id = row.string(1);
                  return read_json(row.text(2), [&](const Json& j) { group.dimensions = j; });
                });
  }

  Status dataflows() {
    return rows("SELECT artefact, structure FROM dataflow", [&](Statement& row) -> Status {
      Dataflow* flow = find(out_.dataflows, kDataflow, row);
      if (!flow) return damaged(row);
      flow->structure = stored_ref(row.text(1));
      return {};
    });
  }

  Status agreements() {
    return rows("SELECT artefact, dataflow, provider_scheme, provider FROM agreement",
                [&](Statement& row) -> Status {
                  auto* agreement = find(out_.agreements, kAgreement, row);
                  if (!agreement) return damaged(row);
                  agreement->dataflow = stored_ref(row.text(1));
                  agreement->provider = {stored_ref(row.text(2)), row.string(3)};
                  return {};
                });
  }

  Status constraints() {
    return rows(
        "SELECT artefact, allowed, regions, key_sets, reference_from, reference_to, periodicity, "
        "due_offset, tolerance FROM content_constraint",
        [&](Statement& row) -> Status {
          auto* c = find(out_.constraints, kConstraint, row);
          if (!c) return damaged(row);
          c->allowed = row.integer(1) != 0;
          FP_TRY(read_json(row.text(2), [&](const Json& j) { c->regions = regions_of(j); }));
          FP_TRY(read_json(row.text(3), [&](const Json& j) { c->key_sets = key_sets_of(j); }));
          c->reference_from = row.string(4);
          c->reference_to = row.string(5);
          c->periodicity = row.string(6);
          c->offset = row.string(7);
          c->tolerance = row.string(8);
          return {};
        });
  }

  Status attachments() {
    return rows(
        "SELECT artefact, attached_class, attached_to, item FROM constraint_attachment "
        "ORDER BY artefact, position",
        [&](Statement& row) -> Status {
          auto* c = find(out_.constraints, kConstraint, row);
          if (!c) return damaged(row);
          c->attached_to.push_back({class_from_name(row.text(1)).value_or(ArtefactClass::kOther),
                                    stored_ref(row.text(2)), row.string(3)});
          return {};
        });
  }

  Status details() {
    return rows("SELECT artefact, detail FROM artefact_detail", [&](Statement& row) -> Status {
      auto into = [&](auto* artefact) {
        return read_json(row.text(1), [&](const Json& j) { take_detail(j, *artefact); });
      };
      if (auto* list = find(out_.codelists, kCodelist, row)) return into(list);
      if (auto* one = find(out_.metadata_structures, kMetadataStructure, row)) return into(one);
      if (auto* one = find(out_.metadataflows, kMetadataflow, row)) return into(one);
      if (auto* one = find(out_.metadata_agreements, kMetadataAgreement, row)) return into(one);
      return damaged(row);
    });
  }

  Status others() {
    return rows("SELECT artefact, xml FROM other_artefact", [&](Statement& row) -> Status {
      OtherArtefact* other = find(out_.others, kOther, row);
      if (!other) return damaged(row);
      other->xml = row.string(1);
      return {};
    });
  }

  Statements& statements_;
  Structures out_;
  std::unordered_map<std::int64_t, Place> places_;
};

// ---- writing ----------------------------------------------------------------------------------

class Writer {
 public:
  Writer(Statements& statements, Time now, std::optional<std::int64_t> docket)
      : statements_(statements), now_(now), docket_(docket) {}

  Status write(const Codelist& list) {
    FP_TRY(head(kCodelist, class_name(ArtefactClass::kCodelist), list, list.is_partial));
    std::int64_t position = 0;
    for (const Code& code : list.codes) FP_TRY(item(++position, code, code.parent, nullptr));
    return detail(list);
  }

  Status write_values(const Codelist& list) {
    FP_TRY(head(kValueList, class_name(ArtefactClass::kValueList), list));
    std::int64_t position = 0;
    for (const Code& value : list.codes) FP_TRY(item(++position, value, {}, nullptr));
    return {};
  }

  Status write(const MetadataStructure& structure) {
    FP_TRY(head(kMetadataStructure, class_name(ArtefactClass::kMetadataStructure), structure));
    return detail(structure);
  }

  Status write(const Metadataflow& flow) {
    FP_TRY(head(kMetadataflow, class_name(ArtefactClass::kMetadataflow), flow));
    return detail(flow);
  }

  Status write(const MetadataAgreement& agreement) {
    FP_TRY(head(kMetadataAgreement, class_name(ArtefactClass::kMetadataAgreement), agreement));
    return detail(agreement);
  }

  Status write(const ConceptScheme& scheme) {
    FP_TRY(head(kConceptScheme, class_name(ArtefactClass::kConceptScheme), scheme));
    std::int64_t position = 0;
    for (const Concept& c : scheme.concepts)
      FP_TRY(item(++position, c, c.parent, c.core ? &*c.core : nullptr));
    return {};
  }

  Status write(const OrganisationScheme& scheme) {
    FP_TRY(head(kOrganisationScheme, class_name(scheme.scheme_class), scheme));
    std::int64_t position = 0;
    for (const Organisation& organisation : scheme.organisations) {
      FP_TRY(item(++position, organisation, {}, nullptr));
      std::int64_t place = 0;
      for (const Contact& c : organisation.contacts) FP_TRY(contact(position, ++place, c));
    }
    return {};
  }

  Status write(const DataStructure& structure) {
    FP_TRY(head(kDataStructure, class_name(ArtefactClass::kDataStructure), structure));
    std::int64_t position = 0;
    for (const Component& c : structure.components) FP_TRY(component(position++, c));
    position = 0;
    for (const GroupDimensions& group : structure.groups)
      FP_TRY(statements_.run(
          "INSERT INTO dimension_group (artefact, position, id, dimensions) VALUES (?, ?, ?, ?)",
          id_, position++, group.id, json_text(group.dimensions)));
    return {};
  }

  Status write(const Dataflow& flow) {
    FP_TRY(head(kDataflow, class_name(ArtefactClass::kDataflow), flow));
    return statements_.run("INSERT INTO dataflow (artefact, structure) VALUES (?, ?)", id_,
                           flow.structure.text());
  }

  Status write(const ProvisionAgreement& agreement) {
    FP_TRY(head(kAgreement, class_name(ArtefactClass::kProvisionAgreement), agreement));
    return statements_.run(
        "INSERT INTO agreement (artefact, dataflow, provider_scheme, provider) "
        "VALUES (?, ?, ?, ?)",
        id_, agreement.dataflow.text(), agreement.provider.scheme.text(), agreement.provider.id);
  }

  Status write(const ContentConstraint& c) {
    FP_TRY(head(kConstraint, class_name(ArtefactClass::kContentConstraint), c));
    FP_TRY(statements_.run(
        "INSERT INTO content_constraint (artefact, allowed, regions, key_sets, reference_from, "
        "reference_to, periodicity, due_offset, tolerance) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        id_, c.allowed, json_text(to_json(c.regions)), json_text(to_json(c.key_sets)),
        c.reference_from, c.reference_to, c.periodicity, c.offset, c.tolerance));
    std::int64_t position = 0;
    for (const auto& a : c.attached_to)
      FP_TRY(
          statements_.run("INSERT INTO constraint_attachment (artefact, position, "
                          "attached_class, attached_to, item) VALUES (?, ?, ?, ?, ?)",
                          id_, position++, class_name(a.artefact_class), a.ref.text(), a.item));
    return {};
  }

  Status write(const OtherArtefact& other) {
    FP_TRY(row(kOther, other.element, other.ref, Maintainable{}, false));
    return statements_.run("INSERT INTO other_artefact (artefact, xml) VALUES (?, ?)", id_,
                           other.xml);
  }

 private:
  /// The artefact's own row, new or emptied of everything that hung on it; sets id_.
  Status row(std::string_view kind, std::string_view artefact_class, const Ref& ref,
             const Maintainable& m, bool is_partial) {
    id_ = 0;
    {
      FP_ASSIGN(auto rows, statements_.get("SELECT id FROM artefact WHERE kind = ? AND class = ? "
                                           "AND agency = ? AND artefact_id = ? AND version = ?"));
      rows->bind_all(kind, artefact_class, ref.agency, ref.id, ref.version);
      FP_ASSIGN(bool known, rows->step());
      if (known) id_ = rows->integer(0);
    }
    if (id_ != 0)
      for (const char* sql :
           {"DELETE FROM scheme_item WHERE artefact = ?", "DELETE FROM contact WHERE artefact = ?",
            "DELETE FROM contact_address WHERE artefact = ?",
            "DELETE FROM structure_text WHERE artefact = ?",
            "DELETE FROM annotation WHERE artefact = ?", "DELETE FROM component WHERE artefact = ?",
            "DELETE FROM dimension_group WHERE artefact = ?",
            "DELETE FROM dataflow WHERE artefact = ?", "DELETE FROM agreement WHERE artefact = ?",
            "DELETE FROM content_constraint WHERE artefact = ?",
            "DELETE FROM constraint_attachment WHERE artefact = ?",
            "DELETE FROM artefact_detail WHERE artefact = ?",
            "DELETE FROM other_artefact WHERE artefact = ?"})
        FP_TRY(statements_.run(sql, id_));
    // An UPDATE, not a replacement: the id is the artefact's place in the order.
    FP_ASSIGN(auto statement,
              statements_.get(
                  id_ == 0 ? "INSERT INTO artefact (kind, class, agency, artefact_id, version, "
                             "is_final, is_partial, valid_from, valid_to, changed_at, docket) "
                             "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"
                           : "UPDATE artefact SET is_final = ?6, is_partial = ?7, valid_from = ?8, "
                             "valid_to = ?9, changed_at = ?10, docket = ?11 WHERE kind = ?1 AND "
                             "class = ?2 AND agency = ?3 AND artefact_id = ?4 AND version = ?5"));
    statement->bind_all(kind, artefact_class, ref.agency, ref.id, ref.version, m.is_final,
                        is_partial, m.valid_from, m.valid_to, to_millis(now_));
    docket_ ? statement->bind(11, *docket_) : statement->bind_null(11);
    FP_TRY(statement->run());
    if (id_ == 0) id_ = statements_.database().last_row();
    return {};
  }

  Status head(std::string_view kind, std::string_view artefact_class, const Maintainable& m,
              bool is_partial = false) {
    FP_TRY(row(kind, artefact_class, m.ref, m, is_partial));
    return describe(0, m);
  }

  template <typename Artefact>
  Status detail(const Artefact& artefact) {
    Json json = detail_of(artefact);
    if (json.is_null()) return {};
    return statements_.run("INSERT INTO artefact_detail (artefact, detail) VALUES (?, ?)", id_,
                           json_text(json));
  }

  template <typename Thing>
  Status describe(std::int64_t item_position, const Thing& thing) {
    FP_TRY(texts(item_position, 0, "name", thing.names));
    FP_TRY(texts(item_position, 0, "description", thing.descriptions));
    std::int64_t seq = 0;
    for (const Annotation& a : thing.annotations)
      FP_TRY(statements_.run(
          "INSERT INTO annotation (artefact, item, seq, id, type, title, texts) "
          "VALUES (?, ?, ?, ?, ?, ?, ?)",
          id_, item_position, seq++, a.id, a.type, a.title, json_text(to_json(a.texts))));
    return {};
  }

  Status texts(std::int64_t item_position, std::int64_t contact_position, std::string_view kind,
               const Texts& list) {
    std::int64_t seq = 0;
    for (const LocalText& text : list)
      FP_TRY(statements_.run(
          "INSERT INTO structure_text (artefact, item, contact, kind, seq, lang, text) "
          "VALUES (?, ?, ?, ?, ?, ?, ?)",
          id_, item_position, contact_position, kind, seq++, text.lang, text.text));
    return {};
  }

  template <typename Thing>
  Status item(std::int64_t position, const Thing& thing, std::string_view parent,
              const Representation* representation) {
    {
      std::string json = representation ? json_text(to_json(*representation)) : std::string();
      FP_ASSIGN(auto insert,
                statements_.get("INSERT INTO scheme_item (artefact, position, id, parent, "
                                "representation) VALUES (?, ?, ?, ?, ?)"));
      insert->bind_all(id_, position, thing.id, parent);
      insert->bind_optional(5, json);
      FP_TRY(insert->run());
    }
    return describe(position, thing);
  }

  Status contact(std::int64_t item_position, std::int64_t position, const Contact& c) {
    FP_TRY(statements_.run("INSERT INTO contact (artefact, item, position, id) VALUES (?, ?, ?, ?)",
                           id_, item_position, position, c.id));
    FP_TRY(texts(item_position, position, "name", c.names));
    FP_TRY(texts(item_position, position, "department", c.departments));
    FP_TRY(texts(item_position, position, "role", c.roles));
    FP_TRY(addresses(item_position, position, "email", c.emails));
    FP_TRY(addresses(item_position, position, "phone", c.phones));
    FP_TRY(addresses(item_position, position, "fax", c.faxes));
    return addresses(item_position, position, "uri", c.uris);
  }

  Status addresses(std::int64_t item_position, std::int64_t position, std::string_view kind,
                   const std::vector<std::string>& list) {
    std::int64_t seq = 0;
    for (const std::string& address : list)
      FP_TRY(statements_.run(
          "INSERT INTO contact_address (artefact, item, contact, kind, seq, address) "
          "VALUES (?, ?, ?, ?, ?, ?)",
          id_, item_position, position, kind, seq++, address));
    return {};
  }

  Status component(std::int64_t position, const Component& c) {
    std::string scheme = c.concept_identity.scheme.text();
    std::string dimensions = json_text(c.relationship.dimensions);
    std::string annotations = json_text(to_json(c.annotations));
    std::string representation = c.local ? json_text(to_json(*c.local)) : std::string();
    std::string enumeration = c.local && c.local->enumeration ? c.local->enumeration->text() : "";
    FP_ASSIGN(auto insert,
              statements_.get("INSERT INTO component (artefact, position, id, kind, "
                              "concept_scheme, concept, mandatory, relationship, dimensions, "
                              "group_id, annotations, enumeration, representation) "
                              "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
    insert->bind_all(id_, position, c.id, kComponentKinds[static_cast<std::size_t>(c.kind)], scheme,
                     c.concept_identity.id, c.mandatory,
                     kRelationships[static_cast<std::size_t>(c.relationship.kind)], dimensions,
                     c.relationship.group, annotations);
    insert->bind_optional(12, enumeration).bind_optional(13, representation);
    return insert->run();
  }

  Statements& statements_;
  Time now_;
  std::optional<std::int64_t> docket_;
  std::int64_t id_ = 0;
};

std::string urn_of(const OrganisationScheme& scheme) {
  return urn(scheme.scheme_class, scheme.ref);
}
std::string urn_of(const OtherArtefact& other) {
  return urn(class_from_name(other.element).value_or(ArtefactClass::kOther), other.ref);
}
std::string urn_of(const Codelist& a) {
  return urn(ArtefactClass::kCodelist, a.ref);
}
std::string urn_of(const ConceptScheme& a) {
  return urn(ArtefactClass::kConceptScheme, a.ref);
}
std::string urn_of(const DataStructure& a) {
  return urn(ArtefactClass::kDataStructure, a.ref);
}
std::string urn_of(const Dataflow& a) {
  return urn(ArtefactClass::kDataflow, a.ref);
}
std::string urn_of(const ProvisionAgreement& a) {
  return urn(ArtefactClass::kProvisionAgreement, a.ref);
}
std::string urn_of(const ContentConstraint& a) {
  return urn(ArtefactClass::kContentConstraint, a.ref);
}
std::string urn_of(const MetadataStructure& a) {
  return urn(ArtefactClass::kMetadataStructure, a.ref);
}
std::string urn_of(const Metadataflow& a) {
  return urn(ArtefactClass::kMetadataflow, a.ref);
}
std::string urn_of(const MetadataAgreement& a) {
  return urn(ArtefactClass::kMetadataAgreement, a.ref);
}

/// They have the shape of codelists and are another class.
Status write_value_lists(const std::vector<Codelist>& before, const std::vector<Codelist>& after,
                         Writer& writer, StructuresSaved& report) {
  for (std::size_t i = 0; i < after.size(); ++i) {
    if (i < before.size() && before[i] == after[i]) continue;
    FP_TRY(writer.write_values(after[i]));
    (i < before.size() ? report.changed : report.added)
        .push_back(urn(ArtefactClass::kValueList, after[i].ref));
  }
  return {};
}

/// merge() keeps the places of what was there and appends the rest: so equal places can be
/// compared.
template <typename T>
Status write_changes(const std::vector<T>& before, const std::vector<T>& after, Writer& writer,
                     StructuresSaved& report) {
  for (std::size_t i = 0; i < after.size(); ++i) {
    if (i < before.size() && before[i] == after[i]) continue;
    FP_TRY(writer.write(after[i]));
    (i < before.size() ? report.changed : report.added).push_back(urn_of(after[i]));
  }
  return {};
}

}  // namespace

Result<Structures> StructureTables::load() {
  return Reader(statements_).read();
}

Result<StructuresSaved> StructureTables::save(const Structures& newer, Time now,
                                              std::optional<std::int64_t> docket) {
  FP_TRY(statements_.need_transaction("structures are saved"));
  FP_ASSIGN(Structures before, load());
  Structures after = before;
  after.merge(newer);

  StructuresSaved report;
  for (std::size_t i = 0; i < before.data_structures.size(); ++i) {
    const DataStructure &old = before.data_structures[i], &changed = after.data_structures[i];
    if (old.components == changed.components && old.groups == changed.groups) continue;
    FP_ASSIGN(auto rows, statements_.get("SELECT 1 FROM flow f JOIN filing i ON i.flow = f.id "
                                         "WHERE f.data_structure = ? LIMIT 1"));
    std::string name = old.ref.text();
    rows->bind_all(name);
    FP_ASSIGN(bool has_data, rows->step());
    if (has_data) report.immutable.push_back(old.ref);
  }
  if (!report.immutable.empty()) return report;

  Writer writer(statements_, now, docket);
  FP_TRY(write_changes(before.codelists, after.codelists, writer, report));
  FP_TRY(write_changes(before.concept_schemes, after.concept_schemes, writer, report));
  FP_TRY(write_changes(before.data_structures, after.data_structures, writer, report));
  FP_TRY(write_changes(before.dataflows, after.dataflows, writer, report));
  FP_TRY(write_changes(before.organisation_schemes, after.organisation_schemes, writer, report));
  FP_TRY(write_changes(before.agreements, after.agreements, writer, report));
  FP_TRY(write_changes(before.constraints, after.constraints, writer, report));
  FP_TRY(write_value_lists(before.value_lists, after.value_lists, writer, report));
  FP_TRY(write_changes(before.metadata_structures, after.metadata_structures, writer, report));
  FP_TRY(write_changes(before.metadataflows, after.metadataflows, writer, report));
  FP_TRY(write_changes(before.metadata_agreements, after.metadata_agreements, writer, report));
  FP_TRY(write_changes(before.others, after.others, writer, report));

  std::set<std::string> written(report.added.begin(), report.added.end());
  written.insert(report.changed.begin(), report.changed.end());
  for (std::string& urn : newer.urns())
    if (!written.contains(urn)) report.unchanged.push_back(std::move(urn));
  if (!written.empty())
    FP_TRY(statements_.run(
        "INSERT INTO setting (key, value) VALUES ('structures_revision', '1') ON CONFLICT (key) "
        "DO UPDATE SET value = CAST(CAST(setting.value AS INTEGER) + 1 AS TEXT)"));
  return report;
}

Status StructureTables::each_series(
    const std::function<Status(std::string_view, std::string_view, std::string_view)>& take) {
  FP_ASSIGN(auto rows,
            statements_.get("SELECT f.dataflow, f.data_structure, s.key FROM flow f JOIN "
                            "series s ON s.flow = f.id ORDER BY f.id, s.key"));
  for (;;) {
    FP_ASSIGN(bool row, rows->step());
    if (!row) return {};
    FP_TRY(take(rows->text(0), rows->text(1), rows->text(2)));
  }
}

Result<std::int64_t> StructureTables::revision() {
  FP_ASSIGN(auto value,
            statements_.database().query_integer(
                "SELECT CAST(value AS INTEGER) FROM setting WHERE key = 'structures_revision'"));
  return value.value_or(0);
}

}  // namespace focalpost
