#pragma once

#include "core/consensus/certificate.h"
#include "core/consensus/evidence_file.h"
#include "core/gossip/message.h"
#include "tests/support/small_group.h"

namespace nlbd::testing {

using namespace consensus;
using namespace std::chrono_literals;

inline constexpr std::size_t kMalory = 3;

inline Hash named(std::uint8_t name)
{
    Hash hash;
    hash.value[0] = std::byte{name};
    return hash;
}

/// The closing reports that a member's disk holds: whole, while short ones pass between members.
inline std::map<SeatIndex, Close> reportsOf(SmallGroup &group, std::size_t i)
{
    std::map<SeatIndex, Close> reports;
    const auto stored = group.disk(i).load();
    for (const store::ControlRow &row : stored->control)
        if (row.kind == static_cast<std::uint8_t>(gossip::ControlKind::Close))
            if (const auto close = Close::decode(row.record))
                reports.insert_or_assign(close->seat, *close);
    return reports;
}

/// Four members with a document; Malory's key also signs what its engine never would.
struct HostileSeat {
    explicit HostileSeat(std::uint64_t seed = 1)
        : group(4, seed)
    {
        group.run(300ms);
        for (std::size_t i = 0; i < 4; ++i)
            group.subscribe(i);
        group.submit(0, api::CreateDocument{1, "Notes", "words"});
        group.run(5s);
    }

    [[nodiscard]] const identity::Configuration &configuration()
    {
        return group.at(0).configuration();
    }

    Vote vote(Phase phase, std::uint32_t round, std::optional<Hash> value,
              std::size_t signer = kMalory)
    {
        Vote vote;
        vote.phase = phase;
        vote.epoch = configuration().epoch;
        vote.round = Round(round);
        vote.seat = *configuration().seatOf(DeviceIndex(static_cast<std::uint16_t>(signer)));
        vote.value = value;
        return signVote(scheme, group.device(signer), configuration(), vote);
    }

    Close close(std::uint64_t lastAckNo, trust::Frontier frontier = {})
    {
        return signClose(scheme, group.device(kMalory), configuration(), SeatIndex(kMalory),
                         lastAckNo, std::move(frontier));
    }

    void tell(std::size_t victim, const gossip::Message &message)
    {
        group.step(victim,
                   engine::FrameIn{group.sessionWith(victim, kMalory),
                                   static_cast<std::uint8_t>(gossip::kindOf(message)),
                                   gossip::encode(message)});
    }
    void tell(std::size_t victim, const Vote &vote)
    {
        tell(victim, gossip::ControlRecords{{{gossip::ControlKind::Vote, vote.encode()}}});
    }
    void tell(std::size_t victim, const Close &close)
    {
        tell(victim, gossip::ControlRecords{{{gossip::ControlKind::Close, close.encode()}}});
    }

    /// What is proven at one of them, each file checked by a stranger.
    std::multiset<std::pair<Code, std::optional<DeviceIndex>>> proven(std::size_t i)
    {
        std::multiset<std::pair<Code, std::optional<DeviceIndex>>> result;
        for (const api::EvidenceInfo &info : group.at(i).evidence()) {
            const auto file = checkEvidenceFile(info.file, scheme);
            const bool isGood = file
                && file->checked.result == trust::CheckedEvidence::Result::Holds
                && file->checked.accused == info.accused && file->proof.id() == info.id;
            if (isGood)
                result.emplace(info.code, info.accused);
        }
        return result;
    }
    bool isProven(std::size_t i, Code code, std::optional<DeviceIndex> whom = DeviceIndex(kMalory))
    {
        return proven(i).count({code, whom}) == 1;
    }

    void decideNewKey()
    {
        api::Wish wish;
        wish.kind = api::Wish::Kind::NewKey;
        group.submit(0, api::Propose{++requests, wish});
        group.run(200ms);
        const Hash id = group.at(0).decisions().open.back().id;
        for (std::size_t i = 1; i < 4; ++i)
            group.submit(i, api::Vote{++requests, id, true});
        group.run(20s);
    }

    Decision lastDecision()
    {
        const auto stored = group.disk(0).load();
        return *Decision::decode(stored->decisions.back().record);
    }

    /// Another end of the epoch that `decision` ended, signed by the first `signers` seats.
    Decision rival(Decision decision, std::uint32_t round, std::size_t signers)
    {
        decision.value.stateRoot = named(9);
        Certificate certificate{decision.value.epoch, Round(round), decision.value.hash(), {}};
        const identity::Configuration then = group.genesis().genesis.configuration();
        for (std::size_t i = 4 - signers; i < 4; ++i) {
            Vote vote{Phase::Precommit,
                      then.epoch,
                      Round(round),
                      SeatIndex(static_cast<std::uint16_t>(i)),
                      certificate.value,
                      {},
                      {}};
            vote = signVote(scheme, group.device(i), then, vote);
            certificate.lines.push_back({vote.seat, vote.signature});
        }
        decision.certificate = certificate.encode();
        return decision;
    }

    SmallGroup group;
    identity::Ed25519 scheme;
    std::uint64_t requests = 0;
};

} // namespace nlbd::testing
