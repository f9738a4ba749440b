#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace nlbd {

/// The answers of PROTOCOL section B, by their names there. E_ codes judge one record; EV_ codes
/// name a proof against its author.
enum class Code : std::uint8_t {
    E_SIG = 1,          ///< not signed by the key it claims
    E_PAYLOAD_HASH = 2, ///< the payload is not the one that was signed
    E_NOT_MEMBER = 3,   ///< names a device that no decision admitted
    E_LAMPORT = 4,      ///< logical time does not follow from its parents
    E_STRUCT = 5,       ///< parents unsorted, too many, not an antichain, or epoch backwards
    E_ROLE = 6,         ///< the device may not write
    E_VOID = 7,         ///< outside the closing frontier of a device that lost its pen
    E_OP_TARGET = 8,    ///< an op names what its author cannot have seen
    E_BOUNDS = 9,       ///< larger than a limit
    E_CANON = 10,       ///< not the one canonical encoding
    E_RATE = 11,        ///< faster than a budget; delayed, never judged
    E_ZAP = 12,         ///< transport key not on the allow-list
    E_KEY_COMMIT = 13,  ///< not encrypted with the decided key
    E_NAME_CONFUSABLE = 14,
    E_STATE_ROOT = 15,
    E_KEY_OFFER = 16,
    E_BLOB_PIECE = 17,    ///< a piece of an attachment is not the one that its name stands for
    DUPLICATE = 30,       ///< known already; counted, not blamed
    BUFFERED = 31,        ///< waits for what it depends on
    CLOCK_CLAMPED = 32,   ///< shown time held between its parents' and its receipt
    UNREPRESENTABLE = 33, ///< the format has no way to say it
    EV_FORK = 64,         ///< two changes at one (device, seq)
    EV_DOUBLE_ACK = 65,   ///< two acks of one seat that exclude each other
    EV_INVALID = 66,      ///< well signed, yet against a rule
    EV_DOUBLE_VOTE = 67,
    EV_AMNESIA = 68,
    EV_CONFLICT_DECISION = 69, ///< two certified decisions about one epoch
    EV_DOUBLE_CLOSE = 70,      ///< another report, or an ack, that a seat's report excludes
};

/// "E_SIG" and so on. Never empty.
[[nodiscard]] std::string_view codeName(Code code) noexcept;

/// The inverse of codeName, and of the number on the wire.
[[nodiscard]] std::optional<Code> codeFromName(std::string_view name) noexcept;
[[nodiscard]] std::optional<Code> codeFromNumber(std::uint8_t number) noexcept;

} // namespace nlbd
