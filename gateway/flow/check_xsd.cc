// SPDX-License-Identifier: Apache-2.0
#include "flow/check_xsd.h"

#include <fmt/format.h>

namespace focalpost {
namespace {

constexpr std::uint64_t kSchemaBytes = 16 << 20;
constexpr std::string_view kMessageSchema = "SDMXMessage.xsd";

/// "2.1" of a message schema that defines http://.../v2_1/message.
std::string version_in(std::string_view schema) {
  for (std::string_view version : {"2_1", "3_0"})
    if (schema.find(fmt::format("targetNamespace=\"http://www.sdmx.org/resources/sdmxml/schemas/"
                                "v{}/message\"",
                                version)) != schema.npos)
      return fmt::format("{}.{}", version[0], version[2]);
  return {};
}

}  // namespace

Result<XsdFiles> XsdFiles::open(std::vector<fs::path> folders, const fs::path& own) {
  XsdFiles files;
  for (const fs::path& folder : folders) {
    auto text = read_file(folder / kMessageSchema, kSchemaBytes);
    if (!text.ok())
      return usage_error(
          fmt::format("{} has no {}", folder.string(), kMessageSchema),
          "Name the folder with the official schemas of one version of SDMX-ML, as published.");
    files.folders_.push_back({folder, version_in(*text)});
    if (files.folders_.back().version.empty())
      return usage_error(fmt::format("{} is of no version of SDMX-ML that is known",
                                     (folder / kMessageSchema).string()),
                         "Use the official schemas of SDMX-ML 2.1 or 3.0.");
  }
  if (!own.empty()) {
    FP_ASSIGN(files.own_, read_file(own, kSchemaBytes));
    const fs::path beside = own.parent_path().empty() ? fs::path(".") : own.parent_path();
    if (auto text = read_file(beside / kMessageSchema, kSchemaBytes); text.ok())
      files.folders_.push_back({beside, version_in(*text)});
  }
  if (files.folders_.empty())
    return usage_error(
        "--xsd needs the official schemas of SDMX-ML, which do not ship with focalpost",
        "Get them from sdmx.org (Standards, SDMX-ML schemas), unpack them and say --xsd-folder "
        "FOLDER, the one that holds SDMXMessage.xsd.");
  return files;
}

Result<std::vector<XsdResult>> XsdFiles::check(const fs::path& path,
                                               const CheckContext& context) const {
  XsdRequest request;
  request.own = own_;
  request.official = [this](std::string_view version,
                            std::string_view name) -> std::optional<std::string> {
    if (name.empty() || name.front() == '.' || name.find('/') != name.npos) return {};
    for (const Folder& folder : folders_) {
      if (folder.version != version) continue;
      if (auto text = read_file(folder.path / name, kSchemaBytes); text.ok())
        return std::move(*text);
    }
    return {};
  };
  std::vector<XsdResult> results;
  auto check_one = [&](const std::string&, ByteSource& bytes) -> Status {
    auto result = check_by_xsd(bytes, *context.lookup, request, *context.limits);
    if (result.ok()) {
      results.push_back(std::move(*result));
      return {};
    }
    // The schemas are wrong: nothing else can be checked either. Otherwise it is this file that
    // cannot be opened, which its own findings say.
    if (result.error().kind != ErrorKind::kNotRight) return result.error();
    results.emplace_back().not_checked = result.error().what;
    return {};
  };
  FP_TRY(each_file(path, context, check_one));
  return results;
}

}  // namespace focalpost
