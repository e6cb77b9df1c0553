// SPDX-License-Identifier: Apache-2.0
#include "flow/check_file.h"

#include <fmt/format.h>

#include "base/text.h"
#include "flow/case.h"
#include "flow/content.h"
#include "mime/contents.h"
#include "mime/message.h"

namespace focalpost {
namespace {

class Reporter final : public FileVisitor {
 public:
  Reporter(std::string prefix, const std::function<void(CheckedFile)>& report,
           const std::function<BatchTaker*()>& taker)
      : prefix_(std::move(prefix)), report_(report), taker_(taker) {}
  Result<BatchTaker*> data_begins(const std::string&) override {
    return taker_ ? taker_() : nullptr;
  }
  Status file_done(ExaminedFile file) override {
    FP_TRY(compare(file, nullptr));
    if (source && source->damaged()) file.findings.add(damaged_encoding(file.path, *source));
    ++count;
    std::string name = prefix_ + file.path;
    report_({std::move(name), std::move(file)});
    return {};
  }
  const mime::BodySource* source = nullptr;
  std::size_t count = 0;

 private:
  std::string prefix_;
  const std::function<void(CheckedFile)>& report_;
  const std::function<BatchTaker*()>& taker_;
};

/// Does it begin with header fields, as a saved mail does? XML, CSV and archives never do.
bool looks_like_mail(const fs::path& path, std::string_view bytes) {
  if (ascii_iequal(path.extension().string(), ".eml")) return true;
  auto colon = bytes.substr(0, 80).find(':');
  if (colon == bytes.npos || colon == 0) return false;
  for (char c : bytes.substr(0, colon))
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-')) return false;
  return bytes.substr(0, 64 * 1024).find("\nFrom:") != bytes.npos || bytes.starts_with("From:");
}

/// What stands before the names of what is in a file: "dir/" of "dir/a.zip!b.xml".
std::string folder_of(const fs::path& path) {
  return path.parent_path().empty() ? "" : (path.parent_path() / "").string();
}

Status check_mail(std::string_view bytes, const std::string& name, const CheckContext& context,
                  const std::function<void(CheckedFile)>& report,
                  const std::function<BatchTaker*()>& taker) {
  mime::Message message = mime::parse(bytes, *context.limits);
  CheckContext here = context;
  here.hash = false;
  auto from = message.top().addresses("From");
  if (const RosterEntry* contact =
          from.size() == 1 ? context.lookup->contact(from[0].spec) : nullptr)
    here.provider = contact->provider;
  Reporter reporter(name + "!", report, taker);
  const mime::Contents contents = data_parts(message, *context.limits);
  for (const mime::Content& content : contents.list()) {
    auto source = content.open();
    reporter.source = source.get();
    FP_TRY(examine_content(content, *source, here, reporter));
    reporter.source = nullptr;
  }
  if (reporter.count == 0)
    report({name, refused_file(name, rules::no_attachment, "", "", *context.limits)});
  return {};
}

}  // namespace

Status check_file(const fs::path& path, const CheckContext& context,
                  const std::function<void(CheckedFile)>& report,
                  const std::function<BatchTaker*()>& taker) {
  FP_ASSIGN(MappedFile mapped, MappedFile::open(path));
  if (looks_like_mail(path, mapped.bytes()))
    return check_mail(mapped.bytes(), path.string(), context, report, taker);
  MemorySource source(mapped.bytes());
  Reporter reporter(folder_of(path), report, taker);
  CheckContext here = context;
  here.hash = false;
  FP_TRY(examine_attachment(source, path.filename().string(), here, reporter));
  return {};
}

Status each_file(const fs::path& path, const CheckContext& context,
                 const std::function<Status(const std::string&, ByteSource&)>& take) {
  FP_ASSIGN(MappedFile mapped, MappedFile::open(path));
  auto members = [&](ByteSource& bytes, std::string_view name,
                     const std::string& prefix) -> Status {
    Attachment attachment(bytes, name, *context.limits, context.temporary);
    for (;;) {
      FP_ASSIGN(auto member, attachment.next());
      if (!member) return {};
      FP_TRY(take(prefix + member->path, member->bytes));
    }
  };
  if (!looks_like_mail(path, mapped.bytes())) {
    MemorySource source(mapped.bytes());
    return members(source, path.filename().string(), folder_of(path));
  }
  mime::Message message = mime::parse(mapped.bytes(), *context.limits);
  const mime::Contents contents = data_parts(message, *context.limits);
  for (const mime::Content& content : contents.list()) {
    if (content.obstacle) continue;
    auto source = content.open();
    FP_TRY(members(*source, content.name_or_part(), path.string() + "!"));
  }
  return {};
}

}  // namespace focalpost
