// SPDX-License-Identifier: Apache-2.0
//
// secret: a password from where the operator put it, never from the settings themselves.
//
// Looked up in this order, the first that is named counts: a file, an environment variable, a
// systemd credential (LoadCredential=, in $CREDENTIALS_DIRECTORY). One line break at the end is
// taken off; a NUL or another line break is an Error.
//
// Dangers: the text is in memory in the clear. No Error ever contains it.
#pragma once

#include <string>

#include "base/files.h"
#include "base/result.h"
#include "net/login.h"

namespace focalpost::net {

struct SecretPlace {
  std::string setting;     ///< what the settings call it, for Errors: "[mailbox] password"
  std::string file;        ///< relative to `home`, or absolute
  fs::path home;           ///<
  std::string variable;    ///< of the environment
  std::string credential;  ///< its name; counts where neither file nor variable is set
};

/// Reads it now. Not there, empty, longer than 64 KB or with line breaks: kUsage.
Result<std::string> read_secret(const SecretPlace& place);
/// Whether it is anywhere to be read from: a file or a variable is named, or the credential is
/// there.
bool secret_is_set(const SecretPlace& place);
/// Whether users other than this one and root can read its file: something for `check` to say.
bool others_can_read(const SecretPlace& place);

/// A password read anew for each connection.
class PasswordCredentials final : public Credentials {
 public:
  PasswordCredentials(std::string user, SecretPlace place)
      : user_(std::move(user)), place_(std::move(place)) {}
  Result<Login> login() override;

 private:
  std::string user_;
  SecretPlace place_;
};

}  // namespace focalpost::net
