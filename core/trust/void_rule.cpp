#include "core/trust/void_rule.h"

#include "core/base/check.h"

namespace nlbd::trust {

std::optional<bool> isVoid(const identity::Configuration &configuration,
                           const history::CausalGraph &graph, ChangeHandle change)
{
    const history::CausalGraph::Entry &entry = graph.entry(change);
    const identity::Device *device = configuration.device(entry.device);
    CHECK(device != nullptr);
    if (!device->penEnd)
        return false;
    bool isUnknown = false;
    for (const identity::ChainHead &head : device->penEnd->heads) {
        if (head.seq < entry.seq)
            continue;
        const ChangeHandle held = graph.find(head.head);
        if (held == ChangeHandle(0))
            isUnknown = true;
        else if (graph.descendsOnChain(held, change))
            return false;
    }
    return isUnknown ? std::nullopt : std::optional(true);
}

} // namespace nlbd::trust
