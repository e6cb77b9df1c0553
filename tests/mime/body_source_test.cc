// SPDX-License-Identifier: Apache-2.0
#include "mime/body_source.h"

#include <random>

#include "catch.h"

using namespace focalpost;
using namespace focalpost::mime;

namespace {

struct Decoded {
  std::string bytes;
  bool damaged, trailing, cut_off;
};

Decoded decode(std::string_view body, Encoding encoding) {
  auto source = body_source(body, encoding);
  Decoded result;
  for (;;) {
    auto span = source->next();
    REQUIRE(span.ok());
    if (span->empty()) break;
    CHECK(span->size() <= ByteSource::kMaxSpan);
    result.bytes.append(span->data(), span->size());
  }
  CHECK(source->next()->empty());
  CHECK(source->damage_sentence().empty() != source->damaged());
  result.damaged = source->damaged();
  result.trailing = source->damage().trailing;
  result.cut_off = source->damage().cut_off;
  return result;
}

Decoded base64(std::string_view body) {
  return decode(body, Encoding::kBase64);
}
Decoded quoted(std::string_view body) {
  return decode(body, Encoding::kQuotedPrintable);
}

/// The plainest encoder there is, to check against.
std::string encode64(std::string_view bytes, std::size_t line, std::string_view end) {
  constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string flat;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    unsigned bits = 0;
    for (std::size_t k = 0; k < 3; ++k)
      bits = bits * 256 + (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0u);
    for (std::size_t k = 0; k < 4; ++k)
      flat += i + k > bytes.size() ? '=' : digits[bits >> (18 - 6 * k) & 63];
  }
  std::string out;
  for (std::size_t i = 0; i < flat.size(); i += line) {
    out += std::string_view(flat).substr(i, line);
    out += end;
  }
  return out;
}

std::string random_text(std::size_t size) {
  std::mt19937 random(7);
  std::string bytes;
  for (std::size_t i = 0; i < size; ++i) bytes += static_cast<char>(random());
  return bytes;
}

}  // namespace

TEST_CASE("base64 (RFC 2045 6.8)") {
  CHECK(base64("").bytes.empty());
  CHECK(base64("YQ==").bytes == "a");
  CHECK(base64("YWI=").bytes == "ab");
  CHECK(base64("YWJj").bytes == "abc");
  CHECK(base64(" Y\r\nW J\tj\n").bytes == "abc");
  CHECK_FALSE(base64("YWJj\r\n").damaged);

  SECTION("any size, any line length, across blocks") {
    for (std::size_t size :
         {1u, 2u, 3u, 56u, 57u, 58u, 49151u, 49152u, 65535u, 65536u, 65537u, 200'000u}) {
      std::string bytes = random_text(size);
      for (std::size_t line : {76u, 75u, 1u, 1'000'000u})
        for (std::string_view end : {"\r\n", "\n", ""}) {
          Decoded d = base64(encode64(bytes, line, end));
          CHECK(d.bytes == bytes);
          CHECK_FALSE(d.damaged);
          CHECK_FALSE(d.trailing);
        }
    }
  }
  SECTION("what is wrong is said, and not taken silently") {
    Decoded d = base64("YW|Jj");
    CHECK(d.bytes == "abc");
    CHECK(d.damaged);
    d = base64("YWI=\r\n-- \r\nlist footer\r\n");
    CHECK(d.bytes == "ab");
    CHECK(d.trailing);
    CHECK_FALSE(d.damaged);
    d = base64("YWJjY");
    CHECK(d.bytes == "abc");
    CHECK(d.cut_off);
    CHECK(base64("YWI").bytes == "ab");  // padding alone may be missing
    CHECK_FALSE(base64("YWI").damaged);
    CHECK_FALSE(base64("YWI= \r\n=\r\n").trailing);
    auto source = body_source("YWJj\x80YWJj", Encoding::kBase64);
    while (!source->next()->empty()) continue;
    CHECK(source->damage().first_bad_at == 4);
    CHECK(source->damage().bad_bytes == 1);
  }
}

TEST_CASE("quoted-printable (RFC 2045 6.7)") {
  CHECK(quoted("a=3Db=C3=a9\r\n").bytes == "a=b\xC3\xA9\r\n");
  CHECK(quoted("one =\r\ntwo=\nthree= \t\r\n four").bytes == "one twothree four");
  CHECK(quoted("spaces go  \t\r\nhere \nend  ").bytes == "spaces go\r\nhere\nend");
  CHECK(quoted("inner  spaces stay").bytes == "inner  spaces stay");
  CHECK(quoted("end=").bytes == "end");
  CHECK(quoted("=\r\n=\r\n").bytes.empty());
  CHECK(quoted("").bytes.empty());
  CHECK_FALSE(quoted("a=3Db=\r\n").damaged);

  Decoded d = quoted("<a href=\"x\">=4");
  CHECK(d.bytes == "<a href=\"x\">=4");
  CHECK(d.damaged);

  SECTION("across blocks") {
    std::string in, out;
    for (int i = 0; i < 60'000; ++i) {
      in += "x=C3=A9 =3D  \r\ny=\r\n";
      out += "x\xC3\xA9 =\r\ny";
    }
    CHECK(quoted(in).bytes == out);
    std::string spaces(300'000, ' ');
    CHECK(quoted("a" + spaces + "b").bytes == "a" + spaces + "b");
    CHECK(quoted("a" + spaces + "\n").bytes == "a\n");
  }
}

TEST_CASE("uuencode") {
  auto uu = [](std::string_view in) { return decode(in, Encoding::kUuencode); };
  CHECK(uu("text before\nbegin 644 a.txt\n#8F%R\n`\nend\n").bytes == "bar");
  CHECK(uu("begin 644 a.txt\r\n\"86(\r\n`\r\nend\r\n").bytes == "ab");
  CHECK_FALSE(uu("begin 644 a.txt\n#8F%R\n`\nend\n").damaged);
  CHECK(uu("begin 644 a.txt\n#8F%R\n").cut_off);
  CHECK(uu("nothing").cut_off);
  CHECK(uu("begin 644 a\n#8F\x7FR\nend\n").damaged);
}

TEST_CASE("what is not encoded passes through") {
  std::string bytes = random_text(150'000);
  CHECK(decode(bytes, Encoding::kIdentity).bytes == bytes);
  CHECK(decode(bytes, Encoding::kUnknown).bytes == bytes);
}
