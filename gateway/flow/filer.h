// SPDX-License-Identifier: Apache-2.0
//
// filer: puts the judged batches of one SDMX message into the store, all of them or none.
//
// Owns the staging buffers and, for large datasets, a writer thread that merges one piece while the
// next is being read. Works in a savepoint of the caller's transaction: nothing is visible before
// the commit, and drop() leaves no trace. A small message never starts the thread.
//
// Danger: between begin_dataset() and end_dataset() the store's connection may be in use by the
// writer thread; nobody else may touch it then.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "model/observation.h"
#include "store/merge.h"

namespace focalpost {

class Filer {
 public:
  Filer(Database& database, DataWriter& writer, const Limits& limits,
        LargeChangeLimits large_change);
  ~Filer();
  Filer(const Filer&) = delete;
  Filer& operator=(const Filer&) = delete;

  /// Opens the savepoint of the SDMX message.
  Status begin();
  Status begin_dataset(FilingFacts facts);
  Status take(const ObservationBatch& batch);
  /// Instead of take(): the whole dataset, staged before.
  void take_staged(std::unique_ptr<StagedRows> rows) { filling_ = std::move(rows); }
  /// Everything of the dataset is merged (not committed) when this returns.
  Result<MergeOutcome> end_dataset();

  /// Ends the message: what was merged stays in the caller's transaction, or is undone. After an
  /// error in the file drop() may be called at any time.
  Status keep();
  Status drop();

 private:
  Status hand_over();
  Status wait_idle();
  void work();
  void stop();

  Database& database_;
  DataWriter& writer_;
  std::uint64_t piece_bytes_;
  LargeChangeLimits large_change_;
  std::optional<Savepoint> savepoint_;
  std::shared_ptr<const FlowStructure> structure_;
  Action action_ = Action::kReplace;

  std::unique_ptr<StagedRows> filling_;
  std::thread thread_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::unique_ptr<StagedRows> waiting_;  ///< handed over, not yet taken by the thread
  std::vector<std::unique_ptr<StagedRows>> spare_;
  bool busy_ = false, ending_ = false;
  std::optional<Error> failed_;
};

}  // namespace focalpost
