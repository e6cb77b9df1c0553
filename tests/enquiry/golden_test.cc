// SPDX-License-Identifier: Apache-2.0
//
// Mails and what is understood of them: golden/*.txt. A mail begins with "=== what it shows", has a
// line "Subject: ..." and a text; below "--- understood" is what was understood. UPDATE_GOLDEN=1
// writes the latter anew: read the difference as the one who wrote the mail.
#include <cstdlib>

#include "base/text.h"
#include "enquiry/shipped.h"

using namespace focalpost;
using namespace focalpost::enquiry;

namespace {

/// "\x00" and the like in a golden mail stand for bytes that no editor keeps.
std::string with_bytes(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i, 2) == "\\x" && i + 3 < text.size()) {
      out += static_cast<char>(std::stoi(std::string(text.substr(i + 2, 2)), nullptr, 16));
      i += 3;
    } else {
      out += text[i];
    }
  }
  return out;
}

}  // namespace

TEST_CASE("mails are understood as the golden files say") {
  const bool update = std::getenv("UPDATE_GOLDEN") != nullptr;
  std::size_t mails = 0;
  for (const auto& entry : fs::directory_iterator(fs::path(SOURCE_DIR) / "tests/enquiry/golden")) {
    auto file = read_file(entry.path());
    REQUIRE(file.ok());
    std::string written;
    std::string_view rest = *file;
    const auto first = rest.find("=== ");
    REQUIRE(first != rest.npos);
    written += rest.substr(0, first);
    rest.remove_prefix(first);
    while (!rest.empty()) {
      auto end = rest.find("\n=== ", 1);
      const std::string_view one = rest.substr(0, end == rest.npos ? end : end + 1);
      rest.remove_prefix(one.size());
      const auto mark = one.find("--- understood\n");
      const std::string_view mail = one.substr(0, mark);
      const auto title_end = mail.find('\n');
      REQUIRE(title_end != mail.npos);
      std::string_view text = mail.substr(title_end + 1), subject;
      if (text.starts_with("Subject:")) {
        const auto subject_end = text.find('\n');
        subject = trim(text.substr(8, subject_end - 8));
        text.remove_prefix(subject_end + 1);
      }
      const std::string said = told(read_mail(with_bytes(subject), with_bytes(text)));
      CHECK(is_utf8(said));
      ++mails;
      if (update) {
        written += std::string(mail);
        if (!written.ends_with('\n')) written += '\n';
        written += "--- understood\n" + said + "\n";
      } else {
        INFO(entry.path().filename().string() << "\n" << mail);
        REQUIRE(mark != one.npos);
        CHECK(std::string(trim(one.substr(mark + 15))) == std::string(trim(said)));
      }
    }
    if (update) REQUIRE(write_file_durably(entry.path(), written).ok());
  }
  CHECK(mails >= 80);
}
