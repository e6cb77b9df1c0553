// SPDX-License-Identifier: Apache-2.0
#include "flow/strayed.h"

#include <vector>

#include "base/byte_source.h"

namespace focalpost {
namespace {

/// Messages of one size that are looked into; so many of one size are nobody's.
constexpr std::size_t kMostCandidates = 20;

class Comparing final : public MessageSink {
 public:
  explicit Comparing(std::string_view bytes) : bytes_(bytes) {}

  Status mapped(const MessageRef& ref, MappedFile file) override {
    if (!found && file.bytes() == bytes_) found = ref;
    return {};
  }
  Status streamed(const MessageRef& ref, ByteSource& source) override {
    std::size_t at = 0;
    bool same = true;
    for (;;) {
      FP_ASSIGN(auto span, source.next());
      if (span.empty()) break;
      const std::string_view piece(span.data(), span.size());
      same = same && at <= bytes_.size() && bytes_.substr(at, piece.size()) == piece;
      at += piece.size();
    }
    if (!found && same && at == bytes_.size()) found = ref;
    return {};
  }
  Status gone(const MessageRef&) override { return {}; }
  Status unreadable(const MessageRef&, const Error&) override { return {}; }

  std::optional<MessageRef> found;

 private:
  std::string_view bytes_;
};

}  // namespace

Result<std::optional<MessageRef>> find_strayed(Mailbox& mailbox, std::span<const Folder> folders,
                                               std::string_view bytes) {
  Comparing compare(bytes);
  for (Folder folder : folders) {
    FP_ASSIGN(auto refs, mailbox.list(folder, 0));
    std::erase_if(refs, [&](const MessageRef& ref) { return ref.size != bytes.size(); });
    if (refs.size() > kMostCandidates) refs.resize(kMostCandidates);
    if (refs.empty()) continue;
    FP_TRY(mailbox.fetch(refs, compare));
    if (compare.found) break;
  }
  return std::move(compare.found);
}

}  // namespace focalpost
