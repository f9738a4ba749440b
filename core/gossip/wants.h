#pragma once

#include "core/base/time.h"
#include "core/gossip/message.h"

#include <functional>
#include <map>
#include <optional>

namespace nlbd::gossip {

/// What others say they hold and did not come yet: when it is asked for, of whom, and of whom next
/// (WANT of PROTOCOL C18, NET_NOTES 11.2). No records, no clock: time comes with every call.
///
/// Whoever announces is believed just so far that it is asked: after a pause, since the author's
/// own push is usually faster, as one of at most kAnnouncersMax of that chain. If it does not
/// answer, another one is asked, later and later; it costs a few requests of 20 bytes, and no
/// verdict. Who stays silent, or answers with something else, is not listened to for a while.
///
/// Bounded by devices * kAnnouncersMax entries; callers admit only devices that exist. Who is cut
/// off or silent holds up nobody else.
class Wants {
public:
    static constexpr Millis kPatienceMin{20}; ///< before the first request, and between two
    static constexpr Millis kPatienceMax{2000};
    static constexpr Millis kRoundTripGuess{30}; ///< of who never answered anything
    static constexpr Millis kSilence{3000};      ///< then a request counts as unanswered
    static constexpr Millis kPauseMax{15'000};   ///< in which a silent peer is not listened to
    static constexpr std::size_t kAnnouncersMax = 8;
    static constexpr std::uint32_t kFailuresMin = 3; ///< empty answers before the first pause
    static constexpr std::uint32_t kAttemptsMax = 8; ///< the next comparison finds it

    /// `patience`: shorter than what the peer's distance says, where no push is to be awaited.
    void heard(const HeadPlace &place, PeerId from, MonoTime now,
               std::optional<Millis> patience = std::nullopt);

    /// Of this device some places are held now, or came and wait for others.
    void settle(DeviceIndex device, const std::function<bool(const HeadPlace &)> &isHere);
    void forget(DeviceIndex device) { m_wanted.erase(device); }

    struct Request {
        std::uint32_t number = 0;
        PeerId peer;
        std::vector<HeadPlace> places;
    };
    /// What is to be asked now. `number` is the last one used. Also notices who stays silent.
    /// @complexity O(devices wanted).
    [[nodiscard]] std::vector<Request> due(MonoTime now, std::uint32_t &number);

    /// The places that request was for; nothing if it is none of these, or not this peer's. They
    /// may be asked of others again, unless settle() finds them here.
    [[nodiscard]] std::optional<std::vector<HeadPlace>> answered(PeerId peer, std::uint32_t number,
                                                                 MonoTime now);
    /// That request is not made: it is got in another way.
    void dropped(std::uint32_t number);
    /// It answered, and what it announced is not here: others are asked now.
    void undelivered(PeerId peer, const HeadPlace &place, MonoTime now);

    /// Its session ended. What was asked of it is asked of others at once.
    void gone(PeerId peer, MonoTime now);

    // ---- whom to ask anything ----
    /// False while it pays for having been silent.
    [[nodiscard]] bool isAskable(PeerId peer, MonoTime now) const;
    void silent(PeerId peer, MonoTime now);               ///< it let a request go unanswered
    void useful(PeerId peer);                             ///< it gave what it was asked for
    [[nodiscard]] Millis patienceWith(PeerId peer) const; ///< max(20 ms, 2 round trips)

    [[nodiscard]] std::optional<MonoTime> deadline() const;
    [[nodiscard]] std::size_t size() const; ///< entries, for those who watch bounds

private:
    struct Announcer {
        PeerId peer;
        HeadPlace place;
        MonoTime due{};
    };
    struct Wanted {
        std::vector<Announcer> announcers; ///< asked from the front; who was asked goes behind
        MonoTime notBefore{};              ///< somebody was asked, and may answer still
        std::uint32_t attempts = 0;
    };
    struct Sent {
        PeerId peer;
        std::vector<HeadPlace> places;
        MonoTime at{};
    };
    struct Link {
        std::optional<Millis> roundTrip; ///< smoothed, RFC 6298
        std::uint32_t failures = 0;
        MonoTime askableAt{};
        std::size_t inFlight = 0;
    };

    static void pause(Link &link, MonoTime now);
    void expire(MonoTime now);
    void askNext(const std::vector<HeadPlace> &places, MonoTime now);
    [[nodiscard]] bool ask(Wanted &wanted, std::map<PeerId, Request> &requests, MonoTime now);
    [[nodiscard]] std::vector<Announcer>::iterator nextOf(Wanted &wanted, MonoTime now);
    [[nodiscard]] MonoTime laterOf(const Wanted &wanted, MonoTime now) const;
    [[nodiscard]] static MonoTime dueOf(const Wanted &wanted);

    std::map<DeviceIndex, Wanted> m_wanted;
    std::map<std::uint32_t, Sent> m_sent;
    std::map<PeerId, Link> m_links; ///< of peers that were asked something
};

} // namespace nlbd::gossip
