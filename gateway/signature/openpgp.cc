// SPDX-License-Identifier: Apache-2.0
#include "signature/openpgp.h"

#include <fmt/format.h>
#include <gpgme.h>

#include <algorithm>
#include <csignal>

#include "base/files.h"
#include "base/text.h"

namespace focalpost::signature {
namespace {

/// Nothing is fetched, nothing is asked, no agent is started; SHA-1 counts as nothing.
constexpr std::string_view kConfiguration =
    "batch\n"
    "no-tty\n"
    "no-autostart\n"
    "disable-dirmngr\n"
    "no-auto-key-retrieve\n"
    "no-auto-key-locate\n"
    "no-auto-check-trustdb\n"
    "trust-model always\n"
    "weak-digest SHA1\n"
    "weak-digest RIPEMD160\n";

struct FreeData {
  void operator()(gpgme_data_t data) const { gpgme_data_release(data); }
};
struct FreeKey {
  void operator()(gpgme_key_t key) const { gpgme_key_unref(key); }
};
using Data = std::unique_ptr<gpgme_data, FreeData>;
using PublicKey = std::unique_ptr<_gpgme_key, FreeKey>;

Data data_of(std::string_view bytes) {
  gpgme_data_t made = nullptr;
  if (gpgme_data_new_from_mem(&made, bytes.data(), bytes.size(), 0) != GPG_ERR_NO_ERROR) return {};
  return Data(made);
}

std::string words(gpgme_error_t error) {
  char text[200] = {};
  gpgme_strerror_r(error, text, sizeof text - 1);
  return one_line(text);
}

Outcome said(Verdict verdict, std::string detail) {
  return {verdict, std::move(detail), {}};
}

std::optional<Time> expiry(const _gpgme_subkey& key) {
  if (key.expires <= 0) return {};
  return Time(std::chrono::seconds(key.expires));
}

/// Empty, or why a key cannot be believed at that time.
std::string fault_of(const _gpgme_subkey& key, Time at) {
  if (key.revoked) return "revoked";
  if (key.disabled || key.invalid) return "no valid key";
  if (auto until = expiry(key); until && *until <= at) return "expired " + format_rfc3339(*until);
  if (Time(std::chrono::seconds(key.timestamp)) > at) return "made later than that";
  return {};
}

bool key_is_strong(const _gpgme_subkey& key) {
  switch (key.pubkey_algo) {
    case GPGME_PK_RSA:
    case GPGME_PK_RSA_S:
      return key.length >= 2048;
    case GPGME_PK_ECDSA:
    case GPGME_PK_EDDSA:
      return true;
    default:
      return false;  // DSA: of SHA-1's time
  }
}

bool digest_is_strong(gpgme_hash_algo_t digest) {
  return digest == GPGME_MD_SHA256 || digest == GPGME_MD_SHA384 || digest == GPGME_MD_SHA512;
}

int base64_value(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/// RFC 4880 section 6.2; the checksum is left to the signature.
std::optional<std::string> dearmor(std::string_view text) {
  constexpr std::string_view begin = "-----BEGIN PGP SIGNATURE-----",
                             end = "-----END PGP SIGNATURE";
  auto from = text.find(begin);
  if (from == text.npos) return {};
  auto until = text.find(end, from);
  if (until == text.npos) return {};
  std::string_view inside = text.substr(from + begin.size(), until - from - begin.size());
  // Headers, then an empty line.
  bool body = false, first = true;
  std::string out;
  unsigned bits = 0, held = 0;
  for (std::string_view line : split(inside, '\n')) {
    line = trim(line);
    if (std::exchange(first, false)) continue;
    if (!body) {
      if (line.empty()) body = true;
      continue;
    }
    if (line.starts_with('=')) break;
    for (char c : line) {
      if (c == '=') continue;
      int value = base64_value(c);
      if (value < 0) return {};
      held = held << 6 | unsigned(value);
      bits += 6;
      if (bits < 8) continue;
      bits -= 8;
      out += static_cast<char>(held >> bits & 0xFF);
    }
  }
  return out;
}

}  // namespace

std::string signature_packet(std::string_view bytes) {
  std::string packet(bytes);
  if (auto plain = dearmor(bytes)) packet = std::move(*plain);
  auto byte = [&](std::size_t i) {
    return i < packet.size() ? static_cast<unsigned char>(packet[i]) : 0u;
  };
  constexpr unsigned signature = 2;
  std::size_t head = 0, length = 0;
  if ((byte(0) & 0xC0) == 0xC0) {
    if ((byte(0) & 0x3F) != signature) return {};
    if (byte(1) < 192) {
      head = 2;
      length = byte(1);
    } else if (byte(1) < 224) {
      head = 3;
      length = (std::size_t(byte(1) - 192) << 8) + byte(2) + 192;
    } else if (byte(1) == 255) {
      head = 6;
      for (std::size_t i = 2; i < 6; ++i) length = length << 8 | byte(i);
    }
  } else if ((byte(0) & 0xC0) == 0x80) {
    if ((byte(0) >> 2 & 0x0F) != signature || (byte(0) & 3) == 3) return {};
    const std::size_t bytes_of_length = std::size_t(1) << (byte(0) & 3);
    head = 1 + bytes_of_length;
    for (std::size_t i = 1; i < head; ++i) length = length << 8 | byte(i);
  }
  return head > 0 && length > 0 && head + length == packet.size() ? packet : std::string();
}

/// One conversation with gpg.
class Keys::OpenPgp::Session {
 public:
  explicit Session(const std::filesystem::path& home) {
    if (gpgme_new(&context_) != GPG_ERR_NO_ERROR) {
      context_ = nullptr;
      return;
    }
    if (gpgme_set_protocol(context_, GPGME_PROTOCOL_OpenPGP) != GPG_ERR_NO_ERROR ||
        gpgme_ctx_set_engine_info(context_, GPGME_PROTOCOL_OpenPGP, nullptr, home.c_str()) !=
            GPG_ERR_NO_ERROR) {
      gpgme_release(context_);
      context_ = nullptr;
    }
  }
  ~Session() {
    if (context_) gpgme_release(context_);
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  gpgme_ctx_t get() const { return context_; }
  PublicKey key(const char* fingerprint) const {
    gpgme_key_t key = nullptr;
    if (!fingerprint || gpgme_get_key(context_, fingerprint, &key, 0) != GPG_ERR_NO_ERROR)
      return {};
    return PublicKey(key);
  }

 private:
  gpgme_ctx_t context_ = nullptr;
};

Keys::OpenPgp::OpenPgp(std::filesystem::path keys, std::filesystem::path gnupg)
    : keys_(std::move(keys)), gnupg_(std::move(gnupg)) {}

std::string Keys::OpenPgp::get_ready() {
  if (ready_) return {};
  static const bool once = [] {
    // gpgme writes into pipes, whose reader may have gone.
    struct sigaction now {};
    if (::sigaction(SIGPIPE, nullptr, &now) == 0 && now.sa_handler == SIG_DFL)
      std::signal(SIGPIPE, SIG_IGN);
    gpgme_check_version(nullptr);
    return true;
  }();
  (void)once;
  if (gpgme_error_t error = gpgme_engine_check_version(GPGME_PROTOCOL_OpenPGP))
    return "gpg cannot be used: " + words(error);
  if (auto made = make_directories(gnupg_); !made.ok()) return made.error().what;
  if (auto written = write_file_durably(gnupg_ / "gpg.conf", kConfiguration); !written.ok())
    return written.error().what;
  ready_ = true;
  return {};
}

const Keys::OpenPgp::File* Keys::OpenPgp::file_of(const std::string& file) {
  const std::filesystem::path path = keys_ / file;
  std::error_code none;
  const auto size = std::filesystem::file_size(path, none);
  if (none) {
    files_.erase(file);
    return nullptr;
  }
  const auto written = std::filesystem::last_write_time(path, none);
  auto known = files_.find(file);
  if (known != files_.end() && known->second.size == size && known->second.written == written)
    return &known->second;

  File& made = files_[file];
  made = {written, size, {}, {}};
  auto bytes = read_file(path, kMostKeyFile);
  if (!bytes.ok()) {
    made.fault = bytes.error().what;
    return &made;
  }
  Session session(gnupg_);
  Data data = data_of(*bytes);
  if (!session.get() || !data) {
    made.fault = "no memory";
    return &made;
  }
  if (gpgme_error_t error = gpgme_op_import(session.get(), data.get())) {
    made.fault = "gpg does not read it: " + words(error);
    return &made;
  }
  gpgme_import_result_t result = gpgme_op_import_result(session.get());
  for (gpgme_import_status_t one = result ? result->imports : nullptr; one; one = one->next)
    if (one->fpr && one->result == GPG_ERR_NO_ERROR && session.key(one->fpr) &&
        std::find(made.fingerprints.begin(), made.fingerprints.end(), one->fpr) ==
            made.fingerprints.end())
      made.fingerprints.emplace_back(one->fpr);
  if (made.fingerprints.empty()) made.fault = "there is no key in it that gpg accepts";
  return &made;
}

Outcome Keys::OpenPgp::verify(std::string_view content, std::string_view signature,
                              const Signer& signer, Time at) {
  const std::string packet = signature_packet(signature);
  if (packet.empty()) return said(Verdict::kDamaged, "not exactly one signature");
  std::lock_guard lock(mutex_);
  std::error_code none;
  const std::string file = signer.name + ".asc";
  if (!std::filesystem::exists(keys_ / file, none))
    return said(Verdict::kUnknownKey, "no key of this contact");
  if (std::string trouble = get_ready(); !trouble.empty())
    return said(Verdict::kUnavailable, std::move(trouble));
  const File* keys = file_of(file);
  if (!keys || keys->fingerprints.empty())
    return said(Verdict::kUnknownKey, keys ? keys->fault : "no key of this contact");

  Session session(gnupg_);
  Data signed_data = data_of(content), packet_data = data_of(packet);
  if (!session.get() || !signed_data || !packet_data)
    return said(Verdict::kUnavailable, "no memory");
  if (gpgme_error_t error =
          gpgme_op_verify(session.get(), packet_data.get(), signed_data.get(), nullptr))
    return said(Verdict::kDamaged, words(error));
  gpgme_verify_result_t result = gpgme_op_verify_result(session.get());
  gpgme_signature_t one = result ? result->signatures : nullptr;
  if (!one || one->next) return said(Verdict::kDamaged, "not exactly one signature");

  switch (gpgme_err_code(one->status)) {
    case GPG_ERR_NO_ERROR:
      break;
    case GPG_ERR_BAD_SIGNATURE:
      // gpg says the same of a digest that it was told not to believe.
      if (!digest_is_strong(one->hash_algo) && one->hash_algo != GPGME_MD_NONE)
        return said(Verdict::kWeak, gpgme_hash_algo_name(one->hash_algo));
      return said(Verdict::kBad, "the content was changed, or it is another one");
    case GPG_ERR_NO_PUBKEY:
      return said(Verdict::kUnknownKey, one->fpr ? one->fpr : "");
    case GPG_ERR_KEY_EXPIRED:
    case GPG_ERR_CERT_REVOKED:
    case GPG_ERR_SIG_EXPIRED:
      return said(Verdict::kNotValid, words(one->status));
    case GPG_ERR_DIGEST_ALGO:
    case GPG_ERR_WEAK_KEY:
      return said(Verdict::kWeak, words(one->status));
    default:
      return said(Verdict::kDamaged, words(one->status));
  }
  if (!digest_is_strong(one->hash_algo))
    return said(Verdict::kWeak, gpgme_hash_algo_name(one->hash_algo));
  PublicKey key = session.key(one->fpr);
  if (!key || !key->subkeys) return said(Verdict::kUnknownKey, one->fpr ? one->fpr : "");
  const std::string primary = key->subkeys->fpr;
  if (std::find(keys->fingerprints.begin(), keys->fingerprints.end(), primary) ==
      keys->fingerprints.end())
    return said(Verdict::kUnknownKey, primary);
  for (const _gpgme_subkey* sub = key->subkeys; sub; sub = sub->next) {
    const bool used = sub->fpr && std::string_view(sub->fpr) == one->fpr;
    if (sub != key->subkeys && !used) continue;
    if (std::string fault = fault_of(*sub, at); !fault.empty())
      return said(Verdict::kNotValid, fault + ": " + primary);
    if (used && !key_is_strong(*sub)) return said(Verdict::kWeak, "a short key: " + primary);
  }
  return said(Verdict::kGood, primary);
}

std::vector<Key> Keys::OpenPgp::list(const std::string& file, Time now) {
  std::lock_guard lock(mutex_);
  Key fault;
  if (fault.fault = get_ready(); !fault.fault.empty()) return {fault};
  const File* keys = file_of(file);
  if (!keys) return {};
  std::vector<Key> all;
  Session session(gnupg_);
  for (const std::string& print : keys->fingerprints) {
    Key made;
    made.fingerprint = print;
    PublicKey key = session.get() ? session.key(print.c_str()) : PublicKey();
    if (!key || !key->subkeys) {
      made.fault = "gpg does not know it";
    } else {
      made.until = expiry(*key->subkeys);
      made.fault = fault_of(*key->subkeys, now);
      if (made.fault.empty()) {
        bool strong = false;
        for (const _gpgme_subkey* sub = key->subkeys; sub; sub = sub->next)
          strong = strong || (sub->can_sign && key_is_strong(*sub));
        if (!strong) made.fault = "no key for signing, or a short one";
      }
    }
    all.push_back(std::move(made));
  }
  if (all.empty()) {
    fault.fault = keys->fault;
    all.push_back(fault);
  }
  return all;
}

std::string Keys::OpenPgp::trouble() {
  std::lock_guard lock(mutex_);
  return get_ready();
}

}  // namespace focalpost::signature
