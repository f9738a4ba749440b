#include "core/consensus/closing_frontier.h"

#include "core/base/check.h"
#include "core/base/codec.h"
#include "core/consensus/parts_codec.h"
#include "core/consensus/record_domains.h"

namespace nlbd::consensus {

namespace {

using identity::ChainHead;
using identity::ChainHeads;

/// Of one device's heads, ascending by seq, those that no other follows.
std::expected<ChainHeads, Code> maximalOf(std::span<const ChainHead> heads, const ChainOrder &order)
{
    ChainHeads result;
    for (std::size_t i = 0; i < heads.size(); ++i) {
        bool isFollowed = false;
        for (std::size_t above = i + 1; above < heads.size() && !isFollowed; ++above) {
            if (heads[above].seq == heads[i].seq)
                continue; // two changes at one place
            const std::optional<bool> follows = order.follows(heads[above], heads[i]);
            if (!follows)
                return std::unexpected(Code::BUFFERED);
            isFollowed = *follows;
        }
        if (!isFollowed)
            result.push_back(heads[i]);
    }
    return result;
}

ChainHeads allHeads(const identity::Configuration &configuration,
                    const std::vector<const Close *> &reports)
{
    const auto mayWrite = [&](DeviceIndex index) {
        const identity::Device *device = configuration.device(index);
        return device != nullptr && device->mayWrite;
    };
    ChainHeads heads;
    for (const ChainHead &head : configuration.closing)
        if (mayWrite(head.device))
            heads.push_back(head);
    for (const Close *report : reports)
        for (const trust::FrontierEntry &entry : report->frontier)
            if (mayWrite(entry.device))
                heads.push_back({entry.device, entry.seq, entry.head});
    std::ranges::sort(heads);
    const auto repeated = std::ranges::unique(heads);
    heads.erase(repeated.begin(), repeated.end());
    return heads;
}

} // namespace

std::optional<bool> GraphOrder::follows(const ChainHead &head, const ChainHead &base) const
{
    const ChangeHandle above = m_graph.find(head.head);
    const ChangeHandle below = m_graph.find(base.head);
    if (above == ChangeHandle(0) || below == ChangeHandle(0))
        return std::nullopt;
    return m_graph.descendsOnChain(above, below);
}

std::expected<ChainHeads, Code> closingFrontier(const identity::Configuration &configuration,
                                                const std::vector<const Close *> &reports,
                                                const ChainOrder &order)
{
    const ChainHeads heads = allHeads(configuration, reports);
    ChainHeads result;
    for (std::size_t first = 0; first < heads.size();) {
        std::size_t last = first;
        while (last < heads.size() && heads[last].device == heads[first].device)
            ++last;
        const auto maximal = maximalOf(std::span(heads).subspan(first, last - first), order);
        if (!maximal)
            return std::unexpected(maximal.error());
        result.insert(result.end(), maximal->begin(), maximal->end());
        first = last;
    }
    return result;
}

Hash hashOfHeads(const ChainHeads &heads)
{
    Writer out;
    writeHeads(out, heads);
    return digest(domains::kClosing, out.bytes());
}

ChainHeads headsOf(const ChainHeads &heads, DeviceIndex device)
{
    const auto range = std::ranges::equal_range(heads, device, {}, &ChainHead::device);
    return {range.begin(), range.end()};
}

trust::Frontier openingFrontier(const identity::Configuration &configuration)
{
    trust::Frontier result;
    for (const ChainHead &head : configuration.closing) {
        const identity::Device *device = configuration.device(head.device);
        CHECK(device != nullptr);
        if (device->mayWrite)
            result.push_back({head.device, head.seq, head.head});
    }
    return result;
}

} // namespace nlbd::consensus
