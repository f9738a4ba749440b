#pragma once

#include "ui/words.h"

/// The words for what is decided together: questions, tallies, results, and what is said before
/// somebody asks. PRODUCT's words: people and computers, "needs 3 of 4", no quorum and no seat.
namespace nlbd::ui::words {

/// The whole name; "someone unknown" for a member who is not in the list.
[[nodiscard]] QString nameOfMember(const People &people, MemberIndex member);

/// "Remove Nikos Petrou?"
[[nodiscard]] QString question(const api::Wish &wish, const People &people);
/// What is so once it is decided, in a sentence or two. Empty where the question says all.
[[nodiscard]] QString consequence(const api::Wish &wish, const People &people);
/// What a rule changes beside its sentence, for what computers do by themselves. Empty: nothing.
[[nodiscard]] QString limitsChange(const api::Limits &asked, const api::Limits &now);
/// "Thea asks. Needs 3 of 4."
[[nodiscard]] QString whoAsks(const api::ProposalInfo &info, const People &people,
                              std::uint16_t seats);
/// What was decided: "Nikos Petrou is no longer a member".
[[nodiscard]] QString result(const api::Wish &wish, const People &people);
/// "Decided in round 1 by 12 signatures"
[[nodiscard]] QString decidedBy(const api::DecisionInfo &info);

/// "2 in favour, 1 against · 1 more decides it"
[[nodiscard]] QString tally(const api::ProposalInfo &info);
/// "You are for it." and the like; empty before I answered.
[[nodiscard]] QString myAnswer(const api::ProposalInfo &info);

/// Said before somebody asks or votes for what takes the protection away; else empty.
[[nodiscard]] QString protectionWarning(std::size_t seats, std::size_t seatsAfter);
/// Why a proposal or an answer was not taken.
[[nodiscard]] QString whyNotAsked(Code code);

/// How far my question to be let in has come.
[[nodiscard]] QString joining(const api::JoinInfo &join);

/// "2 of 4 heard, 3 needed"
[[nodiscard]] QString heard(std::size_t heard, std::size_t seats, std::size_t quorum);
/// The banner when nothing can be agreed.
[[nodiscard]] QString isolated(qint64 minutes, std::size_t heard, std::size_t seats,
                               std::size_t quorum, std::uint64_t changes);
/// What the number of members is good for, for the status line. Empty for one alone.
[[nodiscard]] QString protection(std::size_t seats);

} // namespace nlbd::ui::words
