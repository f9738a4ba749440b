#pragma once

#include "core/consensus/roundtable.h"
#include "tests/sim/dice.h"
#include "tests/support/fast_signatures.h"

#include <array>
#include <map>

namespace nlbd::sim {

/// Seats with keys, made once for all scenarios of a size.
struct Party {
    explicit Party(std::size_t seats);
    [[nodiscard]] static const Party &of(std::size_t seats);

    SeededRandom random;
    test::FastSignatures scheme;
    std::vector<identity::SecretKey> keys; ///< by seat
    identity::Configuration configuration;
    std::optional<consensus::SeatOrder> order;
    std::size_t faults = 0;
    std::size_t quorum = 0; ///< by PROTOCOL 1, whatever a mutant thinks
};

/// The values of a scenario: four good ones, one that everybody refuses, one that nobody can fetch.
inline constexpr std::size_t kValues = 6;
inline constexpr std::size_t kGoodValues = 4;
inline constexpr std::size_t kInvalidValue = 4;
[[nodiscard]] Hash valueAt(std::size_t index);
[[nodiscard]] std::size_t indexOf(const Hash &value);

/// Sees everything and forgets nothing: what honest seats signed over all crashes, and which
/// polkas exist at all. Says which invariant a vote contradicts (PROTOCOL D4).
class Oracle {
public:
    explicit Oracle(const Party &party)
        : m_party(party)
        , m_signed(party.keys.size())
        , m_verdicts(party.keys.size())
        , m_latest(party.keys.size())
    {
    }

    /// An honest seat signs; judged by what was said before.
    [[nodiscard]] std::optional<std::string> onHonestVote(const consensus::Vote &vote);
    /// Anyone's vote is out in the world.
    void onVote(const consensus::Vote &vote);
    void onVerdict(SeatIndex seat, const Hash &value, consensus::Verdict verdict);

    [[nodiscard]] std::optional<std::string> onDecision(const consensus::Certificate &certificate,
                                                        bool isOverrun);
    [[nodiscard]] std::optional<std::string> onProof(const consensus::VoteEvidence &evidence,
                                                     const std::vector<bool> &isHostile) const;
    /// I9, without anybody's help: no two votes of an honest seat are a proof.
    [[nodiscard]] std::optional<std::string> innocent(const std::vector<bool> &isHostile) const;
    /// Conflicting decisions name more than f seats, and hostile ones only.
    [[nodiscard]] std::optional<std::string> accountable(std::span<const consensus::Vote> votes,
                                                         const std::vector<bool> &isHostile) const;

    [[nodiscard]] bool polkaExists(consensus::Round round, const Hash &value) const;
    [[nodiscard]] bool isConflict() const { return m_isConflict; }
    [[nodiscard]] bool isDecided() const { return m_decision.has_value(); }

private:
    static constexpr std::size_t kRounds = 160;

    void countPrevote(const consensus::Vote &vote);
    [[nodiscard]] bool isFull(consensus::Round round, consensus::Phase phase) const;
    [[nodiscard]] bool fallsBack(const consensus::Vote &proposal) const;
    [[nodiscard]] bool mayEnter(SeatIndex seat, consensus::Round round) const;
    [[nodiscard]] std::optional<std::string>
    verify(const consensus::Certificate &certificate) const;

    const Party &m_party;
    std::vector<std::vector<consensus::Vote>> m_signed;                   ///< by seat
    std::vector<std::array<consensus::Verdict, kValues>> m_verdicts;      ///< by seat
    std::array<std::array<std::uint32_t, kValues>, kRounds> m_prevotes{}; ///< seats by bit
    std::array<std::array<std::uint32_t, 3>, kRounds> m_said{}; ///< by phase: seats by bit
    std::vector<consensus::Round> m_latest;                     ///< by seat
    std::vector<consensus::Vote> m_waiting;                     ///< for their reason
    std::optional<Hash> m_decision;
    bool m_isConflict = false;
};

} // namespace nlbd::sim
