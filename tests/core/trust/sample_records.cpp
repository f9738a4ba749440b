#include "tests/core/trust/sample_records.h"

#include "core/base/check.h"
#include "core/identity/invitation.h"
#include "core/keys/sealing.h"
#include "core/trust/evidence.h"
#include "tests/core/trust/frontiers.h"

namespace nlbd::test {

namespace {

history::SignedHeader headerOf(const history::UnverifiedChange &change)
{
    return {change.header, change.signature};
}

identity::Invitation invitationOf(const Group &group)
{
    identity::Invitation invitation;
    invitation.device = group.people[0].device.publicKey();
    invitation.identity = group.people[0].identity.publicKey();
    invitation.certificate = group.genesis.founders[0].certificate;
    invitation.name = "Ann";
    invitation.addresses = {"192.0.2.7:41700", "[2001:db8::7]:41700"};
    invitation.secret.fill(std::byte{0x5A});
    invitation.expires = WallTime(Millis(1'800'000'000'000));
    return identity::signInvitation(group.scheme, group.people[0].device, invitation);
}

} // namespace

std::map<std::string, Bytes> sampleRecords()
{
    const identity::Ed25519 scheme;
    const Group group(3, scheme);
    const DocIndex doc = history::docIndexOf(DeviceIndex(0), 1);
    Replica ann(group, 0);
    Replica ben(group, 1);
    Replica copy(group, 0);
    const auto title = ann.setTitle(doc, "Winter").raw();
    CHECK(ben.receive(title) && copy.receive(title));
    const auto first = ann.insert(doc, 0, "snow").raw();
    const auto answer = ben.insert(doc, 0, "rain").raw();
    const auto fork = copy.insert(doc, 0, "hail").raw();
    CHECK(ann.receive(answer));
    const auto merge = ann.erase(doc, 0, 2).raw();

    const trust::Frontier frontier = frontierOf(ann.graph);
    trust::Frontier forked = frontier;
    forked[0] = {DeviceIndex(0), Seq(2), fork.hash};
    const trust::Ack ack = ackOf(group, 1, 3, frontier);
    const trust::Ack contradiction = ackOf(group, 1, 4, forked);
    history::UnverifiedChange jump = merge;
    jump.header.lamport = Lamport(99);
    jump = resigned(group, jump);

    std::vector<PublicKey> recipients;
    for (const Group::Person &person : group.people)
        recipients.push_back(person.device.publicKey());

    const auto forkProof = trust::forkEvidence(headerOf(first), headerOf(fork));
    return {
        {"genesis.bare", group.genesis.encode()},
        {"genesis.signed", group.signedGenesis().encode()},
        {"change.title", history::encodeFull(title)},
        {"change.first", history::encodeFull(first)},
        {"change.merge", history::encodeFull(merge)},
        {"change-short.merge", history::encodeShort(merge)},
        {"signed-header.merge", history::encodeSignedHeader(headerOf(merge))},
        {"frontier.two", trust::encodeFrontier(frontier)},
        {"ack.third", ack.encode()},
        {"evidence.fork", forkProof.encode()},
        {"evidence.double-ack",
         trust::doubleAckEvidence(ack, frontier, contradiction, forked).encode()},
        {"evidence.lamport",
         trust::invalidEvidence(Code::E_LAMPORT, jump, {headerOf(first), headerOf(answer)})
             .encode()},
        {"key-offer.three", keys::offerKey(group.key, keys::recipientsAt(recipients))->encode()},
        {"invitation.ann", invitationOf(group).encode()},
    };
}

} // namespace nlbd::test
