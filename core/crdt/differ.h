#pragma once

#include "core/crdt/past_formats.h"
#include "core/crdt/past_view.h"

namespace nlbd::crdt {

/// One frontier.
struct Past {
    PastView view;
    PastFormats formats;
};

/// Walks along all letters and says, step by step, what leads from one frontier to another.
class Differ {
public:
    /// With `isAuthored` the steps name who is behind them; without, they are as few as can be.
    Differ(const Text &text, const ChangeOrder &order, Past &before, Past &after, bool isAuthored)
        : m_text(&text)
        , m_order(&order)
        , m_before(&before)
        , m_after(&after)
        , m_isAuthored(isAuthored)
    {
    }

    [[nodiscard]] std::vector<AuthoredStep> run() &&;

private:
    void visit(LocalId first, std::uint32_t count);
    void pass(LocalId letter, Side side);
    void insert(LocalId first, std::uint32_t count);
    void remove(LocalId first, std::uint32_t count);
    void retain(LocalId first, std::uint32_t count);
    void retainLastBlock();
    [[nodiscard]] bool isStop(LocalId letter) const noexcept
    {
        return m_before->formats.stops().has(letter) || m_after->formats.stops().has(letter);
    }
    [[nodiscard]] bool holdsAttributes(LocalId letter) const;
    void add(DeltaStep::Kind kind, TextOffset length, ChangeHandle author);
    [[nodiscard]] ChangeHandle removerOf(LocalId letter) const;

    const Text *m_text;
    const ChangeOrder *m_order;
    Past *m_before;
    Past *m_after;
    bool m_isAuthored;
    std::vector<ChangeHandle> m_removers;
    AuthoredStep m_next; ///< its attributes are those that hold here
    bool m_isStale = false;
    std::vector<AuthoredStep> m_steps;
};

} // namespace nlbd::crdt
