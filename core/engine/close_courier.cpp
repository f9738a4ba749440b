#include "core/engine/close_courier.h"

#include "core/base/check.h"
#include "core/base/mutant.h"
#include "core/consensus/closing_frontier.h"
#include "core/engine/attestor.h"

namespace nlbd::engine {

using gossip::ControlKind;

CloseCourier::Record CloseCourier::told(ControlKind kind, const Bytes &record) const
{
    if (kind != ControlKind::Close)
        return {kind, record};
    const auto close = consensus::Close::decode(record);
    CHECK(close.has_value());
    return told(*close);
}

CloseCourier::Record CloseCourier::told(const consensus::Close &close) const
{
    // Its seat sent an ack of the same frontier to everybody just before.
    const Hash root = close.root();
    const bool isAcked = std::ranges::any_of(m_state.attestor->all(), [&root](const auto &entry) {
        return entry.second.ack.root == root;
    });
    const trust::Frontier base = isAcked || NLBD_MUTANT("short-bare")
        ? close.frontier
        : consensus::openingFrontier(m_state.configuration);
    return {ControlKind::ShortClose, consensus::shortened(close, base).encode()};
}

std::optional<consensus::Close> CloseCourier::wholeOf(const consensus::ShortClose &close,
                                                      const identity::Configuration &then) const
{
    const auto with = [&close](const trust::Frontier &frontier) {
        return consensus::Close{close.epoch, close.seat, close.lastAckNo, frontier,
                                close.signature};
    };
    if (then.epoch == m_state.configuration.epoch) {
        for (const auto &[seat, held] : m_state.attestor->all())
            if (held.ack.root == close.root)
                return with(held.frontier);
        if (m_state.attestor->myRoot() == close.root)
            return with(m_state.attestor->myFrontier());
    }
    return close.whole(consensus::openingFrontier(then));
}

CloseCourier::Want CloseCourier::want(const consensus::ShortClose &close)
{
    const Hash hash = close.hash();
    if (const auto known = m_wanted.find(hash); known != m_wanted.end()) {
        // Whoever is honest and tells it holds it: one more question, to him.
        known->second.asksLeft = std::max<std::size_t>(known->second.asksLeft, 1);
        return Want::Now;
    }
    std::size_t count = 0;
    auto idle = m_wanted.end();
    for (auto i = m_wanted.begin(); i != m_wanted.end(); ++i) {
        if (i->second.seat != close.seat)
            continue;
        ++count;
        if (i->second.asksLeft == 0)
            idle = i;
    }
    if (count >= kWantedPerSeatMax && idle == m_wanted.end())
        return Want::Later;
    // After two that nobody had only the teller is asked: a question for each that it tells.
    if (count >= kWantedPerSeatMax)
        m_wanted.erase(idle);
    m_wanted.emplace(hash, Wanted{close.seat, count >= kWantedPerSeatMax ? 1 : kAsksMax});
    return Want::Now;
}

bool CloseCourier::isGivenUp(const Hash &close)
{
    const auto wanted = m_wanted.find(close);
    if (wanted == m_wanted.end())
        return false;
    if (NLBD_MUTANT("short-tireless"))
        return false;
    wanted->second.asksLeft -= wanted->second.asksLeft > 0 ? 1 : 0;
    return wanted->second.asksLeft == 0;
}

} // namespace nlbd::engine
