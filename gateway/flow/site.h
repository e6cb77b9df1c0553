// SPDX-License-Identifier: Apache-2.0
//
// site: the public site of a home, made from the store (docs/site.md).
//
// Owns: which pages and downloads there are, which facts they are made of, what must be made anew.
// How pages look is compose/site.h's, how files get on disk flow/site_tree.h's. Everything is read
// as the public may see it (Viewer::public_at), in one state of the store: an indicator, a country
// or a filing is there only where the audience of an agreement is public. Persons, addresses, what
// is late, waits or was refused is never read.
//
// Each indicator is read once for all languages, and only if its mark (its newest filing, its
// newest embargo that ended, the structures) or the words changed since the site was written;
// otherwise its files stay and its newest figures are taken from the manifest's notes. The other
// pages are made from these each time and written where they differ. Where nothing changed nothing
// is read or made.
//
// The same store, templates and day make the same bytes.
#pragma once

#include <functional>

#include "flow/home.h"
#include "flow/site_tree.h"

namespace focalpost {

/// Messages of countries written in one reading of the store.
inline constexpr std::size_t kSiteStreams = 200;

/// `root` empty: <home>/site. Takes a lock of its own, so that it works beside `run`. `stop` is
/// asked between one indicator and the next; a site that is not finished stays as it was, and the
/// Error says that trying again helps.
Result<SiteWritten> write_site(Home& home, const fs::path& root, Time now,
                               const std::function<bool()>& stop = {});
/// Whether a site was ever written there.
bool has_site(const fs::path& root);

}  // namespace focalpost
