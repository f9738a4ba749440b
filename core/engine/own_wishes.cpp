#include "core/engine/own_wishes.h"

#include "core/base/codec.h"

#include <algorithm>

namespace nlbd::engine {

namespace {

constexpr std::size_t kEntriesMax = 65'536; // members times kinds, at most

bool isOne(const consensus::Proposal &proposal, const identity::Configuration &configuration)
{
    if (const auto *admit = std::get_if<consensus::Admit>(&proposal.wish))
        return !proposal.device
            && admit->identity == configuration.members[proposal.author.value].identity;
    const bool isMove = std::holds_alternative<consensus::MoveSeat>(proposal.wish)
        || std::holds_alternative<consensus::TurnKey>(proposal.wish)
        || std::holds_alternative<consensus::RemoveDevice>(proposal.wish);
    return isMove && proposal.need(configuration) == consensus::Need::Author;
}

} // namespace

OwnWishes::What OwnWishes::whatOf(const consensus::Proposal &proposal)
{
    const auto *turn = std::get_if<consensus::TurnKey>(&proposal.wish);
    return {turn != nullptr ? turn->device.value : proposal.author.value, proposal.kind()};
}

bool OwnWishes::decided(const consensus::Proposal &proposal,
                        const identity::Configuration &configuration, WallTime now)
{
    if (!isOne(proposal, configuration))
        return false;
    std::deque<WallTime> &times = m_decided[whatOf(proposal)];
    times.push_back(now);
    if (times.size() > kPerDay)
        times.pop_front();
    return true;
}

std::optional<Millis> OwnWishes::waits(const consensus::Proposal &proposal,
                                       const identity::Configuration &configuration, WallTime now,
                                       Millis day) const
{
    const auto known = m_decided.find(whatOf(proposal));
    if (known == m_decided.end() || !isOne(proposal, configuration))
        return std::nullopt;
    // A time that is yet to come says that the clock was wrong once, and nothing else.
    const auto isOfToday = [&](WallTime time) { return time <= now && now < time + day; };
    const auto &times = known->second;
    if (std::ranges::count_if(times, isOfToday) < std::ptrdiff_t{kPerDay})
        return std::nullopt;
    return std::chrono::duration_cast<Millis>(times.front() + day - now);
}

Bytes OwnWishes::encode() const
{
    Writer out;
    out.varint(m_decided.size());
    for (const auto &[what, times] : m_decided) {
        out.u16(what.first);
        out.u8(what.second);
        out.varint(times.size());
        for (const WallTime time : times)
            out.i64(time.time_since_epoch().count());
    }
    return std::move(out).take();
}

void OwnWishes::load(ByteView bytes)
{
    Reader in(bytes);
    for (std::uint64_t left = in.varint(kEntriesMax); left > 0 && in.ok(); --left) {
        const std::uint16_t whose = in.u16();
        const std::uint8_t kind = in.u8();
        for (std::uint64_t times = in.varint(kPerDay); times > 0; --times) {
            const WallTime time{Millis(in.i64())};
            if (in.ok())
                m_decided[{whose, kind}].push_back(time);
        }
    }
}

} // namespace nlbd::engine
