// SPDX-License-Identifier: Apache-2.0
//
// cms: takes the content out of a signature that encloses it (S/MIME application/pkcs7-mime, RFC
// 8551 section 3.5; files "report.xml.p7m" and ".sig" of state e-signature programs; RFC 5652).
//
// Owns: a walk over the few BER elements in front of the content, without recursion and in linear
// time. Never: verifies a signature. What comes out is as good as what came in, and no better;
// who signed is another room's question. Ours and not OpenSSL's, because nothing of a stranger's
// certificates needs to be parsed to get at the content.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace focalpost::mime {

enum class CmsKind {
  kNone,       ///< no CMS at all
  kSigned,     ///< signed data with its content
  kDetached,   ///< a signature alone
  kEncrypted,  ///< enveloped, encrypted or authenticated-enveloped data
  kOther,      ///< compressed data, digests, certificates
  kDamaged,
};

struct Cms {
  CmsKind kind = CmsKind::kNone;
  std::string content;  ///< of kSigned
};

/// `bytes`: DER or BER, or either in PEM.
Cms read_cms(std::string_view bytes);

/// Whether it begins as CMS does; a few dozen bytes are enough.
bool looks_like_cms(std::string_view head);

}  // namespace focalpost::mime
