// SPDX-License-Identifier: Apache-2.0
#include "flow/convert.h"

#include <fmt/format.h>

#include <optional>

#include "base/text.h"
#include "sdmx/data_reader.h"

namespace focalpost {
namespace {

/// Surveys one data message while it is judged; of a second one it takes nothing.
class SurveyTaker final : public BatchTaker {
 public:
  explicit SurveyTaker(const Limits& limits) : limits_(limits) {}
  Status begin_dataset(const DataMessage&, std::uint32_t) override { return {}; }
  Status take(const ObservationBatch& batch) override {
    return messages == 1 ? survey.take(batch, limits_) : Status();
  }
  Status end_dataset(std::uint32_t) override { return {}; }
  Status give_up() override { return {}; }

  DataSurvey survey;
  std::size_t messages = 0;

 private:
  const Limits& limits_;
};

Error changed(const fs::path& path) {
  return temporary(fmt::format("{} changed while it was read", one_line(path.string())),
                   "Try again when nobody writes to it.");
}

}  // namespace

Result<Conversion> convert_file(const fs::path& path, const OutputFormat& format,
                                const CheckContext& context,
                                const std::function<void(CheckedFile)>& report,
                                const ByteSink& sink) {
  Conversion done;
  SurveyTaker taker(*context.limits);
  std::size_t files = 0, place = 0;
  std::string others;
  std::optional<DataMessage> message;
  FP_TRY(check_file(
      path, context,
      [&](CheckedFile checked) {
        done.right = done.right && checked.file.verdict() == Verdict::kAccepted;
        if (checked.file.is_data) {
          place = files;
          done.name = checked.name;
          message = checked.file.message;
          for (const DatasetStatistics& dataset : checked.file.datasets) {
            ++done.datasets;
            done.series += dataset.series;
            done.observations += dataset.observations;
          }
        } else {
          others += fmt::format("{}{} ({})", others.empty() ? "" : ", ", one_line(checked.name),
                                checked.file.kind);
        }
        ++files;
        report(std::move(checked));
      },
      [&]() -> BatchTaker* {
        ++taker.messages;
        return &taker;
      }));
  if (!done.right) return done;
  if (taker.messages == 0 || !message)
    return not_right(fmt::format("there are no data to convert: {}", others),
                     "Structure messages are written by `focalpost schema`.");
  if (taker.messages > 1)
    return not_right(
        fmt::format("{} holds {} data messages", one_line(path.string()), taker.messages),
        "Unpack it and convert them one by one.");
  taker.survey.finish(*message);
  OutgoingHeader& header = taker.survey.message.header;
  if (message->format == "sdmx-csv") {
    if (!taker.survey.message.structures.empty()) {
      const Ref& name = taker.survey.message.structures.front()->name();
      header.id = legal_id(name.id);
      header.sender = legal_id(name.agency);
    }
  }
  if (header.prepared.empty()) header.prepared = format_rfc3339(context.now);

  DataWriteOptions options;
  options.flat = format.flat;
  auto writer = make_data_writer(format.format, sink, options, *context.limits);
  std::size_t number = 0;
  bool written = false;
  auto write = [&](const std::string&, ByteSource& source) -> Status {
    if (number++ != place) return {};
    FP_ASSIGN(std::string head, read_head(source, kDetectBytes));
    const Detection detection = detect(head);
    PrefixedSource bytes(std::move(head), source);
    FindingList findings(1);
    auto reader = open_data(bytes, detection, *context.lookup, findings, *context.limits);
    FP_TRY(copy_data(taker.survey, *reader, *writer));
    if (findings.errors() > 0) return changed(path);
    written = true;
    return {};
  };
  FP_TRY(each_file(path, context, write));
  if (!written) return changed(path);
  return done;
}

}  // namespace focalpost
