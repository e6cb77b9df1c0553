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
  std::string by_xsd;  // "true" where the flag stands alone
  verb->add_flag(
      "--xsd", by_xsd,
      "hold the files against XML Schema too, the one made of the data structure, or --xsd=FILE");
  verb->add_option("--xsd-folder", validate_arguments.xsd_folders,
                   "the official schemas of SDMX-ML 2.1 or 3.0 (they do not ship); again for\n"
                   "another version")
      ->take_all()
      ->allow_extra_args(false);
  verb->footer(
      "Exit code 0 if everything is accepted, 1 if not.\n\n"
      "  focalpost validate letter.eml\n"
      "  focalpost validate data.xml --structures dsd.xml --json\n"
      "  focalpost validate data.xml --xsd --xsd-folder sdmx-2.1-schemas");
  verb->callback([&] {
    validate_arguments.by_xsd = !by_xsd.empty();
    if (by_xsd != "true") validate_arguments.xsd = by_xsd;
    line.verb = [=](const Options& o) { return validate(o, validate_arguments); };
  });

  ExportArguments export_arguments;
  verb = app.add_subcommand("export", "write what the store holds of a dataflow as SDMX data");
  verb->add_option("DATAFLOW", export_arguments.dataflow,
                   "ASYLUM, FP:ASYLUM or FP:ASYLUM(1.0); of metadata also INVENTORY")
      ->required();
  verb->add_option("KEY", export_arguments.key,
                   "which series: codes in the order of the dimensions, M.KG+KZ..T;\n"
                   "an empty part is any, trailing dots may be left out; all: everything");
  verb->add_option("--to", export_arguments.to,
                   "ss-2.1, ss-2.1-flat, generic-2.1, generic-2.1-flat, ss-3.0, ss-3.0-flat,\n"
                   "csv-1.0, csv-2.0; metadata-2.1, metadata-3.0: how the data are described")
      ->capture_default_str();
  verb->add_option("--from", export_arguments.from,
                   "first period: 2026, 2026-Q1, 2026-03 or 2026-03-31");
  verb->add_option("--until", export_arguments.until, "last period");
  verb->add_option("--as-of", export_arguments.as_of,
                   "the state at the end of a day (2026-03-31) or at a moment\n"
                   "(2026-03-31T09:30:00Z)");
  verb->add_option("--changes-since", export_arguments.changes_since,
                   "only what changed since the beginning of a day or since a moment; what was\n"
                   "withdrawn comes as a Delete dataset");
  verb->add_option("--as", export_arguments.viewer,
                   "public, or the id of an institution: only what that one may see; without\n"
                   "it everything, confidential values included");
  verb->add_option("--provider", export_arguments.provider,
                   "of metadata: those of one institution, by its id");
  verb->add_option("-o,--output", export_arguments.output,
                   "a file, there whole or not at all, readable by its owner alone unless --as\n"
                   "public; without it standard output");
  verb->footer(
      "What is withheld from the one named by --as has OBS_STATUS Q and no value.\n\n"
      "  focalpost export ASYLUM > asylum.xml\n"
      "  focalpost export ASYLUM M.KG+KZ --from 2025 --to csv-2.0 --as public -o asylum.csv\n"
      "  focalpost export ASYLUM --changes-since 2026-03-01 -o changes.xml\n"
      "  focalpost export ASYLUM --to metadata-2.1 --provider KG_SMS");
  verb->callback(
      [&] { line.verb = [=](const Options& o) { return export_data(o, export_arguments); }; });

  ConvertArguments convert_arguments;
  verb = app.add_subcommand("convert", "write a data message in another format");
  verb->add_option("FILE", convert_arguments.file,
                   "one data message: .xml, .csv, .gz, .zip, .eml; judged first")
      ->required();
  verb->add_option("--to", convert_arguments.to,
                   "ss-2.1, ss-2.1-flat, generic-2.1, generic-2.1-flat, ss-3.0, ss-3.0-flat,\n"
                   "csv-1.0, csv-2.0")
      ->required();
  verb->add_option("--structures", convert_arguments.structures,
                   "structure messages or folders of them, beside what the home knows")
      ->take_all()
      ->allow_extra_args(false);
  verb->add_option("-o,--output", convert_arguments.output,
                   "a file, there whole or not at all; without it standard output");
  verb->add_option("--lang", convert_arguments.lang, "language of the sentences");
  verb->footer(
      "A file with errors is not converted: they are listed, and the exit code is 1. What the\n"
      "format cannot say (Delete in csv-1.0, several measures in 2.1) is an error too.\n\n"
      "  focalpost convert letter.eml --to csv-2.0\n"
      "  focalpost convert data.xml.gz --to ss-3.0 --structures dsd.xml -o data-30.xml");
  verb->callback(
      [&] { line.verb = [=](const Options& o) { return convert(o, convert_arguments); }; });

  SchemaArguments schema_arguments;
  verb = app.add_subcommand("schema", "write a dataflow's XML Schema or its structures");
  verb->add_option("DATAFLOW", schema_arguments.dataflow, "ASYLUM, FP:ASYLUM or FP:ASYLUM(1.0)")
      ->required();
  verb->add_option("--to", schema_arguments.to,
                   "xsd: of structure-specific data 2.1; xsd-flat: the same without series;\n"
                   "xsd-3.0, xsd-3.0-flat; structures-2.1, structures-3.0: a structure message\n"
                   "of dataflow, data structure, codelists and concepts")
      ->check(CLI::IsMember(schema_kinds()))
      ->capture_default_str();
  verb->add_option("--structures", schema_arguments.structures,
                   "structure messages or folders of them, beside what the home knows")
      ->take_all()
      ->allow_extra_args(false);
  verb->add_option("--xsd-folder", schema_arguments.xsd_folder,
                   "where the official schemas will lie, a folder or an address, as the XSD is\n"
                   "to say it; without it: beside the XSD");
  verb->add_option("-o,--output", schema_arguments.output,
                   "a file, there whole or not at all; without it standard output");
  verb->footer(
      "  focalpost schema ASYLUM -o asylum.xsd\n"
      "  focalpost schema ASYLUM --to structures-3.0 -o asylum-structures.xml");
  verb->callback(
      [&] { line.verb = [=](const Options& o) { return schema(o, schema_arguments); }; });

  FormArguments form_arguments;
  verb = app.add_subcommand("form", "write the form in which an institution describes its data");
  verb->add_option("WHICH", form_arguments.metadataflow, "METHOD or INVENTORY")->required();
  verb->add_option("DATAFLOW", form_arguments.dataflow, "of METHOD: ASYLUM");
  verb->add_option("--provider", form_arguments.provider, "the institution, by its id")->required();
  verb->add_option("--lang", form_arguments.lang, "language of headings and explanations")
      ->capture_default_str();
  verb->add_flag("--empty", form_arguments.empty, "without what is filed already");
  verb->add_option("-o,--output", form_arguments.output,
                   "a file, there whole or not at all; without it standard output");
  verb->footer(
      "The form is plain text; filled in and mailed to the gateway (attached or as the message\n"
      "itself) it is filed like a metadata message.\n\n"
      "  focalpost form METHOD ASYLUM --provider KG_SMS --lang ru -o method-asylum.txt");
  verb->callback([&] { line.verb = [=](const Options& o) { return form(o, form_arguments); }; });

  GetArguments get_arguments;
  verb = app.add_subcommand("get", "the answer that a mail with this text would get");
  verb->add_option("ENQUIRY", get_arguments.enquiry, "one or more commands, each on a line")
      ->required();
  verb->add_option("--as", get_arguments.as, "address of a contact; without it somebody outside");
  verb->add_option("--lang", get_arguments.lang, "en, ru, uk, ...; without it the contact's");
  verb->add_option("-o,--output", get_arguments.output, "a folder for the files of the answer");
  verb->footer(
      "Changes nothing. Exit code 1 if a part of it was not understood.\n\n"
      "  focalpost get 'GET ASYLUM KG,KZ 2024-2026 BY sex'\n"
      "  focalpost get HELP --lang ru");
  verb->callback([&] { line.verb = [=](const Options& o) { return get(o, get_arguments); }; });

  SiteArguments site_arguments;
  verb = app.add_subcommand("site", "write the public site: pages, charts, downloads");
  verb->add_option("-o,--output", site_arguments.output,
                   "a folder of its own; without it site/ in the home");
  verb->footer(
      "Writes what changed since the last time and removes what is no longer wanted; files that\n"
      "it did not write stay. Any web server can serve the folder; docs/site.md says how.");
  verb->callback([&] { line.verb = [=](const Options& o) { return site(o, site_arguments); }; });

  DigestArguments digest_arguments;
  verb = app.add_subcommand("digest", "make and send the digests that are due");
  verb->add_flag("--preview", digest_arguments.preview,
                 "print what would leave if it were due now; write nothing");
  verb->add_option("--as", digest_arguments.as,
                   "address of a subscriber or contact; without it somebody outside");
  verb->add_option("--lang", digest_arguments.lang, "en, ru, uk, ...; without it the reader's");
  verb->add_flag("--html", digest_arguments.html, "as HTML");
  verb->add_option("-o,--output", digest_arguments.output, "a folder for what is attached");
  verb->footer(
      "`once` and `run` do this by themselves; docs/digests.md says when.\n\n"
      "  focalpost digest --preview --lang ru\n"
      "  focalpost digest --preview --as coordinator@network.example -o files");
  verb->callback(
      [&] { line.verb = [=](const Options& o) { return digest(o, digest_arguments); }; });

  LoadArguments load_arguments;
  verb = app.add_subcommand("load", "register structure messages");
  verb->add_option("FILE", load_arguments.files, "SDMX-ML structure messages, or folders of them")
      ->required();
  verb->add_flag("--force", load_arguments.force,
                 "also if filed data or agreements become invalid by it");
  verb->add_flag("--dry-run", load_arguments.dry_run,
                 "say what would be new, change or become invalid; write nothing");
  verb->callback([&] { line.verb = [=](const Options& o) { return load(o, load_arguments); }; });

  verb = app.add_subcommand("status", "mailbox, dockets, outbox, store, last errors");
  StatusArguments status_arguments;
  verb->add_flag("--network", status_arguments.network,
                 "how institutions kept their promises in twelve months; for coordinators alone");
  verb->callback(
      [&] { line.verb = [=](const Options& o) { return status(o, status_arguments); }; });

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

  PurgeArguments purge_arguments;
  verb = app.add_subcommand("purge", "remove what a docket's message said: a list of persons, ...");
  verb->add_option("DOCKET", purge_arguments.docket, "its number, 2026-000147")->required();
  verb->add_flag("--force", purge_arguments.force, "also where no list of persons was found in it");
  verb->callback([&] { line.verb = [=](const Options& o) { return purge(o, purge_arguments); }; });

  PreviewArguments preview_arguments;
  verb = app.add_subcommand("preview", "show what a template becomes, with invented facts");
  verb->add_option("TEMPLATE", preview_arguments.name,
                   "receipt, waiting, ...; without it: list them, and what is wrong with the\n"
                   "home's own");
  verb->add_option("CASE", preview_arguments.example,
                   "one of the letters it makes; names: every section, with the names of values");
  verb->add_option("--lang", preview_arguments.lang, "language")->capture_default_str();
  verb->add_flag("--html", preview_arguments.html, "as HTML: of the first case, or the one named");
  verb->footer(
      "Templates of your own lie in the home, in templates/LANGUAGE/. Exit code 1 if something is\n"
      "wrong with them: then the shipped ones are used.\n\n"
      "  focalpost preview\n"
      "  focalpost preview receipt --lang ru\n"
      "  focalpost preview waiting confirm --html > letter.html");
  verb->callback(
      [&] { line.verb = [=](const Options& o) { return preview(o, preview_arguments); }; });

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
