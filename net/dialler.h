#pragma once

#include "core/base/random.h"
#include "core/base/reach.h"
#include "core/base/time.h"
#include "net/transport.h"

#include <map>
#include <optional>

namespace nlbd::net {

/// When to dial whom: a plan without sockets or clock. Every wanted device has up to eight
/// addresses that are tried in turn; after each failure the pause doubles, from 250 ms to 30 s,
/// with a quarter of jitter, so that a network that comes back is not met by everybody at once.
///
/// What others say of a device's address is a rumour: at most four, tried at every second attempt.
/// Whoever tells false ones, however many, takes nobody's true address away (PROTOCOL B36).
class Dialler {
public:
    static constexpr Millis kPauseMin{250};
    static constexpr Millis kPauseMax{30'000};
    static constexpr Millis kHurryPause{10'000};
    static constexpr std::size_t kAddressesMax = 8;
    static constexpr std::size_t kRumoursMax = 4; ///< beside those
    static constexpr std::size_t kAtOnceMax = 16; ///< each costs four descriptors for up to 8 s
    static constexpr std::size_t kWantedMax = 512;

    enum class Persistence : std::uint8_t {
        Once,
        UntilForgotten,
        Rumour ///< likewise, at an address that somebody else told
    };

    struct Attempt {
        PublicKey device;
        Endpoint endpoint;
        FoundBy by = FoundBy::Given;
    };

    /// Somebody who is wanted and not here.
    struct Missing {
        PublicKey device;
        Endpoint endpoint; ///< dialled now, or next
        FoundBy by = FoundBy::Given;
        bool isDialling = false;
        MonoTime nextAt{}; ///< unless it is dialled now
        struct Failure {
            Obstacle step = Obstacle::TimedOut;
            Endpoint endpoint;
            MonoTime at{};
        };
        std::optional<Failure> last;
        std::uint64_t failures = 0; ///< since it was here, or wanted
    };

    explicit Dialler(Random &random)
        : m_random(random)
    {
    }

    /// Adds an address for the device, to be tried at once or after `delay`. Once: no further
    /// attempt after the first that ends; a wish until forgotten is not weakened by a later Once.
    /// A rumour takes no other address's place, and once there are four it hurries nobody.
    void want(const PublicKey &device, const Endpoint &endpoint, Persistence persistence,
              MonoTime now, Millis delay = Millis{0}, FoundBy by = FoundBy::Given);

    void forget(const PublicKey &device);

    /// Somebody asks for this device: where a wish waits for it, its next attempt is now, at most
    /// once in kHurryPause. The pauses after failures go on growing.
    void hurry(const PublicKey &device, MonoTime now);

    [[nodiscard]] bool wants(const PublicKey &device) const { return m_wanted.contains(device); }

    /// Attempts to make now; each must be answered by failed(), connected() or forget().
    [[nodiscard]] std::vector<Attempt> due(MonoTime now);

    void failed(const PublicKey &device, MonoTime now, std::optional<Obstacle> step = {});

    /// A session ended, or came to nothing, for a reason that belongs to this device: kept for
    /// missing().
    void note(const PublicKey &device, Obstacle step, MonoTime now);

    /// At most kWantedMax.
    [[nodiscard]] std::vector<Missing> missing() const;

    /// A session stands, whoever dialled it: nothing to do until lost().
    void connected(const PublicKey &device);

    /// Likewise, and it is reached there: no rumour any more.
    void proven(const PublicKey &device, const Endpoint &endpoint);

    /// The session ended: soon again, for wishes that last.
    void lost(const PublicKey &device, MonoTime now);

    /// When due() has something next; nothing if it waits for answers only. @complexity O(1) while
    /// nothing changes: it is asked for with every frame.
    [[nodiscard]] std::optional<MonoTime> wakeAt() const;

private:
    enum class State : std::uint8_t { Waiting, Dialling, Connected };
    struct Place {
        Endpoint endpoint;
        FoundBy by = FoundBy::Given;
    };
    struct Wish {
        std::vector<Place> addresses;
        std::vector<Place> rumours;
        std::size_t attempts = 0;
        Persistence persistence = Persistence::Once;
        State state = State::Waiting;
        Millis pause = kPauseMin;
        MonoTime nextAt{};
        std::optional<MonoTime> hurried{};
        std::optional<Missing::Failure> last{};
        std::uint64_t failures = 0;
    };

    static void keepIn(std::vector<Place> &list, const Place &place, std::size_t max);
    [[nodiscard]] static const Place &nextOf(const Wish &wish);
    [[nodiscard]] Millis jittered(Millis pause);
    [[nodiscard]] std::size_t dialling() const;
    [[nodiscard]] std::optional<MonoTime> firstWaiting() const;
    [[nodiscard]] std::map<PublicKey, Wish>::iterator changing(const PublicKey &device);

    Random &m_random;
    std::map<PublicKey, Wish> m_wanted;
    mutable std::optional<std::optional<MonoTime>> m_wake; ///< wakeAt(), while nothing changes
};

} // namespace nlbd::net
