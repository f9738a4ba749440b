#pragma once

#include "core/base/attributes.h"
#include "ui/editor/running_sums.h"

#include <map>
#include <memory>
#include <vector>

namespace nlbd::ui {

/// How the text of a view looks: for each UTF-16 unit its formats and, for line breaks, what block
/// they end. Kept as runs that look the same, in chunks of some hundred, so that a key costs a few
/// microseconds in a text of 100,000 paragraphs. What is inserted is plain until it is given a
/// look. One thread at a time, also of those who only read: a copy is cheap.
class PageLooks {
public:
    /// A plain text of so many units.
    void assign(qsizetype units);

    void replace(qsizetype at, qsizetype removed, qsizetype inserted);
    void set(qsizetype from, qsizetype to, const Attributes &attributes);

    [[nodiscard]] qsizetype units() const noexcept { return m_units; }
    [[nodiscard]] const Attributes &at(qsizetype unit) const;

    /// False: no unit has this value of an attribute, nor had since assign().
    [[nodiscard]] bool mayHave(const char *key, std::string_view value) const;

    /// Nothing of it has a look.
    [[nodiscard]] bool isPlain() const;

    /// The last block, which no break ends.
    [[nodiscard]] const Attributes &last() const noexcept { return m_last; }
    void setLast(Attributes attributes) { m_last = std::move(attributes); }

    /// What the block is that a break at `unit` ends; at units() the last.
    [[nodiscard]] const Attributes &blockAt(qsizetype unit) const
    {
        return unit >= m_units ? m_last : at(unit);
    }

    struct Run {
        qsizetype from = 0;
        qsizetype to = 0;
        const Attributes *attributes = nullptr;
    };
    /// [from, to) as runs, in order. They hold until the next change.
    [[nodiscard]] std::vector<Run> runs(qsizetype from, qsizetype to) const;

private:
    using Number = std::uint32_t; ///< of a look; 0 is plain
    struct Piece {
        qsizetype units = 0;
        Number look = 0;
    };
    struct Chunk {
        qsizetype units = 0;
        std::vector<Piece> pieces;
    };
    struct Spot {
        std::size_t chunk = 0;
        qsizetype inside = 0;
    };
    [[nodiscard]] Spot spotOf(qsizetype unit) const;
    [[nodiscard]] Number numberOf(const Attributes &attributes);
    static std::size_t cut(Chunk &chunk, qsizetype inside);
    static void join(Chunk &chunk, std::size_t around);
    void insert(qsizetype at, qsizetype units, Number look);
    void erase(qsizetype at, qsizetype units);
    void settle(std::size_t chunk);
    void grow(std::size_t chunk, qsizetype units);

    std::vector<Chunk> m_chunks;
    /// Where a chunk begins that was looked for last: most look near it again.
    struct Near {
        std::size_t chunk = 0;
        qsizetype start = 0;
    };
    mutable Near m_near;
    mutable RunningSums m_sums; ///< of the chunks, for who looks far away
    mutable bool m_areSumsStale = true;
    qsizetype m_units = 0;
    std::vector<std::shared_ptr<const Attributes>> m_looks; ///< by number; copies share them
    std::map<Attributes, Number> m_numbers;
    Attributes m_last;
};

} // namespace nlbd::ui
