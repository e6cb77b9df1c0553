// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>

#include <cstdlib>
#include <memory>

#include "cli/verbs.h"

namespace focalpost::cli {

CommandLine read_command_line(int argc, char** argv) {
  CommandLine line;
  Options& options = line.options;
  CLI::App app{"focalpost: a gateway that exchanges migration statistics by e-mail", "focalpost"};
  app.set_version_flag("--version", std::string("focalpost ") + FOCALPOST_VERSION);
  app.require_subcommand(1);
  app.fallthrough();
  if (const char* home = std::getenv("FOCALPOST_HOME"); home && *home) options.home = home;
  app.add_option("--home", options.home, "the gateway's folder ($FOCALPOST_HOME, else here)");
  app.add_flag("--json", options.json, "machine-readable output");
  app.add_flag("-v,--verbose", options.verbose, "say more");
  app.add_flag("-q,--quiet", options.quiet, "say only errors");

  InitArguments init_arguments;
  auto* verb = app.add_subcommand("init", "make a new home");
  verb->add_option("DIR", init_arguments.directory, "a new or empty folder")->required();
  verb->add_flag("--demo", init_arguments.demo, "with the example network and example letters");
  verb->callback([&] { line.verb = [=](const Options& o) { return init(o, init_arguments); }; });

  OnceArguments once_arguments;
  verb = app.add_subcommand("once", "one pass: judge what is in the mailbox, send what is due");
  verb->add_option(
      "--at", once_arguments.at,
      "what would happen at this time (2026-07-01T08:00); on a copy, nothing is written");
  verb->add_flag("--show-receipt", once_arguments.show_receipt, "print one of the replies");
  verb->callback([&] { line.verb = [=](const Options& o) { return once(o, once_arguments); }; });

  verb =
      app.add_subcommand("run", "serve until stopped: take in mail as it comes, send what is due");
  verb->callback([&] { line.verb = [](const Options& o) { return run(o); }; });

  ValidateArguments validate_arguments;
  verb = app.add_subcommand("validate", "judge files as the gateway would; writes nothing");
  verb->add_option("FILE", validate_arguments.files, ".eml, .xml, .csv, .gz, .zip")->required();
  verb->add_option("--structures", validate_arguments.structures,
                   "structure messages or folders of them, beside what the home knows")
      ->take_all()
      ->allow_extra_args(false);
  verb->add_option("--lang", validate_arguments.lang, "language of the sentences");
  verb->callback(
      [&] { line.verb = [=](const Options& o) { return validate(o, validate_arguments); }; });

  LoadArguments load_arguments;
  verb = app.add_subcommand("load", "register structure messages");
  verb->add_option("FILE", load_arguments.files, "SDMX-ML structure messages, or folders of them")
      ->required();
  verb->callback([&] { line.verb = [=](const Options& o) { return load(o, load_arguments); }; });

  verb = app.add_subcommand("status", "mailbox, dockets, outbox, store, last errors");
  verb->callback([&] { line.verb = [](const Options& o) { return status(o); }; });

  CheckArguments check_arguments;
  verb = app.add_subcommand("check", "try everything: settings, servers, logins; what to do");
  verb->add_flag("--alert", check_arguments.alert, "run the operator's alert command with a test");
  verb->callback([&] { line.verb = [=](const Options& o) { return check(o, check_arguments); }; });

  ShowArguments show_arguments;
  verb = app.add_subcommand("show", "everything about one docket");
  verb->add_option("DOCKET", show_arguments.docket, "its number, 2026-000147")->required();
  verb->add_flag("--mails", show_arguments.mails, "the replies too, as a person reads them");
  verb->callback([&] { line.verb = [=](const Options& o) { return show(o, show_arguments); }; });

  ReleaseArguments release_arguments;
  verb = app.add_subcommand("release", "file what a docket holds, after judging it again");
  verb->add_option("DOCKET", release_arguments.docket, "its number, 2026-000147")->required();
  verb->callback(
      [&] { line.verb = [=](const Options& o) { return release(o, release_arguments); }; });

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // CLI11 prints help, the version or what is wrong; all that is wrong is usage.
    line.exit_code = app.exit(error) == 0 ? 0 : 2;
    line.verb = nullptr;
  }
  return line;
}

}  // namespace focalpost::cli
