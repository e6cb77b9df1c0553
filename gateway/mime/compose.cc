// SPDX-License-Identifier: Apache-2.0
#include "mime/compose.h"

#include <fmt/format.h>
#include <mimetic/mimetic.h>

#include <algorithm>
#include <array>
#include <exception>

#include "base/hash.h"
#include "base/text.h"
#include "mime/message.h"
#include "mime/words.h"

namespace focalpost::mime {
namespace {

constexpr std::string_view kHex = "0123456789ABCDEF";

/// What quoted-printable leaves as it is, wherever it stands.
constexpr std::array<bool, 256> kPlain = [] {
  std::array<bool, 256> plain{};
  for (std::size_t c = 33; c <= 126; ++c) plain[c] = c != '=';
  return plain;
}();

/// Appends canonical text as quoted-printable (RFC 2045 6.7): lines of at most 76, CRLF.
void append_quoted_printable(std::string& out, std::string_view text) {
  constexpr std::size_t kMostColumn = 75;  // and a '=' for the soft break
  const std::size_t start = out.size();
  // Three bytes for one, and three more for a break after every 25 of them at the latest.
  out.resize(start + text.size() * 3 + text.size() * 3 / 25 * 3 + 8);
  char* o = out.data() + start;
  std::size_t column = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    auto byte = static_cast<unsigned char>(c);
    if (c == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
    if (c == '\n') {
      *o++ = '\r';
      *o++ = '\n';
      column = 0;
      continue;
    }
    bool plain = kPlain[byte];
    if (c == ' ' || c == '\t')
      plain = i + 1 < text.size() && text[i + 1] != '\n' && text[i + 1] != '\r';
    // At the start of a line these are not safe from mbox files and careless servers.
    if (column == 0 && (c == '.' || (c == 'F' && text.substr(i, 5) == "From "))) plain = false;
    std::size_t width = plain ? 1 : 3;
    if (column + width > kMostColumn) {
      *o++ = '=';
      *o++ = '\r';
      *o++ = '\n';
      column = 0;
    }
    if (plain) {
      *o++ = c;
    } else {
      *o++ = '=';
      *o++ = kHex[byte >> 4];
      *o++ = kHex[byte & 15];
    }
    column += width;
  }
  out.resize(static_cast<std::size_t>(o - out.data()));
}

/// Appends lines of 76, CRLF between them.
void append_base64(std::string& out, std::string_view bytes) {
  constexpr const char* digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const std::size_t start = out.size();
  out.resize(start + (bytes.size() + 2) / 3 * 4 + bytes.size() / 57 * 2 + 8);
  char* o = out.data() + start;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    if (i > 0 && i % 57 == 0) {
      *o++ = '\r';
      *o++ = '\n';
    }
    std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    unsigned bits = static_cast<unsigned char>(bytes[i]) * 0x10000u;
    if (count > 1) bits |= static_cast<unsigned char>(bytes[i + 1]) * 0x100u;
    if (count > 2) bits |= static_cast<unsigned char>(bytes[i + 2]);
    *o++ = digits[bits >> 18];
    *o++ = digits[bits >> 12 & 63];
    *o++ = count > 1 ? digits[bits >> 6 & 63] : '=';
    *o++ = count > 2 ? digits[bits & 63] : '=';
  }
  out.resize(static_cast<std::size_t>(o - out.data()));
}

/// One entity: mimetic's header, and what to write under it.
struct Entity {
  mimetic::Header header;
  std::string_view content;  ///< a leaf's, not encoded; a view into the Outgoing
  bool quoted = false;       ///< as quoted-printable, else as base64
  std::string boundary;      ///< a multipart's
  std::vector<Entity> children;
};

void add_field(mimetic::Header& header, std::string_view name, std::string_view value) {
  header.push_back(mimetic::Field(std::string(name), std::string(value)));
}

/// Field by field: mimetic's own operator<< folds again what is folded, which leaves empty lines.
void write_header(const mimetic::Header& header, std::string& out) {
  for (const mimetic::Field& field : header) {
    out.append(field.name().data(), field.name().size());
    out += ": ";
    out += field.value();
    out += "\r\n";
  }
  out += "\r\n";
}

/// At most four levels deep, all of our own making.
void write(const Entity& entity, std::string& out) {
  write_header(entity.header, out);
  if (entity.children.empty()) {
    if (entity.quoted)
      append_quoted_printable(out, entity.content);
    else
      append_base64(out, entity.content);
    return;
  }
  for (const Entity& child : entity.children) {
    out += "\r\n--" + entity.boundary + "\r\n";
    write(child, out);
  }
  out += "\r\n--" + entity.boundary + "--\r\n";
}

/// What stands below the header, attachments in pieces of their own; as deep as write().
void write_pieces(const Entity& entity, std::vector<std::string>& pieces) {
  if (pieces.empty()) pieces.emplace_back();
  if (entity.children.empty()) {
    if (entity.quoted)
      append_quoted_printable(pieces.back(), entity.content);
    else
      append_base64(pieces.back(), entity.content);
    return;
  }
  for (const Entity& child : entity.children) {
    const bool apart = child.children.empty() && !child.quoted;
    if (apart) pieces.emplace_back();
    pieces.back() += "\r\n--" + entity.boundary + "\r\n";
    if (apart)
      write(child, pieces.back());
    else {
      write_header(child.header, pieces.back());
      write_pieces(child, pieces);
    }
    if (apart) pieces.emplace_back();
  }
  pieces.back() += "\r\n--" + entity.boundary + "--\r\n";
}

Entity text_entity(const char* subtype, std::string_view text, std::string_view language) {
  Entity entity;
  mimetic::ContentType type("text", subtype);
  type.param("charset", "utf-8");
  entity.header.contentType(type);
  entity.header.contentTransferEncoding(mimetic::ContentTransferEncoding("quoted-printable"));
  if (!language.empty()) add_field(entity.header, "Content-Language", language);
  entity.content = text;
  entity.quoted = true;
  return entity;
}

/// Every level has a boundary of its own. "=_" cannot occur in quoted-printable, '_' not in base64:
/// a boundary is never found in a content.
Entity multipart(const char* subtype, const Outgoing& message, int level, Entity first) {
  Entity entity;
  std::string seed = fmt::format("{}\n{}\n{}", message.message_id, message.seed, level);
  entity.boundary = "=_" + to_hex(sha256(seed)).substr(0, 24);
  mimetic::ContentType type("multipart", subtype);
  type.param("boundary", entity.boundary);
  entity.header.contentType(type);
  entity.children.push_back(std::move(first));
  return entity;
}

/// "filename" twice: in ASCII for old programs, and in full (RFC 2231, RFC 6266 appendix D).
std::string name_parameter(std::string_view parameter, std::string_view name) {
  std::string ascii;
  bool same = true;
  for (std::size_t i = 0; i < name.size(); ++i) {
    char c = name[i];
    if ((c & 0xC0) == 0x80) continue;  // the rest of a code point
    bool fit = c >= 32 && c < 127 && c != '"' && c != '\\' && c != '%';
    same &= fit;
    ascii += fit ? c : '_';
  }
  constexpr std::size_t kMostAscii = 60;
  if (ascii.size() > kMostAscii) {
    std::size_t dot = ascii.rfind('.');
    std::string extension =
        dot != ascii.npos && ascii.size() - dot <= 16 ? ascii.substr(dot) : std::string();
    ascii = ascii.substr(0, kMostAscii - extension.size()) + extension;
    same = false;
  }
  std::string out = fmt::format(";\r\n {}=\"{}\"", parameter, ascii);
  if (same) return out;
  std::string encoded = percent_encode(name);
  if (encoded.size() <= 54) return out + fmt::format(";\r\n {}*=UTF-8''{}", parameter, encoded);
  // RFC 2231 3: in numbered pieces; a piece never ends inside of a %XX.
  std::string_view rest = encoded;
  for (int i = 0; !rest.empty(); ++i) {
    std::size_t take = std::min<std::size_t>(rest.size(), 48);
    if (take < rest.size())
      for (std::size_t back = 1; back <= 2; ++back)
        if (rest[take - back] == '%') {
          take -= back;
          break;
        }
    out += fmt::format(";\r\n {}*{}*={}{}", parameter, i, i == 0 ? "UTF-8''" : "",
                       rest.substr(0, take));
    rest.remove_prefix(take);
  }
  return out;
}

bool is_token_text(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 32 && c < 127; });
}

Result<Entity> attachment_entity(const OutgoingAttachment& attachment) {
  if (!is_token_text(attachment.media_type) || attachment.media_type.find('/') == std::string::npos)
    return bug(
        fmt::format("attachment with the media type \"{}\"", one_line(attachment.media_type)));
  Entity entity;
  std::string name = safe_file_name(attachment.name);
  if (name.empty()) name = "attachment";
  bool is_inline = !attachment.content_id.empty();
  add_field(entity.header, "Content-Type", attachment.media_type + name_parameter("name", name));
  add_field(entity.header, "Content-Disposition",
            (is_inline ? "inline" : "attachment") + name_parameter("filename", name));
  if (is_inline) add_field(entity.header, "Content-ID", "<" + attachment.content_id + ">");
  entity.header.contentTransferEncoding(mimetic::ContentTransferEncoding("base64"));
  entity.content = attachment.bytes;
  return entity;
}

/// "<left@right>" of printable ASCII.
/// QUIRK: RFC 5322 3.6.4: an id has an '@'; some programs write "<11107978796724623>". `foreign`:
/// to answer such a message its id is written as it came.
bool is_message_id(std::string_view id, bool foreign = false) {
  return id.size() > 4 && id.size() <= 900 && id.front() == '<' && id.back() == '>' &&
         (foreign || id.find('@') != id.npos) &&
         std::all_of(id.begin(), id.end(), [](char c) { return c > 32 && c < 127; }) &&
         id.find_first_of("<>", 1) == id.size() - 1;
}

std::string mailbox_value(std::string_view field, const Mailbox& mailbox) {
  if (trim(clean_text(mailbox.name)).empty()) return mailbox.address;
  std::string value = encode_phrase(mailbox.name, field.size() + 2);
  std::size_t line = value.size() - std::min(value.rfind('\n') + 1, value.size());
  if (value.find('\n') == std::string::npos) line = field.size() + 2 + value.size();
  bool fits = line + mailbox.address.size() + 3 <= 78;
  return value + (fits ? " <" : "\r\n <") + mailbox.address + ">";
}

Error bad_value(std::string_view field, std::string_view value) {
  return not_right(fmt::format("cannot write \"{}\" into the field {} of a message",
                               one_line(shorten(value, 80)), field),
                   "Correct the address or the id where it is set.");
}

Status add_top_fields(const Outgoing& message, mimetic::Header& top) {
  if (!is_sendable_address(message.from.address)) return bad_value("From", message.from.address);
  if (!is_sendable_address(message.to.address)) return bad_value("To", message.to.address);
  if (!is_message_id(message.message_id)) return bad_value("Message-ID", message.message_id);
  add_field(top, "Date", format_rfc5322(message.date));
  add_field(top, "From", mailbox_value("From", message.from));
  add_field(top, "To", mailbox_value("To", message.to));
  add_field(top, "Subject", encode_text("Subject", message.subject));
  add_field(top, "Message-ID", message.message_id);
  if (!message.in_reply_to.empty()) {
    if (!is_message_id(message.in_reply_to, true))
      return bad_value("In-Reply-To", message.in_reply_to);
    add_field(top, "In-Reply-To", message.in_reply_to);
  }
  if (!message.references.empty()) {
    std::string value;
    std::size_t skip = message.references.size() > kMostReferences
                           ? message.references.size() - kMostReferences
                           : 0;
    for (std::size_t i = 0; i < message.references.size(); ++i) {
      if (i > 0 && i <= skip) continue;
      const std::string& id = message.references[i];
      if (!is_message_id(id, true)) return bad_value("References", id);
      if (!value.empty()) value += "\r\n ";
      value += id;
    }
    add_field(top, "References", value);
  }
  if (!message.auto_submitted.empty()) {
    if (message.auto_submitted != "auto-replied" && message.auto_submitted != "auto-generated")
      return bad_value("Auto-Submitted", message.auto_submitted);
    // RFC 3834 3.1.8 asks for nothing else, and advises against Precedence. Exchange heeds only its
    // own field; "All" keeps it from answering us automatically.
    add_field(top, "Auto-Submitted", message.auto_submitted);
    add_field(top, "X-Auto-Response-Suppress", "All");
  }
  for (const auto& [name, value] : message.headers) {
    bool token = !name.empty() && std::all_of(name.begin(), name.end(),
                                              [](char c) { return c > 32 && c < 127 && c != ':'; });
    if (!token || ascii_iequal(name, "Return-Path")) return bad_value(name, value);
    // Of addresses in brackets (RFC 2369) every byte counts: no encoded words, however long.
    const bool bracketed =
        value.size() > 2 && value.size() < 900 && value.front() == '<' && value.back() == '>' &&
        std::all_of(value.begin(), value.end(), [](char c) { return c > 32 && c < 127; });
    add_field(top, name, bracketed ? value : encode_text(name, value));
  }
  top.mimeVersion(mimetic::MimeVersion("1.0"));
  return {};
}

/// The tree; the outermost entity has no fields but those of its content.
Result<Entity> build_body(const Outgoing& message) {
  std::string language(trim(clean_text(message.language)));
  if (!is_token_text(language)) return bad_value("Content-Language", message.language);
  Entity body = text_entity("plain", message.plain, language);
  if (!message.html.empty()) {
    body = multipart("alternative", message, 1, std::move(body));
    body.children.push_back(text_entity("html", message.html, language));
  }
  // Inline ones belong to the text, the others stand beside it.
  for (bool inlines : {true, false}) {
    bool first = true;
    for (const auto& attachment : message.attachments) {
      if (attachment.content_id.empty() == inlines) continue;
      if (inlines && !is_message_id("<" + attachment.content_id + ">"))
        return bad_value("Content-ID", attachment.content_id);
      if (first)
        body = multipart(inlines ? "related" : "mixed", message, inlines ? 2 : 3, std::move(body));
      first = false;
      FP_ASSIGN(Entity entity, attachment_entity(attachment));
      body.children.push_back(std::move(entity));
    }
  }
  if (!language.empty() && !body.children.empty())
    add_field(body.header, "Content-Language", language);
  return body;
}

Result<Entity> build(const Outgoing& message) {
  FP_ASSIGN(Entity body, build_body(message));
  // The outermost entity is the message: its own fields follow those of RFC 5322.
  mimetic::Header top;
  FP_TRY(add_top_fields(message, top));
  body.header.insert(body.header.begin(), top.begin(), top.end());
  return body;
}

}  // namespace

bool is_sendable_address(std::string_view address) {
  auto at = address.rfind('@');
  if (address.size() > 320 || at == address.npos || at == 0 || at + 1 == address.size())
    return false;
  // RFC 5321 4.1.2; bytes beyond ASCII are RFC 6531's. Quoted local parts with spaces are not sent
  // to.
  return is_utf8(address) && one_line(address) == address &&
         address.find_first_of(" <>()[],;:\\\"") == address.npos;
}

Result<std::string> compose(const Outgoing& message) {
  try {
    FP_ASSIGN(Entity entity, build(message));
    std::string out;
    std::size_t size = message.plain.size() * 4 + message.html.size() * 4 + 4096;
    for (const auto& a : message.attachments) size += a.bytes.size() / 57 * 78 + 1024;
    out.reserve(size);
    write(entity, out);
    if (!out.ends_with("\r\n")) out += "\r\n";
    return out;
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& e) {
    return bug(fmt::format("cannot put a message together: {}", one_line(e.what())));
  }
}

Result<Body> compose_body(const Outgoing& message) {
  try {
    Outgoing shared = message;
    shared.message_id.clear();
    shared.seed = "shared";
    FP_ASSIGN(Entity entity, build_body(shared));
    Body body;
    write_header(entity.header, body.fields);
    body.fields.resize(body.fields.size() - 2);  // the empty line
    write_pieces(entity, body.pieces);
    if (!body.pieces.back().ends_with("\r\n")) body.pieces.back() += "\r\n";
    std::erase_if(body.pieces, [](const std::string& piece) { return piece.empty(); });
    return body;
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& e) {
    return bug(fmt::format("cannot put a message together: {}", one_line(e.what())));
  }
}

Result<std::string> compose_header(const Outgoing& message, const Body& body) {
  mimetic::Header top;
  FP_TRY(add_top_fields(message, top));
  std::string out;
  write_header(top, out);
  out.resize(out.size() - 2);
  return out + body.fields + "\r\n";
}

std::string reply_message_id(std::string_view docket, unsigned attempt,
                             std::string_view gateway_domain) {
  std::string left = fmt::format("{}.{}", docket, attempt);
  std::string digest = to_hex(sha256(fmt::format("{}@{}", left, gateway_domain)));
  return fmt::format("<{}.{}@{}>", left, digest.substr(0, 6), gateway_domain);
}

}  // namespace focalpost::mime
