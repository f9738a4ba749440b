#pragma once

#include "core/consensus/proposal.h"

namespace nlbd::consensus {

/// True if the rule in force keeps this person out (Policy::newcomersReadPast is false): somebody
/// who is not here, or not any more. Another computer of a member is let in as always.
///
/// Whoever is in must hold the past: a seat acknowledges and votes only for what it validated, and
/// whether an op is valid is read from what stands before it. Acknowledging what it can't read
/// would let a hostile author split those who can from those who can't; not acknowledging would
/// take a seat from every quorum. So a past that newcomers do not read is a group that nobody new
/// comes into. Texts without their past are another workspace, founded anew with those who are to
/// have them: its keys open nothing that is older.
[[nodiscard]] bool isKeptOut(const Admit &wish, const identity::Configuration &configuration);

} // namespace nlbd::consensus
