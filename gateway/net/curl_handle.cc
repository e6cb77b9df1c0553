// SPDX-License-Identifier: Apache-2.0
#include "net/curl_handle.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <csignal>
#include <cstring>

#include "base/text.h"
#include "net/certificate.h"

namespace focalpost::net {
namespace {

// X509_V_ERR_... of OpenSSL, as CURLINFO_SSL_VERIFYRESULT gives them.
constexpr long kNotYetValid = 9, kExpired = 10, kSelfSigned = 18, kSelfSignedInChain = 19,
               kNoLocalIssuer = 20, kNoIssuer = 21, kRevoked = 23, kHostMismatch = 62;

// Of what libcurl tells of one certificate: a key or an extension may be long and is passed over.
constexpr int kMostCertificateLines = 200;
constexpr std::size_t kLongestCertificateLine = 200;

bool is_loopback(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    sockaddr_in v4;
    std::memcpy(&v4, &address, sizeof v4);
    return (ntohl(v4.sin_addr.s_addr) >> 24) == 127;
  }
  if (address.sa_family == AF_INET6) {
    sockaddr_in6 v6;
    std::memcpy(&v6, &address, sizeof v6);
    if (IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr)) return true;
    return IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr) && v6.sin6_addr.s6_addr[12] == 127;
  }
  return false;
}

bool initialise() {
  static const bool done = [] {
    std::signal(SIGPIPE, SIG_IGN);
    return curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  }();
  return done;
}

}  // namespace

CurlHandle::Parts::~Parts() {
  if (handle) curl_easy_cleanup(handle);
}

Result<CurlHandle> CurlHandle::make() {
  CurlHandle made;
  made.parts_ = std::make_unique<Parts>();
  if (!initialise() || !(made.parts_->handle = curl_easy_init()))
    return temporary("libcurl cannot be started: no memory left");
  CURL* const handle = made.get();
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, made.parts_->words);
  curl_easy_setopt(handle, CURLOPT_SSLVERSION, long(CURL_SSLVERSION_TLSv1_2));
  curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, open_socket);
  curl_easy_setopt(handle, CURLOPT_OPENSOCKETDATA, made.parts_.get());
  return made;
}

void CurlHandle::trust(const std::string& ca_file) {
  if (ca_file.empty()) return;
  curl_easy_setopt(get(), CURLOPT_CAINFO, ca_file.c_str());
  curl_easy_setopt(get(), CURLOPT_CAPATH, nullptr);
}

void CurlHandle::only_loopback() {
  parts_->only_loopback = true;
}

void CurlHandle::note_certificate() {
  curl_easy_setopt(get(), CURLOPT_CERTINFO, 1L);
}

std::optional<Time> CurlHandle::certificate_until() const {
  const curl_certinfo* chain = nullptr;
  if (curl_easy_getinfo(get(), CURLINFO_CERTINFO, &chain) != CURLE_OK || !chain ||
      chain->num_of_certs < 1)
    return {};
  constexpr std::string_view key = "Expire date:";
  int left = kMostCertificateLines;
  for (const curl_slist* one = chain->certinfo[0]; one && left > 0; one = one->next, --left) {
    const std::string_view line(one->data, ::strnlen(one->data, kLongestCertificateLine));
    if (line.starts_with(key)) return read_certificate_time(line.substr(key.size()));
  }
  return {};
}

curl_socket_t CurlHandle::open_socket(void* user, curlsocktype, curl_sockaddr* address) {
  auto* parts = static_cast<Parts*>(user);
  if (parts->only_loopback && !is_loopback(address->addr)) {
    parts->left_machine = true;
    return CURL_SOCKET_BAD;
  }
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

std::string CurlHandle::reason(CURLcode code) const {
  const char* words = parts_->words[0] ? parts_->words : curl_easy_strerror(code);
  return shorten(one_line(trim(words)), 300);
}

std::optional<Error> CurlHandle::common_error(CURLcode code, const std::string& where,
                                              const std::string& ca_file) const {
  const std::string words = reason(code);
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return temporary(fmt::format("the name of {} is not known ({})", where, words),
                       "Check the host's spelling, and this machine's name service.");
    case CURLE_COULDNT_CONNECT:
      if (parts_->left_machine)
        return usage_error(
            fmt::format("{} is another machine, and the line to it would not be encrypted", where),
            "Use TLS; or set allow_plaintext = true if the line is safe by other means.");
      return temporary(fmt::format("{} cannot be reached: {}", where, words),
                       "Check host and port, and whether a firewall is in the way.");
    case CURLE_OPERATION_TIMEDOUT:
      return temporary(fmt::format("{} did not answer in time: {}", where, words),
                       "Check host, port and tls (a port with TLS from the first byte is silent "
                       "without it), and whether a firewall is in the way.");
    case CURLE_SSL_CACERT_BADFILE:
      return usage_error(
          fmt::format("the certificate authorities for {} cannot be read: {}", where, words),
          ca_file.empty() ? "Install the package ca-certificates, or set ca_file."
                          : "Check ca_file: a PEM file that this user can read.");
    case CURLE_SSL_CONNECT_ERROR:
      return temporary(fmt::format("{}: no TLS came about: {}", where, words),
                       "Check that this port speaks TLS from the first byte (993, 465); with "
                       "STARTTLS (143, 587) write imap:// or smtp://.");
    case CURLE_PEER_FAILED_VERIFICATION:
      break;
    default:
      return {};
  }

  long verdict = 0;
  curl_easy_getinfo(get(), CURLINFO_SSL_VERIFYRESULT, &verdict);
  if (verdict == kExpired)
    return usage_error(fmt::format("the certificate of {} has expired", where),
                       "Its owner must renew it; check this machine's clock too.");
  if (verdict == kNotYetValid)
    return usage_error(fmt::format("the certificate of {} is not valid yet", where),
                       "Check this machine's clock.");
  if (verdict == kRevoked)
    return usage_error(fmt::format("the certificate of {} was revoked", where),
                       "Its owner must replace it.");
  if (verdict == kSelfSigned || verdict == kSelfSignedInChain || verdict == kNoLocalIssuer ||
      verdict == kNoIssuer)
    return usage_error(
        fmt::format("the certificate of {} comes from an authority that is not trusted here ({})",
                    where, words),
        ca_file.empty() ? "If the authority is your own, set ca_file to its certificate."
                        : "Check that ca_file holds the certificate of that authority.");
  if (verdict == kHostMismatch || words.find("subject name") != words.npos)
    return usage_error(fmt::format("the certificate of {} is for another host ({})", where, words),
                       "Write the host as the certificate names it; if that is what it should be, "
                       "somebody else may be answering.");
  return usage_error(fmt::format("the certificate of {} is not accepted: {}", where, words),
                     "Ask the server's people, with these words.");
}

}  // namespace focalpost::net
