// SPDX-License-Identifier: Apache-2.0
//
// check_file: judges a file on disk as the gateway would judge it in a mail, for `validate`.
//
// A file that begins like a mail is taken apart and each of its attachments judged; if its sender
// is on the roster, ownership is judged too. Anything else is judged as an attachment of its name.
// Writes nothing, asks no store.
#pragma once

#include <functional>
#include <string>

#include "flow/examine.h"

namespace focalpost {

using CheckContext = ExamineContext;

struct CheckedFile {
  std::string name;  ///< "letter.eml!a.zip!b.xml"
  ExaminedFile file;
};

/// An Error is about the machine (no such file), never about what is in it. `taker` may say where
/// the batches of a data message go.
Status check_file(const fs::path& path, const CheckContext& context,
                  const std::function<void(CheckedFile)>& report,
                  const std::function<BatchTaker*()>& taker = {});

/// The bytes of everything that check_file reports, in the same order and by the same names, for
/// who reads a file again; what cannot be opened gives an Error as its bytes.
Status each_file(const fs::path& path, const CheckContext& context,
                 const std::function<Status(const std::string& name, ByteSource& bytes)>& take);

}  // namespace focalpost
