#include "core/base/utf8.h"
#include "core/crdt/text.h"

namespace nlbd::crdt {

/// The characters as the definition lists them: left children, self, right children. Iterative,
/// because a chain of children can be as long as the document.
std::vector<LocalId> Text::treeOrder() const
{
    struct Visit {
        LocalId letter;
        bool isOpened = false;
    };
    std::vector<LocalId> order;
    std::vector<Visit> pending{{kRootId}};
    const auto childrenOf = [&](LocalId parent, Side side) {
        const auto runs = m_children.of(parent, side);
        std::vector<LocalId> children(runs.begin(), runs.end());
        if (side == Side::Right && m_log.isContinued(parent))
            children.insert(std::ranges::lower_bound(
                                children, parent + 1,
                                [this](LocalId a, LocalId b) { return isSiblingBefore(a, b); }),
                            parent + 1);
        for (std::size_t i = 1; i < children.size(); ++i)
            CHECK(isSiblingBefore(children[i - 1], children[i]));
        return children;
    };
    while (!pending.empty()) {
        const Visit visit = pending.back();
        pending.pop_back();
        if (visit.isOpened)
            order.push_back(visit.letter);
        else
            pending.push_back({visit.letter, true});
        const auto children = childrenOf(visit.letter, visit.isOpened ? Side::Right : Side::Left);
        for (std::size_t i = children.size(); i-- > 0;)
            pending.push_back({children[i]});
    }
    return order;
}

/// By local id, what hides a letter, counted from the ops; the spans must say the same, and the
/// text must be that of the log.
void Text::checkHidden(const std::vector<std::uint32_t> &hidden) const
{
    std::string expected;
    m_tree.forEach([&](const Span &span) {
        for (LocalId id = span.first; id < span.end(); ++id)
            CHECK(id == kRootId || hidden[id] == span.hidden);
        if (span.hidden == 0)
            m_log.appendText(span.first, span.length, expected);
    });
    CHECK(text(0, length()) == expected);
}

void Text::checkInvariants() const
{
    CHECK(!m_isPostponed);
    m_tree.checkInvariants();
    m_intervals.checkInvariants();
    const std::vector<LocalId> order = treeOrder();
    std::size_t at = 0;
    m_tree.forEach([&](const Span &span) {
        for (LocalId id = span.first; id < span.end(); ++id, ++at)
            CHECK(at < order.size() && order[at] == id);
    });
    CHECK(at == order.size());

    std::vector<std::uint32_t> hidden(m_numbers.next());
    m_log.forEach(
        1, m_numbers.next(),
        [&](const OpLog::Insertion &run) {
            CHECK(m_log.areLetters(run.first, run.count));
            CHECK(m_log.lastOfRun(run.first) == run.first + run.count - 1);
            for (LocalId id = run.first; id < run.first + run.count; ++id) {
                hidden[id] += isVoid(m_numbers.idOf(id).change) ? kVoidBit : 0;
                CHECK(m_numbers.find(m_numbers.idOf(id))->first == id);
            }
        },
        [&](const OpLog::Deletion &deletion) {
            if (isVoid(m_numbers.idOf(deletion.id).change))
                return;
            for (std::uint32_t i = 0; i < deletion.length; ++i)
                hidden[deletion.target + i] += kOneDeleter;
        });
    checkHidden(hidden);
}

} // namespace nlbd::crdt
