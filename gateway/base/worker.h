// SPDX-License-Identifier: Apache-2.0
//
// worker: one thread beside the caller's, for work that need not be waited for at once.
//
// Jobs run one after the other, in the order given. A job reports through what it captured; what it
// refers to must live until wait() returned or the worker is gone. The thread starts with the first
// job. The queue is not bounded: whoever gives jobs bounds them.
//
// Danger: between start() and wait() the job's things belong to the worker; nobody else may look.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace focalpost {

class Worker {
 public:
  Worker() = default;
  /// Does what was given, then ends.
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// `job` does not throw.
  void start(std::function<void()> job);
  /// Returns once everything given so far is done.
  void wait();

 private:
  void work();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> jobs_;
  bool busy_ = false, ending_ = false;
  std::thread thread_;
};

}  // namespace focalpost
