// SPDX-License-Identifier: Apache-2.0
#include "mime/attachments.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "mime/body_source.h"
#include "mime/words.h"

namespace focalpost::mime {
namespace {

constexpr std::size_t kHtmlRead = 256 * 1024;

bool is_report(const Part& part) {
  return part.media_type == "multipart/report";
}

template <std::size_t N>
bool any_of(const std::array<std::string_view, N>& list, std::string_view wanted) {
  return std::find(list.begin(), list.end(), wanted) != list.end();
}

std::string extension(std::string_view name) {
  auto dot = name.rfind('.');
  return dot == name.npos ? std::string() : ascii_lower(name.substr(dot + 1));
}

constexpr std::array<std::string_view, 12> kDataExtensions = {
    "xml", "csv", "tsv", "txt", "json", "sdmx", "zip", "gz", "gzip", "tgz", "tar", "dat"};
constexpr std::array<std::string_view, 9> kImageExtensions = {"png", "jpg",  "jpeg", "gif", "bmp",
                                                              "svg", "webp", "tif",  "tiff"};
constexpr std::array<std::string_view, 12> kOtherExtensions = {
    "pdf", "doc", "docx", "xls", "xlsx", "xlsm", "ods", "odt", "rtf", "ppt", "pptx", "eml"};

LooksLike look(const Part& part) {
  const std::string& type = part.media_type;
  std::string ext = extension(part.file_name);
  // What the name says goes first: types are set by machines that guess.
  if (ext == "p7s" || ext == "asc" || ext == "sig") return LooksLike::kSignature;
  if (any_of(kDataExtensions, ext)) return LooksLike::kData;
  if (any_of(kImageExtensions, ext)) return LooksLike::kImage;
  if (ext == "ics") return LooksLike::kCalendar;
  if (any_of(kOtherExtensions, ext)) return LooksLike::kOther;
  if (type == "application/pkcs7-signature" || type == "application/x-pkcs7-signature" ||
      type == "application/pgp-signature")
    return LooksLike::kSignature;
  if (type.starts_with("image/")) return LooksLike::kImage;
  if (type == "text/calendar" || type == "application/ics") return LooksLike::kCalendar;
  for (std::string_view word : {"xml", "csv", "json", "sdmx", "zip", "octet-stream", "tnef"})
    if (type.find(word) != type.npos)
      // "application/vnd.openxmlformats-officedocument..." has "xml" in it, too
      return type.find("officedocument") == type.npos ? LooksLike::kData : LooksLike::kOther;
  return type.starts_with("text/") ? LooksLike::kData : LooksLike::kOther;
}

bool has_data_name(const Part& part) {
  return any_of(kDataExtensions, extension(part.file_name));
}

/// The start of the decoded content.
std::string first_bytes(const Part& part, std::size_t count) {
  // Three bytes are the most that one takes in any encoding, line ends aside.
  auto source = body_source(part.body.substr(0, count * 4), part.encoding);
  auto span = source->next();
  if (!span.ok()) return {};
  return std::string(span->data(), std::min(span->size(), count));
}

/// QUIRK: RFC 2045 5: the type says what a part is; but scripts mail XML as text/plain without a
/// name, or with no Content-Type at all, e.g. mail -s report gateway < report.xml
bool is_data_in_text_clothes(const Part& part) {
  std::string head = first_bytes(part, 256);
  std::string_view start = head;
  if (start.starts_with("PK\x03\x04") || start.starts_with("\x1F\x8B")) return true;
  if (start.starts_with("\xEF\xBB\xBF")) start.remove_prefix(3);
  return trim(start).starts_with("<?xml") && part.media_type == "text/plain";
}

/// The decoded bytes of a leaf, at most `limit`.
std::string read_some(const Part& part, std::size_t limit, bool* cut) {
  std::string bytes;
  auto source = body_source(part);
  while (bytes.size() <= limit) {
    auto span = source->next();
    if (!span.ok() || span->empty()) break;
    bytes.append(span->data(), std::min(span->size(), limit + 1 - bytes.size()));
  }
  if (bytes.size() > limit) {
    if (cut) *cut = true;
    bytes.resize(limit);
  }
  return bytes;
}

/// A UTF-8 text that was cut may end inside of a code point; a few bytes less do not matter.
void drop_cut_point(std::string& bytes) {
  std::size_t end = bytes.size();
  for (int i = 0; i < 3 && end > 0 && (bytes[end - 1] & 0xC0) == 0x80; ++i) --end;
  if (end > 0 && (bytes[end - 1] & 0xC0) == 0xC0) bytes.resize(end - 1);
}

/// Content-IDs that the HTML texts of a message refer to ("cid:..."), as one string to search in.
std::string html_references(const Message& message) {
  std::string all;
  for (const Part& part : message.parts)
    if (part.is_leaf && part.media_type == "text/html" && all.size() < kHtmlRead)
      all += read_some(part, kHtmlRead, nullptr);
  return all;
}

void append_point(std::string& out, unsigned long point) {
  if (point == 0 || point > 0x10FFFF || (point >= 0xD800 && point < 0xE000)) point = 0xFFFD;
  auto put = [&](unsigned long byte) { out += static_cast<char>(byte); };
  if (point < 0x80) {
    put(point);
  } else if (point < 0x800) {
    put(0xC0 | point >> 6);
    put(0x80 | (point & 63));
  } else if (point < 0x10000) {
    put(0xE0 | point >> 12);
    put(0x80 | (point >> 6 & 63));
    put(0x80 | (point & 63));
  } else {
    put(0xF0 | point >> 18);
    put(0x80 | (point >> 12 & 63));
    put(0x80 | (point >> 6 & 63));
    put(0x80 | (point & 63));
  }
}

/// "amp", "#1087", "#x43f"; false if unknown.
bool append_entity(std::string& out, std::string_view name) {
  constexpr std::pair<std::string_view, std::string_view> kNamed[] = {
      {"amp", "&"},   {"lt", "<"},    {"gt", ">"},         {"quot", "\""},
      {"apos", "'"},  {"nbsp", " "},  {"laquo", "\u00AB"}, {"raquo", "\u00BB"},
      {"ndash", "–"}, {"mdash", "—"}, {"hellip", "…"},     {"shy", ""}};
  for (auto [key, value] : kNamed)
    if (key == name) return out += value, true;
  if (name.size() < 2 || name.size() > 9 || name[0] != '#') return false;
  bool hex = name[1] == 'x' || name[1] == 'X';
  unsigned long point = 0;
  std::string_view digits = name.substr(hex ? 2 : 1);
  for (char c : digits) {
    auto value = std::string_view("0123456789abcdef").find(ascii_lower({&c, 1}));
    if (value == std::string_view::npos || (!hex && value > 9)) return false;
    point = point * (hex ? 16 : 10) + value;
  }
  if (digits.empty()) return false;
  if (point == 0xA0) point = ' ';
  append_point(out, point);
  return true;
}

/// Builds the lines of a stripped document.
class Lines {
 public:
  void text(std::string_view piece) {
    if (piece.empty()) return;
    if (fresh_) start();
    if (gap_ && !fresh_line_content_) out_ += ' ';
    gap_ = false;
    fresh_line_content_ = false;
    out_ += piece;
  }
  void space() { gap_ = !fresh_; }
  void line_end() {
    if (fresh_) return;
    out_ += '\n';
    fresh_ = true;
    gap_ = false;
  }
  void blank_line() {
    line_end();
    if (!out_.empty() && !out_.ends_with("\n\n")) out_ += '\n';
  }
  void quote(int by) { depth_ = std::clamp(depth_ + by, 0, 5); }
  std::string take() {
    while (out_.ends_with('\n')) out_.pop_back();
    if (!out_.empty()) out_ += '\n';
    return std::move(out_);
  }

 private:
  void start() {
    for (int i = 0; i < depth_; ++i) out_ += "> ";
    fresh_ = false;
    fresh_line_content_ = true;
  }
  std::string out_;
  bool fresh_ = true, fresh_line_content_ = true, gap_ = false;
  int depth_ = 0;
};

/// Is the part an own text of the sender: a leaf, unnamed, not attached, not of a forwarded
/// message?
bool is_own_text(const Message& message, std::uint32_t index, std::string_view type) {
  const Part& part = message.parts[index];
  return part.is_leaf && part.media_type == type && part.file_name.empty() &&
         part.disposition != "attachment" &&
         !message.within(index, [](const Part& p) { return p.kind == Kind::kMessage; });
}

}  // namespace

std::vector<Candidate> find_attachments(const Message& message) {
  std::vector<Candidate> found;
  std::string references;
  bool referenced_known = false;
  for (std::uint32_t i = 0; i < message.parts.size(); ++i) {
    const Part& part = message.parts[i];
    if (!part.is_leaf || message.within(i, is_report)) continue;
    const std::string& type = part.media_type;
    bool named = !part.file_name.empty() || part.disposition == "attachment";
    if (!named) {
      if (part.kind == Kind::kText && !is_data_in_text_clothes(part)) continue;
      // Other ways to write the same text for people, and what only machines read.
      if (type == "text/enriched" || type == "text/richtext" || type == "text/rtf" ||
          type == "text/x-amp-html" || type == "text/watch-html" || type == "text/rfc822-headers" ||
          type == "message/delivery-status" || type == "message/disposition-notification")
        continue;
      if (part.kind == Kind::kMultipart && trim(part.body).empty()) continue;
    }
    if (type.starts_with("image/") && part.disposition != "attachment" && !has_data_name(part) &&
        !part.content_id.empty()) {
      bool related = part.parent != Part::kNoParent &&
                     message.parts[part.parent].media_type == "multipart/related";
      if (!related && !referenced_known) {
        references = html_references(message);
        referenced_known = true;
      }
      if (related || references.find("cid:" + part.content_id) != std::string::npos) continue;
    }
    found.push_back({i, part.file_name, look(part)});
  }
  return found;
}

std::string strip_html(std::string_view in) {
  Lines lines;
  std::string skipping;  // the element whose content is dropped
  for (std::size_t i = 0; i < in.size();) {
    if (in[i] == '<') {
      if (in.substr(i, 4) == "<!--") {
        auto end = in.find("-->", i + 4);
        if (end == in.npos) break;
        i = end + 3;
        continue;
      }
      // In a script or style only its own end counts.
      if (!skipping.empty() && (i + 1 >= in.size() || in[i + 1] != '/')) {
        i = std::min(in.find('<', i + 1), in.size());
        continue;
      }
      auto end = in.find('>', i);
      if (end == in.npos) break;
      std::string_view tag = in.substr(i + 1, end - i - 1);
      i = end + 1;
      bool closing = tag.starts_with('/');
      if (closing) tag.remove_prefix(1);
      std::string name = ascii_lower(tag.substr(0, tag.find_first_of(" \t\r\n/")));
      if (!skipping.empty()) {
        if (closing && name == skipping) skipping.clear();
        continue;
      }
      constexpr std::array<std::string_view, 3> kDropped = {"script", "style", "title"};
      constexpr std::array<std::string_view, 14> kBlocks = {"div",   "tr", "li", "ul",  "ol",
                                                            "table", "h1", "h2", "h3",  "h4",
                                                            "pre",   "dt", "dd", "body"};
      if (!closing && any_of(kDropped, name) && !tag.ends_with('/')) {
        skipping = name;
      } else if (name == "br") {
        lines.line_end();
      } else if (name == "p") {
        lines.blank_line();
      } else if (name == "hr") {
        // As Outlook writes it in plain text above what it quotes.
        lines.line_end();
        lines.text("________________________________");
        lines.line_end();
      } else if (name == "blockquote") {
        lines.line_end();
        lines.quote(closing ? -1 : 1);
      } else if (any_of(kBlocks, name)) {
        lines.line_end();
      } else if (name == "td" || name == "th") {
        lines.space();
      }
      continue;
    }
    if (!skipping.empty()) {
      i = std::min(in.find('<', i), in.size());
      continue;
    }
    if (in[i] == ' ' || in[i] == '\t' || in[i] == '\r' || in[i] == '\n') {
      lines.space();
      ++i;
    } else if (in[i] == '&') {
      auto end = in.substr(0, i + 12).find(';', i);
      std::string piece;
      if (end != in.npos && append_entity(piece, in.substr(i + 1, end - i - 1))) {
        if (piece == " ")
          lines.space();
        else
          lines.text(piece);
        i = end + 1;
      } else {
        lines.text("&");
        ++i;
      }
    } else {
      std::size_t end = std::min(in.find_first_of("<& \t\r\n", i), in.size());
      lines.text(in.substr(i, end - i));
      i = end;
    }
  }
  return lines.take();
}

BodyText body_text(const Message& message, std::size_t limit) {
  BodyText result;
  for (std::string_view type : {"text/plain", "text/html"}) {
    for (std::uint32_t i = 0; i < message.parts.size(); ++i) {
      if (!is_own_text(message, i, type)) continue;
      if (result.text.size() >= limit) {
        result.cut = true;
        break;
      }
      const Part& part = message.parts[i];
      // HTML is mostly tags.
      std::size_t read = type == "text/html" ? limit * 8 : limit;
      bool cut = false;
      std::string bytes = read_some(part, read, &cut);
      result.cut |= cut;
      if (cut) drop_cut_point(bytes);
      Text text = decode_bytes(bytes, part.charset);
      if (!text.assumed_charset.empty()) result.assumed_charset = std::move(text.assumed_charset);
      if (type == "text/html") text.text = strip_html(text.text);
      if (!result.text.empty() && !result.text.ends_with('\n')) result.text += '\n';
      for (char c : text.text)
        if (c != '\r' && c != '\0') result.text += c;
    }
    if (!trim(result.text).empty()) break;
    result.text.clear();
  }
  if (result.text.size() > limit) {
    result.cut = true;
    std::size_t end = limit;
    while (end > 0 && (result.text[end] & 0xC0) == 0x80) --end;
    result.text.resize(end);
  }
  return result;
}

}  // namespace focalpost::mime
