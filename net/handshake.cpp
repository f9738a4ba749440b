#include "net/handshake.h"

#include "core/base/check.h"
#include "core/identity/secret_key.h"

namespace nlbd::net {

namespace {

void writeHello(Writer &out, const Hello &hello)
{
    out.u16(hello.versions.min);
    out.u16(hello.versions.max);
    out.fixedBytes(hello.device);
    out.fixedBytes(hello.boot);
    out.fixedBytes(hello.nonce);
    out.i64(hello.wallMs);
    out.u16(hello.port);
    out.u8(static_cast<std::uint8_t>(hello.role));
}

void writeProofs(Writer &out, const std::vector<Hash> &proofs)
{
    CHECK(proofs.size() <= kProofsMax);
    out.varint(proofs.size());
    for (const Hash &proof : proofs)
        out.fixedBytes(proof);
}

std::optional<std::vector<Hash>> readProofs(Reader &in)
{
    const auto count = static_cast<std::size_t>(in.varint(kProofsMax));
    if (!in.ok() || in.left() != count * Hash::kSize)
        return std::nullopt;
    std::vector<Hash> proofs;
    proofs.reserve(count);
    for (std::size_t i = 0; i < count; ++i)
        proofs.push_back(in.fixedBytes<Hash>());
    return proofs;
}

bool isOverlapping(const VersionRange &a, const VersionRange &b) noexcept
{
    return a.min <= b.max && b.min <= a.max;
}

} // namespace

bool WorkspaceTag::has(const PublicKey &device) const noexcept
{
    return std::ranges::find(members, device) != members.end();
}

bool WorkspaceTag::knows(const PublicKey &device) const noexcept
{
    return has(device) || std::ranges::find(former, device) != former.end();
}

std::string_view describe(EndReason reason) noexcept
{
    switch (reason) {
    case EndReason::Lost:
        return "the connection broke";
    case EndReason::ClosedByUs:
        return "closed here";
    case EndReason::ClosedByThem:
        return "closed by the other computer";
    case EndReason::Duplicate:
        return "another connection to the same computer stays";
    case EndReason::WrongVersion:
        return "the other computer runs another version of the program";
    case EndReason::WrongKey:
        return "the other computer does not hold the key that was expected";
    case EndReason::NotAllowed:
        return "no workspace in common, and nobody is being looked for";
    case EndReason::Malformed:
        return "the other computer sent what no correct program sends";
    case EndReason::TooFast:
        return "the other computer sent more than its budget";
    case EndReason::Timeout:
        return "the other computer did not answer in time";
    case EndReason::Stopping:
        return "the program was closed";
    case EndReason::NoFreeSession:
        return "the other computer has too many connections";
    }
    return {};
}

EndReason endReasonFrom(std::uint8_t number) noexcept
{
    const auto last = static_cast<std::uint8_t>(EndReason::NoFreeSession);
    const auto reason =
        number >= 1 && number <= last ? static_cast<EndReason>(number) : EndReason::ClosedByThem;
    const bool isTheirAct = reason == EndReason::ClosedByUs || reason == EndReason::Lost;
    return isTheirAct ? EndReason::ClosedByThem : reason;
}

Hash proofOf(const SessionBinding &binding, const WorkspaceTag &tag, Role prover,
             std::uint16_t alias)
{
    Writer tail;
    tail.fixedBytes(tag.id);
    tail.u8(static_cast<std::uint8_t>(prover));
    tail.u16(alias);
    return keyedDigest(domains::kHello, tag.discoveryKey,
                       {binding.dialler.view(), binding.listener.view(),
                        binding.diallerNonce.view(), binding.listenerNonce.view(), tail.bytes()});
}

Bytes encodeProofs(const std::vector<Hash> &proofs)
{
    Writer out;
    writeProofs(out, proofs);
    return std::move(out).take();
}

std::optional<std::vector<Hash>> decodeProofs(ByteView body)
{
    Reader in(body);
    return readProofs(in);
}

Bytes ownFrame(OwnKind kind, ByteView body)
{
    return encodeFrame({static_cast<std::uint8_t>(kind), Lane::Live, 0, body});
}

Bytes byeFrame(EndReason reason)
{
    const auto number = static_cast<std::byte>(reason);
    return ownFrame(OwnKind::Bye, ByteView(&number, 1));
}

Handshake::Handshake(HandshakeConfig config)
    : m_config(std::move(config))
    , m_expect(m_config.role == Role::Dialler ? Expect::Welcome : Expect::Hello)
{
    m_config.ours.role = m_config.role;
}

HandshakeStep Handshake::start()
{
    HandshakeStep step;
    if (m_config.role == Role::Dialler) {
        Writer out;
        writeHello(out, m_config.ours);
        step.send.push_back(ownFrame(OwnKind::Hello, out.bytes()));
    }
    return step;
}

HandshakeStep Handshake::fail(EndReason reason)
{
    m_expect = Expect::Nothing;
    HandshakeStep step;
    step.state = HandshakeStep::State::Failed;
    step.failure = reason;
    return step;
}

std::optional<EndReason> Handshake::check(Reader &in, Role theirRole)
{
    m_theirs.versions.min = in.u16();
    m_theirs.versions.max = in.u16();
    if (!in.ok() || m_theirs.versions.min > m_theirs.versions.max)
        return EndReason::Malformed;
    if (!isOverlapping(m_theirs.versions, m_config.ours.versions))
        return EndReason::WrongVersion;
    m_theirs.device = in.fixedBytes<PublicKey>();
    m_theirs.boot = in.fixedBytes<BootId>();
    m_theirs.nonce = in.fixedBytes<Nonce>();
    m_theirs.wallMs = in.i64();
    m_theirs.port = in.u16();
    m_theirs.role = theirRole;
    if (in.u8() != static_cast<std::uint8_t>(theirRole) || !in.ok())
        return EndReason::Malformed;
    if (m_theirs.nonce == m_config.ours.nonce || m_theirs.device == m_config.ours.device)
        return EndReason::Malformed; // an echo of ourselves
    const auto derived = identity::transportKeyOf(m_theirs.device);
    if (!derived || *derived != m_config.theirTransport.value)
        return EndReason::WrongKey;
    if (m_config.expected && *m_config.expected != m_theirs.device)
        return EndReason::WrongKey;
    return std::nullopt;
}

HandshakeStep Handshake::takeHello(ByteView body)
{
    const bool isListener = m_config.role == Role::Listener;
    Reader in(body);
    if (const auto reason = check(in, isListener ? Role::Dialler : Role::Listener))
        return fail(*reason);
    if (isListener) {
        if (!in.done())
            return fail(EndReason::Malformed);
    } else {
        auto proofs = readProofs(in);
        if (!proofs)
            return fail(EndReason::Malformed);
        m_theirProofs = std::move(*proofs);
    }
    m_expect = Expect::Prove;
    HandshakeStep step;
    step.state = HandshakeStep::State::NeedProofs;
    return step;
}

HandshakeStep Handshake::takeProof(ByteView body)
{
    auto proofs = decodeProofs(body);
    if (!proofs)
        return fail(EndReason::Malformed);
    m_theirProofs = std::move(*proofs);
    m_expect = Expect::Judgement;
    HandshakeStep step;
    step.state = HandshakeStep::State::Judge;
    return step;
}

HandshakeStep Handshake::take(const Frame &frame)
{
    const bool isDialler = m_config.role == Role::Dialler;
    if (frame.kind == static_cast<std::uint8_t>(OwnKind::Bye) && isDialler) {
        const auto number =
            frame.body.size() == 1 ? static_cast<std::uint8_t>(frame.body[0]) : std::uint8_t{0};
        return fail(endReasonFrom(number));
    }
    const auto is = [&](Expect expect, OwnKind kind) {
        return m_expect == expect && frame.kind == static_cast<std::uint8_t>(kind);
    };
    if (is(Expect::Hello, OwnKind::Hello) || is(Expect::Welcome, OwnKind::Welcome))
        return takeHello(frame.body);
    if (is(Expect::Proof, OwnKind::Proof))
        return takeProof(frame.body);
    if (is(Expect::Ready, OwnKind::Ready) && frame.body.empty()) {
        m_expect = Expect::Nothing;
        HandshakeStep step;
        step.state = HandshakeStep::State::Done;
        return step;
    }
    return fail(EndReason::Malformed);
}

HandshakeStep Handshake::prove(const std::vector<Hash> &ours)
{
    CHECK(m_expect == Expect::Prove);
    HandshakeStep step;
    Writer out;
    if (m_config.role == Role::Listener) {
        writeHello(out, m_config.ours);
        writeProofs(out, ours);
        step.send.push_back(ownFrame(OwnKind::Welcome, out.bytes()));
        m_expect = Expect::Proof;
    } else {
        writeProofs(out, ours);
        step.send.push_back(ownFrame(OwnKind::Proof, out.bytes()));
        m_expect = Expect::Ready;
    }
    return step;
}

HandshakeStep Handshake::accept()
{
    CHECK(m_expect == Expect::Judgement);
    m_expect = Expect::Nothing;
    HandshakeStep step;
    step.state = HandshakeStep::State::Done;
    step.send.push_back(ownFrame(OwnKind::Ready));
    return step;
}

SessionBinding Handshake::binding() const noexcept
{
    const bool isDialler = m_config.role == Role::Dialler;
    const Hello &dialler = isDialler ? m_config.ours : m_theirs;
    const Hello &listener = isDialler ? m_theirs : m_config.ours;
    return {dialler.device, listener.device, dialler.nonce, listener.nonce};
}

} // namespace nlbd::net
