#include "core/trust/ratification.h"

#include "core/base/check.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace nlbd::trust {

using history::CausalGraph;
using history::ChainId;

struct Ratification::Impl {
    /// One seat's word about one device.
    struct Word {
        FrontierEntry newest; ///< what its newest ack names
        ChangeHandle counted; ///< the head that counts now; 0 if none is held yet
        bool isIgnored = false;
    };
    struct Chain {
        DeviceIndex device;
        std::vector<std::uint64_t> heights; ///< by seat
        std::uint64_t ratified = 0;
    };
    struct Waiter {
        SeatIndex seat;
        DeviceIndex device;
        friend bool operator==(const Waiter &, const Waiter &) = default;
    };

    std::vector<std::vector<Word>> words; ///< by seat, by device
    std::vector<std::uint64_t> signedFor; ///< by seat: changes that its counted heads cover
    std::vector<Chain> chains;            ///< by id; without heights while nobody named it
    std::unordered_multimap<Hash, Waiter> waiting; ///< head that is not held -> who names it
    std::map<ChainId, Seq> grown;
    bool isChanged = false;

    [[nodiscard]] std::size_t seats() const { return words.size(); }

    void raise(ChainId id, SeatIndex seat, std::uint64_t height, const CausalGraph &graph)
    {
        if (chains.size() <= id.value)
            chains.resize(id.value + 1U);
        Chain &chain = chains[id.value];
        if (chain.heights.empty()) {
            chain.heights.resize(seats());
            chain.device = graph.deviceOf(id);
        }
        std::uint64_t &at = chain.heights[seat.value];
        if (height <= at)
            return;
        at = height;
        isChanged = true;
        if (height > chain.ratified)
            ratify(id, chain);
    }

    /// The Q-th largest height. It never falls: what a quorum signed stays signed.
    void ratify(ChainId id, Chain &chain)
    {
        const auto isHigher = [&chain](std::uint64_t height) { return height > chain.ratified; };
        const auto higher = std::ranges::count_if(chain.heights, isHigher);
        if (static_cast<std::size_t>(higher) < identity::quorumOf(seats()))
            return;
        std::vector<std::uint64_t> heights = chain.heights;
        const auto place =
            heights.begin() + static_cast<std::ptrdiff_t>(identity::quorumOf(seats()) - 1);
        std::ranges::nth_element(heights, place, std::ranges::greater{});
        if (*place <= chain.ratified)
            return;
        grown.emplace(id, Seq(chain.ratified));
        chain.ratified = *place;
    }

    /// Counts a head that is held: on its chain, and up to each fork below it.
    void count(SeatIndex seat, Word &word, ChangeHandle head, const CausalGraph &graph)
    {
        const CausalGraph::Entry &entry = graph.entry(head);
        const bool isPlaced = entry.device == word.newest.device && entry.seq == word.newest.seq;
        // A seat stays on the branch that it signed first (rules A2 and A3).
        const bool isMonotone =
            word.counted == ChangeHandle(0) || graph.descendsOnChain(head, word.counted);
        if (!isPlaced || !isMonotone || word.isIgnored)
            return;
        const std::uint64_t before =
            word.counted == ChangeHandle(0) ? 0 : graph.entry(word.counted).seq.value;
        signedFor[seat.value] += entry.seq.value - before;
        word.counted = head;

        std::uint64_t height = entry.seq.value;
        for (std::optional<ChainId> chain = entry.chain; chain; chain = graph.parentOf(*chain)) {
            raise(*chain, seat, height, graph);
            height = graph.firstOf(*chain).value - 1;
        }
    }

    void stopWaiting(const Hash &head, const Waiter &waiter)
    {
        const auto [first, last] = waiting.equal_range(head);
        for (auto entry = first; entry != last; ++entry)
            if (entry->second == waiter) {
                waiting.erase(entry);
                return;
            }
    }

    [[nodiscard]] Word &wordOf(SeatIndex seat, DeviceIndex device)
    {
        std::vector<Word> &all = words[seat.value];
        if (all.size() <= device.value)
            all.resize(device.value + 1U);
        return all[device.value];
    }
    [[nodiscard]] const Chain *find(ChainId id) const
    {
        const bool isNamed = id.value < chains.size() && !chains[id.value].heights.empty();
        return isNamed ? &chains[id.value] : nullptr;
    }

    void take(SeatIndex seat, const FrontierEntry &entry, const CausalGraph &graph)
    {
        Word &word = wordOf(seat, entry.device);
        if (word.newest == entry)
            return;
        stopWaiting(word.newest.head, {seat, entry.device});
        word.newest = entry;
        const ChangeHandle head = graph.find(entry.head);
        if (head == ChangeHandle(0))
            waiting.emplace(entry.head, Waiter{seat, entry.device});
        else
            count(seat, word, head, graph);
    }
};

Ratification::Ratification(std::size_t seats)
    : m_impl(std::make_shared<Impl>())
{
    CHECK(seats > 0);
    m_impl->words.resize(seats);
    m_impl->signedFor.resize(seats);
}

void Ratification::acknowledged(SeatIndex seat, const Frontier &frontier, const CausalGraph &graph)
{
    CHECK(seat.value < m_impl->seats());
    for (const FrontierEntry &entry : frontier)
        m_impl->take(seat, entry, graph);
}

void Ratification::changeAdded(ChangeHandle change, const CausalGraph &graph)
{
    const auto [first, last] = m_impl->waiting.equal_range(graph.entry(change).hash);
    std::vector<Impl::Waiter> waiters;
    for (auto entry = first; entry != last; ++entry)
        waiters.push_back(entry->second);
    m_impl->waiting.erase(first, last);
    for (const Impl::Waiter &waiter : waiters)
        m_impl->count(waiter.seat, m_impl->wordOf(waiter.seat, waiter.device), change, graph);
}

void Ratification::ignore(SeatIndex seat, DeviceIndex device)
{
    CHECK(seat.value < m_impl->seats());
    Impl::Word &word = m_impl->wordOf(seat, device);
    if (word.isIgnored)
        return;
    word.isIgnored = true;
    m_impl->isChanged = true;
    std::uint64_t covered = 0;
    for (Impl::Chain &chain : m_impl->chains) {
        if (chain.heights.empty() || chain.device != device)
            continue;
        covered = std::max(covered, chain.heights[seat.value]);
        chain.heights[seat.value] = 0;
    }
    m_impl->signedFor[seat.value] -= covered;
    word.counted = ChangeHandle(0);
}

bool Ratification::isRatified(ChangeHandle change, const CausalGraph &graph) const
{
    const CausalGraph::Entry &entry = graph.entry(change);
    return entry.seq <= ratifiedHeight(entry.chain);
}

std::size_t Ratification::seenBy(ChangeHandle change, const CausalGraph &graph) const
{
    const CausalGraph::Entry &entry = graph.entry(change);
    const Impl::Chain *chain = m_impl->find(entry.chain);
    if (chain == nullptr)
        return 0;
    const auto covers = [&](std::uint64_t height) { return height >= entry.seq.value; };
    return static_cast<std::size_t>(std::ranges::count_if(chain->heights, covers));
}

bool Ratification::hasSeen(SeatIndex seat, ChangeHandle change, const CausalGraph &graph) const
{
    CHECK(seat.value < m_impl->seats());
    const CausalGraph::Entry &entry = graph.entry(change);
    const Impl::Chain *chain = m_impl->find(entry.chain);
    return chain != nullptr && chain->heights[seat.value] >= entry.seq.value;
}

Seq Ratification::ratifiedHeight(ChainId chain) const
{
    const Impl::Chain *found = m_impl->find(chain);
    return found == nullptr ? Seq(0) : Seq(found->ratified);
}

std::vector<std::pair<ChainId, Seq>> Ratification::takeGrown()
{
    std::vector<std::pair<ChainId, Seq>> result(m_impl->grown.begin(), m_impl->grown.end());
    m_impl->grown.clear();
    return result;
}

bool Ratification::takeChanged()
{
    return std::exchange(m_impl->isChanged, false);
}

std::uint64_t Ratification::behind(SeatIndex seat, const CausalGraph &graph) const
{
    CHECK(seat.value < m_impl->seats());
    return graph.size() - m_impl->signedFor[seat.value];
}

} // namespace nlbd::trust
