// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cstdio>

#include "base/domain.h"
#include "base/text.h"
#include "cli/verbs.h"
#include "enquiry/read.h"
#include "flow/desk.h"
#include "flow/home.h"

namespace focalpost::cli {

Result<int> get(const Options& options, const GetArguments& arguments) {
  FP_ASSIGN(Home home, Home::open(options.home, Home::Access::kLook));
  const Time now = SystemClock().now();
  Asker asker;
  asker.viewer = Viewer::public_at(now);
  std::string lang = arguments.lang;
  if (!arguments.as.empty()) {
    const RosterEntry* contact = home.lookup().contact(canonical_address(arguments.as));
    if (!contact)
      return usage_error(
          fmt::format("{} is no address of a contact", one_line(arguments.as)),
          "Say whose mail it would be, or leave --as out for somebody from outside.");
    Docket docket;
    docket.sender.registered = true;
    docket.sender.address = canonical_address(arguments.as);
    asker = asker_of(home.lookup(), docket, now);
    if (lang.empty()) lang = contact->lang;
  }
  if (lang.empty()) lang = "en";
  asker.lang = lang;
  FP_ASSIGN(auto vocabulary, home.vocabulary());
  const enquiry::Enquiry enquiry =
      enquiry::read("", arguments.enquiry, *vocabulary, home.settings().limits, now);
  const bool understood = !enquiry.commands.empty() || !enquiry.lines.empty();
  if (!understood)
    return not_right("there is no command in it",
                     "For example: focalpost get 'GET ASYLUM KG 2025'; `focalpost get HELP` lists "
                     "all.");
  FP_ASSIGN(DeskAnswer answer, answer_enquiry(home, enquiry, asker, now));
  FP_ASSIGN(std::string text, transcript_text(answer.transcript, reader_of(asker, lang),
                                              home.lookup(), {home.templates(), home.phrases()}));
  std::fputs(text.c_str(), stdout);
  for (const Answered& one : answer.transcript.answers)
    for (const mime::OutgoingAttachment& file : one.attachments) {
      if (arguments.output.empty()) {
        std::fprintf(stderr, "attached: %s (%zu bytes); --output DIR writes it\n",
                     file.name.c_str(), file.bytes.size());
        continue;
      }
      FP_TRY(make_directories(arguments.output));
      const fs::path target = arguments.output / fs::path(file.name).filename();
      FP_TRY(write_file_durably(target, file.bytes));
      std::fprintf(stderr, "written: %s\n", target.c_str());
    }
  const bool whole = enquiry.lines.empty() && !enquiry.commands.empty();
  return whole ? 0 : 1;
}

}  // namespace focalpost::cli
