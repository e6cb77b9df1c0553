// SPDX-License-Identifier: Apache-2.0
#include "signature/smime.h"

#include <openssl/bio.h>
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <limits>

#include "base/domain.h"
#include "base/hash.h"
#include "base/text.h"

namespace focalpost::signature::smime {
namespace {

template <auto Free>
struct Freed {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
void free_stack(STACK_OF(X509) * all) {
  sk_X509_pop_free(all, X509_free);
}
void free_names(GENERAL_NAMES* names) {
  GENERAL_NAMES_free(names);
}
using Bio = std::unique_ptr<BIO, Freed<BIO_free_all>>;
using Cms = std::unique_ptr<CMS_ContentInfo, Freed<CMS_ContentInfo_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using Certificates = std::unique_ptr<STACK_OF(X509), Freed<free_stack>>;
using TrustStore = std::unique_ptr<X509_STORE, Freed<X509_STORE_free>>;
using TrustContext = std::unique_ptr<X509_STORE_CTX, Freed<X509_STORE_CTX_free>>;
using Names = std::unique_ptr<GENERAL_NAMES, Freed<free_names>>;
using PssParameters = std::unique_ptr<RSA_PSS_PARAMS, Freed<RSA_PSS_PARAMS_free>>;

/// 112 bits: RSA of 2,048, curves of 224 (NIST SP 800-57, until 2030).
constexpr int kLeastSecurityBits = 112;
/// X509_VERIFY_PARAM_set_auth_level: 2 is 112 bits and no SHA-1.
constexpr int kSecurityLevel = 2;

Bio memory(std::string_view bytes) {
  if (bytes.size() > std::size_t(std::numeric_limits<int>::max())) return {};
  return Bio(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
}

std::string openssl_says() {
  unsigned long code = ERR_peek_last_error();
  const char* reason = code ? ERR_reason_error_string(code) : nullptr;
  ERR_clear_error();
  return reason ? one_line(reason) : std::string("no reason given");
}

std::vector<Certificate> read_pem(const std::string& pem) {
  constexpr std::size_t most = 200;
  std::vector<Certificate> all;
  Bio in = memory(pem);
  while (in && all.size() < most) {
    Certificate one(PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr));
    if (!one) break;
    all.push_back(std::move(one));
  }
  ERR_clear_error();  // the end of the file is one
  return all;
}

std::string der(X509* certificate) {
  unsigned char* bytes = nullptr;
  int size = i2d_X509(certificate, &bytes);
  std::string out;
  if (size > 0) out.assign(static_cast<char*>(static_cast<void*>(bytes)), std::size_t(size));
  OPENSSL_free(bytes);
  return out;
}

std::string fingerprint(X509* certificate) {
  return to_hex(sha256(der(certificate)));
}

std::optional<Time> time_of(const ASN1_TIME* when) {
  std::tm parts{};
  if (!when || ASN1_TIME_to_tm(when, &parts) != 1) return {};
  std::chrono::year_month_day day{std::chrono::year(parts.tm_year + 1900),
                                  std::chrono::month(unsigned(parts.tm_mon) + 1),
                                  std::chrono::day(unsigned(parts.tm_mday))};
  if (!day.ok()) return {};
  return Time(std::chrono::sys_days(day)) + std::chrono::hours(parts.tm_hour) +
         std::chrono::minutes(parts.tm_min) + std::chrono::seconds(parts.tm_sec);
}

/// Empty, or why the certificate itself is of no use at that time.
std::string time_fault(X509* certificate, Time at) {
  auto from = time_of(X509_get0_notBefore(certificate));
  auto until = time_of(X509_get0_notAfter(certificate));
  if (!from || !until) return "no period of validity";
  if (at < *from) return "valid only from " + format_rfc3339(*from);
  if (at > *until) return "expired " + format_rfc3339(*until);
  return {};
}

bool for_signing_mail(X509* certificate) {
  return X509_check_purpose(certificate, X509_PURPOSE_SMIME_SIGN, 0) == 1;
}

bool key_is_strong(X509* certificate) {
  const EVP_PKEY* key = X509_get0_pubkey(certificate);
  return key && EVP_PKEY_get_security_bits(key) >= kLeastSecurityBits;
}

bool digest_is_strong(int nid) {
  constexpr int strong[] = {NID_sha256,   NID_sha384,   NID_sha512,  NID_sha512_256,
                            NID_sha3_256, NID_sha3_384, NID_sha3_512};
  return std::find(std::begin(strong), std::end(strong), nid) != std::end(strong);
}

int nid_of(const X509_ALGOR* algorithm) {
  const ASN1_OBJECT* object = nullptr;
  if (algorithm) X509_ALGOR_get0(&object, nullptr, nullptr, algorithm);
  return object ? OBJ_obj2nid(object) : NID_undef;
}

/// The digest that is named by the signature's own algorithm; NID_undef: none is, it is the other
/// one's.
int digest_of_signature(const X509_ALGOR* algorithm) {
  const int nid = nid_of(algorithm);
  if (nid == NID_rsassaPss) {
    const ASN1_STRING* packed = nullptr;
    int type = V_ASN1_UNDEF;
    const void* value = nullptr;
    const ASN1_OBJECT* object = nullptr;
    X509_ALGOR_get0(&object, &type, &value, algorithm);
    if (type == V_ASN1_SEQUENCE) packed = static_cast<const ASN1_STRING*>(value);
    PssParameters parameters;
    if (packed)
      parameters.reset(
          static_cast<RSA_PSS_PARAMS*>(ASN1_item_unpack(packed, ASN1_ITEM_rptr(RSA_PSS_PARAMS))));
    // RFC 8017 A.2.3: without a hash it is SHA-1.
    return parameters && parameters->hashAlgorithm ? nid_of(parameters->hashAlgorithm) : NID_sha1;
  }
  int digest = NID_undef;
  if (OBJ_find_sigid_algs(nid, &digest, nullptr) != 1) return NID_undef;
  return digest;
}

/// Whether one of the e-mail addresses of the subjectAltName is this one. The subject itself is not
/// looked at (RFC 8550 section 3: it is of old).
bool issued_to(X509* certificate, const std::string& address) {
  Names names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  if (!names) return false;
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_EMAIL) continue;
    const ASN1_IA5STRING* text = name->d.rfc822Name;
    std::string_view value(
        static_cast<const char*>(static_cast<const void*>(ASN1_STRING_get0_data(text))),
        std::size_t(ASN1_STRING_length(text)));
    if (value.find('\0') == value.npos && canonical_address(value) == address) return true;
  }
  return false;
}

Outcome said(Verdict verdict, std::string detail) {
  return {verdict, std::move(detail), {}};
}

/// Whether an authority of `ca_pem` vouches for it at that time.
Outcome check_chain(X509* certificate, STACK_OF(X509) * others, const std::string& ca_pem,
                    const Signer& signer, Time at) {
  const std::string print = fingerprint(certificate);
  auto authorities = read_pem(ca_pem);
  if (authorities.empty()) return said(Verdict::kUnknownKey, print);
  TrustStore trusted(X509_STORE_new());
  TrustContext context(X509_STORE_CTX_new());
  if (!trusted || !context) return said(Verdict::kUnavailable, "no memory");
  for (const Certificate& authority : authorities)
    X509_STORE_add_cert(trusted.get(), authority.get());
  if (X509_STORE_CTX_init(context.get(), trusted.get(), certificate, others) != 1)
    return said(Verdict::kUnavailable, openssl_says());
  X509_VERIFY_PARAM* rules = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_time(
      rules, std::chrono::duration_cast<std::chrono::seconds>(at.time_since_epoch()).count());
  X509_VERIFY_PARAM_set_purpose(rules, X509_PURPOSE_SMIME_SIGN);
  X509_VERIFY_PARAM_set_auth_level(rules, kSecurityLevel);
  X509_VERIFY_PARAM_set_depth(rules, 8);
  if (X509_verify_cert(context.get()) == 1) {
    if (!issued_to(certificate, signer.address))
      return said(Verdict::kUnknownKey, "issued to another address: " + print);
    return said(Verdict::kGood, print);
  }
  const int error = X509_STORE_CTX_get_error(context.get());
  ERR_clear_error();
  const std::string why = one_line(X509_verify_cert_error_string(error)) + ": " + print;
  switch (error) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID:
    case X509_V_ERR_CERT_REVOKED:
      return said(Verdict::kNotValid, why);
    case X509_V_ERR_INVALID_PURPOSE:
      return said(Verdict::kWrongUse, why);
    case X509_V_ERR_EE_KEY_TOO_SMALL:
    case X509_V_ERR_CA_KEY_TOO_SMALL:
    case X509_V_ERR_CA_MD_TOO_WEAK:
      return said(Verdict::kWeak, why);
    default:
      return said(Verdict::kUnknownKey, why);
  }
}

/// Whose the certificate is, and whether it may be used.
Outcome check_certificate(X509* certificate, STACK_OF(X509) * others,
                          const std::vector<Certificate>& pinned, const std::string& ca_pem,
                          const Signer& signer, Time at) {
  const std::string bytes = der(certificate);
  const bool is_pinned =
      !bytes.empty() && std::any_of(pinned.begin(), pinned.end(), [&](const Certificate& one) {
        return der(one.get()) == bytes;
      });
  if (!is_pinned) {
    Outcome chain = check_chain(certificate, others, ca_pem, signer, at);
    if (chain.verdict != Verdict::kGood) return chain;
  }
  const std::string print = fingerprint(certificate);
  if (std::string fault = time_fault(certificate, at); !fault.empty())
    return said(Verdict::kNotValid, fault + ": " + print);
  if (!for_signing_mail(certificate)) return said(Verdict::kWrongUse, print);
  if (!key_is_strong(certificate)) return said(Verdict::kWeak, "a short key: " + print);
  return said(Verdict::kGood, print);
}

}  // namespace

Outcome verify(std::string_view bytes, const std::string_view* content,
               const std::string& pinned_pem, const std::string& ca_pem, const Signer& signer,
               Time at) {
  ERR_clear_error();
  Bio in = memory(bytes);
  Cms cms(in ? d2i_CMS_bio(in.get(), nullptr) : nullptr);
  if (!cms) return said(Verdict::kDamaged, openssl_says());
  if (OBJ_obj2nid(CMS_get0_type(cms.get())) != NID_pkcs7_signed)
    return said(Verdict::kDamaged, "no signed data");
  // A detached signature that holds a content as well would show another one than it signs.
  ASN1_OCTET_STRING** inside = CMS_get0_content(cms.get());
  const bool has_content = inside && *inside;
  if (has_content == (content != nullptr))
    return said(Verdict::kDamaged, content ? "a detached signature with a content" : "no content");
  STACK_OF(CMS_SignerInfo)* signers = CMS_get0_SignerInfos(cms.get());
  if (!signers || sk_CMS_SignerInfo_num(signers) != 1)
    return said(Verdict::kDamaged, "not exactly one signer");
  CMS_SignerInfo* info = sk_CMS_SignerInfo_value(signers, 0);
  // Without signed attributes the attributes of another message could be passed off as a content
  // (RFC 8933 section 3 and the notes of RFC 5652 5.4).
  if (CMS_signed_get_attr_count(info) < 1) return said(Verdict::kDamaged, "no signed attributes");

  // The certificate comes along, or is one of ours.
  auto pinned = read_pem(pinned_pem);
  Certificates known(sk_X509_new_null());
  for (const Certificate& one : pinned)
    if (known && X509_up_ref(one.get()) == 1) sk_X509_push(known.get(), one.get());
  Bio out(BIO_new(BIO_s_mem()));
  Bio detached = content ? memory(*content) : Bio();
  if (!known || !out || (content && !detached)) return said(Verdict::kUnavailable, "no memory");
  // Who signed is judged below; here only whether the signature fits.
  constexpr unsigned flags = CMS_BINARY | CMS_NO_SIGNER_CERT_VERIFY;
  const bool fits =
      CMS_verify(cms.get(), known.get(), nullptr, detached.get(), out.get(), flags) == 1;
  X509* certificate = nullptr;
  X509_ALGOR *digest = nullptr, *algorithm = nullptr;
  CMS_SignerInfo_get0_algs(info, nullptr, &certificate, &digest, &algorithm);
  if (!certificate) {
    ERR_clear_error();
    return said(Verdict::kUnknownKey, "the signer's certificate is not there");
  }
  if (!fits) {
    const unsigned long code = ERR_peek_last_error();
    const bool unknown =
        ERR_GET_REASON(code) == CMS_R_UNKNOWN_DIGEST_ALGORITHM || ERR_GET_LIB(code) == ERR_LIB_EVP;
    return said(unknown ? Verdict::kDamaged : Verdict::kBad, openssl_says());
  }
  const int signed_digest = digest_of_signature(algorithm);
  if (!digest_is_strong(nid_of(digest)) ||
      (signed_digest != NID_undef && !digest_is_strong(signed_digest))) {
    const char* name = OBJ_nid2sn(nid_of(digest));
    return said(Verdict::kWeak, name ? name : "a weak digest");
  }
  Certificates others(CMS_get1_certs(cms.get()));
  Outcome outcome = check_certificate(certificate, others.get(), pinned, ca_pem, signer, at);
  if (outcome.verdict == Verdict::kGood && !content) {
    char* data = nullptr;
    long size = BIO_get_mem_data(out.get(), &data);
    if (size > 0) outcome.content.assign(data, std::size_t(size));
  }
  return outcome;
}

std::vector<Key> list(const std::string& pem, Time now) {
  std::vector<Key> keys;
  for (const Certificate& one : read_pem(pem)) {
    Key key;
    key.fingerprint = fingerprint(one.get());
    key.until = time_of(X509_get0_notAfter(one.get()));
    key.fault = time_fault(one.get(), now);
    if (key.fault.empty() && !key_is_strong(one.get())) key.fault = "a short key";
    keys.push_back(std::move(key));
  }
  return keys;
}

}  // namespace focalpost::signature::smime
