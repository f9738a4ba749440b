#pragma once

#include "core/consensus/close.h"
#include "core/history/causal_graph.h"

namespace nlbd::consensus {

/// What the closing frontier asks about chains.
class ChainOrder {
public:
    virtual ~ChainOrder() = default;

    /// True if `head` follows `base` on their device's chain, false if they are on two branches;
    /// nothing if one of them is not held.
    [[nodiscard]] virtual std::optional<bool> follows(const identity::ChainHead &head,
                                                      const identity::ChainHead &base) const = 0;
};

/// The chains of a causal graph.
class GraphOrder final : public ChainOrder {
public:
    explicit GraphOrder(const history::CausalGraph &graph)
        : m_graph(graph)
    {
    }
    [[nodiscard]] std::optional<bool> follows(const identity::ChainHead &head,
                                              const identity::ChainHead &base) const override;

private:
    const history::CausalGraph &m_graph;
};

/// C_e: per device that may write in this epoch, the maximal heads over all reports and the closing
/// frontier before. Branches of a fork are all kept (PROTOCOL C8); the same from any order of
/// reports. Errors: BUFFERED if a head is not held.
[[nodiscard]] std::expected<identity::ChainHeads, Code>
closingFrontier(const identity::Configuration &configuration,
                const std::vector<const Close *> &reports, const ChainOrder &order);

/// H("rt1.closing", heads).
[[nodiscard]] Hash hashOfHeads(const identity::ChainHeads &heads);

/// The heads of one device among them, and whether it has several.
[[nodiscard]] identity::ChainHeads headsOf(const identity::ChainHeads &heads, DeviceIndex device);

/// What every seat's frontier begins with in the epoch after: the heads of devices that may write,
/// which have one each.
[[nodiscard]] trust::Frontier openingFrontier(const identity::Configuration &configuration);

} // namespace nlbd::consensus
