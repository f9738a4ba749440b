#include "core/crdt/reverter.h"

namespace nlbd::crdt {

void Reverter::add(Kind kind, std::uint32_t first, std::uint32_t count)
{
    Task task;
    task.kind = kind;
    task.first = first;
    task.count = count;
    m_reversal->m_tasks.push_back(std::move(task));
}

/// The latest first, letters before what formats them.
void Reverter::plan()
{
    m_reversal->m_isPlanned = true;
    std::vector<IdRange> what = m_reversal->m_what;
    std::erase_if(what, [&](const IdRange &it) { return m_it->text.isVoid(it.change); });
    std::ranges::reverse(what);
    const Text *items = m_it->objects.itemText();
    for (const IdRange &range : what) {
        planLetters(m_it->text, range, Kind::EraseText, Kind::RestoreText);
        if (items != nullptr)
            planLetters(*items, range, Kind::EraseItems, Kind::RestoreItems);
    }
    for (const IdRange &range : what)
        planRest(range);
}

void Reverter::planLetters(const Text &text, const IdRange &range, Kind erase, Kind restore)
{
    const Numbers &numbers = text.numbers();
    numbers.forEachRange(range.change, [&](LocalId begin, LocalId end) {
        const std::uint32_t index = numbers.idOf(begin).index;
        const std::uint64_t wantedEnd = std::uint64_t(range.first) + range.count;
        const std::uint32_t from = std::max(index, range.first);
        const auto to = static_cast<std::uint32_t>(
            std::min<std::uint64_t>(std::uint64_t(index) + (end - begin), wantedEnd));
        if (from >= to)
            return;
        text.log().forEach(
            begin + (from - index), begin + (to - index),
            [&](const OpLog::Insertion &run) {
                add(erase, run.first, run.count);
                planCopies(text, numbers.idOf(run.first), run.count, erase);
            },
            [&](const OpLog::Deletion &deletion) {
                add(restore, deletion.target, deletion.length);
            });
    });
}

/// What stands for letters goes with them.
void Reverter::planCopies(const Text &text, OpId first, std::uint32_t count, Kind erase)
{
    m_reversal->m_copies->forEachOf(first, count, [&](const Copies::Copy &copy) {
        OpId next = copy.first;
        for (std::uint32_t left = copy.length; left > 0;) {
            const auto local = letterOf(text, next);
            if (!local)
                return; // of the other of the two, letters and items
            const std::uint32_t here = std::min(left, text.numbers().runFrom(*local).length);
            add(erase, *local, here);
            next.index += here;
            left -= here;
        }
        planCopies(text, copy.first, copy.length, erase);
    });
}

void Reverter::planRest(const IdRange &range)
{
    m_it->marks.forEachOf(range.change, [&](std::uint32_t mark, std::uint32_t index) {
        if (index - range.first < range.count)
            add(Kind::ClearMark, mark, 1);
    });
    const Registers &registers = m_it->objects.registers();
    registers.forEachOf(range.change, [&](const Registers::Setting &it) {
        if (it.id.index - range.first < range.count && !registers.isItem(it))
            add(Kind::Setting, it.place, 1);
    });
    m_it->objects.forEachIncrease(range.change,
                                  [&](OpId counter, std::uint32_t index, std::int64_t by) {
                                      if (index - range.first >= range.count)
                                          return;
                                      add(Kind::Increase, 0, 1);
                                      m_reversal->m_tasks.back().id = counter;
                                      m_reversal->m_tasks.back().by = by;
                                  });
}

// ---- What may come back

/// Nothing if it is none of this text: what else has numbers, has local ids too.
std::optional<LocalId> Reverter::letterOf(const Text &text, OpId id)
{
    const auto local = text.numbers().find(id);
    return local && text.log().areLetters(local->first, 1) ? std::optional(local->first)
                                                           : std::nullopt;
}

bool Reverter::isInsertedByWhat(OpId letter) const
{
    return std::ranges::any_of(m_reversal->m_what, [&](const IdRange &it) {
        return it.change == letter.change && letter.index - it.first < it.count;
    });
}

bool Reverter::isDeletedByOwn(const Text &text, LocalId letter) const
{
    bool isIt = false;
    for (const ChangeHandle change : m_reversal->m_own) {
        if (text.isVoid(change))
            continue;
        text.numbers().forEachRange(change, [&](LocalId begin, LocalId end) {
            text.log().forEach(
                begin, end, [](const OpLog::Insertion &) {},
                [&](const OpLog::Deletion &it) { isIt = isIt || letter - it.target < it.length; });
        });
    }
    return isIt;
}

/// Not if it was also made by what is taken back, is there again already, or was there again and
/// somebody else deleted it then.
bool Reverter::mayComeBack(const Text &text, OpId letter) const
{
    for (std::optional<OpId> id = letter; id; id = m_reversal->m_copies->originOf(*id)) {
        if (isInsertedByWhat(*id))
            return false;
    }
    std::vector<OpId> pending{letter};
    bool isFree = true;
    while (!pending.empty() && isFree) {
        const OpId id = pending.back();
        pending.pop_back();
        m_reversal->m_copies->forEachOf(id, 1, [&](const Copies::Copy &copy) {
            pending.push_back(copy.first);
            const auto local = letterOf(text, copy.first);
            if (!local || text.isVoid(copy.first.change))
                return;
            const std::uint32_t hidden = text.tree().spotOf(*local).span().hidden;
            isFree = isFree && hidden == Text::kOneDeleter && isDeletedByOwn(text, *local);
        });
    }
    return isFree;
}

} // namespace nlbd::crdt
