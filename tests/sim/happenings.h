#pragma once

#include "tests/sim/network.h"

namespace nlbd::sim {

class Checker;

/// What happens to computers beside power cuts (PROTOCOL D2.2): notebooks are closed, disks are
/// full or slow, an older disk is put back, a folder is copied and runs on two computers at once.
class Happenings {
public:
    using Peers = std::vector<std::unique_ptr<PeerShell>>;
    using Start = std::function<void(std::size_t peer)>;

    Happenings(World &world, Checker &checker, Network &network, Peers &peers, Start start);

    /// From number `firstClone` on stand the shells that run a copy of another's folder.
    void start(std::size_t firstClone);
    /// The first of the honest may lose their newest disk; the next are copied while they run.
    [[nodiscard]] static DeviceIndex originalOf(const Profile &profile, std::size_t clone)
    {
        const std::size_t honest = profile.peers - profile.hostile;
        return DeviceIndex(static_cast<std::uint16_t>((profile.putBack + clone) % honest));
    }
    /// Power comes back: here an older disk is put in.
    void beforeStart(std::size_t peer);
    /// Everything wakes, and nothing more happens.
    void calm();

private:
    /// What of the computer comes from an older image, and what tells it from the newest one.
    enum class Return : std::uint8_t {
        Behind,    ///< the folder, from an earlier start: the second place tells
        Elsewhere, ///< the folder, on a computer that has no second place of it
        WholeDisk, ///< both places: only the members can tell
        SameStart  ///< the folder, from this start: the places agree, only the members can tell
    };
    struct Story {
        std::size_t peer = 0;
        Return how = Return::Behind;
        std::optional<PeerShell::Image> image;
        std::uint64_t imagedIn = 0; ///< generation
        bool isReturning = false;   ///< power went for it
        bool isHonest = true;
    };

    void sleepLater();
    void troubleDiskLater(Millis every, bool isFull);
    void putBackLater(std::size_t story);
    void takeImage(std::size_t story);
    void takeAway(std::size_t story);
    void cloneLater(std::size_t clone, std::size_t original);
    void shareLinksLater(std::size_t clone, std::size_t original);
    [[nodiscard]] bool canBeImaged(PeerShell &peer) const;
    [[nodiscard]] bool tellsItself(Return how) const
    {
        return how == Return::Behind || how == Return::Elsewhere;
    }

    World &m_world;
    Checker &m_checker;
    Network &m_network;
    Peers &m_peers;
    Start m_start;
    std::vector<Story> m_stories;
};

} // namespace nlbd::sim
