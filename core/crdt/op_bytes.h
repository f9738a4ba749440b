#pragma once

#include <cstdint>

/// The bits that op_encoder and op_decoder share (FORMAT.md draws them).
namespace nlbd::crdt::op_bytes {

/// Bits 0-1 of the head of an op, and above them its bits 6-7.
enum class Kind : std::uint8_t {
    Insert = 0,
    Delete = 1,
    Set = 2, ///< a text into the document's own map
    Mark = 3,
    Attribute = 4,
    Put = 5, ///< every other SetField
    InsertItem = 6,
    DeleteItem = 7,
    Increment = 8,
};

/// Bits 3-4 of a head: how it names its target.
enum class Form : std::uint8_t { Root = 0, Own = 1, SameDevice = 2, OtherDevice = 3 };

inline constexpr unsigned kLowBits = 0x03;
inline constexpr unsigned kFlagBit = 0x04; ///< a side, or that a value follows
inline constexpr unsigned kFormShift = 3;
inline constexpr unsigned kFormMask = 0x03;
inline constexpr unsigned kBranchBit = 0x20;
inline constexpr unsigned kHighShift = 6;

[[nodiscard]] constexpr unsigned headOf(Kind kind) noexcept
{
    const auto number = static_cast<unsigned>(kind);
    return (number & kLowBits) | (number >> 2U) << kHighShift;
}

[[nodiscard]] constexpr unsigned kindOf(unsigned head) noexcept
{
    return (head & kLowBits) | (head >> kHighShift) << 2U;
}

} // namespace nlbd::crdt::op_bytes
