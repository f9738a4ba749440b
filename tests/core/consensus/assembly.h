#pragma once

#include "core/consensus/decision_log.h"
#include "core/consensus/value_builder.h"
#include "core/consensus/value_judge.h"
#include "core/identity/genesis.h"
#include "tests/support/fast_signatures.h"

#include <set>

namespace nlbd::test {

/// Chains that exist by their names: a head's hash says device, branch and seq. Branch b > 0 leaves
/// branch 0 after seq 10 b.
[[nodiscard]] identity::ChainHead headAt(std::uint16_t device, std::uint64_t seq,
                                         std::uint8_t branch = 0);
[[nodiscard]] trust::Frontier frontierAt(std::initializer_list<identity::ChainHead> heads);

class NamedChains final : public consensus::ChainOrder {
public:
    [[nodiscard]] std::optional<bool> follows(const identity::ChainHead &head,
                                              const identity::ChainHead &base) const override;
    std::set<Hash> unheld;
};

/// Members with their keys, in a world without text: everything that decisions are made of.
class Assembly {
public:
    /// Fast signatures unless others are given, which must outlive the assembly.
    explicit Assembly(std::size_t founders, std::uint64_t seed = 1,
                      const identity::SignatureScheme *real = nullptr);
    Assembly(const Assembly &) = delete;
    Assembly &operator=(const Assembly &) = delete;

    /// A person who is not a member yet: Admit for it, and its keys are kept.
    consensus::Admit newcomer(std::string name, identity::Role role = identity::Role::Writer);
    /// One more device of a member.
    consensus::Admit companion(MemberIndex member);
    consensus::MoveSeat newSeat(MemberIndex member);

    /// Signed by the member's seat device, or by any device that still reads.
    consensus::Proposal ask(std::uint16_t member, consensus::Wish wish, std::uint32_t life = 8);
    consensus::Proposal askByIdentity(std::uint16_t member, consensus::Wish wish,
                                      std::uint32_t life = 8);
    consensus::Proposal askBy(DeviceIndex device, consensus::Wish wish, std::uint32_t life = 8);
    consensus::Approval answer(std::size_t seat, const consensus::Proposal &proposal,
                               consensus::Answer answer = consensus::Answer::Yes,
                               std::uint64_t counter = 1, std::uint32_t life = 8) const;
    consensus::Close close(std::size_t seat, trust::Frontier frontier,
                           std::uint64_t lastAckNo = 7) const;
    consensus::Fence fenceOf(std::uint16_t device);

    /// Seats that sign a value, in a form of this test's own.
    [[nodiscard]] Bytes certificate(const Hash &value, std::size_t signers) const;
    [[nodiscard]] consensus::CertificateCheck certificateCheck() const;

    [[nodiscard]] const identity::SecretKey &keyOf(const PublicKey &key) const;
    [[nodiscard]] const identity::SecretKey &seatKey(std::size_t seat) const;
    [[nodiscard]] std::size_t seats() const { return configuration.seats.size(); }
    [[nodiscard]] std::size_t quorum() const { return identity::quorumOf(seats()); }

    SeededRandom random;
    FastSignatures fast;
    const identity::SignatureScheme &scheme;
    identity::Configuration configuration; ///< of the present epoch
    keys::WorkspaceKey key;                ///< of the present key epoch
    keys::KeyHolder::Secrets careSecrets;  ///< of everybody, as nobody has them in the world

    /// A fresh care key for a device, whose secret is kept.
    consensus::TurnKey turnKey(DeviceIndex device);

private:
    PublicKey newKey();

    std::map<PublicKey, identity::SecretKey> m_keys;
    std::uint64_t m_nonce = 0;
};

/// What one seat knows. Everything is held unless it says otherwise.
class FakeGround final : public consensus::Ground {
public:
    FakeGround(const Assembly &assembly, DeviceIndex me)
        : m_assembly(assembly)
        , m_me(me)
    {
    }
    [[nodiscard]] Holding holding(const trust::Frontier &report) const override;
    [[nodiscard]] const consensus::ChainOrder &chains() const override { return order; }
    [[nodiscard]] std::optional<Hash> stateRoot(const identity::ChainHeads &heads) const override;
    [[nodiscard]] const consensus::OfferedKey *offer(const Hash &hash) const override;
    [[nodiscard]] std::vector<const consensus::OfferedKey *> offers() const override;
    [[nodiscard]] std::optional<Code> keyFault(const consensus::OfferedKey &offered,
                                               const identity::Configuration &next) const override;

    NamedChains order;
    std::set<Hash> unclosed; ///< heads whose report leaves out what they build on
    bool isStateComputed = true;
    std::map<Hash, consensus::OfferedKey> held;

private:
    const Assembly &m_assembly;
    DeviceIndex m_me;
};

/// One seat with its books.
struct Seat {
    Seat(const Assembly &assembly, DeviceIndex me_)
        : me(me_)
        , proposals(assembly.configuration, assembly.scheme)
        , closes(assembly.configuration, assembly.scheme)
        , ground(assembly, me_)
        , m_assembly(assembly)
    {
    }
    Seat(const Assembly &assembly, std::size_t seat)
        : Seat(assembly, assembly.configuration.seats.at(seat))
    {
    }
    [[nodiscard]] consensus::EpochView view() const
    {
        return {m_assembly.configuration, proposals, closes, ground, me};
    }
    void take(const consensus::Proposal &proposal);
    void take(const consensus::Approval &approval);
    void take(const consensus::Close &close);
    void take(const consensus::OfferedKey &offer) { ground.held.emplace(offer.hash(), offer); }
    /// Yes of the first `count` seats, or of the seats given.
    void approve(const consensus::Proposal &proposal, std::size_t count);

    [[nodiscard]] consensus::Judgement judge(const consensus::Value &value) const
    {
        return consensus::judge(value, view(), consensus::ProposalBook::Answers::Standing);
    }
    [[nodiscard]] consensus::BuiltValue
    build(consensus::NewKeys newKeys = consensus::NewKeys::Await) const
    {
        return consensus::buildValue(view(), newKeys);
    }
    /// The decision of a value that this seat finds valid.
    [[nodiscard]] consensus::Decision decision(const consensus::Value &value) const;

    DeviceIndex me;
    consensus::ProposalBook proposals;
    consensus::CloseBook closes;
    FakeGround ground;

private:
    const Assembly &m_assembly;
};

/// An offer of a fresh key for what follows, by a seat.
[[nodiscard]] consensus::OfferedKey offerOf(Assembly &assembly, std::size_t seat,
                                            const identity::Configuration &next);

} // namespace nlbd::test
