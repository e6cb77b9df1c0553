// SPDX-License-Identifier: Apache-2.0
//
// Data are found in mail as it really arrives: mail programs, character sets, wrappers.
#include "catch.h"
#include "cms_maker.h"
#include "lab.h"
#include "mail_set.h"
#include "tnef_maker.h"

using namespace lab;

namespace {

bool has_rule(const Item& item, const Rule& rule) {
  return std::any_of(item.findings.begin(), item.findings.end(),
                     [&](const Finding& f) { return f.rule == &rule; });
}

/// The receipt's text without the line ends that wrapping put into it.
std::string unwrapped(std::string text) {
  return replaced(std::move(text), "\n", " ");
}

/// What a letter became, with what was filed for Kyrgyzstan's asylum statistics.
struct Became {
  Lab lab;
  DocketRecord record;
  std::string reply;

  explicit Became(const std::string& bytes) {
    std::string uid = lab.put(bytes);
    lab.once();
    record = lab.docket_of(uid).value();
    for (const auto& one : lab.replies_to(record)) reply += one->text();
  }
  const Docket& docket() const { return record.docket; }
  const Item& item(std::size_t n = 0) const { return record.docket.items.at(n); }
  std::int64_t filed() { return lab.number("SELECT count(*) FROM data WHERE provider = 'KG_SMS'"); }
  std::string paths() const {
    std::string all;
    for (const Item& item : record.docket.items) all += (all.empty() ? "" : " ") + item.path;
    return all;
  }
};

/// Cells that letter 01's file brings.
std::int64_t cells_of_letter_01() {
  static const std::int64_t count = [] {
    Became plain(letter("01-asylum-xml"));
    return plain.filed();
  }();
  return count;
}

const std::string kHead =
    "From: asylum.statistics@migration.kg.example\r\nTo: gateway@network.example\r\n"
    "Subject: Asylum\r\nDate: Wed, 20 May 2026 08:00:00 +0600\r\n"
    "Message-ID: <found@migration.kg.example>\r\nMIME-Version: 1.0\r\n";

/// The whole dataset was filed from this one item.
void check_filed(Became& became, std::string_view path) {
  INFO(became.paths() << "\n" << became.reply);
  REQUIRE(became.docket().items.size() == 1);
  CHECK(became.item().path == path);
  CHECK(outcome_name(became.docket().outcome) == "filed");
  CHECK(became.filed() == cells_of_letter_01());
}
void check_found(const std::string& bytes, std::string_view path) {
  Became became(bytes);
  check_filed(became, path);
}

std::string uuencode(std::string_view bytes, std::string_view name) {
  std::string out = "begin 644 " + std::string(name) + "\r\n";
  auto digit = [](unsigned v) { return static_cast<char>(v == 0 ? '`' : v + 32); };
  for (std::size_t at = 0; at < bytes.size(); at += 45) {
    std::string_view line = bytes.substr(at, 45);
    out += digit(unsigned(line.size()));
    for (std::size_t i = 0; i < line.size(); i += 3) {
      auto byte = [&](std::size_t k) {
        return k < line.size() ? unsigned(static_cast<unsigned char>(line[k])) : 0u;
      };
      unsigned n = byte(i) << 16 | byte(i + 1) << 8 | byte(i + 2);
      for (int shift = 18; shift >= 0; shift -= 6) out += digit(n >> shift & 63);
    }
    out += "\r\n";
  }
  return out + "`\r\nend\r\n";
}

std::string crlf(std::string text) {
  return replaced(replaced(std::move(text), "\r\n", "\n"), "\n", "\r\n");
}

std::string base64_part(std::string_view type, std::string_view bytes) {
  return "Content-Type: " + std::string(type) + "\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
         base64(bytes);
}

}  // namespace

TEST_CASE("one dataset, as seven mail programs send it in seven sets and four ways of writing") {
  auto mails = mail_set::all_mails(asylum_xml());
  REQUIRE(mails.size() >= 120);
  Lab lab;
  lab.configure("[limits]\nreplies_per_hour = 100000\n");
  std::map<std::string, const mail_set::Mail*> sent;
  std::vector<std::string> order;
  for (const auto& mail : mails) {
    std::string uid = lab.put(mail.bytes);
    sent[uid] = &mail;
    order.push_back(uid);
  }
  lab.once();
  const Item* first = nullptr;
  std::vector<DocketRecord> records;
  for (const std::string& uid : order) records.push_back(lab.docket_of(uid).value());
  std::size_t filed = 0, unchanged = 0;
  for (std::size_t i = 0; i < records.size(); ++i) {
    const mail_set::Mail& mail = mails[i];
    const Docket& docket = records[i].docket;
    INFO(mail.name);
    REQUIRE(docket.items.size() == 1);
    const Item& item = docket.items[0];
    if (!first) first = &item;
    // The first files it; for all others it is the same to the last digit, or it would be a change.
    filed += docket.outcome == Outcome::kFiled;
    unchanged += docket.outcome == Outcome::kUnchanged;
    REQUIRE(item.datasets.size() == 1);
    CHECK(item.errors == 0);
    CHECK(item.kind == first->kind);
    CHECK(item.datasets[0].observations == first->datasets[0].observations);
    CHECK(item.datasets[0].series == first->datasets[0].series);
    bool package = mail.shape.find("winmail") != std::string::npos;
    if (!package) CHECK(item.sha256 == first->sha256);
    CHECK(item.path == (package ? "winmail.dat!" : "") + mail.file_name);
    CHECK(docket.subject == "Данные об убежище");
    // The name comes back unbroken, in both forms of the receipt.
    auto replies = lab.replies_to(records[i]);
    REQUIRE(replies.size() == 1);
    CHECK(unwrapped(replies[0]->text()).find(mail.file_name) != std::string::npos);
    CHECK(replies[0]->text("text/html").find(mail.file_name) != std::string::npos);
    // What was assumed is said; what was said needs no assuming.
    bool unlabelled = mail.name.find("unlabelled") != std::string::npos;
    bool utf8 = mail.name.find("UTF-8") != std::string::npos;
    bool assumed = mail.way == mail_set::NameIn::kMislabelled ||
                   ((unlabelled || mail.way == mail_set::NameIn::kRaw) && !utf8);
    CHECK(has_rule(item, rules::charset_assumed) == assumed);
  }
  CHECK(filed == 1);
  CHECK(filed + unchanged == mails.size());
  CHECK(lab.number("SELECT count(*) FROM data WHERE provider = 'KG_SMS'") == cells_of_letter_01());
}

TEST_CASE("each shape files by itself") {
  auto mails = mail_set::all_mails(asylum_xml());
  const std::size_t of_one_shape = mail_set::kSets.size() * mail_set::kNamesIn.size();
  for (std::size_t i = 2; i < mails.size(); i += of_one_shape) {
    INFO(mails[i].name);
    Became became(mails[i].bytes);
    CHECK(outcome_name(became.docket().outcome) == "filed");
    CHECK(became.filed() == cells_of_letter_01());
  }
}

TEST_CASE("data in forwarded mails") {
  std::string inner =
      "From: a@b.example\r\nSubject: FW\r\nMIME-Version: 1.0\r\n"
      "Content-Type: application/octet-stream; name=\"a.xml\"\r\n"
      "Content-Transfer-Encoding: base64\r\n\r\n" +
      base64(asylum_xml());
  SECTION("as message/rfc822, seven times") {
    std::string mail = inner;
    for (int i = 0; i < 7; ++i)
      mail =
          "From: a@b.example\r\nMIME-Version: 1.0\r\nContent-Type: message/rfc822\r\n\r\n" + mail;
    check_found(kHead + "Content-Type: message/rfc822\r\n\r\n" + mail, "a.xml");
  }
  SECTION("as a file that ends in .eml") {
    check_found(kHead + base64_part("application/octet-stream; name=\"FW.eml\"", inner),
                "FW.eml!a.xml");
  }
  SECTION("as an encoded message/rfc822, which is not allowed") {
    check_found(kHead + base64_part("message/rfc822", inner), "message.eml!a.xml");
  }
  SECTION("deeper than is opened: said, not passed over") {
    std::string mail = inner;
    for (int i = 0; i < 6; ++i)
      mail = "From: a@b.example\r\nMIME-Version: 1.0\r\n" +
             base64_part("application/octet-stream; name=\"FW.eml\"", mail);
    Became became(kHead + base64_part("application/octet-stream; name=\"FW.eml\"", mail));
    CHECK(outcome_name(became.docket().outcome) == "rejected");
    REQUIRE(became.docket().items.size() == 1);
    CHECK(has_rule(became.item(), rules::archive_nested));
  }
  SECTION("the outer sender counts") {
    std::string forged = replaced(kHead, "asylum.statistics@migration.kg.example", "x@y.example");
    Became became(forged + "Content-Type: message/rfc822\r\n\r\n" + kHead +
                  base64_part("application/xml; name=\"a.xml\"", asylum_xml()));
    CHECK(became.filed() == 0);
  }
}

TEST_CASE("S/MIME and OpenPGP are taken off, not believed") {
  std::string entity =
      "Content-Type: text/xml; name=\"a.xml\"\r\n"
      "Content-Transfer-Encoding: base64\r\n\r\n" +
      base64(asylum_xml());
  SECTION("multipart/signed: the signature is passed over") {
    check_found(kHead +
                    "Content-Type: multipart/signed; protocol=\"application/pkcs7-signature\"; "
                    "micalg=sha-256; boundary=S\r\n\r\n--S\r\n" +
                    entity + "\r\n--S\r\n" +
                    base64_part("application/pkcs7-signature; name=smime.p7s",
                                cms_maker::signed_data("", true)) +
                    "\r\n--S--\r\n",
                "a.xml");
  }
  SECTION("opaque, in DER") {
    check_found(
        kHead + base64_part("application/pkcs7-mime; smime-type=signed-data; name=smime.p7m",
                            cms_maker::signed_data(entity)),
        "smime.p7m!a.xml");
  }
  SECTION("opaque, in BER of many pieces") {
    check_found(kHead + base64_part("application/x-pkcs7-mime; name=smime.p7m",
                                    cms_maker::signed_data(entity, false, true)),
                "smime.p7m!a.xml");
  }
  SECTION("a file signed by an e-signature program") {
    check_found(kHead + base64_part("application/octet-stream; name=\"a.xml.p7m\"",
                                    cms_maker::signed_data(asylum_xml())),
                "a.xml");
  }
  SECTION("a signature beside its file") {
    std::string both = kHead + "Content-Type: multipart/mixed; boundary=S\r\n\r\n--S\r\n" + entity +
                       "\r\n--S\r\n" +
                       base64_part("application/octet-stream; name=\"a.xml.sig\"",
                                   cms_maker::signed_data("", true)) +
                       "\r\n--S--\r\n";
    check_found(both, "a.xml");
  }
  SECTION("PGP/MIME signed") {
    check_found(kHead +
                    "Content-Type: multipart/signed; protocol=\"application/pgp-signature\"; "
                    "boundary=S\r\n\r\n--S\r\n" +
                    entity +
                    "\r\n--S\r\nContent-Type: application/pgp-signature; name=signature.asc\r\n\r\n"
                    "-----BEGIN PGP SIGNATURE-----\r\n\r\niQ==\r\n-----END PGP SIGNATURE-----\r\n"
                    "--S--\r\n",
                "a.xml");
  }
  SECTION("a clear-signed file") {
    std::string armoured = "-----BEGIN PGP SIGNED MESSAGE-----\r\nHash: SHA512\r\n\r\n" +
                           crlf(asylum_xml()) +
                           "\r\n-----BEGIN PGP SIGNATURE-----\r\n\r\niQ==\r\n-----END PGP "
                           "SIGNATURE-----\r\n";
    check_found(kHead + base64_part("application/octet-stream; name=\"a.xml.asc\"", armoured),
                "a.xml.asc!a.xml");
  }
  SECTION("a clear-signed letter with the data pasted into it") {
    Became became(
        kHead +
        "Content-Type: text/plain; charset=utf-8\r\n\r\n"
        "-----BEGIN PGP SIGNED MESSAGE-----\r\nHash: SHA512\r\n\r\n"
        "- -- the data --\r\n" +
        crlf(asylum_xml()) +
        "\r\n-----BEGIN PGP SIGNATURE-----\r\n\r\niQ==\r\n-----END PGP SIGNATURE-----\r\n");
    check_filed(became, "text.xml");
  }
}

TEST_CASE("data without a proper attachment") {
  SECTION("XML said to be octets, without a name") {
    check_found(kHead + base64_part("application/octet-stream", asylum_xml()), "part-0");
  }
  SECTION("uuencoded in the text") {
    check_found(
        kHead + "\r\nGood day!\r\n\r\n" + uuencode(asylum_xml(), "a.xml") + "\r\nRegards\r\n",
        "a.xml");
  }
  SECTION("uuencoded in a text that is base64, with a Cyrillic name") {
    std::string text = "Добрый день\r\n\r\n" + uuencode(asylum_xml(), "Убежище.xml");
    check_found(kHead + base64_part("text/plain; charset=utf-8", text), "Убежище.xml");
  }
  SECTION("XML pasted into the text") {
    Became became(kHead +
                  "Content-Type: text/plain; charset=utf-8\r\n\r\nGood day, here it is:\r\n" +
                  crlf(asylum_xml()) + "\r\nRegards\r\n");
    check_filed(became, "text.xml");
    CHECK(has_rule(became.item(), rules::pasted_data));
  }
  SECTION("XML pasted into an HTML letter, with spaces that are no white space") {
    std::string html = "<html><body><p>Good day</p><pre>" +
                       replaced(escape_html(asylum_xml()), " TIME_PERIOD", "&nbsp; TIME_PERIOD") +
                       "</pre></body></html>";
    Became became(kHead + base64_part("text/html; charset=utf-8", html));
    check_filed(became, "text.xml");
  }
  SECTION("XML that the mail program wrapped") {
    Became became(kHead +
                  "Content-Type: text/plain; charset=utf-8; format=flowed\r\n\r\nHere:\r\n" +
                  replaced(crlf(asylum_xml()), " TIME_PERIOD", " \r\nTIME_PERIOD") + "\r\n");
    check_filed(became, "text.xml");
  }
  SECTION("SDMX-CSV pasted") {
    Letter letter;
    letter.text = "Good day\r\n\r\n" + crossings("2026-01", "7") + "\r\n-- \r\nStatistics unit\r\n";
    Became became(letter.bytes());
    REQUIRE(became.docket().items.size() == 1);
    CHECK(became.item().path == "text.csv");
    CHECK(outcome_name(became.docket().outcome) == "filed");
    CHECK(became.lab.number("SELECT count(*) FROM data WHERE provider = 'MD_GPF' OR provider LIKE "
                            "'MD%'") == 1);
  }
  SECTION("what is quoted is somebody else's") {
    Became became(kHead + "Content-Type: text/plain; charset=utf-8\r\n\r\nThank you!\r\n> " +
                  replaced(crlf(asylum_xml()), "\r\n", "\r\n> ") + "\r\n");
    CHECK(outcome_name(became.docket().outcome) == "open");
    CHECK(became.filed() == 0);
  }
}

TEST_CASE("winmail.dat") {
  using tnef_maker::Attachment;
  using tnef_maker::Package;
  auto mail = [](const std::string& package) {
    return kHead + base64_part("application/ms-tnef; name=\"winmail.dat\"", package);
  };
  SECTION("a picture of the signature beside the file") {
    Became became(mail(Package()
                           .add({"image001.png", u"", "", std::string(20000, 'x'), false, "i@x"})
                           .add({"a.xml", u"", "", asylum_xml(), false, ""})
                           .bytes()));
    check_filed(became, "winmail.dat!a.xml");
  }
  SECTION("a forwarded mail inside") {
    Package inner;
    inner.add({"a.xml", u"", "", asylum_xml(), false, ""});
    Became became(mail(Package().add({"FW", u"", "", inner.bytes(), true, ""}).bytes()));
    check_filed(became, "winmail.dat!FW!a.xml");
  }
  SECTION("a letter without attachment is no empty archive") {
    Became became(kHead +
                  "Content-Type: multipart/mixed; boundary=S\r\n\r\n--S\r\n"
                  "Content-Type: text/plain\r\n\r\nGood day, a question\r\n--S\r\n" +
                  base64_part("application/ms-tnef; name=\"winmail.dat\"", Package().bytes()) +
                  "\r\n--S--\r\n");
    REQUIRE(became.docket().items.size() == 1);
    CHECK(has_rule(became.docket().items[0], rules::request_opened));
    CHECK(outcome_name(became.docket().outcome) == "open");
  }
  SECTION("cut short") {
    std::string package = Package().add({"a.xml", u"", "", asylum_xml(), false, ""}).bytes();
    Became became(mail(package.substr(0, package.size() / 2)));
    CHECK(outcome_name(became.docket().outcome) == "rejected");
    CHECK(has_rule(became.item(), rules::wrapper_damaged));
    CHECK(became.filed() == 0);
  }
}

TEST_CASE("several attachments with several datasets, also in wrappers") {
  Letter letter;
  letter.attach("a.csv", crossings("2026-01", "7")).attach("b.csv", crossings("2026-02", "8"));
  tnef_maker::Package package;
  package.add({"c.csv", u"", "", crossings("2026-03", "9"), false, ""});
  letter.attach("winmail.dat", package.bytes());
  Became became(letter.bytes());
  REQUIRE(became.docket().items.size() == 3);
  for (const Item& item : became.docket().items) CHECK(item.outcome == Outcome::kFiled);
}
