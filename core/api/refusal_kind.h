#pragma once

#include "core/base/codes.h"

namespace nlbd::api {

/// Whether it was turned away: E_ and EV_ codes. The others among api::Refusal are counted only:
/// what was known already, waits for what it depends on, or came too fast and is fetched later.
[[nodiscard]] constexpr bool isTurnedAway(Code code) noexcept
{
    switch (code) {
    case Code::E_RATE:
    case Code::DUPLICATE:
    case Code::BUFFERED:
    case Code::CLOCK_CLAMPED:
    case Code::UNREPRESENTABLE:
        return false;
    case Code::E_SIG:
    case Code::E_PAYLOAD_HASH:
    case Code::E_NOT_MEMBER:
    case Code::E_LAMPORT:
    case Code::E_STRUCT:
    case Code::E_ROLE:
    case Code::E_VOID:
    case Code::E_OP_TARGET:
    case Code::E_BOUNDS:
    case Code::E_CANON:
    case Code::E_ZAP:
    case Code::E_KEY_COMMIT:
    case Code::E_NAME_CONFUSABLE:
    case Code::E_STATE_ROOT:
    case Code::E_KEY_OFFER:
    case Code::E_BLOB_PIECE:
    case Code::EV_FORK:
    case Code::EV_DOUBLE_ACK:
    case Code::EV_INVALID:
    case Code::EV_DOUBLE_VOTE:
    case Code::EV_AMNESIA:
    case Code::EV_CONFLICT_DECISION:
    case Code::EV_DOUBLE_CLOSE:
        return true;
    }
    return true;
}

} // namespace nlbd::api
