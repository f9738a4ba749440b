// Attacks on what is decided together: votes, reports, proposals, decisions, proofs.

#include "core/base/check.h"
#include "core/consensus/approval.h"
#include "core/consensus/certificate.h"
#include "core/consensus/close.h"
#include "core/consensus/decision.h"
#include "core/consensus/offered_key.h"
#include "core/consensus/record_domains.h"
#include "core/consensus/vote_evidence.h"
#include "core/identity/genesis.h"
#include "tests/support/hostile.h"

#include <algorithm>

namespace nlbd::hostile {

namespace {

using namespace consensus;
using gossip::ControlKind;

/// Who attacks, with short names for what every attack needs.
struct Table {
    Pen &pen;
    Random &random;

    [[nodiscard]] const Member &me() const { return pen.member(); }
    [[nodiscard]] const identity::Configuration &configuration() const
    {
        return me().configuration;
    }
    [[nodiscard]] SeatIndex seat() const { return *configuration().seatOf(me().me); }
    [[nodiscard]] SeatIndex victim() const { return SeatIndex(seat().value == 0 ? 1 : 0); }
    [[nodiscard]] DeviceIndex victimDevice() const { return configuration().seats[victim().value]; }
    [[nodiscard]] Hash anyHash() const
    {
        Hash hash;
        random.fill(hash.value);
        return hash;
    }
    [[nodiscard]] WorkspaceId elsewhere() const
    {
        WorkspaceId other = configuration().workspace;
        other.value[0] ^= std::byte{1};
        return other;
    }

    [[nodiscard]] Vote unsignedVote(Phase phase, std::uint32_t round,
                                    std::optional<Hash> value) const
    {
        Vote vote;
        vote.phase = phase;
        vote.epoch = configuration().epoch;
        vote.round = Round(round);
        vote.seat = seat();
        vote.value = value;
        return vote;
    }
    [[nodiscard]] Vote vote(Phase phase, std::uint32_t round, std::optional<Hash> value) const
    {
        return signVote(me().scheme, me().device, configuration(),
                        unsignedVote(phase, round, value));
    }
    [[nodiscard]] Signature sign(const Domain &domain, const Hash &hash) const
    {
        return me().scheme.sign(me().device, domain, configuration().workspace, hash);
    }
    [[nodiscard]] Close close(std::uint64_t lastAckNo, trust::Frontier frontier) const
    {
        return signClose(me().scheme, me().device, configuration(), seat(), lastAckNo,
                         std::move(frontier));
    }
    [[nodiscard]] Proposal proposal(Wish wish) const
    {
        Proposal proposal;
        random.fill(proposal.nonce);
        proposal.lastEpoch = Epoch(configuration().epoch.value + 8);
        proposal.author = configuration().devices[me().me.value].member;
        proposal.device = me().me;
        proposal.wish = std::move(wish);
        return signProposal(me().scheme, me().device, configuration().workspace,
                            std::move(proposal));
    }
    [[nodiscard]] Approval approval(const WorkspaceId &workspace) const
    {
        return signApproval(
            me().scheme, me().device, workspace,
            {anyHash(), me().me, 1, Answer::Yes, Epoch(configuration().epoch.value + 1), {}});
    }
    /// A value as whoever could sign for all would write it.
    [[nodiscard]] Value value() const
    {
        Value value;
        value.epoch = configuration().epoch;
        value.previousDecision = configuration().decision;
        for (std::uint16_t i = 0; i < identity::quorumOf(configuration().seats.size()); ++i)
            value.reports.push_back({SeatIndex(i), anyHash()});
        value.closing = hashOfHeads({});
        value.nextConfiguration = anyHash();
        return value;
    }
};

Frame recordFrame(ControlKind kind, Bytes bytes)
{
    return frameOf(gossip::ControlRecords{{{kind, std::move(bytes)}}});
}

template <typename... Records>
Plan planFor(ControlKind kind, const Records &...records)
{
    Plan plan;
    (plan.frames.push_back(recordFrame(kind, records.encode())), ...);
    return plan;
}

// ---- words that exclude each other: rows 10, 12, 13 --------------------------------------------

Plan doubleVote(Table &t)
{
    return planFor(ControlKind::Vote, t.vote(Phase::Prevote, 0, t.anyHash()),
                   t.vote(Phase::Prevote, 0, std::nullopt));
}

Plan doubleProposal(Table &t)
{
    return planFor(ControlKind::Vote, t.vote(Phase::Propose, 1, t.anyHash()),
                   t.vote(Phase::Propose, 1, t.anyHash()));
}

Plan amnesia(Table &t)
{
    // As a proof too: who has seen one lie of a seat in an epoch looks for no other.
    const Vote lock = t.vote(Phase::Precommit, 0, t.anyHash());
    const Vote other = t.vote(Phase::Prevote, 1, t.anyHash());
    Plan plan = planFor(ControlKind::Vote, lock, other);
    plan.frames.push_back(frameOf(gossip::EvidenceMessage{contradiction(lock, other)->encode()}));
    return plan;
}

Plan twoReports(Table &t)
{
    return planFor(ControlKind::Close, t.close(1U << 30U, {}), t.close(1U << 31U, {}));
}

Plan ackAfterReport(Table &t)
{
    Plan plan = planFor(ControlKind::Close, t.close(1, {}));
    plan.frames.push_back(t.pen.ack(2, {}));
    return plan;
}

// ---- signatures: rows 3, 6, 7 ------------------------------------------------------------------

Plan voteOfAnother(Table &t)
{
    Vote vote = t.unsignedVote(Phase::Precommit, 0, t.anyHash());
    vote.seat = t.victim();
    vote.signature = t.sign(domainOf(vote.phase), vote.hash());
    return planFor(ControlKind::Vote, vote);
}

Plan voteFromElsewhere(Table &t)
{
    Vote vote = t.unsignedVote(Phase::Precommit, 0, t.anyHash());
    vote.signature =
        t.me().scheme.sign(t.me().device, domainOf(vote.phase), t.elsewhere(), vote.hash());
    return planFor(ControlKind::Vote, vote);
}

Plan voteOfAnotherPhase(Table &t)
{
    Vote vote = t.vote(Phase::Prevote, 1, t.anyHash());
    vote.phase = Phase::Precommit;
    return planFor(ControlKind::Vote, vote);
}

Plan reportOfAnother(Table &t)
{
    Close close = t.close(1, {});
    close.seat = t.victim();
    close.signature = t.sign(domains::kClose, close.hash());
    return planFor(ControlKind::Close, close);
}

Plan proposalOfAnother(Table &t)
{
    Proposal proposal = t.proposal(Rekey{});
    proposal.author = t.configuration().devices[t.victimDevice().value].member;
    proposal.device = t.victimDevice();
    proposal.signature = t.sign(domains::kProposal, proposal.hash());
    return planFor(ControlKind::Proposal, proposal);
}

Plan approvalOfAnother(Table &t)
{
    Approval approval = t.approval(t.configuration().workspace);
    approval.device = t.victimDevice();
    approval.signature = t.sign(domains::kApproval, approval.hash());
    return planFor(ControlKind::Approval, approval);
}

Plan approvalFromElsewhere(Table &t)
{
    return planFor(ControlKind::Approval, t.approval(t.elsewhere()));
}

Plan offerOfAnother(Table &t)
{
    OfferedKey offer =
        *offerNextKey(t.me().scheme, t.me().device, t.configuration(), t.victim(),
                      t.configuration(), keys::WorkspaceKey::generate(t.random), t.me().key);
    return planFor(ControlKind::Offer, offer);
}

Plan polkaOfOne(Table &t)
{
    Polka polka{t.configuration().epoch, Round(0), t.anyHash(), {}};
    const Vote mine = t.vote(Phase::Prevote, 0, polka.value);
    for (std::uint16_t i = 0; i < t.configuration().seats.size(); ++i)
        polka.lines.push_back({SeatIndex(i), std::nullopt, mine.signature});
    return planFor(ControlKind::Polka, polka);
}

Plan caretForged(Table &t)
{
    gossip::Presence presence;
    presence.device = t.me().me;
    presence.session = UINT64_MAX;
    presence.counter = 1;
    t.random.fill(presence.signature.value);
    Plan plan;
    plan.frames.push_back(frameOf(presence));
    return plan;
}

// ---- bounds and forms: rows 15, 29, 31 ---------------------------------------------------------

Plan farRound(Table &t)
{
    return planFor(ControlKind::Vote, t.vote(Phase::Prevote, 999'999, t.anyHash()));
}

Plan endlessRound(Table &t)
{
    return planFor(ControlKind::Vote, t.vote(Phase::Prevote, limits::kRoundMax + 1, t.anyHash()));
}

Plan trailingVote(Table &t)
{
    Bytes bytes = t.vote(Phase::Prevote, 2, t.anyHash()).encode();
    bytes.push_back(std::byte{0});
    Plan plan;
    plan.frames.push_back(recordFrame(ControlKind::Vote, std::move(bytes)));
    return plan;
}

Plan proposalFlood(Table &t)
{
    Plan plan;
    for (int i = 0; i < 8; ++i)
        plan.frames.push_back(recordFrame(ControlKind::Proposal, t.proposal(Rekey{}).encode()));
    return plan;
}

// ---- values and what leads to them: rows 8, 20, 42, 46 -----------------------------------------

Plan reportOfNobody(Table &t)
{
    const auto nobody =
        DeviceIndex(static_cast<std::uint16_t>(t.configuration().devices.size() + 3));
    return planFor(ControlKind::Close, t.close(3, {{nobody, Seq(1), t.anyHash()}}));
}

Plan takenName(Table &t)
{
    const auto identity = identity::SecretKey::generate(t.random);
    const PublicKey device = identity::SecretKey::generate(t.random).publicKey();
    const std::string name = t.configuration().memberOf(t.victimDevice())->name;
    return planFor(ControlKind::Proposal,
                   t.proposal(Admit{identity.publicKey(), name, device,
                                    identity::certifyDevice(t.me().scheme, identity, device)}));
}

history::SignedHeader headerAgainst(const Table &t, DeviceIndex device, std::int64_t wall)
{
    history::SignedHeader header;
    header.header.device = device;
    header.header.seq = Seq(1);
    header.header.prev = t.configuration().devices[device.value].admittedBy;
    header.header.lamport = Lamport(1);
    header.header.doc = history::docIndexOf(device, 1);
    header.header.wallMs = wall;
    header.signature = t.sign(domains::kChange, header.header.hash());
    return header;
}

Plan falseFence(Table &t)
{
    const DeviceIndex victim = t.victimDevice();
    const trust::Evidence lie =
        trust::forkEvidence(headerAgainst(t, victim, 1), headerAgainst(t, victim, 2));
    return planFor(ControlKind::Proposal, t.proposal(Fence{victim, lie.encode()}));
}

Plan falseProof(Table &t)
{
    Vote first = t.unsignedVote(Phase::Prevote, 0, t.anyHash());
    Vote second = t.unsignedVote(Phase::Prevote, 0, t.anyHash());
    for (Vote *vote : {&first, &second}) {
        vote->seat = t.victim();
        vote->signature = t.sign(domainOf(vote->phase), vote->hash());
    }
    Plan plan;
    plan.frames.push_back(frameOf(gossip::EvidenceMessage{contradiction(first, second)->encode()}));
    return plan;
}

/// A value comes with the proposal of whoever built it, and is fetched where it is missing.
Plan voteFor(Table &t, const Value &value, std::uint32_t round)
{
    t.pen.hold(value.hash(), {ControlKind::Value, value.encode()});
    Plan plan;
    plan.frames.push_back(frameOf(gossip::ControlRecords{
        {{ControlKind::Vote, t.vote(Phase::Propose, round, value.hash()).encode()},
         {ControlKind::Value, value.encode()}}}));
    return plan;
}

Plan valueWithoutReports(Table &t)
{
    Value value = t.value();
    value.reports.clear();
    return voteFor(t, value, 0);
}

Plan valueOfAnotherPast(Table &t)
{
    Value value = t.value();
    value.previousDecision = t.anyHash();
    return voteFor(t, value, 0);
}

// ---- decisions: rows 39 and 42 -----------------------------------------------------------------

/// Signed for the first `signers` seats, all with my key.
Plan decisionSignedFor(Table &t, std::size_t signers, const WorkspaceId &workspace)
{
    Decision decision{
        .value = t.value(), .proposals = {}, .closing = {}, .offer = {}, .certificate = {}};
    const Hash hash = decision.value.hash();
    Certificate certificate{t.configuration().epoch, Round(0), hash, {}};
    const Vote mine = t.unsignedVote(Phase::Precommit, 0, hash);
    for (std::uint16_t i = 0; i < signers; ++i) {
        Vote vote = mine;
        vote.seat = SeatIndex(i);
        certificate.lines.push_back(
            {vote.seat,
             t.me().scheme.sign(t.me().device, domainOf(vote.phase), workspace, vote.hash())});
    }
    decision.certificate = certificate.encode();
    Plan plan;
    plan.frames.push_back(frameOf(gossip::Decisions{{decision.encode()}}));
    return plan;
}

Plan forgedCertificate(Table &t)
{
    return decisionSignedFor(t, t.configuration().seats.size(), t.configuration().workspace);
}

Plan decisionWithoutQuorum(Table &t)
{
    return decisionSignedFor(t, 1, t.configuration().workspace);
}

Plan decisionFromElsewhere(Table &t)
{
    return decisionSignedFor(t, t.configuration().seats.size(), t.elsewhere());
}

struct Entry {
    Attack attack;
    Plan (*plan)(Table &);
};

const std::vector<Entry> &entries()
{
    static const std::vector<Entry> kEntries{
        {{"far-round", 15, Code::E_RATE, "A vote of a round that nobody has come to."}, farRound},
        {{"proposal-flood", 15, Code::E_RATE, "More proposals than a member may have open."},
         proposalFlood},
        {{"taken-name", 46, Code::E_NAME_CONFUSABLE, "A newcomer who bears a member's name."},
         takenName},
        {{"empty-value", 20, Code::E_STRUCT, "A value in which nobody reports."},
         valueWithoutReports},
        {{"value-of-another-past", 42, Code::E_STRUCT,
          "A value that follows a decision which was never made."},
         valueOfAnotherPast},
        {{"forge-vote", 3, Code::E_SIG, "A vote in another seat's name."}, voteOfAnother},
        {{"graft-vote", 6, Code::E_SIG, "A vote that was signed for another workspace."},
         voteFromElsewhere},
        {{"cross-vote", 7, Code::E_SIG, "The signature of a prevote, presented as a precommit's."},
         voteOfAnotherPhase},
        {{"forge-report", 3, Code::E_SIG, "A report in another seat's name."}, reportOfAnother},
        {{"forge-proposal", 3, Code::E_SIG, "A proposal in another member's name."},
         proposalOfAnother},
        {{"forge-approval", 3, Code::E_SIG, "A yes in another seat's name."}, approvalOfAnother},
        {{"graft-approval", 6, Code::E_SIG, "A yes that was given in another workspace."},
         approvalFromElsewhere},
        {{"forge-offer", 43, Code::E_SIG, "A key offered in another seat's name."}, offerOfAnother},
        {{"forge-polka", 12, Code::E_SIG, "Everybody's prevotes, all signed by one."}, polkaOfOne},
        {{"forge-caret", 46, Code::E_SIG, "A caret with random bytes for a signature."},
         caretForged},
        {{"false-proof", 12, Code::E_SIG, "A proof of votes that the accused never signed."},
         falseProof},
        {{"false-fence", 8, Code::E_STRUCT, "A fence for a device that never forked."}, falseFence},
        {{"report-of-nobody", 20, Code::E_STRUCT, "A report about a device that nobody admitted."},
         reportOfNobody},
        {{"endless-round", 29, Code::E_BOUNDS, "A vote of a round beyond all rounds."},
         endlessRound},
        {{"trailing-vote", 31, Code::E_CANON, "A good vote with one byte too many."}, trailingVote},
        {{"forge-certificate", 39, Code::E_SIG,
          "A decision with everybody's names, signed by one."},
         forgedCertificate},
        {{"lone-decision", 39, Code::E_SIG, "A decision that no quorum signed."},
         decisionWithoutQuorum},
        {{"graft-decision", 42, Code::E_SIG, "A decision of another workspace."},
         decisionFromElsewhere},
        {{"late-ack", 10, Code::EV_DOUBLE_CLOSE, "An acknowledgement after the report."},
         ackAfterReport},
        {{"two-reports", 12, Code::EV_DOUBLE_CLOSE, "Two reports at the end of one epoch."},
         twoReports},
        {{"double-propose", 12, Code::EV_DOUBLE_VOTE, "Two values proposed in one round."},
         doubleProposal},
        {{"double-vote", 12, Code::EV_DOUBLE_VOTE, "Two prevotes in one round."}, doubleVote},
        {{"amnesia", 13, Code::EV_AMNESIA, "A prevote against my own precommit."}, amnesia},
    };
    return kEntries;
}

} // namespace

const std::vector<Attack> &councilAttacks()
{
    static const std::vector<Attack> kAttacks = [] {
        std::vector<Attack> list;
        for (const Entry &entry : entries())
            list.push_back(entry.attack);
        return list;
    }();
    return kAttacks;
}

Plan councilPlanOf(std::string_view verb, Pen &pen, Random &random)
{
    const auto found =
        std::ranges::find(entries(), verb, [](const Entry &e) { return e.attack.verb; });
    CHECK(found != entries().end());
    Table table{pen, random};
    return found->plan(table);
}

} // namespace nlbd::hostile
