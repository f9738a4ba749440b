#include "core/engine/blobs.h"

#include "core/base/check.h"
#include "core/engine/author.h"
#include "core/engine/exchange.h"

namespace nlbd::engine {

namespace {

constexpr Millis kReadInterval{200}; // documents are looked through for attachments
constexpr Millis kLookPause{5000};   // and after that, what none of them names

} // namespace

// ---- what documents say -------------------------------------------------------------------------

void Blobs::changeTaken(DocIndex doc, const crdt::Ops &ops)
{
    const bool isAbout = std::ranges::any_of(ops, [](const crdt::Op &op) {
        const auto *field = std::get_if<crdt::SetField>(&op);
        return field != nullptr && field->object == crdt::kRoot && blobs::isBlobField(field->key);
    });
    if (!isAbout)
        return;
    m_dirty.insert(doc);
    // What this computer's own person did is to be seen at once.
    const std::size_t last = m_state.graph.size();
    if (last > 0
        && m_state.graph.entry(ChangeHandle(static_cast<std::uint32_t>(last))).device == m_state.me)
        m_nextRead = m_state.now.mono;
}

void Blobs::readReferences(DocIndex doc)
{
    m_references.erase(doc);
    countFields(doc);
    const auto found = m_state.documents.find(doc);
    if (found == m_state.documents.end())
        return;
    std::vector<Reference> references;
    const crdt::Document &document = found->second.document;
    for (const std::string &field : document.fieldKeys()) {
        if (!blobs::isBlobField(field))
            continue;
        const auto entries = document.entries(crdt::kRoot, field);
        const auto ref = blobs::BlobRef::decode(field, entries.front().value.text);
        const ChangeHandle change = entries.front().id.change;
        if (!ref || change >= m_state.graph.nextHandle())
            continue;
        const auto &entry = m_state.graph.entry(change);
        const WallTime when =
            std::min(WallTime(Millis(entry.wallMs)), m_state.now.wall + limits::kClockSlack);
        references.push_back({*ref, ref->root(), entry.device, when});
    }
    std::ranges::sort(references, {},
                      [](const Reference &it) { return std::pair(it.ref.name, it.root); });
    if (!references.empty())
        m_references.emplace(doc, std::move(references));
}

void Blobs::readReferences()
{
    if (std::exchange(m_areAllDirty, false)) {
        m_references.clear();
        for (const auto &[doc, open] : m_state.documents)
            m_dirty.insert(doc);
    }
    for (const DocIndex doc : std::exchange(m_dirty, {}))
        readReferences(doc);
    learnKnown();
    m_nextLook = std::min(m_nextLook, m_state.now.mono + kLookPause);
    m_isChanged = true;
}

/// Those that are looked after: of what each member attached as many as of anybody else's, so that
/// nobody's names keep others' from being fetched.
std::map<Hash, Blobs::Known> Blobs::knownFairly() const
{
    std::map<MemberIndex, std::vector<std::pair<Hash, std::uint64_t>>> byMember;
    std::set<Hash> all;
    for (const auto &[doc, references] : m_references)
        for (const Reference &reference : references) {
            const identity::Device *by = m_state.known().device(reference.by);
            if (by != nullptr && all.insert(reference.root).second)
                byMember[by->member].emplace_back(reference.root, reference.ref.size);
        }
    std::map<Hash, Known> known;
    for (std::size_t turn = 0; known.size() < std::min(all.size(), limits::kBlobsMax); ++turn)
        for (const auto &[member, roots] : byMember)
            if (turn < roots.size() && known.size() < limits::kBlobsMax)
                known.emplace(roots[turn].first, Known{roots[turn].second, member});
    return known;
}

/// Which blobs there are; who has those that are new is asked at once.
void Blobs::learnKnown()
{
    std::map<Hash, Known> known = knownFairly();
    std::vector<Hash> added;
    for (const auto &[root, it] : known)
        if (!m_known.contains(root))
            added.push_back(root);
    m_known = std::move(known);
    for (auto &[id, peer] : m_peers) {
        const auto isGone = [this](const auto &entry) { return !m_known.contains(entry.first); };
        std::erase_if(peer.shares, isGone);
        std::erase_if(peer.doubted, isGone);
    }
    weigh();
    askWho(m_state.exchange->sessions(), added);
}

// ---- what is to be here -------------------------------------------------------------------------

bool Blobs::isWanted(const Hash &root, const Holding &holding) const
{
    return !holding.held.isFull() && m_known.contains(root) && !m_declined.contains(root);
}

bool Blobs::isWhole(const Hash &blob) const
{
    const auto found = m_holdings.find(blob);
    return found != m_holdings.end() && found->second.held.isFull();
}

/// What one member attached takes a bounded part of this disk, and a smaller one unasked.
bool Blobs::isWithin(const Known &known, bool isAskedFor) const
{
    const auto here = m_weights.find(known.member);
    return known.size + (here == m_weights.end() ? 0 : here->second)
        <= (isAskedFor ? limits::kBlobBytesPerMember : limits::kBlobAutoBytesPerMember);
}

void Blobs::weigh()
{
    m_weights.clear();
    for (const auto &[root, holding] : m_holdings)
        if (const auto known = m_known.find(root); known != m_known.end())
            m_weights[known->second.member] += holding.shape.size();
}

void Blobs::begin(const Hash &root, std::uint64_t size, bool isAskedFor)
{
    const auto [holding, isNew] = m_holdings.try_emplace(root, size);
    holding->second.isAskedFor = holding->second.isAskedFor || isAskedFor;
    if (isNew) {
        m_state.out.beginBlob(root, size);
        if (const auto known = m_known.find(root); known != m_known.end())
            m_weights[known->second.member] += size;
    }
    m_nextAsk = m_state.now.mono;
    m_isChanged = m_canRequest = true;
}

/// Nothing of it is here any more.
void Blobs::forget(const Hash &root)
{
    for (auto &[id, peer] : m_peers)
        std::erase_if(peer.asked, [&root](const Piece &piece) { return piece.first == root; });
    m_holdings.erase(root);
    m_state.out.dropBlob(root);
    weigh();
    m_isChanged = true;
}

void Blobs::choose()
{
    for (const auto &[root, known] : m_known) {
        // A file that claims another size than the name was written by no hand of ours.
        const auto holding = m_holdings.find(root);
        if (holding != m_holdings.end() && holding->second.shape.size() != known.size)
            forget(root);
        if (known.size <= limits::kBlobAutoBytes && !m_holdings.contains(root)
            && !m_declined.contains(root) && isWithin(known, false))
            begin(root, known.size, false);
    }
}

void Blobs::fetch(const api::FetchAttachment &command)
{
    const auto known = m_known.find(command.blob);
    const auto holding = m_holdings.find(command.blob);
    m_isChanged = true;
    if (command.isWanted) {
        m_declined.erase(command.blob);
        if (known != m_known.end() && m_isDiskKnown
            && (holding != m_holdings.end() || isWithin(known->second, true)))
            begin(command.blob, known->second.size, true);
        return;
    }
    m_declined.insert(command.blob);
    if (holding != m_holdings.end() && !holding->second.held.isFull())
        forget(command.blob);
}

// ---- the disk -----------------------------------------------------------------------------------

void Blobs::stored(const BlobsStored &event)
{
    m_isDiskKnown = true;
    for (const BlobsStored::Blob &blob : event.blobs) {
        const auto [holding, isNew] = m_holdings.try_emplace(blob.root, blob.size);
        if (!isNew || blob.held.pieces() != holding->second.shape.pieces())
            continue;
        holding->second.held = holding->second.taken = blob.held;
        holding->second.isAskedFor = blob.size > limits::kBlobAutoBytes;
    }
    m_areAllDirty = true; // what was named before this was known is looked at again
    m_isChanged = m_canRequest = true;
}

void Blobs::sealed(const BlobSealed &event)
{
    const Hash root = event.ref.root();
    if (!m_state.author->attach(event.doc, event.ref)) {
        if (!m_holdings.contains(root)) // else a document names it
            m_state.out.dropBlob(root);
        m_state.out.notify(api::AttachmentFailed{api::AttachmentFailed::What::Attach,
                                                 api::AttachmentFailed::Why::MayNotWrite,
                                                 event.ref.name});
        return;
    }
    if (!isWhole(root)) {
        Holding holding(event.ref.size);
        holding.held = holding.taken = blobs::PieceSet(holding.shape.pieces(), true);
        m_holdings.insert_or_assign(root, std::move(holding));
    }
    m_dirty.insert(event.doc);
    m_nextRead = m_state.now.mono;
    whole(root);
    m_state.out.notify(api::FileAttached{event.doc, root, event.ref.name});
}

void Blobs::pieceKept(const PieceKept &event)
{
    const auto found = m_holdings.find(event.root);
    if (found == m_holdings.end())
        return;
    Holding &holding = found->second;
    holding.writing -= holding.writing > 0 ? 1 : 0;
    if (event.piece >= holding.shape.pieces())
        return; // it was dropped and begun anew meanwhile
    m_isChanged = m_canRequest = true;
    if (!event.isKept) {
        constexpr Millis kDiskPause{10'000};
        m_diskAgain = m_state.now.mono + kDiskPause;
        if (!holding.held.has(event.piece))
            holding.taken.clear(event.piece);
        return;
    }
    m_diskAgain.reset();
    const bool wasFull = holding.held.isFull();
    holding.held.set(event.piece);
    if (holding.held.isFull() && !wasFull)
        whole(event.root);
}

void Blobs::piecesLost(const PiecesLost &event)
{
    const auto found = m_holdings.find(event.root);
    if (found == m_holdings.end())
        return;
    for (const std::uint32_t piece : event.pieces) {
        if (piece >= found->second.shape.pieces())
            continue;
        found->second.held.clear(piece);
        found->second.taken.clear(piece);
    }
    m_nextAsk = m_state.now.mono;
    m_isChanged = m_canRequest = true;
}

// ---- time ---------------------------------------------------------------------------------------

void Blobs::tick()
{
    const MonoTime now = m_state.now.mono;
    const bool isDirty = m_areAllDirty || !m_dirty.empty();
    if (isDirty && now >= m_nextRead && !m_state.isLoading) {
        m_nextRead = now + kReadInterval;
        readReferences();
        if (m_isDiskKnown)
            choose();
    }
    lookForLeaving();
    if (m_diskAgain && now >= *m_diskAgain) {
        m_diskAgain.reset();
        m_canRequest = true;
    }
    if (std::exchange(m_isServing, false))
        for (auto &[id, peer] : m_peers) {
            serve(id, peer);
            m_isServing = m_isServing || !peer.wants.empty();
        }
    if (!m_known.empty() && m_isDiskKnown) {
        dropSilent();
        askAgain();
        request();
    }
    send();
}

} // namespace nlbd::engine
