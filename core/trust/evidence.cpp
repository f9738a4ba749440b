#include "core/trust/evidence.h"

#include "core/base/check.h"
#include "core/base/codec.h"
#include "core/history/header_rules.h"

#include <map>
#include <set>
#include <tuple>

namespace nlbd::trust {

namespace {

using history::ChangeHeader;
using history::SignedHeader;

enum class Kind : std::uint8_t { Fork = 1, DoubleAck = 2, Invalid = 3 };

constexpr std::size_t kChangeBytesMax =
    limits::kPayloadBytesMax + history::kSignedHeaderBytesMax + 8;
constexpr std::size_t kFrontierBytesMax = 4 + limits::kDevicesMax * (2 + 10 + 32);
constexpr std::size_t kAckBytes = 4 + 2 + 8 + 32 + 64;
constexpr std::size_t kParentsMax = 65; ///< prev and as many deps as a header can be read with
constexpr std::size_t kEvidenceBytesMax = 512 * 1024;

bool standsBefore(const SignedHeader &a, const SignedHeader &b)
{
    return a.header.hash() < b.header.hash();
}

bool standsBefore(const Ack &a, const Ack &b)
{
    return std::tie(a.no, a.root) < std::tie(b.no, b.root);
}

/// The strict order in which the parents of a proof are written.
bool areInOrder(const std::vector<SignedHeader> &parents)
{
    const auto isMisplaced = [](const SignedHeader &a, const SignedHeader &b) {
        return !standsBefore(a, b);
    };
    return std::ranges::adjacent_find(parents, isMisplaced) == parents.end();
}

struct ProofWriter {
    Writer &out;

    void operator()(const ForkProof &proof) const
    {
        out.u8(static_cast<std::uint8_t>(Kind::Fork));
        out.blob(encodeSignedHeader(proof.first));
        out.blob(encodeSignedHeader(proof.second));
    }
    void operator()(const DoubleAckProof &proof) const
    {
        out.u8(static_cast<std::uint8_t>(Kind::DoubleAck));
        out.raw(proof.first.encode());
        out.raw(proof.second.encode());
        out.blob(encodeFrontier(proof.firstFrontier));
        out.blob(encodeFrontier(proof.secondFrontier));
    }
    void operator()(const InvalidProof &proof) const
    {
        std::vector<SignedHeader> parents = proof.parents;
        std::ranges::sort(parents, [](const auto &a, const auto &b) { return standsBefore(a, b); });
        out.u8(static_cast<std::uint8_t>(Kind::Invalid));
        out.u8(static_cast<std::uint8_t>(proof.rule));
        out.blob(encodeFull(proof.change));
        out.varint(parents.size());
        for (const SignedHeader &parent : parents)
            out.blob(encodeSignedHeader(parent));
    }
};

SignedHeader readHeader(Reader &in)
{
    auto header = history::decodeSignedHeader(in.blob(history::kSignedHeaderBytesMax));
    if (!header)
        in.fail();
    return header.value_or(SignedHeader{});
}

Ack readAck(Reader &in)
{
    auto ack = Ack::decode(in.raw(kAckBytes));
    if (!ack)
        in.fail();
    return ack.value_or(Ack{});
}

Frontier readFrontier(Reader &in)
{
    auto frontier = decodeFrontier(in.blob(kFrontierBytesMax));
    if (!frontier)
        in.fail();
    return frontier.value_or(Frontier{});
}

ForkProof readFork(Reader &in)
{
    ForkProof proof;
    proof.first = readHeader(in);
    proof.second = readHeader(in);
    if (!standsBefore(proof.first, proof.second))
        in.fail();
    return proof;
}

DoubleAckProof readDoubleAck(Reader &in)
{
    DoubleAckProof proof;
    proof.first = readAck(in);
    proof.second = readAck(in);
    proof.firstFrontier = readFrontier(in);
    proof.secondFrontier = readFrontier(in);
    if (!standsBefore(proof.first, proof.second))
        in.fail();
    return proof;
}

InvalidProof readInvalid(Reader &in)
{
    InvalidProof proof;
    const auto rule = codeFromNumber(in.u8());
    if (!rule || *rule >= Code::DUPLICATE)
        in.fail();
    proof.rule = rule.value_or(Code::E_CANON);
    auto change = history::decodeFull(in.blob(kChangeBytesMax));
    if (change && change->cover.empty())
        proof.change = std::move(*change);
    else
        in.fail();
    const std::uint64_t count = in.varint(kParentsMax);
    for (std::uint64_t i = 0; i < count && in.ok(); ++i)
        proof.parents.push_back(readHeader(in));
    if (in.ok() && !areInOrder(proof.parents))
        in.fail();
    return proof;
}

std::string whose(const identity::Configuration &configuration, DeviceIndex device)
{
    const identity::Member *member = configuration.memberOf(device);
    return member == nullptr ? "A device" : member->name + "'s device";
}

using Result = CheckedEvidence::Result;

CheckedEvidence doesNotHold(std::string_view why)
{
    return {Result::DoesNotHold, std::nullopt, std::string(why)};
}

/// Checks one bundle against the configuration.
class Checker {
public:
    Checker(const identity::Configuration &configuration, const identity::SignatureScheme &scheme)
        : m_configuration(configuration)
        , m_scheme(scheme)
    {
    }

    CheckedEvidence operator()(const ForkProof &proof) const
    {
        const ChangeHeader &a = proof.first.header;
        const ChangeHeader &b = proof.second.header;
        if (a.device != b.device || a.seq != b.seq || a == b)
            return doesNotHold("The two changes do not stand at one place.");
        if (!isSignedHeader(proof.first) || !isSignedHeader(proof.second))
            return doesNotHold("A change in it is not signed by the accused.");
        return holds(a.device,
                     " signed two different changes as its number " + std::to_string(a.seq.value)
                         + ".");
    }

    CheckedEvidence operator()(const DoubleAckProof &proof) const
    {
        if (!isSigned(m_scheme, m_configuration, proof.first)
            || !isSigned(m_scheme, m_configuration, proof.second))
            return doesNotHold("An acknowledgement in it is not signed by the accused.");
        if (rootOf(proof.firstFrontier) != proof.first.root
            || rootOf(proof.secondFrontier) != proof.second.root)
            return doesNotHold("What was acknowledged is not what the signatures say.");
        if (!areContradictory(proof.first, proof.firstFrontier, proof.second, proof.secondFrontier))
            return doesNotHold("The two acknowledgements agree.");
        return holds(m_configuration.seats[proof.first.seat.value],
                     " signed two acknowledgements that contradict each other.");
    }

    CheckedEvidence operator()(const InvalidProof &proof) const
    {
        const ChangeHeader &header = proof.change.header;
        if (!isSignedHeader({header, proof.change.signature}))
            return doesNotHold("The change is not signed by the accused.");
        if (header.epoch > m_configuration.epoch)
            return needsHistory(header.device);
        switch (proof.rule) {
        case Code::E_LAMPORT:
        case Code::E_STRUCT:
            break;
        default:
            return needsHistory(header.device);
        }
        const auto parents = parentsOf(proof);
        if (!parents)
            return doesNotHold("The changes it builds on are not all there, or others are.");
        return proof.rule == Code::E_LAMPORT ? checkLamport(header, *parents)
                                             : checkStructure(header, *parents);
    }

private:
    using Parents = std::map<Hash, const ChangeHeader *>;

    [[nodiscard]] CheckedEvidence holds(DeviceIndex device, std::string_view deed) const
    {
        return {Result::Holds, device, whose(m_configuration, device) + std::string(deed)};
    }
    [[nodiscard]] CheckedEvidence needsHistory(DeviceIndex device) const
    {
        return {Result::NeedsHistory, device,
                whose(m_configuration, device)
                    + " signed this change. Only a member who holds the history can tell what is "
                      "wrong with it."};
    }

    [[nodiscard]] bool isSignedHeader(const SignedHeader &header) const
    {
        const identity::Device *device = m_configuration.device(header.header.device);
        return device != nullptr
            && m_scheme.verify(device->key, domains::kChange, m_configuration.workspace,
                               header.header.hash(), header.signature);
    }

    /// Exactly the parents that the header names; nothing otherwise. The accused signed their
    /// hashes, so none has to be signed itself; a signature that was altered on its way is left
    /// out, so that there are not many proofs of one fault.
    [[nodiscard]] std::optional<Parents> parentsOf(const InvalidProof &proof) const
    {
        Parents parents;
        for (const SignedHeader &parent : proof.parents)
            if ((!parent.signature.isZero() && !isSignedHeader(parent))
                || !parents.emplace(parent.header.hash(), &parent.header).second)
                return std::nullopt;
        std::set<Hash> named;
        if (proof.change.header.seq > Seq(1))
            named.insert(proof.change.header.prev);
        for (const history::DepRef &dep : proof.change.header.deps)
            named.insert(dep.hash);
        const auto isHeld = [&](const Hash &hash) { return parents.contains(hash); };
        if (named.size() != parents.size() || !std::ranges::all_of(named, isHeld))
            return std::nullopt;
        return parents;
    }

    [[nodiscard]] CheckedEvidence checkLamport(const ChangeHeader &header,
                                               const Parents &parents) const
    {
        Lamport highest;
        for (const auto &[hash, parent] : parents)
            highest = std::max(highest, parent->lamport);
        if (history::lamportAfter(highest) == header.lamport)
            return doesNotHold("Its logical time follows from the changes it builds on.");
        return holds(
            header.device,
            " signed a change whose logical time does not follow from the changes it builds on.");
    }

    [[nodiscard]] CheckedEvidence checkStructure(const ChangeHeader &header,
                                                 const Parents &parents) const
    {
        std::optional<std::string_view> fault = history::faultInHeader(header, m_configuration);
        if (!fault && header.seq > Seq(1))
            fault = history::faultInPrev(header, factsOf(*parents.at(header.prev)));
        for (const history::DepRef &dep : header.deps)
            if (!fault)
                fault = history::faultInDep(header, dep, factsOf(*parents.at(dep.hash)));
        if (!fault && isOneNamedByAnother(header, parents))
            fault = "It names a change that another one it names includes.";
        if (!fault)
            return needsHistory(header.device);
        return holds(header.device, " signed a change against the rules. " + std::string(*fault));
    }

    static history::ParentFacts factsOf(const ChangeHeader &parent)
    {
        return {parent.device, parent.seq, parent.epoch};
    }

    /// The nearest way in which deps fail to be an antichain; farther ones need the history.
    static bool isOneNamedByAnother(const ChangeHeader &header, const Parents &parents)
    {
        const auto isDep = [&](const Hash &hash) {
            return std::ranges::any_of(header.deps,
                                       [&](const auto &dep) { return dep.hash == hash; });
        };
        const auto namesOne = [&](const auto &parent) {
            const ChangeHeader &own = *parent.second;
            return (own.seq > Seq(1) && isDep(own.prev))
                || std::ranges::any_of(own.deps, [&](const auto &dep) { return isDep(dep.hash); });
        };
        return std::ranges::any_of(parents, namesOne)
            || (header.seq > Seq(1) && isDep(header.prev));
    }

    const identity::Configuration &m_configuration;
    const identity::SignatureScheme &m_scheme;
};

/// If `later`, the newer ack, takes back something of `earlier`.
bool takesBack(const Frontier &earlier, const Frontier &later)
{
    return std::ranges::any_of(earlier, [&](const FrontierEntry &entry) {
        const auto place =
            std::ranges::lower_bound(later, entry.device, {}, &FrontierEntry::device);
        return place == later.end() || place->device != entry.device || place->seq < entry.seq;
    });
}

bool nameTwoHeadsAtOnePlace(const Frontier &a, const Frontier &b)
{
    return std::ranges::any_of(a, [&](const FrontierEntry &entry) {
        const auto place = std::ranges::lower_bound(b, entry.device, {}, &FrontierEntry::device);
        return place != b.end() && place->device == entry.device && place->seq == entry.seq
            && place->head != entry.head;
    });
}

} // namespace

Code Evidence::code() const noexcept
{
    if (std::holds_alternative<ForkProof>(proof))
        return Code::EV_FORK;
    return std::holds_alternative<DoubleAckProof>(proof) ? Code::EV_DOUBLE_ACK : Code::EV_INVALID;
}

Bytes Evidence::encode() const
{
    Writer out;
    std::visit(ProofWriter{out}, proof);
    return std::move(out).take();
}

std::expected<Evidence, Code> Evidence::decode(ByteView bytes)
{
    if (bytes.size() > kEvidenceBytesMax)
        return std::unexpected(Code::E_BOUNDS);
    Reader in(bytes);
    Evidence evidence;
    switch (static_cast<Kind>(in.u8())) {
    case Kind::Fork:
        evidence.proof = readFork(in);
        break;
    case Kind::DoubleAck:
        evidence.proof = readDoubleAck(in);
        break;
    case Kind::Invalid:
        evidence.proof = readInvalid(in);
        break;
    default:
        in.fail();
    }
    if (!in.done())
        return std::unexpected(Code::E_CANON);
    return evidence;
}

Hash Evidence::id() const
{
    return digest(domains::kEvidence, encode());
}

Evidence forkEvidence(SignedHeader a, SignedHeader b)
{
    if (standsBefore(b, a))
        std::swap(a, b);
    return {ForkProof{std::move(a), std::move(b)}};
}

Evidence doubleAckEvidence(Ack a, Frontier fa, Ack b, Frontier fb)
{
    if (standsBefore(b, a)) {
        std::swap(a, b);
        std::swap(fa, fb);
    }
    return {DoubleAckProof{a, b, std::move(fa), std::move(fb)}};
}

Evidence invalidEvidence(Code rule, history::UnverifiedChange change,
                         std::vector<SignedHeader> parents)
{
    const bool isAboutHeader =
        rule == Code::E_LAMPORT || rule == Code::E_STRUCT || rule == Code::E_ROLE;
    if (isAboutHeader)
        change.payload.clear();
    change.cover.clear(); // it is about what its author signed
    std::ranges::sort(parents, [](const auto &a, const auto &b) { return standsBefore(a, b); });
    return {InvalidProof{rule, std::move(change), std::move(parents)}};
}

CheckedEvidence check(const Evidence &evidence, const identity::Configuration &configuration,
                      const identity::SignatureScheme &scheme)
{
    return std::visit(Checker(configuration, scheme), evidence.proof);
}

bool areContradictory(const Ack &a, const Frontier &fa, const Ack &b, const Frontier &fb)
{
    if (a.epoch != b.epoch || a.seat != b.seat)
        return false;
    if (a.no == b.no)
        return a.root != b.root;
    const bool isInOrder = a.no < b.no;
    return takesBack(isInOrder ? fa : fb, isInOrder ? fb : fa) || nameTwoHeadsAtOnePlace(fa, fb);
}

} // namespace nlbd::trust
