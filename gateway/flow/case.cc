// SPDX-License-Identifier: Apache-2.0
#include "flow/case.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/hash.h"
#include "base/text.h"
#include "enquiry/read.h"
#include "flow/answer.h"
#include "flow/content.h"
#include "flow/duty_answer.h"
#include "flow/effects.h"
#include "flow/held.h"
#include "flow/metadata.h"
#include "flow/metadata_form.h"
#include "flow/not_data.h"
#include "flow/public_answers.h"
#include "flow/request_answer.h"
#include "flow/requests.h"
#include "flow/subscriptions.h"
#include "mime/own_words.h"
#include "sdmx/detect.h"

namespace focalpost {
namespace {

/// For strangers: nobody told us their language, so the letters of their text do.
std::string language_of(std::string_view text) {
  bool cyrillic = false;
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    auto a = static_cast<unsigned char>(text[i]), b = static_cast<unsigned char>(text[i + 1]);
    if (a != 0xD0 && a != 0xD1 && a != 0xD2) continue;
    cyrillic = true;
    // і ї є ґ and their capitals: letters of Ukrainian that Russian does not have
    if ((a == 0xD1 && (b == 0x96 || b == 0x97 || b == 0x94)) ||
        (a == 0xD0 && (b == 0x86 || b == 0x87 || b == 0x84)) ||
        (a == 0xD2 && (b == 0x90 || b == 0x91)))
      return "uk";
  }
  return cyrillic ? "ru" : "en";
}

/// TEST as a word of its own in capitals; "Test data for May" is a subject like any other.
bool says_test(std::string_view subject) {
  for (std::string_view word : {std::string_view("TEST"), std::string_view("ТЕСТ")})
    for (auto at = subject.find(word); at != subject.npos; at = subject.find(word, at + 1)) {
      auto letter = [](unsigned char c) {
        return c >= 0x80 || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               (c >= '0' && c <= '9');
      };
      bool before = at > 0 && letter(static_cast<unsigned char>(subject[at - 1]));
      auto end = at + word.size();
      bool after = end < subject.size() && letter(static_cast<unsigned char>(subject[end]));
      if (!before && !after) return true;
    }
  return false;
}

/// An item that stands for what could not be looked at.
Item refused_item(std::string path, const Rule& rule, std::string value, std::string detail) {
  Finding finding;
  finding.rule = &rule;
  finding.component = path;
  finding.value = std::move(value);
  finding.detail = std::move(detail);
  Item item;
  item.number = 1;
  item.path = std::move(path);
  item.kind = "?";
  item.outcome = Outcome::kRejected;
  item.errors = 1;
  item.findings.push_back(std::move(finding));
  return item;
}

}  // namespace

Folder folder_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::kFailed:
      return Folder::kFailed;
    case Outcome::kHeld:
      return Folder::kHeld;
    case Outcome::kRejected:
      return Folder::kRejected;
    case Outcome::kOpen:
      return Folder::kEnquiriesOpen;
    case Outcome::kFiled:
    case Outcome::kUnchanged:
      return Folder::kFiled;
    case Outcome::kTested:
    case Outcome::kAnswered:
      return Folder::kEnquiries;
    case Outcome::kNotice:
      return Folder::kNotices;
    case Outcome::kIgnored:
      return Folder::kIgnored;
  }
  return Folder::kFailed;
}

mime::Contents data_parts(const mime::Message& message, const Limits& limits) {
  mime::Contents found = mime::Contents::of(message, limits);
  auto& list = found.list();
  auto carries = [](const mime::Content& c) {
    return c.looks_like == mime::LooksLike::kData || c.looks_like == mime::LooksLike::kOther;
  };
  if (std::any_of(list.begin(), list.end(), carries)) {
    std::erase_if(list, [&](const mime::Content& c) { return !carries(c); });
  } else {
    // A picture of a table with nothing beside it deserves an answer; a logo does not.
    std::erase_if(list, [](const mime::Content& c) {
      return c.looks_like != mime::LooksLike::kImage || c.name.empty() ||
             c.body.size() < kPictureBytes;
    });
  }
  if (list.empty()) {
    // A form may be the message itself: filled in and sent back.
    for (std::size_t i = 0; i < message.parts.size(); ++i) {
      const mime::Part& part = message.parts[i];
      if (!part.is_leaf || part.media_type != "text/plain") continue;
      mime::Content form;
      form.how = mime::How::kWritten;
      form.part = static_cast<std::uint32_t>(i);
      form.body = part.body;
      form.encoding = part.encoding;
      auto head = read_head(*form.open(), kDetectBytes);
      if (head.ok() && looks_like_form(*head)) list.push_back(std::move(form));
    }
  }
  if (list.size() < 2) return found;
  std::stable_partition(list.begin(), list.end(), [&](const mime::Content& c) {
    if (c.obstacle) return false;
    auto source = c.open();
    auto head = read_head(*source, kDetectBytes);
    return head.ok() && detect(*head).kind == FileKind::kSdmxMlStructure;
  });
  return found;
}

Finding damaged_encoding(const std::string& path, const mime::BodySource& source) {
  Finding finding;
  finding.rule = &rules::damaged_encoding;
  finding.component = path;
  finding.detail = source.damage_sentence();
  return finding;
}

/// Files the data messages of one attachment as they are read, each in its own savepoint, and keeps
/// what it found until the item is settled.
class Case::ItemFiler final : public FileVisitor, private BatchTaker {
 public:
  ItemFiler(Case& owner, DocketRecord& record, const Authority& authority,
            const mime::BodySource& source)
      : owner_(owner),
        source_(source),
        record_(record),
        authority_(authority),
        filer_(owner.home_.store().database(), owner.writer_, owner.home_.settings().limits,
               limits(owner.home_.settings().large_change)) {}

  Result<BatchTaker*> data_begins(const std::string&) override {
    outcomes_.clear();
    filing_ = false;
    const Docket& docket = record_.docket;
    bool known = owner_.contact_ != nullptr;
    // What must wait is merged too, and undone: so the letter that asks can show what it would
    // change.
    if (!known || !authority_.concerns(number()) || owner_.test_wanted(docket)) return nullptr;
    FP_TRY(filer_.begin());
    filing_ = true;
    return this;
  }

  Status file_done(ExaminedFile file) override {
    // Broken base64 may have eaten a digit where the rest still reads well: nothing of it is filed.
    if (source_.damaged()) file.findings.add(damaged_encoding(file.path, source_));
    return owner_.settle_item(std::move(file), *this, record_.docket, authority_);
  }

  std::uint32_t number() const { return std::uint32_t(record_.docket.items.size()) + 1; }
  bool filing() const { return filing_; }
  /// A dataset that was examined before.
  Status take_dataset(const DataMessage& message, std::uint32_t dataset,
                      std::unique_ptr<StagedRows> rows) {
    FP_TRY(begin_dataset(message, dataset));
    filer_.take_staged(std::move(rows));
    return end_dataset(dataset);
  }
  const std::vector<MergeOutcome>& outcomes() const { return outcomes_; }
  Status keep() {
    filing_ = false;
    return filer_.keep();
  }
  Status drop() {
    if (!filing_) return {};
    filing_ = false;
    return filer_.drop();
  }

 private:
  static LargeChangeLimits limits(const LargeChange& s) {
    return {s.total_share, s.total_least, s.cell_share, s.cells_share, s.deleted_share};
  }

  Status begin_dataset(const DataMessage& message, std::uint32_t dataset) override {
    const DatasetHead& head = message.datasets[dataset];
    FilingFacts facts;
    facts.docket = record_.docket.id;
    facts.item = number();
    facts.dataset = dataset;
    facts.structure = head.flow;
    facts.provider = owner_.contact_->provider.id;
    facts.action = head.action;
    facts.action_given = head.action_given;
    facts.filed_at = owner_.now_;
    facts.prepared = parse_time(message.prepared);
    facts.judged_before = authority_.judged_before;
    facts.origin_gateway = owner_.home_.gateway_id();
    facts.origin_docket = record_.docket.number.text();
    facts.origin_order = ++owner_.home_.origin_order();
    auto agreements = owner_.lookup_->agreements(owner_.contact_->provider, head.flow->dataflow);
    if (!agreements.empty()) facts.agreement = agreements.front()->agreement->ref.text();
    // Where a Delete leaves dimensions open it reaches only what the provider's agreements cover.
    facts.owns = [agreements, flow = head.flow](std::string_view key) {
      std::vector<std::int32_t> codes;
      for (std::string_view part : split(key, '.')) {
        const FlowComponent& component = flow->components[codes.size()];
        codes.push_back(component.coded() ? component.codes->find(part) : kNoCode);
        if (codes.size() == flow->dimension_count) break;
      }
      return std::any_of(agreements.begin(), agreements.end(), [&](const AgreementTerms* terms) {
        return std::all_of(terms->rules.begin(), terms->rules.end(),
                           [&](const RegionRule& rule) { return rule.allows_key(codes); });
      });
    };
    return filer_.begin_dataset(std::move(facts));
  }
  Status take(const ObservationBatch& batch) override { return filer_.take(batch); }
  Status end_dataset(std::uint32_t dataset) override {
    FP_ASSIGN(MergeOutcome outcome, filer_.end_dataset());
    if (outcomes_.size() <= dataset) outcomes_.resize(dataset + 1);
    outcomes_[dataset] = std::move(outcome);
    return {};
  }
  Status give_up() override { return drop(); }

  Case& owner_;
  const mime::BodySource& source_;
  DocketRecord& record_;
  const Authority& authority_;
  Filer filer_;
  std::vector<MergeOutcome> outcomes_;  ///< by dataset
  bool filing_ = false;
};

Case::Case(Home& home, DataWriter& writer, Time now)
    : home_(home), writer_(writer), now_(now), lookup_(home.snapshot()) {}

void Case::open(std::string_view raw, DocketRecord& record, std::uint64_t size) {
  size_ = std::max<std::uint64_t>(size, raw.size());
  Docket& docket = record.docket;
  message_ = mime::parse(raw, home_.settings().limits);
  const mime::Headers& top = message_.top();
  docket.message_id = shorten(one_line(top.message_id().value_or("")), 400);
  docket.subject = shorten(one_line(top.decoded("Subject").value_or("")), 400);
  docket.received = now_;

  std::string own_domain = home_.message_id_domain();
  classified_ = mime::classify(message_, {home_.gateway_id(), own_domain});

  // Identity is the outer message's.
  Assessment assessed =
      assess(message_, *lookup_, home_.settings(), home_.trust(), now_, docket.sender);
  contact_ = assessed.contact;
  signed_content_ = std::move(assessed.signed_content);
  if (!contact_)
    docket.sender.lang = language_of(docket.subject + "\n" + mime::body_text(message_, 4096).text);
  // Of a signed message only what was signed is looked at, in the very bytes that were verified.
  if (signed_content_)
    signed_message_ = mime::parse(signed_content_->bytes(), home_.settings().limits);
  contents_ = data_parts(signed_content_ ? signed_message_ : message_, home_.settings().limits);
}

void Case::examine_ahead(std::size_t& most_bytes) {
  const auto& list = contents_.list();
  if (not_looked_into() || message_limit() || list.size() > home_.settings().limits.attachments)
    return;
  for (const mime::Content& content : list) {
    auto examined = focalpost::examine_ahead(content, context(), most_bytes);
    if (!examined.ok()) return;
    most_bytes -= examined->staged_bytes;
    ahead_.push_back(std::move(*examined));
  }
}

bool Case::not_looked_into() const {
  return !contact_ || classified_.sender == mime::Sender::kBounce ||
         classified_.sender == mime::Sender::kOwn;
}

ExamineContext Case::context() const {
  ExamineContext context;
  context.lookup = lookup_.get();
  context.limits = &home_.settings().limits;
  context.now = now_;
  context.provider = contact_->provider;
  context.temporary = home_.paths().temporary();
  return context;
}

const std::string& Case::text() const {
  if (!text_) text_ = mime::body_text(message_, kTextLookedAt).text;
  return *text_;
}

Result<std::string> Case::content_hash() const {
  std::vector<std::string> hashes = part_hashes_;
  if (hashes.empty())
    for (const mime::Content& content : contents_.list()) {
      if (hashes.size() == home_.settings().limits.attachments) break;  // as judge() does
      Sha256Stream one;
      auto source = content.open();
      for (;;) {
        FP_ASSIGN(auto bytes, source->next());
        if (bytes.empty()) break;
        one.update({bytes.data(), bytes.size()});
      }
      hashes.push_back(to_hex(one.finish()));
    }
  Sha256Stream all;
  for (const std::string& hash : hashes) all.update(hash);
  all.update(text());
  return to_hex(all.finish());
}

bool Case::test_wanted(const Docket& docket) const {
  return says_test(docket.subject);
}

Status Case::judge(DocketRecord& record, const Authority& authority) {
  Docket& docket = record.docket;
  const Limits& limits = home_.settings().limits;
  std::vector<Item> before = std::move(docket.items);
  docket.items.clear();
  docket.reason.clear();
  bool automatic = classified_.sender != mime::Sender::kPersonal;
  if (classified_.sender == mime::Sender::kBounce || classified_.sender == mime::Sender::kOwn ||
      (automatic && !contact_)) {
    docket.outcome =
        classified_.sender == mime::Sender::kOwn ? Outcome::kIgnored : Outcome::kNotice;
    docket.reason = classified_.reason;
    return {};
  }
  if (!contact_) {
    FP_ASSIGN(const bool asked, ask_desk(docket));
    if (asked) return {};
    FP_ASSIGN(auto asks, stranger_asks(docket));
    if (asks) {
      docket.outcome = asks->outcome;
      docket.reason = "the sender is not registered";
      docket.items.push_back(std::move(*asks));
      return {};
    }
    docket.outcome = Outcome::kAnswered;
    docket.reason = "the sender is not registered";
    if (docket.sender.address.empty()) {
      // Nobody can be answered: what brings something is a person's to look at.
      docket.outcome = contents_.list().empty() ? Outcome::kIgnored : Outcome::kOpen;
      docket.reason = "no single sender in From";
    }
    return {};
  }
  if (auto limit = message_limit(); limit) {
    docket.items.push_back(std::move(*limit));
    docket.outcome = Outcome::kRejected;
    return {};
  }
  FP_TRY(accept_signature(docket));
  part_hashes_.clear();
  // What replies to a question is an answer, with all that is attached to it, and nothing else.
  if (!automatic) {
    FP_ASSIGN(auto answers, answers_request(docket, before, authority));
    if (answers) {
      docket.outcome = answers->outcome;
      docket.items.push_back(std::move(*answers));
      return bound_held(home_, docket);
    }
  }
  const auto& list = contents_.list();
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (i == limits.attachments) {
      Item rest = refused_item(fmt::format("+{}", list.size() - i), rules::too_many_attachments,
                               std::to_string(list.size()), std::to_string(limits.attachments));
      rest.number = std::uint32_t(docket.items.size()) + 1;
      docket.items.push_back(std::move(rest));
      break;
    }
    // What an earlier part of this message changed was not known ahead.
    Examination* ahead = i < ahead_.size() && up_to_date() ? &ahead_[i] : nullptr;
    FP_TRY(judge_part(list[i], ahead, record, authority));
  }
  std::vector<Item> said;
  if (!automatic) {
    FP_ASSIGN(said, what_is_said(docket, before, authority));
  }
  if (docket.items.empty() && !said.empty()) {
    for (Item& item : said) {
      item.number = std::uint32_t(docket.items.size()) + 1;
      docket.items.push_back(std::move(item));
    }
    docket.outcome = outcome_of(docket.items);
    return bound_held(home_, docket);
  }
  if (docket.items.empty()) {
    // A robot without data is a notice; a person without data waits for a person's answer.
    docket.outcome = automatic ? Outcome::kNotice : Outcome::kOpen;
    docket.reason = automatic ? classified_.reason : "no data in the message";
    if (automatic) return {};
    FP_ASSIGN(const bool asked, ask_desk(docket));
    FP_ASSIGN(const bool robot, answers_like_a_robot(docket));
    if (robot) return {};
    if (asked) {
      docket.reason.clear();
      return bound_held(home_, docket);
    }
    if (auto item = instead_of_data()) {
      docket.outcome = item->outcome;
      docket.reason.clear();
      docket.items.push_back(std::move(*item));
      return {};
    }
    FP_ASSIGN(auto asks, asks_person(docket));
    docket.outcome = asks ? asks->outcome : Outcome::kAnswered;
    if (asks) docket.items.push_back(std::move(*asks));
    return {};
  }
  remark(docket, message_, text(), home_.settings().address, header_notes(docket));
  std::move(said.begin(), said.end(), std::back_inserter(docket.items));
  for (std::size_t i = 0; i < docket.items.size(); ++i) {
    Item& item = docket.items[i];
    if (item.kind == kCommandKind) item.number = std::uint32_t(i) + 1;
    if (!authority.concerns(item.number))
      for (Item& old : before)
        if (old.number == item.number) item = old;
  }
  docket.outcome = outcome_of(docket.items);
  // Who sent it is told when its institution is asked (held.h).
  if (automatic && docket.outcome == Outcome::kHeld) docket.reason = classified_.reason;
  return bound_held(home_, docket);
}

Result<std::vector<Item>> Case::what_is_said(const Docket& docket, const std::vector<Item>& before,
                                             const Authority& authority) {
  const Said said{message_, text(), docket, *contact_, !docket.items.empty(), now_};
  std::vector<Item> items;
  if (!authority.again()) {
    FP_ASSIGN(items, read_commands(home_, said));
    if (!items.empty()) return items;
    FP_ASSIGN(auto answer, read_answer(home_, said));
    if (answer) items.push_back(std::move(*answer));
    if (!items.empty()) return items;
    return read_duty_answer(home_, heard(docket), false);
  }
  // What was said once is not said again; but a command that was held is carried out now.
  for (const Item& old : before) {
    if (old.kind != kCommandKind) continue;
    if (old.outcome != Outcome::kHeld || !authority.concerns(old.number)) {
      items.push_back(old);
      continue;
    }
    if (is_held_duty_answer(old)) {
      FP_ASSIGN(auto answers, read_duty_answer(home_, heard(docket), true));
      std::move(answers.begin(), answers.end(), std::back_inserter(items));
      continue;
    }
    FP_ASSIGN(auto now, read_commands(home_, said, old.path));
    // What is none of a coordinator's commands is the desk's, which answers all of it anew.
    if (!now.empty()) items.push_back(std::move(now.front()));
  }
  return items;
}

Heard Case::heard(const Docket& docket) const {
  return {message_, signed_content_ ? signed_message_ : message_, docket, contact_, now_};
}

Result<std::optional<Item>> Case::stranger_asks(const Docket& docket) {
  std::optional<Item> nothing;
  if (docket.sender.address.empty()) return nothing;
  FP_ASSIGN(auto word, read_asker_word(home_, heard(docket)));
  if (!word) {
    FP_ASSIGN(word, read_subscriber_word(home_, heard(docket)));
  }
  if (word) return word;
  // Who sends data is told how to be registered.
  if (!contents_.list().empty()) return nothing;
  Question question;
  question.text = question_in(heard(docket));
  if (question.text.empty() || explain_text(question.text)) return nothing;
  return open_request(home_, heard(docket), std::move(question));
}

Result<std::optional<Item>> Case::answers_request(const Docket& docket,
                                                  const std::vector<Item>& before,
                                                  const Authority& authority) {
  if (!authority.again()) {
    FP_ASSIGN(auto word, read_asker_word(home_, heard(docket)));
    if (!word) {
      FP_ASSIGN(word, read_subscriber_word(home_, heard(docket)));
    }
    return word ? std::move(word) : read_request_answer(home_, heard(docket), false);
  }
  for (const Item& old : before)
    if (is_held_answer(old) && authority.concerns(old.number))
      return read_request_answer(home_, heard(docket), true);
  return std::optional<Item>();
}

Result<std::optional<Item>> Case::asks_person(const Docket& docket) {
  const Heard said = heard(docket);
  const std::string own = mime::above_quote(text());
  if (!said.message.top().in_reply_to().empty() && mime::only_thanks(own))
    return std::optional(request_item(rules::said_thanks, {}));
  FP_ASSIGN(auto unclear, unclear_duty_answer(home_, said));
  if (unclear) return unclear;
  FP_ASSIGN(Question question, in_thread_of(home_, said));
  question.text = question_in(said);
  if (question.text.empty()) return std::optional<Item>();
  FP_ASSIGN(auto item, open_request(home_, said, std::move(question)));
  FP_ASSIGN(auto offer, offer_beside(home_, docket.id, 1, item));
  if (offer) {
    reply_.emplace();
    reply_->offer = std::move(offer->answer);
    reply_->files = std::move(offer->files);
  }
  return item;
}

Status Case::accept_signature(Docket& docket) {
  if (!signed_content_) return {};
  FP_ASSIGN(std::int64_t first,
            home_.store().trust().accept_signed(signed_content_->hash, docket.id, now_));
  if (first == docket.id) return {};
  FP_ASSIGN(auto earlier, home_.store().dockets().find(first));
  take_back_signature(*signed_content_, earlier ? earlier->docket.number.text() : std::string(),
                      docket.sender);
  return {};
}

std::optional<Item> Case::message_limit() const {
  const Limits& limits = home_.settings().limits;
  auto item = [](const Rule& rule, std::uint64_t limit) {
    return refused_item("message", rule, "", std::to_string(limit));
  };
  if (size_ > limits.message_bytes) return item(rules::message_too_large, limits.message_bytes);
  // What lies beyond a limit was not seen: data there must not be taken for absent.
  auto seen = [&](mime::Oddity what) { return message_.has(what) || signed_message_.has(what); };
  if (seen(mime::Oddity::kTooManyParts)) return item(rules::too_many_parts, limits.parts);
  if (seen(mime::Oddity::kTooDeep)) return item(rules::too_many_parts, limits.part_depth);
  if (seen(mime::Oddity::kHeaderLineTooLong) || seen(mime::Oddity::kHeaderBlockTooLong))
    return item(rules::header_too_large, limits.header_block_bytes);
  return {};
}

Result<bool> Case::ask_desk(Docket& docket) {
  if (docket.sender.address.empty()) return false;
  // From alone is all that there is of who is not registered.
  const Assurance sure =
      contact_ ? docket.sender.assurance : std::max(docket.sender.assurance, Assurance::kFrom);
  if (sure < home_.settings().policy[Act::kEnquire]) return false;
  FP_ASSIGN(auto vocabulary, home_.vocabulary());
  const Limits& limits = home_.settings().limits;
  const std::string own = mime::above_quote(text());
  enquiry::Enquiry enquiry = enquiry::read(docket.subject, own, *vocabulary, limits, now_);
  // "Asylum, Kyrgyzstan, May 2026" above a letter is what the letter is about, not what is asked;
  // "Re: GET ..." above one is old.
  const bool named = std::all_of(enquiry.commands.begin(), enquiry.commands.end(),
                                 [](const enquiry::Command& command) { return command.implied; });
  if ((named || enquiry.reply) && enquiry.from_subject == enquiry.commands.size() &&
      !trim(own).empty())
    enquiry = enquiry::read({}, own, *vocabulary, limits, now_);
  // Words to a question of somebody else's, which this message is no reply to.
  std::erase_if(enquiry.commands, [](const enquiry::Command& command) {
    return command.verb == enquiry::Verb::kDecline || command.verb == enquiry::Verb::kForward ||
           command.verb == enquiry::Verb::kClose;
  });
  if (enquiry.commands.empty() && (enquiry.lines.empty() || !enquiry.free_words.empty()))
    return false;
  // Nothing but a question: all that was written goes to a person.
  auto is_question = [](const enquiry::Command& command) {
    return command.verb == enquiry::Verb::kAsk;
  };
  if (!enquiry.commands.empty() &&
      std::all_of(enquiry.commands.begin(), enquiry.commands.end(), is_question))
    return false;
  commanded_ = enquiry.commands.size() > (trim(own).empty() ? 0 : enquiry.from_subject);
  const Asker asker = asker_of(*lookup_, docket, now_);
  FP_ASSIGN(DeskAnswer answer, answer_enquiry(home_, enquiry, asker, now_));
  if (!asker.contact && !enquiry.commands.empty() && !enquiry.commands.front().lang.empty())
    docket.sender.lang = enquiry.commands.front().lang;
  std::uint32_t part = 0;
  for (std::size_t i = 0; i < enquiry.commands.size(); ++i) {
    const enquiry::Command& command = enquiry.commands[i];
    if (is_subscription(command.verb)) {
      FP_ASSIGN(SubscriptionDone done, carry_out_subscription(home_, heard(docket), command));
      Answered& answered = answer.transcript.answers[i];
      answered.sentences = std::move(done.sentences);
      answered.facts = std::move(done.facts);
      if (!done.waits) continue;
      Item& item = answer.items[i];
      item.kind = kCommandKind;
      item.path = std::move(done.understood);
      item.outcome = Outcome::kHeld;
      item.hold = HoldReason::kAssurance;
      continue;
    }
    if (!is_question(command)) continue;
    Question question;
    question.text = command.text;
    question.areas = command.areas;
    question.flows = command.flows;
    question.part = ++part;
    FP_ASSIGN(auto item, open_request(home_, heard(docket), std::move(question)));
    if (!item) continue;
    item->number = answer.items[i].number;
    FP_ASSIGN(auto offer, offer_beside(home_, docket.id, part, item));
    if (offer) {
      Answered& said = answer.transcript.answers[i];
      said.offer = std::move(offer->answer);
      std::move(offer->files.begin(), offer->files.end(), std::back_inserter(said.attachments));
    }
    AnswerSentence sentence;
    if (!item->findings.empty()) sentence.finding = item->findings.front();
    answer.transcript.answers[i].sentences.push_back(std::move(sentence));
    answer.items[i] = std::move(*item);
  }
  reply_ = DeskReply{std::move(answer.transcript), reader_of(asker, docket.sender.lang)};
  docket.items = std::move(answer.items);
  docket.outcome = docket.items.empty() ? Outcome::kAnswered : outcome_of(docket.items);
  return true;
}

Result<bool> Case::answers_like_a_robot(Docket& docket) {
  if (commanded_ || !mime::answers_own(message_.top(), home_.message_id_domain())) return false;
  std::string why = "it answers a letter of ours and begins like a notice of absence";
  if (!mime::begins_as_absence(docket.subject)) {
    const std::uint64_t most = home_.settings().limits.empty_answers_per_day;
    Correspondents counted = home_.store().correspondents();
    const std::string key = "empty:" + docket.sender.address;
    FP_ASSIGN(const std::uint64_t today, counted.replies_since(key, now_ - std::chrono::hours(24)));
    if (today < most) {
      FP_TRY(counted.note_reply(key, now_));
      return false;
    }
    why = fmt::format("answers to our letters that bring nothing: more than {} in a day", most);
  }
  docket.items.clear();
  reply_.reset();
  docket.outcome = Outcome::kNotice;
  docket.reason = std::move(why);
  return true;
}

std::optional<Item> Case::instead_of_data() const {
  auto why = explain_text(text());
  if (!why) {
    std::size_t others = other_recipients(message_, home_.settings().address);
    why = Finding();
    // Who asks us something may let others read it.
    const std::string own = mime::without_signature(mime::above_quote(text()));
    if (others > 0 && own.find('?') == own.npos) {
      why->rule = &rules::several_recipients;
      why->value = std::to_string(others);
    } else if (speaks_of_attachment(own)) {
      why->rule = &rules::attachment_forgotten;
    } else {
      return {};
    }
  }
  bool rejected = why->rule->severity == Severity::kError;
  Item item = refused_item("", *why->rule, why->value, why->detail);
  item.outcome = rejected ? Outcome::kRejected : Outcome::kAnswered;
  item.errors = rejected ? 1 : 0;
  item.infos = rejected ? 0 : 1;
  return item;
}

std::vector<Finding> Case::header_notes(const Docket& docket) const {
  std::vector<Finding> notes;
  auto subject = message_.top().text("Subject");
  if (subject && !subject->assumed_charset.empty())
    notes.push_back(charset_assumed("Subject", docket.subject, subject->assumed_charset));
  return notes;
}

Status Case::judge_part(const mime::Content& content, Examination* ahead, DocketRecord& record,
                        const Authority& authority) {
  Docket& docket = record.docket;
  std::size_t first = docket.items.size();
  std::string sha256;
  if (ahead) {
    ItemFiler filer(*this, record, authority, *ahead->source);
    FP_TRY(replay(*ahead, filer));
    sha256 = std::move(ahead->sha256);
  } else {
    auto source = content.open();
    ItemFiler filer(*this, record, authority, *source);
    FP_ASSIGN(sha256, examine_content(content, *source, context(), filer));
  }
  for (std::size_t i = first; i < docket.items.size(); ++i) docket.items[i].sha256 = sha256;
  part_hashes_.push_back(std::move(sha256));
  return {};
}

Status Case::replay(Examination& ahead, ItemFiler& filer) {
  for (Examination::File& one : ahead.files) {
    if (one.file.is_data) {
      FP_ASSIGN(BatchTaker * taker, filer.data_begins(one.file.path));
      for (std::uint32_t d = 0; taker && d < one.datasets.size(); ++d)
        if (one.datasets[d])
          FP_TRY(filer.take_dataset(one.file.message, d, std::move(one.datasets[d])));
    }
    FP_TRY(filer.file_done(std::move(one.file)));
  }
  return {};
}

Status Case::settle_item(ExaminedFile file, ItemFiler& filer, Docket& docket,
                         const Authority& authority) {
  StoredHistory history = home_.store().history(contact_->provider.id);
  FP_TRY(compare(file, &history));
  Item item;
  item.number = filer.number();
  item.path = std::move(file.path);
  item.kind = std::move(file.kind);
  item.test = file.message.test || test_wanted(docket);
  item.prepared = file.message.prepared;
  const bool released = authority.released.count(item.number) > 0;
  const bool accepted = released || authority.confirmed.count(item.number) > 0;
  for (std::size_t d = 0; d < file.message.datasets.size(); ++d) {
    const DatasetHead& head = file.message.datasets[d];
    DatasetOutcome dataset;
    dataset.structure = head.flow ? head.flow->name().text() : head.structure.text();
    dataset.name_lang_id = head.flow ? head.flow->name().id : head.structure.id;
    dataset.action = head.action;
    if (d < file.datasets.size()) {
      const DatasetStatistics& statistics = file.datasets[d];
      dataset.series = statistics.series;
      dataset.observations = statistics.observations;
      dataset.first_period = statistics.first.text();
      dataset.last_period = statistics.last.text();
      dataset.areas = statistics.areas;
    }
    item.datasets.push_back(std::move(dataset));
  }

  // Contradictions that only the merge could see: one cell twice, far apart in a large file.
  std::uint64_t conflicts = 0;
  for (const MergeOutcome& outcome : filer.outcomes()) conflicts += outcome.conflicts;
  if (conflicts > 0 && file.findings.errors() == 0) {
    Finding finding;
    finding.rule = &rules::duplicate_conflict;
    finding.count = conflicts;
    file.findings.add(std::move(finding));
  }

  if (file.findings.errors() > 0) {
    item.outcome = Outcome::kRejected;
    FP_TRY(filer.drop());
  } else if (file.structures) {
    bool allowed = released || docket.sender.assurance >= home_.settings().policy[Act::kStructures];
    FP_TRY(save_structures(*file.structures, item, docket.id, allowed, released));
  } else if (file.metadata) {
    const auto& policy = home_.settings().policy;
    const MetadataRights rights{docket.sender.assurance >= policy[Act::kFile],
                                docket.sender.assurance >= policy[Act::kRevise], released,
                                accepted};
    FP_TRY(file_metadata(home_, file, docket.id, now_, rights, item));
  } else if (item.test) {
    item.outcome = Outcome::kTested;
    FP_TRY(filer.drop());
  } else if (!filer.filing()) {
    item.outcome = Outcome::kHeld;
    item.hold = HoldReason::kAssurance;
  } else {
    bool changed = false, revised = false, touched = false;
    for (std::size_t d = 0; d < filer.outcomes().size() && d < item.datasets.size(); ++d) {
      const MergeOutcome& outcome = filer.outcomes()[d];
      item.datasets[d].change = outcome.change;
      changed = changed || outcome.change.changed();
      revised = revised || outcome.change.revised + outcome.change.withdrawn > 0;
      touched = touched || outcome.touched;
      if (outcome.append_conflict)
        item.hold = HoldReason::kAppend;
      else if (outcome.older && item.hold == HoldReason::kNone)
        item.hold = HoldReason::kOlder;
      if (outcome.large_change && item.hold != HoldReason::kAppend)
        item.hold = HoldReason::kLargeChange;
    }
    const auto& policy = home_.settings().policy;
    const bool sure = docket.sender.assurance >= policy[Act::kFile] &&
                      (!revised || docket.sender.assurance >= policy[Act::kRevise]);
    if (accepted) item.hold = touched ? HoldReason::kTouched : HoldReason::kNone;
    if (!sure && !released && changed) item.hold = HoldReason::kAssurance;
    if (item.hold == HoldReason::kTouched) {
      Finding finding;
      finding.rule = &rules::held_touched;
      item.findings.push_back(std::move(finding));
      ++item.warnings;
    }
    if (item.hold != HoldReason::kNone) {
      item.outcome = Outcome::kHeld;
      FP_TRY(filer.drop());
    } else {
      item.outcome = changed ? Outcome::kFiled : Outcome::kUnchanged;
      // Nothing new from who may not be the sender leaves no trace either.
      FP_TRY(sure || released ? filer.keep() : filer.drop());
    }
  }
  if (item.outcome == Outcome::kHeld) {
    // Who is asked sees what came by some of its values: those that the merge met first say less.
    for (std::size_t d = 0; d < item.datasets.size() && d < file.datasets.size(); ++d) {
      auto& cells = item.datasets[d].change.cells;
      std::erase_if(cells,
                    [](const CellChange& cell) { return cell.kind == CellChange::Kind::kNew; });
      for (const HeadCell& head : file.datasets[d].head) {
        CellChange& cell = cells.emplace_back();
        cell.kind = CellChange::Kind::kNew;
        cell.series = head.series;
        cell.period = head.period.text();
        cell.after = head.value;
      }
    }
  }
  item.errors += file.findings.errors();
  item.warnings += file.findings.warnings();
  item.infos += file.findings.infos();
  item.findings.insert(item.findings.begin(), file.findings.listed().begin(),
                       file.findings.listed().end());
  docket.items.push_back(std::move(item));
  return {};
}

Status Case::save_structures(const Structures& structures, Item& item, std::int64_t docket,
                             bool allowed, bool released) {
  if (!allowed) {
    item.outcome = Outcome::kHeld;
    item.hold = HoldReason::kAssurance;
    return {};
  }
  std::vector<Finding> refused = not_allowed(structures, *contact_, *lookup_);
  if (!refused.empty() && !released) {
    item.outcome = Outcome::kRejected;
    item.errors += refused.size();
    for (Finding& finding : refused) item.findings.push_back(std::move(finding));
    return {};
  }
  FP_ASSIGN(StructureEffects effects, effects_of(structures, home_));
  for (Finding& finding : effects.findings) {
    (finding.rule->severity == Severity::kWarning ? item.warnings : item.infos) += finding.count;
    item.findings.push_back(std::move(finding));
  }
  if (item.test) {
    item.outcome = Outcome::kTested;
    return {};
  }
  if (effects.invalidates && !released) {
    item.outcome = Outcome::kHeld;
    item.hold = HoldReason::kEffects;
    return {};
  }
  FP_ASSIGN(StructuresSaved saved, home_.store().structures().save(structures, now_, docket));
  if (!saved.immutable.empty()) {
    item.outcome = Outcome::kRejected;
    for (const Ref& ref : saved.immutable) {
      Finding finding;
      finding.rule = &rules::structure_final;
      finding.value = ref.text();
      item.findings.push_back(std::move(finding));
    }
    item.errors += saved.immutable.size();
    return {};
  }
  item.outcome =
      saved.added.empty() && saved.changed.empty() ? Outcome::kUnchanged : Outcome::kFiled;
  if (item.outcome == Outcome::kFiled) {
    FP_TRY(home_.reload_structures());
    // The rest of this message is judged by the new structures; who sent it was told by the old
    // ones, which contact_ points into and lookup_ keeps until then.
    auto fresh = home_.snapshot();
    std::string address(contact_->contact->emails.empty() ? "" : contact_->contact->emails.front());
    contact_ = fresh->contact(address);
    lookup_ = fresh;
    if (!contact_) return not_right("the structures took their own sender off the roster");
  }
  return {};
}

}  // namespace focalpost
