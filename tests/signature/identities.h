// SPDX-License-Identifier: Apache-2.0
//
// identities: keys and certificates made for a test by the programs openssl and gpg, and what they
// sign. Everything lies in one folder and goes with it.
#pragma once

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/files.h"
#include "base/text.h"

namespace identities {

namespace fs = std::filesystem;

class Workshop {
 public:
  Workshop() {
    std::string pattern = (fs::temp_directory_path() / "fp-keys-XXXXXX").string();
    if (!::mkdtemp(pattern.data())) std::abort();
    path_ = pattern;
    put("empty.cnf", "[req]\ndistinguished_name = dn\n[dn]\n");
  }
  ~Workshop() {
    if (gpg_used_)
      run(fmt::format("gpgconf --homedir {} --kill gpg-agent", (path_ / "gpg").string()));
    std::error_code none;
    fs::remove_all(path_, none);
  }
  Workshop(const Workshop&) = delete;
  Workshop& operator=(const Workshop&) = delete;

  const fs::path& path() const { return path_; }
  std::string get(const std::string& name) const {
    auto bytes = focalpost::read_file(path_ / name);
    return bytes.ok() ? *bytes : std::string();
  }
  void put(const std::string& name, std::string_view bytes) const {
    if (!focalpost::write_file_durably(path_ / name, bytes).ok()) std::abort();
  }

  // ---- S/MIME -----------------------------------------------------------------------------------

  static constexpr const char* kMail = "extendedKeyUsage=emailProtection";
  static constexpr const char* kCurve = "-newkey ec -pkeyopt ec_paramgen_curve:P-256";

  /// NAME.pem and NAME.key, signed by itself, good for thirty days from now.
  void self_signed(const std::string& name, const std::string& address,
                   const std::string& usage = kMail, const std::string& key = kCurve) const {
    need(
        fmt::format("openssl req -x509 -config empty.cnf {} -nodes -keyout {}.key -out {}.pem "
                    "-days 30 -subj /CN={} -addext subjectAltName=email:{} -addext {}",
                    key, name, name, name, address, usage));
  }
  void authority(const std::string& name) const {
    need(
        fmt::format("openssl req -x509 -config empty.cnf {} -nodes -keyout {}.key -out {}.pem "
                    "-days 60 -subj /CN={} -addext basicConstraints=critical,CA:TRUE -addext "
                    "keyUsage=keyCertSign",
                    kCurve, name, name, name));
  }
  void issued(const std::string& name, const std::string& address, const std::string& by,
              const std::string& usage = kMail, const std::string& more = "") const {
    put(name + ".ext", fmt::format("subjectAltName={}\n{}\n",
                                   address.empty() ? "DNS:x.example" : "email:" + address, usage));
    need(
        fmt::format("openssl req -new -config empty.cnf {} -nodes -keyout {}.key -out {}.csr "
                    "-subj '/CN={}{}'",
                    kCurve, name, name, name, more));
    need(
        fmt::format("openssl x509 -req -in {}.csr -CA {}.pem -CAkey {}.key -CAcreateserial "
                    "-extfile {}.ext -days 30 -out {}.pem",
                    name, by, by, name, name));
  }
  /// DER. `options`: "-nodetach", "-md sha1", "-noattr".
  std::string smime(std::string_view content, const std::string& name,
                    const std::string& options = "") const {
    put("content", content);
    need(
        fmt::format("openssl cms -sign -binary -in content -signer {}.pem -inkey {}.key -outform "
                    "DER -out signed {}",
                    name, name, options));
    return get("signed");
  }

  // ---- OpenPGP ----------------------------------------------------------------------------------

  /// `when`: 0, or a time of making in seconds since 1970.
  void pgp_key(const std::string& address, const std::string& algorithm = "ed25519",
               const std::string& lasts = "0", long when = 0) {
    gpg(fmt::format("--quick-gen-key 'Test <{}>' {} sign {}", address, algorithm, lasts), when);
  }
  std::string pgp_public(const std::string& address) {
    gpg(fmt::format("--armor --export -o exported {}", address));
    return get("exported");
  }
  /// Armored. `options`: "--textmode", "--digest-algo SHA1".
  std::string pgp(std::string_view content, const std::string& address,
                  const std::string& options = "", long when = 0) {
    put("content", content);
    gpg(fmt::format("--armor {} -u {} -o signed --detach-sign content", options, address), when);
    return get("signed");
  }
  void pgp_revoke(const std::string& address) {
    gpg(fmt::format("--with-colons --list-keys {} > listed", address));
    std::string print;
    const std::string listed = get("listed");
    for (std::string_view line : focalpost::split(listed, '\n'))
      if (line.starts_with("fpr:") && print.empty()) print = focalpost::split(line, ':').at(9);
    std::string certificate = get("gpg/openpgp-revocs.d/" + print + ".rev");
    if (auto at = certificate.find(":-----BEGIN"); at != certificate.npos) certificate.erase(at, 1);
    put("revocation", certificate);
    gpg("--import revocation");
  }
  /// In the workshop's own gpg.
  void gpg(const std::string& words, long when = 0) {
    gpg_used_ = true;
    std::error_code none;
    if (fs::create_directory(path_ / "gpg", none))
      fs::permissions(path_ / "gpg", fs::perms::owner_all);
    need(
        fmt::format("gpg --homedir gpg --batch --yes --quiet --no-tty --passphrase '' "
                    "--pinentry-mode loopback --trust-model always {} {}",
                    when ? fmt::format("--faked-system-time {}", when) : "", words));
  }

  static bool gpg_possible() { return std::system("gpg-agent --version > /dev/null 2>&1") == 0; }

 private:
  int run(const std::string& command) const {
    return std::system(
        fmt::format("cd {} && {{ {} ; }} >> log 2>&1", path_.string(), command).c_str());
  }
  void need(const std::string& command) const {
    if (run(command) == 0) return;
    std::fprintf(stderr, "%s\n%s\n", command.c_str(), get("log").c_str());
    std::abort();
  }
  fs::path path_;
  bool gpg_used_ = false;
};

}  // namespace identities
