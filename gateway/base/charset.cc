// SPDX-License-Identifier: Apache-2.0
#include "base/charset.h"

#include <fmt/format.h>
#include <unicode/ucnv.h>

#include <array>
#include <utility>
#include <vector>

#include "base/text.h"

namespace focalpost {
namespace {

/// Squeezed spelling -> canonical name. Squeezed: lower case, without '-', '_', ' ' and ':'.
constexpr std::pair<std::string_view, std::string_view> kNames[] = {
    {"utf8", "UTF-8"},
    {"unicode11utf8", "UTF-8"},
    {"utf16", "UTF-16"},
    {"utf16le", "UTF-16LE"},
    {"utf16be", "UTF-16BE"},
    {"utf32", "UTF-32"},
    {"utf32le", "UTF-32LE"},
    {"utf32be", "UTF-32BE"},
    {"usascii", "US-ASCII"},
    {"ascii", "US-ASCII"},
    {"ansix3.41968", "US-ASCII"},
    {"latin1", "ISO-8859-1"},
    {"l1", "ISO-8859-1"},
    {"latin2", "ISO-8859-2"},
    {"cyrillic", "ISO-8859-5"},
    {"latin5", "ISO-8859-9"},
    {"latin9", "ISO-8859-15"},
    {"koi8r", "KOI8-R"},
    {"koi8u", "KOI8-U"},
    {"koi8ru", "KOI8-U"},
    {"koi8", "KOI8-R"},
    {"cp866", "IBM866"},
    {"ibm866", "IBM866"},
    {"866", "IBM866"},
    {"dos866", "IBM866"},
    {"macintosh", "macintosh"},
    {"macroman", "macintosh"},
    {"xmaccyrillic", "x-mac-cyrillic"},
    {"maccyrillic", "x-mac-cyrillic"},
    {"gb18030", "gb18030"},
    {"gbk", "gb18030"},
    {"gb2312", "gb18030"},
    {"shiftjis", "Shift_JIS"},
    {"sjis", "Shift_JIS"},
    {"euckr", "EUC-KR"},
    {"ksc56011987", "EUC-KR"},
    {"big5", "Big5"},
    {"iso2022jp", "ISO-2022-JP"},
    {"eucjp", "EUC-JP"},
};
constexpr std::array<std::string_view, 17> kIso = {"",
                                                   "ISO-8859-1",
                                                   "ISO-8859-2",
                                                   "ISO-8859-3",
                                                   "ISO-8859-4",
                                                   "ISO-8859-5",
                                                   "ISO-8859-6",
                                                   "ISO-8859-7",
                                                   "ISO-8859-8",
                                                   "ISO-8859-9",
                                                   "ISO-8859-10",
                                                   "ISO-8859-11",
                                                   "",
                                                   "ISO-8859-13",
                                                   "ISO-8859-14",
                                                   "ISO-8859-15",
                                                   ""};
constexpr std::array<std::string_view, 9> kWindows = {
    "windows-1250", "windows-1251", "windows-1252", "windows-1253", "windows-1254",
    "windows-1255", "windows-1256", "windows-1257", "windows-1258"};

struct Converter {
  UConverter* handle = nullptr;
  ~Converter() {
    if (handle) ucnv_close(handle);
  }
  Converter() = default;
  Converter(Converter&& other) noexcept : handle(std::exchange(other.handle, nullptr)) {}
};

Result<Converter> open_converter(std::string_view charset) {
  std::string_view name = canonical_charset(charset);
  if (name.empty())
    return not_right(fmt::format("unknown character set \"{}\"", one_line(shorten(charset, 40))),
                     "Save the file as UTF-8 and send it again.");
  UErrorCode code = U_ZERO_ERROR;
  Converter converter;
  converter.handle = ucnv_open(std::string(name).c_str(), &code);
  if (U_FAILURE(code)) return bug(fmt::format("no converter for {}: {}", name, u_errorName(code)));
  return converter;
}

class Utf8Source final : public ByteSource {
 public:
  Utf8Source(ByteSource& in, Converter from, Converter to, std::string name)
      : in_(in), from_(std::move(from)), to_(std::move(to)), name_(std::move(name)) {
    UErrorCode code = U_ZERO_ERROR;
    ucnv_setToUCallBack(from_.handle, UCNV_TO_U_CALLBACK_STOP, nullptr, nullptr, nullptr, &code);
    pivot_source_ = pivot_target_ = pivot_.data();
  }

  Result<std::span<const char>> next() override {
    while (!done_) {
      if (source_ == source_end_ && !at_end_) {
        FP_ASSIGN(auto span, in_.next());
        at_end_ = span.empty();
        source_ = span.data();
        source_end_ = span.data() + span.size();
      }
      char* target = out_.data();
      UErrorCode code = U_ZERO_ERROR;
      ucnv_convertEx(to_.handle, from_.handle, &target, out_.data() + out_.size(), &source_,
                     source_end_, pivot_.data(), &pivot_source_, &pivot_target_,
                     pivot_.data() + pivot_.size(), fresh_, at_end_, &code);
      fresh_ = false;
      auto produced = static_cast<std::size_t>(target - out_.data());
      if (code == U_BUFFER_OVERFLOW_ERROR) {
        // the output is full: give it, come back for the rest
      } else if (U_FAILURE(code)) {
        return not_right(fmt::format("the text is not valid {}", name_),
                         "Save the file as UTF-8 and send it again.");
      } else if (at_end_) {
        done_ = true;
      }
      if (produced > 0) return std::span<const char>(out_.data(), produced);
    }
    return std::span<const char>();
  }

 private:
  ByteSource& in_;
  Converter from_, to_;
  std::string name_;
  const char* source_ = nullptr;
  const char* source_end_ = nullptr;
  bool at_end_ = false, done_ = false, fresh_ = true;
  std::vector<UChar> pivot_ = std::vector<UChar>(16 * 1024);
  UChar* pivot_source_;
  UChar* pivot_target_;
  std::vector<char> out_ = std::vector<char>(kMaxSpan);
};

}  // namespace

std::string_view canonical_charset(std::string_view name) {
  std::string squeezed;
  for (char c : trim(name).substr(0, 40))
    if (c != '-' && c != '_' && c != ' ' && c != ':' && c != '"') squeezed += c;
  squeezed = ascii_lower(squeezed);
  for (auto [spelling, canonical] : kNames)
    if (spelling == squeezed) return canonical;
  auto number_after = [&](std::string_view prefix) -> int {
    if (squeezed.compare(0, prefix.size(), prefix) != 0 || squeezed.size() == prefix.size() ||
        squeezed.size() > prefix.size() + 4)
      return -1;
    int n = 0;
    for (char c : std::string_view(squeezed).substr(prefix.size())) {
      if (c < '0' || c > '9') return -1;
      n = n * 10 + (c - '0');
    }
    return n;
  };
  if (int n = number_after("iso8859"); n > 0 && n < 17) return kIso[std::size_t(n)];
  for (std::string_view prefix : {"windows", "cp", "xcp", "win"})
    if (int n = number_after(prefix); n >= 1250 && n <= 1258)
      return kWindows[std::size_t(n - 1250)];
  return {};
}

Result<Converted> to_utf8(std::string_view bytes, std::string_view charset) {
  std::string_view name = canonical_charset(charset);
  if (name == "UTF-8" || name == "US-ASCII") {
    // Mail labelled us-ascii is UTF-8 more often than anything else; invalid bytes show as U+FFFD.
    bool clean = is_utf8(bytes);
    return Converted{to_valid_utf8(bytes), clean};
  }
  FP_ASSIGN(Converter from, open_converter(charset));
  FP_ASSIGN(Converter to, open_converter("UTF-8"));
  // ICU's default callback substitutes U+FFFD, which is how replaced bytes are noticed.
  Converted result;
  std::vector<char> out(bytes.size() * 4 + 16);
  char* target = out.data();
  const char* source = bytes.data();
  UErrorCode code = U_ZERO_ERROR;
  std::vector<UChar> pivot(4096);
  UChar *pivot_source = pivot.data(), *pivot_target = pivot.data();
  ucnv_convertEx(to.handle, from.handle, &target, out.data() + out.size(), &source,
                 bytes.data() + bytes.size(), pivot.data(), &pivot_source, &pivot_target,
                 pivot.data() + pivot.size(), true, true, &code);
  if (U_FAILURE(code)) return not_right(fmt::format("the text is not valid {}", name));
  result.text.assign(out.data(), std::size_t(target - out.data()));
  result.clean = result.text.find("\xEF\xBF\xBD") == std::string::npos;
  return result;
}

Result<std::unique_ptr<ByteSource>> utf8_source(ByteSource& bytes, std::string_view charset) {
  FP_ASSIGN(Converter from, open_converter(charset));
  FP_ASSIGN(Converter to, open_converter("UTF-8"));
  return std::unique_ptr<ByteSource>(new Utf8Source(bytes, std::move(from), std::move(to),
                                                    std::string(canonical_charset(charset))));
}

}  // namespace focalpost
