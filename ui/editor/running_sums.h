#pragma once

#include <QtGlobal>

#include <bit>
#include <vector>

namespace nlbd::ui {

/// Where parts begin that stand one after the other, while their lengths change: a binary indexed
/// tree (Fenwick, "A New Data Structure for Cumulative Frequency Tables", Software: Practice and
/// Experience 24, 1994).
class RunningSums {
public:
    /// All anew. @complexity O(count).
    template <typename LengthOf>
    void assign(std::size_t count, LengthOf lengthOf)
    {
        m_tree.assign(count + 1, 0);
        for (std::size_t i = 1; i <= count; ++i) {
            m_tree[i] += lengthOf(i - 1);
            if (const std::size_t above = i + lowest(i); above <= count)
                m_tree[above] += m_tree[i];
        }
    }

    /// A part is longer by so much. @complexity O(log count).
    void add(std::size_t part, qsizetype delta)
    {
        for (std::size_t i = part + 1; i < m_tree.size(); i += lowest(i))
            m_tree[i] += delta;
    }

    /// What stands before a part. @complexity O(log count).
    [[nodiscard]] qsizetype before(std::size_t part) const
    {
        qsizetype sum = 0;
        for (std::size_t i = part; i > 0; i -= lowest(i))
            sum += m_tree[i];
        return sum;
    }

    struct Place {
        std::size_t part = 0;
        qsizetype inside = 0;
    };
    /// The first part that ends at `place` or behind it; the number of parts if none does.
    /// @complexity O(log count).
    [[nodiscard]] Place find(qsizetype place) const
    {
        Place found{0, place};
        for (std::size_t step = std::bit_floor(count()); step > 0; step /= 2) {
            const std::size_t next = found.part + step;
            if (next <= count() && m_tree[next] < found.inside) {
                found.part = next;
                found.inside -= m_tree[next];
            }
        }
        return found;
    }

    [[nodiscard]] std::size_t count() const noexcept
    {
        return m_tree.empty() ? 0 : m_tree.size() - 1;
    }

private:
    static constexpr std::size_t lowest(std::size_t i) noexcept { return i & (~i + 1); }

    std::vector<qsizetype> m_tree; ///< from 1 on
};

} // namespace nlbd::ui
