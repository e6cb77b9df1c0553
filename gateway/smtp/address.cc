// SPDX-License-Identifier: Apache-2.0
#include "smtp/address.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace focalpost::smtp {
namespace {

bool is_high(char c) {
  return static_cast<unsigned char>(c) >= 0x80;
}

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_atext(char c) {
  return is_letter_or_digit(c) || is_high(c) ||
         std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos;
}

bool is_dot_atom(std::string_view text) {
  if (text.starts_with('.') || text.ends_with('.') || text.find("..") != text.npos) return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return c == '.' || is_atext(c); });
}

bool is_quoted(std::string_view text) {
  if (text.size() < 3 || text.front() != '"' || text.back() != '"') return false;
  text = text.substr(1, text.size() - 2);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && ++i == text.size()) return false;
    if (text[i] == '"' && text[i - 1] != '\\') return false;
    if (!is_high(text[i]) && (text[i] < 32 || text[i] == 127)) return false;
  }
  return true;
}

bool is_domain(std::string_view domain) {
  if (domain.starts_with('[') && domain.ends_with(']')) {
    std::string_view literal = domain.substr(1, domain.size() - 2);
    return !literal.empty() && std::all_of(literal.begin(), literal.end(), [](char c) {
      return is_letter_or_digit(c) || c == '.' || c == ':';
    });
  }
  for (const std::string_view label : split(domain, '.')) {
    // A label beyond ASCII is longer in UTF-8 than it is in the DNS.
    const bool ascii = std::none_of(label.begin(), label.end(), is_high);
    if (label.empty() || label.size() > (ascii ? 63 : 252) || label.front() == '-' ||
        label.back() == '-')
      return false;
    if (!std::all_of(label.begin(), label.end(),
                     [](char c) { return is_letter_or_digit(c) || is_high(c) || c == '-'; }))
      return false;
  }
  return true;
}

}  // namespace

AddressKind address_kind(std::string_view address) {
  const std::size_t at = address.rfind('@');
  if (address.size() > 254 || at == address.npos || at == 0 || at > 64)
    return AddressKind::kIllegal;
  const std::string_view local = address.substr(0, at), domain = address.substr(at + 1);
  // one_line: nor C1 controls and direction marks, which are legal UTF-8.
  if (!is_utf8(address) || one_line(address) != address) return AddressKind::kIllegal;
  if ((!is_dot_atom(local) && !is_quoted(local)) || !is_domain(domain))
    return AddressKind::kIllegal;
  return std::any_of(address.begin(), address.end(), is_high) ? AddressKind::kInternational
                                                              : AddressKind::kAscii;
}

std::string xtext(std::string_view ascii) {
  std::string out;
  for (char c : ascii) {
    if (c > 32 && c < 127 && c != '+' && c != '=')
      out += c;
    else
      out += fmt::format("+{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

std::string original_recipient(std::string_view address, AddressKind kind) {
  if (kind != AddressKind::kInternational) return "rfc822;" + xtext(address);
  std::string out = "utf-8;";
  for (char c : address) {
    if (is_high(c) || (c > 32 && c < 127 && c != '+' && c != '=' && c != '\\'))
      out += c;
    else
      out += fmt::format("\\x{{{:02X}}}", static_cast<unsigned char>(c));
  }
  return out;
}

}  // namespace focalpost::smtp
