#pragma once

#include "core/api/connections.h"
#include "net/endpoint.h"

#include <vector>

namespace nlbd::app {

/// Addresses that a person typed or an invitation named, and how it goes with each: told at once,
/// after two seconds without an answer, and at the end. A state machine without clock or network.
class Reaching {
public:
    static constexpr Millis kStillTrying{2000};
    static constexpr Millis kGiveUp{20'000}; ///< longer than any dial takes
    static constexpr std::size_t kPlacesMax = 16;

    /// `answers`: how many ways there are tried, each of which ends in failed() or answered().
    void begin(const net::Endpoint &endpoint, FoundBy by, std::size_t answers, MonoTime now);
    /// False if nobody waits for that address.
    bool failed(const net::Endpoint &endpoint, Obstacle step);
    void answered(const net::Endpoint &endpoint);
    void tick(MonoTime now);
    [[nodiscard]] MonoTime wakeAt() const noexcept;

    [[nodiscard]] std::vector<api::ReachChanged> takeNews();

private:
    struct Place {
        net::Endpoint endpoint;
        api::ReachChanged told;
        std::size_t open = 0;
        MonoTime begun{};
    };
    void end(std::vector<Place>::iterator place, api::ReachChanged::State state);

    std::vector<Place> m_places;
    std::vector<api::ReachChanged> m_news;
};

} // namespace nlbd::app
