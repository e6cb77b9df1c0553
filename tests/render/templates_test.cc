// SPDX-License-Identifier: Apache-2.0
#include "render/templates.h"

#include <algorithm>

#include "base/files.h"
#include "catch.h"

using namespace focalpost;

namespace {

const fs::path kTemplates = fs::path(SOURCE_DIR) / "templates";

struct Folder {
  fs::path path;
  explicit Folder(const std::string& name) : path(fs::path(BINARY_DIR) / name) {
    fs::remove_all(path);
  }
  ~Folder() { fs::remove_all(path); }
  void file(const std::string& name, std::string_view text) {
    REQUIRE(make_directories((path / name).parent_path()));
    REQUIRE(write_file_durably(path / (name + ".mustache"), text));
  }
};

std::string rendered(std::string_view text, const Value& values,
                     const std::string& name = "t.txt") {
  Folder shipped("templates_test_one");
  shipped.file("en/" + name, text);
  auto made = TemplateStore(shipped.path).render("en", name, values);
  return made ? *made : "ERROR " + made.error().what;
}

bool failed(std::string_view text, const Value& values = Value::Object()) {
  return rendered(text, values).starts_with("ERROR ");
}

}  // namespace

TEST_CASE("values, sections and lists") {
  Value values;
  values.set("name", "Ann").set("empty", "").set("yes", true).set("no", false);
  values.set("list", Value::List{Value().set("x", "1"), Value().set("x", "2")});
  values.set("words", Value::List{"a", "b"}).set("nothing", Value::List{});
  CHECK(rendered("Dear {{name}},{{empty}}", values) == "Dear Ann,");
  CHECK(rendered("{{#list}}{{x}}{{name}} {{/list}}", values) == "1Ann 2Ann ");
  CHECK(rendered("{{#words}}{{.}};{{/words}}", values) == "a;b;");
  CHECK(rendered("{{#yes}}y{{/yes}}{{#no}}n{{/no}}{{^no}}N{{/no}}", values) == "yN");
  CHECK(rendered("{{#empty}}e{{/empty}}{{#nothing}}n{{/nothing}}{{^nothing}}0{{/nothing}}",
                 values) == "0");
  // A tag alone on a line takes it along, also where the section is not shown; other lines stay.
  CHECK(rendered("a\n{{#no}}\n\nn\n{{/no}}\n{{#yes}}\n\ny\n{{/yes}}\n  {{^yes}}\nz\n{{/yes}}",
                 values) == "a\n\ny\n");
  CHECK(rendered("a\n{{! note }}\n{{#list}}\n{{x}}\n{{/list}}\nb\n", values) == "a\n1\n2\nb\n");
}

TEST_CASE("a key that is not there is an error, in whatever tag") {
  CHECK(failed("{{x}}"));
  CHECK(failed("{{#x}}{{/x}}"));
  CHECK(failed("{{^x}}{{/x}}"));
  CHECK(failed("{{#list}}{{x}}{{/list}}", Value().set("list", Value::List{Value().set("y", "1")})));
  CHECK_FALSE(failed("{{x}}", Value().set("x", "")));
}

TEST_CASE("what templates may not use") {
  Value x = Value().set("x", "<b>");
  for (std::string_view text :
       {"{{{x}}}", "{{&x}}", "{{=<% %>=}}", "{{x.y}}", "{{x", "{{#x}}", "{{/x}}",
        "{{#x}}{{#y}}{{/x}}{{/y}}", "{{}}", "{{> ../x}}", "{{> none.txt}}"}) {
    INFO(text);
    CHECK(failed(text, x));
  }
}

TEST_CASE("data that is not UTF-8 is made so") {
  CHECK(rendered("{{x}} .", Value().set("x", "a\xFE\xFF")) == "a\uFFFD\uFFFD .");
}

TEST_CASE("data is never a template and, in HTML, never a tag") {
  Value values = Value().set("x", "{{name}} {{#l}} {{> p.txt}} <b>\"&'").set("name", "secret");
  CHECK(rendered("{{x}}", values) == "{{name}} {{#l}} {{> p.txt}} <b>\"&'");
  CHECK(rendered("<p>{{x}}</p>", values, "t.html") ==
        "<p>{{name}} {{#l}} {{&gt; p.txt}} &lt;b&gt;&quot;&amp;&#39;</p>");
}

TEST_CASE("partials are files beside the template and take their line with them") {
  Folder shipped("templates_test_partials");
  shipped.file("en/a.txt", "1\n{{> b.txt}}\n2 {{> c.txt}} 3\n");
  shipped.file("en/b.txt", "b {{x}}\n");
  shipped.file("en/c.txt", "c");
  shipped.file("en/loop.txt", "{{> loop.txt}}");
  TemplateStore store(shipped.path);
  CHECK(*store.render("en", "a.txt", Value().set("x", "!")) == "1\nb !\n2 c 3\n");
  CHECK_FALSE(store.render("en", "loop.txt", Value::Object()).ok());
}

TEST_CASE("the operator's folder comes first, then the shipped one, then less of the language") {
  Folder shipped("templates_test_shipped"), home("templates_test_home");
  shipped.file("en/a.txt", "English {{x}}");
  shipped.file("ru/a.txt", "по-русски {{x}}");
  shipped.file("en/only.txt", "English only");
  home.file("ru/a.txt", "свой {{x}}");
  Value values = Value().set("x", "1");
  TemplateStore store(shipped.path, home.path);
  CHECK(*store.render("ru", "a.txt", values) == "свой 1");
  CHECK(*store.render("ru-KG", "a.txt", values) == "свой 1");
  CHECK(*store.render("uk", "a.txt", values) == "English 1");
  CHECK(*store.render("ru", "only.txt", values) == "English only");
  CHECK(*store.render("../ru", "a.txt", values) == "English 1");
  CHECK_FALSE(store.render("ru", "../en/a.txt", values).ok());
  CHECK_FALSE(store.render("ru", "none.txt", values).ok());
  CHECK(store.take_warnings().empty());

  SECTION("one that cannot be read, or asks for what there is not, is passed over and told") {
    for (std::string_view broken : {"{{#x}}", "{{y}}", "\xFF"}) {
      INFO(broken);
      home.file("ru/a.txt", broken);
      store.reload();
      CHECK(*store.render("ru", "a.txt", values) == "по-русски 1");
      CHECK(*store.render("ru", "a.txt", values) == "по-русски 1");
      CHECK(store.take_warnings().size() == 1);
    }
  }
  SECTION("changed files are seen after reload()") {
    home.file("ru/a.txt", "новый {{x}}");
    CHECK(*store.render("ru", "a.txt", values) == "свой 1");
    store.reload();
    CHECK(*store.render("ru", "a.txt", values) == "новый 1");
  }
}

TEST_CASE("every shipped template is there in every language and asks for the same values") {
  TemplateStore store(kTemplates);
  std::vector<std::string> english;
  for (const auto& entry : fs::directory_iterator(kTemplates / "en"))
    if (entry.path().extension() == ".mustache") english.push_back(entry.path().stem().string());
  REQUIRE(english.size() >= 4);
  for (const auto& folder : fs::directory_iterator(kTemplates)) {
    std::string lang = folder.path().filename().string();
    for (const std::string& name : english) {
      INFO(lang << " " << name);
      auto keys = store.keys(lang, name);
      REQUIRE(keys);
      CHECK(*keys == *store.keys("en", name));
    }
    std::size_t there = 0;
    for (const auto& entry : fs::directory_iterator(folder.path()))
      there += entry.path().extension() == ".mustache";
    CHECK(there == english.size());
  }
  CHECK(store.take_warnings().empty());
}

TEST_CASE("plain text is wrapped at spaces, under its own text") {
  CHECK(wrap_text("short\n", 10) == "short\n");
  CHECK(wrap_text("one two three four", 9) == "one two\nthree\nfour");
  CHECK(wrap_text("  - one two three", 9) == "  - one\n    two\n    three");
  CHECK(wrap_text("12. one two", 8) == "12. one\n    two");
  CHECK(wrap_text("перша друга", 8) == "перша\nдруга");
  CHECK(wrap_text("a\u00A0b c", 4) == "a\u00A0b\nc");
  CHECK(wrap_text("unbreakable x", 5) == "unbreakable\nx");
  CHECK(wrap_text("a\n\nb\n", 5) == "a\n\nb\n");
  CHECK(wrap_text("-- \n", 3) == "-- \n");
}
