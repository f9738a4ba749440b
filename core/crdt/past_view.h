#pragma once

#include "core/crdt/bits.h"
#include "core/crdt/rich.h"
#include "core/crdt/text.h"

namespace nlbd::crdt {

/// The text as it was when only some changes were known: which of all letters showed then, a bit
/// for each. The order in which letters stand never changes, so that the spans of today say it for
/// every frontier.
///
/// It looks at the text that it was made of, which must stay as it is meanwhile.
class PastView {
public:
    /// Asks once for each change. @complexity linear in ops and letters / 64.
    PastView(const Text &text, InPast isThen);
    /// The beginning, when nothing was known.
    explicit PastView(const Text &text);

    /// True if a change was in effect. Asks about changes without text when they come up.
    [[nodiscard]] bool holds(ChangeHandle change) const;

    [[nodiscard]] const Bits &shown() const noexcept { return m_shown; }

    /// @complexity linear in spans and what showed.
    [[nodiscard]] std::string text() const;

    /// Calls visit(first, count) for what showed, in text order.
    template <typename Visit>
    void forEachShown(Visit visit) const
    {
        m_text->tree().forEach([&](const Span &span) {
            for (LocalId id = span.first; id < span.end();) {
                const LocalId end = m_shown.endOfRun(id, span.end());
                if (m_shown.has(id))
                    visit(id, end - id);
                id = end;
            }
        });
    }

    /// For each letter that showed `before` and not `after`, by local id: who is behind it. The
    /// first in the tie order of those who deleted it meanwhile; if nobody did, the change that had
    /// inserted it and is not there any more.
    [[nodiscard]] static std::vector<ChangeHandle>
    removers(const PastView &before, const PastView &after, const ChangeOrder &order);

private:
    /// Local ids up to `end` whose changes are all there, or all not.
    struct Range {
        LocalId end = 0;
        bool isHeld = false;
    };
    /// Answers for ids that ascend, in constant time each.
    class Cursor {
    public:
        explicit Cursor(const std::vector<Range> &ranges)
            : m_at(ranges.begin())
        {
        }
        [[nodiscard]] const Range &at(LocalId id) noexcept
        {
            while (m_at->end <= id)
                ++m_at;
            return *m_at;
        }

    private:
        std::vector<Range>::const_iterator m_at;
    };
    void ask();
    void findShown();

    const Text *m_text;
    InPast m_isThen;
    std::vector<bool> m_answers; ///< by piece
    mutable FlatMap m_others;    ///< of changes without text
    std::vector<Range> m_ranges;
    Bits m_shown;
};

} // namespace nlbd::crdt
