#pragma once

#include "core/base/ids.h"
#include "core/identity/invitation.h"

#include <optional>
#include <string>
#include <vector>

namespace nlbd::app {

/// Making a second computer of a person (JOINING.md). Two lines are carried from one computer to
/// the other by hand; neither is a secret, for each is of use to one device key only, and the key
/// of the person never leaves the first computer.
///
///     nlbd:device/  32 key | 4 checksum                    shown by the new computer
///     nlbd:pass/    32 person | text name | 32 device | 64 certificate of it by the person |
///                   varint count (at most 16), then blob invitation each | 4 checksum

[[nodiscard]] std::string deviceLine(const PublicKey &device);
/// Nothing, if it is no such line or not whole. White space in it is passed over.
[[nodiscard]] std::optional<PublicKey> readDeviceLine(std::string_view text);

struct Pass {
    PublicKey person;
    std::string name;
    PublicKey device;
    Signature certificate;
    std::vector<identity::Invitation> invitations; ///< into the person's workspaces
    friend bool operator==(const Pass &, const Pass &) = default;
};

inline constexpr std::size_t kPassInvitationsMax = 16; ///< as many arrivals are kept

[[nodiscard]] std::string passLine(const Pass &pass);
/// Nothing, if it is no pass, not whole, or its certificate or an invitation in it does not hold.
[[nodiscard]] std::optional<Pass> readPass(std::string_view text);

} // namespace nlbd::app
