// SPDX-License-Identifier: Apache-2.0
//
// chart_words: what a chart says in a person's language: numbers, periods, what its marks mean.
#pragma once

#include "base/result.h"
#include "chart/chart.h"
#include "render/phrases.h"

namespace focalpost {

/// Refers to `phrases`, which must outlive it. Error: a phrase is missing in every language.
Result<ChartWords> chart_words(const Phrases& phrases);

}  // namespace focalpost
