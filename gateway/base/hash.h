// SPDX-License-Identifier: Apache-2.0
//
// hash: SHA-256 and HMAC-SHA-256, the only door to the cryptography library for digests.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace focalpost {

using Sha256 = std::array<unsigned char, 32>;

/// Feed bytes, then finish() once.
class Sha256Stream {
 public:
  Sha256Stream();
  ~Sha256Stream();
  Sha256Stream(const Sha256Stream&) = delete;
  Sha256Stream& operator=(const Sha256Stream&) = delete;
  void update(std::string_view bytes);
  Sha256 finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The same, on a thread of its own once there is much: without instructions of the processor for
/// it SHA-256 of a large file costs as much as parsing it. Copies what it is given, 512 KB at most.
class Sha256Aside {
 public:
  Sha256Aside();
  ~Sha256Aside();
  Sha256Aside(const Sha256Aside&) = delete;
  Sha256Aside& operator=(const Sha256Aside&) = delete;
  void update(std::string_view bytes);
  Sha256 finish();

 private:
  struct State;
  void hand_over();
  std::unique_ptr<State> state_;
};

Sha256 sha256(std::string_view bytes);
Sha256 hmac_sha256(std::string_view key, std::string_view bytes);
/// Lower-case hexadecimal.
std::string to_hex(const Sha256& digest);
/// Random bytes from the system, for keys.
std::string random_bytes(std::size_t count);

/// Tells damage (a torn write, a bad disk) at memory's speed; no protection against anybody who
/// means harm. XXH3, 64 bits.
class Checksum {
 public:
  Checksum();
  ~Checksum();
  Checksum(const Checksum&) = delete;
  Checksum& operator=(const Checksum&) = delete;
  void update(std::string_view bytes);
  std::uint64_t finish() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};
std::uint64_t checksum(std::string_view bytes);

/// A fast 64-bit hash for hash tables; never for anything that must resist an attacker's choice
/// without `seed` being random per process (see hash_seed()).
std::uint64_t fast_hash(std::string_view bytes, std::uint64_t seed);
/// Drawn once per process.
std::uint64_t hash_seed();

}  // namespace focalpost
