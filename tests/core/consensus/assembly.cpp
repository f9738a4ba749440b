#include "tests/core/consensus/assembly.h"

#include "core/base/check.h"
#include "core/base/codec.h"
#include "core/history/change_codec.h"
#include "core/trust/evidence.h"

namespace nlbd::test {

namespace {

using namespace consensus;

constexpr Domain kTestCertificate{"test.certificate"};

/// Where a branch leaves branch 0.
std::uint64_t forkOf(std::uint8_t branch)
{
    return std::uint64_t(10) * branch;
}

std::uint8_t branchOf(const identity::ChainHead &head)
{
    return static_cast<std::uint8_t>(head.head.value[2]);
}

} // namespace

identity::ChainHead headAt(std::uint16_t device, std::uint64_t seq, std::uint8_t branch)
{
    CHECK(branch == 0 || seq > forkOf(branch));
    identity::ChainHead head{DeviceIndex(device), Seq(seq), {}};
    head.head.value[0] = static_cast<std::byte>(device >> 8);
    head.head.value[1] = static_cast<std::byte>(device);
    head.head.value[2] = static_cast<std::byte>(branch);
    for (std::size_t i = 0; i < 8; ++i)
        head.head.value[3 + i] = static_cast<std::byte>(seq >> (8 * i));
    return head;
}

trust::Frontier frontierAt(std::initializer_list<identity::ChainHead> heads)
{
    trust::Frontier frontier;
    for (const identity::ChainHead &head : heads)
        frontier.push_back({head.device, head.seq, head.head});
    return frontier;
}

std::optional<bool> NamedChains::follows(const identity::ChainHead &head,
                                         const identity::ChainHead &base) const
{
    if (unheld.contains(head.head) || unheld.contains(base.head))
        return std::nullopt;
    if (branchOf(head) == branchOf(base))
        return head.seq > base.seq;
    return branchOf(base) == 0 && base.seq.value <= forkOf(branchOf(head));
}

Assembly::Assembly(std::size_t founders, std::uint64_t seed, const identity::SignatureScheme *real)
    : random(seed)
    , fast(random)
    , scheme(real == nullptr ? static_cast<const identity::SignatureScheme &>(fast) : *real)
    , key(keys::WorkspaceKey::generate(random))
{
    identity::Genesis genesis;
    random.fill(genesis.random);
    genesis.name = "Assembly";
    for (std::size_t i = 0; i < founders; ++i) {
        const PublicKey identity = newKey();
        const PublicKey device = newKey();
        genesis.founders.push_back({identity, "Member " + std::to_string(i), device,
                                    identity::certifyDevice(scheme, keyOf(identity), device)});
    }
    std::ranges::sort(genesis.founders, {}, &identity::Founder::identity);
    genesis.keyCommit = key.commitment();
    configuration = genesis.configuration();
}

PublicKey Assembly::newKey()
{
    identity::SecretKey fresh = identity::SecretKey::generate(random);
    const PublicKey name = fresh.publicKey();
    m_keys.emplace(name, std::move(fresh));
    return name;
}

Admit Assembly::newcomer(std::string name, identity::Role role)
{
    const PublicKey identity = newKey();
    const PublicKey device = newKey();
    return {identity, std::move(name), device,
            identity::certifyDevice(scheme, keyOf(identity), device), role};
}

Admit Assembly::companion(MemberIndex member)
{
    const identity::Member &row = configuration.members.at(member.value);
    const PublicKey device = newKey();
    return {row.identity, row.name, device,
            identity::certifyDevice(scheme, keyOf(row.identity), device), row.role};
}

MoveSeat Assembly::newSeat(MemberIndex member)
{
    const Admit admit = companion(member);
    return {admit.device, admit.certificate};
}

TurnKey Assembly::turnKey(DeviceIndex device)
{
    auto secret = keys::CareSecret::generate(random);
    const CareKey turned = secret.publicKey();
    careSecrets.emplace(turned, std::move(secret));
    return {device, turned};
}

Proposal Assembly::ask(std::uint16_t member, Wish wish, std::uint32_t life)
{
    std::optional<DeviceIndex> signer;
    for (std::uint16_t i = 0; i < configuration.devices.size(); ++i) {
        const identity::Device &device = configuration.devices[i];
        if (device.member == MemberIndex(member) && (device.hasSeat || !signer))
            signer = DeviceIndex(i);
    }
    CHECK(signer.has_value());
    return askBy(*signer, std::move(wish), life);
}

Proposal Assembly::askBy(DeviceIndex device, Wish wish, std::uint32_t life)
{
    const identity::Device &row = configuration.devices.at(device.value);
    Proposal proposal{.nonce = {},
                      .lastEpoch = Epoch(configuration.epoch.value + life),
                      .author = row.member,
                      .device = device,
                      .wish = std::move(wish),
                      .signature = {}};
    proposal.nonce[0] = static_cast<std::byte>(++m_nonce);
    proposal.nonce[1] = static_cast<std::byte>(m_nonce >> 8);
    return signProposal(scheme, keyOf(row.key), configuration.workspace, proposal);
}

Proposal Assembly::askByIdentity(std::uint16_t member, Wish wish, std::uint32_t life)
{
    Proposal proposal = ask(member, std::move(wish), life);
    proposal.device.reset();
    return signProposal(scheme, keyOf(configuration.members.at(member).identity),
                        configuration.workspace, proposal);
}

Approval Assembly::answer(std::size_t seat, const Proposal &proposal, Answer answer,
                          std::uint64_t counter, std::uint32_t life) const
{
    return signApproval(scheme, seatKey(seat), configuration.workspace,
                        {.proposal = proposal.hash(),
                         .device = configuration.seats.at(seat),
                         .counter = counter,
                         .answer = answer,
                         .untilEpoch = Epoch(configuration.epoch.value + life),
                         .signature = {}});
}

Close Assembly::close(std::size_t seat, trust::Frontier frontier, std::uint64_t lastAckNo) const
{
    return signClose(scheme, seatKey(seat), configuration,
                     SeatIndex(static_cast<std::uint16_t>(seat)), lastAckNo, std::move(frontier));
}

Fence Assembly::fenceOf(std::uint16_t device)
{
    const auto headerOf = [&](std::uint32_t idea) {
        history::SignedHeader signedHeader;
        history::ChangeHeader &header = signedHeader.header;
        header.device = DeviceIndex(device);
        header.seq = Seq(1);
        header.prev = configuration.devices.at(device).admittedBy;
        header.doc = history::docIndexOf(DeviceIndex(device), 1);
        header.lamport = Lamport(1);
        header.payloadHash.value[0] = static_cast<std::byte>(idea);
        signedHeader.signature =
            scheme.sign(keyOf(configuration.devices.at(device).key), nlbd::domains::kChange,
                        configuration.workspace, header.hash());
        return signedHeader;
    };
    return {DeviceIndex(device), trust::forkEvidence(headerOf(1), headerOf(2)).encode()};
}

Bytes Assembly::certificate(const Hash &value, std::size_t signers) const
{
    Writer out;
    out.varint(signers);
    for (std::size_t seat = 0; seat < signers; ++seat) {
        out.u16(static_cast<std::uint16_t>(seat));
        out.fixedBytes(
            scheme.sign(seatKey(seat), kTestCertificate, configuration.workspace, value));
    }
    return std::move(out).take();
}

CertificateCheck Assembly::certificateCheck() const
{
    return [this](const identity::Configuration &now, const Hash &value, ByteView bytes) {
        Reader in(bytes);
        const std::uint64_t count = in.varint(limits::kMembersMax);
        std::set<std::uint16_t> seats;
        bool isGood = true;
        for (std::uint64_t i = 0; i < count && in.ok(); ++i) {
            const std::uint16_t seat = in.u16();
            const auto signature = in.fixedBytes<Signature>();
            isGood = isGood && seat < now.seats.size() && seats.insert(seat).second
                && scheme.verify(now.devices[now.seats[seat].value].key, kTestCertificate,
                                 now.workspace, value, signature);
        }
        return in.done() && isGood && seats.size() >= identity::quorumOf(now.seats.size());
    };
}

const identity::SecretKey &Assembly::keyOf(const PublicKey &name) const
{
    return m_keys.at(name);
}

const identity::SecretKey &Assembly::seatKey(std::size_t seat) const
{
    return keyOf(configuration.devices.at(configuration.seats.at(seat).value).key);
}

Ground::Holding FakeGround::holding(const trust::Frontier &report) const
{
    for (const trust::FrontierEntry &entry : report) {
        if (unclosed.contains(entry.head))
            return Holding::NotClosed;
        if (order.unheld.contains(entry.head))
            return Holding::NotYet;
    }
    return Holding::All;
}

std::optional<Hash> FakeGround::stateRoot(const identity::ChainHeads &heads) const
{
    if (!isStateComputed)
        return std::nullopt;
    return digest(Domain("test.state"), hashOfHeads(heads).view());
}

const OfferedKey *FakeGround::offer(const Hash &hash) const
{
    const auto found = held.find(hash);
    return found == held.end() ? nullptr : &found->second;
}

std::vector<const OfferedKey *> FakeGround::offers() const
{
    std::vector<const OfferedKey *> result;
    for (const auto &[hash, offered] : held)
        result.push_back(&offered);
    return result;
}

std::optional<Code> FakeGround::keyFault(const OfferedKey &offered,
                                         const identity::Configuration &next) const
{
    const identity::SecretKey &device = m_assembly.keyOf(next.devices.at(m_me.value).key);
    const keys::KeyHolder mine(device, m_assembly.careSecrets);
    const auto opened =
        openOfferedKey(offered, m_assembly.configuration, next, mine, m_assembly.key);
    return opened ? std::nullopt : std::optional(opened.error());
}

void Seat::take(const Proposal &proposal)
{
    CHECK(proposals.add(proposal, ProposalBook::Reason::Offered).has_value());
}

void Seat::take(const Approval &approval)
{
    CHECK(proposals.add(approval).has_value());
}

void Seat::take(const Close &close)
{
    CHECK(closes.add(close, CloseBook::Reason::Offered).has_value());
}

void Seat::approve(const Proposal &proposal, std::size_t count)
{
    for (std::size_t seat = 0; seat < count; ++seat)
        take(m_assembly.answer(seat, proposal));
}

Decision Seat::decision(const Value &value) const
{
    Decision result;
    result.value = value;
    for (const Hash &hash : value.proposals)
        result.proposals.push_back(*proposals.find(hash));
    std::vector<const Close *> reports;
    for (const Value::Report &report : value.reports)
        reports.push_back(closes.find(report.close));
    result.closing = *closingFrontier(m_assembly.configuration, reports, ground.chains());
    if (value.keyOffer)
        result.offer = *ground.offer(*value.keyOffer);
    result.certificate = m_assembly.certificate(value.hash(), m_assembly.quorum());
    return result;
}

OfferedKey offerOf(Assembly &assembly, std::size_t seat, const identity::Configuration &next)
{
    const auto fresh = keys::WorkspaceKey::generate(assembly.random);
    auto offer =
        offerNextKey(assembly.scheme, assembly.seatKey(seat), assembly.configuration,
                     SeatIndex(static_cast<std::uint16_t>(seat)), next, fresh, assembly.key);
    CHECK(offer.has_value());
    return std::move(*offer);
}

} // namespace nlbd::test
