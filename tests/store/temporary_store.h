// SPDX-License-Identifier: Apache-2.0
//
// A folder that is gone after the test, and short ways to say what a store test says often.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/hash.h"
#include "catch.h"
#include "store/store.h"

namespace focalpost {

class TemporaryFolder {
 public:
  TemporaryFolder()
      : path_(fs::temp_directory_path() / ("fp_store_" + to_hex(sha256(random_bytes(16))))) {
    fs::create_directory(path_);
  }
  ~TemporaryFolder() { fs::remove_all(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  fs::path file(const char* name) const { return path_ / name; }

 private:
  fs::path path_;
};

/// The value, or the test fails with the Error's sentence.
template <typename T>
T must(Result<T> result) {
  INFO((result.ok() ? std::string() : result.error().what));
  REQUIRE(result.ok());
  return std::move(result).value();
}
inline void must(Status status) {
  INFO((status.ok() ? std::string() : status.error().what));
  REQUIRE(status.ok());
}

inline Store memory_store() {
  return must(Store::open({}, Database::Mode::kMemory));
}

inline Time at(const char* text) {
  return *parse_time(text);
}

/// All rows of a query, columns joined by '|'.
inline std::vector<std::string> rows(Store& store, const char* sql) {
  Statement statement = must(store.database().prepare(sql));
  std::vector<std::string> result;
  while (must(statement.step())) {
    std::string line;
    for (int i = 0; i < sqlite3_column_count(statement.handle()); ++i)
      line += (i ? "|" : "") + statement.string(i);
    result.push_back(line);
  }
  return result;
}

inline MessageKey inbox(const char* uid) {
  return {"imap://mail.example/gw", "INBOX", 7, uid};
}

/// A docket of a message that came at `received`, opened and committed.
inline DocketRecord opened(Store& store, const char* uid,
                           Time received = at("2026-03-01T09:30:00Z")) {
  DocketRecord record;
  record.docket.received = received;
  Transaction transaction = must(store.begin());
  must(store.dockets().open(record, inbox(uid)));
  must(transaction.commit());
  return record;
}

}  // namespace focalpost
