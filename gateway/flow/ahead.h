// SPDX-License-Identifier: Apache-2.0
//
// ahead: examines a small attachment before its turn to be filed has come.
//
// Reading and judging need no store, so a worker does them for the next batch of messages while the
// store is busy with this one. What was found is kept whole: the files with their findings, the
// rows of each dataset as they will be merged. Only for what is small; the rest is read when it is
// filed, as it streams past.
//
// Danger: good only as long as the structures it was judged by are the current ones.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "flow/examine.h"
#include "mime/contents.h"
#include "store/merge.h"

namespace focalpost {

struct Examination {
  struct File {
    ExaminedFile file;
    /// Beside file.message.datasets; none if the file has errors. Null where nothing came.
    std::vector<std::unique_ptr<StagedRows>> datasets;
  };
  std::vector<File> files;
  std::string sha256;                        ///< of the attachment, hex
  std::unique_ptr<mime::BodySource> source;  ///< read to its end: says whether it was damaged
  std::size_t staged_bytes = 0;
};

/// An Error if it holds more than `most_bytes`, or as examine_attachment() gives it: nothing is
/// lost by that, it is then examined in its turn.
Result<Examination> examine_ahead(const mime::Content& content, const ExamineContext& context,
                                  std::size_t most_bytes);

}  // namespace focalpost
