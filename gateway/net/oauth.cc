// SPDX-License-Identifier: Apache-2.0
#include "net/oauth.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "base/json.h"
#include "base/text.h"
#include "net/curl_handle.h"

namespace focalpost::net {
namespace {

constexpr std::size_t kMostAnswer = 256 << 10;
constexpr std::chrono::seconds kMargin{60};

void add_field(std::string& form, std::string_view name, std::string_view value) {
  if (!form.empty()) form += '&';
  form += name;
  form += '=';
  for (char c : value) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      form += c;
    } else {
      form += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
}

std::size_t on_answer(char* bytes, std::size_t size, std::size_t count, void* user) {
  auto& answer = *static_cast<std::string*>(user);
  if (answer.size() + size * count > kMostAnswer) return 0;
  answer.append(bytes, size * count);
  return size * count;
}

std::string text_of(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

/// Seconds; some providers write the number as text.
std::int64_t lifetime(const Json& json) {
  const auto found = json.find("expires_in");
  std::int64_t seconds = 0;
  if (found != json.end() && found->is_number()) {
    const double number = found->get<double>();
    seconds = number > 0 && number < 1e9 ? static_cast<std::int64_t>(number) : 0;
  } else if (found != json.end() && found->is_string()) {
    for (char c : found->get<std::string>().substr(0, 9)) {
      if (c < '0' || c > '9') return 0;
      seconds = seconds * 10 + (c - '0');
    }
  }
  return seconds;
}

}  // namespace

Result<Login> OAuthCredentials::login() {
  if (token_.empty() || clock_.now() + kMargin >= until_) {
    FP_TRY(renew());
    fresh_ = true;
  } else {
    fresh_ = false;
  }
  Login login;
  login.user = settings_.user;
  login.bearer = token_;
  login.mechanism = settings_.mechanism;
  return login;
}

bool OAuthCredentials::refused() {
  token_.clear();
  return !fresh_;
}

Status OAuthCredentials::renew() {
  const std::string where = shorten(one_line(settings_.token_url), 200);
  std::string form;
  if (settings_.refresh_token) {
    if (refresh_token_.empty()) {
      FP_ASSIGN(refresh_token_, read_secret(*settings_.refresh_token));
    }
    add_field(form, "grant_type", "refresh_token");
    add_field(form, "refresh_token", refresh_token_);
  } else {
    add_field(form, "grant_type", "client_credentials");
  }
  add_field(form, "client_id", settings_.client_id);
  if (settings_.client_secret) {
    FP_ASSIGN(std::string secret, read_secret(*settings_.client_secret));
    add_field(form, "client_secret", secret);
  }
  if (!settings_.scope.empty()) add_field(form, "scope", settings_.scope);

  FP_ASSIGN(CurlHandle handle, CurlHandle::make());
  std::string answer;
  const bool plain = ascii_istarts_with(settings_.token_url, "http://");
  curl_easy_setopt(handle.get(), CURLOPT_URL, settings_.token_url.c_str());
  curl_easy_setopt(handle.get(), CURLOPT_PROTOCOLS_STR, plain ? "http" : "https");
  if (plain) {
    handle.only_loopback();
    curl_easy_setopt(handle.get(), CURLOPT_PROXY, "");
  }
  handle.trust(settings_.ca_file);
  curl_easy_setopt(handle.get(), CURLOPT_TIMEOUT_MS, long(settings_.timeout.count()));
  curl_easy_setopt(handle.get(), CURLOPT_POSTFIELDSIZE, long(form.size()));
  curl_easy_setopt(handle.get(), CURLOPT_POSTFIELDS, form.data());
  curl_easy_setopt(handle.get(), CURLOPT_WRITEFUNCTION, on_answer);
  curl_easy_setopt(handle.get(), CURLOPT_WRITEDATA, &answer);
  curl_easy_setopt(handle.get(), CURLOPT_USERAGENT, "focalpost");
  const CURLcode code = curl_easy_perform(handle.get());
  if (code != CURLE_OK) {
    if (auto known = handle.common_error(code, where, settings_.ca_file)) return *known;
    if (code == CURLE_UNSUPPORTED_PROTOCOL || code == CURLE_URL_MALFORMAT)
      return usage_error(fmt::format("{} is not the address of a token endpoint", where),
                         "It begins with https://.");
    return temporary(fmt::format("no token from {}: {}", where, handle.reason(code)));
  }
  long status = 0;
  curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &status);

  const Json json = Json::parse(answer, nullptr, false);
  const bool object = json.is_object();
  if (status != 200) {
    std::string what = fmt::format("{} gives no token (HTTP {})", where, status);
    const std::string error = object ? text_of(json, "error") : std::string();
    if (!error.empty()) what += fmt::format(": {}", shorten(one_line(error), 80));
    const std::string more = object ? text_of(json, "error_description") : std::string();
    if (!more.empty()) what += fmt::format(": {}", shorten(one_line(more), 200));
    if (status == 429 || status >= 500 || error == "temporarily_unavailable")
      return temporary(std::move(what), "It is tried again.");
    refresh_token_.clear();
    if (error == "invalid_grant" && settings_.refresh_token)
      return usage_error(std::move(what),
                         "The consent has ended: obtain a new refresh token and put it in place.");
    return usage_error(std::move(what),
                       "Check client id, client secret and scope; secrets of clients expire.");
  }
  const std::string token = object ? text_of(json, "access_token") : std::string();
  const bool sound = !token.empty() && std::all_of(token.begin(), token.end(),
                                                   [](char c) { return c > ' ' && c < 0x7f; });
  if (!sound)
    return temporary(fmt::format("{} answered, but not with an access token", where),
                     "Check token_url.");
  token_ = token;
  until_ = clock_.now() + std::chrono::seconds(lifetime(json));
  const std::string next = object ? text_of(json, "refresh_token") : std::string();
  if (settings_.refresh_token && !next.empty() && next != refresh_token_) {
    refresh_token_ = next;
    if (settings_.on_refresh_token) settings_.on_refresh_token(next);
  }
  return {};
}

}  // namespace focalpost::net
