#include "core/engine/edit_script.h"

#include <algorithm>

namespace nlbd::engine {

namespace {

using Same = std::function<bool(std::size_t, std::size_t)>;

/// Between what both begin and end with.
class Middle {
public:
    Middle(std::size_t offset, std::size_t before, std::size_t after, const Same &isSame)
        : m_offset(offset)
        , m_before(static_cast<std::int64_t>(before))
        , m_after(static_cast<std::int64_t>(after))
        , m_isSame(isSame)
    {
    }

    /// In reverse order; empty if it takes more edits.
    [[nodiscard]] std::vector<EditStep> solve(std::size_t editsMax)
    {
        const auto most = static_cast<std::int64_t>(editsMax);
        for (std::int64_t d = 0; d <= most; ++d) {
            m_rows.emplace_back(static_cast<std::size_t>(2 * d + 1));
            for (std::int64_t k = -d; k <= d; k += 2) {
                const std::int64_t x = follow(start(d, k), k);
                m_rows.back()[static_cast<std::size_t>(k + d)] = static_cast<std::uint32_t>(x);
                if (k == m_before - m_after && x >= m_before)
                    return trace(d);
            }
        }
        return {};
    }

private:
    [[nodiscard]] std::int64_t reached(std::int64_t d, std::int64_t k) const
    {
        return m_rows[static_cast<std::size_t>(d)][static_cast<std::size_t>(k + d)];
    }
    [[nodiscard]] bool comesFromAbove(std::int64_t d, std::int64_t k) const
    {
        return k == -d || (k != d && reached(d - 1, k - 1) < reached(d - 1, k + 1));
    }
    [[nodiscard]] std::int64_t start(std::int64_t d, std::int64_t k) const
    {
        if (d == 0)
            return 0;
        return comesFromAbove(d, k) ? reached(d - 1, k + 1) : reached(d - 1, k - 1) + 1;
    }
    /// Along letters that are the same. Beyond an end nothing is.
    [[nodiscard]] std::int64_t follow(std::int64_t x, std::int64_t k) const
    {
        while (x < m_before && x - k < m_after && x >= 0 && x - k >= 0
               && m_isSame(m_offset + static_cast<std::size_t>(x),
                           m_offset + static_cast<std::size_t>(x - k)))
            ++x;
        return x;
    }
    [[nodiscard]] std::vector<EditStep> trace(std::int64_t d) const
    {
        std::vector<EditStep> script;
        std::int64_t x = m_before;
        std::int64_t k = m_before - m_after;
        for (; d > 0; --d) {
            const bool isInsert = comesFromAbove(d, k);
            const std::int64_t begin = start(d, k);
            script.insert(script.end(), static_cast<std::size_t>(x - begin), EditStep::Keep);
            script.push_back(isInsert ? EditStep::Insert : EditStep::Delete);
            x = isInsert ? begin : begin - 1;
            k += isInsert ? 1 : -1;
        }
        script.insert(script.end(), static_cast<std::size_t>(x), EditStep::Keep);
        return script;
    }

    std::size_t m_offset;
    std::int64_t m_before;
    std::int64_t m_after;
    const Same &m_isSame;
    std::vector<std::vector<std::uint32_t>> m_rows; ///< how far d edits lead on each diagonal
};

} // namespace

std::vector<EditStep> editScript(std::size_t before, std::size_t after, const Same &isSame,
                                 std::size_t editsMax)
{
    const std::size_t shorter = std::min(before, after);
    std::size_t head = 0;
    while (head < shorter && isSame(head, head))
        ++head;
    std::size_t tail = 0;
    while (tail < shorter - head && isSame(before - tail - 1, after - tail - 1))
        ++tail;
    const std::size_t gone = before - head - tail;
    const std::size_t come = after - head - tail;
    std::vector<EditStep> script(head, EditStep::Keep);
    std::vector<EditStep> middle;
    if (gone > 0 && come > 0)
        middle = Middle(head, gone, come, isSame).solve(editsMax);
    script.insert(script.end(), middle.rbegin(), middle.rend());
    if (middle.empty()) {
        script.insert(script.end(), gone, EditStep::Delete);
        script.insert(script.end(), come, EditStep::Insert);
    }
    script.insert(script.end(), tail, EditStep::Keep);
    return script;
}

} // namespace nlbd::engine
