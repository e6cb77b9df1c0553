// SPDX-License-Identifier: Apache-2.0
#include "flow/filer.h"

namespace focalpost {

Filer::Filer(Database& database, DataWriter& writer, const Limits& limits,
             LargeChangeLimits large_change)
    : database_(database),
      writer_(writer),
      // Three pieces are alive at once: one being filled, one waiting, one being merged.
      piece_bytes_(limits.stage_memory / 3),
      large_change_(large_change),
      filling_(std::make_unique<StagedRows>()) {}

Filer::~Filer() {
  stop();
}

Status Filer::begin() {
  FP_ASSIGN(Savepoint savepoint, Savepoint::begin(database_));
  savepoint_.emplace(std::move(savepoint));
  return {};
}

Status Filer::begin_dataset(FilingFacts facts) {
  structure_ = facts.structure;
  action_ = facts.action;
  filling_->begin(structure_, action_);
  return writer_.begin(std::move(facts), large_change_);
}

Status Filer::take(const ObservationBatch& batch) {
  filling_->take(batch);
  return filling_->bytes() < piece_bytes_ ? Status() : hand_over();
}

Result<MergeOutcome> Filer::end_dataset() {
  if (thread_.joinable()) {
    FP_TRY(hand_over());
    FP_TRY(wait_idle());
  } else {
    FP_TRY(writer_.merge(*filling_));
    filling_->clear();
  }
  return writer_.finish();
}

Status Filer::keep() {
  Status released = savepoint_->release();
  savepoint_.reset();
  return released;
}

Status Filer::drop() {
  Status idle = thread_.joinable() ? wait_idle() : Status();
  filling_->clear();
  Status rolled_back = savepoint_->rollback();
  savepoint_.reset();
  failed_.reset();
  return idle.ok() ? std::move(rolled_back) : std::move(idle);
}

Status Filer::hand_over() {
  if (!thread_.joinable()) thread_ = std::thread([this] { work(); });
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !waiting_ || failed_; });
  if (failed_) return *failed_;
  waiting_ = std::move(filling_);
  if (spare_.empty()) {
    filling_ = std::make_unique<StagedRows>();
  } else {
    filling_ = std::move(spare_.back());
    spare_.pop_back();
  }
  lock.unlock();
  changed_.notify_all();
  filling_->begin(structure_, action_);
  return {};
}

Status Filer::wait_idle() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return (!waiting_ && !busy_) || failed_; });
  // After a failure the thread takes nothing more; it is idle once it let go of its piece.
  changed_.wait(lock, [this] { return !busy_; });
  waiting_.reset();
  if (failed_) return *failed_;
  return {};
}

void Filer::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return (waiting_ && !failed_) || ending_; });
    if (ending_) return;
    std::unique_ptr<StagedRows> piece = std::move(waiting_);
    busy_ = true;
    lock.unlock();
    changed_.notify_all();
    Status merged = writer_.merge(*piece);
    piece->clear();
    lock.lock();
    busy_ = false;
    spare_.push_back(std::move(piece));
    if (!merged.ok() && !failed_) failed_ = merged.take_error();
    changed_.notify_all();
  }
}

void Filer::stop() {
  if (!thread_.joinable()) return;
  {
    std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

}  // namespace focalpost
