// SPDX-License-Identifier: Apache-2.0
//
// cli: the command line, one short file a verb (DESIGN.md section 3); the only door to CLI11.
//
// Owns: words, options, exit codes, what is printed. Data go to stdout, talk to stderr. Every verb is
// a function of Options that returns a Result of the exit code: 0 done, 1 the thing checked is not
// right; an Error becomes 1 (not right), 2 (usage), 3 (temporary) or 4 (bug) in main.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/files.h"
#include "base/result.h"

namespace focalpost::cli {

struct Options {
  fs::path home;
  bool json = false;
  int verbose = 0;  ///< -v adds, -q takes away
};

using Verb = std::function<Result<int>()>;

/// Each adds its subcommand and, when that is given, sets `chosen`.
void add_init(CLI::App& app, const Options& options, Verb& chosen);
void add_once(CLI::App& app, const Options& options, Verb& chosen);
void add_validate(CLI::App& app, const Options& options, Verb& chosen);
void add_load(CLI::App& app, const Options& options, Verb& chosen);
void add_status(CLI::App& app, const Options& options, Verb& chosen);
void add_show(CLI::App& app, const Options& options, Verb& chosen);
void add_release(CLI::App& app, const Options& options, Verb& chosen);

/// Aligned columns for a terminal; the first row is the head. Wide texts are cut at `widest`.
std::string table(const std::vector<std::vector<std::string>>& rows, std::size_t widest = 48);

/// A mail as a person reads it: the main fields and the plain text, decoded.
std::string readable_mail(std::string_view bytes);

}  // namespace focalpost::cli
