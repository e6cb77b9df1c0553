// SPDX-License-Identifier: Apache-2.0
//
// authentication: what a mail server reports in Authentication-Results (RFC 8601).
//
// Owns the reading of one field's value. Never: decides whose report counts, or what it is worth
// (flow/assurance.h). Linear in the length of the value, without recursion, bounded.
//
// Dangers:
// - Anybody can write such a field. Only the operator knows the name under which the own server
//   reports, and only a trial knows whether that server removes forged ones (flow/check_trust.h).
// - A server quotes what strangers chose: MAIL FROM, d= of a signature. Where it does so carelessly
//   a value may try to end early, "header.d=good.example(.evil.example" or a comment that a quoted
//   local part closes. So whatever is not plainly of the grammar makes the whole field worthless:
//   nothing is lost by that but a level of assurance.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace focalpost::mime {

/// ptype.property=pvalue: "header", "d", "stat.example".
struct AuthProperty {
  std::string type, name, value;
};

/// One method's result: "dkim", "pass".
struct AuthVerdict {
  std::string method, result;  ///< lower case
  std::string reason;
  std::vector<AuthProperty> properties;

  /// Empty where there is none, and where there are several: nobody can tell which one is meant.
  std::string_view get(std::string_view type, std::string_view name) const;
};

struct AuthenticationResults {
  std::string authserv_id;            ///< as written; empty: none was (Exchange Online)
  std::vector<AuthVerdict> verdicts;  ///< none: "none" was reported
};

inline constexpr std::size_t kMostAuthVerdicts = 50;
inline constexpr std::size_t kMostAuthProperties = 20;    ///< of one verdict
inline constexpr std::size_t kMostAuthCommentDepth = 10;  ///< comments in comments

/// The authserv-id at the front of a (folded) value, if it stands there plainly: no quotes, no
/// comment in front. A comment may follow, as amavisd-new writes one.
std::optional<std::string_view> authserv_id(std::string_view value);

/// Of one (folded) value. Nothing if it is not well formed.
std::optional<AuthenticationResults> parse_authentication_results(std::string_view value);

/// Is this the server that is meant by `pin`: its id in any case, or "*.mail.example" for all that
/// end so?
bool is_authserv(std::string_view id, std::string_view pin);

}  // namespace focalpost::mime
