#pragma once

#include "core/base/ids.h"
#include "ui/editor/running_sums.h"

#include <QString>
#include <QStringList>
#include <QStringView>

#include <vector>

namespace nlbd::ui {

/// What a widget shows for a unit of the text. QTextDocument breaks lines at more characters than
/// the core does and joins "\r\n" into one, which would shift every offset behind: such units are
/// shown by a stand-in, one for one.
[[nodiscard]] QChar shownAs(QChar unit) noexcept;
[[nodiscard]] QString shownAs(QString text);

/// The text of a view as the core knows it, in UTF-16, with what is needed to convert offsets.
///
/// Kept in pieces of some hundred units, a few lines of a cache, each with its count of scalars: a
/// conversion finds its piece by running sums and looks into it, so a keystroke costs a microsecond
/// at 10 MB. No piece begins or ends between the halves of a surrogate pair.
class Utf16Map {
public:
    void assign(QStringView text);

    [[nodiscard]] qsizetype units() const noexcept { return m_units; }
    [[nodiscard]] TextOffset scalars() const noexcept { return m_scalars; }

    /// Units to scalars; a place inside a pair counts as the place before it.
    [[nodiscard]] TextOffset scalarAt(qsizetype unit) const;
    /// Scalars to units; beyond the end gives units().
    [[nodiscard]] qsizetype unitAt(TextOffset scalar) const;

    [[nodiscard]] QString slice(qsizetype from, qsizetype count) const;

    /// Replaces `removed` units at `from`. Neither border may lie inside a pair.
    void replace(qsizetype from, qsizetype removed, QStringView inserted);

    /// The pieces in order, shared not copied: for writing or counting on another thread.
    [[nodiscard]] QStringList pieces() const;

private:
    struct Piece {
        QString text;
        TextOffset scalars = 0;
    };
    struct Spot {
        std::size_t piece = 0;
        qsizetype inside = 0;
    };
    [[nodiscard]] Spot spotOf(qsizetype unit) const;
    void settle(std::size_t first, std::size_t last);
    void countAnew() const;

    std::vector<Piece> m_pieces;
    qsizetype m_units = 0;
    TextOffset m_scalars = 0;
    mutable RunningSums m_unitSums; ///< of the pieces
    mutable RunningSums m_scalarSums;
    mutable bool m_areSumsStale = true;
};

} // namespace nlbd::ui
