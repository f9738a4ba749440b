#pragma once

#include "core/base/codes.h"
#include "core/identity/configuration.h"
#include "core/identity/signature_scheme.h"

#include <expected>

namespace nlbd::trust {

/// One line of an acknowledged frontier: a device's head. One branch per device (rule A3).
struct FrontierEntry {
    DeviceIndex device;
    Seq seq;
    Hash head;
    friend constexpr auto operator<=>(const FrontierEntry &, const FrontierEntry &) = default;
};

/// A causally closed set of changes, by its heads, sorted by device.
using Frontier = std::vector<FrontierEntry>;

/// H("rt1.front", entries). What equal computers compare in 32 bytes.
[[nodiscard]] Hash rootOf(const Frontier &frontier);
/// The same of what encodeFrontier() gave.
[[nodiscard]] Hash rootOfEncoded(ByteView frontier);

/// Entries of `now` that differ from `before` or are new.
[[nodiscard]] Frontier changedEntries(const Frontier &before, const Frontier &now);
/// `before` with `changes` put in.
[[nodiscard]] Frontier withChanges(Frontier before, const Frontier &changes);

/// A seat's signature over its whole accepted frontier (PROTOCOL C5). 118 bytes with framing.
struct Ack {
    Epoch epoch;
    SeatIndex seat;
    std::uint64_t no = 0; ///< 1, 2, 3, ... per seat and epoch
    Hash root;
    Signature signature;
    friend bool operator==(const Ack &, const Ack &) = default;

    [[nodiscard]] Hash hash() const; ///< H("rt1.ack", epoch | seat | no | root): what is signed
    [[nodiscard]] Bytes encode() const;
    [[nodiscard]] static std::expected<Ack, Code> decode(ByteView bytes);
};

[[nodiscard]] Ack signAck(const identity::SignatureScheme &scheme, const identity::SecretKey &key,
                          const identity::Configuration &configuration, SeatIndex seat,
                          std::uint64_t no, const Hash &root);
[[nodiscard]] bool isSigned(const identity::SignatureScheme &scheme,
                            const identity::Configuration &configuration, const Ack &ack);

[[nodiscard]] Bytes encodeFrontier(const Frontier &frontier);
/// Sorted, distinct devices, at most kDevicesMax. Errors: E_CANON, E_BOUNDS.
[[nodiscard]] std::expected<Frontier, Code> decodeFrontier(ByteView bytes);

} // namespace nlbd::trust
