// SPDX-License-Identifier: Apache-2.0
//
// site_tree: the files of a site on disk: what changed is written, the rest stays as it is.
//
// Owns: `<root>/.focalpost/` (manifest.json: every file that stands there, its size, its checksum
// and the group it was made in; new/: files on their way) and nothing else in the folder but the
// files of the manifest. A file that the manifest does not have is somebody else's: it is neither
// overwritten nor removed, and publish() names it.
//
// A file is written beside its place and renamed into it; nothing moves before everything is
// written, so that an Error leaves the site as it was. The manifest names a new file before it is
// there: after a crash in between, the next run knows that it is its own and writes it anew. Not
// synced: a file that does not have the size of the manifest (a power cut, somebody's hand) is
// written anew.
//
// Danger: paths come from the program and have been made fit for file names; keep() trusts sizes,
// not contents, of files that nobody but the program should touch.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/files.h"
#include "base/hash.h"
#include "base/result.h"
#include "sdmx/outgoing.h"

namespace focalpost {

struct SiteWritten {
  std::size_t written = 0, unchanged = 0, removed = 0;
  std::vector<std::string> foreign;  ///< paths at which something else stands
};

class SiteTree {
 public:
  /// Made if it is not there. Nobody else may work in it meanwhile.
  static Result<SiteTree> open(const fs::path& root);
  SiteTree(SiteTree&&) noexcept = default;
  ~SiteTree();

  /// What was noted when the site was written last; "" if it was not.
  std::string note(const std::string& name) const;
  /// For the next time.
  void set_note(std::string name, std::string text) { notes_[std::move(name)] = std::move(text); }

  /// The files of a group stay as they are; false (and nothing is kept) if there are none or one of
  /// them is not there as it should be.
  bool keep(std::string_view group);
  /// All files and notes; false (and nothing is kept) if one of the files is not there as it should
  /// be.
  bool keep_all();
  /// Size of a file that stays or was put; 0: there is none.
  std::uint64_t size_of(const std::string& path) const;

  Status put(const std::string& path, std::string_view bytes, std::string_view group);

  /// A file that is written piece by piece.
  class Stream {
   public:
    Stream(Stream&&) noexcept = default;
    Status write(std::string_view bytes);
    std::uint64_t bytes() const { return bytes_; }

   private:
    friend class SiteTree;
    Stream() = default;
    std::string path_, group_;
    fs::path staged_;
    Fd fd_;
    std::unique_ptr<Checksum> sum_ = std::make_unique<Checksum>();
    std::string buffer_;
    std::uint64_t bytes_ = 0;
  };
  Result<Stream> begin(const std::string& path, std::string_view group);
  Status end(Stream stream);
  /// The same bytes under another name; on disk a second link to them where that is possible.
  Status link(const std::string& path, const std::string& of, std::string_view group);

  /// Everything else goes. Where a file was left out for somebody else's, all notes are forgotten,
  /// so that the next time begins from the beginning.
  Result<SiteWritten> publish();

 private:
  struct File {
    std::string sum, group;
    std::uint64_t bytes = 0;
    friend bool operator==(const File&, const File&) = default;
  };
  using Files = std::map<std::string, File>;
  explicit SiteTree(fs::path root) : root_(std::move(root)) {}
  Status read_manifest();
  Status write_manifest(const Files& files, const std::map<std::string, std::string>& notes) const;
  bool stands(const std::string& path, const File& file) const;
  fs::path staging() const { return root_ / ".focalpost" / "new"; }
  fs::path manifest() const { return root_ / ".focalpost" / "manifest.json"; }
  Status place(const std::string& path, const fs::path& from);

  fs::path root_;
  Files old_, files_;
  std::map<std::string, std::string> old_notes_, notes_;
  std::map<std::string, fs::path> staged_;     ///< by path
  std::map<std::string, std::string> linked_;  ///< path to the one whose bytes it has
  std::size_t count_ = 0;
};

}  // namespace focalpost
