// SPDX-License-Identifier: Apache-2.0
//
// bytes: little-endian numbers in records, and writing at a place. Private to the room.
#pragma once

#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/files.h"

namespace focalpost {

template <typename Number>
void put_number(char* to, Number value) {
  for (std::size_t i = 0; i < sizeof value; ++i) to[i] = static_cast<char>(value >> (8 * i));
}

template <typename Number>
Number get_number(const char* from) {
  Number value = 0;
  for (std::size_t i = 0; i < sizeof value; ++i)
    value |=
        static_cast<Number>(static_cast<Number>(static_cast<unsigned char>(from[i])) << (8 * i));
  return value;
}

/// All of `bytes` at `offset`, so that a write that failed half-way can simply be done again.
inline Status write_at(int fd, std::string_view bytes, std::uint64_t offset, const fs::path& name) {
  while (!bytes.empty()) {
    const ssize_t n = ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return system_error("write", name, errno);
    bytes.remove_prefix(static_cast<std::size_t>(n));
    offset += static_cast<std::uint64_t>(n);
  }
  return {};
}

/// The number in "<prefix><digits><suffix>", or 0.
inline std::uint64_t number_in_name(std::string_view name, std::string_view prefix,
                                    std::string_view suffix) {
  if (name.size() <= prefix.size() + suffix.size() || !name.starts_with(prefix) ||
      !name.ends_with(suffix))
    return 0;
  name.remove_prefix(prefix.size());
  name.remove_suffix(suffix.size());
  std::uint64_t value = 0;
  for (char c : name) {
    if (c < '0' || c > '9' || value > 1'000'000'000) return 0;
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return value;
}

}  // namespace focalpost
