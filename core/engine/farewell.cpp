#include "core/engine/farewell.h"

#include "core/base/check.h"
#include "core/engine/council.h"

namespace nlbd::engine {

namespace {

// A digest a second is all that it needs to say.
constexpr std::uint64_t kBytesPerSecond = 1024;
constexpr std::uint64_t kBytesBurst = 8 * 1024;
constexpr std::size_t kTellBytes = 256 * 1024; // of one message

bool mayRead(const identity::Configuration &then, DeviceIndex device)
{
    const identity::Device *row = then.device(device);
    return row == nullptr || row->mayRead; // it was not in yet, so it was not let go either
}

/// Where the sender says it stands; nothing: the frame says no such thing.
std::optional<Epoch> placeIn(const gossip::Message &message)
{
    if (const auto *digest = std::get_if<gossip::Digest>(&message))
        return digest->epoch;
    if (const auto *pull = std::get_if<gossip::PullDecisions>(&message))
        return pull->from;
    return std::nullopt;
}

} // namespace

bool Farewell::peerUp(PeerId peer, const PublicKey &device)
{
    const identity::Configuration &known = m_state.known();
    const auto index = known.indexOf(device);
    if (!index || mayRead(known, *index))
        return false;
    const bool isTwice = std::ranges::any_of(
        m_guests, [&index](const auto &guest) { return guest.second.device == *index; });
    if (m_guests.contains(peer) || isTwice || m_guests.size() >= kGuestsMax) {
        m_state.out.disconnect(peer, Code::E_NOT_MEMBER, kPause);
        return true;
    }
    m_guests.emplace(peer,
                     Guest{*index, gossip::Budget(kBytesPerSecond, kBytesBurst),
                           m_state.now.mono + kStay, m_state.council->log().first()});
    return true;
}

bool Farewell::frame(const FrameIn &frame)
{
    const auto found = m_guests.find(frame.peer);
    if (found == m_guests.end())
        return false;
    Guest &guest = found->second;
    using Kind = gossip::Kind;
    const auto kind = static_cast<Kind>(frame.kind);
    if ((kind != Kind::Digest && kind != Kind::PullDecisions)
        || !guest.bytes.take(frame.body.size(), m_state.now.mono))
        return true;
    const auto message = gossip::decode(frame.kind, frame.body);
    if (!message)
        end(frame.peer, guest.device, kPauseMax);
    else if (const auto place = placeIn(*message))
        tell(frame.peer, guest, *place);
    return true;
}

void Farewell::tell(PeerId peer, Guest &guest, Epoch from)
{
    const Epoch last = pastOf(guest.device).last;
    if (from > last || from < m_state.council->log().first()) { // it knows, or only others can tell
        end(peer, guest.device, kPauseMax);
        return;
    }
    gossip::Decisions told;
    std::size_t bytes = 0;
    guest.next = std::max(guest.next, from);
    for (; guest.next <= last && bytes < kTellBytes; guest.next = guest.next.next()) {
        const auto decision = m_state.council->log().decision(guest.next);
        CHECK(decision.has_value());
        bytes += decision->size();
        told.decisions.push_back(copyOf(*decision));
    }
    if (!told.decisions.empty())
        m_state.out.send(peer, told, m_state.out.lastToken());
}

void Farewell::end(PeerId peer, DeviceIndex device, Millis pause)
{
    Past &past = pastOf(device);
    constexpr int kDoublingsMax = 9;
    const Millis grown = kPause * (1 << std::min(past.visits, kDoublingsMax));
    ++past.visits;
    m_guests.erase(peer);
    m_state.out.disconnect(peer, Code::E_NOT_MEMBER, std::min(std::max(grown, pause), kPauseMax));
}

void Farewell::tick()
{
    const std::map<PeerId, Guest> guests = m_guests;
    for (const auto &[peer, guest] : guests)
        if (guest.until <= m_state.now.mono)
            end(peer, guest.device, kPause);
}

std::optional<MonoTime> Farewell::nextDeadline() const
{
    std::optional<MonoTime> next;
    for (const auto &[peer, guest] : m_guests)
        next = next ? std::min(*next, guest.until) : guest.until;
    return next;
}

Farewell::Past &Farewell::pastOf(DeviceIndex device)
{
    const auto known = m_past.find(device);
    return known != m_past.end()
        ? known->second
        : m_past.emplace(device, Past{lastEpochOf(device), 0}).first->second;
}

// Whoever may not read never may again, so the place can be halved for; mostly it is where the
// right to write ended, too.
Epoch Farewell::lastEpochOf(DeviceIndex device) const
{
    const consensus::DecisionLog &log = m_state.council->log();
    const auto mayReadIn = [&](std::uint32_t epoch) {
        const auto then = log.at(Epoch(epoch));
        CHECK(then.has_value());
        return mayRead(*then, device);
    };
    std::uint32_t inside = log.first().value;
    std::uint32_t outside = log.now().epoch.value;
    const auto &penEnd = log.now().device(device)->penEnd;
    if (penEnd && penEnd->epoch >= log.first() && penEnd->epoch.value < outside) {
        inside = penEnd->epoch.value;
        if (!mayReadIn(inside + 1))
            outside = inside + 1;
    }
    while (outside - inside > 1) {
        const std::uint32_t middle = inside + (outside - inside) / 2;
        (mayReadIn(middle) ? inside : outside) = middle;
    }
    return Epoch(inside);
}

} // namespace nlbd::engine
