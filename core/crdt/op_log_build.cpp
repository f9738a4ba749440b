#include "core/base/utf8.h"
#include "core/crdt/id_words.h"
#include "core/crdt/op_log_builder.h"

#include <algorithm>

/// How OpLog is made at once of all that a document has, and tells it.
namespace nlbd::crdt {

OpLog::Builder::Builder(OpLog &log, LocalId end)
    : m_log(&log)
{
    CHECK(log.m_entries.size() == 1 && log.m_end == 1);
    const std::size_t words = (end + kRoomIds) / 64 + 1;
    log.m_starts.resize(words);
    log.m_letters.resize(words);
}

void OpLog::Builder::seal() noexcept
{
    m_log->m_end = m_end;
    const bool isOpen = m_log->m_entries.back().kind() == Kind::Insertion;
    m_log->m_lettersEnd = m_lettersEnd[isOpen ? 0 : 1];
}

void OpLog::Builder::finish(const std::vector<std::uint64_t> &letters, std::string_view text)
{
    CHECK(letters.size() <= m_log->m_letters.size() && m_log->m_end == m_end);
    if (text.size() != m_letters)
        placeText(text);
    std::ranges::copy(letters, m_log->m_letters.begin());
    m_log->store(text);
}

/// Where the text of each run begins, when not every letter takes one byte.
void OpLog::Builder::placeText(std::string_view text)
{
    std::size_t at = 0;
    for (std::size_t i = 1; i < m_log->m_entries.size(); ++i) {
        Entry &it = m_log->m_entries[i];
        if (it.kind() != Kind::Insertion)
            continue;
        const std::uint32_t count = m_log->endOf(i) - it.first();
        const std::size_t bytes = utf8::bytePosition(text.substr(at), count);
        it.extra = static_cast<std::uint32_t>(at);
        it.target |= bytes == count ? 0 : kNotAscii;
        at += bytes;
    }
    CHECK(at == text.size());
}

OpLog::Counts OpLog::counts() const noexcept
{
    Counts counts;
    forEachWritten([&](const Written &it) {
        counts.insertions += it.isInsertion ? 1 : 0;
        counts.deletions += it.isInsertion ? 0 : 1;
    });
    return counts;
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
