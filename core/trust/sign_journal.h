#pragma once

#include "core/base/digest.h"

#include <map>
#include <tuple>

namespace nlbd::trust {

/// What an honest device signed, so that it never signs a second thing at one place, over all
/// crashes (PROTOCOL C13). The rows live in a database of their own, written with synchronous=FULL
/// before the bytes leave; this is their index in memory.
class SignJournal {
public:
    enum class Plane : std::uint8_t {
        Edit = 1,
        Ack = 2,
        Close = 3,
        Propose = 4,
        Prevote = 5,
        Precommit = 6
    };

    struct Key {
        Plane plane = Plane::Edit;
        Epoch epoch;             ///< 0 for Edit: a chain runs through all epochs
        std::uint32_t round = 0; ///< 0 for Ack; for Edit the lane, see lastPhaseIn()
        std::uint64_t phase = 0; ///< seq or ack number
        friend constexpr auto operator<=>(const Key &, const Key &) = default;
    };
    struct Row {
        Key key;
        Bytes bytes; ///< the whole record: an own change can be restored from it
        friend bool operator==(const Row &, const Row &) = default;
    };

    /// Enters what is about to be signed; false if another record stands at the key.
    [[nodiscard]] bool enter(const Row &row);

    [[nodiscard]] std::uint64_t lastPhase(Plane plane, Epoch epoch) const; ///< 0 if none

    /// Within one round. A folder that goes on with another device writes another chain, whose seqs
    /// begin anew: each chain has a lane of its own.
    [[nodiscard]] std::uint64_t lastPhaseIn(Plane plane, Epoch epoch, std::uint32_t round) const;

    /// This very record stands at its key.
    [[nodiscard]] bool holds(const Row &row) const;
    [[nodiscard]] bool has(const Key &key) const { return m_entries.contains(key); }

private:
    [[nodiscard]] const Key *lastUpTo(Plane plane, Epoch epoch, std::uint32_t round) const;

    std::map<Key, Hash> m_entries; ///< digest of the bytes
};

} // namespace nlbd::trust
