// Proposals, alone and as what a decision applies: whatever anybody asks for, the next
// configuration is one that can go on.
#include "core/base/codec.h"
#include "core/consensus/configuration_codec.h"
#include "core/consensus/epoch_change.h"
#include "core/consensus/proposal_book.h"
#include "tests/fuzz/any_signature.h"
#include "tests/fuzz/decided_group.h"

#include <cstdlib>

using namespace nlbd;
using namespace nlbd::consensus;

namespace {

const fuzz::AnySignature kScheme;

void expect(bool holds)
{
    if (!holds)
        std::abort();
}

std::optional<Proposal> readOne(ByteView bytes)
{
    auto proposal = Proposal::decode(bytes);
    if (!proposal)
        return std::nullopt;
    expect(std::ranges::equal(proposal->encode(), bytes));
    return std::move(*proposal);
}

void decideAll(const identity::Configuration &now, const std::vector<Proposal> &proposals)
{
    std::vector<const Proposal *> sound;
    ProposalBook book(now, kScheme);
    for (const Proposal &proposal : proposals) {
        if (!verify(proposal, now, kScheme))
            continue;
        sound.push_back(&proposal);
        (void)book.add(proposal, ProposalBook::Reason::Named);
    }
    for (const Proposal *proposal : book.eligible())
        expect(proposal->need(now) != Need::Approvals);
    EpochChange change = planChange(now, sound, {});
    expect(!change.next.seats.empty() && change.next.epoch == now.epoch.next());
    const auto commitment = change.needsKey ? std::optional(Hash{}) : std::nullopt;
    const auto root = change.needsStateRoot ? std::optional(Hash{}) : std::nullopt;
    auto next = finished(std::move(change), commitment, root);
    const Hash hash = hashOf(next);
    next = completed(std::move(next), hash);
    const auto again = decodeConfiguration(encodeConfiguration(next), hash);
    expect(again.has_value() && *again == next);
    book.enter(next);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    static const identity::Configuration kNow = fuzz::decidedGroup();
    const ByteView bytes = std::as_bytes(std::span(data, size));
    std::vector<Proposal> proposals;
    if (auto proposal = readOne(bytes))
        proposals.push_back(std::move(*proposal));
    Reader in(bytes);
    while (in.left() > 0 && proposals.size() < 64)
        if (auto proposal = readOne(in.blob(kProposalBytesMax)))
            proposals.push_back(std::move(*proposal));
    decideAll(kNow, proposals);
    return 0;
}
