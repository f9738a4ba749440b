#pragma once

#include "core/crdt/number_set.h"
#include "core/crdt/text.h"

#include <expected>
#include <functional>

namespace nlbd::crdt {

/// Judges the ops of one change against a text before any of them is applied. The verdict depends
/// on the change and its causal past alone: whether later changes are applied too makes no
/// difference, since characters never go.
class OpCheck {
public:
    using IsInPast = std::function<bool(ChangeHandle)>;

    struct Range {
        std::uint32_t first = 0;
        std::uint32_t end = 0;
    };
    /// Memory that one check after the other may use.
    struct Scratch {
        std::vector<Range> own; ///< characters of the ops so far, ascending, joined
        NumberSet deleted;      ///< by the ops so far, local ids
        NumberSet ownDeleted;   ///< the same, numbers of the change itself
    };

    OpCheck(const Text &text, ChangeHandle change, const IsInPast &isInPast, Scratch &scratch)
        : m_text(&text)
        , m_change(change)
        , m_isInPast(&isInPast)
        , m_own(scratch.own)
        , m_deleted(scratch.deleted)
        , m_ownDeleted(scratch.ownDeleted)
    {
        m_own.clear();
        m_deleted.clear();
        m_ownDeleted.clear();
    }

    /// Errors: E_OP_TARGET, E_BOUNDS. Call once.
    [[nodiscard]] std::expected<void, Code> run(const Ops &ops);

private:
    using Verdict = std::expected<void, Code>;

    [[nodiscard]] Verdict check(const InsertText &op);
    [[nodiscard]] Verdict check(const DeleteText &op);
    [[nodiscard]] Verdict check(const SetField &op);
    template <typename Other>
    [[nodiscard]] Verdict check(const Other &)
    {
        return std::unexpected(Code::E_OP_TARGET);
    }
    [[nodiscard]] bool areOwnCharacters(std::uint32_t first, std::uint32_t length) const;
    [[nodiscard]] bool isSeen(ChangeHandle change);
    [[nodiscard]] bool areSeenCharacters(OpId first, std::uint32_t length);
    [[nodiscard]] bool canGo(const DeleteText &op);

    const Text *m_text;
    ChangeHandle m_change;
    const IsInPast *m_isInPast;
    std::vector<Range> &m_own;
    NumberSet &m_deleted;
    NumberSet &m_ownDeleted;
    std::size_t m_bytes = 0;
    std::uint32_t m_next = 0;              ///< first number of the op at hand
    std::array<ChangeHandle, 64> m_seen{}; ///< by handle: changes found to be in the past
};

} // namespace nlbd::crdt
