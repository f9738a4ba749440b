#pragma once

#include "core/consensus/approval.h"
#include "core/consensus/decision.h"
#include "core/consensus/proposal.h"
#include "core/engine/engine_state.h"

namespace nlbd::engine {

/// What a seat does without being asked (PROTOCOL C7): it says yes to a companion that its person
/// asks for, asks to count on without a seat that has been silent for long, and for a new key when
/// the present one is old; and a dormant seat asks to be counted again. Any device has the key that
/// workspace keys come sealed to drawn anew whenever a new one is asked for or was decided
/// (PROTOCOL C17, KEYCARE).
///
/// All of it is a wish or an answer of one seat. Decided it is by the quorum, so that neither a
/// clock nor a liar takes a seat away: Q seats must have observed the silence themselves.
///
/// **Days** are counted here, not read from a calendar. One has passed when the civil clock has
/// gone on by a day since the last one, this program ran and was connected for a part of it, and a
/// quorum of seats was heard in it. Who slept, had no network or a clock that jumped counts one
/// day at most, and has seen nobody be silent for two weeks.
class Caretaker {
public:
    explicit Caretaker(Engine::State &state)
        : m_state(state)
    {
    }

    void load(const store::StoredWorkspace &stored);

    /// The device signed something that was not known here before.
    void heard(DeviceIndex device);
    /// Proposals came, or an epoch began.
    void proposalsChanged() noexcept { m_mustAnswer = true; }
    /// The log took it up.
    void decided(const consensus::Decision &decision);

    void tick();

    /// With fewer seats the yes is not given by itself: the quorum of three is three, as that of
    /// four is. Counting on without the fourth is for people to vote on, who are warned (C16).
    static constexpr std::size_t kSeatsMin = 5;
    /// With fewer it is not asked for either: of three, two decide nothing.
    static constexpr std::size_t kSeatsToAsk = 4;

private:
    void countTime();
    void countDay();
    void save();
    void answerAll();
    void answer(const consensus::Proposal &proposal);
    void askIfDue();
    void askInTurn(DeviceIndex subject, consensus::Wish wish);
    void wakeMyself();
    void turnKeyIfDue();
    [[nodiscard]] bool isSilent(MemberIndex member) const;
    [[nodiscard]] bool isKeyOld() const;
    [[nodiscard]] std::optional<DeviceIndex> seatDeviceOf(MemberIndex member) const;

    Engine::State &m_state;
    std::map<DeviceIndex, std::uint16_t> m_silentDays; ///< of seats
    std::set<DeviceIndex> m_heard;                     ///< since the last day was counted
    std::set<Hash> m_given; ///< yes that was said here by itself, and may be taken back
    std::optional<WallTime> m_dayBegan;
    KeyEpoch m_keyEpoch;
    std::uint16_t m_keyDays = 0;
    Millis m_connected{0}; ///< since then
    MonoTime m_lastLook{};
    std::map<DeviceIndex, MonoTime> m_turns; ///< when to ask about it; kNobody: about the key
    MonoTime m_nextWake{};
    bool m_missedNewKey = false; ///< one was decided, and this device's care key is older
    bool m_mustAnswer = true;
    bool m_mustSave = false;
};

} // namespace nlbd::engine
