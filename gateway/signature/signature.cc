// SPDX-License-Identifier: Apache-2.0
#include "signature/signature.h"

#include <algorithm>

#include "base/files.h"
#include "base/text.h"
#include "signature/openpgp.h"
#include "signature/smime.h"

namespace focalpost::signature {
namespace {

/// Contact ids come from structure messages: none of them leads out of the folder.
bool is_file_name(std::string_view name) {
  return !name.empty() && name.size() <= 200 && name[0] != '.' && name.find('/') == name.npos &&
         name.find('\0') == name.npos;
}

/// Empty where there is none.
std::string read_keys(const fs::path& file) {
  std::error_code none;
  if (file.empty() || !fs::exists(file, none)) return {};
  auto bytes = read_file(file, kMostKeyFile);
  return bytes.ok() ? std::move(*bytes) : std::string();
}

constexpr std::string_view kNames[] = {"good",        "damaged",   "bad",       "weak",
                                       "unknown-key", "not-valid", "wrong-use", "unavailable"};

}  // namespace

std::string_view verdict_name(Verdict verdict) {
  return kNames[static_cast<std::size_t>(verdict)];
}

Keys::Keys(Places places)
    : places_(std::move(places)),
      openpgp_(std::make_unique<OpenPgp>(places_.keys, places_.gnupg)) {}
Keys::~Keys() = default;

Outcome Keys::smime_detached(std::string_view content, std::string_view signature,
                             const Signer& signer, Time at) const {
  if (!is_file_name(signer.name)) return {Verdict::kUnknownKey, "no name for a file", {}};
  if (signature.size() > kMostSignature) return {Verdict::kDamaged, "too large", {}};
  return smime::verify(signature, &content, read_keys(places_.keys / (signer.name + ".pem")),
                       read_keys(places_.ca_file), signer, at);
}

Outcome Keys::smime_enclosed(std::string_view cms, const Signer& signer, Time at) const {
  if (!is_file_name(signer.name)) return {Verdict::kUnknownKey, "no name for a file", {}};
  return smime::verify(cms, nullptr, read_keys(places_.keys / (signer.name + ".pem")),
                       read_keys(places_.ca_file), signer, at);
}

Outcome Keys::openpgp_detached(std::string_view content, std::string_view signature,
                               const Signer& signer, Time at) const {
  if (!is_file_name(signer.name)) return {Verdict::kUnknownKey, "no name for a file", {}};
  if (signature.size() > kMostSignature) return {Verdict::kDamaged, "too large", {}};
  return openpgp_->verify(content, signature, signer, at);
}

std::vector<Key> Keys::list(Time now) const {
  std::vector<Key> all;
  auto add = [&](std::vector<Key> keys, const std::string& file, const std::string& name) {
    if (keys.empty()) keys.push_back({{}, {}, {}, {}, "there is no certificate in it"});
    for (Key& key : keys) {
      key.file = file;
      key.name = name;
      all.push_back(std::move(key));
    }
  };
  std::error_code none;
  std::vector<std::string> files;
  if (fs::exists(places_.keys, none))
    if (auto names = list_directory(places_.keys); names.ok()) files = std::move(*names);
  std::sort(files.begin(), files.end());
  for (const std::string& file : files) {
    const std::string name = fs::path(file).stem().string();
    if (file.ends_with(".pem"))
      add(smime::list(read_keys(places_.keys / file), now), file, name);
    else if (file.ends_with(".asc"))
      add(openpgp_->list(file, now), file, name);
  }
  if (!places_.ca_file.empty())
    add(smime::list(read_keys(places_.ca_file), now), places_.ca_file.string(), {});
  return all;
}

std::string Keys::openpgp_trouble() const {
  return openpgp_->trouble();
}

}  // namespace focalpost::signature
