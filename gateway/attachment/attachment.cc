// SPDX-License-Identifier: Apache-2.0
#include "attachment/attachment.h"

#include <fmt/format.h>

#include <algorithm>

#include "attachment/container.h"
#include "base/text.h"

namespace focalpost {
namespace {

constexpr std::string_view kSendAs =
    "Send the data as SDMX-ML or SDMX-CSV, as it is or in a .zip or .gz.";

/// The caller's source: an Error of it is no problem of the archive.
class OuterSource final : public ByteSource {
 public:
  OuterSource(ByteSource& bytes, AttachmentContext& context) : bytes_(bytes), context_(context) {}
  Result<std::span<const char>> next() override {
    auto span = bytes_.next();
    if (!span) context_.problem = AttachmentProblem::kNone;
    return span;
  }

 private:
  ByteSource& bytes_;
  AttachmentContext& context_;
};

/// What a member gives whose fault is known before its first byte.
class FaultySource final : public ByteSource {
 public:
  FaultySource(AttachmentFault fault, AttachmentContext& context)
      : fault_(std::move(fault)), context_(context) {}
  Result<std::span<const char>> next() override {
    context_.problem = fault_.problem;
    return fault_.error;
  }

 private:
  AttachmentFault fault_;
  AttachmentContext& context_;
};

std::string file_name(std::string_view path) {
  return std::string(path.substr(path.find_last_of("/\\") + 1));
}

}  // namespace

struct Attachment::State {
  using Next = Result<std::optional<AttachmentMember>>;

  /// An archive being read.
  struct Level {
    std::string path;
    std::unique_ptr<ByteSource> bytes;  ///< beneath `container`
    std::unique_ptr<Container> container;
    bool archive = true;  ///< not a wrapper that a mail program puts around a file
  };

  State(ByteSource& bytes, std::string_view attachment_name, const Limits& limits,
        fs::path temporary)
      : outer(bytes, context), name(shown_name(to_valid_utf8(attachment_name))) {
    context.limits = limits;
    context.temporary = std::move(temporary);
  }

  Next next() {
    leaf.reset();
    if (!started) {
      started = true;
      auto member = look_into(outer, name, name, false);
      if (!member || *member) return member;
    }
    // Each turn ends a level or takes an entry, and entries are bounded for all levels together.
    while (!levels.empty()) {
      auto read = levels.back().container->next();
      const std::string above = levels.back().path;
      if (!read) {
        levels.pop_back();
        return judge(read.take_error(), above, AttachmentKind::kPlain);
      }
      if (!*read) {
        levels.pop_back();
        continue;
      }
      Entry entry = **std::move(read);
      if (!entry.fault) {
        auto member = look_into(*entry.bytes, file_name(entry.path), above + '!' + entry.path,
                                entry.name_guessed);
        if (!member || *member) return member;
        continue;
      }
      bool whole = entry.path.empty();
      AttachmentKind kind = !whole                  ? AttachmentKind::kPlain
                            : levels.back().archive ? AttachmentKind::kZip
                                                    : AttachmentKind::kTnef;
      // More files than allowed is about the attachment: nothing after it is looked at.
      if (entry.fault->problem == AttachmentProblem::kTooManyMembers) levels.clear();
      return faulty(whole ? above : above + '!' + entry.path, entry.name_guessed, kind,
                    *std::move(entry.fault));
    }
    return Next(std::nullopt);
  }

  /// A member; or none, when an archive was opened as the next level.
  Next look_into(ByteSource& bytes, std::string file, std::string path, bool name_guessed) {
    auto head = read_head(bytes, kAttachmentHeadBytes);
    if (!head) return judge(head.take_error(), path, AttachmentKind::kPlain);
    AttachmentKind kind = detect_attachment(*head);
    std::string first_bytes = head->substr(0, kAttachmentHeadBytes);
    auto source = std::make_unique<PrefixedSource>(std::move(*head), bytes);

    if (kind == AttachmentKind::kEmpty)
      return faulty(path, name_guessed, kind,
                    {AttachmentProblem::kEmpty, not_right(fmt::format("\"{}\" is empty", path),
                                                          "Look at the file and send it again.")});
    // A zip that begins with its end record, which libarchive does not know for a zip.
    if (first_bytes.starts_with("PK\x05\x06"))
      return faulty(path, name_guessed, kind,
                    {AttachmentProblem::kEmpty,
                     not_right(fmt::format("there is no file in \"{}\"", path),
                               "Put the data into the archive and send it again.")});
    if (kind == AttachmentKind::kTnef || kind == AttachmentKind::kPgpSigned)
      return open_wrapper(kind, std::move(source), std::move(file), std::move(path), name_guessed);
    if (kind == AttachmentKind::kGzip || kind == AttachmentKind::kZip) {
      if (count_levels(true) > context.limits.archive_depth)
        return faulty(path, name_guessed, kind,
                      {AttachmentProblem::kTooDeep,
                       not_right(fmt::format("\"{}\" is an archive inside too many others", path),
                                 "Send the files in one archive, or as they are.")});
      Level level{path, std::move(source), nullptr, true};
      if (kind == AttachmentKind::kGzip) {
        level.container = open_gzip(*level.bytes, first_bytes, file, path, context);
      } else {
        auto zip = open_zip(*level.bytes, path, context);
        if (!zip) return judge(zip.take_error(), path, kind);
        // Its bytes were used up by finding out, so that it cannot be given as it is.
        if (zip->office_document)
          return faulty(path, name_guessed, AttachmentKind::kOoxml,
                        not_opened(path, AttachmentKind::kOoxml));
        level.container = std::move(zip->container);
      }
      levels.push_back(std::move(level));
      return Next(std::nullopt);
    }
    std::optional<AttachmentFault> fault;
    if (kind == AttachmentKind::kEncrypted)
      fault = {AttachmentProblem::kEncrypted,
               not_right(fmt::format("\"{}\" is {}", path, describe(kind)),
                         "Send it without encryption.")};
    else if (kind != AttachmentKind::kPlain)
      fault = not_opened(path, kind);
    leaf = std::move(source);
    return Next(
        AttachmentMember{file_name(file), path, name_guessed, kind, std::move(fault), *leaf});
  }

  std::uint64_t count_levels(bool archives) const {
    return std::uint64_t(std::count_if(levels.begin(), levels.end(),
                                       [&](const Level& l) { return l.archive == archives; }));
  }

  Next open_wrapper(AttachmentKind kind, std::unique_ptr<ByteSource> source, std::string file,
                    std::string path, bool name_guessed) {
    if (count_levels(false) >= context.limits.wrap_depth)
      return faulty(path, name_guessed, kind,
                    {AttachmentProblem::kTooDeep,
                     not_right(fmt::format("\"{}\" is wrapped up too often", path),
                               "Send the files as they are.")});
    Level level{path, std::move(source), nullptr, false};
    if (kind == AttachmentKind::kPgpSigned) {
      level.container = open_clear_signed(*level.bytes, file, path, context);
    } else {
      auto package = open_tnef(*level.bytes, path, context);
      if (!package) return judge(package.take_error(), path, kind);
      if (!*package)
        return faulty(
            path, name_guessed, kind,
            {AttachmentProblem::kEmpty, not_right(fmt::format("there is no file in \"{}\"", path),
                                                  "Attach the file and send it again.")});
      level.container = std::move(*package);
    }
    levels.push_back(std::move(level));
    return Next(std::nullopt);
  }

  static AttachmentFault not_opened(std::string_view path, AttachmentKind kind) {
    return {AttachmentProblem::kNotOpened,
            not_right(fmt::format("\"{}\" is {}, not data", path, describe(kind)),
                      std::string(kSendAs))};
  }

  /// An Error on the way to a member: of the archive, then it is the member's fault; or from
  /// outside, then it is the caller's.
  Next judge(Error error, std::string path, AttachmentKind kind) {
    if (context.problem == AttachmentProblem::kNone) {
      levels.clear();
      return error;
    }
    return faulty(std::move(path), false, kind, {context.problem, std::move(error)});
  }

  Next faulty(std::string path, bool name_guessed, AttachmentKind kind, AttachmentFault why) {
    leaf = std::make_unique<FaultySource>(why, context);
    std::string_view last = path;
    last.remove_prefix(last.find_last_of("!/\\") + 1);
    std::string file(last);
    return Next(AttachmentMember{std::move(file), std::move(path), name_guessed, kind,
                                 std::move(why), *leaf});
  }

  AttachmentContext context;
  OuterSource outer;
  std::string name;
  std::vector<Level> levels;
  std::unique_ptr<ByteSource> leaf;
  bool started = false;
};

Attachment::Attachment(ByteSource& bytes, std::string_view name, const Limits& limits,
                       fs::path temporary)
    : state_(std::make_unique<State>(bytes, name, limits, std::move(temporary))) {}
Attachment::~Attachment() = default;
Attachment::Attachment(Attachment&&) noexcept = default;

Result<std::optional<AttachmentMember>> Attachment::next() {
  return state_->next();
}
AttachmentProblem Attachment::problem() const {
  return state_->context.problem;
}
const std::vector<std::string>& Attachment::skipped() const {
  return state_->context.skipped;
}

}  // namespace focalpost
