// Files of decisions that strangers are handed. Every signature holds, so that mutations get as far
// as what the decisions say; what is read is written again as it was.
#include "core/consensus/decision_file.h"
#include "tests/fuzz/any_signature.h"

#include <algorithm>
#include <cstdlib>

using namespace nlbd;

namespace {

void expect(bool holds)
{
    if (!holds)
        std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    static const fuzz::AnySignature kAny;
    static const identity::Ed25519 kScheme;
    const ByteView bytes = std::as_bytes(std::span(data, size));
    if (const auto file = consensus::checkDecisionFile(bytes, kAny)) {
        expect(file->after.epoch == file->before.epoch.next());
        expect(file->signers().size() >= identity::quorumOf(file->before.seats.size()));
        const Bytes last = file->decision.encode();
        expect(last.size() <= size && std::ranges::equal(last, bytes.last(last.size())));
    }
    static_cast<void>(consensus::checkDecisionFile(bytes, kScheme));
    return 0;
}
