#include "core/engine/rejections.h"

#include "core/base/codec.h"
#include "core/base/digest.h"
#include "core/base/utf8.h"
#include "core/engine/epochs.h"

#include <algorithm>
#include <utility>

namespace nlbd::engine {

namespace {

constexpr std::size_t kTextScalars = 200;
constexpr std::size_t kKeptBytesMax = 1024 * 1024; // my own words, so nobody else can fill it

constexpr std::string_view kDraftPrefix = "unsigned."; // and what names the draft
constexpr Domain kDraft{"nlbd.unsigned"};
constexpr std::size_t kPiecesPerRow = 10'000; // with the most that a draft says: below 1 MiB
constexpr std::size_t kPieceBytesMax = 1024 * 1024;

/// Every letter and every other op takes its number; see OpId.
template <typename Visit>
void forEachInsertion(const crdt::Ops &ops, Visit visit)
{
    crdt::OpCounter counter;
    for (const crdt::Op &op : ops) {
        const std::uint32_t first = counter.take(op);
        if (const auto *insert = std::get_if<crdt::InsertText>(&op))
            visit(*insert, first);
    }
}

std::string textOf(const Rejections::Words &words)
{
    std::string text;
    for (const Rejections::Piece &piece : words.pieces)
        text += piece.text;
    return text;
}

void setText(api::RejectedInfo &info, const std::string &text)
{
    info.text = text.substr(0, utf8::bytePosition(text, kTextScalars));
    info.isCut = info.text.size() < text.size();
}

} // namespace

api::RejectedInfo Rejections::infoOf(ChangeHandle change, const crdt::Ops *ops) const
{
    const auto &entry = m_state.graph.entry(change);
    api::RejectedInfo info;
    info.change = entry.hash;
    info.device = entry.device;
    info.seq = entry.seq.value;
    info.doc = entry.doc;
    info.when = WallTime(Millis(entry.wallMs));
    info.by = endOf(entry.device);
    if (ops == nullptr)
        return info;
    std::string text;
    for (const crdt::Op &op : *ops) {
        if (const auto *insert = std::get_if<crdt::InsertText>(&op))
            text += insert->text;
        info.deletes = info.deletes || std::holds_alternative<crdt::DeleteText>(op);
    }
    setText(info, text);
    return info;
}

/// The decision that ended its pen.
std::optional<Epoch> Rejections::endOf(DeviceIndex device) const
{
    const identity::Device *known = m_state.configuration.device(device);
    return known != nullptr && known->penEnd ? std::optional(known->penEnd->epoch) : std::nullopt;
}

void Rejections::findVoid()
{
    m_rejected.clear();
    m_scanned = 0;
    m_revision = m_state.epochs->revision();
    for (const ChangeHandle change : m_state.epochs->voids()) {
        const auto ops = m_state.opsOf(change);
        m_rejected.emplace(change, infoOf(change, ops ? &*ops : nullptr));
    }
}

std::vector<api::RejectedInfo> Rejections::list()
{
    if (m_revision != m_state.epochs->revision())
        findVoid();
    const auto size = static_cast<std::uint32_t>(m_state.graph.size());
    if (m_rejected.empty())
        m_scanned = size;
    for (; m_scanned < size; ++m_scanned) {
        const ChangeHandle change(m_scanned + 1);
        if (m_rejected.contains(change))
            continue;
        const auto &entry = m_state.graph.entry(change);
        const auto count = [&](ChangeHandle parent) {
            const auto found = m_rejected.find(parent);
            if (found != m_rejected.end())
                ++(entry.device == m_state.me ? found->second.mine : found->second.others);
        };
        count(entry.prev);
        std::ranges::for_each(entry.deps, count);
    }
    std::vector<api::RejectedInfo> result;
    for (const auto &[hash, kept] : m_kept)
        if (m_state.graph.find(hash) == ChangeHandle())
            result.push_back(kept.info);
    std::ranges::sort(result, {}, [](const auto &info) { return std::pair(info.when, info.seq); });
    for (const auto &[change, info] : m_rejected)
        result.push_back(info);
    return result;
}

// ---- what is forgotten --------------------------------------------------------------------------

bool Rejections::isOfMyPerson(DeviceIndex device) const
{
    const identity::Device *its = m_state.configuration.device(device);
    const identity::Device *mine = m_state.configuration.device(m_state.me);
    return its != nullptr && mine != nullptr && its->member == mine->member;
}

void Rejections::forgetting(const std::set<ChangeHandle> &dropped)
{
    for (const ChangeHandle change : dropped) {
        const auto &entry = m_state.graph.entry(change);
        if (!isOfMyPerson(entry.device) || m_kept.contains(entry.hash))
            continue;
        const auto ops = m_state.opsOf(change);
        if (!ops)
            continue;
        Kept kept{infoOf(change, &*ops), {}};
        std::size_t bytes = 0;
        forEachInsertion(*ops, [&](const crdt::InsertText &insert, std::uint32_t) {
            const bool hangsAtRoot = insert.parent.change == ChangeHandle();
            kept.pieces.push_back(
                {hangsAtRoot ? Hash() : m_state.graph.entry(insert.parent.change).hash,
                 insert.parent.index, insert.side, insert.text});
            bytes += insert.text.size();
        });
        if (kept.pieces.empty() || m_keptBytes + bytes > kKeptBytesMax)
            continue;
        m_keptBytes += bytes;
        m_kept.emplace(entry.hash, std::move(kept));
    }
}

// ---- what was never signed ----------------------------------------------------------------------

Bytes Rejections::encode(const Kept &kept)
{
    Writer out;
    out.varint(kept.info.doc.value);
    out.i64(kept.info.when.time_since_epoch().count());
    for (const Kept::Piece &piece : kept.pieces) {
        out.fixedBytes(piece.parent);
        out.varint(piece.index);
        out.u8(piece.side == crdt::Side::Left ? 0 : 1);
        out.text(piece.text);
    }
    return std::move(out).take();
}

std::optional<Rejections::Kept> Rejections::decode(ByteView row)
{
    Reader in(row);
    Kept kept;
    kept.info.doc = DocIndex(static_cast<std::uint32_t>(in.varint(UINT32_MAX)));
    kept.info.when = WallTime(Millis(in.i64()));
    std::string text;
    while (in.ok() && in.left() > 0) {
        Kept::Piece piece;
        piece.parent = in.fixedBytes<Hash>();
        piece.index = static_cast<std::uint32_t>(in.varint(UINT32_MAX));
        piece.side = in.u8() == 0 ? crdt::Side::Left : crdt::Side::Right;
        piece.text = std::string(in.text(kPieceBytesMax));
        text += piece.text;
        kept.pieces.push_back(std::move(piece));
    }
    if (!in.done() || text.empty())
        return std::nullopt;
    setText(kept.info, text);
    return kept;
}

void Rejections::load(const std::vector<store::MetaRow> &meta)
{
    for (const store::MetaRow &row : meta) {
        if (!row.key.starts_with(kDraftPrefix))
            continue;
        auto kept = decode(row.value);
        if (kept)
            addDraft(std::move(*kept), row.value);
    }
}

Hash Rejections::addDraft(Kept kept, const Bytes &row)
{
    kept.info.change = digest(kDraft, row);
    kept.info.device = m_state.me;
    kept.info.by = endOf(m_state.me);
    const Hash id = kept.info.change;
    m_kept.insert_or_assign(id, std::move(kept));
    return id;
}

/// Letters are named by hashes, as they may be forgotten too.
Rejections::Kept::Piece Rejections::hung(DocIndex doc, const Piece &piece) const
{
    Kept::Piece result{{}, 0, crdt::Side::Right, piece.text};
    const auto found = m_state.documents.find(doc);
    if (found == m_state.documents.end() || !piece.at)
        return result;
    const crdt::Document &document = found->second.document;
    const crdt::Anchor anchor = document.anchorAt(std::min(*piece.at, document.length()));
    if (anchor.id.change != ChangeHandle())
        result.parent = m_state.graph.entry(anchor.id.change).hash;
    result.index = anchor.id.index;
    result.side = anchor.side;
    return result;
}

void Rejections::keepDraft(DocIndex doc, std::span<const Piece> pieces, store::Rows with)
{
    while (!pieces.empty()) {
        Kept kept;
        kept.info.doc = doc;
        kept.info.when = m_state.now.wall;
        std::string text;
        const std::size_t count = std::min(pieces.size(), kPiecesPerRow);
        for (const Piece &piece : pieces.first(count)) {
            text += piece.text;
            kept.pieces.push_back(hung(doc, piece));
        }
        pieces = pieces.subspan(count);
        setText(kept.info, text);
        Bytes row = encode(kept);
        const Hash id = addDraft(std::move(kept), row);
        with.push_back(store::MetaRow{std::string(kDraftPrefix).append(id.hex()), std::move(row)});
    }
    m_state.out.persist(std::move(with), store::Sync::Full);
}

// ---- what it said -------------------------------------------------------------------------------

std::optional<TextOffset> Rejections::placeOf(DocIndex doc, const crdt::Anchor &anchor) const
{
    const auto found = m_state.documents.find(doc);
    return found == m_state.documents.end() ? std::nullopt : found->second.document.resolve(anchor);
}

Rejections::Words Rejections::wordsHeld(ChangeHandle change) const
{
    Words words{m_state.graph.entry(change).doc, {}};
    if (const auto ops = m_state.opsOf(change))
        forEachInsertion(*ops, [&](const crdt::InsertText &insert, std::uint32_t first) {
            words.pieces.push_back(
                {placeOf(words.doc, {{change, first}, crdt::Side::Left}), insert.text});
        });
    return words;
}

/// What hangs at a letter that went as well stands where that one stood.
std::optional<TextOffset> Rejections::placeOf(const Kept &kept, const Kept::Piece &piece) const
{
    const Kept *in = &kept;
    const Kept::Piece *at = &piece;
    for (std::size_t steps = 0; steps <= m_kept.size(); ++steps) {
        if (at->parent == Hash())
            return placeOf(in->info.doc, {crdt::kRoot, crdt::Side::Right});
        if (const ChangeHandle parent = m_state.graph.find(at->parent); parent != ChangeHandle())
            return placeOf(in->info.doc, {{parent, at->index}, at->side});
        const auto next = m_kept.find(at->parent);
        if (next == m_kept.end())
            break;
        in = &next->second;
        at = &in->pieces.front();
    }
    return std::nullopt;
}

Rejections::Words Rejections::wordsKept(const Kept &kept) const
{
    Words words{kept.info.doc, {}};
    for (const Kept::Piece &piece : kept.pieces)
        words.pieces.push_back({placeOf(kept, piece), piece.text});
    return words;
}

std::optional<Rejections::Words> Rejections::wordsOf(const Hash &change) const
{
    const ChangeHandle held = m_state.graph.find(change);
    if (held != ChangeHandle())
        return m_state.epochs->isVoid(held) ? std::optional(wordsHeld(held)) : std::nullopt;
    const auto kept = m_kept.find(change);
    return kept == m_kept.end() ? std::nullopt : std::optional(wordsKept(kept->second));
}

std::optional<Rejections::Words> Rejections::wordsOf(const std::vector<Hash> &changes) const
{
    std::optional<Words> all;
    for (const Hash &change : changes) {
        std::optional<Words> words = wordsOf(change);
        if (!words || (all && all->doc != words->doc))
            continue;
        if (!all)
            all = Words{words->doc, {}};
        std::ranges::move(words->pieces, std::back_inserter(all->pieces));
    }
    return all;
}

void Rejections::read(const api::ReadRejected &command) const
{
    api::RejectedRead answer{command.request, {}, {}, {}, false};
    if (const auto words = wordsOf(command.changes)) {
        answer.text = textOf(*words);
        const auto found = m_state.documents.find(words->doc);
        const bool isHere = found != m_state.documents.end();
        answer.hasPlace = isHere && !words->pieces.empty() && words->pieces.front().at.has_value();
        if (isHere) {
            constexpr TextOffset kMost = api::RejectedRead::kContextScalars;
            const crdt::Document &document = found->second.document;
            const TextOffset at = answer.hasPlace ? *words->pieces.front().at : document.length();
            const TextOffset from = at - std::min(at, kMost);
            answer.before = document.text(from, at - from);
            answer.after = document.text(at, std::min(document.length() - at, kMost));
        }
    }
    m_state.out.notify(std::move(answer));
}

} // namespace nlbd::engine
