// SPDX-License-Identifier: Apache-2.0
//
// One input of a fuzzer, for each piece that takes mail apart: the splitter with its guard, header
// fields, wrappers, attachments.
//
// The same functions are run by libFuzzer (fuzzer.cc) and by the replay of the kept corpora
// (replay_test.cc). They hold what comes out against the promises of the headers; what breaks one
// ends the program with a word of which.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace focalpost::fuzz {

/// A whole mail: split, headers decoded, wrappers taken off, every content read to its end.
int mail_message(std::span<const std::byte> input);
/// One attachment: zip, gzip, winmail.dat, clear-signed files, one in the other.
int mail_attachment(std::span<const std::byte> input);
/// A field's value: encoded words, parameters, addresses, dates, character sets.
int mail_header(std::span<const std::byte> input);
/// S/MIME, texts with data pasted into them.
int mail_wrapper(std::span<const std::byte> input);

struct MailTarget {
  std::string_view name;
  int (*one_input)(std::span<const std::byte>);
};
inline constexpr MailTarget kMailTargets[] = {{"mail_message", mail_message},
                                              {"mail_attachment", mail_attachment},
                                              {"mail_header", mail_header},
                                              {"mail_wrapper", mail_wrapper}};

}  // namespace focalpost::fuzz
