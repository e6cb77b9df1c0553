// SPDX-License-Identifier: Apache-2.0
//
// alphabet: answers in the alphabetical order of the reader's language. Private to the room.
//
// Countries stand in the order of their names (NETWORK's manners; Phrases::less()), wherever rows
// or lists are made of them: by REF_AREA, and by other dimensions of countries, as citizenship is.
// Regions stand behind their country. Codes of such a list that are no country (the total,
// stateless) stay before or behind the countries, as the codelist has them; all other codes keep
// the codelist's order.
#pragma once

#include "compose/described.h"
#include "compose/transcript.h"
#include "render/phrases.h"

namespace focalpost {

void order_series(AnswerTable& table, const Phrases& phrases);
/// Tables, definitions and lists of countries.
void order_transcript(Transcript& transcript, const Names& names, const Phrases& phrases);

}  // namespace focalpost
