// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <iostream>

#include "base/json.h"
#include "cli/verbs.h"
#include "flow/home.h"
#include "flow/load.h"

namespace focalpost::cli {
namespace {

/// Mails the example letters into the mailbox, in the order of their names.
Result<std::size_t> put_letters(const Home& home, const Clock& clock) {
  Maildir mailbox(home.paths().mailbox(), clock);
  FP_TRY(mailbox.open());
  FP_ASSIGN(auto names, list_directory(share_directory() / "spool"));
  std::sort(names.begin(), names.end());
  std::size_t count = 0;
  for (const std::string& name : names) {
    if (!name.ends_with(".eml")) continue;
    FP_ASSIGN(std::string bytes, read_file(share_directory() / "spool" / name));
    FP_TRY(mailbox.append_one({Folder::kInbox, bytes, {}, clock.now()}));
    ++count;
  }
  return count;
}

}  // namespace

Result<int> init(const Options& options, const InitArguments& arguments) {
  const auto& [directory, demo] = arguments;
  SystemClock clock;
  FP_ASSIGN(Home home, Home::create(directory, demo, clock.now()));
  // Copies, so that the network of this home can be read, and mended, where it is.
  std::vector<fs::path> files;
  for (const fs::path& file : default_network(share_directory(), demo)) {
    FP_ASSIGN(std::string bytes, read_file(file));
    fs::path copy = home.paths().network() / file.filename();
    FP_TRY(write_file_durably(copy, bytes));
    files.push_back(copy);
  }
  FP_ASSIGN(Structures structures, load_structures(files, home.settings().limits));
  FP_ASSIGN(Transaction transaction, home.store().begin());
  FP_ASSIGN(StructuresSaved saved, home.store().structures().save(structures, clock.now()));
  FP_TRY(transaction.commit());
  FP_TRY(home.reload_structures());
  std::size_t letters = 0;
  if (demo) {
    FP_ASSIGN(letters, put_letters(home, clock));
  } else {
    Maildir mailbox(home.paths().mailbox(), clock);
    FP_TRY(mailbox.open());
  }
  if (options.json) {
    std::cout << json_text(Json{{"home", fs::absolute(directory).string()},
                                {"artefacts", saved.added.size()},
                                {"dataflows", home.lookup().flows().size()},
                                {"contacts", home.lookup().roster().size()},
                                {"letters", letters}})
              << "\n";
    return 0;
  }
  std::cout << fmt::format("A new home in {}: {} indicators, {} agreements, {} contacts.\n",
                           directory.string(), home.lookup().flows().size(),
                           home.lookup().agreements().size(), home.lookup().roster().size());
  if (demo)
    std::cout << fmt::format(
        "{} example letters are in its INBOX. Next: focalpost --home {} once\n", letters,
        directory.string());
  else
    std::cout << fmt::format(
        "Next: load your institutions and agreements (focalpost --home {} load FILE), then put\n"
        "letters into {} or set up a mailbox in focalpost.toml.\n",
        directory.string(), home.paths().mailbox().string());
  return 0;
}

}  // namespace focalpost::cli
