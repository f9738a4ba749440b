#include "core/identity/configuration.h"

namespace nlbd::identity {

std::optional<DeviceIndex> Configuration::indexOf(const PublicKey &key) const noexcept
{
    for (std::size_t i = 0; i < devices.size(); ++i)
        if (devices[i].key == key)
            return DeviceIndex(static_cast<std::uint16_t>(i));
    return std::nullopt;
}

std::optional<SeatIndex> Configuration::seatOf(DeviceIndex device) const noexcept
{
    for (std::size_t i = 0; i < seats.size(); ++i)
        if (seats[i] == device)
            return SeatIndex(static_cast<std::uint16_t>(i));
    return std::nullopt;
}

std::optional<MemberIndex> Configuration::memberWith(const PublicKey &identity) const noexcept
{
    for (std::size_t i = 0; i < members.size(); ++i)
        if (members[i].identity == identity)
            return MemberIndex(static_cast<std::uint16_t>(i));
    return std::nullopt;
}

std::vector<DeviceIndex> Configuration::readers() const
{
    std::vector<DeviceIndex> result;
    for (std::size_t i = 0; i < devices.size(); ++i)
        if (devices[i].mayRead)
            result.emplace_back(static_cast<std::uint16_t>(i));
    return result;
}

} // namespace nlbd::identity
