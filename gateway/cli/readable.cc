// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "base/text.h"
#include "cli/verbs.h"
#include "mime/attachments.h"
#include "mime/message.h"

namespace focalpost::cli {

std::string readable_mail(std::string_view bytes) {
  mime::Message message = mime::parse(bytes, Limits{});
  std::string text;
  for (std::string_view name :
       {"From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "Auto-Submitted"})
    if (auto value = message.top().decoded(name))
      text += fmt::format("{}: {}\n", name, one_line(*value));
  return text + "\n" + mime::body_text(message, 1 << 20).text;
}

}  // namespace focalpost::cli
