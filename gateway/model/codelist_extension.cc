// SPDX-License-Identifier: Apache-2.0
#include "model/codelist_extension.h"

#include <algorithm>
#include <set>
#include <unordered_map>

#include "base/limits.h"

namespace focalpost {
namespace {

using Selection = CodelistExtension::Selection;

/// The places in `codes` that the members of a selection mean.
std::vector<bool> meant(const std::vector<Code>& codes, const CodelistExtension& extension) {
  std::vector<bool> result(codes.size(), false);
  std::unordered_map<std::string_view, std::vector<std::size_t>> children;
  for (std::size_t i = 0; i < codes.size(); ++i)
    if (!codes[i].parent.empty()) children[codes[i].parent].push_back(i);
  std::vector<bool> opened(codes.size(), false);
  std::vector<std::size_t> waiting;
  auto open = [&](std::size_t i) {
    if (!opened[i]) waiting.push_back(i);
    opened[i] = true;
  };
  for (const auto& member : extension.members)
    for (std::size_t i = 0; i < codes.size(); ++i) {
      if (!matches_wildcard(member.code, codes[i].id)) continue;
      if (!(member.cascade && member.without_root)) result[i] = true;
      if (member.cascade) open(i);
    }
  while (!waiting.empty()) {
    const std::size_t i = waiting.back();
    waiting.pop_back();
    if (auto below = children.find(codes[i].id); below != children.end())
      for (std::size_t child : below->second) {
        result[child] = true;
        open(child);
      }
  }
  return result;
}

class Resolver {
 public:
  Resolver(const std::vector<Codelist>& all, std::vector<ExtensionFault>& faults)
      : faults_(faults) {
    for (const Codelist& list : all) {
      known_.emplace(list.ref, &list);
      const Codelist*& latest = latest_[{list.ref.agency, list.ref.id, {}}];
      if (!latest || version_less(latest->ref.version, list.ref.version)) latest = &list;
    }
  }

  /// Works out `list` and all that it needs, without recursion: what is on the way waits for what
  /// it extends.
  void resolve(const Codelist& list) {
    std::vector<const Codelist*> way{&list};
    std::set<const Codelist*> on_way{&list};
    while (!way.empty()) {
      const Codelist& top = *way.back();
      const Codelist* needed = nullptr;
      bool whole = true;
      for (const CodelistExtension& extension : top.extensions) {
        const Codelist* other = find(extension.codelist);
        if (!other) {
          fault({ExtensionFault::Kind::kUnknownList, top.ref, extension.codelist, {}});
          whole = false;
        } else if (on_way.contains(other)) {
          fault({ExtensionFault::Kind::kCycle, top.ref, {}, round(way, other)});
          whole = false;
        } else if (!other->extensions.empty() && !done_.contains(other->ref)) {
          needed = other;
        }
        if (needed || !whole) break;
      }
      if (needed) {
        way.push_back(needed);
        on_way.insert(needed);
        continue;
      }
      if (whole)
        put_together(top);
      else
        done_.emplace(top.ref, top);
      on_way.erase(&top);
      way.pop_back();
    }
  }

  bool done(const Ref& ref) const { return done_.contains(ref); }
  std::map<Ref, Codelist> take() { return std::move(done_); }

 private:
  const Codelist* find(const Ref& ref) const {
    if (ref.version.empty()) {
      auto found = latest_.find(ref);
      return found == latest_.end() ? nullptr : found->second;
    }
    auto found = known_.find(ref);
    return found == known_.end() ? nullptr : found->second;
  }

  void fault(ExtensionFault one) { faults_.push_back(std::move(one)); }

  static std::string round(const std::vector<const Codelist*>& way, const Codelist* back_to) {
    std::string text;
    for (auto at = std::find(way.begin(), way.end(), back_to); at != way.end(); ++at)
      text += (*at)->ref.text() + " > ";
    return text + back_to->ref.text();
  }

  void put_together(const Codelist& list) {
    const std::size_t most = Limits().structure_items;
    Codelist result = list;
    result.codes.clear();
    std::unordered_map<std::string, std::size_t> places;
    bool too_large = false;
    auto add = [&](Code code) {
      auto [place, fresh] = places.emplace(code.id, result.codes.size());
      if (!fresh)
        result.codes[place->second] = std::move(code);
      else if (spent_ < most)
        result.codes.push_back(std::move(code)), ++spent_;
      else
        too_large = true;
    };
    for (const CodelistExtension& extension : list.extensions) {
      const Codelist* other = find(extension.codelist);
      auto worked_out = done_.find(other->ref);
      const std::vector<Code>& codes =
          worked_out == done_.end() ? other->codes : worked_out->second.codes;
      const std::vector<bool> named = meant(codes, extension);
      for (std::size_t i = 0; i < codes.size() && !too_large; ++i) {
        if (extension.selection != Selection::kAll &&
            named[i] != (extension.selection == Selection::kOnly))
          continue;
        Code code = codes[i];
        code.id = extension.prefix + code.id;
        if (!code.parent.empty()) code.parent = extension.prefix + code.parent;
        add(std::move(code));
      }
    }
    for (const Code& code : list.codes)
      if (!too_large) add(code);
    if (too_large) {
      fault({ExtensionFault::Kind::kTooManyCodes, list.ref, {}, std::to_string(most)});
      done_.emplace(list.ref, list);
      return;
    }
    for (Code& code : result.codes)
      if (!code.parent.empty() && !places.contains(code.parent)) code.parent.clear();
    done_.emplace(list.ref, std::move(result));
  }

  std::vector<ExtensionFault>& faults_;
  std::map<Ref, const Codelist*> known_, latest_;
  std::map<Ref, Codelist> done_;
  std::size_t spent_ = 0;  ///< codes of all lists together: many lists may extend a large one
};

}  // namespace

bool matches_wildcard(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0, star = pattern.npos, resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '%') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p, ++t;
    } else if (star != pattern.npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '%') ++p;
  return p == pattern.size();
}

std::map<Ref, Codelist> extended_codelists(const std::vector<Codelist>& all,
                                           std::vector<ExtensionFault>& faults) {
  Resolver resolver(all, faults);
  for (const Codelist& list : all)
    if (!list.extensions.empty() && !resolver.done(list.ref)) resolver.resolve(list);
  return resolver.take();
}

}  // namespace focalpost
