// SPDX-License-Identifier: Apache-2.0
//
// site: pages of the public site: facts in, HTML, SVG and Atom out.
//
// Owns: what a page says and in which order, how pages link to each other, what a chart and a table
// of an indicator show, what is marked as counted differently. Never: looks anything up, decides
// who may see what (facts come in as everybody may see them), writes a file.
//
// Paths. A site is a folder for each language with the same files in each: index.html,
// indicator/<id>.html, country/<code>.html, methodology.html, methodology/<id>.html, calendar.html,
// log.html, data.html, feed.xml, picture/<id>.svg. Beside them style.css, index.html (the choice of
// a language), icon.svg, data/ and sdmx/. Links are relative: the site works under any address,
// also as files.
//
// A page needs nothing but style.css and pictures of its own; its Content-Security-Policy says so.
// Charts stand in the page as SVG with presentation attributes only, the numbers beside them as a
// table. No map, flag or ranking; countries stand in the order of the reader's alphabet, under the
// disclaimer of NETWORK.md section 5. No person, no address.
//
// The same facts make the same bytes. The day of the check stands on the start page alone.
//
// Danger: names, texts and codes are what others sent. They enter templates as values only, on one
// line and shortened (compose/shown.h); names of files come from site_name() alone.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compose/receipt.h"
#include "compose/transcript.h"
#include "model/lookup.h"
#include "model/period.h"

namespace focalpost {

/// Fit for a name of a file on any system and for a URL: letters, digits, - and _ stay, any other
/// byte becomes =XX; never empty, never hidden.
std::string site_name(std::string_view id);

inline constexpr std::size_t kSitePeriods = 120;  ///< rows of a table; older ones are in the files
inline constexpr std::size_t kSiteEntries = 300;  ///< of the exchange log
inline constexpr std::size_t kSiteLatest = 10;    ///< of them on the start page
inline constexpr std::size_t kFeedEntries = 50;

/// The newest figure of a series of a country.
struct SiteFigure {
  std::string area;
  std::vector<std::string> codes;  ///< one per dimension
  std::string collect, multiplier;
  Period period;
  AnswerCell cell;
};

/// A file that can be fetched.
struct SiteFile {
  std::string path;  ///< from the root of the site
  std::uint64_t bytes = 0;
};

struct SiteIndicator {
  std::shared_ptr<const FlowStructure> flow;
  std::vector<std::string> areas;  ///< countries that exchange it in public
  std::vector<SiteFigure> figures;
  bool picture = false;         ///< there is one for the start page
  std::optional<Time> changed;  ///< filed, or an embargo ended; none: no data
  SiteFile csv, xml;
  std::string structure;          ///< path of its structure message; "": none
  std::vector<std::string> rest;  ///< paths under SDMX REST addresses, from the root of the site
  std::vector<AnswerDefinition> definitions;
  std::string id() const { return flow->name().id; }
};

struct SiteInstitution {
  std::string id;
  std::vector<std::string> areas, flows, roles;  ///< roles: "focal point", "coordinator", ...
};

struct SiteEntry {
  enum class Kind : std::uint8_t { kNew, kRevised, kWithdrawn, kReleased, kDescribed };
  Kind kind = Kind::kNew;
  std::string id;  ///< in the feed
  Time at{};
  std::string provider, flow;
  std::optional<Period> first, last;
};

struct SiteDuty {
  std::string provider, flow;
  std::vector<std::string> areas;
  Period period;
  Time due{};
};

/// A training module, in all languages.
struct SiteModule {
  int number = 0;
  std::map<std::string, std::string> titles;    ///< by language of the site
  std::map<std::string, TrainingModule> texts;  ///< by language; none for a title alone
};

struct SiteFacts {
  std::string name;    ///< of the gateway
  std::string domain;  ///< in ids of the feed
  bool example = false;
  Time checked{};  ///< a day
  std::vector<std::string> languages;
  std::vector<SiteIndicator> indicators;
  std::vector<std::string> countries;  ///< codes
  std::vector<SiteInstitution> institutions;
  std::vector<AnswerDefinition> inventory;
  std::vector<SiteEntry> entries;  ///< the newest first
  std::vector<SiteDuty> duties;    ///< the nearest first
  std::vector<SiteModule> modules;
};

/// The countries' series of one table, group by group: those of a group differ in the country
/// alone. Regions inside countries are left out, and periods of which nothing is known at both
/// ends.
std::vector<AnswerTable> by_country(const AnswerTable& table);
/// The newest cell of each series of those tables.
std::vector<SiteFigure> newest_figures(const AnswerData& data);

/// Speaks one language. Facts, structures and voice must outlive it.
class SiteWriter {
 public:
  static Result<SiteWriter> in(std::string_view lang, const SiteFacts& facts,
                               const StructureLookup& structures, const Voice& voice);
  SiteWriter(SiteWriter&&) noexcept;
  ~SiteWriter();

  // Whole HTML documents.
  Result<std::string> start() const;
  /// `data`: what is shown of it; null: nothing was filed.
  Result<std::string> indicator(const SiteIndicator& one, const AnswerData* data) const;
  Result<std::string> country(const std::string& area) const;
  Result<std::string> methodology() const;
  Result<std::string> notes(const SiteIndicator& one) const;
  Result<std::string> calendar() const;
  Result<std::string> log() const;
  Result<std::string> data() const;
  Result<std::string> library() const;
  Result<std::string> module(const SiteModule& one) const;
  /// The page beside the languages' folders.
  Result<std::string> choice() const;

  /// The small SVG of the start page; nothing where there is too little to draw.
  Result<std::optional<std::string>> picture(const SiteIndicator& one,
                                             const AnswerData& data) const;
  Result<std::string> feed() const;

 private:
  struct State;
  explicit SiteWriter(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// style.css
std::string_view site_style();
/// icon.svg, so that no browser looks for one elsewhere
std::string_view site_icon();

}  // namespace focalpost
