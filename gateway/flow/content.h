// SPDX-License-Identifier: Apache-2.0
//
// content: one thing that was found in a message (mime/contents.h), handed to examine.
#pragma once

#include <string>

#include "flow/examine.h"
#include "mime/contents.h"

namespace focalpost {

/// As examine_attachment(): what could not be opened gives one refused file, and each file is told
/// what had to be assumed to find it. `source` is content.open().
Result<std::string> examine_content(const mime::Content& content, ByteSource& source,
                                    ExamineContext context, FileVisitor& visitor);

}  // namespace focalpost
