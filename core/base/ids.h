#pragma once

#include "core/base/bytes.h"

#include <algorithm>
#include <compare>
#include <cstring>
#include <functional>
#include <type_traits>

namespace nlbd {

/// A number that cannot be mistaken for another kind of number.
template <typename Tag, typename Rep>
struct Strong {
    Rep value{};

    constexpr Strong() = default;
    constexpr explicit Strong(Rep v)
        : value(v)
    {
    }

    friend constexpr auto operator<=>(Strong, Strong) = default;

    [[nodiscard]] constexpr Strong next() const { return Strong(static_cast<Rep>(value + 1)); }
};

/// 32 bytes that cannot be mistaken for other 32 bytes.
template <typename Tag, std::size_t N>
struct StrongBytes {
    static constexpr std::size_t kSize = N;
    ByteArray<N> value{};

    /// In words: the library compares an array of std::byte byte by byte.
    friend constexpr bool operator==(const StrongBytes &a, const StrongBytes &b) noexcept
    {
        if (std::is_constant_evaluated())
            return a.value == b.value;
        return std::memcmp(a.value.data(), b.value.data(), N) == 0;
    }
    friend constexpr std::strong_ordering operator<=>(const StrongBytes &a,
                                                      const StrongBytes &b) noexcept
    {
        if (std::is_constant_evaluated())
            return a.value <=> b.value;
        return std::memcmp(a.value.data(), b.value.data(), N) <=> 0;
    }

    [[nodiscard]] std::span<const std::byte, N> view() const noexcept { return value; }
    [[nodiscard]] bool isZero() const noexcept { return *this == StrongBytes{}; }
    [[nodiscard]] std::string hex() const { return toHex(value); }

    /// Takes exactly N bytes.
    [[nodiscard]] static std::optional<StrongBytes> from(ByteView bytes) noexcept
    {
        if (bytes.size() != N)
            return std::nullopt;
        StrongBytes result;
        std::copy(bytes.begin(), bytes.end(), result.value.begin());
        return result;
    }
};

using Hash = StrongBytes<struct HashTag, 32>;               ///< BLAKE2b-256 with a domain
using PublicKey = StrongBytes<struct PublicKeyTag, 32>;     ///< Ed25519
using Signature = StrongBytes<struct SignatureTag, 64>;     ///< Ed25519
using WorkspaceId = StrongBytes<struct WorkspaceIdTag, 32>; ///< hash of the genesis record
using CareKey = StrongBytes<struct CareKeyTag, 32>;         ///< X25519: workspace keys come to it

using DeviceIndex =
    Strong<struct DeviceIndexTag, std::uint16_t>;             ///< place in the decided device table
using SeatIndex = Strong<struct SeatIndexTag, std::uint16_t>; ///< place among the seats of an epoch
using MemberIndex =
    Strong<struct MemberIndexTag, std::uint16_t>; ///< place in the decided member list
using Seq = Strong<struct SeqTag, std::uint64_t>; ///< 1, 2, 3, ... per device
using Lamport = Strong<struct LamportTag, std::uint64_t>;
using Epoch = Strong<struct EpochTag, std::uint32_t>;
using KeyEpoch = Strong<struct KeyEpochTag, std::uint16_t>;
using DocIndex = Strong<struct DocIndexTag, std::uint32_t>;

/// A change inside this process: dense, local, never sent. 0 stands for "no change" and for the
/// root of every document.
using ChangeHandle = Strong<struct ChangeHandleTag, std::uint32_t>;

/// A session with another computer inside this process; never sent, never reused.
using PeerId = Strong<struct PeerIdTag, std::uint64_t>;

/// A place in a text, counted in Unicode scalars.
using TextOffset = std::uint32_t;

} // namespace nlbd

template <typename Tag, typename Rep>
struct std::hash<nlbd::Strong<Tag, Rep>> {
    std::size_t operator()(nlbd::Strong<Tag, Rep> id) const noexcept
    {
        return std::hash<Rep>{}(id.value);
    }
};

/// Hashes and keys are uniformly spread already: the first eight bytes serve. Keys chosen by a
/// peer reach such tables only after they were hashed or decided.
template <typename Tag, std::size_t N>
struct std::hash<nlbd::StrongBytes<Tag, N>> {
    std::size_t operator()(const nlbd::StrongBytes<Tag, N> &id) const noexcept
    {
        std::size_t result = 0;
        for (std::size_t i = 0; i < sizeof result; ++i)
            result = result << 8U | static_cast<std::size_t>(id.value[i]);
        return result;
    }
};
