#include "tests/sim/checker.h"
#include "tests/sim/rebuild.h"

namespace nlbd::sim {

// ---- what is looked at once, at the end --------------------------------------------------------

void Checker::checkEvidence(PeerShell &peer)
{
    for (const api::EvidenceInfo &evidence : peer.engine().evidence()) {
        if (!evidence.accused || isHonest(*evidence.accused))
            fail("I9", &peer, "holds a proof against an honest device: " + evidence.rule);
    }
}

void Checker::checkRebuilt(PeerShell &peer)
{
    const Rebuilt rebuilt = rebuild(m_world.group, peer.engine().configuration(), m_world.scheme,
                                    m_changes, peer.engine().graph());
    if (!rebuilt.fault.empty())
        fail("I1", &peer, rebuilt.fault);
    for (const auto &document : peer.engine().snapshot().documents) {
        const auto text = rebuilt.texts.find(document.doc);
        if (text != rebuilt.texts.end() && text->second != document.text)
            fail("I1", &peer, "shows a text that its changes do not give");
    }
}

void Checker::checkOrders(PeerShell &peer)
{
    std::vector<history::UnverifiedChange> records = m_hostile;
    for (const auto &[hash, change] : m_changes)
        records.push_back(change);
    if (records.size() > 250)
        return;
    // m_changes is unordered: a fixed order makes a run repeatable on every standard library.
    std::ranges::sort(records, {}, [](const history::UnverifiedChange &c) {
        return std::tuple(c.hash, c.signature, c.payload);
    });
    const auto fault = differsByOrder(m_world.group, peer.engine().configuration(), m_world.scheme,
                                      records, 3, m_world.random);
    if (fault)
        fail("I13", &peer, *fault);
}

} // namespace nlbd::sim
