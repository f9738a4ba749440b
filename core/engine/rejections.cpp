#include "core/engine/rejections.h"

#include "core/base/utf8.h"
#include "core/engine/epochs.h"

#include <algorithm>

namespace nlbd::engine {

namespace {

constexpr std::size_t kTextScalars = 200;
constexpr std::size_t kKeptBytesMax = 1024 * 1024; // my own words, so nobody else can fill it

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
    if (const auto &end = m_state.configuration.device(entry.device)->penEnd)
        info.by = end->epoch;
    if (ops == nullptr)
        return info;
    std::string text;
    for (const crdt::Op &op : *ops) {
        if (const auto *insert = std::get_if<crdt::InsertText>(&op))
            text += insert->text;
        info.deletes = info.deletes || std::holds_alternative<crdt::DeleteText>(op);
    }
    info.text = text.substr(0, utf8::bytePosition(text, kTextScalars));
    info.isCut = info.text.size() < text.size();
    return info;
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
