// SPDX-License-Identifier: Apache-2.0
//
// home: one gateway's folder on disk (DESIGN.md section 2) and what is opened in it.
//
//   <home>/  focalpost.toml  network/  templates/  spool/{mailbox,incoming,kept}  store.sqlite  key
//
// Owns the paths, the lock and the snapshot of structures. Never decides anything about a message.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/files.h"
#include "base/result.h"
#include "config/settings.h"
#include "enquiry/vocabulary.h"
#include "flow/trust.h"
#include "mailbox/maildir.h"
#include "model/lookup.h"
#include "render/modules.h"
#include "render/phrases.h"
#include "render/templates.h"
#include "spool/kept.h"
#include "store/store.h"

namespace focalpost {

/// Where the files that ship with the program lie: templates/, schemas/, spool/.
/// $FOCALPOST_SHARE, else the folder given at build or installation.
fs::path share_directory();

struct HomePaths {
  fs::path root;
  fs::path settings() const { return root / "focalpost.toml"; }
  fs::path network() const { return root / "network"; }
  fs::path templates() const { return root / "templates"; }
  fs::path mailbox() const { return root / "spool" / "mailbox"; }
  fs::path kept() const { return root / "spool" / "kept"; }
  fs::path incoming() const { return root / "spool" / "incoming"; }
  fs::path temporary() const { return root / "spool"; }
  fs::path store() const { return root / "store.sqlite"; }
  fs::path key() const { return root / "key"; }
  fs::path keys() const { return root / "keys"; }              ///< of contacts: signature.h
  fs::path gnupg() const { return root / "spool" / "gnupg"; }  ///< gpg's key ring, made from them
  fs::path lock() const { return root / "lock"; }
  fs::path site() const { return root / "site"; }  ///< what everybody may see: flow/site.h
  fs::path site_lock() const { return root / "site.lock"; }
};

class Home {
 public:
  enum class Access {
    kWork,  ///< takes the lock: `once`, `run`, `rebuild`, `init`
    kLook,  ///< beside a running gateway: reads the store
    kWrite  ///< beside a running gateway: writes single rows to the store
  };
  static Result<Home> open(const fs::path& root, Access access);
  /// With settings that were read before, whatever the file says now.
  static Result<Home> open(const fs::path& root, Access access, Settings settings);
  /// Makes an empty home; an Error if there is one already or the folder holds other files.
  static Result<Home> create(const fs::path& root, bool demo, Time now);

  const HomePaths& paths() const { return paths_; }
  const Settings& settings() const { return settings_; }
  Store& store() { return *store_; }
  const StructureLookup& lookup() const { return *lookup_; }
  std::shared_ptr<const StructureLookup> snapshot() const { return lookup_; }
  /// After structures were saved: the snapshot is made anew.
  Status reload_structures();
  /// Settings, templates and phrases are read again; an Error leaves the settings as they were.
  Status reload();
  /// What is believed of reports and signatures. Read by workers: not while one is at work does
  /// refresh_trust() run.
  const Trust& trust() const { return trust_; }
  /// `check` may have tried the mail server meanwhile.
  Status refresh_trust();
  /// Made once per home, at random: tells gateways apart.
  const std::string& gateway_id() const { return gateway_id_; }
  /// The right side of our Message-IDs; used by nobody else at this domain.
  std::string message_id_domain() const;
  /// The network in the store is the shipped example.
  bool is_example() const;

  /// The order of this gateway's last filing; counted up by whoever files. Gaps mean nothing.
  std::int64_t& origin_order() { return origin_order_; }

  Result<KeptStore> open_kept(KeptStore::Access access) const;
  /// Writes down what templates and phrases want the operator to know.
  Status note_warnings(Time now);
  /// What words enquiries may have in the languages of this home, for the structures as they are
  /// now; made when it is first asked for.
  Result<std::shared_ptr<const enquiry::Vocabulary>> vocabulary();
  TemplateStore& templates() { return *templates_; }
  PhraseStore& phrases() { return *phrases_; }
  /// The training modules, the shipped and the operator's own.
  ModuleShelf modules() const;

 private:
  HomePaths paths_;
  Settings settings_;
  std::optional<FileLock> lock_;
  std::unique_ptr<Store> store_;
  std::shared_ptr<const StructureLookup> lookup_;
  Trust trust_;
  std::string gateway_id_;
  std::int64_t origin_order_ = 0;
  std::unique_ptr<TemplateStore> templates_;
  std::unique_ptr<PhraseStore> phrases_;
  std::shared_ptr<const enquiry::Vocabulary> vocabulary_;
};

}  // namespace focalpost
