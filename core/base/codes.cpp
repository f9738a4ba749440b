#include "core/base/codes.h"

#include <array>
#include <utility>

namespace nlbd {

namespace {

constexpr std::array<std::pair<Code, std::string_view>, 28> kNames{{
    {Code::E_SIG, "E_SIG"},
    {Code::E_PAYLOAD_HASH, "E_PAYLOAD_HASH"},
    {Code::E_NOT_MEMBER, "E_NOT_MEMBER"},
    {Code::E_LAMPORT, "E_LAMPORT"},
    {Code::E_STRUCT, "E_STRUCT"},
    {Code::E_ROLE, "E_ROLE"},
    {Code::E_VOID, "E_VOID"},
    {Code::E_OP_TARGET, "E_OP_TARGET"},
    {Code::E_BOUNDS, "E_BOUNDS"},
    {Code::E_CANON, "E_CANON"},
    {Code::E_RATE, "E_RATE"},
    {Code::E_ZAP, "E_ZAP"},
    {Code::E_KEY_COMMIT, "E_KEY_COMMIT"},
    {Code::E_NAME_CONFUSABLE, "E_NAME_CONFUSABLE"},
    {Code::E_STATE_ROOT, "E_STATE_ROOT"},
    {Code::E_KEY_OFFER, "E_KEY_OFFER"},
    {Code::E_BLOB_PIECE, "E_BLOB_PIECE"},
    {Code::DUPLICATE, "DUPLICATE"},
    {Code::BUFFERED, "BUFFERED"},
    {Code::CLOCK_CLAMPED, "CLOCK_CLAMPED"},
    {Code::UNREPRESENTABLE, "UNREPRESENTABLE"},
    {Code::EV_FORK, "EV_FORK"},
    {Code::EV_DOUBLE_ACK, "EV_DOUBLE_ACK"},
    {Code::EV_INVALID, "EV_INVALID"},
    {Code::EV_DOUBLE_VOTE, "EV_DOUBLE_VOTE"},
    {Code::EV_AMNESIA, "EV_AMNESIA"},
    {Code::EV_CONFLICT_DECISION, "EV_CONFLICT_DECISION"},
    {Code::EV_DOUBLE_CLOSE, "EV_DOUBLE_CLOSE"},
}};

} // namespace

std::string_view codeName(Code code) noexcept
{
    for (const auto &[known, name] : kNames)
        if (known == code)
            return name;
    return "E_UNKNOWN";
}

std::optional<Code> codeFromName(std::string_view name) noexcept
{
    for (const auto &[code, known] : kNames)
        if (known == name)
            return code;
    return std::nullopt;
}

std::optional<Code> codeFromNumber(std::uint8_t number) noexcept
{
    for (const auto &[code, name] : kNames)
        if (static_cast<std::uint8_t>(code) == number)
            return code;
    return std::nullopt;
}

} // namespace nlbd
