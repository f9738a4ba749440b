#include "tests/sim/epochs_seen.h"

namespace nlbd::sim {

EpochsSeen::EpochsSeen(const test::FoundedGroup &group)
{
    m_epochs.emplace(group.configuration.epoch, group.configuration);
    m_keys.emplace(KeyEpoch(0), group.key.clone());
}

std::optional<std::string> EpochsSeen::entered(const identity::Configuration &configuration)
{
    const auto [place, isNew] = m_epochs.try_emplace(configuration.epoch, configuration);
    if (!isNew)
        return place->second == configuration
            ? std::nullopt
            : std::optional<std::string>("took up another decision than somebody else");
    if (place != m_epochs.begin()) {
        const auto &before = std::prev(place)->second;
        const bool isNext = before.epoch.next() == configuration.epoch;
        if (isNext && before.decision != configuration.previousDecision)
            return "took up a decision that does not follow from the one before";
        if (isNext && !before.policy.newcomersReadPast
            && configuration.members.size() > before.members.size())
            return "let somebody new in though the rule keeps what is older from newcomers";
    }
    const keys::WorkspaceKey *known = key(configuration.keyEpoch);
    if (known != nullptr && known->commitment() != configuration.keyCommit)
        return "holds another key than was decided";
    return std::nullopt;
}

std::optional<std::string> EpochsSeen::keyStored(KeyEpoch epoch, ByteView secret)
{
    if (secret.size() != 32)
        return "stored a key that is none";
    auto stored = keys::WorkspaceKey::from(std::span<const std::byte, 32>(secret.data(), 32));
    const Hash commitment = stored.commitment();
    const auto [place, isNew] = m_keys.try_emplace(epoch, std::move(stored));
    if (!isNew && place->second.commitment() != commitment)
        return "stored another key of one key epoch than somebody else";
    return std::nullopt;
}

const identity::Configuration *EpochsSeen::at(Epoch epoch) const
{
    const auto found = m_epochs.find(epoch);
    return found == m_epochs.end() ? nullptr : &found->second;
}

const keys::WorkspaceKey *EpochsSeen::key(KeyEpoch epoch) const
{
    const auto found = m_keys.find(epoch);
    return found == m_keys.end() ? nullptr : &found->second;
}

std::optional<DeviceIndex> EpochsSeen::deviceOf(Epoch epoch, SeatIndex seat) const
{
    const identity::Configuration *configuration = at(epoch);
    if (configuration == nullptr || seat.value >= configuration->seats.size())
        return std::nullopt;
    return configuration->seats[seat.value];
}

bool EpochsSeen::isBeyond(const identity::Configuration &configuration, DeviceIndex device, Seq seq)
{
    const identity::Device *known = configuration.device(device);
    if (known == nullptr || !known->penEnd)
        return false;
    return std::ranges::all_of(known->penEnd->heads,
                               [seq](const identity::ChainHead &head) { return head.seq < seq; });
}

} // namespace nlbd::sim
