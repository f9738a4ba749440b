#include "ui/editor/page_looks.h"

#include <algorithm>
#include <utility>

namespace nlbd::ui {

namespace {

constexpr std::size_t kPiecesMax = 96; // of a chunk; beyond, it is halved
constexpr int kStepsNear = 4;          // chunks

} // namespace

void PageLooks::assign(qsizetype units)
{
    m_chunks.clear();
    m_looks.clear();
    m_numbers.clear();
    m_last.clear();
    m_units = 0;
    m_near = {};
    m_areSumsStale = true;
    static_cast<void>(numberOf({}));
    insert(0, units, 0);
}

PageLooks::Number PageLooks::numberOf(const Attributes &attributes)
{
    const auto [known, isNew] =
        m_numbers.try_emplace(attributes, static_cast<Number>(m_looks.size()));
    if (isNew)
        m_looks.push_back(std::make_shared<const Attributes>(attributes));
    return known->second;
}

/// The chunk in which a unit is; of a place between two chunks the end of the first.
PageLooks::Spot PageLooks::spotOf(qsizetype unit) const
{
    Near near = m_near.chunk < m_chunks.size() ? m_near : Near{};
    for (int step = 0; step < kStepsNear; ++step) {
        if (near.chunk > 0 && unit <= near.start) {
            near.start -= m_chunks[--near.chunk].units;
        } else if (near.chunk + 1 < m_chunks.size()
                   && unit > near.start + m_chunks[near.chunk].units) {
            near.start += m_chunks[near.chunk++].units;
        } else {
            m_near = near;
            return {near.chunk, unit - near.start};
        }
    }
    if (std::exchange(m_areSumsStale, false))
        m_sums.assign(m_chunks.size(), [this](std::size_t i) { return m_chunks[i].units; });
    RunningSums::Place place = m_sums.find(unit);
    if (place.part == m_chunks.size()) { // beyond the end
        --place.part;
        place.inside += m_chunks[place.part].units;
    }
    m_near = {place.part, unit - place.inside};
    return {place.part, place.inside};
}

void PageLooks::grow(std::size_t chunk, qsizetype units)
{
    m_chunks[chunk].units += units;
    m_units += units;
    if (!m_areSumsStale)
        m_sums.add(chunk, units);
}

/// The piece that begins at `inside`, which is made if there is none.
std::size_t PageLooks::cut(Chunk &chunk, qsizetype inside)
{
    std::size_t i = 0;
    for (; i < chunk.pieces.size() && inside > 0; ++i) {
        Piece &piece = chunk.pieces[i];
        if (inside < piece.units) {
            const Piece rest{piece.units - inside, piece.look};
            piece.units = inside;
            chunk.pieces.insert(chunk.pieces.begin() + static_cast<std::ptrdiff_t>(i) + 1, rest);
        }
        inside -= chunk.pieces[i].units;
    }
    return i;
}

/// Pieces that look the same become one, around a place where something changed.
void PageLooks::join(Chunk &chunk, std::size_t around)
{
    std::size_t i = around < 2 ? 0 : around - 2;
    while (i + 1 < chunk.pieces.size() && i <= around + 1) {
        if (chunk.pieces[i].look != chunk.pieces[i + 1].look) {
            ++i;
            continue;
        }
        chunk.pieces[i].units += chunk.pieces[i + 1].units;
        chunk.pieces.erase(chunk.pieces.begin() + static_cast<std::ptrdiff_t>(i) + 1);
    }
}

void PageLooks::settle(std::size_t index)
{
    Chunk &chunk = m_chunks[index];
    if (chunk.pieces.empty()) {
        m_areSumsStale = true;
        m_chunks.erase(m_chunks.begin() + static_cast<std::ptrdiff_t>(index));
        return;
    }
    if (chunk.pieces.size() <= kPiecesMax)
        return;
    m_areSumsStale = true;
    Chunk rest;
    const auto half = chunk.pieces.begin() + static_cast<std::ptrdiff_t>(chunk.pieces.size() / 2);
    rest.pieces.assign(half, chunk.pieces.end());
    chunk.pieces.erase(half, chunk.pieces.end());
    for (const Piece &piece : rest.pieces)
        rest.units += piece.units;
    chunk.units -= rest.units;
    m_chunks.insert(m_chunks.begin() + static_cast<std::ptrdiff_t>(index) + 1, std::move(rest));
}

void PageLooks::insert(qsizetype at, qsizetype units, Number look)
{
    if (units <= 0)
        return;
    if (m_chunks.empty()) {
        m_chunks.emplace_back();
        m_areSumsStale = true;
    }
    const Spot spot = spotOf(at);
    Chunk &chunk = m_chunks[spot.chunk];
    const std::size_t place = cut(chunk, spot.inside);
    chunk.pieces.insert(chunk.pieces.begin() + static_cast<std::ptrdiff_t>(place), {units, look});
    grow(spot.chunk, units);
    join(chunk, place);
    settle(spot.chunk);
}

void PageLooks::erase(qsizetype at, qsizetype units)
{
    while (units > 0) {
        Spot spot = spotOf(at);
        if (spot.inside == m_chunks[spot.chunk].units)
            spot = {spot.chunk + 1, 0};
        Chunk &chunk = m_chunks[spot.chunk];
        const qsizetype here = std::min(units, chunk.units - spot.inside);
        const std::size_t first = cut(chunk, spot.inside);
        const std::size_t end = cut(chunk, spot.inside + here);
        chunk.pieces.erase(chunk.pieces.begin() + static_cast<std::ptrdiff_t>(first),
                           chunk.pieces.begin() + static_cast<std::ptrdiff_t>(end));
        grow(spot.chunk, -here);
        units -= here;
        join(chunk, first);
        settle(spot.chunk);
    }
}

void PageLooks::replace(qsizetype at, qsizetype removed, qsizetype inserted)
{
    erase(at, removed);
    insert(at, inserted, 0);
}

void PageLooks::set(qsizetype from, qsizetype to, const Attributes &attributes)
{
    from = std::clamp<qsizetype>(from, 0, m_units);
    to = std::clamp<qsizetype>(to, from, m_units);
    erase(from, to - from);
    insert(from, to - from, numberOf(attributes));
}

const Attributes &PageLooks::at(qsizetype unit) const
{
    static const Attributes plain;
    if (unit < 0 || unit >= m_units)
        return plain;
    const Spot spot = spotOf(unit + 1); // its end: never that of a chunk before
    qsizetype end = 0;
    for (const Piece &piece : m_chunks[spot.chunk].pieces) {
        end += piece.units;
        if (end >= spot.inside)
            return *m_looks[piece.look];
    }
    return plain;
}

bool PageLooks::mayHave(const char *key, std::string_view value) const
{
    const auto has = [&](const Attributes &attributes) {
        const auto found = attributes.find(key);
        return found != attributes.end() && found->second == value;
    };
    return has(m_last)
        || std::ranges::any_of(m_looks, [&](const auto &look) { return has(*look); });
}

bool PageLooks::isPlain() const
{
    return m_last.empty() && std::ranges::all_of(m_chunks, [](const Chunk &chunk) {
               return std::ranges::all_of(chunk.pieces,
                                          [](const Piece &piece) { return piece.look == 0; });
           });
}

std::vector<PageLooks::Run> PageLooks::runs(qsizetype from, qsizetype to) const
{
    std::vector<Run> result;
    to = std::min(to, m_units);
    if (from >= to)
        return result;
    Spot spot = spotOf(from);
    qsizetype at = from - spot.inside; // where the chunk begins
    for (; spot.chunk < m_chunks.size() && at < to; ++spot.chunk)
        for (const Piece &piece : m_chunks[spot.chunk].pieces) {
            const qsizetype first = std::max(from, at);
            const qsizetype end = std::min(to, at + piece.units);
            at += piece.units;
            if (first >= end)
                continue;
            const Attributes *look = m_looks[piece.look].get();
            if (!result.empty() && result.back().attributes == look)
                result.back().to = end;
            else
                result.push_back({first, end, look});
        }
    return result;
}

} // namespace nlbd::ui
