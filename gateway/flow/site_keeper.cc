// SPDX-License-Identifier: Apache-2.0
#include "flow/site_keeper.h"

#include <fmt/format.h>

#include "base/log.h"
#include "base/text.h"
#include "flow/site.h"

namespace focalpost {

SiteKeeper::SiteKeeper(const Home& home, const Clock& clock, std::chrono::milliseconds look)
    : paths_(home.paths()), settings_(home.settings()), clock_(clock), look_(look), thread_([this] {
        work();
      }) {}

SiteKeeper::~SiteKeeper() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void SiteKeeper::news() {
  {
    const std::lock_guard lock(mutex_);
    news_ = true;
  }
  changed_.notify_all();
}

bool SiteKeeper::stopping() {
  const std::lock_guard lock(mutex_);
  return stop_;
}

void SiteKeeper::work() {
  std::unique_lock lock(mutex_);
  while (!stop_) {
    news_ = false;
    lock.unlock();
    look_once();
    lock.lock();
    changed_.wait_for(lock, look_, [this] { return stop_ || news_; });
  }
}

void SiteKeeper::look_once() {
  if (!has_site(paths_.site())) return;
  // Opened anew, so that structures and templates are those of now.
  auto home = Home::open(paths_.root, Home::Access::kLook, settings_);
  auto done = home.ok() ? write_site(*home, {}, clock_.now(), [this] { return stopping(); })
                        : Result<SiteWritten>(home.error());
  std::string trouble;
  if (!done.ok() && !stopping()) trouble = done.error().what;
  if (done.ok() && !done->foreign.empty())
    trouble = fmt::format("{} in the site is somebody else's file and was left as it is",
                          one_line(done->foreign.front()));
  if (!trouble.empty() && trouble != last_trouble_)
    log::warning(fmt::format("the site: {}", trouble));
  last_trouble_ = trouble;
}

}  // namespace focalpost
