// SPDX-License-Identifier: Apache-2.0
#include "servers/authority.h"

#include <fmt/format.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace servers {
namespace {

EVP_PKEY* new_key() {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  if (!key) throw Failure("no key");
  return key;
}

X509* new_certificate(int serial, const std::string& name, std::chrono::hours from,
                      std::chrono::hours until, EVP_PKEY* key) {
  X509* certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate), long(from.count()) * 3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate), long(until.count()) * 3600);
  X509_set_pubkey(certificate, key);
  X509_NAME* subject = X509_get_subject_name(certificate);
  const std::vector<unsigned char> bytes(name.begin(), name.end());
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, bytes.data(), int(bytes.size()), -1, 0);
  return certificate;
}

void add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  if (!extension) throw Failure("no extension " + value);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

FILE* open_file(const fs::path& path) {
  FILE* file = std::fopen(path.c_str(), "we");
  if (!file) throw Failure("cannot write " + path.string());
  return file;
}

}  // namespace

struct Authority::Keys {
  EVP_PKEY* key = nullptr;
  X509* certificate = nullptr;
};

Authority::Authority(const fs::path& folder)
    : folder_(folder), file_(folder / "authority.pem"), keys_(new Keys) {
  keys_->key = new_key();
  keys_->certificate =
      new_certificate(serial_++, "Authority of a test", std::chrono::hours(-24 * 60),
                      std::chrono::hours(24 * 60), keys_->key);
  X509* const own = keys_->certificate;
  X509_set_issuer_name(own, X509_get_subject_name(own));
  add_extension(own, own, NID_basic_constraints, "critical,CA:TRUE");
  add_extension(own, own, NID_subject_key_identifier, "hash");
  X509_sign(own, keys_->key, EVP_sha256());
  FILE* file = open_file(file_);
  PEM_write_X509(file, own);
  std::fclose(file);
}

Authority::~Authority() {
  X509_free(keys_->certificate);
  EVP_PKEY_free(keys_->key);
  delete keys_;
}

Certificate Authority::issue(const Wanted& wanted) {
  const int serial = serial_++;
  Certificate made{folder_ / fmt::format("certificate-{}.pem", serial),
                   folder_ / fmt::format("key-{}.pem", serial)};
  EVP_PKEY* key = new_key();
  X509* certificate = new_certificate(serial, wanted.hosts.empty() ? "nobody" : wanted.hosts[0],
                                      wanted.valid_from, wanted.valid_until, key);
  X509_set_issuer_name(certificate, X509_get_subject_name(keys_->certificate));
  std::string names;
  for (const std::string& host : wanted.hosts) names += ",DNS:" + host;
  for (const std::string& address : wanted.addresses) names += ",IP:" + address;
  if (!names.empty())
    add_extension(certificate, keys_->certificate, NID_subject_alt_name, names.substr(1));
  add_extension(certificate, keys_->certificate, NID_authority_key_identifier, "keyid");
  X509_sign(certificate, keys_->key, EVP_sha256());
  FILE* file = open_file(made.certificate_file);
  PEM_write_X509(file, certificate);
  std::fclose(file);
  file = open_file(made.key_file);
  PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
  std::fclose(file);
  X509_free(certificate);
  EVP_PKEY_free(key);
  return made;
}

}  // namespace servers
