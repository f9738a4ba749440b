#pragma once

#include "ui/words.h"

#include <vector>

namespace nlbd::ui {

/// One who decides: a member with a vote, as the cards show it.
struct Voter {
    MemberIndex member;
    QString name;
    bool isMe = false;
    bool isHere = false; ///< can be reached, or is this computer
    friend bool operator==(const Voter &, const Voter &) = default;
};

/// Who decides, and what a card needs to know beside its proposal.
struct Voters {
    std::vector<Voter> all; ///< by member
    std::uint16_t quorum = 0;
    Epoch epoch;
    std::optional<std::uint32_t> round; ///< an agreement is under way
    api::Limits limits = {};            ///< in force
    friend bool operator==(const Voters &, const Voters &) = default;

    [[nodiscard]] std::size_t heard() const;
    [[nodiscard]] bool haveMe() const;
    [[nodiscard]] bool haveMe(MemberIndex member) const; ///< it is I, with a vote
};

[[nodiscard]] Voters votersOf(const words::People &people, const api::DecisionsChanged &now);

/// Where one of them stands towards a proposal.
struct Stand {
    enum class Says : std::uint8_t {
        Yes,
        No,
        Open,
        Nothing ///< it is about this one, who counts and has no say
    } says = Says::Open;
    QString name;
    bool isHere = false;
    friend bool operator==(const Stand &, const Stand &) = default;
};
[[nodiscard]] std::vector<Stand> standsOf(const api::ProposalInfo &info, const Voters &voters);

/// What a proposal waits for, beside answers.
struct Outlook {
    enum class State : std::uint8_t {
        Open,        ///< enough can be reached
        Unreachable, ///< too few of those who have not answered can be: `missing`
        Blocked,     ///< too many are against
        Signing,     ///< enough are in favour: computers decide it now
        Stuck        ///< the same, but too few computers can be reached
    } state = State::Open;
    QStringList missing;
};
[[nodiscard]] Outlook outlookOf(const api::ProposalInfo &info, const Voters &voters);

/// Whether it is my turn: I have a vote, have not used it, and a person's answer is asked for.
[[nodiscard]] bool waitsForMe(const api::ProposalInfo &info, const Voters &voters);
/// Whether I may answer at all, or change what I said.
[[nodiscard]] bool mayAnswer(const api::ProposalInfo &info, const Voters &voters);

} // namespace nlbd::ui
