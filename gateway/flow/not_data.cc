// SPDX-License-Identifier: Apache-2.0
#include "flow/not_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/domain.h"
#include "base/text.h"
#include "mime/attachments.h"
#include "mime/words.h"

namespace focalpost {
namespace {

bool ends_with_any(std::string_view lower, std::initializer_list<std::string_view> endings) {
  return std::any_of(endings.begin(), endings.end(),
                     [&](std::string_view e) { return lower.ends_with(e); });
}

/// Small letters, Latin and Cyrillic; ё as е; apostrophes of every kind as '.
std::string fold(std::string_view utf8) {
  std::string out;
  out.reserve(utf8.size());
  for (std::size_t i = 0; i < utf8.size(); ++i) {
    auto a = static_cast<unsigned char>(utf8[i]);
    auto b = i + 1 < utf8.size() ? static_cast<unsigned char>(utf8[i + 1]) : 0u;
    auto put = [&](unsigned char lead, unsigned tail) {
      out += static_cast<char>(lead);
      out += static_cast<char>(tail);
      ++i;
    };
    if (a < 0x80) {
      out += static_cast<char>(a >= 'A' && a <= 'Z' ? a + 32 : a);
    } else if (a == 0xD0 && b >= 0x90 && b <= 0x9F) {
      put(0xD0, b + 0x20);  // А-П
    } else if (a == 0xD0 && b >= 0xA0 && b <= 0xAF) {
      put(0xD1, b - 0x20);  // Р-Я
    } else if ((a == 0xD0 && b == 0x81) || (a == 0xD1 && b == 0x91)) {
      put(0xD0, 0xB5);  // Ё, ё
    } else if (a == 0xD0 && b >= 0x80 && b <= 0x8F) {
      put(0xD1, b + 0x10);  // Є, І, Ї and others
    } else if (utf8.substr(i, 3) == "\u2019" || utf8.substr(i, 3) == "\u02BC") {
      out += '\'';
      i += 2;
    } else {
      out += utf8[i];
    }
  }
  return out;
}

enum Heading : unsigned { kNone = 0, kName = 1, kWeakName = 2, kBirth = 4, kPaper = 8, kHome = 16 };

bool has_any(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view w) { return text.find(w) != text.npos; });
}

/// What a column heading speaks of.
unsigned heading(std::string_view field) {
  constexpr std::size_t kLongest = 80;  // longer ones are sentences
  field = trim(field);
  while (!field.empty() && (field.front() == '"' || field.front() == '\'')) field.remove_prefix(1);
  while (!field.empty() && (field.back() == '"' || field.back() == ':')) field.remove_suffix(1);
  if (field.empty() || field.size() > kLongest) return kNone;
  std::string text = fold(field);
  std::replace(text.begin(), text.end(), '_', ' ');
  if (has_any(text, {"ф.и.о", "п.і.б", "фамили", "прізвищ", "surname", "last name", "lastname",
                     "family name", "first name", "firstname", "given name", "full name",
                     "fullname", "patronymic", "отчеств", "по батькові"}) ||
      text == "фио" || text == "піб" || text.starts_with("фио ") || text.starts_with("піб "))
    return kName;
  if (text == "name" || text == "имя" || text == "ім'я" || text == "names") return kWeakName;
  if (has_any(text, {"дата рожд", "дата народ", "год рожд", "рік народ", "birth date", "birthdate",
                     "date of birth", "birthday"}) ||
      text == "dob")
    return kBirth;
  if (has_any(text, {"паспорт", "passport", "номер документ", "снилс", "рнокпп", "пинфл",
                     "document number", "id number", "персональный номер"}) ||
      text == "инн" || text == "пин" || text == "ипн")
    return kPaper;
  if (has_any(text, {"адрес", "место жительств", "місце прожив", "телефон", "phone"})) return kHome;
  return kNone;
}

/// Do these headings, one beside the other, make a list of persons? Surnames alone do; a passport
/// alone may be counted ("passports issued").
bool persons(unsigned seen) {
  if (seen & kName) return true;
  if (seen & kWeakName) return seen & (kBirth | kPaper);
  return (seen & kBirth) && (seen & (kPaper | kHome));
}

/// A row of at least three headings.
bool heads_persons(std::string_view line) {
  for (char separator : {'\t', ';', ',', '|'}) {
    auto fields = split(line, separator);
    if (fields.size() < 3 || fields.size() > 200) continue;
    unsigned seen = 0;
    for (std::string_view field : fields) seen |= heading(field);
    if (persons(seen)) return true;
  }
  return false;
}

/// Names of elements and attributes.
bool tags_persons(std::string_view text) {
  constexpr std::size_t kMost = 400;
  unsigned seen = 0;
  std::size_t looked = 0;
  for (std::size_t at = text.find('<'); at != text.npos && looked < kMost;
       at = text.find('<', at + 1), ++looked) {
    std::string_view tag = text.substr(at + 1, 120);
    seen |= heading(tag.substr(0, tag.find_first_of(" \t\r\n/>")));
  }
  return persons(seen);
}

/// Where files are left to be fetched; a leading dot stands for any host below.
constexpr std::array<std::string_view, 38> kCloud = {"disk.yandex.ru",
                                                     "disk.yandex.com",
                                                     "disk.yandex.kz",
                                                     "disk.yandex.by",
                                                     "yadi.sk",
                                                     "disk.360.yandex.ru",
                                                     "cloud.mail.ru",
                                                     "files.mail.ru",
                                                     "drive.google.com",
                                                     "docs.google.com",
                                                     "onedrive.live.com",
                                                     "1drv.ms",
                                                     ".sharepoint.com",
                                                     "dropbox.com",
                                                     "www.dropbox.com",
                                                     "wetransfer.com",
                                                     "we.tl",
                                                     "icloud.com",
                                                     "www.icloud.com",
                                                     "mega.nz",
                                                     "mega.io",
                                                     "box.com",
                                                     ".box.com",
                                                     "fex.net",
                                                     "dropmefiles.com",
                                                     "dropmefiles.net",
                                                     "files.fm",
                                                     "filemail.com",
                                                     "transfer.sh",
                                                     "sendgb.com",
                                                     "sendspace.com",
                                                     "www.sendspace.com",
                                                     "mediafire.com",
                                                     "www.mediafire.com",
                                                     "terabox.com",
                                                     ".box.yandex.net",
                                                     "pcloud.com",
                                                     "u.pcloud.link"};

bool is_cloud(std::string_view host) {
  return std::any_of(kCloud.begin(), kCloud.end(), [&](std::string_view known) {
    return known.starts_with('.') ? host.ends_with(known) : host == known;
  });
}

}  // namespace

const Rule& rule_of(AttachmentProblem problem, AttachmentKind kind, std::string_view name) {
  switch (problem) {
    case AttachmentProblem::kTooLarge:
      return rules::archive_too_large;
    case AttachmentProblem::kRatio:
      return rules::archive_ratio;
    case AttachmentProblem::kTooManyMembers:
      return rules::archive_members;
    case AttachmentProblem::kTooDeep:
      return rules::archive_nested;
    case AttachmentProblem::kEncrypted:
      return kind == AttachmentKind::kEncrypted &&
                     ends_with_any(ascii_lower(name), {".asc", ".pgp", ".gpg"})
                 ? rules::message_encrypted
                 : rules::archive_encrypted;
    case AttachmentProblem::kDamaged:
      return kind == AttachmentKind::kTnef || kind == AttachmentKind::kPgpSigned
                 ? rules::wrapper_damaged
                 : rules::archive_damaged;
    case AttachmentProblem::kEmpty:
      return rules::empty_file;
    case AttachmentProblem::kNone:
    case AttachmentProblem::kNotOpened:
      break;
  }
  const std::string lower = ascii_lower(name);
  switch (kind) {
    case AttachmentKind::kOle:
      if (lower.ends_with(".msg")) return rules::not_data;
      [[fallthrough]];
    case AttachmentKind::kOoxml:
    case AttachmentKind::kOpenDocument:
      return ends_with_any(lower,
                           {".doc", ".docx", ".docm", ".dot", ".odt", ".ppt", ".pptx", ".odp"})
                 ? rules::text_document
                 : rules::spreadsheet;
    case AttachmentKind::kPdf:
      return rules::pdf_or_text_document;
    case AttachmentKind::kImage:
      return rules::picture;
    case AttachmentKind::kEncrypted:
      return rules::archive_encrypted;
    case AttachmentKind::kOtherArchive:
    case AttachmentKind::kZip:
    case AttachmentKind::kGzip:
      return rules::archive_kind;
    default:
      return rules::not_data;
  }
}

Finding charset_assumed(std::string component, std::string what, std::string_view set) {
  Finding finding;
  finding.rule = &rules::charset_assumed;
  finding.component = std::move(component);
  finding.value = shorten(one_line(what), 80);
  finding.expected = set;
  return finding;
}

bool lists_persons(std::string_view utf8) {
  // Titles may stand above the headings, but not much more.
  constexpr std::size_t kLines = 30, kLine = 4096;
  std::size_t lines = 0;
  for (std::size_t at = 0; at < utf8.size() && lines < kLines;) {
    std::size_t newline = std::min(utf8.find('\n', at), utf8.size());
    std::string_view line = trim(utf8.substr(at, newline - at));
    at = newline + 1;
    if (line.empty() || line.starts_with('>')) continue;
    ++lines;
    if (heads_persons(line.substr(0, kLine))) return true;
  }
  return false;
}

bool lists_persons(std::string_view head, FileKind kind) {
  switch (kind) {
    case FileKind::kSdmxCsv: {
      std::string_view line = head.substr(0, std::min(head.find('\n'), kTextLookedAt));
      return lists_persons(std::string_view(mime::decode_bytes(line, {}).text));
    }
    case FileKind::kText:
      return lists_persons(std::string_view(mime::decode_bytes(head, {}).text));
    case FileKind::kOtherXml:
      return tags_persons(mime::decode_bytes(head, {}).text);
    default:
      return false;
  }
}

std::optional<std::string> cloud_link(std::string_view utf8) {
  for (std::size_t at = utf8.find("://"); at != utf8.npos; at = utf8.find("://", at + 3)) {
    // What is quoted is somebody else's link.
    std::size_t line = utf8.rfind('\n', at);
    if (utf8.substr(line == utf8.npos ? 0 : line + 1).starts_with('>')) continue;
    std::string_view rest = utf8.substr(at + 3, 256);
    std::string host = ascii_lower(rest.substr(0, rest.find_first_of("/?#:> \t\r\n\"')]")));
    if (is_cloud(host)) return host;
  }
  return {};
}

std::optional<Finding> explain_text(std::string_view utf8) {
  Finding finding;
  if (lists_persons(utf8)) {
    finding.rule = &rules::personal_data;
    return finding;
  }
  if (auto host = cloud_link(utf8)) {
    finding.rule = &rules::cloud_link;
    finding.value = std::move(*host);
    return finding;
  }
  return {};
}

bool speaks_of_attachment(std::string_view utf8) {
  constexpr std::size_t kShort = 1000;
  if (utf8.size() > kShort || utf8.find('?') != utf8.npos) return false;
  return has_any(fold(utf8), {"attach", "enclosed", "вложен", "приложен", "прилага", "прикреплен",
                              "прикрепля", "вкладен", "додаю ", "додано", "долуча", "прикріпл"});
}

bool gives_password(std::string_view utf8) {
  std::string text = fold(utf8.substr(0, kTextLookedAt));
  for (std::string_view word : {"password", "passwd", "пароль", "парол", "pwd"})
    for (std::size_t at = text.find(word); at != text.npos; at = text.find(word, at + 1)) {
      std::string_view after = std::string_view(text).substr(at + word.size(), 60);
      after = after.substr(0, after.find('\n'));
      // "пароль: 1", "password is 1", "пароль к архиву - 1"
      if (after.find_first_of(":=") != after.npos || after.find(" - ") != after.npos ||
          after.find("—") != after.npos || after.find("–") != after.npos ||
          after.find(" is ") != after.npos)
        return true;
    }
  return false;
}

std::size_t other_recipients(const mime::Message& message, std::string_view own) {
  std::set<std::string> others;
  for (std::string_view field : {"To", "Cc"})
    for (const mime::Address& address : message.top().addresses(field)) {
      if (address.domain.empty()) continue;
      std::string spec = ascii_lower(address.spec);
      if (spec != ascii_lower(own) && without_tag(spec) != ascii_lower(own))
        others.insert(std::move(spec));
    }
  return others.size();
}

void remark(Docket& docket, const mime::Message& message, std::string_view text,
            std::string_view own, std::vector<Finding> notes) {
  if (docket.items.empty()) return;
  // Only who wrote to the gateway by name wrote to others "as well".
  std::size_t others = other_recipients(message, own);
  bool to_us = false;
  for (std::string_view field : {"To", "Cc"})
    for (const mime::Address& address : message.top().addresses(field))
      to_us = to_us || ascii_iequal(address.spec, own);
  if (others > 0 && to_us) {
    Finding several;
    several.rule = &rules::several_recipients;
    several.value = std::to_string(others);
    notes.push_back(std::move(several));
  }
  Item& first = docket.items.front();
  for (Finding& note : notes) {
    ++first.infos;
    first.findings.push_back(std::move(note));
  }
  auto encrypted = [](const Item& item) {
    return std::any_of(item.findings.begin(), item.findings.end(), [](const Finding& f) {
      return f.rule == &rules::archive_encrypted || f.rule == &rules::message_encrypted;
    });
  };
  std::optional<bool> password;
  for (Item& item : docket.items) {
    if (!encrypted(item)) continue;
    if (!password) password = gives_password(text);
    if (!*password) continue;
    Finding sent;
    sent.rule = &rules::password_sent;
    ++item.warnings;
    item.findings.push_back(std::move(sent));
  }
}

}  // namespace focalpost
