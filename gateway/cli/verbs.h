// SPDX-License-Identifier: Apache-2.0
//
// cli: the command line (DESIGN.md section 3), one short file a verb.
//
// Owns: words, options, exit codes, what is printed. Data go to stdout, talk to stderr. A verb is a
// function of what was given on the command line; it returns the exit code (0 done, 1 the thing
// checked is not right) or an Error, which main turns into 1 (not right), 2 (usage), 3 (temporary)
// or 4 (bug). Words and options stand in command_line.cc, the only door to CLI11.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/files.h"
#include "base/result.h"

namespace focalpost {
class Phrases;
struct CheckedFile;
struct XsdResult;
}  // namespace focalpost

namespace focalpost::cli {

struct Options {
  fs::path home = ".";
  bool json = false;
  bool verbose = false, quiet = false;
};

struct InitArguments {
  fs::path directory;
  bool demo = false;
};
Result<int> init(const Options& options, const InitArguments& arguments);

struct OnceArguments {
  std::string at;  ///< try it as of this time, on a copy
  bool show_receipt = false;
};
Result<int> once(const Options& options, const OnceArguments& arguments);

struct ValidateArguments {
  std::vector<fs::path> files, structures;
  std::string lang = "en";
  bool by_xsd = false;
  fs::path xsd;  ///< empty: made of the data structure
  std::vector<fs::path> xsd_folders;
};
Result<int> validate(const Options& options, const ValidateArguments& arguments);

/// What `validate` prints of a judged file, with line ends.
std::string checked_text(const CheckedFile& checked, const Phrases& phrases,
                         const XsdResult* xsd = nullptr);
std::string checked_json(const CheckedFile& checked, const Phrases& phrases,
                         const XsdResult* xsd = nullptr);

struct ExportArguments {
  std::string dataflow, key;
  std::string to = "ss-2.1";
  std::string from, until, as_of, changes_since;
  std::string viewer;    ///< empty: a coordinator
  std::string provider;  ///< of metadata; empty: of all
  fs::path output;       ///< empty: stdout; so everywhere
};
Result<int> export_data(const Options& options, const ExportArguments& arguments);

struct ConvertArguments {
  fs::path file;
  std::string to;
  std::vector<fs::path> structures;
  fs::path output;
  std::string lang = "en";
};
Result<int> convert(const Options& options, const ConvertArguments& arguments);

struct SchemaArguments {
  std::string dataflow;
  std::string to = "xsd";
  std::vector<fs::path> structures;
  std::string xsd_folder;  ///< or an address: where the official schemas will lie
  fs::path output;
};
Result<int> schema(const Options& options, const SchemaArguments& arguments);
std::vector<std::string> schema_kinds();

struct FormArguments {
  std::string metadataflow, dataflow, provider;
  std::string lang = "en";
  bool empty = false;  ///< without what is filed
  fs::path output;
};
Result<int> form(const Options& options, const FormArguments& arguments);

struct GetArguments {
  std::string enquiry;
  std::string as;    ///< address of a contact; empty: somebody from outside
  std::string lang;  ///< empty: the contact's, else English
  fs::path output;   ///< a folder for what is attached
};
/// The answer that a mail with this text would get.
Result<int> get(const Options& options, const GetArguments& arguments);

struct SiteArguments {
  fs::path output;  ///< empty: the home's own
};
/// Writes the public site, or what changed of it.
Result<int> site(const Options& options, const SiteArguments& arguments);

struct DigestArguments {
  bool preview = false;
  std::string as;    ///< address of a contact or subscriber; empty: somebody from outside
  std::string lang;  ///< empty: the reader's
  bool html = false;
  fs::path output;  ///< a folder for what is attached
};
/// Makes and sends the digests that are due, or shows one.
Result<int> digest(const Options& options, const DigestArguments& arguments);

struct LoadArguments {
  std::vector<fs::path> files;
  bool dry_run = false, force = false;
};
Result<int> load(const Options& options, const LoadArguments& arguments);

/// Serves until stopped.
Result<int> run(const Options& options);

struct StatusArguments {
  bool network = false;  ///< how institutions keep their promises, instead
};
Result<int> status(const Options& options, const StatusArguments& arguments);

struct CheckArguments {
  bool alert = false;  ///< run the alert command
};
Result<int> check(const Options& options, const CheckArguments& arguments);

struct ShowArguments {
  std::string docket;
  bool mails = false;
};
Result<int> show(const Options& options, const ShowArguments& arguments);

struct ReleaseArguments {
  std::string docket;
};
Result<int> release(const Options& options, const ReleaseArguments& arguments);

struct PurgeArguments {
  std::string docket;
  bool force = false;
};
Result<int> purge(const Options& options, const PurgeArguments& arguments);

struct PreviewArguments {
  std::string name;     ///< of a template; empty: list them
  std::string example;  ///< one of its cases; empty: all
  std::string lang = "en";
  bool html = false;
};
Result<int> preview(const Options& options, const PreviewArguments& arguments);

/// What the command line asks for: the verb, ready to be called; or, where there is nothing to call
/// (help was printed, the words are wrong), the exit code.
struct CommandLine {
  Options options;
  std::function<Result<int>(const Options&)> verb;
  int exit_code = 0;
};
CommandLine read_command_line(int argc, char** argv);

/// Aligned columns for a terminal; the first row is the head. Wide texts are cut at `widest`.
std::string table(const std::vector<std::vector<std::string>>& rows, std::size_t widest = 48);

/// A mail as a person reads it: the main fields and the plain text, decoded.
std::string readable_mail(std::string_view bytes);

}  // namespace focalpost::cli
