// SPDX-License-Identifier: Apache-2.0
//
// Letters that come by another door, or before the one that they imitate.
#include "catch.h"
#include "lab.h"

using namespace lab;

namespace {

constexpr std::string_view kPassed =
    "Authentication-Results: mx.host.example; dmarc=pass header.from=border.md.example\r\n";
constexpr std::string_view kFailed =
    "Authentication-Results: mx.host.example; dmarc=fail header.from=border.md.example\r\n";

/// Filing needs 2, and the server is believed.
struct StrictLab : Lab {
  StrictLab() {
    close();
    std::string settings = must(read_file(root() / "focalpost.toml"));
    settings = replaced(replaced(settings, "file = 1", "file = 2"), "revise = 1", "revise = 2");
    must(write_file_durably(
        root() / "focalpost.toml",
        settings + "\n[trust]\nauthserv_id = \"mx.host.example\"\nauthserv_tested = true\n"));
    open();
  }
  std::string send(const std::string& bytes, Folder folder = Folder::kInbox) {
    std::string uid = put(bytes, folder);
    clock.advance(std::chrono::seconds(1));
    once();
    return uid;
  }
};

Letter crossing(std::string_view value) {
  Letter letter;
  letter.id = "<taken@border.md.example>";
  return letter.attach("c.csv", crossings("2026-01", value));
}

}  // namespace

TEST_CASE("attack: a forged letter that takes a Message-ID ahead does not swallow the true one") {
  StrictLab lab;
  std::string forged, genuine;
  SECTION("with other data: the true one has a docket of its own") {
    forged = lab.send(std::string(kFailed) + crossing("999").bytes());
    genuine = lab.send(std::string(kPassed) + crossing("100").bytes());
    CHECK(lab.docket_of(forged)->docket.id != lab.docket_of(genuine)->docket.id);
    CHECK(lab.folder_of(forged) == "Held");
  }
  SECTION("with the same data: the surer copy is judged, not taken for a redelivery") {
    forged = lab.send(std::string(kFailed) + crossing("100").bytes());
    CHECK(lab.folder_of(forged) == "Held");
    genuine = lab.send(std::string(kPassed) + crossing("100").bytes());
    CHECK(lab.docket_of(forged)->docket.id != lab.docket_of(genuine)->docket.id);
  }
  CHECK(lab.folder_of(genuine) == "Filed");
  auto record = lab.docket_of(genuine);
  REQUIRE(record);
  CHECK(record->docket.sender.assurance == Assurance::kAligned);
  CHECK(record->docket.outcome == Outcome::kFiled);
  CHECK(lab.number("SELECT count(*) FROM data WHERE provider LIKE 'MD_%'") == 1);
  CHECK(lab.number("SELECT count(*) FROM data WHERE provider LIKE 'MD_%' AND CAST(value AS TEXT) = "
                   "'100'") == 1);
  // A copy that is no surer is a redelivery: nothing happens twice.
  const std::size_t mails = lab.mails_of(*record).size();
  std::string again = lab.send(std::string(kFailed) + crossing("100").bytes());
  const std::int64_t joined = lab.docket_of(again)->docket.id;
  CHECK((joined == record->docket.id || joined == lab.docket_of(forged)->docket.id));
  CHECK(lab.number("SELECT count(*) FROM docket") == 2);
  CHECK(lab.docket_of(genuine)->docket.sender.assurance == Assurance::kAligned);
  CHECK(lab.mails_of(*record).size() == mails);
}

TEST_CASE("attack: a letter delivered straight into another folder gets nothing from it") {
  StrictLab lab;
  std::string retry = lab.send(std::string(kFailed) + crossing("100").bytes(), Folder::kRetry);
  CHECK(lab.folder_of(retry) == "Held");
  std::string held = lab.send(std::string(kFailed) + crossing("101").bytes(), Folder::kHeld);
  CHECK(lab.folder_of(held) == "Held");
  CHECK_FALSE(lab.docket_of(held));
  std::string filed = lab.send(std::string(kPassed) + crossing("102").bytes(), Folder::kFiled);
  CHECK_FALSE(lab.docket_of(filed));
  CHECK(lab.number("SELECT count(*) FROM data WHERE provider LIKE 'MD_%'") == 0);
}

TEST_CASE("attack: replies go to From, whatever Reply-To and Sender say") {
  StrictLab lab;
  Letter letter = crossing("100");
  letter.headers =
      "Reply-To: evil@evil.example\r\nSender: evil@evil.example\r\n"
      "Return-Path: <evil@evil.example>\r\nDisposition-Notification-To: "
      "evil@evil.example\r\nErrors-To: evil@evil.example\r\n";
  std::string uid = lab.send(std::string(kPassed) + letter.bytes());
  auto entries = lab.mails_of(*lab.docket_of(uid));
  REQUIRE(entries.size() == 1);
  CHECK(entries[0].recipient == "border.statistics@border.md.example");
  auto reply = std::move(lab.replies_to(*lab.docket_of(uid)).at(0));
  CHECK(reply->to() == "border.statistics@border.md.example");
  CHECK(reply->raw.find("evil.example") == std::string::npos);
}

TEST_CASE("attack: a stranger's reply into a known thread is a stranger's letter") {
  StrictLab lab;
  std::string uid = lab.send(std::string(kFailed) + crossing("100").bytes());
  auto held = lab.docket_of(uid);
  REQUIRE(held->folder == "Held");
  Letter letter;
  letter.from = "evil@evil.example";
  letter.id = "<evil@evil.example>";
  const std::string ours = lab.replies_to(*held).at(0)->id();
  letter.headers =
      "In-Reply-To: " + ours + "\r\nReferences: <taken@border.md.example> " + ours + "\r\n";
  letter.subject = "Re: Border crossings [" + held->docket.number.text() + "]";
  letter.text = "Yes\r\n";
  std::string stranger =
      lab.send(std::string(kPassed) + letter.attach("c.csv", crossings("2026-02", "7")).bytes());
  CHECK(lab.docket_of(stranger)->docket.id != held->docket.id);
  CHECK(lab.docket_of(stranger)->docket.sender.assurance == Assurance::kNone);
  CHECK(lab.docket_of(uid)->folder == "Held");
  CHECK(lab.number("SELECT count(*) FROM data WHERE provider LIKE 'MD_%'") == 0);
}
