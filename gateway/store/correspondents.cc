// SPDX-License-Identifier: Apache-2.0
#include "store/correspondents.h"

#include <string>

#include "base/text.h"

namespace focalpost {

Result<std::uint64_t> Correspondents::replies_since(std::string_view address, Time since) {
  std::string lower = ascii_lower(address);
  FP_ASSIGN(auto rows,
            statements_.get("SELECT count(*) FROM reply_log WHERE address = ? AND sent_at > ?"));
  rows->bind_all(lower, to_millis(since));
  FP_TRY(rows->step());
  return static_cast<std::uint64_t>(rows->integer(0));
}

Status Correspondents::note_reply(std::string_view address, Time now) {
  return statements_.run("INSERT INTO reply_log (address, sent_at) VALUES (?, ?)",
                         ascii_lower(address), to_millis(now));
}

Status Correspondents::forget_before(Time before) {
  return statements_.run("DELETE FROM reply_log WHERE sent_at < ?", to_millis(before));
}

}  // namespace focalpost
