// SPDX-License-Identifier: Apache-2.0
#include "flow/persons.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "compose/persons.h"
#include "flow/accounts.h"
#include "flow/bounces.h"
#include "flow/gate.h"
#include "flow/held.h"
#include "flow/letter.h"
#include "mailbox/maildir.h"
#include "mime/compose.h"
#include "mime/message.h"
#include "spool/kept.h"

namespace focalpost {
namespace {

bool refused_for_persons(const Docket& docket) {
  for (const Item& item : docket.items)
    for (const Finding& finding : item.findings)
      if (finding.rule == &rules::personal_data) return true;
  return false;
}

/// Removes the files of a Maildir folder that `wanted` says yes to.
template <typename Wanted>
Result<std::uint64_t> remove_files(const Maildir& mailbox, Folder folder, Wanted wanted) {
  std::uint64_t removed = 0;
  for (const char* inside : {"cur", "new"}) {
    fs::path directory = mailbox.directory(folder) / inside;
    std::error_code none;
    if (!fs::exists(directory, none)) continue;
    FP_ASSIGN(auto names, list_directory(directory));
    for (const std::string& name : names) {
      if (!wanted(directory / name)) continue;
      std::error_code failed;
      if (fs::remove(directory / name, failed)) ++removed;
      if (failed) return system_error("remove", directory / name, failed.value());
    }
    if (removed > 0) FP_TRY(sync_directory(directory));
  }
  return removed;
}

}  // namespace

Status tell_of_persons(Home& home, const Docket& docket, const RosterEntry* contact, Time now) {
  if (!contact || !refused_for_persons(docket)) return {};
  const std::string number = docket.number.text();
  FP_ASSIGN(auto all, coordinators(home, *contact));
  FP_TRY(home.store().events().add(
      EventLevel::kWarning,
      fmt::format("{}: a list of persons was refused; `focalpost purge {}` removes what is kept of "
                  "it{}",
                  number, number, all.empty() ? " (no coordinator could be told)" : ""),
      now));
  if (all.empty()) return {};
  FP_ASSIGN(LetterWriter writer, LetterWriter::make(home, now));
  std::size_t serial = 0;
  for (const Told& one : all) {
    FP_ASSIGN(auto pass, may_leave(home, {"persons", one.address, number}, now));
    if (!pass) continue;
    FP_ASSIGN(Receipt text, compose_persons(docket, *contact, one.who->lang, one.who->zone,
                                            writer.voice(), writer.letterhead()));
    Letter letter;
    letter.kind = "persons";
    letter.message_id =
        writer.message_id(fmt::format("persons.{}.{}.{}", number, docket.attempt, ++serial));
    FP_TRY(writer.post(*pass, letter, std::move(text)));
  }
  return {};
}

Result<PurgeResult> purge_docket(Home& home, DocketNumber number, const Clock& clock,
                                 bool anything) {
  FP_ASSIGN(auto found, home.store().dockets().find(number));
  if (!found)
    return not_right(fmt::format("there is no docket {}", number.text()),
                     "`focalpost status` lists the newest.");
  DocketRecord record = std::move(*found);
  for (const Item& item : record.docket.items)
    if (item.outcome == Outcome::kFiled)
      return not_right(fmt::format("docket {} has filed data", number.text()),
                       "Only what filed nothing can be purged: have the data withdrawn first.");
  if (!anything && !refused_for_persons(record.docket))
    return not_right(fmt::format("in docket {} no list of persons was found", number.text()),
                     "What is purged is gone for good. If it must go all the same, say `--force`.");
  PurgeResult result;
  FP_ASSIGN(auto keys, home.store().dockets().messages(record.docket.id));
  FP_ASSIGN(auto mails, home.store().outbox().of_docket(record.docket.id));

  // The mailbox first: what lies there would be read again.
  Maildir spool(home.paths().mailbox(), clock);
  std::set<std::string> identities;
  for (const MessageKey& key : keys) {
    auto folder = folder_from_name(key.folder);
    if (!folder) continue;
    if (key.mailbox != spool.name()) {
      result.by_hand.push_back(fmt::format("{}: {}", key.mailbox, key.folder));
      continue;
    }
    MessageRef ref{*folder, std::uint64_t(key.uid_validity), key.uid, 0, {}};
    identities.insert(spool.identity(ref));
    FP_ASSIGN(std::uint64_t removed, remove_files(spool, *folder, [&](const fs::path& file) {
                std::string name = file.filename().string();
                return name.substr(0, name.find(':')) == key.uid;
              }));
    result.mailbox += removed;
  }
  std::set<std::string> ids;
  for (const OutboxEntry& mail : mails) ids.insert(mail.message_id);
  FP_ASSIGN(result.sent, remove_files(spool, Folder::kSent, [&](const fs::path& file) {
              auto raw = read_file(file);
              if (!raw.ok()) return false;
              mime::Message message = mime::parse(*raw, home.settings().limits);
              return ids.count(message.top().message_id().value_or("")) > 0;
            }));

  FP_ASSIGN(KeptStore kept, home.open_kept(KeptStore::Access::kWrite));
  std::vector<Location> places;
  FP_TRY(kept.for_each([&](const KeptRecord& one, ByteSource&) -> Status {
    bool known = record.kept && one.at == Location{record.kept->segment, record.kept->offset};
    if (one.kind == KeptKind::kMessage && !one.forgotten &&
        (known || identities.count(one.key) > 0))
      places.push_back(one.at);
    return {};
  }));
  FP_TRY(kept.forget(places));
  result.kept = places.size();

  FP_ASSIGN(Transaction transaction, home.store().begin());
  // Nothing of it waits for a word any more.
  if (record.docket.outcome == Outcome::kHeld) {
    reject_held(record.docket, rules::held_rejected, {});
    ++record.docket.attempt;
    record.folder = folder_name(Folder::kRejected);
  }
  FP_TRY(home.store().outbox().forget_texts(record.docket.id));
  FP_TRY(home.store().requests().forget_texts(record.docket.id));
  record.docket.subject.clear();
  record.docket.sender.display.clear();
  record.docket.reason = fmt::format("purged {}", format_rfc3339(clock.now()));
  record.content_hash.clear();
  for (Item& item : record.docket.items) {
    item.path = fmt::format("file {}", item.number);
    item.kind.clear();
    item.sha256.clear();
    for (Finding& finding : item.findings) {
      finding.component.clear();
      finding.value.clear();
      finding.expected.clear();
      finding.detail.clear();
      finding.series.clear();
      finding.suggestions.clear();
    }
  }
  FP_TRY(home.store().dockets().finish(record));
  FP_TRY(home.store().events().add(EventLevel::kInfo, fmt::format("{}: purged", number.text()),
                                   clock.now()));
  FP_TRY(transaction.commit());
  return result;
}

}  // namespace focalpost
