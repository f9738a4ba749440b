#pragma once

#include "core/base/random.h"
#include "core/gossip/message.h"

#include <map>
#include <set>

namespace nlbd::gossip {

inline constexpr std::size_t kPushPeers = 3;  ///< who gets a change that somebody else brought
inline constexpr std::size_t kHavePeers = 13; ///< who hears of it, for each batch
inline constexpr std::size_t kPushPeersNearAll = 1; ///< the same with sessions to nearly all
inline constexpr std::size_t kHavePeersNearAll = 4;
inline constexpr std::size_t kGivesOnMax =
    32; ///< sessions; with more, nearly all, none is given on

/// How many a change is given to, and how many hear that it is here (PROTOCOL C18; NET_NOTES 5).
struct Fanout {
    std::size_t push = 0;
    std::size_t have = 0; ///< for each batch; at most so many of those who may lack something
    friend bool operator==(const Fanout &, const Fanout &) = default;
};

/// In a small group the author reaches everybody, and the others only say what came. In a large one
/// who receives a change gives it to three. Three alone leave 6 % out; all hear of
/// it if each tells ln n + c others, of whom the lossy and the silent do not count (Kermarrec,
/// Massoulie, Ganesh, "Probabilistic reliable dissemination in large-scale systems", 2003):
/// 3 + 13 is that for 128 members, 30 % loss, a third silent and c = 2.6. Where two thirds of
/// `members` have a session with this one the author has told as many himself: five each find the
/// rest as surely, since they begin with two thirds and not with one. Beyond kGivesOnMax sessions
/// nobody gives on what nearly all have: whom its author missed hears of it from four.
[[nodiscard]] Fanout fanoutOf(std::size_t members, std::size_t sessions);

/// Whom to give what has just come, and whom to tell that it is here. Decisions only: it knows
/// neither records nor time, and remembers nothing of a peer beyond the next batch, so that there
/// is no tree in which somebody hostile could take a good seat.
class Spreading {
public:
    struct News {
        HeadPlace place;
        std::optional<PeerId> from; ///< nobody: I wrote it
        bool mayPush = true;        ///< small enough, and its author within the budget
    };

    /// Whom to give it now; others of `sessions` may be told with the next batch. Own ones go to
    /// everybody. Who is known to have it is left out.
    [[nodiscard]] std::vector<PeerId> fresh(const News &news, std::vector<PeerId> sessions,
                                            const Fanout &fanout, Random &random);

    /// This peer has everything of that device up to there: it need not hear of it.
    void holds(PeerId peer, const HeadPlace &place);
    void gone(PeerId peer);
    void forget(DeviceIndex device) { m_batch.erase(device); }

    [[nodiscard]] bool hasBatch() const noexcept { return !m_batch.empty(); }

    struct Batch {
        PeerId to;
        std::vector<HeadPlace> places;
    };
    /// What is told to whom, and ends the batch: of each device only the newest place, which stands
    /// for all before it. @complexity O(sessions * devices of the batch).
    [[nodiscard]] std::vector<Batch> announce(std::vector<PeerId> sessions, const Fanout &fanout,
                                              Random &random);

private:
    struct Waiting {
        HeadPlace place;
        bool isMine = false;      ///< all hear of it who do not get it
        std::set<PeerId> holders; ///< of that place
    };
    std::map<DeviceIndex, Waiting> m_batch;
};

} // namespace nlbd::gossip
