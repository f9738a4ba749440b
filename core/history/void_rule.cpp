#include "core/history/void_rule.h"

#include "core/base/check.h"

namespace nlbd::history {

Footing footingOf(const identity::Configuration &configuration, const CausalGraph &graph,
                  DeviceIndex device, Seq seq, const Hash &hash)
{
    const identity::Device *writer = configuration.device(device);
    CHECK(writer != nullptr);
    if (!writer->penEnd)
        return Footing::Inside;
    const ChangeHandle change = graph.find(hash);
    for (const identity::ChainHead &closing : writer->penEnd->heads) {
        if (closing.device != device)
            continue;
        const ChangeHandle head = graph.find(closing.head);
        const bool leadsHere = head == ChangeHandle()
            ? closing.seq > seq
            : change != ChangeHandle() && graph.descendsOnChain(head, change);
        if (closing.head == hash || leadsHere)
            return Footing::Inside;
    }
    return Footing::Beyond;
}

} // namespace nlbd::history
