// SPDX-License-Identifier: Apache-2.0
#include "flow/site_tree.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "base/json.h"

namespace focalpost {
namespace {

constexpr int kFormat = 1;
constexpr std::size_t kBuffered = 64 << 10;
constexpr unsigned kFolderMode = 0755, kFileMode = 0644;

std::string sum_text(std::uint64_t sum) {
  return fmt::format("{:016x}", sum);
}

}  // namespace

Result<SiteTree> SiteTree::open(const fs::path& root) {
  SiteTree tree(root);
  FP_TRY(make_directories(root, kFolderMode));
  FP_TRY(make_directories(root / ".focalpost"));
  std::error_code none;
  fs::remove_all(tree.staging(), none);
  FP_TRY(make_directories(tree.staging()));
  FP_TRY(tree.read_manifest());
  return tree;
}

SiteTree::~SiteTree() {
  if (root_.empty()) return;
  std::error_code none;
  fs::remove_all(staging(), none);
}

Status SiteTree::read_manifest() {
  std::error_code none;
  if (!fs::exists(manifest(), none)) return {};
  FP_ASSIGN(std::string text, read_file(manifest()));
  const Json json = Json::parse(text, nullptr, false);
  const bool fine = json.is_object() && json.contains("files") && json["files"].is_object();
  if (!fine || json.value("format", 0) != kFormat)
    return not_right(fmt::format("{} cannot be read", manifest().string()),
                     fmt::format("Remove the folder {} with everything in it; then write the site "
                                 "again.",
                                 root_.string()));
  for (const auto& [path, file] : json["files"].items()) {
    if (!file.is_object()) continue;
    old_[path] = {file.value("sum", ""), file.value("group", ""),
                  file.value("bytes", std::uint64_t{0})};
  }
  if (json.contains("notes") && json["notes"].is_object())
    for (const auto& [name, note] : json["notes"].items())
      if (note.is_string()) old_notes_[name] = note.get<std::string>();
  return {};
}

Status SiteTree::write_manifest(const Files& files,
                                const std::map<std::string, std::string>& notes) const {
  Json json = {{"format", kFormat}, {"notes", Json::object()}, {"files", Json::object()}};
  for (const auto& [name, text] : notes) json["notes"][name] = text;
  for (const auto& [path, file] : files)
    json["files"][path] = {{"sum", file.sum}, {"group", file.group}, {"bytes", file.bytes}};
  return write_file_durably(manifest(), json_text(json) + "\n");
}

std::string SiteTree::note(const std::string& name) const {
  auto found = old_notes_.find(name);
  return found == old_notes_.end() ? std::string() : found->second;
}

bool SiteTree::stands(const std::string& path, const File& file) const {
  struct stat info {};
  return ::lstat((root_ / path).c_str(), &info) == 0 && S_ISREG(info.st_mode) &&
         static_cast<std::uint64_t>(info.st_size) == file.bytes;
}

bool SiteTree::keep(std::string_view group) {
  Files kept;
  for (const auto& [path, file] : old_) {
    if (file.group != group) continue;
    if (file.sum.empty() || !stands(path, file)) return false;
    kept.emplace(path, file);
  }
  if (kept.empty()) return false;
  files_.merge(kept);
  return true;
}

bool SiteTree::keep_all() {
  for (const auto& [path, file] : old_)
    if (file.sum.empty() || !stands(path, file)) return false;
  files_ = old_;
  notes_ = old_notes_;
  return true;
}

std::uint64_t SiteTree::size_of(const std::string& path) const {
  auto found = files_.find(path);
  return found == files_.end() ? 0 : found->second.bytes;
}

Status SiteTree::put(const std::string& path, std::string_view bytes, std::string_view group) {
  const File file{sum_text(checksum(bytes)), std::string(group), bytes.size()};
  auto known = old_.find(path);
  if (known != old_.end() && known->second.sum == file.sum && stands(path, file)) {
    files_[path] = file;
    return {};
  }
  FP_ASSIGN(Stream stream, begin(path, group));
  FP_TRY(stream.write(bytes));
  return end(std::move(stream));
}

Result<SiteTree::Stream> SiteTree::begin(const std::string& path, std::string_view group) {
  Stream stream;
  stream.path_ = path;
  stream.group_ = group;
  stream.staged_ = staging() / std::to_string(count_++);
  stream.fd_ =
      Fd(::open(stream.staged_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kFileMode));
  if (!stream.fd_) return system_error("create", stream.staged_, errno);
  return stream;
}

Status SiteTree::Stream::write(std::string_view bytes) {
  sum_->update(bytes);
  bytes_ += bytes.size();
  if (buffer_.size() + bytes.size() >= kBuffered) {
    FP_TRY(write_fully(fd_.get(), buffer_, staged_));
    buffer_.clear();
    if (bytes.size() >= kBuffered) return write_fully(fd_.get(), bytes, staged_);
  }
  buffer_ += bytes;
  return {};
}

Status SiteTree::end(Stream stream) {
  FP_TRY(write_fully(stream.fd_.get(), stream.buffer_, stream.staged_));
  stream.fd_.reset();
  const File file{sum_text(stream.sum_->finish()), stream.group_, stream.bytes_};
  files_[stream.path_] = file;
  auto known = old_.find(stream.path_);
  if (known != old_.end() && known->second.sum == file.sum && stands(stream.path_, file)) {
    std::error_code none;
    fs::remove(stream.staged_, none);
    return {};
  }
  staged_[stream.path_] = stream.staged_;
  return {};
}

Status SiteTree::link(const std::string& path, const std::string& of, std::string_view group) {
  auto source = files_.find(of);
  if (source == files_.end()) return bug(fmt::format("{} is linked to nothing", path));
  File file = source->second;
  file.group = group;
  auto known = old_.find(path);
  const bool same = known != old_.end() && known->second.sum == file.sum && stands(path, file);
  files_[path] = std::move(file);
  // A link to what is itself about to be one: both to the same file.
  const auto through = linked_.find(of);
  if (!same) linked_[path] = through == linked_.end() ? of : through->second;
  return {};
}

Status SiteTree::place(const std::string& path, const fs::path& from) {
  const fs::path target = root_ / path;
  FP_TRY(make_directories(target.parent_path(), kFolderMode));
  if (::rename(from.c_str(), target.c_str()) != 0) return system_error("rename to", target, errno);
  return {};
}

Result<SiteWritten> SiteTree::publish() {
  SiteWritten made;
  auto foreign = [&](const std::string& path) {
    struct stat info {};
    return !old_.contains(path) && ::lstat((root_ / path).c_str(), &info) == 0;
  };
  auto leave = [&](const std::string& path) {
    made.foreign.push_back(path);
    files_.erase(path);
  };
  // A link to what is left alone would be a link to somebody else's file.
  for (auto at = linked_.begin(); at != linked_.end();) {
    const bool left = foreign(at->first) || foreign(at->second);
    if (left) leave(at->first);
    at = left ? linked_.erase(at) : std::next(at);
  }
  for (auto at = staged_.begin(); at != staged_.end();) {
    const bool left = foreign(at->first);
    if (left) leave(at->first);
    at = left ? staged_.erase(at) : std::next(at);
  }
  if (!made.foreign.empty()) notes_.clear();
  std::vector<std::string> unwanted;
  for (const auto& [path, file] : old_)
    if (!files_.contains(path)) unwanted.push_back(path);
  made.written = staged_.size() + linked_.size();
  made.unchanged = files_.size() - made.written;
  if (made.written == 0 && unwanted.empty() && notes_ == old_notes_ && files_ == old_) return made;

  if (made.written > 0) {
    Files both = old_;
    for (const auto& [path, from] : staged_) both[path] = {"", files_[path].group, 0};
    for (const auto& [path, of] : linked_) both[path] = {"", files_[path].group, 0};
    FP_TRY(write_manifest(both, old_notes_));
  }
  for (const auto& [path, from] : staged_) FP_TRY(place(path, from));
  for (const auto& [path, of] : linked_) {
    const fs::path beside = staging() / std::to_string(count_++);
    std::error_code none;
    fs::create_hard_link(root_ / of, beside, none);
    if (none && !fs::copy_file(root_ / of, beside, none))
      return system_error("copy to", root_ / path, none.value());
    FP_TRY(place(path, beside));
  }
  for (const std::string& path : unwanted) {
    std::error_code none;
    const fs::path target = root_ / path;
    if (fs::symlink_status(target, none).type() != fs::file_type::regular) continue;
    if (!fs::remove(target, none)) continue;
    ++made.removed;
    // Folders that are empty now; one with somebody else's file in it stays.
    for (fs::path folder = target.parent_path(); folder != root_; folder = folder.parent_path())
      if (::rmdir(folder.c_str()) != 0) break;
  }
  FP_TRY(write_manifest(files_, notes_));
  return made;
}

}  // namespace focalpost
