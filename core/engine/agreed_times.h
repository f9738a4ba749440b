#pragma once

#include "core/engine/engine_state.h"

namespace nlbd::engine {

/// When this computer learned that changes are agreed, to the minute. Acknowledgements carry no
/// time (PROTOCOL C5), and a time that a peer says proves nothing: each computer knows its own.
///
/// Kept per device as steps: up to this change it was known in this minute. Two branches of a fork
/// share their device's steps. What was agreed before anybody counted has no time.
/// @complexity O(log steps) to ask; a few bytes for each minute in which something was agreed.
class AgreedTimes {
public:
    explicit AgreedTimes(Engine::State &state)
        : m_state(state)
    {
    }

    /// After acks and history were read: what they agree on beyond the rows has no time.
    void load(const std::vector<store::MetaRow> &meta);

    /// The change and all before it on its chain are agreed, as of now.
    void agreed(ChangeHandle change);

    /// Nothing if it is not known.
    [[nodiscard]] std::optional<WallTime> of(ChangeHandle change) const;

    void keepIfDue();
    [[nodiscard]] std::optional<MonoTime> nextDeadline() const { return m_due; }

    static constexpr std::size_t kRowSteps = 256; ///< of one row on the disk
    /// A device that has more gives up every second one of them: what lay between two is then known
    /// since the later.
    static constexpr std::size_t kStepsMax = 128 * kRowSteps;

private:
    struct Step {
        Seq upTo;
        std::int64_t minute = kUnknown; ///< since the epoch of WallTime
    };
    static constexpr std::int64_t kUnknown = 0;
    using Steps = std::vector<Step>; ///< ascending in both
    struct Known {
        Steps steps;
        std::size_t kept = 0; ///< of them are on the disk as they are
    };

    void add(DeviceIndex device, Seq upTo, std::int64_t minute);
    void thin(DeviceIndex device, Known &known);
    [[nodiscard]] static store::MetaRow rowOf(DeviceIndex device, const Steps &steps,
                                              std::size_t row);

    Engine::State &m_state;
    std::map<DeviceIndex, Known> m_known;
    std::optional<MonoTime> m_due;
};

} // namespace nlbd::engine
