#pragma once

#include "core/consensus/polka_book.h"

namespace nlbd::consensus {

/// Which quorum a seat waits for in its round.
enum class Step : std::uint8_t {
    Waiting = 0,   ///< nothing is proposed in this epoch yet, as far as it knows
    Propose = 1,   ///< proposals, to prevote
    Prevote = 2,   ///< prevotes, to precommit
    Precommit = 3, ///< precommits, to decide or to go on
    Decided = 4,
};

/// What a seat must not forget, written in one transaction with each record that it signs
/// (PROTOCOL C13). The polkas are kept whole, so that it can show them after a crash.
struct SeatState {
    Round round;
    Step step = Step::Waiting;
    SharedPolka locked; ///< null: never precommitted a value
    SharedPolka valid;  ///< the latest polka it knows

    [[nodiscard]] Bytes encode() const;
    /// Errors: E_CANON, E_BOUNDS.
    [[nodiscard]] static std::expected<SeatState, Code> decode(ByteView bytes);
};

} // namespace nlbd::consensus
