// SPDX-License-Identifier: Apache-2.0
//
// finding: one result of a check, as data. Sentences are made of it in `compose`, from templates.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/observation.h"
#include "model/rules.h"

namespace focalpost {

struct Finding {
  const Rule* rule = nullptr;  ///< in kRules; never null
  std::uint32_t dataset = kNoDataset;
  Position at;
  std::string series;  ///< key, "M.KG._T"
  std::string period;
  std::string component;  ///< component id, element or header field
  std::string value;      ///< what stood there, shortened to 80 code points
  std::string expected;   ///< what should have been there, if that can be said shortly
  std::vector<std::string> suggestions;  ///< the nearest valid codes, best first
  std::string detail;                    ///< anything else the sentence of this rule needs
  std::uint64_t count = 1;               ///< how many such faults this finding stands for

  static constexpr std::uint32_t kNoDataset = UINT32_MAX;
};

/// Where findings go. Rules' severities decide the verdict, so every one must be added, also beyond
/// what will be listed.
class FindingSink {
 public:
  virtual ~FindingSink() = default;
  virtual void add(Finding finding) = 0;
  /// False once nobody will list another finding of this dataset: a judge may then call `count`
  /// instead, and save making the texts.
  virtual bool listing(std::uint32_t dataset) const = 0;
  virtual void count(const Rule& rule, std::uint32_t dataset) = 0;
};

/// Keeps the first `limit` findings of each dataset (and of the message as a whole), counts all.
class FindingList final : public FindingSink {
 public:
  explicit FindingList(std::uint64_t limit) : limit_(limit) {}
  void add(Finding finding) override;
  bool listing(std::uint32_t dataset) const override;
  void count(const Rule& rule, std::uint32_t dataset) override;

  const std::vector<Finding>& listed() const { return listed_; }
  /// By dataset, then line and column: the order in which a person mends a file.
  void sort_listed();
  std::uint64_t errors() const { return errors_; }
  std::uint64_t warnings() const { return warnings_; }
  std::uint64_t infos() const { return infos_; }
  std::uint64_t total() const { return errors_ + warnings_ + infos_; }
  /// How often each rule was broken, in the order of the catalogue; rules never broken are left
  /// out.
  std::vector<std::pair<const Rule*, std::uint64_t>> by_rule() const;

 private:
  void tally(const Rule& rule, std::uint64_t n);
  std::uint64_t limit_;
  std::uint64_t errors_ = 0, warnings_ = 0, infos_ = 0;
  std::vector<Finding> listed_;
  std::vector<std::uint64_t> listed_in_;  ///< per dataset + 1
  std::vector<std::uint64_t> rule_counts_;
};

}  // namespace focalpost
