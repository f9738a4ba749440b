#include "core/history/causal_graph.h"

#include "core/base/check.h"

#include <algorithm>
#include <tuple>

namespace nlbd::history {

namespace {

/// Heights by chain as they are kept: a seq that is held fits 32 bits, because handles do.
using Past = std::vector<std::uint32_t>;

void raise(Past &past, std::size_t chain, std::uint32_t height)
{
    if (past.size() <= chain)
        past.resize(chain + 1);
    past[chain] = std::max(past[chain], height);
}

std::uint32_t at(const Past &past, std::size_t chain)
{
    return chain < past.size() ? past[chain] : 0;
}

std::uint32_t small(Seq seq)
{
    return static_cast<std::uint32_t>(seq.value);
}

} // namespace

struct CausalGraph::Impl {
    struct Chain {
        DeviceIndex device;
        std::optional<ChainId> parent;
        Seq first;                         ///< seq of changes[0]
        std::vector<ChangeHandle> changes; ///< by seq

        [[nodiscard]] bool holds(Seq seq) const
        {
            return seq >= first && seq.value - first.value < changes.size();
        }
        [[nodiscard]] ChangeHandle at(Seq seq) const
        {
            return changes[static_cast<std::size_t>(seq.value - first.value)];
        }
    };

    std::vector<Entry> entries{1}; ///< by handle; 0 stands for no change
    /// What each change's past reaches on every chain but its own: shared along a chain while it
    /// names no deps, so that an author alone costs a pointer per change.
    std::vector<std::shared_ptr<const Past>> pasts{1};
    std::unordered_map<Hash, ChangeHandle> byHash;
    std::vector<Chain> chains;
    std::unordered_map<DeviceIndex, std::vector<ChainId>> chainsByDevice;
    std::set<ChangeHandle> heads;
    std::unordered_map<DocIndex, std::vector<ChangeHandle>> creations; ///< several only under forks
    std::vector<DocIndex> documents;

    [[nodiscard]] bool holds(ChangeHandle change) const
    {
        return change.value > 0 && change.value < entries.size();
    }
    [[nodiscard]] const Entry &entryOf(ChangeHandle change) const
    {
        CHECK(holds(change));
        return entries[change.value];
    }
    [[nodiscard]] const Chain &chainOf(ChainId chain) const
    {
        CHECK(chain.value < chains.size());
        return chains[chain.value];
    }

    [[nodiscard]] bool isInPast(ChangeHandle past, ChangeHandle change) const
    {
        const Entry &a = entryOf(past);
        const Entry &b = entryOf(change);
        if (a.chain == b.chain)
            return a.seq <= b.seq;
        return nlbd::history::at(*pasts[change.value], a.chain.value) >= a.seq.value;
    }

    /// Everything up to and with the change.
    void mergeInto(Past &past, ChangeHandle change) const
    {
        const Past &of = *pasts[change.value];
        if (past.size() < of.size())
            past.resize(of.size());
        for (std::size_t i = 0; i < of.size(); ++i)
            past[i] = std::max(past[i], of[i]);
        const Entry &entry = entryOf(change);
        raise(past, entry.chain.value, small(entry.seq));
    }

    [[nodiscard]] Past merged(ChangeHandle prev, const std::vector<ChangeHandle> &deps) const
    {
        Past past;
        if (holds(prev))
            mergeInto(past, prev);
        for (const ChangeHandle dep : deps)
            mergeInto(past, dep);
        return past;
    }

    ChainId startChain(DeviceIndex device, std::optional<ChainId> parent, Seq first)
    {
        CHECK(chains.size() < UINT16_MAX);
        const ChainId chain(static_cast<std::uint16_t>(chains.size()));
        chains.push_back({device, parent, first, {}});
        chainsByDevice[device].push_back(chain);
        return chain;
    }

    /// The chain that the change extends; a new one if another change follows its prev already.
    ChainId chainFor(const ChangeHeader &header, ChangeHandle prev)
    {
        if (prev == ChangeHandle(0))
            return startChain(header.device, std::nullopt, header.seq);
        const ChainId chain = entryOf(prev).chain;
        if (chains[chain.value].changes.back() == prev)
            return chain;
        return startChain(header.device, chain, header.seq);
    }

    void noteDocument(ChangeHandle change)
    {
        const Entry &entry = entryOf(change);
        if (creatorOf(entry.doc) != entry.device)
            return;
        std::vector<ChangeHandle> &known = creations[entry.doc];
        if (known.empty())
            documents.push_back(entry.doc);
        const auto isSeen = [&](ChangeHandle creation) { return isInPast(creation, change); };
        if (std::ranges::none_of(known, isSeen))
            known.push_back(change);
    }
};

CausalGraph::CausalGraph()
    : m_impl(std::make_shared<Impl>())
{
}

void CausalGraph::add(const Change &change)
{
    Impl &g = *m_impl;
    const ChangeHeader &header = change.header();
    CHECK(change.handle() == nextHandle());
    CHECK((header.seq == Seq(1)) == (change.prev() == ChangeHandle(0)));
    CHECK(header.seq.value < UINT32_MAX && !g.byHash.contains(change.hash()));

    const ChainId chain = g.chainFor(header, change.prev());
    const bool sharesPast =
        change.deps().empty() && g.holds(change.prev()) && g.entryOf(change.prev()).chain == chain;
    g.pasts.push_back(sharesPast
                          ? g.pasts[change.prev().value]
                          : std::make_shared<const Past>(g.merged(change.prev(), change.deps())));
    g.entries.push_back({change.hash(), header.device, header.seq, chain, header.lamport,
                         header.epoch, header.doc, header.wallMs, crdt::idsTakenBy(change.ops()),
                         change.prev(), change.deps()});
    g.chains[chain.value].changes.push_back(change.handle());
    g.byHash.emplace(change.hash(), change.handle());

    g.heads.erase(change.prev());
    for (const ChangeHandle dep : change.deps())
        g.heads.erase(dep);
    g.heads.insert(change.handle());
    g.noteDocument(change.handle());
}

ChangeHandle CausalGraph::nextHandle() const noexcept
{
    return ChangeHandle(static_cast<std::uint32_t>(m_impl->entries.size()));
}

std::size_t CausalGraph::size() const noexcept
{
    return m_impl->entries.size() - 1;
}

const CausalGraph::Entry &CausalGraph::entry(ChangeHandle change) const
{
    return m_impl->entryOf(change);
}

ChangeHandle CausalGraph::find(const Hash &hash) const
{
    const auto found = m_impl->byHash.find(hash);
    return found == m_impl->byHash.end() ? ChangeHandle(0) : found->second;
}

std::vector<ChangeHandle> CausalGraph::at(DeviceIndex device, Seq seq) const
{
    std::vector<ChangeHandle> result;
    const auto chains = m_impl->chainsByDevice.find(device);
    if (chains == m_impl->chainsByDevice.end())
        return result;
    for (const ChainId id : chains->second) {
        const Impl::Chain &chain = m_impl->chainOf(id);
        if (chain.holds(seq))
            result.push_back(chain.at(seq));
    }
    return result;
}

std::size_t CausalGraph::chainCount() const noexcept
{
    return m_impl->chains.size();
}

std::vector<ChainId> CausalGraph::chainsOf(DeviceIndex device) const
{
    const auto found = m_impl->chainsByDevice.find(device);
    return found == m_impl->chainsByDevice.end() ? std::vector<ChainId>{} : found->second;
}

ChangeHandle CausalGraph::headOf(ChainId chain) const
{
    return m_impl->chainOf(chain).changes.back();
}

DeviceIndex CausalGraph::deviceOf(ChainId chain) const
{
    return m_impl->chainOf(chain).device;
}

std::optional<ChainId> CausalGraph::parentOf(ChainId chain) const
{
    return m_impl->chainOf(chain).parent;
}

Seq CausalGraph::firstOf(ChainId chain) const
{
    return m_impl->chainOf(chain).first;
}

ChangeHandle CausalGraph::onChain(ChainId chain, Seq seq) const
{
    for (std::optional<ChainId> at = chain; at; at = m_impl->chainOf(*at).parent) {
        const Impl::Chain &part = m_impl->chainOf(*at);
        if (part.holds(seq))
            return part.at(seq);
        if (seq >= part.first)
            return ChangeHandle(0);
    }
    return ChangeHandle(0);
}

bool CausalGraph::isForked(DeviceIndex device) const
{
    const auto found = m_impl->chainsByDevice.find(device);
    return found != m_impl->chainsByDevice.end() && found->second.size() > 1;
}

bool CausalGraph::descendsOnChain(ChangeHandle head, ChangeHandle base) const
{
    return onChain(entry(head).chain, entry(base).seq) == base
        && entry(base).seq <= entry(head).seq;
}

std::optional<ChangeHandle> CausalGraph::inPastAt(const Clock &past, DeviceIndex device, Seq seq,
                                                  std::uint32_t branchOrdinal) const
{
    // A device that never forked has one change at a place: nearly every reference ends here.
    const auto chains = m_impl->chainsByDevice.find(device);
    if (chains != m_impl->chainsByDevice.end() && chains->second.size() == 1) {
        const Impl::Chain &chain = m_impl->chainOf(chains->second.front());
        if (branchOrdinal > 0 || !chain.holds(seq) || !contains(past, chain.at(seq)))
            return std::nullopt;
        return chain.at(seq);
    }
    std::vector<ChangeHandle> candidates = at(device, seq);
    std::erase_if(candidates, [&](ChangeHandle change) { return !contains(past, change); });
    std::ranges::sort(candidates, {}, [&](ChangeHandle change) { return entry(change).hash; });
    if (branchOrdinal >= candidates.size())
        return std::nullopt;
    return candidates[branchOrdinal];
}

std::uint32_t CausalGraph::branchOrdinalOf(const Clock &past, ChangeHandle change) const
{
    const Entry &own = entry(change);
    if (!isForked(own.device))
        return 0;
    const auto candidates = at(own.device, own.seq);
    const auto standsBefore = [&](ChangeHandle other) {
        return contains(past, other) && entry(other).hash < own.hash;
    };
    return static_cast<std::uint32_t>(std::ranges::count_if(candidates, standsBefore));
}

bool CausalGraph::isBefore(ChangeHandle a, ChangeHandle b) const
{
    const bool isHeldA = m_impl->holds(a);
    const bool isHeldB = m_impl->holds(b);
    if (!isHeldA || !isHeldB)
        return isHeldA && !isHeldB;
    const Entry &left = entry(a);
    const Entry &right = entry(b);
    return std::tie(left.lamport, left.hash) < std::tie(right.lamport, right.hash);
}

bool CausalGraph::isInPast(ChangeHandle past, ChangeHandle change) const
{
    if (past == change)
        return true;
    if (!m_impl->holds(past))
        return false;
    return !m_impl->holds(change) || m_impl->isInPast(past, change);
}

bool CausalGraph::contains(const Clock &clock, ChangeHandle change) const
{
    if (!m_impl->holds(change))
        return false;
    const Entry &own = entry(change);
    return own.chain.value < clock.size() && clock[own.chain.value] >= own.seq.value;
}

Clock CausalGraph::clockOf(ChangeHandle change) const
{
    return merged(change, {});
}

Clock CausalGraph::merged(ChangeHandle prev, const std::vector<ChangeHandle> &deps) const
{
    const Past past = m_impl->merged(prev, deps);
    return {past.begin(), past.end()};
}

const std::set<ChangeHandle> &CausalGraph::heads() const noexcept
{
    return m_impl->heads;
}

std::vector<DepRef> CausalGraph::reduce(ChangeHandle prev,
                                        const std::vector<ChangeHandle> &wanted) const
{
    std::set<ChangeHandle> maximal;
    for (const ChangeHandle change : wanted) {
        const auto implies = [&](ChangeHandle other) { return isInPast(change, other); };
        if ((m_impl->holds(prev) && implies(prev)) || std::ranges::any_of(maximal, implies))
            continue;
        std::erase_if(maximal, [&](ChangeHandle other) { return isInPast(other, change); });
        maximal.insert(change);
    }
    std::vector<DepRef> deps;
    for (const ChangeHandle change : maximal)
        deps.push_back({entry(change).device, entry(change).seq, entry(change).hash});
    std::ranges::sort(deps);
    return deps;
}

bool CausalGraph::documentExists(const Clock &past, DocIndex doc) const
{
    const auto found = m_impl->creations.find(doc);
    return found != m_impl->creations.end()
        && std::ranges::any_of(found->second,
                               [&](ChangeHandle creation) { return contains(past, creation); });
}

std::vector<DocIndex> CausalGraph::documents() const
{
    return m_impl->documents;
}

void CausalGraph::checkInvariants() const
{
    const Impl &g = *m_impl;
    CHECK(g.entries.size() == g.pasts.size() && g.byHash.size() == size());
    std::set<ChangeHandle> followed;
    for (ChangeHandle change(1); change != nextHandle(); change = change.next()) {
        const Entry &own = entry(change);
        CHECK(find(own.hash) == change && onChain(own.chain, own.seq) == change);
        std::vector<ChangeHandle> parents = own.deps;
        if (own.prev != ChangeHandle(0)) {
            parents.push_back(own.prev);
            CHECK(entry(own.prev).device == own.device && entry(own.prev).seq.next() == own.seq);
        }
        for (const ChangeHandle parent : parents) {
            CHECK(parent < change && entry(parent).lamport < own.lamport
                  && isInPast(parent, change));
            followed.insert(parent);
        }
    }
    for (ChangeHandle change(1); change != nextHandle(); change = change.next())
        CHECK(g.heads.contains(change) != followed.contains(change));
    std::size_t held = 0;
    for (const Impl::Chain &chain : g.chains)
        held += chain.changes.size();
    CHECK(held == size());
}

} // namespace nlbd::history
