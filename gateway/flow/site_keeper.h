// SPDX-License-Identifier: Apache-2.0
//
// site_keeper: keeps the public site current while `run` serves.
//
// A thread with a connection, templates and phrases of its own: taking in mail never waits for a
// page. It looks at once, after news() and every now and then, since an embargo ends and a day
// begins without any mail; where nothing changed a look costs some queries. A home whose site was
// never written has none: `focalpost site` begins it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "flow/home.h"

namespace focalpost {

class SiteKeeper {
 public:
  SiteKeeper(const Home& home, const Clock& clock, std::chrono::milliseconds look);
  /// Does not wait for a site that is being written: nothing of it has been put in place yet.
  ~SiteKeeper();
  SiteKeeper(const SiteKeeper&) = delete;
  SiteKeeper& operator=(const SiteKeeper&) = delete;

  /// Something may have been filed.
  void news();

 private:
  void work();
  void look_once();
  bool stopping();

  const HomePaths paths_;
  const Settings settings_;
  const Clock& clock_;
  const std::chrono::milliseconds look_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stop_ = false, news_ = true;
  std::string last_trouble_;  ///< so that the same is not said every minute
  std::thread thread_;
};

}  // namespace focalpost
