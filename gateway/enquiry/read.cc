// SPDX-License-Identifier: Apache-2.0
#include "enquiry/read.h"

#include <algorithm>

#include "base/text.h"
#include "enquiry/judge.h"

namespace focalpost::enquiry {
namespace {

constexpr std::size_t kMostLines = 20;  ///< near-commands told
constexpr std::size_t kMostMarks = 20;  ///< of a subject: Re: Re: Re:
constexpr int kMostJoined = 5;          ///< lines that go on in the next
constexpr std::size_t kSubjectBytes = 1000;

/// At most `most` bytes, not cutting a letter.
std::string_view first_bytes(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text;
  std::size_t end = most;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80 && most - end < 4) --end;
  return text.substr(0, end);
}

/// White space as people see it: U+00A0 too.
std::string_view trim_line(std::string_view text) {
  for (;;) {
    const std::string_view before = text;
    text = trim(text);
    while (text.starts_with("\xC2\xA0")) text.remove_prefix(2);
    while (text.ends_with("\xC2\xA0")) text.remove_suffix(2);
    if (text.size() == before.size()) return text;
  }
}

/// Bytes that were no text come as U+FFFD.
bool is_text(std::string_view clean) {
  std::size_t broken = 0;
  for (std::size_t at = clean.find("\xEF\xBF\xBD"); at != clean.npos;
       at = clean.find("\xEF\xBF\xBD", at + 3))
    ++broken;
  return broken * 12 < clean.size() || clean.empty();
}

bool same(const Command& a, const Command& b) {
  return a.verb == b.verb && a.flows == b.flows && a.areas == b.areas && a.from == b.from &&
         a.to == b.to && a.latest == b.latest && a.by == b.by && a.codes == b.codes &&
         a.formats == b.formats && a.as_of == b.as_of && a.docket == b.docket &&
         a.language == b.language && a.rhythm == b.rhythm && a.text == b.text && a.rest == b.rest &&
         a.open == b.open;
}

class Reader {
 public:
  Reader(const Vocabulary& vocabulary, const Limits& limits, Time now)
      : lexicon_(vocabulary.lexicon()), limits_(limits), now_(now) {}

  Enquiry read(std::string_view subject, std::string_view body) {
    body_lines(body);
    free_ = std::string(trim(free_));
    Judged of_subject = read_subject(subject);
    const bool from_body = !out_.commands.empty();
    if (of_subject.kind == LineKind::kCommand) {
      Command& command = of_subject.command;
      const bool ends_mail = command.verb == Verb::kStop || command.verb == Verb::kUnsubscribe;
      bool take = true;
      if (from_body) {
        take =
            !of_subject.bare && std::none_of(out_.commands.begin(), out_.commands.end(),
                                             [&](const auto& one) { return same(one, command); });
      } else if (command.verb == Verb::kAsk && !free_.empty()) {
        if (!command.text.empty()) command.text += '\n';
        command.text += free_;
      } else if (of_subject.bare && !ends_mail) {
        take = free_.empty();
      }
      if (take) {
        command.text = shorten(command.text, limits_.question_chars);
        out_.commands.insert(out_.commands.begin(), std::move(command));
        out_.from_subject = 1;
        if (out_.commands.size() > limits_.enquiry_commands) {
          out_.commands.pop_back();
          ++out_.not_read;
        }
      }
    } else if (of_subject.kind == LineKind::kNear && !from_body && out_.lines.empty()) {
      out_.lines.push_back(std::move(of_subject.near));
    }
    if (out_.commands.empty()) {
      const std::string_view text = free_.empty() ? std::string_view(subject_) : free_;
      out_.free_words = shorten(text, limits_.question_chars);
    }
    return std::move(out_);
  }

 private:
  Judged read_subject(std::string_view subject) {
    subject_ = clean_text(first_bytes(subject, kSubjectBytes));
    std::replace(subject_.begin(), subject_.end(), '\n', ' ');
    if (!is_text(subject_)) subject_.clear();
    std::string_view text = trim_line(subject_);
    for (std::size_t count = 0; count < kMostMarks; ++count) {
      if (const std::size_t mark = past_reply_mark(text, lexicon_)) {
        out_.reply = true;
        text = trim_line(text.substr(mark));
        continue;
      }
      // "[2026-000147]", "[list-name]"
      const auto close = text.find(']');
      if (!text.starts_with('[') || close == text.npos || close > 60) break;
      text = trim_line(text.substr(close + 1));
    }
    subject_ = std::string(text);
    if (text.empty()) return {};
    return judge(subject_, lexicon_, limits_, now_, looks_);
  }

  void body_lines(std::string_view body) {
    out_.cut = body.size() > limits_.enquiry_bytes;
    const std::string clean = clean_text(first_bytes(body, limits_.enquiry_bytes));
    if (!is_text(clean)) return;
    const std::vector<std::string_view> lines = split(clean, '\n');
    bool blank = false;
    Command* takes_words = nullptr;  // ASK: all to the end
    std::size_t i = 0;
    for (; i < lines.size(); ++i) {
      const std::string_view line = first_bytes(trim_line(lines[i]), limits_.enquiry_line_bytes);
      if (ends_reading(lines[i])) return end(takes_words);
      if (line.empty()) {
        blank = true;
        if (takes_words)
          words_ += '\n';
        else
          free_line({});
        continue;
      }
      Judged judged = judge(line, lexicon_, limits_, now_, looks_);
      if (judged.kind == LineKind::kSignature) return end(takes_words);
      if (takes_words) {
        (words_ += '\n') += line;
        continue;
      }
      free_line(line);
      if (judged.kind == LineKind::kCommand) {
        i = join(lines, i, line, judged);
        if (out_.commands.size() >= limits_.enquiry_commands) {
          ++out_.not_read;
          continue;
        }
        const Verb verb = judged.command.verb;
        judged.command.text = shorten(judged.command.text, limits_.question_chars);
        out_.commands.push_back(std::move(judged.command));
        blank = false;
        if (verb == Verb::kAsk || verb == Verb::kDecline) {
          takes_words = &out_.commands.back();
          words_ = takes_words->text;
        }
      } else if (judged.kind == LineKind::kNear) {
        if (out_.lines.size() < kMostLines) out_.lines.push_back(std::move(judged.near));
        blank = false;
      } else if (blank && !out_.commands.empty()) {
        return;
      }
    }
    end(takes_words);
  }

  void end(Command* takes_words) {
    if (takes_words) takes_words->text = shorten(trim(words_), limits_.question_chars);
  }

  /// A list that ends in a comma goes on in the next line.
  std::size_t join(const std::vector<std::string_view>& lines, std::size_t i, std::string_view line,
                   Judged& judged) {
    std::string whole(line);
    for (int count = 0; count < kMostJoined && i + 1 < lines.size(); ++count) {
      if (!whole.ends_with(',') && !whole.ends_with('+')) return i;
      const std::string_view next = trim_line(lines[i + 1]);
      if (next.empty() || whole.size() + next.size() > limits_.enquiry_line_bytes) return i;
      whole += ' ';
      whole += next;
      Judged more = judge(whole, lexicon_, limits_, now_, looks_);
      if (more.kind != LineKind::kCommand || more.command.verb != judged.command.verb ||
          more.command.unknown.size() > judged.command.unknown.size())
        return i;
      judged = std::move(more);
      ++i;
    }
    return i;
  }

  /// Kept in case that there is no command.
  void free_line(std::string_view line) {
    if (line.empty() && (free_.empty() || free_.ends_with("\n\n"))) return;
    if (free_.size() > 4 * limits_.question_chars + 4) return;
    if (!free_.empty()) free_ += '\n';
    free_ += line;
  }

  const Lexicon& lexicon_;
  const Limits& limits_;
  Time now_;
  std::size_t looks_ = kMostLooks;
  Enquiry out_;
  std::string subject_, free_, words_;
};

}  // namespace

Enquiry read(std::string_view subject, std::string_view body, const Vocabulary& vocabulary,
             const Limits& limits, Time now) {
  return Reader(vocabulary, limits, now).read(subject, body);
}

}  // namespace focalpost::enquiry
