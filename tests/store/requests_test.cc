// SPDX-License-Identifier: Apache-2.0
#include "store/requests.h"

#include "temporary_store.h"

using namespace focalpost;

namespace {

std::int64_t question_docket(Store& store, int serial) {
  DocketRecord record;
  record.docket.received = from_millis(1000);
  record.docket.sender.address = "asker@a.example";
  Transaction transaction = must(store.begin());
  must(store.dockets().open(record, {"spool", "INBOX", 1, std::to_string(serial)}));
  must(store.dockets().finish(record));
  must(transaction.commit());
  return record.docket.id;
}

Request full(std::int64_t docket) {
  Request request;
  request.docket = docket;
  request.asker = "Asker@A.example";
  request.provider = "KG_NSC";
  request.contact = "population";
  request.lang = "ru";
  request.sure = true;
  request.thread = {"<a@a.example>", "<b@a.example>"};
  request.subject = "Вопрос";
  request.areas = {"KG", "KZ"};
  request.flows = {"ASYLUM"};
  request.question = "How many?\nAnd when?";
  request.with = {"Focal@KZ.example", "focal point", "KZ_MSC", "asylum"};
  request.opened = from_millis(2000);
  request.passed_on = from_millis(3000);
  return request;
}

void add(Store& store, Request& request) {
  Transaction transaction = must(store.begin());
  must(store.requests().add(request));
  must(transaction.commit());
}

}  // namespace

TEST_CASE("a request comes back as it was written, and as it was changed") {
  Store store = memory_store();
  Request request = full(question_docket(store, 1));
  add(store, request);
  auto found = must(store.requests().find(request.id));
  REQUIRE(found);
  CHECK(found->asker == "asker@a.example");
  CHECK(found->registered());
  CHECK(found->lang == "ru");
  CHECK(found->sure);
  CHECK(found->thread == request.thread);
  CHECK(found->areas == request.areas);
  CHECK(found->flows == request.flows);
  CHECK(found->question == request.question);
  CHECK(found->state == RequestState::kOpen);
  CHECK(found->with.address == "focal@kz.example");
  CHECK(found->with.role == "focal point");
  CHECK(found->with.provider == "KZ_MSC");
  CHECK(found->with.contact == "asylum");
  CHECK(found->opened == request.opened);
  CHECK(found->passed_on == request.passed_on);
  CHECK_FALSE(found->reminded);
  CHECK_FALSE(found->settled);
  CHECK(found->number.serial > 0);
  CHECK(found->name() == found->number.text());

  found->state = RequestState::kAnswered;
  found->settled = from_millis(9000);
  found->reminders = 2;
  found->said = "Seven.";
  found->is_public = true;
  found->move_due = true;
  Transaction transaction = must(store.begin());
  must(store.requests().update(*found));
  must(transaction.commit());
  auto again = must(store.requests().find(request.id));
  CHECK(again->state == RequestState::kAnswered);
  CHECK(again->settled == from_millis(9000));
  CHECK(again->reminders == 2);
  CHECK(again->said == "Seven.");
  CHECK(again->is_public);
  CHECK(must(store.requests().to_move()) == std::vector{request.docket});
  must(store.requests().moved(request.docket));
  CHECK(must(store.requests().to_move()).empty());
}

TEST_CASE("several questions of one message are its parts, each once") {
  Store store = memory_store();
  Request first = full(question_docket(store, 1)), second = first;
  second.part = 2;
  add(store, second);
  add(store, first);
  auto all = must(store.requests().of_docket(first.docket));
  REQUIRE(all.size() == 2);
  CHECK(all[0].part == 1);
  CHECK(all[1].name() == all[0].number.text() + "-2");
  Transaction transaction = must(store.begin());
  Request once_more = first;
  CHECK_FALSE(store.requests().add(once_more).ok());
}

TEST_CASE("open ones by age; of an asker only those that wait are counted") {
  Store store = memory_store();
  Request late = full(question_docket(store, 1)), early = full(question_docket(store, 2)),
          stranger = full(question_docket(store, 3));
  late.opened = from_millis(5000);
  stranger.state = RequestState::kUnconfirmed;
  for (Request* one : {&late, &early, &stranger}) add(store, *one);
  auto open = must(store.requests().open());
  REQUIRE(open.size() == 2);
  CHECK(open[0].id == early.id);
  CHECK(must(store.requests().unconfirmed()).at(0).id == stranger.id);
  CHECK(must(store.requests().open_of("ASKER@a.example")) == 3);
  early.state = RequestState::kDeclined;
  Transaction transaction = must(store.begin());
  must(store.requests().update(early));
  must(transaction.commit());
  CHECK(must(store.requests().open_of("asker@a.example")) == 2);
}

TEST_CASE("letters, history and files of a request") {
  Store store = memory_store();
  Request request = full(question_docket(store, 1));
  const std::int64_t reply = question_docket(store, 2);
  add(store, request);
  Requests requests = store.requests();
  CHECK_FALSE(requests.note(request.id, {}).ok());  // only inside a transaction
  {
    Transaction transaction = must(store.begin());
    RequestLetter letter;
    letter.request = request.id;
    letter.kind = RequestLetter::Kind::kConfirm;
    letter.at = from_millis(7);
    must(requests.add_letter(letter));
    auto found = must(requests.letter(letter.id));
    REQUIRE(found);
    CHECK(found->kind == RequestLetter::Kind::kConfirm);
    CHECK(found->request == request.id);
    CHECK(found->at == from_millis(7));
    must(requests.note(request.id, {from_millis(1), "opened", "", request.docket}));
    must(requests.note(request.id, {from_millis(2), "answered", "KZ_MSC, focal point", reply}));
    std::vector<RequestFile> files = {{"a.pdf", "application/pdf", std::string("%PDF\0x", 6)}};
    must(requests.add_files(request.id, "answer", files));
    must(transaction.commit());
  }
  auto events = must(requests.events(request.id));
  REQUIRE(events.size() == 2);
  CHECK(events[1].what == "answered");
  CHECK(events[1].said_in == reply);
  CHECK(must(requests.done_by(reply))->what == "answered");
  CHECK_FALSE(must(requests.done_by(reply + 100)));
  auto files = must(requests.files(request.id, "answer"));
  REQUIRE(files.size() == 1);
  CHECK(files[0].bytes.size() == 6);
  CHECK(must(requests.files(request.id, "question")).empty());
}

TEST_CASE("an asker is forgotten, the public answer stays; purged texts are gone") {
  Store store = memory_store();
  Request request = full(question_docket(store, 1));
  request.state = RequestState::kAnswered;
  request.is_public = true;
  request.said = "Seven.";
  request.settled = from_millis(1);
  add(store, request);
  Requests requests = store.requests();
  must(requests.forget_asker(request.id));
  auto answers = must(requests.public_answers("KG", "ASYLUM", 10));
  REQUIRE(answers.size() == 1);
  CHECK(answers[0].asker.empty());
  CHECK(answers[0].thread.empty());
  CHECK(answers[0].said == "Seven.");
  CHECK(rows(store, "SELECT * FROM request WHERE asker LIKE '%a.example%'").empty());
  CHECK(must(requests.public_answers("K", "", 10)).empty());
  CHECK(must(requests.public_answers("", "FLOWS", 10)).empty());
  CHECK(must(requests.public_answers("", "", 10)).size() == 1);
  Transaction transaction = must(store.begin());
  must(requests.forget_texts(request.docket));
  must(transaction.commit());
  CHECK(must(requests.public_answers("", "", 10)).empty());
  CHECK(must(requests.find(request.id))->question.empty());
}

TEST_CASE("who is away is remembered until that person writes") {
  Store store = memory_store();
  Correspondents correspondents = store.correspondents();
  CHECK_FALSE(must(correspondents.away_since("a@b.example")));
  must(correspondents.note_away("A@b.example", from_millis(5)));
  must(correspondents.note_away("a@b.example", from_millis(6)));
  CHECK(must(correspondents.away_since("a@B.example")) == from_millis(6));
  must(correspondents.note_back("a@b.example"));
  CHECK_FALSE(must(correspondents.away_since("a@b.example")));
}
