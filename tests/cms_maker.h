// SPDX-License-Identifier: Apache-2.0
//
// cms_maker: the frame of CMS messages (RFC 5652) around a content, for tests. Nothing is signed.
#pragma once

#include <string>
#include <string_view>

namespace cms_maker {

inline std::string element(unsigned char tag, std::string_view inside) {
  std::string out(1, static_cast<char>(tag));
  if (inside.size() < 128) {
    out += static_cast<char>(inside.size());
  } else {
    std::string length;
    for (std::size_t n = inside.size(); n > 0; n >>= 8)
      length.insert(length.begin(), static_cast<char>(n));
    out += static_cast<char>(0x80 | length.size());
    out += length;
  }
  return out + std::string(inside);
}

inline std::string pkcs7_type(char last) {
  return element(6, std::string("\x2A\x86\x48\x86\xF7\x0D\x01\x07", 8) + last);
}

/// In BER: lengths not given, the content in pieces, as OpenSSL streams it.
inline std::string in_pieces(std::string_view content) {
  std::string out("\x24\x80", 2);
  for (std::size_t at = 0; at < content.size(); at += 1000)
    out += element(4, content.substr(at, 1000));
  return out + std::string(2, '\0');
}

/// `detached`: without the content.
inline std::string signed_data(std::string_view content, bool detached = false,
                               bool pieces = false) {
  std::string octets = pieces ? in_pieces(content) : element(4, content);
  std::string encapsulated =
      element(0x30, pkcs7_type(1) + (detached ? std::string() : element(0xA0, octets)));
  std::string data =
      element(2, std::string(1, 1)) + element(0x31, "") + encapsulated + element(0x31, "");
  return element(0x30, pkcs7_type(2) + element(0xA0, element(0x30, data)));
}

inline std::string enveloped_data() {
  return element(0x30, pkcs7_type(3) + element(0xA0, element(0x30, element(2, std::string(1, 0)))));
}

}  // namespace cms_maker
