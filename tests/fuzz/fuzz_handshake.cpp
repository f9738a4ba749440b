#include "core/identity/secret_key.h"
#include "net/handshake.h"

#include <cstdlib>

using namespace nlbd;

namespace {

/// Feeds the frames to one side; it may fail, it may never be talked into more than it was shown.
void play(net::Role role, const PublicKey &theirs, ByteView frames)
{
    const auto transport = identity::transportKeyOf(theirs);
    if (!transport)
        return;
    net::Hello ours;
    ours.device.value.fill(std::byte{7});
    net::Handshake handshake({role, ours, net::TransportKey{*transport}, std::nullopt});
    static_cast<void>(handshake.start());
    bool wasProven = false;
    Reader in(frames);
    while (in.ok() && in.left() > 0) {
        const ByteView message = in.blob(limits::kFrameBytesMax);
        const auto frame = net::decodeFrame(message);
        if (!in.ok() || !frame)
            return;
        using State = net::HandshakeStep::State;
        net::HandshakeStep step = handshake.take(*frame);
        if (step.state == State::NeedProofs) {
            // A key and its mirror image share a transport key; both are their owner's alone, and
            // only the one that was admitted is a member.
            if (identity::transportKeyOf(handshake.theirs().device) != transport)
                std::abort(); // another device than the transport proved
            wasProven = true;
            step = handshake.prove({});
        }
        if (step.state == State::Judge)
            step = handshake.accept();
        if (step.state == State::Done && !wasProven)
            std::abort();
        if (step.state == State::Done || step.state == State::Failed)
            return;
    }
}

} // namespace

/// First 32 bytes: the device whose transport key the connection proved; then frames, each with its
/// length. Both sides get them. The rest of the input is taken for a list of proofs as well.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const ByteView bytes = std::as_bytes(std::span(data, size));
    if (const auto proofs = net::decodeProofs(bytes);
        proofs && !std::ranges::equal(net::encodeProofs(*proofs), bytes))
        std::abort();
    if (size < PublicKey::kSize)
        return 0;
    const auto theirs = PublicKey::from(bytes.first(PublicKey::kSize));
    play(net::Role::Listener, *theirs, bytes.subspan(PublicKey::kSize));
    play(net::Role::Dialler, *theirs, bytes.subspan(PublicKey::kSize));
    return 0;
}
