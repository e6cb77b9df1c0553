// SPDX-License-Identifier: Apache-2.0
//
// tnef_maker: winmail.dat as Outlook writes it (MS-OXTNEF), for tests.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tnef_maker {

inline std::string number(std::uint64_t value, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> 8 * i);
  return out;
}

inline std::string attribute(char level, std::uint32_t id, std::string_view data) {
  std::uint16_t sum = 0;
  for (char c : data) sum = std::uint16_t(sum + static_cast<unsigned char>(c));
  return std::string(1, level) + number(id, 4) + number(data.size(), 4) + std::string(data) +
         number(sum, 2);
}

inline std::string utf16(std::u16string_view text) {
  std::string out;
  for (char16_t c : text) out += number(c, 2);
  return out + std::string(2, '\0');
}

/// One variable-length property of an attachment.
inline std::string property(std::uint16_t type, std::uint16_t id, std::string_view value) {
  return number(type, 2) + number(id, 2) + number(1, 4) + number(value.size(), 4) +
         std::string(value) + std::string((4 - value.size() % 4) % 4, '\0');
}

struct Attachment {
  std::string title;            ///< attAttachTitle, in the code page
  std::u16string long_name;     ///< PR_ATTACH_LONG_FILENAME_W; empty: none
  std::string long_name_bytes;  ///< PR_ATTACH_LONG_FILENAME_A; empty: none
  std::string data;
  bool embedded = false;  ///< the data are a package (a forwarded mail), in PR_ATTACH_DATA_OBJ
  std::string content_id;
};

class Package {
 public:
  /// 0: none is declared.
  explicit Package(std::uint32_t code_page = 1251) {
    bytes_ = number(0x223E9F78, 4) + number(1, 2);
    bytes_ += attribute(1, 0x00089006, number(0x00010000, 4));  // attTnefVersion
    if (code_page != 0)
      bytes_ += attribute(1, 0x00069007, number(code_page, 4) + number(0, 4));  // attOemCodepage
    bytes_ += attribute(1, 0x00078008, std::string("IPM.Microsoft Mail.Note\0", 24));
  }
  Package& add(const Attachment& a) {
    bytes_ += attribute(2, 0x00069002, number(1, 2) + number(0xFFFFFFFF, 4) + number(0, 8));
    if (!a.title.empty()) bytes_ += attribute(2, 0x00018010, a.title + '\0');
    if (!a.embedded) bytes_ += attribute(2, 0x0006800F, a.data);
    std::string properties;
    std::uint32_t count = 0;
    auto put = [&](std::string one) {
      properties += one;
      ++count;
    };
    put(number(0x0003, 2) + number(0x0E21, 2) + number(count, 4));  // PR_ATTACH_NUM
    if (!a.long_name.empty()) put(property(0x001F, 0x3707, utf16(a.long_name)));
    if (!a.long_name_bytes.empty()) put(property(0x001E, 0x3707, a.long_name_bytes + '\0'));
    if (!a.content_id.empty()) put(property(0x001E, 0x3712, a.content_id + '\0'));
    if (a.embedded) {
      std::string object(16, '\x07');  // the interface's id; what it is does not matter here
      put(property(0x000D, 0x3701, object + a.data));
    }
    bytes_ += attribute(2, 0x00069005, number(count, 4) + properties);
    return *this;
  }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

}  // namespace tnef_maker
