// SPDX-License-Identifier: Apache-2.0
#include "flow/once.h"

#include <fmt/format.h>

#include <algorithm>
#include <iostream>

#include "base/json.h"
#include "base/text.h"
#include "cli/verbs.h"
#include "flow/crash_note.h"
#include "flow/desk.h"
#include "flow/rehearse.h"
#include "mime/message.h"

namespace focalpost::cli {
namespace {

struct Line {
  std::string docket, from, what, verdict, numbers, reply;
};

/// What a docket was about, for one row: the kinds of its items, or why it has none.
Line line_of(const Docket& docket, bool replied) {
  Line line;
  line.docket = docket.number.text();
  line.from = docket.sender.address;
  line.verdict = outcome_name(docket.outcome);
  line.reply = replied ? docket.sender.lang : "-";
  std::uint64_t created = 0, revised = 0, unchanged = 0;
  bool counted = false;
  std::size_t commands = 0;
  for (const Item& item : docket.items) {
    if (item.kind == kEnquiryKind) {
      ++commands;
      continue;
    }
    if (!line.what.empty()) line.what += ", ";
    for (const DatasetOutcome& dataset : item.datasets) {
      line.what += dataset.name_lang_id + " ";
      created += dataset.change.created;
      revised += dataset.change.revised;
      unchanged += dataset.change.unchanged;
      counted = true;
    }
    line.what += item.datasets.empty() ? item.kind : "(" + item.kind + ")";
    if (item.hold != HoldReason::kNone)
      line.verdict = fmt::format("held: {}", hold_reason_name(item.hold));
  }
  if (commands > 0)
    line.what += fmt::format("{}enquiry{}", line.what.empty() ? "" : ", ",
                             commands > 1 ? fmt::format(" ({} commands)", commands) : "");
  if (docket.items.empty()) line.what = docket.reason;
  line.numbers = counted ? fmt::format("{}/{}/{}", created, revised, unchanged) : "-";
  return line;
}

/// The letters in the Sent folder of a rehearsal's copy, which had none: to whom, about what.
Result<std::vector<std::pair<std::string, std::string>>> letters_in(const Home& copy) {
  std::vector<std::pair<std::string, std::string>> letters;
  for (const char* inside : {"cur", "new"}) {
    const fs::path folder = copy.paths().mailbox() / ".Sent" / inside;
    auto names = list_directory(folder);
    if (!names.ok()) continue;  // nothing was sent
    for (const std::string& name : *names) {
      FP_ASSIGN(const std::string bytes,
                read_file(folder / name, copy.settings().limits.message_bytes));
      const mime::Message message = mime::parse(bytes, copy.settings().limits);
      const auto to = message.top().addresses("To");
      letters.emplace_back(to.empty() ? "" : to.front().spec,
                           message.top().decoded("Subject").value_or(""));
    }
  }
  std::sort(letters.begin(), letters.end());
  return letters;
}

Result<int> pass(const Options& options, const fs::path& root, const Clock& clock,
                 const OnceArguments& arguments) {
  const bool rehearsal = !arguments.at.empty();
  FP_ASSIGN(Home home, Home::open(root, Home::Access::kWork));
  note_crashes_in(home.paths().temporary());
  FP_ASSIGN(PassResult pass, rehearsal ? rehearse_once(home, clock) : run_once(home, clock));
  std::vector<std::vector<std::string>> rows = {
      {"docket", "from", "what it was", "verdict", "new/revised/unchanged", "reply"}};
  Json all = Json::array();
  std::vector<std::pair<std::string, std::string>> letters;
  if (rehearsal) {
    FP_ASSIGN(letters, letters_in(home));
  }
  std::int64_t receipt = 0;
  std::string receipt_lang;
  constexpr std::size_t most_rows = 100;
  for (std::size_t i = 0; i < pass.intake.dockets.size(); ++i) {
    if (!options.json && i == most_rows) break;
    FP_ASSIGN(auto record, home.store().dockets().find(pass.intake.dockets[i]));
    if (!record) continue;
    FP_ASSIGN(auto replies, home.store().outbox().of_docket(record->docket.id));
    Line line = line_of(record->docket, !replies.empty());
    if (options.json) {
      all.push_back({{"docket", line.docket},
                     {"from", line.from},
                     {"what", line.what},
                     {"outcome", outcome_name(record->docket.outcome)},
                     {"folder", record->folder},
                     {"replies", replies.size()}});
    } else {
      rows.push_back({line.docket, line.from, line.what, line.verdict, line.numbers, line.reply});
    }
    // One in English if there is one: whoever tries the program reads that.
    if (!replies.empty() &&
        (receipt == 0 || (receipt_lang != "en" && replies.front().lang == "en"))) {
      receipt = replies.front().id;
      receipt_lang = replies.front().lang;
    }
  }
  if (options.json) {
    Json object = {{"dockets", all},
                   {"redelivered", pass.intake.redelivered},
                   {"sent", pass.sent},
                   {"trouble", pass.trouble ? pass.trouble->what : ""}};
    if (rehearsal) {
      object["letters"] = Json::array();
      for (const auto& [to, subject] : letters)
        object["letters"].push_back({{"to", to}, {"subject", subject}});
    }
    std::cout << json_text(object) << "\n";
    return pass.trouble ? 3 : 0;
  }
  if (rows.size() > 1) std::cout << table(rows);
  if (pass.intake.dockets.size() > most_rows)
    std::cout << fmt::format("... and {} more\n", pass.intake.dockets.size() - most_rows);
  if (!letters.empty()) {
    std::vector<std::vector<std::string>> leaving = {{"letter to", "subject"}};
    for (const auto& [to, subject] : letters)
      if (leaving.size() <= most_rows) leaving.push_back({to, one_line(subject)});
    std::cout << table(leaving);
    if (letters.size() > most_rows)
      std::cout << fmt::format("... and {} more\n", letters.size() - most_rows);
  }
  if (pass.intake.redelivered > 0)
    std::cout << fmt::format("{} came a second time and joined their dockets.\n",
                             pass.intake.redelivered);
  std::cout << fmt::format("{} messages judged, {} sent.\n", pass.intake.dockets.size(), pass.sent);
  if (pass.trouble) {
    std::cerr << fmt::format("focalpost: {}\n{}{}", pass.trouble->what, pass.trouble->to_do,
                             pass.trouble->to_do.empty() ? "" : "\n");
    return 3;
  }
  if (arguments.show_receipt && receipt != 0) {
    FP_ASSIGN(std::string bytes, home.store().outbox().bytes(receipt));
    std::cout << "\nOne of the replies:\n\n" << readable_mail(bytes);
  }
  return 0;
}

}  // namespace

Result<int> once(const Options& options, const OnceArguments& arguments) {
  if (arguments.at.empty()) return pass(options, options.home, SystemClock(), arguments);
  std::string text = arguments.at;
  // "2026-07-01T08:00" is how people write a time.
  if (text.size() == 16) text += ":00";
  auto at = parse_time(text);
  if (!at)
    return usage_error(fmt::format("\"{}\" is no time", arguments.at),
                       "Write it like 2026-07-01 or 2026-07-01T08:00 (UTC).");
  FP_ASSIGN(Rehearsal copy, Rehearsal::of(options.home));
  FP_ASSIGN(int code, pass(options, copy.root(), FixedClock(*at), arguments));
  if (!options.json)
    std::cout << fmt::format("This is what would happen on {}. Nothing was written or sent.\n",
                             format_rfc3339(*at));
  return code;
}

}  // namespace focalpost::cli
