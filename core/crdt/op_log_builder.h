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
        // Numbers chosen by masks: of which kind the next is cannot be foreseen.
        const std::uint32_t isDeletion = it.isInsertion ? 0 : 1;
        const std::uint32_t added = isDeletion - 1;
        const std::uint32_t letters = it.length & added;
        m_log->m_starts[it.first / 64] |= std::uint64_t(1) << (it.first % 64);
        m_log->m_entries.push_back(
            {it.first | isDeletion * (static_cast<std::uint32_t>(Kind::Deletion) << 30U),
             it.target | (static_cast<std::uint32_t>(it.side) & added) << 31U,
             (m_letters & added) | (it.length & ~added)});
        m_letters += letters;
        m_end = it.first + letters + isDeletion;
        m_lettersEnd[0] = (m_lettersEnd[1] & added) | (m_lettersEnd[0] & ~added);
        m_lettersEnd[1] = (m_end & added) | (m_lettersEnd[1] & ~added);
    }

    /// After the last: what the log can tell of runs is right from now on.
    void seal() noexcept;

    /// By local id whether it is a letter, the root too, 64 to a word; the text of all letters by
    /// their ids.
    void finish(const std::vector<std::uint64_t> &letters, std::string_view text);

private:
    void placeText(std::string_view text);

    OpLog *m_log;
    std::uint32_t m_letters = 0;
    LocalId m_end = 1;
    std::array<LocalId, 2> m_lettersEnd{1, 1}; ///< of the last insertion but one, and of the last
};

} // namespace nlbd::crdt
