// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <string_view>

#include "attachment/attachment.h"
#include "base/text.h"

namespace focalpost {
namespace {

using namespace std::string_view_literals;
using Kind = AttachmentKind;

struct Magic {
  std::size_t offset;
  std::string_view bytes;
  Kind kind;
};

/// First match counts; longer before shorter where one begins with the other.
constexpr Magic kMagic[] = {
    {0, "\x1F\x8B\x08"sv, Kind::kGzip},
    // APPNOTE 4.3.16 and 4.4.1.5: with files, without, and the marker of a once split archive.
    {0, "PK\x03\x04"sv, Kind::kZip},
    {0, "PK\x05\x06"sv, Kind::kZip},
    {0, "PK00PK\x03\x04"sv, Kind::kZip},
    {0, "PK\x07\x08PK\x03\x04"sv, Kind::kZip},
    {0, "7z\xBC\xAF\x27\x1C"sv, Kind::kOtherArchive},
    {0, "Rar!\x1A\x07"sv, Kind::kOtherArchive},
    {257, "ustar"sv, Kind::kOtherArchive},
    {0, "BZh"sv, Kind::kOtherArchive},
    {0,
     "\xFD"
     "7zXZ\x00"sv,
     Kind::kOtherArchive},
    {0, "\x28\xB5\x2F\xFD"sv, Kind::kOtherArchive},
    {0, "MSCF\x00\x00\x00\x00"sv, Kind::kOtherArchive},
    {0, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"sv, Kind::kOle},
    {0, "%PDF-"sv, Kind::kPdf},
    {0, "\x89PNG\r\n\x1A\n"sv, Kind::kImage},
    {0, "\xFF\xD8\xFF"sv, Kind::kImage},
    {0, "GIF87a"sv, Kind::kImage},
    {0, "GIF89a"sv, Kind::kImage},
    {0, "II*\x00"sv, Kind::kImage},
    {0, "MM\x00*"sv, Kind::kImage},
    {8, "WEBP"sv, Kind::kImage},
    {4, "ftypheic"sv, Kind::kImage},
    {4, "ftypmif1"sv, Kind::kImage},
    {0, "\x78\x9F\x3E\x22"sv, Kind::kTnef},
    {0, "-----BEGIN PGP MESSAGE-----"sv, Kind::kEncrypted},
    {0, "-----BEGIN PGP SIGNED MESSAGE-----"sv, Kind::kPgpSigned},
    {0, "MZ\x90\x00"sv, Kind::kProgram},
    {0,
     "\x7F"
     "ELF"sv,
     Kind::kProgram},
};

}  // namespace

AttachmentKind detect_attachment(std::string_view head) {
  if (head.empty()) return Kind::kEmpty;
  for (const Magic& magic : kMagic) {
    if (head.size() < magic.offset || head.substr(magic.offset, magic.bytes.size()) != magic.bytes)
      continue;
    if (magic.kind == Kind::kZip) {
      // The first local file header's name begins at byte 30.
      std::string_view first = head.substr(std::min<std::size_t>(head.size(), 30));
      if (first.starts_with("mimetypeapplication/vnd.oasis.opendocument"))
        return Kind::kOpenDocument;
      if (first.starts_with("[Content_Types].xml")) return Kind::kOoxml;
    }
    // MS-OFFCRYPTO 2.3.4: the stream's name in the compound file's directory, in UTF-16.
    if (magic.kind == Kind::kOle &&
        head.find("E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e"sv) != head.npos)
      return Kind::kEncrypted;
    return magic.kind;
  }
  std::string_view text = head;
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  text = trim(text);
  if (ascii_istarts_with(text, "<!doctype html") || ascii_istarts_with(text, "<html"))
    return Kind::kHtml;
  return Kind::kPlain;
}

std::string_view describe(AttachmentKind kind) {
  switch (kind) {
    case Kind::kEmpty:
      return "an empty file";
    case Kind::kPlain:
      return "a file";
    case Kind::kGzip:
      return "a gzip file";
    case Kind::kZip:
      return "a zip archive";
    case Kind::kOtherArchive:
      return "an archive other than zip or gzip";
    case Kind::kOoxml:
      return "an Office document (docx, xlsx, pptx)";
    case Kind::kOpenDocument:
      return "an OpenDocument file (odt, ods)";
    case Kind::kOle:
      return "an old Office or Outlook file (doc, xls, msg)";
    case Kind::kEncrypted:
      return "an encrypted document";
    case Kind::kPdf:
      return "a PDF document";
    case Kind::kImage:
      return "an image";
    case Kind::kTnef:
      return "an Outlook package (winmail.dat)";
    case Kind::kPgpSigned:
      return "a signed file";
    case Kind::kHtml:
      return "a web page";
    case Kind::kProgram:
      return "a program";
  }
  return "a file";
}

}  // namespace focalpost
