// SPDX-License-Identifier: Apache-2.0
//
// login: who one is to a mail server, and where that comes from.
//
// A Login is made anew for each connection, so that a changed password file or an OAuth2 token that
// ran out needs no restart (secret.h, oauth.h).
//
// Dangers: a Login holds a secret in the clear; it is never logged and never part of an Error.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace focalpost::net {

/// How a bearer token is presented.
enum class BearerMechanism : std::uint8_t {
  kAny,          ///< what the server offers; OAUTHBEARER first
  kXoauth2,      ///< Google's and Microsoft's
  kOauthBearer,  ///< RFC 7628
};

struct Login {
  std::string user;  ///< empty: no authentication (SMTP only)
  std::string password;
  std::string bearer;  ///< an OAuth2 access token; the password is not used then
  BearerMechanism mechanism = BearerMechanism::kAny;
};

/// Asked at each connection.
class Credentials {
 public:
  virtual ~Credentials() = default;
  virtual Result<Login> login() = 0;
  /// The server refused what login() gave last. True: the next login() gives something fresh, and
  /// trying again at once makes sense.
  virtual bool refused() { return false; }
};

/// Always the same: tests, and servers that ask for nothing (Login{}).
class FixedCredentials final : public Credentials {
 public:
  FixedCredentials() = default;
  explicit FixedCredentials(Login login) : login_(std::move(login)) {}
  FixedCredentials(std::string user, std::string password) {
    login_.user = std::move(user);
    login_.password = std::move(password);
  }
  Result<Login> login() override { return login_; }

 private:
  Login login_;
};

}  // namespace focalpost::net
