#include "tests/sim/vote_forger.h"

#include "core/consensus/closing_frontier.h"
#include "core/consensus/short_close.h"
#include "core/gossip/message.h"

namespace nlbd::sim {

namespace {

using gossip::ControlKind;

constexpr std::size_t kValuesMax = 8;

} // namespace

VoteForger::VoteForger(World &world, DeviceIndex device)
    : m_world(world)
    , m_device(device)
{
}

std::optional<Bytes> VoteForger::forgedVote(const Bytes &record,
                                            const identity::Configuration &configuration)
{
    auto vote = consensus::Vote::decode(record);
    if (!vote || vote->epoch != configuration.epoch || configuration.seatOf(m_device) != vote->seat)
        return record;
    if (vote->value && std::ranges::find(m_values, *vote->value) == m_values.end()
        && m_values.size() < kValuesMax)
        m_values.push_back(*vote->value);
    const auto other =
        std::ranges::find_if(m_values, [&vote](const Hash &value) { return vote->value != value; });
    vote->polka.reset();
    if (other != m_values.end())
        vote->value = *other;
    else if (vote->phase == consensus::Phase::Propose)
        return std::nullopt; // there is no other proposal yet: none
    else
        vote->value.reset();
    return consensus::signVote(m_world.scheme, m_world.group.devices[m_device.value], configuration,
                               *vote)
        .encode();
}

/// Less than everybody held when the epoch began: both forms of a report tell the seat's place.
gossip::ControlRecords::Record
VoteForger::forgedClose(const gossip::ControlRecords::Record &record,
                        const identity::Configuration &configuration) const
{
    std::optional<consensus::ShortClose> told;
    if (const auto whole = consensus::Close::decode(record.bytes);
        whole && record.kind == ControlKind::Close)
        told = consensus::shortened(*whole, whole->frontier);
    else if (const auto read = consensus::ShortClose::decode(record.bytes); read)
        told = *read;
    if (!told || told->epoch != configuration.epoch || configuration.seatOf(m_device) != told->seat)
        return record;
    trust::Frontier less = consensus::openingFrontier(configuration);
    if (!less.empty())
        less.pop_back();
    if (trust::rootOf(less) == told->root)
        return record;
    return {ControlKind::Close,
            consensus::signClose(m_world.scheme, m_world.group.devices[m_device.value],
                                 configuration, told->seat, told->lastAckNo, less)
                .encode()};
}

std::optional<Bytes> VoteForger::forged(std::size_t victim, std::uint8_t kind, Bytes body,
                                        const identity::Configuration &configuration)
{
    if (m_epoch != configuration.epoch)
        m_values.clear();
    m_epoch = configuration.epoch;
    const auto message = gossip::decode(kind, body);
    const auto *records = message ? std::get_if<gossip::ControlRecords>(&*message) : nullptr;
    if (records == nullptr || victim % 2 == 0)
        return body;
    gossip::ControlRecords forged;
    for (gossip::ControlRecords::Record record : records->records) {
        if (record.kind == ControlKind::Polka)
            continue;
        if (record.kind == ControlKind::Close || record.kind == ControlKind::ShortClose)
            record = forgedClose(record, configuration);
        if (record.kind == ControlKind::Vote) {
            auto vote = forgedVote(record.bytes, configuration);
            if (!vote)
                continue;
            record.bytes = std::move(*vote);
        }
        forged.records.push_back(std::move(record));
    }
    return forged.records.empty() ? std::nullopt
                                  : std::optional(gossip::encode(gossip::Message(forged)));
}

} // namespace nlbd::sim
