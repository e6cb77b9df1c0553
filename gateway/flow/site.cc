// SPDX-License-Identifier: Apache-2.0
#include "flow/site.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <set>
#include <utility>

#include "base/json.h"
#include "base/text.h"
#include "compose/site.h"
#include "flow/desk_data.h"
#include "flow/duties.h"
#include "flow/export.h"
#include "sdmx/structure_writer.h"
#include "store/publications.h"

namespace focalpost {
namespace {

/// Counted up where the program makes other pages of the same facts.
constexpr int kSiteVersion = 3;
constexpr std::size_t kDutiesShown = 200;

/// Fit to be a part of a path as SDMX writes it; what is not has no REST address.
bool is_path_part(std::string_view text) {
  return !text.empty() && text.front() != '.' && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.' || c == '@' || c == '$';
  });
}

Json figure_json(const SiteFigure& figure) {
  Json json = {{"area", figure.area},
               {"codes", figure.codes},
               {"collect", figure.collect},
               {"multiplier", figure.multiplier},
               {"period", figure.period.text()},
               {"mark", static_cast<int>(figure.cell.mark)},
               {"value", figure.cell.value},
               {"status", figure.cell.status}};
  if (figure.cell.until) json["until"] = to_millis(*figure.cell.until);
  return json;
}

std::optional<SiteFigure> figure_of(const Json& json) {
  const auto period = Period::parse(json.value("period", ""));
  const int mark = json.value("mark", -1);
  if (!period || mark < 0 || mark > static_cast<int>(CellMark::kEmbargo)) return {};
  SiteFigure figure;
  figure.area = json.value("area", "");
  figure.codes = json.value("codes", std::vector<std::string>());
  figure.collect = json.value("collect", "");
  figure.multiplier = json.value("multiplier", "");
  figure.period = *period;
  figure.cell.mark = static_cast<CellMark>(mark);
  figure.cell.value = json.value("value", "");
  figure.cell.status = json.value("status", "");
  if (json.contains("until")) figure.cell.until = from_millis(json.value("until", std::int64_t{0}));
  return figure;
}

/// What is to be done for an indicator.
struct Work {
  std::string mark;                ///< of its data
  bool pages = false;              ///< its pages must be made
  std::optional<AnswerData> data;  ///< none: they did not change, or there are none
};

class Site {
 public:
  Site(Home& home, SiteTree& tree, Time now, const std::function<bool()>& stop)
      : stop_(stop),
        home_(home),
        lookup_(home.lookup()),
        tree_(tree),
        viewer_(Viewer::public_at(now)),
        today_(std::chrono::floor<std::chrono::days>(now)),
        voice_{home.templates(), home.phrases()} {}

  Result<SiteWritten> write() {
    // One state of the store for all that is read.
    FP_ASSIGN(Savepoint state, Savepoint::begin(home_.store().database()));
    FP_ASSIGN(marks_, flow_marks(home_.store().database(), viewer_.now));
    FP_TRY(frame());
    FP_TRY(agreements());
    if (unchanged()) return tree_.publish();
    FP_TRY(indicators());
    FP_TRY(others());
    FP_TRY(pages());
    FP_TRY(state.release());
    return tree_.publish();
  }

 private:
  Status frame();
  Status agreements();
  bool unchanged();
  Status indicators();
  Status one_indicator(SiteIndicator& one, Work& work);
  Status read_summary(SiteIndicator& one, const std::string& note);
  Status downloads(SiteIndicator& one);
  Status structure_files(const SiteIndicator& one);
  Status available(const SiteIndicator& one, const ExportSeen& seen, const std::string& path);
  Status others();
  Status pages();

  static std::string group(std::string_view what, const SiteIndicator& one) {
    return fmt::format("{}/{}", what, one.id());
  }
  OutgoingHeader header(std::string_view id) const {
    OutgoingHeader made;
    made.id = legal_id(id);
    made.prepared = format_rfc3339(structured_);
    made.sender = legal_id(home_.settings().domain());
    return made;
  }

  Status go_on() const {
    if (!stop_ || !stop_()) return {};
    return temporary("the site was not finished", "It is written the next time.");
  }

  const std::function<bool()>& stop_;
  Home& home_;
  const StructureLookup& lookup_;
  SiteTree& tree_;
  Viewer viewer_;
  Time today_;
  Voice voice_;
  std::map<std::string, FlowMark> marks_;
  std::string words_;       ///< stamp of everything but data that pages are made of
  std::string structures_;  ///< stamp of the structures
  Time structured_{};       ///< when they changed last
  SiteFacts facts_;
  std::vector<Work> works_;  ///< one for each indicator
};

/// What all pages depend on.
Status Site::frame() {
  const Settings& settings = home_.settings();
  facts_.name = settings.name;
  facts_.domain = settings.domain();
  facts_.example = home_.is_example();
  facts_.checked = today_;
  facts_.languages = home_.phrases().languages();
  FP_ASSIGN(const std::int64_t revision, home_.store().structures().revision());
  FP_ASSIGN(const auto changed,
            home_.store().database().query_integer("SELECT max(changed_at) FROM artefact"));
  structured_ = from_millis(changed.value_or(0));
  structures_ = fmt::format("{}.{}.{}", kSiteVersion, revision, settings.domain());
  Checksum sum;
  auto add = [&](std::string_view text) {
    sum.update(text);
    sum.update(std::string_view("\0", 1));
  };
  add(settings.name);
  add(site_style());
  add(site_icon());
  for (const fs::path& folder : {share_directory() / "templates", home_.paths().templates()})
    for (const std::string& lang : facts_.languages)
      for (const char* file : {"phrases.txt", "site_head.html.mustache", "site_foot.html.mustache",
                               "site_page.html.mustache"}) {
        const fs::path path = folder / lang / file;
        std::error_code none;
        if (!fs::exists(path, none)) continue;
        FP_ASSIGN(const std::string text, read_file(path));
        add(lang);
        add(text);
      }
  const ModuleShelf shelf = home_.modules();
  for (const std::string& lang : facts_.languages) {
    FP_ASSIGN(const auto titles, shelf.titles(lang));
    for (const ModuleTitle& title : titles) {
      auto one = std::find_if(facts_.modules.begin(), facts_.modules.end(),
                              [&](const SiteModule& m) { return m.number == title.number; });
      if (one == facts_.modules.end()) {
        one = facts_.modules.insert(facts_.modules.end(), SiteModule{});
        one->number = title.number;
      }
      one->titles[lang] = title.title;
      add(title.title);
      if (!among(title.langs, lang)) continue;
      FP_ASSIGN(auto module, shelf.find(title.number, lang));
      if (!module) continue;
      for (const ModuleText& text : module->text) add(text.text);
      for (const ModuleQuestion& question : module->questions) {
        add(question.text);
        for (const std::string& choice : question.choices) add(choice);
        add(std::string_view(&question.right, 1));
        add(question.why);
      }
      one->texts[lang] = std::move(*module);
    }
  }
  FP_ASSIGN(const std::int64_t described, description_mark(home_.store().database()));
  words_ = fmt::format("{:016x}.{}", sum.finish(), described);
  return {};
}

/// Which indicators, countries and institutions are known to the public.
Status Site::agreements() {
  std::set<std::string> countries;
  std::map<std::string, SiteInstitution> institutions;
  std::string valid;
  for (const auto& flow : lookup_.flows()) {
    if (flow->dataflow.empty()) continue;
    std::set<std::string> areas;
    bool open = false;
    for (const AgreementTerms& terms : lookup_.agreements()) {
      if (!terms.flow || terms.audience != "public" ||
          terms.flow->dataflow.agency != flow->dataflow.agency ||
          terms.flow->dataflow.id != flow->dataflow.id)
        continue;
      open = true;
      if (!terms.valid_at(viewer_.now)) continue;
      valid += terms.agreement->ref.text() + " ";
      SiteInstitution& institution = institutions[terms.agreement->provider.id];
      for (const std::string& area : flow->countries_among(terms.areas())) {
        areas.insert(area);
        countries.insert(area);
        if (!among(institution.areas, area)) institution.areas.push_back(area);
      }
      if (!among(institution.flows, flow->dataflow.id))
        institution.flows.push_back(flow->dataflow.id);
    }
    if (!open) continue;
    SiteIndicator& one = facts_.indicators.emplace_back();
    one.flow = flow;
    one.areas.assign(areas.begin(), areas.end());
  }
  for (auto& [id, institution] : institutions) {
    institution.id = id;
    for (const OrganisationScheme& scheme : lookup_.structures().organisation_schemes) {
      if (scheme.scheme_class != ArtefactClass::kDataProviderScheme) continue;
      for (const Organisation& organisation : scheme.organisations) {
        if (organisation.id != id) continue;
        // The role without who has it.
        for (const Contact& contact : organisation.contacts)
          if (std::string role(text_in(contact.roles, "en"));
              !role.empty() && !among(institution.roles, role))
            institution.roles.push_back(std::move(role));
      }
    }
    std::sort(institution.roles.begin(), institution.roles.end());
    facts_.institutions.push_back(std::move(institution));
  }
  facts_.countries.assign(countries.begin(), countries.end());
  words_ += fmt::format(".{:016x}", checksum(valid));
  for (const SiteIndicator& one : facts_.indicators) {
    Work& work = works_.emplace_back();
    const FlowMark mark = marks_[Ref{one.flow->dataflow.agency, one.id(), ""}.text()];
    work.mark = fmt::format("{}:{}.{}", structures_, mark.filing,
                            mark.released ? to_millis(*mark.released) : 0);
  }
  return {};
}

/// Whether everything is as it was written last.
bool Site::unchanged() {
  std::string stamp = structures_ + " " + words_ + " " + format_rfc3339(today_);
  for (const Work& work : works_) stamp += " " + work.mark;
  stamp = fmt::format("{:016x}", checksum(stamp));
  if (tree_.note("stamp") == stamp && tree_.keep_all()) return true;
  tree_.set_note("stamp", stamp);
  return false;
}

Status Site::read_summary(SiteIndicator& one, const std::string& note) {
  const Json json = Json::parse(note, nullptr, false);
  if (!json.is_object()) return not_right("the manifest's notes cannot be read");
  one.picture = json.value("picture", false);
  for (const Json& each : json.value("figures", Json::array()))
    if (auto figure = figure_of(each)) one.figures.push_back(std::move(*figure));
  one.rest = json.value("rest", std::vector<std::string>());
  one.csv.path = json.value("csv", "");
  one.xml.path = json.value("xml", "");
  return {};
}

Status Site::indicators() {
  for (std::size_t i = 0; i < facts_.indicators.size(); ++i) {
    FP_TRY(go_on());
    FP_TRY(one_indicator(facts_.indicators[i], works_[i]));
  }
  // A country whose agreement has ended stays, with the figures that it filed.
  std::set<std::string> countries(facts_.countries.begin(), facts_.countries.end());
  for (SiteIndicator& one : facts_.indicators)
    for (const SiteFigure& figure : one.figures) {
      if (figure.area.empty()) continue;
      countries.insert(figure.area);
      if (!among(one.areas, figure.area)) one.areas.push_back(figure.area);
    }
  facts_.countries.assign(countries.begin(), countries.end());
  for (SiteIndicator& one : facts_.indicators) {
    std::sort(one.areas.begin(), one.areas.end());
    if (one.areas.empty()) continue;
    FP_ASSIGN(one.definitions,
              read_definitions(home_, "METHOD", one.flow.get(), one.areas, viewer_));
  }
  return {};
}

Status Site::one_indicator(SiteIndicator& one, Work& work) {
  const FlowStructure& flow = *one.flow;
  FP_TRY(structure_files(one));
  if (is_path_part(flow.dataflow.agency) && is_path_part(one.id()) &&
      is_path_part(flow.dataflow.version))
    one.structure = fmt::format("sdmx/structure/dataflow/{}/{}/{}", flow.dataflow.agency, one.id(),
                                flow.dataflow.version);
  const FlowMark mark = marks_[Ref{flow.dataflow.agency, one.id(), ""}.text()];
  const std::string name = "indicator/" + one.id();
  const std::string note = tree_.note(name);
  const bool same_data = !note.empty() && tree_.note("mark/" + one.id()) == work.mark;
  const bool same_words = same_data && tree_.note("words") == words_;
  tree_.set_note("mark/" + one.id(), work.mark);
  work.pages = !same_words || !tree_.keep(group("page", one));
  bool same_files = same_data;
  if (same_data) {
    FP_TRY(read_summary(one, note));
    same_files = one.csv.path.empty() || tree_.keep(group("data", one));
  }
  if (same_files && !work.pages) {
    tree_.set_note(name, note);
  } else if (mark.filing > 0) {
    Selection selection = selection_for({}, flow);
    // Said by name, they are all wanted.
    if (flow.freq < flow.dimension_count && flow.components[flow.freq].codes)
      for (std::string_view code : flow.components[flow.freq].codes->ids())
        selection.codes[flow.components[flow.freq].id].emplace_back(code);
    FP_ASSIGN(work.data, read_data(home_, one.flow, selection, viewer_));
    one.figures = newest_figures(*work.data);
    if (!same_files) {
      one.csv = one.xml = {};
      one.rest.clear();
      FP_TRY(downloads(one));
    }
  }
  if (!one.csv.path.empty()) {
    one.changed = std::max(mark.filed_at, mark.released.value_or(mark.filed_at));
    one.csv.bytes = tree_.size_of(one.csv.path);
    one.xml.bytes = tree_.size_of(one.xml.path);
  }
  return {};
}

Status Site::downloads(SiteIndicator& one) {
  const FlowStructure& flow = *one.flow;
  const std::string files = group("data", one);
  const FlowMark& mark = marks_[Ref{flow.dataflow.agency, one.id(), ""}.text()];
  const Time prepared = std::max(mark.filed_at, mark.released.value_or(mark.filed_at));
  const std::string csv = "data/" + site_name(one.id()) + ".csv";
  const std::string xml = "data/" + site_name(one.id()) + ".xml";
  // Below data/: the dataflow's address with agency and version, and its id alone.
  std::string base;
  if (!one.structure.empty())
    base =
        fmt::format("sdmx/data/{},{},{}/", flow.dataflow.agency, one.id(), flow.dataflow.version);
  struct Message {
    std::string path, area, freq;
    OutputFormat format;
  };
  std::vector<Message> messages;
  std::vector<std::pair<std::string, std::string>> links;  // path, of what
  auto key = [&](const std::string& area, const std::string& freq) {
    std::string made;
    for (std::uint16_t d = 0; d < flow.dimension_count; ++d) {
      if (d > 0) made += '.';
      if (d == flow.ref_area) made += area;
      if (d == flow.freq) made += freq;
    }
    return made;
  };
  ExportSeen found;
  auto plan = [&](const ExportSeen& seen) {
    found = seen;
    if (seen.codes.empty()) return;
    OutputFormat table;
    table.format = flow.measure_count > 1 ? DataFormat::kCsv20 : DataFormat::kCsv10;
    const std::string whole = base.empty() ? xml : base + "all";
    // The page calls it "for spreadsheets".
    table.for_people = true;
    messages.push_back({whole, "", "", {}});
    messages.push_back({csv, "", "", table});
    if (whole != xml) links.emplace_back(xml, whole);
    if (base.empty() || flow.ref_area >= flow.dimension_count) return;
    one.rest.push_back(whole);
    for (const auto& [area, freqs] : seen.areas) {
      if (!is_path_part(area)) continue;
      messages.push_back({base + key(area, ""), area, "", {}});
      one.rest.push_back(messages.back().path);
      const std::string of = messages.back().path;
      for (const std::string& freq : freqs) {
        if (!is_path_part(freq)) continue;
        one.rest.push_back(base + key(area, freq));
        if (freqs.size() == 1)
          links.emplace_back(one.rest.back(), of);
        else
          messages.push_back({one.rest.back(), area, freq, {}});
      }
    }
  };
  Selection selection;
  selection.dataflow = flow.dataflow;
  std::size_t next = 0;
  do {
    std::vector<SiteTree::Stream> streams;
    auto targets = [&](const ExportSeen& seen) -> Result<std::vector<ExportTarget>> {
      if (next == 0) plan(seen);
      const std::size_t end = std::min(messages.size(), next + kSiteStreams);
      std::vector<ExportTarget> made;
      streams.reserve(end - next);  // sinks keep their addresses
      for (; next < end; ++next) {
        const Message& message = messages[next];
        FP_ASSIGN(SiteTree::Stream stream, tree_.begin(message.path, files));
        SiteTree::Stream* to = &streams.emplace_back(std::move(stream));
        made.push_back({message.format, message.area, message.freq,
                        [to](std::string_view bytes) { return to->write(bytes); }});
      }
      return made;
    };
    FP_TRY(export_selection(home_, one.flow, selection, viewer_, prepared, targets));
    for (SiteTree::Stream& stream : streams) FP_TRY(tree_.end(std::move(stream)));
  } while (next < messages.size());
  if (messages.empty()) return {};
  one.csv.path = csv;
  one.xml.path = xml;
  for (const auto& [path, of] : links) FP_TRY(tree_.link(path, of, files));
  if (base.empty()) return {};
  const std::string about = fmt::format("sdmx/availableconstraint/{},{},{}/all",
                                        flow.dataflow.agency, one.id(), flow.dataflow.version);
  FP_TRY(available(one, found, about));
  // By its id alone, which clients ask for that know no version.
  const std::string brief = fmt::format("sdmx/data/{}/", one.id());
  std::vector<std::string> paths = one.rest;
  if (paths.empty()) paths.push_back(base + "all");
  for (const std::string& path : paths)
    FP_TRY(tree_.link(brief + path.substr(base.size()), path, files));
  FP_TRY(tree_.link(fmt::format("sdmx/availableconstraint/{}/all", one.id()), about, files));
  one.rest.push_back(about);
  one.rest.push_back(one.structure);
  return {};
}

/// What there is for everybody, as an Actual constraint of the dataflow.
Status Site::available(const SiteIndicator& one, const ExportSeen& seen, const std::string& path) {
  const FlowStructure& flow = *one.flow;
  Structures structures;
  ContentConstraint& constraint = structures.constraints.emplace_back();
  constraint.ref = {flow.dataflow.agency, legal_id(one.id() + "_AVAILABLE"), "1.0"};
  if (flow.names_of) constraint.names = flow.names_of->names;
  constraint.attached_to.push_back({ArtefactClass::kDataflow, flow.dataflow, ""});
  CubeRegion& region = constraint.regions.emplace_back();
  for (std::uint16_t d = 0; d < flow.dimension_count; ++d) {
    auto codes = seen.codes.find(flow.components[d].id);
    if (codes == seen.codes.end()) continue;
    KeyValues& values = region.keys.emplace_back();
    values.component = codes->first;
    for (const std::string& code : codes->second) values.values.push_back({code, false, false});
  }
  std::string text;
  FP_TRY(write_structures(structures, header(one.id() + "-AVAILABLE"), sink_to(text)));
  return tree_.put(path, text, group("data", one));
}

/// The dataflow with all that it needs, under the addresses of REST 1.5 and 2.
Status Site::structure_files(const SiteIndicator& one) {
  const std::string files = group("structure", one);
  const Ref& flow = one.flow->dataflow;
  const Ref& dsd = one.flow->data_structure;
  if (!is_path_part(flow.agency) || !is_path_part(flow.id) || !is_path_part(flow.version))
    return {};
  if (tree_.note("structures") == structures_ && tree_.keep(files)) return {};
  std::string text;
  FP_TRY(write_structures(structures_of(lookup_, *one.flow), header(one.id() + "-STRUCTURES"),
                          sink_to(text)));
  const std::string first =
      fmt::format("sdmx/structure/dataflow/{}/{}/{}", flow.agency, flow.id, flow.version);
  FP_TRY(tree_.put(first, text, files));
  std::vector<std::string> paths;
  auto add = [&](std::string_view kind, const Ref& ref) {
    for (std::string_view version : {std::string_view(ref.version), std::string_view("latest")})
      paths.push_back(fmt::format("sdmx/{}/{}/{}/{}", kind, ref.agency, ref.id, version));
  };
  add("dataflow", flow);
  // A data structure that several dataflows have is found under the first of them.
  bool shared = false;
  for (const SiteIndicator& other : facts_.indicators) {
    if (&other == &one) break;
    shared = shared || other.flow->data_structure == dsd;
  }
  if (!shared && is_path_part(dsd.agency) && is_path_part(dsd.id) && is_path_part(dsd.version))
    add("datastructure", dsd);
  for (const std::string& path : paths) FP_TRY(tree_.link(path, first, files));
  return {};
}

Status Site::others() {
  FP_ASSIGN(facts_.inventory, read_definitions(home_, "INVENTORY", nullptr, {}, viewer_));
  FP_ASSIGN(auto published, publications(home_.store().database(), lookup_, viewer_, kSiteEntries));
  for (const Publication& one : published) {
    SiteEntry& entry = facts_.entries.emplace_back();
    entry.kind = static_cast<SiteEntry::Kind>(one.kind);
    entry.at = one.at;
    entry.provider = one.provider;
    entry.flow = one.dataflow.id;
    entry.first = one.first;
    entry.last = one.last;
    entry.id =
        fmt::format("{}:{}:{}", one.kind == Publication::Kind::kReleased ? "released" : "filing",
                    one.filing, to_millis(one.at));
  }
  std::set<std::string> told;
  for (const SiteIndicator& one : facts_.indicators)
    for (const AnswerDefinition& definition : one.definitions) {
      if (!definition.structure || definition.attributes.empty()) continue;
      SiteEntry entry;
      entry.kind = SiteEntry::Kind::kDescribed;
      entry.at = definition.filed_at;
      entry.provider = definition.provider;
      entry.flow = one.id();
      entry.id = fmt::format("described:{}:{}:{}", entry.provider, entry.flow, to_millis(entry.at));
      if (told.insert(entry.id).second) facts_.entries.push_back(std::move(entry));
    }
  std::stable_sort(facts_.entries.begin(), facts_.entries.end(),
                   [](const SiteEntry& a, const SiteEntry& b) { return a.at > b.at; });
  DutyBook book(home_, today_);
  for (const Duty& duty : duties(book.lookup(), today_, today_ + kCalendarAhead)) {
    if (duty.terms->audience != "public") continue;
    if (facts_.duties.size() == kDutiesShown) break;
    SiteDuty& one = facts_.duties.emplace_back();
    one.provider = duty.terms->agreement->provider.id;
    one.flow = duty.terms->flow->dataflow.id;
    one.areas = duty.terms->flow->countries_among(duty.terms->areas());
    one.period = duty.period;
    one.due = Time{std::chrono::days(book.due_day(duty))};
  }
  return {};
}

Status Site::pages() {
  FP_TRY(tree_.put("style.css", site_style(), "pages"));
  FP_TRY(tree_.put("icon.svg", site_icon(), "pages"));
  Structures flows;
  for (const SiteIndicator& one : facts_.indicators)
    for (const Dataflow& dataflow : lookup_.structures().dataflows)
      if (dataflow.ref == one.flow->dataflow) flows.dataflows.push_back(dataflow);
  if (!flows.dataflows.empty()) {
    std::string text;
    FP_TRY(write_structures(flows, header("DATAFLOWS"), sink_to(text)));
    const std::string all = "sdmx/dataflow/all/all/latest";
    FP_TRY(tree_.put(all, text, "pages"));
    FP_TRY(tree_.link("sdmx/structure/dataflow/all/all/latest", all, "pages"));
  }
  const bool same_modules = tree_.note("words") == words_ && tree_.keep("modules");
  for (const std::string& lang : facts_.languages) {
    FP_ASSIGN(const SiteWriter writer, SiteWriter::in(lang, facts_, lookup_, voice_));
    auto put = [&](const std::string& path, Result<std::string> made,
                   std::string_view files = "pages") -> Status {
      if (!made.ok()) return made.error();
      return tree_.put(lang + "/" + path, *made, files);
    };
    for (std::size_t i = 0; i < facts_.indicators.size(); ++i) {
      SiteIndicator& one = facts_.indicators[i];
      const Work& work = works_[i];
      if (!work.pages && !work.data) continue;
      FP_TRY(go_on());
      const std::string files = group("page", one), name = site_name(one.id());
      std::optional<std::string> picture;
      if (work.data) {
        FP_ASSIGN(picture, writer.picture(one, *work.data));
      }
      one.picture = picture.has_value();
      if (picture) FP_TRY(tree_.put(fmt::format("{}/picture/{}.svg", lang, name), *picture, files));
      FP_TRY(put("indicator/" + name + ".html",
                 writer.indicator(one, work.data ? &*work.data : nullptr), files));
      FP_TRY(put("methodology/" + name + ".html", writer.notes(one), files));
    }
    for (const std::string& area : facts_.countries)
      FP_TRY(put("country/" + site_name(area) + ".html", writer.country(area)));
    FP_TRY(put("index.html", writer.start()));
    FP_TRY(put("methodology.html", writer.methodology()));
    FP_TRY(put("calendar.html", writer.calendar()));
    FP_TRY(put("log.html", writer.log()));
    FP_TRY(put("data.html", writer.data()));
    FP_TRY(put("library.html", writer.library()));
    if (!same_modules)
      for (const SiteModule& one : facts_.modules)
        FP_TRY(put(fmt::format("module/{}.html", one.number), writer.module(one), "modules"));
    FP_TRY(put("feed.xml", writer.feed()));
    if (lang == "en") {
      auto choice = writer.choice();
      if (!choice.ok()) return choice.error();
      FP_TRY(tree_.put("index.html", *choice, "pages"));
    }
  }
  tree_.set_note("words", words_);
  tree_.set_note("structures", structures_);
  for (std::size_t i = 0; i < facts_.indicators.size(); ++i) {
    const SiteIndicator& one = facts_.indicators[i];
    Json json = {{"picture", one.picture}, {"files", !one.csv.path.empty()},
                 {"csv", one.csv.path},    {"xml", one.xml.path},
                 {"rest", one.rest},       {"figures", Json::array()}};
    for (const SiteFigure& figure : one.figures) json["figures"].push_back(figure_json(figure));
    tree_.set_note("indicator/" + one.id(), json_text(json));
  }
  return {};
}

}  // namespace

bool has_site(const fs::path& root) {
  std::error_code none;
  return fs::exists(root / ".focalpost" / "manifest.json", none);
}

Result<SiteWritten> write_site(Home& home, const fs::path& root, Time now,
                               const std::function<bool()>& stop) {
  FP_ASSIGN(FileLock lock, FileLock::take(home.paths().site_lock(),
                                          fmt::format("process {}, the site", ::getpid())));
  FP_ASSIGN(SiteTree tree, SiteTree::open(root.empty() ? home.paths().site() : root));
  return Site(home, tree, now, stop).write();
}

}  // namespace focalpost
