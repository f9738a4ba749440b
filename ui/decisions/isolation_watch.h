#pragma once

#include <chrono>
#include <optional>

namespace nlbd::ui {

/// For how long nothing can have been agreed: changes of mine wait, and fewer than it takes are
/// heard (PROTOCOL B 36). Counts by a clock that is given to it and never goes back.
class IsolationWatch {
public:
    using Time = std::chrono::milliseconds;

    /// Before that it is told by nobody: programs start and computers wake.
    static constexpr std::chrono::minutes kPatience{2};

    void look(bool isCutOff, Time now);
    /// Whole minutes, once they are worth telling.
    [[nodiscard]] std::optional<std::chrono::minutes> minutes() const;

private:
    std::optional<Time> m_since;
    Time m_now{0};
};

} // namespace nlbd::ui
