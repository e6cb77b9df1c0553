// SPDX-License-Identifier: Apache-2.0
#include "base/hash.h"

#include "catch.h"

using namespace focalpost;

TEST_CASE("SHA-256 of the standard's examples (FIPS 180-4)") {
  CHECK(to_hex(sha256("abc")) ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(to_hex(sha256("")) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST_CASE("hashing aside gives the same digest, whatever the pieces and the size") {
  std::string bytes;
  for (std::size_t i = 0; bytes.size() < 3'000'000; ++i) bytes += std::to_string(i * 7919);
  for (std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{1 << 20},
                           std::size_t{(1 << 20) + 1}, bytes.size()}) {
    for (std::size_t piece : {std::size_t{1000}, std::size_t{65536}, std::size_t{700'000}}) {
      std::string_view rest = std::string_view(bytes).substr(0, size);
      Sha256Aside aside;
      while (!rest.empty()) {
        aside.update(rest.substr(0, piece));
        rest.remove_prefix(std::min(piece, rest.size()));
      }
      CHECK(aside.finish() == sha256(std::string_view(bytes).substr(0, size)));
    }
  }
  Sha256Aside given_up;  // destroyed without finish()
  given_up.update(bytes);
}
