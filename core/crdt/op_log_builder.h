#pragma once

#include "core/crdt/op_log.h"

namespace nlbd::crdt {

/// Fills a new log at once of all that a document has: entries in their order, in the end letters
/// and text. Nothing of it is said twice in between.
class OpLog::Builder {
public:
    /// All local ids will be below `end`.
    Builder(OpLog &log, LocalId end);

    /// Precondition: the entry has the next free number, or that of the deletion before it.
    void add(const Written &it)
    {
        const std::uint32_t at = it.first % 64;
        m_log->m_starts[it.first / 64] |= std::uint64_t(1) << at;
        if (it.isInsertion) {
            m_log->m_lettersEnd = m_lettersEnd;
            m_log->m_entries.push_back(
                {it.first, it.target | static_cast<std::uint32_t>(it.side) << 31U, m_letters});
            m_letters += it.length;
            m_lettersEnd = m_log->m_end = it.first + it.length;
        } else {
            m_log->m_entries.push_back(
                {it.first | static_cast<std::uint32_t>(Kind::Deletion) << 30U, it.target,
                 it.length});
            m_log->m_end = it.first + 1;
        }
    }

    /// By local id whether it is a letter, the root too, 64 to a word; the text of all letters by
    /// their ids.
    void finish(const std::vector<std::uint64_t> &letters, std::string_view text);

private:
    void placeText(std::string_view text);

    OpLog *m_log;
    std::uint32_t m_letters = 0;
    LocalId m_lettersEnd = 1;
};

} // namespace nlbd::crdt
