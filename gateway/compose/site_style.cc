// SPDX-License-Identifier: Apache-2.0
//
// The stylesheet. Colours have a contrast of 4.5 : 1 at least with what is behind them (WCAG 2.2,
// 1.4.3), the edges of what can be used 3 : 1 (1.4.11). States of the matrix are told in words and
// in shades of one neutral colour.
#include "compose/site.h"

namespace focalpost {

std::string_view site_style() {
  return R"css(/* SPDX-License-Identifier: Apache-2.0 */
*, *::before, *::after { box-sizing: border-box; }
html { font-size: 100%; -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0; color: #1b1f24; background: #fff; line-height: 1.5; overflow-wrap: break-word;
  font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", Arial, sans-serif;
}
header, main, footer, .example { padding: 0 max(1rem, calc((100% - 80rem) / 2)); }
a { color: #0b4f8a; text-underline-offset: .15em; }
a:visited { color: #5b3a86; }
a:hover { text-decoration-thickness: 2px; }
:focus-visible { outline: 3px solid #0b4f8a; outline-offset: 2px; border-radius: 2px; }
main:focus { outline: none; }
.skip { position: absolute; left: -100rem; top: 0; padding: .75rem 1rem; background: #fff; z-index: 1; }
.skip:focus { left: 0; }
header { background: #f3f5f7; border-bottom: 1px solid #c4ccd4; padding-top: .75rem; }
header nav ul { display: flex; flex-wrap: wrap; list-style: none; margin: 0; padding: 0; }
header nav a { display: block; padding: .5rem .75rem; min-height: 2.5rem; color: #1b1f24; text-decoration: none; }
header nav a:hover { text-decoration: underline; }
.site-name { margin: 0; font-weight: 700; font-size: 1.125rem; float: left; padding: .35rem 0; }
.site-name a { color: inherit; text-decoration: none; }
.site-name a:hover { text-decoration: underline; }
.languages { float: right; }
.languages a[aria-current] { font-weight: 700; text-decoration: underline; }
.sections { clear: both; margin: 0 -.75rem; }
.sections a[aria-current] { font-weight: 700; box-shadow: inset 0 -3px 0 #0b4f8a; }
header::after { content: ""; display: block; clear: both; }
.example { margin: 0; max-width: none; padding-top: .5rem; padding-bottom: .5rem; background: #fff4ce; border-bottom: 1px solid #d9b84a; }
main { padding-top: 1rem; padding-bottom: 2rem; }
h1 { font-size: 1.75rem; line-height: 1.2; margin: .5rem 0 1rem; }
h2 { font-size: 1.3rem; line-height: 1.3; margin: 2.25rem 0 .75rem; }
h3 { font-size: 1.05rem; margin: 1.5rem 0 .5rem; }
p, .cards, .columns { max-width: 46rem; }
.lead { font-size: 1.1rem; }
.note { color: #4d5761; font-size: .875rem; }
pre { font-family: ui-monospace, Consolas, Menlo, monospace; font-size: .875rem; overflow-x: auto; padding: .5rem .75rem; background: #f3f5f7; }
p.note { margin: .25rem 0; }
figure { margin: 1rem 0; }
figure svg, .cards img { display: block; max-width: 100%; height: auto; }
.narrow { display: none; }
.scroll { overflow-x: auto; margin: 1rem 0 .5rem; max-width: 100%; }
table { border-collapse: collapse; font-size: .9375rem; }
caption { text-align: left; padding: 0 0 .5rem; font-weight: 600; }
caption .note { font-weight: 400; }
th, td { padding: .35rem .75rem; border-bottom: 1px solid #d5dbe1; vertical-align: top; text-align: left; }
thead th { border-bottom: 2px solid #7b8794; vertical-align: bottom; font-weight: 600; }
tbody th { font-weight: 400; }
.numbers tbody th { white-space: nowrap; }
.numbers thead th:not(:first-child), td.number { text-align: right; }
td.number { white-space: nowrap; font-variant-numeric: tabular-nums; }
table.words td { min-width: 6rem; }
th:first-child { position: sticky; left: 0; background: #fff; }
.matrix td { min-width: 5.75rem; padding: .35rem .5rem; border: 1px solid #c4ccd4; font-size: .8125rem; }
.matrix thead th { padding: .35rem .5rem; font-size: .875rem; }
.matrix tbody th { white-space: normal; min-width: 9rem; max-width: 16rem; }
.matrix .full { background: #d3dbe4; }
.matrix .part { background: #e9edf1; }
.matrix .none { background: #fff; color: #4d5761; }
.matrix .empty { background: #fff; color: #4d5761; text-align: center; }
.cards { list-style: none; margin: 0; padding: 0; display: grid; gap: 1.25rem; max-width: none;
  grid-template-columns: repeat(auto-fill, minmax(min(100%, 19rem), 1fr)); }
.cards li { border: 1px solid #c4ccd4; border-radius: 4px; padding: .75rem; min-width: 0; }
.cards a { display: block; font-weight: 600; }
.cards .card-title { display: block; margin-bottom: .5rem; }
.cards .note { display: block; margin-top: .5rem; }
.columns { padding-left: 1.25rem; columns: 14rem 3; max-width: none; }
.columns li { break-inside: avoid; padding: .2rem 0; }
.columns a { display: inline-block; padding: .1rem 0; }
.paths { font-family: ui-monospace, Consolas, Menlo, monospace; font-size: .875rem; padding-left: 1.25rem; overflow-wrap: anywhere; }
.term { border-top: 1px solid #d5dbe1; margin-top: 1rem; }
.mark { display: inline-block; margin-left: .25rem; padding: 0 .5rem; border: 1px solid #7b8794; border-radius: 1rem;
  font-size: .8125rem; font-weight: 400; color: #1b1f24; background: #f3f5f7; }
dl { margin: .5rem 0; }
dt { font-weight: 600; }
dd { margin: 0 0 .5rem; }
.side { display: grid; gap: .25rem 1.5rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 17rem), 1fr)); }
.side dt { font-size: .9375rem; }
.pairs > div { display: grid; grid-template-columns: minmax(10rem, 18rem) 1fr; gap: .25rem 1.5rem; padding: .35rem 0; border-bottom: 1px solid #e3e8ed; max-width: 64rem; }
.pairs dd { margin: 0; }
footer { border-top: 1px solid #c4ccd4; padding-top: 1rem; padding-bottom: 2rem; color: #4d5761; font-size: .875rem; }
@media (max-width: 40rem) {
  .wide { display: none; }
  .narrow { display: block; }
  .site-name, .languages { float: none; }
  .languages { margin: 0 -.75rem; }
  h1 { font-size: 1.45rem; }
  .pairs > div { grid-template-columns: 1fr; }
  .matrix tbody th { min-width: 7rem; max-width: 9rem; }
  th, td { padding: .35rem .5rem; }
  table.words, .words caption, .words tbody, .words tr, .words tbody th, .words td { display: block; }
  .words thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .words tr { border-bottom: 1px solid #7b8794; padding: .5rem 0; }
  .words tbody th { position: static; font-weight: 600; }
  .words tbody th, .words td { border: 0; padding: .1rem 0; }
  .words td::before { content: attr(data-label) ": "; color: #4d5761; }
}
@media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth; } }
@media print {
  .skip, header nav { display: none; }
  header { background: none; border: 0; }
  body { font-size: 10pt; }
  header, main, footer, .example { padding-left: 0; padding-right: 0; }
  .wide { display: block; }
  .narrow { display: none; }
  .scroll { overflow: visible; }
  table { font-size: 8pt; }
  th, td { padding: .15rem .35rem; }
  th:first-child { position: static; }
  .matrix td, .matrix tbody th, table.words td { min-width: 0; }
  .matrix td, .matrix th, .matrix thead th { font-size: 6.5pt; padding: .1rem .2rem; overflow-wrap: anywhere; }
  thead { display: table-header-group; }
  tr, figure, .cards li, .term { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
  a { color: inherit; text-decoration: none; }
  a:visited { color: inherit; }
}
)css";
}

std::string_view site_icon() {
  return R"svg(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
<rect width="32" height="32" rx="5" fill="#0b4f8a"/>
<path d="M7 24V15M13 24V9M19 24V18M25 24V12" stroke="#ffffff" stroke-width="3.5" fill="none"/>
</svg>
)svg";
}

}  // namespace focalpost
