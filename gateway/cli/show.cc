// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <iostream>

#include "base/json.h"
#include "base/text.h"
#include "cli/verbs.h"
#include "compose/receipt.h"
#include "flow/assurance.h"
#include "flow/home.h"

namespace focalpost::cli {
namespace {

/// A question of the docket, and what became of it.
struct ShownRequest {
  Request request;
  std::vector<RequestEvent> events;
};

Json request_json(const ShownRequest& one) {
  const Request& request = one.request;
  Json history = Json::array();
  for (const RequestEvent& event : one.events)
    history.push_back({{"at", format_rfc3339(event.at)}, {"what", event.what}, {"who", event.who}});
  return {{"request", request.name()},
          {"state", request_state_name(request.state)},
          {"asker", request.registered() ? request.provider : "outside"},
          {"areas", request.areas},
          {"flows", request.flows},
          {"with", request.with.address},
          {"role", request.with.role},
          {"institution", request.with.provider},
          {"opened", format_rfc3339(request.opened)},
          {"public", request.is_public},
          {"history", std::move(history)}};
}

void print(const ShownRequest& one) {
  const Request& request = one.request;
  std::cout << fmt::format("\nrequest {}: {}{}\n", request.name(),
                           request_state_name(request.state),
                           request.is_public ? ", the answer is public" : "");
  if (!request.areas.empty() || !request.flows.empty())
    std::cout << fmt::format("  about {} {}\n", fmt::join(request.flows, ","),
                             fmt::join(request.areas, ","));
  if (!request.with.address.empty())
    std::cout << fmt::format("  with {} ({}, {})\n", request.with.address, request.with.provider,
                             request.with.role);
  for (const RequestEvent& event : one.events)
    std::cout << fmt::format("  {} {}{}{}\n", format_rfc3339(event.at), event.what,
                             event.who.empty() ? "" : ": ", event.who);
}

Json docket_json(const DocketRecord& record, const std::vector<OutboxEntry>& replies,
                 const std::vector<ShownRequest>& requests, const Phrases& phrases) {
  const Docket& docket = record.docket;
  Json items = Json::array(), mails = Json::array(), asked = Json::array();
  for (const ShownRequest& one : requests) asked.push_back(request_json(one));
  for (const Item& item : docket.items) {
    Json datasets = Json::array(), findings = Json::array();
    for (const DatasetOutcome& dataset : item.datasets)
      datasets.push_back({{"structure", dataset.structure},
                          {"action", action_name(dataset.action)},
                          {"series", dataset.series},
                          {"observations", dataset.observations},
                          {"first_period", dataset.first_period},
                          {"last_period", dataset.last_period},
                          {"areas", dataset.areas},
                          {"new", dataset.change.created},
                          {"revised", dataset.change.revised},
                          {"unchanged", dataset.change.unchanged},
                          {"withdrawn", dataset.change.withdrawn},
                          {"left", dataset.change.left}});
    for (const Finding& finding : item.findings)
      findings.push_back({{"rule", finding.rule->id},
                          {"severity", severity_name(finding.rule->severity)},
                          {"line", finding.at.line},
                          {"message", finding_sentence(finding, phrases)}});
    items.push_back({{"item", item.number},
                     {"file", item.path},
                     {"kind", item.kind},
                     {"sha256", item.sha256},
                     {"outcome", outcome_name(item.outcome)},
                     {"hold", hold_reason_name(item.hold)},
                     {"test", item.test},
                     {"errors", item.errors},
                     {"warnings", item.warnings},
                     {"datasets", std::move(datasets)},
                     {"findings", std::move(findings)}});
  }
  for (const OutboxEntry& mail : replies)
    mails.push_back({{"message_id", mail.message_id},
                     {"to", mail.recipient},
                     {"subject", mail.subject},
                     {"state", outbox_state_name(mail.state)},
                     {"not_before", format_rfc3339(mail.not_before)}});
  return {{"docket", docket.number.text()},
          {"attempt", docket.attempt},
          {"outcome", outcome_name(docket.outcome)},
          {"folder", record.folder},
          {"reason", docket.reason},
          {"received", format_rfc3339(docket.received)},
          {"from", docket.sender.address},
          {"registered", docket.sender.registered},
          {"provider", docket.sender.provider},
          {"contact", docket.sender.contact},
          {"lang", docket.sender.lang},
          {"assurance", int(docket.sender.assurance)},
          {"assurance_why", docket.sender.why},
          {"assurance_detail", docket.sender.why_detail},
          {"sender_remark", docket.sender.remark},
          {"subject", docket.subject},
          {"message_id", docket.message_id},
          {"items", std::move(items)},
          {"requests", std::move(asked)},
          {"replies", std::move(mails)}};
}

void print(const DocketRecord& record, const Phrases& phrases) {
  const Docket& docket = record.docket;
  std::cout << fmt::format("No. {}: {} (folder {}, attempt {})\n", docket.number.text(),
                           outcome_name(docket.outcome), record.folder, docket.attempt);
  std::cout << fmt::format("from      {}", docket.sender.address);
  if (docket.sender.registered)
    std::cout << fmt::format(" ({}, {}; assurance {})", docket.sender.provider,
                             docket.sender.contact, int(docket.sender.assurance));
  else
    std::cout << " (not registered)";
  // A confirmation came on top of what the message itself was worth.
  if (docket.sender.assurance == Assurance::kConfirmed)
    std::cout << "\n          confirmed by an answer to our letter";
  else if (!docket.sender.why.empty())
    std::cout << "\n          " << why_sentence(docket.sender.why, docket.sender.why_detail);
  if (!docket.sender.remark.empty()) std::cout << "\nnotice    " << docket.sender.remark;
  std::cout << fmt::format("\nsubject   {}\nreceived  {}\n", docket.subject,
                           format_rfc3339(docket.received));
  if (!docket.reason.empty()) std::cout << "reason    " << docket.reason << "\n";
  for (const Item& item : docket.items) {
    std::cout << fmt::format(
        "\n{}. {}: {}{}\n   {}\n   SHA-256 {}\n", item.number,
        item.path.empty() ? "the message" : item.path, outcome_name(item.outcome),
        item.hold == HoldReason::kNone ? "" : fmt::format(" ({})", hold_reason_name(item.hold)),
        item.kind, item.sha256);
    for (const DatasetOutcome& dataset : item.datasets) {
      // A description of data has answers, which are no observations.
      const std::string what =
          dataset.first_period.empty()
              ? fmt::format("{} values", dataset.observations)
              : fmt::format("{} series, {} observations, {} to {}", dataset.series,
                            dataset.observations, dataset.first_period, dataset.last_period);
      std::cout << fmt::format("   {} {}: {}; {} new, {} revised, {} unchanged, {} withdrawn\n",
                               dataset.structure, action_name(dataset.action), what,
                               dataset.change.created, dataset.change.revised,
                               dataset.change.unchanged, dataset.change.withdrawn);
    }
    for (const Finding& finding : item.findings)
      std::cout << fmt::format("   {}: {} [{}]\n", severity_name(finding.rule->severity),
                               finding_sentence(finding, phrases), finding.rule->id);
    if (item.errors + item.warnings + item.infos > item.findings.size())
      std::cout << fmt::format("   in all {} errors, {} warnings\n", item.errors, item.warnings);
  }
}

}  // namespace

Result<int> show(const Options& options, const ShowArguments& arguments) {
  const auto& [text, mails] = arguments;
  auto number = DocketNumber::parse(text);
  if (!number)
    return usage_error(fmt::format("\"{}\" is no docket number", text),
                       "They look like 2026-000147; `focalpost status` lists the newest.");
  FP_ASSIGN(Home home, Home::open(options.home, Home::Access::kLook));
  FP_ASSIGN(auto record, home.store().dockets().find(*number));
  if (!record)
    return not_right(fmt::format("there is no docket {}", text),
                     "`focalpost status` lists the newest.");
  FP_ASSIGN(auto replies, home.store().outbox().of_docket(record->docket.id));
  FP_ASSIGN(const Phrases* phrases, home.phrases().in("en"));
  std::vector<ShownRequest> requests;
  FP_ASSIGN(auto asked, home.store().requests().of_docket(record->docket.id));
  for (Request& one : asked) {
    FP_ASSIGN(auto events, home.store().requests().events(one.id));
    requests.push_back({std::move(one), std::move(events)});
  }
  if (options.json) {
    std::cout << json_text(docket_json(*record, replies, requests, *phrases)) << "\n";
    return 0;
  }
  print(*record, *phrases);
  for (const ShownRequest& one : requests) print(one);
  for (const OutboxEntry& mail : replies) {
    const bool later = mail.state == OutboxState::kWaiting && mail.not_before > mail.created;
    std::cout << fmt::format(
        "\nreply {} to {}: {}{}\n", mail.message_id, mail.recipient, outbox_state_name(mail.state),
        later ? fmt::format(", not before {}", format_rfc3339(mail.not_before)) : "");
    if (!mails) continue;
    FP_ASSIGN(std::string bytes, home.store().outbox().bytes(mail.id));
    std::cout << "\n" << readable_mail(bytes);
  }
  return 0;
}

}  // namespace focalpost::cli
