// SPDX-License-Identifier: Apache-2.0
#include "flow/check_file.h"

#include <fmt/format.h>

#include "base/text.h"
#include "flow/case.h"
#include "mime/attachments.h"
#include "mime/body_source.h"
#include "mime/message.h"

namespace focalpost {
namespace {

class Reporter final : public FileVisitor {
 public:
  Reporter(std::string prefix, const std::function<void(CheckedFile)>& report)
      : prefix_(std::move(prefix)), report_(report) {}
  Result<BatchTaker*> data_begins(const std::string&) override { return nullptr; }
  Status file_done(ExaminedFile file) override {
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

Status check_mail(std::string_view bytes, const std::string& name, const CheckContext& context,
                  const std::function<void(CheckedFile)>& report) {
  mime::Message message = mime::parse(bytes, *context.limits);
  CheckContext here = context;
  here.hash = false;
  auto from = message.top().addresses("From");
  if (const RosterEntry* contact =
          from.size() == 1 ? context.lookup->contact(from[0].spec) : nullptr)
    here.provider = contact->provider;
  Reporter reporter(name + "!", report);
  for (const mime::Candidate& candidate : data_parts(message)) {
    auto source = mime::body_source(message.parts[candidate.part]);
    reporter.source = source.get();
    std::string part_name =
        candidate.name.empty() ? fmt::format("part-{}", candidate.part) : candidate.name;
    FP_TRY(examine_attachment(*source, part_name, here, reporter));
    reporter.source = nullptr;
  }
  if (reporter.count == 0)
    report({name, refused_file(name, rules::no_attachment, "", "", *context.limits)});
  return {};
}

}  // namespace

Status check_file(const fs::path& path, const CheckContext& context,
                  const std::function<void(CheckedFile)>& report) {
  FP_ASSIGN(MappedFile mapped, MappedFile::open(path));
  if (looks_like_mail(path, mapped.bytes()))
    return check_mail(mapped.bytes(), path.string(), context, report);
  MemorySource source(mapped.bytes());
  // The path as given, then what is inside: "dir/a.zip!b.xml".
  std::string folder = path.parent_path().empty() ? "" : (path.parent_path() / "").string();
  Reporter reporter(folder, report);
  CheckContext here = context;
  here.hash = false;
  FP_TRY(examine_attachment(source, path.filename().string(), here, reporter));
  return {};
}

}  // namespace focalpost
