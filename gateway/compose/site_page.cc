// SPDX-License-Identifier: Apache-2.0
#include "compose/site_page.h"

#include <fmt/format.h>

#include <charconv>

namespace focalpost {
namespace {

constexpr char kMark = '\x01';

Value link_value(const Link& link) {
  return Value().set("label", link.label).set("href", link.href).set("note", link.note);
}

Value cell_value(const SiteCell& cell) {
  return Value().set("text", cell.text).set("href", cell.href).set("kind", cell.kind);
}

}  // namespace

Block::Block() {
  for (const char* key : {"heading", "subheading", "paragraph", "list", "table", "terms", "cards",
                          "figure", "pairs", "lines"})
    value_.set(key, false);
}

Block Block::heading(std::string id, std::string text) {
  Block made;
  made.value_.set("heading", Value().set("id", std::move(id)).set("text", std::move(text)));
  return made;
}

Block Block::lines(std::string text) {
  Block made;
  made.value_.set("lines", Value().set("text", std::move(text)));
  return made;
}

Block Block::subheading(std::string id, std::string text) {
  Block made;
  made.value_.set("subheading", Value().set("id", std::move(id)).set("text", std::move(text)));
  return made;
}

Block Block::paragraph(std::string text, std::string kind, Link link) {
  Block made;
  made.value_.set("paragraph",
                  link_value(link).set("text", std::move(text)).set("kind", std::move(kind)));
  return made;
}

Block Block::list(const std::vector<Link>& links, std::string kind) {
  Block made;
  Value::List items;
  for (const Link& link : links) items.push_back(link_value(link));
  made.value_.set("list", Value().set("items", std::move(items)).set("kind", std::move(kind)));
  return made;
}

Block Block::table(const Table& table) {
  Block made;
  Value::List columns, rows;
  for (const std::string& column : table.columns) columns.push_back(Value().set("text", column));
  for (const Table::Row& row : table.rows) {
    Value::List cells;
    for (std::size_t i = 0; i < row.cells.size(); ++i)
      cells.push_back(
          cell_value(row.cells[i]).set("label", i < table.columns.size() ? table.columns[i] : ""));
    rows.push_back(Value().set("head", cell_value(row.head)).set("cells", std::move(cells)));
  }
  made.value_.set("table", Value()
                               .set("id", table.id)
                               .set("caption", table.caption)
                               .set("note", table.note)
                               .set("corner", table.corner)
                               .set("columns", std::move(columns))
                               .set("rows", std::move(rows))
                               .set("kind", table.kind));
  return made;
}

Block Block::terms(const std::vector<Terms>& terms) {
  Block made;
  Value::List groups;
  for (const Terms& one : terms) {
    Value::List said;
    for (const Terms::Said& each : one.said)
      said.push_back(Value().set("who", each.who).set("what", each.what));
    groups.push_back(Value()
                         .set("term", one.term)
                         .set("id", one.id)
                         .set("mark", one.mark)
                         .set("said", std::move(said)));
  }
  made.value_.set("terms", Value().set("groups", std::move(groups)));
  return made;
}

Block Block::pairs(const std::vector<Terms::Said>& pairs) {
  Block made;
  Value::List said;
  for (const Terms::Said& each : pairs)
    said.push_back(Value().set("who", each.who).set("what", each.what));
  made.value_.set("pairs", Value().set("said", std::move(said)));
  return made;
}

Block Block::cards(const std::vector<Card>& cards) {
  Block made;
  Value::List items;
  for (const Card& card : cards)
    items.push_back(Value()
                        .set("href", card.href)
                        .set("title", card.title)
                        .set("picture", card.picture)
                        .set("alt", card.alt)
                        .set("text", card.text));
  made.value_.set("cards", Value().set("items", std::move(items)));
  return made;
}

Block Block::figure(std::string wide_mark, std::string narrow_mark) {
  Block made;
  made.value_.set("figure",
                  Value().set("wide", std::move(wide_mark)).set("narrow", std::move(narrow_mark)));
  return made;
}

std::string picture_mark(std::size_t n) {
  return fmt::format("{}{}{}", kMark, n, kMark);
}

std::string with_pictures(std::string_view page, const std::vector<std::string>& pictures) {
  std::string made;
  while (true) {
    const std::size_t begin = page.find(kMark);
    made += page.substr(0, begin);
    if (begin == page.npos) return made;
    const std::size_t end = page.find(kMark, begin + 1);
    if (end == page.npos) return made;
    std::size_t n = 0;
    const auto read = std::from_chars(page.data() + begin + 1, page.data() + end, n);
    if (read.ptr == page.data() + end && n < pictures.size()) made += pictures[n];
    page.remove_prefix(end + 1);
  }
}

}  // namespace focalpost
