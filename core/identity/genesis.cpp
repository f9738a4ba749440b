#include "core/identity/genesis.h"

#include "core/base/check.h"
#include "core/base/codec.h"
#include "core/identity/name_rules.h"

namespace nlbd::identity {

namespace {

constexpr std::uint8_t kFormatLevel = 1;

Hash hashOf(const Genesis &genesis)
{
    return digest(domains::kGenesis, genesis.encode());
}

Founder readFounder(Reader &in)
{
    Founder founder;
    founder.identity = in.fixedBytes<PublicKey>();
    founder.name = in.text(limits::kNameBytesMax);
    founder.device = in.fixedBytes<PublicKey>();
    founder.certificate = in.fixedBytes<Signature>();
    return founder;
}

bool areInOrder(const std::vector<Founder> &founders)
{
    for (std::size_t i = 1; i < founders.size(); ++i)
        if (founders[i - 1].identity >= founders[i].identity)
            return false;
    std::vector<PublicKey> devices;
    for (const Founder &founder : founders)
        devices.push_back(founder.device);
    std::ranges::sort(devices);
    return std::ranges::adjacent_find(devices) == devices.end();
}

Genesis readGenesis(Reader &in)
{
    Genesis genesis;
    if (in.u8() != kFormatLevel)
        in.fail();
    const ByteView random = in.raw(genesis.random.size());
    if (in.ok())
        std::ranges::copy(random, genesis.random.begin());
    genesis.name = in.text(limits::kNameBytesMax);
    const auto count = in.varint(limits::kMembersMax);
    for (std::uint64_t i = 0; i < count && in.ok(); ++i)
        genesis.founders.push_back(readFounder(in));
    genesis.keyCommit = in.fixedBytes<Hash>();
    return genesis;
}

bool isSound(const Genesis &genesis)
{
    const auto hasGoodName = [](const Founder &founder) { return isValidName(founder.name); };
    return !genesis.founders.empty() && areInOrder(genesis.founders) && isValidName(genesis.name)
        && std::ranges::all_of(genesis.founders, hasGoodName);
}

} // namespace

Bytes Genesis::encode() const
{
    Writer out;
    out.u8(kFormatLevel);
    out.raw(random);
    out.text(name);
    out.varint(founders.size());
    for (const Founder &founder : founders) {
        out.fixedBytes(founder.identity);
        out.text(founder.name);
        out.fixedBytes(founder.device);
        out.fixedBytes(founder.certificate);
    }
    out.fixedBytes(keyCommit);
    return std::move(out).take();
}

std::expected<Genesis, Code> Genesis::decode(ByteView bytes)
{
    Reader in(bytes);
    Genesis genesis = readGenesis(in);
    if (!in.done() || !isSound(genesis))
        return std::unexpected(Code::E_CANON);
    return genesis;
}

WorkspaceId Genesis::id() const
{
    return WorkspaceId{hashOf(*this).value};
}

Configuration Genesis::configuration() const
{
    CHECK(founders.size() <= limits::kMembersMax);
    Configuration result;
    const Hash hash = hashOf(*this);
    result.workspace = WorkspaceId{hash.value};
    result.decision = hash;
    result.name = name;
    result.keyCommit = keyCommit;
    for (std::size_t i = 0; i < founders.size(); ++i) {
        const auto index = static_cast<std::uint16_t>(i);
        result.members.push_back({.identity = founders[i].identity,
                                  .name = founders[i].name,
                                  .invitedBy = MemberIndex(index)});
        result.devices.push_back({founders[i].device, MemberIndex(index), true, true, hash});
        result.seats.emplace_back(index);
    }
    return result;
}

Bytes SignedGenesis::encode() const
{
    CHECK(signatures.size() == genesis.founders.size());
    Writer out;
    out.raw(genesis.encode());
    for (const Signature &signature : signatures)
        out.fixedBytes(signature);
    return std::move(out).take();
}

std::expected<SignedGenesis, Code> SignedGenesis::decode(ByteView bytes)
{
    Reader in(bytes);
    SignedGenesis result;
    result.genesis = readGenesis(in);
    for (std::size_t i = 0; i < result.genesis.founders.size() && in.ok(); ++i)
        result.signatures.push_back(in.fixedBytes<Signature>());
    if (!in.done() || !isSound(result.genesis))
        return std::unexpected(Code::E_CANON);
    return result;
}

std::expected<void, Code> SignedGenesis::verify(const SignatureScheme &scheme) const
{
    const Hash hash = hashOf(genesis);
    for (std::size_t i = 0; i < genesis.founders.size(); ++i) {
        const Founder &founder = genesis.founders[i];
        if (!isCertified(scheme, founder.identity, founder.device, founder.certificate)
            || !scheme.verify(founder.identity, domains::kFound, genesis.id(), hash, signatures[i]))
            return std::unexpected(Code::E_SIG);
    }
    return {};
}

Signature certifyDevice(const SignatureScheme &scheme, const SecretKey &identity,
                        const PublicKey &device)
{
    return scheme.sign(identity, domains::kDevice, WorkspaceId{},
                       digest(domains::kDevice, device.view()));
}

bool isCertified(const SignatureScheme &scheme, const PublicKey &identity, const PublicKey &device,
                 const Signature &certificate)
{
    return scheme.verify(identity, domains::kDevice, WorkspaceId{},
                         digest(domains::kDevice, device.view()), certificate);
}

Signature signGenesis(const SignatureScheme &scheme, const SecretKey &identity,
                      const Genesis &genesis)
{
    return scheme.sign(identity, domains::kFound, genesis.id(), hashOf(genesis));
}

} // namespace nlbd::identity
