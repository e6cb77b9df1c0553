// SPDX-License-Identifier: Apache-2.0
#include "mailbox/mailbox.h"

#include <fmt/format.h>

#include "base/text.h"

namespace focalpost {

namespace {

constexpr std::array<std::string_view, kFolders.size()> kNames = {
    "INBOX",          "Retry",   "Filed",   "Rejected", "Held", "Enquiries",
    "Enquiries/Open", "Notices", "Ignored", "Failed",   "Sent",
};

void add_encoded(std::string& out, std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  for (char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       (c != '\0' && std::string_view("@.,=+-_").find(c) != std::string_view::npos);
    if (plain) {
      out += c;
    } else {
      out += '%';
      out += kDigits[byte >> 4];
      out += kDigits[byte & 15];
    }
  }
}

}  // namespace

std::string_view folder_name(Folder folder) {
  return kNames[static_cast<std::size_t>(folder)];
}

std::optional<Folder> folder_from_name(std::string_view name) {
  if (ascii_iequal(name, "INBOX")) return Folder::kInbox;
  for (Folder folder : kFolders)
    if (folder_name(folder) == name) return folder;
  return std::nullopt;
}

std::string Mailbox::identity(const MessageRef& ref) const {
  std::string text;
  text.reserve(name().size() + ref.uid.size() + 32);
  add_encoded(text, name());
  text += '/';
  text += folder_name(ref.folder);
  text += fmt::format("/{}/", ref.uid_validity);
  add_encoded(text, ref.uid);
  return text;
}

Result<std::optional<MessageRef>> Mailbox::append_one(const Append& message) {
  FP_ASSIGN(auto refs, append(std::span<const Append>(&message, 1)));
  return std::move(refs.front());
}

}  // namespace focalpost
