// SPDX-License-Identifier: Apache-2.0
#include "base/domain.h"

#include <unicode/uidna.h>
#include <unicode/uspoof.h>

#include <algorithm>
#include <memory>

#include "base/text.h"

namespace focalpost {
namespace {

constexpr std::size_t kLongestDomain = 253, kLongestLabel = 63;

struct CloseIdna {
  void operator()(UIDNA* idna) const { uidna_close(idna); }
};
struct CloseSpoof {
  void operator()(USpoofChecker* checker) const { uspoof_close(checker); }
};

/// Both are read only once made, so all threads share them.
const UIDNA* idna() {
  static const std::unique_ptr<UIDNA, CloseIdna> made = [] {
    UErrorCode error = U_ZERO_ERROR;
    std::unique_ptr<UIDNA, CloseIdna> opened(uidna_openUTS46(
        UIDNA_NONTRANSITIONAL_TO_ASCII | UIDNA_CHECK_BIDI | UIDNA_CHECK_CONTEXTJ, &error));
    if (U_FAILURE(error)) opened.reset();
    return opened;
  }();
  return made.get();
}
const USpoofChecker* spoof() {
  static const std::unique_ptr<USpoofChecker, CloseSpoof> made = [] {
    UErrorCode error = U_ZERO_ERROR;
    std::unique_ptr<USpoofChecker, CloseSpoof> opened(uspoof_open(&error));
    if (U_FAILURE(error)) opened.reset();
    return opened;
  }();
  return made.get();
}

bool is_name(std::string_view domain) {
  if (domain.empty() || domain.size() > kLongestDomain) return false;
  for (std::string_view label : focalpost::split(domain, '.')) {
    if (label.empty() || label.size() > kLongestLabel) return false;
    for (char c : label)
      if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_')) return false;
  }
  return true;
}

}  // namespace

std::string ascii_domain(std::string_view utf8) {
  if (utf8.ends_with('.')) utf8.remove_suffix(1);
  std::string lower;
  if (std::all_of(utf8.begin(), utf8.end(), [](char c) { return c >= 0; })) {
    lower = ascii_lower(utf8);
  } else {
    // Four times the length of a name in characters is as long as one can be in UTF-8.
    if (!idna() || utf8.size() > 4 * kLongestDomain || !is_utf8(utf8)) return {};
    char ascii[kLongestDomain + 2];
    UIDNAInfo info = UIDNA_INFO_INITIALIZER;
    UErrorCode error = U_ZERO_ERROR;
    std::int32_t length =
        uidna_nameToASCII_UTF8(idna(), utf8.data(), static_cast<std::int32_t>(utf8.size()), ascii,
                               static_cast<std::int32_t>(sizeof ascii), &info, &error);
    if (U_FAILURE(error) || info.errors != 0 || length <= 0 ||
        static_cast<std::size_t>(length) > kLongestDomain)
      return {};
    lower = ascii_lower({ascii, static_cast<std::size_t>(length)});
  }
  return is_name(lower) ? lower : std::string();
}

std::string canonical_address(std::string_view address) {
  address = trim(address);
  auto at = address.rfind('@');
  if (at == address.npos) return ascii_lower(address);
  std::string domain = ascii_domain(address.substr(at + 1));
  if (domain.empty()) return ascii_lower(address);
  return ascii_lower(address.substr(0, at + 1)) + domain;
}

bool is_at_or_below(std::string_view domain, std::string_view parent) {
  if (domain.empty() || parent.empty() || !domain.ends_with(parent)) return false;
  return domain.size() == parent.size() || domain[domain.size() - parent.size() - 1] == '.';
}

std::string skeleton(std::string_view utf8) {
  constexpr std::size_t kLongest = 400;
  std::string folded = ascii_lower(to_valid_utf8(utf8.substr(0, kLongest)));
  if (folded.find("xn--") != std::string::npos && idna()) {
    // A-labels are shown to people as what they stand for.
    auto domain = folded.rfind('@') + 1;
    char unicode[4 * kLongest];
    UIDNAInfo info = UIDNA_INFO_INITIALIZER;
    UErrorCode failed = U_ZERO_ERROR;
    std::int32_t size = uidna_nameToUnicodeUTF8(
        idna(), folded.data() + domain, static_cast<std::int32_t>(folded.size() - domain), unicode,
        static_cast<std::int32_t>(sizeof unicode), &info, &failed);
    if (U_SUCCESS(failed) && size > 0)
      folded = folded.substr(0, domain) + std::string(unicode, static_cast<std::size_t>(size));
  }
  if (!spoof()) return folded;
  std::string out(4 * folded.size() + 16, '\0');
  UErrorCode error = U_ZERO_ERROR;
  std::int32_t length =
      uspoof_getSkeletonUTF8(spoof(), 0, folded.data(), static_cast<std::int32_t>(folded.size()),
                             out.data(), static_cast<std::int32_t>(out.size()), &error);
  if (U_FAILURE(error) || length < 0) return folded;
  out.resize(std::min(out.size(), static_cast<std::size_t>(length)));
  return out;
}

std::string without_tag(std::string_view address) {
  const std::size_t at = address.rfind('@');
  const std::size_t plus = address.find('+');
  if (at == address.npos || plus == address.npos || plus > at) return ascii_lower(address);
  return ascii_lower(std::string(address.substr(0, plus)) + std::string(address.substr(at)));
}

}  // namespace focalpost
