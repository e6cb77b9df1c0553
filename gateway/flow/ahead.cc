// SPDX-License-Identifier: Apache-2.0
#include "flow/ahead.h"

#include "flow/content.h"

namespace focalpost {
namespace {

class Recorder final : public FileVisitor, private BatchTaker {
 public:
  Recorder(Examination& to, std::size_t most_bytes) : to_(to), most_bytes_(most_bytes) {}

  Result<BatchTaker*> data_begins(const std::string&) override {
    datasets_.clear();
    return this;
  }
  Status file_done(ExaminedFile file) override {
    for (auto& rows : datasets_)
      if (rows) to_.staged_bytes += rows->bytes();
    for (const auto& dataset : file.plausibility) to_.staged_bytes += dataset->bytes();
    if (to_.staged_bytes > most_bytes_) return too_much();
    to_.files.push_back({std::move(file), std::exchange(datasets_, {})});
    return {};
  }

 private:
  Status begin_dataset(const DataMessage& message, std::uint32_t dataset) override {
    const DatasetHead& head = message.datasets[dataset];
    if (datasets_.size() <= dataset) datasets_.resize(dataset + 1);
    datasets_[dataset] = std::make_unique<StagedRows>();
    datasets_[dataset]->begin(head.flow, head.action);
    current_ = datasets_[dataset].get();
    return {};
  }
  Status take(const ObservationBatch& batch) override {
    current_->take(batch);
    return current_->bytes() > most_bytes_ ? too_much() : Status();
  }
  Status end_dataset(std::uint32_t) override { return {}; }
  Status give_up() override {
    datasets_.clear();
    return {};
  }
  static Status too_much() { return temporary("too much to be examined ahead"); }

  Examination& to_;
  std::size_t most_bytes_;
  std::vector<std::unique_ptr<StagedRows>> datasets_;
  StagedRows* current_ = nullptr;
};

}  // namespace

Result<Examination> examine_ahead(const mime::Content& content, const ExamineContext& context,
                                  std::size_t most_bytes) {
  Examination made;
  Recorder recorder(made, most_bytes);
  made.source = content.open();
  FP_ASSIGN(made.sha256, examine_content(content, *made.source, context, recorder));
  return made;
}

}  // namespace focalpost
