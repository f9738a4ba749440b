#include "ui/editor/utf16_map.h"

#include <algorithm>
#include <utility>

namespace nlbd::ui {

namespace {

constexpr qsizetype kPieceUnits = 256;    ///< what a fresh piece holds
constexpr qsizetype kPieceUnitsMax = 512; ///< beyond, a piece is cut anew

TextOffset scalarsIn(QStringView text)
{
    const auto pairs =
        std::count_if(text.begin(), text.end(), [](QChar unit) { return unit.isLowSurrogate(); });
    return static_cast<TextOffset>(text.size() - pairs);
}

/// The end of the piece that begins at `from`, never inside a pair.
qsizetype cutAfter(QStringView text, qsizetype from)
{
    qsizetype end = std::min(from + kPieceUnits, text.size());
    if (end < text.size() && text[end].isLowSurrogate())
        ++end;
    return end;
}

} // namespace

QChar shownAs(QChar unit) noexcept
{
    switch (unit.unicode()) {
    case 0x0000:
        return QChar(0x2400); // symbol for null
    case 0x000D:
        return QChar(0x240D); // symbol for carriage return
    case 0x2029:
        return QChar(0x00B6); // pilcrow: a separator that the core counts as a letter
    case 0xFDD0:
    case 0xFDD1: // Qt's own frame marks
        return QChar(QChar::ReplacementCharacter);
    default:
        return unit;
    }
}

QString shownAs(QString text)
{
    for (QChar &unit : text)
        unit = shownAs(unit);
    return text;
}

void Utf16Map::assign(QStringView text)
{
    m_pieces.clear();
    m_pieces.push_back({text.toString(), 0});
    m_areSumsStale = true;
    settle(0, 1);
    m_units = text.size();
    m_scalars = scalarsIn(text);
}

void Utf16Map::countAnew() const
{
    if (!std::exchange(m_areSumsStale, false))
        return;
    m_unitSums.assign(m_pieces.size(), [this](std::size_t i) { return m_pieces[i].text.size(); });
    m_scalarSums.assign(m_pieces.size(),
                        [this](std::size_t i) { return qsizetype{m_pieces[i].scalars}; });
}

Utf16Map::Spot Utf16Map::spotOf(qsizetype unit) const
{
    countAnew();
    const RunningSums::Place place = m_unitSums.find(std::clamp<qsizetype>(unit, 0, m_units));
    return {place.part, place.inside};
}

TextOffset Utf16Map::scalarAt(qsizetype unit) const
{
    if (std::cmp_equal(m_units, m_scalars))
        return static_cast<TextOffset>(std::clamp<qsizetype>(unit, 0, m_units));
    const Spot spot = spotOf(unit);
    const auto before = static_cast<TextOffset>(m_scalarSums.before(spot.piece));
    if (spot.piece >= m_pieces.size())
        return before;
    QStringView inside = QStringView(m_pieces[spot.piece].text).first(spot.inside);
    if (!inside.isEmpty() && inside.back().isHighSurrogate())
        inside.chop(1);
    return before + scalarsIn(inside);
}

qsizetype Utf16Map::unitAt(TextOffset scalar) const
{
    if (std::cmp_equal(m_units, m_scalars))
        return std::min<qsizetype>(scalar, m_units);
    countAnew();
    const RunningSums::Place place = m_scalarSums.find(scalar);
    if (place.part >= m_pieces.size())
        return m_units;
    const Piece &piece = m_pieces[place.part];
    const qsizetype before = m_unitSums.before(place.part);
    if (std::cmp_equal(piece.text.size(), piece.scalars))
        return before + place.inside;
    qsizetype inside = 0;
    for (qsizetype left = place.inside; left > 0 && inside < piece.text.size(); --left)
        inside += piece.text[inside].isHighSurrogate() ? 2 : 1;
    return before + inside;
}

QString Utf16Map::slice(qsizetype from, qsizetype count) const
{
    QString result;
    Spot spot = spotOf(from);
    count = std::min(count, m_units - std::min(from, m_units));
    for (; spot.piece < m_pieces.size() && count > 0; ++spot.piece, spot.inside = 0) {
        const QStringView part = QStringView(m_pieces[spot.piece].text).mid(spot.inside, count);
        result += part;
        count -= part.size();
    }
    return result;
}

void Utf16Map::replace(qsizetype from, qsizetype removed, QStringView inserted)
{
    if (m_pieces.empty()) {
        m_pieces.push_back({});
        m_areSumsStale = true;
    }
    const qsizetype unitsBefore = m_units;
    const TextOffset scalarsBefore = m_scalars;
    const Spot spot = spotOf(from);
    std::size_t last = spot.piece;
    qsizetype inside = spot.inside;
    qsizetype left = std::min(removed, m_units - std::min(from, m_units));
    const std::size_t first = spot.piece;
    m_units += inserted.size() - left;
    m_scalars += scalarsIn(inserted);
    while (true) {
        Piece &piece = m_pieces[last];
        const QStringView gone = QStringView(piece.text).mid(inside, left);
        const TextOffset goneScalars = scalarsIn(gone);
        left -= gone.size();
        m_scalars -= goneScalars;
        piece.scalars -= goneScalars;
        piece.text.remove(inside, gone.size());
        if (left == 0 || last + 1 == m_pieces.size())
            break;
        ++last;
        inside = 0;
    }
    m_pieces[first].text.insert(spot.inside, inserted);
    m_pieces[first].scalars += scalarsIn(inserted);
    if (first == last) {
        m_unitSums.add(first, m_units - unitsBefore);
        m_scalarSums.add(first, qsizetype{m_scalars} - qsizetype{scalarsBefore});
    } else {
        m_areSumsStale = true;
    }
    settle(first, last + 1);
}

/// Cuts what grew too large in [first, last) and drops what became empty.
void Utf16Map::settle(std::size_t first, std::size_t last)
{
    const auto isSound = [](const Piece &piece) {
        return !piece.text.isEmpty() && piece.text.size() <= kPieceUnitsMax && piece.scalars > 0;
    };
    const auto begin = m_pieces.begin() + static_cast<std::ptrdiff_t>(first);
    const auto end = m_pieces.begin() + static_cast<std::ptrdiff_t>(last);
    if (std::all_of(begin, end, isSound))
        return;
    m_areSumsStale = true;
    std::vector<Piece> fresh;
    for (auto piece = begin; piece != end; ++piece) {
        const QString text = piece->text;
        for (qsizetype from = 0; from < text.size();) {
            const qsizetype to = cutAfter(text, from);
            const QStringView part = QStringView(text).sliced(from, to - from);
            fresh.push_back({part.toString(), scalarsIn(part)});
            from = to;
        }
    }
    const auto place = m_pieces.erase(begin, end);
    m_pieces.insert(place, std::make_move_iterator(fresh.begin()),
                    std::make_move_iterator(fresh.end()));
}

QStringList Utf16Map::pieces() const
{
    QStringList result;
    result.reserve(static_cast<qsizetype>(m_pieces.size()));
    for (const Piece &piece : m_pieces)
        result.append(piece.text);
    return result;
}

} // namespace nlbd::ui
