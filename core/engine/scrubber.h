#pragma once

#include "core/engine/engine_state.h"

namespace nlbd::engine {

/// Once a day, at an hour of chance, looks whether everything is as it seems (PROTOCOL C18): reads
/// back what the disk holds, a few rows at a time, against the changes in memory and these against
/// their hashes, and then compares everything with one member, whether or not digests are equal. A
/// start reads all rows as well, so that only who never ends the program needs this.
///
/// What the disk lost or altered is written again from memory, and told; what memory altered comes
/// from the disk. Packs (C20) and other tables are checked at the next start only.
class Scrubber {
public:
    static constexpr std::size_t kRowsPerStep = 64;
    static constexpr Millis kStepPause{500};
    static constexpr Millis kRetryPause{60'000}; ///< while the disk refuses

    explicit Scrubber(Engine::State &state)
        : m_state(state)
    {
    }

    void tick();
    void rowsRead(const RowsRead &event);
    void sendAll(); ///< the trouble that was found, to who begins to listen
    [[nodiscard]] std::optional<MonoTime> nextDeadline() const;

private:
    [[nodiscard]] std::vector<Hash> nextRows();
    [[nodiscard]] bool isWhole(ChangeHandle change) const;
    void mend(ChangeHandle change, const store::ChangeRow *row);
    void endPass();
    [[nodiscard]] Millis dayOfChance();

    Engine::State &m_state;
    std::optional<MonoTime> m_next;
    std::uint32_t m_cursor = 0;    ///< changes seen in this pass
    std::uint32_t m_askedFrom = 0; ///< where the step at hand began
    bool m_isWaiting = false;      ///< for the disk's answer
    std::size_t m_mended = 0;      ///< in this pass
    std::optional<std::string> m_told;
};

} // namespace nlbd::engine
