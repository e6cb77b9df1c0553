// SPDX-License-Identifier: Apache-2.0
#include "flow/home.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <map>

#include "base/hash.h"
#include "base/log.h"
#include "base/text.h"

namespace focalpost {

fs::path share_directory() {
  if (const char* given = std::getenv("FOCALPOST_SHARE"); given && *given) return given;
  return FOCALPOST_SHARE;
}

Result<Home> Home::create(const fs::path& root, bool demo, Time now) {
  HomePaths paths{root};
  std::error_code none;
  if (fs::exists(paths.store(), none))
    return usage_error(fmt::format("{} is a home already", root.string()),
                       "Choose another folder, or use it as it is.");
  FP_TRY(make_directories(root));
  FP_ASSIGN(auto names, list_directory(root));
  if (!names.empty())
    return usage_error(fmt::format("{} is not empty", root.string()),
                       "Choose a new folder: a home should hold nothing else.");
  for (const fs::path& folder : {paths.network(), paths.templates(), paths.mailbox()})
    FP_TRY(make_directories(folder));
  FP_TRY(write_file_durably(paths.settings(), default_settings_text(demo)));
  FP_TRY(write_file_durably(paths.key(), random_bytes(32)));
  FP_ASSIGN(Store store, Store::create(paths.store()));
  FP_TRY(store.set_setting("made_at", format_rfc3339(now)));
  return open(root, Access::kWork);
}

Result<Home> Home::open(const fs::path& root, Access access) {
  std::error_code none;
  if (!fs::exists(HomePaths{root}.store(), none)) {
    if (none)
      return usage_error(fmt::format("{} cannot be looked into: {}",
                                     fs::absolute(root, none).string(), none.message()),
                         "Run focalpost as the user to whom the home belongs.");
    if (fs::exists(HomePaths{root}.key(), none))
      return usage_error(
          fmt::format("{} is missing", fs::absolute(HomePaths{root}.store(), none).string()),
          "Put it back from a backup: it holds everything that was filed. The folder is a home of "
          "focalpost otherwise.");
    return usage_error(fmt::format("{} is not a focalpost home", fs::absolute(root, none).string()),
                       "Make one with `focalpost init DIR`, or name one with --home DIR.");
  }
  FP_ASSIGN(Settings settings, read_settings(HomePaths{root}.settings()));
  return open(root, access, std::move(settings));
}

Result<Home> Home::open(const fs::path& root, Access access, Settings settings) {
  Home home;
  home.paths_ = {root};
  home.settings_ = std::move(settings);
  if (access == Access::kWork) {
    FP_ASSIGN(FileLock lock,
              FileLock::take(home.paths_.lock(), fmt::format("process {}", ::getpid())));
    home.lock_.emplace(std::move(lock));
  }
  FP_ASSIGN(Store store,
            Store::open(home.paths_.store(), access == Access::kLook ? Database::Mode::kReadOnly
                                                                     : Database::Mode::kReadWrite));
  home.store_ = std::make_unique<Store>(std::move(store));
  FP_ASSIGN(home.gateway_id_, home.store_->gateway_id());
  FP_TRY(home.reload_structures());
  FP_TRY(home.refresh_trust());
  FP_ASSIGN(auto last, home.store_->database().query_integer(
                           "SELECT origin_order FROM filing ORDER BY id DESC LIMIT 1"));
  home.origin_order_ = last.value_or(0);
  home.templates_ =
      std::make_unique<TemplateStore>(share_directory() / "templates", home.paths_.templates());
  home.phrases_ =
      std::make_unique<PhraseStore>(share_directory() / "templates", home.paths_.templates());
  return home;
}

Status Home::reload_structures() {
  FP_ASSIGN(Structures structures, store_->structures().load());
  lookup_ = std::make_shared<const StructureLookup>(std::move(structures));
  vocabulary_.reset();
  return {};
}

Result<std::shared_ptr<const enquiry::Vocabulary>> Home::vocabulary() {
  if (vocabulary_) return vocabulary_;
  // A language is a folder; the operator's words come beside the shipped ones.
  std::map<std::string, std::string> texts;
  for (const fs::path& folder : {share_directory() / "templates", paths_.templates()}) {
    std::error_code none;
    if (!fs::is_directory(folder, none)) continue;
    FP_ASSIGN(auto languages, list_directory(folder));
    for (const std::string& lang : languages) {
      const fs::path file = folder / lang / "words.txt";
      if (!fs::exists(file, none)) continue;
      FP_ASSIGN(std::string text, read_file(file));
      texts[lang] += text + "\n";
    }
  }
  std::vector<enquiry::LanguageWords> words;
  for (auto& [lang, text] : texts) words.push_back({lang, std::move(text)});
  vocabulary_ =
      std::make_shared<const enquiry::Vocabulary>(enquiry::Vocabulary::make(*lookup_, words));
  return vocabulary_;
}

Status Home::reload() {
  templates_->reload();
  phrases_->reload();
  vocabulary_.reset();
  FP_ASSIGN(settings_, read_settings(paths_.settings()));
  trust_ = {};
  FP_TRY(refresh_trust());
  return reload_structures();
}

Status Home::refresh_trust() {
  const TrustSettings& settings = settings_.trust;
  if (!trust_.keys) {
    signature::Keys::Places places{paths_.keys(), paths_.gnupg(), {}};
    if (!settings.ca_file.empty()) places.ca_file = paths_.root / settings.ca_file;
    trust_.keys = std::make_shared<const signature::Keys>(std::move(places));
  }
  trust_.pin = Pin::kNone;
  if (settings.authserv_id.empty()) return {};
  FP_ASSIGN(auto probe, store_->trust().newest_probe(settings.authserv_id));
  if (probe)
    trust_.pin = probe->removed ? Pin::kHolds : Pin::kRefused;
  else
    trust_.pin = settings.authserv_tested ? Pin::kHolds : Pin::kUnproven;
  return {};
}

ModuleShelf Home::modules() const {
  return ModuleShelf(share_directory() / "templates", paths_.templates());
}

std::string Home::message_id_domain() const {
  return fmt::format("{}.{}", gateway_id_, settings_.domain());
}

bool Home::is_example() const {
  for (const OrganisationScheme& scheme : lookup_->structures().organisation_schemes)
    if (const Annotation* mark = find_annotation(scheme.annotations, "FP_EXAMPLE"))
      if (mark->title == "true") return true;
  return false;
}

Status Home::note_warnings(Time now) {
  for (const auto& warnings : {templates_->take_warnings(), phrases_->take_warnings()})
    for (const std::string& warning : warnings) {
      log::warning(warning);
      FP_TRY(store_->events().add(EventLevel::kWarning, warning, now));
    }
  return {};
}

Result<KeptStore> Home::open_kept(KeptStore::Access access) const {
  return KeptStore::open(paths_.kept(), access);
}

}  // namespace focalpost
