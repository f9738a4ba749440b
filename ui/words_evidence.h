#pragma once

#include "ui/words.h"

/// The words for proofs: what each kind shows, what it does not show, and what to do now.
namespace nlbd::ui::words {

/// The banner when a proof comes.
[[nodiscard]] QString proven(const api::EvidenceInfo &proof, const People &people);
/// What was checked in a proof of this kind.
[[nodiscard]] QString checkedIn(Code code);
/// What the records of a fork say of how it came about, and that this proves nothing.
[[nodiscard]] QString forkReading(const std::optional<api::ForkFacts> &fork);
/// What to do after a proof, in a few sentences. Never more than what is known.
[[nodiscard]] QString suggestion(const api::EvidenceInfo &proof, const People &people);
/// Whether a proof of this kind suggests that its member be removed.
[[nodiscard]] bool suggestsRemoval(Code code);
/// "3 days", "12 s"
[[nodiscard]] QString span(Millis time);

} // namespace nlbd::ui::words
