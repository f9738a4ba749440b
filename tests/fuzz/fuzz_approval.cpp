// Answers to proposals.
#include "core/consensus/proposal_book.h"
#include "tests/fuzz/any_signature.h"
#include "tests/fuzz/decided_group.h"

#include <cstdlib>

using namespace nlbd;
using namespace nlbd::consensus;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    static const identity::Configuration kNow = fuzz::decidedGroup();
    static const fuzz::AnySignature kScheme;
    const ByteView bytes = std::as_bytes(std::span(data, size));
    const auto approval = Approval::decode(bytes);
    if (!approval)
        return 0;
    if (!std::ranges::equal(approval->encode(), bytes) || supersedes(*approval, *approval))
        std::abort();
    ProposalBook book(kNow, kScheme);
    const auto taken = book.add(*approval);
    if (!taken)
        return 0;
    const auto again = book.add(*approval);
    if (!again || *again != ProposalBook::Taken::Known)
        std::abort();
    if (book.tally(approval->proposal).yes > 1 || book.answers(approval->proposal).size() != 1)
        std::abort();
    return 0;
}
