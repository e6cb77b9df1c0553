// SPDX-License-Identifier: Apache-2.0
//
// csv_records: RFC 4180 in a stream.
//
// Inside the room only. Lines end in LF or CRLF; a field in quotes may hold separators, line ends
// and doubled quotes; a quote anywhere else is a fault. An apostrophe before what a spreadsheet
// takes for a formula is taken off (base/spreadsheet.h). A record lies in one piece in the buffer,
// so it is bounded by Limits::csv_line_bytes.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace focalpost::sdmx {

class CsvRecords {
 public:
  CsvRecords(char separator, std::uint64_t line_bytes)
      : separator_(separator), line_bytes_(line_bytes) {
    for (char c : {separator, '\n', '"'}) ends_plain_[static_cast<unsigned char>(c)] = true;
  }

  enum class Step {
    kRecord,     ///< fields() is a record
    kMore,       ///< feed() again, or finish()
    kBadQuotes,  ///< the record of line() breaks the rules of quoting and was passed over
    kTooLong,    ///< the record of line() is too long; nothing more comes
    kEnd,
  };
  void feed(std::span<const char> text);
  void finish() { last_ = true; }
  Step next();

  /// Of the record; valid until the next call of next() or feed().
  const std::vector<std::string_view>& fields() const { return fields_; }
  /// So many fields at its beginning are the same, byte for byte, as those of the record before;
  /// there may be more. Rows of a series differ in their last fields only.
  std::size_t same() const { return same_; }
  /// Length of the record as it stands in the text.
  std::size_t bytes() const { return record_bytes_; }
  /// Of the record's first line, from 1.
  std::uint32_t line() const { return record_line_; }
  /// In an open quote at the end of the text.
  bool open_quote() const { return open_quote_; }

 private:
  enum class Scan { kDone, kMore, kBad };
  Scan scan();
  const char* take_same(const char* p, const char* end);
  void count_same();
  Scan bad_at(const char* p);
  void unescape();
  void skip_line();

  char separator_;
  std::array<bool, 256> ends_plain_{};  ///< characters that end a field without quotes
  std::uint64_t line_bytes_;
  std::string buffer_;
  std::size_t at_ = 0;    ///< start of what is not used yet
  std::size_t stop_ = 0;  ///< behind the record, or where scan() gave up
  std::size_t record_bytes_ = 0;
  bool last_ = false, open_quote_ = false, ended_ = false;
  std::uint32_t line_ = 1, record_line_ = 1, record_newlines_ = 0;
  std::vector<std::string_view> fields_;
  /// The record before, if it has no quotes and still lies in the buffer; else empty.
  std::vector<std::string_view> before_;
  std::size_t expected_ = 0;  ///< fields of before_ to be looked for in the next record
  std::size_t same_ = 0;
  bool given_ = false;                ///< fields_ was handed out
  bool quoted_ = false;               ///< fields_ has a field in quotes
  std::vector<std::size_t> escaped_;  ///< fields with doubled quotes
  std::vector<std::string> unescaped_;
};

}  // namespace focalpost::sdmx
