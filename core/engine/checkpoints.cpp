#include "core/engine/checkpoints.h"

#include "core/base/check.h"
#include "core/engine/author.h"
#include "core/engine/council.h"
#include "core/engine/epochs.h"
#include "core/history/checkpoint.h"
#include "core/history/state_root.h"

namespace nlbd::engine {

namespace {

constexpr std::size_t kRootsMax = 64; // values of one epoch: seats times what each may name

bool isReached(std::size_t count, std::uint32_t limit)
{
    return limit > 0 && count >= limit;
}

} // namespace

bool Checkpoints::isDue() const
{
    const identity::Policy &policy = m_state.configuration.policy;
    return isReached(m_changesSince,
                     m_state.config.checkpointEvery.value_or(policy.checkpointChanges))
        || isReached(m_bytesSince, policy.checkpointBytes);
}

void Checkpoints::epochBegins()
{
    m_roots.clear();
    if (m_counted == m_state.configuration.checkpoint)
        return;
    // What the frontier left out is not counted again: it may be left out for ever, and one
    // checkpoint after the other would be taken of nothing new.
    m_counted = m_state.configuration.checkpoint;
    m_changesSince = m_bytesSince = 0;
}

void Checkpoints::handlesChanged()
{
    m_contents.clear();
    m_roots.clear();
    m_packedOf.reset();
    m_packed.reset();
    count();
}

void Checkpoints::count()
{
    m_counted = m_state.configuration.checkpoint;
    const history::Clock closed =
        m_counted ? m_state.epochs->closedThrough(m_counted->epoch) : history::Clock();
    m_changesSince = m_bytesSince = 0;
    for (std::uint32_t i = 1; i <= m_state.graph.size(); ++i)
        if (!m_state.graph.contains(closed, ChangeHandle(i)))
            changeTaken(m_state.records[i - 1].size());
}

std::optional<Hash> Checkpoints::contentOf(ChangeHandle change)
{
    m_contents.resize(std::max<std::size_t>(m_contents.size(), change.value));
    Hash &known = m_contents[change.value - 1];
    if (known == Hash())
        if (const auto content = m_state.contentOf(change))
            known = history::contentHash(*content);
    return known == Hash() ? std::nullopt : std::optional(known);
}

std::optional<Hash> Checkpoints::root(const identity::ChainHeads &heads)
{
    m_state.author->flush(); // its place among the others is not known before
    if (const auto known = m_roots.find(heads); known != m_roots.end())
        return known->second;
    const history::CausalGraph &graph = m_state.graph;
    history::Clock inside = m_state.epochs->closed();
    for (const identity::ChainHead &head : heads) {
        const ChangeHandle held = graph.find(head.head);
        if (held == ChangeHandle())
            return std::nullopt;
        Epochs::raise(inside, graph.clockOf(held));
    }
    const auto root =
        history::stateRoot({graph, [this](DocIndex doc) { return &m_state.document(doc).document; },
                            [&](ChangeHandle change) { return graph.contains(inside, change); },
                            [this](ChangeHandle change) { return m_state.epochs->isVoid(change); },
                            [this](ChangeHandle change) { return contentOf(change); }});
    if (m_roots.size() >= kRootsMax)
        m_roots.clear();
    if (root)
        m_roots.emplace(heads, *root);
    return root;
}

std::optional<std::vector<history::DecidedChange>>
Checkpoints::decidedIn(const history::Clock &closed) const
{
    std::vector<history::DecidedChange> changes;
    for (std::uint32_t i = 1; i <= m_state.graph.size(); ++i) {
        const ChangeHandle change(i);
        if (!m_state.graph.contains(closed, change))
            continue;
        auto content = m_state.contentOf(change);
        if (!content)
            return std::nullopt;
        changes.push_back(
            {m_state.headerOf(change), std::move(*content), m_state.graph.entry(change).hash});
    }
    return changes;
}

const Bytes *Checkpoints::snapshot(Epoch closed)
{
    const auto &checkpoint = m_state.configuration.checkpoint;
    if (!checkpoint || checkpoint->epoch != closed)
        return nullptr;
    if (m_packedOf != closed) {
        m_packedOf = closed;
        m_packed.reset();
        const auto then = m_state.council->log().at(closed);
        const auto changes = decidedIn(m_state.epochs->closedThrough(closed));
        CHECK(then.has_value());
        auto packed = changes ? history::encodeCheckpoint(*changes, *then)
                              : std::unexpected(Code::E_KEY_COMMIT);
        if (packed && history::openCheckpoint(*packed, *then, checkpoint->stateRoot))
            m_packed = std::move(*packed);
    }
    return m_packed ? &*m_packed : nullptr;
}

} // namespace nlbd::engine
