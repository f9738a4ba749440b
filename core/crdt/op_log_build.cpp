#include "core/crdt/id_words.h"
#include "core/crdt/op_log.h"

#include <algorithm>

/// How OpLog is made at once of all that a document has.
namespace nlbd::crdt {

void OpLog::build(const std::vector<Written> &entries, std::vector<std::uint64_t> letters,
                  LocalId end, std::string_view text)
{
    CHECK(m_entries.size() == 1 && m_end == 1);
    if (entries.empty())
        return;
    m_starts.reserve((end + kRoomIds) / 64 + 1);
    reach(end + kRoomIds);
    std::uint32_t at = 0;
    for (const Written &it : entries) {
        if (m_entries.back().kind() == Kind::Insertion)
            m_lettersEnd = m_end;
        if (it.first > m_end) {
            startAt(m_end);
            m_entries.push_back({m_end | static_cast<std::uint32_t>(Kind::Nothing) << 30U, 0, 0});
        }
        m_starts[it.first / 64] |= std::uint64_t(1) << (it.first % 64);
        if (it.isInsertion) {
            m_entries.push_back({it.first,
                                 it.target | static_cast<std::uint32_t>(it.side) << 31U
                                     | (it.bytes == it.length ? 0 : kNotAscii),
                                 at});
            at += it.bytes;
            m_end = it.first + it.length;
        } else {
            m_entries.push_back({it.first | static_cast<std::uint32_t>(Kind::Deletion) << 30U,
                                 it.target, it.length});
            m_end = it.first + 1;
        }
    }
    CHECK(m_end == end && at == text.size());
    std::ranges::copy(letters, m_letters.begin());
    store(text);
}

std::vector<std::uint64_t> OpLog::letterBits() const
{
    std::vector<std::uint64_t> bits(m_end / 64 + 1);
    std::copy_n(m_letters.begin(), std::min(bits.size(), m_letters.size()), bits.begin());
    bits[0] |= 1;
    if (m_entries.back().kind() == Kind::Insertion) // may grow: nothing stands in the table yet
        forEachWord(m_entries.back().first(), m_end,
                    [&](std::size_t word, std::uint64_t mask) { bits[word] |= mask; });
    return bits;
}

} // namespace nlbd::crdt
