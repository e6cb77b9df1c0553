// SPDX-License-Identifier: Apache-2.0
//
// Broken mails that other projects have collected, through `once`: each as it is (from strangers),
// and each forwarded by a registered contact, so that it is looked into. Every one gets a verdict.
// And what their authors expect to find attached is compared with what we find: the table is in
// docs/found.md, which this test keeps true (UPDATE_FOUND=1 writes it anew). The mails are no part
// of the project: without them the test says so and passes.
#include <cstdlib>
#include <filesystem>
#include <map>

#include "base/json.h"
#include "catch.h"
#include "lab.h"
#include "mime/words.h"

using namespace lab;

namespace {

const fs::path kCollected = fs::path(SOURCE_DIR) / "../shared/reference/mail";

struct Corpus {
  std::string folder, ending, expectation;
};
const Corpus kCorpora[] = {
    {"enmime", ".raw", "none"},
    {"mail-parser", ".eml", "a JSON file beside each: its attachments"},
    {"mikel-mail", ".eml", "none"},
    {"mime4j", ".msg", "decoded binary parts beside each"},
};

std::vector<fs::path> mails_of(const Corpus& corpus) {
  std::vector<fs::path> found;
  for (const auto& entry : fs::recursive_directory_iterator(kCollected / corpus.folder))
    if (entry.is_regular_file() && entry.path().extension() == corpus.ending)
      found.push_back(entry.path());
  std::sort(found.begin(), found.end());
  return found;
}

std::string decoded(const mime::Part& part) {
  return must(read_all(*mime::body_source(part), 64 << 20));
}
std::string without_cr(std::string text) {
  std::erase(text, '\r');
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

/// The decoded leaves of a mail and of the mails in it, encoded ones too.
struct Leaves {
  std::vector<std::string> contents;
  std::size_t messages = 0;

  explicit Leaves(std::string raw) {
    std::vector<std::string> open{std::move(raw)};
    for (std::size_t i = 0; i < open.size() && i < 50; ++i) {
      std::string bytes = open[i];
      mime::Message message = mime::parse(bytes, Limits{});
      for (const mime::Part& part : message.parts) {
        messages += part.kind == mime::Kind::kMessage;
        if (!part.is_leaf) continue;
        std::string content = decoded(part);
        if (part.kind == mime::Kind::kMessage) open.push_back(content);
        contents.push_back(part.kind == mime::Kind::kText || part.media_type.starts_with("text/")
                               ? mime::decode_bytes(content, part.charset).text
                               : content);
      }
    }
  }
  bool has(const std::string& wanted) const {
    return std::any_of(contents.begin(), contents.end(), [&](const std::string& have) {
      return have == wanted || without_cr(have) == without_cr(wanted);
    });
  }
};

struct Compared {
  std::size_t expected = 0, found = 0;
  std::string missing;
};

/// mail-parser: the parts that its authors list as attachments.
void compare_json(const fs::path& mail, const Leaves& leaves, Compared& sum) {
  auto text = read_file(fs::path(mail).replace_extension(".json"));
  if (!text.ok()) return;
  auto whole = Json::parse(*text, nullptr, false);
  if (whole.is_discarded()) return;
  std::vector<const Json*> open{&whole};
  std::size_t messages = 0;
  while (!open.empty()) {
    const Json& message = *open.back();
    open.pop_back();
    for (const Json& part : message["parts"])
      if (part["body"].contains("Message")) open.push_back(&part["body"]["Message"]);
    for (const Json& index : message["attachments"]) {
      const Json& body = message["parts"][index.get<std::size_t>()]["body"];
      ++sum.expected;
      bool found = false;
      if (body.contains("Message")) {
        found = ++messages <= leaves.messages;
      } else if (body.contains("Text") || body.contains("Html")) {
        found = leaves.has(body[body.contains("Text") ? "Text" : "Html"].get<std::string>());
      } else {
        std::string bytes;
        for (const Json& byte : body[body.contains("Binary") ? "Binary" : "InlineBinary"])
          bytes += static_cast<char>(byte.get<unsigned>());
        found = leaves.has(bytes);
      }
      sum.found += found;
      if (!found) sum.missing += " " + mail.filename().string();
    }
  }
}

/// mime4j: NAME_decoded_1_2.bin are the binary parts of NAME.msg.
void compare_decoded(const fs::path& mail, const Leaves& leaves, Compared& sum) {
  std::string prefix = mail.stem().string() + "_decoded_";
  for (const auto& entry : fs::directory_iterator(mail.parent_path())) {
    std::string name = entry.path().filename().string();
    if (!name.starts_with(prefix) || entry.path().extension() != ".bin") continue;
    ++sum.expected;
    bool found = leaves.has(must(read_file(entry.path())));
    sum.found += found;
    if (!found) sum.missing += " " + name;
  }
}

}  // namespace

TEST_CASE("every collected mail gets a verdict, and what is attached is found") {
  if (!fs::exists(kCollected)) {
    WARN("no collected mails here: skipped");
    return;
  }
  std::string table;
  std::size_t all = 0;
  for (const Corpus& corpus : kCorpora) {
    INFO(corpus.folder);
    Lab lab;
    std::map<std::string, std::string> names;
    Compared sum;
    auto mails = mails_of(corpus);
    for (const fs::path& path : mails) {
      std::string raw = must(read_file(path));
      names[lab.put(raw)] = path.filename().string();
      std::string forwarded =
          "From: asylum.statistics@migration.kg.example\r\nTo: gateway@network.example\r\n"
          "Subject: FW\r\nMIME-Version: 1.0\r\nMessage-ID: <" +
          std::to_string(names.size()) + "@fw.example>\r\nContent-Type: message/rfc822\r\n\r\n" +
          raw;
      names[lab.put(forwarded)] = "FW: " + path.filename().string();
      Leaves leaves(raw);
      if (corpus.folder == "mail-parser") compare_json(path, leaves, sum);
      if (corpus.folder == "mime4j") compare_decoded(path, leaves, sum);
    }
    lab.once();
    CHECK(lab.count(Folder::kInbox) == 0);
    CHECK(lab.count(Folder::kFailed) == 0);
    std::map<std::string_view, std::size_t> verdicts;
    for (const auto& [uid, name] : names) {
      INFO(name);
      auto record = lab.docket_of(uid);
      REQUIRE(record);
      CHECK(record->docket.outcome != Outcome::kFailed);
      CHECK(record->docket.outcome != Outcome::kFiled);
      ++verdicts[outcome_name(record->docket.outcome)];
    }
    std::string said;
    for (const auto& [outcome, count] : verdicts)
      said += fmt::format("{}{} {}", said.empty() ? "" : ", ", count, outcome);
    bool compared = corpus.expectation != "none";
    table += fmt::format("| {} | {} | {} | {} | {} | {} |\n", corpus.folder, mails.size(), said,
                         corpus.expectation, compared ? std::to_string(sum.expected) : "",
                         compared ? std::to_string(sum.found) : "");
    UNSCOPED_INFO(corpus.folder << " not found:" << sum.missing);
    CHECK(sum.found * 100 >= sum.expected * 85);
    all += mails.size();
  }
  CHECK(all > 350);
  const fs::path page = fs::path(SOURCE_DIR) / "docs" / "found.md";
  std::string text = must(read_file(page));
  const std::string head = "|---|---|---|---|---|---|\n";
  auto at = text.find(head) + head.size();
  auto end = text.find("\n\n", at) + 1;
  if (std::getenv("UPDATE_FOUND") != nullptr) {
    text.replace(at, end - at, table);
    must(write_file_durably(page, text, 0644));
  }
  CHECK(text.substr(at, table.size()) == table);
}
