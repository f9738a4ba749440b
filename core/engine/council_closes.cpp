// Reports that end an epoch, as they come: whole, or short (close_courier.h).

#include "core/base/mutant.h"
#include "core/engine/council.h"
#include "core/engine/exchange.h"
#include "core/engine/self_guard.h"

namespace nlbd::engine {

namespace {

constexpr std::size_t kLateAsksMax = 4; // of a seat, about an epoch that is over

void hearOwn(const Engine::State &state, SeatIndex closed)
{
    if (closed == state.mySeat && !state.isLoading && !NLBD_MUTANT("short-own-deaf"))
        state.guard->heard({trust::SignJournal::Plane::Close, state.configuration.epoch, 0, 0});
}

} // namespace

std::optional<Code> Council::takeClose(PeerId from, const Bytes &bytes)
{
    const auto close = consensus::Close::decode(bytes);
    return close ? takeClose(from, *close) : close.error();
}

std::optional<Code> Council::takeClose(PeerId from, const consensus::Close &close)
{
    if (close.epoch == m_before.epoch)
        compareLate(close, from);
    const Hash hash = close.hash();
    const auto reason = wasAsked(hash) ? consensus::CloseBook::Reason::Named
                                       : consensus::CloseBook::Reason::Offered;
    const auto taken = m_closes.add(close, reason);
    if (!taken)
        return isNoFault(taken.error()) ? std::nullopt : std::optional(taken.error());
    m_courier.settle(hash);
    if (*taken == consensus::CloseBook::Taken::New) {
        hearOwn(m_state, close.seat);
        took(gossip::ControlKind::Close, close.epoch, close.encode(), from);
        compare(close, from);
    }
    return std::nullopt;
}

// Nobody is blamed for entries that lead nowhere: the seat's own word is its signature, and the
// same word comes whole from somebody else.
std::optional<Code> Council::takeShortClose(PeerId from, const Bytes &bytes)
{
    const auto close = consensus::ShortClose::decode(bytes);
    if (!close)
        return close.error();
    if (m_state.isLoading)
        return std::nullopt; // disks hold whole ones
    if (close->epoch == m_before.epoch && !NLBD_MUTANT("short-late-deaf"))
        takeLate(*close, from);
    const Hash hash = close->hash();
    if (close->epoch != m_state.configuration.epoch || m_closes.find(hash) != nullptr)
        return std::nullopt;
    if (const auto whole = m_courier.wholeOf(*close, m_state.configuration))
        return takeClose(from, *whole);
    const auto held = verify(*close, m_state.configuration, m_state.config.scheme);
    if (!held && !NLBD_MUTANT("short-unsigned"))
        return isNoFault(held.error()) ? std::nullopt : std::optional(held.error());
    hearOwn(m_state, close->seat);
    const auto disputed = m_closes.contradictions();
    const bool isEnough = std::ranges::any_of(
        disputed, [&close](const auto &pair) { return pair.first->seat == close->seat; });
    if (isEnough || wasAsked(hash))
        return std::nullopt;
    if (m_courier.want(*close) == CloseCourier::Want::Later && !NLBD_MUTANT("short-greedy"))
        return std::nullopt;
    if (!NLBD_MUTANT("short-incurious"))
        ask(hash, from);
    return std::nullopt;
}

/// Only another than the one that is known says something.
void Council::takeLate(const consensus::ShortClose &close, PeerId from)
{
    const auto isSeats = [&close](const auto &known) { return known.second.seat == close.seat; };
    const Hash hash = close.hash();
    if (m_before.closes.contains(hash) || std::ranges::none_of(m_before.closes, isSeats))
        return;
    const auto then = m_log.at(close.epoch);
    if (!then || !verify(close, *then, m_state.config.scheme))
        return;
    if (const auto whole = m_courier.wholeOf(close, *then))
        compareLate(*whole, from);
    else if (++m_before.asked[close.seat] <= kLateAsksMax)
        m_state.out.send(from, gossip::PullControl{{hash}});
}

} // namespace nlbd::engine
