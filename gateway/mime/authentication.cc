// SPDX-License-Identifier: Apache-2.0
#include "mime/authentication.h"

#include <algorithm>

#include "base/text.h"

namespace focalpost::mime {
namespace {

bool is_white(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/// RFC 2045 token without what has a meaning here.
bool is_token(char c) {
  auto byte = static_cast<unsigned char>(c);
  return byte > 32 && byte < 127 &&
         std::string_view("()<>@,;:\\\"/[]?=").find(c) == std::string_view::npos;
}

/// QUIRK: RFC 8601 2.2: a pvalue is a token, a quoted string or an address; but servers write
/// header.b=fTG+PUU9/x, smtp.mailfrom=<>, smtp.mailfrom=[192.0.2.1].
bool is_value(char c) {
  auto byte = static_cast<unsigned char>(c);
  return byte > 32 && byte != 127 && c != ';' && c != '(' && c != ')' && c != '"' && c != '\\';
}

class ReportScanner {
 public:
  explicit ReportScanner(std::string_view in) : in_(in) {}

  bool at_end() const { return at_ >= in_.size(); }
  char peek() const { return at_end() ? '\0' : in_[at_]; }
  bool take(char c) {
    if (at_end() || in_[at_] != c) return false;
    ++at_;
    return true;
  }
  void white() {
    while (!at_end() && is_white(in_[at_])) ++at_;
  }
  /// White space and comments. False: a comment has no end, is too deep, or holds a double quote:
  /// no server needs one there, and an address with a quoted local part could close the comment.
  bool gap() {
    for (;;) {
      white();
      if (peek() != '(' || at_end()) return true;
      std::size_t depth = 0;
      do {
        if (at_end()) return false;
        char c = in_[at_++];
        if (c == '\\') {
          if (at_end()) return false;
          ++at_;
        } else if (c == '(') {
          if (++depth > kMostAuthCommentDepth) return false;
        } else if (c == ')') {
          --depth;
        } else if (c == '"' || c == '\0') {
          return false;
        }
      } while (depth > 0);
    }
  }
  template <typename Test>
  std::string_view run(Test test) {
    std::size_t from = at_;
    while (!at_end() && test(in_[at_])) ++at_;
    return in_.substr(from, at_ - from);
  }
  std::string_view token() { return run(is_token); }
  /// At a double quote. False: it has no end.
  bool quoted(std::string& out) {
    ++at_;
    while (!at_end() && in_[at_] != '"') {
      if (in_[at_] == '\\') ++at_;
      if (at_end()) return false;
      out += in_[at_++];
    }
    return take('"');
  }
  /// A value must end where the next thing visibly begins: at white space, a semicolon or the end.
  bool ended() const { return at_end() || is_white(in_[at_]) || in_[at_] == ';'; }

 private:
  std::string_view in_;
  std::size_t at_ = 0;
};

bool read_value(ReportScanner& in, std::string& out) {
  if (in.peek() == '"') {
    if (!in.quoted(out)) return false;
    // "local part"@domain
    if (in.peek() == '@') out += in.run(is_value);
  } else {
    out = in.run(is_value);
  }
  return in.ended();
}

/// "reason=", or a property; what else some servers add ("action=none") is passed over.
bool read_property(ReportScanner& in, AuthVerdict& verdict) {
  std::string type = ascii_lower(in.run([](char c) { return is_token(c) && c != '.'; }));
  std::string name;
  // QUIRK: RFC 8601 2.2 allows white space and comments around each of these; nobody writes them.
  if (in.take('.')) name = ascii_lower(in.token());
  if (type.empty() || !in.take('=')) return false;
  std::string value;
  if (!read_value(in, value)) return false;
  if (name.empty()) {
    if (type == "reason") verdict.reason = std::move(value);
    return true;
  }
  if (verdict.properties.size() >= kMostAuthProperties) return false;
  verdict.properties.push_back({std::move(type), std::move(name), std::move(value)});
  return true;
}

/// "dkim=pass", "dkim/1 = pass": the rest is properties.
bool read_verdict(ReportScanner& in, AuthVerdict& verdict) {
  verdict.method = ascii_lower(in.token());
  if (verdict.method.empty()) return false;
  if (in.take('/')) {
    std::string_view version = in.token();
    if (version.empty()) return false;
    // A method of another version is another method.
    if (version != "1") verdict.method += "/" + std::string(version);
  }
  if (!in.gap() || !in.take('=') || !in.gap()) return false;
  verdict.result = ascii_lower(in.token());
  if (verdict.result.empty() || !(in.ended() || in.peek() == '(')) return false;
  for (;;) {
    if (!in.gap()) return false;
    if (in.at_end() || in.peek() == ';') return true;
    if (!read_property(in, verdict)) return false;
  }
}

}  // namespace

std::string_view AuthVerdict::get(std::string_view type, std::string_view name) const {
  std::string_view found;
  std::size_t count = 0;
  for (const AuthProperty& property : properties)
    if (property.type == type && property.name == name) {
      found = property.value;
      ++count;
    }
  return count == 1 ? found : std::string_view();
}

std::optional<std::string_view> authserv_id(std::string_view value) {
  ReportScanner in(value);
  in.white();
  std::string_view id = in.token();
  if (id.empty() || !(in.ended() || in.peek() == '(')) return {};
  return id;
}

std::optional<AuthenticationResults> parse_authentication_results(std::string_view value) {
  AuthenticationResults results;
  ReportScanner in(value);
  in.white();
  // QUIRK: RFC 8601 2.2: the id comes first; Exchange Online has none: spf=pass (...) ...; dkim=...
  bool named = false;
  if (auto id = authserv_id(value)) {
    ReportScanner look(value);
    look.white();
    look.token();
    if (!look.gap()) return {};
    named = look.peek() != '=' || look.at_end();
    if (named) {
      results.authserv_id = *id;
      in = look;
      std::string_view version = in.run([](char c) { return c >= '0' && c <= '9'; });
      if (!version.empty() && version != "1") return {};
      if (!in.gap()) return {};
      if (in.at_end()) return results;
      if (!in.take(';')) return {};
    }
  }
  for (bool first = true;; first = false) {
    if (!in.gap()) return {};
    if (in.at_end()) return results;
    AuthVerdict verdict;
    if (first) {
      ReportScanner none = in;
      if (ascii_iequal(none.token(), "none") && none.gap() &&
          (none.at_end() || none.peek() == ';')) {
        in = none;
        in.take(';');
        continue;
      }
    }
    if (results.verdicts.size() >= kMostAuthVerdicts || !read_verdict(in, verdict)) return {};
    results.verdicts.push_back(std::move(verdict));
    in.take(';');
  }
}

bool is_authserv(std::string_view id, std::string_view pin) {
  if (pin.empty()) return false;
  if (!pin.starts_with("*.")) return ascii_iequal(id, pin);
  std::string_view ending = pin.substr(1);
  return id.size() > ending.size() && ascii_iequal(id.substr(id.size() - ending.size()), ending);
}

}  // namespace focalpost::mime
