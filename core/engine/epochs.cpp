#include "core/engine/epochs.h"

#include "core/base/check.h"
#include "core/engine/agreed_times.h"
#include "core/engine/archivist.h"
#include "core/engine/attestor.h"
#include "core/engine/author.h"
#include "core/engine/blobs.h"
#include "core/engine/board.h"
#include "core/engine/checkpoints.h"
#include "core/engine/comments.h"
#include "core/engine/drafts.h"
#include "core/engine/exchange.h"
#include "core/engine/intake.h"
#include "core/engine/looks.h"
#include "core/engine/presence.h"
#include "core/engine/self_guard.h"
#include "core/engine/suggestions.h"
#include "core/engine/views.h"
#include "core/history/void_rule.h"

namespace nlbd::engine {

void Epochs::enter(identity::Configuration next)
{
    CHECK(next.epoch == m_state.configuration.epoch.next());
    m_closings.push_back(next.closing);
    m_state.configuration = std::move(next);
    m_state.guard->settleDevice();
    m_state.mySeat = m_state.configuration.seatOf(m_state.me);
    close(m_closings.back());
    m_state.attestor->epochBegins();
    settle();
    m_state.checkpoints->epochBegins();
    m_state.exchange->epochBegins();
    m_state.presence->epochBegins();
    m_state.views->allMarksChanged();
    m_state.comments->historyChanged();
    m_state.blobs->historyChanged();
    m_state.board->documentsChanged();
    m_state.board->peopleChanged();
}

void Epochs::load(const std::vector<identity::ChainHeads> &closings)
{
    m_closings = closings;
    for (const identity::ChainHeads &heads : closings)
        close(heads);
    settle();
    m_state.checkpoints->epochBegins();
}

void Epochs::close(const identity::ChainHeads &heads)
{
    for (const identity::ChainHead &closing : heads) {
        const ChangeHandle head = m_state.graph.find(closing.head);
        CHECK(head != ChangeHandle());
        raise(m_closed, m_state.graph.clockOf(head));
        m_state.agreedTimes->agreed(head);
    }
}

void Epochs::raise(history::Clock &clock, const history::Clock &other)
{
    clock.resize(std::max(clock.size(), other.size()));
    for (std::size_t i = 0; i < other.size(); ++i)
        clock[i] = std::max(clock[i], other[i]);
}

history::Clock Epochs::closedThrough(Epoch last) const
{
    CHECK(last.value < m_closings.size());
    history::Clock closed;
    for (std::size_t epoch = 0; epoch <= last.value; ++epoch)
        for (const identity::ChainHead &closing : m_closings[epoch])
            raise(closed, m_state.graph.clockOf(m_state.graph.find(closing.head)));
    return closed;
}

bool Epochs::isClosed(ChangeHandle change) const
{
    return m_state.graph.contains(m_closed, change);
}

bool Epochs::changeTaken(ChangeHandle change)
{
    const auto &entry = m_state.graph.entry(change);
    const bool isVoid = history::footingOf(m_state.configuration, m_state.graph, entry.device,
                                           entry.seq, entry.hash)
        == history::Footing::Beyond;
    if (isVoid)
        m_void.insert(change);
    m_revision += isVoid ? 1 : 0;
    m_mayBeLoose = m_mayBeLoose || isVoid;
    return isVoid;
}

std::set<ChangeHandle> Epochs::findVoid() const
{
    std::set<ChangeHandle> voids;
    const history::CausalGraph &graph = m_state.graph;
    for (std::size_t i = 0; i < graph.chainCount(); ++i) {
        const history::ChainId chain(static_cast<std::uint16_t>(i));
        const DeviceIndex device = graph.deviceOf(chain);
        // From the head down: what leads to a closing head has all before it inside as well.
        ChangeHandle change = graph.headOf(chain);
        while (m_state.configuration.device(device)->penEnd && change != ChangeHandle()
               && !voids.contains(change)) {
            const auto &entry = graph.entry(change);
            if (history::footingOf(m_state.configuration, graph, device, entry.seq, entry.hash)
                == history::Footing::Inside)
                break;
            voids.insert(change);
            change = entry.prev;
        }
    }
    return voids;
}

std::set<ChangeHandle> Epochs::looseOf(const std::set<ChangeHandle> &voids) const
{
    std::set<ChangeHandle> loose = voids;
    std::vector<ChangeHandle> open;
    for (std::uint32_t i = 1; i <= m_state.graph.size() && !loose.empty(); ++i)
        if (!voids.contains(ChangeHandle(i)))
            open.emplace_back(i);
    while (!open.empty() && !loose.empty()) {
        const auto &entry = m_state.graph.entry(open.back());
        open.pop_back();
        const auto hold = [&](ChangeHandle parent) {
            if (loose.erase(parent) > 0)
                open.push_back(parent);
        };
        hold(entry.prev);
        std::ranges::for_each(entry.deps, hold);
    }
    return loose;
}

void Epochs::settle()
{
    std::set<ChangeHandle> voids = findVoid();
    if (const auto loose = looseOf(voids); !loose.empty()) {
        rebuildWithout(loose);
        voids = findVoid();
    }
    hide(voids);
    settlePencil();
}

bool Epochs::forgetLoose()
{
    // Only a new one can be loose; what holds it comes with it or soon after.
    if (!m_mayBeLoose)
        return false;
    m_mayBeLoose = false;
    if (looseOf(m_void).empty())
        return false;
    m_state.author->flush();
    settle();
    m_state.attestor->rebuild();
    m_state.exchange->historyChanged();
    return true;
}

void Epochs::hide(const std::set<ChangeHandle> &voids)
{
    for (const ChangeHandle change : voids) {
        if (m_void.contains(change))
            continue;
        const DocIndex doc = m_state.graph.entry(change).doc;
        crdt::Document &document = m_state.document(doc).document;
        TextPatches patches = document.setVoid(change, true);
        m_state.document(doc).suggested.isStale = true;
        const crdt::Ops ops = m_state.opsOf(change).value_or(crdt::Ops());
        api::Looks looks = looksAfter(document, patches, formattedBy(document, ops));
        m_state.views->patched(doc, {.patches = std::move(patches), .looks = std::move(looks)});
        m_state.comments->changeTaken(doc, change, ops);
    }
    m_void = voids;
    ++m_revision;
}

void Epochs::rebuildWithout(const std::set<ChangeHandle> &dropped)
{
    m_state.board->rejections().forgetting(dropped);
    const std::vector<Bytes> records = std::exchange(m_state.records, {});
    const std::vector<bool> isChecked = std::exchange(m_state.isSignatureChecked, {});
    const std::vector<bool> isPacked = std::exchange(m_state.isPacked, {});
    const Drafts::Texts texts = m_state.drafts->textsUnder();
    m_state.covered.clear();
    m_state.documents.clear();
    m_state.suggestions->handlesChanged();
    m_state.graph = history::CausalGraph();
    m_void.clear();
    ++m_revision;
    m_closed.clear();
    const bool wasLoading = std::exchange(m_state.isLoading, true);
    for (std::size_t i = 0; i < records.size(); ++i) {
        if (dropped.contains(ChangeHandle(static_cast<std::uint32_t>(i + 1))))
            continue;
        CHECK(m_state.intake->restore(records[i], isChecked[i]));
        m_state.isPacked.back() = isPacked[i];
    }
    m_state.isLoading = wasLoading;
    for (const identity::ChainHeads &heads : m_closings)
        close(heads);
    m_state.drafts->textsReplaced(texts);
    m_state.author->handlesChanged();
    m_state.intake->handlesChanged();
    m_state.presence->handlesChanged();
    m_state.attestor->handlesChanged();
    m_state.checkpoints->handlesChanged();
    m_state.archivist->handlesChanged();
    m_state.exchange->historyChanged();
    m_state.comments->historyChanged();
    m_state.views->reopenAll();
}

void Epochs::settlePencil()
{
    for (std::uint32_t i = 1; i <= m_state.graph.size(); ++i) {
        const ChangeHandle change(i);
        auto &unratified = m_state.document(m_state.graph.entry(change).doc).unratified;
        if (m_state.isRatified(change) || isVoid(change))
            unratified.erase(change);
        else
            unratified.insert(change);
    }
}

} // namespace nlbd::engine
