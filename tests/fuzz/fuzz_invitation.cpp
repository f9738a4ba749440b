// Invitations: their bytes, and the same input taken for the text that somebody pasted.
#include "core/identity/invitation.h"
#include "tests/fuzz/any_signature.h"

#include <algorithm>
#include <cstdlib>

using namespace nlbd;
using fuzz::AnySignature;

namespace {

void requireSame(const identity::Invitation &invitation, ByteView bytes)
{
    if (!std::ranges::equal(invitation.encode(), bytes))
        std::abort();
    if (identity::readInvitation(invitation.text(), AnySignature{}) != invitation)
        std::abort();
}

/// The input with a checksum that holds, without which hardly any mutation gets past the first
/// check.
Bytes withChecksum(ByteView bytes)
{
    constexpr Domain kChecksum{"rt1.invsum"};
    const ByteView body = bytes.first(bytes.size() - std::min<std::size_t>(bytes.size(), 4));
    const Hash full = digest(kChecksum, body);
    Bytes result = copyOf(body);
    result.insert(result.end(), full.value.begin(), full.value.begin() + 4);
    return result;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const ByteView bytes = std::as_bytes(std::span(data, size));
    if (const auto invitation = identity::decodeInvitation(bytes, AnySignature{}))
        requireSame(*invitation, bytes);
    const Bytes mended = withChecksum(bytes);
    if (const auto invitation = identity::decodeInvitation(mended, AnySignature{}))
        requireSame(*invitation, mended);
    (void)identity::readInvitation(viewOf(bytes), identity::Ed25519{});
    return 0;
}
