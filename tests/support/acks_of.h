#pragma once

#include "core/gossip/message.h"

namespace nlbd::testing {

/// The acknowledgements that a message brings, alone or several.
[[nodiscard]] inline std::vector<gossip::AckMessage> acksOf(const gossip::Message &message)
{
    if (const auto *one = std::get_if<gossip::AckMessage>(&message))
        return {*one};
    if (const auto *several = std::get_if<gossip::Acks>(&message))
        return several->acks;
    return {};
}

/// The same of a frame; none if it is no message.
[[nodiscard]] inline std::vector<gossip::AckMessage> acksOf(std::uint8_t kind, ByteView body)
{
    const auto message = gossip::decode(kind, body);
    return message ? acksOf(*message) : std::vector<gossip::AckMessage>();
}

} // namespace nlbd::testing
