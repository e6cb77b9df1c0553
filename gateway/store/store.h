// SPDX-License-Identifier: Apache-2.0
//
// store: the gateway's memory, one SQLite file; the only door to SQLite.
//
// Owns: the connection, its tables (schema.h, data_schema.h) and everything that reads or writes
// them: dockets.h, outbox.h, intake.h, structures.h, correspondents.h, events.h, figures.h,
// merge.h, contact.h, alerts.h, orders.h, confirmations.h, requests.h, duties.h,
// stored_history.h, metadata.h, trust.h, subscriptions.h.
//
// Never does: judge, decide who may see or do what (but for reading data, which needs a Viewer),
// send, ask the time.
//
// How it is used. What belongs together is written in one Transaction (begin() ... commit()): the
// docket, its filings and findings, the reply in the outbox, intake's done(). Small messages share
// one. What is not committed has not happened. The groups (dockets(), outbox(), ...) are views of
// the store: cheap to make, valid as long as it.
//
// Dangers:
// - One Store serves one thread. Other processes may read and write the same file beside it: a
// writer
//   waits for another up to 10 s, then a temporary Error (BUSY).
// - After an Error inside a transaction let the Transaction go out of scope: SQLite may have rolled
//   it back already (disk full), and going on would commit the rest alone.
// - A store that is open for reading sees the file as of each statement, or of its own transaction.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "store/alerts.h"
#include "store/confirmations.h"
#include "store/contact.h"
#include "store/correspondents.h"
#include "store/database.h"
#include "store/dockets.h"
#include "store/duties.h"
#include "store/events.h"
#include "store/figures.h"
#include "store/intake.h"
#include "store/metadata.h"
#include "store/orders.h"
#include "store/outbox.h"
#include "store/requests.h"
#include "store/statements.h"
#include "store/stored_history.h"
#include "store/structures.h"
#include "store/subscriptions.h"
#include "store/trust.h"

namespace focalpost {

class Store {
 public:
  /// A new store with a random gateway id, readable by its owner only. An Error if the file exists.
  static Result<Store> create(const std::filesystem::path& path);
  /// Opens what create() made and brings its tables up to date (kReadWrite). kMemory makes an empty
  /// one in memory, `path` is not looked at.
  static Result<Store> open(const std::filesystem::path& path,
                            Database::Mode mode = Database::Mode::kReadWrite);

  Result<Transaction> begin() { return Transaction::begin(core_->database); }

  Dockets dockets() { return Dockets(core_->statements); }
  Outbox outbox() { return Outbox(core_->statements); }
  Intake intake() { return Intake(core_->statements); }
  MetadataTables metadata() { return MetadataTables(core_->statements); }
  StructureTables structures() { return StructureTables(core_->statements); }
  Correspondents correspondents() { return Correspondents(core_->statements); }
  Confirmations confirmations() { return Confirmations(core_->statements); }
  Orders orders() { return Orders(core_->statements); }
  Requests requests() { return Requests(core_->statements); }
  Duties duties() { return Duties(core_->statements); }
  Subscriptions subscriptions() { return Subscriptions(core_->statements); }
  /// See subscriptions.h.
  Result<std::vector<ChangedStructure>> changed_structures(Time since, Time until,
                                                           std::size_t most) {
    return focalpost::changed_structures(core_->statements, since, until, most);
  }
  Events events() { return Events(core_->statements); }
  ServerContacts contacts() { return ServerContacts(core_->statements); }
  AlertTable alerts() { return AlertTable(core_->statements); }
  TrustTables trust() { return TrustTables(core_->statements); }
  Result<OutboxBacklog> outbox_backlog(std::string_view without_kind = {}) {
    return focalpost::outbox_backlog(core_->statements, without_kind);
  }
  Result<FailedDockets> failed_dockets_after(Time after) {
    return focalpost::failed_dockets_after(core_->statements, after);
  }
  Result<Figures> figures(Time now, int days = 7, std::size_t events = 10) {
    return focalpost::figures(core_->statements, now, days, events);
  }
  /// What `provider` has filed so far.
  StoredHistory history(std::string provider) {
    return StoredHistory(core_->statements, std::move(provider));
  }
  /// For merge.h and reader.h.
  Database& database() { return core_->database; }

  Result<std::optional<std::string>> setting(std::string_view key);
  Status set_setting(std::string_view key, std::string_view value);
  /// Faults in the file itself, at most 10 (PRAGMA quick_check): reads all of it, some seconds for
  /// millions of rows.
  Result<std::int64_t> damages();
  /// This gateway's name in the origin of filings: 16 hexadecimal digits, drawn by create().
  Result<std::string> gateway_id();

  /// A consistent copy, made while others work. An Error if the file exists.
  Status backup(const std::filesystem::path& path);

 private:
  struct Core {
    explicit Core(Database&& opened) : database(std::move(opened)), statements(database) {}
    Database database;
    Statements statements;
  };
  explicit Store(Database&& database) : core_(std::make_unique<Core>(std::move(database))) {}
  Status draw_gateway_id();
  std::unique_ptr<Core> core_;
};

}  // namespace focalpost
