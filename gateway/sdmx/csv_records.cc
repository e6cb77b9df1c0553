// SPDX-License-Identifier: Apache-2.0
#include "sdmx/csv_records.h"

#include <algorithm>
#include <cstring>

#include "base/spreadsheet.h"

namespace focalpost::sdmx {

void CsvRecords::feed(std::span<const char> text) {
  buffer_.erase(0, at_);
  at_ = 0;
  before_.clear();
  given_ = false;
  buffer_.append(text.data(), text.size());
}

CsvRecords::Step CsvRecords::next() {
  if (ended_) return Step::kEnd;
  if (given_) {
    given_ = false;
    before_.swap(fields_);
    if (quoted_) before_.clear();
  }
  for (;;) {
    record_line_ = line_;
    if (at_ == buffer_.size()) {
      if (!last_) return Step::kMore;
      ended_ = true;
      return Step::kEnd;
    }
    switch (scan()) {
      case Scan::kMore:
        if (buffer_.size() - at_ > line_bytes_) {
          ended_ = true;
          return Step::kTooLong;
        }
        return Step::kMore;
      case Scan::kBad:
        skip_line();
        return Step::kBadQuotes;
      case Scan::kDone:
        break;
    }
    record_bytes_ = stop_ - at_;
    const bool too_long = record_bytes_ > line_bytes_;
    at_ = stop_;
    line_ += record_newlines_;
    if (too_long) {
      ended_ = true;
      return Step::kTooLong;
    }
    // An empty line is no record; files end in one or two.
    if (fields_.size() == 1 && fields_[0].empty() && !fields_[0].data()) continue;
    // QUIRK: "'=a" is what a file for people says for "=a" (base/spreadsheet.h).
    for (std::size_t i = same_; i < fields_.size(); ++i)
      fields_[i] = without_apostrophe(fields_[i]);
    count_same();
    unescape();
    given_ = true;
    return Step::kRecord;
  }
}

/// The record cannot be read from `p` on; its line is passed over once all of it is here.
CsvRecords::Scan CsvRecords::bad_at(const char* p) {
  stop_ = static_cast<std::size_t>(p - buffer_.data());
  return buffer_.find('\n', stop_) == std::string::npos && !last_ ? Scan::kMore : Scan::kBad;
}

/// Takes what is expected of the record before, if it stands at `p` too.
const char* CsvRecords::take_same(const char* p, const char* end) {
  same_ = 0;
  if (expected_ == 0 || before_.size() <= expected_) return p;
  const char* const was = before_.front().data();
  const auto size = static_cast<std::size_t>(before_[expected_].data() - was);
  if (static_cast<std::size_t>(end - p) < size || std::memcmp(was, p, size) != 0) return p;
  for (std::size_t i = 0; i < expected_; ++i)
    fields_.emplace_back(p + (before_[i].data() - was), before_[i].size());
  same_ = expected_;
  return p + size;
}

/// Of a whole record: how much more of it is as before, and what to expect of the next.
void CsvRecords::count_same() {
  const std::size_t most = std::min(fields_.size(), before_.size());
  while (same_ < most && fields_[same_] == before_[same_]) ++same_;
  // A field must be left behind those expected, which tells where they end.
  expected_ = std::min(same_, fields_.size() - 1);
}

/// Cuts one record into fields_ without changing the buffer.
CsvRecords::Scan CsvRecords::scan() {
  fields_.clear();
  escaped_.clear();
  record_newlines_ = 0;
  open_quote_ = quoted_ = false;
  const char* const end = buffer_.data() + buffer_.size();
  const char* p = take_same(buffer_.data() + at_, end);
  if (p == end && !last_) return Scan::kMore;
  for (;;) {
    if (p < end && *p == '"') {
      quoted_ = true;
      const char* from = ++p;
      bool doubled = false;
      for (;;) {
        p = static_cast<const char*>(std::memchr(p, '"', static_cast<std::size_t>(end - p)));
        if (!p || p + 1 == end) {
          // The quote may be half of a doubled one: only the end of the text can tell.
          if (!last_) return Scan::kMore;
          if (!p) {
            open_quote_ = true;
            stop_ = buffer_.size();
            return Scan::kBad;
          }
          break;
        }
        if (p[1] != '"') break;
        doubled = true;
        p += 2;
        if (p == end) continue;
      }
      record_newlines_ += static_cast<std::uint32_t>(std::count(from, p, '\n'));
      if (doubled) escaped_.push_back(fields_.size());
      fields_.emplace_back(from, static_cast<std::size_t>(p - from));
      ++p;
    } else {
      const char* from = p;
      while (p < end && !ends_plain_[static_cast<unsigned char>(*p)]) ++p;
      if (p < end && *p == '"') return bad_at(p);
      if (p == end && !last_) return Scan::kMore;
      auto size = static_cast<std::size_t>(p - from);
      if (size > 0 && p[-1] == '\r' && (p == end || *p == '\n')) --size;
      fields_.emplace_back(from, size);
      if (fields_.size() == 1 && size == 0 && (p == end || *p == '\n')) fields_[0] = {};
    }
    // Behind a field.
    if (p == end && !last_) return Scan::kMore;
    if (p < end && *p == separator_) {
      ++p;
      if (p == end && !last_) return Scan::kMore;
      continue;
    }
    if (p < end && *p == '\r') {
      if (p + 1 == end && !last_) return Scan::kMore;
      ++p;
    }
    if (p < end && *p == '\n') {
      ++p;
      ++record_newlines_;
    } else if (p < end) {
      return bad_at(p);
    }
    stop_ = static_cast<std::size_t>(p - buffer_.data());
    return Scan::kDone;
  }
}

void CsvRecords::unescape() {
  if (unescaped_.size() < escaped_.size()) unescaped_.resize(escaped_.size());
  for (std::size_t i = 0; i < escaped_.size(); ++i) {
    std::string& text = unescaped_[i];
    text.clear();
    std::string_view raw = fields_[escaped_[i]];
    for (std::size_t k = 0; k < raw.size(); ++k) {
      text += raw[k];
      if (raw[k] == '"') ++k;
    }
    fields_[escaped_[i]] = text;
  }
}

/// Goes on behind the line in which scan() gave up.
void CsvRecords::skip_line() {
  std::size_t newline = buffer_.find('\n', stop_);
  std::size_t to = newline == std::string::npos ? buffer_.size() : newline + 1;
  line_ += static_cast<std::uint32_t>(std::count(buffer_.begin() + static_cast<std::ptrdiff_t>(at_),
                                                 buffer_.begin() + static_cast<std::ptrdiff_t>(to),
                                                 '\n'));
  at_ = to;
}

}  // namespace focalpost::sdmx
