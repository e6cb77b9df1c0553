// SPDX-License-Identifier: Apache-2.0
//
// curl_handle: a libcurl easy handle with what every use of it here has in common: initialisation,
// close-on-exec sockets, certificate checking, and Errors that a tired operator understands. For
// the .cc files of `net` only.
#pragma once

#include <curl/curl.h>

#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"

namespace focalpost::net {

class CurlHandle {
 public:
  CurlHandle() = default;
  /// With CURLOPT_NOSIGNAL, an error buffer, TLS 1.2 or better.
  static Result<CurlHandle> make();

  CURL* get() const { return parts_->handle; }
  /// PEM file with the authorities to trust; the system's when empty.
  void trust(const std::string& ca_file);
  /// Refuses to connect to an address of another machine, whatever the name says.
  void only_loopback();
  /// Before connecting: for certificate_until().
  void note_certificate();
  /// Of the server's own certificate, the first of its chain, once connected.
  std::optional<Time> certificate_until() const;

  /// Errors that mean the same for mail and for HTTPS: names, addresses, certificates, TLS, time.
  std::optional<Error> common_error(CURLcode code, const std::string& where,
                                    const std::string& ca_file) const;
  /// libcurl's own words, on one line.
  std::string reason(CURLcode code) const;

 private:
  struct Parts {
    CURL* handle = nullptr;
    char words[CURL_ERROR_SIZE] = {};
    bool only_loopback = false;
    bool left_machine = false;  ///< a connection was refused by only_loopback
    ~Parts();
  };
  static curl_socket_t open_socket(void* user, curlsocktype purpose, curl_sockaddr* address);
  std::unique_ptr<Parts> parts_;
};

}  // namespace focalpost::net
