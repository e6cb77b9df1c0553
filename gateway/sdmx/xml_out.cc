// SPDX-License-Identifier: Apache-2.0
#include "sdmx/xml_out.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/clock.h"
#include "base/text.h"

namespace focalpost {
namespace {

bool id_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '@' || c == '$';
}

}  // namespace

std::string legal_id(std::string_view id, std::string_view otherwise) {
  std::string legal(id.empty() ? otherwise : id);
  std::replace_if(
      legal.begin(), legal.end(), [](char c) { return !id_character(c); }, '_');
  return legal;
}

OutgoingHeader header_of(const DataMessage& message) {
  OutgoingHeader header;
  header.id = legal_id(message.id);
  header.test = message.test;
  header.prepared = message.prepared;
  header.sender = legal_id(message.sender);
  if (!message.receiver.empty()) header.receiver = legal_id(message.receiver);
  return header;
}

Status check_header(const OutgoingHeader& header) {
  auto bad_id = [](std::string_view id) {
    return id.empty() || !std::all_of(id.begin(), id.end(), id_character);
  };
  for (auto [name, id] : {std::pair<std::string_view, std::string_view>("ID", header.id),
                          {"Sender", header.sender},
                          {"Receiver", header.receiver}})
    if (bad_id(id) && !(id.empty() && name == "Receiver"))
      return not_right(
          fmt::format("the header's {} \"{}\" is no SDMX id", name, one_line(shorten(id, 80))),
          "Use letters, digits, _ - @ and $ only.");
  if (!parse_time(header.prepared))
    return not_right(fmt::format("the header's Prepared \"{}\" is no date and time",
                                 one_line(shorten(header.prepared, 80))),
                     "Write it like 2026-03-01T09:30:00Z.");
  return {};
}

namespace sdmx {
namespace {

/// The code point at `p`, -1 if the bytes are not UTF-8; `p` goes on behind it.
std::int32_t next_code_point(const char*& p, const char* end) {
  auto lead = static_cast<unsigned char>(*p++);
  if (lead < 0x80) return lead;
  int more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
  if (lead < 0xC2 || lead > 0xF4 || end - p < more) return -1;
  std::int32_t code = lead & (0x3F >> more);
  for (int i = 0; i < more; ++i, ++p) {
    auto c = static_cast<unsigned char>(*p);
    if ((c & 0xC0) != 0x80) return -1;
    code = code << 6 | (c & 0x3F);
  }
  if ((more == 2 && code < 0x800) || (more == 3 && (code < 0x10000 || code > 0x10FFFF))) return -1;
  if (code >= 0xD800 && code <= 0xDFFF) return -1;
  return code;
}

bool is_xml_character(std::int32_t code) {
  if (code < 0x20) return code == '\t' || code == '\n' || code == '\r';
  return code != 0xFFFE && code != 0xFFFF;
}

constexpr std::size_t kShown = 60;

Error bad_character(std::string_view text, std::int32_t code) {
  std::string what = code < 0
                         ? "bytes that are not UTF-8"
                         : fmt::format("the character U+{:04X}, which XML does not have", code);
  return not_right(fmt::format("the text \"{}\" has {}", one_line(shorten(text, kShown)), what),
                   "Take the character out of the text.");
}

}  // namespace

bool is_ncname(std::string_view name) {
  auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  if (name.empty() || !letter(name.front())) return false;
  return std::all_of(name.begin(), name.end(), [&](char c) {
    return letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '.';
  });
}

Status check_characters(std::string_view text) {
  const char* p = text.data();
  const char* const end = p + text.size();
  while (p < end) {
    std::int32_t code = next_code_point(p, end);
    if (!is_xml_character(code)) return bad_character(text, code);
  }
  return {};
}

void append_escaped(std::string& to, std::string_view text, bool attribute) {
  for (char c : text) {
    switch (c) {
      case '&':
        to += "&amp;";
        break;
      case '<':
        to += "&lt;";
        break;
      case '>':
        to += "&gt;";
        break;
      case '"':
        to += attribute ? "&quot;" : "\"";
        break;
      case '\t':
        to += attribute ? "&#9;" : "\t";
        break;
      case '\n':
        to += attribute ? "&#10;" : "\n";
        break;
      case '\r':
        to += "&#13;";
        break;
      default:
        to += c;
    }
  }
}

void append_checked(std::string& to, std::string_view text, bool attribute,
                    std::optional<Error>& error) {
  if (Status checked = check_characters(text); checked.ok())
    append_escaped(to, text, attribute);
  else if (!error)
    error = checked.take_error();
}

void write_header_head(XmlOut& out, const OutgoingHeader& header) {
  out.open("mes:Header");
  out.element("mes:ID", header.id);
  out.element("mes:Test", header.test ? "true" : "false");
  out.element("mes:Prepared", header.prepared);
  out.open("mes:Sender");
  out.attribute("id", header.sender);
  out.close();
  if (header.receiver.empty()) return;
  out.open("mes:Receiver");
  out.attribute("id", header.receiver);
  out.close();
}

Status XmlOut::flush() {
  if (error_) return *error_;
  Status given = sink_(buffer_);
  buffer_.clear();
  if (!given.ok()) error_ = given.error();
  return given;
}

void XmlOut::finish_tag() {
  if (tag_open_) buffer_ += '>';
  tag_open_ = false;
}

void XmlOut::new_line() {
  if (begun_) buffer_ += '\n';
  begun_ = true;
  buffer_.append(open_.size() * 2, ' ');
}

void XmlOut::open(std::string_view name) {
  finish_tag();
  new_line();
  buffer_ += '<';
  buffer_ += name;
  open_.emplace_back(name);
  tag_open_ = true;
  has_text_ = false;
}

void XmlOut::text(std::string_view text) {
  finish_tag();
  append_checked(buffer_, text, false, error_);
  has_text_ = true;
}

void XmlOut::close() {
  std::string name = std::move(open_.back());
  open_.pop_back();
  if (tag_open_) {
    buffer_ += "/>";
  } else {
    if (!has_text_) new_line();
    buffer_ += "</" + name + ">";
  }
  tag_open_ = false;
  has_text_ = false;
}

void XmlOut::element(std::string_view name, std::string_view content) {
  open(name);
  text(content);
  close();
}

void XmlOut::whole(std::string_view markup) {
  finish_tag();
  new_line();
  buffer_ += markup;
}

}  // namespace sdmx
}  // namespace focalpost
