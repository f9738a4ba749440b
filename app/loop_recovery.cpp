// The words that are a person's key, and the seat that follows them to a new computer (JOINING.md).

#include "app/loop.h"
#include "app/system_clock.h"
#include "core/consensus/proposal.h"
#include "core/identity/name_likeness.h"
#include "core/identity/name_rules.h"
#include "core/identity/recovery_words.h"

namespace nlbd::app {

namespace {

using TroubleKind = api::LobbyTrouble::Kind;

constexpr Domain kClaimNonce{"rt1.claim"};
constexpr std::uint32_t kLastsFor = 8; // epochs that a claim stays open
/// Epochs that a workspace may be ahead of an invitation: whoever claims more wants a claim that is
/// good long after it was meant.
constexpr std::uint32_t kAheadMax = 48;

// The same wish whenever it is made anew, also after a start: few of one person are kept open.
Bytes claimOf(const Self &self, const identity::SignatureScheme &scheme, const Known &known,
              Epoch lasts)
{
    const PublicKey device = self.device.publicKey();
    const Hash nonce = digest(kClaimNonce, {known.workspace.view(), device.view()});
    consensus::Proposal proposal;
    std::copy_n(nonce.value.begin(), proposal.nonce.size(), proposal.nonce.begin());
    proposal.lastEpoch = lasts;
    proposal.author = known.member;
    proposal.wish = consensus::MoveSeat{device, self.certificate};
    return consensus::signProposal(scheme, *self.identity, known.workspace, std::move(proposal))
        .encode();
}

} // namespace

// ---- The words ----------------------------------------------------------------------------------

void Loop::obey(const api::ShowRecoveryWords &)
{
    const Self *self = m_profile.self();
    if (self == nullptr || !self->identity) {
        tell(TroubleKind::NotThePerson, {});
        return;
    }
    tell(api::RecoveryWordsShown{identity::recoveryWords(*self->identity)});
}

void Loop::obey(const api::Restore &command)
{
    const auto key = identity::keyFromWords(command.words);
    if (!key) {
        tell(TroubleKind::BadWords, identity::sentenceOf(key.error()));
        return;
    }
    const Self *self = m_profile.self();
    if (self != nullptr && self->person() != key->publicKey()) {
        if (self->identity)
            tell(TroubleKind::HasIdentity, self->name);
        else
            tell(TroubleKind::BadWords, "These words are another person's.");
        return;
    }
    const std::string name = self != nullptr ? self->name : identity::composedName(command.name);
    if (!identity::isValidName(name)) {
        tell(TroubleKind::BadName, command.name);
        return;
    }
    if (self == nullptr || !self->identity)
        if (const auto done = m_profile.restore(name, *key, m_random); !done) {
            tell(done.error());
            return;
        }
    beginIdentity();
    if (self == nullptr && m_options.isDoorOpen)
        ensureNetwork();
    showCard();
    tellProfile();
}

// ---- At the door: who asks
// -----------------------------------------------------------------------

void Loop::takeKnown(const PublicKey &from, const Known &known)
{
    const auto found = m_arrivals.find(known.workspace);
    const Self *self = m_profile.self();
    if (found == m_arrivals.end() || found->second.invitation.device != from || self == nullptr
        || !self->identity)
        return; // a companion comes by the word of its person's first computer
    Arrival &arrival = found->second;
    if (arrival.claim.empty() || known.epoch > arrival.claimLasts) {
        const std::uint32_t newest = arrival.invitation.room->epoch.value + kAheadMax;
        arrival.claimLasts = Epoch(std::min(known.epoch.value, newest) + kLastsFor);
        arrival.claim = claimOf(*self, m_scheme, known, arrival.claimLasts);
        arrival.info.state = api::JoinInfo::State::Returning;
        tell(api::JoinChanged{arrival.info});
    }
    say(from, Claim{known.workspace, arrival.claim});
}

// ---- At the door: who is asked
// -------------------------------------------------------------------

void Loop::takeClaim(PeerId peer, const PublicKey &from, const Claim &claim)
{
    WorkspaceHost *room = host(claim.workspace);
    if (room == nullptr || !m_doorkeeper.takesClaim(claim.workspace, from))
        return;
    const auto sound = m_doorkeeper.judge(from, claim, room->engine().configuration());
    if (!sound) {
        ++m_refusedByMesh[sound.error()];
        m_network->close(peer);
        return;
    }
    m_doorkeeper.returns(claim.workspace, from);
    tellRequests();
    room->step(engine::ProposalSigned{claim.proposal}, readClocks());
}

} // namespace nlbd::app
