// SPDX-License-Identifier: Apache-2.0
//
// Values at the edges, as XML Schema has them.
#include "validation/values.h"

#include "catch.h"

namespace focalpost {
namespace {

std::string fault(const TextFormat& format, std::string_view text) {
  const Rule* rule = ValueCheck(format).fault(text);
  return rule ? std::string(rule->id) : "";
}

}  // namespace

TEST_CASE("values: a number of many digits lies where it lies") {
  TextFormat format;
  format.type = DataType::kExclusiveValueRange;
  format.min_value = "0";
  format.max_value = "5";
  CHECK(fault(format, "0.1234567890123456789") == "");
  CHECK(fault(format, "4.9999999990123456789") == "");
  CHECK(fault(format, "5.1234567890123456789") == "too-large");
  CHECK(fault(format, "+5.1234567890123456789") == "too-large");
  CHECK(fault(format, "-0.1234567890123456789") == "too-small");
  CHECK(fault(format, "123456789012345678901234567890") == "too-large");
  format.type = DataType::kDouble;
  CHECK(fault(format, "1e999") == "too-large");
  CHECK(fault(format, "-1e999") == "too-small");
  CHECK(fault(format, "1e-999") == "");
  CHECK(fault(format, "INF") == "too-large");
  CHECK(fault(format, "-INF") == "too-small");
}

TEST_CASE("values: URIs") {
  TextFormat format;
  format.type = DataType::kUri;
  for (const char* right : {"http://a.example/x?y=1#z", "urn:sdmx:x=A:B(1.0)", "a/b", "a/10:00",
                            "#x", "mailto:a@b.example", "a%20b"}) {
    INFO(right);
    CHECK(fault(format, right) == "");
  }
  for (const char* wrong : {"http://a b", "10:00:00", ":x", "a%2", "%", "<a>"}) {
    INFO(wrong);
    CHECK(fault(format, wrong) == "type-mismatch");
  }
}

}  // namespace focalpost
