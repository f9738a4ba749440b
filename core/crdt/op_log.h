#pragma once

#include "core/crdt/numbers.h"
#include "core/crdt/paged_list.h"

#include <memory>
#include <string>

namespace nlbd::crdt {

/// What happened to a text, in the order of local ids: where runs of letters hang and what was
/// deleted, and the letters themselves, also the deleted ones: a void deletion gives them back.
///
/// A run is letters with consecutive local ids, each the right child of the one before; that is not
/// said again anywhere. Twelve bytes a run or deletion, a bit and a byte a letter.
class OpLog {
public:
    OpLog();

    // ---- Adding: local ids ascend ------------------------------------------------------------

    /// A run of `count` letters. `continues` if the run before goes on with it: then the parent is
    /// the last letter there is.
    void addInsertion(LocalId first, std::uint32_t count, LocalId parent, Side side,
                      std::string_view utf8, bool continues);

    /// True if what comes next at `first` can go on with the latest run.
    [[nodiscard]] bool canContinue(LocalId first) const noexcept
    {
        return first == m_end && m_entries.back().kind() == Kind::Insertion && first > 1;
    }

    /// One ASCII letter that continues the latest run, if there is room at hand for it. At least
    /// every kRoomIds letters one has to come by addInsertion.
    [[nodiscard]] bool hasRoom() const noexcept { return m_room != m_roomEnd; }
    void pushLetter(char letter) noexcept
    {
        *m_room++ = letter;
        ++m_end;
    }
    static constexpr LocalId kRoomIds = 256;

    /// One number that deletes `length` letters from `target` on. The same number may come again.
    void addDeletion(LocalId id, LocalId target, std::uint32_t length)
    {
        const bool isAgain = m_entries.back().first() == id && joinDeletion(target, length);
        if (isAgain)
            startAt(id);
        else
            push({id | static_cast<std::uint32_t>(Kind::Deletion) << 30U, target, length});
        m_end = id + 1;
    }

    /// True if the latest entry deletes what stands beside the target, and now that too.
    [[nodiscard]] bool joinDeletion(LocalId target, std::uint32_t length) noexcept;

    /// What a log holds. An entry may have the number of the deletion before it.
    struct Written {
        LocalId first = 0;
        std::uint32_t length = 0; ///< letters
        LocalId target = 0;       ///< of an insertion, the parent
        bool isInsertion = false;
        Side side = Side::Right;
    };
    class Builder; ///< op_log_builder.h

    /// Forgets the numbers from `end` on, all of deletions; these count with what comes at `end`.
    void rewindTo(LocalId end);

    // ---- Runs --------------------------------------------------------------------------------

    /// True if the letter has the next one as its right child in its run.
    [[nodiscard]] bool isContinued(LocalId letter) const noexcept
    {
        return letter + 1 < m_end && !isStart(letter + 1);
    }

    /// The last letter of the run of a letter. @complexity linear in its length / 64.
    [[nodiscard]] LocalId lastOfRun(LocalId letter) const noexcept;

    /// True if all are letters. @complexity linear in count / 64.
    [[nodiscard]] bool areLetters(LocalId first, std::uint32_t count) const noexcept;

    /// Appends the text of letters. @complexity O(log n + bytes) for ASCII; other runs are counted
    /// through.
    void appendText(LocalId first, std::uint32_t count, std::string &text) const;

    /// Appends the text of all letters by their ids; leaves room for so many bytes behind it.
    void appendAll(std::string &text, std::size_t room = 0) const
    {
        text.reserve(text.size() + bytes() + room);
        copyText(0, bytes(), text);
    }

    // ---- Reading -----------------------------------------------------------------------------

    struct Insertion {
        LocalId first = 0;
        std::uint32_t count = 0;
        LocalId parent = 0; ///< of the first
        Side side = Side::Right;
    };
    struct Deletion {
        LocalId id = 0;
        LocalId target = 0;
        std::uint32_t length = 0;
    };
    /// Calls insertion(Insertion) and deletion(Deletion) for what has numbers in [first, end), in
    /// order; runs are cut to it, a part of a run hangs at the letter before.
    template <typename OnInsertion, typename OnDeletion>
    void forEach(LocalId first, LocalId end, OnInsertion insertion, OnDeletion deletion) const
    {
        for (std::size_t i = entryAt(first); i < m_entries.size(); ++i) {
            const Entry &it = m_entries[i];
            if (it.first() >= end)
                return;
            if (it.kind() == Kind::Deletion && it.first() >= first)
                deletion(Deletion{it.first(), it.target, it.extra});
            const LocalId from = std::max(first, it.first());
            const LocalId to = std::min(end, endOf(i));
            if (it.kind() != Kind::Insertion || from >= to)
                continue;
            if (from == it.first())
                insertion(Insertion{from, to - from, it.parent(), it.side()});
            else
                insertion(Insertion{from, to - from, from - 1, Side::Right});
        }
    }

    /// How many visits forEachWritten makes at most.
    [[nodiscard]] std::size_t writtenMost() const noexcept { return m_entries.size(); }

    /// Calls visit(Written) for all that was logged, in order; how many bytes is not told.
    template <typename Visit>
    void forEachWritten(Visit visit) const
    {
        Entry it = m_entries[0];
        for (std::size_t i = 0; i < m_entries.size(); ++i) {
            const Entry next = i + 1 < m_entries.size() ? m_entries[i + 1] : Entry{m_end, 0, 0};
            m_entries.fetchAhead(i);
            // No question which of both it is: the answer cannot be foreseen.
            const bool isInsertion = it.kind() == Kind::Insertion;
            const std::uint32_t choice = 0U - static_cast<std::uint32_t>(isInsertion);
            const std::uint32_t length =
                ((next.first() - it.first()) & choice) | (it.extra & ~choice);
            if (it.kind() != Kind::Nothing && it.first() != kRootId)
                visit(Written{it.first(), length, it.parent(), isInsertion, it.side()});
            it = next;
        }
    }

    struct Counts {
        std::size_t insertions = 0; ///< without the root
        std::size_t deletions = 0;
    };
    /// What forEachWritten tells. @complexity linear.
    [[nodiscard]] Counts counts() const noexcept;

    /// By local id whether it is a letter, the root too, 64 to a word.
    [[nodiscard]] std::vector<std::uint64_t> letterBits() const;

    /// The run of a letter, whole.
    [[nodiscard]] Insertion runOf(LocalId letter) const
    {
        std::size_t i = entryAt(letter);
        while (m_entries[i].kind() != Kind::Insertion)
            ++i; // deletions that were taken back count with it
        const Entry &it = m_entries[i];
        return {it.first(), endOf(i) - it.first(), it.parent(), it.side()};
    }

private:
    enum class Kind : std::uint8_t { Insertion = 0, Deletion = 1, Nothing = 2 };

    /// Bits 30 and 31 of `head` are the kind. Of an insertion, `target` is the parent with the side
    /// in bit 31 and in bit 30 whether it has more than ASCII, `extra` where its text begins; of a
    /// deletion, what goes and how much.
    struct Entry {
        std::uint32_t head = 0;
        std::uint32_t target = 0;
        std::uint32_t extra = 0;

        [[nodiscard]] LocalId first() const noexcept { return head & (kLocalIdsMax - 1); }
        [[nodiscard]] Kind kind() const noexcept { return static_cast<Kind>(head >> 30U); }
        [[nodiscard]] LocalId parent() const noexcept { return target & (kLocalIdsMax - 1); }
        [[nodiscard]] Side side() const noexcept { return static_cast<Side>(target >> 31U); }
        [[nodiscard]] bool isAscii() const noexcept { return (target & kNotAscii) == 0; }
    };
    static constexpr std::size_t kPageBytes = 8192;
    static constexpr std::uint32_t kNotAscii = 1U << 30U;

    [[nodiscard]] bool isStart(LocalId id) const noexcept
    {
        return (m_starts[id / 64] >> (id % 64) & 1U) != 0;
    }
    /// Makes the tables of bits reach to an id.
    void reach(LocalId id)
    {
        if (m_starts.size() <= id / 64) [[unlikely]]
            grow(id);
    }
    void grow(LocalId id);
    void startAt(LocalId id)
    {
        reach(id);
        m_starts[id / 64] |= std::uint64_t(1) << (id % 64);
    }
    void setLetters(LocalId first, LocalId end);
    void push(const Entry &entry)
    {
        if (m_entries.back().kind() == Kind::Insertion)
            closeRun();
        if (entry.first() > m_end) [[unlikely]]
            pushGap();
        startAt(entry.first());
        m_entries.push_back(entry);
    }
    void closeRun();
    void pushGap();
    [[nodiscard]] std::size_t entryAt(LocalId id) const noexcept;
    [[nodiscard]] LocalId endOf(std::size_t entry) const noexcept
    {
        return entry + 1 < m_entries.size() ? m_entries[entry + 1].first() : m_end;
    }
    [[nodiscard]] std::size_t bytes() const noexcept
    {
        return m_pages.size() * kPageBytes - static_cast<std::size_t>(m_roomEnd - m_room);
    }
    void store(std::string_view utf8);
    void copyText(std::size_t from, std::size_t to, std::string &text) const;
    [[nodiscard]] std::size_t textAt(const Entry &entry, std::uint32_t offset) const;

    PagedList<Entry> m_entries;
    std::vector<std::uint64_t> m_starts;  ///< by local id: an entry begins, or a gap
    std::vector<std::uint64_t> m_letters; ///< by local id: a letter, and not of the latest run
    LocalId m_end = 1;
    LocalId m_lettersEnd = 1; ///< after the latest letter that something else came after
    std::vector<std::unique_ptr<char[]>> m_pages;
    char *m_room = nullptr; ///< where the next letter goes in the last page
    char *m_roomEnd = nullptr;
};

} // namespace nlbd::crdt
