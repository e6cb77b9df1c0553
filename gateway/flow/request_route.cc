// SPDX-License-Identifier: Apache-2.0
#include "flow/request_route.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "base/domain.h"
#include "base/text.h"
#include "enquiry/named.h"
#include "flow/bounces.h"
#include "mime/compose.h"
#include "mime/own_words.h"

namespace focalpost {
namespace {

bool covers_area(const AgreementTerms& terms, std::string_view area) {
  if (!terms.flow || terms.rules.empty()) return false;
  const std::uint16_t component = terms.flow->ref_area;
  if (component == kNoComponent || !terms.flow->components[component].coded()) return false;
  const std::int32_t code = terms.flow->components[component].codes->find(area);
  return code != kNoCode &&
         std::all_of(terms.rules.begin(), terms.rules.end(),
                     [&](const RegionRule& rule) { return rule.allows_value(component, code); });
}

bool covers_one_of(const AgreementTerms& terms, const std::vector<std::string>& areas) {
  return std::any_of(areas.begin(), areas.end(),
                     [&](const std::string& area) { return covers_area(terms, area); });
}

bool about_one_of(const AgreementTerms& terms, const std::vector<std::string>& flows) {
  return std::find(flows.begin(), flows.end(), terms.agreement->dataflow.id) != flows.end();
}

/// "asylum" for ASYLUM and ASYLUM_DEC.
bool named_after(const Contact& contact, const std::vector<std::string>& flows) {
  return !contact.id.empty() && std::any_of(flows.begin(), flows.end(), [&](const std::string& f) {
    return ascii_istarts_with(f, contact.id);
  });
}

class Finder {
 public:
  Finder(Home& home, const Subject& subject, Time now)
      : home_(home), lookup_(home.lookup()), subject_(subject), now_(now) {}

  Result<std::vector<Responsible>> find() {
    std::vector<ProviderRef> exact, there;
    auto note = [](std::vector<ProviderRef>& list, const ProviderRef& provider) {
      if (std::find(list.begin(), list.end(), provider) == list.end()) list.push_back(provider);
    };
    std::vector<ProviderRef> reporting;
    for (const AgreementTerms& terms : lookup_.agreements()) {
      if (!terms.valid_at(now_)) continue;
      const ProviderRef& provider = terms.agreement->provider;
      note(reporting, provider);
      const bool area = covers_one_of(terms, subject_.areas);
      const bool flow = about_one_of(terms, subject_.flows);
      if (flow && area) note(exact, provider);
      if (area) note(there, provider);
    }
    for (const auto* list : {&exact, &there})
      for (const ProviderRef& provider : *list) FP_TRY(add_institution(provider));
    for (const ProviderRef& provider : there) FP_TRY(add_role(provider, kCoordinatorRole));
    if (subject_.contact) {
      FP_TRY(add_role(subject_.contact->provider, kCoordinatorRole));
      for (const RosterEntry& entry : lookup_.roster())
        if (looks_after(lookup_, entry, *subject_.contact) &&
            std::find(reporting.begin(), reporting.end(), entry.provider) != reporting.end())
          FP_TRY(add(entry, kCoordinatorRole));
    }
    for (const bool any : {false, true})
      for (const RosterEntry& entry : lookup_.roster())
        if (any || std::find(reporting.begin(), reporting.end(), entry.provider) == reporting.end())
          FP_TRY(add(entry, kCoordinatorRole));
    std::stable_partition(all_.begin(), all_.end(), [](const Responsible& r) { return !r.away; });
    return std::move(all_);
  }

  Result<std::vector<Responsible>> of_institution(const ProviderRef& provider) {
    FP_TRY(add_institution(provider));
    FP_TRY(add_role(provider, kCoordinatorRole));
    return std::move(all_);
  }

  std::vector<Responsible> found() { return std::move(all_); }

  /// As `role`, or as what the entry is.
  Status add(const RosterEntry& entry, std::string_view role) {
    if (!role.empty() && !entry.has_role(role)) return {};
    if (subject_.contact && subject_.contact->contact == entry.contact) return {};
    if (role.empty())
      role = entry.has_role(kFocalPoint)   ? kFocalPoint
             : entry.has_role(kSubstitute) ? kSubstitute
                                           : kCoordinatorRole;
    Correspondents correspondents = home_.store().correspondents();
    for (const std::string& address : entry.contact->emails) {
      if (!mime::is_sendable_address(address) || ascii_iequal(address, subject_.asker) ||
          without_tag(address) == without_tag(home_.settings().address))
        continue;
      FP_ASSIGN(auto trouble, correspondents.trouble(address));
      if (trouble && trouble->dead_since) continue;
      if (!known_.insert(ascii_lower(address)).second) return {};
      FP_ASSIGN(auto away, correspondents.away_since(address));
      all_.push_back({&entry, address, std::string(role), away && now_ - *away < kAwayFor});
      return {};
    }
    return {};
  }

 private:
  Status add_role(const ProviderRef& provider, std::string_view role) {
    for (const RosterEntry& entry : lookup_.roster())
      if (entry.provider == provider) FP_TRY(add(entry, role));
    return {};
  }

  Status add_institution(const ProviderRef& provider) {
    // The one for the subject, who stands in for it, and only then its colleagues.
    for (const RosterEntry& entry : lookup_.roster())
      if (entry.provider == provider && named_after(*entry.contact, subject_.flows))
        FP_TRY(add(entry, kFocalPoint));
    const bool found = std::any_of(all_.begin(), all_.end(), [&](const Responsible& r) {
      return r.who->provider == provider;
    });
    if (!found)
      for (const RosterEntry& entry : lookup_.roster())
        if (entry.provider == provider && entry.has_role(kFocalPoint)) {
          FP_TRY(add(entry, kFocalPoint));
          break;
        }
    FP_TRY(add_role(provider, kSubstitute));
    return add_role(provider, kFocalPoint);
  }

  Home& home_;
  const StructureLookup& lookup_;
  const Subject& subject_;
  Time now_;
  std::vector<Responsible> all_;
  std::set<std::string> known_;
};

/// Whether every word that was written is one of these names.
bool holds_words(const std::vector<std::string>& wanted, const std::vector<const Texts*>& names) {
  std::set<std::string> there;
  for (const Texts* texts : names)
    for (const LocalText& name : *texts)
      for (std::string& word : mime::words_of(name.text)) there.insert(std::move(word));
  return std::all_of(wanted.begin(), wanted.end(),
                     [&](const std::string& word) { return there.count(word) > 0; });
}

/// Without what endings change: «молдов» for Молдова and Молдове.
std::string stem(std::string word) {
  constexpr std::array<std::string_view, 12> kEndings = {"ия", "ія", "а", "я", "ь", "и",
                                                         "ы",  "і",  "е", "о", "у", "й"};
  for (std::string_view ending : kEndings)
    if (word.ends_with(ending)) {
      word.resize(word.size() - ending.size());
      break;
    }
  return word;
}

/// Words of countries' names that say nothing.
bool is_common(std::string_view word) {
  constexpr std::array<std::string_view, 10> kCommon = {
      "republic",  "республика", "республіка", "federation", "федерация",
      "федерація", "kingdom",    "united",     "states",     "islands"};
  return std::find(kCommon.begin(), kCommon.end(), word) != kCommon.end();
}

/// Words as written, of letters, digits and "_" of ASCII.
std::set<std::string> ascii_words(std::string_view text) {
  std::set<std::string> all;
  std::string word;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    const char c = i < text.size() ? text[i] : ' ';
    if ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_') {
      word += c;
    } else if (!word.empty()) {
      all.insert(std::move(word));
      word.clear();
    }
  }
  return all;
}

}  // namespace

std::vector<std::string> areas_in(const StructureLookup& lookup, std::string_view text) {
  constexpr std::size_t kShortest = 4, kLongestEnding = 6;  // bytes
  const std::set<std::string> codes = ascii_words(text);
  std::set<std::string> words;
  for (std::string& word : mime::words_of(text)) words.insert(std::move(word));
  std::map<std::string, const Code*> covered;
  for (const AgreementTerms& terms : lookup.agreements()) {
    if (!terms.flow || terms.flow->ref_area == kNoComponent || terms.rules.empty()) continue;
    const FlowComponent& component = terms.flow->components[terms.flow->ref_area];
    if (!component.coded()) continue;
    for (std::size_t c = 0; c < component.codes->size(); ++c) {
      const auto code = static_cast<std::int32_t>(c);
      std::string id(component.codes->id(code));
      if (covered.count(id) == 0 && covers_area(terms, id))
        covered.emplace(std::move(id), &component.codes->code(code));
    }
  }
  auto named = [&](const Code& code) {
    for (const LocalText& name : code.names)
      for (const std::string& part : mime::words_of(name.text)) {
        if (is_common(part)) continue;
        const std::string begins = stem(part);
        if (begins.size() < kShortest) continue;
        const auto word = words.lower_bound(begins);
        if (word != words.end() && word->starts_with(begins) &&
            word->size() <= begins.size() + kLongestEnding)
          return true;
      }
    return false;
  };
  std::vector<std::string> found;
  for (const auto& [id, code] : covered)
    if (found.size() < kMostAreas && (codes.count(id) > 0 || named(*code))) found.push_back(id);
  return found;
}

std::vector<std::string> flows_in(const StructureLookup& lookup, std::string_view text) {
  const std::set<std::string> words = ascii_words(text);
  std::vector<std::string> found;
  for (const auto& flow : lookup.flows())
    if (words.count(flow->dataflow.id) > 0) found.push_back(flow->dataflow.id);
  return found;
}

Result<std::vector<std::string>> flows_meant(Home& home, std::string_view text) {
  std::vector<std::string> found = flows_in(home.lookup(), text);
  if (found.empty()) {
    FP_ASSIGN(auto vocabulary, home.vocabulary());
    const auto named = enquiry::flows_named(text, *vocabulary, home.settings().limits);
    std::set<std::string> of_names;
    for (const RosterEntry& entry : home.lookup().roster())
      for (const LocalText& name : entry.organisation->names)
        for (std::string& word : mime::words_of(name.text)) of_names.insert(std::move(word));
    auto is_sure = [&](const enquiry::NamedFlow& one) {
      const auto words = mime::words_of(one.words);
      return std::any_of(words.begin(), words.end(),
                         [&](const std::string& word) { return of_names.count(word) == 0; });
    };
    const bool some = std::any_of(named.begin(), named.end(), is_sure);
    for (const enquiry::NamedFlow& one : named)
      if (!some || is_sure(one)) found.push_back(one.id);
  }
  if (found.size() > kMostFlows) found.resize(kMostFlows);
  return found;
}

Result<std::vector<Responsible>> responsible_for(Home& home, const Subject& subject, Time now) {
  return Finder(home, subject, now).find();
}

Result<std::vector<Responsible>> responsible_in(Home& home, const ProviderRef& provider,
                                                std::string_view flow, Time now) {
  const Subject subject{{}, {std::string(flow)}, {}, nullptr};
  return Finder(home, subject, now).of_institution(provider);
}

Result<std::optional<Responsible>> named(Home& home, std::string_view text, const Subject& subject,
                                         Time now) {
  std::optional<Responsible> nobody;
  const StructureLookup& lookup = home.lookup();
  text = trim(text);
  auto first = [](std::vector<Responsible> all) {
    // Who was named is asked even if away: that is the forwarder's decision.
    auto there = std::find_if(all.begin(), all.end(), [](const auto& r) { return !r.away; });
    if (all.empty()) return std::optional<Responsible>();
    return std::optional(there == all.end() ? all.front() : *there);
  };
  if (text.find('@') != text.npos) {
    std::string_view address = text;
    if (auto open = address.find('<'); open != address.npos) {
      address.remove_prefix(open + 1);
      address = address.substr(0, address.find('>'));
    }
    const RosterEntry* entry = lookup.contact(trim(address));
    if (!entry) return nobody;
    Finder finder(home, subject, now);
    FP_TRY(finder.add(*entry, {}));
    return first(finder.found());
  }
  for (const RosterEntry& entry : lookup.roster())
    if (ascii_iequal(entry.provider.id, text)) {
      FP_ASSIGN(auto all, Finder(home, subject, now).of_institution(entry.provider));
      return first(std::move(all));
    }
  const bool code = std::any_of(
      lookup.agreements().begin(), lookup.agreements().end(),
      [&](const AgreementTerms& terms) { return covers_area(terms, ascii_upper(text)); });
  if (code) {
    Subject there = subject;
    there.areas = {ascii_upper(text)};
    FP_ASSIGN(auto all, Finder(home, there, now).find());
    return first(std::move(all));
  }
  const std::vector<std::string> wanted = mime::words_of(text);
  constexpr std::size_t kShortest = 3, kMostWords = 20;
  if (wanted.empty() || wanted.size() > kMostWords || text.size() < kShortest) return nobody;
  // A contact by its own name and its institution's; else an institution.
  std::vector<const RosterEntry*> contacts;
  std::set<ProviderRef> institutions;
  for (const RosterEntry& entry : lookup.roster()) {
    if (holds_words(wanted, {&entry.organisation->names})) institutions.insert(entry.provider);
    if (holds_words(wanted, {&entry.organisation->names, &entry.contact->names}))
      contacts.push_back(&entry);
  }
  if (institutions.size() == 1) {
    FP_ASSIGN(auto all, Finder(home, subject, now).of_institution(*institutions.begin()));
    return first(std::move(all));
  }
  if (!institutions.empty() || contacts.size() != 1) return nobody;
  Finder finder(home, subject, now);
  FP_TRY(finder.add(*contacts.front(), {}));
  return first(finder.found());
}

}  // namespace focalpost
