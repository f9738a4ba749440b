// What a view shows of attachments.

#include "core/engine/blobs.h"
#include "core/engine/exchange.h"

namespace nlbd::engine {

namespace {

constexpr Millis kSendInterval{250};
constexpr Millis kServeAgain{20}; // a budget has grown by then

} // namespace

std::optional<blobs::BlobRef> Blobs::refOf(DocIndex doc, const Hash &blob) const
{
    const auto found = m_references.find(doc);
    if (found == m_references.end())
        return std::nullopt;
    const auto reference = std::ranges::find(found->second, blob, &Reference::root);
    return reference == found->second.end() ? std::nullopt : std::optional(reference->ref);
}

api::AttachmentInfo Blobs::infoOf(DocIndex doc, const Reference &reference) const
{
    using State = api::AttachmentInfo::State;
    using Obstacle = api::AttachmentInfo::Obstacle;
    api::AttachmentInfo info;
    info.doc = doc;
    info.blob = reference.root;
    info.name = reference.ref.name;
    info.mediaType = reference.ref.mediaType;
    info.size = reference.ref.size;
    info.by = reference.by;
    info.when = reference.when;
    bool hasSome = false;
    for (const auto &[id, peer] : m_peers) {
        const auto share = peer.shares.find(reference.root);
        const auto device = m_state.exchange->deviceOf(id);
        if (share == peer.shares.end() || !device)
            continue;
        if (share->second.share == gossip::BlobsHeld::Held::Share::All)
            info.holders.push_back(*device);
        hasSome = hasSome || share->second.share == gossip::BlobsHeld::Held::Share::Some;
        if (std::ranges::any_of(peer.asked,
                                [&](const Piece &piece) { return piece.first == reference.root; }))
            info.from.push_back(*device);
    }
    std::ranges::sort(info.holders);
    std::ranges::sort(info.from);
    const auto found = m_holdings.find(reference.root);
    const bool canCome = hasSome || !info.holders.empty();
    if (found == m_holdings.end()) {
        info.state = canCome ? State::Elsewhere : State::Nowhere;
        const auto known = m_known.find(reference.root);
        if (known != m_known.end() && m_isDiskKnown && !isWithin(known->second, true))
            info.obstacle = Obstacle::TooMuchOfMember;
        return info;
    }
    const Holding &holding = found->second;
    info.held = std::min(info.size, std::uint64_t{holding.held.count()} * limits::kBlobPieceBytes);
    if (holding.held.isFull()) {
        info.state = State::Here;
        info.held = info.size;
    } else if (!isWanted(reference.root, holding)) {
        info.state = canCome ? State::Elsewhere : State::Nowhere;
    } else {
        info.state = info.from.empty() && holding.writing == 0 ? State::Waiting : State::Fetching;
    }
    if (m_diskAgain && info.state != State::Here)
        info.obstacle = Obstacle::DiskRefuses;
    return info;
}

std::vector<api::AttachmentInfo> Blobs::list() const
{
    constexpr std::size_t kShownMax = 4 * limits::kBlobsMax; // the same file in many documents
    std::vector<api::AttachmentInfo> infos;
    for (const auto &[doc, references] : m_references)
        for (const Reference &reference : references)
            if (m_known.contains(reference.root) && infos.size() < kShownMax)
                infos.push_back(infoOf(doc, reference));
    return infos;
}

std::vector<blobs::BlobRef> Blobs::here() const
{
    std::vector<blobs::BlobRef> refs;
    std::set<Hash> seen;
    for (const auto &[doc, references] : m_references)
        for (const Reference &reference : references)
            if (refs.size() < limits::kBlobsMax && isWhole(reference.root)
                && seen.insert(reference.root).second)
                refs.push_back(reference.ref);
    return refs;
}

void Blobs::sendAll()
{
    m_sent = list();
    if (!m_sent.empty())
        m_state.out.notify(api::AttachmentsChanged{m_sent});
    m_isChanged = false;
}

void Blobs::send()
{
    if (!m_isChanged || !m_state.out.hasListener() || m_state.now.mono < m_nextSend)
        return;
    m_nextSend = m_state.now.mono + kSendInterval;
    m_isChanged = false;
    if (auto infos = list(); infos != m_sent)
        m_state.out.notify(api::AttachmentsChanged{m_sent = std::move(infos)});
}

std::optional<MonoTime> Blobs::nextDeadline() const
{
    std::optional<MonoTime> next;
    const auto consider = [&next](MonoTime when) { next = next ? std::min(*next, when) : when; };
    if (m_areAllDirty || !m_dirty.empty())
        consider(m_nextRead);
    if (m_isChanged && m_state.out.hasListener())
        consider(m_nextSend);
    if (m_diskAgain)
        consider(*m_diskAgain);
    if (m_isDiskKnown && !m_holdings.empty())
        consider(m_nextLook);
    if (m_known.empty() && m_holdings.empty() && !m_isServing)
        return next; // nothing is fetched or given
    bool isFetching = false;
    for (const auto &[id, peer] : m_peers) {
        if (!peer.wants.empty() && peer.reads < limits::kBlobReadsMax)
            consider(m_state.now.mono + kServeAgain);
        isFetching = isFetching || !peer.asked.empty();
        if (peer.askedAfter > m_state.now.mono)
            consider(peer.askedAfter);
    }
    const bool isWanting = std::ranges::any_of(
        m_holdings, [this](const auto &entry) { return isWanted(entry.first, entry.second); });
    constexpr Millis kLook{1000}; // at who has gone silent
    if (isFetching)
        consider(m_state.now.mono + kLook);
    if (isWanting && !m_peers.empty() && m_isDiskKnown)
        consider(m_nextAsk);
    return next;
}

} // namespace nlbd::engine
