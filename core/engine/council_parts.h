#pragma once

#include "core/api/decisions.h"
#include "core/consensus/close_evidence.h"
#include "core/consensus/roundtable.h"
#include "core/consensus/value_judge.h"
#include "core/engine/own_wishes.h"
#include "core/store/store.h"

#include <functional>

namespace nlbd::engine {

/// What the council keeps of one thing each.
struct CouncilParts {
    using VoteKey = std::tuple<consensus::Round, consensus::Phase, SeatIndex>;
    /// Of key offers: wishes may come one after the other and change who stays.
    static constexpr std::size_t kOffersPerSeatMax = 4;
    /// Codes that say "not now": nobody is at fault.
    [[nodiscard]] static bool isNoFault(Code code)
    {
        return code == Code::E_RATE || code == Code::BUFFERED || code == Code::E_NOT_MEMBER
            || code == Code::E_NAME_CONFUSABLE;
    }
    /// What must be on the disk before a proposal leaves; asked for once it was taken.
    using RowsWith = std::function<store::Rows(const consensus::Proposal &)>;
    struct OpenValue {
        consensus::Value value;
        consensus::Verdict verdict = consensus::Verdict::Unknown;
        std::optional<PeerId> source; ///< who spoke of it last
    };
    struct Timer {
        consensus::Round round;
        consensus::Step step = consensus::Step::Propose;
        MonoTime due{};
        std::optional<Millis> left; ///< stands still while nobody is connected
    };
    /// What a seat before mine in the round's order proposes, or how long it is waited for.
    struct Lead {
        std::optional<Hash> value;
        std::optional<MonoTime> waitUntil;
    };
    /// The newest that is held of a device's seat in this epoch; empty if there is none.
    struct LastWords {
        Bytes close;
        Bytes vote;
    };
    /// What seats signed in the epoch that ended last: a late word may contradict it.
    struct Before {
        std::optional<Epoch> epoch;
        std::vector<consensus::Vote> votes;
        std::map<Hash, consensus::Close> closes;
        std::map<SeatIndex, std::size_t> asked; ///< other reports, of which only the root came
    };
    /// An open proposal, and what was answered to it, with the tags of one comparison.
    struct Tagged {
        Hash hash;
        const consensus::Proposal *proposal = nullptr;
        std::vector<std::pair<const consensus::Approval *, std::uint32_t>> answers;
    };
    /// For the view, what stays the same until the next epoch begins.
    struct Reckoned {
        std::optional<std::vector<api::DecisionInfo>> made;
        std::map<Hash, std::size_t> seatsAfter; ///< by proposal
    };
    /// What may end this epoch, and what must wait (own_wishes.h).
    struct Reasons {
        OwnWishes own;
        std::optional<MonoTime> hastyUntil;  ///< then one of them is reason enough
        std::optional<MonoTime> closedSince; ///< somebody did in this epoch
    };
    /// Records that came a moment ago.
    struct Fresh {
        std::set<Hash> ids;
        std::deque<std::pair<MonoTime, Hash>> inOrder; ///< in which they came
    };
    struct Asked {
        MonoTime due{};               ///< to be asked for, again
        std::optional<PeerId> source; ///< at first; then anybody
    };
};

} // namespace nlbd::engine
