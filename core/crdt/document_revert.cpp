#include "core/crdt/letter_marks.h"
#include "core/crdt/reverter.h"

namespace nlbd::crdt {

namespace {

/// The first letter above a run that it hangs at the left of.
std::optional<LocalId> leftAncestor(const OpLog &log, OpLog::Insertion run)
{
    while (run.side == Side::Right) {
        if (run.parent == kRootId)
            return std::nullopt;
        run = log.runOf(run.parent);
    }
    return run.parent;
}

} // namespace

bool Document::revertStep(Reversal &reversal, Draft &draft, TextPatches &patches)
{
    CHECK(draft.change != kRoot.change);
    return Reverter(*this, reversal, draft).step(patches);
}

void Document::revert(ChangeHandle change, std::uint32_t first, std::uint32_t count, Draft &draft)
{
    Copies copies;
    Reversal reversal({{change, first, count}}, {change}, copies);
    TextPatches patches;
    while (revertStep(reversal, draft, patches))
        patches.clear();
}

std::optional<MarkedRun> Reverter::markOver(const Document &document, OpId letter,
                                            std::string_view key)
{
    const Document::Impl &it = *document.m_impl;
    const std::optional<LocalId> local = letterOf(it.text, letter);
    if (!local)
        return std::nullopt;
    const Marks::Number winner =
        it.marks.winnerOver(*local, key, [](ChangeHandle) { return false; });
    std::optional<std::string> value = it.marks.valueOf(winner);
    if (!value)
        return std::nullopt;
    return MarkedRun{0, 0, std::move(*value), it.marks.changeOf(winner)};
}

std::optional<MarkedRun> markOver(const Document &document, OpId letter, std::string_view key)
{
    return Reverter::markOver(document, letter, key);
}

std::vector<Deed> Document::deedsOf(const IdRange &range, std::size_t bytesMax) const
{
    std::vector<Deed> deeds;
    const Numbers &numbers = m_impl->text.numbers();
    std::size_t bytes = 0;
    const auto add = [&](Deed::Kind kind, LocalId first, std::uint32_t count) {
        while (count > 0 && bytes < bytesMax) {
            const Numbers::Run run = numbers.runFrom(first);
            // A letter has a byte at least.
            const auto here = static_cast<std::uint32_t>(
                std::min<std::size_t>({count, run.length, bytesMax - bytes}));
            Deed deed{kind, run.first, here, {}};
            m_impl->text.log().appendText(first, here, deed.text);
            bytes += deed.text.size();
            deeds.push_back(std::move(deed));
            first += here;
            count -= here;
        }
    };
    numbers.forEachRange(range.change, [&](LocalId begin, LocalId end) {
        const std::uint32_t index = numbers.idOf(begin).index;
        const std::uint64_t last = std::min<std::uint64_t>(std::uint64_t(range.first) + range.count,
                                                           std::uint64_t(index) + (end - begin));
        const std::uint32_t from = std::max(index, range.first);
        if (from >= last)
            return;
        m_impl->text.log().forEach(
            begin + (from - index), begin + static_cast<LocalId>(last - index),
            [&](const OpLog::Insertion &it) { add(Deed::Kind::Inserted, it.first, it.count); },
            [&](const OpLog::Deletion &it) { add(Deed::Kind::Deleted, it.target, it.length); });
    });
    return deeds;
}

/// A letter that came back hangs in the left subtree of the one that it stands for, as the last of
/// that: up along right children and then one step from left to parent. Items likewise.
void Document::findCopies(ChangeHandle change, Copies &copies) const
{
    const auto find = [&](const Text &text) {
        const Numbers &numbers = text.numbers();
        numbers.forEachRange(change, [&](LocalId begin, LocalId end) {
            text.log().forEach(
                begin, end,
                [&](const OpLog::Insertion &run) {
                    const auto origin = leftAncestor(text.log(), run);
                    if (origin && !ItemLists::isMark(numbers.idOf(*origin)))
                        copies.add({numbers.idOf(run.first), run.count, numbers.idOf(*origin)});
                },
                [](const OpLog::Deletion &) {});
        });
    };
    find(m_impl->text);
    if (const Text *items = m_impl->objects.itemText())
        find(*items);
}

} // namespace nlbd::crdt
