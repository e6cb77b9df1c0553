// SPDX-License-Identifier: Apache-2.0
//
// site_page: a page of the site as blocks, as templates/<lang>/site_page.html.mustache wants them.
// Private to the room.
//
// The template names every kind of block; a Block has all its keys, empty where it is another kind.
// Pictures are no values (a template shows every value escaped): a block holds a mark in the place
// of each, and finish() puts the SVG there. A mark begins with a control character, which shown()
// lets nobody else's text have.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "render/value.h"

namespace focalpost {

/// A link, or words alone where there is no `href`.
struct Link {
  std::string label, href;
  std::string note;  ///< small, behind it
};

struct SiteCell {
  std::string text, href, kind;  ///< kind: "number", "full", "part", "none", ""
};

class Block {
 public:
  Block();
  static Block heading(std::string id, std::string text);
  static Block subheading(std::string id, std::string text);
  /// `kind`: "note", "lead", "" of the stylesheet.
  static Block paragraph(std::string text, std::string kind = {}, Link link = {});
  static Block list(const std::vector<Link>& links, std::string kind = {});
  struct Table {
    std::string id, caption, note, corner;
    std::vector<std::string> columns;
    struct Row {
      SiteCell head;
      std::vector<SiteCell> cells;
    };
    std::vector<Row> rows;
    std::string kind;
  };
  static Block table(const Table& table);
  struct Terms {
    std::string term, id, mark;
    struct Said {
      std::string who, what;
    };
    std::vector<Said> said;
  };
  static Block terms(const std::vector<Terms>& terms);
  /// `href` with a picture and words under it.
  struct Card {
    std::string href, title, picture, alt, text;
  };
  static Block cards(const std::vector<Card>& cards);
  /// As written, line by line.
  static Block lines(std::string text);
  static Block figure(std::string wide_mark, std::string narrow_mark);
  /// Two lines of definition lists are one look: a list of names and values.
  static Block pairs(const std::vector<Terms::Said>& pairs);

  Value take() { return std::move(value_); }

 private:
  Value value_;
};

/// A place for the `n`-th picture of a page.
std::string picture_mark(std::size_t n);
/// The page with its pictures.
std::string with_pictures(std::string_view page, const std::vector<std::string>& pictures);

}  // namespace focalpost
