// SPDX-License-Identifier: Apache-2.0
#include "model/finding.h"

#include <algorithm>
#include <iterator>
#include <tuple>

namespace focalpost {

std::string_view severity_name(Severity severity) {
  switch (severity) {
    case Severity::kInfo:
      return "info";
    case Severity::kWarning:
      return "warning";
    case Severity::kError:
      return "error";
  }
  return "";
}

const Rule* find_rule(std::string_view id) {
  for (const Rule* rule : kRules)
    if (rule->id == id) return rule;
  return nullptr;
}

void FindingList::tally(const Rule& rule, std::uint64_t n) {
  switch (rule.severity) {
    case Severity::kInfo:
      infos_ += n;
      break;
    case Severity::kWarning:
      warnings_ += n;
      break;
    case Severity::kError:
      errors_ += n;
      break;
  }
  rule_counts_.resize(std::size(kRules));
  for (std::size_t i = 0; i < std::size(kRules); ++i)
    if (kRules[i]->id == rule.id) rule_counts_[i] += n;
}

void FindingList::add(Finding finding) {
  tally(*finding.rule, finding.count);
  std::size_t place = finding.dataset == Finding::kNoDataset ? 0 : finding.dataset + 1;
  if (place >= listed_in_.size()) listed_in_.resize(place + 1);
  if (listed_in_[place] >= limit_) return;
  ++listed_in_[place];
  listed_.push_back(std::move(finding));
}

void FindingList::sort_listed() {
  std::stable_sort(listed_.begin(), listed_.end(), [](const Finding& a, const Finding& b) {
    auto place = [](const Finding& f) { return std::tuple(f.dataset + 1, f.at.line, f.at.column); };
    return place(a) < place(b);
  });
}

bool FindingList::listing(std::uint32_t dataset) const {
  std::size_t place = dataset == Finding::kNoDataset ? 0 : dataset + 1;
  return place >= listed_in_.size() || listed_in_[place] < limit_;
}

void FindingList::count(const Rule& rule, std::uint32_t) {
  tally(rule, 1);
}

std::vector<std::pair<const Rule*, std::uint64_t>> FindingList::by_rule() const {
  std::vector<std::pair<const Rule*, std::uint64_t>> result;
  for (std::size_t i = 0; i < rule_counts_.size(); ++i)
    if (rule_counts_[i] > 0) result.emplace_back(kRules[i], rule_counts_[i]);
  return result;
}

}  // namespace focalpost
