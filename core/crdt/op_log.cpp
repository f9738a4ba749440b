#include "core/crdt/op_log.h"

#include "core/crdt/growth.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace nlbd::crdt {

namespace {

/// The bits of the ids [first, end), all in one word.
std::uint64_t bitsOf(LocalId first, LocalId end) noexcept
{
    return ~std::uint64_t(0) >> (64 - (end - first)) << (first % 64);
}

bool isContinuation(char c) noexcept
{
    return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

} // namespace

OpLog::OpLog()
{
    m_entries.push_back({}); // the root, a letter without text that hangs nowhere
    startAt(kRootId);
}

void OpLog::grow(LocalId id)
{
    while (m_starts.size() <= id / 64) {
        pushSlowly(m_starts, std::uint64_t(0));
        pushSlowly(m_letters, std::uint64_t(0));
    }
}

void OpLog::setLetters(LocalId first, LocalId end)
{
    reach(end);
    while (first < end) {
        const LocalId next = std::min(end, (first / 64 + 1) * 64);
        m_letters[first / 64] |= bitsOf(first, next);
        first = next;
    }
}

/// The letters of the latest run stand in the table once something else comes.
void OpLog::closeRun()
{
    m_lettersEnd = m_end;
    setLetters(m_entries.back().first(), m_end);
}

void OpLog::pushGap()
{
    startAt(m_end);
    m_entries.push_back({m_end | static_cast<std::uint32_t>(Kind::Nothing) << 30U, 0, 0});
}

void OpLog::addInsertion(LocalId first, std::uint32_t count, LocalId parent, Side side,
                         std::string_view utf8, bool continues)
{
    CHECK(bytes() + utf8.size() < UINT32_MAX);
    if (!continues)
        push({first, parent | static_cast<std::uint32_t>(side) << 31U,
              static_cast<std::uint32_t>(bytes())});
    if (utf8.size() != count)
        m_entries.back().target |= kNotAscii;
    m_end = first + count;
    reach(m_end + kRoomIds);
    store(utf8);
}

bool OpLog::joinDeletion(LocalId target, std::uint32_t length) noexcept
{
    Entry &last = m_entries.back();
    if (last.kind() != Kind::Deletion)
        return false;
    if (target + length == last.target)
        last.target = target;
    else if (last.target + last.extra != target)
        return false;
    last.extra += length;
    return true;
}

void OpLog::rewindTo(LocalId end)
{
    CHECK(end >= (m_entries.back().kind() == Kind::Insertion ? m_end : m_lettersEnd));
    for (std::size_t i = m_entries.size(); i-- > 0 && m_entries[i].first() > end;) {
        m_entries[i].head = end | (m_entries[i].head & ~(kLocalIdsMax - 1));
    }
    for (LocalId id = end; id < m_end; ++id)
        m_starts[id / 64] &= ~(std::uint64_t(1) << (id % 64));
    m_end = std::min(m_end, end);
}

LocalId OpLog::lastOfRun(LocalId letter) const noexcept
{
    const LocalId from = letter + 1;
    std::size_t word = from / 64;
    std::uint64_t bits = word < m_starts.size() ? m_starts[word] >> (from % 64) << (from % 64) : 0;
    while (bits == 0 && ++word < m_starts.size())
        bits = m_starts[word];
    if (bits == 0)
        return m_end - 1;
    const auto start = word * 64 + static_cast<std::size_t>(std::countr_zero(bits));
    return static_cast<LocalId>(start) - 1;
}

/// The first entry that says something about `id`, or about what comes after it.
std::size_t OpLog::entryAt(LocalId id) const noexcept
{
    std::size_t at = 0; // the first one at the id or after it
    for (std::size_t end = m_entries.size(); at < end;) {
        const std::size_t middle = at + (end - at) / 2;
        if (m_entries[middle].first() < id)
            at = middle + 1;
        else
            end = middle;
    }
    return at < m_entries.size() && m_entries[at].first() == id ? at : at - 1;
}

bool OpLog::areLetters(LocalId first, std::uint32_t count) const noexcept
{
    LocalId end = first + count;
    if (end > m_end)
        return false;
    // Of the latest run, which may grow, nothing stands in the table.
    const Entry &last = m_entries.back();
    if (last.kind() == Kind::Insertion)
        end = std::min(end, last.first());
    while (first < end) {
        const LocalId next = std::min(end, (first / 64 + 1) * 64);
        if ((~m_letters[first / 64] & bitsOf(first, next)) != 0)
            return false;
        first = next;
    }
    return true;
}

// ---- Text

void OpLog::store(std::string_view utf8)
{
    while (!utf8.empty()) {
        if (m_room == m_roomEnd) {
            m_pages.push_back(std::make_unique_for_overwrite<char[]>(kPageBytes));
            m_room = m_pages.back().get();
            m_roomEnd = m_room + kPageBytes;
        }
        const std::size_t count =
            std::min(utf8.size(), static_cast<std::size_t>(m_roomEnd - m_room));
        std::memcpy(m_room, utf8.data(), count);
        m_room += count;
        utf8.remove_prefix(count);
    }
}

void OpLog::copyText(std::size_t from, std::size_t to, std::string &text) const
{
    while (from < to) {
        const std::size_t offset = from % kPageBytes;
        const std::size_t count = std::min(to - from, kPageBytes - offset);
        text.append(m_pages[from / kPageBytes].get() + offset, count);
        from += count;
    }
}

/// Where the letter `offset` of an insertion begins, or the text after its last one ends.
std::size_t OpLog::textAt(const Entry &entry, std::uint32_t offset) const
{
    std::size_t at = entry.extra;
    if (entry.isAscii())
        return at + offset;
    for (const std::size_t end = bytes(); at < end; ++at) {
        if (isContinuation(m_pages[at / kPageBytes][at % kPageBytes]))
            continue;
        if (offset == 0)
            return at;
        --offset;
    }
    return at;
}

void OpLog::appendText(LocalId first, std::uint32_t count, std::string &text) const
{
    const LocalId end = first + count;
    for (std::size_t i = entryAt(first); first < end; ++i) {
        const Entry &it = m_entries[i];
        const LocalId to = std::min(end, endOf(i));
        if (to <= first)
            continue;
        CHECK(it.kind() == Kind::Insertion);
        copyText(textAt(it, first - it.first()), textAt(it, to - it.first()), text);
        first = to;
    }
}

} // namespace nlbd::crdt
