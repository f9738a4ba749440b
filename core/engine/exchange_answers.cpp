// What others ask for: changes by their place, or by their hash.

#include "core/engine/blobs.h"
#include "core/engine/exchange.h"

#include <ranges>

namespace nlbd::engine {

namespace {

// Lengths and the frame's own bytes need the rest.
constexpr std::size_t kAnswerBytesMax = limits::kFrameBytesMax - 4096;

} // namespace

std::vector<ChangeHandle> Exchange::inRange(const gossip::Range &range) const
{
    std::optional<history::ChainId> chain;
    for (const ChangeHandle change : m_state.graph.at(range.device, range.last))
        if (range.head == 0 || gossip::headPrefix(m_state.graph.entry(change).hash) == range.head)
            chain = m_state.graph.entry(change).chain;
    if (!chain) {
        const auto chains = m_state.graph.chainsOf(range.device);
        if (chains.empty())
            return {};
        chain = chains.front();
    }
    std::vector<ChangeHandle> changes;
    const std::uint64_t last =
        std::min(range.last.value, range.first.value + limits::kRangeChangesMax);
    for (std::uint64_t seq = range.first.value; seq <= last; ++seq) {
        const ChangeHandle change = m_state.graph.onChain(*chain, Seq(seq));
        if (change == ChangeHandle())
            break;
        changes.push_back(change);
    }
    return changes;
}

void Exchange::on(PeerId from, Peer &peer, const gossip::PullRanges &message)
{
    std::vector<std::vector<ChangeHandle>> wanted;
    for (const gossip::Range &range : message.ranges)
        wanted.push_back(inRange(range));
    serve(from, peer, message.request, message.ranges, wanted);
}

void Exchange::on(PeerId from, Peer &peer, const gossip::PullHashes &message)
{
    std::vector<ChangeHandle> wanted;
    for (const Hash &hash : message.hashes) {
        const ChangeHandle change = m_state.graph.find(hash);
        if (change != ChangeHandle())
            wanted.push_back(change);
    }
    serve(from, peer, message.request, {}, {std::move(wanted)});
}

bool Exchange::isSigned(ChangeHandle change) const
{
    return m_state.isSignatureChecked[change.value - 1]
        || m_state.validator.isSigned(m_state.recordOf(change));
}

/// A change whose own signature was altered on its way convinces with what follows it up to a good
/// one. Those links, where `changes` end before them.
std::set<ChangeHandle> Exchange::coversOf(const std::vector<ChangeHandle> &changes) const
{
    const std::set<ChangeHandle> present(changes.begin(), changes.end());
    std::set<ChangeHandle> followed;
    for (const ChangeHandle change : present)
        followed.insert(m_state.graph.entry(change).prev);
    std::set<ChangeHandle> covers;
    for (ChangeHandle link : present) {
        if (followed.contains(link))
            continue;
        while (!isSigned(link)) {
            const auto &entry = m_state.graph.entry(link);
            const auto above = m_state.graph.at(entry.device, entry.seq.next());
            const auto next = std::ranges::find_if(above, [&](ChangeHandle candidate) {
                return m_state.graph.entry(candidate).prev == link;
            });
            if (next == above.end() || !covers.insert(*next).second)
                break;
            link = *next;
        }
    }
    return covers;
}

/// As many of the first as one answer holds, and what covers them. The first one with its covers
/// always fits: they came here in one frame.
std::vector<ChangeHandle> Exchange::withCovers(std::vector<ChangeHandle> &chosen) const
{
    std::vector<ChangeHandle> result;
    const auto fits = [&] {
        result = chosen;
        const std::set<ChangeHandle> covers = coversOf(chosen);
        result.insert(result.end(), covers.begin(), covers.end());
        std::size_t bytes = 0;
        for (const ChangeHandle change : result)
            bytes += m_state.records[change.value - 1].size();
        return result.size() <= limits::kRangeChangesMax && bytes <= kAnswerBytesMax;
    };
    if (!fits() && chosen.size() > 1) {
        chosen.resize(1);
        fits();
    }
    std::ranges::sort(result);
    return result;
}

/// Of these and what covers them, what convinces its receiver: a run ends in a signature that
/// holds, or a relay could be blamed for bytes that another altered.
std::vector<Bytes> Exchange::convincing(const std::vector<ChangeHandle> &changes) const
{
    std::map<DeviceIndex, ChangeHandle> covered; // by the link after it, as its receiver reckons
    std::vector<Bytes> backwards;
    for (const ChangeHandle change : changes | std::views::reverse) {
        const auto &entry = m_state.graph.entry(change);
        const auto next = covered.find(entry.device);
        const bool isCovered = next != covered.end() && next->second == change;
        if (!isCovered && !isSigned(change))
            continue;
        covered[entry.device] = entry.prev;
        backwards.push_back(m_state.records[change.value - 1]);
    }
    return {std::make_move_iterator(backwards.rbegin()), std::make_move_iterator(backwards.rend())};
}

/// The frames of an answer: of the first of `wanted` as many as it may hold and as the peer's
/// budget allows now. What they do not hold stays in `wanted`.
std::vector<gossip::Changes> Exchange::framesOf(Peer &peer, std::uint32_t request,
                                                std::vector<ChangeHandle> &wanted)
{
    constexpr std::size_t kOverhead = 3; // a record's length
    std::vector<gossip::Changes> frames;
    std::size_t bytes = 0;
    std::size_t taken = 0;
    const auto sizeOf = [this](ChangeHandle change) {
        return m_state.records[change.value - 1].size() + kOverhead;
    };
    while (taken < wanted.size()) {
        std::vector<ChangeHandle> slice;
        std::size_t sliceBytes = 0;
        for (std::size_t at = taken; at < std::min(wanted.size(), limits::kRangeChangesMax); ++at) {
            const std::size_t size = sizeOf(wanted[at]);
            if (at > 0 && bytes + sliceBytes + size > limits::kRangeBytesMax)
                break;
            if (!slice.empty() && sliceBytes + size > gossip::kAnswerFrameBytes)
                break;
            slice.push_back(wanted[at]);
            sliceBytes += size;
        }
        gossip::Changes frame{request, false, convincing(withCovers(slice))};
        std::size_t frameBytes = kFrameOverhead;
        for (const Bytes &record : frame.changes)
            frameBytes += record.size() + kOverhead;
        if (slice.empty() || !peer.answers.take(frameBytes, m_state.now.mono))
            break;
        for (std::size_t i = taken; i < taken + slice.size(); ++i)
            bytes += sizeOf(wanted[i]);
        taken += slice.size();
        if (!frame.changes.empty())
            frames.push_back(std::move(frame));
    }
    wanted.erase(wanted.begin(), wanted.begin() + static_cast<std::ptrdiff_t>(taken));
    return frames;
}

void Exchange::serve(PeerId to, Peer &peer, std::uint32_t request,
                     const std::vector<gossip::Range> &ranges,
                     const std::vector<std::vector<ChangeHandle>> &asked)
{
    std::vector<ChangeHandle> wanted;
    for (const auto &changes : asked)
        wanted.insert(wanted.end(), changes.begin(), changes.end());
    // What a checkpoint left of a change convinces nobody, and what stands on it would only wait.
    const auto isLeft = [this](ChangeHandle change) { return m_state.isDecidedForm(change); };
    if (std::ranges::any_of(wanted, isLeft))
        wanted.clear();
    // Handles are a topological order: what is sent first never waits for what comes later.
    std::ranges::sort(wanted);
    wanted.erase(std::ranges::unique(wanted).begin(), wanted.end());
    std::vector<gossip::Changes> frames = framesOf(peer, request, wanted);
    // Above its budget a peer hears at once that it gets nothing now, and asks again by and by.
    if (frames.empty())
        frames.push_back({request, true, {}});
    frames.back().isLast = true;
    if (!wanted.empty())
        for (std::size_t i = 0; i < ranges.size(); ++i) {
            const auto left = std::ranges::find_if(asked[i], [&](ChangeHandle change) {
                return std::ranges::binary_search(wanted, change);
            });
            frames.front().next.push_back(left != asked[i].end() ? m_state.graph.entry(*left).seq
                                                                 : ranges[i].last.next());
        }
    for (const gossip::Changes &frame : frames)
        m_state.out.send(to, frame, m_state.lastChangePersist, true);
}

// ---- attachments --------------------------------------------------------------------------------

void Exchange::on(PeerId from, Peer &, const gossip::AskBlobs &message)
{
    m_state.blobs->receive(from, message);
}

void Exchange::on(PeerId from, Peer &, const gossip::BlobsHeld &message)
{
    m_state.blobs->receive(from, message);
}

void Exchange::on(PeerId from, Peer &, const gossip::PullPieces &message)
{
    m_state.blobs->receive(from, message);
}

void Exchange::on(PeerId from, Peer &, const gossip::BlobPiece &message)
{
    m_state.blobs->receive(from, message);
}

} // namespace nlbd::engine
