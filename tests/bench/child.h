// SPDX-License-Identifier: Apache-2.0
//
// child: what is measured inside a process of its own; prints lines of "name number".
#pragma once

#include <string>
#include <vector>

namespace focalpost::bench {

/// floor XML                       seconds: a bare SAX2 push pass in 64 KB pieces, empty handlers
/// once HOME                       keep, file: one pass of the gateway, steps timed
/// fill HOME SERIES MONTHS         a great store, through the writer
/// few HOME FIRST SERIES MONTHS ROUNDS   filing: median of filings of new series; scans: how many
///                                 steps of statements read a table from end to end, by their plans
int child_main(const std::vector<std::string>& words);

}  // namespace focalpost::bench
