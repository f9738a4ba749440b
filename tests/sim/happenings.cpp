#include "tests/sim/happenings.h"

#include "core/base/check.h"
#include "tests/sim/checker.h"

#include <utility>

namespace nlbd::sim {

namespace {

constexpr Millis kLookEvery{200};
constexpr Millis kLinksChangeEvery{4'000};

} // namespace

Happenings::Happenings(World &world, Checker &checker, Network &network, Peers &peers, Start start)
    : m_world(world)
    , m_checker(checker)
    , m_network(network)
    , m_peers(peers)
    , m_start(std::move(start))
{
}

void Happenings::start(std::size_t firstClone)
{
    const Profile &p = m_world.profile;
    if (p.sleepEvery > Millis(0))
        sleepLater();
    if (p.diskFullEvery > Millis(0))
        troubleDiskLater(p.diskFullEvery, true);
    if (p.diskSlowEvery > Millis(0))
        troubleDiskLater(p.diskSlowEvery, false);
    for (std::size_t i = 0; i < p.putBack; ++i) {
        m_stories.push_back({i, static_cast<Return>(m_world.random.below(4)), {}, 0, false, true});
        putBackLater(i);
    }
    if (std::ranges::count(p.schemes, Scheme::RestoredDevice) > 0) {
        m_stories.push_back({p.peers - 1, Return::SameStart, {}, 0, false, false});
        putBackLater(m_stories.size() - 1);
    }
    for (std::size_t i = 0; i < p.clones; ++i) {
        const std::size_t original = originalOf(p, i).value;
        shareLinksLater(firstClone + i, original);
        cloneLater(firstClone + i, original);
    }
}

// ---- notebooks and disks ----------------------------------------------------------------------

void Happenings::sleepLater()
{
    m_world.queue.after(m_world.around(m_world.profile.sleepEvery), [this] {
        if (!m_world.isActive)
            return;
        const std::size_t peer = m_world.random.below(m_peers.size());
        if (m_peers[peer]->isReachable()) {
            m_peers[peer]->sleep();
            m_network.peerSlept(peer);
            m_world.queue.after(m_world.between(Millis(500), Millis(9000)), [this, peer] {
                m_peers[peer]->wake(m_world.random.below(2) == 0);
                m_network.peerStarted(peer);
            });
        }
        sleepLater();
    });
}

void Happenings::troubleDiskLater(Millis every, bool isFull)
{
    m_world.queue.after(m_world.around(every), [this, every, isFull] {
        if (!m_world.isActive)
            return;
        PeerShell &peer = *m_peers[m_world.random.below(m_peers.size())];
        const MonoTime until = m_world.queue.now() + m_world.between(Millis(1000), Millis(8000));
        m_world.note(peer.number(), isFull ? "disk full" : "disk slow");
        if (isFull)
            peer.fillDisk(until);
        else
            peer.slowDisk(until);
        troubleDiskLater(every, isFull);
    });
}

void Happenings::calm()
{
    for (std::size_t i = 0; i < m_peers.size(); ++i) {
        m_peers[i]->wake(true);
        m_network.peerStarted(i);
    }
}

// ---- an older disk ----------------------------------------------------------------------------

/// What was signed in the folder is behind the mark of its start: before that, a copy could not be
/// told from the one folder, and there is nothing that it could contradict.
bool Happenings::canBeImaged(PeerShell &peer) const
{
    if (!peer.isReachable() || !peer.isDiskIdle()
        || peer.engine().standing() != engine::Engine::Standing::Ready)
        return false;
    const auto stored = peer.store().load();
    return stored.has_value() && !stored->journal.empty();
}

void Happenings::putBackLater(std::size_t story)
{
    m_world.queue.after(m_world.between(Millis(2000), Millis(9000)),
                        [this, story] { takeImage(story); });
}

void Happenings::takeImage(std::size_t story)
{
    Story &now = m_stories[story];
    PeerShell &peer = *m_peers[now.peer];
    if (!m_world.isActive)
        return;
    if (!canBeImaged(peer)) {
        m_world.queue.after(kLookEvery, [this, story] { takeImage(story); });
        return;
    }
    m_world.note(now.peer, "image", static_cast<std::uint64_t>(now.how));
    now.image = peer.image();
    now.imagedIn = peer.generation();
    if (now.how == Return::Behind || now.how == Return::WholeDisk)
        m_world.queue.after(m_world.between(Millis(500), Millis(3000)),
                            [&peer] { peer.crash(); }); // the next start is another one
    m_world.queue.after(m_world.between(Millis(4000), Millis(10'000)),
                        [this, story] { takeAway(story); });
}

void Happenings::takeAway(std::size_t story)
{
    Story &now = m_stories[story];
    PeerShell &peer = *m_peers[now.peer];
    if (!m_world.isActive)
        return;
    const bool isSameStart = peer.generation() == now.imagedIn;
    if (now.how == Return::SameStart && !isSameStart)
        now.how = Return::Behind; // power went in between
    // A start that lost power before its mark was kept beside left nothing to tell it by.
    const bool isMarked = now.how != Return::Behind || peer.image().second != now.image->second;
    const bool isRight = peer.isReachable() && isMarked
        && (now.how == Return::SameStart || now.how == Return::Elsewhere || !isSameStart);
    // Where only members can tell, they must have heard its last word.
    if (!isRight
        || (now.isHonest && !tellsItself(now.how) && !m_checker.isLastWordKnown(peer, m_peers))) {
        m_world.queue.after(kLookEvery, [this, story] { takeAway(story); });
        return;
    }
    now.isReturning = true;
    peer.crash();
}

void Happenings::beforeStart(std::size_t peer)
{
    for (Story &story : m_stories) {
        if (story.peer != peer || !std::exchange(story.isReturning, false))
            continue;
        PeerShell::Image image = std::move(*story.image);
        if (story.how == Return::Elsewhere)
            image.second.reset();
        else if (story.how != Return::WholeDisk)
            image.second = m_peers[peer]->image().second;
        if (story.isHonest)
            m_peers[peer]->setFolder(tellsItself(story.how) ? PeerShell::Folder::KnownCopy
                                                            : PeerShell::Folder::PutBack);
        m_peers[peer]->putBack(std::move(image));
    }
}

// ---- two computers with one folder --------------------------------------------------------------

void Happenings::cloneLater(std::size_t clone, std::size_t original)
{
    m_world.queue.after(m_world.between(Millis(2000), Millis(8000)), [this, clone, original] {
        if (!m_world.isActive)
            return;
        if (!canBeImaged(*m_peers[original])) {
            cloneLater(clone, original);
            return;
        }
        PeerShell::Image image = m_peers[original]->image();
        image.second.reset();
        m_peers[clone]->setFolder(PeerShell::Folder::KnownCopy);
        m_peers[clone]->putBack(std::move(image));
        m_start(clone);
    });
}

/// Each other computer talks with one of the two, now this, now that: it takes them for one.
void Happenings::shareLinksLater(std::size_t clone, std::size_t original)
{
    m_network.forbid(original, clone, true);
    for (std::size_t other = 0; other < m_peers.size(); ++other) {
        if (other == original || other == clone)
            continue;
        const bool isOriginal = m_world.random.below(2) == 0;
        m_network.forbid(other, original, !isOriginal);
        m_network.forbid(other, clone, isOriginal);
    }
    m_world.queue.after(m_world.around(kLinksChangeEvery), [this, clone, original] {
        shareLinksLater(clone, original); // in the quiet phase too: both shall hear everything
    });
}

} // namespace nlbd::sim
