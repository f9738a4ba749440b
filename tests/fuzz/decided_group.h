#pragma once

#include "core/identity/configuration.h"
#include "core/identity/secret_key.h"

namespace nlbd::fuzz {

/// A group of four in a later epoch, with a companion, a pen that ended and somebody who sleeps:
/// rows of every sort for hostile records to name.
inline identity::Configuration decidedGroup()
{
    SeededRandom random(20'261'126);
    const auto newKey = [&] { return identity::SecretKey::generate(random).publicKey(); };
    identity::Configuration configuration;
    random.fill(configuration.workspace.value);
    random.fill(configuration.decision.value);
    random.fill(configuration.previousDecision.value);
    configuration.name = "Group";
    configuration.epoch = Epoch(3);
    Hash earlier;
    random.fill(earlier.value);
    for (std::uint16_t i = 0; i < 5; ++i) {
        configuration.members.push_back(
            {.identity = newKey(), .name = "Member " + std::to_string(i)});
        configuration.devices.push_back(
            {.key = newKey(), .member = MemberIndex(i), .admittedBy = earlier});
        if (i < 4)
            configuration.seats.emplace_back(i);
    }
    configuration.members[4].standing = identity::Standing::Dormant;
    configuration.devices.push_back(
        {.key = newKey(), .member = MemberIndex(0), .hasSeat = false, .admittedBy = earlier});
    configuration.devices.push_back({.key = newKey(),
                                     .member = MemberIndex(1),
                                     .hasSeat = false,
                                     .mayWrite = false,
                                     .admittedBy = earlier,
                                     .penEnd = identity::PenEnd{Epoch(1), {}}});
    return configuration;
}

} // namespace nlbd::fuzz
