// SPDX-License-Identifier: Apache-2.0
#include "mime/automatic.h"

#include "catch.h"

using namespace focalpost;
using namespace focalpost::mime;

namespace {

Sender sender(const std::string& header, OwnMarks own = {"pest", "post.example"}) {
  std::string raw = header + "\n\nbody";
  Message m = parse(raw, Limits());
  Classified c = classify(m, own);
  CHECK(c.reason.empty() == (c.sender == Sender::kPersonal));
  return c.sender;
}

}  // namespace

TEST_CASE("people are people") {
  CHECK(sender("From: a@b.example\nSubject: Report") == Sender::kPersonal);
  CHECK(sender("Auto-Submitted: no") == Sender::kPersonal);
  CHECK(sender("X-Auto-Response-Suppress: All") == Sender::kPersonal);
  CHECK(sender("Subject: Out of office next week, data attached") == Sender::kPersonal);
  CHECK(sender("Subject: Re: Автоматический ответ: Report") == Sender::kPersonal);
  CHECK(sender("Precedence: first-class") == Sender::kPersonal);
  CHECK(sender("Return-Path: <a@b.example>") == Sender::kPersonal);
  CHECK(sender("From: postmaster@b.example") == Sender::kPersonal);
  CHECK(sender("") == Sender::kPersonal);
}

TEST_CASE("bounces") {
  CHECK(sender("Content-Type: multipart/report; report-type=\"delivery-status\"; boundary=b") ==
        Sender::kBounce);
  CHECK(sender("From: MAILER-DAEMON@b.example (Mail Delivery System)") == Sender::kBounce);
  CHECK(sender("From: MAILER-DAEMON") == Sender::kBounce);
  CHECK(sender("Return-Path: <>\nFrom: postmaster@b.example") == Sender::kBounce);
  CHECK(sender("X-Failed-Recipients: a@b.example") == Sender::kBounce);
  CHECK(
      sender("Content-Type: multipart/report; report-type=disposition-notification; boundary=b") ==
      Sender::kAutoReply);
}

TEST_CASE("automatic replies and robots") {
  for (std::string header :
       {"Auto-Submitted: auto-replied (vacation)", "Auto-Submitted: AUTO-GENERATED; x=y",
        "X-Autoreply: yes", "X-Autorespond: Away", "Precedence: auto_reply", "Precedence: Bulk",
        "Precedence: junk", "Delivered-To: Autoresponder", "Return-Path: <>",
        "Subject: Автоответ: Отчёт", "Subject: АВТОМАТИЧЕСКИЙ ОТВЕТ: x",
        "Subject: Автоматична відповідь: x", "Subject: АВТОВІДПОВІДЬ: x",
        "Subject: =?utf-8?B?0JDQstGC0L7QvtGC0LLQtdGCOiB4?=", "Subject: Automatic reply: x",
        "Subject: Out of Office\nX-Auto-Response-Suppress: DR, OOF",
        "X-Focalpost-Gateway: another"})
    CHECK(sender(header) == Sender::kAutoReply);
}

TEST_CASE("lists") {
  CHECK(sender("List-Id: <l.b.example>") == Sender::kMailingList);
  CHECK(sender("Precedence: list") == Sender::kMailingList);
  CHECK(sender("List-Unsubscribe: <mailto:x@b.example>\nPrecedence: bulk") == Sender::kMailingList);
}

TEST_CASE("our own messages coming back") {
  CHECK(sender("X-Focalpost-Gateway: PEST\nAuto-Submitted: auto-replied") == Sender::kOwn);
  CHECK(sender("Message-ID: <2026-000147.1.ab12cd@Post.Example>") == Sender::kOwn);
  CHECK(sender("Message-ID: <1@post.example.b.example>") == Sender::kPersonal);
  CHECK(sender("Message-ID: <1@post.example>", OwnMarks()) == Sender::kPersonal);
  CHECK(sender("Message-ID: 1", {"x", "1"}) == Sender::kPersonal);
}

TEST_CASE("who is away, and what is only a receipt") {
  auto away = [](std::string raw) {
    Message m = parse(raw, Limits());
    return says_away(m);
  };
  CHECK(away("Subject: Out of Office: Re: x\n\nback on Monday"));
  CHECK(away("Subject: x\n\nI am on annual leave until 1 June."));
  CHECK(away("Subject: x\nContent-Type: text/plain; charset=utf-8\n\nЯ В ОТПУСКЕ до 1 июня."));
  CHECK(away("Subject: x\nContent-Type: text/plain; charset=utf-8\n\nПеребуваю у відрядженні."));
  CHECK_FALSE(away("Subject: x\n\nYour message has been received, ticket 17."));
  CHECK_FALSE(away("Subject: Read: x\n\n"));
  CHECK_FALSE(away(""));
}

TEST_CASE("answers to our letters, and subjects that begin as an absence notice does") {
  auto answers = [](const std::string& header) {
    const std::string raw = header + "\n\nbody";
    const Message message = parse(raw, Limits());
    return answers_own(message.top(), "post.example");
  };
  CHECK(answers("In-Reply-To: <2026-000147.1.ab12cd@Post.Example>"));
  CHECK(answers("References: <a@b.example> <2026-000147.1.ab12cd@post.example>"));
  CHECK_FALSE(answers("In-Reply-To: <1@post.example.b.example>\nReferences: <a@b.example>"));
  CHECK_FALSE(answers("Message-ID: <1@post.example>\nIn-Reply-To: post.example"));
  for (const char* subject : {"Out of Office: Re: Receipt", "Automatic reply",
                              "АВТООТВЕТ Re: Расписка", "Вне офиса", "Re: Автоматична відповідь: x",
                              "[External] Automatic reply: x", "Я в отпуске. x", "У відпустці: x"})
    CHECK(begins_as_absence(subject));
  for (const char* subject : {"", "Re: Receipt", "[", "Data: out of office", "Re: Re:"})
    CHECK_FALSE(begins_as_absence(subject));
}
