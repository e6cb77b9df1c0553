// SPDX-License-Identifier: Apache-2.0
#include "net/secret.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cstdlib>

#include "base/text.h"

namespace focalpost::net {
namespace {

constexpr std::uint64_t kMostBytes = 64 << 10;

fs::path path_of(const SecretPlace& place) {
  if (!place.file.empty()) return place.home / place.file;
  const char* directory = std::getenv("CREDENTIALS_DIRECTORY");
  if (!place.variable.empty() || place.credential.empty() || !directory || !*directory) return {};
  return fs::path(directory) / place.credential;
}

}  // namespace

bool secret_is_set(const SecretPlace& place) {
  if (!place.file.empty() || !place.variable.empty()) return true;
  std::error_code ignored;
  const fs::path path = path_of(place);
  return !path.empty() && fs::exists(path, ignored);
}

bool others_can_read(const SecretPlace& place) {
  struct stat info {};
  const fs::path path = path_of(place);
  return !place.file.empty() && ::stat(path.c_str(), &info) == 0 && (info.st_mode & 077) != 0;
}

Result<std::string> read_secret(const SecretPlace& place) {
  std::string text, from;
  if (place.file.empty() && !place.variable.empty()) {
    from = fmt::format("the environment variable {}", place.variable);
    const char* value = std::getenv(place.variable.c_str());
    if (!value)
      return usage_error(fmt::format("{}: {} is not set", place.setting, from),
                         "Set it where the program is started.");
    text = value;
  } else {
    const fs::path path = path_of(place);
    if (path.empty())
      return usage_error(
          fmt::format("{} is not set", place.setting),
          "Name a file (..._file) or an environment variable (..._env), or hand in a "
          "systemd credential.");
    from = path.string();
    auto read = read_file(path, kMostBytes);
    if (!read.ok())
      return usage_error(fmt::format("{}: {}", place.setting, read.error().what),
                         "The file must be there and readable for the user that the program runs "
                         "as.");
    text = std::move(*read);
  }
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  if (text.empty()) return usage_error(fmt::format("{}: {} is empty", place.setting, from));
  if (text.size() > kMostBytes || text.find_first_of(std::string_view("\r\n\0", 3)) != text.npos)
    return usage_error(fmt::format("{}: {} is not one line", place.setting, from),
                       "The secret stands there alone, without anything before or behind it.");
  return text;
}

Result<Login> PasswordCredentials::login() {
  Login login;
  login.user = user_;
  FP_ASSIGN(login.password, read_secret(place_));
  return login;
}

}  // namespace focalpost::net
