// SPDX-License-Identifier: Apache-2.0
#include "sdmx/read_ahead.h"

#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "base/worker.h"

namespace focalpost {
namespace {

/// Holds findings back until it is the caller's turn. Keeps no more of them than would be listed.
class HeldFindings final : public FindingSink {
 public:
  explicit HeldFindings(std::uint64_t limit) : limit_(limit) {}

  void add(Finding finding) override {
    if (listing(finding.dataset)) {
      const std::size_t at = place(finding.dataset);
      if (at >= given_.size()) given_.resize(at + 1);
      ++given_[at];
      held_.push_back(std::move(finding));
    } else {
      counted_[{finding.dataset, finding.rule}] += finding.count;
    }
  }
  bool listing(std::uint32_t dataset) const override {
    return place(dataset) >= given_.size() || given_[place(dataset)] < limit_;
  }
  void count(const Rule& rule, std::uint32_t dataset) override { ++counted_[{dataset, &rule}]; }

  void give_to(FindingSink& sink) {
    for (Finding& finding : held_) sink.add(std::move(finding));
    for (const auto& [what, times] : counted_)
      for (std::uint64_t i = 0; i < times; ++i) sink.count(*what.second, what.first);
    held_.clear();
    counted_.clear();
  }

 private:
  std::size_t place(std::uint32_t dataset) const {
    return dataset == Finding::kNoDataset ? 0 : std::size_t{dataset} + 1;
  }

  const std::uint64_t limit_;
  std::vector<Finding> held_;
  std::map<std::pair<std::uint32_t, const Rule*>, std::uint64_t> counted_;
  std::vector<std::uint64_t> given_;  ///< by place()
};

class ReadAhead final : public DataReader {
 public:
  ReadAhead(ByteSource& bytes, const Detection& detection, const StructureLookup& structures,
            FindingSink& sink, const Limits& limits)
      : sink_(sink),
        held_(limits.findings_listed),
        reader_(open_data(bytes, detection, structures, held_, limits)) {}
  ~ReadAhead() override { worker_.wait(); }

  Result<ObservationBatch*> next() override {
    if (ahead_)
      worker_.wait();
    else
      read();
    held_.give_to(sink_);
    if (message_.datasets.size() != reader_->message().datasets.size() || !read_->ok() || !**read_)
      message_ = reader_->message();
    Result<ObservationBatch*> given = std::move(*read_);
    read_.reset();
    // A batch that is not full is the end of something; where it is the end of all, no thread
    // needs to be started to find that out.
    ahead_ = given.ok() && *given && (ahead_ || (*given)->size() >= kBatchObservations);
    if (ahead_) worker_.start([this] { read(); });
    return given;
  }
  const DataMessage& message() const override { return message_; }

 private:
  void read() { read_.emplace(reader_->next()); }

  FindingSink& sink_;
  HeldFindings held_;
  std::unique_ptr<DataReader> reader_;
  DataMessage message_;  ///< as the caller may see it
  std::optional<Result<ObservationBatch*>> read_;
  bool ahead_ = false;
  Worker worker_;  // last: it ends before what it works with
};

}  // namespace

std::unique_ptr<DataReader> open_data_ahead(ByteSource& bytes, const Detection& detection,
                                            const StructureLookup& structures, FindingSink& sink,
                                            const Limits& limits) {
  return std::make_unique<ReadAhead>(bytes, detection, structures, sink, limits);
}

}  // namespace focalpost
