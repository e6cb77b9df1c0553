// SPDX-License-Identifier: Apache-2.0
//
// oauth: access tokens for mail servers that take no passwords (Microsoft 365, Google).
//
// Two grants of RFC 6749: client credentials (section 4.4: a program by itself; Microsoft 365) and
// refresh token (section 6: in the name of a person who agreed once; both). The token endpoint is
// asked by HTTPS; plain HTTP only to this machine. How a person agrees once, and gets the refresh
// token, is not done here.
//
// A token is kept in memory until a minute before it runs out. A server that refuses one makes the
// next login() ask for another, once.
//
// Dangers: a provider may hand out a new refresh token with each answer (Microsoft does; the old
// one goes on for a while). It is used from then on, and `on_refresh_token` can keep it.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "net/login.h"
#include "net/secret.h"

namespace focalpost::net {

struct OAuthSettings {
  std::string user;       ///< the mailbox: "gateway@network.example"
  std::string token_url;  ///< "https://login.example/tenant/oauth2/v2.0/token"
  std::string client_id;
  std::optional<SecretPlace> client_secret;
  /// Set: the refresh-token grant. Not set: client credentials.
  std::optional<SecretPlace> refresh_token;
  std::string scope;  ///< space-separated; may be empty
  BearerMechanism mechanism = BearerMechanism::kAny;
  std::string ca_file;  ///< for the token endpoint; the system's when empty
  std::chrono::milliseconds timeout{20'000};
  std::function<void(const std::string&)> on_refresh_token;
};

class OAuthCredentials final : public Credentials {
 public:
  /// `clock` outlives this.
  OAuthCredentials(OAuthSettings settings, const Clock& clock)
      : settings_(std::move(settings)), clock_(clock) {}

  /// The token kept, or a new one. kUsage: the endpoint refused (invalid_grant, invalid_client
  /// ...), with its words; kTemporary: it cannot be reached, or is in trouble.
  Result<Login> login() override;
  /// Forgets the token. True if it was not brand new.
  bool refused() override;

 private:
  Status renew();

  OAuthSettings settings_;
  const Clock& clock_;
  std::string token_, refresh_token_;
  Time until_{};
  bool fresh_ = false;  ///< got by the last login(): asking again gives nothing better
};

}  // namespace focalpost::net
