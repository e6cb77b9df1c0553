// SPDX-License-Identifier: Apache-2.0
#include "smtp/wire.h"

#include <algorithm>

namespace focalpost::smtp {
namespace {

bool has_high_byte(std::string_view text) {
  unsigned char all = 0;
  for (char c : text) all |= static_cast<unsigned char>(c);
  return all >= 0x80;
}

}  // namespace

void put_on_wire(std::string_view message, Wire& wire) {
  wire.text.clear();
  wire.text.reserve(message.size() + message.size() / 32 + 64);
  wire.has_nul = message.find('\0') != message.npos;
  wire.eight_bit = has_high_byte(message);
  wire.eight_bit_header = false;
  std::uint64_t stuffed = 0;
  bool in_header = true;
  while (!message.empty()) {
    // Where the line ends, with whatever sign.
    std::size_t end = std::min(message.find('\n'), message.size());
    std::size_t length = std::min(message.substr(0, end).find('\r'), end);
    std::string_view line = message.substr(0, length);
    std::size_t next = length;
    if (next < message.size())
      next +=
          message[next] == '\r' && next + 1 < message.size() && message[next + 1] == '\n' ? 2 : 1;
    message.remove_prefix(next);

    if (line.starts_with('.')) {
      wire.text += '.';
      ++stuffed;
    }
    if (in_header && wire.eight_bit) wire.eight_bit_header |= has_high_byte(line);
    if (line.empty()) in_header = false;
    wire.text.append(line);
    wire.text.append("\r\n", 2);
  }
  wire.size = wire.text.size() - stuffed;
  wire.text.append(".\r\n", 3);
}

}  // namespace focalpost::smtp
