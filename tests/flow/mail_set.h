// SPDX-License-Identifier: Apache-2.0
//
// mail_set: one dataset as the mail programs of focal points send it: the shapes of seven programs,
// in seven character sets, with the file's name and the subject written in four ways.
//
// Composed at run time: nothing of it lies in the repository, and a new program, set or way of
// writing is one row more.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/charset.h"
#include "lab.h"
#include "tnef_maker.h"

namespace mail_set {

using namespace lab;

enum class NameIn { kEncodedWord, kContinued, kRaw, kMislabelled };
inline constexpr std::array kNamesIn = {NameIn::kEncodedWord, NameIn::kContinued, NameIn::kRaw,
                                        NameIn::kMislabelled};
inline std::string_view text_of(NameIn way) {
  constexpr std::array<std::string_view, 4> kTexts = {
      "RFC 2047 in the parameter", "RFC 2231 continued", "raw 8-bit", "mislabelled"};
  return kTexts[std::size_t(way)];
}

/// A character set as a mail is written in it.
struct Set {
  std::string_view name;   ///< as written in the mail; empty: nothing is said
  std::string_view bytes;  ///< what it really is
  std::string_view wrong;  ///< a label that is not true
  std::uint32_t code_page;
  std::string_view file_name;  ///< UTF-8
};
inline constexpr std::array kSets = {
    Set{"koi8-r", "koi8-r", "windows-1251", 20866, "Убежище_март_2026.xml"},
    Set{"koi8-u", "koi8-u", "windows-1251", 21866, "Притулок_квітень_2026.xml"},
    Set{"windows-1251", "windows-1251", "koi8-r", 1251, "Убежище — март 2026.xml"},
    Set{"cp866", "cp866", "iso-8859-1", 866, "Сведения об убежище.xml"},
    Set{"iso-8859-5", "iso-8859-5", "utf-8", 28595, "Ходатайства_2026.xml"},
    Set{"UTF-8", "UTF-8", "windows-1251", 65001, "Прохання про притулок, Україна.xml"},
    Set{"", "windows-1251", "us-ascii", 0, "Убежище_Кыргызстан.xml"},
};

/// UTF-8 to a set; what the set does not have is a mistake of the test.
inline std::string encode(std::string_view utf8, std::string_view set) {
  if (set == "UTF-8") return std::string(utf8);
  static std::map<std::string, std::map<std::string, char>, std::less<>> tables;
  auto& table = tables[std::string(set)];
  if (table.empty())
    for (unsigned byte = 0x80; byte <= 0xFF; ++byte) {
      char c = static_cast<char>(byte);
      auto one = to_utf8({&c, 1}, set);
      if (one.ok() && one->clean) table.emplace(one->text, c);
    }
  std::string out;
  for (std::size_t i = 0; i < utf8.size();) {
    auto lead = static_cast<unsigned char>(utf8[i]);
    std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : 3;
    auto at = table.find(std::string(utf8.substr(i, length)));
    if (lead >= 0x80 && at == table.end()) std::abort();
    out += lead < 0x80 ? utf8[i] : at->second;
    i += length;
  }
  return out;
}

inline std::string one_line_base64(std::string_view bytes) {
  std::string all = base64(bytes);
  std::erase_if(all, [](char c) { return c == '\r' || c == '\n'; });
  return all;
}

/// Encoded words that cut characters where they cut, as many programs do.
inline std::string words(std::string_view bytes, std::string_view label) {
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += 21)
    out += (at == 0 ? "=?" : "\r\n =?") + std::string(label.empty() ? "unknown-8bit" : label) +
           "?B?" + one_line_base64(bytes.substr(at, 21)) + "?=";
  return out;
}

/// `name="..."` in one of the four ways.
inline std::string parameter(std::string_view name, std::string_view bytes, const Set& set,
                             NameIn way) {
  std::string key(name);
  switch (way) {
    case NameIn::kEncodedWord:
      return key + "=\"" + words(bytes, set.name) + "\"";
    case NameIn::kMislabelled:
      return key + "=\"" + words(bytes, set.wrong) + "\"";
    case NameIn::kRaw:
      return key + "=\"" + std::string(bytes) + "\"";
    case NameIn::kContinued:
      break;
  }
  std::string out;
  std::size_t piece = 0;
  for (std::size_t at = 0; at < bytes.size(); at += 12, ++piece) {
    if (piece > 0) out += ";\r\n\t";
    out += fmt::format("{}*{}*={}", key, piece, piece == 0 ? std::string(set.name) + "''" : "");
    for (char c : bytes.substr(at, 12))
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

/// A field's text; RFC 2231 is for parameters alone.
inline std::string field(std::string_view bytes, const Set& set, NameIn way) {
  if (way == NameIn::kRaw) return std::string(bytes);
  return words(bytes, way == NameIn::kMislabelled ? set.wrong : set.name);
}

struct Ingredients {
  const Set& set;
  NameIn way;
  std::string data;     ///< the file
  std::string subject;  ///< the field, ready
  std::string from;
  std::string text;  ///< the body, in the set
  std::string head;  ///< From to Message-ID

  std::string name_bytes() const { return encode(set.file_name, set.bytes); }
  std::string label() const {
    if (set.name.empty()) return "";
    return "; charset=" + std::string(way == NameIn::kMislabelled ? set.wrong : set.name);
  }
  std::string named(std::string_view key) const { return parameter(key, name_bytes(), set, way); }
};

/// `exact`: as of a file, whose line ends stay as they are.
inline std::string quoted_printable(std::string_view bytes, bool exact = false) {
  std::string out;
  std::size_t column = 0;
  for (char c : bytes) {
    std::string piece(1, c);
    if (c == '=' || static_cast<unsigned char>(c) > 126 || (c < 32 && (exact || c != '\n')))
      piece = fmt::format("={:02X}", static_cast<unsigned char>(c));
    bool line_end = c == '\n' && !exact;
    if (!line_end && column + piece.size() > 75) out += "=\r\n", column = 0;
    out += line_end ? "\r\n" : piece;
    column = line_end ? 0 : column + piece.size();
  }
  return out;
}

struct Shape {
  std::string_view name;
  std::function<std::string(const Ingredients&)> compose;
};

inline const std::vector<Shape>& shapes() {
  static const std::string logo =
      base64(std::string("\x89PNG\r\n\x1A\n", 8) + std::string(300, 'x'));
  static const std::vector<Shape> all = {
      {"Outlook",
       [](const Ingredients& i) {
         return i.head +
                "X-Mailer: Microsoft Outlook 16.0\r\nThread-Index: AdrM1Yw5\r\nContent-Language: "
                "ru\r\n"
                "Content-Type: "
                "multipart/mixed;\r\n\tboundary=\"----=_NextPart_000_0011_01DCC8E2\"\r\n\r\n"
                "This is a multipart message in MIME format.\r\n\r\n"
                "------=_NextPart_000_0011_01DCC8E2\r\nContent-Type: multipart/alternative;\r\n"
                "\tboundary=\"----=_NextPart_001_0012_01DCC8E2\"\r\n\r\n"
                "------=_NextPart_001_0012_01DCC8E2\r\nContent-Type: text/plain" +
                i.label() + "\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + i.text +
                "\r\n------=_NextPart_001_0012_01DCC8E2\r\nContent-Type: text/html" + i.label() +
                "\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" +
                quoted_printable("<html><body><p class=MsoNormal>" + i.text +
                                 "</p></body></html>\n") +
                "\r\n------=_NextPart_001_0012_01DCC8E2--\r\n\r\n"
                "------=_NextPart_000_0011_01DCC8E2\r\nContent-Type: text/xml;\r\n\t" +
                i.named("name") +
                "\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment;\r\n\t" +
                i.named("filename") + "\r\n\r\n" + base64(i.data) +
                "\r\n------=_NextPart_000_0011_01DCC8E2--\r\n";
       }},
      {"Outlook with winmail.dat",
       [](const Ingredients& i) {
         // Within the package there are no parameters: the name is Unicode, in the code page that
         // is declared, in one that is not, or in another than is declared.
         tnef_maker::Attachment file;
         std::uint32_t page = i.set.code_page;
         file.title = i.name_bytes();
         file.data = i.data;
         if (i.way == NameIn::kEncodedWord)
           for (std::size_t at = 0; at < i.set.file_name.size();) {
             auto lead = static_cast<unsigned char>(i.set.file_name[at]);
             std::size_t n = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : 3;
             unsigned point = n == 1 ? lead : lead & (n == 2 ? 0x1F : 0x0F);
             for (std::size_t k = 1; k < n; ++k)
               point = point << 6 | (static_cast<unsigned char>(i.set.file_name[at + k]) & 0x3F);
             file.long_name += static_cast<char16_t>(point);
             at += n;
           }
         if (i.way == NameIn::kContinued) {
           file.long_name_bytes = i.name_bytes();
           file.title = "ASYLUM~1.XML";
         }
         if (i.way == NameIn::kRaw) page = 0;
         if (i.way == NameIn::kMislabelled) page = i.set.bytes == "windows-1251" ? 866 : 1251;
         tnef_maker::Package package(page);
         package.add(file);
         return i.head +
                "X-MS-TNEF-Correlator: <0011@kg.example>\r\nContent-Language: ru-RU\r\n"
                "Content-Type: multipart/mixed;\r\n\tboundary=\"_000_ABC_\"\r\n\r\n--_000_ABC_\r\n"
                "Content-Type: text/plain" +
                i.label() + "\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64(i.text) +
                "\r\n--_000_ABC_\r\nContent-Disposition: attachment; filename=\"winmail.dat\"\r\n"
                "Content-Transfer-Encoding: base64\r\nContent-Type: application/ms-tnef; "
                "name=\"winmail.dat\"\r\n\r\n" +
                base64(package.bytes()) + "\r\n--_000_ABC_--\r\n";
       }},
      {"mail.ru",
       [](const Ingredients& i) {
         return i.head +
                "X-Mailer: Mail.Ru Mailer 1.0\r\nX-Priority: 3 (Normal)\r\nContent-Type: "
                "multipart/mixed;\r\n\tboundary=\"----tWGfQ--PZ1a.Mix\"\r\n\r\n"
                "------tWGfQ--PZ1a.Mix\r\nContent-Type: multipart/alternative;\r\n"
                "\tboundary=\"--ALT--PZ1a\"\r\n\r\n----ALT--PZ1a\r\nContent-Type: text/plain" +
                i.label() + "\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64(i.text) +
                "\r\n----ALT--PZ1a\r\nContent-Type: text/html" + i.label() +
                "\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
                base64("<HTML><BODY>" + i.text + "</BODY></HTML>") +
                "\r\n----ALT--PZ1a--\r\n------tWGfQ--PZ1a.Mix\r\nContent-Type: "
                "application/octet-stream; " +
                i.named("name") + "\r\nContent-Disposition: attachment; " + i.named("filename") +
                "\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64(i.data) +
                "\r\n------tWGfQ--PZ1a.Mix--\r\n";
       }},
      {"Yandex",
       [](const Ingredients& i) {
         return i.head +
                "X-Mailer: Yamail [ http://yandex.ru ] 5.0\r\nContent-Type: multipart/mixed;\r\n"
                "\tboundary=\"----==--bound.9951.web\"\r\n\r\n\r\n------==--bound.9951.web\r\n"
                "Content-Transfer-Encoding: 8bit\r\nContent-Type: text/html" +
                i.label() + "\r\n\r\n<div>" + i.text +
                "</div>\r\n------==--bound.9951.web\r\nContent-Disposition: attachment;\r\n\t" +
                i.named("filename") +
                "\r\nContent-Transfer-Encoding: base64\r\nContent-Type: "
                "application/xml;\r\n\t" +
                i.named("name") + "\r\n\r\n" + base64(i.data) +
                "\r\n------==--bound.9951.web--\r\n";
       }},
      {"Gmail",
       [](const Ingredients& i) {
         return i.head +
                "Content-Type: multipart/mixed; boundary=\"000000000000aa11bb\"\r\n\r\n"
                "--000000000000aa11bb\r\nContent-Type: multipart/alternative; "
                "boundary=\"000000000000aa11b9\"\r\n\r\n--000000000000aa11b9\r\nContent-Type: "
                "text/plain" +
                i.label() + "\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64(i.text) +
                "\r\n--000000000000aa11b9\r\nContent-Type: text/html" + i.label() +
                "\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
                base64("<div dir=\"ltr\">" + i.text + "</div>") +
                "\r\n--000000000000aa11b9--\r\n--000000000000aa11bb\r\nContent-Type: text/xml; "
                "charset=\"US-ASCII\"; " +
                i.named("name") + "\r\nContent-Disposition: attachment; " + i.named("filename") +
                "\r\nContent-Transfer-Encoding: base64\r\nContent-ID: <f_mfx0>\r\n"
                "X-Attachment-Id: f_mfx0\r\n\r\n" +
                base64(i.data) + "\r\n--000000000000aa11bb--\r\n";
       }},
      {"Thunderbird",
       [](const Ingredients& i) {
         return i.head +
                "User-Agent: Mozilla Thunderbird\r\nContent-Language: ru\r\nContent-Type: "
                "multipart/mixed; boundary=\"------------0a1B2c3D\"\r\n\r\nThis is a multi-part "
                "message in MIME format.\r\n--------------0a1B2c3D\r\nContent-Type: text/plain" +
                i.label() + "; format=flowed\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + i.text +
                " \r\nsoft\r\n-- \r\n-- \r\n--------------0a1B2c3D\r\nContent-Type: text/xml; " +
                i.named("name") + "\r\nContent-Disposition: attachment; " + i.named("filename") +
                "\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" +
                quoted_printable(i.data, true) + "\r\n--------------0a1B2c3D--\r\n";
       }},
      {"a phone",
       [](const Ingredients& i) {
         return i.head +
                "X-Mailer: iPhone Mail (22E240)\r\nContent-Type: multipart/mixed; "
                "boundary=Apple-Mail-8F\r\nContent-Transfer-Encoding: "
                "7bit\r\n\r\n--Apple-Mail-8F\r\n"
                "Content-Type: text/plain;\r\n\t" +
                (i.label().empty() ? "format=fixed" : i.label().substr(2)) +
                "\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" +
                quoted_printable(i.text) +
                "\r\n--Apple-Mail-8F\r\nContent-Type: application/xml;\r\n\t" + i.named("name") +
                ";\r\n\tx-unix-mode=0666\r\nContent-Disposition: inline;\r\n\t" +
                i.named("filename") + "\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
                base64(i.data) +
                "\r\n--Apple-Mail-8F\r\nContent-Type: image/png; name=logo.png\r\n"
                "Content-Disposition: inline; filename=logo.png\r\nContent-Transfer-Encoding: "
                "base64\r\n\r\n" +
                logo +
                "\r\n--Apple-Mail-8F\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n"
                "Sent from my phone\r\n--Apple-Mail-8F--\r\n";
       }},
  };
  return all;
}

struct Mail {
  std::string name;  ///< "Gmail, koi8-r, raw 8-bit"
  std::string shape;
  std::string file_name;  ///< UTF-8: what the receipt must say
  NameIn way;
  std::string bytes;
};

/// Every shape in every set with every way to write the name.
inline std::vector<Mail> all_mails(const std::string& data) {
  std::vector<Mail> all;
  for (const Shape& shape : shapes())
    for (const Set& set : kSets)
      for (NameIn way : kNamesIn) {
        Ingredients i{set, way, data, "", "", "", ""};
        i.subject = field(encode("Данные об убежище", set.bytes), set, way);
        i.text = encode(
                     "Добрый день! Направляем данные за март, файл приложен. С уважением, отдел "
                     "статистики.",
                     set.bytes) +
                 "\r\n";
        i.head =
            "From: " + field(encode("Отдел статистики", set.bytes), set, NameIn::kEncodedWord) +
            " <asylum.statistics@migration.kg.example>\r\nTo: <gateway@network.example>\r\n"
            "Subject: " +
            i.subject + "\r\nDate: Wed, 20 May 2026 08:00:00 +0600\r\n" +
            fmt::format("Message-ID: <set.{}@migration.kg.example>\r\n", all.size()) +
            "MIME-Version: 1.0\r\n";
        all.push_back({fmt::format("{}, {}, {}", shape.name,
                                   set.name.empty() ? "unlabelled" : set.name, text_of(way)),
                       std::string(shape.name), std::string(set.file_name), way, shape.compose(i)});
      }
  return all;
}

}  // namespace mail_set
