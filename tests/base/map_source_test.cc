// SPDX-License-Identifier: Apache-2.0
#include "base/map_source.h"

#include "catch.h"

using namespace focalpost;

TEST_CASE("a source is mapped whole, and no file with a name stays") {
  fs::path directory = fs::temp_directory_path() / "focalpost-map-source-test";
  fs::remove_all(directory);
  REQUIRE(make_directories(directory).ok());
  std::string bytes(200'000, 'x');
  bytes += "end";
  MemorySource source(bytes);
  auto mapped = map_source(source, directory);
  REQUIRE(mapped.ok());
  CHECK(mapped->bytes() == bytes);
  CHECK(list_directory(directory)->empty());
  MemorySource nothing("");
  CHECK(map_source(nothing, directory)->bytes().empty());
  fs::remove_all(directory);
}

TEST_CASE("a source that fails leaves no file either") {
  struct Failing final : ByteSource {
    Result<std::span<const char>> next() override { return temporary("the line is lost"); }
  } failing;
  fs::path directory = fs::temp_directory_path() / "focalpost-map-source-test";
  REQUIRE(make_directories(directory).ok());
  auto mapped = map_source(failing, directory);
  CHECK_FALSE(mapped.ok());
  CHECK(list_directory(directory)->empty());
  fs::remove_all(directory);
}
